"""Ready requests to begin with, and a campaign file; the first is the API page's own."""

from __future__ import annotations

from importlib.resources import files

EXAMPLES = {
    "page": "page.json",
    "overnight": "overnight.json",
    "order": "order.json",
    "table": "table.csv",
    "campaign": "campaign.toml",
}


def example(name: str) -> str:
    """The text of an example. Raises KeyError for a name that is none."""
    return files(__name__).joinpath(EXAMPLES[name]).read_text("utf-8")
