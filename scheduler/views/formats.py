"""How `preview` answers: what writes each format, with the libraries of each imported for those who ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TextIO

from scheduler.engine.timeline import Timeline
from scheduler.jobs import Problem, UsageError
from scheduler.views import rows


class PreviewFormat(StrEnum):
    """How `preview` answers."""

    TABLE = "table"
    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    ICAL = "ical"
    HTML = "html"
    SVG = "svg"
    PNG = "png"


BINARY = frozenset({PreviewFormat.PARQUET, PreviewFormat.PNG})


def refuse_terminal(format: PreviewFormat, out: TextIO) -> None:
    """Raises UsageError if what is written would only upset a terminal."""
    if format in BINARY and out.isatty():
        raise UsageError(f"--format {format} is no text for a terminal; name a file with --output, or pipe it")


def _table(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import tables  # noqa: PLC0415 - the library that draws tables, for those who look at one

    tables.write_dials(timeline, out)


def _parquet(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import frames  # noqa: PLC0415

    write_bytes(frames.parquet(timeline), out)


def _ical(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import ical  # noqa: PLC0415

    write_bytes(ical.dials_calendar(timeline), out)


def _svg(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import pictures, report  # noqa: PLC0415

    out.write(pictures.svg([picture.chart for picture in report.timeline_pictures(timeline)]) + "\n")


def _png(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import pictures, report  # noqa: PLC0415

    write_bytes(pictures.png([picture.chart for picture in report.timeline_pictures(timeline)]), out)


def report_text(timeline: Timeline, warnings: Sequence[Problem], run: Sequence[tuple[str, str]]) -> str:
    """The report of a timeline, as report.timeline_report has it."""
    from scheduler.views import report  # noqa: PLC0415

    return report.timeline_report(timeline, warnings, run)


def write_bytes(data: bytes, out: TextIO) -> None:
    """Write what is no text."""
    out.flush()
    out.buffer.write(data)


WRITERS: dict[PreviewFormat, rows.Writer] = {  # of all but the page, which stands above what is here
    PreviewFormat.TABLE: _table,
    PreviewFormat.NDJSON: lambda timeline, _, out: rows.write_ndjson(timeline, out),
    PreviewFormat.JSON: rows.write_json,
    PreviewFormat.CSV: lambda timeline, _, out: rows.write_csv(timeline, out),
    PreviewFormat.PARQUET: _parquet,
    PreviewFormat.ICAL: _ical,
    PreviewFormat.SVG: _svg,
    PreviewFormat.PNG: _png,
}
