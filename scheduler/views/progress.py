"""A sign of life on standard error: only on a terminal, and only for work that takes more than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status

PATIENCE_S = 1.0


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None] | None]:
    """Show that something goes on. It gives a function that says how far it is, or None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.status import Status  # noqa: PLC0415

    status = Status(what, console=Console(stderr=True, markup=False))
    with _shown(status):
        yield lambda detail: status.update(f"{what}: {detail}")


@contextmanager
def counting(what: str, things: str) -> Iterator[Callable[[int, int | None], None] | None]:
    """Show a bar of things that are done one by one.

    It gives a function that is told how many are done, of how many (None: nobody knows), or None where nobody looks.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(elapsed_when_finished=False))
    bar = Progress(*columns, console=Console(stderr=True, markup=False), transient=True)
    task = bar.add_task(what, total=None)

    def tell(done: int, most: int | None) -> None:
        count = f"{done:,} {things}" if most is None else f"{done:,} of {most:,} {things}"
        bar.update(task, completed=done, total=most, description=f"{what}: {count}")

    with _shown(bar):
        yield tell


@contextmanager
def _shown(display: Status | Progress) -> Iterator[None]:
    """Show something, unless the work is over soon."""
    timer = Timer(PATIENCE_S, display.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        display.stop()
