"""An explanation in words, and as data: the same codes, the same instants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from scheduler.engine.columns import Reason
from scheduler.engine.explain import AtInstant, Attempt, Due, Explanation, Forbidden, Forbids, Series
from scheduler.engine.obstacles import Obstacle, Stretch
from scheduler.engine.timeline import Dial
from scheduler.jobs import Job
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import MINUTE_MS, SECOND_MS, format_instant
from scheduler.policy.levels import Level

WIDTH = 24  # of the names of policy fields

ENDED = {
    Reason.ANSWERED: "it was answered",
    Reason.NO_SUCH_NUMBER: "the number does not exist",
    Reason.ATTEMPTS_USED_UP: "its attempts are used up",
    Reason.PHONE_USED_UP: "the attempts of its phone in the campaign are used up",
    Reason.NEVER_OPEN: "its days, hours and the closed dates leave no allowed time within 366 days",
    Reason.NO_WINDOW_BEFORE_FINISH: "no allowed time is left from its next due time to its finish",
    Reason.NO_LINE_IN_TIME: "its turn had not come before its last window or its finish was over",
    Reason.CANCELLED: "it was cancelled",
    Reason.STOPPED: "the campaign was stopped",
}
BY = {
    Level.DEFAULT: "by default",
    Level.CAMPAIGN: "by the campaign",
    Level.NUMBER: "by the number",
    Level.REDIAL: "by the redial",
}


def words(explanation: Explanation) -> list[str]:
    """The explanation in lines of text."""
    clocks = LocalClocks(explanation.until_ms + 1)
    first = explanation.series[0].job
    lines = [f"{explanation.phone}, job {explanation.index}, on the clock of {first.zone.name} ({_zone_source(first)})"]
    for series in explanation.series:
        lines += ["", *_series_words(series, clocks)]
    if explanation.moment is not None:
        lines += ["", *_moment_words(explanation, explanation.moment, clocks)]
    return lines


def _zone_source(job: Job) -> str:
    return {"request": "as the request says", "number": "where the number belongs", "campaign": "the campaign's"}[
        job.zone_source.value
    ]


def _series_words(series: Series, clocks: LocalClocks) -> Iterator[str]:
    job = series.job
    arrived = clocks.both(job.zone, series.arrived_ms)
    yield f"Redial {job.redial_number}, asked for at {arrived}" if job.redial else f"Accepted at {arrived}"
    yield from (f"  {name:{WIDTH}}{value} ({by})" for name, value, by in _policy_words(series, clocks))
    for attempt in series.attempts:
        yield f"Attempt {attempt.number} of {job.policy.max_attempts}"
        yield f"  due        {clocks.both(job.zone, attempt.due_ms)}: {due_words(series, attempt)}"
        for wait in attempt.waits:
            yield f"  waited to  {clocks.both(job.zone, wait.until_ms)}: {wait_words(wait)} [{wait.code}]"
        if attempt.dial is not None:
            yield f"  dialled    {clocks.both(job.zone, attempt.dial.at)}: {dial_words(attempt.dial)}"
        else:
            yield "  not dialled"
    ending = series.ending
    if ending.at is None or ending.reason is None:
        yield f"At the end of the run it is {ending.state.value}."
    else:
        yield f"Ended as {ending.state.value} at {clocks.both(job.zone, ending.at)}: {ENDED[ending.reason]}."


def dial_words(dial: Dial) -> str:
    """How a dial ended, and how long its line was held."""
    how = f"{dial.outcome.value}, {_seconds(dial.length_ms)}"
    return how + (f", of which {_seconds(dial.talk_ms)} talk" if dial.talk_ms else "")


def _policy_words(series: Series, clocks: LocalClocks) -> Iterator[tuple[str, str, str]]:
    """The fields that say something, with instants on the number's clock."""
    return policy_words(series, lambda instant_ms: clocks.both(series.job.zone, instant_ms))


def policy_words(series: Series, written: Callable[[int], str]) -> Iterator[tuple[str, str, str]]:
    """Each field that says something, its value in words and who set it; days with equal windows in one line.

    `written` writes an instant.
    """
    fields = {name: (value, by) for name, value, by in series.policy()}
    days, by = fields["allowedDays"]
    yield "allowedDays", ", ".join(days) if len(days) < 7 else "every day", by
    times = [(name.partition(".")[2], value, by) for name, (value, by) in fields.items() if "." in name]
    for (value, by), group in groupby((row for row in times if row[0] in days), key=lambda row: (row[1], row[2])):
        yield "allowedTime", f"{_span([row[0] for row in group])} {', '.join(value) or 'never'}", by
    for name in ("retryIntervalInMinutes", "maxAttempts", "dialerPriority"):
        yield name, str(fields[name][0]), fields[name][1]
    dates = series.dates
    for name, at_ms, level in (
        ("startDateTime", dates.start_ms, dates.start_level),
        ("finishDateTime", dates.finish_ms, dates.finish_level),
    ):
        if at_ms is not None:
            yield name, written(at_ms), level.value
    if "law" in fields:
        yield "law", ", ".join(fields["law"][0]), fields["law"][1]


def _span(days: list[str]) -> str:
    """Weekdays, as a span where they follow each other."""
    first, last = DAYS.index(days[0]), DAYS.index(days[-1])
    if len(days) > 2 and last - first == len(days) - 1:
        return f"{days[0]} to {days[-1]}"
    return ", ".join(days)


def due_words(series: Series, attempt: Attempt) -> str:
    """By what an attempt is due."""
    if attempt.because is Due.RETRY:
        return f"{_retry_words(series, attempt)}, set {BY[attempt.level]}"
    return {
        Due.ACCEPTED: "at once, when it was accepted",
        Due.START: f"its startDateTime, set {BY[attempt.level]}",
        Due.CAMPAIGN_START: "the campaign's startTime",
        Due.REDIAL: "at once, at the end of the conversation",
    }[attempt.because]


def _retry_words(series: Series, attempt: Attempt) -> str:
    """What a retry is due by: its interval, after the attempt before or from its start, or that one's end (R9.2)."""
    interval_ms = series.job.policy.retry_ms
    minutes = interval_ms // MINUTE_MS
    interval = f"{minutes} minute{'s' * (minutes != 1)}"
    before = series.attempts[attempt.number - 2].dial
    assert before is not None
    if attempt.due_ms == before.at + before.length_ms + interval_ms:
        return f"{interval} after attempt {before.attempt}"
    if attempt.due_ms == before.at + interval_ms:
        return f"{interval} after the start of attempt {before.attempt}"
    return f"the end of attempt {before.attempt}, which took longer than the {interval}"


def wait_words(stretch: Stretch | Forbidden) -> str:
    """What holds a number back that is due."""
    details = stretch.details
    match stretch.code:
        case Obstacle.WEEKDAY:
            days = list(details["days"])
            are = "is" if len(days) == 1 else "are"
            return f"{', '.join(days)} {are} not among allowedDays, set {_by(details['days'])}"
        case Obstacle.WINDOW:
            windows = ", ".join(
                f"{day} {' and '.join(_window_words(day, window) for window in each) or 'never'}"
                for day, each in details["windows"].items()
            )
            return f"outside the windows ({windows}), set {_by(details['levels'])}"
        case Obstacle.BLACKOUT | Obstacle.HOLIDAY:
            what = "blackout date" if stretch.code == Obstacle.BLACKOUT else "public holiday"
            first, *others = details["dates"]
            dates = f"{first} to {others[-1]}, {what}s" if others else f"{first}, a {what}"
            return f"no window starts on {dates} of the campaign"
        case Obstacle.LAW:
            why = "its hours" if details["rule"] == "hours" else details["allows"]
            return f"the law {details['law']} forbids it: {why}"
        case Obstacle.PAUSED:
            return "the campaign is paused"
        case Obstacle.LINE:
            lines = details["lines"]
            taken = (
                f"all {lines} lines are taken"
                if lines > 1
                else "the one line is taken"
                if lines
                else "there is no line"
            )
            first = details.get("ahead", 0)
            ahead = f", and {first:,} dial{'s' * (first != 1)} of a stronger rank went first" if first else ""
            return f"{taken}{ahead}"
        case Obstacle.PACING:
            return f"dials are {_seconds(details['spacingMilliseconds'])} apart (callsPerSecond)"
        case Obstacle.AGENT:
            return "as many numbers are dialled as the free agents allow (agents)"
    raise AssertionError(stretch.code)


def _window_words(day: str, window: str) -> str:
    """A window of a day; one that runs past midnight says into which day."""
    opens, closes = window.split("-")
    return window if opens < closes else f"{opens} to {DAYS[(DAYS.index(day) + 1) % 7]} {closes}"


def forbidden_words(forbidden: Forbidden, at_ms: int) -> str:
    """What forbids a dial at an instant."""
    details = forbidden.details
    match forbidden.code:
        case Forbids.NOT_ACCEPTED:
            return "it has not been accepted yet"
        case Forbids.NOT_DUE:
            return f"it is not due yet, by its {details['because']}, set {BY[Level(details['level'])]}"
        case Forbids.IN_CALL:
            return f"the call of attempt {details['attempt']} is in progress"
        case Forbids.FINISH:
            return f"its finishDateTime has passed, set {BY[Level(details['level'])]}"
        case Forbids.CAMPAIGN_FINISH:
            return "the campaign's endTime has passed"
        case Forbids.ENDED:
            ended = "it ends then" if forbidden.from_ms == at_ms else "it has ended"
            return f"{ended} as {details['state']}: {ENDED[Reason(details['reason'])]}"
    return wait_words(forbidden)


def _code_of(forbidden: Forbidden) -> str:
    """The code of what forbids a dial, as words have it."""
    return f"ended: {forbidden.details['reason']}" if forbidden.code == Forbids.ENDED else str(forbidden.code)


def _moment_words(explanation: Explanation, moment: AtInstant, clocks: LocalClocks) -> Iterator[str]:
    zone = explanation.series[0].job.zone
    state = ""
    if moment.state is not None:
        state = f" (until then {moment.state.value})" if moment.turning else f" it is {moment.state.value}, and"
    at = clocks.both(zone, moment.at_ms)
    if not moment.forbidden:
        yield f"At {at}{state} it is dialled."
        return
    yield f"At {at}{state} it is not dialled, because"
    for forbidden in moment.forbidden:
        until = "" if forbidden.until_ms is None else f", until {clocks.both(zone, forbidden.until_ms)}"
        yield f"  {forbidden_words(forbidden, moment.at_ms)} [{_code_of(forbidden)}]{until}"
    if moment.allowed_ms is not None:
        yield f"By its policy it is next allowed at {clocks.both(zone, moment.allowed_ms)}."
    if moment.dialled_ms is not None:
        yield f"It is next dialled at {clocks.both(zone, moment.dialled_ms)}."
    else:
        yield f"{not_dialled_words(explanation, moment)}."


def not_dialled_words(explanation: Explanation, moment: AtInstant) -> str:
    """That a number is not dialled from an instant on: in this run, or ever."""
    dials = [a.dial for series in explanation.series for a in series.attempts if a.dial is not None]
    again = " again" if any(dial.at < moment.at_ms for dial in dials) else ""
    if moment.allowed_ms is not None or explanation.series[-1].ending.at is None:
        return f"It is not dialled{again} in this run"
    return f"It is never dialled{again}"


def _by(levels: Mapping[str, str]) -> str:
    return " and ".join(BY[Level(level)] for level in dict.fromkeys(levels.values()))


def _seconds(length_ms: int) -> str:
    seconds, rest_ms = divmod(length_ms, SECOND_MS)
    return f"{seconds}.{rest_ms:03d}".rstrip("0") + " s" if rest_ms else f"{seconds} s"


def data(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON."""
    moment = explanation.moment
    return {
        "job": explanation.index,
        "phone": explanation.phone,
        "series": [_series_data(series) for series in explanation.series],
        "at": None if moment is None else _moment_data(moment),
    }


def _series_data(series: Series) -> dict[str, Any]:
    ending = series.ending
    return {
        "redialNumber": series.job.redial_number,
        "acceptedAt": format_instant(series.arrived_ms),
        "policy": [{"field": name, "value": value, "level": level} for name, value, level in series.policy()],
        "attempts": [_attempt_data(attempt) for attempt in series.attempts],
        "state": ending.state.value,
        "endedAt": _text(ending.at),
        "reason": None if ending.reason is None else ending.reason.value,
    }


def _attempt_data(attempt: Attempt) -> dict[str, Any]:
    dial = attempt.dial
    return {
        "attempt": attempt.number,
        "due": format_instant(attempt.due_ms),
        "because": attempt.because.value,
        "level": attempt.level.value,
        "waits": [_reason_data(wait) for wait in attempt.waits],
        "at": None if dial is None else format_instant(dial.at),
        "outcome": None if dial is None else dial.outcome.value,
        "seconds": None if dial is None else dial.seconds,
    }


def _reason_data(reason: Stretch | Forbidden) -> dict[str, Any]:
    return {
        "code": str(reason.code),
        "from": _text(reason.from_ms),
        "until": _text(reason.until_ms),
        **reason.details,
    }


def _moment_data(moment: AtInstant) -> dict[str, Any]:
    return {
        "at": format_instant(moment.at_ms),
        "state": None if moment.state is None else moment.state.value,
        "forbidden": [_reason_data(forbidden) for forbidden in moment.forbidden],
        "nextAllowed": _text(moment.allowed_ms),
        "nextDial": _text(moment.dialled_ms),
    }


def _text(instant_ms: int | None) -> str | None:
    return None if instant_ms is None else format_instant(instant_ms)
