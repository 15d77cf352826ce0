"""The three formats of a request, brought to one: items whose fields are still JSON text.

A format is told by its first character that is no blank: `[` is an addPhones body, `{` NDJSON, anything
else CSV. The policy fields of an item stay raw, so that equal texts are validated once.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isinf

import msgspec
from msgspec import Raw

from scheduler.intake.header import csv_fault, header_faults
from scheduler.policy.errors import Flaw, shown

INVALID_JSON = "invalid.json"
INVALID_FIELD = "invalid.field"
DOUBLE_DIGITS = 308
CHUNK = 1 << 20
NOTHING = Raw(b"")

_FIRST = re.compile(rb"[ \t\r\n]*([^ \t\r\n])")
_LONG_NUMBER = re.compile(rb"[0-9]{308}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
# An escaped backslash, a pair of surrogates, or (the group) one that is alone.
_SURROGATES = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)")


class Item(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One number of a request; every field but the phone as the JSON text that it came in."""

    phone: str
    payload: Raw = NOTHING
    gmtZone: Raw = NOTHING
    startDateTime: Raw = NOTHING
    finishDateTime: Raw = NOTHING
    allowedDays: Raw = NOTHING
    allowedTime: Raw = NOTHING
    localTimeFrom: Raw = NOTHING
    localTimeTo: Raw = NOTHING
    retryIntervalInMinutes: Raw = NOTHING
    maxAttempts: Raw = NOTHING
    dialerPriority: Raw = NOTHING
    externalCheck: Raw = NOTHING


FIELDS = Item.__struct_fields__
JSON_COLUMNS = {  # each with an example of what to write
    "payload": '"a text in quotes"',
    "allowedTime": '{"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}',
    "allowedDays": '["mon", "wed"]',
    "externalCheck": '{"externalCheckUrl": "…"}',
}
NUMBER_COLUMNS = frozenset({"retryIntervalInMinutes", "maxAttempts", "dialerPriority"})


@dataclass(slots=True)
class Items:
    """The items of a request, and what was found on the way, by index.

    `slips` say what is wrong; where an item has one at its own path (""), nothing else of it was read, and
    where it has one at `.phone`, its phone is "". `unknown` are the names of unknown fields. `lines` gives
    the line on which each item stands, in a format that has lines.
    """

    items: list[Item]
    slips: dict[int, list[Flaw]] = field(default_factory=dict)
    unknown: dict[int, list[str]] = field(default_factory=dict)
    lines: Callable[[], Sequence[int]] | None = None

    def add(self, item: Item, slips: list[Flaw], unknown: list[str]) -> None:
        """Add an item with what was found."""
        if slips:
            self.slips[len(self.items)] = slips
        if unknown:
            self.unknown[len(self.items)] = unknown
        self.items.append(item)


class Unreadable(Exception):
    """Nothing of the request can be read."""

    def __init__(self, message: str, type: str = INVALID_JSON) -> None:
        super().__init__(message)
        self.flaw = Flaw(type, "$", message)


def read_items(body: bytes) -> Items:
    """The items of a request: decoded at once where all is well, otherwise one by one with what is wrong.

    Raises Unreadable if the whole is not UTF-8, has no content, or is not in its format.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    check_utf8(text)
    start = _FIRST.match(text)
    if start is None:
        raise Unreadable('the input is empty; write a list of numbers, such as [{"phone": "79123456789"}]')
    if start[1] not in b"[{":
        return _from_csv(text.decode())
    in_list = start[1] == b"["
    try:
        if in_list:
            return Items(msgspec.json.decode(text, type=list[Item]))
        decode = msgspec.json.Decoder(Item).decode
        return Items([decode(line) for line in text.split(b"\n") if line.strip()], lines=lambda: _lines(text))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _from_json(text) if in_list else _from_ndjson(text)


def check_utf8(text: bytes) -> None:
    """Raise Unreadable unless the bytes are UTF-8: raw JSON values are not looked into when they are decoded."""
    if text.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(text), CHUNK):
        try:
            decoder.decode(text[start : start + CHUNK], final=start + CHUNK >= len(text))
        except UnicodeDecodeError as error:
            raise Unreadable(f"not UTF-8, at or before byte {start + error.end}; save the input as UTF-8") from None


def json_value(text: bytes | Raw) -> object:
    """The value of a JSON text. Raises ValueError with what is wrong in words (R15.6)."""
    try:
        value = msgspec.json.decode(text)
        if len(text) > DOUBLE_DIGITS and _LONG_NUMBER.search(text):
            import json  # noqa: PLC0415 - for a number that the decoder takes and no double holds

            json.loads(bytes(text), parse_int=_within_a_double)
    except (msgspec.MsgspecError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(f"not JSON: {error}") from None
    except RecursionError:
        raise ValueError("not JSON that can be read: it is nested too deep") from None
    return value


def _within_a_double(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise OverflowError("number out of range")
    return number


def _from_json(text: bytes) -> Items:
    try:
        raws = msgspec.json.decode(text, type=list[Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        lone = next((found for found in _SURROGATES.finditer(text) if found[1]), None)
        what = f"an unpaired surrogate {lone[1].decode()} (byte {lone.start(1)})" if lone else str(error)
        raise Unreadable(f"not JSON: {what}") from None
    except RecursionError:
        raise Unreadable("not JSON that can be read: it is nested too deep") from None
    read = Items([])
    for raw in raws:
        read.add(*_item(raw))
    return read


def _from_ndjson(text: bytes) -> Items:
    read = Items([], lines=lambda: _lines(text))
    for line in text.split(b"\n"):
        if line.strip():
            read.add(*_item(line))
    return read


def _lines(text: bytes) -> list[int]:
    return [number for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]


def _item(text: bytes | Raw) -> tuple[Item, list[Flaw], list[str]]:
    try:
        fields = msgspec.json.decode(text, type=dict[str, Raw])
    except msgspec.ValidationError:
        slip = Flaw(INVALID_FIELD, "", 'not an object; write a number as {"phone": "79123456789"}')
        return Item(""), [slip], []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        hint = "NDJSON has one whole object on each line, and a JSON body begins with ["
        return Item(""), [Flaw(INVALID_JSON, "", f"not JSON: {what}; {hint}")], []
    slips: list[Flaw] = []
    phone: object = None
    try:
        phone = json_value(fields["phone"]) if "phone" in fields else None
        if not isinstance(phone, str):
            what = "is missing" if phone is None else f"is not a string: {shown(phone)}"
            slips.append(Flaw("phone.bad.format", ".phone", f'phone {what}; write it as text, such as "79123456789"'))
    except ValueError as error:
        slips.append(Flaw(INVALID_JSON, ".phone", str(error)))
    known = {name: raw for name, raw in fields.items() if name in FIELDS and name != "phone"}
    unknown = [name for name in fields if name not in FIELDS]
    return Item(phone if isinstance(phone, str) else "", **known), slips, unknown


def _from_csv(text: str) -> Items:
    import csv  # noqa: PLC0415 - for those who send it
    import io  # noqa: PLC0415

    lines: list[int] = []
    read = Items([], lines=lambda: lines)
    header: list[str] = []
    line = 1
    limit = csv.field_size_limit(sys.maxsize)  # the module's, for all readers: it is put back below
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        for row in rows:
            if header and row:
                read.add(*_csv_item(row, header))
                lines.append(line)
            elif row:
                header = row
                _check_header(header, line)
            line = rows.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"line {line}: {csv_fault(error, text, FIELDS)}") from None
    finally:
        csv.field_size_limit(limit)
    return read


def _check_header(header: list[str], line: int) -> None:
    faults = header_faults(header, FIELDS, ["phone"])
    if faults:
        other = "; a JSON body begins with [, NDJSON with {" if len(header) == 1 else ""
        columns = f"the columns are {', '.join(FIELDS)}"
        raise Unreadable(f"line {line}: {'; '.join(faults)}; {columns}{other}", INVALID_FIELD)


def _csv_item(row: list[str], header: list[str]) -> tuple[Item, list[Flaw], list[str]]:
    if len(row) != len(header):
        message = f"{len(row)} cells, where the header has {len(header)}; leave a cell empty where a field is not set"
        return Item(""), [Flaw(INVALID_FIELD, "", message)], []
    cells = {name: cell for name, cell in zip(header, row, strict=True) if cell}
    phone = cells.pop("phone", "")
    slips = [] if phone else [Flaw("phone.bad.format", ".phone", "phone is missing; write 5 to 15 digits")]
    raws = {}
    for name, cell in cells.items():
        as_json = name in JSON_COLUMNS or (name in NUMBER_COLUMNS and _NUMBER.fullmatch(cell))
        raw = Raw(cell.encode() if as_json else msgspec.json.encode(cell))
        try:
            json_value(raw)
            raws[name] = raw
        except ValueError as error:
            advice = f"; write it as JSON, such as {JSON_COLUMNS[name]}" if name in JSON_COLUMNS else ""
            slips.append(Flaw(INVALID_JSON, f".{name}", f"{error}{advice}"))
    return Item(phone, **raws), slips, []
