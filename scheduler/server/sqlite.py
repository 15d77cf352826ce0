"""A store in SQLite: a file that one server has, or memory.

SQLite before 3.51.3 can lose what was written when two processes write to one file in WAL mode, so a second server is
refused: who has the store has a lock on a file beside it. The lock goes with the process, and the file with its store
being closed; what a process leaves that is killed, the next one takes over.

A store has phones and payloads: its files are made for their owner alone. Beside what is no store, nothing is made.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import StaticPool

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown
from scheduler.server.statements import JobRow, OutOfStep, Store, StoreFailed, Transaction, failing_in_words
from scheduler.server.tables import jobs

MEMORY = ":memory:"
LOCK = "-lock"
BEGINNING = b"SQLite format 3\0"
FOR_ITS_OWNER = 0o600
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
        except sqlite3.OperationalError as error:
            raise StoreFailed(error) from None
        finally:
            cursor.close()


class SQLiteStore(Store):
    """A store in a file, or in memory (`:memory:`), with one connection at which threads take turns."""

    shared = False

    def __init__(self, path: str) -> None:
        """Open a file, or make it. Raises UsageError if it is no database, or another server has it."""
        self.name = path
        self._turn = RLock()
        self._file = None if path == MEMORY else Path(os.path.realpath(path))
        self._lock = None
        self._is_new = False
        try:
            if self._file is not None:
                _refuse_what_is_no_database(self._file)
                self._lock = _locked(_lock_of(self._file))
                self._is_new = _made(self._file)
            raw = _connected(self._file or path)
        except (sqlite3.Error, OSError, ValueError) as error:
            self._unlock()
            raise self.cannot(error.strerror if isinstance(error, OSError) else error) from None
        self._raw = raw
        self._engine = create_engine(
            "sqlite+pysqlite://",
            creator=lambda: raw,
            poolclass=StaticPool,
            hide_parameters=True,  # they are what was said, which no message is to repeat
        )
        self._connection = self._engine.connect()

    def prepare(self, begin_ms: int | None) -> int | None:
        """As Store has it. Only a file that is a store is changed to write ahead."""
        stands_ms = super().prepare(begin_ms)
        try:
            with self._turn:
                self._raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise self.cannot(error) from None
        return stands_ms

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction; the others wait. What it wrote is on the disk when it ends."""
        with self._turn, failing_in_words(), self._connection.begin():
            self._connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield SQLiteTransaction(self._connection)

    reading = transaction

    def close(self) -> None:
        """Let go of the file; one that was made, and to which nothing was written, is taken away."""
        with self._turn:
            self._connection.close()
            self._engine.dispose()
            self._unlock()

    def _unlock(self) -> None:
        if self._lock is None or self._file is None:
            return
        if self._is_new:
            _remove_if_empty(self._file)
        _remove_if_empty(_lock_of(self._file))  # while it is held: who opens it meanwhile sees that it is gone
        os.close(self._lock)
        self._lock = None


def _refuse_what_is_no_database(file: Path) -> None:
    """Raises OSError for a folder and UsageError for a device and for a file of something else."""
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise UsageError("it is no file of a disk")
    with file.open("rb") as opened:
        beginning = opened.read(len(BEGINNING))
    if beginning not in {b"", BEGINNING}:
        raise UsageError("file is not a database")


def _made(file: Path) -> bool:
    """Make a file where there is none; whether there was none. Raises OSError."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FOR_ITS_OWNER))
    except FileExistsError:
        return False
    return True


def _remove_if_empty(file: Path) -> None:
    with suppress(OSError):
        if not file.stat().st_size:
            file.unlink()


def _lock_of(file: Path) -> Path:
    return file.with_name(file.name + LOCK)


def _locked(lock: Path) -> int:
    """A lock that is held, as an open file. Raises OSError, and UsageError if another has it."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FOR_ITS_OWNER)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), lock.stat()):
                return handle
        except BlockingIOError:
            os.close(handle)
            raise UsageError("another server has it; a store in a file is for one at a time") from None
        except FileNotFoundError:
            pass  # who had it has let go, and taken it away, since it was opened here
        os.close(handle)


def _connected(path: Path | str) -> sqlite3.Connection:
    """A connection to a file."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        for pragma in (
            "cache_size = -65536",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"journal_size_limit = {WAL_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
