"""What charts show of a timeline, counted: plain numbers, few enough to be drawn.

Time is laid out on the wall clock of one zone, in bins of one length on that clock. Where the clock goes back, a bin
is as much longer as the hour that comes twice, and where it goes forward, a bin is shorter or absent; so means are
over the time that a bin really has, and nothing is counted twice or lost.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from scheduler.engine.columns import ANSWERED, NOT_ENDED, OUTCOME_MASK
from scheduler.engine.timeline import Timeline
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from scheduler.policy.zones import Zone

MAX_BINS = 240
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS  # the epoch was a Thursday
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


def round_step(span_ms: int, bins: int) -> int:
    """The least round length, of a minute or more, of which at most so many cover a span.

    >>> round_step(4 * HOUR_MS, 240) == MINUTE_MS, round_step(4 * HOUR_MS, 50) == 5 * MINUTE_MS
    (True, True)
    """
    step_ms = next((step for step in STEPS_MS if span_ms <= step * bins), STEPS_MS[-1])
    while span_ms > step_ms * bins:
        step_ms *= 2
    return step_ms


def bins_of_runs(zone: Zone, begin_ms: int, end_ms: int, step_ms: int) -> Iterator[tuple[int, int, int]]:
    """The spans that cover [begin_ms, end_ms) without a gap, each with what the clock shows where its bin begins.

    A bin lasts `step_ms` on the zone's clock, and weeks begin on Mondays; it is cut where the clock jumps, and at
    both ends. In order.
    """
    origin_ms = 0 if step_ms % WEEK_MS else MONDAY_MS
    for from_ms, until_ms, offset_ms in zone.runs(begin_ms, end_ms):
        shift_ms = offset_ms - origin_ms
        for place in range((from_ms + shift_ms) // step_ms, (until_ms + shift_ms - 1) // step_ms + 1):
            clock_ms = place * step_ms + origin_ms
            yield clock_ms, max(from_ms, clock_ms - offset_ms), min(until_ms, clock_ms + step_ms - offset_ms)


def clock_bins(zone: Zone, begin_ms: int, end_ms: int) -> list[Bin]:
    """The bins that cover [begin_ms, end_ms) on a zone's clock: at most about MAX_BINS, of a round length, in order.

    >>> from scheduler.policy.zones import parse_zone
    >>> bins = clock_bins(parse_zone("UTC"), 1772442000000, 1772456400000)
    >>> len(bins), bins[0].clock_end_ms - bins[0].clock_ms
    (240, 60000)
    """
    step_ms = round_step(end_ms - begin_ms, MAX_BINS)
    spans: dict[int, list[tuple[int, int]]] = {}
    for clock_ms, from_ms, until_ms in bins_of_runs(zone, begin_ms, end_ms, step_ms):
        spans.setdefault(clock_ms, []).append((from_ms, until_ms))
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


class LinesHeld:
    """The lines that the calls of a run held, at any time and over any span, up to the end of the run.

    Made in a few microseconds a dial; then a look is O(log n), and one for the most lines O(dials in the span).
    """

    def __init__(self, timeline: Timeline) -> None:
        self.begins = timeline.columns.at
        lengths = zip(self.begins, timeline.columns.length_ms, strict=True)
        self.ends = array("q", sorted(min(at_ms + length_ms, timeline.until_ms) for at_ms, length_ms in lengths))
        # Of times since the beginning of the run, whose sums no list is too long for.
        self._now_ms = timeline.now_ms
        self._begun = array("q", accumulate((at_ms - self._now_ms for at_ms in self.begins), initial=0))
        self._ended = array("q", accumulate((end_ms - self._now_ms for end_ms in self.ends), initial=0))

    @cached_property
    def _busy(self) -> array[int]:
        """The lines that are held once each dial is placed."""
        busy = array("I")
        gone, ends = 0, self.ends
        for call, at_ms in enumerate(self.begins, 1):
            while ends[gone] <= at_ms:
                gone += 1
            busy.append(call - gone)
        return busy

    def before(self, instant_ms: int) -> int:
        """The sum of the times that all lines were held before an instant, in milliseconds."""
        calls, gone = bisect_left(self.begins, instant_ms), bisect_left(self.ends, instant_ms)
        return (calls - gone) * (instant_ms - self._now_ms) - (self._begun[calls] - self._ended[gone])

    def most(self, from_ms: int, until_ms: int) -> int:
        """The most lines at any instant of [from_ms, until_ms)."""
        first = bisect_right(self.begins, from_ms)
        held = first - bisect_right(self.ends, from_ms)
        return max(held, max(self._busy[first : bisect_left(self.begins, until_ms)], default=0))


def lines_busy(timeline: Timeline, zone: Zone) -> list[Busy]:
    """The lines that calls held over time, on a zone's clock, up to the end of the run; [] without dials.

    The times held add up to the lengths of all calls within the run. A few microseconds a dial.
    """
    held = LinesHeld(timeline)
    if not held.begins:
        return []
    return [
        Busy(
            each.clock_ms,
            each.clock_end_ms,
            sum(until_ms - from_ms for from_ms, until_ms in each.spans),
            sum(held.before(until_ms) - held.before(from_ms) for from_ms, until_ms in each.spans),
            max(held.most(*span) for span in each.spans),
        )
        for each in clock_bins(zone, held.begins[0], held.ends[-1])
    ]


class Milestones(NamedTuple):
    """When numbers were dialled first, answered first, and done with: sorted instants, one for each such number."""

    dialled: array[int]
    answered: array[int]
    done: array[int]

    def by(self, instant_ms: int) -> tuple[int, int, int]:
        """How many numbers were dialled, answered and done with before an instant."""
        dialled, answered, done = (bisect_left(each, instant_ms) for each in self)
        return dialled, answered, done


def milestones(timeline: Timeline) -> Milestones:
    """When the numbers of a run came how far. A number is done with when its job and all of its redials have ended."""
    columns, jobs = timeline.columns, timeline.jobs
    dialled: dict[int, int] = {}
    answered: dict[int, int] = {}
    for place, at_ms, code in zip(columns.job, columns.at, columns.outcome, strict=True):
        number = jobs[place].index
        dialled.setdefault(number, at_ms)
        if code & OUTCOME_MASK == ANSWERED:
            answered.setdefault(number, at_ms)
    done: dict[int, int] = {}
    unfinished: set[int] = set()
    for job, ended_ms in zip(jobs, columns.ended_at, strict=True):
        if ended_ms == NOT_ENDED:
            unfinished.add(job.index)
        done[job.index] = max(ended_ms, done.get(job.index, ended_ms))
    ended = (at_ms for number, at_ms in done.items() if number not in unfinished)
    return Milestones(*(array("q", sorted(each)) for each in (dialled.values(), answered.values(), ended)))


def progress(timeline: Timeline, zone: Zone) -> list[Progress]:
    """How far the list was, from the first dial to the end of the last job, on a zone's clock; [] without dials.

    The first entry is where the first bin begins, each further one is the end of a bin.
    """
    begins = timeline.columns.at
    if not begins:
        return []
    stones = milestones(timeline)
    last_ms = max([begins[-1] + 1, *(each[-1] + 1 for each in stones if each)])
    bins = clock_bins(zone, begins[0], min(last_ms, timeline.until_ms + 1))
    first = Progress(bins[0].clock_ms, *stones.by(bins[0].spans[0][0]))
    return [first, *(Progress(each.clock_end_ms, *stones.by(each.spans[-1][1])) for each in bins)]
