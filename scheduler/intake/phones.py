"""The time zones (R2.6) and the countries that a phone number may lie in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from scheduler.policy.zones import Zone, canonical_id, parse_zone, zone_ids

if TYPE_CHECKING:
    from types import ModuleType

# No numbering plan of the metadata looks at more than the first 8 digits behind the country code to tell what
# kind of number it is, and where; the rest counts by its length alone.
DECIDING_DIGITS = 8
SOME_LINE = "2345678"  # behind an area code of North America, a line that may be given out


class ZoneFinder:
    """The zones that numbers may lie in, by their prefixes; each prefix is looked up once.

    A look-up takes tens of microseconds, and loads the number metadata when it is the first.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], tuple[Zone, ...]] = {}

    def zones_of(self, digits: str) -> tuple[Zone, ...]:
        """The zones of a number in normal form, links to one zone counted once; none if it is not recognised.

        >>> [zone.name for zone in ZoneFinder().zones_of("4930123456")]
        ['Europe/Berlin']
        """
        country_digits = 1 if digits[0] in "17" else 3
        prefix = len(digits), digits[: country_digits + DECIDING_DIGITS]
        zones = self._found.get(prefix)
        if zones is None:
            zones, decided = self._look_up(digits)
            if decided:
                self._found[prefix] = zones
        return zones

    def _look_up(self, digits: str) -> tuple[tuple[Zone, ...], bool]:
        """The zones of a number, and whether its first digits decide them.

        They do not where a trunk prefix or a carrier code was left out, as the digits behind it count then.
        """
        metadata = _phonenumbers()
        try:
            number = metadata.parse("+" + digits)
        except metadata.NumberParseException:
            return (), False
        names = metadata.timezone.time_zones_for_number(number)
        known = {canonical_id(name): name for name in names if name in zone_ids()}
        known.update((name, name) for name in names if name in known)
        as_written = digits == f"{number.country_code}{metadata.national_significant_number(number)}"
        return tuple(parse_zone(name) for name in sorted(known.values())), as_written and bool(known)


class CountryFinder:
    """The countries that numbers may lie in; each prefix is looked up once.

    A country code that only one country has tells at once. In North America the area code tells, whatever follows.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], frozenset[str]] = {}

    def countries_of(self, digits: str) -> frozenset[str]:
        """The countries (ISO 3166) of a number in normal form; all that have its country code if it does not tell more.

        >>> finder = CountryFinder()
        >>> [sorted(finder.countries_of(digits)) for digits in ("12125550123", "14165550123", "4930123456", "0")]
        [['US'], ['CA'], ['DE'], []]
        """
        codes = _phonenumbers().COUNTRY_CODE_TO_REGION_CODE
        country_code = next((digits[:length] for length in (1, 2, 3) if int(digits[:length]) in codes), None)
        if country_code is None or digits[0] == "0":
            return frozenset()
        sharing = codes[int(country_code)]
        if len(sharing) == 1:
            return frozenset(sharing)
        if country_code == "1":
            digits = digits[:4] + SOME_LINE
        prefix = len(digits), digits[: len(country_code) + DECIDING_DIGITS]
        countries = self._found.get(prefix)
        if countries is None:
            countries = self._found[prefix] = self._look_up(digits, sharing)
        return countries

    def _look_up(self, digits: str, sharing: Iterable[str]) -> frozenset[str]:
        metadata = _phonenumbers()
        try:
            number = metadata.parse("+" + digits)
        except metadata.NumberParseException:
            return frozenset(sharing)
        only = metadata.region_code_for_number(number)
        return frozenset(sharing if only is None else (only,))


@cache
def _phonenumbers() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - megabytes of metadata, for those who need it
    import phonenumbers.timezone  # noqa: PLC0415

    return phonenumbers
