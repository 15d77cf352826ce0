"""Stores: one suite for both databases, and what each of them refuses."""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scheduler.jobs import UsageError
from scheduler.server import statements
from scheduler.server.campaigns import Campaigns
from scheduler.server.clock import RealClock
from scheduler.server.statements import (
    CampaignRow,
    CommandRow,
    JobRow,
    KeyUse,
    OutOfStep,
    Said,
    Store,
    StoreFailed,
    chunks,
    packed,
)
from scheduler.server.store import MEMORY, open_store

BEGIN_MS = 1_772_442_000_000
DOCUMENT = b'{"name": "\xd0\xbf\xd1\x80\xd0\xbe\xd0\xbc\xd0\xbe \\u0000"}\0'


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    """A store that has been prepared, with a clock that is moved by hand."""
    opened = open_store(where)
    opened.prepare(BEGIN_MS)
    yield opened
    opened.close()


def made(store: Store, token: str = "spring") -> CampaignRow:
    """A campaign that is new."""
    with store.transaction() as transaction:
        return transaction.add_campaign(token, DOCUMENT, BEGIN_MS, -(2**63) + 1, "inProgress")


def said(store: Store, row: CampaignRow, at_ms: int, what: Said) -> CampaignRow:
    """Say something in a transaction of its own."""
    with store.transaction() as transaction:
        return transaction.say(transaction.hold(row.id), at_ms, what)


def all_of(store: Store, row: CampaignRow) -> list[CommandRow]:
    """All commands of a campaign."""
    with store.reading() as transaction:
        return [command for chunk in chunks(transaction.commands, row.id, 0, row.commands) for command in chunk]


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    with store.reading() as transaction:
        number = transaction.connection.scalar(text(f"SELECT count(*) FROM {table}"))
    assert isinstance(number, int)
    return number


def jobs(row: CampaignRow, first: int, many: int, use: int = 0) -> list[JobRow]:
    """Rows of jobs."""
    digest = b"\0\xff\\\n\t'" if use else None
    return [JobRow(row.id, first + each, f"0{79_000_000_000 + first + each}", use, digest) for each in range(many)]


# -- one suite for both -----------------------------------------------------------------------------------------------


def test_a_new_store_begins_its_clock_and_a_known_one_goes_on(where: str) -> None:
    with_clock = open_store(where)
    assert with_clock.prepare(BEGIN_MS) == BEGIN_MS
    with with_clock.transaction() as transaction:
        assert transaction.clock_ms(hold=True) == BEGIN_MS
        transaction.move_clock(BEGIN_MS + 5)
    assert with_clock.prepare(BEGIN_MS) == BEGIN_MS + 5
    with_clock.close()
    again = open_store(where)
    assert again.prepare(BEGIN_MS) == BEGIN_MS + 5
    with again.reading() as transaction:
        assert transaction.clock_ms() == transaction.clock_ms(share=True) == BEGIN_MS + 5
    again.close()


def test_a_real_clock_stands_nowhere(where: str) -> None:
    store = open_store(where)
    assert store.prepare(None) is None
    assert store.prepare(BEGIN_MS) is None
    store.close()


def test_what_is_kept_of_a_campaign_comes_back(store: Store, where: str) -> None:
    first, second = made(store, "spring"), made(store, "autumn.1~x_-")
    assert (first.id, second.id) == (1, 2)
    assert first == CampaignRow(1, "spring", DOCUMENT, DOCUMENT, BEGIN_MS, -(2**63) + 1, "inProgress", BEGIN_MS, 0, 0)
    store.close()
    again = open_store(where)
    with again.reading() as transaction:
        assert transaction.campaigns() == [first, second]
        assert transaction.named("spring") == transaction.hold(1) == first
        assert transaction.named("winter") is None
    again.close()


def test_a_token_is_taken_once(store: Store) -> None:
    made(store)
    with pytest.raises(OutOfStep):
        made(store)
    assert count(store, "campaigns") == 1


def test_commands_come_back_in_order_with_all_that_they_say(store: Store) -> None:
    row = made(store)
    body = bytes(range(256)) * 9
    row = said(store, row, BEGIN_MS, Said("submit", packed(body), "K", 3, 2, jobs(row, 0, 2, 1), KeyUse(1, "K", 7)))
    row = said(store, row, BEGIN_MS, Said("pause", status="paused"))
    row = said(store, row, BEGIN_MS + 9, Said("settings", packed(b"\0"), present=b"\0"))
    assert all_of(store, row) == [
        CommandRow(0, BEGIN_MS, "submit", "K", 3, body),
        CommandRow(1, BEGIN_MS, "pause", "", 0, b""),
        CommandRow(2, BEGIN_MS + 9, "settings", "", 0, b"\0"),
    ]
    with store.reading() as transaction:
        assert transaction.hold(row.id) == row
    assert (row.status, row.present, row.document) == ("paused", b"\0", DOCUMENT)
    assert (row.commands, row.numbers, row.last_ms) == (3, 2, BEGIN_MS + 9)


def test_who_has_missed_a_command_writes_nothing(store: Store) -> None:
    old = made(store)
    row = said(store, old, BEGIN_MS, Said("submit", numbers=1, made=1, jobs=jobs(old, 0, 1)))
    for stale in (old, row._replace(commands=7)):
        with pytest.raises(OutOfStep), store.transaction() as transaction:
            transaction.say(stale, BEGIN_MS, Said("submit", numbers=1, made=1, jobs=jobs(old, 1, 1)))
    with store.reading() as transaction:
        assert transaction.hold(row.id) == row
    assert (count(store, "commands"), count(store, "jobs")) == (1, 1)


def test_instants_of_commands_do_not_go_back(store: Store) -> None:
    row = said(store, made(store), BEGIN_MS + 5, Said("pause"))
    with pytest.raises(OutOfStep):
        said(store, row, BEGIN_MS + 4, Said("resume"))
    assert said(store, row, BEGIN_MS + 5, Said("resume")).commands == 2


@pytest.mark.parametrize("many", [1, 30])  # PostgreSQL takes many in another way than few
def test_no_job_is_twice(store: Store, many: int) -> None:
    """The same number; or the same phone and payload in one use of a key. Without a key, that is no matter (R14.3)."""
    row = made(store)
    other = made(store, "autumn")
    said(store, other, BEGIN_MS, Said("submit", made=many, jobs=jobs(other, 0, many, 1)))
    row = said(store, row, BEGIN_MS, Said("submit", made=many, jobs=jobs(row, 0, many, 1)))
    row = said(store, row, BEGIN_MS, Said("submit", made=many, jobs=jobs(row, many, many)))
    again = [each._replace(number=each.number + 2 * many) for each in jobs(row, 0, many, 1)]
    for twice in (jobs(row, 0, many, 2), jobs(row, many, many), again):
        with pytest.raises(OutOfStep):
            said(store, row, BEGIN_MS, Said("submit", made=many, jobs=twice))
    allowed = (
        [each._replace(use=2) for each in again],
        [each._replace(use=0, number=9_000 + each.number) for each in again],
    )
    for once in allowed:
        row = said(store, row, BEGIN_MS, Said("submit", made=many, jobs=once))
    assert count(store, "jobs") == 5 * many
    assert row.commands == 4


def test_no_use_of_a_key_is_twice(store: Store) -> None:
    row = said(store, made(store), BEGIN_MS, Said("submit", use=KeyUse(1, "K", BEGIN_MS)))
    for twice in (KeyUse(1, "L", BEGIN_MS), KeyUse(2, "K", BEGIN_MS)):
        with pytest.raises(OutOfStep):
            said(store, row, BEGIN_MS, Said("submit", use=twice))
    row = said(store, row, BEGIN_MS, Said("submit", use=KeyUse(2, "K", BEGIN_MS + 1)))
    assert (row.commands, count(store, "keys")) == (2, 2)


def test_many_jobs_are_kept_as_they_are(store: Store) -> None:
    row = made(store)
    rows = [JobRow(row.id, each, f"{each:05d}", 1, None if each % 3 else bytes([each % 256])) for each in range(25_000)]
    row = said(store, row, BEGIN_MS, Said("submit", made=len(rows), jobs=iter(rows)))
    with store.reading() as transaction:
        kept = transaction.connection.execute(
            text("SELECT campaign, number, phone, use, digest FROM jobs ORDER BY number")
        )
        assert [JobRow._make(each) for each in kept] == rows
    assert row.numbers == 25_000


def test_what_fails_was_not_written(store: Store) -> None:
    row = made(store)
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.move_clock(BEGIN_MS + 1)
        transaction.say(row, BEGIN_MS, Said("submit", made=1, jobs=jobs(row, 0, 1)))
        raise ZeroDivisionError
    with store.reading() as transaction:
        assert (transaction.hold(row.id), transaction.clock_ms()) == (row, BEGIN_MS)
    assert (count(store, "jobs"), count(store, "commands")) == (0, 0)
    assert said(store, row, BEGIN_MS, Said("pause")).commands == 1


def test_commands_are_read_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At least one; no more than are handy, in number and in bytes."""
    monkeypatch.setattr(statements, "CHUNK", 4)
    monkeypatch.setattr(statements, "CHUNK_BYTES", 200)
    row = made(store)
    lengths = [1, 150, 60, 300, 300, 10, 10, 10, 10, 10]
    for length in lengths:
        row = said(store, row, BEGIN_MS, Said("outcomes", statements.Body(b"x" * length, is_packed=False)))
    with store.reading() as transaction:
        read = [[len(each.body) for each in chunk] for chunk in chunks(transaction.commands, row.id, 0, row.commands)]
    assert read == [[1, 150], [60], [300], [300], [10, 10, 10, 10], [10]]
    assert list(chunks(lambda *_: [], row.id, 3, 3)) == []


def test_a_message_repeats_nothing_that_was_said(store: Store) -> None:
    secret = "-".join("secret")  # not as a traceback quotes this file
    row = made(store, secret)
    row = said(store, row, BEGIN_MS, Said("submit", key=secret, use=KeyUse(1, secret, 5)))
    with pytest.raises(OutOfStep) as twice:
        said(store, row, BEGIN_MS, Said("submit", key=secret, use=KeyUse(1, secret, 6)))
    with pytest.raises(OutOfStep) as taken:
        made(store, secret)
    with pytest.raises(DBAPIError) as wrong, store.reading() as transaction:
        transaction.connection.execute(text("SELECT a FROM nowhere WHERE a = :b"), {"b": secret})
    for error in (twice.value, taken.value, wrong.value):
        assert secret not in "".join(traceback.format_exception(error))


@given(st.binary(max_size=600))
@example(bytes(300))
@example(b"".join(hashlib.sha256(bytes([each])).digest() for each in range(20)))
def test_a_body_is_packed_if_that_makes_it_shorter(body: bytes) -> None:
    import zlib

    data, is_packed = packed(body)
    assert (zlib.decompress(data) if is_packed else data) == body
    assert len(data) < len(body) if is_packed else data == body


# -- what is no store, of both ----------------------------------------------------------------------------------------


def refusal(where: str, begin_ms: int | None = BEGIN_MS) -> str:
    """The one line in which a store is refused."""
    store = None
    with pytest.raises(UsageError) as caught:
        store = open_store(where)
        store.prepare(begin_ms)
    if store is not None:
        store.close()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_store_of_a_later_version_is_refused(where: str) -> None:
    store = open_store(where)
    store.prepare(BEGIN_MS)
    with store.transaction() as transaction:
        transaction.connection.execute(text("UPDATE clock SET version = 99"))
    store.close()
    assert "its tables are of version 99, and this one writes 1" in refusal(where)


@pytest.mark.parametrize("table", ["clock", "campaigns", "jobs"])
def test_tables_of_another_program_are_refused_and_left_alone(where: str, table: str) -> None:
    store = open_store(where)
    with store.transaction() as transaction:
        transaction.connection.execute(text(f"CREATE TABLE {table} (hour TEXT)"))
    store.close()
    assert "another program" in refusal(where)
    again = open_store(where)
    assert count(again, table) == 0
    again.close()


def test_what_a_database_cannot_do_now_is_said_in_its_words(where: str) -> None:
    """In one line, without what was to be written."""
    store = open_store(where)
    store.prepare(BEGIN_MS)
    words = "statement timeout" if store.shared else "disk is full"
    with pytest.raises(StoreFailed, match=words) as caught, store.transaction() as transaction:
        if store.shared:
            transaction.connection.execute(text("SET LOCAL statement_timeout = 1"))
            transaction.connection.execute(text("SELECT pg_sleep(9)"))
        else:
            transaction.connection.execute(text("PRAGMA max_page_count = 1"))
            transaction.add_campaign("secret", b"secret" * 9999, BEGIN_MS, 0, "inProgress")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    with store.reading() as transaction:
        assert transaction.campaigns() == []
    store.close()


@pytest.mark.parametrize("where", ["", "a\0b", "x\ny", "mysql://host/db", "sqlite://x/y", "postgresql+psycopg2://h/d"])
def test_what_names_no_store_is_refused(where: str) -> None:
    with pytest.raises(UsageError, match=r"^not a store: "):
        open_store(where)


# -- SQLite -----------------------------------------------------------------------------------------------------------


def test_a_file_is_for_one_server(empty_file: str) -> None:
    """SQLite before 3.51.3 can lose what two processes write to a file in WAL mode."""
    store = open_store(empty_file)
    store.prepare(BEGIN_MS)
    assert "another server has it" in refusal(empty_file)
    code = f"from scheduler.server.store import open_store; open_store({empty_file!r})"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert "another server has it" in other.stderr
    link = f"{empty_file}.link"
    Path(link).symlink_to(empty_file)
    assert "another server has it" in refusal(link)
    store.close()
    for free in (empty_file, link, f"sqlite:///{empty_file}"):
        again = open_store(free)
        assert again.prepare(BEGIN_MS) == BEGIN_MS
        again.close()


def test_what_is_written_is_on_the_disk(empty_file: str) -> None:
    store = open_store(empty_file)
    store.prepare(BEGIN_MS)
    with store.transaction() as transaction:
        pragmas = {
            name: transaction.connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_no_file_is_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stores = [open_store(MEMORY), open_store(MEMORY)]
    for store in stores:
        assert store.prepare(BEGIN_MS) == BEGIN_MS
        assert made(store).id == 1
        store.close()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_opened_is_refused_and_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer, " * 99)
    assert "file is not a database" in refusal(str(letter))
    assert letter.read_text() == "Dear customer, " * 99
    assert "Is a directory" in refusal(str(tmp_path)) or "unable to open" in refusal(str(tmp_path))
    assert "No such file or directory" in refusal(str(tmp_path / "no" / "store.db"))
    assert "File name too long" in refusal(str(tmp_path / ("x" * 300)))


def test_a_file_of_another_program_is_refused_whatever_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    assert "the database of another program, with the tables songs" in refusal(str(path))


def things_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder, with its mode and what it holds."""
    files = [each for each in folder.iterdir() if each.is_file()]
    return {each.name: (each.stat().st_mode, each.read_bytes()) for each in files}


def test_nothing_is_made_beside_what_is_no_store(tmp_path: Path) -> None:
    """Nor is it changed: a folder, what is no file, a text, another program's database, a store of another clock."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "spring.toml").write_text('name = "spring"')
    (tmp_path / "store.db-lock").write_text("no lock, but a letter")
    with sqlite3.connect(tmp_path / "music.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    store = open_store(str(tmp_path / "store.db"))
    store.prepare(BEGIN_MS)
    store.close()
    before = things_in(tmp_path)
    assert {"pipe", "folder", *before} == {each.name for each in tmp_path.iterdir()}
    for name in ("folder", "pipe", "spring.toml", "music.db"):
        refusal(str(tmp_path / name))
    with pytest.raises(UsageError, match="a store keeps the kind of clock"), closing(open_store(store.name)) as again:
        Campaigns(again, RealClock())
    with pytest.raises(UsageError, match="a seed is"), closing(open_store(str(tmp_path / "new.db"))) as new:
        Campaigns(new, RealClock(), seed=1 << 64)
    assert things_in(tmp_path) == before


def test_a_store_is_made_for_its_owner_alone(empty_file: str) -> None:
    """It has phones and payloads. One that is there keeps its mode."""
    store = open_store(empty_file)
    store.prepare(BEGIN_MS)
    made(store)
    files = sorted(Path(empty_file).parent.iterdir())
    assert len(files) > 1
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    store.close()
    assert [each.name for each in Path(empty_file).parent.iterdir()] == ["store.db"]
    Path(empty_file).chmod(0o640)
    store = open_store(empty_file)
    store.prepare(BEGIN_MS)
    store.close()
    assert stat.S_IMODE(Path(empty_file).stat().st_mode) == 0o640


def test_a_lock_that_comes_and_goes_is_held_by_one_at_a_time(empty_file: str) -> None:
    """Its file goes with the store, whoever has opened it meanwhile; one that was left is taken over."""
    Path(f"{empty_file}-lock").touch()
    holders, most, got = [0], [0], [0]

    def come_and_go(_: int) -> None:
        for _ in range(30):
            try:
                store = open_store(empty_file)
            except UsageError:
                continue
            holders[0] += 1
            most[0], got[0] = max(most[0], holders[0]), got[0] + 1
            time.sleep(0.001)
            holders[0] -= 1
            store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come_and_go, range(4)))
    assert (most[0], got[0] > 0) == (1, True)
    assert list(Path(empty_file).parent.iterdir()) == []


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_a_database_that_does_not_answer_is_refused_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    message = refusal(f"postgresql://me:a-secret@127.0.0.1:{port}/test")
    assert f"postgresql://me:***@127.0.0.1:{port}/test" in message
    assert "a-secret" not in message
    assert "refused" in message


@pytest.mark.parametrize("url", ["postgresql://[", "postgresql://me:a@host:port/db", "postgres://127.0.0.1:99999/x"])
def test_a_malformed_url_is_refused(url: str) -> None:
    message = refusal(url)
    assert message.startswith("cannot use ")
    assert "int()" not in message
    assert ":a" not in message


def test_a_database_that_is_not_there_is_refused(service: str) -> None:
    head, _, tail = service.partition("?")
    missing = f"{head.rpartition('/')[0]}/no_such_database" + (f"?{tail}" if tail else "")
    assert 'database "no_such_database" does not exist' in refusal(missing)


def test_tables_of_other_names_stand_beside_a_store_in_postgresql(empty_schema: str) -> None:
    store = open_store(empty_schema)
    with store.transaction() as transaction:
        transaction.connection.execute(text("CREATE TABLE songs (title TEXT)"))
    assert store.prepare(BEGIN_MS) == BEGIN_MS
    store.close()


def test_a_schema_that_is_not_there_is_refused(service: str) -> None:
    separator = "&" if "?" in service else "?"
    assert "no schema has been selected" in refusal(f"{service}{separator}options=-csearch_path%3Dno_such_schema")
