"""What the page asks, read into what can be run, or into all that is wrong with it.

Nothing here reads a clock: who calls says when it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from scheduler.engine.simulation import DEFAULT_RUN_MS
from scheduler.intake.campaign import read_campaign
from scheduler.intake.forms import merged, problem_of
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.redials import MAX_REDIAL_ATTEMPTS
from scheduler.intake.request import Batch, read_request
from scheduler.jobs import (
    Campaign,
    CampaignRefused,
    Job,
    OutcomesRefused,
    Problem,
    Redial,
    RequestRefused,
    ZoneSource,
)
from scheduler.outcomes import Call, Model, Script, Source, never
from scheduler.page.problems import Unreadable, told
from scheduler.page.told import Asked, Override, ProblemTold
from scheduler.policy.errors import Flaw, PolicyError
from scheduler.policy.instants import LAST_INSTANT_MS, format_instant, lacks_offset, parse_moment
from scheduler.policy.levels import BAD_DATES, Policy, ResolvedPolicy, parse_policy, resolve
from scheduler.policy.readings import Readings

TOO_LARGE = "too.large"
FIELDS = {
    "allowedDays": "allowed_days",
    "allowedTime": "allowed_time",
    "retryIntervalInMinutes": "retry_min",
    "maxAttempts": "max_attempts",
    "dialerPriority": "priority",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What can be run: everything that `simulate` takes, what is suspicious about it, and who set what.

    `own` says how many numbers set each field themselves, `overridden` which fields hold whatever they say.
    """

    campaign: Campaign
    jobs: Sequence[Job]
    now_ms: int
    until_ms: int
    source: Source
    seed: int
    warnings: tuple[ProblemTold, ...]
    own: Mapping[str, int]
    overridden: frozenset[str]
    made: tuple[tuple[str, str], ...]


def read(
    asked: Asked,
    body: bytes,
    *,
    present_ms: int,
    most_numbers: int,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Read everything that the page asks. Raises Unreadable with all that is wrong with any of it.

    `body` is the text of the request, `present_ms` what `now` is where it is left open. `progress` is told how many
    numbers are read, and may raise. A campaign that cannot be read is taken for one of every default while the rest is
    looked at, so that all problems are seen at once.
    """
    reader = _Reader(asked)
    campaign = reader.campaign()
    now_ms, until_ms = reader.span(present_ms)
    source = reader.outcomes(campaign)
    policy = reader.override(asked.override)
    batch = reader.request(body, campaign, most_numbers, progress)
    if reader.problems:
        raise Unreadable(reader.problems)
    own = own_fields(batch.jobs)
    jobs = batch.jobs if policy is None else overridden(batch.jobs, campaign, policy)
    return Run(
        campaign=campaign,
        jobs=jobs,
        now_ms=now_ms,
        until_ms=until_ms,
        source=source if policy is None else with_redials(source, policy),
        seed=asked.seed,
        warnings=tuple(reader.warnings),
        own=own,
        overridden=frozenset() if policy is None else frozenset(_set_fields(policy)),
        made=_made(asked),
    )


def _made(asked: Asked) -> tuple[tuple[str, str], ...]:
    """What was run, in pairs of a name and a value."""
    override = {} if asked.override is None else structs.asdict(asked.override)
    values = [(name, value) for name, value in override.items() if value is not None]
    holds = [
        (f"{name}, for every number", ", ".join(value) if isinstance(value, list) else str(value))
        for name, value in values
    ]
    return (
        ("outcomes", "nobody answers" if asked.outcomes is None else "a script or a model"),
        ("seed", str(asked.seed)),
        *holds,
    )


class _Reader:
    """Reads one text after the other, gathering what is wrong and what is suspicious."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.problems: list[ProblemTold] = []
        self.warnings: list[ProblemTold] = []

    def campaign(self) -> Campaign:
        """The campaign; one of every default where it cannot be read."""
        try:
            campaign = read_campaign(self.asked.campaign)
        except CampaignRefused as refused:
            self.problems += told(refused.problems, "campaign", self.asked.campaign.encode(errors="replace"))
            return Campaign()
        self.warnings += told(merged(campaign.warnings), "campaign")
        return campaign

    def span(self, present_ms: int) -> tuple[int, int]:
        """From when to when it runs."""
        now_ms = present_ms if self.asked.now is None else self._moment("now", self.asked.now, present_ms)
        latest_ms = min(now_ms + DEFAULT_RUN_MS, LAST_INSTANT_MS)
        until_ms = latest_ms if self.asked.until is None else self._moment("until", self.asked.until, latest_ms)
        if now_ms == LAST_INSTANT_MS:
            self._wrong("now", f"{format_instant(now_ms)} is the last instant that there is; begin before it")
        elif until_ms <= now_ms:
            end, begin = format_instant(until_ms), format_instant(now_ms)
            self._wrong("until", f"the end {end} does not lie after the beginning {begin}; write a later one")
        return now_ms, until_ms

    def _moment(self, name: str, text: str, otherwise: int) -> int:
        try:
            instant_ms = parse_moment(text, f"$.{name}")
        except PolicyError as error:
            self.problems += told(map(problem_of, error.flaws), "run")
            return otherwise
        if lacks_offset(text):
            message = f"{name} has no offset and is read as UTC; write {format_instant(instant_ms)}"
            self.warnings += told([problem_of(Flaw(BAD_DATES, f"$.{name}", message))], "run")
        return instant_ms

    def _wrong(self, name: str, message: str) -> None:
        self.problems += told([problem_of(Flaw(BAD_DATES, f"$.{name}", message))], "run")

    def outcomes(self, campaign: Campaign) -> Source:
        """What becomes of the calls."""
        text = self.asked.outcomes
        if text is None:
            return never
        try:
            source = read_outcomes(text, campaign)
        except OutcomesRefused as refused:
            self.problems += told(refused.problems, "outcomes", text.encode(errors="replace"))
            return never
        self.warnings += told(source.warnings, "outcomes")
        return source

    def override(self, override: Override | None) -> Policy | None:
        """What holds for every number, as a policy; None where nothing does."""
        fields = {} if override is None else structs.asdict(override)
        try:
            policy, _ = parse_policy(fields, Readings(zero_attempts="refuse"), "$.override")
        except PolicyError as error:
            self.problems += told(map(problem_of, error.flaws), "run")
            return None
        return policy if _set_fields(policy) else None

    def request(self, body: bytes, campaign: Campaign, most: int, progress: Callable[[int, int], None] | None) -> Batch:
        """The numbers."""
        try:
            batch = read_request(body, campaign, progress=progress)
        except RequestRefused as refused:
            self.problems += told(refused.problems, "request", body)
            return Batch([], ())
        self.warnings += told(batch.warnings, "request")
        if len(batch.jobs) > most:
            message = f"{len(batch.jobs):,} numbers are more than {most:,}; preview a part of them"
            self.problems += told([Problem(job=None, path="$", type=TOO_LARGE, message=message)], "request")
        return batch


def own_fields(jobs: Sequence[Job]) -> dict[str, int]:
    """How many numbers set each field themselves, those that none sets left out."""
    policies = Counter(id(job.policy) for job in jobs)
    by_id = {id(job.policy): job.policy.own for job in jobs}
    counted: Counter[str] = Counter()
    for name, field in FIELDS.items():
        counted[name] = sum(count for key, count in policies.items() if getattr(by_id[key], field) is not None)
    counted["gmtZone"] = sum(job.zone_source is ZoneSource.REQUEST for job in jobs)
    counted["startDateTime"] = sum(job.dates.start_ms is not None for job in jobs)
    counted["finishDateTime"] = sum(job.dates.finish_ms is not None for job in jobs)
    return {name: count for name, count in counted.items() if count}


# -- what holds whatever the request says ----------------------------------------------------------------


def overridden(jobs: Sequence[Job], campaign: Campaign, policy: Policy) -> list[Job]:
    """Jobs under what a policy sets, whatever they set themselves. They rank as they did (R8.3)."""
    made: dict[int, ResolvedPolicy] = {}  # by the identity of the policy before, which jobs share
    changed = _set_fields(policy)
    found: list[Job] = []
    for job in jobs:
        resolved = made.get(id(job.policy))
        if resolved is None:
            own = replace(job.policy.own, **changed)
            resolved = resolve(campaign.policy, own, readings=campaign.readings)
            resolved = made[id(job.policy)] = replace(resolved, custom_hours=job.policy.custom_hours)
        found.append(job._replace(policy=resolved))
    return found


def with_redials(source: Source, policy: Policy) -> Source:
    """Outcomes whose redials are under what a policy sets too; a redial has at most five attempts (R10.3)."""
    changed = _set_fields(policy)
    if changed.get("max_attempts") is not None:
        changed["max_attempts"] = min(changed["max_attempts"], MAX_REDIAL_ATTEMPTS)

    def redial(asked: Redial) -> Redial:
        return replace(asked, policy=replace(asked.policy, **changed))

    def calls(given: Sequence[Call]) -> list[Call]:
        return [each if each.redial is None else replace(each, redial=redial(each.redial)) for each in given]

    if isinstance(source, Model) and source.redial is not None:
        return replace(source, redial=redial(source.redial))
    if isinstance(source, Script):
        jobs = {job: calls(each) for job, each in source.jobs.items()}
        phones = {phone: calls(each) for phone, each in source.phones.items()}
        return replace(source, jobs=jobs, phones=phones)
    return source


def _set_fields(policy: Policy) -> dict[str, Any]:
    return {field: value for field in FIELDS.values() if (value := getattr(policy, field)) is not None}
