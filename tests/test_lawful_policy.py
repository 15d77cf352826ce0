"""Policies judged by laws: the hours that they allow too much, the attempts that can break a cap, and the words."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import holidays
import pytest
from hypothesis import given, settings, strategies as st

from scheduler import Campaign, read_campaign, read_request, simulate
from scheduler.intake.lawful_policy import Judged, Week, judge, longest_ms, too_much
from scheduler.intake.laws import LawFinder, law_holidays
from scheduler.intake.phones import ZoneFinder
from scheduler.policy.calendar import Calendar, difference
from scheduler.policy.laws import LAWS, Cap, LegalPart, Per, law_named
from scheduler.policy.zones import parse_zone, tzdata_version
from tests.oracles import is_allowed, wall_clock
from tests.strategies import allowed_times, at

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUARTER_MS, MINUTE_MS, HOUR_MS, DAY_MS = 900_000, 60_000, 3_600_000, 86_400_000
YEAR = int(tzdata_version()[:4])
PHONES = {
    "us-tcpa": "12125550123",
    "us-fl": "13055550123",
    "us-reg-f": "12125550123",
    "fr": "33123456789",
    "ru-230": "74951234567",
    "es": "34912345678",
    "in-trai": "919876543210",
    "au": "61291234567",
}
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "-05:00")
STARTS = ("2026-03-05", "2026-03-26", "2026-04-02", "2026-10-22", "2026-12-23", "2026-02-12")


def windows(*clocks: str) -> list[dict[str, str]]:
    """Windows, each `09:00-18:00`."""
    return [dict(zip(("localTimeFrom", "localTimeTo"), each.split("-"), strict=True)) for each in clocks]


def campaign_of(**keys: Any) -> Campaign:
    """The campaign of a file."""
    return read_campaign(json.dumps(keys))


def judged(campaign: Campaign, numbers: list[dict[str, Any]], *laws: str) -> Judged:
    """What is wrong with numbers by laws."""
    return judge(campaign, read_request(json.dumps(numbers), campaign).jobs, [law_named(name) for name in laws])


def problems(law: str, policy: Mapping[str, Any], **keys: Any) -> dict[str, str]:
    """What is wrong with one number by a law: path and message, up to what to write instead."""
    found = judged(campaign_of(policy=policy, **keys), [{"phone": PHONES[law]}], law)
    assert len({problem.path for problem in found.problems}) == len(found.problems)
    return {problem.path: problem.message for problem in found.problems}


# --- oracles ---------------------------------------------------------------------------------------------------------


@cache
def file_of(law: str) -> dict[str, Any]:
    """The file of a law."""
    return tomllib.loads(files("scheduler.policy.laws").joinpath(f"{law}.toml").read_text("utf-8"))


@cache
def holidays_of(country: str) -> frozenset[dt.date]:
    """The public holidays of the years of these tests."""
    return frozenset(holidays.country_holidays(country, years=range(2025, 2029)))


def is_holiday(law: str, day: dt.date) -> bool:
    """Whether a law keeps a date as a public holiday."""
    return "holidays" in file_of(law) and day in holidays_of(file_of(law)["holidays"])


def law_allows(law: str, clock: dt.datetime) -> bool:
    """Whether the hours of a law hold at a reading of the clock; none of them runs past midnight."""
    hours = file_of(law)["hours"]
    day = "holiday" if is_holiday(law, clock.date()) else DAYS[clock.weekday()]
    rows = hours.get(day, [] if day == "holiday" else hours.get("default", []))
    return any(row["localTimeFrom"] <= f"{clock:%H:%M}" < row["localTimeTo"] for row in rows)


def quarters(week: Week) -> set[tuple[str, int]]:
    """The quarters of an hour of a week, by weekday (or `holiday`) and place in the day."""
    named = [*zip(DAYS, week.days, strict=True), ("holiday", week.holidays)]
    return {
        (day, quarter)
        for day, spans in named
        for begin_ms, end_ms in spans
        for quarter in range(begin_ms // QUARTER_MS, -(-end_ms // QUARTER_MS))
    }


def most_in_a_period(cap: Cap, zone: str, attempts: int, apart_ms: int, first_ms: int) -> int:
    """The most of dials so far apart, from an instant on, that lie in one period of a cap."""
    dials = [first_ms + place * apart_ms for place in range(attempts)]
    dates = [wall_clock(zone, dial).date() for dial in dials]
    most = 0
    for dial, day in zip(dials, dates, strict=True):
        if cap.per is Per.HOURS:
            inside = [dial - cap.length * HOUR_MS < other <= dial for other in dials]
        elif cap.per is Per.DAYS:
            inside = [day - dt.timedelta(days=cap.length) < other <= day for other in dates]
        elif cap.per is Per.DAY:
            inside = [other == day for other in dates]
        elif cap.per is Per.WEEK:
            inside = [other.isocalendar()[:2] == day.isocalendar()[:2] for other in dates]
        else:
            inside = [(other.year, other.month) == (day.year, day.month) for other in dates]
        most = max(most, sum(inside))
    return most


# --- hours -----------------------------------------------------------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn) -> Calendar:
    """A calendar of small numbers."""
    edges = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    edges = edges[: len(edges) // 2 * 2]
    return Calendar(tuple(edges[::2]), tuple(edges[1::2]))


@given(spans(), spans())
def test_a_difference_is_what_one_allows_and_the_other_does_not(one: Calendar, other: Calendar) -> None:
    """Point by point, and canonical."""
    found = difference(one, other)

    assert [found.allows(at_ms) for at_ms in range(-1, 14)] == [
        one.allows(at_ms) and not other.allows(at_ms) for at_ms in range(-1, 14)
    ]
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(set(edges))


@settings(max_examples=25)
@given(
    st.sampled_from(LAWS),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.sampled_from(STARTS),
    allowed_times(),
    st.none() | st.lists(st.sampled_from(DAYS), min_size=1, max_size=4),
    st.sets(st.integers(0, 8), max_size=2),
)
def test_the_hours_that_are_too_many_are_those_of_the_clocks(
    law: str, zone: str, own_zone: str, start: str, time: dict[str, Any], days: list[str] | None, closed: set[int]
) -> None:
    """At each quarter of an hour of nine days: the policy allows it on its clock, and the law forbids it on its own."""
    first = dt.date.fromisoformat(start)
    dates = [(first + dt.timedelta(days=day)).isoformat() for day in sorted(closed)]
    span = at(start), at(start) + 9 * DAY_MS
    policy = {"allowedTime": time, **({} if days is None else {"allowedDays": days})}
    campaign = campaign_of(timeZone=own_zone, detectTimeZone=False, policy=policy, blackoutDates=dates)
    (job,) = read_request('[{"phone": "4930123456"}]', campaign).jobs
    value = law_named(law)
    part = LegalPart(value, parse_zone(zone), law_holidays(value)[0])
    week = too_much(part, job.allowed(campaign.closed_dates).calendar(*span), span)

    expected = set()
    for at_ms in range(*span, QUARTER_MS):
        clock = wall_clock(zone, at_ms)
        if is_allowed([policy], own_zone, at_ms, closed_dates=[dt.date.fromisoformat(day) for day in dates]):
            day = "holiday" if is_holiday(law, clock.date()) else DAYS[clock.weekday()]
            if not law_allows(law, clock):
                expected.add((day, (clock.hour * 60 + clock.minute) // 15))
    assert quarters(week) == expected


@pytest.mark.parametrize(
    ("law", "clocks", "expected"),
    [
        ("us-tcpa", "08:00-21:00", None),
        ("us-tcpa", "08:00-21:01", "every day 21:00-21:01"),
        ("us-tcpa", "07:59-21:00", "every day 07:59-08:00"),
        ("us-tcpa", "06:00-22:30", "every day 06:00-08:00 and 21:00-22:30"),
        ("us-fl", "09:00-21:00", "every day 20:00-21:00"),
        ("in-trai", "00:00-12:00", "every day 00:00-09:00"),
        ("us-tcpa", "20:00-03:00", "every day 00:00-03:00 and 21:00-24:00"),
    ],
)
def test_the_hours_of_each_day_are_told(law: str, clocks: str, expected: str | None) -> None:
    """Each edge to the minute; a window that runs past midnight on both days."""
    found = problems(law, {"allowedTime": {"default": windows(clocks)}})

    assert {path: message.split(" forbids ")[1].split(", which ")[0] for path, message in found.items()} == (
        {} if expected is None else {"$[0].allowedTime": expected}
    )


def test_days_are_told_as_spans() -> None:
    """`mon-fri 20:00-21:00, sat 17:00-18:00`; the days on which the law allows nothing are a problem of allowedDays."""
    time = {"default": windows("09:00-21:00"), "sat": windows("10:00-18:00"), "sun": windows("12:00-13:00")}
    found = problems("au", {"allowedTime": time}, holidays="AU")

    assert found == {
        "$[0].allowedDays": "au forbids sun 12:00-13:00, which the policy allows, by default; write no more than "
        "mon-fri 09:00-20:00, sat 09:00-17:00 (Telecommunications (Telemarketing and Research Calls) Industry "
        "Standard 2017, s 8)",
        "$[0].allowedTime": "au forbids mon-fri 20:00-21:00, sat 17:00-18:00, which the policy allows, set by the "
        "campaign; write no more than mon-fri 09:00-20:00, sat 09:00-17:00 (Telecommunications (Telemarketing and "
        "Research Calls) Industry Standard 2017, s 8)",
    }


def test_a_policy_of_nothing_allows_all() -> None:
    """Neither days nor hours: open all day, which nobody set."""
    found = problems("us-tcpa", {})

    assert found["$[0].allowedTime"].startswith(
        "us-tcpa forbids every day 00:00-08:00 and 21:00-24:00, which the policy allows, by default; "
    )


def test_the_days_between_two_windows_are_told() -> None:
    """The French lunch; a law of two windows a day."""
    found = problems(
        "fr", {"allowedDays": ["mon", "wed"], "allowedTime": {"default": windows("10:00-20:00")}}, holidays="FR"
    )

    assert found["$[0].allowedTime"].startswith("fr forbids mon 13:00-14:00, wed 13:00-14:00, which ")
    assert "write no more than mon-fri 10:00-13:00 and 14:00-20:00 (" in found["$[0].allowedTime"]


def test_the_tail_of_a_night_is_told_on_the_day_into_which_it_runs() -> None:
    """R3.7: Friday's window, which the campaign set."""
    time = {"fri": windows("19:00-02:00"), "default": windows("10:00-12:00")}
    found = problems("us-tcpa", {"allowedDays": ["fri"], "allowedTime": time})

    assert list(found) == ["$[0].allowedTime"]
    assert "forbids fri 21:00-24:00, sat 00:00-02:00, which the policy allows, set by the campaign;" in str(found)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["fri"], {"$[0].allowedTime": "fri 21:00-24:00, sat 00:00-02:00"}),
        (["sat"], {"$[0].allowedDays": "sat 19:00-24:00", "$[0].allowedTime": "sun 00:00-02:00"}),
        (
            ["fri", "sat"],
            {
                "$[0].allowedDays": "sat 19:00-24:00",
                "$[0].allowedTime": "fri 21:00-24:00, sat-sun 00:00-02:00",
            },
        ),
        (["sun"], {"$[0].allowedDays": "sun 19:00-24:00", "$[0].allowedTime": "mon 00:00-02:00"}),
    ],
)
def test_a_night_into_a_forbidden_day_is_told_of_its_window(days: list[str], expected: dict[str, str]) -> None:
    """Spain, no weekends: what a day starts is a matter of allowedDays, what runs into it one of allowedTime."""
    policy = {"allowedDays": days, "allowedTime": {"default": windows("19:00-02:00")}}
    found = problems("es", policy, startTime="2026-03-02T00:00:00Z", endTime="2026-03-17T00:00:00Z")

    assert {path: each.split(" forbids ")[1].split(", which ")[0] for path, each in found.items()} == expected


@pytest.mark.parametrize(
    ("keys", "path"), [({}, "$.holidays"), ({"holidays": "FR"}, None), ({"holidays": "DE"}, "$.holidays")]
)
def test_holidays_that_are_not_closed_are_told(keys: dict[str, str], path: str | None) -> None:
    """A key of the campaign: no number can close them."""
    found = problems("fr", {"allowedTime": {"default": windows("10:00-13:00")}, "allowedDays": list(DAYS[:5])}, **keys)

    assert list(found) == ([] if path is None else [path])
    if path is not None:
        assert found[path].startswith("fr forbids 10:00-13:00 on public holidays, which the policy allows, ")
        assert '; write holidays = "FR" in the campaign file, or their dates as blackoutDates (' in found[path]


def test_holidays_that_are_closed_may_still_be_run_into() -> None:
    """R3.10: the tail of the night before runs on, also where the campaign keeps the holidays."""
    time = {"sun": windows("10:00-12:00"), "default": windows("18:00-02:00")}
    found = problems("ru-230", {"allowedTime": time, "allowedDays": ["sun", "thu"]}, holidays="RU")

    assert list(found) == ["$[0].allowedTime", "$.holidays"]
    assert "they are closed, but windows run into them: end these at midnight" in found["$.holidays"]


def test_holidays_may_have_hours_of_their_own() -> None:
    """230-FZ: on public holidays from 9 to 20."""
    policy = {"allowedTime": {"default": windows("08:00-22:00")}, "allowedDays": list(DAYS[:5])}
    found = problems("ru-230", policy)

    assert list(found) == ["$.holidays"]
    assert "forbids 08:00-09:00 and 20:00-22:00 on public holidays" in found["$.holidays"]
    assert problems("ru-230", {"allowedTime": {"default": windows("09:00-20:00")}}) == {}


def test_closed_dates_are_not_held_against_a_policy() -> None:
    """R3.10: what is judged is what the calendar allows; here in one week, with Christmas closed by hand."""
    policy = {"allowedTime": {"default": windows("10:00-13:00")}, "allowedDays": list(DAYS[:5])}
    week = {"startTime": "2026-12-20T00:00:00Z", "endTime": "2026-12-31T00:00:00Z"}

    assert list(problems("fr", policy, **week)) == ["$.holidays"]
    assert problems("fr", policy, **week, blackoutDates=["2026-12-25"]) == {}
    assert problems("fr", policy, startTime="2026-12-01T00:00:00Z", endTime="2026-12-24T00:00:00Z") == {}


@pytest.mark.parametrize(
    ("keys", "forbids"),
    [
        ({"endTime": "1992-12-19T00:00:00Z"}, False),
        ({"startTime": "1992-12-10T00:00:00Z", "endTime": "1993-01-01T00:00:00Z"}, True),
        ({"startTime": "1992-12-10T00:00:00Z"}, True),
        ({"startTime": "2060-12-10T00:00:00Z"}, True),
    ],
)
def test_a_law_forbids_nothing_before_it_is_in_force(keys: dict[str, str], forbids: bool) -> None:
    """By the campaign's own dates, where it has any."""
    assert bool(problems("us-tcpa", {}, **keys)) is forbids


def test_attempts_are_free_before_a_law_is_in_force() -> None:
    """As hours are."""
    policy = {"allowedTime": {"default": windows("10:00-12:00")}, "maxAttempts": 9}

    assert problems("us-fl", policy, endTime="2021-06-29T00:00:00Z") == {}
    assert list(problems("us-fl", policy, endTime="2021-07-09T00:00:00Z")) == ["$[0].maxAttempts"]


# --- on which clock --------------------------------------------------------------------------------------------------


def test_a_policy_on_another_clock_is_judged_on_that_of_the_number() -> None:
    """The campaign's zone rules the policy; nine to five in Moscow is one to nine, or two to ten, in New York."""
    policy = {"allowedTime": {"default": windows("09:00-17:00")}}
    campaign = campaign_of(policy=policy, timeZone="Europe/Moscow", detectTimeZone=False)
    (problem,) = judged(campaign, [{"phone": "12125550123"}], "us-tcpa").problems

    assert problem.message.startswith(
        "us-tcpa forbids every day 01:00-08:00 on the clock of America/New_York, which the policy allows, set by the "
        "campaign; write no more than every day 08:00-21:00 on that clock, or give gmtZone ("
    )


def test_a_number_in_several_zones_must_be_allowed_in_all() -> None:
    """A Russian mobile number: the clocks on which the most is forbidden are told, the others counted."""
    policy = {"allowedTime": {"default": windows("10:00-18:00")}}
    campaign = campaign_of(policy=policy, timeZone="Europe/Moscow", holidays="RU")
    (problem,) = judged(campaign, [{"phone": "79123456789"}], "ru-230").problems

    assert problem.message.startswith(
        "ru-230 forbids mon-fri 00:00-03:00 and 22:00-24:00, sat-sun 00:00-03:00 and 20:00-24:00 on the clock of "
        "Asia/Anadyr and 1 more, "
    )
    assert ", and other hours on " in problem.message
    assert " on each of these clocks, or give gmtZone (" in problem.message
    noon = campaign_of(
        policy={"allowedTime": {"default": windows("10:00-11:00")}}, timeZone="Europe/Moscow", holidays="RU"
    )
    assert judged(noon, [{"phone": "79123456789"}], "ru-230").problems == ()


def test_holidays_on_another_clock_are_told_on_it() -> None:
    """Dates are those of the law's clock."""
    policy = {"allowedTime": {"default": windows("10:00-13:00")}, "allowedDays": list(DAYS[:5])}
    campaign = campaign_of(policy=policy, timeZone="Europe/London", detectTimeZone=False)
    found = judged(campaign, [{"phone": PHONES["fr"]}], "fr").problems

    assert [problem.message.split(", which ")[0] for problem in found] == [
        "fr forbids mon-fri 13:00-14:00 on the clock of Europe/Paris",
        "fr forbids 11:00-14:00 on public holidays on the clock of Europe/Paris",
    ]


def test_a_zone_that_is_given_is_the_clock_of_the_law() -> None:
    """Believed, with a warning if it is none of the number's."""
    campaign = campaign_of(policy={"allowedTime": {"default": windows("08:00-21:00")}})
    found = judged(campaign, [{"phone": "12125550123", "gmtZone": "Asia/Tokyo"}], "us-tcpa")

    assert found.problems == ()
    assert [warning.path for warning in found.warnings] == ["$[0].gmtZone"]


# --- attempts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "attempts", "interval", "told"),
    [
        ("us-fl", 3, 60, None),
        ("us-fl", 4, 480, None),
        ("us-fl", 50, 480, None),
        (
            "us-fl",
            6,
            60,
            "6 calls can fall into 24 hours, where us-fl allows 3; write maxAttempts 3, or an interval of at least 480",
        ),
        (
            "us-fl",
            6,
            479,
            "4 calls can fall into 24 hours, where us-fl allows 3; write maxAttempts 3, or an interval of at least 480",
        ),
        (
            "us-reg-f",
            9,
            60,
            (
                "9 calls can fall into 7 days, where us-reg-f allows 7; write maxAttempts 7, or an interval of "
                "at least 1449"
            ),
        ),
        (
            "fr",
            5,
            2880,
            "5 calls can fall into 30 days, where fr allows 4; write maxAttempts 4",
        ),
        (
            "ru-230",
            2,
            60,
            "2 calls can fall into a day, where ru-230 allows 1; write maxAttempts 1, or an interval of at least 1440",
        ),
        ("ru-230", 2, 1440, None),
        (
            "ru-230",
            3,
            1440,
            "3 calls can fall into a week, where ru-230 allows 2; write maxAttempts 2",
        ),
        (
            "ru-230",
            9,
            2,
            (
                "9 calls can fall into a day, where ru-230 allows 1, 9 calls can fall into a week, where ru-230 allows "
                "2, 9 calls can fall into a month, where ru-230 allows 8; write maxAttempts 1"
            ),
        ),
        ("us-tcpa", 50, 1, None),
    ],
)
def test_attempts_that_can_break_a_cap_are_told(law: str, attempts: int, interval: int, told: str | None) -> None:
    """Rolling hours, rolling dates (an hour longer where a clock is set back), calendar periods; windows aside."""
    policy = {"allowedTime": {"default": windows("10:00-12:00")}, "allowedDays": ["mon"]}
    attempted = {**policy, "maxAttempts": attempts, "retryIntervalInMinutes": interval}
    keys = {"holidays": file_of(law)["holidays"]} if "holidays" in file_of(law) else {}
    found = problems(law, attempted, **keys)

    assert list(found) == ([] if told is None else ["$[0].maxAttempts"])
    if told is not None:
        begin = (
            f"maxAttempts {attempts}, set by the campaign, and retryIntervalInMinutes {interval}, set by the campaign"
        )
        assert found["$[0].maxAttempts"].startswith(f"{begin}: windows aside, {told} (")


def test_the_defaults_of_attempts_are_named() -> None:
    """R6.3: the number's attempts, nobody's interval."""
    campaign = campaign_of(policy={"allowedTime": {"default": windows("10:00-12:00")}})
    (problem,) = judged(campaign, [{"phone": PHONES["us-fl"], "maxAttempts": 4}], "us-fl").problems

    assert (problem.path, problem.type) == ("$[0].maxAttempts", "invalid.max.attempts")
    assert problem.message.startswith("maxAttempts 4, set by the number, and retryIntervalInMinutes 60, by default: ")


def test_the_cap_of_a_phone_counts() -> None:
    """R9.4: `maxAttemptsPerPhone` leaves fewer of them."""
    policy = {"allowedTime": {"default": windows("10:00-12:00")}, "maxAttempts": 9}

    assert list(problems("us-fl", policy)) == ["$[0].maxAttempts"]
    assert problems("us-fl", policy, maxAttemptsPerPhone=3) == {}


def test_an_interval_from_the_start_is_a_millisecond_shorter() -> None:
    """R9.2: a call takes some time, so its end lies later; day by day that decides nothing, in milliseconds it does."""
    policy = {"allowedTime": {"default": windows("10:00-12:00")}, "maxAttempts": 2, "retryIntervalInMinutes": 1440}

    assert problems("ru-230", policy, holidays="RU") == {}
    assert problems("ru-230", policy, holidays="RU", readings={"retryFrom": "start"}) == {}


@settings(max_examples=25)
@given(
    st.builds(Cap, most=st.integers(1, 3), per=st.sampled_from(Per), length=st.integers(1, 3)),
    st.sampled_from(("Europe/Paris", "Asia/Kathmandu", "America/New_York")),
    st.integers(1, 5),
    st.sampled_from((60, 360, 719, 720, 1439, 1440, 1499, 1500, 2159, 2160, 2880)),
)
def test_so_many_attempts_fit_into_the_longest_period(cap: Cap, zone: str, attempts: int, apart_min: int) -> None:
    """From the first instant of each local date of a year on: no more than said, and at one date as many."""
    apart_ms = apart_min * MINUTE_MS
    fitting = min(attempts, (longest_ms(cap, parse_zone(zone)) - 1) // apart_ms + 1)
    changes = {"Europe/Paris": "10-25", "Asia/Kathmandu": "10-25", "America/New_York": "11-01"}
    around = at(f"{YEAR}-{changes[zone]}T00:00")
    # The days about the change of the clocks, the beginnings of months about it, and a month of 31 days.
    begins = [around + hours * HOUR_MS for hours in range(-8 * 24, 8 * 24)]
    begins += [
        at(f"{YEAR}-{month:02d}-01T00:00") + hours * HOUR_MS for month in (10, 11, 12) for hours in range(-24, 25)
    ]
    edges = [each + minutes * MINUTE_MS for each in begins for minutes in (0, 15)]

    assert max(most_in_a_period(cap, zone, attempts, apart_ms, each) for each in edges) == fitting


@settings(max_examples=30)
@given(
    st.sampled_from(("us-fl", "us-reg-f", "fr", "ru-230")),
    st.integers(1, 12),
    st.sampled_from((1, 60, 300, 600, 1440, 2880)),
)
def test_what_is_advised_is_enough_and_no_more(law: str, attempts: int, interval: int) -> None:
    """With the attempts, or the interval, that are advised nothing is wrong; with one more, or a minute less, it is."""
    base = {"allowedTime": {"default": windows("10:00-12:00")}, "allowedDays": ["mon"]}
    keys = {"holidays": file_of(law)["holidays"]} if "holidays" in file_of(law) else {}

    def wrong(attempts: int, interval: int) -> str:
        policy = {**base, "maxAttempts": attempts, "retryIntervalInMinutes": interval}
        return problems(law, policy, **keys).get("$[0].maxAttempts", "")

    told = wrong(attempts, interval)
    if told:
        most = int(told.split("write maxAttempts ")[1].split()[0].strip(","))
        assert not wrong(most, interval)
        assert wrong(most + 1, interval)
        if "interval of at least " in told:
            apart = int(told.split("interval of at least ")[1].split()[0])
            assert not wrong(attempts, apart)
            assert wrong(attempts, apart - 1)
        else:
            assert wrong(attempts, 2880)


# --- a whole request -------------------------------------------------------------------------------------------------


def test_a_problem_stands_for_all_numbers_with_the_policy() -> None:
    """One for each policy, law and field, at the first number, with their count; also where their zones differ."""
    campaign = campaign_of(policy={"allowedTime": {"default": windows("10:00-22:00")}})
    late = {"allowedTime": {"default": windows("10:00-23:00")}}
    phones = ["4930123456", "12125550123", "13125550123", "13105550123", "12125550124"]
    numbers = [{"phone": phone, **(late if place == 4 else {})} for place, phone in enumerate(phones)]
    found = judged(campaign, numbers, "us-tcpa", "us-fl")

    assert [(problem.job, problem.path) for problem in found.problems] == [
        (1, "$[1].allowedTime"),
        (4, "$[4].allowedTime"),
    ]
    assert found.problems[0].message.endswith(" (47 CFR 64.1200(c)(1); 16 CFR 310.4(c)); 3 numbers")
    assert found.problems[1].message.endswith(" (47 CFR 64.1200(c)(1); 16 CFR 310.4(c))")
    assert "every day 21:00-23:00, which the policy allows, set by the number;" in found.problems[1].message


def test_numbers_that_no_law_binds_are_a_warning_with_their_count() -> None:
    """At the first of them."""
    numbers = [{"phone": phone} for phone in ("12125550123", "4930123456", "4930123457", "81312345678")]
    campaign = campaign_of(policy={"allowedTime": {"default": windows("10:00-12:00")}})
    found = judged(campaign, numbers, "us-tcpa", "us-fl")

    assert found.problems == ()
    assert [(each.path, each.message, each.count) for each in found.warnings] == [
        ("$[1].phone", "no law binds the number, of us-tcpa, us-fl", 3)
    ]


def test_a_law_that_the_campaign_keeps_is_not_held_against_its_policy() -> None:
    """The calendar after the law is what is judged; another law only by what that leaves."""
    campaign = campaign_of(law=["us-tcpa"], policy={"maxAttempts": 50})

    assert judged(campaign, [{"phone": "12125550123"}], "us-tcpa") == ((), ())
    assert judged(campaign, [{"phone": "12125550123"}]) == ((), ())
    found = judged(campaign, [{"phone": "13055550123"}, {"phone": "4930123456"}], "us-tcpa", "us-fl")
    assert [problem.path for problem in found.problems] == ["$[0].allowedTime", "$[0].maxAttempts"]
    assert found.problems[0].message.startswith("us-fl forbids every day 20:00-21:00, which ")
    assert [each.message for each in found.warnings] == ["no law binds the number, of us-tcpa, us-fl"]


def test_what_the_campaigns_laws_warn_of_is_not_said_twice() -> None:
    """A zone that is none of the number's is told when the request is read, where a law of the campaign binds it."""
    numbers = [{"phone": "12125550123", "gmtZone": "Asia/Tokyo"}]

    assert judged(campaign_of(law="us-tcpa"), numbers, "us-reg-f").warnings == ()
    assert len(judged(campaign_of(), numbers, "us-reg-f").warnings) == 1


@settings(max_examples=25)
@given(
    st.sampled_from(LAWS),
    st.sampled_from(("08:00-20:00", "10:00-13:00", "14:00-20:00", "09:00-21:00", "07:00-09:00", "19:00-22:00")),
    st.none() | st.sets(st.sampled_from(DAYS), min_size=1, max_size=5),
    st.integers(1, 4),
    st.sampled_from((30, 400, 480, 1440, 2880)),
    st.sampled_from(STARTS),
)
def test_what_a_good_policy_dials_is_lawful(
    law: str, clocks: str, days: set[str] | None, attempts: int, interval: int, now: str
) -> None:
    """Where nothing is wrong, a run without the law dials at no instant that the law forbids, and never too often."""
    policy: dict[str, Any] = {
        "allowedTime": {"default": windows(clocks)},
        "maxAttempts": attempts,
        "retryIntervalInMinutes": interval,
    }
    policy |= {} if days is None else {"allowedDays": sorted(days)}
    keys = {"holidays": file_of(law)["holidays"]} if "holidays" in file_of(law) else {}
    campaign = campaign_of(policy=policy, **keys)
    jobs = read_request(json.dumps([{"phone": PHONES[law]}]), campaign).jobs
    value = law_named(law)
    legal, _ = LawFinder((value,), ZoneFinder()).bound(jobs[0].phone, jobs[0].zone, jobs[0].zone_source)
    assert legal is not None
    dials = [dial.at for dial in simulate(campaign, jobs, now=f"{now}T00:00:00Z")]

    if judge(campaign, jobs, [value]).problems:
        return
    assert dials
    for part in legal.parts:
        assert all(law_allows(law, wall_clock(part.zone.name, dial)) for dial in dials)
        for cap in value.caps:
            dates = [wall_clock(part.zone.name, dial).date() for dial in dials]
            for place, dial in enumerate(dials):
                before = [
                    other
                    for other, day in zip(dials[: place + 1], dates, strict=False)
                    if {
                        Per.HOURS: dial - other < cap.length * HOUR_MS,
                        Per.DAYS: (dates[place] - day).days < cap.length,
                        Per.DAY: dates[place] == day,
                        Per.WEEK: dates[place].isocalendar()[:2] == day.isocalendar()[:2],
                        Per.MONTH: dates[place].timetuple()[:2] == day.timetuple()[:2],
                    }[cap.per]
                ]
                assert len(before) <= cap.most
