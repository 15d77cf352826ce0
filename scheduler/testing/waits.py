"""What `explain` says of the wait of an attempt: by which stable codes."""

from __future__ import annotations

from functools import cached_property

from scheduler.engine.explain import Explanation
from scheduler.engine.timeline import Timeline
from scheduler.testing.pinned import JobKey, keys_of

MAX_EXPLAINED = 100


class Waits:
    """The waits of a timeline's attempts; of no timeline, none. The first MAX_EXPLAINED that are asked for are told.

    >>> Waits(None).codes(JobKey("79123456789", 0, 0), 1)
    ()
    """

    def __init__(self, timeline: Timeline | None) -> None:
        self._timeline = timeline
        self._asked = 0

    def codes(self, key: JobKey, attempt: int) -> tuple[str, ...]:
        """The codes of what held an attempt back, in order of time, each once; () where nothing did or is known."""
        if self._timeline is None or self._asked == MAX_EXPLAINED or key not in self._indices:
            return ()
        self._asked += 1
        for series in self._explained(self._indices[key]).series:
            if (series.job.redial_number or 0) == key.redial:
                waits = [each.waits for each in series.attempts if each.number == attempt]
                return tuple(dict.fromkeys(stretch.code.value for stretches in waits for stretch in stretches))
        return ()

    def _explained(self, index: int) -> Explanation:
        assert self._timeline is not None
        return self._timeline.explain(index)

    @cached_property
    def _indices(self) -> dict[JobKey, int]:
        assert self._timeline is not None
        return {key: job.index for key, job in zip(keys_of(self._timeline), self._timeline.jobs, strict=True)}
