"""A campaign at an instant, and the ids of its jobs."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from scheduler.engine.columns import STATES
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Campaign, Job, JobState, normal_form
from scheduler.server.statements import Status

__all__ = ["Places", "Snapshot", "Status", "id_of", "number_of"]


NUMBERS = 10**9  # of a campaign: what stands between the ids of two
_ID = re.compile(r"([0-9]{1,19})(?:-([1-9][0-9]{0,8}))?", re.ASCII)


def id_of(campaign: int, job: Job) -> str:
    """The id of a job: of a number's first one, an integer; of a redial, that of the number and its redialNumber.

    >>> from scheduler.intake.request import read_request
    >>> [job] = read_request('[{"phone": "79123456789"}]', Campaign()).jobs
    >>> id_of(7, job)
    '7000000000'
    """
    number = str(campaign * NUMBERS + job.index)
    return number if job.redial is None else f"{number}-{job.redial.number}"


def number_of(campaign: int, id: str) -> tuple[int, int] | None:
    """What an id stands for in a campaign, if it can stand for anything: the index of a number, and a redial's number.

    >>> number_of(7, "7000000003"), number_of(7, "7000000003-1"), number_of(8, "7000000003"), number_of(7, "x")
    ((3, 0), (3, 1), None, None)
    """
    match = _ID.fullmatch(id)
    if match is None or str(int(match[1])) != match[1]:
        return None
    of_campaign, number = divmod(int(match[1]), NUMBERS)
    return (number, int(match[2] or 0)) if of_campaign == campaign else None


class Places:
    """Where the jobs of a campaign stand among its jobs, which only grow; for several threads.

    A number's first job stands behind those of the numbers before it, and the redials that were made before it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = 0  # how many jobs were looked at for redials
        self._redials: dict[tuple[int, int], int] = {}
        self._firsts_before = array("q")  # of each redial's job: how many numbers' first jobs stand before it
        self._phones_seen = 0
        self._by_phone: dict[str, int] = {}  # the first,
        self._more: dict[str, list[int]] = {}  # and those after it: most phones have one job

    def of(self, jobs: Sequence[Job], number: int, redial: int) -> int | None:
        """The place of a number's job, its first (0) or that of a redial. O(log n), and a look at each job once."""
        with self._lock:
            for place in range(self._seen, len(jobs)):
                made_by = jobs[place].redial
                if made_by is not None:
                    self._firsts_before.append(place - len(self._firsts_before))
                    self._redials[jobs[place].index, made_by.number] = place
            self._seen = max(self._seen, len(jobs))
            first = number + bisect_right(self._firsts_before, number)
            place_of = self._redials.get((number, redial), len(jobs)) if redial else first
        return place_of if place_of < len(jobs) else None

    def of_phone(self, jobs: Sequence[Job], phone: str) -> tuple[int, ...]:
        """The places of all jobs of a phone, in order. O(found), and a look at each job once."""
        with self._lock:
            for place in range(self._phones_seen, len(jobs)):
                if self._by_phone.setdefault(jobs[place].phone, place) != place:
                    self._more.setdefault(jobs[place].phone, []).append(place)
            self._phones_seen = max(self._phones_seen, len(jobs))
            digits = normal_form(phone) or ""
            found = [self._by_phone.get(digits, len(jobs)), *self._more.get(digits, ())]
            return tuple(place for place in found if place < len(jobs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A campaign and what has happened in it up to an instant; it does not change.

    `campaign` are the settings that hold at the end, `timeline` begins at `created_ms` and ends at its `until_ms`:
    everything before that has happened, and the commands of that instant are carried out. `status` is `inProgress`,
    `paused` or `finished`; `numbers` and `commands` are how many it has taken. A *place* is that of a job among
    `timeline.jobs`.
    """

    campaign_id: int
    campaign: Campaign
    timeline: Timeline
    created_ms: int
    status: Status
    numbers: int
    commands: int
    _places: Places = field(repr=False, compare=False)

    def id_of(self, place: int) -> str:
        """The id of the job at a place."""
        return id_of(self.campaign_id, self.timeline.jobs[place])

    def place_of(self, id: str) -> int | None:
        """The place of the job with an id; None if there is none."""
        named = number_of(self.campaign_id, id)
        if named is None or named[0] >= self.numbers:
            return None
        return self._places.of(self.timeline.jobs, *named)

    def places_of_phone(self, phone: str) -> tuple[int, ...]:
        """The places of all jobs of a phone, as it may be written (R15.4), redials included, in order of arrival."""
        return self._places.of_phone(self.timeline.jobs, phone)

    def counts(self) -> dict[JobState, int]:
        """How many jobs are in each state, where there are any. A few nanoseconds a job."""
        states = self.timeline.columns.state.tobytes()
        counted = {state: states.count(code) for code, state in enumerate(STATES)}
        return {state: count for state, count in counted.items() if count}
