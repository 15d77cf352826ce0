"""Compares a timeline with its golden file: what it means first, then the lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from scheduler.engine.timeline import Timeline
from scheduler.testing.comparing import compare
from scheduler.testing.golden import GoldenError, golden_text, read_golden
from scheduler.testing.golden_files import Usage, golden_file
from scheduler.testing.pinned import NONE, Pinned, pin

MAX_DIFF_LINES = 30
UPDATE = "--golden-update"


class Checked(NamedTuple):
    """What came of a comparison: why it failed, in what way the file was written, by what it is outdated."""

    failure: str | None = None
    written: str | None = None
    outdated: str | None = None


def check_golden(path: Path, pinned: Pinned, *, update: bool = False, name: str | None = None) -> Checked:
    """Compare a pinned timeline with a golden file, or write that if it is missing or differs.

    `name` is what messages call the file. A file that only other versions (of time zones, of number metadata) wrote,
    with the same timeline, is no failure. Raises OSError if the file can be neither read nor written.
    """
    name = name or str(path)
    text = golden_text(pinned)
    try:
        data: bytes | None = path.read_bytes()
    except FileNotFoundError:
        data = None
    if update and (data is None or data != text.encode()):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return Checked(written="new" if data is None else "changed")
    if data is None:
        return Checked(f"there is no golden file {name}; {UPDATE} writes it, to be read and kept with the tests")
    try:
        # Some check-outs end lines in their own way.
        was = data.decode().replace("\r\n", "\n")
        if was == text:
            return Checked()
        old = read_golden(was)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Checked(f"{name}: line {line}: not UTF-8; {UPDATE} writes the file anew")
    except GoldenError as error:
        return Checked(f"{name}: {error}")
    if old == pinned:
        return Checked(outdated=", ".join(_version_words(old, pinned)))
    return Checked("\n".join(_difference(name, (old, was), (pinned, text))))


def _version_words(old: Pinned, new: Pinned) -> Iterator[str]:
    for name in sorted(old.versions.keys() | new.versions.keys()):
        was, is_ = (pinned.versions.get(name, NONE) for pinned in (old, new))
        if was != is_:
            yield f"{name} was {was} and is {is_}"


def _difference(name: str, old: tuple[Pinned, str], new: tuple[Pinned, str]) -> Iterator[str]:
    yield f"the timeline is not the one of {name}"
    versions = list(_version_words(old[0], new[0]))
    if versions:
        yield f"  {', '.join(versions)}, which may be why"
    words = compare(replace(old[0], versions=new[0].versions), new[0]).words()
    yield from (f"  {line}" for line in words or ["no dial and no policy changed, but what stands beside them"])
    yield ""
    lines = unified_diff(old[1].splitlines(), new[1].splitlines(), "the golden file", "now", n=0, lineterm="")
    yield from islice(lines, MAX_DIFF_LINES)
    more = sum(1 for _ in lines)
    if more:
        yield f"... and {more:,} more lines"
    yield ""
    yield f"If that is meant, {UPDATE} writes the file anew."


@dataclass(slots=True, kw_only=True)
class Golden:
    """Compares timelines of one test with its golden files: `golden(timeline)`, or several by `name=`.

    Raises AssertionError with what changed. `root` is the folder from which messages name files.
    """

    test_file: Path
    test: str
    root: Path = field(repr=False)
    update: bool = field(default=False, repr=False)
    usage: Usage = field(default_factory=Usage, repr=False)
    names: set[str | None] = field(default_factory=set, repr=False)

    def __call__(self, timeline: Timeline, *, name: str | None = None) -> None:
        """Compare a timeline with the golden file of this test, or with the one of a name."""
        __tracebackhide__ = True
        if name in self.names:
            which = "without a name" if name is None else f"with the name {name!r}"
            raise AssertionError(f"golden is asked twice {which} in one test; give each timeline a name=… of its own")
        self.names.add(name)
        path = golden_file(self.test_file, self.test, name)
        self.usage.used.add(str(path))
        shown = path.relative_to(self.root) if path.is_relative_to(self.root) else path
        failure, written, outdated = check_golden(path, pin(timeline), update=self.update, name=shown.as_posix())
        if written is not None:
            self.usage.written[str(path)] = written
        if outdated is not None:
            self.usage.outdated[str(path)] = outdated
        if failure is not None:
            raise AssertionError(failure)
