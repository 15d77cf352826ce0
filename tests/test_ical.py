"""iCalendar: an event for each dial or interval, as calendar programs read it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given, settings
from icalendar import Calendar

from scheduler.jobs import UsageError
from scheduler.views import ical
from scheduler.views.rows import window_rows
from tests.commandline import NOW, process, request
from tests.strategies import Case, any_cases, at, campaign_of, jobs_of, number, played, simulated

NOON = "2026-03-02T12:00:00Z"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def events_of(text: bytes) -> list[Any]:
    """The events of a calendar."""
    return list(Calendar.from_ical(text).walk("VEVENT"))


def unescaped(text: str) -> str:
    """What a TEXT stands for (RFC 5545 3.3.11)."""
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), text)


@given(any_cases())
@settings(max_examples=20)
def test_each_dial_is_an_event_of_its_own_over_its_call(case: Case) -> None:
    """RFC 5545: DTSTART and DTEND in UTC, to the second; a UID is unique."""
    timeline = played(case)

    events = events_of(ical.dials_calendar(timeline))

    assert len({str(event["uid"]) for event in events}) == len(events) == len(timeline)
    for event, dial in zip(events, timeline, strict=True):
        begin, end = event["dtstart"].dt, event["dtend"].dt
        assert begin <= EPOCH + dt.timedelta(milliseconds=dial.at) < begin + dt.timedelta(seconds=1)
        call_end = EPOCH + dt.timedelta(milliseconds=dial.at + dial.length_ms)
        assert end - dt.timedelta(seconds=1) < call_end <= end
        assert dial.job.phone in event["summary"]


def test_an_event_keeps_its_id_when_it_moves() -> None:
    """The same attempt of the same number is the same event in the next preview."""
    early, late = (simulated(number("a"), now=now) for now in (NOON, "2026-03-02T13:00:00Z"))

    assert [event["uid"] for event in events_of(ical.dials_calendar(early))] == [
        event["uid"] for event in events_of(ical.dials_calendar(late))
    ]


def test_the_same_timeline_gives_the_same_bytes() -> None:
    """R1.3: nothing reads a clock."""
    timeline = simulated(number("a", maxAttempts=3), now=NOON)

    assert ical.dials_calendar(timeline) == ical.dials_calendar(timeline)


def test_windows_are_events_that_keep_nobody_busy() -> None:
    """RFC 5545 3.8.2.7: TRANSP."""
    campaign = campaign_of({"policy": {"localTimeFrom": "10:00", "localTimeTo": "18:00"}})
    jobs = jobs_of(campaign, [number("a", gmtZone="Europe/Berlin")])
    rows = list(window_rows(campaign, jobs, at("2026-03-28"), at("2026-03-30")))

    events = events_of(ical.windows_calendar(rows, stamp_ms=0))

    found = [(event["dtstart"].dt.hour, event["dtend"].dt.hour, event["transp"]) for event in events]
    assert found == [(9, 17, "TRANSPARENT"), (8, 16, "TRANSPARENT")]
    assert "Sat 2026-03-28 10:00:00 to Sat 2026-03-28 18:00:00 Europe/Berlin" in events[0]["description"]


@pytest.mark.parametrize("name", ["a;b,c", "a\nBEGIN:VEVENT", "\x07bell", "</script><b>", "\\n"], ids=list("abcde"))
def test_a_name_of_a_campaign_is_text(name: str) -> None:
    """RFC 5545 3.3.11: what separates is escaped; control characters have no spelling and are replaced."""
    timeline = simulated(number("a"), now=NOON, campaign={"name": name})

    text = ical.dials_calendar(timeline)

    (line,) = (line for line in text.decode().split("\r\n") if line.startswith("X-WR-CALNAME:"))
    assert unescaped(line.partition(":")[2]) == name.replace("\x07", "\N{REPLACEMENT CHARACTER}")
    assert len(events_of(text)) == 1


def test_lines_end_and_fold_as_the_format_wants() -> None:
    """RFC 5545 3.1: CRLF, at most 75 bytes a line."""
    text = ical.dials_calendar(simulated(number("a"), now=NOON, campaign={"name": "Ж" * 90}))

    lines = text.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75


def test_too_many_events_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event costs 130 µs, and calendar programs choke on many."""
    monkeypatch.setattr(ical, "MAX_EVENTS", 2)
    timeline = simulated(*(number(name) for name in "abc"), now=NOON)

    with pytest.raises(UsageError, match=r"3 dials are too many for a calendar, .* 2 events; take fewer numbers"):
        ical.dials_calendar(timeline)


def test_too_many_windows_are_refused_without_reading_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The intervals may be endless."""
    monkeypatch.setattr(ical, "MAX_EVENTS", 2)
    campaign = campaign_of({"policy": {"localTimeFrom": "10:00", "localTimeTo": "18:00"}})
    rows = window_rows(campaign, jobs_of(campaign, [number("a")]), at("2026-03-01"), at("2026-03-30"))

    with pytest.raises(UsageError, match="too many for a calendar"):
        ical.windows_calendar(rows, stamp_ms=0)
    assert next(rows, None) is not None


def test_preview_writes_a_calendar() -> None:
    """`preview --format ical` is text, with the line ends of its format."""
    ran = process("preview", *NOW, "--format", "ical", "-", body=request({"phone": "79123456789", "gmtZone": "Z"}))

    assert ran.code == 0
    assert ran.out.startswith("BEGIN:VCALENDAR\r\n")
    assert "DTSTART:20260302T090000Z\r\n" in ran.out


def test_windows_writes_a_calendar() -> None:
    """`windows --format ical`: an event for each interval, under the campaign's name."""
    span = ("--from", "2026-03-02", "--until", "2026-03-04")
    body = request(number("a", allowedTime={"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}))

    ran = process("windows", "-", *span, "--format", "ical", body=body)

    assert (ran.code, ran.err) == (0, "")
    assert [line for line in ran.out.splitlines() if line.startswith("DTSTART")] == [
        "DTSTART:20260302T100000Z",
        "DTSTART:20260303T100000Z",
    ]
