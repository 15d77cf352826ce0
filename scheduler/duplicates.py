"""Which numbers are the same: in one request, and against those accepted before, with idempotence keys (R14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from scheduler.jobs import Job, Problem, RequestRefused
from scheduler.policy.instants import DAY_MS, format_instant

DUPLICATED = "phone.duplicated"
BAD_KEY = "invalid.idempotence.key"
MAX_KEY = 255


def same_payload_key(payload: bytes | None) -> str | None:
    """A text that is equal for payloads that are equal as JSON values; None for none (R14.1).

    The order of keys does not count, 1 equals 1.0 but not true, and `null` is no payload. What is nested
    too deep for a value to be made of it is equal to the same text alone.

    >>> same_payload_key(b'{"a": 1, "b": []}') == same_payload_key(b'{"b": [], "a": 1.0}')
    True
    >>> same_payload_key(b"[1]") == same_payload_key(b"[true]"), same_payload_key(b"null")
    (False, None)
    """
    import json  # noqa: PLC0415 - where a phone occurs again

    try:
        value = None if payload is None else json.loads(payload, parse_float=_whole_if_it_is)
        return None if value is None else json.dumps(value, sort_keys=True)
    except RecursionError:
        assert payload is not None
        return payload.decode()


def groups_of_duplicates(phones: Sequence[str | None], payload_of: Callable[[int], bytes | None]) -> list[list[int]]:
    """The groups of duplicates in a request: each the indices of one phone with one payload, ascending.

    `phones` are in normal form, None where there is none; `payload_of` gives the JSON text of a payload by
    index, and is asked only where a phone occurs again. Groups come in order of the last index of their phone
    in the request, latest first (R14.2). O(n).

    >>> groups_of_duplicates(["79123456789"] * 3 + [None], [b"{}", None, b"{ }", None].__getitem__)
    [[0, 2]]
    """
    if len(set(phones)) == len(phones):
        return []
    repeated = {phone for phone, count in Counter(phones).items() if count > 1 and phone is not None}
    groups: dict[tuple[str, str | None], list[int]] = {}
    last: dict[str, int] = {}
    for index, phone in enumerate(phones):
        if phone in repeated:
            groups.setdefault((phone, same_payload_key(payload_of(index))), []).append(index)
            last[phone] = index
    found = [(last[phone], indices) for (phone, _), indices in groups.items() if len(indices) > 1]
    return [indices for _, indices in sorted(found, key=lambda each: (each[0], each[1][-1]), reverse=True)]


def repeats(index: int) -> str:
    """What is wrong with a number that repeats another of its request."""
    return f"the same phone and payload as number {index + 1} of the request ($[{index}]); leave one of them out"


def _problems(phones: Sequence[str | None], found: Sequence[tuple[int, str]]) -> list[Problem]:
    """The problems of a refusal for duplicates: `found` are indices of numbers, each with what it repeats (R14.2).

    Every problem carries each of their phones once, in order of its last occurrence, latest first.
    """
    guilty = {phones[index] for index, _ in found}
    last = {phone: index for index, phone in enumerate(phones) if phone in guilty}
    listed = sorted(last, key=lambda phone: last[phone], reverse=True)
    return [
        Problem(
            job=index,
            path=f"$[{index}]",
            type=DUPLICATED,
            message=message,
            details={"phone": listed[0], "message": "", "phonesDuplicates": listed},
        )
        for index, message in found
    ]


class Accepted(NamedTuple):
    """A number that was accepted: its index, payload and instant, and the key of its request."""

    job: int
    payload: bytes | None
    accepted_ms: int
    key: str | None


def _repeats_job(earlier: Accepted, name: str) -> str:
    """What is wrong with a number that repeats one that was accepted before, which is called so."""
    when = format_instant(earlier.accepted_ms)
    message = f"the same phone and payload as job {name}, accepted at {when}, less than 24 hours before"
    return f"{message}; wait, or give the request a key of its own"


class DuplicatesRefused(RequestRefused):
    """A request was refused for duplicates; `repeated` has the number accepted before that each problem is about."""

    def __init__(self, problems: tuple[Problem, ...], repeated: tuple[Accepted | None, ...]) -> None:
        super().__init__(problems)
        self.repeated = repeated

    def __reduce__(self) -> tuple[type[DuplicatesRefused], tuple[Any, ...]]:
        return type(self), (self.problems, self.repeated)

    def naming(self, name: Callable[[int], str]) -> DuplicatesRefused:
        """The same refusal, in which the jobs accepted before are called otherwise than by their indices."""
        problems = (
            problem if earlier is None else replace(problem, message=_repeats_job(earlier, name(earlier.job)))
            for problem, earlier in zip(self.problems, self.repeated, strict=True)
        )
        return DuplicatesRefused(tuple(problems), self.repeated)


class Ledger:
    """What a campaign has accepted so far. `judge` asks it, `record` feeds it."""

    def __init__(self) -> None:
        self._by_phone: dict[str, list[Accepted]] = {}
        self._first_use: dict[str, int] = {}

    def record(self, job: Job, accepted_ms: int, key: str | None) -> None:
        """Keep a number that was accepted."""
        accepted = Accepted(job.index, job.payload, accepted_ms, key)
        self._by_phone.setdefault(job.phone, []).append(accepted)

    def use(self, key: str | None, now_ms: int) -> None:
        """Keep the first use of a key, or of one that has expired (R14.4)."""
        if key is not None and now_ms - self._first_use.get(key, now_ms - DAY_MS) >= DAY_MS:
            self._first_use[key] = now_ms

    def earlier(self, phone: str, payload: bytes | None, key: str | None, now_ms: int) -> Accepted | None:
        """The latest number of the same phone, payload and key that still counts at an instant (R14.3, R14.4)."""
        since_ms = now_ms - DAY_MS + 1
        if key is not None:
            first_use_ms = self._first_use.get(key)
            if first_use_ms is None or first_use_ms < since_ms:
                return None
            since_ms = first_use_ms  # what was accepted under the key before it expired is forgotten with it
        for accepted in reversed(self._by_phone.get(phone, ())):
            if accepted.accepted_ms < since_ms:
                return None
            if accepted.key == key and same_payload_key(accepted.payload) == same_payload_key(payload):
                return accepted
        return None


def judge(ledger: Ledger, jobs: Sequence[Job], key: str | None, now_ms: int) -> list[int | None]:
    """For each number of a request, the earlier one whose id is the answer; None where a job is to be made (R14.3).

    Raises RequestRefused, and changes nothing. O(n), and the earlier numbers of the same phones.
    """
    if key is not None and len(key) > MAX_KEY:
        message = f"an idempotence key of {len(key)} characters; write at most {MAX_KEY}"
        raise RequestRefused((Problem(job=None, path="$", type=BAD_KEY, message=message),))
    phones = [job.phone for job in jobs]
    found = []
    for group in groups_of_duplicates(phones, lambda index: jobs[index].payload):
        found += [(index, repeats(group[0])) for index in group[1:]]
    repeated: list[Accepted | None] = [None] * len(found)
    answers: list[int | None] = []
    for index, job in enumerate(jobs):
        earlier = ledger.earlier(job.phone, job.payload, key, now_ms)
        answers.append(None if earlier is None else earlier.job)
        if earlier is not None and key is None:
            found.append((index, _repeats_job(earlier, str(earlier.job))))
            repeated.append(earlier)
    if found:
        raise DuplicatesRefused(tuple(_problems(phones, found)), tuple(repeated))
    return answers


def _whole_if_it_is(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number
