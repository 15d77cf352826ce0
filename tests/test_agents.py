"""Agents as well as lines: who talks to those who answer, who waits for one, who is abandoned, how many are dialled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import (
    Agents,
    CampaignRefused,
    DayLines,
    DialMode,
    JobState,
    Model,
    Redial,
    Simulation,
    Timeline,
    UsageError,
    read_campaign,
    read_outcomes,
    read_request,
    simulate,
)
from scheduler.engine.columns import ANSWERED, OUTCOME_MASK
from scheduler.engine.waiting import waiting_ms
from scheduler.lengths import exponential
from scheduler.policy.instants import MINUTE_MS, SECOND_MS, parse_moment
from scheduler.views.rows import summary_data

NOW = "2026-03-02T09:00:00Z"
NOW_MS = parse_moment(NOW)


def run(calls: list[dict[str, Any] | str], until: str = "2026-03-02T12:00:00Z", **agents: Any) -> Timeline:
    """Numbers whose first attempts come to these calls, in a campaign with agents and nothing else."""
    campaign = read_campaign(json.dumps({"detectTimeZone": False, "agents": {"agents": 1, **agents}}))
    numbers = [{"phone": f"7900000000{place}"} for place in range(len(calls))]
    script = {"jobs": {str(place): [call] for place, call in enumerate(calls)}}
    outcomes = read_outcomes(json.dumps(script), campaign)
    return simulate(campaign, read_request(json.dumps(numbers), campaign).jobs, now=NOW, until=until, outcomes=outcomes)


def answered(ring: int, talk: int, **more: Any) -> dict[str, Any]:
    """A call that is answered after so many seconds, and talks for so many."""
    return {"outcome": "answered", "ringSeconds": ring, "talkSeconds": talk, **more}


def dials(timeline: Timeline) -> list[tuple[int, float, int | float, bool]]:
    """Of each dial: the number, seconds after the beginning, how long its line was held, whether it was abandoned."""
    return [(dial.job.index, (dial.at - NOW_MS) / SECOND_MS, dial.seconds, dial.abandoned) for dial in timeline]


# -- modes -----------------------------------------------------------------------------------------------


def test_progressive_dials_one_number_for_each_free_agent() -> None:
    """The next is dialled when the call rang in vain, or the agent has talked and done the work after it."""
    timeline = run(["noAnswer", answered(10, 60), answered(10, 60)], wrapUpSeconds=20)

    assert dials(timeline) == [(0, 0, 30, False), (1, 30, 70, False), (2, 120, 70, False)]


def test_a_ratio_dials_more_and_who_finds_no_agent_is_abandoned() -> None:
    """Two rang for one agent; the second was answered while the first talked, and waited the 2 s that are usual."""
    timeline = run([answered(10, 60), answered(15, 60), answered(5, 5)], dialMode="ratio", dialRatio=2)

    assert dials(timeline) == [(0, 0, 70, False), (1, 0, 17, True), (2, 70, 10, False)]
    assert [ending.state for ending in timeline.endings()] == [JobState.LONG_CALL_WITH_NO_RESULT] * 3
    assert timeline[1].talk_ms == 0
    figures = timeline.summary()
    assert (figures.answers, figures.abandoned) == (3, 1)
    assert (figures.abandoned_of_answers, figures.abandoned_of_dials) == (1 / 3, 1 / 3)


def test_who_is_kept_waiting_for_less_than_his_patience_talks() -> None:
    """The line is held while he waits; the longest waiting goes first."""
    timeline = run(
        [answered(10, 60), answered(20, 10), answered(15, 10)], dialMode="ratio", dialRatio=3, patienceSeconds=90
    )

    assert dials(timeline) == [(0, 0, 70, False), (1, 0, 90, False), (2, 0, 80, False)]


def test_an_agent_who_becomes_free_at_the_end_of_patience_takes_the_call() -> None:
    """At one instant agents become free before anybody is abandoned."""
    timeline = run([answered(10, 60), answered(20, 10)], dialMode="ratio", dialRatio=2, patienceSeconds=50)
    later = run([answered(10, 61), answered(20, 10)], dialMode="ratio", dialRatio=2, patienceSeconds=50)

    assert [dial.abandoned for dial in timeline] == [False, False]
    assert [dial.abandoned for dial in later] == [False, True]


def test_an_abandoned_call_asks_for_no_redial_and_has_no_result() -> None:
    """R10.1: there was no conversation."""
    redial = {"startAfterMinutes": 5, "maxAttempts": 1}
    timeline = run([answered(10, 60), answered(15, 60, result=True, redial=redial)], dialMode="ratio", dialRatio=2)

    assert len(timeline.jobs) == 2
    assert [ending.state for ending in timeline.endings()][1] is JobState.LONG_CALL_WITH_NO_RESULT


def test_agents_may_change_over_the_day() -> None:
    """As lines do (R11.3); a cut interrupts no talk."""
    rows = [{"from": "09:00", "agents": 2}, {"from": "09:01", "agents": 1}]
    timeline = run([answered(10, 80), answered(10, 100), answered(10, 10)], agents=rows)

    assert dials(timeline) == [(0, 0, 90, False), (1, 0, 110, False), (2, 110, 20, False)]


def test_lines_and_pace_bound_as_without_agents() -> None:
    """R11.1, R11.2: whatever agents allow."""
    campaign = read_campaign(
        '{"detectTimeZone": false, "maxSimultaneousCalls": 2, "callsPerSecond": 0.1, "agents": {"agents": 9}}'
    )
    jobs = read_request(json.dumps([{"phone": f"7900000000{place}"} for place in range(4)]), campaign).jobs
    timeline = simulate(campaign, jobs, now=NOW)

    assert [(dial.at - NOW_MS) / SECOND_MS for dial in timeline] == [0, 10, 30, 40]


@pytest.mark.parametrize("answer_rate", [0.2, 0.5])
def test_paced_keeps_the_abandoned_below_its_rate_and_agents_busier_than_progressive(answer_rate: float) -> None:
    """The law's 3 %, over the answers of a run; more numbers are done with in the same time."""
    model = Model(answered=answer_rate, talk_ms=exponential(60_000))
    done = {}
    for mode in ("progressive", "paced"):
        campaign = read_campaign(
            json.dumps({"detectTimeZone": False, "agents": {"agents": 20, "wrapUpSeconds": 10, "dialMode": mode}})
        )
        body = json.dumps([{"phone": str(79_000_000_000 + place)} for place in range(20_000)])
        jobs = read_request(body, campaign).jobs
        timeline = simulate(campaign, jobs, now=NOW, until="2026-03-02T13:00:00Z", outcomes=model)
        figures = timeline.summary()
        assert figures.abandoned_of_answers <= (0.03 if mode == "paced" else 0)
        done[mode] = figures.dials

    assert done["paced"] > 1.05 * done["progressive"]


# -- what is told ----------------------------------------------------------------------------------------


def test_a_wait_for_an_agent_is_told() -> None:
    """The reasons cover the time from due to dial; a wait for an agent counts as one for a line in the figures."""
    timeline = run([answered(10, 60), answered(10, 60)])

    [attempt] = timeline.explain(job=1).series[0].attempts
    assert [(wait.code.value, wait.from_ms, wait.until_ms) for wait in attempt.waits] == [
        ("agent", NOW_MS, NOW_MS + 70_000)
    ]
    assert "agents allow" in str(timeline.explain(job=1))
    moment = timeline.explain(1, "2026-03-02T09:00:20Z").moment
    assert moment is not None
    assert [each.code for each in moment.forbidden] == ["agent"]
    assert list(waiting_ms(timeline)) == [0, 70_000]


def test_the_figures_say_what_was_abandoned() -> None:
    """Of answers, as laws count it, and of dials."""
    timeline = run([answered(10, 60), answered(15, 60), "noAnswer", "busy"], dialMode="ratio", dialRatio=2)

    figures = summary_data(timeline.summary())
    assert (figures["abandoned"], figures["abandonedOfAnswers"], figures["abandonedOfDials"]) == (1, 0.5, 0.25)


# -- what is read ----------------------------------------------------------------------------------------


def test_a_campaign_file_names_agents() -> None:
    """All that can be set."""
    campaign = read_campaign(
        '[agents]\nagents = 10\nwrapUpSeconds = 20\npatienceSeconds = 1.5\ndialMode = "paced"\nmaxAbandonRate = 0.02\n'
    )

    assert campaign.agents == Agents(
        count=10, wrap_up_ms=20_000, patience_ms=1_500, mode=DialMode.PACED, abandon_rate=0.02
    )
    assert read_campaign("").agents is None
    day = read_campaign('agents = {agents = [{from = "09:00", agents = 5}]}').agents
    assert day is not None
    assert day.count == DayLines(((540, 5),))


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ({}, "$.agents.agents"),
        ({"agents": 0}, "$.agents.agents"),
        ({"agents": "5"}, "$.agents.agents"),
        ({"agents": [{"from": "09:00", "lines": 5}]}, "$.agents.agents[0]"),
        ({"agents": 1, "wrapUpSeconds": -1}, "$.agents.wrapUpSeconds"),
        ({"agents": 1, "patienceSeconds": "2"}, "$.agents.patienceSeconds"),
        ({"agents": 1, "dialMode": "predictive"}, "$.agents.dialMode"),
        ({"agents": 1, "dialMode": "ratio"}, "$.agents.dialRatio"),
        ({"agents": 1, "dialMode": "ratio", "dialRatio": 0.5}, "$.agents.dialRatio"),
        ({"agents": 1, "dialRatio": 2}, "$.agents.dialRatio"),
        ({"agents": 1, "dialMode": "paced", "maxAbandonRate": 1}, "$.agents.maxAbandonRate"),
        ({"agents": 1, "maxAbandonRate": 0.03}, "$.agents.maxAbandonRate"),
        ({"agents": 1, "wrapup": 3}, "$.agents.wrapup"),
        (5, "$.agents"),
    ],
    ids=lambda value: "".join(letter for letter in json.dumps(value) if letter.isalnum() or letter in " .-") or "none",
)
def test_what_is_wrong_with_agents_is_said_with_its_place(table: Any, path: str) -> None:
    """R15.1."""
    with pytest.raises(CampaignRefused) as caught:
        read_campaign(json.dumps({"agents": table}))

    assert path in [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize(
    "fields",
    [{"count": 0}, {"wrap_up_ms": -1}, {"patience_ms": -1}, {"ratio": 0.5}, {"abandon_rate": 1}],
    ids=lambda fields: next(iter(fields)),
)
def test_agents_that_make_no_sense_are_a_usage_error(fields: dict[str, Any]) -> None:
    """A mistake in the program, not in an input."""
    with pytest.raises(UsageError):
        Agents(**{"count": 1, **fields})


# -- what holds ------------------------------------------------------------------------------------------


@given(
    agents=st.integers(1, 4),
    wrap_up=st.sampled_from([0, 7]),
    patience=st.sampled_from([0, 2, 30]),
    mode=st.sampled_from([{}, {"dialMode": "ratio", "dialRatio": 2.5}, {"dialMode": "paced"}]),
    rate=st.sampled_from([0.1, 0.5, 1.0]),
    seed=st.integers(0, 99),
)
@settings(max_examples=20, deadline=None)
def test_agents_talk_to_one_at_a_time_and_nobody_waits_longer_than_his_patience(
    agents: int, wrap_up: int, patience: int, mode: dict[str, Any], rate: float, seed: int
) -> None:
    """In steps or in one run; a progressive campaign abandons nobody."""
    staff = {"agents": agents, "wrapUpSeconds": wrap_up, "patienceSeconds": patience, **mode}
    campaign = read_campaign(json.dumps({"detectTimeZone": False, "agents": staff}))
    numbers = [{"phone": str(79_000_000_000 + place), "maxAttempts": 2} for place in range(60)]
    jobs = read_request(json.dumps(numbers), campaign).jobs
    redial = Redial(start_after_ms=MINUTE_MS)
    model = Model(answered=rate, talk_ms=exponential(40_000), redial=redial, redial_share=0.1)
    whole = simulate(campaign, jobs, now=NOW, outcomes=model, seed=seed)
    stepped = Simulation(campaign, now=NOW, outcomes=model, seed=seed)
    stepped.submit(jobs)
    while stepped.step() is not None:
        stepped.check()

    assert list(stepped.timeline()) == list(whole)
    talks = [(dial.at + dial.length_ms - dial.talk_ms, dial.at + dial.length_ms) for dial in whole if dial.talk_ms]
    edges = sorted([(begin, 1) for begin, _ in talks] + [(end + wrap_up * SECOND_MS, -1) for _, end in talks])
    busy = most = 0
    for _, change in edges:
        busy += change
        most = max(most, busy)
    assert most <= agents
    rang_ms = campaign.ring_ms
    answers = [dial for dial, code in zip(whole, whole.columns.outcome, strict=True) if code & OUTCOME_MASK == ANSWERED]
    assert all(dial.length_ms - dial.talk_ms <= rang_ms + patience * SECOND_MS for dial in answers)
    assert all(dial.length_ms == rang_ms + patience * SECOND_MS for dial in answers if dial.abandoned)
    assert mode or not any(dial.abandoned for dial in whole)


def test_a_script_of_lengths_without_talk_frees_its_agent_at_once() -> None:
    """R12.1: ringing alone makes a call."""
    timeline = run([answered(10, 0), answered(10, 0)], dialMode="ratio", dialRatio=2, patienceSeconds=0)

    assert dials(timeline) == [(0, 0, 10, False), (1, 0, 10, False)]
