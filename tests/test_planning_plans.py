"""Plans and their fields, ranges, goals and figures: what is read, what is changed, and what is refused."""

from __future__ import annotations

import json
import pickle
from math import inf
from typing import Any

import pytest
from hypothesis import given, strategies as st

import scheduler
from scheduler.jobs import CampaignRefused, OutcomesRefused, RequestRefused, ScenarioRefused, UsageError
from scheduler.planning import FIELDS, FIGURES, Goal, Plan, Trend, figures_of, parse_goal, parse_vary
from scheduler.planning.figures import OF_AGENTS
from scheduler.planning.ranges import Range
from tests.plans import CAMPAIGN, MODEL, NOW_MS, lucky, request_of, unanswered

TOML = b"""
startTime = 2026-03-02T10:00:00Z
blackoutDates = [2026-03-03]
[policy]
allowedTime = { default = [{ localTimeFrom = "10:00", localTimeTo = "18:00" }] }
"""


# -- plans --------------------------------------------------------------------------------------------------------


def test_a_plan_runs_as_simulate_does() -> None:
    """The same files, the same seed, the same dials."""
    campaign = scheduler.read_campaign(CAMPAIGN)
    jobs = scheduler.read_request(request_of(20), campaign).jobs
    model = scheduler.read_outcomes(MODEL, campaign)
    expected = scheduler.simulate(campaign, jobs, now=NOW_MS, outcomes=model, seed=5)

    assert list(lucky(20).run(seed=5)) == list(expected)


def test_a_plan_is_small_when_it_is_sent_and_the_same_behind_it() -> None:
    """Bytes as they were written, whatever was read of them."""
    plan = lucky(20)
    plan.read()

    assert pickle.loads(pickle.dumps(plan)) == plan
    assert len(pickle.dumps(plan)) < len(plan.request) + 1000


def test_numbers_take_the_first_of_the_request() -> None:
    """Their luck stays theirs (R12.3)."""
    plan = lucky(20)
    few = plan.with_field("numbers", "5")

    assert [job.index for job in few.read().jobs] == list(range(5))
    with pytest.raises(UsageError, match=r"numbers=21: the request has 20"):
        plan.with_field("numbers", 21).read()


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("lines", "20", lambda campaign: campaign.lines == 20),
        ("maxSimultaneousCalls", 20, lambda campaign: campaign.lines == 20),
        ("lines", "null", lambda campaign: campaign.lines is None),
        ("callsPerSecond", "0.5", lambda campaign: campaign.calls_per_second == 0.5),
        ("start", "2026-03-03", lambda campaign: campaign.dates.start_ms == 1_772_496_000_000),
        ("start", 1_772_496_000_000, lambda campaign: campaign.dates.start_ms == 1_772_496_000_000),
        ("endTime", "2026-03-09T00:00:00Z", lambda campaign: campaign.dates.finish_ms is not None),
        ("policy.retryIntervalInMinutes", "30", lambda campaign: campaign.policy.retry_min == 30),
        ("policy.allowedDays", '["sat"]', lambda campaign: campaign != scheduler.read_campaign(TOML)),
        ("readings.retryFrom", "start", lambda campaign: campaign.readings.retry_from == "start"),
        ("timeZone", "+5", lambda campaign: campaign.zone.name == "+5"),
        ("agents", "7", lambda campaign: campaign.agents.count == 7),
        ("agents.agents", 7, lambda campaign: campaign.agents.count == 7),
        ("agents", '[{"from": "09:00", "agents": 4}]', lambda campaign: campaign.agents.count.at(0) == 4),
    ],
    ids=lambda value: "" if callable(value) else str(value),
)
def test_a_field_of_the_campaign_is_changed_and_all_others_stay(field: str, value: Any, read: Any) -> None:
    """Also of a TOML file with dates in it."""
    before = unanswered(1, TOML).read().campaign
    after = unanswered(1, TOML).with_field(field, value).read().campaign

    assert read(after)
    assert after != before or field == "lines"
    assert after.closed_dates == before.closed_dates


def test_a_field_of_the_model_is_changed() -> None:
    """Whole, or in a table below it; where there is no file of outcomes, a model of it alone."""
    plan = lucky(1)
    model = plan.with_fields([("outcomes.answered", 0.7), ("outcomes.talkSeconds.exponential", "30")]).read().outcomes

    assert isinstance(model, scheduler.Model)
    assert model.answered == 0.7
    assert model.talk_ms[-1] < plan.read().outcomes.talk_ms[-1]  # type: ignore[union-attr]
    assert unanswered(1).with_field("outcomes.answered", "1").has_luck
    assert not unanswered(1).has_luck


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("linse", 1, "did you mean lines"),
        ("retryIntervalInMinutes", 1, r"did you mean policy\.retryIntervalInMinutes"),
        ("policy.maxAttempt", 1, r"did you mean policy\.maxAttempts"),
        ("outcomes.answerd", 1, r"did you mean outcomes\.answered"),
        ("zzz", 1, "the fields are lines, numbers, start, agents"),
        ("agents", 0, "agents=0: .*at least 1"),
        ("dialRatio", 2, r"did you mean agents\.dialRatio"),
        ("policy", "{}", "no such field"),
        ("lines.most", 1, "no such field"),
        ("lines", "many", 'lines="many": not a value of maxSimultaneousCalls'),
        ("lines", 0, "lines=0: not a value of maxSimultaneousCalls.*at least 1"),
        ("policy.maxAttempts", 51, "policy.maxAttempts=51: "),
        ("outcomes.answered", 2, "outcomes.answered=2: .*from 0 to 1"),
        ("start", "soon", 'start="soon": not a date and time'),
        ("numbers", "-1", "write a whole number"),
        ("numbers", "2.5", "write a whole number"),
        ("outcomes.answered.first", 0.3, "answered is no table"),
    ],
    ids=str,
)
def test_what_is_no_field_or_no_value_of_it_is_refused_in_one_message(field: str, value: Any, message: str) -> None:
    """With the field that was meant, or what to write instead."""
    plan = lucky(3).with_field("outcomes.answered", 0.5)
    with pytest.raises(UsageError, match=message):
        plan.with_field(field, value)


@pytest.mark.parametrize("outcomes", [b'{"phones": {}}', b"phone,outcome\n79120000000,busy\n"], ids=["json", "csv"])
def test_a_script_has_no_fields_to_change(outcomes: bytes) -> None:
    """Only a model has."""
    with pytest.raises(UsageError, match="the outcomes are a script"):
        lucky(1, outcomes=outcomes).with_field("outcomes.answered", 0.3)


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ({"request": b"[{}]"}, RequestRefused),
        ({"campaign": b"lines = 3"}, CampaignRefused),
        ({"outcomes": b"answered = 3"}, OutcomesRefused),
        ({"scenario": b"command = 3"}, ScenarioRefused),
    ],
    ids=str,
)
def test_a_file_with_problems_is_refused_with_all_of_them(files: dict[str, bytes], refused: type[Exception]) -> None:
    """As `preview` refuses it, before anything runs."""
    with pytest.raises(refused):
        Plan(**{"request": request_of(1), "now_ms": NOW_MS, **files}).read()  # type: ignore[arg-type]


def test_warnings_of_all_files_are_told() -> None:
    """For the command line to show."""
    plan = unanswered(1, b"startTime = 2026-03-02T10:00:00")

    assert any("offset" in warning.message for warning in plan.read().warnings)


def test_every_field_is_one_that_can_be_asked_for() -> None:
    """The list that a refusal shows."""
    assert len(set(FIELDS)) == len(FIELDS)
    for field in FIELDS:
        assert parse_vary(f"{field}=1,2").field == field


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"now_ms": "2026-03-02"}, "now_ms of a plan is in milliseconds"),
        ({"until_ms": 1.5}, "until_ms of a plan"),
        ({"request": []}, "request of a plan is the bytes of a file, not list"),
        ({"campaign": None}, "campaign of a plan is the bytes"),
    ],
    ids=str,
)
def test_a_plan_says_what_it_takes(wrong: dict[str, Any], message: str) -> None:
    """Where it is made, not where it is run."""
    with pytest.raises(UsageError, match=message):
        Plan(**{"request": b"[]", "now_ms": NOW_MS, **wrong})


# -- figures ------------------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_summary() -> None:
    """Under the names of `preview --format json`; instants in milliseconds, spans in seconds."""
    from scheduler.views.rows import summary_data

    timeline = lucky(25).run(seed=1)
    data = summary_data(timeline.summary())
    figures = figures_of(timeline)

    for name in ("numbers", "jobs", "dialled", "dials", "answers", "unfinished"):
        assert figures[name] == data[name]
    for name in ("mean", "p95", "longest"):
        assert figures[f"waitingSeconds.{name}"] == pytest.approx(data["waitingSeconds"][name], abs=1e-3)
    assert figures["reach"] == pytest.approx(data["reach"], abs=1e-6)
    assert figures["finishedAt"] == max(ending.at or 0 for ending in timeline.endings())
    assert figures["lineHours"] == pytest.approx(sum(dial.length_ms for dial in timeline) / 3.6e6)
    assert figures["notDone"] == data["states"].get("notDone", 0)


def test_what_was_abandoned_is_a_figure() -> None:
    """In both definitions; nothing where no agents are."""
    plan = Plan(
        request=request_of(60),
        campaign=b'{"agents": {"agents": 3, "dialMode": "ratio", "dialRatio": 3, "patienceSeconds": 0}}',
        outcomes=b'{"model": {"answered": 0.7, "talkSeconds": {"exponential": 90}}}',
        now_ms=NOW_MS,
    )
    summary, figures = plan.run(1).summary(), figures_of(plan.run(1))

    assert summary.abandoned
    assert figures["abandoned"] == summary.abandoned
    assert figures["abandonedOfAnswers"] == summary.abandoned / summary.answers
    assert figures["abandonedOfDials"] == summary.abandoned / summary.dials
    assert FIGURES.keys() >= OF_AGENTS
    assert {figures_of(lucky(25).run(1))[name] for name in OF_AGENTS} == {0.0}


def test_a_campaign_that_is_not_over_is_never_finished() -> None:
    """Infinity, which no instant is at or after."""
    plan = Plan(request=request_of(3), campaign=b"maxSimultaneousCalls = 1", now_ms=NOW_MS, until_ms=NOW_MS + 45_000)
    figures = figures_of(plan.run(0))

    assert (figures["finishedAt"], figures["unfinished"]) == (inf, 2)


def test_figures_go_with_lines_as_they_say() -> None:
    """One line against four, for twenty seeds, at a campaign that ends too early: means fall and rise as is said."""
    early = lucky(25).with_field("endTime", "2026-03-02T09:25:00Z")
    runs = [[figures_of(early.with_field("lines", lines).run(seed)) for seed in range(5)] for lines in (1, 4)]
    for name, figure in FIGURES.items():
        few, many = (sum(run[name] for run in each) for each in runs)
        if figure.with_lines is Trend.FALLS and name != "secondsToLastDial":
            assert many <= few, name
        elif figure.with_lines is Trend.RISES:
            assert many >= few, name


# -- ranges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lines=10..40/10", (10, 20, 30, 40)),
        ("lines=10..45/10", (10, 20, 30, 40)),
        ("lines=1..100", (*range(1, 97, 5), 100)),
        ("lines=3,1,3", (3, 1)),
        ("lines=3..5", (3, 4, 5)),
        ("lines=7..7", (7,)),
        ("callsPerSecond=0.1..0.3/0.1", (0.1, 0.2, 0.3)),
        ("policy.retryIntervalInMinutes=30, 60,120", (30, 60, 120)),
        ('policy.allowedDays=["sat","sun"],["mon"]', (["sat", "sun"], ["mon"])),
        ("readings.retryFrom=start,end", ("start", "end")),
        (
            "start=2026-03-02..2026-03-03/12h",
            ("2026-03-02T00:00:00Z", "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z"),
        ),
        ("start=2026-03-02,2026-03-03T10:00Z", ("2026-03-02", "2026-03-03T10:00Z")),
    ],
)
def test_a_range_or_a_list_has_the_values_that_it_says(text: str, values: tuple[Any, ...]) -> None:
    """No float noise: 0.1, 0.2, 0.3."""
    assert parse_vary(text).values == values


def test_a_wide_range_without_a_step_has_about_twenty_values() -> None:
    """A grid of them is then bearable."""
    values = parse_vary("lines=1..10000").values

    assert len(values) in {20, 21}
    assert (values[0], all(isinstance(value, int) for value in values)) == (1, True)
    assert parse_vary("start=2026-03-02..2026-03-04").values[:2] == ("2026-03-02T00:00:00Z", "2026-03-02T02:30:00Z")
    assert parse_vary("callsPerSecond=0.5..2.4").values[1] == 0.6


@given(st.integers(-1000, 1000), st.integers(0, 500), st.integers(1, 50))
def test_a_range_steps_from_its_least_and_stays_below_its_most(low: int, width: int, step: int) -> None:
    """As range() does, the end included."""
    assert Range(low, low + width, step).values("lines") == tuple(range(low, low + width + 1, step))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lines", "not a field with values"),
        ("lines=", "not a field with values"),
        ("linse=1,2", "did you mean lines"),
        ("lines=5..1", "write the least first"),
        ("lines=1..5/0", "a step is more than 0"),
        ("lines=1..x", "not a number"),
        ("lines=1..inf", "not a number"),
        ("lines=1..", "not a number"),
        ("lines=1,,2", "a value is empty"),
        ("start=2026-03-02..2026-03-03/6", "write 15min, 6h or 1d"),
        ("start=1..2/6h", "not a date and time"),
    ],
)
def test_what_is_no_range_is_refused_in_one_message(text: str, message: str) -> None:
    """With an example of one."""
    with pytest.raises(UsageError, match=message):
        _ = parse_vary(text).values


def test_a_range_of_too_many_values_is_refused() -> None:
    """Before they are made."""
    with pytest.raises(UsageError, match="give a step"):
        _ = parse_vary("lines=1..1000000/1").values


# -- goals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        (
            "finished by 2026-03-02T09:00:00Z with probability 0.9",
            Goal(figure="finishedAt", at_most=True, value=NOW_MS, probability=0.9),
        ),
        ("finished by 2026-03-02T09:00:00Z", Goal(figure="finishedAt", at_most=True, value=NOW_MS, probability=0.95)),
        ("reach >= 0.8", Goal(figure="reach", at_most=False, value=0.8)),
        ("reach ≥ 80 %", Goal(figure="reach", at_most=False, value=0.8)),
        ("reach>=80% with probability 95%", Goal(figure="reach", at_most=False, value=0.8, probability=0.95)),
        (
            "waiting <= 5 min at the 95th percentile",
            Goal(figure="waitingSeconds.p95", at_most=True, value=300.0),
        ),
        ("waiting ≤ 90 s on average", Goal(figure="waitingSeconds.mean", at_most=True, value=90.0)),
        ("waiting <= 1 h at most", Goal(figure="waitingSeconds.longest", at_most=True, value=3600.0)),
        ("waiting <= 90", Goal(figure="waitingSeconds.mean", at_most=True, value=90.0)),
        ("abandoned <= 3 % of answers", Goal(figure="abandonedOfAnswers", at_most=True, value=0.03)),
        ("abandoned <= 1% of dials", Goal(figure="abandonedOfDials", at_most=True, value=0.01)),
        ("abandoned <= 3", Goal(figure="abandoned", at_most=True, value=3.0)),
        ("waitingSeconds.p95 <= 90", Goal(figure="waitingSeconds.p95", at_most=True, value=90.0)),
        ("unfinished <= 0 with probability 0.99", Goal(figure="unfinished", at_most=True, value=0.0, probability=0.99)),
    ],
)
def test_a_goal_is_read_and_written_so_that_it_reads_the_same(text: str, goal: Goal) -> None:
    """The examples of the command line, and figures under their own names."""
    assert parse_goal(text) == goal
    assert parse_goal(str(goal).replace(", on average over the runs", "")) == goal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a goal"),
        ("be quick", "not a goal.*finished by 2026"),
        ("finished by noon", "not a date and time"),
        ("finishedAt <= 5", "write finished by"),
        ("reach < 0.8", "write one of them"),
        ("reach >= 5 min", "reach is not in min; write %"),
        ("raech >= 0.8", "did you mean reach"),
        ("abandoned <= 3 %", "a share of what.*of dials"),
        ("reach >= 3 % of answers", "goes with abandoned"),
        ("reach >= 120 %", "a share, from 0 to 1"),
        ("waiting <= -5 s", "is never -5"),
        ("waiting <= 1e400 s", "is never inf"),
        ("reach >= 0.8 at the 95th percentile", "goes with waiting"),
        ("reach >= 1e", "not a number"),
        ("reach >= 0.8 with probability 1", "between 0 and 1"),
        ("reach >= 0.8 with probability high", "not a probability"),
    ],
)
def test_what_is_no_goal_is_refused_in_one_message(text: str, message: str) -> None:
    """With an example of one."""
    with pytest.raises(UsageError, match=message):
        parse_goal(text)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20), st.floats(0, 10), st.booleans())
def test_a_goal_is_met_by_runs_in_so_many_of_which_it_is(values: list[float], value: float, at_most: bool) -> None:
    """By counting them."""
    goal = Goal(figure="dials", at_most=at_most, value=value, probability=0.75)
    met = [each <= value if at_most else each >= value for each in values]

    assert goal.met_by(values) == (met.count(True) / len(met) >= 0.75)
    assert goal.estimate(values, 0.95)[0] == met.count(True) / len(met)


def test_goals_know_whether_more_lines_help() -> None:
    """More lines end a campaign earlier and reach more; what they do to the mean of busy lines depends."""
    assert parse_goal("reach >= 0.5").helped_by_lines is True
    assert parse_goal("linesBusy.most <= 5").helped_by_lines is False
    assert parse_goal("linesBusy.mean <= 5").helped_by_lines is None
    assert json.dumps(parse_goal("finished by 2026-03-02").as_data())
