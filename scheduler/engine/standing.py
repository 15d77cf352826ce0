"""How each job stands: what is to come for it, or how it ended."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from scheduler.engine.columns import (
    ABANDONED,
    ANSWERED,
    NOT_ENDED,
    OUTCOME_MASK,
    REASONS,
    STATES,
    Columns,
    Reason,
)
from scheduler.engine.gates import FOREVER, SEARCH_MS
from scheduler.engine.queue import JOB_BITS, JOB_MASK
from scheduler.jobs import Job, JobState, Redial

NOTHING_PENDING = -(1 << 127)  # in place of an attempt to come: the job's call is in progress, or the job has ended

# How a job ends, as the columns have it.
Ending = tuple[int, int]


def _ending(state: JobState, reason: Reason) -> Ending:
    return STATES.index(state), REASONS.index(reason)


ANSWERED_WITH_RESULT = _ending(JobState.LONG_CALL_WITH_RESULT, Reason.ANSWERED)
ANSWERED_WITH_NO_RESULT = _ending(JobState.LONG_CALL_WITH_NO_RESULT, Reason.ANSWERED)
NO_SUCH_NUMBER = _ending(JobState.NONEXISTENT_NUMBER, Reason.NO_SUCH_NUMBER)
USED_UP = _ending(JobState.NO_ANSWER, Reason.ATTEMPTS_USED_UP)
LAST_FAILED = _ending(JobState.TECHNICAL_ERROR, Reason.ATTEMPTS_USED_UP)
PHONE_USED_UP = _ending(JobState.NO_ANSWER, Reason.PHONE_USED_UP)
PHONE_NEVER_DIALLED = _ending(JobState.NOT_DONE, Reason.PHONE_USED_UP)
NEVER_OPEN = _ending(JobState.NOT_DONE, Reason.NEVER_OPEN)
NO_WINDOW_BEFORE_FINISH = _ending(JobState.NOT_DONE, Reason.NO_WINDOW_BEFORE_FINISH)
NO_LINE_IN_TIME = _ending(JobState.NOT_DONE, Reason.NO_LINE_IN_TIME)
CANCELLED = _ending(JobState.CANCELLED_BY_USER, Reason.CANCELLED)
STOPPED = _ending(JobState.NOT_DONE, Reason.STOPPED)


class Standing:
    """The jobs of a run in order of arrival, and how each stands. A job is known by its place in that order.

    `numbers` is the index of each job's number, `made` counts its attempts, `pending` is the attempt to come (its
    place in the queue changes, this does not), `last_call` how the latest ended or will end, `finishes` holds the
    own finish of each job that has one. Of redials, `redial_numbers` are known by job, and `asked` holds what
    the call in progress of a job will have asked for. `cancelled` are jobs that end with their call in progress.
    """

    def __init__(self, max_attempts_per_phone: int | None) -> None:
        self.jobs: list[Job] = []
        self.numbers = array("I")
        self.made = bytearray()
        self.last_call = bytearray()
        self.pending: list[int] = []
        self.finishes: dict[int, int] = {}
        self.redial_numbers: dict[int, int] = {}
        self.asked: dict[int, Redial] = {}
        self.cancelled: set[int] = set()
        self.columns = Columns()
        self.phone_cap = max_attempts_per_phone
        self._first_jobs: dict[int, int] = {}  # of the numbers that have redials
        self._earlier_dials: dict[int, int] = {}  # of a redial's number, in all its series before
        self._phone_dials: dict[str, int] = {}
        self._jobs_of_phone: dict[str, list[int]] = {}

    def add(self, jobs: Sequence[Job], instant_ms: int) -> None:
        """Add jobs that arrive at an instant, behind all others, with nothing pending yet."""
        first, count = len(self.jobs), len(jobs)
        self.jobs += jobs
        self.numbers.extend([job.index for job in jobs])
        self.made.extend(bytes(count))
        self.last_call.extend(bytes(count))
        self.pending.extend([NOTHING_PENDING] * count)
        self.columns.add_jobs(count, instant_ms)
        if self.phone_cap is not None:
            for place, job in enumerate(jobs, first):
                self._jobs_of_phone.setdefault(job.phone, []).append(place)

    def add_redial(self, job: Job, of_place: int, instant_ms: int) -> int:
        """Add the job of a redial that the call of another job asked for; its place."""
        place = len(self.jobs)
        self.add([job], instant_ms)
        self.redial_numbers[place] = self.redial_numbers.get(of_place, 0) + 1
        self._first_jobs[place] = self.first_job(of_place)
        self._earlier_dials[place] = self.earlier_dials(of_place) + self.made[of_place]
        return place

    def first_job(self, place: int) -> int:
        """The place of the first job of a job's number."""
        return self._first_jobs.get(place, place)

    def earlier_dials(self, place: int) -> int:
        """How often a job's number was dialled in the series before."""
        return self._earlier_dials.get(place, 0) if self._earlier_dials else 0

    def end(self, place: int, ending: Ending, instant_ms: int) -> None:
        """End a job."""
        columns = self.columns
        columns.state[place], columns.reason[place] = ending
        columns.ended_at[place] = instant_ms

    def has_ended(self, place: int) -> bool:
        """Whether a job has ended."""
        return self.columns.ended_at[place] != NOT_ENDED

    def end_waiting(self, attempts: Iterable[tuple[int, int]]) -> None:
        """End the jobs of attempts that waited in vain: at the instant given, or when they had waited for SEARCH_MS."""
        for attempt, instant_ms in attempts:
            place = attempt & JOB_MASK
            if self.pending[place] == attempt:
                self.pending[place] = NOTHING_PENDING
                self.end(place, NO_LINE_IN_TIME, min(instant_ms, (attempt >> JOB_BITS) + SEARCH_MS))

    def strike_off(self, place: int, ending: Ending, instant_ms: int) -> bool:
        """End a job that waits, as of an instant; whether it was not over before."""
        over_ms = self._over_ms(place)
        if over_ms < instant_ms:
            # Its time was over before, which nobody had noticed as its turn had not come.
            self.end_waiting([(self.pending[place], over_ms)])
            return False
        self.pending[place] = NOTHING_PENDING
        self.end(place, ending, instant_ms)
        return True

    def talked(self, place: int) -> bool:
        """Whether the latest call of a job was, or will be, a conversation."""
        return self.last_call[place] & (OUTCOME_MASK | ABANDONED) == ANSWERED and bool(self.made[place])

    def still_waits(self, place: int, instant_ms: int) -> bool:
        """Whether the attempt to come of a job is not over at an instant; otherwise the job is ended as it was."""
        over_ms = self._over_ms(place)
        if over_ms > instant_ms:
            return True
        self.end_waiting([(self.pending[place], over_ms)])
        return False

    def phone_used_up(self, place: int) -> bool:
        """Whether the job's phone has had all its dials (R9.4)."""
        return self.phone_cap is not None and self._phone_dials.get(self.jobs[place].phone, 0) >= self.phone_cap

    def count_phone(self, place: int, instant_ms: int) -> None:
        """Count a dial of the job's phone; when it has none left, its waiting jobs end (R9.4)."""
        phone = self.jobs[place].phone
        self._phone_dials[phone] = self._phone_dials.get(phone, 0) + 1
        if self.phone_used_up(place):
            for other in self._jobs_of_phone[phone]:
                if self.pending[other] != NOTHING_PENDING:
                    # What finishes at the instant of a dial is over: intervals close before dials are placed (R8.5).
                    used_up = PHONE_USED_UP if self.made[other] else PHONE_NEVER_DIALLED
                    over = self._over_ms(other) <= instant_ms
                    self.strike_off(other, NO_LINE_IN_TIME if over else used_up, instant_ms)

    def _over_ms(self, place: int) -> int:
        """From when on the attempt to come of a job has no allowed instant left, its calendar's edges aside."""
        return min(self.finishes.get(place, FOREVER), (self.pending[place] >> JOB_BITS) + SEARCH_MS)

    def snapshot(self, instant_ms: int) -> Columns:
        """The columns as they are before an instant, with the states of the jobs that have not ended."""
        too_old = (instant_ms - SEARCH_MS) << JOB_BITS
        old = [attempt for attempt in self.pending if NOTHING_PENDING < attempt < too_old]
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
            ended = self.has_ended(place)
            assert (attempt == NOTHING_PENDING) == (ended or place in in_call)
            assert not (ended and place in in_call)
            assert attempt == NOTHING_PENDING or attempt & JOB_MASK == place
            assert self.made[place] <= self.jobs[place].policy.max_attempts
        assert len(self.columns.at) == sum(self.made)
        assert self.cancelled <= in_call
        assert self.asked.keys() <= in_call
