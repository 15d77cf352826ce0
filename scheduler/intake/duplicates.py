"""Which numbers of a request are the same (R14.1, R14.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence


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


def _whole_if_it_is(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number
