"""Oracles: what the rules say, written so plainly that it can be read beside them.

Three of them, none sharing a line of code with what it checks; a fourth, the engine's, is `tests.ticking`:

- `is_allowed` asks the wall clock at one instant, and knows no interval (R3.5-R3.10, R4.1-R4.3);
- `duplicates` compares every pair of numbers of one request (R14.1, R14.2);
- `Requests` compares every number with all that were accepted before it (R14.3-R14.5).

They take valid input only, in the wire form of the API page and of the campaign file.
"""

import datetime
import functools
import importlib.resources
import re
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

Fields = Mapping[str, Any]  # a JSON object
Window = tuple[int, int]  # local milliseconds of its own day, [from, to); an overnight window ends past 24:00

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
NO_READINGS: Mapping[str, str] = MappingProxyType({})


# --- the calendar, point by point -----------------------------------------------------------------------------------


@functools.cache
def _zone(zone: str) -> datetime.tzinfo:
    """Read a valid `gmtZone` (R2.1-R2.4): an offset with the ISO sign, or the name of a file of the tzdata package."""
    offset = re.fullmatch(r"Z|(?:UTC|GMT|UT)?(?:([+-])(\d\d?):?(\d\d)?:?(\d\d)?)?", zone)
    if offset:
        sign, *parts = offset.groups()
        hours, minutes, seconds = (int(part or 0) for part in parts)
        ahead = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return datetime.timezone(-ahead if sign == "-" else ahead)
    with importlib.resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=zone)


def wall_clock(zone: str, instant_ms: int) -> datetime.datetime:
    """Return what a clock on the wall shows, as a naive datetime.

    Obviously right: from UTC to local there is one answer, so no fold and no gap ever comes up (R4.3).
    """
    instant = EPOCH + datetime.timedelta(milliseconds=instant_ms)
    return instant.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)


def offset_seconds(zone: str, instant_ms: int) -> int:
    """Return how far the wall clock is ahead of UTC: the difference between what the two show (R4.3)."""
    return (wall_clock(zone, instant_ms) - wall_clock("Z", instant_ms)) // datetime.timedelta(seconds=1)


def instant_of(text: str) -> int:
    """Return an RFC 3339 instant in milliseconds, what is finer being cut (R5.1)."""
    return (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(milliseconds=1)


class Hours(NamedTuple):
    """What a policy, a zone and the readings say about every day, as a value."""

    zone: str
    week: tuple[tuple[Window, ...], ...]  # the windows that start on mon, tue, ...: R3.6 and R3.7 applied
    days: tuple[bool, ...]  # allowedDays, mon first
    closed: frozenset[datetime.date]
    clip: bool


def strongest(levels: Sequence[Fields], field: str) -> Any:
    """Return the value on the strongest level that sets the field, null being "not set" (R6.1); None if none does."""
    return next((level[field] for level in reversed(levels) if level.get(field) is not None), None)


def _allowed_time(level: Fields) -> Any:
    """Return a level's allowedTime; where it has none, the deprecated pair stands for one (R3.9)."""
    start, end = level.get("localTimeFrom"), level.get("localTimeTo")
    if level.get("allowedTime") is not None or (start is None and end is None):
        return level.get("allowedTime")
    return {"default": [{"localTimeFrom": start or "00:00", "localTimeTo": end or "24:00"}]}


def _list_of_day(levels: Sequence[Fields], day: str, *, unlisted: str) -> Any:
    """Find the list that rules a weekday, asking the levels from strong to weak, in the words of R3.6."""
    speakers = [times for times in (_allowed_time(level) for level in reversed(levels)) if times is not None]
    for times in speakers:
        if day in times or "default" in times:
            return times[day] if day in times else times["default"]
        if unlisted == "closed":
            return []
    return [] if speakers else [{"localTimeFrom": "00:00", "localTimeTo": "24:00"}]


def _window(row: Mapping[str, str]) -> Window:
    """Return one window; from > to ends on the next day, so 24 hours later (R3.3)."""
    (hour, minute), (end_hour, end_minute) = row["localTimeFrom"].split(":"), row["localTimeTo"].split(":")
    start = (int(hour) * 60 + int(minute)) * MINUTE_MS
    end = (int(end_hour) * 60 + int(end_minute)) * MINUTE_MS
    return (start, end if start < end else end + DAY_MS)


def hours_of(levels: Sequence[Fields], zone: str, closed: Collection[datetime.date], readings: Fields) -> Hours:
    """Resolve the levels, weekday by weekday (R3.6, R3.7, R3.9)."""
    allowed_days = strongest(levels, "allowedDays")
    days = tuple(allowed_days is None or day in allowed_days for day in DAYS)
    unlisted = readings.get("unlistedDay", "inherit")
    week = [tuple(_window(row) for row in _list_of_day(levels, day, unlisted=unlisted)) for day in DAYS]
    kept = tuple(windows if allowed else () for windows, allowed in zip(week, days, strict=True))
    return Hours(zone, kept, days, frozenset(closed), readings.get("overnightTail", "keep") == "clip")


def _starting_on(hours: Hours, date: datetime.date) -> tuple[Window, ...]:
    """Return the windows that start on a local date: none on a blackout date (R3.10)."""
    return () if date in hours.closed else hours.week[date.weekday()]


def is_open(hours: Hours, instant_ms: int) -> bool:
    """Apply R4.1 word for word: read the clock, try the windows of its date, and those of the date before, 24 h on."""
    clock = wall_clock(hours.zone, instant_ms)
    today = clock.date()
    of_day = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000 + clock.microsecond // 1000
    if any(start <= of_day < end for start, end in _starting_on(hours, today)):
        return True
    if hours.clip and not hours.days[today.weekday()]:  # R3.7: a tail needs the day into which it runs
        return False
    yesterday = today - datetime.timedelta(days=1)  # by the calendar, even where the zone skipped it (R4.3)
    return any(start <= of_day + DAY_MS < end for start, end in _starting_on(hours, yesterday))


def is_allowed(
    levels: Sequence[Fields],
    zone: str,
    instant_ms: int,
    *,
    closed_dates: Collection[datetime.date] = (),
    readings: Mapping[str, str] = NO_READINGS,
) -> bool:
    """Return whether the levels (weak to strong) allow a dial at an instant (R3.5-R3.10, R4.1-R4.3).

    Obviously right: it is the definition of R4.1. No window's edge is ever converted to UTC, so nothing can go wrong
    where a zone's clock jumps; overlapping windows (R3.5) are an `any`.
    """
    return is_open(hours_of(levels, zone, closed_dates, readings), instant_ms)


# --- duplicates, pair by pair ---------------------------------------------------------------------------------------


def digits_of(phone: str) -> str:
    """Return the digits of a phone, by which phones are compared (R15.4)."""
    return "".join(character for character in phone if character in "0123456789")


def _equal(one: Any, other: Any) -> bool:
    """Compare two JSON values: 1 and 1.0 are equal, 1 and true are not, the order of keys is nothing (R14.1)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)  # null, texts and numbers; a list never equals an object, nor either of them a text


def _pair(number: Fields) -> tuple[str, Any]:
    """Return what makes a number the same as another: its phone and its payload, absent and null being none (R14.1)."""
    return digits_of(number["phone"]), number.get("payload")


def _latest_first(numbers: Sequence[Fields], guilty: Collection[str]) -> list[str]:
    """List phones as phonesDuplicates does (R14.2): read the request from its end, and note each phone once."""
    listed: list[str] = []
    for number in reversed(numbers):
        phone = digits_of(number["phone"])
        if phone in guilty and phone not in listed:
            listed.append(phone)
    return listed


def _twice(numbers: Sequence[Fields]) -> list[str]:
    """List the phones of the numbers that repeat another one of the request (R14.1)."""
    pairs = [_pair(number) for number in numbers]
    return [
        phone
        for i, (phone, payload) in enumerate(pairs)
        for other_phone, other_payload in pairs[:i]
        if phone == other_phone and _equal(payload, other_payload)
    ]


def duplicates(numbers: Sequence[Fields]) -> list[str]:
    """List the phonesDuplicates of one request; empty if it has none (R14.1, R14.2).

    Obviously right: each number is compared with each other one; then the request is read from its end, which puts the
    phones in order of their last occurrence, latest first, each once.
    """
    return _latest_first(numbers, _twice(numbers))


class Answer(NamedTuple):
    """The answer to a request: the index of each number, in its order; or None, and the phonesDuplicates."""

    ids: list[int] | None
    duplicates: list[str]


class _Accepted(NamedTuple):
    """A number that was accepted and made a job; its index is its place among them."""

    pair: tuple[str, Any]
    key: str | None
    at: int


class Requests:
    """The requests to one campaign, each held against all that were accepted before it (R14.3, R14.4).

    Obviously right: each number is compared with every number accepted before, and the table of R14.3 is asked about
    the two of them. Instants are whole milliseconds; at the end of the 24 hours they are over (R1.2).
    """

    def __init__(self) -> None:
        self.accepted: list[_Accepted] = []
        self.first_uses: list[tuple[str, int]] = []  # of keys; one that is used after its 24 hours is there again

    def in_use_since(self, key: str, at: int) -> int | None:
        """Return the first use of a key that has not expired; None if its next use is a first use (R14.4)."""
        return next((since for used, since in self.first_uses if used == key and since <= at < since + DAY_MS), None)

    def earlier(self, number: Fields, key: str | None, at: int) -> int | None:
        """Return the latest earlier job of the same pair that the table of R14.3 holds against a number, if any."""
        phone, payload = _pair(number)
        since = at - DAY_MS + 1 if key is None else self.in_use_since(key, at)
        found = [
            index
            for index, other in enumerate(self.accepted)
            if other.pair[0] == phone and _equal(other.pair[1], payload)
            if other.key == key and since is not None and other.at >= since
        ]
        return found[-1] if found else None

    def submit(self, numbers: Sequence[Fields], key: str | None, at: int) -> Answer:
        """Answer a request; a refused one leaves nothing behind, not even the use of its key (R14.2-R14.5)."""
        key = key or None  # an empty key is none
        held = [self.earlier(number, key, at) for number in numbers]
        guilty = _twice(numbers)
        if key is None:
            guilty += [
                digits_of(number["phone"]) for number, index in zip(numbers, held, strict=True) if index is not None
            ]
        if guilty:
            return Answer(None, _latest_first(numbers, guilty))
        if key is not None and self.in_use_since(key, at) is None:
            self.first_uses.append((key, at))
        ids = []
        for number, index in zip(numbers, held, strict=True):
            ids.append(len(self.accepted) if index is None else index)
            if index is None:
                self.accepted.append(_Accepted(_pair(number), key, at))
        return Answer(ids, [])
