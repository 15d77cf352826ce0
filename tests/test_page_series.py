"""Figures over time on the page: each is what a plain count says, in bins on the clock of any zone, without a gap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from scheduler.engine.timeline import Timeline
from scheduler.page import series as series_module
from scheduler.page.result import Result
from scheduler.page.series import base_of, series_of
from scheduler.page.told import Series
from scheduler.policy.zones import parse_zone
from tests.oracles import wall_clock
from tests.scenarios import Scene, any_scenes, performed
from tests.strategies import ZONES, Case, any_cases, at, number, played, simulated

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS  # the epoch was a Thursday
ODD_ZONES = (*ZONES, "Antarctica/Troll", "Asia/Tehran", "+05:30:15", "-18:00")


def result_of(timeline: Timeline) -> Result:
    """What the page is told from."""
    return Result(timeline, (), {})


def calls_of(timeline: Timeline) -> list[tuple[int, int]]:
    """When each call begins, and when it ends or the run does."""
    return [(dial.at, min(dial.at + dial.length_ms, timeline.until_ms)) for dial in timeline]


def busy_at(calls: list[tuple[int, int]], instant_ms: int) -> int:
    """How many lines calls hold at an instant."""
    return sum(begin <= instant_ms < end for begin, end in calls)


def numbers_by(timeline: Timeline, instant_ms: int) -> tuple[int, int, int]:
    """How many numbers were dialled, answered and done with before an instant, counted one by one."""
    dialled = {dial.job.index for dial in timeline if dial.at < instant_ms}
    answered = {dial.job.index for dial in timeline if dial.at < instant_ms and dial.outcome.value == "answered"}
    open_ = {
        job.index
        for job, ending in zip(timeline.jobs, timeline.endings(), strict=True)
        if ending.at is None or ending.at >= instant_ms
    }
    return len(dialled), len(answered), len({job.index for job in timeline.jobs} - open_)


def assert_counts_are_plain(timeline: Timeline, series: Series) -> None:
    """Holds the figures of each bin against a count of its own."""
    calls = calls_of(timeline)
    for place, (begin, end) in enumerate(zip(series.fromMs, series.untilMs, strict=True)):
        assert series.dials[place] == sum(begin <= dial.at < end for dial in timeline)
        held = sum(max(0, min(call[1], end) - max(call[0], begin)) for call in calls)
        assert abs(series.busyMean[place] - held / (end - begin)) < 0.0001
        looks = {begin, *(dial.at for dial in timeline if begin <= dial.at < end)}
        assert series.busyMost[place] == max(busy_at(calls, look) for look in looks)
        told = series.dialled[place], series.answered[place], series.done[place]
        assert told == numbers_by(timeline, end)


@given(any_scenes(), st.sampled_from(ODD_ZONES), st.integers(1, 60))
@settings(max_examples=25)
def test_every_figure_of_a_run_is_what_a_plain_count_says(scene: Scene, zone: str, bins: int) -> None:
    """R11.1: a line is held while it rings and while it talks; a number is done with when all of its jobs are."""
    timeline = performed(scene)

    series = series_of(result_of(timeline), timeline.now_ms, timeline.until_ms, bins, parse_zone(zone))

    assert_counts_are_plain(timeline, series)
    assert sum(series.dials) == len(timeline)


@given(
    any_cases(),
    st.sampled_from(ODD_ZONES),
    st.integers(-40 * DAY_MS, 40 * DAY_MS),
    st.integers(1, 90 * DAY_MS),
    st.integers(1, 300),
)
@settings(max_examples=40)
def test_bins_cover_any_span_without_a_gap_on_round_readings_of_the_clock(
    case: Case, zone: str, shift_ms: int, length_ms: int, bins: int
) -> None:
    """R4.2, R4.3: a bin lasts one step on the wall clock, or is cut where that jumps; the ends of the span cut too."""
    timeline = played(case)
    begin_ms, end_ms = timeline.now_ms + shift_ms, timeline.now_ms + shift_ms + length_ms

    series = series_of(result_of(timeline), begin_ms, end_ms, bins, parse_zone(zone))

    assert [series.fromMs[0], *series.untilMs] == [*series.fromMs, end_ms]
    assert series.fromMs[0] == begin_ms
    assert series.stepMs >= MINUTE_MS
    jumps = 0
    for before, begin in pairwise(series.fromMs):
        passed = wall_clock(zone, begin) - wall_clock(zone, begin - 1)
        if passed.total_seconds() != 0.001:
            jumps += 1
        else:
            of_day = wall_clock(zone, begin)
            since = of_day.toordinal() * DAY_MS - 719_163 * DAY_MS
            since += (of_day.hour * 3600 + of_day.minute * 60 + of_day.second) * 1000 + of_day.microsecond // 1000
            assert (since - (0 if series.stepMs % WEEK_MS else MONDAY_MS)) % series.stepMs == 0
        assert begin - before <= series.stepMs
    assert len(series.fromMs) <= bins + 1 + 2 * jumps


def test_a_day_on_which_the_clock_goes_back_is_two_bins_of_one_day_each_counted_once() -> None:
    """Europe/Berlin, 2026-10-25: the day is 25 hours long, and its bins are cut where the clock goes back."""
    numbers = [
        number(name, startDateTime=f"2026-10-25T{hour:02d}:30:00Z") for name, hour in zip("ABCD", range(4), strict=True)
    ]
    timeline = simulated(*numbers, now="2026-10-24T22:00", until="2026-10-25T23:00")

    series = series_of(
        result_of(timeline), at("2026-10-24T22:00"), at("2026-10-25T23:00"), 2, parse_zone("Europe/Berlin")
    )

    assert series.stepMs == DAY_MS
    assert series.untilMs == [at("2026-10-25T01:00"), at("2026-10-25T23:00")]
    assert series.dials == [1, 3]


def test_lines_of_a_day_are_told_as_the_most_that_there_are_in_a_bin() -> None:
    """R11.3: on the clock of the campaign, whatever clock the bins are on; without a limit there is none to tell."""
    lines = [{"from": "09:00", "lines": 3}, {"from": "18:00", "lines": 1}]
    timeline = simulated(number("A"), now="2026-03-02", until="2026-03-04", campaign={"maxSimultaneousCalls": lines})
    free = simulated(number("A"), now="2026-03-02", until="2026-03-04")
    span = at("2026-03-02"), at("2026-03-03")

    series = series_of(result_of(timeline), *span, 4, parse_zone("UTC"))

    assert series.stepMs == 6 * HOUR_MS
    assert series.lines == [1, 3, 3, 1]
    assert series_of(result_of(free), *span, 4, parse_zone("UTC")).lines == [None] * 4
    week = series_of(result_of(timeline), at("2026-03-01"), at("2026-03-29"), 4, parse_zone("UTC"))
    assert set(week.lines) == {3}


@given(any_scenes())
@settings(max_examples=25)
def test_the_base_of_a_file_tells_all_that_the_engine_counts(scene: Scene) -> None:
    """Where no bin is told, nothing happens; sums and last values are those of the run."""
    timeline = performed(scene)
    result = result_of(timeline)

    base = base_of(result)

    assert sum(base.dials) == len(timeline)
    assert sum(base.heldMs) == sum(end - begin for begin, end in calls_of(timeline))
    assert base.fromMs == sorted(set(base.fromMs))
    assert all(begin % base.stepMs == 0 for begin in base.fromMs)
    for place, begin in enumerate(base.fromMs):
        end = begin + base.stepMs
        told = base.dialled[place], base.answered[place], base.done[place]
        assert told == numbers_by(timeline, end)
        series = series_of(result, begin, end, 1, parse_zone("UTC"))
        assert (base.dials[place], base.busyMost[place]) == (series.dials[0], series.busyMost[0])
    if base.fromMs:
        assert numbers_by(timeline, timeline.until_ms + base.stepMs)[:2] == (base.dialled[-1], base.answered[-1])


def test_a_base_of_too_many_bins_has_longer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than about MAX_BASE bins lie in a file, and they tell the same dials."""
    numbers = [number(name, maxAttempts=50, retryIntervalInMinutes=7) for name in "ABC"]
    timeline = simulated(*numbers, now="2026-03-01", until="2026-03-09")
    fine = base_of(result_of(timeline))
    monkeypatch.setattr(series_module, "MAX_BASE", 10)

    base = base_of(result_of(timeline))

    assert (fine.stepMs, len(fine.fromMs)) == (MINUTE_MS, 51)
    assert base.stepMs % (15 * MINUTE_MS) == 0
    assert len(base.fromMs) <= 10
    assert sum(base.dials) == sum(fine.dials) == len(timeline)
