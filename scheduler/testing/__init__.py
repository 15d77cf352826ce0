"""Tests of calling policies: pinned timelines, what a change does to them, and what must never happen."""
