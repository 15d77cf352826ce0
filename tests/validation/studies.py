"""Each study: what theory says of some figures, and runs of the engine that measure them.

A figure is compared over independent replications, of seeds 0, 1, 2, …: the mean of the engine's is at most TOLERANCE
standard errors of that mean away from theory. The standard errors themselves are bounded by a share of theory, so that
nothing agrees because it says nothing. Seeds are fixed, so what holds once holds always; 4 was chosen before any run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf, sqrt
from statistics import fmean, stdev

from scheduler import Model
from scheduler.lengths import constant, exponential
from tests.validation import runs, theory

TOLERANCE = 4.0
QUICK, LONG = "quick", "long"


@dataclass(frozen=True, kw_only=True)
class Study:
    """Figures by theory, and the run that measures them by (seed, size).

    `quick` and `long` are the number of replications and the size of each; `precision` bounds the standard errors of
    the quick ones, as a share of theory.
    """

    name: str
    theory: Mapping[str, float]
    run: Callable[[int, int], runs.Figures]
    quick: tuple[int, int]
    long: tuple[int, int]
    precision: float

    def measured(self, length: str) -> Iterator[Measured]:
        """What the engine gives for each figure."""
        replications, size = self.quick if length == QUICK else self.long
        found = [self.run(seed, size) for seed in range(replications)]
        for figure, expected in self.theory.items():
            values = [each[figure] for each in found]
            yield Measured(figure, expected, fmean(values), stdev(values) / sqrt(replications))


@dataclass(frozen=True)
class Measured:
    """A figure by theory and by the engine, and the standard error of the latter."""

    figure: str
    theory: float
    engine: float
    error: float

    @property
    def distance(self) -> float:
        """How many standard errors the engine is off."""
        off = self.engine - self.theory
        if off == 0:
            return 0.0
        return off / self.error if self.error else inf


def _waits(lines: int, load: float, longer: float) -> dict[str, float]:
    return {
        "waited": theory.erlang_c(lines, load),
        f"waited longer than {longer}": theory.waits_longer(lines, load, longer),
        "wait": theory.mean_wait(lines, load),
    }


def _retrial(name: str, lines: int, load: float, quick: tuple[int, int], long: tuple[int, int]) -> Study:
    solved = theory.retrial(lines, load, 1.0)
    return Study(
        name=name,
        theory={"lines busy": load, "all busy": solved.all_busy, "between tries": solved.orbit},
        run=partial(runs.callers_that_try_again, lines=lines, load=load, retry_rate=1.0),
        quick=quick,
        long=long,
        precision=0.1,
    )


def _batches(agents: int, dials: int) -> Study:
    return Study(
        name=f"{dials} dials at once for {agents} agents, 30 % answered",
        theory={"abandoned": theory.abandoned(dials, agents, 0.3)},
        run=partial(runs.batches, agents=agents, dials=dials, answered=0.3),
        quick=(20, 1_500 // dials),
        long=(40, 40_000 // dials),
        precision=0.2,
    )


_ERLANG_A = theory.erlang_a(100, 102, 1.0)
_DEADLINE = theory.deadline(10, 11, 0.2)
_REACH = theory.reach(0.25, 3)
_FIRST, _LAST = theory.cobham([0.35, 0.35])

STUDIES = (
    Study(
        name="Erlang B: 5 lines, load 4",
        theory={
            "lost": theory.erlang_b(5, 4),
            "all busy": theory.erlang_b(5, 4),
            "lines busy": 4 - 4 * theory.erlang_b(5, 4),
        },
        run=partial(runs.callers_that_go, lines=5, load=4.0),
        quick=(20, 200),
        long=(40, 2_000),
        precision=0.03,
    ),
    Study(
        name="Erlang C: 10 lines, load 8",
        theory=_waits(10, 8, 0.2),
        run=partial(runs.callers_that_wait, lines=10, load=8.0, longer=0.2),
        quick=(20, 150),
        long=(40, 2_000),
        precision=0.2,
    ),
    Study(
        name="Erlang C: 1 line, load 0.7, lengths drawn by a model",
        theory=_waits(1, 0.7, 2.0),
        run=partial(
            runs.callers_that_wait,
            lines=1,
            load=0.7,
            longer=2.0,
            outcomes=Model(answered=1, ring_ms=runs.AT_ONCE, talk_ms=exponential(runs.CALL_MS)),
        ),
        quick=(20, 1_500),
        long=(40, 15_000),
        precision=0.1,
    ),
    Study(
        name="Pollaczek-Khinchine: 1 line, load 0.7, all calls alike",
        theory={"waited": 0.7, "wait": theory.pollaczek_khinchine(0.7, 0.0)},
        run=partial(
            runs.callers_that_wait,
            lines=1,
            load=0.7,
            longer=2.0,
            outcomes=Model(answered=1, ring_ms=runs.AT_ONCE, talk_ms=constant(runs.CALL_MS)),
        ),
        quick=(20, 1_000),
        long=(40, 10_000),
        precision=0.1,
    ),
    Study(
        name="Cobham: 1 line, two priorities, load 0.35 each",
        theory={"wait of priority 1": _FIRST, "wait of priority 5": _LAST},
        run=partial(runs.callers_of_two_priorities, load=0.7),
        quick=(20, 1_500),
        long=(40, 15_000),
        precision=0.1,
    ),
    Study(
        name="Erlang A: 100 lines, load 102, patience like calls",
        theory={"waited": _ERLANG_A.wait, "gave up": _ERLANG_A.abandon},
        run=partial(runs.callers_that_give_up, lines=100, load=102.0, patience_rate=1.0),
        quick=(20, 20),
        long=(40, 120),
        precision=0.15,
    ),
    Study(
        name="M/M/n+D: 10 lines, load 11, a finish after 0.2",
        theory={"waited": _DEADLINE.wait, "gave up": _DEADLINE.abandon},
        run=partial(runs.callers_with_a_deadline, lines=10, load=11.0, patience=0.2),
        quick=(20, 100),
        long=(40, 1_500),
        precision=0.05,
    ),
    _retrial("Retrial queue: 1 line, load 0.5", 1, 0.5, (20, 1_000), (40, 20_000)),
    _retrial("Retrial queue: 2 lines, load 1.5", 2, 1.5, (20, 800), (40, 10_000)),
    _retrial("Retrial queue: 5 lines, load 4", 5, 4.0, (20, 300), (40, 4_000)),
    Study(
        name="Reach: 3 attempts, 25 % answered",
        theory={"reached": _REACH.reach, "attempts": _REACH.attempts},
        run=partial(runs.dialled_until_answered, answered=0.25, attempts=3),
        quick=(20, 2_000),
        long=(40, 50_000),
        precision=0.005,
    ),
    *(_batches(agents, dials) for agents, dials in ((5, 10), (10, 26), (20, 58), (50, 159))),
)
