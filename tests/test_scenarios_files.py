"""Scenario files: every command in JSON and in TOML, the batches inside, and every problem at once."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import (
    Campaign,
    Cancel,
    DayLines,
    Pause,
    Problem,
    Resume,
    ScenarioRefused,
    SetLines,
    SetPace,
    Stop,
    Submit,
    load_scenario,
    read_campaign,
    read_request,
    read_scenario,
)
from scheduler.intake.scenario import Scenario

AT = "2026-03-02T12:00:00Z"
AT_MS = 1_772_452_800_000
PHONE = "79123456789"
BAD_FIELD, BAD_JSON, BAD_DATES = "invalid.field", "invalid.json", "invalid.call.dates"
STRICT = read_campaign("[readings]\nstrict = true")
NUMBERS = [{"phone": PHONE, "gmtZone": "Z", "maxAttempts": 2}, {"phone": "4930123456", "gmtZone": "Europe/Berlin"}]


def scenario(*commands: dict[str, Any], campaign: Campaign | None = None) -> Scenario:
    """The scenario of a good file."""
    return read_scenario(json.dumps({"commands": commands}), campaign or Campaign())


def command(what: str, **fields: Any) -> Any:
    """The only command of a file."""
    (only,) = scenario({"at": AT, "do": what, **fields}).commands
    return only


def problems_of(text: str | bytes) -> tuple[Problem, ...]:
    """Whatever comes, it is read, or refused with these problems."""
    try:
        found = read_scenario(text, STRICT)
    except ScenarioRefused as error:
        return error.problems
    assert isinstance(found, Scenario)
    return ()


def problems(text: str | bytes | dict[str, Any], campaign: Campaign | None = None) -> list[tuple[str, str, str]]:
    """The problems of a bad file: path, type and message."""
    with pytest.raises(ScenarioRefused) as caught:
        read_scenario(json.dumps(text) if isinstance(text, dict) else text, campaign or Campaign())
    assert all(problem.message.isprintable() for problem in caught.value.problems)
    return [(each.path, each.type, each.message) for each in caught.value.problems]


def refused(*commands: object, campaign: Campaign | None = None) -> list[tuple[str, str]]:
    """The problems of bad commands: path behind `$.commands`, and type."""
    found = problems({"commands": list(commands)}, campaign)
    assert all(path.startswith("$.commands[") for path, _, _ in found)
    return [(path.removeprefix("$.commands"), kind) for path, kind, _ in found]


# -- the commands ----------------------------------------------------------------------------------------


def test_a_batch_is_submitted_with_or_without_a_key() -> None:
    """R13.1, R14: it is read as a request is."""
    jobs = read_request(json.dumps(NUMBERS), Campaign()).jobs

    assert command("submit", numbers=NUMBERS) == Submit(at=AT_MS, jobs=jobs)
    assert command("submit", numbers=NUMBERS, key="K1") == Submit(at=AT_MS, jobs=jobs, key="K1")
    assert command("submit", numbers=NUMBERS, key=None) == Submit(at=AT_MS, jobs=jobs)
    assert command("submit", numbers=[]) == Submit(at=AT_MS, jobs=[])


def test_jobs_and_phones_are_cancelled() -> None:
    """R13.3, R15.4: jobs by their index, phones in any spelling; either or both."""
    assert command("cancel", jobs=[0, 3.0]) == Cancel(at=AT_MS, jobs=(0, 3))
    assert command("cancel", phones=["+7 (912) 345-67-89"]) == Cancel(at=AT_MS, phones=(PHONE,))
    assert command("cancel", jobs=[1], phones=[PHONE]) == Cancel(at=AT_MS, jobs=(1,), phones=(PHONE,))
    assert command("cancel", jobs=[], phones=[PHONE]) == Cancel(at=AT_MS, phones=(PHONE,))
    assert command("cancel", jobs=None, phones=[PHONE]) == Cancel(at=AT_MS, phones=(PHONE,))


def test_a_campaign_is_paused_resumed_and_stopped() -> None:
    """R13.2."""
    assert command("pause") == Pause(at=AT_MS)
    assert command("resume") == Resume(at=AT_MS)
    assert command("stop") == Stop(at=AT_MS)


def test_lines_are_a_number_or_those_of_the_day() -> None:
    """R11.1, R11.3: only a command may set none."""
    day = [{"from": "18:00", "lines": 5}, {"from": "9:00", "lines": 20}]

    assert command("lines", lines=10) == SetLines(at=AT_MS, lines=10)
    assert command("pace", callsPerSecond=5) == SetPace(at=AT_MS, calls_per_second=5)
    assert command("pace") == SetPace(at=AT_MS, calls_per_second=None)
    assert command("lines", lines=0) == SetLines(at=AT_MS, lines=0)
    assert command("lines", lines=day) == SetLines(at=AT_MS, lines=DayLines(((540, 20), (1080, 5))))


IN_TOML = """
[[commands]]
at = 2026-03-02T12:00:00Z
do = "submit"
key = "K1"
[[commands.numbers]]
phone = "79123456789"
gmtZone = "Z"
maxAttempts = 2
startDateTime = 2026-03-03T09:00:00+03:00
payload = { id = 7 }

[[commands]]
at = 2026-03-02T13:00:00.5+01:00
do = "cancel"
jobs = [0]

[[commands]]
at = 2026-03-03
do = "lines"
lines = [{ from = "09:00", lines = 20 }]
"""
IN_JSON = {
    "commands": [
        {
            "at": "2026-03-02T12:00:00Z",
            "do": "submit",
            "key": "K1",
            "numbers": [
                {
                    "phone": PHONE,
                    "gmtZone": "Z",
                    "maxAttempts": 2,
                    "startDateTime": "2026-03-03T09:00:00+03:00",
                    "payload": {"id": 7},
                }
            ],
        },
        {"at": "2026-03-02T12:00:00.500Z", "do": "cancel", "jobs": [0]},
        {"at": "2026-03-03", "do": "lines", "lines": [{"from": "09:00", "lines": 20}]},
    ]
}


def test_toml_with_its_own_dates_says_the_same_as_json() -> None:
    """R5.1, DESIGN 5.2: a bare date is its midnight UTC."""
    found = read_scenario(IN_TOML, Campaign())

    assert found == read_scenario(json.dumps(IN_JSON), Campaign())
    assert [each.at for each in found.commands] == [AT_MS, AT_MS + 500, AT_MS + 12 * 3_600_000]
    assert found.warnings == ()


@pytest.mark.parametrize("text", [IN_TOML, json.dumps(IN_JSON)])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_file_may_begin_with_the_mark_of_its_bytes(text: str, mark: bytes, tmp_path: Path) -> None:
    """DESIGN 5.2."""
    path = tmp_path / "scenario"
    path.write_bytes(mark + text.encode())

    assert load_scenario(path, Campaign()) == read_scenario(text, Campaign())


def test_commands_stay_in_the_order_given() -> None:
    """R13.1: those of one instant go in that order, whatever stands between them."""
    found = scenario({"at": AT, "do": "pause"}, {"at": "2026-03-01", "do": "stop"}, {"at": AT, "do": "resume"})

    assert [type(each) for each in found.commands] == [Pause, Stop, Resume]


def test_no_command_at_all_is_a_scenario() -> None:
    """R13.1."""
    assert scenario() == Scenario((), ())


# -- warnings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["2026-03-02T12:00:00", '"2026-03-02 12:00"'])
def test_an_instant_without_offset_is_read_as_utc_with_a_warning(written: str) -> None:
    """R5.1: a local date and time of TOML too."""
    text = f'[[commands]]\nat = {written}\ndo = "pause"'
    found = read_scenario(text, Campaign())

    assert [each.at for each in found.commands] == [AT_MS]
    assert [(each.path, each.type) for each in found.warnings] == [("$.commands[0].at", BAD_DATES)]
    assert AT in found.warnings[0].message
    assert [(path, kind) for path, kind, _ in problems(text, STRICT)] == [("$.commands[0].at", BAD_DATES)]


def test_the_warnings_of_a_batch_lead_into_it() -> None:
    """R15.3: alike ones of all batches are one entry, with the first path and a count."""
    suspicious = [{"phone": PHONE, "gmtZone": "Z", "x": 1}, {"phone": "4930123456", "gmtZone": "Z", "x": 1}]
    found = scenario(
        {"at": AT, "do": "pause"},
        {"at": AT, "do": "submit", "numbers": suspicious},
        {"at": AT, "do": "submit", "numbers": suspicious},
    )

    assert [(each.path, each.type, each.count) for each in found.warnings] == [
        ("$.commands[1].numbers[0].x", BAD_FIELD, 4)
    ]


def test_strict_is_strict_with_batches() -> None:
    """R15.3: unknown fields, bad priority, zero attempts and naive dates."""
    number = {
        "phone": PHONE,
        "gmtZone": "Z",
        "x": 1,
        "dialerPriority": 9,
        "maxAttempts": 0,
        "startDateTime": "2026-03-03T09:00:00",
    }
    submit = {"at": AT, "do": "submit", "numbers": [number]}

    assert {each.type for each in scenario(submit).warnings} == {
        *(BAD_FIELD, "invalid.dialer_priority", "invalid.max.attempts", BAD_DATES)
    }
    assert sorted(refused(submit, campaign=STRICT)) == [
        ("[0].numbers[0].dialerPriority", "invalid.dialer_priority"),
        ("[0].numbers[0].maxAttempts", "invalid.max.attempts"),
        ("[0].numbers[0].startDateTime", BAD_DATES),
        ("[0].numbers[0].x", BAD_FIELD),
    ]


# -- what is refused -------------------------------------------------------------------------------------


def test_the_problems_of_a_batch_lead_into_it() -> None:
    """R15.1: with the vendor's types; the index is that of the batch."""
    wrong = [{"phone": PHONE, "gmtZone": "Mars"}, {"phone": "12", "gmtZone": "Z"}, 5]
    with pytest.raises(ScenarioRefused) as caught:
        scenario({"at": AT, "do": "pause"}, {"at": AT, "do": "submit", "numbers": wrong})

    assert [(each.job, each.path, each.type) for each in caught.value.problems] == [
        (0, "$.commands[1].numbers[0].gmtZone", "phone.gmtZone.bad.format"),
        (1, "$.commands[1].numbers[1].phone", "phone.bad.format"),
        (2, "$.commands[1].numbers[2]", BAD_FIELD),
    ]
    assert caught.value.body()["gmtZone"] == "Mars"


def test_duplicates_are_left_to_the_run() -> None:
    """R14.2, R14.3: what is a duplicate depends on the instant and the key."""
    assert len(command("submit", numbers=[NUMBERS[0], NUMBERS[0]]).jobs) == 2


@pytest.mark.parametrize(
    ("fields", "path", "kind"),
    [
        (5, "", BAD_FIELD),
        (None, "", BAD_FIELD),
        ("pause", "", BAD_FIELD),
        ([], "", BAD_FIELD),
        ({"do": "pause"}, ".at", BAD_DATES),
        ({"at": None, "do": "pause"}, ".at", BAD_DATES),
        ({"at": 5, "do": "pause"}, ".at", BAD_DATES),
        ({"at": 1772452800000, "do": "pause"}, ".at", BAD_DATES),
        ({"at": True, "do": "pause"}, ".at", BAD_DATES),
        ({"at": [AT], "do": "pause"}, ".at", BAD_DATES),
        ({"at": "", "do": "pause"}, ".at", BAD_DATES),
        ({"at": "12:00", "do": "pause"}, ".at", BAD_DATES),
        ({"at": "0001-01-01", "do": "pause"}, ".at", BAD_DATES),
        ({"at": "9999-12-31T23:00:00Z", "do": "pause"}, ".at", BAD_DATES),
        ({"at": AT}, ".do", BAD_FIELD),
        ({"at": AT, "do": None}, ".do", BAD_FIELD),
        ({"at": AT, "do": ""}, ".do", BAD_FIELD),
        ({"at": AT, "do": 5}, ".do", BAD_FIELD),
        ({"at": AT, "do": "Pause"}, ".do", BAD_FIELD),
        ({"at": AT, "do": ["pause"]}, ".do", BAD_FIELD),
        ({"at": AT, "do": "pause", "jobs": [0]}, ".jobs", BAD_FIELD),
        ({"at": AT, "do": "pause", "x.y": 1}, '["x.y"]', BAD_FIELD),
        ({"at": AT, "do": "submit"}, ".numbers", BAD_FIELD),
        ({"at": AT, "do": "submit", "numbers": {"phone": PHONE}}, ".numbers", BAD_FIELD),
        ({"at": AT, "do": "submit", "numbers": "[]"}, ".numbers", BAD_FIELD),
        ({"at": AT, "do": "submit", "numbers": [], "key": 5}, ".key", BAD_FIELD),
        ({"at": AT, "do": "submit", "numbers": [], "phones": []}, ".phones", BAD_FIELD),
        ({"at": AT, "do": "cancel"}, "", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": [], "phones": []}, "", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": 0}, "", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": 0, "phones": [PHONE]}, "", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": [0], "phones": ""}, "", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": [0, -1]}, ".jobs[1]", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": ["0"]}, ".jobs[0]", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": [True]}, ".jobs[0]", BAD_FIELD),
        ({"at": AT, "do": "cancel", "jobs": [0.5]}, ".jobs[0]", BAD_FIELD),
        ({"at": AT, "do": "cancel", "phones": ["12"]}, ".phones[0]", "phone.bad.format"),
        ({"at": AT, "do": "cancel", "phones": [79123456789]}, ".phones[0]", "phone.bad.format"),
        ({"at": AT, "do": "pace", "callsPerSecond": 0}, ".callsPerSecond", BAD_FIELD),
        ({"at": AT, "do": "pace", "callsPerSecond": "5"}, ".callsPerSecond", BAD_FIELD),
        ({"at": AT, "do": "lines"}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": -1}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": 2.5}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": "5"}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": True}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": []}, ".lines", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": [{"from": "09:00"}]}, ".lines[0]", BAD_FIELD),
        ({"at": AT, "do": "lines", "lines": [{"from": "09:00", "lines": 0}]}, ".lines[0].lines", BAD_FIELD),
    ],
)
def test_a_bad_command_is_one_problem_where_it_is_wrong(fields: object, path: str, kind: str) -> None:
    """R13.1, R15.1, R15.6."""
    assert refused(fields) == [(f"[0]{path}", kind)]


def test_what_to_write_instead_is_said() -> None:
    """R15.1: the nearest word, the fields of a command, or an example."""

    def message(**fields: Any) -> str:
        ((_, _, only),) = problems({"commands": [{"at": AT, **fields}]})
        return only

    assert "did you mean pause?" in message(do="pausse")
    assert "did you mean submit?" in message(do="addPhones")
    assert "did you mean lines?" in message(do="set_lines")
    assert "did you mean resume?" in message(do="continue")
    assert "submit, cancel, pause, resume, stop, lines" in message(do="x")
    assert "submit, cancel, pause, resume, stop, lines" in message()
    assert "did you mean phones?" in message(do="cancel", jobs=[0], phone=PHONE)
    assert "pause has at, do" in message(do="pause", x=1)
    assert '"jobs": [0]' in message(do="cancel")
    assert "5 to 15 digits" in message(do="cancel", phones=[5])


def test_all_problems_of_a_scenario_are_said_at_once() -> None:
    """R15.1: of every command and field, and of the numbers in batches."""
    found = problems(
        {
            "x": 1,
            "commands": [
                {"at": "now", "do": "pausse", "y": 1},
                {"do": "cancel", "jobs": [-1, 0], "phones": ["x", PHONE, 5]},
                {"at": AT, "do": "submit", "numbers": [{"phone": "x", "gmtZone": "Mars"}], "key": 5, "z": 1},
                {"at": "2026-02-30", "do": "lines", "lines": [{"from": "25:00", "lines": 1}, 5]},
            ],
        }
    )

    assert sorted(path for path, _, _ in found) == sorted(
        [
            "$.x",
            *("$.commands[0].at", "$.commands[0].do"),
            *("$.commands[1].at", "$.commands[1].jobs[0]", "$.commands[1].phones[0]", "$.commands[1].phones[2]"),
            *("$.commands[2].z", "$.commands[2].key"),
            *("$.commands[2].numbers[0].phone", "$.commands[2].numbers[0].gmtZone"),
            *("$.commands[3].at", "$.commands[3].lines[0].from", "$.commands[3].lines[1]"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{}", "$.commands"),
        ('{"commands": null}', "$.commands"),
        ('{"commands": {}}', "$.commands"),
        ("commands = 5", "$.commands"),
        ('[commands]\nat = "x"', "$.commands"),
        ("", "$.commands"),
        ('{"command": []}', "$.command"),
    ],
)
def test_a_scenario_is_a_list_of_commands(text: str, path: str) -> None:
    """R15.1: one problem, with an example in both ways to write it."""
    ((found, kind, message),) = problems(text)

    assert (found, kind) == (path, BAD_FIELD)
    assert "commands" in message


@pytest.mark.parametrize(
    "text",
    [
        *(b"\xff\xfe{}", "\ud800", "{", '[{"at": 1}]', "commands = ", "\x00", "commands = " + "[" * 3000),
        *('{"commands": ' + "[" * 3000 + "]" * 3000 + "}", '{"commands": [{"at": 1e400}]}'),
        "[[commands]]\nat = 2026-02-30T12:00:00Z",
    ],
)
def test_what_cannot_be_read_is_refused_whole(text: str | bytes) -> None:
    """R15.6."""
    assert [(path, kind) for path, kind, _ in problems(text)] == [("$", BAD_JSON)]


@pytest.mark.parametrize("depth", [*range(850, 1000, 11), 5000])
def test_a_batch_that_is_nested_deep_is_read_or_refused_and_nothing_worse(depth: int) -> None:
    """R15.6: a payload may be any JSON value, as deep as the decoder goes."""
    payload = "[" * depth + "]" * depth
    text = '{"commands": [{"at": "' + AT + '", "do": "submit", "numbers": [{"phone": "79123456789", "payload": %s}]}]}'

    assert {problem.type for problem in problems_of(text % payload)} <= {BAD_JSON}


def test_what_toml_nests_without_brackets_is_refused() -> None:
    """R15.6: dotted keys go deeper than any decoder of JSON."""
    numbers = f'[[commands.numbers]]\nphone = "{PHONE}"\n[commands.numbers.payload]\n{".".join("x" * 3000)} = 1'

    assert [(path, kind) for path, kind, _ in problems(f'[[commands]]\nat = 2026-03-02\ndo = "submit"\n{numbers}')] == [
        ("$.commands[0].numbers", BAD_JSON)
    ]


# -- whatever comes --------------------------------------------------------------------------------------

NAMES = st.sampled_from(["commands", "at", "do", "numbers", "key", "jobs", "phones", "lines", "from", "phone", "", "x"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 0.5, 10**25, 1e300])
    | st.sampled_from([AT, "2026-03-02", "submit", "cancel", "lines", "pause", "", PHONE, "12", "09:00", "Z"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=10
)
COMMANDS = st.fixed_dictionaries(
    {"at": st.just(AT) | LEAVES, "do": st.sampled_from(["submit", "cancel", "lines", "pause"]) | LEAVES},
    optional=dict.fromkeys(("numbers", "key", "jobs", "phones", "lines"), VALUES),
)


def read_or_refused(text: str | bytes) -> None:
    """Whatever comes, it is read, or refused with problems that lead somewhere."""
    for problem in problems_of(text):
        assert problem.path.startswith("$")
        assert problem.message.isprintable()


@settings(max_examples=150)
@given(VALUES | st.fixed_dictionaries({"commands": st.lists(COMMANDS | VALUES, max_size=3)}))
def test_whatever_the_values_are_they_are_read_or_refused(value: object) -> None:
    """R15.1: nothing but ScenarioRefused comes out."""
    read_or_refused(json.dumps(value))


@given(st.binary(max_size=30) | st.text(max_size=20), st.sampled_from(["", "{", "[[commands]]\n", '{"commands": ']))
def test_whatever_the_bytes_are_they_are_read_or_refused(rest: str | bytes, begin: str) -> None:
    """R15.6: nothing but ScenarioRefused comes out."""
    raw = rest.encode("utf-8", "surrogatepass") if isinstance(rest, str) else rest
    read_or_refused(begin.encode() + raw)
