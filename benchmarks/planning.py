"""Subject `planning`: 100 replications of the campaign of `outcomes`, on two processes, on one, and on a Dask cluster.

The unit is one replication: a simulation and its figures. A span is the whole of `replicate`, from the bytes of the
files to the estimates: processes are started inside it, each reads the request once, and so does the process that
waits for them. The cluster, a scheduler and two workers of one thread each on the same machine, stands before. All
contenders must give the same results, to the last digit.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import luck, workload
from benchmarks.engine import lines_for
from benchmarks.harness import OURS, Bench, Contender

REPLICATIONS = 100
QUICK_REPLICATIONS = 20
ONE, DASK = "one process", "Dask, two workers"
HALF_BAR = 0.6  # of the time of one process, on two cores
PATIENCE_S = 60.0


def plan_of(count: int) -> Any:
    """The campaign of `outcomes`, as it is written."""
    from scheduler.planning import Plan

    return Plan(
        request=workload.body(workload.draw(count)),
        campaign=json.dumps({"maxSimultaneousCalls": lines_for(count)}).encode(),
        outcomes=luck.model_text(redials=False),
        now_ms=workload.NOW_MS,
    )


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two workers, all in processes of their own."""
    with TemporaryDirectory() as folder:
        known = Path(folder) / "scheduler.json"
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(known)]
        worker = [*common, "--nthreads", "1", "--no-nanny", "--local-directory", folder]
        processes = [start("scheduler", *common, "--port", "0"), start("worker", *worker), start("worker", *worker)]
        try:
            yield address_of(known)
        finally:
            for process in processes:
                process.kill()
                process.wait()


def start(what: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process of Dask, without its words."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def address_of(known: Path) -> str:
    """The address of the scheduler that writes this file, once both workers are there. Raises TimeoutError."""
    from scheduler.planning import workers

    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if known.exists() and known.read_text(encoding="ascii").strip():
            address: str = json.loads(known.read_text(encoding="ascii"))["address"]
            with workers(address) as pool:
                if pool.count == 2:
                    return address
        time.sleep(0.1)
    raise TimeoutError


def measure(bench: Bench, size: int, address: str, *, replications: int, turns: int) -> None:
    """One size: the same replications in three places."""
    from scheduler.planning import replicate

    plan = plan_of(size)
    results: list[Any] = []

    def contender(name: str, where: Any) -> Contender:
        def run() -> Any:
            results.append(replicate(plan, replications=replications, executor=where))
            return results[-1]

        return Contender(name=name, run=run, units=lambda runs: int(runs.count))

    contenders = [contender(OURS, 2), contender(ONE, 1), contender(DASK, address)]
    samples = bench.measure("replicate", size, contenders, turns=turns, warm_up=size < 10**5)
    same = all(result == results[0] for result in results)
    if not same:
        msg = "the results differ from place to place"
        raise RuntimeError(msg)
    bench.ratio(samples, ONE, bar=HALF_BAR)
    bench.ratio(samples, DASK)
    bench.ratio(samples, ONE, ours=DASK)
    bench.note(f"{size:,} numbers: {len(results)} times {replications} replications, the same to the last digit.")


def run(bench: Bench) -> None:
    """Measures both sizes; the larger one takes minutes, and has one turn."""
    if bench.peers_only:
        return
    replications = QUICK_REPLICATIONS if bench.quick else REPLICATIONS
    with cluster() as address:
        for size in bench.sizes(full=(10**4, 10**5), quick=(10**3,)):
            turns = 1 if size >= 10**5 else bench.turns(3)
            measure(bench, size, address, replications=replications, turns=turns)
