"""How often: caps on the dials of a phone, and cool-downs after what came of them.

What it means
    A dial at an instant is allowed if, for every cap, fewer than `most` earlier dials of the phone lie in the period
    that the cap gives that instant, and every cool-down is over. The period of a cap that rolls over hours is that
    many hours before the instant; of one that rolls over dates, the instant's local date and those before it, so many
    in all; of a calendar day, week or month, all instants whose local date lies in the same one. Local dates are what
    the zone's clock shows, so a date that is skipped is no date, and one that the clock comes back to is one.

How it works
    What forbids an instant says when it may end at the earliest: when a dial leaves the rolling hours, or with the
    first instant of a later local date. The search goes there and looks again, until nothing forbids.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date as local_date
from typing import NamedTuple

from scheduler.policy.calendar import THURSDAY, first_instant_of
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, HOUR_MS, SECOND_MS
from scheduler.policy.laws.law import Cap, CoolDown, Event, Law, Per
from scheduler.policy.laws.legal import LegalPart
from scheduler.policy.zones import Zone


class Talk(NamedTuple):
    """The end of a conversation, and whether the person refused to be called again."""

    ended_ms: int
    refusal: bool


@dataclass(slots=True)
class Calls:
    """The calls of a phone that the laws count: the instants of its dials, in order, and the ends of conversations.

    `unasked` are the dials without those that somebody asked for in a conversation.
    """

    dials: list[int] = field(default_factory=list)
    unasked: list[int] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)

    def add_dial(self, instant_ms: int, *, asked: bool) -> None:
        """Note a dial, behind all others."""
        self.dials.append(instant_ms)
        if not asked:
            self.unasked.append(instant_ms)


class Hold(NamedTuple):
    """What forbids an instant, and until when at least."""

    law: Law
    rule: Cap | CoolDown
    until_ms: int


def hold_at(part: LegalPart, calls: Calls, instant_ms: int) -> Hold | None:
    """What of a law forbids a dial at an instant, no earlier than the calls that count; None if nothing does."""
    zone, law = part.zone, part.law
    dials = calls.unasked if law.redials_exempt else calls.dials
    caps = [cap for cap in law.caps if len(dials) >= cap.most]
    if not caps and not calls.talks:
        return None
    day = _date(zone, instant_ms)
    if not law.in_force(day + EPOCH_ORDINAL):
        return None
    for cap in caps:
        until_ms = _cap_until(cap, zone, dials, instant_ms, day)
        if until_ms is not None:
            return Hold(law, cap, _while_in_force(law, zone, until_ms))
    for rule in law.cool_downs:
        ended = (talk.ended_ms for talk in calls.talks if talk.refusal or rule.after is Event.CONVERSATION)
        over = max((_date(zone, end_ms) for end_ms in ended), default=day - rule.days - 1)
        over += rule.days + (not rule.counts_day)
        if day < over:
            return Hold(law, rule, _while_in_force(law, zone, first_instant_of(over, zone, instant_ms)))
    return None


def next_allowed(parts: Sequence[LegalPart], calls: Calls, instant_ms: int) -> int:
    """The first instant, from one on, at which no cap and no cool-down of any law forbids a dial.

    O(1) where there are few calls, O(calls) a look otherwise, and a look more for each thing that forbids.
    """
    while True:
        hold = next((hold for part in parts if (hold := hold_at(part, calls, instant_ms)) is not None), None)
        if hold is None:
            return instant_ms
        instant_ms = hold.until_ms


def _while_in_force(law: Law, zone: Zone, until_ms: int) -> int:
    if law.last_date is None:
        return until_ms
    return min(until_ms, first_instant_of(law.last_date + 1 - EPOCH_ORDINAL, zone))


def _cap_until(cap: Cap, zone: Zone, dials: Sequence[int], instant_ms: int, day: int) -> int | None:
    """When a cap that forbids an instant may allow one again; None if it does not forbid it."""
    if cap.per is Per.HOURS:
        # With this one of the last dials inside, there are as many as are allowed.
        leaves_ms = dials[-cap.most] + cap.length * HOUR_MS
        return leaves_ms if instant_ms < leaves_ms else None
    begin, end = (day - cap.length + 1, day + 1) if cap.per is Per.DAYS else _period(cap.per, day)
    # Dates do not come in order where a clock is set back over midnight.
    since = bisect_left(dials, first_instant_of(begin, zone))
    dates = sorted(date for dial in dials[since:] if begin <= (date := _date(zone, dial)) < end)
    if len(dates) < cap.most:
        return None
    return first_instant_of(dates[-cap.most] + cap.length if cap.per is Per.DAYS else end, zone, instant_ms)


def _period(per: Per, day: int) -> tuple[int, int]:
    """The local dates [begin, end) of the calendar period that a date lies in, counted from 1970."""
    if per is Per.DAY:
        return day, day + 1
    if per is Per.WEEK:
        monday = day - (day + THURSDAY) % 7
        return monday, monday + 7
    this = local_date.fromordinal(day + EPOCH_ORDINAL)
    following = local_date(this.year + this.month // 12, this.month % 12 + 1, 1)
    return this.replace(day=1).toordinal() - EPOCH_ORDINAL, following.toordinal() - EPOCH_ORDINAL


def _date(zone: Zone, instant_ms: int) -> int:
    """The local date at an instant, counted from 1970."""
    return (instant_ms + zone.offset_s(instant_ms) * SECOND_MS) // DAY_MS
