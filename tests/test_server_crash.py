"""A server that is killed in the middle of its work, and started again: what it has said holds.

Two clients send requests, one after the other; at some moment the process is gone. Whatever was acknowledged is there
afterwards, with the ids that were told; what was on its way is there as a whole or not at all; and whoever sends it
again with its key is given one job for each number, not two (R14.3, R14.5). The seeds say what is sent; the moment of
the kill is the machine's.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pytest

from tests.servers import MONDAY_MS, PATIENCE_S, SECOND_MS, Campaign, Client, Server, Servers, text_of

SIZES = (1, 1, 2, 3, 10, 100)
STREAMS = 2
BROKEN = (ConnectionError, http.client.HTTPException, OSError)


@dataclass(slots=True)
class Said:
    """A request with a key of its own; its ids, once they were told."""

    key: str
    phones: list[str]
    ids: list[str] | None = None

    @property
    def body(self) -> list[dict[str, str]]:
        """The numbers: nobody else's, open around the clock."""
        return [{"phone": phone, "gmtZone": "Z"} for phone in self.phones]


@dataclass(slots=True)
class Stream:
    """A client that sends until nobody answers, and notes what was acknowledged."""

    campaign: Campaign
    place: int
    luck: random.Random
    said: list[Said] = field(default_factory=list)
    failure: BaseException | None = None

    @property
    def acknowledged(self) -> list[Said]:
        """What was answered."""
        return [each for each in self.said if each.ids is not None]

    def run(self) -> None:
        """Sends; every now and then something again, which must be answered as it was."""
        try:
            while True:
                self.send_one()
        except BROKEN:
            return
        except BaseException as error:  # noqa: BLE001  a thread's failure is told by whoever waits for it
            self.failure = error

    def send_one(self) -> None:
        """The next request, or an earlier one."""
        if self.said and self.luck.randrange(6) == 0:
            again = self.luck.choice(self.said)
            assert self.campaign.added(again.body, again.key) == again.ids
            return
        first = 10**10 * (self.place + 1) + sum(len(each.phones) for each in self.said)
        size = self.luck.choice(SIZES)
        request = Said(f"{self.place}-{len(self.said)}", [str(first + each) for each in range(size)])
        self.said.append(request)
        request.ids = self.campaign.added(request.body, request.key)


@dataclass(slots=True)
class Hand:
    """Somebody who moves the clock on, second by second, until nobody answers."""

    client: Client
    sent_ms: int
    told_ms: int

    def run(self) -> None:
        """Moves it."""
        try:
            while True:
                self.sent_ms += SECOND_MS
                moved = self.client.post("/simulator/clock", {"now": text_of(self.sent_ms)})
                assert moved.status in {200, 201}
                self.told_ms = self.sent_ms
                time.sleep(0.005)
        except BROKEN:
            return


@dataclass(slots=True)
class Round:
    """What was said up to one kill."""

    token: str
    streams: list[Stream]
    hand: Hand

    @property
    def acknowledged(self) -> list[Said]:
        """What was answered, to any of the clients."""
        return list(chain.from_iterable(stream.acknowledged for stream in self.streams))

    @property
    def in_flight(self) -> list[Said]:
        """What was not."""
        return [each for stream in self.streams for each in stream.said if each.ids is None]


def until_it_is_killed(server: Server, luck: random.Random, number: int) -> Round:
    """Sends, and kills the server at some moment."""
    with server.client() as client:
        token = client.campaign(f"round-{number}").token
        now_ms = client.now_ms()
    campaigns = [Campaign(server.client(), token) for _ in range(STREAMS)]
    streams = [Stream(campaign, place, random.Random(f"{number}-{place}")) for place, campaign in enumerate(campaigns)]
    done = Round(token, streams, Hand(server.client(), now_ms, now_ms))
    threads = [threading.Thread(target=run) for run in (*(each.run for each in streams), done.hand.run)]
    for thread in threads:
        thread.start()
    enough, patience = luck.randrange(30), time.monotonic() + PATIENCE_S
    while len(done.acknowledged) < enough and time.monotonic() < patience:
        time.sleep(0.001)
    time.sleep(luck.random() * 0.02)
    server.kill()
    for thread in threads:
        thread.join()
    for client in (*(campaign.client for campaign in campaigns), done.hand.client):
        client.close()
    for stream in streams:
        if stream.failure is not None:
            raise stream.failure
    assert len(done.acknowledged) >= enough
    assert len(done.in_flight) <= STREAMS
    return done


def by_phone(campaign: Campaign) -> dict[str, str]:
    """The id of each phone's one job: none has two."""
    reports = campaign.reports()
    jobs = {each["phone"]: each["callJobId"] for each in reports}
    assert len(jobs) == len(reports)
    assert len(set(jobs.values())) == len(reports)
    return jobs


def told(requests: list[Said]) -> dict[str, Any]:
    """The id of each phone of requests that were acknowledged."""
    pairs = (zip(each.phones, each.ids or (), strict=True) for each in requests)
    return dict(chain.from_iterable(pairs))


def check_after_the_kill(client: Client, before: Round) -> int:
    """Holds what is stored against what was said; returns how many requests on their way were there after all."""
    campaign = Campaign(client, before.token)
    jobs = by_phone(campaign)
    expected, there = told(before.acknowledged), 0
    assert expected.items() <= jobs.items(), "what was acknowledged is lost, or has other ids"
    for request in before.in_flight:
        stored = [jobs[phone] for phone in request.phones if phone in jobs]
        assert len(stored) in {0, len(request.phones)}, "a part of a request was stored"
        request.ids = campaign.added(request.body, request.key)
        assert stored in ([], request.ids), "the retry was given other ids"
        there += bool(stored)
    assert by_phone(campaign) == told(before.acknowledged), "there is more than was sent"
    for request in before.acknowledged[-3:]:
        assert campaign.added(request.body, request.key) == request.ids
    assert before.hand.told_ms <= client.now_ms() <= before.hand.sent_ms
    return there


def kill_again_and_again(servers: Servers, store: str, times: int) -> None:
    """Rounds on one store; at the end, what was said in any of them is still there."""
    luck = random.Random(20260302)
    rounds: list[Round] = []
    there = 0
    server = servers.start(store)
    for number in range(times):
        rounds.append(until_it_is_killed(server, luck, number))
        server = servers.start(store)
        with server.client() as client:
            there += check_after_the_kill(client, rounds[-1])
    with server.client() as client:
        for each in rounds:
            assert by_phone(Campaign(client, each.token)) == told(each.acknowledged)
    requests = sum(len(each.acknowledged) for each in rounds)
    kind = store.partition(":")[0] if "://" in store else "sqlite"
    print(f"{kind}: {times} kills of {times} survived, {requests} requests, {there} stored and never answered")
    assert server.stop() == 0


def test_a_server_that_is_killed_loses_and_doubles_nothing_that_it_acknowledged(servers: Servers, store: str) -> None:
    """R14.3 to R14.5, across kill -9, on either store."""
    kill_again_and_again(servers, store, 2)


@pytest.mark.exhaustive
def test_a_server_that_is_killed_fifty_times_loses_and_doubles_nothing(servers: Servers, store: str) -> None:
    """R14.3 to R14.5, across kill -9, on either store."""
    kill_again_and_again(servers, store, 50)


def test_a_server_that_is_ended_in_the_middle_of_requests_answers_them_or_does_not_take_them(
    servers: Servers, sqlite: str
) -> None:
    """SIGTERM: a clean end, code 0, and nothing that was acknowledged is missing."""
    server = servers.start(sqlite)
    with server.client() as client:
        token = client.campaign().token
    stream = Stream(Campaign(server.client(), token), 0, random.Random(7))
    thread = threading.Thread(target=stream.run)
    thread.start()
    while len(stream.acknowledged) < 10 and thread.is_alive():
        time.sleep(0.001)
    assert server.stop() == 0
    thread.join()
    stream.campaign.client.close()
    assert stream.failure is None
    assert "Traceback" not in server.said()
    with servers.start(sqlite, clock=text_of(MONDAY_MS)).client() as client:
        again = Campaign(client, token)
        assert told(stream.acknowledged).items() <= by_phone(again).items()
        for request in stream.said:
            request.ids = again.added(request.body, request.key)
        assert by_phone(again) == told(stream.said)
