"""What charts show of a timeline, counted: plain numbers, few enough to be drawn.

Time is laid out on the wall clock of one zone, in bins of one length on that clock. Where the clock goes back, a bin
is as much longer as the hour that comes twice, and where it goes forward, a bin is shorter or absent; so means are
over the time that a bin really has, and nothing is counted twice or lost.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from scheduler.engine.columns import ANSWERED, NOT_ENDED, OUTCOME_MASK
from scheduler.engine.timeline import Timeline
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from scheduler.policy.zones import Zone

MAX_BINS = 240
STEPS_MS = (
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14, 28, 56, 112, 224, 448)),
)


class Bin(NamedTuple):
    """Some minutes of a wall clock: what it shows at their beginning and end, and the spans in which it shows them.

    Clock readings are milliseconds since that clock's own 1970, spans are [from, until) in milliseconds UTC.
    """

    clock_ms: int
    clock_end_ms: int
    spans: list[tuple[int, int]]


class Busy(NamedTuple):
    """The lines that calls held in a bin: for how long in all, in how long a time, and the most at any instant."""

    clock_ms: int
    clock_end_ms: int
    real_ms: int
    held_ms: int
    most: int

    @property
    def mean(self) -> float:
        """The mean number of lines."""
        return self.held_ms / self.real_ms


class Progress(NamedTuple):
    """How many numbers were dialled, answered and done with (no more dials) by what a clock shows."""

    clock_ms: int
    dialled: int
    answered: int
    done: int


def clock_bins(zone: Zone, begin_ms: int, end_ms: int) -> list[Bin]:
    """The bins that cover [begin_ms, end_ms) on a zone's clock: at most about MAX_BINS, of a round length, in order.

    >>> from scheduler.policy.zones import parse_zone
    >>> bins = clock_bins(parse_zone("UTC"), 1772442000000, 1772456400000)
    >>> len(bins), bins[0].clock_end_ms - bins[0].clock_ms
    (240, 60000)
    """
    step_ms = next((step for step in STEPS_MS if (end_ms - begin_ms) <= step * MAX_BINS), STEPS_MS[-1])
    while end_ms - begin_ms > step_ms * MAX_BINS:
        step_ms *= 2
    spans: dict[int, list[tuple[int, int]]] = {}
    for from_ms, until_ms, offset_ms in zone.runs(begin_ms, end_ms):
        for place in range((from_ms + offset_ms) // step_ms, (until_ms + offset_ms - 1) // step_ms + 1):
            clock_ms = place * step_ms
            span = max(from_ms, clock_ms - offset_ms), min(until_ms, clock_ms + step_ms - offset_ms)
            spans.setdefault(clock_ms, []).append(span)
    return [Bin(clock_ms, clock_ms + step_ms, spans[clock_ms]) for clock_ms in sorted(spans)]


def dials_by_hour(timeline: Timeline) -> dict[tuple[str, int], int]:
    """How many dials there were by zone and hour of that zone's clock, 0 to 23; zones from east to west."""
    clocks = LocalClocks(timeline.until_ms)
    counted: Counter[tuple[Zone, int]] = Counter()
    for at_ms, place in zip(timeline.columns.at, timeline.columns.job, strict=True):
        zone = timeline.jobs[place].zone
        hour = (at_ms + clocks.offset_s(zone, at_ms) * SECOND_MS) // HOUR_MS % 24
        counted[zone, hour] += 1
    order = sorted(counted, key=lambda each: (-clocks.offset_s(each[0], timeline.now_ms), each[0].name, each[1]))
    return {(zone.name, hour): counted[zone, hour] for zone, hour in order}


def lines_busy(timeline: Timeline, zone: Zone) -> list[Busy]:
    """The lines that calls held over time, on a zone's clock, up to the end of the run; [] without dials.

    The times held add up to the lengths of all calls within the run. A few microseconds a dial.
    """
    columns = timeline.columns
    begins = columns.at
    if not begins:
        return []
    lengths = zip(begins, columns.length_ms, strict=True)
    ends = sorted(min(at_ms + length_ms, timeline.until_ms) for at_ms, length_ms in lengths)
    begun, ended = [0, *accumulate(begins)], [0, *accumulate(ends)]

    def held_before(instant_ms: int) -> int:
        """The sum of the times that all lines were held before an instant."""
        calls, gone = bisect_left(begins, instant_ms), bisect_left(ends, instant_ms)
        return (calls - gone) * instant_ms - (begun[calls] - ended[gone])

    def most_in(from_ms: int, until_ms: int) -> int:
        """The most lines at any instant of [from_ms, until_ms)."""
        gone = bisect_right(ends, from_ms)
        first = bisect_right(begins, from_ms)
        most = first - gone
        for call in range(first, bisect_left(begins, until_ms)):
            while ends[gone] <= begins[call]:
                gone += 1
            most = max(most, call + 1 - gone)
        return most

    return [
        Busy(
            each.clock_ms,
            each.clock_end_ms,
            sum(until_ms - from_ms for from_ms, until_ms in each.spans),
            sum(held_before(until_ms) - held_before(from_ms) for from_ms, until_ms in each.spans),
            max(most_in(*span) for span in each.spans),
        )
        for each in clock_bins(zone, begins[0], ends[-1])
    ]


def progress(timeline: Timeline, zone: Zone) -> list[Progress]:
    """How far the list was, from the first dial to the end of the last job, on a zone's clock; [] without dials.

    The first entry is where the first bin begins, each further one is the end of a bin. A number is done with when
    its job and those of all its redials have ended.
    """
    columns, jobs = timeline.columns, timeline.jobs
    if not columns.at:
        return []
    dialled: dict[int, int] = {}
    answered: dict[int, int] = {}
    for place, at_ms, code in zip(columns.job, columns.at, columns.outcome, strict=True):
        number = jobs[place].index
        dialled.setdefault(number, at_ms)
        if code & OUTCOME_MASK == ANSWERED:
            answered.setdefault(number, at_ms)
    done: dict[int, int | None] = {}
    for job, ended_ms in zip(jobs, columns.ended_at, strict=True):
        before = done.get(job.index, ended_ms)
        done[job.index] = None if before is None or ended_ms == NOT_ENDED else max(before, ended_ms)
    all_done = sorted(ended_ms for ended_ms in done.values() if ended_ms is not None)
    series = sorted(dialled.values()), sorted(answered.values()), all_done
    last_ms = max([columns.at[-1] + 1, *(each[-1] + 1 for each in series if each)])
    bins = clock_bins(zone, columns.at[0], min(last_ms, timeline.until_ms + 1))
    first = Progress(bins[0].clock_ms, *(bisect_left(each, bins[0].spans[0][0]) for each in series))
    return [first, *(Progress(each.clock_end_ms, *_by(series, each.spans)) for each in bins)]


def _by(series: Iterable[list[int]], spans: list[tuple[int, int]]) -> list[int]:
    return [bisect_left(each, spans[-1][1]) for each in series]
