"""The name that was meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to one that is not, or None where none is near.

    >>> nearest("phoen", ["phone", "payload"]), nearest("x", ["phone"])
    ('phone', None)
    """
    from difflib import get_close_matches  # noqa: PLC0415 - for those who mistype

    found = get_close_matches(name[:40], list(known), n=1)
    return found[0] if found else None
