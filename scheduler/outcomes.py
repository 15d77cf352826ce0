"""Where the outcome of an attempt comes from: never, a script, or a model (R12.2).

A source is a value that is handed in. What an attempt comes to under it depends on no order of dials (R12.3);
engine/drawing.py makes of it what a run asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.jobs import Campaign, Outcome, Problem, Redial, UsageError
from scheduler.lengths import Lengths, constant
from scheduler.policy.instants import DAY_MS, SECOND_MS

MAX_LENGTH_MS = (1 << 32) - 1
MAX_DRAWN_MS = 2 * DAY_MS


@dataclass(frozen=True, slots=True)
class Call:
    """What an attempt comes to: how it ends, after ringing and, if answered, talking (R12.1).

    >>> Call(Outcome.ANSWERED, 5_000, 60_000).length_ms
    65000
    """

    outcome: Outcome
    ring_ms: int
    talk_ms: int = 0
    result: bool = False
    redial: Redial | None = None

    def __post_init__(self) -> None:
        if self.outcome is not Outcome.ANSWERED and (self.talk_ms or self.result or self.redial):
            raise UsageError(f"only an answered call has talk, a result or a redial, not {self.outcome.value}")
        if self.ring_ms < 0 or self.talk_ms < 0 or not 0 < self.length_ms <= MAX_LENGTH_MS:
            raise UsageError(f"a call lasts from 1 to {MAX_LENGTH_MS} ms, not {self.length_ms}")

    @property
    def length_ms(self) -> int:
        """How long the line is held."""
        return self.ring_ms + self.talk_ms


@dataclass(frozen=True, slots=True)
class Never:
    """Every attempt rings for `ring_ms` and is not answered: the longest timeline that a policy can give.

    >>> Never().of(Campaign(ring_ms=20_000)).ring_ms
    20000
    """

    ring_ms: int | None = None

    def __post_init__(self) -> None:
        if self.ring_ms is not None and self.ring_ms < 1:
            raise UsageError(f"an attempt rings for at least a millisecond, not {self.ring_ms}")
        if self.ring_ms is not None and self.ring_ms > MAX_LENGTH_MS:
            raise UsageError(f"an attempt rings for at most {MAX_LENGTH_MS} ms, not {self.ring_ms}")

    def of(self, campaign: Campaign) -> Never:
        """The same, ringing as long as the campaign says unless it says so itself."""
        return self if self.ring_ms is not None else Never(campaign.ring_ms)


never = Never()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Given outcomes: of numbers by their place among all submitted, else by their phone; then `never`.

    The dials of a number take them one after the other, through retries and redials.
    """

    jobs: Mapping[int, Sequence[Call]] = field(default_factory=dict)
    phones: Mapping[str, Sequence[Call]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Drawn outcomes: probabilities, and lengths in milliseconds.

    `answered` is the probability that an attempt is answered; `by_hour` gives it for each local hour of the
    day, `by_attempt` for the first, second, … attempt of a series (the last goes on); where both are given, their
    effects multiply. What is not answered is `busy`, `failed` or a `nonexistent` number in these shares of all
    attempts, when `answered` of them are answered; the rest is no answer. Of the conversations `result` end with a
    result, and `redial_share` ask for `redial`.

    >>> Model(answered=0.5, by_attempt=(0.5, 0.25)).answer_rate(0, 3)
    0.25
    """

    answered: float
    busy: float = 0.0
    failed: float = 0.0
    nonexistent: float = 0.0
    by_hour: tuple[float, ...] = ()
    by_attempt: tuple[float, ...] = ()
    result: float = 0.0
    redial: Redial | None = None
    redial_share: float = 0.0
    ring_ms: Mapping[Outcome, Lengths] = field(default_factory=dict, repr=False)
    talk_ms: Lengths = field(default=constant(60 * SECOND_MS), repr=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        shares = [self.answered, self.busy, self.failed, self.nonexistent, self.result, self.redial_share]
        if not all(0 <= share <= 1 for share in [*shares, *self.by_hour, *self.by_attempt]):
            raise UsageError("the probabilities of a model lie between 0 and 1")
        if sum(shares[:4]) > 1 + 1e-9:
            raise UsageError(f"the probabilities of a model sum up to {sum(shares[:4]):.4g}, more than 1")
        if self.by_hour and len(self.by_hour) != 24:
            raise UsageError(f"by_hour gives 24 rates, one for each hour of the day, not {len(self.by_hour)}")
        if (self.by_hour or self.by_attempt) and not self.answered:
            raise UsageError("rates by hour or attempt need `answered` to be more than 0: they are compared with it")
        longest_ms = max(lengths[-1] for lengths in [*self.ring_ms.values(), self.talk_ms])
        if longest_ms > MAX_DRAWN_MS:
            raise UsageError(f"a length that is drawn is at most two days, {MAX_DRAWN_MS} ms, not {longest_ms}")

    def answer_rate(self, hour: int, attempt: int) -> float:
        """The probability that an attempt is answered, in a local hour of the day."""
        rate = self.answered
        if self.by_hour:
            rate *= self.by_hour[hour] / self.answered
        if self.by_attempt:
            rate *= self.by_attempt[min(attempt, len(self.by_attempt)) - 1] / self.answered
        return min(rate, 1.0)


Source = Never | Script | Model
