"""The files of laws: complete, well-formed, and as the table says that they were checked by."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import holidays
import phonenumbers
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from scheduler.intake.laws import law_holidays
from scheduler.policy.errors import PolicyError
from scheduler.policy.laws import LAWS, law_named
from scheduler.policy.laws.law import law_of

FOLDER = files("scheduler.policy.laws")
FILES = sorted(each.name.removesuffix(".toml") for each in FOLDER.iterdir() if each.name.endswith(".toml"))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEEDED = {"name", "title", "places", "scope", "from", "sources", "note", "hours"}
OTHERS = {"until", "countryCode", "areaCodes", "redialsExempt", "holidays", "caps", "coolDowns"}
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DAILY_21, DAILY_20 = dict.fromkeys(DAYS, "08:00-21:00"), dict.fromkeys(DAYS, "08:00-20:00")
WORKING = DAYS[:5]
FRENCH = "10:00-13:00, 14:00-20:00"

# Hours by weekday, holidays and the hours on them, first day in force, what is counted.
TABLE: dict[str, tuple[dict[str, str], tuple[str, str] | None, str, list[str]]] = {
    "us-tcpa": (DAILY_21, None, "1992-12-20", []),
    "us-fl": (DAILY_20, None, "2021-07-01", ["3 in rollingHours 24"]),
    "us-reg-f": (DAILY_21, None, "2021-11-30", ["7 in rollingDays 7", "7 days after a conversation, that day first"]),
    "fr": (
        dict.fromkeys(WORKING, FRENCH),
        ("FR", ""),
        "2023-03-01",
        ["4 in rollingDays 30", "60 days after a refusal, from the next day on"],
    ),
    "ru-230": (
        {**dict.fromkeys(WORKING, "08:00-22:00"), "sat": "09:00-20:00", "sun": "09:00-20:00"},
        ("RU", "09:00-20:00"),
        "2017-01-01",
        ["1 in calendar day", "2 in calendar week", "8 in calendar month"],
    ),
    "es": (dict.fromkeys(WORKING, "09:00-21:00"), ("ES", ""), "2014-06-13", []),
    "in-trai": (dict.fromkeys(DAYS, "09:00-21:00"), None, "2011-09-27", []),
    "au": ({**dict.fromkeys(WORKING, "09:00-20:00"), "sat": "09:00-17:00"}, ("AU", ""), "2017-03-29", []),
}


def data_of(name: str) -> dict[str, Any]:
    """What the file of a law holds."""
    return tomllib.loads(FOLDER.joinpath(f"{name}.toml").read_text("utf-8"))


def spelt(windows: list[dict[str, str]]) -> str:
    """Windows as the table has them."""
    return ", ".join(f"{each['localTimeFrom']}-{each['localTimeTo']}" for each in windows)


def counted(data: Mapping[str, Any]) -> list[str]:
    """What is counted, as the table has it."""
    caps = [f"{cap['most']} in {key} {cap[key]}" for cap in data.get("caps", []) for key in cap if key != "most"]
    return caps + [
        f"{rule['days']} days after a {rule['after']}, "
        + ("that day first" if rule.get("countsDay", True) else "from the next day on")
        for rule in data.get("coolDowns", [])
    ]


def good(**changes: Any) -> dict[str, Any]:
    """The data of a small good law, with other keys; None leaves one out."""
    data = {
        "name": "x",
        "title": "X",
        "places": ["US"],
        "scope": "All.",
        "sources": ["X 1"],
        "hours": {"default": [{"localTimeFrom": "08:00", "localTimeTo": "21:00"}]},
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


# --- the files that there are ----------------------------------------------------------------------------------------


def test_the_laws_are_the_files() -> None:
    """A law is a file, and its name in LAWS."""
    assert list(LAWS) == FILES
    assert set(TABLE) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_complete_and_has_no_other_keys(name: str) -> None:
    """Every key is one that is read, and what people need is there."""
    data = data_of(name)

    assert data.keys() >= NEEDED
    assert data.keys() <= NEEDED | OTHERS
    assert data["name"] == name
    assert all(isinstance(data[key], str) and data[key].strip() == data[key] for key in ("title", "scope", "note"))


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_where_the_law_stands(name: str) -> None:
    """Each source is a citation with a number of an article or a year; one of them at least has an address."""
    sources = data_of(name)["sources"]

    assert all(re.search(r"\d", source.partition("http")[0]) for source in sources)
    assert any(re.search(r", https?://[\w.-]+/\S+$", source) for source in sources)


@pytest.mark.parametrize("name", FILES)
def test_the_dates_of_a_file_are_dates(name: str) -> None:
    """In force from a local date on, and up to one at the most."""
    data = data_of(name)

    assert all(type(data[key]) is date for key in ("from", "until") if key in data)
    assert data["from"] <= data.get("until", date.max)


@pytest.mark.parametrize("name", FILES)
def test_places_are_countries_that_numbers_have(name: str) -> None:
    """ISO 3166, as the metadata of numbers spell it; none twice."""
    places = data_of(name)["places"]

    assert places
    assert set(places) <= phonenumbers.SUPPORTED_REGIONS
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("name", [name for name in FILES if "areaCodes" in data_of(name)])
def test_area_codes_are_of_three_digits_and_sorted(name: str) -> None:
    """North America: three digits, the first of them 2 to 9; none twice."""
    data = data_of(name)

    assert data["countryCode"] == "1"
    assert all(re.fullmatch("[2-9][0-9]{2}", area) for area in data["areaCodes"])
    assert data["areaCodes"] == sorted(set(data["areaCodes"]))


def test_the_area_codes_of_florida_are_those_in_service() -> None:
    """Where the metadata know a zone of an area code, it is one of Florida's two."""
    data = data_of("us-fl")

    assert len(data["areaCodes"]) == 23
    for area in data["areaCodes"]:
        known = TIMEZONE_DATA.get(f"1{area}", ("America/New_York",))
        assert set(known) <= {"America/New_York", "America/Chicago"}, area


@pytest.mark.parametrize("name", [name for name in FILES if "holidays" in data_of(name)])
def test_holidays_are_of_a_calendar_that_there_is(name: str) -> None:
    """National holidays: no subdivision."""
    assert data_of(name)["holidays"] in holidays.list_supported_countries()


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("fr", "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"),
        ("au", "01-01 01-26 04-03 04-06 04-25 12-25 12-26"),
    ],
)
def test_holidays_are_the_ones_that_the_law_lists(name: str, days: str) -> None:
    """In 2026: the eleven of L. 3133-1, none of Alsace, Moselle or overseas; the seven national ones of Australia."""
    known, _ = law_holidays(law_named(name))

    found = sorted(date.fromordinal(day) for day in known if date.fromordinal(day).year == 2026)
    assert " ".join(f"{day:%m-%d}" for day in found) == days


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("ru-230", "01-01 01-02 01-03 01-04 01-05 01-06 01-07 01-08 02-23 03-08 05-01 05-09 06-12 11-04"),
        ("es", "01-01 01-06 04-03 05-01 08-15 10-12 12-08 12-25"),
    ],
)
def test_holidays_have_those_of_the_law_among_them(name: str, days: str) -> None:
    """In 2026: those of art. 112 of the Labour Code, beside the days off that are moved; Spain's national ones."""
    known, _ = law_holidays(law_named(name))

    assert {f"{date.fromordinal(day):%m-%d}" for day in known if date.fromordinal(day).year == 2026} >= set(
        days.split()
    )


@pytest.mark.parametrize("name", FILES)
def test_windows_are_clocks_that_end_on_their_day(name: str) -> None:
    """Hours of laws are told by weekday: none runs past midnight."""
    data = data_of(name)
    windows = [window for each in data["hours"].values() for window in each]

    assert set(data["hours"]) <= {*DAYS, "default", "holiday"}
    assert all(window.keys() == {"localTimeFrom", "localTimeTo"} for window in windows)
    assert all(CLOCK.fullmatch(clock) for window in windows for clock in window.values())
    assert all(window["localTimeFrom"] < window["localTimeTo"] for window in windows)


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_what_the_table_says(name: str) -> None:
    """Cell by cell: hours of each weekday, holidays, the first day in force, caps and cool-downs."""
    data, (week, of_holidays, since, counts) = data_of(name), TABLE[name]
    hours = data["hours"]
    default = spelt(hours.get("default", []))

    assert {day: spelt(hours[day]) if day in hours else default for day in DAYS} == {d: week.get(d, "") for d in DAYS}
    assert data.get("holidays") == (None if of_holidays is None else of_holidays[0])
    assert spelt(hours.get("holiday", [])) == ("" if of_holidays is None else of_holidays[1])
    assert data["from"].isoformat() == since
    assert "until" not in data
    assert counted(data) == counts
    assert data.get("redialsExempt", False) is (name == "us-reg-f")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_it_stands(name: str) -> None:
    """The value has what the file has."""
    law, data, (week, of_holidays, since, counts) = law_named(name), data_of(name), TABLE[name]
    days = [
        ", ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in each)
        for each in law.hours.windows
    ]

    assert dict(zip(DAYS, days, strict=True)) == {day: week.get(day, "") for day in DAYS}
    assert (law.name, law.title, law.scope, law.note) == tuple(data[key] for key in ("name", "title", "scope", "note"))
    assert (list(law.places), list(law.sources)) == (data["places"], data["sources"])
    assert list(law.prefixes) == ["1" + area for area in data.get("areaCodes", [])]
    assert (law.first_date, law.last_date) == (date.fromisoformat(since).toordinal(), None)
    assert law.holidays == (None if of_holidays is None else of_holidays[0])
    assert bool(law.holiday_windows) is (of_holidays is not None and bool(of_holidays[1]))
    assert len(law.caps) + len(law.cool_downs) == len(counts)
    assert law_named(name) is law


def test_caps_and_cool_downs_are_told_in_words() -> None:
    """What `explain` says of them."""
    words = {law.name: [str(rule) for rule in (*law.caps, *law.cool_downs)] for law in map(law_named, LAWS)}

    assert words["ru-230"] == ["at most 1 call a day", "at most 2 calls a week", "at most 8 calls a month"]
    assert words["us-fl"] == ["at most 3 calls in 24 hours"]
    assert words["us-reg-f"] == ["at most 7 calls in 7 days", "no call for 7 days after a conversation"]
    assert words["fr"] == ["at most 4 calls in 30 days", "no call for 60 days after a refusal"]


# --- files that are wrong --------------------------------------------------------------------------------------------


def test_a_law_that_is_none_is_a_key_error() -> None:
    """A name is never used as a path."""
    for name in ("us", "us-tcpa.toml", "../laws/us-tcpa", ""):
        with pytest.raises(KeyError):
            law_named(name)


def test_a_small_law_is_good() -> None:
    """What the wrong ones below differ from."""
    law = law_of(good())

    assert (law.first_date, law.caps, law.cool_downs, law.redials_exempt) == (None, (), (), False)
    assert law_of(good(hours=None)).hours.always


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"place": "US"}, ValueError),
        ({"areacodes": ["305"]}, ValueError),
        ({"hours": {"holidays": []}}, PolicyError),
        ({"hours": {"mon": [{"from": "08:00", "to": "20:00"}]}}, PolicyError),
        ({"hours": {"mon": [{"localTimeFrom": "8h", "localTimeTo": "20:00"}]}}, PolicyError),
        ({"hours": {"mon": []}}, PolicyError),
        ({"hours": {"holiday": [{"localTimeFrom": "08:00", "localTimeTo": "20:00"}]}}, ValueError),
        ({"caps": [{"most": 3}]}, ValueError),
        ({"caps": [{"most": 3, "rollingHours": 24, "calendar": "day"}]}, ValueError),
        ({"caps": [{"most": 3, "calendar": "year"}]}, ValueError),
        ({"caps": [{"most": 3, "rollingWeeks": 1}]}, ValueError),
        ({"caps": [{"rollingHours": 24}]}, KeyError),
        ({"coolDowns": [{"days": 7, "after": "answer"}]}, ValueError),
        ({"coolDowns": [{"days": 7, "after": "refusal", "countDay": True}]}, ValueError),
        ({"coolDowns": [{"after": "refusal"}]}, KeyError),
        ({"areaCodes": ["305"]}, ValueError),
        ({"countryCode": "1"}, ValueError),
        ({"title": None}, KeyError),
        ({"sources": None}, KeyError),
    ],
    ids=str,
)
def test_a_file_that_is_wrong_fails_loudly(changes: dict[str, Any], error: type[Exception]) -> None:
    """Files are ours: a bug raises."""
    with pytest.raises(error):
        law_of(good(**changes))
