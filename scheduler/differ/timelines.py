"""Reads what `preview --format ndjson` writes, as a pinned run: all that it tells, and nothing that it does not."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON
from scheduler.jobs import Outcome, Problem, Refused, normal_form
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.instants import DAY_MS, SECOND_MS, parse_instant
from scheduler.testing.pinned import JobKey, Pinned, PinnedDial, PinnedJob

MAX_SECONDS = 4_294_967  # what a timeline has room for
CLOCK = 19  # characters of a clock to the second
OUTCOMES = frozenset(Outcome)
ADVICE = "write it with preview --format ndjson"


class TimelineRefused(Refused):
    """A file of dials was refused."""


class Row(msgspec.Struct, gc=False):
    """One line; earlier versions know nothing of `abandoned`, and what later ones add is no part of a comparison."""

    at: str
    local: str
    phone: str
    job: int
    attempt: int
    outcome: str
    seconds: float
    redialNumber: int | None = None
    priority: int | None = None
    abandoned: bool = False


class _Dial(NamedTuple):
    """A dial of a line, `place` is the index of its number in the request."""

    place: int
    phone: str
    redial: int
    priority: int | None
    attempt: int
    at_ms: int
    offset_s: int
    outcome: str
    length_ms: int
    abandoned: bool


def read_timeline(body: bytes | str) -> Pinned:
    """Read the dials of a preview, one JSON object on a line. Some 15 µs a dial.

    It knows the numbers that were dialled, and of their policies the priority. Raises TimelineRefused with every line
    that is wrong.

    >>> line = '{"at": "2026-03-02T15:00:00Z", "local": "2026-03-02T10:00:00-05:00", "phone": "79123456789", "job": 0, '
    >>> line += '"attempt": 1, "redialNumber": null, "priority": 5, "outcome": "noAnswer", "seconds": 30}'
    >>> read_timeline(line).dials[0].offset_s
    -18000
    """
    text = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    problems: list[Problem] = []
    read: dict[tuple[int, int, int], _Dial] = {}
    phones: dict[int, str] = {}
    decode = msgspec.json.Decoder(Row).decode
    for number, line in enumerate(text.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            dial = _dial(decode(line))
            key = dial.place, dial.redial, dial.attempt
            if phones.setdefault(dial.place, dial.phone) != dial.phone:
                raise _Wrong(f"job {dial.place} has the phone {phones[dial.place]} above, and {dial.phone} here")
            if key in read:
                raise _Wrong(f"attempt {dial.attempt} of job {dial.place} stands above already")
            read[key] = dial
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, _Wrong, PolicyError) as error:
            broken = not isinstance(error, msgspec.ValidationError | _Wrong | PolicyError)
            what = f"not JSON: {error}" if broken else str(error)
            type_ = INVALID_JSON if broken else INVALID_FIELD
            problems.append(Problem(job=None, path="$", type=type_, message=f"line {number}: {what}; {ADVICE}"))
    if problems:
        raise TimelineRefused(tuple(problems))
    return _pinned(list(read.values()))


class _Wrong(Exception):
    """A line that is JSON, and no dial."""


def _dial(row: Row) -> _Dial:
    phone = normal_form(row.phone)
    if phone is None:
        raise _Wrong(f"not a phone number: {shown(row.phone)}")
    if row.outcome not in OUTCOMES:
        raise _Wrong(f"not an outcome: {shown(row.outcome)}; there are {', '.join(Outcome)}")
    if min(row.job, row.attempt - 1, row.redialNumber or 0, row.seconds) < 0:
        raise _Wrong("a job, a redial and seconds are at least 0, an attempt at least 1")
    if not row.seconds <= MAX_SECONDS:
        raise _Wrong(f"a call lasts at most {MAX_SECONDS:,} seconds, not {row.seconds:g}")
    at_ms = parse_instant(row.at).ms
    # The clock that the number shows, read as if it were UTC, tells the offset to the second.
    clock = row.local[: CLOCK + 4 if row.local[CLOCK : CLOCK + 1] == "." else CLOCK]
    offset_s = (parse_instant(clock).ms - at_ms) // SECOND_MS
    if abs(offset_s) * SECOND_MS > DAY_MS:
        raise _Wrong(f"at {shown(row.at)} and local {shown(row.local)} lie more than a day apart")
    return _Dial(
        row.job,
        phone,
        row.redialNumber or 0,
        row.priority,
        row.attempt,
        at_ms,
        offset_s,
        row.outcome,
        round(row.seconds * SECOND_MS),
        row.abandoned,
    )


def _pinned(read: list[_Dial]) -> Pinned:
    nth: dict[int, int] = {}
    of_phone: dict[str, int] = {}
    for index, phone in sorted({(dial.place, dial.phone) for dial in read}):
        nth[index] = of_phone.get(phone, 0)
        of_phone[phone] = nth[index] + 1
    policies: dict[int | None, dict[str, str]] = {}
    jobs: dict[JobKey, PinnedJob] = {}
    dials = []
    for dial in read:
        key = JobKey(dial.phone, nth[dial.place], dial.redial)
        if key not in jobs:
            priority = dial.priority
            policy = policies.setdefault(priority, {} if priority is None else {"dialerPriority": str(priority)})
            jobs[key] = PinnedJob(key=key, index=dial.place, zone="", policy=policy)
        dials.append(
            PinnedDial(
                job=key,
                attempt=dial.attempt,
                at_ms=dial.at_ms,
                offset_s=dial.offset_s,
                outcome=dial.outcome,
                length_ms=dial.length_ms,
                abandoned=dial.abandoned,
            )
        )
    return Pinned(jobs=dict(_in_order(jobs)), dials=tuple(dials))


def _in_order(jobs: dict[JobKey, PinnedJob]) -> Iterator[tuple[JobKey, PinnedJob]]:
    return iter(sorted(jobs.items(), key=lambda each: (each[1].index, each[0].redial)))
