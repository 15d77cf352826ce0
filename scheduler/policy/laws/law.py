"""One rule of law: its hours, its caps, its cool-downs, and where and since when it holds.

Each is a TOML file beside this module, in the words of campaign files. What the data leave out is said in `note`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from scheduler.policy.hours import ALWAYS, WeeklyHours, Windows, parse_allowed_time, weekly_hours
from scheduler.policy.readings import Readings

KEYS = (
    "name",
    "title",
    "places",
    "countryCode",
    "areaCodes",
    "scope",
    "from",
    "until",
    "redialsExempt",
    "holidays",
    "sources",
    "note",
    "hours",
    "caps",
    "coolDowns",
)
CALENDAR = "calendar"
LAWS = ("au", "es", "fr", "in-trai", "ru-230", "us-fl", "us-reg-f", "us-tcpa")
_LISTED_ONLY = Readings(unlisted_day="closed")


class Per(StrEnum):
    """What a cap counts over: the time before a dial, or the local calendar period that it lies in."""

    HOURS = "rollingHours"  # so many hours up to the dial
    DAYS = "rollingDays"  # so many local dates, the dial's own the last of them
    DAY = "day"
    WEEK = "week"  # from Monday on
    MONTH = "month"


LONGEST = {Per.DAY: 1, Per.WEEK: 7, Per.MONTH: 31}  # calendar periods, in days
PERIODS = (Per.HOURS.value, Per.DAYS.value, CALENDAR)  # of caps, in files


class Event(StrEnum):
    """What a cool-down follows."""

    CONVERSATION = "conversation"  # a call that was answered, and not abandoned
    REFUSAL = "refusal"  # one of them without a result, and without a wish to be called again


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `most` dials to one phone in a period; `length` counts its hours or dates, where it rolls."""

    most: int
    per: Per
    length: int = 1

    def __str__(self) -> str:
        times = f"at most {self.most} call{'' if self.most == 1 else 's'}"
        if self.per is Per.HOURS:
            return f"{times} in {self.length} hours"
        if self.per is Per.DAYS:
            return f"{times} in {self.length} days"
        return f"{times} a {self.per.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolDown:
    """No dial for `days` local dates after an event; its own date is the first of them if `counts_day`."""

    days: int
    after: Event
    counts_day: bool = True

    def __str__(self) -> str:
        return f"no call for {self.days} days after a {self.after.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A rule of law, as far as a calendar and a count of dials can keep it.

    `places` are countries (ISO 3166); `area_codes` a part of them, by the first digits behind `country_code`.
    `first_date` and `last_date` bound when it is in force, as proleptic ordinals of local dates (None: no bound).
    `holidays` names the calendar of public holidays on which `holiday_windows` count instead of the hours. Where
    `redials_exempt`, calls that somebody asked for are not counted, and not held back. `title`, `scope`, `sources`
    and `note` are for people. `reach_days` is for how long, at most, a call can forbid another.
    """

    name: str
    title: str
    places: tuple[str, ...]
    scope: str
    sources: tuple[str, ...]
    country_code: str = ""
    area_codes: tuple[str, ...] = ()
    first_date: int | None = None
    last_date: int | None = None
    hours: WeeklyHours = ALWAYS
    holidays: str | None = None
    holiday_windows: Windows = ()
    caps: tuple[Cap, ...] = ()
    cool_downs: tuple[CoolDown, ...] = ()
    redials_exempt: bool = False
    note: str = ""
    reach_days: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        caps = [cap.length // 24 if cap.per is Per.HOURS else LONGEST.get(cap.per, cap.length) for cap in self.caps]
        # Local dates begin up to a day early and end up to a day late, and a date may begin twice.
        longest = max([0, *caps, *(rule.days for rule in self.cool_downs)])
        object.__setattr__(self, "reach_days", longest + 3)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What the digits of a number begin with in the part of the country that it binds; empty: all of it."""
        return tuple(self.country_code + area for area in self.area_codes)

    def in_force(self, day: int) -> bool:
        """Whether it holds on a local date, a proleptic ordinal."""
        return (self.first_date is None or day >= self.first_date) and (self.last_date is None or day <= self.last_date)


@cache
def law_named(name: str) -> Law:
    """A law of LAWS, read once. Raises KeyError for another name.

    >>> law = law_named("us-tcpa")
    >>> law.places[0], str(law.hours).split(";")[0]
    ('US', 'mon 08:00-21:00')
    """
    if name not in LAWS:
        raise KeyError(name)
    return law_of(tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8")))


def law_of(data: Mapping[str, Any]) -> Law:
    """The law that a file describes.

    Raises KeyError, TypeError, ValueError or PolicyError for a file that is wrong: an unknown key too.
    """
    _refuse_unknown(data, KEYS)
    hours = dict(data.get("hours", {}))
    holiday = hours.pop("holiday", [])
    if holiday and "holidays" not in data:
        raise ValueError("windows of holidays, and no calendar of holidays")
    law = Law(
        name=data["name"],
        title=data["title"],
        places=tuple(data["places"]),
        scope=data["scope"],
        sources=tuple(data["sources"]),
        country_code=data.get("countryCode", ""),
        area_codes=tuple(data.get("areaCodes", ())),
        first_date=_ordinal(data.get("from")),
        last_date=_ordinal(data.get("until")),
        hours=weekly_hours([parse_allowed_time(hours)], None, _LISTED_ONLY) if hours else ALWAYS,
        holidays=data.get("holidays"),
        holiday_windows=parse_allowed_time({"default": holiday}).default or () if holiday else (),
        caps=tuple(map(_cap, data.get("caps", ()))),
        cool_downs=tuple(map(_cool_down, data.get("coolDowns", ()))),
        redials_exempt=data.get("redialsExempt", False),
        note=data.get("note", ""),
    )
    if bool(law.area_codes) != bool(law.country_code):
        raise ValueError("area codes go with the country code before them")
    return law


def _refuse_unknown(table: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = ", ".join(key for key in table if key not in known)
    if unknown:
        raise ValueError(f"unknown in the file of a law: {unknown}; the keys are {', '.join(known)}")


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _cap(data: Mapping[str, Any]) -> Cap:
    _refuse_unknown(data, ("most", *PERIODS))
    (period,) = (key for key in PERIODS if key in data)
    if period == CALENDAR:
        return Cap(most=data["most"], per=Per(data[period]))
    return Cap(most=data["most"], per=Per(period), length=data[period])


def _cool_down(data: Mapping[str, Any]) -> CoolDown:
    _refuse_unknown(data, ("days", "after", "countsDay"))
    return CoolDown(days=data["days"], after=Event(data["after"]), counts_day=data.get("countsDay", True))
