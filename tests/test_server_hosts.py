"""What a server answers under which name: a web site that has its own name lead to loopback gets nothing of it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commandline import process
from tests.servers import Client, Server, Servers, running
from tests.test_server_safety import ALL_PATHS, heard

PROXY = "calls.example.org"
PAGE_PATHS = (
    ("GET", "/", None),
    ("GET", "/page/page.js", None),
    ("GET", "/page/page.css", None),
    ("GET", "/page/licences.txt", None),
    ("GET", "/page/example", None),
    ("POST", "/page/requests", [{"phone": "79123456789", "gmtZone": "Z"}]),
    ("POST", "/page/previews", {"request": "x"}),
    ("GET", "/page/previews/x", None),
    ("DELETE", "/page/previews/x", None),
)
OTHER_PATHS = (
    ("GET", "/schema/openapi.json", None),
    ("GET", "/simulator/clock", None),
    ("POST", "/simulator/clock", {"advanceSeconds": 60}),
    ("GET", "/simulator/campaigns", None),
    ("PUT", "/simulator/campaigns/{token}", {"name": "theirs"}),
    ("GET", "/nothing", None),
    ("PATCH", "/simulator/clock", None),
    ("OPTIONS", "/simulator/clock", None),
)
MESSAGE = (
    "the server does not answer to the Host of this request; ask it as localhost, or start it with --allowed-host NAME"
)
OTHERS = ("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", "[::2]")
NO_NAMES = ("", "*", "a b", "http://localhost", "localhost:x", "::1", "<script>alert(1)</script>")
LOOPBACK = ("localhost", "LOCALHOST:1", "localhost.", "app.localhost", "127.0.0.1", "127.9.9.9:65535", "[::1]:8000")


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on loopback that two more names are given to."""
    folder = tmp_path_factory.mktemp("proxy")
    words = ("--allowed-host", PROXY, "--allowed-host", "fd00::5")
    with running(folder) as servers:
        yield servers.start(str(folder / "store.sqlite"), *words)


def said_to(server: Server, request: bytes, host: str = "127.0.0.1") -> tuple[int, bytes]:
    """The status and the body of what a server answers to bytes."""
    with socket.create_connection((host, server.port), timeout=30) as connection:
        connection.sendall(request)
        head, _, body = heard(connection).partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def status(client: Client, host: str) -> int:
    """What the page is answered with under a name."""
    return client.ask("GET", "/", Host=host).status


@pytest.mark.parametrize(
    ("method", "path", "body"), [*PAGE_PATHS, *OTHER_PATHS, *ALL_PATHS], ids=lambda value: str(value)[:60]
)
def test_a_rebound_name_is_refused_on_every_path(client: Client, method: str, path: str, body: object) -> None:
    """Also one that is same-origin to its browser; also with a token that there is."""
    campaign = client.campaign(name="ours")
    before = client.get("/simulator/clock").good()
    host = f"evil.example:{client.connection.port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    answer = client.ask(method, path.format(token=campaign.token), body, **headers)

    assert answer.refused(421) == {"type": "other.host", "message": MESSAGE}
    assert "allow" not in answer.headers
    assert client.get("/simulator/clock").good() == before
    assert client.get(campaign.simulator).good()["name"] == "ours"
    assert campaign.reports() == []


def test_the_head_of_a_rebound_request_is_refused(client: Client) -> None:
    """HEAD, which has no body to tell it."""
    answer = client.ask("HEAD", "/", Host="evil.example")

    assert (answer.status, answer.body) == (421, b"")


@pytest.mark.parametrize("host", [*OTHERS, *NO_NAMES])
def test_other_names_and_what_is_no_name_are_refused_and_not_repeated(client: Client, host: str) -> None:
    answer = client.ask("GET", "/", Host=host)

    assert answer.refused(421)["message"] == MESSAGE
    assert answer.headers["content-type"] == "application/json"
    assert "evil" not in repr(answer)
    assert "script" not in repr(answer)


@pytest.mark.parametrize("host", LOOPBACK)
def test_names_of_loopback_are_answered_to(client: Client, behind_a_proxy: Server, host: str) -> None:
    """On any port: a tunnel or a proxy may have another."""
    assert status(client, host) == 200
    with behind_a_proxy.client() as other:
        assert status(other, host) == 200


@pytest.mark.parametrize("host", [PROXY, f"{PROXY.upper()}:443", f"{PROXY}.", "[fd00::5]", "[FD00:0:0::5]:8000"])
def test_an_allowed_name_is_answered_to(client: Client, behind_a_proxy: Server, host: str) -> None:
    with behind_a_proxy.client() as other:
        assert status(other, host) == 200
        assert other.ask("GET", "/simulator/clock", Host=host).status == 200
    assert status(client, host) == 421


@pytest.mark.parametrize("host", [f"x.{PROXY}", f"{PROXY}.evil.example", "example.org", "[fd00::6]", "evil.example"])
def test_what_resembles_an_allowed_name_is_refused(behind_a_proxy: Server, host: str) -> None:
    """No wildcards."""
    with behind_a_proxy.client() as other:
        assert status(other, host) == 421


def test_what_forwards_a_request_is_not_believed_about_its_host(client: Client) -> None:
    headers = {"X-Forwarded-Host": "localhost", "Forwarded": "host=localhost", "Host": "evil.example"}

    assert client.ask("GET", "/", **headers).status == 421
    assert client.ask("GET", "/", **headers | {"Host": "localhost", "X-Forwarded-Host": "evil.example"}).status == 200


@pytest.mark.parametrize(
    ("request_head", "expected"),
    [
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: \xe9\xff\r\nConnection: close\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 421),
        (b"GET / HTTP/1.0\r\n\r\n", 421),
        (b"GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_a_host_that_is_missing_there_twice_or_in_the_target(
    shared: Server, request_head: bytes, expected: int
) -> None:
    """RFC 9112, 3.2: HTTP/1.1 has exactly one. HTTP/1.0 may have none, and then tells no name to answer to.

    A target that is a whole address is none of the paths.
    """
    answered, body = said_to(shared, request_head)

    assert answered == expected
    assert answered == 200 or json.loads(body).keys() == {"type", "message"}


def test_a_refused_body_is_read_to_its_end_and_the_connection_goes_on(client: Client) -> None:
    campaign = client.campaign()
    body = [{"phone": "79123456789", "gmtZone": "Z"}] * 500
    answer = client.post(f"{campaign.calls}/addPhones", body, Host="evil.example")

    assert answer.status == 421
    assert "connection" not in answer.headers
    assert campaign.reports() == []


def test_a_server_on_ipv6_loopback_looks_at_hosts_too(servers: Servers, sqlite: str) -> None:
    server = servers.start(sqlite, "--host", "::1")
    request = "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"

    for host, expected in {f"[::1]:{server.port}": 200, "localhost": 200, "evil.example": 421, "[::2]": 421}.items():
        assert said_to(server, request.format(host).encode(), "::1")[0] == expected, host


@pytest.mark.parametrize("address", ["localhost", "127.0.0.3"])
def test_other_addresses_of_loopback_are_loopback(servers: Servers, sqlite: str, address: str) -> None:
    server = servers.start(sqlite, "--host", address)
    request = b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert said_to(server, request, address)[0] == 421


def test_beyond_loopback_hosts_are_looked_at_once_names_are_given(servers: Servers, sqlite: str) -> None:
    """Its names are not known before."""
    first = servers.start(sqlite, "--host", "0.0.0.0")
    with first.client() as client:
        assert {status(client, host) for host in ("evil.example", PROXY, "localhost", "192.168.1.5", "")} == {200}
    first.stop()

    second = servers.start(sqlite, "--host", "0.0.0.0", "--allowed-host", PROXY)
    with second.client() as client:
        assert {status(client, host) for host in (PROXY, "localhost", "127.0.0.1", "[::1]")} == {200}
        assert {status(client, host) for host in ("evil.example", "0.0.0.0", "")} == {421}


def test_the_log_tells_a_refusal_without_its_host(servers: Servers, sqlite: str) -> None:
    server = servers.start(sqlite)
    with server.client() as client:
        assert client.ask("GET", "/page/example", Host="secret.example").status == 421
    server.stop()

    assert "GET /page/example 421" in server.said()
    assert "secret" not in server.said()


@pytest.mark.parametrize("word", ["http://x", "", "calls.example.org:8000", "calls.example.org/", "*.example.org"])
def test_a_wrong_name_is_refused_before_anything_is_touched(sqlite: str, word: str) -> None:
    ended = process("serve", "--port", "0", "--store", sqlite, "--allowed-host", word)

    said = "write a name such as calls.example.org, without scheme, port, path or wildcard"
    assert (ended.code, ended.out, ended.err) == (2, "", f'call-scheduler: --allowed-host "{word}": {said}\n')
    assert not Path(sqlite).exists()
