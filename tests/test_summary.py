"""The figures of a timeline, its slices, and how jobs stand at any instant, against plain counts."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import JobState, Simulation, Timeline, read_scenario, simulate
from scheduler.engine.columns import Reason
from scheduler.engine.timeline import Ending
from scheduler.engine.waiting import waiting_ms
from scheduler.jobs import Outcome
from scheduler.policy.calendar import compile_calendar
from scheduler.policy.instants import parse_moment
from tests.laws import bound
from tests.scenarios import Scene, any_scenes, commands_of, outcomes_of, performed
from tests.strategies import at, campaign_of, jobs_of, number, simulated

HOUR_MS = 3_600_000
patient = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def hours_of(timeline: Timeline) -> list[int]:
    """The beginnings of the clock hours of UTC in which a run takes place."""
    first = timeline.now_ms // HOUR_MS
    return [hour * HOUR_MS for hour in range(first, timeline.until_ms // HOUR_MS + 1)]


def assert_jobs_are_listed(timeline: Timeline) -> None:
    """Those that ended without a dial, those that ended before their last one, and how many have not ended."""
    summary = timeline.summary()
    undialled: dict[object, list[object]] = {}
    cut_short: dict[object, list[object]] = {}
    unfinished = 0
    for job, ending in zip(timeline.jobs, timeline.endings(), strict=True):
        own = [dial for dial in timeline if (dial.job.index, dial.redial_number) == (job.index, job.redial_number)]
        over = any(dial.outcome in {Outcome.ANSWERED, Outcome.NONEXISTENT_NUMBER} for dial in own)
        if ending.at is None:
            unfinished += 1
        elif not own:
            undialled.setdefault(ending.reason, []).append(job)
        elif not over and len(own) < job.policy.max_attempts:
            cut_short.setdefault(ending.reason, []).append(job)

    assert (summary.undialled, summary.cut_short, summary.unfinished) == (undialled, cut_short, unfinished)


@given(any_scenes())
@patient
def test_the_figures_are_those_of_a_plain_count(scene: Scene) -> None:
    """R12.4: dials, answers, reach, attempts, lines busy, states."""
    timeline = performed(scene)
    summary = timeline.summary()
    dials = list(timeline)
    first_jobs = [job for job in timeline.jobs if job.redial is None]
    answered = [dial for dial in dials if dial.outcome is Outcome.ANSWERED]

    assert summary.numbers == len(first_jobs)
    assert summary.jobs == len(timeline.jobs)
    assert summary.dials == len(dials)
    assert summary.answers == len(answered)
    assert summary.reach == len({dial.job.index for dial in answered}) / len(first_jobs)
    assert summary.attempts_per_number == len(dials) / len(first_jobs)
    assert summary.time_to_last_dial_ms == (dials[-1].at - timeline.now_ms if dials else None)
    assert summary.states == dict(Counter(ending.state for ending in timeline.endings()))
    assert summary.dialled == len({(dial.job.index, dial.redial_number) for dial in dials})
    assert (summary.first_dial, summary.last_dial) == ((dials[0].at, dials[-1].at) if dials else (None, None))
    in_hour = {hour_ms: sum(hour_ms <= d.at < hour_ms + HOUR_MS for d in dials) for hour_ms in hours_of(timeline)}
    most = max(in_hour.values(), default=0)
    assert summary.busiest_hour_dials == most
    assert summary.busiest_hour == min(
        (hour for hour, count in in_hour.items() if most and count == most), default=None
    )
    assert set(summary.lines_busy) <= set(in_hour)
    assert_jobs_are_listed(timeline)
    for hour_ms, lines in summary.lines_busy.items():
        until_ms = min(hour_ms + HOUR_MS, timeline.until_ms)
        held = sum(max(0, min(d.at + d.length_ms, until_ms) - max(d.at, hour_ms)) for d in dials)
        assert lines == held / HOUR_MS
    held = sum(min(d.at + d.length_ms, timeline.until_ms) - d.at for d in dials)
    assert sum(summary.lines_busy.values()) == pytest.approx(held / HOUR_MS)


@given(any_scenes())
@patient
def test_the_wait_for_a_line_is_what_is_explained_as_that(scene: Scene) -> None:
    """R11.1, R11.2: the time from due to dial in which neither window, pause nor law held back."""
    timeline = performed(scene)
    explained = {
        (attempt.dial.at, index, series.job.redial_number): sum(
            wait.until_ms - wait.from_ms for wait in attempt.waits if wait.code in {"line", "pacing", "agent"}
        )
        for index in timeline.places
        for series in timeline.explain(index).series
        for attempt in series.attempts
        if attempt.dial is not None
    }
    waits = list(waiting_ms(timeline))

    assert waits == [explained[dial.at, dial.job.index, dial.redial_number] for dial in timeline]
    figures = timeline.summary().waiting
    assert figures.longest_ms == max(waits, default=0)
    assert figures.mean_ms == (sum(waits) / len(waits) if waits else 0)
    assert sum(wait <= figures.p95_ms for wait in waits) >= 0.95 * len(waits)
    assert sum(wait < figures.p95_ms for wait in waits) <= 0.95 * len(waits)


def halted(scene: Scene, instant_ms: int) -> Timeline:
    """What has happened before an instant, by a live simulation that was stopped there."""
    case = scene.case
    campaign = campaign_of(case.campaign)
    run = Simulation(campaign, now=case.now, lines=case.lines, outcomes=outcomes_of(scene.script, campaign))
    run.submit(bound(jobs_of(campaign, case.numbers), scene.laws))
    for command in sorted(commands_of(scene, campaign), key=lambda each: parse_moment(each.at)):
        if parse_moment(command.at) >= instant_ms:
            break
        run.run(command.at)
        run.carry_out(command)
    run.run(instant_ms)
    return run.timeline()


@given(any_scenes(), st.data())
@patient
def test_the_states_at_an_instant_are_those_of_a_run_that_was_stopped_there(scene: Scene, data: st.DataObject) -> None:
    """R12.4: before anything of the instant has happened; a job that had not arrived has none."""
    timeline = performed(scene)
    ends = [dial.at + dial.length_ms for dial in timeline]
    moments = [
        *(dial.at for dial in timeline),
        *ends,
        *(end + 1 for end in ends),
        timeline.now_ms + 1,
        timeline.until_ms,
    ]
    moment_ms = data.draw(st.sampled_from([each for each in moments if timeline.now_ms < each <= timeline.until_ms]))
    then = halted(scene, moment_ms)
    states = timeline.states(moment_ms)

    assert [state for state in states if state is not None] == [ending.state for ending in then.endings()]
    assert sum(timeline.counts(moment_ms).values()) == len(then.jobs)
    assert timeline.states() == [ending.state for ending in timeline.endings()]
    for index, places in then.places.items():
        explained = then.explain(index, moment_ms)
        assert explained.moment is not None
        assert explained.moment.state == then.state(places[-1], moment_ms)
        assert str(explained)


@given(any_scenes(), st.data())
@patient
def test_slices_are_the_dials_that_belong_to_them(scene: Scene, data: st.DataObject) -> None:
    timeline = performed(scene)
    begin, end = sorted(data.draw(st.integers(timeline.now_ms, timeline.until_ms)) for _ in range(2))
    dials = list(timeline)

    assert timeline.between(begin, end) == [dial for dial in dials if begin <= dial.at < end]
    for job in timeline.jobs:
        assert timeline.of_job(job.index) == [dial for dial in dials if dial.job.index == job.index]
        assert timeline.of_phone(job.phone) == [dial for dial in dials if dial.job.phone == job.phone]
    assert timeline.of_job(99) == timeline.of_phone("0") == []


def test_closed_windows_and_pauses_are_no_wait_for_a_line() -> None:
    """R13.2: B is due at 9, its window opens at 10, it is paused to 11, and A's call ends half a minute later."""
    campaign = campaign_of({"maxSimultaneousCalls": 1})
    jobs = jobs_of(campaign, [number("A", localTimeFrom="10:00"), number("B", localTimeFrom="10:00")])
    commands = read_scenario(
        '{"commands": [{"at": "2026-03-02T09:00:00Z", "do": "pause"}, {"at": "2026-03-02T11:00:00Z", "do": "resume"}]}',
        campaign,
    ).commands
    timeline = simulate(campaign, jobs, now=at("2026-03-02T09:00"), commands=commands)
    interval = compile_calendar(jobs[0].policy.hours, jobs[0].zone, timeline.now_ms, timeline.until_ms)

    assert interval.opens[0] == at("2026-03-02T10:00")
    assert list(waiting_ms(timeline)) == [0, 30_000]


def test_a_timeline_without_dials_has_figures_too() -> None:
    timeline = simulated(now="2026-03-02T09:00")
    summary = timeline.summary()

    assert (summary.reach, summary.attempts_per_number, summary.time_to_last_dial_ms) == (0, 0, None)
    assert (summary.waiting.mean_ms, summary.waiting.p95_ms, summary.waiting.longest_ms) == (0, 0, 0)
    assert (summary.lines_busy, summary.states, timeline.counts()) == ({}, {}, {})


def test_an_ending_is_asked_for_by_place() -> None:
    timeline = simulated(
        number("A"), number("B", allowedDays=["tue"]), now="2026-03-02T09:00", until="2026-03-02T10:00"
    )

    assert timeline.ending(0) == Ending(JobState.NO_ANSWER, at("2026-03-02T09:00:30"), Reason.ATTEMPTS_USED_UP)
    assert timeline.ending(1) == Ending(JobState.PLANNED, None, None)
    assert timeline.state(1, at("2026-03-02T09:30")) is JobState.PLANNED
