"""The number of lines over the day (R11.3): what the wall clock says, and no change missed."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import DayLines
from scheduler.engine.gates import FOREVER
from scheduler.engine.lines import UNLIMITED, LineLimit
from scheduler.engine.timeline import History
from scheduler.policy.zones import parse_zone
from tests.oracles import wall_clock
from tests.strategies import at, instant

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
UTC = parse_zone("UTC")
# Around each, the clock of the zone jumps: by an hour, by half an hour, by 20 minutes, at midnight, in winter, by a
# day, by minutes and seconds.
JUMPS = (
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("America/Santiago", "2026-09-06T04:00"),
    ("Asia/Beirut", "2026-03-28T22:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("Antarctica/Troll", "2026-03-29T01:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("America/Juneau", "1867-10-18T15:02:19"),
    ("Africa/Monrovia", "1972-01-07T00:44:30"),
    ("Asia/Kathmandu", "2026-01-01T00:00"),
    ("-05:00", "2026-01-01T00:00"),
    ("+13:45", "2026-01-01T00:00"),
)
Steps = tuple[tuple[int, int], ...]


def steps() -> st.SearchStrategy[Steps]:
    """Some minutes of the day, each with its lines; many near the hours in which clocks change."""
    minutes = st.integers(0, 1439) | st.integers(0, 200) | st.sampled_from([0, 60, 90, 120, 150, 180, 1439])
    return st.dictionaries(minutes, st.integers(1, 3), min_size=1, max_size=5).map(
        lambda each: tuple(sorted(each.items()))
    )


def on_the_wall(day: Steps, zone: str, instant_ms: int) -> int:
    """The lines, read off the wall: those of the last step of the day, or before the first, of the day before."""
    clock = wall_clock(zone, instant_ms)
    begun = [lines for minute, lines in day if dt.time(minute // 60, minute % 60) <= clock.time()]
    return begun[-1] if begun else day[-1][1]


@given(st.sampled_from(JUMPS), steps(), st.integers(0, 59_999))
@settings(max_examples=60, deadline=None)
def test_lines_are_those_of_the_wall_clock_at_every_minute_around_a_jump(
    jump: tuple[str, str], day: Steps, shift_ms: int
) -> None:
    """R11.3, R4.3: half a day before and after it, and at the jump to the millisecond."""
    zone, text = jump
    limit = LineLimit(DayLines(day), parse_zone(zone))
    minutes = [at(text) + minute * MINUTE_MS + shift_ms for minute in range(-720, 720)]

    for instant_ms in [*minutes, at(text) - 1, at(text)]:
        assert limit.at(instant_ms) == on_the_wall(day, zone, instant_ms)


@given(st.sampled_from(JUMPS), steps(), st.integers(-26 * HOUR_MS, 26 * HOUR_MS))
@settings(max_examples=150, deadline=None)
def test_whoever_follows_the_changes_misses_none(jump: tuple[str, str], day: Steps, shift_ms: int) -> None:
    """R11.3: between two of them the lines stay, to the millisecond; they come in order, and not far apart."""
    zone, text = jump
    limit = LineLimit(DayLines(day), parse_zone(zone))
    begin_ms, end_ms = at(text) + shift_ms, at(text) + 52 * HOUR_MS
    changes = [begin_ms]
    while changes[-1] < end_ms:
        changes.append(limit.next_change(changes[-1]))
        assert changes[-1] > changes[-2]
    if len(day) == 1:
        assert changes[1:] == [FOREVER]
        changes[1:] = [end_ms]

    for one, other in pairwise(changes):
        seen = {on_the_wall(day, zone, instant_ms) for instant_ms in [*range(one, other, 7 * MINUTE_MS), other - 1]}
        assert seen == {limit.at(one)}
        assert limit.next_change(other - 1) == other or len(day) == 1


@pytest.mark.parametrize(
    ("zone", "now", "change"),
    [
        pytest.param("Europe/Berlin", "2026-03-29T00:10", "2026-03-29T01:00", id="the clock jumps over half past two"),
        pytest.param("Europe/Berlin", "2026-10-25T00:10", "2026-10-25T00:30", id="half past two, for the first time"),
        pytest.param("Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:00", id="the clock goes back to two"),
        pytest.param("Europe/Berlin", "2026-10-25T01:00", "2026-10-25T01:30", id="half past two, for the second time"),
        pytest.param("Z", "2026-03-29T02:30", "2026-03-29T12:00", id="a change is not one after itself"),
        pytest.param("Z", "2026-03-29T12:00", "2026-03-30T02:30", id="on the next day"),
        pytest.param("Pacific/Apia", "2011-12-29T22:00", "2011-12-30T10:00", id="a day is skipped"),
    ],
)
def test_the_next_change_is_a_step_or_a_jump_of_the_clock(zone: str, now: str, change: str) -> None:
    """R11.3, R4.3."""
    limit = LineLimit(DayLines(((150, 2), (720, 5))), parse_zone(zone))

    assert instant(limit.next_change(at(now))) == change + ":00Z"


@pytest.mark.parametrize(("lines", "expected"), [(None, UNLIMITED), (0, 0), (7, 7), (DayLines(((540, 3),)), 3)])
def test_lines_that_do_not_change_over_the_day_never_change(lines: int | DayLines | None, expected: int) -> None:
    """R11.1: one step holds all day, for before it that of the day before holds."""
    limit = LineLimit(lines, UTC)

    assert {limit.at(hour * HOUR_MS) for hour in range(-30, 30)} == {expected}
    assert limit.next_change(0) == FOREVER


def test_the_last_lines_that_were_set_hold() -> None:
    """R11.3, R13.1: of those of one instant the last; before the first, the first."""
    first, second, third = (LineLimit(lines, UTC) for lines in (1, 2, 3))
    history = History(limits=[(10, first), (20, second), (20, third)])

    assert [history.limit_at(instant_ms) for instant_ms in (0, 10, 19, 20, 99)] == [first, first, first, third, third]
