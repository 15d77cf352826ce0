"""A process that serves: its socket, its log, its signals and its end.

It listens on loopback unless it is told otherwise, and there answers only to names of loopback and to those that it is
given. SIGTERM and SIGINT end it: no new connection is taken, what is being answered is answered if it does not take
longer than `stop_seconds`, and the exit code is 0.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FrameType
from typing import NamedTuple

import uvicorn
from litestar.concurrency import set_asyncio_executor

from scheduler.files import MAX_PATH, bytes_of
from scheduler.intake.campaign import read_campaign
from scheduler.jobs import CampaignRefused, Problem, UsageError
from scheduler.options import one_reader
from scheduler.page.previews import THREADS as THREADS_OF_PREVIEWS
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import format_instant, parse_moment
from scheduler.server.answers import log
from scheduler.server.app import application
from scheduler.server.campaigns import Campaigns, good_token
from scheduler.server.clock import Clock, HandClock, RealClock
from scheduler.server.hosts import allowed_names, answered_names
from scheduler.server.limits import HEAD_BYTES, Limits
from scheduler.server.page import new_previews
from scheduler.server.protocol import protocol_within
from scheduler.server.statements import StoreFailed
from scheduler.server.store import open_store

THREADS = 32  # requests that are worked on at a time; others wait their turn
LAST_MOMENTS_S = 1.0
WORKERS = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server is told by the command line."""

    host: str
    port: int
    store: str
    clock: str
    seed: int
    campaigns: Sequence[str]
    limits: Limits
    allowed_hosts: Sequence[str]


def serve(settings: Settings) -> None:
    """Serve until a signal comes. Raises UsageError for what cannot be served, or not there, and CampaignRefused.

    What is refused has changed nothing: the files are read and the socket is bound before the store is touched.
    """
    clock = _clock(settings.clock)
    allowed = allowed_names(settings.allowed_hosts)
    files = _campaign_files(settings.campaigns)
    with _listening(settings.host, settings.port) as listener:
        store = open_store(settings.store)
        try:
            try:
                campaigns = Campaigns(store, clock, settings.limits, seed=settings.seed)
                for file in files:
                    _ensure_campaign(campaigns, file)
            except StoreFailed as failed:
                raise store.cannot(failed) from None
            names = answered_names(listener.getsockname()[0], allowed)
            _run(campaigns, settings.limits, names, listener, f"store {store.name}, clock {_told(campaigns)}")
        finally:
            store.close()


def _clock(text: str) -> Clock:
    if text == "real":
        return RealClock()
    try:
        return HandClock(parse_moment(text))
    except PolicyError as error:
        raise UsageError(f"--clock: {error}; or write real") from None


def _told(campaigns: Campaigns) -> str:
    return "real" if campaigns.clock_kind == "real" else f"by hand, at {format_instant(campaigns.now())}"


class _CampaignFile(NamedTuple):
    """What --campaign names: a token, and a file with what it holds."""

    token: str
    path: str
    body: bytes


def _campaign_files(words: Sequence[str]) -> list[_CampaignFile]:
    """The files of TOKEN=FILE, all of them good. Raises UsageError, and CampaignRefused with what is wrong in any."""
    named: dict[str, str] = {}
    for word in words:
        token, equals, path = word.partition("=")
        if not equals or not path:
            raise UsageError(f"--campaign {shown(word)}: write TOKEN=FILE")
        if token in named:
            raise UsageError(f"--campaign {shown(word)}: the token has a file already; name each token once")
        named[token] = path
    one_reader(*named.values())
    files = [_CampaignFile(token, path, bytes_of(path)) for token, path in named.items()]
    problems: list[Problem] = []
    for file in files:
        try:
            good_token(file.token)
        except CampaignRefused as refused:
            raise UsageError(f"--campaign {shown(file.token)}: {refused.problems[0].message}") from None
        try:
            read_campaign(file.body)
        except CampaignRefused as refused:
            problems += [replace(each, path=f"{file.path}: {each.path}") for each in refused.problems]
    if problems:
        raise CampaignRefused(tuple(problems))
    return files


def _ensure_campaign(campaigns: Campaigns, file: _CampaignFile) -> None:
    """Make a campaign of a file; where its token is there already, say what the file has otherwise."""
    differs = campaigns.ensure_campaign(file.token, file.body)
    if differs:
        here = f"the campaign of {shown(file.path, limit=MAX_PATH)} is there already, and stays as it is"
        sys.stderr.write(f"warning: {here}; the file has another {', '.join(differs)}\n")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens. Raises UsageError if it cannot."""
    if not host.strip():
        raise UsageError("--host is empty; write the address to listen on, such as 127.0.0.1, or 0.0.0.0 for all")
    try:
        listener = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot listen on {shown(host)}, port {port}: {why}") from None
    with listener:
        # Of what it accepts too; asyncio asks for it only where a socket names its protocol. Without it the head and
        # the body of an answer wait for each other, 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _run(
    campaigns: Campaigns, limits: Limits, names: frozenset[str] | None, listener: socket.socket, about: str
) -> None:
    _log_to_standard_error()
    previews = new_previews(campaigns, limits)
    workers = ThreadPoolExecutor(THREADS, thread_name_prefix=WORKERS)
    set_asyncio_executor(workers)
    config = uvicorn.Config(
        application(campaigns, limits, previews, names),
        http=protocol_within(limits),
        ws="none",
        loop="asyncio",
        interface="asgi3",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=limits.stop_seconds,
    )
    server = Server(config, f"serving {_address(listener)}, {about}")
    try:
        server.run([listener])
    finally:
        previews.close()
        set_asyncio_executor(None)
        workers.shutdown(wait=False, cancel_futures=True)
        _leave_the_tardy()


def _leave_the_tardy() -> None:
    """End the process if requests are still being worked on; what they have stored so far, they have stored."""
    patience = time.monotonic() + LAST_MOMENTS_S
    for thread in threading.enumerate():
        if thread.name.startswith((WORKERS, THREADS_OF_PREVIEWS)):
            thread.join(max(patience - time.monotonic(), 0))
            if thread.is_alive():
                log.warning("a request or a preview took longer than the server waits; it is left")
                logging.shutdown()
                os._exit(0)


class Server(uvicorn.Server):
    """uvicorn, which says when it is ready, and for which a signal is no failure."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        sys.stderr.write(f"{self.ready}\n")
        sys.stderr.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the server, in order, and nothing else."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; at once, if that was said before."""
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)


def _log_to_standard_error() -> None:
    """One line for each request, and what goes wrong, with the instant; nothing that a client has sent."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    for name, level in (("scheduler.server", logging.INFO), ("uvicorn", logging.WARNING), ("asyncio", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
