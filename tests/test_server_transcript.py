"""The API page's own request, sent to a server as the page sends it, and what its client sees on the days after.

The page gives a curl. Its words are read, and the same request is sent; only the host is another.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.servers import DAY_MS, HOUR_MS, MONDAY_MS, Answer, Campaign, Client, Server, Servers

CURL = """\
curl --request POST 'https://app.jaicp.com/api/calls/campaign/8231.7056.1b131df1/addPhones' \\
--header 'Content-Type: application/json' \\
--header 'Idempotence-Key: d5f41bd4' \\
--data-raw '[
{
"phone": "79123456789",
"payload": {
"name": "Alex",
"age": 34
},
"allowedTime": {
"mon": [
{
"localTimeFrom": "10:00",
"localTimeTo": "11:30"
},
{
"localTimeFrom": "13:00",
"localTimeTo": "14:30"
}
],
"default": [
{
"localTimeFrom": "10:00",
"localTimeTo": "18:00"
}
]
},
"retryIntervalInMinutes": 120,
"maxAttempts": 0,
"gmtZone": "-05:00"
}
]'"""
DUPLICATES = """\
[
{
"phone": "79123456789",
"payload": {"Name":"Alex"}
},
{
"phone": "79123456789",
"payload": {"Name":"Alex"}
},
{
"phone": "9991112223330"
},
{
"phone": "9991112223330"
}
]"""
TOKEN = "8231.7056.1b131df1"
WEEK_MS = 7 * DAY_MS
TEN_LOCAL_MS = 6 * HOUR_MS  # from 09:00 to 10:00 where it is five hours earlier
RINGS_MS = 30_000


class Request(NamedTuple):
    """What a curl sends."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def request_of(curl: str) -> Request:
    """The request of a curl with the options that the page uses."""
    program, *words = shlex.split(curl.replace("\\\n", " "))
    assert program == "curl"
    method, url, headers, body = "GET", "", {}, b""
    rest = iter(words)
    for word in rest:
        match word:
            case "--request":
                method = next(rest)
            case "--header":
                name, value = next(rest).split(": ")
                headers[name] = value
            case "--data-raw":
                body = next(rest).encode()
            case _:
                url = word
    return Request(method, urlsplit(url).path, headers, body)


def send(campaign: Campaign, curl: str = CURL) -> Answer:
    """What a curl's request is answered with; the campaign may be another than that of the page."""
    request = request_of(curl.replace(TOKEN, campaign.token))
    return campaign.client.ask(request.method, request.path, request.body, **request.headers)


@pytest.fixture
def page(client: Client) -> Campaign:
    """A campaign like the page's on the server of the module."""
    return client.campaign(name="the page")


def next_monday(client: Client) -> int:
    """Moves the clock to 09:00 of a Monday; that instant."""
    monday_ms = MONDAY_MS + -((MONDAY_MS - client.now_ms()) // WEEK_MS) * WEEK_MS
    client.move_to(monday_ms)
    return monday_ms


def test_the_curl_of_the_page_and_the_day_after(client: Client) -> None:
    """The page: 'The response to this request will be an array of all created call job IDs'; 24 hours; the report."""
    monday_ms = next_monday(client)
    dialled_ms = monday_ms + TEN_LOCAL_MS
    ended_ms = dialled_ms + RINGS_MS
    page = client.campaign(TOKEN)
    first = send(page).good()

    assert len(first) == 1
    assert isinstance(first[0], str)
    assert send(page).good() == first, "a replay is answered with the same ids (R14.3)"

    assert page.reports(ids=first) == [report(first[0], "planned", attempts=0, finished_ms=None, created_ms=monday_ms)]

    client.move_to(monday_ms + DAY_MS - 1)
    assert send(page).good() == first, "one millisecond before the key expires"

    client.move_to(monday_ms + DAY_MS)
    second = send(page).good()
    assert len(second) == 1
    assert second != first, "keys expire 1 day after their first usage (R14.4)"

    jobs = {job["callJobId"]: job for job in page.reports()}
    assert jobs == {
        first[0]: report(first[0], "noAnswer", attempts=1, finished_ms=ended_ms, created_ms=monday_ms),
        second[0]: report(second[0], "planned", attempts=0, finished_ms=None, created_ms=monday_ms + DAY_MS),
    }
    assert page.attempts(ids=first) == [
        {
            "callJobId": first[0],
            "redialNumber": None,
            "phone": "79123456789",
            "jobStatus": "noAnswer",
            "callResult": "noAnswer",
            "callDuration": 0,
            "startedAt": dialled_ms,
            "finishedAt": ended_ms,
            "attemptNumber": 1,
            "tagName": None,
            "tagPayload": None,
            "reportData": None,
        }
    ]


def report(job: str, status: str, *, attempts: int, finished_ms: int | None, created_ms: int) -> dict[str, Any]:
    """The report of the page's job, with the fields that the vendor documents and no others."""
    return {
        "attemptsCount": attempts,
        "callDuration": 0,
        "callJobId": job,
        "createdAt": created_ms,
        "finishedAt": finished_ms,
        "jobStatus": status,
        "phone": "79123456789",
        "redialNumber": None,
        "reportData": None,
        "tagName": None,
        "tagPayload": None,
    }


def test_the_campaign_of_the_page_counts_its_job(page: Campaign) -> None:
    """The vendor's campaign information: totalNumbers, processedNumbers, and a status."""
    send(page).good()
    before = page.client.get(page.calls).good()
    page.client.move_by(7 * DAY_MS)
    after = page.client.get(page.calls).good()

    assert before["name"] == "the page"
    assert before["shortReport"] == {
        "totalNumbers": 1,
        "processedNumbers": 0,
        "usedTalkingTime": 0,
        "usedAsrSeconds": 0,
        "inProcessCalls": 0,
        "retryCalls": 0,
    }
    assert after["shortReport"] == {**before["shortReport"], "processedNumbers": 1}
    assert {key: value for key, value in before.items() if key != "shortReport"} == {
        key: value for key, value in after.items() if key != "shortReport"
    }
    assert page.client.get(f"{page.calls}/status").good() == "inProgress"


def test_the_duplicates_of_the_page_are_refused_in_its_own_words(page: Campaign) -> None:
    """The page: 'Error when adding duplicates in one request'. Nothing of it is stored (R14.5)."""
    refusal = page.add(DUPLICATES.encode()).refused()
    refusal.pop("problems")

    assert refusal == {
        "type": "phone.duplicated",
        "phone": "9991112223330",
        "message": "",
        "phonesDuplicates": ["9991112223330", "79123456789"],
    }
    assert page.reports() == []


def test_without_a_key_the_second_request_returns_an_error_for_24_hours(page: Campaign) -> None:
    """The page: 'If 24 hours have not passed since the first request, the second request returns an error.'"""
    body = request_of(CURL).body
    first = page.added(body)
    page.client.move_by(DAY_MS - 1)
    refusal = page.add(body).refused()
    page.client.move_by(1)
    second = page.added(body)

    assert (refusal["type"], refusal["phonesDuplicates"]) == ("phone.duplicated", ["79123456789"])
    assert len({*first, *second}) == 2


def test_another_key_or_none_makes_another_job(page: Campaign) -> None:
    """The page: 'Requests have different idempotence keys or one of them has no key: ... a new call job is created.'"""
    keys = ("Idempotence-Key: d5f41bd4", "Idempotence-Key: d5f41bd5", "X-Nothing: 1")
    ids = [send(page, CURL.replace(keys[0], key)).good()[0] for key in keys]

    assert len(set(ids)) == 3


def test_the_number_of_the_page_is_tested_however_often(page: Campaign) -> None:
    """The page: 'If you use the same phone number to test a call campaign, use ... test/addPhone' (R14.6)."""
    query = {"phone": "79123456789", "gmtZone": "-05:00", "name": "Alex"}
    tests = [page.client.get(f"{page.crm}/test/addPhone", **query).good() for _ in range(3)]
    real = page.client.get(f"{page.crm}/addPhone", **query).good()
    refusal = page.client.get(f"{page.crm}/addPhone", **query).refused()

    assert len({*tests, real}) == 4
    assert refusal["type"] == "phone.duplicated"


def test_a_campaign_of_the_command_line_is_kept_and_told_again(servers: Servers, sqlite: str, tmp_path: Path) -> None:
    """The same token with the same file is the same campaign, with its jobs and its clock, after a restart."""
    file = tmp_path / "campaign.toml"
    file.write_text('name = "the page"\n', "utf-8")
    words = ("--campaign", f"{TOKEN}={file}")
    first = servers.start(sqlite, *words)
    with first.client() as client:
        ids = send(Campaign(client, TOKEN)).good()
        client.move_to(MONDAY_MS + HOUR_MS)
    assert first.stop() == 0
    with servers.start(sqlite, *words).client() as client:
        again = Campaign(client, TOKEN)
        assert client.now_ms() == MONDAY_MS + HOUR_MS
        assert send(again).good() == ids
        assert [each["callJobId"] for each in again.reports()] == ids


def test_the_request_that_is_sent_is_the_one_of_the_page() -> None:
    """The curl is read as a shell reads it."""
    request = request_of(CURL)

    assert request[:3] == (
        "POST",
        f"/api/calls/campaign/{TOKEN}/addPhones",
        {"Content-Type": "application/json", "Idempotence-Key": "d5f41bd4"},
    )
    assert json.loads(request.body)[0]["gmtZone"] == "-05:00"


def test_the_ready_line_says_where_what_and_when(shared: Server) -> None:
    """One line on standard error, once the server answers."""
    assert shared.ready_line.startswith("serving http://127.0.0.1:")
    assert shared.said().splitlines()[0] == shared.ready_line.rstrip()
