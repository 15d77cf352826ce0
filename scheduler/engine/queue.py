"""The attempts that are due and wait for a line, in the order in which lines go to them (R8).

Attempts whose current interval, kind and priority are equal differ only in (due, job): they form a
cohort. The cohorts that are open and not empty stand in one sorted list by rank; the next dial is the
head of the first. Inside a cohort stand lanes. A lane holds the attempts of one calendar, kind and
priority, in the order in which they fell due, which is their order in rank: a first-in-first-out queue,
whatever the calendar does. When a window opens or closes, lanes join or leave a cohort as a whole, and no
attempt is touched. Lanes meet in one cohort when their calendars have the same interval today.

A finish of a job's own changes its rank, but only in the interval in which it falls. In that interval
the attempt stands by itself in the cohort of its own edges; before, in its lane like all others.

An attempt is one integer: its due time, then its job (`due << JOB_BITS | job`), so that integers
compare as (due, job) does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace

from sortedcontainers import SortedList

from scheduler.engine.gates import FOREVER, Gate, Opening

JOB_BITS = 32
JOB_MASK = (1 << JOB_BITS) - 1
NOTHING_COMES = FOREVER << JOB_BITS  # behind all attempts
NO_OTHERS = (NOTHING_COMES, 0)

Rank = tuple[int, int, int, int]


def rank(priority: int, custom: bool, closes: int, opens: int) -> Rank:
    """The order of cohorts (R8.2): priority, custom before plain, what closes first, what opened first.

    Behind it, inside a cohort, come due and job. `closes` and `opens` are the edges as rank sees them.
    """
    return priority, 0 if custom else 1, closes, opens


class Lane:
    """The attempts of one calendar, kind and priority that are due, oldest first."""

    __slots__ = (
        "custom",
        "finishes",
        "gate",
        "next_opens",
        "number",
        "opening",
        "own_ranks",
        "priority",
        "rank",
        "waiting",
    )

    def __init__(self, number: int, gate: Gate, priority: int, custom: bool) -> None:
        self.number = number
        self.gate = gate
        self.priority = priority
        self.custom = custom
        self.waiting: deque[int] = deque()
        self.finishes: list[tuple[int, int]] = []  # a heap of (finish, job): each job with a finish of its own, once
        self.opening: Opening | None = None  # the interval that it stands in, while that is open
        self.next_opens: int | None = None  # when the interval after that opens, once it was asked
        self.rank: Rank = (0, 0, 0, 0)
        self.own_ranks: set[Rank] = set()  # ranks of single attempts in a long interval, from which some may return


class Queue:
    """The waiting attempts. It holds attempts whose job was struck off until they come up, then drops them.

    `first` is the cohort of the least rank, a heap of (attempt, number of its lane, or ~number where the attempt
    stands by itself), None if nobody waits; its interval closes at `first_closes`.
    """

    def __init__(self) -> None:
        self.lanes: list[Lane] = []
        self._ranks: SortedList[Rank] = SortedList()
        self._cohorts: dict[Rank, list[tuple[int, int]]] = {}
        self.taken_out: set[int] = set()  # attempts that stand by themselves now, still in their lane's queue
        self.first: list[tuple[int, int]] | None = None
        self.first_closes = FOREVER

    def add_lane(self, gate: Gate, priority: int, custom: bool) -> Lane:
        """A new lane, closed."""
        lane = Lane(len(self.lanes), gate, priority, custom)
        self.lanes.append(lane)
        return lane

    def join(self, lane: Lane, attempt: int, finish_ms: int = FOREVER) -> None:
        """Add an attempt that falls due, after all that fell due before. O(1), O(log cohorts) into an empty lane."""
        if lane.opening is not None and finish_ms != FOREVER and self._stands_alone(lane, finish_ms):
            self._join_alone(lane, attempt, finish_ms)
            return
        lane.waiting.append(attempt)
        if lane.opening is not None and len(lane.waiting) == 1:
            self._push(lane.rank, (attempt, lane.number))

    def open(self, lane: Lane, opening: Opening) -> None:
        """The lane's window opens. O(log cohorts)."""
        lane.opening = opening
        lane.rank = rank(lane.priority, lane.custom, opening.rank_closes, opening.rank_opens)
        if lane.waiting:
            self._push(lane.rank, (lane.waiting[0], lane.number))

    def finishing(self, lane: Lane) -> Iterator[tuple[int, int]]:
        """The lane's (finish, job) whose finish counts in the interval that has opened.

        Where it is their last one they are taken out; after a long one they may stand in the lane again.
        """
        assert lane.opening is not None
        if lane.opening.long:
            yield from (each for each in lane.finishes if self._stands_alone(lane, each[0]))
            return
        while lane.finishes and self._stands_alone(lane, lane.finishes[0][0]):
            yield heappop(lane.finishes)

    def set_alone(self, lane: Lane, attempt: int, finish_ms: int) -> None:
        """Let an attempt that waits in its lane stand by itself. O(log n)."""
        self.taken_out.add(attempt)
        self._join_alone(lane, attempt, finish_ms)

    def close(self, lane: Lane) -> tuple[list[int], list[int]]:
        """The lane's window closes.

        Returns the attempts that stood by themselves until now: those whose time is over, and those (of a long
        interval, in which every finish counts) for the caller to look at. O(log cohorts), unless it was long.
        """
        opening = lane.opening
        assert opening is not None
        lane.opening = lane.next_opens = None
        if not opening.long:
            return self._drop(lane.rank), []
        self._leave(lane.rank, lane.number)
        alone = [attempt for own in lane.own_ranks for attempt in self._leave(own, ~lane.number)]
        lane.own_ranks.clear()
        return [], sorted(alone)

    def requeue(self, lane: Lane, attempts: list[int]) -> None:
        """Put attempts that stood by themselves back into a closed lane, in the order of their due times."""
        if attempts:
            absent = [attempt for attempt in attempts if attempt not in self.taken_out]
            self.taken_out.difference_update(attempts)
            lane.waiting = deque(sorted([*lane.waiting, *absent]))

    def give_up(self, lane: Lane, due_ms: int) -> Iterator[int]:
        """Take the attempts that were due at or before an instant out of a closed lane."""
        waiting = lane.waiting
        while waiting and waiting[0] >> JOB_BITS <= due_ms:
            attempt = waiting.popleft()
            if attempt in self.taken_out:
                self.taken_out.remove(attempt)
            else:
                yield attempt

    def take(self, instant_ms: int, count: int, over: list[tuple[int, int]]) -> list[int]:
        """Take out up to `count` attempts, least rank first; an empty list if none waits.

        Those that are found to have finished before are added to `over`, as (attempt, finish).
        Cost: O(1) an attempt while one lane has the cohort, O(log lanes) else; O(log cohorts) a cohort.
        """
        taken: list[int] = []
        while (cohort := self.first) is not None and len(taken) < count:
            if self.first_closes <= instant_ms:
                first = self._ranks[0]
                over += ((attempt, first[2]) for attempt in self._drop(first))
                continue
            self._take_from(cohort, count - len(taken), taken)
            if not cohort:
                self.drop_first()
        return taken

    def drop_first(self) -> None:
        """Take out the first cohort, which is empty. O(log cohorts)."""
        self._drop(self._ranks[0])

    def _take_from(self, cohort: list[tuple[int, int]], count: int, taken: list[int]) -> None:
        taken_out = self.taken_out
        while cohort and count > 0:
            attempt, number = cohort[0]
            if number < 0:
                heappop(cohort)
                taken.append(attempt)
                count -= 1
                continue
            waiting = self.lanes[number].waiting
            if len(cohort) == 1 and count == 1 and not taken_out:
                taken.append(waiting.popleft())
                if waiting:
                    cohort[0] = waiting[0], number
                else:
                    cohort.clear()
                return
            # As long as the next attempt of this lane goes before the heads of all others, the heap need not move.
            others = min(cohort[1:3], default=NO_OTHERS)[0]
            while waiting and count > 0 and waiting[0] < others:
                attempt = waiting.popleft()
                if attempt in taken_out:
                    taken_out.remove(attempt)
                else:
                    taken.append(attempt)
                    count -= 1
            if waiting:
                heapreplace(cohort, (waiting[0], number))
            else:
                heappop(cohort)

    def overdue(self, instant_ms: int) -> list[tuple[int, int]]:
        """Take out all attempts that finished before an instant: (attempt, finish). O(cohorts)."""
        finished = [each for each in self._ranks if each[2] < instant_ms]
        return [(attempt, each[2]) for each in finished for attempt in self._drop(each)]

    def check(self) -> None:
        """Assert every invariant; for tests."""
        assert list(self._ranks) == sorted(self._cohorts)
        first = self._ranks[0] if self._ranks else None
        assert self.first is (None if first is None else self._cohorts[first])
        assert first is None or self.first_closes == first[2]
        heads: dict[int, Rank] = {}
        for each, cohort in self._cohorts.items():
            assert cohort
            assert all(cohort[(place - 1) // 2] <= cohort[place] for place in range(1, len(cohort)))
            for attempt, number in cohort:
                lane = self.lanes[number if number >= 0 else ~number]
                assert (lane.priority, 0 if lane.custom else 1) == each[:2]
                assert lane.opening is not None or number < 0
                if number >= 0:
                    assert number not in heads
                    assert lane.waiting[0] == attempt
                    heads[number] = each
        for lane in self.lanes:
            assert list(lane.waiting) == sorted(set(lane.waiting))
            assert (lane.number in heads) == (lane.opening is not None and bool(lane.waiting))
            assert heads.get(lane.number, lane.rank) == lane.rank

    def _stands_alone(self, lane: Lane, finish_ms: int) -> bool:
        """Whether a finish counts in the interval that is open: no later one begins before it."""
        opening = lane.opening
        assert opening is not None
        if opening.long:
            return finish_ms < opening.rank_closes
        if lane.next_opens is None:
            following = lane.gate.at_or_after(opening.closes)
            lane.next_opens = FOREVER if following is None else following.opens
        return finish_ms <= lane.next_opens

    def _join_alone(self, lane: Lane, attempt: int, finish_ms: int) -> None:
        opening = lane.opening
        assert opening is not None
        own = rank(lane.priority, lane.custom, min(finish_ms, opening.rank_closes), opening.rank_opens)
        if opening.long:
            lane.own_ranks.add(own)
        self._push(own, (attempt, ~lane.number))

    def _push(self, into: Rank, entry: tuple[int, int]) -> None:
        cohort = self._cohorts.get(into)
        if cohort is None:
            self._cohorts[into] = [entry]
            self._ranks.add(into)
            self._look_up_first()
        else:
            heappush(cohort, entry)

    def _look_up_first(self) -> None:
        if self._ranks:
            first = self._ranks[0]
            self.first, self.first_closes = self._cohorts[first], first[2]
        else:
            self.first, self.first_closes = None, FOREVER

    def _drop(self, which: Rank) -> list[int]:
        """Take out a cohort whose interval is over; the attempts that stood in it by themselves."""
        cohort = self._cohorts.pop(which, None)
        if cohort is None:
            return []
        self._ranks.remove(which)
        self._look_up_first()
        return [attempt for attempt, number in cohort if number < 0]

    def _leave(self, which: Rank, number: int) -> list[int]:
        """Take what is one lane's out of a cohort that goes on. O(cohort)."""
        cohort = self._cohorts.get(which, [])
        left = [attempt for attempt, whose in cohort if whose == number]
        if left:
            cohort[:] = [entry for entry in cohort if entry[1] != number]
            heapify(cohort)
            if not cohort:
                self._drop(which)
        return left
