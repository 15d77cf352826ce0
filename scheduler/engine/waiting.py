"""How long each dial waited for a line: from its due to its dial; closed windows, pauses and laws aside."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate

from scheduler.engine.lawful import parts_for
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Campaign, Job
from scheduler.policy.calendar import Calendar
from scheduler.policy.levels import Level, ResolvedDates, resolve_dates


def first_due(campaign: Campaign, job: Job, arrived_ms: int) -> tuple[int, ResolvedDates]:
    """When the first attempt of a job that arrives at an instant is due, and its dates (R5.2, R5.3)."""
    dates = resolve_dates(campaign.dates, job.dates)
    if job.redial is not None:
        # The bounds of a redial's job are its own, save a finish that it has from the number (R6.2).
        if dates.start_level is Level.NUMBER:
            dates = dates._replace(start_level=Level.REDIAL)
        if dates.finish_level is Level.NUMBER and job.redial.asked.dates.finish_ms is not None:
            dates = dates._replace(finish_level=Level.REDIAL)
    return arrived_ms if dates.start_ms is None else max(arrived_ms, dates.start_ms), dates


def next_due(campaign: Campaign, job: Job, dialled_ms: int, end_ms: int) -> int:
    """When a job is due again after a call (R9.2)."""
    if campaign.readings.retry_from == "start":
        return max(end_ms, dialled_ms + job.policy.retry_ms)
    return end_ms + job.policy.retry_ms


class OpenTime:
    """How much of a span a calendar is open and its campaign not paused; O(log n) a question."""

    def __init__(self, calendar: Calendar, pauses: list[tuple[int, int]]) -> None:
        opens: list[int] = []
        closes: list[int] = []
        for begin_ms, end_ms in calendar:
            for pause_ms, resume_ms in pauses:
                if pause_ms >= end_ms or resume_ms <= begin_ms:
                    continue
                if pause_ms > begin_ms:
                    opens.append(begin_ms)
                    closes.append(pause_ms)
                begin_ms = resume_ms  # noqa: PLW2901 - what is left of the interval
            if begin_ms < end_ms:
                opens.append(begin_ms)
                closes.append(end_ms)
        self._opens = opens
        self._closes = closes
        self._before = [0, *accumulate(close - open_ for open_, close in zip(opens, closes, strict=True))]

    def until(self, instant_ms: int) -> int:
        """The open time before an instant."""
        place = bisect_right(self._opens, instant_ms) - 1
        if place < 0:
            return 0
        return self._before[place] + min(instant_ms, self._closes[place]) - self._opens[place]

    def between(self, begin_ms: int, end_ms: int) -> int:
        """The open time of a span."""
        return self.until(end_ms) - self.until(begin_ms)


def waiting_ms(timeline: Timeline) -> array[int]:
    """How long each dial waited for a line (or for pacing), in milliseconds, in order of dials. About 2 µs a dial."""
    columns, campaign, jobs = timeline.columns, timeline.campaign, timeline.jobs
    due: dict[int, int] = {}
    open_times: dict[tuple[int, int, int], OpenTime] = {}  # by the identity of what decides it, which jobs share
    waits = array("q")
    for dial, at_ms in enumerate(columns.at):
        place = columns.job[dial]
        job = jobs[place]
        due_ms = due.get(place)
        if due_ms is None:
            due_ms = first_due(campaign, job, columns.arrived_at[place])[0]
        if due_ms == at_ms:
            waits.append(0)
        else:
            key = id(job.policy), id(job.zone), id(job.legal)
            open_time = open_times.get(key)
            if open_time is None:
                calendar = job.allowed(campaign.closed_dates).calendar(timeline.now_ms, columns.at[-1] + 1)
                open_time = open_times[key] = OpenTime(calendar, timeline.history.pauses)
            if parts_for(job):
                spans = timeline.obstacles.phone_calls.spans(job, due_ms, at_ms)
                waits.append(sum(open_time.between(begin, end) for begin, end, hold in spans if hold is None))
            else:
                waits.append(open_time.between(due_ms, at_ms))
        due[place] = next_due(campaign, job, at_ms, at_ms + columns.length_ms[dial])
    return waits
