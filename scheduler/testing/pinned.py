"""A timeline, pinned: what of a run is written down, read back and compared.

Plain values and texts, so that a run, a golden file and the NDJSON of a preview are alike once they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from scheduler.engine.timeline import Timeline
from scheduler.engine.waiting import first_due
from scheduler.jobs import Agents, Campaign, DayLines, Job
from scheduler.policy.clocks import LocalClocks
from scheduler.policy.hours import DAY_MIN, DAYS, Window, spelt
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, MINUTE_MS, SECOND_MS, format_instant
from scheduler.policy.zones import Zone, tzdata_version

NONE = "none"
AFTER_CALL = "after the call"
OPEN = ".."


class JobKey(NamedTuple):
    """Which job it is, whatever its place in the request: the n-th number with a phone (from 0), and its redial."""

    phone: str
    nth: int
    redial: int  # 0 for the number itself


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedDial:
    """A dial: when (milliseconds, and how far the local clock was ahead of UTC, in seconds), and what came of it."""

    job: JobKey
    attempt: int
    at_ms: int
    offset_s: int
    outcome: str
    length_ms: int
    abandoned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedJob:
    """A job: its place in the request, its zone, its policy as resolved, and how it stood at the end of the run.

    `policy` has the fields of `policy_of`; it is empty where it was not written down. `reason` is that of its end
    (None: it has not ended), a stable code, and `state` is in the API's words.
    """

    key: JobKey
    index: int
    zone: str
    policy: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A run: its settings, its jobs in order of arrival, its dials in the order in which they were placed.

    `versions` are those of the data that it was made with, as far as they are known; they are no part of the run.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[JobKey, PinnedJob]
    dials: tuple[PinnedDial, ...]
    versions: Mapping[str, str] = field(default_factory=dict, compare=False)


@cache
def data_versions() -> Mapping[str, str]:
    """The versions of the data that decide zones: of the time zone database, and of the metadata of numbers."""
    return {"tzdata": tzdata_version(), "phonenumbers": version("phonenumbers")}


def pin(timeline: Timeline) -> Pinned:
    """Pin a timeline. Some microseconds a dial and tens a job.

    >>> from scheduler import Campaign, read_request, simulate
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "+03:00"}]', Campaign()).jobs
    >>> pinned = pin(simulate(Campaign(), jobs, now="2026-03-02T09:00:00Z"))
    >>> pinned.dials[0].job, pinned.jobs[pinned.dials[0].job].policy["maxAttempts"]
    (JobKey(phone='79123456789', nth=0, redial=0), '1')
    """
    keys, clocks = keys_of(timeline), LocalClocks(timeline.until_ms)
    policies: dict[tuple[object, ...], Mapping[str, str]] = {}
    jobs: dict[JobKey, PinnedJob] = {}
    for place, (job, key) in enumerate(zip(timeline.jobs, keys, strict=True)):
        ending = timeline.ending(place)
        arrived_ms = timeline.columns.arrived_at[place] if job.redial is None else timeline.now_ms
        redial = None if job.redial is None else id(job.redial.asked)
        shared = id(job.policy), id(job.zone), id(job.legal), job.dates, arrived_ms, redial
        if shared not in policies:
            accepted = NONE if arrived_ms == timeline.now_ms else format_instant(arrived_ms)
            policies[shared] = {**policy_of(timeline.campaign, job), "accepted": accepted}
        jobs[key] = PinnedJob(
            key=key,
            index=job.index,
            zone=job.zone.name,
            policy=policies[shared],
            state=ending.state.value,
            reason=None if ending.reason is None else ending.reason.value,
        )
    dials = tuple(
        PinnedDial(
            job=keys[place],
            attempt=dial.attempt,
            at_ms=dial.at,
            offset_s=clocks.offset_s(dial.job.zone, dial.at),
            outcome=dial.outcome.value,
            length_ms=dial.length_ms,
            abandoned=dial.abandoned,
        )
        for dial, place in zip(timeline, timeline.columns.job, strict=True)
    )
    return Pinned(settings=settings_of(timeline), jobs=jobs, dials=dials, versions=data_versions())


def keys_of(timeline: Timeline) -> list[JobKey]:
    """Which job each of a timeline's is, in order of arrival."""
    numbers: dict[str, dict[int, int]] = {}
    keys = []
    for job in timeline.jobs:
        of_phone = numbers.setdefault(job.phone, {})
        nth = of_phone.setdefault(job.index, len(of_phone))
        keys.append(JobKey(job.phone, nth, job.redial_number or 0))
    return keys


def policy_of(campaign: Campaign, job: Job) -> dict[str, str]:
    """The policy of a job as resolved, in texts: the API's fields, `allowedTime` weekday by weekday, and `law`.

    `lawZones` are the zones that the laws are kept in, where they are others than the job's own; `customSchedule` says
    whether the number goes before those without a schedule of their own (R8.3).
    """
    policy = job.policy
    dates = first_due(campaign, job, 0)[1]
    days = [day for place, day in enumerate(DAYS) if policy.allowed_days is None or place in policy.allowed_days]
    parts = () if job.legal is None else job.legal.parts
    zones = dict.fromkeys(part.zone.name for part in parts)
    return {
        "gmtZone": job.zone.name,
        "allowedDays": " ".join(days),
        **{
            f"allowedTime.{day}": " ".join(map(_window_words, windows)) or NONE
            for day, windows in zip(DAYS, policy.any_day.windows, strict=True)
        },
        "retryIntervalInMinutes": str(policy.retry_ms // MINUTE_MS),
        "maxAttempts": str(policy.max_attempts),
        "dialerPriority": str(policy.priority),
        "customSchedule": "yes" if job.custom or job.redial is not None else "no",
        "startDateTime": _start_words(job, dates.start_ms),
        "finishDateTime": _instant_words(dates.finish_ms),
        "law": " ".join(dict.fromkeys(part.law.name for part in parts)) or NONE,
        "lawZones": NONE if zones.keys() <= {job.zone.name} else " ".join(zones),
    }


def _window_words(window: Window) -> str:
    """A window as its clocks; one of more than a day in two, as its two clocks alone would be those of a short one."""
    begin, end = window
    if end - begin <= DAY_MIN:
        return spelt(window)
    return f"{spelt((begin, DAY_MIN))} {spelt((DAY_MIN, end))}"


def _start_words(job: Job, start_ms: int | None) -> str:
    after_ms = None if job.redial is None else job.redial.asked.start_after_ms
    return _instant_words(start_ms) if after_ms is None else f"{after_ms / MINUTE_MS:g} min {AFTER_CALL}"


def _instant_words(instant_ms: int | None) -> str:
    return NONE if instant_ms is None else format_instant(instant_ms)


def settings_of(timeline: Timeline) -> dict[str, str]:
    """What of a campaign all its jobs share, and of the run, in texts, under the names of campaign files.

    What was changed while it ran is in them: `20, 5 from 2026-03-02T10:00:00Z on`. `closedDates` are the blackout
    dates and holidays that the run reaches.
    """
    campaign, history = timeline.campaign, timeline.history
    cap = campaign.max_attempts_per_phone
    first_day, last_day = (each // DAY_MS + EPOCH_ORDINAL for each in (timeline.now_ms, timeline.until_ms))
    limits = ((at_ms, _lines_words(limit.lines, limit.zone)) for at_ms, limit in history.limits)
    closed = [day for day in sorted(campaign.closed_dates) if first_day - 2 <= day <= last_day + 1]
    return {
        "name": campaign.name,
        "now": format_instant(timeline.now_ms),
        "until": format_instant(timeline.until_ms),
        "maxSimultaneousCalls": _changing(limits),
        "callsPerSecond": _paces(campaign, history.spacings),
        "maxAttemptsPerPhone": NONE if cap is None else str(cap),
        "ringSeconds": f"{campaign.ring_ms / SECOND_MS:g}",
        "closedDates": " ".join(date.fromordinal(day).isoformat() for day in closed) or NONE,
        **_agents_of(campaign.agents, campaign.zone),
        "retryFrom": campaign.readings.retry_from,
        "overnightTail": campaign.readings.overnight_tail,
        "pauses": " ".join(_span_words(*pause, timeline.until_ms) for pause in history.pauses) or NONE,
        "stopped": _instant_words(history.stopped_at),
    }


def _span_words(begin_ms: int, end_ms: int, until_ms: int) -> str:
    """A span as ISO 8601 has it; one that outlasts the run is open."""
    return f"{format_instant(begin_ms)}/{format_instant(end_ms) if end_ms <= until_ms else OPEN}"


def _agents_of(agents: Agents | None, zone: Zone) -> dict[str, str]:
    if agents is None:
        return {"agents": NONE}
    return {
        "agents": _lines_words(agents.count, zone),
        "agents.dialMode": agents.mode.value,
        "agents.dialRatio": f"{agents.ratio:g}",
        "agents.maxAbandonRate": f"{agents.abandon_rate:g}",
        "agents.wrapUpSeconds": f"{agents.wrap_up_ms / SECOND_MS:g}",
        "agents.patienceSeconds": f"{agents.patience_ms / SECOND_MS:g}",
    }


def _lines_words(lines: int | DayLines | None, zone: Zone) -> str:
    if isinstance(lines, DayLines):
        return f"{lines} in {zone.name}"
    return NONE if lines is None else str(lines)


def _paces(campaign: Campaign, spacings: Iterable[tuple[int, int]]) -> str:
    """Calls a second: as the campaign has them, and as commands changed them."""
    (begin_ms, _), *commanded = spacings
    own = NONE if campaign.calls_per_second is None else f"{campaign.calls_per_second:g}"
    later = ((at_ms, f"{SECOND_MS / spacing_ms:g}" if spacing_ms else NONE) for at_ms, spacing_ms in commanded)
    return _changing([(begin_ms, own), *later])


def _changing(texts: Iterable[tuple[int, str]]) -> str:
    """What held from the beginning, and then from an instant on."""
    (_, first), *later = texts
    return ", ".join([first, *(f"{text} from {format_instant(at_ms)} on" for at_ms, text in later)])
