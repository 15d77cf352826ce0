"""A timeline, pinned: what of a run is written down, read back and compared.

Plain values and texts, so that a run, a golden file and the NDJSON of a preview are alike once they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scheduler.engine.timeline import Timeline
from scheduler.engine.waiting import first_due
from scheduler.jobs import Campaign, Job
from scheduler.policy.hours import DAYS, spelt
from scheduler.policy.instants import MINUTE_MS, format_instant

NONE = "none"


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
    """A run: its settings, its jobs in order of arrival, its dials in the order in which they were placed."""

    settings: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[JobKey, PinnedJob]
    dials: tuple[PinnedDial, ...]


def pin(timeline: Timeline) -> Pinned:
    """Pin a timeline. Some microseconds a dial and tens a job.

    >>> from scheduler import Campaign, read_request, simulate
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "+03:00"}]', Campaign()).jobs
    >>> pinned = pin(simulate(Campaign(), jobs, now="2026-03-02T09:00:00Z"))
    >>> pinned.dials[0].job, pinned.jobs[pinned.dials[0].job].policy["maxAttempts"]
    (JobKey(phone='79123456789', nth=0, redial=0), '1')
    """
    keys = _keys(timeline)
    policies: dict[tuple[int, int, int, object], Mapping[str, str]] = {}
    jobs: dict[JobKey, PinnedJob] = {}
    for place, (job, key) in enumerate(zip(timeline.jobs, keys, strict=True)):
        ending = timeline.ending(place)
        shared = id(job.policy), id(job.zone), id(job.legal), job.dates
        if shared not in policies:
            policies[shared] = policy_of(timeline.campaign, job)
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
            offset_s=dial.job.zone.offset_s(dial.at),
            outcome=dial.outcome.value,
            length_ms=dial.length_ms,
            abandoned=dial.abandoned,
        )
        for dial, place in zip(timeline, timeline.columns.job, strict=True)
    )
    return Pinned(settings=settings_of(timeline), jobs=jobs, dials=dials)


def _keys(timeline: Timeline) -> list[JobKey]:
    numbers: dict[str, dict[int, int]] = {}
    keys = []
    for job in timeline.jobs:
        of_phone = numbers.setdefault(job.phone, {})
        nth = of_phone.setdefault(job.index, len(of_phone))
        keys.append(JobKey(job.phone, nth, job.redial_number or 0))
    return keys


def policy_of(campaign: Campaign, job: Job) -> dict[str, str]:
    """The policy of a job as resolved, in texts: the API's fields, `allowedTime` weekday by weekday, and `law`."""
    policy = job.policy
    dates = first_due(campaign, job, 0)[1]
    days = [day for place, day in enumerate(DAYS) if policy.allowed_days is None or place in policy.allowed_days]
    laws = () if job.legal is None else dict.fromkeys(part.law.name for part in job.legal.parts)
    return {
        "gmtZone": job.zone.name,
        "allowedDays": " ".join(days),
        **{
            f"allowedTime.{day}": " ".join(map(spelt, windows)) or NONE
            for day, windows in zip(DAYS, policy.any_day.windows, strict=True)
        },
        "retryIntervalInMinutes": str(policy.retry_ms // MINUTE_MS),
        "maxAttempts": str(policy.max_attempts),
        "dialerPriority": str(policy.priority),
        "startDateTime": NONE if dates.start_ms is None else format_instant(dates.start_ms),
        "finishDateTime": NONE if dates.finish_ms is None else format_instant(dates.finish_ms),
        "law": " ".join(laws) or NONE,
    }


def settings_of(timeline: Timeline) -> dict[str, str]:
    """What of a campaign all its jobs share, and of the run, in texts, under the names of campaign files."""
    campaign = timeline.campaign
    lines = timeline.history.limits[0][1].lines
    agents = campaign.agents
    return {
        "name": campaign.name,
        "now": format_instant(timeline.now_ms),
        "until": format_instant(timeline.until_ms),
        "maxSimultaneousCalls": NONE if lines is None else str(lines),
        "callsPerSecond": NONE if campaign.calls_per_second is None else f"{campaign.calls_per_second:g}",
        "maxAttemptsPerPhone": NONE
        if campaign.max_attempts_per_phone is None
        else str(campaign.max_attempts_per_phone),
        "ringSeconds": f"{campaign.ring_ms / 1000:g}",
        "closedDates": str(len(campaign.closed_dates)),
        "agents": NONE if agents is None else f"{agents.count} {agents.mode.value}",
    }
