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
    """The value as a message quotes it: as JSON where it can be, on one line, at most `limit` characters.

    >>> shown("7am"), shown({"mon": [None]}), shown("x" * 99, limit=8)
    ('"7am"', '{"mon": [null]}', '"xxxxxxx…')
    """
    import json  # noqa: PLC0415 - for those who are shown what they wrote

    try:
        text = f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError, TypeError):
        return f"a value of type {type(value).__name__}, too large to show"
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= limit else text[:limit] + "…"


def step(name: str) -> str:
    """The step of a path into an object: `.name`, or in brackets and quotes where a name is no plain word.

    >>> step("phone"), step("x.y")
    ('.phone', '["x.y"]')
    """
    return f".{name}" if name.isidentifier() and name.isascii() else f"[{shown(name)}]"
