"""What somebody asked `plan` for, and which options do not go together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scheduler.jobs import UsageError
from scheduler.options import one_reader, own_files
from scheduler.policy.errors import shown

PICTURES = (".svg", ".png", ".html")
CLUSTER = re.compile(r"(tcp|tls|wss?)://[^\s/]+:[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of `plan`, save its times and its format; `outcomes` is None where nobody answers."""

    request: str
    campaign: str | None
    outcomes: str | None
    scenario: str | None
    lines: int | None
    goal: str | None
    vary: tuple[str, ...]
    wanted: str | None
    figure: str | None
    replications: int | None
    precision: float | None
    confidence: float
    budget_seconds: float | None
    seed: int
    processes: int | None
    cluster: str | None
    output: str | None
    chart: str | None
    report: str | None

    def check(self) -> None:
        """Raises UsageError for options that do not go together, before anything is read or run."""
        one_reader(self.request, self.campaign, self.outcomes, self.scenario)
        self._check_goal()
        place_of(self.processes, self.cluster)
        self._check_files()

    def _check_goal(self) -> None:
        fields = [text.partition("=")[0].strip() for text in self.vary]
        twice = next((field for field in fields if fields.count(field) > 1), None)
        if twice is not None:
            raise UsageError(f"--vary {twice} is given twice; write all of its values in one")
        varied = {*fields, *(["lines"] if self.goal is not None and not fields else [])}
        if self.lines is not None and varied & {"lines", "maxSimultaneousCalls"}:
            raise UsageError(f"--lines {self.lines} sets what is varied; leave it out, or vary something else")
        if self.goal is None:
            if self.wanted is not None:
                raise UsageError("--wanted says which value meets a goal; it goes with --goal")
            return
        if len(fields) > 1:
            raise UsageError(f"a goal is met by one field, not {len(fields)}; leave one --vary, or leave out --goal")
        if self.wanted not in {None, "least", "most"}:
            raise UsageError(f"--wanted is least or most, not {shown(self.wanted)}")
        for option, value in (
            ("--figure", self.figure),
            ("--precision", self.precision),
            ("--budget-seconds", self.budget_seconds),
        ):
            if value is not None:
                why = "names its figure" if option == "--figure" else "takes as many runs as tell whether it is met"
                raise UsageError(f"a goal {why}; leave out {option}")

    def _check_files(self) -> None:
        if self.chart is not None:
            if Path(self.chart).suffix.lower() not in PICTURES:
                raise UsageError(f"--chart {shown(self.chart)}: name a file that ends in .svg, .png or .html")
            if self.goal is None and not self.vary:
                raise UsageError("--chart draws a figure against what is varied; give --vary or --goal, or --report")
        if self.report == "-" and self.output in {None, "-"}:
            raise UsageError("standard output, -, can be written once; name a file for --report or for --output")
        written = {"--output": self.output, "--chart": self.chart, "--report": self.report}
        own_files(written, (self.request, self.campaign, self.outcomes, self.scenario))
        for path in written.values():
            if path in {None, "-"} or path is None:
                continue
            # Told before the runs: it would be a pity about them.
            if not Path(path).resolve().parent.is_dir():
                raise UsageError(f"cannot write {shown(path)}: there is no such folder")

    @property
    def where(self) -> int | str | None:
        """Where it runs, as planning's executors take it."""
        return place_of(self.processes, self.cluster)


def place_of(processes: int | None, cluster: str | None) -> int | str | None:
    """Where it runs, as planning's executors take it. Raises UsageError for what is no such place."""
    if processes is not None and cluster is not None:
        raise UsageError("--processes and --cluster: it runs here or there; leave one out")
    if processes is not None and processes < 1:
        raise UsageError(f"--processes is a whole number, at least 1, not {processes}")
    if cluster is not None and not CLUSTER.fullmatch(cluster):
        raise UsageError(f"not the address of a cluster: {shown(cluster)}; write one such as tcp://10.0.0.1:8786")
    return processes if cluster is None else cluster
