"""The time zones (R2.6) and the countries that a phone number may lie in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scheduler.policy.zones import Zone, canonical_id, parse_zone, zone_ids

if TYPE_CHECKING:
    from types import ModuleType

# No numbering plan of the metadata looks at more than the first 8 digits behind the country code to tell what
# kind of number it is, and where; the rest counts by its length alone.
DECIDING_DIGITS = 8
HEAD = 5  # digits that every phone has, and that tell most of where it may lie
NORTH_AMERICAN = 11  # digits of a number there, the country code 1 among them
SOME_LINE = "345678"  # behind an area code of North America and a digit, the rest of a line that may be given out


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

    A country code that only one country has tells at once. In North America the area code and the digit behind it
    tell, whatever follows.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], frozenset[str]] = {}

    def countries_of(self, digits: str) -> frozenset[str]:
        """The countries (ISO 3166) of a number in normal form; all that have its country code if it does not tell more.

        >>> finder = CountryFinder()
        >>> [sorted(finder.countries_of(digits)) for digits in ("12125550123", "14165550123", "4930123456", "0")]
        [['US'], ['CA'], ['DE'], []]
        """
        code = country_code(digits)
        sharing = countries_with(code)
        if len(sharing) < 2:
            return sharing
        if code == "1" and len(digits) == NORTH_AMERICAN:
            digits = digits[:HEAD] + SOME_LINE
        prefix = len(digits), digits[: len(code) + DECIDING_DIGITS]
        countries = self._found.get(prefix)
        if countries is None:
            countries, decided = self._look_up(digits, sharing)
            if decided:
                self._found[prefix] = countries
        return countries

    def _look_up(self, digits: str, sharing: frozenset[str]) -> tuple[frozenset[str], bool]:
        """The countries of a number, and whether its first digits decide them: see ZoneFinder."""
        metadata = _phonenumbers()
        try:
            number = metadata.parse("+" + digits)
        except metadata.NumberParseException:
            return sharing, False
        only = metadata.region_code_for_number(number)
        as_written = digits == f"{number.country_code}{metadata.national_significant_number(number)}"
        return sharing if only is None else frozenset({only}), as_written


def country_code(digits: str) -> str:
    """The country code that a number in normal form begins with; empty if there is none.

    >>> country_code("79123456789"), country_code("21012345678")
    ('7', '')
    """
    codes = _phonenumbers().COUNTRY_CODE_TO_REGION_CODE
    if digits[0] == "0":
        return ""
    return next((digits[:length] for length in (1, 2, 3) if int(digits[:length]) in codes), "")


@cache
def countries_with(code: str) -> frozenset[str]:
    """The countries that share a country code; none for one that nobody has."""
    return frozenset(_phonenumbers().COUNTRY_CODE_TO_REGION_CODE[int(code)] if code else ())


@cache
def head_tells(code: str, length: int) -> bool:
    """Whether the first HEAD digits tell the country of numbers with so many digits behind a country code.

    They do in North America, where one country has the code, and where each that has it is known by its first
    digits; but not where there are more digits than a plan has, as a trunk prefix may be among them.
    """
    metadata = _phonenumbers().PhoneMetadata
    plans = [metadata.metadata_for_region(region) for region in sorted(countries_with(code))]
    lengths = {each for plan in plans if plan is not None for each in plan.general_desc.possible_length}
    if length not in lengths or code == "1":
        return code == "1" and length == NORTH_AMERICAN - 1
    return len(plans) == 1 or all(plan is not None and plan.leading_digits for plan in plans)


@cache
def zones_behind(head: str) -> tuple[tuple[Zone, ...], ...]:
    """For each area that the metadata tell apart among the numbers that begin with HEAD digits, its zones.

    >>> [[zone.name for zone in zones] for zones in zones_behind("49301")]
    [['Europe/Berlin']]
    """
    by_prefix, by_head = _zone_prefixes()
    shorter = (head[:length] for length in range(len(head), 0, -1))
    names = [by_prefix[prefix] for prefix in shorter if prefix in by_prefix][:1] + by_head.get(head, [])
    known = ([parse_zone(name) for name in each if name in zone_ids()] for each in dict.fromkeys(names))
    return tuple(tuple(zones) for zones in known if zones)


@cache
def _zone_prefixes() -> tuple[dict[str, tuple[str, ...]], dict[str, list[tuple[str, ...]]]]:
    """The zones of each prefix of the metadata, and for HEAD digits those of all longer prefixes."""
    by_prefix: dict[str, tuple[str, ...]] = _phonenumbers().timezone.TIMEZONE_DATA
    by_head: dict[str, list[tuple[str, ...]]] = {}
    for prefix, names in by_prefix.items():
        if len(prefix) > HEAD:
            by_head.setdefault(prefix[:HEAD], []).append(names)
    return by_prefix, by_head


def _phonenumbers() -> ModuleType:
    import phonenumbers  # noqa: PLC0415 - megabytes of metadata, for those who need it
    import phonenumbers.timezone  # noqa: PLC0415

    return phonenumbers
