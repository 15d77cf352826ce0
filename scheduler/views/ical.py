"""Dials or windows as iCalendar (RFC 5545), for a calendar program to show.

An event costs about 130 µs and 300 bytes, and calendar programs choke long before a spreadsheet does: what is
larger than `MAX_EVENTS` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

from scheduler.engine.timeline import Dial, Timeline
from scheduler.jobs import UsageError
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.instants import SECOND_MS
from scheduler.policy.zones import Zone
from scheduler.views.extras import extra
from scheduler.views.rows import WindowRow

if TYPE_CHECKING:
    from icalendar import Calendar, Event

MAX_EVENTS = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # RFC 5545 has no way to write these


def dials_calendar(timeline: Timeline) -> bytes:
    r"""The dials as a calendar, an event for each, from its dial to the end of its call.

    Times are in UTC, to the second, the end rounded up; the description has the local time. The same timeline gives the
    same bytes, and an event keeps its UID from run to run as long as it is the same attempt of the same number of a
    campaign of the same name.
    Raises UsageError for more than MAX_EVENTS dials, or if icalendar is absent. About 150 µs a dial.

    >>> from scheduler import Campaign, read_request, simulate
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "+03:00"}]', Campaign()).jobs
    >>> text = dials_calendar(simulate(Campaign(), jobs, now="2026-03-02T09:00:00Z")).decode()
    >>> [line for line in text.split("\r\n") if line.startswith("DT")]
    ['DTSTART:20260302T090000Z', 'DTEND:20260302T090030Z', 'DTSTAMP:20260302T090000Z']
    """
    if len(timeline) > MAX_EVENTS:
        raise _too_many(f"{len(timeline):,} dials", "--format csv or parquet")
    calendar = _calendar(timeline.campaign.name or "dials")
    clocks, stamp = LocalClocks(timeline.until_ms), _moment(timeline.now_ms)
    campaign = _short(timeline.campaign.name)
    for dial in timeline:
        calendar.add_component(_dial_event(dial, clocks, stamp, campaign))
    return bytes(calendar.to_ical())


def windows_calendar(rows: Iterable[WindowRow], *, stamp_ms: int, name: str = "allowed time") -> bytes:
    """Intervals in which numbers may be dialled as a calendar, an event for each; they do not make anybody busy.

    `stamp_ms` is when the calendar was made. Raises UsageError for more than MAX_EVENTS intervals, or if icalendar is
    absent. About 150 µs an interval.
    """
    found = list(islice(rows, MAX_EVENTS + 1))
    if len(found) > MAX_EVENTS:
        raise _too_many("the intervals", "--format ndjson")
    calendar = _calendar(name)
    clocks = LocalClocks(max((row.closes_ms for row in found), default=0) + 1)
    stamp = _moment(stamp_ms)
    for row in found:
        event = _event(
            f"window-{row.phone}-{row.job}-{row.opens_ms}-{_short(name)}",
            f"{row.phone} may be called",
            row.opens_ms,
            row.closes_ms,
            stamp,
        )
        event.add("transp", "TRANSPARENT")
        event.add("description", f"{_span_in(row.zone, row.opens_ms, row.closes_ms, clocks)}\njob {row.job}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _dial_event(dial: Dial, clocks: LocalClocks, stamp: datetime, campaign: str) -> Event:
    job, redial = dial.job, "" if dial.redial_number is None else f"redial {dial.redial_number}, "
    event = _event(
        f"dial-{job.phone}-{job.index}-{dial.redial_number or 0}-{dial.attempt}-{campaign}",
        f"Call {job.phone} ({redial}{dial.attempt} of {job.policy.max_attempts})",
        dial.at,
        dial.at + dial.length_ms,
        stamp,
    )
    local = f"{clocks.words(job.zone, dial.at)} {job.zone.name}"
    event.add("description", f"{local}\njob {job.index}\n{dial.outcome.value}, {dial.seconds:g} s")
    return event


def _calendar(name: str) -> Calendar:
    with extra("iCalendar"):
        from icalendar import Calendar, vText  # noqa: PLC0415
    calendar = Calendar()
    calendar.add("prodid", f"-//call-scheduler//call-scheduler {version('call-scheduler')}//EN")
    calendar.add("version", "2.0")
    # What begins with X- is written as it is, unless it is said to be text.
    calendar.add("x-wr-calname", vText(NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", name)))
    return calendar


def _event(uid: str, summary: str, begin_ms: int, end_ms: int, stamp: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415

    event = Event()
    event.add("uid", f"{uid}@call-scheduler")
    event.add("dtstamp", stamp)
    event.add("dtstart", _moment(begin_ms))
    event.add("dtend", max(_moment(-(-end_ms // SECOND_MS) * SECOND_MS), _moment(begin_ms) + timedelta(seconds=1)))
    event.add("summary", summary)
    return event


def _short(name: str) -> str:
    """What tells the events of one campaign from those of another in the same calendar program."""
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _span_in(zone: Zone, begin_ms: int, end_ms: int, clocks: LocalClocks) -> str:
    return f"{clocks.words(zone, begin_ms)} to {clocks.words(zone, end_ms)} {zone.name}"


def _moment(instant_ms: int) -> datetime:
    return EPOCH + timedelta(seconds=instant_ms // SECOND_MS)


def _too_many(what: str, other: str) -> UsageError:
    return UsageError(
        f"{what} are too many for a calendar, which has room for {MAX_EVENTS:,} events; "
        f"take fewer numbers, an earlier end (--until), or {other}"
    )
