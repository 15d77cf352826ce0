"""Plans that the tests of planning run: small, quick, and with luck."""

from __future__ import annotations

import json

from scheduler.planning import Plan

NOW_MS = 1_772_442_000_000  # Monday, 2026-03-02, 09:00 UTC
MINUTE_MS = 60_000
MODEL = b'{"model": {"answered": 0.4, "talkSeconds": {"exponential": 90}}}'
CAMPAIGN = b"""
maxSimultaneousCalls = 3
timeZone = "UTC"
detectTimeZone = false
[policy]
retryIntervalInMinutes = 10
maxAttempts = 3
"""


def request_of(count: int) -> bytes:
    """So many numbers, in the zone of their campaign."""
    return json.dumps([{"phone": str(79_120_000_000 + place), "gmtZone": "Z"} for place in range(count)]).encode()


def lucky(count: int = 40, campaign: bytes = CAMPAIGN, outcomes: bytes = MODEL) -> Plan:
    """A campaign whose outcomes are drawn."""
    return Plan(request=request_of(count), campaign=campaign, outcomes=outcomes, now_ms=NOW_MS)


def unanswered(count: int = 60, campaign: bytes = b"") -> Plan:
    """A campaign in which nobody ever answers: every call lasts 30 s."""
    return Plan(request=request_of(count), campaign=campaign, now_ms=NOW_MS)
