"""The engine against a clock that ticks over plain lists."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests import ticking
from tests.strategies import Case, any_cases, dials_of, played


def assert_as_the_ticking_clock(case: Case) -> None:
    expected = ticking.simulate(
        case.campaign, case.numbers, now=case.now, until=case.until, tick_ms=case.tick_ms, lines=case.lines
    )
    timeline = played(case)

    assert dials_of(timeline) == [(dial.at, dial.job, dial.attempt) for dial in expected.dials]
    assert [(ending.state.value, ending.at) for ending in timeline.endings()] == [
        (ending.state, ending.at) for ending in expected.endings
    ]


@given(any_cases())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_engine_dials_and_ends_as_the_ticking_clock_does(case: Case) -> None:
    """R8, R9, R11.1, R11.2, R12.4, R12.5: dials, their order, and how each job stands at the end."""
    assert_as_the_ticking_clock(case)


@pytest.mark.exhaustive
@given(any_cases())
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_engine_dials_and_ends_as_the_ticking_clock_does_in_20_000_campaigns(case: Case) -> None:
    """R8, R9, R11.1, R11.2, R12.4, R12.5: the same, at length."""
    assert_as_the_ticking_clock(case)
