"""The machine inside a simulation: what happens at an instant, in the order in which it happens (R8.5).

See simulation.py for what it means, how it works and why it is right.
"""

from __future__ import annotations

from scheduler.engine.agents import Staff
from scheduler.engine.calls import CallsInProgress
from scheduler.engine.columns import ANSWERED, NO_ANSWER, OUTCOME_MASK
from scheduler.engine.coming import Coming
from scheduler.engine.drawing import Drawing, drawing
from scheduler.engine.express import run_express
from scheduler.engine.gates import FOREVER, SEARCH_MS
from scheduler.engine.lines import LineLimit
from scheduler.engine.lives import Lives
from scheduler.engine.queue import JOB_BITS, JOB_MASK, Queue
from scheduler.engine.standing import NOTHING_PENDING, Standing
from scheduler.engine.windows import Windows
from scheduler.jobs import Campaign
from scheduler.outcomes import Source


class Dialler:
    """The jobs of a campaign and all that waits to happen to them. The clock is kept by who drives it.

    `next_instant` is when something happens next, `happen` lets it, and `run` lets all of a span. `free` lines are
    less than none while more calls are in progress than there are lines.
    """

    def __init__(self, campaign: Campaign, now_ms: int, limit: LineLimit) -> None:
        self.campaign = campaign
        self.standing = Standing(campaign.max_attempts_per_phone)
        self.queue = Queue()
        finish_ms = FOREVER if campaign.dates.finish_ms is None else campaign.dates.finish_ms
        self.windows = Windows(self.queue, self.standing, campaign.closed_dates, finish_ms, now_ms)
        self.calls = CallsInProgress()
        self.coming = Coming()
        agents = campaign.agents
        self.staff = None if agents is None else Staff(agents, campaign.zone, self.standing, self.calls, now_ms)
        self.lives = Lives(campaign, self.standing, self.windows, self.coming)
        self.paused = False
        self.look_again = False  # something changed at the present instant that may let an attempt go
        self._ends, self._heads, self._edges = self.calls.ends, self.coming.heads, self.windows.edges
        self._ring_ms = campaign.ring_ms
        self.draw: Drawing | None = None
        self.spacing_ms = campaign.spacing_ms
        self._began_ms = self.next_dial_ms = now_ms  # the first instant that pacing lets a dial be placed at
        self._lines = self.free = 0
        self._may_hold_back = False
        self.set_limit(limit, now_ms)
        self.look_again = False

    def set_limit(self, limit: LineLimit, now_ms: int) -> None:
        """Have other lines from now on."""
        self._limit = limit
        self.look_again = True
        self._count_lines(now_ms)

    def set_spacing(self, spacing_ms: int, now_ms: int) -> None:
        """Keep another distance between dials from now on, the last one included (R11.2)."""
        placed_at = self.standing.columns.at
        self.spacing_ms = spacing_ms
        self.next_dial_ms = placed_at[-1] + spacing_ms if placed_at else now_ms
        self.look_again = True
        self._count_lines(now_ms)

    def set_outcomes(self, source: Source, seed: int) -> None:
        """Take what dials come to from another source. Raises UsageError for what is none."""
        self._ring_ms, self.draw = drawing(source, self.campaign, self.standing, seed)

    def settle(self, now_ms: int) -> None:
        """Make ready for a command at the present instant: the calls that end at it end before (R8.5)."""
        self.end_calls(now_ms)
        self.look_again = True

    def run(self, now_ms: int, until_ms: int) -> None:
        """Let everything of [now, until) happen."""
        if now_ms >= until_ms:
            return
        if self.look_again:
            self.happen(now_ms)
        if self.is_common() and until_ms <= self._began_ms + SEARCH_MS:  # so long nobody has waited in vain (R12.5)
            run_express(self, until_ms)
        while (instant_ms := self.next_instant(now_ms)) < until_ms:
            now_ms = instant_ms
            self.happen(instant_ms)

    def is_common(self) -> bool:
        """Whether the campaign, until the next command, is of the kind that run_express knows."""
        return self.draw is not None and self.staff is None and not self.paused and not self.lives.stopped

    def next_instant(self, now_ms: int) -> int:
        """When something happens next; FOREVER if nothing is to come."""
        first = self._ends[0]
        if self.staff is not None:
            first = min(first, self.staff.next_instant() << JOB_BITS)
        if self.lives.stopped:
            return first >> JOB_BITS
        if self.look_again:
            return now_ms
        # Comparisons, where min() would take twice the time.
        if self._heads[0][0] < first:  # noqa: PLR1730
            first = self._heads[0][0]
        if self._edges[0] < first:  # noqa: PLR1730
            first = self._edges[0]
        instant_ms = first >> JOB_BITS
        if self._may_hold_back and self.queue.first is not None and not self.paused:
            held_ms = self.next_dial_ms if self._allowance() > 0 else FOREVER
            instant_ms = min(instant_ms, max(now_ms, min(held_ms, self.other_lines_ms)))
        return instant_ms

    def happen(self, instant_ms: int) -> None:
        """Let everything of an instant happen, in the order of R8.5; commands were carried out before."""
        limit = (instant_ms + 1) << JOB_BITS
        self.look_again = False
        if self._ends[0] < limit or self.staff is not None:
            self.end_calls(instant_ms)
        if self.lives.stopped:
            return
        if self._edges[0] < limit:
            self.windows.cross(instant_ms)
        if self._heads[0][0] < limit:
            self.join(self.coming.take_due(instant_ms), instant_ms)
        if instant_ms >= self.other_lines_ms:
            self._count_lines(instant_ms)
        if self.free > 0 and self.queue.first is not None and not self.paused:
            self.dial(instant_ms)

    def check(self, now_ms: int) -> None:
        """Assert every invariant; for tests."""
        self.queue.check()
        self.windows.check()
        self.calls.check(now_ms)
        self.coming.check()
        in_call = list(self.calls)
        if self.staff is not None:
            self.staff.check(now_ms)
            assert self.staff.talking <= set(in_call)
            in_call += self.staff.undecided_answers()
        assert len(in_call) == len(set(in_call)) == self._lines - self.free
        self.standing.check(set(in_call))
        assert len(self.lives.plans) == len(self.standing.jobs)
        assert not self.lives.stopped or all(attempt == NOTHING_PENDING for attempt in self.standing.pending)

    def end_calls(self, instant_ms: int) -> None:
        """Let the calls end that end at an instant, and what follows from it for their jobs (R9) and for agents."""
        while True:
            ended = self.calls.take_ended(instant_ms)
            self.free += len(ended)
            if self.staff is not None:
                for place in ended:
                    self.staff.note_end(place, self.standing.last_call[place], instant_ms)
            self.lives.end_calls(ended, instant_ms)
            if self.staff is None:
                return
            self.staff.answer(instant_ms)
            if self._ends[0] >> JOB_BITS > instant_ms and not self.staff.give_up(instant_ms):
                return

    def join(self, attempts: list[int], instant_ms: int) -> None:
        """Let attempts join the queue that fall due at an instant, in order."""
        plans, pending, finishes = self.lives.plans, self.standing.pending, self.standing.finishes
        for attempt in attempts:
            place = attempt & JOB_MASK
            if pending[place] == attempt:
                lane = plans[place].lane
                if lane.opening is None:
                    self.windows.await_opening(lane, instant_ms)
                self.queue.join(lane, attempt, finishes.get(place, FOREVER) if finishes else FOREVER)
            elif plans[place].parts:
                self.lives.look_again(place, instant_ms)

    def dial(self, instant_ms: int) -> None:
        """Place dials while there is a free line, and pacing lets them."""
        standing, draw = self.standing, self.draw
        pending, made = standing.pending, standing.made
        over: list[tuple[int, int]] = []
        counts = self.lives.counts_dials
        too_old = (instant_ms - SEARCH_MS + 1) << JOB_BITS
        while self.free > 0 and instant_ms >= self.next_dial_ms:
            count = self._allowance()
            attempts = self.queue.take(instant_ms, min(count, 1) if self.spacing_ms else count, over)
            if not attempts:
                break
            places = []
            for attempt in attempts:
                place = attempt & JOB_MASK
                if attempt < too_old:
                    over.append((attempt, instant_ms))
                elif pending[place] == attempt:
                    pending[place] = NOTHING_PENDING
                    made[place] += 1
                    places.append(place)
                    if counts:
                        self.lives.count_dial(place, instant_ms)
            if places:
                self.free -= len(places)
                self.next_dial_ms = instant_ms + self.spacing_ms
                if draw is None:
                    self._ring(instant_ms, places)
                else:
                    self._call(instant_ms, places, draw)
        if over:
            standing.end_waiting(over)

    def _allowance(self) -> int:
        """How many dials lines and agents allow."""
        free = self.free
        return free if self.staff is None else min(free, self.staff.allowance(self._lines - free))

    def _ring(self, instant_ms: int, places: list[int]) -> None:
        """Begin calls that all ring equally long, and are not answered."""
        standing = self.standing
        for place in places:
            standing.last_call[place] = NO_ANSWER
        attempts = [standing.made[place] for place in places]
        standing.columns.add_alike(instant_ms, places, attempts, NO_ANSWER, self._ring_ms)
        if self.lives.retry_from_start:
            self.lives.dialled_at.update(dict.fromkeys(places, instant_ms))
        self.calls.add_alike(instant_ms + self._ring_ms, places)

    def _call(self, instant_ms: int, places: list[int], draw: Drawing) -> None:
        """Begin calls of which each comes to something of its own; those that last alike end as a group."""
        standing, staff = self.standing, self.staff
        calls = draw(instant_ms, places)
        first_dial = len(standing.columns.at)
        standing.columns.add(instant_ms, places, [standing.made[place] for place in places], calls)
        ends: dict[int, list[int]] = {}
        for dial, (place, code, length_ms) in enumerate(zip(places, *calls[:2], strict=True), first_dial):
            standing.last_call[place] = code
            if staff is not None and code & OUTCOME_MASK == ANSWERED:
                staff.expect(instant_ms + length_ms - standing.columns.talk_ms[dial], place, dial)
                continue
            alike = ends.get(length_ms)
            if alike is None:
                ends[length_ms] = [place]
            else:
                alike.append(place)
        for length_ms, alike in ends.items():
            self.calls.add_alike(instant_ms + length_ms, alike)
        if self.lives.retry_from_start:
            self.lives.dialled_at.update(dict.fromkeys(places, instant_ms))

    def _count_lines(self, now_ms: int) -> None:
        busy = self._lines - self.free
        self._lines = self._limit.at(now_ms)
        self.free = self._lines - busy
        self.other_lines_ms = self._limit.next_change(now_ms)
        # Only pacing and lines that change can let an attempt go at an instant at which nothing else happens.
        self._may_hold_back = bool(self.spacing_ms) or self.other_lines_ms != FOREVER
