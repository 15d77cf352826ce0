"""`call-scheduler diff`: its options. What runs, compares and draws is imported when it is run."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from scheduler import options
from scheduler.files import USAGE


class DiffFormat(StrEnum):
    """How `diff` answers."""

    TABLE = "table"
    JSON = "json"


Old = Annotated[
    str, typer.Argument(metavar="OLD", help="A campaign file, a request, dials as NDJSON, a golden file; or - .")
]
New = Annotated[str, typer.Argument(metavar="NEW", help="The same, after the change.")]
RequestFile = Annotated[
    str | None, typer.Option("--request", metavar="FILE", help="The numbers, if OLD and NEW are campaign files.")
]
CampaignFile = Annotated[
    str | None, typer.Option("--campaign", metavar="FILE", help="A campaign file, if OLD and NEW are requests.")
]
OutcomesFile = Annotated[
    str | None,
    typer.Option("--outcomes", metavar="never|FILE", help="never: nobody answers; or a file with outcomes."),
]
Luck = Annotated[int | None, typer.Option("--seed", metavar="N", help="The luck of both runs; 0, if not given.")]
ChartFile = Annotated[
    str | None, typer.Option("--chart", metavar="FILE", help="Draw the dials per hour too, as .svg, .png or .html.")
]


def diff(
    old: Old,
    new: New,
    request: RequestFile = None,
    campaign: CampaignFile = None,
    now: options.Now = None,
    until: options.Until = None,
    lines: options.Lines = None,
    outcomes: OutcomesFile = None,
    seed: Luck = None,
    scenario: options.ScenarioFile = None,
    strict: options.Strict = False,
    format: Annotated[DiffFormat, typer.Option("--format", help="table or json.")] = DiffFormat.TABLE,
    output: options.Output = None,
    chart: ChartFile = None,
) -> None:
    """Say what a change does to the dials. Exit code 0: they are equal, 1: they differ, 2: anything else."""
    from scheduler.differ.asked import Asked  # noqa: PLC0415 - for those who compare

    asked = Asked(
        old=old,
        new=new,
        request=request,
        campaign=campaign,
        now=now,
        until=until,
        lines=lines,
        outcomes=outcomes,
        seed=seed,
        scenario=scenario,
        strict=strict,
        output=output,
        chart=chart,
    )
    asked.check()
    from scheduler.differ import run  # noqa: PLC0415

    as_json = format is DiffFormat.JSON
    with options.refusals(as_json=as_json, all_in="diff", code=USAGE):
        compared = run.compared(asked)
    if not as_json:
        options.warn(compared.warnings, all_in="diff")
    raise typer.Exit(run.answer(asked, compared, as_json=as_json))
