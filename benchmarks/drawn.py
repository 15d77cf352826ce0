"""The campaign with drawn outcomes, as heaps and SimPy run it: the contenders of `outcomes` that can also be paced.

They are the peers of `peers.py`, with the length and the fate of each attempt drawn at its dial. A waiting attempt is
(priority, job, attempts left after it). `check` holds all of them, Ciw and salabim too, to the rules of the campaign.
"""

from array import array
from bisect import bisect_right, insort
from collections.abc import Generator
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import simpy

from benchmarks import luck, workload
from benchmarks.luck import REDIAL, RETRY, Rules
from benchmarks.peers import ATTEMPT, END, OPENING, Plan, Waiting

PACE = 3
LEFT = workload.ATTEMPTS - 1


class Dials(NamedTuple):
    """What was dialled, in columns, in order: when, whom, for how long, and what becomes of the job."""

    at: "array[int]"
    job: "array[int]"
    length: "array[int]"
    fate: "array[int]"

    @classmethod
    def none(cls) -> "Dials":
        """No dials yet."""
        return cls(array("q"), array("q"), array("q"), array("b"))


def check(plan: Plan, rules: Rules, dials: Dials) -> None:
    """Asserts that `dials` keep to calendars, lines, pace, retry intervals and attempts, and that none is missing."""
    attempts = [workload.ATTEMPTS] * len(plan.calendar)
    earliest = [workload.NOW_MS] * len(plan.calendar)
    ends: list[int] = []
    last = workload.NOW_MS - rules.spacing_ms
    for at, job, length, fate in zip(*dials, strict=True):
        assert plan.is_open(job, at), (at, job)
        assert at >= last + rules.spacing_ms, (at, job)
        assert at >= earliest[job], (at, job)
        assert attempts[job] > 0, (at, job)
        while ends and ends[0] <= at:
            heappop(ends)
        assert len(ends) < plan.lines, (at, job)
        heappush(ends, at + length)
        last = at
        attempts[job] = {RETRY: attempts[job] - 1, REDIAL: luck.REDIAL_ATTEMPTS}.get(fate, 0)
        earliest[job] = at + length + (luck.REDIAL_AFTER_MS if fate == REDIAL else plan.retry_ms[job])
    assert not any(attempts)


def one_heap(plan: Plan, rules: Rules) -> Dials:
    """One heap of all events: ends of calls, and attempts, which are pushed again until they can be dialled.

    An attempt outside its calendar is pushed for the next opening. One that finds no line is pushed for the end of
    the first call that is promised to nobody else; behind as many attempts as there are lines, for such an end and a
    mean length more, round after round. That is a guess: where it is too early the attempt is pushed again, and where
    it is too late a line has stood idle. It knows no pace.
    """
    dials = Dials.none()
    draw = luck.drawer(rules)
    heap = [(workload.NOW_MS, ATTEMPT, priority, job, LEFT, 0) for job, priority in enumerate(plan.priority)]
    heapify(heap)
    calendars, retry_ms, lines = plan.edges, plan.retry_ms, plan.lines
    ends: list[int] = []
    promised = 0
    while heap:
        at, kind, priority, job, left, appointed = heappop(heap)
        if kind == END:
            del ends[0]
            if left >= 0:
                heappush(heap, (appointed, ATTEMPT, priority, job, left, 0))
            continue
        promised -= appointed
        edges = calendars[plan.calendar[job]]
        place = bisect_right(edges, at)
        if not place % 2:
            heappush(heap, (edges[place], ATTEMPT, priority, job, left, 0))
        elif len(ends) < lines:
            length, fate = draw()
            dials.at.append(at)
            dials.job.append(job)
            dials.length.append(length)
            dials.fate.append(fate)
            end = at + length
            insort(ends, end)
            if fate == RETRY:
                heappush(heap, (end, END, priority, job, left - 1, end + retry_ms[job]))
            elif fate == REDIAL:
                due = end + luck.REDIAL_AFTER_MS
                heappush(heap, (end, END, priority, job, luck.REDIAL_ATTEMPTS - 1, due))
            else:
                heappush(heap, (end, END, priority, job, -1, 0))
        else:
            rounds, turn = divmod(promised, lines)
            end = ends[turn] + rounds * luck.MEAN_MS
            if end < edges[place]:
                promised += 1
                heappush(heap, (end, ATTEMPT, priority, job, left, 1))
            else:
                heappush(heap, (edges[place + 1], ATTEMPT, priority, job, left, 0))
    return dials


def two_heaps(plan: Plan, rules: Rules) -> Dials:
    """A heap of events and a heap of the attempts that wait for a line, by rank.

    Attempts whose calendar is closed are parked with it; its opening is one event, which moves them all. An attempt
    whose calendar closes while it waits is found out when it comes to the top, and is parked then. Where the pace
    holds a dial back, one event looks again when it no longer does.
    """
    dials = Dials.none()
    draw = luck.drawer(rules)
    waiting: list[Waiting] = [(priority, job, LEFT) for job, priority in enumerate(plan.priority)]
    heapify(waiting)
    nobody = len(plan.edges)  # the calendar that the first event opens
    parked: list[list[Waiting]] = [[] for _ in range(nobody + 1)]
    events = [(workload.NOW_MS, OPENING, nobody, 0)]
    free, spacing_ms, next_ms, looked_ms = plan.lines, rules.spacing_ms, 0, 0
    while events:
        now = events[0][0]
        while events and events[0][0] == now:
            _, kind, job, left = heappop(events)
            if kind == END:
                free += 1
            elif kind == ATTEMPT:
                heappush(waiting, (plan.priority[job], job, left))
            elif kind == OPENING:
                for item in parked[job]:
                    heappush(waiting, item)
                parked[job] = []
        while free and waiting:
            if now < next_ms:
                if looked_ms < next_ms:
                    heappush(events, (next_ms, PACE, 0, 0))
                    looked_ms = next_ms
                break
            item = heappop(waiting)
            _, job, left = item
            calendar = plan.calendar[job]
            place = bisect_right(plan.edges[calendar], now)
            if place % 2:
                length, fate = draw()
                free -= 1
                next_ms = now + spacing_ms
                dials.at.append(now)
                dials.job.append(job)
                dials.length.append(length)
                dials.fate.append(fate)
                end = now + length
                heappush(events, (end, END, 0, 0))
                if fate == RETRY:
                    if left:
                        heappush(events, (end + plan.retry_ms[job], ATTEMPT, job, left - 1))
                elif fate == REDIAL:
                    heappush(events, (end + luck.REDIAL_AFTER_MS, ATTEMPT, job, luck.REDIAL_ATTEMPTS - 1))
                continue
            if not parked[calendar]:
                heappush(events, (plan.edges[calendar][place], OPENING, calendar, 0))
            parked[calendar].append(item)
    return dials


class Store:
    """The campaign in SimPy: a PriorityStore of open attempts, a process per line, a timeout per retry and opening.

    The pace is a Resource of capacity one, which a line asks for before it takes an attempt, and which is given back
    when the next call may start; without a pace nobody asks for it.
    """

    def __init__(self, plan: Plan, rules: Rules) -> None:
        self.plan = plan
        self.spacing_ms = rules.spacing_ms
        self.draw = luck.drawer(rules)
        self.env = simpy.Environment(initial_time=workload.NOW_MS)
        self.store = simpy.PriorityStore(self.env)
        self.pace = simpy.Resource(self.env)
        self.parked: dict[int, list[Waiting]] = {}
        self.dials = Dials.none()

    def run(self) -> Dials:
        """Dials until nothing is left to happen."""
        for item in sorted((priority, job, LEFT) for job, priority in enumerate(self.plan.priority)):
            self.offer(item)
        for _ in range(self.plan.lines):
            self.env.process(self.line())
        self.env.run()
        return self.dials

    def offer(self, item: Waiting) -> None:
        """Puts an attempt that is due into the store, or parks it until its calendar opens."""
        calendar = self.plan.calendar[item[1]]
        edges = self.plan.edges[calendar]
        now = self.env.now
        place = bisect_right(edges, now)
        if place % 2:
            self.store.put(item)
        elif calendar in self.parked:
            self.parked[calendar].append(item)
        else:
            self.parked[calendar] = [item]
            opening = self.env.timeout(edges[place] - now, value=calendar)
            opening.callbacks.append(self.open)

    def open(self, event: Any) -> None:
        """A calendar opens: its attempts go into the store, the most urgent first."""
        for item in sorted(self.parked.pop(event.value)):
            self.store.put(item)

    def due(self, event: Any) -> None:
        """A retry or a redial falls due."""
        self.offer(event.value)

    def later(self, delay_ms: int, item: Waiting) -> None:
        """Offers an attempt again after a while."""
        self.env.timeout(delay_ms, value=item).callbacks.append(self.due)

    def line(self) -> Generator[simpy.Event, Any, None]:
        """One line: takes the most urgent attempt, holds the call, and sets what follows from it."""
        plan, dials, draw, spacing_ms = self.plan, self.dials, self.draw, self.spacing_ms
        env: Any = self.env  # its clock is typed as int or float; here it is an int
        while True:
            turn = None
            if spacing_ms:
                turn = self.pace.request()
                yield turn
            item = yield self.store.get()
            priority, job, left = item
            if not plan.is_open(job, env.now):
                self.offer(item)
                if turn is not None:
                    self.pace.release(turn)
                continue
            if turn is not None:
                env.timeout(spacing_ms, value=turn).callbacks.append(self.next_turn)
            length, fate = draw()
            dials.at.append(env.now)
            dials.job.append(job)
            dials.length.append(length)
            dials.fate.append(fate)
            yield env.timeout(length)
            if fate == RETRY:
                if left:
                    self.later(plan.retry_ms[job], (priority, job, left - 1))
            elif fate == REDIAL:
                self.later(luck.REDIAL_AFTER_MS, (priority, job, luck.REDIAL_ATTEMPTS - 1))

    def next_turn(self, event: Any) -> None:
        """The pace lets the next call start."""
        self.pace.release(event.value)


def simpy_store(plan: Plan, rules: Rules) -> Dials:
    """The campaign in SimPy."""
    return Store(plan, rules).run()
