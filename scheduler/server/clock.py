"""The two clocks that a server can be on: that of the machine, and one that is moved by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import ClassVar


@dataclass(slots=True)
class RealClock:
    """The clock of the machine, in milliseconds; it never goes back while the process lives.

    >>> clock = RealClock()
    >>> clock.now_ms() <= clock.now_ms()
    True
    """

    kind: ClassVar[str] = "real"
    _latest_ms: int = 0
    _lock: Lock = field(default_factory=Lock)

    def now_ms(self) -> int:
        """The present instant."""
        with self._lock:
            self._latest_ms = max(self._latest_ms, time.time_ns() // 1_000_000)
            return self._latest_ms


@dataclass(frozen=True, slots=True)
class HandClock:
    """A clock that stands until it is moved. Where it stands is kept by the store, which it tells where to begin.

    A store whose clock stands later already goes on where it stood.
    """

    kind: ClassVar[str] = "by hand"
    begin_ms: int


Clock = RealClock | HandClock
