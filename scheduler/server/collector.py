"""The collector of cyclic garbage, which large requests and replays do without."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_spans = 0
_was_on = False


@contextmanager
def paused() -> Iterator[None]:
    """A span in which millions of objects are made that stay.

    The collector would look at all of them again whenever they have grown by a quarter: about half of the time of a
    replay. It goes on when the last of the spans of all threads has ended.

    >>> with paused(), paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    global _spans, _was_on  # noqa: PLW0603 - it is the process's
    with _lock:
        if not _spans:
            _was_on = gc.isenabled()
            gc.disable()
        _spans += 1
    try:
        yield
    finally:
        with _lock:
            _spans -= 1
            if not _spans and _was_on:
                gc.enable()
