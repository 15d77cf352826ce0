"""What `solve` found, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scheduler.planning.figures import FINISHED_AT, Unit
from scheduler.planning.goals import Goal, value_words
from scheduler.planning.plan import AGENTS, LINES, START
from scheduler.planning.results import Replications, interval_data, number_data
from scheduler.planning.statistics import Interval
from scheduler.policy.errors import shown
from scheduler.policy.instants import MINUTE_MS

SUPERLATIVES = {(START, True): "earliest", (START, False): "latest"}
SUPERLATIVES |= {
    (field, least): word for field in (LINES, AGENTS) for least, word in ((True, "fewest"), (False, "most"))
}
ENDS = frozenset({FINISHED_AT, "unfinished", "notDone", "numbers"})  # figures that tell themselves of jobs left over


class Found(StrEnum):
    """What came of a search."""

    FOUND = "found"  # a value meets the goal, and the next better one does not
    FIRST = "first"  # the best value of the range meets it already
    NONE = "none"  # no value of the range meets it


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A value that was tried: its runs, and whether the goal is met there.

    `estimate` is the share of runs that meet the goal, or the mean of its figure, and `interval` where that lies.
    `certain` says that the runs tell it with the confidence of the search, or that nothing depends on luck.
    """

    value: Any
    runs: Replications
    met: bool
    certain: bool
    estimate: float
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The `least` value (or the greatest) of a field that meets a goal; None where none does.

    `tried` are the values that were tried, in their order. `certain`: what is said of the value and of the next better
    one is right with `confidence`, as long as the goal is met the more easily the further one goes. `broken` are two
    tried values of which the second should meet the goal more easily, and does not. `replications` is how many runs it
    took, `grid` how many a grid would have taken: each of `places` values, `step` apart (of starts, in milliseconds),
    with as many runs as the answer.
    """

    field: str
    goal: Goal
    least: bool
    found: Found
    value: Any
    tried: tuple[Tried, ...]
    confidence: float
    certain: bool
    luck: bool
    broken: tuple[Any, Any] | None
    replications: int
    places: int
    step: float
    grid: int

    @property
    def monotone(self) -> bool:
        """Whether all that was seen is in order."""
        return self.broken is None

    def at(self, value: Any) -> Tried:
        """What was tried at a value."""
        return next(each for each in self.tried if each.value == value)

    def sentences(self) -> tuple[str, ...]:
        """What was found, how sure it is, and what it took, in words."""
        return (self._answer(), self._certainty(), *self._cut_short(), self._effort())

    def _answer(self) -> str:
        first, last = self.tried[0], self.tried[-1]
        if self.found is Found.NONE:
            easiest = last if self.least else first
            easily = ", where it is met most easily," if self.broken is None else ""
            return (
                f"No value of {self.field} that may be taken meets the goal: {self.goal}. "
                f"At {written(easiest.value)}{easily} {self._words(easiest)}."
            )
        answer = self.at(self.value)
        superlative = SUPERLATIVES.get((self.field, self.least), "least" if self.least else "greatest")
        what = f"{self.field}={written(self.value)} is the {superlative} that meets the goal: {self.goal}"
        if self.found is Found.FIRST:
            return f"{what}. No value that may be taken is wanted more; there {self._words(answer)}."
        place = self.tried.index(answer) + (-1 if self.least else 1)
        beyond = self.tried[place]
        return f"{what}. There {self._words(answer)}; at {written(beyond.value)}, {self._words(beyond)}."

    def _words(self, tried: Tried) -> str:
        runs = f"{tried.runs.count} run{'' if tried.runs.count == 1 else 's'}"
        if not self.luck:
            unit = self.goal.unit
            return f"{self.goal.figure} is {value_words(tried.runs[self.goal.figure].mean, unit)}"
        unit = self.goal.unit if self.goal.probability is None else Unit.SHARE
        lies = ""
        if tried.interval is not None:
            low, high = (value_words(bound, unit) for bound in (tried.interval.low, tried.interval.high))
            lies = f" ({low} to {high} at {tried.interval.confidence:g})"
        if self.goal.probability is not None:
            met = round(tried.estimate * tried.runs.count)
            return f"{met} of {runs} meet it, a share of {tried.estimate:.3g}{lies}"
        return f"{self.goal.figure} is {value_words(tried.estimate, unit)} on average over {runs}{lies}"

    def _certainty(self) -> str:
        if self.broken is not None:
            return self._disorder()
        if not self.luck:
            return "Nothing depends on luck here, so this is certain for the values that were tried."
        if self.certain:
            return f"This is right with a confidence of {self.confidence:g}."
        doubtful = [each for each in self._deciding() if not each.certain]
        at = " and ".join(written(each.value) for each in doubtful)
        said = f"This is not certain with a confidence of {self.confidence:g}: the runs at {at}"
        if self.goal.probability is None and all(self._is_border(each) for each in doubtful):
            return f"{said} are all just what the goal says, and no number of runs tells more; ask for a probability."
        return f"{said} lie too near to the goal; give more replications."

    def _is_border(self, tried: Tried) -> bool:
        estimate = tried.runs[self.goal.figure]
        return estimate.least == estimate.most == self.goal.value

    def _deciding(self) -> Sequence[Tried]:
        """The values on which the answer rests."""
        if self.found is Found.NONE:
            return self.tried[-1:] if self.least else self.tried[:1]
        place = self.tried.index(self.at(self.value))
        if self.found is Found.FIRST:
            return [self.tried[place]]
        beyond = place - 1 if self.least else place + 1
        return [self.tried[place], self.tried[beyond]]

    def _disorder(self) -> str:
        """That the goal is not met the more easily the further one goes."""
        assert self.broken is not None
        worse, better = (self.at(value) for value in self.broken)
        unit = self.goal.unit
        means = [value_words(each.runs[self.goal.figure].mean, unit) for each in (worse, better)]
        return (
            f"This is not certain, as the goal is not met more easily the further one goes: at {written(worse.value)} "
            f"{self.goal.figure} is {means[0]}, at {written(better.value)} {means[1]}. Other values may meet the goal "
            "too: sweep them."
        )

    def _cut_short(self) -> tuple[str, ...]:
        """That a figure does not say all, as jobs had not ended when the runs did."""
        deciding = self._deciding()
        most = max(each.runs["unfinished"].mean for each in deciding)
        if not most or self.goal.figure in ENDS:
            return ()
        return (
            f"Not all jobs had ended when the runs did ({most:.4g} on average): {self.goal.figure} is of the rest.",
        )

    def _effort(self) -> str:
        tried, runs = len(self.tried), self.replications
        steps = f" in steps of {self.step / MINUTE_MS:g} min" if self.field == START else ""
        took = f"It took {runs:,} replication{'' if runs == 1 else 's'} at {tried:,} of {self.places:,} values{steps}"
        if self.grid <= runs:
            return f"{took}."
        return f"{took}; a grid with as many at each value as the answer has would have taken {self.grid:,}."

    def as_data(self) -> dict[str, Any]:
        """The solution as JSON."""
        unit = self.goal.unit if self.goal.probability is None else Unit.SHARE
        return {
            "field": self.field,
            "goal": self.goal.as_data(),
            "wanted": "least" if self.least else "most",
            "found": self.found.value,
            "value": self.value,
            "confidence": self.confidence if self.luck else 1,
            "certain": self.certain,
            "monotone": self.monotone,
            "broken": None if self.broken is None else list(self.broken),
            "replications": self.replications,
            "values": self.places,
            "gridReplications": self.grid,
            "words": list(self.sentences()),
            "tried": [
                {
                    "value": each.value,
                    "met": each.met,
                    "certain": each.certain,
                    "estimate": number_data(each.estimate, unit),
                    "interval": interval_data(each.interval, unit),
                    **each.runs.as_data(),
                }
                for each in self.tried
            ],
        }


def written(value: Any) -> str:
    """A value as a person writes it."""
    return value if isinstance(value, str) else shown(value)
