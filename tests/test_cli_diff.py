"""The command `diff`: what it compares, what it answers, what it refuses, what it draws."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Timeline, read_campaign, read_outcomes, read_request, read_scenario, simulate
from scheduler.differ import tables
from scheduler.differ.hours import MAX_STEPS, Hour, dials_per_hour, in_steps
from scheduler.differ.kinds import FileKind, kind_of
from scheduler.differ.pictures import dials_chart
from scheduler.differ.timelines import TimelineRefused, read_timeline
from scheduler.policy.zones import parse_zone
from scheduler.testing.comparing import compare
from scheduler.testing.golden import golden_text
from scheduler.testing.pinned import Pinned, pin
from scheduler.views import pictures
from tests.commandline import COMMAND, Ran, Run, number, process, request
from tests.oracles import wall_clock
from tests.strategies import HOUR_MS, Case, any_cases, at, dials_of, instant, played

NOW = ("--now", "2026-03-06T09:00:00Z")
OLD = """name = "<b>spring</b>"
timeZone = "Europe/Moscow"
maxSimultaneousCalls = 1
[policy]
allowedDays = ["mon", "tue", "wed", "thu", "fri"]
allowedTime = { default = [{ localTimeFrom = "10:00", localTimeTo = "18:00" }] }
retryIntervalInMinutes = 120
maxAttempts = 2
"""
NEW = OLD.replace(', "fri"', "").replace("18:00", "17:59")
NUMBERS = request(number(79123456789, "Europe/Moscow"), number(4930123456, "Europe/Berlin", dialerPriority=1))
FEWER = request(number(79123456789, "Europe/Moscow"))
TABLE = """\
4 dials to 2 numbers became 4 dials to 2 numbers.
4 dials come later; none is the same.
allowedDays lost fri for 2 jobs
allowedTime 10:00-18:00 became 10:00-17:59 for 2 jobs, which explains none of it

what   how many  from             to               why                   phones
────────────────────────────────────────────────────────────────────────────────────────────────
later         4  Fri 10:00-14:01  Mon 10:00-12:00  allowedDays lost fri  4930123456, 79123456789

hour, Europe/Moscow   before  after  before as a bar   after as a bar
───────────────────────────────────────────────────────────────────────
Fri 2026-03-06 12:00       2      0  ████████████████
Fri 2026-03-06 14:00       2      0  ████████████████
Mon 2026-03-09 10:00       0      1                    ████████
Mon 2026-03-09 12:00       0      2                    ████████████████
Mon 2026-03-09 14:00       0      1                    ████████
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command runs, with two campaigns, two requests, two timelines and two golden files."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("old", OLD), ("new", NEW)):
        timeline = run_of(text)
        write(tmp_path, f"{name}.toml", text)
        write(tmp_path, f"{name}.txt", golden_text(pin(timeline)))
    write(tmp_path, "numbers.json", NUMBERS)
    write(tmp_path, "fewer.json", FEWER)
    return tmp_path


def write(folder: Path, name: str, text: str | bytes) -> str:
    """Write a file; its name."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def run_of(campaign: str = OLD, numbers: str = NUMBERS, **more: Any) -> Timeline:
    """The timeline of a campaign file and a request."""
    settings = read_campaign(campaign)
    return simulate(settings, read_request(numbers, settings).jobs, now=NOW[1], **more)


def ndjson(run: Run, campaign: str, *more: str) -> str:
    """What `preview` writes."""
    return run("preview", "numbers.json", "--campaign", campaign, *NOW, "--format", "ndjson", *more).out


def one_line(ran: Ran) -> str:
    """What a refused command says: one line, and nothing else. It fails if there is more."""
    assert (ran.code, ran.out) == (2, "")
    assert re.fullmatch(r"call-scheduler: [^\n]+\n", ran.err)
    return ran.err


# -- what it answers -------------------------------------------------------------------------------------------------


def test_help_names_every_option(run: Run) -> None:
    """DESIGN 5.2."""
    said = run("diff", "--help").out
    options = "request campaign now until lines outcomes seed scenario strict format output chart"

    assert [name for name in options.split() if f"--{name} " not in said] == []
    assert "Exit code 0: they are equal, 1: they" in said


@pytest.mark.usefixtures("folder")
def test_two_campaigns_on_one_request(run: Run) -> None:
    """What changed in words, the groups, the hours; exit code 1."""
    ran = run("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW)

    assert ran == (1, TABLE, "")


@pytest.mark.usefixtures("folder")
def test_equal_timelines_are_exit_code_0(run: Run) -> None:
    """DESIGN 5.2: also where a field differs that moves nothing, which is said."""
    same = run("diff", "old.toml", "old.toml", "--request", "numbers.json", *NOW)
    Path("other.toml").write_text(OLD.replace("18:00", "17:59").replace("spring", "autumn"), "utf-8")
    idle = run("diff", "old.toml", "other.toml", "--request", "numbers.json", *NOW)

    assert same == (0, "The timelines are equal: 4 dials to 2 numbers.\n", "")
    assert idle.code == 0
    assert idle.out.splitlines() == [
        "The timelines are equal: 4 dials to 2 numbers.",
        "allowedTime 10:00-18:00 became 10:00-17:59 for 2 jobs, which changed no dial",
    ]


@pytest.mark.usefixtures("folder")
def test_two_requests_in_one_campaign(run: Run) -> None:
    """In each of the three formats."""
    ran = run("diff", "numbers.json", "fewer.json", "--campaign", "old.toml", *NOW)
    Path("fewer.csv").write_text("phone,gmtZone\r\n79123456789,Europe/Moscow\r\n", "utf-8")
    Path("fewer.ndjson").write_text('{"phone": "79123456789", "gmtZone": "Europe/Moscow"}\n', "utf-8")

    assert ran.code == 1
    assert ran.out.splitlines()[:2] == [
        "4 dials to 2 numbers became 2 dials to 1 number.",
        "1 number is gone, 2 dials are gone and 2 dials come earlier; none is the same.",
    ]
    for other in ("fewer.csv", "fewer.ndjson"):
        assert run("diff", "fewer.json", other, "--campaign", "old.toml", *NOW).code == 0
    assert run("diff", "numbers.json", "numbers.json", *NOW).out == "The timelines are equal: 2 dials to 2 numbers.\n"


@pytest.mark.usefixtures("folder")
def test_two_timelines_and_two_golden_files(run: Run) -> None:
    """As they are, in UTC; a timeline tells what moved, a golden file also why."""
    for name in ("old", "new"):
        Path(f"{name}.ndjson").write_text(ndjson(run, f"{name}.toml"), "utf-8")
    timelines, golden = run("diff", "old.ndjson", "new.ndjson"), run("diff", "old.txt", "new.txt")

    assert (timelines.code, golden.code) == (1, 1)
    assert golden.out.splitlines()[:7] == TABLE.splitlines()[:7]
    assert "hour, UTC" in golden.out
    assert timelines.out.splitlines()[:2] == TABLE.splitlines()[:2]
    assert "allowedDays" not in timelines.out
    assert run("diff", "old.ndjson", "old.ndjson").code == run("diff", "new.txt", "new.txt").code == 0


def test_a_timeline_of_an_earlier_version_knows_nothing_of_abandoned_calls() -> None:
    """Lines without that key, and with keys of versions to come."""
    line = '{"at": "2026-03-06T09:00:00Z", "local": "2026-03-06T12:00:00+03:00", "phone": "79123456789", "job": 0, '
    line += '"attempt": 1, "redialNumber": null, "priority": 5, "outcome": "answered", "seconds": 90.5'
    old, new = read_timeline(line + "}\n\n"), read_timeline(line + ', "abandoned": false, "queue": 3}')

    assert not compare(old, new)
    abandoned = compare(old, read_timeline(line + ', "abandoned": true}'))
    assert abandoned.words() == ["1 dial of Fri 12:00 ended otherwise: answered became abandoned (79123456789)"]


@given(any_cases())
@settings(max_examples=25)
def test_a_timeline_is_read_as_it_was_written(case: Case) -> None:
    """The dials of a preview, to the millisecond, with what their clocks showed."""
    from scheduler.views.rows import dial_rows, json_of

    timeline = played(case)
    read = read_timeline("".join(f"{json_of(row)}\n" for row in dial_rows(timeline)))
    pinned = pin(timeline)
    dialled = {dial.job.phone for dial in timeline}

    assert [(dial.at_ms, dial.attempt, dial.offset_s) for dial in read.dials] == [
        (dial.at_ms, dial.attempt, dial.offset_s) for dial in pinned.dials
    ]
    assert [(each.at_ms, read.jobs[each.job].index, each.attempt) for each in read.dials] == dials_of(timeline)
    assert {key.phone for key in read.jobs} == dialled
    assert not compare(read, read)


@pytest.mark.usefixtures("folder")
def test_options_are_those_of_the_run(run: Run) -> None:
    """As `preview` has them: lines, outcomes, seed, scenario, until, strict."""
    model = {"model": {"answered": 0.5}}
    commands = {"commands": [{"at": "2026-03-06T09:30:00Z", "do": "pause"}]}
    Path("model.json").write_text(json.dumps(model), "utf-8")
    Path("pause.json").write_text(json.dumps(commands), "utf-8")
    words = ("--lines", "2", "--outcomes", "model.json", "--seed", "3", "--scenario", "pause.json")
    until = ("--until", "2026-03-20T00:00:00Z")
    data = json.loads(
        run("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW, *words, *until, "--format", "json").out
    )

    def ran(text: str) -> Pinned:
        campaign = read_campaign(text)
        source = read_outcomes(json.dumps(model), campaign)
        told = read_scenario(json.dumps(commands), campaign).commands
        return pin(run_of(text, lines=2, outcomes=source, seed=3, commands=told, until=until[1]))

    expected = json.loads(json.dumps(compare(ran(OLD), ran(NEW)).as_data()))
    assert {key: data[key] for key in expected} == expected
    assert run("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW, "--strict").code == 1


@pytest.mark.usefixtures("folder")
def test_the_json_is_that_of_the_library(run: Run) -> None:
    """One spelling for every face; hours are those that changed."""
    ran = run("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW, "--format", "json")
    data = json.loads(ran.out)
    expected = json.loads(json.dumps(compare(pin(run_of(OLD)), pin(run_of(NEW))).as_data()))

    assert (ran.code, ran.err) == (1, "")
    assert {key: data[key] for key in expected} == expected
    assert (data["old"], data["new"], data["compared"], data["zone"]) == (
        "old.toml",
        "new.toml",
        "campaign file",
        "Europe/Moscow",
    )
    assert data["hours"][0] == {"hour": "2026-03-06T12:00", "old": 2, "new": 0}
    assert data["warnings"] == []
    same = json.loads(run("diff", "old.txt", "old.txt", "--format", "json").out)
    assert (same["equal"], same["changes"], same["hours"]) == (True, [], [])


@pytest.mark.usefixtures("folder")
def test_the_answer_goes_to_a_file(run: Run) -> None:
    """DESIGN 5.2: --output, and nothing on standard output; the exit code is the same."""
    ran = run("diff", "old.txt", "new.txt", "--output", "out.txt")

    assert ran == (1, "", "")
    assert Path("out.txt").read_text("utf-8").startswith("4 dials to 2 numbers became 4 dials to 2 numbers.\n")


@pytest.mark.usefixtures("folder")
def test_one_side_comes_from_standard_input(run: Run) -> None:
    """Whichever it is, and the request too."""
    assert run("diff", "old.toml", "-", "--request", "numbers.json", *NOW, body=NEW).out == TABLE
    assert run("diff", "-", "new.toml", "--request", "numbers.json", *NOW, body=OLD).out == TABLE
    assert run("diff", "old.toml", "new.toml", "--request", "-", *NOW, body=NUMBERS).out == TABLE


@pytest.mark.usefixtures("folder")
def test_an_empty_file_is_what_the_other_one_is(run: Run) -> None:
    """A campaign of defaults, or a preview without a dial; for a request it is refused."""
    Path("empty").write_text("", "utf-8")
    Path("new.ndjson").write_text(ndjson(run, "new.toml"), "utf-8")

    assert run("diff", "empty", "new.toml", "--request", "numbers.json", *NOW).code == 1
    assert run("diff", "new.ndjson", "empty").out.splitlines()[0] == "4 dials to 2 numbers became 0 dials to 0 numbers."
    assert "the input is empty" in run("diff", "empty", "numbers.json", *NOW).err
    assert 'OLD, "empty", is empty; give two campaign files' in one_line(run("diff", "empty", "empty"))
    assert 'NEW, "empty", is empty' in one_line(run("diff", "old.txt", "empty"))


@pytest.mark.usefixtures("folder")
def test_warnings_are_told_once_or_with_their_side(run: Run) -> None:
    """R15.3: on standard error, or in the JSON."""
    odd = request(number(79123456789, "Europe/Moscow", dialerPriority=9))
    Path("odd.json").write_text(odd, "utf-8")
    both, one = run("diff", "odd.json", "odd.json", *NOW), run("diff", "fewer.json", "odd.json", *NOW)
    data = json.loads(run("diff", "odd.json", "fewer.json", *NOW, "--format", "json").out)

    assert len(both.err.splitlines()) == len(one.err.splitlines()) == 1
    assert "(with" not in both.err
    assert "(with NEW, odd.json)" in one.err
    assert "(with OLD, odd.json)" in data["warnings"][0]["message"]


# -- what it refuses -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("old.toml", "new.toml"), "give it with --request FILE"),
        (("old.toml", "numbers.json"), '"old.toml" is a campaign file and "numbers.json" a request; give two campaign'),
        (("numbers.json", "old.toml"), '"old.toml" is a campaign file and "numbers.json" a request; give two campaign'),
        (("old.txt", "old.toml"), '"old.txt" is a golden file and "old.toml" a campaign file; give two campaign files'),
        (("-", "-"), "standard input, -, can be read once"),
        (("-", "new.toml", "--request", "-"), "standard input, -, can be read once"),
        (("old.toml", "new.toml", "--request", "numbers.json", "--campaign", "old.toml"), "--campaign: of no use with"),
        (("numbers.json", "fewer.json", "--request", "fewer.json"), "--request: of no use with two requests"),
        (("old.txt", "new.txt", "--lines", "2", "--seed", "0"), "--lines and --seed: of no use with two golden files"),
        (("old.txt", "new.txt", "--strict"), "--strict: of no use"),
        (("old.txt", "new.txt", *NOW), "--now: of no use"),
        (("old.txt", "nowhere.txt"), 'cannot read "nowhere.txt": No such file'),
        (("old.txt", "new.txt", "--chart", "c.pdf"), "name a file that ends in .svg, .png or .html"),
        (("old.txt", "new.txt", "--chart", "c.svg", "--output", "./c.svg"), "name each differently"),
        (("old.txt", "new.txt", "--output", ""), "--output is empty"),
        (("old.txt", "new.txt", "--output", "no/where.txt"), "there is no such folder"),
        (("numbers.json", "fewer.json", "--lines", "0"), "lines is a whole number"),
        (("numbers.json", "fewer.json", *NOW, "--until", "2026-03-01"), "does not lie after"),
        (("numbers.json", "fewer.json", "--now", "soon"), "not a date and time"),
    ],
    ids=str,
)
def test_words_that_make_no_sense_are_one_clear_line(words: tuple[str, ...], said: str, run: Run) -> None:
    """DESIGN 5.2: exit code 2."""
    assert said in one_line(run("diff", *words))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_preview_in_another_format_is_named(form: str, run: Run) -> None:
    """It cannot be compared, and the message says which can."""
    Path("p").write_text(run("preview", "numbers.json", *NOW, "--format", form).out, "utf-8")

    assert 'NEW, "p", is a preview, and no NDJSON; write it with --format ndjson' in one_line(
        run("diff", "old.txt", "p")
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "text", "words", "said"),
    [
        (
            "bad.toml",
            "policy.maxAttempts = 99\n",
            ("old.toml", "bad.toml", "--request", "numbers.json"),
            "(in bad.toml)",
        ),
        ("bad.json", "[{}]", ("numbers.json", "bad.json"), "(in bad.json)"),
        ("bad.json", "[{}]", ("old.toml", "new.toml", "--request", "bad.json"), "(in bad.json)"),
        ("bad.csv", "phone\n12\n", ("bad.csv", "numbers.json"), "(in bad.csv)"),
        ("bad.json", '{"x": 1}', ("numbers.json", "fewer.json", "--outcomes", "bad.json"), "(in bad.json)"),
        ("bad.json", "{}", ("numbers.json", "fewer.json", "--scenario", "bad.json"), "(in bad.json)"),
        ("bad.txt", "call-scheduler golden file, format 99\n", ("old.txt", "bad.txt"), "(in bad.txt)"),
        ("bad.txt", b"call-scheduler golden file, format 1\n\xff", ("old.txt", "bad.txt"), "not UTF-8"),
        ("bad.ndjson", '{"at": 1, "phone": "1", "attempt": 1, "outcome": "busy"}', ("bad.ndjson", "empty"), "line 1"),
    ],
    ids=["campaign", "request", "one-request", "csv", "outcomes", "scenario", "golden", "golden-utf-8", "timeline"],
)
def test_a_refused_input_is_exit_code_2_and_named(
    name: str, text: str | bytes, words: tuple[str, ...], said: str, folder: Path, run: Run
) -> None:
    """DESIGN 5.2: 1 says that they differ, so it says nothing else. As words and as JSON."""
    write(folder, name, text)
    write(folder, "empty", "")
    options = NOW if "old.txt" not in words and "empty" not in words else ()
    ran, data = run("diff", *words, *options), run("diff", *words, *options, "--format", "json")

    assert (ran.code, ran.out, data.code, data.err) == (2, "", 2, "")
    assert said in ran.err
    assert all(line.startswith("problem: ") for line in ran.err.splitlines())
    assert said in json.loads(data.out)["problems"][0]["message"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": "gone"}, 'line 2: not an outcome: "gone"; there are answered, '),
        ({"phone": "12"}, 'line 2: not a phone number: "12"'),
        ({"attempt": 0}, "line 2: a job, a redial and seconds are at least 0"),
        ({"at": "noon"}, 'line 2: not a date and time: "noon"'),
        ({"local": "2026-03-09T12:00:00+03:00"}, "line 2: at "),
        ({"job": 0}, "line 2: attempt 1 of job 0 stands above already"),
        ({"job": 0, "phone": "4930123456"}, "line 2: job 0 has the phone 79123456789 above, and 4930123456 here"),
        ({"seconds": None}, "line 2: Expected `float`, got `null`"),
    ],
    ids=str,
)
def test_a_line_that_is_no_dial_is_named(change: dict[str, Any], said: str) -> None:
    """With what is wrong with it; all lines at once."""
    dial = {"at": "2026-03-06T09:00:00Z", "local": "2026-03-06T12:00:00+03:00", "phone": "79123456789", "job": 0}
    dial |= {"attempt": 1, "outcome": "busy", "seconds": 30}
    lines = [json.dumps(dial), json.dumps({**dial, "job": 1, **change}), '{"at"']
    with pytest.raises(TimelineRefused) as refused:
        read_timeline("\n".join(lines))

    first, second = refused.value.problems
    assert first.message.startswith(said)
    assert first.message.endswith("; write it with preview --format ndjson")
    assert second.message.startswith("line 3: not JSON: ")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FileKind.EMPTY),
        (b" \r\n\t", FileKind.EMPTY),
        (b"\xef\xbb\xbf", FileKind.EMPTY),
        (b"# nothing\n", FileKind.CAMPAIGN),
        (b"# a\n\nname = 'x'", FileKind.CAMPAIGN),
        (b"\xef\xbb\xbfname='x'", FileKind.CAMPAIGN),
        (b'"name" = "x"', FileKind.CAMPAIGN),
        (b"policy.maxAttempts = 3", FileKind.CAMPAIGN),
        (b"[policy]\nmaxAttempts = 3", FileKind.CAMPAIGN),
        (b"[ policy ] # mine\r\n", FileKind.CAMPAIGN),
        (b"[[maxSimultaneousCalls]]", FileKind.CAMPAIGN),
        (b'{"name": "x"}', FileKind.CAMPAIGN),
        (b'{\n "policy": {"maxAttempts": 3\n}', FileKind.CAMPAIGN),
        (b"{}", FileKind.CAMPAIGN),
        (b"[]", FileKind.REQUEST),
        (b"[1]", FileKind.REQUEST),
        (b"[null]", FileKind.REQUEST),
        (b'[\n {"phone": "79123456789"}]', FileKind.REQUEST),
        (b'["a", "b"]', FileKind.REQUEST),
        (b'{"phone": "79123456789"}', FileKind.REQUEST),
        (b'{"phone": "79123456789"}\n{"phone"', FileKind.REQUEST),
        (b'{"gmtZone": "Z"}\n{"phone": "79123456789"}', FileKind.REQUEST),
        (b'{"phone": }', FileKind.REQUEST),
        (b"phone\n79123456789", FileKind.REQUEST),
        (b"anything", FileKind.REQUEST),
        (b'{"at": 1, "phone": 2, "attempt": 3, "outcome": 4}', FileKind.TIMELINE),
        (b'{"at": 1, "phone": 2, "attempt": 3, "outcome": 4}\nx', FileKind.TIMELINE),
        (b'{"now": "x", "dials": []}', FileKind.PREVIEW),
        (b"at,local,phone,job,attempt,redialNumber,priority,outcome", FileKind.PREVIEW),
        (b"call-scheduler golden file, format 1\n", FileKind.GOLDEN),
        (b"{" * 100_000, FileKind.CAMPAIGN),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_a_file_is_told_by_its_content(body: bytes, kind: FileKind) -> None:
    """Whatever it is called; what is wrong inside is for its reader to say."""
    assert kind_of(body) is kind


# -- pipes, terminals and machines -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("other", "code"), [("old.txt", 0), ("new.txt", 1)])
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_broken_pipe_ends_in_silence_and_the_exit_code_tells(other: str, code: int, form: str) -> None:
    """DESIGN 5.2: a reader that has left is no failure, and no equality."""
    words = [COMMAND, "diff", "old.txt", other, "--format", form]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        assert (child.wait(timeout=120), said) == (code, b"")


def test_a_large_answer_through_a_broken_pipe_tells_too(folder: Path, run: Run) -> None:
    """More than a pipe holds, so that it breaks in the middle."""
    lines = ndjson(run, "old.toml").splitlines()
    many = [
        line.replace('"job": 0', f'"job": {place}') for place in range(2000) for line in lines if '"job": 0' in line
    ]
    write(folder, "a.ndjson", "\n".join(many))
    write(folder, "b.ndjson", "\n".join(many).replace("T09:", "T08:").replace("T12:", "T11:"))
    words = [COMMAND, "diff", "a.ndjson", "b.ndjson", "--format", "json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        said = child.stderr.read()
        assert (child.wait(timeout=120), said) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no device that is always full")
@pytest.mark.usefixtures("folder")
def test_an_output_that_takes_nothing_is_exit_code_2() -> None:
    """DESIGN 5.2: neither equal nor different."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([COMMAND, "diff", "old.txt", "new.txt"], stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 2
    assert b"cannot write standard output" in done.stderr


@pytest.mark.usefixtures("folder")
def test_an_output_of_ascii_has_bars_of_ascii() -> None:
    """What the encoding does not have is left out."""
    ran = process("diff", "old.txt", "new.txt", PYTHONIOENCODING="ascii")

    assert ran.code == 1
    assert ran.out.isascii()
    assert "################" in ran.out


@pytest.mark.usefixtures("folder")
def test_the_clock_of_the_machine_is_nobodys() -> None:
    """DESIGN 5.2: local times are the customers', hours those of the zone that is named."""
    words = ("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW)
    answers = {
        process(*words, "--chart", f"{place}.svg", TZ=zone).out
        for place, zone in enumerate(("Asia/Tokyo", "America/St_Johns"))
    }

    assert answers == {TABLE}
    assert len({Path(f"{place}.svg").read_bytes() for place in range(2)}) == 1


# -- hours and charts ------------------------------------------------------------------------------------------------

ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Santiago")


@given(any_cases(), any_cases(), st.sampled_from(ZONES))
@settings(max_examples=20)
def test_hours_count_each_dial_at_its_hour_on_the_wall(one: Case, other: Case, zone: str) -> None:
    """R4.3: by the oracle's clock, for both runs."""
    runs = pin(played(one)), pin(played(other))
    before, after = (
        Counter(wall_clock(zone, dial.at_ms).replace(minute=0, second=0, microsecond=0) for dial in run.dials)
        for run in runs
    )
    hours = dials_per_hour(*runs, parse_zone(zone))

    clocks = [wall_clock("UTC", hour.clock_ms) for hour in hours]
    assert {clock: (hour.before, hour.after) for clock, hour in zip(clocks, hours, strict=True)} == {
        clock: (before[clock], after[clock]) for clock in {*before, *after}
    }
    assert clocks == sorted(clocks)


@given(st.dictionaries(st.integers(0, 30_000), st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12))
@settings(max_examples=60)
def test_steps_lose_nothing_and_leave_nothing_out(counts: dict[int, tuple[int, int]]) -> None:
    """Of one round length, few enough to be drawn."""
    hours = [Hour(place * HOUR_MS, *counts[place]) for place in sorted(counts)]
    step_ms, steps = in_steps(hours)

    assert sum(step.before for step in steps) == sum(hour.before for hour in hours)
    assert sum(step.after for step in steps) == sum(hour.after for hour in hours)
    assert len(steps) <= MAX_STEPS
    assert {late.clock_ms - early.clock_ms for early, late in pairwise(steps)} <= {step_ms}
    assert all(any(step.clock_ms <= hour.clock_ms < step.clock_ms + step_ms for step in steps) for hour in hours)


@pytest.mark.usefixtures("folder")
def test_a_chart_is_drawn_in_three_formats(run: Run) -> None:
    """Dials per hour before and after, in one time axis, on a clock that is named."""
    words = ("diff", "old.toml", "new.toml", "--request", "numbers.json", *NOW, "--chart")
    for name in ("c.svg", "c.PNG", "c.html"):
        assert run(*words, name).code == 1
    texts = "|".join(ET.fromstring(Path("c.svg").read_text("utf-8")).itertext())

    assert Path("c.PNG").read_bytes().startswith(b"\x89PNG")
    assert "<title>Dials before and after: old.toml and new.toml</title>" in Path("c.html").read_text("utf-8")
    for said in (
        "Dials per hour, before and after",
        "filled: before; line: after; they differ in 5 of 75 hours",
        "before: old.toml, 4 dials",
        "after: new.toml, 4 dials",
        "dials per hour",
        "time, on the clock of Europe/Moscow",
    ):
        assert said in texts


@pytest.mark.usefixtures("folder")
def test_names_with_markup_are_text_in_charts_and_pages(run: Run) -> None:
    """Whatever a file is called."""
    name = "<b>&x<b>.txt"
    Path("old.txt").rename(name)
    for picture in ("c.svg", "c.html"):
        assert run("diff", name, "new.txt", "--chart", picture).code == 1
    root = ET.fromstring(Path("c.svg").read_text("utf-8"))

    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= pictures.TAGS
    assert f"before: {name}, 4 dials" in "|".join(root.itertext())
    page = Path("c.html").read_text("utf-8")
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;x&lt;b&gt;.txt and new.txt</title>" in page


def test_charts_of_nothing_and_of_the_same_say_so() -> None:
    """A chart is there all the same."""
    zone = parse_zone("Z")

    def texts(hours: list[Hour]) -> str:
        return "|".join(ET.fromstring(pictures.svg([dials_chart(hours, zone, ("a", "b"))])).itertext())

    assert "no dials in either" in texts([])
    assert "the same before and after" in texts([Hour(0, 2, 2)])
    ages = [Hour(0, 1, 0), Hour(100 * 366 * 24 * HOUR_MS, 0, 1)]
    assert "Dials per 224 days, before and after" in texts(ages)
    weeks = [Hour(week * 7 * 24 * HOUR_MS, 1, 20 * week) for week in range(60)]
    assert "Dials per 2 days, before and after" in texts(weeks)
    assert "they differ in 60 of 207 steps of 2 days" in texts(weeks)


def test_a_chart_needs_its_libraries_and_says_so_first(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent extra is one clear line; nothing is read before."""
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    (folder / "old.txt").unlink()

    assert "a chart needs altair; pip install" in one_line(run("diff", "old.txt", "new.txt", "--chart", "c.svg"))


# -- tables ----------------------------------------------------------------------------------------------------------


def dials(count: int, day: Callable[[int], int], hour: Callable[[int], int]) -> Pinned:
    """A dial for each of some numbers, on a day of January and at an hour."""
    lines = []
    for place in range(count):
        when = instant(at("2026-01-01T00:00") + (day(place) * 24 + hour(place)) * HOUR_MS)
        row = {"at": when, "local": when, "phone": str(79000000000 + place), "job": place, "attempt": 1}
        lines.append(json.dumps({**row, "outcome": "busy", "seconds": 30}))
    return read_timeline("\n".join(lines))


def test_long_tables_say_how_much_is_left_out() -> None:
    """Groups and hours; JSON has all."""
    old, new = dials(63, lambda _: 0, lambda place: place % 24), dials(63, lambda place: place, lambda _: 5)
    zone = parse_zone("Z")
    text = tables.text_of(compare(old, new), dials_per_hour(old, new, zone), zone, plain=True)

    assert "... and 13 more groups; --format json has all\n" in text
    assert "... and 62 more hours; --format json has all\n" in text


def test_many_lengths_are_one_group() -> None:
    """Where each dial has a length of its own, as a model draws them."""
    old, new = dials(30, lambda _: 0, lambda _: 5), dials(30, lambda _: 0, lambda _: 5)
    longer = replace(
        new, dials=tuple(replace(each, length_ms=each.length_ms + n) for n, each in enumerate(new.dials, 1))
    )

    assert compare(old, longer).words() == [
        (
            "30 dials of Thu 05:00 ended otherwise: busy became busy of another length (79000000000, 79000000001, "
            "79000000002 and 27 more)"
        )
    ]


def test_many_fields_are_told_by_the_number_of_their_jobs(run: Run, folder: Path) -> None:
    """The settings first, then what most jobs have; JSON has all."""
    for name, hour in (("old", 10), ("new", 11)):
        numbers = [number(79000000000 + n, finishDateTime=f"2026-04-01T{hour}:{max(n, 1):02d}:00Z") for n in range(30)]
        write(folder, f"{name}.json", request(*numbers))
    lines = run("diff", "old.json", "new.json", *NOW).out.splitlines()

    moved = [number(79000000000 + n, startDateTime=f"2026-03-06T12:{n:02d}:00Z") for n in range(30)]
    write(folder, "moved.json", request(*moved))
    (row,) = [line for line in run("diff", "old.json", "moved.json", *NOW).out.splitlines() if line.startswith("later")]
    cells = re.split(" {2,}", row)

    assert cells[1:4] == ["30", "Fri 09:00", "Fri 12:00-12:29"]
    assert cells[4] == "startDateTime is another"
    assert lines[1].startswith("finishDateTime 2026-04-01T10:01:00Z became 2026-04-01T11:01:00Z for 2 jobs, ")
    assert lines[-1] == "... and 9 more differences of fields; --format json has all"


def test_what_cannot_be_seen_is_escaped(folder: Path, run: Run) -> None:
    """A golden file may hold anything; a terminal is told nothing by it."""
    text = (folder / "old.txt").read_text("utf-8")
    write(folder, "odd.txt", text.replace("allowedDays: mon tue wed thu fri", '"allowed\\u001b[31mDays": mon'))
    other = text.replace("allowedDays: mon tue wed thu fri", '"allowed\\u001b[31mDays": tue')
    write(folder, "even.txt", other)
    ran = run("diff", "odd.txt", "even.txt")

    assert ran.code == 0
    assert "allowed\\x1b[31mDays mon became tue for 2 jobs, which changed no dial" in ran.out


def test_other_data_is_told_before_fields(folder: Path, run: Run) -> None:
    """Golden files know the versions that they were made with."""
    text = (folder / "new.txt").read_text("utf-8")
    write(folder, "new.txt", re.sub(r"tzdata: \S+", "tzdata: 2019a", text))
    write(folder, "same.txt", re.sub(r"tzdata: \S+", "tzdata: 2019a", (folder / "old.txt").read_text("utf-8")))

    line = run("diff", "old.txt", "new.txt").out.splitlines()[2]
    assert re.fullmatch(r"made with other data: tzdata \S+ became 2019a, so not all may be due to the change", line)
    same = run("diff", "old.txt", "same.txt")
    assert (same.code, len(same.out.splitlines())) == (0, 2)
    assert at("2026-03-06T09:00") == run_of()[0].at
