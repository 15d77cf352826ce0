"""The addPhones body: bytes to jobs, or all the problems of the request (R14, R15).

Nothing is validated twice. Equal policy texts, zones and dates are read once and shared; calendars are
compiled later, once for each distinct (hours, zone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from msgspec import Raw

from scheduler.duplicates import DUPLICATED, groups_of_duplicates, repeats
from scheduler.intake.formats import (
    FIELDS,
    INVALID_FIELD,
    INVALID_JSON,
    NOTHING,
    Item,
    Items,
    Unreadable,
    json_value,
    read_items,
)
from scheduler.intake.laws import LawFinder
from scheduler.intake.nearest import nearest
from scheduler.intake.phones import ZoneFinder
from scheduler.jobs import Campaign, Job, Problem, RequestRefused, ZoneSource, normal_form
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.levels import NO_DATES, POLICY_FIELDS, ResolvedPolicy, parse_dates, parse_policy, resolve
from scheduler.policy.zones import FORMS, Zone, parse_zone

# The id that was meant takes about a millisecond to find: enough for each typing error, not for 10^5 of them.
MAX_SUGGESTIONS = 100
ITEMS_BETWEEN = 2048  # two words of how far reading is
BAD_ZONE = "phone.gmtZone.bad.format"

Progress = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Batch:
    """An accepted request: its jobs, in request order, and what is suspicious about it (R15.3)."""

    jobs: Sequence[Job]
    warnings: tuple[Problem, ...]


class Reading(NamedTuple):
    """What equal texts read as: the value, and what is wrong or suspicious, with paths inside the item."""

    value: Any
    flaws: tuple[Flaw, ...] = ()
    warnings: tuple[Flaw, ...] = ()

    @property
    def remarks(self) -> bool:
        """Whether anything is wrong or suspicious."""
        return bool(self.flaws or self.warnings)


class Kind(NamedTuple):
    """What numbers with the same texts share: policy and zone (None: it depends on the number), without remarks?"""

    policy: Reading
    zone: Reading | None
    quiet: bool


NO_READING = Reading(NO_DATES)


def read_request(body: bytes | str, campaign: Campaign, *, progress: Progress | None = None) -> Batch:
    """Read an addPhones body in JSON, NDJSON or CSV into jobs of a campaign.

    `progress` is told now and then how many numbers are read, of how many.
    Raises RequestRefused with every problem of the request (R15.1); then nothing of it is kept (R14.5).
    Cost: a few microseconds a number that brings a zone, tens for one whose zone has to be looked up.

    >>> batch = read_request('[{"phone": "79123456789", "gmtZone": "-05:00"}]', Campaign())
    >>> batch.jobs[0].phone, batch.jobs[0].zone.name
    ('79123456789', '-05:00')
    """
    if not isinstance(body, bytes | bytearray | memoryview | str):
        raise TypeError(f"a request is bytes or text, not {type(body).__name__}; json.dumps makes one of a list")
    reader = _reader_of(body, campaign, progress)
    reader.find_duplicates()
    return reader.batch()


def read_numbers(body: bytes, campaign: Campaign) -> Batch:
    """Read an addPhones body as `read_request` does, but without a look for duplicates: who takes the batch does that.

    Raises RequestRefused with every other problem.
    """
    return _reader_of(body, campaign).batch()


def _reader_of(
    body: bytes | bytearray | memoryview | str, campaign: Campaign, progress: Progress | None = None
) -> _Reader:
    try:
        request = read_items(body.encode() if isinstance(body, str) else bytes(body))
    except Unreadable as error:
        raise RequestRefused((Problem(job=None, **error.flaw._asdict()),)) from None
    except UnicodeEncodeError:
        message = "an unpaired surrogate in the text; write it as UTF-8"
        raise RequestRefused((Problem(job=None, path="$", type=INVALID_JSON, message=message),)) from None
    reader = _Reader(campaign, request)
    reader.read(request.items if progress is None else _told(request.items, progress))
    return reader


def _told(items: Sequence[Item], progress: Progress) -> Iterator[Item]:
    """The items, one by one, with a word now and then."""
    for place, item in enumerate(items):
        if place % ITEMS_BETWEEN == 0:
            progress(place, len(items))
        yield item
    progress(len(items), len(items))


class _Reader:
    """Reads items into jobs, gathering problems and warnings on the way."""

    def __init__(self, campaign: Campaign, request: Items) -> None:
        self.campaign = campaign
        self.readings = campaign.readings
        self.request = request
        self.jobs: list[Job] = []
        self.phones: list[str | None] = []
        self.problems: list[Problem] = []
        self.warnings: dict[tuple[str, str], Problem] = {}
        self.finder = ZoneFinder()
        self.laws = LawFinder(campaign.laws, self.finder) if campaign.laws else None
        self.suggestions = MAX_SUGGESTIONS
        self.kinds: dict[bytes, Kind] = {}
        self.policies: dict[tuple[bytes, ...], Reading] = {}
        self.dates: dict[bytes, Reading] = {}
        self.zones: dict[bytes, Reading] = {}
        self.found_zones: dict[tuple[Zone, ...], Reading] = {}

    def batch(self) -> Batch:
        """The batch that was read; raises RequestRefused if there was a problem."""
        if self.problems:
            raise RequestRefused(tuple(self.problems))
        return Batch(self.jobs, tuple(self.warnings.values()))

    def read(self, items: Iterable[Item]) -> None:
        """Read the items of the request: the hot loop of intake. What has remarks takes the longer way round."""
        kinds, phones, jobs, laws = self.kinds, self.phones, self.jobs, self.laws
        new = tuple.__new__  # what the constructor of a named tuple calls, without the call around it
        odd = self.request.slips.keys() | self.request.unknown.keys()
        for index, item in enumerate(items):
            # JSON values joined by commas stay apart, so the joined text is a key.
            text = b",".join(
                (
                    item.gmtZone,
                    item.allowedDays,
                    item.allowedTime,
                    item.localTimeFrom,
                    item.localTimeTo,
                    item.retryIntervalInMinutes,
                    item.maxAttempts,
                    item.dialerPriority,
                )
            )
            policy, zone, quiet = kinds.get(text) or self._kind(text, item)
            phone = normal_form(item.phone)
            phones.append(phone)
            if zone is None:
                zone = self._zone_without_text(phone)
                quiet = quiet and not zone.remarks
            dates = NO_READING
            if item.startDateTime is not NOTHING or item.finishDateTime is not NOTHING:
                dates_text = b",".join((item.startDateTime, item.finishDateTime))
                dates = self.dates.get(dates_text) or self._dates(dates_text, item)
                quiet = quiet and not dates.remarks
            payload = None
            if item.payload is not NOTHING:
                try:
                    payload = None if json_value(item.payload) is None else bytes(item.payload)
                except ValueError as error:
                    self._slip(index, Flaw(INVALID_JSON, ".payload", str(error)))
                    quiet = False
            if quiet and phone is not None and item.externalCheck is NOTHING and index not in odd:
                pass
            elif not self._report(index, item, phone, (zone, dates, policy)):
                continue
            place, source = zone.value
            legal = None
            if laws is not None and phone is not None:
                legal, remarks = laws.bound(phone, place, source)
                for remark in remarks:
                    self._warn(index, remark)
            jobs.append(new(Job, (index, phone, place, source, policy.value, dates.value, payload, None, legal)))

    def find_duplicates(self) -> None:
        """Add a problem for each number that repeats an earlier one of the request (R14.2)."""
        items = self.request.items
        groups = groups_of_duplicates(self.phones, lambda index: bytes(items[index].payload) or None)
        phones = list(dict.fromkeys(self.phones[group[0]] for group in groups))
        for group in groups:
            details = {"phone": self.phones[group[0]], "message": "", "phonesDuplicates": phones}
            for index in group[1:]:
                self._problem(index, Flaw(DUPLICATED, "", repeats(group[0])), details)

    def _report(self, index: int, item: Item, phone: str | None, readings: Iterable[Reading]) -> bool:
        """Add an item's problems and warnings; whether it is good all the same."""
        before = len(self.problems)
        slips = self.request.slips.get(index, [])
        details = {"phone": phone or item.phone or None}
        for slip in slips:
            self._problem(index, slip, details)
        if any(not slip.path for slip in slips):
            self.phones[index] = None
            return False
        if phone is None and not any(slip.path == ".phone" for slip in slips):
            message = f"not a phone number: {shown(item.phone)}; write 5 to 15 digits, which may have + - . ( ) between"
            self._problem(index, Flaw("phone.bad.format", ".phone", message), details)
        if any(slip.path == ".payload" for slip in slips):
            self.phones[index] = None
        self._report_unknown(index, self.request.unknown.get(index, ()), details)
        if bytes(item.externalCheck) not in {b"", b"null"}:
            self._report_external_check(index, item.externalCheck, details)
        for reading in readings:
            for flaw in reading.flaws:
                vendor = {**details, "gmtZone": json_value(item.gmtZone)} if flaw.type == BAD_ZONE else details
                self._problem(index, flaw, vendor)
            for warning in reading.warnings:
                self._warn(index, warning)
        return len(self.problems) == before

    def _report_unknown(self, index: int, names: Iterable[str], details: Mapping[str, Any]) -> None:
        for name in names:
            near = nearest(name, FIELDS)
            advice = f"did you mean {near}?" if near else f"the fields are {', '.join(FIELDS)}"
            flaw = Flaw(INVALID_FIELD, step(name), f"unknown field {shown(name)}; {advice}")
            if self.readings.strict:
                self._problem(index, flaw, details)
            else:
                self._warn(index, flaw._replace(message=f"ignored: {flaw.message}"))

    def _report_external_check(self, index: int, text: Raw, details: Mapping[str, Any]) -> None:
        try:
            json_value(text)
        except ValueError as error:
            self._problem(index, Flaw(INVALID_JSON, ".externalCheck", str(error)), details)
        else:
            self._warn(index, Flaw(INVALID_FIELD, ".externalCheck", "externalCheck is accepted and not acted on"))

    def _slip(self, index: int, flaw: Flaw) -> None:
        self.request.slips.setdefault(index, []).append(flaw)

    def _problem(self, index: int, flaw: Flaw, details: Mapping[str, Any]) -> None:
        path = f"$[{index}]{flaw.path}"
        line = f"line {self.lines[index]}: " if self.lines else ""
        self.problems.append(
            Problem(job=index, path=path, type=flaw.type, message=line + flaw.message, details=details)
        )

    def _warn(self, index: int, flaw: Flaw) -> None:
        kind = flaw.type, flaw.message
        first = self.warnings.get(kind)
        if first is None:
            path = f"$[{index}]{flaw.path}"
            details = {"line": self.lines[index]} if self.lines else {}
            self.warnings[kind] = Problem(job=index, path=path, type=flaw.type, message=flaw.message, details=details)
        else:
            self.warnings[kind] = replace(first, count=first.count + 1)

    @cached_property
    def lines(self) -> Sequence[int] | None:
        """The line of each item, in a format that has lines."""
        return None if self.request.lines is None else self.request.lines()

    def _kind(self, text: bytes, item: Item) -> Kind:
        zone = None if bytes(item.gmtZone) in (b"", b"null") else self._zone(item.gmtZone)
        policy = self._policy(item)
        kind = self.kinds[text] = Kind(policy, zone, quiet=not (policy.remarks or (zone and zone.remarks)))
        return kind

    def _policy(self, item: Item) -> Reading:
        texts = tuple(bytes(getattr(item, name)) for name in POLICY_FIELDS)
        reading = self.policies.get(texts)
        if reading is None:
            flaws: list[Flaw] = []
            fields = {name: _value(text, f".{name}", flaws) for name, text in zip(POLICY_FIELDS, texts, strict=True)}
            reading = self.policies[texts] = _reading(flaws, self._resolve, fields)
        return reading

    def _resolve(self, fields: Mapping[str, object]) -> tuple[ResolvedPolicy, list[Flaw]]:
        policy, warnings = parse_policy(fields, self.readings)
        return resolve(self.campaign.policy, policy, readings=self.readings), warnings

    def _dates(self, text: bytes, item: Item) -> Reading:
        flaws: list[Flaw] = []
        start = _value(item.startDateTime, ".startDateTime", flaws)
        finish = _value(item.finishDateTime, ".finishDateTime", flaws)
        reading = self.dates[text] = _reading(flaws, parse_dates, start, finish, self.readings)
        return reading

    def _zone(self, raw: Raw) -> Reading:
        text = bytes(raw)
        reading = self.zones.get(text)
        if reading is None:
            flaws: list[Flaw] = []
            name = _value(text, "", flaws)
            reading = _reading(flaws, self._parse_zone, name)
            at_zone = tuple(flaw._replace(path=".gmtZone") for flaw in reading.flaws)
            reading = self.zones[text] = reading._replace(flaws=at_zone)
        return reading

    def _parse_zone(self, name: object) -> tuple[tuple[Zone, ZoneSource], tuple[Flaw, ...]]:
        if not isinstance(name, str):
            raise PolicyError(Flaw(BAD_ZONE, "", f"gmtZone is not a string: {shown(name)}; write {FORMS}"))
        try:
            return (parse_zone(name, suggest=self.suggestions > 0), ZoneSource.REQUEST), ()
        except PolicyError:
            self.suggestions -= 1
            raise

    def _zone_without_text(self, phone: str | None) -> Reading:
        if phone is None or not self.campaign.detect_zone:
            return Reading((self.campaign.zone, ZoneSource.CAMPAIGN))
        zones = self.finder.zones_of(phone)
        reading = self.found_zones.get(zones)
        if reading is None:
            reading = self.found_zones[zones] = self._found(zones)
        return reading

    def _found(self, zones: tuple[Zone, ...]) -> Reading:
        if len(zones) == 1:
            return Reading((zones[0], ZoneSource.NUMBER))
        if zones:
            some = ", ".join(zone.name for zone in zones[:4])
            some += f" and {len(zones) - 4} more" if len(zones) > 4 else ""
            why = f"the number may lie in {some}"
        else:
            why = "the number is not recognised"
        message = f"no gmtZone, and {why}: the campaign's zone {self.campaign.zone.name} is taken; give gmtZone"
        warning = Flaw(BAD_ZONE, ".gmtZone", message)
        return Reading((self.campaign.zone, ZoneSource.CAMPAIGN), (), (warning,))


def _value(text: bytes | Raw, path: str, flaws: list[Flaw]) -> object:
    """The value of a JSON text, None where there is none; with a flaw, and None, where it is no JSON."""
    try:
        return json_value(text) if len(text) else None
    except ValueError as error:
        flaws.append(Flaw(INVALID_JSON, path, str(error)))
        return None


def _reading(flaws: list[Flaw], parse: Callable[..., tuple[Any, Iterable[Flaw]]], *arguments: object) -> Reading:
    """What `parse` makes of values whose texts had flaws already; no value where there is any flaw."""
    if flaws and len(arguments) == 1 and arguments[0] is None:
        return Reading(None, tuple(flaws))
    try:
        value, warnings = parse(*arguments)
    except PolicyError as error:
        return Reading(None, (*flaws, *error.flaws))
    return Reading(value, tuple(flaws), tuple(warnings))
