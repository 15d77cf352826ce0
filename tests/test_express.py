"""The loop that is written out for calls that come to something of their own, against the one that does all."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

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
from tests.laws import bound
from tests.scenarios import laws_of
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


class Commanded(NamedTuple):
    """A case under made-up laws, and what is commanded on the way."""

    case: Case
    commands: list[Command]
    laws: list[dict[str, Any]]


def generally(scene: Commanded, model: Model) -> Timeline:
    """The timeline of a scene, by the loop that does all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dialler, "is_common", lambda _: False)
        return played(scene, model)


def played(scene: Commanded, model: Model) -> Timeline:
    """The timeline of a scene under a model."""
    case, commands, laws = scene
    campaign = campaign_of(case.campaign)
    jobs = bound(jobs_of(campaign, case.numbers), laws)
    return simulate(
        campaign, jobs, now=case.now, until=case.until, lines=case.lines, outcomes=model, seed=7, commands=commands
    )


@st.composite
def commanded(draw: st.DrawFn) -> Commanded:
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
    return Commanded(case, commands, draw(laws_of(case, frozenset())))


@given(commanded(), st.sampled_from(sorted(MODELS)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_common_campaigns_go_as_all_others(scene: Commanded, name: str) -> None:
    """R8 to R13: the same dials, calls and endings, to the millisecond."""
    assert seen(played(scene, MODELS[name])) == seen(generally(scene, MODELS[name]))


@pytest.mark.exhaustive
@given(commanded(), st.sampled_from(sorted(MODELS)))
@settings(max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_common_campaigns_go_as_all_others_in_5_000_scenes(scene: Commanded, name: str) -> None:
    """R8 to R13: the same, at length."""
    assert seen(played(scene, MODELS[name])) == seen(generally(scene, MODELS[name]))


@pytest.mark.parametrize(
    ("name", "special"),
    [
        *((name, {}) for name in sorted(MODELS)),
        ("redials", {"callsPerSecond": 0.02, "maxAttemptsPerPhone": 3}),
        ("short", {"callsPerSecond": 0.02, "readings": {"retryFrom": "start"}}),
        ("long", {"maxSimultaneousCalls": [{"from": "08:00", "lines": 9}, {"from": "12:00", "lines": 4}]}),
        ("redials", {"law": {"caps": [{"most": 2, "rollingHours": 6}]}}),
        ("redials", {"law": {"coolDowns": [{"days": 2, "after": "conversation"}], "redialsExempt": True}}),
        ("short", {"law": {"caps": [{"most": 1, "calendar": "day"}]}, "readings": {"retryFrom": "start"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value) or "plain",
)
def test_a_crowd_goes_the_same_way_in_steps_and_in_one_run_of_either_loop(name: str, special: dict[str, Any]) -> None:
    """R8.5: thousands of calls on some lines, with windows that open and close, and a batch that comes later."""
    luck = random.Random(name)
    law = {field: value for field, value in special.items() if field == "law"}
    special = {field: value for field, value in special.items() if field != "law"}
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
    if law:  # of three numbers in a row two have the same phone, and one is alone
        numbers = [{**each, "phone": numbers[place - (place % 3 == 1)]["phone"]} for place, each in enumerate(numbers)]
    laws = [{**law, "phones": sorted({each["phone"] for each in numbers})}] if law else []
    jobs, more = (bound(jobs_of(campaign, some), laws) for some in (numbers[:800], numbers[800:]))
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

    assert len(whole) > 1500 - 500 * len(laws)
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
