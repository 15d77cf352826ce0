"""Attempts of a job: how many, how far apart, inside which dates; and how jobs end."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from scheduler import Campaign, Job, Simulation, Timeline, simulate
from scheduler.engine import gates
from scheduler.outcomes import Never
from scheduler.policy import allowed
from scheduler.policy.calendar import compile_calendar
from tests.strategies import (
    ALL_DAY,
    HOUR_MS,
    at,
    campaign_of,
    ending_of,
    instant,
    jobs_of,
    number,
    order_of,
    simulated,
    times_of,
)

NOW = "2026-03-02T06:00"  # a Monday
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
SEARCH_DAYS = 366
MORNING = {"localTimeFrom": "06:00", "localTimeTo": "07:00"}
MORNING_AND_NOON = {"localTimeFrom": "06:00", "localTimeTo": "14:00"}
FROM_START = {"readings": {"retryFrom": "start"}}


def attempts_of(timeline: Timeline, name: str) -> list[int]:
    return [dial.attempt for dial in timeline if dial.job.payload == f'"{name}"'.encode()]


def minutes_of(timeline: Timeline) -> list[float]:
    """The dials, in minutes from the first."""
    return [(dial.at - timeline[0].at) / MINUTE_MS for dial in timeline]


def dates(first: str, count: int) -> list[str]:
    """So many dates in a row."""
    begin = dt.date.fromisoformat(first)
    return [(begin + dt.timedelta(days=place)).isoformat() for place in range(count)]


# --- how many --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 5, 50])
def test_the_attempts_of_a_job_are_counted_with_the_first(count: int) -> None:
    """R9.1"""
    timeline = simulated(number("A", maxAttempts=count), now=NOW)

    assert attempts_of(timeline, "A") == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("own", "campaigns", "expected"),
    [(None, None, 1), (None, 3, 3), (2, 3, 2), (0, 3, 3), (0, None, 1), (0, 0, 1), (None, 0, 1)],
)
def test_attempts_come_from_the_number_then_the_campaign_then_are_one_and_0_is_not_set(
    own: int | None, campaigns: int | None, expected: int
) -> None:
    """R9.1, R6.1"""
    timeline = simulated(number("A", maxAttempts=own), now=NOW, campaign={"policy": {"maxAttempts": campaigns}})

    assert len(timeline) == expected


def test_a_job_that_nobody_answers_is_retried_until_its_attempts_are_used_up() -> None:
    """R9.3, R12.2, R12.4: it ends with its last call."""
    timeline = simulated(number("A", maxAttempts=3), now=NOW)

    assert {dial.outcome.value for dial in timeline} == {"noAnswer"}
    assert ending_of(timeline, "A") == ("noAnswer", "2026-03-02T08:01:30Z", "attemptsUsedUp")


# --- how far apart ---------------------------------------------------------------------------------------------------


def test_an_interval_that_is_absent_is_an_hour_from_the_end_of_the_attempt() -> None:
    """R9.2"""
    timeline = simulated(number("A", maxAttempts=3), now=NOW, campaign={"ringSeconds": 90})

    assert minutes_of(timeline) == [0, 61.5, 123]


@pytest.mark.parametrize("minutes", [1, 59, 2880])
@pytest.mark.parametrize("ring_seconds", [1, 30, 3600])
def test_the_interval_is_measured_from_the_end_of_an_attempt(minutes: int, ring_seconds: int) -> None:
    """R9.2"""
    numbers = number("A", maxAttempts=3, retryIntervalInMinutes=minutes)
    timeline = simulated(numbers, now=NOW, campaign={"ringSeconds": ring_seconds})

    distance = minutes + ring_seconds / 60
    assert minutes_of(timeline) == pytest.approx([0, distance, 2 * distance])


@pytest.mark.parametrize(
    ("minutes", "ring_seconds", "distance"),
    [(60, 30, 60), (2880, 3600, 2880), (1, 60, 1), (1, 90, 1.5), (30, 3600, 60)],
)
def test_under_the_other_reading_it_is_measured_from_the_start_but_never_ends_before_the_call(
    minutes: int, ring_seconds: int, distance: float
) -> None:
    """R9.2: a call that outlasts the interval is retried at its end."""
    timeline = simulated(
        number("A", maxAttempts=3, retryIntervalInMinutes=minutes),
        now=NOW,
        campaign={"ringSeconds": ring_seconds, **FROM_START},
    )

    assert minutes_of(timeline) == [0, distance, 2 * distance]


def test_a_call_that_outlasts_its_interval_is_due_again_at_its_end_and_not_before() -> None:
    """R9.2, R8.2: so it stands behind one that fell due during the call, in the same interval."""
    numbers = [
        number("A", maxAttempts=2, retryIntervalInMinutes=30, allowedTime={"default": [MORNING_AND_NOON]}),
        number("B", startDateTime="2026-03-02T06:45:00Z", allowedTime={"mon": [MORNING_AND_NOON]}),
    ]

    assert order_of(simulated(*numbers, now=NOW, lines=1, campaign={"ringSeconds": 3600, **FROM_START})) == "ABA"


def test_intervals_come_from_the_number_then_the_campaign() -> None:
    """R9.2, R6.1"""
    numbers = number("A", maxAttempts=2), number("B", maxAttempts=2, retryIntervalInMinutes=20)
    timeline = simulated(*numbers, now=NOW, campaign={"policy": {"retryIntervalInMinutes": 10}})

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00Z", "2026-03-02T06:10:30Z"]
    assert times_of(timeline, "B") == ["2026-03-02T06:00:00Z", "2026-03-02T06:20:30Z"]


@pytest.mark.parametrize("lines", [None, 1, 3])
@pytest.mark.parametrize("pace", [None, 0.5])
def test_nobody_is_called_again_earlier_than_five_minutes_after_an_attempt(
    lines: int | None, pace: float | None
) -> None:
    """R9.2: newfies-dialer#14, where a retry after 300 s came about every 4 minutes."""
    numbers = [number(name, maxAttempts=4, retryIntervalInMinutes=5) for name in "ABCDEFGHIJ"]
    campaign = {"ringSeconds": 45} | ({} if pace is None else {"callsPerSecond": pace})
    timeline = simulated(*numbers, now=NOW, lines=lines, campaign=campaign)

    assert len(timeline) == 40
    for name in "ABCDEFGHIJ":
        ours = [dial.at for dial in timeline if dial.job.payload == f'"{name}"'.encode()]
        assert min(later - earlier for earlier, later in pairwise(ours)) >= 300_000 + 45_000
    if lines is None and pace is None:
        assert minutes_of(timeline)[::10] == [0, 5.75, 11.5, 17.25]


def test_a_retry_that_falls_outside_the_calendar_waits_for_the_next_window() -> None:
    """R9.2: the interval is a minimum."""
    timeline = simulated(number("A", maxAttempts=4, retryIntervalInMinutes=25, **MORNING), now=NOW)

    assert [text[8:19] for text in times_of(timeline, "A")] == [
        "02T06:00:00",
        "02T06:25:30",
        "02T06:51:00",
        "03T06:00:00",
    ]


def test_a_retry_that_falls_on_the_end_of_its_window_waits_for_the_next() -> None:
    """R9.2, R1.2: `localTimeTo` is excluded."""
    at_the_end = number("A", maxAttempts=2, retryIntervalInMinutes=59, **MORNING)
    timeline = simulated(at_the_end, now=NOW, campaign={"ringSeconds": 60})
    before_it = simulated(at_the_end, now=NOW, campaign={"ringSeconds": 59.999})

    assert times_of(timeline, "A")[1] == "2026-03-03T06:00:00Z"
    assert times_of(before_it, "A")[1] == "2026-03-02T06:59:59.999000Z"


def test_a_retry_that_finds_no_line_waits_for_one() -> None:
    """R9.2"""
    again = number("A", maxAttempts=2, retryIntervalInMinutes=1)
    timeline = simulated(again, number("B"), number("C"), now=NOW, lines=1, campaign={"ringSeconds": 600})

    assert order_of(timeline) == "ABCA"
    assert minutes_of(timeline) == [0, 10, 20, 30]


@pytest.mark.parametrize(
    ("now", "retry"),
    [
        pytest.param("2026-03-29T00:30:00+01:00", "2026-03-29T04:30:30+02:00", id="a night without its third hour"),
        pytest.param("2026-10-25T00:30:00+02:00", "2026-10-25T02:30:30+01:00", id="a night that has it twice"),
    ],
)
def test_the_interval_is_elapsed_time_where_the_clocks_change(now: str, retry: str) -> None:
    """R9.2: three hours are three hours, whatever the wall clock shows."""
    night = number("A", gmtZone="Europe/Berlin", maxAttempts=2, retryIntervalInMinutes=180, localTimeTo="05:00")
    timeline = simulated(night, now=now)

    assert [dial.at for dial in timeline] == [at(now), at(retry)]


# --- one phone -------------------------------------------------------------------------------------------------------


def calls(payload: str, **fields: Any) -> dict[str, Any]:
    """One of several numbers with the same phone, told apart by their payloads."""
    return {"phone": "79123456789", "gmtZone": "Z", "payload": payload, **fields}


def test_without_a_cap_jobs_of_one_phone_know_nothing_of_each_other() -> None:
    """R9.4"""
    timeline = simulated(calls("A"), calls("B", maxAttempts=2), now=NOW)

    assert order_of(timeline) == "ABB"
    assert minutes_of(timeline) == [0, 0, 60.5]


def test_a_phone_is_dialled_no_more_than_its_cap_over_all_its_jobs() -> None:
    """R9.4: a waiting job ends at once when its phone has none left; others do not notice."""
    campaign = {"maxAttemptsPerPhone": 3, "maxSimultaneousCalls": 1}
    timeline = simulated(
        calls("A", maxAttempts=2, retryIntervalInMinutes=2),
        calls("B", maxAttempts=5),
        number("X", maxAttempts=3),
        calls("C", startDateTime="2026-03-02T06:03:00Z"),
        calls("D", startDateTime="2026-03-02T07:00:00Z"),
        now=NOW,
        campaign=campaign,
    )

    assert order_of(timeline) == "ABXAXX"
    assert ending_of(timeline, "A") == ("noAnswer", "2026-03-02T06:03:00Z", "attemptsUsedUp")
    assert ending_of(timeline, "B") == ("noAnswer", "2026-03-02T06:02:30Z", "phoneAttemptsUsedUp")
    assert ending_of(timeline, "C") == ("notDone", "2026-03-02T06:02:30Z", "phoneAttemptsUsedUp")
    assert ending_of(timeline, "D") == ("notDone", "2026-03-02T06:02:30Z", "phoneAttemptsUsedUp")
    assert ending_of(timeline, "X")[2] == "attemptsUsedUp"


def test_a_cap_holds_within_one_instant() -> None:
    """R9.4: also where lines are plenty."""
    numbers = [calls(name, maxAttempts=2) for name in "ABCDE"]
    timeline = simulated(*numbers, now=NOW, campaign={"maxAttemptsPerPhone": 2})

    assert order_of(timeline) == "AB"
    assert [ending_of(timeline, name) for name in "ABC"] == [
        ("noAnswer", "2026-03-02T06:00:30Z", "phoneAttemptsUsedUp"),
        ("noAnswer", "2026-03-02T06:00:30Z", "phoneAttemptsUsedUp"),
        ("notDone", "2026-03-02T06:00:00Z", "phoneAttemptsUsedUp"),
    ]


def test_a_line_that_a_cap_leaves_free_goes_to_the_next_in_order() -> None:
    """R9.4, R8.1: in the same instant."""
    numbers = [calls("A"), calls("B"), number("X"), number("Y")]
    timeline = simulated(*numbers, now=NOW, lines=2, campaign={"maxAttemptsPerPhone": 1})

    assert order_of(timeline) == "AXY"
    assert minutes_of(timeline) == [0, 0, 0.5]


def test_a_cap_counts_by_the_normal_form_of_a_phone() -> None:
    """R9.4, R15.4"""
    numbers = [calls("A"), calls("B", phone="+7 (912) 345-67-89"), calls("C", phone="7.912.345.67.89")]
    timeline = simulated(*numbers, now=NOW, campaign={"maxAttemptsPerPhone": 2})

    assert order_of(timeline) == "AB"


def test_a_cap_above_all_attempts_changes_nothing() -> None:
    """R9.4"""
    numbers = [calls(name, maxAttempts=2) for name in "AB"]
    timeline = simulated(*numbers, now=NOW, campaign={"maxAttemptsPerPhone": 4})

    assert order_of(timeline) == "ABAB"
    assert {ending_of(timeline, name)[2] for name in "AB"} == {"attemptsUsedUp"}


@pytest.mark.parametrize("finish", ["2026-03-02T06:15:00Z", "2026-03-02T06:20:00Z"])
def test_one_that_finished_while_it_waited_has_ended_before_its_phone_is_used_up(finish: str) -> None:
    """R12.5, R9.4, R8.5: at its finish, not when its phone has its last dial; that may be the same instant."""
    timeline = simulated(
        calls("A", dialerPriority=1, maxAttempts=2, retryIntervalInMinutes=10),
        number("X", dialerPriority=1),
        calls("B", finishDateTime=finish),
        now=NOW,
        lines=1,
        campaign={"ringSeconds": 600, "maxAttemptsPerPhone": 2},
    )

    assert order_of(timeline) == "AXA"
    assert ending_of(timeline, "B") == ("notDone", finish, "noLineInTime")


def test_a_job_that_is_handed_in_when_its_phone_is_used_up_ends_at_once() -> None:
    """R9.4: over all its jobs, also the later ones."""
    campaign = campaign_of({"maxAttemptsPerPhone": 1})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(jobs_of(campaign, [calls("A")]))
    simulation.run(at("2026-03-02T07:00"))
    simulation.submit(jobs_of(campaign, [calls("B"), number("X")]))
    simulation.check()
    simulation.run(at("2026-03-02T08:00"))
    timeline = simulation.timeline()

    assert order_of(timeline) == "AX"
    assert ending_of(timeline, "B") == ("notDone", "2026-03-02T07:00:00Z", "phoneAttemptsUsedUp")


# --- dates -----------------------------------------------------------------------------------------------------------


def test_a_start_holds_the_first_attempt_back() -> None:
    """R5.2"""
    timeline = simulated(number("A", startDateTime="2026-03-02T06:00:00.001Z"), now=NOW)

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00.001000Z"]


def test_a_start_before_now_means_now() -> None:
    """R5.2: never before now."""
    timeline = simulated(number("A", startDateTime="2020-01-01T00:00:00Z"), now=NOW)

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00Z"]


def test_a_start_outside_the_calendar_waits_for_the_next_window() -> None:
    """R5.2"""
    timeline = simulated(number("A", startDateTime="2026-03-04T12:00:00Z", **MORNING), now=NOW)

    assert times_of(timeline, "A") == ["2026-03-05T06:00:00Z"]


def test_a_start_years_away_is_waited_for() -> None:
    """R5.2, R12.5: 366 days are counted from the due time."""
    timeline = simulated(number("A", startDateTime="2031-05-05T05:00:00Z", **MORNING), now=NOW, until="2031-06-01")

    assert times_of(timeline, "A") == ["2031-05-05T06:00:00Z"]


@pytest.mark.parametrize(("finish", "dials"), [("2026-03-02T07:00:30Z", 1), ("2026-03-02T07:00:30.001Z", 2)])
def test_a_finish_is_excluded(finish: str, dials: int) -> None:
    """R5.2, R1.2: the retry is due at half a minute past seven."""
    timeline = simulated(number("A", maxAttempts=9, retryIntervalInMinutes=60, finishDateTime=finish), now=NOW)

    assert len(timeline) == dials


def test_the_campaigns_start_and_finish_bound_a_job_without_dates() -> None:
    """R5.3"""
    campaign = {"startTime": "2026-03-02T08:00:00Z", "endTime": "2026-03-02T10:01:00Z"}
    timeline = simulated(number("A", maxAttempts=9), now=NOW, campaign=campaign)

    assert minutes_of(timeline) == [0, 60.5]
    assert times_of(timeline, "A")[0] == "2026-03-02T08:00:00Z"
    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T09:01:00Z", "noWindowBeforeFinish")


def test_a_jobs_dates_narrow_the_campaigns_and_never_widen_them() -> None:
    """R5.3"""
    campaign = {"startTime": "2026-03-02T08:00:00Z", "endTime": "2026-03-02T20:00:00Z", "policy": {"maxAttempts": 50}}
    wider = number("W", startDateTime="2026-03-01T00:00:00Z", finishDateTime="2026-03-09T00:00:00Z")
    narrower = number("N", startDateTime="2026-03-02T09:00:00Z", finishDateTime="2026-03-02T15:00:00Z")
    timeline = simulated(wider, narrower, now=NOW, campaign=campaign)

    assert (times_of(timeline, "W")[0], times_of(timeline, "W")[-1]) == ("2026-03-02T08:00:00Z", "2026-03-02T19:05:30Z")
    assert (times_of(timeline, "N")[0], times_of(timeline, "N")[-1]) == ("2026-03-02T09:00:00Z", "2026-03-02T14:02:30Z")


def test_a_start_behind_the_campaigns_finish_ends_a_job_at_once() -> None:
    """R5.3, R12.5"""
    late = number("A", startDateTime="2026-03-03T00:00:00Z")
    timeline = simulated(late, now=NOW, campaign={"endTime": "2026-03-03T00:00:00Z"})

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:00Z", "noWindowBeforeFinish")


def test_a_campaign_that_starts_with_the_epoch_starts_then() -> None:
    """R5.3, R1.1: instants are integers, and 0 is one of them."""
    timeline = simulated(number("A"), now="1969-12-31T12:00", campaign={"startTime": "1970-01-01T00:00:00Z"})

    assert times_of(timeline, "A") == ["1970-01-01T00:00:00Z"]


def test_a_number_that_starts_years_later_is_looked_up_apart_from_the_others() -> None:
    """R12.5: whether one has a window left says nothing of another with the same hours."""
    mondays = {"allowedTime": {"mon": [MORNING]}}
    never = number("N", startDateTime="2030-01-01T00:00:00Z", finishDateTime="2030-01-02T00:00:00Z", **mondays)
    timeline = simulated(never, number("A", finishDateTime="2026-03-03T00:00:00Z", **mondays), now=NOW)

    assert times_of(timeline, "A") == ["2026-03-02T06:00:00Z"]
    assert ending_of(timeline, "N") == ("notDone", "2026-03-02T06:00:00Z", "noWindowBeforeFinish")


def test_it_is_so_before_the_epoch_too() -> None:
    """R12.5, R1.1"""
    mondays = {"allowedTime": {"mon": [MORNING]}}
    later = number("L", startDateTime="1965-03-01T00:00:00Z", **mondays)
    finishes = number("A", finishDateTime="1960-03-08T00:00:00Z", **mondays)
    timeline = simulated(later, finishes, now="1960-03-02T06:00", until="1966-01-01")

    assert times_of(timeline, "A") == ["1960-03-07T06:00:00Z"]
    assert times_of(timeline, "L") == ["1965-03-01T06:00:00Z"]


# --- calls in progress -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields", [{"localTimeTo": "06:00"}, {"finishDateTime": "2026-03-02T06:00:00Z"}], ids=["window", "finish"]
)
def test_a_call_in_progress_runs_to_its_end(fields: dict[str, str]) -> None:
    """R9.5: only new dials are held back when its interval closes."""
    timeline = simulated(number("A", **fields), now="2026-03-02T05:59:59", campaign={"ringSeconds": 120})

    assert [(instant(dial.at), dial.seconds) for dial in timeline] == [("2026-03-02T05:59:59Z", 120)]
    assert ending_of(timeline, "A") == ("noAnswer", "2026-03-02T06:01:59Z", "attemptsUsedUp")


def test_a_call_in_progress_keeps_its_line_when_its_window_closes() -> None:
    """R9.5, R11.1"""
    closes = number("A", dialerPriority=1, localTimeTo="06:01")
    timeline = simulated(closes, number("B"), now=NOW, lines=1, campaign={"ringSeconds": 600})

    assert minutes_of(timeline) == [0, 10]


# --- states ----------------------------------------------------------------------------------------------------------


def test_until_is_excluded() -> None:
    """R1.2: at an instant everything before it has happened, and nothing of it."""
    numbers = [number("A", startDateTime="2026-03-02T07:00:00Z")]
    shorter = simulated(*numbers, now=NOW, until="2026-03-02T07:00:00")
    longer = simulated(*numbers, now=NOW, until="2026-03-02T07:00:00.001")

    assert (len(shorter), ending_of(shorter, "A")) == (0, ("planned", None, None))
    assert (len(longer), ending_of(longer, "A")) == (1, ("inProcess", None, None))


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("06:00:00.001", ("inProcess", None, None)),
        ("06:00:30", ("inProcess", None, None)),
        ("06:00:30.001", ("onRetry", None, None)),
        ("07:00:30", ("onRetry", None, None)),
        ("07:00:30.001", ("inProcess", None, None)),
        ("07:01:00", ("inProcess", None, None)),
        ("07:01:00.001", ("noAnswer", "2026-03-02T07:01:00Z", "attemptsUsedUp")),
    ],
)
def test_a_job_goes_from_call_to_retry_to_call_to_its_end(
    until: str, expected: tuple[str, str | None, str | None]
) -> None:
    """R12.4, R12.5"""
    timeline = simulated(number("A", maxAttempts=2), now=NOW, until=f"2026-03-02T{until}")

    assert ending_of(timeline, "A") == expected


def test_a_job_that_waits_for_its_start_its_window_or_a_line_is_planned() -> None:
    """R12.5: so is one that is still waiting at `until`."""
    numbers = [
        number("A", dialerPriority=1),
        number("S", startDateTime="2026-03-02T12:00:00Z"),
        number("W", localTimeFrom="12:00"),
        number("L"),
    ]
    timeline = simulated(*numbers, now=NOW, until="2026-03-02T06:10", lines=1, campaign={"ringSeconds": 3600})

    assert order_of(timeline) == "A"
    assert [ending_of(timeline, name) for name in "SWL"] == [("planned", None, None)] * 3


def test_a_retry_that_waits_for_its_window_or_a_line_is_on_retry() -> None:
    """R12.5"""
    again = number("A", maxAttempts=2, retryIntervalInMinutes=1)
    closed = number("W", maxAttempts=2, retryIntervalInMinutes=1, localTimeTo="06:01")
    numbers = [
        again,
        closed,
        number("X", startDateTime="2026-03-02T06:00:30Z"),
        number("Y", startDateTime="2026-03-02T06:00:30Z"),
    ]
    timeline = simulated(*numbers, now=NOW, until="2026-03-02T06:29", lines=2, campaign={"ringSeconds": 1200})

    assert order_of(timeline) == "WAXY"
    assert [ending_of(timeline, name)[0] for name in "AWXY"] == ["onRetry", "onRetry", "inProcess", "inProcess"]


# --- nothing left ----------------------------------------------------------------------------------------------------

NEVER = {"allowedDays": ["mon"], "allowedTime": {"tue": [MORNING]}}


def test_a_job_without_any_window_ends_at_once() -> None:
    """R12.5"""
    timeline = simulated(number("N", **NEVER), number("A"), now=NOW)

    assert ending_of(timeline, "N") == ("notDone", "2026-03-02T06:00:00Z", "neverOpen")
    assert order_of(timeline) == "A"


@pytest.mark.parametrize(
    "fields",
    [
        {"finishDateTime": "2026-03-02T06:00:00Z"},
        {"finishDateTime": "2026-03-02T05:00:00Z"},
        {"finishDateTime": "2026-03-02T07:00:00Z", "localTimeFrom": "07:00"},
        {"startDateTime": "2026-03-02T07:00:00Z", "finishDateTime": "2026-03-03T06:00:00Z", **MORNING},
        {"startDateTime": "2036-03-02T07:00:00Z", "finishDateTime": "2036-03-03T06:00:00Z", **MORNING},
    ],
)
def test_a_job_without_a_window_before_its_finish_ends_at_once(fields: dict[str, str]) -> None:
    """R12.5: with the reason."""
    timeline = simulated(number("N", **fields), number("A"), now=NOW)

    assert ending_of(timeline, "N") == ("notDone", "2026-03-02T06:00:00Z", "noWindowBeforeFinish")
    assert order_of(timeline) == "A"


def test_a_job_without_a_window_at_any_time_says_so_though_it_has_a_finish() -> None:
    """R12.5"""
    timeline = simulated(number("N", finishDateTime="2026-03-05T00:00:00Z", **NEVER), now=NOW)

    assert ending_of(timeline, "N") == ("notDone", "2026-03-02T06:00:00Z", "neverOpen")


def test_a_job_whose_retry_has_no_window_left_ends_with_its_call() -> None:
    """R12.5: from then on the retry's due time is known."""
    again = number("A", maxAttempts=5, retryIntervalInMinutes=60, finishDateTime="2026-03-02T07:00:30Z")
    timeline = simulated(again, now=NOW)

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:30Z", "noWindowBeforeFinish")


def test_a_retry_after_the_last_window_before_the_campaigns_finish_ends_with_its_call() -> None:
    """R12.5, R5.3"""
    again = number("A", maxAttempts=5, retryIntervalInMinutes=60, **MORNING)
    timeline = simulated(again, now=NOW, campaign={"endTime": "2026-03-03T06:00:00Z"})

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:30Z", "noWindowBeforeFinish")


def test_a_job_that_waits_for_a_line_ends_as_its_last_window_closes() -> None:
    """R12.5: though its finish is later."""
    waits = number("W", finishDateTime="2026-03-03T06:00:00Z", **MORNING)
    timeline = simulated(number("A", dialerPriority=1), waits, now=NOW, lines=1, campaign={"ringSeconds": 3600})

    assert order_of(timeline) == "A"
    assert ending_of(timeline, "W") == ("notDone", "2026-03-02T07:00:00Z", "noLineInTime")


def test_a_job_that_waits_for_a_line_ends_at_its_finish() -> None:
    """R12.5: though nothing else happens then."""
    waits = number("W", finishDateTime="2026-03-02T06:12:34Z")
    timeline = simulated(number("A", dialerPriority=1), waits, now=NOW, lines=1, campaign={"ringSeconds": 3600})

    assert order_of(timeline) == "A"
    assert ending_of(timeline, "W") == ("notDone", "2026-03-02T06:12:34Z", "noLineInTime")


def test_a_retry_that_waits_for_a_line_ends_at_its_finish_as_not_done() -> None:
    """R12.4, R12.5"""
    waits = number("W", maxAttempts=2, retryIntervalInMinutes=1, finishDateTime="2026-03-02T07:30:00Z")
    timeline = simulated(
        waits,
        number("A", dialerPriority=1, startDateTime="2026-03-02T06:01:00Z", maxAttempts=2, retryIntervalInMinutes=1),
        now=NOW,
        lines=1,
        campaign={"ringSeconds": 3600, **FROM_START},
    )

    assert order_of(timeline) == "WAA"
    assert ending_of(timeline, "W") == ("notDone", "2026-03-02T07:30:00Z", "noLineInTime")


def test_a_job_whose_finish_is_until_still_waits_at_until() -> None:
    """R12.5, R1.2: nothing of that instant has happened."""
    numbers = [number("A", dialerPriority=1), number("W", finishDateTime="2026-03-02T06:30:00Z")]
    hour = {"ringSeconds": 3600}
    shorter = simulated(*numbers, now=NOW, until="2026-03-02T06:30", lines=1, campaign=hour)
    longer = simulated(*numbers, now=NOW, until="2026-03-02T06:30:00.001", lines=1, campaign=hour)

    assert ending_of(longer, "W") == ("notDone", "2026-03-02T06:30:00Z", "noLineInTime")
    assert ending_of(shorter, "W") == ("planned", None, None)


def test_those_who_wait_as_an_interval_of_weeks_closes_end_if_their_finish_comes_before_the_next() -> None:
    """R12.5, R8.2: at its close, or at a finish before it; the others wait on, those with a finish first."""
    numbers = [
        number("A", dialerPriority=1, startDateTime="2026-01-01T00:00:00Z"),
        number("K", startDateTime="2026-01-01T00:00:00Z"),
        number("L", finishDateTime="2026-03-22T00:02:00Z"),
        number("V", finishDateTime="2026-03-20T23:45:00Z"),
        number("W", finishDateTime="2026-03-21T12:00:00Z"),
        number("X", finishDateTime="2026-03-22T00:00:00Z"),
    ]
    campaign = {"ringSeconds": 3600, "blackoutDates": ["2026-02-20", "2026-03-21"]}
    timeline = simulated(*numbers, now="2026-03-20T23:30", lines=1, campaign=campaign)

    assert order_of(timeline) == "ALK"
    assert times_of(timeline, "L") == ["2026-03-22T00:00:00Z"]
    assert ending_of(timeline, "V") == ("notDone", "2026-03-20T23:45:00Z", "noLineInTime")
    assert ending_of(timeline, "W") == ("notDone", "2026-03-21T00:00:00Z", "noLineInTime")
    assert ending_of(timeline, "X") == ("notDone", "2026-03-21T00:00:00Z", "noLineInTime")


def test_all_who_wait_end_at_the_campaigns_finish() -> None:
    """R12.5, R5.3"""
    numbers = [
        number("A", dialerPriority=1),
        number("B"),
        number("C", localTimeFrom="06:00", localTimeTo="06:45"),
        number("D", startDateTime="2026-03-02T06:10:00Z"),
    ]
    campaign = {"ringSeconds": 3600, "endTime": "2026-03-02T06:30:00Z"}
    timeline = simulated(*numbers, now=NOW, lines=1, campaign=campaign)

    assert order_of(timeline) == "A"
    assert {ending_of(timeline, name) for name in "BCD"} == {("notDone", "2026-03-02T06:30:00Z", "noLineInTime")}


def test_jobs_that_end_do_not_hold_the_others_up() -> None:
    """R12.5: it never blocks the others."""
    numbers = [number(name, dialerPriority=1, finishDateTime="2026-03-02T06:00:30Z") for name in "ABCD"]
    timeline = simulated(*numbers, number("X", maxAttempts=2), now=NOW, lines=1)

    assert order_of(timeline) == "AXX"
    assert minutes_of(timeline) == [0, 0.5, 61]


# --- 366 days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("closed", "state"), [(365, "planned"), (366, "notDone")])
def test_a_calendar_is_searched_for_366_days_whatever_until_is(closed: int, state: str) -> None:
    """R12.5"""
    campaign = {"blackoutDates": dates("2026-03-02", closed)}
    timeline = simulated(number("A"), now="2026-03-02T00:00", until="2026-03-03", campaign=campaign)

    ended = ("2026-03-02T00:00:00Z", "neverOpen") if state == "notDone" else (None, None)
    assert ending_of(timeline, "A") == (state, *ended)


def test_a_job_is_dialled_when_its_window_opens_after_365_days() -> None:
    """R12.5, and the default of `until` is 366 days after now."""
    timeline = simulated(number("A"), now="2026-03-02T00:00", campaign={"blackoutDates": dates("2026-03-02", 365)})

    assert times_of(timeline, "A") == ["2027-03-02T00:00:00Z"]


def test_the_search_begins_at_the_due_time() -> None:
    """R12.5: 366 days past due, not past now."""
    campaign = {"blackoutDates": dates("2026-03-02", 366)}
    timeline = simulated(
        number("A"), number("B", startDateTime="2026-03-02T00:00:00.001Z"), now="2026-03-02T00:00", campaign=campaign
    )

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T00:00:00Z", "neverOpen")
    assert ending_of(timeline, "B") == ("planned", None, None)


def test_a_retry_without_a_window_within_366_days_ends_with_its_call() -> None:
    """R12.5"""
    campaign = {"blackoutDates": dates("2026-03-03", 400)}
    timeline = simulated(number("A", maxAttempts=2, retryIntervalInMinutes=1440), now=NOW, campaign=campaign)

    assert ending_of(timeline, "A") == ("notDone", "2026-03-02T06:00:30Z", "neverOpen")


def test_those_who_wait_as_the_last_window_within_366_days_closes_end_then() -> None:
    """R12.5: each by its own due time; the next window opens on 2027-03-03."""
    campaign = {"ringSeconds": 3600, "blackoutDates": dates("2026-03-03", 365)}
    late = {"localTimeFrom": "00:00", "localTimeTo": "01:00"}
    numbers = [
        number("A", dialerPriority=1, startDateTime="2026-03-02T00:00:00Z"),
        number("B", startDateTime="2026-03-02T00:00:00Z", **late),
        number("C", startDateTime="2026-03-02T00:00:00.001Z", **late),
        number("D", **late),
    ]
    timeline = simulated(*numbers, now="2026-03-01T23:30", until="2027-03-04", lines=1, campaign=campaign)

    assert [ending_of(timeline, name) for name in "BD"] == [("notDone", "2026-03-02T01:00:00Z", "noLineInTime")] * 2
    assert times_of(timeline, "C") == ["2027-03-03T00:00:00Z"]


EIGHTH_MS = SEARCH_DAYS * DAY_MS // 8


@pytest.mark.parametrize("now", [NOW, "1960-03-02T06:00"])
@pytest.mark.parametrize(
    ("ring_ms", "calls_before", "expected"),
    [
        pytest.param(49 * DAY_MS, "ABABABABA", "notDone", id="the line is never free"),
        pytest.param(49 * DAY_MS, "ABABABAB", "notDone", id="free after 392 days"),
        pytest.param(EIGHTH_MS, "ABABABAB", "notDone", id="free after 366 days"),
        pytest.param(EIGHTH_MS - 1, "ABABABAB", "inProcess", id="free before"),
    ],
)
def test_a_job_that_waits_for_a_line_gives_up_366_days_past_due(
    now: str, ring_ms: int, calls_before: str, expected: str
) -> None:
    """R12.5: of a calendar that never closes no instant that is searched is left then."""
    campaign = Campaign(lines=1)
    urgent = {"dialerPriority": 1, "retryIntervalInMinutes": 1}
    numbers = [number(name, maxAttempts=calls_before.count(name), **urgent) for name in "AB"]
    jobs = jobs_of(campaign, [*numbers, number("W")])
    until = at(now) + 400 * DAY_MS
    timeline = simulate(campaign, jobs, now=at(now), until=until, outcomes=Never(ring_ms))

    if expected == "notDone":
        assert order_of(timeline) == calls_before
        assert ending_of(timeline, "W") == ("notDone", instant(at(now) + 366 * DAY_MS), "noLineInTime")
    else:
        assert order_of(timeline) == calls_before + "W"
        assert ending_of(timeline, "W") == ("inProcess", None, None)


def copies(job: Job, count: int) -> list[Job]:
    return [job._replace(index=place, phone=str(79_000_000_000 + place)) for place in range(count)]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(NEVER, id="no window"),
        pytest.param({"finishDateTime": "2026-03-02T05:00:00Z", **MORNING}, id="finished"),
        pytest.param({"startDateTime": "2026-04-02T00:00:00Z", **NEVER}, id="no window after its start"),
        pytest.param(
            {"startDateTime": "2036-03-02T07:00:00Z", "finishDateTime": "2036-03-03T06:00:00Z", **MORNING},
            id="no window between its start in some years and its finish",
        ),
    ],
)
def test_100_000_jobs_that_never_open_end_at_once_and_do_no_work(
    fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12.5: a calendar is compiled for all of them together."""
    compiled = 0

    def counted(*arguments: Any) -> Any:
        nonlocal compiled
        compiled += 1
        return compile_calendar(*arguments)

    monkeypatch.setattr(allowed, "compile_calendar", counted)
    campaign = Campaign()
    jobs = copies(jobs_of(campaign, [number("A", **fields)])[0], 100_000)
    timeline = simulate(campaign, jobs, now=at(NOW))

    assert len(timeline) == 0
    assert {(ending.state.value, ending.at) for ending in timeline.endings()} == {("notDone", at(NOW))}
    assert compiled < 20


def test_jobs_that_never_open_are_no_events_of_the_run() -> None:
    """R12.5: nothing is left to happen."""
    campaign = campaign_of({"policy": NEVER})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(jobs_of(campaign, [number(name) for name in "ABC"]))

    assert [ending.at for ending in simulation.timeline().endings()] == [at(NOW)] * 3
    simulation.run(at("2036-01-01"))
    simulation.check()


def test_a_calendar_behind_which_nobody_waits_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """R12.5: a year of windows costs nothing once the dials are done."""
    looks = []

    def looking(gate: gates.Gate, instant_ms: int) -> Any:
        looks.append(instant_ms)
        return at_or_after(gate, instant_ms)

    at_or_after = gates.Gate.at_or_after
    monkeypatch.setattr(gates.Gate, "at_or_after", looking)
    timeline = simulated(number("A", maxAttempts=2, retryIntervalInMinutes=1440, **MORNING), now=NOW)

    assert [text[:10] for text in times_of(timeline, "A")] == ["2026-03-02", "2026-03-03"]
    assert len(looks) < 10


def test_open_day_and_night_means_every_millisecond() -> None:
    """R3.3, R4.4: windows that touch leave no hole at midnight or noon."""
    numbers = [number("A", maxAttempts=50, retryIntervalInMinutes=60, allowedTime={"default": ALL_DAY})]
    timeline = simulated(*numbers, now=NOW, campaign={"ringSeconds": 3600})

    assert minutes_of(timeline) == [120 * place for place in range(50)]
