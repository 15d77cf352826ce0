"""A sign of life on standard error: only on a terminal, and only for work that takes more than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

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
    timer = Timer(PATIENCE_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda detail: status.update(f"{what}: {detail}")
    finally:
        timer.cancel()
        timer.join()
        status.stop()
