"""A calendar as the engine follows it, span by span, against the calendar compiled at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import Campaign
from scheduler.engine.gates import FOREVER, LONG_MS, SEARCH_MS, SPAN_MS, Gate, Opening
from scheduler.policy import allowed
from scheduler.policy.allowed import Allowed
from scheduler.policy.calendar import Calendar, compile_calendar
from scheduler.policy.hours import WeeklyHours
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, FIRST_INSTANT_MS, HOUR_MS, LAST_INSTANT_MS
from scheduler.policy.zones import Zone, parse_zone
from tests.strategies import ALL_DAY, NIGHT, STARTS, ZONES, at, jobs_of, levels, number

MONDAY = at("2026-03-02T00:00")
UTC = parse_zone("UTC")


def hours_of(**fields: Any) -> WeeklyHours:
    """The weekly hours of a number's policy fields."""
    return jobs_of(Campaign(), [number("A", **fields)])[0].policy.hours


DAY_AND_NIGHT = hours_of()
NIGHTLY = hours_of(allowedTime={"default": NIGHT})
NOON = hours_of(localTimeFrom="12:00", localTimeTo="13:00")
NEVER = hours_of(allowedDays=["mon"], allowedTime={"tue": NIGHT})


def ordinals(first_ms: int, *days: int) -> frozenset[int]:
    """The dates, in UTC, so many days after an instant."""
    return frozenset(first_ms // DAY_MS + EPOCH_ORDINAL + day for day in days)


def gate_from(
    from_ms: int,
    hours: WeeklyHours,
    *,
    zone: Zone = UTC,
    closed_dates: Collection[int] = frozenset(),
    finish_ms: int = FOREVER,
) -> Gate:
    """A gate that is asked for instants from `from_ms` on."""
    return Gate(Allowed(hours, zone, closed_dates), finish_ms, from_ms)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The spans that were compiled."""
    spans: list[tuple[int, int]] = []

    def counting(hours: WeeklyHours, zone: Zone, start_ms: int, end_ms: int, closed_dates: Collection[int]) -> Calendar:
        spans.append((start_ms, end_ms))
        return compile_calendar(hours, zone, start_ms, end_ms, closed_dates)

    monkeypatch.setattr(allowed, "compile_calendar", counting)
    return spans


# --- against the calendar as a whole ---------------------------------------------------------------------------------


class Whole:
    """The answers of a gate, looked up in one calendar of all its years."""

    def __init__(self, calendar: Calendar, finish_ms: int) -> None:
        self.calendar, self.finish_ms = calendar, finish_ms

    def interval(self, instant_ms: int) -> tuple[int, int] | None:
        """The interval that holds an instant or is the next to open, within 366 days."""
        found = self.calendar.interval_at_or_after(instant_ms)
        return None if found is None or found[0] >= instant_ms + SEARCH_MS else found

    def reaches(self, due_ms: int, finish_ms: int) -> bool:
        found = self.interval(due_ms)
        return found is not None and max(found[0], due_ms) < min(finish_ms, self.finish_ms)


def assert_is_the_interval(opening: Opening | None, whole: Whole, instant_ms: int) -> None:
    found = whole.interval(instant_ms)
    if found is None or max(found[0], instant_ms) >= whole.finish_ms:
        assert opening is None
        return
    opens, closes = found
    end = min(closes, whole.finish_ms)
    assert opening is not None
    if closes - opens <= LONG_MS:
        assert opening == Opening(opens, end, opens, end)
        assert not opening.long
        return
    assert opening.long
    assert (opening.rank_opens, opening.rank_closes) == (-FOREVER, whole.finish_ms)
    assert opening.opens == opens or opens < opening.opens <= instant_ms
    assert max(instant_ms, opens) < opening.closes <= end


@st.composite
def closed_dates(draw: st.DrawFn, start_ms: int) -> frozenset[int]:
    """Single dates, holidays of some days, and now and then a year or more without a day."""
    runs = draw(st.lists(st.tuples(st.integers(-12, 700), st.sampled_from([1, 1, 2, 30, 364, 367])), max_size=4))
    return frozenset().union(*(ordinals(start_ms, *range(first, first + length)) for first, length in runs))


@given(st.sampled_from(STARTS), st.sampled_from(ZONES), levels() | st.just({}), st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_gate_answers_as_the_calendar_compiled_at_once(
    start_ms: int, zone_name: str, level: dict[str, Any], data: st.DataObject
) -> None:
    """R4.4, R8.2, R12.5: at instants that only move on, with looks ahead between them."""
    hours, zone = hours_of(**level), parse_zone(zone_name)
    closed = data.draw(closed_dates(start_ms) | st.just(frozenset()))
    offsets = st.integers(0, 1200 * 24).map(lambda hour: start_ms + hour * HOUR_MS)
    finish_ms = data.draw(st.just(FOREVER) | offsets)
    last_ms = start_ms + 3600 * DAY_MS
    whole = Whole(compile_calendar(hours, zone, start_ms - 30 * DAY_MS, last_ms, closed), finish_ms)
    gate = gate_from(start_ms, hours, zone=zone, closed_dates=closed, finish_ms=finish_ms)
    always = hours.always and not closed
    now_ms = start_ms
    for _ in range(data.draw(st.integers(1, 12))):
        days = data.draw(st.sampled_from([0, 0, 1, 1, 10, 50, 120, 130, 500]))
        now_ms += data.draw(st.integers(0, days * 24 * 4)) * HOUR_MS // 4
        match data.draw(st.integers(0, 3)):
            case 0:
                due_ms = now_ms + data.draw(st.integers(0, 4 * 2880)) * HOUR_MS // 4  # a retry
                own_ms = data.draw(st.just(FOREVER) | st.integers(due_ms - DAY_MS, due_ms + 40 * DAY_MS))
                assert gate.reaches(due_ms, own_ms) == whole.reaches(due_ms, own_ms)
            case 1:
                due_ms = now_ms + data.draw(st.integers(0, 1500)) * DAY_MS  # a start
                own_ms = data.draw(st.just(FOREVER) | st.integers(due_ms - DAY_MS, due_ms + 40 * DAY_MS))
                assert gate.reaches(due_ms, own_ms) == whole.reaches(due_ms, own_ms)
                assert gate.opens_after(due_ms) == (always or whole.interval(due_ms) is not None)
            case _:
                opening = gate.at_or_after(now_ms)
                assert opening is None or not always or opening == Opening(-FOREVER, finish_ms, -FOREVER, finish_ms)
                if not always:
                    assert_is_the_interval(opening, whole, now_ms)
                    if opening is not None and opening.closes < finish_ms:
                        assert_is_the_interval(gate.at_or_after(opening.closes), whole, opening.closes)


# --- seams -----------------------------------------------------------------------------------------------------------


def seams_of(spans: list[tuple[int, int]]) -> list[int]:
    return [end_ms for _, end_ms in spans]


def test_a_window_across_a_seam_is_one_interval(compiled: list[tuple[int, int]]) -> None:
    """R4.4: spans are joined where their intervals meet."""
    gate = gate_from(MONDAY, NIGHTLY)
    first = gate.at_or_after(MONDAY)
    seam_ms = seams_of(compiled)[0]
    night = gate.at_or_after(seam_ms - 3 * HOUR_MS)

    assert first == Opening(MONDAY - 2 * HOUR_MS, MONDAY + 6 * HOUR_MS, MONDAY - 2 * HOUR_MS, MONDAY + 6 * HOUR_MS)
    assert seam_ms % DAY_MS == 0
    assert night is not None
    assert (night.opens, night.closes) == (seam_ms - 2 * HOUR_MS, seam_ms + 6 * HOUR_MS)
    assert gate.at_or_after(seam_ms) == night


def test_a_window_that_ends_at_a_seam_is_not_joined_to_the_next(compiled: list[tuple[int, int]]) -> None:
    """R4.4"""
    gate = gate_from(MONDAY, hours_of(localTimeFrom="18:00"))
    gate.at_or_after(MONDAY)
    seam_ms = seams_of(compiled)[0]
    evening = gate.at_or_after(seam_ms - HOUR_MS)

    assert evening is not None
    assert (evening.opens, evening.closes) == (seam_ms - 6 * HOUR_MS, seam_ms)
    assert gate.at_or_after(seam_ms) == Opening(*[seam_ms + 18 * HOUR_MS, seam_ms + 24 * HOUR_MS] * 2)


def test_windows_are_all_there_on_both_sides_of_many_seams(compiled: list[tuple[int, int]]) -> None:
    """R4.4: day after day for three years, each night once."""
    gate = gate_from(MONDAY, NIGHTLY, zone=parse_zone("Europe/Berlin"))
    seen = []
    instant_ms = MONDAY
    while instant_ms < MONDAY + 1000 * DAY_MS:
        opening = gate.at_or_after(instant_ms)
        assert opening is not None
        seen.append((opening.opens, opening.closes))
        instant_ms = opening.closes

    at_once = compile_calendar(NIGHTLY, parse_zone("Europe/Berlin"), MONDAY - 2 * DAY_MS, MONDAY + 1001 * DAY_MS)
    assert seen == [interval for interval in at_once if interval[1] > MONDAY][: len(seen)]
    assert len(seen) == 1001
    assert len(compiled) == 1 + (1000 + 9) * DAY_MS // SPAN_MS


def test_every_span_is_compiled_once(compiled: list[tuple[int, int]]) -> None:
    """R12.5: many questions about the same weeks cost one look at them."""
    gate = gate_from(MONDAY, NOON)
    for hour in range(24 * 90):
        gate.at_or_after(MONDAY + hour * HOUR_MS)
        assert gate.reaches(MONDAY + hour * HOUR_MS)
        assert gate.reaches(MONDAY + hour * HOUR_MS, MONDAY + 400 * DAY_MS)

    assert len(compiled) == 1


def test_a_due_time_some_months_ahead_is_looked_up_where_the_clock_will_come_by(
    compiled: list[tuple[int, int]],
) -> None:
    """R12.5: what is compiled for it is not compiled again."""
    gate = gate_from(MONDAY, NOON)

    assert gate.reaches(MONDAY + 200 * DAY_MS)
    assert gate.at_or_after(MONDAY + 200 * DAY_MS) is not None
    assert [end_ms - start_ms for start_ms, end_ms in compiled] == [SPAN_MS] * 2


# --- far due times ---------------------------------------------------------------------------------------------------


def test_a_due_time_in_the_year_9000_does_not_cost_the_years_between(compiled: list[tuple[int, int]]) -> None:
    """R12.5: nor does it spoil what is known of the present."""
    gate = gate_from(MONDAY, NOON)
    gate.at_or_after(MONDAY)
    far_ms = at("9000-03-02T00:00")

    assert gate.reaches(far_ms)
    assert gate.opens_after(far_ms)
    assert gate.reaches(far_ms, far_ms + 13 * HOUR_MS)
    assert not gate.reaches(far_ms, far_ms + 12 * HOUR_MS)
    assert gate.reaches(MONDAY, MONDAY + 13 * HOUR_MS)
    assert not gate.reaches(MONDAY, MONDAY + 12 * HOUR_MS)
    assert gate.at_or_after(MONDAY) == Opening(*[MONDAY + 12 * HOUR_MS, MONDAY + 13 * HOUR_MS] * 2)
    assert len(compiled) <= 4


def test_a_due_time_in_the_year_9000_without_any_window_costs_a_year_of_looking(
    compiled: list[tuple[int, int]],
) -> None:
    """R12.5"""
    gate = gate_from(MONDAY, NEVER)

    assert not gate.reaches(MONDAY)
    assert not gate.reaches(at("9000-03-02T00:00"))
    assert not gate.opens_after(at("9000-03-02T00:00"))
    assert sum(end_ms - start_ms for start_ms, end_ms in compiled) <= 3 * (SEARCH_MS + SPAN_MS)


def test_thousands_of_starts_in_one_far_year_cost_that_year(compiled: list[tuple[int, int]]) -> None:
    """R12.5"""
    gate = gate_from(MONDAY, NOON)
    far_ms = at("2050-01-01T00:00")

    assert all(gate.reaches(far_ms + hour * HOUR_MS, far_ms + hour * HOUR_MS + DAY_MS) for hour in range(5000))
    assert len(compiled) < 10


def test_a_clock_that_reaches_a_far_year_starts_there_anew(compiled: list[tuple[int, int]]) -> None:
    """R12.5: as when a run has nothing to do for some decades."""
    gate = gate_from(MONDAY, NOON)
    gate.at_or_after(MONDAY)
    far_ms = at("2090-01-01T00:00")

    assert gate.at_or_after(far_ms) == Opening(*[far_ms + 12 * HOUR_MS, far_ms + 13 * HOUR_MS] * 2)
    assert gate.reaches(far_ms + DAY_MS, far_ms + 37 * HOUR_MS)
    assert not gate.reaches(far_ms + DAY_MS, far_ms + 36 * HOUR_MS)
    assert len(compiled) <= 3


# --- long intervals --------------------------------------------------------------------------------------------------


def test_hours_without_an_edge_are_not_compiled_at_all(compiled: list[tuple[int, int]]) -> None:
    """R8.2: they are open for ever on both sides."""
    gate, finite = gate_from(MONDAY, DAY_AND_NIGHT), gate_from(MONDAY, DAY_AND_NIGHT, finish_ms=MONDAY + DAY_MS)

    assert gate.at_or_after(MONDAY) == Opening(-FOREVER, FOREVER, -FOREVER, FOREVER)
    assert finite.at_or_after(MONDAY) == Opening(-FOREVER, MONDAY + DAY_MS, -FOREVER, MONDAY + DAY_MS)
    assert finite.at_or_after(MONDAY + DAY_MS) is None
    assert finite.reaches(MONDAY + DAY_MS - 1)
    assert not finite.reaches(MONDAY + DAY_MS)
    assert gate.reaches(at("9000-01-01"), at("9000-01-02"))
    assert not gate.reaches(at("9000-01-01"), at("9000-01-01"))
    assert gate.opens_after(MONDAY)
    assert finite.opens_after(MONDAY + 2 * DAY_MS)
    assert compiled == []


@pytest.mark.parametrize(("days", "long"), [(7, False), (8, False), (9, True)])
@pytest.mark.parametrize("asked_on", [0, 3])
def test_an_interval_of_more_than_eight_days_is_long(days: int, long: bool, asked_on: int) -> None:
    """R8.2: exactly eight are not; however late one asks."""
    gate = gate_from(MONDAY + asked_on * DAY_MS, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, -1, days))
    opening = gate.at_or_after(MONDAY + asked_on * DAY_MS)

    assert opening is not None
    assert opening.long == long
    assert (opening.opens, opening.closes) == (MONDAY, MONDAY + days * DAY_MS)
    assert opening.rank_closes == (FOREVER if long else opening.closes)


def test_a_long_interval_says_how_far_it_is_known_and_says_more_when_asked_there() -> None:
    """R8.2: its rank needs no more, and its closing is found in time."""
    closed_day = 700
    gate = gate_from(MONDAY, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, closed_day))
    known: list[int] = []
    opening = gate.at_or_after(MONDAY)
    while opening is not None and opening.opens <= (known[-1] if known else MONDAY):
        assert opening.long
        known.append(opening.closes)
        opening = gate.at_or_after(opening.closes)

    assert known == sorted(set(known))
    assert known[0] < MONDAY + 2 * SPAN_MS
    assert known[-1] == MONDAY + closed_day * DAY_MS
    assert opening is not None
    assert opening.opens == MONDAY + (closed_day + 1) * DAY_MS


def test_an_interval_that_ends_where_what_is_known_ends_is_asked_on() -> None:
    """R8.2: the length of an interval shows before its rank is told."""
    closed = {day for day in range(400) if day % 9 == 8}  # eight days open, one closed, again and again
    gate = gate_from(MONDAY, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, -1, *closed))
    for first in range(0, 390, 9):
        begin_ms = MONDAY + first * DAY_MS
        assert gate.at_or_after(begin_ms + DAY_MS) == Opening(*[begin_ms, begin_ms + 8 * DAY_MS] * 2)


# --- the campaign's finish -------------------------------------------------------------------------------------------


def test_a_finish_cuts_the_interval_in_which_it_falls_and_all_after_it() -> None:
    """R5.3, R8.2"""
    finish_ms = MONDAY + 36 * HOUR_MS + 1
    gate = gate_from(MONDAY, NOON, finish_ms=finish_ms)

    assert gate.at_or_after(MONDAY + DAY_MS) == Opening(*[MONDAY + 36 * HOUR_MS, finish_ms] * 2)
    assert gate.at_or_after(finish_ms) is None
    assert gate.reaches(finish_ms - 1)
    assert not gate.reaches(finish_ms)
    assert gate.opens_after(finish_ms)


def test_an_interval_that_opens_at_the_finish_is_none() -> None:
    """R1.2"""
    gate = gate_from(MONDAY, NOON, finish_ms=MONDAY + 36 * HOUR_MS)

    assert gate.at_or_after(MONDAY + 13 * HOUR_MS) is None
    assert gate.reaches(MONDAY + 13 * HOUR_MS - 1)
    assert not gate.reaches(MONDAY + 13 * HOUR_MS)


def test_a_long_interval_ranks_by_the_finish_and_keeps_its_opening_for_ever() -> None:
    """R8.2: then a finish closes it all the same, however far."""
    far_ms = at("2100-01-01T00:00")
    gate = gate_from(MONDAY, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, -1), finish_ms=far_ms)
    opening = gate.at_or_after(MONDAY)

    assert opening is not None
    assert (opening.rank_opens, opening.rank_closes) == (-FOREVER, far_ms)


# --- 366 days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("closed_days", "found"), [(365, True), (366, False), (400, False)])
def test_an_opening_is_looked_for_within_366_days(closed_days: int, found: bool) -> None:
    """R12.5"""
    gate = gate_from(MONDAY, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, *range(closed_days)))

    assert (gate.at_or_after(MONDAY) is not None) == found
    assert gate.reaches(MONDAY) == found
    assert gate.opens_after(MONDAY) == found
    assert gate.reaches(MONDAY + 35 * DAY_MS)


def test_a_year_without_a_window_is_not_overlooked_from_before_it() -> None:
    """R12.5: that there are windows later says nothing of a due time in the gap."""
    gate = gate_from(MONDAY, DAY_AND_NIGHT, closed_dates=ordinals(MONDAY, *range(30, 430)))
    gate.at_or_after(MONDAY)

    assert gate.reaches(MONDAY + 200 * DAY_MS)
    assert gate.reaches(MONDAY + 30 * DAY_MS - 1)
    assert not gate.reaches(MONDAY + 30 * DAY_MS)
    assert gate.at_or_after(MONDAY + 30 * DAY_MS) is None
    assert not gate.reaches(MONDAY + 64 * DAY_MS)
    assert gate.reaches(MONDAY + 65 * DAY_MS)


# --- the ends of time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone_name", ["UTC", "-18:00", "+18:00", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("instant_ms", [FIRST_INSTANT_MS, LAST_INSTANT_MS - 2 * DAY_MS, LAST_INSTANT_MS])
def test_a_gate_opens_at_both_ends_of_time(zone_name: str, instant_ms: int) -> None:
    """R1.1: at the first and the last instants at which a run may stand."""
    zone = parse_zone(zone_name)
    gate = gate_from(instant_ms, NIGHTLY, zone=zone)
    opening = gate.at_or_after(instant_ms)

    assert opening is not None
    assert instant_ms < opening.closes <= instant_ms + DAY_MS + 8 * HOUR_MS
    assert gate.reaches(instant_ms)
    assert not gate_from(instant_ms, NEVER, zone=zone).reaches(instant_ms)


@pytest.mark.parametrize("year", ["1900", "1969", "1970", "1971"])
def test_a_gate_opens_before_and_at_the_epoch(year: str) -> None:
    """R1.1: where instants are negative or 0."""
    midnight_ms = at(f"{year}-01-01T00:00")
    gate = gate_from(midnight_ms, NOON)

    assert gate.reaches(at("2050-01-01T00:00"))
    assert gate.at_or_after(midnight_ms) == Opening(*[midnight_ms + 12 * HOUR_MS, midnight_ms + 13 * HOUR_MS] * 2)
    assert gate.reaches(midnight_ms, midnight_ms + 13 * HOUR_MS)
    assert not gate.reaches(midnight_ms, midnight_ms + 12 * HOUR_MS)


def test_windows_in_the_last_days_of_9999_are_the_calendars() -> None:
    """R1.1"""
    begin_ms = LAST_INSTANT_MS - 20 * DAY_MS
    gate = gate_from(begin_ms, hours_of(allowedTime={"default": ALL_DAY, "sun": NIGHT}))
    at_once = compile_calendar(
        hours_of(allowedTime={"default": ALL_DAY, "sun": NIGHT}),
        UTC,
        begin_ms - 30 * DAY_MS,
        LAST_INSTANT_MS + 30 * DAY_MS,
    )
    whole = Whole(at_once, FOREVER)
    for hour in range(20 * 24 + 1):
        assert_is_the_interval(gate.at_or_after(begin_ms + hour * HOUR_MS), whole, begin_ms + hour * HOUR_MS)
