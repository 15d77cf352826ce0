"""Compares two runs: what of a timeline a change moved, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from scheduler.engine.timeline import Timeline
from scheduler.policy.instants import SECOND_MS
from scheduler.testing.change import Change, Kind
from scheduler.testing.changes import Changes
from scheduler.testing.groups import OF_LENGTH
from scheduler.testing.pinned import JobKey, Pinned, PinnedDial, PinnedJob
from scheduler.testing.reasons import Reason, differences
from scheduler.testing.waits import Waits
from scheduler.testing.why import NEW, OLD, Why, ended_otherwise

WHOLE_KINDS = ((Kind.NUMBER_GAINED, Kind.NUMBER_LOST), (Kind.REDIAL_GAINED, Kind.REDIAL_LOST))


def compare(
    old: Pinned, new: Pinned, *, old_timeline: Timeline | None = None, new_timeline: Timeline | None = None
) -> Changes:
    """What changed from an old run to a new one, with reasons.

    Jobs are matched by phone, by which number with that phone they are, and by redial; dials by attempt. Where the
    timelines themselves are at hand, a change without another reason has what `explain` says of its wait. Some tens
    of microseconds a dial that changed.

    >>> from scheduler import Campaign, read_request, simulate
    >>> from scheduler.testing.pinned import pin
    >>> def run(days):
    ...     body = f'[{{"phone": "79123456789", "gmtZone": "+03:00", "allowedDays": {days}}}]'
    ...     return pin(simulate(Campaign(), read_request(body, Campaign()).jobs, now="2026-03-06T15:30:00Z"))
    >>> compare(run('["fri", "mon"]'), run('["mon"]')).words()
    ['1 dial moved from Fri 18:30 to Mon 00:00 because allowedDays lost fri (79123456789)']
    """
    return _Comparison(old, new, (Waits(old_timeline), Waits(new_timeline))).changes()


class _Comparison:
    """Two runs, and what is found while they are gone through."""

    def __init__(self, old: Pinned, new: Pinned, waits: tuple[Waits, Waits]) -> None:
        self.runs = old, new
        self.dials = _by_job(old), _by_job(new)
        self.why = Why(self.runs, self.dials, waits)

    def changes(self) -> Changes:
        """All changes, in order of time, then of jobs."""
        old, new = self.runs
        keys = sorted({**old.jobs, **new.jobs}, key=lambda key: key.redial)
        each = sorted((change for key in keys for change in self._of_job(key)), key=lambda change: change.at_ms)
        matched = sum(len(dials.keys() & self.dials[NEW].get(key, {}).keys()) for key, dials in self.dials[OLD].items())
        return Changes(
            each=each,
            versions=differences(old.versions, new.versions, "version"),
            fields=self._fields(),
            dials=(len(old.dials), len(new.dials)),
            numbers=(_numbers(old), _numbers(new)),
            matched=matched,
        )

    def _fields(self) -> tuple[tuple[Reason, int], ...]:
        jobs: Counter[Reason] = Counter()
        for key in self.runs[OLD].jobs:
            if key in self.runs[NEW].jobs:
                jobs.update(self.why.pair(key).policy)
        return *((reason, 0) for reason in self.why.settings), *jobs.most_common()

    def _of_job(self, key: JobKey) -> Iterator[Change]:
        held = next((run for run in (OLD, NEW) if key not in self.runs[run].jobs), None)
        before, after = (dials.get(key, {}) for dials in self.dials)
        if held is not None:
            # A number has no reason to be there or not; a redial has.
            reasons = self.why.of_redial(key) if key.redial else ()
            yield Change(WHOLE_KINDS[key.redial > 0][held], key, reasons=reasons, dials=len(before) + len(after))
            kind = Kind.LOST if held == NEW else Kind.GAINED
            for attempt in sorted(before.keys() | after.keys()):
                yield Change(kind, key, before.get(attempt), after.get(attempt), reasons=reasons, whole=True)
            return
        found: list[Change] = []
        for attempt in sorted(before.keys() | after.keys()):
            for change in self._of_attempt(key, before.get(attempt), after.get(attempt)):
                if change.kind is not Kind.CLOCK:  # which moves nothing behind it
                    self.why.note(key, attempt, change.reasons)
                found.append(change)
                yield change
        old, new = (run.jobs[key] for run in self.runs)
        if old.state and new.state and (old.state, old.reason) != (new.state, new.reason):
            reasons = self.why.of_ending(key, found)
            yield Change(Kind.ENDING, key, was=_ending_words(old), now=_ending_words(new), reasons=reasons)

    def _of_attempt(self, key: JobKey, before: PinnedDial | None, after: PinnedDial | None) -> Iterator[Change]:
        if before is None or after is None:
            dial, kind, held = (before, Kind.LOST, NEW) if after is None else (after, Kind.GAINED, OLD)
            assert dial is not None
            yield Change(kind, key, before, after, reasons=self.why.of_dial(key, dial, held))
            return
        if before.at_ms != after.at_ms:
            kind = Kind.EARLIER if after.at_ms < before.at_ms else Kind.LATER
            yield Change(kind, key, before, after, reasons=self.why.of_move(key, before, after))
        elif before.offset_s != after.offset_s:
            yield Change(Kind.CLOCK, key, before, after, reasons=self.why.of_clock(key))
        if ended_otherwise(before, after):
            was, now = _outcome_words(before, after)
            yield Change(Kind.OUTCOME, key, before, after, was, now, self.why.of_outcome(key, before, after))


def _outcome_words(before: PinnedDial, after: PinnedDial) -> tuple[str, str]:
    was, now = ("abandoned" if dial.abandoned else dial.outcome for dial in (before, after))
    if was == now and before.length_ms != after.length_ms:
        was, now = (f"{was}{OF_LENGTH}{dial.length_ms / SECOND_MS:g} s" for dial in (before, after))
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
