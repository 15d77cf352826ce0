"""Subject `engine`: a campaign of N numbers on N/500 lines, every attempt unanswered, three attempts each.

The span of ours is `simulate` with `len(timeline)` and `timeline[-1]`, so nothing may be put off; calendars are
compiled inside it. The unit is one dial. The peers are described in `peers.py`. The bare heap holds as many entries as
there are dials; they are made beforehand, so its time is pushing and popping only.
"""

from functools import partial
from typing import Any

from benchmarks import peers, workload
from benchmarks.harness import OURS, Bench, Contender, child

BARE, ONE, TWO, SIMPY = "bare heap", "one heap", "two heaps", "SimPy"
BARE_BARS = {10**6: 0.8}
GROWTH_BAR = 1.4
SIMPY_LARGEST = 10**5
TURNS = 5


def jobs_of(count: int, *, finishes: bool = False) -> Any:
    """The jobs of a campaign of `count` numbers, read from their request; not timed."""
    import scheduler

    body = workload.body(workload.draw(count), finishes=finishes)
    return scheduler.read_request(body, scheduler.Campaign()).jobs


def lines_for(count: int) -> int:
    """The lines of a campaign of `count` numbers."""
    return max(1, count // workload.NUMBERS_PER_LINE)


def simulate(jobs: Any, lines: int) -> Any:
    """The timeline of `jobs`, its length taken and its last dial looked at."""
    import scheduler

    timeline = scheduler.simulate(scheduler.Campaign(), jobs, now=workload.NOW_TEXT, lines=lines)
    if len(timeline):
        timeline[-1]
    return timeline


def ours(name: str, jobs: Any, lines: int) -> Contender:
    """call-scheduler on `jobs`."""
    return Contender(name=name, run=lambda: simulate(jobs, lines), units=len, spans=spans(len(jobs)))


def spans(count: int) -> int:
    """How many spans make a turn: short ones are repeated."""
    return max(1, min(5, 50_000 // count))


def bare(dials: int, count: int) -> Contender:
    """The bare heap of `dials` entries."""
    entries = peers.entries(dials)
    return Contender(name=BARE, run=lambda: peers.bare_heap(entries), units=int, spans=spans(count))


def simulators(count: int) -> list[Contender]:
    """The peers that run the campaign, each after a check of its dials where that takes no time to speak of."""
    plan = peers.plan(workload.draw(count))
    runs = {ONE: peers.one_heap, TWO: peers.two_heaps}
    if count <= SIMPY_LARGEST:
        runs[SIMPY] = peers.simpy_store
    if count <= 10**4:
        for run in runs.values():
            peers.check(plan, run(plan))
    turns = {SIMPY: 3 if count > 10**4 else None, ONE: 3 if count > 10**5 else None, TWO: 3 if count > 10**5 else None}
    return [
        Contender(
            name=name,
            run=partial(run, plan),
            units=lambda dials: len(dials.at),
            spans=spans(count),
            turns=turns[name],
        )
        for name, run in runs.items()
    ]


def measure(bench: Bench, size: int, base: int | None) -> None:
    """One size: ours, ours again on `base` numbers, and the peers."""
    dials = size * workload.ATTEMPTS
    contenders = [bare(dials, size), *simulators(size)]
    smaller = f"itself at {base or size:,}"
    if not bench.peers_only:
        first = ours(OURS, jobs_of(size), lines_for(size))
        placed = len(first.run())
        if placed != dials:
            bench.note(f"At {size:,} numbers {OURS} placed {placed:,} dials, the peers {dials:,}.")
        contenders.insert(0, first)
        if base is not None:
            contenders.insert(1, ours(smaller, jobs_of(base), lines_for(base)))
    samples = bench.measure("campaign", size, contenders, turns=bench.turns(TURNS), warm_up=size < 10**6)
    bench.ratio(samples, BARE, bar=BARE_BARS.get(size))
    bench.ratio(samples, smaller, bar=GROWTH_BAR if size == 10**6 else None)
    for peer in (ONE, TWO, SIMPY):
        bench.ratio(samples, peer)


def run(bench: Bench) -> None:
    """Measures every size, and each but the first against ours at the first."""
    sizes = bench.sizes(full=(10**4, 10**5, 10**6), quick=(10**3, 10**4))
    for size in sizes:
        measure(bench, size, sizes[0] if size > sizes[0] else None)
        if not bench.peers_only:
            bench.memory("campaign", size, **child("memory-engine", str(size)))
