"""How long things take: distributions, as 4,096 equally likely lengths in whole milliseconds.

A distribution is cut at its quantiles into slices of equal probability, and each slice stands for its own
mean. So the mean of the table is that of the distribution, a draw is one look into a list, and the same luck
gives a longer length under a longer distribution.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log, sqrt
from statistics import NormalDist

SLICE_BITS = 12
SLICES = 1 << SLICE_BITS
SLICE_MASK = SLICES - 1

Lengths = tuple[int, ...]  # SLICES of them, ascending


def constant(length_ms: float) -> Lengths:
    """Always the same.

    >>> set(constant(30_000))
    {30000}
    """
    return (round(length_ms),) * SLICES


def uniform(least_ms: float, most_ms: float) -> Lengths:
    """All lengths between two alike."""
    return _whole(least_ms + (most_ms - least_ms) * (place + 0.5) / SLICES for place in range(SLICES))


def exponential(mean_ms: float) -> Lengths:
    """The length of what ends at any moment with the same probability.

    >>> round(sum(exponential(60_000)) / SLICES, -2)
    60000.0
    """
    edges = [place / SLICES for place in range(SLICES)]
    below = [edge + (1 - edge) * log(1 - edge) for edge in edges] + [1.0]  # the share of the mean below each edge
    return _slices(mean_ms, below)


def lognormal(mean_ms: float, sd_ms: float) -> Lengths:
    """The usual shape of conversations: most are short, some very long; by mean and standard deviation.

    >>> round(sum(lognormal(90_000, 60_000)) / SLICES, -2)
    90000.0
    """
    if sd_ms == 0:
        return constant(mean_ms)
    sigma = sqrt(log(1 + (sd_ms / mean_ms) ** 2))
    normal = NormalDist()
    edges = (normal.inv_cdf(place / SLICES) for place in range(1, SLICES))
    return _slices(mean_ms, [0.0, *(normal.cdf(edge - sigma) for edge in edges), 1.0])


def observed(lengths_ms: Sequence[float]) -> Lengths:
    """The lengths that were seen, each as likely as any other."""
    lengths = sorted(lengths_ms)
    return _whole(lengths[(2 * place + 1) * len(lengths) // (2 * SLICES)] for place in range(SLICES))


def _slices(mean_ms: float, below: list[float]) -> Lengths:
    return _whole(mean_ms * SLICES * (high - low) for low, high in pairwise(below))


def _whole(lengths: Iterable[float]) -> Lengths:
    return tuple(array("I", (round(length) for length in lengths)))
