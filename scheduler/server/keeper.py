"""How live campaigns keep in step with a store. campaigns.py says what it means, how it works and why it is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import TypeVar

from scheduler.intake.campaign import read_campaign
from scheduler.jobs import Campaign, Refused, UsageError
from scheduler.policy.instants import format_instant
from scheduler.server.clock import Clock, HandClock
from scheduler.server.collector import paused
from scheduler.server.live import IN_PROGRESS, Live
from scheduler.server.snapshots import Snapshot
from scheduler.server.statements import CampaignRow, CommandRow, OutOfStep, Said, Transaction, chunks
from scheduler.server.store import Store

T = TypeVar("T")
Read = Callable[[int, int, int], list[CommandRow]]  # of a campaign, the first of the commands from one up to another
Carried = tuple[T, Said | None]  # what a command answers, and what is to be kept of it
KINDS = ("a real one", "moved by hand")


class UnknownToken(LookupError):
    """No campaign has the token; the message does not repeat it."""

    def __init__(self) -> None:
        super().__init__("no campaign has this token")


class Conflict(Exception):
    """What is asked for does not go together with what is: a setting that is fixed, a clock that would go back."""


class Slot:
    """A campaign as this process has it: a lock that users take in turns, the store's row as last seen, a live copy."""

    def __init__(self, row: CampaignRow) -> None:
        self.lock = RLock()
        self.row = row
        self.live: Live | None = None
        self.snapshot: Snapshot | None = None

    @cached_property
    def campaign(self) -> Campaign:
        """The campaign as it was said first."""
        return read_campaign(self.row.document)

    def forget(self) -> None:
        """Throw the live copy away."""
        self.live = self.snapshot = None


class Keeper:
    """The live campaigns of a store, and its clock. Raises UsageError if that is of the other kind."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._slots: dict[str, Slot] = {}
        self._making = RLock()  # of slots
        begin_ms = clock.begin_ms if isinstance(clock, HandClock) else None
        stands_ms = store.prepare(begin_ms)
        if (begin_ms is None) != (stands_ms is None):
            here = f"the clock of {store.name} is {KINDS[stands_ms is not None]}, not {KINDS[begin_ms is not None]}"
            raise UsageError(f"{here}; a store keeps the kind of clock that it was made with")
        self._stands_ms = 0 if stands_ms is None else stands_ms
        if begin_ms is not None and begin_ms > self._stands_ms:
            self.move(lambda stands_ms: max(stands_ms, begin_ms))
        with store.reading() as transaction:
            for row in transaction.campaigns():
                self._slots[row.token] = Slot(row)

    # -- the clock ---------------------------------------------------------------------------------------

    def now(self) -> int:
        """The present instant."""
        if isinstance(self.clock, HandClock) and self.store.shared:
            with self.store.reading() as transaction:
                return self.now_in(transaction)
        return self._stands_ms if isinstance(self.clock, HandClock) else self.clock.now_ms()

    def now_in(self, transaction: Transaction, *, share: bool = False) -> int:
        """The present instant; with `share`, a clock that is moved by hand stands there until the transaction ends."""
        if not isinstance(self.clock, HandClock):
            return self.clock.now_ms()
        now_ms = transaction.clock_ms(share=share)
        assert now_ms is not None, "a clock that is moved by hand stands somewhere"
        return now_ms

    def move(self, target: Callable[[int], int]) -> int:
        """Move a clock that is moved by hand to what `target` makes of where it stands, if that is not before it."""
        if not isinstance(self.clock, HandClock):
            raise Conflict("the clock is a real one, and is not moved")
        with self.store.transaction() as transaction:
            stands_ms = transaction.clock_ms(hold=True)
            assert stands_ms is not None, "a clock that is moved by hand stands somewhere"
            target_ms = target(stands_ms)
            if target_ms < stands_ms:
                raise Conflict(f"the clock stands at {format_instant(stands_ms)} and does not go back")
            transaction.move_clock(target_ms)
        self._stands_ms = max(self._stands_ms, target_ms)
        return target_ms

    # -- campaigns ---------------------------------------------------------------------------------------

    def slot(self, token: str) -> Slot | None:
        """The campaign of a token, which holds nothing that a store could not; None if there is none."""
        slot = self._slots.get(token)
        if slot is None and self.store.shared:
            with self.store.reading() as transaction:
                row = transaction.named(token)
            return None if row is None else self.slot_of(row)
        return slot

    def slot_of(self, row: CampaignRow) -> Slot:
        """The campaign of a row."""
        with self._making:
            return self._slots.get(row.token) or self._slots.setdefault(row.token, Slot(row))

    def make(self, token: str, document: bytes, seed: int) -> Slot | None:
        """Make a campaign at the present instant; None if there is one with the token."""
        while self.slot(token) is None:
            with self._making:
                if token in self._slots:
                    break
                try:
                    with self.store.transaction() as transaction:
                        now_ms = self.now_in(transaction, share=True)
                        row = transaction.add_campaign(token, document, now_ms, seed, IN_PROGRESS)
                except OutOfStep:  # another server was first, so it is there now
                    continue
                return self.slot_of(row)
        return None

    # -- live copies -------------------------------------------------------------------------------------

    def carry_out(self, slot: Slot, command: Callable[[Live], Carried[T]]) -> T:
        """Carry out a command at the present instant, and keep it if it changed anything; its answer.

        What a command raises that is Refused or a Conflict, it raises before it changes anything.
        """
        with slot.lock:
            try:
                return self._try(slot, command)
            except OutOfStep:
                return self._try(slot, command)

    def _try(self, slot: Slot, command: Callable[[Live], Carried[T]]) -> T:
        try:
            if slot.live is None or not self.store.shared:
                self.brought_up_to_date(slot)  # before the transaction, as it may take long
            with self.store.transaction() as transaction:
                slot.row = transaction.hold(slot.row.id)
                at_ms = max(self.now_in(transaction, share=True), slot.row.last_ms)
                live = self._brought_to(slot, at_ms, transaction.commands)
                answer, said = command(live)
                row = slot.row if said is None else transaction.say(slot.row, at_ms, said)
        except (Refused, Conflict):
            raise
        except BaseException:
            slot.forget()
            raise
        if said is not None:
            slot.row, slot.snapshot = row, None
            live.commands = row.commands
        return answer

    def snapshot(self, slot: Slot) -> Snapshot:
        """How a campaign stands; the same one as long as nothing has changed. For who has its lock."""
        live = self.brought_up_to_date(slot)
        known = slot.snapshot
        if known is None or (known.timeline.until_ms, known.commands) != (live.now_ms, live.commands):
            known = slot.snapshot = live.snapshot()
        return known

    def brought_up_to_date(self, slot: Slot) -> Live:
        """The live copy of a campaign, with all that was said to it, at the present instant. For who has its lock."""
        if self.store.shared:
            with self.store.reading() as transaction:
                # The clock first: what was said before it was moved there is in the store by then.
                now_ms = self.now_in(transaction)
                slot.row = transaction.named(slot.row.token) or slot.row
        else:
            now_ms = self.now()
        return self._brought_to(slot, max(now_ms, slot.row.last_ms), self._read)

    def replayed(self, slot: Slot, row: CampaignRow) -> Live:
        """Another copy of a campaign, with the commands of a row of it."""
        live = Live(row, slot.campaign)
        with paused():
            for commands in chunks(self._read, row.id, 0, row.commands):
                live.replay(commands)
        return live

    def _brought_to(self, slot: Slot, instant_ms: int, read: Read) -> Live:
        """The live copy with the commands that the row counts, at an instant; `read` reads those that it lacks."""
        try:
            live = slot.live
            if live is not None and live.now_ms > instant_ms:
                live = None
            while live is None or live.commands < slot.row.commands:
                live = self._with_more(slot, live or Live(slot.row, slot.campaign), read)
            if live.numbers != slot.row.numbers:
                message = f"campaign {slot.row.id} has {slot.row.numbers} numbers, and its replay {live.numbers}"
                raise RuntimeError(message)
            live.run(instant_ms)
        except BaseException:
            slot.forget()
            raise
        slot.live = live
        return live

    def _with_more(self, slot: Slot, live: Live, read: Read) -> Live | None:
        """A live copy with the commands that it lacks; None if one of them lies where it has been already."""
        with paused():
            for commands in chunks(read, slot.row.id, live.commands, slot.row.commands):
                if commands[0].at_ms < live.now_ms:
                    return None
                live.replay(commands)
        return live

    def _read(self, campaign: int, first: int, end: int) -> list[CommandRow]:
        with self.store.reading() as transaction:
            return transaction.commands(campaign, first, end)
