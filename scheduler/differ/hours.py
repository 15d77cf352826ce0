"""Dials per hour, before and after, on the clock of one zone: plain numbers, for tables and charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from scheduler.policy.clocks import LocalClocks
from scheduler.policy.instants import DAY_MS, HOUR_MS, SECOND_MS
from scheduler.policy.zones import Zone
from scheduler.testing.pinned import Pinned

MAX_STEPS = 240
WEEK_MS = 7 * DAY_MS
TO_MONDAY_MS = 4 * DAY_MS  # the epoch was a Thursday
STEPS_MS = (*(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)), *(days * DAY_MS for days in (1, 2, 7, 14, 28, 56, 112)))


class Hour(NamedTuple):
    """A span that a clock shows, by its beginning in milliseconds since that clock's own 1970, and its dials."""

    clock_ms: int
    before: int
    after: int


def dials_per_hour(old: Pinned, new: Pinned, zone: Zone) -> list[Hour]:
    """Every hour of a zone's clock in which a run has a dial, in order. A microsecond a dial.

    An hour that comes twice, as the clock goes back, is one.
    """
    ends = [dial.at_ms for run in (old, new) for dial in (*run.dials[:1], *run.dials[-1:])]
    clocks = LocalClocks(max(ends, default=0) + 1)
    before, after = (
        Counter((dial.at_ms + clocks.offset_s(zone, dial.at_ms) * SECOND_MS) // HOUR_MS * HOUR_MS for dial in run.dials)
        for run in (old, new)
    )
    return [Hour(clock_ms, before[clock_ms], after[clock_ms]) for clock_ms in sorted({*before, *after})]


def in_steps(hours: Iterable[Hour]) -> tuple[int, list[Hour]]:
    """The same in steps of one length, at most MAX_STEPS and none left out: their length, and the dials of each.

    >>> [tuple(each) for each in in_steps([Hour(0, 1, 0), Hour(2 * HOUR_MS, 0, 1)])[1]]
    [(0, 1, 0), (3600000, 0, 0), (7200000, 0, 1)]
    """
    hours = list(hours)
    if not hours:
        return HOUR_MS, []
    first_ms, end_ms = hours[0].clock_ms, hours[-1].clock_ms + HOUR_MS
    step_ms = next((step for step in STEPS_MS if end_ms - first_ms <= step * (MAX_STEPS - 1)), STEPS_MS[-1])
    while end_ms - first_ms > step_ms * (MAX_STEPS - 1):
        step_ms *= 2
    shift_ms = TO_MONDAY_MS if step_ms % WEEK_MS == 0 else 0
    counts: dict[int, tuple[int, int]] = {}
    for hour in hours:
        place = (hour.clock_ms - shift_ms) // step_ms
        before, after = counts.get(place, (0, 0))
        counts[place] = before + hour.before, after + hour.after
    places = range(min(counts), max(counts) + 1)
    return step_ms, [Hour(place * step_ms + shift_ms, *counts.get(place, (0, 0))) for place in places]
