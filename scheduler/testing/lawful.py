"""Which dials of a timeline break a law, whether or not its campaign had it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from scheduler.engine.lawful import parts_for
from scheduler.engine.timeline import Dial, Timeline
from scheduler.intake.campaign import laws_of
from scheduler.intake.laws import LawFinder
from scheduler.intake.phones import ZoneFinder
from scheduler.jobs import Outcome, UsageError
from scheduler.policy.calendar import THURSDAY, Calendar
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.hours import DAYS, spelt
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, SECOND_MS
from scheduler.policy.laws import Law, LegalPart
from scheduler.policy.laws.frequency import Calls, hold_at


def breaches(timeline: Timeline, names: Sequence[str]) -> Iterator[tuple[Dial, str]]:
    """The dials that break one of some laws, in order, each with what the law says, for every way in which it does.

    Raises PolicyError for a name that is no law's.
    """
    if not names:
        raise UsageError('no law; name one, such as "us-tcpa"')
    finder = LawFinder(laws_of(list(names), "law"), ZoneFinder())
    places = timeline.columns.job
    asked = {
        place for each in timeline.places.values() for place, after in pairwise(each) if timeline.jobs[after].redial
    }
    calls: dict[str, Calls] = defaultdict(Calls)
    clocks = LocalClocks(timeline.until_ms)
    hours = _Hours(timeline)
    for dial, place in zip(timeline, places, strict=True):
        job = dial.job
        legal = finder.bound(job.phone, job.zone, job.zone_source).legal
        earlier = calls[job.phone]
        if legal is not None:
            for part in legal.parts:
                if not hours.allow(part, dial.at):
                    yield dial, _hours_words(part, dial, clocks)
            for part in parts_for(job._replace(legal=legal)):
                # What was said in a call counts from its end on.
                talks = tuple(talk for talk in earlier.talks if talk.ended_ms <= dial.at)
                over = Calls(earlier.dials, earlier.asked, talks)
                hold = hold_at(part, over, dial.at)
                if hold is not None:
                    until = clocks.both(part.zone, hold.until_ms)
                    yield (
                        dial,
                        f"where {part.law.name} allows {hold.rule}, so none before {until} ({_sources(part.law)})",
                    )
        earlier.add_dial(dial.at, asked=job.redial is not None)
        if dial.outcome is Outcome.ANSWERED and not dial.abandoned:
            earlier.add_talk(dial.at + dial.length_ms, refusal=not dial.result and place not in asked)


class _Hours:
    """The hours of laws over a run, compiled once for each law in each zone."""

    def __init__(self, timeline: Timeline) -> None:
        self._span = (timeline[0].at, timeline[-1].at + 1) if timeline else (0, 1)
        self._calendars: dict[tuple[str, str], Calendar] = {}

    def allow(self, part: LegalPart, instant_ms: int) -> bool:
        """Whether they allow an instant of the run."""
        key = part.law.name, part.zone.name
        if key not in self._calendars:
            self._calendars[key] = part.allowed(*self._span)
        return self._calendars[key].allows(instant_ms)


def _hours_words(part: LegalPart, dial: Dial, clocks: LocalClocks) -> str:
    law, zone = part.law, part.zone
    day = (dial.at + zone.offset_s(dial.at) * SECOND_MS) // DAY_MS
    there = "" if zone.name == dial.job.zone.name else f" in {zone.name}, where it is {clocks.words(zone, dial.at)},"
    return f"where {law.name} allows{there} {_day_words(law, day, part)} ({_sources(law)})"


def _day_words(law: Law, day: int, part: LegalPart) -> str:
    if day + EPOCH_ORDINAL in part.holidays:
        return f"{', '.join(map(spelt, law.holiday_windows)) or 'nothing'} on a public holiday"
    weekday = (day + THURSDAY) % 7
    return f"{DAYS[weekday]} {', '.join(map(spelt, law.hours.windows[weekday])) or 'nothing'}"


def _sources(law: Law) -> str:
    """The sources of a law, without where they can be read."""
    return "; ".join(source.partition(", http")[0] for source in law.sources)
