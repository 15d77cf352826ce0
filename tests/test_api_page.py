"""The API page, sentence by sentence (`reference/add_phones.md`): each test is named after one and quotes it.

Not built yet, so not tested here: what the page says of `$dialer.redial` (a priority of its own, or none), of 24 hours
and idempotence keys (duplicates of an earlier request), of the test endpoint, and of the response (the job IDs).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from scheduler import Batch, Campaign, Job, RequestRefused, read_request, simulate
from scheduler.jobs import ZoneSource
from scheduler.policy.calendar import compile_calendar

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
PHONE = "79123456789"
TEN_TO_SIX = [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]

NO_UPPER_LIMIT = """
[
  {
    "localTimeFrom": "10:00"
  }
]
"""
OVERLAPPING = """
[
  {
    "localTimeFrom": "10:00",
    "localTimeTo": "13:30"
  },
  {
    "localTimeFrom": "13:00",
    "localTimeTo": "14:30"
  }
]
"""
OVERNIGHT = """
[
  {
    "localTimeFrom": "20:00",
    "localTimeTo": "03:00"
  }
]
"""
DUPLICATES = """
[
  {
    "phone": "79123456789",
    "payload": {"Name":"Alex"}
  },
  {
    "phone": "79123456789",
    "payload": {"Name":"Alex"}
  },
  {
    "phone": "9991112223330"
  },
  {
    "phone": "9991112223330"
  }
]
"""
EXAMPLE = """[
    {
        "phone": "79123456789",
        "payload": {
            "name": "Alex",
            "age": 34
        },
        "allowedTime": {
            "mon": [
                {
                    "localTimeFrom": "10:00",
                    "localTimeTo": "11:30"
                },
                {
                    "localTimeFrom": "13:00",
                    "localTimeTo": "14:30"
                }
            ],
            "default": [
                {
                    "localTimeFrom": "10:00",
                    "localTimeTo": "18:00"
                }
            ]
        },
        "retryIntervalInMinutes": 120,
        "maxAttempts": 0,
        "gmtZone": "-05:00"
    }
]"""


def ms(moment: dt.datetime) -> int:
    """The milliseconds since the epoch of a moment."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def accepted(*numbers: dict[str, Any]) -> Batch:
    """The batch of a good request."""
    return read_request(json.dumps(numbers), Campaign())


def number(**fields: Any) -> Job:
    """The job of a good request of one number, in UTC unless it has a zone."""
    return accepted({"phone": PHONE, "gmtZone": "Z", **fields}).jobs[0]


def refused(*numbers: dict[str, Any]) -> list[tuple[str, str]]:
    """The problems of a bad request: path and type."""
    with pytest.raises(RequestRefused) as caught:
        accepted(*numbers)
    return [(problem.path, problem.type) for problem in caught.value.problems]


def week(job: Job) -> dict[str, str]:
    """The windows of a job by weekday; an overnight one stands with the day on which it starts."""
    windows = zip(DAYS, job.policy.hours.windows, strict=True)
    spelt = {day: [f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in each] for day, each in windows}
    return {day: " ".join(texts) for day, texts in spelt.items() if texts}


def intervals(job: Job) -> list[str]:
    """The intervals of UTC in which a job may be dialled in the week of Monday, 2 March 2026."""
    calendar = compile_calendar(job.policy.hours, job.zone, ms(MONDAY), ms(MONDAY + dt.timedelta(days=7)))
    edges = ((EPOCH + dt.timedelta(milliseconds=edge) for edge in interval) for interval in calendar)
    return [f"{opens:%a %H:%M}-{closes:%a %H:%M}" for opens, closes in edges]


def dialled(*numbers: dict[str, Any], lines: int | None = None, days: int = 30) -> list[tuple[str, str]]:
    """Instant and phone of each dial of a request that nobody answers, from Monday, 2 March 2026 on."""
    until = ms(MONDAY + dt.timedelta(days=days))
    timeline = simulate(Campaign(), accepted(*numbers).jobs, now=ms(MONDAY), until=until, lines=lines)
    return [(f"{EPOCH + dt.timedelta(milliseconds=dial.at):%Y-%m-%dT%H:%M:%S}", dial.job.phone) for dial in timeline]


# --- Request body ----------------------------------------------------------------------------------------------------


def test_the_body_contains_an_array_of_objects() -> None:
    """'The body of requests to this method contains an array of objects defining the phone numbers'."""
    batch = accepted({"phone": "79123456789"}, {"phone": "79123456780"})

    assert [(job.index, job.phone) for job in batch.jobs] == [(0, "79123456789"), (1, "79123456780")]


def test_every_object_may_have_its_own_call_policy() -> None:
    """'... as well as the call policy for each number.'"""
    one, other = accepted({"phone": "79123456789", "maxAttempts": 2}, {"phone": "79123456780", "maxAttempts": 3}).jobs

    assert (one.policy.max_attempts, other.policy.max_attempts) == (2, 3)


def test_phone_is_required() -> None:
    """'phone | Customer phone number. | Yes | "79123456789"'."""
    assert refused({"payload": 1, "gmtZone": "Z"}) == [("$[0].phone", "phone.bad.format")]


@pytest.mark.parametrize(
    ("field", "example"),
    [
        ("payload", {"promo": "20% off all JAICP business plans!"}),
        ("startDateTime", "2020-03-23T00:00:00Z"),
        ("finishDateTime", "2020-03-23T00:00:00Z"),
        ("allowedDays", ["mon", "wed", "fri"]),
        ("allowedTime", {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}),
        ("retryIntervalInMinutes", 120),
        ("maxAttempts", 1),
        ("gmtZone", "-05:00"),
        ("dialerPriority", 2),
    ],
)
def test_each_field_of_the_table_takes_its_example_and_is_not_required(field: str, example: object) -> None:
    """'Every object may have the following fields.'"""
    batch = accepted({"phone": "4930123456", field: example}, {"phone": "4930123457"})

    assert len(batch.jobs) == 2
    assert batch.warnings == ()


def test_payload_is_arbitrary_data() -> None:
    """'Arbitrary data to be passed into the script.'"""
    payload = number(payload={"promo": "20% off all JAICP business plans!"}).payload

    assert payload is not None
    assert json.loads(payload) == {"promo": "20% off all JAICP business plans!"}


def test_the_call_is_made_between_start_and_finish() -> None:
    """'The call will be made in the interval between startDateTime and finishDateTime.'"""
    fields = {"startDateTime": "2026-03-03T10:00:00Z", "finishDateTime": "2026-03-03T12:00:00Z"}

    assert dialled({"phone": PHONE, "gmtZone": "Z", **fields}) == [("2026-03-03T10:00:00", PHONE)]


def test_after_finish_no_calls_are_made() -> None:
    """'After finishDateTime, no calls will be made.'"""
    fields = {"finishDateTime": "2026-03-02T02:00:00Z", "maxAttempts": 9, "retryIntervalInMinutes": 59}
    instants = [at for at, _ in dialled({"phone": PHONE, "gmtZone": "Z", **fields})]

    assert instants == ["2026-03-02T00:00:00", "2026-03-02T00:59:30", "2026-03-02T01:59:00"]


def test_calls_are_made_on_the_weekdays_that_are_allowed() -> None:
    """'allowedDays | Weekdays when calls are allowed.'"""
    assert intervals(number(allowedDays=["tue"])) == ["Tue 00:00-Wed 00:00"]


def test_calls_are_made_in_the_time_intervals_of_each_weekday() -> None:
    """'Time intervals when calls are allowed for each day of the week.'"""
    assert intervals(number(allowedTime={"tue": TEN_TO_SIX})) == ["Tue 10:00-Tue 18:00"]


def test_the_pause_between_attempts_is_in_minutes() -> None:
    """'The pause between callback attempts, in minutes.'"""
    calls = dialled({"phone": PHONE, "gmtZone": "Z", "retryIntervalInMinutes": 120, "maxAttempts": 2})

    assert calls == [("2026-03-02T00:00:00", PHONE), ("2026-03-02T02:00:30", PHONE)]  # it rings for 30 seconds


@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_max_attempts_is_the_total_number_of_attempts(attempts: int) -> None:
    """'The total number of callback attempts.'"""
    assert len(dialled({"phone": PHONE, "gmtZone": "Z", "maxAttempts": attempts})) == attempts


# --- Allowed call time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_allowed_days_is_an_array_of_weekday_names(day: str) -> None:
    """'The field value is an array with the following strings allowed: "mon", "tue", "wed", ...'."""
    assert list(week(number(allowedDays=[day]))) == [day]


@pytest.mark.parametrize("value", ["mon", ["Mon"], ["monday"], ["default"], [1], {"mon": True}])
def test_other_allowed_days_are_refused(value: object) -> None:
    """'an array with the following strings allowed'."""
    ((path, kind),) = refused({"phone": PHONE, "gmtZone": "Z", "allowedDays": value})

    assert path.startswith("$[0].allowedDays")
    assert kind == "invalid.call.allowed.days"


def test_it_is_only_during_allowed_days_that_calls_are_possible() -> None:
    """'it is only during these days that calls are possible.'"""
    job = number(allowedDays=["mon", "wed"], allowedTime={"default": TEN_TO_SIX})

    assert intervals(job) == ["Mon 10:00-Mon 18:00", "Wed 10:00-Wed 18:00"]


def test_allowed_time_of_other_weekdays_is_ignored() -> None:
    """'Any allowedTime settings for other weekdays are ignored.'"""
    job = number(allowedDays=["mon"], allowedTime={"mon": TEN_TO_SIX, "tue": TEN_TO_SIX})

    assert week(job) == {"mon": "10:00-18:00"}


def test_every_day_is_mapped_to_one_or_several_intervals() -> None:
    """'every day of the week is mapped to one or several time intervals when calls to the phone number are allowed.'"""
    several = [{"localTimeFrom": "08:00", "localTimeTo": "09:30"}, {"localTimeFrom": "12:00", "localTimeTo": "13:00"}]
    job = number(allowedTime={"mon": TEN_TO_SIX, "tue": several})

    assert week(job) == {"mon": "10:00-18:00", "tue": "08:00-09:30 12:00-13:00"}


@pytest.mark.parametrize("key", [*DAYS, "default"])
def test_the_keys_of_allowed_time_are_weekday_names_and_default(key: str) -> None:
    """'an object with keys equal to weekday names from the allowedDays field, as well as a default key.'"""
    expected = list(DAYS) if key == "default" else [key]

    assert list(week(number(allowedTime={key: TEN_TO_SIX}))) == expected


def test_another_key_of_allowed_time_is_refused() -> None:
    """'an object with keys equal to weekday names ..., as well as a default key.'"""
    problems = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"default": TEN_TO_SIX, "weekend": TEN_TO_SIX}})

    assert problems == [("$[0].allowedTime.weekend", "invalid.call.allowed.time")]


@pytest.mark.parametrize("value", [TEN_TO_SIX[0], "10:00-18:00", [["10:00", "18:00"]], [], None])
def test_the_values_of_allowed_time_are_arrays_of_objects(value: object) -> None:
    """'The values for each key should be arrays of objects with localTimeFrom and localTimeTo nested fields'."""
    ((_, kind),) = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"mon": value}})

    assert kind == "invalid.call.allowed.time"


@pytest.mark.parametrize("text", ["10", "10:0", "24:00", "10:60", "10:00:00", "10.00", "ten", 10])
def test_times_are_written_as_hours_and_minutes(text: object) -> None:
    """'HH:mm.'"""
    windows = [{"localTimeFrom": "09:00", "localTimeTo": text}]
    problems = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"mon": windows}})

    assert problems == [("$[0].allowedTime.mon[0].localTimeTo", "invalid.call.allowed.time")]


def test_the_time_is_relative_to_the_customer() -> None:
    """'The time is relative, so the customer local time is taken into account.'"""
    job = number(allowedTime={"tue": TEN_TO_SIX}, gmtZone="-05:00")

    assert intervals(job) == ["Tue 15:00-Tue 23:00"]


def test_days_that_are_not_specified_follow_the_default() -> None:
    """'Calls made during weekdays not specified ... will be made in accordance with the ... default value.'"""
    noon = [{"localTimeFrom": "12:00", "localTimeTo": "13:00"}]
    job = number(allowedTime={"mon": TEN_TO_SIX, "default": noon})

    assert week(job) == {"mon": "10:00-18:00", **dict.fromkeys(DAYS[1:], "12:00-13:00")}


# --- localTimeFrom and localTimeTo -----------------------------------------------------------------------------------


def test_error_no_upper_limit_specified() -> None:
    """'Every interval should contain both the upper and the lower threshold. A request error occurs when one ...'."""
    problems = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"default": json.loads(NO_UPPER_LIMIT)}})

    assert problems == [("$[0].allowedTime.default[0].localTimeTo", "invalid.call.allowed.time")]


def test_error_no_lower_limit_specified() -> None:
    """'A request error occurs when one of them is missing.'"""
    problems = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"default": [{"localTimeTo": "10:00"}]}})

    assert problems == [("$[0].allowedTime.default[0].localTimeFrom", "invalid.call.allowed.time")]


def test_error_overlapping_intervals() -> None:
    """'Time intervals should not overlap ... Situations like this also produce request errors.'"""
    problems = refused({"phone": PHONE, "gmtZone": "Z", "allowedTime": {"default": json.loads(OVERLAPPING)}})

    assert problems == [("$[0].allowedTime.default[1]", "invalid.call.allowed.time")]


def test_the_upper_threshold_of_one_may_be_the_lower_threshold_of_another() -> None:
    """'the upper threshold of one should not be greater than the lower threshold of the other': it may be equal."""
    touching = [{"localTimeFrom": "10:00", "localTimeTo": "13:00"}, {"localTimeFrom": "13:00", "localTimeTo": "14:30"}]

    assert intervals(number(allowedTime={"tue": touching})) == ["Tue 10:00-Tue 14:30"]


def test_correct_interval_from_8_pm_to_3_am() -> None:
    """'If localTimeFrom is greater than localTimeTo, ... it starts on the specified day and ends on the next day.'"""
    assert intervals(number(allowedTime={"tue": json.loads(OVERNIGHT)})) == ["Tue 20:00-Wed 03:00"]


# --- Customer time zone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Z", 0),
        ("+5", 18_000),
        ("+05", 18_000),
        ("+0530", 19_800),
        ("-0530", -19_800),
        ("+053015", 19_815),
        ("-053015", -19_815),
        ("+05:30", 19_800),
        ("-05:30", -19_800),
        ("+05:30:15", 19_815),
        ("-05:30:15", -19_815),
        ("GMT-05:00", -18_000),
        ("UTC+05:00", 18_000),
        ("UT-0500", -18_000),
        ("GMT+5", 18_000),
        ("UTC+05:30:15", 19_815),
    ],
)
def test_gmt_zone_takes_each_documented_form(text: str, seconds: int) -> None:
    """'Z for UTC time. +h, +hh, ±hhmm, or ±hhmmss with ... a : separator ...; either a UTC, a GMT, or a UT prefix'."""
    job = number(gmtZone=text)

    assert job.zone.offset_s(ms(MONDAY)) == seconds
    assert job.zone_source is ZoneSource.REQUEST


@pytest.mark.parametrize(("text", "seconds"), [("America/New_York", -18_000), ("Asia/Kathmandu", 20_700)])
def test_gmt_zone_takes_an_iana_id(text: str, seconds: int) -> None:
    """'One of the time zone IDs as specified by IANA TZDB.'"""
    assert number(gmtZone=text).zone.offset_s(ms(MONDAY)) == seconds


@pytest.mark.parametrize("text", ["5", "+5:30", "+24:00", "z", "Mars/Phobos", "GMT 5", "-05:0"])
def test_gmt_zone_must_conform_to_one_of_the_formats(text: str) -> None:
    """'The gmtZone value must conform to one of the following formats'."""
    assert refused({"phone": PHONE, "gmtZone": text}) == [("$[0].gmtZone", "phone.gmtZone.bad.format")]


# --- Phone number priority -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", [1, 2, 3, 4, 5])
def test_priority_ranges_from_1_to_5(priority: int) -> None:
    """'The dialerPriority field sets the phone number priority in a range from 1 to 5'."""
    batch = accepted({"phone": PHONE, "gmtZone": "Z", "dialerPriority": priority})

    assert batch.jobs[0].policy.priority == priority
    assert batch.warnings == ()


def test_calls_go_from_the_highest_priority_to_the_lowest() -> None:
    """'Calls will be made sequentially ..., starting with the highest priority numbers and ending with the lowest'."""
    priorities = [3, 1, 5, 2, 4]
    numbers = [{"phone": f"7912345678{each}", "gmtZone": "Z", "dialerPriority": each} for each in priorities]

    assert [phone[-1] for _, phone in dialled(*numbers, lines=1)] == ["1", "2", "3", "4", "5"]


def test_priority_is_5_by_default() -> None:
    """'If the priority is not specified explicitly, the priority will be set to 5 by default.'"""
    assert number().policy.priority == 5


@pytest.mark.parametrize("priority", [7, 0, -1, 2.5, "2", True, []])
def test_an_incorrect_priority_is_5(priority: object) -> None:
    """'If the priority is specified incorrectly, for example 7, the call priority will be set to 5 by default.'"""
    batch = accepted({"phone": PHONE, "gmtZone": "Z", "dialerPriority": priority})

    assert batch.jobs[0].policy.priority == 5
    assert [(each.path, each.type) for each in batch.warnings] == [("$[0].dialerPriority", "invalid.dialer_priority")]


# --- Duplicate numbers -----------------------------------------------------------------------------------------------


def test_identical_phones_with_identical_payloads_are_duplicates() -> None:
    """'If they have the identical phone values and the identical payload objects.'"""
    one = {"phone": PHONE, "gmtZone": "Z", "payload": {"Name": "Alex"}}

    assert refused(one, {**one, "gmtZone": "+3", "dialerPriority": 1}) == [("$[1]", "phone.duplicated")]


def test_identical_phones_without_payloads_are_duplicates() -> None:
    """'If they have the identical phone values and the payload field is not specified.'"""
    assert refused({"phone": PHONE}, {"phone": PHONE}) == [("$[1]", "phone.duplicated")]


@pytest.mark.parametrize(
    "other", [{"phone": PHONE, "payload": {"Name": "Alexa"}}, {"phone": PHONE}, {"phone": "79123456780"}], ids=repr
)
def test_other_phones_or_payloads_are_no_duplicates(other: dict[str, Any]) -> None:
    """'identical phone values and the identical payload objects': neither alone."""
    assert len(accepted({"phone": PHONE, "payload": {"Name": "Alex"}}, other).jobs) == 2


def test_error_when_adding_duplicates_in_one_request() -> None:
    """'If there are duplicates in the body ..., it returns an error. The phonesDuplicates field contains ...'."""
    with pytest.raises(RequestRefused) as caught:
        read_request(DUPLICATES, Campaign())
    body = caught.value.body()
    problems = body.pop("problems")

    assert body == {
        "type": "phone.duplicated",
        "phone": "9991112223330",
        "message": "",
        "phonesDuplicates": ["9991112223330", "79123456789"],
    }
    assert {problem["job"] for problem in problems} == {1, 3}


# --- Example request -------------------------------------------------------------------------------------------------


def test_the_example_request_is_accepted() -> None:
    """The page's own request, word for word; its 0 attempts count as not set (R9.1)."""
    batch = read_request(EXAMPLE, Campaign())
    (job,) = batch.jobs

    assert (job.phone, job.zone.name, job.zone_source) == ("79123456789", "-05:00", ZoneSource.REQUEST)
    assert json.loads(job.payload or b"") == {"name": "Alex", "age": 34}
    assert week(job) == {"mon": "10:00-11:30 13:00-14:30", **dict.fromkeys(DAYS[1:], "10:00-18:00")}
    assert (job.policy.retry_ms, job.policy.max_attempts, job.policy.priority) == (120 * 60_000, 1, 5)
    assert [(each.path, each.type) for each in batch.warnings] == [("$[0].maxAttempts", "invalid.max.attempts")]


def test_the_example_request_is_dialled_in_its_window_on_its_clock() -> None:
    """'The time is relative': 10:00 on a Monday, five hours behind UTC."""
    numbers = json.loads(EXAMPLE)

    assert dialled(*numbers) == [("2026-03-02T15:00:00", "79123456789")]
