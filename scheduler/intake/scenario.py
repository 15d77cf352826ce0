"""Scenario files: what is done to a campaign while it runs, as a list of commands (R13.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import msgspec

from scheduler.commands import Cancel, Command, Pause, Resume, SetLines, SetPace, Stop, Submit
from scheduler.intake.campaign import lines_of, pace_of
from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON
from scheduler.intake.forms import Form, Kind, bad, merged, open_form, problem_of, text_of
from scheduler.intake.nearest import nearest
from scheduler.intake.request import read_numbers
from scheduler.jobs import Campaign, Problem, RequestRefused, ScenarioRefused, normal_form
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.instants import format_instant, lacks_offset, parse_moment
from scheduler.policy.levels import BAD_DATES, whole

INSTANT = "2026-03-02T12:00:00Z"
DIGITS = "write 5 to 15 digits, as text"
EXAMPLE = f'{{"commands": [{{"at": "{INSTANT}", "do": "pause"}}]}}'
SCENARIO_FILE = Kind("a scenario", ScenarioRefused, EXAMPLE)
FIELDS = {  # of each command, beside `at` and `do`
    "submit": ("numbers", "key"),
    "cancel": ("jobs", "phones"),
    "pause": (),
    "resume": (),
    "stop": (),
    "lines": ("lines",),
    "pace": ("callsPerSecond",),
}
OTHER_WORDS = {"add": "submit", "addphones": "submit", "setlines": "lines", "continue": "resume", "start": "resume"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """The commands of a scenario, in the order given, and what is suspicious about them."""

    commands: tuple[Command, ...]
    warnings: tuple[Problem, ...]


def load_scenario(path: str | Path, campaign: Campaign) -> Scenario:
    """Read a scenario file. Raises ScenarioRefused with every problem of it, or OSError."""
    return read_scenario(Path(path).read_bytes(), campaign)


def read_scenario(text: bytes | str, campaign: Campaign) -> Scenario:
    r"""Read a scenario: JSON if it begins with `{`, otherwise TOML.

    Raises ScenarioRefused with every problem of it. Whether a command is refused when its instant comes (R13) is
    for the simulation to say.

    >>> text = '[[commands]]\nat = 2026-03-02T12:00:00Z\ndo = "lines"\nlines = 10'
    >>> read_scenario(text, Campaign()).commands[0].lines
    10
    """
    form = open_form(SCENARIO_FILE, text)
    form.refuse_unknown(form.data, ("commands",))
    listed = form.data.get("commands")
    if not isinstance(listed, list):
        message = f"commands is not a list: {shown(listed)}; write {EXAMPLE}, or [[commands]] in TOML"
        if listed is not None or not form.flaws:
            form.flaws.append(Flaw(INVALID_FIELD, "$.commands", message))
        listed = []
    reader = _Reader(form, campaign)
    commands = [reader.read(each, f"$.commands[{place}]") for place, each in enumerate(listed)]
    problems = [*map(problem_of, form.flaws), *reader.problems]
    if problems:
        raise ScenarioRefused(tuple(problems))
    warnings = merged((*map(problem_of, form.warnings), *reader.warnings))
    return Scenario(tuple(command for command in commands if command is not None), warnings)


class _Reader:
    def __init__(self, form: Form, campaign: Campaign) -> None:
        self.form = form
        self.campaign = campaign
        self.problems: list[Problem] = []  # of the numbers in batches
        self.warnings: list[Problem] = []
        self.readers: dict[str, Callable[[int, Mapping[str, Any], str], Command]] = {
            "submit": self._submit,
            "cancel": self._cancel,
            "pause": lambda at, _, __: Pause(at=at),
            "resume": lambda at, _, __: Resume(at=at),
            "stop": lambda at, _, __: Stop(at=at),
            "lines": lambda at, fields, path: SetLines(at=at, lines=lines_of(fields.get("lines"), f"{path}.lines", 0)),
            "pace": _pace,
        }

    def read(self, fields: object, path: str) -> Command | None:
        """One command; None, with flaws, for what is none."""
        if not isinstance(fields, Mapping):
            message = f'not a command: {shown(fields)}; write {{"at": "{INSTANT}", "do": "pause"}}'
            self.form.flaws.append(Flaw(INVALID_FIELD, path, message))
            return None
        at = self.form.value(_written(fields.get("at")), f"{path}.at", None, self._instant)
        if fields.get("at") is None:
            message = f"a command needs `at`, its instant, such as {INSTANT}"
            self.form.flaws.append(Flaw(BAD_DATES, f"{path}.at", message))
        what = self.form.value(fields.get("do"), f"{path}.do", "", _what)
        if fields.get("do") is None:
            message = f"a command needs `do`, one of {', '.join(FIELDS)}"
            self.form.flaws.append(Flaw(INVALID_FIELD, f"{path}.do", message))
        if not what:
            return None
        known = ("at", "do", *FIELDS[what])
        self._refuse_unknown(what, fields, known, path)
        try:
            return self.readers[what](at or 0, fields, path)
        except PolicyError as error:
            self.form.flaws += error.flaws
            return None

    def _refuse_unknown(self, what: str, fields: Iterable[str], known: tuple[str, ...], path: str) -> None:
        for key in fields:
            if key not in known:
                near = nearest(key, known)
                advice = f"did you mean {near}?" if near else f"{what} has {', '.join(known)}"
                self.form.flaws.append(
                    Flaw(INVALID_FIELD, f"{path}{step(key)}", f"unknown field of a command: {shown(key)}; {advice}")
                )

    def _instant(self, value: Any, path: str) -> int:
        if not isinstance(value, str):
            raise PolicyError(Flaw(BAD_DATES, path, f"not a date and time: {shown(value)}; write it like {INSTANT}"))
        at = parse_moment(value, path)
        if lacks_offset(value):
            message = f"at {shown(value)} has no offset and is read as UTC; write {format_instant(at)}"
            flaw = Flaw(BAD_DATES, path, message)
            (self.form.flaws if self.campaign.readings.strict else self.form.warnings).append(flaw)
        return at

    def _submit(self, at: int, fields: Mapping[str, Any], path: str) -> Command:
        numbers = fields.get("numbers")
        if not isinstance(numbers, list):
            raise bad(f"{path}.numbers", numbers, 'write a list of numbers, such as [{"phone": "79123456789"}]')
        key = self.form.value(fields.get("key"), f"{path}.key", None, text_of)
        try:
            batch = read_numbers(msgspec.json.encode(numbers), self.campaign)
        except RecursionError:
            raise PolicyError(Flaw(INVALID_JSON, f"{path}.numbers", "it is nested too deep")) from None
        except RequestRefused as refused:
            self.problems += (_inside(problem, path) for problem in refused.problems)
            return Submit(at=at, jobs=())
        self.warnings += (_inside(warning, path) for warning in batch.warnings)
        return Submit(at=at, jobs=batch.jobs, key=key)

    def _cancel(self, at: int, fields: Mapping[str, Any], path: str) -> Command:
        jobs, phones = ([] if fields.get(name) is None else fields[name] for name in ("jobs", "phones"))
        if not isinstance(jobs, list) or not isinstance(phones, list) or not (jobs or phones):
            message = 'a cancel names jobs or phones, as lists, such as "jobs": [0] or "phones": ["79123456789"]'
            raise PolicyError(Flaw(INVALID_FIELD, path, message))
        indices = [whole(job) for job in jobs]
        found = [normal_form(phone) if isinstance(phone, str) else None for phone in phones]
        flaws = [
            Flaw(INVALID_FIELD, f"{path}.jobs[{place}]", f"not a job: {shown(jobs[place])}; write its index, 0 or more")
            for place, index in enumerate(indices)
            if index is None or index < 0
        ]
        flaws += [
            Flaw("phone.bad.format", f"{path}.phones[{place}]", f"not a phone number: {shown(phones[place])}; {DIGITS}")
            for place, phone in enumerate(found)
            if phone is None
        ]
        if flaws:
            raise PolicyError(*flaws)
        return Cancel(
            at=at,
            jobs=tuple(index for index in indices if index is not None),
            phones=tuple(phone for phone in found if phone is not None),
        )


def _pace(at: int, fields: Mapping[str, Any], path: str) -> Command:
    pace = fields.get("callsPerSecond")
    return SetPace(at=at, calls_per_second=None if pace is None else pace_of(pace, f"{path}.callsPerSecond"))


def _what(value: object, path: str) -> str:
    if isinstance(value, str) and value in FIELDS:
        return value
    word = OTHER_WORDS.get(value.casefold().replace("_", ""), value) if isinstance(value, str) else ""
    near = nearest(word, FIELDS)
    raise bad(path, value, f"did you mean {near}?" if near else f"write one of {', '.join(FIELDS)}")


def _written(value: object) -> object:
    """A TOML date or time as the text that it was."""
    return value.isoformat() if isinstance(value, date | time) else value


def _inside(problem: Problem, path: str) -> Problem:
    return Problem(
        job=problem.job,
        path=f"{path}.numbers{problem.path.removeprefix('$')}",
        type=problem.type,
        message=problem.message,
        count=problem.count,
        details=problem.details,
    )
