"""Dials and windows as rows, and rows as NDJSON, JSON and CSV: one spelling for every face.

No text of a request gets into a row as it came: phones are digits, zones have passed their grammar,
all else is numbers, instants and fixed words. So no cell of a CSV needs to be escaped.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from scheduler.engine.explain import Explanation
from scheduler.engine.summary import Summary
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Campaign, Job, Problem
from scheduler.policy.calendar import Calendar
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.instants import SECOND_MS, format_instant
from scheduler.policy.levels import resolve_dates
from scheduler.policy.zones import Zone, tzdata_version


class DialRow(NamedTuple):
    """One dial, in the words of the command line's contract; `abandoned` is None in a campaign without agents."""

    at: str
    local: str
    phone: str
    job: int
    attempt: int
    redialNumber: int | None
    priority: int
    outcome: str
    seconds: int | float
    zone: str
    abandoned: bool | None


class WindowRow(NamedTuple):
    """One interval in which a job may be dialled, with its zone and both edges in milliseconds."""

    job: int
    phone: str
    zone: Zone
    opens_ms: int
    closes_ms: int


def dial_rows(timeline: Timeline) -> Iterator[DialRow]:
    """The dials as rows, in the order in which they are placed."""
    clocks = LocalClocks(timeline.until_ms)
    has_agents = timeline.campaign.agents is not None
    for dial in timeline:
        job = dial.job
        yield DialRow(
            format_instant(dial.at),
            clocks.write(job.zone, dial.at),
            job.phone,
            job.index,
            dial.attempt,
            dial.redial_number,
            job.policy.priority,
            dial.outcome.value,
            dial.seconds,
            job.zone.name,
            dial.abandoned if has_agents else None,
        )


def window_rows(campaign: Campaign, jobs: Iterable[Job], from_ms: int, until_ms: int) -> Iterator[WindowRow]:
    """The intervals of each job inside [from_ms, until_ms) and its dates, in order of job, then time."""
    calendars: dict[object, Calendar] = {}
    for job in jobs:
        allowed = job.allowed(campaign.closed_dates)
        key = allowed.key
        calendar = calendars.get(key)
        if calendar is None:
            calendar = calendars[key] = allowed.calendar(from_ms, until_ms)
        dates = resolve_dates(campaign.dates, job.dates)
        start_ms = from_ms if dates.start_ms is None else max(from_ms, dates.start_ms)
        finish_ms = until_ms if dates.finish_ms is None else min(until_ms, dates.finish_ms)
        for opens_ms, closes_ms in calendar.clipped(start_ms, finish_ms):
            yield WindowRow(job.index, job.phone, job.zone, opens_ms, closes_ms)


def write_windows_ndjson(rows: Iterable[WindowRow], out: TextIO) -> None:
    """Each interval as one JSON object on a line."""
    out.writelines(
        f'{{"job": {row.job}, "phone": "{row.phone}", '
        f'"opens": "{format_instant(row.opens_ms)}", "closes": "{format_instant(row.closes_ms)}"}}\n'
        for row in rows
    )


def write_ndjson(timeline: Timeline, out: TextIO) -> None:
    """Each dial as one JSON object on a line."""
    out.writelines(json_of(row) + "\n" for row in dial_rows(timeline))


def write_json(timeline: Timeline, warnings: Sequence[Problem], out: TextIO) -> None:
    """The run, its dials, its summary and all warnings as one JSON object, dial by dial on a line."""
    head = {
        "now": format_instant(timeline.now_ms),
        "until": format_instant(timeline.until_ms),
        "tzdata": tzdata_version(),
    }
    out.write(json.dumps(head)[:-1] + ', "dials": [')
    out.writelines(f"{',' if place else ''}\n  {json_of(row)}" for place, row in enumerate(dial_rows(timeline)))
    tail = {"summary": summary_data(timeline.summary()), "warnings": [warning_data(each) for each in warnings]}
    out.write("\n], " + json.dumps(tail)[1:] + "\n")


def write_csv(timeline: Timeline, out: TextIO) -> None:
    """The dials as CSV (RFC 4180), with a header; `abandoned` is a column where there are agents."""
    writer = csv.writer(out)
    columns = len(DialRow._fields) - (timeline.campaign.agents is None)
    writer.writerow(DialRow._fields[:columns])
    for row in dial_rows(timeline):
        cells = row[:columns]
        writer.writerow(cells if row.abandoned is None else (*cells[:-1], "true" if row.abandoned else "false"))


def summary_data(summary: Summary) -> dict[str, Any]:
    """The figures of a summary as JSON."""

    def text(instant_ms: int | None) -> str | None:
        return None if instant_ms is None else format_instant(instant_ms)

    waiting = summary.waiting
    abandoned = {
        "abandoned": summary.abandoned,
        "abandonedOfAnswers": round(summary.abandoned_of_answers, 6),
        "abandonedOfDials": round(summary.abandoned_of_dials, 6),
    }
    if summary.abandoned is None:
        abandoned = {}
    return {
        "numbers": summary.numbers,
        "jobs": summary.jobs,
        "dialled": summary.dialled,
        "dials": summary.dials,
        "answers": summary.answers,
        **abandoned,
        "reach": round(summary.reach, 6),
        "attemptsPerNumber": round(summary.attempts_per_number, 6),
        "firstDial": text(summary.first_dial),
        "lastDial": text(summary.last_dial),
        "busiestHour": text(summary.busiest_hour),
        "busiestHourDials": summary.busiest_hour_dials,
        "secondsToLastDial": None if summary.time_to_last_dial_ms is None else summary.time_to_last_dial_ms / SECOND_MS,
        "waitingSeconds": {
            "mean": round(waiting.mean_ms / SECOND_MS, 3),
            "p95": waiting.p95_ms / SECOND_MS,
            "longest": waiting.longest_ms / SECOND_MS,
        },
        "linesBusy": {format_instant(hour_ms): round(lines, 3) for hour_ms, lines in summary.lines_busy.items()},
        "states": {state.value: count for state, count in summary.states.items()},
        "undialled": {reason.value: [job.index for job in jobs] for reason, jobs in summary.undialled.items()},
        "cutShort": {reason.value: [job.index for job in jobs] for reason, jobs in summary.cut_short.items()},
        "unfinished": summary.unfinished,
    }


def warning_data(warning: Problem) -> dict[str, Any]:
    """A warning as JSON: a problem, and how many alike ones it stands for."""
    return {**warning.as_data(), "count": warning.count}


def json_of(row: DialRow) -> str:
    """A dial as a JSON object: one spelling for every face."""
    redial = "null" if row.redialNumber is None else row.redialNumber
    abandoned = ', "abandoned": true' if row.abandoned else ""
    return (
        f'{{"at": "{row.at}", "local": "{row.local}", "phone": "{row.phone}", "job": {row.job}, '
        f'"attempt": {row.attempt}, "redialNumber": {redial}, "priority": {row.priority}, '
        f'"outcome": "{row.outcome}", "seconds": {row.seconds}{abandoned}}}'
    )


def write_explanations(explanations: Iterable[Explanation], out: TextIO) -> None:
    """Explanations as one JSON list, one on a line."""
    out.write("[")
    out.writelines(f"{',' if place else ''}\n  {json.dumps(each.as_data())}" for place, each in enumerate(explanations))
    out.write("\n]\n")


Writer = Callable[[Timeline, Sequence[Problem], TextIO], None]
