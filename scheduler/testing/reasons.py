"""Why a dial moved: what differs between two runs, in words and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scheduler.policy.hours import DAYS
from scheduler.testing.pinned import NONE

LISTS = frozenset({"allowedDays", "law", "lawZones", "closedDates", "pauses"})  # whose texts are words, each one thing
MAX_WORDS = 5
TIME = "allowedTime."
WAIT = "wait"
SENTENCES = {  # what is no field: stable codes, and their words
    "lines": "other numbers changed, and lines are shared",
    "pace": "other numbers changed, and all share the pace",
    "agents": "other numbers changed, and agents are shared",
    "phone": "other numbers with the phone changed, and its calls are counted",
    "earlierAttempt": "the attempt before it ended at another time",
    "conversation": "the conversation before it changed",
    "answeredBefore": "an attempt before it is answered now",
    "notAnsweredBefore": "no attempt before it is answered now",
    "noSuchNumberBefore": "an attempt before it finds no such number now",
    "notNoSuchNumberBefore": "no attempt before it finds no such number now",
    "phoneUsedUp": "other jobs of the phone use up its attempts now",
    "notPhoneUsedUp": "other jobs of the phone leave it attempts now",
    "cancelled": "it is cancelled now",
    "notCancelled": "it is not cancelled now",
    "stopped": "the campaign is stopped before it now",
    "notStopped": "the campaign is not stopped before it now",
    "place": "it has another place in the request",
    "moved": "it is dialled at another time",
}


class Reason(NamedTuple):
    """One reason: a stable code, the field that differs and its two texts where it is a field (none: various ones).

    Codes: `policy` (a field of the number's policy), `setting` (of the campaign, or of the run), `wait` (what
    `explain` says that the old or the new run held it back by), `version`, and those of SENTENCES.
    """

    code: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.code == WAIT:
            return f"the {'new' if self.new else 'old'} run held it back by {self.new or self.old}"
        if not self.field:
            return SENTENCES[self.code]
        return difference_words(self.field, self.old, self.new) if self.old != self.new else f"{self.field} is another"

    def as_data(self) -> dict[str, Any]:
        """The reason as JSON."""
        if self.code == WAIT:
            return {"code": self.code, "run": "new" if self.new else "old", "by": (self.new or self.old).split(", ")}
        if not self.field:
            return {"code": self.code}
        return {"code": self.code, "field": self.field, "old": self.old or None, "new": self.new or None}


def difference_words(field: str, old: str, new: str) -> str:
    """What became of a field, as one sentence says it.

    >>> difference_words("maxAttempts", "3", "2"), difference_words("allowedDays", "mon tue fri", "mon tue sat")
    ('maxAttempts 3 became 2', 'allowedDays gained sat and lost fri')
    """
    if field not in LISTS:
        return f"{field} {old} became {new}"
    before, after = ([] if text == NONE else text.split(" ") for text in (old, new))
    gained, lost = [each for each in after if each not in before], [each for each in before if each not in after]
    if not gained and not lost:
        return f"{field} {old} became {new}"
    said = [f"{verb} {_some(each)}" for verb, each in (("gained", gained), ("lost", lost)) if each]
    return f"{field} {' and '.join(said)}"


def printable(text: str) -> str:
    r"""A text with escapes for what is no character to be seen: files may hold anything.

    >>> printable("fri\x1b[31m")
    'fri\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _some(words: Sequence[str]) -> str:
    more = len(words) - MAX_WORDS
    return " ".join(words[:MAX_WORDS]) + (f" ({more:,} more)" if more > 0 else "")


def differences(old: Mapping[str, str], new: Mapping[str, str], code: str) -> tuple[Reason, ...]:
    """What differs of the fields that both sides know.

    Windows that changed alike on all weekdays are one field.

    >>> [str(each) for each in differences({"maxAttempts": "3", "law": "us-fl"}, {"maxAttempts": "2"}, "policy")]
    ['maxAttempts 3 became 2']
    """
    if old is new:
        return ()
    found = [Reason(code, field, text, new[field]) for field, text in old.items() if new.get(field, text) != text]
    days = [each for each in found if each.field.startswith(TIME)]
    if len(days) == len(DAYS) and len({(each.old, each.new) for each in days}) == 1:
        place = found.index(days[0])
        found = [each for each in found if not each.field.startswith(TIME)]
        found.insert(place, Reason(code, TIME[:-1], days[0].old, days[0].new))
    return tuple(found)
