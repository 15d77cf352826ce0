"""gmtZone text to Zone, and a zone's runs of constant offset (R2).

The time zone database is the pinned `tzdata` package. Its files are read by name from the list
that the package brings, never through the machine's search path: machines differ by an hour in
places, and a text that is not on the list is never used as a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from pendulum.tz.timezone import Timezone

from scheduler.policy.errors import Flaw, PolicyError, shown
from scheduler.policy.instants import FIRST_INSTANT_MS, LAST_INSTANT_MS, SECOND_MS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

MAX_OFFSET_S = 18 * 3600
DAY_S = 86_400
BLOCK_S = 32 * DAY_S
FIRST_S, LAST_S = FIRST_INSTANT_MS // SECOND_MS, LAST_INSTANT_MS // SECOND_MS

_OFFSET = re.compile(
    r"(?:UTC|GMT|UT)?([+-])(?:([0-9])|([0-9]{2})(?:([0-5][0-9])([0-5][0-9])?|:([0-5][0-9])(?::([0-5][0-9]))?)?)"
)
_LOOSE_OFFSET = re.compile(r"(UTC|GMT|UT)? ?([+-]) ?([0-9]{1,2})(?::?([0-5][0-9]))?")
_UTC_NAMES = frozenset({"Z", "UTC", "GMT", "UT"})
FORMS = "Z, an offset such as +05:30 or -0500, UTC, GMT or UT with or without an offset, or an IANA id"


class Zone:
    """One time zone: a name as it was given, and the offset that it has at every instant.

    Zones are equal if their names are; `rules` is equal for zones whose clocks agree by definition.
    Make one with `parse_zone`.
    """

    def __init__(self, name: str, *, offset_s: int | None = None) -> None:
        self.name = name
        self._fixed_s = offset_s
        self._blocks: dict[int, tuple[tuple[int, int], ...]] = {}
        self._offsets: dict[int, tuple[tuple[int, int], ...]] = {}  # of a block: (since, offset), the latest first

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Zone) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return parse_zone, (self.name,)

    @cached_property
    def rules(self) -> int | str:
        """What decides this zone's clock: its fixed offset in seconds, or the id that its id links to."""
        return canonical_id(self.name) if self._fixed_s is None else self._fixed_s

    @cached_property
    def _timezone(self) -> Timezone:
        with _database("zoneinfo", *self.name.split("/")).open("rb") as data:
            return Timezone.from_file(data, key=self.name)

    def offset_s(self, instant_ms: int) -> int:
        """Seconds that the zone's clock is ahead of UTC at an instant; mostly a look into a dictionary.

        >>> parse_zone("Europe/Berlin").offset_s(1772463600000)
        3600
        """
        if self._fixed_s is not None:
            return self._fixed_s
        second = instant_ms // SECOND_MS
        block = second // BLOCK_S
        known = self._offsets.get(block)
        if known is None:
            first = block * BLOCK_S
            known = self._offsets[block] = (*reversed(self._changes(block)), (first, self._sample(first)))
        for since, offset in known:
            if second >= since:
                return offset
        raise AssertionError("the last begins with the block")

    def _sample(self, second: int) -> int:
        # Beyond the years that a datetime can hold, a clock is taken to go on as at their edge.
        if not FIRST_S <= second <= LAST_S:
            second = min(max(second, FIRST_S), LAST_S)
        offset = datetime.fromtimestamp(second, self._timezone).utcoffset()
        assert offset is not None
        return offset.days * DAY_S + offset.seconds

    def runs(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, int, int]]:
        """The runs of constant offset that cover [start_ms, end_ms): (from_ms, to_ms, offset_ms), in order.

        Cost: a day-by-day look at each 32 days that were not asked for before, then a list.

        >>> [offset for _, _, offset in parse_zone("Europe/Berlin").runs(1767225600000, 1798761600000)]
        [3600000, 7200000, 3600000]
        """
        if self._fixed_s is not None:
            yield start_ms, end_ms, self._fixed_s * SECOND_MS
            return
        begin_ms, offset_ms = start_ms, self._sample(start_ms // SECOND_MS) * SECOND_MS
        for block in range(start_ms // SECOND_MS // BLOCK_S, (end_ms - 1) // SECOND_MS // BLOCK_S + 1):
            for change_s, new_offset_s in self._changes(block):
                change_ms = change_s * SECOND_MS
                if start_ms < change_ms < end_ms:
                    yield begin_ms, change_ms, offset_ms
                    begin_ms, offset_ms = change_ms, new_offset_s * SECOND_MS
        yield begin_ms, end_ms, offset_ms

    def _changes(self, block: int) -> tuple[tuple[int, int], ...]:
        """The offset changes of one block: (second, offset from it on).

        Offset changes of the database lie days apart, so a look a day finds each, and bisection its second.
        """
        if block not in self._blocks:
            found = []
            before, seen = block * BLOCK_S, self._sample(block * BLOCK_S)
            for now in range(before + DAY_S, before + BLOCK_S + 1, DAY_S):
                offset = self._sample(now)
                if offset != seen:
                    found.append((self._bisect(before, now, offset), offset))
                before, seen = now, offset
            self._blocks[block] = tuple(found)
        return self._blocks[block]

    def _bisect(self, before: int, after: int, offset: int) -> int:
        while after - before > 1:
            middle = (before + after) // 2
            if self._sample(middle) == offset:
                after = middle
            else:
                before = middle
        return after


@lru_cache(maxsize=4096)
def parse_zone(text: str, *, suggest: bool = True) -> Zone:
    """Read a gmtZone: `Z`, an offset, `UTC`, `GMT` or `UT` with or without one, or an IANA id (R2.1-R2.4).

    Raises PolicyError (`phone.gmtZone.bad.format`), with the id that was meant where one is near (R2.5);
    `suggest=False` leaves that search out, which takes about a millisecond.

    >>> parse_zone("GMT-05:00").offset_s(0), parse_zone("Etc/GMT+5").offset_s(0)
    (-18000, -18000)
    """
    if text in _UTC_NAMES:
        return Zone(text, offset_s=0)
    match = _OFFSET.fullmatch(text)
    if match is not None:
        sign, h, hh, mm, ss, colon_mm, colon_ss = match.groups()
        offset_s = int(h or hh) * 3600 + int(mm or colon_mm or 0) * 60 + int(ss or colon_ss or 0)
        if offset_s <= MAX_OFFSET_S:
            return Zone(text, offset_s=-offset_s if sign == "-" else offset_s)
    elif text in zone_ids():
        return Zone(text)
    near = _near(text) if suggest else None
    advice = f"did you mean {near}? Write" if near else "write"
    message = f"not a time zone: {shown(text)}; {advice} {FORMS}, at most 18:00 either way"
    raise PolicyError(Flaw("phone.gmtZone.bad.format", "", message))


@cache
def zone_ids() -> frozenset[str]:
    """The ids of the pinned database that name a place or a clock (R2.4).

    >>> "Europe/Moscow" in zone_ids(), "Factory" in zone_ids()
    (True, False)
    """
    listed = _database("zones").read_text("utf-8").split()
    return frozenset(listed) - {"Factory", "localtime"}


@cache
def tzdata_version() -> str:
    """The version of the pinned time zone database, as its makers write it (`2026f`)."""
    first_line = _database("zoneinfo", "tzdata.zi").read_text("utf-8").partition("\n")[0]
    return first_line.removeprefix("# version ")


def canonical_id(zone_id: str) -> str:
    """The id of the zone that an id is a link to; itself, if it is no link.

    >>> canonical_id("W-SU"), canonical_id("Europe/Moscow")
    ('Europe/Moscow', 'Europe/Moscow')
    """
    return _links().get(zone_id, zone_id)


@cache
def _links() -> dict[str, str]:
    """Each id that is a link, and the id of the zone that it links to."""
    lines = _database("zoneinfo", "tzdata.zi").read_text("utf-8").splitlines()
    return {link: zone for kind, zone, link in (line.split() for line in lines if line.startswith("L "))}


def _database(*path: str) -> Traversable:
    """A file of the pinned database, by a path from one of its own lists."""
    from importlib.resources import files  # noqa: PLC0415 - with all that it draws in, for the first zone that is an id

    return files("tzdata").joinpath(*path)


def _near(text: str) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - for those who mistype

    offset = _LOOSE_OFFSET.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if offset is not None:
        prefix, sign, hours, minutes = offset.groups()
        return f"{prefix or ''}{sign}{int(hours):02d}:{minutes or '00'}" if int(hours) < MAX_OFFSET_S // 3600 else None
    folded = {name.casefold(): name for name in sorted(zone_ids())}
    wanted = text.strip().replace(" ", "_").casefold()
    last_parts = {name.rpartition("/")[2]: name for name in folded}
    if wanted in last_parts:
        return folded[last_parts[wanted]]
    close = get_close_matches(wanted[:40], folded, n=1, cutoff=0.75)
    return folded[close[0]] if close else None
