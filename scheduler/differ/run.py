"""Does what `diff` was asked for: reads, runs, compares, and writes what is different."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scheduler.commands import Command
from scheduler.differ.asked import RUNS, Asked
from scheduler.differ.hours import Hour, dials_per_hour
from scheduler.differ.kinds import FileKind, kind_of
from scheduler.differ.tables import text_of
from scheduler.differ.timelines import TimelineRefused, read_timeline
from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.files import DONE, bytes_of, cannot_write, output_to
from scheduler.intake.campaign import read_campaign
from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.request import read_request
from scheduler.intake.scenario import read_scenario
from scheduler.jobs import UTC, Problem, Refused
from scheduler.options import NEVER, span
from scheduler.outcomes import Source, never
from scheduler.policy.instants import format_instant
from scheduler.policy.zones import Zone, tzdata_version
from scheduler.testing.changes import Changes
from scheduler.testing.comparing import compare
from scheduler.testing.golden import GoldenError, read_golden
from scheduler.testing.pinned import Pinned, pin
from scheduler.views import rows
from scheduler.views.extras import extra
from scheduler.views.progress import working
from scheduler.views.text import takes_blocks, write_text

DIFFERENT = 1
MAX_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was compared, what is different, and what is suspicious; `zone` is whose clock hours are read off."""

    kind: FileKind
    old: Pinned
    new: Pinned
    changes: Changes
    zone: Zone
    warnings: Sequence[Problem]

    @property
    def hours(self) -> list[Hour]:
        """The dials per hour."""
        return dials_per_hour(self.old, self.new, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two, read; the timeline and the campaign's zone, where it was run here."""

    pinned: Pinned
    timeline: Timeline | None = None
    warnings: tuple[Problem, ...] = ()


def compared(asked: Asked) -> Compared:
    """Read both, run them where they are to be run, and compare. Raises Refused, UsageError."""
    if asked.chart is not None:
        with extra("a chart"):
            import altair as alt  # noqa: F401, PLC0415 - told before the runs
            import vl_convert  # noqa: F401, PLC0415
    bodies = bytes_of(asked.old), bytes_of(asked.new)
    kind = asked.check_kinds(kind_of(bodies[0]), kind_of(bodies[1]))
    if kind in RUNS:
        old, new = _Runs(asked, kind).sides(bodies)
    else:
        read = []
        for path, body in zip((asked.old, asked.new), bodies, strict=True):
            with working("reading"), _told_of(path):
                read.append(Side(pinned=read_any(body)))
        old, new = read
    with working("comparing"):
        changes = compare(old.pinned, new.pinned, old_timeline=old.timeline, new_timeline=new.timeline)
    return Compared(
        kind=kind,
        old=old.pinned,
        new=new.pinned,
        changes=changes,
        zone=_zone_of(old, new),
        warnings=_both(old.warnings, new.warnings, asked),
    )


def read_any(body: bytes) -> Pinned:
    """The run that dials as NDJSON or a golden file hold, told by their content. Raises Refused for wrong ones."""
    if kind_of(body) is not FileKind.GOLDEN:
        return read_timeline(body)
    try:
        return read_golden(body.decode().replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        message = f"not UTF-8, at byte {error.start}; save the file as UTF-8"
    except GoldenError as error:
        message = str(error)
    raise TimelineRefused((Problem(job=None, path="$", type=INVALID_FIELD, message=message),))


class _Runs:
    """Reads and runs what is the same for both sides, and each of them."""

    def __init__(self, asked: Asked, kind: FileKind) -> None:
        self._asked, self._kind = asked, kind
        self._now_ms, self._until_ms = span(asked.now, asked.until)
        of_both = asked.request if kind is FileKind.CAMPAIGN else asked.campaign
        self._of_both = b"" if of_both is None else bytes_of(of_both)
        outcomes = None if asked.outcomes in {None, NEVER} else asked.outcomes
        self._outcomes = None if outcomes is None else bytes_of(outcomes)
        self._scenario = None if asked.scenario is None else bytes_of(asked.scenario)

    def sides(self, bodies: tuple[bytes, bytes]) -> tuple[Side, Side]:
        """Both, run under the same options."""
        old, new = bodies
        return self._side(self._asked.old, old), self._side(self._asked.new, new)

    def _side(self, path: str | None, body: bytes) -> Side:
        asked, of_both = self._asked, self._of_both
        campaign_path, campaign_body, request_path, request_body = asked.campaign, of_both, path, body
        if self._kind is FileKind.CAMPAIGN:
            campaign_path, campaign_body, request_path, request_body = path, body, asked.request, of_both
        source: Source = never
        commands: Sequence[Command] = ()
        with working("reading"):
            with _told_of(campaign_path):
                campaign = read_campaign(campaign_body, strict=asked.strict)
            with _told_of(request_path):
                batch = read_request(request_body, campaign)
            warnings = (*campaign.warnings, *batch.warnings)
            if self._outcomes is not None:
                with _told_of(asked.outcomes):
                    outcomes = read_outcomes(self._outcomes, campaign)
                source, warnings = outcomes, (*warnings, *outcomes.warnings)
            if self._scenario is not None:
                with _told_of(asked.scenario):
                    told = read_scenario(self._scenario, campaign)
                commands, warnings = told.commands, (*warnings, *told.warnings)
        with working("simulating") as say:
            timeline = simulate(
                campaign,
                batch.jobs,
                now=self._now_ms,
                until=self._until_ms,
                lines=self._asked.lines,
                outcomes=source,
                seed=self._asked.seed or 0,
                commands=commands,
                progress=None if say is None else lambda run: say(f"{run.dials:,} dials, {format_instant(run.now_ms)}"),
            )
            pinned = pin(timeline)
        return Side(pinned=pinned, timeline=timeline, warnings=(*warnings, *timeline.warnings))


@contextmanager
def _told_of(path: str | None) -> Iterator[None]:
    """Around the reading of a file, of which there are several: a refusal says which one is wrong."""
    try:
        yield
    except Refused as refused:
        where = "standard input" if path == "-" else path
        problems = tuple(replace(each, message=f"{each.message} (in {where})") for each in refused.problems)
        raise type(refused)(problems) from None


def _of(problem: Problem, name: str, path: str) -> Problem:
    return replace(problem, message=f"{problem.message} (with {name}, {path})")


def _both(old: Sequence[Problem], new: Sequence[Problem], asked: Asked) -> list[Problem]:
    """The warnings of both: once, where they are the same, otherwise with the side that they are of."""
    told = [each if each in new else _of(each, "OLD", asked.old) for each in old]
    return told + [_of(each, "NEW", asked.new) for each in new if each not in old]


def _zone_of(old: Side, new: Side) -> Zone:
    """The clock that hours are read off: the campaigns' own if it is one, otherwise UTC."""
    zones = {side.timeline.campaign.zone for side in (old, new) if side.timeline is not None}
    return zones.pop() if len(zones) == 1 else UTC


# -- writing -----------------------------------------------------------------------------------------------------


def answer(asked: Asked, found: Compared, *, as_json: bool) -> int:
    """Write what is different wherever it was asked for; the exit code."""
    hours = found.hours
    if asked.chart is not None:
        with working("drawing"):
            _draw(asked, asked.chart, hours, found.zone)
    try:
        with output_to(asked.output) as out:
            if as_json:
                out.writelines(_json(_data(asked, found, hours)))
            else:
                write_text(text_of(found.changes, hours, found.zone, plain=not takes_blocks(out)), out)
    except BrokenPipeError as error:
        # A reader who has seen enough: the exit code says all the same whether they differ.
        cannot_write(error)
    return DIFFERENT if found.changes.moved else DONE


def _json(data: Mapping[str, Any]) -> Iterator[str]:
    """An object as JSON: a key on a line, and under it, of a list of objects, each on a line of its own."""
    for place, (key, value) in enumerate(data.items()):
        yield f"{',' if place else '{'}\n  {json.dumps(key)}: "
        if isinstance(value, list) and value:
            yield "["
            yield from (f"{',' if item else ''}\n    {json.dumps(each)}" for item, each in enumerate(value))
            yield "\n  ]"
        else:
            yield json.dumps(value)
    yield "\n}\n"


def _data(asked: Asked, found: Compared, hours: Sequence[Hour]) -> dict[str, Any]:
    return {
        "old": asked.old,
        "new": asked.new,
        "compared": found.kind.value,
        "tzdata": tzdata_version(),
        **found.changes.as_data(),
        "zone": found.zone.name,
        "hours": [
            {"hour": format_instant(hour.clock_ms)[:16], "old": hour.before, "new": hour.after}
            for hour in hours
            if hour.before != hour.after
        ],
        "warnings": [rows.warning_data(each) for each in found.warnings],
    }


def _draw(asked: Asked, path: str, hours: Sequence[Hour], zone: Zone) -> None:
    from scheduler.differ.pictures import dials_chart  # noqa: PLC0415 - for those who draw
    from scheduler.views import pictures  # noqa: PLC0415

    names = _name(asked.old), _name(asked.new)
    chart = dials_chart(hours, zone, names)
    kind = Path(path).suffix.lower()
    with output_to(path) as out:
        if kind == ".png":
            out.flush()
            out.buffer.write(pictures.png([chart]))
        elif kind == ".svg":
            out.write(pictures.svg([chart]) + "\n")
        else:
            write_text(pictures.html([chart], f"Dials before and after: {names[0]} and {names[1]}"), out)


def _name(path: str) -> str:
    name = "standard input" if path == "-" else Path(path).name
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"
