"""Hours, counts and levels as the problems of a policy against a law say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from scheduler.policy.hours import DAYS, WeeklyHours
from scheduler.policy.instants import DAY_MS, MINUTE_MS, SECOND_MS
from scheduler.policy.laws import Cap, Law, Per
from scheduler.policy.levels import Level

Span = tuple[int, int]  # of a local day, in milliseconds


def week_words(week: Sequence[Sequence[Span]]) -> str:
    """The spans of each weekday, Monday first, equal ones of days that follow each other told once.

    >>> nine_to_five = [(9 * 3_600_000, 17 * 3_600_000)]
    >>> week_words([nine_to_five] * 5 + [[(0, DAY_MS)], []])
    'mon-fri 09:00-17:00, sat all day'
    """
    days: list[str] = []
    place = 0
    for spans, group in groupby(week, key=tuple):
        last = place + len(list(group)) - 1
        if spans:
            days.append(f"{_days(place, last)} {span_words(spans)}")
        place = last + 1
    return ", ".join(days) or "nothing"


def span_words(spans: Iterable[Span]) -> str:
    """Spans of a day: `08:00-09:00 and 21:00-22:00`."""
    return " and ".join("all day" if span == (0, DAY_MS) else "-".join(map(_clock, span)) for span in spans)


def hours_words(hours: WeeklyHours) -> str:
    """Weekly hours that end with their day, as the hours of laws do.

    >>> from scheduler.policy.laws import law_named
    >>> hours_words(law_named("au").hours), hours_words(law_named("us-fl").hours)
    ('mon-fri 09:00-20:00, sat 09:00-17:00', 'every day 08:00-20:00')
    """
    return week_words([[(start * MINUTE_MS, end * MINUTE_MS) for start, end in day] for day in hours.windows])


def period_words(cap: Cap) -> str:
    """The period of a cap: `24 hours`, `7 days`, `a day`."""
    if cap.per is Per.HOURS:
        return f"{cap.length} hours"
    return f"{cap.length} days" if cap.per is Per.DAYS else f"a {cap.per.value}"


def by_words(levels: Iterable[Level]) -> str:
    """Who set something.

    >>> by_words([Level.NUMBER, Level.CAMPAIGN]), by_words([Level.DEFAULT])
    ('set by the number and the campaign', 'by default')
    """
    setters = [f"the {level.value}" for level in dict.fromkeys(levels) if level is not Level.DEFAULT]
    return f"set by {' and '.join(setters)}" if setters else "by default"


def source_words(law: Law) -> str:
    """Where a law stands, without addresses."""
    return "; ".join(source.partition(", http")[0] for source in law.sources)


def _days(first: int, last: int) -> str:
    if first == last:
        return DAYS[first]
    return "every day" if last - first == len(DAYS) - 1 else f"{DAYS[first]}-{DAYS[last]}"


def _clock(of_day_ms: int) -> str:
    minutes, rest_ms = divmod(of_day_ms, MINUTE_MS)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return text + (f":{rest_ms // SECOND_MS:02d}" if rest_ms else "")
