"""Charts, as altair has them, of plain numbers; pictures.py draws them.

A time axis never follows the clock of the machine that draws it: it is an axis of plain numbers, the readings of a
clock in a stated zone, with labels that are written here, and its title says whose clock it is. Series differ in
dashes and shapes as well as in colour; the colours are Okabe's and Ito's. No chart holds more than `MAX_ROWS` rows.
Names are data everywhere: no text that is handed in is read as a field, an expression or markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from scheduler.jobs import UsageError
from scheduler.policy.instants import HOUR_MS, MINUTE_MS
from scheduler.policy.zones import Zone
from scheduler.views.counts import Busy, Progress
from scheduler.views.marks import (
    COLOURS,
    DASHES,
    SHAPES,
    altair_library,
    clock_of,
    clock_words,
    colour_of,
    dash_of,
    data,
    domain,
    framed,
    nothing,
    rule,
    time_axis,
)
from scheduler.views.words import counted

if TYPE_CHECKING:
    import altair as alt

    from scheduler.views.marks import Chart

Point: TypeAlias = tuple[float, float, float, float]  # x, mean, low, high

ROW = 24
MAX_ZONES = 24
MAX_SERIES = 6


def heat_map(dials: Mapping[tuple[str, int], int]) -> Chart:
    """Dials by zone and hour of the day on the numbers' own clocks: one row for each zone, in the order given.

    Beyond MAX_ZONES the zones with the fewest dials are one row. Raises UsageError if altair is absent.
    """
    total = sum(dials.values())
    if not total:
        return nothing("Dials by hour of the day", "no dials")
    alt = altair_library()
    kept = _kept_zones(dials)
    cells: dict[tuple[str, int], int] = {}
    for (zone, hour), count in dials.items():
        row = kept.get(zone, f"{len({name for name, _ in dials}) - len(kept)} more zones")
        cells[row, hour] = cells.get((row, hour), 0) + count
    most = max(cells.values())
    rows = [
        {"zone": zone, "hour": hour, "dials": count, "short": _short(count), "dark": count > most * 0.55}
        for (zone, hour), count in cells.items()
    ]
    order = list(dict.fromkeys(zone for zone, _ in cells))
    base = alt.Chart(data(rows)).encode(
        x=alt.X("hour:O")
        .scale(domain=list(range(24)))
        .axis(title="hour of the day, on the number's clock", labelAngle=0),
        y=alt.Y("zone:N").scale(domain=order).axis(title=None, labelLimit=230),
    )
    tiles = base.mark_rect(stroke="#8888", strokeWidth=0.5).encode(
        color=alt.Color("dials:Q")
        .scale(scheme="blues", domain=[0, most])
        .legend(
            title="dials",
            orient="bottom",
            gradientLength=200,
            values=sorted({0, most // 2, most}),
            format=",d",
            offset=4,
        ),
        tooltip=[alt.Tooltip("zone:N"), alt.Tooltip("hour:O"), alt.Tooltip("dials:Q", format=",d")],
    )
    words = base.mark_text(fontSize=9).encode(
        text="short:N", color=alt.condition("datum.dark", alt.value("#fff"), alt.value("#111"))
    )
    return framed(tiles + words, f"Dials by hour of the day, {total:,} in all", height=ROW * max(len(order), 2) + 105)


def lines_chart(busy: Sequence[Busy], zone: str, *, limit: int | None = None) -> Chart:
    """The lines that calls hold over time: the mean of each bin, and the most at any instant in it.

    `zone` is whose clock the bins are read from; `limit` how many lines there are. Raises UsageError if altair is
    absent.
    """
    title = "Lines in use"
    if not busy:
        return nothing(title, "no dials")
    alt = altair_library()
    end = busy[-1]
    steps = [(each.clock_ms, each.mean, each.most) for each in busy]
    # In an hour that the clock skips no line is held; a further row at the end gives the last step its width.
    steps += [(each.clock_end_ms, 0, 0) for each, after in pairwise(busy) if each.clock_end_ms < after.clock_ms]
    steps = [*sorted(steps), (end.clock_end_ms, end.mean, end.most)]
    rows = [
        {"at": at_ms, "clock": clock_words(at_ms), "mean": round(mean, 3), "most": most} for at_ms, mean, most in steps
    ]
    peak = max(each.most for each in busy)
    shown = limit is not None and limit <= peak * 4
    top = max(peak, limit or 0) if shown else peak
    base = alt.Chart(data(rows)).encode(
        x=time_axis(alt.X("at:Q"), busy[0].clock_ms, end.clock_end_ms, zone, "time, "),
        tooltip=[alt.Tooltip("clock:N"), alt.Tooltip("mean:Q", format=",~r"), alt.Tooltip("most:Q", format=",d")],
    )
    axis = {"title": "lines", "tickMinStep": 1, "format": ",~r"}
    layers: list[Any] = [
        base.mark_area(interpolate="step-after", opacity=0.55, color=COLOURS[0]).encode(
            y=alt.Y("mean:Q").scale(domain=[0, top], nice=True).axis(**axis)
        ),
        base.mark_line(interpolate="step-after", strokeWidth=1.2, color=COLOURS[1]).encode(y=alt.Y("most:Q")),
    ]
    if shown and limit is not None:
        layers += rule("y", limit, f"limit: {counted(limit, 'line')}")
    length = _length((end.clock_end_ms - end.clock_ms) // MINUTE_MS)
    said = f"filled: the mean of {length}; line: the most at one time, at the highest {peak:,}"
    said = said if limit is None else f"{said} of {limit:,}"
    return framed(alt.layer(*layers), title, [said, *_clock_changes(busy)])


def _clock_changes(busy: Sequence[Busy]) -> list[str]:
    """What the clock skips, and what it shows twice, in words; nothing where bins are longer than such a change."""
    if busy[0].clock_end_ms - busy[0].clock_ms > HOUR_MS:
        return []
    said = [
        f"the clock skips from {clock_words(each.clock_end_ms)} to {clock_words(after.clock_ms)}"
        for each, after in pairwise(busy)
        if each.clock_end_ms < after.clock_ms
    ]
    twice = [each for each in busy if each.real_ms > each.clock_end_ms - each.clock_ms]
    if twice:
        said.append(
            f"the clock shows {clock_words(twice[0].clock_ms)} to {clock_words(twice[-1].clock_end_ms)} twice: "
            "what is drawn there is the mean of both"
        )
    return said


def progress_chart(points: Sequence[Progress], zone: str, *, numbers: int) -> Chart:
    """The share of a list's numbers that was dialled, answered and done with, over time on the clock of `zone`.

    Raises UsageError if altair is absent.
    """
    title = f"Progress of the list of {counted(numbers, 'number')}"
    if not points or not numbers:
        return nothing(title, "no dials")
    alt = altair_library()
    names = {"dialled at least once": [each.dialled for each in points], "done with": [each.done for each in points]}
    if points[-1].answered:
        names["answered"] = [each.answered for each in points]
    rows = [
        {
            "at": point.clock_ms,
            "clock": clock_words(point.clock_ms),
            "share": count / numbers,
            "numbers": count,
            "series": name,
        }
        for name, counts in names.items()
        for point, count in zip(points, counts, strict=True)
    ]
    lines = alt.Chart(data(rows)).mark_line(strokeWidth=2)
    chart = lines.encode(
        x=time_axis(alt.X("at:Q"), points[0].clock_ms, points[-1].clock_ms, zone, "time, "),
        y=alt.Y("share:Q").scale(domain=[0, 1]).axis(title="share of the numbers", format=".0%", tickCount=5),
        color=colour_of(list(names)),
        strokeDash=dash_of(list(names)),
        tooltip=["clock:N", "series:N", alt.Tooltip("numbers:Q", format=",d"), alt.Tooltip("share:Q", format=".1%")],
    )
    return framed(chart, title)


def figure_chart(
    series: Mapping[str, Sequence[Point]],
    *,
    x: str,
    y: str,
    title: str,
    goal: tuple[float, str] | None = None,
    chosen: tuple[float, str] | None = None,
) -> Chart:
    """A figure against what was varied: its mean as a line, and a band from low to high; a line for each series.

    `x` and `y` are the titles of the axes, with units; `goal` a figure to meet, and `chosen` a value of x, each with
    words beside it. Places where the figure is infinite or no number are left out, and said. Raises UsageError for
    more than MAX_SERIES series, or if altair is absent.

    >>> chart = figure_chart({"": [(10, 5.0, 4.5, 5.5), (20, 2.5, 2.2, 2.9)]}, x="lines", y="days", title="Days")
    >>> chart.to_dict()["width"]
    700
    """
    if len(series) > MAX_SERIES:
        raise UsageError(f"a chart shows at most {MAX_SERIES} series, not {len(series)}; vary fewer values")
    places = [(name, point) for name, points in series.items() for point in sorted(points)]
    finite = [(name, point) for name, point in places if all(map(isfinite, point))]
    left_out = sorted({point[0] for _, point in places if not all(map(isfinite, point))})
    said = f"no figure at {_listed(left_out)} {x}" if left_out else ""
    if not finite:
        return nothing(title, said or "no figures")
    alt = altair_library()
    rows = [
        {"x": point[0], "mean": point[1], "low": point[2], "high": point[3], "series": name} for name, point in finite
    ]
    across = domain([point[0] for _, point in finite])
    base = alt.Chart(data(rows)).encode(
        x=alt.X("x:Q")
        .scale(domain=across, nice=False)
        .axis(title=x, format=",~r", tickCount=10, **_whole([point[0] for _, point in finite]))
    )
    figures = [figure for _, point in finite for figure in point[1:]] + ([] if goal is None else [goal[0]])
    scale = alt.Scale(domain=domain(figures, zero=True), nice=False, zero=False)
    y_axis = alt.Y("mean:Q").scale(scale).axis(title=y, format=",~r")
    names = list(series)
    layers = _band(base, y_axis, alt.Y("low:Q").scale(scale), names)
    if goal is not None:
        layers += rule("y", goal[0], goal[1])
    if chosen is not None:
        layers += rule("x", chosen[0], chosen[1], across)
    return framed(alt.layer(*layers), title, said)


def cost_chart(
    points: Sequence[Point],
    *,
    zone: Zone,
    title: str = "Lines against finish",
    deadline: tuple[int, str] | None = None,
    chosen: tuple[float, str] | None = None,
) -> Chart:
    """How many lines it takes to be finished by when: points are lines and the finish in milliseconds UTC.

    Finishes are read off the clock of `zone`; `deadline` (milliseconds UTC) and `chosen` (lines) have words beside
    them. Lines with which it is not finished (infinity) are left out, and said. Raises UsageError if altair is absent.
    """
    finite = [point for point in sorted(points) if all(map(isfinite, point))]
    left_out = [point[0] for point in sorted(points) if not all(map(isfinite, point))]
    said = f"not always finished with {_listed(left_out)} lines" if left_out else ""
    if not finite:
        return nothing(title, said or "no figures")
    alt = altair_library()
    clocks = [[clock_of(zone, at_ms) for at_ms in finish] for _, *finish in finite]
    rows = [
        {"lines": point[0], "mean": mean, "low": low, "high": high, "finished": clock_words(mean)}
        for point, (mean, low, high) in zip(finite, clocks, strict=True)
    ]
    edges = [clock for finish in clocks for clock in finish]
    deadline_ms = None if deadline is None else clock_of(zone, deadline[0])
    edges += [] if deadline_ms is None else [deadline_ms]
    margin = max((max(edges) - min(edges)) // 30, 5 * MINUTE_MS)
    ends = min(edges) - margin, max(edges) + margin
    base = alt.Chart(data(rows)).encode(x=time_axis(alt.X("mean:Q"), *ends, zone.name, "finished, "))
    counts = [point[0] for point in finite] + ([] if chosen is None else [chosen[0]])
    y = (
        alt.Y("lines:Q")
        .scale(domain=domain(counts, zero=True), nice=False, zero=False)
        .axis(title="lines", tickMinStep=1)
    )
    band = base.mark_area(opacity=0.2, color=COLOURS[0], orient="horizontal").encode(
        x=alt.X("low:Q"), x2="high", y=y.copy()
    )
    line = base.mark_line(color=COLOURS[0], strokeWidth=2).encode(y=y, order="lines:Q")
    dots = base.mark_point(color=COLOURS[0], filled=True, size=45, opacity=1).encode(
        y=y, tooltip=["lines:Q", "finished:N"]
    )
    layers: list[Any] = [band, line, dots]
    if deadline is not None and deadline_ms is not None:
        layers += rule("x", deadline_ms, deadline[1], ends)
    if chosen is not None:
        layers += rule("y", chosen[0], chosen[1])
    return framed(alt.layer(*layers), title, said)


def _band(base: alt.Chart, y: alt.Y, low: alt.Y, names: list[str]) -> list[Any]:
    """A line with dots in a band, for each series."""
    alt = altair_library()
    # Three names in a row have room for so much of each.
    legend: dict[str, Any] = {"legend": alt.Legend(labelLimit=190)} if len(names) > 2 else {}
    if len(names) == 1:
        legend = {"legend": None}
    shown = [alt.Tooltip("series:N")] if len(names) > 1 else []
    layers: list[Any] = []
    # Only the dots have a legend: bands and dashes in it would spoil its symbols.
    for name, colour, dash in zip(names, COLOURS, DASHES, strict=False):
        of_series = base.transform_filter(alt.FieldEqualPredicate(field="series", equal=name))
        layers += [
            of_series.mark_area(opacity=0.2, color=colour).encode(y=low, y2=alt.Y2("high")),
            of_series.mark_line(strokeWidth=2, color=colour, strokeDash=dash).encode(y=y),
        ]
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(
        y=y,
        color=colour_of(names, **legend),
        shape=alt.Shape("series:N", title=None, **legend).scale(domain=names, range=list(SHAPES[: len(names)])),
        tooltip=[*shown, "x:Q", "mean:Q", "low:Q", "high:Q"],
    )
    return [*layers, dots]


def _kept_zones(dials: Mapping[tuple[str, int], int]) -> dict[str, str]:
    """The zones that have a row of their own, each by its name."""
    counts: dict[str, int] = {}
    for (zone, _), count in dials.items():
        counts[zone] = counts.get(zone, 0) + count
    if len(counts) > MAX_ZONES:
        counts = dict(sorted(counts.items(), key=lambda each: -each[1])[: MAX_ZONES - 1])
    return {zone: zone for zone in counts}


def _length(minutes: int) -> str:
    """The length of a bin: `30 min`, `2 h`, `7 days`."""
    if minutes % 1440 == 0:
        return counted(minutes // 1440, "day")
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _short(count: int) -> str:
    """A number in at most four characters: `999`, `1.2k`, `34k`, `5.6M`."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size * 0.9995:
            return f"{count / size:.1f}{letter}" if count < size * 9.95 else f"{count / size:.0f}{letter}"
    return str(count)


def _whole(values: Sequence[float]) -> dict[str, int]:
    return {"tickMinStep": 1} if all(float(value).is_integer() for value in values) else {}


def _listed(values: Sequence[float]) -> str:
    words = ", ".join(f"{value:g}" for value in values[:4])
    return words + (f" and {len(values) - 4} more" if len(values) > 4 else "")
