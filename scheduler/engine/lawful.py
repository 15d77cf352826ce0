"""The caps and cool-downs of laws: the calls of each phone that they count, and the jobs that wait for it.

Calls from before the run are not known. Only jobs whose laws count anything are watched; of the others nothing here
knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from scheduler.engine.columns import ABANDONED, ANSWERED, OUTCOME_MASK, RESULT
from scheduler.engine.gates import FOREVER
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Job
from scheduler.policy.laws.frequency import Calls, Talk, next_allowed
from scheduler.policy.laws.legal import LegalPart


@dataclass(slots=True)
class _Phone:
    """A phone's calls, and the places of its jobs."""

    calls: Calls = field(default_factory=Calls)
    places: list[int] = field(default_factory=list)


class Lawful:
    """The watched jobs of a run, by their places in order of arrival, and what the laws count of their phones."""

    def __init__(self) -> None:
        self._phones: dict[str, _Phone] = {}
        self._by_place: dict[int, tuple[_Phone, Sequence[LegalPart], bool]] = {}

    def watch(self, place: int, job: Job) -> None:
        """Watch a job that arrives, if its laws count anything; all jobs of its phone are, or none."""
        if job.legal is None or not job.legal.counted:
            return
        phone = self._phones.setdefault(job.phone, _Phone())
        phone.places.append(place)
        self._by_place[place] = phone, parts_for(job), job.redial is not None

    def allowed_from(self, place: int, due_ms: int) -> int:
        """The first instant, from one on, at which the laws do not hold back a job. O(1) for most."""
        watched = self._by_place.get(place)
        return due_ms if watched is None else next_allowed(watched[1], watched[0].calls, due_ms)

    def add_dial(self, place: int, instant_ms: int) -> None:
        """Note that a job is dialled."""
        watched = self._by_place.get(place)
        if watched is not None:
            watched[0].calls.add_dial(instant_ms, asked=watched[2])

    def add_talk(self, place: int, instant_ms: int, *, refusal: bool) -> None:
        """Note that a conversation with a job's phone ends."""
        watched = self._by_place.get(place)
        if watched is not None:
            watched[0].calls.talks.append(Talk(instant_ms, refusal))

    def others(self, place: int) -> Iterator[int]:
        """The places of the other jobs of a job's phone, in order of arrival."""
        watched = self._by_place.get(place)
        if watched is not None:
            yield from (other for other in watched[0].places if other != place)

    def __bool__(self) -> bool:
        return bool(self._by_place)


def parts_for(job: Job) -> Sequence[LegalPart]:
    """The laws that hold back a job by what they count, each in its zones."""
    if job.legal is None:
        return ()
    if job.redial is None:
        return job.legal.counted
    return [part for part in job.legal.counted if not part.law.redials_exempt]


class PhoneCalls:
    """The calls of phones as a timeline has them: what the laws had counted at any instant of its run."""

    def __init__(self, timeline: Timeline) -> None:
        columns, jobs = timeline.columns, timeline.jobs
        # A number's next job was asked for in the conversation that ended the job before.
        asked = {
            place for places in timeline.places.values() for place, after in pairwise(places) if jobs[after].redial
        }
        self._by_phone: dict[str, list[_Call]] = {}
        for at_ms, place, code, length_ms in zip(
            columns.at, columns.job, columns.outcome, columns.length_ms, strict=True
        ):
            job = jobs[place]
            if job.legal is not None and job.legal.counted:
                talked = code & OUTCOME_MASK == ANSWERED and not code & ABANDONED
                talk = Talk(at_ms + length_ms, not code & RESULT and place not in asked) if talked else None
                self._by_phone.setdefault(job.phone, []).append(_Call(at_ms, job.redial is not None, talk))

    def up_to(self, phone: str, instant_ms: int) -> Calls:
        """The calls of a phone up to an instant, those of that instant among them. O(calls of the phone)."""
        calls = Calls()
        for call in self._by_phone.get(phone, ()):
            if call.at_ms <= instant_ms:
                calls.add_dial(call.at_ms, asked=call.asked)
                if call.talk is not None and call.talk.ended_ms <= instant_ms:
                    calls.talks.append(call.talk)
        return calls

    def next_event(self, phone: str, instant_ms: int) -> int:
        """The first instant after one at which a phone is dialled, or a conversation with it ends; FOREVER if none."""
        instants = [call.at_ms for call in self._by_phone.get(phone, ())]
        instants += [call.talk.ended_ms for call in self._by_phone.get(phone, ()) if call.talk is not None]
        return min((each for each in instants if each > instant_ms), default=FOREVER)


class _Call(NamedTuple):
    at_ms: int
    asked: bool
    talk: Talk | None
