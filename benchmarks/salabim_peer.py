"""The campaign with drawn outcomes in salabim, as its sample model "Bank, 3 clerks" has it.

A number is a component with a process, a line is one too: a clerk. A number waits for its opening with `hold`, enters
the queue of its priority, wakes an idle line and becomes passive; a line takes the first of the first queue that is
not empty, holds for the length of the attempt, and activates the number, which goes on with its retry interval.

What makes it fast: a queue for each priority, so that entering one takes no search (a single sorted queue is a linked
list that is searched from its tail, and a Store is listed anew for each item); no trace; no monitors on the queues,
nor on the status and the mode of the components; whole milliseconds from zero; processes as generators
(`yieldless=False`), which need no greenlets. Each run has an environment of its own, which is not the default one.
"""

import random
from bisect import bisect_right
from collections.abc import Generator
from typing import Any

import salabim

from benchmarks import luck, workload
from benchmarks.drawn import Dials
from benchmarks.luck import OVER, REDIAL, Rules
from benchmarks.peers import Plan

Process = Generator[Any, Any, None]


class Shared:
    """What the components of one run share."""

    def __init__(self, plan: Plan, rules: Rules) -> None:
        self.plan = plan
        self.draw = luck.drawer(rules)
        self.dials = Dials.none()
        # An empty environment is the default one, so that nothing keeps the other when the run is over.
        salabim.Environment(yieldless=False)
        self.env = salabim.Environment(trace=False, isdefault_env=False, yieldless=False, random_seed="*")
        self.waiting = [salabim.Queue(f"priority {each}", monitor=False, env=self.env) for each in workload.PRIORITIES]
        self.idle = salabim.Queue("idle lines", monitor=False, env=self.env)


def silence(component: Any) -> None:
    """Switches off the component's own monitors."""
    component.status.monitor(value=False)
    component.mode.monitor(value=False)


class Number(salabim.Component):  # type: ignore[misc]
    """A number: waits for its opening, then for a line, then for its retry."""

    def prepare(self, shared: Shared, job: int) -> None:
        """What would be its `setup`; arguments of that name are looked up in its signature for each component."""
        silence(self)
        self.shared = shared
        self.job = job
        self.edges = shared.plan.edges[shared.plan.calendar[job]]
        self.queue = shared.waiting[shared.plan.priority[job] - 1]
        self.left = workload.ATTEMPTS
        self.due_ms = workload.NOW_MS

    def process(self) -> Process:
        """Its life."""
        now_ms = workload.NOW_MS
        while self.left:
            opens_ms = self.edges[place] if (place := bisect_right(self.edges, self.due_ms)) % 2 == 0 else self.due_ms
            if opens_ms > now_ms:
                yield self.hold(opens_ms - now_ms)
            self.enter(self.queue)
            if self.shared.idle:
                self.shared.idle.pop().activate()
            yield self.passivate()
            now_ms = workload.NOW_MS + int(self.env.now())

    def is_open(self, now_ms: int) -> bool:
        """Whether it may be dialled now."""
        return bisect_right(self.edges, now_ms) % 2 == 1


class Line(salabim.Component):  # type: ignore[misc]
    """A line: takes the most urgent number, and holds its call."""

    def setup(self, shared: Shared) -> None:
        """Called by salabim when the component is made."""
        silence(self)
        self.shared = shared

    def process(self) -> Process:
        """Its life."""
        waiting, idle, dials, draw = self.shared.waiting, self.shared.idle, self.shared.dials, self.shared.draw
        retry_ms = self.shared.plan.retry_ms
        while True:
            number = next((queue.pop() for queue in waiting if queue), None)
            if number is None:
                self.enter(idle)
                yield self.passivate()
                continue
            now_ms = workload.NOW_MS + int(self.env.now())
            if not number.is_open(now_ms):
                number.due_ms = now_ms
                number.activate()
                continue
            length, fate = draw()
            dials.at.append(now_ms)
            dials.job.append(number.job)
            dials.length.append(length)
            dials.fate.append(fate)
            yield self.hold(length)
            end_ms = now_ms + length
            if fate == OVER:
                number.left = 0
            elif fate == REDIAL:
                number.left = luck.REDIAL_ATTEMPTS
                number.due_ms = end_ms + luck.REDIAL_AFTER_MS
            else:
                number.left -= 1
                number.due_ms = end_ms + retry_ms[number.job]
            number.activate()


def campaign(plan: Plan, rules: Rules) -> Dials:
    """The campaign in salabim. It knows no pace."""
    state = random.getstate()  # an environment seeds the generator that everybody shares
    shared = Shared(plan, rules)
    for job in range(len(plan.calendar)):
        Number(env=shared.env).prepare(shared, job)
    for _ in range(plan.lines):
        Line(shared=shared, env=shared.env)
    shared.env.run()
    random.setstate(state)
    return shared.dials
