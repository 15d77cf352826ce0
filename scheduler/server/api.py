"""The vendor's paths: numbers in, reports out (reference: Calls API, campaign_reports, cancel_jobs, control).

Every handler runs in a thread, takes what `bodies` has read, and asks `Campaigns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from scheduler.engine.lines import UNLIMITED
from scheduler.jobs import RequestRefused
from scheduler.server.answers import Answer, answering, json_answer, refusal
from scheduler.server.bodies import (
    IDEMPOTENCE_KEY,
    NAMED_FIELDS,
    PAGING_FIELDS,
    AttemptsAsked,
    Content,
    HttpRequest,
    JobsAsked,
    Named,
    PageAsked,
    Paging,
    Token,
    decoded,
    fields_of_query,
    form_of,
    good_key,
    header_key,
    list_only,
    not_empty,
    span_of,
)
from scheduler.server.campaigns import Campaigns, Snapshot
from scheduler.server.limits import Limits
from scheduler.server.reports import (
    CallAttemptReport,
    CallJobReport,
    ShortReport,
    attempt_reports,
    attempts_between,
    attempts_of,
    job_reports,
    jobs_between,
    page_of,
    short_report,
    unfinished_jobs,
    wanted_places,
)
from scheduler.server.snapshots import Status

CALLS = "/api/calls/campaign/{token:str}"
CRM_CALLS = "/api/crmCalls/campaign/{token:str}"
JOBS_ASKED = '{"filter": {"createdAtFrom": 1772442000000}, "pagination": {"page": 0, "pageSize": 20}}'
ATTEMPTS_ASKED = '{"filter": {"startedAtFrom": 1772442000000}, "pagination": {"page": 0, "pageSize": 20}}'

Here = NamedDependency[SkipValidation[Campaigns]]
Bounds = NamedDependency[SkipValidation[Limits]]


class CampaignInfo(Struct, frozen=True, kw_only=True):
    """A campaign, in the vendor's words; instants in milliseconds, `maxSimultaneousCalls` null without a limit."""

    id: int
    name: str
    creationDate: int
    startTime: int | None
    endTime: int | None
    status: Status
    maxSimultaneousCalls: int | None
    shortReport: ShortReport
    projectName: None = None
    botId: None = None


class PageTold(Struct, frozen=True, kw_only=True):
    """Which page an answer is, and how many items all pages have."""

    page: int
    pageSize: int
    totalCount: int


class JobPage(Struct, frozen=True, kw_only=True):
    """A page of reports of jobs."""

    items: list[CallJobReport]
    pagination: PageTold


class AttemptPage(Struct, frozen=True, kw_only=True):
    """A page of reports of attempts."""

    items: list[CallAttemptReport]
    pagination: PageTold


class ControlRefused(Struct, frozen=True, kw_only=True):
    """Why a campaign was not stopped, paused or resumed, in the vendor's form."""

    error: str
    message: str
    args: dict[str, str]


# -- numbers ---------------------------------------------------------------------------------------------


@post(f"{CALLS}/addPhones", status_code=HTTPStatus.OK)
@answering
def add_phones(request: HttpRequest, token: Token, numbers: Content, campaigns: Here) -> Answer:
    """Add numbers to the campaign: all of them, or none."""
    return json_answer(campaigns.add_phones(token, list_only(numbers), header_key(request)))


@get(f"{CRM_CALLS}/addPhone")
@answering
def add_phone(request: HttpRequest, token: Token, campaigns: Here) -> Answer:
    """Add a number that is given in the query; its other fields are the payload."""
    return _add_from_query(request, token, campaigns, test=False)


@get(f"{CRM_CALLS}/test/addPhone")
@answering
def test_add_phone(request: HttpRequest, token: Token, campaigns: Here) -> Answer:
    """Add a number however often, to test the campaign."""
    return _add_from_query(request, token, campaigns, test=True)


@post(f"{CRM_CALLS}/addPhone", status_code=HTTPStatus.OK)
@answering
def add_phone_by_form(request: HttpRequest, token: Token, content: Content, campaigns: Here) -> Answer:
    """Add a number that is given in a form; its other fields are the payload."""
    return json_answer(campaigns.add_phone(token, form_of(request, content), header_key(request), test=False))


def _add_from_query(request: HttpRequest, token: str, campaigns: Campaigns, *, test: bool) -> Answer:
    fields = fields_of_query(request)
    key = good_key(fields.pop(IDEMPOTENCE_KEY, None))
    return json_answer(campaigns.add_phone(token, fields, key, test=test))


# -- jobs ------------------------------------------------------------------------------------------------


@post(f"{CALLS}/callJob/cancel", status_code=HTTPStatus.OK)
@answering
def cancel_jobs(token: Token, content: Content, campaigns: Here) -> Answer:
    """Cancel jobs by their ids, and all jobs of phones; the ids of those that had not ended before."""
    named = decoded(not_empty(content, NAMED_FIELDS), Named, NAMED_FIELDS)
    return json_answer(campaigns.cancel(token, named.id_texts() or (), named.phone_texts() or ()))


@post(f"{CALLS}/callJob/getReport", status_code=HTTPStatus.OK)
@answering
def report_jobs(token: Token, content: Content, campaigns: Here, limits: Bounds) -> Answer:
    """Report the jobs that are named, or all."""
    snapshot = campaigns.snapshot(token)
    places = _named_places(snapshot, content)
    _refuse_many(len(places), limits, "jobs")
    return json_answer(job_reports(snapshot, places))


@post(f"{CALLS}/callJob/getReportByDate", status_code=HTTPStatus.OK)
@answering
def report_jobs_by_date(token: Token, content: Content, campaigns: Here, limits: Bounds) -> Answer:
    """Report the jobs that were created or finished in a span, page by page."""
    snapshot = campaigns.snapshot(token)
    asked = decoded(content, JobsAsked, JOBS_ASKED)
    page, size = (asked.pagination or Paging()).bounds(limits)
    places = jobs_between(snapshot, span_of(asked.filter, "createdAt"), span_of(asked.filter, "finishedAt"))
    return _job_page(snapshot, places, page, size)


@post(f"{CALLS}/callJob/getUnfinished", status_code=HTTPStatus.OK)
@answering
def report_unfinished(token: Token, content: Content, campaigns: Here, limits: Bounds) -> Answer:
    """Report the jobs that have not finished, page by page."""
    snapshot = campaigns.snapshot(token)
    page, size = decoded(content, PageAsked, PAGING_FIELDS).bounds(limits)
    return _job_page(snapshot, unfinished_jobs(snapshot), page, size)


@post(f"{CALLS}/callAttempt/getReport", status_code=HTTPStatus.OK)
@answering
def report_attempts(token: Token, content: Content, campaigns: Here, limits: Bounds) -> Answer:
    """Report the attempts of the jobs that are named, or of all."""
    snapshot = campaigns.snapshot(token)
    dials = attempts_of(snapshot, _named_places(snapshot, content))
    _refuse_many(len(dials), limits, "attempts")
    return json_answer(attempt_reports(snapshot, dials))


@post(f"{CALLS}/callAttempt/getReportByDate", status_code=HTTPStatus.OK)
@answering
def report_attempts_by_date(token: Token, content: Content, campaigns: Here, limits: Bounds) -> Answer:
    """Report the attempts that were started or finished in a span, page by page."""
    snapshot = campaigns.snapshot(token)
    asked = decoded(content, AttemptsAsked, ATTEMPTS_ASKED)
    page, size = (asked.pagination or Paging()).bounds(limits)
    dials = attempts_between(snapshot, span_of(asked.filter, "startedAt"), span_of(asked.filter, "finishedAt"))
    items = attempt_reports(snapshot, page_of(dials, page, size))
    return json_answer(AttemptPage(items=items, pagination=PageTold(page=page, pageSize=size, totalCount=len(dials))))


def _job_page(snapshot: Snapshot, places: Sequence[int], page: int, size: int) -> Answer:
    items = job_reports(snapshot, page_of(places, page, size))
    return json_answer(JobPage(items=items, pagination=PageTold(page=page, pageSize=size, totalCount=len(places))))


def _named_places(snapshot: Snapshot, content: bytes) -> Sequence[int]:
    named = decoded(content, Named, NAMED_FIELDS)
    return wanted_places(snapshot, named.id_texts(), named.phone_texts())


def _refuse_many(count: int, limits: Limits, what: str) -> None:
    if count > limits.reported:
        message = f"{count:,} {what} are more than {limits.reported:,}; ask for them page by page with getReportByDate"
        raise refusal("$", message)


# -- the campaign ----------------------------------------------------------------------------------------


@get(CALLS)
@answering
def campaign_info(token: Token, campaigns: Here) -> Answer:
    """The campaign, with its figures."""
    snapshot = campaigns.snapshot(token)
    campaign = snapshot.campaign
    return json_answer(
        CampaignInfo(
            id=snapshot.campaign_id,
            name=campaign.name,
            creationDate=snapshot.created_ms,
            startTime=campaign.dates.start_ms,
            endTime=campaign.dates.finish_ms,
            status=snapshot.status,
            maxSimultaneousCalls=_lines_at_present(snapshot),
            shortReport=short_report(snapshot),
        )
    )


def _lines_at_present(snapshot: Snapshot) -> int | None:
    now_ms = snapshot.timeline.until_ms
    lines = snapshot.timeline.history.limit_at(now_ms).at(now_ms)
    return None if lines == UNLIMITED else lines


@get(f"{CALLS}/status")
@answering
def campaign_status(token: Token, campaigns: Here) -> Answer:
    """The status of the campaign."""
    return json_answer(campaigns.snapshot(token).status)


@post(f"{CALLS}/control/stop", status_code=HTTPStatus.OK)
@answering
def stop(token: Token, campaigns: Here) -> Answer:
    """Stop the campaign, for good: what waits is not done."""
    return _control(token, campaigns, "stop")


@post(f"{CALLS}/control/pause", status_code=HTTPStatus.OK)
@answering
def pause(token: Token, campaigns: Here) -> Answer:
    """Pause the campaign: no dial is placed until it is resumed."""
    return _control(token, campaigns, "pause")


@post(f"{CALLS}/control/resume", status_code=HTTPStatus.OK)
@answering
def resume(token: Token, campaigns: Here) -> Answer:
    """Go on after a pause."""
    return _control(token, campaigns, "resume")


def _control(token: str, campaigns: Campaigns, what: Literal["pause", "resume", "stop"]) -> Answer:
    try:
        campaigns.control(token, what)
    except RequestRefused as refused:
        (problem, *_) = refused.problems
        args = {"state": str(problem.details["state"])} if "state" in problem.details else {}
        body = ControlRefused(error=problem.type, message=problem.message, args=args)
        return json_answer(body, HTTPStatus.BAD_REQUEST)
    return Response(b"", status_code=HTTPStatus.OK)


HANDLERS = (
    add_phones,
    add_phone,
    test_add_phone,
    add_phone_by_form,
    cancel_jobs,
    report_jobs,
    report_jobs_by_date,
    report_unfinished,
    report_attempts,
    report_attempts_by_date,
    campaign_info,
    campaign_status,
    stop,
    pause,
    resume,
)
