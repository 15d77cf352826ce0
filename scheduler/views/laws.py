"""The laws that there are, as a table, and one of them in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from textwrap import wrap
from typing import TextIO

from scheduler.intake.lawful_words import hours_words, period_words, span_words
from scheduler.policy.instants import MINUTE_MS
from scheduler.policy.laws import LAWS, CoolDown, Law, Per, law_named
from scheduler.views.tables import write_table

NAME_WIDTH = 10
WIDTH = 108  # of what is named


def write_laws(out: TextIO) -> None:
    """All laws as a table: where each holds, its hours, and what it counts."""
    rows = [[law.name, law.title, _brief_places(law), _hours(law), _brief_counts(law)] for law in map(law_named, LAWS)]
    write_table(["name", "title", "places", "hours, local time", "calls to a phone"], rows, out)


def write_law(law: Law, out: TextIO) -> None:
    """One law with all that is known of it, and what is not."""
    out.write("\n".join([f"{law.name}: {law.title}", *_lines(law)]) + "\n")


def _lines(law: Law) -> Iterator[str]:
    yield from _named("scope", law.scope)
    yield from _named("places", ", ".join(law.places))
    if law.area_codes:
        yield from _named("of them", f"numbers with the area codes {', '.join(law.area_codes)}")
    yield from _named("in force", _in_force(law))
    yield from _named("hours", f"{_hours(law)}; on the clock of who is called")
    for rule in (*law.caps, *law.cool_downs):
        yield from _named("counts", f"{rule}{_counting(rule) if isinstance(rule, CoolDown) else ''}")
    for source in law.sources:
        yield from _named("source", source)
    yield from _named("note", law.note)


def _named(name: str, text: str) -> Iterator[str]:
    """A named text, in lines that are no longer than those of a terminal where its words allow."""
    for place, line in enumerate(wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)):
        yield f"  {name if place == 0 else '':{NAME_WIDTH}}{line}"


def _in_force(law: Law) -> str:
    bounds = (("from", law.first_date), ("to", law.last_date))
    return (
        " ".join(f"{word} {date.fromordinal(day).isoformat()}" for word, day in bounds if day is not None) or "always"
    )


def _brief_places(law: Law) -> str:
    first, *others = law.places
    return first + (
        f", {len(law.area_codes)} area codes" if law.area_codes else f" and {len(others)} more" if others else ""
    )


def _hours(law: Law) -> str:
    hours = "any" if law.hours.always else hours_words(law.hours)
    if law.holidays is None:
        return hours
    windows = span_words((start * MINUTE_MS, end * MINUTE_MS) for start, end in law.holiday_windows)
    return f"{hours}, holidays {windows or 'never'}"


def _brief_counts(law: Law) -> str:
    caps = [f"{cap.most} {'in ' if cap.per in {Per.HOURS, Per.DAYS} else ''}{period_words(cap)}" for cap in law.caps]
    return ", ".join(caps + [f"none for {rule.days} days after a {rule.after.value}" for rule in law.cool_downs])


def _counting(rule: CoolDown) -> str:
    return ", that date among them" if rule.counts_day else ", that date aside"
