"""How much a server takes at a time: each bound a named setting, and an option of `call-scheduler serve`."""

from __future__ import annotations

from dataclasses import dataclass, fields

from scheduler.jobs import UsageError

MIB = 1 << 20
HEAD_BYTES = 1 << 16  # of the head of a request
MAX_DAYS = 3_000_000  # longer than all instants that there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a server; every one is at least 1.

    `body_bytes` bounds the body of addPhones, `form_bytes` every other body, and `numbers` the numbers of one
    request. `horizon_days` bounds how far a clock is moved, or a timeline looked ahead, at a time. `reported`
    bounds the jobs or attempts of an answer that is not paged, `page` and `page_size` those that are (the
    vendor's bounds).
    Of the page, `kept_bytes` bounds the texts that are kept, `kept_numbers` the numbers of the results that are,
    `previews` the previews, and `runs` those that are worked on at a time; what was asked for last always stays.
    A request has to arrive within `receive_seconds`, and a second more for every `receive_bytes` of it;
    an answer has to be fetched by someone who takes something of it every `send_seconds`. `stop_seconds` is
    how long a server that is told to stop waits for the requests that it is at.

    >>> Limits().page_size, Limits(numbers=10).numbers
    (200, 10)
    """

    body_bytes: int = 512 * MIB
    form_bytes: int = 64 * MIB
    numbers: int = 1_000_000
    horizon_days: int = 366
    reported: int = 10_000
    page: int = 199
    page_size: int = 200
    kept_bytes: int = 512 * MIB
    kept_numbers: int = 1_000_000
    previews: int = 100
    runs: int = 2
    receive_seconds: int = 30
    receive_bytes: int = MIB
    send_seconds: int = 60
    stop_seconds: int = 10

    def __post_init__(self) -> None:
        for each in fields(self):
            bound = getattr(self, each.name)
            if bound < 1:
                raise UsageError(f"{each.name} is at least 1, not {bound}")
        if self.horizon_days > MAX_DAYS:
            raise UsageError(f"horizon_days is at most {MAX_DAYS:,}, not {self.horizon_days:,}")


DEFAULT_LIMITS = Limits()
