"""The pytest plugin, in projects of its own: with and without xdist, in this process and in others.

What a project's suite says is what its user sees, so it is asserted line by line.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from scheduler.intake.phones import ZoneFinder
from scheduler.testing import golden_text, pin, read_golden
from scheduler.testing.building import Calls

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
MODULE = "scheduler.testing.plugin"
# Other plugins take seconds to load, in each worker; so ours is named, as is xdist.
ALONE, WORKERS = ("-p", MODULE), ("-p", MODULE, "-p", "xdist", "-n", "2")

CAMPAIGN = """\
name = "office"
timeZone = "Europe/Berlin"

[policy]
allowedDays = ["mon", "tue", "wed", "thu", "fri"]
allowedTime = { default = [{ localTimeFrom = "10:00", localTimeTo = "18:30" }] }
retryIntervalInMinutes = 60
maxAttempts = 2
"""
TESTS = """\
import pytest

NOW = "2026-03-06T15:00:00Z"


def test_office(calls, golden):
    golden(calls("campaign.toml", ["4930123456", "4989123456"], now=NOW, until="2026-03-12"))


class TestClass:
    def test_method(self, calls, golden):
        timeline = calls("campaign.toml", ["4930123456"], now=NOW)
        golden(timeline)
        golden(timeline, name="again")


@pytest.mark.parametrize("zone", ["Europe/Moscow", "../..", "a::b"])
def test_zones(calls, golden, zone):
    golden(calls("campaign.toml", ["79123456789"], now=NOW), name=zone)


def test_without_a_golden_file(calls):
    assert len(calls("campaign.toml", ["4930123456"], now=NOW)) == 2
"""


class Project(NamedTuple):
    """A project with a suite, and how that is run."""

    path: Path
    pytest: Callable[..., pytest.RunResult]
    write: Callable[[], pytest.RunResult]  # all golden files, by one process

    def golden_files(self) -> list[str]:
        """The files under golden/."""
        return sorted(path.relative_to(self.path / "golden").as_posix() for path in self.path.glob("golden/*/*"))

    def policy(self, old: str, new: str) -> None:
        """Change the campaign file."""
        text = (self.path / "campaign.toml").read_text("utf-8")
        assert old in text
        (self.path / "campaign.toml").write_text(text.replace(old, new), "utf-8")

    def suite(self, old: str, new: str) -> None:
        """Change the tests."""
        text = (self.path / "test_calls.py").read_text("utf-8")
        assert old in text
        (self.path / "test_calls.py").write_text(text.replace(old, new), "utf-8")


@pytest.fixture(autouse=True, scope="module")
def _metadata() -> None:
    """A suite that runs in this process gives back the modules that it loaded; those of the metadata are to stay."""
    assert ZoneFinder().zones_of("4930123456")


@pytest.fixture(autouse=True)
def _few_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suites of projects load the plugins that they name."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture(name="how")
def _how() -> tuple[str, ...]:
    """How the suite of a project is run: in this process; where a test says so, by two workers too."""
    return ALONE


@pytest.fixture(name="project")
def _project(pytester: pytest.Pytester, how: tuple[str, ...]) -> Project:
    """A project whose policies are tested."""
    pytester.makefile(".toml", campaign=CAMPAIGN)
    pytester.makepyfile(test_calls=TESTS)

    def run(*arguments: str) -> pytest.RunResult:
        # A suite is imported anew, as users do.
        for name in [name for name in sys.modules if name.startswith("test_calls")]:
            del sys.modules[name]
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)

    return Project(pytester.path, partial(run, *how), partial(run, *ALONE, "--golden-update"))


both = pytest.mark.parametrize("how", [ALONE, WORKERS], ids=["alone", "xdist"])


def golden_lines(result: pytest.RunResult) -> list[str]:
    """What the summary says of golden files."""
    text = "\n".join(result.outlines)
    found = re.search(r"-+ golden files -+\n(.*?)\n=", text, re.DOTALL)
    return found[1].split("\n") if found else []


@both
def test_files_are_written_when_that_is_asked_for_and_then_compared(project: Project) -> None:
    """--golden-update: writes what is missing, says so, and the next run is green and silent."""
    written = project.pytest("--golden-update")
    green = project.pytest()

    written.assert_outcomes(passed=6)
    green.assert_outcomes(passed=6)
    assert golden_lines(written) == [f"written, new: golden/{name}" for name in project.golden_files()]
    assert golden_lines(green) == []
    assert [re.sub("~[0-9a-f]{8}", "~", name) for name in project.golden_files()] == [
        "test_calls/TestClass-test_method~-again.txt",
        "test_calls/TestClass-test_method~.txt",
        "test_calls/test_office.txt",
        "test_calls/test_zones-Europe-Moscow~-Europe-Moscow~.txt",
        "test_calls/test_zones-a-b~-a-b~.txt",
        "test_calls/test_zones~-~.txt",
    ]


def test_without_being_asked_nothing_is_written(project: Project) -> None:
    """Read-only by default: a missing file fails, and says how to make it."""
    result = project.pytest()

    result.assert_outcomes(passed=1, failed=5)
    result.stdout.fnmatch_lines(
        ["E*there is no golden file golden/test_calls/test_office.txt; --golden-update writes it*"]
    )
    assert not (project.path / "golden").exists()


@both
def test_a_change_is_told_in_words_and_then_in_lines(project: Project) -> None:
    """The field that changed, before any text."""
    project.write()
    project.policy('"thu", "fri"', '"thu"')
    result = project.pytest("-k", "office")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*AssertionError: the timeline is not the one of golden/test_calls/test_office.txt",
            "E*4 dials moved from Fri 16:00-17:00 to Mon 10:00-11:00 because allowedDays lost fri (4930123456, *)",
            "E*--- the golden file",
            "E*-  allowedDays: mon tue wed thu fri",
            "E*+  allowedDays: mon tue wed thu",
            "E*If that is meant, --golden-update writes the file anew.",
        ]
    )
    assert "checking.py" not in result.stdout.str()  # the test's own line is shown, not ours


def test_an_update_writes_what_changed_alone(project: Project) -> None:
    """--golden-update: says what it wrote."""
    project.write()
    project.suite('NOW, until="2026-03-12"', 'NOW, until="2026-03-13"')
    result = project.pytest("--golden-update")

    result.assert_outcomes(passed=6)
    assert golden_lines(result) == ["written, changed: golden/test_calls/test_office.txt"]
    project.pytest().assert_outcomes(passed=6)


@both
def test_files_of_which_the_tests_are_gone_are_listed_and_deleted_only_when_that_is_asked_for(project: Project) -> None:
    """Unused files, where the whole file ran and passed."""
    project.write()
    project.suite("def test_office", "def test_bureau")
    project.suite('        golden(timeline, name="again")\n', "")
    files = project.golden_files()
    gone = [files[0], "test_calls/test_office.txt"]
    result = project.write()
    pruned = project.pytest("--golden-prune")

    assert golden_lines(result) == [
        "written, new: golden/test_calls/test_bureau.txt",
        *(f"no test used it (--golden-prune deletes it): golden/{name}" for name in gone),
    ]
    assert golden_lines(pruned) == [f"deleted, as no test used it: golden/{name}" for name in gone]
    assert project.golden_files() == sorted({*files, "test_calls/test_bureau.txt"} - {*gone})


@pytest.mark.parametrize(
    ("how", "arguments"),
    [
        (ALONE, ("-k", "zones")),
        (WORKERS, ("-k", "zones")),
        (ALONE, ("test_calls.py::test_without_a_golden_file",)),
        (ALONE, ("--deselect", "test_calls.py::test_without_a_golden_file")),
        (ALONE, ("-x",)),
        (WORKERS, ("-x",)),
        (ALONE, ("--collect-only",)),
        (ALONE, ("--pyargs", "test_calls::test_without_a_golden_file")),
    ],
    ids=["chosen", "chosen-xdist", "named", "deselected", "stopped", "stopped-xdist", "collected", "module"],
)
def test_a_run_in_part_calls_nothing_unused(project: Project, arguments: Sequence[str]) -> None:
    """What did not run, may be used; --golden-prune deletes nothing then."""
    project.write()
    project.suite("import pytest", "import pytest\n\n\ndef test_fails():\n    assert not pytest")
    project.suite(
        '    golden(calls("campaign.toml", ["4930123456", "4989123456"], now=NOW, until="2026-03-12"))', "    pass"
    )
    files = project.golden_files()
    result = project.pytest(*arguments, "--golden-prune")

    assert golden_lines(result) == []
    assert project.golden_files() == files


def test_a_test_that_fails_or_is_left_out_keeps_its_files(project: Project) -> None:
    """It may have used them, had it come so far."""
    project.write()
    project.suite("        timeline = calls", '        pytest.skip("later")\n        timeline = calls')
    project.suite("def test_office(calls, golden):", "def test_office(calls, golden):\n    assert not NOW")
    result = project.pytest()

    result.assert_outcomes(passed=4, failed=1, skipped=1)
    assert golden_lines(result) == []


def test_files_of_a_test_file_that_is_gone_are_unused(project: Project) -> None:
    """Beside a test file that ran whole."""
    project.write()
    (project.path / "test_calls.py").rename(project.path / "test_other.py")
    result = project.pytest("--golden-update", "--golden-prune")
    lines = golden_lines(result)

    assert [line for line in lines if line.startswith("deleted")] == [
        f"deleted, as no test used it: golden/{name.replace('test_other', 'test_calls')}"
        for name in project.golden_files()
    ]
    assert {name.partition("/")[0] for name in project.golden_files()} == {"test_other"}


def test_two_timelines_of_one_test_need_names(project: Project) -> None:
    """One file cannot hold two."""
    project.suite('golden(timeline, name="again")', "golden(timeline)")
    result = project.pytest("--golden-update", "-k", "method")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*golden is asked twice without a name in one test; give each timeline a name=…*"])


@both
def test_a_newer_time_zone_database_that_moves_nothing_is_told_at_the_end(project: Project) -> None:
    """No failure: the timeline is the same."""
    project.write()
    path = project.path / "golden" / "test_calls" / "test_office.txt"
    text = path.read_text("utf-8")
    path.write_text(re.sub("  tzdata: .*", "  tzdata: 2019a", text), "utf-8")
    result = project.pytest()

    result.assert_outcomes(passed=6)
    (line,) = golden_lines(result)
    assert line.startswith("the same timeline, but tzdata was 2019a and is ")
    assert line.endswith(" (--golden-update writes it anew): golden/test_calls/test_office.txt")
    project.write()
    assert path.read_text("utf-8") == text


def test_a_golden_file_that_was_edited_badly_is_one_message(project: Project) -> None:
    """With its line."""
    project.write()
    path = project.path / "golden" / "test_calls" / "test_office.txt"
    path.write_text(path.read_text("utf-8").replace("Fri 2026-03-06 16:00:00", "Fri 2026-03-06 16:30:00", 1), "utf-8")
    result = project.pytest("-k", "office")

    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r"E +AssertionError: golden/test_calls/test_office\.txt: line \d+: "])


@both
def test_files_are_the_same_however_many_processes_write_them(project: Project) -> None:
    """R8.5, and what `calls` gives is what the library gives."""
    project.pytest("--golden-update")
    path = project.path / "golden" / "test_calls" / "test_office.txt"
    phones = ["4930123456", "4989123456"]
    timeline = Calls(project.path)("campaign.toml", phones, now="2026-03-06T15:00:00Z", until="2026-03-12")

    assert path.read_bytes() == golden_text(pin(timeline)).encode()
    assert read_golden(path.read_text("utf-8")) == pin(timeline)


def test_modules_may_be_imported_by_importlib(project: Project) -> None:
    """--import-mode=importlib, tests of one name in two folders."""
    for folder in ("one", "two"):
        (project.path / folder).mkdir()
        (project.path / folder / "test_calls.py").write_text(TESTS, "utf-8")
        (project.path / folder / "campaign.toml").write_text(CAMPAIGN, "utf-8")
    result = project.pytest("--import-mode=importlib", "--golden-update")

    result.assert_outcomes(passed=18)
    assert len(list(project.path.glob("*/golden/test_calls/*.txt"))) == 12
    project.pytest("--import-mode=importlib").assert_outcomes(passed=18)


@pytest.mark.parametrize("how", [WORKERS], ids=["xdist"])
def test_groups_of_xdist_do_not_change_names(project: Project) -> None:
    """--dist loadgroup adds to node ids."""
    project.suite("def test_office", '@pytest.mark.xdist_group("g")\ndef test_office')
    (project.path / "pytest.ini").write_text("[pytest]\nmarkers = xdist_group\n", "utf-8")
    project.pytest("--golden-update", "-k", "office")

    assert project.golden_files() == ["test_calls/test_office.txt"]


def test_a_worker_that_is_lost_leaves_no_file_unused(pytester: pytest.Pytester) -> None:
    """What it did is not known."""
    pytester.makefile(".toml", campaign=CAMPAIGN)
    pytester.makepyfile(test_calls=TESTS)
    arguments = ("-p", "no:cacheprovider", *WORKERS)
    pytester.runpytest_inprocess(*ALONE, "--golden-update").assert_outcomes(passed=6)
    text = TESTS.replace("assert len(calls", "import os\n    os._exit(1)\n    assert len(calls")
    (pytester.path / "test_calls.py").write_text(text.replace('golden(timeline, name="again")', "pass"), "utf-8")
    result = pytester.runpytest_inprocess(*arguments, "--golden-prune")

    assert golden_lines(result) == []
    assert len(list(pytester.path.glob("golden/*/*.txt"))) == 6


# -- a complete example ----------------------------------------------------------------------------------------

EXAMPLE = {
    "pyproject.toml": """\
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "--strict-markers --strict-config"
filterwarnings = ["error"]
""",
    "tests/policies/support.toml": """\
name = "support"
timeZone = "Europe/Berlin"
maxSimultaneousCalls = 2
law = ["us-tcpa"]

[policy]
allowedDays = ["mon", "tue", "wed", "thu", "fri"]
allowedTime = { default = [{ localTimeFrom = "09:00", localTimeTo = "18:00" }] }
retryIntervalInMinutes = 120
maxAttempts = 3
""",
    "tests/numbers.csv": """\
phone,gmtZone,dialerPriority
4930123456,,
4989123456,Europe/Berlin,1
12125550123,,
5511987654321,America/Sao_Paulo,
""",
    "tests/outcomes.json": """\
{"phones": {"4930123456": ["busy", {"outcome": "answered", "talkSeconds": 80, "redial": {"startAfterMinutes": 1440}}]}}
""",
    "tests/conftest.py": """\
import pytest


@pytest.fixture
def support(calls):
    return calls("policies/support.toml", "numbers.csv", now="2026-10-23T12:00:00Z", outcomes="outcomes.json")
""",
    "tests/test_support.py": """\
import pytest
from hypothesis import given, settings

from scheduler.testing import Calls, at_most, every_number_dialled_by, never_dials, strategies, within_law


def test_the_timeline_is_the_one_that_was_reviewed(support, golden):
    golden(support)


@pytest.mark.parametrize("lines", [1, 5])
def test_lines(calls, golden, lines):
    golden(calls("policies/support.toml", "numbers.csv", now="2026-10-23T12:00:00Z", lines=lines))


class TestRules:
    def test_nobody_is_called_outside_office_hours(self, support):
        never_dials(support, outside={day: "09:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")})

    def test_nobody_is_called_more_than_three_times_a_day(self, support):
        at_most(support, 3, per="day")
        at_most(support, 6, per="7 days", by="job")

    def test_the_law_is_kept(self, support):
        within_law(support, "us-tcpa")

    def test_everybody_is_called_soon(self, support):
        every_number_dialled_by(support, "2026-10-24")


@given(strategies.requests())
@settings(max_examples=10, deadline=None, database=None)
def test_no_request_breaks_the_law(numbers):
    within_law(Calls()({"law": "us-tcpa"}, numbers, now="2026-10-23", until="2026-10-30"), "us-tcpa")
""",
}


@both
def test_a_project_tests_its_policy_in_ci(pytester: pytest.Pytester, how: tuple[str, ...]) -> None:
    """Written where it is developed, green in CI, and red with words when somebody changes the policy."""
    for name, text in EXAMPLE.items():
        (pytester.path / name).parent.mkdir(parents=True, exist_ok=True)
        (pytester.path / name).write_text(text, "utf-8")
    at_home = pytester.runpytest_subprocess(*ALONE, "-p", "no:cacheprovider", "--golden-update")
    in_ci = pytester.runpytest_subprocess(*how, "-p", "no:cacheprovider")
    policy = pytester.path / "tests" / "policies" / "support.toml"
    policy.write_text(EXAMPLE["tests/policies/support.toml"].replace('"18:00"', '"20:00"'), "utf-8")
    changed = pytester.runpytest_subprocess(*how, "-p", "no:cacheprovider")

    at_home.assert_outcomes(passed=8)
    in_ci.assert_outcomes(passed=8)
    changed.assert_outcomes(passed=4, failed=4)
    assert [re.sub("~[0-9a-f]{8}", "~", line.partition("golden/")[2]) for line in golden_lines(at_home)] == [
        "test_support/test_lines-1~.txt",
        "test_support/test_lines-5~.txt",
        "test_support/test_the_timeline_is_the_one_that_was_reviewed.txt",
    ]
    changed.stdout.fnmatch_lines(
        [
            "E*because allowedTime 09:00-18:00 became 09:00-20:00*",
            "E*AssertionError: 1 of 14 dials lies outside the hours",
            "E*Europe/Berlin*, where fri allows 09:00-18:00",
        ]
    )


# -- what it costs, and where it is ----------------------------------------------------------------------------


def test_the_plugin_is_an_entry_point() -> None:
    """pyproject.toml: whoever installs the project has the plugin."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]

    assert points == {"call-scheduler": MODULE}


def test_the_entry_point_is_enough(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution with that entry point: no option, no conftest."""
    folder = pytester.path / "installed" / "some_distribution-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: some-distribution\nVersion: 1\n", "utf-8")
    (folder / "entry_points.txt").write_text(f"[pytest11]\ncall-scheduler = {MODULE}\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder.parent), *sys.path)))
    pytester.makepyfile("def test_there(calls, golden):\n    assert calls and golden\n")

    pytester.runpytest_subprocess("-p", "call-scheduler", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_suite_that_does_not_use_it_loads_nothing_of_it(pytester: pytest.Pytester) -> None:
    """No engine, no pendulum, no metadata: the module of the entry point, and names of files."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            loaded = {name for name in sys.modules if name.startswith(("scheduler", "pendulum", "msgspec", "holidays"))}
            own = {"scheduler", "scheduler.testing", "scheduler.testing.golden_files", "scheduler.testing.plugin"}
            assert loaded == own
        """
    )
    pytester.runpytest_subprocess(*ALONE, "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_what_is_tested_with_knows_nothing_of_pytest() -> None:
    """Thin over plain functions: a script may use them too."""
    code = (
        "import sys, scheduler.testing as t; [getattr(t, name) for name in t.__all__]; "
        "print(*(name for name in sys.modules if name.partition('.')[0] in {'pytest', '_pytest', 'hypothesis'}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert loaded.split() == []


def test_the_options_are_explained(pytester: pytest.Pytester) -> None:
    """--help, --fixtures."""
    pytester.runpytest_inprocess(*ALONE, "--help").stdout.fnmatch_lines(
        [
            "golden files of calling policies:",
            "*--golden-update*Write golden files*",
            "*--golden-prune*Delete golden files*",
        ]
    )
    pytester.runpytest_inprocess(*ALONE, "--fixtures").stdout.fnmatch_lines(["calls *", "golden *"])
