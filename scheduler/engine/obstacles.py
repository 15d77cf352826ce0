"""What holds an attempt back that is due: over any span, each stretch of it with its reason, without a gap.

Nothing of this is kept while a run goes on. A timeline knows when every line was taken and freed, what was done
to the campaign, and which calendar a job has; so why an attempt had to wait can be read off it afterwards. Of
several reasons at one instant the first counts: the window, a law's hours, what it counts, the pause, the lines, the
pacing, the agents.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from scheduler.engine.gates import FOREVER, SEARCH_MS, Gate
from scheduler.engine.lawful import PhoneCalls, parts_for
from scheduler.engine.lines import UNLIMITED
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Campaign, Job
from scheduler.policy.calendar import THURSDAY
from scheduler.policy.hours import DAY_MIN, DAYS, spelt
from scheduler.policy.instants import DAY_MS, EPOCH_ORDINAL, LAST_INSTANT_MS, MINUTE_MS
from scheduler.policy.laws import Cap, Legal
from scheduler.policy.laws.frequency import Hold, first_hold
from scheduler.policy.levels import Level


class Obstacle(StrEnum):
    """Why an attempt that is due is not dialled: stable codes."""

    WEEKDAY = "weekday"  # allowedDays leaves the local weekday out (R3.7)
    WINDOW = "window"  # no window of the local day is open (R3.6)
    BLACKOUT = "blackoutDate"  # (R3.10)
    HOLIDAY = "holiday"  # (R3.10)
    LAW = "law"  # a law of the campaign forbids it: its hours, a cap or a cool-down
    PAUSED = "paused"  # the campaign is paused (R13.2)
    LINE = "line"  # all lines are taken, or there is none (R11.1)
    PACING = "pacing"  # the last dial is not long enough ago (R11.2)
    AGENT = "agent"  # as many numbers are dialled as the agents that are free allow


class Stretch(NamedTuple):
    """A stretch of time [from, until), in milliseconds, what holds back in it, and more about that."""

    code: Obstacle
    from_ms: int
    until_ms: int
    details: Mapping[str, Any]


class Obstacles:
    """What holds back the jobs of a timeline. The ends of all calls are sorted when they are first needed."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def between(self, job: Job, from_ms: int, until_ms: int, dial: int | None = None) -> list[Stretch]:
        """The stretches that cover [from, until), in which the job was due and not dialled.

        `dial` is the place of the dial at `until`, if that is why the span ends. O(what happened in the span, log n).
        """
        found: list[Stretch] = []
        if from_ms >= until_ms:
            return found
        campaign = self._timeline.campaign
        at_ms = from_ms
        for opens_ms, closes_ms in job.allowed(campaign.closed_dates).calendar(from_ms, until_ms):
            found += _closed(campaign, job, at_ms, opens_ms)
            found += self._lawful(job, opens_ms, closes_ms, dial if closes_ms == until_ms else None)
            at_ms = closes_ms
        found += _closed(campaign, job, at_ms, until_ms)
        return _joined(found)

    def _lawful(self, job: Job, from_ms: int, until_ms: int, dial: int | None) -> Iterator[Stretch]:
        """The stretches of a span in which the window is open, and laws may count the calls of the phone."""
        if not parts_for(job):
            yield from self._open(from_ms, until_ms, dial)
            return
        for begin_ms, end_ms, hold in self.phone_calls.spans(job, from_ms, until_ms):
            if hold is not None:
                yield _held(hold, begin_ms, end_ms)
            else:
                yield from self._open(begin_ms, end_ms, dial if end_ms == until_ms else None)

    @cached_property
    def phone_calls(self) -> PhoneCalls:
        """What the laws had counted at any instant."""
        return PhoneCalls(self._timeline)

    def _open(self, from_ms: int, until_ms: int, dial: int | None) -> Iterator[Stretch]:
        """The stretches of a span in which the window is open."""
        at_ms = from_ms
        for pause_ms, resume_ms in self._timeline.history.pauses:
            begin_ms, end_ms = max(pause_ms, at_ms), min(resume_ms, until_ms)
            if begin_ms < end_ms:
                yield from self._short_of_lines(at_ms, begin_ms, None)
                yield Stretch(Obstacle.PAUSED, begin_ms, end_ms, {})
                at_ms = end_ms
        yield from self._short_of_lines(at_ms, until_ms, dial if at_ms < until_ms else None)

    def _short_of_lines(self, from_ms: int, until_ms: int, dial: int | None) -> Iterator[Stretch]:
        """The stretches of a span in which nothing holds back but lines and pacing."""
        at_ms = from_ms
        placed_at = self._timeline.columns.at
        while at_ms < until_ms:
            lines = self._timeline.history.limit_at(at_ms).at(at_ms)
            placed = bisect_right(placed_at, at_ms)
            if lines <= placed - bisect_right(self._ends, at_ms):
                end_ms = min(self._line_free_at(at_ms, until_ms), self._other_lines_at(at_ms, until_ms))
                last = dial if dial is not None and end_ms == until_ms else bisect_left(placed_at, end_ms)
                ahead = max(0, last - bisect_left(placed_at, at_ms))
                yield Stretch(Obstacle.LINE, at_ms, end_ms, {"lines": lines, "ahead": ahead})
            else:
                spacing_ms, changed_ms = self._timeline.history.spacing_at(at_ms)
                end_ms = min(placed_at[placed - 1] + spacing_ms if placed else at_ms, changed_ms, until_ms)
                if end_ms > at_ms:
                    yield Stretch(Obstacle.PACING, at_ms, end_ms, {"spacingMilliseconds": spacing_ms})
                else:
                    end_ms = self._agents_until(at_ms, until_ms)
                    yield Stretch(Obstacle.AGENT, at_ms, end_ms, {})
            at_ms = end_ms

    def _agents_until(self, at_ms: int, until_ms: int) -> int:
        """Up to when nothing but agents can have held back from an instant on: the next dial, or other lines."""
        assert self._timeline.campaign.agents is not None, f"nothing held the attempt back at {at_ms}"
        placed_at = self._timeline.columns.at
        placed = bisect_right(placed_at, at_ms)
        dialled_ms = placed_at[placed] if placed < len(placed_at) else until_ms
        return min(dialled_ms, self._other_lines_at(at_ms, until_ms), until_ms)

    def _line_free_at(self, at_ms: int, until_ms: int) -> int:
        """The first instant after one, up to another, at which there is a line more than calls in progress."""
        placed_at, ends, history = self._timeline.columns.at, self._ends, self._timeline.history
        while at_ms < until_ms:
            lines = history.limit_at(at_ms).at(at_ms)
            ended = bisect_right(ends, at_ms)
            if lines > bisect_right(placed_at, at_ms) - ended:
                return at_ms
            # Up to the next limit a line gets free only where a call ends.
            change_ms = min(self._limit_change_after(at_ms), until_ms)
            last = bisect_left(ends, change_ms)
            free = next((call for call in range(ended, last) if self._busy_at_ends[call] < lines), last)
            if free < last:
                return ends[free]
            at_ms = change_ms
        return until_ms

    @cached_property
    def _busy_at_ends(self) -> array[int]:
        """How many calls are in progress when each has ended that ends at an instant, in order of ends."""
        placed_at, ends = self._timeline.columns.at, self._ends
        return array("I", (bisect_right(placed_at, end_ms) - bisect_right(ends, end_ms) for end_ms in ends))

    def _paced_until(self, placed: int) -> int:
        """Until when pacing holds back after so many dials; others may be placed as soon as it lets them."""
        placed_at = self._timeline.columns.at
        while placed < len(placed_at) and placed_at[placed] == self._spaced_from(placed_at[placed - 1]):
            placed += 1
        return self._spaced_from(placed_at[placed - 1])

    def _spaced_from(self, dialled_ms: int) -> int:
        """When the dial after one may be placed, by the pace that holds then."""
        at_ms = dialled_ms
        while True:
            spacing_ms, changed_ms = self._timeline.history.spacing_at(at_ms)
            spaced_ms = max(at_ms, dialled_ms + spacing_ms)
            if spaced_ms < changed_ms:
                return spaced_ms
            at_ms = changed_ms

    def _other_lines_at(self, at_ms: int, until_ms: int) -> int:
        """The first instant after one, up to another, at which there are more lines or fewer."""
        history = self._timeline.history
        lines = history.limit_at(at_ms).at(at_ms)
        while at_ms < until_ms and history.limit_at(at_ms).at(at_ms) == lines:
            at_ms = self._limit_change_after(at_ms)
        return min(at_ms, until_ms)

    def _limit_change_after(self, at_ms: int) -> int:
        """The first instant after one at which the lines may be others."""
        history = self._timeline.history
        commanded = next((changed_ms for changed_ms, _ in history.limits if changed_ms > at_ms), FOREVER)
        return min(history.limit_at(at_ms).next_change(at_ms), commanded)

    @cached_property
    def _ends(self) -> list[int]:
        columns = self._timeline.columns
        return sorted(at_ms + length_ms for at_ms, length_ms in zip(columns.at, columns.length_ms, strict=True))

    def closed_at(self, job: Job, instant_ms: int) -> list[Stretch]:
        """What closes the calendar of a job at an instant, up to its next opening (FOREVER: not known); or nothing."""
        campaign = self._timeline.campaign
        gate = Gate(job.allowed(campaign.closed_dates), FOREVER, instant_ms)
        opening = gate.at_or_after(instant_ms)
        if opening is not None and opening.opens <= instant_ms:
            return []
        until_ms = min(instant_ms + SEARCH_MS if opening is None else opening.opens, LAST_INSTANT_MS)
        closed = _joined(_closed(campaign, job, instant_ms, until_ms))[:1]
        if opening is None:
            return [each._replace(until_ms=FOREVER) if each.until_ms == until_ms else each for each in closed]
        return closed

    def at(self, job: Job, instant_ms: int) -> list[Stretch]:
        """Everything that holds back a job that is due at an instant, whatever else does; each up to its end."""
        timeline = self._timeline
        found = self.closed_at(job, instant_ms)
        parts = parts_for(job)
        if parts:
            hold = first_hold(parts, self.phone_calls.up_to(job.phone, instant_ms), instant_ms)
            found += [] if hold is None else [_held(hold, instant_ms, hold.until_ms)]
        found += [
            Stretch(Obstacle.PAUSED, pause_ms, resume_ms, {})
            for pause_ms, resume_ms in timeline.history.pauses
            if pause_ms <= instant_ms < resume_ms
        ]
        placed = bisect_right(timeline.columns.at, instant_ms)
        lines = timeline.history.limit_at(instant_ms).at(instant_ms)
        if lines != UNLIMITED and lines <= placed - bisect_right(self._ends, instant_ms):
            free_ms = self._line_free_at(instant_ms, timeline.until_ms)
            free_ms = free_ms if free_ms < timeline.until_ms else FOREVER  # what comes after the run is not known
            found.append(Stretch(Obstacle.LINE, instant_ms, free_ms, {"lines": lines}))
        spacing_ms, _ = timeline.history.spacing_at(instant_ms)
        if spacing_ms and placed and timeline.columns.at[placed - 1] + spacing_ms > instant_ms:
            details = {"spacingMilliseconds": spacing_ms}
            found.append(Stretch(Obstacle.PACING, timeline.columns.at[placed - 1], self._paced_until(placed), details))
        if not found and timeline.campaign.agents is not None:
            end_ms = self._agents_until(instant_ms, timeline.until_ms)
            found.append(Stretch(Obstacle.AGENT, instant_ms, end_ms if end_ms < timeline.until_ms else FOREVER, {}))
        return found


def _held(hold: Hold, from_ms: int, until_ms: int) -> Stretch:
    """A stretch in which a law forbids a dial by what it counts."""
    rule = "cap" if isinstance(hold.rule, Cap) else "coolDown"
    details = {"law": hold.law.name, "rule": rule, "allows": str(hold.rule)}
    return Stretch(Obstacle.LAW, from_ms, until_ms, details)


def _closed(campaign: Campaign, job: Job, from_ms: int, until_ms: int) -> Iterator[Stretch]:
    """The stretches of a span that lies outside the calendar: closed by the policy, or else by a law."""
    if job.legal is None or from_ms >= until_ms:
        yield from _closed_days(campaign, job, from_ms, until_ms)
        return
    at_ms = from_ms
    own = job.allowed(campaign.closed_dates)._replace(legal=None)
    for opens_ms, closes_ms in own.calendar(from_ms, until_ms):
        yield from _closed_days(campaign, job, at_ms, opens_ms)
        yield from _unlawful(job.legal, opens_ms, closes_ms)
        at_ms = closes_ms
    yield from _closed_days(campaign, job, at_ms, until_ms)


def _unlawful(legal: Legal, from_ms: int, until_ms: int) -> Iterator[Stretch]:
    """The stretches of a span that laws forbid, each with the first that does."""
    at_ms = from_ms
    while at_ms < until_ms:
        part = legal.forbidding(at_ms)
        assert part is not None, f"no law forbids {at_ms}"
        allowed = part.allowed(at_ms, until_ms)
        end_ms = allowed.opens[0] if allowed else until_ms
        yield Stretch(Obstacle.LAW, at_ms, end_ms, {"law": part.law.name, "rule": "hours"})
        at_ms = end_ms


def _closed_days(campaign: Campaign, job: Job, from_ms: int, until_ms: int) -> Iterator[Stretch]:
    """The local days of a span that lies outside the calendar, each with what closes it there."""
    if from_ms >= until_ms:
        return
    for begin_ms, end_ms, offset_ms in job.zone.runs(from_ms, until_ms):
        at_ms = begin_ms
        while at_ms < end_ms:
            day, of_day_ms = divmod(at_ms + offset_ms, DAY_MS)
            tail_ms = _lost_tail_ms(campaign, job, day)
            in_tail = of_day_ms < tail_ms
            next_ms = min(at_ms + (tail_ms if in_tail else DAY_MS) - of_day_ms, end_ms)
            code, details = _what_closes(campaign, job, day - 1 if in_tail else day)
            yield Stretch(code, at_ms, next_ms, details)
            at_ms = next_ms


def _lost_tail_ms(campaign: Campaign, job: Job, day: int) -> int:
    """How far into a day a window of the day before would run, had that one been allowed (R3.7, R3.10)."""
    policy, closed = job.policy, campaign.closed_dates
    before = (day - 1 + THURSDAY) % 7
    is_allowed = [policy.allowed_days is None or each in policy.allowed_days for each in (before, (before + 1) % 7)]
    if is_allowed[0] and day - 1 + EPOCH_ORDINAL not in closed:
        return 0
    if campaign.readings.overnight_tail == "clip" and not is_allowed[1]:
        return 0  # the day itself would have to be allowed too
    windows = policy.any_day.windows[before]
    return max(0, windows[-1][1] - DAY_MIN) * MINUTE_MS if windows else 0


def _what_closes(campaign: Campaign, job: Job, day: int) -> tuple[Obstacle, dict[str, Any]]:
    """What closes a local day outside its windows; `day` counts from the epoch."""
    policy = job.policy
    weekday = (day + THURSDAY) % 7
    local_date = date.fromordinal(day + EPOCH_ORDINAL).isoformat()
    if day + EPOCH_ORDINAL in campaign.holidays:
        return Obstacle.HOLIDAY, {"dates": {local_date: Level.CAMPAIGN.value}}
    if day + EPOCH_ORDINAL in campaign.closed_dates:
        return Obstacle.BLACKOUT, {"dates": {local_date: Level.CAMPAIGN.value}}
    name = DAYS[weekday]
    if policy.allowed_days is not None and weekday not in policy.allowed_days:
        return Obstacle.WEEKDAY, {"days": {name: policy.levels["allowedDays"].value}}
    level = policy.levels[f"allowedTime.{name}"].value
    windows = [spelt(window) for window in policy.any_day.windows[weekday]]
    return Obstacle.WINDOW, {"windows": {name: windows}, "levels": {name: level}}


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches that follow each other with the same reason (and as many lines, the same pace), as one."""
    joined: list[Stretch] = []
    for stretch in stretches:
        last = joined[-1] if joined else None
        alike = last is not None and all(
            last.details.get(name) == stretch.details.get(name)
            for name in ("lines", "spacingMilliseconds", "law", "rule", "allows")
        )
        if last is None or last.code != stretch.code or not alike:
            joined.append(stretch)
            continue
        details: dict[str, Any] = {}
        for name, value in stretch.details.items():
            before = last.details[name]
            if isinstance(value, dict):
                details[name] = {**before, **value}
            else:
                details[name] = before + value if name == "ahead" else min(before, value)
        joined[-1] = Stretch(last.code, last.from_ms, stretch.until_ms, details)
    return joined
