"""Commands while a campaign runs: batches, cancels, pauses, the stop and the lines, each by a small case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from scheduler import (
    Campaign,
    Cancel,
    DayLines,
    Job,
    JobState,
    Pause,
    RequestRefused,
    Resume,
    Script,
    SetLines,
    SetPace,
    Simulation,
    Stop,
    Submit,
    Timeline,
    UsageError,
    read_campaign,
    read_outcomes,
    read_request,
    simulate,
)
from scheduler.commands import Command
from scheduler.engine.columns import Reason
from scheduler.policy.instants import DAY_MS, MINUTE_MS, SECOND_MS, parse_moment
from tests import strategies

NOW = "2026-03-02T09:00:00Z"
NOW_MS = parse_moment(NOW)
A, B, C, D = "79000000001", "79000000002", "79000000003", "79000000004"
CAMPAIGN = Campaign()
STOPPED = "invalid.call.task.state"
DUPLICATED = "phone.duplicated"


def at(minutes: float = 0) -> int:
    """The instant so many minutes after the beginning."""
    return NOW_MS + round(minutes * MINUTE_MS)


def jobs(*numbers: str | dict[str, Any], campaign: Campaign = CAMPAIGN) -> Sequence[Job]:
    """The jobs of numbers, by their phone or with fields."""
    items = [{"phone": each} if isinstance(each, str) else each for each in numbers]
    return read_request(json.dumps([{"gmtZone": "Z", **item} for item in items]), campaign).jobs


def one(phone: str, *, attempts: int = 1, **fields: Any) -> dict[str, Any]:
    """A number with attempts that follow a minute after each other."""
    return {"phone": phone, "maxAttempts": attempts, "retryIntervalInMinutes": 1, **fields}


def script(campaign: Campaign = CAMPAIGN, **entries: list[Any]) -> Script:
    """A script for phones, given as `p79000000001`."""
    phones = {phone.removeprefix("p"): each for phone, each in entries.items()}
    found = read_outcomes(json.dumps({"phones": phones}), campaign)
    assert isinstance(found, Script)
    return found


def answered(**fields: Any) -> dict[str, Any]:
    """A call that rings for half a minute and talks for 90 s: two minutes in all."""
    return {"outcome": "answered", "ringSeconds": 30, "talkSeconds": 90, **fields}


def run(
    first: Sequence[Job], *commands: Command, campaign: Campaign = CAMPAIGN, minutes: float = 600, **options: Any
) -> Timeline:
    """The timeline of jobs under commands."""
    return simulate(campaign, first, now=NOW, until=at(minutes), commands=commands, **options)


def dials(timeline: Timeline) -> list[tuple[str, float]]:
    """The phone and the minute of each dial."""
    return [(dial.job.phone, (dial.at - NOW_MS) / MINUTE_MS) for dial in timeline]


def endings(timeline: Timeline) -> list[tuple[str, float | None]]:
    """The state of each job, and the minute in which it ended."""
    return [
        (each.state.value, None if each.at is None else (each.at - NOW_MS) / MINUTE_MS) for each in timeline.endings()
    ]


def refusals(timeline: Timeline) -> list[tuple[str, str]]:
    """The warnings of refused commands: path and type."""
    assert all(each.message.startswith("the command was refused: ") for each in timeline.warnings)
    return [(each.path, each.type) for each in timeline.warnings]


# -- when commands take effect ---------------------------------------------------------------------------


def test_commands_of_one_instant_go_in_the_order_given() -> None:
    """R13.1: whatever the order in which later and earlier ones are listed."""
    paused = run(jobs(A), Resume(at=at(0)), Pause(at=at(0)), minutes=5)
    runs = run(jobs(A), Pause(at=at(0)), Resume(at=at(0)), minutes=5)
    sorted_first = run(jobs(A), Resume(at=at(2)), Pause(at=at(0)), minutes=5)

    assert (dials(paused), dials(runs), dials(sorted_first)) == ([], [(A, 0)], [(A, 2)])


def test_the_first_numbers_come_before_the_commands_of_the_beginning() -> None:
    """R13.1: they are submitted at `now`, without a key."""
    timeline = run(jobs(A), Submit(at=NOW, jobs=jobs(A)), Submit(at=NOW, jobs=jobs(B)), minutes=5)

    assert [job.index for job in timeline.jobs] == [0, 1]
    assert refusals(timeline) == [("$.commands[0].numbers[0]", DUPLICATED)]


def test_a_command_takes_effect_between_the_ends_and_the_dials_of_its_instant() -> None:
    """R8.5: a line that a call frees at that instant is not dialled on when the campaign is paused then."""
    timeline = run(jobs(A, B), Pause(at=at(0.5)), Resume(at=at(3)), lines=1)

    assert dials(timeline) == [(A, 0), (B, 3)]


def test_a_command_at_the_end_of_the_run_or_later_takes_no_effect() -> None:
    """R1.2: `until` is excluded."""
    timeline = run(jobs(A), Stop(at=at(5)), Submit(at=at(6), jobs=jobs(B)), minutes=5, lines=1)

    assert (len(timeline.jobs), timeline.warnings, timeline.history.stopped_at) == (1, (), None)


def test_a_command_before_the_beginning_is_a_usage_error() -> None:
    """R13.1: it names the command, and both instants."""
    with pytest.raises(UsageError, match="command 1 is for 2026-03-02T08:59:00Z") as caught:
        run(jobs(A), Pause(at=at(1)), Resume(at=at(-1)))

    assert NOW in str(caught.value)


def test_instants_of_commands_are_what_a_person_writes() -> None:
    """R5.1: text, too."""
    assert dials(run(jobs(A), Pause(at=NOW), Resume(at="2026-03-02T10:03+01:00"))) == [(A, 3)]


# -- batches ---------------------------------------------------------------------------------------------


def test_a_later_batch_arrives_behind_all_that_came_before() -> None:
    """R13.1, R8.2: its numbers count on, and are due from their acceptance on."""
    timeline = run(jobs(A, B), Submit(at=at(0.25), jobs=jobs(C, D)), lines=1)

    assert [job.index for job in timeline.jobs] == [0, 1, 2, 3]
    assert dials(timeline) == [(A, 0), (B, 0.5), (C, 1), (D, 1.5)]


def test_a_later_batch_may_go_first_by_its_rank() -> None:
    """R8.2: priority before arrival."""
    timeline = run(jobs(A, B, C), Submit(at=at(0.25), jobs=jobs(one(D, dialerPriority=1))), lines=1)

    assert dials(timeline) == [(A, 0), (D, 0.5), (B, 1), (C, 1.5)]


def test_a_refused_batch_changes_nothing_at_all() -> None:
    """R13.1, R14.5: also where only one of its numbers is a duplicate; its indices are not used up."""
    timeline = run(jobs(A), Submit(at=at(1), jobs=jobs(B, A)), Submit(at=at(2), jobs=jobs(C)))

    assert [(job.index, job.phone) for job in timeline.jobs] == [(0, A), (1, C)]
    assert refusals(timeline) == [("$.commands[0].numbers[1]", DUPLICATED)]
    assert "job 0" in timeline.warnings[0].message


def test_duplicates_inside_a_batch_are_refused_key_or_no_key() -> None:
    """R14.2."""
    twice = [*jobs(B), *jobs(B)]
    timeline = run(jobs(A), Submit(at=at(1), jobs=twice), Submit(at=at(2), jobs=twice, key="K"))

    assert len(timeline.jobs) == 1
    assert refusals(timeline) == [("$.commands[0].numbers[1]", DUPLICATED), ("$.commands[1].numbers[1]", DUPLICATED)]


# -- R14.3 and R14.4 through `submit` --------------------------------------------------------------------

LAST_MS = DAY_MS - 1


class Desk:
    """A campaign to which requests come: each is handed in at an instant, and answered with indices or refused."""

    def __init__(self) -> None:
        self.simulation = Simulation(CAMPAIGN, now=NOW)

    def submit(self, at_ms: int, *numbers: str | dict[str, Any], key: str | None = None) -> tuple[int, ...] | str:
        """The indices of the numbers, or the type of the refusal."""
        self.simulation.run(NOW_MS + at_ms)
        try:
            return self.simulation.submit(jobs(*numbers), key=key)
        except RequestRefused as refused:
            (kind,) = {problem.type for problem in refused.problems}
            return kind

    @property
    def made(self) -> int:
        """How many jobs there are."""
        return len(self.simulation.timeline().jobs)


@pytest.mark.parametrize(
    ("earlier", "later", "within", "after"),
    [
        (None, None, DUPLICATED, (1,)),
        ("K1", "K1", (0,), (1,)),
        ("K1", "K2", (1,), (1,)),
        ("K1", None, (1,), (1,)),
        (None, "K1", (1,), (1,)),
        ("", None, DUPLICATED, (1,)),
        (None, "", DUPLICATED, (1,)),
    ],
)
def test_the_table_of_duplicates_to_the_millisecond(
    earlier: str | None, later: str | None, within: object, after: object
) -> None:
    """R14.3, R14.4: less than 24 hours later, and from 24 hours on; an empty key is none."""
    for at_ms, expected in ((0, within), (LAST_MS, within), (DAY_MS, after)):
        desk = Desk()

        assert desk.submit(0, A, key=earlier) == (0,)
        assert desk.submit(at_ms, A, key=later) == expected
        assert desk.made == (2 if expected == (1,) else 1)


def test_a_number_with_another_payload_is_another_number() -> None:
    """R14.1: 1 and 1.0 are equal, 1 and true are not; `null` is none."""
    desk = Desk()

    assert desk.submit(0, {"phone": A, "payload": {"a": 1, "b": 2}}) == (0,)
    assert desk.submit(1, {"phone": A, "payload": {"b": 2, "a": 1.0}}) == DUPLICATED
    assert desk.submit(2, {"phone": A, "payload": {"a": True, "b": 2}}) == (1,)
    assert desk.submit(3, A) == (2,)
    assert desk.submit(4, {"phone": A, "payload": None}) == DUPLICATED
    assert desk.submit(5, {"phone": A, "payload": {}}) == (3,)


def test_a_key_runs_from_its_first_use_whatever_it_was_used_for() -> None:
    """R14.4: a job that was accepted under it later is forgotten with it."""
    desk = Desk()

    assert desk.submit(0, A, key="K") == (0,)
    assert desk.submit(LAST_MS, B, key="K") == (1,)
    assert desk.submit(LAST_MS, B, key="K") == (1,)
    assert desk.submit(DAY_MS, B, key="K") == (2,)
    assert desk.submit(2 * DAY_MS - 1, B, key="K") == (2,)
    assert desk.submit(2 * DAY_MS, B, key="K") == (3,)


def test_an_empty_request_is_a_use_of_its_key() -> None:
    """R14.4: whatever it was used for; it is a good request of no jobs (R15.5)."""
    desk = Desk()

    assert desk.submit(0, key="K") == ()
    assert desk.submit(60_000, A, key="K") == (0,)
    assert desk.submit(LAST_MS, A, key="K") == (0,)
    assert desk.submit(DAY_MS, A, key="K") == (1,)


def test_a_replay_refreshes_nothing() -> None:
    """R14.4: neither the key nor the job."""
    desk = Desk()

    assert desk.submit(0, A, key="K") == (0,)
    assert desk.submit(LAST_MS, A, key="K") == (0,)
    assert desk.submit(DAY_MS, A, key="K") == (1,)


def test_a_refused_request_refreshes_nothing_and_uses_no_key() -> None:
    """R14.4."""
    desk = Desk()

    assert desk.submit(0, A) == (0,)
    assert desk.submit(LAST_MS, A) == DUPLICATED
    assert desk.submit(DAY_MS, A) == (1,)
    assert desk.submit(DAY_MS + 1, B, B, key="K") == DUPLICATED
    assert desk.submit(DAY_MS + 60_000, B, key="K") == (2,)
    assert desk.submit(2 * DAY_MS + 1, B, key="K") == (2,)


def test_the_earlier_job_is_the_latest_of_the_pair() -> None:
    """R14.4: under its key, or without one."""
    desk = Desk()

    assert desk.submit(0, A) == (0,)
    assert desk.submit(DAY_MS, A) == (1,)
    assert desk.submit(DAY_MS + 1, A, key="K") == (2,)
    assert desk.submit(2 * DAY_MS - 1, A) == DUPLICATED
    assert desk.submit(2 * DAY_MS, A) == (3,)
    assert desk.submit(2 * DAY_MS, A, key="K") == (2,)


def test_a_request_may_be_replayed_in_part() -> None:
    """R14.3, R14.5: one index for each number, in request order; jobs are made of the new ones alone."""
    desk = Desk()

    assert desk.submit(0, A, B, key="K") == (0, 1)
    assert desk.submit(60_000, C, B, D, A, key="K") == (2, 1, 3, 0)
    assert desk.made == 4


def test_of_several_pairs_a_refusal_wins() -> None:
    """R14.4, R14.2: each phone once, by its last occurrence in the request, whether that repeats another or not."""
    simulation = Simulation(CAMPAIGN, now=NOW)
    simulation.submit(jobs(A, B, C))
    with pytest.raises(RequestRefused) as caught:
        simulation.submit(jobs(B, D, A, one(B, payload=1)))
    body = caught.value.body()

    assert (body["type"], body["phone"], body["phonesDuplicates"]) == (DUPLICATED, B, [B, A])
    assert [(each.job, each.path) for each in caught.value.problems] == [(0, "$[0]"), (2, "$[2]")]


@pytest.mark.parametrize("state", ["waits", "cancelled", "ended", "answered"])
def test_an_earlier_job_counts_whatever_has_become_of_it(state: str) -> None:
    """R14.4."""
    outcomes = script(p79000000001=["answered"]) if state == "answered" else Script()
    simulation = Simulation(CAMPAIGN, now=NOW, outcomes=outcomes)
    simulation.submit(jobs({"phone": A, "startDateTime": "2026-03-05T09:00:00Z"} if state == "waits" else A))
    if state == "cancelled":
        simulation.cancel(jobs=[0])
    simulation.run(at(60))

    with pytest.raises(RequestRefused):
        simulation.submit(jobs(A))


def test_redials_are_no_pairs_earlier_job() -> None:
    """R14.4: the redial came an hour later; the 24 hours are those of the number."""
    outcomes = script(p79000000001=[answered(redial={"startAfterMinutes": 60})])
    simulation = Simulation(CAMPAIGN, now=NOW, outcomes=outcomes)
    simulation.submit(jobs(A))
    simulation.run(NOW_MS + LAST_MS)
    assert [job.redial_number for job in simulation.timeline().jobs] == [None, 1]
    with pytest.raises(RequestRefused):
        simulation.submit(jobs(A))
    simulation.run(NOW_MS + DAY_MS)

    assert simulation.submit(jobs(A)) == (1,)


@pytest.mark.parametrize(("length", "good"), [(255, True), (256, False)])
def test_a_key_has_at_most_255_characters(length: int, good: bool) -> None:
    """R14.4."""
    timeline = run(jobs(A), Submit(at=at(1), jobs=jobs(B), key="ä" * length))

    assert len(timeline.jobs) == 1 + good
    assert refusals(timeline) == ([] if good else [("$.commands[0]", "invalid.idempotence.key")])


def test_a_replay_as_a_command_makes_no_job_and_no_warning() -> None:
    """R14.3."""
    batch = jobs(A, B)
    timeline = run([], Submit(at=at(0), jobs=batch, key="K"), Submit(at=at(1), jobs=batch, key="K"))

    assert (len(timeline.jobs), timeline.warnings) == (2, ())


# -- pauses ----------------------------------------------------------------------------------------------


def test_a_paused_campaign_takes_jobs_and_dials_none() -> None:
    """R13.2: after the resume rank decides, not the time of waiting."""
    timeline = run(
        jobs(A, B), Pause(at=at(0)), Submit(at=at(1), jobs=jobs(one(C, dialerPriority=1))), Resume(at=at(2)), lines=1
    )

    assert dials(timeline) == [(C, 2), (A, 2.5), (B, 3)]
    assert timeline.warnings == ()


def test_due_times_run_on_in_a_pause() -> None:
    """R13.2, R9.2: a retry that fell due in it is dialled when it is over."""
    timeline = run(jobs(one(A, attempts=2)), Pause(at=at(1)), Resume(at=at(4)))

    assert dials(timeline) == [(A, 0), (A, 4)]


def test_a_call_in_progress_runs_through_a_pause() -> None:
    """R9.5: and its end is its end."""
    timeline = run(jobs(A), Pause(at=at(0.25)), outcomes=script(p79000000001=[answered()]))

    assert endings(timeline) == [("longCallWithNoResult", 2)]


def test_a_redial_is_made_in_a_pause() -> None:
    """R10.2: at the end of the call; it is dialled after the resume."""
    outcomes = script(p79000000001=[answered(redial={"startAfterMinutes": 0})])
    timeline = run(jobs(A), Pause(at=at(1)), Resume(at=at(10)), outcomes=outcomes)

    assert [(job.index, job.redial_number) for job in timeline.jobs] == [(0, None), (0, 1)]
    assert dials(timeline) == [(A, 0), (A, 10)]


def test_a_window_that_closes_in_a_pause_ends_what_waited_for_it() -> None:
    """R12.5, R13.2: at the finish."""
    timeline = run(jobs(one(A, finishDateTime="2026-03-02T09:05:00Z")), Pause(at=at(0)), Resume(at=at(10)))

    assert endings(timeline) == [("notDone", 5)]


def test_pausing_twice_or_resuming_what_runs_changes_nothing() -> None:
    """R13.2: and is no refusal."""
    commands = [Resume(at=at(0)), Pause(at=at(1)), Pause(at=at(2)), Resume(at=at(3)), Resume(at=at(4))]
    timeline = run(jobs(one(A, attempts=5)), *commands)

    assert dials(timeline) == [(A, 0), (A, 3), (A, 4.5), (A, 6), (A, 7.5)]
    assert timeline.warnings == ()


# -- the stop --------------------------------------------------------------------------------------------


def test_what_waits_at_a_stop_is_not_done() -> None:
    """R13.2: at that instant, whether it was dialled or not."""
    timeline = run(jobs(one(A, attempts=3), one(B, startDateTime="2026-03-02T10:00:00Z")), Stop(at=at(1)))

    assert dials(timeline) == [(A, 0)]
    assert endings(timeline) == [("notDone", 1), ("notDone", 1)]
    assert {each.reason for each in timeline.endings()} == {Reason.STOPPED}


@pytest.mark.parametrize(
    ("entry", "state", "minute"),
    [
        (answered(), "longCallWithNoResult", 2),
        (answered(result=True), "longCallWithResult", 2),
        (answered(redial={"startAfterMinutes": 0}), "longCallWithNoResult", 2),
        ("nonexistentNumber", "nonexistentNumber", 0.5),
        ("busy", "notDone", 0.5),
        ("noAnswer", "notDone", 0.5),
        ("failed", "notDone", 0.5),
    ],
)
@pytest.mark.parametrize("attempts", [1, 3])
def test_a_call_in_progress_at_a_stop_runs_to_its_end(entry: object, state: str, minute: float, attempts: int) -> None:
    """R13.2: the state of its answer or its number, otherwise not done; no retry, no redial."""
    outcomes = script(p79000000001=[entry])
    timeline = run(jobs(one(A, attempts=attempts)), Stop(at=at(0.25)), outcomes=outcomes)

    assert endings(timeline) == [(state, minute)]
    assert len(timeline) == 1


def test_a_stopped_campaign_refuses_numbers_a_pause_and_a_resume() -> None:
    """R13.2, R14.4: replays too; a second stop changes nothing."""
    timeline = run(
        [],
        Submit(at=at(0), jobs=jobs(A), key="K"),
        Stop(at=at(1)),
        Submit(at=at(2), jobs=jobs(B)),
        Submit(at=at(2), jobs=jobs(A), key="K"),
        Pause(at=at(2)),
        Resume(at=at(2)),
        Stop(at=at(3)),
    )

    assert refusals(timeline) == [(f"$.commands[{place}]", STOPPED) for place in (2, 3, 4, 5)]
    assert (len(timeline.jobs), timeline.history.stopped_at) == (1, at(1))


def test_a_stopped_campaign_still_takes_cancels_and_lines() -> None:
    """R13.2: a call in progress that is cancelled after the stop ends as cancelled."""
    timeline = run(jobs(A), Stop(at=at(0.25)), Cancel(at=at(0.3), jobs=[0]), SetLines(at=at(0.3), lines=0))

    assert endings(timeline) == [("cancelledByUser", 0.5)]
    assert timeline.warnings == ()


def test_a_campaign_never_finishes_by_itself() -> None:
    """R13.1: when all is done, it takes more."""
    timeline = run(jobs(A), Submit(at=at(300), jobs=jobs(B)))

    assert dials(timeline) == [(A, 0), (B, 300)]


def test_a_refusal_has_the_vendors_form() -> None:
    """R13.2: the state of a stopped campaign is `FINISHED`."""
    simulation = Simulation(CAMPAIGN, now=NOW)
    simulation.stop()
    for refuse in (lambda: simulation.submit([]), simulation.pause, simulation.resume):
        with pytest.raises(RequestRefused) as caught:
            refuse()
        body = caught.value.body()

        assert (body["type"], body["state"]) == (STOPPED, "FINISHED")


def test_what_a_stopped_campaign_does_not_do_is_said_where_it_refuses() -> None:
    """R13.2, R15.1: the same words in the refusal and in the warning of a command."""
    said = "the campaign is stopped; a stopped one takes no numbers, and is neither paused nor resumed"
    simulation = Simulation(CAMPAIGN, now=NOW)
    simulation.stop()
    with pytest.raises(RequestRefused) as caught:
        simulation.submit([])
    timeline = run(jobs(A), Stop(at=at(1)), Pause(at=at(2)))

    assert caught.value.body()["message"] == said
    assert [warning.message for warning in timeline.warnings] == [f"the command was refused: {said}"]


# -- cancels ---------------------------------------------------------------------------------------------


def test_a_waiting_job_that_is_cancelled_ends_at_once() -> None:
    """R13.3: the others are left alone."""
    timeline = run(jobs(one(A, attempts=3), one(B, attempts=2)), Cancel(at=at(1), jobs=[0]))

    assert endings(timeline) == [("cancelledByUser", 1), ("noAnswer", 2)]
    assert dials(timeline) == [(A, 0), (B, 0), (B, 1.5)]


@pytest.mark.parametrize(
    ("entry", "state", "minute"),
    [
        (answered(), "longCallWithNoResult", 2),
        (answered(result=True), "longCallWithResult", 2),
        (answered(redial={"startAfterMinutes": 0}), "longCallWithNoResult", 2),
        ("nonexistentNumber", "cancelledByUser", 0.5),
        ("busy", "cancelledByUser", 0.5),
        ("failed", "cancelledByUser", 0.5),
    ],
)
@pytest.mark.parametrize("attempts", [1, 3])
def test_a_call_in_progress_that_is_cancelled_ends_its_job(
    entry: object, state: str, minute: float, attempts: int
) -> None:
    """R13.3: in the state of the answer, otherwise as cancelled; no retry, no redial."""
    timeline = run(
        jobs(one(A, attempts=attempts)), Cancel(at=at(0.25), phones=[A]), outcomes=script(p79000000001=[entry])
    )

    assert endings(timeline) == [(state, minute)]
    assert len(timeline) == 1


def test_a_cancel_at_the_instant_at_which_a_call_ends_finds_the_job_waiting() -> None:
    """R8.5: calls end before commands take effect; the last attempt has ended its job."""
    retried = run(jobs(one(A, attempts=2)), Cancel(at=at(0.5), jobs=[0]))
    ended = run(jobs(A), Cancel(at=at(0.5), jobs=[0]))

    assert (endings(retried), endings(ended)) == ([("cancelledByUser", 0.5)], [("noAnswer", 0.5)])


def test_a_phone_means_all_its_jobs_redials_included() -> None:
    """R13.3: by the index of a number, its redials too."""
    outcomes = script(p79000000001=[answered(redial={"startAfterMinutes": 60})])
    first = jobs(A, {"phone": A, "payload": 1, "startDateTime": "2026-03-02T12:00:00Z"}, B)
    by_phone = run(first, Cancel(at=at(5), phones=[A]), outcomes=outcomes)
    by_index = run(first, Cancel(at=at(5), jobs=[0]), outcomes=outcomes)

    assert endings(by_phone) == [
        *(("longCallWithNoResult", 2), ("cancelledByUser", 5), ("noAnswer", 0.5)),
        ("cancelledByUser", 5),
    ]
    assert [(job.index, job.redial_number) for job in by_phone.jobs] == [(0, None), (1, None), (2, None), (0, 1)]
    assert [state for state, _ in endings(by_index)] == [
        *("longCallWithNoResult", "longCallWithNoResult", "noAnswer"),
        *("cancelledByUser", "noAnswer"),  # the redial of number 0, and that of number 1
    ]


def test_jobs_and_phones_may_be_named_together_and_twice() -> None:
    """R13.3."""
    simulation = Simulation(CAMPAIGN, now=NOW, lines=1)
    simulation.submit(jobs(A, B, C))

    assert [job.index for job in simulation.cancel(jobs=[2, 0, 2], phones=[A])] == [0, 2]


def test_a_finished_job_is_left_as_it_is_and_is_not_in_the_answer() -> None:
    """R13.3: one that is already cancelled too."""
    simulation = Simulation(CAMPAIGN, now=NOW)
    simulation.submit(jobs(A, one(B, attempts=2)))
    simulation.run(at(1))

    assert [job.phone for job in simulation.cancel(phones=[A, B])] == [B]
    assert simulation.cancel(jobs=[0, 1]) == ()
    assert [ending.state for ending in simulation.timeline().endings()] == [
        JobState.NO_ANSWER,
        JobState.CANCELLED_BY_USER,
    ]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"jobs": [0, 7]}, "id.not.found"),
        ({"jobs": [-1]}, "id.not.found"),
        ({"phones": [A, "70000000000"]}, "phone.not.found"),
        ({"jobs": [0], "phones": ["70000000000"]}, "phone.not.found"),
    ],
)
def test_an_unknown_job_or_phone_cancels_nothing(wrong: dict[str, Any], kind: str) -> None:
    """R13.3: the whole command is refused."""
    timeline = run(jobs(one(A, attempts=2)), Cancel(at=at(1), **wrong))

    assert endings(timeline) == [("noAnswer", 2)]
    assert refusals(timeline) == [("$.commands[0]", kind)]
    assert "nothing is cancelled" in timeline.warnings[0].message


def test_a_job_that_comes_later_is_not_known_yet() -> None:
    """R13.3."""
    timeline = run([], Cancel(at=at(0), phones=[A]), Submit(at=at(0), jobs=jobs(A)))

    assert refusals(timeline) == [("$.commands[0]", "phone.not.found")]
    assert dials(timeline) == [(A, 0)]


def test_a_refused_cancel_and_a_replay_leave_a_call_that_ends_then_in_progress() -> None:
    """R13.1, R8.5: what is refused, or makes no job, lets nothing of its instant happen."""
    simulation = Simulation(CAMPAIGN, now=NOW)
    simulation.submit(jobs(A), key="K")
    simulation.run(at(0.5))

    with pytest.raises(RequestRefused):
        simulation.cancel([9])
    assert simulation.submit(jobs(A), key="K") == (0,)
    assert simulation.timeline().counts() == {JobState.IN_PROCESS: 1}
    assert simulation.cancel([0]) == ()
    assert simulation.timeline().counts() == {JobState.NO_ANSWER: 1}


# -- lines -----------------------------------------------------------------------------------------------


def test_a_cut_of_the_lines_drops_no_call() -> None:
    """R11.3: new dials wait until there is a line again."""
    timeline = run(
        jobs(A, B, C, D), SetLines(at=at(0.25), lines=1), lines=2, outcomes=script(p79000000001=[answered()])
    )

    assert dials(timeline) == [(A, 0), (B, 0), (C, 2), (D, 2.5)]


def test_more_lines_are_taken_at_once() -> None:
    """R11.3."""
    timeline = run(jobs(A, B, C, D), SetLines(at=at(0.25), lines=3), lines=1)

    assert dials(timeline) == [(A, 0), (B, 0.25), (C, 0.25), (D, 0.5)]


def test_a_command_may_set_no_line_and_no_limit() -> None:
    """R11.1: only a command may set 0."""
    timeline = run(jobs(A, B, C), SetLines(at=at(0.1), lines=0), SetLines(at=at(5), lines=None), lines=1)

    assert dials(timeline) == [(A, 0), (B, 5), (C, 5)]
    with pytest.raises(UsageError):
        run(jobs(A), lines=0)


def test_lines_over_the_day_are_read_on_the_campaigns_clock() -> None:
    """R11.3, R4.1: at 12:00 in Moscow, 09:00 UTC; a command holds for good."""
    campaign = read_campaign(
        'timeZone = "Europe/Moscow"\nmaxSimultaneousCalls = [{from = "12:02", lines = 2}, {from = "11:00", lines = 1}]'
    )
    numbers = jobs(A, B, C, one(D, startDateTime="2026-03-02T09:02:00Z"), campaign=campaign)
    outcomes = script(p79000000001=[answered(talkSeconds=300)])
    day = run(numbers, campaign=campaign, outcomes=outcomes)
    command = run(
        numbers,
        SetLines(at=at(1), lines=DayLines(((0, 3),))),
        SetLines(at=at(1.25), lines=1),
        campaign=campaign,
        outcomes=outcomes,
    )

    assert dials(day) == [(A, 0), (D, 2), (B, 2.5), (C, 3)]
    assert dials(command) == [(A, 0), (B, 1), (C, 1), (D, 5.5)]


def test_the_lines_of_the_run_win_over_those_of_the_campaign() -> None:
    """R11.1."""
    campaign = Campaign(lines=DayLines(((0, 1),)))

    assert dials(run(jobs(A, B), campaign=campaign, lines=2)) == [(A, 0), (B, 0)]
    assert dials(run(jobs(A, B), campaign=campaign)) == [(A, 0), (B, 0.5)]


# -- pace ------------------------------------------------------------------------------------------------


def test_a_new_pace_counts_from_the_last_dial() -> None:
    """R11.2: whether it is slower than the one before, faster, or none."""
    slow = Campaign(calls_per_second=1 / 60)
    slower = run(jobs(A, B, C), SetPace(at=at(0.5), calls_per_second=1 / 120), campaign=slow)
    faster = run(jobs(A, B, C), SetPace(at=at(0.5), calls_per_second=1 / 15), campaign=slow)
    none = run(jobs(A, B, C), SetPace(at=at(0.5), calls_per_second=None), campaign=slow)
    first = run(jobs(A, B, C), SetPace(at=at(0.5), calls_per_second=1 / 60))

    assert dials(slower) == [(A, 0), (B, 2), (C, 4)]
    assert dials(faster) == [(A, 0), (B, 0.5), (C, 0.75)]
    assert dials(none) == [(A, 0), (B, 0.5), (C, 0.5)]
    assert dials(first) == [(A, 0), (B, 0), (C, 0)]


def test_a_wait_for_the_pace_is_told_by_the_pace_that_held() -> None:
    """R11.2: before the change by the old one, then by the new one; together they are the whole wait."""
    slow = Campaign(calls_per_second=1 / 60)
    timeline = run(jobs(A, B), SetPace(at=at(0.5), calls_per_second=1 / 120), campaign=slow)

    [attempt] = timeline.explain(job=1).as_data()["series"][0]["attempts"]
    waits = [(wait["code"], wait["from"], wait["until"], wait["spacingMilliseconds"]) for wait in attempt["waits"]]
    assert waits == [
        ("pacing", "2026-03-02T09:00:00Z", "2026-03-02T09:00:30Z", 60_000),
        ("pacing", "2026-03-02T09:00:30Z", "2026-03-02T09:02:00Z", 120_000),
    ]


@pytest.mark.parametrize("pace", [0, -1, 1001, True, "5"])
def test_what_is_no_pace_is_a_usage_error(pace: Any) -> None:
    """R11.2: a mistake in the program, not in an input."""
    with pytest.raises(UsageError):
        run(jobs(A), SetPace(at=at(1), calls_per_second=pace))


# -- test numbers ----------------------------------------------------------------------------------------


def test_a_test_number_is_added_however_often_and_repeats_none() -> None:
    """R14.6, R14.4: nor is it the earlier job of a later number, whatever its key."""
    timeline = run(
        jobs(A),
        Submit(at=at(1), jobs=jobs(A), test=True),
        Submit(at=at(2), jobs=jobs(A), test=True, key="K"),
        Submit(at=at(3), jobs=jobs(A), key="K"),
        Submit(at=at(4), jobs=jobs(B), test=True),
        Submit(at=at(5), jobs=jobs(B)),
        Submit(at=at(6), jobs=jobs(B)),
    )

    assert dials(timeline) == [(A, 0), (A, 1), (A, 2), (A, 3), (B, 4), (B, 5)]
    assert refusals(timeline) == [("$.commands[5].numbers[0]", DUPLICATED)]


def test_a_stopped_campaign_takes_no_test_number() -> None:
    """R13.2."""
    timeline = run(jobs(A), Stop(at=at(1)), Submit(at=at(2), jobs=jobs(B), test=True))

    assert refusals(timeline) == [("$.commands[1]", STOPPED)]


# -- warnings of the run ---------------------------------------------------------------------------------


def test_redials_that_are_not_made_are_one_warning_with_the_first_number_and_a_count() -> None:
    """R10.4, R15.3."""
    capped = Campaign(max_attempts_per_phone=1)
    asks = [answered(redial={"startAfterMinutes": 0})]
    outcomes = script(capped, **{f"p{phone}": asks for phone in (B, C, D)})
    timeline = run(jobs(A, B, C, D, campaign=capped), campaign=capped, outcomes=outcomes)
    warnings = [(each.type, each.job, each.path, each.count) for each in timeline.warnings]

    assert warnings == [("redial.ignored", 1, "$", 3)]


# -- refusals --------------------------------------------------------------------------------------------


def test_each_refused_command_is_a_warning_under_its_own_name() -> None:
    """R13.1: with its place among the commands as they were given, not as they took effect."""
    timeline = run(jobs(A), Cancel(at=at(2), jobs=[9]), Submit(at=at(1), jobs=jobs(A)), Cancel(at=at(3), jobs=[9]))

    assert refusals(timeline) == [
        ("$.commands[1].numbers[0]", DUPLICATED),
        ("$.commands[0]", "id.not.found"),
        ("$.commands[2]", "id.not.found"),
    ]


@pytest.mark.parametrize("lines", [-1, 2.5, True, "2"])
def test_what_are_no_lines_is_a_usage_error(lines: Any) -> None:
    """R11.1: a mistake in the program, not in an input."""
    with pytest.raises(UsageError):
        run(jobs(A), SetLines(at=at(1), lines=lines))


def test_a_command_that_is_none_says_so() -> None:
    """R13.1: the base class does nothing."""
    with pytest.raises(AssertionError, match="Command"):
        run(jobs(A), Command(at=at(1)))


def test_the_run_of_a_stopped_campaign_goes_on_to_its_end() -> None:
    """R12.5: nothing is left behind, and every invariant holds."""
    simulation = Simulation(CAMPAIGN, now=NOW, lines=1)
    simulation.submit(jobs(A, B, one(C, attempts=5)))
    for minutes, command in ((0.25, simulation.pause), (1, simulation.resume), (1.2, simulation.stop)):
        simulation.run(at(minutes))
        command()
        simulation.check()
    simulation.run(NOW_MS + 10 * DAY_MS + SECOND_MS)
    simulation.check()

    assert [ending.state for ending in simulation.timeline().endings()] == [
        *(JobState.NO_ANSWER, JobState.NOT_DONE, JobState.NOT_DONE)
    ]


def test_a_stopped_campaign_can_be_looked_at_long_after() -> None:
    """R13.2: what waited in its queue is gone, and no window is followed any more."""
    campaign = strategies.campaign_of({"maxSimultaneousCalls": 1})
    numbers = [strategies.number(name, localTimeTo="20:00", maxAttempts=2) for name in "ABC"]
    run = Simulation(campaign, now=at())
    run.submit(strategies.jobs_of(campaign, numbers))
    run.step()
    run.stop()
    run.run(at() + 3 * DAY_MS)
    states = run.timeline().counts()
    run.check()

    assert states == {JobState.NOT_DONE: 3}
