"""Laws in a run: who is put off by a cap or a cool-down, until when, how jobs end of it, and what is told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from scheduler import Campaign, Simulation, Timeline, read_outcomes
from scheduler.engine.obstacles import Obstacle
from scheduler.jobs import Job
from scheduler.policy.instants import format_instant
from tests.laws import CASEY, bound
from tests.scenarios import outcomes_of
from tests.strategies import HOUR_MS, at, campaign_of, ending_of, jobs_of, name_of, number, times_of

NOW = "2026-03-02T06:00"  # a Monday
PHONE = "12025550123"
ONCE_A_DAY = {"caps": [{"most": 1, "calendar": "day"}]}
TWICE_IN_SIX_HOURS = {"caps": [{"most": 2, "rollingHours": 6}]}
AFTER_TALK = {"coolDowns": [{"days": 2, "after": "conversation"}]}
AFTER_REFUSAL = {"coolDowns": [{"days": 2, "after": "refusal"}]}
TALK = {"outcome": "answered", "ringSeconds": 10, "talkSeconds": 50}

Law = Mapping[str, Any]
Script = Mapping[str, Sequence[Any]]


def same(name: str, **fields: Any) -> dict[str, Any]:
    """A number of the phone that all share."""
    return {**number(name), "phone": PHONE, **fields}


def under(
    law: Law, *numbers: Mapping[str, Any], campaign: Campaign | None = None, zone: str | None = None
) -> list[Job]:
    """The jobs of numbers that a law binds, by their own clocks or by another too."""
    of_scene = {"law": law, "phones": [each["phone"] for each in numbers], "zones": [zone] if zone else []}
    return bound(jobs_of(campaign or campaign_of({}), numbers), [of_scene])


def run(
    law: Law,
    *numbers: Mapping[str, Any],
    script: Script | None = None,
    until: str = "2026-03-09",
    lines: int | None = None,
    **settings: Any,
) -> Timeline:
    """The timeline of numbers that a law binds; the script is by the index of a number."""
    campaign = campaign_of(settings)
    simulation = Simulation(campaign, now=at(NOW), lines=lines, outcomes=outcomes_of(_script(script), campaign))
    simulation.submit(under(law, *numbers, campaign=campaign))
    simulation.check()
    simulation.run(at(until))
    simulation.check()
    return simulation.timeline()


def _script(script: Script | None) -> dict[str, Any] | None:
    return None if script is None else {"jobs": script}


# --- caps ------------------------------------------------------------------------------------------------------------


def test_an_attempt_that_a_cap_forbids_is_due_when_it_allows_it() -> None:
    """One call a day: each attempt but the first at midnight."""
    timeline = run(ONCE_A_DAY, number("A", maxAttempts=3))

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00Z", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"]


def test_all_jobs_of_a_phone_share_its_caps() -> None:
    """The dials of each count for the others."""
    timeline = run(TWICE_IN_SIX_HOURS, same("A", maxAttempts=2), same("B", maxAttempts=2), number("C", maxAttempts=2))

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z"]
    assert times_of(timeline, "B") == ["2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z"]
    assert times_of(timeline, "C") == ["2026-03-02T06:00:00Z", "2026-03-02T07:00:30Z"]


def test_of_two_jobs_of_a_phone_at_one_instant_only_one_is_dialled_where_a_cap_has_room_for_one() -> None:
    """R8.5: the first takes it, although a line was free for both."""
    timeline = run(ONCE_A_DAY, same("A"), same("B", dialerPriority=1), lines=5)

    assert times_of(timeline, "B") == ["2026-03-02T06:00:00Z"]
    assert times_of(timeline, "A") == ["2026-03-03T00:00:00Z"]


def test_an_attempt_that_was_put_off_ranks_by_when_it_was_allowed() -> None:
    """R8.2: with one line, those who were due meanwhile go first."""
    later = [number(name, startDateTime="2026-03-02T23:59:59Z", finishDateTime="2026-03-09T00:00:00Z") for name in "CD"]
    first = same("A", finishDateTime="2026-03-09T00:00:00Z")
    timeline = run(ONCE_A_DAY, first, {**first, "payload": "B"}, *later, lines=1)

    assert [name_of(dial.job) for dial in timeline] == ["A", "C", "D", "B"]


def test_a_job_without_time_left_after_a_cap_ends_with_the_call_that_filled_it() -> None:
    """R12.5: at the end of its own call, or at the beginning of another job's."""
    finish = {"finishDateTime": "2026-03-02T20:00:00Z"}
    timeline = run(ONCE_A_DAY, same("A", maxAttempts=3, **finish), same("B", **finish), number("C", maxAttempts=2))

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:30Z", "noWindowBeforeFinish")
    assert ending_of(timeline, "B") == ("notDone", "2026-03-02T06:00:00Z", "noWindowBeforeFinish")
    assert ending_of(timeline, "C") == ("noAnswer", "2026-03-03T00:00:30Z", "attemptsUsedUp")


def test_laws_whose_hours_never_meet_those_of_a_number_leave_it_no_time() -> None:
    """R12.5: it never opens."""
    law = {"hours": {"default": [{"localTimeFrom": "08:00", "localTimeTo": "20:00"}]}}
    timeline = run(law, number("A", allowedTime={"default": [{"localTimeFrom": "20:00", "localTimeTo": "08:00"}]}))

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:00Z", "neverOpen")


def test_the_caps_of_a_campaign_and_of_a_law_hold_both() -> None:
    """R9.4: the phone's own cap ends what waits, also what a law had put off."""
    timeline = run(ONCE_A_DAY, same("A"), same("B"), same("C"), maxAttemptsPerPhone=2)

    assert [times_of(timeline, name)[:1] for name in "AB"] == [["2026-03-02T06:00:00Z"], ["2026-03-03T00:00:00Z"]]
    assert ending_of(timeline, "C") == ("notDone", "2026-03-03T00:00:00Z", "phoneAttemptsUsedUp")


# --- cool-downs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "result", "then"),
    [
        (AFTER_TALK, True, "2026-03-04T00:00:00Z"),
        (AFTER_TALK, False, "2026-03-04T00:00:00Z"),
        (AFTER_REFUSAL, True, "2026-03-02T07:00:30Z"),
        (AFTER_REFUSAL, False, "2026-03-04T00:00:00Z"),
    ],
    ids=["after a talk", "after any talk", "no refusal", "refusal"],
)
def test_a_conversation_puts_off_the_other_jobs_of_the_phone(law: Law, result: bool, then: str) -> None:
    """Also the retry that was due; and a refusal is a conversation without a result and without a redial."""
    script: Script = {"0": [{**TALK, "result": result}], "1": ["busy"]}
    timeline = run(law, same("A"), same("B", maxAttempts=2), script=script)

    assert times_of(timeline, "B")[1] == then


@pytest.mark.parametrize(
    ("law", "then"),
    [
        (AFTER_TALK, "2026-03-04T00:00:00Z"),
        (AFTER_REFUSAL, "2026-03-02T06:11:00Z"),
        ({**AFTER_TALK, "redialsExempt": True}, "2026-03-02T06:11:00Z"),
    ],
    ids=["held", "no refusal", "exempt"],
)
def test_a_redial_is_held_back_by_its_own_conversation_unless_it_is_exempt(law: Law, then: str) -> None:
    """R10: who asks to be called again has not refused."""
    script = {"0": [{**TALK, "redial": {"startAfterMinutes": 10}}]}

    assert times_of(run(law, number("A"), script=script), "A") == ["2026-03-02T06:00:00Z", then]


def test_an_abandoned_call_is_no_conversation() -> None:
    """Agents: nobody talked."""
    script: Script = {"0": [{**TALK, "talkSeconds": 600}], "1": [TALK], "2": ["busy"]}
    agents = {"agents": 1, "patienceSeconds": 5, "dialMode": "ratio", "dialRatio": 3}
    numbers = [number("A"), same("B"), same("C", maxAttempts=2)]
    timeline = run(AFTER_TALK, *numbers, script=script, agents=agents)

    assert timeline.summary().abandoned == 1
    assert times_of(timeline, "C")[1] < "2026-03-02T09"


# --- what is known of a phone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["busy", TALK], ids=["unanswered", "conversation"])
@pytest.mark.parametrize("hours", [0.01, 5])
def test_a_number_that_comes_later_knows_what_was_dialled_before(outcome: Any, hours: float) -> None:
    """Nothing was kept of a phone with one job; it is read off the run. Also while its call is in progress."""
    law = {**ONCE_A_DAY, "coolDowns": [{"days": 3, "after": "conversation"}]}
    campaign = campaign_of({})
    simulation = Simulation(campaign, now=at(NOW), outcomes=outcomes_of({"jobs": {"0": [outcome]}}, campaign))
    simulation.submit(under(law, same("A")))
    simulation.run(at(NOW) + round(hours * HOUR_MS))
    simulation.submit(under(law, same("B")))
    simulation.run(at("2026-03-09"))
    simulation.check()

    then = "2026-03-03T00:00:00Z" if outcome == "busy" else "2026-03-05T00:00:00Z"
    assert times_of(simulation.timeline(), "B") == [then]


def test_nothing_is_kept_of_phones_with_one_job_whose_attempts_no_cap_can_hold_back() -> None:
    """Work is counted: no dial is read, and no phone known."""
    campaign = campaign_of({})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(under(TWICE_IN_SIX_HOURS, *(number(name, maxAttempts=2) for name in "ABCDEFGH")))
    simulation.run(at("2026-03-09"))

    lawful = simulation._dialler.lives.lawful
    assert lawful
    assert simulation.dials == 16
    assert (len(lawful._before), lawful._phones, lawful.shared) == (0, {}, {})


# --- by the clock alone ----------------------------------------------------------------------------------------------


def test_a_law_that_comes_into_force_puts_off_who_waits() -> None:
    """What was dialled before counts; who waits for a line at midnight waits on."""
    law = {"caps": [{"most": 1, "rollingDays": 3}], "from": dt.date(2026, 3, 3)}
    campaign = campaign_of({})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(under(law, same("A", maxAttempts=2, retryIntervalInMinutes=600)))
    simulation.run(at("2026-03-02T12:00"))
    simulation.pause()
    simulation.run(at("2026-03-03T06:00"))
    simulation.resume()
    simulation.run(at("2026-03-09"))

    assert times_of(simulation.timeline(), "A") == ["2026-03-02T06:00:00Z", "2026-03-05T00:00:00Z"]
    waits = simulation.timeline().explain(0).series[0].attempts[1].waits
    assert [(wait.code, format_instant(wait.until_ms)) for wait in waits] == [
        (Obstacle.PAUSED, "2026-03-03T00:00:00Z"),
        (Obstacle.LAW, "2026-03-05T00:00:00Z"),
    ]


def test_a_clock_that_is_set_back_over_midnight_puts_off_who_waits() -> None:
    """Casey, 2010-03-05: at 02:00 it is 23:00 of the day before again, on which the phone was dialled."""
    campaign = campaign_of({})
    simulation = Simulation(campaign, now=at("2010-03-04T12:00"))
    jobs = under(ONCE_A_DAY, same("A", gmtZone=CASEY, maxAttempts=2, retryIntervalInMinutes=15))
    simulation.submit(jobs)
    simulation.run(at("2010-03-04T12:30"))
    simulation.pause()
    simulation.run(at("2010-03-04T15:30"))
    simulation.resume()
    simulation.run(at("2010-03-06"))

    assert times_of(simulation.timeline(), "A") == ["2010-03-04T12:00:00Z", "2010-03-04T16:00:00Z"]


# --- what is told ----------------------------------------------------------------------------------------------------


def test_an_explanation_names_the_law_and_the_rule_up_to_the_dial() -> None:
    """The attempt is due by its policy, and what a law holds back is a stretch of it."""
    timeline = run(ONCE_A_DAY, number("A", maxAttempts=2))
    attempt = timeline.explain(0).series[0].attempts[1]

    assert format_instant(attempt.due_ms) == "2026-03-02T07:00:30Z"
    [wait] = attempt.waits
    assert (wait.code, wait.from_ms) == (Obstacle.LAW, attempt.due_ms)
    assert wait.details == {"law": "law 0", "rule": "cap", "allows": "at most 1 call a day"}


def test_what_a_law_holds_back_is_no_waiting() -> None:
    """The figures are those of lines, pacing and agents."""
    assert run(ONCE_A_DAY, same("A", maxAttempts=3), same("B")).summary().waiting.longest_ms == 0
    busy = run(ONCE_A_DAY, same("A"), same("B"), number("C"), lines=1).summary().waiting
    assert busy.longest_ms == 30_000


def test_the_next_allowed_instant_knows_the_calls_up_to_then() -> None:
    """While a call is in progress, after it, and before the attempt is due."""
    timeline = run({**ONCE_A_DAY, **AFTER_TALK}, same("A", maxAttempts=2), same("B", startDateTime="2026-03-02T12:00Z"))

    for moment, index, allowed in (
        ("2026-03-02T06:00:10Z", 0, "2026-03-03T00:00:00Z"),
        ("2026-03-02T06:30:00Z", 0, "2026-03-03T00:00:00Z"),
        ("2026-03-02T08:00:00Z", 1, "2026-03-03T00:00:00Z"),
        ("2026-03-03T00:00:10Z", 0, "2026-03-04T00:00:00Z"),  # B was dialled at midnight
    ):
        found = timeline.explain(index, moment).moment
        assert found is not None
        assert found.allowed_ms is not None
        assert format_instant(found.allowed_ms) == allowed


def test_drawn_calls_keep_a_law_too() -> None:
    """R12.2: a model says what calls come to, and a law when they are made."""
    campaign = campaign_of({})
    model = read_outcomes('{"model": {"answered": 0.3}}', campaign)
    simulation = Simulation(campaign, now=at(NOW), outcomes=model, seed=3)
    simulation.submit(under(ONCE_A_DAY, *(number(name, maxAttempts=4) for name in "ABCDEFGHIJKLMNOP")))
    simulation.run(at("2026-03-12"))
    dials = [(name_of(dial.job), format_instant(dial.at)[:10]) for dial in simulation.timeline()]

    assert len(dials) == len(set(dials)) > 30
