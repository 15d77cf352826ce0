"""The command `plan`: what it answers, what it refuses, what it draws."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from scheduler.planner import answers, pictures, run as runner, tables, words
from scheduler.planning import FIGURES, Plan, Replications, Stopped, Unit, parse_vary, replicate, solve, sweep
from scheduler.planning.results import estimate_of
from scheduler.policy.zones import parse_zone
from scheduler.views.text import bars
from scheduler.views.words import span_words
from tests.commandline import NOW, Ran, Run, number, process, request
from tests.plans import CAMPAIGN, MODEL, NOW_MS, request_of
from tests.test_cli import on_terminal

GOAL = "finished by 2026-03-02T09:40:00Z with probability 0.8"
EASY = ("--goal", "reach >= 0.5")
HOME = ("--processes", "1")
COUNT = 20
NAMED = b'name = "<b>spring</b>"\n' + CAMPAIGN


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> tuple[str, ...]:
    """The words that name a request of 20 numbers, a campaign and a model, and when it begins."""
    paths = []
    for name, body in (("list.json", request_of(COUNT)), ("campaign.toml", NAMED), ("model.json", MODEL)):
        (tmp_path / name).write_bytes(body)
        paths.append(str(tmp_path / name))
    return (paths[0], "--campaign", paths[1], "--outcomes", paths[2], *NOW)


def plan_of(campaign: bytes = NAMED) -> Plan:
    """The plan that these files describe."""
    return Plan(request=request_of(COUNT), campaign=campaign, outcomes=MODEL, now_ms=NOW_MS)


def one_line(ran: Ran) -> str:
    """What a refused command says: one line, and nothing else. It fails if there is more."""
    assert (ran.code, ran.out) == (2, "")
    assert re.fullmatch(r"call-scheduler: [^\n]+\n", ran.err)
    return ran.err


# -- figures of one plan -----------------------------------------------------------------------------------------


def test_help_names_every_option(run: Run) -> None:
    """DESIGN 5.2."""
    said = run("plan", "--help").out
    options = "campaign outcomes scenario now until lines goal vary wanted figure replications precision confidence "
    options += "budget-seconds seed processes cluster format output chart report"

    assert [name for name in options.split() if f"--{name} " not in said] == []


def test_without_a_goal_every_figure_is_shown(files: tuple[str, ...], run: Run) -> None:
    """Planning: mean, interval and quantiles, with how many runs there were."""
    ran = run("plan", *files, *HOME, "--replications", "5", "--seed", "7")
    rows = {line.split()[0]: line for line in ran.out.splitlines() if line}

    assert ran.code == 0
    assert ran.err == ""
    assert [name for name in FIGURES if name not in rows] == []
    assert rows["numbers"].split()[1:6] == ["20"] * 5
    assert "mean lies between, at 0.95" in rows["figure"]
    assert ran.out.endswith("\n5 runs, with the seeds 7 to 11.\n")


def test_the_json_is_that_of_the_library(files: tuple[str, ...], run: Run) -> None:
    """One spelling for every face."""
    ran = run("plan", *files, *HOME, "--replications", "5", "--format", "json", "--confidence", "0.9")
    data = json.loads(ran.out)

    expected = replicate(plan_of(), replications=5, confidence=0.9, executor=1).as_data()
    assert {key: data[key] for key in expected} == expected
    assert (data["now"], data["until"], data["warnings"]) == ("2026-03-02T09:00:00Z", None, [])


def test_where_nothing_depends_on_luck_one_run_tells_all(files: tuple[str, ...], run: Run) -> None:
    """Planning: no interval where there is none."""
    ran = run("plan", *files[:3], *NOW)

    assert ran.out.splitlines()[0].split() == ["figure", "value", "what"]
    assert ran.out.endswith("Nothing depends on luck here, so one run tells all.\n")


def test_lines_scenario_and_until_are_those_of_the_run(files: tuple[str, ...], tmp_path: Path, run: Run) -> None:
    """As `preview` has them."""
    scenario = tmp_path / "scenario.json"
    scenario.write_text(
        json.dumps({"commands": [{"at": "2026-03-02T09:00:10Z", "do": "cancel", "jobs": [0]}]}), "utf-8"
    )
    words_of_run = (*files, "--lines", "2", "--scenario", str(scenario), "--until", "2026-03-02T09:10:00Z")
    data = json.loads(run("plan", *words_of_run, *HOME, "--replications", "2", "--format", "json").out)

    plan = Plan(
        request=request_of(COUNT),
        campaign=NAMED,
        outcomes=MODEL,
        scenario=scenario.read_bytes(),
        now_ms=NOW_MS,
        until_ms=NOW_MS + 600_000,
    ).with_field("lines", 2)
    assert data["figures"] == replicate(plan, replications=2, executor=1).as_data()["figures"]
    assert data["figures"]["finishedAt"]["mean"] is None
    assert data["until"] == "2026-03-02T09:10:00Z"


def test_a_precision_says_whether_it_is_reached(files: tuple[str, ...], run: Run) -> None:
    """Planning: until the mean is known, or as many as are allowed."""
    reached = run("plan", *files, *HOME, "--precision", "0.2", "--figure", "reach").out
    missed = run("plan", *files, *HOME, "--precision", "0.0001", "--figure", "reach", "--replications", "21").out

    assert reached.endswith(
        "20 runs, with the seeds 0 to 19: as many as it takes to know the mean of reach to 20.0 %.\n"
    )
    assert missed.endswith("21 runs, with the seeds 0 to 20: not enough to know the mean of reach to 0.0 %.\n")


def test_a_budget_stops(files: tuple[str, ...], run: Run) -> None:
    """Planning: what was done until then is shown, and said."""
    one = run("plan", *files, *HOME, "--budget-seconds", "0.000001").out
    grid = run("plan", *files, *HOME, "--budget-seconds", "0.000001", "--vary", "lines=2,3,4").out

    assert one.endswith("1 run, with the seed 0, until the time was over.\n")
    assert grid.endswith("1 run at 1 place, each with the seeds from 0 on; the time was over before the other 2.\n")


def test_two_processes_give_what_one_gives(files: tuple[str, ...], run: Run) -> None:
    """Planning: nothing depends on who ran it."""
    options = ("--replications", "5", "--format", "json")

    assert run("plan", *files, *options, "--processes", "2") == run("plan", *files, *options, *HOME)


def test_a_cluster_is_handed_on(files: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning: `--cluster` is where it runs."""
    seen: list[Any] = []

    def replicate_here(plan: Plan, **more: Any) -> Replications:
        seen.append(more["executor"])
        return replicate(plan, **{**more, "executor": 1})

    monkeypatch.setattr(runner, "replicate", replicate_here)
    ran = run("plan", *files, "--replications", "2", "--cluster", "tcp://10.0.0.1:8786")

    assert (ran.code, seen) == (0, ["tcp://10.0.0.1:8786"])


# -- grids -------------------------------------------------------------------------------------------------------


def test_a_grid_has_a_row_for_each_place(files: tuple[str, ...], run: Run) -> None:
    """Planning: the last field changes fastest; bars as long as the figure."""
    varied = ("--vary", "lines=2..6/2", "--vary", "policy.maxAttempts=1,3", "--figure", "reach")
    ran = run("plan", *files, *HOME, *varied, "--replications", "3")
    head, _, *rows = ran.out.splitlines()[:8]

    assert head.split()[:4] == ["lines", "policy.maxAttempts", "runs", "reach"]
    assert [row.split()[:3] for row in rows] == [[a, b, "3"] for a in ("2", "4", "6") for b in ("1", "3")]
    assert all(rows[place].count("█") < rows[place + 1].count("█") for place in (0, 2, 4))
    assert ran.out.endswith("\n18 runs at 6 places, each with the seeds from 0 on.\n")


def test_the_grid_of_the_json_is_that_of_the_library(files: tuple[str, ...], run: Run) -> None:
    """One spelling for every face."""
    ran = run("plan", *files, *HOME, "--vary", "lines=2,4", "--replications", "3", "--format", "json")
    data = json.loads(ran.out)

    assert data["places"] == [
        each.as_data() for each in sweep(plan_of(), {"lines": [2, 4]}, replications=3, executor=1)
    ]
    assert (data["figure"], data["of"]) == ("finishedAt", 2)


def test_a_grid_without_luck_shows_no_intervals(files: tuple[str, ...], run: Run) -> None:
    """Planning: one run of each place tells all."""
    ran = run("plan", *files[:3], *NOW, "--vary", "lines=2,4")

    assert ran.out.splitlines()[0].split()[:2] == ["lines", "finishedAt"]
    assert ran.out.endswith("2 places. Nothing depends on luck here, so one run of each tells all.\n")


def test_where_the_terminal_has_no_unicode_bars_are_ascii(files: tuple[str, ...]) -> None:
    """The table can be read everywhere; what a user wrote is escaped, not an error."""
    varied = ("--vary", "lines=2,4", "--vary", 'name="ä"')
    ran = process("plan", *files, *HOME, *varied, "--replications", "2", PYTHONIOENCODING="ascii")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.isascii()
    assert "################" in ran.out
    assert "\\xe4" in ran.out


def test_a_long_grid_is_cut_and_says_so(files: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `preview` cuts its table."""
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    ran = run("plan", *files[:3], *NOW, "--vary", "lines=2,3,4")

    assert "\n... and 1 more place; --format json has all\n" in ran.out


# -- goals -------------------------------------------------------------------------------------------------------


def test_a_goal_is_answered_in_sentences_first(files: tuple[str, ...], run: Run) -> None:
    """Planning: the answer, how sure it is, what it took; then the values that were tried."""
    ran = run("plan", *files, *HOME, "--goal", GOAL, "--replications", "10")
    solution = solve(plan_of(), goal=GOAL, replications=10, executor=1)
    sentences, _, table = ran.out.partition("\n\n")

    assert ran.code == 0
    assert tuple(sentences.splitlines()) == solution.sentences()
    assert sentences.startswith(f"lines={solution.value} is the fewest that meets the goal: ")
    assert [line.split()[0] for line in table.splitlines()[2:]] == [str(each.value) for each in solution.tried]


def test_the_answer_of_the_json_is_that_of_the_library(files: tuple[str, ...], run: Run) -> None:
    """One spelling for every face."""
    words_of_goal = ("--goal", "waiting <= 1 min", "--vary", "lines=2..12", "--replications", "8")
    data = json.loads(run("plan", *files, *HOME, *words_of_goal, "--format", "json").out)

    expected = solve(plan_of(), goal="waiting <= 1 min", vary="lines=2..12", replications=8, executor=1).as_data()
    assert {key: data[key] for key in expected} == expected


def test_the_fewest_agents_are_looked_for_without_bounds(files: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """As lines are: more agents end a campaign earlier; a grid shows what they abandon."""
    staffed = tmp_path / "staffed.toml"
    staffed.write_text('[agents]\nagents = 1\npatienceSeconds = 0\ndialMode = "ratio"\ndialRatio = 2\n', "utf-8")
    asked = (files[0], "--campaign", str(staffed), *files[3:], *HOME)
    words_of_goal = ("--vary", "agents", "--goal", "finished by 2026-03-02T09:10:00Z", "--format", "json")
    found = json.loads(run("plan", *asked, *words_of_goal).out)
    grid = run("plan", *asked, "--vary", "agents=1..3", "--replications", "5", "--figure", "reach").out

    assert (found["field"], found["found"]) == ("agents", "found")
    assert found["value"] > 1
    assert f"agents={found['value']} is the fewest that meets the goal" in found["words"][0]
    assert "abandonedOfAnswers" in grid.splitlines()[0]


def test_a_goal_of_agents_needs_agents(files: tuple[str, ...], run: Run) -> None:
    """Every value would meet it; a campaign that gets them by what is varied has them."""
    goal = ("--goal", "abandoned <= 3 % of answers")

    assert "the campaign has none; give it a table [agents]" in one_line(run("plan", *files, *HOME, *goal))
    assert run("plan", *files, *HOME, *goal, "--vary", "agents").code == 0


def test_what_only_a_run_can_warn_of_is_told_once(run: Run, tmp_path: Path) -> None:
    """R3.10: holidays of years that nobody knows; by every face of `plan`, for all places."""
    path = tmp_path / "campaign.toml"
    path.write_text('holidays = "RU"\nmaxSimultaneousCalls = 1\n', "utf-8")
    asked = ("plan", "-", "--campaign", str(path), "--now", "2900-03-02T09:00:00Z", "--vary", "lines=1,2")
    ran, as_json = (run(*asked, *more, body=request(number())) for more in ((), ("--format", "json")))
    page = run(*asked, "--report", "-", "--output", str(tmp_path / "out.txt"), body=request(number())).out

    assert ran.err.count("warning: $.holidays: the holidays are known for") == 1
    assert [each["path"] for each in json.loads(as_json.out)["warnings"]] == ["$.holidays"]
    assert page.count("the holidays are known for") == 1


def test_a_goal_that_nothing_meets_is_an_answer(files: tuple[str, ...], run: Run) -> None:
    """Planning: it was asked, and answered: exit code 0, and the first sentence says so."""
    ran = run("plan", *files[:3], *NOW, "--goal", "finished by 2026-03-02T09:00:10Z")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("No value of lines that may be taken meets the goal: ")


def test_another_field_is_wanted_least_or_most(files: tuple[str, ...], run: Run) -> None:
    """Planning: what goes without saying for lines has to be said for others."""
    words_of_goal = (*EASY, "--vary", "policy.retryIntervalInMinutes=30..60/10")
    refused = run("plan", *files, *HOME, *words_of_goal)
    ran = run("plan", *files, *HOME, *words_of_goal, "--wanted", "most", "--replications", "5")

    assert "Give --wanted least, or most" in one_line(refused)
    assert ran.out.startswith("policy.retryIntervalInMinutes=60 is the greatest that meets the goal: ")


def test_numbers_and_starts_need_no_range(files: tuple[str, ...], run: Run) -> None:
    """Planning: the largest list, the latest start."""
    goal = ("--goal", "finished by 2026-03-02T10:00:00Z")
    largest = run("plan", *files[:3], *NOW, *goal, "--vary", "numbers")
    latest = run("plan", *files[:3], *NOW, *goal, "--vary", "start")

    assert largest.out.startswith("numbers=20 is the greatest that meets the goal: ")
    assert latest.out.startswith("start=2026-03-02T09:30:00Z is the latest that meets the goal: ")


# -- what is refused ---------------------------------------------------------------------------------------------

WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--goal", ""), "not a goal"),
    (("--goal", "done by friday"), "write one such as"),
    (("--goal", "reach > 0.8"), "not one of <= and >="),
    (("--goal", "reech >= 0.8"), "did you mean reach?"),
    (("--goal", "finished by tomorrow"), "write it like 2026-03-02T09:00:00Z"),
    (("--vary", "lines"), "write lines=10..200"),
    (("--vary", "lines=10..2"), "write the least first"),
    (("--vary", "lines=0..3"), "at least 1"),
    (("--vary", "linse=1,2"), "did you mean lines?"),
    (("--vary", "lines=1,2", "--vary", "lines=3"), "--vary lines is given twice"),
    (
        ("--vary", "lines=1..200/1", "--vary", "numbers=1..20", "--vary", "start=2026-03-02..2026-03-09"),
        "at most 10,000",
    ),
    (("--vary", "numbers=10,50"), "the request has 20"),
    (("--vary", "policy.maxAttempts=100"), "from 1 to 50"),
    (("--vary", "outcomes.answered=2"), "a probability from 0 to 1"),
    (("--figure", "nothing"), "the figures are numbers, jobs"),
    (("--vary", "lines=1,2", "--figure", "raech"), "did you mean reach?"),
    (("--precision", "5"), "such as 0.02"),
    (("--confidence", "1"), "such as 0.95"),
    (("--budget-seconds", "nan"), "more than 0 seconds"),
    (("--replications", "0"), "at least 1"),
    (("--processes", "0"), "at least 1"),
    (("--processes", "2", "--cluster", "tcp://10.0.0.1:8786"), "leave one out"),
    (("--cluster", "10.0.0.1"), "such as tcp://10.0.0.1:8786"),
    (("--cluster", "tcp://10.0.0.1"), "such as tcp://10.0.0.1:8786"),
    (("--lines", "0"), "at least 1"),
    (("--lines", "2", *EASY), "--lines 2 sets what is varied"),
    (("--lines", "2", "--vary", "maxSimultaneousCalls=1,2"), "--lines 2 sets what is varied"),
    (("--wanted", "least"), "goes with --goal"),
    ((*EASY, "--wanted", "best"), "least or most"),
    ((*EASY, "--vary", "lines=1,2,3"), "write lines=10..200/10"),
    ((*EASY, "--vary", "lines=1..3", "--vary", "numbers=1..3"), "one field, not 2"),
    ((*EASY, "--vary", "nothing=1..3"), "no such field"),
    ((*EASY, "--figure", "reach"), "leave out --figure"),
    ((*EASY, "--precision", "0.1"), "leave out --precision"),
    ((*EASY, "--budget-seconds", "1"), "leave out --budget-seconds"),
    (("--chart", "x.gif", *EASY), ".svg, .png or .html"),
    (("--chart", "-", *EASY), ".svg, .png or .html"),
    (("--chart", "x.svg"), "give --vary or --goal"),
    (("--chart", "x.svg", "--vary", 'policy.allowedDays=["sat"],["sun"]'), "needs a field with numbers"),
    (("--chart", "no such folder/x.svg", *EASY), "no such folder"),
    (("--report", "no such folder/x.html"), "no such folder"),
    (("--report", ""), "--report is empty"),
    (("--output", ""), "--output is empty"),
    (("--report", "-"), "can be written once"),
    (("--report", "x.html", "--output", "./x.html"), "name each differently"),
    (("--scenario", "no such file"), "cannot read"),
    (("--until", "2026-03-01"), "does not lie after --now"),
)


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_what_is_wrong_with_the_words_is_one_line(
    wrong: tuple[str, ...], expected: str, files: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: Any
) -> None:
    """DESIGN 5.2: exit code 2, what is wrong and what to write, no traceback, no file."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    ran = run("plan", *files, *HOME * ("--processes" not in wrong and "--cluster" not in wrong), *wrong)

    said = ran.err.replace("warning: --until", "")
    assert expected in one_line(Ran(ran.code, ran.out, said[said.index("call-scheduler: ") :]))
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("wrong", [("--replications", "x"), ("--format", "csv"), ("--nothing",)])
def test_what_is_no_option_is_usage(wrong: tuple[str, ...], files: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: exit code 2."""
    ran = run("plan", *files, *wrong)

    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_standard_input_is_read_once(run: Run) -> None:
    """DESIGN 5.2."""
    assert "can be read once" in one_line(run("plan", "-", "--outcomes", "-"))


def test_a_bad_request_is_refused_as_by_preview(run: Run) -> None:
    """DESIGN 5.2: exit code 1; with `--format json` the body of the refusal."""
    bad = request(number("12"))
    preview, plan = (run(command, *NOW, "-", body=bad) for command in ("preview", "plan"))
    as_json = [run(command, *NOW, "--format", "json", "-", body=bad) for command in ("preview", "plan")]

    assert plan == preview
    assert plan.code == 1
    assert as_json[0] == as_json[1]
    assert json.loads(as_json[1].out)["problems"]


def test_a_bad_campaign_is_refused_before_its_lines_are_set(run: Run, tmp_path: Path) -> None:
    """The problems of a file are those of the file, whatever else is asked for."""
    path = tmp_path / "campaign.toml"
    path.write_text("callsPerSecond = 0\n", "utf-8")
    ran = run("plan", *NOW, "--campaign", str(path), "--lines", "3", "-", body=request(number()))

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("problem: $.callsPerSecond: ")


def test_warnings_are_said_and_are_in_the_json(run: Run) -> None:
    """DESIGN 5.2: words to standard error."""
    body = request({"phone": "79123456789"})
    words_of_run, data = run("plan", *NOW, "-", body=body), run("plan", *NOW, "--format", "json", "-", body=body)

    assert words_of_run.err.startswith("warning: $[0].gmtZone: ")
    assert data.err == ""
    assert [each["path"] for each in json.loads(data.out)["warnings"]] == ["$[0].gmtZone"]


def test_an_interrupt_ends_with_130(files: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "replicate", interrupt)
    assert run("plan", *files) == Ran(130, "", "")


def test_progress_is_shown_on_a_terminal(files: tuple[str, ...]) -> None:
    """DESIGN 5.2: on standard error; the data are not touched."""
    code, out, shown = on_terminal("plan", *files, *HOME, "--replications", "10", "--format", "json", patience_s=0)

    assert code == 0
    assert json.loads(out)["replications"] == 10
    assert "running" in shown


def test_the_command_line_loads_no_planning_until_it_plans() -> None:
    """DESIGN 4: a face's libraries are imported where they are used."""
    code = "import sys, scheduler.cli; print([name for name in sys.modules if 'planning' in name or 'charts' in name])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "[]\n"


# -- pictures ----------------------------------------------------------------------------------------------------


def test_charts_and_a_page_of_a_goal(files: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """Planning: they are written beside the answer; names are text."""
    svg, page, out = (tmp_path / name for name in ("x.svg", "x.html", "out.txt"))
    files_of_run = ("--chart", str(svg), "--report", str(page), "--output", str(out))
    ran = run("plan", *files, *HOME, "--goal", GOAL, "--replications", "8", *files_of_run)
    text = page.read_text("utf-8")

    assert ran == Ran(0, "", "")
    assert ET.fromstring(svg.read_text("utf-8")).tag.endswith("svg")
    assert out.read_text("utf-8").splitlines()[0] in text
    assert (text.count("<figure"), text.count("<script"), text.count("<b>")) == (2, 0, 0)
    assert "<h1>Plan of &lt;b&gt;spring&lt;/b&gt;</h1>" in text
    for name, value in (("goal", GOAL), ("varied", "lines"), ("request", files[0]), ("first seed", "0")):
        assert f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' in text


def test_a_chart_of_a_grid_as_png_and_html(files: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """Planning: by the end of the file's name."""
    png, page = tmp_path / "x.PNG", tmp_path / "x.html"
    varied = (*files[:3], *NOW, "--vary", "lines=2,4,6")
    codes = [run("plan", *varied, "--chart", str(path)).code for path in (png, page)]

    assert codes == [0, 0]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "<title>Plan of &lt;b&gt;spring&lt;/b&gt;</title>" in page.read_text("utf-8")


def test_a_page_of_one_plan_shows_its_figures_and_its_first_run(files: tuple[str, ...], run: Run) -> None:
    """Planning: also to standard output, if the answer goes elsewhere."""
    words_of_run = ("--replications", "3", "--seed", "5", "--report", "-", "--output", str(Path(files[0] + ".txt")))
    ran = run("plan", *files, *HOME, *words_of_run)

    assert ran.out.startswith("<!DOCTYPE html>")
    assert ran.out.count("<figure") == 3
    assert "the run with the seed 5" in ran.out
    assert [name for name in FIGURES if f'<th scope="row">{name}</th>' not in ran.out] == []


def test_a_page_of_a_grid_names_its_places(files: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    """Planning: a row for each place, as far as there is room."""
    monkeypatch.setattr(answers, "MAX_PAIRS", 1)
    page = tmp_path / "x.html"
    varied = ("--vary", 'policy.allowedDays=["mon"],["mon","tue"]', "--lines", "2")
    ran = run("plan", *files, *HOME, *varied, "--replications", "2", "--report", str(page))
    text = page.read_text("utf-8")

    assert ran.code == 0
    assert "policy.allowedDays=[&quot;mon&quot;]</th>" in text
    assert "<td>1 more place</td>" in text
    assert "<figure" not in text  # nothing in it has numbers


def test_an_absent_library_is_told_before_the_runs(
    files: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 4: one clear line that says what to install."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr(runner, "solve", pytest.fail)

    assert "pip install 'call-scheduler[plan]'" in one_line(run("plan", *files, *EASY, "--chart", "x.svg"))


def spec_of(picture: Any) -> str:
    """A chart as JSON."""
    return json.dumps(picture.chart.to_dict())


def places_of(*texts: str, plan: Plan | None = None) -> list[pictures.Place]:
    """A small grid."""
    values = {vary.field: vary.values for vary in map(parse_vary, texts)}
    return [(each.fields, each.runs) for each in sweep(plan or plan_of(), values, replications=3, executor=1)]


def test_a_figure_is_drawn_against_the_field_with_the_most_numbers() -> None:
    """Planning: a line for each combination of the others, six at most."""
    places = places_of("policy.maxAttempts=1,2", "lines=2,3,4")
    (picture,) = pictures.grid_pictures(places, "reach", NOW_MS, parse_zone("Z"))
    spec = spec_of(picture)

    assert '"policy.maxAttempts=1"' in spec
    assert "lines; the band: where the mean lies" in spec
    assert '"reach, %"' in spec
    assert picture.words == "reach: numbers that were answered, against lines, at 6 places"


def test_more_lines_than_a_chart_has_room_for_are_left_out_and_said() -> None:
    """Planning: no chart fails after the runs."""
    places = places_of("ringSeconds=1..8", "lines=1..9", plan=Plan(request=request_of(3), now_ms=NOW_MS))
    (picture,) = pictures.grid_pictures(places, "waitingSeconds.mean", NOW_MS, parse_zone("Z"))

    assert "(the first 6 of 8)" in spec_of(picture)
    assert "waitingSeconds.mean, seconds" in spec_of(picture)


def test_where_lines_alone_vary_the_cost_is_drawn_on_the_clock_of_the_campaign() -> None:
    """Planning: lines against finish, and another figure beside it."""
    places = places_of("lines=2,4,6")
    zone = parse_zone("Europe/Moscow")
    cost, both = (pictures.grid_pictures(places, name, NOW_MS, zone) for name in ("finishedAt", "lineHours"))

    assert ["on the clock of Europe/Moscow" in spec_of(picture) for picture in cost] == [True]
    assert ["on the clock of Europe/Moscow" in spec_of(picture) for picture in both] == [False, True]
    assert "lineHours, line hours" in spec_of(both[0])


def test_starts_are_hours_after_the_beginning() -> None:
    """Planning: instants on an axis of plain numbers."""
    places = places_of("start=2026-03-02T09:00:00Z..2026-03-02T15:00:00Z/2h")
    (picture,) = pictures.grid_pictures(places, "finishedAt", NOW_MS, parse_zone("Z"))

    assert "start, hours after 2026-03-02 09:00:00Z" in spec_of(picture)
    assert '"finishedAt, hours"' in spec_of(picture)
    assert "finishedAt: when the last job ended, from 2026-03-02 09:00:00Z on" in spec_of(picture)


def test_without_numbers_there_is_no_picture() -> None:
    """Planning: names are no axis."""
    assert pictures.grid_pictures(places_of('name="a","b"'), "reach", NOW_MS, parse_zone("Z")) == []


@pytest.mark.parametrize(
    ("goal", "vary", "titles"),
    [
        (GOAL, "lines", ["Runs that meet the goal: finished by 2026-03-02T09:40:00Z", "Lines against finish"]),
        ("waiting <= 1 min", "lines=2..9", ["waitingSeconds.mean: a dial's wait", "Lines against finish"]),
        (GOAL, "numbers=5..20/5", ["Runs that meet the goal", "finishedAt: when the last job ended"]),
        ("reach >= 0.99", "lines=2..3", ["reach: numbers that were answered", "Lines against finish"]),
    ],
)
def test_a_goal_is_drawn_with_its_value(goal: str, vary: str, titles: list[str]) -> None:
    """Planning: the share of runs or the figure, and the cost curve where lines vary."""
    solution = solve(plan_of(), goal=goal, vary=vary, replications=8, executor=1)
    drawn = pictures.goal_pictures(solution, NOW_MS, parse_zone("Z"))
    specs = list(map(spec_of, drawn))

    assert len(specs) == len(titles)
    assert [title for title, spec in zip(titles, specs, strict=True) if title not in spec] == []
    assert '"goal: ' in specs[0]
    assert (f'"{solution.field}={solution.value}"' in specs[0]) == (solution.value is not None)


def test_a_page_of_a_goal_without_luck_names_its_figure() -> None:
    """Planning: no share of runs where there is one."""
    plan = Plan(request=request_of(6), now_ms=NOW_MS)
    met = answers.Met(plan=plan, solution=solve(plan, goal="waiting <= 30 s at most", executor=1))

    assert met.pairs()[-1] == ("lines=3", "meets the goal; waitingSeconds.longest 30 s")


def test_a_cost_curve_leaves_out_what_is_far_from_the_answer() -> None:
    """Planning: a search begins with one line, with which it takes a week."""
    plan = Plan(request=request_of(600), now_ms=NOW_MS)
    solution = solve(plan, goal="finished by 2026-03-02T09:15:00Z", executor=1)
    drawn = pictures.goal_pictures(solution, NOW_MS, parse_zone("Z"))

    assert solution.value == 20
    assert '"lines": 1.0' not in spec_of(drawn[-1])
    assert '"lines": 20.0' in spec_of(drawn[-1])


# -- words -------------------------------------------------------------------------------------------------------


def test_a_finish_that_some_runs_do_not_come_to_is_not_called_never() -> None:
    """Planning: infinity is neither."""
    inf = float("inf")
    finishes = [estimate_of("finishedAt", values, 0.95) for values in ([0.0, inf], [inf, inf], [0.0, 2_000.0])]

    assert list(map(words.mean_words, finishes)) == ["not in all runs", "never", "1970-01-01 00:00:01Z"]
    assert [words.interval_words(each.interval, each.unit) for each in finishes[:2]] == ["", ""]


def test_values_have_their_units() -> None:
    """DESIGN 6: names carry units, and so do values."""
    inf = float("inf")
    shown = [
        words.value_words(value, unit) for value, unit in ((90.0, Unit.HOURS), (inf, Unit.SECONDS), (1.5, Unit.LINES))
    ]

    assert shown == ["90 h", "no end", "1.50"]
    assert span_words(59.7) == "1 min"
    assert words.field_words("a\nb") == '"a\\nb"'


def test_bars_of_nothing_are_empty() -> None:
    """Planning: no division by what is not there."""
    assert bars([0.0, float("inf")], plain=False) == ["", ""]
    assert bars([1.0, 16.0, 8.5], plain=False) == ["█", "█" * 16, "█" * 8 + "▌"]


def test_a_grid_that_the_time_cut_says_so() -> None:
    """Planning: the last place may have fewer runs than the others."""
    grid = sweep(plan_of(), {"lines": [2, 3]}, replications=2, budget_seconds=1e-9, executor=1)

    assert [place.runs.stopped for place in grid] == [Stopped.TIME]
    assert tables.grid_words(grid, 1).endswith(", until the time was over.")


def test_what_cannot_be_written_is_said(files: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: a folder is no file."""
    (tmp_path / "x.html").mkdir()

    assert "cannot write" in run("plan", *files[:3], *NOW, "--report", str(tmp_path / "x.html")).err
