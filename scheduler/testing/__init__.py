"""Tests of calling policies: pinned timelines, what a change does to them, and what must never happen.

As in `scheduler`, a public name is loaded when it is first asked for. `scheduler.testing.strategies` draws campaigns,
requests and outcomes for Hypothesis.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from scheduler.testing.assertions import (
        at_most,
        every_number_dialled_by,
        every_number_reached_by,
        never_dials,
        within_law,
    )
    from scheduler.testing.building import Calls
    from scheduler.testing.changes import Changes
    from scheduler.testing.checking import Golden
    from scheduler.testing.comparing import compare
    from scheduler.testing.golden import GoldenError, golden_text, read_golden
    from scheduler.testing.pinned import JobKey, Pinned, PinnedDial, PinnedJob, pin

__all__ = [
    "Calls",
    "Changes",
    "Golden",
    "GoldenError",
    "JobKey",
    "Pinned",
    "PinnedDial",
    "PinnedJob",
    "at_most",
    "compare",
    "every_number_dialled_by",
    "every_number_reached_by",
    "golden_text",
    "never_dials",
    "pin",
    "read_golden",
    "within_law",
]

_HOMES = {
    "Calls": "building",
    "Changes": "changes",
    "Golden": "checking",
    "GoldenError": "golden",
    "JobKey": "pinned",
    "Pinned": "pinned",
    "PinnedDial": "pinned",
    "PinnedJob": "pinned",
    "at_most": "assertions",
    "compare": "comparing",
    "every_number_dialled_by": "assertions",
    "every_number_reached_by": "assertions",
    "golden_text": "golden",
    "never_dials": "assertions",
    "pin": "pinned",
    "read_golden": "golden",
    "within_law": "assertions",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
