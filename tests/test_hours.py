"""allowedDays and allowedTime: what is refused, of which type and at which path, and the weekly hours they make."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from scheduler.policy.errors import PolicyError
from scheduler.policy.hours import (
    ALWAYS,
    DAYS,
    AllowedTime,
    WeeklyHours,
    Windows,
    clock,
    parse_allowed_days,
    parse_allowed_time,
    parse_local_times,
    ruling_level,
    spelt,
    weekly_hours,
)
from scheduler.policy.levels import parse_policy
from scheduler.policy.readings import Readings
from tests.strategies import plain_id

BAD_DAYS, BAD_TIME, BAD_FIELD = "invalid.call.allowed.days", "invalid.call.allowed.time", "invalid.field"
KEEP, CLIP, CLOSED = Readings(), Readings(overnight_tail="clip"), Readings(unlisted_day="closed")
TEN = [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]


def windows(text: str) -> list[dict[str, str]]:
    """The wire form of `10:00-12:00 22:00-06:00`."""
    return [dict(zip(("localTimeFrom", "localTimeTo"), each.split("-"), strict=True)) for each in text.split()]


def times(**lists: str) -> AllowedTime:
    """The allowedTime of one level: `times(mon="10:00-12:00", default="22:00-06:00")`."""
    return parse_allowed_time({day: windows(text) for day, text in lists.items()})


def week(hours: WeeklyHours) -> dict[str, Windows]:
    """The days that have windows, in minutes."""
    return {day: of_day for day, of_day in zip(DAYS, hours.windows, strict=True) if of_day}


def days_flaws(value: object) -> list[tuple[str, str]]:
    """Type and path of each flaw of an allowedDays."""
    with pytest.raises(PolicyError) as caught:
        parse_allowed_days(value, ".allowedDays")
    return [(flaw.type, flaw.path) for flaw in caught.value.flaws]


def time_error(value: object) -> PolicyError:
    """The error of an allowedTime."""
    with pytest.raises(PolicyError) as caught:
        parse_allowed_time(value, ".allowedTime")
    return caught.value


def time_flaws(value: object) -> list[tuple[str, str]]:
    """Type and path of each flaw of an allowedTime."""
    return [(flaw.type, flaw.path) for flaw in time_error(value).flaws]


def local_flaws(local_from: object, local_to: object) -> list[tuple[str, str]]:
    """Type and path of each flaw of the deprecated pair."""
    with pytest.raises(PolicyError) as caught:
        parse_local_times(local_from, local_to, "$")
    return [(flaw.type, flaw.path) for flaw in caught.value.flaws]


# --- allowedDays -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(7))
def test_each_weekday_is_accepted(place: int) -> None:
    """R3.1."""
    assert parse_allowed_days([("mon", "tue", "wed", "thu", "fri", "sat", "sun")[place]]) == {place}


def test_a_repeated_day_and_any_order_of_days_are_accepted() -> None:
    """R3.7: a repeated day is no problem."""
    assert parse_allowed_days(["fri", "mon", "fri", "mon"]) == {0, 4}


@pytest.mark.parametrize("value", [[], (), {}, {"mon": True}, "mon", "", 1, 0, True, 1.5], ids=repr)
def test_allowed_days_that_are_no_list_or_empty_are_refused(value: object) -> None:
    """R3.1, R3.7, R15.6."""
    assert days_flaws(value) == [(BAD_DAYS, ".allowedDays")]


@pytest.mark.parametrize(
    "day",
    ["Mon", "MON", "monday", "mo", "default", "", " mon", "mon\n", "пн", None, 1, True, 0.5, ["mon"], {}],
    ids=plain_id,
)
def test_what_is_no_weekday_is_refused_at_its_place(day: object) -> None:
    """R3.1: lower case, three letters."""
    assert days_flaws(["mon", day]) == [(BAD_DAYS, ".allowedDays[1]")]


def test_all_flaws_of_allowed_days_are_reported_at_once() -> None:
    """R15.1."""
    assert days_flaws(["Mon", "tue", None, 7]) == [(BAD_DAYS, f".allowedDays[{place}]") for place in (0, 2, 3)]


# --- allowedTime: the object and its lists ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{}, [], TEN, "10:00-18:00", "", 1, True], ids=repr)
def test_allowed_time_that_is_no_object_or_empty_is_refused(value: object) -> None:
    """R3.4, R15.6."""
    assert time_flaws(value) == [(BAD_TIME, ".allowedTime")]


@pytest.mark.parametrize("key", ["Mon", "monday", "Default", "weekend"])
def test_a_key_that_is_no_weekday_is_refused_at_its_path(key: str) -> None:
    """R3.1: keys are the weekdays and default."""
    assert time_flaws({"mon": TEN, key: TEN}) == [(BAD_TIME, f".allowedTime.{key}")]


@pytest.mark.parametrize("key", ["mon,tue", "", " mon", "mon.tue"])
def test_a_key_that_is_no_word_stands_in_brackets_in_its_path(key: str) -> None:
    """R3.1, R15.1: so that the path says which key it is."""
    assert time_flaws({"mon": TEN, key: TEN}) == [(BAD_TIME, f'.allowedTime["{key}"]')]


@pytest.mark.parametrize("day", [*DAYS, "default"])
@pytest.mark.parametrize("value", [None, [], {}, TEN[0], "10:00-18:00", 10, False], ids=repr)
def test_windows_of_a_day_that_are_no_list_or_empty_are_refused(day: str, value: object) -> None:
    """R3.4: an empty list or object, or null inside one, is a problem."""
    assert time_flaws({day: value}) == [(BAD_TIME, f".allowedTime.{day}")]


@pytest.mark.parametrize("value", [None, [], "10:00-18:00", 10, True, ["10:00", "18:00"]], ids=repr)
def test_a_window_that_is_no_object_is_refused_at_its_place(value: object) -> None:
    """R3.4, R15.6."""
    assert time_flaws({"mon": [*TEN, value]}) == [(BAD_TIME, ".allowedTime.mon[1]")]


@pytest.mark.parametrize(
    ("window", "missing"),
    [
        ({"localTimeFrom": "10:00"}, ["localTimeTo"]),
        ({"localTimeTo": "18:00"}, ["localTimeFrom"]),
        ({"localTimeFrom": "10:00", "localTimeTo": None}, ["localTimeTo"]),
        ({"localTimeFrom": None, "localTimeTo": "18:00"}, ["localTimeFrom"]),
        ({}, ["localTimeFrom", "localTimeTo"]),
    ],
    ids=repr,
)
def test_a_window_without_a_bound_is_refused_at_the_bound(window: dict[str, object], missing: list[str]) -> None:
    """R3.2: the page's own example of an error."""
    assert time_flaws({"mon": [window]}) == [(BAD_TIME, f".allowedTime.mon[0].{name}") for name in missing]


def test_an_unknown_key_inside_a_window_is_refused_as_a_field() -> None:
    """R15.6: `invalid.field`."""
    window = {**TEN[0], "localtimefrom": "10:00"}

    assert time_flaws({"mon": [window]}) == [(BAD_FIELD, ".allowedTime.mon[0].localtimefrom")]


MALFORMED = [
    "24:00",
    "23:60",
    "99:99",
    "7am",
    "9",
    "09",
    "0900",
    "9:5",
    "09:005",
    "009:00",
    "-1:00",
    "+9:00",
    "10:00:00",
]
MALFORMED += [
    "",
    ":",
    "10:",
    ":30",
    " 10:00",
    "10:00 ",
    "10:00\n",
    "10.00",
    "10:00Z",
    "1０:00",
    "१०:००",
    "10：00",
    "28:00",
]


@pytest.mark.parametrize("value", [*MALFORMED, 10, 10.0, True, ["10:00"], {"hour": 10}], ids=plain_id)
@pytest.mark.parametrize("name", ["localTimeFrom", "localTimeTo"])
def test_a_malformed_bound_is_refused_at_the_bound(name: str, value: object) -> None:
    """R3.2: `HH:mm` from 00:00 to 23:59, in ASCII digits."""
    assert time_flaws({"sun": [{**TEN[0], name: value}]}) == [(BAD_TIME, f".allowedTime.sun[0].{name}")]


@given(st.integers(0, 23), st.integers(0, 59), st.booleans())
def test_each_minute_of_the_day_is_accepted_with_and_without_a_leading_zero(hour: int, minute: int, zero: bool) -> None:
    """R3.2: a single-digit hour is accepted."""
    text = f"{hour:02d}:{minute:02d}" if zero else f"{hour}:{minute:02d}"
    other = "12:00" if text != "12:00" else "13:00"
    ((start, _),) = times(mon=f"{text}-{other}").days[0] or ()

    assert start == hour * 60 + minute


def test_all_flaws_of_allowed_time_are_reported_at_once() -> None:
    """R15.1."""
    value = {
        "mon": None,
        "Tue": TEN,
        "wed": [{"localTimeFrom": "7am"}, *TEN, *TEN],
        "default": [{"localTimeFrom": "10:00", "localTimeTo": "10:00", "note": ""}],
    }

    assert sorted(time_flaws(value)) == sorted(
        [
            (BAD_TIME, ".allowedTime.mon"),
            (BAD_TIME, ".allowedTime.Tue"),
            (BAD_TIME, ".allowedTime.wed[0].localTimeFrom"),
            (BAD_TIME, ".allowedTime.wed[0].localTimeTo"),
            (BAD_TIME, ".allowedTime.wed[2]"),
            (BAD_TIME, ".allowedTime.default[0]"),
            (BAD_FIELD, ".allowedTime.default[0].note"),
        ]
    )


# --- allowedTime: the windows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:00-18:00", (600, 1080)),
        ("00:00-23:59", (0, 1439)),
        ("20:00-03:00", (1200, 1620)),
        ("22:00-00:00", (1320, 1440)),
        ("00:01-00:00", (1, 1440)),
        ("12:00-11:59", (720, 2159)),
    ],
)
def test_a_window_whose_end_is_not_after_its_start_ends_on_the_next_day(text: str, expected: tuple[int, int]) -> None:
    """R3.3: in minutes of the day on which it starts; the page's 20:00-03:00."""
    assert times(default=text).default == (expected,)


@pytest.mark.parametrize("bound", ["00:00", "10:00", "23:59"])
def test_a_window_from_a_time_to_itself_is_refused_with_the_way_to_write_a_whole_day(bound: str) -> None:
    """R3.3, koala73/worldmonitor#3066, kedacore/keda#2031: never silently 24 hours."""
    error = time_error({"mon": windows(f"{bound}-{bound}")})

    assert [(flaw.type, flaw.path) for flaw in error.flaws] == [(BAD_TIME, ".allowedTime.mon[0]")]
    assert '"00:00"-"12:00" and "12:00"-"00:00"' in error.flaws[0].message


@pytest.mark.parametrize(
    ("text", "place", "named"),
    [
        ("10:00-13:30 13:00-14:30", 1, "10:00-13:30 13:00-14:30"),
        ("13:00-14:30 10:00-13:30", 0, "10:00-13:30 13:00-14:30"),
        ("10:00-18:00 12:00-13:00", 1, "10:00-18:00 12:00-13:00"),
        ("10:00-18:00 10:00-18:00", 1, "10:00-18:00 10:00-18:00"),
        ("10:00-18:00 17:59-19:00", 1, "10:00-18:00 17:59-19:00"),
        ("20:00-03:00 23:00-23:30", 1, "20:00-03:00 23:00-23:30"),
        ("20:00-23:00 22:00-03:00", 1, "20:00-23:00 22:00-03:00"),
        ("20:00-03:00 22:00-00:00", 1, "20:00-03:00 22:00-24:00"),
    ],
)
def test_overlapping_windows_of_one_list_are_refused_and_both_are_named(text: str, place: int, named: str) -> None:
    """R3.4: the page's own example first."""
    (flaw,) = time_error({"mon": windows(text)}).flaws

    assert (flaw.type, flaw.path) == (BAD_TIME, f".allowedTime.mon[{place}]")
    assert all(window in flaw.message for window in named.split())


@pytest.mark.parametrize("text", ["22:00-06:00 23:00-07:00", "20:00-00:30 10:00-01:00", "12:00-00:01 18:00-11:00"])
def test_two_overnight_windows_of_one_list_always_overlap(text: str) -> None:
    """R3.4."""
    (flaw,) = time_error({"default": windows(text)}).flaws

    assert flaw.type == BAD_TIME
    assert all(window in flaw.message for window in text.split())


def test_a_long_window_overlaps_each_of_two_short_ones() -> None:
    """R3.4, R15.1: the second short one does not touch the first."""
    flaws = time_error({"mon": windows("08:00-20:00 09:00-10:00 12:00-13:00")}).flaws

    assert [flaw.path for flaw in flaws] == [".allowedTime.mon[1]", ".allowedTime.mon[2]"]
    assert all("08:00-20:00" in flaw.message for flaw in flaws)


@pytest.mark.parametrize(
    "text",
    [
        "10:00-13:00 13:00-14:30",
        "13:00-14:30 10:00-13:00",
        "00:00-12:00 12:00-00:00",
        "22:00-06:00 06:00-08:00",
        "22:00-06:00 05:00-07:00",
        "22:00-06:00 00:00-22:00",
        "18:00-22:00 22:00-17:00",
    ],
)
def test_windows_of_one_list_may_touch_in_any_order_and_reach_over_their_own_tail(text: str) -> None:
    """R3.4, R3.5: an overnight window ends after 24:00 of its own day, so its tail meets nothing in its list."""
    assert len(times(mon=text).days[0] or ()) == 2


@given(st.lists(st.sampled_from(range(0, 1440, 120)), min_size=4, max_size=4))
def test_two_windows_overlap_if_a_minute_of_their_own_day_lies_in_both(minutes: list[int]) -> None:
    """R3.4: the pair is refused exactly if the two sets of minutes meet, those past 24:00 included."""
    (a, b), (c, d) = minutes[:2], minutes[2:]
    one, other = ((start, end + 1440 * (end <= start)) for start, end in ((a, b), (c, d)))
    meet = not set(range(*one)).isdisjoint(range(*other))
    value = {"mon": windows(f"{clock(a)}-{clock(b)} {clock(c)}-{clock(d)}")}
    if a == b or c == d or meet:
        assert {flaw.type for flaw in time_error(value).flaws} == {BAD_TIME}
    else:
        assert parse_allowed_time(value).days[0] == tuple(sorted((one, other)))


def test_windows_of_different_days_may_overlap() -> None:
    """R3.5: a Monday night into a Tuesday morning, silently."""
    hours = weekly_hours([times(mon="22:00-10:00", tue="08:00-12:00")], None, KEEP)

    assert week(hours) == {"mon": ((1320, 2040),), "tue": ((480, 720),)}


def test_a_default_may_overlap_itself_from_one_day_to_the_next() -> None:
    """R3.5."""
    hours = weekly_hours([times(default="20:00-10:00 09:00-12:00")], None, KEEP)

    assert set(week(hours).values()) == {((540, 720), (1200, 2040))}


# --- localTimeFrom, localTimeTo --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local_from", "local_to", "expected"),
    [
        ("10:00", "18:00", (600, 1080)),
        ("17:00", None, (1020, 1440)),
        (None, "9:30", (0, 570)),
        ("00:00", None, (0, 1440)),
        ("22:00", "06:00", (1320, 1800)),
        ("22:00", "00:00", (1320, 1440)),
    ],
)
def test_the_deprecated_pair_is_a_default_of_one_window(
    local_from: str | None, local_to: str | None, expected: tuple[int, int]
) -> None:
    """R3.9: a missing bound is 00:00 or 24:00 of the day."""
    level = parse_local_times(local_from, local_to)

    assert (level.days, level.default) == ((None,) * 7, (expected,))


@pytest.mark.parametrize(("local_from", "local_to"), [("10:00", "10:00"), ("00:00", "00:00"), (None, "00:00")])
def test_a_deprecated_pair_of_no_length_is_refused(local_from: str | None, local_to: str) -> None:
    """R3.3, R3.9."""
    assert local_flaws(local_from, local_to) == [(BAD_TIME, "$.localTimeTo")]


def test_all_flaws_of_the_deprecated_pair_are_reported_at_once() -> None:
    """R3.9, R15.1."""
    assert local_flaws("7am", "24:00") == [(BAD_TIME, "$.localTimeFrom"), (BAD_TIME, "$.localTimeTo")]
    assert local_flaws(None, 18) == [(BAD_TIME, "$.localTimeTo")]


# --- the hours of the week -------------------------------------------------------------------------------------------


def test_without_any_allowed_time_every_day_is_open_all_day() -> None:
    """R3.6."""
    assert weekly_hours([], None, KEEP) == weekly_hours([], None, CLOSED) == ALWAYS


def test_a_day_beats_the_default_of_its_level() -> None:
    """R3.6."""
    hours = weekly_hours([times(mon="10:00-11:00", default="12:00-13:00")], None, KEEP)

    assert week(hours) == {"mon": ((600, 660),), **dict.fromkeys(DAYS[1:], ((720, 780),))}


def test_the_default_of_a_stronger_level_beats_the_day_of_a_weaker_one() -> None:
    """R3.6."""
    hours = weekly_hours([times(default="12:00-13:00"), times(mon="10:00-11:00")], None, KEEP)

    assert week(hours) == dict.fromkeys(DAYS, ((720, 780),))


def test_an_unlisted_day_is_asked_of_the_weaker_level() -> None:
    """R3.6, unlistedDay inherit: level by level, and closed where none speaks."""
    levels = [times(mon="10:00-11:00"), times(mon="01:00-02:00", tue="12:00-13:00"), times(wed="14:00-15:00")]

    assert week(weekly_hours(levels, None, KEEP)) == {"mon": ((600, 660),), "tue": ((720, 780),), "wed": ((840, 900),)}
    assert [ruling_level(weekday, levels, KEEP) for weekday in range(4)] == [0, 1, 2, None]


def test_an_unlisted_day_is_closed_under_the_other_reading() -> None:
    """R3.6, unlistedDay closed: the strongest level that has allowedTime has the only word."""
    levels = [times(mon="10:00-11:00"), times(default="12:00-13:00")]

    assert week(weekly_hours(levels, None, CLOSED)) == {"mon": ((600, 660),)}
    assert [ruling_level(weekday, levels, CLOSED) for weekday in range(2)] == [0, 0]


def test_a_level_without_allowed_time_is_passed_over_under_both_readings() -> None:
    """R3.6."""
    levels = [None, times(mon="10:00-11:00")]

    assert ruling_level(0, levels, KEEP) == ruling_level(0, levels, CLOSED) == 1
    assert ruling_level(1, levels, KEEP) is None


def test_a_window_is_kept_if_the_day_on_which_it_starts_is_allowed() -> None:
    """R3.7: its tail runs into a day that is not."""
    hours = weekly_hours([times(default="22:00-06:00")], frozenset({4}), KEEP)

    assert week(hours) == {"fri": ((1320, 1800),)}


def test_a_tail_into_a_day_that_is_not_allowed_is_clipped_under_the_other_reading() -> None:
    """R3.7, overnightTail clip: Friday's ends at midnight, Thursday's reaches an allowed Friday."""
    hours = weekly_hours([times(default="22:00-06:00")], frozenset({3, 4}), CLIP)

    assert week(hours) == {"thu": ((1320, 1800),), "fri": ((1320, 1440),)}


def test_the_day_after_sunday_is_monday() -> None:
    """R3.7, overnightTail clip: at the seam of the week."""
    both = weekly_hours([times(default="22:00-06:00")], frozenset({0, 6}), CLIP)

    assert week(both) == {"mon": ((1320, 1440),), "sun": ((1320, 1800),)}


def test_without_allowed_days_no_tail_is_clipped() -> None:
    """R3.7: all days are allowed then."""
    levels = [times(mon="22:00-06:00")]

    assert weekly_hours(levels, None, CLIP) == weekly_hours(levels, None, KEEP)


def test_allowed_days_alone_are_open_all_day() -> None:
    """R3.6, R3.7."""
    assert week(weekly_hours([], frozenset({1, 5}), KEEP)) == {"tue": ((0, 1440),), "sat": ((0, 1440),)}


def test_allowed_time_of_a_day_that_is_not_allowed_is_ignored() -> None:
    """R3.8."""
    hours = weekly_hours([times(mon="10:00-11:00", tue="12:00-13:00")], frozenset({1}), KEEP)

    assert week(hours) == {"tue": ((720, 780),)}


def test_allowed_time_of_a_day_that_is_not_allowed_is_validated_all_the_same() -> None:
    """R3.8."""
    fields = {"allowedDays": ["mon"], "allowedTime": {"mon": TEN, "tue": windows("10:00-12:00 11:00-13:00")}}
    with pytest.raises(PolicyError) as caught:
        parse_policy(fields, KEEP)

    assert [(flaw.type, flaw.path) for flaw in caught.value.flaws] == [(BAD_TIME, ".allowedTime.tue[1]")]


# --- one value for one meaning ---------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 1439), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_windows_that_touch_are_the_same_hours_as_one_window(cuts: set[int], order: random.Random) -> None:
    """R3.4, R4.4: however often a day is cut, and in whatever order it is written."""
    edges = [0, *sorted(cuts), 1440]
    pieces = [f"{clock(a)}-{clock(b % 1440)}" for a, b in pairwise(edges)]
    order.shuffle(pieces)

    assert weekly_hours([times(default=" ".join(pieces))], None, KEEP) == ALWAYS


def test_hours_that_are_written_differently_compare_equal() -> None:
    """R3.2-R3.4: touching windows, their order, a single-digit hour, days instead of default."""
    one = weekly_hours([times(default="09:00-18:00 22:00-06:00")], None, KEEP)
    other = weekly_hours([times(**dict.fromkeys(DAYS, "22:00-6:00 12:00-18:00 9:00-12:00"))], None, KEEP)

    assert (one, hash(one)) == (other, hash(other))


def test_windows_with_a_minute_between_them_are_not_joined() -> None:
    """R3.4."""
    assert week(weekly_hours([times(mon="09:00-12:00 12:01-18:00")], None, KEEP)) == {"mon": ((540, 720), (721, 1080))}


def test_only_a_whole_week_is_always() -> None:
    """R3.3: 00:00-23:59 lacks a minute a day."""
    assert weekly_hours([times(default="00:00-12:00 12:00-00:00")], None, KEEP).always
    assert not weekly_hours([times(default="00:00-23:59")], None, KEEP).always
    assert not weekly_hours([], frozenset(range(6)), KEEP).always


def test_hours_are_spelt_day_by_day() -> None:
    """R15.1: what a person reads."""
    hours = weekly_hours([times(mon="09:00-12:00 22:00-06:00", sun="18:00-00:00")], None, KEEP)

    assert str(hours) == "mon 09:00-12:00, 22:00-06:00; sun 18:00-24:00"
    assert str(WeeklyHours(((),) * 7)) == "never"


@given(st.integers(0, 1439), st.integers(1, 1439))
def test_a_spelt_window_reads_back_as_itself(start: int, length: int) -> None:
    """R3.3: 24:00 is written 00:00 on the wire."""
    window = (start, start + length)
    text = spelt(window).replace("24:00", "00:00")

    assert times(default=text).default == (window,)
