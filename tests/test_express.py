"""The loop that is written out for calls that come to something of their own, against the one that does all."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import (
    Call,
    Cancel,
    Model,
    Outcome,
    Pause,
    Redial,
    Resume,
    Script,
    Simulation,
    Submit,
    Timeline,
    simulate,
)
from scheduler.commands import Command, SetLines
from scheduler.engine.dialler import Dialler
from scheduler.lengths import constant, lognormal, uniform
from tests.strategies import Case, any_cases, at, campaign_of, jobs_of, number

MINUTE_MS = 60_000
MODELS = {
    "long": Model(answered=0.3, busy=0.2, failed=0.1, nonexistent=0.05, talk_ms=lognormal(900_000, 1_800_000)),
    "alike": Model(answered=0.5, talk_ms=constant(900_000)),
    "short": Model(answered=0.2, busy=0.3, result=0.5, talk_ms=uniform(0, 10 * MINUTE_MS)),
    "redials": Model(
        answered=0.5,
        talk_ms=lognormal(900_000, 1_800_000),
        redial=Redial(start_after_ms=20 * MINUTE_MS),
        redial_share=0.5,
    ),
    "hours": Model(answered=0.5, by_hour=(0.5, 0.1, 0.9) * 8, talk_ms=uniform(0, 10 * MINUTE_MS)),
}


def seen(timeline: Timeline) -> tuple[Any, ...]:
    """All that happened."""
    return tuple(getattr(timeline.columns, name) for name in timeline.columns.__slots__)


def generally(case: Case, model: Model, commands: list[Command]) -> Timeline:
    """The timeline of a case, by the loop that does all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dialler, "is_common", lambda _: False)
        return played(case, model, commands)


def played(case: Case, model: Model, commands: list[Command]) -> Timeline:
    """The timeline of a case under a model."""
    campaign = campaign_of(case.campaign)
    jobs = jobs_of(campaign, case.numbers)
    return simulate(
        campaign, jobs, now=case.now, until=case.until, lines=case.lines, outcomes=model, seed=7, commands=commands
    )


@st.composite
def commanded(draw: st.DrawFn) -> tuple[Case, list[Command]]:
    case = draw(any_cases())
    ticks = (case.until - case.now) // MINUTE_MS
    moments = sorted(draw(st.lists(st.integers(0, min(ticks - 1, 3000)), max_size=4)))
    commands: list[Command] = []
    for moment in moments:
        instant = case.now + moment * MINUTE_MS
        kind = draw(st.sampled_from(["pause", "resume", "lines", "cancel"]))
        made: dict[str, Command] = {
            "pause": Pause(at=instant),
            "resume": Resume(at=instant),
            "lines": SetLines(at=instant, lines=draw(st.sampled_from([0, 1, 2, None]))),
            "cancel": Cancel(at=instant, jobs=(draw(st.integers(0, len(case.numbers) - 1)),)),
        }
        commands.append(made[kind])
    return case, commands


@given(commanded(), st.sampled_from(sorted(MODELS)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_common_campaigns_go_as_all_others(scene: tuple[Case, list[Command]], name: str) -> None:
    """R8 to R13: the same dials, calls and endings, to the millisecond."""
    case, commands = scene

    assert seen(played(case, MODELS[name], commands)) == seen(generally(case, MODELS[name], commands))


@pytest.mark.parametrize(
    ("name", "special"),
    [
        *((name, {}) for name in sorted(MODELS)),
        ("redials", {"callsPerSecond": 0.02, "maxAttemptsPerPhone": 3}),
        ("short", {"callsPerSecond": 0.02, "readings": {"retryFrom": "start"}}),
        ("long", {"maxSimultaneousCalls": [{"from": "08:00", "lines": 9}, {"from": "12:00", "lines": 4}]}),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value) or "plain",
)
def test_a_crowd_goes_the_same_way_in_steps_and_in_one_run_of_either_loop(name: str, special: dict[str, Any]) -> None:
    """R8.5: thousands of calls on some lines, with windows that open and close, and a batch that comes later."""
    luck = random.Random(name)
    campaign = campaign_of({"maxSimultaneousCalls": 9, **special})
    hours = [("06:00", "18:00"), ("08:00", "12:30"), ("22:00", "07:00"), ("09:00", "09:20")]
    numbers = [
        number(
            chr(200 + place),
            maxAttempts=luck.randint(1, 5),
            retryIntervalInMinutes=luck.choice([1, 7, 60]),
            dialerPriority=luck.randint(1, 3),
            **dict(zip(("localTimeFrom", "localTimeTo"), luck.choice(hours), strict=True)),
        )
        for place in range(1200)
    ]
    jobs, more = jobs_of(campaign, numbers[:800]), jobs_of(campaign, numbers[800:])
    begin, end = at("2026-03-02T05:00"), at("2026-03-06")
    commands: list[Command] = [Submit(at=begin + 5 * 60 * MINUTE_MS, jobs=more)]
    whole = simulate(campaign, jobs, now=begin, until=end, outcomes=MODELS[name], commands=commands)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dialler, "is_common", lambda _: False)
        general = simulate(campaign, jobs, now=begin, until=end, outcomes=MODELS[name], commands=commands)
    stepped = Simulation(campaign, now=begin, outcomes=MODELS[name])
    stepped.submit(jobs)
    for instant in sorted([*(luck.randrange(begin, end) for _ in range(40)), begin + 5 * 60 * MINUTE_MS]):
        stepped.run(instant)
        stepped.check()
        if instant == begin + 5 * 60 * MINUTE_MS:
            stepped.submit(more)
    stepped.run(end)
    stepped.check()

    assert len(whole) > 1500
    assert seen(whole) == seen(general)
    assert seen(stepped.timeline()) == seen(whole)


def turned_to_a_model() -> Timeline:
    """A campaign whose first call asks for a redial by a script, before a model takes over."""
    campaign = campaign_of({})
    asks = Call(Outcome.ANSWERED, 1_000, redial=Redial(start_after_ms=MINUTE_MS))
    run = Simulation(campaign, now=at("2026-03-02T09:00"), outcomes=Script(jobs={0: [asks]}))
    run.submit(jobs_of(campaign, [number(name, maxAttempts=4) for name in "ABCDEFGH"]))
    run.step()
    run.set_outcomes(MODELS["long"])
    run.run(at("2026-03-03T09:00"))
    run.check()
    return run.timeline()


def test_a_redial_that_is_still_to_be_asked_for_has_its_own_luck_in_either_loop() -> None:
    """R10.2, R12.3: also if outcomes come from a model only after the call was placed."""
    common = turned_to_a_model()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dialler, "is_common", lambda _: False)
        general = turned_to_a_model()

    assert any(dial.redial_number == 1 for dial in common)
    assert seen(common) == seen(general)
