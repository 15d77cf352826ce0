"""The formulas themselves, against published figures, each other and another's implementation."""

from __future__ import annotations

from math import exp

import pytest
from pyworkforce.queuing import ErlangC  # type: ignore[import-untyped]

from tests.validation import theory

near = pytest.approx


def peer(lines: int, load: float, longer: float = 0.1) -> tuple[float, float]:
    """What pyworkforce has: the share of callers that wait, and of those that wait longer."""
    found = ErlangC(transactions=load, aht=1, asa=longer, interval=1)
    return found.waiting_probability(lines), 1 - found.service_level(lines)


LOADS = [(1, 0.7), (2, 1.5), (5, 4.0), (10, 8.0), (100, 95.0)]


@pytest.mark.parametrize(("lines", "load"), LOADS)
def test_erlang_c_is_that_of_pyworkforce(lines: int, load: float) -> None:
    waits, waits_longer = peer(lines, load)

    assert theory.erlang_c(lines, load) == near(waits, rel=1e-12)
    assert theory.waits_longer(lines, load, 0.1) == near(waits_longer, rel=1e-12)


@pytest.mark.parametrize(("lines", "load"), LOADS)
def test_erlang_b_is_that_within_erlang_c_of_pyworkforce(lines: int, load: float) -> None:
    """pyworkforce has no Erlang B of its own: C = n B / (n - a (1 - B)), solved for B."""
    waits, _ = peer(lines, load)

    assert theory.erlang_b(lines, load) == near(waits * (lines - load) / (lines - load * waits), rel=1e-9)


def test_erlang_b_by_hand() -> None:
    """One line of load a is busy a / (1 + a) of the time; 2 lines of load 1: 1/2 / (1 + 1 + 1/2)."""
    assert theory.erlang_b(1, 3.0) == near(0.75)
    assert theory.erlang_b(2, 1.0) == near(0.2)


def test_one_line_by_hand() -> None:
    """M/M/1: the wait is load / (1 - load), the share that waits the load."""
    assert theory.erlang_c(1, 0.7) == near(0.7)
    assert theory.mean_wait(1, 0.7) == near(0.7 / 0.3)
    assert theory.pollaczek_khinchine(0.7, 1.0) == near(0.7 / 0.3)
    assert theory.cobham([0.7]) == [near(0.7 / 0.3)]


def test_priorities_move_waits_and_leave_the_work() -> None:
    """Kleinrock's conservation law: the waits, weighted with their loads, sum up to those without priorities."""
    loads = [0.2, 0.1, 0.4]
    waits = theory.cobham(loads)

    assert waits == sorted(waits)
    assert sum(map(float.__mul__, loads, waits)) == near(0.7 * 0.7 / 0.3)


def test_erlang_a_of_100_lines() -> None:
    """Published for 100 lines, load 102 and patience like calls."""
    found = theory.erlang_a(100, 102, 1.0)

    assert list(found) == [near(0.591719, abs=5e-7), near(0.049918, abs=5e-7)]


@pytest.mark.parametrize(("lines", "load", "rate"), [(100, 102.0, 1.0), (3, 4.0, 0.5), (10, 8.0, 2.0)])
def test_erlang_a_as_a_chain_is_erlang_a_as_an_integral(lines: int, load: float, rate: float) -> None:
    integral = theory.patience_integral(lines, load, lambda wait: (1 - exp(-rate * wait)) / rate)

    assert theory.impatient(lines, load, integral) == near(theory.erlang_a(lines, load, rate), rel=1e-7)


def test_who_never_gives_up_is_in_erlang_c() -> None:
    found = theory.deadline(10, 8.0, 1_000.0)

    assert list(found) == [near(theory.erlang_c(10, 8.0)), near(0, abs=1e-12)]


def test_who_gives_up_at_once_is_in_erlang_b() -> None:
    found = theory.deadline(10, 8.0, 0.0)

    assert list(found) == [near(theory.erlang_b(10, 8.0)), near(theory.erlang_b(10, 8.0))]


@pytest.mark.parametrize(("lines", "load"), [(10, 11.0), (10, 10.0), (2, 1.0)])
def test_a_deadline_in_a_closed_form_is_the_integral(lines: int, load: float) -> None:
    integral = theory.patience_integral(lines, load, lambda wait: min(wait, 0.2))

    assert theory.deadline(lines, load, 0.2) == near(theory.impatient(lines, load, integral), rel=1e-6)


@pytest.mark.parametrize(("load", "rate"), [(0.5, 1.0), (0.7, 0.5), (0.3, 4.0)])
def test_the_retrial_queue_of_one_line_has_a_closed_form(load: float, rate: float) -> None:
    assert theory.retrial(1, load, rate) == near(theory.retrial_of_one_line(load, rate), rel=1e-9)


@pytest.mark.parametrize(
    ("lines", "load", "all_busy", "orbit"), [(2, 1.5, 0.605924, 4.152604), (5, 4.0, 0.455345, 5.261394)]
)
def test_retrial_queues_of_several_lines(lines: int, load: float, all_busy: float, orbit: float) -> None:
    """Published for retries like calls; all that comes is served, so as many lines are busy as there is load."""
    found = theory.retrial(lines, load, 1.0)

    assert list(found) == [near(load, rel=1e-9), near(all_busy, abs=1e-6), near(orbit, abs=1e-6)]


def test_impatient_retries_are_a_queue() -> None:
    """The faster callers try again, the nearer is the retrial queue to Erlang C."""
    found = theory.retrial(5, 4.0, 10_000.0)

    assert found.all_busy == near(theory.erlang_c(5, 4.0), rel=2e-3)


def test_reach_of_three_attempts() -> None:
    """1 - 0.75^3, and 1 + 0.75 + 0.75^2 attempts."""
    assert list(theory.reach(0.25, 3)) == [near(0.578125), near(2.3125)]


def test_the_abandoned_of_two_dials_by_hand() -> None:
    """Both of two are answered a quarter of the time, and one agent can take one; one answer is expected."""
    assert theory.abandoned(2, 1, 0.5) == near(0.25)
