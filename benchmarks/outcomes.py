"""Subject `outcomes`: the campaign of `engine` with drawn outcomes (`luck.py`), and with redials and a pace besides.

The span of ours is `simulate` with `len(timeline)` and `timeline[-1]`; the model is read beforehand, and everything is
drawn inside the span. The peers draw inside theirs too, each its own luck, so that the dials of two contenders differ
by a few per mille: the unit is one dial of whoever placed it. `never answered` is ours on the same jobs without a
model. What of the second case a peer does not know it is not measured with.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from benchmarks import drawn, luck, peers, workload
from benchmarks.engine import BARE, ONE, SIMPY, TWO, bare, jobs_of, lines_for, spans
from benchmarks.harness import OURS, Bench, Contender, child
from benchmarks.luck import Rules

DRAWN, PACED = "drawn", "redials, paced"
NEVER = "never answered"
CIW, SALABIM = "Ciw", "salabim"
BARE_BARS = {10**6: 0.8}
GROWTH_BAR = 1.4
SIMPY_BARS = {10**5: 1 / 15}
BASE = 10**4
TURNS = 5

Run = Callable[[peers.Plan, Rules], drawn.Dials]


def salabim(plan: peers.Plan, rules: Rules) -> drawn.Dials:
    """The campaign in salabim, which is loaded where it runs: the memory of ours is measured without it."""
    from benchmarks import salabim_peer

    return salabim_peer.campaign(plan, rules)


def ciw(plan: peers.Plan, rules: Rules) -> drawn.Dials:
    """The campaign in Ciw, loaded likewise."""
    from benchmarks import ciw_peer

    return ciw_peer.campaign(plan, rules)


class Peer(NamedTuple):
    """How to run a peer, the largest size it takes part in, and in how many turns it does so there."""

    run: Run
    largest: int
    turns: int


# Who runs which case.
PEERS = {
    DRAWN: {
        ONE: Peer(drawn.one_heap, 10**6, 3),
        TWO: Peer(drawn.two_heaps, 10**6, 3),
        SIMPY: Peer(drawn.simpy_store, 10**5, 3),
        SALABIM: Peer(salabim, 10**5, 2),
        CIW: Peer(ciw, 10**4, 2),
    },
    PACED: {
        TWO: Peer(drawn.two_heaps, 10**6, 3),
        SIMPY: Peer(drawn.simpy_store, 10**5, 3),
    },
}
QUICK_LARGEST = {CIW: 10**3}  # what takes a minute at the full size


def rules_of(case: str, count: int) -> Rules:
    """What `case` means for a campaign of `count` numbers."""
    return luck.paced(lines_for(count)) if case == PACED else luck.DRAWN


def simulate(jobs: Any, case: str) -> Any:
    """The timeline of `jobs` in a case, its length taken and its last dial looked at."""
    return prepare(jobs, case)()


def prepare(jobs: Any, case: str) -> Callable[[], Any]:
    """What is timed of ours: campaign and model are ready."""
    import scheduler

    lines = lines_for(len(jobs))
    pace = luck.calls_per_second(lines) if case == PACED else None
    campaign = scheduler.Campaign(lines=lines, calls_per_second=pace)
    options: dict[str, Any] = {}
    if case != NEVER:
        model = scheduler.read_outcomes(luck.model_text(redials=case == PACED), campaign)
        options = {"outcomes": model, "seed": workload.SEED}

    def work() -> Any:
        timeline = scheduler.simulate(campaign, jobs, now=workload.NOW_TEXT, **options)
        if len(timeline):
            timeline[-1]
        return timeline

    return work


def ours(name: str, jobs: Any, case: str) -> Contender:
    """call-scheduler on `jobs`."""
    return Contender(name=name, run=prepare(jobs, case), units=len, spans=spans(len(jobs)))


def dialled(dials: drawn.Dials) -> int:
    """How many dials a peer placed."""
    return len(dials.at)


def simulators(case: str, count: int, *, quick: bool) -> list[Contender]:
    """The peers that run a case at this size, each after a check of its dials where that takes no time to speak of."""
    plan, rules = peers.plan(workload.draw(count)), rules_of(case, count)
    contenders = []
    for name, peer in PEERS[case].items():
        if count > (QUICK_LARGEST.get(name, peer.largest) if quick else peer.largest):
            continue
        if count <= 10**3:
            drawn.check(plan, rules, peer.run(plan, rules))
        contenders.append(
            Contender(
                name=name,
                run=partial(peer.run, plan, rules),
                units=dialled,
                spans=spans(count) if name in {ONE, TWO} else 1,
                turns=peer.turns if count == peer.largest else None,
            )
        )
    return contenders


def measure(bench: Bench, case: str, size: int, base: int | None) -> None:
    """One case at one size: ours, ours again on `base` numbers and unanswered, and the peers."""
    contenders = simulators(case, size, quick=bench.quick)
    smaller = f"itself at {base or size:,}"
    if bench.peers_only:
        dials = dialled(drawn.two_heaps(peers.plan(workload.draw(size)), rules_of(case, size)))
    else:
        jobs = jobs_of(size)
        contenders.insert(0, ours(OURS, jobs, case))
        dials = len(contenders[0].run())
        if base is not None:
            contenders.insert(1, ours(smaller, jobs_of(base), case))
        if case == DRAWN:
            contenders.append(ours(NEVER, jobs, NEVER))
    contenders.append(bare(dials, size))
    samples = bench.measure(case, size, contenders, turns=bench.turns(TURNS), warm_up=size < 10**6)
    bench.ratio(samples, BARE, bar=BARE_BARS.get(size) if case == DRAWN else None)
    bench.ratio(samples, smaller, bar=GROWTH_BAR if size == 10**6 else None)
    bench.ratio(samples, NEVER)
    for peer in PEERS[case]:
        bench.ratio(samples, peer, bar=SIMPY_BARS.get(size) if (case, peer) == (DRAWN, SIMPY) else None)


def run(bench: Bench) -> None:
    """Measures both cases at every size, and the sizes above the base against ours at the base."""
    sizes = bench.sizes(full=(10**3, 10**4, 10**5, 10**6), quick=(10**3, 10**4))
    base = sizes[0] if bench.quick else BASE
    for case in PEERS:
        for size in sizes:
            measure(bench, case, size, base if size > base else None)
            if not bench.peers_only:
                bench.memory(case, size, **child("memory-outcomes", case, str(size)))
