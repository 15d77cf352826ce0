"""Tables of text, with bars that run down a column, and what of them an output can take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isfinite
from typing import TextIO

BAR = 16  # cells
EIGHTHS = "▏▎▍▌▋▊▉█"
AS_BAR, WHAT = "as a bar", "what"
AT_LEFT = frozenset({AS_BAR, WHAT})


def drawn(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    plain: bool,
    left: int = 1,
    at_left: Collection[str] = AT_LEFT,
) -> str:
    """A table; the first `left` columns and those `at_left` begin at the left, the others end at the right.

    `plain` takes nothing but ASCII.

    >>> print(drawn(["lines", "dials", "what"], [["5", "12,345", "x"]], plain=True), end="")
    lines   dials  what
    -------------------
    5      12,345  x
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        aligned = [
            cell.ljust(width) if place < left or name in at_left else cell.rjust(width)
            for place, (cell, width, name) in enumerate(zip(cells, widths, head, strict=True))
        ]
        return "  ".join(aligned).rstrip()

    ruler = ("-" if plain else "─") * (sum(widths) + 2 * (len(head) - 1))
    return "".join(f"{each}\n" for each in (line(head), ruler, *map(line, rows)))


def takes_blocks(out: TextIO) -> bool:
    """Whether bars and rules of Unicode can be written."""
    try:
        "─▏█".encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_text(text: str, out: TextIO) -> None:
    """Write, with escapes for what the encoding does not have: a value of a field may be anything."""
    encoding = out.encoding or "utf-8"
    out.write(text.encode(encoding, "backslashreplace").decode(encoding))


def bars(values: Sequence[float], *, plain: bool) -> list[str]:
    """A bar for each value, the longest for the greatest; none for what is infinite.

    >>> bars([1.0, 4.0], plain=True)
    ['####', '################']
    """
    most = max((value for value in values if isfinite(value)), default=0.0)
    return [_bar(value / most, plain=plain) if most > 0 and isfinite(value) else "" for value in values]


def _bar(share: float, *, plain: bool) -> str:
    if plain:
        return "#" * round(share * BAR)
    eighths = round(share * BAR * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")
