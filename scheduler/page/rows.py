"""Numbers as rows: a column for each field, made once for a run; then filtered, ordered and cut."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from scheduler.engine.columns import ANSWERED, NOT_ENDED, OUTCOME_MASK, REASONS, STATES, Reason
from scheduler.engine.timeline import Timeline
from scheduler.jobs import JobState
from scheduler.page.told import Order, Row, Rows, RowsAsked, Show

NEVER = -(1 << 62)  # in place of an instant that there is not
KEPT_ORDERS = 16
NEVER_CALLABLE = frozenset({Reason.NEVER_OPEN.value, Reason.NO_WINDOW_BEFORE_FINISH.value})
UNFINISHED = frozenset({JobState.PLANNED.value, JobState.ON_RETRY.value, JobState.IN_PROCESS.value})


class Table:
    """The numbers of a run in order of arrival: of each its first job, with the dials of its redials among them.

    Made in about a microsecond a dial, and two a number.
    """

    def __init__(self, timeline: Timeline) -> None:
        columns, jobs = timeline.columns, timeline.jobs
        self.jobs = array("q")
        self.phones: list[str] = []
        self.zones: list[str] = []
        self.priorities = array("B")
        self.states: list[str] = []
        self.reasons: list[str | None] = []
        self.rows_of: dict[int, int] = {}
        row_of_place = array("q")
        for place, job in enumerate(jobs):
            row = self.rows_of.get(job.index)
            if row is None:
                row = self.rows_of[job.index] = len(self.jobs)
                self.jobs.append(job.index)
                self.phones.append(job.phone)
                self.zones.append(job.zone.name)
                self.priorities.append(job.policy.priority)
                self.states.append(STATES[columns.state[place]].value)
                ended = columns.ended_at[place] != NOT_ENDED
                self.reasons.append(REASONS[columns.reason[place]].value if ended else None)
            row_of_place.append(row)
        self._count(timeline, row_of_place)
        self._orders: OrderedDict[object, Sequence[int]] = OrderedDict()
        self._lock = Lock()

    def _count(self, timeline: Timeline, row_of_place: Sequence[int]) -> None:
        """Count dials and redials, and note when each number was dialled."""
        columns, count = timeline.columns, len(self.jobs)
        self.dials, self.redials = array("I", bytes(4 * count)), array("I", bytes(4 * count))
        self.first, self.last = array("q", (NEVER,)) * count, array("q", (NEVER,)) * count
        self.answered = bytearray(count)
        for row in row_of_place:
            self.redials[row] += 1
        for row in range(count):
            self.redials[row] -= 1  # the number itself is none
        dials, first, last, answered = self.dials, self.first, self.last, self.answered
        for at_ms, place, code in zip(columns.at, columns.job, columns.outcome, strict=True):
            row = row_of_place[place]
            dials[row] += 1
            last[row] = at_ms
            if first[row] == NEVER:
                first[row] = at_ms
            if code & OUTCOME_MASK == ANSWERED:
                answered[row] = 1

    def __len__(self) -> int:
        return len(self.jobs)

    def row(self, place: int) -> Row:
        """The row at a place."""
        first_ms, last_ms = self.first[place], self.last[place]
        return Row(
            job=self.jobs[place],
            phone=self.phones[place],
            zone=self.zones[place],
            priority=self.priorities[place],
            state=self.states[place],
            reason=self.reasons[place],
            dials=self.dials[place],
            redials=self.redials[place],
            firstDialMs=None if first_ms == NEVER else first_ms,
            lastDialMs=None if last_ms == NEVER else last_ms,
            answered=bool(self.answered[place]),
        )

    def rows(self, asked: RowsAsked) -> Rows:
        """Some of the rows that are asked for. O(numbers) for a question that is new, then O(rows)."""
        places = self._places(asked)
        some = places[asked.from_ : asked.from_ + asked.count]
        return Rows(total=len(places), from_=asked.from_, rows=[self.row(place) for place in some])

    # -- filters and orders ------------------------------------------------------------------------------

    def _places(self, asked: RowsAsked) -> Sequence[int]:
        """The places of the rows that are asked for, in order; questions of late are remembered."""
        question = asked.show, asked.zone, asked.priority, asked.phone, asked.order, asked.descending
        places = self._remembered(question)
        if places is None:
            order = self._ordered(asked.order, descending=asked.descending)
            places = self._remember(question, self._kept(order, asked))
        return places

    def _kept(self, places: Sequence[int], asked: RowsAsked) -> Sequence[int]:
        shown = self._shown(asked.show)
        if shown is not None:
            places = [place for place in places if shown(place)]
        if asked.zone is not None:
            places = [place for place in places if self.zones[place] == asked.zone]
        if asked.priority is not None:
            places = [place for place in places if self.priorities[place] == asked.priority]
        if asked.phone:
            places = [place for place in places if asked.phone in self.phones[place]]
        return array("I", places)

    def _shown(self, show: Show) -> Callable[[int], object] | None:
        """What says whether a row is shown; None where all are."""
        tests: dict[Show, Callable[[int], object]] = {
            "neverCallable": lambda place: not self.dials[place] and self.reasons[place] in NEVER_CALLABLE,
            "notDialled": lambda place: not self.dials[place],
            "notReached": lambda place: self.dials[place] and not self.answered[place],
            "reached": lambda place: self.answered[place],
            "unfinished": lambda place: self.states[place] in UNFINISHED,
        }
        return tests.get(show)

    def _ordered(self, order: Order, *, descending: bool) -> Sequence[int]:
        """All places in an order; those that lack what it goes by come last, and equal ones in order of arrival."""
        if order == "job" and not descending:
            return range(len(self))
        places = self._remembered((order, descending))
        if places is None:
            column = self._column(order)
            known = [place for place, value in enumerate(column) if value != NEVER]
            known.sort(key=column.__getitem__, reverse=descending)
            lacking = [place for place, value in enumerate(column) if value == NEVER]
            places = self._remember((order, descending), array("I", known + lacking))
        return places

    def _column(self, order: Order) -> Sequence[int] | Sequence[str]:
        columns: dict[Order, Sequence[int] | Sequence[str]] = {
            "job": self.jobs,
            "phone": self.phones,
            "zone": self.zones,
            "priority": self.priorities,
            "dials": self.dials,
            "firstDial": self.first,
            "lastDial": self.last,
        }
        return columns[order]

    def _remembered(self, question: object) -> Sequence[int] | None:
        with self._lock:
            places = self._orders.get(question)
            if places is not None:
                self._orders.move_to_end(question)
            return places

    def _remember(self, question: object, places: Sequence[int]) -> Sequence[int]:
        with self._lock:
            self._orders[question] = places
            while len(self._orders) > KEPT_ORDERS:
                self._orders.popitem(last=False)
        return places
