"""Subject `finishes`: the campaign of `engine` with a finishDateTime on every number, no two of them alike.

The finishes are spread over 20 days from the third day on. At one line for 500 numbers most dials lie before them, and
few attempts are cut off. The case `few lines` has one line for 5,000 numbers: its dials last for weeks, and the
finishes fall among them. The peers know no finishes: ours is compared with a bare heap of as many entries as it placed
dials, and with itself at a tenth of the size.
"""

from benchmarks import workload
from benchmarks.engine import BARE, bare, jobs_of, lines_for, ours
from benchmarks.harness import OURS, Bench, Contender, child

BARE_BARS = {10**5: 3.0, 10**6: 3.0}
GROWTH_BAR = 1.6
TURNS = 5


def measure(bench: Bench, size: int, *, case: str, divisor: int, bars: bool) -> None:
    """One size of one case: ours, ours again at a tenth, and the bare heap."""
    contenders: list[Contender] = []
    dials = size * workload.ATTEMPTS
    smaller = f"itself at {size // 10:,}"
    if not bench.peers_only:
        for name, count in ((OURS, size), (smaller, size // 10)):
            lines = max(1, lines_for(count) // divisor)
            contenders.append(ours(name, jobs_of(count, finishes=True), lines))
        dials = len(contenders[0].run())
    contenders.append(bare(dials, size))
    samples = bench.measure(case, size, contenders, turns=bench.turns(TURNS), warm_up=size < 10**6)
    bench.ratio(samples, BARE, bar=BARE_BARS.get(size) if bars else None)
    bench.ratio(samples, smaller, bar=GROWTH_BAR if bars and size > 10**4 else None)


def run(bench: Bench) -> None:
    """Measures the campaign of `engine` with finishes, and the same with few lines."""
    for size in bench.sizes(full=(10**4, 10**5, 10**6), quick=(10**4,)):
        measure(bench, size, case="campaign", divisor=1, bars=True)
        if not bench.peers_only:
            bench.memory("campaign", size, **child("memory-finishes", str(size)))
    for size in bench.sizes(full=(10**5, 10**6), quick=(10**4,)):
        measure(bench, size, case="few lines", divisor=10, bars=False)
