"""What a few runs say about all that could be: means, quantiles, intervals, and a test that may be looked at any time.

Student's t and the intervals as in any textbook (Student 1908, Wilson 1927); the incomplete beta function by its
continued fraction (DLMF 8.17.22). The test of a probability is a mixture of likelihood ratios, which stays below
its bound at all looks together (Ville 1939, Robbins 1970), so that a run more may be asked for after every look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, fsum, inf, isfinite, lgamma, log, log1p, sqrt
from statistics import NormalDist

from scheduler.jobs import UsageError

CONFIDENCE = 0.95
TINY = 1e-300
PRECISION = 1e-15
MANY = 10**7  # degrees of freedom from which Student's t is the normal distribution to nine digits


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a value lies, with a confidence: from `low` to `high`."""

    low: float
    high: float
    confidence: float

    @property
    def half_width(self) -> float:
        """Half of its width."""
        return (self.high - self.low) / 2


# -- distributions -----------------------------------------------------------------------------------------------


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b): the share of Beta(a, b) below x. To about 14 digits.

    >>> round(incomplete_beta(2, 3, 0.5), 12)  # of five tosses of a coin less one, two or more heads
    0.6875
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, from the front (the modified method of Lentz)."""
    c, d = 1.0, 1 / _not_0(1 - (a + b) * x / (a + 1))
    result = d
    step = 0
    while True:
        step += 1
        last = result
        for factor in (
            step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step)),
            -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1)),
        ):
            d = 1 / _not_0(1 + factor * d)
            c = _not_0(1 + factor / c)
            result *= c * d
        if abs(result - last) <= PRECISION * abs(result):
            return result


def _not_0(value: float) -> float:
    return value if abs(value) > TINY else TINY


def t_probability(t: float, freedom: float) -> float:
    """The probability that Student's t with some degrees of freedom lies at or below a value.

    >>> round(t_probability(1.0, 1), 12)
    0.75
    """
    tail = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return tail if t < 0 else 1 - tail


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: float) -> float:
    """The value below which Student's t lies with a probability. To about twelve digits; a millisecond, once.

    Raises UsageError for a probability that is not between 0 and 1, or less than one degree of freedom.

    >>> round(t_quantile(0.975, 10), 6), round(t_quantile(0.05, 3), 6)
    (2.228139, -2.353363)
    """
    if not 0 < probability < 1 or not freedom >= 1:
        raise UsageError(
            f"a quantile of t needs a probability between 0 and 1 and at least 1 degree of freedom, "
            f"not {probability!r} and {freedom!r}"
        )
    if freedom >= MANY:
        return NormalDist().inv_cdf(probability)
    tail = min(probability, 1 - probability)
    low, high = 0.0, 1.0
    while _upper_tail(high, freedom) > tail:
        low, high = high, 2 * high
    while True:
        middle = (low + high) / 2
        if middle in {low, high}:
            return -middle if probability < 0.5 else middle
        if _upper_tail(middle, freedom) > tail:
            low = middle
        else:
            high = middle


def _upper_tail(t: float, freedom: float) -> float:
    """The probability beyond a value that is not below 0."""
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2


# -- of values ---------------------------------------------------------------------------------------------------


def mean_of(values: Sequence[float]) -> float:
    """The mean; infinite where a value is."""
    return fsum(values) / len(values) if all(map(isfinite, values)) else sum(values)


def deviation_of(values: Sequence[float]) -> float:
    """The standard deviation of what the values are a sample of; 0 for one value.

    >>> deviation_of([1.0, 2.0, 3.0])
    1.0
    """
    if len(values) < 2:
        return 0.0
    if not all(map(isfinite, values)):
        return inf
    mean = mean_of(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def quantile_of(values: Sequence[float], share: float) -> float:
    """The least of the values that at least a share of them does not exceed.

    >>> quantile_of([4, 1, 3, 2], 0.5), quantile_of([4, 1, 3, 2], 0.95)
    (2, 4)
    """
    ordered = sorted(values)
    # To a millionth of a place: 0.95 of 20 is the nineteenth, whatever the product is in binary.
    return ordered[max(ceil(round(share * len(ordered), 6)) - 1, 0)]


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Where the mean of all that could be lies, by Student's t; None where one value, or an infinite one, can't tell.

    >>> round(mean_interval([1.0, 2.0, 3.0]).high, 9)
    4.484137712
    """
    check_confidence(confidence)
    if len(values) < 2 or not all(map(isfinite, values)):
        return None
    half = t_quantile((1 + confidence) / 2, len(values) - 1) * deviation_of(values) / sqrt(len(values))
    mean = mean_of(values)
    return Interval(mean - half, mean + half, confidence)


def apart_interval(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Where the difference of two means, second less first, lies if the runs of the two are independent (Welch).

    None where one value, or an infinite one, can't tell.
    """
    check_confidence(confidence)
    if min(len(first), len(second)) < 2 or not all(map(isfinite, [*first, *second])):
        return None
    parts = [deviation_of(values) ** 2 / len(values) for values in (first, second)]
    difference = mean_of(second) - mean_of(first)
    if not sum(parts):
        return Interval(difference, difference, confidence)
    shares = [part / sum(parts) for part in parts]
    freedom = 1 / sum(share**2 / (len(values) - 1) for share, values in zip(shares, (first, second), strict=True))
    half = t_quantile((1 + confidence) / 2, max(freedom, 1)) * sqrt(sum(parts))
    return Interval(difference - half, difference + half, confidence)


def wilson_interval(successes: int, runs: int, confidence: float = CONFIDENCE) -> Interval:
    """Where a probability lies, after so many successes in so many runs (Wilson's score interval).

    >>> interval = wilson_interval(9, 10)
    >>> round(interval.low, 6), round(interval.high, 6)
    (0.59585, 0.982124)
    """
    check_confidence(confidence)
    if not 0 <= successes <= runs or not runs:
        raise UsageError(f"of at least one run none to all are successes, not {successes} of {runs}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / runs
    centre = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * sqrt(share * (1 - share) / runs + (z / (2 * runs)) ** 2)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == runs else centre + half
    return Interval(low, high, confidence)


def check_confidence(confidence: float) -> None:
    """Raise UsageError unless a confidence lies between 0 and 1."""
    if not 0 < confidence < 1:
        raise UsageError(f"a confidence lies between 0 and 1, such as 0.95, not at {confidence!r}")


# -- tests that may be looked at any time ------------------------------------------------------------------------


def evidence_above(successes: int, runs: int, probability: float) -> float:
    """The logarithm of how much likelier such runs are if a probability lies above one than if at or below it.

    If it lies at or below, this ever passes log(1 / error) with a probability of at most `error`, over all looks
    together. The alternatives are weighed half on certainty, half evenly on what lies between.

    >>> evidence_above(59, 59, 0.95) < log(20) < evidence_above(75, 75, 0.95)
    True
    """
    if probability >= 1:
        return -inf
    failures = runs - successes
    at_bound = successes * log(probability) + failures * log1p(-probability)
    between = _weighed(failures, successes, 1 - probability) - log1p(-probability) - at_bound
    if failures:
        return between + log(0.5)
    return log(0.5) + max(between, -at_bound) + log1p(exp(-abs(between + at_bound)))


def evidence_below(successes: int, runs: int, probability: float) -> float:
    """As `evidence_above`, of a probability that lies below one.

    >>> evidence_below(0, 2, 0.95) > log(20)
    True
    """
    return evidence_above(runs - successes, runs, 1 - probability)


def _weighed(first: int, second: int, bound: float) -> float:
    """The logarithm of the integral of x^first (1-x)^second from 0 to a bound."""
    whole = lgamma(first + 1) + lgamma(second + 1) - lgamma(first + second + 2)
    share = incomplete_beta(first + 1, second + 1, bound)
    return whole + log(share) if share > 0 else -inf


LOOKS = (5, 10, 20, 40, 80, 160, 320, 640, 1280)
ALIKE = 20  # values that have to be equal before that tells anything


def mean_lies(values: Sequence[float], bound: float, error: float) -> int:
    """Whether the mean of all that could be lies above a bound (1) or below it (-1); 0 where it can't be told yet.

    For values that are looked at as they come: the looks are those of LOOKS, and the k-th may err with
    error / (k (k + 1)), which sums up to `error`. By Student's t. One infinite value makes the mean infinite.

    >>> mean_lies([4.0, 5.0, 4.5, 5.5, 5.0], 9.0, 0.05), mean_lies([4.0, 5.0], 9.0, 0.05)
    (-1, 0)
    """
    if values and values[-1] == inf:
        return 1
    if len(values) not in LOOKS:
        return 0
    look = LOOKS.index(len(values)) + 1
    mean, deviation = mean_of(values), deviation_of(values)
    if not deviation and len(values) < ALIKE:
        return 0
    half = t_quantile(1 - error / (look * (look + 1)), len(values) - 1) * deviation / sqrt(len(values))
    return (mean - half > bound) - (mean + half < bound)
