"""The engine's oracle against runs that were worked out by hand: one rule, one small campaign.

Times are minutes of Monday, 2026-03-02, in UTC. A dial reads `09:00 0 answered`; a redial's job is `0.1`, and a later
attempt of a series `0#2`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from tests import oracles, ticking
from tests.strategies import at, instant, number

Fields = Mapping[str, Any]
MINUTE_MS = 60_000
A, B, C = (number(name) for name in "ABC")  # one attempt each, whenever
PHONE_A = A["phone"]
ANSWERED: Fields = {"outcome": "answered", "ringSeconds": 60, "talkSeconds": 120}


class Told(NamedTuple):
    """A run in words."""

    dials: list[str]
    endings: list[str]
    refused: list[int]


def clock_of(ms: int) -> str:
    return instant(ms)[11:16]


def name_of(index: int, redial: int | None) -> str:
    return str(index) if redial is None else f"{index}.{redial}"


def attempt_of(dial: ticking.Dial) -> str:
    return "" if dial.attempt == 1 else f"#{dial.attempt}"


def told(
    *numbers: Mapping[str, Any],
    campaign: Fields | None = None,
    script: Sequence[object] | Fields = (),
    commands: Sequence[Any] = (),
    now: str = "09:00",
    until: str = "12:00",
    lines: int | None = None,
) -> Told:
    """Play some numbers; a script that is a list is that of the first of them, and calls ring for a minute."""
    run = ticking.simulate(
        {"ringSeconds": 60, **(campaign or {})},
        numbers,
        now=at(f"2026-03-02T{now}"),
        until=at(f"2026-03-02T{until}"),
        tick_ms=MINUTE_MS,
        lines=lines,
        script=script if isinstance(script, Mapping) else {"jobs": {"0": list(script)}},
        commands=[{**command, "at": f"2026-03-02T{command['at']}Z"} for command in commands],
    )
    return Told(
        [
            f"{clock_of(dial.at)} {name_of(dial.job, dial.redial_number)}{attempt_of(dial)} {dial.outcome}"
            for dial in run.dials
        ],
        [
            f"{name_of(end.job, end.redial_number)} {end.state}" + ("" if end.at is None else f" {clock_of(end.at)}")
            for end in run.endings
        ],
        run.refused,
    )


# --- outcomes --------------------------------------------------------------------------------------------------------


def test_a_script_says_how_each_dial_ends_and_when() -> None:
    """R9.3, R12.1, R12.4: an answer ends the job."""
    script = [{"outcome": "busy", "ringSeconds": 120}, {**ANSWERED, "result": True}]

    run = told({**A, "maxAttempts": 5, "retryIntervalInMinutes": 10}, script=script)

    assert run.dials == ["09:00 0 busy", "09:12 0#2 answered"]
    assert run.endings == ["0 longCallWithResult 09:15"]


@pytest.mark.parametrize(
    ("last", "ending"),
    [
        ("nonexistentNumber", "0 nonexistentNumber 09:01"),
        ("failed", "0 technicalError 09:01"),
        ("busy", "0 noAnswer 09:01"),
        ("noAnswer", "0 noAnswer 09:01"),
        (ANSWERED, "0 longCallWithNoResult 09:03"),
        ({**ANSWERED, "result": False}, "0 longCallWithNoResult 09:03"),
        ({**ANSWERED, "result": ""}, "0 longCallWithNoResult 09:03"),
        ({**ANSWERED, "result": "yes"}, "0 longCallWithResult 09:03"),
        ({**ANSWERED, "ringSeconds": 0}, "0 longCallWithNoResult 09:02"),
        ("answered", "0 longCallWithNoResult 09:02"),  # it rings as the campaign says, and talks for a minute
    ],
)
def test_the_last_outcome_is_the_jobs_state(last: Fields | str, ending: str) -> None:
    """R12.4"""
    assert told(A, script=[last]).endings == [ending]


def test_a_number_that_does_not_exist_is_not_tried_again() -> None:
    """R9.3"""
    assert told({**A, "maxAttempts": 3}, script=["nonexistentNumber"]).dials == ["09:00 0 nonexistentNumber"]


def test_a_script_that_is_over_goes_on_as_never() -> None:
    """R12.3"""
    run = told({**A, "maxAttempts": 3}, script=["failed"])

    assert run.dials == ["09:00 0 failed", "10:01 0#2 noAnswer", "11:02 0#3 noAnswer"]
    assert run.endings == ["0 noAnswer 11:03"]


def test_each_number_of_a_phone_reads_its_list_and_an_index_wins() -> None:
    """R12.3: and a phone is known by its digits."""
    script = {"phones": {"+" + PHONE_A: ["busy", "failed"]}, "jobs": {"1": ["nonexistentNumber"]}}
    again = {**A, "payload": 1}
    last = {**A, "payload": 2, "maxAttempts": 2}

    assert told(A, again, last, script=script).dials == [
        "09:00 0 busy",
        "09:00 1 nonexistentNumber",
        "09:00 2 busy",
        "10:01 2#2 failed",
    ]


def test_a_call_holds_its_line_while_it_rings_and_talks() -> None:
    """R11.1"""
    assert told(A, B, script=[ANSWERED], lines=1).dials == ["09:00 0 answered", "09:03 1 noAnswer"]


def test_under_start_a_call_that_outlasts_the_interval_is_retried_at_its_end() -> None:
    """R9.2"""
    patient = {**A, "maxAttempts": 2, "retryIntervalInMinutes": 5}
    script = [{"outcome": "busy", "ringSeconds": 420}]
    reading = {"readings": {"retryFrom": "start"}}

    assert told(patient, script=script).dials[1] == "09:12 0#2 noAnswer"
    assert told(patient, script=script, campaign=reading).dials[1] == "09:07 0#2 noAnswer"


def test_a_phone_that_is_used_up_is_not_an_error_of_its_last_call() -> None:
    """R9.4: it had attempts left, so the state is noAnswer; the last attempt that failed is technicalError."""
    cap = {"maxAttemptsPerPhone": 1}

    assert told({**A, "maxAttempts": 2}, script=["failed"], campaign=cap).endings == ["0 noAnswer 09:01"]
    assert told(A, script=["failed"], campaign=cap).endings == ["0 technicalError 09:01"]


# --- redials ---------------------------------------------------------------------------------------------------------


def with_redial(redial: object, **more: object) -> Fields:
    return {**ANSWERED, "redial": redial, **more}


def test_a_redial_is_a_job_of_its_own_that_begins_after_the_call() -> None:
    """R10.2: attempts are counted from 1; the entries of the script run on."""
    script = [with_redial({"startAfterMinutes": 30, "maxAttempts": 2, "retryIntervalInMinutes": 10}), "busy", "failed"]

    run = told({**A, "maxAttempts": 4}, script=script)

    assert run.dials == ["09:00 0 answered", "09:33 0.1 busy", "09:44 0.1#2 failed"]
    assert run.endings == ["0 longCallWithNoResult 09:03", "0.1 technicalError 09:45"]


def test_a_redial_of_a_redial_has_the_next_number() -> None:
    """R10.2"""
    script = [with_redial({"startAfterMinutes": 1}), with_redial({"startAfterMinutes": 2}, result=True), "busy"]

    run = told(A, script=script)

    assert run.dials == ["09:00 0 answered", "09:04 0.1 answered", "09:09 0.2 busy"]
    assert run.endings == ["0 longCallWithNoResult 09:03", "0.1 longCallWithResult 09:07", "0.2 noAnswer 09:10"]


def test_a_redial_in_the_past_means_at_once() -> None:
    """R10.4"""
    script = [with_redial({"startDateTime": "2026-03-01T00:00:00Z"})]

    assert told(A, script=script).dials == ["09:00 0 answered", "09:03 0.1 noAnswer"]


def test_a_redial_waits_for_its_own_window_and_falls_back_on_the_numbers() -> None:
    """R10.1, R6.2: what the number's start and window were does not matter where the redial has its own."""
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    early = {**A, "localTimeTo": "09:02", "startDateTime": "2026-03-02T09:01:00Z"}

    assert told(early, script=[with_redial({"allowedTime": hours})]).dials == ["09:01 0 answered", "10:00 0.1 noAnswer"]
    assert told(early, script=[with_redial({"startAfterMinutes": 1})]).endings == [
        "0 longCallWithNoResult 09:04",
        "0.1 planned",
    ]


def test_what_a_redial_leaves_out_is_the_numbers_or_the_campaigns() -> None:
    """R6.2: days, hours, interval and attempts follow the reading; zone, priority and finish are the number's."""
    policy = {"maxAttempts": 3, "retryIntervalInMinutes": 20, "localTimeFrom": "09:30"}
    own = {**A, "maxAttempts": 2, "retryIntervalInMinutes": 5, "localTimeFrom": "08:00"}
    own = {**own, "finishDateTime": "2026-03-02T10:00:00Z"}
    script = [with_redial({"startAfterMinutes": 0})]

    def dials(reading: str) -> list[str]:
        return told(own, script=script, campaign={"policy": policy, "readings": {"redialInherits": reading}}).dials[1:]

    assert dials("number") == ["09:03 0.1 noAnswer", "09:09 0.1#2 noAnswer"]
    assert dials("campaign") == ["09:30 0.1 noAnswer", "09:51 0.1#2 noAnswer"]  # the third, at 10:12, is too late


def test_a_redials_finish_is_stronger_than_the_numbers_but_not_than_the_campaigns() -> None:
    """R6.1, R5.3"""
    own = {**A, "finishDateTime": "2026-03-02T09:10:00Z"}
    script = [with_redial({"startAfterMinutes": 60, "finishDateTime": "2026-03-02T11:00:00Z"})]

    assert told(own, script=script).dials == ["09:00 0 answered", "10:03 0.1 noAnswer"]
    assert told(own, script=script, campaign={"endTime": "2026-03-02T10:03:00Z"}).endings == [
        "0 longCallWithNoResult 09:03",
        "0.1 notDone 09:03",
    ]


@pytest.mark.parametrize(("own", "dials"), [(7, 5), (5, 5), (2, 2), (0, 6), (None, 6)])
def test_a_redials_own_attempts_are_five_at_most(own: int | None, dials: int) -> None:
    """R10.3: inherited ones are not capped, and 0 is not set."""
    redial = {"startAfterMinutes": 0, "maxAttempts": own, "retryIntervalInMinutes": 1}

    assert len(told({**A, "maxAttempts": 6}, script=[with_redial(redial)]).dials) == 1 + dials


def test_only_the_first_redial_of_a_call_counts() -> None:
    """R10.3"""
    script = [with_redial([{"startAfterMinutes": 5}, {"startAfterMinutes": 1}])]

    assert told(A, script=script).dials == ["09:00 0 answered", "09:08 0.1 noAnswer"]


def test_a_redial_is_custom_and_arrives_behind_all_others() -> None:
    """R8.2, R8.3, R10.2: before plain ones; among custom ones the earlier arrival goes first."""
    custom = {**B, "startDateTime": "2026-03-02T09:03:00Z"}
    script = {"jobs": {"0": [with_redial({"startAfterMinutes": 0})]}}

    run = told(A, custom, C, script=script, lines=1)

    assert run.dials == ["09:00 0 answered", "09:03 1 noAnswer", "09:04 0.1 noAnswer", "09:05 2 noAnswer"]
    assert [ending.split()[0] for ending in run.endings] == ["0", "1", "2", "0.1"]


def test_a_redials_priority_is_its_own_or_the_numbers() -> None:
    """R7.2"""
    rival = {**B, "startDateTime": "2026-03-02T09:03:00Z", "dialerPriority": 2}

    def second(own: Fields, redial: Fields) -> str:
        script = [with_redial({"startAfterMinutes": 0, **redial})]
        return told({**A, **own}, rival, script=script, lines=1).dials[1]

    assert second({}, {"dialerPriority": 1}) == "09:03 0.1 noAnswer"
    assert second({"dialerPriority": 1}, {}) == "09:03 0.1 noAnswer"
    assert second({"dialerPriority": 1}, {"dialerPriority": 3}) == "09:03 1 noAnswer"


def test_no_redial_is_made_of_a_phone_that_is_used_up() -> None:
    """R10.4"""
    script = [with_redial({"startAfterMinutes": 0})]

    assert told(A, script=script, campaign={"maxAttemptsPerPhone": 1}).endings == ["0 longCallWithNoResult 09:03"]
    assert len(told(A, script=script, campaign={"maxAttemptsPerPhone": 2}).endings) == 2


def test_a_redial_that_can_never_be_dialled_is_made_and_not_done() -> None:
    """R10.4"""
    script = [with_redial({"startAfterMinutes": 10, "finishDateTime": "2026-03-02T09:13:00Z"})]

    assert told(A, script=script).endings == ["0 longCallWithNoResult 09:03", "0.1 notDone 09:03"]


# --- commands --------------------------------------------------------------------------------------------------------


def test_a_batch_is_submitted_during_the_run_and_arrives_behind() -> None:
    """R13.1: its jobs are due at once."""
    run = told(A, commands=[{"at": "09:30", "do": "submit", "numbers": [B, C]}], lines=1)

    assert run.dials == ["09:00 0 noAnswer", "09:30 1 noAnswer", "09:31 2 noAnswer"]


def test_the_numbers_at_the_beginning_come_before_the_commands_of_now() -> None:
    """R8.5, R13.1: and commands before dials."""
    run = told(
        A, commands=[{"at": "09:00", "do": "submit", "numbers": [B]}, {"at": "09:00", "do": "cancel", "jobs": [0]}]
    )

    assert run.dials == ["09:00 1 noAnswer"]
    assert run.endings == ["0 cancelledByUser 09:00", "1 noAnswer 09:01"]


def test_a_paused_campaign_takes_jobs_dials_none_and_then_goes_by_rank() -> None:
    """R13.2: a pause and a resume of what is paused or runs change nothing."""
    urgent = {**C, "dialerPriority": 1}
    commands = [
        {"at": "09:00", "do": "resume"},
        {"at": "09:00", "do": "pause"},
        {"at": "09:10", "do": "pause"},
        {"at": "09:20", "do": "submit", "numbers": [urgent]},
        {"at": "09:30", "do": "resume"},
    ]

    run = told(A, B, commands=commands, lines=1)

    assert run.dials == ["09:30 2 noAnswer", "09:31 0 noAnswer", "09:32 1 noAnswer"]
    assert run.refused == []


def test_a_pause_lets_calls_end_and_windows_close() -> None:
    """R9.5, R13.2: due times run on."""
    short = {**B, "localTimeFrom": "09:02", "finishDateTime": "2026-03-02T09:10:00Z"}
    commands = [{"at": "09:01", "do": "pause"}, {"at": "11:00", "do": "resume"}]
    script = {"jobs": {"0": [{**ANSWERED, "redial": {"startAfterMinutes": 5}}]}}

    run = told(A, short, script=script, commands=commands)

    assert run.dials == ["09:00 0 answered", "11:00 0.1 noAnswer"]
    assert run.endings == ["0 longCallWithNoResult 09:03", "1 notDone 09:10", "0.1 noAnswer 11:01"]


def test_a_stop_ends_what_waits_and_refuses_what_would_go_on() -> None:
    """R13.2: a second stop, a cancel and a change of lines are taken."""
    commands = [
        {"at": "09:30", "do": "stop"},
        {"at": "09:30", "do": "stop"},
        {"at": "09:40", "do": "submit", "numbers": [C]},
        {"at": "09:40", "do": "pause"},
        {"at": "09:40", "do": "resume"},
        {"at": "09:40", "do": "lines", "lines": 3},
        {"at": "09:40", "do": "cancel", "jobs": [0]},
    ]

    run = told({**A, "maxAttempts": 2}, {**B, "localTimeFrom": "10:00"}, commands=commands)

    assert run.dials == ["09:00 0 noAnswer"]
    assert run.endings == ["0 notDone 09:30", "1 notDone 09:30"]
    assert run.refused == [2, 3, 4]


@pytest.mark.parametrize(
    ("entry", "stopped", "cancelled", "both"),
    [
        (with_redial({"startAfterMinutes": 0}), *["longCallWithNoResult"] * 3),
        ({"outcome": "nonexistentNumber", "ringSeconds": 180}, "nonexistentNumber", *["cancelledByUser"] * 2),
        ({"outcome": "failed", "ringSeconds": 180}, "notDone", *["cancelledByUser"] * 2),
        ({"outcome": "busy", "ringSeconds": 180}, "notDone", *["cancelledByUser"] * 2),
    ],
)
def test_a_call_in_progress_runs_to_its_end_without_a_retry_or_a_redial(
    entry: Fields, stopped: str, cancelled: str, both: str
) -> None:
    """R13.2, R13.3, R9.5"""
    stop, cancel = {"at": "09:01", "do": "stop"}, {"at": "09:02", "do": "cancel", "phones": [PHONE_A]}

    for commands, state in (([stop], stopped), ([cancel], cancelled), ([stop, cancel], both)):
        run = told({**A, "maxAttempts": 2}, script=[entry], commands=commands)
        assert run.endings == [f"0 {state} 09:03"]
        assert len(run.dials) == 1


def test_a_call_that_ends_at_the_instant_of_a_cancel_has_ended() -> None:
    """R8.5: calls end, then commands; the retry that waits is cancelled, a job that is over is left alone."""
    cancel = {"at": "09:01", "do": "cancel", "jobs": [0, 1]}

    run = told({**A, "maxAttempts": 2}, B, commands=[cancel])

    assert run.endings == ["0 cancelledByUser 09:01", "1 noAnswer 09:01"]


def test_a_cancel_comes_before_the_window_closes() -> None:
    """R8.5: commands, then intervals."""
    early = {**A, "finishDateTime": "2026-03-02T09:30:00Z"}
    commands = [{"at": "09:00", "do": "lines", "lines": 0}, {"at": "09:30", "do": "cancel", "jobs": [0]}]

    assert told(early, commands=commands).endings == ["0 cancelledByUser 09:30"]


def test_a_phone_means_all_its_jobs_and_so_does_an_index() -> None:
    """R13.3: redials included."""
    twin = {**A, "payload": "again", "localTimeFrom": "11:00"}
    script = [with_redial({"startAfterMinutes": 60})]

    def endings(**cancel: object) -> list[str]:
        return told(A, twin, script=script, commands=[{"at": "09:30", "do": "cancel", **cancel}]).endings

    first = "0 longCallWithNoResult 09:03"
    assert endings(jobs=[0]) == [first, "1 noAnswer 11:01", "0.1 cancelledByUser 09:30"]
    assert endings(phones=["+" + PHONE_A]) == [first, "1 cancelledByUser 09:30", "0.1 cancelledByUser 09:30"]


@pytest.mark.parametrize("unknown", [{"jobs": [0, 1]}, {"jobs": [0], "phones": [C["phone"]]}])
def test_a_cancel_with_something_unknown_changes_nothing(unknown: Fields) -> None:
    """R13.3: a number that is not submitted yet is unknown too."""
    commands = [{"at": "09:00", "do": "cancel", **unknown}, {"at": "09:00", "do": "submit", "numbers": [B]}]

    run = told(A, commands=commands)

    assert run.refused == [0]
    assert run.endings == ["0 noAnswer 09:01", "1 noAnswer 09:01"]


def test_a_command_at_the_end_never_takes_effect() -> None:
    """R1.2"""
    assert told(A, commands=[{"at": "12:00", "do": "submit", "numbers": [B]}]).endings == ["0 noAnswer 09:01"]


def test_a_job_that_comes_when_its_phone_is_used_up_ends_at_once() -> None:
    """R9.4, R13.1"""
    again = {**A, "payload": "again"}

    run = told(A, commands=[{"at": "09:30", "do": "submit", "numbers": [again]}], campaign={"maxAttemptsPerPhone": 1})

    assert run.endings == ["0 noAnswer 09:01", "1 notDone 09:30"]


def test_fewer_lines_drop_no_call_and_none_hold_everything_back() -> None:
    """R11.1, R11.3: only a command sets 0."""
    commands = [
        {"at": "09:01", "do": "lines", "lines": 0},
        {"at": "09:30", "do": "lines", "lines": 1},
    ]

    run = told(A, B, C, commands=commands, script=[ANSWERED], lines=2)

    assert run.dials == ["09:00 0 answered", "09:00 1 noAnswer", "09:30 2 noAnswer"]
    assert run.endings[0] == "0 longCallWithNoResult 09:03"


def test_lines_follow_the_wall_clock_of_the_campaigns_zone() -> None:
    """R11.3: before the first entry of the day, the last one holds."""
    day = [{"from": "10:30", "lines": 2}, {"from": "9:10", "lines": 3}, {"from": "18:00", "lines": 1}]
    crowd = [number(name) for name in "ABCDEFGH"]
    campaign = {"maxSimultaneousCalls": day, "ringSeconds": 600, "timeZone": "Z"}

    utc = told(*crowd, campaign=campaign, now="09:00").dials
    ahead = told(*crowd, campaign={**campaign, "timeZone": "+01:20"}, now="09:00").dials

    assert [dial[:5] for dial in utc] == ["09:00", *["09:10"] * 3, *["09:20"] * 3, "09:30"]
    # There it is 10:20: three lines, of which one is left over when at 10:30 there are two.
    assert [dial[:5] for dial in ahead] == [*["09:00"] * 3, *["09:10"] * 2, *["09:20"] * 2, "09:30"]


def test_a_command_overrides_the_lines_over_the_day_for_good() -> None:
    """R11.3: and its own list is followed as the campaign's is."""
    campaign = {"maxSimultaneousCalls": [{"from": "09:00", "lines": 1}, {"from": "09:02", "lines": 3}]}
    crowd = [number(name) for name in "ABCDEF"]

    def dials(lines: object) -> list[str]:
        return [
            dial[:5]
            for dial in told(*crowd, campaign=campaign, commands=[{"at": "09:01", "do": "lines", "lines": lines}]).dials
        ]

    assert dials(2) == ["09:00", *["09:01"] * 2, *["09:02"] * 2, "09:03"]
    assert dials([{"from": "09:03", "lines": 4}, {"from": "00:00", "lines": 1}]) == [
        "09:00",
        "09:01",
        "09:02",
        *["09:03"] * 3,
    ]


# --- the same number again -------------------------------------------------------------------------------------------

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
P: Fields = {"phone": "79123456789", "payload": {"a": 1}}
Q: Fields = {"phone": "4930123456"}
R: Fields = {"phone": "12025550123", "payload": None}


def answers(*requests: tuple[int, str | None, Sequence[Fields]]) -> list[list[int] | None]:
    """The answer to each request: the index of each number, or None."""
    past = oracles.Requests()
    return [past.submit(numbers, key, ms).ids for ms, key, numbers in requests]


def test_without_a_key_the_same_number_is_refused_for_24_hours_to_the_millisecond() -> None:
    """R14.3, R14.4: since the acceptance of the job, which no refusal refreshes."""
    same = {"payload": {"a": 1.0}, "phone": "+7 912 345-67-89"}

    assert answers((0, None, [P]), (1, None, [same]), (DAY_MS - 1, None, [P]), (DAY_MS, None, [P])) == [
        [0],
        None,
        None,
        [1],
    ]


def test_a_refused_request_leaves_nothing_behind() -> None:
    """R14.5: not even its key, whose first use is still to come."""
    assert answers(
        (0, None, [P]),
        (1, None, [Q, P]),
        (2, "K", [Q, R, Q]),
        (3, None, [Q]),
        (4, "K", [R]),
        (DAY_MS + 3, "K", [R]),
        (DAY_MS + 4, "K", [R]),
    ) == [[0], None, None, [1], [2], [2], [3]]


def test_the_same_key_gives_back_the_job_and_makes_none() -> None:
    """R14.3: what is new in the request is new."""
    assert answers((0, "K", [P, Q]), (5, "K", [Q, R, P])) == [[0, 1], [1, 2, 0]]


def test_different_keys_and_none_know_nothing_of_each_other() -> None:
    """R14.3: the latest under the key counts; an empty key is none."""
    assert answers((0, "K", [P]), (1, "L", [P]), (2, None, [P]), (3, "", [P]), (4, "L", [P]), (5, "K", [P])) == [
        [0],
        [1],
        [2],
        None,
        [1],
        [0],
    ]


def test_the_24_hours_of_a_key_run_from_its_first_use() -> None:
    """R14.4: whatever it was used for, and however young the job is."""
    assert answers(
        (0, "K", [Q]),
        (DAY_MS - 1, "K", [P]),  # a job of the key's last millisecond
        (DAY_MS, "K", [P]),  # a first use
        (DAY_MS + 1, "K", [Q, P]),
        (2 * DAY_MS - 1, "K", [P]),
        (2 * DAY_MS, "K", [P]),
    ) == [[0], [1], [2], [3, 2], [2], [4]]


def test_an_expired_key_is_forgotten_with_its_jobs() -> None:
    """R14.4: what was accepted under it before is no earlier job of its next use."""
    assert answers((0, "K", [P]), (DAY_MS + 5, "K", [Q]), (DAY_MS + 6, "K", [P]), (DAY_MS + 7, "K", [P])) == [
        [0],
        [1],
        [2],
        [2],
    ]


def test_the_phones_of_a_refusal_are_listed_latest_first() -> None:
    """R14.2: each once; against earlier jobs as inside one request."""
    past = oracles.Requests()
    past.submit([P, Q, R], None, 0)

    refused = past.submit([P, R, {**P, "payload": "other"}, {"phone": "33123456789"}, Q], None, 1)

    assert refused.duplicates == [Q["phone"], P["phone"], R["phone"]]


def test_a_batch_of_the_run_goes_through_the_table() -> None:
    """R13.1, R14.3: a replay makes no job, a refused batch changes nothing."""
    commands = [
        {"at": "09:10", "do": "submit", "numbers": [B, A]},
        {"at": "09:20", "do": "submit", "numbers": [B, A], "key": "K"},
        {"at": "09:30", "do": "submit", "numbers": [C, B], "key": "K"},
    ]

    run = told(A, commands=commands)

    assert run.dials == ["09:00 0 noAnswer", "09:20 1 noAnswer", "09:20 2 noAnswer", "09:30 3 noAnswer"]
    assert run.refused == [0]


def test_a_redial_is_no_pairs_earlier_job() -> None:
    """R14.4: a job is, whatever has become of it."""
    script = [with_redial({"startAfterMinutes": 60})]
    commands = [{"at": "09:30", "do": "cancel", "jobs": [0]}, {"at": "09:40", "do": "submit", "numbers": [A]}]

    assert told(A, script=script, commands=commands).refused == [1]


def test_what_does_not_fall_on_a_tick_is_refused() -> None:
    """The clock would miss it."""
    with pytest.raises(ValueError, match="not all multiples"):
        told(A, script=[{"outcome": "busy", "ringSeconds": 1.5}])
    with pytest.raises(ValueError, match="not all multiples"):
        told(A, commands=[{"at": "09:00:30", "do": "stop"}])
