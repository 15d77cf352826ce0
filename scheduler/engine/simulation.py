"""The engine: a clock that jumps from one thing that happens to the next.

What it means
    At every instant, in this order (R8.5): calls end and free their lines; commands take effect; windows
    open and close; attempts fall due; dials are placed. A dial goes to the least rank among the attempts
    that are due and inside their calendar, while a line is free and pacing lets a call start (R8.1).

How it works
    What can happen next stands in orders of its own: the ends of the calls in progress (calls.py), the
    attempts that are not due yet (coming.py), the edges of the calendars that somebody waits behind
    (windows.py), and, while somebody waits whom only that holds back, the instant at which pacing lets the
    next call start and that at which there are other lines (lines.py).
    `run` takes the earliest of these instants and lets everything of that instant happen. The attempts that
    are due wait in a Queue, which knows their order (queue.py). An attempt that a law's count of calls forbids is
    due later (lawful.py); what stands in the queue then is passed over. How a call ends was decided when it was
    placed (outcomes.py); what follows from it is decided when it ends (here). A command is carried out at the
    instant at which the clock stands, after the calls that end then.

Why it is right
    Nothing that decides a dial changes between two instants at which something happens: lines are freed
    only by ends, steps of the day and commands, ranks change only at edges, attempts come only with due
    times. Ends, edges and due times of one instant are dealt with before its dials, ends in order of
    (instant, job), due times too, so an attempt joins its lane behind all that fell due before it. Time only
    moves on, also from one `run` to the next, so a run in steps is the run.

    A job ends when no allowed instant is left for it (R12.5). That can become true when it arrives, when a
    call ends (the retry's due time is known then), when a law puts it off, when a window closes, and at a finish
    while it waits. All five are looked at where they occur; the last is noticed when the attempt would come
    up, and is dated back to the finish.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import lt
from typing import NamedTuple

from scheduler.commands import Command
from scheduler.duplicates import Ledger, judge
from scheduler.engine.dialler import Dialler
from scheduler.engine.gates import FOREVER, SEARCH_MS
from scheduler.engine.lines import LineLimit
from scheduler.engine.standing import CANCELLED, NOTHING_PENDING
from scheduler.engine.timeline import History, Timeline
from scheduler.jobs import (
    Campaign,
    DayLines,
    Job,
    Problem,
    RequestRefused,
    UsageError,
    normal_form,
    spacing_ms_of,
)
from scheduler.outcomes import Source, never
from scheduler.policy.instants import LAST_INSTANT_MS, Moment, format_instant, parse_moment

DEFAULT_RUN_MS = SEARCH_MS
STEPS = 2000  # of a simulation that tells how far it is
NO_COMMAND = -1
STOPPED_STATE = "invalid.call.task.state"


def simulate(
    campaign: Campaign,
    jobs: Sequence[Job],
    *,
    now: Moment,
    until: Moment | None = None,
    lines: int | DayLines | None = None,
    outcomes: Source = never,
    seed: int = 0,
    commands: Sequence[Command] = (),
    progress: Callable[[Simulation], None] | None = None,
) -> Timeline:
    """The timeline of all dials of jobs from `now` up to `until` (366 days later, if not given).

    `lines` wins over the campaign's lines (R11.1). `seed` decides the luck of drawn outcomes (R12.3).
    `commands` take effect at their instants, those of one instant in the order given; one that is refused
    changes nothing and is a warning of the timeline (R13.1). `progress` is called now and then.
    Raises UsageError if `until` does not lie after `now`, a command lies before it, or `lines` is less than 1;
    PolicyError for what is no instant. Cost: a few microseconds a dial, whatever the number of jobs.

    >>> from scheduler.intake.request import read_request
    >>> campaign = Campaign(lines=1)
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "Z"}]', campaign).jobs
    >>> [dial.at for dial in simulate(campaign, jobs, now="2026-03-02T09:00:00Z")]
    [1772442000000]
    """
    now_ms = parse_moment(now)
    until_ms = min(now_ms + DEFAULT_RUN_MS, LAST_INSTANT_MS) if until is None else parse_moment(until)
    if now_ms == LAST_INSTANT_MS:
        raise UsageError(f"now {format_instant(now_ms)} is the last instant that there is; begin before it")
    if until_ms <= now_ms:
        raise UsageError(f"until {format_instant(until_ms)} does not lie after now {format_instant(now_ms)}")
    wrong = [command for command in commands if not isinstance(command, Command)]
    if wrong:
        raise UsageError(
            f"not a command: {wrong[0]!r}; read_scenario gives them, or scheduler.Pause(at=...) and the like"
        )
    ordered = sorted((parse_moment(command.at), place) for place, command in enumerate(commands))
    if ordered and ordered[0][0] < now_ms:
        at, place = ordered[0]
        raise UsageError(
            f"command {place} is for {format_instant(at)}, before the run begins: {format_instant(now_ms)}"
        )
    simulation = Simulation(campaign, now=now_ms, lines=lines, outcomes=outcomes, seed=seed)
    simulation.submit(jobs)
    looks = [(now_ms + (until_ms - now_ms) * step // STEPS, NO_COMMAND) for step in range(1, STEPS)]
    for at, place in sorted([*ordered, *(looks if progress else [])]):
        if at >= until_ms:
            break
        simulation.run(at)
        if place != NO_COMMAND:
            simulation.carry_out(commands[place], name=f"$.commands[{place}]")
        elif progress is not None:
            progress(simulation)
    simulation.run(until_ms)
    return simulation.timeline()


class Simulation:
    """A campaign that runs: jobs and commands in, dials out. Its clock stands at `now_ms` and only moves on.

    Commands (`submit`, `cancel`, `pause`, `resume`, `stop`, `set_lines`, `set_pace`) take effect at that instant;
    those that are refused change nothing and raise RequestRefused. `run(until)` lets everything before `until`
    happen, `step()` what happens next, and `timeline()` is what has happened so far.

    >>> simulation = Simulation(Campaign(), now="2026-03-02T09:00:00Z")
    >>> simulation.submit([])
    ()
    >>> simulation.run("2026-03-03")
    >>> len(simulation.timeline())
    0
    """

    def __init__(
        self,
        campaign: Campaign,
        *,
        now: Moment,
        lines: int | DayLines | None = None,
        outcomes: Source = never,
        seed: int = 0,
    ) -> None:
        lines = campaign.lines if lines is None else lines
        _check_lines(lines, least=1)
        self.campaign = campaign
        self.seed = seed
        self.now_ms = self._began_ms = parse_moment(now)
        self._warnings: dict[tuple[str, str, str], Problem] = {}
        self._ledger = Ledger()
        self._batches: list[_Batch] = []  # those that are not in the ledger yet
        self._submitted = False
        self._next_number = 0
        limit = LineLimit(lines, campaign.zone)
        self._history = History(limits=[(self.now_ms, limit)], spacings=[(self.now_ms, campaign.spacing_ms)])
        self._dialler = Dialler(campaign, self.now_ms, limit)
        self.set_outcomes(outcomes)

    # -- commands ----------------------------------------------------------------------------------------

    def submit(self, jobs: Sequence[Job], *, key: str | None = None, test: bool = False) -> tuple[int, ...]:
        """Hand in a batch at the present instant, behind all that came before; the index of each number.

        A batch that is not the first goes through R14, with the idempotence key of its request: the index of a
        replay is that of the earlier number, and no job is made. Later numbers count on from those before.
        Numbers of a `test` are added however often, and no later one is a duplicate of them (R14.6).
        O(1) a job; O(log n) with dates.
        """
        if not isinstance(jobs, Sequence):
            raise UsageError(f"not a sequence of jobs: {type(jobs).__name__}; give the jobs of a batch, batch.jobs")
        self._refuse_if_stopped()
        key = key or None
        answers: Sequence[int | None] = ()
        if not test and (self._submitted or key is not None):
            self._record()
            answers = judge(self._ledger, jobs, key, self.now_ms)
        self._submitted = True
        jobs, indices = _numbered(jobs, answers, self._next_number)
        if jobs:
            self._dialler.settle(self.now_ms)
        self._next_number = max(self._next_number, max(indices, default=-1) + 1)
        self._batches.append(_Batch(len(self._dialler.standing.jobs), self.now_ms, key, test))
        self._dialler.lives.arrive(jobs, self.now_ms)
        return tuple(indices)

    def cancel(self, jobs: Collection[int] = (), phones: Collection[str] = ()) -> tuple[Job, ...]:
        """Cancel the jobs of numbers, by their index, and all jobs of phones; those that had not ended before (R13.3).

        A call in progress runs to its end, which is then the end of its job. O(jobs).
        """
        if isinstance(jobs, int) or isinstance(phones, str):
            raise UsageError(
                "cancel takes collections of indices and of phones, such as jobs=[0], phones=['79123456789']"
            )
        standing = self._dialler.standing
        wanted, named = set(jobs), {normal_form(phone) or phone for phone in phones}
        places = [place for place, job in enumerate(standing.jobs) if job.index in wanted or job.phone in named]
        _refuse_unknown("id", wanted - {standing.jobs[place].index for place in places})
        _refuse_unknown("phone", named - {standing.jobs[place].phone for place in places})
        before = len(standing.jobs)
        self._dialler.settle(self.now_ms)  # after the refusals, which change nothing; it may make redials
        places += (
            place
            for place in range(before, len(standing.jobs))
            if standing.jobs[place].index in wanted or standing.jobs[place].phone in named
        )
        cancelled = []
        for place in places:
            if standing.has_ended(place):
                continue
            if standing.pending[place] == NOTHING_PENDING:
                standing.cancelled.add(place)
            elif not standing.strike_off(place, CANCELLED, self.now_ms):
                continue
            cancelled.append(standing.jobs[place])
        return tuple(cancelled)

    def pause(self) -> None:
        """Place no dial until `resume`; due times run on (R13.2)."""
        self._refuse_if_stopped()
        if not self._dialler.paused:
            self._dialler.paused = True
            self._history.pauses.append((self.now_ms, FOREVER))

    def resume(self) -> None:
        """Go on after a pause (R13.2)."""
        self._refuse_if_stopped()
        if self._dialler.paused:
            self._dialler.paused = False
            self._dialler.look_again = True
            self._history.pauses[-1] = self._history.pauses[-1][0], self.now_ms

    def stop(self) -> None:
        """End the campaign: what waits is not done, and a call in progress runs to its end (R13.2). O(jobs)."""
        if not self._dialler.lives.stopped:
            self._dialler.settle(self.now_ms)
            self._dialler.lives.stop(self.now_ms)
            self._history.stopped_at = self.now_ms

    def set_lines(self, lines: int | DayLines | None) -> None:
        """Change the lines, for good: a number (0 too), lines over the day, or None for no limit (R11.3)."""
        _check_lines(lines, least=0)
        limit = LineLimit(lines, self.campaign.zone)
        self._history.limits.append((self.now_ms, limit))
        self._dialler.set_limit(limit, self.now_ms)

    def set_pace(self, calls_per_second: float | None) -> None:
        """Change the pace, for good: so many calls a second, or None for no limit (R11.2).

        The next dial keeps its distance from the last one by the new pace.
        """
        spacing_ms = spacing_ms_of(calls_per_second)
        self._history.spacings.append((self.now_ms, spacing_ms))
        self._dialler.set_spacing(spacing_ms, self.now_ms)

    def set_outcomes(self, outcomes: Source) -> None:
        """Take the outcomes of the dials from now on from another source. Raises UsageError for what is none."""
        self._dialler.set_outcomes(outcomes, self.seed)

    def carry_out(self, command: Command, name: str = "$") -> None:
        """Carry out a command at the present instant; a refusal is a warning of the timeline, under this name."""
        try:
            command.carry_out(self)
        except RequestRefused as refused:
            for problem in refused.problems:
                place = problem.path.removeprefix("$")  # of a number in a batch
                path = f"{name}.numbers{place}" if place else name
                self._warn(problem.type, f"the command was refused: {problem.message}", path)

    # -- the clock ---------------------------------------------------------------------------------------

    def run(self, until: Moment) -> None:
        """Let everything before an instant happen, and move the clock there. Raises UsageError to go back."""
        until_ms = parse_moment(until)
        if until_ms < self.now_ms:
            raise UsageError(f"the clock stands at {format_instant(self.now_ms)} and does not go back")
        self._dialler.run(self.now_ms, until_ms)
        self.now_ms = until_ms

    def step(self) -> int | None:
        """Let what happens next happen, and stand a millisecond behind it; its instant, None if nothing is to come."""
        instant_ms = self._dialler.next_instant(self.now_ms)
        if instant_ms >= LAST_INSTANT_MS:
            return None
        self.run(instant_ms + 1)
        return instant_ms

    @property
    def dials(self) -> int:
        """How many dials were placed so far."""
        return len(self._dialler.standing.columns.at)

    def timeline(self) -> Timeline:
        """What has happened so far; it does not change when the simulation goes on. O(dials + jobs)."""
        standing = self._dialler.standing
        if not self._dialler.lives.stopped:
            standing.end_waiting(self._dialler.queue.overdue(self.now_ms))
        return Timeline(
            self.campaign,
            standing.jobs[:],
            standing.snapshot(self.now_ms),
            self._history.copy(),
            warnings=self._all_warnings(),
            now_ms=self._began_ms,
            until_ms=self.now_ms,
        )

    def check(self) -> None:
        """Assert every invariant; for tests."""
        self._dialler.check(self.now_ms)

    # -- small things ------------------------------------------------------------------------------------

    def _all_warnings(self) -> tuple[Problem, ...]:
        refused = self._dialler.lives.refused_redials
        redials = []
        if refused:
            job = self._dialler.standing.jobs[refused[0]]
            message = "no job is made of a redial whose phone has used up its attempts in the campaign"
            redials = [Problem(job=job.index, path="$", type="redial.ignored", message=message, count=len(refused))]
        return (*self.campaign.unknown_holidays(self._began_ms, self.now_ms), *self._warnings.values(), *redials)

    def _record(self) -> None:
        """Bring the ledger up to date; the numbers of a run that is submitted at once never need it."""
        if not self._batches:
            return
        jobs = self._dialler.standing.jobs
        ends = [*(batch.first for batch in self._batches[1:]), len(jobs)]
        for batch, end in zip(self._batches, ends, strict=True):
            if batch.test:
                continue
            self._ledger.use(batch.key, batch.accepted_ms)
            for job in jobs[batch.first : end]:
                if job.redial is None:
                    self._ledger.record(job, batch.accepted_ms, batch.key)
        self._batches.clear()

    def _refuse_if_stopped(self) -> None:
        if self._dialler.lives.stopped:
            message = "the campaign is stopped; a stopped one takes no numbers, and is neither paused nor resumed"
            details = {"state": "FINISHED", "message": message}
            problem = Problem(job=None, path="$", type=STOPPED_STATE, message=message, details=details)
            raise RequestRefused((problem,))

    def _warn(self, kind: str, message: str, path: str = "$") -> None:
        first = self._warnings.get((kind, message, path))
        count = 1 if first is None else first.count + 1
        self._warnings[kind, message, path] = Problem(job=None, path=path, type=kind, message=message, count=count)


class _Batch(NamedTuple):
    """A batch that was taken: the place of its first job, its instant, and the key of its request."""

    first: int
    accepted_ms: int
    key: str | None
    test: bool


def _numbered(jobs: Sequence[Job], answers: Sequence[int | None], next_number: int) -> tuple[Sequence[Job], list[int]]:
    """The jobs to be made of a batch, and the index of each of its numbers; `answers` has those of replays.

    A first batch keeps the indices that it has, if no two are the same; others count on from `next_number`.
    """
    indices = [job.index for job in jobs]
    if not answers and not next_number and all(map(lt, indices, indices[1:])):
        return jobs, indices
    made: list[Job] = []
    for place, job in enumerate(jobs):
        earlier = answers[place] if answers else None
        indices[place] = next_number + len(made) if earlier is None else earlier
        if earlier is None:
            made.append(Job._make((indices[place], *job[1:])))  # _replace takes three times as long
    return made, indices


def _check_lines(lines: int | DayLines | None, *, least: int) -> None:
    whole = isinstance(lines, int) and not isinstance(lines, bool) and lines >= least
    if not (whole or lines is None or isinstance(lines, DayLines)):
        raise UsageError(f"lines is a whole number, at least {least} line{'s' * (least != 1)} to dial, not {lines!r}")


def _refuse_unknown(what: str, unknown: Collection[int | str]) -> None:
    if unknown:
        named = ", ".join(str(each) for each in sorted(unknown, key=str)[:5])
        message = f"no job has the {what} {named}; nothing is cancelled"
        problem = Problem(job=None, path="$", type=f"{what}.not.found", message=message)
        raise RequestRefused((problem,))
