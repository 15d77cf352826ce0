"""Subject `imports`: whole processes that import the product, and the three libraries that its core stands on.

Each span starts a Python process and waits for its end; bytecode is cached by the warm-up.
"""

import json
import os
import subprocess
import sys

from benchmarks.harness import OURS, ROOT, Bench, Contender

LIBRARIES = ("pendulum", "msgspec", "sortedcontainers")
PEER = ", ".join(LIBRARIES)
NOTHING = "nothing"
HEAVY = (
    "altair",
    "dask",
    "holidays",
    "hypothesis",
    "litestar",
    "phonenumbers",
    "polars",
    "rich",
    "sqlalchemy",
    "typer",
)
BAR = 2.0


def python(code: str) -> str:
    """What a Python process prints that runs `code` in the project's root."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def process(name: str, code: str) -> Contender:
    """A whole process as a contender."""
    return Contender(name=name, run=lambda: python(code), units=lambda _: 1)


def heavy_modules() -> list[str]:
    """Which of `HEAVY` are loaded after `import scheduler`."""
    code = f"import json, scheduler, sys; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    names: list[str] = json.loads(python(code))
    return names


def run(bench: Bench) -> None:
    """Measures whole processes in turn, then looks at what ours has loaded."""
    contenders = [process(PEER, f"import {PEER}"), process(NOTHING, "pass")]
    if not bench.peers_only:
        contenders.insert(0, process(OURS, "import scheduler"))
    samples = bench.measure("process", 1, contenders, turns=bench.turns(21))
    bench.ratio(samples, PEER, bar=BAR)
    if not bench.peers_only:
        bench.note(f"Loaded by `import scheduler`, of {', '.join(HEAVY)}: {', '.join(heavy_modules()) or 'none'}.")
