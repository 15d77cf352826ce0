"""Calendars against the wall clock, their canonical form, and what other tools got wrong.

The named cases come from bug reports of tools that answer "when is it next allowed?". Each carries its repo#issue (the
owner is left out where the line is full); a cron expression is a window of one minute that opens at its time.
Left out, or told otherwise, with the reason:

- Uninett/nav#68: which of two ranges is picked; here, that the night's window belongs to the day before.
- lennym/moment-business-time#58, newfies-dialer/newfies-dialer#14: elapsed time after an attempt: the engine's.
- temporalio/temporal#10058: midnight of each day is here; 24 hours of elapsed time are the engine's.
- politics-rewired/Spoke#1293: what becomes of a queue when hours end, which the engine decides.
- google/libphonenumber#1133, #531, #991, #1964, daddyz/phonelib#126: the zones of a number, which the intake finds.
- koala73/worldmonitor#3066, kedacore/keda#2031: start == end is refused, in test_hours.py.
- spatie/opening-hours#157: a date is no instant, told with a blackout date.
- robfig/cron#541, node-cron/node-cron#518: of the readings that they name, only "skip" is R4.2.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from scheduler.policy.calendar import Calendar, compile_calendar
from scheduler.policy.hours import DAYS, WeeklyHours
from scheduler.policy.levels import NO_POLICY, parse_policy, resolve
from scheduler.policy.readings import READINGS, Readings
from scheduler.policy.zones import parse_zone
from tests.oracles import is_allowed, offset_seconds, wall_clock
from tests.test_zones import FIRST_MS, LAST_MS, changes, clocks, ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Case(NamedTuple):
    """A policy in the wire form: its levels from weak to strong, readings, blackout dates."""

    levels: list[dict[str, Any]]
    readings: dict[str, str] = {}  # noqa: RUF012 - never changed
    closed: frozenset[date] = frozenset()


def allowed_time(text: str) -> dict[str, list[dict[str, str]]]:
    """The wire form of `mon,tue 10:00-12:00 13:00-18:00; default 22:00-06:00`."""
    lists: dict[str, list[dict[str, str]]] = {}
    for clause in text.split(";"):
        days, *windows = clause.split()
        bounds = [window.split("-") for window in windows]
        lists |= {day: [{"localTimeFrom": a, "localTimeTo": b} for a, b in bounds] for day in days.split(",")}
    return lists


def level(times: str = "", days: str = "") -> dict[str, Any]:
    """One level: its allowedTime, and its allowedDays separated by blanks."""
    fields: dict[str, Any] = {"allowedTime": allowed_time(times)} if times else {}
    return fields | ({"allowedDays": days.split()} if days else {})


def hours_of(case: Case) -> WeeklyHours:
    """The hours that the product makes of a case."""
    readings = Readings(**{READINGS[name][0]: value for name, value in case.readings.items()})  # type: ignore[arg-type]
    policies = [parse_policy(fields, readings)[0] for fields in case.levels]
    campaign, number, *redial = [*policies, NO_POLICY][: max(2, len(policies))]
    return resolve(campaign, number, *redial, readings=readings).hours


def compiled(case: Case, zone_id: str, start_ms: int, end_ms: int) -> Calendar:
    """The calendar that the product makes of a case."""
    closed = frozenset(day.toordinal() for day in case.closed)
    return compile_calendar(hours_of(case), parse_zone(zone_id), start_ms, end_ms, closed)


def expected(case: Case, zone_id: str, instant_ms: int) -> bool:
    """What the wall clock says of a case at an instant."""
    return is_allowed(case.levels, zone_id, instant_ms, closed_dates=case.closed, readings=case.readings)


def ms(text: str) -> int:
    """The milliseconds of an instant such as 2026-03-08T05:45Z."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def utc(instant_ms: int) -> str:
    """The minute of an instant, as the cases write it."""
    return f"{EPOCH + timedelta(milliseconds=instant_ms):%Y-%m-%dT%H:%MZ}"


def spans(calendar: Calendar) -> list[str]:
    """The intervals as the cases write them."""
    return [f"{utc(opens)}/{utc(closes)}" for opens, closes in calendar]


# --- every zone, every change ----------------------------------------------------------------------------------------

THIRDS = frozenset(
    date.fromordinal(day) for day in range(date(1969, 12, 1).toordinal(), date(2038, 2, 1).toordinal(), 3)
)
POLICIES = {
    "overnight": Case([level("default 22:00-06:00")]),
    "straddling": Case([level("default 01:45-02:45 23:45-00:30; sun 00:00-00:15 02:15-03:10")]),
    "day split": Case([level("mon 08:00-12:00 12:30-18:00; sun 00:00-02:00 02:01-12:00", "sun mon fri")]),
    "all days": Case([level(days="tue fri sun")]),
    "clip": Case([level("default 20:00-08:00", "mon wed thu sat")], {"overnightTail": "clip"}),
    "blackout": Case([level("default 18:00-10:00")], {}, THIRDS),
}
MORE_POLICIES = POLICIES | {
    "always": Case([{}]),
    "nearly always": Case([level("default 00:01-00:00")]),
    "longest night": Case([level("default 12:00-11:59", "sat sun")]),
    "second hour": Case([level("default 02:00-03:00 00:00-01:00")]),
    "blackout and clip": Case([level("default 20:00-08:00", "sat sun mon")], {"overnightTail": "clip"}, THIRDS),
    "levels": Case([level("default 23:00-01:00"), level("sat,sun 01:59-02:01 03:00-23:30", "fri sat sun")]),
}
AROUND_MS = (-DAY_MS, -90 * MINUTE_MS, -SECOND_MS, 0, SECOND_MS, HOUR_MS, DAY_MS)


def disagreements(case: Case, zone_id: str, calendar: Calendar, instants: Iterable[int]) -> list[tuple[str, str]]:
    """The instants of which a calendar and the wall clock do not say the same."""
    return [
        (zone_id, utc(instant)) for instant in instants if calendar.allows(instant) != expected(case, zone_id, instant)
    ]


def around(change_ms: int) -> set[int]:
    """A second before and after a change, and further off; inside the span."""
    return {change_ms + shift for shift in AROUND_MS if FIRST_MS <= change_ms + shift < LAST_MS}


def minutes_of_edges(case: Case) -> set[int]:
    """The minutes of a day at which some window of a case begins or ends, midnight included."""
    return {0} | {int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d\d):(\d\d)", str(case.levels))}


def edges_near(case: Case, zone_id: str, change_ms: int) -> Iterator[int]:
    """Each edge of the five days around a change, by the offset before and the one after, and a millisecond before."""
    day_ms = change_ms - change_ms % DAY_MS
    for offset_s in (offset_seconds(zone_id, change_ms - 1), offset_seconds(zone_id, change_ms)):
        for shift in (-2, -1, 0, 1, 2):
            for minute in minutes_of_edges(case):
                edge = day_ms + shift * DAY_MS + minute * MINUTE_MS - offset_s * SECOND_MS
                yield from (instant for instant in (edge - 1, edge) if FIRST_MS <= instant < LAST_MS)


@pytest.mark.parametrize("name", POLICIES)
def test_calendar_agrees_with_the_wall_clock_at_every_transition_of_every_zone(name: str) -> None:
    """R4.1: each change of each clock of the database, 1970-2037; ids that are links have the clock of their zone.

    Under the first policy all clocks, under the others every fourth; at length, all under all.
    """
    case, wrong, compared = POLICIES[name], [], 0
    is_first = name == next(iter(POLICIES))
    for zone_id in list(clocks())[:: 1 if is_first else 4]:
        calendar = compiled(case, zone_id, FIRST_MS, LAST_MS)
        instants = {FIRST_MS, LAST_MS - 1}.union(*map(around, changes(zone_id)))
        wrong += disagreements(case, zone_id, calendar, instants)
        compared += len(instants)

    assert wrong == []
    assert compared > (100_000 if is_first else 20_000)


@pytest.mark.exhaustive
def test_calendar_agrees_with_the_wall_clock_at_every_edge_near_every_transition(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """R4.1: all ids, more policies, and every edge of a window in the five days around each change, 1970-2037."""
    wrong, compared = [], 0
    for case in MORE_POLICIES.values():
        for zone_id in ids():
            calendar = compiled(case, zone_id, FIRST_MS, LAST_MS)
            near = ({*around(change), *edges_near(case, zone_id, change)} for change in changes(zone_id))
            instants = {FIRST_MS, LAST_MS - 1}.union(*near)
            wrong += disagreements(case, zone_id, calendar, instants)
            compared += len(instants)
    with capsys.disabled():
        print(f"\n{compared} instants compared, {len(wrong)} disagreements")

    assert wrong == []
    assert compared > 10_000_000


# --- random hours, random spans --------------------------------------------------------------------------------------

NEAR_GAPS = [0, 1, 29, 30, 60, 61, 90, 119, 120, 121, 150, 165, 180, 240, 720, 1380, 1410, 1439]


@st.composite
def window_lists(draw: st.DrawFn) -> list[dict[str, str]]:
    """One to three windows that do not overlap, to the minute; the last may run past midnight and over the others."""
    minutes = st.sampled_from(NEAR_GAPS) | st.integers(0, 1439)
    edges = sorted(draw(st.sets(minutes, min_size=2, max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if draw(st.booleans()):
        pairs[-1] = (pairs[-1][0], draw(st.integers(0, pairs[-1][0] - 1)) if pairs[-1][0] else pairs[-1][1])
    texts = [[f"{minute // 60:02d}:{minute % 60:02d}" for minute in pair] for pair in draw(st.permutations(pairs))]
    return [{"localTimeFrom": a, "localTimeTo": b} for a, b in texts]


@st.composite
def levels(draw: st.DrawFn) -> dict[str, Any]:
    """The days and the hours of one level, each often not set."""
    fields: dict[str, Any] = {}
    if draw(st.booleans()):
        fields["allowedDays"] = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=6))
    if draw(st.integers(0, 7)):
        keys = st.sampled_from([*DAYS, "default", "default", "default"])
        fields["allowedTime"] = draw(st.dictionaries(keys, window_lists(), min_size=1, max_size=4))
    return fields


def evenly(start: int, end: int) -> st.SearchStrategy[int]:
    """An integer of [start, end), each part of a long range alike, where `st.integers` would keep to one end."""
    step = (end - start) // 1000 + 1
    parts = st.tuples(st.integers(0, 999), st.integers(0, step - 1))
    return parts.map(lambda drawn: min(start + drawn[0] * step + drawn[1], end - 1))


class Span(NamedTuple):
    """A zone and an instant in it that is worth a look, with a span around it."""

    zone_id: str
    near_ms: int
    start_ms: int
    end_ms: int


@st.composite
def zone_spans(draw: st.DrawFn) -> Span:
    """A few weeks around a change of any zone of the database, or around anything; two fixed offsets too."""
    zone_id = draw(st.sampled_from([*ids(), "-05:45", "GMT+00:30:15"]))
    changed = changes(zone_id) if zone_id in ids() else ()
    instants = evenly(FIRST_MS - 70 * 366 * DAY_MS, LAST_MS + 70 * 366 * DAY_MS)
    near_ms = draw(st.sampled_from(changed) | st.sampled_from(changed) | instants if changed else instants)
    start_ms = near_ms - draw(evenly(0, 21 * DAY_MS) | st.integers(0, 2 * DAY_MS))
    return Span(zone_id, near_ms, start_ms, start_ms + draw(evenly(1, 28 * DAY_MS) | st.integers(1, 2 * DAY_MS)))


@st.composite
def cases(draw: st.DrawFn, near_ms: int) -> Case:
    """A policy of one to three levels, with readings, and blackout dates near an instant."""
    day = (EPOCH + timedelta(milliseconds=near_ms)).date()
    shifts = draw(st.sets(st.integers(-3, 3), max_size=3))
    readings = {
        "unlistedDay": draw(st.sampled_from(["inherit", "closed"])),
        "overnightTail": draw(st.sampled_from(["keep", "clip"])),
    }
    closed = frozenset(day + timedelta(days=shift) for shift in shifts)
    return Case(draw(st.lists(levels(), min_size=1, max_size=3)), readings, closed)


def probes(span: Span, calendar: Calendar, drawn: Iterable[int]) -> set[int]:
    """Each edge and a millisecond around it, each change and a second around it, and what was drawn; in the span."""
    edges = [edge + shift for interval in calendar for edge in interval for shift in (-1, 0, 1)]
    known = changes(span.zone_id) if span.zone_id in ids() else ()
    near = [change + shift for change in (*known, span.near_ms) for shift in (-SECOND_MS, -1, 0, SECOND_MS)]
    return {instant for instant in (*edges, *near, *drawn) if span.start_ms <= instant < span.end_ms}


@settings(max_examples=2 * settings().max_examples)
@given(st.data())
def test_calendar_agrees_with_the_wall_clock_for_random_hours_in_any_zone(data: st.DataObject) -> None:
    """R4.1, R3.5-R3.7, R3.10: at each edge, around each change, and anywhere in the span."""
    span = data.draw(zone_spans())
    case = data.draw(cases(span.near_ms))
    drawn = data.draw(st.lists(evenly(span.start_ms, span.end_ms), max_size=20))
    calendar = compiled(case, span.zone_id, span.start_ms, span.end_ms)
    instants = probes(span, calendar, [*drawn, span.start_ms, span.end_ms - 1])

    assert disagreements(case, span.zone_id, calendar, instants) == []


# --- the canonical form ----------------------------------------------------------------------------------------------


@given(st.data())
def test_a_calendar_is_sorted_disjoint_not_touching_and_inside_its_span(data: st.DataObject) -> None:
    """R4.4."""
    span = data.draw(zone_spans())
    calendar = compiled(data.draw(cases(span.near_ms)), span.zone_id, span.start_ms, span.end_ms)
    edges = [edge for interval in calendar for edge in interval]

    assert len(calendar) == len(calendar.opens) == len(calendar.closes)
    assert all(before < after for before, after in pairwise(edges))
    assert all(span.start_ms <= edge <= span.end_ms for edge in edges)


@given(st.data())
def test_two_spans_that_touch_give_what_one_span_gives(data: st.DataObject) -> None:
    """R4.4: [a, b) and [b, c), joined at b, are [a, c)."""
    span = data.draw(zone_spans())
    case = data.draw(cases(span.near_ms))
    middle = data.draw(evenly(span.start_ms, span.end_ms) | st.just(span.near_ms))
    middle = min(max(middle, span.start_ms), span.end_ms)
    first = list(compiled(case, span.zone_id, span.start_ms, middle))
    second = list(compiled(case, span.zone_id, middle, span.end_ms))
    if first and second and first[-1][1] == second[0][0]:
        first[-1:], second[:1] = [(first[-1][0], second[0][1])], []

    assert [*first, *second] == list(compiled(case, span.zone_id, span.start_ms, span.end_ms))


@given(st.data())
def test_hours_that_are_written_differently_give_the_same_calendar(data: st.DataObject) -> None:
    """R4.4: default or seven days, in any order, in one window or in two that touch."""
    span = data.draw(zone_spans())
    windows = data.draw(window_lists())
    cut = data.draw(st.sampled_from(windows))
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (cut["localTimeFrom"], cut["localTimeTo"])]
    inside = data.draw(st.integers(minutes[0], minutes[1] + 1440 * (minutes[1] < minutes[0]))) % 1440
    knife = f"{inside // 60:02d}:{inside % 60:02d}"
    pieces = [{**cut, "localTimeTo": knife}, {**cut, "localTimeFrom": knife}]
    tail = inside < minutes[0]  # a cut past midnight would need a window of the next day
    rewritten = [window for window in windows if window is not cut] + ([cut] if tail or inside in minutes else pieces)
    one = Case([{"allowedTime": {"default": windows}}])
    other = Case([{"allowedTime": dict.fromkeys(DAYS, rewritten[::-1])}])

    assert compiled(one, *span[:1], *span[2:]) == compiled(other, *span[:1], *span[2:])


def test_a_night_is_the_same_calendar_as_an_evening_and_a_morning() -> None:
    """R4.4, spatie/opening-hours#88: calendars are equal where hours are not."""
    span = ms("2026-03-01T00:00Z"), ms("2026-04-01T00:00Z")
    night = compiled(Case([level("default 22:00-06:00")]), "Europe/Berlin", *span)
    halves = compiled(Case([level("default 00:00-06:00 22:00-00:00")]), "Europe/Berlin", *span)

    assert (night, hash(night)) == (halves, hash(halves))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Up to six intervals between 0 and 40."""
    edges = sorted(draw(st.sets(st.integers(0, 40), max_size=12)))
    edges = edges[: len(edges) // 2 * 2]
    return Calendar(tuple(edges[::2]), tuple(edges[1::2]))


@given(calendars(), st.integers(-2, 42))
def test_the_interval_at_or_after_an_instant_is_the_first_that_closes_after_it(
    calendar: Calendar, instant: int
) -> None:
    """R1.2: half-open, so the one that closes at the instant is over."""
    first = next((interval for interval in calendar if interval[1] > instant), None)

    assert calendar.interval_at_or_after(instant) == first
    assert calendar.allows(instant) == (first is not None and first[0] <= instant)


@given(calendars(), st.integers(-2, 42), st.integers(-2, 42))
def test_clipped_gives_the_parts_inside(calendar: Calendar, start: int, end: int) -> None:
    """R1.2, R5.2: instant by instant, canonical like the calendar itself, and nothing of a span that has no instant."""
    parts = list(calendar.clipped(start, end))
    edges = [edge for part in parts for edge in part]

    assert {t for a, b in parts for t in range(a, b)} == {t for t in range(start, end) if calendar.allows(t)}
    assert all(before < after for before, after in pairwise(edges))


@pytest.mark.parametrize("end", [20, 15], ids=["empty", "turned round"])
def test_clipped_to_a_span_without_an_instant_gives_no_part(end: int) -> None:
    """R1.2, R5.2, R5.3: so it is where a job's start lies at or after the campaign's finish, inside an interval."""
    assert list(Calendar((10,), (30,)).clipped(20, end)) == []


def test_an_empty_span_and_hours_that_never_open_give_an_empty_calendar() -> None:
    """R4.4: one empty calendar, falsy, that allows nothing."""
    now = ms("2026-03-02T12:00Z")
    empty = Calendar((), ())

    assert compiled(Case([{}]), "Europe/Berlin", now, now) == empty
    assert compiled(Case([level("tue 10:00-12:00", "mon")]), "Europe/Berlin", now, now + 30 * DAY_MS) == empty
    assert empty.interval_at_or_after(now) is None
    assert not empty.allows(now)


# --- clocks that jump ------------------------------------------------------------------------------------------------


def calendar_of(fields: dict[str, Any], zone_id: str, start: str, end: str) -> list[str]:
    """The intervals of one level over a span."""
    return spans(compiled(Case([fields]), zone_id, ms(start), ms(end)))


def test_a_window_across_the_repeated_hour_compiles_to_two_intervals() -> None:
    """R4.2: the rule's own example, Europe/Berlin on 2026-10-25."""
    found = calendar_of(level("default 01:30-02:45"), "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T12:00Z")

    assert found == ["2026-10-24T23:30Z/2026-10-25T00:45Z", "2026-10-25T01:00Z/2026-10-25T01:45Z"]


def test_a_window_inside_the_skipped_hour_gives_nothing() -> None:
    """R4.2: Europe/Berlin on 2026-03-29 goes from 02:00 to 03:00."""
    assert calendar_of(level("sun 02:00-03:00"), "Europe/Berlin", "2026-03-29T00:00Z", "2026-03-30T00:00Z") == []


def test_a_window_that_ends_in_the_skipped_hour_ends_where_it_begins() -> None:
    """R4.2, remi-dupre/opening-hours-rs tests/localization.rs: 10:00-26:30 in Paris, 2024-03-31."""
    found = calendar_of(level("sat 10:00-02:30"), "Europe/Paris", "2024-03-30T00:00Z", "2024-04-01T00:00Z")

    assert found == ["2024-03-30T09:00Z/2024-03-31T01:00Z"]


@pytest.mark.parametrize(
    ("zone_id", "local_day", "opens", "hours"),
    [
        ("Europe/Berlin", "sat", "2024-03-30T21:00Z", 7),
        ("Europe/Berlin", "sat", "2024-10-26T20:00Z", 9),
        ("America/New_York", "sat", "2025-03-09T03:00Z", 7),
        ("America/New_York", "sat", "2025-11-02T02:00Z", 9),
        ("Australia/Lord_Howe", "sat", "2026-10-03T11:30Z", 7.5),
        ("Australia/Lord_Howe", "sat", "2026-04-04T11:00Z", 8.5),
        ("Antarctica/Troll", "sat", "2026-03-28T22:00Z", 6),
        ("Antarctica/Troll", "sat", "2026-10-24T20:00Z", 10),
        ("Africa/Casablanca", "sat", "2025-02-22T21:00Z", 9),
        ("Africa/Casablanca", "sat", "2025-04-05T22:00Z", 7),
    ],
)
def test_the_night_from_22_to_6_lasts_as_long_as_the_clock_makes_it(
    zone_id: str, local_day: str, opens: str, hours: float
) -> None:
    """R4.2, R4.3: an hour, 30 minutes, two hours, and in winter."""
    start = ms(opens)
    found = compiled(Case([level(f"{local_day} 22:00-06:00")]), zone_id, start - DAY_MS, start + 2 * DAY_MS)

    assert list(found) == [(start, start + int(hours * HOUR_MS))]


@pytest.mark.parametrize(
    ("zone_id", "change"),
    [
        ("America/Santiago", "2018-08-12T04:00Z"),
        ("America/Santiago", "2025-09-07T04:00Z"),
        ("America/Havana", "2026-03-08T05:00Z"),
        ("Africa/Cairo", "2025-04-24T22:00Z"),
        ("Asia/Beirut", "2025-03-29T22:00Z"),
        ("America/Sao_Paulo", "2018-11-04T03:00Z"),
        ("Atlantic/Azores", "2025-03-30T01:00Z"),
    ],
)
def test_where_midnight_is_skipped_a_night_and_a_morning_begin_an_hour_late(zone_id: str, change: str) -> None:
    """R4.3: 23:59 is followed by 01:00, so 23:00-02:00 lasts two hours, 00:00-02:00 one, and 00:00-01:00 none."""
    at = ms(change)
    span = at - 12 * HOUR_MS, at + 12 * HOUR_MS
    night, morning, hour = (
        compiled(Case([level(f"default {times}")]), zone_id, *span)
        for times in ("23:00-02:00", "00:00-02:00", "00:00-01:00")
    )

    assert list(night) == [(at - HOUR_MS, at + HOUR_MS)]
    assert list(morning) == [(at, at + HOUR_MS)]
    assert list(hour) == []


@pytest.mark.parametrize(
    ("zone_id", "change"),
    [
        ("America/Santiago", "2026-04-05T03:00Z"),
        ("Asia/Beirut", "2025-10-25T21:00Z"),
        ("Africa/Cairo", "2025-10-30T21:00Z"),
    ],
)
def test_where_midnight_is_put_off_the_last_hour_of_the_day_counts_twice(zone_id: str, change: str) -> None:
    """R4.2, R4.3: 23:59 is followed by 23:00 of the same day."""
    at = ms(change)
    day = wall_clock(zone_id, at).weekday()
    found = compiled(Case([level(f"{DAYS[day]} 23:00-00:00")]), zone_id, at - DAY_MS, at + DAY_MS)

    assert list(found) == [(at - HOUR_MS, at + HOUR_MS)]


def test_half_an_hour_is_skipped_and_repeated_in_lord_howe() -> None:
    """R4.3: 02:00 to 02:30 on 2026-10-04, 02:00 to 01:30 on 2026-04-05."""
    fields = level("sun 01:00-01:45 02:15-03:00")
    spring = calendar_of(fields, "Australia/Lord_Howe", "2026-10-03T12:00Z", "2026-10-04T12:00Z")
    autumn = calendar_of(fields, "Australia/Lord_Howe", "2026-04-04T12:00Z", "2026-04-05T12:00Z")

    assert spring == ["2026-10-03T14:30Z/2026-10-03T15:15Z", "2026-10-03T15:30Z/2026-10-03T16:00Z"]
    assert autumn == [
        *("2026-04-04T14:00Z/2026-04-04T14:45Z", "2026-04-04T15:00Z/2026-04-04T15:15Z"),
        "2026-04-04T15:45Z/2026-04-04T16:30Z",
    ]


APIA = "Pacific/Apia", "2011-12-29T00:00Z", "2012-01-02T00:00Z"


def test_the_tail_of_the_friday_that_apia_skips_counts_on_saturday() -> None:
    """R4.3: 2011-12-30 does not exist, and keeps its place in the week."""
    assert calendar_of(level("fri 22:00-06:00"), *APIA) == ["2011-12-30T10:00Z/2011-12-30T16:00Z"]


def test_the_tail_of_the_thursday_before_the_skipped_friday_is_lost() -> None:
    """R4.3: it would have reached into the missing day."""
    assert calendar_of(level("thu 22:00-06:00"), *APIA) == ["2011-12-30T08:00Z/2011-12-30T10:00Z"]


def test_windows_on_the_skipped_friday_give_nothing() -> None:
    """R4.3: the week goes from Thursday to Saturday."""
    assert calendar_of(level(days="fri"), *APIA) == []
    assert calendar_of(level(days="thu sat"), *APIA) == ["2011-12-29T10:00Z/2011-12-31T10:00Z"]


def test_a_blackout_of_the_skipped_friday_takes_its_tail() -> None:
    """R4.3, R3.10."""
    case = Case([level("fri,sat 22:00-06:00")], {}, frozenset({date(2011, 12, 30)}))
    found = compiled(case, APIA[0], ms(APIA[1]), ms(APIA[2]))

    assert spans(found) == ["2011-12-31T08:00Z/2011-12-31T16:00Z"]


@pytest.mark.parametrize("tail", ["keep", "clip"])
def test_a_blackout_date_closes_what_starts_on_it_and_leaves_the_tail_of_the_night_before(tail: str) -> None:
    """R3.10, opening-hours/opening_hours.js#87: under either reading of R3.7."""
    case = Case([level("default 22:00-06:00", "sat sun mon")], {"overnightTail": tail}, frozenset({date(2026, 3, 8)}))
    found = spans(compiled(case, "Z", ms("2026-03-07T12:00Z"), ms("2026-03-09T12:00Z")))

    assert found == ["2026-03-07T22:00Z/2026-03-08T06:00Z"]


def test_a_blackout_date_is_a_date_of_the_zone_and_no_day_of_utc() -> None:
    """R3.10, spatie/opening-hours#157: 2020-10-12 in New York."""
    case = Case([{}], {}, frozenset({date(2020, 10, 12)}))
    found = spans(compiled(case, "America/New_York", ms("2020-10-11T00:00Z"), ms("2020-10-15T00:00Z")))

    assert found == ["2020-10-11T00:00Z/2020-10-12T04:00Z", "2020-10-13T04:00Z/2020-10-15T00:00Z"]


# --- what other tools got wrong: open or closed, and the interval at or after ----------------------------------------


def rows(table: str) -> list[Any]:
    """The lines of a table whose first column is the source, as parameters."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [pytest.param(*cells, id=source) for source, *cells in lines]


STATES = """
spatie/opening-hours#258 | mon 18:00-05:00; tue 17:00-06:00 | | Z | 2024-11-12T05:30Z | closed
spatie/opening-hours#111 | mon 11:00-18:00; tue 13:37-15:37 | | Z | 2019-06-04T11:35Z | closed
spatie/opening-hours#172-fri | fri,sat 23:00-04:00; thu 09:00-23:00 | | Z | 2021-06-18T03:30Z | closed
spatie/opening-hours#172-sat | fri,sat 23:00-04:00; thu 09:00-23:00 | | Z | 2021-06-19T03:30Z | open
coredevices/PebbleOS#1436-wed | wed 22:00-07:00 | | Z | 2026-03-04T03:00Z | closed
coredevices/PebbleOS#1436-thu | wed 22:00-07:00 | | Z | 2026-03-05T02:00Z | open
SatyamPandey-07/WorkSphere#2205 | fri 20:00-02:00; sat 10:00-14:00 | | Z | 2026-03-07T01:00Z | open
greghesp/assistant-relay#218 | default 21:00-07:00 | | Z | 2026-03-04T00:30Z | open
wingsky-1/dsh-plugin-hub#181 | default 00:00-23:59 | | Z | 2026-03-04T23:59:30Z | closed
wingsky-1/dsh-plugin-hub#181-whole | default 00:00-12:00 12:00-00:00 | | Z | 2026-03-04T23:59:30Z | open
kedacore/keda#4677 | default 06:30-22:10 | mon tue wed thu fri | Europe/Prague | 2026-03-07T11:00Z | closed
prometheus/alertmanager#2935-thu | default 12:00-19:00 | wed | Z | 2026-03-05T13:00Z | closed
prometheus/alertmanager#2935-wed | default 12:00-19:00 | wed | Z | 2026-03-04T13:00Z | open
prometheus/alertmanager#2935-wed-11 | default 12:00-19:00 | wed | Z | 2026-03-04T11:00Z | closed
bokmann/business_time#227 | default 23:50-15:00 | | Z | 2026-03-05T14:56Z | open
ccabrerar/vicidial | default 22:00-06:00 | | America/Chicago | 2026-03-05T05:00Z | open
newfies-dialer | default 08:00-22:00 | fri | America/New_York | 2026-07-04T00:30Z | open
"""


@pytest.mark.parametrize(("times", "days", "zone_id", "at", "state"), rows(STATES))
def test_open_or_closed(times: str, days: str, zone_id: str, at: str, state: str) -> None:
    """R3.3, R3.7, R4.1: by repo#issue."""
    instant = ms(at)
    found = compiled(Case([level(times, days)]), zone_id, instant - 8 * DAY_MS, instant + DAY_MS)

    assert found.allows(instant) == (state == "open")


INTERVALS = """
opening-hours#258 | mon 18:00-05:00; tue 17:00-06:00 | Z | 2024-11-12T05:30Z | 2024-11-12T17:00Z/2024-11-13T06:00Z
spatie/opening-hours#88 | mon 09:00-00:00; tue 00:00-03:00 | Z | 2019-02-04T16:00Z | 2019-02-04T09:00Z/2019-02-05T03:00Z
spatie/opening-hours#44 | mon,tue,wed,thu,fri 00:00-16:00 | Z | 2026-03-06T17:00Z | 2026-03-09T00:00Z/2026-03-09T16:00Z
spatie/opening-hours#255 | default 00:01-00:00 | Z | 2024-10-22T00:00Z | 2024-10-22T00:01Z/2024-10-23T00:00Z
opening_hours.js#299 | default 09:00-00:00 00:00-01:00 | Z | 2026-03-04T12:00Z | 2026-03-04T09:00Z/2026-03-05T01:00Z
opening_hours.js#261 | thu 07:00-04:00; fri 09:00-17:00 | Z | 2026-03-06T02:00Z | 2026-03-05T07:00Z/2026-03-06T04:00Z
opening-hours-rs#56 | default 00:30-05:30 | Z | 2024-11-25T17:30Z | 2024-11-26T00:30Z/2024-11-26T05:30Z
Uninett/nav#68 | mon,tue,wed,thu,fri 16:00-08:00 | Z | 2026-03-03T06:00Z | 2026-03-02T16:00Z/2026-03-03T08:00Z
keda#4677 | fri,sat,sun 06:30-22:10 | Europe/Prague | 2026-03-06T21:00Z | 2026-03-06T05:30Z/2026-03-06T21:10Z
moment-business-time#34 | default 09:30-04:00 | Z | 2026-03-04T12:00Z | 2026-03-04T09:30Z/2026-03-05T04:00Z
systemd#8647 | default 02:00-03:00 | Australia/Sydney | 2018-03-31T15:30Z | 2018-03-31T15:00Z/2018-03-31T17:00Z
"""


@pytest.mark.parametrize(("times", "zone_id", "at", "interval"), rows(INTERVALS))
def test_the_interval_at_or_after(times: str, zone_id: str, at: str, interval: str) -> None:
    """R3.3, R3.7, R4.2, R4.4: by repo#issue."""
    instant = ms(at)
    found = compiled(Case([level(times)]), zone_id, instant - 8 * DAY_MS, instant + 8 * DAY_MS)
    opens, closes = found.interval_at_or_after(instant) or (0, 0)

    assert f"{utc(opens)}/{utc(closes)}" == interval


@pytest.mark.parametrize("times", ["default 00:00-12:00 12:00-00:00", ""], ids=["written", "nothing set"])
def test_what_is_always_open_is_one_interval_and_has_no_next_change(times: str) -> None:
    """R4.4, spatie/opening-hours#113, remi-dupre/opening-hours-rs#45: finite, across both changes of a year."""
    span = ms("2026-01-01T00:00Z"), ms("2027-01-01T00:00Z")

    assert list(compiled(Case([level(times)]), "Europe/Berlin", *span)) == [span]


def test_a_window_that_touches_the_next_day_s_is_one_piece_over_midnight() -> None:
    """R4.4, remi-dupre/opening-hours-rs#52."""
    found = calendar_of(level("default 00:00-06:00 23:00-00:00"), "Z", "2024-11-11T01:00Z", "2024-11-12T01:00Z")

    assert found == ["2024-11-11T01:00Z/2024-11-11T06:00Z", "2024-11-11T23:00Z/2024-11-12T01:00Z"]


# --- what other tools got wrong: the next openings -------------------------------------------------------------------


def minutes(cron: str) -> list[int]:
    """The minutes of the day that `08:00 17:30` or `30/60` (each 60 minutes from 00:30 on) stands for."""
    if "/" in cron:
        start, step = map(int, cron.split("/"))
        return list(range(start, 1440, step))
    return [int(time[:2]) * 60 + int(time[3:]) for time in cron.split()]


def fires(cron: str, days: str = "") -> dict[str, Any]:
    """A cron expression: windows of one minute that open at each of its times."""
    clocks = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
    windows = [f"{clocks[minute]}-{clocks[(minute + 1) % 1440]}" for minute in minutes(cron)]
    return level(f"default {' '.join(windows)}", days)


def openings(fields: dict[str, Any], zone_id: str, after: str, count: int) -> list[str]:
    """The first openings after an instant."""
    start = ms(after)
    calendar = compiled(Case([fields]), zone_id, start - DAY_MS, start + 42 * DAY_MS)
    return [utc(opens) for opens in calendar.opens if opens > start][:count]


OPENINGS = """
dbader/schedule#579 | 00:00 | | US/Central | 2023-04-14T02:50Z | 2023-04-14T05:00Z
harrisiirak/cron-parser#400 | 08:00 | sun | America/Chicago | 2026-03-08T05:45Z | 2026-03-08T13:00Z
cronie-crond/cronie#218 | 12:00 | sun | Europe/Berlin | 2022-03-24T11:00Z | 2022-03-27T10:00Z
dragonmantank/cron-expression#220 | 00:00 | | Europe/Prague | 2026-03-28T23:30Z | 2026-03-29T22:00Z
node-cron/node-cron#518 | 02:30 | | America/New_York | 2026-03-08T06:30Z | 2026-03-09T06:30Z
node-cron/node-cron#517 | 1/2 | | America/New_York | 2026-03-08T06:58Z | 2026-03-08T06:59Z 2026-03-08T07:01Z
agronholm/apscheduler#1059 | 02:00 | | US/Eastern | 2013-03-10T06:59Z | 2013-03-11T06:00Z
agronholm/apscheduler#529 | 00:00 | mon tue wed thu fri | US/Central | 2021-03-12T06:00:00.001Z | 2021-03-15T05:00Z
agronholm/apscheduler#115 | 08:00 | | Europe/Berlin | 2016-03-26T20:00Z | 2016-03-27T06:00Z
jmrozanec/cron-utils#332 | 06:00 | | America/Santiago | 2018-08-12T06:00Z | 2018-08-12T09:00Z
quartznet#846-fri | 17:00 19:00 | mon fri | America/New_York | 2020-03-06T21:59Z | 2020-03-06T22:00Z 2020-03-07T00:00Z
quartznet#846-mon | 17:00 19:00 | fri mon | America/New_York | 2020-03-07T00:00Z | 2020-03-09T21:00Z 2020-03-09T23:00Z
quartz-scheduler/quartz#1352 | 02:30 | | Europe/Amsterdam | 2025-04-01T00:00Z | 2025-04-01T00:30Z
kelektiv/node-cron#638 | 02:30 | | Europe/Amsterdam | 2023-03-26T00:00Z | 2023-03-27T00:30Z
robfig/cron#541 | 02:00 | | US/Pacific | 2025-03-09T08:00Z | 2025-03-10T09:00Z
croniter#91 | 06:00 | | America/New_York | 2024-03-08T08:00Z | 2024-03-08T11:00Z 2024-03-09T11:00Z 2024-03-10T10:00Z
dateutil#1425-before | 02:30 | | America/New_York | 2025-03-07T05:00Z | 2025-03-07T07:30Z 2025-03-08T07:30Z
dateutil#1425-after | 02:30 | | America/New_York | 2025-03-09T05:00Z | 2025-03-10T06:30Z 2025-03-11T06:30Z
pallets-eco/croniter#258 | 0/60 | | Australia/Lord_Howe | 2019-10-05T15:13Z | 2019-10-05T16:00Z
pallets-eco/croniter#56-first | 0/5 | | Europe/Zurich | 2023-10-29T00:55Z | 2023-10-29T01:00Z
pallets-eco/croniter#56-second | 0/5 | | Europe/Zurich | 2023-10-29T01:30Z | 2023-10-29T01:35Z
agronholm/apscheduler#1021 | 30/60 | | Europe/Helsinki | 2017-10-29T01:45Z | 2017-10-29T02:30Z
apscheduler#980 | 0/120 | | Europe/London | 2024-10-26T22:00Z | 2024-10-26T23:00Z 2024-10-27T02:00Z 2024-10-27T04:00Z
nyaruka/rapidpro#6905 | 00:00 | | Europe/London | 2026-10-24T23:00Z | 2026-10-26T00:00Z
taichino/croniter#116 | 08:00 | mon tue wed thu fri | America/New_York | 2018-11-02T12:00Z | 2018-11-05T13:00Z
pallets-eco/croniter#191 | 03:10 | sun | Europe/Prague | 2025-10-19T10:00Z | 2025-10-26T02:10Z
croniter#147 | 01:00 | | Europe/Berlin | 2020-10-23T22:00Z | 2020-10-23T23:00Z 2020-10-24T23:00Z 2020-10-26T00:00Z
HangfireIO/Cronos#71 | 02:00 | sun | Europe/Berlin | 2024-10-27T00:30Z | 2024-10-27T01:00Z 2024-11-03T01:00Z
harrisiirak/cron-parser#446 | 01:30 | | America/New_York | 2025-11-02T04:00Z | 2025-11-02T05:30Z 2025-11-02T06:30Z
temporal#10058 | 00:00 | | America/Los_Angeles | 2018-11-03T12:00Z | 2018-11-04T07:00Z 2018-11-05T08:00Z
jkbrzt/rrule#157 | 16:00 | sun | Australia/Sydney | 2016-09-30T00:00Z | 2016-10-02T05:00Z
rrule#390 | 00:00 | | Europe/London | 2020-03-27T12:00Z | 2020-03-28T00:00Z 2020-03-29T00:00Z 2020-03-29T23:00Z
rrule#556 | 01:00 | mon wed thu | US/Mountain | 2022-09-25T06Z | 2022-09-26T07:00Z 2022-09-28T07:00Z 2022-09-29T07:00Z
"""


@pytest.mark.parametrize(("cron", "days", "zone_id", "after", "found"), rows(OPENINGS))
def test_the_next_openings(cron: str, days: str, zone_id: str, after: str, found: str) -> None:
    """R4.1, R4.2: by repo#issue."""
    assert openings(fires(cron, days), zone_id, after, len(found.split())) == found.split()


def test_every_half_hour_of_a_night_that_lacks_one_hour() -> None:
    """R4.2, quartznet/quartznet#341: Stockholm, 01:00 to 06:00, nine openings, then the next Sunday's."""
    half_hours = [f"2016-03-27T0{hour}:{minute}Z" for hour in range(5) for minute in ("00", "30")]
    fields = fires("01:00 01:30 02:00 02:30 03:00 03:30 04:00 04:30 05:00 05:30 06:00", "sun")

    assert openings(fields, "Europe/Stockholm", "2016-03-26T12:00Z", 10) == [*half_hours[:9], "2016-04-02T23:00Z"]


def test_midnight_of_a_zone_without_changes_is_one_time_of_utc() -> None:
    """R4.1, jkbrzt/rrule#295: Eucla, a quarter to nine ahead."""
    april = [f"2019-04-{day:02d}T15:15Z" for day in range(1, 31)]

    assert openings(fires("00:00"), "Australia/Eucla", "2019-04-01T00:00Z", 30) == april


@pytest.mark.parametrize(
    ("zone_id", "start", "end", "count"),
    [
        ("America/New_York", "2026-03-08T05:00Z", "2026-03-09T04:00Z", 23 * 12),
        ("America/Chicago", "2016-11-06T05:00Z", "2016-11-07T06:00Z", 25 * 12),
    ],
    ids=["quartznet/quartznet#332", "quartznet/quartznet#420"],
)
def test_every_five_minutes_of_a_short_and_of_a_long_day(zone_id: str, start: str, end: str, count: int) -> None:
    """R4.2: from 00:00 to 23:55, each hour that there is."""
    found = compiled(Case([fires("0/5")]), zone_id, ms(start), ms(end))

    assert [one - other for other, one in pairwise(found.opens)] == [5 * MINUTE_MS] * (count - 1)


def test_nothing_opens_past_the_end() -> None:
    """R1.2, quartznet/quartznet#3196: Sunday's 02:30 lies in the gap, which is the end."""
    found = calendar_of(level("sat,sun 02:30-04:00"), "Europe/Berlin", "2018-03-24T00:00Z", "2018-03-25T01:00Z")

    assert found == ["2018-03-24T01:30Z/2018-03-24T03:00Z"]


@pytest.mark.parametrize(
    ("zone_id", "winter", "summer"),
    [
        ("America/New_York", "2025-01-15T14:00Z", "2025-07-15T13:00Z"),
        ("Europe/Berlin", "2025-01-15T08:00Z", "2025-07-15T07:00Z"),
    ],
    ids=["ansible/awx#15809", "chatwoot/chatwoot#2882"],
)
def test_one_calendar_keeps_the_wall_clock_in_summer_and_winter(zone_id: str, winter: str, summer: str) -> None:
    """R4.1: 09:00 is converted for each date, and not once."""
    found = compiled(Case([level("default 09:00-10:00")]), zone_id, ms("2024-07-01T00:00Z"), ms("2025-08-01T00:00Z"))

    assert {ms(winter), ms(summer)} <= set(found.opens)
    assert {wall_clock(zone_id, opens).strftime("%H:%M") for opens in found.opens} == {"09:00"}
