"""Golden files: texts that are read as they were written, found wrong where they were edited, and easy to review."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings, strategies as st

from scheduler import Timeline
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import FIRST_INSTANT_MS, LAST_INSTANT_MS
from scheduler.testing import Calls, GoldenError, JobKey, Pinned, PinnedDial, PinnedJob, golden_text, pin, read_golden
from scheduler.testing.checking import check_golden
from scheduler.testing.golden_files import Usage, folder_of, golden_file, prune, safe_name
from tests.strategies import Case, any_cases, plain_id, played

KEPT = Path(__file__).parent / "data" / "golden_files"
ZONES = ("UTC", "Europe/Berlin", "+05:45", "a zone", "")
# Whatever a tool may take for the end of a line, for a blank, or for syntax of the file.
ODD = (
    "",
    " ",
    "-",
    "none",
    "#",
    ":",
    '"',
    "a: b",
    "a  b ",
    "\\",
    "\n",
    "\r",
    "\x85",
    "\u2028",
    "\u202e",
    "\x00",
    "é",
    "№",
    "\U0001f600",
)
OFFICE = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}


def texts() -> st.SearchStrategy[str]:
    """Texts that are hard to keep on one line."""
    return st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.lists(st.sampled_from(ODD), max_size=3).map("".join))


@st.composite
def pinned_runs(draw: st.DrawFn) -> Pinned:
    """Runs that need not have happened, of a few jobs, with whatever texts."""
    phones = st.sampled_from(("79123456789", "4930123456")) | texts()
    keys = draw(st.lists(st.builds(JobKey, phones, st.integers(0, 2), st.integers(0, 2)), unique=True, max_size=4))
    hours = st.sampled_from(("10:00-18:00", "none")) | texts()
    policies = draw(
        st.lists(
            st.none()
            | st.fixed_dictionaries(
                {
                    **{f"allowedTime.{day}": hours for day in DAYS},
                    **dict.fromkeys(("allowedDays", "dialerPriority", "law", "maxAttempts", "startDateTime"), texts()),
                }
            ),
            min_size=1,
            max_size=2,
        )
    )
    jobs = {}
    for key in keys:
        policy, zone = draw(st.sampled_from(policies)), draw(st.sampled_from(ZONES))
        jobs[key] = PinnedJob(
            key=key,
            index=draw(st.integers(0, 20)),
            zone=zone,
            policy={} if policy is None else {"gmtZone": zone, **policy},
            state=draw(st.sampled_from(("noAnswer", "notDone")) | texts()),
            reason=draw(st.none() | st.just("neverOpen") | texts()),
        )
    dials = st.builds(
        PinnedDial,
        job=st.sampled_from(keys) if keys else st.nothing(),
        attempt=st.integers(1, 50),
        at_ms=st.integers(1_772_442_000_000, 1_772_442_001_000) | st.integers(FIRST_INSTANT_MS, LAST_INSTANT_MS),
        offset_s=st.sampled_from((0, 3600, -18_000, 20_700, 1815, -1)) | st.integers(-64_800, 64_800),
        outcome=st.sampled_from(("noAnswer", "answered")) | texts(),
        length_ms=st.sampled_from((0, 30_000, 30_250)) | st.integers(0, 10**9),
        abandoned=st.booleans(),
    )
    return Pinned(
        settings=draw(st.dictionaries(st.sampled_from(("name", "now", "agents")), texts())),
        jobs=jobs,
        dials=tuple(draw(st.lists(dials, max_size=4))) if keys else (),
        versions=draw(st.dictionaries(st.sampled_from(("tzdata", "phonenumbers")), texts())),
    )


@given(pinned_runs())
@settings(max_examples=25)
def test_what_is_read_is_what_was_written(pinned: Pinned) -> None:
    """A golden file is read back exactly, whatever its texts."""
    text = golden_text(pinned)
    read = read_golden(text)

    assert read == pinned
    assert read.versions == pinned.versions
    assert golden_text(read) == text


@given(pinned_runs())
@settings(max_examples=25)
def test_a_line_stays_a_line(pinned: Pinned) -> None:
    """UTF-8, LF, no blanks at the end of a line, one at the end of the file; no text begins a line of its own."""
    text = golden_text(pinned)
    lines = text.split("\n")

    assert text.encode().decode() == text
    assert lines.pop() == ""
    assert lines == text.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert len(lines) == len(golden_text(replace(pinned, dials=())).splitlines()) + len(pinned.dials)


@given(any_cases())
@settings(max_examples=20)
def test_a_run_is_read_as_it_was_pinned(case: Case) -> None:
    """The timelines of random campaigns, with redials or without."""
    pinned = pin(played(case))

    assert read_golden(golden_text(pinned)) == pinned


@given(any_cases())
@settings(max_examples=8)
def test_two_runs_have_one_text(case: Case) -> None:
    """R8.5: a function of the inputs."""
    assert golden_text(pin(played(case))) == golden_text(pin(played(case)))


@given(pinned_runs(), st.data())
@settings(max_examples=25)
def test_no_change_by_hand_goes_unseen(pinned: Pinned, data: st.DataObject) -> None:
    """An edited file is refused at one of its lines, or is another timeline, written as that one is."""
    text = golden_text(pinned)
    place = data.draw(st.integers(0, len(text) - 1))
    instead = data.draw(st.sampled_from(["", "1", "x", " ", "  ", "\n", "\r", '"', "-", ":", text[:place], "\u2028"]))
    edited = text[:place] + instead + text[place + data.draw(st.integers(0, 9)) :]
    assume(edited != text)
    refusal = None
    try:
        read = read_golden(edited)
    except GoldenError as error:
        refusal = error
    if refusal is None:
        assert (read, read.versions) != (pinned, pinned.versions)
        assert golden_text(read) == edited
    else:
        assert 1 <= refusal.line <= len(edited.split("\n")) + 1
        assert str(refusal).startswith(f"line {refusal.line}: ")
        assert "\n" not in str(refusal)


def run(**changes: Any) -> Timeline:
    """Three numbers in office hours, one of which is called back."""
    numbers: list[dict[str, Any]] = [
        {"phone": "79123456789", "gmtZone": "Europe/Moscow"},
        {"phone": "4930123456", "gmtZone": "Europe/Berlin", "dialerPriority": 1},
        {"phone": "12025550123", "gmtZone": "America/New_York", "finishDateTime": "2026-03-06T14:00:00Z"},
    ]
    for phone, fields in changes.items():
        numbers[int(phone[1:])].update(fields)
    answered = {"outcome": "answered", "talkSeconds": 95.25, "redial": {"startAfterMinutes": 60, "maxAttempts": 1}}
    return Calls()(
        {"name": "spring", "policy": {"allowedTime": OFFICE, "maxAttempts": 2}},
        numbers,
        now="2026-03-06T09:00:00Z",
        until="2026-03-09",
        outcomes={"4930123456": ["busy", answered]},
    )


def test_a_golden_file_is_made_for_a_review(tmp_path: Path) -> None:
    """What stands in it; the same on every Python, as it is kept."""
    kept = KEPT / "office.txt"
    checked = check_golden(kept, pin(run()))

    assert checked.failure is None
    assert "\n  Fri 2026-03-06 10:00:00 +01:00 Europe/Berlin  2026-03-06T09:00:00Z  4930123456  " in kept.read_text(
        "utf-8"
    )


def test_the_text_does_not_hang_on_the_luck_of_a_process() -> None:
    """R8.5: not on the order of hashes either."""
    code = "from tests.test_golden_files import *; import sys; sys.stdout.write(golden_text(pin(run())))"
    texts = {
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            cwd=Path(__file__).parents[1],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert texts == {golden_text(pin(run())).encode()}


def changed_lines(before: Timeline, after: Timeline) -> list[str]:
    """The lines that two runs do not share."""
    old, new = (Counter(golden_text(pin(timeline)).splitlines()) for timeline in (before, after))
    return sorted((old - new) + (new - old))


def test_a_change_of_one_number_changes_no_line_of_another() -> None:
    """Reviewable: policies have no names that could move on to others, and no column has the width of another line."""
    changed = changed_lines(run(), run(_0={"dialerPriority": 2, "gmtZone": "America/Argentina/ComodRivadavia"}))
    others = [line for line in changed if re.search("4930123456|12025550123", line)]

    assert changed
    assert others == []


def test_a_change_of_a_policy_that_many_share_is_one_line_of_it() -> None:
    """Reviewable: one line for the field, and those of the dials that it moves."""
    numbers = [f"7912345{n:04d}" for n in range(50)]
    runs = [
        Calls()(
            {
                "timeZone": "Europe/Moscow",
                "policy": {"allowedTime": OFFICE, "maxAttempts": 2, "retryIntervalInMinutes": each},
            },
            numbers,
            now="2026-03-02T08:00:00Z",
        )
        for each in (60, 90)
    ]
    changed = changed_lines(*runs)

    assert [line for line in changed if "attempt 2" not in line] == [
        "  retryIntervalInMinutes: 60",
        "  retryIntervalInMinutes: 90",
    ]
    assert len(changed) == 2 + 2 * 50


def test_a_number_more_is_three_places_more() -> None:
    """Reviewable: a policy of its own, itself, and its dials."""
    numbers: list[Any] = [{"phone": "4930123456"}, {"phone": "4989123456"}]
    more = [*numbers, {"phone": "33123456789", "maxAttempts": 2}]
    changed = changed_lines(*(Calls()(None, each, now="2026-03-02T08:00:00Z") for each in (numbers, more)))

    assert sum("33123456789" in line for line in changed) == 3
    assert [line for line in changed if re.search("4930123456|4989123456", line)] == []


RIGHT = "the rest of the file makes it"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("file, format 1", "file, format 2", "^line 1: format 2 is newer than 1, .* reads: install a newer one, or"),
        ("file, format 1", "file, format one", "^line 1: format one is not 1, which is read;"),
        ("call-scheduler golden", "golden", "^line 1: not a golden file, which begins with call-scheduler golden file"),
        ("made with\n", "", '^line 3: "phonenumbers: 1", where "made with" is to stand;'),
        ("Fri 2026-03-06 10:00", "Thu 2026-03-06 10:00", f'"Thu .*, where {RIGHT} "Fri '),
        ("10:00:00 +01:00 Europe", "10:00:00 +02:00 Europe", rf'{RIGHT} "Fri 2026-03-06 11:00:00 \+02:00 Europe'),
        ("2026-03-06T09:00:00Z  49", "09:00  49", 'where an instant in UTC, not "09:00", is to stand;'),
        ("  attempt 1 of", "  try 1 of", "where a dial is to stand;"),
        ("2 of 2 dials", "1 of 2 dials", f"{RIGHT} .*2 of 2 dials"),
        ("dials  noAnswer  attemptsUsedUp\n", "dials  noAnswer\n", "where a job is to stand;"),
        ("  name: spring", '  name: "spring', '^line 8: .*where a text in quotes, not ""spring", is to stand;'),
        ("  name: spring", "  name spring", '^line 8: "name spring", where "name: value" is to stand;'),
        ("Time.mon-sun", "Time.mon-sum", 'where days from mon to sun, not "allowedTime.mon-sum", is to stand'),
        ("  79123456789  job 0", "  4930123456  job 1", "4930123456 stands in the file twice"),
        ("  79123456789  job 0", "  7912345678  job 0", 'where a dial of one of the jobs, not of "79123456789", is to'),
        ("\ndials\n", "\n", 'where "dials" is to stand;'),
        ("2026-03-06T10:00:30Z  79", "2026-03-06T10:00:31Z  79", f"{RIGHT} .*10:00:31"),
    ],
    ids=plain_id,
)
def test_what_was_edited_badly_is_told_with_its_line(old: str, new: str, message: str) -> None:
    """One clear message, with the line and what to do."""
    text = golden_text(replace(pin(run()), versions={"phonenumbers": "1", "tzdata": "2026f"}))
    assert old in text
    with pytest.raises(GoldenError, match=message) as refused:
        read_golden(text.replace(old, new))

    assert str(refused.value).endswith("--golden-update writes the file anew")


@pytest.mark.parametrize("kept", [1, 5, 12, 22, -1])
def test_a_file_that_was_cut_off_is_refused_at_its_end(kept: int) -> None:
    """A truncated file is no golden file; a merge conflict is none either."""
    lines = golden_text(pin(run())).split("\n")[:kept]
    with pytest.raises(GoldenError, match="the end of the file") as refused:
        read_golden("\n".join(lines))

    assert refused.value.line == len(lines) + 1


# -- comparing -------------------------------------------------------------------------------------------------


def test_a_file_that_is_missing_is_a_failure_that_says_how_to_make_it(tmp_path: Path) -> None:
    """Read-only, unless an update is asked for."""
    path = tmp_path / "golden" / "it.txt"
    checked = check_golden(path, pin(run()), name="golden/it.txt")

    assert checked.failure == (
        "there is no golden file golden/it.txt; --golden-update writes it, to be read and kept with the tests"
    )
    assert not path.parent.exists()


def test_an_update_writes_what_is_missing_or_differs_and_nothing_else(tmp_path: Path) -> None:
    """What is written is what is read."""
    path = tmp_path / "golden" / "it.txt"
    first = check_golden(path, pin(run()), update=True)
    written = path.read_bytes()
    again = check_golden(path, pin(run()), update=True)
    changed = check_golden(path, pin(run(_0={"maxAttempts": 1})), update=True)

    assert (first.written, again.written, changed.written) == ("new", None, "changed")
    assert written == golden_text(pin(run())).encode()
    assert path.read_bytes() != written
    assert list(path.parent.iterdir()) == [path]


def test_a_difference_says_what_it_means_and_then_the_lines(tmp_path: Path) -> None:
    """The fields that changed stand before the text."""
    path = tmp_path / "it.txt"
    check_golden(path, pin(run()), update=True)
    failure = check_golden(path, pin(run(_0={"maxAttempts": 1})), name="it.txt").failure
    assert failure is not None
    meaning, _, lines = failure.partition("\n\n")

    assert meaning.startswith("the timeline is not the one of it.txt\n  ")
    assert "maxAttempts" in meaning
    assert lines.startswith("--- the golden file\n+++ now\n@@")
    assert failure.endswith("\n\nIf that is meant, --golden-update writes the file anew.")


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    """A message is read by people."""
    path = tmp_path / "it.txt"
    numbers = [f"7912345{n:04d}" for n in range(50)]
    check_golden(path, pin(Calls()(None, numbers, now="2026-03-02")), update=True)
    failure = check_golden(path, pin(Calls()(None, numbers, now="2026-03-03"))).failure
    assert failure is not None

    assert len(failure.splitlines()) < 60
    assert re.search(r"\n\.\.\. and \d+ more lines\n", failure)


def test_another_name_alone_is_told_too(tmp_path: Path) -> None:
    """What no words are there for is in the lines."""
    path = tmp_path / "it.txt"
    pinned = pin(run())
    check_golden(path, replace(pinned, settings={**pinned.settings, "name": "autumn"}), update=True)
    failure = check_golden(path, pinned).failure
    assert failure is not None

    assert "no dial and no policy changed" in failure
    assert "\n-  name: autumn\n+  name: spring\n" in failure


def test_other_versions_alone_are_no_failure_but_told(tmp_path: Path) -> None:
    """A newer time zone database that moves no dial breaks no test."""
    path = tmp_path / "it.txt"
    pinned = pin(run())
    check_golden(path, replace(pinned, versions={**pinned.versions, "tzdata": "2019a"}), update=True)
    checked = check_golden(path, pinned)

    assert checked.failure is None
    assert checked.outdated == f"tzdata was 2019a and is {pinned.versions['tzdata']}"


def test_other_versions_are_told_before_anything_else(tmp_path: Path) -> None:
    """They may be why."""
    path = tmp_path / "it.txt"
    old, new = pin(run()), pin(run(_0={"maxAttempts": 1}))
    check_golden(path, replace(old, versions={**old.versions, "tzdata": "2019a"}), update=True)
    failure = check_golden(path, new).failure
    assert failure is not None

    assert "tzdata" in failure.splitlines()[1]
    assert "2019a" in failure.splitlines()[1]


def test_ends_of_lines_of_another_system_do_not_count(tmp_path: Path) -> None:
    """A check-out on Windows."""
    path = tmp_path / "it.txt"
    path.write_bytes(golden_text(pin(run())).replace("\n", "\r\n").encode())

    assert check_golden(path, pin(run())) == (None, None, None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"call-scheduler golden file, format 1\n\xff", "it.txt: line 2: not UTF-8; --golden-update writes"),
        (b"", "it.txt: line 1: not a golden file"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(data: bytes, message: str, tmp_path: Path) -> None:
    """One message, no traceback."""
    path = tmp_path / "it.txt"
    path.write_bytes(data)
    failure = check_golden(path, pin(run()), name="it.txt").failure

    assert failure is not None
    assert failure.startswith(message)


# -- files -----------------------------------------------------------------------------------------------------


def names() -> st.SearchStrategy[str]:
    """Names of tests, of which some differ by little."""
    parts = st.sampled_from(
        ["test_a", "A", "a", "/", "..", "\\", "[", "]", "-", "~", "con", "é", "\x00", " ", ".", "::"]
    )
    return st.lists(parts, max_size=5).map("".join) | st.text(max_size=120)


@given(names(), names())
@settings(max_examples=200)
def test_names_are_safe_on_every_file_system(first: str, second: str) -> None:
    """Letters, digits, `_`, `-`, `~`; not too long; no device; different tests have different ones in any case."""
    name = safe_name(first)

    assert re.fullmatch(r"[A-Za-z0-9_~-]{1,100}", name)
    assert name.casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
    assert (name.casefold() == safe_name(second).casefold()) == (first == second)


@given(names(), names(), st.none() | names())
def test_no_name_leads_out_of_the_folder(stem: str, test: str, name: str | None) -> None:
    """Input never becomes a path outside golden/."""
    assume("/" not in stem and "\x00" not in stem and stem not in {"", ".", ".."})
    test_file = Path("tests") / f"{stem}.py"
    path = golden_file(test_file, test, name)

    assert path.parent == folder_of(test_file)
    assert path.parent.parent == Path("tests/golden")
    assert path.name.endswith(".txt")


@given(names(), names(), st.none() | names(), st.none() | names())
def test_two_timelines_have_two_files(test: str, other: str, name: str | None, another: str | None) -> None:
    """A name behind a test is no other test."""
    assume((test, name) != (other, another) and test and other)
    paths = (str(golden_file(Path("test_it.py"), *each)).casefold() for each in ((test, name), (other, another)))

    assert next(paths) != next(paths) or {test, other} != {test}


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """Two test files with golden files, and one of which the tests are gone."""
    for name in ("test_one", "test_two"):
        (tmp_path / f"{name}.py").touch()
    for file in ("test_one/test_a", "test_one/test_a-more", "test_one/test_ab", "test_two/test_a", "test_gone/test_a"):
        path = tmp_path / "golden" / f"{file}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(golden_text(Pinned(jobs={}, dials=())), "utf-8")
    (tmp_path / "golden" / "test_one" / "notes.txt").write_text("mine", "utf-8")
    return tmp_path


def unused(project: Path, usage: Usage) -> list[str]:
    """The files that nobody used, under golden/."""
    return [path.relative_to(project / "golden").as_posix() for path in usage.unused()]


def usage_of(project: Path, **tests: bool | None) -> Usage:
    """What ran of test_one.py, with which result."""
    usage = Usage()
    file = str(project / "test_one.py")
    for test, passed in tests.items():
        usage.collect(file, test)
        if passed is not None:
            usage.ended(file, test, passed=passed)
    return usage


def test_what_no_test_asked_for_is_unused(project: Path) -> None:
    """Of the files that ran whole, and of those that are gone; what is no golden file is somebody else's."""
    usage = usage_of(project, test_a=True)
    usage.used.add(str(project / "golden" / "test_one" / "test_a.txt"))

    assert unused(project, usage) == ["test_gone/test_a.txt", "test_one/test_a-more.txt", "test_one/test_ab.txt"]


def test_a_test_that_did_not_pass_keeps_its_files(project: Path) -> None:
    """It may not have come to ask for them."""
    assert unused(project, usage_of(project, test_a=False)) == ["test_gone/test_a.txt", "test_one/test_ab.txt"]


def test_a_file_that_ran_in_part_has_no_unused_ones(project: Path) -> None:
    """Nor has one of whose tests one did not end, nor a run of which a process was lost."""
    in_part = usage_of(project, test_a=True)
    in_part.in_part(str(project / "test_one.py"))
    lost = usage_of(project, test_a=True)
    lost.lost = True

    assert [unused(project, each) for each in (in_part, lost, usage_of(project, test_a=None), Usage())] == [[]] * 4


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from((None, True, False))), max_size=6)
)
def test_processes_that_share_the_tests_know_what_one_would(ended: list[tuple[str, str, bool | None]]) -> None:
    """xdist: every worker collects all tests and runs some."""
    alone, workers, controller = Usage(), [Usage(), Usage()], Usage()
    for file, test, _ in ended:
        for usage in (alone, *workers):
            usage.collect(file, test)
    for place, (file, test, passed) in enumerate(ended):
        if passed is not None:
            for usage in (alone, workers[place % 2]):
                usage.ended(file, test, passed=passed)
    for worker in workers:
        controller.merge(worker.as_data())

    assert controller == alone


def test_pruning_leaves_no_empty_folders(project: Path) -> None:
    """What is somebody else's stays, with its folder."""
    prune(usage_of(project, test_a=True).unused())

    assert sorted(path.name for path in (project / "golden").rglob("*")) == [
        "notes.txt",
        "test_a.txt",
        "test_one",
        "test_two",
    ]
