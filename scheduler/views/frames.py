"""A timeline as polars frames, and as Parquet.

The columns of a timeline are handed over as they are: polars reads the memory of the arrays, through nanoarrow.
That is safe because nothing is added to the columns of a Timeline once it is there (a Simulation that goes on has
columns of its own), and Python refuses to resize an array while a frame looks at it. What is not a column of the
timeline (phone, zone, local time) is looked up by polars, not dial by dial.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from importlib.metadata import version
from io import BytesIO
from typing import TYPE_CHECKING

from scheduler.engine.columns import ABANDONED, ANSWERED, NOT_ENDED, OUTCOME_MASK, OUTCOMES, REASONS, RESULT, STATES
from scheduler.engine.timeline import Timeline
from scheduler.jobs import Job, ZoneSource
from scheduler.policy.instants import SECOND_MS, format_instant
from scheduler.policy.zones import Zone, tzdata_version
from scheduler.views.extras import extra

if TYPE_CHECKING:
    import polars as pl

WHAT = "a frame"


def dials_frame(timeline: Timeline) -> pl.DataFrame:
    """The dials as a frame, a row for each, in the order in which they are placed.

    The columns are those of `preview --format csv`, and `talkSeconds` and `result` (whether the conversation had
    one; null where nobody answered): `at` is an instant, to the millisecond, in UTC; `local` is what a clock in the
    number's zone shows (a datetime without a zone); `outcome` and `zone` are enumerations. Under a microsecond a dial
    and a few a job. Raises UsageError if polars or nanoarrow is absent.

    >>> from scheduler import Campaign, read_request, simulate
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "+03:00"}]', Campaign()).jobs
    >>> frame = dials_frame(simulate(Campaign(), jobs, now="2026-03-02T09:00:00Z"))
    >>> frame.select("local", "phone", "seconds").row(0)
    (datetime.datetime(2026, 3, 2, 12, 0), '79123456789', 30.0)
    """
    with extra(WHAT):
        import polars as pl  # noqa: PLC0415
    columns = timeline.columns
    jobs = _jobs(timeline.jobs)
    place, code = _series(columns.job), _series(columns.outcome)
    words = [outcome.value for outcome in OUTCOMES]
    outcomes = pl.Series(words, dtype=pl.Enum(words))
    frame = jobs.select("phone", "job", "redialNumber", "priority", "zone")[place].with_columns(
        at=_instants(columns.at),
        attempt=_series(columns.attempt),
        outcome=outcomes.gather(code & OUTCOME_MASK),
        seconds=_series(columns.length_ms) / SECOND_MS,
        talkSeconds=_series(columns.talk_ms) / SECOND_MS,
        result=pl.when((code & OUTCOME_MASK) == ANSWERED).then((code & RESULT) != 0),
    )
    offsets = _offsets(timeline)
    if offsets.is_empty():
        frame = frame.with_columns(offset=pl.lit(None, pl.Duration("ms")))
    else:
        # The dials are in order of time; that they are so in each zone polars would have to be told, and warns of.
        frame = frame.join_asof(offsets, on="at", by="zone", check_sortedness=False)
    local = (pl.col("at") + pl.col("offset")).dt.replace_time_zone(None)
    order = [
        "at",
        "local",
        "phone",
        "job",
        "attempt",
        "redialNumber",
        "priority",
        "outcome",
        "seconds",
        "zone",
        "talkSeconds",
        "result",
    ]
    if timeline.campaign.agents is not None:
        frame = frame.with_columns(abandoned=(code & ABANDONED) != 0)
        order.append("abandoned")
    return frame.with_columns(local=local).select(order)


def jobs_frame(timeline: Timeline) -> pl.DataFrame:
    """The jobs as a frame, a row for each, in order of arrival, redials among them.

    `job` is the index of the number, which its redials share; `dials` counts those of this job; `reason` and
    `endedAt` are null while a job has not ended. A few microseconds a job. Raises
    UsageError if polars or nanoarrow is absent.
    """
    with extra(WHAT):
        import polars as pl  # noqa: PLC0415
    columns = timeline.columns
    dials = pl.DataFrame({"place": _series(columns.job)}).group_by("place").len("dials")
    states, reasons = [state.value for state in STATES], [reason.value for reason in REASONS]
    ended = _series(columns.ended_at) != NOT_ENDED
    frame = _jobs(timeline.jobs).with_columns(
        place=pl.int_range(len(timeline.jobs), dtype=pl.UInt32, eager=True),
        arrivedAt=_instants(columns.arrived_at),
        state=pl.Series(states, dtype=pl.Enum(states)).gather(_series(columns.state)),
        reason=pl.when(ended).then(pl.Series(reasons, dtype=pl.Enum(reasons)).gather(_series(columns.reason))),
        endedAt=pl.when(ended).then(_instants(columns.ended_at)),
    )
    frame = frame.join(dials, on="place", how="left", maintain_order="left").with_columns(pl.col("dials").fill_null(0))
    order = "job phone redialNumber zone zoneSource priority maxAttempts arrivedAt dials state reason endedAt"
    return frame.select(order.split())


def parquet(timeline: Timeline) -> bytes:
    """The dials as Parquet, in one file; what the run was is in the file's metadata. See dials_frame."""
    metadata = {
        "call-scheduler": version("call-scheduler"),
        "call-scheduler.now": format_instant(timeline.now_ms),
        "call-scheduler.until": format_instant(timeline.until_ms),
        "call-scheduler.tzdata": tzdata_version(),
    }
    out = BytesIO()
    dials_frame(timeline).write_parquet(out, metadata=metadata)
    return out.getvalue()


def _jobs(jobs: Sequence[Job]) -> pl.DataFrame:
    """What the jobs are, in order of arrival."""
    import polars as pl  # noqa: PLC0415

    zones = list(dict.fromkeys(job.zone.name for job in jobs))
    sources = [source.value for source in ZoneSource]
    return pl.DataFrame(
        {
            "job": array("q", (job.index for job in jobs)),
            "phone": [job.phone for job in jobs],
            "redialNumber": [job.redial_number for job in jobs],
            "zone": [job.zone.name for job in jobs],
            "zoneSource": [job.zone_source.value for job in jobs],
            "priority": array("B", (job.policy.priority for job in jobs)),
            "maxAttempts": array("B", (job.policy.max_attempts for job in jobs)),
        },
        schema={
            "job": pl.Int64,
            "phone": pl.String,
            "redialNumber": pl.UInt32,
            "zone": pl.Enum(zones),
            "zoneSource": pl.Enum(sources),
            "priority": pl.UInt8,
            "maxAttempts": pl.UInt8,
        },
    )


def _offsets(timeline: Timeline) -> pl.DataFrame:
    """How far the clock of each zone of the jobs is ahead of UTC, from which instant on, over the dials."""
    import polars as pl  # noqa: PLC0415

    at = timeline.columns.at
    zones: dict[str, Zone] = {job.zone.name: job.zone for job in timeline.jobs}
    rows = [
        (begin_ms, name, offset_ms)
        for name, zone in (zones.items() if at else ())
        for begin_ms, _, offset_ms in zone.runs(at[0], at[-1] + 1)
    ]
    schema = {"at": pl.Datetime("ms", "UTC"), "zone": pl.Enum(list(zones)), "offset": pl.Duration("ms")}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("at")


def _instants(column: array[int]) -> pl.Series:
    return _aliased(column, of_instants=True)


def _series(column: array[int]) -> pl.Series:
    return _aliased(column, of_instants=False)


def _aliased(column: array[int], *, of_instants: bool) -> pl.Series:
    """A series that reads the memory of an array."""
    with extra(WHAT):
        import nanoarrow as na  # type: ignore[import-untyped]  # noqa: PLC0415
        import polars as pl  # noqa: PLC0415
    if of_instants:
        schema = na.timestamp("ms", timezone="UTC")
    else:
        schema = {"q": na.int64, "I": na.uint32, "B": na.uint8}[column.typecode]()
    return pl.Series(na.c_array_from_buffers(schema, len(column), [None, column]))
