"""Golden files: which file a test has, which files were used, and which nobody needs any more.

Standard library alone: a test run that has no golden file pays for nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = "golden"
SUFFIX = ".txt"
FIRST_WORDS = b"call-scheduler golden file, format "
MAX_NAME = 80
# Names that mean a device to some system, whatever follows a dot.
_DEVICES = re.compile(r"(?i)con|prn|aux|nul|(?:com|lpt)[0-9]")


def safe_name(text: str) -> str:
    """A text as the name of a file on every file system; what is none gets a mark, so that no two are alike.

    >>> safe_name("test_hours"), safe_name("../up"), safe_name("test_zone[Europe/Moscow]")
    ('test_hours', 'up~8c722b8a', 'test_zone-Europe-Moscow~c79e04cc')
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:MAX_NAME]
    # Letters of two cases are one on some systems.
    if plain and plain == text and text == text.lower() and not _DEVICES.fullmatch(text):
        return text
    return f"{plain}~{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def folder_of(test_file: Path) -> Path:
    """The folder with the golden files of a test file, beside it.

    >>> folder_of(Path("tests/test_office.py")).as_posix()
    'tests/golden/test_office'
    """
    return test_file.parent / FOLDER / safe_name(test_file.stem)


def golden_file(test_file: Path, test: str, name: str | None = None) -> Path:
    """The golden file of a test (`test_hours`, `TestHours::test_monday[5]`), or one of several by a name.

    >>> golden_file(Path("tests/test_office.py"), "test_hours", "spring").as_posix()
    'tests/golden/test_office/test_hours-spring.txt'
    """
    return folder_of(test_file) / (safe_name(test) + ("" if name is None else f"-{safe_name(name)}") + SUFFIX)


@dataclass(slots=True)
class Ran:
    """What ran of a test file: its tests, with whether each passed (None: not ended), and whether these are all."""

    tests: dict[str, bool | None] = field(default_factory=dict)
    whole: bool = True


@dataclass(slots=True)
class Usage:
    """What a run did: by test file what ran of it, and golden files that were used, written, or only of other versions.

    Paths are absolute texts. What several processes did is merged.
    """

    ran: dict[str, Ran] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)  # and in what way
    outdated: dict[str, str] = field(default_factory=dict)  # and by what
    lost: bool = False  # a process ended without a word

    def collect(self, test_file: str, test: str) -> None:
        """Note a test that is to run."""
        self.ran.setdefault(test_file, Ran()).tests.setdefault(test, None)

    def in_part(self, test_file: str) -> None:
        """Note that not all tests of a file are to run."""
        self.ran.setdefault(test_file, Ran()).whole = False

    def ended(self, test_file: str, test: str, *, passed: bool) -> None:
        """Note a test that ended, once for each of its phases."""
        tests = self.ran.setdefault(test_file, Ran()).tests
        tests[test] = passed and tests.get(test) is not False

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, for another process."""
        return {
            "ran": {file: [dict(ran.tests), ran.whole] for file, ran in self.ran.items()},
            "used": sorted(self.used),
            "written": self.written,
            "outdated": self.outdated,
        }

    def merge(self, data: Mapping[str, Any]) -> None:
        """Add what another process did, of which this is the data."""
        for file, (tests, whole) in data["ran"].items():
            for test, passed in tests.items():
                self.collect(file, test)
                if passed is not None:
                    self.ended(file, test, passed=passed)
            if not whole:
                self.in_part(file)
        self.used.update(data["used"])
        self.written.update(data["written"])
        self.outdated.update(data["outdated"])

    def unused(self) -> list[Path]:
        """The golden files that no test has asked for, of test files that ran whole, and of files that are gone.

        A test that did not pass may have more golden files than it came to: those are not among them.
        """
        if self.lost:
            return []
        whole = [Path(file) for file, ran in self.ran.items() if ran.whole and None not in ran.tests.values()]
        found: list[Path] = []
        for test_file in whole:
            open_ends = [safe_name(test) for test, passed in self.ran[str(test_file)].tests.items() if not passed]
            found += (
                path
                for path in _golden_files(folder_of(test_file))
                if str(path) not in self.used and not _may_be_of(path, open_ends)
            )
        for beside in {test_file.parent for test_file in whole}:
            there = {safe_name(path.stem) for path in beside.glob("*.py")}
            for folder in _folders(beside / FOLDER):
                if folder.name not in there:
                    found += _golden_files(folder)
        return sorted(found)


def prune(paths: Iterable[Path]) -> None:
    """Delete files, and the folders that are empty then."""
    for path in paths:
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()


def _may_be_of(path: Path, tests: Iterable[str]) -> bool:
    return any(path.stem == test or path.stem.startswith(f"{test}-") for test in tests)


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else iter(())


def _golden_files(folder: Path) -> Iterator[Path]:
    """The golden files of a folder; other files there are somebody else's."""
    if not folder.is_dir():
        return
    for path in folder.glob(f"*{SUFFIX}"):
        if path.is_file():
            with path.open("rb") as file:
                if file.read(len(FIRST_WORDS)) == FIRST_WORDS:
                    yield path
