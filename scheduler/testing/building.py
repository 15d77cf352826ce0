"""A campaign, its numbers and a run, in a line or two."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.intake.campaign import read_campaign
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.request import Batch, read_request
from scheduler.intake.scenario import read_scenario
from scheduler.jobs import Campaign, DayLines, Job, Refused, UsageError, normal_form
from scheduler.outcomes import Model, Never, Script, never
from scheduler.policy.instants import Moment

FileOrText = str | Path | Mapping[str, Any]
Numbers = str | Path | Batch | Sequence[str | Mapping[str, Any] | Job]
_TEXT = re.compile(r"[={\[\n]")  # in the text of a file, and not in the name of one
_OUTCOMES = ("phones", "jobs", "model")


@dataclass(frozen=True, slots=True)
class Calls:
    """Runs campaigns: `calls("campaign.toml", ["+7 912 345-67-89"], now="2026-03-02T09:00:00Z")`.

    Names of files are those of files in `folder`.
    """

    folder: Path = Path()

    def __call__(
        self,
        campaign: FileOrText | Campaign | None = None,
        numbers: Numbers = (),
        *,
        now: Moment,
        until: Moment | None = None,
        lines: int | DayLines | None = None,
        outcomes: FileOrText | Script | Model | Never | None = None,
        seed: int = 0,
        scenario: FileOrText | None = None,
    ) -> Timeline:
        """The timeline of a campaign's numbers; see `simulate`.

        `campaign`, `outcomes` and `scenario` are a file's name, its text (TOML or JSON), or its content; outcomes also
        `{"79123456789": ["busy", "answered"]}`. `numbers` are a file, its text, one phone, or a sequence of phones and
        objects of a request. Raises the refusal of what is refused, with all its problems as notes, UsageError, or
        OSError for a file that cannot be read.

        >>> timeline = Calls()("maxSimultaneousCalls = 1", ["79123456789", "4930123456"], now="2026-03-02T09:00:00Z")
        >>> [dial.job.zone.name for dial in timeline]
        ['UTC', 'Europe/Berlin']
        """
        try:
            settings = campaign if isinstance(campaign, Campaign) else read_campaign(self._bytes(campaign or {}))
            jobs = self._jobs(numbers, settings)
            commands = () if scenario is None else read_scenario(self._bytes(scenario), settings).commands
            source = self._outcomes(outcomes, settings)
        except Refused as refused:
            for problem in refused.problems:
                refused.add_note(str(problem))
            raise
        return simulate(
            settings, jobs, now=now, until=until, lines=lines, outcomes=source, seed=seed, commands=commands
        )

    def _bytes(self, given: FileOrText) -> bytes:
        if isinstance(given, Mapping):
            return json.dumps(given, default=_spelt).encode()
        if isinstance(given, str) and _TEXT.search(given):
            return given.encode()
        return (self.folder / given).read_bytes()

    def _jobs(self, numbers: Numbers, campaign: Campaign) -> Sequence[Job]:
        if isinstance(numbers, Batch):
            return numbers.jobs
        if isinstance(numbers, str) and normal_form(numbers) is not None:
            numbers = [numbers]
        if isinstance(numbers, str | Path):
            body = self._bytes(numbers)
        else:
            jobs = [each for each in numbers if isinstance(each, Job)]
            if jobs and len(jobs) == len(numbers):
                return jobs
            if jobs:
                raise UsageError("some of the numbers are jobs already; give jobs alone, or none")
            items = [{"phone": each} if isinstance(each, str) else each for each in numbers]
            body = json.dumps(items, default=_spelt).encode()
        return read_request(body, campaign).jobs

    def _outcomes(
        self, given: FileOrText | Script | Model | Never | None, campaign: Campaign
    ) -> Script | Model | Never:
        if given is None:
            return never
        if isinstance(given, Script | Model | Never):
            return given
        if isinstance(given, Mapping) and not any(key in given for key in _OUTCOMES):
            given = {"phones": given}
        return read_outcomes(self._bytes(given), campaign)


def _spelt(value: object) -> str:
    """Dates, which JSON has not, as texts."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"{value!r} is no JSON value")
