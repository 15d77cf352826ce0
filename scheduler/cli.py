"""The command line: `call-scheduler example | check | windows | preview`."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.examples import EXAMPLES, example
from scheduler.intake.campaign import read_campaign
from scheduler.intake.request import Batch, read_request
from scheduler.jobs import Campaign, Problem, Refused, UsageError
from scheduler.outcomes import never
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import SECOND_MS, format_instant, lacks_offset, parse_moment
from scheduler.policy.zones import tzdata_version
from scheduler.views import rows
from scheduler.views.progress import working

DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130
MAX_SHOWN = 20
MAX_PATH = 4096
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


class PreviewFormat(StrEnum):
    """How `preview` answers."""

    TABLE = "table"
    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"


class OutcomesSource(StrEnum):
    """Where outcomes come from: `never` has every attempt ring and not be answered."""

    NEVER = "never"


Request = Annotated[str, typer.Argument(metavar="REQUEST", help="A file with numbers (JSON, NDJSON or CSV), or - .")]
CampaignFile = Annotated[str | None, typer.Option("--campaign", metavar="FILE", help="A campaign file, TOML or JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse what is only suspicious.")]
Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write to a file instead.")]


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
    format: Annotated[CheckFormat, typer.Option("--format", help="text or json.")] = CheckFormat.TEXT,
) -> None:
    """Say whether a request is good, and all that is wrong with it if not."""
    with _refusals(as_json=format is CheckFormat.JSON):
        settings, batch = _read(request, campaign, strict=strict)
    warnings = (*settings.warnings, *batch.warnings)
    if format is CheckFormat.JSON:
        answer = {"jobs": len(batch.jobs), "warnings": [rows.warning_data(each) for each in warnings]}
        print(json.dumps(answer))
    else:
        _warn(warnings)
        print(f"good: {len(batch.jobs):,} {'job' if len(batch.jobs) == 1 else 'jobs'}")


@app.command()
def windows(
    request: Request,
    from_: Annotated[str, typer.Option("--from", metavar="T", help="The first instant.")],
    until: Annotated[str, typer.Option("--until", metavar="T", help="The instant at which to stop.")],
    campaign: CampaignFile = None,
    strict: Strict = False,
    format: Annotated[WindowsFormat, typer.Option("--format", help="table or ndjson.")] = WindowsFormat.TABLE,
) -> None:
    """List the intervals in which each number may be dialled."""
    from_ms, until_ms = _moment("--from", from_), _moment("--until", until)
    if until_ms <= from_ms:
        raise UsageError(f"--until {until} does not lie after --from {from_}")
    with _refusals():
        settings, batch = _read(request, campaign, strict=strict)
    _warn((*settings.warnings, *batch.warnings, *settings.unknown_holidays(from_ms, until_ms)))
    found = rows.window_rows(settings, batch.jobs, from_ms, until_ms)
    if format is WindowsFormat.NDJSON:
        rows.write_windows_ndjson(found, sys.stdout)
    else:
        from scheduler.views import tables  # noqa: PLC0415 - the library that draws tables, for those who look at one

        tables.write_windows(found, until_ms, sys.stdout)


@app.command()
def preview(
    request: Request,
    campaign: CampaignFile = None,
    now: Annotated[str | None, typer.Option("--now", metavar="T", help="When it begins; now, if not given.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="T", help="When it stops; after 366 days.")] = None,
    lines: Annotated[int | None, typer.Option("--lines", metavar="N", help="Calls at one time.")] = None,
    outcomes: Annotated[
        OutcomesSource, typer.Option("--outcomes", help="never: every attempt rings and is not answered.")
    ] = OutcomesSource.NEVER,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The luck of outcomes; never draws none.")] = 0,
    strict: Strict = False,
    format: Annotated[
        PreviewFormat, typer.Option("--format", help="table, ndjson, json or csv.")
    ] = PreviewFormat.TABLE,
    output: Output = None,
) -> None:
    """Show when every number would be dialled."""
    began_ms = int(time.time()) * SECOND_MS if now is None else _moment("--now", now)
    until_ms = None if until is None else _moment("--until", until)
    if until_ms is not None and until_ms <= began_ms:
        raise UsageError(f"--until {until} does not lie after --now {format_instant(began_ms)}")
    with _refusals(as_json=format is PreviewFormat.JSON):
        settings, batch = _read(request, campaign, strict=strict)
    with working("simulating") as say:
        timeline = simulate(
            settings,
            batch.jobs,
            now=began_ms,
            until=until_ms,
            lines=lines,
            outcomes=_OUTCOMES[outcomes],
            seed=seed,
            progress=None if say is None else lambda run: say(f"{run.dials:,} dials, {format_instant(run.now_ms)}"),
        )
    warnings = (*settings.warnings, *batch.warnings, *timeline.warnings)
    if format is not PreviewFormat.JSON:
        _warn(warnings)
    with _output(output) as out, working("writing"):
        _WRITERS[format](timeline, warnings, out)


def _write_table(timeline: Timeline, _: Sequence[Problem], out: TextIO) -> None:
    from scheduler.views import tables  # noqa: PLC0415 - the library that draws tables, for those who look at one

    tables.write_dials(timeline, out)


_OUTCOMES = {OutcomesSource.NEVER: never}
_WRITERS: dict[PreviewFormat, rows.Writer] = {
    PreviewFormat.TABLE: _write_table,
    PreviewFormat.NDJSON: lambda timeline, _, out: rows.write_ndjson(timeline, out),
    PreviewFormat.JSON: rows.write_json,
    PreviewFormat.CSV: lambda timeline, _, out: rows.write_csv(timeline, out),
}


def _read(request: str, campaign: str | None, *, strict: bool) -> tuple[Campaign, Batch]:
    """The campaign and the jobs of a command."""
    settings = read_campaign("" if campaign is None else _bytes_of(campaign), strict=strict)
    body = _bytes_of(request)
    with working("reading"):
        return settings, read_request(body, settings)


def _bytes_of(path: str) -> bytes:
    try:
        if path != "-":
            return Path(path).read_bytes()
        if sys.stdin is None:
            raise UsageError("cannot read standard input: it is closed")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"cannot read {shown(path, limit=MAX_PATH)}: {error.strerror}") from None
    except ValueError as error:
        raise error if isinstance(error, UsageError) else UsageError(f"cannot read {path!r}: {error}") from None


def _moment(option: str, text: str) -> int:
    try:
        instant_ms = parse_moment(text)
    except PolicyError as error:
        raise UsageError(f"{option}: {error}") from None
    if lacks_offset(text):
        read_as = format_instant(instant_ms)
        print(f"warning: {option} {shown(text)} has no offset and is read as UTC; write {read_as}", file=sys.stderr)
    return instant_ms


@contextmanager
def _refusals(*, as_json: bool = False) -> Iterator[None]:
    """Say why an input was refused: as words on standard error, or as the body of the refusal on standard output."""
    try:
        yield
    except Refused as refused:
        if as_json:
            print(json.dumps(refused.body()))
        else:
            _list(refused.problems, "problem")
        raise typer.Exit(REFUSED) from None


def _warn(warnings: Sequence[Problem]) -> None:
    if warnings:
        _list(warnings, "warning")


def _list(problems: Sequence[Problem], what: str) -> None:
    for problem in problems[:MAX_SHOWN]:
        print(f"{what}: {problem}", file=sys.stderr)
    more = len(problems) - MAX_SHOWN
    if more > 0:
        print(f"... and {more:,} more {what}{'' if more == 1 else 's'}; check --format json has all", file=sys.stderr)


@contextmanager
def _output(path: str | None) -> Iterator[TextIO]:
    """Standard output, or a file, which is replaced only when all of the new one is written."""
    if path in {None, "-"}:
        yield sys.stdout
        return
    if not path:
        raise UsageError("--output is empty; name a file, or - for standard output")
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as out:
                yield out
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".call-scheduler-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                yield out
            Path(temporary).chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {shown(path, limit=MAX_PATH)}: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
        code = _cannot_write(error)
    sys.exit(code if _flushed() else USAGE)


def _flushed() -> bool:
    """Whether standard output took everything; a reader that has left wants no more."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return _cannot_write(error) == DONE
    return True


def _cannot_write(error: OSError) -> int:
    # What is still in the buffer has nowhere to go: it is not to be tried again when the interpreter leaves.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return DONE
    print(f"call-scheduler: cannot write standard output: {error.strerror}", file=sys.stderr)
    return USAGE
