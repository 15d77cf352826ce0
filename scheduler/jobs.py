"""The words that everybody shares: Campaign, Job, Outcome, Problem (R0)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from operator import itemgetter
from typing import Any, NamedTuple

from scheduler.policy.allowed import Allowed
from scheduler.policy.instants import format_instant
from scheduler.policy.laws import Law, Legal
from scheduler.policy.levels import NO_DATES, NO_POLICY, Dates, Policy, ResolvedPolicy
from scheduler.policy.readings import Readings
from scheduler.policy.zones import Zone, parse_zone

UTC = parse_zone("UTC")
DEFAULT_RING_MS = 30_000
SLOWEST, FASTEST = 0.001, 1000  # calls a second
DEFAULT_PATIENCE_MS = 2_000
DEFAULT_ABANDON_RATE = 0.03
MAX_RATIO = 10
MIN_DIGITS, MAX_DIGITS = 5, 15  # of a phone
_STRIPPED = str.maketrans("", "", "+ -.()")


@dataclass(frozen=True, slots=True)
class DayLines:
    """Lines that change over the day: (minute of the day on the campaign's clock, lines from then on), sorted (R11.3).

    Before the first of them, the last holds: it began the day before.

    >>> DayLines(((540, 20), (1080, 5))).at(0), DayLines(((540, 20), (1080, 5))).at(600)
    (5, 20)
    """

    steps: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        minutes = [minute for minute, _ in self.steps]
        if not minutes or minutes != sorted(set(minutes)) or not 0 <= minutes[0] <= minutes[-1] < 24 * 60:
            raise UsageError(f"the lines of a day begin at minutes from 0 to 1439, each later than the last: {minutes}")
        if any(lines < 1 for _, lines in self.steps):
            raise UsageError("the lines of a day are whole numbers, at least 1")

    def at(self, minute: int) -> int:
        """The lines at a minute of the day."""
        place = bisect_right(self.steps, minute, key=itemgetter(0)) - 1
        return self.steps[place][1]

    def __str__(self) -> str:
        return ", ".join(f"{lines} from {minute // 60:02d}:{minute % 60:02d}" for minute, lines in self.steps)


class DialMode(StrEnum):
    """How many numbers are dialled for the agents that are free."""

    PROGRESSIVE = "progressive"  # one for each
    RATIO = "ratio"  # a fixed number for each
    PACED = "paced"  # as many as keep the share of abandoned answers below a rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Who talks to those who answer. An answered call takes an agent for its talk and `wrap_up_ms` more.

    `count` is how many there are (over the day, as of lines). A call that finds none of them free waits, and is
    abandoned after `patience_ms`: it ends without talk. `mode` says how many numbers may be dialled; `ratio` is that
    of RATIO, `abandon_rate` that of PACED.

    >>> Agents(count=10, mode=DialMode.RATIO, ratio=1.5).wrap_up_ms
    0
    """

    count: int | DayLines
    wrap_up_ms: int = 0
    patience_ms: int = DEFAULT_PATIENCE_MS
    mode: DialMode = DialMode.PROGRESSIVE
    ratio: float = 1.0
    abandon_rate: float = DEFAULT_ABANDON_RATE

    def __post_init__(self) -> None:
        if not isinstance(self.count, DayLines) and self.count < 1:
            raise UsageError(f"agents are a whole number, at least 1, not {self.count}")
        if self.wrap_up_ms < 0 or self.patience_ms < 0:
            raise UsageError("wrap_up_ms and patience_ms are at least 0")
        if not 1 <= self.ratio <= MAX_RATIO:
            raise UsageError(f"ratio lies from 1 to {MAX_RATIO}, not at {self.ratio}")
        if not 0 <= self.abandon_rate < 1:
            raise UsageError(f"abandon_rate lies from 0 up to, but not at, 1; not at {self.abandon_rate}")


def spacing_ms_of(calls_per_second: float | None) -> int:
    """The least time between two dials at a pace, in milliseconds, rounded up; 0 without a limit (R11.2).

    Raises UsageError for what is no pace.

    >>> spacing_ms_of(3), spacing_ms_of(None)
    (334, 0)
    """
    if calls_per_second is None:
        return 0
    is_number = isinstance(calls_per_second, int | float) and not isinstance(calls_per_second, bool)
    if not (is_number and SLOWEST <= calls_per_second <= FASTEST):
        raise UsageError(f"calls_per_second lies from {SLOWEST} to {FASTEST}, not at {calls_per_second!r}")
    # To a millionth of a millisecond, so that 1/900 calls a second are 900 s apart, not 1 ms more.
    return ceil(round(1000 / calls_per_second, 6))


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """The settings, zone and lines that jobs share; every field has a default.

    `lines` is the number of calls at one time (None: no limit, R11.1; over the day, R11.3); `calls_per_second`
    spaces the dials (R11.2); `dates` bounds every job (R5.3); `closed_dates` are local dates, as proleptic
    ordinals, on which no window opens (R3.10); of them `holidays` are those of a country, known from
    `holiday_years[0]` to `[1]`; `agents` are who talks, None if lines alone count; `policy` is the campaign's level
    (R6.1), `laws` bind the numbers that lie where they hold, and of those that keep public holidays, by name,
    `law_holiday_years` are the years of which these are known; `warnings` is what was suspicious in its file.

    >>> Campaign(calls_per_second=3).spacing_ms
    334
    """

    name: str = ""
    zone: Zone = UTC
    detect_zone: bool = True
    lines: int | DayLines | None = None
    calls_per_second: float | None = None
    dates: Dates = NO_DATES
    max_attempts_per_phone: int | None = None
    ring_ms: int = DEFAULT_RING_MS
    agents: Agents | None = None
    closed_dates: frozenset[int] = frozenset()
    holidays: frozenset[int] = frozenset()
    holiday_years: tuple[int, int] | None = None
    policy: Policy = NO_POLICY
    laws: tuple[Law, ...] = ()
    law_holiday_years: tuple[tuple[str, tuple[int, int]], ...] = ()
    readings: Readings = Readings()
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        cap = self.max_attempts_per_phone
        spacing_ms_of(self.calls_per_second)
        if cap is not None and cap < 1:
            raise UsageError(f"max_attempts_per_phone is at least 1, not {cap}")
        if self.ring_ms < 1:
            raise UsageError(f"ring_ms is at least 1, not {self.ring_ms}")

    @property
    def spacing_ms(self) -> int:
        """The least time between two dials, in milliseconds; 0 without a limit (R11.2)."""
        return spacing_ms_of(self.calls_per_second)

    def unknown_holidays(self, from_ms: int, until_ms: int) -> tuple[Problem, ...]:
        """Warnings if a span reaches into years whose holidays are not known: the campaign's (R3.10), or a law's."""
        first, last = int(format_instant(from_ms)[:4]), int(format_instant(until_ms)[:4])
        holidays = [] if self.holiday_years is None else [("$.holidays", "the holidays", self.holiday_years)]
        holidays += [("$.law", f"the holidays of the law {name}", years) for name, years in self.law_holiday_years]
        return tuple(
            Problem(
                job=None,
                path=path,
                type="invalid.field",
                message=f"{what} are known for {known[0]} to {known[1]}; on other dates none is kept",
            )
            for path, what, known in holidays
            if not known[0] <= first <= last <= known[1]
        )


class ZoneSource(StrEnum):
    """Where a job's zone came from (R2.6)."""

    REQUEST = "request"
    NUMBER = "number"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redial:
    """What a conversation asks for: to be called again, under a policy of its own (R10.1).

    `start_after_ms` counts from the end of the call, in place of a start in `dates`.
    """

    policy: Policy = NO_POLICY
    dates: Dates = NO_DATES
    start_after_ms: int | None = None


class Redialled(NamedTuple):
    """That a job is the redial of a number: its `redialNumber`, 1, 2, … (R10.2), and what was asked for."""

    number: int
    asked: Redial


class Job(NamedTuple):
    """One validated request to reach one phone (R0).

    `index` is its place among all numbers submitted, which its redials share; `phone` its digits (R15.4), `dates`
    the bounds that it sets itself (the campaign's are not in them), `payload` the JSON text that came with it;
    `redial` is what makes it a redial's job, `legal` what the campaign's laws say of it (None: nothing).
    """

    index: int  # type: ignore[assignment]  # a tuple's own method of this name is of no use here
    phone: str
    zone: Zone
    zone_source: ZoneSource
    policy: ResolvedPolicy
    dates: Dates = NO_DATES
    payload: bytes | None = None
    redial: Redialled | None = None
    legal: Legal | None = None

    def allowed(self, closed_dates: Collection[int]) -> Allowed:
        """What decides when it may be dialled, dates aside; `closed_dates` are those of the campaign."""
        return Allowed(self.policy.hours, self.zone, closed_dates, self.legal)

    @property
    def redial_number(self) -> int | None:
        """1, 2, … for a redial's job, None for a first one (R10.2)."""
        return None if self.redial is None else self.redial.number

    @property
    def custom(self) -> bool:
        """Whether the number sets a schedule field of its own, and so goes before those that do not (R8.3)."""
        return self.policy.custom_hours or self.dates != NO_DATES


def normal_form(phone: str) -> str | None:
    """The 5 to 15 digits of a phone, or None where it is none (R15.4).

    >>> normal_form("+7 (912) 345-67-89"), normal_form("12"), normal_form("12a45")
    ('79123456789', None, None)
    """
    digits = phone if phone.isdigit() else phone.translate(_STRIPPED)
    plain = digits.isdigit() and digits.isascii() and MIN_DIGITS <= len(digits) <= MAX_DIGITS
    return digits if plain else None


class Outcome(StrEnum):
    """How an attempt ends (R12.1)."""

    ANSWERED = "answered"
    NO_ANSWER = "noAnswer"
    BUSY = "busy"
    FAILED = "failed"
    NONEXISTENT_NUMBER = "nonexistentNumber"


class JobState(StrEnum):
    """The state of a job, in the vendor's words (R12.4)."""

    PLANNED = "planned"
    IN_PROCESS = "inProcess"
    ON_RETRY = "onRetry"
    LONG_CALL_WITH_RESULT = "longCallWithResult"
    LONG_CALL_WITH_NO_RESULT = "longCallWithNoResult"
    NO_ANSWER = "noAnswer"
    NOT_DONE = "notDone"
    CANCELLED_BY_USER = "cancelledByUser"
    TECHNICAL_ERROR = "technicalError"
    NONEXISTENT_NUMBER = "nonexistentNumber"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a request that is wrong (or, as a warning, suspicious), and what to write instead (R15).

    `job` is the index in the request (None: the whole of it), `path` a JSON path, `type` the vendor's word.
    A warning stands for `count` alike ones, of which it is the first. `details` are the further fields that
    the vendor's own body of this type has.
    """

    job: int | None
    path: str
    type: str
    message: str
    count: int = 1
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_data(self) -> dict[str, Any]:
        """The problem as the JSON object of a refusal."""
        return {"job": self.job, "path": self.path, "type": self.type, "message": self.message}

    def __str__(self) -> str:
        again = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.path}: {self.message} [{self.type}]{again}"


class Refused(ValueError):
    """Some input was refused whole; this carries every problem of it (R15.1)."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = len(problems)
        super().__init__(str(problems[0]) + (f" (and {count - 1} more)" if count > 1 else ""))
        self.problems = problems

    def __reduce__(self) -> tuple[type[Refused], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)

    def body(self) -> dict[str, Any]:
        """The body of the refusal: the vendor's fields for the first problem, and all of them (R15.2)."""
        first = self.problems[0]
        vendor = {"type": first.type, **first.details}
        problems = [problem.as_data() for problem in self.problems]
        return {**vendor, "message": vendor.get("message", first.message), "problems": problems}


class RequestRefused(Refused):
    """A request was refused: it is accepted whole or refused whole (R14.5)."""


class CampaignRefused(Refused):
    """A campaign file was refused."""


class OutcomesRefused(Refused):
    """A file of outcomes was refused: a script, a model or a history."""


class ScenarioRefused(Refused):
    """A scenario file was refused."""


class UsageError(ValueError):
    """What was asked for makes no sense, whatever the input: a run that ends before it begins, no lines."""
