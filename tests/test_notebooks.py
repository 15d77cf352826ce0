"""The notebooks run from top to bottom, and say what is kept in them.

`python -m tests.test_notebooks` runs them and keeps what they say; look at it before you commit it.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path.name for path in ROOT.glob("*.ipynb"))
TIME_LIMIT_S = 300


def read(path: Path) -> Any:
    """A notebook as it is kept."""
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def ran(name: str) -> Any:
    """A notebook after a run of all its cells. Raises CellExecutionError with the cell that fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries that run notebooks
        from nbclient import NotebookClient

        book = read(ROOT / name)
        # What a story runs is covered by its own tests, and takes twice as long where coverage looks on.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        NotebookClient(book, timeout=TIME_LIMIT_S, kernel_name="python3").execute(env=environment)
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # when it ran
    return book


def said(book: Any) -> list[list[str]]:
    """What each cell of code says, in texts; of a picture, that there is one."""
    return [[_text(output) for output in cell.outputs] for cell in book.cells if cell.cell_type == "code"]


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return f"{output.name}: {output.text}"
    if "image/png" in output.data:
        return "a picture"
    return str(output.data["text/plain"])


def test_each_use_has_its_notebook() -> None:
    """Those that the documents name."""
    assert set(NOTEBOOKS) == {"preview.ipynb", "capacity.ipynb", "policy_tests.ipynb"}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_says_what_is_kept_in_it(name: str) -> None:
    """Every cell, from top to bottom; pictures are drawn anew, and only counted."""
    book = ran(name)

    assert said(book) == said(read(ROOT / name))
    assert not any(text.startswith("stderr:") for texts in said(book) for text in texts)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_keeps_nothing_of_the_machine(name: str) -> None:
    """No paths, no instants of a run; small enough to be read in a browser."""
    text = (ROOT / name).read_text("utf-8")

    assert "/home/" not in text
    assert "site-packages" not in text
    assert '"execution":' not in text
    assert len(text) < 1_000_000


if __name__ == "__main__":
    import nbformat

    for notebook in NOTEBOOKS:
        nbformat.write(ran(notebook), ROOT / notebook)  # type: ignore[no-untyped-call]
        print(f"{notebook}: ran")
