"""The campaigns of a store at the present of its clock: what the faces of the server call.

What it means
    A campaign is what was said to it, command by command, each at its instant; what has happened since follows from
    that. At the instant at which the clock stands everything before has happened, and nothing of that instant but the
    commands that were said at it.

How it works
    The store keeps the commands. Here a live copy of each campaign is kept that has carried them out (live.py). Before
    it is used it is brought up to date: with commands that another server has put into the store, and up to the
    present. A new command is carried out on it, within a transaction in which the campaign's row is held, and is kept
    by the store if it changed anything. A command that is refused changes nothing.

Why it is right
    A live copy is what a replay gives, or is thrown away: when a transaction fails after it has changed, when a command
    of the store lies before the instant at which it stands (which another machine's clock may bring), and when the
    store has something else than it should. Commands of a campaign have a place each, which only one writer can take,
    and their instants never go back. So whoever replays them, and whenever, gets the same.

Every method may be called from any thread. Those of one campaign take turns. Instants are in milliseconds.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from scheduler.duplicates import BAD_KEY
from scheduler.intake.campaign import read_campaign
from scheduler.intake.formats import INVALID_JSON
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.request import read_numbers
from scheduler.jobs import (
    Campaign,
    CampaignRefused,
    DayLines,
    JobState,
    Problem,
    RequestRefused,
    UsageError,
    normal_form,
)
from scheduler.policy.errors import shown
from scheduler.policy.instants import DAY_MS, LAST_INSTANT_MS, format_instant
from scheduler.server.clock import Clock
from scheduler.server.collector import paused
from scheduler.server.differences import differences, fixed_differences
from scheduler.server.keeper import Carried, Conflict, Keeper, Slot, UnknownToken
from scheduler.server.limits import DEFAULT_LIMITS, Limits
from scheduler.server.live import CANCEL, OUTCOMES, SETTINGS, SUBMIT, TEST, Cancelled, Control, Live, rows_of
from scheduler.server.snapshots import NUMBERS, Snapshot, Status, id_of, number_of
from scheduler.server.statements import LARGE, CampaignRow, Packing, Said, packed
from scheduler.server.store import Store

__all__ = ["Campaigns", "Conflict", "Info", "Snapshot", "TooFar", "TooLarge", "UnknownToken"]
T = TypeVar("T")
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,255}", re.ASCII)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
MAX_SEED = (1 << 63) - 1


class TooLarge(Exception):
    """A request has more numbers than the server takes at a time."""


class TooFar(Exception):
    """A clock is to be moved, or a timeline looked ahead, further than the server goes at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """A campaign at a glance. `campaign` are the settings that hold, `document` is the file that says them.

    `created_ms` is an instant; `status` is `inProgress`, `paused` or `finished`; `numbers` is how many have jobs,
    `commands` how many changed something; `counts` are the jobs in each state there is (None in a list).
    """

    token: str
    id: int
    created_ms: int
    status: Status
    campaign: Campaign
    document: bytes = field(repr=False)
    numbers: int
    commands: int
    counts: Mapping[JobState, int] | None = None

    @property
    def name(self) -> str:
        """The name that it has now."""
        return self.campaign.name

    @property
    def lines(self) -> int | DayLines | None:
        """The calls that it may make at one time; None for no limit (R11.1)."""
        return self.campaign.lines

    @property
    def calls_per_second(self) -> float | None:
        """The dials that it may place in a second; None for no limit (R11.2)."""
        return self.campaign.calls_per_second


class Campaigns:
    """The campaigns of a store, at the present of a clock.

    `seed` decides the luck of the outcomes that are drawn in campaigns that are made from now on (R12.3). Raises
    UsageError if the store's clock is of the other kind. Cost: of a command, little more than a transaction;
    of the first use of a campaign in this process, a replay of it.

    >>> from scheduler.server.clock import HandClock
    >>> from scheduler.server.store import open_store
    >>> campaigns = Campaigns(open_store(":memory:"), HandClock(1772442000000))
    >>> campaigns.put_campaign("spring", b"{}")[0]
    True
    >>> campaigns.add_phones("spring", b'[{"phone": "79123456789", "gmtZone": "Z"}]')
    ['1000000000']
    >>> campaigns.move_clock(advance_ms=60_000) - campaigns.snapshot("spring").timeline[0].at
    60000
    >>> campaigns.info("spring").counts
    {<JobState.NO_ANSWER: 'noAnswer'>: 1}
    >>> campaigns.close()
    """

    def __init__(self, store: Store, clock: Clock, limits: Limits = DEFAULT_LIMITS, *, seed: int = 0) -> None:
        if not -MAX_SEED <= seed <= MAX_SEED:
            raise UsageError(f"a seed is a whole number of at most 63 bits, not {seed}")
        self.store = store
        self.limits = limits
        self._seed = seed
        self._kept = Keeper(store, clock)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    # -- the clock ---------------------------------------------------------------------------------------

    @property
    def clock_kind(self) -> str:
        """`real`, or `by hand`."""
        return self._kept.clock.kind

    def now(self) -> int:
        """The present instant."""
        return self._kept.now()

    def move_clock(self, *, to_ms: int | None = None, advance_ms: int | None = None) -> int:
        """Move a clock that is moved by hand to an instant, or on by so much; where it stands then.

        Raises Conflict if it is a real one, or would go back; TooFar beyond `limits.horizon_days`.
        """
        assert (to_ms is None) != (advance_ms is None), "a clock is moved to an instant, or by a time"

        def target(now_ms: int) -> int:
            target_ms = now_ms + (advance_ms or 0) if to_ms is None else to_ms
            self._refuse_too_far(now_ms, target_ms)
            return target_ms

        return self._kept.move(target)

    def _refuse_too_far(self, now_ms: int, target_ms: int) -> None:
        days = self.limits.horizon_days
        if target_ms - now_ms > days * DAY_MS:
            raise TooFar(f"more than {days} days from {format_instant(now_ms)}; go there in steps")
        if target_ms > LAST_INSTANT_MS:
            raise TooFar(f"there is no instant after {format_instant(LAST_INSTANT_MS)}")

    # -- campaigns ---------------------------------------------------------------------------------------

    def put_campaign(self, token: str, body: bytes, *, toml: bool = False) -> tuple[bool, Info]:
        """Make a campaign of a file, TOML or JSON, or change one that there is; whether it was made, and how it is.

        Name, lines and pace of one that there is are changed at the present instant. Raises CampaignRefused for what
        is no token or no campaign, and Conflict where anything else differs.
        """
        good_token(token)
        if not toml and not body.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[{")):
            raise _campaign_refused(INVALID_JSON, 'not a campaign in JSON; write an object, such as {"name": "spring"}')
        campaign = read_campaign(body)
        made = self._kept.make(token, body, self._seed)
        if made is not None:
            return True, self._info(made, made.row, {})

        def change(live: Live) -> Carried[None]:
            fixed = fixed_differences(live.present, campaign)
            if fixed:
                named = ", ".join(fixed)
                raise Conflict(f"the campaign exists, with another {named}; only its name, lines and pace can change")
            if campaign == live.present:
                return None, None
            live.set_present(campaign)
            return None, Said(SETTINGS, packed(body), present=body)

        self._kept.carry_out(self._slot(token), change)
        return False, self.info(token)

    def ensure_campaign(self, token: str, body: bytes) -> list[str]:
        """Make a campaign of a file if there is none with its token; the fields of the file that differ from one.

        Raises CampaignRefused as `put_campaign` does, and nothing is changed in a campaign that there is.
        """
        good_token(token)
        campaign = read_campaign(body)
        if self._kept.make(token, body, self._seed) is not None:
            return []
        with self.store.reading() as transaction:
            row = transaction.named(token)
        assert row is not None, "a campaign that could not be made is there"
        return differences(read_campaign(row.present), campaign)

    def list_campaigns(self) -> list[Info]:
        """All campaigns in the order in which they were made, without counts; nothing is replayed for it."""
        with self.store.reading() as transaction:
            rows = transaction.campaigns()
        return [self._info(self._kept.slot_of(row), row, None) for row in rows]

    def info(self, token: str) -> Info:
        """A campaign, with counts. Raises UnknownToken. O(dials + jobs) after the clock has moved."""
        slot = self._slot(token)
        with slot.lock:
            snapshot = self._kept.snapshot(slot)
            return self._info(slot, slot.row, snapshot.counts())

    def _info(self, slot: Slot, row: CampaignRow, counts: Mapping[JobState, int] | None) -> Info:
        return Info(
            token=row.token,
            id=row.id,
            created_ms=row.created_ms,
            status=row.status,
            campaign=slot.campaign if row.present == row.document else read_campaign(row.present),
            document=row.present,
            numbers=row.numbers,
            commands=row.commands,
            counts=counts,
        )

    # -- commands ----------------------------------------------------------------------------------------

    def add_phones(self, token: str, body: bytes, key: str | None = None) -> list[str]:
        """Take a request for jobs; the id for each of its numbers, in their order: of a replay, the earlier job's.

        Raises UnknownToken; RequestRefused with all that is wrong, and then nothing of it is kept (R14.5); TooLarge.
        """
        with paused() if len(body) >= LARGE else nullcontext():
            return self._submit(self._slot(token), SUBMIT, body, key or "")

    def add_phone(self, token: str, fields: Mapping[str, str], key: str | None = None, *, test: bool = False) -> str:
        """Take one number, given as `phone`, `gmtZone` and what is to be its payload; its id.

        A `test` is taken however often (R14.6), whatever its key. Raises as `add_phones` does.
        """
        slot = self._slot(token)
        named = {name: fields[name] for name in ("phone", "gmtZone") if name in fields}
        payload = {name: value for name, value in fields.items() if name not in named}
        number: dict[str, object] = {**named, "payload": payload} if payload else {**named}
        try:
            body = msgspec.json.encode([number])
        except UnicodeEncodeError:
            raise _request_refused(INVALID_JSON, "an unpaired surrogate in the text; write it as UTF-8") from None
        [made] = self._submit(slot, TEST if test else SUBMIT, body, "" if test else key or "")
        return made

    def _submit(self, slot: Slot, kind: str, body: bytes, key: str) -> list[str]:
        if UNSTORABLE.search(key):
            raise _request_refused(BAD_KEY, "an idempotence key is text, without NUL and unpaired surrogates")
        packing = Packing(body)
        batch = read_numbers(body, slot.campaign)
        if len(batch.jobs) > self.limits.numbers:
            raise TooLarge(f"{len(batch.jobs):,} numbers; a request has at most {self.limits.numbers:,}")

        def submit(live: Live) -> Carried[list[str]]:
            submitted = live.submit(batch.jobs, key, test=kind == TEST)
            base = slot.row.id * NUMBERS
            ids = [str(base + index) for index in submitted.indices]
            made = live.numbers - submitted.first
            if not made and submitted.first_use is None:
                return ids, None
            said = Said(
                kind,
                packing.result(),
                key,
                numbers=len(batch.jobs),
                made=made,
                jobs=rows_of(slot.row.id, submitted),
                use=submitted.first_use,
            )
            return ids, said

        return self._kept.carry_out(slot, submit)

    def cancel(self, token: str, ids: Sequence[str] = (), phones: Sequence[str] = ()) -> list[str]:
        """Cancel jobs by their ids, and all jobs of phones; the ids of those that had not ended before (R13.3).

        The id of a number's job means its redials too. Raises UnknownToken; RequestRefused (`id.not.found`,
        `phone.not.found`), and nothing is cancelled then.
        """

        def cancel(live: Live) -> Carried[list[str]]:
            if not (ids or phones):
                return [], None
            numbers = self._numbers_of(live, ids)
            cancelled = live.cancel(numbers, phones)
            body = Cancelled(sorted(numbers), sorted({normal_form(phone) or phone for phone in phones}))
            said = Said(CANCEL, packed(msgspec.json.encode(body)))
            return [id_of(live.row.id, job) for job in cancelled], said

        return self._kept.carry_out(self._slot(token), cancel)

    def _numbers_of(self, live: Live, ids: Collection[str]) -> set[int]:
        """The numbers that ids stand for. Raises RequestRefused for those that stand for none."""
        named = {text: number_of(live.row.id, text) for text in ids}
        unknown = [text for text, each in named.items() if each is None or each[0] >= live.numbers]
        redials = [text for text, each in named.items() if each is not None and each[1]]
        if redials:
            snapshot = live.snapshot()
            unknown += [text for text in redials if snapshot.place_of(text) is None]
        if unknown:
            some = ", ".join(map(shown, unknown[:5]))
            raise _request_refused("id.not.found", f"no job has the id {some}; nothing is cancelled")
        return {each[0] for each in named.values() if each is not None}

    def control(self, token: str, what: Control) -> None:
        """Pause, resume or stop. Raises UnknownToken; RequestRefused where it is stopped (R13.2)."""

        def control(live: Live) -> Carried[None]:
            return None, Said(what, status=live.status) if live.control(what) else None

        self._kept.carry_out(self._slot(token), control)

    def put_outcomes(self, token: str, body: bytes) -> None:
        """Take the outcomes of the dials from now on from a script or a model. Raises UnknownToken, OutcomesRefused."""
        source = read_outcomes(body, self._slot(token).campaign)

        def put(live: Live) -> Carried[None]:
            live.set_outcomes(source)
            return None, Said(OUTCOMES, packed(body))

        self._kept.carry_out(self._slot(token), put)

    # -- what happened -----------------------------------------------------------------------------------

    def snapshot(self, token: str) -> Snapshot:
        """How a campaign stands; the same one until the clock moves or a command comes. Raises UnknownToken.

        O(dials + jobs) for a new one.
        """
        slot = self._slot(token)
        with slot.lock:
            return self._kept.snapshot(slot)

    def look_ahead(self, token: str, until_ms: int) -> Snapshot:
        """How a campaign will stand at an instant if nothing more is said to it. Cost: a replay, up to there.

        Raises UnknownToken; UsageError for an instant before the present one; TooFar beyond `limits.horizon_days`.
        """
        slot = self._slot(token)
        with slot.lock:
            now_ms = self._kept.brought_up_to_date(slot).now_ms
            row = slot.row
        if until_ms < now_ms:
            raise UsageError(f"{format_instant(until_ms)} lies before {format_instant(now_ms)}, where the clock stands")
        self._refuse_too_far(now_ms, until_ms)
        live = self._kept.replayed(slot, row)
        live.run(until_ms)
        return live.snapshot()

    # -- small things ------------------------------------------------------------------------------------

    def refuse_unknown(self, token: str) -> None:
        """Raises UnknownToken; only a store that is shared is asked, and only for a token that is new here."""
        self._slot(token)

    def _slot(self, token: str) -> Slot:
        slot = self._kept.slot(token) if _TOKEN.fullmatch(token) else None
        if slot is None:
            raise UnknownToken
        return slot


def good_token(token: str) -> None:
    """Raises CampaignRefused for what is no token."""
    if not _TOKEN.fullmatch(token):
        raise _campaign_refused("invalid.token", "a token has 1 to 255 letters, digits and . _ ~ -")


def _request_refused(type: str, message: str) -> RequestRefused:
    return RequestRefused((Problem(job=None, path="$", type=type, message=message),))


def _campaign_refused(type: str, message: str) -> CampaignRefused:
    return CampaignRefused((Problem(job=None, path="$", type=type, message=message),))
