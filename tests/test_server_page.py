"""The page of the server, over HTTP: its files, its policy, and what it asks, of which other sites can ask nothing."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from scheduler.jobs import UsageError
from scheduler.page.previews import TooBusy
from scheduler.server import page as page_module
from scheduler.server.app import application
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import HandClock
from scheduler.server.limits import Limits
from scheduler.server.page import new_previews
from scheduler.server.store import open_store
from tests.commandline import many, number, request
from tests.servers import Servers

NOW_MS = 1_772_442_000_500  # 2026-03-02T09:00:00.5Z
LIMITS = Limits(body_bytes=20_000, form_bytes=5_000, numbers=50, runs=1, previews=3)
SPAN = {"fromMs": NOW_MS, "untilMs": NOW_MS + 3_600_000, "bins": 10, "zone": "Europe/Berlin"}

Client = TestClient[Any]


@pytest.fixture(name="campaigns")
def _campaigns() -> Iterator[Campaigns]:
    each = Campaigns(open_store(":memory:"), HandClock(NOW_MS), LIMITS)
    yield each
    each.close()


@pytest.fixture(name="client")
def _client(campaigns: Campaigns) -> Iterator[Client]:
    previews = new_previews(campaigns, LIMITS)
    with TestClient(application(campaigns, LIMITS, previews)) as each:
        yield each
    previews.close()


def handed_in(client: Client, body: str) -> str:
    """What names a text that is handed in."""
    answer = client.post("/page/requests", content=body.encode())
    assert answer.status_code == 201
    return str(answer.json()["request"])


def ended(client: Client, body: str, **asked: Any) -> Any:
    """A preview that has ended."""
    answer = client.post("/page/previews", json={"request": handed_in(client, body), **asked})
    assert answer.status_code == 201, answer.text
    stands = answer.json()
    while stands["state"] == "working":
        stands = client.get(f"/page/previews/{stands['preview']}").json()
    return stands


def done(client: Client, body: str, **asked: Any) -> str:
    """The path of a preview that is done."""
    stands = ended(client, body, **asked)
    assert stands["state"] == "done", stands
    return f"/page/previews/{stands['preview']}"


# -- the page itself -------------------------------------------------------------------------------------


def test_the_page_lets_nothing_in_but_its_own_files_and_styles_with_its_nonce(client: Client) -> None:
    answers = [client.get("/") for _ in range(2)]

    nonces = []
    for answer in answers:
        (nonce,) = re.findall('<meta name="csp-nonce" content="([^"]+)">', answer.text)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
            "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert re.findall(r'(?:src|href)="([^"]+)"', answers[0].text) == ["/page/page.css", "data:,", "/page/page.js"]
    assert "<noscript>" in answers[0].text
    assert client.head("/").status_code == 200


@pytest.mark.parametrize(
    ("name", "kind"), [("page.js", "text/javascript"), ("page.css", "text/css"), ("licences.txt", "text/plain")]
)
def test_a_file_of_the_page_is_sent_once_to_who_has_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str, kind: str
) -> None:
    monkeypatch.setattr(page_module, "built", lambda name: f"the content of {name}".encode())

    first = client.get(f"/page/{name}")

    assert (first.status_code, first.text) == (200, f"the content of {name}")
    assert first.headers["content-type"] == f"{kind}; charset=utf-8"
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    again = client.get(f"/page/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/page/{name}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_page_that_is_not_built_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> bytes:
        raise UsageError(f"{name} is missing")

    monkeypatch.setattr(page_module, "built", missing)

    answer = client.get("/page/page.js")

    assert (answer.status_code, answer.json()["type"]) == (503, "page.not.built")


# -- what it asks ----------------------------------------------------------------------------------------


def test_the_example_is_previewed_from_hand_to_mouth(client: Client) -> None:
    """All that the page asks, one after the other."""
    example = client.get("/page/example").json()
    asked = {name: example[name] for name in ("campaign", "now", "outcomes")}

    path = done(client, example["request"], **asked)

    stands = client.get(path).json()
    overview = stands["overview"]
    assert (stands["state"], overview["name"], overview["summary"]["numbers"]) == ("done", "Spring renewals", 50)
    span = {"fromMs": overview["fromMs"], "untilMs": overview["toMs"], "bins": 30, "zone": "America/New_York"}
    series = client.get(f"{path}/series", params=span).json()
    assert sum(series["dials"]) == overview["summary"]["dials"]
    rows = client.get(f"{path}/rows", params={"show": "neverCallable"}).json()
    assert (rows["total"], rows["from"], len(rows["rows"])) == (1, 0, 1)
    rows = client.get(f"{path}/rows?from=1&count=2&order=firstDial&descending=true&phone=%2B1%20(212)").json()
    assert [row["phone"][:4] for row in rows["rows"]] == ["1212"] * 2
    assert rows["total"] == 10
    told = client.get(f"{path}/numbers/3").json()
    assert (told["zone"], len(told["clock"])) == ("America/New_York", 3)
    first_ms = told["dials"][0]["atMs"]
    moment = client.get(f"{path}/numbers/3/moment", params={"atMs": first_ms}).json()
    assert (moment["dialled"], moment["reasons"]) == (True, [])
    assert client.delete(path).status_code == 204
    assert client.get(path).json() == {
        "type": "preview.unknown",
        "message": "this preview is no longer kept; run it again",
    }


def test_a_preview_begins_in_the_second_that_the_clock_of_the_server_shows(client: Client) -> None:
    overview = ended(client, request(number()))["overview"]

    assert overview["nowMs"] == NOW_MS - 500


def test_what_is_wrong_is_told_as_problems_and_is_no_failure(client: Client) -> None:
    """R15.1: with its text, its number and its line."""
    stands = ended(client, '{"phone": "x"}\n', campaign="lines = 3")

    assert stands["state"] == "refused"
    assert stands["more"] == 0
    assert [(each["in"], each["job"], each["line"]) for each in stands["problems"]] == [
        ("campaign", None, None),
        ("request", 0, 1),
    ]
    refused = client.get(f"/page/previews/{stands['preview']}/rows")
    assert (refused.status_code, refused.json()["type"]) == (409, "preview.not.done")


def test_more_numbers_than_the_setting_are_a_problem(client: Client) -> None:
    (problem,) = ended(client, many(51))["problems"]

    assert problem["type"] == "too.large"


def test_what_holds_for_every_number_is_asked_beside_it(client: Client) -> None:
    path = done(client, many(3), override={"maxAttempts": 2, "allowedDays": ["tue"]})

    assert [row["dials"] for row in client.get(f"{path}/rows").json()["rows"]] == [2, 2, 2]


@pytest.mark.parametrize("format", ["ndjson", "csv", "ical", "html"])
def test_a_preview_is_exported_as_a_file_with_a_name_of_ours(
    client: Client, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr("scheduler.page.file.built", lambda name: b"")
    path = done(client, request(number()), campaign='name = "../../x"')

    answer = client.get(f"{path}/export", params={"format": format})

    ending, kind, begins = {
        "ndjson": ("ndjson", "application/x-ndjson", '{"at": "2026-03-02T09:00:00Z"'),
        "csv": ("csv", "text/csv; charset=utf-8", "at,local,phone"),
        "ical": ("ics", "text/calendar; charset=utf-8", "BEGIN:VCALENDAR"),
        "html": ("html", "text/html; charset=utf-8", "<!DOCTYPE html>"),
    }[format]
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="preview.{ending}"'
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith(begins)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "type"),
    [
        ("POST", "/page/previews", {"request": "nobody"}, 404, "request.unknown"),
        ("POST", "/page/previews", {"reqest": "x"}, 400, "invalid.field"),
        ("POST", "/page/previews", {"request": "x", "seed": 1.5}, 400, "invalid.field"),
        ("POST", "/page/previews", {"request": "x", "override": {"priority": 1}}, 400, "invalid.field"),
        ("POST", "/page/previews", {"request": "x" * 6000}, 413, "too.large"),
        ("POST", "/page/previews?x=1", {"request": "x"}, 400, "invalid.field"),
        ("GET", "/page/previews/nobody", None, 404, "preview.unknown"),
        ("DELETE", "/page/previews/nobody", None, 404, "preview.unknown"),
        ("GET", "/page/previews/nobody/series?x=1", None, 404, "preview.unknown"),
        ("GET", "/page/previews/nobody/export?format=pdf", None, 404, "preview.unknown"),
        ("GET", "/page/previews", None, 405, "method.not.allowed"),
        ("GET", "/page/nothing", None, 404, "not.found"),
        ("GET", "/?x=1", None, 400, "invalid.field"),
    ],
)
def test_what_fails_says_how(client: Client, method: str, path: str, body: Any, status: int, type: str) -> None:
    answer = client.request(method, path, json=body)

    assert (answer.status_code, answer.json()["type"]) == (status, type)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("series?fromMs=0&untilMs=1&bins=5", 400, "zone is missing"),
        ("series?fromMs=0&untilMs=0&bins=5&zone=UTC", 400, "untilMs lies after fromMs"),
        ("series?fromMs=0&untilMs=9999999999999&bins=5&zone=UTC", 400, "at most 40,000 days"),
        ("series?fromMs=0&untilMs=1&bins=0&zone=UTC", 400, "write a whole number, 1 to 2000"),
        ("series?fromMs=0&untilMs=1e3&bins=5&zone=UTC", 400, "write a whole number"),
        ("series?fromMs=0&untilMs=1&bins=5&zone=Mars", 400, "not a time zone"),
        ("series?fromMs=0&untilMs=1&bins=5&zone=UTC&step=1", 400, "unknown parameter"),
        ("rows?count=1001", 400, "write a whole number, 0 to 1000"),
        ("rows?show=some", 400, "write one of all, neverCallable"),
        ("rows?descending=1", 400, "write one of true, false"),
        ("rows?priority=0", 400, "write a whole number, 1 to 5"),
        ("numbers/1", 404, "no number has the index"),
        ("numbers/x", 404, "no number has the index"),
        ("numbers/0/moment", 400, "atMs is missing"),
        ("numbers/0/moment?atMs=0", 400, "lies outside the run"),
        ("export", 400, "format is missing"),
        ("export?format=pdf", 400, "write one of ndjson, csv, ical, html"),
    ],
)
def test_what_is_asked_of_a_result_is_held_to_its_bounds(client: Client, asked: str, status: int, said: str) -> None:
    path = done(client, request(number()))

    answer = client.get(f"{path}/{asked}")

    assert answer.status_code == status
    assert said in answer.json()["message"]


def test_a_server_that_stops_stops_its_runs(servers: Servers, sqlite: str) -> None:
    """What is being worked on is left; the server ends in order."""
    server = servers.start(sqlite)
    with server.client() as client:
        text = client.post("/page/requests", many(30_000, maxAttempts=3).encode()).json()["request"]
        begun = client.post("/page/previews", {"request": text, "campaign": "maxSimultaneousCalls = 50"})
        assert begun.status == 201

        assert server.stop() == 0

    assert "Traceback" not in server.said()


# -- other sites, and logs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.local:81"},
    ],
)
def test_another_site_can_ask_nothing(client: Client, headers: dict[str, str]) -> None:
    """A browser says for whom it asks; nothing that is sent for another site is looked at."""
    path = done(client, request(number()))
    for method, where in [
        ("POST", "/page/requests"),
        ("POST", "/page/previews"),
        ("GET", "/page/example"),
        ("GET", path),
        ("GET", f"{path}/export?format=csv"),
        ("DELETE", path),
    ]:
        answer = client.request(method, where, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "other.site")
    assert client.get("/", headers=headers).status_code == 200
    assert client.get(path).json()["state"] == "done"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver.local"}, {"Sec-Fetch-Site": "none"}]
)
def test_the_page_itself_and_its_reader_can_ask(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/page/requests", content=b"[]", headers=headers).status_code == 201


def test_a_line_of_the_log_names_no_preview_and_no_number(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("scheduler.server"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="scheduler.server"):
        path = done(client, request(number()))
        client.get(f"{path}/numbers/0")
        client.get(f"{path}/rows?phone=79123456789")

    lines = [record.getMessage().rpartition(" ")[0].rpartition(" ")[0] for record in caplog.records]
    assert "GET /page/previews/{preview}/numbers/{job} 200" in lines
    assert "GET /page/previews/{preview}/rows 200" in lines
    assert path not in caplog.text
    assert "79123456789" not in caplog.text


def test_an_error_in_a_run_is_logged_without_what_was_sent(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("79123456789")

    monkeypatch.setattr("scheduler.page.previews.simulated", fails)
    monkeypatch.setattr(logging.getLogger("scheduler.server"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="scheduler.server"):
        stands = ended(client, request(number()))

    assert stands["state"] == "failed"
    assert "ZeroDivisionError" in caplog.text
    assert "79123456789" not in caplog.text + json.dumps(stands)


def test_a_server_that_has_too_much_to_do_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise TooBusy

    monkeypatch.setattr("scheduler.page.previews.Previews.begin", busy)

    answer = client.post("/page/previews", json={"request": handed_in(client, "[]")})

    assert (answer.status_code, answer.json()["type"]) == (503, "preview.busy")
