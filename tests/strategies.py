"""Small random campaigns and requests in the wire form, on a coarse grid of time, so that collisions happen."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scheduler import Campaign, Job, Timeline, read_campaign, read_request, simulate

TICK_MS = 900_000
HOUR_MS = 3_600_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Zones whose clocks change around the starts below: by an hour, by half an hour, at midnight, in winter, by a day.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "UTC",
    "-05:00",
    "+05:45",
)
STARTS = tuple(
    int(dt.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)
    for text in (
        "2026-03-02T06:00",
        "2026-03-28T18:00",
        "2026-10-24T12:00",
        "2026-04-04T12:00",
        "2026-04-05T00:15",
        "2026-02-14T00:00",
        "2011-12-29T12:00",
        "2026-12-31T21:00",
    )
)


class Case(NamedTuple):
    """A campaign, its numbers, and a run."""

    campaign: dict[str, Any]
    numbers: list[dict[str, Any]]
    now: int
    until: int
    lines: int | None
    tick_ms: int = TICK_MS


def campaign_of(fields: Mapping[str, Any]) -> Campaign:
    """The campaign of a campaign file; zones are never guessed from phones, so that a test says what it means."""
    return read_campaign(json.dumps({"detectTimeZone": False, **fields}))


def jobs_of(campaign: Campaign, numbers: Sequence[Mapping[str, Any]]) -> Sequence[Job]:
    """The jobs of a request."""
    return read_request(json.dumps(numbers), campaign).jobs


def played(case: Case) -> Timeline:
    """The product's timeline of a case."""
    campaign = campaign_of(case.campaign)
    return simulate(campaign, jobs_of(campaign, case.numbers), now=case.now, until=case.until, lines=case.lines)


def dials_of(timeline: Timeline) -> list[tuple[int, int, int]]:
    """The dials as (at, job, attempt), in the order in which they are placed."""
    return [(dial.at, dial.job.index, dial.attempt) for dial in timeline]


def at(text: str) -> int:
    """An instant in milliseconds; without an offset in UTC."""
    moment = dt.datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp() * 1000)


def number(name: str, **fields: Any) -> dict[str, Any]:
    """A number in UTC with a phone of its own, known by a name of one letter."""
    return {"phone": f"79{ord(name):09d}", "gmtZone": "Z", "payload": name, **fields}


def simulated(
    *numbers: Mapping[str, Any],
    now: str,
    until: str | None = None,
    lines: int | None = None,
    campaign: Mapping[str, Any] | None = None,
) -> Timeline:
    """The timeline of some named numbers under a campaign file."""
    settings = campaign_of(campaign or {})
    last = None if until is None else at(until)
    return simulate(settings, jobs_of(settings, numbers), now=at(now), until=last, lines=lines)


def name_of(job: Job) -> str:
    """The name that `number` gave."""
    return str(json.loads(job.payload or b'"?"'))


def order_of(timeline: Timeline) -> str:
    """The names of those who are dialled, in the order in which they are."""
    return "".join(name_of(dial.job) for dial in timeline)


def times_of(timeline: Timeline, name: str) -> list[str]:
    """When a number is dialled."""
    return [instant(dial.at) for dial in timeline if name_of(dial.job) == name]


def ending_of(timeline: Timeline, name: str) -> tuple[str, str | None, str | None]:
    """How a number's job stands at the end: its state, and when and why it ended, if it has."""
    for job, ending in zip(timeline.jobs, timeline.endings(), strict=True):
        if name_of(job) == name:
            return ending.state.value, None if ending.at is None else instant(ending.at), ending.reason
    raise LookupError(name)


def instant(ms: int) -> str:
    """The RFC 3339 text of an instant in milliseconds."""
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat().replace("+00:00", "Z")


def plain_id(value: object) -> str:
    """An id for a parameter that every tool can hand on: words alone."""
    return "-".join(re.findall(r"\w+", ascii(value)))[:40] or "blank"


def clocks() -> st.SearchStrategy[str]:
    """Times of day on the quarter of an hour."""
    return st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 0, 15, 30, 45]))


@st.composite
def window_lists(draw: st.DrawFn) -> list[dict[str, str]]:
    """One to three windows that do not overlap, the last of which may run past midnight."""
    edges = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    windows = list(zip(edges[::2], edges[1::2], strict=True))
    if draw(st.booleans()):
        windows[-1] = (windows[-1][0], draw(st.integers(0, windows[0][0])))
    texts = [(f"{a // 4:02d}:{a % 4 * 15:02d}", f"{b // 4:02d}:{b % 4 * 15:02d}") for a, b in windows]
    return [{"localTimeFrom": a, "localTimeTo": b} for a, b in texts if a != b] or [
        {"localTimeFrom": "10:00", "localTimeTo": "18:00"}
    ]


ALL_DAY = [{"localTimeFrom": "00:00", "localTimeTo": "12:00"}, {"localTimeFrom": "12:00", "localTimeTo": "00:00"}]


def allowed_times() -> st.SearchStrategy[dict[str, Any]]:
    """allowedTime with a few days, often with `default`."""
    lists = window_lists() | st.just(ALL_DAY)
    return st.dictionaries(st.sampled_from([*DAYS, "default", "default", "default"]), lists, min_size=1, max_size=4)


@st.composite
def levels(draw: st.DrawFn) -> dict[str, Any]:
    """The policy fields of one level; each is often not set."""
    level: dict[str, Any] = {}
    if draw(st.booleans()):
        level["allowedDays"] = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=6))
    match draw(st.integers(0, 3)):
        case 0 | 1:
            level["allowedTime"] = draw(allowed_times())
        case 2:
            bound = draw(st.sampled_from(["localTimeFrom", "localTimeTo"]))
            level[bound] = draw(clocks().filter(lambda clock: clock != "00:00"))
    if draw(st.booleans()):
        level["maxAttempts"] = draw(st.integers(0, 4))
    if draw(st.booleans()):
        level["retryIntervalInMinutes"] = draw(st.sampled_from([15, 30, 60, 120, 1440, 2880]))
    if draw(st.booleans()):
        level["dialerPriority"] = draw(st.sampled_from([1, 1, 2, 5, 7]))
    return level


@st.composite
def numbers(draw: st.DrawFn, start: int) -> dict[str, Any]:
    """One number of a request that begins at `start`."""
    number = {"phone": draw(st.sampled_from(["79123456789", "4930123456", "12025550123"])), **draw(levels())}
    if draw(st.booleans()):
        number["gmtZone"] = draw(st.sampled_from(ZONES))
    dates = sorted(draw(st.sets(st.integers(-20, 800), min_size=2, max_size=2)))
    if draw(st.integers(0, 2)) == 0:
        number["startDateTime"] = instant(start + min(dates[0], 300) * TICK_MS)
    if draw(st.integers(0, 2)) == 0:
        number["finishDateTime"] = instant(start + max(dates[1], min(dates[0], 300) + 1) * TICK_MS)
    return number


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A campaign with up to eight numbers over a few days, its numbers apart by their payloads."""
    start = draw(st.sampled_from(STARTS))
    campaign: dict[str, Any] = {
        "timeZone": draw(st.sampled_from(ZONES)),
        "detectTimeZone": False,
        "ringSeconds": draw(st.sampled_from([900, 900, 1800, 2700])),
    }
    if draw(st.booleans()):
        campaign["policy"] = draw(levels())
    if draw(st.booleans()):
        campaign["maxSimultaneousCalls"] = draw(st.integers(1, 3))
    if draw(st.integers(0, 3)) == 0:
        campaign["callsPerSecond"] = 1 / 900  # one tick
    if draw(st.integers(0, 3)) == 0:
        campaign["startTime"] = instant(start + draw(st.integers(-10, 100)) * TICK_MS)
    if draw(st.integers(0, 3)) == 0:
        campaign["endTime"] = instant(start + draw(st.integers(101, 500)) * TICK_MS)
    if draw(st.integers(0, 3)) == 0:
        campaign["maxAttemptsPerPhone"] = draw(st.integers(1, 5))
    if draw(st.integers(0, 3)) == 0:
        day = dt.datetime.fromtimestamp(start / 1000, dt.UTC).date()
        offsets = draw(st.sets(st.integers(-1, 9), min_size=1, max_size=4))
        campaign["blackoutDates"] = [(day + dt.timedelta(days=offset)).isoformat() for offset in sorted(offsets)]
    readings = {
        "unlistedDay": draw(st.sampled_from(["inherit", "closed"])),
        "overnightTail": draw(st.sampled_from(["keep", "clip"])),
        "retryFrom": draw(st.sampled_from(["end", "start"])),
    }
    if draw(st.booleans()):
        campaign["readings"] = readings
    request = draw(st.lists(numbers(start), min_size=1, max_size=8))
    request = [{**number, "payload": place} for place, number in enumerate(request)]
    until = start + draw(st.integers(1, 4)) * 86_400_000
    return Case(campaign, request, start, until, draw(st.none() | st.integers(1, 3)))


# Whole hours away from UTC, so that an hour is a tick; the clocks of two of them change after the starts below.
WHOLE_HOUR_ZONES = ("UTC", "Europe/Berlin", "America/Santiago", "-05:00")
LONG_STARTS = tuple(
    int(dt.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)
    for text in ("2026-03-02T00:00", "2026-03-23T12:00", "2026-10-19T23:00")
)
NIGHT = [{"localTimeFrom": "22:00", "localTimeTo": "06:00"}]
LONG_HOURS: tuple[dict[str, Any], ...] = (
    {},  # the campaign's
    {"allowedTime": {"default": ALL_DAY}},
    {"allowedTime": {"default": ALL_DAY, "sun": NIGHT}},
    {"allowedTime": {"default": NIGHT}},
    {"allowedDays": ["mon", "tue", "wed", "thu", "fri", "sat"]},
    {"localTimeFrom": "08:00"},
)


@st.composite
def long_numbers(draw: st.DrawFn, start: int) -> dict[str, Any]:
    """One number whose windows may join to an interval of days or weeks; its dates are near an edge, or far."""
    number: dict[str, Any] = {
        "phone": draw(st.sampled_from(["79123456789", "4930123456", "12025550123"])),
        **draw(st.sampled_from(LONG_HOURS)),
        "maxAttempts": draw(st.sampled_from([1, 2, 3, 12])),
        "retryIntervalInMinutes": draw(st.sampled_from([60, 120, 1440])),
        "dialerPriority": draw(st.sampled_from([1, 5, 5])),
    }
    if draw(st.booleans()):
        number["gmtZone"] = draw(st.sampled_from(WHOLE_HOUR_ZONES))
    near = st.builds(lambda days, hours: 24 * days + hours, st.integers(0, 20), st.integers(-3, 3))
    dates = sorted(draw(st.sets(near, min_size=2, max_size=2)))
    if draw(st.booleans()):
        number["startDateTime"] = instant(start + dates[0] * HOUR_MS)
    match draw(st.integers(0, 2)):
        case 0:
            number["finishDateTime"] = instant(start + dates[1] * HOUR_MS)
        case 1:
            number["finishDateTime"] = instant(start + draw(st.integers(25, 500)) * 24 * HOUR_MS)
    return number


@st.composite
def long_cases(draw: st.DrawFn) -> Case:
    """A campaign over some weeks, open day and night but for blackout dates, around which its lines are short."""
    start = draw(st.sampled_from(LONG_STARTS))
    campaign: dict[str, Any] = {
        "timeZone": draw(st.sampled_from(WHOLE_HOUR_ZONES)),
        "detectTimeZone": False,
        "ringSeconds": 3600,
    }
    # Dates that lie 8, 9 or 10 days apart leave intervals around the length from which one counts as open for ever.
    date = dt.datetime.fromtimestamp(start / 1000, dt.UTC).date() + dt.timedelta(days=draw(st.integers(-9, 2)))
    gaps = draw(st.lists(st.sampled_from([1, 2, 8, 9, 9, 10, 12]), max_size=4))
    dates = [date + dt.timedelta(days=sum(gaps[:count])) for count in range(len(gaps))]
    if dates:
        campaign["blackoutDates"] = [each.isoformat() for each in dates]
    if draw(st.integers(0, 2)) == 0:
        campaign["endTime"] = instant(start + draw(st.integers(1, 30)) * 24 * HOUR_MS)
    if draw(st.integers(0, 3)) == 0:
        campaign["maxAttemptsPerPhone"] = draw(st.integers(1, 9))
    if draw(st.booleans()):
        campaign["readings"] = {"retryFrom": "start", "overnightTail": draw(st.sampled_from(["keep", "clip"]))}
    request = draw(st.lists(long_numbers(start), min_size=1, max_size=8))
    request = [{**number, "payload": place} for place, number in enumerate(request)]
    until = start + draw(st.sampled_from([2, 5, 12, 21])) * 24 * HOUR_MS
    return Case(campaign, request, start, until, draw(st.sampled_from([None, 1, 1, 2])), HOUR_MS)


CROWDED_STARTS = tuple(
    int(dt.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)
    for text in ("2026-03-02T00:00", "2026-03-02T22:00", "1965-06-07T08:00", "2010-03-04T08:00")
)


@st.composite
def crowded_numbers(draw: st.DrawFn, start: int, until: int) -> dict[str, Any]:
    """One number of many that want the same few hours; now and then one that wants hours of a later year."""
    number: dict[str, Any] = {"phone": draw(st.sampled_from(["79123456789", "4930123456", "12025550123"]))}
    number["maxAttempts"] = draw(st.integers(1, 4))
    number["retryIntervalInMinutes"] = draw(st.sampled_from([15, 15, 30, 60]))
    number["dialerPriority"] = draw(st.sampled_from([1, 2, 5, 5]))
    ticks = (until - start) // TICK_MS
    if draw(st.integers(0, 2)) == 0:
        edges = sorted(draw(st.sets(st.integers(-6, ticks + 6), min_size=2, max_size=2)))
        texts = [instant(start + edge * TICK_MS)[11:16] for edge in edges]
        if texts[0] != texts[1]:
            number["localTimeFrom"], number["localTimeTo"] = texts
    dates = sorted(draw(st.sets(st.integers(-2, ticks + 2), min_size=2, max_size=2)))
    far_ms = 0
    if draw(st.integers(0, 9)) == 0:
        far_ms = draw(st.integers(300, 1500)) * 96 * TICK_MS
    if far_ms or draw(st.integers(0, 2)) == 0:
        number["startDateTime"] = instant(start + dates[0] * TICK_MS + far_ms)
    if draw(st.integers(0, 2)) < 2:
        number["finishDateTime"] = instant(start + dates[1] * TICK_MS + far_ms)
    return number


@st.composite
def crowded_cases(draw: st.DrawFn) -> Case:
    """A campaign over some hours whose one or two lines are wanted by all its numbers, many of which finish in vain."""
    start = draw(st.sampled_from(CROWDED_STARTS))
    until = start + draw(st.integers(1, 48)) * TICK_MS
    campaign: dict[str, Any] = {"detectTimeZone": False, "ringSeconds": draw(st.sampled_from([900, 1800, 3600]))}
    if draw(st.booleans()):
        campaign["maxAttemptsPerPhone"] = draw(st.integers(1, 6))
    if draw(st.integers(0, 3)) == 0:
        campaign["callsPerSecond"] = 1 / 900
    if draw(st.integers(0, 3)) == 0:
        campaign["startTime"] = instant(start + draw(st.integers(-2, 12)) * TICK_MS)
    if draw(st.integers(0, 3)) == 0:
        campaign["endTime"] = instant(start + draw(st.integers(13, 50)) * TICK_MS)
    if draw(st.booleans()):
        campaign["readings"] = {"retryFrom": "start"}
    request = draw(st.lists(crowded_numbers(start, until), min_size=1, max_size=12))
    request = [{**number, "payload": place} for place, number in enumerate(request)]
    return Case(campaign, request, start, until, draw(st.sampled_from([None, 1, 1, 1, 2])))


def any_cases() -> st.SearchStrategy[Case]:
    """Cases of hours, of days and of weeks."""
    return crowded_cases() | cases() | long_cases()
