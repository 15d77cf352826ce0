"""The three answers of `plan`: figures of one plan, a grid, and what meets a goal; each as text, data and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scheduler.planner import pictures
from scheduler.planner.tables import goal_text, grid_text, grid_words, ran_words, runs_text
from scheduler.planner.words import field_words, interval_words, mean_words, place_words, value_words
from scheduler.planning import Estimate, GridPlace, Plan, Replications, Solution, Tried, Unit
from scheduler.views.report import Picture, timeline_pictures
from scheduler.views.words import counted

MAX_PAIRS = 200  # rows of a page
GRID_FIGURES = ("finishedAt", "reach", "waitingSeconds.p95", "linesBusy.most")


class Answer(Protocol):
    """What was found."""

    @property
    def runs_of_places(self) -> Sequence[Replications]:
        """The runs, place by place."""

    def text(self, *, plain: bool) -> str:
        """As words and a table; `plain` takes nothing but ASCII."""

    def as_data(self) -> dict[str, Any]:
        """As JSON."""

    def pairs(self) -> list[tuple[str, str]]:
        """As names and values for a page."""

    def pictures(self) -> list[Picture]:
        """As charts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The figures of one plan."""

    plan: Plan
    runs: Replications
    figure: str
    precision: float | None

    @property
    def runs_of_places(self) -> Sequence[Replications]:
        """See Answer."""
        return [self.runs]

    def text(self, *, plain: bool) -> str:
        """See Answer."""
        said = ran_words(self.runs, figure=self.figure, precision=self.precision)
        return f"{runs_text(self.runs, plain=plain)}\n{said}\n"

    def as_data(self) -> dict[str, Any]:
        """See Answer."""
        return self.runs.as_data()

    def pairs(self) -> list[tuple[str, str]]:
        """See Answer."""
        said = [("runs", ran_words(self.runs, figure=self.figure, precision=self.precision))]
        return said + [(name, _estimate_words(each)) for name, each in self.runs.estimates.items()]

    def pictures(self) -> list[Picture]:
        """Of the first run."""
        return timeline_pictures(self.plan.run(self.runs.seed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The places of a grid; `count` is how many it was to have."""

    plan: Plan
    places: Sequence[GridPlace]
    figure: str
    count: int

    @property
    def runs_of_places(self) -> Sequence[Replications]:
        """See Answer."""
        return [place.runs for place in self.places]

    def text(self, *, plain: bool) -> str:
        """See Answer."""
        table = grid_text(self.places, self.figure, self.plan.now_ms, plain=plain)
        return f"{table}\n{grid_words(self.places, self.count)}\n"

    def as_data(self) -> dict[str, Any]:
        """See Answer."""
        return {"figure": self.figure, "of": self.count, "places": [place.as_data() for place in self.places]}

    def pairs(self) -> list[tuple[str, str]]:
        """See Answer."""
        names = list(dict.fromkeys((self.figure, *GRID_FIGURES)))
        said = [("runs", grid_words(self.places, self.count))]
        for place in self.places[:MAX_PAIRS]:
            words = "; ".join(f"{name} {_estimate_words(place.runs[name], outer=False)}" for name in names)
            said.append((place_words(place.fields), words))
        left_out = len(self.places) - MAX_PAIRS
        return said + ([("and", counted(left_out, "more place"))] if left_out > 0 else [])

    def pictures(self) -> list[Picture]:
        """See Answer."""
        places = [(place.fields, place.runs) for place in self.places]
        return pictures.grid_pictures(places, self.figure, self.plan.now_ms, self.plan.read().campaign.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """What meets a goal."""

    plan: Plan
    solution: Solution

    @property
    def runs_of_places(self) -> Sequence[Replications]:
        """See Answer."""
        return [tried.runs for tried in self.solution.tried]

    def text(self, *, plain: bool) -> str:
        """See Answer."""
        table = goal_text(self.solution, self.plan.now_ms, plain=plain)
        return "\n".join([*self.solution.sentences(), "", table])

    def as_data(self) -> dict[str, Any]:
        """See Answer."""
        return self.solution.as_data()

    def pairs(self) -> list[tuple[str, str]]:
        """See Answer."""
        answer, *more = self.solution.sentences()
        tried = [
            (f"{self.solution.field}={field_words(each.value)}", self._words(each)) for each in self.solution.tried
        ]
        return [("answer", answer), ("how sure, and how", " ".join(more)), *tried]

    def _words(self, tried: Tried) -> str:
        goal, figure = self.solution.goal, tried.runs[self.solution.goal.figure]
        said = f"{'meets' if tried.met else 'does not meet'} the goal"
        if self.solution.luck and goal.probability is not None:
            lies = interval_words(tried.interval, Unit.SHARE)
            said += (
                f": a share of {value_words(tried.estimate, Unit.SHARE)} of {counted(tried.runs.count, 'run')} ({lies})"
            )
        return f"{said}; {figure.figure} {_estimate_words(figure, outer=False)}"

    def pictures(self) -> list[Picture]:
        """See Answer."""
        return pictures.goal_pictures(self.solution, self.plan.now_ms, self.plan.read().campaign.zone)


def _estimate_words(estimate: Estimate, *, outer: bool = True) -> str:
    """A mean with where it lies, and where nine of ten runs lie."""
    said = mean_words(estimate)
    lies = interval_words(estimate.interval, estimate.unit)
    if lies and lies != said:
        said += f" ({lies})"
    if outer and estimate.count > 1 and estimate.least != estimate.most:
        low, high = (value_words(estimate.quantiles[share], estimate.unit) for share in (0.05, 0.95))
        said += f"; 90 % of the runs: {low} to {high}"
    return said
