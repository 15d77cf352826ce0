"""HTTP as uvicorn speaks it, with what it lacks: an end to the patience with slow clients, and answers in JSON.

A request, its head and its body, has to arrive within `receive_seconds` and a second more for every
`receive_bytes` of it. The time runs from its first byte (of a new connection: from its beginning) and stands still
while the server itself does not read. An answer has to be fetched: of a client that takes nothing of it for
`send_seconds` the connection is cut. What is no HTTP is a 400, what is too slow a 408, and the connection ends.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import h11
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from scheduler.server.answers import INVALID_REQUEST, JSON, failure_body
from scheduler.server.limits import HEAD_BYTES, Limits


def protocol_within(limits: Limits) -> type[H11Protocol]:
    """The protocol, with the bounds of a server."""

    class Bounded(PatientProtocol):
        bounds = limits

    return Bounded


class PatientProtocol(H11Protocol):
    """One connection."""

    bounds = Limits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._receiving: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._left_to_send = 0

    # -- receiving ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with the first request to come."""
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        if self._receiving is None:
            self._expect_request()
        self._deadline += len(data) / self.bounds.receive_bytes
        super().data_received(data)
        if self._all_received():
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Go on with the next request, of which a part may be there already."""
        super().on_response_complete()
        if self._receiving is None and self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self._expect_request()

    def _expect_request(self) -> None:
        self._deadline = self.loop.time() + self.bounds.receive_seconds
        self._receiving = self.loop.call_later(self.bounds.receive_seconds, self._look_at_receiving)

    def _all_received(self) -> bool:
        """Whether a request is there in whole; what has arrived behind it waits until that is answered."""
        return self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}

    def _look_at_receiving(self) -> None:
        """Cut a client that is too slow; look again later at one that need not be done yet."""
        left = self._deadline - self.loop.time()
        if self.flow.read_paused:
            left = max(left, 1.0)
        if left > 0:
            self._receiving = self.loop.call_later(left, self._look_at_receiving)
            return
        self._receiving = None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            message = f"the request did not arrive within {self.bounds.receive_seconds} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request.timeout", message)
        elif not self.cycle.response_started:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            message = f"the body did not arrive within {self.bounds.receive_seconds} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "request.timeout", message)
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    # -- sending -----------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Wait for a client that is to take what was sent."""
        super().pause_writing()
        self._watch_sending()

    def resume_writing(self) -> None:
        """Go on: it has taken enough."""
        super().resume_writing()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _watch_sending(self) -> None:
        self._left_to_send = self.transport.get_write_buffer_size()
        self._sending = self.loop.call_later(self.bounds.send_seconds, self._look_at_sending)

    def _look_at_sending(self) -> None:
        """Cut a client that has taken nothing since the last look."""
        if self.transport.get_write_buffer_size() >= self._left_to_send:
            self.transport.abort()
        else:
            self._watch_sending()

    def _should_upgrade(self) -> bool:
        """Whether to change to another protocol: never, and without a word."""
        return False

    # -- ending ------------------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        super().connection_lost(exc)
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or HTTP with a head that is too long."""
        message = f"no HTTP request, or one whose head is longer than {HEAD_BYTES:,} bytes: {msg}"
        self._refuse(HTTPStatus.BAD_REQUEST, INVALID_REQUEST, message)

    def _refuse(self, status: HTTPStatus, type: str, message: str) -> None:
        """Answer for the application, if that can still be done, and close the connection."""
        body = msgspec.json.encode(failure_body(type, message))
        headers = [("content-type", JSON), ("content-length", str(len(body))), ("connection", "close")]
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            response = h11.Response(status_code=status, headers=headers, reason=status.phrase)
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
