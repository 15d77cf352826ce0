"""The campaign with drawn outcomes in Ciw: a network of two nodes, after its guides.

Node 1 has a server for each line. Node 2 has as many servers as it takes; there a number waits for its retry and for
its opening, both in one service time. The five priorities are customer classes, each with a priority of its own. All
numbers arrive at time zero, in one batch for each class and node. The service times are distributions of our own, which
Ciw hands the time and the individual; where an individual goes after node 1 is a routing object of our own. A number
whose calendar closed while it queued is found out when a server takes it: its service takes no time, is no dial, and
is followed by node 2.

What makes it fast: as few nodes as can be, since every event updates all of them; no reneging (by which Ciw has a
number leave the queue), since every event would look through the whole queue for it; no state tracker; whole
milliseconds instead of `exact`; no records are asked for at the end. The rest is Ciw's own: for each event it looks
through all who wait at either node, so its time grows with the square of the numbers.

What is left out in its favour: of those that become open at the same instant Ciw takes one at random, whatever its
priority; and no pace, no redials.
"""

import random
from bisect import bisect_right
from typing import Any

import ciw

from benchmarks import luck, workload
from benchmarks.drawn import Dials
from benchmarks.luck import RETRY, Rules
from benchmarks.peers import Plan

LINES, ELSEWHERE, EXIT = 1, 2, -1


class Shared:
    """What the individuals of one run share: the plan, and the dials so far."""

    def __init__(self, plan: Plan, rules: Rules) -> None:
        self.plan = plan
        self.draw = luck.drawer(rules)
        self.dials = Dials.none()


class Arrivals(ciw.routing.NetworkRouting):  # type: ignore[misc]
    """The routing of one class; it also tells each individual, as it arrives, which number it is."""

    def __init__(self, shared: Shared, jobs: dict[int, list[int]]) -> None:
        super().__init__(routers=[AfterCall(), ciw.routing.Direct(to=LINES)])
        self.shared = shared
        self.jobs = {node: iter(each) for node, each in jobs.items()}

    def initialise_individual(self, ind: Any) -> None:
        """Called by Ciw when an individual is made."""
        plan = self.shared.plan
        ind.shared = self.shared
        ind.job = next(self.jobs[ind.starting_node])
        ind.edges = plan.edges[plan.calendar[ind.job]]
        ind.left = workload.ATTEMPTS
        ind.due_ms = 0


class AfterCall(ciw.routing.NodeRouting):  # type: ignore[misc]
    """Where a number goes after an attempt: elsewhere while attempts are left."""

    def next_node(self, ind: Any) -> Any:
        """Called by Ciw when a service ends."""
        return self.simulation.nodes[ELSEWHERE if ind.left else EXIT]


class Call(ciw.dists.Distribution):  # type: ignore[misc]
    """The service time of a line: the length of an attempt, or none if the calendar has closed meanwhile."""

    def sample(self, t: float | None = None, ind: Any = None) -> int:
        """Called by Ciw when a service begins."""
        at = workload.NOW_MS + int(t or 0)
        if bisect_right(ind.edges, at) % 2 == 0:
            ind.due_ms = at
            return 0
        shared: Shared = ind.shared
        length, fate = shared.draw()
        shared.dials.at.append(at)
        shared.dials.job.append(ind.job)
        shared.dials.length.append(length)
        shared.dials.fate.append(fate)
        ind.left = ind.left - 1 if fate == RETRY else 0
        ind.due_ms = at + length + shared.plan.retry_ms[ind.job]
        return length


class Wait(ciw.dists.Distribution):  # type: ignore[misc]
    """The time elsewhere: until the number is due, and then until its calendar is open."""

    def sample(self, t: float | None = None, ind: Any = None) -> int:
        """Called by Ciw when a service begins."""
        at = workload.NOW_MS + int(t or 0)
        due_ms = max(ind.due_ms, at)
        place = bisect_right(ind.edges, due_ms)
        return int((due_ms if place % 2 else ind.edges[place]) - at)


def network(plan: Plan, rules: Rules) -> tuple[Any, Shared]:
    """The network of `plan`, and what its individuals share."""
    shared = Shared(plan, rules)
    classes = [str(priority) for priority in workload.PRIORITIES]
    jobs: dict[str, dict[int, list[int]]] = {name: {LINES: [], ELSEWHERE: []} for name in classes}
    for job, priority in enumerate(plan.priority):
        jobs[str(priority)][LINES if plan.is_open(job, workload.NOW_MS) else ELSEWHERE].append(job)
    once = ciw.dists.Sequential([0, float("inf")])
    made = ciw.create_network(
        arrival_distributions={name: [once, once] for name in classes},
        batching_distributions={
            name: [ciw.dists.Deterministic(len(jobs[name][node])) for node in (LINES, ELSEWHERE)] for name in classes
        },
        service_distributions={name: [Call(), Wait()] for name in classes},
        number_of_servers=[plan.lines, float("inf")],
        priority_classes={name: place for place, name in enumerate(classes)},
        routing={name: Arrivals(shared, jobs[name]) for name in classes},
    )
    return made, shared


def campaign(plan: Plan, rules: Rules) -> Dials:
    """The campaign in Ciw."""
    state = random.getstate()  # Ciw draws from the generator that everybody shares
    ciw.seed(workload.SEED)
    made, shared = network(plan, rules)
    ciw.Simulation(made).simulate_until_max_customers(len(plan.calendar), method="Finish")
    random.setstate(state)
    return shared.dials
