"""A live campaign: its simulation, and what was said to it so far.

It is what a replay of the commands of the store gives; a new command is carried out here first, which is how it is
judged, and is kept by the store then. If that fails, this is thrown away, and another is replayed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from itertools import groupby
from typing import Literal, NamedTuple, get_args

import msgspec

from scheduler.duplicates import DuplicatesRefused
from scheduler.engine.simulation import Simulation
from scheduler.intake.campaign import read_campaign
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.request import read_numbers
from scheduler.jobs import Campaign, Job, Refused
from scheduler.outcomes import Source
from scheduler.policy.instants import DAY_MS
from scheduler.policy.levels import ResolvedPolicy
from scheduler.server.snapshots import NUMBERS, Places, Snapshot, Status
from scheduler.server.statements import CampaignRow, CommandRow, JobRow, KeyUse

Control = Literal["pause", "resume", "stop"]
CONTROLS: tuple[Control, ...] = get_args(Control)
IN_PROGRESS: Status = "inProgress"
SUBMIT, TEST, CANCEL, SETTINGS, OUTCOMES = "submit", "test", "cancel", "settings", "outcomes"
DIGEST_BYTES = 16
BLANKS = b" \t\r\n"


class Cancelled(msgspec.Struct, frozen=True):
    """The body of a kept `cancel`: the numbers whose jobs were cancelled, by index, and the phones."""

    numbers: list[int]
    phones: list[str]


class Submitted(NamedTuple):
    """What came of a batch: the index of each of its numbers, the index of the first that is new, and the jobs made.

    `use` is that of its key, 0 without one, `first_use` there if it is the first.
    """

    indices: Sequence[int]
    first: int
    jobs: Sequence[Job]
    use: int
    first_use: KeyUse | None


class Live:
    """A campaign that runs, from its creation on. Not for several threads at once.

    `present` are the settings that hold, `commands` is how many were carried out and `numbers` how many have jobs.
    Whoever carries out a command brings it to the instant first (`run`), and counts it.
    """

    def __init__(self, row: CampaignRow, campaign: Campaign) -> None:
        self.row = row
        self.present = campaign
        self.status = IN_PROGRESS
        self.commands = self.numbers = 0
        self._campaign = campaign
        self._simulation = Simulation(campaign, now=row.created_ms, seed=row.seed)
        self._simulation.submit([])  # a first batch is not judged, and all that come are to be
        self._uses: dict[str, KeyUse] = {}
        self._last_use = 0
        self._policies: dict[ResolvedPolicy, ResolvedPolicy] = {}
        self._places = Places()

    # -- time --------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """Where it stands: everything before has happened."""
        return self._simulation.now_ms

    def run(self, until_ms: int) -> None:
        """Let everything before an instant happen, which does not lie before the present one."""
        if until_ms > self._simulation.now_ms:
            self._simulation.run(until_ms)

    def snapshot(self) -> Snapshot:
        """How it stands. O(dials + jobs)."""
        return Snapshot(
            campaign_id=self.row.id,
            campaign=self.present,
            timeline=self._simulation.timeline(),
            created_ms=self.row.created_ms,
            status=self.status,
            numbers=self.numbers,
            commands=self.commands,
            _places=self._places,
        )

    def check(self) -> None:
        """Assert every invariant; for tests."""
        self._simulation.check()
        firsts = [job.index for job in self._simulation.timeline().jobs if job.redial is None]
        assert firsts == list(range(self.numbers)), "numbers count up in the order in which they were taken"

    # -- commands ----------------------------------------------------------------------------------------

    def submit(self, jobs: Sequence[Job], key: str, *, test: bool) -> Submitted:
        """Hand in a batch at the present instant. Raises RequestRefused, and nothing changes then (R14)."""
        jobs = self._with_known_policies(jobs)
        key = "" if test else key
        try:
            indices = self._simulation.submit(jobs, key=key or None, test=test)
        except DuplicatesRefused as refused:
            raise refused.naming(lambda index: str(self.row.id * NUMBERS + index)) from None
        first = self.numbers
        self.numbers = max(first, max(indices, default=-1) + 1)
        use, first_use = self._use(key)
        return Submitted(indices, first, jobs, use, first_use)

    def cancel(self, numbers: Collection[int], phones: Collection[str]) -> tuple[Job, ...]:
        """Cancel jobs, as the simulation does."""
        return self._simulation.cancel(numbers, phones)

    def control(self, what: Control) -> bool:
        """Pause, resume or stop; whether that changed anything. Raises RequestRefused (R13.2)."""
        before = self.status
        if what == "pause":
            self._simulation.pause()
            self.status = "paused"
        elif what == "resume":
            self._simulation.resume()
            self.status = IN_PROGRESS
        else:
            self._simulation.stop()
            self.status = "finished"
        return self.status != before

    def set_present(self, campaign: Campaign) -> None:
        """Take other settings, of which only name, lines and pace may differ."""
        if campaign.lines != self.present.lines:
            self._simulation.set_lines(campaign.lines)
        if campaign.calls_per_second != self.present.calls_per_second:
            self._simulation.set_pace(campaign.calls_per_second)
        self.present = campaign

    def set_outcomes(self, source: Source) -> None:
        """Take the outcomes of the dials from now on from another source."""
        self._simulation.set_outcomes(source)

    # -- replay ------------------------------------------------------------------------------------------

    def replay(self, commands: Sequence[CommandRow]) -> None:
        """Carry out commands of the store, in order, each at its instant."""
        for reads_alike, group in groupby(commands, _reads_alike):
            if not reads_alike:
                for command in group:
                    self._again(command, ())
                continue
            # Many small requests are read as a large one: what takes time is shared.
            together = list(group)
            lists = [command.body.strip(BLANKS)[1:-1] for command in together if command.numbers]
            jobs = read_numbers(b"[" + b",".join(lists) + b"]", self._campaign).jobs
            begin = 0
            for command in together:
                self._again(command, jobs[begin : begin + command.numbers])
                begin += command.numbers
            assert begin == len(jobs), "a request of the store has other numbers than it had"

    def _again(self, command: CommandRow, jobs: Sequence[Job]) -> None:
        self.run(command.at_ms)
        try:
            self._carry_out(command, jobs)
        except Refused as refused:
            message = f"command {command.seq} of campaign {self.row.id} was accepted, and is refused now: {refused}"
            raise RuntimeError(message) from refused
        self.commands += 1

    def _carry_out(self, command: CommandRow, jobs: Sequence[Job]) -> None:
        kind, body = command.kind, command.body
        if kind in {SUBMIT, TEST}:
            jobs = jobs or read_numbers(body, self._campaign).jobs
            self.submit(jobs, command.key, test=kind == TEST)
        elif kind == CANCEL:
            cancelled = msgspec.json.decode(body, type=Cancelled)
            self.cancel(cancelled.numbers, cancelled.phones)
        elif kind == SETTINGS:
            self.set_present(read_campaign(body))
        elif kind == OUTCOMES:
            self.set_outcomes(read_outcomes(body, self._campaign))
        else:
            [what] = [each for each in CONTROLS if each == kind]
            self.control(what)

    # -- small things ------------------------------------------------------------------------------------

    def _use(self, key: str) -> tuple[int, KeyUse | None]:
        """The use of a key at the present instant, and that use itself if it is the first (R14.4)."""
        if not key:
            return 0, None
        known = self._uses.get(key)
        if known is not None and self.now_ms - known.first_use_ms < DAY_MS:
            return known.use, None
        self._last_use += 1
        first_use = self._uses[key] = KeyUse(self._last_use, key, self.now_ms)
        return first_use.use, first_use

    def _with_known_policies(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """The jobs, where equal policies are one: what the simulation makes of a policy it makes once."""
        known: dict[int, ResolvedPolicy] = {}
        for job in jobs:
            if id(job.policy) not in known:
                known[id(job.policy)] = self._policies.setdefault(job.policy, job.policy)
        if all(id(policy) == place for place, policy in known.items()):
            return jobs
        return [job._replace(policy=known[id(job.policy)]) for job in jobs]


def rows_of(campaign: int, submitted: Submitted) -> Iterator[JobRow]:
    """The jobs that were made, as a store keeps them."""
    first, use = submitted.first, submitted.use
    for index, job in zip(submitted.indices, submitted.jobs, strict=True):
        if index >= first:
            yield JobRow(campaign, index, job.phone, use, _digest(job.payload) if use else None)


def _digest(payload: bytes | None) -> bytes:
    """What differs for payloads of different texts; empty for none."""
    return b"" if payload is None else blake2b(payload, digest_size=DIGEST_BYTES).digest()


def _reads_alike(command: CommandRow) -> bool:
    """Whether a command is a request in JSON, which can be read together with others."""
    return command.kind in {SUBMIT, TEST} and command.body.lstrip(BLANKS).startswith(b"[")
