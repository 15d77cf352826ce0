"""Takes contenders in turn, times them alike, and keeps every raw time.

One *measure* is a set of contenders that do the same work at one size. They run in *turns*: A B C, A B C, ... so that
whatever slows the machine down for a while slows all of them. What is reported between two contenders is the median,
over the turns, of the ratio of their costs per unit in that turn; both had the same weather.

A turn of a contender is one or more *spans*, each timed alone, and the turn's time is their median: short work needs
several. Before each span `gc.collect()` runs, untimed. The garbage collector stays on for everybody, inside the span
too: it is on in a user's process. A span's result is dropped before the next span starts, untimed.
"""

import gc
import importlib.metadata
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
RESULTS = HERE / "results"
OURS = "call-scheduler"
LIBRARIES = (
    "call-scheduler",
    "ciw",
    "dask",
    "litestar",
    "msgspec",
    "opening-hours-py",
    "pendulum",
    "phonenumbers",
    "psycopg",
    "salabim",
    "simpy",
    "sortedcontainers",
    "sqlalchemy",
    "tzdata",
    "uvicorn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way of doing the work of a measure.

    `run` is timed and returns its result; `units` says how many units of work a result is (dials, numbers,
    calendars). `seconds` takes the time from the result instead: for work that a child process timed itself.
    `turns` limits a slow contender to the first turns of the measure.
    """

    name: str
    run: Callable[[], Any]
    units: Callable[[Any], int]
    seconds: Callable[[Any], float] | None = None
    spans: int = 1
    turns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one contender took: `turns` holds the raw seconds of each span, turn by turn."""

    case: str
    size: int
    contender: str
    units: int
    turns: list[list[float]] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        """One time per turn: the median of its spans."""
        return [statistics.median(spans) for spans in self.turns]

    @property
    def per_unit(self) -> list[float]:
        """Seconds per unit of work, one per turn."""
        return [seconds / max(self.units, 1) for seconds in self.seconds]

    def record(self) -> dict[str, Any]:
        """The sample as a line of the results."""
        return {
            "kind": "sample",
            "case": self.case,
            "size": self.size,
            "contender": self.contender,
            "units": self.units,
            "turns": self.turns,
        }


def time_span(contender: Contender) -> tuple[float, int]:
    """Seconds and units of one span of `contender`; its result is gone when this returns."""
    if not gc.isenabled():
        msg = "the garbage collector is off: these times would not be those of a user's process"
        raise RuntimeError(msg)
    gc.collect()
    started = perf_counter()
    result = contender.run()
    seconds = perf_counter() - started
    if contender.seconds is not None:
        seconds = contender.seconds(result)
    return seconds, contender.units(result)


class Bench:
    """One subject's run: what it measured, printed as it goes and kept as JSON lines.

    With `quick` the sizes are small and the results go to `results/quick/`. With `peers_only` the product is neither
    imported nor timed, and nothing is kept.
    """

    def __init__(self, subject: str, *, quick: bool = False, peers_only: bool = False) -> None:
        self.subject = subject
        self.quick = quick
        self.peers_only = peers_only
        self.records: list[dict[str, Any]] = [run_record(subject, quick=quick)]

    def sizes(self, full: Sequence[int], quick: Sequence[int]) -> Sequence[int]:
        """The sizes of this run."""
        return quick if self.quick else full

    def turns(self, full: int) -> int:
        """The number of turns of this run: `full`, and three at most when it is a quick one."""
        return min(full, 3) if self.quick else full

    def measure(
        self, case: str, size: int, contenders: Iterable[Contender], *, turns: int, warm_up: bool = True
    ) -> dict[str, Sample]:
        """Runs `contenders` in turn and returns a sample for each, by name.

        `warm_up` runs each once before, untimed. Raises RuntimeError if the garbage collector is off.
        """
        contenders = list(contenders)
        units: dict[str, int] = {}
        times: dict[str, list[list[float]]] = {contender.name: [] for contender in contenders}
        for turn in range(-1 if warm_up else 0, turns):
            for contender in contenders:
                if contender.turns is not None and turn >= contender.turns:
                    continue
                spans = [time_span(contender) for _ in range(contender.spans if turn >= 0 else 1)]
                units[contender.name] = spans[0][1]
                if turn >= 0:
                    times[contender.name].append([seconds for seconds, _ in spans])
        samples = {
            name: Sample(case=case, size=size, contender=name, units=units[name], turns=raw)
            for name, raw in times.items()
        }
        self.records.extend(sample.record() for sample in samples.values())
        return samples

    def ratio(
        self, samples: dict[str, Sample], peer: str, *, ours: str = OURS, bar: float | None = None
    ) -> float | None:
        """Cost per unit of `ours` over that of `peer`: the median over the turns that both ran.

        Nothing is asserted: the bar is kept and printed beside the ratio. None if either was not run.
        """
        if ours not in samples or peer not in samples:
            return None
        mine, theirs = samples[ours], samples[peer]
        pairs = [a / b for a, b in zip(mine.per_unit, theirs.per_unit, strict=False)]
        ratio = statistics.median(pairs)
        self.records.append(
            {
                "kind": "ratio",
                "case": mine.case,
                "size": mine.size,
                "of": ours,
                "to": peer,
                "ratio": ratio,
                "bar": bar,
                "pairs": pairs,
            }
        )
        return ratio

    def memory(self, case: str, size: int, *, before_mb: float, peak_mb: float) -> None:
        """Keeps the resident memory of a child process, in MB (10^6 bytes): before the work, and its peak during it."""
        self.records.append({"kind": "memory", "case": case, "size": size, "before_mb": before_mb, "peak_mb": peak_mb})

    def load(
        self, case: str, contender: str, *, clients: int, numbers: int, seconds: float, times: Sequence[float]
    ) -> None:
        """Keeps what a server took: `seconds` for all requests, of so many numbers each, and `times`, one for each."""
        self.records.append(
            {
                "kind": "load",
                "case": case,
                "contender": contender,
                "clients": clients,
                "numbers": numbers,
                "seconds": seconds,
                "times": list(times),
            }
        )

    def note(self, text: str) -> None:
        """Keeps a sentence that belongs to the figures."""
        self.records.append({"kind": "note", "text": text})

    def save(self) -> Path | None:
        """Writes the records to `results/<subject>.jsonl`, replacing those of the run before."""
        if self.peers_only:
            return None
        folder = RESULTS / "quick" if self.quick else RESULTS
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.subject}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in self.records), encoding="utf-8")
        return path


def run_record(subject: str, *, quick: bool) -> dict[str, Any]:
    """The first line of the results: when and with what. No paths, no host."""
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "kind": "run",
        "subject": subject,
        "quick": quick,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "libraries": versions,
    }


def child(*arguments: str) -> dict[str, Any]:
    """What `python -m benchmarks.children ARGUMENTS` prints, decoded. Raises CalledProcessError if it fails."""
    command = [sys.executable, "-m", "benchmarks.children", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
