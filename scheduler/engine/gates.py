"""A calendar as the engine follows it: unrolled as far as a run looks ahead, and no further.

Compiling every calendar to the end of a run would be waste where the dials are done in a week, and a
job that starts in fifty years must not cost fifty years of intervals. So a gate compiles one span after
another, on demand, and joins what meets at their seams.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from scheduler.policy.allowed import Allowed
from scheduler.policy.instants import DAY_MS

FOREVER = 1 << 62
SEARCH_MS = 366 * DAY_MS  # how far past a due time an opening is looked for (R12.5)
LONG_MS = 8 * DAY_MS  # an interval longer than this ranks as open for ever (R8.2)
BEFORE_MS = LONG_MS + DAY_MS  # compiled before the first look, so that each interval seen shows its length
SPAN_MS = 128 * DAY_MS


class Opening(NamedTuple):
    """An interval of a calendar, cut at the campaign's finish, and its edges as rank sees them (R8.2).

    `closes` of a long interval may be only as far as it is known: asked again there, the gate says more.
    """

    opens: int
    closes: int
    rank_opens: int
    rank_closes: int

    @property
    def long(self) -> bool:
        """Whether the interval ranks as open for ever."""
        return self.rank_opens == -FOREVER


class Gate:
    """The intervals that something allows, on demand; `finish_ms` is the campaign's finish (FOREVER: none).

    `from_ms` is the first instant that will be asked for. Later ones may come in any order, while the largest
    that `at_or_after` was asked for lies no more than SEARCH_MS ahead of what was seen: then the gate moves on.
    """

    def __init__(self, allowed: Allowed, finish_ms: int, from_ms: int) -> None:
        self._allowed = allowed
        self.finish_ms = finish_ms
        self._always = allowed.always
        self._opens: list[int] = []
        self._closes: list[int] = []
        self._from_ms = self._to_ms = from_ms - BEFORE_MS
        self._far: Gate | None = None
        # Every due time below this one has an opening within SEARCH_MS, known without a look.
        self.assured_ms = finish_ms if self._always else -FOREVER
        self._gap_found = False

    def at_or_after(self, instant_ms: int) -> Opening | None:
        """The interval that holds the instant, or the next one; None if none opens within SEARCH_MS or the finish.

        O(log n) in the intervals seen so far; it may compile more of them.
        """
        if self._always:
            opening = Opening(-FOREVER, self.finish_ms, -FOREVER, self.finish_ms)
        else:
            place = self.find(instant_ms)
            if place is None:
                return None
            opens, closes = self._opens[place], self._closes[place]
            long = closes - opens > LONG_MS
            finish_ms = self.finish_ms
            opening = Opening(
                opens,
                min(closes, finish_ms),
                -FOREVER if long else opens,
                finish_ms if long else min(closes, finish_ms),
            )
        return opening if max(opening.opens, instant_ms) < self.finish_ms else None

    def reaches(self, due_ms: int, finish_ms: int = FOREVER) -> bool:
        """Whether an allowed instant is left at or after a due time, before a job's own finish (R12.5)."""
        if due_ms < self.assured_ms:
            # The interval is known; what is left to ask is whether it opens before the finish.
            if due_ms >= finish_ms:
                return False
            return self._always or finish_ms == FOREVER or self._opens[bisect_right(self._closes, due_ms)] < finish_ms
        opening = self._gate_at(due_ms).at_or_after(due_ms)
        return opening is not None and max(opening.opens, due_ms) < finish_ms

    def opens_after(self, instant_ms: int) -> bool:
        """Whether there is an opening within SEARCH_MS, the campaign's finish aside."""
        return self._always or self._gate_at(instant_ms).find(instant_ms) is not None

    def _gate_at(self, instant_ms: int) -> Gate:
        """This gate, or for a due time far ahead another one, so that this one does not compile all years between."""
        if self._always or instant_ms <= self._to_ms + SEARCH_MS:
            return self
        if self._far is None or not self._far.covers(instant_ms):
            self._far = Gate(self._allowed, self.finish_ms, instant_ms)
        return self._far

    def covers(self, instant_ms: int) -> bool:
        """Whether an instant can be asked for without a move."""
        return self._from_ms + BEFORE_MS <= instant_ms <= self._to_ms + SEARCH_MS

    def find(self, instant_ms: int) -> int | None:
        """The place of the first interval that closes after the instant and whose length is known, compiling on."""
        if not self.covers(instant_ms):
            self._opens, self._closes = [], []
            self._from_ms = self._to_ms = instant_ms - BEFORE_MS
            self.assured_ms, self._gap_found = -FOREVER, False
        horizon_ms = instant_ms + SEARCH_MS
        while True:
            place = bisect_right(self._closes, instant_ms)
            if place < len(self._closes):
                opens, closes = self._opens[place], self._closes[place]
                if opens >= horizon_ms:
                    return None
                if closes < self._to_ms or closes - opens > LONG_MS:
                    return place
            elif self._to_ms >= horizon_ms:
                return None
            self._compile_on()

    def _compile_on(self) -> None:
        end_ms = self._to_ms + SPAN_MS
        calendar = self._allowed.calendar(self._to_ms, end_ms)
        if calendar.opens:
            last_close = self._closes[-1] if self._closes else self._from_ms
            if self._closes and calendar.opens[0] == self._closes[-1]:
                self._opens += calendar.opens[1:]
                self._closes[-1:] = calendar.closes
            else:
                self._opens += calendar.opens
                self._closes += calendar.closes
            self._gap_found = self._gap_found or calendar.opens[0] - last_close >= SEARCH_MS
        self._to_ms = end_ms
        last = bisect_left(self._opens, self.finish_ms) - 1
        if last >= 0 and not self._gap_found:
            self.assured_ms = min(self._closes[last], self.finish_ms)
