"""Runs of the engine under the arrivals of queueing theory.

The callers are here; lines, queue and calls are the engine's.

A mean call lasts CALL_MS, so that whole milliseconds are no matter. Each run begins without a call and ends without
one; figures are those of the callers that come, or of the time, from the first tenth of `size` mean calls (at least
six) on, up to `size`. Numbers are handed in as test numbers, since nobody calls twice: duplicates are not looked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from heapq import heappop, heappush
from random import Random
from statistics import fmean
from typing import Any

from scheduler import Call, Campaign, Job, Model, Outcome, Script, Simulation, Submit, Timeline, read_request, simulate
from scheduler.engine.columns import ANSWERED, OUTCOME_MASK
from scheduler.engine.waiting import waiting_ms
from scheduler.lengths import constant
from scheduler.outcomes import Source
from scheduler.policy.instants import parse_moment
from scheduler.policy.levels import NO_DATES, Dates

CALL_MS = 100_000
NOW_MS = parse_moment("2026-03-02T00:00:00Z")
AFTERWARDS = 2_000  # mean calls in which all that waits is served
AT_ONCE = {Outcome.ANSWERED: constant(0)}  # nobody rings: the talk is the call

Figures = dict[str, float]


def counted_ms(size: float) -> tuple[int, int]:
    """The part of a run that counts: what went before, it has forgotten."""
    return NOW_MS + round(max(6, size / 10) * CALL_MS), NOW_MS + round(size * CALL_MS)


@cache
def somebody(priority: int = 5, attempts: int = 1) -> Job:
    """A number as a request gives it."""
    fields = {"phone": "79123456789", "gmtZone": "Z", "dialerPriority": priority, "maxAttempts": attempts}
    return read_request(json.dumps([fields]), Campaign()).jobs[0]


def job(index: int, *, dates: Dates = NO_DATES, priority: int = 5, attempts: int = 1) -> Job:
    """A number of its own."""
    return somebody(priority, attempts)._replace(index=index, phone=str(10**10 + index), dates=dates)


def poisson(luck: Random, rate: float, size: float) -> Iterator[int]:
    """The instants at which callers come, before `size` mean calls are over."""
    at = luck.expovariate(rate)
    while at < size:
        yield NOW_MS + round(at * CALL_MS)
        at += luck.expovariate(rate)


def exponential_call(luck: Random) -> Call:
    """A call that lasts exponentially."""
    return Call(Outcome.ANSWERED, 0, span_ms(luck, 1.0))


def span_ms(luck: Random, rate: float) -> int:
    """An exponential span, at least a millisecond."""
    return max(1, round(luck.expovariate(rate) * CALL_MS))


# -- what is read off a timeline ----------------------------------------------------------------------------


class Seen:
    """What became of the callers of a run, in order of arrival; all calls are over."""

    def __init__(self, timeline: Timeline, size: float) -> None:
        self.timeline = timeline
        self.begin_ms, self.end_ms = counted_ms(size)
        arrived = timeline.columns.arrived_at
        self.places = [place for place, at in enumerate(arrived) if self.begin_ms <= at < self.end_ms]
        self.waits_ms: dict[int, int] = dict(zip(timeline.columns.job, waiting_ms(timeline), strict=True))
        check_little(timeline)

    def share(self, holds: Callable[[int], bool], places: Iterable[int] | None = None) -> float:
        """The share of callers for which something holds."""
        return fmean(map(holds, self.places if places is None else places))

    def left(self, place: int) -> bool:
        """Whether a caller went without a call."""
        return place not in self.waits_ms

    def waited(self, place: int) -> bool:
        """Whether a caller did not get a line at once."""
        return self.left(place) or self.waits_ms[place] > 0

    def mean_wait(self, places: Iterable[int] | None = None) -> float:
        """How long callers that were served waited, in mean calls."""
        return fmean(self.waits_ms[place] for place in (self.places if places is None else places)) / CALL_MS

    def busy(self, lines: int) -> tuple[float, float]:
        """How many lines were held on average, and the share of time in which all were."""
        columns = self.timeline.columns
        steps = sorted(
            step
            for at, length in zip(columns.at, columns.length_ms, strict=True)
            for step in ((at, 1), (at + length, -1))
        )
        held = 0
        area = full = 0
        before = self.begin_ms
        for at, step in steps:
            at = min(max(at, self.begin_ms), self.end_ms)  # noqa: PLW2901 - the part of it that counts
            area += held * (at - before)
            full += (at - before) * (held == lines)
            held, before = held + step, at
        span = self.end_ms - self.begin_ms
        return area / span, full / span


def check_little(timeline: Timeline) -> None:
    """Assert L = lambda * W (Little 1961), exactly, of a run that ends without callers.

    Twice the same in whole milliseconds, from columns of its own each: L times the run is the area under the number
    of callers that are there, from arrivals and ends of jobs; lambda * W times the run is what each waited, held a line
    and paused between two attempts. Of lines likewise: those held each hour by `summary`, and the calls.
    """
    columns = timeline.columns
    ended = sorted(columns.ended_at)
    arrived = sorted(columns.arrived_at)
    assert not ended or ended[-1] <= timeline.until_ms
    area = there = 0
    before = timeline.now_ms
    come = 0
    for end in ended:
        while come < len(arrived) and arrived[come] <= end:
            area += there * (arrived[come] - before)
            before, there, come = arrived[come], there + 1, come + 1
        area += there * (end - before)
        before, there = end, there - 1
    assert there == 0
    dialled = set(columns.job)
    left = sum(
        columns.ended_at[place] - columns.arrived_at[place]
        for place in range(len(timeline.jobs))
        if place not in dialled
    )
    held = sum(columns.length_ms)
    paused = sum(
        timeline.jobs[place].policy.retry_ms
        for place, attempt in zip(columns.job, columns.attempt, strict=True)
        if attempt > 1
    )
    assert area == sum(waiting_ms(timeline)) + held + paused + left
    assert abs(sum(timeline.summary().lines_busy.values()) * 3_600_000 - held) < 1e-6 * max(held, 1)


# -- callers that wait --------------------------------------------------------------------------------------


def waiting_callers(
    seed: int,
    size: float,
    *,
    lines: int,
    load: float,
    outcomes: Source | None = None,
    patience: float | None = None,
    priorities: Sequence[int] = (5,),
) -> Seen:
    """Callers that come by command and wait for a line; up to `patience` mean calls, by the finish of their job.

    Their calls come from `outcomes`; without, from a script in which each lasts exponentially. Of several
    `priorities` each caller has one by chance.
    """
    luck, lengths = Random(f"callers {seed}"), Random(f"calls {seed}")
    commands = []
    for index, at in enumerate(poisson(luck, load, size)):
        dates = NO_DATES if patience is None else Dates(start_ms=None, finish_ms=at + round(patience * CALL_MS))
        priority = priorities[0] if len(priorities) == 1 else luck.choice(priorities)
        commands.append(Submit(at=at, jobs=[job(index, dates=dates, priority=priority)], test=True))
    source = outcomes or Script(jobs={index: [exponential_call(lengths)] for index in range(len(commands))})
    until = NOW_MS + round((size + AFTERWARDS) * CALL_MS)
    timeline = simulate(
        Campaign(lines=lines), [], now=NOW_MS, until=until, outcomes=source, seed=seed, commands=commands
    )
    return Seen(timeline, size)


def callers_that_wait(seed: int, size: float, *, longer: float, **how: Any) -> Figures:
    """Callers that wait until they are served (Erlang C)."""
    seen = waiting_callers(seed, size, **how)
    long_ms = longer * CALL_MS
    return {
        "waited": seen.share(seen.waited),
        f"waited longer than {longer}": seen.share(lambda place: seen.waits_ms[place] > long_ms),
        "wait": seen.mean_wait(),
    }


def callers_of_two_priorities(seed: int, size: float, *, load: float) -> Figures:
    """Callers of one line, of whom every other one, by chance, goes first."""
    seen = waiting_callers(seed, size, lines=1, load=load, priorities=(1, 5))
    jobs = seen.timeline.jobs
    return {
        f"wait of priority {priority}": seen.mean_wait(
            place for place in seen.places if jobs[place].policy.priority == priority
        )
        for priority in (1, 5)
    }


def callers_with_a_deadline(seed: int, size: float, *, lines: int, load: float, patience: float) -> Figures:
    """Callers whose job finishes when they have waited so long."""
    seen = waiting_callers(seed, size, lines=lines, load=load, patience=patience)
    return {"waited": seen.share(seen.waited), "gave up": seen.share(seen.left)}


# -- callers that look at the lines -------------------------------------------------------------------------


class Live:
    """A simulation at which callers look; each of their calls lasts exponentially, drawn when it is handed in."""

    def __init__(self, seed: int, lines: int) -> None:
        self.luck, self._lengths = Random(f"callers {seed}"), Random(f"calls {seed}")
        self._calls: dict[int, Sequence[Call]] = {}
        self.simulation = Simulation(Campaign(lines=lines), now=NOW_MS, outcomes=Script(jobs=self._calls), seed=seed)

    def move_to(self, at: int) -> None:
        """Let everything before an instant happen, and the calls end that end at it (R8.5)."""
        self.simulation.run(max(at, self.simulation.now_ms))
        self.simulation._dialler.settle(self.simulation.now_ms)

    @property
    def free(self) -> int:
        """The lines that no call holds."""
        return self.simulation._dialler.free

    def submit(self) -> int:
        """Hand in a number, and let it be dialled if there is a line; its index."""
        index = len(self._calls)
        self._calls[index] = [exponential_call(self._lengths)]
        self.simulation.submit([job(index)], test=True)
        self.simulation.run(self.simulation.now_ms + 1)
        return index

    def waits(self, index: int) -> bool:
        """Whether a number was not dialled yet."""
        return not self.simulation._dialler.standing.made[index]

    def seen(self, size: float) -> Seen:
        """Let all calls end."""
        self.simulation.run(NOW_MS + round((size + AFTERWARDS) * CALL_MS))
        self.simulation.check()
        return Seen(self.simulation.timeline(), size)


def callers_that_go(seed: int, size: float, *, lines: int, load: float) -> Figures:
    """Callers that find no line free do not call: the loss is theirs to count (Erlang B)."""
    live = Live(seed, lines)
    begin_ms, _ = counted_ms(size)
    lost = []
    for at in poisson(live.luck, load, size):
        live.move_to(at)
        if at >= begin_ms:
            lost.append(live.free == 0)
        if live.free:
            live.submit()
    busy, full = live.seen(size).busy(lines)
    return {"lost": fmean(lost), "all busy": full, "lines busy": busy}


def callers_that_give_up(seed: int, size: float, *, lines: int, load: float, patience_rate: float) -> Figures:
    """Callers that wait cancel after an exponential time (Erlang A).

    By the command `cancel`, not by a finish: of those that wait, the engine dials the earliest finish first (R8.2),
    and then those that are left are the patient ones, which Erlang A does not know.
    """
    live = Live(seed, lines)
    gives_up: list[tuple[int, int]] = []

    def let_go(until_ms: int) -> None:
        while gives_up and gives_up[0][0] <= until_ms:
            at, index = heappop(gives_up)
            if live.waits(index):
                live.move_to(at)
                if live.waits(index):
                    live.simulation.cancel([index])

    for at in poisson(live.luck, load, size):
        let_go(at)
        live.move_to(at)
        index = live.submit()
        patience_ms = span_ms(live.luck, patience_rate)  # also drawn by those that need none: luck stays in step
        if live.waits(index):
            heappush(gives_up, (at + patience_ms, index))
    let_go(NOW_MS + round((size + AFTERWARDS) * CALL_MS))
    seen = live.seen(size)
    return {"waited": seen.share(seen.waited), "gave up": seen.share(seen.left)}


def callers_that_try_again(seed: int, size: float, *, lines: int, load: float, retry_rate: float) -> Figures:
    """Callers that find no line free try again after an exponential pause, until they get one (M/M/c retrial queue)."""
    live = Live(seed, lines)
    begin_ms, end_ms = counted_ms(size)
    tries = [(at, False) for at in poisson(live.luck, load, size)]  # an ordered list is a heap
    trying = orbit = 0
    before = begin_ms
    while tries:
        at, again = heappop(tries)
        live.move_to(at)
        counted = min(max(at, begin_ms), end_ms)
        orbit += trying * (counted - before)
        before = counted
        trying -= again
        if live.free:
            live.submit()
        else:
            trying += 1
            heappush(tries, (at + span_ms(live.luck, retry_rate), True))
    seen = live.seen(size)
    busy, full = seen.busy(lines)
    return {"lines busy": busy, "all busy": full, "between tries": orbit / (end_ms - begin_ms)}


# -- numbers that are dialled -------------------------------------------------------------------------------


def dialled_until_answered(seed: int, size: int, *, answered: float, attempts: int) -> Figures:
    """`size` numbers at one time, as many attempts as it takes, up to a most; with 50 lines."""
    jobs = [job(index, attempts=attempts) for index in range(size)]
    timeline = simulate(Campaign(lines=50), jobs, now=NOW_MS, outcomes=Model(answered=answered), seed=seed)
    check_little(timeline)
    summary = timeline.summary()
    return {"reached": summary.reach, "attempts": summary.attempts_per_number}


def batches(seed: int, size: int, *, agents: int, dials: int, answered: float) -> Figures:
    """`size` batches of so many dials, each at one instant; of its answers those beyond `agents` are abandoned."""
    commands = [
        Submit(at=NOW_MS + batch * CALL_MS, jobs=[job(batch * dials + each) for each in range(dials)], test=True)
        for batch in range(size)
    ]
    timeline = simulate(
        Campaign(), [], now=NOW_MS, outcomes=Model(answered=answered, ring_ms=AT_ONCE), seed=seed, commands=commands
    )
    check_little(timeline)
    answers = [0] * size
    for at, code in zip(timeline.columns.at, timeline.columns.outcome, strict=True):
        answers[(at - NOW_MS) // CALL_MS] += code & OUTCOME_MASK == ANSWERED
    return {"abandoned": sum(max(each - agents, 0) for each in answers) / sum(answers)}
