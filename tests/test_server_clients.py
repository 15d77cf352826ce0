"""Clients that send what they like, in whatever order and at whatever instant, against a ledger of RULES §14 alone.

The ledger (`oracles.Requests`) knows nothing of calls, calendars or stores: it holds each number against each that was
accepted before, and asks the table of R14.3. The clock is moved by hand, to the millisecond. On PostgreSQL there are
two servers, and every request goes to either; what one has taken, the other knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests import oracles
from tests.servers import DAY_MS, HOUR_MS, Answer, Campaign, Client, Servers

Fields = dict[str, Any]

PHONES = ("79123456789", "+7 (912) 345-67-89", "4930123456", "12025550123")
PAYLOADS: tuple[Any, ...] = (None, None, {}, 1, 1.0, True, {"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, {"name": "Alex"})
KEYS = (None, None, "", "K", "K", "L", "k", "k" * 255)
SPANS = (1, 1, 2, HOUR_MS, DAY_MS // 2, DAY_MS - 2, DAY_MS - 1, DAY_MS, DAY_MS + 1)
UNKNOWN_ID = "999999999999999999"
UNKNOWN_PHONE = "15550000000"


def numbers() -> st.SearchStrategy[Fields]:
    """Numbers, many of which are the same."""
    return st.fixed_dictionaries(
        {"phone": st.sampled_from(PHONES), "gmtZone": st.just("Z")},
        optional={"payload": st.sampled_from(PAYLOADS), "dialerPriority": st.sampled_from([1, 5])},
    )


def texts() -> st.SearchStrategy[Fields]:
    """Further fields of the request of a CRM, which are its payload: texts, or none."""
    return st.sampled_from([{}, {"name": "Alex"}, {"name": "Alex", "город": "Омск & Ко"}, {"name": "alex"}])


class Ledger:
    """One campaign, as its clients may know it: what each number was, and which id it was given."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.past = oracles.Requests()
        self.ids: list[str] = []  # of what `past` has accepted, place by place
        self.jobs: dict[str, tuple[str, int]] = {}  # every id: phone and acceptance; tests too
        self.finished: dict[str, str] = {}  # the states that a job has been seen to end in
        self.stopped = False

    def took(self, job: str, number: Fields, at: int) -> None:
        """A job that was made must have an id that no other has."""
        assert job not in self.jobs
        self.jobs[job] = (oracles.digits_of(number["phone"]), at)

    def expect(self, answer: Answer, batch: Sequence[Fields], key: str | None, at: int) -> None:
        """Holds an answer of addPhones against what the rules say, and notes what it made (R14.2 to R14.5)."""
        if self.stopped:
            assert answer.refused()["type"] == "invalid.call.task.state"
            assert answer.json()["state"] == "FINISHED"
            return
        expected = self.past.submit(batch, key, at)
        if expected.ids is None:
            refusal = answer.refused()
            assert refusal["type"] == "phone.duplicated"
            assert refusal["phonesDuplicates"] == expected.duplicates
            assert refusal["phone"] == expected.duplicates[0]
            return
        given = answer.good()
        assert len(given) == len(batch)
        for number, place, job in zip(batch, expected.ids, given, strict=True):
            assert isinstance(job, str)
            if place == len(self.ids):
                self.took(job, number, at)
                self.ids.append(job)
            assert job == self.ids[place]


class Clients(RuleBasedStateMachine):
    """Two campaigns, whose keys are their own, and clients that reach them through any of the servers."""

    def __init__(self, clients: Sequence[Client]) -> None:
        super().__init__()
        self.clients = clients
        self.now = clients[0].now_ms()
        self.ledgers = [self.begun(), self.begun()]
        self.over: list[Ledger] = []

    def begun(self) -> Ledger:
        """A campaign that is new."""
        return Ledger(self.clients[0].campaign(policy={"maxAttempts": 2}))

    def through(self, door: int, ledger: Ledger) -> Campaign:
        """The campaign of a ledger, through one of the servers."""
        return ledger.campaign.by(self.clients[door % len(self.clients)])

    # --- time passes ---

    @rule(door=st.integers(0, 1), span=st.sampled_from(SPANS))
    def wait(self, door: int, span: int) -> None:
        """Some time, for everybody."""
        self.now = self.clients[door % len(self.clients)].move_by(span)

    @precondition(lambda self: any(ledger.past.accepted for ledger in self.ledgers))
    @rule(data=st.data(), door=st.integers(0, 1), off=st.sampled_from([-1, 0, 1]))
    def wait_until_a_day_is_over(self, data: st.DataObject, door: int, off: int) -> None:
        """R14.4: the 24 hours of a job or of a key, to the millisecond."""
        begins = {each.at for ledger in self.ledgers for each in ledger.past.accepted}
        begins |= {at for ledger in self.ledgers for _, at in ledger.past.first_uses}
        ends = sorted(at + DAY_MS + off for at in begins if at + DAY_MS + off > self.now)
        if ends:
            self.now = data.draw(st.sampled_from(ends[:4]))
            self.clients[door % len(self.clients)].move_to(self.now)

    # --- numbers are added ---

    @rule(
        which=st.integers(0, 1),
        door=st.integers(0, 1),
        key=st.sampled_from(KEYS),
        batch=st.lists(numbers(), min_size=1, max_size=4),
    )
    def add(self, which: int, door: int, key: str | None, batch: list[Fields]) -> None:
        """R14.1 to R14.5"""
        ledger = self.ledgers[which]
        ledger.expect(self.through(door, ledger).add(batch, key), batch, key, self.now)

    @rule(
        which=st.integers(0, 1), door=st.integers(0, 1), key=st.sampled_from(KEYS), number=numbers(), times=st.just(2)
    )
    def add_and_retry(self, which: int, door: int, key: str | None, number: Fields, times: int) -> None:
        """R14.3: whoever has not heard the answer sends the same again, perhaps to another server."""
        for turn in range(times):
            self.add(which, door + turn, key, [number])

    @rule(
        which=st.integers(0, 1),
        door=st.integers(0, 1),
        key=st.sampled_from(KEYS),
        phone=st.sampled_from(PHONES),
        fields=texts(),
        form=st.booleans(),
    )
    def add_from_a_crm(self, which: int, door: int, key: str | None, phone: str, fields: Fields, form: bool) -> None:
        """The vendor's addPhone: the same rules, one number, its payload the other fields."""
        ledger = self.ledgers[which]
        campaign = self.through(door, ledger)
        asked = {"phone": phone, "gmtZone": "Z", **fields}
        if form:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            headers |= {} if key is None else {"Idempotence-Key": key}
            answer = campaign.client.post(f"{campaign.crm}/addPhone", urlencode(asked).encode(), **headers)
        else:
            asked |= {} if key is None else {"Idempotence-Key": key}
            answer = campaign.client.get(f"{campaign.crm}/addPhone", **asked)
        number = {"phone": phone, "payload": fields or None}
        if answer.status == 200:  # one id, not a list of one
            answer = answer._replace(body=b"[%s]" % answer.body)
        ledger.expect(answer, [number], key, self.now)

    @rule(which=st.integers(0, 1), door=st.integers(0, 1), phone=st.sampled_from(PHONES), fields=texts())
    def add_a_test(self, which: int, door: int, phone: str, fields: Fields) -> None:
        """R14.6: however often, and it is nobody's earlier job."""
        ledger = self.ledgers[which]
        campaign = self.through(door, ledger)
        answer = campaign.client.get(f"{campaign.crm}/test/addPhone", phone=phone, gmtZone="Z", **fields)
        if ledger.stopped:
            assert answer.refused()["type"] == "invalid.call.task.state"
        else:
            ledger.took(answer.good(), {"phone": phone}, self.now)

    @rule(
        which=st.integers(0, 1),
        door=st.integers(0, 1),
        key=st.sampled_from(KEYS),
        batch=st.lists(numbers(), max_size=2),
        bad=st.sampled_from([("phone", "x"), ("gmtZone", "Mars/Phobos"), ("maxAttempts", 51)]),
        place=st.integers(0, 2),
    )
    def add_with_a_mistake(
        self, which: int, door: int, key: str | None, batch: list[Fields], bad: tuple[str, Any], place: int
    ) -> None:
        """R14.5: refused whole; its key is as unused as before."""
        ledger = self.ledgers[which]
        mistake = {"phone": "49891234567", "gmtZone": "Z", bad[0]: bad[1]}
        answer = self.through(door, ledger).add([*batch[:place], mistake, *batch[place:]], key)
        kinds = {
            "phone": "phone.bad.format",
            "gmtZone": "phone.gmtZone.bad.format",
            "maxAttempts": "invalid.max.attempts",
        }
        assert answer.refused()["type"] in {kinds[bad[0]], "invalid.call.task.state"}
        assert ledger.stopped or answer.json()["type"] == kinds[bad[0]]

    @rule(which=st.integers(0, 1), door=st.integers(0, 1), number=numbers())
    def add_with_too_long_a_key(self, which: int, door: int, number: Fields) -> None:
        """R14.4: a key of over 255 characters is refused."""
        ledger = self.ledgers[which]
        assert self.through(door, ledger).add([number], "k" * 256).status == 400

    @rule(which=st.integers(0, 1), door=st.integers(0, 1), key=st.sampled_from(KEYS))
    def add_nothing(self, which: int, door: int, key: str | None) -> None:
        """R15.5: an empty list is a good request of no jobs; it uses its key (R14.4)."""
        ledger = self.ledgers[which]
        ledger.expect(self.through(door, ledger).add([], key), [], key, self.now)

    # --- what else clients do: it takes nothing from the ledger ---

    @rule(data=st.data(), which=st.integers(0, 1), door=st.integers(0, 1), unknown=st.sampled_from([0, 0, 1, 2]))
    def cancel(self, data: st.DataObject, which: int, door: int, unknown: int) -> None:
        """R13.3, R14.4: a job is the earlier one, whatever has become of it."""
        ledger = self.ledgers[which]
        campaign = self.through(door, ledger)
        ids = data.draw(st.lists(st.sampled_from(sorted(ledger.jobs)), max_size=3)) if ledger.jobs else []
        body: Fields = {"ids": [*ids, UNKNOWN_ID] if unknown == 1 else ids}
        if unknown == 2:
            body["phones"] = [UNKNOWN_PHONE]
        answer = campaign.client.post(f"{campaign.calls}/callJob/cancel", body)
        if unknown:
            assert answer.refused()["type"] == ("id.not.found" if unknown == 1 else "phone.not.found")
            return
        cancelled = answer.good()
        assert set(cancelled) <= set(ids)
        assert not set(cancelled) & ledger.finished.keys()
        if cancelled:
            states = {report["callJobId"]: report["jobStatus"] for report in campaign.reports(ids=cancelled)}
            assert states.keys() == set(cancelled)
            assert set(states.values()) <= {"cancelledByUser", "inProcess"}

    @rule(which=st.integers(0, 1), door=st.integers(0, 1), what=st.sampled_from(["pause", "resume"]))
    def pause_or_resume(self, which: int, door: int, what: str) -> None:
        """R13.2: a paused campaign accepts jobs; a stopped one refuses both."""
        ledger = self.ledgers[which]
        answer = self.through(door, ledger).control(what)
        if ledger.stopped:
            assert answer.refused().keys() == {"error", "message", "args"}
        else:
            assert answer.status == 200, answer

    @rule(which=st.integers(0, 1), door=st.integers(0, 1), luck=st.integers(0, 3))
    def stop(self, which: int, door: int, luck: int) -> None:
        """R13.2, R14.4: from now on everything is refused, replays too. After a while there is another campaign."""
        ledger = self.ledgers[which]
        if ledger.stopped:
            self.over.append(ledger)
            self.ledgers[which] = self.begun()
        elif luck == 0:
            assert self.through(door, ledger).control("stop").status == 200
            ledger.stopped = True

    # --- what is stored ---

    @rule(which=st.integers(0, 1), door=st.integers(0, 1))
    def look(self, which: int, door: int) -> None:
        """R14.5: every job that was answered is there, as it was accepted, and no other."""
        self.compare(self.ledgers[which], door)

    def compare(self, ledger: Ledger, door: int) -> None:
        """Every job of a campaign, and whether one that had ended has begun again."""
        reports = self.through(door, ledger).reports()
        assert len(reports) == len(ledger.jobs)
        assert {each["callJobId"]: (each["phone"], each["createdAt"]) for each in reports} == ledger.jobs
        for each in reports:
            job, state = each["callJobId"], each["jobStatus"]
            assert ledger.finished.get(job, state) == state
            if each["finishedAt"] is not None:
                ledger.finished[job] = state

    def teardown(self) -> None:
        """Whatever happened: it is all there, through whichever door."""
        for ledger in (*self.ledgers, *self.over):
            for door in range(len(self.clients)):
                self.compare(ledger, door)


@pytest.fixture
def clients(store: str, servers: Servers) -> Iterator[list[Client]]:
    """A client of each server of a store: PostgreSQL has two."""
    count = 2 if store.startswith("postgresql") else 1
    opened = [servers.start(store).client() for _ in range(count)]
    yield opened
    for each in opened:
        each.close()


def rehearse(clients: Sequence[Client], *, examples: int, steps: int) -> None:
    """Runs the machine."""

    class TheseClients(Clients):
        """Of these servers."""

        def __init__(self) -> None:
            super().__init__(clients)

    run_state_machine_as_test(
        TheseClients,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_clients_are_answered_as_the_ledger_says(clients: list[Client]) -> None:
    """R14.1 to R14.6, over HTTP, on either store."""
    rehearse(clients, examples=5, steps=30)


@pytest.mark.exhaustive
def test_many_more_clients_are_answered_as_the_ledger_says(clients: list[Client]) -> None:
    """R14.1 to R14.6, over HTTP, on either store."""
    rehearse(clients, examples=600, steps=50)
