"""What the laws allow a job: the strictest of several, in each zone that its number may lie in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scheduler.policy.calendar import Calendar, Interval, compile_calendar, intersection, united
from scheduler.policy.hours import ALWAYS
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL
from scheduler.policy.laws.law import Law
from scheduler.policy.zones import Zone


class LegalPart(NamedTuple):
    """One law in one zone, with the public holidays that it knows, as proleptic ordinals."""

    law: Law
    zone: Zone
    holidays: frozenset[int] = frozenset()

    @property
    def limits_hours(self) -> bool:
        """Whether there are hours at which it forbids a call."""
        return self.law.holidays is not None or self.law.hours != ALWAYS

    @property
    def counts(self) -> bool:
        """Whether it has caps or cool-downs, for which a phone's calls have to be remembered."""
        return bool(self.law.caps or self.law.cool_downs)

    def allowed(self, start_ms: int, end_ms: int) -> Calendar:
        """The intervals of [start_ms, end_ms) in which its hours allow a call; as costly as compile_calendar.

        All is allowed on dates on which the law is not in force. Into the first on which it is, the tail of a window of
        the date before reaches all the same.
        """
        if not self.limits_hours:
            return Calendar((start_ms,), (end_ms,))
        return united(self._intervals(start_ms, end_ms))

    def _intervals(self, start_ms: int, end_ms: int) -> Iterator[Interval]:
        law, zone = self.law, self.zone
        for begin_ms, stop_ms, offset_ms in zone.runs(start_ms, end_ms):
            first_ms, over_ms = begin_ms, stop_ms
            if law.first_date is not None:
                first_ms = min(max(begin_ms, (law.first_date - EPOCH_ORDINAL) * DAY_MS - offset_ms), stop_ms)
            if law.last_date is not None:
                over_ms = min(max(first_ms, (law.last_date + 1 - EPOCH_ORDINAL) * DAY_MS - offset_ms), stop_ms)
            if begin_ms < first_ms:
                yield begin_ms, first_ms
            yield from compile_calendar(law.hours, zone, first_ms, over_ms, self.holidays, law.holiday_windows)
            if over_ms < stop_ms:
                yield over_ms, stop_ms


@dataclass(frozen=True)
class Legal:
    """All that the laws have to say of a job; one value for all jobs of which they say the same.

    A dial is allowed if every part allows it.
    """

    parts: tuple[LegalPart, ...]

    @cached_property
    def key(self) -> frozenset[object]:
        """What decides its calendar, equal for what gives the same; empty if all instants are allowed."""
        return frozenset(
            (law.hours, law.first_date, law.last_date, law.holiday_windows, part.holidays, part.zone.rules)
            for part in self.parts
            if part.limits_hours
            for law in [part.law]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the laws, each once, as the campaign has them."""
        return tuple(dict.fromkeys(part.law.name for part in self.parts))

    @cached_property
    def counted(self) -> tuple[LegalPart, ...]:
        """The parts with caps or cool-downs."""
        return tuple(part for part in self.parts if part.counts)

    def allowed(self, start_ms: int, end_ms: int) -> Calendar:
        """The intervals of [start_ms, end_ms) in which the hours of all laws allow a call."""
        return intersection([part.allowed(start_ms, end_ms) for part in self.parts])

    def forbidding(self, instant_ms: int) -> LegalPart | None:
        """The first part whose hours forbid an instant."""
        return next((part for part in self.parts if not len(part.allowed(instant_ms, instant_ms + 1))), None)
