"""Campaign files: TOML or JSON, every key, every problem at once."""

from __future__ import annotations

import codecs
import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from scheduler import Campaign, CampaignRefused, DayLines, load_campaign, read_campaign
from scheduler.jobs import UTC
from scheduler.policy.laws import LAWS
from scheduler.policy.levels import Dates
from scheduler.policy.readings import Readings

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
BAD_DATES, BAD_FIELD, BAD_JSON = "invalid.call.dates", "invalid.field", "invalid.json"

# The file of DESIGN 5.3, word for word.
SPRING_PROMO = """
name = "spring-promo"
timeZone = "Europe/Moscow"
detectTimeZone = true
maxSimultaneousCalls = 20
callsPerSecond = 5
startTime = 2026-03-02T06:00:00Z
endTime = 2026-03-31T18:00:00Z
maxAttemptsPerPhone = 5
ringSeconds = 30
blackoutDates = [2026-03-08]
holidays = "RU"

[policy]                       # the campaign level: allowedDays, allowedTime (or R3.9), retryIntervalInMinutes, maxAttempts, dialerPriority; zone and dates are the keys above
allowedDays = ["mon", "tue", "wed", "thu", "fri"]
retryIntervalInMinutes = 60
maxAttempts = 3
allowedTime = { default = [{ localTimeFrom = "10:00", localTimeTo = "18:00" }] }

[readings]                     # RULES §15
overnightTail = "keep"
"""  # noqa: E501
SPRING_PROMO_AS_JSON = {
    "name": "spring-promo",
    "timeZone": "Europe/Moscow",
    "detectTimeZone": True,
    "maxSimultaneousCalls": 20,
    "callsPerSecond": 5,
    "startTime": "2026-03-02T06:00:00Z",
    "endTime": "2026-03-31T18:00:00Z",
    "maxAttemptsPerPhone": 5,
    "ringSeconds": 30,
    "blackoutDates": ["2026-03-08"],
    "holidays": "RU",
    "policy": {
        "allowedDays": ["mon", "tue", "wed", "thu", "fri"],
        "retryIntervalInMinutes": 60,
        "maxAttempts": 3,
        "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
    },
    "readings": {"overnightTail": "keep"},
}
KEYS = tuple(SPRING_PROMO_AS_JSON)
POLICY_KEYS = (
    "allowedDays",
    "allowedTime",
    "localTimeFrom",
    "localTimeTo",
    "retryIntervalInMinutes",
    "maxAttempts",
    "dialerPriority",
)
READING_KEYS = (
    "unlistedDay",
    "overnightTail",
    "redialInherits",
    "badPriority",
    "zeroAttempts",
    "retryFrom",
    "strict",
)


def campaign(**keys: Any) -> Campaign:
    """The campaign of a good JSON file."""
    return read_campaign(json.dumps(keys))


def refusal(text: str | bytes) -> CampaignRefused:
    """The refusal of a bad file."""
    with pytest.raises(CampaignRefused) as caught:
        read_campaign(text)
    return caught.value


def refused(text: str | bytes) -> list[tuple[str, str]]:
    """The problems of a bad file: path and type; none of them belongs to a job."""
    problems = refusal(text).problems
    assert {problem.job for problem in problems} == {None}
    return [(problem.path, problem.type) for problem in problems]


def closed(result: Campaign, date: str) -> bool:
    """Whether a local date is closed."""
    return dt.date.fromisoformat(date).toordinal() in result.closed_dates


def ms(text: str) -> int:
    """The milliseconds since the epoch of an instant."""
    return (dt.datetime.fromisoformat(text) - EPOCH) // dt.timedelta(milliseconds=1)


# --- the whole file --------------------------------------------------------------------------------------------------


def test_the_file_of_the_design_is_the_same_in_toml_and_in_json() -> None:
    """DESIGN 5.3."""
    assert read_campaign(SPRING_PROMO) == campaign(**SPRING_PROMO_AS_JSON)
    assert read_campaign(SPRING_PROMO).warnings == ()


def test_the_file_of_the_design_is_read_key_by_key() -> None:
    """DESIGN 5.3."""
    result = read_campaign(SPRING_PROMO)

    assert (result.name, result.zone.name, result.detect_zone) == ("spring-promo", "Europe/Moscow", True)
    assert (result.lines, result.calls_per_second, result.spacing_ms) == (20, 5, 200)
    assert result.dates == Dates(ms("2026-03-02T06:00:00Z"), ms("2026-03-31T18:00:00Z"))
    assert (result.max_attempts_per_phone, result.ring_ms) == (5, 30_000)
    assert closed(result, "2026-03-08")
    assert closed(result, "2026-05-09")
    assert result.policy.allowed_days == frozenset(range(5))
    assert (result.policy.retry_min, result.policy.max_attempts, result.policy.priority) == (60, 3, None)
    assert result.policy.allowed_time is not None
    assert result.policy.allowed_time.default == ((600, 1080),)
    assert result.readings == Readings(overnight_tail="keep")


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "{}", " {} \n", "[policy]\n", "[readings]\n[policy]\n"])
def test_everything_is_optional(text: str) -> None:
    """DESIGN 5.3: an empty file is every default, as is Campaign()."""
    assert read_campaign(text) == Campaign()


def test_the_defaults() -> None:
    """R2.6, R11.1, R11.2, R12.2, R15."""
    result = read_campaign("")

    assert (result.name, result.zone, result.zone.name, result.detect_zone) == ("", UTC, "UTC", True)
    assert (result.lines, result.calls_per_second, result.spacing_ms) == (None, None, 0)
    assert (result.dates, result.max_attempts_per_phone, result.ring_ms) == (Dates(None, None), None, 30_000)
    assert (result.closed_dates, result.holiday_years, result.warnings) == (frozenset(), None, ())
    assert result.readings == Readings()


@pytest.mark.parametrize("key", KEYS)
def test_null_is_not_set(key: str) -> None:
    """R6.1."""
    assert campaign(**{key: None}) == Campaign()


@pytest.mark.parametrize("key", [*POLICY_KEYS])
def test_null_in_the_policy_is_not_set(key: str) -> None:
    """R6.1."""
    assert campaign(policy={key: None}) == Campaign()


def test_a_bom_is_skipped() -> None:
    """DESIGN 5.2: as in a request."""
    assert read_campaign(codecs.BOM_UTF8 + b'name = "x"').name == "x"
    assert read_campaign(codecs.BOM_UTF8 + b'{"name": "x"}').name == "x"
    assert read_campaign('\ufeffname = "x"').name == "x"


def test_load_campaign_reads_a_file(tmp_path: Path) -> None:
    """DESIGN 5.5: by its path, whatever its name says."""
    (tmp_path / "campaign.toml").write_text(SPRING_PROMO, "utf-8")
    (tmp_path / "campaign.json").write_text(json.dumps(SPRING_PROMO_AS_JSON), "utf-8")

    assert load_campaign(tmp_path / "campaign.toml") == load_campaign(str(tmp_path / "campaign.json"))
    with pytest.raises(FileNotFoundError):
        load_campaign(tmp_path / "none.toml")


# --- what is no campaign file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name =",
        'name = "x',
        'name = "x"\nname = "y"',
        "startTime = 2026-13-45T00:00:00Z",
        "null",
        "5",
        "[]",
        "{",
        '{"name": "x"',
        '{"name": "x",}',
        '{"name": "x"} y',
        '{"name": "\\ud800"}',
        '{"maxSimultaneousCalls": 1e999}',
        '{"maxSimultaneousCalls": NaN}',
        "{'name': 'x'}",
        "[{}]",
        '[{"name": "x"}]',
        b"name = '\xff'",
        b'{"name": "\xff"}',
        "x" * 100_000,
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_what_is_neither_toml_nor_a_json_object_is_refused_whole(text: str | bytes) -> None:
    """R15.6: `invalid.json`."""
    assert refused(text) == [("$", BAD_JSON)]


@pytest.mark.parametrize(
    "text", ["name = " + "[" * 100_000, '{"name": ' + "[" * 100_000 + "]" * 100_000 + "}"], ids=["TOML", "JSON"]
)
def test_a_file_that_is_nested_too_deep_is_refused(text: str) -> None:
    """R15.6."""
    assert refused(text) == [("$", BAD_JSON)]


def test_text_with_an_unpaired_surrogate_is_refused() -> None:
    """R15.6: as in a request."""
    assert refused("name = '\ud800'") == [("$", BAD_JSON)]


@pytest.mark.parametrize("key", ["name", "maxAttemptsPerPhone", "policy", "startTime"])
def test_a_value_that_is_nested_nearly_too_deep_is_refused_as_any_other(key: str) -> None:
    """R15.6: what can just be read can be shown, or else is nested too deep."""
    for depth in depths():
        paths = [path for path, _ in refused(f'{{"{key}": {"[" * depth}{"]" * depth}}}')]
        assert paths in (["$"], [f"$.{key}"]), depth


def depths() -> range:
    """How deep values are nested about where the decoder gives up."""
    low, high = 1, 1_000_000
    while high - low > 1:
        middle = (low + high) // 2
        try:
            msgspec.json.decode("[" * middle + "]" * middle)
        except RecursionError:
            high = middle
        else:
            low = middle
    return range(max(1, high - 60), high + 10)


@pytest.mark.parametrize("key", ["callsPerSecond", "ringSeconds", "name", "startTime"])
def test_an_integer_too_long_to_show_is_refused_as_any_other(key: str) -> None:
    """R15.1: in TOML a hexadecimal integer may be longer than Python spells in decimal."""
    assert [path for path, _ in refused(f"{key} = 0x{'f' * 4_000}")] == [f"$.{key}"]


PIECES = ("[policy]\n", "[readings]\n", "{", "}", '"', "=", "\n", "2026-03-02", "0x", "1e9", "\ud800")
TEXTS = st.text() | st.sampled_from([f"{key} = " for key in KEYS]) | st.sampled_from(PIECES)


@given(st.lists(TEXTS, max_size=6).map("".join) | st.binary(max_size=60))
def test_any_text_is_a_campaign_or_refused(text: str | bytes) -> None:
    """R15.1: nothing else comes out."""
    try:
        result = read_campaign(text)
    except CampaignRefused as error:
        result = None
        body = error.body()
    else:
        body = {"problems": []}

    assert json.dumps(body)
    assert isinstance(result, Campaign) or body["problems"]


JSON_VALUES = st.recursive(
    st.sampled_from([None, True, False, -1, 0, 1, 2.0, 0.5, 1e300]) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KNOWN = st.sampled_from(["2026-03-02T06:00:00Z", "2026-03-08", "mon", "Z", "RU", "DE-BY", "keep", 1, 2.0, True])


@given(
    st.dictionaries(st.sampled_from(KEYS), JSON_VALUES | KNOWN, max_size=5),
    st.dictionaries(st.sampled_from(POLICY_KEYS), JSON_VALUES | KNOWN, max_size=4),
    st.dictionaries(st.sampled_from(READING_KEYS), JSON_VALUES | KNOWN, max_size=3),
)
def test_any_values_are_a_campaign_or_refused_at_their_keys(
    keys: dict[str, Any], policy: dict[str, Any], readings: dict[str, Any]
) -> None:
    """R15.1: every problem has a path below a key that the file has, a type and a message."""
    data = {"policy": policy, "readings": readings, **keys}
    problems = problems_of(json.dumps(data))

    for problem in problems:
        assert problem.keys() == {"job", "path", "type", "message"}
        assert problem["job"] is None
        assert problem["path"].split(".")[1].partition("[")[0] in data
        assert problem["type"].startswith(("invalid.", "phone.gmtZone"))
        assert problem["message"]


def problems_of(text: str) -> list[dict[str, Any]]:
    """The problems of a file as data, none if it is good."""
    try:
        read_campaign(text)
    except CampaignRefused as error:
        return [problem.as_data() for problem in error.problems]
    return []


# --- unknown keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("timezone", "timeZone"),
        ("maxSimultaneousCall", "maxSimultaneousCalls"),
        ("MaxSimultaneousCalls", "maxSimultaneousCalls"),
        ("callPerSecond", "callsPerSecond"),
        ("startDateTime", "startTime"),
        ("finishDateTime", "endTime"),
        ("gmtZone", "timeZone"),
        ("lines", "maxSimultaneousCalls"),
        ("blackoutdates", "blackoutDates"),
        ("holiday", "holidays"),
        ("laws", "law"),
        ("polcy", "policy"),
        ("reading", "readings"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(key: str, near: str) -> None:
    """DESIGN 5.3."""
    error = refusal(json.dumps({key: 1}))

    assert [(problem.path, problem.type) for problem in error.problems] == [(f"$.{key}", BAD_FIELD)]
    assert f"did you mean {near}?" in error.problems[0].message


def test_an_unknown_key_that_is_near_to_none_is_refused_with_all() -> None:
    """DESIGN 5.3."""
    (problem,) = refusal('{"qqqqq": 1}').problems

    assert all(key in problem.message for key in KEYS)


@pytest.mark.parametrize(
    ("key", "near"), [("maxAttempt", "maxAttempts"), ("allowedday", "allowedDays"), ("priority", "dialerPriority")]
)
def test_an_unknown_key_of_the_policy_is_refused_with_the_nearest(key: str, near: str) -> None:
    """DESIGN 5.3."""
    error = refusal(json.dumps({"policy": {key: 1}}))

    assert [(problem.path, problem.type) for problem in error.problems] == [(f"$.policy.{key}", BAD_FIELD)]
    assert f"did you mean {near}?" in error.problems[0].message


@pytest.mark.parametrize(
    ("key", "value"),
    [("gmtZone", "Z"), ("startDateTime", "2026-03-02T06:00:00Z"), ("finishDateTime", "2026-03-02T06:00:00Z")],
)
def test_zone_and_dates_are_no_keys_of_the_policy(key: str, value: str) -> None:
    """DESIGN 5.3: they are keys of the campaign."""
    assert refused(json.dumps({"policy": {key: value}})) == [(f"$.policy.{key}", BAD_FIELD)]


@pytest.mark.parametrize(("key", "near"), [("overnighttail", "overnightTail"), ("Strict", "strict")])
def test_an_unknown_reading_is_refused_with_the_nearest(key: str, near: str) -> None:
    """DESIGN 5.3."""
    error = refusal(json.dumps({"readings": {key: "keep"}}))

    assert [(problem.path, problem.type) for problem in error.problems] == [(f"$.readings.{key}", BAD_FIELD)]
    assert f"did you mean {near}?" in error.problems[0].message


@pytest.mark.parametrize("key", ["policy", "readings"])
@pytest.mark.parametrize("value", [[], [{}], "x", 1, True], ids=repr)
def test_what_should_be_a_table_and_is_not_is_refused(key: str, value: object) -> None:
    """R15.6."""
    assert refused(json.dumps({key: value})) == [(f"$.{key}", BAD_FIELD)]


# --- key by key ------------------------------------------------------------------------------------------------------

BAD_VALUES: list[tuple[str, list[object], str]] = [
    ("name", [1, True, ["x"], {}], BAD_FIELD),
    ("timeZone", ["", "Europe/Mosco", "+5:30", "localtime", " UTC"], "phone.gmtZone.bad.format"),
    ("timeZone", [3, True, ["UTC"], {}], BAD_FIELD),
    ("detectTimeZone", ["true", 1, 0, "yes", []], BAD_FIELD),
    ("maxSimultaneousCalls", [0, -1, 1.5, "20", True, [], {}], BAD_FIELD),
    ("callsPerSecond", [0, 0.0009, -1, 1000.1, 1001, "5", True, []], BAD_FIELD),
    ("startTime", ["2026-03-02", "soon", "", 1772409600000, True, [], "2026-03-02T24:00:00Z"], BAD_DATES),
    ("endTime", ["2026-03-02", "soon", "", 1772409600000, True, {}, "2026-W10-1T00:00Z"], BAD_DATES),
    ("maxAttemptsPerPhone", [0, -1, 1.5, "5", True, []], BAD_FIELD),
    ("ringSeconds", [0, -1, 3600.001, 3601, "30", True, [], 0.0005, 0.0001, 1.00005], BAD_FIELD),
    ("blackoutDates", ["2026-03-08", {}, 1, True], BAD_DATES),
    ("holidays", ["", "XX", "ru", "RU-XX", "DE-", "DE-by", "DE-BY-X", "-BY", "DE BY"], BAD_FIELD),
    ("holidays", [1, True, ["RU"], {}], BAD_FIELD),
    ("law", ["", "us", "US-TCPA", "us-tcpa.toml", "us-tcpa, us-fl", 1, True, {}, {"us-tcpa": True}], BAD_FIELD),
]


@pytest.mark.parametrize(
    ("key", "value", "kind"), [(key, value, kind) for key, values, kind in BAD_VALUES for value in values], ids=repr
)
def test_a_bad_value_is_refused_at_its_key(key: str, value: object, kind: str) -> None:
    """R15.1, R15.6, R2.5, R5.1, R11.1, R11.2."""
    assert refused(json.dumps({key: value})) == [(f"$.{key}", kind)]


@pytest.mark.parametrize(
    ("key", "value", "attribute", "expected"),
    [
        ("name", "", "name", ""),
        ("name", "été 😀", "name", "été 😀"),
        ("detectTimeZone", False, "detect_zone", False),
        ("maxSimultaneousCalls", 1, "lines", 1),
        ("maxSimultaneousCalls", 2.0, "lines", 2),
        ("maxSimultaneousCalls", 1_000_000, "lines", 1_000_000),
        ("callsPerSecond", 0.001, "spacing_ms", 1_000_000),
        ("callsPerSecond", 1000, "spacing_ms", 1),
        ("callsPerSecond", 3, "spacing_ms", 334),
        ("callsPerSecond", 0.3, "spacing_ms", 3334),
        ("maxAttemptsPerPhone", 1, "max_attempts_per_phone", 1),
        ("maxAttemptsPerPhone", 7.0, "max_attempts_per_phone", 7),
        ("ringSeconds", 0.001, "ring_ms", 1),
        ("ringSeconds", 29.999, "ring_ms", 29_999),
        ("ringSeconds", 3600, "ring_ms", 3_600_000),
    ],
)
def test_a_good_value_is_taken(key: str, value: object, attribute: str, expected: object) -> None:
    """R11.1, R11.2 (rounded up), R12.1, R15.6."""
    taken = getattr(campaign(**{key: value}), attribute)

    assert (taken, type(taken)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["Europe/Moscow", "Z", "-05:00", "UTC+3", "W-SU"])
def test_the_time_zone_takes_the_forms_of_a_request(text: str) -> None:
    """R2.1."""
    assert campaign(timeZone=text).zone.name == text


def test_a_bad_time_zone_is_refused_with_the_one_that_was_meant() -> None:
    """R2.5."""
    (problem,) = refusal('timeZone = "Europe/Mosco"').problems

    assert "Europe/Moscow" in problem.message


def test_lines_may_change_over_the_day() -> None:
    """R11.3."""
    text = 'maxSimultaneousCalls = [{from = "18:00", lines = 5}, {from = "9:00", lines = 20}]'

    assert read_campaign(text).lines == DayLines(((540, 20), (1080, 5)))


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ([], ""),
        ([{"from": "09:00"}], "[0]"),
        ([{"from": "09:00", "lines": 5, "to": "10:00"}], "[0]"),
        (["09:00"], "[0]"),
        ([{"from": "9", "lines": 20}], "[0].from"),
        ([{"from": "24:00", "lines": 20}], "[0].from"),
        ([{"from": "09:00", "lines": 20}, {"from": "9:00", "lines": 10}], "[1].from"),
        ([{"from": "09:00", "lines": 0}], "[0].lines"),
        ([{"from": "09:00", "lines": 2.5}], "[0].lines"),
    ],
)
def test_bad_lines_over_the_day_are_refused_at_their_place(lines: object, path: str) -> None:
    """R11.1, R11.3, R15.1: only a command may set 0."""
    problems = refusal(json.dumps({"maxSimultaneousCalls": lines})).problems

    assert [problem.path for problem in problems] == [f"$.maxSimultaneousCalls{path}"]


@pytest.mark.parametrize("key", ["callsPerSecond", "ringSeconds", "maxSimultaneousCalls", "maxAttemptsPerPhone"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_in_toml_is_refused(key: str, value: str) -> None:
    """R11.1, R11.2, R12.1."""
    assert refused(f"{key} = {value}") == [(f"$.{key}", BAD_FIELD)]


def test_all_problems_of_a_file_are_reported_at_once() -> None:
    """R15.1."""
    data = {
        "nmae": "x",
        "timeZone": "Mars",
        "detectTimeZone": 1,
        "maxSimultaneousCalls": 0,
        "callsPerSecond": 0,
        "startTime": "soon",
        "endTime": "later",
        "maxAttemptsPerPhone": 0,
        "ringSeconds": 0,
        "blackoutDates": ["x", "2026-03-08", "y"],
        "holidays": "XX",
        "policy": {"allowedDays": [], "allowedTime": {}, "maxAttempts": 51, "retryIntervalInMinutes": 0, "x": 1},
        "readings": {"strict": 1, "retryfrom": "end"},
    }
    error = refusal(json.dumps(data))
    paths = [
        "$.nmae",
        "$.timeZone",
        "$.detectTimeZone",
        "$.maxSimultaneousCalls",
        "$.callsPerSecond",
        "$.startTime",
        "$.endTime",
        "$.maxAttemptsPerPhone",
        "$.ringSeconds",
        "$.blackoutDates[0]",
        "$.blackoutDates[2]",
        "$.holidays",
        "$.policy.allowedDays",
        "$.policy.allowedTime",
        "$.policy.maxAttempts",
        "$.policy.retryIntervalInMinutes",
        "$.policy.x",
        "$.readings.strict",
        "$.readings.retryfrom",
    ]

    assert sorted(problem.path for problem in error.problems) == sorted(paths)
    assert [problem["path"] for problem in error.body()["problems"]] == [problem.path for problem in error.problems]
    assert str(error).endswith(f"(and {len(paths) - 1} more)")


# --- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('law = "us-tcpa"', ["us-tcpa"]),
        ('law = ["us-tcpa"]', ["us-tcpa"]),
        ('law = ["us-fl", "us-tcpa"]', ["us-fl", "us-tcpa"]),
        ('law = ["us-fl", "us-tcpa", "us-fl"]', ["us-fl", "us-tcpa"]),
        ("law = []", []),
        ('{"law": "us-tcpa"}', ["us-tcpa"]),
        ('{"law": ["us-fl", "us-tcpa"]}', ["us-fl", "us-tcpa"]),
        ('{"law": null}', []),
    ],
)
def test_laws_are_named_alone_or_in_a_list(text: str, names: list[str]) -> None:
    """In TOML and in JSON; each once."""
    assert [law.name for law in read_campaign(text).laws] == names


def test_each_law_that_is_none_is_a_problem_at_its_place() -> None:
    """R15.1: with the one that was meant, or all that there are."""
    error = refusal('law = ["us-tcpa", "us-flo", "x", 3]')

    assert [(problem.path, problem.type) for problem in error.problems] == [
        ("$.law[1]", BAD_FIELD),
        ("$.law[2]", BAD_FIELD),
        ("$.law[3]", BAD_FIELD),
    ]
    assert error.problems[0].message == 'not a law that is known: "us-flo"; did you mean us-fl?'
    assert error.problems[1].message.endswith("; the laws are " + ", ".join(LAWS))


def test_the_years_of_the_holidays_of_laws_are_known() -> None:
    """Of the laws that keep public holidays; a span beyond them is a warning each."""
    result = campaign(law=["us-tcpa", "fr", "ru-230"], holidays="RU")
    known = dict(result.law_holiday_years)

    assert list(known) == ["fr", "ru-230"]
    assert known["ru-230"] == result.holiday_years
    assert result.unknown_holidays(ms("2026-03-01T00:00Z"), ms("2027-03-01T00:00Z")) == ()
    told = result.unknown_holidays(ms("2026-03-01T00:00Z"), ms("2101-03-01T00:00Z"))
    assert [warning.path for warning in told] == ["$.holidays", "$.law", "$.law"]
    assert all("on other dates none is kept" in warning.message for warning in told)


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("2026-03-02T06:00:00Z", "2026-03-02T06:00:00Z"),
        ("2026-03-02T06:00:00+03:00", "2026-03-02T03:00:00Z"),
        ("2026-03-02 06:00:00-05:30", "2026-03-02T11:30:00Z"),
        ("2026-03-02T06:00:00.1239Z", "2026-03-02T06:00:00.123Z"),
        ('"2026-03-02T06:00Z"', "2026-03-02T06:00:00Z"),
        ('"2026-03-02 06:00:00.5+0300"', "2026-03-02T03:00:00.500Z"),
    ],
)
def test_start_and_end_are_instants_or_texts_of_instants(toml: str, expected: str) -> None:
    """R5.1."""
    assert read_campaign(f"startTime = {toml}").dates == Dates(ms(expected), None)
    assert read_campaign(f"endTime = {toml}").dates == Dates(None, ms(expected))


@pytest.mark.parametrize("toml", ["2026-03-02T06:00:00", "2026-03-02 06:00:00", '"2026-03-02T06:00"'])
@pytest.mark.parametrize("key", ["startTime", "endTime"])
def test_a_naive_instant_is_utc_with_a_warning(key: str, toml: str) -> None:
    """R5.1."""
    result = read_campaign(f"{key} = {toml}")
    (warning,) = result.warnings

    assert ms("2026-03-02T06:00:00Z") in result.dates
    assert (warning.job, warning.path, warning.type) == (None, f"$.{key}", BAD_DATES)
    assert "2026-03-02T06:00:00Z" in warning.message


@pytest.mark.parametrize("toml", ["2026-03-02", "06:00:00", "1772409600", "true"])
def test_bare_dates_and_times_are_no_instants(toml: str) -> None:
    """R5.1."""
    assert refused(f"startTime = {toml}") == [("$.startTime", BAD_DATES)]


@pytest.mark.parametrize("end", ["2026-03-02T06:00:00Z", "2026-03-02T09:00:00+03:00", "2026-03-01T00:00:00Z"])
def test_a_start_that_is_not_before_the_end_is_refused(end: str) -> None:
    """R5.1: as in a request; equal is not before."""
    ((path, kind),) = refused(f"startTime = 2026-03-02T06:00:00Z\nendTime = {end}")

    assert path in {"$.startTime", "$.endTime"}
    assert kind == BAD_DATES


def test_a_start_just_before_the_end_is_accepted() -> None:
    """R5.1: to the millisecond."""
    dates = read_campaign("startTime = 2026-03-02T06:00:00Z\nendTime = 2026-03-02T06:00:00.001Z").dates

    assert dates.finish_ms == (dates.start_ms or 0) + 1


# --- blackout dates and holidays -------------------------------------------------------------------------------------


def test_blackout_dates_are_toml_dates_or_texts() -> None:
    """R3.10, DESIGN 5.3."""
    result = read_campaign('blackoutDates = [2026-03-08, "2026-03-09", 2026-03-08]')

    assert result.closed_dates == {dt.date(2026, 3, 8).toordinal(), dt.date(2026, 3, 9).toordinal()}
    assert campaign(blackoutDates=[]) == Campaign()


@pytest.mark.parametrize(
    "value", ["2026-3-8", "20260308", "2026-02-30", "2026-03-08T00:00:00Z", "8.3.2026", "", " 2026-03-08", "２026-3-8"]
)
def test_another_form_of_a_blackout_date_is_refused_at_its_place(value: str) -> None:
    """R3.10."""
    assert refused(json.dumps({"blackoutDates": ["2026-03-07", value]})) == [("$.blackoutDates[1]", BAD_DATES)]


@pytest.mark.parametrize("value", ["2026-03-08T00:00:00Z", "2026-03-08T00:00:00", "00:00:00", "20260308", "true", "[]"])
def test_another_value_in_blackout_dates_is_refused_at_its_place(value: str) -> None:
    """R3.10: an instant is no date, nor is a number."""
    assert refused(f"blackoutDates = [2026-03-07, {value}]") == [("$.blackoutDates[1]", BAD_DATES)]


def test_null_is_no_blackout_date() -> None:
    """R3.10."""
    assert refused('{"blackoutDates": [null]}') == [("$.blackoutDates[0]", BAD_DATES)]


@pytest.mark.parametrize(
    ("place", "holidays", "others"),
    [
        ("RU", ["2026-01-01", "2026-02-23", "2026-03-08", "2026-05-09", "2026-06-12"], ["2026-03-03", "2026-12-25"]),
        ("DE", ["2026-01-01", "2026-10-03", "2026-12-25"], ["2026-06-04", "2026-11-01", "2026-03-09"]),
        ("DE-BY", ["2026-01-01", "2026-10-03", "2026-06-04", "2026-11-01"], ["2026-10-31", "2026-03-09"]),
        ("GB-SCT", ["2026-11-30", "2026-12-25"], ["2026-11-27"]),
    ],
)
def test_holidays_are_those_of_a_country_or_subdivision(place: str, holidays: list[str], others: list[str]) -> None:
    """R3.10."""
    result = campaign(holidays=place)

    assert all(closed(result, date) for date in holidays)
    assert not any(closed(result, date) for date in others)


@pytest.mark.parametrize(
    ("place", "observed"), [("US", "2026-07-03"), ("US", "2027-07-05"), ("RU", "2026-03-09"), ("GB", "2026-12-28")]
)
def test_observed_days_are_holidays(place: str, observed: str) -> None:
    """R3.10: the working day that stands for a holiday on a weekend."""
    assert closed(campaign(holidays=place), observed)


def test_holidays_are_known_in_every_year_that_is_told() -> None:
    """R3.10: no year between the first and the last is missing."""
    result = campaign(holidays="RU")
    first, last = result.holiday_years or (0, 0)
    years = {dt.date.fromordinal(day).year for day in result.closed_dates}

    assert {2020, 2026, 2030} <= set(range(first, last + 1))
    assert years == set(range(first, last + 1))


def test_holidays_and_blackout_dates_add_up() -> None:
    """R3.10."""
    result = campaign(holidays="RU", blackoutDates=["2026-03-03"])

    assert result.closed_dates == campaign(holidays="RU").closed_dates | {dt.date(2026, 3, 3).toordinal()}


@pytest.mark.parametrize("language", ["de", "de_DE.UTF-8", "ru_RU", "en_US", "th", "C", "xx"])
def test_holidays_do_not_depend_on_the_language(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R1.3, R3.10: names follow the machine, dates do not."""
    expected = [campaign(holidays=place) for place in ("RU", "DE-BY", "US")]
    for variable in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(variable, language)

    assert [campaign(holidays=place) for place in ("RU", "DE-BY", "US")] == expected


@pytest.mark.parametrize(("text", "advice"), [("ru", "RU"), ("DE-XX", "BY"), ("RU-MOW", "none"), ("XX", "RU")])
def test_an_unknown_place_is_refused_with_what_there_is(text: str, advice: str) -> None:
    """R3.10, R15.1: a message says what to write instead."""
    (problem,) = refusal(json.dumps({"holidays": text})).problems

    assert (problem.path, problem.type) == ("$.holidays", BAD_FIELD)
    assert advice in problem.message


# --- policy and readings ---------------------------------------------------------------------------------------------


def test_the_policy_is_that_of_a_number() -> None:
    """R6.1, DESIGN 5.3: the vendor's names; the deprecated pair too (R3.9)."""
    policy = campaign(policy={"localTimeFrom": "17:00", "dialerPriority": 2.0, "maxAttempts": 50}).policy

    assert policy.allowed_time is not None
    assert policy.allowed_time.default == ((1020, 1440),)
    assert (policy.priority, policy.max_attempts, policy.allowed_days) == (2, 50, None)


FROM_ALONE = [{"localTimeFrom": "10:00"}]


@pytest.mark.parametrize(
    ("key", "value", "path", "kind"),
    [
        ("allowedDays", ["Mon"], ".allowedDays[0]", "invalid.call.allowed.days"),
        ("allowedTime", {"mon": []}, ".allowedTime.mon", "invalid.call.allowed.time"),
        ("allowedTime", {"mon": FROM_ALONE}, ".allowedTime.mon[0].localTimeTo", "invalid.call.allowed.time"),
        ("localTimeFrom", "7am", ".localTimeFrom", "invalid.call.allowed.time"),
        ("localTimeTo", 18, ".localTimeTo", "invalid.call.allowed.time"),
        ("retryIntervalInMinutes", 2881, ".retryIntervalInMinutes", "invalid.retry.interval"),
        ("maxAttempts", 51, ".maxAttempts", "invalid.max.attempts"),
    ],
)
def test_a_bad_value_of_the_policy_is_refused_at_its_path(key: str, value: object, path: str, kind: str) -> None:
    """R15.1, R15.6."""
    assert refused(json.dumps({"policy": {key: value}})) == [(f"$.policy{path}", kind)]


def test_a_suspicious_policy_is_a_warning() -> None:
    """R7.1, R9.1, R3.9, R15.3."""
    times = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
    result = campaign(policy={"dialerPriority": 7, "maxAttempts": 0, "allowedTime": times, "localTimeTo": "12:00"})

    assert {(warning.path, warning.type) for warning in result.warnings} == {
        ("$.policy.dialerPriority", "invalid.dialer_priority"),
        ("$.policy.maxAttempts", "invalid.max.attempts"),
        ("$.policy.localTimeTo", "invalid.call.allowed.time"),
    }
    assert (result.policy.priority, result.policy.max_attempts) == (5, None)


STRICT_FILES = [
    ({"policy": {"dialerPriority": 7}}, "$.policy.dialerPriority", "invalid.dialer_priority"),
    ({"policy": {"maxAttempts": 0}}, "$.policy.maxAttempts", "invalid.max.attempts"),
    ({"startTime": "2026-03-02T06:00"}, "$.startTime", BAD_DATES),
]


@pytest.mark.parametrize(("data", "path", "kind"), STRICT_FILES)
def test_strict_refuses_what_is_suspicious_in_the_file_itself(data: dict[str, Any], path: str, kind: str) -> None:
    """R15.3: the reading, or the argument."""
    assert refused(json.dumps({**data, "readings": {"strict": True}})) == [(path, kind)]
    with pytest.raises(CampaignRefused) as caught:
        read_campaign(json.dumps(data), strict=True)
    assert [(problem.path, problem.type) for problem in caught.value.problems] == [(path, kind)]
    assert len(read_campaign(json.dumps(data)).warnings) == 1


@pytest.mark.parametrize("file_says", [None, False, True])
def test_the_argument_strict_is_the_reading_strict(file_says: bool | None) -> None:
    """R15.3: whatever the file says; and a file that is strict stays so."""
    text = json.dumps({"readings": {"strict": file_says} if file_says is not None else {}})

    assert read_campaign(text, strict=True).readings == Readings(strict=True)
    assert read_campaign(text).readings == Readings(strict=bool(file_says))


@pytest.mark.parametrize(
    ("name", "field", "choices"),
    [
        ("unlistedDay", "unlisted_day", ["inherit", "closed"]),
        ("overnightTail", "overnight_tail", ["keep", "clip"]),
        ("redialInherits", "redial_inherits", ["number", "campaign"]),
        ("badPriority", "bad_priority", ["default", "refuse"]),
        ("zeroAttempts", "zero_attempts", ["inherit", "refuse"]),
        ("retryFrom", "retry_from", ["end", "start"]),
        ("strict", "strict", [False, True]),
    ],
)
def test_each_reading_has_its_choices_the_first_being_the_default(name: str, field: str, choices: list[Any]) -> None:
    """R15."""
    assert getattr(read_campaign("").readings, field) == choices[0]
    assert [campaign(readings={name: choice}).readings for choice in choices] == [
        Readings(**{field: choice}) for choice in choices
    ]


@pytest.mark.parametrize("name", READING_KEYS)
@pytest.mark.parametrize("value", ["", "Keep", "both", 0, 1, 1.0, [], {}, "true"], ids=repr)
def test_another_reading_is_refused_with_the_choices(name: str, value: object) -> None:
    """R15."""
    (problem,) = refusal(json.dumps({"readings": {name: value}})).problems

    assert (problem.path, problem.type) == (f"$.readings.{name}", BAD_FIELD)
    assert " or " in problem.message


def test_true_is_no_reading_but_strict() -> None:
    """R15."""
    assert refused('{"readings": {"retryFrom": true}}') == [("$.readings.retryFrom", BAD_FIELD)]


def test_readings_hold_for_the_policy_of_the_same_file() -> None:
    """R7.1, R9.1: refuse."""
    data = {
        "readings": {"badPriority": "refuse", "zeroAttempts": "refuse"},
        "policy": {"dialerPriority": 7, "maxAttempts": 0},
    }

    assert refused(json.dumps(data)) == [
        ("$.policy.maxAttempts", "invalid.max.attempts"),
        ("$.policy.dialerPriority", "invalid.dialer_priority"),
    ]
