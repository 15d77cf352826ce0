"""`--vary` as text: `lines=10..200`, `lines=10..200/10`, `policy.retryIntervalInMinutes=30,60,120`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from scheduler.jobs import UsageError
from scheduler.planning.plan import FIELDS, START, check_field, value_of
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, format_instant, parse_moment

START_STEP_MS = 15 * MINUTE_MS
FEW = 20  # values of a range whose step is not given
MOST = 10_000  # values of one field
SPANS = {"s": SECOND_MS, "min": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(s|min|h|d)")
EXAMPLES = "lines=10..200, lines=10..200/10 or policy.retryIntervalInMinutes=30,60,120"


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high`, both among them if the step allows; of a start, they are in milliseconds.

    `step` is None where nobody gave one: then every whole number, or, of a start, every quarter of an hour, is meant
    where one is looked for, and about twenty where all are run.
    """

    low: float
    high: float
    step: float | None = None

    def values(self, field: str) -> tuple[Any, ...]:
        """The values, as the file would have them.

        >>> Range(10, 40, 10).values("lines"), Range(0.5, 1, 0.25).values("callsPerSecond")
        ((10, 20, 30, 40), (0.5, 0.75, 1))
        """
        low, high = Decimal(str(self.low)), Decimal(str(self.high))
        if self.step is None:
            step = max((high - low) / (FEW - 1), Decimal(0))
            if field == START or _are_whole(self.low, self.high):
                unit = START_STEP_MS if field == START else 1
                step = max((step / unit).to_integral_value(), Decimal(1)) * unit
            step = step or Decimal(1)
        else:
            step = Decimal(str(self.step))
        count = int((high - low) / step) + 1
        if count > MOST:
            raise UsageError(f"{field}: {count:,} values; give a step, such as {field}=10..200/10")
        values = [low + place * step for place in range(count)]
        if self.step is None and values[-1] < high:
            values.append(high)  # where nobody said in which steps, the end is meant
        return tuple(value_at(field, value) for value in values)


@dataclass(frozen=True, slots=True)
class Vary:
    """A field and what it takes on: a range, or values one by one."""

    field: str
    what: Range | tuple[Any, ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, in the order given."""
        return self.what.values(self.field) if isinstance(self.what, Range) else self.what


def parse_vary(text: str) -> Vary:
    """Read a field and its values. Raises UsageError for an unknown field, and for what is no range.

    Values are what a campaign file would have; those of `start` are instants, whose steps have a unit (`/6h`).

    >>> parse_vary("lines=10..40/10").values, parse_vary('policy.allowedDays=["sat"],["sat","sun"]').values
    ((10, 20, 30, 40), (['sat'], ['sat', 'sun']))
    """
    field, sign, rest = (part.strip() for part in text.partition("="))
    if not sign or not rest:
        alone = "; without values it goes with a goal" if not sign and field in FIELDS else ""
        raise UsageError(f"not a field with values: {shown(text)}; write {EXAMPLES}{alone}")
    check_field(field)
    if ".." in rest and not rest.startswith(("[", "{", '"')):
        return Vary(field, _range(field, rest))
    parts = _split(rest)
    if not all(parts):
        raise UsageError(f"{field}: a value is empty in {shown(rest)}; write {EXAMPLES}")
    values = {repr(value): value for value in map(value_of, parts)}  # each once
    return Vary(field, tuple(values.values()))


def value_at(field: str, value: Decimal | float) -> Any:
    """A value of a range as a file has it: whole numbers whole, instants as text.

    >>> value_at("lines", 20.0), value_at("start", 1772442000000)
    (20, '2026-03-02T09:00:00Z')
    """
    if field == START:
        return format_instant(round(value))
    return int(value) if value == int(value) else float(value)


def _range(field: str, text: str) -> Range:
    bounds, sign, step_text = text.partition("/")
    low_text, _, high_text = bounds.partition("..")
    low, high = _bound(field, low_text.strip()), _bound(field, high_text.strip())
    if low > high:
        raise UsageError(f"{field}: {low_text.strip()} is more than {high_text.strip()}; write the least first")
    step = _step(field, step_text.strip()) if sign else None
    if step is not None and not step > 0:
        raise UsageError(f"{field}: a step is more than 0, not {shown(step_text)}")
    return Range(low, high, step)


def _bound(field: str, text: str) -> float:
    if field == START:
        try:
            return parse_moment(text)
        except PolicyError as error:
            raise UsageError(f"{field}: {error}") from None
    return _number(field, text)


def _step(field: str, text: str) -> float:
    if field != START:
        return _number(field, text)
    match = _SPAN.fullmatch(text)
    if match is None:
        raise UsageError(f"{field}: not a step in time: {shown(text)}; write 15min, 6h or 1d")
    return round(float(match[1]) * SPANS[match[2]])


def _number(field: str, text: str) -> float:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UsageError(f"{field}: not a number: {shown(text)}; write {EXAMPLES}")
    return int(number) if number == int(number) else float(number)


def _are_whole(*values: float) -> bool:
    return all(value == int(value) for value in values)


def _split(text: str) -> Sequence[str]:
    """The parts between commas that stand in no brackets and no quotes."""
    parts, depth, quoted = [""], 0, False
    for place, sign in enumerate(text):
        if sign == '"' and text[place - 1 : place] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += (sign in "[{") - (sign in "]}")
        if sign == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]
