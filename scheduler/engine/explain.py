"""Why a number was dialled when it was; at an instant, why not, and when next (R6.3, R8, R12.5).

An explanation follows a number through its jobs (redials are jobs of their own) and their attempts. Each attempt
has what it was due by, and the stretches from its due to its dial, each with its reason; they touch, and together
they are the whole of that time. For an instant it adds everything that forbids a dial there, and what comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scheduler.engine.columns import NOT_ENDED, Reason
from scheduler.engine.gates import FOREVER, Gate
from scheduler.engine.lawful import parts_for
from scheduler.engine.obstacles import Obstacles, Stretch
from scheduler.engine.timeline import Dial, Ending, Timeline
from scheduler.engine.waiting import first_due, next_due
from scheduler.jobs import Job, JobState, UsageError
from scheduler.policy.hours import DAYS, spelt
from scheduler.policy.instants import MINUTE_MS, Moment, format_instant, parse_moment
from scheduler.policy.laws.frequency import Calls, next_allowed
from scheduler.policy.levels import Level, ResolvedDates


class Due(StrEnum):
    """By what an attempt is due: stable codes."""

    ACCEPTED = "accepted"  # its job was accepted then
    START = "startDateTime"  # the number's start, or the redial's (R5.2)
    CAMPAIGN_START = "startTime"  # the campaign's (R5.3)
    RETRY = "retryIntervalInMinutes"  # after the attempt before (R9.2)
    REDIAL = "redial"  # at the end of the conversation that asked for it (R10.2)


class Forbids(StrEnum):
    """What else forbids a dial at an instant, beside the obstacles: stable codes."""

    NOT_ACCEPTED = "notAccepted"  # no job of the number has arrived
    NOT_DUE = "notDue"  # the attempt is due later; `because` says by what
    IN_CALL = "inCall"  # its call is in progress
    ENDED = "ended"  # its job has ended; `reason` says why
    FINISH = "finishDateTime"  # the number's finish has passed, or the redial's (R5.2)
    CAMPAIGN_FINISH = "endTime"  # the campaign's (R5.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt: since when it was to come, when it was due and by what, what held it back, and its dial.

    `waits` cover [due_ms, dial) without a gap, or up to when its job ended or the run did; `dial` is None for an
    attempt that was not placed.
    """

    number: int
    since_ms: int
    due_ms: int
    because: Due
    level: Level
    waits: tuple[Stretch, ...]
    dial: Dial | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One job of the number: its policy with the level that decided each field, its attempts, how it ended."""

    job: Job
    arrived_ms: int
    dates: ResolvedDates
    attempts: tuple[Attempt, ...]
    ending: Ending

    def policy(self) -> list[tuple[str, Any, str]]:
        """Each field of the policy: its name, its value, and the level that decided it (R6.3)."""
        policy, levels = self.job.policy, self.job.policy.levels
        allowed = policy.allowed_days
        rows: list[tuple[str, Any, str]] = [
            ("gmtZone", self.job.zone.name, self.job.zone_source.value),
            ("allowedDays", [day for place, day in enumerate(DAYS) if allowed is None or place in allowed], ""),
        ]
        rows[1] = (*rows[1][:2], levels["allowedDays"].value)
        rows += [
            (f"allowedTime.{day}", [spelt(window) for window in windows], levels[f"allowedTime.{day}"].value)
            for day, windows in zip(DAYS, policy.hours.windows, strict=True)
        ]
        rows += [
            ("retryIntervalInMinutes", policy.retry_ms // MINUTE_MS, levels["retryIntervalInMinutes"].value),
            ("maxAttempts", policy.max_attempts, levels["maxAttempts"].value),
            ("dialerPriority", policy.priority, levels["dialerPriority"].value),
        ]
        for name, at_ms, level in (
            ("startDateTime", self.dates.start_ms, self.dates.start_level),
            ("finishDateTime", self.dates.finish_ms, self.dates.finish_level),
        ):
            rows.append((name, None if at_ms is None else format_instant(at_ms), level.value))
        if self.job.legal is not None:
            rows.append(("law", list(self.job.legal.names), Level.CAMPAIGN.value))
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """One thing that forbids a dial at an instant, from when and until when (None: not known, or for ever)."""

    code: str
    from_ms: int | None = None
    until_ms: int | None = None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtInstant:
    """How a number stood at an instant.

    `state` is the one before anything of the instant happened; `turning` says that something of it changed there.
    `forbidden` is what forbids a dial there (of the calendar the first reason); it is empty where the number was
    dialled at that instant. By its policy it is next allowed at `allowed_ms` (None: never again, or not in 366 days),
    and it was next dialled at `dialled_ms` (None: not in this run).
    """

    at_ms: int
    state: JobState | None
    turning: bool = False
    forbidden: tuple[Forbidden, ...]
    allowed_ms: int | None
    dialled_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a number was dialled when it was; `str()` is the same in words, `as_data()` as JSON."""

    index: int
    phone: str
    series: tuple[Series, ...]
    until_ms: int
    moment: AtInstant | None = None

    def __str__(self) -> str:
        from scheduler.engine.telling import words  # noqa: PLC0415 - it reads explanations

        return "\n".join(words(self))

    def as_data(self) -> dict[str, Any]:
        """The explanation as JSON: instants as ISO 8601 in UTC, stable codes for reasons."""
        from scheduler.engine.telling import data  # noqa: PLC0415 - it reads explanations

        return data(self)


def explain(timeline: Timeline, index: int, at: Moment | None = None) -> Explanation:
    """Why the number with an index was dialled when it was, and how it stood at an instant.

    Raises UsageError for a number that there is not, or an instant outside the run; the end of the run is allowed, as
    the present of one that goes on. O(n log n) the first time, for the ends of the calls; then O(dials), and with an
    instant O(dials + jobs).

    >>> from scheduler.engine.simulation import simulate
    >>> from scheduler.intake.request import read_request
    >>> from scheduler.jobs import Campaign
    >>> body = '[{"phone": "79123456789", "gmtZone": "Z", "localTimeFrom": "10:00"}]'
    >>> campaign = Campaign()
    >>> timeline = simulate(campaign, read_request(body, campaign).jobs, now="2026-03-02T09:00:00Z")
    >>> [stretch.code.value for stretch in timeline.explain(0).series[0].attempts[0].waits]
    ['window']
    """
    places = timeline.places.get(index)
    if places is None:
        known = f"the jobs are {min(timeline.places)} to {max(timeline.places)}" if timeline.places else "there is none"
        raise UsageError(f"no job {index}; {known}")
    obstacles = timeline.obstacles
    series = tuple(_series(timeline, obstacles, place) for place in places)
    moment = None
    if at is not None:
        at_ms = parse_moment(at)
        if not timeline.now_ms <= at_ms <= timeline.until_ms:
            span = f"{format_instant(timeline.now_ms)} to {format_instant(timeline.until_ms)}"
            raise UsageError(f"{format_instant(at_ms)} lies outside the run, which goes from {span}")
        moment = _at(timeline, obstacles, series, places, at_ms)
    return Explanation(index=index, phone=series[0].job.phone, series=series, until_ms=timeline.until_ms, moment=moment)


def _series(timeline: Timeline, obstacles: Obstacles, place: int) -> Series:
    campaign, columns, job = timeline.campaign, timeline.columns, timeline.jobs[place]
    arrived_ms, ended_ms = columns.arrived_at[place], columns.ended_at[place]
    due_ms, dates = first_due(campaign, job, arrived_ms)
    because, level = _first_because(job, dates, arrived_ms)
    attempts: list[Attempt] = []
    since_ms = arrived_ms
    for dial_place in timeline.dials_at(place):
        dial = timeline[dial_place]
        waits = tuple(obstacles.between(job, due_ms, dial.at, dial_place))
        attempts.append(
            Attempt(
                number=dial.attempt,
                since_ms=since_ms,
                due_ms=due_ms,
                because=because,
                level=level,
                waits=waits,
                dial=dial,
            )
        )
        since_ms = dial.at + dial.length_ms
        due_ms = next_due(campaign, job, dial.at, since_ms)
        because, level = Due.RETRY, job.policy.levels["retryIntervalInMinutes"]
    ending = timeline.ending(place)
    if _had_more_to_come(ending, since_ms, timeline):
        end_ms = timeline.until_ms if ended_ms == NOT_ENDED else ended_ms
        number = len(attempts) + 1
        waits = tuple(obstacles.between(job, due_ms, end_ms)) if due_ms < end_ms else ()
        attempts.append(
            Attempt(
                number=number, since_ms=since_ms, due_ms=due_ms, because=because, level=level, waits=waits, dial=None
            )
        )
    return Series(job=job, arrived_ms=arrived_ms, dates=dates, attempts=tuple(attempts), ending=ending)


def _first_because(job: Job, dates: ResolvedDates, arrived_ms: int) -> tuple[Due, Level]:
    if dates.start_ms is None or dates.start_ms <= arrived_ms:
        return (Due.ACCEPTED, Level.NUMBER) if job.redial is None else (Due.REDIAL, Level.REDIAL)
    if dates.start_level is Level.CAMPAIGN:
        return Due.CAMPAIGN_START, Level.CAMPAIGN
    return Due.START, dates.start_level


def _had_more_to_come(ending: Ending, since_ms: int, timeline: Timeline) -> bool:
    """Whether an attempt was to come when the job ended, or the run did."""
    if ending.at is None:
        return since_ms < timeline.until_ms or ending.state in {JobState.PLANNED, JobState.ON_RETRY}
    if ending.reason in {Reason.ANSWERED, Reason.NO_SUCH_NUMBER, Reason.ATTEMPTS_USED_UP}:
        return False
    return ending.at > since_ms or ending.reason in {Reason.NEVER_OPEN, Reason.NO_WINDOW_BEFORE_FINISH}


def _at(
    timeline: Timeline, obstacles: Obstacles, series: tuple[Series, ...], places: list[int], at_ms: int
) -> AtInstant:
    """How the number stood at an instant: the last of its jobs that had arrived is the one that counts."""
    begun = [place for place, each in enumerate(series) if each.arrived_ms <= at_ms]
    dialled_ms = min(
        (a.dial.at for each in series for a in each.attempts if a.dial is not None and a.dial.at >= at_ms), default=None
    )
    if not begun:
        first_ms = series[0].arrived_ms
        forbidden = Forbidden(code=Forbids.NOT_ACCEPTED, until_ms=first_ms, details={})
        due_ms = series[0].attempts[0].due_ms if series[0].attempts else first_ms
        allowed_ms = _allowed_ms(timeline, series[0], due_ms, at_ms)
        return AtInstant(at_ms=at_ms, state=None, forbidden=(forbidden,), allowed_ms=allowed_ms, dialled_ms=dialled_ms)
    now = series[begun[-1]]
    state = timeline.state(places[begun[-1]], at_ms)
    if dialled_ms == at_ms:
        return AtInstant(at_ms=at_ms, state=state, forbidden=(), allowed_ms=at_ms, dialled_ms=at_ms)
    ended = now.ending.at is not None and now.ending.at <= at_ms
    edges = [now.arrived_ms, now.ending.at]
    edges += [a.dial.at + a.dial.length_ms for a in now.attempts if a.dial is not None]
    call = next(
        (a.dial for a in now.attempts if a.dial is not None and a.dial.at <= at_ms < a.dial.at + a.dial.length_ms), None
    )
    coming = next((attempt for attempt in now.attempts if attempt.dial is None or attempt.dial.at > at_ms), None)
    if coming is None and not ended:
        call = now.attempts[-1].dial  # its end is that of the run at the latest: what comes of it is not known
    turning = call is None and at_ms in edges
    if ended or call is not None:
        following = series[begun[-1] + 1] if begun[-1] + 1 < len(series) else None
        return AtInstant(
            at_ms=at_ms,
            state=state,
            turning=turning,
            forbidden=tuple(_over(now, call, at_ms)),
            allowed_ms=None if call is None else _allowed_after(timeline, now, call, following),
            dialled_ms=dialled_ms,
        )
    assert coming is not None
    forbids = []
    if at_ms < coming.due_ms:
        details = {"because": coming.because.value, "level": coming.level.value}
        forbids.append(
            Forbidden(code=Forbids.NOT_DUE, from_ms=coming.since_ms, until_ms=coming.due_ms, details=details)
        )
    # What held it back did so no longer when it was dialled itself, though that may have taken the last line.
    ended_ms = FOREVER if coming.dial is None else coming.dial.at
    forbids += [
        Forbidden(
            code=each.code,
            from_ms=each.from_ms,
            until_ms=None if each.until_ms >= FOREVER else min(each.until_ms, ended_ms),
            details=each.details,
        )
        for each in obstacles.at(now.job, at_ms)
    ]
    return AtInstant(
        at_ms=at_ms,
        state=state,
        turning=turning,
        forbidden=tuple(forbids),
        allowed_ms=_allowed_ms(timeline, now, max(at_ms, coming.due_ms), at_ms),
        dialled_ms=dialled_ms,
    )


def _over(series: Series, call: Dial | None, at_ms: int) -> list[Forbidden]:
    """What forbids a dial of a job whose call is in progress, or which has ended."""
    if call is not None:
        return [
            Forbidden(
                code=Forbids.IN_CALL,
                from_ms=call.at,
                until_ms=call.at + call.length_ms,
                details={"attempt": call.attempt},
            )
        ]
    ending = series.ending
    assert ending.reason is not None
    details = {"reason": ending.reason.value, "state": ending.state.value}
    found = [Forbidden(code=Forbids.ENDED, from_ms=ending.at, details=details)]
    finish_ms, level = series.dates.finish_ms, series.dates.finish_level
    if finish_ms is not None and finish_ms <= at_ms:
        code = Forbids.CAMPAIGN_FINISH if level is Level.CAMPAIGN else Forbids.FINISH
        found.append(Forbidden(code=code, from_ms=finish_ms, details={"level": level.value}))
    return found


def _allowed_ms(timeline: Timeline, series: Series, from_ms: int, known_ms: int) -> int | None:
    """The first instant from one on that the calendar, the finish and the laws of a job allow, within 366 days.

    Laws count the calls up to the instant `known_ms`, no later than the one from which it is looked for.
    """
    job = series.job
    finish_ms = FOREVER if series.dates.finish_ms is None else series.dates.finish_ms
    gate = Gate(job.allowed(timeline.campaign.closed_dates), finish_ms, from_ms)
    parts = parts_for(job)
    calls = timeline.obstacles.phone_calls.up_to(job.phone, known_ms) if parts else Calls()
    at_ms = next_allowed(parts, calls, from_ms)
    while (opening := gate.at_or_after(at_ms)) is not None:
        open_ms = max(opening.opens, at_ms)
        at_ms = next_allowed(parts, calls, open_ms)
        if at_ms == open_ms:
            return open_ms
    return None


def _allowed_after(timeline: Timeline, series: Series, call: Dial, following: Series | None) -> int | None:
    """When the number may be dialled next, after its call in progress came to what it came to; None if not again."""
    coming = [attempt for attempt in series.attempts if attempt.number > call.attempt]
    end_ms = call.at + call.length_ms
    if coming:
        return _allowed_ms(timeline, series, coming[0].due_ms, end_ms)
    if following is not None and following.attempts:
        return _allowed_ms(timeline, following, following.attempts[0].due_ms, end_ms)
    if series.ending.at is not None or call.attempt >= series.job.policy.max_attempts:
        return None
    # The run ends before the call does: if it is not answered, there is a retry.
    return _allowed_ms(timeline, series, next_due(timeline.campaign, series.job, call.at, end_ms), end_ms)
