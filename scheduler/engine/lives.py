"""The lives of jobs: how they arrive, what follows from the end of each call, how they end (R9, R10, R12.4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from copy import copy
from heapq import heappush

from scheduler.engine.columns import ABANDONED, ANSWERED, BUSY, FAILED, NO_ANSWER, NONEXISTENT, OUTCOME_MASK, RESULT
from scheduler.engine.coming import Coming
from scheduler.engine.gates import FOREVER, Gate
from scheduler.engine.lawful import Lawful, Phone, counts, least_of, parts_for
from scheduler.engine.queue import JOB_BITS, Lane
from scheduler.engine.redials import Redials
from scheduler.engine.standing import (
    ANSWERED_WITH_NO_RESULT,
    ANSWERED_WITH_RESULT,
    CANCELLED,
    LAST_FAILED,
    NEVER_OPEN,
    NO_SUCH_NUMBER,
    NO_WINDOW_BEFORE_FINISH,
    NOTHING_PENDING,
    PHONE_NEVER_DIALLED,
    PHONE_USED_UP,
    STOPPED,
    USED_UP,
    Ending,
    Standing,
)
from scheduler.engine.windows import Windows
from scheduler.jobs import Campaign, Job, Redial
from scheduler.policy.laws.frequency import held_again, next_allowed
from scheduler.policy.levels import NO_DATES, Level, resolve_dates

# How a job ends with its last call.
ENDED_BY = {
    ANSWERED: ANSWERED_WITH_NO_RESULT,
    ANSWERED | ABANDONED: ANSWERED_WITH_NO_RESULT,
    ANSWERED | RESULT: ANSWERED_WITH_RESULT,
    NONEXISTENT: NO_SUCH_NUMBER,
    NO_ANSWER: USED_UP,
    BUSY: USED_UP,
    FAILED: LAST_FAILED,
}


class Plan:
    """What jobs of the same policy and calendar have in common."""

    __slots__ = (
        "_for_shared",
        "coming",
        "due_ms",
        "gate",
        "lane",
        "least",
        "max_attempts",
        "parts",
        "reachable",
        "retry_ms",
        "unheld",
        "watched",
    )

    def __init__(self, lane: Lane, job: Job, coming: deque[int]) -> None:
        self.lane = lane
        self.gate = lane.gate
        self.max_attempts = job.policy.max_attempts
        self.retry_ms = job.policy.retry_ms
        self.coming = coming  # the queue of the attempts that follow such a pause
        self.due_ms = -FOREVER
        self.reachable = False
        self.watched = counts(job)
        self.parts = parts_for(job)
        # After fewer attempts than this, no law holds the next one back, if the phone has no other job.
        self.least = least_of(job)
        self.unheld = min(self.max_attempts, self.least)
        self._for_shared: Plan | None = None

    def for_shared(self) -> Plan:
        """The plan of a job whose phone has other jobs: laws are asked whenever it is due."""
        if self._for_shared is None:
            twin = self._for_shared = copy(self)
            twin.unheld = 0
            twin._for_shared = twin  # noqa: SLF001 - of this class
        return self._for_shared

    def reaches(self, due_ms: int) -> bool:
        """Whether a job without dates of its own has an allowed instant left; the last answer is remembered."""
        if due_ms != self.due_ms:
            self.due_ms, self.reachable = due_ms, self.gate.reaches(due_ms)
        return self.reachable


class Lives:
    """The jobs of a campaign from their arrival to their end. `plans` has the plan of each.

    `refused_redials` are the places of jobs whose phone was used up when their call asked for a redial (R10.4);
    `counts_dials` says whether a dial may matter to other jobs of the phone: by a cap per phone, or a law.
    """

    def __init__(self, campaign: Campaign, standing: Standing, windows: Windows, coming: Coming) -> None:
        self.standing = standing
        self.plans: list[Plan] = []
        self.stopped = False
        self.refused_redials: list[int] = []
        self.counts_dials = standing.phone_cap is not None
        self.retry_from_start = campaign.readings.retry_from == "start"
        self.dialled_at: dict[int, int] = {}  # by job in call, where retries are counted from it
        self._campaign = campaign
        self._windows = windows
        self._coming = coming
        self._plan_of: dict[tuple[int, int, object], Plan] = {}
        self._redials = Redials(campaign)
        self.lawful = Lawful(standing)

    def arrive(self, jobs: Sequence[Job], now_ms: int) -> None:
        """Take in jobs, behind all others."""
        first = len(self.standing.jobs)
        self.standing.add(jobs, now_ms)
        attempts = [self._first_attempt(place, job, now_ms) for place, job in enumerate(jobs, first)]
        self._coming.add_batch([attempt for attempt in attempts if attempt is not None])

    def stop(self, now_ms: int) -> None:
        """End what waits: it is not done (R13.2). O(jobs)."""
        self.stopped = True
        for place, attempt in enumerate(self.standing.pending):
            if attempt != NOTHING_PENDING:
                self.standing.strike_off(place, STOPPED, now_ms)

    def count_dial(self, place: int, instant_ms: int) -> None:
        """Let the dial of a job matter to the others of its phone."""
        if self.standing.phone_cap is not None:
            self.standing.count_phone(place, instant_ms)
        phone = self.lawful.shared.get(place)
        if phone is not None:
            phone.calls.add_dial(instant_ms, asked=self.standing.jobs[place].redial is not None)
            self._put_off_others(phone, place, instant_ms)

    def are_plain(self) -> bool:
        """Whether nothing but its outcome, its attempts and its calendar decides what follows from most calls."""
        standing = self.standing
        special = self.stopped or self.retry_from_start or standing.phone_cap is not None
        return not (special or standing.cancelled or standing.finishes or standing.asked)

    def end_calls(self, places: list[int], instant_ms: int) -> None:
        """Let the calls of jobs end at an instant, and what follows from it."""
        if not self.are_plain():
            for place in places:
                self.end_call(place, instant_ms)
            return
        plans, standing, coming = self.plans, self.standing, self._coming
        made, last_call, pending, end = standing.made, standing.last_call, standing.pending, standing.end
        for place in places:
            plan, code = plans[place], last_call[place]
            if made[place] < plan.unheld and NO_ANSWER <= code <= FAILED:
                due_ms = instant_ms + plan.retry_ms
                if due_ms < plan.gate.assured_ms:
                    attempt = pending[place] = due_ms << JOB_BITS | place
                    if plan.coming:
                        plan.coming.append(attempt)
                    else:
                        coming.add_after_pause(plan.retry_ms, attempt)
                else:
                    self.end_call(place, instant_ms)
            elif plan.unheld == plan.max_attempts:
                end(place, ENDED_BY[code], instant_ms)
            else:
                self.end_call(place, instant_ms)

    def end_call(self, place: int, instant_ms: int) -> None:
        """What follows for a job from the end of its call: a retry (R9.2, R9.3), or its own end."""
        plan, standing = self.plans[place], self.standing
        if (
            not NO_ANSWER <= standing.last_call[place] <= FAILED
            or standing.made[place] >= plan.max_attempts
            or self.stopped
            or (standing.cancelled and place in standing.cancelled)
            or (standing.phone_cap is not None and standing.phone_used_up(place))
        ):
            self._conclude(place, instant_ms)
            return
        due_ms = instant_ms + plan.retry_ms
        if self.retry_from_start:
            due_ms = max(instant_ms, self.dialled_at.pop(place) + plan.retry_ms)
        gate = plan.gate
        finish_ms = standing.finishes.get(place, FOREVER) if standing.finishes else FOREVER
        if standing.made[place] >= plan.unheld:
            allowed_ms = self._allowed_from(place, due_ms)
            if allowed_ms != due_ms:
                self._put_off(place, allowed_ms, finish_ms, instant_ms)
                return
        if not ((due_ms < gate.assured_ms and finish_ms == FOREVER) or gate.reaches(due_ms, finish_ms)):
            standing.end(place, _why_unreachable(gate, due_ms), instant_ms)
            return
        standing.pending[place] = due_ms << JOB_BITS | place
        if self.retry_from_start:
            self._coming.add(due_ms << JOB_BITS | place)
        else:
            self._coming.add_after_pause(plan.retry_ms, due_ms << JOB_BITS | place)

    def _conclude(self, place: int, instant_ms: int) -> None:
        """End a job with its call, and make the job of the redial that the call asked for (R9.3, R10.2)."""
        standing = self.standing
        code = standing.last_call[place]
        outcome = code & OUTCOME_MASK
        cancelled = place in standing.cancelled
        standing.cancelled.discard(place)
        self.dialled_at.pop(place, None)
        asked = standing.asked.pop(place, None)
        if outcome == ANSWERED:
            standing.end(place, ENDED_BY[code], instant_ms)
            redials = asked is not None and not (cancelled or self.stopped)
            phone = self.lawful.shared.get(place)
            if phone is not None and standing.talked(place):
                refusal = not code & RESULT and not (redials and not standing.phone_used_up(place))
                phone.calls.add_talk(instant_ms, refusal=refusal)
                self._put_off_others(phone, place, instant_ms)
            if asked is not None and redials:
                self._redial(place, asked, instant_ms)
        elif cancelled:
            standing.end(place, CANCELLED, instant_ms)
        elif outcome == NONEXISTENT:
            standing.end(place, NO_SUCH_NUMBER, instant_ms)
        elif self.stopped:
            standing.end(place, STOPPED, instant_ms)
        elif standing.made[place] >= self.plans[place].max_attempts:
            standing.end(place, ENDED_BY[outcome], instant_ms)
        else:
            standing.end(place, PHONE_USED_UP, instant_ms)

    def look_again(self, place: int, instant_ms: int) -> None:
        """Put off the attempt of a job that was due, if a law forbids it from an instant on."""
        attempt = self.standing.pending[place]
        if attempt != NOTHING_PENDING and attempt >> JOB_BITS <= instant_ms:
            self._put_off_if_held(place, instant_ms)

    def _put_off_others(self, phone: Phone, place: int, instant_ms: int) -> None:
        """Put off the attempts to come of the other jobs of a phone that a law now forbids when they were due."""
        if phone.may_hold:
            for other in phone.places:
                if other != place and self.standing.pending[other] != NOTHING_PENDING:
                    self._put_off_if_held(other, instant_ms)

    def _put_off_if_held(self, place: int, instant_ms: int) -> None:
        standing = self.standing
        due_ms = max(standing.pending[place] >> JOB_BITS, instant_ms)
        allowed_ms = self._allowed_from(place, due_ms)
        if allowed_ms != due_ms and standing.still_waits(place, instant_ms):
            self._put_off(place, allowed_ms, standing.finishes.get(place, FOREVER), instant_ms)

    def _allowed_from(self, place: int, due_ms: int) -> int:
        """The first instant, from one on, at which no law holds back a job, which is looked at again where one may."""
        plan = self.plans[place]
        if not plan.parts:
            return due_ms
        phone = self.lawful.shared.get(place)
        if phone is not None and not phone.may_hold:
            return due_ms
        calls = self.lawful.calls(place) if phone is None else phone.calls
        allowed_ms = next_allowed(plan.parts, calls, due_ms)
        again_ms = held_again(plan.parts, calls, allowed_ms)
        if again_ms is not None:
            self._coming.add_look(again_ms << JOB_BITS | place)
        return allowed_ms

    def _put_off(self, place: int, due_ms: int, finish_ms: int, instant_ms: int) -> None:
        """Let the attempt to come of a job be due later, or end the job if no allowed instant is left then (R12.5)."""
        gate = self.plans[place].gate
        if gate.reaches(due_ms, finish_ms):
            self.standing.pending[place] = due_ms << JOB_BITS | place
            self._coming.add(due_ms << JOB_BITS | place)
        else:
            self.standing.pending[place] = NOTHING_PENDING
            self.standing.end(place, _why_unreachable(gate, due_ms), instant_ms)

    def _redial(self, place: int, asked: Redial, instant_ms: int) -> None:
        standing = self.standing
        if standing.phone_used_up(place):
            self.refused_redials.append(place)
            return
        first = standing.jobs[standing.first_job(place)]
        job = self._redials.job(first, asked, standing.redial_numbers.get(place, 0) + 1, instant_ms)
        attempt = self._first_attempt(standing.add_redial(job, place, instant_ms), job, instant_ms)
        if attempt is not None:
            self._coming.add(attempt)

    def _first_attempt(self, place: int, job: Job, now_ms: int) -> int | None:
        """Give a job its plan; its first attempt, or None where it has ended at once."""
        standing = self.standing
        plain = job.dates == NO_DATES
        key = id(job.policy), id(job.zone), plain if job.legal is None else (plain, id(job.legal))
        plan = self._plan_of.get(key)
        if plan is None:
            queue = self._coming.queue_for(job.policy.retry_ms)
            plan = self._plan_of[key] = Plan(self._windows.lane_for(job), job, queue)
        self.plans.append(plan)
        if plan.watched:
            for shared in self.lawful.watch(place, job, plan.least):
                self.plans[shared] = self.plans[shared].for_shared()
                self.counts_dials = True
        if plain:
            start_ms = self._campaign.dates.start_ms
            due_ms = now_ms if start_ms is None or start_ms < now_ms else start_ms
            if plan.watched:
                due_ms = self._first_allowed(place, due_ms)
            reachable = plan.reaches(due_ms)
        else:
            due_ms, finish_ms = self._own_bounds(place, job, now_ms)
            if plan.watched:
                due_ms = self._first_allowed(place, due_ms)
            reachable = plan.gate.reaches(due_ms, finish_ms)
            if reachable and finish_ms != FOREVER:
                heappush(plan.lane.finishes, (finish_ms, place))
        if standing.phone_cap is not None and standing.phone_used_up(place):
            standing.end(place, PHONE_NEVER_DIALLED, now_ms)
        elif reachable:
            attempt = standing.pending[place] = due_ms << JOB_BITS | place
            return attempt
        else:
            standing.end(place, _why_unreachable(plan.gate, due_ms), now_ms)
        return None

    def _first_allowed(self, place: int, due_ms: int) -> int:
        """When the first attempt of a watched job may be made."""
        return self._allowed_from(place, due_ms) if place in self.lawful.shared else due_ms

    def _own_bounds(self, place: int, job: Job, now_ms: int) -> tuple[int, int]:
        """When a job with dates of its own is first due, and its finish (FOREVER where the campaign's comes first)."""
        dates = resolve_dates(self._campaign.dates, job.dates)
        due_ms = now_ms if dates.start_ms is None else max(now_ms, dates.start_ms)
        if dates.finish_ms is None or dates.finish_level is Level.CAMPAIGN:
            return due_ms, FOREVER
        self.standing.finishes[place] = dates.finish_ms
        return due_ms, dates.finish_ms


def _why_unreachable(gate: Gate, due_ms: int) -> Ending:
    return NO_WINDOW_BEFORE_FINISH if gate.opens_after(due_ms) else NEVER_OPEN
