"""The hours of laws, pointwise: what the wall clock shows is allowed by every law that is in force, or it is not."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler.policy.allowed import ALWAYS_OPEN, Allowed
from scheduler.policy.calendar import Calendar, first_instant_of, intersection, united
from scheduler.policy.hours import ALWAYS
from scheduler.policy.instants import EPOCH_ORDINAL
from scheduler.policy.laws import Legal, LegalPart, law_named
from scheduler.policy.zones import parse_zone, zone_ids
from tests import laws
from tests.oracles import DAY_MS, DAYS, MINUTE_MS, wall_clock
from tests.strategies import HOUR_MS, at, window_lists
from tests.test_frequency import HARD

patient = settings(suppress_health_check=[HealthCheck.too_slow])

# --- calendars -------------------------------------------------------------------------------------------------------


def interval_lists() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Some intervals of [0, 40), in order of their opening; they may touch and overlap."""
    interval = st.tuples(st.integers(0, 39), st.integers(1, 8)).map(lambda each: (each[0], each[0] + each[1]))
    return st.lists(interval, max_size=8).map(sorted)


def is_canonical(calendar: Calendar) -> bool:
    """Whether the intervals are sorted, disjoint, not empty, and do not touch."""
    edges = [edge for interval in calendar for edge in interval]
    return edges == sorted(set(edges))


@given(interval_lists())
def test_united_intervals_allow_what_any_of_them_allows(intervals: list[tuple[int, int]]) -> None:
    """R4.4: touching and overlapping ones are joined."""
    calendar = united(intervals)

    assert is_canonical(calendar)
    assert [calendar.allows(t) for t in range(50)] == [any(a <= t < b for a, b in intervals) for t in range(50)]


@given(st.lists(interval_lists().map(united), min_size=1, max_size=4))
def test_an_intersection_allows_what_all_of_its_calendars_allow(calendars: list[Calendar]) -> None:
    """R4.4: and it is canonical, as they are."""
    both = intersection(calendars)

    assert is_canonical(both)
    assert [both.allows(t) for t in range(50)] == [all(each.allows(t) for each in calendars) for t in range(50)]


@st.composite
def zones_and_noons(draw: st.DrawFn) -> tuple[str, int]:
    """A zone, mostly a difficult one, and the noon (UTC) of a day."""
    if draw(st.integers(0, 3)):
        zone, day = draw(st.sampled_from(HARD))
        return zone, at(f"{day}T12:00")
    return draw(st.sampled_from(sorted(zone_ids()))), draw(st.integers(0, 20_000)) * DAY_MS + DAY_MS // 2


@given(zones_and_noons(), st.integers(-2, 2), st.none() | st.integers(-60, 60))
@patient
def test_a_date_begins_with_the_first_instant_that_shows_it_or_a_later_one(
    place: tuple[str, int], days: int, hours: int | None
) -> None:
    """R4.3: also one that the clock skips, and from an instant on."""
    zone, noon = place
    day = noon // DAY_MS + days
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    from_ms = None if hours is None else noon + hours * HOUR_MS
    found = first_instant_of(day, parse_zone(zone), from_ms)

    begin = noon - 6 * DAY_MS if from_ms is None else from_ms
    assert found >= begin
    assert wall_clock(zone, found).date() >= date
    looks = [*range(begin, found, HOUR_MS // 2), *(each for each in (found - 1, found - MINUTE_MS) if each >= begin)]
    assert all(wall_clock(zone, each).date() < date for each in looks)


# --- laws ------------------------------------------------------------------------------------------------------------


class Ruled(NamedTuple):
    """A law with hours, the windows of holidays, and its holidays, in a zone; and a span that begins at `begin`."""

    law: dict[str, Any]
    holidays: list[dt.date]
    zone: str
    begin: int

    @property
    def part(self) -> LegalPart:
        ordinals = frozenset(day.toordinal() for day in self.holidays)
        return LegalPart(laws.law_named("made up", self.law), parse_zone(self.zone), ordinals)

    def windows(self, day: dt.date) -> list[tuple[int, int]]:
        """The windows that start on a local date, in its minutes: those of its weekday, `default`, or of holidays."""
        hours = self.law["hours"]
        rows = hours.get(DAYS[day.weekday()], hours.get("default", []))
        if day in self.holidays:
            rows = hours.get("holiday", [])
        edges = [[row["localTimeFrom"].split(":"), row["localTimeTo"].split(":")] for row in rows]
        minutes = [[int(hour) * 60 + int(minute) for hour, minute in each] for each in edges]
        return [(a, b if a < b else b + 24 * 60) for a, b in minutes]

    def allows(self, instant: int) -> bool:
        """Whether the law, where it is in force, has a window that holds what the wall clock shows."""
        clock = wall_clock(self.zone, instant)
        today, minute = clock.date(), clock.hour * 60 + clock.minute
        if today < self.law.get("from", today) or today > self.law.get("until", today):
            return True
        before = today - dt.timedelta(days=1)
        return any(a <= minute < b for a, b in self.windows(today)) or any(
            a <= minute + 24 * 60 < b for a, b in self.windows(before)
        )


@st.composite
def ruled(draw: st.DrawFn) -> Ruled:
    """A law around a day on which the clock of a zone does something."""
    zone, noon = draw(zones_and_noons())
    days = st.sampled_from([*DAYS, "default", "default", "default"])
    hours = draw(st.dictionaries(days, window_lists(), min_size=1, max_size=4))
    today = dt.date(1970, 1, 1) + dt.timedelta(days=noon // DAY_MS)
    near = st.integers(-3, 3).map(lambda days: today + dt.timedelta(days=days))
    law: dict[str, Any] = {"hours": hours}
    holidays = draw(st.lists(near, max_size=3))
    if holidays:
        law["holidays"] = "DE"
        if draw(st.booleans()):
            hours["holiday"] = draw(window_lists())
    law |= {field: draw(near) for field in draw(st.sets(st.sampled_from(["from", "until"])))}
    if {"from", "until"} <= law.keys():
        law["from"], law["until"] = sorted([law["from"], law["until"]])
    return Ruled(law, holidays, zone, noon - draw(st.integers(1, 4)) * DAY_MS + draw(st.integers(-7, 7)) * MINUTE_MS)


def assert_pointwise(one: Ruled, other: Ruled) -> None:
    end = one.begin + 6 * DAY_MS
    both = [one, one._replace(law=other.law, holidays=other.holidays)]
    legal = Legal(tuple(each.part for each in both))
    calendars = [*(each.part.allowed(one.begin, end) for each in both), legal.allowed(one.begin, end)]
    assert all(map(is_canonical, calendars))
    edges = [edge + more for calendar in calendars for interval in calendar for edge in interval for more in (-1, 0)]
    looks = {*range(one.begin, end, 15 * MINUTE_MS), *(edge for edge in edges if one.begin <= edge < end)}
    for look in sorted(looks):
        allowed = [each.allows(look) for each in both]
        assert [calendar.allows(look) for calendar in calendars] == [*allowed, all(allowed)]
    for look in sorted(looks)[:: len(looks) // 20]:
        forbidding = [each.part for each in both if not each.allows(look)]
        assert legal.forbidding(look) == (forbidding[0] if forbidding else None)


@given(ruled(), ruled())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_an_instant_is_allowed_if_every_law_that_is_in_force_has_a_window_for_it(one: Ruled, other: Ruled) -> None:
    """R4.1, R4.4: in every zone, on holidays by their own windows, and as a calendar that is canonical."""
    assert_pointwise(one, other)


@pytest.mark.exhaustive
@given(ruled(), ruled())
@settings(max_examples=3_000, suppress_health_check=[HealthCheck.too_slow])
def test_an_instant_is_allowed_if_every_law_has_a_window_for_it_in_3_000_places(one: Ruled, other: Ruled) -> None:
    """R4.1, R4.4: the same, at length."""
    assert_pointwise(one, other)


@pytest.mark.exhaustive
@pytest.mark.parametrize("zone", sorted(zone_ids()))
def test_hours_of_a_law_are_those_of_the_wall_clock_in_a_zone(zone: str) -> None:
    """R4.1: in every zone, over the changes of its clock in some years."""
    hours = {"default": [{"localTimeFrom": "22:00", "localTimeTo": "02:30"}], "sun": [], "holiday": []}
    law = {"hours": {**hours, "sun": [{"localTimeFrom": "00:00", "localTimeTo": "03:00"}]}, "holidays": "DE"}
    here = Ruled({**law, "from": dt.date(2010, 3, 4)}, [dt.date(2010, 3, 5), dt.date(2011, 12, 29)], zone, 0)
    for span in ("2009-10-20", "2010-02-25", "2010-10-25", "2011-12-25", "2026-03-20", "2026-10-20"):
        begin = at(span)
        calendar = here.part.allowed(begin, begin + 20 * DAY_MS)
        for look in range(begin, begin + 20 * DAY_MS, HOUR_MS // 2):
            assert calendar.allows(look) == here.allows(look)


# --- named cases -----------------------------------------------------------------------------------------------------


def test_a_law_that_only_counts_leaves_every_instant_open() -> None:
    """R8.2: hours that are always open stay so for the ranks."""
    once = LegalPart(laws.law_named("once", {"caps": [{"most": 1, "calendar": "day"}]}), parse_zone("UTC"))
    allowed = Allowed(ALWAYS, parse_zone("Europe/Berlin"), frozenset(), Legal((once,)))

    assert allowed.always
    assert allowed.key == ALWAYS_OPEN
    assert Legal((once,)).counted == (once,)
    assert list(allowed.calendar(0, 10)) == [(0, 10)]


def test_laws_with_the_same_hours_give_one_calendar() -> None:
    """Equal keys are those of equal calendars: names, caps and links of zones are nothing to them."""
    hours = {"hours": {"default": [{"localTimeFrom": "08:00", "localTimeTo": "21:00"}]}}
    capped = {**hours, "caps": [{"most": 1, "calendar": "day"}]}
    keys = [
        Legal((LegalPart(laws.law_named(name, law), parse_zone(zone)),)).key
        for name, law, zone in (
            ("one", hours, "Europe/Moscow"),
            ("other", capped, "W-SU"),
            ("later", {**hours, "from": dt.date(2026, 1, 1)}, "Europe/Moscow"),
            ("elsewhere", hours, "Europe/Berlin"),
        )
    ]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_in_several_zones_only_what_all_of_them_allow_is_left() -> None:
    """A number that may lie in New York or in Los Angeles: from 08:00 there to 21:00 here."""
    tcpa = law_named("us-tcpa")
    legal = Legal(tuple(LegalPart(tcpa, parse_zone(f"America/{name}")) for name in ("New_York", "Los_Angeles")))
    span = at("2026-03-02T12:00"), at("2026-03-03T12:00")

    assert list(legal.allowed(*span)) == [(at("2026-03-02T16:00"), at("2026-03-03T02:00"))]
    forbidding = legal.forbidding(at("2026-03-03T03:00"))
    assert forbidding is not None
    assert forbidding.zone.name == "America/New_York"
    assert legal.forbidding(at("2026-03-02T20:00")) is None


def test_the_first_date_in_force_begins_at_midnight_and_the_last_ends_there() -> None:
    """Local dates, of which both bounds are in force."""
    hours = {"default": [{"localTimeFrom": "09:00", "localTimeTo": "10:00"}]}
    law = {"hours": hours, "from": dt.date(2026, 3, 3), "until": dt.date(2026, 3, 3)}
    part = LegalPart(laws.law_named("for a day", law), parse_zone("Europe/Berlin"))
    span = at("2026-03-02T12:00"), at("2026-03-04T12:00")

    assert list(part.allowed(*span)) == [
        (span[0], at("2026-03-02T23:00")),
        (at("2026-03-03T08:00"), at("2026-03-03T09:00")),
        (at("2026-03-03T23:00"), span[1]),
    ]
    assert part.law.first_date == EPOCH_ORDINAL + at("2026-03-03") // DAY_MS
