"""The application: paths, what goes wrong on the way to them, and one line of the log for each request.

A line has the method, the route as it is written in the document (never a path, whose token opens a campaign),
the status and the milliseconds. It has no payload, no phone and no query.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from http import HTTPMethod, HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.types import ASGIApp, Guard, HTTPScope, Receive, Scope, Send

from scheduler.page.previews import Previews
from scheduler.server import api, page, simulator
from scheduler.server.answers import JSON, TOO_LARGE, Answer, Failure, failed, failure_body, failure_of, log
from scheduler.server.bodies import HttpRequest, body_reader, fields_of, only
from scheduler.server.campaigns import Campaigns
from scheduler.server.document import changed_by_get, methods_of, openapi_document, operation_of, route_of
from scheduler.server.exchange import Exchange
from scheduler.server.hosts import answers_to
from scheduler.server.limits import HEAD_BYTES, Limits

DOCUMENT_PATH = "/schema/openapi.json"
NO_ROUTE = "(no route)"
OTHER_HOST = (
    "the server does not answer to the Host of this request; ask it as localhost, or start it with --allowed-host NAME"
)
METHODS = frozenset(map(str, HTTPMethod))


def application(
    campaigns: Campaigns, limits: Limits, previews: Previews | None = None, names: frozenset[str] | None = None
) -> ASGIApp:
    """The server of some campaigns, and of previews, as an ASGI application.

    It answers to the names of loopback and to `names` (`hosts.answers_to`), whatever the path; to any if they are None.
    """
    kept = page.new_previews(campaigns, limits) if previews is None else previews
    document = openapi_document(limits)

    @get(DOCUMENT_PATH, sync_to_thread=False)
    def openapi() -> Answer:
        return Response(document, media_type=JSON)

    app = Litestar(
        [*api.HANDLERS, *simulator.HANDLERS, *page.HANDLERS, openapi],
        guards=[_known(campaigns, kept)],
        dependencies={
            "campaigns": Provide(lambda: campaigns, sync_to_thread=False),
            "previews": Provide(lambda: kept, sync_to_thread=False),
            "limits": Provide(lambda: limits, sync_to_thread=False),
            "numbers": Provide(body_reader(limits.body_bytes)),
            "content": Provide(body_reader(limits.form_bytes)),
        },
        exception_handlers={Exception: _failed_on_the_way},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # `body_reader` has the bounds
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await _serve(app, scope, receive, send, names)
        else:
            await app(scope, receive, send)

    return serve


def _known(campaigns: Campaigns, previews: Previews) -> Guard:
    """What refuses an unknown token or preview, then an unknown parameter, before anything of the body is looked at."""

    async def known(connection: ASGIConnection[Any, Any, Any, State], _: object) -> None:
        scope: Any = connection.scope
        operation = operation_of(scope["method"], scope["path"])
        if operation is None:
            return  # OPTIONS, which is answered alike for every token
        if operation.for_page:
            page.refuse_other_sites(connection.headers)
        if operation.needs_preview:
            previews.refuse_unknown(connection.path_params["preview"])
        if operation.needs_campaign:
            token = connection.path_params["token"]
            if campaigns.store.shared:  # which may have to be asked
                await sync_to_thread(campaigns.refuse_unknown, token)
            else:
                campaigns.refuse_unknown(token)
        query = scope["query_string"]
        if query and operation.parameters is not None:
            only(fields_of(query), *operation.parameters)

    return known


def _failed_on_the_way(request: HttpRequest, error: Exception) -> Answer:
    """The answer to a request that came to no handler, or whose body was not taken."""
    if isinstance(error, NotFoundException):
        message = f"no such path; GET {DOCUMENT_PATH} lists those that there are"
        return Failure(HTTPStatus.NOT_FOUND, "not.found", message).answer()
    if isinstance(error, MethodNotAllowedException):
        allowed = methods_of(route_of(request.scope["path"]) or "")
        message = f"this path does not take that method; it takes {allowed}"
        return Failure(HTTPStatus.METHOD_NOT_ALLOWED, "method.not.allowed", message, {"Allow": allowed}).answer()
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(error.status_code, "invalid.request", error.detail).answer()
    return failed(error)


async def _serve(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send, names: frozenset[str] | None) -> None:
    """One request: HEAD is GET without a body (which is left out below), and whatever happens is answered."""
    began = time.perf_counter()
    method = scope["method"]
    route = route_of(scope["path"])
    exchange = Exchange(scope, receive, send, methods_of(route) if route and method == HttpMethod.OPTIONS else "")
    inner = scope
    if method == HttpMethod.HEAD and not changed_by_get(scope["path"]):
        inner = scope.copy()  # it is by `scope` that the body is left out
        inner["method"] = HttpMethod.GET
    try:
        if not answers_to(_host(scope), names):
            raise Failure(HTTPStatus.MISDIRECTED_REQUEST, "other.host", OTHER_HOST)
        if _head_bytes(scope) > HEAD_BYTES:
            message = f"the head of the request is longer than {HEAD_BYTES:,} bytes; send less in its path and headers"
            raise Failure(HTTPStatus.BAD_REQUEST, TOO_LARGE, message)
        await app(inner, exchange.receive, exchange.send)
    except asyncio.CancelledError:
        if not exchange.status:
            exchange.leave_unread()
            stopping = Failure(HTTPStatus.SERVICE_UNAVAILABLE, "server.stopping", "the server stops; ask again later")
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    0
                ):  # who is told to stop waits for no client, nor for one that takes nothing
                    await _send(stopping, exchange.send)
    except Exception as error:  # noqa: BLE001 - nothing of ours ends a connection without an answer
        failure = failure_of(error)
        if not exchange.status:  # otherwise the connection is cut: what was sent is no whole answer
            await _send(failure, exchange.send)
    finally:
        took_ms = (time.perf_counter() - began) * 1000
        known = method if method in METHODS else "(other)"
        log.info("%s %s %d %.0f ms", known, route or NO_ROUTE, exchange.status, took_ms)


def _host(scope: HTTPScope) -> str:
    """The Host; empty, which is no name, where HTTP/1.0 has none."""
    return dict(scope["headers"]).get(b"host", b"").decode("latin-1")


def _head_bytes(scope: HTTPScope) -> int:
    fields = sum(len(name) + len(value) for name, value in scope["headers"])
    return fields + len(scope["raw_path"]) + len(scope["query_string"])


async def _send(failure: Failure, send: Send) -> None:
    """Answer without the application."""
    body = msgspec.json.encode(failure_body(failure.type, str(failure)))
    headers = [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": failure.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
