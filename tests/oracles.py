"""Oracles: what the rules say, written so plainly that it can be read beside them.

Three of them, none sharing a line of code with what it checks:

- `is_allowed` asks the wall clock at one instant, and knows no interval (R3.5-R3.10, R4.1-R4.3);
- `simulate` is a clock that ticks over plain lists, and knows no event, queue or heap (R5, R7-R9, R11, R12);
- `duplicates` compares every pair of numbers (R14.1, R14.2).

They take valid input only, in the wire form of the API page and of the campaign file. What a `_Calendar` remembers, it
remembers for test time alone.
"""

import datetime
import functools
import importlib.resources
import math
import re
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

Fields = Mapping[str, Any]  # a JSON object
Window = tuple[int, int]  # local milliseconds of its own day, [from, to); an overnight window ends past 24:00

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SCHEDULE = ("startDateTime", "finishDateTime", "allowedDays", "allowedTime", "localTimeFrom", "localTimeTo")  # R8.3
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
FOR_EVER_MS = 8 * DAY_MS  # R8.2: a longer interval counts as open for ever
SEARCH_MS = 366 * DAY_MS  # R12.5: how far past due a calendar is searched
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
NO_READINGS: Mapping[str, str] = MappingProxyType({})


# --- the calendar, point by point -----------------------------------------------------------------------------------


@functools.cache
def _zone(zone: str) -> datetime.tzinfo:
    """Read a valid `gmtZone` (R2.1-R2.4): an offset with the ISO sign, or the name of a file of the tzdata package."""
    offset = re.fullmatch(r"Z|(?:UTC|GMT|UT)?(?:([+-])(\d\d?):?(\d\d)?:?(\d\d)?)?", zone)
    if offset:
        sign, *parts = offset.groups()
        hours, minutes, seconds = (int(part or 0) for part in parts)
        ahead = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return datetime.timezone(-ahead if sign == "-" else ahead)
    with importlib.resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=zone)


def wall_clock(zone: str, instant_ms: int) -> datetime.datetime:
    """Return what a clock on the wall shows, as a naive datetime.

    Obviously right: from UTC to local there is one answer, so no fold and no gap ever comes up (R4.3).
    """
    instant = EPOCH + datetime.timedelta(milliseconds=instant_ms)
    return instant.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)


def offset_seconds(zone: str, instant_ms: int) -> int:
    """Return how far the wall clock is ahead of UTC: the difference between what the two show (R4.3)."""
    return (wall_clock(zone, instant_ms) - wall_clock("Z", instant_ms)) // datetime.timedelta(seconds=1)


class _Hours(NamedTuple):
    """What a policy, a zone and the readings say about every day, as a value."""

    zone: str
    week: tuple[tuple[Window, ...], ...]  # the windows that start on mon, tue, ...: R3.6 and R3.7 applied
    days: tuple[bool, ...]  # allowedDays, mon first
    closed: frozenset[datetime.date]
    clip: bool


def _strongest(levels: Sequence[Fields], field: str) -> Any:
    """Return the value on the strongest level that sets the field, null being "not set" (R6.1); None if none does."""
    return next((level[field] for level in reversed(levels) if level.get(field) is not None), None)


def _allowed_time(level: Fields) -> Any:
    """Return a level's allowedTime; where it has none, the deprecated pair stands for one (R3.9)."""
    start, end = level.get("localTimeFrom"), level.get("localTimeTo")
    if level.get("allowedTime") is not None or (start is None and end is None):
        return level.get("allowedTime")
    return {"default": [{"localTimeFrom": start or "00:00", "localTimeTo": end or "24:00"}]}


def _list_of_day(levels: Sequence[Fields], day: str, *, unlisted: str) -> Any:
    """Find the list that rules a weekday, asking the levels from strong to weak, in the words of R3.6."""
    speakers = [times for times in (_allowed_time(level) for level in reversed(levels)) if times is not None]
    for times in speakers:
        if day in times or "default" in times:
            return times[day] if day in times else times["default"]
        if unlisted == "closed":
            return []
    return [] if speakers else [{"localTimeFrom": "00:00", "localTimeTo": "24:00"}]


def _window(row: Mapping[str, str]) -> Window:
    """Return one window; from > to ends on the next day, so 24 hours later (R3.3)."""
    (hour, minute), (end_hour, end_minute) = row["localTimeFrom"].split(":"), row["localTimeTo"].split(":")
    start = (int(hour) * 60 + int(minute)) * MINUTE_MS
    end = (int(end_hour) * 60 + int(end_minute)) * MINUTE_MS
    return (start, end if start < end else end + DAY_MS)


def _hours(levels: Sequence[Fields], zone: str, closed: Collection[datetime.date], readings: Fields) -> _Hours:
    """Resolve the levels, weekday by weekday (R3.6, R3.7, R3.9)."""
    allowed_days = _strongest(levels, "allowedDays")
    days = tuple(allowed_days is None or day in allowed_days for day in DAYS)
    unlisted = readings.get("unlistedDay", "inherit")
    week = [tuple(_window(row) for row in _list_of_day(levels, day, unlisted=unlisted)) for day in DAYS]
    kept = tuple(windows if allowed else () for windows, allowed in zip(week, days, strict=True))
    return _Hours(zone, kept, days, frozenset(closed), readings.get("overnightTail", "keep") == "clip")


def _starting_on(hours: _Hours, date: datetime.date) -> tuple[Window, ...]:
    """Return the windows that start on a local date: none on a blackout date (R3.10)."""
    return () if date in hours.closed else hours.week[date.weekday()]


def _is_open(hours: _Hours, instant_ms: int) -> bool:
    """Apply R4.1 word for word: read the clock, try the windows of its date, and those of the date before, 24 h on."""
    clock = wall_clock(hours.zone, instant_ms)
    today = clock.date()
    of_day = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000 + clock.microsecond // 1000
    if any(start <= of_day < end for start, end in _starting_on(hours, today)):
        return True
    if hours.clip and not hours.days[today.weekday()]:  # R3.7: a tail needs the day into which it runs
        return False
    yesterday = today - datetime.timedelta(days=1)  # by the calendar, even where the zone skipped it (R4.3)
    return any(start <= of_day + DAY_MS < end for start, end in _starting_on(hours, yesterday))


def is_allowed(
    levels: Sequence[Fields],
    zone: str,
    instant_ms: int,
    *,
    closed_dates: Collection[datetime.date] = (),
    readings: Mapping[str, str] = NO_READINGS,
) -> bool:
    """Return whether the levels (weak to strong) allow a dial at an instant (R3.5-R3.10, R4.1-R4.3).

    Obviously right: it is the definition of R4.1. No window's edge is ever converted to UTC, so nothing can go wrong
    where a zone's clock jumps; overlapping windows (R3.5) are an `any`.
    """
    return _is_open(_hours(levels, zone, closed_dates, readings), instant_ms)


# --- the engine, tick by tick ---------------------------------------------------------------------------------------


class Dial(NamedTuple):
    """A dial that was placed: when (ms since the epoch, UTC), for which job, and which attempt of it."""

    at: int
    job: int
    attempt: int


class Ending(NamedTuple):
    """A job's state when the clock stops, and the instant at which the job ended, if it has."""

    state: str
    at: int | None


class Run(NamedTuple):
    """What happened: the dials in the order in which they were placed, and one ending per number."""

    dials: list[Dial]
    endings: list[Ending]


class _Calendar:
    """What `_is_open` answers at the ticks, remembered; intervals and first instants are found by walking."""

    def __init__(self, hours: _Hours, tick_ms: int) -> None:
        self.hours, self.tick_ms = hours, tick_ms
        self.is_open = functools.cache(functools.partial(_is_open, hours))
        self.intervals: dict[int, tuple[float, float]] = {}
        self.firsts: dict[int, int] = {}

    def interval(self, t: int) -> tuple[float, float]:
        """Return the edges around an allowed tick: walk on, walk back; past eight days they are infinite (R8.2)."""
        if t not in self.intervals:
            opens, closes = t, t + self.tick_ms
            while closes - opens <= FOR_EVER_MS and self.is_open(closes):
                closes += self.tick_ms
            while closes - opens <= FOR_EVER_MS and self.is_open(opens - self.tick_ms):
                opens -= self.tick_ms
            edges = (opens, closes) if closes - opens <= FOR_EVER_MS else (-math.inf, math.inf)
            self.intervals.update(dict.fromkeys(range(opens, closes, self.tick_ms), edges))
        return self.intervals[t]

    def has_instant(self, start: int, end: float) -> bool:
        """Return whether a tick of [start, end) is allowed: try one after the other, unless no day has a window."""
        if start not in self.firsts:
            t = start
            while any(self.hours.week) and t < end and not self.is_open(t):
                t += self.tick_ms
            if not any(self.hours.week) or t >= end:
                return False
            self.firsts.update(dict.fromkeys(range(start, t + 1, self.tick_ms), t))
        return self.firsts[start] < end


class _Job:
    """One number under its campaign: what it resolves to (R5.3, R6.1, R8.3, R9.1), and how far it has come."""

    def __init__(self, campaign: Fields, number: Fields, index: int, now: int) -> None:
        levels = [campaign.get("policy") or {}, number]
        readings = campaign.get("readings") or {}
        blackouts = [datetime.date.fromisoformat(text) for text in campaign.get("blackoutDates") or ()]
        starts = [_instant(text) for text in (campaign.get("startTime"), number.get("startDateTime")) if text]
        finishes = [_instant(text) for text in (campaign.get("endTime"), number.get("finishDateTime")) if text]
        attempts = [level["maxAttempts"] for level in levels if level.get("maxAttempts")]  # 0 is "not set"
        self.index = index
        self.phone = _digits(number["phone"])
        self.hours = _hours(levels, number.get("gmtZone") or campaign.get("timeZone") or "UTC", blackouts, readings)
        self.finish = min(finishes, default=math.inf)
        self.due = max([now, *starts])
        self.priority = _priority(_strongest(levels, "dialerPriority"))
        self.plain = all(number.get(field) is None for field in SCHEDULE)
        self.max_attempts = int(attempts[-1]) if attempts else 1
        self.interval_ms = int(_strongest(levels, "retryIntervalInMinutes") or 60) * MINUTE_MS
        self.retry_from_start = readings.get("retryFrom", "end") == "start"
        self.attempts, self.dialled_at = 0, 0
        self.call_ends: int | None = None  # None: no call is in progress
        self.ended: Ending | None = None

    def waits(self) -> bool:
        return self.ended is None and self.call_ends is None

    def end_call(self, t: int, *, phone_used_up: bool) -> None:
        """Nobody answered: the job ends, or waits for its retry (R9.1-R9.4)."""
        self.call_ends = None
        if self.attempts >= self.max_attempts or phone_used_up:
            self.ended = Ending("noAnswer", t)
        else:
            self.due = max(t, self.dialled_at + self.interval_ms) if self.retry_from_start else t + self.interval_ms

    def ending(self) -> Ending:
        """Return the state in the vendor's words (R12.4); what is not over when the clock stops stays (R12.5)."""
        if self.call_ends is not None:
            return Ending("inProcess", None)
        return self.ended or Ending("onRetry" if self.attempts else "planned", None)


class _Clock:
    """The state of a simulation: plain lists, and what happens at one tick in the order of R8.5."""

    def __init__(self, campaign: Fields, jobs: list[_Job], lines: int | None, tick_ms: int) -> None:
        rate = campaign.get("callsPerSecond")
        known = {job.hours: _Calendar(job.hours, tick_ms) for job in jobs}
        self.jobs = jobs
        self.calendars = [known[job.hours] for job in jobs]
        self.lines = campaign.get("maxSimultaneousCalls") if lines is None else lines
        self.gap_ms = 0 if rate is None else math.ceil(1000 / rate)  # R11.2
        self.ring_ms = (campaign.get("ringSeconds") or 30) * 1000
        self.per_phone = campaign.get("maxAttemptsPerPhone")
        self.dials: list[Dial] = []

    def used_up(self, phone: str) -> bool:
        """Return whether the phone has no dial left, by counting all dials (R9.4)."""
        used = sum(self.jobs[dial.job].phone == phone for dial in self.dials)
        return self.per_phone is not None and used >= self.per_phone

    def may_dial(self, t: int) -> bool:
        """Return whether a line is free (R11.1) and the last dial is long enough ago (R11.2)."""
        busy = sum(job.call_ends is not None for job in self.jobs)
        return (self.lines is None or busy < self.lines) and (not self.dials or t - self.dials[-1].at >= self.gap_ms)

    def competes(self, job: _Job, t: int) -> bool:
        return job.waits() and job.due <= t < job.finish and self.calendars[job.index].is_open(t)

    def rank(self, job: _Job, t: int) -> tuple[float, ...]:
        """Write R8.2 down from left to right; no two ranks are equal, for the last part is the job."""
        opens, closes = self.calendars[job.index].interval(t)
        return (job.priority, job.plain, min(closes, job.finish), opens, job.due, job.index)

    def dial(self, job: _Job, t: int) -> None:
        """Place a dial; whoever waits for a phone that now has none left ends at once (R9.4)."""
        job.attempts, job.dialled_at, job.call_ends = job.attempts + 1, t, t + self.ring_ms
        self.dials.append(Dial(t, job.index, job.attempts))
        for other in self.jobs:
            if other.waits() and self.used_up(other.phone):
                other.ended = Ending("noAnswer" if other.attempts else "notDone", t)

    def tick(self, t: int) -> None:
        """Let calls end; then jobs end that have no instant left (R12.5); then dial the least rank while one may."""
        for job in self.jobs:
            if job.call_ends == t:
                job.end_call(t, phone_used_up=self.used_up(job.phone))
        for job in self.jobs:
            left = self.calendars[job.index]
            if job.waits() and not left.has_instant(max(job.due, t), min(job.finish, job.due + SEARCH_MS)):
                job.ended = Ending("notDone", t)
        while self.may_dial(t) and (rivals := [job for job in self.jobs if self.competes(job, t)]):
            self.dial(min(rivals, key=lambda job: self.rank(job, t)), t)


def _digits(phone: str) -> str:
    """Return the digits of a phone, by which phones are compared (R15.4)."""
    return "".join(character for character in phone if character in "0123456789")


def _instant(text: str) -> int:
    """Return an RFC 3339 instant in milliseconds, what is finer being cut (R5.1)."""
    return (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(milliseconds=1)


def _priority(value: Any) -> int:
    """Return 1 to 5; absent or anything else is 5, while 2.0 is 2 and true is nothing (R7.1, R15.6)."""
    return 5 if isinstance(value, bool) or value not in (1, 2, 3, 4, 5) else int(value)


def simulate(
    campaign: Fields, numbers: Sequence[Fields], *, now: int, until: int, tick_ms: int, lines: int | None = None
) -> Run:
    """Run a campaign that nobody answers (R12.2 `never`) from now until (excluded, R1.2).

    Dates, windows, offsets and their changes, ringing, intervals and pacing must be whole numbers of ticks. Obviously
    right: then whatever happens, happens at a tick, and at each tick the steps of R8.5 are taken in their order over a
    plain list of jobs. Covers R5.2, R5.3, R7.1, R8, R9, R11.1, R11.2, R12.2, R12.4, R12.5.
    """
    jobs = [_Job(campaign, number, index, now) for index, number in enumerate(numbers)]
    clock = _Clock(campaign, jobs, lines, tick_ms)
    spans = [now, clock.gap_ms, clock.ring_ms]
    spans += [span for job in jobs for span in (job.due, job.finish, job.interval_ms) if span != math.inf]
    if any(span % tick_ms for span in spans):
        message = f"not all multiples of the tick of {tick_ms} ms: {spans}"
        raise ValueError(message)
    for t in range(now, until, tick_ms):
        clock.tick(t)
    return Run(clock.dials, [job.ending() for job in jobs])


# --- duplicates, pair by pair ---------------------------------------------------------------------------------------


def _equal(one: Any, other: Any) -> bool:
    """Compare two JSON values: 1 and 1.0 are equal, 1 and true are not, the order of keys is nothing (R14.1)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)  # null, texts and numbers; a list never equals an object, nor either of them a text


def duplicates(numbers: Sequence[Fields]) -> list[str]:
    """List the phonesDuplicates of one request; empty if it has none (R14.1, R14.2).

    Obviously right: each number is compared with each other one; then the request is read from its end, which puts the
    phones in order of their last occurrence, latest first, each once.
    """
    pairs = [(_digits(number["phone"]), number.get("payload")) for number in numbers]  # absent and null: both none
    guilty = [
        phone
        for i, (phone, payload) in enumerate(pairs)
        for other_phone, other_payload in pairs[:i]
        if phone == other_phone and _equal(payload, other_payload)
    ]
    listed: list[str] = []
    for phone, _ in reversed(pairs):
        if phone in guilty and phone not in listed:
            listed.append(phone)
    return listed
