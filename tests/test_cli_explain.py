"""The command line with outcomes, scenarios, explanations and models: what it prints where, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commandline import (
    COMMAND,
    NOW,
    Ran,
    Run,
    campaign_file,
    many,
    number,
    objects,
    process,
    request,
    table_rows,
)

A, B, C = "79000000001", "79000000002", "79000000003"
TEN_TO_SIX = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
CALL = {"outcome": "answered", "ringSeconds": 5, "talkSeconds": 90, "result": True}
SCRIPT = {"phones": {A: ["busy", {**CALL, "redial": {"startAfterMinutes": 60}}], B: ["nonexistentNumber"]}}
MODEL = {"model": {"answered": 0.4, "busy": 0.2, "talkSeconds": {"exponential": 60}, "ringSeconds": 10}}
TO_RUNS = pytest.mark.parametrize("command", [("preview", *NOW), ("explain", *NOW, "--job", "0")])

Keep = Callable[..., str]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Keeps data (as JSON) or text in a file; its path."""

    def write(content: Any, name: str = "outcomes.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(path)

    return write


def scenario(*commands: dict[str, Any]) -> dict[str, Any]:
    """A scenario, at minutes after 09:00."""
    return {
        "commands": [{**command, "at": f"2026-03-02T09:{command['at']:02d}:00Z"} for command in commands],
    }


def scripted(run: Run, keep: Keep, *words: str, body: str | None = None) -> Ran:
    """A preview of two numbers under the script."""
    numbers = request(number(A, maxAttempts=3), number(B, maxAttempts=3)) if body is None else body
    return run("preview", *NOW, "--outcomes", keep(SCRIPT), *words, "-", body=numbers)


def columns_of(out: str) -> list[str]:
    """The names of the columns of a table."""
    return re.split(r" {2,}", out.splitlines()[0].strip())


# -- outcomes --------------------------------------------------------------------------------------------


def test_a_script_decides_the_outcomes_of_a_preview(run: Run, keep: Keep) -> None:
    """R12.2, R10.2, DESIGN 5.2: `--outcomes FILE`; a redial keeps the index of its number."""
    rows = objects(scripted(run, keep, "--format", "ndjson").out)

    assert [(row["at"], row["job"], row["redialNumber"], row["attempt"], row["outcome"]) for row in rows] == [
        ("2026-03-02T09:00:00Z", 0, None, 1, "busy"),
        ("2026-03-02T09:00:00Z", 1, None, 1, "nonexistentNumber"),
        ("2026-03-02T10:00:30Z", 0, None, 2, "answered"),
        ("2026-03-02T11:02:05Z", 0, 1, 1, "noAnswer"),
        ("2026-03-02T12:02:35Z", 0, 1, 2, "noAnswer"),
        ("2026-03-02T13:03:05Z", 0, 1, 3, "noAnswer"),
    ]
    assert [row["seconds"] for row in rows] == [30, 30, 95, 30, 30, 30]


def test_a_table_has_columns_of_outcomes_and_redials_where_there_are_some(run: Run, keep: Keep) -> None:
    """DESIGN 5.2: under `never` they would say nothing."""
    usual = ["local time", "UTC", "zone", "phone", "job", "attempt"]
    ran = scripted(run, keep)
    only_busy = run("preview", *NOW, "--outcomes", keep({"jobs": {"0": ["busy"]}}), "-", body=request(number(A)))

    assert columns_of(ran.out) == [*usual, "redial", "outcome", "seconds"]
    assert [row[-3:] for row in table_rows(ran.out)[:3]] == [
        ["1 of 3", "busy", "30"],
        ["1 of 3", "nonexistentNumber", "30"],
        ["2 of 3", "answered", "95"],
    ]
    assert table_rows(ran.out)[3][-4:] == ["1 of 3", "1", "noAnswer", "30"]
    assert columns_of(only_busy.out) == [*usual, "outcome", "seconds"]
    assert columns_of(run("preview", *NOW, "-", body=request(number(A))).out) == usual


def test_outcomes_as_csv_have_a_column_that_is_empty_without_a_redial(run: Run, keep: Keep) -> None:
    """DESIGN 5.2."""
    rows = list(csv.DictReader(io.StringIO(scripted(run, keep, "--format", "csv").out)))

    assert [row["redialNumber"] for row in rows] == ["", "", "", "1", "1", "1"]
    assert [row["outcome"] for row in rows[:3]] == ["busy", "nonexistentNumber", "answered"]


def test_the_summary_says_who_was_reached(run: Run, keep: Keep) -> None:
    """R12.4: in words and in JSON."""
    words = scripted(run, keep).out
    summary = json.loads(scripted(run, keep, "--format", "json").out)["summary"]

    assert "6 dials to 3 of 3 jobs\n" in words
    assert "answers       1, from 50.0% of 2 numbers, with 3.00 dials a number\n" in words
    assert (summary["numbers"], summary["jobs"], summary["dialled"], summary["dials"]) == (2, 3, 3, 6)
    assert (summary["answers"], summary["reach"], summary["attemptsPerNumber"]) == (1, 0.5, 3.0)
    assert summary["states"] == {"longCallWithResult": 1, "noAnswer": 1, "nonexistentNumber": 1}
    assert summary["secondsToLastDial"] == 4 * 3600 + 3 * 60 + 5
    assert summary["linesBusy"]["2026-03-02T09:00:00Z"] == round(60 / 3600, 3)


def test_nothing_is_said_of_answers_where_there_are_none(run: Run) -> None:
    """R12.2: under `never`."""
    ran = run("preview", *NOW, "-", body=request(number(A)))

    assert "answers" not in ran.out
    assert "for a line" not in ran.out


def test_the_time_that_dials_waited_for_a_line_is_said(run: Run) -> None:
    """R11.1: three calls of 30 s on one line wait 0, 30 and 60 s."""
    body = many(3)
    words = run("preview", *NOW, "--lines", "1", "-", body=body).out
    summary = json.loads(run("preview", *NOW, "--lines", "1", "--format", "json", "-", body=body).out)["summary"]

    assert "for a line    dials waited 30 s on average, 95 % of them at most 1 min, the longest 1 min\n" in words
    assert summary["waitingSeconds"] == {"mean": 30.0, "p95": 60.0, "longest": 60.0}


@pytest.mark.parametrize(
    ("ring_s", "numbers", "said"),
    [
        (0.25, 2, "dials waited 0.125 s on average, 95 % of them at most 0.25 s, the longest 0.25 s"),
        (30, 241, "dials waited 1 h 0 min on average, 95 % of them at most 1 h 54 min, the longest 2 h 0 min"),
    ],
)
def test_lengths_of_time_are_said_in_the_unit_that_suits(
    ring_s: float, numbers: int, said: str, run: Run, keep: Keep
) -> None:
    """DESIGN 5.2: made to be read."""
    campaign = keep({"ringSeconds": ring_s, "maxSimultaneousCalls": 1}, "campaign.json")

    assert said in run("preview", *NOW, "--campaign", campaign, "-", body=many(numbers)).out


def test_outcomes_may_come_from_standard_input(run: Run, keep: Keep) -> None:
    """DESIGN 5.2: `-`, when the request is a file."""
    path = keep(request(number(A)), "numbers.json")
    ran = run("preview", *NOW, "--format", "ndjson", "--outcomes", "-", path, body="phone,outcome\n" + A + ",failed\n")

    assert [row["outcome"] for row in objects(ran.out)] == ["failed"]


def test_never_is_no_file(run: Run, keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 5.2: a file of that name is `./never`."""
    keep({"jobs": {"0": ["busy"]}}, "never")
    monkeypatch.chdir(tmp_path)
    outcomes = [
        objects(run("preview", *NOW, "--format", "ndjson", "--outcomes", name, "-", body=request(number(A))).out)
        for name in ("never", "./never")
    ]

    assert [rows[0]["outcome"] for rows in outcomes] == ["noAnswer", "busy"]


def test_a_seed_decides_the_luck_of_a_model(run: Run, keep: Keep) -> None:
    """R12.3: the same seed the same run, 0 if none is given."""
    path = keep(MODEL)

    def outcomes(*words: str) -> list[str]:
        ran = run("preview", *NOW, "--format", "ndjson", "--outcomes", path, *words, "-", body=many(50))
        return [row["outcome"] for row in objects(ran.out)]

    first = outcomes("--seed", "1")

    assert set(first) == {"answered", "busy", "noAnswer"}
    assert outcomes("--seed", "1") == first
    assert outcomes("--lines", "1", "--seed", "1") == first
    assert outcomes("--seed", "2") != first
    assert outcomes() == outcomes("--seed", "0")


@pytest.mark.parametrize("seed", ["", "x", "1.5"])
def test_a_bad_seed_is_a_usage_error(seed: str, run: Run) -> None:
    """DESIGN 5.2: exit code 2."""
    ran = run("preview", *NOW, "--seed", seed, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert "--seed" in ran.err


def test_the_warnings_of_a_script_are_said_too(run: Run, keep: Keep) -> None:
    """R10.3, R15.3: in words and in JSON; one that comes up in the run too."""
    asked = [{"startAfterMinutes": 1, "maxAttempts": 9}, {"startAfterMinutes": 2}]
    path = keep({"phones": {A: [{"outcome": "answered", "redial": asked}]}})
    campaign = ("--campaign", keep("maxAttemptsPerPhone = 1", "campaign.toml"))
    words = run("preview", *NOW, *campaign, "--outcomes", path, "-", body=request(number(A)))
    data = json.loads(
        run("preview", *NOW, *campaign, "--outcomes", path, "--format", "json", "-", body=request(number(A))).out
    )

    assert [line.partition(": ")[0] for line in words.err.splitlines()] == ["warning"] * 3
    assert [(each["type"], each["count"]) for each in data["warnings"]] == [
        ("redial.ignored", 1),
        ("invalid.max.attempts", 1),
        ("redial.ignored", 1),
    ]


# -- scenarios -------------------------------------------------------------------------------------------


def test_a_scenario_is_carried_out(run: Run, keep: Keep) -> None:
    """R13.1, DESIGN 5.2: `--scenario FILE`."""
    path = keep(
        scenario(
            {"at": 1, "do": "submit", "numbers": [number(C)]},
            {"at": 2, "do": "cancel", "phones": [A]},
            {"at": 3, "do": "stop"},
        ),
        "scenario.json",
    )
    body = request(number(A, maxAttempts=5), number(B, maxAttempts=5))
    words = run("preview", *NOW, "--scenario", path, "-", body=body)
    summary = json.loads(run("preview", *NOW, "--scenario", path, "--format", "json", "-", body=body).out)["summary"]

    assert (words.code, words.err) == (0, "")
    assert [row[3:5] for row in table_rows(words.out)[:3]] == [[A, "0"], [B, "1"], [C, "2"]]
    assert f"1 job ended before the last attempt, because of a cancel: {A} (job 0)\n" in words.out
    assert f"1 job ended before the last attempt, as the campaign was stopped: {B} (job 1)\n" in words.out
    assert summary["cutShort"] == {"cancelled": [0], "campaignStopped": [1]}
    assert summary["states"] == {"cancelledByUser": 1, "noAnswer": 1, "notDone": 1}


def test_jobs_that_are_never_dialled_are_said_with_the_reason(run: Run, keep: Keep) -> None:
    """R12.5: cancelled or stopped before."""
    path = keep(scenario({"at": 0, "do": "cancel", "jobs": [0]}, {"at": 0, "do": "stop"}), "scenario.json")
    ran = run("preview", *NOW, "--scenario", path, "-", body=request(number(A), number(B)))

    assert table_rows(ran.out) == []
    assert f"1 job not dialled, because of a cancel: {A} (job 0)\n" in ran.out
    assert f"1 job not dialled, as the campaign was stopped before: {B} (job 1)\n" in ran.out


def test_a_refused_command_is_a_warning_and_no_failure(run: Run, keep: Keep) -> None:
    """R13.1: exit code 0; its path names the command."""
    path = keep(scenario({"at": 1, "do": "cancel", "jobs": [7]}), "scenario.json")
    words = run("preview", *NOW, "--scenario", path, "-", body=request(number(A)))
    (warning,) = json.loads(
        run("preview", *NOW, "--scenario", path, "--format", "json", "-", body=request(number(A))).out
    )["warnings"]

    assert words.code == 0
    assert words.err.startswith("warning: $.commands[0]: the command was refused: ")
    assert (warning["path"], warning["type"]) == ("$.commands[0]", "id.not.found")


@TO_RUNS
def test_a_command_before_the_beginning_is_a_usage_error(command: tuple[str, ...], run: Run, keep: Keep) -> None:
    """R13.1: exit code 2."""
    path = keep({"commands": [{"at": "2026-03-02T08:59:59Z", "do": "pause"}]}, "scenario.json")
    ran = run(*command, "--scenario", path, "-", body=request(number(A)))

    assert (ran.code, ran.out) == (2, "")
    assert "command 0 is for 2026-03-02T08:59:59Z" in ran.err


def test_strict_is_strict_with_scripts_and_scenarios(run: Run, keep: Keep) -> None:
    """R15.3: as with the request."""
    redial = {"startAfterMinutes": 1, "maxAttempts": 0}
    outcomes = ("--outcomes", keep({"phones": {A: [{"outcome": "answered", "redial": redial}]}}))
    told = ("--scenario", keep({"commands": [{"at": "2026-03-02T09:00:00", "do": "pause"}]}, "scenario.json"))
    for words, kind in ((outcomes, "invalid.max.attempts"), (told, "invalid.call.dates")):
        lax = run("preview", *NOW, *words, "-", body=request(number(A)))
        strict = run("preview", *NOW, *words, "--strict", "-", body=request(number(A)))

        assert (lax.code, strict.code) == (0, 1)
        assert lax.err.startswith("warning: ")
        assert strict.err.startswith("problem: ")
        assert kind in lax.err
        assert kind in strict.err


# -- explain ---------------------------------------------------------------------------------------------


def test_a_job_is_explained_in_words(run: Run, keep: Keep) -> None:
    """R6.3, DESIGN 5.2: on the customer's clock and in UTC; what was decided by whom; why then."""
    body = request(number(A, "Europe/Moscow", allowedTime=TEN_TO_SIX, maxAttempts=2, dialerPriority=1))
    ran = run("explain", "--now", "2026-03-02T05:00:00Z", "--job", "0", "--outcomes", keep(SCRIPT), "-", body=body)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{A}, job 0, on the clock of Europe/Moscow (as the request says)\n")
    assert "maxAttempts             2 (number)\n" in ran.out
    assert "retryIntervalInMinutes  60 (default)\n" in ran.out
    assert "dialled    Mon 2026-03-02 10:00:00 Europe/Moscow (2026-03-02 07:00:00Z): busy, 30 s\n" in ran.out
    assert "[window]" in ran.out
    assert "Redial 1, asked for at " in ran.out
    assert ran.out.endswith("\n")


def test_a_phone_is_explained_with_all_its_numbers(run: Run, keep: Keep) -> None:
    """DESIGN 5.2, R15.4: in any spelling; also those that a scenario brings."""
    path = keep(scenario({"at": 1, "do": "submit", "numbers": [number(A, payload=2)]}), "scenario.json")
    body = request(number(A), number(B), number(A, payload=1))
    words = ("explain", *NOW, "--phone", "+7 (900) 000-00-01", "--scenario", path)
    ran = run(*words, "-", body=body)
    data = json.loads(run(*words, "--format", "json", "-", body=body).out)

    assert re.findall(rf"(?m)^{A}, job (\d), on the clock of Z ", ran.out) == ["0", "2", "3"]
    assert [(each["job"], each["phone"]) for each in data] == [(0, A), (2, A), (3, A)]


def test_why_not_at_an_instant_is_said(run: Run) -> None:
    """R12.5, DESIGN 5.2: `--at`, with what forbids it and what comes next."""
    body = request(number(A, "Europe/Moscow", allowedTime=TEN_TO_SIX))
    words = ("explain", "--now", "2026-03-02T16:00:00Z", "--job", "0", "--at", "2026-03-02T20:00:00+03:00")
    ran = run(*words, "-", body=body)
    (only,) = json.loads(run(*words, "--format", "json", "-", body=body).out)
    moment = only["at"]

    assert "At Mon 2026-03-02 20:00:00 Europe/Moscow (2026-03-02 17:00:00Z) it is planned" in ran.out
    assert "It is next dialled at Tue 2026-03-03 10:00:00 Europe/Moscow (2026-03-03 07:00:00Z)." in ran.out
    assert (moment["at"], moment["state"]) == ("2026-03-02T17:00:00Z", "planned")
    assert [each["code"] for each in moment["forbidden"]] == ["window"]
    assert (moment["nextAllowed"], moment["nextDial"]) == ("2026-03-03T07:00:00Z",) * 2


def test_an_explanation_as_json_has_stable_codes(run: Run) -> None:
    """DESIGN 5.4: a list, one explanation on a line; without `--at` there is no instant."""
    body = request(number(A, localTimeFrom="10:00"))
    ran = run("explain", *NOW, "--job", "0", "--format", "json", "-", body=body)
    (only,) = json.loads(ran.out)
    (series,) = only["series"]

    assert (ran.code, ran.err, len(ran.out.splitlines())) == (0, "", 3)
    assert set(only) == {"job", "phone", "series", "at"}
    assert only["at"] is None
    assert [attempt["at"] for attempt in series["attempts"]] == ["2026-03-02T10:00:00Z"]
    assert [wait["code"] for wait in series["attempts"][0]["waits"]] == ["window"]
    assert (series["state"], series["reason"]) == ("noAnswer", "attemptsUsedUp")


@pytest.mark.parametrize(
    "fields",
    [
        {"finishDateTime": "9999-12-31T23:59:59Z"},
        {"finishDateTime": "9999-12-31T23:59:59.999-12:00"},
        {"startDateTime": "0001-01-01T00:00:00+12:00"},
        {"startDateTime": "9999-12-31T23:59:59-12:00"},
    ],
)
@pytest.mark.parametrize("zone", ["+18", "-18", "Europe/Moscow"])
def test_dates_at_the_ends_of_the_calendar_are_explained(fields: dict[str, str], zone: str, run: Run) -> None:
    """R5.1: years 1 to 9999, on whatever clock: some write 9999-12-31 for `never`."""
    for name in ("text", "json"):
        words = ("explain", *NOW, "--job", "0", "--at", "2026-03-02T10:00:00Z", "--format", name)
        ran = run(*words, "-", body=request(number(A, zone, **fields)))

        assert (ran.code, ran.err) == (0, "")
        assert re.search("9999-12-31|9999-12-30|0001-01-01", ran.out)


def test_an_explanation_may_be_written_to_a_file(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: `--output`."""
    path = tmp_path / "why.txt"
    ran = run("explain", *NOW, "--job", "0", "--output", str(path), "-", body=request(number(A)))

    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert path.read_text("utf-8") == run("explain", *NOW, "--job", "0", "-", body=request(number(A))).out


@pytest.mark.parametrize("words", [(), ("--job", "0", "--phone", A), ("--at", "2026-03-02T10:00:00Z")])
def test_explain_wants_a_job_or_a_phone(words: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: one of the two; exit code 2."""
    ran = run("explain", *NOW, *words, "-", body=request(number(A)))

    assert (ran.code, ran.out) == (2, "")
    assert "--job K" in ran.err
    assert "--phone P" in ran.err


@pytest.mark.parametrize(
    ("words", "body", "said"),
    [
        (("--job", "2"), request(number(A), number(B)), "no job 2; the jobs are 0 to 1"),
        (("--job", "-1"), request(number(A)), "no job -1"),
        (("--job", "0"), "[]", "no job 0; there is none"),
        (("--job", "x"), request(number(A)), "--job"),
        (("--phone", B), request(number(A)), f'no number has the phone "{B}"'),
        (("--phone", "x"), request(number(A)), 'no number has the phone "x"'),
        (("--phone", ""), request(number(A)), 'no number has the phone ""'),
        (("--phone", "\x1b[2J"), request(number(A)), r"\x1b[2J"),
        (("--job", "0", "--at", "2026-03-02T08:59:59.999Z"), request(number(A)), "lies outside the run"),
        (
            ("--job", "0", "--at", "2026-03-03T00:00:01Z", "--until", "2026-03-03"),
            request(number(A)),
            "lies outside the run",
        ),
        (("--job", "0", "--at", "noon"), request(number(A)), "--at: "),
        (("--job", "0", "--now", "noon"), request(number(A)), "--now: "),
        (("--job", "0", "--until", "2026-03-01"), request(number(A)), "does not lie after"),
        (("--job", "0", "--lines", "0"), request(number(A)), "at least 1"),
        (("--job", "0", "--format", "table"), request(number(A)), "--format"),
    ],
)
def test_what_cannot_be_explained_is_a_usage_error(words: tuple[str, ...], body: str, said: str, run: Run) -> None:
    """DESIGN 5.2: exit code 2, and what there is instead; nothing is written."""
    ran = run("explain", *NOW, *words, "-", body=body)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "\x1b" not in ran.err


def test_an_instant_without_offset_is_utc_with_a_warning(run: Run) -> None:
    """R5.1: `--at` too."""
    ran = run("explain", *NOW, "--job", "0", "--at", "2026-03-02T09:00:10", "-", body=request(number(A)))

    assert ran.code == 0
    assert "warning: --at " in ran.err
    assert "it is inProcess" in ran.out


# -- model -----------------------------------------------------------------------------------------------


def test_the_history_of_a_preview_is_turned_into_a_model_for_the_next(run: Run, keep: Keep, tmp_path: Path) -> None:
    """R12.2: `preview --format csv | model - | preview --outcomes`."""
    history = run("preview", *NOW, "--format", "csv", "--outcomes", keep(MODEL), "-", body=many(500)).out
    printed = run("model", "-", body=history)
    path = tmp_path / "model.json"
    written = run("model", "--output", str(path), keep(history, "history.csv"))
    ran = run("preview", *NOW, "--outcomes", str(path), "--format", "json", "-", body=many(500))

    assert (printed.code, printed.err, written.code, written.out) == (0, "", 0, "")
    assert path.read_text("utf-8") == printed.out
    assert json.loads(printed.out)["model"]["answered"] == pytest.approx(0.4, abs=0.07)
    assert json.loads(ran.out)["summary"]["reach"] == pytest.approx(0.4, abs=0.07)


def test_a_bad_history_is_refused_in_words(run: Run) -> None:
    """R15.1: exit code 1; beyond twenty they are counted, and no format is named that there is not."""
    rows = "local,attempt,outcome,seconds\n" + "x,1,busy,3\n" * 22
    ran = run("model", "-", body=rows)
    lines = ran.err.splitlines()

    assert (ran.code, ran.out, len(lines)) == (1, "", 21)
    assert lines[0].startswith("problem: $[0].local: line 2: ")
    assert lines[-1] == "... and 2 more problems"


def test_a_refused_history_leaves_the_file_alone(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2."""
    path = tmp_path / "model.json"
    path.write_text("before", "utf-8")
    ran = run("model", "-", "--output", str(path), body="")

    assert ran.code == 1
    assert path.read_text("utf-8") == "before"


# -- files that are missing, refused or named twice --------------------------------------------------------


@TO_RUNS
@pytest.mark.parametrize("option", ["--outcomes", "--scenario", "--campaign"])
@pytest.mark.parametrize("path", ["absent.json", ".", "", "nul\0.json"])
def test_a_file_that_cannot_be_opened_is_a_usage_error(
    option: str, path: str, command: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 5.2: exit code 2, with the path and the reason, in one line."""
    monkeypatch.chdir(tmp_path)
    ran = run(*command, option, path, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("call-scheduler: cannot read ")
    assert ran.err.count("\n") == 1


def test_a_history_that_cannot_be_opened_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    """DESIGN 5.2: exit code 2."""
    ran = run("model", str(tmp_path / "absent.csv"))

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("call-scheduler: cannot read ")


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--campaign", "-"),
        ("windows", "--from", "2026-03-02", "--until", "2026-03-03", "--campaign", "-"),
        ("preview", "--outcomes", "-"),
        ("preview", "--scenario", "-"),
        ("explain", "--job", "0", "--outcomes", "-", "--scenario", "-"),
    ],
)
def test_standard_input_is_read_once(words: tuple[str, ...], run: Run) -> None:
    """DESIGN 5.2: a second `-` would find nothing."""
    ran = run(*words, "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert "can be read once" in ran.err


@TO_RUNS
@pytest.mark.parametrize(
    ("option", "content", "path", "kind"),
    [
        ("--outcomes", {"phones": {A: ["bussy"]}}, f'$.phones["{A}"][0]', "invalid.field"),
        ("--outcomes", "", "$", "invalid.json"),
        ("--outcomes", "outcome,phone\nbusy,12\n", "$[0].phone", "phone.bad.format"),
        ("--outcomes", {"model": {"answered": 2}}, "$.model.answered", "invalid.field"),
        ("--scenario", {"commands": [{"at": "x", "do": "pause"}]}, "$.commands[0].at", "invalid.call.dates"),
        (
            "--scenario",
            scenario({"at": 1, "do": "submit", "numbers": [number(A, "Mars")]}),
            "$.commands[0].numbers[0].gmtZone",
            "phone.gmtZone.bad.format",
        ),
    ],
)
def test_a_refused_file_is_the_body_of_a_refusal(
    option: str, content: object, path: str, kind: str, command: tuple[str, ...], run: Run, keep: Keep
) -> None:
    """R15.2, DESIGN 5.2: in words on standard error, as JSON on standard output; exit code 1."""
    words = (*command, option, keep(content, "file"), "-")
    said = run(*words, body=request(number(A)))
    body = run(*words, "--format", "json", body=request(number(A)))
    answer = json.loads(body.out)

    assert (said.code, said.out, body.code, body.err) == (1, "", 1, "")
    assert said.err.startswith(f"problem: {path}: ")
    assert [(each["path"], each["type"]) for each in answer["problems"]] == [(path, kind)]
    assert answer["type"] == kind


@TO_RUNS
def test_where_all_problems_are_to_be_found_is_a_command_that_reads_the_file(
    command: tuple[str, ...], run: Run, keep: Keep
) -> None:
    """DESIGN 5.2: `check` reads no outcomes."""
    path = keep({"phones": {A: ["x"] * 25}})
    ran = run(*command, "--outcomes", path, "-", body=request(number(A)))
    everything = run(*command, "--outcomes", path, "--format", "json", "-", body=request(number(A)))

    assert ran.err.splitlines()[-1] == f"... and 5 more problems; {command[0]} --format json has all"
    assert len(json.loads(everything.out)["problems"]) == 25


# -- hostile input ---------------------------------------------------------------------------------------

NASTY = '=HYPERLINK("http://example.invalid")\x1b[2J\r\n@x'


def test_no_cell_of_a_csv_begins_a_formula(run: Run, keep: Keep) -> None:
    """DESIGN 5.2: but for numbers and zones, which have passed their grammar."""
    outcomes = {"phones": {A: [{**CALL, "result": NASTY, "redial": {"startAfterMinutes": 1}}]}}
    told = scenario({"at": 1, "do": "submit", "key": NASTY, "numbers": [number(C, "-05:00", payload=NASTY)]})
    campaign = keep({"name": NASTY}, "campaign.json")
    files = ("--outcomes", keep(outcomes), "--scenario", keep(told, "scenario.json"), "--campaign", campaign)
    body = request(number(A, "+3", payload={NASTY: NASTY}), number(f"+{B}", "-05:00", payload=NASTY))
    ran = run("preview", *NOW, *files, "--format", "csv", "-", body=body)
    rows = list(csv.DictReader(io.StringIO(ran.out)))

    assert len(rows) == 4
    for row in rows:
        for name, cell in row.items():
            assert name == "zone" or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (name, cell)
    assert "HYPERLINK" not in ran.out


@pytest.mark.parametrize(
    "content",
    [
        {NASTY: 1},
        {"phones": {NASTY: [NASTY]}},
        {"jobs": {NASTY: [{"outcome": NASTY, NASTY: 1}]}},
        {"model": {"answered": NASTY, NASTY: NASTY, "answeredByHour": {NASTY: 1}, "ringSeconds": {NASTY: 1}}},
        f'outcome,phone,"{NASTY}"\n',
        'outcome,phone\n"' + NASTY.replace('"', "") + '",1\n',
    ],
)
def test_what_is_quoted_of_a_file_cannot_reach_a_terminal(content: object, run: Run, keep: Keep) -> None:
    """R15.1: one line for each problem, without control characters."""
    ran = run("preview", *NOW, "--outcomes", keep(content), "-", body=request(number(A)))

    assert ran.code == 1
    assert all(line.startswith("problem: ") and line.isprintable() for line in ran.err.splitlines())


# -- pipes and machines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("explain", *NOW, "--phone", A), ("explain", *NOW, "--job", "0"), ("model",)])
def test_a_broken_pipe_ends_in_silence(words: tuple[str, ...], keep: Keep) -> None:
    """DESIGN 5.2: no traceback, and not the exit code of a refused input or of usage."""
    history = "local,attempt,outcome,seconds\n2026-03-02T10:00:00Z,1,busy,3\n"
    path = keep(history if words == ("model",) else request(*(number(A, payload=place) for place in range(300))))
    with subprocess.Popen([COMMAND, *words, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        code = child.wait(timeout=120)

    assert said == b""
    assert code in {0, -signal.SIGPIPE, 128 + signal.SIGPIPE}


def test_every_machine_draws_and_explains_the_same(keep: Keep, tmp_path: Path) -> None:
    """R12.3, R8.5: a function of the inputs, not of the machine's zone, language or hash order."""
    campaign = campaign_file(tmp_path, 'timeZone = "Europe/Moscow"\nmaxSimultaneousCalls = 2')
    files = ("--campaign", campaign, "--outcomes", keep(MODEL), "--seed", "5")
    machines = [
        {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONTZPATH": ""},
    ]
    body = many(30, maxAttempts=3)
    for words in (("explain", "--job", "7", "--at", "2026-03-02T09:30:00Z"), ("preview", "--format", "json")):
        first, second = [process(*words, *NOW, *files, "-", body=body, **each) for each in machines]

        assert first.code == 0
        assert second == first
