"""What holds in every run, whatever the campaign: each property is recomputed from the request and the dials."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import Dial, Simulation, Timeline, simulate
from tests import oracles, ticking
from tests.strategies import Case, any_cases, campaign_of, cases, crowded_cases, dials_of, instant, jobs_of, played

patient = settings(suppress_health_check=[HealthCheck.too_slow])


class Wanted(NamedTuple):
    """What a number wants, resolved without the product."""

    levels: list[dict[str, Any]]
    zone: str
    closed: list[dt.date]
    readings: dict[str, str]
    job: ticking.Job


def wanted(case: Case) -> list[Wanted]:
    campaign = case.campaign
    return [
        Wanted(
            levels=[campaign.get("policy") or {}, number],
            zone=number.get("gmtZone") or campaign.get("timeZone") or "UTC",
            closed=[dt.date.fromisoformat(text) for text in campaign.get("blackoutDates", ())],
            readings=campaign.get("readings", {}),
            job=ticking.Job(campaign, number, place, case.now),
        )
        for place, number in enumerate(case.numbers)
    ]


def lines_of(case: Case) -> float:
    lines: int | None = case.campaign.get("maxSimultaneousCalls") if case.lines is None else case.lines
    return math.inf if lines is None else lines


def spacing_of(case: Case) -> int:
    return math.ceil(1000 / case.campaign["callsPerSecond"]) if "callsPerSecond" in case.campaign else 0


def by_job(timeline: Timeline) -> dict[int, list[Dial]]:
    dials: dict[int, list[Dial]] = defaultdict(list)
    for dial in timeline:
        dials[dial.job.index].append(dial)
    return dials


def in_time(dials: list[Any]) -> bool:
    return all(earlier.at <= later.at for earlier, later in pairwise(dials))


# --- where and when --------------------------------------------------------------------------------------------------


@given(any_cases())
@patient
def test_no_dial_lies_outside_the_calendar_or_the_dates(case: Case) -> None:
    """R4.1, R5.2, R5.3, R1.2"""
    wants = wanted(case)
    timeline = played(case)

    for dial in timeline:
        want = wants[dial.job.index]
        assert oracles.is_allowed(want.levels, want.zone, dial.at, closed_dates=want.closed, readings=want.readings), (
            instant(dial.at)
        )
        assert max(case.now, want.job.due) <= dial.at < min(case.until, want.job.finish)


@given(any_cases())
@patient
def test_no_more_lines_are_busy_than_there_are(case: Case) -> None:
    """R11.1"""
    timeline = played(case)

    for dial in timeline:
        assert sum(other.at <= dial.at < other.at + other.length_ms for other in timeline) <= lines_of(case)


@given(any_cases())
@patient
def test_no_two_dials_are_closer_than_the_pace(case: Case) -> None:
    """R11.2; and dials are listed in the order of time."""
    timeline = list(played(case))

    assert in_time(timeline)
    assert all(later.at - earlier.at >= spacing_of(case) for earlier, later in pairwise(timeline))


@given(any_cases())
@patient
def test_no_retry_comes_early(case: Case) -> None:
    """R9.2: not before the interval is over, nor before the call."""
    wants = wanted(case)
    timeline = played(case)

    for place, dials in by_job(timeline).items():
        job = wants[place].job
        for earlier, later in pairwise(dials):
            assert later.at >= earlier.at + earlier.length_ms
            assert later.at >= earlier.at + job.interval_ms + (0 if job.retry_from_start else earlier.length_ms)


@given(any_cases())
@patient
def test_no_job_and_no_phone_is_dialled_more_often_than_it_may(case: Case) -> None:
    """R9.1, R9.4; and attempts are numbered from 1."""
    wants = wanted(case)
    timeline = played(case)

    for place, dials in by_job(timeline).items():
        assert [dial.attempt for dial in dials] == list(range(1, len(dials) + 1))
        assert len(dials) <= wants[place].job.max_attempts
    phones = Counter(dial.job.phone for dial in timeline)
    assert max(phones.values(), default=0) <= case.campaign.get("maxAttemptsPerPhone", math.inf)


@given(any_cases())
@patient
def test_every_job_is_in_exactly_one_state_which_its_dials_bear_out(case: Case) -> None:
    """R12.4, R12.5"""
    timeline = played(case)
    dials = by_job(timeline)
    endings = list(timeline.endings())

    assert len(endings) == len(case.numbers)
    for place, ending in enumerate(endings):
        ours = dials[place]
        ended = ending.at is not None
        in_call = bool(ours) and ours[-1].at + ours[-1].length_ms >= case.until
        assert ended == (ending.reason is not None) == (ending.state in {"noAnswer", "notDone"})
        assert ended or ending.state == ("inProcess" if in_call else "onRetry" if ours else "planned")
        if ending.at is not None:
            assert not in_call
            assert case.now <= ending.at < case.until
            assert not ours or ending.at >= ours[-1].at + ours[-1].length_ms
            assert ours or ending.state == "notDone"
    assert timeline.summary().unfinished == sum(ending.at is None for ending in endings)


# --- the same again --------------------------------------------------------------------------------------------------


@given(any_cases())
@patient
def test_the_same_inputs_give_the_same_dials(case: Case) -> None:
    """R8.5: the result is a function of the inputs."""
    first, second = played(case), played(case)

    assert list(first) == list(second)
    assert list(first.endings()) == list(second.endings())


@given(any_cases(), st.data())
@patient
def test_a_run_in_steps_is_the_run_and_begins_as_every_longer_one(case: Case, data: st.DataObject) -> None:
    """R8.2, R12.5: whatever `until` is after T, and whatever the steps to it, up to T all is the same."""
    ticks = st.integers(0, (case.until - case.now) // case.tick_ms).map(lambda tick: case.now + tick * case.tick_ms)
    steps = sorted(data.draw(st.lists(ticks | st.integers(case.now + 1, case.until), max_size=6)))
    campaign = campaign_of(case.campaign)
    jobs = jobs_of(campaign, case.numbers)
    simulation = Simulation(campaign, now=case.now, lines=case.lines)
    simulation.submit(jobs)
    simulation.check()
    for step in [*steps, case.until]:
        simulation.run(step)
        simulation.check()
        if data.draw(st.booleans()) or step == case.until:
            seen = simulation.timeline()
            simulation.check()
            assert simulation.dials == len(seen)
            if step > case.now:
                at_once = simulate(campaign, jobs, now=case.now, until=step, lines=case.lines)
                assert dials_of(seen) == dials_of(at_once)
                assert list(seen.endings()) == list(at_once.endings())
    whole = simulate(campaign, jobs, now=case.now, until=case.until + 3 * case.tick_ms, lines=case.lines)

    assert dials_of(simulation.timeline()) == [dial for dial in dials_of(whole) if dial[0] < case.until]


@given(crowded_cases() | cases(), st.data())
@patient
def test_batches_that_are_handed_in_as_they_are_due_give_the_dials_of_one_batch(
    case: Case, data: st.DataObject
) -> None:
    """R0, R8.2: a job is due at its acceptance or its start; what came earlier arrived earlier."""
    campaign = campaign_of(case.campaign)
    numbers = [{"startDateTime": "1900-01-01T00:00:00Z", **number} for number in case.numbers]
    jobs = sorted(jobs_of(campaign, numbers), key=lambda job: max(case.now, job.dates.start_ms or case.now))
    jobs = [job._replace(index=place) for place, job in enumerate(jobs)]
    at_once = simulate(campaign, jobs, now=case.now, until=case.until, lines=case.lines)
    simulation = Simulation(campaign, now=case.now, lines=case.lines)
    waiting = list(jobs)
    while waiting:
        due_ms = max(case.now, waiting[0].dates.start_ms or case.now)
        if due_ms >= case.until:
            break
        simulation.run(due_ms)
        count = data.draw(st.integers(1, len(waiting)))
        simulation.submit(waiting[:count])
        simulation.check()
        del waiting[:count]
    simulation.run(case.until)
    simulation.check()

    assert dials_of(simulation.timeline()) == dials_of(at_once)


@given(any_cases(), st.data())
@patient
def test_where_nothing_is_short_one_more_job_moves_no_other_dial(case: Case, data: st.DataObject) -> None:
    """R8.1, R9.4: without lines, pacing and a cap per phone, jobs know nothing of each other."""
    short = {"maxSimultaneousCalls", "callsPerSecond", "maxAttemptsPerPhone"}
    fields = {field: value for field, value in case.campaign.items() if field not in short}
    campaign = campaign_of(fields)
    more = {**data.draw(st.sampled_from(case.numbers)), "payload": "one more", "dialerPriority": 1}
    place = data.draw(st.integers(0, len(case.numbers)))
    numbers = [*case.numbers[:place], more, *case.numbers[place:]]
    without = simulate(campaign, jobs_of(campaign, case.numbers), now=case.now, until=case.until)
    with_it = simulate(campaign, jobs_of(campaign, numbers), now=case.now, until=case.until)

    others = [dial for dial in with_it if dial.job.payload != b'"one more"']
    assert [(dial.at, dial.job.payload, dial.attempt) for dial in others] == [
        (dial.at, dial.job.payload, dial.attempt) for dial in without
    ]


# --- who gets the line -----------------------------------------------------------------------------------------------


class Replay:
    """Who could have been dialled at an instant, given the dials up to then."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.jobs = [want.job for want in wanted(case)]
        calendars = {job.hours: ticking.Calendar(job.hours, case.tick_ms) for job in self.jobs}
        self.calendars = [calendars[job.hours] for job in self.jobs]
        self.dials: list[Dial] = []

    def due(self, job: ticking.Job) -> float:
        """When the next attempt of a job is due; never, if it has none."""
        ours = [dial for dial in self.dials if dial.job.index == job.index]
        used = sum(dial.job.phone == job.phone for dial in self.dials)
        if len(ours) >= job.max_attempts or used >= self.case.campaign.get("maxAttemptsPerPhone", math.inf):
            return math.inf
        if not ours:
            return job.due
        ends = ours[-1].at + ours[-1].length_ms
        return max(ends, ours[-1].at + job.interval_ms) if job.retry_from_start else ends + job.interval_ms

    def rivals(self, instant_ms: int) -> list[tuple[tuple[float, ...], int]]:
        """The ranks of all who could be dialled, least first, each with its job (R8.1, R8.2)."""
        ranks: list[tuple[tuple[float, ...], int]] = []
        for job, calendar in zip(self.jobs, self.calendars, strict=True):
            due = self.due(job)
            if due <= instant_ms < job.finish and calendar.is_open(instant_ms):
                opens, closes = calendar.interval(instant_ms)
                kind = 1 if job.plain else 0
                ranks.append(((job.priority, kind, min(closes, job.finish), opens, due, job.index), job.index))
        return sorted(ranks)

    def may_dial(self, instant_ms: int) -> bool:
        busy = sum(dial.at + dial.length_ms > instant_ms for dial in self.dials)
        paced = bool(self.dials) and instant_ms < self.dials[-1].at + spacing_of(self.case)
        return busy < lines_of(self.case) and not paced


@given(any_cases())
@patient
def test_each_dial_goes_to_the_least_rank_that_could_have_had_the_line(case: Case) -> None:
    """R8.1, R8.2: and at the end of a call no line stays free that someone could have had."""
    replay = Replay(case)
    timeline = played(case)

    moments = sorted({dial.at for dial in timeline} | {dial.at + dial.length_ms for dial in timeline})
    coming = list(timeline)
    for moment in moments:
        if moment >= case.until:
            break
        while coming and coming[0].at == moment:
            assert replay.may_dial(moment)
            assert replay.rivals(moment)[0][1] == coming[0].job.index
            replay.dials.append(coming.pop(0))
        assert not (replay.may_dial(moment) and replay.rivals(moment))
