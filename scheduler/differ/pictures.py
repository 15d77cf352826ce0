"""The dials per hour before and after a change, in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scheduler.differ.hours import Hour, in_steps
from scheduler.policy.instants import DAY_MS, HOUR_MS
from scheduler.policy.zones import Zone
from scheduler.views.marks import COLOURS, altair_library, clock_words, colour_of, data, framed, nothing, time_axis
from scheduler.views.words import counted

if TYPE_CHECKING:
    from scheduler.views.marks import Chart

WHEN = ("before", "after")
FEW = 10
SAME = "the same before and after"


def dials_chart(hours: Sequence[Hour], zone: Zone, names: tuple[str, str]) -> Chart:
    """Dials per hour (or per longer step, where the runs are long) over time: before as an area, after as a line.

    `names` are those of the two runs; they are data, whatever is in them. Raises UsageError if altair is absent.

    >>> from scheduler.policy.zones import parse_zone
    >>> dials_chart([Hour(0, 1, 0), Hour(3_600_000, 0, 1)], parse_zone("Z"), ("old", "new")).to_dict()["width"]
    700
    """
    step_ms, filled = in_steps(hours)
    title = f"Dials {_per(step_ms)}, before and after"
    if not filled:
        return nothing(title, "no dials in either")
    alt = altair_library()
    # A step without dials on both sides, so that the first and the last one are seen to begin and end.
    last_ms = filled[-1].clock_ms + step_ms
    steps = [Hour(filled[0].clock_ms - step_ms, 0, 0), *filled, Hour(last_ms, 0, 0)]
    totals = sum(each.before for each in steps), sum(each.after for each in steps)
    series = [
        f"{when}: {name}, {counted(total, 'dial')}" for when, name, total in zip(WHEN, names, totals, strict=True)
    ]
    rows = [
        {"at": each.clock_ms, "clock": clock_words(each.clock_ms), "dials": count, "series": name}
        for each in steps
        for name, count in zip(series, (each.before, each.after), strict=True)
    ]
    most = max(max(each.before, each.after) for each in steps)
    base = alt.Chart(data(rows)).encode(
        x=time_axis(alt.X("at:Q"), steps[0].clock_ms, last_ms, zone.name, "time, "),
        y=alt.Y("dials:Q", stack=None)
        .scale(domain=[0, most], nice=True)
        .axis(title=f"dials {_per(step_ms)}", format=",d", **({"values": list(range(most + 1))} if most < FEW else {})),
        tooltip=["clock:N", "series:N", alt.Tooltip("dials:Q", format=",d")],
    )
    layers: list[Any] = [
        _only(base, series[0]).mark_area(interpolate="step-after", opacity=0.45, color=COLOURS[0]),
        _only(base, series[1]).mark_line(interpolate="step-after", strokeWidth=1.8, color=COLOURS[1]),
        # Nothing but the legend: an area and a line would each spoil the symbol of the other.
        base.mark_point(filled=True, shape="square", size=0, opacity=1).encode(color=colour_of(series)),
    ]
    changed = sum(each.before != each.after for each in filled)
    words = f"they differ in {changed:,} of {_steps(len(filled), step_ms)}" if changed else SAME
    return framed(alt.layer(*layers), title, f"filled: before; line: after; {words}")


def _only(base: Any, series: str) -> Any:
    alt = altair_library()
    return base.transform_filter(alt.FieldEqualPredicate(field="series", equal=series))


def _per(step_ms: int) -> str:
    """`per hour`, `per 3 hours`, `per day`."""
    length, unit = _length(step_ms)
    return f"per {unit}" if length == 1 else f"per {counted(length, unit)}"


def _steps(count: int, step_ms: int) -> str:
    """`82 hours`, `82 steps of 3 hours`."""
    length, unit = _length(step_ms)
    return counted(count, unit) if length == 1 else f"{counted(count, 'step')} of {counted(length, unit)}"


def _length(step_ms: int) -> tuple[int, str]:
    return (step_ms // DAY_MS, "day") if step_ms % DAY_MS == 0 else (step_ms // HOUR_MS, "hour")
