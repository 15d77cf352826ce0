"""What a change did, as words and tables of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.differ.hours import Hour
from scheduler.policy.zones import Zone
from scheduler.testing.change import WHOLE, Kind
from scheduler.testing.changes import Changes, field_words, idle_words
from scheduler.testing.groups import Group
from scheduler.testing.reasons import printable
from scheduler.views.marks import clock_words
from scheduler.views.text import bars, drawn
from scheduler.views.words import counted

MAX_FIELDS = 20
MAX_GROUPS = 50
MAX_HOURS = 24
SHORT = {  # what the column `what` says
    Kind.NUMBER_LOST: "number gone",
    Kind.NUMBER_GAINED: "number new",
    Kind.REDIAL_LOST: "redial gone",
    Kind.REDIAL_GAINED: "redial new",
    Kind.LOST: "dial gone",
    Kind.GAINED: "dial new",
    Kind.EARLIER: "earlier",
    Kind.LATER: "later",
    Kind.CLOCK: "other clock",
    Kind.OUTCOME: "other outcome",
    Kind.ENDING: "other ending",
}
COUNTED = {  # what the first sentence says of each
    Kind.NUMBER_LOST: ("number", "is gone", "are gone"),
    Kind.NUMBER_GAINED: ("number", "is new", "are new"),
    Kind.REDIAL_LOST: ("redial", "is gone", "are gone"),
    Kind.REDIAL_GAINED: ("redial", "is new", "are new"),
    Kind.LOST: ("dial", "is gone", "are gone"),
    Kind.GAINED: ("dial", "is new", "are new"),
    Kind.EARLIER: ("dial", "comes earlier", "come earlier"),
    Kind.LATER: ("dial", "comes later", "come later"),
    Kind.CLOCK: ("dial", "is read off another clock", "are read off another clock"),
    Kind.OUTCOME: ("dial", "ends otherwise", "end otherwise"),
    Kind.ENDING: ("job", "ends otherwise", "end otherwise"),
}
RIGHT = frozenset({"how many", "before", "after"})


def text_of(changes: Changes, hours: Sequence[Hour], zone: Zone, *, plain: bool) -> str:
    """What changed in words, then the groups, then the hours in which the dials are others; `plain` is ASCII alone."""
    parts = ["".join(f"{printable(line)}\n" for line in sentences(changes))]
    if changes.groups:
        parts.append(_groups(changes.groups, plain=plain))
    changed = [hour for hour in hours if hour.before != hour.after]
    if changed:
        parts.append(_hours(changed, zone, plain=plain))
    return "\n".join(parts)


def sentences(changes: Changes) -> Iterator[str]:
    """What changed: how many dials and numbers, in which data, and which fields."""
    if changes.moved:
        yield f"{_run(changes, 0)} became {_run(changes, 1)}."
        said = [_many(count, *COUNTED[kind]) for kind, count in changes.counts.items() if count]
        same = _many(changes.same, "dial", "is", "are") if changes.same else "none is"
        yield f"{_listed(said)}; {same} the same."
    else:
        yield f"The timelines are equal: {_run(changes, 0)}."
    for reason in changes.versions:
        yield f"made with other data: {reason}{', so not all may be due to the change' if changes.moved else ''}"
    idle = {reason for reason, _ in changes.idle}
    for reason, jobs in changes.fields[:MAX_FIELDS]:
        yield idle_words(reason, jobs, moved=changes.moved) if reason in idle else field_words(reason, jobs)
    more = len(changes.fields) - MAX_FIELDS
    if more > 0:
        yield f"... and {counted(more, 'more difference')} of fields; --format json has all"


def _run(changes: Changes, side: int) -> str:
    return f"{counted(changes.dials[side], 'dial')} to {counted(changes.numbers[side], 'number')}"


def _many(count: int, noun: str, one: str, more: str) -> str:
    return f"{counted(count, noun)} {one if count == 1 else more}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _groups(groups: Sequence[Group], *, plain: bool) -> str:
    head = ["what", "how many", "from", "to", "why", "phones"]
    rows = [[printable(cell) for cell in _row(group)] for group in groups[:MAX_GROUPS]]
    text = drawn(head, rows, plain=plain, at_left=set(head) - RIGHT)
    more = len(groups) - MAX_GROUPS
    return text + (f"... and {counted(more, 'more group')}; --format json has all\n" if more > 0 else "")


def _row(group: Group) -> list[str]:
    start, end = group.where
    if group.kind in {Kind.OUTCOME, Kind.ENDING}:
        start, end = f"{start} {group.was}".strip(), f"{end} {group.now}".strip()
    count = f"{group.count:,}" + (f" ({counted(group.dials, 'dial')})" if group.kind in WHOLE else "")
    return [SHORT[group.kind], count, start, end + group.later, group.why, group.named]


def _hours(hours: Sequence[Hour], zone: Zone, *, plain: bool) -> str:
    shown = hours[:MAX_HOURS]
    length = bars([float(count) for hour in shown for count in (hour.before, hour.after)], plain=plain)
    rows = [
        [clock_words(hour.clock_ms), f"{hour.before:,}", f"{hour.after:,}", before, after]
        for hour, before, after in zip(shown, length[::2], length[1::2], strict=True)
    ]
    head = [f"hour, {zone.name}", "before", "after", "before as a bar", "after as a bar"]
    text = drawn(head, rows, plain=plain, at_left={*head[3:]})
    more = len(hours) - MAX_HOURS
    return text + (f"... and {counted(more, 'more hour')}; --format json has all\n" if more > 0 else "")
