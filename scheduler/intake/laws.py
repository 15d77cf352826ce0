"""Which laws of a campaign bind a number, and in which zones."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import NamedTuple

from scheduler.intake.holiday_dates import holiday_dates
from scheduler.intake.phones import CountryFinder, ZoneFinder
from scheduler.jobs import ZoneSource
from scheduler.policy.errors import Flaw
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL
from scheduler.policy.laws import Law, Legal, LegalPart
from scheduler.policy.zones import Zone, tzdata_version

NO_NUMBER_OF_ZONE = "phone.gmtZone.bad.format"


class Bound(NamedTuple):
    """What laws have to say of a number (None: nothing), and what is suspicious about that."""

    legal: Legal | None
    warnings: tuple[Flaw, ...] = ()


NOT_BOUND = Bound(None)


class LawFinder:
    """The laws that bind numbers, and where; what is equal is one value.

    A law binds a number that may lie in one of its countries, and where it has area codes, whose first digits behind
    the country code are one of them. A zone that the request gives is believed; without one, every zone that the
    number may lie in counts, and the job's own where none is known.
    """

    def __init__(self, laws: tuple[Law, ...], zones: ZoneFinder) -> None:
        self._laws = laws
        self._zones = zones
        self._countries = CountryFinder()
        self._bound: dict[tuple[tuple[Law, ...], tuple[Zone, ...], Zone | None], Bound] = {}

    def bound(self, digits: str, zone: Zone, source: ZoneSource) -> Bound:
        """What the laws say of a number in normal form, whose job has a zone. A few microseconds."""
        countries = self._countries.countries_of(digits)
        laws = tuple(law for law in self._laws if _binds(law, digits, countries))
        if not laws:
            return NOT_BOUND
        zones = self._zones.zones_of(digits)
        given = zone if source is ZoneSource.REQUEST else None
        key = laws, zones or (zone,), given
        found = self._bound.get(key)
        if found is None:
            found = self._bound[key] = _bound(*key, known=bool(zones))
        return found


def _binds(law: Law, digits: str, countries: frozenset[str]) -> bool:
    if countries.isdisjoint(law.places):
        return False
    return not law.area_codes or digits.startswith(law.prefixes)


def _bound(laws: tuple[Law, ...], zones: tuple[Zone, ...], given: Zone | None, *, known: bool) -> Bound:
    warnings: tuple[Flaw, ...] = ()
    if given is not None:
        if known and not any(_agree(given, zone) for zone in zones):
            some = ", ".join(zone.name for zone in zones[:4]) + (", ..." if len(zones) > 4 else "")
            message = f"{given.name} is none of the zones that the number may lie in ({some}); laws are kept by it"
            warnings = (Flaw(NO_NUMBER_OF_ZONE, ".gmtZone", message),)
        zones = (given,)
    parts = tuple(LegalPart(law, zone, law_holidays(law)) for law in laws for zone in zones)
    return Bound(Legal(parts), warnings)


def law_holidays(law: Law) -> frozenset[int]:
    """The public holidays of a law, as ordinals; none for one that does not keep them."""
    return frozenset() if law.holidays is None else holiday_dates(*law.holidays.split("-"))[0]


@cache
def _agree(first: Zone, second: Zone) -> bool:
    """Whether two zones show the same in the year of the time zone database, or one is an offset of the other then."""
    year = int(tzdata_version()[:4])
    span = [(date(each, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY_MS for each in (year, year + 1)]
    runs = list(first.runs(*span)), list(second.runs(*span))
    if runs[0] == runs[1]:
        return True
    offsets = [{offset for _, _, offset in each} for each in runs]
    return min(map(len, offsets)) == 1 and bool(offsets[0] & offsets[1])
