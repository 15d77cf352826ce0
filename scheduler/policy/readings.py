"""What the documentation leaves open, as one value of named readings (R15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The readings of the rules, each with its default first.

    unlisted_day      a weekday that a level's allowedTime leaves out: ask the weaker level, or closed (R3.6)
    overnight_tail    past midnight into a weekday that is not allowed: keep, or clip at midnight (R3.7)
    redial_inherits   what a redial leaves out: the number's own, or the campaign's (R6.2)
    bad_priority      a priority that is none: 5 with a warning, or refuse (R7.1)
    zero_attempts     maxAttempts 0: not set, or refuse (R9.1)
    retry_from        the pause before a retry runs from the end or the start of the attempt (R9.2)
    strict            unknown fields, bad priority, zero attempts and naive dates are problems (R15.3)

    >>> Readings().retry_from
    'end'
    """

    unlisted_day: Literal["inherit", "closed"] = "inherit"
    overnight_tail: Literal["keep", "clip"] = "keep"
    redial_inherits: Literal["number", "campaign"] = "number"
    bad_priority: Literal["default", "refuse"] = "default"
    zero_attempts: Literal["inherit", "refuse"] = "inherit"
    retry_from: Literal["end", "start"] = "end"
    strict: bool = False

    @property
    def refuses_bad_priority(self) -> bool:
        """Whether a priority that is none is a problem (R7.1, R15.3)."""
        return self.strict or self.bad_priority == "refuse"

    @property
    def refuses_zero_attempts(self) -> bool:
        """Whether maxAttempts 0 is a problem (R9.1, R15.3)."""
        return self.strict or self.zero_attempts == "refuse"


# The names in campaign files, each with its field and what it may be.
READINGS: dict[str, tuple[str, tuple[object, ...]]] = {
    "unlistedDay": ("unlisted_day", ("inherit", "closed")),
    "overnightTail": ("overnight_tail", ("keep", "clip")),
    "redialInherits": ("redial_inherits", ("number", "campaign")),
    "badPriority": ("bad_priority", ("default", "refuse")),
    "zeroAttempts": ("zero_attempts", ("inherit", "refuse")),
    "retryFrom": ("retry_from", ("end", "start")),
    "strict": ("strict", (False, True)),
}
