"""Reports of jobs, attempts and campaigns in the vendor's form, read off a snapshot (calls_api: reports).

Instants are milliseconds since the epoch. What a call in progress will come to is decided already, but has not
happened: a report does not tell it. Nothing here is changed, so any number of threads may report one snapshot.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from msgspec import Struct

from scheduler.engine.columns import ANSWERED, NOT_ENDED, OUTCOME_MASK, OUTCOMES, STATES
from scheduler.engine.timeline import Timeline
from scheduler.jobs import JobState, Outcome, Problem, RequestRefused, normal_form
from scheduler.policy.errors import shown
from scheduler.policy.instants import SECOND_MS
from scheduler.server.campaigns import Snapshot

MAX_NAMED = 100  # of the unknown ids and phones of a request
_orders: WeakKeyDictionary[Timeline, tuple[array[int], list[int]]] = WeakKeyDictionary()


class CallJobReport(Struct, frozen=True, kw_only=True):
    """How a job stands: `callDuration` is whole seconds of talk over the calls that have ended."""

    callJobId: str
    redialNumber: int | None
    phone: str
    attemptsCount: int
    jobStatus: JobState
    createdAt: int
    finishedAt: int | None
    callDuration: int
    tagName: None = None
    tagPayload: None = None
    reportData: None = None


class CallAttemptReport(Struct, frozen=True, kw_only=True):
    """What became of an attempt; `callResult` and `finishedAt` are null while its call is in progress.

    `startedAt` and `finishedAt` are those of the talk where it was answered, otherwise of the ringing.
    """

    callJobId: str
    redialNumber: int | None
    phone: str
    jobStatus: JobState
    callResult: Outcome | None
    callDuration: int
    startedAt: int
    finishedAt: int | None
    attemptNumber: int
    tagName: None = None
    tagPayload: None = None
    reportData: None = None


class ShortReport(Struct, frozen=True, kw_only=True):
    """The figures of a campaign: `usedTalkingTime` in seconds, `retryCalls` attempts that repeat one."""

    totalNumbers: int
    processedNumbers: int
    usedTalkingTime: int
    usedAsrSeconds: int
    inProcessCalls: int
    retryCalls: int


class Span(NamedTuple):
    """A span of instants, half-open; None where it has no bound."""

    from_ms: int | None = None
    to_ms: int | None = None

    def __contains__(self, instant_ms: object) -> bool:
        assert isinstance(instant_ms, int)
        after = self.from_ms is None or self.from_ms <= instant_ms
        return after and (self.to_ms is None or instant_ms < self.to_ms)

    def places(self, instants: Sequence[int], key: Callable[[int], int] | None = None) -> tuple[int, int]:
        """Where the instants of the span begin and end in a sequence that ascends. O(log n)."""
        begin = 0 if self.from_ms is None else bisect_left(instants, self.from_ms, key=key)
        end = len(instants) if self.to_ms is None else bisect_left(instants, self.to_ms, key=key)
        return begin, max(begin, end)


ALWAYS = Span()


def wanted_places(snapshot: Snapshot, ids: Collection[str] | None, phones: Collection[str] | None) -> Sequence[int]:
    """The places of the jobs that a request names, in order of arrival; of all jobs where it names neither.

    Raises RequestRefused for unknown ids and phones. O(jobs).
    """
    if ids is None and phones is None:
        return range(len(snapshot.timeline.jobs))
    found: set[int] = set()
    problems: list[Problem] = []
    for number, named in enumerate(ids or ()):
        place = snapshot.place_of(named)
        if place is not None:
            found.add(place)
        elif len(problems) < MAX_NAMED:
            problems.append(_unknown("id", f"$.ids[{number}]", named))
    for number, phone in enumerate(phones or ()):
        digits = normal_form(phone)
        places = () if digits is None else snapshot.places_of_phone(digits)
        found.update(places)
        if not places and len(problems) < MAX_NAMED:
            problems.append(_unknown("phone", f"$.phones[{number}]", phone))
    if problems:
        raise RequestRefused(tuple(problems))
    return sorted(found)


def _unknown(what: str, path: str, named: str) -> Problem:
    return Problem(job=None, path=path, type=f"{what}.not.found", message=f"no job has the {what} {shown(named)}")


def job_reports(snapshot: Snapshot, places: Collection[int]) -> list[CallJobReport]:
    """The reports of the jobs at some places, in their order. O(dials), and the places."""
    timeline = snapshot.timeline
    columns = timeline.columns
    attempts = dict.fromkeys(places, 0)
    talk_ms = dict.fromkeys(places, 0)
    for dial, place in enumerate(columns.job):
        if place in attempts:
            attempts[place] += 1
            if _ends(timeline, dial) < timeline.until_ms:
                talk_ms[place] += columns.talk_ms[dial]
    return [
        CallJobReport(
            callJobId=snapshot.id_of(place),
            redialNumber=timeline.jobs[place].redial_number,
            phone=timeline.jobs[place].phone,
            attemptsCount=attempts[place],
            jobStatus=STATES[columns.state[place]],
            createdAt=columns.arrived_at[place],
            finishedAt=None if columns.ended_at[place] == NOT_ENDED else columns.ended_at[place],
            callDuration=talk_ms[place] // SECOND_MS,
        )
        for place in places
    ]


def jobs_between(snapshot: Snapshot, created: Span, finished: Span) -> Sequence[int]:
    """The places of the jobs that were created in a span, and finished in another, in order of arrival.

    Who asks for a finish does not get what has none. O(log jobs), or O(jobs) with a finish.
    """
    columns = snapshot.timeline.columns
    places = range(*created.places(columns.arrived_at))
    if finished == ALWAYS:
        return places
    return [place for place in places if columns.ended_at[place] != NOT_ENDED and columns.ended_at[place] in finished]


def unfinished_jobs(snapshot: Snapshot) -> Sequence[int]:
    """The places of the jobs that have not ended, in order of arrival. O(jobs)."""
    return [place for place, ended_at in enumerate(snapshot.timeline.columns.ended_at) if ended_at == NOT_ENDED]


def attempt_reports(snapshot: Snapshot, dials: Iterable[int]) -> list[CallAttemptReport]:
    """The reports of the attempts at some places among the dials, in their order."""
    timeline = snapshot.timeline
    columns = timeline.columns
    reports = []
    for dial in dials:
        place = columns.job[dial]
        ended = _ends(timeline, dial) < timeline.until_ms
        reports.append(
            CallAttemptReport(
                callJobId=snapshot.id_of(place),
                redialNumber=timeline.jobs[place].redial_number,
                phone=timeline.jobs[place].phone,
                jobStatus=STATES[columns.state[place]],
                callResult=OUTCOMES[columns.outcome[dial] & OUTCOME_MASK] if ended else None,
                callDuration=columns.talk_ms[dial] // SECOND_MS if ended else 0,
                startedAt=_started(timeline, dial),
                finishedAt=_ends(timeline, dial) if ended else None,
                attemptNumber=columns.attempt[dial],
            )
        )
    return reports


def attempts_of(snapshot: Snapshot, places: Collection[int]) -> list[int]:
    """The attempts of the jobs at some places, in order of their start. O(dials)."""
    wanted = frozenset(places)
    dials = [dial for dial, place in enumerate(snapshot.timeline.columns.job) if place in wanted]
    return sorted(dials, key=lambda dial: _started(snapshot.timeline, dial))


def attempts_between(snapshot: Snapshot, started: Span, finished: Span) -> Sequence[int]:
    """The attempts that were started in a span, and finished in another, in order of their start.

    O(dials * log dials) the first time for a timeline, then O(log dials), or O(dials) with a finish.
    """
    timeline = snapshot.timeline
    starts, order = _order(timeline)
    begin, end = started.places(starts)
    dials = order[begin:end]
    if finished == ALWAYS:
        return dials
    return [dial for dial in dials if (ends := _ends(timeline, dial)) < timeline.until_ms and ends in finished]


def short_report(snapshot: Snapshot) -> ShortReport:
    """The figures of a campaign. A number is processed when its jobs have ended, redials too. O(dials + jobs)."""
    timeline = snapshot.timeline
    columns = timeline.columns
    jobs = timeline.jobs
    total = sum(job.redial is None for job in jobs)
    going_on = {jobs[place].index for place in unfinished_jobs(snapshot)}
    ends = [at + length for at, length in zip(columns.at, columns.length_ms, strict=True)]
    talk_ms = sum(talk for talk, end in zip(columns.talk_ms, ends, strict=True) if talk and end < timeline.until_ms)
    return ShortReport(
        totalNumbers=total,
        processedNumbers=total - len(going_on),
        usedTalkingTime=talk_ms // SECOND_MS,
        usedAsrSeconds=0,
        inProcessCalls=sum(end >= timeline.until_ms for end in ends),
        retryCalls=sum(attempt > 1 for attempt in columns.attempt),
    )


def _ends(timeline: Timeline, dial: int) -> int:
    return timeline.columns.at[dial] + timeline.columns.length_ms[dial]


def _started(timeline: Timeline, dial: int) -> int:
    """The start of the talk, where it has begun, otherwise that of the ringing."""
    columns = timeline.columns
    if columns.outcome[dial] & OUTCOME_MASK == ANSWERED:
        answered_ms = _ends(timeline, dial) - columns.talk_ms[dial]
        if answered_ms < timeline.until_ms:
            return answered_ms
    return columns.at[dial]


def _order(timeline: Timeline) -> tuple[array[int], list[int]]:
    """The starts of all attempts, ascending, and whose they are; kept as long as the timeline is."""
    order = _orders.get(timeline)
    if order is None:
        starts = [_started(timeline, dial) for dial in range(len(timeline))]
        dials = sorted(range(len(starts)), key=starts.__getitem__)
        order = _orders[timeline] = array("q", sorted(starts)), dials
    return order


def page_of(places: Sequence[int], page: int, page_size: int) -> Sequence[int]:
    """The places of one page, counted from 0."""
    return places[page * page_size : (page + 1) * page_size]
