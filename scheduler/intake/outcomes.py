"""Files of outcomes: a script (given outcomes), a model (drawn ones), or a history that a model is made of (R12.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON
from scheduler.intake.forms import Form, Kind, as_bytes, bad, merged, open_form, problem_of, seconds
from scheduler.intake.models import MODEL_KEYS, read_model
from scheduler.intake.nearest import nearest
from scheduler.intake.redials import parse_redial
from scheduler.intake.sheets import read_sheet
from scheduler.jobs import Campaign, Outcome, OutcomesRefused, Redial, normal_form
from scheduler.outcomes import Call, Model, Script
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.instants import DAY_MS, SECOND_MS

ENTRY_FIELDS = ("outcome", "ringSeconds", "talkSeconds", "result", "redial")
ONLY_ANSWERED = ("talkSeconds", "result", "redial")
COLUMNS = ("phone", "job", *ENTRY_FIELDS)
NAMES = ", ".join(Outcome)
TALK_MS = 60 * SECOND_MS
MAX_SECONDS = DAY_MS // SECOND_MS
_CELLS = re.compile(r'[,;\t|"]')
EXAMPLE = '{"phones": {"79123456789": ["busy", {"outcome": "answered", "talkSeconds": 90}]}}'
OUTCOMES_FILE = Kind(
    "a file of outcomes",
    OutcomesRefused,
    EXAMPLE,
    places=dict.fromkeys(MODEL_KEYS, "under [model]"),
    words={"numbers": "phones", "phone": "phones", "job": "jobs", "outcomes": "phones"},
)


def load_outcomes(path: str | Path, campaign: Campaign) -> Script | Model:
    """Read a file of outcomes. Raises OutcomesRefused with every problem of it, or OSError."""
    return read_outcomes(Path(path).read_bytes(), campaign)


def read_outcomes(text: bytes | str, campaign: Campaign) -> Script | Model:
    """Read a script or a model in TOML, JSON (it begins with `{`) or, for a script, CSV (its first line has `outcome`).

    Raises OutcomesRefused with every problem of it; what is suspicious is in the `warnings` of the result.

    >>> script = read_outcomes('{"phones": {"79123456789": ["busy", "answered"]}}', Campaign())
    >>> [call.length_ms for call in script.phones["79123456789"]]
    [30000, 90000]
    """
    text = as_bytes(OUTCOMES_FILE, text)
    first_line = text.lstrip().partition(b"\n")[0].decode(errors="replace").strip()
    if not first_line:
        raise OUTCOMES_FILE.unreadable(f"the file is empty; write {EXAMPLE}")
    if not first_line.startswith(("{", "[")) and "outcome" in map(str.strip, _CELLS.split(first_line)):
        return _ScriptReader(Form(OUTCOMES_FILE, {}), campaign).read_sheet(text)
    form = open_form(OUTCOMES_FILE, text)
    form.refuse_unknown(form.data, ("phones", "jobs", "model"))
    if form.data.get("model") is not None:
        for key in ("phones", "jobs"):
            if key in form.data:
                form.flaws.append(Flaw(INVALID_FIELD, f"$.{key}", f"{key} beside model; a file is a script or a model"))
        model = read_model(form, campaign)
        form.refuse_flaws()
        return model
    return _ScriptReader(form, campaign).read()


class _ScriptReader:
    """Reads a script, gathering flaws and warnings on the way; equal redials are read once and shared."""

    def __init__(self, form: Form, campaign: Campaign) -> None:
        self.form = form
        self.campaign = campaign
        self.phones: dict[str, list[Call]] = {}
        self.jobs: dict[int, list[Call]] = {}
        self.redials: dict[bytes, tuple[Redial, list[Flaw]]] = {}

    def read(self) -> Script:
        """The script of a form."""
        for name, parse in (("phones", _phone), ("jobs", _index)):
            for key, entries in self.form.table(name, None).items():
                path = f"$.{name}{step(key)}"
                whose: int | str | None = self.form.value(key, path, None, parse)
                if not isinstance(entries, list):
                    self._flaw(path, f'the outcomes are not a list: {shown(entries)}; write a list such as ["busy"]')
                    continue
                if whose is not None and whose in self._lists(whose):
                    self._flaw(path, f"the outcomes of {whose} occur twice; write them in one list")
                elif whose is not None:
                    self._lists(whose)[whose] = []  # an empty list holds too
                for place, entry in enumerate(entries):
                    self._add(whose, entry, f"{path}[{place}]")
        return self._script()

    def read_sheet(self, text: bytes) -> Script:
        """The script of a CSV: a row for each outcome, those of one phone or job in their order."""
        for path, line, cells in read_sheet(self.form, text, COLUMNS, ("outcome",)):
            before = len(self.form.flaws)
            entry = {name: self._cell(name, cell, path) for name, cell in cells.items() if name in ENTRY_FIELDS}
            whose: int | str | None = None
            if ("phone" in cells) == ("job" in cells):
                self._flaw(path, "a row is for a phone or for a job; fill one of the two cells")
            elif "phone" in cells:
                whose = self.form.value(cells["phone"], f"{path}.phone", None, _phone)
            else:
                whose = self.form.value(cells["job"], f"{path}.job", None, _index)
            self._add(whose, entry, path)
            self.form.flaws[before:] = [
                flaw._replace(message=f"line {line}: {flaw.message}") for flaw in self.form.flaws[before:]
            ]
        return self._script()

    def _cell(self, name: str, cell: str, path: str) -> object:
        if name == "outcome":
            return cell
        try:
            return msgspec.json.decode(cell.encode())
        except (msgspec.MsgspecError, RecursionError):
            if name == "redial":
                message = f'not JSON: {shown(cell)}; write it like {{"startAfterMinutes": 60}}'
                self.form.flaws.append(Flaw(INVALID_JSON, f"{path}.redial", message))
                return None
            return cell

    def _add(self, whose: int | str | None, entry: object, path: str) -> None:
        call = self.form.value(entry, path, None, self._call)
        if entry is None:
            self._flaw(path, 'no outcome; write one, such as "noAnswer"')
        if call is not None and whose is not None:
            self._lists(whose).setdefault(whose, []).append(call)

    def _lists(self, whose: int | str) -> dict[Any, list[Call]]:
        return self.jobs if isinstance(whose, int) else self.phones

    def _flaw(self, path: str, message: str) -> None:
        self.form.flaws.append(Flaw(INVALID_FIELD, path, message))

    def _call(self, entry: object, path: str) -> Call | None:
        """A call; None, with flaws, for what is none."""
        if isinstance(entry, str):
            return self._made(_outcome(entry, path), {}, path)
        if not isinstance(entry, Mapping):
            self._flaw(path, f'not an outcome: {shown(entry)}; write one, such as "busy" or {{"outcome": "answered"}}')
            return None
        before = len(self.form.flaws)
        for key in entry:
            if key not in ENTRY_FIELDS:
                near = nearest(key, ENTRY_FIELDS)
                advice = f"did you mean {near}?" if near else f"the fields are {', '.join(ENTRY_FIELDS)}"
                self._flaw(f"{path}{step(key)}", f"unknown field of an outcome: {shown(key)}; {advice}")
        if entry.get("outcome") is None:
            self._flaw(f"{path}.outcome", f"no outcome; write one of {NAMES}")
        outcome = self.form.value(entry.get("outcome"), f"{path}.outcome", None, _outcome)
        parsers: dict[str, Callable[[Any, str], Any]] = {
            "ringSeconds": _seconds,
            "talkSeconds": _seconds,
            "result": _result,
            "redial": self._redial,
        }
        fields = {name: self.form.value(entry.get(name), f"{path}.{name}", None, parsers[name]) for name in parsers}
        if len(self.form.flaws) > before or outcome is None:
            return None
        return self._made(outcome, fields, path)

    def _made(self, outcome: Outcome, fields: Mapping[str, Any], path: str) -> Call:
        """The call that fields give; those that are not set have their defaults."""
        ring_ms = self.campaign.ring_ms if fields.get("ringSeconds") is None else fields["ringSeconds"]
        if outcome is not Outcome.ANSWERED:
            for name in ONLY_ANSWERED:
                if fields.get(name):
                    raise PolicyError(Flaw(INVALID_FIELD, f"{path}.{name}", f"only an answered call has a {name}"))
            if not ring_ms:
                raise bad(f"{path}.ringSeconds", 0, "a call that is not answered rings for more than 0 seconds")
            return Call(outcome, ring_ms)
        talk_ms = TALK_MS if fields.get("talkSeconds") is None else fields["talkSeconds"]
        if not ring_ms + talk_ms:
            raise bad(f"{path}.talkSeconds", 0, "a call lasts for more than 0 seconds, ringing and talking")
        return Call(outcome, ring_ms, talk_ms, bool(fields.get("result")), fields.get("redial"))

    def _redial(self, value: object, path: str) -> Redial | None:
        if isinstance(value, list):
            if not value:
                return None
            if len(value) > 1:
                message = "one redial in a conversation; those after the first are ignored"
                self.form.warnings.append(Flaw("redial.ignored", f"{path}[1]", message))
            value, path = value[0], f"{path}[0]"
        try:
            key = msgspec.json.encode(value)
        except RecursionError:
            raise PolicyError(Flaw(INVALID_JSON, path, "it is nested too deep")) from None
        if key not in self.redials:
            self.redials[key] = parse_redial(value, self.campaign.readings, path)
        redial, warnings = self.redials[key]
        self.form.warnings += warnings
        return redial

    def _script(self) -> Script:
        self.form.refuse_flaws()
        return Script(jobs=self.jobs, phones=self.phones, warnings=merged(map(problem_of, self.form.warnings)))


def _phone(value: str, path: str) -> str:
    phone = normal_form(value)
    if phone is None:
        raise PolicyError(Flaw("phone.bad.format", path, f"not a phone number: {shown(value)}; write 5 to 15 digits"))
    return phone


def _index(value: str, path: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise PolicyError(Flaw(INVALID_FIELD, path, f"not a job: {shown(value)}; write its index, 0 for the first"))
    return int(value)


def _result(value: object, path: str) -> bool:
    if not isinstance(value, bool | str):
        raise bad(path, value, "write true, false or a text")
    return bool(value)


def _outcome(value: object, path: str) -> Outcome:
    names = [outcome.value for outcome in Outcome]
    if isinstance(value, str) and value in names:
        return Outcome(value)
    near = nearest(value, names) if isinstance(value, str) else None
    advice = f"did you mean {near}?" if near else f"write one of {NAMES}"
    raise PolicyError(Flaw(INVALID_FIELD, path, f"not an outcome: {shown(value)}; {advice}"))


_seconds = partial(seconds, most=MAX_SECONDS, least_ms=0)
