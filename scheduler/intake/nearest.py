"""The name that was meant."""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST_PART = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to one that is not, or None: the only one that holds it, or else the likest by letters.

    >>> nearest("phoen", ["phone", "payload"]), nearest("zone", ["phone", "gmtZone"]), nearest("x", ["phone"])
    ('phone', 'gmtZone', None)
    """
    names = list(known)
    within = [each for each in names if len(name) >= SHORTEST_PART and name.casefold() in each.casefold()]
    if len(within) == 1:
        return within[0]
    from difflib import get_close_matches  # noqa: PLC0415 - for those who mistype

    found = get_close_matches(name[:40], names, n=1)
    return found[0] if found else None
