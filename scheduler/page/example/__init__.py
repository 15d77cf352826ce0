"""A campaign that shows the page well: several zones, one of which changes its clock, and numbers of every kind."""

from __future__ import annotations

from importlib.resources import files

from scheduler.page.told import Example

NAME = "Spring renewals: fifty numbers in eight zones"
NOW = "2026-03-02T06:00:00Z"  # the clocks of the United States change on 8 March


def page_example() -> Example:
    """The example."""
    request, campaign, outcomes = (
        files(__name__).joinpath(name).read_text("utf-8") for name in ("request.json", "campaign.toml", "outcomes.json")
    )
    return Example(name=NAME, request=request, campaign=campaign, now=NOW, outcomes=outcomes)
