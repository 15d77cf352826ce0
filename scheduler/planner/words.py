"""Figures, instants and spans as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from scheduler.planning import Estimate, Interval, Unit
from scheduler.policy.clocks import utc_words
from scheduler.policy.errors import shown
from scheduler.policy.instants import SECOND_MS
from scheduler.views.words import counted, span_words

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


def runs_words(count: int, seed: int) -> str:
    """How many runs there were, and under which seeds.

    >>> runs_words(30, 0), runs_words(1, 4)
    ('30 runs, with the seeds 0 to 29', '1 run, with the seed 4')
    """
    if count == 1:
        return f"1 run, with the seed {seed}"
    return f"{counted(count, 'run')}, with the seeds {seed} to {seed + count - 1}"
