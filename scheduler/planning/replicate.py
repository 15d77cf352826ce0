"""One plan, many seeds; and two plans under the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, repeat, takewhile
from time import monotonic
from typing import Any

from scheduler.jobs import UsageError
from scheduler.planning.executors import workers
from scheduler.planning.figures import FINISHED_AT, Unit, figure_named
from scheduler.planning.plan import Plan
from scheduler.planning.results import Comparison, Replications, Stopped, comparison_of, replications_of
from scheduler.planning.runs import COLUMN, Place, Progress, Row, one_if_few, pack, run_places
from scheduler.planning.statistics import CONFIDENCE, check_confidence, mean_interval, mean_of
from scheduler.policy.errors import shown

REPLICATIONS = 30  # where nothing says how many
MOST = 1000  # where a precision says how many
FEWEST = 20  # before a precision is believed
GROWTH = 1.1  # from one look at it to the next: of many looks one finds a narrow interval by chance


def replicate(
    plan: Plan,
    *,
    replications: int | None = None,
    precision: float | None = None,
    figure: str = FINISHED_AT,
    confidence: float = CONFIDENCE,
    budget_seconds: float | None = None,
    seed: int = 0,
    executor: Any = None,
    progress: Progress | None = None,
) -> Replications:
    r"""Run a plan under the seeds `seed`, `seed` + 1, ...: `replications` of them (30, if nothing says how many).

    With a `precision`, such as 0.02, until the interval of the mean of `figure` is, to either side, at most so wide in
    parts of the mean (of an instant, of its distance from the beginning); `replications` (1,000) is then the most.
    Stopping where it is narrow makes it a little too sure of itself: so there are at least 20 runs, and few looks.
    `budget_seconds` stops as well, and is the only thing that makes a result depend on the machine. Where nothing
    depends on luck there is one run. `executor` is what `executors.workers` takes; nothing depends on it.
    Raises UsageError for a number that makes no sense, and Refused for a file of the plan.

    >>> plan = Plan(request=b'[{"phone": "79123456789"}]', now_ms=0, outcomes=b"model = {answered = 0.5}")
    >>> runs = replicate(plan, replications=40, executor=1)
    >>> runs.count, runs["dials"].mean, 0.3 < runs["reach"].mean < 0.7
    (40, 1.0, True)
    """
    plan.read()  # what is wrong with it is told here
    rule = Enough.of([plan], replications, precision, figure, confidence, budget_seconds)
    place = Place((), rule)
    check_seed(seed)
    with workers(one_if_few(executor, [place])) as pool:
        run_places(pool, pack(plan), [place], seed=seed, progress=progress)
    return replications_at(place, seed, confidence)


def compare(
    first: Plan,
    second: Plan,
    *,
    replications: int | None = None,
    precision: float | None = None,
    figure: str = FINISHED_AT,
    confidence: float = CONFIDENCE,
    budget_seconds: float | None = None,
    seed: int = 0,
    executor: Any = None,
    progress: Progress | None = None,
) -> Comparison:
    r"""Run two plans under the same seeds, so that they differ by what they make of the same luck (R12.3).

    As `replicate`; a `precision` is that of the mean difference, in parts of the first plan's mean.

    >>> plan = Plan(request=b'[{"phone": "79123456789"}]', now_ms=0, outcomes=b"model = {answered = 0.5}")
    >>> comparison = compare(plan, plan.with_field("policy.maxAttempts", 2), replications=40, executor=1)
    >>> comparison["reach"].lower, comparison["reach"].narrower > 1
    (0, True)
    """
    plans = (first, second)
    for plan in plans:
        plan.read()
    place = Place((), Enough.of(plans, replications, precision, figure, confidence, budget_seconds))
    check_seed(seed)
    with workers(one_if_few(executor, [place])) as pool:
        run_places(pool, pack(*plans), [place], seed=seed, progress=progress)
    ran = [replications_at(place, seed, confidence, which) for which in (0, 1)]
    return comparison_of(ran[0], ran[1], confidence)


def replications_at(place: Place, seed: int, confidence: float, which: int = 0) -> Replications:
    """The runs of one of a place's plans."""
    assert place.stopped is not None
    rows = [row[which] for row in place.rows]
    warnings = place.warnings[which] if place.warnings else ()
    return replications_of(rows, seed=seed, stopped=place.stopped, confidence=confidence, warnings=warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """When there are enough runs: at `most`, at a precision, when the time is over."""

    most: int
    luck: bool
    precision: float | None
    figure: str
    confidence: float
    origin: float  # what a mean is measured from
    deadline: float | None
    looks: frozenset[int]

    @classmethod
    def of(
        cls,
        plans: Sequence[Plan],
        replications: int | None,
        precision: float | None,
        figure: str,
        confidence: float,
        budget_seconds: float | None,
        clock: Callable[[], float] = monotonic,
    ) -> Enough:
        """What the arguments of `replicate` mean for plans. Raises UsageError where they make no sense."""
        check_confidence(confidence)
        unit = figure_named(figure).unit
        if replications is not None and (not isinstance(replications, int) or replications < 1):
            raise UsageError(f"replications is a whole number, at least 1, not {shown(replications)}")
        if precision is not None and not 0 < precision < 1:
            raise UsageError(f"a precision is a part of the mean, such as 0.02 for 2 %, not {shown(precision)}")
        if budget_seconds is not None and not budget_seconds > 0:
            raise UsageError(f"a budget is more than 0 seconds, not {shown(budget_seconds)}")
        most = replications or (REPLICATIONS if precision is None else MOST)
        luck = any(plan.has_luck for plan in plans)
        return cls(
            most=most if luck else 1,
            luck=luck,
            precision=precision,
            figure=figure,
            confidence=confidence,
            origin=float(plans[0].now_ms) if unit is Unit.INSTANT else 0.0,
            deadline=None if budget_seconds is None else clock() + budget_seconds,
            looks=looks(most),
        )

    def stops(self, rows: Sequence[tuple[Row, ...]]) -> Stopped | None:
        """Why there are enough runs, `most` aside."""
        if not self.luck:
            return Stopped.NO_LUCK
        if self.precision is not None and len(rows) in self.looks and self._is_precise(rows):
            return Stopped.PRECISION
        if self.deadline is not None and monotonic() >= self.deadline:
            return Stopped.TIME
        return None

    def _is_precise(self, rows: Sequence[tuple[Row, ...]]) -> bool:
        assert self.precision is not None
        column = COLUMN[self.figure]
        firsts = [row[0][column] for row in rows]
        values = firsts if len(rows[0]) == 1 else [row[1][column] - row[0][column] for row in rows]
        interval = mean_interval(values, self.confidence)
        return interval is not None and interval.half_width <= self.precision * abs(mean_of(firsts) - self.origin)


def looks(most: int) -> frozenset[int]:
    """After how many runs the precision is looked at.

    >>> sorted(looks(30))
    [20, 23, 26, 29]
    """
    steps = accumulate(repeat(0), lambda last, _: int(last * GROWTH) + 1, initial=FEWEST)
    return frozenset(takewhile(lambda count: count <= most, steps))


def check_seed(seed: int) -> None:
    """Raise UsageError unless a seed is a whole number."""
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise UsageError(f"a seed is a whole number, not {shown(seed)}")
