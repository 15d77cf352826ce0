"""The clocks of zones, as the page reads them: its browser may have another database of zones, or none."""

from __future__ import annotations

from scheduler.page.told import Clock
from scheduler.policy.zones import Zone


def clock_of(zone: Zone, from_ms: int, until_ms: int) -> Clock:
    """From each instant on, how far a zone's clock is ahead of UTC; the first entry covers all before.

    >>> from scheduler.policy.zones import parse_zone
    >>> clock_of(parse_zone("Europe/Berlin"), 1772442000000, 1780000000000)
    [(1772442000000, 3600000), (1774746000000, 7200000)]
    """
    return [(begin_ms, offset_ms) for begin_ms, _, offset_ms in zone.runs(from_ms, until_ms)]
