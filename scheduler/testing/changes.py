"""What a change did to a timeline: every change, alike ones in groups, in words and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from scheduler.policy.clocks import DAY_NAMES
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import DAY_MS, MINUTE_MS, SECOND_MS, format_instant
from scheduler.testing.pinned import JobKey, PinnedDial
from scheduler.testing.reasons import Reason, printable
from scheduler.views.words import counted

MAX_PHONES = 3
WEEK = 7
FAR_MS = 10 * MINUTE_MS
NOWHERE = 1 << 62


class Kind(StrEnum):
    """What changed: stable codes. Of a dial's time, its end, or a whole number or redial."""

    NUMBER_LOST = "numberLost"
    NUMBER_GAINED = "numberGained"
    REDIAL_LOST = "redialLost"
    REDIAL_GAINED = "redialGained"
    LOST = "dialLost"
    GAINED = "dialGained"
    EARLIER = "earlier"
    LATER = "later"
    CLOCK = "localTime"  # the same instant, shown by another clock
    OUTCOME = "outcome"  # another outcome or length, wherever the dial went
    ENDING = "ending"


WHOLE = frozenset({Kind.NUMBER_LOST, Kind.NUMBER_GAINED, Kind.REDIAL_LOST, Kind.REDIAL_GAINED})
OF_DIALS = frozenset({Kind.LOST, Kind.GAINED, Kind.EARLIER, Kind.LATER, Kind.CLOCK})


class Change(NamedTuple):
    """One change: of a job, or of one of its dials (`before` is the old one, `after` the new one, None: there is none).

    `was` and `now` are texts of what else became otherwise: an outcome, an ending. `dials` are those of a number or
    redial that is gone or new, and `whole` says of such a dial that it goes with its job.
    """

    kind: Kind
    job: JobKey
    before: PinnedDial | None = None
    after: PinnedDial | None = None
    was: str = ""
    now: str = ""
    reasons: tuple[Reason, ...] = ()
    dials: int = 0
    whole: bool = False

    @property
    def at_ms(self) -> int:
        """The first instant that it is about; beyond all others where there is none."""
        if self.before is None:
            return NOWHERE if self.after is None else self.after.at_ms
        return self.before.at_ms if self.after is None else min(self.before.at_ms, self.after.at_ms)

    def as_data(self) -> dict[str, Any]:
        """The change as JSON."""
        dial = self.before or self.after
        return {
            "kind": self.kind.value,
            "phone": self.job.phone,
            "nth": self.job.nth,
            "redial": self.job.redial,
            "attempt": None if dial is None else dial.attempt,
            "old": _dial_data(self.before, self.was),
            "new": _dial_data(self.after, self.now),
            "reasons": [str(reason) for reason in self.reasons],
        }


def _dial_data(dial: PinnedDial | None, words: str) -> Any:
    if dial is None:
        return words or None
    return {
        "at": format_instant(dial.at_ms),
        "local": format_instant(dial.at_ms, dial.offset_s, zulu=False),
        "outcome": dial.outcome,
        "seconds": dial.length_ms / SECOND_MS,
        "abandoned": dial.abandoned,
    }


class Times(NamedTuple):
    """Local times of one weekday (0 is Monday): milliseconds of the day, the first and the last."""

    weekday: int
    first_ms: int
    last_ms: int

    def words(self, unit_ms: int) -> str:
        """`Fri 18:30`, or from when to when; `unit_ms` is what the clock shows."""
        first, last = _clock(self.first_ms, unit_ms), _clock(self.last_ms, unit_ms)
        return f"{DAY_NAMES[(self.weekday + 4) % WEEK]} {first}" + (f"-{last}" if last != first else "")

    def as_data(self) -> dict[str, str]:
        """The times as JSON."""
        first, last = (_clock(each, SECOND_MS) for each in (self.first_ms, self.last_ms))
        return {"weekday": DAYS[self.weekday], "first": first, "last": last}

    @property
    def unit_ms(self) -> int:
        """What a clock has to show: minutes where they are whole, otherwise seconds."""
        return SECOND_MS if self.first_ms % MINUTE_MS or self.last_ms % MINUTE_MS else MINUTE_MS


def _clock(of_day_ms: int, unit_ms: int) -> str:
    minutes, rest_ms = divmod(of_day_ms, MINUTE_MS)
    said = f"{minutes // 60:02d}:{minutes % 60:02d}"
    if unit_ms < MINUTE_MS:
        said += f":{rest_ms // SECOND_MS:02d}"
    return said if unit_ms >= SECOND_MS else f"{said}.{rest_ms % SECOND_MS:03d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alike changes: of one kind, from one weekday to one weekday so many `days` later, for the same reasons.

    `phones` are the first, in order of time, `more` counts the others; `dials` go with numbers and redials that are
    gone or new. `first_ms` is the first instant that it is about, `shift_ms` the least by which a dial moved.
    """

    kind: Kind
    count: int
    before: Times | None
    after: Times | None
    days: int
    was: str
    now: str
    reasons: tuple[Reason, ...]
    phones: tuple[str, ...]
    more: int
    dials: int
    first_ms: int
    shift_ms: int

    def __str__(self) -> str:
        because = f" because {self.why}" if self.reasons else ""
        return f"{self.what}{because} ({self.named})"

    @property
    def what(self) -> str:
        """What changed, as a sentence without its reasons."""
        start, end = self.where
        dials = counted(self.count, "dial")
        whole = counted(self.count, "redial" if "redial" in self.kind else "number")
        is_, with_ = ("is" if self.count == 1 else "are"), f", with {counted(self.dials, 'dial')}"
        said = {
            Kind.NUMBER_LOST: f"{whole} {is_} gone{with_}",
            Kind.REDIAL_LOST: f"{whole} {is_} gone{with_}",
            Kind.NUMBER_GAINED: f"{whole} {is_} new{with_}",
            Kind.REDIAL_GAINED: f"{whole} {is_} new{with_}",
            Kind.LOST: f"{dials} of {start} {is_} gone",
            Kind.GAINED: f"{dials} of {end} {is_} new",
            Kind.EARLIER: f"{dials} moved earlier, from {start} to {end}{self.later}",
            Kind.LATER: f"{dials} moved from {start} to {end}{self.later}",
            Kind.CLOCK: f"{dials} of {start} {is_} at the same instant, which is {end} on another clock",
            Kind.OUTCOME: f"{dials} of {start} ended otherwise: {self.was} became {self.now}",
            Kind.ENDING: f"{whole} ended otherwise: {self.was} became {self.now}",
        }
        return said[self.kind]

    @property
    def later(self) -> str:
        """By how many days, where weekdays alone would mislead; otherwise empty."""
        if abs(self.days) < WEEK:
            return ""
        return f", {abs(self.days)} days {'later' if self.days > 0 else 'earlier'}"

    @property
    def where(self) -> tuple[str, str]:
        """From where to where, in local time: `Fri 18:30`; empty where there is none."""
        places = [each for each in (self.before, self.after) if each is not None]
        # Seconds are said where they tell something.
        unit_ms = MINUTE_MS if self.shift_ms >= FAR_MS else min(each.unit_ms for each in places)
        while True:
            said = ["" if each is None else each.words(unit_ms) for each in (self.before, self.after)]
            if unit_ms == 1 or said[0] != said[1] or self.days or self.before == self.after:
                return said[0], said[1]
            unit_ms = SECOND_MS if unit_ms > SECOND_MS else 1

    @property
    def why(self) -> str:
        """The reasons in words."""
        return "; ".join(map(str, self.reasons))

    @property
    def named(self) -> str:
        """The first phones."""
        return ", ".join(self.phones) + (f" and {self.more:,} more" if self.more else "")

    def as_data(self) -> dict[str, Any]:
        """The group as JSON."""
        return {
            "kind": self.kind.value,
            "count": self.count,
            "dials": self.dials,
            "from": None if self.before is None else self.before.as_data(),
            "to": None if self.after is None else self.after.as_data(),
            "days": self.days,
            "old": self.was or None,
            "new": self.now or None,
            "reasons": [reason.as_data() for reason in self.reasons],
            "phones": list(self.phones),
            "morePhones": self.more,
            "words": str(self),
        }


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
        alike: dict[object, list[Change]] = {}
        for change in self.each:
            if not change.whole:
                alike.setdefault(_alike(change), []).append(change)
        groups = [_group(changes) for changes in alike.values()]
        return sorted(groups, key=lambda group: (-group.count, group.first_ms))

    @cached_property
    def idle(self) -> list[tuple[Reason, int]]:
        """The fields that differ, and are no reason of any change."""
        named = {reason for group in self.groups for reason in group.reasons}
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


def _place(dial: PinnedDial | None) -> tuple[int, int]:
    """The local date of a dial, in days, and the time of day."""
    return (0, 0) if dial is None else divmod(dial.at_ms + dial.offset_s * SECOND_MS, DAY_MS)


def _alike(change: Change) -> object:
    """Equal for changes of one group."""
    if change.kind in WHOLE:
        return change.kind, change.reasons
    before, after = _place(change.before)[0], _place(change.after)[0]
    weekdays = change.before and before % WEEK, change.after and after % WEEK
    days = after - before if change.before and change.after else 0
    return change.kind, weekdays, days, change.was, change.now, change.reasons


def _group(changes: Sequence[Change]) -> Group:
    first = changes[0]
    phones = dict.fromkeys(change.job.phone for change in changes)
    both = first.before is not None and first.after is not None
    return Group(
        kind=first.kind,
        count=len(changes),
        before=_times([change.before for change in changes]),
        after=_times([change.after for change in changes]),
        days=_place(first.after)[0] - _place(first.before)[0] if both else 0,
        was=first.was,
        now=first.now,
        reasons=first.reasons,
        phones=tuple(phones)[:MAX_PHONES],
        more=max(len(phones) - MAX_PHONES, 0),
        dials=sum(change.dials for change in changes),
        first_ms=first.at_ms,
        shift_ms=min(map(_shift, changes)),
    )


def _shift(change: Change) -> int:
    return FAR_MS if change.before is None or change.after is None else abs(change.after.at_ms - change.before.at_ms)


def _times(dials: Iterable[PinnedDial | None]) -> Times | None:
    places = [_place(dial) for dial in dials if dial is not None]
    if not places:
        return None
    of_day = [each for _, each in places]
    return Times((places[0][0] + 3) % WEEK, min(of_day), max(of_day))
