"""Numbers and spans as people read them."""

from __future__ import annotations


def span_words(seconds: float) -> str:
    """A length of time.

    >>> span_words(4.25), span_words(300), span_words(725), span_words(3_900), span_words(400_000)
    ('4.25 s', '5 min', '12 min 5 s', '1 h 5 min', '4 d 15 h')
    """
    if seconds < 59.5:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 20:
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = round(seconds / 3600)
    return f"{hours // 24:,} d {hours % 24} h"


def counted(number: int, what: str) -> str:
    """A number of things: `1 run`, `2,000 runs`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")
