"""The web page, and what it asks: texts are handed in, previews of them are run, and their results are told.

What the page asks, it asks of its own server: requests that another site makes a browser send are refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from scheduler.jobs import UsageError
from scheduler.page import numbers, series
from scheduler.page.built import built
from scheduler.page.example import page_example
from scheduler.page.export import FORMATS, exported
from scheduler.page.html import served, served_policy
from scheduler.page.previews import Bounds, Previews
from scheduler.page.told import Asked, Order, Preview, RowsAsked, Show
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import DAY_MS, FIRST_INSTANT_MS, LAST_INSTANT_MS, SECOND_MS
from scheduler.policy.zones import parse_zone
from scheduler.server.answers import Answer, Failure, answering, json_answer, log, refusal, trace_of
from scheduler.server.bodies import Content, HttpRequest, decoded, fields_of_query
from scheduler.server.campaigns import Campaigns
from scheduler.server.collector import paused
from scheduler.server.limits import Limits
from scheduler.server.names import new_name

if TYPE_CHECKING:
    from scheduler.page.result import Result

PREVIEWS = "/page/previews"
PREVIEW = f"{PREVIEWS}/{{preview:str}}"
ASSETS = {"page.js": "text/javascript", "page.css": "text/css", "licences.txt": "text/plain"}
NOT_BUILT = "page.not.built"
ASKED_FIELDS = '{"request": "…", "campaign": "name = \\"spring\\"", "now": "2026-03-02T09:00:00Z"}'
MAX_ROWS = 1_000
MAX_BINS = 2_000
MAX_SPAN_MS = 40_000 * DAY_MS
LOOK_S = 0.02  # between two looks at how far a preview is
FIRST_LOOKS, LOOKS = 12, 50  # about 250 ms for one that was just asked for, and 1 s
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
SEPARATORS = str.maketrans("", "", "+ -.()")

Kept = NamedDependency[SkipValidation[Previews]]
Name = FromPath[str]


def new_previews(campaigns: Campaigns, limits: Limits) -> Previews:
    """The previews of a server."""
    bounds = Bounds(
        text_bytes=limits.kept_bytes,
        numbers=limits.kept_numbers,
        previews=limits.previews,
        runs=limits.runs,
        most_numbers=limits.numbers,
    )
    return Previews(
        bounds,
        new_name=new_name,
        present_ms=lambda: campaigns.now() // SECOND_MS * SECOND_MS,
        failed=lambda error: log.error("an error in a preview: %s", trace_of(error)),
        around=paused,
    )


# -- the page itself -------------------------------------------------------------------------------------

OF_PAGE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@get("/")
@answering
def page() -> Answer:
    """The page."""
    nonce = new_name()
    headers = {**OF_PAGE, "Content-Security-Policy": served_policy(nonce), "Cache-Control": "no-store"}
    return Response(served(nonce).encode(), media_type="text/html", headers=headers)


@get("/page/page.js")
@answering
def script(request: HttpRequest) -> Answer:
    """The script of the page."""
    return _asset("page.js", request)


@get("/page/page.css")
@answering
def style(request: HttpRequest) -> Answer:
    """The style sheet of the page."""
    return _asset("page.css", request)


@get("/page/licences.txt")
@answering
def licences(request: HttpRequest) -> Answer:
    """The licences of the libraries that are in the script."""
    return _asset("licences.txt", request)


def _asset(name: str, request: HttpRequest) -> Answer:
    try:
        content = built(name)
    except UsageError as error:
        raise Failure(HTTPStatus.SERVICE_UNAVAILABLE, NOT_BUILT, str(error)) from None
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**OF_PAGE, "ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=ASSETS[name], headers=headers)


@get("/page/example")
@answering
def example() -> Answer:
    """What the page begins with at one click."""
    return _told(page_example())


# -- texts and previews ----------------------------------------------------------------------------------


@post("/page/requests", status_code=HTTPStatus.CREATED)
@answering
def hand_in(numbers: Content, previews: Kept) -> Answer:
    """Hand in the text of a request; what names it from then on."""
    return _told({"request": previews.hand_in(numbers)}, HTTPStatus.CREATED)


@post(PREVIEWS, status_code=HTTPStatus.CREATED)
async def begin_preview(content: Content, previews: Kept) -> Answer:
    """Begin a preview, and wait a moment for it to end."""
    begun = await _begun(content, previews)
    if not isinstance(begun, str):
        return begun
    for _ in range(FIRST_LOOKS):
        if previews.has_ended(begun):
            break
        await asyncio.sleep(LOOK_S)
    return await _stands(begun, previews, HTTPStatus.CREATED)


@answering
def _begun(content: bytes, previews: Previews) -> str:
    return previews.begin(decoded(content, Asked, ASKED_FIELDS))


@get(PREVIEW)
async def preview_stands(preview: Name, previews: Kept) -> Answer:
    """How far a preview is; the answer waits a while for something to change."""
    changes = previews.changes(preview)
    for _ in range(LOOKS):
        if previews.has_ended(preview) or previews.changes(preview) != changes:
            break
        await asyncio.sleep(LOOK_S)
    return await _stands(preview, previews, HTTPStatus.OK)


@answering
def _stands(name: str, previews: Previews, status: int) -> Answer:
    stands: Preview = previews.stands(name)
    return _told(stands, status)


@delete(PREVIEW, status_code=HTTPStatus.NO_CONTENT)
@answering
def forget_preview(preview: Name, previews: Kept) -> Response[None]:
    """Stop a preview, and forget it."""
    previews.forget(preview)
    return Response(None, status_code=HTTPStatus.NO_CONTENT)


# -- what results tell -----------------------------------------------------------------------------------


@get(f"{PREVIEW}/series")
@answering
def preview_series(request: HttpRequest, preview: Name, previews: Kept) -> Answer:
    """Figures over time."""
    fields = _Fields(request)
    from_ms = fields.whole("fromMs", FIRST_INSTANT_MS, LAST_INSTANT_MS)
    until_ms = fields.whole("untilMs", FIRST_INSTANT_MS, LAST_INSTANT_MS)
    bins = fields.whole("bins", 1, MAX_BINS)
    try:
        zone = parse_zone(fields.text("zone"))
    except PolicyError as error:
        raise refusal("zone", str(error)) from None
    if not from_ms < until_ms <= from_ms + MAX_SPAN_MS:
        raise refusal("untilMs", f"untilMs lies after fromMs, at most {MAX_SPAN_MS // DAY_MS:,} days")
    return _told(series.series_of(previews.result(preview), from_ms, until_ms, bins, zone))


@get(f"{PREVIEW}/rows")
@answering
def preview_rows(request: HttpRequest, preview: Name, previews: Kept) -> Answer:
    """Some of the numbers, as rows."""
    fields = _Fields(request)
    asked = RowsAsked(
        from_=fields.whole("from", 0, LAST_INSTANT_MS, 0),
        count=fields.whole("count", 0, MAX_ROWS, 100),
        show=fields.one_of("show", get_args(Show), "all"),
        zone=fields.given.get("zone"),
        priority=fields.whole("priority", 1, 5, 0) or None,
        phone=fields.given.get("phone", "").translate(SEPARATORS),
        order=fields.one_of("order", get_args(Order), "job"),
        descending=fields.one_of("descending", ("true", "false"), "false") == "true",
    )
    return _told(previews.result(preview).table.rows(asked))


@get(f"{PREVIEW}/numbers/{{job:str}}")
@answering
def preview_number(preview: Name, job: Name, previews: Kept) -> Answer:
    """One number, explained."""
    result = previews.result(preview)
    return _told(numbers.number_of(result, _index(result, job)))


@get(f"{PREVIEW}/numbers/{{job:str}}/moment")
@answering
def preview_moment(request: HttpRequest, preview: Name, job: Name, previews: Kept) -> Answer:
    """Why a number is dialled at an instant, or why not."""
    result = previews.result(preview)
    at_ms = _Fields(request).whole("atMs", FIRST_INSTANT_MS, LAST_INSTANT_MS)
    return _told(numbers.moment_of(result, _index(result, job), at_ms))


@get(f"{PREVIEW}/export")
@answering
def preview_export(request: HttpRequest, preview: Name, previews: Kept) -> Answer:
    """The dials, or the page, as a file."""
    fields = _Fields(request)
    fields.text("format")
    content, media_type, name = exported(previews.result(preview), fields.one_of("format", tuple(FORMATS), ""))
    headers = {**OF_PAGE, "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _index(result: Result, text: str) -> int:
    index = int(text) if INTEGER.fullmatch(text) else -1
    if index not in result.timeline.places:
        message = f"no number has the index {shown(text)}; there are {result.numbers:,}, the first of which is 0"
        raise Failure(HTTPStatus.NOT_FOUND, "number.unknown", message)
    return index


# -- small things ----------------------------------------------------------------------------------------


class _Fields:
    """The fields of a query, each of which says what may be written."""

    def __init__(self, request: HttpRequest) -> None:
        self.given = fields_of_query(request)

    def text(self, name: str) -> str:
        """A text that has to be there."""
        if name not in self.given:
            raise refusal(name, f"{name} is missing; give it in the query")
        return self.given[name]

    def whole(self, name: str, least: int, most: int, otherwise: int | None = None) -> int:
        """A whole number; `otherwise` where it is not given."""
        if otherwise is not None and name not in self.given:
            return otherwise
        text = self.text(name)
        if not INTEGER.fullmatch(text) or not least <= int(text) <= most:
            raise refusal(name, f"{name} is {shown(text)}; write a whole number, {least} to {most}")
        return int(text)

    def one_of(self, name: str, words: tuple[str, ...], otherwise: str) -> Any:
        """One of some words."""
        word = self.given.get(name, otherwise)
        if word not in words:
            raise refusal(name, f"{name} is {shown(word)}; write one of {', '.join(words)}")
        return word


def _told(value: object, status: int = HTTPStatus.OK) -> Answer:
    return json_answer(value, status, {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def refuse_other_sites(headers: Mapping[str, str]) -> None:
    """Raises Failure for a request that a browser sends for another site."""
    origin, host = headers.get("origin"), headers.get("host", "")
    foreign = origin is not None and origin.partition("://")[2] != host
    if foreign or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        message = "this path is for the page of this server; another site cannot ask it"
        raise Failure(HTTPStatus.FORBIDDEN, "other.site", message)


HANDLERS = (
    page,
    script,
    style,
    licences,
    example,
    hand_in,
    begin_preview,
    preview_stands,
    forget_preview,
    preview_series,
    preview_rows,
    preview_number,
    preview_moment,
    preview_export,
)
