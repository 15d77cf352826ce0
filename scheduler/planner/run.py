"""Does what `plan` was asked for: reads, runs, and writes what was found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import prod
from pathlib import Path

from scheduler.files import bytes_of, output_to, path_words
from scheduler.jobs import Problem, UsageError
from scheduler.options import warn
from scheduler.planner import pictures as plan_pictures
from scheduler.planner.answers import Answer, Expected, Grid, Met
from scheduler.planner.asked import Asked
from scheduler.planning import Plan, figure_named, parse_goal, parse_vary, replicate, solve, sweep
from scheduler.planning.figures import FINISHED_AT
from scheduler.planning.plan import LINES, NUMBERS, check_field
from scheduler.planning.solve import WANTED
from scheduler.policy.clocks import utc_words
from scheduler.policy.instants import format_instant
from scheduler.policy.zones import tzdata_version
from scheduler.views import pictures, report, rows
from scheduler.views.extras import extra
from scheduler.views.progress import counting, working
from scheduler.views.text import takes_blocks, write_text


def read(asked: Asked, now_ms: int, until_ms: int | None) -> Plan:
    """The plan that the options describe. Raises Refused with what is wrong with a file, UsageError for the rest."""
    plan = Plan(
        request=bytes_of(asked.request),
        campaign=b"" if asked.campaign is None else bytes_of(asked.campaign),
        outcomes=None if asked.outcomes is None else bytes_of(asked.outcomes),
        scenario=None if asked.scenario is None else bytes_of(asked.scenario),
        now_ms=now_ms,
        until_ms=until_ms,
    )
    with working("reading"):
        plan.read()
    if asked.lines is None:
        return plan
    if asked.lines < 1:
        raise UsageError(f"--lines is a whole number, at least 1, not {asked.lines}")
    return plan.with_field("lines", asked.lines)


def answer(asked: Asked, plan: Plan, *, as_json: bool) -> None:
    """Run a plan, and write what was found wherever it was asked for."""
    if asked.chart is not None or asked.report is not None:
        _check_drawing(asked)
    found = (
        _met(asked, plan) if asked.goal is not None else _grid(asked, plan) if asked.vary else _expected(asked, plan)
    )
    late = _late_warnings(found)
    if not as_json:
        warn(late, all_in="plan")
    warnings = (*plan.read().warnings, *late)
    with output_to(asked.output) as out:
        if as_json:
            out.write(json.dumps(_data(found, plan, warnings), indent=2) + "\n")
        else:
            write_text(found.text(plain=not takes_blocks(out)), out)
    if asked.chart is None and asked.report is None:
        return
    with working("drawing"):
        drawn = found.pictures()
        if asked.chart is not None:
            _draw(drawn, asked.chart, _title(plan))
        if asked.report is not None:
            with output_to(asked.report) as out:
                write_text(_page(asked, plan, found, drawn, warnings), out)


def _check_drawing(asked: Asked) -> None:
    """Tell what would be missing after the runs: the libraries, and numbers for an axis."""
    with extra("a chart"):
        import altair as alt  # noqa: F401, PLC0415
        import vl_convert  # noqa: F401, PLC0415
    if asked.chart is None or asked.goal is not None:
        return
    varied = [parse_vary(text) for text in asked.vary]
    if not any(plan_pictures.number_field([{each.field: value} for value in each.values]) for each in varied):
        raise UsageError("--chart needs a field with numbers; vary one such as lines=10..200/10")


def _expected(asked: Asked, plan: Plan) -> Answer:
    figure = asked.figure or FINISHED_AT
    with counting("running", "runs") as progress:
        runs = replicate(
            plan,
            replications=asked.replications,
            precision=asked.precision,
            figure=figure,
            confidence=asked.confidence,
            budget_seconds=asked.budget_seconds,
            seed=asked.seed,
            executor=asked.where,
            progress=progress,
        )
    return Expected(plan=plan, runs=runs, figure=figure, precision=asked.precision)


def _grid(asked: Asked, plan: Plan) -> Answer:
    figure = asked.figure or FINISHED_AT
    figure_named(figure)
    values = {vary.field: vary.values for vary in map(parse_vary, asked.vary)}
    there = len(plan.read().jobs)
    for count in values.get(NUMBERS, ()):
        if isinstance(count, int) and count > there:
            plan.with_field(NUMBERS, count).read()  # says so, before the runs
    with counting("running", "runs") as progress:
        places = sweep(
            plan,
            values,
            replications=asked.replications,
            precision=asked.precision,
            figure=figure,
            confidence=asked.confidence,
            budget_seconds=asked.budget_seconds,
            seed=asked.seed,
            executor=asked.where,
            progress=progress,
        )
    return Grid(plan=plan, places=places, figure=figure, count=prod(map(len, values.values())))


def _met(asked: Asked, plan: Plan) -> Answer:
    assert asked.goal is not None
    goal = parse_goal(asked.goal)
    vary = asked.vary[0] if asked.vary else LINES
    field = vary.partition("=")[0].strip()
    check_field(field)
    if asked.wanted is None and field not in WANTED:
        raise UsageError(f"a goal over {field}: is the least wanted, or the greatest? Give --wanted least, or most")
    most = {} if asked.replications is None else {"replications": asked.replications}
    with counting("running", "runs") as progress:
        solution = solve(
            plan,
            goal=goal,
            vary=vary,
            wanted=asked.wanted,
            confidence=asked.confidence,
            seed=asked.seed,
            executor=asked.where,
            progress=progress,
            **most,
        )
    return Met(plan=plan, solution=solution)


# -- writing -----------------------------------------------------------------------------------------------------


def _late_warnings(found: Answer) -> tuple[Problem, ...]:
    """What only the runs could tell, told once for all places."""
    told = {(each.type, each.path, each.message): each for runs in found.runs_of_places for each in runs.warnings}
    return tuple(told.values())


def _data(found: Answer, plan: Plan, warnings: Sequence[Problem]) -> dict[str, object]:
    return {
        "now": format_instant(plan.now_ms),
        "until": None if plan.until_ms is None else format_instant(plan.until_ms),
        "tzdata": tzdata_version(),
        **found.as_data(),
        "warnings": [rows.warning_data(each) for each in warnings],
    }


def _draw(drawn: Sequence[report.Picture], path: str, title: str) -> None:
    charts = [each.chart for each in drawn]
    kind = Path(path).suffix.lower()
    with output_to(path) as out:
        if kind == ".png":
            out.flush()
            out.buffer.write(pictures.png(charts))
        elif kind == ".svg":
            out.write(pictures.svg(charts) + "\n")
        else:
            out.write(pictures.html(charts, title))


def _title(plan: Plan) -> str:
    name = plan.read().campaign.name
    return f"Plan of {name}" if name else "Plan of a campaign"


def _page(asked: Asked, plan: Plan, found: Answer, drawn: Sequence[report.Picture], warnings: Sequence[Problem]) -> str:
    campaign = plan.read().campaign
    told = [
        ("campaign", campaign.name or "without a name"),
        ("zone of the campaign", campaign.zone.name),
        ("begins", utc_words(plan.now_ms)),
        ("ends at the latest", "after 366 days" if plan.until_ms is None else utc_words(plan.until_ms)),
        ("request", path_words(asked.request)),
        ("campaign file", path_words(asked.campaign or "none")),
        ("outcomes", path_words(asked.outcomes or "never")),
        ("scenario", path_words(asked.scenario or "none")),
        *([] if asked.lines is None else [("lines", str(asked.lines))]),
        *([] if asked.goal is None else [("goal", asked.goal)]),
        *(("varied", text) for text in asked.vary or (["lines"] if asked.goal is not None else [])),
        ("first seed", str(asked.seed)),
        ("confidence", f"{asked.confidence:g}"),
    ]
    if isinstance(found, Expected):
        told.append(("the charts", f"the run with the seed {asked.seed}"))
    said = [str(warning) for warning in warnings]
    return report.page(_title(plan), run=told, figures=found.pairs(), pictures=drawn, warnings=said)
