"""How often: caps on the dials of a phone, and cool-downs after what came of them.

What it means
    A dial at an instant is allowed if, for every cap, fewer than `most` earlier dials of the phone lie in the period
    that the cap gives that instant, and every cool-down is over. The period of a cap that rolls over hours is that
    many hours before the instant; of one that rolls over dates, the instant's local date and those before it, so many
    in all; of a calendar day, week or month, all instants whose local date lies in the same one. Local dates are what
    the zone's clock shows, so a date that is skipped is no date, and one that the clock comes back to is one. On a date
    on which a law is not in force, nothing of it holds; the calls of such a date count all the same.

How it works
    What forbids an instant says when it may end at the earliest: when a dial leaves the rolling hours, or with the
    first instant of a later local date; and, as then another date may count, when the clock is set back over midnight.
    The search goes there and looks again, until nothing forbids. As long as there is no further call, an instant that
    is allowed is followed by allowed ones, save where a law comes into force or a clock is set back over midnight.
    There, `held_again` looks at every date that begins.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date as local_date
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from scheduler.policy.calendar import THURSDAY, first_instant_of
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, HOUR_MS, SECOND_MS
from scheduler.policy.laws.law import Cap, CoolDown, Event, Law, Per
from scheduler.policy.laws.legal import LegalPart
from scheduler.policy.zones import Zone

LAST_ORDINAL = local_date.max.toordinal()
SPAN_MS = 64 * DAY_MS  # of which it is remembered whether a clock is set back over midnight
MONTH_DAYS = 31  # at most


class Talk(NamedTuple):
    """The end of a conversation, and whether the person refused to be called again."""

    ended_ms: int
    refusal: bool


@dataclass(slots=True)
class Calls:
    """The calls of a phone that the laws count: the instants of its dials, in order, and the ends of conversations.

    `asked` are the places, among the dials, of those that somebody asked for in a conversation.
    """

    dials: list[int] = field(default_factory=list)
    asked: tuple[int, ...] = ()
    talks: tuple[Talk, ...] = ()

    def add_dial(self, instant_ms: int, *, asked: bool = False) -> None:
        """Note a dial, behind all others."""
        if asked:
            self.asked = (*self.asked, len(self.dials))
        self.dials.append(instant_ms)

    def add_talk(self, ended_ms: int, *, refusal: bool) -> None:
        """Note the end of a conversation, behind all others."""
        self.talks = (*self.talks, Talk(ended_ms, refusal))

    def counted_by(self, law: Law) -> Sequence[int]:
        """The dials that a law counts, in order."""
        if not (law.redials_exempt and self.asked):
            return self.dials
        asked = set(self.asked)
        return [dial for place, dial in enumerate(self.dials) if place not in asked]


class Hold(NamedTuple):
    """What forbids an instant, and until when at least."""

    law: Law
    rule: Cap | CoolDown
    until_ms: int


def hold_at(part: LegalPart, calls: Calls, instant_ms: int) -> Hold | None:
    """What of a law forbids a dial at an instant, no earlier than the calls that count; None if nothing does.

    Up to the end of the hold every instant is forbidden. O(1) where there are too few calls, else O(calls).

    >>> from scheduler.policy.instants import format_instant, parse_moment
    >>> from scheduler.policy.laws import law_named
    >>> from scheduler.policy.zones import parse_zone
    >>> debts = LegalPart(law_named("us-reg-f"), parse_zone("America/New_York"))
    >>> after = Calls([parse_moment("2026-03-02T15:00Z")], talks=(Talk(parse_moment("2026-03-02T15:01Z"), False),))
    >>> hold = hold_at(debts, after, parse_moment("2026-03-03T15:00Z"))
    >>> str(hold.rule), format_instant(hold.until_ms)
    ('no call for 7 days after a conversation', '2026-03-09T04:00:00Z')
    """
    zone, law = part.zone, part.law
    dials = calls.counted_by(law)
    caps = [cap for cap in law.caps if len(dials) >= cap.most]
    if not caps and not calls.talks:
        return None
    day = local_day(zone, instant_ms)
    if not law.in_force(day + EPOCH_ORDINAL):
        return None
    for cap in caps:
        until_ms = _cap_until(cap, zone, dials, instant_ms, day)
        if until_ms is not None:
            return Hold(law, cap, _at_the_latest(until_ms, law, zone, instant_ms))
    for rule in law.cool_downs:
        ends = [talk.ended_ms for talk in calls.talks if talk.refusal or rule.after is Event.CONVERSATION]
        if ends:
            over = max(local_day(zone, end_ms) for end_ms in ends) + rule.days + (not rule.counts_day)
            if day < over:
                until_ms = first_instant_of(over, zone, instant_ms)
                return Hold(law, rule, _at_the_latest(until_ms, law, zone, instant_ms))
    return None


def first_hold(parts: Sequence[LegalPart], calls: Calls, instant_ms: int) -> Hold | None:
    """What of the first law that does forbids a dial at an instant; as `hold_at`."""
    for part in parts:
        hold = hold_at(part, calls, instant_ms)
        if hold is not None:
            return hold
    return None


def next_allowed(parts: Sequence[LegalPart], calls: Calls, instant_ms: int) -> int:
    """The first instant, from one on, at which no cap and no cool-down of any law forbids a dial.

    The instant is no earlier than the calls. As costly as hold_at, once for each thing that forbids.
    """
    while True:
        hold = first_hold(parts, calls, instant_ms)
        if hold is None:
            return instant_ms
        instant_ms = hold.until_ms


def held_again(parts: Sequence[LegalPart], calls: Calls, instant_ms: int) -> int | None:
    """The first instant after an allowed one at which something forbids a dial, without a further call; mostly None.

    A look at the changes of the clock, as far ahead as the calls can count; where one of the two causes lies there, at
    each date up to it.
    """
    last_ms = max([*calls.dials[-1:], *(talk.ended_ms for talk in calls.talks)], default=instant_ms)
    found: list[int] = []
    for part in parts:
        law, zone = part.law, part.zone
        if not calls.talks and all(len(calls.dials) < cap.most for cap in law.caps):
            continue
        end_ms = last_ms + law.reach_days * DAY_MS
        if end_ms <= instant_ms:
            continue
        begins = law.first_date is not None and local_day(zone, instant_ms) + EPOCH_ORDINAL < law.first_date
        # Behind a change of yesterday a date may yet begin for the second time.
        if begins or _set_back(zone, instant_ms - DAY_MS, end_ms) is not None:
            dates = _dates(zone, instant_ms, end_ms)
            found += islice((each for each in dates if hold_at(part, calls, each) is not None), 1)
    return min(found, default=None)


def local_day(zone: Zone, instant_ms: int) -> int:
    """The local date at an instant, counted from 1970."""
    return (instant_ms + zone.offset_s(instant_ms) * SECOND_MS) // DAY_MS


def _at_the_latest(until_ms: int, law: Law, zone: Zone, instant_ms: int) -> int:
    """The end of what forbids an instant, or before it the law's own end, or a clock that is set back over midnight."""
    if law.last_date is not None:
        until_ms = min(until_ms, first_instant_of(law.last_date + 1 - EPOCH_ORDINAL, zone, instant_ms))
    set_back_ms = _set_back(zone, instant_ms, until_ms)
    return until_ms if set_back_ms is None else set_back_ms


def _set_back(zone: Zone, from_ms: int, until_ms: int) -> int | None:
    """The first instant between two at which a clock is set back to an earlier local date; None for nearly all."""
    for span in range(from_ms // SPAN_MS, (until_ms - 1) // SPAN_MS + 1):
        for instant_ms in _set_backs(zone, span):
            if from_ms < instant_ms < until_ms:
                return instant_ms
    return None


@lru_cache(maxsize=4096)
def _set_backs(zone: Zone, span: int) -> tuple[int, ...]:
    """The instants of a span of time at which a clock is set back to an earlier local date."""
    found = []
    day: int | None = None
    for begin_ms, end_ms, offset_ms in zone.runs(span * SPAN_MS - 1, (span + 1) * SPAN_MS):
        if day is not None and (begin_ms + offset_ms) // DAY_MS < day:
            found.append(begin_ms)
        day = (end_ms - 1 + offset_ms) // DAY_MS
    return tuple(found)


def _dates(zone: Zone, from_ms: int, until_ms: int) -> Iterator[int]:
    """The instants of a span, its first left out, at which a clock begins to show another local date."""
    shown = local_day(zone, from_ms)
    for begin_ms, end_ms, offset_ms in zone.runs(from_ms, until_ms):
        for day in range((begin_ms + offset_ms) // DAY_MS, (end_ms - 1 + offset_ms) // DAY_MS + 1):
            if day != shown:
                yield max(begin_ms, day * DAY_MS - offset_ms)
            shown = day


def _cap_until(cap: Cap, zone: Zone, dials: Sequence[int], instant_ms: int, day: int) -> int | None:
    """When a cap that forbids an instant may allow one again; None if it does not forbid it."""
    if cap.per is Per.HOURS:
        # With this one of the last dials inside, there are as many as are allowed.
        leaves_ms = dials[-cap.most] + cap.length * HOUR_MS
        return leaves_ms if instant_ms < leaves_ms else None
    begin, end = (day - cap.length + 1, day + 1) if cap.per is Per.DAYS else calendar_period(cap.per, day)
    # Dates do not come in order where a clock is set back over midnight.
    since = bisect_left(dials, first_instant_of(begin, zone))
    dates = sorted(date for dial in dials[since:] if begin <= (date := local_day(zone, dial)) < end)
    if len(dates) < cap.most:
        return None
    return first_instant_of(dates[-cap.most] + cap.length if cap.per is Per.DAYS else end, zone, instant_ms)


def calendar_period(per: Per, day: int) -> tuple[int, int]:
    """The local dates [begin, end) of the calendar period that a date lies in, counted from 1970."""
    if per is Per.DAY:
        return day, day + 1
    if per is Per.WEEK:
        monday = day - (day + THURSDAY) % 7
        return monday, monday + 7
    ordinal = day + EPOCH_ORDINAL
    if not 1 <= ordinal <= LAST_ORDINAL:
        # Beyond the years that a date can hold, months are 31 days long.
        first = day - (ordinal - LAST_ORDINAL - 1) % MONTH_DAYS
        return first, first + MONTH_DAYS
    date = local_date.fromordinal(ordinal)
    first = day - date.day + 1
    return first, first + monthrange(date.year, date.month)[1]
