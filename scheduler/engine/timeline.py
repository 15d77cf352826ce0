"""What happened; every face reads a Timeline."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, overload

from scheduler.engine.columns import (
    ABANDONED,
    ANSWERED,
    NOT_ENDED,
    OUTCOME_MASK,
    OUTCOMES,
    REASONS,
    RESULT,
    STATES,
    Columns,
    Reason,
)
from scheduler.engine.gates import FOREVER
from scheduler.engine.lines import LineLimit
from scheduler.jobs import Campaign, Job, JobState, Outcome, Problem, UsageError, normal_form
from scheduler.policy.instants import SECOND_MS, Moment, format_instant, parse_moment

if TYPE_CHECKING:
    from scheduler.engine.explain import Explanation
    from scheduler.engine.obstacles import Obstacles
    from scheduler.engine.summary import Summary


class Dial(NamedTuple):
    """One placed attempt: at `at` (milliseconds), of a job, with its outcome and the time its line was held.

    `talk_ms` of `length_ms` are talk; `result` says whether the conversation had one, `abandoned` that it was
    answered and no agent was free in time.
    """

    at: int
    job: Job
    attempt: int
    redial_number: int | None
    outcome: Outcome
    length_ms: int
    talk_ms: int = 0
    result: bool = False
    abandoned: bool = False

    @property
    def seconds(self) -> int | float:
        """How long the line was held, in seconds; whole where it is."""
        return self.length_ms // SECOND_MS if self.length_ms % SECOND_MS == 0 else self.length_ms / SECOND_MS


class Ending(NamedTuple):
    """The state of a job at the end of the run; `at` (milliseconds) and `reason` where the job has ended."""

    state: JobState
    at: int | None
    reason: Reason | None


@dataclass(slots=True)
class History:
    """What was done to a campaign in a run: pauses as [from, until), lines and pace from an instant on, the stop."""

    pauses: list[tuple[int, int]] = field(default_factory=list)
    limits: list[tuple[int, LineLimit]] = field(default_factory=list)
    spacings: list[tuple[int, int]] = field(default_factory=list)
    stopped_at: int | None = None

    def copy(self) -> History:
        """The same, apart from this."""
        return History(self.pauses[:], self.limits[:], self.spacings[:], self.stopped_at)

    def paused_at(self, instant_ms: int) -> bool:
        """Whether the campaign is paused at an instant."""
        return any(begin_ms <= instant_ms < end_ms for begin_ms, end_ms in self.pauses)

    def limit_at(self, instant_ms: int) -> LineLimit:
        """The lines that hold at an instant."""
        place = bisect_left(self.limits, instant_ms + 1, key=lambda each: each[0]) - 1
        return self.limits[max(place, 0)][1]

    def spacing_at(self, instant_ms: int) -> tuple[int, int]:
        """The least time between dials that holds at an instant, and when the next one was set (FOREVER: never)."""
        place = bisect_left(self.spacings, instant_ms + 1, key=lambda each: each[0])
        changed_ms = self.spacings[place][0] if place < len(self.spacings) else FOREVER
        return self.spacings[max(place - 1, 0)][1], changed_ms


class Timeline(Sequence[Dial]):
    """The dials of a run, in the order in which they are placed, and how each job ended.

    22 bytes a dial in memory; a Dial is made when it is asked for. `jobs` are in order of arrival, redials
    among them.

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
        history: History,
        *,
        warnings: tuple[Problem, ...],
        now_ms: int,
        until_ms: int,
    ) -> None:
        self.campaign = campaign
        self.jobs = jobs
        self.history = history
        self.warnings = warnings
        self.now_ms = now_ms
        self.until_ms = until_ms
        self.columns = columns
        self._dials_of: tuple[array[int], array[int]] | None = None

    def __len__(self) -> int:
        return len(self.columns.at)

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
        columns = self.columns
        job = self.jobs[columns.job[place]]
        code = columns.outcome[place]
        return Dial(
            columns.at[place],
            job,
            columns.attempt[place],
            job.redial_number,
            OUTCOMES[code & OUTCOME_MASK],
            columns.length_ms[place],
            columns.talk_ms[place],
            bool(code & RESULT),
            bool(code & ABANDONED),
        )

    # -- slices ------------------------------------------------------------------------------------------

    def between(self, begin: Moment, end: Moment) -> list[Dial]:
        """The dials of [begin, end). O(log n), and the dials."""
        at = self.columns.at
        return self[bisect_left(at, parse_moment(begin)) : bisect_left(at, parse_moment(end))]

    def of_job(self, index: int) -> list[Dial]:
        """The dials of the number with an index, its redials' among them. O(n)."""
        places = self.places.get(index, ())
        return [self._dial(dial) for dial in sorted(dial for place in places for dial in self.dials_at(place))]

    def of_phone(self, phone: str) -> list[Dial]:
        """The dials of a phone, over all its jobs. O(n)."""
        digits = normal_form(phone)
        places = [place for place, job in enumerate(self.jobs) if job.phone == digits]
        return [self._dial(dial) for dial in sorted(dial for place in places for dial in self.dials_at(place))]

    @cached_property
    def places(self) -> dict[int, list[int]]:
        """The places among `jobs` of each number's jobs, by its index, in order of arrival."""
        found: dict[int, list[int]] = {}
        for place, job in enumerate(self.jobs):
            found.setdefault(job.index, []).append(place)
        return found

    def index_dials(self) -> None:
        """Note which dials are whose, for who asks of many jobs: 12 bytes a dial. O(n log n)."""
        column = self.columns.job
        order = array("I", sorted(range(len(column)), key=column.__getitem__))
        counts = Counter(column)
        self._dials_of = order, array("Q", accumulate((counts[place] for place in range(len(self.jobs))), initial=0))

    def dials_at(self, place: int) -> Iterator[int]:
        """The places among the dials of those of one job, by its place among `jobs`. O(n), if they are not indexed."""
        if self._dials_of is not None:
            order, starts = self._dials_of
            yield from order[starts[place] : starts[place + 1]]
            return
        column = self.columns.job
        start = 0
        for _ in range(column.count(place)):
            start = column.index(place, start) + 1
            yield start - 1

    # -- states ------------------------------------------------------------------------------------------

    def endings(self) -> Iterator[Ending]:
        """How each job stands at the end of the run, in order of arrival."""
        return map(self.ending, range(len(self.jobs)))

    def ending(self, place: int) -> Ending:
        """How the job at a place among `jobs` stands at the end of the run."""
        columns = self.columns
        ended_at = columns.ended_at[place]
        if ended_at == NOT_ENDED:
            return Ending(STATES[columns.state[place]], None, None)
        return Ending(STATES[columns.state[place]], ended_at, REASONS[columns.reason[place]])

    def state(self, place: int, at: Moment) -> JobState | None:
        """The state of the job at a place among `jobs`, as `states` has it. O(n)."""
        return self.states(at)[place]

    def states(self, at: Moment | None = None) -> list[JobState | None]:
        """The state of each job in order of arrival, before anything of an instant happens; None before it arrives.

        Without an instant, at the end of the run, with what was commanded there. O(dials + jobs). Raises UsageError
        for an instant outside the run.
        """
        columns = self.columns
        if at is None:
            return [STATES[state] for state in columns.state]
        at_ms = parse_moment(at)
        if not self.now_ms <= at_ms <= self.until_ms:
            raise UsageError(f"{format_instant(at_ms)} lies outside the run, up to {format_instant(self.until_ms)}")
        made = bytearray(len(self.jobs))
        call_ends = array("q", (NOT_ENDED,)) * len(self.jobs)
        for dial in range(bisect_left(columns.at, at_ms)):
            place = columns.job[dial]
            made[place] = 1
            call_ends[place] = columns.at[dial] + columns.length_ms[dial]
        states: list[JobState | None] = []
        for place, ended_at in enumerate(columns.ended_at):
            if NOT_ENDED < ended_at < at_ms:
                states.append(STATES[columns.state[place]])
            elif call_ends[place] >= at_ms:
                states.append(JobState.IN_PROCESS)
            elif made[place]:
                states.append(JobState.ON_RETRY)
            else:
                # What is there when the run begins, is there before anything happens.
                arrived = columns.arrived_at[place] < at_ms or at_ms == self.now_ms == columns.arrived_at[place]
                states.append(JobState.PLANNED if arrived else None)
        return states

    def counts(self, at: Moment | None = None) -> dict[JobState, int]:
        """How many jobs are in each state, as `states` has them."""
        counted = Counter(state for state in self.states(at) if state is not None)
        return {state: counted[state] for state in STATES if counted[state]}

    def answered_numbers(self) -> int:
        """How many numbers were answered, in any of their jobs."""
        columns = self.columns
        places = {
            place for place, code in zip(columns.job, columns.outcome, strict=True) if code & OUTCOME_MASK == ANSWERED
        }
        return len({self.jobs[place].index for place in places})

    # -- figures and reasons -----------------------------------------------------------------------------

    @cached_property
    def obstacles(self) -> Obstacles:
        """What held jobs back, at any time."""
        from scheduler.engine.obstacles import Obstacles  # noqa: PLC0415 - it reads timelines

        return Obstacles(self)

    def summary(self) -> Summary:
        """Count what happened. A few microseconds a dial."""
        from scheduler.engine.summary import summarise  # noqa: PLC0415 - it reads timelines

        return summarise(self)

    def explain(self, job: int, at: Moment | None = None) -> Explanation:
        """Why the number with an index was dialled when it was, and at an instant, why not. See explain.py."""
        from scheduler.engine.explain import explain  # noqa: PLC0415 - it reads timelines

        return explain(self, job, at)
