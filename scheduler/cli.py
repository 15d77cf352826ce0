"""The command line: `call-scheduler example`, `check`, `windows`, `preview`, `explain`, `plan`, `diff` and others."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.commands import Command
from scheduler.differ.command import diff
from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.examples import EXAMPLES, example
from scheduler.files import DONE, USAGE, bytes_of, cannot_write, flushed, output_to, path_words
from scheduler.intake.campaign import read_campaign
from scheduler.intake.forms import merged
from scheduler.intake.history import read_history
from scheduler.intake.lawful_policy import judge
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.request import Batch, read_request
from scheduler.intake.scenario import read_scenario
from scheduler.jobs import Campaign, Problem, RequestRefused, UsageError, normal_form
from scheduler.options import (
    NEVER,
    CampaignFile,
    LawNames,
    Lines,
    Now,
    OutcomesFile,
    Output,
    Request,
    ScenarioFile,
    Seed,
    Strict,
    Until,
    laws_named,
    moment,
    no_legal_advice,
    one_reader,
    own_files,
    refusals,
    span,
    warn,
)
from scheduler.outcomes import Source, never
from scheduler.planner.command import plan
from scheduler.planner.shards import shards
from scheduler.policy.errors import shown
from scheduler.policy.instants import format_instant
from scheduler.policy.zones import tzdata_version
from scheduler.server.command import serve
from scheduler.views import rows
from scheduler.views.formats import WRITERS, PreviewFormat, refuse_terminal, report_text, write_bytes
from scheduler.views.progress import working

if TYPE_CHECKING:
    from scheduler.page.told import Document

INTERRUPTED = 130
WRONG_WORDS: Any = typer.BadParameter.__bases__[0]  # whatever is wrong with a command line derives from it

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


class CheckFormat(StrEnum):
    """How `check` answers."""

    TEXT = "text"
    JSON = "json"


class WindowsFormat(StrEnum):
    """How `windows` answers."""

    TABLE = "table"
    NDJSON = "ndjson"
    ICAL = "ical"


class ExplainFormat(StrEnum):
    """How `explain` answers."""

    TEXT = "text"
    JSON = "json"


@app.callback(invoke_without_command=True)
def call_scheduler(
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """When would each number of a call campaign be dialled?"""
    if show_version:
        print(f"call-scheduler {version('call-scheduler')}, time zones {tzdata_version()}")
        raise typer.Exit(DONE)


@app.command("example")
def print_example(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"One of {', '.join(EXAMPLES)}.")] = "page",
) -> None:
    """Print a ready request; the API page's own is the default."""
    if name not in EXAMPLES:
        raise UsageError(f"no example is called {name}; there are {', '.join(EXAMPLES)}")
    print(example(name), end="")


@app.command()
def check(
    request: Request,
    campaign: CampaignFile = None,
    strict: Strict = False,
    law: LawNames = None,
    format: Annotated[CheckFormat, typer.Option("--format", help="text or json.")] = CheckFormat.TEXT,
) -> None:
    """Say whether a request is good, and all that is wrong with it if not."""
    laws, as_json = laws_named(law), format is CheckFormat.JSON
    with no_legal_advice(laws):
        with refusals(as_json=as_json):
            settings, batch = _read(request, campaign, strict=strict)
            judged = judge(settings, batch.jobs, laws)
            warnings = merged((*settings.warnings, *batch.warnings, *judged.warnings))
            if not as_json:
                warn(warnings)
            if judged.problems:
                raise RequestRefused(judged.problems)
        if as_json:
            answer = {"jobs": len(batch.jobs), "warnings": [rows.warning_data(each) for each in warnings]}
            print(json.dumps(answer))
        else:
            print(f"good: {len(batch.jobs):,} {'job' if len(batch.jobs) == 1 else 'jobs'}")


@app.command("laws")
def tell_laws(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A law, to be told all that is known of it.")
    ] = None,
) -> None:
    """List the laws that a campaign may keep, or tell one of them; this is no legal advice."""
    from scheduler.views import laws  # noqa: PLC0415 - the library that draws tables, for those who look at one

    if name is None:
        laws.write_laws(sys.stdout)
    else:
        laws.write_law(laws_named([name], "")[0], sys.stdout)


@app.command()
def windows(
    request: Request,
    from_: Annotated[str, typer.Option("--from", metavar="T", help="The first instant.")],
    until: Annotated[str, typer.Option("--until", metavar="T", help="The instant at which to stop.")],
    campaign: CampaignFile = None,
    strict: Strict = False,
    format: Annotated[WindowsFormat, typer.Option("--format", help="table, ndjson or ical.")] = WindowsFormat.TABLE,
) -> None:
    """List the intervals in which each number may be dialled."""
    from_ms, until_ms = moment("--from", from_), moment("--until", until)
    if until_ms <= from_ms:
        raise UsageError(f"--until {until} does not lie after --from {from_}")
    with refusals():
        settings, batch = _read(request, campaign, strict=strict)
    warn((*settings.warnings, *batch.warnings, *settings.unknown_holidays(from_ms, until_ms)))
    found = rows.window_rows(settings, batch.jobs, from_ms, until_ms)
    if format is WindowsFormat.NDJSON:
        rows.write_windows_ndjson(found, sys.stdout)
    elif format is WindowsFormat.ICAL:
        from scheduler.views import ical  # noqa: PLC0415 - the library of calendars, for those who want one

        write_bytes(ical.windows_calendar(found, stamp_ms=from_ms, name=settings.name or "allowed time"), sys.stdout)
    else:
        from scheduler.views import tables  # noqa: PLC0415 - the library that draws tables, for those who look at one

        tables.write_windows(found, until_ms, sys.stdout)


@app.command()
def preview(
    request: Request,
    campaign: CampaignFile = None,
    now: Now = None,
    until: Until = None,
    lines: Lines = None,
    outcomes: OutcomesFile = NEVER,
    seed: Seed = 0,
    scenario: ScenarioFile = None,
    strict: Strict = False,
    format: Annotated[
        PreviewFormat, typer.Option("--format", help=f"One of {', '.join(PreviewFormat)}.")
    ] = PreviewFormat.TABLE,
    output: Output = None,
    report: Annotated[
        str | None, typer.Option("--report", metavar="FILE", help="Write a page of HTML beside it: figures and charts.")
    ] = None,
) -> None:
    """Show when every number would be dialled."""
    if output in {None, "-"}:
        refuse_terminal(format, sys.stdout)
        if report == "-":
            raise UsageError("standard output, -, can be written once; name a file for --report or for --output")
    files = (request, campaign, None if outcomes == NEVER else outcomes, scenario)
    own_files({"--output": output, "--report": report}, files)
    run = _Run(now=now, until=until, lines=lines, seed=seed)
    with refusals(as_json=format is PreviewFormat.JSON, all_in="preview"):
        run.read(request, campaign, outcomes, scenario, strict=strict)
    timeline = run.timeline()
    warnings = (*run.warnings, *timeline.warnings)
    if format is not PreviewFormat.JSON:
        warn(warnings, all_in="preview")
    read = {"request": request, "campaign file": campaign, "outcomes": outcomes, "scenario": scenario}
    told = [*((name, path_words(path or "none")) for name, path in read.items()), ("seed", str(seed))]
    with output_to(output) as out, working("writing"):
        if format is PreviewFormat.HTML:
            out.write(run.page(timeline, told))
        else:
            WRITERS[format](timeline, warnings, out)
    if report is not None:
        with output_to(report) as out, working("drawing"):
            out.write(report_text(timeline, warnings, told))


@app.command()
def explain(
    request: Request,
    job: Annotated[
        int | None, typer.Option("--job", metavar="K", help="The index of a number, 0 for the first.")
    ] = None,
    phone: Annotated[str | None, typer.Option("--phone", metavar="P", help="All numbers with this phone.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="Why not at this instant?")] = None,
    campaign: CampaignFile = None,
    now: Now = None,
    until: Until = None,
    lines: Lines = None,
    outcomes: OutcomesFile = NEVER,
    seed: Seed = 0,
    scenario: ScenarioFile = None,
    strict: Strict = False,
    format: Annotated[ExplainFormat, typer.Option("--format", help="text or json.")] = ExplainFormat.TEXT,
    output: Output = None,
) -> None:
    """Say why a number is dialled when it is, and at an instant, why not."""
    if (job is None) == (phone is None):
        raise UsageError("explain --job K or explain --phone P: name a job by its index, or all jobs of a phone")
    at_ms = None if at is None else moment("--at", at)
    own_files({"--output": output}, (request, campaign, None if outcomes == NEVER else outcomes, scenario))
    run = _Run(now=now, until=until, lines=lines, seed=seed)
    with refusals(as_json=format is ExplainFormat.JSON, all_in="explain"):
        run.read(request, campaign, outcomes, scenario, strict=strict)
    timeline = run.timeline()
    warn((*run.warnings, *timeline.warnings), all_in="preview")
    indices = [job] if job is not None else _indices(timeline, phone or "")
    explanations = [timeline.explain(index, at_ms) for index in indices]
    with output_to(output) as out:
        if format is ExplainFormat.JSON:
            rows.write_explanations(explanations, out)
        else:
            out.write("\n\n".join(map(str, explanations)) + "\n")


def _indices(timeline: Timeline, phone: str) -> list[int]:
    """The indices of the numbers with a phone."""
    digits = normal_form(phone)
    found = sorted({job.index for job in timeline.jobs if job.phone == digits})
    if not found:
        raise UsageError(f"no number has the phone {shown(phone)}")
    return found


@app.command()
def model(
    history: Annotated[str, typer.Argument(metavar="HISTORY", help="The dials of a campaign as CSV, or - .")],
    output: Output = None,
) -> None:
    """Turn the history of a campaign into a model of outcomes, for --outcomes."""
    own_files({"--output": output}, [history])
    with refusals(all_in=None):
        data = read_history(bytes_of(history))
    with output_to(output) as out:
        out.write(json.dumps(data, indent=2) + "\n")


app.command("plan")(plan)
app.command("shards")(shards)
app.command("diff")(diff)
app.command("serve")(serve)


class _Run:
    """What `preview` and `explain` have in common: what is read, and the timeline that it gives."""

    def __init__(self, *, now: str | None, until: str | None, lines: int | None, seed: int) -> None:
        self.now_ms, self.until_ms = span(now, until)
        self.lines = lines
        self.seed = seed
        self.source: Source = never
        self.commands: Sequence[Command] = ()
        self.found: dict[Document, tuple[Problem, ...]] = {}

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is suspicious in what was read."""
        return tuple(each for found in self.found.values() for each in found)

    def read(self, request: str, campaign: str | None, outcomes: str, scenario: str | None, *, strict: bool) -> None:
        """Read all files that the command names."""
        self.campaign, self.batch = _read(request, campaign, outcomes, scenario, strict=strict)
        self.found = {"campaign": self.campaign.warnings, "request": self.batch.warnings}
        if outcomes != NEVER:
            source = read_outcomes(bytes_of(outcomes), self.campaign)
            self.source, self.found["outcomes"] = source, source.warnings
        if scenario is not None:
            told = read_scenario(bytes_of(scenario), self.campaign)
            self.commands, self.found["run"] = told.commands, told.warnings

    def page(self, timeline: Timeline, made: Sequence[tuple[str, str]]) -> str:
        """The page with what was run in it; `made` adds to what that says of itself."""
        from scheduler.page import asked, file, problems, result  # noqa: PLC0415 - for those who want the page

        told = [each for document, found in self.found.items() for each in problems.told(found, document)]
        warnings = [*told, *problems.told_of_run(timeline.warnings)]
        own = asked.own_fields(self.batch.jobs)
        return file.page_file(result.Result(timeline, warnings, own, source=self.source), made)

    def timeline(self) -> Timeline:
        """Simulate."""
        with working("simulating") as say:
            return simulate(
                self.campaign,
                self.batch.jobs,
                now=self.now_ms,
                until=self.until_ms,
                lines=self.lines,
                outcomes=self.source,
                seed=self.seed,
                commands=self.commands,
                progress=None if say is None else lambda run: say(f"{run.dials:,} dials, {format_instant(run.now_ms)}"),
            )


def _read(request: str, campaign: str | None, *others: str | None, strict: bool) -> tuple[Campaign, Batch]:
    """The campaign and the jobs of a command; `others` are the further files that it reads."""
    one_reader(request, campaign, *others)
    settings = read_campaign("" if campaign is None else bytes_of(campaign), strict=strict)
    body = bytes_of(request)
    with working("reading"):
        return settings, read_request(body, settings)


def main() -> None:
    """Run the command line: exit code 0 done, 1 the input was refused, 2 usage."""
    code = DONE
    command = typer.main.get_command(app)
    try:
        if sys.stdout is None:
            raise UsageError("cannot write standard output: it is closed")
        # Not `app()`, which takes a reader that has left for a failure.
        with command.make_context("call-scheduler", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as leave:
        code = leave.exit_code
    except UsageError as error:
        code = USAGE
        print(f"call-scheduler: {error}", file=sys.stderr)
    except WRONG_WORDS as error:
        code = error.exit_code
        error.message = error.message.replace("Value error, ", "")
        error.show()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        code = cannot_write(error)
    sys.exit(code if flushed() else USAGE)
