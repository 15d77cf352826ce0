"""The chart of README.md: what a dial costs against the size of the campaign, from the kept results.

Who is ours is drawn solid and blue, who is not dashed, in colours that can be told apart by the colour-blind, each with
a mark of its own. The background is white, so that it is legible where the page around it is dark.
"""

import statistics
from pathlib import Path
from typing import Any

from benchmarks.engine import BARE, ONE, SIMPY, TWO
from benchmarks.harness import HERE, OURS, RESULTS
from benchmarks.outcomes import CIW, DRAWN, NEVER, PACED, SALABIM
from benchmarks.report import Record, read_records

SUBJECTS = ("outcomes", "large")
DESCRIPTION = "Time per dial in microseconds against the numbers in the campaign, for call-scheduler and its peers"
OURS_NEVER = f"{OURS}: never answered"
OURS_DRAWN = f"{OURS}: drawn outcomes"
OURS_PACED = f"{OURS}: drawn, redials, pace"
# In the order of the legend, which is that of the cost: label, colour (after Okabe and Ito), mark, dashes.
STYLES = (
    (CIW, "#000000", "cross", [2, 2]),
    (SALABIM, "#CC79A7", "triangle-up", [6, 3]),
    (SIMPY, "#D55E00", "square", [6, 3]),
    (ONE, "#E69F00", "diamond", [6, 3]),
    (TWO, "#009E73", "triangle-down", [6, 3]),
    (BARE, "#666666", "triangle-right", [2, 2]),
    (OURS_PACED, "#56B4E9", "square", [1, 0]),
    (OURS_DRAWN, "#0072B2", "circle", [1, 0]),
    (OURS_NEVER, "#003A66", "diamond", [1, 0]),
)


def label_of(record: Record) -> str | None:
    """Which line of the chart a sample belongs to, if any."""
    case, contender = record["case"], record["contender"]
    if contender == OURS:
        return {NEVER: OURS_NEVER, DRAWN: OURS_DRAWN, PACED: OURS_PACED}.get(case)
    if case != DRAWN:
        return None
    if contender == NEVER:
        return OURS_NEVER
    return contender if contender in {BARE, ONE, TWO, SIMPY, SALABIM, CIW} else None


def points(folder: Path) -> list[dict[str, Any]]:
    """The median cost of a dial, in microseconds, of everybody at every size that was measured."""
    found = []
    for subject in SUBJECTS:
        for record in read_records(folder / f"{subject}.jsonl"):
            label = label_of(record) if record["kind"] == "sample" else None
            if label is not None:
                seconds = statistics.median(statistics.median(spans) for spans in record["turns"])
                cost = seconds * 1e6 / max(record["units"], 1)
                found.append({"who": label, "numbers": record["size"], "cost": cost})
    return found


def chart(rows: list[dict[str, Any]]) -> Any:
    """The chart of `points`."""
    import altair as alt

    present = {row["who"] for row in rows}
    styles = [style for style in STYLES if style[0] in present]
    names = [name for name, *_ in styles]
    sizes = sorted({row["numbers"] for row in rows})

    def scale(column: int) -> Any:
        return alt.Scale(domain=names, range=[style[column] for style in styles])

    legend = alt.Legend(title=None, labelLimit=260, symbolSize=90, rowPadding=6)
    cost = "datum.value < 10 ? format(datum.value, '~g') : format(datum.value, ',.0f')"
    count = "datum.value < 1e6 ? format(datum.value, ',') : format(datum.value / 1e6, ',') + ' million'"
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "numbers:Q",
            scale=alt.Scale(type="log", nice=False, domain=[sizes[0] * 0.8, sizes[-1] * 1.25]),
            axis=alt.Axis(title="numbers in the campaign", values=sizes, labelExpr=count, labelFlush=False),
        ),
        y=alt.Y(
            "cost:Q",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(title="time per dial (µs)", values=[10**each for each in range(-1, 5)], labelExpr=cost),
        ),
        color=alt.Color("who:N", scale=scale(1), legend=legend),
    )
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=alt.StrokeDash("who:N", scale=scale(3), legend=None))
    marks = base.mark_point(size=70, filled=True, opacity=1).encode(
        shape=alt.Shape("who:N", scale=scale(2), legend=legend)
    )
    title = alt.TitleParams(
        "What one dial costs",
        subtitle="Campaign of the subject outcomes; median over the turns; both axes logarithmic; lower is better",
        anchor="start",
        subtitleColor="#333333",
    )
    return (
        alt.layer(lines, marks)
        .properties(width=560, height=400, title=title, background="white", padding=12, description=DESCRIPTION)
        .configure_axis(
            gridColor="#DDDDDD", labelColor="#111111", titleColor="#111111", labelFontSize=12, titleFontSize=13
        )
        .configure_legend(labelColor="#111111", labelFontSize=12)
        .configure_title(color="#111111", fontSize=16, subtitleFontSize=12, offset=14)
        .configure_view(stroke="#BBBBBB")
    )


def draw(folder: Path = RESULTS, target: Path = HERE / "cost.svg") -> Path:
    """Draws the results of `folder`; a target that ends in `.png` is a picture of pixels.

    Raises ValueError if there are none.
    """
    rows = points(folder)
    if not rows:
        raise ValueError("there are no results to draw: run `python -m benchmarks --only outcomes` first")
    chart(rows).save(str(target))
    return target
