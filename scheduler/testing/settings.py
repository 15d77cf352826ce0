"""The settings of pinned runs: how they differ, and what their texts amount to."""

from __future__ import annotations

from datetime import date, timedelta
from math import inf

from scheduler.testing.pinned import NONE, Pinned
from scheduler.testing.reasons import Reason, differences


def number_of(text: str) -> float:
    """A number of seconds, infinite where a text that was edited is none."""
    try:
        return float(text)
    except ValueError:
        return inf


def amount_of(text: str) -> float | None:
    """How much of something shared a text says: none is no limit; None where it changes over the day."""
    if text == NONE:
        return inf
    first = text.partition(" ")[0]
    return float(first) if first.replace(".", "", 1).isdigit() and "," not in text else None


def _day_beside(day: str, by: int) -> str:
    """The date so many days behind another; the text itself where that is no date."""
    try:
        return (date.fromisoformat(day) + timedelta(days=by)).isoformat()
    except (ValueError, OverflowError):
        return day


def settings_differences(old: Pinned, new: Pinned) -> tuple[Reason, ...]:
    """The settings that differ, save names, which move nothing; closed dates as far as both runs reach on any clock."""
    ends = [[run.settings.get(name, "")[:10] for run in (old, new)] for name in ("now", "until")]
    first, last = (_day_beside(day, by) for day, by in ((max(ends[0]), -1), (min(ends[1]), 1)))
    texts = []
    for run in (old, new):
        settings = {field: text for field, text in run.settings.items() if field != "name"}
        closed = settings.get("closedDates", NONE)
        if first and last and closed != NONE:
            settings["closedDates"] = " ".join(day for day in closed.split() if first <= day <= last) or NONE
        texts.append(settings)
    return differences(texts[0], texts[1], "setting")
