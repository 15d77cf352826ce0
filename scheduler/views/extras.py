"""Libraries that only some views need: imported where they are used, and one clear line where they are absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scheduler.jobs import UsageError

LIBRARIES = frozenset({"altair", "icalendar", "nanoarrow", "polars", "vl_convert"})


@contextmanager
def extra(what: str) -> Iterator[None]:
    """Around the imports of libraries of the extra `plan`; `what` needs them.

    Raises UsageError that says what to install, if one of them is absent.

    >>> with extra("a chart"):
    ...     raise ModuleNotFoundError("No module named 'altair'", name="altair")
    Traceback (most recent call last):
    scheduler.jobs.UsageError: a chart needs altair; pip install 'call-scheduler[plan]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in LIBRARIES:
            raise
        raise UsageError(f"{what} needs {library}; pip install 'call-scheduler[plan]'") from None
