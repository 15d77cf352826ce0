"""The figures of one run, as numbers under the names of `preview --format json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import NamedTuple

from scheduler.engine.summary import Summary
from scheduler.engine.timeline import Timeline
from scheduler.intake.nearest import nearest
from scheduler.jobs import JobState, UsageError
from scheduler.planning.statistics import Interval
from scheduler.policy.errors import shown
from scheduler.policy.instants import SECOND_MS

FINISHED_AT = "finishedAt"
OF_AGENTS = frozenset({"abandoned", "abandonedOfAnswers", "abandonedOfDials"})  # 0 in a campaign without agents


class Unit(StrEnum):
    """What a figure counts in."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    INSTANT = "instant"  # milliseconds since the epoch
    LINES = "lines"
    HOURS = "line hours"


class Trend(StrEnum):
    """What a figure does when there are more lines."""

    FALLS = "falls"
    RISES = "rises"
    EITHER = "falls or rises"


class _Run(NamedTuple):
    timeline: Timeline
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a run: its unit, what it tells, and what it does when there are more lines."""

    name: str
    unit: Unit
    tells: str
    with_lines: Trend
    of: Callable[[_Run], float] = field(repr=False, compare=False)


def _finished_at(run: _Run) -> float:
    """When the last job ended: infinity while one has not, the beginning of the run if there is none."""
    return inf if run.summary.unfinished else float(max(run.timeline.columns.ended_at, default=run.timeline.now_ms))


def _mean_lines(run: _Run) -> float:
    hours = run.summary.lines_busy
    return sum(hours.values()) / len(hours) if hours else 0.0


_ALL = (
    ("numbers", Unit.COUNT, "numbers submitted", Trend.EITHER, lambda run: run.summary.numbers),
    ("jobs", Unit.COUNT, "numbers and redials", Trend.RISES, lambda run: run.summary.jobs),
    ("dialled", Unit.COUNT, "jobs that were dialled", Trend.RISES, lambda run: run.summary.dialled),
    ("dials", Unit.COUNT, "dials placed", Trend.RISES, lambda run: run.summary.dials),
    ("answers", Unit.COUNT, "dials that were answered", Trend.RISES, lambda run: run.summary.answers),
    ("reach", Unit.SHARE, "numbers that were answered", Trend.RISES, lambda run: run.summary.reach),
    ("abandoned", Unit.COUNT, "answers that no agent took", Trend.EITHER, lambda run: run.summary.abandoned or 0),
    (
        "abandonedOfAnswers",
        Unit.SHARE,
        "answers that no agent took, of all answers",
        Trend.EITHER,
        lambda run: run.summary.abandoned_of_answers,
    ),
    (
        "abandonedOfDials",
        Unit.SHARE,
        "answers that no agent took, of all dials",
        Trend.EITHER,
        lambda run: run.summary.abandoned_of_dials,
    ),
    ("attemptsPerNumber", Unit.COUNT, "dials a number", Trend.RISES, lambda run: run.summary.attempts_per_number),
    (
        "secondsToLastDial",
        Unit.SECONDS,
        "from the beginning to the last dial",
        Trend.FALLS,
        lambda run: (run.summary.time_to_last_dial_ms or 0) / SECOND_MS,
    ),
    (FINISHED_AT, Unit.INSTANT, "when the last job ended; never, while one has not", Trend.FALLS, _finished_at),
    (
        "busiestHourDials",
        Unit.COUNT,
        "dials in the clock hour with the most",
        Trend.RISES,
        lambda run: run.summary.busiest_hour_dials,
    ),
    (
        "waitingSeconds.mean",
        Unit.SECONDS,
        "a dial's wait for a line, on average",
        Trend.FALLS,
        lambda run: run.summary.waiting.mean_ms / SECOND_MS,
    ),
    (
        "waitingSeconds.p95",
        Unit.SECONDS,
        "the wait for a line that 95 % of the dials do not exceed",
        Trend.FALLS,
        lambda run: run.summary.waiting.p95_ms / SECOND_MS,
    ),
    (
        "waitingSeconds.longest",
        Unit.SECONDS,
        "the longest wait for a line",
        Trend.FALLS,
        lambda run: run.summary.waiting.longest_ms / SECOND_MS,
    ),
    ("linesBusy.mean", Unit.LINES, "lines held, over the clock hours with a call", Trend.EITHER, _mean_lines),
    (
        "linesBusy.most",
        Unit.LINES,
        "lines held in the busiest clock hour, on average",
        Trend.RISES,
        lambda run: max(run.summary.lines_busy.values(), default=0.0),
    ),
    (
        "lineHours",
        Unit.HOURS,
        "time for which lines were held",
        Trend.RISES,
        lambda r: sum(r.summary.lines_busy.values()),
    ),
    (
        "notDone",
        Unit.COUNT,
        "jobs for which no allowed time was left",
        Trend.FALLS,
        lambda run: run.summary.states.get(JobState.NOT_DONE, 0),
    ),
    (
        "undialled",
        Unit.COUNT,
        "jobs that ended without a dial",
        Trend.FALLS,
        lambda run: sum(map(len, run.summary.undialled.values())),
    ),
    ("unfinished", Unit.COUNT, "jobs that had not ended", Trend.FALLS, lambda run: run.summary.unfinished),
)
FIGURES: Mapping[str, Figure] = {
    name: Figure(name=name, unit=unit, tells=tells, with_lines=trend, of=of) for name, unit, tells, trend, of in _ALL
}


def figures_of(timeline: Timeline) -> dict[str, float]:
    """The figures of a run. As much work as its summary: a few microseconds a dial.

    >>> from scheduler import Campaign, simulate
    >>> figures_of(simulate(Campaign(), [], now="2026-03-02"))["dials"]
    0.0
    """
    run = _Run(timeline, timeline.summary())
    return {name: float(figure.of(run)) for name, figure in FIGURES.items()}


def possible(interval: Interval | None, unit: Unit) -> Interval | None:
    """The part of an interval in which a mean in a unit can lie: shares from 0 to 1, all but instants from 0 on.

    >>> possible(Interval(-0.1, 0.7, 0.95), Unit.SHARE)
    Interval(low=0.0, high=0.7, confidence=0.95)
    """
    if interval is None or unit is Unit.INSTANT:
        return interval
    most = 1.0 if unit is Unit.SHARE else inf
    return replace(interval, low=max(interval.low, 0.0), high=min(interval.high, most))


def figure_named(name: str) -> Figure:
    """The figure with a name. Raises UsageError, with the name that was meant, where there is none.

    >>> figure_named("reach").unit.value
    'share'
    """
    figure = FIGURES.get(name)
    if figure is None:
        near = nearest(name, FIGURES)
        advice = f"did you mean {near}?" if near else f"the figures are {', '.join(FIGURES)}"
        raise UsageError(f"no such figure: {shown(name)}; {advice}")
    return figure
