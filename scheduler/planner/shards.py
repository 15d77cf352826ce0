"""`call-scheduler shards`: the preview of a list in several files, in all processes, as Parquet."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from scheduler import options
from scheduler.jobs import UsageError
from scheduler.options import NEVER
from scheduler.planner.asked import place_of
from scheduler.planner.command import Cluster, PlanFormat, Processes

Shards = Annotated[list[str], typer.Argument(metavar="SHARD...", help="Files with numbers, NDJSON or Parquet.")]
Folder = Annotated[str, typer.Option("--output", metavar="FOLDER", help="Where the dials go: a new or empty folder.")]


def shards(
    paths: Shards,
    output: Folder,
    campaign: options.CampaignFile = None,
    now: options.Now = None,
    until: options.Until = None,
    outcomes: options.OutcomesFile = NEVER,
    seed: options.Seed = 0,
    processes: Processes = None,
    cluster: Cluster = None,
    format: Annotated[PlanFormat, typer.Option("--format", help="table or json.")] = PlanFormat.TABLE,
) -> None:
    """Preview a list in several files, each on its own: a Parquet file of dials for each."""
    if "-" in paths:
        raise UsageError("a shard is a file, not standard input; preview REQUEST reads that")
    if not output:
        raise UsageError("--output is empty; name a folder that is not there, or is empty")
    where = place_of(processes, cluster)
    now_ms, until_ms = options.span(now, until)
    from scheduler.planner import sharded  # noqa: PLC0415 - for those who have shards

    as_json = format is PlanFormat.JSON
    with options.refusals(as_json=as_json, all_in="shards"):
        source = None if outcomes == NEVER else outcomes
        done = sharded.preview(paths, output, campaign, source, now_ms, until_ms, seed, where)
    if as_json:
        sys.stdout.write(json.dumps(sharded.data(done, now_ms, until_ms), indent=2) + "\n")
    else:
        options.warn(done.warnings, all_in="shards")
        sharded.write(done, sys.stdout)
