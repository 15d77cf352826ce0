"""`python -m benchmarks`, from the project's root: measures every subject, prints tables, keeps the raw results."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from benchmarks.harness import Bench
from benchmarks.report import render, write_report

SUBJECTS = {
    "calendar": "benchmarks.calendars",
    "intake": "benchmarks.intake",
    "engine": "benchmarks.engine",
    "finishes": "benchmarks.finishes",
    "outcomes": "benchmarks.outcomes",
    "laws": "benchmarks.laws",
    "large": "benchmarks.large",
    "server": "benchmarks.server",
    "planning": "benchmarks.planning",
    "imports": "benchmarks.imports",
}


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and few turns; results go to results/quick/")
    parser.add_argument("--only", action="append", choices=SUBJECTS, metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--peers", action="store_true", help="time the peers alone, without the product; keeps nothing")
    parser.add_argument("--report", action="store_true", help="write the kept results into README.md; measures nothing")
    parser.add_argument("--chart", action="store_true", help="draw the kept results as cost.svg; measures nothing")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Runs the subjects that were asked for, one after the other."""
    options = arguments(words)
    if options.report or options.chart:
        if options.report:
            write_report(SUBJECTS)
        if options.chart:
            import_module("benchmarks.chart").draw()
        return 0
    for name in options.only or SUBJECTS:
        run: Callable[[Bench], None] = import_module(SUBJECTS[name]).run
        bench = Bench(name, quick=options.quick, peers_only=options.peers)
        run(bench)
        bench.save()
        print(f"### {name}\n\n{render(bench.records)}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
