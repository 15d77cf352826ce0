"""The simulator's own paths: campaigns, what becomes of calls, the clock, and the timeline with its reasons.

Instants are written in ISO 8601.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any, Literal

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Stream
from msgspec import Struct, field

from scheduler.engine.timeline import Timeline
from scheduler.intake.campaign import CAMPAIGN_FILE
from scheduler.intake.forms import open_form
from scheduler.jobs import DayLines, JobState
from scheduler.policy.errors import shown
from scheduler.policy.instants import SECOND_MS, format_instant
from scheduler.server.answers import JSON, Answer, answering, json_answer, refusal
from scheduler.server.bodies import (
    Content,
    HttpRequest,
    Token,
    decoded,
    fields_of_query,
    looks_like_toml,
    media_type,
    moment,
    not_empty,
)
from scheduler.server.campaigns import Campaigns, Info
from scheduler.server.snapshots import Status
from scheduler.views.rows import dial_rows, json_of

CAMPAIGNS = "/simulator/campaigns"
CAMPAIGN = f"{CAMPAIGNS}/{{token:str}}"
CLOCK_FIELDS = '{"now": "2026-03-02T09:00:00Z"} or {"advanceSeconds": 86400}'
NDJSON = "application/x-ndjson"
TOML = "application/toml"
TOML_TYPES = frozenset({TOML, "text/toml", "text/x-toml", "application/x-toml"})
NO_ID = "id.not.found"
MAX_SECONDS = 10**12  # longer than all instants that there are
ROWS = 1000  # of a timeline that are sent at a time

Here = NamedDependency[SkipValidation[Campaigns]]


class ClockTold(Struct, frozen=True, kw_only=True):
    """Where the clock stands, and what moves it."""

    now: str
    moves: Literal["by hand", "real"]


class ClockMoved(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the clock is moved: to an instant, or on by a number of seconds."""

    now: str | None = None
    advanceSeconds: int | float | None = None


class StepTold(Struct, frozen=True, kw_only=True):
    """Lines from a time of the day on."""

    from_: str = field(name="from")
    lines: int


class CampaignTold(Struct, frozen=True, kw_only=True):
    """A campaign of the simulator: `document` is the campaign file that holds now."""

    token: str
    id: int
    name: str
    status: Status
    createdAt: str
    maxSimultaneousCalls: int | list[StepTold] | None
    callsPerSecond: float | None
    numbers: int
    commands: int
    document: dict[str, Any]


class CampaignCounted(CampaignTold, frozen=True, kw_only=True):
    """A campaign with its jobs in each state."""

    counts: dict[JobState, int]


# -- campaigns -------------------------------------------------------------------------------------------


@put(CAMPAIGN)
@answering
def put_campaign(request: HttpRequest, token: Token, content: Content, campaigns: Here) -> Answer:
    """Make a campaign of a file, or change name, lines and pace of the one that there is."""
    kind = media_type(request)
    not_empty(content, '{} for a campaign of every default, or {"name": "spring", "maxSimultaneousCalls": 20}')
    toml = kind in TOML_TYPES or (kind != JSON and looks_like_toml(content))
    made, info = campaigns.put_campaign(token, content, toml=toml)
    return json_answer(_counted(info), HTTPStatus.CREATED if made else HTTPStatus.OK)


@get(CAMPAIGNS)
@answering
def list_campaigns(campaigns: Here) -> Answer:
    """All campaigns."""
    return json_answer([CampaignTold(**_told(info)) for info in campaigns.list_campaigns()])


@get(CAMPAIGN)
@answering
def get_campaign(token: Token, campaigns: Here) -> Answer:
    """A campaign, with its jobs by state."""
    return json_answer(_counted(campaigns.info(token)))


@put(f"{CAMPAIGN}/outcomes")
@answering
def put_outcomes(token: Token, content: Content, campaigns: Here) -> Answer:
    """Say what becomes of the calls that are dialled from now on: a script or a model."""
    campaigns.put_outcomes(token, content)
    return json_answer(_counted(campaigns.info(token)))


def _counted(info: Info) -> CampaignCounted:
    return CampaignCounted(**_told(info), counts=dict(info.counts or {}))


def _told(info: Info) -> dict[str, Any]:
    lines = info.lines
    if isinstance(lines, DayLines):
        steps = [StepTold(from_=f"{minute // 60:02d}:{minute % 60:02d}", lines=each) for minute, each in lines.steps]
    return {
        "token": info.token,
        "id": info.id,
        "name": info.name,
        "status": info.status,
        "createdAt": format_instant(info.created_ms),
        "maxSimultaneousCalls": steps if isinstance(lines, DayLines) else lines,
        "callsPerSecond": info.calls_per_second,
        "numbers": info.numbers,
        "commands": info.commands,
        "document": open_form(CAMPAIGN_FILE, info.document).data,
    }


# -- the clock -------------------------------------------------------------------------------------------


@get("/simulator/clock")
@answering
def clock(campaigns: Here) -> Answer:
    """Where the clock stands."""
    return json_answer(_clock_told(campaigns, campaigns.now()))


@post("/simulator/clock", status_code=HTTPStatus.OK)
@answering
def move_clock(content: Content, campaigns: Here) -> Answer:
    """Move the clock on."""
    moved = decoded(content, ClockMoved, CLOCK_FIELDS)
    if (moved.now is None) == (moved.advanceSeconds is None):
        raise refusal("$", f"write one of the two, {CLOCK_FIELDS}")
    if moved.advanceSeconds is None:
        now_ms = campaigns.move_clock(to_ms=moment(moved.now, "$.now"))
    else:
        now_ms = campaigns.move_clock(advance_ms=_milliseconds(moved.advanceSeconds))
    return json_answer(_clock_told(campaigns, now_ms))


def _milliseconds(seconds: float) -> int:
    if abs(seconds) > MAX_SECONDS:
        raise refusal("$.advanceSeconds", f"no clock goes on for more than {MAX_SECONDS:,} seconds; write fewer")
    return round(seconds * SECOND_MS)


def _clock_told(campaigns: Campaigns, now_ms: int) -> ClockTold:
    return ClockTold(now=format_instant(now_ms), moves="real" if campaigns.clock_kind == "real" else "by hand")


# -- what happens ----------------------------------------------------------------------------------------


@get(f"{CAMPAIGN}/timeline")
@answering
def timeline(request: HttpRequest, token: Token, campaigns: Here) -> Answer | Stream:
    """The dials so far, or up to an instant to come, as NDJSON: what `preview --format ndjson` writes."""
    fields = fields_of_query(request)
    until_ms = moment(fields.get("until"), "until")
    snapshot = campaigns.snapshot(token)
    if until_ms is not None and until_ms > snapshot.timeline.until_ms:
        snapshot = campaigns.look_ahead(token, until_ms)
    return Stream(_lines(snapshot.timeline, until_ms), media_type=NDJSON)


def _lines(timeline: Timeline, until_ms: int | None) -> Iterator[bytes]:
    """The dials before an instant as JSON, one on a line, some at a time."""
    rows = dial_rows(timeline)
    if until_ms is not None:
        rows = islice(rows, bisect_left(timeline.columns.at, until_ms))
    while some := list(islice(rows, ROWS)):
        yield "".join(json_of(row) + "\n" for row in some).encode()


@get(f"{CAMPAIGN}/explain")
@answering
def explain(request: HttpRequest, token: Token, campaigns: Here) -> Answer:
    """Why a job was dialled when it was, and how it stands at an instant: what `explain --format json` writes."""
    fields = fields_of_query(request)
    snapshot = campaigns.snapshot(token)
    place = snapshot.place_of(fields.get("job", ""))
    if place is None:
        raise refusal(
            "job", f"no job has the id {shown(fields.get('job', ''))}; write one that addPhones answered", NO_ID
        )
    job = snapshot.timeline.jobs[place]
    at_ms = moment(fields.get("at"), "at")
    if at_ms is not None and at_ms > snapshot.timeline.until_ms:
        snapshot = campaigns.look_ahead(token, at_ms)
    return json_answer(snapshot.timeline.explain(job.index, at_ms).as_data())


HANDLERS = (put_campaign, list_campaigns, get_campaign, put_outcomes, clock, move_clock, timeline, explain)
