"""A call list in shards: files that are previewed one by one, each by whichever worker is free.

That is the preview of the whole list where nothing is shared between its numbers: no line limit, no pacing, no
agents, no cap per phone and no law that counts calls, which are refused. Shards number their jobs on from each other,
so each attempt has the luck that it has in one list (R12.3). Duplicates are looked for inside each shard only: no
worker sees another shard.

A shard is NDJSON or Parquet (see intake/parquet.py). Workers of other machines find shards and output under the same
names.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import get_ident
from typing import Any, NamedTuple

from scheduler.engine.columns import ANSWERED, OUTCOME_MASK
from scheduler.engine.simulation import simulate
from scheduler.engine.timeline import Timeline
from scheduler.intake.campaign import read_campaign
from scheduler.intake.formats import INVALID_JSON
from scheduler.intake.outcomes import read_outcomes
from scheduler.intake.parquet import PARQUET, count_rows, ndjson_of
from scheduler.intake.request import Batch, read_request
from scheduler.jobs import Campaign, JobState, Problem, RequestRefused, UsageError
from scheduler.outcomes import Never, Source, never
from scheduler.planning.executors import workers
from scheduler.policy.errors import shown
from scheduler.policy.instants import Moment, parse_moment

DUPLICATES = "duplicates were looked for inside each shard only, not between shards"
MOST_NUMBERS = 1 << 32  # that a timeline can tell apart
MAX_PATH = 4096
BOM = b"\xef\xbb\xbf"
LINE = re.compile(r"line (\d+): ")

Encode = Callable[[Timeline], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What became of one shard: its file, that of its dials, the index of its first number, and what happened.

    `reached` counts the numbers that were answered, `states` all jobs, redials among them. `last_dial` is an instant
    in milliseconds, None without a dial. `warnings` name the file.
    """

    path: str
    output: str
    first: int
    numbers: int
    dials: int
    answers: int
    reached: int
    last_dial: int | None
    states: dict[JobState, int]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardedPreview:
    """What became of a list in shards, shard by shard; the sums are over all of them.

    `common` are the warnings of the campaign and of the outcomes. `duplicates` says where duplicates were looked for:
    inside each shard only.
    """

    shards: tuple[Shard, ...]
    common: tuple[Problem, ...] = ()
    duplicates: str = DUPLICATES

    @property
    def numbers(self) -> int:
        """How many numbers there are."""
        return sum(shard.numbers for shard in self.shards)

    @property
    def dials(self) -> int:
        """How many dials were placed."""
        return sum(shard.dials for shard in self.shards)

    @property
    def reach(self) -> float:
        """The share of numbers that were answered."""
        return sum(shard.reached for shard in self.shards) / self.numbers if self.numbers else 0.0

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All warnings."""
        return (*self.common, *(warning for shard in self.shards for warning in shard.warnings))

    def __str__(self) -> str:
        count = len(self.shards)
        whole = f"{self.numbers:,} numbers in {count:,} shard{'' if count == 1 else 's'}, {self.dials:,} dials"
        return f"{whole}, {self.reach:.1%} reached; {self.duplicates}"


def preview_shards(
    paths: Sequence[str | Path],
    output: str | Path,
    *,
    encode: Encode,
    campaign: bytes = b"",
    outcomes: bytes | None = None,
    now: Moment,
    until: Moment | None = None,
    seed: int = 0,
    where: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> ShardedPreview:
    """Preview a list in shards, in their order, and write the dials of each into a file of the folder `output`.

    The folder must not exist yet, or be empty; it is there when all is done, or not at all. `encode` makes the
    Parquet of a timeline (views.frames.parquet does), and is found by its name in its module. `campaign` and
    `outcomes` are files as bytes (None: nobody answers), `where` is as in `workers`, and `progress` is told how many
    shards are done, of how many. The result is the same wherever it is made.

    Raises RequestRefused with every problem of every shard, each with its file and line (in Parquet, its row);
    CampaignRefused, OutcomesRefused; UsageError for a campaign whose numbers share lines, pace or a cap, for files
    that cannot be read or written, and as `workers` does. Cost: a few microseconds a number and a dial; the memory of
    the largest shards, one for each worker.
    """
    names = _names(paths)
    work = _Work(
        campaign=campaign,
        outcomes=outcomes,
        now_ms=parse_moment(now),
        until_ms=None if until is None else parse_moment(until),
        seed=seed,
        encode=encode,
    )
    settings, source = work.read()
    _check_apart(settings)
    with _all_or_nothing(output) as folder, workers(where) as place:
        counts = _counts(place.map(_count, names))
        problems: list[Problem] = []

        def tasks() -> Iterator[_Task]:
            first = 0
            for number, (name, count) in enumerate(zip(names, counts, strict=True)):
                target = f"{number:0{len(str(len(names) - 1))}d}-{Path(name).stem}.parquet"
                # Where one was refused nothing is kept: the others are only read, for their problems.
                yield _Task(name, first, count, str(folder / target) if not problems else None)
                first += count

        done = []
        for number, answer in enumerate(place.map_with(_preview, pickle.dumps(work), tasks()), 1):
            if isinstance(answer, Shard):
                done.append(replace(answer, output=str(Path(output) / Path(answer.output).name)))
            else:
                problems += answer
            if progress is not None:
                progress(number, len(names))
        if problems:
            raise RequestRefused(tuple(problems))
    common = (*settings.warnings, *(() if isinstance(source, Never) else source.warnings))
    return ShardedPreview(shards=tuple(done), common=common)


# -- before the work -----------------------------------------------------------------------------------------------


def _names(paths: Sequence[str | Path]) -> list[str]:
    """The names of the shards, each once."""
    if isinstance(paths, str | Path):
        raise UsageError(f"shards are several files, not one name: {paths}; give a list of them")
    names = [str(path) for path in paths]
    seen: dict[str, str] = {}
    for name in names:
        whole = os.path.realpath(name)
        if whole in seen:
            raise UsageError(f"a shard is named twice: {_shown(seen[whole])} and {_shown(name)}")
        seen[whole] = name
    if not names:
        raise UsageError("there are no shards; name at least one file")
    return names


def _check_apart(campaign: Campaign) -> None:
    """Raise UsageError unless the numbers of a campaign know nothing of each other."""
    shared = {
        "maxSimultaneousCalls": campaign.lines,
        "callsPerSecond": campaign.calls_per_second,
        "maxAttemptsPerPhone": campaign.max_attempts_per_phone,
        "agents": None if campaign.agents is None else campaign.agents.count,
        "law": ", ".join(law.name for law in campaign.laws if law.caps or law.cool_downs) or None,
    }
    given = [f"{name} ({value})" for name, value in shared.items() if value is not None]
    if given:
        raise UsageError(
            f"shards are previewed apart from each other, which {' and '.join(given)} of the campaign "
            f"{'does' if len(given) == 1 else 'do'} not allow: leave that out, or preview the list in one file"
        )


def _counts(counted: Iterator[int]) -> list[int]:
    counts = list(counted)
    if sum(counts) > MOST_NUMBERS:
        raise UsageError(f"{sum(counts):,} numbers are more than a list may have: {MOST_NUMBERS:,}")
    return counts


@contextmanager
def _all_or_nothing(output: str | Path) -> Iterator[Path]:
    """A folder beside the one that is meant, whose name it takes when all is well; otherwise nothing is left of it."""
    target = Path(os.path.realpath(output))
    try:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise UsageError(f"{_shown(str(output))} is there already; name a folder that is not, or is empty")
        beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".call-scheduler-"))
        try:
            folder = beside / target.name
            folder.mkdir()  # not the temporary one itself, which nobody else may read
            yield folder
            if target.exists():
                target.rmdir()
            folder.replace(target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise UsageError(f"cannot write {_shown(str(output))}: {error.strerror or error}") from None


def _shown(name: str) -> str:
    return shown(name, limit=MAX_PATH)


# -- what a worker does --------------------------------------------------------------------------------------------


class _Work(NamedTuple):
    """What all shards have in common, as it is sent."""

    campaign: bytes
    outcomes: bytes | None
    now_ms: int
    until_ms: int | None
    seed: int
    encode: Encode

    def read(self) -> tuple[Campaign, Source]:
        """The campaign and the source of outcomes."""
        campaign = read_campaign(self.campaign)
        return campaign, never if self.outcomes is None else read_outcomes(self.outcomes, campaign)


class _Task(NamedTuple):
    """A shard, the index of its first number, how many it has, and where its dials go (None: it is only read)."""

    name: str
    first: int
    numbers: int
    target: str | None


@lru_cache(maxsize=2)
def _unpacked(shared: bytes) -> tuple[_Work, Campaign, Source]:
    work: _Work = pickle.loads(shared)  # noqa: S301 - what preview_shards packed
    return work, *work.read()


def _preview(shared: bytes, task: _Task) -> Shard | tuple[Problem, ...]:
    """Preview a shard, or say what is wrong with it."""
    work, campaign, source = _unpacked(shared)
    try:
        batch = _read_shard(task.name, campaign)
    except RequestRefused as refused:
        return _located(refused.problems, task.name)
    if task.target is None:
        return ()
    if len(batch.jobs) != task.numbers:
        raise UsageError(f"{_shown(task.name)} has changed while it was read; preview it again")
    jobs = [job._replace(index=task.first + job.index) for job in batch.jobs]
    timeline = simulate(campaign, jobs, now=work.now_ms, until=work.until_ms, outcomes=source, seed=work.seed)
    _write(work.encode(timeline), Path(task.target))
    columns = timeline.columns
    return Shard(
        path=task.name,
        output=task.target,
        first=task.first,
        numbers=len(jobs),
        dials=len(timeline),
        answers=sum(code & OUTCOME_MASK == ANSWERED for code in columns.outcome),
        reached=timeline.answered_numbers(),
        last_dial=columns.at[-1] if columns.at else None,
        states=timeline.counts(),
        warnings=_located((*batch.warnings, *timeline.warnings), task.name),
    )


def _write(encoded: bytes, target: Path) -> None:
    """Write a file whole: where a worker was lost, another may write the same one."""
    own = target.with_name(f".{target.name}.{os.getpid()}-{get_ident()}")
    try:
        own.write_bytes(encoded)
        own.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {_shown(target.name)}: {error.strerror or error}") from None
    finally:
        own.unlink(missing_ok=True)


def _located(problems: Sequence[Problem], name: str) -> tuple[Problem, ...]:
    """Problems with the file in their messages; the rows of a Parquet file are no lines."""
    what = "row" if _head(name).startswith(PARQUET) else "line"
    located = []
    for problem in problems:
        line = LINE.match(problem.message)
        where = _shown(name) if line is None else f"{_shown(name)}, {what} {line[1]}"
        said = problem.message if line is None else problem.message[line.end() :]
        located.append(replace(problem, message=f"{where}: {said}"))
    return tuple(located)


def _count(name: str) -> int:
    """How many numbers a shard has, or would have if they were good: its rows, or its lines that are not blank."""
    head = _head(name)
    if head.startswith(PARQUET):
        return count_rows(name)
    with Path(name).open("rb") as lines:
        lines.seek(len(BOM) if head.startswith(BOM) else 0)
        return sum(bool(line.strip()) for line in lines)


def _head(name: str) -> bytes:
    with _readable(name), Path(name).open("rb") as file:
        return file.read(len(PARQUET))


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot read {_shown(name)}: {error.strerror or error}") from None


def _read_shard(name: str, campaign: Campaign) -> Batch:
    """The jobs of a shard, numbered from 0. Raises RequestRefused with every problem."""
    with _readable(name):
        parquet = _head(name).startswith(PARQUET)
        body, problems = ndjson_of(name) if parquet else (Path(name).read_bytes(), [])
    if parquet and not body:
        return Batch([], ())  # as a CSV that has a header alone
    if body.removeprefix(BOM).lstrip()[:1] not in {b"", b"{"}:
        message = "neither NDJSON, which has an object on each line, nor Parquet; write a shard as one of them"
        raise RequestRefused((Problem(job=None, path="$", type=INVALID_JSON, message=message),))
    try:
        batch = read_request(body, campaign)
    except RequestRefused as refused:
        problems += refused.problems
    if problems:
        raise RequestRefused(tuple(sorted(problems, key=lambda problem: problem.job or 0)))
    return batch
