"""The formats of a request: JSON, NDJSON and CSV, told apart by the first character that is no blank."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler import Batch, Campaign, Job, Problem, RequestRefused, read_request

Number = dict[str, Any]

BOM = codecs.BOM_UTF8
COLUMNS = (
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
AS_JSON = ("payload", "allowedDays", "allowedTime", "externalCheck")
ONE = '{"phone": "79123456789", "gmtZone": "Z"}'
OTHER = '{"phone": "79123456780", "gmtZone": "Z"}'


def accepted(body: bytes | str) -> list[Job]:
    """The jobs of a good request without warnings."""
    batch = read_request(body, Campaign())
    assert batch.warnings == ()
    return list(batch.jobs)


def phones(body: bytes | str) -> list[str]:
    """The phones of a good request without warnings."""
    return [job.phone for job in accepted(body)]


def refused(body: bytes | str) -> list[tuple[int | None, str, str]]:
    """The problems of a bad request: job, path, type."""
    return [(problem.job, problem.path, problem.type) for problem in problems(body)]


def problems(body: bytes | str) -> tuple[Problem, ...]:
    """The problems of a bad request."""
    with pytest.raises(RequestRefused) as caught:
        read_request(body, Campaign())
    return caught.value.problems


def problems_if_any(body: bytes | str) -> tuple[Problem, ...]:
    """The problems of a request, none if it is good."""
    try:
        read_request(body, Campaign())
    except RequestRefused as error:
        return error.problems
    return ()


def lines(body: bytes | str) -> list[int]:
    """The line that the message of each problem names."""
    found = [re.match(r"line ([0-9]+): ", problem.message) for problem in problems(body)]
    assert all(found)
    return [int(match[1]) for match in found if match]


def as_ndjson(numbers: list[Number]) -> str:
    """One object on each line."""
    return "".join(json.dumps(number) + "\n" for number in numbers)


def as_csv(numbers: list[Number], columns: list[str], *, quoting: Any = csv.QUOTE_MINIMAL, end: str = "\r\n") -> str:
    """Cells as text, numbers, or JSON; empty where a field is not set."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerow(columns)
    for number in numbers:
        row = [number.get(column, "") for column in columns]
        cells = zip(columns, row, strict=True)
        writer.writerow([json.dumps(cell) if name in AS_JSON and name in number else cell for name, cell in cells])
    return text.getvalue()


def outcome(body: bytes | str, campaign: Campaign | None = None) -> object:
    """What became of a request, in a form that is equal for equal outcomes; lines are left out of it."""
    try:
        batch: Batch = read_request(body, campaign or Campaign())
    except RequestRefused as error:
        return json.loads(re.sub(r'"line [0-9]+: ', '"', json.dumps(error.body())))
    return [*batch.jobs], [replace(warning, details={}) for warning in batch.warnings]


# --- the same numbers in three formats -------------------------------------------------------------------------------

TIMES = [
    {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
    {"mon": [{"localTimeFrom": "22:00", "localTimeTo": "06:00"}, {"localTimeFrom": "9:00", "localTimeTo": "10:00"}]},
    {"mon": [{"localTimeFrom": "10:00"}], "monday": []},
]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "payload": st.sampled_from([{"a": 1, "b": 'x,"\n'}, {}, [], "a,b", "", 0, 1.0, True, None, "line\r\nbreak", "é😀"]),
    "gmtZone": st.sampled_from(["Z", "-05:00", "Europe/Berlin", "GMT+5", "+5:30", "Europe/Mosco", " Z", 'a"b,\nc']),
    "startDateTime": st.sampled_from(["2026-03-02T09:00:00Z", "2026-03-02 09:00", "2026-03-02", "soon"]),
    "finishDateTime": st.sampled_from(["2026-03-12T09:00:00Z", "2026-03-02T08:00:00+00:00", "2020-01-01T00:00:00Z"]),
    "allowedDays": st.sampled_from([["mon"], ["sat", "sun"], [], ["Mon"], "mon", None, 5]),
    "allowedTime": st.sampled_from([*TIMES, {}, [], None]),
    "localTimeFrom": st.sampled_from(["17:00", "9:30", "24:00", "7am"]),
    "localTimeTo": st.sampled_from(["18:00", "17:00", "23:59"]),
    "retryIntervalInMinutes": st.sampled_from([1, 120, 120.0, 2880, 2881, 0, -1, 1.5]),
    "maxAttempts": st.sampled_from([1, 2.0, 50, 51, 0, -1, 2.5]),
    "dialerPriority": st.sampled_from([1, 2.0, 5, 7, 0, -1, 1.5]),
    "externalCheck": st.sampled_from([{"externalCheckUrl": "http://localhost"}, 1, "x"]),
}
PHONES = ["79123456789", "+7 (912) 345-67-89", "4930123456", "12025550123", "9991112223330", "12", "x,y", "٧٩١٢٣٤٥"]


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    """A number, good or bad, that all formats can write: no empty texts, no texts for integers, no unknown fields."""
    fields = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=4))
    return {"phone": draw(st.sampled_from(PHONES)), **{field: draw(VALUES[field]) for field in sorted(fields)}}


@given(
    st.lists(numbers(), max_size=5),
    st.permutations(COLUMNS),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_same_numbers_mean_the_same_in_every_format(
    request: list[Number], columns: list[str], quoting: int, end: str
) -> None:
    """R15.5, R14.5: jobs, warnings and problems are equal, lines aside."""
    expected = outcome(json.dumps(request))

    assert outcome(as_csv(request, columns, quoting=quoting, end=end)) == expected
    assert not request or outcome(as_ndjson(request)) == expected


@given(st.lists(numbers(), min_size=1, max_size=5), st.lists(st.sampled_from(["\n", " \t\n", "\r\n"]), max_size=6))
def test_every_problem_of_lines_names_its_line(request: list[Number], blanks: list[str]) -> None:
    """R15.5: blank lines count."""
    places: list[int] = []
    text = ""
    for place, number in enumerate(request):
        text += "".join(blanks[place::2])
        places.append(text.count("\n") + 1)
        text += json.dumps(number) + "\n"
    found = [(problem.job, problem.message.partition(": ")[0]) for problem in problems_if_any(text)]

    assert found == [(job, f"line {places[job or 0]}") for job, _ in found]


def test_the_formats_of_one_request() -> None:
    """R15.5: named, so that the property is seen to compare jobs, and not refusals alone."""
    request: list[Number] = [
        {"phone": "+7 912 345", "payload": {"a": [1, "x\ny"]}, "gmtZone": "-05:00", "maxAttempts": 3},
        {"phone": "4930123456", "allowedDays": ["mon"], "allowedTime": TIMES[0], "dialerPriority": 1},
        {"phone": "12025550123", "localTimeFrom": "17:00", "startDateTime": "2026-03-02T09:00:00Z"},
    ]
    jobs = read_request(json.dumps(request), Campaign()).jobs

    assert len(jobs) == 3
    assert read_request(as_ndjson(request), Campaign()).jobs == jobs
    assert read_request(as_csv(request, [*COLUMNS]), Campaign()).jobs == jobs


# --- which format ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bom", [b"", BOM], ids=["bare", "BOM"])
@pytest.mark.parametrize("blanks", ["", " ", "\n", "\r\n \t"], ids=ascii)
@pytest.mark.parametrize("body", [f"[{ONE}, {OTHER}]", f"{ONE}\n{OTHER}", f"{ONE}\n{OTHER}\n"])
def test_a_bom_and_leading_blanks_are_skipped(body: str, blanks: str, bom: bytes) -> None:
    """DESIGN 5.2: the first character that is no blank tells the format."""
    assert phones(bom + (blanks + body).encode()) == ["79123456789", "79123456780"]


@pytest.mark.parametrize("bom", [b"", BOM], ids=["bare", "BOM"])
@pytest.mark.parametrize("blanks", ["", "\n", "\r\n\r\n"], ids=ascii)
@pytest.mark.parametrize("header", ["phone,gmtZone", '"phone","gmtZone"'])
def test_a_bom_and_blank_lines_before_a_header_are_skipped(header: str, blanks: str, bom: bytes) -> None:
    """DESIGN 5.2."""
    assert phones(bom + f"{blanks}{header}\n79123456789,Z\n".encode()) == ["79123456789"]


def test_text_is_read_as_bytes_are() -> None:
    """DESIGN 5.5: with a BOM too."""
    assert phones("\ufeff" + f"[{ONE}]") == phones(f"[{ONE}]".encode()) == ["79123456789"]


def test_a_second_bom_is_not_skipped() -> None:
    """DESIGN 5.2: it is a character as any other."""
    assert refused(BOM + BOM + f"[{ONE}]".encode())[0][0] is None


@pytest.mark.parametrize("body", [b"", b" ", b"\n", b"\r\n\t \n", BOM, BOM + b"\n"], ids=ascii)
def test_an_input_without_content_is_refused(body: bytes) -> None:
    """R15.5: `invalid.json` in every format."""
    assert refused(body) == [(None, "$", "invalid.json")]


@pytest.mark.parametrize("body", ["[]", " [ ] \n", "phone\n", "phone", '"phone","gmtZone"\r\n', "phone,payload\n\n\n"])
def test_a_list_or_a_header_alone_is_a_request_of_no_jobs(body: str) -> None:
    """R15.5."""
    assert accepted(body) == []


@pytest.mark.parametrize("body", ["null", "5", '"x"', "true"])
def test_json_that_is_no_list_is_refused(body: str) -> None:
    """R15.6, DESIGN 5.2: it is read as CSV, and the message says how the formats begin."""
    (problem,) = problems(body)

    assert (problem.job, problem.path) == (None, "$")
    assert "a JSON body begins with [" in problem.message


# --- NDJSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        f"{ONE}\n{OTHER}",
        f"{ONE}\n{OTHER}\n",
        f"{ONE}\r\n{OTHER}\r\n",
        f"{ONE}\n\n\n{OTHER}\n\n",
        f"\n  \n{ONE}\n\t\n{OTHER}",
        f"{ONE}\r\n\r\n{OTHER}\r\n\r\n",
        f"  {ONE}  \n\t{OTHER}\t",
    ],
    ids=ascii,
)
def test_ndjson_is_one_object_on_each_line_and_blank_lines_are_skipped(body: str) -> None:
    """R15.5."""
    assert phones(body) == ["79123456789", "79123456780"]


def test_the_index_of_a_number_does_not_count_blank_lines() -> None:
    """R15.1, R15.5: the job is the index in the request, the line is that of the file."""
    body = f'{ONE}\n\n\r\n{{"phone": "12"}}\n'

    assert refused(body) == [(1, "$[1].phone", "phone.bad.format")]
    assert lines(body) == [4]


@pytest.mark.parametrize(
    "body",
    [
        '{"phone":\n"79123456789"}',
        f'{ONE}\n{{\n"phone": "79123456780"\n}}\n',
        '{"phone": "79123456789"\n}\n',
        '{"phone": "79123456789",\r\n"gmtZone": "Z"}\n{"phone": "79123456780"}',
        '{"phone":\n"79123456789"}\n\n',
    ],
    ids=ascii,
)
def test_an_object_over_two_lines_is_refused(body: str) -> None:
    """R15.5: NDJSON has one whole object on each line."""
    assert {kind for _, _, kind in refused(body)} <= {"invalid.json", "invalid.field"}


@pytest.mark.parametrize("between", ["", " ", ",", ", ", "\t"], ids=ascii)
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n \n", "\r\n\r\n"], ids=ascii)
def test_two_objects_on_one_line_are_refused(between: str, end: str) -> None:
    """R15.5: one on each line, whatever blank lines follow."""
    assert refused(f"{ONE}{between}{OTHER}{end}") == [(0, "$[0]", "invalid.json")]


@pytest.mark.parametrize(
    "body",
    [
        f'{ONE} {{"phone": "12"}}\n\n',
        f'{ONE}{{"phone":\n"12"}}',
        f'{ONE} {{"phone":\n"79123456780"}} {{"phone": "12"}}\n',
        f'{ONE} {ONE} {{"phone": "12"}}\n\n\n',
    ],
    ids=ascii,
)
def test_objects_that_are_not_on_lines_of_their_own_are_refused_with_their_lines(body: str) -> None:
    """R15.5, R15.1: as many objects as lines is not one on each."""
    assert lines(body)
    assert (0, "$[0]", "invalid.json") in refused(body)


@pytest.mark.parametrize(
    ("line", "path", "kind"),
    [
        ("[]", "$[1]", "invalid.field"),
        ("5", "$[1]", "invalid.field"),
        ("null", "$[1]", "invalid.field"),
        ("x", "$[1]", "invalid.json"),
        ("{", "$[1]", "invalid.json"),
        ('{"phone": "79123456780"', "$[1]", "invalid.json"),
        ('{"phone": "79123456780",}', "$[1]", "invalid.json"),
        ('{"phone": "\\ud800"}', "$[1]", "invalid.json"),
        ("{}", "$[1].phone", "phone.bad.format"),
    ],
)
def test_a_bad_line_is_a_problem_of_its_own(line: str, path: str, kind: str) -> None:
    """R15.1, R15.6: the other lines are read all the same."""
    body = f'{ONE}\n{line}\n{{"phone": "12"}}\n'

    assert refused(body) == [(1, path, kind), (2, "$[2].phone", "phone.bad.format")]
    assert lines(body) == [2, 3]


# --- CSV: cells ------------------------------------------------------------------------------------------------------


def test_a_cell_is_text_an_integer_or_json_by_its_column() -> None:
    """DESIGN 5.2."""
    text = (
        "phone,gmtZone,maxAttempts,dialerPriority,retryIntervalInMinutes,allowedDays,allowedTime,payload\r\n"
        '+7 912 345,-05:00,3,1,2.0,"[""mon""]",'
        '"{""default"": [{""localTimeFrom"": ""10:00"", ""localTimeTo"": ""18:00""}]}","{""a"": ""b""}"\r\n'
    )
    (job,) = accepted(text)

    assert (job.phone, job.zone.name, job.payload) == ("7912345", "-05:00", b'{"a": "b"}')
    assert (job.policy.max_attempts, job.policy.priority, job.policy.retry_ms) == (3, 1, 120_000)
    assert str(job.policy.hours) == "mon 10:00-18:00"


@pytest.mark.parametrize("payload", ["5", "-0.5", "true", '"text"', "[1, 2]", '{"a": {"b": []}}', '"a,b"', '"\\"\\n"'])
def test_a_payload_cell_is_any_json_value(payload: str) -> None:
    """R15.5."""
    cell = payload.replace('"', '""')
    (job,) = accepted(f'phone,gmtZone,payload\n12345,Z,"{cell}"\n')

    assert job.payload == payload.encode()


@pytest.mark.parametrize("cell", ["text", "{", "{'a': 1}", "[1", "TRUE", "01", "1e999", '"""\\ud800"""', "None", " "])
@pytest.mark.parametrize("column", ["payload", "allowedDays", "allowedTime"])
def test_a_cell_that_should_be_json_and_is_not_is_refused(column: str, cell: str) -> None:
    """R15.6: `invalid.json`, at the field."""
    body = f"phone,gmtZone,{column}\n12345,Z,\n12346,Z,{cell}\n"

    assert (1, f"$[1].{column}", "invalid.json") in refused(body)
    assert {job for job, _, _ in refused(body)} == {1}
    assert set(lines(body)) == {3}


def test_an_empty_cell_is_not_set() -> None:
    """R15.5: bare or quoted, in every column but the phone."""
    header = ",".join(COLUMNS[:-1])
    bare, quoted = "," * (len(COLUMNS) - 2), ',""' * (len(COLUMNS) - 2)
    one, other = read_request(f"{header}\n12345{bare}\n54321{quoted}\n", Campaign(detect_zone=False)).jobs

    assert (one.payload, one.dates, one.custom) == (None, (None, None), False)
    assert one.policy is other.policy
    assert set(one.policy.levels.values()) == {"default"}


@pytest.mark.parametrize("phone", ["", '""'])
def test_an_empty_phone_is_missing(phone: str) -> None:
    """R15.5, R15.6."""
    body = f"phone,gmtZone\n{phone},Z\n"

    assert refused(body) == [(0, "$[0].phone", "phone.bad.format")]
    assert lines(body) == [2]


@pytest.mark.parametrize(
    ("column", "cell", "kind"),
    [
        ("maxAttempts", "three", "invalid.max.attempts"),
        ("maxAttempts", "2.5", "invalid.max.attempts"),
        ("maxAttempts", "true", "invalid.max.attempts"),
        ("maxAttempts", "51", "invalid.max.attempts"),
        ("maxAttempts", " 2", "invalid.max.attempts"),
        ("maxAttempts", "1" * 400, "invalid.max.attempts"),
        ("retryIntervalInMinutes", "1h", "invalid.retry.interval"),
        ("retryIntervalInMinutes", "2881", "invalid.retry.interval"),
        ("gmtZone", "+5:30", "phone.gmtZone.bad.format"),
        ("startDateTime", "2026-03-02", "invalid.call.dates"),
        ("localTimeFrom", "24:00", "invalid.call.allowed.time"),
        ("localTimeTo", "1800", "invalid.call.allowed.time"),
        ("allowedDays", "5", "invalid.call.allowed.days"),
        ("allowedTime", "[]", "invalid.call.allowed.time"),
    ],
)
def test_a_cell_with_a_bad_value_has_the_type_of_its_field(column: str, cell: str, kind: str) -> None:
    """R15.6: as in JSON."""
    columns = dict.fromkeys(("phone", "gmtZone", column))

    assert refused(f"{','.join(columns)}\n{','.join({'phone': '12345', 'gmtZone': 'Z', column: cell}.values())}\n") == [
        (0, f"$[0].{column}", kind)
    ]


@pytest.mark.parametrize("cell", ["02", "007", "00", "-01"])
def test_an_integer_with_leading_zeros_is_no_malformed_json(cell: str) -> None:
    """R15.6, DESIGN 5.2: the cell is text or an integer, and its field has a type of its own."""
    found = outcome(f"phone,gmtZone,maxAttempts\n12345,Z,{cell}\n")

    assert not isinstance(found, dict) or found["type"] == "invalid.max.attempts"


@pytest.mark.parametrize("cell", ["07", "0", "9", "first", "2.5", "x" * 99])
def test_a_cell_that_is_no_priority_counts_as_5(cell: str) -> None:
    """R7.1: anything else is a 5, with a warning."""
    batch = read_request(f"phone,gmtZone,dialerPriority\n12345,Z,{cell}\n", Campaign())

    assert batch.jobs[0].policy.priority == 5
    assert [warning.type for warning in batch.warnings] == ["invalid.dialer_priority"]


def test_a_bad_cell_is_not_taken_for_the_good_ones_that_it_looks_like() -> None:
    """R15.1: two cells whose halves, joined by the comma between them, are the text of a row above."""
    days, time = '["mon","tue"]', '{"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}'
    good = {"phone": "12345", "gmtZone": "Z", "allowedDays": days, "allowedTime": time}
    bad = {"phone": "12346", "gmtZone": "Z", "allowedDays": '["mon"', "allowedTime": f'"tue"],{time}'}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(good))
    writer.writeheader()
    writer.writerows([good, bad])

    assert refused(text.getvalue()) == [
        (1, "$[1].allowedDays", "invalid.json"),
        (1, "$[1].allowedTime", "invalid.json"),
    ]


def test_a_cell_may_be_as_long_as_in_json() -> None:
    """R15.5, RFC 4180: neither sets a limit."""
    request: list[Number] = [{"phone": "12345", "gmtZone": "Z", "payload": "x" * 200_000}]

    assert outcome(as_csv(request, ["phone", "gmtZone", "payload"])) == outcome(json.dumps(request))


@pytest.mark.parametrize("body", ["phone,gmtZone\n12345,Z\n", 'phone,gmtZone\n12345,"Z\n', "zone\n"], ids=ascii)
def test_reading_a_request_leaves_the_limit_of_the_csv_module_alone(body: str) -> None:
    """R15.7: the module's limit holds for all who read CSV in this process."""
    before = csv.field_size_limit()
    outcome(body)

    assert csv.field_size_limit() == before


# --- CSV: RFC 4180 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "phone,gmtZone\n79123456789,Z",
        "phone,gmtZone\n79123456789,Z\n",
        "phone,gmtZone\r\n79123456789,Z\r\n",
        '"phone","gmtZone"\r\n"79123456789","Z"\r\n',
        '"phone",gmtZone\n79123456789,"Z"\n',
        "\nphone,gmtZone\n\n79123456789,Z\n\n",
        "gmtZone,phone\nZ,79123456789\n",
    ],
    ids=ascii,
)
def test_rows_end_as_rfc_4180_has_it_and_cells_may_be_quoted(body: str) -> None:
    """DESIGN 5.2."""
    assert phones(body) == ["79123456789"]


def test_quoted_cells_hold_commas_quotes_and_line_breaks() -> None:
    """DESIGN 5.2, RFC 4180: a quote is doubled."""
    (job,) = accepted('phone,gmtZone,payload\r\n12345,Z,"{""a,b"":\r\n""\\""c\\""""}"\r\n')

    assert job.payload == b'{"a,b":\r\n"\\"c\\""}'
    assert json.loads(job.payload) == {"a,b": '"c"'}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=ascii)
def test_the_line_of_a_row_counts_the_line_breaks_in_cells_before_it(end: str) -> None:
    """R15.5: a row has the line on which it begins."""
    rows = ["phone,payload", f'12345,"[1,{end}{end}2]"', "12,", "", f'13,"[{end}]"', "14,1"]
    body = end.join(rows)

    assert refused(body) == [(job, f"$[{job}].phone", "phone.bad.format") for job in (1, 2, 3)]
    assert lines(body) == [5, 7, 9]


@pytest.mark.parametrize(
    "row", ['12345,"Z', '12345,"Z"x', '"12345" ,Z', '12345,"Z""'], ids=["open", "text after", "blank after", "doubled"]
)
def test_a_badly_quoted_cell_refuses_the_whole_and_names_the_line(row: str) -> None:
    """RFC 4180, R15.6."""
    body = f"phone,gmtZone\n54321,Z\n{row}\n"

    assert refused(body) == [(None, "$", "invalid.json")]
    assert lines(body) == [3]


@pytest.mark.parametrize(
    ("row", "cells"), [("12345", 1), ("12345,Z,3", 3), ("12345,Z,", 3), (",,,", 4), ("12345;Z", 1), ("{}", 1)]
)
def test_a_row_with_other_cells_than_the_header_is_refused(row: str, cells: int) -> None:
    """R15.1, RFC 4180: each row by itself, and the rest is read."""
    body = f"phone,gmtZone\n{row}\n12,Z\n"
    ragged, _ = problems(body)

    assert refused(body) == [(0, "$[0]", "invalid.field"), (1, "$[1].phone", "phone.bad.format")]
    assert lines(body) == [2, 3]
    assert f"{cells} cells" in ragged.message


# --- CSV: the header -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "phone,zone",
        "Phone",
        "phone,gmtZone ",
        " phone",
        "phone,",
        "phone;gmtZone",
        "phone\tgmtZone",
        "79123456789",
        "phone,externalcheck",
        '""',
    ],
)
def test_an_unknown_column_is_refused(header: str) -> None:
    """R15.5: and the columns that there are, are named."""
    body = f"{header}\n12345,Z\n"
    (problem,) = problems(body)

    assert refused(body) == [(None, "$", "invalid.field")]
    assert lines(body) == [1]
    assert all(column in problem.message for column in COLUMNS)


def test_the_line_of_the_header_is_named() -> None:
    """R15.5."""
    assert lines("\n\nphone,zone\n12345,Z\n") == [3]


def test_each_unknown_column_is_named() -> None:
    """R15.1."""
    (problem,) = problems("phone,zone,days\n12345,Z,mon\n")

    assert '"zone"' in problem.message
    assert '"days"' in problem.message


@pytest.mark.parametrize(("mark", "named"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@given(columns=st.lists(st.sampled_from(COLUMNS), min_size=2, unique=True), quoted=st.booleans())
def test_other_separators_are_named_and_nothing_else_is_said_to_be_wrong(
    mark: str, named: str, columns: list[str], quoted: bool
) -> None:
    """R15.5: as a spreadsheet writes it where the comma is the decimal mark."""
    header = mark.join(f'"{name}"' if quoted else name for name in columns)
    (problem,) = problems(f"{header}\n")

    assert f"separated by {named}" in problem.message
    assert "no such column" not in problem.message
    assert "there is no column" not in problem.message


@pytest.mark.parametrize(
    "row", ["79123456789", "+7 (912) 345-67-89", "79123456789,Z", "Kim Lee,79123456789", "79123456789;Z"]
)
def test_a_list_without_a_header_is_told_to_have_none(row: str) -> None:
    """R15.5: not that a phone is an unknown column."""
    (problem,) = problems(f"{row}\n{row}\n")

    assert "the first line has to name the columns" in problem.message
    assert "no such column" not in problem.message


@pytest.mark.parametrize(("header", "named"), [("Phone;Zone", "semicolons"), ("phone ; gmtZone", "semicolons")])
def test_separators_are_told_however_the_names_are_written(header: str, named: str) -> None:
    """R15.5: capitals and spaces are the next thing to mend, and not the first."""
    (problem,) = problems(f"{header}\n")

    assert f"separated by {named}" in problem.message


def test_a_column_that_is_a_number_makes_no_row_of_a_header() -> None:
    """R15.5: names that are nearly right are told so."""
    (problem,) = problems("Phone,2024\n79123456789,x\n")

    assert '"Phone" (did you mean phone?)' in problem.message


def test_a_first_line_of_a_million_digits_is_refused_at_once() -> None:
    """R15.5: what is looked for in it takes time in proportion to its length."""
    (problem,) = problems(f"{'1' * 1_000_000}x\n")

    assert "no such column" in problem.message


def test_a_body_that_is_almost_json_is_told_how_json_begins() -> None:
    """R15.5: what is neither a list nor an object is read as CSV."""
    (problem,) = problems("phone: 79123456789\n")

    assert "a JSON body begins with [" in problem.message


@pytest.mark.parametrize("header", ["phone,gmtZone,gmtZone", "phone,phone", "phone,payload,gmtZone,payload"])
def test_a_column_that_occurs_twice_is_refused(header: str) -> None:
    """R15.5."""
    assert refused(f"{header}\n") == [(None, "$", "invalid.field")]
    assert lines(f"{header}\n") == [1]


@pytest.mark.parametrize("header", ["gmtZone", "payload,gmtZone", '"gmtZone"'])
def test_a_header_without_phone_is_refused(header: str) -> None:
    """R15.6: the one field that is required."""
    (problem,) = problems(f"{header}\n")

    assert refused(f"{header}\n") == [(None, "$", "invalid.field")]
    assert "phone" in problem.message


def test_all_problems_of_a_header_are_reported_at_once() -> None:
    """R15.1: an unknown column, one that occurs twice, and no phone."""
    text = " ".join(problem.message for problem in problems("zone,gmtZone,gmtZone\nZ,Z,Z\n"))

    assert '"zone"' in text
    assert "twice" in text
    assert "no column phone" in text
