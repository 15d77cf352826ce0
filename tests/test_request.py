"""The addPhones body: jobs, or all the problems of the request at once; what is only suspicious is a warning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from scheduler import Batch, Campaign, Job, Problem, RequestRefused, read_request
from scheduler.intake import request as request_module
from scheduler.jobs import ZoneSource
from scheduler.policy.instants import parse_instant
from scheduler.policy.levels import Dates, Policy
from scheduler.policy.readings import Readings
from scheduler.policy.zones import parse_zone

Number = dict[str, Any]
Signature = tuple[int | None, str, str]

STRICT = Campaign(readings=Readings(strict=True))
PHONE = "79123456789"
TEN = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
BAD_ZONE = "phone.gmtZone.bad.format"
BAD_TIME = "invalid.call.allowed.time"
FIELDS = (
    "phone",
    "payload",
    "gmtZone",
    "startDateTime",
    "finishDateTime",
    "allowedDays",
    "allowedTime",
    "localTimeFrom",
    "localTimeTo",
    "retryIntervalInMinutes",
    "maxAttempts",
    "dialerPriority",
    "externalCheck",
)
# The type that a field has for a bad value (R15.6).
TYPES = {
    "phone": "phone.bad.format",
    "gmtZone": BAD_ZONE,
    "startDateTime": "invalid.call.dates",
    "finishDateTime": "invalid.call.dates",
    "allowedDays": "invalid.call.allowed.days",
    "allowedTime": BAD_TIME,
    "localTimeFrom": BAD_TIME,
    "localTimeTo": BAD_TIME,
    "retryIntervalInMinutes": "invalid.retry.interval",
    "maxAttempts": "invalid.max.attempts",
}
ALL_TYPES = {*TYPES.values(), "phone.duplicated", "invalid.json", "invalid.field", "invalid.dialer_priority"}


def text(fields: dict[str, str]) -> str:
    """An object whose values are JSON texts already, good or bad."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in fields.items()) + "}"


def raw(name: str, value: str) -> str:
    """A request of one number with one field as raw text."""
    return "[" + text({"phone": '"79123456789"', "gmtZone": '"Z"', name: value}) + "]"


def batch(*numbers: Number, campaign: Campaign | None = None) -> Batch:
    """The batch of a good request; each number is in UTC unless it says otherwise."""
    full = [{"phone": f"7912345{place:04d}", "gmtZone": "Z", **number} for place, number in enumerate(numbers)]
    return read_request(json.dumps(full), campaign or Campaign())


def job(campaign: Campaign | None = None, **fields: Any) -> Job:
    """The job of a good request of one number, without warnings."""
    found = batch(fields, campaign=campaign)
    assert found.warnings == ()
    return found.jobs[0]


def refusal(body: str | bytes, campaign: Campaign | None = None) -> RequestRefused:
    """The refusal of a bad request."""
    with pytest.raises(RequestRefused) as caught:
        read_request(body, campaign or Campaign())
    return caught.value


def refused(body: str | bytes | list[Any], campaign: Campaign | None = None) -> list[Signature]:
    """The problems of a bad request: job, path, type."""
    return signatures(refusal(body if isinstance(body, str | bytes) else json.dumps(body), campaign).problems)


def flawed(fields: Number, campaign: Campaign | None = None) -> list[tuple[str, str]]:
    """The problems of a bad number, otherwise in UTC: path inside the number, and type."""
    found = refused([{"phone": PHONE, "gmtZone": "Z", **fields}], campaign)
    assert all(index == 0 and path.startswith("$[0]") for index, path, _ in found)
    return [(path.removeprefix("$[0]"), kind) for _, path, kind in found]


def signatures(problems: Iterable[Problem]) -> list[Signature]:
    """Job, path and type of problems or warnings."""
    return [(problem.job, problem.path, problem.type) for problem in problems]


def outcome(body: str | bytes, campaign: Campaign | None = None) -> Batch | RequestRefused:
    """What became of a request; anything else is an error of the test."""
    try:
        return read_request(body, campaign or Campaign())
    except RequestRefused as error:
        return error


def plain(result: Batch | RequestRefused, *, without: str = "\0") -> object:
    """An outcome in a form that is equal for equal outcomes, without the warnings of one field."""
    if isinstance(result, RequestRefused):
        return result.body()
    return [*result.jobs], [warning for warning in result.warnings if not warning.path.endswith(without)]


def check(result: Batch | RequestRefused) -> None:
    """Assert what holds of every outcome (R15.1, R15.2, R14.5)."""
    if isinstance(result, Batch):
        assert [each.index for each in result.jobs] == list(range(len(result.jobs)))
        assert all(each.phone.isdigit() and each.phone.isascii() and 5 <= len(each.phone) <= 15 for each in result.jobs)
        for warning in result.warnings:
            check_problem(warning)
        return
    body = json.loads(json.dumps(result.body()))
    assert body["problems"] == [problem.as_data() for problem in result.problems]
    assert body["type"] == body["problems"][0]["type"]
    assert isinstance(body["message"], str)
    assert ("phonesDuplicates" in body) == (body["type"] == "phone.duplicated")
    assert ("gmtZone" in body) == (body["type"] == BAD_ZONE)
    assert ("phone" in body) == (body["problems"][0]["job"] is not None)
    for problem in result.problems:
        check_problem(problem)


def check_problem(problem: Problem) -> None:
    """Assert that a problem has its place, a type of the rules, and words."""
    data = problem.as_data()
    assert data.keys() == {"job", "path", "type", "message"}
    assert data["path"].startswith("$" if data["job"] is None else f"$[{data['job']}]")
    assert data["type"] in ALL_TYPES
    assert data["message"].strip()


# --- whatever comes in -----------------------------------------------------------------------------------------------

GOOD_BODY = b'[{"phone": "79123456789", "gmtZone": "Z", "payload": {"a": [1.5, "\\u00e9"]}, "allowedDays": ["mon"]}]'
WORDS = (b'{"phone":', b'"79123456789"', b"phone,", b"\xff", b"\\ud800", b"1e999", b"null", b"\n")
SCRAPS = st.sampled_from([b"[", b"]", b"{", b"}", b'"', b",", b":"]) | st.sampled_from(WORDS)


@given(st.binary(max_size=80) | st.lists(SCRAPS | st.binary(max_size=3), max_size=12).map(b"".join))
def test_any_bytes_are_a_batch_or_refused(body: bytes) -> None:
    """R15.1, R15.6."""
    check(outcome(body))


@given(st.integers(0, len(GOOD_BODY)), st.integers(0, 6), SCRAPS | st.binary(max_size=3))
def test_a_good_body_with_a_wound_is_a_batch_or_refused(place: int, gone: int, new: bytes) -> None:
    """R15.1, R15.6."""
    check(outcome(GOOD_BODY[:place] + new + GOOD_BODY[place + gone :]))


@given(st.text(st.characters(), max_size=30) | st.text(st.sampled_from('[]{}",:\\\n0a\ud800'), max_size=20))
def test_any_text_is_a_batch_or_refused(body: str) -> None:
    """R15.1, R15.6."""
    check(outcome(body))


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.0, 0.5, 1e300, 10**30, "", "Z", "mon", "10:00", "2026-03-02T09:00:00Z", PHONE, "2"]
)
KEYS = st.sampled_from(["default", "mon", "localTimeFrom", "localTimeTo", "", "phone"]) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), VALUES, max_size=5) | VALUES, max_size=3),
    st.booleans(),
)
def test_any_values_in_any_fields_are_a_batch_or_refused(numbers: list[Any], strict: bool) -> None:
    """R15.1, R15.6."""
    check(outcome(json.dumps(numbers), STRICT if strict else Campaign()))


@pytest.mark.parametrize("field", FIELDS)
@given(value=VALUES)
def test_any_value_in_one_field_is_good_or_refused_there(field: str, value: Any) -> None:
    """R15.1, R15.6: with the type of the field, at the field or inside it, and with no other problem."""
    numbers = [{"phone": PHONE, "gmtZone": "Z", field: value}]
    result = outcome(json.dumps(numbers))

    check(result)
    for problem in result.problems if isinstance(result, RequestRefused) else ():
        # A deprecated pair of no length is a flaw of the number, a key inside a window is a field of its own.
        assert problem.path.startswith(f"$[0].{field}") or (field == "localTimeTo" and problem.path == "$[0]")
        assert problem.type == TYPES[field] or (field == "allowedTime" and problem.type == "invalid.field")


# --- two ways round --------------------------------------------------------------------------------------------------

TEXTS = {
    "phone": ['"79123456789"', '"+7 (912) 345-67-80"', '"4930123456"', '"12345"', '"12"', "79123456789", "1e999"],
    "payload": ["null", '{"a": 1}', '{"a":1.0}', '{"a": 1, "a": 2}', "1e999", "1" * 400, r'"\u00e9"', "[true]", "{}"],
    "gmtZone": ["null", '"Z"', '"-05:00"', '"Europe/Berlin"', '""', '"Europe/Mosco"', "5", "1e999"],
    "startDateTime": ['"2026-03-02T09:00:00Z"', '"2026-03-02 09:00"', '"soon"', "null", "0", "-1e999"],
    "finishDateTime": ['"2026-03-03T09:00:00Z"', '"2026-03-01T09:00:00+03:00"', "null", '"2026"'],
    "allowedDays": ['["mon", "tue"]', '["mon","tue"]', "[]", '["Mon"]', "null", "[1e999]"],
    "allowedTime": ["null", "{}", json.dumps(TEN), '{"mon": [{"localTimeFrom": "10:00"}]}', '{"default": [1e999]}'],
    "localTimeFrom": ['"17:00"', '"7am"', "null", "17"],
    "localTimeTo": ['"18:00"', '"17:00"', "null"],
    "retryIntervalInMinutes": ["120", "120.0", "1.2e2", "0", "true", '"2"', "null", "1e999"],
    "maxAttempts": ["2", "2.0", "0", "51", "null", "-0", "1" * 400],
    "dialerPriority": ["1", "2.0", "7", "null", "true", "1e300"],
    "externalCheck": ['{"externalCheckUrl": "http://localhost"}', "1e999"],
}


@st.composite
def raw_numbers(draw: st.DrawFn) -> dict[str, str]:
    """A number as raw JSON texts, most of them good."""
    names = draw(st.sets(st.sampled_from(FIELDS[1:]), max_size=4))
    phone = draw(st.sampled_from(TEXTS["phone"][:4]) | st.sampled_from(TEXTS["phone"]))
    return {"phone": phone} | {
        name: draw(st.sampled_from(TEXTS[name][:2]) | st.sampled_from(TEXTS[name])) for name in sorted(names)
    }


@given(st.lists(raw_numbers(), max_size=4), st.data())
def test_an_unknown_field_more_changes_nothing_else(numbers: list[dict[str, str]], data: st.DataObject) -> None:
    """R15.5: what is decoded at once means what is decoded field by field does."""
    odd = data.draw(st.sets(st.integers(0, len(numbers)))) if numbers else set()
    spoilt = [{**number, "zzz": "1"} if place in odd else number for place, number in enumerate(numbers)]
    fast, slow = ("[" + ", ".join(map(text, each)) + "]" for each in (numbers, spoilt))

    assert plain(outcome(slow), without=".zzz") == plain(outcome(fast))


@given(st.lists(raw_numbers(), min_size=1, max_size=4), st.integers(0, 4))
def test_a_broken_number_beside_the_others_hides_no_problem_of_theirs(
    numbers: list[dict[str, str]], place: int
) -> None:
    """R15.1: the others' problems are what they are without it."""
    texts = [*map(text, numbers)]
    alone = outcome("[" + ", ".join(texts) + "]")
    beside = outcome("[" + ", ".join([*texts[:place], "1", *texts[place:]]) + "]")
    broken = min(place, len(texts))
    expected = [] if isinstance(alone, Batch) else signatures(alone.problems)
    assert isinstance(beside, RequestRefused)
    moved = [(index - (index > broken), kind) for index, _, kind in signatures(beside.problems) if index is not None]

    assert (broken, f"$[{broken}]", "invalid.field") in signatures(beside.problems)
    assert sorted(moved) == sorted([(broken, "invalid.field"), *((index or 0, kind) for index, _, kind in expected)])


OPTIONAL = [name for name in FIELDS if name not in {"phone", "externalCheck"}]


@given(st.lists(raw_numbers(), max_size=3), st.data())
def test_null_is_not_set(numbers: list[dict[str, str]], data: st.DataObject) -> None:
    """R6.1: a field that is null means what one that is absent does."""
    nulls = [dict.fromkeys(data.draw(st.sets(st.sampled_from(OPTIONAL))), "null") | each for each in numbers]
    without, with_nulls = ("[" + ", ".join(map(text, each)) + "]" for each in (numbers, nulls))

    assert plain(outcome(with_nulls)) == plain(outcome(without))


def test_an_external_check_of_null_is_not_set() -> None:
    """R6.1, R15.7: there is nothing that would not be acted on."""
    assert batch({"externalCheck": None}) == batch({})


# --- good requests ---------------------------------------------------------------------------------------------------


def test_an_empty_list_is_a_request_of_no_jobs() -> None:
    """R15.5."""
    assert read_request("[]", Campaign()) == Batch([], ())


def test_jobs_come_in_request_order_with_their_index() -> None:
    """R14.5, R10.2."""
    jobs = batch(*({"phone": phone} for phone in ("33333", "11111", "22222"))).jobs

    assert [(each.index, each.phone) for each in jobs] == [(0, "33333"), (1, "11111"), (2, "22222")]


@pytest.mark.parametrize(
    ("phone", "normal"),
    [
        (PHONE, PHONE),
        ("+7 (912) 345-67-89", PHONE),
        ("+7.912.345.67.89", PHONE),
        ("12345", "12345"),
        ("123456789012345", "123456789012345"),
        ("0012345", "0012345"),
        ("9991112223330", "9991112223330"),
    ],
)
def test_a_phone_is_taken_in_its_normal_form(phone: str, normal: str) -> None:
    """R15.4: no stricter check."""
    assert job(phone=phone).phone == normal


@pytest.mark.parametrize(
    "phone", ["", " ", "+", "1234", "+1 (234)", "1234567890123456", "7912345678a", "12345\n", "٧٩١٢٣٤٥٦٧٨٩", "123/45"]
)
def test_a_phone_that_is_none_is_refused_as_it_was_written(phone: str) -> None:
    """R15.4, R15.2: the vendor's body names it."""
    error = refusal(json.dumps([{"phone": phone, "gmtZone": "Z"}]))

    assert signatures(error.problems) == [(0, "$[0].phone", "phone.bad.format")]
    assert error.body()["phone"] == (phone or None)


@pytest.mark.parametrize("value", [None, 79123456789, 1.5, True, ["79123456789"], {"phone": "79123456789"}], ids=repr)
def test_a_phone_that_is_no_text_is_refused(value: object) -> None:
    """R15.6: with its own type."""
    assert flawed({"phone": value}) == [(".phone", "phone.bad.format")]
    assert refused([{"gmtZone": "Z"}]) == [(0, "$[0].phone", "phone.bad.format")]


@pytest.mark.parametrize(
    ("fields", "custom"),
    [
        ({}, False),
        ({"payload": {"a": 1}}, False),
        ({"gmtZone": "-05:00"}, False),
        ({"dialerPriority": 1}, False),
        ({"maxAttempts": 9, "retryIntervalInMinutes": 5}, False),
        ({"externalCheck": None, "allowedDays": None, "allowedTime": None, "startDateTime": None}, False),
        ({"startDateTime": "2026-03-02T09:00:00Z"}, True),
        ({"finishDateTime": "2026-03-02T09:00:00Z"}, True),
        ({"allowedDays": ["mon"]}, True),
        ({"allowedTime": TEN}, True),
        ({"localTimeFrom": "17:00"}, True),
        ({"localTimeTo": "17:00"}, True),
    ],
    ids=repr,
)
def test_a_number_with_a_schedule_of_its_own_is_custom(fields: Number, custom: bool) -> None:
    """R8.3."""
    assert batch(fields).jobs[0].custom is custom


def test_the_schedule_of_the_campaign_makes_no_number_custom() -> None:
    """R8.3: of its own."""
    schedule = Campaign(policy=Policy(allowed_days=frozenset({0})), dates=Dates(0, None))

    assert not job(schedule).custom


def test_a_policy_is_resolved_over_that_of_the_campaign() -> None:
    """R6.1, R6.3."""
    campaign = Campaign(policy=Policy(max_attempts=3, retry_min=10, priority=4))
    policy = job(campaign, maxAttempts=7).policy

    assert (policy.max_attempts, policy.retry_ms, policy.priority) == (7, 600_000, 4)
    assert (policy.levels["maxAttempts"], policy.levels["retryIntervalInMinutes"]) == ("number", "campaign")


def test_dates_are_the_numbers_own() -> None:
    """R5.1, R5.3: the campaign's are not in them."""
    fields = {"startDateTime": "2026-03-02T09:00:00.1239Z", "finishDateTime": "2026-03-02 12:00:01+0300"}
    dates = job(Campaign(dates=Dates(0, 1)), **fields).dates

    assert dates == Dates(parse_instant("2026-03-02T09:00:00.123Z").ms, parse_instant("2026-03-02T09:00:01Z").ms)


@pytest.mark.parametrize(
    "payload", ["{}", "[]", '""', "0", "-0.5", "true", "false", '"x"', '{"a": {"b": [null, 1e10]}}', '"\\ud83d\\ude00"']
)
def test_a_payload_is_any_json_value_and_kept_as_it_came(payload: str) -> None:
    """R15.5, R14.1."""
    (found,) = read_request(raw("payload", payload), Campaign()).jobs

    assert found.payload == payload.encode()


def test_a_payload_of_null_is_none() -> None:
    """R14.1."""
    assert job(payload=None).payload is None


def test_text_beyond_ascii_is_read() -> None:
    """R15.6: UTF-8, as bytes and as text."""
    body = '[{"phone": "79123456789", "gmtZone": "Z", "payload": "été 😀"}]'

    assert read_request(body.encode(), Campaign()).jobs == read_request(body, Campaign()).jobs
    assert json.loads(read_request(body, Campaign()).jobs[0].payload or b"") == "été 😀"


# --- all problems at once --------------------------------------------------------------------------------------------


def test_all_problems_of_a_request_are_reported_at_once() -> None:
    """R15.1: five in one request, each with its job, path and type."""
    numbers: list[Any] = [
        {"phone": "12", "gmtZone": "Z"},
        {"phone": "79123456780", "gmtZone": "Mars/Phobos"},
        {"phone": "79123456781", "gmtZone": "Z"},
        {"phone": "79123456782", "gmtZone": "Z", "allowedTime": {"mon": [{"localTimeFrom": "10:00"}]}},
        {"phone": "79123456783", "gmtZone": "Z", "startDateTime": "2026-03-02", "maxAttempts": 51},
    ]

    assert refused(numbers) == [
        (0, "$[0].phone", "phone.bad.format"),
        (1, "$[1].gmtZone", BAD_ZONE),
        (3, "$[3].allowedTime.mon[0].localTimeTo", BAD_TIME),
        (4, "$[4].startDateTime", "invalid.call.dates"),
        (4, "$[4].maxAttempts", "invalid.max.attempts"),
    ]


def test_all_problems_of_a_number_are_reported_at_once() -> None:
    """R15.1: every field of it."""
    fields = {
        "phone": 5,
        "payload": {},
        "gmtZone": "",
        "startDateTime": "soon",
        "finishDateTime": "later",
        "allowedDays": [],
        "allowedTime": {"mon": []},
        "localTimeFrom": "7am",
        "localTimeTo": "8pm",
        "retryIntervalInMinutes": 0,
        "maxAttempts": -1,
    }
    expected = {(name, kind) for name, kind in TYPES.items() if name != "allowedTime"} | {("allowedTime.mon", BAD_TIME)}

    assert sorted(flawed(fields)) == sorted((f".{name}", kind) for name, kind in expected)


def test_what_decides_nothing_is_still_looked_at() -> None:
    """R3.8, R3.9, R15.1: hours of a day that is left out, and a pair beside allowedTime."""
    time_of_tuesday = {"mon": TEN["default"], "tue": [{"localTimeFrom": "10:00"}]}
    found = flawed({"allowedDays": ["mon"], "allowedTime": time_of_tuesday, "localTimeFrom": "7am"})

    assert sorted(found) == [(".allowedTime.tue[0].localTimeTo", BAD_TIME), (".localTimeFrom", BAD_TIME)]


def test_items_that_are_no_objects_are_refused_one_by_one() -> None:
    """R15.6: `invalid.field`."""
    numbers = [1, None, "x", [], True, 1.5, {"phone": PHONE, "gmtZone": "Z"}, [{"phone": PHONE}]]

    assert refused(numbers) == [(place, f"$[{place}]", "invalid.field") for place in (0, 1, 2, 3, 4, 5, 7)]


def test_the_error_says_its_first_problem_and_how_many_more() -> None:
    """R15.1."""
    assert str(refusal('[{"phone": "12"}]')).startswith("$[0].phone: ")
    assert str(refusal('[{"phone": "12"}, {"phone": "13"}, 1]')).endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"phone": "12"}, "5 to 15 digits"),
        ({"gmtZone": "Europe/Mosco"}, "Europe/Moscow"),
        ({"gmtZone": "moscow"}, "Europe/Moscow"),
        ({"gmtZone": "+5:30"}, "+05:30"),
        ({"startDateTime": "2026-03-02"}, "2026-03-02T09:00:00Z"),
        ({"allowedDays": ["Mon"]}, "mon, tue, wed"),
        ({"allowedTime": {"monday": TEN["default"]}}, "default"),
        ({"allowedTime": {"mon": [{"localTimeFrom": "9am", "localTimeTo": "18:00"}]}}, "HH:mm"),
        ({"retryIntervalInMinutes": 0}, "1 to 2880"),
        ({"maxAttempts": 51}, "1 to 50"),
    ],
    ids=repr,
)
def test_a_message_says_what_to_write_instead(fields: Number, advice: str) -> None:
    """R15.1, R2.5."""
    (problem,) = refusal(json.dumps([{"phone": PHONE, "gmtZone": "Z", **fields}])).problems

    assert advice in problem.message


def test_the_zone_that_was_meant_is_found_behind_many_good_ones() -> None:
    """R2.5: good zones use nothing up."""
    zones = [f"{sign}{hour:02d}:{minute:02d}" for sign in "+-" for hour in range(12) for minute in range(0, 60, 10)]
    numbers = [{"phone": str(10_000 + place), "gmtZone": zone} for place, zone in enumerate([*zones, "Europe/Mosco"])]
    (problem,) = refusal(json.dumps(numbers)).problems

    assert "Europe/Moscow" in problem.message


# --- fields ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["retryIntervalInMinutes", "maxAttempts", "dialerPriority"])
@pytest.mark.parametrize("value", ["2", "2.0", "2e0", "0.2e1", "20E-1", "2.000000000000000000000000"])
def test_an_integer_may_be_written_as_any_number_that_is_whole(name: str, value: str) -> None:
    """R15.6."""
    found = read_request(raw(name, value), Campaign())
    policy = found.jobs[0].policy
    values = {
        "retryIntervalInMinutes": policy.retry_ms / 60_000,
        "maxAttempts": policy.max_attempts,
        "dialerPriority": policy.priority,
    }

    assert found.warnings == ()
    assert values[name] == 2


@pytest.mark.parametrize("name", ["retryIntervalInMinutes", "maxAttempts"])
@pytest.mark.parametrize("value", [True, False, "2", "", 2.5, -1, 1e300, 10**300, [2], {"value": 2}], ids=repr)
def test_what_is_no_integer_in_range_is_refused(name: str, value: object) -> None:
    """R15.6, R9.1, R9.2: true is none, and neither is "2"."""
    assert flawed({name: value}) == [(f".{name}", TYPES[name])]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("retryIntervalInMinutes", [1, 2880], [0, 2881]), ("maxAttempts", [1, 50], [51]), ("dialerPriority", [1, 5], [])],
)
def test_integers_have_bounds(name: str, good: list[int], bad: list[int]) -> None:
    """R7.1, R9.1, R9.2."""
    assert batch(*({name: value} for value in good)).warnings == ()
    assert all(flawed({name: value}) == [(f".{name}", TYPES[name])] for value in bad)


@pytest.mark.parametrize("value", [7, 0, -1, 6, 2.5, "2", True, [], {}, 1e300], ids=repr)
def test_a_bad_priority_is_5_with_a_warning_or_refused(value: object) -> None:
    """R7.1: reading `badPriority`."""
    found = batch({"dialerPriority": value})

    assert found.jobs[0].policy.priority == 5
    assert found.jobs[0].policy.levels["dialerPriority"] == "number"
    assert signatures(found.warnings) == [(0, "$[0].dialerPriority", "invalid.dialer_priority")]
    assert flawed({"dialerPriority": value}, Campaign(readings=Readings(bad_priority="refuse"))) == [
        (".dialerPriority", "invalid.dialer_priority")
    ]


@pytest.mark.parametrize("value", ["0", "0.0", "-0", "0e5"])
def test_zero_attempts_are_not_set_with_a_warning_or_refused(value: str) -> None:
    """R9.1: reading `zeroAttempts`."""
    campaign = Campaign(policy=Policy(max_attempts=3))
    found = read_request(raw("maxAttempts", value), campaign)

    assert found.jobs[0].policy.max_attempts == 3
    assert signatures(found.warnings) == [(0, "$[0].maxAttempts", "invalid.max.attempts")]
    assert refused(raw("maxAttempts", value), Campaign(readings=Readings(zero_attempts="refuse"))) == [
        (0, "$[0].maxAttempts", "invalid.max.attempts")
    ]


@pytest.mark.parametrize("name", ["startDateTime", "finishDateTime"])
def test_a_naive_date_is_utc_with_a_warning(name: str) -> None:
    """R5.1."""
    found = batch({name: "2026-03-02 09:00"})

    assert parse_instant("2026-03-02T09:00:00Z").ms in found.jobs[0].dates
    assert signatures(found.warnings) == [(0, f"$[0].{name}", "invalid.call.dates")]
    assert "2026-03-02T09:00:00Z" in found.warnings[0].message


@pytest.mark.parametrize(
    "value",
    ["2026-03-02", "", "now", "2026-W10-1", "2026-061", "2026-03-02T24:00Z", "2026-03-02T09:60Z", "0000-01-01T00:00Z"],
)
@pytest.mark.parametrize("name", ["startDateTime", "finishDateTime"])
def test_what_is_no_instant_is_refused(name: str, value: object) -> None:
    """R5.1, R15.6."""
    assert flawed({name: value}) == [(f".{name}", "invalid.call.dates")]


@pytest.mark.parametrize("finish", ["2026-03-02T09:00:00Z", "2026-03-02T12:00:00+03:00", "2026-03-01T00:00:00Z"])
def test_a_start_that_is_not_before_the_finish_is_refused(finish: str) -> None:
    """R5.1: as instants, whatever their offsets."""
    ((path, kind),) = flawed({"startDateTime": "2026-03-02T09:00:00Z", "finishDateTime": finish})

    assert path in {".startDateTime", ".finishDateTime"}
    assert kind == "invalid.call.dates"


def test_an_unknown_key_inside_a_window_is_refused() -> None:
    """R15.6: `invalid.field`, strict or not."""
    window = {**TEN["default"][0], "note": "x"}

    assert flawed({"allowedTime": {"mon": [window]}}) == [(".allowedTime.mon[0].note", "invalid.field")]


def test_both_forms_of_hours_are_a_warning_and_the_newer_wins() -> None:
    """R3.9."""
    found = batch({"allowedTime": TEN, "localTimeFrom": "08:00", "localTimeTo": "09:00"})

    assert str(found.jobs[0].policy.hours).startswith("mon 10:00-18:00; ")
    assert [kind for _, _, kind in signatures(found.warnings)] == [BAD_TIME]


# --- unknown fields --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Phone", "phone"),
        ("payloads", "payload"),
        ("gmtzone", "gmtZone"),
        ("timeZone", "gmtZone"),
        ("startDatetime", "startDateTime"),
        ("allowedDay", "allowedDays"),
        ("retryInterval", "retryIntervalInMinutes"),
        ("maxAttempt", "maxAttempts"),
        ("dialerpriority", "dialerPriority"),
    ],
)
def test_an_unknown_field_is_ignored_with_a_warning_that_names_the_nearest(name: str, near: str) -> None:
    """R15.5."""
    found = batch({name: "x"})

    assert found.jobs == batch({}).jobs
    assert signatures(found.warnings) == [(0, f"$[0].{name}", "invalid.field")]
    assert f"did you mean {near}?" in found.warnings[0].message


def test_an_unknown_field_that_is_near_to_none_names_all() -> None:
    """R15.5."""
    (warning,) = batch({"qqqqq": 1}).warnings

    assert all(name in warning.message for name in FIELDS)


@pytest.mark.parametrize(
    "name", ["", " ", "é", "a.b", "a\nb", "x" * 10_000, "__class__"], ids=lambda name: ascii(name[:9])
)
def test_any_name_of_an_unknown_field_is_shown_on_one_line(name: str) -> None:
    """R15.5."""
    (warning,) = batch({name: 1}).warnings

    assert warning.type == "invalid.field"
    assert "\n" not in warning.message
    assert len(warning.message) < 500


@pytest.mark.parametrize("value", [{"externalCheckUrl": "http://localhost:1/check"}, {}, "x", 0, True], ids=repr)
def test_an_external_check_is_not_acted_on_with_a_warning(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """R15.7: and no connection is opened."""
    monkeypatch.setattr("socket.socket", None)
    found = batch({"externalCheck": value})

    assert found.jobs == batch({}).jobs
    assert signatures(found.warnings) == [(0, "$[0].externalCheck", "invalid.field")]


def test_an_external_check_is_no_unknown_field() -> None:
    """R15.7: it is accepted, also where strict refuses those."""
    assert len(batch({"externalCheck": {}}, campaign=STRICT).jobs) == 1


# --- warnings and strictness -----------------------------------------------------------------------------------------


def test_warnings_of_one_kind_and_text_are_one_entry_with_the_first_job_and_a_count() -> None:
    """R15.3."""
    zero, seven, eight = {"maxAttempts": 0}, {"dialerPriority": 7}, {"dialerPriority": 8}
    found = batch({"maxAttempts": 1}, zero, zero, zero, seven, eight, {**seven, **zero})

    assert [(warning.job, warning.path, warning.count) for warning in found.warnings] == [
        (1, "$[1].maxAttempts", 4),
        (4, "$[4].dialerPriority", 2),
        (5, "$[5].dialerPriority", 1),
    ]
    assert "(4 times)" in str(found.warnings[0])
    assert "times" not in str(found.warnings[2])


def test_warnings_have_the_form_of_problems() -> None:
    """R15.3."""
    (warning,) = batch({"maxAttempts": 0}).warnings

    assert warning.as_data().keys() == {"job", "path", "type", "message"}


def test_warnings_are_dropped_where_the_request_is_refused() -> None:
    """R14.5, R15.2: the refusal tells what must change."""
    assert refused([{"phone": PHONE, "gmtZone": "Z", "maxAttempts": 0}, 1]) == [(1, "$[1]", "invalid.field")]


SUSPICIOUS: list[tuple[str, object, str]] = [
    ("unknown", 1, "invalid.field"),
    ("dialerPriority", 7, "invalid.dialer_priority"),
    ("maxAttempts", 0, "invalid.max.attempts"),
    ("startDateTime", "2026-03-02T09:00", "invalid.call.dates"),
    ("finishDateTime", "2026-03-02T09:00", "invalid.call.dates"),
]


@pytest.mark.parametrize(("name", "value", "kind"), SUSPICIOUS)
def test_strict_turns_a_warning_into_a_problem(name: str, value: object, kind: str) -> None:
    """R15.3: unknown fields, bad priority, zero attempts, naive dates."""
    assert signatures(batch({name: value}).warnings) == [(0, f"$[0].{name}", kind)]
    assert flawed({name: value}, STRICT) == [(f".{name}", kind)]


def test_strict_reports_all_at_once() -> None:
    """R15.1, R15.3."""
    fields = {name: value for name, value, _ in SUSPICIOUS if name != "finishDateTime"}

    assert len(flawed(fields, STRICT)) == 4


def test_strict_refuses_nothing_else() -> None:
    """R15.3: other warnings stay warnings."""
    both = {"allowedTime": TEN, "localTimeFrom": "08:00"}
    found = batch(both, {"externalCheck": 1}, {"phone": PHONE, "gmtZone": None}, campaign=STRICT)

    assert len(found.jobs) == len(found.warnings) == 3


# --- zones -----------------------------------------------------------------------------------------------------------

BERLIN, RUSSIAN, UNKNOWN = "4930123456", "79123456789", "9991112223330"


def placed(phone: str, campaign: Campaign, *absent: None) -> tuple[Job, list[str]]:
    """The job of a number without a zone (or with null), and the messages of its warnings."""
    found = read_request(json.dumps([{"phone": phone, **({"gmtZone": None} if absent else {})}]), campaign)
    assert all(signature == (0, "$[0].gmtZone", BAD_ZONE) for signature in signatures(found.warnings))
    return found.jobs[0], [warning.message for warning in found.warnings]


def test_a_zone_of_the_request_is_taken() -> None:
    """R2.1, R2.6: whatever the number says."""
    found = job(phone=BERLIN, gmtZone="-05:00")

    assert (found.zone.name, found.zone_source) == ("-05:00", ZoneSource.REQUEST)


@pytest.mark.parametrize("absent", [(), (None,)], ids=["absent", "null"])
def test_the_zone_of_a_number_with_one_zone_is_taken(absent: tuple[None, ...]) -> None:
    """R2.6: silently."""
    found, messages = placed(BERLIN, Campaign(zone=parse_zone("+3")), *absent)

    assert (found.zone.name, found.zone_source) == ("Europe/Berlin", ZoneSource.NUMBER)
    assert messages == []


def test_a_number_whose_zones_are_links_to_one_has_one() -> None:
    """R2.6: Guernsey, the Isle of Man and Jersey link to London."""
    found, messages = placed("447911123456", Campaign())

    assert (found.zone.rules, found.zone_source) == ("Europe/London", ZoneSource.NUMBER)
    assert messages == []


@pytest.mark.parametrize("absent", [(), (None,)], ids=["absent", "null"])
def test_the_zone_of_the_campaign_is_taken_for_a_number_with_several(absent: tuple[None, ...]) -> None:
    """R2.6: with a warning that names zones it may be in."""
    found, messages = placed(RUSSIAN, Campaign(zone=parse_zone("Europe/Samara")), *absent)
    (message,) = messages

    assert (found.zone.name, found.zone_source) == ("Europe/Samara", ZoneSource.CAMPAIGN)
    assert "Asia/Almaty" in message
    assert "Europe/Samara" in message


def test_the_zone_of_the_campaign_is_taken_for_a_number_that_is_not_recognised() -> None:
    """R2.6: with a warning that says so; UTC where the campaign has none."""
    found, messages = placed(UNKNOWN, Campaign())
    (message,) = messages

    assert (found.zone.name, found.zone_source) == ("UTC", ZoneSource.CAMPAIGN)
    assert "not recognised" in message


@pytest.mark.parametrize("phone", [BERLIN, RUSSIAN, UNKNOWN])
def test_the_zone_of_the_campaign_is_taken_where_zones_are_not_detected(phone: str) -> None:
    """R2.6: `detectTimeZone`."""
    found, _ = placed(phone, Campaign(zone=parse_zone("+3"), detect_zone=False))

    assert (found.zone.name, found.zone_source) == ("+3", ZoneSource.CAMPAIGN)


def test_numbers_without_a_zone_for_one_reason_are_one_warning() -> None:
    """R2.6, R15.3."""
    numbers = [{"phone": phone} for phone in (UNKNOWN, RUSSIAN, "79123456780", BERLIN, "9991112223331")]
    warnings = read_request(json.dumps(numbers), Campaign()).warnings

    assert [(warning.job, warning.count) for warning in warnings] == [(0, 2), (1, 2)]


def test_a_bad_phone_without_a_zone_has_one_problem() -> None:
    """R15.1: there is no number to look up."""
    assert refused([{"phone": "12"}]) == [(0, "$[0].phone", "phone.bad.format")]


@pytest.mark.parametrize("value", ["", " ", "z", "Mars", "+5:30", 5, 0, True, False, 1.5, [], ["Z"], {}], ids=repr)
def test_a_zone_that_is_none_is_refused(value: object) -> None:
    """R2.5, R2.6, R15.6: `""` is a problem, and so is what is no text."""
    assert flawed({"gmtZone": value}) == [(".gmtZone", BAD_ZONE)]


# --- what is not JSON ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "[",
        "[,]",
        "[1,]",
        "[}",
        '[{"phone": "79123456789"}',
        '[{"phone": "79123456789"},]',
        '[{"phone": "79123456789",}]',
        '[{"phone": "79123456789"}] []',
        '[{"phone": "79123456789"}] x',
        "[{'phone': '79123456789'}]",
        '[{phone: "79123456789"}]',
        '[{"phone": "79123456789"} {"phone": "79123456780"}]',
        '[{"phone": "7912345\t6789"}]',
        '[{"phone": "\\x37"}]',
        '[{"phone": "79123456789", "maxAttempts": 01}]',
        '[{"phone": "79123456789", "maxAttempts": +1}]',
        '[{"phone": "79123456789", "maxAttempts": 1.}]',
        '[{"phone": "79123456789", "maxAttempts": .5}]',
        '[{"phone": "79123456789", "payload": NaN}]',
        '[{"phone": "79123456789", "payload": Infinity}]',
        '[{"phone": "79123456789", "payload": undefined}]',
        '[{"phone": "79123456789"}] // the page comments so',
        b'[{"phone": "\xff"}]',
        b'[{"phone": "79123456789", "payload": "\xed\xa0\x80"}]',
        b'[{"phone": "79123456789", "unknown": "\xc0\x80"}]',
        b'[{"phone": "79123456789", "payload": "\xe2\x82"}]',
        "[\ud800]",
        "\ud800",
        '[{"phone": "79123456789", "payload": "\ud800"}]',
        '{"phone": "\ud800"}',
        '[{"phone": "79123456789"}]'.encode("utf-16"),
    ],
    ids=ascii,
)
def test_what_is_not_json_in_utf_8_is_refused_whole(body: str | bytes) -> None:
    """R15.6: `invalid.json`."""
    assert refused(body) == [(None, "$", "invalid.json")]


def test_the_place_of_a_bad_byte_is_told() -> None:
    """R15.1: also far behind."""
    body = b'[{"phone": "79123456789", "payload": "' + "é".encode() * 700_000 + b'\xff"}]'
    (problem,) = refusal(body).problems

    assert str(body.index(b"\xff") + 1) in problem.message


SURROGATES = [r'"\ud800"', r'"\udc00"', r'"\ud800\u0041"', r'"\udc00\ud800"', r'["\ud800 and more"]', r'{"\ud800": 1}']


@pytest.mark.parametrize("value", SURROGATES)
@pytest.mark.parametrize("name", [*FIELDS, "unknown"])
def test_an_unpaired_surrogate_is_refused_in_every_field(name: str, value: str) -> None:
    """R15.6: `invalid.json`."""
    assert {kind for _, _, kind in refused(raw(name, value))} == {"invalid.json"}


BEYOND = ["1e999", "-1e999", "1e309", "1" * 400, "-" + "9" * 309, "[1e999]", '{"a": [' + "1" * 400 + "]}"]
KNOWN = [name for name in FIELDS if name != "phone"]


@pytest.mark.parametrize("value", BEYOND, ids=lambda value: value[:12])
@pytest.mark.parametrize("name", KNOWN)
def test_a_number_beyond_a_double_is_refused_in_every_field(name: str, value: str) -> None:
    """R15.6: `invalid.json`, at the field."""
    assert refused(raw(name, value)) == [(0, f"$[0].{name}", "invalid.json")]


WITHIN = ["1e308", "-1.7976931348623157e308", "1" * 308, "[-" + "1" * 308 + "]", "5e-324", "1e-999", "0." + "1" * 400]


@pytest.mark.parametrize("value", WITHIN, ids=lambda value: value[:9])
def test_a_number_within_a_double_is_a_payload(value: str) -> None:
    """R15.6: the largest, and those that are rounded."""
    (found,) = read_request(raw("payload", value), Campaign()).jobs

    assert found.payload == value.encode()


def test_digits_in_a_text_are_no_number() -> None:
    """R15.6: however many."""
    payload = json.dumps({"1" * 400: "2" * 400})
    (found,) = read_request(raw("payload", payload), Campaign()).jobs

    assert found.payload == payload.encode()


@pytest.mark.parametrize("value", ["1e999", "1" * 400, "[1e999]"], ids=lambda value: value[:9])
def test_a_phone_beyond_a_double_is_refused_and_not_replaced_by_words(value: str) -> None:
    """R15.2, R15.6: the body's phone is one that was sent, or none."""
    error = refusal(f'[{{"phone": {value}, "gmtZone": "Z"}}]')

    assert [(problem.job, problem.path) for problem in error.problems] == [(0, "$[0].phone")]
    assert error.body()["phone"] is None


@pytest.mark.parametrize("name", [*FIELDS, "unknown"])
def test_a_value_that_is_nested_too_deep_is_refused(name: str) -> None:
    """R15.6: `invalid.json`."""
    assert {kind for _, _, kind in refused(raw(name, "[" * 500_000 + "]" * 500_000))} == {"invalid.json"}
    assert {kind for _, _, kind in refused(raw(name, '{"a":' * 300_000 + "1" + "}" * 300_000))} == {"invalid.json"}
    assert refused("[" * 500_000) == [(None, "$", "invalid.json")]


@pytest.mark.parametrize("name", [*FIELDS, "unknown"])
def test_a_value_that_is_nested_nearly_too_deep_is_a_batch_or_refused(name: str) -> None:
    """R15.1, R15.6: what can just be read can be shown and compared, or else is nested too deep."""
    for depth in depths():
        number = text({"phone": '"79123456789"', "gmtZone": '"Z"', name: "[" * depth + "]" * depth})
        check(outcome(f"[{number}]"))
        check(outcome(f"[{number}, {number}]"))


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


def test_a_moderate_depth_is_a_payload() -> None:
    """R15.5: any JSON value."""
    assert len(read_request(raw("payload", "[" * 200 + "]" * 200), Campaign()).jobs) == 1


# --- a name given twice ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", ["", ', "unknown": 1'], ids=["at once", "field by field"])
@pytest.mark.parametrize("other", ['"79123456789"', '"1"', "5", "null", "{}"])
def test_of_a_phone_given_twice_the_last_counts(other: str, more: str) -> None:
    """R15.5."""
    body = f'[{{"phone": {other}, "gmtZone": "Z", "phone": "12345"{more}}}]'
    turned = f'[{{"phone": "12345", "gmtZone": "Z", "phone": {other}{more}}}]'

    assert read_request(body, Campaign()).jobs[0].phone == "12345"
    if len(other) > 5:
        assert read_request(turned, Campaign()).jobs[0].phone == json.loads(other)
    else:
        assert refused(turned) == [(0, "$[0].phone", "phone.bad.format")]


@pytest.mark.parametrize("more", ["", ', "unknown": 1'], ids=["at once", "field by field"])
@pytest.mark.parametrize("spelt", ["maxAttempts", r"max\u0041ttempts"])
def test_of_a_field_given_twice_the_last_counts(spelt: str, more: str) -> None:
    """R15.5: also if its name is spelt otherwise."""
    good = f'[{{"phone": "12345", "gmtZone": "Z", "maxAttempts": 99, "{spelt}": 2{more}}}]'
    bad = f'[{{"phone": "12345", "gmtZone": "Z", "{spelt}": 2, "maxAttempts": 99{more}}}]'

    assert read_request(good, Campaign()).jobs[0].policy.max_attempts == 2
    assert refused(bad) == [(0, "$[0].maxAttempts", "invalid.max.attempts")]


@pytest.mark.parametrize("last", ["null", '{"mon": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}'])
def test_of_a_name_given_twice_inside_a_field_the_last_counts(last: str) -> None:
    """R15.5: in windows and payloads."""
    window = '{"localTimeFrom": "25:00", "localTimeFrom": "10:00", "localTimeTo": "11:00"}'
    body = raw("allowedTime", f'{{"mon": [], "mon": [{window}]}}')
    twice = f'[{{"phone": "12345", "gmtZone": "Z", "allowedTime": {{}}, "allowedTime": {last}}}]'

    assert str(read_request(body, Campaign()).jobs[0].policy.hours) == "mon 10:00-11:00"
    assert len(read_request(twice, Campaign()).jobs) == 1


# --- the body of a refusal -------------------------------------------------------------------------------------------


def body_of(*numbers: Any, campaign: Campaign | None = None) -> dict[str, Any]:
    """The vendor's part of a refusal's body; the message is that of the first problem."""
    body = refusal(json.dumps(numbers), campaign).body()
    problems = body.pop("problems")
    assert body.pop("message") == problems[0]["message"]
    return body


def test_a_bad_phone_has_the_vendors_body() -> None:
    """R15.2: type, phone, message."""
    assert body_of({"phone": "+12", "gmtZone": "Z"}) == {"type": "phone.bad.format", "phone": "+12"}


@pytest.mark.parametrize("zone", ["Mars", "", 5, ["Z"]], ids=repr)
def test_a_bad_zone_has_the_vendors_body(zone: object) -> None:
    """R15.2: type, phone, gmtZone, message."""
    assert body_of({"phone": "+7 912 345", "gmtZone": zone}) == {"type": BAD_ZONE, "phone": "7912345", "gmtZone": zone}


@pytest.mark.parametrize("name", [name for name in TYPES if name not in {"phone", "gmtZone"}])
def test_a_bad_field_has_a_body_of_its_type(name: str) -> None:
    """R15.2: type, message, and the phone that it is about."""
    assert body_of({"phone": PHONE, "gmtZone": "Z", name: {"x": 1}}) == {"type": TYPES[name], "phone": PHONE}


def test_a_request_that_cannot_be_read_has_a_body_without_a_phone() -> None:
    """R15.2."""
    body = refusal("[").body()

    assert body.keys() == {"type", "message", "problems"}
    assert body["type"] == "invalid.json"
    assert [problem["job"] for problem in body["problems"]] == [None]


def test_the_first_problem_gives_the_body() -> None:
    """R15.2: in request order, and all are in `problems`."""
    numbers = [{"phone": PHONE, "gmtZone": "Z"}, {"phone": "12345", "gmtZone": "x"}, {"phone": "1", "gmtZone": "Z"}]
    body = refusal(json.dumps(numbers)).body()

    assert (body["type"], body["phone"], body["gmtZone"]) == (BAD_ZONE, "12345", "x")
    assert [(problem["job"], problem["type"]) for problem in body["problems"]] == [
        (1, BAD_ZONE),
        (2, "phone.bad.format"),
    ]


def test_a_refused_request_leaves_nothing_behind() -> None:
    """R14.5: the next one is read as if it were the first."""
    numbers = [{"phone": PHONE, "gmtZone": "Z"}]
    campaign = Campaign()
    before = read_request(json.dumps(numbers), campaign)
    refusal(json.dumps([*numbers, 1]), campaign)

    assert read_request(json.dumps(numbers), campaign) == before


# --- many numbers ----------------------------------------------------------------------------------------------------

MANY = 100_000

BAD_NUMBERS: list[Number] = [
    {"phone": "x"},
    {"phone": None},
    {"gmtZone": "Mars/%d"},
    {"gmtZone": "Europe/Mosco%d"},
    {"startDateTime": "soon %d"},
    {"allowedTime": {"day %d": []}},
    {"allowedTime": {"mon": [{"localTimeFrom": "10:00"}]}},
    {"allowedDays": ["%d"]},
    {"maxAttempts": 51},
    {"unknown%d": 1},
    {"maxAttempt": 1},
]


def many(numbers: list[Number], count: int) -> str:
    """A request of many numbers, in turns, with phones and texts of their own."""
    templates = [json.dumps({"phone": "7%010d", "gmtZone": "Z", **number}) for number in numbers]
    texts = (templates[place % len(templates)].replace("%010d", f"{place:010d}") for place in range(count))
    return "[" + ", ".join(each.replace("%d", str(place)) for place, each in enumerate(texts)) + "]"


@pytest.mark.parametrize(
    ("numbers", "count"),
    [(BAD_NUMBERS, MANY), ([{"unknown%d": 1}], MANY // 4), ([{"gmtZone": "Europe/Mosco%d"}], MANY // 4)],
    ids=["all kinds", "fields", "zones"],
)
def test_many_bad_numbers_have_one_problem_each(numbers: list[Number], count: int) -> None:
    """R15.1: nothing is worse than linear, nor are there suggestions for all of them."""
    body = many(numbers, count)
    error = refusal(body, STRICT)

    assert [problem.job for problem in error.problems] == list(range(count))


def test_many_duplicates_have_one_problem_each() -> None:
    """R14.2, R15.1: one phone, and a hundred thousand times the list of duplicates is one list."""
    body = "[" + ", ".join([json.dumps({"phone": PHONE, "gmtZone": "Z"})] * MANY) + "]"
    error = refusal(body)

    assert [problem.job for problem in error.problems] == list(range(1, MANY))
    assert error.body()["phonesDuplicates"] == [PHONE]


def test_many_warnings_of_one_text_are_one_entry() -> None:
    """R15.3."""
    found = read_request(many([{"unknown": 1}], 10_000), Campaign())

    assert [(warning.job, warning.count) for warning in found.warnings] == [(0, 10_000)]


GOOD_NUMBERS: list[Number] = [
    {},
    {"gmtZone": "-05:00"},
    {"gmtZone": "Europe/Berlin", "allowedTime": TEN, "startDateTime": "2026-03-02T09:00:00Z"},
    {"allowedTime": TEN, "allowedDays": ["mon"]},
    {"gmtZone": "-05:00", "allowedTime": TEN, "allowedDays": ["mon"], "startDateTime": "2026-03-02T09:00:00Z"},
    {"allowedTime": TEN},
]


def test_equal_texts_share_policies_zones_and_dates_by_identity() -> None:
    """DESIGN 3: nothing is validated twice."""
    jobs = read_request(many(GOOD_NUMBERS, 6_000), Campaign()).jobs

    assert len(jobs) == 6_000
    assert len({id(each.policy) for each in jobs}) == 3
    assert len({id(each.zone) for each in jobs}) == 3
    assert len({id(each.dates) for each in jobs if each.dates.start_ms is not None}) == 1
    assert all(each.policy is jobs[place % 6].policy for place, each in enumerate(jobs))
    assert all(each.zone is jobs[place % 6].zone for place, each in enumerate(jobs))


def test_equal_texts_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 3, R2.6: the work that is not done, counted."""
    calls: list[str] = []

    def counted(name: str) -> Any:
        read = getattr(request_module, name)

        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            return read(*arguments, **options)

        return call

    for name in ("parse_policy", "parse_dates", "parse_zone", "resolve"):
        monkeypatch.setattr(request_module, name, counted(name))
    read_request(many(GOOD_NUMBERS, 600), Campaign())

    assert {name: calls.count(name) for name in set(calls)} == {
        "parse_policy": 3,
        "parse_dates": 1,
        "parse_zone": 3,
        "resolve": 3,
    }


def test_values_do_not_keep_the_body() -> None:
    """DESIGN 4: what is kept is a copy, so a payload does not hold the whole request in memory."""
    found = job(payload={"a": 1})

    assert type(found.payload) is bytes
