"""What a server does with clients that are slow, broken or hostile, and what it keeps to itself.

Whatever is sent: an answer with a status of 4xx, or a closed connection; never a 500, and never somebody else's harm.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.servers import Answer, Campaign, Client, Server, Servers, running

NUMBER = {"phone": "79123456789", "gmtZone": "Z"}
RECEIVE_S = 1
BODY_BYTES = 20_000

Path = tuple[str, str, object]

VENDOR_PATHS: tuple[Path, ...] = (
    ("POST", "/api/calls/campaign/{token}/addPhones", [NUMBER]),
    ("GET", "/api/crmCalls/campaign/{token}/addPhone?phone=79123456789", None),
    ("GET", "/api/crmCalls/campaign/{token}/test/addPhone?phone=79123456789", None),
    ("POST", "/api/calls/campaign/{token}/callJob/cancel", {"ids": ["1"]}),
    ("POST", "/api/calls/campaign/{token}/callJob/getReport", {}),
    ("POST", "/api/calls/campaign/{token}/callJob/getReportByDate", {}),
    ("POST", "/api/calls/campaign/{token}/callJob/getUnfinished", {}),
    ("POST", "/api/calls/campaign/{token}/callAttempt/getReport", {}),
    ("POST", "/api/calls/campaign/{token}/callAttempt/getReportByDate", {}),
    ("GET", "/api/calls/campaign/{token}", None),
    ("GET", "/api/calls/campaign/{token}/status", None),
    ("POST", "/api/calls/campaign/{token}/control/stop", None),
    ("POST", "/api/calls/campaign/{token}/control/pause", None),
    ("POST", "/api/calls/campaign/{token}/control/resume", None),
)
SIMULATOR_PATHS: tuple[Path, ...] = (
    ("GET", "/simulator/campaigns/{token}", None),
    ("PUT", "/simulator/campaigns/{token}/outcomes", {}),
    ("GET", "/simulator/campaigns/{token}/timeline", None),
    ("GET", "/simulator/campaigns/{token}/explain?job=1", None),
)
ALL_PATHS: tuple[Path, ...] = (*VENDOR_PATHS, *SIMULATOR_PATHS)
HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE jobs; --",
    '" OR ""="',
    "../../../../etc/passwd",
    "/etc/passwd",
    "{{7*7}} ${7*7} %(x)s {0} %s",
    "a\r\nSet-Cookie: stolen=1",
    "a\x00b",
    "\u202e\ufeff\U0001f4a9",
    "x" * 300,
)
HOSTILE_IDS = [f"text-{place}" for place in range(len(HOSTILE))]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits for nobody, and takes little."""
    folder = tmp_path_factory.mktemp("strict")
    words = ("--receive-seconds", str(RECEIVE_S), "--body-bytes", str(BODY_BYTES))
    with running(folder) as servers:
        yield servers.start(str(folder / "store.sqlite"), *words)


@pytest.fixture
def quick(strict: Server) -> Iterator[Client]:
    """A client of that server."""
    with strict.client() as each:
        yield each


def head(method: str, path: str, **headers: object) -> bytes:
    """The head of a request, without the blank line at its end."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "".join(f"{line}\r\n" for line in lines).encode()


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; nothing more if it breaks off."""
    parts = bytearray()
    try:
        while part := connection.recv(65536):
            parts += part
    except ConnectionError:
        pass
    return bytes(parts)


def spoken(server: Server, *parts: bytes, pause_s: float = 0, hang_up: bool = False) -> bytes:
    """What a client hears that sends these parts, with pauses between them, and waits for the end of the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
        except ConnectionError:
            pass
        return b"" if hang_up else heard(connection)


def status_of(heard: bytes) -> int | None:
    """The status of what was heard; None if nothing was."""
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", heard)
    assert found or not heard, heard
    return int(found[1]) if found else None


# --- slow and broken clients -----------------------------------------------------------------------------------------


def test_a_client_that_does_not_finish_its_head_is_cut_and_holds_up_nobody(strict: Server, quick: Client) -> None:
    """The setting `receive_seconds`."""
    with socket.create_connection(("127.0.0.1", strict.port), timeout=30) as slow:
        slow.sendall(head("GET", "/simulator/clock"))
        began = time.monotonic()
        assert quick.get("/simulator/clock").status == 200
        assert status_of(heard(slow)) in {None, 408}
        assert time.monotonic() - began < RECEIVE_S + 15
    assert quick.get("/simulator/clock").status == 200


def test_a_client_that_sends_its_body_drop_by_drop_is_cut(strict: Server, quick: Client) -> None:
    """However often it sends a byte: the whole request has to arrive in time."""
    campaign = quick.campaign()
    start = head("POST", f"{campaign.calls}/addPhones", Content_Type="application/json", Content_Length=2000)
    began = time.monotonic()
    answer = spoken(strict, start + b"\r\n", *[b" "] * 40, pause_s=0.1)

    assert status_of(answer) in {None, 408}
    assert time.monotonic() - began < RECEIVE_S + 15
    assert campaign.reports() == []


def test_a_client_that_is_idle_between_requests_is_not_refused(quick: Client) -> None:
    """Between requests there is nothing to receive."""
    assert quick.get("/simulator/clock").status == 200
    time.sleep(RECEIVE_S * 1.3)
    quick.heard = time.monotonic()  # so that the connection is kept
    assert quick.get("/simulator/clock").status == 200


@pytest.mark.parametrize(
    "parts",
    [
        (b"",),
        (b"GET",),
        (b"\x00\x01\x02\xff\r\n\r\n",),
        (b"GET /nothing HTTP/9.9\r\nConnection: close\r\n\r\n",),
        (b"GET  HTTP/1.1\r\n\r\n",),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
        (head("GET", "/simulator/clock") + b"No colon\r\n\r\n",),
        (head("POST", "/simulator/clock", Content_Length=-1) + b"\r\n",),
        (head("POST", "/simulator/clock", Content_Length="9" * 30) + b"\r\n",),
        (head("POST", "/simulator/clock", Content_Length=10, Transfer_Encoding="chunked") + b"\r\n0\r\n\r\n",),
        (head("POST", "/simulator/clock", Transfer_Encoding="chunked") + b"\r\nzz\r\n",),
        (head("GET", "/" + "x" * 1_000_000) + b"\r\n",),
        (head("GET", "/simulator/clock", X="y" * 1_000_000) + b"\r\n",),
        (head("POST", "/simulator/clock", Content_Length=100) + b"\r\n{",),
    ],
    ids=lambda parts: re.sub(r"\W+", "-", repr(parts[0][:60])),
)
@pytest.mark.parametrize("hang_up", [True, False], ids=["hangs-up", "waits"])
def test_a_client_that_sends_no_request_is_refused_or_cut(
    strict: Server, quick: Client, parts: tuple[bytes, ...], hang_up: bool
) -> None:
    """Whether it waits for an answer or goes away."""
    before = strict.said().count("Traceback")
    status = status_of(spoken(strict, *parts, hang_up=hang_up))

    assert status is None or 400 <= status < 500 or status in {501, 505}
    assert quick.get("/simulator/clock").status == 200
    assert strict.said().count("Traceback") == before


def test_a_client_that_goes_away_in_the_middle_of_a_body_has_said_nothing(strict: Server, quick: Client) -> None:
    """R14.5: a request is accepted whole or not at all."""
    campaign = quick.campaign()
    body = json.dumps([NUMBER]).encode()
    start = head("POST", f"{campaign.calls}/addPhones", Content_Type="application/json", Content_Length=len(body) + 1)
    spoken(strict, start + b"\r\n", body, hang_up=True)
    time.sleep(0.1)

    assert campaign.reports() == []
    assert len(campaign.added([NUMBER])) == 1


@pytest.mark.parametrize(
    ("stop_seconds", "signals"),
    [(1, [signal.SIGTERM]), (1, [signal.SIGINT]), (60, [signal.SIGINT, signal.SIGINT])],
    ids=["sigterm", "sigint", "twice"],
)
def test_a_server_that_is_told_to_stop_does_not_wait_for_the_rest_of_a_body(
    servers: Servers, sqlite: str, stop_seconds: int, signals: list[signal.Signals]
) -> None:
    """It ends after `stop_seconds`, and at once if it is told twice, long before `receive_seconds` are over."""
    server = servers.start(sqlite, "--receive-seconds", "60", "--stop-seconds", str(stop_seconds))
    start = head("POST", "/simulator/clock", Content_Type="application/json", Content_Length=100)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(start + b"\r\n{")
        with server.client() as other:
            assert other.get("/simulator/clock").status == 200  # so the half has arrived
        began = time.monotonic()
        for each in signals:
            server.process.send_signal(each)
            time.sleep(0.3)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < 15
        assert status_of(heard(client)) in {None, 503}


# --- what is too much ------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_before_it_is_sent(strict: Server, quick: Client) -> None:
    """The setting `body_bytes`: by what the request says of itself."""
    campaign = quick.campaign()
    size = {"Content_Length": BODY_BYTES + 1, "Content_Type": "application/json"}
    answer = spoken(strict, head("POST", f"{campaign.calls}/addPhones", **size) + b"\r\n")

    assert status_of(answer) == 413
    assert campaign.reports() == []


def test_a_chunked_body_over_the_limit_is_refused_once_it_is_over(strict: Server, quick: Client) -> None:
    """The setting `body_bytes`: nobody has said how long it would be."""
    campaign = quick.campaign()
    chunk = b"3e8\r\n" + b" " * 1000 + b"\r\n"
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    start = head("POST", f"{campaign.calls}/addPhones", **chunked) + b"\r\n"
    answer = spoken(strict, start, *[chunk] * (BODY_BYTES // 1000 + 2), b"3\r\n[ ]\r\n0\r\n\r\n")

    assert status_of(answer) in {413, None}
    assert campaign.reports() == []
    assert quick.get("/simulator/clock").status == 200


def test_a_chunked_body_within_the_limit_is_taken(strict: Server, quick: Client) -> None:
    """The same numbers, in pieces."""
    campaign = quick.campaign()
    body = json.dumps([NUMBER]).encode()
    chunks = [b"%x\r\n%s\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7)]
    chunked = {"Transfer_Encoding": "chunked", "Content_Type": "application/json"}
    answer = spoken(strict, head("POST", f"{campaign.calls}/addPhones", **chunked) + b"\r\n", *chunks, b"0\r\n\r\n")

    assert status_of(answer) == 200
    assert len(campaign.reports()) == 1


def test_a_body_of_exactly_the_limit_is_taken(quick: Client) -> None:
    """The setting `body_bytes` is what is still taken."""
    campaign = quick.campaign()
    body = json.dumps([NUMBER]).encode()

    assert len(campaign.added(body.ljust(BODY_BYTES))) == 1
    assert campaign.add(body.ljust(BODY_BYTES + 1)).status == 413


def test_a_compressed_body_is_no_way_around_the_limit(quick: Client) -> None:
    """What is not understood is not unpacked."""
    import gzip

    campaign = quick.campaign()
    body = gzip.compress(b" " * 10_000_000 + b"[]")
    answer = campaign.client.post(f"{campaign.calls}/addPhones", body, Content_Encoding="gzip")

    assert 400 <= answer.status < 500
    assert campaign.reports() == []


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'[{"phone": "79123456789", "payload": ' + b"[" * 9_000 + b"]" * 9_000 + b"}]",
        b'[{"phone": "79123456789", "payload": ' + b"9" * 5_000 + b"}]",
        b'[{"phone": "79123456789", "payload": 1e999}]',
        b'[{"phone": "79123456789", "payload": "\\ud800"}]',
        b'[{"phone": "79123456789", "payload": "\xff"}]',
        b'[{"phone": "7912345\\u00006789"}]',
        b'[{"phone": 79123456789}]',
        b'[{"phone": "79123456789", "maxAttempts": 99999999999999999999999}]',
        b'[{"phone": "79123456789", "startDateTime": "9999-12-31T23:59:59.999-18:00"}]',
        b'[{"phone": "79123456789", "finishDateTime": "0001-01-01T00:00:00+18:00"}]',
        b"\xef\xbb\xbf",
        b"",
        b"null",
        b"{}",
        b"\x00",
    ],
    ids=lambda body: re.sub(r"\W+", "-", repr(body[:70])),
)
def test_no_body_makes_the_server_fail(client: Client, body: bytes) -> None:
    """R15.1, R15.6: a problem, or a job; never a 500."""
    campaign = client.campaign()
    answer = campaign.add(body)

    assert answer.status in {200, 400, 413}, answer
    assert len(campaign.reports()) == (len(answer.json()) if answer.status == 200 else 0)


@pytest.mark.parametrize("payload", ["a\x00b", {"a\x00": "\x00"}, 2**70, -(2**63) - 1, 1e300, [[]], {"": None}])
def test_payloads_that_trouble_a_store_are_kept_or_refused(client: Client, payload: Any) -> None:
    """R15.5: any JSON value; those that are equal are the same (R14.1)."""
    campaign = client.campaign()
    answer = campaign.add([{**NUMBER, "payload": payload}], "K")

    assert answer.status in {200, 400}, answer
    if answer.status == 200:
        assert campaign.added([{**NUMBER, "payload": payload}], "K") == answer.json()
        assert campaign.add([{**NUMBER, "payload": payload}]).good() != answer.json()


# --- what is not told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "body"), ALL_PATHS, ids=[path for _, path, _ in ALL_PATHS])
def test_an_unknown_token_is_answered_alike_on_every_path(client: Client, method: str, path: str, body: object) -> None:
    """The vendor's `invalid.token`: one shape, one text, and the token is not in it."""
    expected = client.get("/api/calls/campaign/nobody")
    tokens = ("no-such-token", "8231.7056.1b131df1x", "' OR 1=1 --", "<b>", "%00", "..", "a b", "я" * 20, "t" * 500)
    for token in tokens:
        answer = client.ask(method, path.format(token=quote(token, safe="")), body)
        assert answer.status == 404, (token, answer)
        assert answer.json() == expected.json()
        assert answer.headers["content-type"] == expected.headers["content-type"]
    assert expected.json().keys() == {"type", "message"}
    assert expected.json()["type"] == "invalid.token"
    assert "nobody" not in expected.body.decode()


@pytest.mark.parametrize(("method", "path", "body"), ALL_PATHS, ids=[path for _, path, _ in ALL_PATHS])
def test_a_known_token_is_not_answered_so(client: Client, method: str, path: str, body: object) -> None:
    """So the test above is about the token."""
    campaign = client.campaign()
    (job,) = campaign.added([{"phone": "4930123456", "gmtZone": "Z"}])
    path = path.replace("job=1", f"job={job}")
    body = {"ids": [job]} if body == {"ids": ["1"]} else body
    answer = client.ask(method, path.format(token=campaign.token), body)

    assert answer.status < 400, answer


def test_the_server_is_reached_from_this_machine_alone(shared: Server) -> None:
    """Loopback, unless it is told otherwise."""
    assert shared.address.startswith("http://127.0.0.1:")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", shared.port), timeout=5).close()


def test_nothing_that_clients_send_is_in_the_log(servers: Servers, sqlite: str) -> None:
    """No payloads, phones, tokens, keys or query strings; neither of what is taken nor of what is refused."""
    server = servers.start(sqlite, "--body-bytes", "5000")
    with server.client() as client:
        campaign = client.campaign("secret-token", name="secret-name")
        number = {"phone": "79123450077", "gmtZone": "Z", "payload": {"secret-field": "secret-value"}}
        assert campaign.add([number], "secret-key").status == 200
        assert campaign.add([number, number]).status == 400
        assert campaign.add([{"phone": "79123450077", "gmtZone": "secret/zone"}]).status == 400
        assert campaign.add(b'[{"phone": "79123450077", secret-value').status == 400
        assert campaign.add(b"secret-value" * 1000).status == 413
        assert client.get(f"{campaign.crm}/addPhone", phone="79123450077", name="secret-value").status == 200
        assert client.post(f"{campaign.calls}/callJob/cancel", {"phones": ["79123450078"]}).status == 400
        assert client.get("/api/calls/campaign/secret-token-2").status == 404
        assert client.get("/secret-path", query="secret-value").status == 404
        assert client.put(f"{campaign.simulator}/outcomes", {"secret-value": 1}).status == 400
        assert client.put("/simulator/campaigns/secret-3", {"secret-value": 1}).status == 400
        client.move_by(1000)
    spoken(server, b"GET /secret-path?secret-value HTTP/1.1\r\nsecret-value\r\n\r\n")
    assert server.stop() == 0

    said = server.said()
    assert "secret" not in said.replace(server.ready_line, "")
    assert "7912345007" not in said
    assert "Traceback" not in said


# --- texts are data --------------------------------------------------------------------------------------------------


def only_data(answer: Answer) -> Any:
    """The JSON of an answer that is refused or good, that nothing takes for a page, and that sets nothing."""
    assert answer.status < 500, answer
    assert "set-cookie" not in answer.headers
    if not answer.body:
        return None
    assert answer.headers["content-type"].split(";")[0] in {"application/json", "application/x-ndjson"}, answer
    return json.loads(answer.body) if answer.headers["content-type"].startswith("application/json") else None


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
def test_markup_paths_and_sql_in_every_field_are_data(client: Client, text: str) -> None:
    """They are refused, or come back as they were sent, and change nothing else."""
    untouched = client.campaign(name="untouched")
    untouched.added([NUMBER])

    named = client.campaign(name=text)
    assert only_data(client.get(named.simulator))["name"] == text
    assert only_data(client.get(named.calls))["name"] == text

    ids = named.added([{**NUMBER, "payload": {text: text}}], "K")
    assert named.added([{**NUMBER, "payload": {text: text}}], "K") == ids
    assert only_data(client.get(f"{named.crm}/addPhone", phone="4930123456", gmtZone="Z", **{f"x{text}": text}))
    for field in (
        "phone",
        "gmtZone",
        "startDateTime",
        "finishDateTime",
        "allowedDays",
        "allowedTime",
        "retryIntervalInMinutes",
        "maxAttempts",
        "dialerPriority",
    ):
        answer = named.add([{"phone": "4930123457", "gmtZone": "Z", field: text}])
        refusal = only_data(answer)
        assert answer.status == 400 or field == "dialerPriority", (field, answer)  # which is a 5 then (R7.1)
        assert answer.status == 200 or refusal["problems"][0]["path"] == f"$[0].{field}"
    only_data(named.add([{"phone": "4930123458", "gmtZone": "Z", text: text}]))

    jobs = len(named.reports())
    bodies: list[Any] = [{"ids": [text]}, {"phones": [text]}, {text: [text]}, {"ids": text}]
    filters: list[Any] = [{"filter": {"createdAtFrom": text}}, {"pagination": {"page": text}}, {"filter": text}]
    for body in bodies:
        for what in ("callJob/cancel", "callJob/getReport", "callAttempt/getReport"):
            only_data(client.post(f"{named.calls}/{what}", body))
    for what in ("callJob/getReportByDate", "callJob/getUnfinished", "callAttempt/getReportByDate"):
        for body in filters:
            only_data(client.post(f"{named.calls}/{what}", body))
    for path in ("timeline", "explain"):
        only_data(client.get(f"{named.simulator}/{path}", until=text, job=text, at=text))
    only_data(client.post("/simulator/clock", {"now": text}))
    only_data(client.post("/simulator/clock", {"advanceSeconds": text}))
    only_data(client.put(f"{named.simulator}/outcomes", {text: text}))
    only_data(client.put(f"/simulator/campaigns/t-{HOSTILE.index(text)}", {text: text}))
    only_data(client.put(f"/simulator/campaigns/t-{HOSTILE.index(text)}", {"timeZone": text}))
    only_data(
        client.put(f"/simulator/campaigns/t-{HOSTILE.index(text)}", text.encode(), Content_Type="application/toml")
    )
    assert len(named.reports()) == jobs

    assert only_data(client.get(untouched.simulator))["name"] == "untouched"
    assert len(untouched.reports()) == 1


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
def test_markup_paths_and_sql_in_a_token_are_data(client: Client, text: str) -> None:
    """A token is refused, or it is the name of a campaign like any other."""
    campaign = Campaign(client, text)
    made = client.put(campaign.simulator, {"name": "odd token"})
    only_data(made)

    assert made.status in {201, 400, 404}, made
    if made.status == 201:
        assert only_data(client.get(campaign.simulator))["name"] == "odd token"
        assert len(campaign.added([NUMBER])) == 1


@pytest.mark.parametrize("text", ["<script>", "'; DROP TABLE keys; --", "../..", "%s{0}", "é", "a b", "\t", ""])
def test_markup_paths_and_sql_in_a_key_are_data(client: Client, text: str) -> None:
    """R14.4: one key is like any other; an empty one is none."""
    campaign = client.campaign()
    first = campaign.added([NUMBER], text)

    if text.strip():
        assert campaign.added([NUMBER], text) == first
    else:
        assert campaign.add([NUMBER], text).refused()["type"] == "phone.duplicated"


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "TRACE", "OPTIONS", "HEAD", "BREW"])
@pytest.mark.parametrize("path", [path for _, path, _ in VENDOR_PATHS[:6]])
def test_other_methods_do_nothing(client: Client, method: str, path: str) -> None:
    """405, or what HTTP has for OPTIONS and HEAD."""
    campaign = client.campaign()
    answer = client.ask(method, path.format(token=campaign.token))

    assert answer.status in ({200, 204, 405} if method in {"OPTIONS", "HEAD"} else {405, 400, 501}), answer
    assert campaign.reports() == []


@pytest.mark.parametrize(
    "path", ["/", "/etc/passwd", "/..%2f..%2fetc/passwd", "//", "/%00", "/schema", "/docs", "/api"]
)
def test_there_is_nothing_else_to_be_had(client: Client, path: str) -> None:
    """No files, and no page that loads what it shows from elsewhere."""
    answer = client.get(path)

    assert answer.status in {200, 400, 404}, answer
    assert b"root:" not in answer.body
    assert not re.search(rb"(?:src|href)=[\"']?(?:https?:)?//", answer.body)
