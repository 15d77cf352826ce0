"""Campaign files: TOML or JSON, in the vendor's names wherever the vendor has one."""

from __future__ import annotations

import codecs
import warnings as python_warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON
from scheduler.intake.nearest import nearest
from scheduler.jobs import DEFAULT_RING_MS, FASTEST, SLOWEST, UTC, Campaign, CampaignRefused, Problem
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.instants import SECOND_MS
from scheduler.policy.levels import (
    BAD_DATES,
    NO_DATES,
    NO_POLICY,
    POLICY_FIELDS,
    Dates,
    Policy,
    parse_dates,
    parse_policy,
    whole,
)
from scheduler.policy.readings import READINGS, Readings
from scheduler.policy.zones import Zone, parse_zone

T = TypeVar("T")

KEYS = (
    "name",
    "timeZone",
    "detectTimeZone",
    "maxSimultaneousCalls",
    "callsPerSecond",
    "startTime",
    "endTime",
    "maxAttemptsPerPhone",
    "ringSeconds",
    "blackoutDates",
    "holidays",
    "policy",
    "readings",
)
PLACES = {  # where each key belongs
    **dict.fromkeys(KEYS, "at the top of the file"),
    **dict.fromkeys(POLICY_FIELDS, "under [policy]"),
    **dict.fromkeys(READINGS, "under [readings]"),
}
Holidays = tuple[frozenset[int], tuple[int, int] | None]
NO_HOLIDAYS: Holidays = (frozenset(), None)
OTHER_WORDS = {  # what a person may write for a key, in lower case
    "lines": "maxSimultaneousCalls",
    "channels": "maxSimultaneousCalls",
    "cps": "callsPerSecond",
    "zone": "timeZone",
    "gmtzone": "timeZone",
    "startdatetime": "startTime",
    "finishtime": "endTime",
    "finishdatetime": "endTime",
    "attempts": "maxAttempts",
    "priority": "dialerPriority",
    "retry": "retryIntervalInMinutes",
    "days": "allowedDays",
    "hours": "allowedTime",
}
MAX_RING_SECONDS = 3600


def load_campaign(path: str | Path) -> Campaign:
    """Read a campaign file. Raises CampaignRefused with every problem of it, or OSError."""
    return read_campaign(Path(path).read_bytes())


def read_campaign(text: bytes | str, *, strict: bool = False) -> Campaign:
    r"""Read the text of a campaign file: JSON if it begins with `{`, otherwise TOML.

    Raises CampaignRefused with every problem of it. What is suspicious is in the campaign's `warnings`;
    `strict` refuses it, as the reading of that name does (R15.3).

    >>> read_campaign('maxSimultaneousCalls = 20\ntimeZone = "Europe/Moscow"').zone.name
    'Europe/Moscow'
    """
    try:
        data = _decode(text.encode() if isinstance(text, str) else text)
    except UnicodeEncodeError:
        raise _unreadable("an unpaired surrogate in the text; write it as UTF-8") from None
    form = _Form(data)
    form.refuse_unknown(data, KEYS, "$", "")
    readings = form.readings()
    readings = replace(readings, strict=True) if strict else readings
    closed, holiday_years = form.closed_dates()
    campaign = Campaign(
        name=form.take("name", "", _text),
        zone=form.take("timeZone", UTC, _zone),
        detect_zone=form.take("detectTimeZone", True, _switch),
        lines=form.take("maxSimultaneousCalls", None, _lines),
        calls_per_second=form.take("callsPerSecond", None, _pace),
        dates=form.dates(readings),
        max_attempts_per_phone=form.take("maxAttemptsPerPhone", None, _count),
        ring_ms=form.take("ringSeconds", DEFAULT_RING_MS, _ring),
        closed_dates=closed,
        holiday_years=holiday_years,
        policy=form.policy(readings),
        readings=readings,
        warnings=tuple(map(_problem, form.warnings)),
    )
    if form.flaws:
        raise CampaignRefused(tuple(map(_problem, form.flaws)))
    return campaign


@dataclass(slots=True)
class _Form:
    """The data of a campaign file, with the flaws and warnings found while its fields are read."""

    data: Mapping[str, Any]
    flaws: list[Flaw]
    warnings: list[Flaw]

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.flaws = []
        self.warnings = []

    def refuse_unknown(self, table: Iterable[str], known: Iterable[str], path: str, hint: str) -> None:
        """Add a flaw for each key that is not known, with the nearest that is."""
        for key in table:
            if key not in known:
                word = OTHER_WORDS.get(key.replace("_", "").casefold(), key)
                near = nearest(word, known)
                if word in PLACES and word not in known:
                    advice = f"write {word} {PLACES[word]}"
                else:
                    advice = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}{hint}"
                self.flaws.append(Flaw(INVALID_FIELD, f"{path}{step(key)}", f"unknown key {shown(key)}; {advice}"))

    def take(self, key: str, default: T, parse: Callable[[Any, str], T]) -> T:
        """The value of a key, its default where it is not set or flawed."""
        value = self.data.get(key)
        if value is None:
            return default
        try:
            return parse(value, f"$.{key}")
        except PolicyError as error:
            self.flaws += error.flaws
            return default

    def table(self, key: str, known: Iterable[str], hint: str = "") -> Mapping[str, Any]:
        """The table under a key, empty where it is not set, without unknown keys."""
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.flaws.append(Flaw(INVALID_FIELD, f"$.{key}", f"{key} is not a table: {shown(value)}; write [{key}]"))
            return {}
        self.refuse_unknown(value, known, f"$.{key}", hint)
        return value

    def readings(self) -> Readings:
        """The readings of RULES that the file names."""
        chosen: dict[str, Any] = {}
        for name, value in self.table("readings", READINGS).items():
            field, choices = READINGS.get(name, ("", ()))
            if any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
                chosen[field] = value
            elif choices:
                options = " or ".join(str(choice).lower() for choice in choices)
                self.flaws.append(
                    Flaw(INVALID_FIELD, f"$.readings.{name}", f"not a reading: {shown(value)}; write {options}")
                )
        return Readings(**chosen)

    def dates(self, readings: Readings) -> Dates:
        """The campaign's own start and end."""
        start, end = (
            value.isoformat() if isinstance(value, date | time) else value
            for value in (self.data.get("startTime"), self.data.get("endTime"))
        )
        try:
            dates, warnings = parse_dates(start, end, readings, "$", ("startTime", "endTime"))
        except PolicyError as error:
            self.flaws += error.flaws
            return NO_DATES
        self.warnings += warnings
        return dates

    def policy(self, readings: Readings) -> Policy:
        """The campaign's level of the policy."""
        hint = "; the zone and the dates of a campaign are timeZone, startTime and endTime"
        table = self.table("policy", POLICY_FIELDS, hint)
        try:
            policy, warnings = parse_policy(table, readings, "$.policy")
        except PolicyError as error:
            self.flaws += error.flaws
            return NO_POLICY
        self.warnings += warnings
        return policy

    def closed_dates(self) -> tuple[frozenset[int], tuple[int, int] | None]:
        """The blackout dates and public holidays, as ordinals, and the years that the holidays cover."""
        blackout: frozenset[int] = self.take("blackoutDates", frozenset(), _dates)
        holidays = self.take("holidays", NO_HOLIDAYS, _holidays)
        return blackout | holidays[0], holidays[1]


def _decode(text: bytes) -> Mapping[str, Any]:
    import tomllib  # noqa: PLC0415 - for those who have a campaign file

    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        if not text.lstrip().startswith((b"{", b"[{")):
            return tomllib.loads(text.decode())
        data = msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        raise _unreadable(f"not UTF-8, at byte {error.start}; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(f"not TOML: {error}; a JSON file begins with {{") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise _unreadable(f"not a campaign file: {error}") from None
    except RecursionError:
        raise _unreadable("not a campaign file: it is nested too deep") from None
    if not isinstance(data, dict):
        raise _unreadable('not a campaign file, but a list; write an object, such as {"maxSimultaneousCalls": 20}')
    return data


def _unreadable(message: str) -> CampaignRefused:
    return CampaignRefused((Problem(job=None, path="$", type=INVALID_JSON, message=message),))


def _problem(flaw: Flaw) -> Problem:
    return Problem(job=None, **flaw._asdict())


def _bad(path: str, value: object, advice: str, kind: str = INVALID_FIELD) -> PolicyError:
    name = path.rpartition(".")[2]
    return PolicyError(Flaw(kind, path, f"not a value of {name}: {shown(value)}; {advice}"))


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise _bad(path, value, "write a text")
    return value


def _switch(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise _bad(path, value, "write true or false")
    return value


def _zone(value: object, path: str) -> Zone:
    try:
        return parse_zone(_text(value, path))
    except PolicyError as error:
        raise PolicyError(*(flaw._replace(path=path) for flaw in error.flaws)) from None


def _count(value: object, path: str) -> int:
    count = whole(value)
    if count is None or count < 1:
        raise _bad(path, value, "write a whole number, at least 1")
    return count


def _lines(value: object, path: str) -> int:
    if isinstance(value, list):
        raise _bad(path, value, "lines that change over the day are not simulated; write one number of lines")
    return _count(value, path)


def _pace(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not SLOWEST <= value <= FASTEST:
        raise _bad(path, value, f"write a number from {SLOWEST} to {FASTEST}")
    return value


def _ring(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_RING_SECONDS:
        raise _bad(path, value, f"write seconds, more than 0 and at most {MAX_RING_SECONDS}")
    ring_ms = round(value * SECOND_MS)
    if abs(ring_ms - value * SECOND_MS) > 1e-6 or ring_ms == 0:
        raise _bad(path, value, "write whole milliseconds: at most three digits behind the point")
    return ring_ms


def _dates(value: object, path: str) -> frozenset[int]:
    if not isinstance(value, list):
        raise _bad(path, value, "write a list of dates, such as [2026-03-08]", BAD_DATES)
    ordinals = []
    flaws = []
    for place, item in enumerate(value):
        try:
            if isinstance(item, datetime) or not isinstance(item, date | str):
                raise ValueError
            parsed = item if isinstance(item, date) else datetime.strptime(item, "%Y-%m-%d").date()  # noqa: DTZ007
            if not isinstance(item, date) and parsed.isoformat() != item:
                raise ValueError
            ordinals.append(parsed.toordinal())
        except ValueError:
            flaws.append(Flaw(BAD_DATES, f"{path}[{place}]", f"not a date: {shown(item)}; write it like 2026-03-08"))
    if flaws:
        raise PolicyError(*flaws)
    return frozenset(ordinals)


def _holidays(value: object, path: str) -> Holidays:
    import holidays  # noqa: PLC0415 - for those who name a country

    advice = "write a country, such as RU, or one with a subdivision, such as DE-BY"
    country, _, subdivision = _text(value, path).partition("-")
    supported = holidays.list_supported_countries()
    if country not in supported:
        near = nearest(country.upper(), supported)
        raise _bad(path, value, f"did you mean {near}?" if near else advice)
    if (subdivision or "-" in str(value)) and subdivision not in supported[country]:
        known = ", ".join(supported[country]) or "none"
        raise _bad(path, value, f"the subdivisions of {country} are {known}")
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # about years without data, which `holiday_years` tells
        known_to = holidays.country_holidays(country, subdiv=subdivision or None)
        years = known_to.start_year, known_to.end_year
        known_to = holidays.country_holidays(country, subdiv=subdivision or None, years=range(years[0], years[1] + 1))
    return frozenset(day.toordinal() for day in known_to), years
