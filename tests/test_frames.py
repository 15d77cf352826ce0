"""Frames and Parquet: a row for each dial and job, on every clock, without a copy of what is there."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from scheduler import Simulation, Timeline, read_campaign, read_outcomes, simulate
from scheduler.engine.columns import NOT_ENDED
from scheduler.views.frames import dials_frame, jobs_frame, parquet
from scheduler.views.rows import DialRow, dial_rows
from tests.commandline import NOW, process, request
from tests.oracles import wall_clock
from tests.strategies import Case, any_cases, campaign_of, jobs_of, number, played, simulated

NOON = "2026-03-02T12:00:00Z"
UTC = dt.UTC


def in_words(row: dict[str, Any]) -> tuple[Any, ...]:
    """A row of a frame in the words of the command line's contract, without the local time's offset."""
    at = row["at"].astimezone(UTC).isoformat(timespec="milliseconds")
    return (at, *(row[name] for name in DialRow._fields if name not in {"at", "local", "abandoned"}))


def as_written(row: DialRow) -> tuple[Any, ...]:
    """A row of the CSV in the same words."""
    at = dt.datetime.fromisoformat(row.at).astimezone(UTC).isoformat(timespec="milliseconds")
    return (at, *row[2:-1])


@given(any_cases())
@settings(max_examples=12)
def test_a_frame_has_the_rows_of_the_csv_and_local_times_of_the_wall_clock(case: Case) -> None:
    """DESIGN 5.2: the columns of `preview --format csv`, dial by dial; R4.3: from UTC to local there is one answer."""
    timeline = played(case)

    frame = dials_frame(timeline)

    assert list(map(in_words, frame.to_dicts())) == list(map(as_written, dial_rows(timeline)))
    assert frame["local"].to_list() == [wall_clock(dial.job.zone.name, dial.at) for dial in timeline]


@given(any_cases())
@settings(max_examples=10)
def test_jobs_are_counted_and_end_as_the_timeline_says(case: Case) -> None:
    """R12.4: the states; a job that has not ended has no end and no reason."""
    timeline = played(case)

    frame = jobs_frame(timeline)

    assert frame["dials"].sum() == len(timeline)
    assert frame["job"].to_list() == [job.index for job in timeline.jobs]
    for row, ending in zip(frame.to_dicts(), timeline.endings(), strict=True):
        assert row["state"] == ending.state.value
        assert row["reason"] == (None if ending.reason is None else ending.reason.value)
        ended_at = None if ending.at is None else dt.datetime.fromtimestamp(ending.at / 1000, UTC)
        assert row["endedAt"] == ended_at


def test_a_timeline_of_nothing_is_a_frame_without_rows_and_with_all_columns() -> None:
    """An empty list is a good request of no jobs (R15.5)."""
    empty, full = simulated(now=NOON), simulated(number("a"), now=NOON)

    assert dials_frame(empty).columns == dials_frame(full).columns
    assert dials_frame(empty).height == jobs_frame(empty).height == 0


def test_the_columns_are_not_copied() -> None:
    """DESIGN 4: nanoarrow aliases; an array at which a frame looks cannot be resized."""
    timeline = simulated(number("a"), now=NOON)
    instants = dials_frame(timeline)["at"]

    with pytest.raises(BufferError):
        timeline.columns.at.append(0)
    del instants
    timeline.columns.at.append(0)


def test_a_simulation_goes_on_beside_the_frame_of_its_timeline() -> None:
    """A Timeline does not change when the simulation goes on, and its frame does not hold the simulation up."""
    campaign = campaign_of({})
    simulation = Simulation(campaign, now=NOON)
    simulation.submit(jobs_of(campaign, [number("a", maxAttempts=3)]))
    simulation.run(until="2026-03-02T12:30:00Z")
    frame = dials_frame(simulation.timeline())

    simulation.run(until="2026-03-03T12:00:00Z")

    assert frame.height == 1
    assert dials_frame(simulation.timeline()).height == 3


def test_instants_are_to_the_millisecond_and_lengths_in_seconds() -> None:
    """R1.1: whole milliseconds."""
    timeline = simulated(number("a"), now="2026-03-02T12:00:00.250Z", campaign={"ringSeconds": 1.5})

    (row,) = dials_frame(timeline).to_dicts()

    assert row["at"] == dt.datetime(2026, 3, 2, 12, 0, 0, 250_000, UTC)
    assert (row["seconds"], row["talkSeconds"], row["result"]) == (1.5, 0.0, None)


def test_whether_a_conversation_had_a_result_is_said_of_answered_dials_alone() -> None:
    """R12.4: longCallWithResult and longCallWithNoResult."""
    body = request({"phone": "79000000001", "gmtZone": "Z"}, {"phone": "79000000002", "gmtZone": "Z"})
    timeline = scripted(body, {"79000000001": [{"outcome": "answered", "talkSeconds": 60, "result": True}]})

    found = dict(dials_frame(timeline).select("phone", "result").iter_rows())

    assert found == {"79000000001": True, "79000000002": None}


def scripted(body: str, script: dict[str, Any]) -> Timeline:
    """The timeline of a request whose outcomes are given."""
    from scheduler import read_outcomes, read_request, simulate

    campaign = campaign_of({})
    source = read_outcomes(json.dumps({"phones": script}), campaign)
    return simulate(campaign, read_request(body, campaign).jobs, now=NOON, outcomes=source)


@given(any_cases())
@settings(max_examples=10)
def test_parquet_gives_the_frame_back(case: Case) -> None:
    """A file is what the frame was, with its types."""
    timeline = played(case)

    back = pl.read_parquet(io.BytesIO(parquet(timeline)))

    assert back.equals(dials_frame(timeline))
    assert back.schema == dials_frame(timeline).schema


def test_a_parquet_file_says_what_the_run_was() -> None:
    """R2.4: the version of the zone database is shown wherever results are kept."""
    told = pl.read_parquet_metadata(io.BytesIO(parquet(simulated(number("a"), now=NOON))))

    assert told["call-scheduler.now"] == NOON
    assert told["call-scheduler.tzdata"].startswith("20")


def test_preview_pipes_parquet(tmp_path: Any) -> None:
    """Binary formats need --output or a pipe."""
    path = tmp_path / "dials.parquet"
    ran = process(
        "preview", *NOW, "--format", "parquet", "--output", str(path), "-", body=request({"phone": "79123456789"})
    )

    assert (ran.code, ran.out) == (0, "")
    assert pl.read_parquet(path)["phone"].to_list() == ["79123456789"]


def test_an_absent_library_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 4: an absent extra is one clear line."""
    from scheduler.jobs import UsageError

    timeline = simulated(number("a"), now=NOON)
    monkeypatch.setitem(__import__("sys").modules, "nanoarrow", None)

    with pytest.raises(UsageError, match=r"a frame needs nanoarrow; pip install 'call-scheduler\[plan\]'"):
        dials_frame(timeline)


def test_what_has_not_ended_is_told_apart_by_its_own_number() -> None:
    """No instant of a run is NOT_ENDED."""
    timeline = simulated(number("a", maxAttempts=9), now=NOON, until="2026-03-02T12:10:00Z")

    assert timeline.columns.ended_at[0] == NOT_ENDED
    assert jobs_frame(timeline).select("endedAt", "reason").row(0) == (None, None)


def test_where_there_are_agents_a_column_says_what_was_abandoned() -> None:
    """As the CSV has it; nowhere else."""
    text = '{"agents": {"agents": 1, "patienceSeconds": 0, "dialMode": "ratio", "dialRatio": 3}}'
    campaign = read_campaign(text)
    jobs = jobs_of(campaign, [number(letter) for letter in "abcdef"])
    model = read_outcomes('{"model": {"answered": 1}}', campaign)

    timeline = simulate(campaign, jobs, now=NOON, outcomes=model)
    frame = dials_frame(timeline)

    assert frame["abandoned"].to_list() == [dial.abandoned for dial in timeline]
    assert 0 < frame["abandoned"].sum() < len(timeline)
    assert "abandoned" not in dials_frame(simulate(campaign_of({}), jobs, now=NOON)).columns
