"""The queue of waiting attempts alone: against a list that is sorted anew each time, and the work that it does."""

from __future__ import annotations

from collections import deque
from heapq import heappush
from itertools import pairwise
from typing import Any, NamedTuple, SupportsIndex, cast

import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scheduler.engine.gates import FOREVER, Gate, Opening
from scheduler.engine.queue import JOB_BITS, JOB_MASK, Lane, Queue, rank

STEP = 10  # intervals open and close at multiples of it, so that many do so together


class Timetable:
    """What a queue needs of a gate: the intervals, given one by one."""

    def __init__(self, *openings: Opening) -> None:
        self.openings = openings

    def at_or_after(self, instant_ms: int) -> Opening | None:
        return next((opening for opening in self.openings if opening.closes > instant_ms), None)


def opening(opens: int, closes: int, *, long: bool = False) -> Opening:
    return Opening(opens, closes, -FOREVER, FOREVER) if long else Opening(opens, closes, opens, closes)


def gate_of(*openings: Opening) -> Gate:
    return cast("Gate", Timetable(*openings))


def attempt_of(due: int, job: int) -> int:
    return due << JOB_BITS | job


def jobs_of(attempts: list[int]) -> list[int]:
    return [attempt & JOB_MASK for attempt in attempts]


def take(queue: Queue, instant_ms: int, count: int = 1 << 40) -> list[int]:
    """The jobs of the next attempts, none of which has finished."""
    over: list[tuple[int, int]] = []
    taken = queue.take(instant_ms, count, over)
    assert over == []
    return jobs_of(taken)


# --- a small model ---------------------------------------------------------------------------------------------------


class Waiting(NamedTuple):
    """An attempt that waits, in the model: nothing but what was said about it."""

    lane: Lane
    due: int
    job: int
    finish: int


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    """Some intervals on the grid, some of which count as open for ever."""
    edges = sorted(draw(st.sets(st.integers(0, 14), min_size=2, max_size=8)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return Timetable(*(opening(a * STEP, b * STEP, long=draw(st.integers(0, 2)) == 0) for a, b in pairs))


class QueueMachine(RuleBasedStateMachine):
    """Attempts arrive, fall due, and are taken, while windows open and close.

    The machine does what a simulation does around a queue, event by event and without a thought for speed, and
    keeps a plain list of who waits.
    """

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.now = 0
        self.queue = Queue()
        self.tables = [data.draw(timetables()) for _ in range(data.draw(st.integers(1, 3)))]
        kinds = st.tuples(st.sampled_from(range(len(self.tables))), st.integers(1, 2), st.booleans())
        self.table_of: list[Timetable] = []
        self.lanes: list[Lane] = []
        for place, priority, custom in sorted(data.draw(st.sets(kinds, min_size=1, max_size=6))):
            self.table_of.append(self.tables[place])
            self.lanes.append(self.queue.add_lane(cast("Gate", self.tables[place]), priority, custom))
        self.coming: list[Waiting] = []
        self.waiting: dict[int, Waiting] = {}  # by attempt
        self.known: list[Waiting] = []  # the last attempt of every job
        self.open_windows()

    # -- what the rules say ---------------------------------------------------------------------------------------

    def table(self, lane: Lane) -> Timetable:
        return self.table_of[self.lanes.index(lane)]

    def current(self, lane: Lane) -> Opening | None:
        found = self.table(lane).at_or_after(self.now)
        return found if found is not None and found.opens <= self.now else None

    def can_still_be_dialled(self, one: Waiting, instant: int) -> bool:
        found = self.table(one.lane).at_or_after(instant)
        return found is not None and max(found.opens, instant) < one.finish

    def rivals(self) -> list[int]:
        """The attempts that could be dialled now, by full rank."""
        ranks = []
        for attempt, one in self.waiting.items():
            current = self.current(one.lane)
            if current is not None and self.now < one.finish:
                closes = min(current.rank_closes, one.finish)
                kind = 0 if one.lane.custom else 1
                ranks.append(((one.lane.priority, kind, closes, current.rank_opens, one.due, one.job), attempt))
        return [attempt for _, attempt in sorted(ranks)]

    # -- what a simulation does around a queue ----------------------------------------------------------------------

    def ended(self, attempts: list[int]) -> None:
        """The queue gave attempts up: none of them can be dialled any more."""
        for attempt in attempts:
            one = self.waiting.pop(attempt, None)
            assert one is None or not self.can_still_be_dialled(one, self.now)

    def open_windows(self) -> None:
        for lane in self.lanes:
            current = self.current(lane)
            if lane.opening is None and current is not None:
                self.queue.open(lane, current)
                for finish, job in self.queue.finishing(lane):
                    attempt = next((each for each, one in self.waiting.items() if one.job == job), None)
                    if attempt is not None:
                        self.queue.set_alone(lane, attempt, finish)

    def close_windows(self) -> None:
        for lane in self.lanes:
            if lane.opening is not None and lane.opening.closes <= self.now:
                over, alone = self.queue.close(lane)
                mine = [attempt for attempt in alone if attempt in self.waiting]
                back = [each for each in mine if self.can_still_be_dialled(self.waiting[each], self.now)]
                self.queue.requeue(lane, back)
                self.ended(over)
                self.ended([attempt for attempt in mine if attempt not in back])
                if self.table(lane).at_or_after(self.now) is None:
                    self.ended(list(self.queue.give_up(lane, self.now)))

    def fall_due(self) -> None:
        for one in sorted(self.coming, key=lambda each: (each.due, each.job)):
            if one.due <= self.now:
                self.coming.remove(one)
                self.waiting[attempt_of(one.due, one.job)] = one
                self.queue.join(one.lane, attempt_of(one.due, one.job), one.finish)

    # -- what may happen --------------------------------------------------------------------------------------------

    @rule(delay=st.integers(0, 25), place=st.integers(0, 5), length=st.just(FOREVER) | st.integers(1, 60))
    def arrive(self, delay: int, place: int, length: int) -> None:
        finish = FOREVER if length == FOREVER else self.now + delay + length
        one = Waiting(self.lanes[place % len(self.lanes)], self.now + delay, len(self.known), finish)
        if self.can_still_be_dialled(one, one.due):
            self.known.append(one)
            self.coming.append(one)
            if finish != FOREVER:
                heappush(one.lane.finishes, (finish, one.job))
            self.fall_due()

    @rule(steps=st.integers(1, 15))
    def time_goes_on(self, steps: int) -> None:
        for _ in range(steps):
            self.now += 1
            self.close_windows()
            self.open_windows()
            self.fall_due()

    @rule(count=st.integers(1, 5))
    def dial(self, count: int) -> None:
        expected = self.rivals()[:count]
        placed: list[int] = []
        while len(placed) < count:
            over: list[tuple[int, int]] = []
            attempts = self.queue.take(self.now, count - len(placed), over)
            assert all(finish <= self.now for _, finish in over)
            self.ended([attempt for attempt, _ in over])
            placed += [attempt for attempt in attempts if self.waiting.pop(attempt, None) is not None]
            if not attempts:
                break

        assert placed == expected

    @precondition(lambda self: any(one.job not in self.busy() for one in self.known))
    @rule(data=st.data(), delay=st.integers(1, 30))
    def retry(self, data: st.DataObject, delay: int) -> None:
        idle = [one for one in self.known if one.job not in self.busy()]
        one = data.draw(st.sampled_from(idle))._replace(due=self.now + delay)
        if self.can_still_be_dialled(one, one.due):
            self.known[one.job] = one
            self.coming.append(one)

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data())
    def strike_off(self, data: st.DataObject) -> None:
        """Its job ends for another reason, of which the queue is not told."""
        del self.waiting[data.draw(st.sampled_from(sorted(self.waiting)))]

    @rule()
    def ask_who_finished(self) -> None:
        overdue = self.queue.overdue(self.now)
        assert all(finish < self.now for _, finish in overdue)
        self.ended([attempt for attempt, _ in overdue])
        assert not [one for one in self.waiting.values() if one.finish < self.now and self.current(one.lane)]

    def busy(self) -> set[int]:
        return {one.job for one in [*self.coming, *self.waiting.values()]}

    @invariant()
    def checks(self) -> None:
        if hasattr(self, "queue"):
            self.queue.check()
            assert bool(self.queue) or not self.rivals()


QueueMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=40)
TestQueueAgainstASortedList = QueueMachine.TestCase


# --- rank ------------------------------------------------------------------------------------------------------------


def test_the_parts_of_rank_stand_in_the_order_of_the_rule() -> None:
    """R8.2"""
    first_to_last = [
        rank(1, custom=False, closes=FOREVER, opens=9),
        rank(2, custom=True, closes=50, opens=-FOREVER),
        rank(2, custom=True, closes=50, opens=0),
        rank(2, custom=True, closes=60, opens=-10),
        rank(2, custom=True, closes=FOREVER, opens=-FOREVER),
        rank(2, custom=False, closes=50, opens=0),
    ]

    assert all(earlier < later for earlier, later in pairwise(first_to_last))


# --- cohorts ---------------------------------------------------------------------------------------------------------


def test_lanes_whose_calendars_have_the_same_interval_today_queue_together() -> None:
    """R8.2: in order of due, then job, whatever their calendars are tomorrow."""
    today = opening(0, 100)
    queue = Queue()
    lanes = [queue.add_lane(gate_of(today, opening(200 + place, 300)), 5, custom=False) for place in range(3)]
    for due, (place, job) in enumerate([(0, 5), (2, 1), (1, 3), (0, 2), (2, 4), (2, 0)]):
        queue.join(lanes[place], attempt_of(due, job))
    for lane in lanes:
        queue.open(lane, today)
    queue.check()

    assert take(queue, 10, 4) == [5, 1, 3, 2]
    queue.check()
    assert take(queue, 10) == [4, 0]
    assert queue.first is None


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=14),
    st.permutations(range(5)),
    st.lists(st.integers(1, 4), min_size=20, max_size=20),
)
def test_lanes_that_meet_are_merged(places: list[tuple[int, int]], order: list[int], counts: list[int]) -> None:
    """R8.2: whichever opened first, and however few are taken at a time."""
    queue = Queue()
    lanes = [queue.add_lane(gate_of(opening(0, 100)), 5, custom=False) for _ in range(5)]
    due, attempts = 0, []
    for job, (place, pause) in enumerate(places):
        due += pause
        attempts.append(attempt_of(due, job))
        queue.join(lanes[place], attempts[-1])
    for place in order:
        queue.open(lanes[place], opening(0, 100))
    taken: list[int] = []
    for count in counts:
        taken += take(queue, 50, count)
        queue.check()

    assert taken == jobs_of(attempts)


def test_lanes_that_met_part_again() -> None:
    """R8.2: those that are left when the interval closes are ranked by the next one."""
    queue = Queue()
    first = queue.add_lane(gate_of(opening(0, 100), opening(200, 400)), 5, custom=False)
    second = queue.add_lane(gate_of(opening(0, 100), opening(200, 300)), 5, custom=False)
    for job, lane in enumerate([first, second] * 3):
        queue.join(lane, attempt_of(0, job))
    for lane in (first, second):
        queue.open(lane, opening(0, 100))
    before = take(queue, 50, 2)
    closed = [queue.close(lane) for lane in (second, first)]
    queue.check()
    queue.open(first, opening(200, 400))
    queue.open(second, opening(200, 300))
    queue.check()

    assert before == [0, 1]
    assert closed == [([], []), ([], [])]
    assert take(queue, 250) == [3, 5, 2, 4]


def test_an_attempt_that_joins_an_open_lane_stands_behind_those_who_were_due_before() -> None:
    """R8.2"""
    queue = Queue()
    lanes = [queue.add_lane(gate_of(opening(0, 100)), 5, custom=False) for _ in range(2)]
    for lane in lanes:
        queue.open(lane, opening(0, 100))
    for due, job in enumerate([4, 3, 2, 1]):
        queue.join(lanes[due % 2], attempt_of(due, job))
        queue.check()

    assert take(queue, 5) == [4, 3, 2, 1]


def test_a_closed_lane_is_not_taken_from() -> None:
    """R8.1"""
    queue = Queue()
    lane = queue.add_lane(gate_of(opening(50, 100)), 5, custom=False)
    queue.join(lane, attempt_of(0, 0))

    assert queue.first is None
    assert take(queue, 10) == []
    queue.open(lane, opening(50, 100))
    assert take(queue, 50) == [0]


# --- finishes --------------------------------------------------------------------------------------------------------


def test_a_finish_counts_only_in_the_interval_in_which_it_falls() -> None:
    """R8.2: before, the attempt stands in its lane like all others."""
    intervals = [opening(0, 100), opening(200, 300)]
    queue = Queue()
    lane = queue.add_lane(gate_of(*intervals), 5, custom=True)
    heappush(lane.finishes, (250, 1))
    queue.open(lane, intervals[0])
    assert list(queue.finishing(lane)) == []
    for job, finish in enumerate([FOREVER, 250, FOREVER]):
        queue.join(lane, attempt_of(10, job), finish)
    assert take(queue, 20, 1) == [0]
    queue.close(lane)
    queue.open(lane, intervals[1])
    assert list(queue.finishing(lane)) == [(250, 1)]
    queue.set_alone(lane, attempt_of(10, 1), 250)
    queue.join(lane, attempt_of(210, 3))
    queue.check()

    assert take(queue, 220) == [1, 2, 3]
    assert list(queue.finishing(lane)) == []


def test_those_who_have_finished_are_found_when_they_come_up_and_not_taken() -> None:
    """R12.5: each with its finish; the others of the lane stay."""
    queue = Queue()
    lane = queue.add_lane(gate_of(opening(0, 100)), 5, custom=True)
    queue.open(lane, opening(0, 100))
    for job, finish in enumerate([30, FOREVER, 20, 40]):
        queue.join(lane, attempt_of(0, job), finish)
    over: list[tuple[int, int]] = []
    taken = queue.take(30, 9, over)

    assert over == [(attempt_of(0, 2), 20), (attempt_of(0, 0), 30)]
    assert jobs_of(taken) == [3, 1]


def test_those_who_finished_before_an_instant_are_found_without_a_dial() -> None:
    """R12.5, R1.2: of the instant itself nothing has happened, and an open lane is none of them."""
    queue = Queue()
    lane = queue.add_lane(gate_of(opening(0, 100)), 5, custom=True)
    queue.open(lane, opening(0, 100))
    for job, finish in enumerate([30, FOREVER, 20, 40]):
        queue.join(lane, attempt_of(0, job), finish)

    assert queue.overdue(30) == [(attempt_of(0, 2), 20)]
    queue.check()
    assert queue.overdue(100) == [(attempt_of(0, 0), 30), (attempt_of(0, 3), 40)]
    queue.check()
    assert take(queue, 99) == [1]


def test_a_long_interval_gives_back_those_whose_finish_lies_behind_it() -> None:
    """R8.2: in a long interval every finish counts, however far; in the next one by itself again."""
    long, short = opening(0, 1000, long=True), opening(1100, 1200)
    queue = Queue()
    lane = queue.add_lane(gate_of(long, short, opening(1300, 1400)), 5, custom=True)
    other = queue.add_lane(gate_of(long), 5, custom=True)
    for job, finish in [(1, 1150), (2, 5000)]:
        heappush(lane.finishes, (finish, job))
    queue.join(lane, attempt_of(0, 0))
    queue.join(lane, attempt_of(0, 1), 1150)
    for each in (lane, other):
        queue.open(each, long)
    for finish, job in queue.finishing(lane):
        if job == 1:
            queue.set_alone(lane, attempt_of(0, 1), finish)
    queue.join(lane, attempt_of(5, 2), 5000)
    queue.join(lane, attempt_of(7, 5))
    queue.join(other, attempt_of(5, 3), 5000)
    queue.join(other, attempt_of(5, 4))
    queue.check()

    assert queue.close(lane) == ([], [attempt_of(0, 1), attempt_of(5, 2)])
    queue.requeue(lane, [attempt_of(0, 1), attempt_of(5, 2)])
    queue.check()
    assert list(lane.waiting) == [attempt_of(0, 0), attempt_of(0, 1), attempt_of(5, 2), attempt_of(7, 5)]
    assert take(queue, 1000) == [3, 4]
    queue.open(lane, short)
    assert list(queue.finishing(lane)) == [(1150, 1)]
    queue.set_alone(lane, attempt_of(0, 1), 1150)
    assert take(queue, 1120) == [1, 0, 2, 5]


def test_one_that_stood_alone_in_a_long_interval_stands_in_its_lane_in_the_next() -> None:
    """R8.2: where its finish lies in a later one still."""
    long, short = opening(0, 1000, long=True), opening(1100, 1200)
    queue = Queue()
    lane = queue.add_lane(gate_of(long, short, opening(1300, 1400)), 5, custom=True)
    heappush(lane.finishes, (1350, 1))
    for job, finish in enumerate([FOREVER, 1350, FOREVER]):
        queue.join(lane, attempt_of(-5, job), finish)
    queue.open(lane, long)
    for finish, job in queue.finishing(lane):
        queue.set_alone(lane, attempt_of(-5, job), finish)
    _, alone = queue.close(lane)
    queue.requeue(lane, alone)
    queue.open(lane, short)

    assert list(queue.finishing(lane)) == []
    queue.check()
    assert take(queue, 1120) == [0, 1, 2]


def test_a_finish_behind_that_of_the_campaign_does_not_stand_alone_in_a_long_interval() -> None:
    """R5.3: the interval closes first."""
    long = Opening(0, 1000, -FOREVER, 1000)
    queue = Queue()
    lane = queue.add_lane(gate_of(long), 5, custom=True)
    queue.open(lane, long)
    for job, finish in enumerate([FOREVER, 1000, 999]):
        queue.join(lane, attempt_of(0, job), finish)

    assert take(queue, 10) == [2, 0, 1]


def test_a_closed_lane_gives_up_those_who_were_due_long_ago() -> None:
    """R12.5: the oldest first, and none of them twice."""
    intervals = [opening(0, 100), opening(200, 300)]
    queue = Queue()
    lane = queue.add_lane(gate_of(*intervals), 5, custom=True)
    heappush(lane.finishes, (50, 1))
    for due, job in [(-5, 0), (-4, 1), (3, 2), (4, 3)]:
        queue.join(lane, attempt_of(due, job), 50 if job == 1 else FOREVER)
    queue.open(lane, intervals[0])
    for finish, job in queue.finishing(lane):
        queue.set_alone(lane, attempt_of(-4, job), finish)
    assert take(queue, 10, 1) == [1]
    queue.close(lane)

    assert jobs_of(list(queue.give_up(lane, 3))) == [0, 2]
    queue.check()
    assert [attempt & JOB_MASK for attempt in lane.waiting] == [3]


# --- work ------------------------------------------------------------------------------------------------------------


class Work:
    """How often attempts were looked at."""

    comparisons = 0
    looks = 0


class CountedAttempt(int):
    """An attempt that counts how often it is compared."""

    def __lt__(self, other: int) -> bool:
        Work.comparisons += 1
        return int.__lt__(self, other)

    def __gt__(self, other: int) -> bool:
        Work.comparisons += 1
        return int.__gt__(self, other)

    def __eq__(self, other: object) -> bool:
        Work.comparisons += 1
        return int.__eq__(self, other)

    def __hash__(self) -> int:
        Work.looks += 1
        return int.__hash__(self)


class CountedDeque(deque[int]):
    """A deque that counts what is done with its items."""

    def __getitem__(self, place: SupportsIndex, /) -> int:  # type: ignore[override]
        Work.looks += 1
        return super().__getitem__(place)

    def __iter__(self) -> Any:
        for each in super().__iter__():
            Work.looks += 1
            yield each

    def append(self, item: int, /) -> None:
        Work.looks += 1
        super().append(item)

    def popleft(self) -> int:
        Work.looks += 1
        return super().popleft()


COUNT = 100_000


def crowd(lanes: int, interval: Opening) -> tuple[Queue, list[Lane]]:
    """Attempts that wait in lanes of one cohort, falling due in turn."""
    queue = Queue()
    made = [queue.add_lane(gate_of(interval), 5, custom=False) for _ in range(lanes)]
    for lane in made:
        lane.waiting = CountedDeque()
    for job in range(COUNT):
        queue.join(made[job % lanes], CountedAttempt(attempt_of(job // 10, job)))
    Work.comparisons = Work.looks = 0
    return queue, made


@pytest.mark.parametrize("lanes", [1, 10, 100])
@pytest.mark.parametrize("long", [False, True])
def test_opening_and_closing_windows_touches_no_attempt_but_the_heads_of_the_lanes(lanes: int, long: bool) -> None:
    """R8.2: 100,000 attempts wait, and a window costs as many steps as there are lanes, times their logarithm."""
    interval = opening(0, 10, long=long)
    queue, made = crowd(lanes, interval)
    for lane in made:
        queue.open(lane, interval)
    for lane in made:
        queue.close(lane)

    assert Work.looks <= 4 * lanes
    assert Work.comparisons <= (60 * lanes if not long else 10 * lanes * lanes)
    assert sum(len(lane.waiting) for lane in made) == COUNT


def test_taking_costs_a_step_or_two_an_attempt_while_one_lane_has_the_cohort() -> None:
    """R8.1: O(1) an attempt."""
    interval = opening(0, 10**9)
    queue, (lane,) = crowd(1, interval)
    queue.open(lane, interval)
    taken: list[int] = []
    while attempts := queue.take(5, 7, []):
        taken += attempts

    assert jobs_of(taken) == list(range(COUNT))
    assert Work.comparisons <= 3 * COUNT
    assert Work.looks <= 5 * COUNT


@pytest.mark.parametrize(("lanes", "at_most"), [(2, 12), (64, 36)])
def test_taking_costs_the_logarithm_of_the_lanes_where_several_have_the_cohort(lanes: int, at_most: int) -> None:
    """R8.1: O(log lanes) an attempt, however many wait."""
    interval = opening(0, 10**9)
    queue, made = crowd(lanes, interval)
    for lane in made:
        queue.open(lane, interval)
    taken: list[int] = []
    while attempts := queue.take(5, 7, []):
        taken += attempts

    assert jobs_of(taken) == list(range(COUNT))
    assert Work.comparisons <= at_most * COUNT


def test_a_closing_cohort_does_not_sort_the_others_anew() -> None:
    """R8.2: of 2,000 cohorts each closes in a few comparisons of ranks."""
    queue = Queue()
    intervals = [opening(0, 10 + place) for place in range(2000)]
    lanes = [queue.add_lane(gate_of(interval), 5, custom=False) for interval in intervals]
    for job, (lane, interval) in enumerate(zip(lanes, intervals, strict=True)):
        queue.join(lane, CountedAttempt(attempt_of(0, job)))
        queue.open(lane, interval)
    Work.comparisons = Work.looks = 0
    for lane in lanes[:1000]:
        assert queue.close(lane) == ([], [])

    assert Work.comparisons == 0
    assert take(queue, 1005) == list(range(1000, 2000))


# --- the check itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("child", range(1, 7))
def test_a_cohort_that_is_no_heap_fails_the_check(child: int) -> None:
    """R8.2; `check()` asserts every invariant, also the one by which the head of a cohort is its least attempt."""
    queue = Queue()
    lane = queue.add_lane(gate_of(opening(0, 100)), 5, custom=True)
    queue.open(lane, opening(0, 100))
    for job in range(7):
        queue.join(lane, attempt_of(0, job), 50)
    queue.check()
    cohort, parent = queue.first, (child - 1) // 2
    assert cohort is not None
    cohort[parent], cohort[child] = cohort[child], cohort[parent]

    with pytest.raises(AssertionError):
        queue.check()
