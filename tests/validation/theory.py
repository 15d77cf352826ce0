"""What queueing theory says: closed forms, and chains that are solved as they stand.

Lengths are counted in mean calls: a call lasts 1 on average, `load` callers arrive in that time. `lines` serve.
Sources: Gross, Shortle, Thompson, Harris: Fundamentals of Queueing Theory, 4th ed. 2008 (GSTH); Zeltyn and
Mandelbaum: Call centers with impatient customers, Queueing Systems 51, 2005 (ZM); Falin and Templeton: Retrial
Queues, 1997 (FT).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb, exp, expm1
from typing import NamedTuple


def erlang_b(lines: int, load: float) -> float:
    """The share of callers that find no line free, and go (GSTH ch. 2, by the usual recursion)."""
    blocked = 1.0
    for line in range(1, lines + 1):
        blocked = load * blocked / (line + load * blocked)
    return blocked


def erlang_c(lines: int, load: float) -> float:
    """The share of callers that wait, where all do until they are served (GSTH ch. 2)."""
    blocked = erlang_b(lines, load)
    return lines * blocked / (lines - load * (1 - blocked))


def mean_wait(lines: int, load: float) -> float:
    """How long callers wait on average, those among them that do not wait (GSTH ch. 2)."""
    return erlang_c(lines, load) / (lines - load)


def waits_longer(lines: int, load: float, than: float) -> float:
    """The share of callers that wait longer than so many mean calls (GSTH ch. 2)."""
    return erlang_c(lines, load) * exp(-(lines - load) * than)


def pollaczek_khinchine(load: float, squared_variation: float) -> float:
    """How long callers of one line wait on average; calls have a squared coefficient of variation (GSTH ch. 5)."""
    return load * (1 + squared_variation) / (2 * (1 - load))


def cobham(loads: list[float]) -> list[float]:
    """How long callers of each priority, the first one first, wait for one line on average (GSTH ch. 3, Cobham).

    All calls last exponentially, 1 on average, and none is cut off.
    """
    waits = []
    before = 0.0
    for load in loads:
        waits.append(sum(loads) / ((1 - before) * (1 - before - load)))
        before += load
    return waits


class Impatient(NamedTuple):
    """Of callers that give up: the share that does not get a line at once, and the share that gives up."""

    wait: float
    abandon: float


def erlang_a(lines: int, load: float, patience_rate: float) -> Impatient:
    """Callers give up after an exponential time: the chain of how many there are (GSTH ch. 2, queues with impatience).

    Those who wait leave one by one, at the sum of their rates.
    """
    shares = [1.0]
    while len(shares) <= lines or shares[-1] > 1e-18 * max(shares):
        busy, waiting = min(len(shares), lines), max(len(shares) - lines, 0)
        shares.append(shares[-1] * load / (busy + waiting * patience_rate))
    total = sum(shares)
    queue = sum((count - lines) * share for count, share in enumerate(shares) if count > lines) / total
    return Impatient(sum(shares[lines:]) / total, patience_rate * queue / load)


def impatient(lines: int, load: float, given_up_integral: float) -> Impatient:
    """Callers give up after times of any distribution (ZM: M/M/n+G).

    The integral is J, over x from 0 on, of exp(load * H(x) - lines * x), H(x) being the integral of the share that
    would still wait, from 0 to x.
    """
    before = 1 / erlang_b(lines - 1, load)
    whole = before + load * given_up_integral
    return Impatient(load * given_up_integral / whole, (1 + (load - lines) * given_up_integral) / whole)


def patience_integral(lines: int, load: float, patience: Callable[[float], float]) -> float:
    """J of `impatient` by Simpson's rule; `patience` is H. Steps of a 20,000th of what matters."""
    end = 1.0
    while load * patience(end) - lines * end > -60:
        end *= 2
    steps = 20_000
    width = end / steps
    heights = [exp(load * patience(width * step) - lines * width * step) for step in range(steps + 1)]
    return width / 3 * (heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2]))


def deadline(lines: int, load: float, patience: float) -> Impatient:
    """All callers give up after the same time: J of `impatient` in a closed form."""
    growth = load - lines
    until = patience if growth == 0 else expm1(growth * patience) / growth
    return impatient(lines, load, until + exp(growth * patience) / lines)


class Retrial(NamedTuple):
    """Of callers that try again: lines busy on average, the share of time that all are, how many are between tries."""

    busy: float
    all_busy: float
    orbit: float


def retrial_of_one_line(load: float, retry_rate: float) -> Retrial:
    """One line, callers that try again after an exponential pause (FT ch. 1)."""
    return Retrial(load, load, load**2 / (1 - load) * (1 + 1 / retry_rate))


@cache
def retrial(lines: int, load: float, retry_rate: float, most: int = 250) -> Retrial:
    """Any number of lines: the stationary shares of (between tries, busy), cut off at `most` between tries (FT ch. 2).

    By the elimination of Grassmann, Taksar and Heyman (Operations Research 33, 1985), which never subtracts: the
    last state is left out and what passes through it is passed on, again and again; then the way back. A state has
    neighbours at most `lines + 2` places away, so only those are looked at.
    """
    width = lines + 1  # states of one number between tries
    count = width * (most + 1)
    rates: list[dict[int, float]] = [{} for _ in range(count)]
    for state in range(count):
        trying, busy = divmod(state, width)
        if busy < lines:
            rates[state][state + 1] = load
            if trying:
                rates[state][state - width + 1] = trying * retry_rate
        elif trying < most:
            rates[state][state + width] = load
        if busy:
            rates[state][state - 1] = float(busy)
    into: list[dict[int, float]] = [{} for _ in range(count)]
    for state, to in enumerate(rates):
        for other, rate in to.items():
            into[other][state] = rate
    for last in range(count - 1, 0, -1):
        out = {state: rate for state, rate in rates[last].items() if state < last}
        total = sum(out.values())
        for state in [state for state in into[last] if state < last]:
            share = into[last][state] / total
            into[last][state] = share
            for other, rate in out.items():
                if other != state:
                    rates[state][other] = into[other][state] = into[other].get(state, 0.0) + share * rate
    shares = [1.0]
    for state in range(1, count):
        shares.append(sum(shares[before] * share for before, share in into[state].items() if before < state))
    whole = sum(shares)
    return Retrial(
        sum(state % width * share for state, share in enumerate(shares)) / whole,
        sum(shares[lines::width]) / whole,
        sum(state // width * share for state, share in enumerate(shares)) / whole,
    )


class Reach(NamedTuple):
    """Of numbers that are dialled until they are answered: the share that is, and how often each is dialled."""

    reach: float
    attempts: float


def reach(answered: float, attempts: int) -> Reach:
    """The geometric distribution, cut off."""
    missed = (1 - answered) ** attempts
    return Reach(1 - missed, (1 - missed) / answered)


def abandoned(dials: int, agents: int, answered: float) -> float:
    """Of so many dials at once: the expected answers beyond the agents, by the expected answers."""
    chances = [
        comb(dials, answers) * answered**answers * (1 - answered) ** (dials - answers) for answers in range(dials + 1)
    ]
    return sum(max(answers - agents, 0) * chance for answers, chance in enumerate(chances)) / (dials * answered)
