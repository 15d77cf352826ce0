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


JSON_WORDS = {"None": "null", "True": "true", "False": "false"}


def shown(value: object, *, limit: int = 60) -> str:
    """The value as a message quotes it: on one line, at most `limit` characters.

    >>> shown("7am"), shown({"mon": []}), shown("x" * 99, limit=8)
    ('"7am"', "{'mon': []}", '"xxxxxxx…')
    """
    try:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    except (RecursionError, ValueError):
        return f"a value of type {type(value).__name__}, too large to show"
    text = JSON_WORDS.get(text, text)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= limit else text[:limit] + "…"
