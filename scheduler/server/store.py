"""Where campaigns are kept: a file of SQLite, or a database of PostgreSQL."""

from __future__ import annotations

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown
from scheduler.server.sqlite import MEMORY, SQLiteStore
from scheduler.server.statements import Store

__all__ = ["MEMORY", "Store", "open_store"]
FILE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")


def open_store(where: str) -> Store:
    """Open a store: the path of a file, which is made where there is none; `:memory:`; or the URL of a database.

    Raises UsageError, in one line, for what cannot be opened: no database, another server's, one that does not answer.

    >>> store = open_store(":memory:")
    >>> store.name, store.shared
    (':memory:', False)
    >>> store.close()
    """
    if not where.isprintable() or not where:
        raise UsageError(f"not a store: {shown(where)}; name a file, or a URL such as postgresql://user@host/database")
    if where.startswith(POSTGRESQL):
        from scheduler.server.postgres import PostgreSQLStore  # noqa: PLC0415 - the driver, for those who have it

        return PostgreSQLStore(where)
    path = where.removeprefix(FILE)
    if "://" in path:
        scheme = path.partition("://")[0]
        raise UsageError(f"not a store: a URL of {shown(scheme)}; name a file, or a URL of postgresql:// or sqlite:///")
    return SQLiteStore(path)
