"""What a change did to a timeline: every change, alike ones in groups, in words and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scheduler.testing.change import Change, Kind
from scheduler.testing.groups import Group, groups_of
from scheduler.testing.reasons import Reason, printable
from scheduler.views.words import counted


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that differs between two runs; false where nothing does.

    `each` are the changes in order of time. `versions` are differences of data that the runs were made with, `fields`
    those of policies and settings, with the number of jobs that have them (0: a setting); they are there whether they
    moved anything or not. `dials` and `numbers` count those of the old and the new run, `matched` the dials that both
    have.
    """

    each: Sequence[Change]
    versions: tuple[Reason, ...]
    fields: tuple[tuple[Reason, int], ...]
    dials: tuple[int, int]
    numbers: tuple[int, int]
    matched: int

    def __bool__(self) -> bool:
        return bool(self.each or self.fields)

    @property
    def moved(self) -> bool:
        """Whether the timelines differ, and not only what they were made by."""
        return bool(self.each)

    @cached_property
    def counts(self) -> dict[Kind, int]:
        """How many changes there are of each kind; an other outcome counts beside a move of its dial."""
        found = Counter(change.kind for change in self.each)
        return {kind: found[kind] for kind in Kind}

    @property
    def same(self) -> int:
        """How many dials are the same in both runs."""
        changed = {(each.job, each.before.attempt) for each in self.each if each.before is not None and each.after}
        return self.matched - len(changed)

    @cached_property
    def groups(self) -> list[Group]:
        """Alike changes, the largest group first, then in order of time."""
        return groups_of(self.each)

    @cached_property
    def idle(self) -> list[tuple[Reason, int]]:
        """The fields that differ, and are no reason of any change."""
        named = {reason for change in self.each for reason in change.reasons}
        return [(reason, jobs) for reason, jobs in self.fields if reason not in named]

    def words(self, limit: int = 20) -> list[str]:
        """What changed, a sentence each: other data first, then `limit` groups, then what differs and moved nothing."""
        if not self:
            return []
        said = [f"{reason}, so not all may be due to the change" for reason in self.versions]
        said += [str(group) for group in self.groups[:limit]]
        more = len(self.groups) - limit
        if more > 0:
            said.append(f"... and {counted(more, 'more group')} of changes")
        said += [idle_words(reason, jobs, moved=self.moved) for reason, jobs in self.idle[:limit]]
        return [printable(line) for line in said]

    def as_data(self) -> dict[str, Any]:
        """All of it as JSON; `changes`, the last, has an object for each change."""
        return {
            "equal": not self.moved,
            "dials": {"old": self.dials[0], "new": self.dials[1], "matched": self.matched},
            "numbers": {"old": self.numbers[0], "new": self.numbers[1]},
            "counts": {kind.value: count for kind, count in self.counts.items()},
            "versions": [reason.as_data() for reason in self.versions],
            "fields": [
                {**reason.as_data(), "jobs": jobs, "idle": (reason, jobs) in self.idle} for reason, jobs in self.fields
            ],
            "groups": [group.as_data() for group in self.groups],
            "changes": [change.as_data() for change in self.each],
        }


def field_words(reason: Reason, jobs: int) -> str:
    """That a field differs, and for how many jobs (0: it is one of all)."""
    return f"{reason} for {counted(jobs, 'job')}" if jobs else str(reason)


def idle_words(reason: Reason, jobs: int, *, moved: bool) -> str:
    """That a field differs and is no reason of any change; `moved` says whether there are some."""
    return f"{field_words(reason, jobs)}, which {'explains none of it' if moved else 'changed no dial'}"
