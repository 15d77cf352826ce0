"""The caps and cool-downs of laws: the calls of each phone that they count, and the jobs that wait for it.

What it means
    A phone's calls are those of this run; calls from before it are not known. An attempt that a count forbids is due
    when the counts allow it, as far as they are known then. So it is looked at whenever it falls due, when another
    job's call to the phone begins, and when a conversation with the phone ends; and by the clock alone where a law
    comes into force, or a clock is set back over midnight (policy/laws/frequency.py).

How it works
    Most phones have one job, and most laws allow all its attempts: then nothing ever has to be asked, and nothing is
    kept. Only phones with several jobs are *shared*, and their calls noted as they happen. What was dialled before, or
    by a job that may have more attempts than a cap allows, stands in the columns of the run; when a question first
    needs it, the dials that were placed since the last question are chained job by job, each once. The conversation of
    a phone's only job ends that job, so it is known by how the job stands.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter

from scheduler.engine.columns import ABANDONED, ANSWERED, OUTCOME_MASK, RESULT
from scheduler.engine.gates import FOREVER
from scheduler.engine.standing import Standing
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Job
from scheduler.policy.laws.frequency import Calls, Hold, Talk, first_hold, held_again
from scheduler.policy.laws.legal import LegalPart

NO_DIAL = -1


@dataclass(slots=True)
class Phone:
    """A phone with several jobs: its calls, and the places of its jobs, in order of arrival.

    After fewer dials than `least`, and without a conversation, no law holds any of them back.
    """

    least: int
    calls: Calls
    places: list[int] = field(default_factory=list)

    @property
    def may_hold(self) -> bool:
        """Whether anything may hold a job back."""
        return len(self.calls.dials) >= self.least or bool(self.calls.talks)


class Lawful:
    """The watched jobs of a run, those whose laws count calls, by their places; `shared` are those of shared phones.

    All jobs of a phone are watched, or none.
    """

    def __init__(self, standing: Standing) -> None:
        self.shared: dict[int, Phone] = {}
        self._standing = standing
        self._first: dict[str, int] = {}  # the first job of each phone
        self._phones: dict[str, Phone] = {}  # those that are shared
        self._before = array("q")  # of each dial that was read: the dial before of the same job
        self._latest = array("q")  # of each job: its latest dial that was read

    def __bool__(self) -> bool:
        """Whether any job is watched."""
        return bool(self._first)

    def watch(self, place: int, job: Job, least: int) -> Sequence[int]:
        """Watch a job that arrives; the places of the jobs whose phone is now found to be shared."""
        first = self._first.setdefault(job.phone, place)
        if first == place:
            return ()
        phone = self._phones.get(job.phone)
        found = [place]
        if phone is None:
            phone = self._phones[job.phone] = Phone(least, self.calls(first))
            self._recall_talk(first, phone.calls, asked=job.redial is not None)
            found = [first, place]
        phone.places += found
        phone.least = min(phone.least, least)
        self.shared.update(dict.fromkeys(found, phone))
        return found

    def calls(self, place: int) -> Calls:
        """The dials so far of a watched job, the only one of its phone."""
        self._read_on()
        at, dials, dial = self._standing.columns.at, [], self._latest[place]
        while dial != NO_DIAL:
            dials.append(at[dial])
            dial = self._before[dial]
        return Calls(dials[::-1])

    def _read_on(self) -> None:
        """Read the dials that were not read yet."""
        standing, before, latest = self._standing, self._before, self._latest
        latest.extend([NO_DIAL] * (len(standing.jobs) - len(latest)))
        for dial, place in enumerate(standing.columns.job[len(before) :], len(before)):
            before.append(latest[place])
            latest[place] = dial

    def _recall_talk(self, place: int, calls: Calls, *, asked: bool) -> None:
        """Note the conversation that ended the only job of a phone, if one did; whether it asked for a redial."""
        standing = self._standing
        if standing.has_ended(place) and standing.talked(place):
            refusal = not standing.last_call[place] & RESULT and not asked
            calls.add_talk(standing.columns.ended_at[place], refusal=refusal)


def counts(job: Job) -> bool:
    """Whether the laws of a job count the calls of its phone."""
    return job.legal is not None and bool(job.legal.counted)


def parts_for(job: Job) -> Sequence[LegalPart]:
    """The laws that hold back a job by what they count, each in its zones."""
    if job.legal is None:
        return ()
    if job.redial is None:
        return job.legal.counted
    return [part for part in job.legal.counted if not part.law.redials_exempt]


def least_of(job: Job) -> int:
    """The fewest dials of a phone after which a cap may hold back a job; FOREVER if there is no cap."""
    return min((cap.most for part in parts_for(job) for cap in part.law.caps), default=FOREVER)


class PhoneCalls:
    """The calls of phones as a timeline has them: what the laws had counted at any instant of its run."""

    def __init__(self, timeline: Timeline) -> None:
        columns, jobs = timeline.columns, timeline.jobs
        # A number's next job was asked for in the conversation that ended the job before.
        asked = {
            place for places in timeline.places.values() for place, after in pairwise(places) if jobs[after].redial
        }
        self._by_phone: dict[str, Calls] = {}
        self._events: dict[str, list[int]] = {}
        dials = zip(columns.at, columns.job, columns.outcome, columns.length_ms, strict=True)
        talks: list[tuple[str, Talk]] = []
        for at_ms, place, code, length_ms in dials:
            job = jobs[place]
            if not counts(job):
                continue
            self._by_phone.setdefault(job.phone, Calls()).add_dial(at_ms, asked=job.redial is not None)
            self._events.setdefault(job.phone, []).append(at_ms)
            if code & OUTCOME_MASK == ANSWERED and not code & ABANDONED:
                talks.append((job.phone, Talk(at_ms + length_ms, not code & RESULT and place not in asked)))
        for phone, talk in sorted(talks, key=lambda each: each[1].ended_ms):
            self._by_phone[phone].add_talk(talk.ended_ms, refusal=talk.refusal)
            self._events[phone].append(talk.ended_ms)
        for events in self._events.values():
            events.sort()

    def up_to(self, phone: str, instant_ms: int) -> Calls:
        """The calls of a phone up to an instant, those of that instant among them. O(log n), and their copy."""
        calls = self._by_phone.get(phone)
        if calls is None:
            return Calls()
        dials = bisect_right(calls.dials, instant_ms)
        talks = bisect_right(calls.talks, instant_ms, key=attrgetter("ended_ms"))
        asked = bisect_right(calls.asked, dials - 1)
        return Calls(calls.dials[:dials], calls.asked[:asked], calls.talks[:talks])

    def next_event(self, phone: str, instant_ms: int) -> int:
        """The first instant after one at which a phone is dialled, or a conversation with it ends; FOREVER if none."""
        events = self._events.get(phone, [])
        place = bisect_right(events, instant_ms)
        return events[place] if place < len(events) else FOREVER

    def spans(self, job: Job, from_ms: int, until_ms: int) -> Iterator[tuple[int, int, Hold | None]]:
        """The parts [begin, end) of a span, without a gap: what holds the job back in each, by what was known then."""
        parts = parts_for(job)
        at_ms = from_ms
        while at_ms < until_ms:
            calls = self.up_to(job.phone, at_ms)
            hold = first_hold(parts, calls, at_ms)
            if hold is not None:
                end_ms = hold.until_ms
            else:
                again_ms = held_again(parts, calls, at_ms)
                end_ms = min(self.next_event(job.phone, at_ms), FOREVER if again_ms is None else again_ms)
            end_ms = min(end_ms, until_ms)
            yield at_ms, end_ms, hold
            at_ms = end_ms
