"""What happened, as columns: dials in the order they are placed, jobs in order of arrival."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from enum import StrEnum

from scheduler.jobs import JobState, Outcome

OUTCOMES = tuple(Outcome)
ANSWERED, NO_ANSWER, BUSY, FAILED, NONEXISTENT = range(len(OUTCOMES))
OUTCOME_MASK = 7
RESULT = 8  # beside ANSWERED: the conversation had a result
ABANDONED = 16  # beside ANSWERED: no agent was free in time
NOT_ENDED = -(1 << 62)


class Reason(StrEnum):
    """Why a job ended as it did."""

    ANSWERED = "answered"
    NO_SUCH_NUMBER = "nonexistentNumber"
    ATTEMPTS_USED_UP = "attemptsUsedUp"
    PHONE_USED_UP = "phoneAttemptsUsedUp"
    NEVER_OPEN = "neverOpen"
    NO_WINDOW_BEFORE_FINISH = "noWindowBeforeFinish"
    NO_LINE_IN_TIME = "noLineInTime"
    CANCELLED = "cancelled"
    STOPPED = "campaignStopped"


STATES = tuple(JobState)
REASONS = tuple(Reason)


class Columns:
    """The columns of a timeline. A dial takes 22 bytes, a job 18.

    Of a dial: when it was placed, the place of its job, its attempt, its outcome (with RESULT, ABANDONED or neither),
    how long its line was held, and how much of that was talk. Of a job: when it arrived, its state, and why and
    when it ended (NOT_ENDED). Instants and lengths are in milliseconds.
    """

    __slots__ = ("arrived_at", "at", "attempt", "ended_at", "job", "length_ms", "outcome", "reason", "state", "talk_ms")

    def __init__(self) -> None:
        self.at = array("q")
        self.job = array("I")
        self.attempt = array("B")
        self.outcome = array("B")
        self.length_ms = array("I")
        self.talk_ms = array("I")
        self.arrived_at = array("q")
        self.state = array("B")
        self.reason = array("B")
        self.ended_at = array("q")

    def add_jobs(self, count: int, arrived_at: int) -> None:
        """Add jobs that have not ended."""
        self.arrived_at += array("q", (arrived_at,)) * count
        self.state.extend(bytes(count))
        self.reason.extend(bytes(count))
        self.ended_at += array("q", (NOT_ENDED,)) * count

    def add_alike(self, at: int, jobs: Sequence[int], attempts: Sequence[int], outcome: int, length_ms: int) -> None:
        """Add dials of one instant that are placed after all others, and end alike, without talk."""
        count = len(jobs)
        self.at += array("q", (at,)) * count
        self.job.extend(jobs)
        self.attempt.extend(attempts)
        self.outcome += array("B", (outcome,)) * count
        self.length_ms += array("I", (length_ms,)) * count
        self.talk_ms.frombytes(bytes(self.talk_ms.itemsize * count))

    def add(self, at: int, jobs: Sequence[int], attempts: Sequence[int], calls: tuple[list[int], ...]) -> None:
        """Add dials of one instant that are placed after all others; `calls` are outcomes, lengths and talks."""
        outcomes, lengths, talks = calls
        self.at += array("q", (at,)) * len(jobs)
        self.job.extend(jobs)
        self.attempt.extend(attempts)
        self.outcome.extend(outcomes)
        self.length_ms.extend(lengths)
        self.talk_ms.extend(talks)

    def copy(self) -> Columns:
        """The same columns, apart from these."""
        copied = Columns()
        for name in self.__slots__:
            setattr(copied, name, getattr(self, name)[:])
        return copied
