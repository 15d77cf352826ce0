"""`Calls`: a campaign, its numbers and a run in a line, from whatever a test has at hand."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from scheduler import (
    Campaign,
    CampaignRefused,
    RequestRefused,
    Timeline,
    UsageError,
    load_campaign,
    never,
    read_outcomes,
    read_request,
    simulate,
)
from scheduler.testing import Calls, golden_text, pin

NOW = "2026-03-02T09:00:00Z"
CAMPAIGN = 'timeZone = "Europe/Berlin"\nmaxSimultaneousCalls = 1\n[policy]\nmaxAttempts = 2\n'
NUMBERS = [{"phone": "4930123456"}, {"phone": "4989123456", "dialerPriority": 1}]
OUTCOMES = {"phones": {"4930123456": ["busy", "answered"]}}
SCENARIO = '[[commands]]\nat = 2026-03-02T09:00:10Z\ndo = "pause"\n'


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A folder with the files of a test."""
    (tmp_path / "campaign.toml").write_text(CAMPAIGN, "utf-8")
    (tmp_path / "numbers.json").write_text(json.dumps(NUMBERS), "utf-8")
    (tmp_path / "script.json").write_text(json.dumps(OUTCOMES), "utf-8")
    (tmp_path / "scenario.toml").write_text(SCENARIO, "utf-8")
    return tmp_path


def by_hand(folder: Path) -> Timeline:
    """The same, with the library alone."""
    campaign = load_campaign(folder / "campaign.toml")
    jobs = read_request((folder / "numbers.json").read_bytes(), campaign).jobs
    outcomes = read_outcomes((folder / "script.json").read_bytes(), campaign)
    return simulate(campaign, jobs, now=NOW, until="2026-03-04", outcomes=outcomes, seed=3)


@pytest.mark.parametrize(
    ("campaign", "numbers", "outcomes"),
    [
        ("campaign.toml", "numbers.json", "script.json"),
        (Path("campaign.toml"), Path("numbers.json"), Path("script.json")),
        (CAMPAIGN, json.dumps(NUMBERS), json.dumps(OUTCOMES)),
        (CAMPAIGN, "phone,dialerPriority\n4930123456,\n4989123456,1\n", OUTCOMES["phones"]),
        (CAMPAIGN, ["+49 30 123456", NUMBERS[1]], OUTCOMES),
    ],
    ids=["names", "paths", "texts", "table", "data"],
)
def test_files_texts_and_data_give_one_timeline(campaign: Any, numbers: Any, outcomes: Any, folder: Path) -> None:
    """Whatever is at hand."""
    timeline = Calls(folder)(campaign, numbers, now=NOW, until="2026-03-04", outcomes=outcomes, seed=3)

    assert golden_text(pin(timeline)) == golden_text(pin(by_hand(folder)))


def test_values_of_the_library_are_taken_as_they_are(folder: Path) -> None:
    """A campaign, a batch, jobs, outcomes."""
    campaign = load_campaign(folder / "campaign.toml")
    batch = read_request(json.dumps(NUMBERS), campaign)
    outcomes = read_outcomes(json.dumps(OUTCOMES), campaign)
    texts = {
        golden_text(pin(Calls()(campaign, numbers, now=NOW, until="2026-03-04", outcomes=outcomes)))
        for numbers in (batch, batch.jobs)
    }

    assert texts == {golden_text(pin(by_hand(folder)))}
    assert len(Calls()(campaign, batch, now=NOW, outcomes=never)) == 4


def test_nothing_given_is_every_default() -> None:
    """One phone is enough."""
    assert [dial.job.phone for dial in Calls()(None, "4930123456", now=NOW)] == ["4930123456"]
    assert len(Calls()(now=NOW)) == 0


def test_lines_and_scenarios_are_those_of_a_run(folder: Path) -> None:
    """As of simulate, and of a scenario file."""
    paused = Calls(folder)("campaign.toml", "numbers.json", now=NOW, scenario="scenario.toml")
    more = Calls(folder)("campaign.toml", "numbers.json", now=NOW, lines=2)

    assert len(paused) == 1
    assert more[0].at == more[1].at


def test_dates_are_data_too() -> None:
    """As TOML has them."""
    start = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
    campaign = {"startTime": start, "blackoutDates": [dt.date(2026, 3, 3)]}

    assert Calls()(campaign, ["4930123456"], now=NOW)[0].at == int(
        dt.datetime(2026, 3, 3, 23, tzinfo=dt.UTC).timestamp() * 1000
    )
    with pytest.raises(TypeError, match=r"\{1\} is no JSON value"):
        Calls()({"blackoutDates": {1}}, [], now=NOW)


def test_a_refusal_has_all_its_problems() -> None:
    """As notes, which pytest shows."""
    with pytest.raises(RequestRefused) as refused:
        Calls()(None, [{"phone": "12", "maxAttempts": 99}], now=NOW)
    with pytest.raises(CampaignRefused, match="unknown key"):
        Calls()("linse = 1", [], now=NOW)

    assert [note.partition(":")[0] for note in refused.value.__notes__] == ["$[0].phone", "$[0].maxAttempts"]


def test_jobs_and_numbers_do_not_mix() -> None:
    """One or the other."""
    jobs = read_request('[{"phone": "4930123456"}]', Campaign()).jobs
    with pytest.raises(UsageError, match="give jobs alone, or none"):
        Calls()(None, [*jobs, "4989123456"], now=NOW)
