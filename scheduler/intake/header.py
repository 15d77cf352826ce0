"""What is wrong with the header of a CSV, in words for those who wrote it in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from scheduler.intake.nearest import nearest
from scheduler.policy.errors import shown

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_NAMED = 5
MOST_COMPARED = 100  # whoever has more columns than that meant none of them
_LINE = re.compile(r"[^\r\n]+")
_ANY_SEPARATOR = re.compile(r"[;\t|]")
_READS_LIKE_A_ROW = re.compile(r"\+?[ ().-]*\d[\d ().-]*")


def header_faults(
    header: Sequence[str], columns: Sequence[str], needed: Collection[str], *, others: bool = False
) -> list[str]:
    """Each fault of a header that is to be made of `columns` (`others`: may have more) with all that are `needed`.

    A header whose columns are otherwise separated, and a row where the header should be, are one fault each: what
    else is wrong with them comes of it.

    >>> header_faults(["phone;gmtZone"], ["phone", "gmtZone"], ["phone"])
    ['the columns are separated by semicolons; save it as CSV whose columns are separated by commas']
    >>> header_faults(["zone", "Notes"], ["phone", "gmtZone"], ["phone"])[0]
    'no such column: "zone" (did you mean gmtZone?), "Notes"; rename what is a field, and leave out the rest'
    """
    otherwise = _separated_otherwise(header, columns)
    if otherwise:
        return [otherwise]
    unknown = [] if others else [name for name in header if name not in columns]
    values = [part for part in _ANY_SEPARATOR.split(";".join(header)) if _READS_LIKE_A_ROW.fullmatch(part)]
    if values and not any(name in columns or nearest(name.strip(), columns) for name in header[:MOST_COMPARED]):
        return [
            f"the first line has to name the columns, and {shown(values[0])} is no name; put a line of names above it"
        ]
    faults = []
    if unknown:
        named = ", ".join(_with_nearest(name, columns) for name in unknown[:MOST_NAMED])
        more = ", …" if len(unknown) > MOST_NAMED else ""
        faults.append(f"no such column: {named}{more}; rename what is a field, and leave out the rest")
    faults += [f"there is no column {name}" for name in needed if name not in header]
    if len(set(header)) < len(header):
        faults.append("a column occurs twice")
    return faults


def csv_fault(error: Exception, text: str, columns: Sequence[str]) -> str:
    """The fault of a text that is no CSV. Quoted names with other marks between them are no CSV either.

    >>> csv_fault(ValueError("unexpected end of data"), 'phone,"gmtZone', ["phone"])
    'not CSV: unexpected end of data; quote cells as RFC 4180 has it'
    """
    first = _LINE.search(text)
    otherwise = first and _separated_otherwise([first[0]], columns)
    return otherwise or f"not CSV: {error}; quote cells as RFC 4180 has it"


def _separated_otherwise(header: Sequence[str], columns: Sequence[str]) -> str | None:
    names = {column.casefold() for column in columns}
    for separator, name in SEPARATORS.items():
        parts = [part.strip(' "').casefold() for cell in header if separator in cell for part in cell.split(separator)]
        if names & set(parts):
            return f"the columns are separated by {name}; save it as CSV whose columns are separated by commas"
    return None


def _with_nearest(name: str, columns: Sequence[str]) -> str:
    near = nearest(name.strip(), columns)
    return shown(name) + (f" (did you mean {near}?)" if near else "")
