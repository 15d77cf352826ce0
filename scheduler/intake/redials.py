"""What a conversation may ask for: a redial, with a policy of its own (R10.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.nearest import nearest
from scheduler.jobs import Redial
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.instants import MINUTE_MS
from scheduler.policy.levels import BAD_DATES, POLICY_FIELDS, parse_dates, parse_policy, whole
from scheduler.policy.readings import Readings

MAX_REDIAL_ATTEMPTS = 5
MAX_START_AFTER_MIN = 10 * 366 * 24 * 60
REDIAL_FIELDS = ("startDateTime", "startAfterMinutes", "finishDateTime", *POLICY_FIELDS)
STARTS = ("startDateTime", "startAfterMinutes", "allowedTime", "localTimeFrom", "localTimeTo")


def parse_redial(value: object, readings: Readings, path: str) -> tuple[Redial, list[Flaw]]:
    """Read a redial, and warnings. Raises PolicyError with every flaw (R10.1, R10.3, R10.4, R7.2).

    >>> redial, warnings = parse_redial({"startAfterMinutes": 60, "maxAttempts": 9}, Readings(), "$")
    >>> redial.start_after_ms, redial.policy.max_attempts, len(warnings)
    (3600000, 5, 1)
    """
    example = '{"startAfterMinutes": 60}'
    if not isinstance(value, Mapping):
        raise PolicyError(Flaw(INVALID_FIELD, path, f"a redial is not an object: {shown(value)}; write {example}"))
    flaws = [_unknown(key, path) for key in value if key not in REDIAL_FIELDS]
    fields: dict[str, Any] = {
        key: each.isoformat() if isinstance(each, date | time) else each for key, each in value.items()
    }
    if all(fields.get(name) is None for name in STARTS):
        message = f"a redial needs startDateTime, startAfterMinutes or allowedTime; write {example}"
        flaws.append(Flaw(BAD_DATES, path, message))
    warnings: list[Flaw] = []
    after_ms = None
    try:
        after_ms = _start_after(fields, path)
    except PolicyError as error:
        flaws += error.flaws
    try:
        # A bad priority is a problem here in either reading (R7.2).
        policy, remarks = parse_policy(fields, replace(readings, bad_priority="refuse"), path)
        warnings += remarks
    except PolicyError as error:
        flaws += error.flaws
    try:
        dates, remarks = parse_dates(fields.get("startDateTime"), fields.get("finishDateTime"), readings, path)
        warnings += remarks
    except PolicyError as error:
        flaws += error.flaws
    if flaws:
        raise PolicyError(*flaws)
    if policy.max_attempts is not None and policy.max_attempts > MAX_REDIAL_ATTEMPTS:
        message = f"maxAttempts {policy.max_attempts} of a redial counts as {MAX_REDIAL_ATTEMPTS}, the most it may have"
        warnings.append(Flaw("invalid.max.attempts", f"{path}.maxAttempts", message))
        policy = replace(policy, max_attempts=MAX_REDIAL_ATTEMPTS)
    return Redial(policy=policy, dates=dates, start_after_ms=after_ms), warnings


def _start_after(fields: Mapping[str, Any], path: str) -> int | None:
    value = fields.get("startAfterMinutes")
    if value is None:
        return None
    if fields.get("startDateTime") is not None:
        message = "startAfterMinutes and startDateTime both say when to start; write one of them"
        raise PolicyError(Flaw(BAD_DATES, f"{path}.startAfterMinutes", message))
    minutes = whole(value)
    if minutes is None or not 0 <= minutes <= MAX_START_AFTER_MIN:
        message = f"not a time to wait: {shown(value)}; write whole minutes from 0 to {MAX_START_AFTER_MIN}"
        raise PolicyError(Flaw(BAD_DATES, f"{path}.startAfterMinutes", message))
    return minutes * MINUTE_MS


def _unknown(key: str, path: str) -> Flaw:
    near = nearest(key, REDIAL_FIELDS)
    advice = f"did you mean {near}?" if near else f"the fields are {', '.join(REDIAL_FIELDS)}"
    return Flaw(INVALID_FIELD, f"{path}{step(key)}", f"unknown field of a redial: {shown(key)}; {advice}")
