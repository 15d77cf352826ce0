"""Subject `intake`: from the bytes of a request to jobs.

`with zone`: numbers of about 350 bytes that share 24 policies and bring a gmtZone, against `json.loads` of the same
bytes, which makes dictionaries and validates nothing. `without zone`: what a look-up by number costs, in a process of
its own: the first batch of the process, and a second batch of other numbers, against phonenumbers asked number by
number (parse, is_valid_number, time_zones_for_number).
"""

import json
from functools import partial
from typing import Any

from benchmarks import workload
from benchmarks.harness import OURS, Bench, Contender, child

PEER = "json.loads"
LOOKUPS = "phonenumbers"
BAR = 0.5


def with_zone(bench: Bench, size: int) -> None:
    """Reads one body of `size` numbers with both."""
    body = workload.body(workload.draw(size))
    contenders = [Contender(name=PEER, run=lambda: json.loads(body), units=len)]
    if not bench.peers_only:
        import scheduler

        campaign = scheduler.Campaign()

        def read() -> Any:
            return scheduler.read_request(body, campaign)

        contenders.insert(0, Contender(name=OURS, run=read, units=lambda batch: len(batch.jobs)))
    large = size >= 10**6
    samples = bench.measure("with zone", size, contenders, turns=bench.turns(5 if large else 9), warm_up=not large)
    bench.ratio(samples, PEER, bar=BAR)
    bench.note(f"{size:,} numbers with a zone are a body of {len(body) / 1e6:.1f} MB.")


def without_zone(bench: Bench, size: int) -> None:
    """Reads a batch of `size` numbers in each child process, as its first batch or after another."""
    names = [LOOKUPS] if bench.peers_only else [OURS, LOOKUPS]
    for batches, case in ((1, "first"), (2, "second")):
        contenders = [
            Contender(
                name=name,
                run=partial(child, "zoneless", name, str(size), str(batches)),
                units=lambda answer: answer["units"],
                seconds=lambda answer: answer["seconds"],
            )
            for name in names
        ]
        samples = bench.measure(f"without zone, {case} batch", size, contenders, turns=bench.turns(5), warm_up=False)
        bench.ratio(samples, LOOKUPS)


def run(bench: Bench) -> None:
    """Measures both kinds of numbers."""
    for size in bench.sizes(full=(10**5, 10**6), quick=(10**4,)):
        with_zone(bench, size)
        if not bench.peers_only:
            bench.memory("with zone", size, **child("memory-intake", str(size)))
    for size in bench.sizes(full=(10**5,), quick=(10**3,)):
        without_zone(bench, size)
