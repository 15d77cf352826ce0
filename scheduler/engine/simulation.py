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
    the edges of the calendars that somebody waits behind, in a heap;
    and, where pacing holds a dial back, the instant from which it no longer does.
    `run` takes the earliest instant of the four and lets everything of that instant happen.
    The attempts that are due wait in a Queue, which knows their order.

    A calendar is followed only while attempts wait behind it: then exactly one edge of it, the next, stands
    in the heap. It is looked at again when an attempt falls due behind it.

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
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush, heapreplace

from scheduler.engine.gates import FOREVER, SEARCH_MS, Gate, Opening
from scheduler.engine.outcomes import Never, never
from scheduler.engine.queue import JOB_BITS, JOB_MASK, Lane, Queue
from scheduler.engine.timeline import NOT_ENDED, OUTCOMES, REASONS, STATES, Columns, Reason, Timeline
from scheduler.jobs import Campaign, Job, JobState, UsageError
from scheduler.policy.instants import LAST_INSTANT_MS, format_instant, parse_moment
from scheduler.policy.levels import NO_DATES, resolve_dates

DEFAULT_RUN_MS = SEARCH_MS
UNLIMITED = sys.maxsize
IN_CALL = -1  # in place of an attempt to come: the job's call is in progress, or the job has ended
ARRIVALS = -1  # in place of a pause: first attempts wait for their start
ALWAYS_OPEN = "always open"  # in place of hours and zone: the same everywhere
Moment = str | int | datetime

# How a job ends, as the columns have it.
USED_UP = STATES.index(JobState.NO_ANSWER), REASONS.index(Reason.ATTEMPTS_USED_UP)
PHONE_USED_UP = STATES.index(JobState.NO_ANSWER), REASONS.index(Reason.PHONE_USED_UP)
PHONE_NEVER_DIALLED = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.PHONE_USED_UP)
NEVER_OPEN = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NEVER_OPEN)
NO_WINDOW_BEFORE_FINISH = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NO_WINDOW_BEFORE_FINISH)
NO_LINE_IN_TIME = STATES.index(JobState.NOT_DONE), REASONS.index(Reason.NO_LINE_IN_TIME)


def simulate(
    campaign: Campaign,
    jobs: Sequence[Job],
    *,
    now: Moment,
    until: Moment | None = None,
    lines: int | None = None,
    outcomes: Never = never,
    seed: int = 0,
) -> Timeline:
    """The timeline of all dials of jobs from `now` up to `until` (366 days later, if not given).

    `lines` wins over the campaign's lines (R11.1). `seed` decides the luck of drawn outcomes; `never` draws none.
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
    if until_ms <= now_ms:
        raise UsageError(f"until {format_instant(until_ms)} does not lie after now {format_instant(now_ms)}")
    simulation = Simulation(campaign, now=now_ms, lines=lines, outcomes=outcomes, seed=seed)
    simulation.submit(jobs)
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
        if lines is not None and lines < 1:
            raise UsageError(f"a campaign needs at least 1 line to dial, not {lines}")
        self.campaign = campaign
        self.lines = lines
        self.seed = seed
        self.now_ms = self._began_ms = parse_moment(now)
        self._ring_ms = outcomes.of(campaign).ring_ms or campaign.ring_ms
        self._outcome = OUTCOMES.index(outcomes.outcome)
        self._free = UNLIMITED if lines is None else lines
        self._spacing_ms = campaign.spacing_ms
        self._next_dial_ms = self.now_ms
        self._finish_ms = FOREVER if campaign.dates.finish_ms is None else campaign.dates.finish_ms

        self._jobs: list[Job] = []
        self._plans: list[_Plan] = []  # by job
        self._made = bytearray()  # attempts placed, by job
        self._pending: list[int] = []  # the attempt to come, by job
        self._finishes: dict[int, int] = {}  # the own finish of each job that has one
        self._columns = Columns()
        self._phone_cap = campaign.max_attempts_per_phone
        self._phone_dials: dict[str, int] = {}
        self._jobs_of_phone: dict[str, list[int]] = {}

        self._queue = Queue()
        self._calls: list[tuple[int, list[int]]] = []  # a heap of (end, jobs), for those of one instant together
        self._coming: dict[int, deque[int]] = {ARRIVALS: deque()}  # attempts that are not due yet, by pause
        self._coming_heads: list[tuple[int, int]] = []  # a heap of (first attempt, pause) of those not empty
        self._gates: list[Gate] = []
        self._edges: list[tuple[int, int]] = []  # a heap of (instant, place of the gate)
        self._gate_of: dict[object, Gate] = {}
        self._lane_of: dict[tuple[int, int, bool], Lane] = {}

    def submit(self, jobs: Sequence[Job]) -> None:
        """Hand in jobs at the present instant, behind all that came before. O(1) a job; O(log n) with dates."""
        first, count = len(self._jobs), len(jobs)
        self._jobs += jobs
        self._made.extend(bytes(count))
        self._columns.add_jobs(count)
        plans: dict[tuple[int, int, bool], _Plan] = {}
        arrivals: list[int] = []
        for place, job in enumerate(jobs, first):
            plain = job.dates == NO_DATES
            key = id(job.policy), id(job.zone), plain
            plan = plans.get(key)
            if plan is None:
                plan = plans[key] = self._plan(job)
            self._plans.append(plan)
            attempt = plan.due_ms << JOB_BITS | place
            if not plain:
                attempt = self._arrival_with_dates(place, job, plan)
            elif not plan.reachable:
                attempt = self._never_callable(place, plan.lane.gate, plan.due_ms)
            self._pending.append(attempt)
            if attempt != IN_CALL:
                arrivals.append(attempt)
        self._coming[ARRIVALS] = deque(sorted([*self._coming[ARRIVALS], *arrivals]))
        self._coming_heads = [(queue[0], pause) for pause, queue in self._coming.items() if queue]
        heapify(self._coming_heads)
        if self._phone_cap is not None:
            for place, job in enumerate(jobs, first):
                self._jobs_of_phone.setdefault(job.phone, []).append(place)

    def run(self, until: Moment) -> None:
        """Let everything before an instant happen, and move the clock there. Raises UsageError to go back."""
        until_ms = parse_moment(until)
        if until_ms < self.now_ms:
            raise UsageError(f"the clock stands at {format_instant(self.now_ms)} and does not go back")
        while (instant_ms := self._next_instant()) < until_ms:
            self.now_ms = instant_ms
            self._end_calls(instant_ms)
            self._cross_edges(instant_ms)
            self._fall_due(instant_ms)
            self._dial(instant_ms)
        self.now_ms = until_ms

    @property
    def dials(self) -> int:
        """How many dials were placed so far."""
        return len(self._columns.at)

    def timeline(self) -> Timeline:
        """What has happened so far; it does not change when the simulation goes on. O(dials + jobs)."""
        self._end_waiting(self._queue.overdue(self.now_ms))
        columns = self._columns.copy()
        for place, ended_at in enumerate(columns.ended_at):
            if ended_at == NOT_ENDED:
                in_call = self._pending[place] == IN_CALL
                waiting = JobState.ON_RETRY if self._made[place] else JobState.PLANNED
                columns.state[place] = STATES.index(JobState.IN_PROCESS if in_call else waiting)
        return Timeline(
            self.campaign,
            self._jobs[:],
            columns,
            warnings=self.campaign.unknown_holidays(self._began_ms, self.now_ms),
            now_ms=self._began_ms,
            until_ms=self.now_ms,
        )

    def check(self) -> None:
        """Assert every invariant; for tests."""
        self._queue.check()
        in_call = [place for _, places in self._calls for place in places]
        assert len(in_call) == len(set(in_call)) == (UNLIMITED if self.lines is None else self.lines) - self._free
        assert all(end_ms >= self.now_ms for end_ms, _ in self._calls)
        heads = sorted((queue[0], pause) for pause, queue in self._coming.items() if queue)
        assert heads == sorted(self._coming_heads)
        for queue in self._coming.values():
            assert list(queue) == sorted(queue)
        edges = [place for _, place in self._edges]
        assert sorted(edges) == [place for place, gate in enumerate(self._gates) if gate.followed]
        for place, attempt in enumerate(self._pending):
            ended = self._columns.ended_at[place] != NOT_ENDED
            assert (attempt == IN_CALL) == (ended or place in in_call)
            assert not (ended and place in in_call)
            assert self._made[place] <= self._plans[place].max_attempts

    # -- how jobs come in ------------------------------------------------------------------------------

    def _plan(self, job: Job) -> _Plan:
        policy = job.policy
        always = policy.hours.always and not self.campaign.closed_dates
        hours_in_zone = ALWAYS_OPEN if always else (policy.hours, job.zone.rules)
        gate = self._gate_of.get(hours_in_zone)
        if gate is None:
            gate = Gate(len(self._gates), policy.hours, job.zone, self.campaign.closed_dates, self._finish_ms)
            self._gate_of[hours_in_zone] = gate
            self._gates.append(gate)
        key = gate.place, policy.priority, job.custom
        lane = self._lane_of.get(key)
        if lane is None:
            lane = self._lane_of[key] = self._queue.add_lane(gate, policy.priority, job.custom)
            gate.lanes.append(lane)
            if gate.followed and gate.is_open:
                assert gate.opening is not None
                self._queue.open(lane, gate.opening)
        pause_ms = policy.retry_ms
        if self.campaign.readings.retry_from == "start":
            pause_ms = max(0, pause_ms - self._ring_ms)
        coming = self._coming.setdefault(pause_ms, deque())
        due_ms = max(self.now_ms, self.campaign.dates.start_ms or self.now_ms)
        return _Plan(lane, policy.max_attempts, pause_ms, coming, due_ms)

    def _arrival_with_dates(self, place: int, job: Job, plan: _Plan) -> int:
        dates = resolve_dates(self.campaign.dates, job.dates)
        due_ms = self.now_ms if dates.start_ms is None else max(self.now_ms, dates.start_ms)
        finish_ms = FOREVER
        if dates.finish_ms is not None and dates.finish_ms < self._finish_ms:
            finish_ms = self._finishes[place] = dates.finish_ms
        if not plan.lane.gate.reaches(due_ms, finish_ms):
            return self._never_callable(place, plan.lane.gate, due_ms)
        if finish_ms != FOREVER:
            heappush(plan.lane.finishes, (finish_ms, place))
        return due_ms << JOB_BITS | place

    def _never_callable(self, place: int, gate: Gate, due_ms: int) -> int:
        self._end(place, _why_unreachable(gate, due_ms), self.now_ms)
        return IN_CALL

    # -- what happens at an instant, in the order in which it happens -----------------------------------

    def _next_instant(self) -> int:
        instant_ms = FOREVER
        if self._calls:
            instant_ms = self._calls[0][0]
        if self._coming_heads:
            instant_ms = min(instant_ms, self._coming_heads[0][0] >> JOB_BITS)
        if self._edges:
            instant_ms = min(instant_ms, self._edges[0][0])
        if self._spacing_ms and self._free and self._queue:
            instant_ms = min(instant_ms, self._next_dial_ms)
        return instant_ms

    def _end_calls(self, instant_ms: int) -> None:
        calls, plans, made, pending, finishes = self._calls, self._plans, self._made, self._pending, self._finishes
        ended: list[int] = []
        while calls and calls[0][0] <= instant_ms:
            ended += heappop(calls)[1]
        ended.sort()
        self._free += len(ended)
        for place in ended:
            plan = plans[place]
            if made[place] >= plan.max_attempts:
                self._end(place, USED_UP, instant_ms)
                continue
            if self._phone_cap is not None and self._phone_used_up(place):
                self._end(place, PHONE_USED_UP, instant_ms)
                continue
            due_ms = instant_ms + plan.pause_ms
            gate = plan.lane.gate
            finish_ms = finishes.get(place, FOREVER) if finishes else FOREVER
            if not ((due_ms < gate.assured_ms and finish_ms == FOREVER) or gate.reaches(due_ms, finish_ms)):
                self._end(place, _why_unreachable(gate, due_ms), instant_ms)
                continue
            pending[place] = attempt = due_ms << JOB_BITS | place
            coming = plan.coming
            if not coming:
                heappush(self._coming_heads, (attempt, plan.pause_ms))
            coming.append(attempt)

    def _cross_edges(self, instant_ms: int) -> None:
        edges = self._edges
        while edges and edges[0][0] <= instant_ms:
            gate = self._gates[heappop(edges)[1]]
            if gate.is_open:
                self._close(gate, instant_ms)
            else:
                self._open(gate, instant_ms)

    def _open(self, gate: Gate, instant_ms: int) -> None:
        opening = gate.opening
        assert opening is not None
        gate.is_open = True
        heappush(self._edges, (opening.closes, gate.place))
        for lane in gate.lanes:
            self._queue.open(lane, opening)
            for finish_ms, place in self._queue.finishing(lane):
                attempt = self._pending[place]
                if attempt != IN_CALL and attempt >> JOB_BITS < instant_ms:
                    self._queue.set_alone(lane, attempt, finish_ms)

    def _close(self, gate: Gate, instant_ms: int) -> None:
        following = gate.at_or_after(instant_ms)
        if following is not None and following.opens < instant_ms:
            # A long interval, known to go on.
            gate.opening = following
            heappush(self._edges, (following.closes, gate.place))
            return
        gate.is_open = False
        gate.opening = following
        for lane in gate.lanes:
            self._close_lane(lane, following, instant_ms)
        gate.followed = following is not None and any(lane.waiting for lane in gate.lanes)
        if following is not None and gate.followed:
            heappush(self._edges, (following.opens, gate.place))

    def _close_lane(self, lane: Lane, following: Opening | None, instant_ms: int) -> None:
        """Close a lane, and end the jobs that have no allowed instant left."""
        over, alone = self._queue.close(lane)
        opens_ms = FOREVER if following is None else following.opens
        back = []
        for attempt in alone:
            finish_ms = self._finishes[attempt & JOB_MASK]
            if finish_ms > opens_ms:
                back.append(attempt)
            else:
                self._end_waiting([(attempt, min(finish_ms, instant_ms))])
        self._queue.requeue(lane, back)
        self._end_waiting((attempt, instant_ms) for attempt in over)
        # An opening is looked for up to 366 days past due, so the oldest give up first.
        self._end_waiting((attempt, instant_ms) for attempt in self._queue.give_up(lane, opens_ms - SEARCH_MS))

    def _fall_due(self, instant_ms: int) -> None:
        heads, plans, pending = self._coming_heads, self._plans, self._pending
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
        join, finishes = self._queue.join, self._finishes
        for attempt in due:
            place = attempt & JOB_MASK
            if pending[place] == attempt:
                lane = plans[place].lane
                if not lane.gate.followed:
                    self._follow(lane.gate, instant_ms)
                join(lane, attempt, finishes.get(place, FOREVER) if finishes else FOREVER)

    def _follow(self, gate: Gate, instant_ms: int) -> None:
        """Somebody waits behind a gate again: find its opening, and put its next edge on the heap."""
        gate.opening = gate.at_or_after(instant_ms)
        assert gate.opening is not None, "a job that has no opening left has ended before"
        gate.followed = True
        if gate.opening.opens <= instant_ms:
            self._open(gate, instant_ms)
        else:
            heappush(self._edges, (gate.opening.opens, gate.place))

    def _dial(self, instant_ms: int) -> None:
        pending, made = self._pending, self._made
        over: list[tuple[int, int]] = []
        while self._free and instant_ms >= self._next_dial_ms:
            attempts = self._queue.take(instant_ms, 1 if self._spacing_ms else self._free, over)
            if not attempts:
                break
            places = []
            for attempt in attempts:
                place = attempt & JOB_MASK
                if pending[place] == attempt:
                    pending[place] = IN_CALL
                    made[place] += 1
                    places.append(place)
                    if self._phone_cap is not None:
                        self._count_phone(place, instant_ms)
            if places:
                self._free -= len(places)
                self._next_dial_ms = instant_ms + self._spacing_ms
                self._columns.add_dials(
                    instant_ms, places, [made[place] for place in places], self._outcome, self._ring_ms
                )
                heappush(self._calls, (instant_ms + self._ring_ms, places))
        self._end_waiting(over)

    # -- how jobs end ----------------------------------------------------------------------------------

    def _end(self, place: int, ending: tuple[int, int], instant_ms: int) -> None:
        columns = self._columns
        columns.state[place], columns.reason[place] = ending
        columns.ended_at[place] = instant_ms

    def _end_waiting(self, attempts: Iterable[tuple[int, int]]) -> None:
        """End the jobs of attempts that waited in vain, each at the instant from which that holds."""
        for attempt, instant_ms in attempts:
            place = attempt & JOB_MASK
            if self._pending[place] == attempt:
                self._pending[place] = IN_CALL
                self._end(place, NO_LINE_IN_TIME, instant_ms)

    def _phone_used_up(self, place: int) -> bool:
        return self._phone_dials.get(self._jobs[place].phone, 0) >= (self._phone_cap or 0)

    def _count_phone(self, place: int, instant_ms: int) -> None:
        """Count a dial of a phone; when it has none left, its waiting jobs end (R9.4)."""
        phone = self._jobs[place].phone
        self._phone_dials[phone] = self._phone_dials.get(phone, 0) + 1
        if self._phone_used_up(place):
            for other in self._jobs_of_phone[phone]:
                if self._pending[other] != IN_CALL:
                    self._pending[other] = IN_CALL
                    self._end(other, PHONE_USED_UP if self._made[other] else PHONE_NEVER_DIALLED, instant_ms)


def _why_unreachable(gate: Gate, due_ms: int) -> tuple[int, int]:
    return NO_WINDOW_BEFORE_FINISH if gate.opens_after(due_ms) else NEVER_OPEN
