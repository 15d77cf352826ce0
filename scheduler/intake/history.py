"""A campaign's own history as CSV, turned into a model of outcomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from scheduler.intake.forms import Form, Kind, as_bytes
from scheduler.intake.sheets import read_sheet
from scheduler.jobs import Outcome, OutcomesRefused
from scheduler.policy.errors import Flaw, shown
from scheduler.policy.instants import DAY_MS, SECOND_MS

COLUMNS = ("local", "attempt", "outcome", "seconds", "talkSeconds")
NEEDED = ("local", "attempt", "outcome", "seconds")
HISTORY_FILE = Kind("a history", OutcomesRefused, "")
MILLION = 10**6
MAX_SECONDS = DAY_MS // SECOND_MS
KEPT_LENGTHS = 200  # quantiles of a distribution, of each kind
_LOCAL_HOUR = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?)?"
)
_SECONDS = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,9})?")


class History:
    """What a campaign's dials came to: counts by hour and attempt, and lengths in seconds."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.hours: Counter[int] = Counter()
        self.answered_hours: Counter[int] = Counter()
        self.attempts: Counter[int] = Counter()
        self.answered_attempts: Counter[int] = Counter()
        self.rings: dict[str, list[float]] = {}
        self.talks: list[float] = []

    def add(self, hour: int, attempt: int, outcome: str, length: float, talk: float | None) -> None:
        """Count a dial; an answered one whose talk is not given counts as talk alone: its line is held as long."""
        answered = outcome == Outcome.ANSWERED
        talk = length if talk is None and answered else talk or 0.0
        self.outcomes[outcome] += 1
        self.hours[hour] += 1
        self.attempts[attempt] += 1
        self.rings.setdefault(outcome, []).append(max(0.0, length - talk))
        if answered:
            self.answered_hours[hour] += 1
            self.answered_attempts[attempt] += 1
            self.talks.append(talk)

    def model(self) -> dict[str, Any]:
        """The model, as the data of a file of outcomes."""
        dials = self.outcomes.total()
        # Rounded down, so that together they are never more than 1.
        model: dict[str, Any] = {
            outcome.value: self.outcomes[outcome] * MILLION // dials / MILLION for outcome in Outcome
        }
        del model[Outcome.NO_ANSWER]
        if model[Outcome.ANSWERED]:
            model["answeredByHour"] = {
                str(hour): round(self.answered_hours[hour] / self.hours[hour], 6) for hour in sorted(self.hours)
            }
            model["answeredByAttempt"] = self._by_attempt()
        model["ringSeconds"] = {outcome: _values(lengths) for outcome, lengths in sorted(self.rings.items())}
        if self.talks:
            model["talkSeconds"] = _values(self.talks)
        return {"model": model}

    def _by_attempt(self) -> list[float]:
        rates: list[float] = []
        for attempt in range(1, max(self.attempts) + 1):
            made = self.attempts[attempt]
            rates.append(round(self.answered_attempts[attempt] / made, 6) if made else rates[-1] if rates else 0.0)
        return rates


def read_history(text: bytes | str) -> dict[str, Any]:
    r"""The model of outcomes that a history shows, as the data of a file that `read_outcomes` takes.

    A history is a CSV with a row for each dial: `local` (the dial in the customer's time, as `preview --format csv`
    writes it), `attempt`, `outcome`, `seconds` (how long the line was held) and perhaps `talkSeconds`; other columns
    are ignored. Raises OutcomesRefused with every problem of it.

    >>> rows = "local,attempt,outcome,seconds\n2026-03-02T10:00:00-05:00,1,busy,3\n"
    >>> read_history(rows)["model"]["busy"]
    1.0
    """
    form = Form(HISTORY_FILE, {})
    history = History()
    content = as_bytes(HISTORY_FILE, text)
    for path, line, cells in read_sheet(form, content, COLUMNS, NEEDED, others=True):
        flaws = _wrong(cells, path, line)
        form.flaws += flaws
        if not flaws:
            hour = _LOCAL_HOUR.fullmatch(cells["local"])
            assert hour is not None
            talk = cells.get("talkSeconds")
            length = float(cells["seconds"])
            history.add(
                int(hour[1]), int(cells["attempt"]), cells["outcome"], length, None if talk is None else float(talk)
            )
    form.refuse_flaws()
    if not history.outcomes:
        raise HISTORY_FILE.unreadable("no dial in the history; a model is made of at least one")
    return history.model()


def _wrong(cells: dict[str, str], path: str, line: int) -> list[Flaw]:
    names = [outcome.value for outcome in Outcome]
    checks: dict[str, tuple[Callable[[str], object], str]] = {
        "local": (_LOCAL_HOUR.fullmatch, "the local time of the dial, such as 2026-03-02T10:00:00-05:00"),
        "attempt": (re.compile(r"[1-9][0-9]?").fullmatch, "the number of the attempt, from 1"),
        "outcome": (lambda cell: cell in names, f"one of {', '.join(names)}"),
        "seconds": (_is_length, f"how long the line was held, in seconds, at most {MAX_SECONDS}"),
    }
    if "talkSeconds" in cells:
        checks["talkSeconds"] = (partial(_is_talk, cells), "how long of these seconds an answered call was talk")
    return [
        Flaw("invalid.field", f"{path}.{name}", f"line {line}: {shown(cells.get(name))} in {name}; write {what}")
        for name, (good, what) in checks.items()
        if not good(cells.get(name, ""))
    ]


def _is_length(cell: str) -> bool:
    return _SECONDS.fullmatch(cell) is not None and float(cell) <= MAX_SECONDS


def _is_talk(cells: dict[str, str], cell: str) -> bool:
    if not _is_length(cell):
        return False
    most = float(cells["seconds"]) if _is_length(cells.get("seconds", "")) else MAX_SECONDS
    return float(cell) <= (most if cells.get("outcome") == Outcome.ANSWERED else 0)


def _values(lengths: list[float]) -> dict[str, list[float]]:
    """The lengths as a distribution: at most KEPT_LENGTHS quantiles of them."""
    lengths = sorted(lengths)
    kept = min(len(lengths), KEPT_LENGTHS)
    return {"values": [round(lengths[(2 * place + 1) * len(lengths) // (2 * kept)], 3) for place in range(kept)]}
