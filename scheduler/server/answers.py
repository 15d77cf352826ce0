"""Answers: JSON, and for every way in which a request can fail one shape, `{"type", "message", ...}`.

Handlers run in threads, and what they raise is turned into an answer there: the event loop encodes nothing
that may be long. An unknown token is answered alike on every path, and not repeated.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar

import msgspec
from litestar import Response
from litestar.concurrency import sync_to_thread

from scheduler.intake.formats import INVALID_FIELD
from scheduler.jobs import Problem, Refused, RequestRefused, UsageError
from scheduler.page.previews import NotDone, TooBusy, UnknownPreview, UnknownText
from scheduler.policy.errors import PolicyError
from scheduler.server.campaigns import Conflict, TooFar, TooLarge, UnknownToken
from scheduler.server.statements import StoreFailed

JSON = "application/json"
INVALID_TOKEN = "invalid.token"  # noqa: S105 - the vendor's word for a campaign that there is not
INVALID_REQUEST = "invalid.request"  # no HTTP, or none that this server speaks
TOO_LARGE = "too.large"

P = ParamSpec("P")
T = TypeVar("T")
Answer = Response[bytes]
log = logging.getLogger("scheduler.server")


class Failure(Exception):
    """A request that is answered with a status, a type and a message."""

    def __init__(self, status: int, type: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.headers = headers

    def answer(self) -> Answer:
        """The answer."""
        return json_answer(failure_body(self.type, str(self)), self.status, self.headers)


def failure_body(type: str, message: str) -> dict[str, str]:
    """The body of an answer that says what failed."""
    return {"type": type, "message": message}


def json_answer(value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type=JSON, headers=dict(headers or {}))


def refusal(path: str, message: str, type: str = INVALID_FIELD) -> RequestRefused:
    """The refusal of a request for one thing that is wrong with it."""
    return RequestRefused((Problem(job=None, path=path, type=type, message=message),))


def failed(error: Exception) -> Answer:
    """The answer to a request for which a handler raised something."""
    if isinstance(error, Refused):
        return json_answer(error.body(), HTTPStatus.BAD_REQUEST)
    return failure_of(error).answer()


def failure_of(error: Exception) -> Failure:
    """What a request that was not refused for its contents failed for. Bugs of ours are logged, and a 500."""
    match error:
        case Failure():
            return error
        case UnknownToken():
            return Failure(HTTPStatus.NOT_FOUND, INVALID_TOKEN, "no campaign has this token")
        case Conflict():
            return Failure(HTTPStatus.CONFLICT, "conflict", str(error))
        case UnknownText():
            message = "this text is no longer kept; hand it in again"
            return Failure(HTTPStatus.NOT_FOUND, "request.unknown", message)
        case UnknownPreview():
            message = "this preview is no longer kept; run it again"
            return Failure(HTTPStatus.NOT_FOUND, "preview.unknown", message)
        case NotDone():
            return Failure(HTTPStatus.CONFLICT, "preview.not.done", "this preview has no result; wait until it is done")
        case TooBusy():
            message = "more previews wait than this server keeps; try again when some have ended"
            return Failure(HTTPStatus.SERVICE_UNAVAILABLE, "preview.busy", message)
        case TooLarge():
            message = f"{error}; send them in several requests"
            return Failure(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE, message)
        case TooFar():
            return Failure(HTTPStatus.BAD_REQUEST, "too.far", str(error))
        case PolicyError() | UsageError():
            return Failure(HTTPStatus.BAD_REQUEST, INVALID_FIELD, str(error))
        case StoreFailed():
            log.error("the store cannot be used: %s", error)
            message = "the store cannot be written or read now; the server's log says why; ask again later"
            return Failure(HTTPStatus.SERVICE_UNAVAILABLE, "store.unavailable", message)
    log.error("an error of the server itself: %s", trace_of(error))
    return Failure(
        HTTPStatus.INTERNAL_SERVER_ERROR, "internal.error", "an error of the server itself; its log says where"
    )


def trace_of(error: BaseException) -> str:
    """Where an exception was raised, and its type; not its message, which may quote what a client has sent."""
    lines: list[str] = []
    each: BaseException | None = error
    while each is not None:
        lines += [f"{type(each).__module__}.{type(each).__qualname__}"]
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(each.__traceback__)
        ]
        each = each.__cause__ or each.__context__
    return "\n".join(lines)


def answering(handler: Callable[P, T]) -> Callable[P, Awaitable[T | Answer]]:
    """A handler that is run in a thread, and whose exceptions are answers."""

    def answer(*args: P.args, **kwargs: P.kwargs) -> T | Answer:
        try:
            return handler(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - what it is decides the answer
            return failed(error)

    @wraps(handler)
    async def in_thread(*args: P.args, **kwargs: P.kwargs) -> T | Answer:
        return await sync_to_thread(answer, *args, **kwargs)

    return in_thread
