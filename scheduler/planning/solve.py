"""The least value of a field that meets a goal, or the greatest: by bisection, with few runs where few tell.

How it works
    Values stand in order: from the one that is wanted most to the one that meets the goal most easily. Somewhere
    the goal begins to be met. A *probe* of a value is a few runs, which only say where to look next; the two
    neighbours between which the goal begins to be met are *proven*: run until the runs tell met from not met, or
    until there are as many as are allowed. What a proof says may contradict a probe; then the search goes on. The
    same seeds are used at every value.

Why it is right
    The answer rests on the two proofs, and on nothing that a probe said. Proofs are tests that may be looked at after
    every run (statistics.py). The k-th may err with (1 - confidence) / (k (k + 1)), which sums up to 1 - confidence,
    however many there are. That no better value meets the goal follows if it is met the more easily the further one
    goes; what was seen is tested against that, pair by pair, and where it is not so, nothing is called certain. Where
    no value seems to meet the goal, the one that is wanted most is tried too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import comb, isfinite, log
from typing import Any

from scheduler.commands import Submit
from scheduler.jobs import UsageError
from scheduler.planning.executors import Workers, workers
from scheduler.planning.figures import FINISHED_AT, OF_AGENTS
from scheduler.planning.goals import Goal, parse_goal
from scheduler.planning.plan import AGENTS, LINES, NUMBERS, OTHER_NAMES, START, Plan, check_field, value_of
from scheduler.planning.ranges import START_STEP_MS, Range, Vary, parse_vary, value_at
from scheduler.planning.replicate import check_seed, replications_at
from scheduler.planning.results import Stopped
from scheduler.planning.runs import COLUMN, Place, Progress, Row, pack, run_places
from scheduler.planning.solutions import Found, Solution, Tried
from scheduler.planning.statistics import (
    CONFIDENCE,
    check_confidence,
    evidence_above,
    evidence_below,
    mean_interval,
    mean_lies,
)
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import parse_moment

REPLICATIONS = 320  # at one value, at most
PROBE = 10
PROBE_ERROR = 0.01  # a probe ends before, if it is as clear as this
ORDER_ERROR = 0.01  # how unlikely by luck alone a pair out of order has to be
FROM_TO = {START: "2026-03-02..2026-03-06/6h"}
COUNTED = (LINES, OTHER_NAMES[LINES], AGENTS, OTHER_NAMES[AGENTS])  # more of them than numbers change nothing
WANTED = dict.fromkeys((*COUNTED, "callsPerSecond", "policy.maxAttempts"), True)
WANTED |= {NUMBERS: False, START: False}


def solve(
    plan: Plan,
    *,
    goal: Goal | str,
    vary: Vary | str = LINES,
    low: Any = None,
    high: Any = None,
    step: float | None = None,
    wanted: str | None = None,
    confidence: float = CONFIDENCE,
    replications: int = REPLICATIONS,
    seed: int = 0,
    executor: Any = None,
    progress: Progress | None = None,
) -> Solution:
    r"""Find the fewest lines or agents that meet a goal, the most `numbers`, the latest `start`, the best of a field.

    `vary` is a field, from `low` to `high` in steps of `step` (1; of a start, 15 minutes), or a range as text, such as
    `lines=10..200`. Of lines, agents, numbers and starts the bounds may be left out. `wanted` is `least` or `most`, for
    a field of which that does not go without saying. `replications` is the most for one value. See the module for how
    sure the answer is; it says so itself, and also where no value meets the goal.
    Raises UsageError for a field, goal or range that makes no sense, and Refused for a file of the plan.

    >>> numbers = b"[" + b",".join(b'{"phone": "%d"}' % (79120000000 + n) for n in range(60)) + b"]"
    >>> solution = solve(Plan(request=numbers, now_ms=0), goal="finished by 1970-01-01T00:05:00Z")
    >>> solution.value, solution.replications < solution.grid  # 60 calls of 30 s each in 300 s
    (6, True)
    """
    goal = parse_goal(goal) if isinstance(goal, str) else goal
    _check_agents(plan, goal, vary)
    check_confidence(confidence)
    check_seed(seed)
    if not isinstance(replications, int) or replications < 1:
        raise UsageError(f"replications is a whole number, at least 1, not {shown(replications)}")
    values, bounded = _values(plan, goal, vary, low, high, step)
    least = _is_least(values.field, wanted)
    luck = plan.has_luck or values.field.startswith("outcomes.")
    search = _Search(plan, goal, values, least, luck, confidence, replications, seed, progress)
    with workers(1 if executor is None and not luck else executor) as pool:
        search.run(pool, gallop=not bounded)
    return search.solution(bounded=bounded)


@dataclass(frozen=True, slots=True)
class _Values:
    """The values of a field, by their place from the least on; made when they are asked for."""

    field: str
    low: float
    step: float
    count: int

    def at(self, place: int) -> Any:
        """The value at a place."""
        return value_at(self.field, Decimal(str(self.low)) + place * Decimal(str(self.step)))


@dataclass(frozen=True, slots=True)
class _Asks:
    """The rule of a probe (`proof` false) or a proof."""

    goal: Goal
    most: int
    error: float
    luck: bool
    proof: bool

    def stops(self, rows: Sequence[tuple[Row, ...]]) -> Stopped | None:
        """Why there are enough runs."""
        if not self.luck:
            return Stopped.NO_LUCK
        return Stopped.TOLD if self.tells(rows) else None

    def tells(self, rows: Sequence[tuple[Row, ...]]) -> bool:
        """Whether runs tell met from not met."""
        column = COLUMN[self.goal.figure]
        if self.goal.probability is None:
            return mean_lies([row[0][column] for row in rows], self.goal.value, self.error) != 0
        met = sum(self.goal.met_in(row[0][column]) for row in rows)
        evidence = evidence_above if met > self.goal.probability * len(rows) else evidence_below
        return evidence(met, len(rows), self.goal.probability) >= -log(self.error)


class _Search:
    """A search; `places` are those that were tried, by how easily they meet the goal (0: the one wanted most)."""

    def __init__(
        self,
        plan: Plan,
        goal: Goal,
        values: _Values,
        least: bool,
        luck: bool,
        confidence: float,
        most: int,
        seed: int,
        progress: Progress | None,
    ) -> None:
        self.plan = plan
        self.shared = pack(plan)
        self.goal = goal
        self.values = values
        self.least = least
        self.luck = luck
        self.confidence = confidence
        self.most = most if luck else 1
        self.seed = seed
        self.progress = progress
        self.places: dict[int, Place] = {}
        self.met: dict[int, bool] = {}
        self.proven: dict[int, bool] = {}  # whether the proof told
        self.ran: dict[int, int] = {}

    def value(self, place: int) -> Any:
        """The value at a place."""
        return self.values.at(place if self.least else self.values.count - 1 - place)

    def run(self, pool: Workers, *, gallop: bool) -> None:
        """Search, until the neighbours between which the goal begins to be met are proven."""
        count = self.values.count
        while True:
            good = min((place for place, met in self.met.items() if met), default=count)
            bad = max((place for place, met in self.met.items() if not met and place < good), default=-1)
            if good - bad > 1:
                # Without an upper bound, twice as far each time, until the goal is met for the first time.
                far = gallop and good == count
                self._probe(pool, min(2 * bad + 2, count - 1) if far else (bad + good) // 2)
                continue
            # What is not met is mostly told by few runs; if it turns out to be met, those for the other are saved.
            unproven = [place for place in (bad, good) if 0 <= place < count and place not in self.proven]
            if unproven:
                self._prove(pool, unproven[0])
            elif good == count and 0 not in self.places:
                # Where what should be easiest fails, the figure may go the other way: the value wanted most tells.
                self._probe(pool, 0)
            else:
                return

    def _probe(self, pool: Workers, number: int) -> None:
        asks = _Asks(self.goal, min(PROBE, self.most), PROBE_ERROR, self.luck, proof=False)
        self._run(pool, number, asks)

    def _prove(self, pool: Workers, number: int) -> None:
        order = len(self.proven) + 1
        asks = _Asks(self.goal, self.most, (1 - self.confidence) / (order * (order + 1)), self.luck, proof=True)
        self._run(pool, number, asks)
        self.proven[number] = not self.luck or asks.tells(self.places[number].rows)

    def _run(self, pool: Workers, number: int, asks: _Asks) -> None:
        place = self.places.get(number)
        if place is None:
            place = self.places[number] = Place([(self.values.field, self.value(number))], asks)
        else:
            place.go_on(asks)
        before = sum(ran for other, ran in self.ran.items() if other != number)
        told = self.progress
        run_places(
            pool,
            self.shared,
            [place],
            seed=self.seed,
            progress=None if told is None else lambda done, _: told(before + done, None),
        )
        self.ran[number] = max(self.ran.get(number, 0), len(place.rows))
        self.met[number] = self.goal.met_by(self._figures(number))

    def _figures(self, number: int) -> list[float]:
        column = COLUMN[self.goal.figure]
        return [row[0][column] for row in self.places[number].rows]

    # -- the answer --------------------------------------------------------------------------------------

    def solution(self, *, bounded: bool) -> Solution:
        """What was found."""
        count = self.values.count
        good = min((place for place, met in self.met.items() if met), default=count)
        answer = good if good < count else count - 1
        deciding = [place for place in (good - 1, good) if 0 <= place < count]
        broken = self._broken() if good else None  # nothing is wanted more than the first: it needs no order
        places = count if bounded else max(self.places) + 1
        return Solution(
            field=self.values.field,
            goal=self.goal,
            least=self.least,
            found=Found.NONE if good == count else Found.FIRST if good == 0 else Found.FOUND,
            value=self.value(good) if good < count else None,
            tried=tuple(self._tried(number) for number in sorted(self.places, reverse=not self.least)),
            confidence=self.confidence,
            certain=broken is None and all(self.proven.get(place, False) for place in deciding),
            luck=self.luck,
            broken=broken,
            replications=sum(self.ran.values()),
            places=places,
            step=self.values.step,
            grid=places * self.ran[answer],
        )

    def _tried(self, number: int) -> Tried:
        estimate, interval = self.goal.estimate(self._figures(number), self.confidence)
        return Tried(
            value=self.value(number),
            runs=replications_at(self.places[number], self.seed, self.confidence),
            met=self.met[number],
            certain=self.proven.get(number, False),
            estimate=estimate,
            interval=interval if self.luck else None,
        )

    def _broken(self) -> tuple[Any, Any] | None:
        """Two values that were tried, the second of which should meet the goal more easily, and does not."""
        order = sorted(self.places)
        for harder, easier in pairwise(order):
            pairs = zip(self._figures(harder), self._figures(easier), strict=False)
            if is_worse([(a, b) if self.goal.at_most else (-a, -b) for a, b in pairs], luck=self.luck):
                return self.value(harder), self.value(easier)
        return None


def is_worse(pairs: Sequence[tuple[float, float]], *, luck: bool) -> bool:
    """Whether the second of each pair is the greater, beyond what luck explains: by signs, or by the mean difference.

    >>> is_worse([(1.0, 2.0)], luck=False), is_worse([(1.0, 2.0)], luck=True)
    (True, False)
    """
    worse = sum(b > a for a, b in pairs)
    if not luck or not worse:
        return worse > 0
    if chance_of(worse, sum(b < a for a, b in pairs)) <= ORDER_ERROR:
        return True
    finite = all(isfinite(value) for pair in pairs for value in pair)
    interval = mean_interval([b - a for a, b in pairs], 1 - 2 * ORDER_ERROR) if finite else None
    return interval is not None and interval.low > 0


def chance_of(worse: int, better: int) -> float:
    """The probability of so many worse pairs, or more, if worse and better are equally likely (the sign test).

    >>> chance_of(3, 0), chance_of(0, 3)
    (0.125, 1.0)
    """
    pairs = worse + better
    ways = sum(comb(pairs, count) for count in range(worse, pairs + 1))
    return ways / float(2**pairs)


def _check_agents(plan: Plan, goal: Goal, vary: Vary | str) -> None:
    """Refuse a goal of agents for a campaign that has none: every value would meet it, and say nothing."""
    field = vary.field if isinstance(vary, Vary) else vary.partition("=")[0].strip()
    if goal.figure in OF_AGENTS and field not in COUNTED[2:] and plan.read().campaign.agents is None:
        raise UsageError(
            f"{goal.figure} is about agents, and the campaign has none; give it a table [agents] with agents = 10"
        )


# -- the values --------------------------------------------------------------------------------------------------


def _is_least(field: str, wanted: str | None) -> bool:
    if wanted not in {None, "least", "most"}:
        raise UsageError(f"wanted is least or most, not {shown(wanted)}")
    if wanted is None and field not in WANTED:
        raise UsageError(f"the least or the greatest {field}? Say wanted least, or most")
    return WANTED[field] if wanted is None else wanted == "least"


def _values(plan: Plan, goal: Goal, vary: Vary | str, low: Any, high: Any, step: float | None) -> tuple[_Values, bool]:
    """The values to look among, and whether somebody said where they end."""
    if isinstance(vary, str):
        vary = parse_vary(vary) if "=" in vary else Vary(vary, ())
    field = vary.field
    check_field(field)
    if isinstance(vary.what, Range):
        low = vary.what.low if low is None else low
        high = vary.what.high if high is None else high
        step = vary.what.step if step is None else step
    elif vary.what:
        raise UsageError(f"{field}: one value of a range is looked for, not of a list; write {field}=10..200/10")
    low, high = (None if each is None else _bound(field, each) for each in (low, high))
    bounded = high is not None
    if low is None or high is None:
        lowest, highest = _usual_bounds(plan, field, goal)
        low = lowest if low is None else low
        high = highest if high is None else high
    if low > high:
        raise UsageError(f"{field}: from {value_at(field, low)} to {value_at(field, high)} there is nothing; swap them")
    if step is None:
        step = START_STEP_MS if field == START else 1
        if low != int(low) or high != int(high):
            raise UsageError(f"{field}: in which steps? Write {field}={low:g}..{high:g}/{(high - low) / 20:.2g}")
    if not step > 0:
        raise UsageError(f"{field}: a step is more than 0, not {shown(step)}")
    count = int((Decimal(str(high)) - Decimal(str(low))) / Decimal(str(step))) + 1
    return _Values(field, low, step, count), bounded or field not in COUNTED


def _bound(field: str, given: Any) -> float:
    if field == START:
        try:
            return parse_moment(given)
        except PolicyError as error:
            raise UsageError(f"{field}: {error}") from None
    value: object = value_of(given)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise UsageError(f"{field}: not a number: {shown(value)}; write a range such as {field}=10..200")
    return value


def _usual_bounds(plan: Plan, field: str, goal: Goal) -> tuple[float, float]:
    """Where a range begins and ends that nobody gave the bounds of."""
    parts = plan.read()
    jobs = len(parts.jobs)
    if field == NUMBERS:
        return min(1, jobs), jobs
    if field in COUNTED:
        added = sum(len(command.jobs) for command in parts.commands if isinstance(command, Submit))
        return 1, max(jobs + added, 1)
    if field == START:
        ends = [plan.until_ms, parts.campaign.dates.finish_ms]
        ends += [round(goal.value)] if goal.figure == FINISHED_AT else []
        known = [end for end in ends if end is not None and end > plan.now_ms]
        if known:
            return plan.now_ms, min(known) - 1
    raise UsageError(f"{field}: from where to where? Write {field}={FROM_TO.get(field, '10..200')}")
