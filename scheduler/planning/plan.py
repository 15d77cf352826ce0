"""A plan: what is run, as it was written, so that it is small to send, and easy to change in one field."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from threading import RLock
from typing import Any, NamedTuple, TypeVar

from scheduler.commands import Command
from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.intake.campaign import AGENT_FIELDS, CAMPAIGN_FILE, KEYS, read_campaign
from scheduler.intake.forms import open_form
from scheduler.intake.models import MODEL_KEYS
from scheduler.intake.nearest import nearest
from scheduler.intake.outcomes import OUTCOMES_FILE, read_outcomes
from scheduler.intake.request import read_request
from scheduler.intake.scenario import read_scenario
from scheduler.jobs import Campaign, Job, Problem, Refused, UsageError
from scheduler.outcomes import Model, Source, never
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import format_instant, parse_moment
from scheduler.policy.levels import POLICY_FIELDS
from scheduler.policy.readings import READINGS

T = TypeVar("T")
LINES, NUMBERS, START, AGENTS = "lines", "numbers", "start", "agents"
OTHER_NAMES = {LINES: "maxSimultaneousCalls", START: "startTime", AGENTS: "agents.agents"}
OUTCOMES = "outcomes"
TABLES: Mapping[str, tuple[str, ...]] = {
    "policy": POLICY_FIELDS,
    AGENTS: AGENT_FIELDS,
    "readings": tuple(READINGS),
    OUTCOMES: MODEL_KEYS,
}
FIELDS = (
    LINES,
    NUMBERS,
    START,
    AGENTS,
    *(key for key in KEYS if key not in TABLES),
    *(f"{table}.{key}" for table, keys in TABLES.items() for key in keys),
)
OF_NUMBERS = (
    "timeZone",
    "detectTimeZone",
    "law",
    "policy",
    "readings",
)  # the keys on which the reading of a request depends
KEPT = 3  # of what was read last

Edit = tuple[str, Any]  # a field and the value that it is given


class Parts(NamedTuple):
    """What a plan reads as."""

    campaign: Campaign
    jobs: Sequence[Job]
    outcomes: Source
    commands: tuple[Command, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run: the bytes of a request, a campaign file, outcomes (None: nobody answers) and a scenario.

    It begins at `now_ms` and stops at `until_ms` (None: after 366 days). `numbers` takes the first numbers of the
    request only. What it holds is read when it is first needed, once in a process, and remembered for as long as few
    other plans are read.

    >>> plan = Plan(request=b'[{"phone": "79123456789", "gmtZone": "Z"}]', now_ms=1772442000000)
    >>> len(plan.run(seed=0)), plan.with_field("policy.maxAttempts", "3").run(seed=0)[-1].attempt
    (1, 3)
    """

    request: bytes
    campaign: bytes = b""
    outcomes: bytes | None = None
    scenario: bytes | None = None
    now_ms: int
    until_ms: int | None = None
    numbers: int | None = None

    def __post_init__(self) -> None:
        for name in ("request", "campaign", "outcomes", "scenario"):
            value = getattr(self, name)
            if not isinstance(value, bytes | (type(None) if name in {"outcomes", "scenario"} else bytes)):
                raise UsageError(f"{name} of a plan is the bytes of a file, not {type(value).__name__}")
        for name in ("now_ms", "until_ms"):
            value = getattr(self, name)
            if not isinstance(value, int) and (value is not None or name == "now_ms"):
                raise UsageError(f"{name} of a plan is in milliseconds since the epoch, not {shown(value)}")

    def read(self) -> Parts:
        """What it reads as. Raises Refused with every problem of the first file that has one, UsageError for `numbers`.

        A few microseconds a number, for the first of all plans with the same request, campaign's policy and zone.
        """
        key = self.request, self.campaign, self.outcomes, self.scenario, self.numbers
        return _parts.get(key, lambda: _read(self))

    def run(self, seed: int) -> Timeline:
        """The timeline under a seed. A few microseconds a dial."""
        parts = self.read()
        return simulate(
            parts.campaign,
            parts.jobs,
            now=self.now_ms,
            until=self.until_ms,
            outcomes=parts.outcomes,
            commands=parts.commands,
            seed=seed,
        )

    @property
    def has_luck(self) -> bool:
        """Whether anything depends on the seed; without it one run tells all."""
        if self.outcomes is None:
            return False
        return isinstance(read_outcomes(self.outcomes, read_campaign(self.campaign)), Model)

    def with_field(self, field: str, value: Any) -> Plan:
        """The same plan with another value of one field, which may be given as text.

        A field is `lines`, `agents`, `numbers` (the first so many), `start` (of the campaign), a key of a campaign file
        (`callsPerSecond`, `policy.retryIntervalInMinutes`) or, behind `outcomes.`, of a model of outcomes
        (`outcomes.answered`); its value is what the file would have, in JSON where it is text; `null` unsets it.
        Raises UsageError for an unknown field, with the nearest known one, and for what is no value of it.
        """
        check_field(field)
        value = _start_of(value) if field == START else value_of(value)
        if field == NUMBERS:
            return self._with_numbers(field, value)
        if field.startswith(f"{OUTCOMES}."):
            changed = replace(self, outcomes=_edited_outcomes(self.outcomes, field, value))
        else:
            data = open_form(CAMPAIGN_FILE, self.campaign).data
            changed = replace(self, campaign=_edited(data, OTHER_NAMES.get(field, field), value, field))
        try:
            # Read here: a mistyped value is told before anything runs.
            campaign = read_campaign(changed.campaign)
            if changed.outcomes is not None:
                read_outcomes(changed.outcomes, campaign)
        except Refused as refused:
            raise UsageError(f"{field}={shown(value)}: {refused.problems[0].message}") from None
        return changed

    def with_fields(self, edits: Sequence[Edit]) -> Plan:
        """The same plan with other values of some fields, one after the other."""
        plan = self
        for field, value in edits:
            plan = plan.with_field(field, value)
        return plan

    def _with_numbers(self, field: str, value: Any) -> Plan:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UsageError(f"{field}={shown(value)}: write a whole number, the first so many of the request")
        return replace(self, numbers=value)


def check_field(field: str) -> None:
    """Raise UsageError, with the name that was meant, unless a plan has such a field.

    >>> check_field("linse")
    Traceback (most recent call last):
    scheduler.jobs.UsageError: no such field: "linse"; did you mean lines?
    """
    known = ".".join(field.split(".")[:2])
    if known in FIELDS and (known == field or known.startswith(f"{OUTCOMES}.")):
        return
    near = nearest(field, FIELDS) or nearest(field.rpartition(".")[2], [name.rpartition(".")[2] for name in FIELDS])
    meant = next((name for name in FIELDS if near in {name, name.rpartition(".")[2]}), None)
    advice = f"did you mean {meant}?" if meant else f"the fields are {', '.join(FIELDS)}"
    raise UsageError(f"no such field: {shown(field)}; {advice}")


def value_of(value: Any) -> Any:
    """What a text stands for: JSON where it is that, otherwise itself.

    >>> value_of("20"), value_of("RU"), value_of('["mon"]'), value_of(0.5)
    (20, 'RU', ['mon'], 0.5)
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _start_of(value: Any) -> Any:
    """An instant as a file has it; also a bare date, or milliseconds."""
    try:
        return None if value in {None, "null"} else format_instant(parse_moment(value))
    except PolicyError as error:
        raise UsageError(f"{START}={shown(value)}: {error}") from None


def _edited(data: Mapping[str, Any], path: str, value: Any, field: str) -> bytes:
    """The JSON of data with another value at a path of keys."""
    steps = path.split(".")
    whole = dict(data)
    table = whole
    for key in steps[:-1]:
        below = table.get(key)
        if below is not None and not isinstance(below, Mapping):
            raise UsageError(f"{field}: {key} is no table, but {shown(below)}; give the whole of it a value")
        table[key] = dict(below or {})
        table = table[key]
    table[steps[-1]] = value
    return json.dumps(whole, default=_written).encode()


def _written(value: object) -> str:
    """A TOML date or time as the text that it was."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise UsageError(f"not a value of a file: {shown(value)}")


def _edited_outcomes(text: bytes | None, field: str, value: Any) -> bytes:
    """A file of outcomes with another value of a key of its model; a model of that alone where there was no file."""
    data: Mapping[str, Any] = {}
    if text is not None:
        try:
            data = open_form(OUTCOMES_FILE, text).data
        except Refused:  # a script may be a CSV
            data = {}
        if "model" not in data:
            raise UsageError(f"{field} changes a model of outcomes, and the outcomes are a script; give a model")
    return _edited(data, field.replace(OUTCOMES, "model", 1), value, field)


# -- what was read -----------------------------------------------------------------------------------------------


class Memo:
    """What was made last, by its key; made once, also where several threads ask.

    The keys are the bytes themselves: their hash is taken once for each object, and equal ones are mostly the same.
    """

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = RLock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What a key stands for."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            found: T = self._made[key]
            return found


_parts = Memo()
_batches = Memo()


def _read(plan: Plan) -> Parts:
    campaign = read_campaign(plan.campaign)
    data = open_form(CAMPAIGN_FILE, plan.campaign).data
    shared = json.dumps({key: data.get(key) for key in OF_NUMBERS}, default=_written, sort_keys=True)
    batch = _batches.get((shared, plan.request), lambda: read_request(plan.request, campaign))
    source = None if plan.outcomes is None else read_outcomes(plan.outcomes, campaign)
    scenario = None if plan.scenario is None else read_scenario(plan.scenario, campaign)
    there = len(batch.jobs)
    if plan.numbers is not None and plan.numbers > there:
        raise UsageError(f"numbers={plan.numbers}: the request has {there}; write at most that many")
    told = (campaign, batch, *(each for each in (source, scenario) if each is not None))
    return Parts(
        campaign=campaign,
        jobs=batch.jobs if plan.numbers is None else batch.jobs[: plan.numbers],
        outcomes=never if source is None else source,
        commands=() if scenario is None else scenario.commands,
        warnings=tuple(warning for each in told for warning in each.warnings),
    )
