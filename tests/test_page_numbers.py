"""One number on the page: windows, dials and reasons agree with what `explain` gives as data, and name no instant."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler.engine.timeline import Timeline
from scheduler.jobs import UsageError
from scheduler.page import numbers
from scheduler.page.numbers import moment_of, number_of
from scheduler.page.result import Result
from scheduler.page.told import MomentTold, NumberTold
from scheduler.policy.instants import format_instant, parse_moment
from tests.scenarios import Scene, any_scenes, performed
from tests.strategies import at, number, simulated

INSTANT = re.compile(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT")


def result_of(timeline: Timeline) -> Result:
    """What the page is told from."""
    return Result(timeline, (), {})


def ms_of(text: str | None) -> int | None:
    """The instant of a text of JSON."""
    return None if text is None else parse_moment(text)


def assert_agrees(told: NumberTold, data: dict[str, Any]) -> None:
    """Holds what the page is told against the explanation as data."""
    assert (told.job, told.phone) == (data["job"], data["phone"])
    assert len(told.series) == len(data["series"])
    for series, wanted in zip(told.series, data["series"], strict=True):
        assert series.redialNumber == wanted["redialNumber"]
        assert series.acceptedMs == ms_of(wanted["acceptedAt"])
        assert (series.state, series.endedMs) == (wanted["state"], ms_of(wanted["endedAt"]))
        assert [(each.attempt, each.dueMs, each.atMs, each.outcome) for each in series.attempts] == [
            (each["attempt"], ms_of(each["due"]), ms_of(each["at"]), each["outcome"]) for each in wanted["attempts"]
        ]
        waits = [(wait.code, wait.fromMs, wait.untilMs) for each in series.attempts for wait in each.waits]
        assert waits == [
            (wait["code"], ms_of(wait["from"]), ms_of(wait["until"]))
            for each in wanted["attempts"]
            for wait in each["waits"]
        ]
        words = [series.ending, *(each.words for each in series.attempts), *(each.due for each in series.attempts)]
        words += [wait.words for each in series.attempts for wait in each.waits]
        assert all(each and not INSTANT.search(each) and "[" not in each for each in words)


@given(any_scenes(), st.integers(0, 5))
@settings(max_examples=40)
def test_a_number_is_told_as_it_is_explained(scene: Scene, pick: int) -> None:
    """R6.3, R8.1: the same attempts, due times, waits and codes."""
    timeline = performed(scene)
    indices = list(timeline.places)
    index = indices[pick % len(indices)]

    told = number_of(result_of(timeline), index)

    assert_agrees(told, timeline.explain(index).as_data())
    own = timeline.of_job(index)
    assert [(dial.atMs, dial.endMs, dial.attempt, dial.outcome) for dial in told.dials] == [
        (dial.at, dial.at + dial.length_ms, dial.attempt, dial.outcome.value) for dial in own
    ]
    for dial in own:
        if dial.redial_number is None:  # a redial may have hours of its own
            assert any(opens <= dial.at < closes for opens, closes in told.windows)
    assert all(timeline.now_ms <= opens < closes <= timeline.until_ms for opens, closes in told.windows)


@given(any_scenes(), st.integers(0, 5), st.integers(0, 1000))
@settings(max_examples=40)
def test_a_moment_is_told_as_it_is_explained(scene: Scene, pick: int, share: int) -> None:
    """R12.5: everything that forbids a dial there, and what comes next."""
    timeline = performed(scene)
    indices = list(timeline.places)
    index = indices[pick % len(indices)]
    at_ms = timeline.now_ms + (timeline.until_ms - timeline.now_ms) * share // 1000

    told = moment_of(result_of(timeline), index, at_ms)

    data = timeline.explain(index, at_ms).as_data()["at"]
    assert told.atMs == ms_of(data["at"]) == at_ms
    assert told.state == data["state"]
    assert told.dialled == (not data["forbidden"])
    assert [(each.code, each.untilMs) for each in told.reasons] == [
        (each["code"], ms_of(each["until"])) for each in data["forbidden"]
    ]
    assert (told.nextAllowedMs, told.nextDialMs) == (ms_of(data["nextAllowed"]), ms_of(data["nextDial"]))
    assert bool(told.words) == (told.nextDialMs is None)
    assert not any(INSTANT.search(each.words) for each in told.reasons)


def told_at(told: Timeline, instant: str) -> MomentTold:
    """The first number at an instant."""
    return moment_of(result_of(told), 0, at(instant))


def test_what_is_not_dialled_later_is_said() -> None:
    """In this run, or ever."""
    day = {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}}
    timeline = simulated(number("A", maxAttempts=2, **day), now="2026-03-02", until="2026-03-02T12:00")

    assert told_at(timeline, "2026-03-02T10:00").dialled
    assert told_at(timeline, "2026-03-02T10:00").words == ""
    assert told_at(timeline, "2026-03-02T11:30").words == "It is not dialled again in this run"
    over = simulated(number("A", **day), now="2026-03-02", until="2026-03-03")
    assert told_at(over, "2026-03-02T12:00").words == "It is never dialled again"


def test_more_windows_than_are_told_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "MAX_WINDOWS", 3)
    day = {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}}
    timeline = simulated(number("A", **day), now="2026-03-02", until="2026-04-02")

    told = number_of(result_of(timeline), 0)

    assert [format_instant(opens) for opens, _ in told.windows] == [f"2026-03-0{day}T10:00:00Z" for day in (2, 3, 4)]
    assert told.more


def test_what_is_overridden_is_not_said_to_be_by_the_number() -> None:
    timeline = simulated(number("A", maxAttempts=2), now="2026-03-02")

    told = number_of(Result(timeline, (), {}, frozenset({"max_attempts"})), 0)

    by = {each.field: each.by for each in told.series[0].policy}
    assert by["maxAttempts"] == "by what holds for every number in this preview"
    assert by["retryIntervalInMinutes"] == "by default"


def test_an_instant_outside_the_run_is_a_usage_error() -> None:
    timeline = simulated(number("A"), now="2026-03-02", until="2026-03-03")

    with pytest.raises(UsageError, match="lies outside the run"):
        told_at(timeline, "2026-03-04")
