"""What the page's build has made: its script, its style sheet, and the licences of the libraries in the script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from scheduler.jobs import UsageError

NAMES = ("page.js", "page.css", "licences.txt")


@cache
def built(name: str) -> bytes:
    """What is built under a name. Raises UsageError if the page was not built."""
    try:
        return files(__package__).joinpath("built", name).read_bytes()
    except FileNotFoundError:
        raise UsageError(f"the page is not built: {name} is missing; run `npm ci && npm run build` in web/") from None
