"""The command line: what it prints where, with which exit code, whatever it is given."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scheduler.examples import EXAMPLES, example
from scheduler.views import progress, rows
from tests.commandline import COMMAND, NOW, Run, campaign_file, many, number, objects, process, request, table_rows

DAY = ("--from", "2026-03-02", "--until", "2026-03-03")
FORMATS = ("table", "ndjson", "json", "csv")
COMMANDS = ("example", "check", "windows", "preview", "explain", "model")
TEN_TO_SIX = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
COLUMNS = ["at", "local", "phone", "job", "attempt", "redialNumber", "priority", "outcome", "seconds", "zone"]
BAD_MOMENTS = (
    "",
    "now",
    "tomorrow",
    "15:00",
    "2026",
    "20260302",
    "1772442000",
    "2026-W10-1",
    "2026-061",
    "P1D",
    "2026-02-29",
    "2026-03-02T24:00:00Z",
    "2026-03-02T09:00:60Z",
    "2026-03-02T09:00:00+24:00",
    " 2026-03-02",
)


# -- the lines of the contract ---------------------------------------------------------------------------


def test_the_example_previewed_is_the_line_of_the_contract() -> None:
    """DESIGN 5.2: `preview --format ndjson`, of the page's own example, through a pipe."""
    page = process("example")
    ran = process("preview", *NOW, "--format", "ndjson", "-", body=page.out)

    assert (page.code, page.err, ran.code) == (0, "", 0)
    assert ran.out == (
        '{"at": "2026-03-02T15:00:00Z", "local": "2026-03-02T10:00:00-05:00", "phone": "79123456789", "job": 0, '
        '"attempt": 1, "redialNumber": null, "priority": 5, "outcome": "noAnswer", "seconds": 30}\n'
    )
    assert "maxAttempts" in ran.err


def test_the_windows_of_the_example_begin_with_the_line_of_the_contract(run: Run) -> None:
    """DESIGN 5.2: `windows --format ndjson`, clipped to [from, until), in order of job, then time."""
    span = ("--from", "2026-03-02T09:00:00Z", "--until", "2026-03-03T16:00:00Z")
    ran = run("windows", *span, "--format", "ndjson", "-", body=example("page"))

    assert ran.code == 0
    assert ran.out == (
        '{"job": 0, "phone": "79123456789", "opens": "2026-03-02T15:00:00Z", "closes": "2026-03-02T16:30:00Z"}\n'
        '{"job": 0, "phone": "79123456789", "opens": "2026-03-02T18:00:00Z", "closes": "2026-03-02T19:30:00Z"}\n'
        '{"job": 0, "phone": "79123456789", "opens": "2026-03-03T15:00:00Z", "closes": "2026-03-03T16:00:00Z"}\n'
    )


def test_windows_are_clipped_to_the_dates_of_a_number_and_of_the_campaign(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2, R5.2, R5.3: both bound what is listed; a job's dates do not widen the campaign's."""
    campaign = campaign_file(tmp_path, "endTime = 2026-03-02T20:00:00Z")
    body = request(
        number(startDateTime="2026-03-02T11:00:00Z"), number(1202555012, finishDateTime="2026-03-04T00:00:00Z")
    )
    ran = run("windows", *DAY, "--format", "ndjson", "--campaign", campaign, "-", body=body)

    assert [(row["opens"], row["closes"]) for row in objects(ran.out)] == [
        ("2026-03-02T11:00:00Z", "2026-03-02T20:00:00Z"),
        ("2026-03-02T00:00:00Z", "2026-03-02T20:00:00Z"),
    ]


def test_a_good_request_as_json_is_the_object_of_the_contract(run: Run) -> None:
    """DESIGN 5.2: `check --format json` of a good request."""
    ran = run("check", "--format", "json", "-", body=request(number(), number(4930123456)))

    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == {"jobs": 2, "warnings": []}


def test_the_warnings_of_a_good_request_as_json_have_the_form_of_problems(run: Run) -> None:
    """DESIGN 5.2, R15.3: alike ones are one entry, with the first job and a count; none on standard error."""
    ran = run(
        "check", "--format", "json", "-", body=request(number(), number(4930123456, x=1), number(4930123457, x=2))
    )
    answer = json.loads(ran.out)

    assert (ran.code, ran.err, answer["jobs"]) == (0, "", 3)
    (warning,) = answer["warnings"]
    assert (warning["job"], warning["path"], warning["type"], warning["count"]) == (1, "$[1].x", "invalid.field", 2)
    assert isinstance(warning["message"], str)


# -- example ---------------------------------------------------------------------------------------------


def test_the_default_example_is_the_one_of_the_page(run: Run) -> None:
    """DESIGN 5.2: the API page's own is the default."""
    ran = run("example")
    (only,) = json.loads(ran.out)

    assert (ran.code, ran.err) == (0, "")
    assert (only["phone"], only["gmtZone"], only["maxAttempts"]) == ("79123456789", "-05:00", 0)
    assert run("example", "page") == ran


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_accepted_as_it_is_printed(name: str, run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: ready requests, and a campaign file."""
    text = run("example", name).out
    is_campaign = EXAMPLES[name].endswith(".toml")
    options = ("--campaign", campaign_file(tmp_path, text)) if is_campaign else ()
    ran = run("check", "--format", "json", *options, "-", body=example("order") if is_campaign else text)

    assert ran.code == 0
    assert json.loads(ran.out)["jobs"] > 0


def test_an_unknown_example_is_answered_with_the_known_ones(run: Run) -> None:
    """DESIGN 5.2: exit code 2, and what to write instead."""
    ran = run("example", "nothing")

    assert (ran.code, ran.out) == (2, "")
    assert "nothing" in ran.err
    assert all(name in ran.err for name in EXAMPLES)


# -- refusals --------------------------------------------------------------------------------------------

FIVE_WRONG = request(
    number("12"),
    number(79123456781, "europe/moscow"),
    number(79123456782, maxAttempts=99),
    number(79123456783, allowedDays=["monday"]),
    number(79123456784, retryIntervalInMinutes=0),
)
FIVE_TYPES = [
    "phone.bad.format",
    "phone.gmtZone.bad.format",
    "invalid.max.attempts",
    "invalid.call.allowed.days",
    "invalid.retry.interval",
]
TO_REFUSALS = pytest.mark.parametrize("command", [("check",), ("windows", *DAY), ("preview", *NOW)])


@TO_REFUSALS
def test_all_problems_are_listed_at_once_on_standard_error(command: tuple[str, ...], run: Run) -> None:
    """R15.1, DESIGN 5.2: words go to standard error; nothing goes to standard output; exit code 1."""
    ran = run(*command, "-", body=FIVE_WRONG)
    lines = ran.err.splitlines()

    assert (ran.code, ran.out, len(lines)) == (1, "", 5)
    assert [re.search(r"\$\[(\d)\]", line)[1] for line in lines] == list("01234")  # type: ignore[index]
    assert all(kind in line for kind, line in zip(FIVE_TYPES, lines, strict=True))


@pytest.mark.parametrize("command", [("check",), ("preview", *NOW)])
def test_a_refusal_as_json_is_the_body_of_the_api(command: tuple[str, ...], run: Run) -> None:
    """R15.2, DESIGN 5.2: on standard output, with the vendor's fields for the first problem; exit code 1."""
    ran = run(*command, "--format", "json", "-", body=FIVE_WRONG)
    body = json.loads(ran.out)

    assert (ran.code, ran.err) == (1, "")
    assert (body["type"], body["phone"]) == ("phone.bad.format", "12")
    assert body["message"] == body["problems"][0]["message"]
    assert [problem["type"] for problem in body["problems"]] == FIVE_TYPES
    assert [problem["job"] for problem in body["problems"]] == [0, 1, 2, 3, 4]
    assert all(set(problem) == {"job", "path", "type", "message"} for problem in body["problems"])
    assert body["problems"][1]["path"] == "$[1].gmtZone"


def test_duplicates_come_last_in_a_refusal(run: Run) -> None:
    """R15.2: duplicates come last."""
    body = request(number(), number(), number(4930123456, "Mars"))
    problems = json.loads(run("check", "--format", "json", "-", body=body).out)["problems"]

    assert [(problem["type"], problem["job"]) for problem in problems] == [
        ("phone.gmtZone.bad.format", 2),
        ("phone.duplicated", 1),
    ]


def test_a_refusal_of_duplicates_alone_has_the_vendors_fields(run: Run) -> None:
    """R14.2: `phonesDuplicates`, each phone once, the one with the latest occurrence first."""
    body = request(number(), number(4930123456), number(4930123456), number())
    refusal = json.loads(run("check", "--format", "json", "-", body=body).out)

    assert (refusal["type"], refusal["phone"]) == ("phone.duplicated", "79123456789")
    assert refusal["phonesDuplicates"] == ["79123456789", "4930123456"]


@pytest.mark.parametrize("command", [("check",), ("preview", *NOW)])
def test_a_refused_campaign_as_json_means_no_job(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: `job` null where none is meant; exit code 1."""
    campaign = campaign_file(tmp_path, 'timezone = "UTC"\nringSeconds = -1')
    ran = run(*command, "--format", "json", "--campaign", campaign, "-", body=request(number()))
    problems = json.loads(ran.out)["problems"]

    assert (ran.code, ran.err) == (1, "")
    assert {(problem["job"], problem["path"]) for problem in problems} == {
        (None, "$.timezone"),
        (None, "$.ringSeconds"),
    }


@TO_REFUSALS
@pytest.mark.parametrize(
    "text", ["lines = [", "maxSimultaneousCalls = 0", 'name = "\\', '{"name": ', "[1]", "unknown = 1", "\x00"]
)
def test_a_bad_campaign_file_is_refused_in_words(command: tuple[str, ...], text: str, run: Run, tmp_path: Path) -> None:
    """DESIGN 5.3: unknown keys, values and what is no TOML or JSON are refused; exit code 1."""
    ran = run(*command, "--campaign", campaign_file(tmp_path, text), "-", body=request(number()))

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("problem: $")


def test_an_unknown_key_of_a_campaign_file_is_answered_with_the_nearest(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.3: unknown keys are refused with the nearest known one."""
    ran = run("check", "--campaign", campaign_file(tmp_path, 'timezone = "UTC"'), "-", body=request(number()))

    assert "timeZone" in ran.err


@pytest.mark.parametrize(("count", "shown", "more"), [(20, 20, ""), (21, 20, "1 more"), (1500, 20, "1,480 more")])
def test_problems_beyond_twenty_are_counted(count: int, shown: int, more: str, run: Run) -> None:
    """DESIGN 5.2: nobody reads a thousand lines; all are in the JSON."""
    body = request(*(number(f"1{'x' * (place + 1)}") for place in range(count)))
    lines = run("check", "-", body=body).err.splitlines()
    problems = json.loads(run("check", "--format", "json", "-", body=body).out)["problems"]

    assert len([line for line in lines if line.startswith("problem: ")]) == shown
    assert [line for line in lines if "more" in line] == [line for line in lines if more and more in line]
    assert len(lines) == shown + bool(more)
    assert len(problems) == count


def test_warnings_beyond_twenty_are_counted(run: Run) -> None:
    """R15.3: the same for warnings; the request is good."""
    body = request(*(number(79000000000 + place, **{f"field{place}": 1}) for place in range(22)))
    ran = run("check", "-", body=body)
    lines = ran.err.splitlines()

    assert ran.code == 0
    assert len([line for line in lines if line.startswith("warning: ")]) == 20
    assert "2 more warnings" in lines[-1]


@TO_REFUSALS
@pytest.mark.parametrize("fields", [{"maxAttempts": 99}, {"field": 1}])
def test_where_all_are_to_be_found_is_a_format_that_there_is(
    command: tuple[str, ...], fields: dict[str, int], run: Run
) -> None:
    """DESIGN 5.2: `windows` has no `--format json`, so it must not be sent there."""
    named = [
        {(f"{name}{place}" if name == "field" else name): value for name, value in fields.items()}
        for place in range(21)
    ]
    body = request(*(number(79000000000 + place, **each) for place, each in enumerate(named)))
    advice = re.search(
        r"more (?:problem|warning)s?;.*?(check |windows |preview )?--format (\w+)", run(*command, "-", body=body).err
    )
    assert advice
    followed = ("check",) if advice[1] == "check " else command
    ran = run(*followed, "--format", advice[2], "-", body=body)

    assert ran.code != 2


# -- warnings and strictness -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["table", "ndjson", "csv"])
def test_warnings_go_to_standard_error(name: str, run: Run) -> None:
    """DESIGN 5.2: data goes to standard output, words to standard error."""
    ran = run("preview", *NOW, "--format", name, "-", body=example("page"))

    assert ran.code == 0
    assert ran.err.startswith("warning: $[0].maxAttempts: ")
    assert "maxAttempts" not in ran.out
    assert len(ran.err.splitlines()) == 1


def test_the_warnings_of_a_campaign_file_are_said_too(run: Run, tmp_path: Path) -> None:
    """R15.3: what is accepted but suspicious, wherever it stands."""
    campaign = campaign_file(tmp_path, "[policy]\ndialerPriority = 7")
    ran = run("check", "--campaign", campaign, "-", body=request(number()))

    assert ran.code == 0
    assert "$.policy.dialerPriority" in ran.err


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"unknown": 1}, "invalid.field"),
        ({"dialerPriority": 7}, "invalid.dialer_priority"),
        ({"maxAttempts": 0}, "invalid.max.attempts"),
        ({"startDateTime": "2026-03-02T09:00:00"}, "invalid.call.dates"),
    ],
)
def test_strict_refuses_what_is_only_suspicious(fields: dict[str, Any], kind: str, run: Run) -> None:
    """R15.3: the four that `--strict` turns into problems."""
    body = request(number(**fields))
    lax = run("check", "--format", "json", "-", body=body)
    strict = run("check", "--format", "json", "--strict", "-", body=body)

    assert (lax.code, [each["type"] for each in json.loads(lax.out)["warnings"]]) == (0, [kind])
    assert (strict.code, [each["type"] for each in json.loads(strict.out)["problems"]]) == (1, [kind])


@TO_REFUSALS
def test_strict_refuses_the_example_of_the_page(command: tuple[str, ...], run: Run) -> None:
    """R15.3: with its 0 attempts."""
    ran = run(*command, "--strict", "-", body=example("page"))

    assert (ran.code, ran.out) == (1, "")
    assert "invalid.max.attempts" in ran.err


def test_strict_is_strict_with_the_campaign_file_too(run: Run, tmp_path: Path) -> None:
    """R15.3, reading `strict`: on as a whole."""
    campaign = campaign_file(tmp_path, "[policy]\nmaxAttempts = 0")
    ran = run("check", "--strict", "--campaign", campaign, "-", body=request(number()))

    assert ran.code == 1
    assert "$.policy.maxAttempts" in ran.err


# -- what can be read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "body",
    [
        b'\t\n[{"phone": "79123456789", "gmtZone": "Z"}]',
        b' \r\n{"phone": "79123456789", "gmtZone": "Z"}\n',
        b"phone,gmtZone\r\n79123456789,Z\r\n",
    ],
)
def test_formats_are_told_apart_behind_a_byte_order_mark(mark: bytes, body: bytes, run: Run) -> None:
    """DESIGN 5.2: by the first character that is no blank; a BOM is skipped."""
    ran = run("preview", *NOW, "--format", "ndjson", "-", body=mark + body)

    assert (ran.code, ran.err) == (0, "")
    assert [(row["phone"], row["at"]) for row in objects(ran.out)] == [("79123456789", "2026-03-02T09:00:00Z")]


def test_a_request_in_a_file_is_the_request_on_standard_input(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: REQUEST is a path or `-`."""
    path = tmp_path / "numbers.json"
    path.write_text(example("order"), "utf-8")

    assert run("preview", *NOW, str(path)) == run("preview", *NOW, "-", body=example("order"))


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf", b" \n", b"\xff\xfe", b"[", b'{"phone"', b'"x"', b"\x00"])
def test_what_cannot_be_read_is_refused(body: bytes, run: Run) -> None:
    """R15.5, R15.6: an input without content, without end, or not UTF-8."""
    ran = run("check", "-", body=body)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("problem: $")


@TO_REFUSALS
@pytest.mark.parametrize("path", ["absent.json", ".", "absent/numbers.json", "nul\0.json", "x" * 300])
def test_a_request_that_cannot_be_opened_is_a_usage_error(
    command: tuple[str, ...], path: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: exit code 2, with the path and the reason, in one line."""
    monkeypatch.chdir(tmp_path)
    ran = run(*command, path)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("call-scheduler: cannot read ")
    assert path.partition("\0")[0] in ran.err
    assert ran.err.count("\n") == 1


@TO_REFUSALS
@pytest.mark.parametrize("path", ["absent.toml", ".", "nul\0.toml"])
def test_a_campaign_file_that_cannot_be_opened_is_a_usage_error(
    command: tuple[str, ...], path: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: exit code 2."""
    monkeypatch.chdir(tmp_path)
    ran = run(*command, "--campaign", path, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("call-scheduler: cannot read ")


def test_a_path_that_is_empty_is_named_so_that_it_is_seen(run: Run) -> None:
    """DESIGN 5.2: an unset variable of a shell is a common cause; `cannot read : Is a directory` hides it."""
    ran = run("check", "")

    assert (ran.code, ran.out) == (2, "")
    assert "cannot read :" not in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: exit code 2, with the reason."""
    path = tmp_path / "numbers.json"
    path.write_text(request(number()), "utf-8")
    path.chmod(0)
    ran = run("check", str(path))

    assert (ran.code, ran.out) == (2, "")
    assert "Permission denied" in ran.err


def test_a_file_that_may_not_be_read_is_so_whatever_the_reason(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: the same, for those whom no file is closed to."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = run("check", str(tmp_path / "numbers.json"))

    assert (ran.code, ran.out) == (2, "")
    assert "Permission denied" in ran.err


def test_a_standard_input_that_is_closed_is_a_usage_error() -> None:
    """DESIGN 5.2: exit code 1 is for an input that was refused; here is none."""
    command = ["bash", "-c", '"$0" check - <&-', COMMAND]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


# -- instants and options --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", BAD_MOMENTS)
@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--now", ("preview",)),
        ("--until", ("preview", *NOW)),
        ("--from", ("windows", "--until", "2026-03-03")),
        ("--until", ("windows", "--from", "2026-03-02")),
    ],
)
def test_a_bad_instant_is_a_usage_error_that_shows_a_good_one(
    option: str, words: tuple[str, ...], text: str, run: Run
) -> None:
    """R5.1, DESIGN 5.2: no week dates, bare times, `24:00`, `:60`; exit code 2."""
    ran = run(*words, option, text, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"call-scheduler: {option}: ")
    assert "2026-03-02T09:00:00Z" in ran.err


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02", "2026-03-02T00:00:00Z"),
        ("2026-03-02T09:00Z", "2026-03-02T09:00:00Z"),
        ("2026-03-02 09:00:00+05:30", "2026-03-02T03:30:00Z"),
        ("2026-03-02T09:00:00-0500", "2026-03-02T14:00:00Z"),
        ("2026-03-02T09:00:00.1239Z", "2026-03-02T09:00:00.123Z"),
    ],
)
def test_a_good_instant_is_taken(text: str, at: str, run: Run) -> None:
    """R5.1, DESIGN 5.2: with an offset, cut to milliseconds; a bare date is its midnight UTC."""
    ran = run("preview", "--now", text, "--format", "ndjson", "-", body=request(number()))

    assert (ran.code, ran.err) == (0, "")
    assert [row["at"] for row in objects(ran.out)] == [at]


@pytest.mark.parametrize(
    "words",
    [
        ("preview", "--now", "2026-03-02T09:00:00"),
        ("preview", *NOW, "--until", "2026-03-02T10:00:00"),
        ("windows", "--from", "2026-03-02T09:00:00", "--until", "2026-03-03"),
    ],
)
def test_an_instant_without_offset_is_utc_with_a_warning(words: tuple[str, ...], run: Run) -> None:
    """R5.1, DESIGN 5.2: times are as in R5.1: without an offset they are read as UTC, with a warning."""
    ran = run(*words, "--format", "ndjson", "-", body=request(number()))
    (row,) = objects(ran.out)

    assert ran.code == 0
    assert row.get("at", row.get("opens")) == "2026-03-02T09:00:00Z"
    assert "UTC" in ran.err


@pytest.mark.parametrize("until", ["2026-03-02T09:00:00Z", "2026-03-02T08:59:59.999Z", "2026-03-01", "0001-01-02"])
@pytest.mark.parametrize("words", [("preview", "--now"), ("windows", "--from")])
def test_until_lies_after_the_beginning(words: tuple[str, ...], until: str, run: Run) -> None:
    """R12.5: otherwise a usage error, that names both."""
    ran = run(*words, "2026-03-02T09:00:00Z", "--until", until, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert until in ran.err
    assert "2026-03-02T09:00:00Z" in ran.err


def test_the_last_instant_leaves_no_time_and_says_so_in_words(run: Run) -> None:
    """R12.5: a usage error that does not name an `--until` which nobody gave."""
    ran = run("preview", "--now", "9999-12-31", "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert "None" not in ran.err


def test_until_is_excluded(run: Run) -> None:
    """R1.2: every span is half-open."""
    body = request(number(maxAttempts=2))  # at 09:00:00, and 60 minutes after 09:00:30
    ends = ("2026-03-02T10:00:30Z", "2026-03-02T10:00:30.001Z")
    counts = [
        len(objects(run("preview", *NOW, "--until", end, "--format", "ndjson", "-", body=body).out)) for end in ends
    ]

    assert counts == [1, 2]


def test_a_preview_begins_in_the_present_second_and_lasts_366_days(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2, R12.5: the defaults of `--now` and `--until`."""
    monkeypatch.setattr("time.time", lambda: 1772442000.987)
    answer = json.loads(run("preview", "--format", "json", "-", body=request(number())).out)

    assert (answer["now"], answer["until"]) == ("2026-03-02T09:00:00Z", "2027-03-03T09:00:00Z")
    assert answer["dials"][0]["at"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("lines", ["0", "-1", "x", "1.5", ""])
def test_lines_are_at_least_one(lines: str, run: Run) -> None:
    """R11.1: only a command of a run may set 0; here it is a usage error."""
    ran = run("preview", *NOW, "--lines", lines, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_lines_win_over_those_of_the_campaign(run: Run, tmp_path: Path) -> None:
    """R11.1: `--lines` overrides the campaign's; with neither there is no limit."""
    campaign = ("--campaign", campaign_file(tmp_path, "maxSimultaneousCalls = 1"))
    options = ((), ("--lines", "2"), campaign, (*campaign, "--lines", "2"), ("--lines", "1"))
    spans = []
    for each in options:
        dials = objects(run("preview", *NOW, *each, "--format", "ndjson", "-", body=many(3)).out)
        spans.append([row["at"][14:19] for row in dials])

    free, two, one = ["00:00", "00:00", "00:00"], ["00:00", "00:00", "00:30"], ["00:00", "00:30", "01:00"]
    assert spans == [free, two, one, two, one]


def test_never_is_the_default_of_outcomes_and_draws_no_luck(run: Run) -> None:
    """R12.2, DESIGN 5.2: the defaults are `--outcomes never`, `--seed 0`."""
    plain = run("preview", *NOW, "-", body=example("overnight"))

    assert plain.code == 0
    assert run("preview", *NOW, "--outcomes", "never", "--seed", "0", "-", body=example("overnight")) == plain
    assert run("preview", *NOW, "--seed", "7", "-", body=example("overnight")) == plain


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("--nothing",),
        ("check",),
        ("windows", "-"),
        ("windows", "-", "--from", "2026-03-02"),
        ("preview",),
        ("check", "--nothing", "-"),
        ("check", "-", "extra"),
        ("check", "-", "--format", "table"),
        ("check", "-", "--campaign"),
        ("windows", "-", *DAY, "--format", "csv"),
        ("windows", "-", *DAY, "--lines", "1"),
        ("preview", "-", *NOW, "--format", "xml"),
        ("preview", "-", *NOW, "--outcomes", "script.json"),
        ("preview", "-", *NOW, "--seed", "luck"),
        ("explain", "-", *NOW, "--job"),
        ("explain", "-", *NOW, "--job", "0", "--format", "csv"),
        ("model",),
        ("model", "-", "--format", "json"),
        ("example", "page", "extra"),
    ],
)
def test_words_that_are_none_are_a_usage_error(words: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: exit code 2, on standard error."""
    ran = run(*words, body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_no_words_at_all_are_answered_with_the_help(run: Run) -> None:
    """DESIGN 5.2: usage, exit code 2; what there is, is said."""
    ran = run()

    assert ran.code == 2
    assert all(command in ran.out + ran.err for command in COMMANDS)


def test_the_version_is_said_with_that_of_the_time_zones(run: Run) -> None:
    """R2.4: the version of the database is shown."""
    ran = run("--version")

    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"call-scheduler \d+\.\d+\.\d+, time zones \d{4}[a-z]\n", ran.out)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ((), ("--version", *COMMANDS)),
        (("example",), ("NAME", *EXAMPLES)),
        (("check",), ("REQUEST", "--campaign", "--strict", "--format", "text", "json")),
        (("windows",), ("REQUEST", "--campaign", "--strict", "--from", "--until", "--format", "table", "ndjson")),
        (
            ("preview",),
            (
                *("REQUEST", "--campaign", "--strict", "--now", "--until", "--lines", "--outcomes", "never"),
                *("--seed", "--scenario", "--format", *FORMATS, "--output"),
            ),
        ),
        (
            ("explain",),
            (
                *("REQUEST", "--job", "--phone", "--at", "--campaign", "--strict", "--now", "--until", "--lines"),
                *("--outcomes", "never", "--seed", "--scenario", "--format", "text", "json", "--output"),
            ),
        ),
        (("model",), ("HISTORY", "--output")),
    ],
)
def test_help_names_every_option_of_the_contract(command: tuple[str, ...], options: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: the options of each command."""
    ran = run(*command, "--help")

    assert (ran.code, ran.err) == (0, "")
    assert [option for option in options if option not in ran.out] == []


def test_the_installed_command_calls_itself_by_its_name() -> None:
    """DESIGN 1: the command is call-scheduler, also in its own words."""
    ran = process("check")

    assert (ran.code, ran.out) == (2, "")
    assert "call-scheduler check" in ran.err
    assert "Traceback" not in ran.err


# -- --output --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_gets_what_standard_output_would(name: str, run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: `--output FILE`, and nothing on standard output."""
    path = tmp_path / "dials"
    options = ("preview", *NOW, "--format", name, "-")
    ran = run(*options, "--output", str(path), body=example("table"))

    assert (ran.code, ran.out) == (0, "")
    assert path.read_bytes().decode() == run(*options, body=example("table")).out
    assert [each.name for each in tmp_path.iterdir()] == ["dials"]


def test_a_new_file_has_the_rights_that_others_get(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: as the umask says, no less and no more."""
    path = tmp_path / "dials"
    before = os.umask(0o027)
    try:
        run("preview", *NOW, "--output", str(path), "-", body=request(number()))
    finally:
        after = os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o640
    assert after == 0o027


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("failure", "code"), [(OSError(28, "No space left on device"), 2), (KeyboardInterrupt(), 130)])
def test_a_file_is_written_whole_or_not_at_all(
    failure: BaseException, code: int, name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: what was there stays when writing fails, and nothing else is left in the folder."""
    path = tmp_path / "dials"
    path.write_text("before", "utf-8")

    def fail(*_: object, **__: object) -> str:
        raise failure

    # Every format ends with the instants of the dials or the figures.
    monkeypatch.setattr(rows, "format_instant", fail)
    monkeypatch.setattr("scheduler.views.tables.utc_words", fail)
    ran = run("preview", *NOW, "--format", name, "--output", str(path), "-", body=request(number()))

    assert (ran.code, ran.out) == (code, "")
    assert path.read_text("utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["dials"]


def test_an_existing_file_is_replaced(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: also by one that is shorter."""
    path = tmp_path / "dials"
    path.write_text("x" * 10_000, "utf-8")
    ran = run("preview", *NOW, "--format", "ndjson", "--output", str(path), "-", body=request(number()))

    assert ran.code == 0
    assert len(objects(path.read_text("utf-8"))) == 1


def test_a_refused_request_leaves_the_file_alone(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: a refusal is no data; as JSON it goes to standard output."""
    path = tmp_path / "dials"
    ran = run("preview", *NOW, "--format", "json", "--output", str(path), "-", body=FIVE_WRONG)

    assert ran.code == 1
    assert json.loads(ran.out)["type"] == "phone.bad.format"
    assert not path.exists()


@pytest.mark.parametrize("path", ["absent/dials", "."])
def test_a_file_that_cannot_be_written_is_a_usage_error(
    path: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: exit code 2, with the path and the reason."""
    monkeypatch.chdir(tmp_path)
    ran = run("preview", *NOW, "--output", path, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f'call-scheduler: cannot write "{path}": ')
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_is_a_name(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: what the file system takes, `--output` takes."""
    path = tmp_path / ("d" * 255)
    try:
        path.touch()
    except OSError:
        pytest.skip("the file system takes no name of 255 characters")
    ran = run("preview", *NOW, "--format", "ndjson", "--output", str(path), "-", body=request(number()))

    assert (ran.code, ran.err) == (0, "")
    assert len(objects(path.read_text("utf-8"))) == 1


def test_a_device_is_written_to_and_stays_one(run: Run) -> None:
    """DESIGN 5.2: `--output /dev/null` is for those who time it."""
    ran = run("preview", *NOW, "--output", os.devnull, "-", body=request(number()))

    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert Path(os.devnull).is_char_device()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no device that is always full")
def test_a_full_device_is_a_usage_error(run: Run) -> None:
    """DESIGN 5.2: exit code 2, with the reason."""
    ran = run("preview", *NOW, "--output", "/dev/full", "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert "No space left on device" in ran.err


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [("preview", *NOW, "--format", "ndjson", "-"), ("check", "-")])
def test_a_full_disk_behind_standard_output_is_said_in_words(words: tuple[str, ...]) -> None:
    """DESIGN 5.2: exit code 1 is for an input that was refused; no traceback."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [COMMAND, *words], input=many(2000).encode(), stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert "Traceback" not in done.stderr.decode()
    assert "No space left on device" in done.stderr.decode()
    assert done.returncode == 2


# -- the formats of a preview ----------------------------------------------------------------------------

HOSTILE = request(
    number("+7 (912) 345-67-89", "-05:00", payload="=1+1", maxAttempts=2),
    number("-4930123456", "+05:45", payload={"@SUM": "+1"}, dialerPriority=1),
    number("12025550123", "America/New_York", payload=["\r\n", '"', ","], allowedTime=TEN_TO_SIX),
    number("4930123457", "GMT-05:00", payload="\t=cmd"),
)


def test_csv_is_rfc_4180(run: Run) -> None:
    """DESIGN 5.2: a header, commas, as many cells in every row, CRLF behind each."""
    text = run("preview", *NOW, "--format", "csv", "-", body=HOSTILE).out
    cells = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == text.count("\r") == 6
    assert cells[0] == COLUMNS
    assert {len(row) for row in cells} == {10}
    assert '"' not in text


def test_csv_ends_its_lines_the_same_through_a_real_pipe() -> None:
    """DESIGN 5.2: CRLF, whatever the platform's own end of line."""
    done = subprocess.run(
        [COMMAND, "preview", *NOW, "--format", "csv", "-"], input=HOSTILE.encode(), capture_output=True, check=True
    )

    assert done.stdout.count(b"\r\n") == done.stdout.count(b"\n") == 6
    assert b"\r\r" not in done.stdout


def test_no_cell_of_csv_is_a_formula(run: Run) -> None:
    """DESIGN 5.2: nothing of a request gets into a cell but digits and zones, which passed their grammar."""
    text = run("preview", *NOW, "--format", "csv", "-", body=HOSTILE).out
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row[:-1]]

    assert len(cells) == 54
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_json_ndjson_and_csv_agree(run: Run) -> None:
    """DESIGN 5.2: one spelling for every face."""
    options = ("preview", *NOW, "-")
    lines = objects(run(*options, "--format", "ndjson", body=HOSTILE).out)
    document = json.loads(run(*options, "--format", "json", body=HOSTILE).out)
    table = list(csv.DictReader(io.StringIO(run(*options, "--format", "csv", body=HOSTILE).out, newline="")))

    assert len(lines) == 5
    assert document["dials"] == lines
    words = [{name: "" if value is None else str(value) for name, value in row.items()} for row in lines]
    assert [{name: row[name] for name in COLUMNS[:-1]} for row in table] == words
    assert [row["zone"] for row in table[:2]] == ["+05:45", "-05:00"]


def test_the_fields_of_a_dial_stand_in_the_order_of_the_contract(run: Run) -> None:
    """DESIGN 5.2: `preview --format ndjson`."""
    row = objects(run("preview", *NOW, "--format", "ndjson", "-", body=request(number())).out)[0]

    assert list(row) == COLUMNS[:-1]


def test_json_holds_the_run_its_figures_and_its_warnings(run: Run) -> None:
    """DESIGN 5.2: one document; R2.4: the version of the time zones wherever results are kept."""
    ran = run("preview", *NOW, "--until", "2026-03-03", "--format", "json", "-", body=example("page"))
    answer = json.loads(ran.out)

    assert (ran.code, ran.err) == (0, "")
    assert (answer["now"], answer["until"]) == ("2026-03-02T09:00:00Z", "2026-03-03T00:00:00Z")
    assert re.fullmatch(r"\d{4}[a-z]", answer["tzdata"])
    assert answer["summary"]["dials"] == answer["summary"]["dialled"] == len(answer["dials"]) == 1
    assert answer["summary"]["firstDial"] == answer["summary"]["lastDial"] == answer["dials"][0]["at"]
    assert answer["summary"]["busiestHour"] == "2026-03-02T15:00:00Z"
    assert [(each["path"], each["count"]) for each in answer["warnings"]] == [("$[0].maxAttempts", 1)]


@pytest.mark.parametrize("name", FORMATS)
def test_no_numbers_are_a_good_request_of_no_dials(name: str, run: Run) -> None:
    """R15.5: an empty list is a good request of no jobs."""
    ran = run("preview", *NOW, "--format", name, "-", body="[]")
    expected = {"ndjson": "", "csv": ",".join(COLUMNS) + "\r\n"}

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == expected.get(name, ran.out)
    if name == "json":
        assert json.loads(ran.out)["dials"] == []
    if name == "table":
        assert "0 dials" in ran.out
        assert "local time" not in ran.out


def test_why_a_number_is_not_dialled_is_said(run: Run) -> None:
    """R12.5: with the reason, its phone and its job."""
    body = request(number(), number(4930123456, finishDateTime="2026-03-02T09:00:00Z"))
    ran = run("preview", *NOW, "-", body=body)
    line = next(line for line in ran.out.splitlines() if "4930123456" in line)

    assert "never callable" in line
    assert "(job 1)" in line
    assert "1 dial to 1 of 2 jobs" in ran.out


def test_a_number_that_still_waits_at_the_end_is_said(run: Run) -> None:
    """R12.5: a job that is still waiting at `until` stays planned."""
    body = request(number(allowedTime=TEN_TO_SIX))
    ran = run("preview", *NOW, "--until", "2026-03-02T10:00:00Z", "-", body=body)

    assert "1 job not finished by Mon 2026-03-02 10:00:00 UTC (2026-03-02 10:00:00Z)" in ran.out


@pytest.mark.parametrize(("count", "more"), [(1000, ""), (1001, "1 more dial;"), (2500, "1,500 more dials")])
def test_a_table_of_dials_ends_after_a_thousand(count: int, more: str, run: Run) -> None:
    """DESIGN 5.2: the figures are those of all; all dials are in the other formats."""
    ran = run("preview", *NOW, "-", body=many(count))

    assert len([row for row in table_rows(ran.out) if row[-1] == "1 of 1"]) == 1000
    assert ("more dial" in ran.out) == bool(more)
    assert more in ran.out
    assert f"{count:,} dials to {count:,} of {count:,} jobs" in ran.out


@pytest.mark.parametrize(("count", "more"), [(1000, ""), (1500, "500 more intervals")])
def test_a_table_of_windows_ends_after_a_thousand(count: int, more: str, run: Run) -> None:
    """DESIGN 5.2: all are in NDJSON."""
    ran = run("windows", *DAY, "-", body=many(count))

    assert len(table_rows(ran.out)) == 1000
    assert ("more intervals" in ran.out) == bool(more)
    assert more in ran.out
    assert len(objects(run("windows", *DAY, "--format", "ndjson", "-", body=many(count)).out)) == count


@pytest.mark.parametrize(
    ("zone", "now", "local", "offset"),
    [
        ("America/New_York", "2026-03-08T06:59:59Z", "Sun 2026-03-08 01:59:59", "-05:00"),
        ("America/New_York", "2026-03-08T07:00:00Z", "Sun 2026-03-08 03:00:00", "-04:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "Sun 2026-10-25 02:30:00", "+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "Sun 2026-10-25 02:30:00", "+01:00"),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "Thu 2011-12-29 23:59:59", "-10:00"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "Sat 2011-12-31 00:00:00", "+14:00"),
        ("Asia/Kathmandu", "2026-03-02T18:15:00Z", "Tue 2026-03-03 00:00:00", "+05:45"),
        ("+05:30:15", "2026-03-02T09:00:00Z", "Mon 2026-03-02 14:30:15", "+05:30:15"),
        ("-053015", "2026-03-02T09:00:00Z", "Mon 2026-03-02 03:29:45", "-05:30:15"),
        ("Africa/Monrovia", "1970-06-01T00:44:30Z", "Mon 1970-06-01 00:00:00", "-00:44:30"),
        ("+18", "2026-03-02T09:00:00Z", "Tue 2026-03-03 03:00:00", "+18:00"),
        ("-18", "2026-03-02T09:00:00Z", "Sun 2026-03-01 15:00:00", "-18:00"),
        ("Z", "1969-12-31T23:59:59Z", "Wed 1969-12-31 23:59:59", "+00:00"),
        ("Z", "2026-03-02T09:00:00.250Z", "Mon 2026-03-02 09:00:00.250", "+00:00"),
        ("+18", "9999-12-30T23:59:59Z", "Fri 9999-12-31 17:59:59", "+18:00"),
        ("-18", "0001-01-02T00:00:00Z", "Mon 0001-01-01 06:00:00", "-18:00"),
    ],
)
def test_an_instant_is_given_on_the_customers_clock_and_in_utc(
    zone: str, now: str, local: str, offset: str, run: Run
) -> None:
    """DESIGN 5.2: every instant in words in both; over every change of the clocks, with seconds and milliseconds."""
    body = request(number(79123456789, zone))
    ran = run("preview", "--now", now, "-", body=body)
    (row,) = objects(run("preview", "--now", now, "--format", "ndjson", "-", body=body).out)
    utc = now.replace("T", " ")

    assert table_rows(ran.out)[0][:3] == [local, utc, zone]
    assert f"first dial    {local} {zone} ({utc})" in ran.out
    assert (row["at"], row["local"]) == (now, local[4:].replace(" ", "T") + offset)


def test_windows_are_given_on_the_customers_clock_and_in_utc(run: Run) -> None:
    """DESIGN 5.2, R4.2: both intervals of a window across a change."""
    body = request(number(4930123456, "Europe/Berlin", localTimeFrom="01:30", localTimeTo="02:45"))
    span = ("--from", "2026-10-24T12:00:00Z", "--until", "2026-10-25T12:00:00Z")
    ran = run("windows", *span, "-", body=body)

    assert [row[2:] for row in table_rows(ran.out)] == [
        [
            "Europe/Berlin",
            *("Sun 2026-10-25 01:30:00", "Sun 2026-10-25 02:45:00"),
            *("2026-10-24 23:30:00Z", "2026-10-25 00:45:00Z"),
        ],
        [
            "Europe/Berlin",
            *("Sun 2026-10-25 02:00:00", "Sun 2026-10-25 02:45:00"),
            *("2026-10-25 01:00:00Z", "2026-10-25 01:45:00Z"),
        ],
    ]


def test_no_windows_at_all_are_said_in_words(run: Run) -> None:
    """DESIGN 5.2: a table without rows is a sentence; NDJSON without lines is empty."""
    body = request(number(allowedDays=["tue"]))
    ran = run("windows", *DAY, "-", body=body)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip()
    assert table_rows(ran.out) == []
    assert run("windows", *DAY, "--format", "ndjson", "-", body=body).out == ""


def test_milliseconds_of_pacing_are_shown(run: Run, tmp_path: Path) -> None:
    """R11.2: three calls a second are 334 ms apart; whole seconds have no fraction."""
    campaign = ("--campaign", campaign_file(tmp_path, "callsPerSecond = 3"))
    table = table_rows(run("preview", *NOW, *campaign, "-", body=many(4)).out)
    lines = objects(run("preview", *NOW, *campaign, "--format", "ndjson", "-", body=many(4)).out)

    assert [row["at"][17:] for row in lines] == ["00Z", "00.334Z", "00.668Z", "01.002Z"]
    assert [row[0][-6:] for row in table[:4]] == [":00:00", "00.334", "00.668", "01.002"]
    assert [row[1][17:] for row in table[:4]] == ["00Z", "00.334Z", "00.668Z", "01.002Z"]


def test_a_line_that_is_held_for_part_of_a_second_is_so_in_every_format(run: Run, tmp_path: Path) -> None:
    """R12.1: whole milliseconds; whole seconds are written without a fraction."""
    campaign = ("--campaign", campaign_file(tmp_path, "ringSeconds = 0.25"))
    (row,) = objects(run("preview", *NOW, *campaign, "--format", "ndjson", "-", body=many(1)).out)
    text = run("preview", *NOW, *campaign, "--format", "csv", "-", body=many(1)).out

    assert row["seconds"] == 0.25
    assert ",0.25,Z\r\n" in text


@pytest.mark.parametrize("command", [("windows", *DAY), ("preview", *NOW)])
def test_a_zone_with_a_long_name_leaves_the_table_a_table(command: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: in a pipe nothing is cut or wrapped."""
    zone = "America/Argentina/ComodRivadavia"
    ran = run(*command, "-", body=request(number(79123456789, zone)))

    assert zone in ran.out
    assert len(table_rows(ran.out)) == 1 or command[0] == "preview"


# -- terminals, pipes and signals ------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A text stream that says that somebody looks at it."""

    def isatty(self) -> bool:
        return True


def on_terminal(*arguments: str, columns: int = 80, patience_s: float | None = None) -> tuple[int, str, str]:
    """The exit code of a command, what it prints, and what a terminal on its standard error shows."""
    code = "import sys\nfrom scheduler.views import progress\n"
    code += "" if patience_s is None else f"progress.PATIENCE_S = {patience_s}\n"
    code += f"sys.argv[1:] = {list(arguments)!r}\nfrom scheduler.cli import main\nmain()\n"
    near, far = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=far, env=environment)
    os.close(far)
    shown = bytearray()

    def look() -> None:
        while True:
            try:
                piece = os.read(near, 65536)
            except OSError:  # the way in which a terminal says that nobody is left
                return
            if not piece:
                return
            shown.extend(piece)

    looker = Thread(target=look)
    looker.start()
    out, _ = child.communicate(timeout=120)
    looker.join()
    os.close(near)
    return child.returncode, out.decode(), shown.decode()


@pytest.fixture(name="numbers")
def _numbers(tmp_path: Path) -> str:
    """The path of a request of 5,000 numbers."""
    path = tmp_path / "numbers.json"
    path.write_text(many(5000), "utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["table", "ndjson"])
def test_a_broken_pipe_ends_in_silence(name: str, numbers: str) -> None:
    """DESIGN 5.2: no traceback, and not the exit code of a refused input or of usage."""
    words = [COMMAND, "preview", *NOW, "--format", name, numbers]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        code = child.wait(timeout=120)

    assert said == b""
    assert code in {0, -signal.SIGPIPE, 128 + signal.SIGPIPE}


def test_a_reader_that_leaves_in_the_middle_has_what_it_read(numbers: str) -> None:
    """DESIGN 5.2: `| head -1`."""
    words = [COMMAND, "preview", *NOW, "--format", "ndjson", numbers]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        first = child.stdout.readline()
        child.stdout.close()
        said = child.stderr.read()
        code = child.wait(timeout=120)

    assert json.loads(first)["job"] == 0
    assert said == b""
    assert code in {0, -signal.SIGPIPE, 128 + signal.SIGPIPE}


@pytest.mark.parametrize("words", [("example",), ("check",), ("--help",)])
def test_a_broken_pipe_ends_every_command_in_silence(words: tuple[str, ...], numbers: str) -> None:
    """DESIGN 5.2: also where little is written, at the very end."""
    request_path = () if words[0] in {"example", "--help"} else (numbers,)
    with subprocess.Popen([COMMAND, *words, *request_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        code = child.wait(timeout=120)

    assert said == b""
    assert code in {0, -signal.SIGPIPE, 128 + signal.SIGPIPE}


def test_an_interrupt_ends_with_130_and_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2: as shells have it."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scheduler.cli.read_request", interrupt)
    ran = run("check", "-", body=request(number()))

    assert (ran.code, ran.out) == (130, "")
    assert "Traceback" not in ran.err


def test_a_real_interrupt_ends_with_130_and_without_a_traceback() -> None:
    """DESIGN 5.2: while it reads."""
    # A process that was started in the background may ignore interrupts, and hands that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        child = subprocess.Popen([COMMAND, "check", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with child:
        assert child.stdin is not None
        # A pipe holds less than this, so when it is written, the command has begun to read.
        child.stdin.write(b" " * 2_000_000)
        child.stdin.flush()
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=120)

    assert child.returncode in {130, -signal.SIGINT}
    assert b"Traceback" not in said


def test_there_is_no_progress_where_nobody_looks(numbers: str) -> None:
    """DESIGN 5.2: words on standard error are warnings and refusals, if it is no terminal."""
    code = "from scheduler.views import progress; progress.PATIENCE_S = 0; from scheduler.cli import main; main()"
    words = [sys.executable, "-c", code, "preview", *NOW, "--format", "ndjson", numbers]
    done = subprocess.run(words, capture_output=True, check=True, env={**os.environ, "FORCE_COLOR": "1"})

    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 5000


def test_slow_work_shows_on_a_terminal_what_is_done(numbers: str) -> None:
    """DESIGN 5.2: progress goes to standard error; the data are not touched."""
    code, out, shown = on_terminal("preview", *NOW, "--lines", "1", "--format", "ndjson", numbers, patience_s=0)

    assert code == 0
    assert len(objects(out)) == 5000
    assert "simulating" in shown


def test_quick_work_shows_nothing_on_a_terminal(numbers: str) -> None:
    """DESIGN 5.2: nothing flickers."""
    code, out, shown = on_terminal("check", numbers, patience_s=3600)

    assert (code, shown) == (0, "")
    assert "5,000" in out


def test_a_sign_of_life_says_how_far_it_is_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2: progress on a terminal."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    monkeypatch.setenv("TERM", "xterm")
    with progress.working("counting") as say:
        assert say is not None
        say("3 of 4")
        for _ in range(1000):
            if "3 of 4" in terminal.getvalue():
                break
            time.sleep(0.01)

    assert "counting: 3 of 4" in terminal.getvalue()
    assert terminal.getvalue().endswith(("\x1b[2K", "\x1b[?25h", "\x1b[1A\x1b[2K"))


def test_a_sign_of_life_stops_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2: an error is not hidden behind a spinner."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE_S", 3600)
    with pytest.raises(ValueError, match="no work"), progress.working("counting"):
        raise ValueError("no work")

    assert terminal.getvalue() == ""


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("command", [("windows", *DAY), ("preview", *NOW)])
def test_a_table_on_a_terminal_can_be_read(
    command: tuple[str, ...], columns: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: on the usual 80 columns too, every instant is given in both times; nothing is cut or taken apart."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    ran = run(*command, "-", body=request(number(4930123456, "Europe/Berlin", allowedTime=TEN_TO_SIX)))
    shown = terminal.getvalue()

    assert ran.code == 0
    assert [
        text
        for text in ("4930123456", "Europe", "Mon 2026-03-02 10:00:00", "2026-03-02 09:00:00Z")
        if text not in shown.partition("first dial")[0]
    ] == []


# -- machines --------------------------------------------------------------------------------------------

WORLD = request(
    number(79123456789, "Europe/Moscow", allowedTime=TEN_TO_SIX, maxAttempts=3),
    number(4930123456, "Europe/Berlin", allowedDays=["sat", "sun"]),
    number(12025550123, "America/New_York", dialerPriority=1, unknown=1),
    {"phone": "56221234567"},
    {"phone": "12025550124"},
)
MACHINES = [
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    {"TZ": "Asia/Tokyo", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "1", "COLUMNS": "40", "PYTHONTZPATH": ""},
    {"TZ": "America/St_Johns", "LC_ALL": "", "LANG": "ru_RU.UTF-8", "LANGUAGE": "ru", "PYTHONHASHSEED": "2"},
]


@pytest.mark.parametrize("words", [("preview", *NOW), ("preview", *NOW, "--format", "json")])
def test_every_machine_says_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    """DESIGN 4, R8.5: a function of the inputs, not of the machine's zone, language, width or hash order."""
    campaign = campaign_file(tmp_path, 'timeZone = "Europe/Moscow"\nholidays = "RU"\nmaxSimultaneousCalls = 1')
    first, *others = [process(*words, "--campaign", campaign, "-", body=WORLD, **each) for each in MACHINES]

    assert first.code == 0
    assert "56221234567" in first.out
    assert others == [first, first]


def test_a_refusal_is_the_same_on_every_machine() -> None:
    """R8.5, R15.1: problems and suggestions too."""
    first, *others = [process("check", "--format", "json", "-", body=FIVE_WRONG, **each) for each in MACHINES]

    assert first.code == 1
    assert others == [first, first]


@pytest.mark.parametrize("words", [("preview", *NOW, "-"), ("--help",)])
def test_a_machine_that_knows_ascii_alone_is_no_error(words: tuple[str, ...]) -> None:
    """DESIGN 5.2: characters that cannot be written are replaced, not fatal."""
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = process(*words, body=request(number(ключ=1)), **ascii_alone)

    assert ran.code == 0
    assert ran.out.isascii()
    assert "Traceback" not in ran.err


def test_nothing_reaches_for_the_network() -> None:
    """R15.7: no input ever makes the program open a network connection."""
    code = (
        "import sys\n"
        "def look(event, _):\n"
        "    if event.startswith(('socket.', 'urllib.', 'http.', 'subprocess.', 'os.system', 'ftplib.', 'smtplib.')):\n"
        "        raise AssertionError(event)\n"
        "sys.addaudithook(look)\n"
        "from scheduler.cli import main\n"
        "main()\n"
    )
    check = {"url": "https://example.invalid/", "file": "file:///etc/hostname"}
    body = request(number(externalCheck=check), {"phone": "12025550123", "payload": "https://example.invalid/"})
    words = [sys.executable, "-c", code, "preview", *NOW, "-"]
    done = subprocess.run(words, input=body.encode(), capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()
    assert b"externalCheck" in done.stderr
    assert b"2 dials to 2 of 2 jobs" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("preview", "{list}", "--output", "{list}"),
        ("preview", "{list}", "--report", "{folder}/./list.json"),
        ("preview", "{list}", "--campaign", "{campaign}", "--output", "{campaign}"),
        ("explain", "{list}", "--job", "0", "--output", "{list}"),
        ("plan", "{list}", "--output", "{list}"),
        ("plan", "{list}", "--campaign", "{campaign}", "--report", "{campaign}"),
        ("model", "{list}", "--output", "{list}"),
        ("preview", "{list}", "--output", "{folder}/out", "--report", "{folder}/./out"),
        ("preview", "{list}", "--output", "{folder}"),
        ("preview", "{list}", "--report", ""),
    ],
    ids=" ".join,
)
def test_nothing_that_is_read_is_overwritten(words: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    """Nor is one output by another: told before anything is read, in one line."""
    files = {"list": tmp_path / "list.json", "campaign": tmp_path / "campaign.json"}
    files["list"].write_text(request(number()), "utf-8")
    files["campaign"].write_text("{}", "utf-8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    now = () if words[0] == "model" else NOW
    ran = run(*(word.format(folder=tmp_path, **files) for word in words), *now)

    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
