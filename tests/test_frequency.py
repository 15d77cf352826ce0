"""Caps and cool-downs of laws, against the words of frequency.py over plain lists, instant by instant.

What counts is asked of `tests.ticking`, which reads the wall clock and knows no arithmetic of dates in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from scheduler.policy.instants import LAST_INSTANT_MS, format_instant
from scheduler.policy.laws import Law, LegalPart, law_named
from scheduler.policy.laws.frequency import Calls, Talk, first_hold, held_again, hold_at, next_allowed
from scheduler.policy.zones import parse_zone, zone_ids
from tests import laws, ticking
from tests.oracles import DAY_MS, MINUTE_MS, offset_seconds
from tests.strategies import HOUR_MS, at

# A zone, and a day around which its clock does what is hard to count on, or a month or a year ends.
HARD = (
    ("Australia/Lord_Howe", "2026-04-05"),  # by half an hour
    ("Pacific/Apia", "2011-12-30"),  # a date that does not exist
    ("Pacific/Kwajalein", "1993-08-21"),
    ("America/Santiago", "2026-09-06"),  # a midnight that does not exist
    ("America/Santiago", "2026-04-05"),
    ("Asia/Beirut", "2026-03-29"),
    ("America/St_Johns", "2009-11-01"),  # a minute of a date, then an hour of the one before
    ("America/St_Johns", "2010-11-07"),
    ("America/Goose_Bay", "2009-11-01"),
    (laws.CASEY, "2010-03-05"),  # two hours of a date, then an hour of the one before
    ("Africa/Casablanca", "2026-02-15"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-01"),
    ("UTC", "2028-02-29"),
    ("+05:45", "2026-12-31"),
    ("-05:00", "2026-05-31"),
)
REACH_MS = 45 * DAY_MS  # longer than any rule below

patient = settings(suppress_health_check=[HealthCheck.too_slow])


class History(NamedTuple):
    """A law in a zone, the calls of a phone as (instant, whether somebody asked for it), and an instant after them."""

    law: dict[str, Any]
    zone: str
    dials: list[tuple[int, bool]]
    talks: list[tuple[int, bool]]
    instant: int

    @property
    def part(self) -> LegalPart:
        return LegalPart(laws.law_named("made up", self.law), parse_zone(self.zone))

    @property
    def calls(self) -> Calls:
        calls = Calls()
        for dial, asked in self.dials:
            calls.add_dial(dial, asked=asked)
        for ended, refusal in self.talks:
            calls.add_talk(ended, refusal=refusal)
        return calls

    def forbids(self, instant: int) -> bool:
        """Whether the law forbids a dial, word by word."""
        bound = ticking.Bound(self.law, self.zone)
        if not ticking.in_force(bound, instant):
            return False
        dials = [dial for dial, asked in self.dials if not (asked and self.law.get("redialsExempt"))]
        talks = [ticking.Talk("", ended, refusal) for ended, refusal in self.talks]
        return any(ticking.capped(cap, self.zone, dials, instant) for cap in self.law["caps"]) or any(
            ticking.cools_down(rule, self.zone, talks, instant) for rule in self.law["coolDowns"]
        )

    def looks(self, begin: int, end: int) -> list[int]:
        """Instants of [begin, end) enough to tell that nothing changes between: some a day, and around all that may."""
        grid = range(begin, end, 7 * HOUR_MS)
        changes = [self.first_with_offset(a, b) for a, b in pairwise(grid) if self.turns(a, b)]
        leaves = [dial + cap.get("rollingHours", 0) * HOUR_MS for dial, _ in self.dials for cap in self.law["caps"]]
        midnights = [
            day * DAY_MS - offset_seconds(self.zone, edge) * 1000
            for edge in [begin, *changes]
            for day in range(begin // DAY_MS - 1, end // DAY_MS + 2)
        ]
        near = [each + more for each in (*changes, *leaves, *midnights, end) for more in (-1, 0)]
        return sorted({each for each in (*grid, *near) if begin <= each < end})

    def turns(self, begin: int, end: int) -> bool:
        return offset_seconds(self.zone, begin) != offset_seconds(self.zone, end)

    def first_with_offset(self, begin: int, end: int) -> int:
        """The first instant at which the clock is as at the end."""
        while end - begin > 1:
            middle = (begin + end) // 2
            begin, end = (middle, end) if self.turns(middle, end) else (begin, middle)
        return end


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int]:
    """A zone, and the noon (UTC) of a day."""
    if draw(st.integers(0, 3)):
        zone, day = draw(st.sampled_from(HARD))
        return zone, at(f"{day}T12:00")
    return draw(st.sampled_from(sorted(zone_ids()))), draw(st.integers(0, 20_000)) * DAY_MS + DAY_MS // 2


@st.composite
def made_up(draw: st.DrawFn, noon: int) -> dict[str, Any]:
    """A law with caps and cool-downs of all kinds, in force for ever or not."""
    longer = [{"most": 2, "rollingDays": 7}, {"most": 4, "rollingDays": 30}, {"most": 3, "rollingHours": 24}]
    law: dict[str, Any] = {
        "caps": draw(st.lists(laws.caps() | st.sampled_from(longer), max_size=3)),
        "coolDowns": draw(st.lists(laws.cool_downs() | st.just({"days": 7, "after": "conversation"}), max_size=2)),
        "redialsExempt": draw(st.booleans()),
    }
    today = dt.date(1970, 1, 1) + dt.timedelta(days=noon // DAY_MS)
    for field in ("from", "until"):
        if draw(st.integers(0, 3)) == 0:
            law[field] = today + dt.timedelta(days=draw(st.integers(-3, 3)))
    return law


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Calls within days of what is hard about a zone, some of them at the very midnight."""
    zone, noon = draw(places())
    law = draw(made_up(noon))
    midnight = noon // DAY_MS * DAY_MS - offset_seconds(zone, noon) * 1000
    steps = st.integers(-8 * 48, 4 * 48).map(lambda half_hours: midnight + half_hours * 30 * MINUTE_MS)
    near = st.builds(lambda edge, more: edge + more, steps, st.sampled_from([-1, 1, MINUTE_MS, -MINUTE_MS]))
    instants = sorted(draw(st.lists(steps | near, max_size=6)))
    ends = sorted(draw(st.lists(steps | near, max_size=2)))
    last = max([*instants, *ends, midnight - 8 * DAY_MS])
    after = draw(st.sampled_from([0, 0, 1, MINUTE_MS, HOUR_MS]) | st.integers(0, 5 * 24).map(HOUR_MS.__mul__))
    return History(
        law,
        zone,
        [(each, draw(st.booleans())) for each in instants],
        [(each, draw(st.booleans())) for each in ends],
        last + after,
    )


def assert_first_allowed(history: History) -> None:
    found = next_allowed([history.part], history.calls, history.instant)

    assert not history.forbids(found)
    assert all(map(history.forbids, history.looks(history.instant, found)))


@given(histories())
@patient
@example(
    History(
        {"caps": [{"most": 1, "calendar": "day"}], "coolDowns": []},
        "America/St_Johns",
        [(at("2009-11-01T02:30:30"), False)],  # 00:00:30 on the day that lasts a minute, for now
        [],
        at("2009-11-01T02:30:30"),
    )
)
def test_the_next_allowed_instant_is_the_first_that_nothing_forbids(history: History) -> None:
    """A dial is allowed if every cap has room in the period of the instant, and every cool-down is over."""
    assert_first_allowed(history)


@pytest.mark.exhaustive
@given(histories())
@settings(max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
def test_the_next_allowed_instant_is_the_first_that_nothing_forbids_in_20_000_histories(history: History) -> None:
    """The same, at length."""
    assert_first_allowed(history)


@given(histories(), st.integers(0, 10 * 24))
@patient
def test_a_hold_names_a_rule_that_forbids_all_up_to_its_end(history: History, hours: int) -> None:
    """An instant is held if and only if it is forbidden, and the law that the hold names forbids it up to then."""
    instant = history.instant + hours * HOUR_MS
    hold = hold_at(history.part, history.calls, instant)

    assert (hold is not None) == history.forbids(instant)
    if hold is not None:
        assert hold.until_ms > instant
        assert hold.law == history.part.law
        assert hold.rule in (*hold.law.caps, *hold.law.cool_downs)
        assert all(map(history.forbids, history.looks(instant, hold.until_ms)))


def assert_held_again(history: History) -> None:
    allowed = next_allowed([history.part], history.calls, history.instant)
    again = held_again([history.part], history.calls, allowed)
    end = allowed + REACH_MS if again is None else again

    assert again is None or history.forbids(again)
    assert not any(map(history.forbids, history.looks(allowed, end)))


@given(histories())
@patient
def test_without_a_call_what_is_allowed_stays_so_up_to_where_it_is_held_again(history: History) -> None:
    """Only a law that comes into force, and a clock that is set back over midnight, forbid without a call."""
    assert_held_again(history)


@pytest.mark.exhaustive
@given(histories())
@settings(max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
def test_without_a_call_what_is_allowed_stays_so_up_to_where_it_is_held_again_in_5_000_histories(
    history: History,
) -> None:
    """The same, at length."""
    assert_held_again(history)


@given(histories(), histories())
@patient
def test_of_several_laws_each_has_to_allow_a_dial(one: History, other: History) -> None:
    """The strictest counts: at every instant that one of them forbids, the search goes on."""
    both = [one, one._replace(law=other.law)]
    parts = [each.part for each in both]
    found = next_allowed(parts, one.calls, one.instant)

    assert first_hold(parts, one.calls, found) is None
    assert not any(each.forbids(found) for each in both)
    assert all(any(each.forbids(look) for each in both) for look in one.looks(one.instant, found))


# --- named cases -----------------------------------------------------------------------------------------------------


def first_after(
    law: Law | dict[str, Any],
    zone: str,
    dials: Sequence[str] = (),
    *,
    talk: str | None = None,
    refusal: bool = False,
    asked: bool = False,
) -> str:
    """When a phone may be dialled again after some calls, looked at right after them."""
    calls = Calls()
    for text in dials:
        calls.add_dial(at(text), asked=asked)
    if talk is not None:
        calls.add_talk(at(talk), refusal=refusal)
    made = law if isinstance(law, Law) else laws.law_named("made up", law)
    last = max([*calls.dials, *(each.ended_ms for each in calls.talks)])
    return format_instant(next_allowed([LegalPart(made, parse_zone(zone))], calls, last))


def cap(most: int, **period: Any) -> dict[str, Any]:
    """A law with one cap."""
    return {"caps": [{"most": most, **period}]}


def test_rolling_hours_are_hours_also_where_the_clock_changes() -> None:
    """Twenty-four hours after the dial, which on this day is an hour later by the clock."""
    assert first_after(cap(1, rollingHours=24), "Europe/Berlin", ["2026-03-28T12:00"]) == "2026-03-29T12:00:00Z"


def test_with_room_left_in_the_period_the_next_dial_may_be_at_once() -> None:
    """Florida: three calls in 24 hours; the fourth when the first is 24 hours ago."""
    florida, dials = law_named("us-fl"), ["2026-03-02T14:00", "2026-03-02T15:00", "2026-03-02T16:00"]

    assert first_after(florida, "America/New_York", dials[:2]) == "2026-03-02T15:00:00Z"
    assert first_after(florida, "America/New_York", dials) == "2026-03-03T14:00:00Z"


def test_rolling_dates_count_the_date_of_the_dial_as_the_first() -> None:
    """Two dates: that of the dial and the next; the one after is free, from its first instant on."""
    assert first_after(cap(1, rollingDays=2), "Europe/Berlin", ["2026-03-02T22:59"]) == "2026-03-03T23:00:00Z"


@pytest.mark.parametrize(
    ("period", "dialled", "then"),
    [
        ("day", "2026-03-02T12:00", "2026-03-02T23:00:00Z"),
        ("week", "2026-03-02T12:00", "2026-03-08T23:00:00Z"),
        ("week", "2026-03-08T12:00", "2026-03-08T23:00:00Z"),
        ("month", "2026-02-28T12:00", "2026-02-28T23:00:00Z"),
        ("month", "2028-02-28T12:00", "2028-02-29T23:00:00Z"),
        ("month", "2026-12-31T12:00", "2026-12-31T23:00:00Z"),
        ("week", "2026-12-31T12:00", "2027-01-03T23:00:00Z"),
    ],
)
def test_a_calendar_period_ends_with_the_local_date(period: str, dialled: str, then: str) -> None:
    """Midnight in Berlin in winter; a week ends with its Sunday, over the end of a year too."""
    assert first_after(cap(1, calendar=period), "Europe/Berlin", [dialled]) == then


def test_a_date_that_a_zone_skips_is_no_date() -> None:
    """Apia had no 30 December 2011: the two dates behind the 29th are the 31st and the 1st."""
    dialled = ["2011-12-30T09:00"]  # 23:00 on the 29th

    assert first_after(cap(1, calendar="day"), "Pacific/Apia", dialled) == "2011-12-30T10:00:00Z"
    assert first_after(cap(1, rollingDays=2), "Pacific/Apia", dialled) == "2011-12-30T10:00:00Z"
    assert first_after(cap(1, rollingDays=3), "Pacific/Apia", dialled) == "2011-12-31T10:00:00Z"


def test_a_date_that_a_clock_comes_back_to_counts_on() -> None:
    """St John's, 2009-11-01: at 00:01 the clock is set back to 23:01, and 31 October has another hour."""
    st_johns, cap_a_day = "America/St_Johns", cap(1, calendar="day")

    assert first_after(cap_a_day, st_johns, ["2009-11-01T02:00"]) == "2009-11-01T02:30:00Z"  # for the minute
    assert first_after(cap_a_day, st_johns, ["2009-11-01T02:30:30"]) == "2009-11-01T02:31:00Z"  # for the hour
    assert first_after(cap_a_day, st_johns, ["2009-11-01T02:31"]) == "2009-11-01T03:30:00Z"
    part = LegalPart(laws.law_named("made up", cap_a_day), parse_zone(st_johns))
    assert held_again([part], Calls([at("2009-11-01T02:00")]), at("2009-11-01T02:30")) == at("2009-11-01T02:31")
    assert held_again([part], Calls([at("2009-11-01T02:30:30")]), at("2009-11-01T02:31")) == at("2009-11-01T03:30")


def test_a_cool_down_counts_the_date_of_the_conversation_or_begins_with_the_next() -> None:
    """Regulation F: day one of seven is that of the conversation; France: sixty days after a refusal."""
    french = law_named("fr")

    assert first_after(law_named("us-reg-f"), "America/New_York", talk="2026-03-03T02:00") == "2026-03-09T04:00:00Z"
    assert first_after(french, "Europe/Paris", talk="2026-03-02T12:00", refusal=True) == "2026-05-01T22:00:00Z"
    assert first_after(french, "Europe/Paris", talk="2026-03-02T12:00") == "2026-03-02T12:00:00Z"


def test_calls_that_somebody_asked_for_are_not_counted_where_they_are_exempt() -> None:
    """Regulation F: consent given in the conversation."""
    once = cap(1, rollingDays=7)
    dials = ["2026-03-02T12:00"]

    assert first_after({**once, "redialsExempt": True}, "UTC", dials, asked=True) == "2026-03-02T12:00:00Z"
    assert first_after({**once, "redialsExempt": True}, "UTC", dials) == "2026-03-09T00:00:00Z"
    assert first_after(once, "UTC", dials, asked=True) == "2026-03-09T00:00:00Z"


def test_a_law_holds_nothing_back_before_and_after_it_is_in_force() -> None:
    """Calls from before it came into force count all the same."""
    once = cap(1, rollingDays=7)
    first, last = {**once, "from": dt.date(2026, 3, 3)}, {**once, "until": dt.date(2026, 3, 3)}
    part = LegalPart(laws.law_named("made up", first), parse_zone("UTC"))

    assert first_after(first, "UTC", ["2026-03-02T12:00"]) == "2026-03-02T12:00:00Z"
    assert held_again([part], Calls([at("2026-03-02T12:00")]), at("2026-03-02T12:00")) == at("2026-03-03")
    assert next_allowed([part], Calls([at("2026-03-02T12:00")]), at("2026-03-03T12:00")) == at("2026-03-09")
    assert first_after(last, "UTC", ["2026-03-02T12:00"]) == "2026-03-04T00:00:00Z"


def test_at_the_end_of_all_years_a_period_ends_all_the_same() -> None:
    """The months go on where a date can no longer be written."""
    part = LegalPart(laws.law_named("made up", cap(1, calendar="month")), parse_zone("+14:00"))
    calls = Calls([LAST_INSTANT_MS - 1])

    assert next_allowed([part], calls, LAST_INSTANT_MS - 1) > LAST_INSTANT_MS - 1
    assert next_allowed([part], Calls([LAST_INSTANT_MS + DAY_MS]), LAST_INSTANT_MS + DAY_MS) > LAST_INSTANT_MS + DAY_MS


def test_a_rule_is_told_in_words() -> None:
    """What an explanation shows of it."""
    texts = [str(each) for name in ("us-fl", "us-reg-f", "ru-230") for each in law_named(name).caps]
    calls = Calls(talks=(Talk(0, refusal=True),))

    assert texts == [
        "at most 3 calls in 24 hours",
        "at most 7 calls in 7 days",
        "at most 1 call a day",
        "at most 2 calls a week",
        "at most 8 calls a month",
    ]
    assert [str(each) for each in law_named("fr").cool_downs] == ["no call for 60 days after a refusal"]
    assert hold_at(LegalPart(law_named("fr"), parse_zone("UTC")), calls, 0) is None  # not in force in 1970
