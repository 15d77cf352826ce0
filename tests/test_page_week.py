"""The page reads and writes policies as the engine does: its modules run in Node, beside the engine."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Campaign, RequestRefused, read_request
from scheduler.intake.formats import FIELDS, JSON_COLUMNS, read_items
from scheduler.policy.errors import PolicyError
from scheduler.policy.hours import weekly_hours
from scheduler.policy.instants import format_instant, parse_instant
from scheduler.policy.levels import Policy, parse_policy
from scheduler.policy.readings import Readings
from scheduler.policy.zones import parse_zone
from scheduler.testing.strategies import Data, allowed_times, invalid_requests, policies, requests, windows
from tests.node import Page, page_in_node

SECRET = "Zq7"
ENTRY = """
import * as places from "./src/input/places";
import * as request from "./src/input/request";
import * as syntax from "./src/input/syntax";
import * as json from "./src/input/json";
import * as instants from "./src/policy/instants";
import * as week from "./src/policy/week";
import * as wire from "./src/policy/wire";
const functions = { ...places, ...request, ...syntax, ...json, ...instants, ...week, ...wire };
"""
READINGS = [
    Readings(),
    Readings(unlisted_day="closed"),
    Readings(overnight_tail="clip"),
    Readings(unlisted_day="closed", overnight_tail="clip"),
]
FORMATS = ("json", "lines", "table")
HOURS = ("allowedDays", "allowedTime", "localTimeFrom", "localTimeTo")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    yield from page_in_node(tmp_path_factory.mktemp("page"), ENTRY)


def week_of(page: Page, fields: Data) -> Data:
    read = page("readWeek", fields)
    assert read["problem"] is None
    week: Data = read["week"]
    return week


def hours_of(*levels: Data) -> list[object]:
    """What levels, strongest first, amount to under each reading."""
    parsed = [parse_policy(level, Readings())[0] for level in levels]
    days = next((level.allowed_days for level in parsed if level.allowed_days is not None), None)
    times = [level.allowed_time for level in parsed if level.allowed_time is not None]
    return [weekly_hours(times, days, readings) for readings in READINGS]


def own_fields(policy: Policy) -> tuple[bool, bool]:
    return policy.allowed_days is not None, policy.allowed_time is not None


@given(own=policies(), weaker=policies())
@settings(max_examples=150)
def test_hours_that_are_read_and_written_again_mean_the_same(page: Page, own: Data, weaker: Data) -> None:
    """R3, alone and as one of two levels."""
    week = week_of(page, own)
    written = page("writeWeek", week)
    assert week_of(page, written) == week
    assert own_fields(parse_policy(written, Readings())[0]) == own_fields(parse_policy(own, Readings())[0])
    assert hours_of(written) == hours_of(own)
    assert hours_of(written, weaker) == hours_of(own, weaker)
    assert hours_of(weaker, written) == hours_of(weaker, own)


@given(own=policies(), weaker=policies())
@settings(max_examples=50)
def test_the_days_of_the_grid_are_those_of_the_engine(page: Page, own: Data, weaker: Data) -> None:
    """R3.6, R3.7."""
    for reading, hours in zip(READINGS, hours_of(own, weaker), strict=True):
        if reading.overnight_tail == "keep":
            days = page("hoursThatHold", week_of(page, own), week_of(page, weaker), reading.unlisted_day)
            shown = tuple(
                tuple((each["fromMinute"], each["toMinute"]) for each in day["windows"] if day["allowed"])
                for day in days
            )
            assert shown == hours.windows  # type: ignore[attr-defined]


junk: st.SearchStrategy[object] = st.sampled_from(
    ("9:00", "24:00", "10:60", "", "10:00", "10", 10, None, [], {}, True, "mon", "default", "sun")
)
bounds = st.dictionaries(st.sampled_from(("localTimeFrom", "localTimeTo", "until")), junk, max_size=3)
lists = st.lists(windows() | windows() | bounds | junk, max_size=3) | junk
times = st.dictionaries(st.sampled_from(("mon", "sun", "default", "monday")), lists, max_size=2)
fields = st.fixed_dictionaries(
    {},
    optional={
        "allowedDays": st.lists(st.sampled_from(("mon", "tue", "sun", "Mon", 1)), max_size=3) | junk,
        "allowedTime": times | allowed_times() | junk,
        "localTimeFrom": junk,
        "localTimeTo": junk,
    },
)


@given(fields=fields)
@settings(max_examples=150)
def test_the_page_refuses_the_hours_that_the_engine_refuses(page: Page, fields: Data) -> None:
    try:
        parse_policy(fields, Readings())
    except PolicyError:
        assert page("readWeek", fields)["problem"]
    else:
        assert page("readWeek", fields)["problem"] is None


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A change of a week, where "window" stands for one of its windows."""
    minute, day = draw(st.integers(-100, 3000)), draw(st.integers(0, 6))
    start = draw(st.integers(0, 1438))
    window = {"day": day, "fromMinute": start, "toMinute": start + draw(st.integers(1, min(1440, 2878 - start)))}
    kinds: tuple[tuple[str, list[Any]], ...] = (
        ("addWindow", [window]),
        ("moveEdge", ["window", draw(st.sampled_from(("from", "to"))), minute]),
        ("moveWindow", ["window", day, minute]),
        ("splitWindow", ["window"]),
        ("splitWindow", ["window", minute]),
        ("joinWithNext", ["window"]),
        ("removeWindow", ["window"]),
        ("copyDay", [day, draw(st.lists(st.integers(0, 6), unique=True))]),
        ("toggleDay", [day, draw(st.lists(st.integers(0, 6), unique=True, min_size=1))]),
    )
    change: tuple[str, list[Any]] = draw(st.sampled_from(kinds))
    return change


@given(own=policies(), steps=st.lists(changes(), min_size=1, max_size=4), data=st.data())
@settings(max_examples=150)
def test_whatever_is_changed_can_be_written_and_read_again(page: Page, own: Data, steps: Any, data: Any) -> None:
    week = week_of(page, own)
    for function, values in steps:
        if "window" in values and not week["windows"]:
            continue
        windows = st.sampled_from(week["windows"] or [None])
        result = page(function, week, *(data.draw(windows) if each == "window" else each for each in values))
        week = result.get("week", result)
        if result.get("at"):
            assert result["at"] in week["windows"]
        written = page("writeWeek", week)
        parse_policy(written, Readings())
        assert week_of(page, written) == week


@given(own=policies(), day=st.integers(0, 6), start=st.integers(0, 1400))
@settings(max_examples=50)
def test_a_first_window_changes_no_other_day(page: Page, own: Data, day: int, start: int) -> None:
    before = week_of(page, {key: own[key] for key in own.keys() & {"allowedDays"}})
    window = {"day": day, "fromMinute": start, "toMinute": start + 30}
    after = page("keepOtherDays", before, page("addWindow", before, window)["week"], None)
    held, holds = (page("hoursThatHold", each, None) for each in (before, after))
    assert all(held[other]["windows"] == holds[other]["windows"] for other in range(7) if other != day)
    assert holds[day]["windows"] == [window]


def spelt(request: list[Data], form: str, indent: int | None = None) -> str:
    """A request in one of its formats."""
    if form == "json":
        return json.dumps(request, indent=indent, ensure_ascii=False)
    if form == "lines":
        return "\n\n".join(json.dumps(number) for number in request)
    out = io.StringIO()
    used = [name for name in FIELDS if any(name in number for number in request)]
    table = csv.DictWriter(out, used, lineterminator="\r\n" if indent else "\n")
    table.writeheader()
    for number in request:
        table.writerow({name: json.dumps(value) if name in JSON_COLUMNS else value for name, value in number.items()})
    return out.getvalue()


def items_of(text: str) -> list[tuple[object, ...]]:
    """What the engine finds in a text, fields as values, and whether anything is wrong with them."""
    read = read_items(text.encode())
    assert not read.slips
    return [
        tuple(
            json.loads(bytes(raw)) if bytes(raw) else None
            for raw in map(_raw, (getattr(item, name) for name in FIELDS))
        )
        for item in read.items
    ]


def _raw(value: Any) -> bytes:
    return json.dumps(value).encode() if isinstance(value, str) else bytes(value)


secrets = st.recursive(
    st.sampled_from((SECRET, f"{SECRET},\n\"'", f'a "{SECRET}"', f"{{{SECRET}]")),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from((SECRET, "payload", "a")), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    request=requests(),
    payloads=st.lists(secrets, min_size=5),
    form=st.sampled_from(FORMATS),
    indent=st.sampled_from((None, 2)),
)
@settings(max_examples=50)
def test_no_payload_is_left_and_all_else_is(
    page: Page, request: list[Data], payloads: list[Any], form: str, indent: int | None
) -> None:
    request = [{**number, "payload": payload} for number, payload in zip(request, payloads, strict=False)]
    bare = page("withoutPayloads", spelt(request, form, indent))
    assert SECRET not in bare
    assert "payload" not in bare
    without = [{name: value for name, value in number.items() if name != "payload"} for number in request]
    assert items_of(bare) == items_of(spelt(without, form))


@pytest.mark.parametrize(
    "text",
    [
        '[{"phone": "79123456789", "payload": "Zq7"}',
        '{"phone": "79123456789", "payload": "Zq7"}\n{"phone": "79123456789", "payload": Zq7}',
        "phone,payload\n79123456789,a,Zq7",
        'phone,payload\n79123456789,"Zq7',
        'phone,payload\n79123456789,"Zq7"x',
        "phone;payload\n79123456789;Zq7",
        "phone,Payload\n79123456789,Zq7",
        "phone,payload,payload\n79123456789,a,Zq7",
    ],
)
def test_what_cannot_be_read_is_not_passed_on(page: Page, text: str) -> None:
    assert page("withoutPayloads", text) is None


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        (r'[{"pay\u006coad": "Zq7", "phone": "1", "payload": 1}]', '[{"phone": "1"}]'),
        ('\ufeff[ {"payload":{"payload":[]}} ]', "\ufeff[ {} ]"),
        ("phone\n79123456789", "phone\n79123456789"),
        ('payload,phone\r\n"a\r\n""b""",79123456789\r\n', "phone\r\n79123456789\r\n"),
        ("", ""),
    ],
)
def test_payloads_are_found_however_they_are_written(page: Page, text: str, bare: str) -> None:
    assert page("withoutPayloads", text) == bare


@given(
    request=requests(),
    form=st.sampled_from(FORMATS),
    indent=st.sampled_from((None, 1, 4)),
    change=policies(),
    data=st.data(),
)
@settings(max_examples=50)
def test_a_field_of_one_number_changes_alone(
    page: Page, request: list[Data], form: str, indent: int | None, change: Data, data: Any
) -> None:
    text = spelt(request, form, indent)
    assert page("countNumbers", text) == len(request)
    index = data.draw(st.integers(0, len(request) - 1))
    expected = [dict(number) for number in request]
    for field, value in change.items():
        text = page("withField", text, index, field, value)
        expected[index][field] = value
    assert items_of(text) == items_of(spelt(expected, form))
    read = page("numberAt", text, index)
    assert {"phone": read["phone"], **read["fields"]} == expected[index]


@given(request=invalid_requests(), form=st.sampled_from(FORMATS[:2]), indent=st.sampled_from((None, 2)))
@settings(max_examples=50)
def test_a_problem_is_shown_at_the_value_that_it_is_about(
    page: Page, request: list[Any], form: str, indent: int | None
) -> None:
    text = spelt(request, form, indent)
    with pytest.raises(RequestRefused) as refused:
        read_request(text, Campaign())
    problems = [{"in": "request", "line": None, "count": 1, **problem.as_data()} for problem in refused.value.problems]
    marks = page("marksOf", problems, text, page("formatOf", text))
    for problem, mark in zip(problems, marks, strict=True):
        shown = text.encode("utf-16-le")[mark["from"] * 2 : mark["to"] * 2].decode("utf-16-le")
        steps = page("stepsOf", problem["path"])
        expected, found = value_at(request, steps)
        if not steps:
            assert mark["line"] == 1
        elif isinstance(expected, dict | list):
            assert shown in "{["
        elif found:
            assert json.loads(shown) == expected
        assert mark["line"] == text[: text.find(shown, mark["from"])].count("\n") + 1


def value_at(value: Any, steps: list[str | int]) -> tuple[Any, bool]:
    """The value at a path, or the nearest around it."""
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return value, False
    return value, True


def test_a_problem_in_a_table_is_shown_at_its_cell(page: Page) -> None:
    text = 'phone,payload,maxAttempts\n79123456789,"{""a"":\n1}",3\n4930123456,,99\n'
    with pytest.raises(RequestRefused) as refused:
        read_request(text, Campaign())
    [problem] = refused.value.problems
    [mark] = page("marksOf", [{"in": "request", "line": None, "count": 1, **problem.as_data()}], text, "csv")
    assert (text[mark["from"] : mark["to"]], mark["line"]) == ("99", 4)
    assert not mark["message"].startswith("line")


@pytest.mark.parametrize(
    ("text", "path", "shown"),
    [
        ('name = "a"\n[policy]\nmaxAttempts = 99\n', "$.policy.maxAttempts", "maxAttempts = 99"),
        ('[policy.allowedTime]\nmon = [\n  { localTimeFrom = "25:00" },\n]', "$.policy.allowedTime.mon[0]", "mon = ["),
        (
            "[[maxSimultaneousCalls]]\nlines = 1\n[[maxSimultaneousCalls]]\nlines = 0",
            "$.maxSimultaneousCalls[1].lines",
            "lines = 0",
        ),
        ("policy.maxAttempts = 99", "$.policy.maxAttempts", "policy.maxAttempts = 99"),
        ("x = 1\n[agents]", "$.agents.agents", "[agents]"),
    ],
)
def test_a_problem_in_toml_is_shown_at_the_line_of_its_key(page: Page, text: str, path: str, shown: str) -> None:
    problem = {"in": "campaign", "job": None, "line": None, "count": 1, "path": path, "type": "", "message": ""}
    [mark] = page("marksOf", [problem], text, "toml")
    assert text[mark["from"] : mark["to"]] == shown


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('[\n{"phone": "1"}\n{"phone": "2"}]', 3, "comma"),
        ('[{"phone": "1"}', 1, "]"),
        ('[{"phone": "1",}]', 1, "comma before"),
        ("[{'phone': 1}]", 1, "double quotes"),
        ('[{"phone": "1"}] {"phone": "2"}', 1, "behind the end"),
        ('[\n// a\n{"phone": "1"}]', 2, "comments"),
    ],
)
def test_slips_of_json_are_told_in_words(page: Page, text: str, line: int, word: str) -> None:
    first, *_ = page("syntaxMarks", text, "json")
    assert first["line"] == line
    assert word in first["message"]


@given(request=requests(), indent=st.sampled_from((None, 2)))
@settings(max_examples=30)
def test_what_is_json_has_no_slips(page: Page, request: list[Data], indent: int | None) -> None:
    assert page("syntaxMarks", json.dumps(request, indent=indent), "json") == []


@given(
    before=st.dictionaries(st.sampled_from(("name", "policy", "law")), st.integers() | policies(), max_size=3),
    policy=policies(),
    indent=st.sampled_from((None, 2, "\t")),
)
@settings(max_examples=50)
def test_a_value_of_a_campaign_changes_alone(page: Page, before: Data, policy: Data, indent: Any) -> None:
    text = json.dumps(before, indent=indent)
    expected = json.loads(text)
    for name, value in policy.items():
        text = page("withValue", text, ["policy", name], value)
        if not isinstance(expected.get("policy"), dict):
            expected["policy"] = {}
        expected["policy"][name] = value
    assert json.loads(text) == expected


@given(
    fields=st.dictionaries(st.sampled_from("abc"), st.integers() | policies(), min_size=1),
    indent=st.sampled_from((None, 2)),
)
@settings(max_examples=50)
def test_a_value_that_is_taken_out_leaves_all_else(page: Page, fields: Data, indent: int | None) -> None:
    inside = page("withValue", json.dumps({"policy": fields, "z": 1}, indent=indent), ["policy", "d"], 2)
    for name in fields:
        inside = page("withValue", inside, ["policy", name])
    assert json.loads(inside) == {"policy": {"d": 2}, "z": 1}
    assert json.loads(page("withValue", inside, ["policy", "d"])) == {"z": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [(7, '{"a": 1, "a": 7, "b": {"a": 3}}'), (None, '{"b": {"a": 3}}')],
)
def test_of_a_name_given_twice_the_last_counts(page: Page, value: object, text: str) -> None:
    """R15.5: the one that counts is changed, and none is left of one that is taken out."""
    changed = page("withValue", '{"a": 1, "a": 2, "b": {"a": 3}}', ["a"], *([] if value is None else [value]))
    assert changed == text


instants = st.from_regex(
    r"(2024|1900|0000|9999)-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[T ]2?[0-9]{1,2}:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,3})?)?"
    r"(Z|[+-][01][0-9]:?[0-5][0-9])?",
    fullmatch=True,
)


@given(text=instants)
@settings(max_examples=150)
def test_instants_are_those_of_the_engine(page: Page, text: str) -> None:
    """R5.1, in whole seconds."""
    read = page("takenApart", text)
    try:
        instant = parse_instant(text)
    except PolicyError:
        assert read is None
    else:
        assert page("millisecondsOf", read) == instant.ms // 1000 * 1000
        assert parse_instant(page("putTogether", read)) == (instant.ms // 1000 * 1000, instant.naive)


@given(zone=st.sampled_from(("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "-05:00", "UTC", "GMT+03:30")))
def test_a_time_on_the_clock_of_a_zone_has_its_offset(page: Page, zone: str) -> None:
    for local in ("2026-01-15T10:00:00", "2026-07-15T23:30:00", "2026-03-29T12:00:00"):
        ms = parse_instant(local + page("offsetOfZone", zone, local)).ms
        assert format_instant(ms, parse_zone(zone).offset_s(ms)).startswith(local)
