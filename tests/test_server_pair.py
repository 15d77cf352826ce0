"""Two servers on one PostgreSQL, and many clients that ask either; and who may not share a store.

A key that 32 clients use at once, half of them here and half of them there, makes one job for each number, and each of
the 32 is told its id (R14.3).
"""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pytest

from tests.servers import DAY_MS, HOUR_MS, MONDAY, Answer, Campaign, Client, Server, Servers, database, running

CLIENTS = 32
T = TypeVar("T")


@pytest.fixture(scope="module")
def pair(service: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two servers on one store, for campaigns of all tests."""
    with database(service) as url, running(tmp_path_factory.mktemp("pair")) as servers:
        yield [servers.start(url), servers.start(url)]
        servers.stop()


@pytest.fixture
def clients(pair: list[Server]) -> Iterator[list[Client]]:
    """32 clients, each on a connection of its own, every other one to the other server."""
    opened = [pair[place % 2].client() for place in range(CLIENTS)]
    yield opened
    for each in opened:
        each.close()


def numbers(*phones: int, **fields: Any) -> list[dict[str, Any]]:
    """Numbers that are open around the clock."""
    return [{"phone": str(phone), "gmtZone": "Z", **fields} for phone in phones]


def at_once(work: Sequence[Callable[[], T]]) -> list[T]:
    """What comes of work that begins at the same moment."""
    start = threading.Barrier(len(work))

    def run(each: Callable[[], T]) -> T:
        start.wait()
        return each()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(run, work))


def added_at_once(
    campaign: Campaign, clients: Sequence[Client], body: object, key_of: Callable[[int], str | None]
) -> list[Answer]:
    """What every client is answered that adds the same numbers at the same moment."""

    def ask(place: int) -> Answer:
        return campaign.by(clients[place]).add(body, key_of(place))

    return at_once([partial(ask, place) for place in range(len(clients))])


def test_one_key_of_32_clients_at_once_makes_one_job_a_number(clients: list[Client]) -> None:
    """R14.3: key K / the same key K, whoever is first, wherever."""
    campaign = clients[0].campaign()
    answers = added_at_once(campaign, clients, numbers(79123456789, 4930123456, 12025550123), lambda _: "K")
    ids = [answer.good() for answer in answers]

    assert all(each == ids[0] for each in ids)
    for client in clients[:2]:
        assert [each["callJobId"] for each in campaign.by(client).reports()] == ids[0]


def test_without_a_key_one_of_32_clients_at_once_is_accepted(clients: list[Client]) -> None:
    """R14.3: no key / no key; R14.5: whole or not at all."""
    campaign = clients[0].campaign()
    body = numbers(79123456789, 4930123456)
    answers = added_at_once(campaign, clients, body, lambda _: None)

    assert Counter(answer.status for answer in answers) == {200: 1, 400: CLIENTS - 1}
    for answer in answers:
        if answer.status == 400:
            assert answer.json()["type"] == "phone.duplicated"
            assert answer.json()["phonesDuplicates"] == ["4930123456", "79123456789"]
    (accepted,) = (answer.json() for answer in answers if answer.status == 200)
    assert [each["callJobId"] for each in campaign.by(clients[1]).reports()] == accepted


def test_32_keys_at_once_make_32_jobs(clients: list[Client]) -> None:
    """R14.3: K1 / K2; no id is given twice."""
    campaign = clients[0].campaign()
    answers = added_at_once(campaign, clients, numbers(79123456789), lambda place: f"K{place}")
    ids = [answer.good()[0] for answer in answers]

    assert len(set(ids)) == CLIENTS
    assert {each["callJobId"] for each in campaign.reports()} == set(ids)


def test_a_campaign_that_32_clients_make_at_once_is_made_once(clients: list[Client]) -> None:
    """Its maker is told 201, the others that it is there."""
    asks = [partial(each.put, "/simulator/campaigns/of-many", {"name": "of many"}) for each in clients]

    assert Counter(answer.status for answer in at_once(asks)) == {201: 1, 200: CLIENTS - 1}


def test_what_one_server_has_taken_the_other_knows(clients: list[Client]) -> None:
    """One store, one clock, one set of campaigns."""
    here, there = clients[:2]
    campaign = here.campaign(name="shared", maxSimultaneousCalls=1)
    ids = campaign.added(numbers(79123456789, 4930123456))
    there.move_to(here.now_ms() + HOUR_MS)

    assert here.now_ms() == there.now_ms()
    assert campaign.reports() == campaign.by(there).reports()
    assert campaign.by(there).control("pause").status == 200
    assert here.get(f"{campaign.calls}/status").good() == "paused"
    cancelled = there.post(f"{campaign.calls}/callJob/cancel", {"ids": ids}).good()
    assert cancelled == [each["callJobId"] for each in campaign.reports() if each["jobStatus"] == "cancelledByUser"]
    assert here.get(campaign.simulator).good() == there.get(campaign.simulator).good()
    assert here.get(f"{campaign.simulator}/timeline").body == there.get(f"{campaign.simulator}/timeline").body


def test_a_key_expires_at_one_instant_on_both_servers(clients: list[Client]) -> None:
    """R14.4: its 24 hours run from its first use, wherever that was."""
    here, there = clients[:2]
    campaign = here.campaign()
    body = numbers(79123456789)
    first = campaign.added(body, "K")
    begun = here.now_ms()
    there.move_to(begun + DAY_MS - 1)
    before = campaign.by(there).added(body, "K")
    here.move_to(begun + DAY_MS)
    after = campaign.by(there).added(body, "K")

    assert before == first
    assert after != first
    assert campaign.added(body, "K") == after


# --- many requests ---------------------------------------------------------------------------------------------------


def storm(clients: Sequence[Client], requests: int, *, keys: int, campaigns: int = 3) -> str:
    """Sends requests whose keys the clients share, and checks every answer against all others; the figures."""
    made = [clients[0].campaign() for _ in range(campaigns)]
    seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    lock = threading.Lock()

    def one_client(place: int) -> int:
        luck = random.Random(place)
        for _ in range(requests // len(clients)):
            campaign, key = luck.choice(made).by(clients[place]), f"K{luck.randrange(keys)}"
            phones = luck.sample(range(79000000000, 79000000012), luck.randint(1, 4))
            ids = campaign.added(numbers(*phones), key)
            assert len(ids) == len(phones)
            with lock:
                for phone, job in zip(phones, ids, strict=True):
                    seen[campaign.token, key, str(phone)].add(job)
        return requests // len(clients)

    sent = sum(at_once([partial(one_client, place) for place in range(len(clients))]))
    assert all(len(jobs) == 1 for jobs in seen.values()), "a number was given two jobs under one key"
    assert len(set().union(*seen.values())) == len(seen), "two numbers were given one id"
    for campaign in made:
        told = {job: phone for (token, _, phone), (job,) in seen.items() if token == campaign.token}
        for client in clients[:2]:
            stored = [(each["callJobId"], each["phone"]) for each in campaign.by(client).reports()]
            assert len(stored) == len(told)
            assert dict(stored) == told
    return f"two servers, {len(clients)} clients, {sent} requests: {len(seen)} jobs, none doubled, no id twice"


def test_keys_that_clients_share_make_each_job_once(clients: list[Client]) -> None:
    """R14.3, R14.4, with other numbers under the same key at the same time."""
    print(storm(clients, 320, keys=6))


@pytest.mark.exhaustive
def test_ten_thousand_requests_with_shared_keys_make_each_job_once(clients: list[Client]) -> None:
    """R14.3, R14.4, with other numbers under the same key at the same time."""
    print(storm(clients, 10_016, keys=150))


# --- who may not share a store ---------------------------------------------------------------------------------------


def refusal_of(server: Server) -> str:
    """The one line of a server that refuses to start."""
    assert server.process.wait(60) in {1, 2}
    lines = server.said().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_second_server_on_one_file_is_refused_in_one_line(servers: Servers, sqlite: str) -> None:
    """SQLite is for one server process; the first goes on."""
    first = servers.start(sqlite)
    line = refusal_of(servers.launch("--store", sqlite, "--clock", MONDAY))

    assert sqlite in line
    with first.client() as client:
        campaign = client.campaign()
        assert len(campaign.added(numbers(79123456789))) == 1
    assert first.stop() == 0
    with servers.start(sqlite).client() as client:
        assert len(campaign.by(client).reports()) == 1


def test_a_store_of_one_kind_of_clock_refuses_the_other(servers: Servers, sqlite: str) -> None:
    """In one line; a clock that is moved by hand stays one."""
    servers.start(sqlite).stop()
    line = refusal_of(servers.launch("--store", sqlite, "--clock", "real"))

    assert "clock" in line
    servers.start(sqlite)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@127.0.0.1/test",
        "postgresql://postgres@127.0.0.1:1/test",
        "/no/such/folder/store.sqlite",
    ],
)
def test_a_store_that_cannot_be_had_is_refused_in_one_line(servers: Servers, url: str) -> None:
    """No stack trace, for whatever is asked for."""
    assert "Traceback" not in refusal_of(servers.launch("--store", url, "--clock", MONDAY))
