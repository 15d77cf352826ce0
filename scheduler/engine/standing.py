"""How each job stands: what is to come for it, or how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.engine.gates import FOREVER, SEARCH_MS
from scheduler.engine.queue import JOB_BITS, JOB_MASK
from scheduler.engine.timeline import NOT_ENDED, REASONS, STATES, Columns, Reason
from scheduler.jobs import Job, JobState

NOTHING_PENDING = -1  # in place of an attempt to come: the job's call is in progress, or the job has ended

# How a job ends, as the columns have it.
Ending = tuple[int, int]
USED_UP: Ending = STATES.index(JobState.NO_ANSWER), REASONS.index(Reason.ATTEMPTS_USED_UP)
PHONE_USED_UP: Ending = STATES.index(JobState.NO_ANSWER), REASONS.index(Reason.PHONE_USED_UP)
PHONE_NEVER_DIALLED: Ending = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.PHONE_USED_UP)
NEVER_OPEN: Ending = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NEVER_OPEN)
NO_WINDOW_BEFORE_FINISH: Ending = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NO_WINDOW_BEFORE_FINISH)
NO_LINE_IN_TIME: Ending = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NO_LINE_IN_TIME)


class Standing:
    """The jobs of a run in order of arrival, and how each stands. A job is known by its place in that order.

    `made` counts its attempts, `pending` is the attempt to come (its place in the queue changes, this does
    not), `finishes` holds the own finish of each job that has one.
    """

    def __init__(self, max_attempts_per_phone: int | None) -> None:
        self.jobs: list[Job] = []
        self.made = bytearray()
        self.pending: list[int] = []
        self.finishes: dict[int, int] = {}
        self.columns = Columns()
        self.phone_cap = max_attempts_per_phone
        self._phone_dials: dict[str, int] = {}
        self._jobs_of_phone: dict[str, list[int]] = {}

    def add(self, jobs: Sequence[Job]) -> None:
        """Add jobs, behind all others, with nothing pending yet."""
        first, count = len(self.jobs), len(jobs)
        self.jobs += jobs
        self.made.extend(bytes(count))
        self.pending.extend([NOTHING_PENDING] * count)
        self.columns.add_jobs(count)
        if self.phone_cap is not None:
            for place, job in enumerate(jobs, first):
                self._jobs_of_phone.setdefault(job.phone, []).append(place)

    def end(self, place: int, ending: Ending, instant_ms: int) -> None:
        """End a job."""
        columns = self.columns
        columns.state[place], columns.reason[place] = ending
        columns.ended_at[place] = instant_ms

    def end_waiting(self, attempts: Iterable[tuple[int, int]]) -> None:
        """End the jobs of attempts that waited in vain: at the instant given, or when they had waited for SEARCH_MS."""
        for attempt, instant_ms in attempts:
            place = attempt & JOB_MASK
            if self.pending[place] == attempt:
                self.pending[place] = NOTHING_PENDING
                self.end(place, NO_LINE_IN_TIME, min(instant_ms, (attempt >> JOB_BITS) + SEARCH_MS))

    def phone_used_up(self, place: int) -> bool:
        """Whether the job's phone has had all its dials (R9.4)."""
        return self.phone_cap is not None and self._phone_dials.get(self.jobs[place].phone, 0) >= self.phone_cap

    def count_phone(self, place: int, instant_ms: int) -> None:
        """Count a dial of the job's phone; when it has none left, its waiting jobs end (R9.4)."""
        phone = self.jobs[place].phone
        self._phone_dials[phone] = self._phone_dials.get(phone, 0) + 1
        if self.phone_used_up(place):
            for other in self._jobs_of_phone[phone]:
                attempt = self.pending[other]
                if attempt == NOTHING_PENDING:
                    continue
                over_ms = min(self.finishes.get(other, FOREVER), (attempt >> JOB_BITS) + SEARCH_MS)
                if over_ms <= instant_ms:
                    # Its time was over before, which nobody had noticed as its turn had not come.
                    self.end_waiting([(attempt, over_ms)])
                else:
                    self.pending[other] = NOTHING_PENDING
                    self.end(other, PHONE_USED_UP if self.made[other] else PHONE_NEVER_DIALLED, instant_ms)

    def snapshot(self, instant_ms: int) -> Columns:
        """The columns as they are before an instant, with the states of the jobs that have not ended."""
        too_old = (instant_ms - SEARCH_MS) << JOB_BITS
        old = [attempt for attempt in self.pending if attempt < too_old and attempt != NOTHING_PENDING]
        self.end_waiting((attempt, instant_ms) for attempt in old)
        columns = self.columns.copy()
        for place, ended_at in enumerate(columns.ended_at):
            if ended_at == NOT_ENDED:
                waiting = JobState.ON_RETRY if self.made[place] else JobState.PLANNED
                in_call = self.pending[place] == NOTHING_PENDING
                columns.state[place] = STATES.index(JobState.IN_PROCESS if in_call else waiting)
        return columns

    def check(self, in_call: set[int]) -> None:
        """Assert every invariant, given the jobs whose calls are in progress; for tests."""
        for place, attempt in enumerate(self.pending):
            ended = self.columns.ended_at[place] != NOT_ENDED
            assert (attempt == NOTHING_PENDING) == (ended or place in in_call)
            assert not (ended and place in in_call)
            assert attempt == NOTHING_PENDING or attempt & JOB_MASK == place
            assert self.made[place] <= self.jobs[place].policy.max_attempts
        assert len(self.columns.at) == sum(self.made)
