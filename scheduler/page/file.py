"""The page as one file that can be mailed: its script, its style, and one run; it loads nothing and asks nobody.

The file says by their digests which script and which style may run in it. The run lies in it as data, packed, which is
never markup whatever its texts hold. What came with the numbers as payload is not in it. The same run gives the same
bytes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Sequence
from importlib.metadata import version

import msgspec

from scheduler.jobs import UsageError
from scheduler.page.built import built
from scheduler.page.html import shell
from scheduler.page.numbers import number_of
from scheduler.page.overview import told_span
from scheduler.page.result import Result
from scheduler.page.series import base_of, limits_of
from scheduler.page.told import FileData, MadeTold
from scheduler.policy.instants import format_instant
from scheduler.policy.zones import tzdata_version

MAX_NUMBERS = 200_000
MAX_EXPLAINED = 500
_ENDS_SCRIPT = re.compile("<(?=/script|!--)", re.IGNORECASE)
_ENDS_STYLE = re.compile("<(?=/style)", re.IGNORECASE)


def page_file(result: Result, made: Sequence[tuple[str, str]] = ()) -> str:
    """The page with a run in it; `made` says how that came about, in pairs of a name and a value.

    All numbers are in it, and the first MAX_EXPLAINED with their reasons. Raises UsageError for a run of more numbers
    than a page can hold, and if the page was not built. About ten microseconds a number, and a millisecond for each
    that is explained.
    """
    if result.numbers > MAX_NUMBERS:
        raise UsageError(
            f"{result.numbers:,} numbers are more than a page can hold, {MAX_NUMBERS:,}; "
            "take --format ndjson, csv or parquet, or look at them in the page of call-scheduler serve"
        )
    script = _ENDS_SCRIPT.sub(r"\\x3c", built("page.js").decode())
    style = _ENDS_STYLE.sub(r"\\3c ", built("page.css").decode())
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<style>{style}</style>\n'
    data = f'<script type="text/plain" id="data">{_packed(file_data(result, made))}</script>\n'
    name = result.timeline.campaign.name
    return shell(f"Preview of {name}" if name else "Preview", head, f"{data}<script>{script}</script>\n")


def file_data(result: Result, made: Sequence[tuple[str, str]] = ()) -> FileData:
    """What a file holds of a run."""
    timeline, table = result.timeline, result.table
    span = told_span(timeline, result.overview.toMs)
    about = [
        *made,
        ("begins", format_instant(timeline.now_ms)),
        ("ends at the latest", format_instant(timeline.until_ms)),
        ("call-scheduler", version("call-scheduler")),
        ("time zones", tzdata_version()),
    ]
    return FileData(
        made=[MadeTold(name=name, value=value) for name, value in about],
        overview=result.overview,
        base=base_of(result),
        limits=limits_of(timeline.history, *span),
        rows=[table.row(place) for place in range(len(table))],
        numbers=[number_of(result, index) for index in table.jobs[:MAX_EXPLAINED]],
    )


def _packed(data: FileData) -> str:
    """Data in letters, digits and three signs that mean nothing in HTML."""
    return base64.b64encode(gzip.compress(msgspec.json.encode(data), mtime=0)).decode()


def _digest(text: str) -> str:
    """What a content security policy calls an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
