"""In which fields two campaigns differ, in the words of their files."""

from __future__ import annotations

from dataclasses import fields, replace

from scheduler.jobs import Campaign
from scheduler.policy.levels import Policy

CHANGEABLE = ("name", "lines", "calls_per_second")  # while a campaign runs
_HOLIDAYS = "blackoutDates or holidays"
_WORDS = {
    "name": "name",
    "zone": "timeZone",
    "detect_zone": "detectTimeZone",
    "lines": "maxSimultaneousCalls",
    "calls_per_second": "callsPerSecond",
    "dates": "startTime or endTime",
    "max_attempts_per_phone": "maxAttemptsPerPhone",
    "ring_ms": "ringSeconds",
    "agents": "agents",
    "closed_dates": _HOLIDAYS,
    "holidays": _HOLIDAYS,
    "holiday_years": _HOLIDAYS,
    "laws": "law",
    "law_holiday_years": "law",
    "readings": "readings",
}
_POLICY_WORDS = {
    "allowed_days": "allowedDays",
    "allowed_time": "allowedTime",
    "retry_min": "retryIntervalInMinutes",
    "max_attempts": "maxAttempts",
    "priority": "dialerPriority",
}
assert _WORDS.keys() | {"policy"} == {each.name for each in fields(Campaign) if each.compare}
assert _POLICY_WORDS.keys() == {each.name for each in fields(Policy)}


def differences(one: Campaign, other: Campaign) -> list[str]:
    """The fields in which two campaigns differ, as a campaign file has them.

    >>> from scheduler.intake.campaign import read_campaign
    >>> differences(read_campaign('law = "us-tcpa"'), read_campaign('{"policy": {"maxAttempts": 3}}'))
    ['law', 'maxAttempts']
    """
    words = [word for name, word in _WORDS.items() if getattr(one, name) != getattr(other, name)]
    words += [word for name, word in _POLICY_WORDS.items() if getattr(one.policy, name) != getattr(other.policy, name)]
    return list(dict.fromkeys(words))


def fixed_differences(one: Campaign, other: Campaign) -> list[str]:
    """Those of the fields in which two campaigns differ that cannot change while a campaign runs."""
    return differences(replace(one, **{name: getattr(other, name) for name in CHANGEABLE}), other)
