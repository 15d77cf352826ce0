"""How many numbers to dial at once for so many free agents, so that few who answer find none of them free."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import exp, inf, log

from scheduler.jobs import UsageError

# Sums of floats are compared with a bound up to so much, so that a rate that is met exactly counts as met.
ROUNDING = 1e-12


def dials_for(agents: int, answer_rate: float, abandon_rate: float) -> int:
    """The most dials at once with which at most a share of those who answer is abandoned, on average.

    Each dial is answered with the probability `answer_rate`, apart from the others; an answer that finds none of the
    `agents` free is abandoned at once. The share is that of expectations, E[abandoned] / E[answered], as laws count it
    over many batches: with X answers of n dials, X binomial, E[max(X - agents, 0)] / (n * answer_rate). The sums are
    exact but for rounding. It grows with n, so the first n that passes the rate is the end.
    Raises UsageError for agents below 0, an answer rate outside (0, 1] or an abandon rate outside [0, 1).
    Cost: O(dials).

    >>> [dials_for(agents, 0.3, 0.03) for agents in (1, 5, 10, 20, 50)]
    [1, 10, 26, 58, 159]
    """
    _check(agents, answer_rate)
    if not 0 <= abandon_rate < 1:
        raise UsageError(f"an abandon rate lies from 0 up to, but not at, 1; not at {abandon_rate!r}")
    if agents == 0:
        return 0  # nobody could take the first answer
    crowded = 0.0  # the sum of the probabilities below, up to the last dial
    for dials, probability in enumerate(_finds_nobody(agents, answer_rate), 1):
        crowded += probability
        # Without a rate to fill, the first dial that could be abandoned is too many, however unlikely that is.
        if crowded > abandon_rate * dials * (1 + ROUNDING) or (not abandon_rate and dials > agents):
            return dials - 1
    raise AssertionError("the share tends to more than any rate below 1")


def abandoned_share(dials: int, agents: int, answer_rate: float) -> float:
    """The share of answers that find no agent free, on average, when so many numbers are dialled at once.

    It is E[abandoned] / E[answered], as in `dials_for`; 0 without a dial. Raises UsageError likewise. Cost: O(dials).

    >>> round(abandoned_share(2, 1, 0.5), 6)
    0.25
    """
    _check(agents, answer_rate)
    if dials < 0:
        raise UsageError(f"dials are a whole number, at least 0, not {dials!r}")
    if dials == 0:
        return 0.0
    return sum(islice(_finds_nobody(agents, answer_rate), dials)) / dials


def _check(agents: int, answer_rate: float) -> None:
    if agents < 0:
        raise UsageError(f"agents are a whole number, at least 0, not {agents!r}")
    if not 0 < answer_rate <= 1:
        raise UsageError(f"an answer rate lies above 0, up to 1, not at {answer_rate!r}")


def _finds_nobody(agents: int, rate: float) -> Iterator[float]:
    """For the first, second, … dial: the probability that `agents` or more before it are answered.

    An answer is abandoned if that many came before it, so the expected abandoned of n dials are `rate` times the sum of
    the first n. The probability grows at each dial by that of its being the one at which the last agent is taken.
    """
    taken = 0.0
    # Of the probability that so many dials take all agents but one, the logarithm: it may be too small for a float.
    all_but_one = (agents - 1) * log(rate)
    before = 0
    while True:
        yield min(taken, 1.0) if agents else 1.0
        if agents and before >= agents - 1:
            taken += rate * exp(all_but_one)
            if rate == 1:
                all_but_one = -inf
            else:
                all_but_one += log((before + 1) / (before + 2 - agents)) + log(1 - rate)
        before += 1
