"""What each dial comes to, under a source of outcomes (R12.2, R12.3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
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
from scheduler.engine.luck import BLOCK_BITS, BLOCK_MASK, Blocks, Luck
from scheduler.engine.standing import Standing
from scheduler.jobs import Campaign, UsageError
from scheduler.lengths import SLICE_BITS, SLICE_MASK, constant
from scheduler.outcomes import Model, Never, Script, Source
from scheduler.policy.instants import HOUR_MS
from scheduler.policy.zones import Zone

LUCK_BITS = 32
LUCK_MASK = (1 << LUCK_BITS) - 1

Calls = tuple[list[int], list[int], list[int]]  # of the jobs dialled: code, length and talk, in milliseconds


class Drawing(Protocol):
    """What the attempts of some jobs, which are dialled at an instant, come to; redials go to the standing."""

    def __call__(self, instant_ms: int, places: Sequence[int], /) -> Calls:
        """One entry of each list for each job, in their order."""


# The kinds of calls of a model, in the order in which luck decides for them; the last takes the rest.
KINDS = (ANSWERED | RESULT, ANSWERED | RESULT, ANSWERED, ANSWERED, BUSY, FAILED, NONEXISTENT, NO_ANSWER)
ASKS = (True, False, True, False)  # of the answered kinds: whether they ask for a redial
CONVERSATIONS = len(ASKS)


def drawing(source: Source, campaign: Campaign, standing: Standing, seed: int) -> tuple[int, Drawing | None]:
    """What a run asks for each dial; without it, every attempt rings so many milliseconds and is not answered.

    Raises UsageError for what is no source.
    """
    if isinstance(source, Never):
        return source.of(campaign).ring_ms or campaign.ring_ms, None
    if isinstance(source, Script):
        return campaign.ring_ms, _Scripted(source, campaign, standing)
    if isinstance(source, Model):
        return campaign.ring_ms, _Drawn(source, campaign, standing, seed)
    raise UsageError(
        f"not a source of outcomes: {source!r}; give scheduler.never or what scheduler.read_outcomes gives"
    )


class _Scripted:
    def __init__(self, script: Script, campaign: Campaign, standing: Standing) -> None:
        self._script = script
        self._ring_ms = campaign.ring_ms
        self._standing = standing

    def __call__(self, _: int, places: Sequence[int], /) -> Calls:
        codes: list[int] = []
        lengths: list[int] = []
        talks: list[int] = []
        for place in places:
            code, length_ms, talk_ms = self._call(place)
            codes.append(code)
            lengths.append(length_ms)
            talks.append(talk_ms)
        return codes, lengths, talks

    def _call(self, place: int) -> tuple[int, int, int]:
        standing = self._standing
        job = standing.jobs[place]
        given = self._script.jobs.get(job.index)
        if given is None:
            given = self._script.phones.get(job.phone, ())
        dial = standing.earlier_dials(place) + standing.made[place]
        if dial > len(given):
            return NO_ANSWER, self._ring_ms, 0
        call = given[dial - 1]
        if call.redial is not None:
            standing.asked[place] = call.redial
        return OUTCOMES.index(call.outcome) | (RESULT if call.result else 0), call.length_ms, call.talk_ms


class _Drawn:
    def __init__(self, model: Model, campaign: Campaign, standing: Standing, seed: int) -> None:
        self._model = model
        self._standing = standing
        self._luck = Luck(seed)
        self._rows: list[Blocks] = [self._luck.row(0, attempt) for attempt in range(256)]
        usual = constant(campaign.ring_ms)
        self._rings = [model.ring_ms.get(OUTCOMES[code & OUTCOME_MASK], usual) for code in KINDS]
        self._limits: dict[tuple[int, int], list[int]] = {}
        self._usual = [self._limits_for(0, attempt) for attempt in range(256)]
        self._clocks: dict[Zone, tuple[int, int, int]] = {}

    def __call__(self, instant_ms: int, places: Sequence[int], /) -> Calls:
        """Draw for each job. This is the hot loop of a run with a model."""
        standing, rows, rings, talk_ms = self._standing, self._rows, self._rings, self._model.talk_ms
        made, numbers, redial_numbers = standing.made, standing.numbers, standing.redial_numbers
        by_hour = self._model.by_hour
        codes: list[int] = []
        lengths: list[int] = []
        talks: list[int] = []
        for place in places:
            attempt, number = made[place], numbers[place]
            redial = redial_numbers.get(place, 0) if redial_numbers else 0
            row = self._luck.row(redial, attempt) if redial else rows[attempt]
            block = row.get(number >> BLOCK_BITS) or self._luck.block(redial, attempt, number)
            luck = block[number & BLOCK_MASK]
            limits = self._limits_for(self._hour(instant_ms, place), attempt) if by_hour else self._usual[attempt]
            kind = bisect_right(limits, luck & LUCK_MASK)
            length_ms = rings[kind][luck >> LUCK_BITS & SLICE_MASK]
            talk = 0
            if kind < CONVERSATIONS:
                talk = talk_ms[luck >> LUCK_BITS + SLICE_BITS & SLICE_MASK]
                length_ms += talk
                if ASKS[kind] and self._model.redial is not None:
                    standing.asked[place] = self._model.redial
            codes.append(KINDS[kind])
            lengths.append(length_ms or 1)
            talks.append(talk)
        return codes, lengths, talks

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
