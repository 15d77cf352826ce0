"""What somebody asked `diff` for, and which options do not go together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scheduler.differ.kinds import FileKind
from scheduler.jobs import UsageError
from scheduler.options import one_reader
from scheduler.policy.errors import shown

PICTURES = (".svg", ".png", ".html")
TWO = "give two campaign files, two requests, two timelines or two golden files"
RUNS = frozenset({FileKind.CAMPAIGN, FileKind.REQUEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of `diff`; None where one was not given."""

    old: str
    new: str
    request: str | None
    campaign: str | None
    now: str | None
    until: str | None
    lines: int | None
    outcomes: str | None
    seed: int | None
    scenario: str | None
    strict: bool
    output: str | None
    chart: str | None

    def check(self) -> None:
        """Raises UsageError for options that do not go together, before anything is read."""
        if self.old == self.new == "-":
            raise UsageError("standard input, -, can be read once; name a file for OLD or for NEW")
        one_reader(self.old, self.new, self.request, self.campaign, self.outcomes, self.scenario)
        if self.output == "":
            raise UsageError("--output is empty; name a file, or - for standard output")
        if self.chart is not None and Path(self.chart).suffix.lower() not in PICTURES:
            raise UsageError(f"--chart {shown(self.chart)}: name a file that ends in .svg, .png or .html")
        files = [path for path in (self.output, self.chart) if path not in {None, "-"}]
        if len({Path(path).resolve() for path in files if path is not None}) < len(files):
            raise UsageError("--output and --chart are files of their own; name each differently")
        for path in files:
            if path is not None and not Path(path).resolve().parent.is_dir():
                raise UsageError(f"cannot write {shown(path)}: there is no such folder")

    def check_kinds(self, old: FileKind, new: FileKind) -> FileKind:
        """What both files are. Raises UsageError if they are different, or other options belong to them."""
        for name, path, kind in (("OLD", self.old, old), ("NEW", self.new, new)):
            if kind is FileKind.PREVIEW:
                raise UsageError(f"{name}, {shown(path)}, is a preview, and no NDJSON; write it with --format ndjson")
        kind = new if old is FileKind.EMPTY else old
        if FileKind.EMPTY in {old, new} and kind in {FileKind.EMPTY, FileKind.GOLDEN}:
            name, path = ("OLD", self.old) if old is FileKind.EMPTY else ("NEW", self.new)
            raise UsageError(f"{name}, {shown(path)}, is empty; {TWO}")
        if new not in {kind, FileKind.EMPTY}:
            raise UsageError(self._mixed(old, new))
        self._check_options(kind)
        return kind

    def _mixed(self, old: FileKind, new: FileKind) -> str:
        if {old, new} == RUNS:
            campaign, request = (self.old, self.new) if old is FileKind.CAMPAIGN else (self.new, self.old)
            return (
                f"{shown(campaign)} is a campaign file and {shown(request)} a request; give two campaign files with "
                "--request FILE, or two requests with --campaign FILE"
            )
        said = f"{shown(self.old)} is a {old.value} and {shown(self.new)} a {new.value}"
        return f"{said}; {TWO}"

    def _check_options(self, kind: FileKind) -> None:
        if kind is FileKind.CAMPAIGN and self.request is None:
            raise UsageError("two campaign files are compared on one request; give it with --request FILE")
        wrong: list[tuple[str, object]] = [("--campaign", self.campaign)]
        if kind is not FileKind.CAMPAIGN:
            wrong = [("--request", self.request)]
        if kind not in RUNS:
            wrong += [
                ("--campaign", self.campaign),
                ("--now", self.now),
                ("--until", self.until),
                ("--lines", self.lines),
                ("--outcomes", self.outcomes),
                ("--seed", self.seed),
                ("--scenario", self.scenario),
                ("--strict", self.strict or None),
            ]
        given = [option for option, value in wrong if value is not None]
        if given:
            why = "which are compared as they are" if kind not in RUNS else "which are what is compared"
            raise UsageError(f"{' and '.join(given)}: of no use with two {kind.value}s, {why}; leave it out")
