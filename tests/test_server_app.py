"""The application in this process: every path of the document is there, and every failure has one shape."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from litestar import Request
from litestar.testing import TestClient

from scheduler.jobs import RequestRefused
from scheduler.server.app import application
from scheduler.server.bodies import HttpRequest, header_key
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import HandClock
from scheduler.server.document import OPERATIONS, methods_of, openapi_document, route_of
from scheduler.server.exchange import Exchange
from scheduler.server.limits import HEAD_BYTES, Limits
from scheduler.server.store import open_store

NOW_MS = 1_772_442_000_000  # 2026-03-02T09:00:00Z, a Monday
TOKEN = "8231.7056.1b131df1"
CALLS = f"/api/calls/campaign/{TOKEN}"
CRM = f"/api/crmCalls/campaign/{TOKEN}"
OURS = f"/simulator/campaigns/{TOKEN}"
NUMBER = {"phone": "79123456789", "gmtZone": "Z"}
LIMITS = Limits(body_bytes=2000, form_bytes=500, numbers=3, reported=2, horizon_days=10)

Client = TestClient[Any]


@pytest.fixture
def campaigns() -> Iterator[Campaigns]:
    each = Campaigns(open_store(":memory:"), HandClock(NOW_MS), LIMITS)
    yield each
    each.close()


@pytest.fixture
def client(campaigns: Campaigns) -> Iterator[Client]:
    campaigns.put_campaign(TOKEN, b'{"name": "page"}', toml=False)
    with TestClient(application(campaigns, LIMITS)) as each:
        yield each


def test_every_operation_of_the_document_is_there_and_no_other_method(client: Client) -> None:
    for operation in OPERATIONS:
        path = operation.path.replace("{token}", TOKEN)
        answer = client.request(operation.method, path)
        nameless = "{preview}" in path  # there is none: that it is looked for is answer enough
        assert answer.status_code == 404 if nameless else answer.status_code not in {404, 405, 500}, operation.path
        assert not nameless or answer.json()["type"] == "preview.unknown"
        options = client.options(path)
        allowed = options.headers["allow"]
        assert options.status_code == 204
        assert allowed == methods_of(operation.path)
        refused = client.request("PATCH", path)
        assert (refused.status_code, refused.json()["type"]) == (405, "method.not.allowed")
        assert refused.headers["allow"] == allowed


def test_references_of_the_document_lead_somewhere() -> None:
    document = json.loads(openapi_document(LIMITS))
    schemas = document["components"]["schemas"]

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from [value["$ref"]] if "$ref" in value else []
            value = list(value.values())
        for each in value if isinstance(value, list) else []:
            yield from references(each)

    used = {each.removeprefix("#/components/schemas/") for each in references(document)}
    assert used == schemas.keys()
    assert schemas["Numbers"]["maxItems"] == LIMITS.numbers


def test_the_route_of_a_path_is_told_without_its_token() -> None:
    assert route_of("/api/calls//campaign/secret/status/") == "/api/calls/campaign/{token}/status"
    assert route_of("/api/calls/campaign/secret/nothing") is None


def test_a_page_is_answered_with_what_the_next_ones_hold(client: Client) -> None:
    ids = client.post(f"{CALLS}/addPhones", json=[{**NUMBER, "payload": each} for each in range(3)]).json()
    pages = [
        client.post(f"{CALLS}/callJob/getUnfinished", json={"page": page, "pageSize": 2}).json() for page in range(3)
    ]
    assert [[each["callJobId"] for each in page["items"]] for page in pages] == [ids[:2], ids[2:], []]
    assert pages[1]["pagination"] == {"page": 1, "pageSize": 2, "totalCount": 3}


def test_more_reports_than_the_setting_are_asked_for_page_by_page(client: Client) -> None:
    client.post(f"{CALLS}/addPhones", json=[{**NUMBER, "payload": each} for each in range(3)])
    refused = client.post(f"{CALLS}/callJob/getReport", json={})
    assert refused.status_code == 400
    assert "getReportByDate" in refused.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "type"),
    [
        ("POST", f"{CALLS}/addPhones", [NUMBER] * 4, 413, "too.large"),
        ("POST", f"{CALLS}/addPhones", NUMBER, 400, "invalid.json"),
        ("POST", f"{CALLS}/callJob/cancel", {"id": []}, 400, "invalid.field"),
        ("POST", f"{CALLS}/callJob/cancel", {"ids": ["x" * 600]}, 413, "too.large"),
        ("POST", f"{CALLS}/callJob/getReport", {"ids": ["1"]}, 400, "id.not.found"),
        ("POST", f"{CALLS}/callJob/getReport", {"phones": [79123456789]}, 400, "phone.not.found"),
        ("POST", f"{CALLS}/callJob/getReportByDate", {"pagination": {"page": 200}}, 400, "invalid.field"),
        ("POST", f"{CALLS}/callJob/getReportByDate", {"pagination": {"pageSize": True}}, 400, "invalid.field"),
        (
            "POST",
            f"{CALLS}/callAttempt/getReportByDate",
            {"filter": {"startedAtTo": "noon"}},
            400,
            "invalid.call.dates",
        ),
        ("POST", f"{CRM}/addPhone", NUMBER, 415, "unsupported.media.type"),
        ("GET", f"{CRM}/addPhone?phone=79123456789&phone=1", None, 400, "invalid.field"),
        ("GET", f"{CRM}/addPhone?phone=79123456789&x=%ff", None, 400, "invalid.field"),
        ("GET", f"{CRM}/addPhone?phone=79123456789&Idempotence-Key=%00", None, 400, "invalid.idempotence.key"),
        ("GET", f"{OURS}/timeline?till=2026-03-03", None, 400, "invalid.field"),
        ("GET", f"{OURS}/timeline?until=2026-03-20", None, 400, "too.far"),
        ("GET", f"{OURS}/explain?job=1&until=2026-03-03", None, 400, "invalid.field"),
        ("POST", f"{CALLS}/addPhones?Idempotence-Key=a", [NUMBER], 400, "invalid.field"),
        ("POST", f"{CRM}/addPhone?phone=79123456789", None, 400, "invalid.field"),
        ("GET", f"{CALLS}/status?x", None, 400, "invalid.field"),
        ("PUT", f"{OURS}?name=page", {}, 400, "invalid.field"),
        ("GET", "/simulator/clock?now=2026-03-03", None, 400, "invalid.field"),
        ("GET", "/schema/openapi.json?x=1", None, 400, "invalid.field"),
        ("GET", "/api/calls/campaign/nobody?x=1", None, 404, "invalid.token"),
        ("GET", f"{OURS}/explain?job=1", None, 400, "id.not.found"),
        ("PUT", OURS, {"timeZone": "Europe/Moscow"}, 409, "conflict"),
        ("PUT", "/simulator/campaigns/a b", {}, 400, "invalid.token"),
        ("POST", "/simulator/clock", {"advanceSeconds": -1}, 409, "conflict"),
        ("POST", "/simulator/clock", {"advanceSeconds": 1e300}, 400, "invalid.field"),
        ("POST", "/simulator/clock", {}, 400, "invalid.field"),
        ("GET", "/api/calls/campaign/nobody", None, 404, "invalid.token"),
        ("GET", "/api/calls/campaign/%00", None, 404, "invalid.token"),
        ("GET", "/nothing", None, 404, "not.found"),
    ],
)
def test_what_fails_says_how(client: Client, method: str, path: str, body: Any, status: int, type: str) -> None:
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, type)
    assert answer.json()["message"]


def test_an_integer_may_be_written_with_a_point_wherever_one_is_meant(client: Client) -> None:
    """R15.6: 2.0 is 2; JSON Schema has it so too."""
    number = {**NUMBER, "retryIntervalInMinutes": 5.0, "maxAttempts": 2.0, "dialerPriority": 1.0}
    (job,) = client.post(f"{CALLS}/addPhones", json=[number]).json()
    span = {"createdAtFrom": float(NOW_MS), "createdAtTo": NOW_MS + 1.0}
    asked = [
        ("callJob/getReport", {"ids": [float(job)]}),
        ("callJob/getReport", {"phones": [79123456789.0]}),
        ("callJob/getReportByDate", {"filter": span, "pagination": {"page": 0.0, "pageSize": 1.0}}),
        ("callJob/getUnfinished", {"page": 0.0, "pageSize": 1.0}),
        ("callAttempt/getReportByDate", {"filter": {"startedAtFrom": 0.0, "finishedAtTo": 1.0}}),
        ("callJob/cancel", {"ids": [float(job)], "phones": [79123456789.0]}),
    ]
    for path, body in asked:
        answer = client.post(f"{CALLS}/{path}", json=body)
        assert answer.status_code == 200, (path, answer.text)
        assert job in answer.text or path.startswith("callAttempt")
    for body in ({"ids": [1.5]}, {"phones": [79123456789.5]}):
        assert client.post(f"{CALLS}/callJob/getReport", json=body).status_code == 400
    refused = client.post(f"{CALLS}/callJob/getReportByDate", json={"filter": {"createdAtFrom": 1.5}})
    assert (refused.status_code, refused.json()["type"]) == (400, "invalid.call.dates")
    file = {"maxSimultaneousCalls": 2.0, "callsPerSecond": 2.0, "maxAttemptsPerPhone": 3.0, "ringSeconds": 30.0}
    assert client.put("/simulator/campaigns/points", json=file).status_code == 201


def test_an_unknown_token_comes_before_what_is_wrong_with_a_request(client: Client) -> None:
    """Whatever the body, and whether or not it is there: nothing of it is looked at."""
    for operation in OPERATIONS:
        if "{token}" in operation.path and operation.name != "putCampaign":
            path = operation.path.replace("{token}", "nobody")
            for more in ({"content": b"{"}, {"content": b" " * 3000}, {"headers": {"Content-Encoding": "gzip"}}, {}):
                answer = client.request(operation.method, f"{path}?phone=%ff&x=1", **more)
                assert (answer.status_code, answer.json()["type"]) == (404, "invalid.token"), path


def test_a_head_is_no_longer_than_it_may_be(client: Client) -> None:
    answer = client.get("/simulator/clock", headers={"X": "x" * HEAD_BYTES})
    assert (answer.status_code, answer.json()["type"]) == (400, "too.large")


def test_a_refused_options_says_why_in_json(client: Client) -> None:
    """What a path allows is no part of a refusal."""
    answer = client.options("/simulator/clock", headers={"X": "x" * HEAD_BYTES})
    assert (answer.status_code, answer.json()["type"]) == (400, "too.large")
    assert answer.headers["content-type"] == "application/json"
    assert "allow" not in answer.headers


def test_a_packed_body_is_not_unpacked(client: Client) -> None:
    answer = client.post(f"{CALLS}/addPhones", content=b"[]", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["type"]) == (415, "unsupported.media.type")


def test_two_keys_of_one_request_are_refused() -> None:
    def request(*keys: bytes) -> HttpRequest:
        headers = [(b"idempotence-key", key) for key in keys]
        return Request({"type": "http", "headers": headers})  # type: ignore[arg-type]

    assert header_key(request()) is header_key(request(b"")) is None
    assert header_key(request(b" a", b"a ")) == "a"
    with pytest.raises(RequestRefused, match="2 different keys"):
        header_key(request(b"a", b"b"))


def test_a_stopped_campaign_refuses_in_the_form_of_its_path(client: Client) -> None:
    """R13.2."""
    assert client.post(f"{CALLS}/control/stop").content == b""
    control = client.post(f"{CALLS}/control/pause")
    assert control.status_code == 400
    assert control.json().keys() == {"error", "message", "args"}
    assert control.json()["args"] == {"state": "FINISHED"}
    assert client.get(f"{CALLS}/status").json() == "finished"


def test_head_is_get_without_a_body_but_adds_no_number(client: Client) -> None:
    assert client.head("/simulator/clock").status_code == 200
    assert client.head(f"{CRM}/addPhone?phone=79123456789").status_code == 405


def test_the_timeline_ahead_is_what_preview_writes(client: Client) -> None:
    """DESIGN 5.4: `until` looks ahead, and the clock stays where it is."""
    client.post(f"{CALLS}/addPhones", json=[NUMBER])
    assert client.get(f"{OURS}/timeline").text == ""
    assert client.get(f"{OURS}/timeline?until=2026-03-03").text == (
        '{"at": "2026-03-02T09:00:00Z", "local": "2026-03-02T09:00:00+00:00", "phone": "79123456789", "job": 0, '
        '"attempt": 1, "redialNumber": null, "priority": 5, "outcome": "noAnswer", "seconds": 30}\n'
    )
    assert client.get("/simulator/clock").json() == {"now": "2026-03-02T09:00:00Z", "moves": "by hand"}


def test_an_explanation_may_look_ahead(client: Client) -> None:
    (job,) = client.post(f"{CALLS}/addPhones", json=[NUMBER]).json()
    told = client.get(f"{OURS}/explain?job={job}&at=2026-03-02T10:00:00Z").json()
    assert told["at"]["forbidden"][0]["code"] == "ended"


def test_a_campaign_is_told_with_its_file_and_its_jobs(client: Client) -> None:
    made = client.put(
        "/simulator/campaigns/day",
        content=b'[[maxSimultaneousCalls]]\nfrom = "09:00"\nlines = 2\n',
        headers={"Content-Type": "application/toml"},
    )
    assert made.status_code == 201
    assert made.json()["maxSimultaneousCalls"] == [{"from": "09:00", "lines": 2}]
    assert client.get("/api/calls/campaign/day").json()["maxSimultaneousCalls"] == 2
    assert [each["token"] for each in client.get("/simulator/campaigns").json()] == [TOKEN, "day"]
    assert client.get("/simulator/campaigns/day").json()["counts"] == {}


def test_outcomes_hold_from_their_instant_on(client: Client) -> None:
    assert client.put(f"{OURS}/outcomes", json={"answered": 1, "talkSeconds": 60}).status_code in {200, 400}
    script = {"phones": {"79123456789": [{"outcome": "answered", "ringSeconds": 5, "talkSeconds": 90}]}}
    assert client.put(f"{OURS}/outcomes", json=script).status_code == 200
    client.post(f"{CALLS}/addPhones", json=[NUMBER])
    client.post("/simulator/clock", json={"advanceSeconds": 30})
    (talking,) = client.post(f"{CALLS}/callAttempt/getReport", json={}).json()
    assert (talking["startedAt"], talking["finishedAt"], talking["callResult"]) == (NOW_MS + 5_000, None, None)
    client.post("/simulator/clock", json={"advanceSeconds": 120})
    (ended,) = client.post(f"{CALLS}/callAttempt/getReport", json={}).json()
    assert (ended["finishedAt"], ended["callResult"], ended["callDuration"]) == (NOW_MS + 95_000, "answered", 90)
    assert client.get(CALLS).json()["shortReport"]["usedTalkingTime"] == 90


def test_an_error_of_ours_is_told_and_logged_without_what_was_sent(
    client: Client, campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("79123456789")

    monkeypatch.setattr(campaigns, "add_phones", fails)
    logger = logging.getLogger("scheduler.server")
    monkeypatch.setattr(logger, "propagate", True)
    with caplog.at_level(logging.INFO, logger="scheduler.server"):
        answer = client.post(f"{CALLS}/addPhones", json=[NUMBER], headers={"Idempotence-Key": "secret"})
    assert (answer.status_code, answer.json()["type"]) == (500, "internal.error")
    assert "ZeroDivisionError" in caplog.text
    assert "POST /api/calls/campaign/{token}/addPhones 500" in caplog.text
    assert not any(each in caplog.text for each in ("79123456789", "secret", TOKEN))


def test_a_store_that_cannot_be_written_is_a_503_with_its_cause_in_the_log(
    client: Client, campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that is full: reads go on, and so do writes once there is room."""

    def pages(count: int) -> None:
        with campaigns.store.transaction() as transaction:
            transaction.connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")

    monkeypatch.setattr(logging.getLogger("scheduler.server"), "propagate", True)
    numbers = [[{**NUMBER, "payload": Random(place).randbytes(700).hex()}] for place in range(50)]
    pages(1)
    taken: list[str] = []
    for each in numbers:
        answer = client.post(f"{CALLS}/addPhones", json=each)
        if answer.status_code != 200:
            break
        taken += answer.json()
    assert (answer.status_code, answer.json()["type"]) == (503, "store.unavailable")
    assert "cannot be written" in answer.json()["message"]
    assert "the store cannot be used: database or disk is full" in caplog.text
    assert "Traceback" not in caplog.text
    assert NUMBER["phone"] not in caplog.text
    reported = client.post(f"{CALLS}/callJob/getUnfinished", json={}).json()["items"]
    assert [each["callJobId"] for each in reported] == taken
    pages(1_000_000)
    assert client.post(f"{CALLS}/addPhones", json=each).status_code == 200


def test_a_duplicate_is_told_by_the_id_of_the_earlier_job(client: Client, campaigns: Campaigns) -> None:
    """R14.3: its index is the simulator's own. A repeat inside a request is told by its place there (R14.2)."""
    first, second = ({**NUMBER, "payload": each} for each in (1, 2))
    _, earlier = client.post(f"{CALLS}/addPhones", json=[first, second]).json()
    client.post(f"{CALLS}/addPhones", json=[{**NUMBER, "payload": 3}])
    refused = client.post(f"{CALLS}/addPhones", json=[second, {**NUMBER, "payload": 4}, second]).json()
    told = [(each["job"], each["message"].partition(",")[0]) for each in refused["problems"]]
    job = f"the same phone and payload as job {earlier}"
    inside = "the same phone and payload as number 1 of the request ($[0]); leave one of them out"
    assert told == [(2, inside), (0, job), (2, job)]
    with pytest.raises(RequestRefused) as caught:
        campaigns.add_phones(TOKEN, json.dumps([second]).encode())
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (type(copied), copied.problems) == (type(caught.value), caught.value.problems)


@pytest.mark.parametrize("path", [f"{OURS}/outcomes", "/simulator/campaigns/new"])
def test_half_a_pair_of_surrogates_is_named(client: Client, path: str) -> None:
    """R15.1: not as a text that was cut."""
    answer = client.put(path, content=b'{"name": "\\ud800"}', headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "an unpaired surrogate \\ud800; write the text as UTF-8" in answer.json()["message"]
    answer = client.post(f"{CALLS}/callJob/getReport", content=b'{"ids": ["\\ud800"]}')
    assert "an unpaired surrogate \\ud800; write" in answer.json()["message"]


def test_a_line_of_the_timeline_is_as_the_document_says(client: Client, campaigns: Campaigns) -> None:
    """With agents and redials too."""
    document = json.loads(openapi_document(LIMITS))
    dial = document["components"]["schemas"]["Dial"]
    answer = document["paths"]["/simulator/campaigns/{token}/timeline"]["get"]["responses"]["200"]
    assert answer["content"]["application/x-ndjson"]["schema"]["contentSchema"] == {"$ref": "#/components/schemas/Dial"}
    campaigns.put_campaign(
        "agents", b"[agents]\nagents = 1\npatienceSeconds = 0.001\ndialMode = 'ratio'\ndialRatio = 3", toml=True
    )
    each = [{"outcome": "answered", "ringSeconds": 5, "talkSeconds": 90}]
    assert (
        client.put("/simulator/campaigns/agents/outcomes", json={"phones": {NUMBER["phone"]: each}}).status_code == 200
    )
    client.post("/api/calls/campaign/agents/addPhones", json=[{**NUMBER, "payload": each} for each in range(3)])
    client.post("/simulator/clock", json={"advanceSeconds": 600})
    lines = client.get("/simulator/campaigns/agents/timeline").text.splitlines()
    assert any("abandoned" in line for line in lines)
    for line in map(json.loads, lines):
        assert {*dial["required"]} <= line.keys() <= dial["properties"].keys()


def test_outcomes_and_campaigns_may_be_sent_as_toml(client: Client) -> None:
    """The document says so, and so it is."""
    document = json.loads(openapi_document(LIMITS))
    for path, content in {
        OURS: b'name = "page"',
        f"{OURS}/outcomes": b"[model]\nanswered = 0.5\ntalkSeconds = 60",
    }.items():
        told = document["paths"][path.replace(TOKEN, "{token}")]["put"]["requestBody"]["content"]
        assert told.keys() == {"application/json", "application/toml"}
        answer = client.put(path, content=content, headers={"Content-Type": "application/toml"})
        assert answer.status_code == 200, answer.text


async def _never() -> Any:
    raise AssertionError("nothing is to be received")


def test_a_client_that_waits_to_send_is_not_waited_for() -> None:
    """`Expect: 100-continue`: an answer that comes first ends the exchange."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def exchange() -> None:
        headers = [(b"content-length", b"99"), (b"expect", b"100-continue")]
        each = Exchange({"headers": headers}, _never, send)  # type: ignore[typeddict-item]
        await each.send({"type": "http.response.start", "status": 413, "headers": []})
        await each.send({"type": "http.response.body", "body": b"{}", "more_body": False})

    asyncio.run(exchange())
    assert sent[0]["headers"] == [(b"connection", b"close")]
    assert len(sent) == 2


def test_a_request_that_is_cancelled_waits_for_no_client(campaigns: Campaigns) -> None:
    """A server that stops does so although a client sends nothing more, and takes nothing."""
    sent: list[Any] = []

    async def waits(*message: Any) -> Any:
        sent.extend(message)
        await asyncio.Event().wait()

    async def cancelled() -> None:
        headers = [(b"content-length", b"9"), (b"content-type", b"application/json")]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/simulator/clock",
            "raw_path": b"/simulator/clock",
        }
        scope |= {"query_string": b"", "headers": headers, "http_version": "1.1", "scheme": "http", "client": None}
        scope |= {"server": ("127.0.0.1", 80), "root_path": "", "asgi": {"version": "3.0"}, "extensions": {}}
        served: Any = application(campaigns, LIMITS)
        task: asyncio.Task[None] = asyncio.create_task(served(scope, waits, waits))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait_for(task, 5)

    asyncio.run(cancelled())
    assert [each["status"] for each in sent] == [503]
