"""Compares two runs: what of a timeline a change moved, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from scheduler.policy.instants import SECOND_MS
from scheduler.testing.changes import Change, Changes, Kind
from scheduler.testing.pinned import JobKey, Pinned, PinnedDial, PinnedJob
from scheduler.testing.reasons import Reason, differences

VERSIONS = ("tzdata", "phonenumbers", "holidays")
Dials = Mapping[JobKey, Mapping[int, PinnedDial]]


def compare(old: Pinned, new: Pinned) -> Changes:
    """What changed from an old run to a new one, with reasons.

    Jobs are matched by phone, by which number with that phone they are, and by redial; dials by attempt.

    >>> from scheduler import Campaign, read_request, simulate
    >>> from scheduler.testing.pinned import pin
    >>> def run(days):
    ...     body = f'[{{"phone": "79123456789", "gmtZone": "+03:00", "allowedDays": {days}}}]'
    ...     return pin(simulate(Campaign(), read_request(body, Campaign()).jobs, now="2026-03-06T15:30:00Z"))
    >>> compare(run('["fri", "mon"]'), run('["mon"]')).words()
    ['1 dial moved from Fri 18:30 to Mon 00:00 because allowedDays lost fri (79123456789)']
    """
    return _Comparison(old, new).changes()


class _Comparison:
    def __init__(self, old: Pinned, new: Pinned) -> None:
        self.old, self.new = old, new
        self.dials = _by_job(old), _by_job(new)
        self.settings = differences(old.settings, new.settings, "setting")

    def changes(self) -> Changes:
        each = sorted(self._each(), key=lambda change: change.at_ms)
        matched = sum(len(dials.keys() & self.dials[1].get(key, {}).keys()) for key, dials in self.dials[0].items())
        return Changes(
            each=each,
            versions=tuple(reason for reason in self.settings if reason.field in VERSIONS),
            fields=self._fields(),
            dials=(len(self.old.dials), len(self.new.dials)),
            numbers=(_numbers(self.old), _numbers(self.new)),
            matched=matched,
        )

    def _fields(self) -> tuple[tuple[Reason, int], ...]:
        jobs: Counter[Reason] = Counter()
        for key, job in self.old.jobs.items():
            if key in self.new.jobs:
                jobs.update(differences(job.policy, self.new.jobs[key].policy, "policy"))
        settings = [reason for reason in self.settings if reason.field not in {*VERSIONS, "name"}]
        return *((reason, 0) for reason in settings), *jobs.items()

    def _each(self) -> Iterator[Change]:
        for key in [*self.old.jobs, *(key for key in self.new.jobs if key not in self.old.jobs)]:
            before, after = self.dials[0].get(key, {}), self.dials[1].get(key, {})
            if key not in self.new.jobs:
                kind = Kind.REDIAL_LOST if key.redial else Kind.NUMBER_LOST
                yield Change(kind, key, dials=len(before))
            elif key not in self.old.jobs:
                kind = Kind.REDIAL_GAINED if key.redial else Kind.NUMBER_GAINED
                yield Change(kind, key, dials=len(after))
            both = key in self.old.jobs and key in self.new.jobs
            if both:
                yield from self._ending(self.old.jobs[key], self.new.jobs[key])
            reasons = differences(self.old.jobs[key].policy, self.new.jobs[key].policy, "policy") if both else ()
            for attempt in sorted(before.keys() | after.keys()):
                yield from _of_dial(key, before.get(attempt), after.get(attempt), reasons, whole=not both)

    def _ending(self, old: PinnedJob, new: PinnedJob) -> Iterator[Change]:
        if old.state and new.state and (old.state, old.reason) != (new.state, new.reason):
            reasons = differences(old.policy, new.policy, "policy")
            yield Change(Kind.ENDING, old.key, was=_ending_words(old), now=_ending_words(new), reasons=reasons)


def _of_dial(
    key: JobKey, before: PinnedDial | None, after: PinnedDial | None, reasons: tuple[Reason, ...], *, whole: bool
) -> Iterator[Change]:
    if before is None or after is None:
        kind = Kind.LOST if after is None else Kind.GAINED
        yield Change(kind, key, before, after, reasons=reasons, whole=whole)
        return
    if before.at_ms != after.at_ms:
        kind = Kind.EARLIER if after.at_ms < before.at_ms else Kind.LATER
        yield Change(kind, key, before, after, reasons=reasons)
    elif before.offset_s != after.offset_s:
        yield Change(Kind.CLOCK, key, before, after, reasons=reasons)
    was, now = _outcome_words(before, after)
    if was != now:
        yield Change(Kind.OUTCOME, key, before, after, was, now)


def _outcome_words(before: PinnedDial, after: PinnedDial) -> tuple[str, str]:
    was, now = ("abandoned" if dial.abandoned else dial.outcome for dial in (before, after))
    if was == now and before.length_ms != after.length_ms:
        return f"{was} in {before.length_ms / SECOND_MS:g} s", f"{now} in {after.length_ms / SECOND_MS:g} s"
    return was, now


def _ending_words(job: PinnedJob) -> str:
    return job.state if job.reason is None else f"{job.state} ({job.reason})"


def _by_job(pinned: Pinned) -> dict[JobKey, dict[int, PinnedDial]]:
    found: dict[JobKey, dict[int, PinnedDial]] = {}
    for dial in pinned.dials:
        found.setdefault(dial.job, {})[dial.attempt] = dial
    return found


def _numbers(pinned: Pinned) -> int:
    return sum(not key.redial for key in pinned.jobs)
