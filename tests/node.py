"""The modules of the page, run by Node beside the engine, so that both can be asked the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).parent.parent / "web"
LOCALE = "en_GB.UTF-8"  # whatever the machine's is
ESBUILD = WEB / "node_modules" / ".bin" / "esbuild"
# Answers one line for each line: `{"value": …}`, or `{"thrown": …}` with the words of an error.
LOOP = """
import { createInterface } from "node:readline";
const told = (answer) => process.stdout.write(JSON.stringify(answer) + "\\n");
createInterface({ input: process.stdin }).on("line", async (line) => {
  const [name, values] = JSON.parse(line);
  try {
    told({ value: (await functions[name](...values)) ?? null });
  } catch (error) {
    told({ thrown: String(error.message) });
  }
});
"""


class Thrown(Exception):
    """What a function of the page threw, in its words."""


class Page:
    """The functions of the page, in a process of their own."""

    def __init__(self, script: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=os.environ | {"LC_ALL": LOCALE},
        )

    def __call__(self, function: str, *values: object) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([function, values]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "thrown" in answer:
            raise Thrown(answer["thrown"])
        return answer["value"]


def page_in_node(folder: Path, entry: str) -> Iterator[Page]:
    """The page, for a fixture; `entry` defines `functions`. The test is left out where the page cannot be run."""
    if not ESBUILD.exists() or shutil.which("node") is None:
        pytest.skip("needs Node and the libraries of the page: npm ci in web/")
    script = folder / "functions.cjs"
    bundle = ["--bundle", "--platform=node", "--main-fields=module,main", "--log-level=error", f"--outfile={script}"]
    subprocess.run([str(ESBUILD), *bundle], input=entry + LOOP, cwd=WEB, check=True, encoding="utf-8")
    page = Page(script)
    yield page
    page.process.communicate()
