"""One plan under many seeds, two plans under the same ones, and grids: counts, intervals, and when it stops."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from math import inf, isnan
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler.jobs import RequestRefused, UsageError
from scheduler.planning import (
    FIGURES,
    Plan,
    Stopped,
    Unit,
    Workers,
    compare,
    figures_of,
    replicate,
    sweep,
    wilson_interval,
    words_of,
)
from scheduler.planning.replicate import looks
from scheduler.planning.results import difference_of, estimate_of, number_data, replications_of
from scheduler.planning.runs import Done
from scheduler.planning.statistics import apart_interval, mean_interval
from tests.plans import NOW_MS, lucky, request_of, unanswered


class Drawn(Workers):
    """Workers who draw the figure `dials` of each plan instead of running it: gauss(mean, deviation)."""

    def __init__(self, mean: float, deviation: float, *, ahead: int = 1) -> None:
        self.mean = mean
        self.deviation = deviation
        self.count = ahead  # with more than one, runs come in bundles, as to several processes

    def map_with(self, function: Any, shared: bytes, items: Iterable[Any]) -> Iterator[Any]:
        """The runs of each task."""
        assert function
        assert shared
        for task in items:
            rows = []
            for seed in range(task.seed, task.seed + task.runs):
                value = Random(seed).gauss(self.mean, self.deviation)
                rows.append((tuple(value if name == "dials" else 0.0 for name in FIGURES),))
            yield Done(task.place, rows)


# -- replicate ----------------------------------------------------------------------------------------------------


def test_runs_are_those_of_their_seeds_in_order() -> None:
    """Seed after seed from the first; every figure of each run."""
    plan = lucky(20)
    runs = replicate(plan, replications=4, seed=7, executor=1)
    alone = [figures_of(plan.run(seed)) for seed in range(7, 11)]

    assert (runs.count, runs.seed, runs.stopped) == (4, 7, Stopped.REPLICATIONS)
    assert runs.values == {name: tuple(each[name] for each in alone) for name in FIGURES}
    assert runs["dials"].mean == sum(each["dials"] for each in alone) / 4
    assert runs["dials"].interval == mean_interval([each["dials"] for each in alone])
    assert runs["dials"].least <= runs["dials"].quantiles[0.5] <= runs["dials"].most


def test_without_luck_one_run_tells_all() -> None:
    """Nobody answers, or all is scripted: every seed gives the same."""
    runs = replicate(unanswered(5), replications=100)

    assert (runs.count, runs.stopped, runs["dials"].interval) == (1, Stopped.NO_LUCK, None)


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_stopping_at_a_precision_depends_on_the_runs_in_order_alone(ahead: int) -> None:
    """Whatever was run ahead; by a plain look at each prefix."""
    runs = replicate(lucky(3), precision=0.05, figure="dials", executor=Drawn(100, 20, ahead=ahead))
    values = [Random(seed).gauss(100, 20) for seed in range(200)]
    expected = next(
        count
        for count in sorted(looks(200))
        if (interval := mean_interval(values[:count])) is not None
        and interval.half_width <= 0.05 * sum(values[:count]) / count
    )

    assert (runs.count, runs.stopped) == (expected, Stopped.PRECISION)
    assert runs.values["dials"] == tuple(values[:expected])


def test_the_interval_of_a_stop_at_a_precision_holds_the_mean_nearly_as_often_as_it_says() -> None:
    """Over 300 seeded stops at 95 %: stopping where it is narrow costs less than three points."""
    held = 0
    for stop in range(300):
        interval = replicate(lucky(3), precision=0.04, figure="dials", executor=Drawn(100, 12), seed=1000 * stop)[
            "dials"
        ].interval
        assert interval is not None
        held += interval.low <= 100 <= interval.high

    assert 0.92 <= held / 300 <= 0.99


def test_a_precision_that_is_not_reached_stops_at_the_budget() -> None:
    """Of replications, or of time."""
    never = replicate(lucky(3), precision=0.001, figure="dials", replications=25, executor=Drawn(100, 50))
    late = replicate(lucky(3), precision=0.001, figure="dials", budget_seconds=1e-9, executor=Drawn(100, 50))

    assert (never.count, never.stopped) == (25, Stopped.REPLICATIONS)
    assert (late.count, late.stopped) == (1, Stopped.TIME)


def test_the_precision_of_an_instant_is_a_part_of_the_way_to_it() -> None:
    """Not of the time since 1970."""
    runs = replicate(lucky(12), precision=0.1, replications=60, executor=1)
    interval = runs["finishedAt"].interval

    assert interval is not None
    assert runs.count == 60 or interval.half_width <= 0.1 * (runs["finishedAt"].mean - NOW_MS)


def test_progress_tells_how_many_of_how_many() -> None:
    """For a bar."""
    told: list[tuple[int, int | None]] = []
    replicate(lucky(3), replications=6, executor=1, progress=lambda done, of: told.append((done, of)))

    assert told == [(done, 6) for done in range(1, 7)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replications": 0}, "replications is a whole number, at least 1"),
        ({"precision": 2}, "a precision is a part of the mean"),
        ({"figure": "raech"}, "did you mean reach"),
        ({"confidence": 95}, "a confidence lies between"),
        ({"budget_seconds": 0}, "a budget is more than 0 seconds"),
        ({"seed": True}, "a seed is a whole number"),
        ({"executor": "here"}, "not a place for work"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_in_one_message(options: dict[str, Any], message: str) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match=message):
        replicate(lucky(3), **options)


def test_a_request_with_problems_is_refused_before_anything_runs() -> None:
    """With all of its problems."""
    with pytest.raises(RequestRefused):
        replicate(Plan(request=b"[{}]", now_ms=NOW_MS))


# -- results ------------------------------------------------------------------------------------------------------


def test_what_is_infinite_is_null_in_json() -> None:
    """A campaign that was not over in one of the runs has no mean end, but quantiles."""
    estimate = estimate_of("finishedAt", [float(NOW_MS), float(NOW_MS), inf], 0.95)
    data = json.loads(json.dumps(estimate.as_data(), allow_nan=False))

    assert (data["mean"], data["interval"], data["most"]) == (None, None, None)
    assert data["quantiles"]["0.5"] == data["least"] == "2026-03-02T09:00:00Z"


def test_replications_are_json() -> None:
    """Every figure, with its unit."""
    rows = [tuple(float(seed) for _ in FIGURES) for seed in range(3)]
    data = replications_of(rows, seed=0, stopped=Stopped.REPLICATIONS, confidence=0.95).as_data()

    assert json.loads(json.dumps(data, allow_nan=False))["figures"]["dials"]["mean"] == 1
    assert {each["unit"] for each in data["figures"].values()} <= {unit.value for unit in Unit}
    assert number_data(0.5, Unit.SHARE) == 0.5


# -- compare ------------------------------------------------------------------------------------------------------


def test_a_comparison_gives_both_plans_the_same_luck() -> None:
    """R12.3: a line more changes no outcome, so the answers are the same in every pair, and waits are shorter."""
    plan = lucky(25)
    found = compare(plan, plan.with_field("lines", 5), replications=8, executor=1)
    waiting = found["waitingSeconds.mean"]

    assert (found["answers"].lower, found["answers"].higher, found["answers"].mean) == (0, 0, 0)
    assert "by the same in each of 8 pairs" in found["answers"].words()
    assert waiting.lower == 8
    assert waiting.interval is not None
    assert waiting.interval.high < 0
    assert found.first.values == replicate(plan, replications=8, executor=1).values


def test_a_comparison_says_how_much_narrower_its_interval_is() -> None:
    """Against what Welch's interval of as many independent runs of each would be."""
    luck = Random(4)
    first = [luck.gauss(50, 10) for _ in range(40)]
    second = [value + 2 + luck.gauss(0, 1) for value in first]
    difference = difference_of("dials", first, second, 0.95)
    paired = mean_interval([b - a for a, b in zip(first, second, strict=True)])
    independent = apart_interval(first, second)

    assert paired is not None
    assert independent is not None
    assert (difference.interval, difference.independent) == (paired, independent)
    assert difference.narrower == independent.half_width / paired.half_width > 5
    assert f"{difference.narrower:.3g} times narrower than that of 40 independent runs" in difference.words()


def test_a_comparison_with_what_never_ends_is_not_a_number_that_is_made_up() -> None:
    """Two infinities have no difference; how many pairs are lower or higher can be told all the same."""
    difference = difference_of("finishedAt", [1.0, inf, inf], [2.0, inf, 3.0], 0.95)

    assert (difference.mean, difference.interval, difference.narrower) == (None, None, None)
    assert (difference.lower, difference.higher) == (1, 1)
    assert "do not tell" in difference.words()
    assert json.dumps(difference.as_data(), allow_nan=False)


def test_a_comparison_may_stop_at_a_precision_of_the_difference() -> None:
    """In parts of the first plan's mean; and it is one that is made of JSON."""
    plan = lucky(6)
    found = compare(
        plan, plan.with_field("lines", 4), precision=0.5, figure="waitingSeconds.mean", replications=30, executor=1
    )

    assert found.first.stopped is Stopped.PRECISION
    assert found.first.count == 20
    assert json.loads(json.dumps(found.as_data(), allow_nan=False))["differences"]["dials"]["mean"] == 0


# -- sweep --------------------------------------------------------------------------------------------------------


def test_a_sweep_runs_every_combination_under_the_same_seeds() -> None:
    """The last field changes fastest; each place is what `replicate` makes of it."""
    plan = lucky(12)
    places = sweep(plan, {"lines": [1, 2], "policy.retryIntervalInMinutes": ["5", 20]}, replications=2, executor=1)

    assert [tuple(place.fields.values()) for place in places] == [(1, "5"), (1, 20), (2, "5"), (2, 20)]
    for place in places:
        alone = replicate(plan.with_fields(list(place.fields.items())), replications=2, executor=1)
        assert place.runs == alone
    assert words_of(places[1].fields) == "lines=1, policy.retryIntervalInMinutes=20"
    assert json.loads(json.dumps(places[0].as_data(), allow_nan=False))["fields"]["lines"] == 1


def test_a_sweep_without_luck_runs_each_place_once() -> None:
    """And places with luck as often as they are asked to."""
    places = sweep(unanswered(4), {"outcomes.answered": [0.5]}, replications=3, executor=1)
    assert [place.runs.count for place in places] == [3]
    assert [place.runs.count for place in sweep(unanswered(4), {"lines": [1, 2]}, replications=3)] == [1, 1]


def test_a_sweep_leaves_out_what_its_time_did_not_reach() -> None:
    """The budget is that of all places."""
    places = sweep(lucky(3), {"lines": [1, 2, 3]}, replications=5, budget_seconds=1e-9, executor=1)

    assert [(place.fields["lines"], place.runs.count, place.runs.stopped) for place in places] == [(1, 1, Stopped.TIME)]


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"linse": [1]}, "did you mean lines"),
        ({"lines": []}, "lines has no values"),
        ({"lines": [0]}, "at least 1"),
        ({"lines": range(1, 200), "numbers": range(100)}, "19,900 places"),
        ({"numbers": [4]}, "the request has 3"),
    ],
    ids=str,
)
def test_a_grid_that_makes_no_sense_is_refused_in_one_message(vary: dict[str, Any], message: str) -> None:
    """With what to write instead."""
    with pytest.raises(UsageError, match=message):
        sweep(lucky(3), vary, replications=1, executor=1)


# -- what an import costs -----------------------------------------------------------------------------------------


def test_planning_imports_no_cluster_and_no_frames() -> None:
    """Libraries are imported where they are used."""
    code = "import sys, scheduler.planning; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert not {"dask", "distributed", "polars", "altair", "numpy"} & set(modules)


def test_a_share_is_not_a_number_nowhere() -> None:
    """No figure of any run is NaN, also of no numbers at all."""
    figures = figures_of(Plan(request=request_of(0), now_ms=NOW_MS).run(0))

    assert not any(map(isnan, figures.values()))
    assert figures["finishedAt"] == NOW_MS
    assert wilson_interval(0, 1).low == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_interval_of_a_mean_holds_only_what_it_can_be(values: list[float]) -> None:
    """A share lies from 0 to 1, a count from 0 on, however few runs there are."""
    share, count = (estimate_of(name, values, 0.95).interval for name in ("reach", "dials"))

    assert share is not None
    assert 0 <= share.low <= share.high <= 1
    assert count is not None
    assert 0 <= count.low <= count.high


@pytest.mark.parametrize("values", [3, "1..3", b"1"], ids=str)
def test_the_values_of_a_grid_are_a_list(values: Any) -> None:
    """A text is a sequence too, of signs that are no values."""
    with pytest.raises(UsageError, match="give a list of values"):
        sweep(lucky(2), {"lines": values})
