"""Instants in words: on a zone's clock, and in UTC."""

from __future__ import annotations

from scheduler.policy.instants import DAY_MS, SECOND_MS, format_instant, wall_clock_ms
from scheduler.policy.zones import Zone

LOOK_MS = 366 * DAY_MS  # an instant of long ago costs no look at all the years since
DAY_NAMES = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # the epoch was a Thursday


class LocalClocks:
    """Writes instants on the clocks of zones; quick for instants in order, of which each zone sees many."""

    def __init__(self, end_ms: int) -> None:
        self._end_ms = end_ms
        self._runs: dict[str, tuple[int, int, int]] = {}

    def offset_s(self, zone: Zone, instant_ms: int) -> int:
        """The zone's offset at an instant; runs of offsets are looked up to `end_ms`."""
        begin_ms, end_ms, offset_ms = self._runs.get(zone.name, (0, 0, 0))
        if not begin_ms <= instant_ms < end_ms:
            end_ms = min(max(self._end_ms, instant_ms + 1), instant_ms + LOOK_MS)
            run = next(zone.runs(instant_ms, end_ms))
            begin_ms, end_ms, offset_ms = self._runs[zone.name] = run
        return offset_ms // SECOND_MS

    def write(self, zone: Zone, instant_ms: int) -> str:
        """The instant in local time, with its offset."""
        return format_instant(instant_ms, self.offset_s(zone, instant_ms), zulu=False)

    def words(self, zone: Zone, instant_ms: int) -> str:
        """`Mon 2026-03-02 10:00:00`, on the zone's clock.

        >>> from scheduler.policy.zones import parse_zone
        >>> LocalClocks(0).words(parse_zone("-05:00"), 1772463600000)
        'Mon 2026-03-02 10:00:00'
        """
        offset_s = self.offset_s(zone, instant_ms)
        text = format_instant(instant_ms, offset_s, zulu=False)
        clock = text[: text.index("T") + 9 + (4 if "." in text else 0)].replace("T", " ")
        return f"{DAY_NAMES[wall_clock_ms(instant_ms, offset_s) // DAY_MS % 7]} {clock}"

    def both(self, zone: Zone, instant_ms: int) -> str:
        """The instant on the zone's clock, and in UTC."""
        return f"{self.words(zone, instant_ms)} {zone.name} ({utc_words(instant_ms)})"


def utc_words(instant_ms: int) -> str:
    """`2026-03-02 15:00:00Z`."""
    return format_instant(instant_ms).replace("T", " ")
