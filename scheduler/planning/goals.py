"""A goal, in words: what a figure of the runs has to be, or how probable that has to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from scheduler.jobs import UsageError
from scheduler.planning.figures import FINISHED_AT, Trend, Unit, figure_named, possible
from scheduler.planning.statistics import Interval, mean_interval, mean_of, wilson_interval
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import MINUTE_MS, SECOND_MS, format_instant, parse_moment

DEFAULT_PROBABILITY = 0.95
EXAMPLES = (
    "finished by 2026-03-06T18:00:00Z with probability 0.95",
    "reach >= 0.8",
    "waiting <= 5 min at the 95th percentile",
    "abandoned <= 3 % of answers",
)
WORDS = {  # what a person may write for a figure, with what is said behind the value
    ("waiting", ""): "waitingSeconds.mean",
    ("waiting", "on average"): "waitingSeconds.mean",
    ("waiting", "at the 95th percentile"): "waitingSeconds.p95",
    ("waiting", "at most"): "waitingSeconds.longest",
    ("abandoned", "of answers"): "abandonedOfAnswers",
    ("abandoned", "of dials"): "abandonedOfDials",
}
UNITS = {
    Unit.SECONDS: {"": 1.0, "s": 1.0, "min": MINUTE_MS / SECOND_MS, "h": 3600.0, "d": 86400.0},
    Unit.SHARE: {"": 1.0, "%": 0.01},
    Unit.HOURS: {"": 1.0, "h": 1.0, "min": 1 / 60, "d": 24.0},
    Unit.COUNT: {"": 1.0},
    Unit.LINES: {"": 1.0},
}
_PROBABILITY = re.compile(r"(.*?)\s+with\s+probability\s+(\S+(?:\s*%)?)", re.DOTALL)
_FINISHED = re.compile(r"finished\s+by\s+(\S.*)", re.DOTALL)
_FIGURE = re.compile(
    r"(?P<figure>[A-Za-z][\w.]*)\s*(?P<sign><=|>=|≤|≥|<|>|==?)\s*(?P<value>[-+0-9.eE,_]+)\s*(?P<unit>%|s|min|h|d)?"
    r"(?:\s+(?P<where>at the 95th percentile|on average|at most|of answers|of dials))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """That a figure is at most, or at least, a value: in so many of the runs (`probability`), or on average (None).

    >>> str(parse_goal("waiting <= 5 min at the 95th percentile"))
    'waitingSeconds.p95 <= 300 s, on average over the runs'
    """

    figure: str
    at_most: bool
    value: float
    probability: float | None = None

    def __post_init__(self) -> None:
        figure_named(self.figure)
        if self.probability is not None and not 0 < self.probability < 1:
            raise UsageError(f"a probability lies between 0 and 1, such as 0.95, not at {shown(self.probability)}")
        if not isfinite(self.value) or (self.unit is not Unit.INSTANT and self.value < 0):
            raise UsageError(f"{self.figure} is never {self.value:g}; write a number from 0 on")
        if self.unit is Unit.SHARE and self.value > 1:
            raise UsageError(f"{self.figure} is a share, from 0 to 1, or 100 %; not {self.value:g}")

    @property
    def unit(self) -> Unit:
        """The unit of its figure."""
        return figure_named(self.figure).unit

    @property
    def helped_by_lines(self) -> bool | None:
        """Whether more lines help; None where nobody knows."""
        trend = figure_named(self.figure).with_lines
        return None if trend is Trend.EITHER else (trend is Trend.FALLS) == self.at_most

    def met_in(self, value: float) -> bool:
        """Whether a run with this value of the figure does as the goal says."""
        return value <= self.value if self.at_most else value >= self.value

    def met_by(self, values: Sequence[float]) -> bool:
        """Whether runs do as the goal says, as far as they tell."""
        if self.probability is None:
            return self.met_in(mean_of(values))
        return sum(map(self.met_in, values)) >= self.probability * len(values)

    def estimate(self, values: Sequence[float], confidence: float) -> tuple[float, Interval | None]:
        """What it is about: the share of runs that do as it says, or the mean; with where that lies."""
        if self.probability is None:
            return mean_of(values), possible(mean_interval(values, confidence), self.unit)
        met = sum(map(self.met_in, values))
        return met / len(values), wilson_interval(met, len(values), confidence)

    def __str__(self) -> str:
        if self.figure == FINISHED_AT and self.at_most:
            what = f"finished by {format_instant(round(self.value))}"
        else:
            what = f"{self.figure} {'<=' if self.at_most else '>='} {value_words(self.value, self.unit)}"
        certain = "on average over the runs" if self.probability is None else ""
        return f"{what}, {certain}" if certain else f"{what} with probability {self.probability:g}"

    def as_data(self) -> dict[str, Any]:
        """The goal as JSON."""
        instant = self.unit is Unit.INSTANT
        return {
            "text": str(self),
            "figure": self.figure,
            "atMost": self.at_most,
            "value": format_instant(round(self.value)) if instant else self.value,
            "probability": self.probability,
        }


def parse_goal(text: str) -> Goal:
    """Read a goal. Raises UsageError, with an example, for what is none.

    A figure under its own name, `waiting` (`on average`, `at the 95th percentile` of the dials, `at most`),
    `abandoned` (`of answers`, `of dials`), or `finished by` an instant, whose probability is 0.95 where none is given.
    Everything else without a probability is meant on average over the runs.

    >>> parse_goal("finished by 2026-03-06T18:00:00Z").probability, parse_goal("reach >= 80 %").value
    (0.95, 0.8)
    """
    rest, probability = text.strip(), None
    match = _PROBABILITY.fullmatch(rest)
    if match is not None:
        rest, probability = match[1], _share(match[2])
    finished = _FINISHED.fullmatch(rest)
    if finished is not None:
        try:
            by_ms = parse_moment(finished[1].strip())
        except PolicyError as error:
            raise UsageError(f"goal {shown(text)}: {error}") from None
        probability = DEFAULT_PROBABILITY if probability is None else probability
        return Goal(figure=FINISHED_AT, at_most=True, value=by_ms, probability=probability)
    found = _FIGURE.fullmatch(rest)
    if found is None:
        raise UsageError(f"not a goal: {shown(text)}; write one such as {', '.join(map(shown, EXAMPLES))}")
    return _of_figure(text, found, probability)


def _of_figure(text: str, found: re.Match[str], probability: float | None) -> Goal:
    where = found["where"] or ""
    name = WORDS.get((found["figure"], where), found["figure"])
    if where and name == found["figure"]:
        goes_with = next(figure for figure, behind in WORDS if behind == where)
        raise UsageError(f"goal {shown(text)}: {shown(where)} goes with {goes_with}; leave it out")
    if name == "abandoned" and found["unit"] == "%":
        raise UsageError(f"goal {shown(text)}: a share of what? Write {EXAMPLES[-1]}, or of dials")
    if found["sign"] not in {"<=", ">=", "≤", "≥"}:
        raise UsageError(f"goal {shown(text)}: {found['sign']} is not one of <= and >=; write one of them")
    unit = figure_named(name).unit
    if unit is Unit.INSTANT:
        raise UsageError(f"goal {shown(text)}: write {EXAMPLES[0]}")
    try:
        value = float(found["value"])
    except ValueError:
        raise UsageError(f"goal {shown(text)}: not a number: {shown(found['value'])}") from None
    factor = UNITS[unit].get(found["unit"] or "")
    if factor is None:
        known = ", ".join(filter(None, UNITS[unit])) or "no unit"
        raise UsageError(f"goal {shown(text)}: {name} is not in {found['unit']}; write {known}")
    # Ten digits: 80 % is 0.8, not the 0.8000000000000000444 that its product with 0.01 may be.
    return Goal(
        figure=name, at_most=found["sign"] in {"<=", "≤"}, value=round(value * factor, 10), probability=probability
    )


def _share(text: str) -> float:
    number, percent = text.rstrip("% "), text.endswith("%")
    try:
        return round(float(number) * (0.01 if percent else 1), 10)
    except ValueError:
        raise UsageError(f"not a probability: {shown(text)}; write one such as 0.95") from None


def value_words(value: float, unit: Unit) -> str:
    """A value with its unit, for people.

    >>> value_words(300.0, Unit.SECONDS), value_words(0.8, Unit.SHARE)
    ('300 s', '0.8')
    """
    if unit is Unit.INSTANT:
        return format_instant(round(value)) if isfinite(value) else "never"
    return f"{value:.4g}" + {Unit.SECONDS: " s", Unit.HOURS: " h"}.get(unit, "")
