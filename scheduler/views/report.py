"""One page of HTML about a run: it stands alone, loads nothing, runs nothing, and can be mailed and printed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from scheduler.engine.timeline import Timeline
from scheduler.jobs import Problem
from scheduler.policy.clocks import LocalClocks, utc_words
from scheduler.policy.instants import HOUR_MS, SECOND_MS
from scheduler.policy.zones import tzdata_version
from scheduler.views.charts import heat_map, lines_chart, progress_chart
from scheduler.views.counts import dials_by_hour, lines_busy, progress
from scheduler.views.pictures import digest, svg
from scheduler.views.reasons import WHY, WHY_CUT
from scheduler.views.words import span_words

if TYPE_CHECKING:
    from scheduler.views.marks import Chart

MAX_WARNINGS = 100

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1c2126; --soft: #59636d; --rule: #d3d9de; --warn: #9a5b00; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15191d; --ink: #e4e8eb; --soft: #a0abb5; --rule: #3b444c; --warn: #e6a23c; }
}
body { margin: 2rem auto; max-width: 740px; padding: 0 1rem; background: var(--page); color: var(--ink);
  font: 15px/1.45 Arial, Helvetica, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--rule);
  overflow-wrap: anywhere; }
th { font-weight: normal; color: var(--soft); width: 32%; }
figure { margin: 1.5rem 0; break-inside: avoid; }
figure svg { max-width: 100%; height: auto; overflow: visible; color: var(--ink); }
.warnings li { color: var(--warn); overflow-wrap: anywhere; }
footer { margin-top: 2rem; color: var(--soft); font-size: .85rem; }
@media print {
  :root { --page: #fff; --ink: #000; --soft: #333; --rule: #bbb; --warn: #000; }
  body { margin: 0; max-width: none; }
  tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
"""


class Picture(NamedTuple):
    """A chart, and what it shows in words, for those who do not see it."""

    chart: Chart
    words: str


def page(
    title: str,
    *,
    run: Sequence[tuple[str, str]],
    figures: Sequence[tuple[str, str]],
    pictures: Sequence[Picture],
    warnings: Sequence[str] = (),
) -> str:
    """A report: a title, what was run, the key figures, the charts, and what is suspicious; all text is text.

    `run` and `figures` are pairs of a name and a value with its unit. The same values give the same page. Raises
    UsageError if a chart cannot be drawn, or a library is absent. About 0.1 s a chart, and half a second for the first.

    >>> "<b>" in page("<b>", run=[("campaign", "<b>")], figures=[], pictures=[])
    False
    """
    parts = [f"<h1>{escape(title)}</h1>"]
    if warnings:
        more = len(warnings) - MAX_WARNINGS
        said = [*warnings[:MAX_WARNINGS], *([f"and {more:,} more"] if more > 0 else [])]
        items = "\n".join(f"<li>{escape(each)}</li>" for each in said)
        parts.append(f'<h2>Warnings</h2>\n<ul class="warnings">\n{items}\n</ul>')
    parts += [_table(name, pairs) for name, pairs in (("Key figures", figures), ("What was run", run)) if pairs]
    drawn = [
        f'<figure role="img" aria-label="{escape(each.words)}">\n{svg([each.chart], page=True, place=place)}\n</figure>'
        for place, each in enumerate(pictures)
    ]
    # The charts stand between the figures and what was run, which is read last.
    parts[-1:-1] = drawn if run else []
    parts += [] if run else drawn
    policy = f"default-src 'none'; style-src {digest(STYLE)}; base-uri 'none'; form-action 'none'"
    body = "\n".join(parts)
    about = f"call-scheduler {version('call-scheduler')}, time zones {tzdata_version()}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n"
        f"<footer>{escape(about)}</footer>\n</body>\n</html>\n"
    )


def timeline_report(timeline: Timeline, warnings: Sequence[Problem], run: Sequence[tuple[str, str]] = ()) -> str:
    """The report of one preview; `run` adds to what was run (the files, the seed). See `page`."""
    campaign = timeline.campaign
    history = [
        ("campaign", campaign.name or "without a name"),
        ("zone of the campaign", campaign.zone.name),
        ("lines", "no limit" if (limit := timeline.history.limits[0][1].lines) is None else str(limit)),
        ("begins", utc_words(timeline.now_ms)),
        ("ends at the latest", utc_words(timeline.until_ms)),
    ]
    return page(
        title_of(timeline),
        run=[*history, *run],
        figures=key_figures(timeline),
        pictures=timeline_pictures(timeline),
        warnings=[str(warning) for warning in warnings],
    )


def title_of(timeline: Timeline) -> str:
    """What a page about a timeline is called."""
    return f"Preview of {timeline.campaign.name}" if timeline.campaign.name else "Preview of a campaign"


def timeline_pictures(timeline: Timeline) -> list[Picture]:
    """The charts of a timeline, on the clock of its campaign: dials by hour and zone, lines in use, progress.

    A few microseconds a dial. Raises UsageError if altair is absent.
    """
    zone = timeline.campaign.zone
    limits = [limit.lines for _, limit in timeline.history.limits]
    limit = limits[0] if len(limits) == 1 and isinstance(limits[0], int) else None
    numbers = sum(job.redial is None for job in timeline.jobs)
    by_hour, busy, points = dials_by_hour(timeline), lines_busy(timeline, zone), progress(timeline, zone)
    zones = len({name for name, _ in by_hour})
    most = max((each.most for each in busy), default=0)
    return [
        Picture(heat_map(by_hour), f"{len(timeline):,} dials by hour of the day in {zones} zones"),
        Picture(lines_chart(busy, zone.name, limit=limit), f"lines in use over time, at most {most:,}"),
        Picture(progress_chart(points, zone.name, numbers=numbers), f"progress of a list of {numbers:,} numbers"),
    ]


def key_figures(timeline: Timeline) -> list[tuple[str, str]]:
    """The figures of a timeline in words, in pairs of a name and a value with its unit."""
    summary = timeline.summary()
    clocks, zone = LocalClocks(timeline.until_ms + HOUR_MS), timeline.campaign.zone
    pairs = [
        ("numbers", f"{summary.numbers:,}"),
        ("dials", f"{summary.dials:,}, {summary.attempts_per_number:.2f} a number"),
    ]
    if summary.answers:
        pairs.append(("answered", f"{summary.answers:,}, from {summary.reach:.1%} of the numbers"))
    if summary.abandoned is not None:
        shares = f"{summary.abandoned_of_answers:.2%} of answers, {summary.abandoned_of_dials:.2%} of dials"
        pairs.append(("abandoned", f"{summary.abandoned:,}: {shares}"))
    if summary.first_dial is not None and summary.last_dial is not None and summary.busiest_hour is not None:
        busiest = clocks.both(zone, summary.busiest_hour)
        pairs += [
            ("first dial", clocks.both(zone, summary.first_dial)),
            ("last dial", clocks.both(zone, summary.last_dial)),
            ("busiest hour", f"{summary.busiest_hour_dials:,} dials from {busiest}"),
        ]
    waiting = summary.waiting
    if waiting.longest_ms:
        spans = [span_words(each / SECOND_MS) for each in (waiting.mean_ms, waiting.p95_ms, waiting.longest_ms)]
        pairs.append(("waiting for a turn", f"{spans[0]} on average, 95 % at most {spans[1]}, the longest {spans[2]}"))
    pairs += [(f"{len(jobs):,} not dialled", WHY[reason]) for reason, jobs in summary.undialled.items()]
    pairs += [
        (f"{len(jobs):,} cut short", f"before the last attempt, {WHY_CUT[reason]}")
        for reason, jobs in summary.cut_short.items()
    ]
    if summary.unfinished:
        pairs.append(("not finished", f"{summary.unfinished:,} by {clocks.both(zone, timeline.until_ms)}"))
    return pairs


def _table(heading: str, pairs: Sequence[tuple[str, str]]) -> str:
    rows = "\n".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in pairs)
    return f"<h2>{escape(heading)}</h2>\n<table>\n{rows}\n</table>"
