"""A result as a file: its dials as NDJSON, CSV or a calendar, or the page itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple, TextIO

from scheduler.engine.timeline import Timeline
from scheduler.page.file import page_file
from scheduler.page.result import Result
from scheduler.page.told import ExportFormat
from scheduler.views import rows


class Exported(NamedTuple):
    """What a file holds, the kind of it, and what it is called: never a name out of what was read."""

    content: bytes
    media_type: str
    name: str


def exported(result: Result, format: ExportFormat) -> Exported:
    """A result in a format. Raises UsageError for one that is too long for it, or whose library is absent."""
    media_type, name, make = FORMATS[format]
    return Exported(make(result), media_type, name)


def _text(write: Callable[[Timeline, TextIO], None]) -> Callable[[Result], bytes]:
    def written(result: Result) -> bytes:
        content = io.BytesIO()
        with io.TextIOWrapper(content, "utf-8", newline="") as out:
            write(result.timeline, out)
            out.flush()
            return content.getvalue()

    return written


def _calendar(result: Result) -> bytes:
    from scheduler.views import ical  # noqa: PLC0415 - the library of calendars, for those who want one

    return ical.dials_calendar(result.timeline)


FORMATS: dict[ExportFormat, tuple[str, str, Callable[[Result], bytes]]] = {
    "ndjson": ("application/x-ndjson", "preview.ndjson", _text(rows.write_ndjson)),
    "csv": ("text/csv", "preview.csv", _text(rows.write_csv)),
    "ical": ("text/calendar", "preview.ics", _calendar),
    "html": ("text/html", "preview.html", lambda result: page_file(result, result.made).encode()),
}
