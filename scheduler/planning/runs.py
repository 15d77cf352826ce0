"""Runs of plans, seed after seed, until a rule has seen enough.

Runs are counted in order of seed, and whether another one is needed depends on those before it alone. So the result
is the same whoever ran them: what was run too far ahead is dropped.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple, Protocol

from scheduler.jobs import Problem
from scheduler.planning.executors import Workers
from scheduler.planning.figures import FIGURES, figures_of
from scheduler.planning.plan import Edit, Memo, Plan
from scheduler.planning.results import Stopped

FEW = 4
CHUNK = 16  # runs that are sent together, at most

Warnings = tuple[tuple[Problem, ...], ...]
Row = tuple[float, ...]  # the figures of a run, in the order of FIGURES
Progress = Callable[[int, int | None], None]  # how many runs there are, and of how many (None: nobody knows)
COLUMN = {name: place for place, name in enumerate(FIGURES)}


class Rule(Protocol):
    """When there are enough runs."""

    @property
    def most(self) -> int:
        """The most runs that it may take."""

    def stops(self, rows: Sequence[tuple[Row, ...]]) -> Stopped | None:
        """Why there are enough, or None; asked after each run, `most` aside."""


class Place:
    """A plan, or several under the same luck, with some fields changed, and its runs; each has a row for each plan."""

    __slots__ = ("edits", "rows", "rule", "stopped", "warnings")

    def __init__(self, edits: Sequence[Edit], rule: Rule) -> None:
        self.edits = tuple(edits)
        self.rule = rule
        self.rows: list[tuple[Row, ...]] = []
        self.stopped: Stopped | None = None
        self.warnings: Warnings = ()  # of each plan, what only its first run could tell

    def add(self, row: tuple[Row, ...]) -> None:
        """Add a run, unless there are enough."""
        if self.stopped is None:
            self.rows.append(row)
            self.stopped = self.rule.stops(self.rows)
            if self.stopped is None and len(self.rows) >= self.rule.most:
                self.stopped = Stopped.REPLICATIONS

    def go_on(self, rule: Rule) -> None:
        """Ask for what another rule wants, beside the runs that are there; it is asked about each of them in turn."""
        rows, self.rows, self.stopped, self.rule = self.rows, [], None, rule
        for row in rows:
            self.add(row)


class Done(NamedTuple):
    """The runs of a task, and what the first of them warned of, for each plan."""

    place: int
    rows: Sequence[tuple[Row, ...]]
    warnings: Warnings = ()


class Task(NamedTuple):
    """Some runs of one place, with seeds one after the other."""

    place: int
    edits: tuple[Edit, ...]
    seed: int
    runs: int


def pack(*plans: Plan) -> bytes:
    """Plans as they are sent."""
    return pickle.dumps(plans, protocol=5)


def one_if_few(executor: Any, places: Sequence[Place]) -> Any:
    """Where to run places; where nobody says it, a few runs are done here, before processes would have begun."""
    return 1 if executor is None and sum(place.rule.most for place in places) <= FEW else executor


def run_places(
    pool: Workers, shared: bytes, places: Sequence[Place], *, seed: int, progress: Progress | None = None
) -> None:
    """Run places one after the other, until each has enough or the time is over; `shared` are their plans, packed.

    A plan that refuses what a place changes raises that when the place is next.
    """
    open_places = [place for place in places if place.stopped is None]
    goal = sum(place.rule.most for place in places)
    answers = pool.map_with(run_task, shared, _tasks(open_places, seed, pool.count))
    with closing(answers):  # type: ignore[type-var]
        for task, rows, warnings in answers:
            if not open_places[task].rows:
                open_places[task].warnings = warnings
            for row in rows:
                open_places[task].add(row)
                if progress is not None:
                    progress(sum(len(place.rows) for place in places), goal)
            if all(place.stopped for place in open_places) or open_places[task].stopped is Stopped.TIME:
                break


def _tasks(places: Sequence[Place], seed: int, count: int) -> Iterator[Task]:
    """What is to be run, as far as is known when it is asked for."""
    for number, place in enumerate(places):
        sent = len(place.rows)
        while place.stopped is None and sent < place.rule.most:
            # One by one at first, and at the end of a long run, so that nobody waits for the last.
            length = max(1, min(CHUNK, sent // (2 * count), (place.rule.most - sent) // (2 * count)))
            length = 1 if count == 1 else length
            yield Task(number, place.edits, seed + sent, length)
            sent += length


_packed = Memo()
_edited = Memo()


def run_task(shared: bytes, task: Task) -> Done:
    """Do some runs: what a worker does."""
    base: tuple[Plan, ...] = _packed.get(shared, lambda: pickle.loads(shared))  # noqa: S301 - of our own `pack`
    plans = _edited.get((shared, repr(task.edits)), lambda: tuple(plan.with_fields(task.edits) for plan in base))
    rows, warnings = [], []
    for seed in range(task.seed, task.seed + task.runs):
        row = []
        for plan in plans:
            timeline = plan.run(seed)
            if seed == task.seed:
                warnings.append(timeline.warnings)
            row.append(tuple(figures_of(timeline).values()))
        rows.append(tuple(row))
    return Done(task.place, rows, tuple(warnings))
