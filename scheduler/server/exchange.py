"""A request and its answer, as they pass between the application and the connection.

An answer may be given before the body of its request was read. What is left of the body is then thrown away before the
answer ends: a connection that is closed upon unread bytes takes the answer with it. Only a server that stops does not
wait for them (`leave_unread`).
"""

from __future__ import annotations

from http import HTTPStatus

from litestar.types import HTTPScope, Message, Receive, ReceiveMessage, Send

MAX_KEPT = 1 << 16  # bytes that are thrown away so that the connection can be kept,
MAX_SURPLUS = 64 << 20  # or so that a client comes to read its answer


class Exchange:
    """One request and its answer. `status` is 0 until the answer begins; `allow` is for good answers to OPTIONS."""

    def __init__(self, scope: HTTPScope, receive: Receive, send: Send, allow: str = "") -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        self.status = 0
        self._receive = receive
        self._send = send
        self._allow = allow
        self._all_read = b"transfer-encoding" not in headers and not int(length)
        self._is_short = b"transfer-encoding" not in headers and int(length) <= MAX_KEPT
        self._leaves_unread = headers.get(b"expect", b"").lower() == b"100-continue"  # it is not sent before it is read

    def leave_unread(self) -> None:
        """Wait for nothing more of the request: the connection ends with the answer."""
        self._leaves_unread = True

    async def receive(self) -> ReceiveMessage:
        """What comes next of the request."""
        self._leaves_unread = False
        event = await self._receive()
        if event["type"] != "http.request" or not event.get("more_body", False):
            self._all_read = True
        return event

    async def send(self, message: Message) -> None:
        """Send the next part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._allow and self.status < HTTPStatus.BAD_REQUEST:
                message["headers"] = [(b"allow", self._allow.encode())]
            if not self._all_read and (self._leaves_unread or not self._is_short):
                message["headers"] = [*message["headers"], (b"connection", b"close")]
        to_read = not self._all_read and not self._leaves_unread
        if to_read and message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send({"type": "http.response.body", "body": message["body"], "more_body": True})
            await self._throw_away()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def _throw_away(self) -> None:
        """Read what is left of the body, up to a bound."""
        surplus = 0
        while not self._all_read and surplus <= MAX_SURPLUS:
            event = await self.receive()
            surplus += len(event["body"]) if event["type"] == "http.request" else 0
