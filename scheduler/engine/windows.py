"""Windows open and close, for the calendars that somebody waits behind.

A calendar is followed only while attempts wait behind it; then exactly one edge of it, the next, stands in
the heap. When an attempt falls due behind a calendar that is not followed, it is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection
from heapq import heappop, heappush

from scheduler.engine.gates import FOREVER, SEARCH_MS, Gate, Opening
from scheduler.engine.queue import JOB_BITS, JOB_MASK, NOTHING_COMES, Lane, Queue
from scheduler.engine.standing import NOTHING_PENDING, Standing
from scheduler.jobs import Job


class GateLanes:
    """A gate, and the lanes of attempts that wait behind it.

    `opening` is the interval that is open or comes next, while the gate is `followed`.
    """

    __slots__ = ("followed", "gate", "is_open", "lanes", "opening", "place")

    def __init__(self, place: int, gate: Gate) -> None:
        self.place = place
        self.gate = gate
        self.lanes: list[Lane] = []
        self.followed = self.is_open = False
        self.opening: Opening | None = None


class Windows:
    """Opens and closes the lanes of a queue at the edges of their calendars; ends the jobs that have no edge left."""

    def __init__(
        self, queue: Queue, standing: Standing, closed_dates: Collection[int], finish_ms: int, from_ms: int
    ) -> None:
        self._queue = queue
        self._standing = standing
        self._closed_dates = closed_dates
        self._finish_ms = finish_ms
        self._from_ms = from_ms
        self._all: list[GateLanes] = []
        self._by_allowed: dict[object, GateLanes] = {}
        self._lanes: dict[tuple[int, int, bool], Lane] = {}
        self._behind: list[GateLanes] = []  # by number of the lane
        # A heap of `instant << JOB_BITS | place` of what is followed, behind which NOTHING_COMES always stands.
        self.edges = [NOTHING_COMES]

    def lane_for(self, job: Job) -> Lane:
        """The lane of a job's calendar, kind and priority; a new one where there is none."""
        allowed = job.allowed(self._closed_dates)
        key = allowed.key
        behind = self._by_allowed.get(key)
        if behind is None:
            gate = Gate(allowed, self._finish_ms, self._from_ms)
            behind = self._by_allowed[key] = GateLanes(len(self._all), gate)
            self._all.append(behind)
        kind = behind.place, job.policy.priority, job.custom
        lane = self._lanes.get(kind)
        if lane is None:
            lane = self._lanes[kind] = self._queue.add_lane(behind.gate, job.policy.priority, job.custom)
            behind.lanes.append(lane)
            self._behind.append(behind)
            if behind.is_open and behind.opening is not None:
                self._queue.open(lane, behind.opening)
        return lane

    def await_opening(self, lane: Lane, instant_ms: int) -> None:
        """Follow the lane's calendar, as an attempt falls due behind it; its window may be open."""
        behind = self._behind[lane.number]
        if behind.followed:
            return
        behind.opening = behind.gate.at_or_after(instant_ms)
        assert behind.opening is not None, "a job that has no opening left has ended before"
        behind.followed = True
        if behind.opening.opens <= instant_ms:
            self._open(behind, instant_ms)
        else:
            self._push(behind.opening.opens, behind)

    def cross(self, instant_ms: int) -> None:
        """Let the windows open and close that do so at an instant. O(log n) an edge, save where jobs end."""
        edges = self.edges
        limit = (instant_ms + 1) << JOB_BITS
        while edges[0] < limit:
            behind = self._all[heappop(edges) & JOB_MASK]
            if behind.is_open:
                self._close(behind, instant_ms)
            else:
                self._open(behind, instant_ms)

    def check(self) -> None:
        """Assert every invariant; for tests."""
        edges = self.edges[:]
        edges.remove(NOTHING_COMES)
        assert sorted(edge & JOB_MASK for edge in edges) == [each.place for each in self._all if each.followed]
        for behind in self._all:
            assert behind.followed or not behind.is_open
            assert all((lane.opening is not None) == behind.is_open for lane in behind.lanes)
            assert behind.followed or not any(lane.waiting for lane in behind.lanes)

    def _push(self, instant_ms: int, behind: GateLanes) -> None:
        heappush(self.edges, instant_ms << JOB_BITS | behind.place)

    def _open(self, behind: GateLanes, instant_ms: int) -> None:
        opening = behind.opening
        assert opening is not None
        behind.is_open = True
        self._push(opening.closes, behind)
        for lane in behind.lanes:
            self._queue.open(lane, opening)
            for finish_ms, place in self._queue.finishing(lane):
                attempt = self._standing.pending[place]
                if NOTHING_PENDING < attempt < instant_ms << JOB_BITS:
                    self._queue.set_alone(lane, attempt, finish_ms)

    def _close(self, behind: GateLanes, instant_ms: int) -> None:
        following = behind.gate.at_or_after(instant_ms)
        behind.opening = following
        if following is not None and following.opens < instant_ms:
            # A long interval, known now to go on.
            self._push(following.closes, behind)
            return
        behind.is_open = False
        for lane in behind.lanes:
            self._close_lane(lane, FOREVER if following is None else following.opens, instant_ms)
        behind.followed = following is not None and any(lane.waiting for lane in behind.lanes)
        if following is not None and behind.followed:
            self._push(following.opens, behind)

    def _close_lane(self, lane: Lane, next_opens: int, instant_ms: int) -> None:
        """Close a lane, and end the jobs that have no allowed instant left."""
        standing = self._standing
        over, alone = self._queue.close(lane)
        back = []
        for attempt in alone:
            finish_ms = standing.finishes[attempt & JOB_MASK]
            if finish_ms > next_opens:
                back.append(attempt)
            else:
                standing.end_waiting([(attempt, min(finish_ms, instant_ms))])
        self._queue.requeue(lane, back)
        standing.end_waiting((attempt, instant_ms) for attempt in over)
        # An opening is looked for up to 366 days past due, so the oldest give up first.
        standing.end_waiting((attempt, instant_ms) for attempt in self._queue.give_up(lane, next_opens - SEARCH_MS))
