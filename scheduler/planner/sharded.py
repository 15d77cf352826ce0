"""Does what `shards` was asked for: previews a list in several files, and says what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from scheduler.files import bytes_of
from scheduler.planner.words import field_words
from scheduler.planning.shards import ShardedPreview, preview_shards
from scheduler.policy.clocks import utc_words
from scheduler.policy.instants import format_instant
from scheduler.policy.zones import tzdata_version
from scheduler.views.extras import extra
from scheduler.views.frames import parquet
from scheduler.views.progress import working
from scheduler.views.rows import warning_data
from scheduler.views.text import drawn, takes_blocks, write_text


def preview(
    paths: Sequence[str],
    output: str,
    campaign: str | None,
    outcomes: str | None,
    now_ms: int,
    until_ms: int | None,
    seed: int,
    where: int | str | None,
) -> ShardedPreview:
    """Preview shards into a folder. Raises as preview_shards does, and UsageError if polars or nanoarrow is absent."""
    with extra("Parquet"):
        import nanoarrow  # type: ignore[import-untyped]  # noqa: F401, PLC0415
        import polars as pl  # noqa: F401, PLC0415
    with working("previewing") as say:
        return preview_shards(
            paths,
            output,
            encode=parquet,
            campaign=b"" if campaign is None else bytes_of(campaign),
            outcomes=None if outcomes is None else bytes_of(outcomes),
            now=now_ms,
            until=until_ms,
            seed=seed,
            where=where,
            progress=None if say is None else lambda count, of: say(f"{count:,} of {of:,} shards"),
        )


def write(done: ShardedPreview, out: TextIO) -> None:
    """Write a row for each shard, and what became of all."""
    write_text(_text(done, plain=not takes_blocks(out)), out)


def _text(done: ShardedPreview, *, plain: bool) -> str:
    head = ["shard", "first job", "numbers", "dials", "answers", "reached", "last dial, UTC", "dials in"]
    rows = [
        [
            field_words(each.path),
            *(f"{count:,}" for count in (each.first, each.numbers, each.dials, each.answers, each.reached)),
            "none" if each.last_dial is None else utc_words(each.last_dial),
            field_words(each.output),
        ]
        for each in done.shards
    ]
    return f"{drawn(head, rows, plain=plain)}\n{done}\n"


def data(done: ShardedPreview, now_ms: int, until_ms: int | None) -> dict[str, object]:
    """What became of the shards, as JSON."""
    return {
        "now": format_instant(now_ms),
        "until": None if until_ms is None else format_instant(until_ms),
        "tzdata": tzdata_version(),
        "numbers": done.numbers,
        "dials": done.dials,
        "reach": round(done.reach, 6),
        "shards": [
            {
                "path": each.path,
                "output": each.output,
                "firstJob": each.first,
                "numbers": each.numbers,
                "dials": each.dials,
                "answers": each.answers,
                "reached": each.reached,
                "lastDial": None if each.last_dial is None else format_instant(each.last_dial),
                "states": {state.value: count for state, count in each.states.items()},
            }
            for each in done.shards
        ],
        "duplicates": done.duplicates,
        "warnings": [warning_data(each) for each in done.warnings],
    }
