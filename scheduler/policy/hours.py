"""allowedDays and allowedTime, and the weekly hours that they amount to (R3).

A window is kept in minutes of the day on which it starts; one that runs past midnight simply ends
after 24:00 (22:00-06:00 is 1320-1800), so it stays with its own day, which decides whether it counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.readings import Readings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1440

Window = tuple[int, int]
Windows = tuple[Window, ...]

BAD_DAYS = "invalid.call.allowed.days"
BAD_TIME = "invalid.call.allowed.time"
BAD_FIELD = "invalid.field"

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_BOUNDS = ("localTimeFrom", "localTimeTo")
WHOLE_DAY_ADVICE = 'for a whole day write two windows in allowedTime, "00:00"-"12:00" and "12:00"-"00:00"'


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedTime:
    """One level's allowedTime: the windows of each weekday (None: not listed), and those of `default`."""

    days: tuple[Windows | None, ...]
    default: Windows | None

    def speaks_of(self, weekday: int) -> Windows | None:
        """The windows that this level gives a weekday (0 is Monday), or None if it says nothing of it (R3.6)."""
        own = self.days[weekday]
        return self.default if own is None else own


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """The windows that start on each weekday, Monday first, sorted; ends past 1440 lie on the next day.

    Equal hours compare equal. Windows of different days may overlap (R3.5).
    """

    windows: tuple[Windows, ...]

    @property
    def always(self) -> bool:
        """Whether the hours are open all day on every day."""
        return self == ALWAYS

    def __str__(self) -> str:
        days = (
            f"{day} {', '.join(map(spelt, windows))}"
            for day, windows in zip(DAYS, self.windows, strict=True)
            if windows
        )
        return "; ".join(days) or "never"


ALWAYS = WeeklyHours((((0, DAY_MIN),),) * 7)


def clock(minute: int) -> str:
    """A minute of the day as `HH:mm`; past 24:00 as the clock of the next day shows it.

    >>> clock(90), clock(1440), clock(1800)
    ('01:30', '24:00', '06:00')
    """
    minute -= DAY_MIN if minute > DAY_MIN else 0
    return f"{minute // 60:02d}:{minute % 60:02d}"


def spelt(window: Window) -> str:
    """A window as its two clocks, `22:00-06:00`."""
    return f"{clock(window[0])}-{clock(window[1])}"


def parse_clock(value: object, path: str = "") -> int:
    """Read a time of day, `HH:mm`, as minutes. Raises PolicyError.

    >>> parse_clock("9:30")
    570
    """
    flaws: list[Flaw] = []
    minute = _parse_clock(value, path, flaws)
    if minute is None:
        raise PolicyError(*flaws)
    return minute


def parse_allowed_days(value: object, path: str = "") -> frozenset[int]:
    """Read allowedDays: the weekdays, 0 for Monday. Raises PolicyError with every flaw (R3.1, R3.7).

    >>> sorted(parse_allowed_days(["wed", "mon"]))
    [0, 2]
    """
    advice = f'write a list of {", ".join(DAYS)}, such as ["mon", "wed"]'
    if not isinstance(value, list):
        raise PolicyError(Flaw(BAD_DAYS, path, f"allowedDays is not a list: {shown(value)}; {advice}"))
    if not value:
        raise PolicyError(Flaw(BAD_DAYS, path, f"allowedDays is empty; {advice}, or leave it out"))
    flaws = [
        Flaw(BAD_DAYS, f"{path}[{place}]", f"not a weekday: {shown(day)}; {advice}")
        for place, day in enumerate(value)
        if not (isinstance(day, str) and day in DAYS)
    ]
    if flaws:
        raise PolicyError(*flaws)
    return frozenset(DAYS.index(day) for day in value)


def parse_allowed_time(value: object, path: str = "") -> AllowedTime:
    """Read allowedTime: weekdays and `default` to lists of windows. Raises PolicyError with every flaw (R3.1-R3.4).

    >>> parse_allowed_time({"default": [{"localTimeFrom": "20:00", "localTimeTo": "03:00"}]}).default
    ((1200, 1620),)
    """
    advice = 'write {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}'
    if not isinstance(value, Mapping):
        raise PolicyError(Flaw(BAD_TIME, path, f"allowedTime is not an object: {shown(value)}; {advice}"))
    if not value:
        raise PolicyError(Flaw(BAD_TIME, path, f"allowedTime is empty; {advice}, or leave it out"))
    flaws: list[Flaw] = []
    lists: dict[str, Windows] = {}
    for key, windows in value.items():
        if key in DAYS or key == "default":
            lists[key] = _parse_windows(windows, f"{path}.{key}", flaws)
        else:
            message = f"not a weekday: {shown(key)}; the keys of allowedTime are {', '.join(DAYS)} and default"
            flaws.append(Flaw(BAD_TIME, f"{path}{step(str(key))}", message))
    if flaws:
        raise PolicyError(*flaws)
    return AllowedTime(days=tuple(lists.get(day) for day in DAYS), default=lists.get("default"))


def parse_local_times(local_from: object, local_to: object, path: str = "") -> AllowedTime:
    """Read the deprecated top-level bounds as a `default` of one window; None is 00:00 or 24:00 (R3.9).

    >>> parse_local_times("17:00", None).default
    ((1020, 1440),)
    """
    flaws: list[Flaw] = []
    start = 0 if local_from is None else _parse_clock(local_from, f"{path}.localTimeFrom", flaws)
    end = DAY_MIN if local_to is None else _parse_clock(local_to, f"{path}.localTimeTo", flaws)
    window = _window(start, end, f"{path}.localTimeTo", flaws) if start is not None and end is not None else None
    if window is None:
        raise PolicyError(*flaws)
    return AllowedTime(days=(None,) * 7, default=(window,))


def weekly_hours(levels: Sequence[AllowedTime], days: frozenset[int] | None, readings: Readings) -> WeeklyHours:
    """The hours that levels of allowedTime, strongest first, and the ruling allowedDays amount to (R3.6, R3.7).

    >>> ten = parse_allowed_time({"default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]})
    >>> str(weekly_hours([ten], frozenset({0, 2}), Readings()))
    'mon 10:00-11:00; wed 10:00-11:00'
    """
    week = [_windows_of(weekday, levels, readings) for weekday in range(7)]
    if days is not None:
        for weekday in range(7):
            if weekday not in days:
                week[weekday] = ()
            elif readings.overnight_tail == "clip" and (weekday + 1) % 7 not in days:
                week[weekday] = tuple((start, min(end, DAY_MIN)) for start, end in week[weekday])
    return WeeklyHours(tuple(_united(windows) for windows in week))


def ruling_level(weekday: int, levels: Sequence[AllowedTime | None], readings: Readings) -> int | None:
    """The place of the level, strongest first, whose allowedTime rules a weekday; None if none does (R3.6)."""
    for place, level in enumerate(levels):
        if level is not None and (readings.unlisted_day == "closed" or level.speaks_of(weekday) is not None):
            return place
    return None


def _windows_of(weekday: int, levels: Sequence[AllowedTime], readings: Readings) -> Windows:
    if not levels:
        return ((0, DAY_MIN),)
    place = ruling_level(weekday, levels, readings)
    return () if place is None else levels[place].speaks_of(weekday) or ()


def _united(windows: Windows) -> Windows:
    """The windows of one list, touching ones joined: hours that mean the same are the same value."""
    joined: list[Window] = []
    for start, end in windows:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _parse_windows(value: object, path: str, flaws: list[Flaw]) -> Windows:
    if not isinstance(value, list) or not value:
        what = "are an empty list" if value == [] else f"are not a list: {shown(value)}"
        message = f'the windows of a day {what}; write [{{"localTimeFrom": "10:00", "localTimeTo": "18:00"}}]'
        flaws.append(Flaw(BAD_TIME, path, message))
        return ()
    read = [(_parse_window(item, f"{path}[{place}]", flaws), place) for place, item in enumerate(value)]
    windows = sorted((window, place) for window, place in read if window is not None)
    last = windows[0][0] if windows else (0, 0)
    for window, place in windows[1:]:
        if window[0] < last[1]:
            message = f"the windows {spelt(last)} and {spelt(window)} overlap; windows of one list may only touch"
            flaws.append(Flaw(BAD_TIME, f"{path}[{place}]", message))
        last = max(last, window, key=lambda each: each[1])
    return tuple(window for window, _ in windows)


def _parse_window(value: object, path: str, flaws: list[Flaw]) -> Window | None:
    if not isinstance(value, Mapping):
        advice = '{"localTimeFrom": "10:00", "localTimeTo": "18:00"}'
        message = f"a window is not an object: {shown(value)}; write {advice}"
        flaws.append(Flaw(BAD_TIME, path, message))
        return None
    for key in value:
        if key not in _BOUNDS:
            message = f"unknown key of a window: {shown(key)}; a window has localTimeFrom and localTimeTo"
            flaws.append(Flaw(BAD_FIELD, f"{path}{step(str(key))}", message))
    bounds = []
    for name in _BOUNDS:
        if value.get(name) is None:
            message = f"{name} is missing; a window needs both localTimeFrom and localTimeTo"
            flaws.append(Flaw(BAD_TIME, f"{path}.{name}", message))
        else:
            bounds.append(_parse_clock(value[name], f"{path}.{name}", flaws))
    if len(bounds) < len(_BOUNDS) or bounds[0] is None or bounds[1] is None:
        return None
    return _window(bounds[0], bounds[1], path, flaws)


def _window(start: int, end: int, path: str, flaws: list[Flaw]) -> Window | None:
    if start == end:
        message = f"a window from {clock(start)} to {clock(end)} is empty; {WHOLE_DAY_ADVICE}"
        flaws.append(Flaw(BAD_TIME, path, message))
        return None
    return (start, end) if start < end else (start, end + DAY_MIN)


def _parse_clock(value: object, path: str, flaws: list[Flaw]) -> int | None:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        message = f"not a time of day: {shown(value)}; write HH:mm from 00:00 to 23:59"
        flaws.append(Flaw(BAD_TIME, path, message))
        return None
    return int(match[1]) * 60 + int(match[2])
