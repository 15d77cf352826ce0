"""Names that nobody guesses: of what the page has handed in, and for what its policy lets pass."""

from __future__ import annotations

import secrets

BYTES = 16


def new_name() -> str:
    """A name of 128 random bits, in letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(BYTES)
