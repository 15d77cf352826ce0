"""Timelines that are kept: what each scene in data/golden gave once, it gives for ever.

Each folder holds what is read (numbers.json, campaign.toml, perhaps outcomes and a scenario) and what came of it:
dials.ndjson, and rest.json with the endings, the summary and the warnings. If a rule is changed on purpose, they are
written anew by `python -m tests.test_golden`, and the difference is read line by line.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from scheduler import load_campaign, load_outcomes, load_scenario, never, read_request, simulate
from scheduler.policy.instants import format_instant
from scheduler.views.rows import summary_data, warning_data, write_ndjson

GOLDEN = Path(__file__).parent / "data" / "golden"
NOW = {"day": "2026-03-06T07:00:00Z", "clocks": "2026-03-27T12:00:00Z", "model": "2026-03-02T06:00:00Z"}
UNTIL = {"day": "2026-03-11", "clocks": "2026-04-07", "model": "2026-03-05"}


def played(name: str) -> tuple[str, str]:
    """The dials of a scene, and the rest of what there is to say."""
    folder = GOLDEN / name
    campaign = load_campaign(folder / "campaign.toml")
    batch = read_request((folder / "numbers.json").read_bytes(), campaign)
    outcomes = [load_outcomes(path, campaign) for path in sorted(folder.glob("outcomes.*"))]
    commands = [load_scenario(path, campaign).commands for path in folder.glob("scenario.toml")]
    timeline = simulate(
        campaign,
        batch.jobs,
        now=NOW[name],
        until=UNTIL[name],
        outcomes=outcomes[0] if outcomes else never,
        seed=11,
        commands=commands[0] if commands else (),
    )
    dials = io.StringIO()
    write_ndjson(timeline, dials)
    rest = {
        "endings": [
            {
                "job": job.index,
                "redialNumber": job.redial_number,
                "state": ending.state,
                "at": None if ending.at is None else format_instant(ending.at),
                "reason": ending.reason,
            }
            for job, ending in zip(timeline.jobs, timeline.endings(), strict=True)
        ],
        "summary": summary_data(timeline.summary()),
        "warnings": [warning_data(warning) for warning in timeline.warnings],
    }
    return dials.getvalue(), json.dumps(rest, indent=1) + "\n"


@pytest.mark.parametrize("name", sorted(NOW))
def test_what_was_dialled_once_is_dialled_for_ever(name: str) -> None:
    """R8.5: a timeline is a function of its inputs."""
    dials, rest = played(name)

    assert dials.splitlines() == (GOLDEN / name / "dials.ndjson").read_text("utf-8").splitlines()
    assert rest.splitlines() == (GOLDEN / name / "rest.json").read_text("utf-8").splitlines()


def test_every_folder_is_replayed() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(NOW) == set(UNTIL)


def write_anew() -> None:
    """Write down what each scene gives now."""
    for name in NOW:
        dials, rest = played(name)
        (GOLDEN / name / "dials.ndjson").write_text(dials, "utf-8")
        (GOLDEN / name / "rest.json").write_text(rest, "utf-8")


if __name__ == "__main__":
    write_anew()
