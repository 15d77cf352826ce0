"""What charts are made of: axes of time, rules, series, frames, each in one look.

See charts.py, which says what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

from scheduler.jobs import UsageError
from scheduler.policy.clocks import DAY_NAMES
from scheduler.policy.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from scheduler.policy.zones import Zone
from scheduler.views.extras import extra

if TYPE_CHECKING:
    import altair as alt

    Chart: TypeAlias = alt.Chart | alt.LayerChart

WIDTH, HEIGHT = 700, 250
MAX_ROWS = 5_000
MAX_TICKS = 9
NEAR = 0.3  # of an axis: words left of a rule that is nearer to its beginning would run out of the chart
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
TICKS_MS = (
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14, 28, 91, 182, 364)),
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nothing(title: str, words: str) -> Chart:
    """A chart of nothing, which says so. Raises UsageError if altair is absent."""
    alt = altair_library()
    chart = alt.Chart(data([{"words": words}])).mark_text(fontSize=15, opacity=0.7).encode(text="words:N")
    return framed(chart, title, height=110)


def rule(channel: str, value: float, words: str, ends: Sequence[float] = ()) -> list[alt.Chart]:
    """A dashed rule across the chart, and words beside it: left of an upright one, unless `ends` of the axis say no."""
    alt = altair_library()
    base = alt.Chart(data([{"rule": value, "words": words}]))
    across = {"x": alt.X("rule:Q")} if channel == "x" else {"y": alt.Y("rule:Q")}
    if channel == "x":
        is_near = bool(ends) and value - ends[0] < (ends[1] - ends[0]) * NEAR
        place = {"align": "left" if is_near else "right", "dx": 5 if is_near else -5, "baseline": "top", "dy": 3}
        corner = {"y": alt.value(0)}
    else:
        place = {"align": "left", "dx": 4, "baseline": "bottom", "dy": -3}
        corner = {"x": alt.value(0)}
    return [
        base.mark_rule(strokeDash=[5, 4], strokeWidth=1.2, opacity=0.8).encode(**across),
        base.mark_text(fontSize=11, limit=420, **place).encode(**across, **corner, text="words:N"),
    ]


def framed(chart: Any, title: str, said: str | list[str] = "", *, height: int = HEIGHT) -> Chart:
    """A chart with its title, in the size of a page."""
    alt = altair_library()
    heading = alt.Title(title, subtitle=said) if said else alt.Title(title)
    sized: Chart = chart.properties(
        title=heading, width=WIDTH, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    )
    return sized


def time_axis(x: alt.X, begin_ms: int, end_ms: int, zone: str, before: str = "") -> alt.X:
    """A time axis over readings of a clock, labelled in words of its own."""
    alt = altair_library()
    tick_ms = next((step for step in TICKS_MS if end_ms - begin_ms <= step * MAX_TICKS), None)
    if tick_ms is None:
        tick_ms = ceil((end_ms - begin_ms) / MAX_TICKS / DAY_MS) * DAY_MS
    # Weeks begin on Mondays; the epoch was a Thursday.
    shift_ms = 4 * DAY_MS if tick_ms % (7 * DAY_MS) == 0 else 0
    ticks = range((begin_ms - shift_ms + tick_ms - 1) // tick_ms * tick_ms + shift_ms, end_ms + 1, tick_ms)
    labels = {tick: _tick_words(tick, tick_ms, dated=place == 0) for place, tick in enumerate(ticks)}
    # The labels are digits and names of days and months, written here: nothing of a user's text is in the expression.
    # A chain of conditions, as the interpreter of Vega that pages need reads no object.
    expression = "".join(f"datum.value=={tick}?{words!r}:" for tick, words in labels.items()) + "''"
    scale = alt.Scale(domain=[begin_ms, end_ms], nice=False, zero=False)
    title = f"{before}on the clock of {zone}"
    return x.scale(scale).axis(title=title, values=list(ticks), labelExpr=expression, labelOverlap=True)


def _tick_words(tick_ms: int, step_ms: int, *, dated: bool) -> list[str]:
    """The lines of a label: `10:00` and, at midnight and at the first tick, `Mon 2 Mar` below; or date and year."""
    moment = EPOCH + timedelta(milliseconds=tick_ms)
    date = f"{DAY_NAMES[tick_ms // DAY_MS % 7]} {moment.day} {moment:%b}"
    if step_ms < DAY_MS:
        return [f"{moment:%H:%M}", *([date] if dated or tick_ms % DAY_MS == 0 else [])]
    return [date, *([f"{moment.year:04d}"] if dated or step_ms > 7 * DAY_MS else [])]


def colour_of(names: list[str], **more: Any) -> Any:
    """The colours of series."""
    alt = altair_library()
    return alt.Color("series:N", title=None, **more).scale(domain=names, range=list(COLOURS[: len(names)]))


def dash_of(names: list[str], **more: Any) -> Any:
    """The dashes of series."""
    alt = altair_library()
    return alt.StrokeDash("series:N", title=None, **more).scale(domain=names, range=list(DASHES[: len(names)]))


def data(rows: list[dict[str, Any]]) -> Any:
    """Rows inside a chart. Raises UsageError for more than MAX_ROWS."""
    if len(rows) > MAX_ROWS:
        raise UsageError(f"a chart holds at most {MAX_ROWS:,} rows, not {len(rows):,}; vary fewer values")
    return altair_library().Data(values=rows)


def altair_library() -> Any:
    """The library altair. Raises UsageError if it is absent."""
    with extra("a chart"):
        import altair as alt  # noqa: PLC0415 - for those who draw
    return alt


def domain(values: Sequence[float], *, zero: bool = False) -> list[float]:
    """From where to where an axis runs: a little beyond the values, and from 0 on where that leaves them apart."""
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or abs(high) * 0.1 or 1
    from_zero = zero and 0 <= low < (high - low) * 2
    return [0 if from_zero else low - margin, high + margin]


def clock_words(clock_ms: int) -> str:
    """What a clock shows, in words: `Mon 2026-03-02 10:00`."""
    moment = EPOCH + timedelta(milliseconds=clock_ms)
    return f"{DAY_NAMES[clock_ms // DAY_MS % 7]} {moment:%Y-%m-%d %H:%M}"


def clock_of(zone: Zone, instant_ms: float) -> int:
    """What a zone's clock shows at an instant, as milliseconds since its own 1970."""
    return round(instant_ms) + zone.offset_s(round(instant_ms)) * SECOND_MS
