"""What is measured in a process of its own: resident memory, first look-ups, large campaigns. Prints one JSON object.

`python -m benchmarks.children memory-engine 100000`; the harness calls it.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import engine, large, outcomes, workload
from benchmarks.harness import OURS

Answer = dict[str, Any]


def resident_mb() -> float:
    """The peak of this process' resident memory so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def peak_of(work: Callable[[], Any]) -> Answer:
    """Resident memory before `work` and its peak during it, in a forked process.

    The fork begins with what is resident now, not with the peak of what made it: the request's body is gone by then.
    """
    reading, writing = os.pipe()
    if os.fork() == 0:
        before = resident_mb()
        result = work()
        os.write(writing, json.dumps({"before_mb": before, "peak_mb": resident_mb()}).encode())
        del result
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer: Answer = json.loads(pipe.read())
    os.wait()
    return answer


def memory_engine(count: int, *, finishes: bool) -> Answer:
    """The memory of a simulation: before it, the jobs and the interpreter."""
    jobs = engine.jobs_of(count, finishes=finishes)
    return peak_of(lambda: engine.simulate(jobs, engine.lines_for(count)))


def memory_outcomes(case: str, count: int) -> Answer:
    """The memory of a simulation with drawn outcomes: before it, the jobs and the interpreter."""
    jobs = engine.jobs_of(count)
    return peak_of(lambda: outcomes.simulate(jobs, case))


def forget_peak() -> None:
    """Lets the peak begin anew at what is resident now, where the system can do that."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """The peak of this process' resident memory since `forget_peak`, or since its start where that can't be told."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return resident_mb()


def large_campaign(case: str, count: int) -> Answer:
    """Seconds, dials and memory of one simulation."""
    work = outcomes.prepare(large.jobs_in_chunks(count), case)
    gc.collect()
    forget_peak()
    before_mb = peak_mb()
    started = perf_counter()
    timeline = work()
    seconds = perf_counter() - started
    return {"units": len(timeline), "seconds": seconds, "before_mb": before_mb, "peak_mb": peak_mb()}


def memory_intake(count: int) -> Answer:
    """The memory of reading a request: before it, the body and the interpreter."""
    import scheduler

    body = workload.body(workload.draw(count))
    campaign = scheduler.Campaign()
    return peak_of(lambda: scheduler.read_request(body, campaign))


def look_up(phones: list[str]) -> int:
    """The zones of `phones` from phonenumbers, number by number: how many belong to one zone."""
    from phonenumbers import is_valid_number, parse
    from phonenumbers.timezone import time_zones_for_number

    single = 0
    for phone in phones:
        number = parse("+" + phone)
        if is_valid_number(number) and len(time_zones_for_number(number)) == 1:
            single += 1
    return single


def zoneless(contender: str, count: int, batches: int) -> Answer:
    """Seconds for the last of some batches of different numbers without a zone; the first also loads the metadata."""
    seconds = 0.0
    for batch in range(batches):
        work = zoneless_work(contender, count, workload.SEED + batch)
        gc.collect()
        started = perf_counter()
        work()
        seconds = perf_counter() - started
    return {"units": count, "seconds": seconds}


def zoneless_work(contender: str, count: int, seed: int) -> Callable[[], Any]:
    """What is timed on a batch."""
    if contender == OURS:
        import scheduler

        body, campaign = workload.zoneless_body(count, seed), scheduler.Campaign()
        return lambda: scheduler.read_request(body, campaign)
    phones = workload.zoneless_phones(count, seed)
    return lambda: look_up(phones)


def main(command: str, *arguments: str) -> Answer:
    """Runs one command."""
    match command, arguments:
        case "zoneless", (contender, count, batches):
            return zoneless(contender, int(count), int(batches))
        case "memory-intake", (count,):
            return memory_intake(int(count))
        case "memory-engine", (count,):
            return memory_engine(int(count), finishes=False)
        case "memory-finishes", (count,):
            return memory_engine(int(count), finishes=True)
        case "memory-outcomes", (case, count):
            return memory_outcomes(case, int(count))
        case "load", (port, clients, requests, numbers):
            from benchmarks import server  # with what tests are made of: not for those whose memory is looked at

            return server.load(int(port), int(clients), int(requests), int(numbers))
        case "large", (case, count):
            return large_campaign(case, int(count))
    msg = f"no such command: {command} {arguments}"
    raise ValueError(msg)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
