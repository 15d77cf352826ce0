"""Where the outcome of an attempt comes from (R12.2)."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.jobs import Campaign, UsageError


@dataclass(frozen=True, slots=True)
class Never:
    """Every attempt rings for `ring_ms` and is not answered: the longest timeline that a policy can give.

    >>> Never().of(Campaign(ring_ms=20_000)).ring_ms
    20000
    """

    ring_ms: int | None = None

    def __post_init__(self) -> None:
        if self.ring_ms is not None and self.ring_ms < 1:
            raise UsageError(f"an attempt rings for at least a millisecond, not {self.ring_ms}")

    def of(self, campaign: Campaign) -> Never:
        """The same, ringing as long as the campaign says unless it says so itself."""
        return self if self.ring_ms is not None else Never(campaign.ring_ms)


never = Never()
