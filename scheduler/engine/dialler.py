"""The machine inside a simulation: what happens at an instant, in the order in which it happens (R8.5).

See simulation.py for what it means, how it works and why it is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush

from scheduler.engine.calls import CallsInProgress
from scheduler.engine.columns import ANSWERED, FAILED, NO_ANSWER, NONEXISTENT, OUTCOME_MASK, RESULT
from scheduler.engine.coming import Coming
from scheduler.engine.drawing import Drawing, Drawn, drawing
from scheduler.engine.express import run_express
from scheduler.engine.gates import FOREVER, SEARCH_MS, Gate
from scheduler.engine.lines import LineLimit
from scheduler.engine.queue import JOB_BITS, JOB_MASK, Lane, Queue
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
from scheduler.outcomes import Source
from scheduler.policy.levels import NO_DATES, Level, ResolvedPolicy, resolve_dates

# How a job ends with its call, whatever attempts are left.
ENDED_BY = {
    ANSWERED: ANSWERED_WITH_NO_RESULT,
    ANSWERED | RESULT: ANSWERED_WITH_RESULT,
    NONEXISTENT: NO_SUCH_NUMBER,
}


class Plan:
    """What jobs of the same policy and calendar have in common."""

    __slots__ = ("coming", "due_ms", "gate", "lane", "max_attempts", "reachable", "retry_ms")

    def __init__(self, lane: Lane, policy: ResolvedPolicy, coming: int) -> None:
        self.lane = lane
        self.gate = lane.gate
        self.max_attempts = policy.max_attempts
        self.retry_ms = policy.retry_ms
        self.coming = coming  # the queue of the attempts that follow such a pause
        self.due_ms = -FOREVER
        self.reachable = False

    def reaches(self, due_ms: int) -> bool:
        """Whether a job without dates of its own has an allowed instant left; the last answer is remembered."""
        if due_ms != self.due_ms:
            self.due_ms, self.reachable = due_ms, self.gate.reaches(due_ms)
        return self.reachable


class Dialler:
    """The jobs of a campaign and all that waits to happen to them. The clock is kept by who drives it.

    `next_instant` is when something happens next, `happen` lets it; `arrive` takes jobs in. `refused_redials`
    are the places of jobs whose phone was used up when their call asked for a redial (R10.4).
    """

    def __init__(self, campaign: Campaign, now_ms: int, limit: LineLimit) -> None:
        self.campaign = campaign
        self.standing = Standing(campaign.max_attempts_per_phone)
        self.queue = Queue()
        finish_ms = FOREVER if campaign.dates.finish_ms is None else campaign.dates.finish_ms
        self.windows = Windows(self.queue, self.standing, campaign.closed_dates, finish_ms, now_ms)
        self.calls = CallsInProgress()
        self.coming = Coming()
        self.paused = self.stopped = False
        self.look_again = False  # something changed at the present instant that may let an attempt go
        self.refused_redials: list[int] = []
        self._ends, self._heads, self._edges = self.calls.ends, self.coming.heads, self.windows.edges
        self.add_dial = self.standing.columns.appender()
        self.plans: list[Plan] = []  # by job
        self._plan_of: dict[tuple[int, int, bool], Plan] = {}
        self._redials = Redials(campaign)
        self._ring_ms = campaign.ring_ms
        self.draw: Drawing | None = None
        self._retry_from_start = campaign.readings.retry_from == "start"
        self._dialled_at: dict[int, int] = {}  # by job in call, where retries are counted from it
        self._spacing_ms = campaign.spacing_ms
        self._next_dial_ms = now_ms
        self._lines = self.free = 0
        self._may_hold_back = False
        self.set_limit(limit, now_ms)

    def set_limit(self, limit: LineLimit, now_ms: int) -> None:
        """Have other lines from now on."""
        self._limit = limit
        self.look_again = True
        self._count_lines(now_ms)

    def set_outcomes(self, source: Source, seed: int) -> None:
        """Take what dials come to from another source. Raises UsageError for what is none."""
        self._ring_ms, self.draw = drawing(source, self.campaign, self.standing, seed)

    def arrive(self, jobs: Sequence[Job], now_ms: int) -> None:
        """Take in jobs, behind all others."""
        first = len(self.standing.jobs)
        self.standing.add(jobs, now_ms)
        attempts = [self._first_attempt(place, job, now_ms) for place, job in enumerate(jobs, first)]
        self.coming.add_batch([attempt for attempt in attempts if attempt is not None])

    def settle(self, now_ms: int) -> None:
        """Make ready for a command at the present instant: the calls that end at it end before (R8.5)."""
        self.end_calls(now_ms)
        self.look_again = True

    def stop(self, now_ms: int) -> None:
        """Place no more dials: what waits is not done. O(jobs)."""
        self.stopped = True
        for place, due_ms in enumerate(self.standing.due_ms):
            if due_ms != NOTHING_PENDING:
                self.standing.strike_off(place, STOPPED, now_ms)

    def run(self, now_ms: int, until_ms: int) -> None:
        """Let everything of [now, until) happen."""
        if self.look_again and now_ms < until_ms:
            self.happen(now_ms)
        if self.is_common():
            run_express(self, until_ms)
        while (instant_ms := self.next_instant(now_ms)) < until_ms:
            now_ms = instant_ms
            self.happen(instant_ms)

    def is_common(self) -> bool:
        """Whether the campaign, until the next command, is of the kind that run_express knows."""
        special = self._may_hold_back or self._retry_from_start or self.standing.phone_cap is not None
        if special or self.standing.redial_numbers or self.paused or self.stopped:
            return False
        return isinstance(self.draw, Drawn) and self.draw.in_blocks

    def next_instant(self, now_ms: int) -> int:
        """When something happens next; FOREVER if nothing is to come."""
        if self.look_again:
            return now_ms
        first = self._ends[0]
        if self.stopped:
            return first >> JOB_BITS
        # Comparisons, where min() would take twice the time.
        first = min(first, self._heads[0][0])
        if self._edges[0] < first:  # noqa: PLR1730
            first = self._edges[0]
        instant_ms = first >> JOB_BITS
        if self._may_hold_back and self.queue.first is not None and not self.paused:
            held_ms = self._next_dial_ms if self.free > 0 else FOREVER
            instant_ms = min(instant_ms, max(now_ms, min(held_ms, self._other_lines_ms)))
        return instant_ms

    def happen(self, instant_ms: int) -> None:
        """Let everything of an instant happen, in the order of R8.5; commands were carried out before."""
        limit = (instant_ms + 1) << JOB_BITS
        self.look_again = False
        if self._ends[0] < limit:
            self.end_calls(instant_ms)
        if self.stopped:
            return
        if self._edges[0] < limit:
            self.windows.cross(instant_ms)
        if self._heads[0][0] < limit:
            self.join(self.coming.take_due(instant_ms), instant_ms)
        if instant_ms >= self._other_lines_ms:
            self._count_lines(instant_ms)
        if self.free > 0 and self.queue.first is not None and not self.paused:
            self.dial(instant_ms)

    def check(self, now_ms: int) -> None:
        """Assert every invariant; for tests."""
        self.queue.check()
        self.windows.check()
        self.calls.check(now_ms)
        self.coming.check()
        in_call = list(self.calls)
        assert len(in_call) == len(set(in_call)) == self._lines - self.free
        self.standing.check(set(in_call))
        assert len(self.plans) == len(self.standing.jobs)
        assert not self.stopped or all(due_ms == NOTHING_PENDING for due_ms in self.standing.due_ms)

    def end_calls(self, instant_ms: int) -> None:
        """Let the calls end that end at an instant, and what follows from it for their jobs (R9)."""
        ended = self.calls.take_ended(instant_ms)
        self.free += len(ended)
        for place in ended:
            self.end_call(place, instant_ms)

    def end_call(self, place: int, instant_ms: int) -> None:
        """What follows for a job from the end of its call: a retry (R9.2, R9.3), or its own end."""
        plan, standing = self.plans[place], self.standing
        if not (self._dialled_at or standing.asked or standing.cancelled):
            ending = ENDED_BY.get(standing.last_call[place])
            if ending is not None:
                standing.end(place, ending, instant_ms)
                return
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
        if self._retry_from_start:
            due_ms = max(instant_ms, self._dialled_at.pop(place) + plan.retry_ms)
        gate = plan.gate
        finish_ms = standing.finishes.get(place, FOREVER) if standing.finishes else FOREVER
        if not ((due_ms < gate.assured_ms and finish_ms == FOREVER) or gate.reaches(due_ms, finish_ms)):
            standing.end(place, _why_unreachable(gate, due_ms), instant_ms)
            return
        standing.due_ms[place] = due_ms
        if self._retry_from_start:
            self.coming.add(due_ms << JOB_BITS | place)
        else:
            self.coming.add_after_pause(plan.coming, due_ms << JOB_BITS | place)

    def _conclude(self, place: int, instant_ms: int) -> None:
        """End a job with its call, and make the job of the redial that the call asked for (R9.3, R10.2)."""
        standing = self.standing
        outcome = standing.last_call[place] & OUTCOME_MASK
        cancelled = place in standing.cancelled
        standing.cancelled.discard(place)
        self._dialled_at.pop(place, None)
        asked = standing.asked.pop(place, None)
        if outcome == ANSWERED:
            standing.end(place, ENDED_BY[standing.last_call[place]], instant_ms)
            if asked is not None and not (cancelled or self.stopped):
                self._redial(place, asked, instant_ms)
        elif cancelled:
            standing.end(place, CANCELLED, instant_ms)
        elif outcome == NONEXISTENT:
            standing.end(place, ENDED_BY[outcome], instant_ms)
        elif self.stopped:
            standing.end(place, STOPPED, instant_ms)
        elif standing.made[place] >= self.plans[place].max_attempts:
            standing.end(place, LAST_FAILED if outcome == FAILED else USED_UP, instant_ms)
        else:
            standing.end(place, PHONE_USED_UP, instant_ms)

    def _redial(self, place: int, asked: Redial, instant_ms: int) -> None:
        standing = self.standing
        if standing.phone_used_up(place):
            self.refused_redials.append(place)
            return
        first = standing.jobs[standing.first_job(place)]
        job = self._redials.job(first, asked, standing.redial_numbers.get(place, 0) + 1, instant_ms)
        attempt = self._first_attempt(standing.add_redial(job, place, instant_ms), job, instant_ms)
        if attempt is not None:
            self.coming.add(attempt)

    def _first_attempt(self, place: int, job: Job, now_ms: int) -> int | None:
        """Give a job its plan; its first attempt, or None where it has ended at once."""
        standing = self.standing
        plain = job.dates == NO_DATES
        key = id(job.policy), id(job.zone), plain
        plan = self._plan_of.get(key)
        if plan is None:
            queue = self.coming.queue_for(job.policy.retry_ms)
            plan = self._plan_of[key] = Plan(self.windows.lane_for(job), job.policy, queue)
        self.plans.append(plan)
        if plain:
            start_ms = self.campaign.dates.start_ms
            due_ms = now_ms if start_ms is None or start_ms < now_ms else start_ms
            reachable = plan.reaches(due_ms)
        else:
            due_ms, finish_ms = self._own_bounds(place, job, now_ms)
            reachable = plan.gate.reaches(due_ms, finish_ms)
            if reachable and finish_ms != FOREVER:
                heappush(plan.lane.finishes, (finish_ms, place))
        if standing.phone_cap is not None and standing.phone_used_up(place):
            standing.end(place, PHONE_NEVER_DIALLED, now_ms)
        elif reachable:
            standing.due_ms[place] = due_ms
            return due_ms << JOB_BITS | place
        else:
            standing.end(place, _why_unreachable(plan.gate, due_ms), now_ms)
        return None

    def _own_bounds(self, place: int, job: Job, now_ms: int) -> tuple[int, int]:
        """When a job with dates of its own is first due, and its finish (FOREVER where the campaign's comes first)."""
        dates = resolve_dates(self.campaign.dates, job.dates)
        due_ms = now_ms if dates.start_ms is None else max(now_ms, dates.start_ms)
        if dates.finish_ms is None or dates.finish_level is Level.CAMPAIGN:
            return due_ms, FOREVER
        self.standing.finishes[place] = dates.finish_ms
        return due_ms, dates.finish_ms

    def join(self, attempts: list[int], instant_ms: int) -> None:
        """Let attempts join the queue that fall due at an instant, in order."""
        plans, due, finishes = self.plans, self.standing.due_ms, self.standing.finishes
        for attempt in attempts:
            place = attempt & JOB_MASK
            if due[place] == attempt >> JOB_BITS:
                lane = plans[place].lane
                if lane.opening is None:
                    self.windows.await_opening(lane, instant_ms)
                self.queue.join(lane, attempt, finishes.get(place, FOREVER) if finishes else FOREVER)

    def dial(self, instant_ms: int) -> None:
        """Place dials while there is a free line, and pacing lets them."""
        standing, draw = self.standing, self.draw
        due, made = standing.due_ms, standing.made
        over: list[tuple[int, int]] = []
        too_old = (instant_ms - SEARCH_MS + 1) << JOB_BITS
        while self.free > 0 and instant_ms >= self._next_dial_ms:
            attempts = self.queue.take(instant_ms, 1 if self._spacing_ms else self.free, over)
            if not attempts:
                break
            places = []
            for attempt in attempts:
                place = attempt & JOB_MASK
                if attempt < too_old:
                    over.append((attempt, instant_ms))
                elif due[place] == attempt >> JOB_BITS:
                    due[place] = NOTHING_PENDING
                    made[place] += 1
                    places.append(place)
                    if standing.phone_cap is not None:
                        standing.count_phone(place, instant_ms)
            if places:
                self.free -= len(places)
                self._next_dial_ms = instant_ms + self._spacing_ms
                if draw is None:
                    self._ring(instant_ms, places)
                else:
                    self._call(instant_ms, places, draw)
        if over:
            standing.end_waiting(over)

    def _ring(self, instant_ms: int, places: list[int]) -> None:
        """Begin calls that all ring equally long, and are not answered."""
        standing = self.standing
        for place in places:
            standing.last_call[place] = NO_ANSWER
        attempts = [standing.made[place] for place in places]
        standing.columns.add_alike(instant_ms, places, attempts, NO_ANSWER, self._ring_ms)
        if self._retry_from_start:
            self._dialled_at.update(dict.fromkeys(places, instant_ms))
        self.calls.add_alike(instant_ms + self._ring_ms, places)

    def _call(self, instant_ms: int, places: list[int], draw: Drawing) -> None:
        """Begin calls of which each comes to something of its own; those that last alike end as a group."""
        standing, add = self.standing, self.add_dial
        ends: dict[int, list[int]] = {}
        for place in places:
            code, length_ms, talk_ms = draw(instant_ms, place)
            standing.last_call[place] = code
            add(instant_ms, place, standing.made[place], code, length_ms, talk_ms)
            if len(places) == 1:
                heappush(self._ends, (instant_ms + length_ms) << JOB_BITS | place)
            else:
                ends.setdefault(length_ms, []).append(place)
        for length_ms, group in ends.items():
            self.calls.add_alike(instant_ms + length_ms, group)
        if self._retry_from_start:
            self._dialled_at.update(dict.fromkeys(places, instant_ms))

    def _count_lines(self, now_ms: int) -> None:
        busy = self._lines - self.free
        self._lines = self._limit.at(now_ms)
        self.free = self._lines - busy
        self._other_lines_ms = self._limit.next_change(now_ms)
        # Only pacing and lines that change can let an attempt go at an instant at which nothing else happens.
        self._may_hold_back = bool(self._spacing_ms) or self._other_lines_ms != FOREVER


def _why_unreachable(gate: Gate, due_ms: int) -> Ending:
    return NO_WINDOW_BEFORE_FINISH if gate.opens_after(due_ms) else NEVER_OPEN
