"""A store in SQLite: a file that one server has, or memory.

SQLite before 3.51.3 can lose what was written when two processes write to one file in WAL mode, so a second server is
refused: who has the store has a lock on a file beside it. The lock goes with the process; the empty file stays.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import StaticPool

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown
from scheduler.server.statements import JobRow, OutOfStep, Store, Transaction
from scheduler.server.tables import jobs

MEMORY = ":memory:"
LOCK = "-lock"
WAL_BYTES = 64 << 20  # what stays of the log of a large request
_ADD_JOBS = f"INSERT INTO jobs ({', '.join(column.name for column in jobs.c)}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608


class SQLiteTransaction(Transaction):
    """A transaction of SQLite; there is one at a time."""

    def _refuse_what_is_there(self) -> None:
        others = inspect(self.connection).get_table_names()
        if others:
            named = ", ".join(sorted(others)[:5])
            raise UsageError(f"it is the database of another program, with the tables {shown(named)[1:-1]}")

    def _add_jobs(self, jobs: Iterable[JobRow]) -> None:
        raw: Any = self.connection.connection.dbapi_connection
        cursor: sqlite3.Cursor = raw.cursor()
        try:
            cursor.executemany(_ADD_JOBS, jobs)
        except sqlite3.IntegrityError:
            raise OutOfStep("a job is there already that was to be added") from None
        finally:
            cursor.close()


class SQLiteStore(Store):
    """A store in a file, or in memory (`:memory:`), with one connection at which threads take turns."""

    shared = False

    def __init__(self, path: str) -> None:
        """Open a file, or make it. Raises UsageError if it is no database, or another server has it."""
        self.name = path
        self._turn = RLock()
        self._lock = None
        try:
            self._lock = None if path == MEMORY else _locked(path)
            raw = _connected(path)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._unlock()
            raise self.cannot(error.strerror if isinstance(error, OSError) else error) from None
        self._engine = create_engine(
            "sqlite+pysqlite://",
            creator=lambda: raw,
            poolclass=StaticPool,
            hide_parameters=True,  # they are what was said, which no message is to repeat
        )
        self._connection = self._engine.connect()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction; the others wait. What it wrote is on the disk when it ends."""
        with self._turn, self._connection.begin():
            self._connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield SQLiteTransaction(self._connection)

    reading = transaction

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._connection.close()
            self._engine.dispose()
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _locked(path: str) -> int:
    """The lock of a store, as an open file. Raises OSError, and UsageError if another has it."""
    handle = os.open(os.path.realpath(path) + LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise UsageError("another server has it; a store in a file is for one at a time") from None
    return handle


def _connected(path: str) -> sqlite3.Connection:
    """A connection to a file, which is made where there is none."""
    connection = sqlite3.connect(
        os.path.realpath(path) if path != MEMORY else path, check_same_thread=False, isolation_level=None
    )
    try:
        for pragma in (
            "cache_size = -65536",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"journal_size_limit = {WAL_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
