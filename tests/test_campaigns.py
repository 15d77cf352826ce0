"""Campaigns of a store, called as the server's faces call them: ids, keys, settings, clocks, crashes, two servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from scheduler.jobs import CampaignRefused, JobState, OutcomesRefused, RequestRefused, UsageError
from scheduler.server.campaigns import Campaigns, Conflict, Snapshot, TooFar, TooLarge, UnknownToken
from scheduler.server.clock import HandClock, RealClock
from scheduler.server.limits import Limits
from scheduler.server.statements import CampaignRow, OutOfStep, StoreFailed, Transaction
from scheduler.server.store import open_store

MONDAY_MS = 1_772_442_000_000  # 2026-03-02T09:00:00Z
SECOND_MS, HOUR_MS, DAY_MS = 1000, 3_600_000, 86_400_000
UTC = b'{"timeZone": "UTC", "detectTimeZone": false, "policy": {"maxAttempts": 3}}'
BASE = 10**9
FOREIGN_SERVER = """
import json, sys
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import HandClock
from scheduler.server.store import open_store
campaigns = Campaigns(open_store(sys.argv[1]), HandClock(1772442000000))
print("ready", flush=True)
for line in sys.stdin:
    key, numbers = json.loads(line)
    print(json.dumps(campaigns.add_phones("spring", json.dumps(numbers).encode(), key)), flush=True)
"""


def server(where: str, begin_ms: int = MONDAY_MS, **limits: int) -> Campaigns:
    """A server's campaigns."""
    return Campaigns(open_store(where), HandClock(begin_ms), Limits(**limits))


@pytest.fixture
def campaigns(where: str) -> Iterator[Campaigns]:
    """The campaigns of a new store of either kind, with one campaign: `spring`."""
    made = server(where)
    made.put_campaign("spring", UTC)
    yield made
    made.close()


@pytest.fixture
def in_memory() -> Iterator[Campaigns]:
    """The campaigns of a store in memory, with one campaign: `spring`."""
    made = server(":memory:")
    made.put_campaign("spring", UTC)
    yield made
    made.close()


def body_of(*numbers: dict[str, Any]) -> bytes:
    return json.dumps(numbers).encode()


def phones(first: int, many: int = 1, **fields: Any) -> list[dict[str, Any]]:
    return [{"phone": str(79_000_000_000 + first + each), **fields} for each in range(many)]


def told(snapshot: Snapshot) -> tuple[object, ...]:
    """All that can be seen of a snapshot."""
    timeline = snapshot.timeline
    ids = [snapshot.id_of(place) for place in range(len(timeline.jobs))]
    dials = [
        (dial.at, dial.job.index, dial.redial_number, dial.attempt, dial.outcome, dial.length_ms) for dial in timeline
    ]
    return ids, dials, list(timeline.endings()), list(timeline.columns.arrived_at), snapshot.status, snapshot.campaign


def kinds(refused: pytest.ExceptionInfo[RequestRefused]) -> set[str]:
    return {problem.type for problem in refused.value.problems}


# -- jobs and their ids -----------------------------------------------------------------------------------------------


def test_ids_are_integers_in_request_order_and_differ_between_campaigns(campaigns: Campaigns) -> None:
    campaigns.put_campaign("autumn", UTC)
    assert campaigns.add_phones("spring", body_of(*phones(0, 3))) == ["1000000000", "1000000001", "1000000002"]
    assert campaigns.add_phones("autumn", body_of(*phones(0, 2))) == ["2000000000", "2000000001"]
    assert campaigns.add_phones("spring", body_of(*phones(3)), "K") == ["1000000003"]
    assert campaigns.add_phones("spring", b"[]") == []
    assert campaigns.add_phone("autumn", {"phone": "+7 900 000 0009"}) == "2000000002"


def test_replays_of_a_key_are_answered_with_the_earlier_ids(campaigns: Campaigns) -> None:
    """R14.3, with part of a request that is new; the key lives 24 hours from its first use, to the millisecond."""
    assert campaigns.add_phones("spring", body_of(*phones(0, 2)), "K") == [str(BASE), str(BASE + 1)]
    campaigns.move_clock(advance_ms=DAY_MS - 1)
    assert campaigns.add_phones("spring", body_of(*phones(1, 2)), "K") == [str(BASE + 1), str(BASE + 2)]
    assert campaigns.info("spring").commands == 2
    assert campaigns.add_phones("spring", body_of(*phones(0, 3)), "K") == [str(BASE + each) for each in range(3)]
    assert campaigns.info("spring").commands == 2
    campaigns.move_clock(advance_ms=1)
    assert campaigns.add_phones("spring", body_of(*phones(1, 2)), "K") == [str(BASE + 3), str(BASE + 4)]


def test_a_key_is_used_for_the_first_time_by_a_request_of_no_jobs(campaigns: Campaigns, where: str) -> None:
    """R14.4: whatever it was used for; and a restart does not forget it."""
    assert campaigns.add_phones("spring", b"[]", "K") == []
    campaigns.move_clock(advance_ms=HOUR_MS)
    campaigns.add_phones("spring", body_of(*phones(0)), "K")
    campaigns.close()
    again = server(where)
    again.move_clock(to_ms=MONDAY_MS + DAY_MS)
    assert again.add_phones("spring", body_of(*phones(0)), "K") == [str(BASE + 1)]
    again.close()


def test_a_refused_request_keeps_nothing(campaigns: Campaigns) -> None:
    campaigns.add_phones("spring", body_of(*phones(0)))
    before = campaigns.info("spring")
    for bad in (phones(0), phones(5) * 2, [*phones(7), {"phone": "x"}], [{"phone": "12345", "gmtZone": "Mars"}]):
        with pytest.raises(RequestRefused):
            campaigns.add_phones("spring", body_of(*bad))
    for bad in (phones(5) * 2, [*phones(7), {"phone": "x"}]):
        with pytest.raises(RequestRefused):
            campaigns.add_phones("spring", body_of(*bad), "K")
    assert campaigns.info("spring") == before
    campaigns.move_clock(advance_ms=DAY_MS)
    campaigns.add_phones("spring", body_of(*phones(0)), "K")
    assert campaigns.info("spring").numbers == 2


def test_a_test_number_is_added_however_often(campaigns: Campaigns) -> None:
    """R14.6; and it is no number's earlier job."""
    fields = {"phone": "79000000000"}
    assert campaigns.add_phone("spring", fields, "K", test=True) == str(BASE)
    assert campaigns.add_phone("spring", fields, test=True) == str(BASE + 1)
    assert campaigns.add_phone("spring", fields, "K") == str(BASE + 2)
    assert campaigns.add_phone("spring", fields, "K") == str(BASE + 2)
    assert campaigns.add_phone("spring", fields) == str(BASE + 3)
    with pytest.raises(RequestRefused):
        campaigns.add_phone("spring", fields)
    assert campaigns.add_phone("spring", fields, "K", test=True) == str(BASE + 4)


def test_what_is_no_field_of_a_number_is_its_payload(in_memory: Campaigns) -> None:
    in_memory.add_phone(
        "spring", {"phone": "79000000000", "gmtZone": "+03:00", "name": "\0\u00e9", "startDateTime": "x"}
    )
    in_memory.add_phone("spring", {"phone": "79000000000"})
    first, second = in_memory.snapshot("spring").timeline.jobs
    assert first.payload is not None
    assert (first.zone.name, json.loads(first.payload)) == ("+03:00", {"name": "\0\u00e9", "startDateTime": "x"})
    assert second.payload is None
    with pytest.raises(RequestRefused) as refused:
        in_memory.add_phone("spring", {"name": "x"})
    assert kinds(refused) == {"phone.bad.format"}


def test_what_no_driver_takes_is_refused_before(campaigns: Campaigns) -> None:
    """NUL, unpaired surrogates, integers beyond 63 bits; where they are harmless they are kept."""
    for key in ("a\0b", "\ud800", "x" * 256):
        with pytest.raises(RequestRefused) as refused:
            campaigns.add_phones("spring", body_of(*phones(0)), key)
        assert kinds(refused) == {"invalid.idempotence.key"}
    for token in ("a\0b", "\ud800", "", "a b", "x" * 256, "ü"):
        with pytest.raises(CampaignRefused):
            campaigns.put_campaign(token, UTC)
        with pytest.raises(UnknownToken, match=r"^no campaign has this token$"):
            campaigns.info(token)
    with pytest.raises(RequestRefused) as refused:
        campaigns.add_phone("spring", {"phone": "79000000000", "name": "\ud800"})
    assert kinds(refused) == {"invalid.json"}
    for text_of_none in (
        "",
        "x",
        "\0",
        "\ud800",
        "9" * 40,
        "1000000000-0",
        "01000000000",
        "١٠٠٠٠٠٠٠٠٠",
        str(2**64),
        "-1",
    ):
        with pytest.raises(RequestRefused) as refused:
            campaigns.cancel("spring", [text_of_none], [])
        assert kinds(refused) == {"id.not.found"}
    for phone in ("", "\0", "\ud800", "79000000009"):
        with pytest.raises(RequestRefused) as refused:
            campaigns.cancel("spring", [], [phone])
        assert kinds(refused) == {"phone.not.found"}
    with pytest.raises(UsageError):
        Campaigns(campaigns.store, HandClock(MONDAY_MS), seed=2**63)
    odd = '{"a": 36893488147419103232, "\\u0000": "\\u0000\0", "é": 1e308}'.replace("\0", "").encode()
    assert campaigns.add_phones("spring", b'[{"phone": "79000000000", "payload": ' + odd + b"}]", "ключ") == [str(BASE)]
    assert campaigns.put_campaign("odd", '{"name": "\\u0000 é"}'.encode())[1].name == "\0 é"


def test_a_request_in_ndjson_or_csv_is_replayed_too(campaigns: Campaigns, where: str) -> None:
    bodies = [
        b'{"phone": "79000000000"}\n{"phone": "79000000001"}',
        b"phone,gmtZone\n79000000002,Z\n79000000003,\n",
        b"\xef\xbb\xbf [" + body_of(*phones(4, 2))[1:-1] + b"]\n",
        body_of(*phones(6)),
        b" [ ] ",
        b"\t\n" + body_of(*phones(7, 2)) + b"\r\n ",
    ]
    for place, body in enumerate(bodies):
        campaigns.add_phones("spring", body, f"K{place}")
    before = told(campaigns.snapshot("spring"))
    campaigns.close()
    again = server(where)
    assert told(again.snapshot("spring")) == before
    assert again.info("spring").numbers == 9
    again.close()


def test_a_request_has_its_most_numbers(where: str) -> None:
    few = server(where, numbers=3)
    few.put_campaign("spring", UTC)
    with pytest.raises(TooLarge, match="4 numbers"):
        few.add_phones("spring", body_of(*phones(0, 4)))
    assert few.add_phones("spring", body_of(*phones(0, 3))) == [str(BASE + each) for each in range(3)]
    few.close()


# -- what is done to campaigns ----------------------------------------------------------------------------------------


def test_a_campaign_is_made_once_and_its_name_lines_and_pace_may_change(campaigns: Campaigns, where: str) -> None:
    campaigns.add_phones("spring", body_of(*phones(0, 4)))
    assert campaigns.put_campaign("spring", UTC)[0] is False
    assert campaigns.info("spring").commands == 1
    campaigns.move_clock(advance_ms=HOUR_MS)
    changed = UTC[:-1] + b', "name": "b", "maxSimultaneousCalls": 1, "callsPerSecond": 0.5}'
    made, info = campaigns.put_campaign("spring", changed)
    assert (made, info.name, info.lines, info.calls_per_second, info.document) == (False, "b", 1, 0.5, changed)
    with pytest.raises(Conflict, match="another timeZone, detectTimeZone, maxAttempts;"):
        campaigns.put_campaign("spring", b'name = "b"\ntimeZone = "Europe/Moscow"', toml=True)
    with pytest.raises(Conflict, match="with another law;"):
        campaigns.put_campaign("spring", UTC[:-1] + b', "law": "us-tcpa"}')
    assert campaigns.info("spring").commands == 2
    campaigns.move_clock(advance_ms=HOUR_MS)
    dials = [dial.at - MONDAY_MS for dial in campaigns.snapshot("spring").timeline]
    assert dials[:4] == [0] * 4
    assert min(later - earlier for earlier, later in pairwise(dials[4:])) >= 30 * SECOND_MS
    before = told(campaigns.snapshot("spring"))
    campaigns.close()
    again = server(where)
    assert told(again.snapshot("spring")) == before
    assert [each.name for each in again.list_campaigns()] == ["b"]
    again.close()


def test_a_campaign_file_is_json_unless_it_is_said_to_be_toml(in_memory: Campaigns) -> None:
    assert in_memory.put_campaign("t", b'name = "x"', toml=True)[1].name == "x"
    for bad in (b'name = "x"', b"", b"[]", b'"x"', b'{"nam": 1}'):
        with pytest.raises(CampaignRefused):
            in_memory.put_campaign("u", bad)
    assert [each.token for each in in_memory.list_campaigns()] == ["spring", "t"]


def test_pausing_stopping_and_resuming_are_kept_where_they_change_something(campaigns: Campaigns, where: str) -> None:
    """R13.2"""
    campaigns.add_phones("spring", body_of(*phones(0, 2)))
    for what, status, commands in (
        ("pause", "paused", 2),
        ("pause", "paused", 2),
        ("resume", "inProgress", 3),
        ("resume", "inProgress", 3),
        ("stop", "finished", 4),
        ("stop", "finished", 4),
    ):
        campaigns.control("spring", what)  # type: ignore[arg-type]
        info = campaigns.info("spring")
        assert (info.status, info.commands) == (status, commands)
        assert campaigns.list_campaigns()[0].status == status
    for refused in (
        lambda: campaigns.control("spring", "pause"),
        lambda: campaigns.control("spring", "resume"),
        lambda: campaigns.add_phones("spring", body_of(*phones(5))),
    ):
        with pytest.raises(RequestRefused, match=r"invalid\.call\.task\.state"):
            refused()
    assert campaigns.info("spring").counts == {JobState.NOT_DONE: 2}
    campaigns.close()
    again = server(where)
    assert again.info("spring").counts == {JobState.NOT_DONE: 2}
    again.close()


def test_jobs_are_cancelled_by_id_and_phone_in_any_form(campaigns: Campaigns) -> None:
    """R13.3"""
    ids = campaigns.add_phones("spring", body_of(*phones(0, 5)))
    campaigns.control("spring", "pause")
    assert campaigns.cancel("spring", [ids[0], ids[0]], ["+7 900 000-00-01"]) == ids[:2]
    assert campaigns.cancel("spring", [ids[0]], []) == []
    assert campaigns.cancel("spring", [], []) == []
    with pytest.raises(RequestRefused):
        campaigns.cancel("spring", [ids[3], "7"], [])
    with pytest.raises(RequestRefused):
        campaigns.cancel("spring", [ids[3]], ["79111111111"])
    assert campaigns.info("spring").counts == {JobState.PLANNED: 3, JobState.CANCELLED_BY_USER: 2}


def test_redials_have_ids_of_their_own(campaigns: Campaigns, where: str) -> None:
    """R10.2: the number's, and the redialNumber. A cancel by the number's id means them too."""
    again = {"outcome": "answered", "talkSeconds": 30, "redial": {"startAfterMinutes": 10, "maxAttempts": 1}}
    script = {"phones": {"79000000000": [again, again, again], "79000000002": [again]}}
    campaigns.put_outcomes("spring", json.dumps(script).encode())
    campaigns.add_phones("spring", body_of(*phones(0, 3)))
    campaigns.move_clock(advance_ms=HOUR_MS // 2)
    campaigns.add_phones("spring", body_of(*phones(3, 2)))
    campaigns.move_clock(advance_ms=3 * HOUR_MS)
    snapshot = campaigns.snapshot("spring")
    seen = told(snapshot)
    ids = seen[0]
    assert isinstance(ids, list)
    first = [f"{BASE + each}" for each in range(5)]
    assert Counter(ids) == Counter([*first, *(f"{BASE}-{each}" for each in (1, 2, 3)), f"{BASE + 2}-1"])
    assert list(map(snapshot.place_of, ids)) == list(range(len(ids)))
    assert [ids[place] for place in snapshot.places_of_phone("+7 900 000-00-00")] == [f"{BASE}", *ids_of_redials(3)]
    assert snapshot.places_of_phone("12345") == snapshot.places_of_phone("x") == ()
    for unknown in (f"{BASE}-4", f"{BASE + 1}-1", f"{BASE + 5}", f"{2 * BASE}", f"{BASE}-01", "x"):
        assert snapshot.place_of(unknown) is None
        with pytest.raises(RequestRefused, match=r"id\.not\.found"):
            campaigns.cancel("spring", [unknown])
    campaigns.put_outcomes("spring", json.dumps({"phones": {"79000000009": [again]}}).encode())
    campaigns.add_phones("spring", body_of(*phones(9)))
    campaigns.move_clock(advance_ms=5 * 60 * SECOND_MS)
    assert campaigns.cancel("spring", [f"{BASE + 5}"]) == [f"{BASE + 5}-1"]
    before = told(campaigns.snapshot("spring"))
    campaigns.close()
    restarted = server(where)
    assert told(restarted.snapshot("spring")) == before
    restarted.close()


def ids_of_redials(many: int) -> list[str]:
    return [f"{BASE}-{each}" for each in range(1, many + 1)]


def test_outcomes_hold_from_their_instant_on(in_memory: Campaigns) -> None:
    with pytest.raises(OutcomesRefused):
        in_memory.put_outcomes("spring", b'{"phones": 1}')
    in_memory.add_phones("spring", body_of(*phones(0)))
    in_memory.move_clock(advance_ms=HOUR_MS)
    in_memory.put_outcomes("spring", b'{"model": {"answered": 1}}')
    in_memory.move_clock(advance_ms=HOUR_MS)
    assert [dial.outcome.value for dial in in_memory.snapshot("spring").timeline] == ["noAnswer", "answered"]


# -- clocks -----------------------------------------------------------------------------------------------------------


def test_nothing_of_the_present_instant_has_happened(campaigns: Campaigns) -> None:
    campaigns.add_phones("spring", body_of(*phones(0)))
    assert len(campaigns.snapshot("spring").timeline) == 0
    assert campaigns.move_clock(advance_ms=1) == campaigns.now() == MONDAY_MS + 1
    assert [dial.at for dial in campaigns.snapshot("spring").timeline] == [MONDAY_MS]
    assert campaigns.move_clock(to_ms=MONDAY_MS + 1) == MONDAY_MS + 1


def test_a_clock_does_not_go_back_nor_too_far(where: str) -> None:
    near = server(where, horizon_days=2)
    near.put_campaign("spring", UTC)
    for back in ({"to_ms": MONDAY_MS - 1}, {"advance_ms": -1}):
        with pytest.raises(Conflict, match="does not go back"):
            near.move_clock(**back)
    for far in ({"to_ms": MONDAY_MS + 2 * DAY_MS + 1}, {"advance_ms": 2**80}, {"to_ms": 2**63}):
        with pytest.raises(TooFar):
            near.move_clock(**far)
    with pytest.raises(TooFar):
        near.look_ahead("spring", MONDAY_MS + 2 * DAY_MS + 1)
    with pytest.raises(UsageError):
        near.look_ahead("spring", MONDAY_MS - 1)
    assert near.now() == MONDAY_MS
    near.close()
    late = server(where, begin_ms=MONDAY_MS + HOUR_MS, horizon_days=3_000_000)
    assert late.now() == MONDAY_MS + HOUR_MS
    with pytest.raises(TooFar, match="no instant after"):
        late.move_clock(advance_ms=2_999_999 * DAY_MS)
    late.close()
    early = server(where)
    assert early.now() == MONDAY_MS + HOUR_MS
    early.close()


def test_a_store_keeps_its_kind_of_clock(where: str) -> None:
    store = open_store(where)
    real = Campaigns(store, RealClock())
    assert real.clock_kind == "real"
    with pytest.raises(Conflict, match="the clock is a real one"):
        real.move_clock(advance_ms=1)
    with pytest.raises(UsageError, match="is a real one, not moved by hand"):
        Campaigns(store, HandClock(MONDAY_MS))
    store.close()


def test_a_campaign_on_a_real_clock_goes_on_by_itself(where: str) -> None:
    real = Campaigns(open_store(where), RealClock())
    real.put_campaign("spring", UTC)
    real.add_phones("spring", body_of(*phones(0)))
    for _ in range(1000):
        if len(real.snapshot("spring").timeline):
            break
    assert len(real.snapshot("spring").timeline) == 1
    assert real.now() <= real.now()
    real.close()


def test_a_look_ahead_is_what_comes_if_nothing_more_is_said(campaigns: Campaigns) -> None:
    campaigns.put_outcomes("spring", b'{"model": {"answered": 0.3, "busy": 0.3}}')
    campaigns.add_phones("spring", body_of(*phones(0, 50)))
    campaigns.move_clock(advance_ms=HOUR_MS)
    now = told(campaigns.snapshot("spring"))
    ahead = campaigns.look_ahead("spring", MONDAY_MS + 9 * HOUR_MS)
    assert told(campaigns.look_ahead("spring", MONDAY_MS + HOUR_MS)) == told(campaigns.snapshot("spring")) == now
    assert len(ahead.timeline) > len(campaigns.snapshot("spring").timeline)
    campaigns.move_clock(to_ms=MONDAY_MS + 9 * HOUR_MS)
    assert told(campaigns.snapshot("spring")) == told(ahead)


def test_a_snapshot_is_kept_until_the_clock_moves_or_a_command_comes(campaigns: Campaigns) -> None:
    campaigns.add_phones("spring", body_of(*phones(0)))
    first = campaigns.snapshot("spring")
    with pytest.raises(RequestRefused):
        campaigns.add_phones("spring", body_of(*phones(0)))
    assert campaigns.snapshot("spring") is first
    campaigns.add_phones("spring", body_of(*phones(1)))
    second = campaigns.snapshot("spring")
    assert second is not first
    assert (len(first.timeline.jobs), len(second.timeline.jobs)) == (1, 2)
    assert first.place_of(str(BASE + 1)) is None
    assert first.places_of_phone("79000000001") == ()
    campaigns.move_clock(advance_ms=1)
    assert campaigns.snapshot("spring") is not second


def test_counts_are_those_of_the_states(campaigns: Campaigns) -> None:
    campaigns.put_outcomes(
        "spring", b'{"model": {"answered": 0.3, "busy": 0.2, "nonexistentNumber": 0.1, "failed": 0.1}}'
    )
    campaigns.add_phones("spring", body_of(*phones(0, 200)))
    for _ in range(6):
        campaigns.move_clock(advance_ms=HOUR_MS // 2 + 17)
        states = Counter(ending.state for ending in campaigns.snapshot("spring").timeline.endings())
        assert campaigns.info("spring").counts == states


# -- what fails -------------------------------------------------------------------------------------------------------


def test_a_live_copy_is_thrown_away_where_its_command_was_not_kept(
    campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaigns.add_phones("spring", body_of(*phones(0)))
    before = told(campaigns.snapshot("spring"))
    say = Transaction.say
    operations: Sequence[Callable[[], object]] = (
        lambda: campaigns.add_phones("spring", body_of(*phones(1, 3)), "K"),
        lambda: campaigns.cancel("spring", [str(BASE)]),
        lambda: campaigns.control("spring", "pause"),
        lambda: campaigns.control("spring", "stop"),
        lambda: campaigns.put_campaign("spring", UTC[:-1] + b', "name": "b"}'),
        lambda: campaigns.put_outcomes("spring", b'{"model": {"answered": 1}}'),
    )

    def fail(self: Transaction, *arguments: Any) -> Any:
        say(self, *arguments)
        raise OSError("no space left")

    for operation in operations:
        with monkeypatch.context() as patch, pytest.raises(OSError):
            patch.setattr(Transaction, "say", fail)
            operation()
        assert told(campaigns.snapshot("spring")) == before
    assert campaigns.add_phones("spring", body_of(*phones(1, 3)), "K") == [str(BASE + each) for each in (1, 2, 3)]


def test_a_full_disk_keeps_nothing_of_a_request(empty_file: str) -> None:
    campaigns = server(empty_file)
    campaigns.put_campaign("spring", UTC)
    campaigns.add_phones("spring", body_of(*phones(0)))

    def limit(pages: int) -> None:
        with campaigns.store.reading() as transaction:
            transaction.connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    limit(20)
    with pytest.raises(StoreFailed, match="full"):
        campaigns.add_phones("spring", body_of(*phones(1, 5000)))
    assert campaigns.info("spring").numbers == 1
    limit(1 << 20)
    assert campaigns.add_phones("spring", body_of(*phones(1, 5000)))[-1] == str(BASE + 5000)
    campaigns.close()


def test_a_store_that_does_not_replay_as_it_says_is_not_gone_on_with(campaigns: Campaigns, where: str) -> None:
    campaigns.add_phones("spring", body_of(*phones(0, 3)))
    with campaigns.store.transaction() as transaction:
        transaction.connection.execute(text("UPDATE campaigns SET numbers = 5"))
    campaigns.close()
    again = server(where)
    for operation in (lambda: again.info("spring"), lambda: again.add_phones("spring", body_of(*phones(9)))):
        with pytest.raises(RuntimeError, match="has 5 numbers, and its replay 3"):
            operation()
    with again.store.transaction() as transaction:
        for statement in (
            "UPDATE campaigns SET status = 'finished', numbers = 0, commands = 2",
            "UPDATE commands SET kind = 'stop', numbers = 0",
            "INSERT INTO commands SELECT campaign, 1, at_ms, 'pause', key, 0, packed, body FROM commands",
        ):
            transaction.connection.execute(text(statement))
    again.close()
    again = server(where)
    with pytest.raises(RuntimeError, match="command 1 of campaign 1 was accepted, and is refused now"):
        again.info("spring")
    again.close()


# -- many threads, two servers ----------------------------------------------------------------------------------------


def at_once(operations: Sequence[Callable[[], list[str]]], threads: int = 8) -> list[list[str] | set[str]]:
    """What operations answer, or the types of the problems for which they are refused; all begun at one time."""

    def one(operation: Callable[[], list[str]]) -> list[str] | set[str]:
        try:
            return operation()
        except RequestRefused as refused:
            return {problem.type for problem in refused.problems}

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, operations))


def test_threads_of_one_server_make_no_job_twice(campaigns: Campaigns) -> None:
    body, many = body_of(*phones(0, 20)), range(12)
    same = at_once([lambda: campaigns.add_phones("spring", body, "K") for _ in many])
    assert same == [[str(BASE + each) for each in range(20)]] * len(many)
    own = at_once([lambda key=f"K{each}": campaigns.add_phones("spring", body, key) for each in many])  # type: ignore[misc]
    assert sorted(int(each) for ids in own for each in ids) == [BASE + each for each in range(20, 20 + 20 * len(many))]
    none = at_once([lambda: campaigns.add_phones("spring", body) for _ in many])
    assert Counter(str(sorted(each)) for each in none if isinstance(each, set)) == {
        "['phone.duplicated']": len(many) - 1
    }
    new = at_once([lambda token=f"t{each % 3}": [str(campaigns.put_campaign(token, UTC)[0])] for each in many])  # type: ignore[misc]
    assert Counter(each[0] for each in new if isinstance(each, list)) == {"True": 3, "False": len(many) - 3}


def test_two_servers_on_one_database_make_no_job_twice(empty_schema: str) -> None:
    first, second = server(empty_schema), server(empty_schema)
    first.put_campaign("spring", UTC)
    both = [first, second]
    body, many = body_of(*phones(0, 20)), range(16)
    same = at_once([lambda each=each: both[each % 2].add_phones("spring", body, "K") for each in many])  # type: ignore[misc]
    assert same == [[str(BASE + each) for each in range(20)]] * len(many)
    own = at_once([lambda each=each: both[each % 2].add_phones("spring", body, f"K{each}") for each in many])  # type: ignore[misc]
    assert sorted(int(each) for ids in own for each in ids) == [BASE + each for each in range(20, 20 + 20 * len(many))]
    none = at_once([lambda each=each: both[each % 2].add_phones("spring", body) for each in many])  # type: ignore[misc]
    assert sum(isinstance(each, set) for each in none) == len(many) - 1
    new = at_once([lambda each=each: [str(both[each % 2].put_campaign(f"t{each % 4}", UTC)[0])] for each in many])  # type: ignore[misc]
    assert Counter(each[0] for each in new if isinstance(each, list)) == {"True": 4, "False": len(many) - 4}
    moved = at_once(
        [
            lambda each=each: (
                [str(both[each % 2].move_clock(advance_ms=SECOND_MS))]  # type: ignore[misc]
                if each % 3
                else both[each % 2].add_phones("spring", body_of(*phones(100 + each)))
            )
            for each in many
        ]
    )
    assert all(isinstance(each, list) for each in moved)
    assert told(first.snapshot("spring")) == told(second.snapshot("spring"))
    assert first.info("spring") == second.info("spring")
    assert first.now() == second.now() == MONDAY_MS + SECOND_MS * sum(1 for each in many if each % 3)
    first.close()
    second.close()


def test_two_processes_on_one_database_make_no_job_twice(empty_schema: str) -> None:
    here = server(empty_schema)
    here.put_campaign("spring", UTC)
    command = [sys.executable, "-c", FOREIGN_SERVER, empty_schema]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as there:
        assert there.stdin is not None
        assert there.stdout is not None
        assert there.stdout.readline() == "ready\n"
        answers = []
        for turn in range(12):
            numbers = phones(10 * (turn // 3), 12)
            there.stdin.write(json.dumps(["K", numbers]) + "\n")
            there.stdin.flush()
            answers.append((here.add_phones("spring", body_of(*numbers), "K"), json.loads(there.stdout.readline())))
        there.stdin.close()
        assert there.wait() == 0
    for ours, theirs in answers:
        assert ours == theirs
    assert {each for ours, _ in answers for each in ours} == {str(BASE + each) for each in range(42)}
    assert here.info("spring").numbers == 42
    here.close()


class SetClock(RealClock):
    """A real clock that a test sets."""

    def __init__(self, at_ms: int) -> None:
        super().__init__()
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms


def test_servers_whose_clocks_differ_tell_the_same(empty_schema: str) -> None:
    """Instants of commands do not go back; one that lies where a live copy has been already is a replay of it."""
    ahead, behind = SetClock(MONDAY_MS + 90 * SECOND_MS), SetClock(MONDAY_MS)
    fast, slow = (Campaigns(open_store(empty_schema), clock) for clock in (ahead, behind))
    slow.put_campaign("spring", UTC)
    slow.add_phones("spring", body_of(*phones(0)))
    assert [dial.at for dial in fast.snapshot("spring").timeline] == [MONDAY_MS]
    behind.at_ms += 10 * SECOND_MS
    slow.add_phones("spring", body_of(*phones(1)))  # for the other, in the past
    dialled = [MONDAY_MS, MONDAY_MS + 10 * SECOND_MS]
    assert [dial.at for dial in fast.snapshot("spring").timeline] == dialled
    fast.add_phones("spring", body_of(*phones(2)))
    slow.add_phones("spring", body_of(*phones(3)))  # not before the latest command
    for clock in (ahead, behind):
        clock.at_ms = MONDAY_MS + 95 * SECOND_MS
    assert told(fast.snapshot("spring")) == told(slow.snapshot("spring"))
    dialled += [MONDAY_MS + 90 * SECOND_MS] * 2
    assert [dial.at for dial in slow.snapshot("spring").timeline] == dialled
    ahead.at_ms -= 3 * SECOND_MS  # a clock that is set back
    fast.add_phones("spring", body_of(*phones(4)))
    for clock in (ahead, behind):
        clock.at_ms = MONDAY_MS + 96 * SECOND_MS
    assert told(fast.snapshot("spring")) == told(slow.snapshot("spring"))
    assert list(slow.snapshot("spring").timeline.columns.arrived_at)[-1] == MONDAY_MS + 92 * SECOND_MS
    fast.close()
    slow.close()


def test_who_is_out_of_step_tries_once_more(campaigns: Campaigns, monkeypatch: pytest.MonkeyPatch) -> None:
    say, failures = Transaction.say, [1]

    def fail_now_and_then(self: Transaction, *arguments: Any) -> Any:
        row = say(self, *arguments)
        failures[0] -= 1
        if failures[0] >= 0:
            raise OutOfStep
        return row

    monkeypatch.setattr(Transaction, "say", fail_now_and_then)
    assert campaigns.add_phones("spring", body_of(*phones(0)), "K") == [str(BASE)]
    failures[0] = 2
    with pytest.raises(OutOfStep):
        campaigns.add_phones("spring", body_of(*phones(1)), "K")
    assert campaigns.add_phones("spring", body_of(*phones(0, 2)), "K") == [str(BASE), str(BASE + 1)]


def test_a_campaign_that_two_servers_make_at_once_is_made_once(
    empty_schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = server(empty_schema), server(empty_schema)
    first.put_campaign("spring", UTC)
    seen: list[str] = []

    def not_at_first(self: Transaction, token: str) -> CampaignRow | None:
        seen.append(token)
        return None if len(seen) == 1 else named(self, token)

    named = Transaction.named
    monkeypatch.setattr(Transaction, "named", not_at_first)
    assert second.put_campaign("spring", UTC)[0] is False
    assert len(second.list_campaigns()) == 1
    first.close()
    second.close()


def test_a_server_finds_campaigns_that_another_made(empty_schema: str) -> None:
    first, second = server(empty_schema), server(empty_schema)
    first.put_campaign("spring", UTC)
    assert second.add_phones("spring", body_of(*phones(0))) == [str(BASE)]
    assert first.info("spring").numbers == 1
    assert second.put_campaign("spring", UTC)[0] is False
    second.control("spring", "stop")
    assert first.list_campaigns()[0].status == first.info("spring").status == "finished"
    with pytest.raises(UnknownToken):
        second.snapshot("autumn")
    first.close()
    second.close()
