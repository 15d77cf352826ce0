"""What must never happen, and what must: rules of yours as one line of a test.

Each raises AssertionError if it does not hold, with the first dials that break it: whose they are, when they are
on the number's clock and in UTC, and what the rule says.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from scheduler.engine.timeline import Dial, Timeline
from scheduler.jobs import Outcome, UsageError
from scheduler.policy.calendar import THURSDAY, Calendar, compile_calendar
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.errors import shown
from scheduler.policy.hours import DAYS, WeeklyHours, parse_allowed_time, spelt, weekly_hours
from scheduler.policy.instants import DAY_MS, HOUR_MS, Moment, format_instant, parse_moment
from scheduler.policy.laws import Per
from scheduler.policy.laws.frequency import calendar_period, local_day
from scheduler.policy.readings import Readings
from scheduler.policy.zones import Zone
from scheduler.testing.lawful import breaches

MAX_NAMED = 5
LISTED_ONLY = Readings(unlisted_day="closed")
_SPAN = re.compile(r"([1-9][0-9]{0,3}) (hour|day)s?")
_PERIODS = ("day", "week", "month")

Hours = str | Mapping[str, str | Sequence[Mapping[str, str]]]


def never_dials(timeline: Timeline, *, outside: Hours) -> None:
    """Assert that no dial lies outside some hours, on the clock of its number.

    `outside` is `"10:00-18:00"`, several with commas between, or an allowedTime: weekdays (and `default`) to such a
    text or to windows; a day that it leaves out is closed. As everywhere, 22:00-06:00 ends on the next day. Raises
    AssertionError, or PolicyError for what are no hours. Microseconds a dial.

    >>> from scheduler.testing import Calls
    >>> timeline = Calls()("", ["4930123456"], now="2026-03-02T06:00:00Z")
    >>> never_dials(timeline, outside="07:00-18:00")
    >>> never_dials(timeline, outside={"mon": "08:00-12:00, 13:00-18:00"})
    Traceback (most recent call last):
      ...
    AssertionError: 1 of 1 dial lies outside the hours
      4930123456, job 0, attempt 1: Mon 2026-03-02 07:00:00 Europe/Berlin (2026-03-02 06:00:00Z), where mon allows \
08:00-12:00, 13:00-18:00
    """
    __tracebackhide__ = True
    hours = _hours(outside)
    calendars: dict[Zone, Calendar] = {}

    def broken() -> Iterator[tuple[Dial, str]]:
        first_ms, end_ms = (timeline[0].at, timeline[-1].at + 1) if timeline else (0, 0)
        for dial in timeline:
            zone = dial.job.zone
            if zone not in calendars:
                calendars[zone] = compile_calendar(hours, zone, first_ms, end_ms)
            if not calendars[zone].allows(dial.at):
                weekday = (local_day(zone, dial.at) + THURSDAY) % 7
                windows = ", ".join(map(spelt, hours.windows[weekday])) or "nothing"
                yield dial, f"where {DAYS[weekday]} allows {windows}"

    _refuse(timeline, broken(), "outside the hours", ("lies", "lie"))


def every_number_reached_by(timeline: Timeline, by: Moment) -> None:
    """Assert that every number was answered by a call that was dialled before an instant, a redial's or its own.

    Raises AssertionError with the numbers that were not, and how each ended; PolicyError for what is no instant.
    """
    __tracebackhide__ = True
    _every_number(timeline, by, "answered", lambda dial: dial.outcome is Outcome.ANSWERED)


def every_number_dialled_by(timeline: Timeline, by: Moment) -> None:
    """Assert that every number was dialled before an instant, whatever came of it.

    Raises AssertionError with the numbers that were not, and how each ended; PolicyError for what is no instant.

    >>> from scheduler.testing import Calls
    >>> timeline = Calls()("", ["4930123456"], now="2026-03-02T06:00:00Z")
    >>> every_number_dialled_by(timeline, "2026-03-03")
    """
    __tracebackhide__ = True
    _every_number(timeline, by, "dialled", lambda _: True)


def at_most(timeline: Timeline, n: int, *, per: str, by: Literal["phone", "job"] = "phone") -> None:
    """Assert that a phone, or a number with its redials, is dialled at most `n` times in a period.

    `per` is `"day"`, `"week"` (from Monday on) or `"month"`, that of the number's clock; `"24 hours"`, so many up to
    each dial; or `"7 days"`, its local date and those before it, so many in all. Raises AssertionError, or UsageError
    for what is no period. Microseconds a dial.

    >>> from scheduler.testing import Calls
    >>> timeline = Calls()("policy.maxAttempts = 2", ["4930123456"], now="2026-03-02T06:00:00Z")
    >>> at_most(timeline, 2, per="day")
    >>> at_most(timeline, 1, per="24 hours", by="job")
    Traceback (most recent call last):
      ...
    AssertionError: 1 of 2 dials is more than 1 per 24 hours by job
      4930123456, job 0, attempt 2: Mon 2026-03-02 08:00:30 Europe/Berlin (2026-03-02 07:00:30Z), the 2nd in 24 hours
    """
    __tracebackhide__ = True
    if by not in {"phone", "job"}:
        raise UsageError(f"by is phone or job, not {shown(by)}")
    earlier_ones = _counter(per)
    dialled: dict[str | int, list[int]] = defaultdict(list)

    def broken() -> Iterator[tuple[Dial, str]]:
        for dial in timeline:
            earlier = dialled[dial.job.phone if by == "phone" else dial.job.index]
            count = earlier_ones(dial, earlier) + 1
            earlier.append(dial.at)
            if count > n:
                yield (
                    dial,
                    f"the {_ordinal(count)} in {per}" if per[0].isdigit() else f"the {_ordinal(count)} of its {per}",
                )

    _refuse(timeline, broken(), f"more than {n} per {per} by {by}", ("is", "are"))


def within_law(timeline: Timeline, *names: str) -> None:
    """Assert that every dial keeps to laws, whether or not its campaign has them: hours, caps and cool-downs.

    A number that may lie in several zones keeps to the hours in all of them; one that a law does not bind is free of
    it, and calls from before the run are not known. Raises AssertionError, PolicyError for a law that is not known.
    Tens of microseconds a number.

    >>> from scheduler.testing import Calls
    >>> timeline = Calls()("", ["12125550123"], now="2026-03-02T12:00:00Z")
    >>> within_law(timeline, "us-tcpa")
    Traceback (most recent call last):
      ...
    AssertionError: 1 of 1 dial breaks us-tcpa
      12125550123, job 0, attempt 1: Mon 2026-03-02 07:00:00 America/New_York (2026-03-02 12:00:00Z), where us-tcpa \
allows mon 08:00-21:00 (47 CFR 64.1200(c)(1); 16 CFR 310.4(c))
    """
    __tracebackhide__ = True
    _refuse(timeline, breaches(timeline, names), " and ".join(names), ("breaks", "break"))


# -- how it is told --------------------------------------------------------------------------------------------


def _refuse(timeline: Timeline, broken: Iterable[tuple[Dial, str]], rule: str, verbs: tuple[str, str]) -> None:
    """Raise AssertionError if any dial breaks a rule; a dial counts once, however often it does."""
    __tracebackhide__ = True
    found: list[tuple[Dial, str]] = []
    for dial, why in broken:
        if not found or found[-1][0] is not dial:
            found.append((dial, why))
    if not found:
        return
    clocks = LocalClocks(timeline.until_ms)
    lines = [f"{_dial_words(dial, clocks)}, {why}" for dial, why in found[:MAX_NAMED]]
    head = f"{len(found):,} of {_counted(len(timeline), 'dial')} {verbs[len(found) > 1]} {rule}"
    raise AssertionError(_listed(head, lines, len(found)))


def _listed(head: str, lines: Iterable[str], count: int) -> str:
    more = [f"... and {count - MAX_NAMED:,} more"] if count > MAX_NAMED else []
    return "\n  ".join([head, *lines, *more])


def _dial_words(dial: Dial, clocks: LocalClocks) -> str:
    job = dial.job
    redial = "" if dial.redial_number is None else f", redial {dial.redial_number}"
    return f"{job.phone}, job {job.index}{redial}, attempt {dial.attempt}: {clocks.both(job.zone, dial.at)}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _ordinal(count: int) -> str:
    ending = "th" if count % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


# -- hours -----------------------------------------------------------------------------------------------------


def _hours(given: Hours) -> WeeklyHours:
    """The hours that a person writes. Raises PolicyError."""
    lists: dict[str, Any] = {"default": given} if isinstance(given, str) else dict(given)
    data = {key: _windows(value) if isinstance(value, str) else value for key, value in lists.items()}
    return weekly_hours([parse_allowed_time(data)], None, LISTED_ONLY)


def _windows(text: str) -> list[dict[str, str]]:
    """`10:00-13:00, 14:00-24:00` as windows; what is wrong with them is for their reader to say."""
    windows = []
    for part in text.split(","):
        begin, _, end = (each.strip() for each in part.partition("-"))
        edges = (
            [begin, "12:00", "00:00"]
            if (begin, end) == ("00:00", "24:00")
            else [begin, "00:00" if end == "24:00" else end]
        )
        windows += [{"localTimeFrom": a, "localTimeTo": b} for a, b in pairwise(edges)]
    return windows


# -- periods ---------------------------------------------------------------------------------------------------


def _counter(per: str) -> Callable[[Dial, Sequence[int]], int]:
    """Counts the earlier of some dials, in order, that lie in the period of a dial. Raises UsageError."""
    span = _SPAN.fullmatch(per)
    if span is None and per not in _PERIODS:
        raise UsageError(f'per is day, week, month, or a span such as "24 hours" or "7 days", not {shown(per)}')
    if span is not None and span[2] == "hour":
        length_ms = int(span[1]) * HOUR_MS
        return lambda dial, earlier: len(earlier) - bisect_right(earlier, dial.at - length_ms)
    days = None if span is None else int(span[1])

    def count(dial: Dial, earlier: Sequence[int]) -> int:
        zone = dial.job.zone
        today = local_day(zone, dial.at)
        first, end = (today - days + 1, today + 1) if days is not None else calendar_period(Per(per), today)
        # A local date may be skipped, or come back, but it lies no two days from the same date in UTC.
        since = bisect_left(earlier, (first - 2) * DAY_MS)
        return sum(first <= local_day(zone, each) < end for each in earlier[since:])

    return count


# -- numbers ---------------------------------------------------------------------------------------------------


def _every_number(timeline: Timeline, by: Moment, what: str, counts: Callable[[Dial], bool]) -> None:
    __tracebackhide__ = True
    by_ms = parse_moment(by)
    dials: dict[int, list[Dial]] = defaultdict(list)
    for dial in timeline:
        dials[dial.job.index].append(dial)
    missing = [
        index for index in timeline.places if not any(counts(dial) and dial.at < by_ms for dial in dials.get(index, ()))
    ]
    if not missing:
        return
    clocks = LocalClocks(timeline.until_ms)
    lines = [_number_words(timeline, index, dials.get(index, []), counts, clocks) for index in missing[:MAX_NAMED]]
    head = (
        f"{len(missing):,} of {_counted(len(timeline.places), 'number')} {'was' if len(missing) == 1 else 'were'} "
        f"not {what} by {format_instant(by_ms)}"
    )
    raise AssertionError(_listed(head, lines, len(missing)))


def _number_words(
    timeline: Timeline, index: int, dials: Sequence[Dial], counts: Callable[[Dial], bool], clocks: LocalClocks
) -> str:
    """A number that was not reached: the dial that came too late, or the last that was in vain, and how it ended."""
    place = timeline.places[index][-1]
    job, ending = timeline.jobs[place], timeline.ending(place)
    dial = next(filter(counts, dials), dials[-1] if dials else None)
    last = "not dialled"
    if dial is not None:
        which = "only" if counts(dial) else f"{_counted(len(dials), 'dial')}, the last"
        last = f"{which} {clocks.both(job.zone, dial.at)}, {dial.outcome.value}"
    reason = "" if ending.reason is None else f" ({ending.reason.value})"
    return f"{job.phone}, job {index}: {last}; {ending.state.value}{reason}"
