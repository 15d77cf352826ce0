"""Alike changes as groups, in words and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scheduler.policy.clocks import DAY_NAMES
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import DAY_MS, MINUTE_MS, SECOND_MS
from scheduler.testing.change import WHOLE, Change, Kind
from scheduler.testing.pinned import PinnedDial
from scheduler.testing.reasons import Reason
from scheduler.views.words import counted

MAX_PHONES = 3
MAX_EXACT = 20  # groups; where there are more, each number has a value of its own in some field
WEEK = 7
FAR_MS = 10 * MINUTE_MS
OF_LENGTH = " in "  # between an outcome and its length, where that alone is another one


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


def groups_of(changes: Iterable[Change]) -> list[Group]:
    """Alike changes in groups, the largest first, then in order of time; those of dials that go with their job aside.

    Where there are more than MAX_EXACT groups, changes are alike if the same fields are their reasons, whatever became
    of these.
    """
    told = [change for change in changes if not change.whole]
    found = _grouped(told, roughly=False)
    if len(found) > MAX_EXACT:
        found = _grouped(told, roughly=True)
    return sorted(map(_group, found), key=lambda group: (-group.count, group.first_ms))


def _grouped(changes: Iterable[Change], *, roughly: bool) -> list[list[Change]]:
    alike: dict[object, list[Change]] = {}
    for change in changes:
        alike.setdefault(_alike(change, roughly=roughly), []).append(change)
    return list(alike.values())


def _place(dial: PinnedDial | None) -> tuple[int, int]:
    """The local date of a dial, in days, and the time of day."""
    return (0, 0) if dial is None else divmod(dial.at_ms + dial.offset_s * SECOND_MS, DAY_MS)


def _alike(change: Change, *, roughly: bool) -> object:
    """Equal for changes of one group; `roughly` if what they have in common is which fields, and not what of them."""
    reasons = tuple((each.code, each.field) for each in change.reasons) if roughly else change.reasons
    if change.kind in WHOLE:
        return change.kind, reasons
    before, after = _place(change.before)[0], _place(change.after)[0]
    weekdays = change.before and before % WEEK, change.after and after % WEEK
    days = after - before if change.before and change.after else 0
    ends = (_without_length(change.was), _without_length(change.now)) if roughly else (change.was, change.now)
    return change.kind, weekdays, days, ends, reasons


def _without_length(outcome: str) -> str:
    return outcome.partition(OF_LENGTH)[0]


def _group(changes: Sequence[Change]) -> Group:
    first = changes[0]
    phones = dict.fromkeys(change.job.phone for change in changes)
    both = first.before is not None and first.after is not None
    was, now = first.was, first.now
    if any((change.was, change.now) != (was, now) for change in changes):
        was, now = _without_length(was), f"{_without_length(now)} of another length"
    return Group(
        kind=first.kind,
        count=len(changes),
        before=_times([change.before for change in changes]),
        after=_times([change.after for change in changes]),
        days=_place(first.after)[0] - _place(first.before)[0] if both else 0,
        was=was,
        now=now,
        reasons=_common([change.reasons for change in changes]),
        phones=tuple(phones)[:MAX_PHONES],
        more=max(len(phones) - MAX_PHONES, 0),
        dials=sum(change.dials for change in changes),
        first_ms=first.at_ms,
        shift_ms=min(map(_shift, changes)),
    )


def _common(reasons: Sequence[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """The reasons of a group; without what became of a field, where that is not the same in all of it."""
    different = set(reasons)
    if len(different) == 1:
        return reasons[0]
    by_place = zip(*different, strict=True)
    return tuple(each[0] if len(set(each)) == 1 else Reason(each[0].code, each[0].field) for each in by_place)


def _shift(change: Change) -> int:
    return FAR_MS if change.before is None or change.after is None else abs(change.after.at_ms - change.before.at_ms)


def _times(dials: Iterable[PinnedDial | None]) -> Times | None:
    places = [_place(dial) for dial in dials if dial is not None]
    if not places:
        return None
    of_day = [each for _, each in places]
    return Times((places[0][0] + 3) % WEEK, min(of_day), max(of_day))
