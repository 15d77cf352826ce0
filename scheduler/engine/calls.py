"""The calls in progress, by their ends."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from scheduler.engine.queue import JOB_BITS, JOB_MASK, NOTHING_COMES

GROUP = JOB_MASK  # in place of a job: the jobs whose calls were placed together, and last alike


class CallsInProgress:
    """The jobs whose calls are in progress.

    `ends` is a heap of integers, `end << JOB_BITS | job`, behind which NOTHING_COMES always stands; who places a
    call may push its end. Calls of one instant that last alike cost one entry, which leads to a group.
    """

    __slots__ = ("_groups", "ends")

    def __init__(self) -> None:
        self.ends = [NOTHING_COMES]
        self._groups: dict[int, list[int]] = {}

    def add_alike(self, end_ms: int, places: list[int]) -> None:
        """Add calls that end at one instant, of jobs in any order. O(log n)."""
        if len(places) == 1:
            heappush(self.ends, end_ms << JOB_BITS | places[0])
            return
        group = self._groups.get(end_ms)
        if group is None:
            self._groups[end_ms] = places
            heappush(self.ends, end_ms << JOB_BITS | GROUP)
        else:
            group += places

    def take_ended(self, instant_ms: int) -> list[int]:
        """Take out the jobs whose calls end at or before an instant, in order of arrival."""
        ends = self.ends
        limit = (instant_ms + 1) << JOB_BITS
        ended = []
        grouped = False
        while ends[0] < limit:
            end = heappop(ends)
            place = end & JOB_MASK
            if place == GROUP:
                ended += self._groups.pop(end >> JOB_BITS)
                grouped = True
            else:
                ended.append(place)
        if grouped and len(ended) > 1:
            ended.sort()
        return ended

    def __iter__(self) -> Iterator[int]:
        """The jobs, in no order."""
        for end in self.ends:
            place = end & JOB_MASK
            if place == GROUP:
                yield from self._groups[end >> JOB_BITS]
            elif end != NOTHING_COMES:
                yield place

    def check(self, now_ms: int) -> None:
        """Assert every invariant; for tests."""
        assert self.ends.count(NOTHING_COMES) == 1
        assert all(self.ends[(place - 1) // 2] <= self.ends[place] for place in range(1, len(self.ends)))
        assert self.ends[0] >= now_ms << JOB_BITS
        grouped = {end >> JOB_BITS for end in self.ends if end & JOB_MASK == GROUP}
        assert grouped == set(self._groups)
        assert all(self._groups.values())
