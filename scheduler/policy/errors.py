"""What is wrong with a policy, in the vendor's words."""

from __future__ import annotations

from typing import NamedTuple


class Flaw(NamedTuple):
    """One thing that is wrong, or suspicious, in a value.

    `type` is the vendor's word for it (R15.6), `path` leads from the value that was
    read to the culprit (`.allowedTime.mon[1]`), `message` says what to write instead.
    """

    type: str
    path: str
    message: str


class PolicyError(ValueError):
    """All flaws of one value, so that a reader reports them at once (R15.1).

    >>> error = PolicyError(Flaw("invalid.call.dates", ".startDateTime", "write 2026-03-02T09:00:00Z"))
    >>> error.flaws[0].path
    '.startDateTime'
    """

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__("; ".join(flaw.message for flaw in flaws))
        self.flaws = flaws


def shown(value: object, *, limit: int = 60) -> str:
    """The value as a message quotes it: on one line, at most `limit` characters.

    >>> shown("7am"), shown({"mon": []}), shown("x" * 99, limit=8)
    ('"7am"', "{'mon': []}", '"xxxxxxx…')
    """
    text = f'"{value}"' if isinstance(value, str) else JSON_WORDS.get(repr(value), repr(value))
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= limit else text[:limit] + "…"


JSON_WORDS = {"None": "null", "True": "true", "False": "false"}
