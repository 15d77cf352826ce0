"""Subject `large`: ours on ten million numbers, never answered, drawn, and with redials and a pace; no peers.

Each case has a process of its own, and one turn. Its jobs come from ten requests of a tenth of the numbers each, one
after the other, and are numbered through: the body of all would be 3.5 GB. What is timed, and whose memory is looked
at, is the simulation alone. It runs in the same process: a fork would copy nearly every page of the jobs, since to
count a reference is to write.
"""

from typing import Any

from benchmarks import workload
from benchmarks.harness import OURS, Bench, Contender, child
from benchmarks.outcomes import DRAWN, NEVER, PACED

REQUESTS = 10


def jobs_in_chunks(count: int) -> list[Any]:
    """The jobs of `count` numbers from ten requests, no two phones alike, numbered through."""
    import scheduler

    campaign = scheduler.Campaign()
    jobs: list[Any] = []
    for chunk in range(REQUESTS):
        first = len(jobs)
        numbers = workload.draw(count // REQUESTS, workload.SEED + chunk)
        batch = scheduler.read_request(workload.body(numbers, first=first), campaign)
        jobs.extend(job._replace(index=first + job.index) for job in batch.jobs)
    return jobs


def measure(bench: Bench, case: str, size: int) -> None:
    """One case at one size."""
    answers: list[dict[str, Any]] = []

    def run() -> dict[str, Any]:
        answers.append(child("large", case, str(size)))
        return answers[-1]

    contender = Contender(
        name=OURS, run=run, units=lambda answer: int(answer["units"]), seconds=lambda answer: float(answer["seconds"])
    )
    bench.measure(case, size, [contender], turns=1, warm_up=False)
    before_mb, peak_mb = answers[-1]["before_mb"], answers[-1]["peak_mb"]
    bench.memory(case, size, before_mb=before_mb, peak_mb=peak_mb)
    bench.note(
        f"{case}: at the peak {peak_mb * 1e6 / size:.0f} bytes for each number, "
        f"{(peak_mb - before_mb) * 1e6 / size:.0f} of them for the simulation."
    )


def run(bench: Bench) -> None:
    """Measures each case."""
    if bench.peers_only:
        return
    for size in bench.sizes(full=(10**7,), quick=(10**5,)):
        for case in (NEVER, DRAWN, PACED):
            measure(bench, case, size)
