"""What each dial comes to, under a source of outcomes (R12.2, R12.3)."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate, repeat
from typing import Protocol

from scheduler.engine.columns import (
    ANSWERED,
    BUSY,
    FAILED,
    NO_ANSWER,
    NONEXISTENT,
    OUTCOME_MASK,
    OUTCOMES,
    RESULT,
)
from scheduler.engine.luck import BLOCK_BITS, BLOCK_MASK, Luck
from scheduler.engine.standing import Standing
from scheduler.jobs import Campaign, Outcome, UsageError
from scheduler.lengths import SLICE_BITS, SLICE_MASK, constant
from scheduler.outcomes import MAX_DRAWN_MS, Call, Model, Never, Script, Source
from scheduler.policy.instants import HOUR_MS
from scheduler.policy.zones import Zone

MOST_ATTEMPTS = 255
LUCK_BITS = 32

CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}

Calls = tuple[list[int], list[int], list[int]]  # codes (with RESULT beside or not), lengths and talks, in milliseconds


class Drawing(Protocol):
    """What the attempts of jobs that are dialled at an instant come to; redials go to the standing."""

    def __call__(self, instant_ms: int, places: Sequence[int], /) -> Calls:
        """The calls of the jobs at some places, in their order, whose attempts have been counted."""

    def one(self, instant_ms: int, place: int, /) -> tuple[int, int, int]:
        """The call of the job at one place."""


# The kinds of calls of a model, in the order in which luck decides for them; the last takes the rest.
KINDS = (ANSWERED | RESULT, ANSWERED | RESULT, ANSWERED, ANSWERED, BUSY, FAILED, NONEXISTENT, NO_ANSWER)
ASKS = 16  # beside the code of a call: it asks for a redial
ASKED = (ASKS, 0, ASKS, 0, 0, 0, 0, 0)  # of each kind
CONVERSATIONS = 4  # the first kinds are answered

# A drawn call is one integer: its code, ASKS, how long its line is held and how long of that is talk, in milliseconds.
CODE_MASK = 15
LENGTH_SHIFT, TALK_SHIFT = 5, 34
LENGTH_MASK = (1 << 29) - 1  # six days; both are at most two


def drawing(source: Source, campaign: Campaign, standing: Standing, seed: int) -> tuple[int, Drawing | None]:
    """What a run asks for each dial; without it, every attempt rings so many milliseconds and is not answered.

    Raises UsageError for what is no source.
    """
    if isinstance(source, Never):
        return source.of(campaign).ring_ms or campaign.ring_ms, None
    if isinstance(source, Script):
        return campaign.ring_ms, _Scripted(source, campaign, standing)
    if isinstance(source, Model):
        return campaign.ring_ms, Drawn(source, campaign, standing, seed)
    raise UsageError(
        f"not a source of outcomes: {source!r}; give scheduler.never or what scheduler.read_outcomes gives"
    )


class _Scripted:
    def __init__(self, script: Script, campaign: Campaign, standing: Standing) -> None:
        self._script = script
        self._after = Call(Outcome.NO_ANSWER, campaign.ring_ms)
        self._standing = standing

    def __call__(self, _: int, places: Sequence[int], /) -> Calls:
        calls = [self._call(place) for place in places]
        return [_code_of(call) for call in calls], [call.length_ms for call in calls], [call.talk_ms for call in calls]

    def one(self, _: int, place: int, /) -> tuple[int, int, int]:
        """The call of one job."""
        call = self._call(place)
        return _code_of(call), call.length_ms, call.talk_ms

    def _call(self, place: int) -> Call:
        standing = self._standing
        job = standing.jobs[place]
        given = self._script.jobs.get(job.index)
        if given is None:
            given = self._script.phones.get(job.phone, ())
        dial = standing.earlier_dials(place) + standing.made[place]
        if dial > len(given):
            return self._after
        call = given[dial - 1]
        if call.redial is not None:
            standing.asked[place] = call.redial
        return call


def _code_of(call: Call) -> int:
    return CODES[call.outcome] | (RESULT if call.result else 0)


Tables = tuple[list[list[int]], list[int]]  # packed calls by kind, then luck, before there is talk; packed talks
_latest: deque[tuple[Model, int, Tables]] = deque(maxlen=4)


def _tables(model: Model, ring_ms: int) -> Tables:
    """What luck is looked up in. Some 10 ms, so that many runs of a small campaign make them once."""
    for known, known_ms, tables in tuple(_latest):
        if known is model and known_ms == ring_ms:
            return tables
    usual = constant(ring_ms)
    rings = [model.ring_ms.get(OUTCOMES[code & OUTCOME_MASK], usual) for code in KINDS]
    codes = [code | asked for code, asked in zip(KINDS, ASKED, strict=True)]
    calls = [
        [code | max(1, ring) << LENGTH_SHIFT for ring in slices] for code, slices in zip(codes, rings, strict=True)
    ]
    # Adding a talk lengthens the call too.
    talks = [talk << TALK_SHIFT | talk << LENGTH_SHIFT for talk in model.talk_ms]
    _latest.append((model, ring_ms, (calls, talks)))
    return calls, talks


class Drawn:
    """Calls under a model. Without rates by hour, they are drawn for 4,096 numbers at once, with their luck."""

    def __init__(self, model: Model, campaign: Campaign, standing: Standing, seed: int) -> None:
        if campaign.ring_ms > MAX_DRAWN_MS:
            raise UsageError(f"under a model, a call rings for at most {MAX_DRAWN_MS} ms, not {campaign.ring_ms}")
        self._model = model
        self._standing = standing
        self._luck = Luck(seed)
        self._calls, self._talks = _tables(model, campaign.ring_ms)
        self._limits: dict[tuple[int, int], list[int]] = {}
        self._clocks: dict[Zone, tuple[int, int, int]] = {}
        self.in_blocks = not model.by_hour  # of `rows`, which then say all of first jobs
        self.redial = model.redial
        self.rows: list[dict[int, array[int]]] = [{} for _ in range(MOST_ATTEMPTS + 1)]  # of first jobs, by attempt
        self._redial_rows: dict[tuple[int, int], dict[int, array[int]]] = {}

    def __call__(self, instant_ms: int, places: Sequence[int], /) -> Calls:
        """Draw the calls of jobs."""
        if self.in_blocks and self.redial is None and not self._standing.redial_numbers:
            packed = self._from_rows(places)
        else:
            packed = [self._packed(instant_ms, place) for place in places]
        return (
            [call & CODE_MASK for call in packed],
            [call >> LENGTH_SHIFT & LENGTH_MASK for call in packed],
            [call >> TALK_SHIFT for call in packed],
        )

    def one(self, instant_ms: int, place: int, /) -> tuple[int, int, int]:
        """Draw the call of one job."""
        call = self._packed(instant_ms, place)
        return call & CODE_MASK, call >> LENGTH_SHIFT & LENGTH_MASK, call >> TALK_SHIFT

    def _from_rows(self, places: Sequence[int]) -> list[int]:
        made, numbers, rows, draw_block = self._standing.made, self._standing.numbers, self.rows, self.draw_block
        packed = []
        for place in places:
            attempt, number = made[place], numbers[place]
            row = rows[attempt]
            block = row.get(number >> BLOCK_BITS) or draw_block(row, 0, attempt, number)
            packed.append(block[number & BLOCK_MASK])
        return packed

    def _packed(self, instant_ms: int, place: int) -> int:
        standing = self._standing
        attempt, number = standing.made[place], standing.numbers[place]
        redial = standing.redial_numbers.get(place, 0)
        if self.in_blocks:
            row = self._redial_rows.setdefault((redial, attempt), {}) if redial else self.rows[attempt]
            block = row.get(number >> BLOCK_BITS) or self.draw_block(row, redial, attempt, number)
            packed = block[number & BLOCK_MASK]
        else:
            decides, shape = self._luck.of(number, redial, attempt)
            kind = bisect_right(self._limits_for(self._hour(instant_ms, place), attempt), decides)
            packed = self._calls[kind][shape & SLICE_MASK]
            if kind < CONVERSATIONS:
                packed += self._talks[shape >> SLICE_BITS & SLICE_MASK]
        if packed & ASKS and self.redial is not None:
            standing.asked[place] = self.redial
        return packed

    def draw_block(self, row: dict[int, array[int]], redial: int, attempt: int, number: int) -> array[int]:
        """Draw the calls of the 4,096 numbers among which one stands. About 250 ns a number."""
        luck = self._luck.block(redial, attempt, number)
        kinds = map(bisect_right, repeat(self._limits_for(0, attempt)), luck[::2])
        calls, talks = self._calls, self._talks
        block = array(
            "Q",
            [
                # What is not answered has no talk.
                calls[kind][shape & SLICE_MASK]
                if kind >= CONVERSATIONS
                else calls[kind][shape & SLICE_MASK] + talks[shape >> SLICE_BITS & SLICE_MASK]
                for kind, shape in zip(kinds, luck[1::2], strict=False)
            ],
        )
        row[number >> BLOCK_BITS] = block
        return block

    def _limits_for(self, hour: int, attempt: int) -> list[int]:
        """Below which luck each kind but the last ends, at an attempt in a local hour."""
        key = hour, min(attempt, max(1, len(self._model.by_attempt)))
        limits = self._limits.get(key)
        if limits is None:
            limits = self._limits[key] = self._limits_of(self._model.answer_rate(*key))
        return limits

    def _limits_of(self, rate: float) -> list[int]:
        model = self._model
        # What is not answered keeps its proportions, also when there is more or less of it.
        scale = (1 - rate) / (1 - model.answered) if model.answered < 1 else 0.0
        result, asked = model.result, model.redial_share if model.redial is not None else 0.0
        shares = [
            rate * result * asked,
            rate * result * (1 - asked),
            rate * (1 - result) * asked,
            rate * (1 - result) * (1 - asked),
            model.busy * scale,
            model.failed * scale,
            model.nonexistent * scale,
        ]
        return [round(share * (1 << LUCK_BITS)) for share in accumulate(shares)]

    def _hour(self, instant_ms: int, place: int) -> int:
        zone = self._standing.jobs[place].zone
        begin_ms, end_ms, offset_ms = self._clocks.get(zone, (0, 0, 0))
        if not begin_ms <= instant_ms < end_ms:
            run = next(zone.runs(instant_ms, instant_ms + HOUR_MS))
            begin_ms, end_ms, offset_ms = self._clocks[zone] = run
        return (instant_ms + offset_ms) // HOUR_MS % 24
