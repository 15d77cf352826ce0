"""`call-scheduler plan`: its options. What runs a plan, and draws, is imported when it is run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from scheduler import options
from scheduler.options import NEVER
from scheduler.planner.asked import Asked


class PlanFormat(StrEnum):
    """How `plan` answers."""

    TABLE = "table"
    JSON = "json"


def _text(option: str, metavar: str, help: str) -> Any:
    return typer.Option(option, metavar=metavar, help=help)


Goal = Annotated[
    str | None,
    _text("--goal", "TEXT", "What is to be met, such as 'finished by 2026-03-06T18:00:00Z' or 'reach >= 0.8'."),
]
VaryFields = Annotated[
    list[str] | None,
    _text("--vary", "FIELD=RANGE", "lines=10..200, lines=10..200/10 or policy.maxAttempts=1,2,3; may be repeated."),
]
Wanted = Annotated[
    str | None,
    _text("--wanted", "least|most", "With --goal: which value is wanted, where that does not go without saying."),
]
FigureName = Annotated[
    str | None,
    _text("--figure", "NAME", "The figure of --precision, bars and charts; finishedAt, or that of the goal."),
]
Count = Annotated[
    int | None, _text("--replications", "N", "Runs of each place, or, with --goal or --precision, the most.")
]
Precision = Annotated[
    float | None, _text("--precision", "P", "Run until the mean is known to this part of it, such as 0.02.")
]
Confidence = Annotated[float, _text("--confidence", "C", "That of intervals, and of what is said of a goal.")]
Budget = Annotated[float | None, _text("--budget-seconds", "S", "Stop when so much time is over.")]
Luck = Annotated[int, _text("--seed", "N", "The luck of the first run; the others have the seeds behind it.")]
Processes = Annotated[
    int | None, _text("--processes", "N", "Run in so many processes; one for each core, if not given.")
]
Cluster = Annotated[str | None, _text("--cluster", "ADDRESS", "Run on a Dask cluster, such as tcp://10.0.0.1:8786.")]
ChartFile = Annotated[str | None, _text("--chart", "FILE", "Draw it too, as .svg, .png or .html.")]
ReportFile = Annotated[str | None, _text("--report", "FILE", "Write a page of HTML beside it: answer, places, charts.")]


def plan(
    request: options.Request,
    campaign: options.CampaignFile = None,
    outcomes: options.OutcomesFile = NEVER,
    scenario: options.ScenarioFile = None,
    now: options.Now = None,
    until: options.Until = None,
    lines: options.Lines = None,
    goal: Goal = None,
    vary: VaryFields = None,
    wanted: Wanted = None,
    figure: FigureName = None,
    replications: Count = None,
    precision: Precision = None,
    confidence: Confidence = 0.95,
    budget_seconds: Budget = None,
    seed: Luck = 0,
    processes: Processes = None,
    cluster: Cluster = None,
    format: Annotated[PlanFormat, typer.Option("--format", help="table or json.")] = PlanFormat.TABLE,
    output: options.Output = None,
    chart: ChartFile = None,
    report: ReportFile = None,
) -> None:
    """Run a campaign many times: what is to be expected, and what it takes to meet a goal."""
    asked = Asked(
        request=request,
        campaign=campaign,
        outcomes=None if outcomes == NEVER else outcomes,
        scenario=scenario,
        lines=lines,
        goal=goal,
        vary=tuple(vary or ()),
        wanted=wanted,
        figure=figure,
        replications=replications,
        precision=precision,
        confidence=confidence,
        budget_seconds=budget_seconds,
        seed=seed,
        processes=processes,
        cluster=cluster,
        output=output,
        chart=chart,
        report=report,
    )
    asked.check()
    now_ms, until_ms = options.span(now, until)
    from scheduler.planner import run  # noqa: PLC0415 - for those who plan

    as_json = format is PlanFormat.JSON
    with options.refusals(as_json=as_json, all_in="plan"):
        plan = run.read(asked, now_ms, until_ms)
        warnings = plan.read().warnings
        if not as_json:
            options.warn(warnings, all_in="plan")
        run.answer(asked, plan, as_json=as_json)
