"""How many lines there are at an instant (R11.1, R11.3)."""

from __future__ import annotations

import sys

from scheduler.engine.gates import FOREVER
from scheduler.jobs import DayLines
from scheduler.policy.instants import DAY_MS, MINUTE_MS
from scheduler.policy.zones import Zone

UNLIMITED = sys.maxsize
LOOK_MS = 3 * DAY_MS  # a day that a zone skips lies between two that it has


class LineLimit:
    """A number of lines, the same for ever or changing over the day on the clock of a zone; None is no limit.

    >>> from scheduler.policy.zones import parse_zone
    >>> limit = LineLimit(DayLines(((540, 20), (1080, 5))), parse_zone("UTC"))
    >>> limit.at(0), limit.next_change(0) == 9 * 3600 * 1000, LineLimit(7, parse_zone("UTC")).at(0)
    (5, True, 7)
    """

    __slots__ = ("lines", "zone")

    def __init__(self, lines: int | DayLines | None, zone: Zone) -> None:
        self.lines = lines
        self.zone = zone

    def at(self, instant_ms: int) -> int:
        """The lines at an instant; UNLIMITED without a limit."""
        if not isinstance(self.lines, DayLines):
            return UNLIMITED if self.lines is None else self.lines
        _, _, offset_ms = next(self.zone.runs(instant_ms, instant_ms + 1))
        return self.lines.at((instant_ms + offset_ms) % DAY_MS // MINUTE_MS)

    def next_change(self, instant_ms: int) -> int:
        """The first instant after this one at which the lines may be others; FOREVER if they stay."""
        if not isinstance(self.lines, DayLines) or len(self.lines.steps) == 1:
            return FOREVER
        minutes = [minute for minute, _ in self.lines.steps]
        for begin_ms, end_ms, offset_ms in self.zone.runs(instant_ms, instant_ms + LOOK_MS):
            if begin_ms > instant_ms:
                return begin_ms  # the clock jumps, perhaps over a step
            midnight_ms = (instant_ms + offset_ms) // DAY_MS * DAY_MS - offset_ms
            steps = [midnight_ms + day * DAY_MS + minute * MINUTE_MS for day in (0, 1) for minute in minutes]
            following = next(step for step in steps if step > instant_ms)
            if following < end_ms:
                return following
        raise AssertionError("a step of the day recurs within three days")
