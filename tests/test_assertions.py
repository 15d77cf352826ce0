"""Assertions on timelines, against oracles that look at every dial, clock and earlier dial by themselves."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import phonenumbers
import phonenumbers.timezone
import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Campaign, Dial, Outcome, PolicyError, Timeline, UsageError, read_campaign
from scheduler.testing import (
    Calls,
    at_most,
    every_number_dialled_by,
    every_number_reached_by,
    never_dials,
    within_law,
)
from scheduler.testing.lawful import breaches
from tests.oracles import wall_clock
from tests.strategies import STARTS, instant

PHONES = ("13055550123", "18505550123", "12125550123", "12025550123", "18005550123", "4930123456", "79123456789")
ZONES = ("America/New_York", "Europe/Berlin", "America/Santiago", "Pacific/Apia", "Asia/Kathmandu", "-05:00")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Some days of many dials at all hours, around changes of the clocks; some are answered, and asked for again."""
    start = draw(st.sampled_from(STARTS)) + draw(st.integers(0, 23)) * 3_600_000
    numbers = []
    for place in range(draw(st.integers(1, 4))):
        number: dict[str, Any] = {
            "phone": draw(st.sampled_from(PHONES)),
            "payload": place,
            "maxAttempts": draw(st.integers(1, 12)),
            "retryIntervalInMinutes": draw(st.sampled_from([60, 179, 480, 1440])),
        }
        if draw(st.booleans()):
            number["gmtZone"] = draw(st.sampled_from(ZONES))
        numbers.append(number)
    redial = {"startAfterMinutes": 600, "allowedDays": list(DAYS), "maxAttempts": 2}
    entries = st.sampled_from(["busy", "answered", {"outcome": "answered", "redial": redial, "result": True}])
    outcomes = {phone: draw(st.lists(entries, max_size=4)) for phone in {number["phone"] for number in numbers}}
    return Calls()(None, numbers, now=start, until=start + 12 * 86_400_000, outcomes={"phones": outcomes})


def local(dial: Dial, zone: str | None = None) -> dt.datetime:
    """What the clock of a dial's number shows, or another."""
    return wall_clock(zone or dial.job.zone.name, dial.at)


def broken(check: Callable[[], None]) -> int:
    """How many dials break what is asserted."""
    said = ""
    try:
        check()
    except AssertionError as error:
        said = str(error)
    return int(re.match(r"([\d,]+) of ", said)[1].replace(",", "")) if said else 0  # type: ignore[index]


# -- never_dials -----------------------------------------------------------------------------------------------

WINDOWS = ("10:00-18:00", "00:00-24:00", "22:00-06:00", "08:00-12:00, 13:00-24:00", "23:30-00:15")


def inside(clock: dt.datetime, week: dict[str, str]) -> bool:
    """Whether a wall clock lies in hours, window by window, those of the day before with it."""
    for back in (0, 1):
        day = clock.date() - dt.timedelta(days=back)
        for window in filter(None, week.get(DAYS[day.weekday()], week.get("default", "")).split(",")):
            edges = [int(edge[:2]) * 60 + int(edge[3:]) for edge in window.strip().split("-")]
            end = edges[1] + (24 * 60 if edges[1] <= edges[0] else 0)
            midnight = dt.datetime.combine(day, dt.time())
            begins, ends = (midnight + dt.timedelta(minutes=edge) for edge in (edges[0], end))
            if begins <= clock < ends:
                return True
    return False


@given(
    timelines(), st.dictionaries(st.sampled_from((*DAYS, "default")), st.sampled_from(WINDOWS), min_size=1, max_size=4)
)
@settings(max_examples=25)
def test_dials_lie_in_hours_as_the_wall_clock_shows(timeline: Timeline, week: dict[str, str]) -> None:
    """R4.1, for every dial by itself."""
    expected = sum(not inside(local(dial), week) for dial in timeline)

    assert broken(lambda: never_dials(timeline, outside=week)) == expected


def test_hours_may_be_given_as_in_a_request() -> None:
    """allowedTime, R3.1."""
    timeline = Calls()(None, ["4930123456"], now="2026-03-02T06:00:00Z")
    never_dials(timeline, outside={"mon": [{"localTimeFrom": "07:00", "localTimeTo": "08:00"}]})
    with pytest.raises(AssertionError, match=r"Mon 2026-03-02 07:00:00 Europe/Berlin .*, where mon allows nothing$"):
        never_dials(timeline, outside={"tue": "07:00-08:00"})


@pytest.mark.parametrize("hours", ["10-18", "18:00", "", {}, {"monday": "10:00-18:00"}, "10:00-18:00, 17:00-19:00"])
def test_what_are_no_hours_is_refused(hours: Any) -> None:
    """As a request's are."""
    with pytest.raises(PolicyError):
        never_dials(Calls()(None, ["4930123456"], now="2026-03-02"), outside=hours)


def test_a_failure_names_five_dials_and_counts_the_others() -> None:
    """Whose, when, on which clock, and the rule."""
    numbers = [f"4930123456{n}" for n in range(9)]
    timeline = Calls()(None, numbers, now="2026-03-02T06:00:00Z")
    with pytest.raises(AssertionError) as failed:
        never_dials(timeline, outside="08:00-09:00")
    head, *lines = str(failed.value).split("\n")

    assert head == "9 of 9 dials lie outside the hours"
    assert lines[0] == (
        "  49301234560, job 0, attempt 1: Mon 2026-03-02 07:00:00 Europe/Berlin (2026-03-02 06:00:00Z), "
        "where mon allows 08:00-09:00"
    )
    assert [line[2:13] for line in lines[:5]] == numbers[:5]
    assert lines[5:] == ["  ... and 4 more"]


def test_a_timeline_without_dials_keeps_every_rule() -> None:
    """Nothing happened."""
    timeline = Calls()(None, [], now="2026-03-02")

    never_dials(timeline, outside="10:00-18:00")
    at_most(timeline, 0, per="day")
    within_law(timeline, "us-tcpa")
    every_number_reached_by(timeline, "2026-03-02")


# -- at_most ---------------------------------------------------------------------------------------------------


def in_period(per: str, dial: Dial, other: Dial) -> bool:
    """Whether an earlier dial lies in the period of a dial, on that one's clock."""
    now, then = local(dial), local(other, dial.job.zone.name)
    match per.split():
        case ["day"]:
            return now.date() == then.date()
        case ["week"]:
            return now.isocalendar()[:2] == then.isocalendar()[:2]
        case ["month"]:
            return (now.year, now.month) == (then.year, then.month)
        case [count, "hours" | "hour"]:
            return dial.at - other.at < int(count) * 3_600_000
        case [count, _]:
            return dt.timedelta() <= now.date() - then.date() < dt.timedelta(days=int(count))
    raise LookupError(per)


@given(
    timelines(),
    st.integers(0, 5),
    st.sampled_from(["day", "week", "month", "24 hours", "1 hour", "7 days", "1 day", "3 days"]),
    st.sampled_from(["phone", "job"]),
)
@settings(max_examples=50)
def test_dials_are_counted_one_by_one(timeline: Timeline, n: int, per: str, by: Any) -> None:
    """Rolling spans and local calendar periods, over changes of the clocks and skipped dates."""

    def whose(dial: Dial) -> str | int:
        return dial.job.phone if by == "phone" else dial.job.index

    dials = list(timeline)
    expected = sum(
        sum(whose(other) == whose(dial) and in_period(per, dial, other) for other in dials[:place]) + 1 > n
        for place, dial in enumerate(dials)
    )

    assert broken(lambda: at_most(timeline, n, per=per, by=by)) == expected


@pytest.mark.parametrize("per", ["year", "0 hours", "24h", "two days", "24 minutes"])
def test_what_is_no_period_is_refused(per: str) -> None:
    """One line, with what to write."""
    with pytest.raises(UsageError, match='per is day, week, month, or a span such as "24 hours"'):
        at_most(Calls()(None, [], now="2026-03-02"), 1, per=per)


def test_what_is_not_counted_by_is_refused() -> None:
    """A phone or a job."""
    with pytest.raises(UsageError, match='by is phone or job, not "number"'):
        at_most(Calls()(None, [], now="2026-03-02"), 1, per="day", by="number")  # type: ignore[arg-type]


def test_dials_of_one_phone_in_two_jobs_count_together_or_apart() -> None:
    """by="phone", by="job"; a redial counts with its number."""
    numbers = [{"phone": "4930123456", "payload": place} for place in (1, 2)]
    timeline = Calls()(None, numbers, now="2026-03-02T06:00:00Z")

    at_most(timeline, 1, per="day", by="job")
    with pytest.raises(AssertionError, match=r"1 of 2 dials is more than 1 per day by phone\n.*, the 2nd of its day$"):
        at_most(timeline, 1, per="day")


# -- every number ----------------------------------------------------------------------------------------------


@given(timelines(), st.integers(-1, 13))
@settings(max_examples=25)
def test_a_number_is_reached_if_one_of_its_calls_is(timeline: Timeline, days: int) -> None:
    """Its own or a redial's, dialled before the instant."""
    by = timeline.now_ms + days * 86_400_000
    numbers = {job.index for job in timeline.jobs}
    dialled = {dial.job.index for dial in timeline if dial.at < by}
    reached = {dial.job.index for dial in timeline if dial.at < by and dial.outcome is Outcome.ANSWERED}

    assert broken(lambda: every_number_reached_by(timeline, by)) == len(numbers - reached)
    assert broken(lambda: every_number_dialled_by(timeline, instant(by))) == len(numbers - dialled)


def test_a_number_that_was_not_reached_is_told_with_its_end() -> None:
    """Its last dial, or the one that came too late, and why it ended."""
    timeline = Calls()(
        {"policy": {"maxAttempts": 2}},
        [
            "4930123456",
            "4989123456",
            {"phone": "33123456789", "finishDateTime": "2026-03-01T00:00:00Z"},
            "442079460000",
        ],
        now="2026-03-02T06:00:00Z",
        outcomes={"4989123456": ["busy", "answered"], "442079460000": ["answered"]},
    )
    with pytest.raises(AssertionError) as failed:
        every_number_reached_by(timeline, "2026-03-02T07:00:00Z")
    at = "Mon 2026-03-02 08:00:30 Europe/Berlin (2026-03-02 07:00:30Z)"

    assert str(failed.value).split("\n") == [
        "3 of 4 numbers were not answered by 2026-03-02T07:00:00Z",
        f"  4930123456, job 0: 2 dials, the last {at}, noAnswer; noAnswer (attemptsUsedUp)",
        f"  4989123456, job 1: only {at}, answered; longCallWithNoResult (answered)",
        "  33123456789, job 2: not dialled; notDone (noWindowBeforeFinish)",
    ]


# -- within_law ------------------------------------------------------------------------------------------------


def zones_of(dial: Dial) -> Iterable[str]:
    """The zones in which a dial has to be lawful: the one that was given, or all that its number may lie in."""
    if dial.job.zone_source.value == "request":
        return [dial.job.zone.name]
    names = phonenumbers.timezone.time_zones_for_number(phonenumbers.parse("+" + dial.job.phone))
    return [name for name in names if name != "Etc/Unknown"] or [dial.job.zone.name]


FROM = {"us-tcpa": dt.date(1995, 12, 31), "us-fl": dt.date(2021, 7, 1), "us-reg-f": dt.date(2021, 11, 30)}


def unlawful(timeline: Timeline, law: str, dial: Dial, place: int) -> bool:
    """Whether a dial breaks one of three laws, as their texts have it."""
    phone = dial.job.phone
    if phone[0] != "1" or (law == "us-fl" and phone[1:4] not in {"305", "850"}):
        return False
    earlier = [other for other in timeline[:place] if other.job.phone == phone]
    for zone in zones_of(dial):
        now = local(dial, zone)
        if now.date() < FROM[law]:
            continue
        if not 8 <= now.hour < (20 if law == "us-fl" else 21):
            return True
        if law == "us-fl" and sum(dial.at - other.at < 24 * 3_600_000 for other in earlier) >= 3:
            return True
        if law == "us-reg-f" and dial.redial_number is None:
            days = [(now.date() - local(other, zone).date()).days for other in earlier if other.redial_number is None]
            if sum(0 <= each < 7 for each in days) >= 7:
                return True
            ends = [other.at + other.length_ms for other in earlier if other.outcome is Outcome.ANSWERED]
            if any((now.date() - wall_clock(zone, end).date()).days < 7 for end in ends if end <= dial.at):
                return True
    return False


@given(timelines(), st.sampled_from(sorted(FROM)))
@settings(max_examples=50)
def test_dials_are_held_against_the_law_one_by_one(timeline: Timeline, law: str) -> None:
    """Hours in every zone, caps, cool-downs: exactly the dials that break it, each counted once."""
    expected = [dial for place, dial in enumerate(timeline) if unlawful(timeline, law, dial, place)]
    found = [dial for dial, _ in breaches(timeline, [law])]

    assert [dial for place, dial in enumerate(found) if place == 0 or dial != found[place - 1]] == expected
    assert broken(lambda: within_law(timeline, law)) == len(expected)


@given(st.data())
@settings(max_examples=30)
def test_a_campaign_with_a_law_keeps_it(data: st.DataObject) -> None:
    """The engine's filter and the assertion are of one mind."""
    names = data.draw(st.lists(st.sampled_from(["us-tcpa", "us-fl", "us-reg-f", "ru-230"]), min_size=1, unique=True))
    campaign = read_campaign(json.dumps({"law": names}))
    numbers = [
        {"phone": data.draw(st.sampled_from(PHONES)), "payload": place, "maxAttempts": 9, "retryIntervalInMinutes": 61}
        for place in range(data.draw(st.integers(1, 3)))
    ]
    start = data.draw(st.sampled_from(STARTS))
    timeline = Calls()(campaign, numbers, now=start, outcomes={PHONES[0]: ["busy", "answered"]})

    within_law(timeline, *names)


def test_a_breach_of_hours_names_the_zone_the_law_and_its_source() -> None:
    """A number that may lie in several zones is to be lawful in all; where its own is another, that is said."""
    campaign = Campaign()
    timeline = Calls()(campaign, ["18005550123"], now="2026-03-02T14:00:00Z")
    with pytest.raises(AssertionError) as failed:
        within_law(timeline, "us-tcpa")

    assert "1 of 1 dial breaks us-tcpa\n  18005550123, job 0, attempt 1: Mon 2026-03-02 14:00:00 UTC" in str(
        failed.value
    )
    assert re.search(
        r", where us-tcpa allows in [\w/]+, where it is Mon 2026-03-02 0\d:00:00, mon 08:00-21:00 "
        r"\(47 CFR 64\.1200\(c\)\(1\); 16 CFR 310\.4\(c\)\)$",
        str(failed.value),
    )


def test_a_breach_of_a_cap_says_until_when() -> None:
    """us-fl: three in 24 hours."""
    campaign = {"policy": {"maxAttempts": 4, "retryIntervalInMinutes": 60}}
    timeline = Calls()(campaign, ["13055550123"], now="2026-03-02T15:00:00Z")
    with pytest.raises(AssertionError, match=r"1 of 4 dials breaks us-fl\n.*attempt 4: .*") as failed:
        within_law(timeline, "us-fl")

    assert (
        ", where us-fl allows at most 3 calls in 24 hours, so none before Tue 2026-03-03 10:00:00 America/New_York "
        "(2026-03-03 15:00:00Z) (Fla. Stat. s. 501.616(6))" in str(failed.value)
    )


def test_a_law_that_is_not_known_is_refused_with_the_nearest() -> None:
    """As in a campaign file."""
    timeline = Calls()(None, ["12125550123"], now="2026-03-02")
    with pytest.raises(PolicyError, match=r'not a law that is known: "us-tpca"; did you mean us-tcpa\?'):
        within_law(timeline, "us-tpca")
    with pytest.raises(UsageError, match="no law; name one"):
        within_law(timeline)


def test_a_public_holiday_is_told_as_one() -> None:
    """fr: no calls on public holidays."""
    timeline = Calls()(None, ["33123456789"], now="2026-05-01T10:00:00Z")
    with pytest.raises(AssertionError, match="where fr allows nothing on a public holiday"):
        within_law(timeline, "fr")
