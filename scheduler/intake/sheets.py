"""CSV files that people write or export, row by row (RFC 4180, comma, a header)."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterator, Sequence

from scheduler.intake.forms import Kind
from scheduler.intake.nearest import nearest
from scheduler.policy.errors import shown


def read_sheet(
    kind: Kind, text: bytes, columns: Sequence[str], needed: Collection[str], *, others: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a sheet, each with its line: its cells by column, without the empty ones.

    Raises the refusal of its kind if it is no CSV, or its header is not made of `columns` (`others`: may have more)
    with all that are `needed`.
    """
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise kind.unreadable(f"not UTF-8, at byte {error.start}; save the file as UTF-8") from None
    header: list[str] = []
    line = 1
    limit = csv.field_size_limit(sys.maxsize)
    try:
        rows = csv.reader(io.StringIO(decoded, newline=""), strict=True)
        for row in rows:
            if not header:
                header = row
                _check_header(kind, header, columns, needed, others=others)
            elif len(row) != len(header) and row:
                raise kind.unreadable(f"line {line}: {len(row)} cells, where the header has {len(header)}")
            elif row:
                yield line, {name: cell for name, cell in zip(header, row, strict=True) if cell}
            line = rows.line_num + 1
    except csv.Error as error:
        raise kind.unreadable(f"line {line}: not CSV: {error}; quote cells as RFC 4180 has it") from None
    finally:
        csv.field_size_limit(limit)


def _check_header(
    kind: Kind, header: Sequence[str], columns: Sequence[str], needed: Collection[str], *, others: bool
) -> None:
    wrong = []
    unknown = [] if others else [name for name in header if name not in columns]
    if unknown:
        near = nearest(unknown[0].strip(), columns)
        wrong.append(f"no such column: {shown(unknown[0])}" + (f"; did you mean {near}?" if near else ""))
    wrong += [f"there is no column {name}" for name in needed if name not in header]
    if len(set(header)) < len(header):
        wrong.append("a column occurs twice")
    if wrong:
        raise kind.unreadable(f"the header: {'; '.join(wrong)}; the columns are {', '.join(columns)}")
