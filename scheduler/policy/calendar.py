"""Weekly hours in a zone, compiled to the intervals of UTC in which a number may be dialled.

What it means
    An instant is allowed if and only if the wall clock that the zone shows at that instant lies in an
    allowed window (R4.1). A window that runs past midnight counts, on the next date, for the part that
    it reaches. A window whose date is closed (a blackout date, a holiday) does not count at all, and
    a window of the date before still does (R3.10).

How it works
    Between two changes of its offset, a zone's clock is UTC plus a constant. So the span is split into
    runs of constant offset; on each run the weekly windows are laid out date by date on the local clock,
    beginning with the date before the run (whose windows may reach into it); each window is shifted by
    the constant, cut to the run, and joined to the interval before if it touches it.

Why it is right
    Inside a run, shifting by the constant is exact in both directions, so an instant of the run lies in
    a shifted window if and only if its wall clock lies in the window: the definition, word for word. Runs
    cover the span without a gap, and cutting keeps each from speaking about another's instants.
    Nothing is ever converted from local time by a rule for missing or repeated hours. A skipped hour lies
    in no run and gives nothing; a repeated one lies in two and counts twice; a window across a change may
    give two intervals (R4.2); a skipped date has no run, but the date after it still finds
    its tail, because dates are counted, not visited (R4.3).

    Windows of a run come in order of their start, so one comparison with the last interval suffices to
    join, and the result is canonical: sorted, disjoint, not touching (R4.4).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.policy.hours import WeeklyHours, Windows
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, MINUTE_MS
from scheduler.policy.zones import Zone

Interval = tuple[int, int]
THURSDAY = 3  # the weekday of the epoch


@dataclass(frozen=True, slots=True)
class Calendar:
    """Sorted, disjoint, non-touching half-open intervals of UTC milliseconds; equal calendars compare equal.

    `opens[i]` and `closes[i]` bound interval i.
    """

    opens: tuple[int, ...]
    closes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.opens)

    def __iter__(self) -> Iterator[Interval]:
        return zip(self.opens, self.closes, strict=True)

    def allows(self, instant_ms: int) -> bool:
        """Whether the instant lies in an interval. O(log n)."""
        place = bisect_right(self.opens, instant_ms) - 1
        return place >= 0 and instant_ms < self.closes[place]

    def interval_at_or_after(self, instant_ms: int) -> Interval | None:
        """The interval that holds the instant, or else the next one; None if there is none. O(log n)."""
        place = bisect_right(self.closes, instant_ms)
        return (self.opens[place], self.closes[place]) if place < len(self.opens) else None

    def clipped(self, start_ms: int, end_ms: int) -> Iterator[Interval]:
        """The parts of the intervals inside [start_ms, end_ms), in order (R5.2)."""
        for place in range(bisect_right(self.closes, start_ms), len(self.opens)):
            if max(self.opens[place], start_ms) >= end_ms:
                return
            yield max(self.opens[place], start_ms), min(self.closes[place], end_ms)


def compile_calendar(
    hours: WeeklyHours,
    zone: Zone,
    start_ms: int,
    end_ms: int,
    closed_dates: Collection[int] = frozenset(),
    closed_windows: Windows = (),
) -> Calendar:
    """The calendar of weekly hours in a zone over [start_ms, end_ms) (R4).

    `closed_dates` holds the local dates whose windows do not open, as proleptic ordinals
    (`date.toordinal()`); `closed_windows` open on them instead. The result says nothing of instants outside the span.
    Cost: linear in the days of the span; a year takes a fraction of a millisecond.

    >>> from scheduler.policy.hours import parse_local_times, weekly_hours
    >>> from scheduler.policy.instants import format_instant, parse_moment
    >>> from scheduler.policy.readings import Readings
    >>> from scheduler.policy.zones import parse_zone
    >>> night = weekly_hours([parse_local_times("01:30", "02:45")], None, Readings())
    >>> span = parse_moment("2026-10-24T12:00Z"), parse_moment("2026-10-25T12:00Z")
    >>> for opens, closes in compile_calendar(night, parse_zone("Europe/Berlin"), *span):
    ...     print(format_instant(opens), format_instant(closes))
    2026-10-24T23:30:00Z 2026-10-25T00:45:00Z
    2026-10-25T01:00:00Z 2026-10-25T01:45:00Z
    """
    week = [[(start * MINUTE_MS, end * MINUTE_MS) for start, end in windows] for windows in hours.windows]
    instead = [(start * MINUTE_MS, end * MINUTE_MS) for start, end in closed_windows]
    opens: list[int] = []
    closes: list[int] = []
    last_close = None
    for begin, end, offset in zone.runs(start_ms, end_ms):
        first_day = (begin + offset) // DAY_MS - 1
        last_day = (end - 1 + offset) // DAY_MS
        for day in range(first_day, last_day + 1):
            windows = week[(day + THURSDAY) % 7]
            if closed_dates and day + EPOCH_ORDINAL in closed_dates:
                windows = instead
            if not windows:
                continue
            midnight = day * DAY_MS - offset
            for window_from, window_to in windows:
                open_ms = midnight + window_from
                close_ms = midnight + window_to
                # Comparisons, where max() and min() would take a third of the time of the whole.
                if open_ms < begin:  # noqa: PLR1730
                    open_ms = begin
                if close_ms > end:  # noqa: PLR1730
                    close_ms = end
                if open_ms >= close_ms:
                    continue
                if last_close is not None and open_ms <= last_close:
                    if close_ms > last_close:
                        closes[-1] = last_close = close_ms
                else:
                    opens.append(open_ms)
                    closes.append(close_ms)
                    last_close = close_ms
    return Calendar(tuple(opens), tuple(closes))


def united(intervals: Iterable[Interval]) -> Calendar:
    """The calendar of intervals that come in order of their opening; those that touch or overlap are joined.

    >>> united([(0, 5), (5, 7), (9, 10)])
    Calendar(opens=(0, 9), closes=(7, 10))
    """
    opens: list[int] = []
    closes: list[int] = []
    for open_ms, close_ms in intervals:
        if closes and open_ms <= closes[-1]:
            closes[-1] = max(closes[-1], close_ms)
        else:
            opens.append(open_ms)
            closes.append(close_ms)
    return Calendar(tuple(opens), tuple(closes))


def intersection(calendars: Sequence[Calendar]) -> Calendar:
    """The instants that all of some calendars allow, at least one of them. O(intervals).

    >>> intersection([Calendar((0, 20), (10, 30)), Calendar((5,), (25,))])
    Calendar(opens=(5, 20), closes=(10, 25))
    """
    first, *others = calendars
    for other in others:
        first = _both(first, other)
    return first


def _both(first: Calendar, second: Calendar) -> Calendar:
    # What touches in the result would touch in one of the two: of canonical calendars it is canonical.
    opens: list[int] = []
    closes: list[int] = []
    a = b = 0
    while a < len(first) and b < len(second):
        open_ms, close_ms = max(first.opens[a], second.opens[b]), min(first.closes[a], second.closes[b])
        if open_ms < close_ms:
            opens.append(open_ms)
            closes.append(close_ms)
        if first.closes[a] <= second.closes[b]:
            a += 1
        else:
            b += 1
    return Calendar(tuple(opens), tuple(closes))


def difference(calendar: Calendar, other: Calendar) -> Calendar:
    """The instants that a calendar allows and another does not. O(intervals).

    >>> difference(Calendar((0, 20), (10, 30)), Calendar((5, 20), (8, 40)))
    Calendar(opens=(0, 8), closes=(5, 10))
    """
    if not len(calendar):
        return calendar
    start_ms, end_ms = calendar.opens[0], calendar.closes[-1]
    others = list(other.clipped(start_ms, end_ms))
    opens = [start_ms, *(close_ms for _, close_ms in others)]
    closes = [*(open_ms for open_ms, _ in others), end_ms]
    gaps = [gap for gap in zip(opens, closes, strict=True) if gap[0] < gap[1]]
    return _both(calendar, united(gaps))


def first_instant_of(day: int, zone: Zone, from_ms: int | None = None) -> int:
    """The first instant, from one on, at which a zone's clock shows a local date or a later one; dates count from 1970.

    A date that the clock skips begins where the next one does; one that it comes back to has begun before.

    >>> from scheduler.policy.instants import format_instant
    >>> from scheduler.policy.zones import parse_zone
    >>> format_instant(first_instant_of(20_514, parse_zone("Europe/Moscow")))  # 2026-03-02
    '2026-03-01T21:00:00Z'
    """
    midnight = day * DAY_MS
    start_ms = midnight - 2 * DAY_MS if from_ms is None else from_ms
    for begin, end, offset in zone.runs(start_ms, max(midnight, start_ms) + 3 * DAY_MS):
        first = max(begin, midnight - offset)
        if first < end:
            return first
    raise AssertionError("clocks run at most a day away from UTC")
