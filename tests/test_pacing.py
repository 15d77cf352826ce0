"""How many numbers to dial at once, against binomial sums in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, strategies as st

from scheduler import UsageError
from scheduler.engine.pacing import abandoned_share, dials_for

rates = st.integers(1, 20).map(lambda twentieths: Fraction(twentieths, 20))


def share(dials: int, agents: int, answered: Fraction) -> Fraction:
    """E[abandoned] / E[answered], the binomial written out."""
    expected = sum(
        max(answers - agents, 0) * comb(dials, answers) * answered**answers * (1 - answered) ** (dials - answers)
        for answers in range(dials + 1)
    )
    return expected / (dials * answered)


def test_three_percent_abandoned_of_thirty_percent_answered() -> None:
    """The figures that the usual law of 3 % gives for instant batches."""
    assert [dials_for(agents, 0.3, 0.03) for agents in (1, 5, 10, 20, 50)] == [1, 10, 26, 58, 159]


@given(st.integers(0, 6), rates, st.integers(0, 10).map(lambda twentieths: Fraction(twentieths, 20)))
def test_the_most_dials_within_the_rate(agents: int, answered: Fraction, abandoned: Fraction) -> None:
    """What is chosen keeps the rate, exactly, and one dial more does not."""
    dials = dials_for(agents, float(answered), float(abandoned))

    assert dials >= agents
    assert dials == 0 or share(dials, agents, answered) <= abandoned
    assert share(dials + 1, agents, answered) > abandoned


@given(st.integers(1, 40), st.integers(0, 12), rates)
def test_the_share_is_that_of_the_binomial(dials: int, agents: int, answered: Fraction) -> None:
    assert abandoned_share(dials, agents, float(answered)) == pytest.approx(
        float(share(dials, agents, answered)), rel=1e-9, abs=1e-15
    )


def test_without_a_dial_nobody_is_abandoned() -> None:
    assert abandoned_share(0, 3, 0.5) == 0


def test_without_agents_nobody_is_dialled() -> None:
    assert dials_for(0, 0.3, 0.9) == 0


def test_certain_answers() -> None:
    """Of n answers n - 3 are abandoned; half of 6."""
    assert dials_for(3, 1, 0.5) == 6


def test_chances_that_are_too_small_for_a_float() -> None:
    """1,000 dials of 1 % take all of 1,000 agents with 10^-2000; where many do, the answers are nearly normal."""
    dials = dials_for(1_000, 0.01, 0.03)
    mean = dials * 0.01
    sd = sqrt(mean * 0.99)
    normal, beyond = NormalDist(), (mean - 1_000) / sd

    assert (sd * normal.pdf(beyond) + (mean - 1_000) * normal.cdf(beyond)) / mean == pytest.approx(0.03, rel=2e-3)
    assert dials_for(1_000, 0.01, 0) == 1_000


@pytest.mark.parametrize(
    ("agents", "answered", "abandoned", "expected"),
    [
        (-1, 0.3, 0.03, "agents are a whole number, at least 0, not -1"),
        (1, 0, 0.03, "an answer rate lies above 0, up to 1, not at 0"),
        (1, 1.1, 0.03, "an answer rate lies above 0, up to 1, not at 1.1"),
        (1, 0.3, 1, "an abandon rate lies from 0 up to, but not at, 1; not at 1"),
        (1, 0.3, -0.1, "an abandon rate lies from 0 up to, but not at, 1; not at -0.1"),
    ],
    ids=["agents", "never", "often", "all", "negative"],
)
def test_what_makes_no_sense_is_refused(agents: int, answered: float, abandoned: float, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        dials_for(agents, answered, abandoned)


def test_dials_below_none_are_refused() -> None:
    with pytest.raises(UsageError, match="dials are a whole number, at least 0, not -1"):
        abandoned_share(-1, 1, 0.5)
