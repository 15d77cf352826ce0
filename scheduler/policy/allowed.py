"""What a job's calendar is compiled from: its hours in its zone, dates that are closed, and laws."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from scheduler.policy.calendar import Calendar, compile_calendar, intersection
from scheduler.policy.hours import WeeklyHours
from scheduler.policy.laws.legal import Legal
from scheduler.policy.zones import Zone

ALWAYS_OPEN = "always open"  # in place of hours and zone: the same everywhere


class Allowed(NamedTuple):
    """Weekly hours in a zone, the local dates on which they are closed (as proleptic ordinals), and laws over them."""

    hours: WeeklyHours
    zone: Zone
    closed_dates: Collection[int] = frozenset()
    legal: Legal | None = None

    @property
    def always(self) -> bool:
        """Whether every instant is allowed."""
        return self.hours.always and not self.closed_dates and not self._legal_key

    @property
    def key(self) -> object:
        """Equal for what gives the same calendar, among jobs of one campaign."""
        if self.always:
            return ALWAYS_OPEN
        return self.hours, self.zone.rules, self._legal_key

    def calendar(self, start_ms: int, end_ms: int) -> Calendar:
        """The intervals of [start_ms, end_ms) in which a dial is allowed (R4); as costly as compile_calendar."""
        own = compile_calendar(self.hours, self.zone, start_ms, end_ms, self.closed_dates)
        return own if self.legal is None else intersection([own, self.legal.allowed(start_ms, end_ms)])

    @property
    def _legal_key(self) -> frozenset[object]:
        return frozenset() if self.legal is None else self.legal.key
