"""What the page asks and is told, as JSON: `web/src/contract.ts` has the same, in the words of the page.

Instants and lengths in `...Ms` are milliseconds (instants since 1970, UTC), spans are [from, until).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

MAX_SEED = (1 << 63) - 1

Document = Literal["request", "campaign", "outcomes", "run"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Show = Literal["all", "neverCallable", "notDialled", "notReached", "reached", "unfinished"]
ExportFormat = Literal["ndjson", "csv", "ical", "html"]
Order = Literal["job", "phone", "zone", "priority", "dials", "firstDial", "lastDial"]
Clock = list[tuple[int, int]]  # from each instant on, so many milliseconds ahead of UTC
Count = Annotated[int, Meta(ge=0)]


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for every number, whatever the request says."""

    allowedDays: list[Weekday] | None = None
    retryIntervalInMinutes: int | float | None = None
    maxAttempts: int | float | None = None


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be previewed; `request` names a text that was handed in before."""

    request: str
    campaign: str = ""
    now: str | None = None
    until: str | None = None
    outcomes: str | None = None
    seed: Annotated[int, Meta(ge=-MAX_SEED, le=MAX_SEED)] = 0
    override: Override | None = None


class ProblemTold(Struct, frozen=True, kw_only=True):
    """Something that is wrong or suspicious: in which text, of which number, on which line."""

    in_: Document = field(name="in")
    job: int | None
    path: str
    type: str
    message: str
    count: int
    line: int | None


# -- a run -----------------------------------------------------------------------------------------------


class ZoneTold(Struct, frozen=True, kw_only=True):
    """A zone, how many numbers it has, and its clock."""

    name: str
    numbers: Count
    clock: Clock


class WaitingTold(Struct, frozen=True, kw_only=True):
    """How long dials waited for a line, in seconds."""

    mean: float
    p95: float
    longest: float


class ReasonTold(Struct, frozen=True, kw_only=True):
    """Why some jobs were not dialled, or not to their last attempt."""

    reason: str
    words: str
    jobs: Count


class SummaryTold(Struct, frozen=True, kw_only=True):
    """The figures of a run, with counts of jobs in place of their lists."""

    numbers: Count
    jobs: Count
    dialled: Count
    dials: Count
    answers: Count
    reach: float
    attemptsPerNumber: float
    firstDialMs: int | None
    lastDialMs: int | None
    finishMs: int | None
    busiestHourMs: int | None
    busiestHourDials: Count
    waitingSeconds: WaitingTold
    mostLines: Count
    abandoned: int | None
    abandonedOfAnswers: float | None
    states: dict[str, int]
    undialled: list[ReasonTold]
    cutShort: list[ReasonTold]
    unfinished: Count


class PriorityTold(Struct, frozen=True, kw_only=True):
    """A priority, and how many numbers have it."""

    priority: int
    numbers: Count


class StateTold(Struct, frozen=True, kw_only=True):
    """A state, and how many numbers are in it at the end."""

    state: str
    numbers: Count


class VersionsTold(Struct, frozen=True, kw_only=True):
    """What made it."""

    scheduler: str
    tzdata: str


class Overview(Struct, frozen=True, kw_only=True):
    """A run at a glance."""

    name: str
    nowMs: int
    untilMs: int
    fromMs: int
    toMs: int
    summary: SummaryTold
    warnings: list[ProblemTold]
    zones: list[ZoneTold]
    priorities: list[PriorityTold]
    states: list[StateTold]
    own: dict[str, int]
    limited: bool
    nobodyAnswers: bool
    agents: bool
    versions: VersionsTold


class PreviewTold(Struct, frozen=True, kw_only=True, tag_field="state"):
    """How far a preview is."""

    preview: str


class Working(PreviewTold, frozen=True, kw_only=True, tag="working"):
    """It is being worked on."""

    doing: str
    share: float | None


class Done(PreviewTold, frozen=True, kw_only=True, tag="done"):
    """It is there."""

    overview: Overview


class Unfit(PreviewTold, frozen=True, kw_only=True, tag="refused"):
    """What was asked is not fit to be run; `more` counts the problems that are not told."""

    problems: list[ProblemTold]
    more: Count


class Stopped(PreviewTold, frozen=True, kw_only=True, tag="stopped"):
    """It was stopped."""


class Failed(PreviewTold, frozen=True, kw_only=True, tag="failed"):
    """It failed, by no fault of what was asked."""

    message: str


Preview = Working | Done | Unfit | Stopped | Failed


# -- figures over time -----------------------------------------------------------------------------------


class SeriesAsked(Struct, frozen=True, kw_only=True):
    """A span of time, about how many bins of it, and on which zone's clock they lie."""

    fromMs: int
    untilMs: int
    bins: int
    zone: str


class Series(Struct, frozen=True, kw_only=True):
    """Figures over time, an entry for each bin, in order."""

    stepMs: int
    fromMs: list[int]
    untilMs: list[int]
    dials: list[int]
    busyMean: list[float]
    busyMost: list[int]
    lines: list[int | None]
    dialled: list[int]
    answered: list[int]
    done: list[int]


# -- numbers ---------------------------------------------------------------------------------------------


class RowsAsked(Struct, frozen=True, kw_only=True):
    """Which rows are asked for, and in which order."""

    from_: int = field(name="from", default=0)
    count: int = 100
    show: Show = "all"
    zone: str | None = None
    priority: int | None = None
    phone: str = ""
    order: Order = "job"
    descending: bool = False


class Row(Struct, frozen=True, kw_only=True):
    """One number: its first job, with the dials of its redials among them."""

    job: int
    phone: str
    zone: str
    priority: int
    state: str
    reason: str | None
    dials: Count
    redials: Count
    firstDialMs: int | None
    lastDialMs: int | None
    answered: bool


class Rows(Struct, frozen=True, kw_only=True):
    """Some rows of those that were asked for; `total` counts them all."""

    total: Count
    from_: int = field(name="from")
    rows: list[Row]


class DialTold(Struct, frozen=True, kw_only=True):
    """One dial."""

    atMs: int
    endMs: int
    attempt: int
    redialNumber: int | None
    outcome: str


class FieldTold(Struct, frozen=True, kw_only=True):
    """A field of a policy, in words, and who set it."""

    field: str
    value: str
    by: str


class WaitTold(Struct, frozen=True, kw_only=True):
    """A stretch of time in which a number that was due was held back."""

    code: str
    fromMs: int
    untilMs: int
    words: str


class AttemptTold(Struct, frozen=True, kw_only=True):
    """One attempt: by what it was due, what held it back, and what came of it."""

    attempt: int
    dueMs: int
    due: str
    waits: list[WaitTold]
    atMs: int | None
    endMs: int | None
    outcome: str | None
    words: str


class SeriesTold(Struct, frozen=True, kw_only=True):
    """What was asked of a number: the number itself, or a redial."""

    redialNumber: int | None
    acceptedMs: int
    policy: list[FieldTold]
    attempts: list[AttemptTold]
    state: str
    endedMs: int | None
    ending: str


class NumberTold(Struct, frozen=True, kw_only=True):
    """One number: when it may be dialled, when it is, and why then."""

    job: int
    phone: str
    zone: str
    zoneSource: str
    clock: Clock
    windows: list[tuple[int, int]]
    more: bool
    dials: list[DialTold]
    series: list[SeriesTold]


class MomentReason(Struct, frozen=True, kw_only=True):
    """One thing that forbids a dial, and until when."""

    code: str
    words: str
    untilMs: int | None


class MomentTold(Struct, frozen=True, kw_only=True):
    """Why a number is dialled at an instant, or why not."""

    atMs: int
    state: str | None
    dialled: bool
    reasons: list[MomentReason]
    nextAllowedMs: int | None
    nextDialMs: int | None
    words: str


# -- the mailed file, and the example --------------------------------------------------------------------


class MadeTold(Struct, frozen=True, kw_only=True):
    """One thing about how a file was made."""

    name: str
    value: str


class Base(Struct, frozen=True, kw_only=True):
    """Figures for each of the finest bins in which something happened; between them nothing changes."""

    stepMs: int
    fromMs: list[int]
    dials: list[int]
    heldMs: list[int]
    busyMost: list[int]
    dialled: list[int]
    answered: list[int]
    done: list[int]


class FileData(Struct, frozen=True, kw_only=True):
    """What lies in a mailed file."""

    made: list[MadeTold]
    overview: Overview
    base: Base
    limits: list[tuple[int, int | None]]
    rows: list[Row]
    numbers: list[NumberTold]


class Example(Struct, frozen=True, kw_only=True):
    """What the page begins with at one click."""

    name: str
    request: str
    campaign: str
    now: str
    outcomes: str | None
