"""The engine against a clock that ticks over plain lists, where calls are answered and commands are given."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.scenarios import Scene, foretold, performed, scenes, told


def assert_as_the_ticking_clock(scene: Scene) -> None:
    expected = foretold(scene)
    timeline = performed(scene)

    seen = told(timeline)
    assert seen.dials == expected.dials
    assert seen.endings == expected.endings
    assert seen.refused == expected.refused


@given(scenes())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_answered_and_commands_go_as_on_the_ticking_clock(scene: Scene) -> None:
    """R6.2, R8 to R14: dials and their outcomes, redials, commands and what is refused, and how each job stands."""
    assert_as_the_ticking_clock(scene)


@pytest.mark.exhaustive
@given(scenes())
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_answered_and_commands_go_as_on_the_ticking_clock_in_20_000_scenes(scene: Scene) -> None:
    """R6.2, R8 to R14: the same, at length."""
    assert_as_the_ticking_clock(scene)
