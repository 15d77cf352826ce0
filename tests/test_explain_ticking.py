"""Explanations against a clock that ticks: at every tick, why each waiting job was not dialled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from unittest import mock

from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler.engine.columns import Reason
from scheduler.engine.explain import Due, Explanation
from scheduler.engine.obstacles import Obstacle
from scheduler.engine.waiting import waiting_ms
from tests import ticking
from tests.oracles import DAY_MS, Fields, Hours, hours_of, instant_of, is_open, wall_clock
from tests.scenarios import Scene, any_scenes, lively_scenes, performed

Key = tuple[int, int | None, int]  # a number's index, its redial, an attempt


class Tick(NamedTuple):
    """How the campaign stands at a tick, when all its dials have been placed."""

    paused: bool
    lines: int | None
    full: bool
    paced: bool


class Watched(NamedTuple):
    """What a ticking clock saw: each tick, why each attempt waited at which, and when each was due."""

    ticks: dict[int, Tick]
    why: dict[Key, dict[int, str]]
    due: dict[Key, int]
    arrived: dict[tuple[int, int | None], int]


def closed_by(hours: Hours, any_day: Hours, instant_ms: int) -> str:
    """What closes a calendar, by the wall clock: the day to which the night belongs, or today (R3.7, R3.10)."""
    clock = wall_clock(hours.zone, instant_ms)
    day = clock.date()
    of_day = (clock - dt.datetime.combine(day, dt.time())) // dt.timedelta(milliseconds=1)
    yesterday = day - dt.timedelta(days=1)
    in_the_night = any(start <= of_day + DAY_MS < end for start, end in any_day.week[yesterday.weekday()])
    if in_the_night and not (hours.clip and not hours.days[day.weekday()]):
        day = yesterday
    if day in hours.closed:
        return Obstacle.BLACKOUT
    return Obstacle.WINDOW if hours.days[day.weekday()] else Obstacle.WEEKDAY


def watched(scene: Scene) -> Watched:
    """Let the ticking clock run, and look at it after each tick."""
    any_day: dict[int, Hours] = {}  # what hours would be without allowedDays, by their identity

    def hours_twice(levels: Sequence[Fields], *others: Any) -> Hours:
        hours = hours_of(levels, *others)
        without = [{field: value for field, value in level.items() if field != "allowedDays"} for level in levels]
        any_day[id(hours)] = hours_of(without, *others)
        return hours

    with mock.patch.object(ticking, "hours_of", hours_twice):
        return watched_by(scene, any_day)


def watched_by(scene: Scene, any_day: Mapping[int, Hours]) -> Watched:
    case = scene.case
    clock = ticking._Clock(case.campaign, scene.script or {}, case.lines, case.tick_ms, scene.laws)
    assert clock.submit(case.numbers, None, case.now)
    seen = Watched({}, {}, {}, {})
    for t in range(case.now, case.until, case.tick_ms):
        clock.tick(t, [command for command in scene.commands if instant_of(command["at"]) == t])
        lines = ticking.lines_at(clock.lines, case.campaign.get("timeZone") or "UTC", t)
        busy = sum(job.call_ends is not None for job in clock.jobs)
        paced = bool(clock.dials) and t - clock.dials[-1].at < clock.gap_ms
        now = seen.ticks[t] = Tick(clock.paused, lines, lines is not None and busy >= lines, paced)
        for job in clock.jobs:
            seen.arrived.setdefault((job.index, job.redial_number), t)
            if not job.waits():
                continue
            key = job.index, job.redial_number, job.attempts + 1
            seen.due[key] = job.policy_due
            if job.policy_due > t:
                continue
            if not is_open(job.hours, t):
                why: str = closed_by(job.hours, any_day[id(job.hours)], t)
            elif not clock.calendar(job).is_open(t) or clock.held(job, t):
                why = Obstacle.LAW
            elif now.paused:
                why = Obstacle.PAUSED
            else:
                agent = "nothing" if clock.may_dial_for_agents(t) else Obstacle.AGENT
                why = Obstacle.LINE if now.full else Obstacle.PACING if now.paced else agent
            seen.why.setdefault(key, {})[t] = why
    return seen


def told_of(explained: Explanation, tick_ms: int) -> dict[Key, dict[int, str]]:
    """The codes of an explanation, tick by tick."""
    told: dict[Key, dict[int, str]] = {}
    for series in explained.series:
        for attempt in series.attempts:
            codes = {t: wait.code for wait in attempt.waits for t in range(wait.from_ms, wait.until_ms, tick_ms)}
            if codes:
                told[explained.index, series.job.redial_number, attempt.number] = dict(codes)
    return told


@given(any_scenes())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_at_every_tick_the_reason_is_what_the_ticking_clock_finds(scene: Scene) -> None:
    """R3.6, R3.7, R3.10, R5.2, R8.1, R9.2, R11, R13.2: the first of window, law, pause, lines, pacing and agents."""
    timeline, seen = performed(scene), watched(scene)
    told: dict[Key, dict[int, str]] = {}
    waited: dict[Key, int] = {}
    for index in timeline.places:
        explained = timeline.explain(index)
        told |= told_of(explained, scene.case.tick_ms)
        for series in explained.series:
            redial = series.job.redial_number
            assert series.arrived_ms == seen.arrived[index, redial]
            for attempt in series.attempts:
                key = index, redial, attempt.number
                assert attempt.due_ms == seen.due.get(key, attempt.due_ms)
                assert (attempt.because is Due.RETRY) == (attempt.number > 1)
                codes = seen.why.get(key, {}).values()
                short = {Obstacle.LINE, Obstacle.PACING, Obstacle.AGENT}
                waited[key] = sum(code in short for code in codes) * scene.case.tick_ms
                for wait in attempt.waits:
                    if wait.code is not Obstacle.LINE:
                        continue
                    ticks = range(wait.from_ms, wait.until_ms, scene.case.tick_ms)
                    assert {seen.ticks[t].lines for t in ticks} == {wait.details["lines"]}
                    first = [dial for dial in timeline if wait.from_ms <= dial.at < wait.until_ms]
                    if attempt.dial is not None and attempt.dial.at == wait.until_ms:
                        first += [
                            d for d in list(timeline)[: list(timeline).index(attempt.dial)] if d.at == wait.until_ms
                        ]
                    assert wait.details["ahead"] == len(first)

    assert told == seen.why
    keys = [(dial.job.index, dial.redial_number, dial.attempt) for dial in timeline]
    assert list(waiting_ms(timeline)) == [waited[key] for key in keys]


@given(any_scenes() | lively_scenes(), st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_at_a_tick_all_that_forbids_a_dial_is_what_the_ticking_clock_finds(scene: Scene, data: st.DataObject) -> None:
    """R8.1, R11, R13.2: not the first of them alone, and each up to the tick at which it is over."""
    timeline, seen = performed(scene), watched(scene)
    tick_ms = scene.case.tick_ms
    t = data.draw(st.sampled_from(sorted({t for each in seen.why.values() for t in each} or seen.ticks)))
    now = seen.ticks[t]
    for index, redial, number in [key for key, codes in seen.why.items() if t in codes]:
        moment = timeline.explain(index, t).moment
        assert moment is not None
        forbidden = {each.code: each for each in moment.forbidden}
        why = seen.why[index, redial, number]
        assert next(iter(forbidden)) == why[t]
        assert (Obstacle.PAUSED in forbidden) == now.paused
        assert (Obstacle.LINE in forbidden) == now.full
        assert (Obstacle.PACING in forbidden) == now.paced
        assert moment.allowed_ms is not None
        closed = why[t] in {Obstacle.WINDOW, Obstacle.WEEKDAY, Obstacle.BLACKOUT, Obstacle.LAW}
        assert (moment.allowed_ms > t) == closed
        dialled = [dial for dial in timeline if dial.job.index == index and dial.at >= t]
        end_ms = dialled[0].at if dialled else timeline.until_ms
        for code, holds in ((Obstacle.PAUSED, "paused"), (Obstacle.LINE, "full"), (Obstacle.PACING, "paced")):
            if code not in forbidden:
                continue
            over = next((u for u in range(t, end_ms, tick_ms) if not getattr(seen.ticks[u], holds)), None)
            until_ms = forbidden[code].until_ms
            if over is not None:
                assert until_ms == over
            else:
                assert until_ms is None or until_ms >= end_ms
                assert until_ms is None or until_ms == end_ms or not dialled


def test_the_reasons_of_all_jobs_that_end_without_a_dial_are_told() -> None:
    """R12.5: an explanation has a word for each reason."""
    from scheduler.engine.telling import ENDED

    assert set(ENDED) == set(Reason)
