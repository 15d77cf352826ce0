"""The calls in progress, by their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from scheduler.engine.gates import FOREVER


class CallsInProgress:
    """The jobs whose calls are in progress. `next_end` is when the first of them ends, FOREVER if there is none.

    A heap of the instants at which calls end, and the jobs of each: calls that were placed together and
    last alike cost one entry.
    """

    __slots__ = ("_by_end", "_ends", "next_end")

    def __init__(self) -> None:
        self.next_end = FOREVER
        self._ends: list[int] = []
        self._by_end: dict[int, list[int]] = {}

    def add_alike(self, end_ms: int, places: list[int]) -> None:
        """Add calls that end at one instant. O(log n)."""
        others = self._by_end.get(end_ms)
        if others is None:
            self._by_end[end_ms] = places
            heappush(self._ends, end_ms)
            self.next_end = min(self.next_end, end_ms)
        else:
            others += places

    def add(self, instant_ms: int, places: Sequence[int], lengths: Sequence[int]) -> None:
        """Add calls that are placed at an instant, by their lengths. O(log n) a call."""
        for place, length_ms in zip(places, lengths, strict=True):
            self.add_alike(instant_ms + length_ms, [place])

    def take_ended(self, instant_ms: int) -> list[int]:
        """Take out the jobs whose calls end at or before an instant, in order of arrival."""
        ends, by_end = self._ends, self._by_end
        ended = by_end.pop(heappop(ends))
        while ends and ends[0] <= instant_ms:
            ended += by_end.pop(heappop(ends))
        self.next_end = ends[0] if ends else FOREVER
        if len(ended) > 1:
            ended.sort()
        return ended

    def __iter__(self) -> Iterator[int]:
        return (place for places in self._by_end.values() for place in places)

    def check(self, now_ms: int) -> None:
        """Assert every invariant; for tests."""
        assert sorted(self._ends) == sorted(self._by_end)
        assert all(self._by_end.values())
        assert self.next_end == min(self._ends, default=FOREVER) >= now_ms
