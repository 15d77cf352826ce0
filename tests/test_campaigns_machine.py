"""A machine that uses campaigns as clients do, and throws the server away now and then, against a naive ledger.

The ledger is a list of all that was accepted. It knows nothing of dials: one campaign begins far in the future, so
that its jobs wait, and it knows their states too; the other dials, and has to be the same after a restart.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scheduler.jobs import RequestRefused
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import HandClock
from scheduler.server.store import open_store
from tests.stores import schema

MONDAY_MS = 1_772_442_000_000  # 2026-03-02T09:00:00Z
DAY_MS = 86_400_000
BASE = 10**9
WAITS, DIALS = "waits", "dials"
DOCUMENTS = {
    WAITS: b'{"timeZone": "UTC", "detectTimeZone": false, "startTime": "2031-01-01T00:00:00Z"}',
    DIALS: b'{"timeZone": "UTC", "detectTimeZone": false, "maxSimultaneousCalls": 2, "policy": {"maxAttempts": 3}}',
}
MODEL = (
    b'{"model": {"answered": 0.4, "busy": 0.2, "talkSeconds": 77, "redial": {"startAfterMinutes": 30, "share": 0.3}}}'
)

# Payloads as texts, each with what it equals (R14.1).
PAYLOADS = [
    ("", None),
    (', "payload": null', None),
    (', "payload": {}', "{}"),
    (', "payload": {"a": 1, "b": []}', "a1"),
    (', "payload": {"b":[],"a":1.0}', "a1"),
    (', "payload": {"a": true, "b": []}', "a true"),
]
PHONES = ["79000000001", "79000000002", "79000000003"]
FORMS = ["{}", "+{}", "{}-"]
KEYS = [None, "K", "L"]
numbers = st.tuples(st.sampled_from(PHONES), st.sampled_from(FORMS), st.sampled_from(PAYLOADS))


class Entry(NamedTuple):
    """What was accepted: a number, under a key, at an instant; a test is no number's earlier one."""

    phone: str
    payload: str | None
    key: str | None
    at_ms: int
    is_test: bool


@dataclass
class Naive:
    """One campaign, as lists. The id of an entry is its place."""

    entries: list[Entry] = field(default_factory=list)
    uses: list[tuple[str, int]] = field(default_factory=list)  # of keys: their first uses
    state: str = "inProgress"
    ended: dict[int, str] = field(default_factory=dict)
    commands: int = 0

    def use(self, key: str | None, now_ms: int) -> int | None:
        """When the use of a key began that has not expired."""
        begun = [first_ms for used, first_ms in self.uses if used == key and first_ms + DAY_MS > now_ms]
        return begun[0] if begun else None

    def earlier(self, phone: str, payload: str | None, key: str | None, now_ms: int) -> int | None:
        """The number that counts as the earlier one."""
        since_ms = now_ms - DAY_MS + 1 if key is None else self.use(key, now_ms)
        found = None
        for place, entry in enumerate(self.entries):
            alike = (entry.phone, entry.payload, entry.key) == (phone, payload, key) and not entry.is_test
            if alike and since_ms is not None and entry.at_ms >= since_ms:
                found = place
        return found

    def add(self, wanted: list[tuple[str, str | None]], key: str | None, now_ms: int) -> list[int] | str:
        """The places of numbers, or why they are refused."""
        if self.state == "finished":
            return "invalid.call.task.state"
        before = [self.earlier(phone, payload, key, now_ms) for phone, payload in wanted]
        if len(set(wanted)) < len(wanted) or (key is None and any(place is not None for place in before)):
            return "phone.duplicated"
        places = []
        for (phone, payload), place in zip(wanted, before, strict=True):
            places.append(len(self.entries) if place is None else place)
            if place is None:
                self.entries.append(Entry(phone, payload, key, now_ms, is_test=False))
        first = key is not None and self.use(key, now_ms) is None
        if key is not None and first:
            self.uses.append((key, now_ms))
        self.commands += first or None in before
        return places


class Clients(RuleBasedStateMachine):
    """Two campaigns of a store, and their naive ledgers."""

    where = ""  # of the store; a file where it is empty

    def __init__(self) -> None:
        super().__init__()
        self.left = ExitStack()
        folder = self.left.enter_context(tempfile.TemporaryDirectory())
        self.path = str(Path(folder) / "store.db")
        if self.where:
            self.path = self.left.enter_context(schema(self.where))
        self.now_ms = MONDAY_MS
        self.campaigns = self.opened()
        self.naive = {token: Naive() for token in DOCUMENTS}
        for token, document in DOCUMENTS.items():
            assert self.campaigns.put_campaign(token, document)[0]
        self.campaigns.put_outcomes(DIALS, MODEL)
        self.naive[DIALS].commands += 1

    def opened(self) -> Campaigns:
        return Campaigns(open_store(self.path), HandClock(MONDAY_MS), seed=7)

    def teardown(self) -> None:
        self.campaigns.close()
        self.left.close()

    def ids(self, token: str, places: list[int]) -> list[str]:
        campaign = list(DOCUMENTS).index(token) + 1
        return [str(campaign * BASE + place) for place in places]

    @rule(token=st.sampled_from([WAITS, DIALS]), wanted=st.lists(numbers, max_size=4), key=st.sampled_from(KEYS))
    def add(self, token: str, wanted: list[Any], key: str | None) -> None:
        texts = [f'{{"phone": "{form.format(phone)}"{text}}}' for phone, form, (text, _) in wanted]
        meant = [(phone, payload) for phone, _, (_, payload) in wanted]
        expected = self.naive[token].add(meant, key, self.now_ms)
        try:
            found: list[str] | str = self.campaigns.add_phones(token, f"[{', '.join(texts)}]".encode(), key)
        except RequestRefused as refused:
            found = refused.problems[0].type
        assert found == (expected if isinstance(expected, str) else self.ids(token, expected))

    @rule(token=st.sampled_from([WAITS, DIALS]), phone=st.sampled_from(PHONES))
    def add_test(self, token: str, phone: str) -> None:
        naive = self.naive[token]
        if naive.state == "finished":
            with pytest.raises(RequestRefused):
                self.campaigns.add_phone(token, {"phone": phone}, test=True)
            return
        naive.entries.append(Entry(phone, None, None, self.now_ms, is_test=True))
        naive.commands += 1
        assert [self.campaigns.add_phone(token, {"phone": phone}, test=True)] == self.ids(
            token, [len(naive.entries) - 1]
        )

    @rule(step=st.sampled_from([1, 1000, 30_000, 3_600_000, DAY_MS - 1, DAY_MS]))
    def move_on(self, step: int) -> None:
        self.now_ms += step
        assert self.campaigns.move_clock(advance_ms=step) == self.now_ms

    @precondition(lambda self: any(naive.entries or naive.uses for naive in self.naive.values()))
    @rule(data=st.data(), around=st.sampled_from([-1, 0, 1]))
    def move_to_where_a_day_is_over(self, data: st.DataObject, around: int) -> None:
        instants = {entry.at_ms for naive in self.naive.values() for entry in naive.entries}
        instants |= {first_ms for naive in self.naive.values() for _, first_ms in naive.uses}
        to_ms = data.draw(st.sampled_from(sorted(instants)[-3:])) + DAY_MS + around
        if to_ms >= self.now_ms:
            self.now_ms = self.campaigns.move_clock(to_ms=to_ms)
            assert self.now_ms == to_ms

    @rule(data=st.data(), by_phone=st.booleans())
    def cancel(self, data: st.DataObject, by_phone: bool) -> None:
        naive = self.naive[WAITS]
        count = len(naive.entries)
        places = data.draw(st.lists(st.integers(0, count), max_size=3)) if count else []
        named = data.draw(st.lists(st.sampled_from(PHONES), max_size=1)) if by_phone else []
        ids = self.ids(WAITS, places)
        if any(place >= count for place in places) or any(
            all(entry.phone != phone for entry in naive.entries) for phone in named
        ):
            with pytest.raises(RequestRefused):
                self.campaigns.cancel(WAITS, ids, named)
            return
        meant = {*places, *(place for place, entry in enumerate(naive.entries) if entry.phone in named)}
        cancelled = sorted(meant - naive.ended.keys())
        assert self.campaigns.cancel(WAITS, ids, named) == self.ids(WAITS, cancelled)
        naive.ended.update(dict.fromkeys(cancelled, "cancelledByUser"))
        naive.commands += bool(places or named)

    @rule(token=st.sampled_from([WAITS, DIALS]), what=st.sampled_from(["pause", "resume"]))
    def hold(self, token: str, what: Any) -> None:
        naive = self.naive[token]
        if naive.state == "finished":
            with pytest.raises(RequestRefused):
                self.campaigns.control(token, what)
            return
        self.campaigns.control(token, what)
        state = "paused" if what == "pause" else "inProgress"
        naive.commands += state != naive.state
        naive.state = state

    @precondition(lambda self: sum(len(naive.entries) for naive in self.naive.values()) > 6)
    @rule(token=st.sampled_from([WAITS, DIALS]))
    def stop(self, token: str) -> None:
        naive = self.naive[token]
        self.campaigns.control(token, "stop")
        naive.commands += naive.state != "finished"
        naive.state = "finished"
        for place in range(len(naive.entries)):
            naive.ended.setdefault(place, "notDone")

    @rule()
    def crash(self) -> None:
        """Every object is thrown away; what was answered before is all there."""
        before = [self.told(token) for token in DOCUMENTS]
        self.campaigns.close()
        self.campaigns = self.opened()
        assert [self.told(token) for token in DOCUMENTS] == before

    def told(self, token: str) -> tuple[object, ...]:
        snapshot = self.campaigns.snapshot(token)
        timeline = snapshot.timeline
        ids = [snapshot.id_of(place) for place in range(len(timeline.jobs))]
        assert [snapshot.place_of(each) for each in ids] == list(range(len(ids)))
        dials = [(dial.at, dial.job.index, dial.redial_number, dial.outcome, dial.length_ms) for dial in timeline]
        return ids, dials, list(timeline.endings()), snapshot.status

    @invariant()
    def is_as_the_ledger_has_it(self) -> None:
        assert self.campaigns.now() == self.now_ms
        for token, naive in self.naive.items():
            info = self.campaigns.info(token)
            assert (info.numbers, info.commands, info.status) == (len(naive.entries), naive.commands, naive.state)
            live = self.campaigns._kept._slots[token].live
            assert live is not None
            live.check()
            snapshot = self.campaigns.snapshot(token)
            jobs = [job for job in snapshot.timeline.jobs if job.redial is None]
            assert [(job.index, job.phone) for job in jobs] == [
                (at, each.phone) for at, each in enumerate(naive.entries)
            ]
        states = [ending.state.value for ending in self.campaigns.snapshot(WAITS).timeline.endings()]
        ended = self.naive[WAITS].ended
        assert states == [ended.get(place, "planned") for place in range(len(states))]


QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_campaigns_in_a_file_are_as_a_naive_ledger_has_them() -> None:
    run_state_machine_as_test(
        Clients, settings=settings(max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=QUIET)
    )


def test_campaigns_in_postgresql_are_as_a_naive_ledger_has_them(service: str) -> None:
    class InPostgreSQL(Clients):
        where = service

    run_state_machine_as_test(
        InPostgreSQL,
        settings=settings(max_examples=3, stateful_step_count=25, deadline=None, suppress_health_check=QUIET),
    )
