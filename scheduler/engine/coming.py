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

HEAP = -1  # in place of a queue: the heap
NOWHERE = -2


class Coming:
    """Attempts that are not due yet; each is one integer, as in the Queue.

    `heads` is a heap of (first attempt, place of its queue), behind which NOTHING_COMES always stands.
    """

    def __init__(self) -> None:
        self.heads: list[tuple[int, int]] = [(NOTHING_COMES, NOWHERE)]
        self._queues: list[deque[int]] = [deque()]  # the first is that of a batch
        self._pauses: dict[int, int] = {}  # a pause's queue, by its place in `_queues`
        self._heap: list[int] = []
        self._twice = False  # whether an attempt may stand here twice

    def queue_for(self, pause_ms: int) -> deque[int]:
        """The queue for attempts that follow a pause. While it is not empty, who has it may append to it, in order."""
        place = self._pauses.get(pause_ms)
        if place is None:
            place = self._pauses[pause_ms] = len(self._queues)
            self._queues.append(deque())
        return self._queues[place]

    def add_batch(self, attempts: list[int]) -> None:
        """Add any attempts. O(n log n), O(n) if they are sorted."""
        if self._queues[0]:
            for attempt in attempts:
                self.add(attempt)
        elif attempts:
            self._queues[0].extend(sorted(attempts))
            heappush(self.heads, (self._queues[0][0], 0))

    def add_after_pause(self, pause_ms: int, attempt: int) -> None:
        """Add an attempt behind all that follow the same pause. O(1)."""
        place = self._pauses[pause_ms]
        queue = self._queues[place]
        if not queue:
            heappush(self.heads, (attempt, place))
        queue.append(attempt)

    def add(self, attempt: int) -> None:
        """Add any attempt. O(log n)."""
        heap = self._heap
        if not heap or attempt < heap[0]:
            # The head that was pushed before stays, and is passed over.
            heappush(self.heads, (attempt, HEAP))
        heappush(heap, attempt)

    def add_look(self, attempt: int) -> None:
        """Add what asks for a look at a job, or may be its attempt to come; it is taken out once. O(log n)."""
        self._twice = True
        self.add(attempt)

    def take_due(self, instant_ms: int) -> list[int]:
        """Take out the attempts that are due at or before an instant, in order."""
        limit = (instant_ms + 1) << JOB_BITS
        heads, queues = self.heads, self._queues
        due: list[int] = []
        while heads[0][0] < limit:
            place = heads[0][1]
            if place == HEAP:
                self._take_from_heap(limit, due)
                continue
            queue = queues[place]
            due.append(queue.popleft())
            while queue and queue[0] < limit:
                due.append(queue.popleft())
            if queue:
                heapreplace(heads, (queue[0], place))
            else:
                heappop(heads)
        if len(due) > 1:
            due.sort()
            if self._twice:
                due = list(dict.fromkeys(due))
        return due

    def _take_from_heap(self, limit: int, due: list[int]) -> None:
        heap = self._heap
        while heap and heap[0] < limit:
            due.append(heappop(heap))
        while self.heads[0][0] < limit and self.heads[0][1] == HEAP:
            heappop(self.heads)
        if heap:
            heappush(self.heads, (heap[0], HEAP))

    def check(self) -> None:
        """Assert every invariant; for tests."""
        heads = {(queue[0], place) for place, queue in enumerate(self._queues) if queue}
        assert heads == {head for head in self.heads if head[1] >= 0}
        assert not self._heap or (self._heap[0], HEAP) in self.heads
        assert all(list(queue) == sorted(queue) for queue in self._queues)
        assert (NOTHING_COMES, NOWHERE) in self.heads
