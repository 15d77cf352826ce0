"""What happened, in columns; every face reads a Timeline."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, overload

from scheduler.jobs import Campaign, Job, JobState, Outcome, Problem
from scheduler.policy.instants import HOUR_MS, SECOND_MS

OUTCOMES = tuple(Outcome)


class Dial(NamedTuple):
    """One placed attempt: at `at` (milliseconds), of a job, with its outcome and the time its line was held."""

    at: int
    job: Job
    attempt: int
    redial_number: int | None
    outcome: Outcome
    length_ms: int

    @property
    def seconds(self) -> int | float:
        """How long the line was held, in seconds; whole where it is."""
        return self.length_ms // SECOND_MS if self.length_ms % SECOND_MS == 0 else self.length_ms / SECOND_MS


class Reason(StrEnum):
    """Why a job ended as it did."""

    ATTEMPTS_USED_UP = "attemptsUsedUp"
    PHONE_USED_UP = "phoneAttemptsUsedUp"
    NEVER_OPEN = "neverOpen"
    NO_WINDOW_BEFORE_FINISH = "noWindowBeforeFinish"
    NO_LINE_IN_TIME = "noLineInTime"


class Ending(NamedTuple):
    """The state of a job at the end of the run; `at` (milliseconds) and `reason` where the job has ended."""

    state: JobState
    at: int | None
    reason: Reason | None


NOT_ENDED = -(1 << 62)
STATES = tuple(JobState)
REASONS = tuple(Reason)


class Columns:
    """The columns of a timeline: dials in the order they are placed, jobs in order of arrival."""

    __slots__ = ("at", "attempt", "ended_at", "job", "length_ms", "outcome", "reason", "state")

    def __init__(self) -> None:
        self.at = array("q")
        self.job = array("I")
        self.attempt = array("B")
        self.outcome = array("B")
        self.length_ms = array("I")
        self.state = array("B")
        self.reason = array("B")
        self.ended_at = array("q")

    def add_jobs(self, count: int) -> None:
        """Add jobs that have not ended."""
        self.state.extend(bytes(count))
        self.reason.extend(bytes(count))
        self.ended_at.extend([NOT_ENDED] * count)

    def add_dials(self, at: int, jobs: list[int], attempts: list[int], outcome: int, length_ms: int) -> None:
        """Add dials of one instant that are placed after all others, and end alike."""
        count = len(jobs)
        self.at += array("q", (at,)) * count
        self.job.fromlist(jobs)
        self.attempt.fromlist(attempts)
        self.outcome += array("B", (outcome,)) * count
        self.length_ms += array("I", (length_ms,)) * count

    def copy(self) -> Columns:
        """The same columns, apart from these."""
        copied = Columns()
        for name in self.__slots__:
            setattr(copied, name, getattr(self, name)[:])
        return copied


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a timeline; instants are in milliseconds.

    `undialled` gives the jobs that ended without a dial, by the reason for it; `cut_short` those that were
    dialled and ended before their last attempt. `unfinished` counts those that have not ended.
    `busiest_hour` is the beginning of the first clock hour of UTC with the most dials.
    """

    jobs: int
    dialled: int
    dials: int
    first_dial: int | None
    last_dial: int | None
    busiest_hour: int | None
    busiest_hour_dials: int
    undialled: dict[Reason, list[Job]]
    cut_short: dict[Reason, list[Job]]
    unfinished: int


class Timeline(Sequence[Dial]):
    """The dials of a run, in the order in which they are placed, and how each job ended.

    18 bytes a dial in memory; a Dial is made when it is asked for.

    >>> from scheduler.engine.simulation import simulate
    >>> from scheduler.intake.request import read_request
    >>> campaign = Campaign()
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "Z", "maxAttempts": 2}]', campaign).jobs
    >>> timeline = simulate(campaign, jobs, now="2026-03-02T09:00:00Z")
    >>> len(timeline), timeline[-1].attempt, timeline.summary().dialled
    (2, 2, 1)
    """

    def __init__(
        self,
        campaign: Campaign,
        jobs: Sequence[Job],
        columns: Columns,
        *,
        warnings: tuple[Problem, ...],
        now_ms: int,
        until_ms: int,
    ) -> None:
        self.campaign = campaign
        self.jobs = jobs
        self.warnings = warnings
        self.now_ms = now_ms
        self.until_ms = until_ms
        self._columns = columns

    def __len__(self) -> int:
        return len(self._columns.at)

    @overload
    def __getitem__(self, place: int) -> Dial: ...
    @overload
    def __getitem__(self, place: slice) -> list[Dial]: ...
    def __getitem__(self, place: int | slice) -> Dial | list[Dial]:
        if isinstance(place, slice):
            return [self._dial(each) for each in range(*place.indices(len(self)))]
        return self._dial(range(len(self))[place])

    def __iter__(self) -> Iterator[Dial]:
        return map(self._dial, range(len(self)))

    def _dial(self, place: int) -> Dial:
        columns = self._columns
        return Dial(
            columns.at[place],
            self.jobs[columns.job[place]],
            columns.attempt[place],
            None,
            OUTCOMES[columns.outcome[place]],
            columns.length_ms[place],
        )

    def endings(self) -> Iterator[Ending]:
        """How each job stands at the end of the run, in order of arrival."""
        columns = self._columns
        for place, (state, reason) in enumerate(zip(columns.state, columns.reason, strict=True)):
            ended_at = columns.ended_at[place]
            ended = ended_at != NOT_ENDED
            yield Ending(STATES[state], ended_at if ended else None, REASONS[reason] if ended else None)

    def summary(self) -> Summary:
        """Count what happened. O(dials + jobs)."""
        columns = self._columns
        hours = Counter(at // HOUR_MS for at in columns.at)
        busiest = min(hours, key=lambda hour: (-hours[hour], hour), default=None)
        dialled = set(columns.job)
        ended = [place for place, ended_at in enumerate(columns.ended_at) if ended_at != NOT_ENDED]
        undialled: dict[Reason, list[Job]] = {}
        cut_short: dict[Reason, list[Job]] = {}
        for place in ended:
            reason = REASONS[columns.reason[place]]
            if place not in dialled:
                undialled.setdefault(reason, []).append(self.jobs[place])
            elif reason is not Reason.ATTEMPTS_USED_UP:
                cut_short.setdefault(reason, []).append(self.jobs[place])
        return Summary(
            jobs=len(self.jobs),
            dialled=len(dialled),
            dials=len(self),
            first_dial=columns.at[0] if columns.at else None,
            last_dial=columns.at[-1] if columns.at else None,
            busiest_hour=None if busiest is None else busiest * HOUR_MS,
            busiest_hour_dials=0 if busiest is None else hours[busiest],
            undialled=undialled,
            cut_short=cut_short,
            unfinished=len(self.jobs) - len(ended),
        )
