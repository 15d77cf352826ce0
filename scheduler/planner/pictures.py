"""What was found as charts: a figure against what was varied, and lines against the finish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.planner.words import field_words, place_words, value_words
from scheduler.planning import FIGURES, Estimate, Interval, Replications, Solution, Unit
from scheduler.policy.clocks import utc_words
from scheduler.policy.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, parse_moment
from scheduler.policy.zones import Zone
from scheduler.views.charts import MAX_SERIES, Point, cost_chart, figure_chart
from scheduler.views.marks import MAX_ROWS
from scheduler.views.report import Picture
from scheduler.views.words import counted

LINES = ("lines", "maxSimultaneousCalls")
START = "start"
FINISHED_AT = "finishedAt"
LOW, HIGH = 0.05, 0.95
CLOSE = 1.6  # times the length of the answer
SPANS = ((2 * DAY_MS, DAY_MS, "days"), (2 * HOUR_MS, HOUR_MS, "hours"), (2 * MINUTE_MS, MINUTE_MS, "minutes"))

Place = tuple[Mapping[str, Any], Replications]  # fields and their values, and what was run there


def grid_pictures(places: Sequence[Place], figure: str, now_ms: int, zone: Zone) -> list[Picture]:
    """A figure against the field with the most numbers, and the cost curve where lines alone vary.

    Nothing if no field has numbers. Raises UsageError if altair is absent.
    """
    field = number_field([fields for fields, _ in places])
    if field is None:
        return []
    places = places[:: -(-len(places) // (MAX_ROWS // 2))]
    alone = len(places[0][0]) == 1 and field in LINES
    pictures = []
    if figure != FINISHED_AT or not alone:
        bands = [_band(runs[figure]) for _, runs in places]
        pictures.append(_against(places, field, bands, figure, FIGURES[figure].unit, now_ms))
    if alone:
        pictures.append(_cost(places, field, zone))
    return pictures


def goal_pictures(solution: Solution, now_ms: int, zone: Zone) -> list[Picture]:
    """The figure of a goal, or the share of runs that meet it, against the values that were tried; with the goal."""
    field, goal = solution.field, solution.goal
    places: list[Place] = [({field: each.value}, each.runs) for each in solution.tried]
    chosen = solution.value
    pictures = []
    if goal.probability is not None and solution.luck:
        bands = [_around(each.estimate, each.interval) for each in solution.tried]
        title = f"Runs that meet the goal: {str(goal).partition(' with probability ')[0]}"
        at = (goal.probability, "goal:")
        pictures.append(_against(places, field, bands, title, Unit.SHARE, now_ms, goal=at, chosen=chosen))
    if goal.figure != FINISHED_AT or field not in LINES:
        bands = [_band(each.runs[goal.figure]) for each in solution.tried]
        value = (goal.value, f"goal: {'at most' if goal.at_most else 'at least'}")
        unit = FIGURES[goal.figure].unit
        pictures.append(_against(places, field, bands, goal.figure, unit, now_ms, goal=value, chosen=chosen))
    if field in LINES:
        deadline = (round(goal.value), "goal") if goal.figure == FINISHED_AT else None
        close = _close(places, field, now_ms, chosen)
        pictures.append(_cost(close, field, zone, deadline=deadline, chosen=chosen))
    return pictures


def number_field(places: Sequence[Mapping[str, Any]]) -> str | None:
    """The field of some places that has numbers or instants everywhere, and the most different ones."""
    best, most = None, 0
    for field in places[0]:
        values = [place[field] for place in places]
        different = len(set(map(repr, values)))
        if different > most and all(_is_number(value) or field == START for value in values):
            best, most = field, different
    return best


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _against(
    places: Sequence[Place],
    field: str,
    bands: Sequence[tuple[float, float, float]],
    figure: str,
    unit: Unit,
    now_ms: int,
    *,
    goal: tuple[float, str] | None = None,
    chosen: Any = None,
) -> Picture:
    """A figure against a field, a line for each combination of the others."""
    edges = [*(edge for band in bands for edge in band), *([] if goal is None else [goal[0]])]
    scaled, unit_words = _scale(unit, edges, now_ms)
    x_of, x_words = _x_axis(field, [fields[field] for fields, _ in places], now_ms)
    series: dict[str, list[Point]] = {}
    for (fields, _), band in zip(places, bands, strict=True):
        name = place_words({other: value for other, value in fields.items() if other != field})
        mean, low, high = map(scaled, band)
        series.setdefault(name, []).append((x_of(fields[field]), mean, low, high))
    kept = dict(list(series.items())[:MAX_SERIES])
    tells = f"{figure}: {FIGURES[figure].tells}" if figure in FIGURES else figure
    if unit is Unit.INSTANT:  # as an axis has no room for it
        tells = f"{tells.partition(';')[0]}, from {utc_words(now_ms)} on"
    title = tells if len(kept) == len(series) else f"{tells} (the first {len(kept)} of {len(series)})"
    at_goal = None if goal is None else (scaled(goal[0]), f"{goal[1]} {value_words(goal[0], unit)}")
    is_band = any(low < high for _, low, high in bands)
    chart = figure_chart(
        kept,
        x=f"{x_words}; the band: where the {'mean' if figure in FIGURES else 'share'} lies" if is_band else x_words,
        y=f"{figure if figure in FIGURES else 'share of runs'}, {unit_words}",
        title=title,
        goal=at_goal,
        chosen=None if chosen is None else (x_of(chosen), f"{field}={field_words(chosen)}"),
    )
    return Picture(chart, f"{tells}, against {field}, at {counted(len(places), 'place')}")


def _close(places: Sequence[Place], field: str, now_ms: int, chosen: Any) -> Sequence[Place]:
    """The places that do not finish much later than the answer; a search begins far away from it."""
    finish = [runs[FINISHED_AT].mean - now_ms for fields, runs in places if fields[field] == chosen]
    if not finish:
        return places
    close = [place for place in places if place[1][FINISHED_AT].mean - now_ms <= CLOSE * finish[0]]
    return close if len(close) > 2 else places


def _cost(
    places: Sequence[Place],
    field: str,
    zone: Zone,
    *,
    deadline: tuple[int, str] | None = None,
    chosen: Any = None,
) -> Picture:
    """Lines against the finish: its mean, and from the 5 % to the 95 % quantile of the runs."""
    points = []
    for fields, runs in places:
        finish = runs[FINISHED_AT]
        points.append((float(fields[field]), finish.mean, finish.quantiles[LOW], finish.quantiles[HIGH]))
    lucky = any(runs.count > 1 for _, runs in places)
    title = "Lines against finish" + (": the mean, and where 90 % of the runs end" if lucky else "")
    at = None if chosen is None else (float(chosen), f"{field}={chosen}")
    chart = cost_chart(points, zone=zone, title=title, deadline=deadline, chosen=at)
    return Picture(chart, f"how many lines it takes to be finished by when, at {counted(len(places), 'place')}")


def _band(estimate: Estimate) -> tuple[float, float, float]:
    return _around(estimate.mean, estimate.interval)


def _around(mean: float, interval: Interval | None) -> tuple[float, float, float]:
    return (mean, mean, mean) if interval is None else (mean, interval.low, interval.high)


def _scale(unit: Unit, values: Sequence[float], now_ms: int) -> tuple[Any, str]:
    """A function that makes numbers of an axis of values, and the words of its unit."""
    if unit is Unit.SHARE:
        return (lambda value: value * 100), "%"
    if unit is Unit.INSTANT:
        length_ms, name = _span([value - now_ms for value in values])
        return (lambda value: (value - now_ms) / length_ms), name
    if unit is Unit.SECONDS:
        length_ms, name = _span([value * SECOND_MS for value in values])
        return (lambda value: value * SECOND_MS / length_ms), name
    words = {Unit.HOURS: "line hours", Unit.LINES: "lines"}
    return (lambda value: value), words.get(unit, "count")


def _span(lengths_ms: Sequence[float]) -> tuple[int, str]:
    longest = max((abs(each) for each in lengths_ms if abs(each) < float("inf")), default=0)
    return next(((length, name) for least, length, name in SPANS if longest >= least), (SECOND_MS, "seconds"))


def _x_axis(field: str, values: Sequence[Any], now_ms: int) -> tuple[Any, str]:
    if field != START:
        return float, field
    length_ms, name = _span([_instant(value) - now_ms for value in values])
    return (lambda value: (_instant(value) - now_ms) / length_ms), f"start, {name} after {utc_words(now_ms)}"


def _instant(value: Any) -> int:
    return parse_moment(value)
