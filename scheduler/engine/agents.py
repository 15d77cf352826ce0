"""The agents of a run, the answered calls that wait for one, and how many numbers may be dialled for them.

What it means
    A call that is answered needs an agent for its talk, and the agent has some work after it. If none is free the
    call waits, behind those that were answered before, for as long as a customer may be kept waiting; then it is
    abandoned: it ends without talk. So no more numbers are dialled than there will probably be agents for. That is
    for the mode to say, from how many agents are free and how many calls are *undecided*: those that ring, and
    those that wait for an agent.

How it works
    Within an instant, behind the calls that end at it: agents become free; calls are answered; those that wait take
    free agents, the longest waiting first; those that have waited too long are abandoned. The end of an answered
    call is not known before its talk begins, so it joins the calls in progress (calls.py) only then.

    The paced mode takes the share of answers among the latest calls for the probability of the next, and dials at once
    what keeps the expected share of abandoned answers at the rate (pacing.py). It counts a call more as answered than
    there were, so that it begins carefully; and while the share of the last 30 days is above the rate, it dials one
    number for each free agent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache
from heapq import heappop, heappush
from math import ceil

from scheduler.engine.calls import CallsInProgress
from scheduler.engine.columns import ABANDONED, ANSWERED, OUTCOME_MASK
from scheduler.engine.gates import FOREVER
from scheduler.engine.lines import LineLimit
from scheduler.engine.pacing import dials_for
from scheduler.engine.queue import JOB_BITS, JOB_MASK
from scheduler.engine.standing import Standing
from scheduler.jobs import Agents, DialMode
from scheduler.policy.instants import DAY_MS
from scheduler.policy.zones import Zone

LATEST = 500  # calls, of which the share of answers is taken
RATE_STEPS = 100  # that share is rounded up to hundredths, so that few are computed for
LAW_DAYS = 30


class Staff:
    """The agents of a run. `talking` are the places of jobs whose customers are talking to one."""

    def __init__(self, agents: Agents, zone: Zone, standing: Standing, calls: CallsInProgress, now_ms: int) -> None:
        self.agents = agents
        self.talking: set[int] = set()
        self._standing = standing
        self._calls = calls
        self._limit = LineLimit(agents.count, zone)
        self._count = self._limit.at(now_ms)
        self._count_changes_ms = self._limit.next_change(now_ms)
        self._dials: dict[int, int] = {}  # of each answered call that is not talked to yet: the place of its dial
        self._answers: list[int] = []  # a heap of `instant << JOB_BITS | place`: calls that will be answered
        self._waiting: deque[int] = deque()  # the same, of calls that were answered and wait for an agent
        self._releases: list[int] = []  # a heap of instants: when agents have done their work after a talk
        self._latest: deque[bool] = deque(maxlen=LATEST)  # whether the latest calls were answered
        self._answered_of_latest = 0
        self._days: deque[list[int]] = deque()  # of the last 30 days: day, answers, abandoned
        self._dials_for = cache(lambda free, share: dials_for(free, share / RATE_STEPS, agents.abandon_rate))

    # -- what happens ------------------------------------------------------------------------------------

    def next_instant(self) -> int:
        """When something happens to agents or to those who wait for one; FOREVER if nothing is to come."""
        instants = [self._count_changes_ms]
        if self._answers:
            instants.append(self._answers[0] >> JOB_BITS)
        if self._releases:
            instants.append(self._releases[0])
        if self._waiting:
            instants.append((self._waiting[0] >> JOB_BITS) + self.agents.patience_ms)
        return min(instants)

    def expect(self, answered_ms: int, place: int, dial: int) -> None:
        """A call was placed that will be answered at an instant; `dial` is its place among the dials."""
        self._dials[place] = dial
        heappush(self._answers, answered_ms << JOB_BITS | place)

    def note_end(self, place: int, code: int, instant_ms: int) -> None:
        """A call has ended: the agent who talked has some work left."""
        if place in self.talking:
            self.talking.remove(place)
            heappush(self._releases, instant_ms + self.agents.wrap_up_ms)
        elif code & OUTCOME_MASK != ANSWERED:
            self._note_outcome(answered=False)

    def answer(self, instant_ms: int) -> None:
        """Let agents become free, calls be answered and talks begin; one without talk ends at once."""
        if instant_ms >= self._count_changes_ms:
            self._count = self._limit.at(instant_ms)
            self._count_changes_ms = self._limit.next_change(instant_ms)
        while self._releases and self._releases[0] <= instant_ms:
            heappop(self._releases)
        while self._answers and self._answers[0] >> JOB_BITS <= instant_ms:
            self._waiting.append(heappop(self._answers))
            self._note_outcome(answered=True)
        while self._waiting and self.free > 0:
            self._talk(self._waiting.popleft() & JOB_MASK, instant_ms)

    def give_up(self, instant_ms: int) -> bool:
        """Abandon the calls that have waited too long, so that they end at once; whether there was one."""
        too_old = (instant_ms - self.agents.patience_ms + 1) << JOB_BITS
        if not self._waiting or self._waiting[0] >= too_old:
            return False
        while self._waiting and self._waiting[0] < too_old:
            self._abandon(self._waiting.popleft() & JOB_MASK, instant_ms)
        return True

    def _talk(self, place: int, instant_ms: int) -> None:
        columns = self._standing.columns
        dial = self._dials.pop(place)
        end_ms = instant_ms + columns.talk_ms[dial]
        columns.length_ms[dial] = end_ms - columns.at[dial]
        self.talking.add(place)
        self._count_answer(instant_ms, abandoned=0)
        self._calls.add_alike(end_ms, [place])

    def _abandon(self, place: int, instant_ms: int) -> None:
        standing, columns = self._standing, self._standing.columns
        dial = self._dials.pop(place)
        columns.length_ms[dial] = instant_ms - columns.at[dial]
        columns.talk_ms[dial] = 0
        columns.outcome[dial] = ANSWERED | ABANDONED
        standing.last_call[place] = ANSWERED | ABANDONED
        standing.asked.pop(place, None)
        self._count_answer(instant_ms, abandoned=1)
        self._calls.add_alike(instant_ms, [place])

    # -- how many may be dialled -------------------------------------------------------------------------

    @property
    def free(self) -> int:
        """The agents who neither talk nor work after a talk; less than none after a cut."""
        return self._count - len(self.talking) - len(self._releases)

    def allowance(self, in_progress: int) -> int:
        """How many more numbers may be dialled while so many calls are in progress."""
        free = self.free
        if free <= 0:
            return 0
        return self._wanted(free) - (in_progress - len(self.talking))

    def _wanted(self, free: int) -> int:
        """How many calls may be undecided for so many free agents."""
        agents = self.agents
        if agents.mode is DialMode.RATIO:
            return int(free * agents.ratio)
        if agents.mode is DialMode.PACED and self._abandoned_share() <= agents.abandon_rate:
            share = (self._answered_of_latest + 1) / (len(self._latest) + 1)
            return max(free, self._dials_for(free, ceil(share * RATE_STEPS)))
        return free

    def _note_outcome(self, *, answered: bool) -> None:
        if len(self._latest) == LATEST:
            self._answered_of_latest -= self._latest[0]
        self._latest.append(answered)
        self._answered_of_latest += answered

    def _count_answer(self, instant_ms: int, *, abandoned: int) -> None:
        day = instant_ms // DAY_MS
        if not self._days or self._days[-1][0] != day:
            self._days.append([day, 0, 0])
        self._days[-1][1] += 1
        self._days[-1][2] += abandoned
        while self._days[0][0] <= day - LAW_DAYS:
            self._days.popleft()

    def _abandoned_share(self) -> float:
        answers = sum(day[1] for day in self._days)
        return sum(day[2] for day in self._days) / answers if answers else 0.0

    # -- for tests ---------------------------------------------------------------------------------------

    def undecided_answers(self) -> Iterator[int]:
        """The places of jobs whose calls were or will be answered, and have no agent yet."""
        return iter(self._dials)

    def check(self, now_ms: int) -> None:
        """Assert every invariant; for tests."""
        places = [each & JOB_MASK for each in (*self._answers, *self._waiting)]
        assert sorted(places) == sorted(self._dials)
        assert not self.talking & self._dials.keys()
        assert not self._waiting or self.free <= 0
        assert list(self._waiting) == sorted(self._waiting)
        assert self.next_instant() >= now_ms
        assert self._answered_of_latest == sum(self._latest)
        assert self._count_changes_ms <= FOREVER
