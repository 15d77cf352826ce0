"""Searches: where the answer is known in closed form, where every value was run, and over runs that are made up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from math import ceil, exp, inf
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler.jobs import UsageError
from scheduler.planning import FIGURES, Found, Goal, Plan, Solution, Workers, figures_of, parse_goal, solve
from scheduler.planning.runs import Done
from scheduler.planning.solve import chance_of
from scheduler.policy.instants import format_instant
from tests.plans import MINUTE_MS, NOW_MS, lucky, request_of, unanswered

RING_MS = 30_000
BY_HALF_PAST = "finished by 2026-03-02T09:30:00Z"


class MadeUp(Workers):
    """Workers who do not run a plan: a figure of a value and a seed is what a function says, the others are 0."""

    def __init__(self, figure: str, of: Callable[[Any, int], float]) -> None:
        self.figure = figure
        self.of = of
        self.runs = 0

    def map_with(self, function: Any, shared: bytes, items: Iterable[Any]) -> Iterator[Any]:
        """The runs of each task."""
        assert function
        assert shared
        for task in items:
            ((_, value),) = task.edits
            rows = []
            for seed in range(task.seed, task.seed + task.runs):
                self.runs += 1
                row = tuple(self.of(value, seed) if name == self.figure else 0.0 for name in FIGURES)
                rows.append((row,))
            yield Done(task.place, rows)


def luck(seed: int, salt: int = 0) -> Random:
    """The same luck for the same seed."""
    return Random(seed * 1_000_003 + salt)


def made_up(workers: MadeUp, goal: str, vary: str = "lines=1..100", **options: Any) -> Solution:
    """A search over made-up runs."""
    return solve(lucky(100), goal=goal, vary=vary, executor=workers, **options)


# -- known in closed form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "minutes"), [(60, 5), (61, 5), (1, 1), (100, 7), (100, 50)])
def test_the_fewest_lines_for_calls_of_one_length_are_those_of_the_closed_form(count: int, minutes: int) -> None:
    """n calls of 30 s on c lines take ceil(n / c) * 30 s: so c = ceil(n / floor(T / 30 s))."""
    goal = f"finished by {format_instant(NOW_MS + minutes * MINUTE_MS)}"
    solution = solve(unanswered(count), goal=goal)

    assert solution.value == ceil(count / (minutes * MINUTE_MS // RING_MS))
    assert (solution.certain, solution.luck, solution.monotone) == (True, False, True)
    assert solution.replications == len(solution.tried)
    assert "Nothing depends on luck" in solution.sentences()[1]


def test_a_search_says_how_many_runs_it_took_and_how_many_a_grid_would_have() -> None:
    """Of 100 values a bisection looks at seven or so; without luck a grid runs each once."""
    solution = solve(unanswered(100), goal=BY_HALF_PAST, vary="lines=1..100")

    assert solution.value == 2
    assert solution.replications <= 8
    assert (solution.places, solution.grid) == (100, 100)
    assert solution.sentences()[-1] == (
        f"It took {solution.replications} replications at {solution.replications} of 100 values; a grid with as many "
        "at each value as the answer has would have taken 100."
    )


def test_the_largest_list_for_the_lines_is_that_of_the_closed_form() -> None:
    """Three lines place 3 * 10 calls of 30 s in five minutes."""
    solution = solve(
        unanswered(90, b"maxSimultaneousCalls = 3"), goal="finished by 2026-03-02T09:05:00Z", vary="numbers"
    )

    assert solution.value == 30
    assert solution.found is Found.FOUND
    assert "numbers=30 is the greatest" in solution.sentences()[0]


def test_the_latest_start_is_that_of_the_closed_form() -> None:
    """60 calls on three lines take ten minutes: to be finished by 17:00 they begin at 16:50."""
    plan = unanswered(60, b"maxSimultaneousCalls = 3")
    solution = solve(plan, goal="finished by 2026-03-02T17:00:00Z", vary="start", step=5 * MINUTE_MS)

    assert solution.value == "2026-03-02T16:50:00Z"
    assert "start=2026-03-02T16:50:00Z is the latest" in solution.sentences()[0]


def test_a_pace_is_searched_in_the_steps_of_its_range() -> None:
    """61 dials, 60 gaps, in ten minutes less a call: a gap of at most 9.5 s, which is 0.11 calls a second and more."""
    solution = solve(unanswered(61), goal="finished by 2026-03-02T09:10:00Z", vary="callsPerSecond=0.05..0.5/0.01")

    assert solution.value == 0.11


# -- every value was run ------------------------------------------------------------------------------------------


def test_the_answer_is_that_of_running_every_value() -> None:
    """R12.3: the same seeds; drawn outcomes, three attempts; against the share over 16 runs of each number of lines."""
    plan = lucky(24)
    goal = parse_goal("finished by 2026-03-02T09:42:00Z with probability 0.5")
    shares = {}
    for lines in range(1, 6):
        runs = [figures_of(plan.with_field("lines", lines).run(seed)) for seed in range(16)]
        shares[lines] = sum(run["finishedAt"] <= goal.value for run in runs) / 16
    fewest = min(lines for lines, share in shares.items() if share >= 0.5)
    solution = solve(plan, goal=goal, vary="lines=1..5", executor=1, replications=16, confidence=0.8)

    assert solution.value == fewest, shares
    assert solution.replications < 5 * 16
    for tried in solution.tried:
        if tried.runs.count == 16:
            assert tried.estimate == shares[tried.value]


# -- made-up runs: luck, certainty, order -------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(1, 100), st.sampled_from(["lines=1..100", "lines"]), st.integers(0, 5))
def test_a_sharp_threshold_is_found_wherever_it_lies(threshold: int, vary: str, seed: int) -> None:
    """From the threshold on all runs meet the goal, before it none; with confidence, and far fewer runs than a grid."""
    workers = MadeUp("reach", lambda value, _: float(value >= threshold))
    solution = made_up(workers, "reach >= 0.5 with probability 0.95", vary, seed=seed)

    assert solution.value == threshold
    assert solution.certain
    assert solution.found is (Found.FIRST if threshold == 1 else Found.FOUND)
    assert solution.replications <= workers.runs
    assert solution.replications < 200
    assert solution.grid == solution.places * solution.at(threshold).runs.count


@settings(max_examples=20)
@given(st.integers(2, 98), st.integers(0, 1000))
def test_a_noisy_mean_is_found_within_its_noise(threshold: int, seed: int) -> None:
    """The mean wait is threshold / lines minutes, with noise of 2 %: it is met at the threshold or beside it."""

    def wait(value: int, seed: int) -> float:
        return 60 * (threshold - 0.5) / value * (1 + luck(seed).gauss(0, 0.02))

    solution = made_up(MadeUp("waitingSeconds.mean", wait), "waiting <= 1 min", seed=seed * 1000)

    assert abs(solution.value - threshold) <= 1 + threshold // 40
    assert solution.monotone


def test_what_is_said_to_be_certain_is_wrong_no_more_often_than_it_says() -> None:
    """Over 20 searches with luck of their own: the fewest lines, whose shares of runs are known, at 90 %."""
    wrong = 0
    for search in range(20):

        def met(value: int, seed: int, search: int = search) -> float:
            return float(luck(seed, search * 7919).random() < 1 / (1 + exp(-(value - 30) / 3)))

        solution = made_up(
            MadeUp("reach", met),
            "reach >= 1 with probability 0.8",
            confidence=0.9,
            replications=400,
            seed=search * 1000,
        )
        truth = next(value for value in range(1, 101) if 1 / (1 + exp(-(value - 30) / 3)) >= 0.8)
        wrong += solution.certain and solution.value != truth

    assert wrong <= 2


def test_where_no_value_meets_the_goal_that_is_said_plainly() -> None:
    """With the value at which it is met most easily, and what was seen there."""
    solution = made_up(MadeUp("reach", lambda value, _: value / 1000), "reach >= 0.5 with probability 0.9")

    assert (solution.value, solution.found, solution.certain) == (None, Found.NONE, True)
    assert solution.sentences()[0].startswith(
        "No value of lines that may be taken meets the goal: reach >= 0.5 with probability 0.9. "
        "At 100, where it is met most easily, 0 of "
    )


def test_where_no_start_meets_the_goal_the_earliest_is_named() -> None:
    """For a field of which most is wanted, the least meets the goal most easily."""
    plan = unanswered(60, b"maxSimultaneousCalls = 1")
    solution = solve(plan, goal="finished by 2026-03-02T09:05:00Z", vary="start", step=MINUTE_MS)

    assert solution.found is Found.NONE
    assert "At 2026-03-02T09:00:00Z" in solution.sentences()[0]


def test_where_the_best_value_meets_the_goal_already_that_is_said() -> None:
    """The answer is then the edge of the range, not of the goal."""
    solution = made_up(MadeUp("reach", lambda *_: 1.0), "reach >= 0.5 with probability 0.9", "lines=10..20")

    assert (solution.value, solution.found) == (10, Found.FIRST)
    assert "No value that may be taken is wanted more" in solution.sentences()[0]


def test_a_figure_that_is_not_monotone_on_what_was_seen_is_said() -> None:
    """Here more lines are worse from fifty on, and a bisection sees it at its second look."""
    solution = made_up(
        MadeUp("waitingSeconds.mean", lambda value, seed: abs(value - 50) + luck(seed).random()),
        "waiting <= 5 s",
        "lines=20..100",
    )

    assert not solution.monotone
    (words,) = [each for each in solution.sentences() if "not met more easily" in each]
    assert "sweep them" in words
    assert not solution.certain
    assert solution.as_data()["broken"] == list(solution.broken or ())


@pytest.mark.parametrize("threshold", [1, 3, 9])
def test_where_more_is_worse_the_value_wanted_most_is_found(threshold: int) -> None:
    """A bisection that looks where the goal should be met most easily alone would find none."""
    goal = f"dials <= {threshold * 10}"
    found = solve(unanswered(10), goal=goal, vary="policy.maxAttempts=1..9", executor=1)

    assert (found.value, found.found, found.certain) == (1, Found.FIRST, True)


def test_where_no_value_meets_the_goal_and_more_is_worse_nothing_is_certain() -> None:
    """Both ends were tried; between them one might meet it."""
    found = solve(unanswered(10), goal="dials <= 9", vary="policy.maxAttempts=1..9", executor=1)

    assert (found.value, found.found, found.certain) == (None, Found.NONE, False)
    assert "where it is met most easily" not in " ".join(found.sentences())


def test_a_goal_that_the_runs_meet_exactly_asks_for_a_probability() -> None:
    """More runs would tell no more."""
    found = made_up(MadeUp("undialled", lambda *_: 0.0), "undialled <= 0", "policy.maxAttempts=1..2", wanted="least")

    assert not found.certain
    assert "ask for a probability" in found.sentences()[1]


def test_what_had_not_ended_is_told_beside_another_figure() -> None:
    """A wait of those that were dialled says nothing of the others."""
    plan = unanswered(10)
    cut = Plan(request=plan.request, now_ms=plan.now_ms, until_ms=plan.now_ms + 60_000)
    found = solve(cut, goal="waiting <= 30 s at most", executor=1)

    assert any("Not all jobs had ended" in sentence for sentence in found.sentences())
    assert not any("Not all jobs" in sentence for sentence in solve(plan, goal="reach <= 1", executor=1).sentences())


def test_runs_that_cannot_tell_are_said_not_to_be_certain() -> None:
    """The probability is the goal's own at every value: there is nothing to tell."""
    solution = made_up(
        MadeUp("reach", lambda _, seed: float(luck(seed).random() < 0.5)),
        "reach >= 1 with probability 0.5",
        "lines=1..4",
        replications=60,
    )

    assert not solution.certain
    assert "give more replications" in " ".join(solution.sentences())


def test_a_campaign_that_is_never_finished_does_not_meet_an_instant() -> None:
    """`finishedAt` is infinite where a job has not ended by `until`."""
    solution = made_up(MadeUp("finishedAt", lambda value, _: inf if value < 7 else NOW_MS + 1.0), BY_HALF_PAST)

    assert solution.value == 7
    assert json.loads(json.dumps(solution.as_data(), allow_nan=False))["value"] == 7


def test_a_solution_is_json_with_all_that_a_chart_needs() -> None:
    """Value by value: the estimate, its interval and every figure's."""
    solution = made_up(MadeUp("reach", lambda value, _: float(value >= 40)), "reach >= 0.5 with probability 0.95")
    data = json.loads(json.dumps(solution.as_data(), allow_nan=False))

    assert [each["value"] for each in data["tried"]] == sorted(each["value"] for each in data["tried"])
    assert {"estimate", "interval", "figures", "met", "certain"} <= set(data["tried"][0])
    assert data["goal"]["text"] == "reach >= 0.5 with probability 0.95"
    assert (data["replications"], data["gridReplications"]) == (solution.replications, solution.grid)


def test_progress_counts_the_runs() -> None:
    """Nobody knows how many there will be."""
    told: list[tuple[int, int | None]] = []
    solution = made_up(
        MadeUp("reach", lambda value, _: float(value >= 40)),
        "reach >= 0.5 with probability 0.95",
        progress=lambda done, goal: told.append((done, goal)),
    )

    assert max(done for done, _ in told) == solution.replications
    assert {goal for _, goal in told} == {None}


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_sign_test_is_the_tail_of_a_fair_coin(worse: int, better: int) -> None:
    """By adding up every sequence's share."""
    from fractions import Fraction
    from math import comb

    exact = sum(Fraction(comb(worse + better, k), 2 ** (worse + better)) for k in range(worse, worse + better + 1))
    assert chance_of(worse, better) == pytest.approx(float(exact))


# -- what makes no sense ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vary": "linse"}, "did you mean lines"),
        ({"vary": "lines=9..3"}, "write the least first"),
        ({"vary": "lines", "low": 9, "high": 3}, "there is nothing; swap them"),
        ({"vary": "lines=1,2"}, "not of a list"),
        ({"vary": "policy.retryIntervalInMinutes=10..60/10"}, "Say wanted least, or most"),
        ({"vary": "policy.maxAttempts"}, "from where to where"),
        ({"vary": "start"}, "from where to where"),
        ({"vary": "callsPerSecond=0.5..2"}, "in which steps"),
        ({"vary": "lines", "step": 0}, "a step is more than 0"),
        ({"vary": "lines", "low": "few"}, "not a number"),
        ({"vary": "start", "low": "soon"}, "not a date and time"),
        ({"wanted": "best"}, "wanted is least or most"),
        ({"replications": 0}, "at least 1"),
        ({"confidence": 95}, r"such as 0\.95"),
        ({"seed": 1.5}, "a seed is a whole number"),
        ({"goal": "soon"}, "not a goal"),
    ],
    ids=str,
)
def test_a_search_that_makes_no_sense_is_refused_in_one_message(options: dict[str, Any], message: str) -> None:
    """Bad input gets one message that says what to write instead."""
    with pytest.raises(UsageError, match=message):
        solve(lucky(3), **{"goal": "reach >= 0.5", "executor": 1, **options})


def test_lines_are_bounded_by_the_numbers_also_those_of_a_scenario() -> None:
    """More lines than numbers change nothing."""
    later = {"at": "2026-03-02T09:10:00Z", "do": "submit", "numbers": json.loads(request_of(9))[3:]}
    plan = Plan(request=request_of(3), scenario=json.dumps({"commands": [later]}).encode(), now_ms=NOW_MS)
    solution = solve(plan, goal=Goal(figure="waitingSeconds.longest", at_most=True, value=0.0))

    assert solution.value == 6
