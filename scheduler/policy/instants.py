"""Instants: whole milliseconds since the epoch, UTC (R1.1), and their one spelling in text (R5.1).

A library parser takes far more than the rule does (week dates, bare times, durations), so one
regular expression says what an instant is, and integer arithmetic does the rest.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from scheduler.policy.errors import Flaw, PolicyError, shown

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# A local clock runs at most a day away from UTC, and has to be writable in the years 1 to 9999.
FIRST_INSTANT_MS = (date(1, 1, 2).toordinal() - EPOCH_ORDINAL) * DAY_MS
LAST_INSTANT_MS = (date(9999, 12, 31).toordinal() - EPOCH_ORDINAL) * DAY_MS

_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]+))?)?"
    r"(?:(Z)|([+-])([01][0-9]|2[0-3]):?([0-5][0-9]))?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EXAMPLE = "2026-03-02T09:00:00Z"

Moment = str | int | datetime  # what a person writes for an instant


class Instant(NamedTuple):
    """An instant that was read: milliseconds since the epoch, and whether its text had no offset."""

    ms: int
    naive: bool


def parse_instant(text: object, path: str = "") -> Instant:
    """Read an RFC 3339 instant, cut to milliseconds; without an offset it is UTC (R5.1).

    Raises PolicyError (`invalid.call.dates`) for anything else: bare dates, week dates, `24:00`, `:60`.

    >>> parse_instant("2026-03-02T10:00:00.0019-05:00")
    Instant(ms=1772463600001, naive=False)
    >>> parse_instant("2026-03-02 15:00").naive
    True
    """
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _not_an_instant(text, path)
    year, month, day, hour, minute, second, fraction, zulu, sign, offset_hour, offset_minute = match.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - EPOCH_ORDINAL
    except ValueError:
        raise _not_an_instant(text, path) from None
    ms = days * DAY_MS + int(hour) * HOUR_MS + int(minute) * MINUTE_MS
    if second:
        ms += int(second) * SECOND_MS
    if fraction:
        ms += int(fraction[:3].ljust(3, "0"))
    if sign:
        offset_ms = int(offset_hour) * HOUR_MS + int(offset_minute) * MINUTE_MS
        ms += offset_ms if sign == "-" else -offset_ms
    return Instant(ms, naive=not (zulu or sign))


def parse_moment(value: Moment, path: str = "") -> int:
    """Read what a person writes for an instant: as R5.1, or a bare date, which is its midnight UTC.

    A datetime (pendulum's too) needs a zone. An integer is milliseconds since the epoch already.
    Raises PolicyError, also for an instant whose local time some zone could not write.

    >>> parse_moment("2026-03-02") == parse_moment("2026-03-02T00:00:00Z") == 1772409600000
    True
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = f"a datetime without a zone names no instant: {value.isoformat()}; give it one, such as UTC"
            raise PolicyError(Flaw("invalid.call.dates", path, message))
        ms = instant_of(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        ms = value
    else:
        midnight = isinstance(value, str) and _DATE.fullmatch(value)
        ms = parse_instant(f"{value}T00:00Z" if midnight else value, path).ms
    if not FIRST_INSTANT_MS <= ms <= LAST_INSTANT_MS:
        message = "an instant of a run lies from 0001-01-02 to 9999-12-31, so that every zone can write it"
        raise PolicyError(Flaw("invalid.call.dates", path, message))
    return ms


def lacks_offset(text: str) -> bool:
    """Whether a text is a date and time without an offset, which is read as UTC (R5.1).

    >>> lacks_offset("2026-03-02T09:00"), lacks_offset("2026-03-02"), lacks_offset("2026-03-02T09:00Z")
    (True, False, False)
    """
    return _INSTANT.fullmatch(text) is not None and parse_instant(text).naive


def instant_of(value: datetime) -> int:
    """The milliseconds since the epoch of a datetime that knows its zone, cut."""
    offset = value.utcoffset()
    assert offset is not None
    days = value.toordinal() - EPOCH_ORDINAL
    wall_ms = days * DAY_MS + value.hour * HOUR_MS + value.minute * MINUTE_MS + value.second * SECOND_MS
    # Not `value - epoch`, whose result is pendulum's own where the datetime is.
    return wall_ms + value.microsecond // 1000 - offset // timedelta(milliseconds=1)


def format_instant(ms: int, offset_s: int = 0, *, zulu: bool = True) -> str:
    """ISO 8601 text of an instant on a clock `offset_s` ahead of UTC; whole seconds have no fraction.

    Beyond the years 1 to 9999 of that clock it is the first or the last millisecond of them.

    >>> format_instant(1772463600000), format_instant(1772463600250, -18000, zulu=False)
    ('2026-03-02T15:00:00Z', '2026-03-02T10:00:00.250-05:00')
    """
    seconds, milliseconds = divmod(wall_clock_ms(ms, offset_s), SECOND_MS)
    clock = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - a wall clock: its offset follows
    text = clock.isoformat() + (f".{milliseconds:03d}" if milliseconds else "")
    return text + ("Z" if zulu and not offset_s else format_offset(offset_s))


def wall_clock_ms(ms: int, offset_s: int) -> int:
    """What a clock `offset_s` ahead of UTC shows, as milliseconds since its own 1970, kept to the years 1 to 9999.

    A finish may be as late as 9999-12-31T23:59:59Z, which a clock ahead of UTC shows in the year 10000.
    """
    return min(max(ms + offset_s * SECOND_MS, FIRST_INSTANT_MS - DAY_MS), LAST_INSTANT_MS + DAY_MS - 1)


def format_offset(offset_s: int) -> str:
    """`±hh:mm`, with `:ss` behind it where there are seconds.

    >>> format_offset(-18000), format_offset(1815)
    ('-05:00', '+00:30:15')
    """
    minutes, seconds = divmod(abs(offset_s), 60)
    text = f"{'-' if offset_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _not_an_instant(value: object, path: str) -> PolicyError:
    message = f"not a date and time: {shown(value)}; write it like {EXAMPLE}"
    return PolicyError(Flaw("invalid.call.dates", path, message))
