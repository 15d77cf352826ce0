"""What a store keeps and how it is asked for, in the words of both databases.

A store is written to in transactions, one for each request that changes something. Whoever writes to a campaign holds
its row, and writes only if the campaign has as many commands as the writer knows: two servers on one database take
turns, and one that has missed something starts anew (`OutOfStep`).
"""

from __future__ import annotations

import sqlite3
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from typing import ClassVar, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown
from scheduler.server import tables

CHUNK = 1000  # commands that are read at a time,
CHUNK_BYTES = 16 << 20  # or the first of them that have so many bytes
MAX_NAME = 4096
Status = Literal["inProgress", "paused", "finished"]  # of a campaign
LARGE = 1 << 16  # bytes of a body that is packed while it is read, with the collector paused
SMALL = 256  # bytes that are not worth packing


class OutOfStep(Exception):
    """The store holds something else than the writer thought; nothing was written."""


class StoreFailed(Exception):
    """The database cannot do now what it is asked for; the message is its own, a line without what was said."""

    def __init__(self, error: BaseException | None) -> None:
        # Further lines of PostgreSQL's may repeat a row.
        super().__init__(next(iter(str(error).splitlines()), ""))


@contextmanager
def failing_in_words() -> Iterator[None]:
    """Raises StoreFailed for what a database cannot do now: its disk is full, or nobody answers."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise  # what was asked for is wrong
        raise StoreFailed(error.orig) from None


class CampaignRow(NamedTuple):
    """What a store knows of a campaign, without what was said to it: the columns of `campaigns`."""

    id: int
    token: str
    document: bytes
    present: bytes
    created_ms: int
    seed: int
    status: Status
    last_ms: int
    commands: int
    numbers: int


class CommandRow(NamedTuple):
    """A command that was carried out; `seq` is 0 for the first of its campaign, `body` its bytes as they were said."""

    seq: int
    at_ms: int
    kind: str
    key: str
    numbers: int
    body: bytes


class Body(NamedTuple):
    """The bytes of a command as they are kept: by zlib where that is shorter."""

    data: bytes
    is_packed: bool


NO_BODY = Body(b"", is_packed=False)


def packed(body: bytes) -> Body:
    """The bytes of a command, packed if that makes them shorter. 10 ns a byte; other threads go on meanwhile.

    >>> packed(b"[]"), packed(bytes(1000)).is_packed
    (Body(data=b'[]', is_packed=False), True)
    """
    if len(body) >= SMALL:
        short = zlib.compress(body, 1)
        if len(short) < len(body):
            return Body(short, is_packed=True)
    return Body(body, is_packed=False)


class Packing:
    """A body that is packed for the store while it is read, where it is large."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._packed: Body | None = None
        self._thread = Thread(target=self._pack) if len(body) >= LARGE else None
        if self._thread is not None:
            self._thread.start()

    def _pack(self) -> None:
        self._packed = packed(self._body)

    def result(self) -> Body:
        """The body as it is kept."""
        if self._thread is not None:
            self._thread.join()
        if self._packed is None:
            self._pack()
        assert self._packed is not None
        return self._packed


class JobRow(NamedTuple):
    """A number that a job was made of: its place among those of the campaign, and the use of the key it came under."""

    campaign: int
    number: int
    phone: str
    use: int
    digest: bytes | None


class KeyUse(NamedTuple):
    """The first use of a key, or of one that had expired; `use` is 1, 2, … among those of the campaign."""

    use: int
    key: str
    first_use_ms: int


class Said(NamedTuple):
    """A command that is to be kept, and what it makes: jobs of `made` numbers, a key's use, a status, a document."""

    kind: str
    body: Body = NO_BODY
    key: str = ""
    numbers: int = 0
    made: int = 0
    jobs: Iterable[JobRow] = ()
    use: KeyUse | None = None
    status: Status | None = None
    present: bytes | None = None


_campaign, _command = tables.campaigns.c, tables.commands.c
_ALL = select(*_campaign).order_by(_campaign.id)
_NAMED = select(*_campaign).where(_campaign.token == bindparam("token"))
_NUMBERED = select(*_campaign).where(_campaign.id == bindparam("campaign"))
_NUMBERED_HELD = _NUMBERED.with_for_update()
_CLOCK = select(tables.clock.c.now_ms)
_CLOCK_SHARED = _CLOCK.with_for_update(read=True)
_CLOCK_HELD = _CLOCK.with_for_update()
_FROM_TO = _command.campaign == bindparam("campaign"), _command.seq.between(bindparam("first"), bindparam("last"))
_COMMANDS = (
    select(_command.seq, _command.at_ms, _command.kind, _command.key, _command.numbers, _command.packed, _command.body)
    .where(*_FROM_TO)
    .order_by(_command.seq)
)
_LENGTHS = select(func.length(_command.body)).where(*_FROM_TO).order_by(_command.seq)
_SAY = (
    update(tables.campaigns)
    .where(
        _campaign.id == bindparam("campaign"),
        _campaign.commands == bindparam("known"),
        _campaign.last_ms <= bindparam("at"),
    )
    .values(last_ms=bindparam("at"), commands=bindparam("commands"), numbers=bindparam("numbers"))
)
_ADD_CAMPAIGN, _ADD_COMMAND, _ADD_KEY = (insert(table) for table in (tables.campaigns, tables.commands, tables.keys))


class Transaction(ABC):
    """What is asked and written between the beginning and the end of a transaction; `connection` is inside it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def prepare(self, begin_ms: int | None) -> None:
        """Make the tables, with the clock at an instant (None: a real one), where there are none.

        Raises UsageError for a store of a later version, and for tables that are another program's.
        """
        there = tables.NAMES & set(inspect(self.connection).get_table_names())
        if not there:
            self._refuse_what_is_there()
            tables.metadata.create_all(self.connection)
            row = {"one": 1, "version": tables.VERSION, "now_ms": begin_ms}
            self.connection.execute(insert(tables.clock), row)
            return
        ours = {column.name for column in tables.clock.c}
        if there < tables.NAMES or ours != {each["name"] for each in inspect(self.connection).get_columns("clock")}:
            raise UsageError(
                f"it has tables of another program: {', '.join(sorted(there))}; name a database of its own"
            )
        version = self.connection.scalar(select(tables.clock.c.version))
        if version != tables.VERSION:
            raise UsageError(
                f"it was made by another version of call-scheduler: its tables are of version {version},"
                f" and this one writes {tables.VERSION}"
            )

    @abstractmethod
    def _refuse_what_is_there(self) -> None:
        """Raise UsageError if other tables are there that a store is not to stand beside."""

    # -- the clock ---------------------------------------------------------------------------------------

    def clock_ms(self, *, hold: bool = False, share: bool = False) -> int | None:
        """Where the clock stands, None for a real one.

        `share` keeps it there until the transaction ends, `hold` is for who moves it.
        """
        return self.connection.scalar(_CLOCK_HELD if hold else _CLOCK_SHARED if share else _CLOCK)

    def move_clock(self, now_ms: int) -> None:
        """Set the clock."""
        self.connection.execute(update(tables.clock), {"now_ms": now_ms})

    # -- campaigns ---------------------------------------------------------------------------------------

    def campaigns(self) -> list[CampaignRow]:
        """All campaigns, in the order in which they were made."""
        return [CampaignRow._make(row) for row in self.connection.execute(_ALL)]

    def named(self, token: str) -> CampaignRow | None:
        """The campaign of a token."""
        row = self.connection.execute(_NAMED, {"token": token}).one_or_none()
        return None if row is None else CampaignRow._make(row)

    def hold(self, campaign: int) -> CampaignRow:
        """A campaign, which nobody else changes until the transaction ends."""
        return CampaignRow._make(self.connection.execute(_NUMBERED_HELD, {"campaign": campaign}).one())

    def add_campaign(self, token: str, document: bytes, created_ms: int, seed: int, status: Status) -> CampaignRow:
        """Add a campaign. Raises OutOfStep if its token is taken."""
        fields = CampaignRow(0, token, document, document, created_ms, seed, status, created_ms, 0, 0)._asdict()
        del fields["id"]
        try:
            key = self.connection.execute(_ADD_CAMPAIGN, fields).inserted_primary_key
        except IntegrityError:
            raise OutOfStep("another server made a campaign of this token") from None
        assert key is not None, "a campaign that was added has an id"
        return CampaignRow(key[0], **fields)

    # -- what was said -----------------------------------------------------------------------------------

    def commands(self, campaign: int, first: int, end: int) -> list[CommandRow]:
        """The first of the commands [first, end) of a campaign: at least one, not many more bytes than are handy."""
        asked = {"campaign": campaign, "first": first, "last": min(end, first + CHUNK) - 1}
        total = 0
        for seq, length in enumerate(self.connection.scalars(_LENGTHS, asked).all(), first):
            total += length
            if total > CHUNK_BYTES:
                asked["last"] = max(first, seq - 1)
                break
        return [
            CommandRow(seq, at_ms, kind, key, numbers, zlib.decompress(data) if is_packed else data)
            for seq, at_ms, kind, key, numbers, is_packed, data in self.connection.execute(_COMMANDS, asked)
        ]

    def say(self, row: CampaignRow, at_ms: int, said: Said) -> CampaignRow:
        """Keep what is said to a campaign at an instant; how the campaign is then.

        Raises OutOfStep if the campaign is not as `row` has it, or something would be twice.
        """
        new = row._replace(
            last_ms=at_ms,
            commands=row.commands + 1,
            numbers=row.numbers + said.made,
            status=said.status or row.status,
            present=said.present or row.present,
        )
        known = {"campaign": row.id, "known": row.commands, "at": at_ms}
        counts = {"commands": new.commands, "numbers": new.numbers}
        if self.connection.execute(_SAY, known | counts).rowcount != 1:
            raise OutOfStep(f"campaign {row.id} has other commands than the {row.commands} known, or a later one")
        if (new.status, new.present) != (row.status, row.present):
            changed = update(tables.campaigns).where(_campaign.id == row.id)
            self.connection.execute(changed.values(status=new.status, present=new.present))
        command = {
            "campaign": row.id,
            "seq": row.commands,
            "at_ms": at_ms,
            "kind": said.kind,
            "key": said.key,
            "numbers": said.numbers,
            "packed": int(said.body.is_packed),
            "body": said.body.data,
        }
        try:
            self.connection.execute(_ADD_COMMAND, command)
            if said.use is not None:
                self.connection.execute(_ADD_KEY, {"campaign": row.id, **said.use._asdict()})
            if said.made:
                self._add_jobs(said.jobs)
        except IntegrityError:
            # PostgreSQL's message repeats the row: nobody is to log it.
            raise OutOfStep(f"campaign {row.id} has a command or a use of a key that was to be added") from None
        return new

    @abstractmethod
    def _add_jobs(self, jobs: Iterable[JobRow]) -> None:
        """Add jobs, the fast way. Raises OutOfStep if one is there."""


class Store(ABC):
    """A database of campaigns. `shared` says whether others may write to it meanwhile, `name` what people see."""

    shared: ClassVar[bool]
    name: str

    def prepare(self, begin_ms: int | None) -> int | None:
        """Make the tables where there are none, the clock at an instant (None: a real one); where the clock stands.

        Raises UsageError for what is no store, or one of another version.
        """
        try:
            with self.transaction() as transaction:
                transaction.prepare(begin_ms)
                return transaction.clock_ms()
        except (UsageError, StoreFailed) as error:
            raise self.cannot(error) from None
        except DBAPIError as error:
            raise self.cannot(error.orig) from None

    def cannot(self, error: object) -> UsageError:
        """That the store cannot be used, in one line."""
        why = " ".join(str(error).split())
        return UsageError(f"cannot use {shown(self.name, limit=MAX_NAME)} as a store: {why}")

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction in which things are written; what was written in one that fails was not. Raises StoreFailed."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """A transaction in which things are read. Raises StoreFailed."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""


def chunks(
    read: Callable[[int, int, int], list[CommandRow]], campaign: int, first: int, end: int
) -> Iterator[list[CommandRow]]:
    """The commands [first, end) of a campaign, some at a time, as `read` gives them."""
    while first < end:
        commands = read(campaign, first, end)
        yield commands
        first += len(commands)
