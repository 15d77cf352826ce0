"""What the commands of the command line have in common: their options, their instants, and how they refuse."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from scheduler.intake.campaign import laws_of
from scheduler.jobs import Problem, Refused, UsageError
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import SECOND_MS, format_instant, lacks_offset, parse_moment
from scheduler.policy.laws import Law

REFUSED = 1
MAX_SHOWN = 20
NEVER = "never"

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="A file with numbers (JSON, NDJSON or CSV), or - .")]
CampaignFile = Annotated[str | None, typer.Option("--campaign", metavar="FILE", help="A campaign file, TOML or JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse what is only suspicious.")]
Now = Annotated[str | None, typer.Option("--now", metavar="T", help="When it begins; now, if not given.")]
Until = Annotated[str | None, typer.Option("--until", metavar="T", help="When it stops; after 366 days.")]
Lines = Annotated[int | None, typer.Option("--lines", metavar="N", help="Calls at one time.")]
OutcomesFile = Annotated[
    str,
    typer.Option(
        "--outcomes",
        metavar="never|FILE",
        help="never: nobody answers; or a file with a script or a model of outcomes.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The luck of the outcomes that a model draws.")]
ScenarioFile = Annotated[
    str | None,
    typer.Option("--scenario", metavar="FILE", help="Commands while it runs: submit, cancel, pause, lines..."),
]
LawNames = Annotated[
    list[str] | None,
    typer.Option("--law", metavar="NAME", help="A law that policies must keep by themselves; may be given again."),
]
Output = Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write to a file instead.")]


def moment(option: str, text: str) -> int:
    """The instant that an option has, in milliseconds; a warning if it is read as UTC. Raises UsageError."""
    try:
        instant_ms = parse_moment(text)
    except PolicyError as error:
        raise UsageError(f"{option}: {error}") from None
    if lacks_offset(text):
        read_as = format_instant(instant_ms)
        print(f"warning: {option} {shown(text)} has no offset and is read as UTC; write {read_as}", file=sys.stderr)
    return instant_ms


def span(now: str | None, until: str | None) -> tuple[int, int | None]:
    """From when to when (`--now`, `--until`), in milliseconds. Raises UsageError."""
    now_ms = int(time.time()) * SECOND_MS if now is None else moment("--now", now)
    until_ms = None if until is None else moment("--until", until)
    if until_ms is not None and until_ms <= now_ms:
        raise UsageError(f"--until {until} does not lie after --now {format_instant(now_ms)}")
    return now_ms, until_ms


def one_reader(*paths: str | None) -> None:
    """Raises UsageError if more than one of the files that a command reads is standard input."""
    if paths.count("-") > 1:
        raise UsageError("standard input, -, can be read once; name a file for the others")


def own_files(written: Mapping[str, str | None], read: Sequence[str | None]) -> None:
    """Raises UsageError if what is written would overwrite what is read, or something else that is written.

    `written` gives the file of each option, `read` the files that a command reads; `-` is no file.
    """
    sources = {_whole(path) for path in read if path is not None and path != "-"}
    seen: dict[str, str] = {}
    for option, path in written.items():
        if path == "":
            raise UsageError(f"{option} is empty; name a file, or - for standard output")
        if path in {None, "-"} or path is None:
            continue
        whole = _whole(path)
        if whole in sources:
            raise UsageError(f"{option} {shown(path)} is a file that is read, and would be lost; name another")
        if whole in seen:
            raise UsageError(f"{seen[whole]} and {option} are files of their own; name each differently")
        if os.path.isdir(whole):  # noqa: PTH112 - of a path that is whole already
            raise UsageError(f"cannot write {shown(path)}: it is a folder")
        seen[whole] = option


def _whole(path: str) -> str:
    """A path that is the same for all names of a file; one that cannot be is refused where it is opened."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a NUL
        return path


def laws_named(names: Sequence[str] | None, option: str = "--law: ") -> tuple[Law, ...]:
    """The laws that are named. Raises UsageError for a name that is none, with the one that was meant."""
    try:
        return laws_of(list(names or ()), "")
    except PolicyError as error:
        raise UsageError(f"{option}{error.flaws[0].message}") from None


@contextmanager
def no_legal_advice(laws: Sequence[Law]) -> Iterator[None]:
    """Say, behind all else, what an answer about laws is not."""
    try:
        yield
    except typer.Exit:
        _say_no_legal_advice(laws)
        raise
    _say_no_legal_advice(laws)


def _say_no_legal_advice(laws: Sequence[Law]) -> None:
    if laws:
        names = f"call-scheduler laws {laws[0].name}" if len(laws) == 1 else "call-scheduler laws NAME"
        print(f"This is no legal advice: {names} tells what is known of a law, and what is not.", file=sys.stderr)


@contextmanager
def refusals(*, as_json: bool = False, all_in: str | None = "check", code: int = REFUSED) -> Iterator[None]:
    """Say why an input was refused: as words on standard error, or as the body of the refusal on standard output.

    `all_in` is the command whose `--format json` has all problems, where the words stop; `code` is its exit code.
    """
    try:
        yield
    except Refused as refused:
        if as_json:
            print(json.dumps(refused.body()))
        else:
            _list(refused.problems, "problem", all_in)
        raise typer.Exit(code) from None


def warn(warnings: Sequence[Problem], all_in: str = "check") -> None:
    """Say what is suspicious on standard error."""
    if warnings:
        _list(warnings, "warning", all_in)


def _list(problems: Sequence[Problem], what: str, all_in: str | None) -> None:
    for problem in problems[:MAX_SHOWN]:
        print(f"{what}: {problem}", file=sys.stderr)
    more = len(problems) - MAX_SHOWN
    if more > 0:
        advice = "" if all_in is None else f"; {all_in} --format json has all"
        print(f"... and {more:,} more {what}{'' if more == 1 else 's'}{advice}", file=sys.stderr)
