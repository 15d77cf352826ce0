"""What was found as tables of text; with bars that run down a column of places, as a spark line does."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.planner.words import (
    field_words,
    interval_words,
    mean_words,
    runs_words,
    value_words,
)
from scheduler.planning import FIGURES, Estimate, GridPlace, Replications, Solution, Stopped, Unit
from scheduler.views.text import AS_BAR, WHAT, bars, drawn
from scheduler.views.words import counted

MAX_ROWS = 1000
COLUMNS = (
    "finishedAt",
    "reach",
    "waitingSeconds.mean",
    "waitingSeconds.p95",
    "linesBusy.most",
    "abandonedOfAnswers",
    "notDone",
    "unfinished",
)
ALWAYS = 5  # of these, the others only where they are not 0
OUTER = (0.05, 0.5, 0.95)


def lengths(estimates: Sequence[Estimate], now_ms: int) -> list[float]:
    """What bars show of means: of instants, their distance from the beginning."""
    return [each.mean - now_ms if each.unit is Unit.INSTANT else each.mean for each in estimates]


def runs_text(runs: Replications, *, plain: bool) -> str:
    """Every figure of the runs of one plan."""
    estimates = runs.estimates
    if runs.count == 1:
        rows = [[name, mean_words(each), FIGURES[name].tells] for name, each in estimates.items()]
        return drawn(["figure", "value", WHAT], rows, plain=plain)
    confidence = next((each.interval.confidence for each in estimates.values() if each.interval is not None), None)
    between = "mean lies between" if confidence is None else f"mean lies between, at {confidence:g}"
    head = ["figure", "mean", between, *(f"{share:.0%} of runs".replace("%", " %") for share in OUTER), WHAT]
    rows = [
        [
            name,
            mean_words(each),
            interval_words(each.interval, each.unit),
            *(value_words(each.quantiles[share], each.unit) for share in OUTER),
            FIGURES[name].tells,
        ]
        for name, each in estimates.items()
    ]
    return drawn(head, rows, plain=plain)


def grid_text(places: Sequence[GridPlace], figure: str, now_ms: int, *, plain: bool) -> str:
    """A row for each place of a grid: its fields, the figure with its interval and a bar, and some more figures."""
    more = [name for name in COLUMNS if name != figure and (name in COLUMNS[:ALWAYS] or _is_seen(places, name))]
    fields = list(places[0].fields)
    shown = places[:MAX_ROWS]
    lucky = any(place.runs.count > 1 for place in places)
    drawn_bars = bars(lengths([place.runs[figure] for place in places], now_ms), plain=plain)
    rows = [
        [
            *map(field_words, place.fields.values()),
            *([f"{place.runs.count:,}"] if lucky else []),
            mean_words(place.runs[figure]),
            *([interval_words(place.runs[figure].interval, place.runs[figure].unit)] if lucky else []),
            bar,
            *(mean_words(place.runs[name]) for name in more),
        ]
        for place, bar in zip(shown, drawn_bars, strict=False)
    ]
    head = [*fields, "runs", figure, "between", AS_BAR] if lucky else [*fields, figure, AS_BAR]
    text = drawn([*head, *more], rows, plain=plain, left=len(fields))
    left_out = len(places) - len(shown)
    return text + (f"... and {counted(left_out, 'more place')}; --format json has all\n" if left_out else "")


def goal_text(solution: Solution, now_ms: int, *, plain: bool) -> str:
    """A row for each value that was tried for a goal."""
    goal, figure = solution.goal, solution.goal.figure
    share = goal.probability is not None and solution.luck
    estimates = [each.runs[figure] for each in solution.tried]
    counted = [each.estimate for each in solution.tried] if share else lengths(estimates, now_ms)
    rows = []
    for tried, estimate, bar in zip(solution.tried, estimates, bars(counted, plain=plain), strict=True):
        unit = Unit.SHARE if share else estimate.unit
        row = [field_words(tried.value), "yes" if tried.met else "no"]
        if solution.luck:
            row += ["yes" if tried.certain else "", f"{tried.runs.count:,}"]
        said, lies = value_words(tried.estimate, unit), interval_words(tried.interval, unit)
        row += [said if share else mean_words(estimate), *([lies] if solution.luck else []), bar]
        rows.append([*row, *([mean_words(estimate)] if share else [])])
    head = [solution.field, "meets it"]
    head += ["proven", "runs"] if solution.luck else []
    head += ["share of runs" if share else figure]
    head += [f"between, at {solution.confidence:g}"] if solution.luck else []
    return drawn([*head, AS_BAR, *([figure] if share else [])], rows, plain=plain)


def ran_words(runs: Replications, *, figure: str, precision: float | None) -> str:
    """How many runs there were, and why not more."""
    said = runs_words(runs.count, runs.seed)
    if runs.stopped is Stopped.NO_LUCK:
        return "Nothing depends on luck here, so one run tells all."
    if runs.stopped is Stopped.TIME:
        return f"{said}, until the time was over."
    if precision is None:
        return f"{said}."
    if runs.stopped is Stopped.PRECISION:
        return f"{said}: as many as it takes to know the mean of {figure} to {value_words(precision, Unit.SHARE)}."
    return f"{said}: not enough to know the mean of {figure} to {value_words(precision, Unit.SHARE)}."


def grid_words(places: Sequence[GridPlace], count: int) -> str:
    """How many runs a grid took, and which of its `count` places the time did not reach."""
    runs = sum(place.runs.count for place in places)
    if all(place.runs.stopped is Stopped.NO_LUCK for place in places):
        return f"{counted(len(places), 'place')}. Nothing depends on luck here, so one run of each tells all."
    said = (
        f"{counted(runs, 'run')} at {counted(len(places), 'place')}, each with the seeds from {places[0].runs.seed} on"
    )
    if len(places) < count:
        return f"{said}; the time was over before the other {count - len(places):,}."
    over = any(place.runs.stopped is Stopped.TIME for place in places)
    return said + (", until the time was over." if over else ".")


def _is_seen(places: Sequence[GridPlace], name: str) -> bool:
    return any(place.runs[name].mean != 0 for place in places)
