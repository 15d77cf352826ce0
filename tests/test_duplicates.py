"""Which numbers of one request are the same, and how the request is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler import Campaign, RequestRefused, read_request
from scheduler.duplicates import groups_of_duplicates, same_payload_key
from scheduler.jobs import Problem
from tests import oracles

Number = dict[str, Any]

# Three phones, one of them in several spellings (R15.4).
PHONES = ("79123456789", "+7 (912) 345-67-89", "4930123456", "9991112223330")
ABSENT = object()
PAYLOADS: tuple[object, ...] = (
    ABSENT,
    None,
    {},
    [],
    "",
    0,
    False,
    -0.0,
    1,
    1.0,
    True,
    "1",
    [1],
    [True],
    [1, 2],
    [2, 1],
    {"a": 1, "b": [None, {}]},
    {"b": [None, {}], "a": 1.0},
    {"a": True, "b": [None, {}]},
    {"a": 1},
    {"a": None},
    {"a": {"b": {"c": 0.5}}},
    {"a": {"b": {"c": "0.5"}}},
    10**20,
    1e20,
)


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    """A number whose phone and payload other numbers are likely to have."""
    number: Number = {"phone": draw(st.sampled_from(PHONES)), "gmtZone": draw(st.sampled_from(["Z", "+3"]))}
    payload = draw(st.sampled_from(PAYLOADS[:12]) | st.sampled_from(PAYLOADS))
    if payload is not ABSENT:
        number["payload"] = payload
    if draw(st.integers(0, 9)) == 0:
        number["unknown"] = 1  # the longer way round
    return number


requests = st.lists(numbers(), max_size=9)


def refusal(body: str | bytes | list[Number]) -> RequestRefused:
    """The refusal of a bad request."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    with pytest.raises(RequestRefused) as caught:
        read_request(text, Campaign())
    return caught.value


def outcome(body: str | list[Number]) -> int | dict[str, Any]:
    """The number of jobs, or the refusal's body."""
    try:
        return len(read_request(body if isinstance(body, str) else json.dumps(body), Campaign()).jobs)
    except RequestRefused as error:
        return error.body()


def types(answer: int | dict[str, Any]) -> list[str]:
    """The types of the problems of an outcome."""
    return [] if isinstance(answer, int) else [problem["type"] for problem in answer["problems"]]


def duplicates(body: str | list[Number]) -> list[str]:
    """The phonesDuplicates of a request that is refused for nothing else."""
    error = refusal(body)
    assert {problem.type for problem in error.problems} == {"phone.duplicated"}
    phones = error.body()["phonesDuplicates"]
    assert isinstance(phones, list)
    return phones


def same(one: str, other: str) -> bool:
    """Whether two payloads, as JSON texts, make two numbers of one phone duplicates."""
    body = f'[{{"phone": "12345", "payload": {one}}}, {{"phone": "12345", "payload": {other}}}]'
    answer = outcome(body)
    assert answer == 2 or types(answer) == ["phone.duplicated"]
    return answer != 2


# --- against the oracle ----------------------------------------------------------------------------------------------


@given(requests)
def test_duplicates_are_refused_as_the_comparison_of_all_pairs_says(request: list[Number]) -> None:
    """R14.1, R14.2: whether, which phones and in which order; `phone` is the first of them."""
    expected = oracles.duplicates(request)
    if expected:
        body = refusal(request).body()
        assert body["phonesDuplicates"] == expected
        assert body["phone"] == expected[0]
    else:
        assert len(read_request(json.dumps(request), Campaign()).jobs) == len(request)


@given(requests.filter(oracles.duplicates))
def test_each_number_that_repeats_an_earlier_one_is_a_problem_of_its_own(request: list[Number]) -> None:
    """R14.2, R15.1: with its path, and the earliest number that it repeats, counted from one and as a path."""
    firsts = {
        later: next(earlier for earlier in range(later) if oracles.duplicates([request[earlier], request[later]]))
        for later in range(len(request))
        if any(oracles.duplicates([request[earlier], request[later]]) for earlier in range(later))
    }
    problems = {problem.job: problem for problem in refusal(request).problems}

    assert problems.keys() == firsts.keys()
    for job, first in firsts.items():
        assert (problems[job].path, problems[job].type) == (f"$[{job}]", "phone.duplicated")
        assert f"as number {first + 1} of the request ($[{first}])" in problems[job].message


@given(requests, st.randoms(use_true_random=False))
def test_the_order_of_keys_is_nothing(request: list[Number], luck: Any) -> None:
    """R14.1: in the items and inside the payloads."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in luck.sample(sorted(value), len(value))}
        return [shuffled(each) for each in value] if isinstance(value, list) else value

    assert outcome(shuffled(request)) == outcome(request)


# --- equal payloads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"),
        ("1", "1e0"),
        ("100", "1E2"),
        ("0", "-0"),
        ("0", "-0.0"),
        ("0.5", "5e-1"),
        ("100000000000000000000", "1e20"),
        ('"A"', r'"\u0041"'),
        ('"é"', r'"\u00e9"'),
        ('"😀"', r'"\ud83d\ude00"'),
        (r'"/"', r'"\/"'),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}'),
        ('{"a": {"b": 1, "c": [{"d": 1, "e": 2}]}}', '{"a": {"c": [{"e": 2.0, "d": 1.0}], "b": 1.0}}'),
        ("[1, 2]", "[1 ,\n2]"),
        ("{}", "{ }"),
        ('{"a": 1, "a": 2}', '{"a": 2}'),
        (r'{"\u0061": 1}', '{"a": 1}'),
        ("null", "null"),
    ],
)
def test_payloads_are_compared_as_json_values(one: str, other: str) -> None:
    """R14.1, R15.5: however they are spelt."""
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "true"),
        ("0", "false"),
        ("1", '"1"'),
        ("null", '"null"'),
        ("null", "{}"),
        ("null", "[]"),
        ("null", '""'),
        ("null", "false"),
        ("null", "0"),
        ("{}", "[]"),
        ("[1, 2]", "[2, 1]"),
        ("[[1], 2]", "[1, [2]]"),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": 1}', '{"A": 1}'),
        ('{"a": null}', "{}"),
        ('"a"', '"a "'),
        ('"é"', r'"e\u0301"'),
        ("1", "1.0000000001"),
        ("9007199254740992", "9007199254740993"),
        ("100000000000000000000", "100000000000000000001"),
    ],
)
def test_payloads_that_differ_as_json_values_are_no_duplicates(one: str, other: str) -> None:
    """R14.1: 1 and true differ, and so do nothing and an empty object."""
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize("payload", ["{}", "[]", '""', "0", "false", '{"a": 1}'])
def test_a_payload_differs_from_none(payload: str) -> None:
    """R14.1: `{}` is a payload."""
    body = f'[{{"phone": "12345"}}, {{"phone": "12345", "payload": {payload}}}]'

    assert len(read_request(body, Campaign()).jobs) == 2


def test_null_is_no_payload() -> None:
    """R14.1: a number with `null` repeats one without."""
    assert duplicates('[{"phone": "12345"}, {"phone": "12345", "payload": null}]') == ["12345"]


def test_other_fields_do_not_count() -> None:
    """R14.1: phone and payload alone."""
    one = {"phone": "12345", "gmtZone": "Z", "dialerPriority": 1}
    other = {"phone": "12345", "gmtZone": "+3", "maxAttempts": 2, "startDateTime": "2026-03-02T09:00:00Z"}

    assert duplicates([one, other]) == ["12345"]


def test_phones_are_compared_in_their_normal_form() -> None:
    """R14.1, R15.4: and shown in it."""
    assert duplicates([{"phone": "+7 (912) 345-67-89"}, {"phone": "7.912.345.67.89"}]) == ["79123456789"]


def test_a_leading_zero_makes_another_phone() -> None:
    """R15.4: digits are compared, not numbers."""
    assert len(read_request('[{"phone": "0012345"}, {"phone": "12345"}]', Campaign()).jobs) == 2


# --- the refusal -----------------------------------------------------------------------------------------------------


def listed(text: str) -> list[Number]:
    """A request of numbers written as phone and payload: `A1 B- A1` has A twice with payload 1, and B without."""
    request: list[Number] = []
    for each in text.split():
        phone, payload = each[0], each[1]
        request.append({"phone": str(10_000 + ord(phone)), "gmtZone": "Z"})
        if payload != "-":
            request[-1]["payload"] = int(payload)
    return request


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("A- A-", "A"),
        ("A1 A1 B- B-", "BA"),
        ("B- B- A1 A1", "AB"),
        ("A1 B- B- A1", "AB"),
        ("A1 B- A1 B-", "BA"),
        ("A1 A1 A2 A2", "A"),
        ("A1 A2 A2 A1 B- B-", "BA"),
        ("A- A- A- A-", "A"),
        ("A1 A1 B1 B1 A2", "AB"),
        ("A1 A1 B1 B1 C1 C1 B2 A2", "ABC"),
        ("A1 A1 B1 C1 C1 B2", "CA"),
        ("C- A1 A1 C-", "CA"),
    ],
)
def test_each_phone_is_listed_once_in_order_of_its_last_occurrence_latest_first(
    request_text: str, expected: str
) -> None:
    """R14.2: the phone's last occurrence in the request, also in a number that repeats none."""
    assert duplicates(listed(request_text)) == [str(10_000 + ord(phone)) for phone in expected]


def test_the_body_is_that_of_the_page() -> None:
    """R14.2, R15.2: an empty message, and what to do in the problems."""
    body = refusal(listed("A1 A1 B- B- A2")).body()
    problems = body.pop("problems")

    assert body == {"type": "phone.duplicated", "phone": "10065", "message": "", "phonesDuplicates": ["10065", "10066"]}
    assert all("leave one of them out" in problem["message"] for problem in problems)


def test_duplicates_come_after_all_other_problems() -> None:
    """R15.1, R15.2: the first problem gives the body its type; all are in it."""
    request = [*listed("A- A-"), {"phone": "x"}, {**listed("B-")[0], "gmtZone": "x"}, *listed("B-")]
    error = refusal(request)

    assert [(problem.job, problem.type) for problem in error.problems] == [
        (2, "phone.bad.format"),
        (3, "phone.gmtZone.bad.format"),
        (4, "phone.duplicated"),
        (1, "phone.duplicated"),
    ]
    assert error.body()["type"] == "phone.bad.format"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"phone": "x1"}', '{"phone": "x1"}'),
        ("{}", "{}"),
        ('{"phone": null}', '{"phone": null}'),
        ("1", "1"),
        ('{"phone": "12345", "payload": 1e999}', '{"phone": "12345", "payload": 1e999}'),
        ('{"phone": "12345", "payload": 1e999}', '{"phone": "12345"}'),
    ],
)
def test_what_has_no_phone_or_no_readable_payload_repeats_nothing(one: str, other: str) -> None:
    """R14.1: each has its own problem, and no other."""
    found = types(outcome(f"[{one}, {other}]"))

    assert found
    assert "phone.duplicated" not in found


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ('{"phone": "12345"}\n\n{"phone": "54321"}\n{"phone": "12345"}\n', {2: "line 4: "}),
        ("phone,payload\n12345,\n12345,{}\n12345,\n", {2: "line 4: "}),
        ('phone,payload\n12345,"[1,\n2]"\n12345,"[1.0, 2]"\n', {1: "line 4: "}),
    ],
)
def test_duplicates_are_found_in_every_format_and_name_their_line(body: str, lines: dict[int, str]) -> None:
    """R14.2, R15.5."""
    problems: dict[int | None, Problem] = {problem.job: problem for problem in refusal(body).problems}

    assert problems.keys() == lines.keys()
    assert all(problems[job].message.startswith(line) for job, line in lines.items())


# --- the parts -------------------------------------------------------------------------------------------------------


def test_payloads_are_asked_for_only_where_a_phone_occurs_again() -> None:
    """R14.1: the work that is not done."""
    asked: list[int] = []

    def payload_of(index: int) -> None:
        asked.append(index)

    groups = groups_of_duplicates(["11111", "22222", "11111", None, None, "33333"], payload_of)

    assert groups == [[0, 2]]
    assert asked == [0, 2]


def test_numbers_without_a_phone_are_in_no_group() -> None:
    """R14.1."""
    assert groups_of_duplicates([None, None, None], lambda _: None) == []
    assert groups_of_duplicates([], lambda _: None) == []


@given(st.sampled_from(PAYLOADS[1:]), st.sampled_from(PAYLOADS[1:]))
def test_payloads_have_one_key_exactly_if_they_are_equal(one: object, other: object) -> None:
    """R14.1, against the oracle's comparison of two numbers."""
    pair = [{"phone": "12345", "payload": payload} for payload in (one, other)]
    keys = [same_payload_key(json.dumps(payload).encode()) for payload in (one, other)]

    assert (keys[0] == keys[1]) == bool(oracles.duplicates(pair))
