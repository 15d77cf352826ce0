"""One number: when it may be dialled, when it is, why then, and at an instant, why not.

The words have no instants in them, which are told beside them: the page writes these as its reader does.
"""

from __future__ import annotations

from itertools import islice

from scheduler.engine.explain import Attempt, Explanation, Series
from scheduler.engine.telling import (
    BY,
    ENDED,
    dial_words,
    due_words,
    forbidden_words,
    not_dialled_words,
    policy_words,
    wait_words,
)
from scheduler.engine.timeline import Dial
from scheduler.page.overview import seen_first, told_clock
from scheduler.page.result import Result
from scheduler.page.told import (
    AttemptTold,
    DialTold,
    FieldTold,
    MomentReason,
    MomentTold,
    NumberTold,
    SeriesTold,
    WaitTold,
)
from scheduler.policy.instants import DAY_MS, format_instant
from scheduler.policy.levels import Level
from scheduler.views.rows import window_rows

MAX_WINDOWS = 2_000
BEYOND_MS = 7 * DAY_MS  # what is seen first, for windows
WIRE_NAMES = {"allowedDays": "allowed_days", "retryIntervalInMinutes": "retry_min", "maxAttempts": "max_attempts"}
WHAT_IF = "by what holds for every number in this preview"


def number_of(result: Result, index: int) -> NumberTold:
    """A number, by its index. Raises UsageError for one that there is not. O(dials)."""
    timeline = result.timeline
    explanation = timeline.explain(index)
    job = explanation.series[0].job
    _, to_ms = seen_first(timeline, result.held)
    until_ms = min(timeline.until_ms, to_ms + BEYOND_MS)
    found = window_rows(timeline.campaign, [job], timeline.now_ms, until_ms)
    windows = [(row.opens_ms, row.closes_ms) for row in islice(found, MAX_WINDOWS + 1)]
    dials = [each.dial for series in explanation.series for each in series.attempts if each.dial is not None]
    return NumberTold(
        job=job.index,
        phone=job.phone,
        zone=job.zone.name,
        zoneSource=job.zone_source.value,
        clock=told_clock(timeline, job.zone, to_ms),
        windows=windows[:MAX_WINDOWS],
        more=len(windows) > MAX_WINDOWS,
        dials=[_dial(each) for each in dials],
        series=[_series(each, result.overridden) for each in explanation.series],
    )


def _dial(dial: Dial) -> DialTold:
    return DialTold(
        atMs=dial.at,
        endMs=dial.at + dial.length_ms,
        attempt=dial.attempt,
        redialNumber=dial.redial_number,
        outcome=dial.outcome.value,
    )


def _series(series: Series, overridden: frozenset[str]) -> SeriesTold:
    ending = series.ending
    fields = [
        FieldTold(field=name, value=value, by=WHAT_IF if WIRE_NAMES.get(name) in overridden else _by(by))
        for name, value, by in policy_words(series, format_instant)
    ]
    return SeriesTold(
        redialNumber=series.job.redial_number,
        acceptedMs=series.arrived_ms,
        policy=fields,
        attempts=[_attempt(series, each) for each in series.attempts],
        state=ending.state.value,
        endedMs=ending.at,
        ending="it has not ended by the end of the run" if ending.reason is None else ENDED[ending.reason],
    )


def _by(level: str) -> str:
    return BY[Level(level)]


def _attempt(series: Series, attempt: Attempt) -> AttemptTold:
    dial = attempt.dial
    return AttemptTold(
        attempt=attempt.number,
        dueMs=attempt.due_ms,
        due=due_words(series, attempt),
        waits=[
            WaitTold(code=wait.code.value, fromMs=wait.from_ms, untilMs=wait.until_ms, words=wait_words(wait))
            for wait in attempt.waits
        ],
        atMs=None if dial is None else dial.at,
        endMs=None if dial is None else dial.at + dial.length_ms,
        outcome=None if dial is None else dial.outcome.value,
        words="not dialled" if dial is None else dial_words(dial),
    )


def moment_of(result: Result, index: int, at_ms: int) -> MomentTold:
    """Why a number is dialled at an instant, or why not. Raises UsageError outside the run. O(dials + jobs)."""
    explanation = result.timeline.explain(index, at_ms)
    moment = explanation.moment
    assert moment is not None
    return MomentTold(
        atMs=moment.at_ms,
        state=None if moment.state is None else moment.state.value,
        dialled=not moment.forbidden,
        reasons=[
            MomentReason(code=str(each.code), words=forbidden_words(each, moment.at_ms), untilMs=each.until_ms)
            for each in moment.forbidden
        ],
        nextAllowedMs=moment.allowed_ms,
        nextDialMs=moment.dialled_ms,
        words=_later_words(explanation),
    )


def _later_words(explanation: Explanation) -> str:
    """What is said where it is not dialled later; nothing where it is."""
    moment = explanation.moment
    assert moment is not None
    return not_dialled_words(explanation, moment) if moment.dialled_ms is None else ""
