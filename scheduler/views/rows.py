"""Dials and windows as rows, and rows as NDJSON, JSON and CSV: one spelling for every face.

No text of a request gets into a row as it came: phones are digits, zones have passed their grammar,
all else is numbers, instants and fixed words. So no cell of a CSV needs to be escaped.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from scheduler.engine.summary import Summary
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Campaign, Job, Problem
from scheduler.policy.calendar import Calendar, compile_calendar
from scheduler.policy.hours import WeeklyHours
from scheduler.policy.instants import SECOND_MS, format_instant
from scheduler.policy.levels import resolve_dates
from scheduler.policy.zones import Zone, tzdata_version


class DialRow(NamedTuple):
    """One dial, in the words of the command line's contract."""

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


class WindowRow(NamedTuple):
    """One interval in which a job may be dialled, with its zone and both edges in milliseconds."""

    job: int
    phone: str
    zone: Zone
    opens_ms: int
    closes_ms: int


class LocalClocks:
    """Writes instants on the clocks of zones; quick for instants in order, of which each zone sees many."""

    def __init__(self, end_ms: int) -> None:
        self._end_ms = end_ms
        self._runs: dict[str, tuple[int, int, int]] = {}

    def offset_s(self, zone: Zone, instant_ms: int) -> int:
        """The zone's offset at an instant before `end_ms`."""
        begin_ms, end_ms, offset_ms = self._runs.get(zone.name, (0, 0, 0))
        if not begin_ms <= instant_ms < end_ms:
            run = next(zone.runs(instant_ms, max(self._end_ms, instant_ms + 1)))
            begin_ms, end_ms, offset_ms = self._runs[zone.name] = run
        return offset_ms // SECOND_MS

    def write(self, zone: Zone, instant_ms: int) -> str:
        """The instant in local time, with its offset."""
        return format_instant(instant_ms, self.offset_s(zone, instant_ms), zulu=False)


def dial_rows(timeline: Timeline) -> Iterator[DialRow]:
    """The dials as rows, in the order in which they are placed."""
    clocks = LocalClocks(timeline.until_ms)
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
        )


def window_rows(campaign: Campaign, jobs: Iterable[Job], from_ms: int, until_ms: int) -> Iterator[WindowRow]:
    """The intervals of each job inside [from_ms, until_ms) and its dates, in order of job, then time."""
    calendars: dict[tuple[WeeklyHours, int | str], Calendar] = {}
    for job in jobs:
        hours_in_zone = job.policy.hours, job.zone.rules
        calendar = calendars.get(hours_in_zone)
        if calendar is None:
            calendar = compile_calendar(job.policy.hours, job.zone, from_ms, until_ms, campaign.closed_dates)
            calendars[hours_in_zone] = calendar
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
    out.writelines(_json(row) + "\n" for row in dial_rows(timeline))


def write_json(timeline: Timeline, warnings: Sequence[Problem], out: TextIO) -> None:
    """The run, its dials, its summary and all warnings as one JSON object, dial by dial on a line."""
    head = {
        "now": format_instant(timeline.now_ms),
        "until": format_instant(timeline.until_ms),
        "tzdata": tzdata_version(),
    }
    out.write(json.dumps(head)[:-1] + ', "dials": [')
    out.writelines(f"{',' if place else ''}\n  {_json(row)}" for place, row in enumerate(dial_rows(timeline)))
    tail = {"summary": summary_data(timeline.summary()), "warnings": [warning_data(each) for each in warnings]}
    out.write("\n], " + json.dumps(tail)[1:] + "\n")


def write_csv(timeline: Timeline, out: TextIO) -> None:
    """The dials as CSV (RFC 4180), with a header."""
    writer = csv.writer(out)
    writer.writerow(DialRow._fields)
    writer.writerows(dial_rows(timeline))


def summary_data(summary: Summary) -> dict[str, Any]:
    """The figures of a summary as JSON."""

    def text(instant_ms: int | None) -> str | None:
        return None if instant_ms is None else format_instant(instant_ms)

    return {
        "jobs": summary.jobs,
        "dialled": summary.dialled,
        "dials": summary.dials,
        "firstDial": text(summary.first_dial),
        "lastDial": text(summary.last_dial),
        "busiestHour": text(summary.busiest_hour),
        "busiestHourDials": summary.busiest_hour_dials,
        "undialled": {reason.value: [job.index for job in jobs] for reason, jobs in summary.undialled.items()},
        "cutShort": {reason.value: [job.index for job in jobs] for reason, jobs in summary.cut_short.items()},
        "unfinished": summary.unfinished,
    }


def warning_data(warning: Problem) -> dict[str, Any]:
    """A warning as JSON: a problem, and how many alike ones it stands for."""
    return {**warning.as_data(), "count": warning.count}


def _json(row: DialRow) -> str:
    redial = "null" if row.redialNumber is None else row.redialNumber
    return (
        f'{{"at": "{row.at}", "local": "{row.local}", "phone": "{row.phone}", "job": {row.job}, '
        f'"attempt": {row.attempt}, "redialNumber": {redial}, "priority": {row.priority}, '
        f'"outcome": "{row.outcome}", "seconds": {row.seconds}}}'
    )


Writer = Callable[[Timeline, Sequence[Problem], TextIO], None]
