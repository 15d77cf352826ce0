"""Figures over time: bins on a zone's wall clock, laid out on UTC.

Within each run of constant offset of the zone, bins begin at multiples of a round step of the local clock; they are cut
where the clock jumps and at both ends of the span, so they leave no gap, and nothing is counted twice or lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from scheduler.engine.lines import UNLIMITED
from scheduler.engine.timeline import History
from scheduler.jobs import DayLines
from scheduler.page.result import Result
from scheduler.page.told import Base, Series
from scheduler.policy.instants import DAY_MS, MINUTE_MS
from scheduler.policy.zones import Zone
from scheduler.views.counts import bins_of_runs, round_step

MAX_BASE = 20_000  # bins of a mailed file, about


def series_of(result: Result, from_ms: int, until_ms: int, bins: int, zone: Zone) -> Series:
    """The figures of [from_ms, until_ms), in about so many bins. O(bins log n), and a look at each dial."""
    step_ms = round_step(until_ms - from_ms, bins)
    spans = [(begin_ms, end_ms) for _, begin_ms, end_ms in bins_of_runs(zone, from_ms, until_ms, step_ms)]
    held, history = result.held, result.timeline.history
    before_ms = [held.before(begin_ms) for begin_ms, _ in spans]
    before_ms.append(held.before(until_ms))
    placed = [result.placed(begin_ms) for begin_ms, _ in spans]
    placed.append(result.placed(until_ms))
    ends = [result.stones.by(end_ms) for _, end_ms in spans]
    return Series(
        stepMs=step_ms,
        fromMs=[begin_ms for begin_ms, _ in spans],
        untilMs=[end_ms for _, end_ms in spans],
        dials=[after - before for before, after in pairwise(placed)],
        busyMean=[
            round((before_ms[place + 1] - before_ms[place]) / (end_ms - begin_ms), 4)
            for place, (begin_ms, end_ms) in enumerate(spans)
        ],
        busyMost=[held.most(*span) for span in spans],
        lines=[most_lines(history, *span) for span in spans],
        dialled=[each[0] for each in ends],
        answered=[each[1] for each in ends],
        done=[each[2] for each in ends],
    )


def most_lines(history: History, from_ms: int, until_ms: int) -> int | None:
    """The most lines that there were at any instant of [from_ms, until_ms); None without a limit."""
    limits = history.limits
    most = 0
    for place, (since_ms, limit) in enumerate(limits):
        begin_ms = from_ms if place == 0 else max(since_ms, from_ms)
        end_ms = min(limits[place + 1][0], until_ms) if place + 1 < len(limits) else until_ms
        if begin_ms >= end_ms:
            continue
        if isinstance(limit.lines, DayLines) and end_ms - begin_ms >= 2 * DAY_MS:
            most = max(most, *(lines for _, lines in limit.lines.steps))
            continue
        while begin_ms < end_ms:
            most = max(most, limit.at(begin_ms))
            begin_ms = limit.next_change(begin_ms)
    return None if most == UNLIMITED else most


def base_of(result: Result) -> Base:
    """The figures of each of the finest bins in which something happened, for a file that has no engine.

    Bins lie at multiples of the step since 1970, which is a minute unless there would be more than about MAX_BASE.
    """
    held = result.held
    step_ms = MINUTE_MS
    places = _busy_bins(result, step_ms)
    while len(places) > MAX_BASE:
        step_ms *= 5 if step_ms == MINUTE_MS else 3 if step_ms == 5 * MINUTE_MS else 2
        places = _busy_bins(result, step_ms)
    spans = [(place * step_ms, (place + 1) * step_ms) for place in places]
    ends = [result.stones.by(end_ms) for _, end_ms in spans]
    return Base(
        stepMs=step_ms,
        fromMs=[begin_ms for begin_ms, _ in spans],
        dials=[result.placed(end_ms) - result.placed(begin_ms) for begin_ms, end_ms in spans],
        heldMs=[held.before(end_ms) - held.before(begin_ms) for begin_ms, end_ms in spans],
        busyMost=[held.most(*span) for span in spans],
        dialled=[each[0] for each in ends],
        answered=[each[1] for each in ends],
        done=[each[2] for each in ends],
    )


def limits_of(history: History, from_ms: int, until_ms: int) -> list[tuple[int, int | None]]:
    """From each instant on, how many lines there are, for a file; None without a limit. At most about MAX_BASE."""
    return list(islice(_limits(history, from_ms, until_ms), MAX_BASE))


def _limits(history: History, from_ms: int, until_ms: int) -> Iterator[tuple[int, int | None]]:
    limits = history.limits
    for place, (since_ms, limit) in enumerate(limits):
        at_ms = from_ms if place == 0 else max(since_ms, from_ms)
        end_ms = min(limits[place + 1][0], until_ms) if place + 1 < len(limits) else until_ms
        while at_ms < end_ms:
            lines = limit.at(at_ms)
            yield at_ms, None if lines == UNLIMITED else lines
            at_ms = limit.next_change(at_ms)


def _busy_bins(result: Result, step_ms: int) -> list[int]:
    """The bins in which a line was held, or a number was done with."""
    found = {done_ms // step_ms for done_ms in result.stones.done}
    lengths = zip(result.held.begins, result.timeline.columns.length_ms, strict=True)
    for at_ms, length_ms in lengths:
        end_ms = min(at_ms + length_ms, result.timeline.until_ms)
        found.update(range(at_ms // step_ms, (end_ms - 1) // step_ms + 1))
    return sorted(found)
