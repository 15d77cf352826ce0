"""The order in which the engine dials: rank, the steps of an instant, pacing and lines."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from scheduler import Campaign, Simulation, Timeline, UsageError, simulate
from tests.strategies import (
    ALL_DAY,
    DAYS,
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


def hours(start: str, end: str) -> dict[str, str]:
    return {"localTimeFrom": start, "localTimeTo": end}


def order(*numbers: dict[str, Any], now: str = NOW, until: str | None = None, **campaign: Any) -> str:
    """Who is dialled in which order, where one line is short of all."""
    return order_of(simulated(*numbers, now=now, until=until, lines=1, campaign=campaign))


def gaps(timeline: Timeline) -> list[int]:
    return [later.at - earlier.at for earlier, later in pairwise(timeline)]


# --- the vendor's example --------------------------------------------------------------------------------------------

EXAMPLE = (
    number("A", localTimeFrom="17:00", localTimeTo="21:00"),
    number("B", localTimeFrom="18:00", localTimeTo="18:30"),
    number("C", localTimeFrom="17:00"),
    number("D", localTimeFrom="16:00"),
)


def test_one_line_dials_the_vendors_example_in_the_vendors_order() -> None:
    """R8.4"""
    timeline = simulated(*EXAMPLE, now="2026-03-02T18:00", lines=1)

    assert order_of(timeline) == "BADC"
    assert gaps(timeline) == [30_000] * 3


@pytest.mark.parametrize("lines", [None, 2, 3, 4])
def test_dials_of_one_instant_are_listed_in_order_of_rank(lines: int | None) -> None:
    """R8.5: also where no line is short."""
    assert order_of(simulated(*EXAMPLE, now="2026-03-02T18:00", lines=lines)) == "BADC"


# --- rank, part by part: each time the one to be dialled second arrives first ----------------------------------------


def test_a_higher_priority_goes_before_custom_and_before_everything_else() -> None:
    """R8.2: priority comes first."""
    custom = number("C", dialerPriority=2, **hours("06:00", "06:30"))
    plain = number("P", dialerPriority=1)

    assert order(custom, plain) == "PC"


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_priorities_go_in_order_and_an_absent_one_is_the_last(priority: int) -> None:
    """R8.2, R7.1"""
    without, later, sooner = number("A"), number("B", dialerPriority=priority + 1), number("C", dialerPriority=priority)

    assert order(without, later, sooner) == ("CBA" if priority < 4 else "CAB")


def test_custom_goes_before_plain_though_it_closes_later() -> None:
    """R8.2: custom before plain comes before closes."""
    plain, custom = number("P"), number("C", **hours("05:00", "20:00"))

    assert order(plain, custom, policy=hours("05:30", "07:00")) == "CP"


def test_the_interval_that_closes_first_goes_first_though_it_opened_later() -> None:
    """R8.2: closes comes before opens."""
    later, sooner = number("L", **hours("04:00", "08:00")), number("S", **hours("05:00", "07:00"))

    assert order(later, sooner) == "SL"


def test_of_two_that_close_together_the_one_that_opened_first_goes_first_though_it_is_due_later() -> None:
    """R8.2: opens comes before due."""
    first = number("X", dialerPriority=1)
    late_opening = number("L", **hours("05:00", "20:00"))
    early_opening = number("E", **hours("04:00", "20:00"), startDateTime="2026-03-02T06:05:00Z")

    assert order(first, late_opening, early_opening, ringSeconds=600) == "XEL"


def test_in_the_same_interval_the_one_that_is_due_first_goes_first() -> None:
    """R8.2: due comes before arrival."""
    first = number("X", dialerPriority=1)
    later = number("L", **hours("05:00", "20:00"), startDateTime="2026-03-02T06:05:00Z")
    sooner = number("S", **hours("05:00", "20:00"), startDateTime="2026-03-02T06:04:59.999Z")

    assert order(first, later, sooner, ringSeconds=600) == "XSL"


def test_a_retry_goes_behind_first_attempts_that_were_due_before_it() -> None:
    """R8.2: due is that of the attempt, not of the job."""
    again, others = number("A", maxAttempts=2, retryIntervalInMinutes=1), [number(name) for name in "BCDE"]

    assert order(again, *others) == "ABCDEA"


def test_equals_go_in_order_of_arrival() -> None:
    """R8.2: the job is the last part of rank."""
    assert order(*(number(name) for name in "QZAMB")) == "QZAMB"


def test_a_batch_that_is_handed_in_later_arrives_behind() -> None:
    """R8.2: order of arrival, not of the place in a request."""
    campaign = campaign_of({"policy": hours("07:00", "20:00")})
    simulation = Simulation(campaign, now=at(NOW), lines=1)

    simulation.submit(jobs_of(campaign, [number("A"), number("B")]))
    simulation.submit(jobs_of(campaign, [number("C"), number("D")]))
    simulation.run(at("2026-03-03T00:00"))

    assert order_of(simulation.timeline()) == "ABCD"


def test_one_that_never_closes_goes_behind_all_that_close() -> None:
    """R8.2: a calendar that never closes ranks last of its kind."""
    ever = number("E", startDateTime="2026-01-01T00:00:00Z")
    closes = number("C", **hours("05:00", "23:59"))

    assert order(ever, closes) == "CE"


def test_one_that_never_closes_still_goes_before_plain_ones_that_close() -> None:
    """R8.2: its kind comes before its edges."""
    plain = number("P")
    ever = number("E", allowedTime={"default": ALL_DAY})

    assert order(plain, ever, policy=hours("05:00", "07:00")) == "EP"


# --- edges are the calendar's own ------------------------------------------------------------------------------------


def test_an_opening_before_now_is_not_cut_at_now() -> None:
    """R8.2: both edges are the calendar's own, before now cuts it."""
    at_five, at_four = number("F", **hours("05:00", "20:00")), number("E", **hours("04:00", "20:00"))

    assert order(at_five, at_four) == "EF"


def test_an_opening_on_the_day_before_now_is_not_cut_at_midnight() -> None:
    """R8.2: an overnight window opened where it opened."""
    later, sooner = number("L", **hours("23:30", "07:00")), number("S", **hours("23:00", "07:00"))

    assert order(later, sooner) == "SL"


def test_closings_after_until_are_not_cut_at_until() -> None:
    """R8.2: before `until` cuts it; so a longer run begins with the shorter one."""
    later, sooner = number("L", **hours("04:00", "09:00")), number("S", **hours("05:00", "08:00"))

    assert order(later, sooner, until="2026-03-02T07:00") == "SL"


def test_a_start_does_not_move_an_opening() -> None:
    """R8.2, R5.2"""
    first = number("X", dialerPriority=1)
    at_five = number("F", **hours("05:00", "20:00"), startDateTime="2026-03-02T06:01:00Z")
    at_four = number("E", **hours("04:00", "20:00"), startDateTime="2026-03-02T06:02:00Z")

    assert order(first, at_five, at_four, ringSeconds=600) == "XEF"


def test_the_campaigns_start_does_not_move_an_opening() -> None:
    """R8.2, R5.3"""
    at_five, at_four = number("F", **hours("05:00", "20:00")), number("E", **hours("04:00", "20:00"))

    assert order(at_five, at_four, startTime="2026-03-02T06:30:00Z") == "EF"


def test_a_finish_does_not_shorten_an_interval_that_is_open_for_ever() -> None:
    """R8.2: how long an interval is shows before a finish cuts it, and then its opening is for ever ago too."""
    opened_at_ten = number("T", gmtZone="+03:00", **hours("01:00", "15:00"))
    # Open since the midnight after the blackout date, two hours less than T, and closed at noon like T.
    ever = number("E", allowedTime={"default": ALL_DAY}, finishDateTime="2026-03-02T12:00:00Z")

    assert order(opened_at_ten, ever, blackoutDates=["2026-03-01"]) == "ET"
    assert order(opened_at_ten, ever, blackoutDates=["2026-03-01", "2026-03-03"]) == "TE"


# --- eight days ------------------------------------------------------------------------------------------------------

NIGHT = hours("22:00", "06:00")


@pytest.mark.parametrize(
    ("now", "zone", "blackouts", "expected"),
    [
        # The night of the last day closes at six on the blackout date, six hours after the long interval.
        pytest.param("2026-03-09T23:00", "Z", ["2026-03-01", "2026-03-10"], "LN", id="eight days"),
        pytest.param("2026-03-10T23:00", "Z", ["2026-03-01", "2026-03-11"], "NL", id="nine days"),
        pytest.param("2026-04-02T21:00", "Europe/Berlin", ["2026-03-25", "2026-04-03"], "LN", id="an hour less"),
        pytest.param("2026-10-29T22:00", "Europe/Berlin", ["2026-10-21", "2026-10-30"], "NL", id="an hour more"),
    ],
)
def test_an_interval_of_more_than_eight_days_never_closes(
    now: str, zone: str, blackouts: list[str], expected: str
) -> None:
    """R8.2: longer than eight days of elapsed time counts as open for ever, exactly eight days do not."""
    long = number("L", gmtZone=zone, allowedTime={"default": ALL_DAY})
    night = number("N", gmtZone=zone, **NIGHT)

    assert order(*((night, long) if expected == "LN" else (long, night)), now=now, blackoutDates=blackouts) == expected


@pytest.mark.parametrize("finish", ["2026-03-20T00:00:00Z", "2031-01-01T00:00:00Z", "9990-01-01T00:00:00Z"])
def test_a_finish_closes_one_that_is_open_for_ever_however_far_it_is(finish: str) -> None:
    """R8.2: then a finish closes it all the same."""
    ever = number("E", startDateTime="2026-01-01T00:00:00Z")
    finite = number("F", finishDateTime=finish)

    assert order(ever, finite) == "FE"


def test_of_two_that_are_open_for_ever_the_one_that_finishes_first_goes_first() -> None:
    """R8.2"""
    later = number("L", finishDateTime="2040-01-01T00:00:00Z")
    sooner = number("S", finishDateTime="2039-12-31T23:59:59.999Z")

    assert order(later, sooner) == "SL"


def test_a_finish_closes_a_long_interval_in_which_it_does_not_fall() -> None:
    """R8.2: however far, also where windows lie between."""
    blackouts = ["2026-02-20", "2026-03-15", "2026-03-16"]
    ever = number("E", allowedTime={"default": ALL_DAY})
    finite = number("F", allowedTime={"default": ALL_DAY}, finishDateTime="2026-06-01T00:00:00Z")

    assert order(ever, finite, blackoutDates=blackouts) == "FE"


def test_a_finish_closes_the_interval_in_which_it_falls() -> None:
    """R8.2, R5.2"""
    closes = number("C", **hours("04:00", "08:00"))
    finishes = number("F", **hours("05:00", "20:00"), finishDateTime="2026-03-02T07:00:00Z")

    assert order(closes, finishes) == "FC"


def test_a_finish_in_a_later_interval_closes_nothing_now() -> None:
    """R8.2"""
    finishes = number("F", **hours("05:00", "20:00"), finishDateTime="2026-03-03T06:00:00Z")
    closes = number("C", **hours("05:00", "19:00"))

    assert order(finishes, closes) == "CF"


def test_a_finish_between_two_intervals_closes_nothing_earlier() -> None:
    """R8.2: of the two ends of an interval the earlier counts, so these are equal and go in order of arrival."""
    first = number("A", **hours("05:00", "20:00"))
    finishes = number("F", **hours("05:00", "20:00"), finishDateTime="2026-03-02T21:00:00Z")
    last = number("Z", **hours("05:00", "20:00"))

    assert order(first, finishes, last) == "AFZ"


def test_an_attempt_takes_its_finish_into_account_on_the_day_it_comes() -> None:
    """R8.2: the rank of one that waits changes as its last interval opens."""
    day = hours("07:00", "07:01")
    others = [number(name, **day) for name in "ABCD"]
    finishes = number("F", **day, finishDateTime="2026-03-04T07:00:59.999Z")

    # A minute holds two dials: on the second day F still waits behind C and D; on the third it closes first.
    assert order(*others, finishes, number("Y", **day), until="2026-03-05T00:00") == "ABCDFY"
    assert order(*others, number("X", **day), number("Y", **day), finishes, until="2026-03-05T00:00") == "ABCDFX"


def test_the_campaigns_finish_closes_intervals() -> None:
    """R8.2: the job's finish or the campaign's; so these two close together, and the first to open goes first."""
    early_closing, late_closing = number("E", **hours("05:00", "07:00")), number("L", **hours("04:00", "08:00"))

    assert order(early_closing, late_closing) == "EL"
    assert order(early_closing, late_closing, endTime="2026-03-02T06:30:00Z") == "LE"


def test_the_campaigns_finish_closes_one_that_is_open_for_ever() -> None:
    """R8.2: both then close with the campaign, and the one that has always been open goes first."""
    closes = number("C", **hours("05:00", "21:00"))
    ever = number("E", startDateTime="2026-01-01T00:00:00Z")

    assert order(closes, ever) == "CE"
    assert order(closes, ever, endTime="2026-03-02T20:00:00Z") == "EC"


def test_a_finish_behind_the_campaigns_makes_no_difference() -> None:
    """R8.2, R5.3"""
    first, wider = number("A", startDateTime="2026-01-01T00:00:00Z"), number("B", finishDateTime="2026-03-20T00:00:00Z")

    assert order(first, wider) == "BA"
    assert order(first, wider, endTime="2026-03-10T00:00:00Z") == "AB"


# --- custom ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"startDateTime": "2026-01-01T00:00:00Z"},
        {"finishDateTime": "2030-01-01T00:00:00Z"},
        {"allowedDays": list(DAYS)},
        {"allowedTime": {"default": [hours("05:00", "20:00")]}},
        {"localTimeFrom": "05:00"},
        {"localTimeTo": "20:00"},
    ],
    ids=lambda fields: str(next(iter(fields))),
)
def test_a_schedule_field_of_its_own_makes_a_number_custom(fields: dict[str, Any]) -> None:
    """R8.3"""
    assert order(number("P"), number("C", **fields), policy=hours("05:00", "20:00")) == "CP"


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": "B", "externalCheck": {}},
        {"gmtZone": "+00:00"},
        {"gmtZone": "Europe/London"},
        {"dialerPriority": 5},
        {"maxAttempts": 1},
        {"retryIntervalInMinutes": 60},
        {"startDateTime": None, "finishDateTime": None, "allowedDays": None, "allowedTime": None},
    ],
    ids=lambda fields: str(next(iter(fields))),
)
def test_other_fields_alone_do_not_make_a_number_custom(fields: dict[str, Any]) -> None:
    """R8.3: payload, zone, priority, attempts and retry interval are none; null is not set."""
    assert order(number("A"), number("B", **fields), number("C"), policy=hours("05:00", "20:00")) == "ABC"


def test_schedule_fields_of_the_campaign_do_not_make_a_number_custom() -> None:
    """R8.3: of its own."""
    policy = {"allowedDays": ["mon"], **hours("05:00", "20:00")}
    numbers = number("A"), number("C", localTimeTo="23:00"), number("B")

    assert order(*numbers, policy=policy, endTime="2026-03-02T21:00:00Z") == "CAB"


# --- the steps of an instant -----------------------------------------------------------------------------------------


def test_a_line_that_is_freed_at_an_instant_is_taken_at_that_instant() -> None:
    """R8.5: calls end before dials are placed."""
    timeline = simulated(number("A"), number("B"), now=NOW, lines=1, campaign={"ringSeconds": 45})

    assert [instant(dial.at) for dial in timeline] == ["2026-03-02T06:00:00Z", "2026-03-02T06:00:45Z"]


def test_a_window_that_opens_as_a_line_is_freed_competes_for_that_line() -> None:
    """R8.5: intervals open before dials are placed."""
    opens = number("O", dialerPriority=1, **hours("07:00", "08:00"))

    assert order(number("A"), number("B"), opens, ringSeconds=3600) == "AOB"


def test_a_window_that_closes_as_a_line_is_freed_does_not_get_that_line() -> None:
    """R8.5, R1.2: intervals close before dials are placed."""
    closes = number("C", dialerPriority=2, **hours("05:00", "07:00"))
    timeline = simulated(
        number("A", dialerPriority=1), number("B"), closes, now=NOW, lines=1, campaign={"ringSeconds": 3600}
    )

    assert order_of(timeline) == "ABC"
    assert times_of(timeline, "C") == ["2026-03-03T05:00:00Z"]


def test_one_that_falls_due_as_a_line_is_freed_competes_for_that_line() -> None:
    """R8.5: attempts become due before dials are placed."""
    starts = number("S", dialerPriority=1, startDateTime="2026-03-02T07:00:00Z")

    assert order(number("A"), number("B"), starts, ringSeconds=3600) == "ASB"


def test_a_retry_that_is_due_as_its_call_ends_competes_for_its_own_line() -> None:
    """R8.5, R9.2: a call ends, its retry falls due, and is dialled, all in one instant."""
    campaign = {"ringSeconds": 60, "readings": {"retryFrom": "start"}}
    again = number("A", dialerPriority=1, maxAttempts=3, retryIntervalInMinutes=1)
    timeline = simulated(number("B"), again, now=NOW, lines=1, campaign=campaign)

    assert order_of(timeline) == "AAAB"
    assert gaps(timeline) == [60_000] * 3


def test_retries_that_fall_due_together_go_in_order_of_job() -> None:
    """R8.5: simultaneous events go in order of job, whatever the order of their calls."""
    numbers = [
        number(name, maxAttempts=2, startDateTime=f"2026-03-02T06:00:0{5 - place}Z") for place, name in enumerate("ABC")
    ]
    campaign = {"ringSeconds": 60, "policy": {"retryIntervalInMinutes": 1}, "startTime": "2026-03-02T06:00:10Z"}

    assert order_of(simulated(*numbers, now=NOW, campaign=campaign)) == "ABCABC"


def test_retries_of_different_intervals_that_fall_due_together_go_in_order_of_job() -> None:
    """R8.5"""
    hourly, half_hourly = ({"maxAttempts": 2, "retryIntervalInMinutes": minutes} for minutes in (60, 30))
    numbers = [
        number("A", startDateTime="2026-03-02T06:00:00Z", **hourly),
        number("B", startDateTime="2026-03-02T06:30:00Z", **half_hourly),
        number("C", startDateTime="2026-03-02T06:00:00Z", **hourly),
    ]

    assert order_of(simulated(*numbers, now=NOW)) == "ACBABC"


def test_calls_that_end_together_are_noted_in_order_of_job() -> None:
    """R8.5: whatever the order of their dials."""
    campaign = campaign_of({"policy": {"maxAttempts": 2}})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(jobs_of(campaign, [number(name, dialerPriority=5 - place) for place, name in enumerate("ABC")]))
    simulation.run(at("2026-03-02T06:30"))
    simulation.check()

    assert order_of(simulation.timeline()) == "CBA"


def test_dials_of_one_instant_come_from_retries_and_first_attempts_by_rank_alone() -> None:
    """R8.5, R8.2"""
    campaign = {"ringSeconds": 60, "policy": {"retryIntervalInMinutes": 1}}
    again = number("R", maxAttempts=2)
    first = number("F", startDateTime="2026-03-02T06:02:00Z")
    urgent = number("U", dialerPriority=1, startDateTime="2026-03-02T06:02:00Z")

    assert order_of(simulated(again, first, urgent, now=NOW, campaign=campaign)) == "RUFR"


SCRIPT = """
from scheduler import simulate
from tests.strategies import *
campaign = campaign_of({"maxSimultaneousCalls": 2, "maxAttemptsPerPhone": 3, "policy": {"maxAttempts": 2}})
zones = ["Z", "Europe/Berlin", "America/New_York", "+05:45"]
numbers = [
    {"phone": f"7912000000{i % 7}", "gmtZone": zones[i % 4], "payload": i, **LONG_HOURS[i % 6]} for i in range(40)
]
print(dials_of(simulate(campaign, jobs_of(campaign, numbers), now=at("2026-03-02T06:00"))))
"""


def test_no_tie_is_broken_by_hash_order() -> None:
    """R8.5: the result is a function of the inputs."""
    answers = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert answers[0].count("(") == 21
    assert answers[0] == answers[1]


# --- pacing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "gap"),
    [(1000, 1), (900, 2), (7, 143), (3, 334), (2, 500), (0.7, 1429), (1 / 900, 900_000), (0.001, 1_000_000)],
)
def test_dials_are_spaced_by_the_pace_rounded_up(rate: float, gap: int) -> None:
    """R11.2"""
    timeline = simulated(*(number(name) for name in "ABCD"), now=NOW, campaign={"callsPerSecond": rate})

    assert gaps(timeline) == [gap] * 3


def test_pacing_holds_between_attempts_of_all_jobs() -> None:
    """R11.2: two consecutive dials of the campaign, first attempts and retries alike."""
    numbers = [number(name, maxAttempts=2, retryIntervalInMinutes=1) for name in "ABCDE"]
    timeline = simulated(*numbers, now=NOW, campaign={"callsPerSecond": 0.05})

    # A's retry is due 90 s after its first dial, while the last first attempt was placed at 80 s.
    assert order_of(timeline) == "ABCDEABCDE"
    assert gaps(timeline) == [20_000] * 9


def test_who_comes_next_is_decided_when_pacing_lets_a_call_start() -> None:
    """R8.1, R11.2"""
    urgent = number("U", dialerPriority=1, startDateTime="2026-03-02T06:00:09.999Z")
    timeline = simulated(number("A"), number("B"), urgent, now=NOW, campaign={"callsPerSecond": 0.1})

    assert order_of(timeline) == "AUB"
    assert gaps(timeline) == [10_000, 10_000]


def test_pacing_holds_no_dial_back_after_a_pause_that_is_long_enough() -> None:
    """R11.2: it is a distance from the dial before, not a grid."""
    later = number("L", startDateTime="2026-03-02T06:00:12.345Z")
    timeline = simulated(number("A"), later, number("B"), now=NOW, campaign={"callsPerSecond": 0.1})

    assert order_of(timeline) == "ABL"
    assert gaps(timeline) == [10_000, 10_000]
    assert gaps(simulated(number("A"), later, now=NOW, campaign={"callsPerSecond": 0.1})) == [12_345]


def test_pacing_and_lines_hold_at_once() -> None:
    """R11.1, R11.2"""
    campaign = {"callsPerSecond": 0.1, "ringSeconds": 25}
    timeline = simulated(*(number(name) for name in "ABCDEF"), now=NOW, lines=2, campaign=campaign)

    assert [(dial.at - at(NOW)) // 1000 for dial in timeline] == [0, 10, 25, 35, 50, 60]


def test_a_window_may_close_while_pacing_holds_its_dials_back() -> None:
    """R11.2, R9.2: those who were not dialled wait for the next window."""
    numbers = [number(name, **hours("06:00", "06:01")) for name in "ABCDE"]
    timeline = simulated(*numbers, now=NOW, campaign={"callsPerSecond": 0.05})

    assert [times_of(timeline, name)[0][8:19] for name in "ABCDE"] == [
        "02T06:00:00",
        "02T06:00:20",
        "02T06:00:40",
        "03T06:00:00",
        "03T06:00:20",
    ]


# --- lines -----------------------------------------------------------------------------------------------------------


def busiest(timeline: Timeline) -> int:
    return max(sum(other.at <= dial.at < other.at + other.length_ms for other in timeline) for dial in timeline)


@pytest.mark.parametrize(
    ("in_campaign", "given", "expected"),
    [(None, None, 9), (2, None, 2), (2, 5, 5), (5, 2, 2), (None, 3, 3), (1, 99, 9)],
)
def test_lines_that_are_given_win_over_the_campaigns_and_none_are_no_limit(
    in_campaign: int | None, given: int | None, expected: int
) -> None:
    """R11.1"""
    campaign = {} if in_campaign is None else {"maxSimultaneousCalls": in_campaign}
    timeline = simulated(*(number(name) for name in "ABCDEFGHI"), now=NOW, lines=given, campaign=campaign)

    assert len(timeline) == 9
    assert busiest(timeline) == expected


def test_a_line_is_held_from_the_dial_to_the_end_of_the_call() -> None:
    """R11.1, R12.2"""
    timeline = simulated(*(number(name) for name in "ABCDE"), now=NOW, lines=2, campaign={"ringSeconds": 40})

    assert [(dial.at - at(NOW)) // 1000 for dial in timeline] == [0, 0, 40, 40, 80]
    assert {dial.length_ms for dial in timeline} == {40_000}


@pytest.mark.parametrize("lines", [0, -1])
def test_less_than_one_line_is_refused(lines: int) -> None:
    """R11.1: only a command may set 0."""
    with pytest.raises(UsageError, match=f"at least 1 line to dial, not {lines}"):
        simulate(Campaign(lines=3), [], now=at(NOW), lines=lines)
    with pytest.raises(UsageError, match="at least 1 line"):
        Simulation(Campaign(lines=lines), now=at(NOW))


@pytest.mark.parametrize("lines", [True, 1.5, "2"])
def test_lines_that_are_no_whole_number_are_refused(lines: Any) -> None:
    """R11.1"""
    with pytest.raises(UsageError, match="whole number"):
        simulate(Campaign(), [], now=at(NOW), lines=lines)


def test_no_line_is_free_while_someone_waits_who_may_be_dialled() -> None:
    """R8.1: while a line is free, the attempt with the least rank is dialled."""
    numbers = [number(name, maxAttempts=3, retryIntervalInMinutes=1) for name in "ABCDEFG"]
    timeline = simulated(*numbers, now=NOW, lines=2)

    # 21 calls of half a minute on two lines, and nobody needs to wait for a retry until all have had their turn.
    assert [(dial.at - at(NOW)) // 1000 for dial in timeline] == [30 * (place // 2) for place in range(21)]
    assert ending_of(timeline, "G")[0] == "noAnswer"
