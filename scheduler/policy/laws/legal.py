"""What the laws allow a job: the strictest of several, in each zone that its number may lie in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scheduler.policy.calendar import Calendar, compile_calendar, first_instant_of, intersection, united
from scheduler.policy.hours import ALWAYS
from scheduler.policy.instants import EPOCH_ORDINAL
from scheduler.policy.laws.law import Law
from scheduler.policy.zones import Zone


class LegalPart(NamedTuple):
    """One law in one zone, with the public holidays that it knows, as proleptic ordinals."""

    law: Law
    zone: Zone
    holidays: frozenset[int] = frozenset()

    def allowed(self, start_ms: int, end_ms: int) -> Calendar:
        """The intervals of [start_ms, end_ms) in which its hours allow a call; all of it where it is not in force."""
        law = self.law
        if law.hours == ALWAYS and law.holidays is None:
            return Calendar((start_ms,), (end_ms,))
        first_ms, last_ms = start_ms, end_ms
        if law.first_date is not None:
            first_ms = min(max(start_ms, first_instant_of(law.first_date - EPOCH_ORDINAL, self.zone)), end_ms)
        if law.last_date is not None:
            last_ms = max(min(end_ms, first_instant_of(law.last_date + 1 - EPOCH_ORDINAL, self.zone)), start_ms)
        ruled: Iterator[tuple[int, int]] = iter(())
        if first_ms < last_ms:
            ruled = iter(compile_calendar(law.hours, self.zone, first_ms, last_ms, self.holidays, law.holiday_windows))
        free = [(start_ms, first_ms), *ruled, (max(first_ms, last_ms), end_ms)]
        return united(interval for interval in free if interval[0] < interval[1])


@dataclass(frozen=True)
class Legal:
    """All that the laws have to say of a job; one value for all jobs of which they say the same.

    A dial is allowed if every part allows it.
    """

    parts: tuple[LegalPart, ...]

    @cached_property
    def key(self) -> frozenset[tuple[str, int | str]]:
        """What decides its calendar: the laws, each with the rules of its zone."""
        return frozenset((part.law.name, part.zone.rules) for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the laws, each once, as the campaign has them."""
        return tuple(dict.fromkeys(part.law.name for part in self.parts))

    @cached_property
    def counted(self) -> tuple[LegalPart, ...]:
        """The parts with caps or cool-downs, for which a phone's calls have to be remembered."""
        return tuple(part for part in self.parts if part.law.caps or part.law.cool_downs)

    def allowed(self, start_ms: int, end_ms: int) -> Calendar:
        """The intervals of [start_ms, end_ms) in which the hours of all laws allow a call."""
        return intersection([part.allowed(start_ms, end_ms) for part in self.parts])

    def forbidding(self, instant_ms: int) -> LegalPart | None:
        """The first part whose hours forbid an instant."""
        return next((part for part in self.parts if not len(part.allowed(instant_ms, instant_ms + 1))), None)
