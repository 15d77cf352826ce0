"""The engine's oracle: a clock that ticks over plain lists, and knows no event, queue or heap (R5, R7-R14).

It takes valid input only, in the wire form of the API page, the campaign file, the outcome script and the scenario, and
shares no line of code with what it checks. Calendars and duplicates are asked of `tests.oracles`. What a `Calendar`
remembers, it remembers for test time alone.
"""

import datetime
import functools
import math
import sys
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.oracles import (
    DAY_MS,
    MINUTE_MS,
    Fields,
    Hours,
    Requests,
    digits_of,
    hours_of,
    instant_of,
    is_open,
    strongest,
    wall_clock,
)

SCHEDULE = ("startDateTime", "finishDateTime", "allowedDays", "allowedTime", "localTimeFrom", "localTimeTo")  # R8.3
FOR_EVER_MS = 8 * DAY_MS  # R8.2: a longer interval counts as open for ever
SEARCH_MS = 366 * DAY_MS  # R12.5: how far past due a calendar is searched
RING_SECONDS, TALK_SECONDS = 30, 60  # where neither the entry of a script nor the campaign says more
NEVER: Fields = MappingProxyType({"outcome": "noAnswer"})  # R12.2


class Dial(NamedTuple):
    """A dial that was placed: when (ms since the epoch, UTC), for which series of which number, and what came of it."""

    at: int
    job: int  # the index of the number
    redial_number: int | None  # None: the number's first job (R10.2)
    attempt: int
    outcome: str
    length_ms: int


class Ending(NamedTuple):
    """A job's state when the clock stops, and the instant at which the job ended, if it has."""

    job: int
    redial_number: int | None
    state: str
    at: int | None


class Bound(NamedTuple):
    """A law in the words of its file, and a zone whose clock it goes by."""

    law: Fields
    zone: str


class Run(NamedTuple):
    """What happened: the dials as they were placed, the endings as the jobs arrived, the places of refused commands."""

    dials: list[Dial]
    endings: list[Ending]
    refused: list[int]


class Calendar:
    """What `is_open` and the hours of laws answer at the ticks, remembered; all else is found by walking."""

    def __init__(self, hours: Hours, tick_ms: int, bound: Sequence[Bound] = ()) -> None:
        self.hours, self.tick_ms = hours, tick_ms
        laws = [each for each in bound if "hours" in each.law]
        of_laws = [(each, hours_of([{"allowedTime": each.law["hours"]}], each.zone, [], CLOSED)) for each in laws]

        def allowed(t: int) -> bool:
            held = (not is_open(its_hours, t) for each, its_hours in of_laws if in_force(each, t))
            return is_open(hours, t) and not any(held)

        self.is_open = functools.cache(allowed)
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


CLOSED: Fields = MappingProxyType({"unlistedDay": "closed"})  # a law's hours: days that it leaves out are closed


@functools.lru_cache(maxsize=100_000)
def date_at(zone: str, t: int) -> datetime.date:
    """Return the date that a clock on the wall shows."""
    return wall_clock(zone, t).date()


def in_force(bound: Bound, t: int) -> bool:
    """Return whether a law is in force on the local date of an instant."""
    date = date_at(bound.zone, t)
    first, last = bound.law.get("from"), bound.law.get("until")
    return (first is None or date >= first) and (last is None or date <= last)


class Talk(NamedTuple):
    """A conversation that has ended: with which phone, when, and whether the person refused."""

    phone: str
    at: int
    refusal: bool


def period(cap: Fields, date: datetime.date) -> tuple[int, ...]:
    """Name the calendar period of a cap that a date lies in."""
    return {
        "day": (date.toordinal(),),
        "week": tuple(date.isocalendar()[:2]),
        "month": (date.year, date.month),
    }[cap["calendar"]]


def capped(cap: Fields, zone: str, dials: Sequence[int], t: int) -> bool:
    """Return whether a cap forbids a dial after others: count those in the period that it gives the instant."""
    date = date_at(zone, t)
    if "rollingHours" in cap:
        counted = [dial for dial in dials if t - dial < cap["rollingHours"] * 60 * MINUTE_MS]
    elif "rollingDays" in cap:
        counted = [dial for dial in dials if 0 <= (date - date_at(zone, dial)).days < cap["rollingDays"]]
    else:
        counted = [dial for dial in dials if period(cap, date_at(zone, dial)) == period(cap, date)]
    return len(counted) >= int(cap["most"])


def cools_down(rule: Fields, zone: str, talks: Sequence[Talk], t: int) -> bool:
    """Return whether a cool-down forbids a dial after conversations: by how many dates lie between."""
    after = [talk for talk in talks if talk.refusal or rule["after"] == "conversation"]
    days = rule["days"] + (0 if rule.get("countsDay", True) else 1)
    return any((date_at(zone, t) - date_at(zone, talk.at)).days < days for talk in after)


class Job:
    """One series: what a number, or a redial of it, resolves to under its campaign, and how far it has come.

    Whatever a redial sets is the strongest level, and what it may inherit is the reading `redialInherits` (R6.2).
    """

    def __init__(
        self,
        campaign: Fields,
        number: Fields,
        index: int,
        arrives: int,
        redial: Fields | None = None,
        redial_number: int | None = None,
        laws: Sequence[Fields] = (),
    ) -> None:
        readings = campaign.get("readings") or {}
        everyone = [campaign.get("policy") or {}, number] + ([] if redial is None else [redial])
        skips_number = redial is not None and readings.get("redialInherits", "number") == "campaign"
        levels = [everyone[0], everyone[-1]] if skips_number else everyone
        zone = number.get("gmtZone") or campaign.get("timeZone") or "UTC"
        blackouts = [datetime.date.fromisoformat(text) for text in campaign.get("blackoutDates") or ()]
        starts = [_start(number if redial is None else redial, arrives), _start_of_campaign(campaign)]
        finishes = [strongest(everyone[1:], "finishDateTime"), campaign.get("endTime")]
        self.index, self.redial_number = index, redial_number
        self.phone = digits_of(number["phone"])
        self.hours = hours_of(levels, zone, blackouts, readings)
        self.finish = min((instant_of(text) for text in finishes if text), default=math.inf)
        self.due = max([arrives, *(start for start in starts if start is not None)])
        self.policy_due = self.due  # before a law's counts push it on
        self.laws = tuple(
            Bound(law["law"], each)
            for law in laws
            if self.phone in law["phones"]
            for each in dict.fromkeys([zone, *law.get("zones", ())])
        )
        self.priority = _priority(strongest(everyone, "dialerPriority"))
        self.plain = redial is None and all(number.get(field) is None for field in SCHEDULE)
        self.max_attempts = _attempts(levels, redial)
        self.interval_ms = int(strongest(levels, "retryIntervalInMinutes") or 60) * MINUTE_MS
        self.retry_from_start = readings.get("retryFrom", "end") == "start"
        self.attempts, self.dialled_at = 0, 0
        self.entry: Fields = NEVER  # what the script says of the call in progress
        self.call_ends: int | None = None  # None: no call is in progress; infinite until an agent talks
        self.answers: int | None = None  # when its call is answered, while no agent has taken it
        self.agent_free: float = -math.inf  # until when the agent works who talked last
        self.abandoned = False
        self.cancelled = False  # while a call was in progress
        self.ended: tuple[str, int] | None = None

    def waits(self) -> bool:
        """Return whether it waits: for its due time, its window, a line, or a resume."""
        return self.ended is None and self.call_ends is None

    def retry_due(self, t: int) -> int:
        """Return when the retry is due after a call that ends now (R9.2)."""
        return max(t, self.dialled_at + self.interval_ms) if self.retry_from_start else t + self.interval_ms

    def ending(self) -> Ending:
        """Return the state in the vendor's words (R12.4); what is not over when the clock stops stays (R12.5)."""
        waiting = "onRetry" if self.attempts else "planned"
        state, at = self.ended or (waiting if self.call_ends is None else "inProcess", None)
        return Ending(self.index, self.redial_number, state, at)


def lines_at(lines: Any, zone: str, t: int) -> int | None:
    """Return how many lines there are: of a list, what held last by the wall clock of a zone (R11.1, R11.3)."""
    if not isinstance(lines, list):
        return None if lines is None else int(lines)
    clock = wall_clock(zone, t)
    entries = sorted((datetime.time.fromisoformat(row["from"].zfill(5)), int(row["lines"])) for row in lines)
    begun = [count for begins, count in entries if begins <= clock.time()]
    return begun[-1] if begun else entries[-1][1]  # before the first of the day, the last of the day before holds


class _Clock:
    """The state of a simulation: plain lists, and what happens at one tick in the order of R8.5."""

    def __init__(
        self, campaign: Fields, script: Fields, lines: int | None, tick_ms: int, laws: Sequence[Fields] = ()
    ) -> None:
        self.laws = laws
        self.talks: list[Talk] = []
        self.campaign, self.script, self.tick_ms = campaign, script, tick_ms
        self.lines = campaign.get("maxSimultaneousCalls") if lines is None else lines
        self.gap_ms = _gap(campaign.get("callsPerSecond"))
        self.per_phone = campaign.get("maxAttemptsPerPhone")
        self.paused = self.stopped = False
        self.agents = campaign.get("agents") or {}
        self.requests = Requests()
        self.numbers: list[Fields] = []  # those accepted, by index
        self.jobs: list[Job] = []  # their jobs and those of redials, in order of arrival
        self.calendars: dict[Any, Calendar] = {}
        self.dials: list[Dial] = []
        self.owners: list[Job] = []  # of each dial
        self.on_the_grid(self.gap_ms)

    def on_the_grid(self, *spans: float | None) -> None:
        """Refuse what does not fall on a tick, for it would be missed."""
        if any(span is not None and span != math.inf and span % self.tick_ms for span in spans):
            raise ValueError(f"not all multiples of the tick of {self.tick_ms} ms: {spans}")

    def calendar(self, job: Job) -> Calendar:
        """Return the calendar of a job: one for all that have the same hours, so that what it remembers is shared."""
        hours = job.hours, *((id(bound.law), bound.zone) for bound in job.laws)
        if hours not in self.calendars:
            self.calendars[hours] = Calendar(job.hours, self.tick_ms, job.laws)
        return self.calendars[hours]

    def used_up(self, phone: str) -> bool:
        """Return whether the phone has no dial left, by counting all dials (R9.4)."""
        used = sum(digits_of(self.numbers[dial.job]["phone"]) == phone for dial in self.dials)
        return self.per_phone is not None and used >= self.per_phone

    # --- jobs come and go ---

    def arrive(self, job: Job, t: int) -> None:
        """Let a job arrive behind all others; one that can never be dialled ends at once (R9.4, R10.4, R12.5)."""
        self.on_the_grid(job.due, job.finish, job.interval_ms)
        self.jobs.append(job)
        if self.used_up(job.phone):
            job.ended = ("notDone", t)
        self.push_on(job, t)
        self.give_up(job, t)

    # --- what laws count ---

    def held(self, job: Job, t: int) -> bool:
        """Return whether a cap or a cool-down of a law forbids a job a dial at an instant, given all calls so far."""
        laws = [each for each in job.laws if in_force(each, t)]
        if job.redial_number is not None:
            laws = [each for each in laws if not each.law.get("redialsExempt")]
        if not laws:
            return False
        ours = [(dial, self.numbers[dial.job]["phone"]) for dial in self.dials]
        dials = [dial for dial, phone in ours if digits_of(phone) == job.phone]
        talks = [talk for talk in self.talks if talk.phone == job.phone]
        for law, zone in laws:
            exempt = law.get("redialsExempt")
            counted = [dial.at for dial in dials if not (exempt and dial.redial_number is not None)]
            if any(capped(cap, zone, counted, t) for cap in law.get("caps", ())):
                return True
            if any(cools_down(rule, zone, talks, t) for rule in law.get("coolDowns", ())):
                return True
        return False

    def push_on(self, job: Job, t: int) -> None:
        """Let a job that a law's count forbids be due when it does not: tick by tick."""
        due = max(job.due, t)
        while job.laws and job.waits() and self.held(job, due):
            job.due = due = due + self.tick_ms

    def push_all_on(self, t: int) -> None:
        """Look at all who wait, after a call has begun or ended; who has no allowed instant left then ends."""
        for job in self.jobs if self.laws else []:
            before = job.due
            self.push_on(job, t)
            if job.due != before:
                self.give_up(job, t)

    def give_up(self, job: Job, t: int) -> None:
        """End a job that waits where no allowed instant is left at or after its due time and now (R12.5)."""
        calendar = self.calendar(job)
        if job.waits() and not calendar.has_instant(max(job.due, t), min(job.finish, job.due + SEARCH_MS)):
            job.ended = ("notDone", t)

    def end_call(self, job: Job, t: int) -> None:
        """End the call of a job, and with it the job, unless it may try again (R9.1-R9.4, R13.2, R13.3)."""
        outcome, job.call_ends = job.entry["outcome"], None
        if outcome == "answered":
            job.ended = ("longCallWithResult" if job.entry.get("result") else "longCallWithNoResult", t)
            redials = self.redials_of(job)
            if not job.abandoned:
                self.talks.append(Talk(job.phone, t, not job.entry.get("result") and not redials))
                self.push_all_on(t)
            self.redial(job, redials, t)
        elif job.cancelled:
            job.ended = ("cancelledByUser", t)
        elif outcome == "nonexistentNumber":
            job.ended = ("nonexistentNumber", t)
        elif self.stopped:
            job.ended = ("notDone", t)
        elif job.attempts >= job.max_attempts:
            job.ended = ("technicalError" if outcome == "failed" else "noAnswer", t)
        elif self.used_up(job.phone):
            job.ended = ("noAnswer", t)
        else:
            job.due = job.policy_due = job.retry_due(t)
            self.push_on(job, t)
            self.give_up(job, t)

    def redials_of(self, job: Job) -> list[Fields]:
        """List the redials that an answered call carries, the first of which is made; none if none is (R10.3)."""
        given = job.entry.get("redial") or []
        none = job.cancelled or self.stopped or self.used_up(job.phone)
        return [] if none else given if isinstance(given, list) else [given]

    def redial(self, job: Job, redials: Sequence[Fields], t: int) -> None:
        """Make the job of the redial that an answered call may carry: the first of them (R10.2-R10.4)."""
        if redials:
            self.arrive(self.job(job.index, t, redials[0], (job.redial_number or 0) + 1), t)

    def job(self, index: int, t: int, redial: Fields | None = None, redial_number: int | None = None) -> Job:
        """Return the job of a number, or of a redial of it."""
        return Job(self.campaign, self.numbers[index], index, t, redial, redial_number, self.laws)

    # --- commands ---

    def submit(self, numbers: Sequence[Fields], key: str | None, t: int) -> bool:
        """Take a batch as a whole or not at all (R13.2, R14.3, R14.5); a number that is a replay makes no job."""
        ids = None if self.stopped else self.requests.submit(numbers, key, t).ids
        if ids is None:
            return False
        for index, number in zip(ids, numbers, strict=True):
            if index == len(self.numbers):
                self.numbers.append(number)
                self.arrive(self.job(index, t), t)
        return True

    def cancel(self, indices: Sequence[int], phones: Sequence[str], t: int) -> bool:
        """Cancel all jobs of some numbers and phones that have not ended; nothing if one is unknown (R13.3)."""
        wanted = [digits_of(phone) for phone in phones]
        known = [job.phone for job in self.jobs]
        if any(index >= len(self.numbers) for index in indices) or any(phone not in known for phone in wanted):
            return False
        for job in self.jobs:
            if job.index in indices or job.phone in wanted:
                if job.waits():
                    job.ended = ("cancelledByUser", t)
                job.cancelled = True
        return True

    def stop(self, t: int) -> bool:
        """Stop for good: what waits is not done (R13.2)."""
        self.stopped = True
        for job in self.jobs:
            if job.waits():
                job.ended = ("notDone", t)
        return True

    def pause(self, *, paused: bool) -> bool:
        """Pause or resume, unless stopped (R13.2)."""
        if not self.stopped:
            self.paused = paused
        return not self.stopped

    def obey(self, command: Fields, t: int) -> bool:
        """Carry out one command; return whether it was taken (R13.1)."""
        match command["do"]:
            case "submit":
                return self.submit(command["numbers"], command.get("key"), t)
            case "cancel":
                return self.cancel(command.get("jobs") or [], command.get("phones") or [], t)
            case "pause":
                return self.pause(paused=True)
            case "resume":
                return self.pause(paused=False)
            case "stop":
                return self.stop(t)
            case "lines":
                self.lines = command["lines"]
                return True
            case "pace":
                self.gap_ms = _gap(command.get("callsPerSecond"))
                self.on_the_grid(self.gap_ms)
                return True
            case other:
                raise ValueError(other)

    # --- agents ---

    def free_agents(self, t: int) -> int:
        """Return how many agents neither talk nor work after a talk."""
        count = lines_at(_lines_of(self.agents["agents"]), self.campaign.get("timeZone") or "UTC", t)
        return int(count or 0) - sum(t < job.agent_free for job in self.jobs)

    def talk(self, t: int) -> bool:
        """Let those who were answered have the free agents, in order of answer; return whether one was decided."""
        if not self.agents:
            return False
        waiting = [job for job in self.jobs if job.answers is not None and job.answers <= t]
        decided = False
        for job in sorted(waiting, key=lambda job: (job.answers, self.jobs.index(job))):
            assert job.answers is not None
            if self.free_agents(t) > 0:
                talk_ms = self.length_ms(job.entry) - self.ring_ms(job.entry)
                job.call_ends, job.answers = t + talk_ms, None
                job.agent_free = t + talk_ms + round(1000 * self.agents.get("wrapUpSeconds", 0))
                if talk_ms == 0 == self.agents.get("wrapUpSeconds", 0):
                    job.agent_free = -math.inf
            elif t >= job.answers + round(1000 * self.agents.get("patienceSeconds", 2)):
                job.call_ends, job.answers, job.abandoned = t, None, True
                job.entry = {"outcome": "answered"}
            decided = decided or job.answers is None
            if job.call_ends == t:
                self.correct(job, t)
                self.end_call(job, t)
            elif job.answers is None:
                self.correct(job, int(job.call_ends or 0))
        return decided

    def correct(self, job: Job, end: int) -> None:
        """Write down how long a call lasts, now that it is known."""
        place = max(place for place, dial in enumerate(self.dials) if self.owners[place] is job)
        self.dials[place] = self.dials[place]._replace(length_ms=end - self.dials[place].at)

    def may_dial_for_agents(self, t: int) -> bool:
        """Return whether fewer calls ring, or wait for an agent, than the free agents allow."""
        if not self.agents:
            return True
        undecided = sum(job.call_ends is not None and t >= job.agent_free for job in self.jobs)
        ratio = self.agents.get("dialRatio", 1) if self.agents.get("dialMode") == "ratio" else 1
        return undecided < math.floor(ratio * max(0, self.free_agents(t)))

    # --- dials ---

    def may_dial(self, t: int) -> bool:
        """Return whether it runs (R13.2), a line is free (R11.1), and the last dial is long enough ago (R11.2)."""
        lines = lines_at(self.lines, self.campaign.get("timeZone") or "UTC", t)
        busy = sum(job.call_ends is not None for job in self.jobs)
        paced = bool(self.dials) and t - self.dials[-1].at < self.gap_ms
        return not self.paused and (lines is None or busy < lines) and not paced and self.may_dial_for_agents(t)

    def competes(self, job: Job, t: int) -> bool:
        """Return whether a job is due and inside its calendar (R8.1)."""
        return job.waits() and job.due <= t < job.finish and self.calendar(job).is_open(t)

    def rank(self, job: Job, t: int) -> tuple[float, ...]:
        """Write R8.2 down from left to right; no two ranks are equal, for the last part is the order of arrival."""
        opens, closes = self.calendar(job).interval(t)
        return (job.priority, job.plain, min(closes, job.finish), opens, job.due, self.jobs.index(job))

    def next_entry(self, job: Job) -> Fields:
        """Return what the script says of the number's next dial, all its dials being counted (R12.3)."""
        by_index, by_phone = self.script.get("jobs") or {}, self.script.get("phones") or {}
        by_digits = {digits_of(phone): entries for phone, entries in by_phone.items()}
        entries = by_index[str(job.index)] if str(job.index) in by_index else by_digits.get(job.phone, [])
        entry = dict(enumerate(entries)).get(sum(dial.job == job.index for dial in self.dials), NEVER)
        return {"outcome": entry} if isinstance(entry, str) else entry

    def ring_ms(self, entry: Fields) -> int:
        """Return how long a call rings (R12.1)."""
        ring = entry.get("ringSeconds")
        return round(1000 * ((self.campaign.get("ringSeconds") or RING_SECONDS) if ring is None else ring))

    def length_ms(self, entry: Fields) -> int:
        """Return how long a call rings and, if it is answered, talks (R12.1)."""
        talk = entry.get("talkSeconds")
        seconds = self.ring_ms(entry) / 1000
        if entry["outcome"] == "answered":
            seconds += TALK_SECONDS if talk is None else talk
        return round(seconds * 1000)

    def dial(self, job: Job, t: int) -> None:
        """Place a dial; whoever waits for a phone that now has none left ends at once (R9.4)."""
        job.entry = self.next_entry(job)
        length_ms = self.length_ms(job.entry)
        self.on_the_grid(length_ms)
        job.attempts, job.dialled_at, job.call_ends = job.attempts + 1, t, t + length_ms
        if self.agents and job.entry["outcome"] == "answered":
            self.on_the_grid(self.ring_ms(job.entry))
            job.answers, job.call_ends = t + self.ring_ms(job.entry), sys.maxsize
        self.owners.append(job)
        self.dials.append(Dial(t, job.index, job.redial_number, job.attempts, job.entry["outcome"], length_ms))
        if self.used_up(job.phone):
            for other in self.jobs:
                if other.waits() and other.phone == job.phone:
                    other.ended = ("noAnswer" if other.attempts else "notDone", t)
        self.push_all_on(t)

    def tick(self, t: int, commands: Sequence[Fields]) -> list[bool]:
        """Take the steps of R8.5: calls end, commands, intervals close, dials; return which commands were taken."""
        for job in list(self.jobs):
            if job.call_ends == t:
                self.end_call(job, t)
        while self.talk(t):
            pass
        taken = [self.obey(command, t) for command in commands]
        for job in self.jobs:
            self.give_up(job, t)
        for job in self.jobs if self.laws else []:
            if job.due <= t:  # a law may have come into force, or the date be another
                self.push_on(job, t)
                self.give_up(job, t)
        self.place_dials(t)
        while self.talk(t):  # some are answered at once
            self.place_dials(t)
        return taken

    def place_dials(self, t: int) -> None:
        """Dial the least rank that may be dialled, as long as there is one (R8.1)."""
        while self.may_dial(t) and (rivals := [job for job in self.jobs if self.competes(job, t)]):
            self.dial(min(rivals, key=lambda job: self.rank(job, t)), t)


def _lines_of(agents: Any) -> Any:
    """Return agents as `lines_at` takes lines."""
    return [{"from": row["from"], "lines": row["agents"]} for row in agents] if isinstance(agents, list) else agents


def _gap(rate: float | None) -> int:
    """Return the least time between two dials (R11.2)."""
    return 0 if rate is None else math.ceil(round(1000 / rate, 6))


def _start(fields: Fields, arrives: int) -> int | None:
    """Return the start of a number, or of a redial: some minutes after the call has ended, or an instant (R12.3)."""
    if fields.get("startAfterMinutes") is not None:
        return arrives + int(fields["startAfterMinutes"] * MINUTE_MS)
    return None if fields.get("startDateTime") is None else instant_of(fields["startDateTime"])


def _start_of_campaign(campaign: Fields) -> int | None:
    return None if campaign.get("startTime") is None else instant_of(campaign["startTime"])


def _priority(value: Any) -> int:
    """Return 1 to 5; absent or anything else is 5, while 2.0 is 2 and true is nothing (R7.1, R15.6)."""
    return 5 if isinstance(value, bool) or value not in (1, 2, 3, 4, 5) else int(value)


def _attempts(levels: Sequence[Fields], redial: Fields | None) -> int:
    """Return how many attempts there are: 0 is "not set" (R9.1), and a redial's own are 5 at most (R10.3)."""
    if redial is not None and redial.get("maxAttempts"):
        return min(5, int(redial["maxAttempts"]))
    attempts = [level["maxAttempts"] for level in levels if level.get("maxAttempts")]
    return int(attempts[-1]) if attempts else 1


def simulate(
    campaign: Fields,
    numbers: Sequence[Fields],
    *,
    now: int,
    until: int,
    tick_ms: int,
    lines: int | None = None,
    script: Fields | None = None,
    commands: Sequence[Fields] = (),
    laws: Sequence[Fields] = (),
) -> Run:
    """Run a campaign from now until (excluded, R1.2), the numbers being submitted at now, before all commands.

    Without a script nobody answers (R12.2 `never`). Of `laws`, each has the words of its file under `law`, the phones
    that it binds under `phones`, and under `zones` those whose clocks it goes by beside the number's own.
    Dates, windows, offsets and their changes, lines over the day, calls, intervals, commands and pacing must fall on
    ticks. Obviously right: then whatever happens, happens at a tick, and at each tick the steps of R8.5 are taken in
    their order over a plain list of jobs. Covers R5.2, R5.3, R6.1, R6.2 and R7 to R14, the texts of warnings and
    refusals aside.
    """
    clock = _Clock(campaign, script or {}, lines, tick_ms, laws)
    instants = [instant_of(command["at"]) for command in commands]
    clock.on_the_grid(now, *instants)
    if not clock.submit(numbers, None, now):
        raise ValueError("the numbers at the beginning are duplicates")
    refused: list[int] = []
    for t in range(now, until, tick_ms):
        places = [place for place, instant in enumerate(instants) if instant == t]
        taken = clock.tick(t, [commands[place] for place in places])
        refused += [place for place, ok in zip(places, taken, strict=True) if not ok]
    return Run(clock.dials, [job.ending() for job in clock.jobs], sorted(refused))
