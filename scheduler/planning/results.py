"""What runs say: values by seed, estimates, differences. Plain values, of which tables, JSON and charts are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from typing import Any

from scheduler.jobs import Problem
from scheduler.planning.figures import FIGURES, Unit, figure_named, possible
from scheduler.planning.statistics import (
    Interval,
    apart_interval,
    deviation_of,
    mean_interval,
    mean_of,
    quantile_of,
)
from scheduler.policy.instants import SECOND_MS, format_instant

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Stopped(StrEnum):
    """Why there are not more runs."""

    REPLICATIONS = "replications"  # as many as were asked for, or at most allowed
    PRECISION = "precision"
    TOLD = "told"  # they tell what was asked
    TIME = "time"
    NO_LUCK = "noLuck"  # nothing depends on the seed: one run tells all


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What the runs say about a figure; `interval` is where its mean lies (None: they can't tell).

    `quantiles` gives, for shares of the runs, the least value that so many of them do not exceed. Instants are in
    milliseconds since the epoch, and their deviation is in milliseconds; infinity stands for never.
    """

    figure: str
    unit: Unit
    count: int
    mean: float
    deviation: float
    interval: Interval | None
    least: float
    most: float
    quantiles: Mapping[float, float]

    def as_data(self) -> dict[str, Any]:
        """The estimate as JSON; instants as text, and null for what is infinite or not known."""
        return {
            "unit": self.unit.value,
            "mean": number_data(self.mean, self.unit),
            "deviation": span_data(self.deviation, self.unit),
            "interval": interval_data(self.interval, self.unit),
            "least": number_data(self.least, self.unit),
            "most": number_data(self.most, self.unit),
            "quantiles": {f"{share:g}": number_data(value, self.unit) for share, value in self.quantiles.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replications:
    """Runs of one plan under the seeds from `seed` on: the values of each figure, in order of seed, and estimates.

    `warnings` are those that the first run gave, and nothing that was read.
    """

    seed: int
    count: int
    stopped: Stopped
    values: Mapping[str, tuple[float, ...]]
    estimates: Mapping[str, Estimate]
    warnings: tuple[Problem, ...] = ()

    def __getitem__(self, figure: str) -> Estimate:
        figure_named(figure)
        return self.estimates[figure]

    def as_data(self) -> dict[str, Any]:
        """The runs as JSON."""
        return {
            "seed": self.seed,
            "replications": self.count,
            "stopped": self.stopped.value,
            "figures": {name: estimate.as_data() for name, estimate in self.estimates.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a figure of one plan differs from that of another: the second less the first, seed by seed.

    `interval` is where the mean difference lies, of pairs of runs with the same luck; `independent` where it would lie
    if their luck were not the same, of as many runs; `narrower` how many times as wide the latter is. They are None
    where there is no telling, and `narrower` is infinite where the difference is the same in every pair. In `lower`
    of the pairs the second plan has the lower value, in `higher` the higher one. Of instants, it is in milliseconds.
    """

    figure: str
    unit: Unit
    count: int
    mean: float | None
    interval: Interval | None
    independent: Interval | None
    narrower: float | None
    lower: int
    higher: int

    def as_data(self) -> dict[str, Any]:
        """The difference as JSON; of instants, in seconds."""
        return {
            "unit": (Unit.SECONDS if self.unit is Unit.INSTANT else self.unit).value,
            "mean": None if self.mean is None else span_data(self.mean, self.unit),
            "interval": spans_data(self.interval, self.unit),
            "independent": spans_data(self.independent, self.unit),
            "narrower": None if self.narrower is None else number_data(self.narrower, Unit.COUNT),
            "lower": self.lower,
            "higher": self.higher,
        }

    def words(self) -> str:
        """How much was won by giving both plans the same luck."""
        if self.narrower is None:
            return f"{self.figure}: {self.count} pairs of runs do not tell how far it differs"
        if self.narrower == inf:
            return f"{self.figure}: it differs by the same in each of {self.count} pairs of runs"
        return (
            f"{self.figure}: with the same luck for both, its interval is {self.narrower:.3g} times narrower than that "
            f"of {self.count} independent runs of each"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two plans under the same seeds, and their differences by figure."""

    first: Replications
    second: Replications
    differences: Mapping[str, Difference]

    def __getitem__(self, figure: str) -> Difference:
        figure_named(figure)
        return self.differences[figure]

    def as_data(self) -> dict[str, Any]:
        """The comparison as JSON."""
        return {
            "first": self.first.as_data(),
            "second": self.second.as_data(),
            "differences": {name: each.as_data() for name, each in self.differences.items()},
        }


# -- making them -------------------------------------------------------------------------------------------------


def replications_of(
    rows: Sequence[Sequence[float]],
    *,
    seed: int,
    stopped: Stopped,
    confidence: float,
    warnings: tuple[Problem, ...] = (),
) -> Replications:
    """Runs of a plan, each a row of the values of FIGURES."""
    columns = dict(zip(FIGURES, map(tuple, zip(*rows, strict=True)), strict=True))
    estimates = {name: estimate_of(name, values, confidence) for name, values in columns.items()}
    return Replications(
        seed=seed, count=len(rows), stopped=stopped, values=columns, estimates=estimates, warnings=warnings
    )


def estimate_of(name: str, values: Sequence[float], confidence: float) -> Estimate:
    """What values say about a figure.

    >>> estimate_of("dials", [2.0, 4.0], 0.95).mean
    3.0
    """
    return Estimate(
        figure=name,
        unit=FIGURES[name].unit,
        count=len(values),
        mean=mean_of(values),
        deviation=deviation_of(values),
        interval=possible(mean_interval(values, confidence), FIGURES[name].unit),
        least=min(values),
        most=max(values),
        quantiles={share: quantile_of(values, share) for share in SHARES},
    )


def comparison_of(first: Replications, second: Replications, confidence: float) -> Comparison:
    """Two plans that ran under the same seeds."""
    differences = {name: difference_of(name, first.values[name], second.values[name], confidence) for name in FIGURES}
    return Comparison(first=first, second=second, differences=differences)


def difference_of(name: str, first: Sequence[float], second: Sequence[float], confidence: float) -> Difference:
    """How the values of a figure differ, pair by pair."""
    pairs = list(zip(first, second, strict=True))
    known = all(map(isfinite, (*first, *second)))
    differences = [b - a for a, b in pairs] if known else []
    interval = mean_interval(differences, confidence)
    independent = apart_interval(first, second, confidence)
    narrower = None
    if interval is not None and independent is not None:
        narrower = independent.half_width / interval.half_width if interval.half_width else inf
    return Difference(
        figure=name,
        unit=FIGURES[name].unit,
        count=len(pairs),
        mean=mean_of(differences) if known else None,
        interval=interval,
        independent=independent,
        narrower=narrower,
        lower=sum(b < a for a, b in pairs),
        higher=sum(b > a for a, b in pairs),
    )


# -- JSON --------------------------------------------------------------------------------------------------------


def number_data(value: float, unit: Unit) -> float | int | str | None:
    """A value as JSON has it: instants as text, whole counts whole, null for what is infinite.

    >>> number_data(3.0, Unit.COUNT), number_data(1772442000000.4, Unit.INSTANT), number_data(inf, Unit.INSTANT)
    (3, '2026-03-02T09:00:00Z', None)
    """
    if not isfinite(value):
        return None
    if unit is Unit.INSTANT:
        return format_instant(round(value))
    return int(value) if value == int(value) else value


def span_data(value: float, unit: Unit) -> float | int | None:
    """A difference of two values as JSON has it; that of instants in seconds."""
    if not isfinite(value):
        return None
    value = value / SECOND_MS if unit is Unit.INSTANT else value
    return int(value) if value == int(value) else value


def interval_data(interval: Interval | None, unit: Unit) -> list[Any] | None:
    """An interval as JSON."""
    return None if interval is None else [number_data(interval.low, unit), number_data(interval.high, unit)]


def spans_data(interval: Interval | None, unit: Unit) -> list[Any] | None:
    """An interval of a difference as JSON."""
    return None if interval is None else [span_data(interval.low, unit), span_data(interval.high, unit)]
