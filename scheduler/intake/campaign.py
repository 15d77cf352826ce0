"""Campaign files: TOML or JSON, in the vendor's names wherever the vendor has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.forms import Form, Kind, bad, count, open_form, problem_of, seconds, switch, text_of
from scheduler.intake.holiday_dates import holiday_dates
from scheduler.intake.laws import law_holidays
from scheduler.intake.nearest import nearest
from scheduler.jobs import (
    DEFAULT_ABANDON_RATE,
    DEFAULT_PATIENCE_MS,
    DEFAULT_RING_MS,
    FASTEST,
    MAX_RATIO,
    SLOWEST,
    UTC,
    Agents,
    Campaign,
    CampaignRefused,
    DayLines,
    DialMode,
)
from scheduler.policy.errors import Flaw, PolicyError, shown
from scheduler.policy.hours import parse_clock
from scheduler.policy.laws import LAWS, Law, law_named
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
    "law",
    "agents",
    "policy",
    "readings",
)
AGENT_FIELDS = ("agents", "wrapUpSeconds", "patienceSeconds", "dialMode", "dialRatio", "maxAbandonRate")
PLACES = {  # where each key belongs
    **dict.fromkeys(KEYS, "at the top of the file"),
    **dict.fromkeys(POLICY_FIELDS, "under [policy]"),
    **dict.fromkeys(READINGS, "under [readings]"),
    **dict.fromkeys(AGENT_FIELDS, "under [agents]"),
}
KnownHolidays = tuple[frozenset[int], tuple[int, int] | None]
NO_HOLIDAYS: KnownHolidays = (frozenset(), None)
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
MAX_AGENT_SECONDS = 3600
CAMPAIGN_FILE = Kind("a campaign file", CampaignRefused, '{"maxSimultaneousCalls": 20}', PLACES, OTHER_WORDS)


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
    form = _CampaignForm(CAMPAIGN_FILE, open_form(CAMPAIGN_FILE, text).data)
    form.refuse_unknown(form.data, KEYS)
    readings = form.readings()
    readings = replace(readings, strict=True) if strict else readings
    closed, holidays, holiday_years = form.closed_dates()
    no_laws: tuple[Law, ...] = ()
    laws = form.take("law", no_laws, laws_of)
    campaign = Campaign(
        name=form.take("name", "", text_of),
        zone=form.take("timeZone", UTC, _zone),
        detect_zone=form.take("detectTimeZone", True, switch),
        lines=form.take("maxSimultaneousCalls", None, lines_of),
        calls_per_second=form.take("callsPerSecond", None, pace_of),
        dates=form.dates(readings),
        max_attempts_per_phone=form.take("maxAttemptsPerPhone", None, count),
        ring_ms=form.take("ringSeconds", DEFAULT_RING_MS, partial(seconds, most=MAX_RING_SECONDS)),
        agents=form.agents(),
        closed_dates=closed,
        holidays=holidays,
        holiday_years=holiday_years,
        policy=form.policy(readings),
        laws=laws,
        law_holiday_years=tuple((law.name, law_holidays(law)[1]) for law in laws if law.holidays is not None),
        readings=readings,
        warnings=tuple(map(problem_of, form.warnings)),
    )
    form.refuse_flaws()
    return campaign


class _CampaignForm(Form):
    """The form of a campaign file."""

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

    def agents(self) -> Agents | None:
        """Who talks to those who answer, if the file says so."""
        table = self.table("agents", AGENT_FIELDS)
        if self.data.get("agents") is None:
            return None

        def take(key: str, default: T, parse: Callable[[Any, str], T]) -> T:
            return self.value(table.get(key), f"$.agents.{key}", default, parse)

        if table.get("agents") is None:
            message = "agents of the table is not set; write how many there are, such as agents = 10"
            self.flaws.append(Flaw(INVALID_FIELD, "$.agents.agents", message))
        mode = take("dialMode", DialMode.PROGRESSIVE, _mode)
        for key, of_mode in (("dialRatio", DialMode.RATIO), ("maxAbandonRate", DialMode.PACED)):
            if table.get(key) is not None and mode is not of_mode:
                message = f'{key} is for dialMode = "{of_mode.value}"; write that, or leave {key} out'
                self.flaws.append(Flaw(INVALID_FIELD, f"$.agents.{key}", message))
        if mode is DialMode.RATIO and table.get("dialRatio") is None:
            message = 'dialMode = "ratio" needs dialRatio, the numbers dialled for each free agent, such as 1.5'
            self.flaws.append(Flaw(INVALID_FIELD, "$.agents.dialRatio", message))
        length = partial(seconds, most=MAX_AGENT_SECONDS, least_ms=0)
        one: int | DayLines = 1
        return Agents(
            count=take("agents", one, _agents),
            wrap_up_ms=take("wrapUpSeconds", 0, length),
            patience_ms=take("patienceSeconds", DEFAULT_PATIENCE_MS, length),
            mode=mode,
            ratio=take("dialRatio", 1.0, _ratio),
            abandon_rate=take("maxAbandonRate", DEFAULT_ABANDON_RATE, _abandon_rate),
        )

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

    def closed_dates(self) -> tuple[frozenset[int], frozenset[int], tuple[int, int] | None]:
        """The closed dates and the public holidays among them, as ordinals, and the years that these cover."""
        blackout: frozenset[int] = self.take("blackoutDates", frozenset(), _dates)
        holidays = self.take("holidays", NO_HOLIDAYS, _holidays)
        return blackout | holidays[0], *holidays


def _zone(value: object, path: str) -> Zone:
    try:
        return parse_zone(text_of(value, path))
    except PolicyError as error:
        raise PolicyError(*(flaw._replace(path=path) for flaw in error.flaws)) from None


def lines_of(value: object, path: str, least: int = 1, word: str = "lines") -> int | DayLines:
    """Lines: a number, or a list of `from` and `lines` over the day (R11.1, R11.3). Raises PolicyError.

    Agents are given likewise, by their own `word`.
    """
    example = f'[{{"from": "09:00", "{word}": 20}}]'
    number = whole(value)
    if number is not None and number >= least:
        return number
    if not isinstance(value, list) or not value:
        raise bad(path, value, f"write a whole number, at least {least}, or a list such as {example}")
    steps: dict[int, int] = {}
    flaws: list[Flaw] = []
    for place, entry in enumerate(value):
        here = f"{path}[{place}]"
        if not isinstance(entry, dict) or entry.keys() != {"from", word}:
            flaws.append(Flaw(INVALID_FIELD, here, f"not {word} from a time on: {shown(entry)}; write {example}"))
            continue
        try:
            minute = parse_clock(entry["from"], f"{here}.from")
            if minute in steps:
                raise bad(f"{here}.from", entry["from"], "it occurs twice; each time of day once")
            steps[minute] = count(entry[word], f"{here}.{word}")
        except PolicyError as error:
            flaws += error.flaws
    if flaws:
        raise PolicyError(*flaws)
    return DayLines(tuple(sorted(steps.items())))


def pace_of(value: Any, path: str) -> float:
    """A pace, in calls a second. Raises PolicyError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not SLOWEST <= value <= FASTEST:
        raise bad(path, value, f"write a number from {SLOWEST} to {FASTEST}")
    return value


def laws_of(value: object, path: str) -> tuple[Law, ...]:
    """Laws by their names: a list of them, or one. Raises PolicyError with every name that is none.

    >>> [law.name for law in laws_of("us-tcpa", "$.law")]
    ['us-tcpa']
    """
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise bad(path, value, f"write the name of a law, or a list of names; the laws are {', '.join(LAWS)}")
    flaws = []
    for place, name in enumerate(names):
        if name not in LAWS:
            near = nearest(name, LAWS) if isinstance(name, str) else None
            where = path if names is not value else f"{path}[{place}]"
            advice = f"did you mean {near}?" if near else f"the laws are {', '.join(LAWS)}"
            flaws.append(Flaw(INVALID_FIELD, where, f"not a law that is known: {shown(name)}; {advice}"))
    if flaws:
        raise PolicyError(*flaws)
    return tuple(law_named(name) for name in dict.fromkeys(names))


def _agents(value: object, path: str) -> int | DayLines:
    return lines_of(value, path, word="agents")


def _mode(value: object, path: str) -> DialMode:
    if isinstance(value, str) and value in list(DialMode):
        return DialMode(value)
    near = nearest(value.casefold(), list(DialMode)) if isinstance(value, str) else None
    raise bad(path, value, f"did you mean {near}?" if near else f"write {', '.join(DialMode)}")


def _ratio(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= MAX_RATIO:
        raise bad(path, value, f"write a number from 1 to {MAX_RATIO}")
    return value


def _abandon_rate(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1:
        raise bad(path, value, "write a share from 0 up to, but not at, 1, such as 0.03")
    return value


def _dates(value: object, path: str) -> frozenset[int]:
    if not isinstance(value, list):
        raise bad(path, value, "write a list of dates, such as [2026-03-08]", BAD_DATES)
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


def _holidays(value: object, path: str) -> KnownHolidays:
    import holidays  # noqa: PLC0415 - for those who name a country

    advice = "write a country, such as RU, or one with a subdivision, such as DE-BY"
    country, _, subdivision = text_of(value, path).partition("-")
    supported = holidays.list_supported_countries()
    if country not in supported:
        near = nearest(country.upper(), supported)
        raise bad(path, value, f"did you mean {near}?" if near else advice)
    if (subdivision or "-" in str(value)) and subdivision not in supported[country]:
        known = ", ".join(supported[country]) or "none"
        raise bad(path, value, f"the subdivisions of {country} are {known}")
    return holiday_dates(country, subdivision or None)
