"""What a file is, told by its content: a campaign, a request, a timeline, a golden file."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import Any

import msgspec

TITLE = b"call-scheduler golden file"

# A table of TOML on a line of its own; `[true]` and its like are lists of JSON.
_TOML_TABLE = re.compile(rb"\[{1,2}(?!(?:true|false|null)\b)[ \t]*[A-Za-z_][\w. \t-]*\]{1,2}[ \t]*(?:#.*)?")
_TOML_KEY = re.compile(rb"[A-Za-z0-9_.\"' \t-]+=")
_DIAL_FIELDS = frozenset({"at", "phone", "attempt", "outcome"})


class FileKind(StrEnum):
    """What `diff` compares two of: stable codes."""

    CAMPAIGN = "campaign file"
    REQUEST = "request"
    TIMELINE = "timeline"
    GOLDEN = "golden file"
    PREVIEW = "preview in another format"  # which holds too little, or cannot be told from others
    EMPTY = "empty file"


def kind_of(body: bytes) -> FileKind:
    r"""What a file is; what is wrong inside is for its reader to say. O(n), as a first object is decoded.

    >>> kind_of(b"maxSimultaneousCalls = 5"), kind_of(b"phone,gmtZone\n79123456789,Z")
    (<FileKind.CAMPAIGN: 'campaign file'>, <FileKind.REQUEST: 'request'>)
    """
    text = body.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(TITLE):
        return FileKind.GOLDEN
    if text.startswith(b"{"):
        return _kind_of_object(text)
    lines = (line.strip() for line in text.split(b"\n"))
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    if not first:
        # A file of comments alone is one of settings: all of them are left to their defaults.
        return FileKind.CAMPAIGN if text else FileKind.EMPTY
    if first.startswith(b"["):
        return FileKind.CAMPAIGN if _TOML_TABLE.fullmatch(first) else FileKind.REQUEST
    if _TOML_KEY.match(first):
        return FileKind.CAMPAIGN
    columns = first.replace(b'"', b"").split(b",")
    return FileKind.PREVIEW if {b"at", b"outcome"} <= set(columns) else FileKind.REQUEST


def _kind_of_object(text: bytes) -> FileKind:
    """What a file is that begins with an object: JSON, or NDJSON."""
    alone = _object(text)
    first = alone if alone is not None else _object(text.partition(b"\n")[0])
    if first is None:
        # Broken JSON, over several lines or in the first.
        return FileKind.REQUEST if b'"phone"' in text else FileKind.CAMPAIGN
    if first.keys() >= _DIAL_FIELDS:
        return FileKind.TIMELINE
    if alone is not None and "dials" in alone:
        return FileKind.PREVIEW
    return FileKind.CAMPAIGN if alone is not None and "phone" not in alone else FileKind.REQUEST


def _object(text: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
