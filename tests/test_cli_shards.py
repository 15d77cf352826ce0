"""The command `shards`: the preview of a list in several files, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from scheduler.views.rows import DialRow
from tests.commandline import NOW, Run, number, objects
from tests.plans import MODEL

HOME = ("--processes", "1")


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> list[str]:
    """Two shards, of three numbers and of two."""
    numbers = [number(79_120_000_000 + place) for place in range(5)]
    names = []
    for name, part in (("a.ndjson", numbers[:3]), ("b.ndjson", numbers[3:])):
        (tmp_path / name).write_text("".join(json.dumps(each) + "\n" for each in part), "utf-8")
        names.append(str(tmp_path / name))
    return names


def test_the_dials_of_all_shards_are_those_of_the_whole_list(files: list[str], tmp_path: Path, run: Run) -> None:
    """R12.3: shards number their jobs on from each other, so each attempt keeps its luck."""
    model = tmp_path / "model.json"
    model.write_bytes(MODEL)
    folder = tmp_path / "dials"
    options = (*NOW, "--outcomes", str(model), "--seed", "4")
    ran = run("shards", *files, "--output", str(folder), *options, *HOME)
    whole = "".join(Path(name).read_text("utf-8") for name in files)
    expected = objects(run("preview", "-", *options, "--format", "ndjson", body=whole).out)
    expected.sort(key=lambda each: (each["at"], each["job"]))

    dials = pl.concat([pl.read_parquet(path) for path in sorted(folder.iterdir())]).sort("at", "job")

    assert (ran.code, ran.err) == (0, "")
    assert [path.name for path in sorted(folder.iterdir())] == ["0-a.parquet", "1-b.parquet"]
    assert dials["job"].to_list() == [each["job"] for each in expected]
    assert dials["outcome"].to_list() == [each["outcome"] for each in expected]
    assert set(DialRow._fields) - {"abandoned"} <= set(dials.columns)
    assert "5 numbers in 2 shards, 5 dials" in ran.out
    assert "duplicates were looked for inside each shard only" in ran.out


def test_the_json_has_every_shard(files: list[str], tmp_path: Path, run: Run) -> None:
    """With the index of its first number, its file, and what became of it."""
    folder = tmp_path / "dials"
    data = json.loads(run("shards", *files, "--output", str(folder), *NOW, *HOME, "--format", "json").out)

    assert (data["numbers"], data["dials"], data["reach"]) == (5, 5, 0)
    assert [(each["firstJob"], each["numbers"], each["lastDial"]) for each in data["shards"]] == [
        (0, 3, "2026-03-02T09:00:00Z"),
        (3, 2, "2026-03-02T09:00:00Z"),
    ]
    assert [Path(each["output"]).is_file() for each in data["shards"]] == [True, True]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "{}/dials", "-"), "a shard is a file"),
        (("--output", "{}/dials", "{}/none.ndjson"), "cannot read"),
        (("--output", "{}/dials", "--processes", "0"), "--processes is a whole number"),
        (("--output", "{}/dials", "--cluster", "here"), "not the address of a cluster"),
        (("--output", "{}"), "is there already; name a folder"),
        (("--output", "{}/dials", "--campaign", "{}/lines.toml"), "maxSimultaneousCalls"),
        (("--output", "{}/dials", "--campaign", "{}/staff.toml"), "agents"),
    ],
    ids=lambda words: words if isinstance(words, str) else "",
)
def test_what_makes_no_sense_is_one_line_and_nothing_is_written(
    words: tuple[str, ...], message: str, files: list[str], tmp_path: Path, run: Run
) -> None:
    """Exit code 2, no folder, no part of one."""
    (tmp_path / "lines.toml").write_text("maxSimultaneousCalls = 3\n", "utf-8")
    (tmp_path / "staff.toml").write_text("[agents]\nagents = 3\n", "utf-8")
    before = sorted(tmp_path.iterdir())
    ran = run("shards", *files, *NOW, *(word.format(tmp_path) for word in words))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("call-scheduler: ")
    assert ran.err.count("\n") == 1
    assert message in ran.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_bad_number_is_refused_with_its_file_and_line(files: list[str], tmp_path: Path, run: Run) -> None:
    """R15.1: every problem of every shard, and nothing is kept."""
    Path(files[1]).write_text('{"phone": "79120000004"}\n{"phone": "1"}\n', "utf-8")
    ran = run("shards", *files, "--output", str(tmp_path / "dials"), *NOW, *HOME)

    assert (ran.code, ran.out) == (1, "")
    assert 'b.ndjson", line 2: not a phone number' in ran.err
    assert not (tmp_path / "dials").exists()
