"""CSV files that people write or export, row by row (RFC 4180, comma, a header)."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterator, Sequence

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.forms import Form
from scheduler.intake.header import csv_fault, header_faults
from scheduler.policy.errors import Flaw


def read_sheet(
    form: Form, text: bytes, columns: Sequence[str], needed: Collection[str], *, others: bool = False
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The rows of a sheet, each with its path and line: its cells by column, without the empty ones.

    A row that has not as many cells as the header is a flaw of the form. Raises the refusal of the form's kind if
    the text is no CSV, or its header is not made of `columns` (`others`: may have more) with all that are `needed`.
    """
    kind = form.kind
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise kind.unreadable(f"not UTF-8, at byte {error.start}; save the file as UTF-8") from None
    header: list[str] = []
    line, count = 1, 0
    limit = csv.field_size_limit(sys.maxsize)
    try:
        rows = csv.reader(io.StringIO(decoded, newline=""), strict=True)
        for row in rows:
            if not row:
                pass
            elif not header:
                header = row
                faults = header_faults(header, columns, needed, others=others)
                if faults:
                    message = f"line {line}: {'; '.join(faults)}; the columns are {', '.join(columns)}"
                    raise kind.unreadable(message, INVALID_FIELD)
            elif len(row) != len(header):
                message = f"line {line}: {len(row)} cells, where the header has {len(header)}; leave none out"
                form.flaws.append(Flaw(INVALID_FIELD, f"$[{count}]", message))
                count += 1
            else:
                count += 1
                yield f"$[{count - 1}]", line, {name: cell for name, cell in zip(header, row, strict=True) if cell}
            line = rows.line_num + 1
    except csv.Error as error:
        raise kind.unreadable(f"line {line}: {csv_fault(error, decoded, columns)}") from None
    finally:
        csv.field_size_limit(limit)
