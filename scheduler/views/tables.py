"""Dials, windows and figures as tables and words, made to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from scheduler.engine.columns import NO_ANSWER
from scheduler.engine.summary import Summary
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Job
from scheduler.policy.clocks import LocalClocks, utc_words
from scheduler.policy.instants import HOUR_MS, SECOND_MS
from scheduler.views.reasons import WHY, WHY_CUT
from scheduler.views.rows import WindowRow
from scheduler.views.words import counted, span_words

MAX_ROWS = 1000
NAMED_JOBS = 5
WIDTH = 250


def write_dials(timeline: Timeline, out: TextIO) -> None:
    """The first dials as a table, and the figures of all."""
    console = _console(out)
    clocks = LocalClocks(timeline.until_ms)
    columns = ["local time", "UTC", "zone", "phone", "job", "attempt"]
    # Under `never` there is nothing to say of redials and outcomes.
    redials = any(job.redial is not None for job in timeline.jobs)
    outcomes = any(code != NO_ANSWER for code in timeline.columns.outcome)
    table = _table(*columns, *(["redial"] if redials else []), *(["outcome", "seconds"] if outcomes else []))
    for dial in timeline[:MAX_ROWS]:
        zone = dial.job.zone
        table.add_row(
            clocks.words(zone, dial.at),
            utc_words(dial.at),
            zone.name,
            dial.job.phone,
            str(dial.job.index),
            f"{dial.attempt} of {dial.job.policy.max_attempts}",
            *([str(dial.redial_number or "")] if redials else []),
            *(["abandoned" if dial.abandoned else dial.outcome.value, f"{dial.seconds:g}"] if outcomes else []),
        )
    with console.capture() as drawn:
        if len(timeline):
            console.print(table)
            console.print()
        _say_more(console, len(timeline), "dial")
        for line in summary_lines(timeline.summary(), timeline):
            console.print(line)
    out.write(drawn.get())


def write_windows(rows: Iterable[WindowRow], until_ms: int, out: TextIO) -> None:
    """The first intervals as a table."""
    console = _console(out)
    clocks = LocalClocks(until_ms + 1)
    table = _table("job", "phone", "zone", "opens, local", "closes, local", "opens, UTC", "closes, UTC")
    rows = iter(rows)
    for row in islice(rows, MAX_ROWS):
        table.add_row(
            str(row.job),
            row.phone,
            row.zone.name,
            clocks.words(row.zone, row.opens_ms),
            clocks.words(row.zone, row.closes_ms),
            utc_words(row.opens_ms),
            utc_words(row.closes_ms),
        )
    with console.capture() as drawn:
        if table.rows:
            console.print(table)
        else:
            console.print("No allowed time between the two instants.")
        _say_more(console, len(table.rows) + sum(1 for _ in rows), "interval")
    out.write(drawn.get())


def write_table(names: Sequence[str], rows: Iterable[Sequence[str]], out: TextIO) -> None:
    """Rows of texts as a table under the names of their columns."""
    console = _console(out)
    table = _table(*names)
    for row in rows:
        table.add_row(*row)
    with console.capture() as drawn:
        console.print(table)
    out.write(drawn.get())


def summary_lines(summary: Summary, timeline: Timeline) -> list[str]:
    """The figures in words, a line each."""
    clocks = LocalClocks(timeline.until_ms + HOUR_MS)
    zone = timeline.campaign.zone
    lines = [f"{counted(summary.dials, 'dial')} to {summary.dialled:,} of {counted(summary.jobs, 'job')}"]
    if summary.first_dial is not None and summary.last_dial is not None and summary.busiest_hour is not None:
        first, last = timeline[0].job, timeline[-1].job
        hour_ms = summary.busiest_hour
        lines += [
            f"first dial    {clocks.both(first.zone, summary.first_dial)}",
            f"last dial     {clocks.both(last.zone, summary.last_dial)}",
            f"busiest hour  {clocks.both(zone, hour_ms)}, {counted(summary.busiest_hour_dials, 'dial')}",
        ]
    if summary.answers:
        lines.append(
            f"answers       {summary.answers:,}, from {summary.reach:.1%} of {counted(summary.numbers, 'number')}, "
            f"with {summary.attempts_per_number:.2f} dials a number"
        )
    if summary.abandoned is not None:
        lines.append(
            f"abandoned     {summary.abandoned:,}: {summary.abandoned_of_answers:.2%} of answers, "
            f"{summary.abandoned_of_dials:.2%} of dials"
        )
    waiting = summary.waiting
    if waiting.longest_ms:
        mean, p95, longest = (
            span_words(each / SECOND_MS) for each in (waiting.mean_ms, waiting.p95_ms, waiting.longest_ms)
        )
        lines.append(f"for a line    dials waited {mean} on average, 95 % of them at most {p95}, the longest {longest}")
    for reason, jobs in summary.undialled.items():
        lines.append(f"{counted(len(jobs), 'job')} {WHY[reason]}: {_named(jobs)}")
    for reason, jobs in summary.cut_short.items():
        lines.append(f"{counted(len(jobs), 'job')} ended before the last attempt, {WHY_CUT[reason]}: {_named(jobs)}")
    if summary.unfinished:
        until = clocks.both(zone, timeline.until_ms)
        lines.append(f"{counted(summary.unfinished, 'job')} not finished by {until}")
    return lines


def _console(out: TextIO) -> Console:
    # Nothing is cut or folded to fit: a terminal that is too narrow wraps whole lines, and a file has no width.
    terminal = None if out.isatty() else False
    return Console(file=out, width=WIDTH, force_terminal=terminal, markup=False, highlight=False, emoji=False)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=True)
    return table


def _say_more(console: Console, count: int, what: str) -> None:
    if count > MAX_ROWS:
        console.print(f"... and {counted(count - MAX_ROWS, f'more {what}')}; --format ndjson has all\n")


def _named(jobs: list[Job]) -> str:
    named = ", ".join(f"{job.phone} (job {job.index})" for job in jobs[:NAMED_JOBS])
    return named + (f" and {len(jobs) - NAMED_JOBS:,} more" if len(jobs) > NAMED_JOBS else "")
