"""A run that is done, and what is counted of it once for all that the page asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property

from scheduler.engine.timeline import Timeline
from scheduler.outcomes import Source, never
from scheduler.page.overview import overview_of
from scheduler.page.rows import Table
from scheduler.page.told import Overview, ProblemTold
from scheduler.views.counts import LinesHeld, Milestones, milestones


class Result:
    """A timeline, what was suspicious, how many numbers set each field, and which fields were overridden.

    `made` says what was run, in pairs of a name and a value; `source` is where its outcomes come from, if it is known.
    """

    def __init__(
        self,
        timeline: Timeline,
        warnings: Sequence[ProblemTold],
        own: Mapping[str, int],
        overridden: frozenset[str] = frozenset(),
        made: Sequence[tuple[str, str]] = (),
        source: Source | None = None,
    ) -> None:
        self.timeline = timeline
        self.warnings = warnings
        self.own = own
        self.overridden = overridden
        self.made = made
        self.source = source
        self.numbers = len(timeline.places)

    def count_lines(self) -> None:
        """Count the lines in use, and how far the list was, ahead of the first question."""
        self.held.most(self.timeline.now_ms, self.timeline.until_ms)
        self.stones.by(0)

    def count_numbers(self) -> None:
        """Make the rows ahead of the first question."""
        len(self.table)
        self.timeline.index_dials()

    def count_figures(self) -> None:
        """Make the overview ahead of the first question."""
        self.overview.name  # noqa: B018 - it is made by being looked at

    @cached_property
    def held(self) -> LinesHeld:
        """The lines that calls held."""
        return LinesHeld(self.timeline)

    def placed(self, instant_ms: int) -> int:
        """How many dials were placed before an instant."""
        return bisect_left(self.timeline.columns.at, instant_ms)

    @cached_property
    def stones(self) -> Milestones:
        """When numbers came how far."""
        return milestones(self.timeline)

    @cached_property
    def table(self) -> Table:
        """The numbers, as rows."""
        return Table(self.timeline)

    @cached_property
    def overview(self) -> Overview:
        """The run at a glance."""
        return overview_of(
            self.timeline,
            self.held,
            self.table,
            warnings=self.warnings,
            own=self.own,
            nobody_answers=self.source is never,
        )
