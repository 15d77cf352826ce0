"""The command line as tests run it: in this process or in one of its own, and what they hand it and read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

COMMAND = str(Path(sys.executable).with_name("call-scheduler"))
NOW = ("--now", "2026-03-02T09:00:00Z")


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def process(*arguments: str, body: str | bytes = b"", **environment: str) -> Ran:
    """Runs the installed command, with warnings as errors."""
    done = subprocess.run(
        [COMMAND, *arguments],
        input=body.encode() if isinstance(body, str) else body,
        capture_output=True,
        env={**os.environ, "PYTHONWARNINGS": "error", **environment},
        check=False,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def number(phone: int | str = 79123456789, zone: str = "Z", /, **fields: Any) -> dict[str, Any]:
    """One number of a request."""
    return {"phone": str(phone), "gmtZone": zone, **fields}


def request(*numbers: dict[str, Any]) -> str:
    """An addPhones body."""
    return json.dumps(list(numbers))


def many(count: int, **fields: Any) -> str:
    """A request of so many numbers that differ in their phone alone."""
    return request(*(number(79000000000 + place, **fields) for place in range(count)))


def objects(text: str) -> list[dict[str, Any]]:
    """The objects of NDJSON."""
    return [json.loads(line) for line in text.splitlines()]


def table_rows(text: str) -> list[list[str]]:
    """The cells of the rows of a table that are no heading: they hold a date."""
    cells = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    return [row for row in cells if len(row) > 3 and any(re.search(r"\d{4}-\d\d-\d\d", cell) for cell in row)]


def campaign_file(folder: Path, text: str) -> str:
    """The path of a campaign file with this text."""
    path = folder / "campaign.toml"
    path.write_text(text, "utf-8")
    return str(path)
