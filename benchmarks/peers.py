"""Other ways of running the same campaign: the contenders of the engine.

`bare_heap` is no simulator; it is what any simulator that keeps its attempts in one binary heap pays at the least.
The other three dial the numbers of a `Plan`: every attempt rings 30 s unanswered, inside its calendar, while a line is
free, and is repeated its retry interval after its end. Their rank is a simple one: (priority, order of arrival). All
get their calendars ready made, so their time is that of the simulation alone. `check` holds them to these rules.
"""

import random
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import simpy

from benchmarks import workload

END, ATTEMPT, OPENING = range(3)
Entry = tuple[float, int]
Waiting = tuple[int, int, int]  # priority, job, attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign as the peers see it: per job its calendar's edges, its priority and its retry interval."""

    edges: list[list[int]]
    calendar: list[int]
    priority: list[int]
    retry_ms: list[int]
    lines: int

    def is_open(self, job: int, at: int) -> bool:
        """Whether `job` may be dialled at `at`."""
        return bisect_right(self.edges[self.calendar[job]], at) % 2 == 1


class Dials(NamedTuple):
    """What was dialled, in columns, in order."""

    at: "array[int]"
    job: "array[int]"


def plan(numbers: workload.Numbers) -> Plan:
    """The plan of `numbers`."""
    return Plan(
        edges=[workload.edges(week, zone) for zone in workload.ZONES for week in workload.WEEKS],
        calendar=numbers.calendar,
        priority=numbers.priority,
        retry_ms=[minutes * 60_000 for minutes in numbers.retry_minutes],
        lines=numbers.lines,
    )


def check(plan: Plan, dials: Dials) -> None:
    """Asserts that `dials` keep to calendars, lines, retry intervals and attempts, and that none is missing."""
    last: dict[int, int] = {}
    counts = [0] * len(plan.calendar)
    for place, (at, job) in enumerate(zip(dials.at, dials.job, strict=True)):
        assert plan.is_open(job, at), (at, job)
        assert job not in last or at >= last[job] + workload.RING_MS + plan.retry_ms[job], (at, job)
        assert place < plan.lines or at >= dials.at[place - plan.lines] + workload.RING_MS, (at, job)
        last[job] = at
        counts[job] += 1
    assert counts == [workload.ATTEMPTS] * len(counts)


def entries(count: int, seed: int = workload.SEED) -> list[Entry]:
    """What goes through the bare heap: random times, each with an index."""
    luck = random.Random(seed)
    return [(luck.random(), index) for index in range(count)]


def bare_heap(entries: list[Entry]) -> int:
    """Pushes all `entries`, then pops all: returns how many."""
    heap: list[Entry] = []
    for entry in entries:
        heappush(heap, entry)
    while heap:
        heappop(heap)
    return len(entries)


def one_heap(plan: Plan) -> Dials:
    """One heap of all events: ends of calls, and attempts, which are pushed again until they can be dialled.

    An attempt outside its calendar is pushed for the next opening. One that finds no line is pushed for the end of
    the first call that is promised to nobody else: behind `promised` attempts that is call `promised` in order of
    ends, round after round. (Pushing all of them for the very next end is quadratic.) Where that end lies beyond the
    closing, it is the next opening again.
    """
    dials = Dials(array("q"), array("q"))
    heap = [(workload.NOW_MS, ATTEMPT, priority, job, 1, 0) for job, priority in enumerate(plan.priority)]
    heapify(heap)
    calendars, retry_ms, lines, ring_ms = plan.edges, plan.retry_ms, plan.lines, workload.RING_MS
    ends: deque[int] = deque()
    promised = 0
    while heap:
        at, kind, priority, job, attempt, appointed = heappop(heap)
        if kind == END:
            ends.popleft()
            if attempt < workload.ATTEMPTS:
                heappush(heap, (at + retry_ms[job], ATTEMPT, priority, job, attempt + 1, 0))
            continue
        promised -= appointed
        edges = calendars[plan.calendar[job]]
        place = bisect_right(edges, at)
        if not place % 2:
            heappush(heap, (edges[place], ATTEMPT, priority, job, attempt, 0))
        elif len(ends) < lines:
            dials.at.append(at)
            dials.job.append(job)
            ends.append(at + ring_ms)
            heappush(heap, (at + ring_ms, END, priority, job, attempt, 0))
        else:
            rounds, turn = divmod(promised, lines)
            end = ends[turn] + rounds * ring_ms
            if end < edges[place]:
                promised += 1
                heappush(heap, (end, ATTEMPT, priority, job, attempt, 1))
            else:
                heappush(heap, (edges[place + 1], ATTEMPT, priority, job, attempt, 0))
    return dials


def two_heaps(plan: Plan) -> Dials:
    """A heap of events and a heap of the attempts that wait for a line, by rank.

    Attempts whose calendar is closed are parked with it; its opening is one event, which moves them all. An attempt
    whose calendar closes while it waits is found out when it comes to the top, and is parked then.
    """
    dials = Dials(array("q"), array("q"))
    waiting: list[Waiting] = [(priority, job, 1) for job, priority in enumerate(plan.priority)]
    heapify(waiting)
    nobody = len(plan.edges)  # the calendar that the first event opens
    parked: list[list[Waiting]] = [[] for _ in range(nobody + 1)]
    events = [(workload.NOW_MS, OPENING, nobody, 0)]
    free = plan.lines
    while events:
        now = events[0][0]
        while events and events[0][0] == now:
            _, kind, job, attempt = heappop(events)
            if kind == END:
                free += 1
                if attempt < workload.ATTEMPTS:
                    due = now + plan.retry_ms[job]
                    heappush(events, (due, ATTEMPT, job, attempt + 1))
            elif kind == ATTEMPT:
                heappush(waiting, (plan.priority[job], job, attempt))
            else:
                for item in parked[job]:
                    heappush(waiting, item)
                parked[job] = []
        while free and waiting:
            item = heappop(waiting)
            job = item[1]
            calendar = plan.calendar[job]
            place = bisect_right(plan.edges[calendar], now)
            if place % 2:
                free -= 1
                dials.at.append(now)
                dials.job.append(job)
                heappush(events, (now + workload.RING_MS, END, job, item[2]))
                continue
            if not parked[calendar]:
                heappush(events, (plan.edges[calendar][place], OPENING, calendar, 0))
            parked[calendar].append(item)
    return dials


class Store:
    """The campaign in SimPy: a PriorityStore of open attempts, a process per line, a timeout per retry and opening."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.env = simpy.Environment(initial_time=workload.NOW_MS)
        self.store = simpy.PriorityStore(self.env)
        self.parked: dict[int, list[Waiting]] = {}
        self.dials = Dials(array("q"), array("q"))

    def run(self) -> Dials:
        """Dials until nothing is left to happen."""
        for item in sorted((priority, job, 1) for job, priority in enumerate(self.plan.priority)):
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
        """A retry falls due."""
        self.offer(event.value)

    def line(self) -> Generator[simpy.Event, Any, None]:
        """One line: takes the most urgent attempt, rings, and sets its retry."""
        plan = self.plan
        env: Any = self.env  # its clock is typed as int or float; here it is an int
        while True:
            item = yield self.store.get()
            priority, job, attempt = item
            if not plan.is_open(job, env.now):
                self.offer(item)
                continue
            self.dials.at.append(env.now)
            self.dials.job.append(job)
            yield env.timeout(workload.RING_MS)
            if attempt < workload.ATTEMPTS:
                retry = env.timeout(plan.retry_ms[job], value=(priority, job, attempt + 1))
                retry.callbacks.append(self.due)


def simpy_store(plan: Plan) -> Dials:
    """The campaign in SimPy."""
    return Store(plan).run()
