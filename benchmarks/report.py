"""Results as Markdown tables: on the terminal, and between the two markers of README.md."""

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import HERE, RESULTS

BEGIN = "<!-- results: written by `python -m benchmarks --report` -->"
END = "<!-- end of results -->"
RATIO_HEAD = ("ratio per unit", "size", "median", "bar", "over the turns")
TIME_HEAD = ("time", "size", "units", "turns", "min", "median", "max", "per unit")
MEMORY_HEAD = ("resident memory", "size", "before", "peak")
LOAD_HEAD = ("load", "numbers", "clients", "requests", "per second", "numbers per second", "median", "99th percentile")
Record = dict[str, Any]


def duration(seconds: float) -> str:
    """`seconds` with three digits and a unit.

    >>> duration(0.00123), duration(12.345), duration(4.2e-7)
    ('1.23 ms', '12.3 s', '0.420 µs')
    """
    unit, value = next(
        ((unit, seconds * factor) for unit, factor in (("s", 1.0), ("ms", 1e3)) if seconds * factor >= 1),
        ("µs", seconds * 1e6),
    )
    decimals = 3 if value < 1 else max(0, 3 - len(str(int(value))))
    return f"{value:.{decimals}f} {unit}"


def power(size: int) -> str:
    """A size as it is written in the tables.

    >>> power(1000), power(24)
    ('10^3', '24')
    """
    digits = str(size)
    return f"10^{len(digits) - 1}" if size > 1 and digits.strip("0") == "1" else digits


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns line up: the first is words, the others lean right."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in cells
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (padded[0], rule, *padded[1:]))


def sample_row(record: Record) -> list[str]:
    """One row of the table of times."""
    times = [statistics.median(spans) for spans in record["turns"]]
    median = statistics.median(times)
    return [
        f"{record['case']}: {record['contender']}",
        power(record["size"]),
        f"{record['units']:,}",
        str(len(times)),
        duration(min(times)),
        duration(median),
        duration(max(times)),
        duration(median / max(record["units"], 1)),
    ]


def ratio_row(record: Record) -> list[str]:
    """One row of the table of ratios."""
    bar = "" if record["bar"] is None else f"{record['bar']:.3g}"
    decimals = 2 if record["ratio"] >= 0.1 else 3
    pairs = record["pairs"]
    return [
        f"{record['case']}: {record['of']} / {record['to']}",
        power(record["size"]),
        f"{record['ratio']:.{decimals}f}",
        bar,
        f"{min(pairs):.{decimals}f}-{max(pairs):.{decimals}f}",
    ]


def load_row(record: Record) -> list[str]:
    """One row of the table of loads: the percentile is a time that was taken, not one between two."""
    times = sorted(record["times"])
    requests, seconds = len(times), record["seconds"]
    return [
        f"{record['case']}: {record['contender']}",
        power(record["numbers"]),
        str(record["clients"]),
        f"{requests:,}",
        f"{requests / seconds:,.1f}",
        f"{requests * record['numbers'] / seconds:,.0f}",
        duration(statistics.median(times)),
        duration(times[min(requests - 1, math.ceil(requests * 0.99) - 1)]),
    ]


def memory_row(record: Record) -> list[str]:
    """One row of the table of memory."""
    return [record["case"], power(record["size"]), f"{record['before_mb']:.0f} MB", f"{record['peak_mb']:.0f} MB"]


def render(records: Sequence[Record]) -> str:
    """The tables of one subject: ratios first, then times, loads and memory, then notes."""
    kinds: dict[str, list[Record]] = {}
    for record in records:
        kinds.setdefault(record["kind"], []).append(record)
    parts = []
    if "ratio" in kinds:
        parts.append(table(RATIO_HEAD, map(ratio_row, kinds["ratio"])))
    if "sample" in kinds:
        parts.append(table(TIME_HEAD, map(sample_row, kinds["sample"])))
    if "load" in kinds:
        parts.append(table(LOAD_HEAD, map(load_row, kinds["load"])))
    if "memory" in kinds:
        parts.append(table(MEMORY_HEAD, map(memory_row, kinds["memory"])))
    parts.extend(record["text"] for record in kinds.get("note", []))
    return "\n\n".join(parts)


def heading(run: Record) -> str:
    """The title of a subject's tables, with the date and the versions behind them."""
    libraries = ", ".join(f"{name} {version}" for name, version in run["libraries"].items())
    return f"### {run['subject']}\n\n{run['date']}, {run['python']}, {run['system']}; {libraries}."


def read_records(path: Path) -> list[Record]:
    """What a run kept; nothing if there was none."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_report(subjects: Iterable[str]) -> Path:
    """Replaces what stands between the markers of README.md by the tables of `results/*.jsonl`.

    Raises ValueError if a marker is missing.
    """
    parts = []
    for subject in subjects:
        records = read_records(RESULTS / f"{subject}.jsonl")
        if records:
            parts.append(f"{heading(records[0])}\n\n{render(records)}")
    readme = HERE / "README.md"
    text = readme.read_text(encoding="utf-8")
    start, stop = text.index(BEGIN) + len(BEGIN), text.index(END)
    body = "\n\n".join(parts) or "No results yet."
    readme.write_text(f"{text[:start]}\n\n{body}\n\n{text[stop:]}", encoding="utf-8")
    return readme
