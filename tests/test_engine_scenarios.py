"""The engine against a clock that ticks over plain lists, where calls are answered and commands are given."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler.engine.lines import LineLimit
from tests import ticking
from tests.scenarios import Scene, any_scenes, days_of_lines, drawn_scenes, foretold, performed, told, written_down
from tests.strategies import HOUR_MS, STARTS, TICK_MS, ZONES, campaign_of


def assert_as_the_ticking_clock(scene: Scene) -> None:
    expected = foretold(scene)
    timeline = performed(scene)

    seen = told(timeline)
    assert seen.dials == expected.dials
    assert seen.endings == expected.endings
    assert seen.refused == expected.refused


@given(any_scenes())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_answered_and_commands_go_as_on_the_ticking_clock(scene: Scene) -> None:
    """R6.2, R8 to R14: dials and their outcomes, redials, commands and what is refused, and how each job stands."""
    assert_as_the_ticking_clock(scene)


@pytest.mark.exhaustive
@given(any_scenes())
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_answered_and_commands_go_as_on_the_ticking_clock_in_20_000_scenes(scene: Scene) -> None:
    """R6.2, R8 to R14: the same, at length."""
    assert_as_the_ticking_clock(scene)


def assert_drawn_as_on_the_ticking_clock(scene: Scene) -> None:
    timeline = performed(scene)

    assert told(timeline) == foretold(scene._replace(script=written_down(timeline)))


@given(drawn_scenes())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_drawn_are_placed_as_the_ticking_clock_places_the_same(scene: Scene) -> None:
    """R8.1, R12.2, R12.3: a model decides what calls come to, and nothing about who is called when."""
    assert_drawn_as_on_the_ticking_clock(scene)


@pytest.mark.exhaustive
@given(drawn_scenes())
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_calls_that_are_drawn_are_placed_as_the_ticking_clock_places_the_same_in_10_000_scenes(scene: Scene) -> None:
    """R8.1, R12.2, R12.3: the same, at length."""
    assert_drawn_as_on_the_ticking_clock(scene)


@given(st.sampled_from(ZONES), st.sampled_from(STARTS), days_of_lines(TICK_MS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_lines_over_the_day_are_those_of_the_wall_clock_at_every_instant(
    zone: str, start: int, lines: list[dict[str, Any]]
) -> None:
    """R11.3: also where the clock jumps over the time at which they change, and no change is missed."""
    campaign = campaign_of({"timeZone": zone, "maxSimultaneousCalls": lines})
    limit = LineLimit(campaign.lines, campaign.zone)
    shown = [ticking.lines_at(lines, zone, t) for t in range(start, start + 3 * 24 * HOUR_MS, TICK_MS)]

    assert [limit.at(start + tick * TICK_MS) for tick in range(len(shown))] == shown
    for tick, (now, then) in enumerate(pairwise(shown)):
        change = limit.next_change(start + tick * TICK_MS)
        assert change > start + tick * TICK_MS
        assert now == then or change == start + (tick + 1) * TICK_MS
