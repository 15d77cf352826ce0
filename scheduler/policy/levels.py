"""The policy of one level, and what the levels together decide (R6).

Campaign, number and redial each may set any field. The strongest level that sets a field decides it;
allowedTime is asked weekday by weekday (R3.6). What is decided remembers which level did (R6.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from scheduler.policy.errors import Flaw, PolicyError, shown
from scheduler.policy.hours import (
    ALWAYS,
    DAYS,
    AllowedTime,
    WeeklyHours,
    parse_allowed_days,
    parse_allowed_time,
    parse_local_times,
    ruling_level,
    weekly_hours,
)
from scheduler.policy.instants import MINUTE_MS, format_instant, parse_instant
from scheduler.policy.readings import Readings

T = TypeVar("T")

DEFAULT_ATTEMPTS = 1
DEFAULT_RETRY_MIN = 60
LOWEST_PRIORITY = 5
MAX_ATTEMPTS = 50
MAX_RETRY_MIN = 2880

BAD_ATTEMPTS = "invalid.max.attempts"
BAD_RETRY = "invalid.retry.interval"
BAD_PRIORITY = "invalid.dialer_priority"
BAD_DATES = "invalid.call.dates"

POLICY_FIELDS = (
    "allowedDays",
    "allowedTime",
    "localTimeFrom",
    "localTimeTo",
    "retryIntervalInMinutes",
    "maxAttempts",
    "dialerPriority",
)


class Level(StrEnum):
    """Who set a field: nobody (the default of the rules), or one of three levels, weak to strong (R6.1)."""

    DEFAULT = "default"
    CAMPAIGN = "campaign"
    NUMBER = "number"
    REDIAL = "redial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one level sets, dates aside; None is "not set". `retry_min` is in minutes."""

    allowed_days: frozenset[int] | None = None
    allowed_time: AllowedTime | None = None
    retry_min: int | None = None
    max_attempts: int | None = None
    priority: int | None = None

    @property
    def sets_hours(self) -> bool:
        """Whether the level has days or windows of its own: half of what makes a number custom (R8.3)."""
        return self.allowed_days is not None or self.allowed_time is not None


NO_POLICY = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPolicy:
    """What the levels decide for a job, dates aside; `levels` says which level decided each field (R6.3).

    Its keys are allowedDays, retryIntervalInMinutes, maxAttempts, dialerPriority, and allowedTime.mon
    to allowedTime.sun. `allowed_days` are the ruling ones (None: all), which `hours` keeps to already, and
    `any_day` are the hours without them; `own` is the number's level, from which redials inherit (R6.2).
    """

    hours: WeeklyHours
    retry_ms: int
    max_attempts: int
    priority: int
    custom_hours: bool
    levels: Mapping[str, Level] = field(hash=False)
    allowed_days: frozenset[int] | None = None
    any_day: WeeklyHours = ALWAYS
    own: Policy = NO_POLICY


class Dates(NamedTuple):
    """The start and finish that one level sets, in milliseconds since the epoch; None is "not set"."""

    start_ms: int | None
    finish_ms: int | None


NO_DATES = Dates(None, None)


class ResolvedDates(NamedTuple):
    """The start and finish that hold for a job, each with the level that binds; None: no bound (R5.2, R5.3)."""

    start_ms: int | None
    start_level: Level
    finish_ms: int | None
    finish_level: Level


def parse_policy(fields: Mapping[str, object], readings: Readings, path: str = "") -> tuple[Policy, list[Flaw]]:
    """Read one level's policy fields in the wire form, dates aside: the policy, and warnings.

    A field that is absent or None is not set. Raises PolicyError with every flaw of every field.

    >>> policy, warnings = parse_policy({"maxAttempts": 0, "dialerPriority": 7}, Readings())
    >>> policy.max_attempts, policy.priority, [warning.type for warning in warnings]
    (None, 5, ['invalid.max.attempts', 'invalid.dialer_priority'])
    """
    flaws: list[Flaw] = []
    warnings: list[Flaw] = []
    days = time = None
    if fields.get("allowedDays") is not None:
        days = _gather(flaws, parse_allowed_days, fields["allowedDays"], f"{path}.allowedDays")
    if fields.get("allowedTime") is not None:
        time = _gather(flaws, parse_allowed_time, fields["allowedTime"], f"{path}.allowedTime")
    local_from, local_to = fields.get("localTimeFrom"), fields.get("localTimeTo")
    if local_from is not None or local_to is not None:
        local = _gather(flaws, parse_local_times, local_from, local_to, path)
        if fields.get("allowedTime") is None:
            time = local
        else:
            message = "localTimeFrom and localTimeTo are ignored beside allowedTime; leave them out"
            name = "localTimeTo" if local_from is None else "localTimeFrom"
            warnings.append(Flaw("invalid.call.allowed.time", f"{path}.{name}", message))
    policy = Policy(
        allowed_days=days,
        allowed_time=time,
        retry_min=_parse_retry(fields.get("retryIntervalInMinutes"), path, flaws),
        max_attempts=_parse_attempts(fields.get("maxAttempts"), readings, path, flaws, warnings),
        priority=_parse_priority(fields.get("dialerPriority"), readings, path, flaws, warnings),
    )
    if flaws:
        raise PolicyError(*flaws)
    return policy, warnings


def parse_dates(
    start: object,
    finish: object,
    readings: Readings,
    path: str = "",
    names: tuple[str, str] = ("startDateTime", "finishDateTime"),
) -> tuple[Dates, list[Flaw]]:
    """Read one level's start and finish, and warnings (R5.1).

    Raises PolicyError for what is no instant, for `start >= finish`, and under strict for one without offset.

    >>> parse_dates("2026-03-02T09:00:00Z", None, Readings())
    (Dates(start_ms=1772442000000, finish_ms=None), [])
    """
    flaws: list[Flaw] = []
    warnings: list[Flaw] = []
    bounds: list[int | None] = []
    for value, name in zip((start, finish), names, strict=True):
        instant = None if value is None else _gather(flaws, parse_instant, value, f"{path}.{name}")
        if instant is not None and instant.naive:
            message = f"{name} {shown(value)} has no offset and is read as UTC; write {format_instant(instant.ms)}"
            (flaws if readings.strict else warnings).append(Flaw(BAD_DATES, f"{path}.{name}", message))
        bounds.append(None if instant is None else instant.ms)
    start_ms, finish_ms = bounds
    if start_ms is not None and finish_ms is not None and start_ms >= finish_ms:
        message = f"{names[0]} {shown(start)} is not before {names[1]} {shown(finish)}; a call needs time between them"
        flaws.append(Flaw(BAD_DATES, f"{path}.{names[1]}", message))
    if flaws:
        raise PolicyError(*flaws)
    return Dates(start_ms, finish_ms), warnings


def resolve(campaign: Policy, number: Policy, redial: Policy | None = None, *, readings: Readings) -> ResolvedPolicy:
    """What the levels decide, dates aside (R3.6, R3.7, R6.1, R6.2).

    `number` is the first job's own policy, also for a redial of a redial.

    >>> resolved = resolve(Policy(max_attempts=3), Policy(priority=2), readings=Readings())
    >>> resolved.max_attempts, resolved.levels["maxAttempts"].value, resolved.priority, resolved.retry_ms
    (3, 'campaign', 2, 3600000)
    """
    inherited = [(Level.NUMBER, number), (Level.CAMPAIGN, campaign)]
    everything = inherited if redial is None else [(Level.REDIAL, redial), *inherited]
    # A redial that inherits from the campaign skips the number, save for its priority.
    schedule = (
        [level for level in everything if level[0] is not Level.NUMBER]
        if redial is not None and readings.redial_inherits == "campaign"
        else everything
    )
    days, days_level = _strongest(schedule, "allowed_days")
    retry_min, retry_level = _strongest(schedule, "retry_min")
    attempts, attempts_level = _strongest(schedule, "max_attempts")
    priority, priority_level = _strongest(everything, "priority")
    times = [policy.allowed_time for _, policy in schedule]
    levels = {
        "allowedDays": days_level,
        "retryIntervalInMinutes": retry_level,
        "maxAttempts": attempts_level,
        "dialerPriority": priority_level,
    }
    for weekday, day in enumerate(DAYS):
        place = ruling_level(weekday, times, readings)
        silent = next((level for level, policy in schedule if policy.allowed_time is not None), Level.DEFAULT)
        levels[f"allowedTime.{day}"] = silent if place is None else schedule[place][0]
    said = [time for time in times if time is not None]
    return ResolvedPolicy(
        hours=weekly_hours(said, days, readings),
        retry_ms=(DEFAULT_RETRY_MIN if retry_min is None else retry_min) * MINUTE_MS,
        max_attempts=DEFAULT_ATTEMPTS if attempts is None else attempts,
        priority=LOWEST_PRIORITY if priority is None else priority,
        custom_hours=number.sets_hours or redial is not None,
        levels=levels,
        allowed_days=days,
        any_day=weekly_hours(said, None, readings),
        own=number,
    )


def resolve_dates(campaign: Dates, number: Dates, redial: Dates | None = None) -> ResolvedDates:
    """The bounds that hold for a job: its own, which the campaign's narrow and never widen (R5.3, R6.2).

    A redial that sets no finish keeps the number's; the number's start is not its own.

    >>> dates = resolve_dates(Dates(None, 500), Dates(100, 900))
    >>> dates.start_ms, dates.finish_ms, dates.finish_level.value
    (100, 500, 'campaign')
    """
    start_ms, start_level = number.start_ms, Level.NUMBER
    finish_ms, finish_level = number.finish_ms, Level.NUMBER
    if redial is not None:
        start_ms, start_level = redial.start_ms, Level.REDIAL
        if redial.finish_ms is not None:
            finish_ms, finish_level = redial.finish_ms, Level.REDIAL
    if start_ms is None or (campaign.start_ms is not None and campaign.start_ms > start_ms):
        start_ms, start_level = campaign.start_ms, Level.CAMPAIGN
    if finish_ms is None or (campaign.finish_ms is not None and campaign.finish_ms < finish_ms):
        finish_ms, finish_level = campaign.finish_ms, Level.CAMPAIGN
    return ResolvedDates(
        start_ms,
        Level.DEFAULT if start_ms is None else start_level,
        finish_ms,
        Level.DEFAULT if finish_ms is None else finish_level,
    )


def whole(value: object) -> int | None:
    """The integer that a JSON number is (2 and 2.0 alike), or None (R15.6).

    >>> whole(2), whole(2.0), whole(2.5), whole(True), whole("2")
    (2, 2, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


def _gather(flaws: list[Flaw], parse: Callable[..., T], *arguments: object) -> T | None:
    """What `parse` returns, or None with its flaws added to those of the other fields."""
    try:
        return parse(*arguments)
    except PolicyError as error:
        flaws.extend(error.flaws)
        return None


def _strongest(levels: Sequence[tuple[Level, Policy]], field: str) -> tuple[Any, Level]:
    for level, policy in levels:
        value = getattr(policy, field)
        if value is not None:
            return value, level
    return None, Level.DEFAULT


def _parse_retry(value: object, path: str, flaws: list[Flaw]) -> int | None:
    if value is None:
        return None
    minutes = whole(value)
    if minutes is None or not 1 <= minutes <= MAX_RETRY_MIN:
        message = f"not a retry interval: {shown(value)}; write whole minutes from 1 to {MAX_RETRY_MIN}"
        flaws.append(Flaw(BAD_RETRY, f"{path}.retryIntervalInMinutes", message))
    return minutes


def _parse_attempts(
    value: object, readings: Readings, path: str, flaws: list[Flaw], warnings: list[Flaw]
) -> int | None:
    if value is None:
        return None
    attempts = whole(value)
    if attempts == 0 and not readings.refuses_zero_attempts:
        message = f"maxAttempts 0 counts as not set; write 1 to {MAX_ATTEMPTS}, or leave it out"
        warnings.append(Flaw(BAD_ATTEMPTS, f"{path}.maxAttempts", message))
        return None
    if attempts is None or not 1 <= attempts <= MAX_ATTEMPTS:
        message = f"not a number of attempts: {shown(value)}; write a whole number from 1 to {MAX_ATTEMPTS}"
        flaws.append(Flaw(BAD_ATTEMPTS, f"{path}.maxAttempts", message))
    return attempts


def _parse_priority(
    value: object, readings: Readings, path: str, flaws: list[Flaw], warnings: list[Flaw]
) -> int | None:
    if value is None:
        return None
    priority = whole(value)
    if priority is not None and 1 <= priority <= LOWEST_PRIORITY:
        return priority
    advice = f"write a whole number from 1 (first) to {LOWEST_PRIORITY} (last)"
    if readings.refuses_bad_priority:
        message = f"not a priority: {shown(value)}; {advice}"
        flaws.append(Flaw(BAD_PRIORITY, f"{path}.dialerPriority", message))
    else:
        message = f"not a priority: {shown(value)}, which counts as {LOWEST_PRIORITY}; {advice}"
        warnings.append(Flaw(BAD_PRIORITY, f"{path}.dialerPriority", message))
    return LOWEST_PRIORITY
