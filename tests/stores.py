"""Stores for tests: a file of SQLite, or a schema of its own in PostgreSQL, which is dropped at the end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def schema(service: str) -> Iterator[str]:
    """The URL of an empty schema of a PostgreSQL service."""
    import psycopg
    from psycopg import sql

    name = f"store_{uuid.uuid4().hex}"
    with psycopg.connect(service, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    try:
        yield f"{service}{'&' if '?' in service else '?'}options=-csearch_path%3D{name}"
    finally:
        with psycopg.connect(service, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture
def empty_file(tmp_path: Path) -> str:
    """The path of a store that is to be made."""
    return str(tmp_path / "store.db")


@pytest.fixture
def empty_schema(service: str) -> Iterator[str]:
    """The URL of a store that is to be made."""
    with schema(service) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, service: str, tmp_path: Path) -> Iterator[str]:
    """A store of either kind that is to be made, as `open_store` takes it."""
    if request.param == "sqlite":
        yield str(tmp_path / "store.db")
    else:
        with schema(service) as url:
            yield url
