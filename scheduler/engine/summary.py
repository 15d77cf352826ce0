"""The figures of a timeline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from scheduler.engine.columns import ABANDONED, ANSWERED, NOT_ENDED, OUTCOME_MASK, REASONS, Reason
from scheduler.engine.timeline import Timeline
from scheduler.engine.waiting import waiting_ms
from scheduler.jobs import Job, JobState
from scheduler.policy.instants import HOUR_MS

COMPLETE = frozenset({Reason.ANSWERED, Reason.NO_SUCH_NUMBER, Reason.ATTEMPTS_USED_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long dials waited for a line, pacing or agents, closed windows and pauses aside; in ms, over all dials."""

    mean_ms: float
    p95_ms: int
    longest_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a timeline; instants and spans are in milliseconds.

    `abandoned` of the `answers` found no agent free in time (None without agents); laws bound
    `abandoned_of_answers`, older ones `abandoned_of_dials`. A redial is a job of its own, but of the same number:
    `numbers` counts without them, `jobs` with them. `reach` is the share of numbers that were answered.
    `busiest_hour` is the beginning of the first clock hour of UTC with the most dials, `lines_busy` the mean number of
    lines that calls held in each hour with one, by its beginning. `time_to_last_dial_ms` counts from the beginning of
    the run.
    `undialled` gives the jobs that ended without a dial, by the reason for it; `cut_short` those that were
    dialled and ended before their last attempt, unanswered. `unfinished` counts those that have not ended, `states`
    all jobs by state.
    """

    numbers: int
    jobs: int
    dialled: int
    dials: int
    answers: int
    abandoned: int | None
    reach: float
    attempts_per_number: float
    first_dial: int | None
    last_dial: int | None
    time_to_last_dial_ms: int | None
    busiest_hour: int | None
    busiest_hour_dials: int
    waiting: Waiting
    lines_busy: dict[int, float]
    states: dict[JobState, int]
    undialled: dict[Reason, list[Job]]
    cut_short: dict[Reason, list[Job]]
    unfinished: int

    @property
    def abandoned_of_answers(self) -> float:
        """The share of answered calls that were abandoned."""
        return self.abandoned / self.answers if self.abandoned else 0.0

    @property
    def abandoned_of_dials(self) -> float:
        """The share of all dials that were answered and abandoned."""
        return self.abandoned / self.dials if self.abandoned else 0.0


def summarise(timeline: Timeline) -> Summary:
    """Count what happened in a run. A few microseconds a dial."""
    columns, jobs = timeline.columns, timeline.jobs
    hours = Counter(at // HOUR_MS for at in columns.at)
    busiest = min(hours, key=lambda hour: (-hours[hour], hour), default=None)
    dialled = Counter(columns.job)
    ended = [place for place, ended_at in enumerate(columns.ended_at) if ended_at != NOT_ENDED]
    undialled: dict[Reason, list[Job]] = {}
    cut_short: dict[Reason, list[Job]] = {}
    for place in ended:
        reason = REASONS[columns.reason[place]]
        if place not in dialled:
            undialled.setdefault(reason, []).append(jobs[place])
        elif reason not in COMPLETE and dialled[place] < jobs[place].policy.max_attempts:
            cut_short.setdefault(reason, []).append(jobs[place])
    numbers = sum(job.redial is None for job in jobs)
    dials = len(timeline)
    last_dial = columns.at[-1] if dials else None
    return Summary(
        numbers=numbers,
        jobs=len(jobs),
        dialled=len(dialled),
        dials=dials,
        answers=sum(code & OUTCOME_MASK == ANSWERED for code in columns.outcome),
        abandoned=None if timeline.campaign.agents is None else sum(code & ABANDONED != 0 for code in columns.outcome),
        reach=timeline.answered_numbers() / numbers if numbers else 0.0,
        attempts_per_number=dials / numbers if numbers else 0.0,
        first_dial=columns.at[0] if dials else None,
        last_dial=last_dial,
        time_to_last_dial_ms=None if last_dial is None else last_dial - timeline.now_ms,
        busiest_hour=None if busiest is None else busiest * HOUR_MS,
        busiest_hour_dials=0 if busiest is None else hours[busiest],
        waiting=_waiting(timeline),
        lines_busy=_lines_busy(timeline),
        states=timeline.counts(),
        undialled=undialled,
        cut_short=cut_short,
        unfinished=len(jobs) - len(ended),
    )


def _waiting(timeline: Timeline) -> Waiting:
    waits = sorted(waiting_ms(timeline))
    if not waits:
        return Waiting(mean_ms=0.0, p95_ms=0, longest_ms=0)
    return Waiting(
        mean_ms=sum(waits) / len(waits), p95_ms=waits[(len(waits) * 95 + 99) // 100 - 1], longest_ms=waits[-1]
    )


def _lines_busy(timeline: Timeline) -> dict[int, float]:
    """The mean number of lines that calls held in each clock hour of UTC, up to the end of the run."""
    held: Counter[int] = Counter()
    for at_ms, length_ms in zip(timeline.columns.at, timeline.columns.length_ms, strict=True):
        end_ms = min(at_ms + length_ms, timeline.until_ms)
        hour = at_ms // HOUR_MS
        while (hour + 1) * HOUR_MS < end_ms:
            held[hour] += (hour + 1) * HOUR_MS - max(at_ms, hour * HOUR_MS)
            hour += 1
        held[hour] += end_ms - max(at_ms, hour * HOUR_MS)
    return {hour * HOUR_MS: held[hour] / HOUR_MS for hour in sorted(held) if held[hour]}
