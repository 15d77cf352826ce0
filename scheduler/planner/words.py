"""Figures, instants and spans as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from scheduler.planning import Estimate, Interval, Unit
from scheduler.policy.clocks import utc_words
from scheduler.policy.errors import shown
from scheduler.policy.instants import SECOND_MS

NEVER = "never"


def value_words(value: float, unit: Unit) -> str:
    """A value with its unit.

    >>> [value_words(12_345.0, Unit.COUNT), value_words(0.356, Unit.SHARE), value_words(4_000.0, Unit.SECONDS)]
    ['12,345', '35.6 %', '1 h 7 min']
    """
    if not isfinite(value):
        return NEVER if unit is Unit.INSTANT else "no end"
    if unit is Unit.INSTANT:
        return utc_words(round(value / SECOND_MS) * SECOND_MS)
    if unit is Unit.SHARE:
        return f"{value:.1%}".replace("%", " %")
    if unit is Unit.SECONDS:
        return span_words(value)
    return number_words(value) + (" h" if unit is Unit.HOURS else "")


def number_words(value: float) -> str:
    """A number with as many digits as help.

    >>> number_words(20.0), number_words(2.345), number_words(234.56), number_words(0.0321)
    ('20', '2.35', '235', '0.032')
    """
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.2g}"


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


def mean_words(estimate: Estimate) -> str:
    """The mean of an estimate; of a finish that some runs do not come to, it says that."""
    if not isfinite(estimate.mean) and isfinite(estimate.least):
        return "not in all runs"
    return value_words(estimate.mean, estimate.unit)


def interval_words(interval: Interval | None, unit: Unit) -> str:
    """From where to where; nothing where it is not known."""
    if interval is None or not (isfinite(interval.low) and isfinite(interval.high)):
        return ""
    low, high = value_words(interval.low, unit), value_words(interval.high, unit)
    return low if low == high else f"{low} to {high}"


def field_words(value: Any) -> str:
    """A value of a field as somebody writes it."""
    return value if isinstance(value, str) and value.isprintable() else shown(value)


def place_words(fields: Mapping[str, Any]) -> str:
    """The fields of a place: `lines=20, policy.maxAttempts=3`."""
    return ", ".join(f"{field}={field_words(value)}" for field, value in fields.items())


def counted(number: int, what: str) -> str:
    """A number of things: `1 run`, `2,000 runs`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def runs_words(count: int, seed: int) -> str:
    """How many runs there were, and under which seeds.

    >>> runs_words(30, 0), runs_words(1, 4)
    ('30 runs, with the seeds 0 to 29', '1 run, with the seed 4')
    """
    if count == 1:
        return f"1 run, with the seed {seed}"
    return f"{count:,} runs, with the seeds {seed} to {seed + count - 1}"
