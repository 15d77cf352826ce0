"""How a server is started, and what its connections do: against sockets, in this process."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from scheduler.cli import app
from scheduler.jobs import CampaignRefused, UsageError
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import HandClock
from scheduler.server.limits import HEAD_BYTES, Limits
from scheduler.server.protocol import protocol_within
from scheduler.server.serve import Server, Settings, serve
from scheduler.server.statements import StoreFailed
from scheduler.server.store import open_store
from tests.servers import Servers

LIMITS = Limits(receive_seconds=1, receive_bytes=1 << 20, send_seconds=1, stop_seconds=1)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MUCH = 64 << 20
NOW_MS = 1_772_442_000_000  # 2026-03-02T09:00:00Z


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was sent, or with much."""
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    if event["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/much":
        for _ in range(MUCH >> 16):
            await send({"type": "http.response.body", "body": bytes(1 << 16), "more_body": True})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application,
        interface="asgi3",
        http=protocol_within(LIMITS),
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_graceful_shutdown=LIMITS.stop_seconds,
    )
    server = Server(config, "ready")
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(30)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def heard(connection: socket.socket) -> bytes:
    parts = b""
    while part := connection.recv(1 << 16):
        parts += part
    return parts


def failure(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    return int(head.rpartition(b"HTTP/1.1 ")[2].split()[0]), json.loads(body)["type"]


@pytest.mark.parametrize(
    "part", [b"", b"GET", GET[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1234"]
)
def test_a_request_that_does_not_come_to_its_end_is_cut(port: int, part: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(part)
        assert failure(heard(connection)) == (408, "request.timeout")


def test_a_second_request_that_does_not_come_to_its_end_is_cut(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET + b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1")
        assert failure(heard(connection)) == (408, "request.timeout")


def test_drops_do_not_prolong_the_time(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n")
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < 10:
                connection.sendall(b" ")
                time.sleep(0.1)
        assert time.monotonic() - began < 10


def test_who_sends_at_a_good_pace_may_take_longer(port: int) -> None:
    """A second more for every `receive_bytes`."""
    with connected(port) as connection:
        part = bytes(1 << 20)
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (4 << 20))
        for _ in range(4):
            connection.sendall(part)
            time.sleep(0.5)
        assert len(heard(connection)) > 4 << 20


def test_two_requests_at_once_are_answered_one_after_the_other(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET + GET.replace(b"Host", b"Connection: close\r\nHost"))
        assert len(re.findall(rb"HTTP/1.1 200", heard(connection))) == 2


@pytest.mark.parametrize("part", [b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /" + b"x" * (1 << 20)])
def test_what_is_no_request_is_refused_as_json(port: int, part: bytes) -> None:
    with connected(port) as connection:
        try:
            connection.sendall(part)
            answer = heard(connection)
        except ConnectionError:
            return  # it was cut before all of it was sent
        assert failure(answer) == (400, "invalid.request")


def test_another_protocol_is_not_spoken(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(GET.replace(b"Host", b"Connection: upgrade, close\r\nUpgrade: websocket\r\nHost"))
        assert heard(connection).startswith(b"HTTP/1.1 200")


def test_who_takes_nothing_of_an_answer_is_cut_and_who_is_slow_is_not(port: int) -> None:
    def much() -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return connection

    with much() as idle, much() as slow:
        for _ in range(12):
            slow.recv(1 << 16, socket.MSG_WAITALL)
            time.sleep(0.25)
        received = 0
        while part := idle.recv(1 << 20):
            received += len(part)
        assert received < MUCH, "it was cut"
        assert slow.recv(1 << 16)


def settings(**changed: Any) -> Settings:
    told = {"host": "127.0.0.1", "port": 0, "store": ":memory:", "clock": "2026-03-02T09:00:00Z", "seed": 0}
    return Settings(**{**told, "campaigns": (), "allowed_hosts": (), "limits": LIMITS, **changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"clock": "noon"}, "--clock: not a date and time"),
        ({"store": "mysql://x"}, "not a store"),
        ({"host": "no such host"}, "cannot listen on"),
        ({"campaigns": ["token"]}, "write TOKEN=FILE"),
        ({"campaigns": ["token=/no/such/file"]}, "cannot read"),
        ({"campaigns": ["a b={file}"]}, "a token has"),
        ({"campaigns": ["token={file}", "token={other}"]}, "name each token once"),
        ({"campaigns": ["token=-", "other=-"]}, "standard input, -, can be read once"),
        ({"host": ""}, "--host is empty"),
        ({"host": " "}, "--host is empty"),
        ({"allowed_hosts": ["a", ""]}, '--allowed-host "": write a name'),
        ({"allowed_hosts": ["http://a"], "host": ""}, "without scheme, port, path or wildcard"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    files = {"file": "", "other": 'timeZone = "Europe/Moscow"'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    paths = {name: str(tmp_path / name) for name in files}
    if "campaigns" in changed:
        changed = {"campaigns": [each.format(**paths) for each in changed["campaigns"]]}
    with pytest.raises(UsageError, match=re.escape(said)) as refused:
        serve(settings(**changed))
    assert "\n" not in str(refused.value)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="cannot listen on"):
        serve(settings(port=taken.getsockname()[1]))


def test_a_start_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    """Neither clock nor campaigns, whatever it is refused for."""
    path = str(tmp_path / "store.sqlite")
    for name, text in {"good": "", "bad": 'nam = "x"'}.items():
        (tmp_path / name).write_text(text)
    store = open_store(path)
    Campaigns(store, HandClock(NOW_MS)).put_campaign("there", b"{}")
    store.close()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    later = {"store": path, "clock": "2026-04-01"}
    good = f"new={tmp_path / 'good'}"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wrong = [
            {"port": taken.getsockname()[1], "campaigns": [good]},
            {"campaigns": [good, f"bad={tmp_path / 'bad'}"]},
            {"campaigns": [good, "bad=/no/such/file"]},
            {"campaigns": [good], "clock": "real"},
            {"campaigns": [good], "seed": 1 << 64},
            {"campaigns": [good], "host": "no such host"},
        ]
        for each in wrong:
            with pytest.raises((UsageError, CampaignRefused)):
                serve(settings(**later | each))
            with pytest.raises((UsageError, CampaignRefused)):
                serve(settings(**later | {"store": f"{path}.new", "host": ""} | each))
            assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_store_that_cannot_be_written_at_the_start_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of the database, without what was to be written."""

    def full(*_: object) -> None:
        raise StoreFailed(OSError("database or disk is full\nsecret"))

    monkeypatch.setattr(Campaigns, "ensure_campaign", full)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^cannot use \":memory:\" as a store: database or disk is full$"):
        serve(settings(campaigns=[f"token={tmp_path / 'file'}"]))


def test_all_that_is_wrong_with_campaign_files_is_said(tmp_path: Path) -> None:
    """As `check --campaign` says it, with the code of a refusal."""
    for name, text in {"one": 'nam = "x"\nringSeconds = -1', "two": "detectTimeZone = 3"}.items():
        (tmp_path / name).write_text(text)
    store = str(tmp_path / "store.sqlite")
    words = ["--campaign", f"a={tmp_path / 'one'}", "--campaign", f"b={tmp_path / 'two'}", "--port", "0"]
    result = CliRunner().invoke(app, ["serve", "--store", store, *words])
    assert result.exit_code == 1
    said = [line.partition(": ")[2].partition(": ")[0::2] for line in result.stderr.splitlines()]
    assert [where for where, _ in said] == [str(tmp_path / name) for name in ("one", "one", "two")]
    assert [what.partition(":")[0] for _, what in said] == ["$.nam", "$.ringSeconds", "$.detectTimeZone"]


def test_a_campaign_that_is_there_stays_as_it_is(servers: Servers, sqlite: str, tmp_path: Path) -> None:
    """At every start: what was changed since is kept, and what the file has otherwise is said."""
    file = tmp_path / "spring.toml"
    words = ("--campaign", f"secret={file}")
    path = "/simulator/campaigns/secret"
    file.write_text('name = "spring"\nmaxSimultaneousCalls = 20')
    first = servers.start(sqlite, *words)
    with first.client() as client:
        changed = client.put(path, {"name": "summer", "maxSimultaneousCalls": 7}).good()
    first.stop()
    assert "warning" not in first.said()

    second = servers.start(sqlite, *words)
    with second.client() as client:
        assert client.get(path).good() == changed
    second.stop()
    assert "stays as it is; the file has another name, maxSimultaneousCalls\n" in second.said()

    file.write_text('name = "summer"\nmaxSimultaneousCalls = 7\nlaw = "us-tcpa"\npolicy = { maxAttempts = 3 }')
    third = servers.start(sqlite, *words)
    with third.client() as client:
        assert client.get(path).good() == changed
    third.stop()
    assert "stays as it is; the file has another law, maxAttempts\n" in third.said()
    assert "secret" not in third.said()


@pytest.mark.parametrize("library", ["litestar", "uvicorn", "sqlalchemy"])
def test_an_absent_extra_is_one_line(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each.startswith(("scheduler.server.", f"{library}."))]:
        if name not in {"scheduler.server.command", "scheduler.server.limits"}:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("scheduler.server.serve")
    monkeypatch.setitem(sys.modules, library, None)
    result = CliRunner().invoke(app, ["serve"])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == f"serve needs {library}; pip install 'call-scheduler[server]'"


def test_every_option_has_help_and_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler.server import serve as module

    told: list[Settings] = []
    monkeypatch.setattr(module, "serve", told.append)
    names = ["numbers", "body_bytes", "form_bytes", "horizon_days", "reported", "page", "page_size"]
    names += [
        "kept_bytes",
        "kept_numbers",
        "previews",
        "runs",
        "receive_seconds",
        "receive_bytes",
        "send_seconds",
        "stop_seconds",
    ]
    assert {*names} == {*Limits.__dataclass_fields__}
    words = [word for place, name in enumerate(names, 7) for word in (f"--{name.replace('_', '-')}", str(place))]
    words += [
        "--host",
        "::1",
        "--allowed-host",
        "a",
        "--allowed-host",
        "b",
        "--port",
        "1",
        "--store",
        "s",
        "--clock",
        "2026-03-02",
        "--seed",
        "-3",
        "--campaign",
        "a=b",
    ]
    result = CliRunner().invoke(app, ["serve", *words])
    assert result.exit_code == 0, result.output
    limits = Limits(**{name: place for place, name in enumerate(names, 7)})
    more = {"campaigns": ["a=b"], "allowed_hosts": ["a", "b"], "limits": limits}
    assert told == [settings(host="::1", port=1, store="s", clock="2026-03-02", seed=-3, **more)]


@pytest.mark.parametrize(
    "wrong", [lambda: Limits(numbers=0), lambda: Limits(horizon_days=10**9), lambda: Limits(page=-1)]
)
def test_limits_have_limits(wrong: Callable[[], Limits]) -> None:
    with pytest.raises(UsageError):
        wrong()
