"""A store in PostgreSQL, which several servers may share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from scheduler.server.statements import JobRow, OutOfStep, Store, StoreFailed, Transaction, failing_in_words
from scheduler.server.tables import jobs

EXAMPLE = "postgresql://user:password@host:5432/database"
CONNECT_SECONDS = 10
CONNECTIONS = 16
MAKING = 0x63616C6C  # the advisory lock of who makes the tables
BLOCK = 10_000  # rows that are sent at a time
FEW = 20  # rows that are not worth a COPY
_COLUMNS = ", ".join(column.name for column in jobs.c)
_COPY = f"COPY jobs ({_COLUMNS}) FROM STDIN"
_INSERT = f"INSERT INTO jobs ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608 - names of ours


class PostgreSQLTransaction(Transaction):
    """A transaction of PostgreSQL."""

    def prepare(self, begin_ms: int | None) -> None:
        """As Transaction has it; servers that begin at one time do it one after the other."""
        self.connection.execute(text("SELECT pg_advisory_xact_lock(:making)"), {"making": MAKING})
        super().prepare(begin_ms)

    def _refuse_what_is_there(self) -> None:
        """Tables of other names are no concern of ours."""

    def _add_jobs(self, jobs: Iterable[JobRow]) -> None:
        cursor = self.connection.connection.cursor()
        rows = iter(jobs)
        first = list(islice(rows, FEW))
        try:
            if len(first) < FEW:
                cursor.executemany(_INSERT, first)
                return
            with cursor.copy(_COPY) as copy:
                while first:
                    copy.write("".join(map(_line, first)))
                    first = list(islice(rows, BLOCK))
        except psycopg.errors.UniqueViolation:
            raise OutOfStep("a job is there already that was to be added") from None
        except psycopg.OperationalError as error:
            raise StoreFailed(error) from None
        finally:
            cursor.close()


def _line(row: JobRow) -> str:
    """A row as COPY reads it: a phone is digits, so nothing has to be quoted."""
    campaign, number, phone, use, digest = row
    payload = "\\N" if digest is None else "\\\\x" + digest.hex()
    return f"{campaign}\t{number}\t{phone}\t{use}\t{payload}\n"


class PostgreSQLStore(Store):
    """A store in a database that has a server of its own, by its URL; in the first schema of its search path."""

    shared = True

    def __init__(self, url: str) -> None:
        """Try a connection. Raises UsageError if there is none to be had."""
        self.name = url.partition("://")[0]
        try:
            parsed = make_url(url).set(drivername="postgresql+psycopg")
            self.name = parsed.set(drivername="postgresql").render_as_string(hide_password=True)
        except (ArgumentError, ValueError):
            raise self.cannot(f"its URL cannot be read; write it as {EXAMPLE}, the port a number") from None
        self._engine = create_engine(
            parsed,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            pool_pre_ping=True,
            hide_parameters=True,  # they are what was said, which no message is to repeat
            connect_args={"connect_timeout": CONNECT_SECONDS} if "connect_timeout" not in parsed.query else {},
        )
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            self._engine.connect().close()
        except DBAPIError as error:
            self._engine.dispose()
            raise self.cannot(error.orig) from None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction on a connection of its own."""
        with failing_in_words(), self._engine.begin() as connection:
            yield PostgreSQLTransaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A connection of its own, on which each statement sees what is there when it begins."""
        with failing_in_words(), self._reader.connect() as connection:
            yield PostgreSQLTransaction(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
