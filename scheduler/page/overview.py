"""A run at a glance: its figures, its zones, and the span that is worth being seen first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from scheduler.engine.columns import Reason
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Job
from scheduler.page.clocks import clock_of
from scheduler.page.rows import Table
from scheduler.page.told import (
    Overview,
    PriorityTold,
    ProblemTold,
    ReasonTold,
    StateTold,
    SummaryTold,
    VersionsTold,
    WaitingTold,
    ZoneTold,
)
from scheduler.policy.instants import DAY_MS, HOUR_MS, SECOND_MS
from scheduler.policy.zones import Zone, tzdata_version
from scheduler.views.counts import LinesHeld
from scheduler.views.reasons import WHY, WHY_CUT

CLOCK_MS = 366 * DAY_MS  # how far beyond what is seen first the clocks are told
BEFORE_MS = 8 * DAY_MS  # and before the beginning of a run
NOTHING_MS = 7 * DAY_MS  # what is seen of a run without dials


def overview_of(
    timeline: Timeline,
    held: LinesHeld,
    table: Table,
    *,
    warnings: Sequence[ProblemTold],
    own: Mapping[str, int],
    nobody_answers: bool,
) -> Overview:
    """A run at a glance; `nobody_answers` says that this was taken for granted. A few microseconds a dial."""
    from_ms, to_ms = seen_first(timeline, held)
    firsts = [job for job in timeline.jobs if job.redial is None]
    priorities = Counter(job.policy.priority for job in firsts)
    states = Counter(table.states)
    return Overview(
        name=timeline.campaign.name,
        nowMs=timeline.now_ms,
        untilMs=timeline.until_ms,
        fromMs=from_ms,
        toMs=to_ms,
        summary=_summary(timeline, held),
        warnings=list(warnings),
        zones=_zones(timeline, firsts, to_ms),
        priorities=[PriorityTold(priority=each, numbers=priorities[each]) for each in sorted(priorities)],
        states=[StateTold(state=state, numbers=count) for state, count in states.most_common()],
        own=dict(own),
        limited=any(limit.lines is not None for _, limit in timeline.history.limits),
        nobodyAnswers=nobody_answers,
        agents=timeline.campaign.agents is not None,
        versions=VersionsTold(scheduler=version("call-scheduler"), tzdata=tzdata_version()),
    )


def seen_first(timeline: Timeline, held: LinesHeld) -> tuple[int, int]:
    """From the hour of the first dial to that behind the end of the last call, inside the run."""
    if not held.begins:
        return timeline.now_ms, min(timeline.until_ms, timeline.now_ms + NOTHING_MS)
    from_ms = held.begins[0] // HOUR_MS * HOUR_MS
    to_ms = -(-held.ends[-1] // HOUR_MS) * HOUR_MS
    return max(from_ms, timeline.now_ms), min(to_ms, timeline.until_ms)


def told_clock(timeline: Timeline, zone: Zone, to_ms: int) -> list[tuple[int, int]]:
    """The clock of a zone, as far as the page may look."""
    return clock_of(zone, *told_span(timeline, to_ms))


def told_span(timeline: Timeline, to_ms: int) -> tuple[int, int]:
    """How far the page may look, where what is seen first ends at `to_ms`."""
    return timeline.now_ms - BEFORE_MS, min(timeline.until_ms, to_ms + CLOCK_MS) + BEFORE_MS


def _zones(timeline: Timeline, firsts: Iterable[Job], to_ms: int) -> list[ZoneTold]:
    counted = Counter(job.zone for job in firsts)
    own = timeline.campaign.zone
    order = [own, *sorted(counted.keys() - {own}, key=lambda zone: (-counted[zone], zone.name))]
    return [ZoneTold(name=zone.name, numbers=counted[zone], clock=told_clock(timeline, zone, to_ms)) for zone in order]


def _summary(timeline: Timeline, held: LinesHeld) -> SummaryTold:
    summary = timeline.summary()
    waiting = summary.waiting
    ended = timeline.columns.ended_at
    return SummaryTold(
        numbers=summary.numbers,
        jobs=summary.jobs,
        dialled=summary.dialled,
        dials=summary.dials,
        answers=summary.answers,
        reach=round(summary.reach, 6),
        attemptsPerNumber=round(summary.attempts_per_number, 6),
        firstDialMs=summary.first_dial,
        lastDialMs=summary.last_dial,
        finishMs=None if summary.unfinished else max(ended, default=None),
        busiestHourMs=summary.busiest_hour,
        busiestHourDials=summary.busiest_hour_dials,
        waitingSeconds=WaitingTold(
            mean=round(waiting.mean_ms / SECOND_MS, 3),
            p95=waiting.p95_ms / SECOND_MS,
            longest=waiting.longest_ms / SECOND_MS,
        ),
        mostLines=held.most(timeline.now_ms, timeline.until_ms),
        abandoned=summary.abandoned,
        abandonedOfAnswers=None if summary.abandoned is None else round(summary.abandoned_of_answers, 6),
        states={state.value: count for state, count in summary.states.items()},
        undialled=_reasons(summary.undialled, WHY),
        cutShort=_reasons(summary.cut_short, WHY_CUT),
        unfinished=summary.unfinished,
    )


def _reasons(jobs: Mapping[Reason, Sequence[Job]], words: Mapping[Reason, str]) -> list[ReasonTold]:
    return [ReasonTold(reason=reason.value, words=words[reason], jobs=len(each)) for reason, each in jobs.items()]
