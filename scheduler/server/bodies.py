"""What requests bring: bodies that are read up to a bound, JSON with a shape, forms and queries.

A body is kept once: it grows in place as it arrives, and is handed on without a copy. What is wrong with it
is said with its path and what to write instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec import Struct

from scheduler.duplicates import BAD_KEY
from scheduler.intake.formats import INVALID_JSON
from scheduler.intake.forms import unpaired_surrogate
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import parse_moment
from scheduler.policy.levels import whole
from scheduler.server.answers import TOO_LARGE, Failure, refusal
from scheduler.server.limits import Limits
from scheduler.server.reports import ALWAYS, Span

FORM = "application/x-www-form-urlencoded"
UNSUPPORTED = "unsupported.media.type"
IDEMPOTENCE_KEY = "Idempotence-Key"
DEFAULT_PAGE_SIZE = 20
MAX_FIELDS = 1000  # of a form or a query
BOM = b"\xef\xbb\xbf"
LIST = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\[")

T = TypeVar("T")
HttpRequest = Request[Any, Any, State]
Token = FromPath[str]
Content = NamedDependency[SkipValidation[bytes]]


# -- bodies ----------------------------------------------------------------------------------------------


def body_reader(bound: int) -> Callable[[HttpRequest], Awaitable[bytes]]:
    """What reads the body of a request, up to a number of bytes, whatever its Content-Length says."""

    async def read_body(request: HttpRequest) -> bytes:
        packing = request.headers.get("content-encoding", "identity").strip().lower()
        if packing not in {"", "identity"}:
            message = f"the body is in {shown(packing)}, which is not unpacked; send it as it is"
            raise Failure(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED, message)
        said = request.headers.get("content-length", "")
        if said.isdecimal() and (len(said) > 18 or int(said) > bound):
            raise too_long(bound)
        # BytesIO grows in place, and `getvalue` hands out what it has grown, without a copy.
        body = BytesIO()
        more = True
        while more:
            event = await request.receive()
            if event["type"] != "http.request":
                raise Failure(HTTPStatus.REQUEST_TIMEOUT, "request.timeout", "the client left before its body came")
            body.write(event.get("body", b""))
            if body.tell() > bound:
                raise too_long(bound)
            more = event.get("more_body", False)
        return body.getvalue()

    return read_body


def too_long(bound: int) -> Failure:
    """The failure of a request whose body is too long."""
    message = f"the body is longer than {bound:,} bytes; send it in parts, or start the server with a wider bound"
    return Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE, message)


def list_only(body: bytes) -> bytes:
    """A body that begins as a JSON list. Raises RequestRefused for one that does not."""
    if not LIST.match(body):
        message = 'not a JSON list; write the numbers as a list, such as [{"phone": "79123456789"}]'
        raise refusal("$", message, INVALID_JSON)
    return body


def looks_like_toml(body: bytes) -> bool:
    """Whether a campaign file is TOML, by its first character."""
    return not body.removeprefix(BOM).lstrip().startswith((b"{", b"[{"))


def not_empty(body: bytes, fields: str) -> bytes:
    """A body that holds something. Raises RequestRefused for one that does not."""
    if not body.removeprefix(BOM).strip():
        raise refusal("$", f"the body is empty; write {fields}", INVALID_JSON)
    return body


def decoded(body: bytes, shape: type[T], fields: str) -> T:
    """The value of a JSON body; `fields` says what may stand in it. Raises RequestRefused.

    No body at all is an empty object.
    """
    text = body.removeprefix(BOM).strip() or b"{}"
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `")
        raise refusal(path.rstrip("`") or "$", f"{said[:1].lower()}{said[1:]}; write {fields}") from None
    except RecursionError:
        raise refusal("$", f"it is nested too deep; write {fields}", INVALID_JSON) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refusal("$", f"not JSON: {unpaired_surrogate(text) or error}; write {fields}", INVALID_JSON) from None


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs by their ids and phones; by neither: all of them."""

    phones: list[int | float | str] | None = None
    ids: list[int | float | str] | None = None

    def id_texts(self) -> list[str] | None:
        """The ids as text."""
        return None if self.ids is None else [str(_integer(each)) for each in self.ids]

    def phone_texts(self) -> list[str] | None:
        """The phones as text."""
        return None if self.phones is None else [str(_integer(each)) for each in self.phones]


NAMED_FIELDS = '{"phones": ["79123456789"], "ids": ["1000000000"]}, either or both'


class Paging(Struct, frozen=True, forbid_unknown_fields=True):
    """Which page is asked for, counted from 0, and how long a page is."""

    page: int | float | None = None
    pageSize: int | float | None = None

    def bounds(self, limits: Limits, path: str = "$.pagination") -> tuple[int, int]:
        """The page and its size. Raises RequestRefused where either is out of bounds."""
        page = _within(self.page, 0, limits.page, 0, f"{path}.page")
        return page, _within(self.pageSize, 1, limits.page_size, DEFAULT_PAGE_SIZE, f"{path}.pageSize")


def _integer(value: Any) -> Any:
    """A value, an integer where it is a number that is one: 2.0 is 2 everywhere (R15.6)."""
    number = whole(value)
    return value if number is None else number


def _within(value: float | None, least: int, most: int, default: int, path: str) -> int:
    number = default if value is None else whole(value)
    if number is None or not least <= number <= most:
        raise refusal(path, f"{path.rpartition('.')[2]} is {shown(value)}; write a whole number, {least} to {most}")
    return number


PAGING_FIELDS = '{"pagination": {"page": 0, "pageSize": 20}}'


class JobFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Spans of instants, half-open, in which jobs were created and have ended."""

    createdAtFrom: int | float | str | None = None
    createdAtTo: int | float | str | None = None
    finishedAtFrom: int | float | str | None = None
    finishedAtTo: int | float | str | None = None


class AttemptFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Spans of instants, half-open, in which attempts were started and have ended."""

    startedAtFrom: int | float | str | None = None
    startedAtTo: int | float | str | None = None
    finishedAtFrom: int | float | str | None = None
    finishedAtTo: int | float | str | None = None


def span_of(filter: JobFilter | AttemptFilter | None, name: str) -> Span:
    """The span that a filter sets for a field of reports. Raises RequestRefused for what is no instant."""
    if filter is None:
        return ALWAYS
    bounds = (getattr(filter, f"{name}{end}") for end in ("From", "To"))
    return Span(*(moment(each, f"$.filter.{name}{end}") for each, end in zip(bounds, ("From", "To"), strict=True)))


def moment(value: float | str | None, path: str) -> int | None:
    """An instant in milliseconds: they themselves, or as R5.1 writes it. Raises RequestRefused."""
    try:
        return None if value is None else parse_moment(_integer(value))
    except PolicyError as error:
        (flaw,) = error.flaws
        raise refusal(path, flaw.message, flaw.type) from None


class JobsAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs by the instants at which they were created and have ended."""

    filter: JobFilter | None = None
    pagination: Paging | None = None


class AttemptsAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Attempts by the instants at which they were started and have ended."""

    filter: AttemptFilter | None = None
    pagination: Paging | None = None


class PageAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A page, in either spelling."""

    pagination: Paging | None = None
    page: int | float | None = None
    pageSize: int | float | None = None

    def bounds(self, limits: Limits) -> tuple[int, int]:
        """The page and its size; `pagination` wins. Raises RequestRefused where any is out of bounds."""
        beside = Paging(self.page, self.pageSize).bounds(limits, "$")
        return beside if self.pagination is None else self.pagination.bounds(limits)


# -- forms, queries, headers -----------------------------------------------------------------------------


def fields_of(text: bytes) -> dict[str, str]:
    """The fields of a form or a query, each of which is given once. Raises RequestRefused."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeError:
        raise refusal(
            "$", "not UTF-8 in percent-encoding; write every byte that is no letter or digit as %XX"
        ) from None
    except ValueError:
        raise refusal("$", f"more than {MAX_FIELDS:,} fields; send fewer") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        again, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise refusal("$", f"{shown(again)} is given more than once; give it once")
    return fields


def fields_of_query(request: HttpRequest) -> dict[str, str]:
    """The fields of a request's query. Raises RequestRefused."""
    return fields_of(request.scope["query_string"])


def only(fields: Mapping[str, str], *known: str) -> None:
    """Raises RequestRefused for a query with other fields than these."""
    for name in fields:
        if name not in known:
            advice = f"the parameters are {', '.join(known)}" if known else "this path takes none"
            raise refusal("$", f"unknown parameter {shown(name)}; {advice}")


def form_of(request: HttpRequest, body: bytes) -> dict[str, str]:
    """The fields of a form. Raises RequestRefused, and Failure for a body that says that it is none."""
    kind = media_type(request)
    if kind not in {"", FORM}:
        message = f"the body is {shown(kind)}; send a form, with Content-Type: {FORM}"
        raise Failure(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED, message)
    return fields_of(body)


def media_type(request: HttpRequest) -> str:
    """The Content-Type of a request, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def header_key(request: HttpRequest) -> str | None:
    """The idempotence key that a request has in its header, or None. Raises RequestRefused."""
    given = {value.decode("latin-1").strip() for name, value in request.scope["headers"] if name == KEY_HEADER}
    if len(given) > 1:
        raise refusal("$", f"{len(given)} different keys in {IDEMPOTENCE_KEY}; send one", BAD_KEY)
    return good_key(next(iter(given), None))


def good_key(key: str | None) -> str | None:
    """An idempotence key, None for an empty one. Raises RequestRefused for one with characters of control."""
    if key and not key.isprintable():
        raise refusal(
            "$", "an idempotence key with characters that cannot be printed; write letters and digits", BAD_KEY
        )
    return key or None


KEY_HEADER = IDEMPOTENCE_KEY.lower().encode()
