"""The time zones that a phone number may lie in (R2.6)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from scheduler.policy.zones import Zone, canonical_id, parse_zone, zone_ids

if TYPE_CHECKING:
    from types import ModuleType

# No numbering plan of the metadata looks at more than the first 8 digits behind the country code to tell what
# kind of number it is, and where; the rest counts by its length alone.
DECIDING_DIGITS = 8


class ZoneFinder:
    """The zones that numbers may lie in, by their prefixes; each prefix is looked up once.

    A look-up takes tens of microseconds, and loads the number metadata when it is the first.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], tuple[Zone, ...]] = {}

    @cached_property
    def _phonenumbers(self) -> ModuleType:
        import phonenumbers  # noqa: PLC0415 - megabytes of metadata, for those who need it
        import phonenumbers.timezone  # noqa: PLC0415

        return phonenumbers

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
        try:
            number = self._phonenumbers.parse("+" + digits)
        except self._phonenumbers.NumberParseException:
            return (), False
        names = self._phonenumbers.timezone.time_zones_for_number(number)
        known = {canonical_id(name): name for name in names if name in zone_ids()}
        known.update((name, name) for name in names if name in known)
        as_written = digits == f"{number.country_code}{self._phonenumbers.national_significant_number(number)}"
        return tuple(parse_zone(name) for name in sorted(known.values())), as_written and bool(known)
