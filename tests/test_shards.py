"""Previews in shards: the same as in one file, wherever they are made, or nothing at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from scheduler import RequestRefused, Timeline, UsageError, read_campaign, read_outcomes, read_request, simulate
from scheduler.jobs import CampaignRefused
from scheduler.planning.shards import ShardedPreview, preview_shards
from scheduler.views.frames import dials_frame, parquet as encode

NOW = "2026-03-02T09:00:00Z"
UNTIL = "2026-03-20"
CAMPAIGN = (
    b'{"policy": {"maxAttempts": 3, "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}}}'
)
MODEL = b"""{"model": {"answered": 0.4, "busy": 0.2, "talkSeconds": {"exponential": 90},
    "redial": {"share": 0.3, "startAfterMinutes": 5}}}"""
ZONES = ("Z", "+05:30", "America/New_York", "Pacific/Apia")


def number(index: int, **fields: Any) -> dict[str, Any]:
    return {"phone": str(79_000_000_000 + index), "gmtZone": ZONES[index % len(ZONES)], **fields}


def numbers(count: int) -> list[dict[str, Any]]:
    """Numbers of several zones and policies."""
    kinds: list[dict[str, Any]] = [
        {},
        {"dialerPriority": 2},
        {"startDateTime": "2026-03-04T12:00:00Z", "payload": {"a": [1, None]}},
        {"allowedDays": ["mon", "wed"], "maxAttempts": 2},
        {"allowedTime": {"default": [{"localTimeFrom": "22:00", "localTimeTo": "02:00"}], "mon": None}},
    ]
    kinds[4]["allowedTime"].pop("mon")
    return [number(index, **kinds[index % len(kinds)]) for index in range(count)]


def ndjson(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Fields that are JSON as text, as a CSV has them."""
    as_text = [
        {key: value if isinstance(value, str | int) else json.dumps(value) for key, value in row.items()}
        for row in rows
    ]
    pl.DataFrame(as_text, infer_schema_length=None).write_parquet(path)
    return path


def shards(folder: Path, rows: Sequence[dict[str, Any]]) -> list[Path]:
    """Three files of different sizes and formats."""
    third = len(rows) // 3
    return [
        ndjson(folder / "a.ndjson", rows[: third - 1]),
        parquet(folder / "b.parquet", rows[third - 1 : 2 * third]),
        ndjson(folder / "c.ndjson", rows[2 * third :]),
    ]


def preview(paths: Sequence[Path], output: Path, **how: Any) -> ShardedPreview:
    settings = {"campaign": CAMPAIGN, "outcomes": MODEL, "now": NOW, "until": UNTIL, "seed": 7, "where": 1, **how}
    return preview_shards(paths, output, encode=encode, **settings)


def in_one(rows: Sequence[dict[str, Any]]) -> Timeline:
    """The preview of the whole list."""
    campaign = read_campaign(CAMPAIGN)
    jobs = read_request(json.dumps(rows), campaign).jobs
    return simulate(campaign, jobs, now=NOW, until=UNTIL, outcomes=read_outcomes(MODEL, campaign), seed=7)


def written(output: Path) -> pl.DataFrame:
    """All dials, in an order that does not depend on the shards."""
    frames = [
        pl.read_parquet(path).with_columns(pl.col("zone", "outcome").cast(pl.String))
        for path in sorted(output.iterdir())
    ]
    return pl.concat(frames).sort("job", "at")


def refusal(paths: Sequence[Path], output: Path, **how: Any) -> list[tuple[int | None, str, str]]:
    """What is wrong, and that nothing is left."""
    there = sorted(output.parent.iterdir())
    with pytest.raises(RequestRefused) as refused:
        preview(paths, output, **how)
    assert sorted(output.parent.iterdir()) == there
    return [(problem.job, problem.path, problem.message) for problem in refused.value.problems]


# -- good lists ------------------------------------------------------------------------------------------------


def test_shards_give_the_dials_of_one_list(tmp_path: Path) -> None:
    """R12.3: the luck of a number depends on its place among all, so shards number their jobs on from each other."""
    rows = numbers(62)
    preview(shards(tmp_path, rows), tmp_path / "out")
    whole = dials_frame(in_one(rows)).with_columns(pl.col("zone", "outcome").cast(pl.String)).sort("job", "at")

    assert len(whole) > 62
    assert written(tmp_path / "out").equals(whole)


def test_the_result_counts_each_shard(tmp_path: Path) -> None:
    rows = numbers(62)
    found = preview(shards(tmp_path, rows), tmp_path / "out")
    summary = in_one(rows).summary()

    assert [(shard.first, shard.numbers) for shard in found.shards] == [(0, 19), (19, 21), (40, 22)]
    assert (found.numbers, found.dials, found.reach) == (62, summary.dials, summary.reach)
    assert sum(shard.answers for shard in found.shards) == summary.answers
    assert max(shard.last_dial or 0 for shard in found.shards) == summary.last_dial
    assert sum(sum(shard.states.values()) for shard in found.shards) == summary.jobs > 62
    assert [shard.output for shard in found.shards] == [
        str(tmp_path / "out" / name) for name in ("0-a.parquet", "1-b.parquet", "2-c.parquet")
    ]
    assert [shard.dials for shard in found.shards] == [len(pl.read_parquet(shard.output)) for shard in found.shards]


@pytest.mark.parametrize("place", ["threads", "processes"])
def test_the_result_is_the_same_wherever_it_is_made(tmp_path: Path, place: str) -> None:
    """Shards are functions of their file, their first number and the seed."""
    paths = shards(tmp_path, numbers(62))
    here = preview(paths, tmp_path / "here")
    with ThreadPoolExecutor(2) as threads:
        there = preview(paths, tmp_path / "there", where=threads if place == "threads" else 2)

    assert [each.read_bytes() for each in sorted((tmp_path / "here").iterdir())] == [
        each.read_bytes() for each in sorted((tmp_path / "there").iterdir())
    ]
    assert (here.dials, here.reach) == (there.dials, there.reach)


def test_a_duplicate_in_another_shard_is_not_seen_and_that_is_said(tmp_path: Path) -> None:
    paths = [ndjson(tmp_path / "a", [number(0)]), ndjson(tmp_path / "b", [number(0)])]
    found = preview(paths, tmp_path / "out")

    assert found.numbers == 2
    assert found.duplicates == "duplicates were looked for inside each shard only, not between shards"
    assert found.duplicates in str(found)
    assert str(found).startswith("2 numbers in 2 shards, ")


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    preview(shards(tmp_path, numbers(12)), tmp_path / "out", progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 3), (2, 3), (3, 3)]


def test_blank_lines_and_a_mark_at_the_beginning_are_no_numbers(tmp_path: Path) -> None:
    """R15.5; the next shard counts on from what there is."""
    (tmp_path / "a").write_bytes(
        b"\xef\xbb\xbf\n" + json.dumps(number(0)).encode() + b"\r\n \n" + json.dumps(number(1)).encode()
    )
    found = preview([tmp_path / "a", ndjson(tmp_path / "b", [number(2)])], tmp_path / "out")

    assert [(shard.first, shard.numbers) for shard in found.shards] == [(0, 2), (2, 1)]


def test_a_parquet_without_rows_is_a_shard_of_no_numbers(tmp_path: Path) -> None:
    pl.DataFrame({"phone": []}, schema={"phone": pl.String}).write_parquet(tmp_path / "a.parquet")
    found = preview([tmp_path / "a.parquet"], tmp_path / "out")

    assert (found.numbers, found.dials, found.reach) == (0, 0, 0.0)
    assert len(pl.read_parquet(found.shards[0].output)) == 0


def test_columns_may_be_nested_and_instants_datetimes(tmp_path: Path) -> None:
    """What a struct has not, because another row has it, is not set; null is not set."""
    days = {"mon": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    rows: list[dict[str, Any]] = [
        number(0, allowedTime=days, allowedDays=["mon"], maxAttempts=2.0, startDateTime="2026-03-03T00:00:00Z"),
        number(1, allowedTime={"default": days["mon"]}, payload={"a": 1}),
    ]
    frame = pl.DataFrame(
        [
            {**row, "startDateTime": datetime(2026, 3, 3, tzinfo=UTC) if "startDateTime" in row else None}
            for row in rows
        ],
        infer_schema_length=None,
    ).with_columns(pl.col("gmtZone").cast(pl.Categorical), pl.col("startDateTime").dt.convert_time_zone("Asia/Tokyo"))
    frame.write_parquet(tmp_path / "a.parquet")
    preview([tmp_path / "a.parquet"], tmp_path / "out")
    preview([ndjson(tmp_path / "a.ndjson", rows)], tmp_path / "same")

    assert frame.schema["allowedTime"].is_nested()
    assert written(tmp_path / "out").equals(written(tmp_path / "same"))


def test_json_text_in_a_cell_may_have_several_lines(tmp_path: Path) -> None:
    row = {**number(0), "allowedDays": '[\n"mon"\r\n]', "payload": '"a\\nb"'}
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")

    assert preview([tmp_path / "a.parquet"], tmp_path / "out").numbers == 1


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    preview([ndjson(tmp_path / "a", [number(0)])], tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["0-a.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out"]


def test_warnings_name_their_file(tmp_path: Path) -> None:
    paths = [ndjson(tmp_path / "a", [number(0)]), ndjson(tmp_path / "b", [number(1), number(2, colour="red")])]
    found = preview(paths, tmp_path / "out")

    (warning,) = found.warnings
    assert warning.message.startswith(f'"{tmp_path / "b"}": ignored: unknown field "colour"')


# -- bad lists -------------------------------------------------------------------------------------------------


def test_a_bad_shard_is_refused_with_every_problem_of_all_and_nothing_is_left(tmp_path: Path) -> None:
    """R14.5, R15.1: the list is one request."""
    good = ndjson(tmp_path / "good.ndjson", [number(0), number(1)])
    bad = ndjson(
        tmp_path / "bad.ndjson", [number(2), number(3, gmtZone="Europ/Berlin"), number(4, maxAttempts=99), number(2)]
    )
    rows = [{**number(5), "allowedDays": '["mon"]'}, {**number(6), "phone": "12", "allowedDays": "[mon]"}]
    worse = parquet(tmp_path / "worse.parquet", rows)
    found = refusal([good, bad, worse, ndjson(tmp_path / "more.ndjson", [number(7)])], tmp_path / "out")

    assert [(job, path) for job, path, _ in found] == [
        (1, "$[1].gmtZone"),
        (2, "$[2].maxAttempts"),
        (3, "$[3]"),
        (1, "$[1].allowedDays"),
        (1, "$[1].phone"),
    ]
    messages = [message for _, _, message in found]
    assert messages[0].startswith(f'"{bad}", line 2: ')
    assert messages[1].startswith(f'"{bad}", line 3: ')
    assert messages[2].startswith(f'"{bad}", line 4: ')
    assert messages[3].startswith(f'"{worse}", row 2: not JSON: ')
    assert messages[4].startswith(f'"{worse}", row 2: ')


def test_payloads_that_are_no_json_make_no_duplicates(tmp_path: Path) -> None:
    rows = [{**number(0), "payload": "{a"}, {**number(0), "payload": "{b"}]
    found = refusal([parquet(tmp_path / "a.parquet", rows)], tmp_path / "out")

    assert [path for _, path, _ in found] == ["$[0].payload", "$[1].payload"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "the input is empty"),
        (b" \n", "the input is empty"),
        (b'[{"phone": "79123456789"}]', "neither NDJSON, which has an object on each line, nor Parquet"),
        (b"phone\n79123456789\n", "neither NDJSON, which has an object on each line, nor Parquet"),
        (b"PAR1 and nothing more", "not Parquet that can be read: "),
        (b'{"phone": "79123456789"}\xff\n', "not UTF-8"),
    ],
    ids=["empty", "blank", "list", "csv", "cut", "latin"],
)
def test_a_file_that_is_no_shard_is_refused(tmp_path: Path, body: bytes, expected: str) -> None:
    (tmp_path / "a").write_bytes(body)
    ((job, path, message),) = refusal([tmp_path / "a"], tmp_path / "out")

    assert (job, path) == (None, "$")
    assert message.startswith(f'"{tmp_path / "a"}": {expected}')


def test_columns_of_a_wrong_type_are_told_once(tmp_path: Path) -> None:
    frame = pl.DataFrame({"phone": [79_000_000_000, 79_000_000_001], "payload": [b"x", b"y"]})
    frame.write_parquet(tmp_path / "a.parquet")
    pl.DataFrame({"gmtZone": ["Z"]}).write_parquet(tmp_path / "b.parquet")
    found = refusal([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "out")

    assert [message for _, _, message in found] == [
        f'"{tmp_path / "a.parquet"}": the column "phone" is Int64; store it as text',
        f'"{tmp_path / "a.parquet"}": the column "payload" is Binary; store it as text',
        f'"{tmp_path / "b.parquet"}": there is no column phone',
    ]


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (b'{"maxSimultaneousCalls": 20}', r"maxSimultaneousCalls \(20\) of the campaign does not allow"),
        (
            b'{"maxSimultaneousCalls": [{"from": "09:00", "lines": 2}], "callsPerSecond": 5}',
            r"maxSimultaneousCalls \(2 from 09:00\) and callsPerSecond \(5(\.0)?\) of the campaign do not allow",
        ),
        (b'{"maxAttemptsPerPhone": 3}', r"maxAttemptsPerPhone \(3\) of the campaign does not allow"),
    ],
    ids=["lines", "pace", "cap"],
)
def test_what_numbers_share_is_refused(tmp_path: Path, campaign: bytes, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        preview([ndjson(tmp_path / "a", [number(0)])], tmp_path / "out", campaign=campaign)

    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_bad_campaign_is_refused_as_such(tmp_path: Path) -> None:
    with pytest.raises(CampaignRefused):
        preview([ndjson(tmp_path / "a", [number(0)])], tmp_path / "out", campaign=b'{"lines": 3}')


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-way: the first shard has been written."""
    write_bytes = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write_bytes(path, data[:10])
        if "1-b" in path.name:
            raise OSError(28, "No space left on device")
        return len(data)

    paths = [ndjson(tmp_path / "a", [number(0)]), ndjson(tmp_path / "b", [number(1)])]
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match=r'cannot write "1-b.parquet": No space left on device'):
        preview(paths, tmp_path / "out")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_names_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    good = ndjson(tmp_path / "a", [number(0)])
    (tmp_path / "b").symlink_to(good)
    (tmp_path / "full").mkdir()
    ndjson(tmp_path / "full" / "x", [])

    with pytest.raises(UsageError, match="there are no shards"):
        preview([], tmp_path / "out")
    with pytest.raises(UsageError, match="shards are several files, not one name"):
        preview_shards(str(good), tmp_path / "out", encode=encode, now=NOW)
    with pytest.raises(UsageError, match="a shard is named twice"):
        preview([good, tmp_path / "b"], tmp_path / "out")
    with pytest.raises(UsageError, match="No such file or directory"):
        preview([good, tmp_path / "none"], tmp_path / "out")
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        preview([tmp_path / "full"], tmp_path / "out")
    with pytest.raises(UsageError, match="is there already; name a folder that is not, or is empty"):
        preview([good], tmp_path / "full")
    with pytest.raises(UsageError, match=r"cannot write .*: No such file or directory"):
        preview([good], tmp_path / "nowhere" / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "full"]


def test_more_numbers_than_can_be_told_apart_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.planning.shards.MOST_NUMBERS", 1)
    with pytest.raises(UsageError, match="2 numbers are more than a list may have: 1"):
        preview([ndjson(tmp_path / "a", [number(0), number(1)])], tmp_path / "out")


def test_a_shard_that_changes_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.planning.shards._count", lambda name: 5)
    with pytest.raises(UsageError, match="has changed while it was read"):
        preview([ndjson(tmp_path / "a", [number(0)])], tmp_path / "out")


def test_without_polars_a_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 4: an absent extra is one clear line."""
    paths = [parquet(tmp_path / "a.parquet", [number(0)])]
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UsageError, match=r"a Parquet file needs polars; pip install 'call-scheduler\[plan\]'"):
        preview(paths, tmp_path / "out")
