"""Scripts of outcomes: JSON, TOML and CSV, every field, the redials in them, and every problem at once."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import (
    Campaign,
    Model,
    OutcomesRefused,
    Redial,
    Script,
    UsageError,
    load_outcomes,
    read_campaign,
    read_outcomes,
)
from scheduler.intake.forms import merged
from scheduler.intake.redials import parse_redial
from scheduler.jobs import Outcome, Problem
from scheduler.outcomes import Call, Never
from scheduler.policy.errors import PolicyError
from scheduler.policy.levels import NO_DATES
from scheduler.policy.readings import Readings

PHONE = "79123456789"
HERE = f'$.phones["{PHONE}"]'
BAD_FIELD, BAD_JSON, BAD_DATES = "invalid.field", "invalid.json", "invalid.call.dates"
STRICT = read_campaign("[readings]\nstrict = true")
REDIAL_AT = "2026-03-04T12:00:00Z"
AT_MS = 1_772_625_600_000
MINUTE_MS = 60_000


def script(*entries: Any, campaign: Campaign | None = None) -> Script:
    """A script with these outcomes of one phone."""
    found = read_outcomes(json.dumps({"phones": {PHONE: entries}}), campaign or Campaign())
    assert isinstance(found, Script)
    return found


def call(entry: Any, campaign: Campaign | None = None) -> Call:
    """What an entry reads as."""
    (only,) = script(entry, campaign=campaign).phones[PHONE]
    return only


def redial(campaign: Campaign | None = None, /, **fields: Any) -> Redial:
    """The redial of an answered call."""
    asked = call({"outcome": "answered", "redial": fields}, campaign).redial
    assert asked is not None
    return asked


def refusal(text: str | bytes | dict[str, Any], campaign: Campaign | None = None) -> OutcomesRefused:
    """The refusal of a bad file."""
    with pytest.raises(OutcomesRefused) as caught:
        read_outcomes(json.dumps(text) if isinstance(text, dict) else text, campaign or Campaign())
    for problem in caught.value.problems:
        assert problem.job is None
        assert problem.message.isprintable()
    return caught.value


def refused(text: str | bytes | dict[str, Any], campaign: Campaign | None = None) -> list[tuple[str, str]]:
    """The problems of a bad file: path and type."""
    return [(problem.path, problem.type) for problem in refusal(text, campaign).problems]


def refused_entry(*entries: Any, campaign: Campaign | None = None) -> list[tuple[str, str]]:
    """The problems of bad entries, with their paths inside the list of the phone."""
    problems = refused({"phones": {PHONE: entries}}, campaign)
    assert all(path.startswith(HERE) for path, _ in problems)
    return [(path.removeprefix(HERE), kind) for path, kind in problems]


# -- what a script may say -------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["noAnswer", "busy", "failed", "nonexistentNumber"])
def test_an_outcome_may_be_its_name_alone(outcome: str) -> None:
    """R12.1, R12.2: it rings as long as the campaign says."""
    assert call(outcome) == call({"outcome": outcome}) == Call(Outcome(outcome), 30_000)
    assert call(outcome, Campaign(ring_ms=250)).length_ms == 250


def test_an_answered_call_talks_for_a_minute_unless_it_says_how_long() -> None:
    """R12.1: its length is ringing and talking."""
    assert call("answered") == Call(Outcome.ANSWERED, 30_000, 60_000)
    assert call({"outcome": "answered", "ringSeconds": 5, "talkSeconds": 90.5}).length_ms == 95_500


@pytest.mark.parametrize(
    ("written", "result"), [(True, True), ("sold", True), (False, False), ("", False), (None, False)]
)
def test_a_result_is_true_or_a_text(written: object, result: bool) -> None:
    """R12.4: a call with a result, or with none."""
    assert call({"outcome": "answered", "result": written}).result is result


def test_a_list_belongs_to_a_phone_or_to_a_number_by_its_index() -> None:
    """R12.2, R15.4: phones in their normal form."""
    text = '{"phones": {"+7 (912) 345-67-89": ["busy", "answered"]}, "jobs": {"0": ["failed"], "12": []}}'
    found = read_outcomes(text, Campaign())
    assert isinstance(found, Script)

    assert {phone: [each.outcome.value for each in calls] for phone, calls in found.phones.items()} == {
        PHONE: ["busy", "answered"]
    }
    assert {job: [each.outcome.value for each in calls] for job, calls in found.jobs.items()} == {0: ["failed"], 12: []}
    assert found.warnings == ()


@pytest.mark.parametrize("text", ["{}", "# nothing\n", '{"phones": {}, "jobs": null}', '{"model": null}', "[phones]\n"])
def test_a_script_may_say_nothing(text: str) -> None:
    """R12.3: then all goes on as `never`."""
    assert read_outcomes(text, Campaign()) == Script()


def test_null_is_not_set() -> None:
    """R6.1: for every field of an entry but the outcome itself."""
    fields = dict.fromkeys(("ringSeconds", "talkSeconds", "result", "redial"))
    assert call({"outcome": "answered", **fields}) == call("answered")
    assert call({"outcome": "busy", **fields}) == call("busy")


@pytest.mark.parametrize("nothing", [{"talkSeconds": 0}, {"result": False}, {"result": ""}, {"redial": []}])
def test_a_call_without_answer_may_say_that_there_was_nothing(nothing: dict[str, object]) -> None:
    """R12.1: as an export with a column of zeros does."""
    assert call({"outcome": "busy", **nothing}) == call("busy")


@pytest.mark.parametrize(
    "fields", [{"ringSeconds": 0}, {"talkSeconds": 0}, {"ringSeconds": 0.001, "talkSeconds": 0}, {"ringSeconds": 86400}]
)
def test_an_answered_call_may_not_ring_or_not_talk(fields: dict[str, float]) -> None:
    """R12.1: the sum of both is more than none."""
    assert call({"outcome": "answered", **fields}).length_ms > 0


def test_of_a_name_given_twice_in_json_the_last_counts() -> None:
    """R15.5: in TOML it is an error of the file."""
    text = '{"phones": {"79123456789": ["busy"], "79123456789": [{"outcome": "busy", "outcome": "failed"}]}}'

    assert read_outcomes(text, Campaign()) == script("failed")
    assert refused("[phones]\n79123456789 = []\n79123456789 = []") == [("$", BAD_JSON)]


# -- the three formats -----------------------------------------------------------------------------------

IN_JSON = {
    "phones": {
        PHONE: [
            "busy",
            {
                "outcome": "answered",
                "ringSeconds": 5,
                "talkSeconds": 90,
                "result": True,
                "redial": {"startDateTime": REDIAL_AT, "maxAttempts": 2},
            },
        ]
    },
    "jobs": {"3": [{"outcome": "noAnswer", "ringSeconds": 20}]},
}
IN_TOML = """
[phones]
79123456789 = [
    "busy",
    { outcome = "answered", ringSeconds = 5, talkSeconds = 90, result = true, redial = { startDateTime = 2026-03-04T12:00:00Z, maxAttempts = 2 } },
]
[jobs]
3 = [{ outcome = "noAnswer", ringSeconds = 20 }]
"""  # noqa: E501
IN_CSV = """phone,job,outcome,ringSeconds,talkSeconds,result,redial
79123456789,,busy,,,,
,3,noAnswer,20,,,
+7 912 345-67-89,,answered,5,90,true,"{""startDateTime"": ""2026-03-04T12:00:00Z"", ""maxAttempts"": 2}"
"""


def test_the_three_formats_say_the_same() -> None:
    """R12.2: JSON, TOML with its own dates, and CSV with a row for each outcome."""
    found = read_outcomes(json.dumps(IN_JSON), Campaign())

    assert read_outcomes(IN_TOML, Campaign()) == found
    assert read_outcomes(IN_CSV, Campaign()) == found
    assert isinstance(found, Script)
    assert found.phones[PHONE][1].redial == Redial(
        policy=redial(startDateTime=REDIAL_AT, maxAttempts=2).policy, dates=NO_DATES._replace(start_ms=AT_MS)
    )


@pytest.mark.parametrize("text", [json.dumps(IN_JSON), IN_TOML, IN_CSV])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_may_begin_with_the_mark_of_its_bytes(text: str, mark: bytes, end: str, tmp_path: Path) -> None:
    """DESIGN 5.2: a BOM is skipped; lines may end as on Windows; blank lines are skipped."""
    path = tmp_path / "outcomes"
    path.write_bytes(mark + ("\n" + text).replace("\n", end).encode())

    assert load_outcomes(path, Campaign()) == read_outcomes(text, Campaign())


def test_a_sheet_may_have_its_cells_in_quotes_and_its_columns_in_any_order() -> None:
    """RFC 4180."""
    text = '"outcome","phone","result"\r\n"answered","79123456789","sold, at last"\r\n\r\nbusy,79123456789,\r\n'
    found = read_outcomes(text, Campaign())
    assert isinstance(found, Script)

    assert [(each.outcome.value, each.result) for each in found.phones[PHONE]] == [("answered", True), ("busy", False)]


# -- redials ---------------------------------------------------------------------------------------------


def test_a_redial_has_a_policy_of_its_own() -> None:
    """R10.1: every field of it."""
    asked = redial(
        startDateTime=REDIAL_AT,
        finishDateTime="2026-03-05T12:00:00Z",
        allowedDays=["wed", "thu"],
        allowedTime={"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
        retryIntervalInMinutes=30,
        maxAttempts=3,
        dialerPriority=1,
    )

    assert (asked.dates.start_ms, asked.dates.finish_ms) == (AT_MS, AT_MS + 24 * 60 * MINUTE_MS)
    assert asked.policy.allowed_days == frozenset({2, 3})
    assert asked.policy.allowed_time is not None
    assert (asked.policy.retry_min, asked.policy.max_attempts, asked.policy.priority) == (30, 3, 1)
    assert asked.start_after_ms is None


@pytest.mark.parametrize(
    "fields",
    [
        {"startDateTime": REDIAL_AT},
        {"startAfterMinutes": 0},
        {"startAfterMinutes": 60.0},
        {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}},
        {"localTimeFrom": "10:00"},
        {"localTimeTo": "18:00"},
    ],
)
def test_a_redial_needs_a_start_or_a_time(fields: dict[str, Any]) -> None:
    """R10.1, R12.3: in a script a pause from the end of the call is a start too; R3.9: the old form is a time."""
    assert redial(**fields)


@pytest.mark.parametrize("fields", [{}, {"startDateTime": None}, {"maxAttempts": 3}, {"allowedDays": ["mon"]}])
def test_a_redial_without_a_start_or_a_time_is_refused(fields: dict[str, Any]) -> None:
    """R10.1."""
    assert refused_entry({"outcome": "answered", "redial": fields}) == [("[0].redial", BAD_DATES)]


def test_a_pause_counts_in_minutes() -> None:
    """R12.3: from the end of the call, instead of a start."""
    asked = redial(startAfterMinutes=90)

    assert (asked.start_after_ms, asked.dates.start_ms) == (90 * MINUTE_MS, None)


@pytest.mark.parametrize("attempts", [6, 9, 50])
def test_a_redial_has_at_most_five_attempts_of_its_own(attempts: int) -> None:
    """R10.3: with a warning."""
    found = script({"outcome": "answered", "redial": {"startAfterMinutes": 1, "maxAttempts": attempts}})
    (only,) = found.phones[PHONE]
    (warning,) = found.warnings

    assert only.redial is not None
    assert only.redial.policy.max_attempts == 5
    assert (warning.path, warning.type) == (f"{HERE}[0].redial.maxAttempts", "invalid.max.attempts")
    assert str(attempts) in warning.message


@pytest.mark.parametrize("attempts", [1, 5])
def test_up_to_five_attempts_of_a_redial_need_no_warning(attempts: int) -> None:
    """R10.3."""
    found = script({"outcome": "answered", "redial": {"startAfterMinutes": 1, "maxAttempts": attempts}})

    assert found.warnings == ()


@pytest.mark.parametrize("attempts", [51, -1, 2.5, "3", True])
def test_other_attempts_of_a_redial_are_refused(attempts: object) -> None:
    """R9.1."""
    entry = {"outcome": "answered", "redial": {"startAfterMinutes": 1, "maxAttempts": attempts}}

    assert refused_entry(entry) == [("[0].redial.maxAttempts", "invalid.max.attempts")]


@pytest.mark.parametrize("priority", [0, 6, 7, 2.5, "2", True])
@pytest.mark.parametrize("campaign", [Campaign(), STRICT])
def test_a_bad_priority_of_a_redial_is_a_problem_in_either_reading(priority: object, campaign: Campaign) -> None:
    """R7.2."""
    entry = {"outcome": "answered", "redial": {"startAfterMinutes": 1, "dialerPriority": priority}}

    assert refused_entry(entry, campaign=campaign) == [("[0].redial.dialerPriority", "invalid.dialer_priority")]


def test_a_start_that_is_not_before_the_finish_is_a_problem_of_the_script() -> None:
    """R10.4, R5.1."""
    entry = {"outcome": "answered", "redial": {"startDateTime": REDIAL_AT, "finishDateTime": REDIAL_AT}}

    assert refused_entry(entry) == [("[0].redial.finishDateTime", BAD_DATES)]


def test_a_start_and_a_pause_together_are_refused() -> None:
    """R12.3: one instead of the other."""
    entry = {"outcome": "answered", "redial": {"startDateTime": REDIAL_AT, "startAfterMinutes": 5}}

    assert refused_entry(entry) == [("[0].redial.startAfterMinutes", BAD_DATES)]


@pytest.mark.parametrize("minutes", [-1, 2.5, "5", True, 10**9, 1e300, [], {}])
def test_a_bad_pause_is_refused(minutes: object) -> None:
    """R12.3, R15.6: whole minutes, up to ten years."""
    entry = {"outcome": "answered", "redial": {"startAfterMinutes": minutes}}

    assert refused_entry(entry) == [("[0].redial.startAfterMinutes", BAD_DATES)]


def test_of_several_redials_in_a_conversation_the_first_counts() -> None:
    """R10.3: with a warning; the later ones are not even read."""
    found = script({"outcome": "answered", "redial": [{"startAfterMinutes": 1}, {"startAfterMinutes": 2}, "x"]})
    (only,) = found.phones[PHONE]
    (warning,) = found.warnings

    assert only.redial == redial(startAfterMinutes=1)
    assert warning.path == f"{HERE}[0].redial[1]"


def test_alike_warnings_are_one_entry_with_a_count() -> None:
    """R15.3: also where equal redials are read once."""
    entry = {"outcome": "answered", "redial": [{"startAfterMinutes": 1, "maxAttempts": 9}, {}]}
    found = script(*[entry] * 3)

    assert [(warning.path, warning.count) for warning in found.warnings] == [
        (f"{HERE}[0].redial[1]", 3),
        (f"{HERE}[0].redial[0].maxAttempts", 3),
    ]


def test_warnings_that_have_counts_are_added_up() -> None:
    """R15.3."""
    first = Problem(job=1, path="$[1].x", type="t", message="m", count=3)
    again = Problem(job=0, path="$[0].x", type="t", message="m", count=2)
    other = Problem(job=0, path="$[0].x", type="u", message="m")

    assert [(each.path, each.type, each.count) for each in merged([first, other, again])] == [
        ("$[1].x", "t", 5),
        ("$[0].x", "u", 1),
    ]


@pytest.mark.parametrize(
    ("fields", "path", "kind"),
    [
        ({"startDateTime": "2026-03-04T12:00:00"}, ".startDateTime", BAD_DATES),
        ({"startAfterMinutes": 1, "finishDateTime": "2026-03-04 12:00"}, ".finishDateTime", BAD_DATES),
        ({"startAfterMinutes": 1, "maxAttempts": 0}, ".maxAttempts", "invalid.max.attempts"),
    ],
)
def test_strict_refuses_what_is_only_suspicious_in_a_redial(fields: dict[str, Any], path: str, kind: str) -> None:
    """R15.3: dates without offset and zero attempts."""
    entry = {"outcome": "answered", "redial": fields}

    assert [(each.path, each.type) for each in script(entry).warnings] == [(f"{HERE}[0].redial{path}", kind)]
    assert refused_entry(entry, campaign=STRICT) == [(f"[0].redial{path}", kind)]


def test_a_date_of_toml_without_offset_is_read_as_utc_with_a_warning() -> None:
    """R5.1: as its text would be; a bare date is none (R5.1)."""
    text = 'phones.79123456789 = [{{ outcome = "answered", redial = {{ startDateTime = {} }} }}]'
    found = read_outcomes(text.format("2026-03-04T12:00:00"), Campaign())
    assert isinstance(found, Script)
    asked = found.phones[PHONE][0].redial

    assert asked is not None
    assert asked.dates.start_ms == AT_MS
    assert [each.type for each in found.warnings] == [BAD_DATES]
    assert refused(text.format("2026-03-04")) == [(f"{HERE}[0].redial.startDateTime", BAD_DATES)]


@pytest.mark.parametrize("value", ["tomorrow", 5, True, ["x"], [[]], [None]])
def test_what_is_no_redial_is_refused(value: object) -> None:
    """R10.1, R15.6: the path leads to the culprit."""
    place = "[0]" if isinstance(value, list) else ""

    assert refused_entry({"outcome": "answered", "redial": value}) == [(f"[0].redial{place}", BAD_FIELD)]


def test_an_unknown_field_of_a_redial_is_answered_with_the_nearest() -> None:
    """DESIGN 5.3: in files that people write, unknown keys are refused."""
    refusal_ = refusal(
        {"phones": {PHONE: [{"outcome": "answered", "redial": {"startDateTim": REDIAL_AT, "localTimeTo": "12:00"}}]}}
    )

    assert [problem.path for problem in refusal_.problems] == [f"{HERE}[0].redial.startDateTim"]
    assert "did you mean startDateTime?" in refusal_.problems[0].message


def test_all_that_is_wrong_with_a_redial_is_said_at_once() -> None:
    """R15.1."""
    with pytest.raises(PolicyError) as caught:
        parse_redial(
            {
                "x": 1,
                "startDateTime": "now",
                "startAfterMinutes": -5,
                "finishDateTime": 5,
                "allowedDays": ["monday"],
                "allowedTime": {},
                "retryIntervalInMinutes": 0,
                "maxAttempts": 99,
                "dialerPriority": 9,
            },
            Readings(),
            "$",
        )

    assert {flaw.path for flaw in caught.value.flaws} == {
        "$.x",
        "$.startDateTime",
        "$.startAfterMinutes",
        "$.finishDateTime",
        "$.allowedDays[0]",
        "$.allowedTime",
        "$.retryIntervalInMinutes",
        "$.maxAttempts",
        "$.dialerPriority",
    }


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        (5, "[0]"),
        (True, "[0]"),
        (None, "[0]"),
        ([], "[0]"),
        ("", "[0]"),
        ("Busy", "[0]"),
        ("no answer", "[0]"),
        ({}, "[0].outcome"),
        ({"outcome": None}, "[0].outcome"),
        ({"outcome": 5}, "[0].outcome"),
        ({"outcome": ["busy"]}, "[0].outcome"),
        ({"outcome": "longCallWithResult"}, "[0].outcome"),
        ({"outcome": "busy", "ring": 5}, "[0].ring"),
        ({"outcome": "busy", "x.y": 5}, '[0]["x.y"]'),
        ({"outcome": "busy", "ringSeconds": 0}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": -1}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": "5"}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": True}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": 86400.001}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": 0.0005}, "[0].ringSeconds"),
        ({"outcome": "busy", "ringSeconds": 1e300}, "[0].ringSeconds"),
        ({"outcome": "busy", "talkSeconds": 5}, "[0].talkSeconds"),
        ({"outcome": "busy", "result": True}, "[0].result"),
        ({"outcome": "busy", "result": "sold"}, "[0].result"),
        ({"outcome": "busy", "redial": {"startAfterMinutes": 5}}, "[0].redial"),
        ({"outcome": "busy", "redial": [{"startAfterMinutes": 5}]}, "[0].redial"),
        ({"outcome": "answered", "ringSeconds": 0, "talkSeconds": 0}, "[0].talkSeconds"),
        ({"outcome": "answered", "talkSeconds": -1}, "[0].talkSeconds"),
        ({"outcome": "answered", "talkSeconds": []}, "[0].talkSeconds"),
        ({"outcome": "answered", "result": 1}, "[0].result"),
        ({"outcome": "answered", "result": {"x": 1}}, "[0].result"),
    ],
)
def test_a_bad_entry_is_one_problem_where_it_is_wrong(entry: object, path: str) -> None:
    """R12.1, R15.1, R15.6."""
    assert refused_entry(entry) == [(path, BAD_FIELD)]


@pytest.mark.parametrize(
    ("text", "path", "kind"),
    [
        ({"phones": 5}, "$.phones", BAD_FIELD),
        ({"jobs": []}, "$.jobs", BAD_FIELD),
        ({"phones": {PHONE: "busy"}}, HERE, BAD_FIELD),
        ({"phones": {PHONE: None}}, HERE, BAD_FIELD),
        ({"phones": {PHONE: {"outcome": "busy"}}}, HERE, BAD_FIELD),
        ({"phones": {"12": ["busy"]}}, '$.phones["12"]', "phone.bad.format"),
        ({"phones": {"": []}}, '$.phones[""]', "phone.bad.format"),
        ({"phones": {PHONE: ["busy"], f"+{PHONE}": ["busy"]}}, f'$.phones["+{PHONE}"]', BAD_FIELD),
        ({"jobs": {"-1": []}}, '$.jobs["-1"]', BAD_FIELD),
        ({"jobs": {"1.0": []}}, '$.jobs["1.0"]', BAD_FIELD),
        ({"jobs": {"٣": []}}, '$.jobs["٣"]', BAD_FIELD),
        ({"jobs": {"9" * 10: []}}, f'$.jobs["{"9" * 10}"]', BAD_FIELD),
        ({"jobs": {"1": [], "01": []}}, '$.jobs["01"]', BAD_FIELD),
        ({"jobs": {"first": []}}, "$.jobs.first", BAD_FIELD),
        ({"phone": {}}, "$.phone", BAD_FIELD),
        ({"answered": 0.5}, "$.answered", BAD_FIELD),
        ({"model": {"answered": 0.5}, "phones": {}}, "$.phones", BAD_FIELD),
    ],
)
def test_a_bad_file_is_one_problem_where_it_is_wrong(text: dict[str, Any], path: str, kind: str) -> None:
    """R15.1: a phone has a type of its own."""
    assert refused(text) == [(path, kind)]


def test_what_to_write_instead_is_said() -> None:
    """R15.1: the nearest name, or those that there are."""

    def message(text: dict[str, Any]) -> str:
        (problem,) = refusal(text).problems
        return problem.message

    assert "did you mean phones?" in message({"numbers": {}})
    assert "write answered under [model]" in message({"answered": 0.5})
    assert "did you mean busy?" in message({"phones": {PHONE: ["bussy"]}})
    assert "answered, noAnswer, busy, failed, nonexistentNumber" in message({"phones": {PHONE: ["x"]}})
    assert "did you mean ringSeconds?" in message({"phones": {PHONE: [{"outcome": "busy", "ringSecond": 1}]}})
    assert "0 or more and at most 86400" in message({"phones": {PHONE: [{"outcome": "busy", "ringSeconds": -1}]}})
    assert "only an answered call" in message({"phones": {PHONE: [{"outcome": "busy", "result": True}]}})
    assert '["busy"]' in message({"phones": {PHONE: "busy"}})


def test_all_problems_of_a_script_are_said_at_once() -> None:
    """R15.1: of every list, entry and field."""
    text = {
        "x": 1,
        "phones": {
            "12": [{"outcome": "busy", "result": True}],
            PHONE: [
                {"outcome": "x", "ringSeconds": -1, "talkSeconds": "x", "result": 5, "redial": 5, "y": 1},
                {"outcome": "answered", "redial": {"startDateTime": "now", "dialerPriority": 9}},
            ],
        },
        "jobs": {"x": 5},
    }

    assert sorted(path for path, _ in refused(text)) == sorted(
        [
            "$.x",
            '$.phones["12"]',
            '$.phones["12"][0].result',
            *(f"{HERE}[0].{name}" for name in ("y", "outcome", "ringSeconds", "talkSeconds", "result", "redial")),
            f"{HERE}[1].redial.dialerPriority",
            f"{HERE}[1].redial.startDateTime",
            "$.jobs.x",
            "$.jobs.x",
        ]
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe{}",
        "\ud800",
        "{",
        "[1, 2",
        "[{}]",
        '{"phones": {"79123456789": ["\\ud800"]}}',
        "phones = ",
        "x",
        "\x00",
        "phones = " + "[" * 3000,
        '{"phones": ' + "[" * 3000 + "]" * 3000 + "}",
        'phones.79123456789 = [{ outcome = "busy", ringSeconds = ' + "9" * 5000 + " }]",
        '{"phones": {"79123456789": [{"outcome": "busy", "ringSeconds": 1e400}]}}',
    ],
)
def test_what_cannot_be_read_is_refused_whole(text: str | bytes) -> None:
    """R15.5, R15.6: no content, no UTF-8, no JSON or TOML, a number beyond a double, nested too deep."""
    assert refused(text) == [("$", BAD_JSON)]


@pytest.mark.parametrize("depth", [*range(800, 1000, 7), 5000])
def test_what_is_nested_deep_is_refused_and_nothing_worse(depth: int) -> None:
    """R15.6: whether the decoder, the encoder or the message gives up first."""
    deep = "[" * depth + "]" * depth
    entry = '{"outcome": "answered", "redial": {"startAfterMinutes": 1, "allowedTime": ' + deep + "}}"

    assert refused('{"phones": {"79123456789": [' + entry + "]}}")
    assert refused('{"phones": {"79123456789": [' + deep + "]}}")


def test_what_toml_nests_without_brackets_is_refused() -> None:
    """R15.6: dotted keys go deeper than any decoder of JSON."""
    text = '[[phones.79123456789]]\noutcome = "answered"\n[phones.79123456789.redial]\n' + ".".join("x" * 3000) + " = 1"

    assert refused(text) == [(f"{HERE}[0].redial", BAD_JSON)]


# -- sheets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("outcome,number", ["number"]),
        ("outcome,fone", ["did you mean phone?"]),
        ("outcome;phone", ["separated by commas"]),
        ("outcome\tphone", ["separated by commas"]),
        ("phone,outcome,phone", ["twice"]),
        ("phone,outcome ,job", ["did you mean outcome?"]),
    ],
)
def test_a_bad_header_is_refused_with_the_columns(header: str, words: list[str]) -> None:
    """R15.5: an unknown column is refused."""
    (problem,) = refusal(f"{header}\nbusy,{PHONE}\n").problems

    assert (problem.path, problem.type) == ("$", BAD_FIELD)
    assert all(word in problem.message for word in words)


def test_all_problems_of_a_sheet_are_said_at_once_with_their_lines() -> None:
    """R15.1, R15.5: the message names the line."""
    rows = [
        "phone,job,outcome,ringSeconds,talkSeconds,result,redial",
        f"{PHONE},,bussy,,,,",
        f"{PHONE},0,busy,,,,",
        ",,busy,,,,",
        "12,,busy,x,,,",
        "",
        ",first,busy,,,,",
        f'{PHONE},,answered,,NaN,1,"{{x"',
        f"{PHONE},,busy",
        f"{PHONE},,,,,,",
        f'{PHONE},,answered,,,,"{{""startDateTime"": ""now""}}"',
    ]
    problems = refusal("\n".join(rows)).problems

    assert [(each.path, each.type, re.findall(r"^line (\d+): ", each.message)) for each in problems] == [
        ("$[0].outcome", BAD_FIELD, ["2"]),
        ("$[1]", BAD_FIELD, ["3"]),
        ("$[2]", BAD_FIELD, ["4"]),
        ("$[3].phone", "phone.bad.format", ["5"]),
        ("$[3].ringSeconds", BAD_FIELD, ["5"]),
        ("$[4].job", BAD_FIELD, ["7"]),
        ("$[5].redial", BAD_JSON, ["8"]),
        ("$[5].talkSeconds", BAD_FIELD, ["8"]),
        ("$[5].result", BAD_FIELD, ["8"]),
        ("$[6]", BAD_FIELD, ["9"]),
        ("$[7].outcome", BAD_FIELD, ["10"]),
        ("$[8].redial.startDateTime", BAD_DATES, ["11"]),
    ]


@pytest.mark.parametrize(
    "text", ['phone,outcome\n79123456789,"busy', 'phone,outcome\n"79"x,busy', b"phone,outcome\n\xff,busy"]
)
def test_what_is_no_sheet_is_refused(text: str | bytes) -> None:
    """R15.6."""
    assert refused(text) == [("$", BAD_JSON)]


def test_a_header_alone_is_a_script_that_says_nothing() -> None:
    """R15.5: as it is a request of no jobs."""
    assert read_outcomes("phone,outcome", Campaign()) == Script()


# -- whatever comes --------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        *("phones", "jobs", "model", PHONE, "0", "1", "", "x", "outcome", "ringSeconds", "talkSeconds", "result"),
        *("redial", "startDateTime", "startAfterMinutes", "finishDateTime", "allowedDays", "allowedTime"),
        *("maxAttempts", "dialerPriority", "default", "localTimeFrom", "localTimeTo", "answered", "busy"),
        *(
            "share",
            "answeredByHour",
            "answeredByAttempt",
            "uniform",
            "exponential",
            "lognormal",
            "values",
            "mean",
            "sd",
            "9" * 5000,
            "09",
            "9",
        ),
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, 5, -1, 0.5, 10**25, 1e300, 60, 2.5, 86400])
    | st.sampled_from(["busy", "answered", "", "x", REDIAL_AT, "2026-03-04T12:00:00", "10:00", "mon", "79123456789"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
ENTRIES = st.fixed_dictionaries(
    {"outcome": st.sampled_from(["answered", "busy"]) | LEAVES},
    optional=dict.fromkeys(("ringSeconds", "talkSeconds", "result", "redial"), VALUES),
)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "phones": st.dictionaries(NAMES, st.lists(ENTRIES | VALUES, max_size=3), max_size=2) | VALUES,
        "jobs": st.dictionaries(NAMES, st.lists(ENTRIES | VALUES, max_size=3), max_size=2) | VALUES,
    },
)
MODEL_KEYS = (
    *("busy", "failed", "nonexistentNumber", "result", "redial"),
    *("answeredByHour", "answeredByAttempt", "ringSeconds", "talkSeconds"),
)
MODELS = st.fixed_dictionaries(
    {"answered": st.sampled_from([0.4, 1, 0, None]) | VALUES}, optional=dict.fromkeys(MODEL_KEYS, VALUES)
)
MODEL_FILES = (MODELS | VALUES).map(lambda keys: {"model": keys})


def problems_of(text: str | bytes) -> tuple[Problem, ...]:
    """Whatever comes, it is read, or refused with these problems."""
    try:
        found = read_outcomes(text, STRICT)
    except OutcomesRefused as error:
        return error.problems
    assert isinstance(found, Script | Model)
    return ()


def read_or_refused(text: str | bytes) -> None:
    """Whatever comes, it is read, or refused with problems that lead somewhere."""
    for problem in problems_of(text):
        assert problem.path.startswith("$")
        assert problem.message.isprintable()
        assert problem.type


@settings(max_examples=150)
@given(VALUES | FILES | MODEL_FILES)
def test_whatever_the_values_are_they_are_read_or_refused(value: object) -> None:
    """R15.1: nothing but OutcomesRefused comes out."""
    read_or_refused(json.dumps(value))


BYTES = (
    st.binary(max_size=30)
    | st.text(max_size=30)
    | st.lists(st.sampled_from([*'{}[]":,=\n', "phones", "outcome", "phone", "busy", PHONE, "model"]), max_size=15).map(
        "".join
    )
)


@settings(max_examples=200)
@given(BYTES, st.sampled_from(["", "{", "phone,outcome\n", "[phones]\n", '{"phones": ', b"\xef\xbb\xbf"]))
def test_whatever_the_bytes_are_they_are_read_or_refused(rest: str | bytes, begin: str | bytes) -> None:
    """R15.6: nothing but OutcomesRefused comes out."""
    raw = [each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each for each in (begin, rest)]
    read_or_refused(b"".join(raw))


# -- by hand ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: Call(Outcome.BUSY, 1000, talk_ms=1),
        lambda: Call(Outcome.BUSY, 1000, result=True),
        lambda: Call(Outcome.NO_ANSWER, 1000, redial=Redial()),
        lambda: Call(Outcome.BUSY, 0),
        lambda: Call(Outcome.ANSWERED, -1, 5),
        lambda: Call(Outcome.ANSWERED, 5, -1),
        lambda: Call(Outcome.ANSWERED, 1, (1 << 32) - 1),
        lambda: Never(0),
        lambda: Never(1 << 32),
    ],
)
def test_what_is_made_by_hand_is_checked_too(make: Callable[[], object]) -> None:
    """R12.1: a UsageError, as no file is at fault."""
    with pytest.raises(UsageError):
        make()
