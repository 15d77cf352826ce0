"""A timeline as a sequence of dials, its figures, and what it weighs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import cast

import pytest

import scheduler
from scheduler import Campaign, Dial, Simulation, Timeline, simulate
from scheduler.engine.columns import Columns, Reason
from scheduler.jobs import JobState, Outcome
from scheduler.outcomes import Never
from scheduler.policy.instants import HOUR_MS
from tests.strategies import at, campaign_of, ending_of, jobs_of, name_of, number, order_of, simulated

NOW = "2026-03-02T06:00"  # a Monday
CLOSED = {"allowedDays": ["mon"], "allowedTime": {"tue": [{"localTimeFrom": "06:00", "localTimeTo": "07:00"}]}}


def three() -> Timeline:
    """Six dials: A, B and C, and an hour and half a minute later again."""
    return simulated(*(number(name, maxAttempts=2) for name in "ABC"), now=NOW)


# --- a sequence ------------------------------------------------------------------------------------------------------


def test_a_timeline_is_a_sequence_of_dials() -> None:
    timeline = three()

    assert isinstance(timeline, Sequence)
    assert len(timeline) == 6
    assert all(type(dial) is Dial for dial in timeline)
    assert bool(timeline)
    assert not simulated(now=NOW)


def test_a_dial_says_when_whom_and_how_it_ended() -> None:
    """R12.1, R12.2"""
    timeline = three()

    dial = timeline[4]
    assert dial == Dial(
        at=at("2026-03-02T07:00:30"),
        job=timeline.jobs[1],
        attempt=2,
        redial_number=None,
        outcome=Outcome.NO_ANSWER,
        length_ms=30_000,
    )
    assert name_of(dial.job) == "B"


def test_places_count_from_both_ends() -> None:
    timeline = three()

    every = list(timeline)
    assert [timeline[place] for place in range(6)] == every
    assert [timeline[place] for place in range(-6, 0)] == every
    assert timeline[-1] == every[5]


@pytest.mark.parametrize("place", [6, -7, 1 << 40])
def test_a_place_outside_is_an_index_error(place: int) -> None:
    timeline = three()

    with pytest.raises(IndexError):
        timeline[place]
    with pytest.raises(IndexError):
        simulated(now=NOW)[0]


@pytest.mark.parametrize(
    "part",
    [slice(None), slice(1, 3), slice(-2, None), slice(None, None, -1), slice(4, 0, -2), slice(5, 99), slice(9, 2)],
)
def test_a_slice_is_a_list_of_dials(part: slice) -> None:
    timeline = three()

    assert timeline[part] == list(timeline)[part]


def test_it_can_be_gone_through_again_backwards_and_searched() -> None:
    timeline = three()

    assert list(timeline) == list(timeline)
    assert list(reversed(timeline)) == list(timeline)[::-1]
    assert timeline.index(timeline[3]) == 3
    assert timeline[2] in timeline
    assert timeline.count(timeline[2]) == 1


@pytest.mark.parametrize(("ring_seconds", "expected"), [(30, 30), (3600, 3600), (0.001, 0.001), (1.5, 1.5)])
def test_a_dial_gives_its_length_in_seconds_whole_where_it_is(ring_seconds: float, expected: float) -> None:
    timeline = simulated(number("A"), now=NOW, campaign={"ringSeconds": ring_seconds})

    assert timeline[0].seconds == expected
    assert isinstance(timeline[0].seconds, int) == isinstance(expected, int)


def test_a_timeline_knows_its_campaign_its_jobs_and_its_span() -> None:
    campaign = campaign_of({"name": "spring"})
    jobs = jobs_of(campaign, [number("A"), number("B")])
    timeline = simulate(campaign, jobs, now=at(NOW), until=at("2026-03-03T00:00"))

    assert timeline.campaign is campaign
    assert list(timeline.jobs) == list(jobs)
    assert (timeline.now_ms, timeline.until_ms) == (at(NOW), at("2026-03-03T00:00"))
    assert timeline.warnings == ()


def test_a_timeline_warns_where_holidays_are_not_known() -> None:
    """R3.10"""
    campaign = Campaign(holiday_years=(2020, 2030))
    known = simulate(campaign, [], now="2026-03-02", until="2030-12-31")
    unknown = simulate(campaign, [], now="2026-03-02", until="2031-01-01T00:00:00.001Z")

    assert known.warnings == ()
    assert [warning.path for warning in unknown.warnings] == ["$.holidays"]


# --- the past does not change ----------------------------------------------------------------------------------------


def test_a_timeline_does_not_change_when_the_simulation_goes_on() -> None:
    """R8.2: what has happened has happened."""
    campaign = campaign_of({"maxSimultaneousCalls": 1})
    simulation = Simulation(campaign, now=at(NOW))
    simulation.submit(jobs_of(campaign, [number("A", maxAttempts=3), number("B")]))
    simulation.run(at("2026-03-02T06:00:10"))
    early = simulation.timeline()
    dials, endings, summary = list(early), list(early.endings()), early.summary()
    simulation.submit(jobs_of(campaign, [number("C", dialerPriority=1)]))
    simulation.run(at("2026-03-05T00:00"))
    late = simulation.timeline()

    assert order_of(late) == "ACBAA"
    assert (list(early), list(early.endings()), early.summary()) == (dials, endings, summary)
    assert order_of(early) == "A"
    assert len(early.jobs) == 2
    assert early.until_ms == at("2026-03-02T06:00:10")


def test_asking_for_a_timeline_changes_nothing() -> None:
    """R8.2: not even at the instant at which a window closes or a job finishes."""
    campaign = campaign_of({"maxSimultaneousCalls": 1, "ringSeconds": 3600})
    hour = {"localTimeFrom": "05:00", "localTimeTo": "06:30"}
    numbers = [
        number("A", dialerPriority=1),
        number("B", **hour),
        number("C", finishDateTime="2026-03-02T06:30:00Z", **hour),
    ]
    asked, unasked = (Simulation(campaign, now=at(NOW)) for _ in range(2))
    for simulation in (asked, unasked):
        simulation.submit(jobs_of(campaign, numbers))
    for minute in range(0, 120, 10):
        asked.run(at(NOW) + minute * 60_000)
        before = asked.timeline()
        asked.check()
        assert list(asked.timeline().endings()) == list(before.endings())
    for simulation in (asked, unasked):
        simulation.run(at("2026-03-04T00:00"))
        simulation.check()

    assert list(asked.timeline()) == list(unasked.timeline())
    assert list(asked.timeline().endings()) == list(unasked.timeline().endings())
    assert ending_of(asked.timeline(), "C") == ("notDone", "2026-03-02T06:30:00Z", "noLineInTime")


def test_the_clock_of_a_simulation_does_not_go_back() -> None:
    """R1.2: it may stand still."""
    simulation = Simulation(Campaign(), now=at(NOW))
    simulation.run(at("2026-03-03T00:00"))
    simulation.run(at("2026-03-03T00:00"))

    with pytest.raises(scheduler.UsageError, match="stands at 2026-03-03T00:00:00Z and does not go back"):
        simulation.run(at("2026-03-02T23:59:59.999"))
    assert simulation.now_ms == at("2026-03-03T00:00")


@pytest.mark.parametrize("until", [NOW, "2026-03-02T05:59:59.999", "1999-01-01"])
def test_a_run_that_ends_before_it_begins_is_refused(until: str) -> None:
    """R12.5"""
    with pytest.raises(scheduler.UsageError, match="does not lie after now 2026-03-02T06:00:00Z"):
        simulate(Campaign(), [], now=at(NOW), until=at(until))


def test_a_run_cannot_begin_at_the_last_instant_there_is() -> None:
    """R12.5: nothing lies behind it."""
    with pytest.raises(scheduler.UsageError, match="last instant"):
        simulate(Campaign(), [], now="9999-12-31")


@pytest.mark.parametrize("ring_ms", [0, -1])
def test_an_attempt_that_does_not_ring_is_refused(ring_ms: int) -> None:
    """R12.1: the sum of ringing and talking is more than none."""
    with pytest.raises(scheduler.UsageError, match="at least a millisecond"):
        Never(ring_ms)


def test_outcomes_from_elsewhere_are_refused() -> None:
    """R12.2: an outcome comes from a value that is handed in."""
    with pytest.raises(scheduler.UsageError, match=r"give scheduler\.never"):
        simulate(Campaign(), [], now=at(NOW), outcomes=cast("Never", "never"))


def test_a_run_that_tells_how_far_it_is_is_the_same_run() -> None:
    """R8.2: a run in steps is the run."""
    numbers = [number(name, maxAttempts=5) for name in "ABC"]
    campaign = campaign_of({"maxSimultaneousCalls": 2})
    jobs = jobs_of(campaign, numbers)
    seen: list[tuple[int, int]] = []
    told = simulate(campaign, jobs, now=at(NOW), progress=lambda run: seen.append((run.now_ms, run.dials)))
    untold = simulate(campaign, jobs, now=at(NOW))

    assert list(told) == list(untold)
    assert list(told.endings()) == list(untold.endings())
    assert seen == sorted(set(seen))
    assert seen[-1][1] == len(told)


def test_a_run_without_an_end_is_366_days_long_but_ends_with_time() -> None:
    """R12.5"""
    assert simulated(now="2026-03-02").until_ms == at("2027-03-03")
    assert simulated(now="9999-12-30").until_ms == at("9999-12-31")


# --- figures ---------------------------------------------------------------------------------------------------------


def test_a_summary_counts_what_happened() -> None:
    timeline = simulated(
        number("A", maxAttempts=3),
        number("B"),
        number("N", **CLOSED),
        number("M", **CLOSED),
        number("F", finishDateTime="2026-03-02T05:00:00Z"),
        number("W", startDateTime="2026-03-20T00:00:00Z"),
        now=NOW,
        until="2026-03-02T07:30",
    )
    summary = timeline.summary()

    assert (summary.jobs, summary.dialled, summary.dials) == (6, 2, 3)
    assert (summary.first_dial, summary.last_dial) == (at(NOW), at("2026-03-02T07:00:30"))
    assert (summary.busiest_hour, summary.busiest_hour_dials) == (at("2026-03-02T06:00"), 2)
    assert {reason: "".join(map(name_of, jobs)) for reason, jobs in summary.undialled.items()} == {
        Reason.NEVER_OPEN: "NM",
        Reason.NO_WINDOW_BEFORE_FINISH: "F",
    }
    assert summary.unfinished == 2  # A's third attempt, and W


def test_a_summary_of_nothing_has_no_instants() -> None:
    summary = simulated(now=NOW).summary()

    assert (summary.jobs, summary.dialled, summary.dials, summary.unfinished, summary.busiest_hour_dials) == (0,) * 5
    assert summary.first_dial is summary.last_dial is summary.busiest_hour is None
    assert summary.undialled == {}


def test_the_busiest_hour_is_the_first_clock_hour_of_utc_with_the_most_dials() -> None:
    starts = ["07:59:59.999", "08:00:00", "08:59:59.999", "09:00:00", "09:30:00", "11:00:00"]
    numbers = [number(name, startDateTime=f"2026-03-02T{start}Z") for name, start in zip("ABCDEF", starts, strict=True)]
    summary = simulated(*numbers, now=NOW).summary()

    assert (summary.busiest_hour, summary.busiest_hour_dials) == (at("2026-03-02T08:00"), 2)


def test_clock_hours_before_the_epoch_begin_on_the_hour_too() -> None:
    """R1.1"""
    summary = simulated(number("A"), now="1969-12-31T23:59").summary()

    assert summary.busiest_hour == -HOUR_MS


def test_jobs_that_ended_without_a_dial_are_given_by_reason_and_those_who_were_dialled_are_not() -> None:
    """R12.4: a job that was dialled is not among them, however it ended."""
    campaign = {"ringSeconds": 3600, "maxAttemptsPerPhone": 1}
    same = {"phone": "79000000000"}
    timeline = simulated(
        number("A", maxAttempts=2, retryIntervalInMinutes=60, finishDateTime="2026-03-02T07:30:00Z"),
        number("L", finishDateTime="2026-03-02T06:30:00Z"),
        {**number("P", dialerPriority=2), **same},
        {**number("Q"), **same},
        now=NOW,
        lines=1,
        campaign=campaign,
    )
    summary = timeline.summary()

    assert order_of(timeline) == "PA"
    assert {reason: "".join(map(name_of, jobs)) for reason, jobs in summary.undialled.items()} == {
        Reason.NO_LINE_IN_TIME: "L",
        Reason.PHONE_USED_UP: "Q",
    }
    assert sum(map(len, summary.undialled.values())) + summary.dialled + summary.unfinished == summary.jobs


def test_every_ending_has_a_state_and_those_that_have_ended_an_instant_and_a_reason() -> None:
    """R12.4"""
    timeline = simulated(
        number("A"), number("N", **CLOSED), number("W", localTimeFrom="20:00"), now=NOW, until="2026-03-02T12:00"
    )
    endings = list(timeline.endings())

    assert endings == [
        (JobState.NO_ANSWER, at("2026-03-02T06:00:30"), Reason.ATTEMPTS_USED_UP),
        (JobState.NOT_DONE, at(NOW), Reason.NEVER_OPEN),
        (JobState.PLANNED, None, None),
    ]
    assert endings[0].state == "noAnswer"
    assert endings[1].reason == "neverOpen"


# --- what it weighs --------------------------------------------------------------------------------------------------


def test_a_dial_takes_no_more_than_40_bytes() -> None:
    """Columns, not objects: the dials of a run and the states of its jobs together."""
    campaign = Campaign()
    job = jobs_of(campaign, [number("A", maxAttempts=2)])[0]
    jobs = [job._replace(index=place, phone=str(79_000_000_000 + place)) for place in range(20_000)]
    timeline = simulate(campaign, jobs, now=at(NOW))
    columns = timeline.columns
    weight = sum(sys.getsizeof(getattr(columns, name)) for name in Columns.__slots__)

    assert len(timeline) == 40_000
    assert weight <= 40 * len(timeline)


def test_columns_of_a_copy_are_its_own() -> None:
    columns = Columns()
    columns.add_jobs(1, arrived_at=0)
    copied = columns.copy()
    columns.add_alike(5, [0], [1], 0, 30)
    columns.state[0] = 3

    assert (len(copied.at), copied.state[0]) == (0, 0)
    assert (len(columns.at), columns.state[0]) == (1, 3)


# --- the public names ------------------------------------------------------------------------------------------------


def test_the_public_names_are_sorted_and_can_be_imported() -> None:
    names = scheduler.__all__

    assert names == sorted(names)
    assert len(set(names)) == len(names)
    assert all(getattr(importlib.import_module("scheduler"), name) is not None for name in names)


def test_every_name_that_is_needed_to_run_a_campaign_is_public() -> None:
    needed = {
        "Campaign",
        "load_campaign",
        "read_campaign",
        "read_request",
        "simulate",
        "never",
        "Timeline",
        "Simulation",
    }

    assert needed <= set(scheduler.__all__)
