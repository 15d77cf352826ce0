"""One change between two runs: its kind, and what was and is."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from scheduler.policy.instants import SECOND_MS, format_instant
from scheduler.testing.pinned import JobKey, PinnedDial
from scheduler.testing.reasons import Reason

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
