"""The engine: a clock that jumps from one thing that happens to the next.

What it means
    At every instant, in this order (R8.5): calls end and free their lines; windows open and close;
    attempts fall due; dials are placed. A dial goes to the least rank among the attempts that are due and
    inside their calendar, while a line is free and pacing lets a call start (R8.1).

How it works
    Four things can happen next, and each stands in an order of its own:
    the calls in progress, in a heap by their end (those that were placed together stand together);
    the attempts that are not due yet, in one queue for each length of the pause before them (calls that
    end in order are retried in order), with a small heap over the queues;
    the edges of the calendars that somebody waits behind (see windows.py);
    and, where pacing holds a dial back, the instant from which it no longer does.
    `run` takes the earliest instant of the four and lets everything of that instant happen.
    The attempts that are due wait in a Queue, which knows their order.

Why it is right
    Nothing that decides a dial changes between two instants at which something happens: lines are freed
    only by ends, ranks change only at edges, attempts come only with due times. Ends, edges and due times of
    one instant are dealt with before its dials, ends in order of (instant, job), due times too, so an
    attempt joins its lane behind all that fell due before it. Time only moves on, also from one `run` to
    the next, so a run in steps is the run.

    A job ends when no allowed instant is left for it (R12.5). That can become true when it arrives, when a
    call ends (the retry's due time is known then), when a window closes, and at a finish while it waits.
    All four are looked at where they occur; the last is noticed when the attempt would come up, and is
    dated back to the finish.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush, heapreplace

from scheduler.engine.gates import FOREVER, SEARCH_MS, Gate
from scheduler.engine.outcomes import Never, never
from scheduler.engine.queue import JOB_BITS, JOB_MASK, Lane, Queue
from scheduler.engine.standing import (
    NEVER_OPEN,
    NO_WINDOW_BEFORE_FINISH,
    NOTHING_PENDING,
    PHONE_NEVER_DIALLED,
    PHONE_USED_UP,
    USED_UP,
    Ending,
    Standing,
)
from scheduler.engine.timeline import OUTCOMES, Timeline
from scheduler.engine.windows import Windows
from scheduler.jobs import Campaign, Job, Outcome, UsageError
from scheduler.policy.instants import LAST_INSTANT_MS, format_instant, parse_moment
from scheduler.policy.levels import NO_DATES, Level, resolve_dates

DEFAULT_RUN_MS = SEARCH_MS
UNLIMITED = sys.maxsize
STEPS = 2000  # of a simulation that tells how far it is
ARRIVALS = -1  # in place of a pause: first attempts wait for their start
Moment = str | int | datetime


def simulate(
    campaign: Campaign,
    jobs: Sequence[Job],
    *,
    now: Moment,
    until: Moment | None = None,
    lines: int | None = None,
    outcomes: Never = never,
    seed: int = 0,
    progress: Callable[[Simulation], None] | None = None,
) -> Timeline:
    """The timeline of all dials of jobs from `now` up to `until` (366 days later, if not given).

    `lines` wins over the campaign's lines (R11.1). `seed` decides the luck of drawn outcomes; `never` draws none.
    `progress` is called now and then while the simulation runs.
    Raises UsageError if `until` does not lie after `now` or `lines` is less than 1, PolicyError for
    what is no instant. Cost: a few microseconds a dial, whatever the number of jobs.

    >>> from scheduler.intake.request import read_request
    >>> campaign = Campaign(lines=1)
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "Z"}]', campaign).jobs
    >>> [dial.at for dial in simulate(campaign, jobs, now="2026-03-02T09:00:00Z")]
    [1772442000000]
    """
    now_ms = parse_moment(now)
    until_ms = min(now_ms + DEFAULT_RUN_MS, LAST_INSTANT_MS) if until is None else parse_moment(until)
    if now_ms == LAST_INSTANT_MS:
        raise UsageError(f"now {format_instant(now_ms)} is the last instant that there is; begin before it")
    if until_ms <= now_ms:
        raise UsageError(f"until {format_instant(until_ms)} does not lie after now {format_instant(now_ms)}")
    simulation = Simulation(campaign, now=now_ms, lines=lines, outcomes=outcomes, seed=seed)
    simulation.submit(jobs)
    if progress is not None:
        for step in range(1, STEPS):
            simulation.run(now_ms + (until_ms - now_ms) * step // STEPS)
            progress(simulation)
    simulation.run(until_ms)
    return simulation.timeline()


class _Plan:
    """What jobs of the same policy and calendar have in common."""

    __slots__ = ("coming", "due_ms", "lane", "max_attempts", "pause_ms", "reachable")

    def __init__(self, lane: Lane, max_attempts: int, pause_ms: int, coming: deque[int], due_ms: int) -> None:
        self.lane = lane
        self.max_attempts = max_attempts
        self.pause_ms = pause_ms  # from the end of an attempt to the due time of the next
        self.coming = coming  # the attempts that wait for the end of such a pause
        self.due_ms = due_ms  # of the first attempt of those without dates of their own
        self.reachable = lane.gate.reaches(due_ms)


class Simulation:
    """A campaign that runs: jobs in, dials out. Its clock stands at `now_ms` and only moves on.

    `submit` hands jobs in at that instant, `run(until)` lets everything before `until` happen, and
    `timeline()` is what has happened so far.

    >>> simulation = Simulation(Campaign(), now="2026-03-02T09:00:00Z")
    >>> simulation.submit([])
    >>> simulation.run("2026-03-03")
    >>> len(simulation.timeline())
    0
    """

    def __init__(
        self, campaign: Campaign, *, now: Moment, lines: int | None = None, outcomes: Never = never, seed: int = 0
    ) -> None:
        lines = campaign.lines if lines is None else lines
        if lines is not None and (isinstance(lines, bool) or not isinstance(lines, int) or lines < 1):
            raise UsageError(f"lines is a whole number, at least 1 line to dial, not {lines!r}")
        if not isinstance(outcomes, Never):
            raise UsageError(f"not a source of outcomes: {outcomes!r}; give scheduler.never")
        self.campaign = campaign
        self.lines = lines
        self.seed = seed
        self.now_ms = self._began_ms = parse_moment(now)
        self._ring_ms = outcomes.of(campaign).ring_ms or campaign.ring_ms
        self._outcome = OUTCOMES.index(Outcome.NO_ANSWER)
        self._free = UNLIMITED if lines is None else lines
        self._spacing_ms = campaign.spacing_ms
        self._next_dial_ms = self.now_ms

        self._standing = Standing(campaign.max_attempts_per_phone)
        self._plans: list[_Plan] = []  # by job
        self._queue = Queue()
        finish_ms = FOREVER if campaign.dates.finish_ms is None else campaign.dates.finish_ms
        self._windows = Windows(self._queue, self._standing, campaign.closed_dates, finish_ms, self.now_ms)
        self._calls: list[tuple[int, list[int]]] = []  # a heap of (end, jobs), for those of one instant together
        self._coming: dict[int, deque[int]] = {ARRIVALS: deque()}  # attempts that are not due yet, by pause
        self._coming_heads: list[tuple[int, int]] = []  # a heap of (first attempt, pause) of those not empty

    def submit(self, jobs: Sequence[Job]) -> None:
        """Hand in jobs at the present instant, behind all that came before. O(1) a job; O(log n) with dates."""
        standing = self._standing
        first = len(standing.jobs)
        standing.add(jobs)
        plans: dict[tuple[int, int, bool], _Plan] = {}
        arrivals: list[int] = []
        for place, job in enumerate(jobs, first):
            plain = job.dates == NO_DATES
            key = id(job.policy), id(job.zone), plain
            plan = plans.get(key)
            if plan is None:
                plan = plans[key] = self._plan(job)
            self._plans.append(plan)
            due_ms = plan.due_ms
            if plain:
                reachable = plan.reachable
            else:
                due_ms, finish_ms = self._own_bounds(place, job)
                reachable = plan.lane.gate.reaches(due_ms, finish_ms)
                if reachable and finish_ms != FOREVER:
                    heappush(plan.lane.finishes, (finish_ms, place))
            if standing.phone_used_up(place):
                standing.end(place, PHONE_NEVER_DIALLED, self.now_ms)
            elif reachable:
                attempt = standing.pending[place] = due_ms << JOB_BITS | place
                arrivals.append(attempt)
            else:
                standing.end(place, _why_unreachable(plan.lane.gate, due_ms), self.now_ms)
        self._coming[ARRIVALS] = deque(sorted([*self._coming[ARRIVALS], *arrivals]))
        self._coming_heads = [(queue[0], pause) for pause, queue in self._coming.items() if queue]
        heapify(self._coming_heads)

    def run(self, until: Moment) -> None:
        """Let everything before an instant happen, and move the clock there. Raises UsageError to go back."""
        until_ms = parse_moment(until)
        if until_ms < self.now_ms:
            raise UsageError(f"the clock stands at {format_instant(self.now_ms)} and does not go back")
        while (instant_ms := self._next_instant()) < until_ms:
            self.now_ms = instant_ms
            self._end_calls(instant_ms)
            self._windows.cross(instant_ms)
            self._fall_due(instant_ms)
            self._dial(instant_ms)
        self.now_ms = until_ms

    @property
    def dials(self) -> int:
        """How many dials were placed so far."""
        return len(self._standing.columns.at)

    def timeline(self) -> Timeline:
        """What has happened so far; it does not change when the simulation goes on. O(dials + jobs)."""
        self._standing.end_waiting(self._queue.overdue(self.now_ms))
        return Timeline(
            self.campaign,
            self._standing.jobs[:],
            self._standing.snapshot(self.now_ms),
            warnings=self.campaign.unknown_holidays(self._began_ms, self.now_ms),
            now_ms=self._began_ms,
            until_ms=self.now_ms,
        )

    def check(self) -> None:
        """Assert every invariant; for tests."""
        self._queue.check()
        self._windows.check()
        in_call = [place for _, places in self._calls for place in places]
        assert len(in_call) == len(set(in_call)) == (UNLIMITED if self.lines is None else self.lines) - self._free
        assert all(end_ms >= self.now_ms for end_ms, _ in self._calls)
        self._standing.check(set(in_call))
        heads = sorted((queue[0], pause) for pause, queue in self._coming.items() if queue)
        assert heads == sorted(self._coming_heads)
        assert all(list(queue) == sorted(queue) for queue in self._coming.values())

    def _plan(self, job: Job) -> _Plan:
        pause_ms = job.policy.retry_ms
        if self.campaign.readings.retry_from == "start":
            pause_ms = max(0, pause_ms - self._ring_ms)
        coming = self._coming.setdefault(pause_ms, deque())
        start_ms = self.campaign.dates.start_ms
        due_ms = self.now_ms if start_ms is None else max(self.now_ms, start_ms)
        return _Plan(self._windows.lane_for(job), job.policy.max_attempts, pause_ms, coming, due_ms)

    def _own_bounds(self, place: int, job: Job) -> tuple[int, int]:
        """When a job with dates of its own is first due, and its finish (FOREVER where the campaign's comes first)."""
        dates = resolve_dates(self.campaign.dates, job.dates)
        due_ms = self.now_ms if dates.start_ms is None else max(self.now_ms, dates.start_ms)
        if dates.finish_ms is None or dates.finish_level is Level.CAMPAIGN:
            return due_ms, FOREVER
        self._standing.finishes[place] = dates.finish_ms
        return due_ms, dates.finish_ms

    # -- what happens at an instant, in the order in which it happens -----------------------------------

    def _next_instant(self) -> int:
        instant_ms = self._windows.next_edge()
        if self._calls:
            instant_ms = min(instant_ms, self._calls[0][0])
        if self._coming_heads:
            instant_ms = min(instant_ms, self._coming_heads[0][0] >> JOB_BITS)
        if self._spacing_ms and self._free and self._queue:
            instant_ms = min(instant_ms, self._next_dial_ms)
        return instant_ms

    def _end_calls(self, instant_ms: int) -> None:
        calls, plans, standing = self._calls, self._plans, self._standing
        made, pending, finishes = standing.made, standing.pending, standing.finishes
        ended: list[int] = []
        while calls and calls[0][0] <= instant_ms:
            ended += heappop(calls)[1]
        ended.sort()
        self._free += len(ended)
        for place in ended:
            plan = plans[place]
            if made[place] >= plan.max_attempts:
                standing.end(place, USED_UP, instant_ms)
                continue
            if standing.phone_cap is not None and standing.phone_used_up(place):
                standing.end(place, PHONE_USED_UP, instant_ms)
                continue
            due_ms = instant_ms + plan.pause_ms
            gate = plan.lane.gate
            finish_ms = finishes.get(place, FOREVER) if finishes else FOREVER
            if not ((due_ms < gate.assured_ms and finish_ms == FOREVER) or gate.reaches(due_ms, finish_ms)):
                standing.end(place, _why_unreachable(gate, due_ms), instant_ms)
                continue
            attempt = pending[place] = due_ms << JOB_BITS | place
            coming = plan.coming
            if not coming:
                heappush(self._coming_heads, (attempt, plan.pause_ms))
            coming.append(attempt)

    def _fall_due(self, instant_ms: int) -> None:
        heads, plans = self._coming_heads, self._plans
        limit = (instant_ms + 1) << JOB_BITS
        due: list[int] = []
        while heads and heads[0][0] < limit:
            pause_ms = heads[0][1]
            coming = self._coming[pause_ms]
            while coming and coming[0] < limit:
                due.append(coming.popleft())
            if coming:
                heapreplace(heads, (coming[0], pause_ms))
            else:
                heappop(heads)
        due.sort()
        pending, finishes, join = self._standing.pending, self._standing.finishes, self._queue.join
        for attempt in due:
            place = attempt & JOB_MASK
            if pending[place] == attempt:
                lane = plans[place].lane
                if lane.opening is None:
                    self._windows.await_opening(lane, instant_ms)
                join(lane, attempt, finishes.get(place, FOREVER) if finishes else FOREVER)

    def _dial(self, instant_ms: int) -> None:
        standing = self._standing
        pending, made = standing.pending, standing.made
        over: list[tuple[int, int]] = []
        too_old = (instant_ms - SEARCH_MS + 1) << JOB_BITS
        while self._free and instant_ms >= self._next_dial_ms:
            attempts = self._queue.take(instant_ms, 1 if self._spacing_ms else self._free, over)
            if not attempts:
                break
            places = []
            for attempt in attempts:
                place = attempt & JOB_MASK
                if attempt < too_old:
                    over.append((attempt, instant_ms))
                elif pending[place] == attempt:
                    pending[place] = NOTHING_PENDING
                    made[place] += 1
                    places.append(place)
                    if standing.phone_cap is not None:
                        standing.count_phone(place, instant_ms)
            if places:
                self._free -= len(places)
                self._next_dial_ms = instant_ms + self._spacing_ms
                attempt_numbers = [made[place] for place in places]
                standing.columns.add_dials(instant_ms, places, attempt_numbers, self._outcome, self._ring_ms)
                heappush(self._calls, (instant_ms + self._ring_ms, places))
        standing.end_waiting(over)


def _why_unreachable(gate: Gate, due_ms: int) -> Ending:
    return NO_WINDOW_BEFORE_FINISH if gate.opens_after(due_ms) else NEVER_OPEN
