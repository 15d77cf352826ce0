"""Student's t, Wilson's interval and the tests that may be looked at any time, against tables and seeded coverage."""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, inf, log
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler.jobs import UsageError
from scheduler.planning.statistics import (
    apart_interval,
    deviation_of,
    evidence_above,
    evidence_below,
    incomplete_beta,
    mean_interval,
    mean_lies,
    mean_of,
    quantile_of,
    t_probability,
    t_quantile,
    wilson_interval,
)

T_TABLE = {  # Student's t, two-sided and one-sided columns of the usual printed table
    (0.975, 1): 12.706, (0.975, 2): 4.303, (0.975, 3): 3.182, (0.975, 4): 2.776, (0.975, 5): 2.571,
    (0.975, 9): 2.262, (0.975, 10): 2.228, (0.975, 19): 2.093, (0.975, 29): 2.045, (0.975, 30): 2.042,
    (0.975, 60): 2.000, (0.975, 120): 1.980, (0.95, 1): 6.314, (0.95, 10): 1.812, (0.95, 30): 1.697,
    (0.90, 5): 1.476, (0.99, 5): 3.365, (0.99, 20): 2.528, (0.995, 4): 4.604, (0.995, 15): 2.947,
    (0.9995, 1): 636.619, (0.9995, 10): 4.587, (0.9995, 100): 3.390, (0.75, 7): 0.711,
}  # fmt: skip
WILSON_TABLE = {  # Newcombe 1998, table I, method 3, at 95 %
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}


@pytest.mark.parametrize(("asked", "value"), T_TABLE.items(), ids=[f"{p}-{f}" for p, f in T_TABLE])
def test_the_quantile_of_t_is_that_of_the_table(asked: tuple[float, int], value: float) -> None:
    """Student 1908; the table has three digits."""
    assert t_quantile(*asked) == pytest.approx(value, abs=6e-4)


@pytest.mark.parametrize("freedom", [1, 2])
def test_the_quantile_of_t_has_a_closed_form_for_one_and_two_degrees(freedom: int) -> None:
    """With one degree of freedom it is Cauchy's, tan(pi (p - 1/2)); with two (2p - 1) sqrt(2 / (4 p (1 - p)))."""
    from math import pi, sqrt, tan

    for probability in (0.001, 0.05, 0.3, 0.5, 0.6, 0.975, 0.9999):
        closed = (
            tan(pi * (probability - 0.5))
            if freedom == 1
            else (2 * probability - 1) * sqrt(2 / (4 * probability * (1 - probability)))
        )
        assert t_quantile(probability, freedom) == pytest.approx(closed, rel=1e-9, abs=1e-9)


@given(st.floats(0.001, 0.999), st.floats(1, 1e6))
def test_the_quantile_of_t_is_where_its_probability_is_reached(probability: float, freedom: float) -> None:
    """The quantile is the inverse of the distribution."""
    assert t_probability(t_quantile(probability, freedom), freedom) == pytest.approx(probability, abs=1e-9)


def test_with_very_many_degrees_of_freedom_t_is_the_normal_distribution() -> None:
    """The limit of Student's t."""
    assert t_quantile(0.975, 10**8) == pytest.approx(1.959963985, abs=1e-8)
    assert t_quantile(0.975, 9_000_000) == pytest.approx(1.959963985, abs=1e-6)


@given(st.integers(1, 20), st.integers(1, 20), st.fractions(0, 1, max_denominator=50))
def test_the_incomplete_beta_function_of_whole_numbers_is_a_sum_of_binomials(a: int, b: int, x: Fraction) -> None:
    """DLMF 8.17.5: I_x(a, b) is the probability of a or more heads in a + b - 1 tosses; in exact fractions."""
    tosses = a + b - 1
    exact = sum(comb(tosses, heads) * x**heads * (1 - x) ** (tosses - heads) for heads in range(a, tosses + 1))

    assert incomplete_beta(a, b, float(x)) == pytest.approx(float(exact), abs=1e-11)


@pytest.mark.parametrize(("of", "bounds"), WILSON_TABLE.items(), ids=[f"{s}-{n}" for s, n in WILSON_TABLE])
def test_wilsons_interval_is_that_of_the_table(of: tuple[int, int], bounds: tuple[float, float]) -> None:
    """Newcombe 1998, Statistics in Medicine 17, 857-872."""
    interval = wilson_interval(*of)

    assert interval.low == pytest.approx(bounds[0], abs=6e-5)
    assert interval.high == pytest.approx(bounds[1], abs=6e-5)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.5, 0.999))
def test_wilsons_interval_holds_the_share_and_stays_between_0_and_1(good: int, runs: int, confidence: float) -> None:
    """Wilson 1927: unlike the simple interval, it never leaves [0, 1]."""
    good = min(good, runs)
    interval = wilson_interval(good, runs, confidence)

    assert 0 <= interval.low <= good / runs + 1e-12
    assert good / runs - 1e-12 <= interval.high <= 1


def test_the_interval_of_a_mean_holds_it_as_often_as_it_says() -> None:
    """Coverage: of 3,000 seeded samples of eight, 95 % and 80 % of the intervals hold the mean, within 1.5 points."""
    luck = Random(1)
    samples = [[luck.gauss(10, 3) for _ in range(8)] for _ in range(3000)]
    for confidence in (0.8, 0.95):
        intervals = [mean_interval(sample, confidence) for sample in samples]
        share = sum(each is not None and each.low <= 10 <= each.high for each in intervals) / len(samples)
        assert share == pytest.approx(confidence, abs=0.015)


def test_wilsons_interval_holds_the_probability_about_as_often_as_it_says() -> None:
    """Coverage, exactly: the sum of the binomial probabilities of what it holds lies within 0.03 of 95 % on average."""
    shares = []
    for probability in [place / 40 for place in range(4, 37)]:
        held = [wilson_interval(good, 30) for good in range(31)]
        shares.append(
            sum(
                comb(30, good) * probability**good * (1 - probability) ** (30 - good)
                for good, each in enumerate(held)
                if each.low <= probability <= each.high
            )
        )

    assert sum(shares) / len(shares) == pytest.approx(0.95, abs=0.01)
    assert min(shares) > 0.92


def test_the_interval_of_independent_samples_is_welchs() -> None:
    """Welch 1947; by hand: variances 4/3 and 4, three each... means 2 and 5, standard error sqrt(1/3 + 4/3)."""
    first, second = [1.0, 2.0, 3.0], [3.0, 5.0, 7.0]
    interval = apart_interval(first, second)
    assert interval is not None
    error = (1 / 3 + 4 / 3) ** 0.5
    freedom = (1 / 3 + 4 / 3) ** 2 / ((1 / 3) ** 2 / 2 + (4 / 3) ** 2 / 2)

    assert (interval.low + interval.high) / 2 == pytest.approx(3)
    assert interval.half_width == pytest.approx(t_quantile(0.975, freedom) * error)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_quantile_is_the_least_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    """By its definition, over all values."""
    found = quantile_of(values, share)
    enough = [value for value in values if sum(other <= value for other in values) >= share * len(values) - 1e-5]

    assert found == min(enough)


def test_infinite_values_make_the_mean_infinite_and_leave_no_interval() -> None:
    """A campaign that is not over has no instant at which it is finished."""
    assert (mean_of([1.0, inf]), deviation_of([1.0, inf]), mean_interval([1.0, inf])) == (inf, inf, None)
    assert mean_interval([1.0]) is None
    assert mean_lies([1.0, inf], 5.0, 0.05) == 1


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.05, 0.95))
def test_evidence_is_the_likelihood_of_the_mixture_against_the_bound(good: int, bad: int, bound: float) -> None:
    """Robbins 1970: half certainty, half an even spread over what lies above; here by the midpoint rule."""
    steps = 4000
    width = (1 - bound) / steps
    points = [bound + (place + 0.5) * width for place in range(steps)]
    even = sum(point**good * (1 - point) ** bad for point in points) * width / (1 - bound)
    ratio = (0.5 * even + 0.5 * (bad == 0)) / (bound**good * (1 - bound) ** bad)

    assert exp(evidence_above(good, good + bad, bound)) == pytest.approx(ratio, rel=1e-2)


@pytest.mark.parametrize("evidence", [evidence_above, evidence_below])
@pytest.mark.parametrize("probability", [0.5, 0.9, 0.95])
def test_evidence_looked_at_after_every_run_errs_no_more_often_than_allowed(evidence: Any, probability: float) -> None:
    """Ville 1939: at the bound itself, the chance of ever crossing log(1 / error) is at most `error`; exactly.

    The probability of each number of successes among the paths that have not crossed, run after run.
    """
    error = 0.1
    waiting, crossed = {0: 1.0}, 0.0
    for runs in range(1, 81):
        reached: dict[int, float] = {}
        for good, chance in waiting.items():
            reached[good] = reached.get(good, 0.0) + chance * (1 - probability)
            reached[good + 1] = reached.get(good + 1, 0.0) + chance * probability
        over = {good for good in reached if evidence(good, runs, probability) >= log(1 / error)}
        crossed += sum(reached.pop(good) for good in over)
        waiting = reached

    assert 0 < crossed <= error


def test_nothing_is_evidence_of_more_than_certainty() -> None:
    """The bound of a probability that is next to 0 is next to 1 from the other side."""
    assert evidence_above(3, 3, 1.0) == -inf


def test_the_looks_at_a_mean_err_no_more_often_than_allowed() -> None:
    """Spending error / (k (k + 1)) on the k-th look: at the bound itself, of 1,000 seeded series few are misjudged."""
    luck, error, tries = Random(3), 0.1, 1000
    wrong = 0
    for _ in range(tries):
        values: list[float] = []
        for _ in range(40):
            values.append(luck.gauss(5, 2))
            if mean_lies(values, 5.0, error) > 0:
                wrong += 1
                break

    assert wrong <= error * tries


def test_a_clear_mean_is_told_at_the_first_look_and_an_equal_one_never() -> None:
    """Five values far from the bound are enough; values that are all alike have to be more."""
    assert mean_lies([9.0, 9.1, 9.2, 8.9, 9.0], 5.0, 0.05) == 1
    assert mean_lies([9.0] * 10, 5.0, 0.05) == 0
    assert mean_lies([9.0] * 20, 5.0, 0.05) == 1
    assert mean_lies([5.0] * 20, 5.0, 0.05) == 0


@pytest.mark.parametrize("probability", [0.0, 1.0, -1.0])
def test_a_quantile_of_no_probability_is_refused(probability: float) -> None:
    """Bad input gets one message."""
    with pytest.raises(UsageError, match="between 0 and 1"):
        t_quantile(probability, 5)


@pytest.mark.parametrize(("good", "runs"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_counts_are_refused(good: int, runs: int) -> None:
    """Bad input gets one message."""
    with pytest.raises(UsageError, match="none to all are successes"):
        wilson_interval(good, runs)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    """Bad input gets one message: 0.95, not 95."""
    with pytest.raises(UsageError, match=r"such as 0\.95"):
        mean_interval([1.0, 2.0], confidence)
