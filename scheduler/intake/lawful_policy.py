"""Whether policies keep laws by themselves: the hours that they allow too much, and the attempts.

What a policy allows is what the campaign's calendars allow, with its closed dates and its own laws. What a law
forbids of that is looked for instant by instant, over the campaign's dates where it has both, a year from the one
that it has, or else the year of the time zone database; a number's own dates do not count. It is told by weekday, on
the clock by which the law goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.forms import problem_of
from scheduler.intake.lawful_words import (
    Span,
    by_words,
    hours_words,
    period_words,
    source_words,
    span_words,
    week_words,
)
from scheduler.intake.laws import LawFinder, law_holidays
from scheduler.intake.phones import ZoneFinder
from scheduler.jobs import Campaign, Job, Problem
from scheduler.policy.calendar import THURSDAY, Calendar, difference, first_instant_of, intersection, united
from scheduler.policy.errors import Flaw
from scheduler.policy.hours import BAD_DAYS, BAD_TIME, DAY_MIN, DAYS
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, HOUR_MS, MINUTE_MS
from scheduler.policy.laws import Cap, Law, Legal, LegalPart, Per
from scheduler.policy.levels import BAD_ATTEMPTS, MAX_RETRY_MIN, Level, ResolvedPolicy
from scheduler.policy.zones import Zone, tzdata_version

YEAR_MS = 366 * DAY_MS
SHOWN_CLOCKS = 2
Days = tuple[tuple[Span, ...], ...]  # of each weekday, Monday first


class Judged(NamedTuple):
    """What is wrong with the policies of a request by some laws, and which numbers none of them binds."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


class Fault(NamedTuple):
    """What is wrong with a policy by one law, and what to write instead: a field of the number, or a key (`$.`)."""

    field: str
    type: str
    message: str


@dataclass(slots=True)
class _Group:
    """Numbers of which the laws say the same: the first of them, and how many they are."""

    job: Job
    legal: Legal
    count: int = 1


def judge(campaign: Campaign, jobs: Iterable[Job], laws: Sequence[Law]) -> Judged:
    """Judge the policies of jobs by laws, those aside that the campaign keeps by itself.

    A problem stands for all numbers with the same policy, law and field, at the first of them. A microsecond a
    number, and some milliseconds for each distinct policy in each zone.

    >>> from scheduler.intake.request import read_request
    >>> from scheduler.policy.laws import law_named
    >>> body = '[{"phone": "12125550123", "localTimeFrom": "20:00", "localTimeTo": "22:00"}]'
    >>> batch = read_request(body, Campaign())
    >>> judge(Campaign(), batch.jobs, [law_named("us-tcpa")]).problems[0].message.partition(";")[0]
    'us-tcpa forbids every day 21:00-22:00, which the policy allows, set by the number'
    """
    if not laws:
        return Judged((), ())
    finder = LawFinder(tuple(law for law in laws if law not in campaign.laws), ZoneFinder())
    groups: dict[tuple[object, ...], _Group] = {}
    first: dict[Flaw, Job] = {}
    counts: Counter[Flaw] = Counter()
    unbound = f"no law binds the number, of {', '.join(dict.fromkeys(law.name for law in (*campaign.laws, *laws)))}"
    for job in jobs:
        legal, remarks = finder.bound(job.phone, job.zone, job.zone_source)
        if job.legal is None:  # otherwise what is suspicious about it has been said
            flaws = remarks if legal is not None else (Flaw(INVALID_FIELD, ".phone", unbound),)
            for flaw in flaws:
                first.setdefault(flaw, job)
                counts[flaw] += 1
        if legal is None:
            continue
        key = id(job.policy), job.zone.rules, id(legal), None if job.legal is None else job.legal.key
        group = groups.get(key)
        if group is None:
            groups[key] = _Group(job, legal)
        else:
            group.count += 1
    warnings = (
        replace(problem_of(flaw._replace(path=f"$[{job.index}]{flaw.path}"), job.index), count=counts[flaw])
        for flaw, job in first.items()
    )
    return Judged(tuple(_problems(campaign, groups.values())), tuple(warnings))


def _problems(campaign: Campaign, groups: Iterable[_Group]) -> Iterator[Problem]:
    found: dict[Fault, _Group] = {}
    span = _span(campaign)
    for group in groups:
        for fault in _faults(campaign, group.job, group.legal, span):
            if fault in found:
                found[fault].count += group.count
            else:
                found[fault] = _Group(group.job, group.legal, group.count)
    for fault, group in found.items():
        numbers = f"; {group.count:,} numbers" if group.count > 1 else ""
        of_campaign = fault.field.startswith("$")
        yield Problem(
            job=None if of_campaign else group.job.index,
            path=fault.field if of_campaign else f"$[{group.job.index}]{fault.field}",
            type=fault.type,
            message=fault.message + numbers,
        )


def _faults(campaign: Campaign, job: Job, legal: Legal, span: tuple[int, int]) -> Iterator[Fault]:
    own = job.allowed(campaign.closed_dates).calendar(*span)
    for law in dict.fromkeys(part.law for part in legal.parts):
        parts = [part for part in legal.parts if part.law is law]
        weeks = [(part, too_much(part, own, span)) for part in parts]
        yield from _hours_faults(job, law, [(part, week) for part, week in weeks if any(week.days)])
        yield from _holiday_faults(campaign, job, law, weeks, span)
        if _in_force(law, span):
            yield from _attempts_faults(campaign, job, law, [part.zone for part in parts])


# -- hours -----------------------------------------------------------------------------------------------


class Week(NamedTuple):
    """Spans of the local day by weekday, and those of public holidays, joined over all weeks of a span of time."""

    days: Days
    holidays: tuple[Span, ...]


def too_much(part: LegalPart, own: Calendar, span: tuple[int, int]) -> Week:
    """What a calendar allows and a law forbids, on the clock of its zone."""
    days: list[set[Span]] = [set() for _ in DAYS]
    holidays: set[Span] = set()
    forbidden = difference(own, part.allowed(*span))
    for begin_ms, end_ms, offset_ms in part.zone.runs(*span):
        for open_ms, close_ms in forbidden.clipped(begin_ms, end_ms):
            local_ms, local_end_ms = open_ms + offset_ms, close_ms + offset_ms
            for day in range(local_ms // DAY_MS, (local_end_ms - 1) // DAY_MS + 1):
                midnight_ms = day * DAY_MS
                spans = holidays if day + EPOCH_ORDINAL in part.holidays else days[(day + THURSDAY) % 7]
                spans.add((max(local_ms - midnight_ms, 0), min(local_end_ms - midnight_ms, DAY_MS)))
    return Week(tuple(map(_joined, days)), _joined(holidays))


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(united(sorted(spans)))


def _hours_faults(job: Job, law: Law, weeks: Sequence[tuple[LegalPart, Week]]) -> Iterator[Fault]:
    """A fault for the days on which a law allows nothing, and one for the hours of the others."""
    for field, whole_days in ((".allowedDays", True), (".allowedTime", False)):
        told: dict[Days, list[Zone]] = {}
        for part, week in weeks:
            days = tuple(
                of_day if whole_days else of_time
                for of_day, of_time in (_parted(job.policy, law, day, spans) for day, spans in enumerate(week.days))
            )
            if any(days):
                told.setdefault(days, []).append(part.zone)
        if not told:
            continue
        by = by_words([job.policy.levels["allowedDays"]] if whole_days else _time_levels(job.policy, told))
        advice = f"write no more than {hours_words(law.hours)}"
        if any(zone.rules != job.zone.rules for zones in told.values() for zone in zones):
            advice += f" on {'each of these clocks' if len(weeks) > 1 else 'that clock'}, or give gmtZone"
        texts = ((week_words(days), sum(map(_length_ms, days)), zones) for days, zones in told.items())
        message = f"{law.name} forbids {_on_clocks(job, texts)}, which the policy allows, {by}; {advice}"
        yield Fault(field, BAD_DAYS if whole_days else BAD_TIME, f"{message} ({source_words(law)})")


def _parted(
    policy: ResolvedPolicy, law: Law, day: int, spans: tuple[Span, ...]
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What is too much as a day itself is allowed, and what by windows: all of it, or the tail of the night before."""
    if law.hours.windows[day] or not policy.hours.windows[day]:
        return (), spans
    before = policy.hours.windows[day - 1]
    tail_ms = max(0, before[-1][1] - DAY_MIN) * MINUTE_MS if before else 0
    return (
        tuple((max(begin_ms, tail_ms), end_ms) for begin_ms, end_ms in spans if end_ms > tail_ms),
        tuple((begin_ms, min(end_ms, tail_ms)) for begin_ms, end_ms in spans if begin_ms < tail_ms),
    )


def _time_levels(policy: ResolvedPolicy, told: Iterable[Days]) -> list[Level]:
    """The levels that set the windows which reach into days; those of all windows, where clocks differ too much."""
    days = {day for week in told for day, spans in enumerate(week) if spans}
    windows = list(enumerate(policy.hours.windows))
    reaching = [
        day for day, each in windows if each and (day in days or (each[-1][1] > DAY_MIN and (day + 1) % 7 in days))
    ]
    return [policy.levels[f"allowedTime.{DAYS[day]}"] for day in reaching or [day for day, each in windows if each]]


def _on_clocks(job: Job, told: Iterable[tuple[str, int, Sequence[Zone]]]) -> str:
    """What is forbidden, each text with its length, on which clocks; on the number's own nothing is said of it."""
    words = []
    first = sorted(told, key=itemgetter(1), reverse=True)
    for text, _, zones in first[:SHOWN_CLOCKS]:
        others = f" and {len(zones) - 1} more" if len(zones) > 1 else ""
        at_home = all(zone.rules == job.zone.rules for zone in zones)
        words.append(text + ("" if at_home else f" on the clock of {zones[0].name}{others}"))
    more = sum(len(zones) for _, _, zones in first[SHOWN_CLOCKS:])
    return ", ".join(words) + (f", and other hours on {more} more" if more else "")


def _length_ms(spans: Iterable[Span]) -> int:
    return sum(end_ms - begin_ms for begin_ms, end_ms in spans)


def _holiday_faults(
    campaign: Campaign, job: Job, law: Law, weeks: Iterable[tuple[LegalPart, Week]], span: tuple[int, int]
) -> Iterator[Fault]:
    """A fault for what is too much on public holidays, if that is more than what is so on each other day."""
    open_on = [day for day, windows in enumerate(job.policy.hours.windows) if windows]
    told: dict[tuple[Span, ...], list[Zone]] = {}
    for part, week in weeks:
        always = intersection([Calendar((0,), (DAY_MS,)), *(united(week.days[day]) for day in open_on)])
        if len(difference(united(week.holidays), always)):
            told.setdefault(week.holidays, []).append(part.zone)
    if not told:
        return
    first, last = (at_ms // DAY_MS + EPOCH_ORDINAL for at_ms in span)
    advice = f'write holidays = "{law.holidays}" in the campaign file, or their dates as blackoutDates'
    if all(day in campaign.closed_dates for day in law_holidays(law)[0] if first < day < last):
        advice = "they are closed, but windows run into them: end these at midnight, or give gmtZone"
    levels = (job.policy.levels[f"allowedTime.{DAYS[day]}"] for day in open_on)
    texts = ((f"{span_words(spans)} on public holidays", _length_ms(spans), zones) for spans, zones in told.items())
    what = f"{law.name} forbids {_on_clocks(job, texts)}, which the policy allows"
    yield Fault("$.holidays", INVALID_FIELD, f"{what}, {by_words(levels)}; {advice} ({source_words(law)})")


# -- attempts --------------------------------------------------------------------------------------------


def _attempts_faults(campaign: Campaign, job: Job, law: Law, zones: Sequence[Zone]) -> Iterator[Fault]:
    """A fault if more attempts of a number than a law allows can fall into one period."""
    policy = job.policy
    attempts = min(policy.max_attempts, campaign.max_attempts_per_phone or policy.max_attempts)
    # From the end of a call, which takes a millisecond at least, or from its start (R9.2).
    call_ms = 0 if campaign.readings.retry_from == "start" else 1
    lengths = [(cap, max(longest_ms(cap, zone) for zone in zones)) for cap in law.caps]
    broken = [
        (cap, fitting)
        for cap, length_ms in lengths
        if (fitting := min(attempts, (length_ms - 1) // (policy.retry_ms + call_ms) + 1)) > cap.most
    ]
    if not broken:
        return
    told = ", ".join(
        f"{fitting} calls can fall into {period_words(cap)}, where {law.name} allows {cap.most}"
        for cap, fitting in broken
    )
    fewest = min(cap.most for cap, _ in broken)
    # So far apart that of more than `most` attempts the first and the last do not fall into one period.
    apart_ms = max(-(-length_ms // cap.most) for cap, length_ms in lengths if attempts > cap.most) - call_ms
    apart = -(-apart_ms // MINUTE_MS)
    advice = f"write maxAttempts {fewest}" + (f", or an interval of at least {apart}" if apart <= MAX_RETRY_MIN else "")
    message = f"{_attempts_words(policy)}: windows aside, {told}; {advice} ({source_words(law)})"
    yield Fault(".maxAttempts", BAD_ATTEMPTS, message)


def _attempts_words(policy: ResolvedPolicy) -> str:
    levels = policy.levels
    return (
        f"maxAttempts {policy.max_attempts}, {by_words([levels['maxAttempts']])}, and retryIntervalInMinutes "
        f"{policy.retry_ms // MINUTE_MS}, {by_words([levels['retryIntervalInMinutes']])}"
    )


def longest_ms(cap: Cap, zone: Zone) -> int:
    """The longest that a period of a cap lasts on a zone's clock: an hour more where that is set back.

    >>> from scheduler.policy.zones import parse_zone
    >>> day = Cap(most=1, per=Per.DAY)
    >>> [longest_ms(day, parse_zone(name)) // HOUR_MS for name in ("Europe/Moscow", "Europe/Paris")]
    [24, 25]
    """
    if cap.per is Per.HOURS:
        return cap.length * HOUR_MS
    return _longest_ms(cap.per, cap.length, zone)


@cache
def _longest_ms(per: Per, length: int, zone: Zone) -> int:
    year = _year()
    days = range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    if per is Per.MONTH:
        firsts = [date(year + month // 12, month % 12 + 1, 1).toordinal() for month in range(13)]
        bounds = list(pairwise(firsts))
    elif per is Per.WEEK:
        bounds = [(day, day + 7) for day in days if date.fromordinal(day).weekday() == 0]
    else:
        bounds = [(day, day + (length if per is Per.DAYS else 1)) for day in days]
    begins: Callable[[int], int] = cache(lambda day: first_instant_of(day - EPOCH_ORDINAL, zone))
    return max(begins(end) - begins(begin) for begin, end in bounds)


# -- when ------------------------------------------------------------------------------------------------


def _span(campaign: Campaign) -> tuple[int, int]:
    """The span over which policies are judged, in milliseconds."""
    start_ms, finish_ms = campaign.dates
    if start_ms is None and finish_ms is None:
        start_ms = (date(_year(), 1, 1).toordinal() - EPOCH_ORDINAL) * DAY_MS
    if start_ms is None:
        assert finish_ms is not None
        return finish_ms - YEAR_MS, finish_ms
    return start_ms, start_ms + YEAR_MS if finish_ms is None else min(finish_ms, start_ms + YEAR_MS)


def _in_force(law: Law, span: tuple[int, int]) -> bool:
    """Whether a law is in force on some day of a span."""
    first, last = (at_ms // DAY_MS + EPOCH_ORDINAL for at_ms in span)
    return (law.first_date is None or law.first_date <= last) and (law.last_date is None or law.last_date >= first)


def _year() -> int:
    return int(tzdata_version()[:4])
