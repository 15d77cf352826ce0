"""The engine against a clock that ticks over plain lists."""

from __future__ import annotations

import json

from hypothesis import given

from scheduler import Timeline, read_campaign, read_request, simulate
from tests import oracles
from tests.strategies import TICK_MS, Case, cases


def run(case: Case) -> Timeline:
    """The product's timeline of a case."""
    campaign = read_campaign(json.dumps(case.campaign))
    batch = read_request(json.dumps(case.numbers), campaign)
    return simulate(campaign, batch.jobs, now=case.now, until=case.until, lines=case.lines)


@given(cases())
def test_the_engine_dials_and_ends_as_the_ticking_clock_does(case: Case) -> None:
    """R8, R9, R11.1, R11.2, R12.4, R12.5: dials, their order, and how each job stands at the end."""
    expected = oracles.simulate(
        case.campaign, case.numbers, now=case.now, until=case.until, tick_ms=TICK_MS, lines=case.lines
    )
    timeline = run(case)

    assert [(dial.at, dial.job.index, dial.attempt) for dial in timeline] == [tuple(dial) for dial in expected.dials]
    assert [(ending.state.value, ending.at) for ending in timeline.endings()] == [tuple(e) for e in expected.endings]
