"""A request as Parquet: a row for each number, a column for each field that is set, brought to NDJSON.

As in a CSV, `payload`, `allowedTime` and `allowedDays` may be JSON text; they may be nested values as well. Instants
are text or datetimes (without a zone, they are read as the text would be), numbers are numbers, all else is text. Null
is "not set". Unknown columns go the way of unknown fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON, JSON_COLUMNS, json_value
from scheduler.jobs import Problem, RequestRefused, UsageError
from scheduler.policy.errors import shown

if TYPE_CHECKING:
    import polars as pl

PARQUET = b"PAR1"  # how such a file begins
TEXT_COLUMNS = frozenset({"phone", "gmtZone"})


def count_rows(path: str) -> int:
    """How many rows a file has, by its metadata; 0 if it cannot be read, which `ndjson_of` says."""
    pl = _polars()
    try:
        frame = pl.scan_parquet(Path(path), glob=False, hive_partitioning=False)
        return int(frame.select(pl.len()).collect().item())
    except pl.exceptions.PolarsError:
        return 0


def ndjson_of(path: str) -> tuple[bytes, list[Problem]]:
    """The rows of a file as NDJSON, each on the line of its number, and the texts that should be JSON.

    Raises RequestRefused if the whole cannot be read, with every column of a wrong type; UsageError if polars is
    absent. About a microsecond a cell.
    """
    pl = _polars()
    try:
        frame = pl.read_parquet(Path(path), glob=False, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise RequestRefused((_of_all(f"not Parquet that can be read: {reason}", INVALID_JSON),)) from None
    wrong = [problem for column in frame for problem in _wrong_type(column)]
    if "phone" not in frame.columns:
        wrong.append("there is no column phone")
    if wrong:
        raise RequestRefused(tuple(_of_all(message, INVALID_FIELD) for message in wrong))
    problems: list[Problem] = []
    columns = [_members(column, problems) for column in frame]
    rows = zip(*columns, strict=True)
    return b"\n".join(b"{" + b",".join(filter(None, row)) + b"}" for row in rows), problems


def _polars() -> Any:
    try:
        import polars  # noqa: PLC0415, ICN001 - for those who have Parquet
    except ModuleNotFoundError:
        raise UsageError("a Parquet file needs polars; pip install 'call-scheduler[plan]'") from None
    return polars


def _of_all(message: str, type: str) -> Problem:
    return Problem(job=None, path="$", type=type, message=message)


def _wrong_type(column: pl.Series) -> Iterator[str]:
    """What is wrong with the type of a column, once for all of its rows."""
    pl = _polars()
    kind = column.dtype
    # Not sets: a type with parameters equals its class, but has a hash of its own.
    is_text = kind in (pl.String, pl.Categorical, pl.Enum, pl.Null)
    is_value = kind.is_numeric() or kind.is_nested() or kind in (pl.Boolean, pl.Datetime)
    if not is_text and (column.name in TEXT_COLUMNS or not is_value):
        yield f"the column {shown(column.name)} is {kind}; store it as text"


def _members(column: pl.Series, problems: list[Problem]) -> list[bytes]:
    """The cells of a column as members of JSON objects, empty where a cell is null."""
    pl = _polars()
    kind = column.dtype
    if kind == pl.Datetime and getattr(kind, "time_zone", None) is not None:
        column = column.dt.convert_time_zone("UTC")  # of the instant itself; no database of zones is asked
    encode = msgspec.json.Encoder(decimal_format="number").encode
    write: Callable[[Any], bytes] = encode
    if kind.is_nested():
        write = lambda value: encode(_without_nulls(value))  # noqa: E731 - one of three
    elif column.name in JSON_COLUMNS and kind == pl.String:
        write = lru_cache(maxsize=1024)(_json_text)
    name = encode(column.name) + b":"
    members = []
    for row, value in enumerate(column.to_list()):
        try:
            members.append(b"" if value is None else name + write(value))
        except ValueError as error:
            message = f"line {row + 1}: {error}; write it as JSON, such as {JSON_COLUMNS[column.name]}"
            problems.append(Problem(job=row, path=f"$[{row}].{column.name}", type=INVALID_JSON, message=message))
            # A payload that is none would make the number a duplicate of others.
            members.append(name + encode(value) if column.name == "payload" else b"")
    return members


def _json_text(text: str) -> bytes:
    """A JSON text on one line: what breaks it stands between values, since in a string it is escaped.

    Raises ValueError with what is wrong.
    """
    encoded = text.encode()
    json_value(encoded)
    return encoded.replace(b"\n", b" ").replace(b"\r", b" ")


def _without_nulls(value: Any) -> Any:
    """A nested value: a struct has every field that any row has, null where this row has none."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value
