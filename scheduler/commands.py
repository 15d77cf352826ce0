"""Commands: what is done to a campaign while it runs, each at an instant (R13.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.jobs import DayLines, Job
from scheduler.policy.instants import Moment


class Commanded(Protocol):
    """What takes commands: a simulation."""

    def submit(self, jobs: Sequence[Job], *, key: str | None = None, test: bool = False) -> object:
        """Take a batch of jobs."""

    def cancel(self, jobs: Collection[int] = (), phones: Collection[str] = ()) -> object:
        """Cancel jobs."""

    def pause(self) -> None:
        """Place no dial until it is resumed."""

    def resume(self) -> None:
        """Go on after a pause."""

    def stop(self) -> None:
        """End."""

    def set_lines(self, lines: int | DayLines | None) -> None:
        """Have other lines."""

    def set_pace(self, calls_per_second: float | None) -> None:
        """Have another pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that is done at an instant; it may be refused, and then changes nothing."""

    at: Moment

    def carry_out(self, simulation: Commanded) -> None:
        """Do it, at the instant at which the simulation's clock stands. Raises RequestRefused."""
        raise AssertionError(f"{type(self).__name__} says nothing to {simulation}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(Command):
    """Hand in a batch of jobs, with the idempotence key of its request if it has one (R14).

    Numbers of a `test` are added however often, and are no duplicates of any other (R14.6).
    """

    jobs: Sequence[Job]
    key: str | None = None
    test: bool = False

    def carry_out(self, simulation: Commanded) -> None:
        """Submit."""
        simulation.submit(self.jobs, key=self.key, test=self.test)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    """Cancel jobs, by the index of their number or by phone (R13.3)."""

    jobs: Collection[int] = ()
    phones: Collection[str] = ()

    def carry_out(self, simulation: Commanded) -> None:
        """Cancel."""
        simulation.cancel(self.jobs, self.phones)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Place no dial until the campaign is resumed (R13.2)."""

    def carry_out(self, simulation: Commanded) -> None:
        """Pause."""
        simulation.pause()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on after a pause (R13.2)."""

    def carry_out(self, simulation: Commanded) -> None:
        """Resume."""
        simulation.resume()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """End the campaign: what waits is not done (R13.2)."""

    def carry_out(self, simulation: Commanded) -> None:
        """Stop."""
        simulation.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLines(Command):
    """Change the lines, for good: a number (0 too), lines over the day, or None for no limit."""

    lines: int | DayLines | None

    def carry_out(self, simulation: Commanded) -> None:
        """Change the lines."""
        simulation.set_lines(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPace(Command):
    """Change the pace, for good: so many calls a second, or None for no limit (R11.2)."""

    calls_per_second: float | None

    def carry_out(self, simulation: Commanded) -> None:
        """Change the pace."""
        simulation.set_pace(self.calls_per_second)
