"""Which laws of a campaign bind a number, and in which zones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple

from scheduler.intake.holiday_dates import Holidays, holiday_dates
from scheduler.intake.phones import (
    HEAD,
    CountryFinder,
    ZoneFinder,
    countries_with,
    country_code,
    head_tells,
    zones_behind,
)
from scheduler.jobs import ZoneSource
from scheduler.policy.errors import Flaw
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL
from scheduler.policy.laws import Law, Legal, LegalPart
from scheduler.policy.zones import Zone, tzdata_version

NO_ZONE_OF_NUMBER = "phone.gmtZone.bad.format"
SHOWN_ZONES = 4


class Bound(NamedTuple):
    """What laws have to say of a number (None: nothing), and what is suspicious about that."""

    legal: Legal | None
    warnings: tuple[Flaw, ...] = ()


NOT_BOUND = Bound(None)


class LawFinder:
    """The laws that bind numbers, and where; numbers of which they say the same share one value.

    A law binds a number that may lie in one of its countries, and where it has area codes, whose first digits behind
    the country code are one of them. A zone that the request gives is believed; without one, every zone that the
    number may lie in counts, and the job's own where none is known.
    """

    def __init__(self, laws: tuple[Law, ...], zones: ZoneFinder) -> None:
        self._laws = laws
        self._places = [frozenset(law.places) for law in laws]
        self._prefixes = [law.prefixes for law in laws]
        self._told_early = all(len(prefix) <= HEAD for each in self._prefixes for prefix in each)
        self._zones = zones
        self._countries = CountryFinder()
        self._quick: dict[tuple[str, int, str, ZoneSource], Bound] = {}
        self._binding: dict[tuple[str, int], tuple[int, ...]] = {}
        self._legals: dict[tuple[tuple[int, ...], tuple[int | str, ...]], Legal] = {}

    def bound(self, digits: str, zone: Zone, source: ZoneSource) -> Bound:
        """What the laws say of a number in normal form, whose job has a zone.

        Below a microsecond, if its first digits have told before; a few more where its zone is the campaign's.
        """
        key = digits[:HEAD], len(digits), zone.name, source
        found = self._quick.get(key)
        if found is None:
            found, told = self._look(digits, zone, source)
            if told:
                self._quick[key] = found
        return found

    def _look(self, digits: str, zone: Zone, source: ZoneSource) -> tuple[Bound, bool]:
        """What the laws say of a number, and whether its first digits, with its zone, tell it."""
        places, told = self._binding_of(digits)
        if not places:
            return NOT_BOUND, told
        if source is ZoneSource.CAMPAIGN:
            return Bound(self._legal(places, self._zones.zones_of(digits) or (zone,))), False
        believed = Bound(self._legal(places, (zone,)))
        if source is ZoneSource.NUMBER:  # the only one that it may lie in
            return believed, told
        if told and all(any(agree(zone, each) for each in zones) for zones in zones_behind(digits[:HEAD])):
            return believed, True
        zones = self._zones.zones_of(digits)
        if not zones or any(agree(zone, each) for each in zones):
            return believed, False
        return believed._replace(warnings=(_mismatch(zone, zones),)), False

    def _binding_of(self, digits: str) -> tuple[tuple[int, ...], bool]:
        """The places of the laws that bind a number, and whether its first digits tell them."""
        head = digits[:HEAD], len(digits)
        places = self._binding.get(head)
        if places is not None:
            return places, True
        code = country_code(digits)
        countries = countries_with(code)
        told = self._told_early and head_tells(code, len(digits) - len(code))
        if any(not countries <= places and not countries.isdisjoint(places) for places in self._places):
            countries = self._countries.countries_of(digits)
        places = tuple(
            place
            for place, (where, prefixes) in enumerate(zip(self._places, self._prefixes, strict=True))
            if not countries.isdisjoint(where) and (not prefixes or digits.startswith(prefixes))
        )
        if told:
            self._binding[head] = places
        return places, told

    def _legal(self, places: tuple[int, ...], zones: tuple[Zone, ...]) -> Legal:
        key = places, tuple(zone.rules for zone in zones)
        legal = self._legals.get(key)
        if legal is None:
            laws = [self._laws[place] for place in places]
            legal = Legal(tuple(LegalPart(law, zone, law_holidays(law)[0]) for law in laws for zone in zones))
            self._legals[key] = legal
        return legal


def law_holidays(law: Law) -> Holidays:
    """The public holidays of a law that keeps them, and the first and last year of which they are known.

    None of every year for one that does not.
    """
    if law.holidays is None:
        return frozenset(), (date.min.year, date.max.year)
    return holiday_dates(*law.holidays.split("-"))


def _mismatch(given: Zone, zones: Iterable[Zone]) -> Flaw:
    names = [zone.name for zone in zones]
    some = ", ".join(names[:SHOWN_ZONES])
    some += f" and {len(names) - SHOWN_ZONES} more" if len(names) > SHOWN_ZONES else ""
    message = f"{given.name} is none of the zones that the number may lie in ({some}); laws are kept on its clock"
    return Flaw(NO_ZONE_OF_NUMBER, ".gmtZone", message)


@cache
def agree(given: Zone, other: Zone) -> bool:
    """Whether a zone that was given may stand for another, by what clocks show in the year of the time zone database.

    They do the same all year, or an offset was given that the other has in some part of it.

    >>> from scheduler.policy.zones import parse_zone
    >>> [agree(parse_zone(name), parse_zone("America/New_York")) for name in ("US/Eastern", "-05:00", "America/Lima")]
    [True, True, False]
    """
    year = int(tzdata_version()[:4])
    start_ms, end_ms = ((date(each, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY_MS for each in (year, year + 1))
    runs, others = list(given.runs(start_ms, end_ms)), list(other.runs(start_ms, end_ms))
    if runs == others:
        return True
    is_offset = isinstance(given.rules, int) or given.rules.startswith("Etc/")
    return is_offset and runs[0][2] in {offset for _, _, offset in others}
