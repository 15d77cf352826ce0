"""The attempts that are not due yet.

Calls that end in order are retried in order, so the attempts that follow a pause of one length form a queue
that is sorted as it is filled; so does a batch that is submitted. All others (redials, jobs that are
submitted later, retries counted from the start of calls of different lengths) stand in one heap. A small
heap holds the head of each of them.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush, heapreplace

from scheduler.engine.queue import JOB_BITS, NOTHING_COMES


class Coming:
    """Attempts that are not due yet; each is one integer, as in the Queue. `next_attempt` is the first."""

    def __init__(self) -> None:
        self.next_attempt = NOTHING_COMES
        self._queues: list[deque[int]] = [deque()]  # the first is that of a batch
        self._pauses: dict[int, int] = {}  # a pause's queue, by its place in `_queues`
        self._heap: list[int] = []
        self._heads: list[tuple[int, int]] = []  # a heap of (first attempt, place of its queue) of those not empty

    def place_for(self, pause_ms: int) -> int:
        """The place of the queue for attempts that follow a pause."""
        place = self._pauses.get(pause_ms)
        if place is None:
            place = self._pauses[pause_ms] = len(self._queues)
            self._queues.append(deque())
        return place

    def add_batch(self, attempts: list[int]) -> None:
        """Add any attempts. O(n log n), O(n) if they are sorted."""
        if self._queues[0]:
            for attempt in attempts:
                self.add(attempt)
        elif attempts:
            self._queues[0].extend(sorted(attempts))
            self._head(0)

    def add_after_pause(self, place: int, attempt: int) -> None:
        """Add an attempt behind all that follow the same pause. O(1)."""
        queue = self._queues[place]
        queue.append(attempt)
        if len(queue) == 1:
            self._head(place)

    def add(self, attempt: int) -> None:
        """Add any attempt. O(log n)."""
        heappush(self._heap, attempt)
        self.next_attempt = min(self.next_attempt, attempt)

    def take_due(self, instant_ms: int) -> list[int]:
        """Take out the attempts that are due at or before an instant, in order."""
        limit = (instant_ms + 1) << JOB_BITS
        due: list[int] = []
        heads = self._heads
        while heads and heads[0][0] < limit:
            place = heads[0][1]
            queue = self._queues[place]
            while queue and queue[0] < limit:
                due.append(queue.popleft())
            if queue:
                heapreplace(heads, (queue[0], place))
            else:
                heappop(heads)
        heap = self._heap
        while heap and heap[0] < limit:
            due.append(heappop(heap))
        if len(due) > 1:
            due.sort()
        self.next_attempt = min(heads[0][0] if heads else NOTHING_COMES, heap[0] if heap else NOTHING_COMES)
        return due

    def clear(self) -> None:
        """Forget all attempts."""
        self._heads.clear()
        self._heap.clear()
        for queue in self._queues:
            queue.clear()
        self.next_attempt = NOTHING_COMES

    def check(self) -> None:
        """Assert every invariant; for tests."""
        heads = sorted((queue[0], place) for place, queue in enumerate(self._queues) if queue)
        assert heads == sorted(self._heads)
        assert all(list(queue) == sorted(queue) for queue in self._queues)
        assert self.next_attempt == min([NOTHING_COMES, *self._heap, *(head for head, _ in heads)])

    def _head(self, place: int) -> None:
        attempt = self._queues[place][0]
        heappush(self._heads, (attempt, place))
        self.next_attempt = min(self.next_attempt, attempt)
