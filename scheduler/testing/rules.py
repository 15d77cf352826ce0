"""What the texts of a policy and of settings forbid at an instant, as far as they tell.

Only what is written down is known: no calendar of public holidays of a law, no cap on calls. So a text that forbids an
instant does so; one that does not may still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from scheduler.policy.errors import PolicyError
from scheduler.policy.hours import DAY_MIN, DAYS, Window, Windows, parse_clock
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, MINUTE_MS, SECOND_MS, parse_moment
from scheduler.policy.laws import LAWS, Law, law_named
from scheduler.policy.zones import Zone, parse_zone
from scheduler.testing.pinned import AFTER_CALL, NONE, OPEN

T = TypeVar("T")
THURSDAY = 3  # the weekday of the epoch
ALL_DAYS = frozenset(range(7))
ALL_DAY: Windows = ((0, DAY_MIN),)
NO_END = 1 << 62


class Rules:
    """What decides when a job may be dialled, read back from its texts; a field that is not known forbids nothing."""

    def __init__(self, policy: Mapping[str, str], settings: Mapping[str, str]) -> None:
        self.zone = _read(policy, "gmtZone", _zone, None)
        self.days = _read(policy, "allowedDays", _days, ALL_DAYS)
        self.windows = tuple(_read(policy, f"allowedTime.{day}", _windows, ALL_DAY) for day in DAYS)
        self.start_ms = _read(policy, "startDateTime", _instant, -NO_END)
        self.finish_ms = _read(policy, "finishDateTime", _instant, NO_END)
        self.retry_ms = _read(policy, "retryIntervalInMinutes", lambda text: int(text) * MINUTE_MS, 0)
        self.after_call_ms = _read(policy, "startDateTime", _after_call, 0)
        self.max_attempts: int | None = _read(policy, "maxAttempts", int, None)
        laws: tuple[Law, ...] = _read(policy, "law", _laws, ())
        zones: tuple[Zone, ...] = _read(policy, "lawZones", lambda text: tuple(map(_zone, text.split())), ())
        self.legal = [(law, zone) for law in laws for zone in zones or (self.zone,) if zone is not None]
        self.closed: frozenset[int] = _read(settings, "closedDates", _dates, frozenset())
        self.clips = settings.get("overnightTail") == "clip"
        self.retries_from_start = settings.get("retryFrom") == "start"
        begins = (_read(settings, "now", _instant, -NO_END), _read(policy, "accepted", _instant, -NO_END))
        self.from_ms = max(self.start_ms, *begins)
        ends = [_read(settings, name, _instant, NO_END) for name in ("until", "stopped")]
        self.until_ms = min(self.finish_ms, *ends)
        self.pauses: tuple[tuple[int, int], ...] = _read(settings, "pauses", _spans, ())

    def forbids(self, at_ms: int) -> bool:
        """Whether a dial at an instant is forbidden by what is known."""
        return (
            not self.from_ms <= at_ms < self.until_ms
            or (self.zone is not None and not self._open(at_ms, self.zone))
            or any(begin_ms <= at_ms < end_ms for begin_ms, end_ms in self.pauses)
            or any(self._unlawful(at_ms, law, zone) for law, zone in self.legal)
        )

    def _open(self, at_ms: int, zone: Zone) -> bool:
        """R4.1: a window that runs past midnight counts for the part of the next day that it reaches (R3.7, R3.10)."""
        day, of_day_ms = divmod(at_ms + zone.offset_s(at_ms) * SECOND_MS, DAY_MS)
        for back in (0, 1):
            weekday = (day - back + THURSDAY) % 7
            if weekday not in self.days or day - back in self.closed:
                continue
            if back and self.clips and (day + THURSDAY) % 7 not in self.days:
                continue
            if _holds(self.windows[weekday], of_day_ms + back * DAY_MS):
                return True
        return False

    def days_at(self, at_ms: int) -> set[str]:
        """The weekdays whose windows an interval around an instant may be made of: its own, and those that it meets."""
        day = (at_ms + (0 if self.zone is None else self.zone.offset_s(at_ms)) * SECOND_MS) // DAY_MS + THURSDAY
        meets = [any(end >= DAY_MIN for _, end in self.windows[(day + back) % 7]) for back in (-1, 0)]
        return {DAYS[(day + more) % 7] for more, counts in ((-1, meets[0]), (0, True), (1, meets[1])) if counts}

    @staticmethod
    def _unlawful(at_ms: int, law: Law, zone: Zone) -> bool:
        day, of_day_ms = divmod(at_ms + zone.offset_s(at_ms) * SECOND_MS, DAY_MS)
        if not law.in_force(day + EPOCH_ORDINAL):
            return False
        return not any(
            _holds(law.hours.windows[(day - back + THURSDAY) % 7], of_day_ms + back * DAY_MS) for back in (0, 1)
        )

    def due_after(self, dialled_ms: int, length_ms: int, *, redial: bool = False) -> int:
        """When an attempt is due after the one before it, or a redial after its conversation (R9.2, R10.2)."""
        end_ms = dialled_ms + length_ms
        if redial:
            return end_ms + self.after_call_ms
        return max(end_ms, dialled_ms + self.retry_ms) if self.retries_from_start else end_ms + self.retry_ms


def _holds(windows: Windows, of_day_ms: int) -> bool:
    minute = of_day_ms // MINUTE_MS
    return any(begin <= minute < end for begin, end in windows)


def _read(texts: Mapping[str, str], name: str, parse: Callable[[str], T], default: T) -> T:
    """What a text says; the default where it is absent, says none, or says what nobody here wrote."""
    text = texts.get(name, NONE)
    if text == NONE and name.partition(".")[0] != "allowedTime":
        return default
    if name not in texts:
        return default
    try:
        return parse(text)
    except (PolicyError, ValueError):
        return default


def _zone(text: str) -> Zone:
    return parse_zone(text, suggest=False)


def _days(text: str) -> frozenset[int]:
    return frozenset(map(DAYS.index, text.split()))


def _windows(text: str) -> Windows:
    return tuple(_window(each) for each in text.split()) if text != NONE else ()


def _window(text: str) -> Window:
    begin, _, end = text.partition("-")
    first, last = (DAY_MIN if clock == "24:00" else parse_clock(clock) for clock in (begin, end))
    return first, last if last > first else last + DAY_MIN


def _instant(text: str) -> int:
    return parse_moment(text)


def _after_call(text: str) -> int:
    if not text.endswith(AFTER_CALL):
        return 0
    return round(float(text.split(maxsplit=1)[0]) * MINUTE_MS)


def _laws(text: str) -> tuple[Law, ...]:
    return tuple(law_named(name) for name in text.split() if name in LAWS)


def _dates(text: str) -> frozenset[int]:
    return frozenset(date.fromisoformat(each).toordinal() - EPOCH_ORDINAL for each in text.split())


def _spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(_ends(text))


def _ends(text: str) -> Iterator[tuple[int, int]]:
    for span in text.split():
        begin, _, end = span.partition("/")
        yield parse_moment(begin), NO_END if end == OPEN else parse_moment(end)
