"""The tables of a store: what was said to campaigns, and the jobs that were made of it.

Instants are milliseconds since the epoch. A simulation is replayed from `commands`; `keys` and `jobs` hold what must
never be twice, whoever writes: a use of a key, a number of a campaign, a payload for a phone in one use of a key.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

VERSION = 1  # of these tables; a store of a later one is not touched

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up its INTEGER alone

metadata = MetaData()

# One row: which tables these are, and where a clock stands that is moved by hand; NULL for a real one.
clock = Table(
    "clock",
    metadata,
    Column("one", SmallInteger, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("now_ms", BigInteger),
)

# `document` is the campaign file as it was said first, `present` the one that holds now. `last_ms` is the instant of
# the latest command; `commands` and `numbers` say how many commands and jobs of numbers there are.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("token", Text, nullable=False, unique=True),
    Column("document", LargeBinary, nullable=False),
    Column("present", LargeBinary, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("commands", BigInteger, nullable=False),
    Column("numbers", BigInteger, nullable=False),
    CheckConstraint("last_ms >= created_ms"),
)


def _campaign() -> Column[int]:
    return Column("campaign", BigInteger, ForeignKey("campaigns.id"), primary_key=True, autoincrement=False)


# What changed a campaign, in order. `numbers` is how many a request has; `body` is packed by zlib where `packed` is 1.
commands = Table(
    "commands",
    metadata,
    _campaign(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("numbers", Integer, nullable=False),
    Column("packed", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# The uses of idempotence keys: `use` is 1, 2, ... in its campaign; a key that has expired has another first use.
keys = Table(
    "keys",
    metadata,
    _campaign(),
    Column("use", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("first_use_ms", BigInteger, nullable=False),
    Index("one_first_use", "campaign", "key", "first_use_ms", unique=True),
    sqlite_with_rowid=False,
)

# The numbers that jobs were made of. `use` is that of the key of their request, 0 without one; under a key, `digest` is
# that of the text of the payload. The campaign is no foreign key: to look at it once for each of 10^6 rows takes as
# long as to write them, and the campaign's row is changed in the same transaction.
jobs = Table(
    "jobs",
    metadata,
    Column("campaign", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("phone", Text, nullable=False),
    Column("use", BigInteger, nullable=False),
    Column("digest", LargeBinary),
    Index(
        "one_job_in_a_use",
        "campaign",
        "use",
        "phone",
        "digest",
        unique=True,
        sqlite_where=text("use > 0"),
        postgresql_where=text("use > 0"),
    ),
    sqlite_with_rowid=False,
)

NAMES = frozenset(metadata.tables)
