"""The policy of one level, and what campaign, number and redial together decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler.policy.calendar import compile_calendar
from scheduler.policy.errors import Flaw, PolicyError
from scheduler.policy.hours import DAYS
from scheduler.policy.levels import (
    NO_DATES,
    NO_POLICY,
    POLICY_FIELDS,
    Dates,
    Level,
    Policy,
    ResolvedPolicy,
    parse_dates,
    parse_policy,
    resolve,
    resolve_dates,
    whole,
)
from scheduler.policy.readings import Readings
from scheduler.policy.zones import parse_zone
from tests import strategies
from tests.oracles import is_allowed

PLAIN, STRICT = Readings(), Readings(strict=True)
FROM_CAMPAIGN = Readings(redial_inherits="campaign")
BAD_ATTEMPTS, BAD_RETRY, BAD_PRIORITY = "invalid.max.attempts", "invalid.retry.interval", "invalid.dialer_priority"
BAD_DATES, BAD_TIME, BAD_DAYS = "invalid.call.dates", "invalid.call.allowed.time", "invalid.call.allowed.days"
TICK_MS, WEEK_MS = 900_000, 7 * 86_400_000
MONDAY_MS = 1_772_409_600_000  # 2026-03-02, midnight UTC
TEN = [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]
NOON = [{"localTimeFrom": "12:00", "localTimeTo": "13:00"}]


def policy(readings: Readings = PLAIN, /, **fields: object) -> Policy:
    """The policy of one level in the wire form."""
    return parse_policy(fields, readings)[0]


def marks(flaws: list[Flaw]) -> list[tuple[str, str]]:
    """Type and path of each flaw."""
    return [(flaw.type, flaw.path) for flaw in flaws]


def warnings(readings: Readings = PLAIN, /, **fields: object) -> list[tuple[str, str]]:
    """Type and path of each warning about one level."""
    return marks(parse_policy(fields, readings)[1])


def refusals(readings: Readings = PLAIN, /, **fields: object) -> list[tuple[str, str]]:
    """Type and path of each flaw of one level, in order."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(fields, readings, "$[3]")
    return sorted(marks(list(caught.value.flaws)))


def date_refusals(start: object, finish: object, readings: Readings = PLAIN) -> list[tuple[str, str]]:
    """Type and path of each flaw of a level's dates."""
    with pytest.raises(PolicyError) as caught:
        parse_dates(start, finish, readings)
    return marks(list(caught.value.flaws))


def resolved(levels: list[dict[str, Any]], readings: Readings = PLAIN) -> ResolvedPolicy:
    """What one to three levels in the wire form decide, from weak to strong."""
    policies = [parse_policy(fields, readings)[0] for fields in levels]
    campaign, number, *redial = [*policies, NO_POLICY][: max(2, len(policies))]
    return resolve(campaign, number, *redial, readings=readings)


def open_ticks(policy: ResolvedPolicy) -> list[int]:
    """The quarters of an hour of one week that the hours allow."""
    calendar = compile_calendar(policy.hours, parse_zone("Z"), MONDAY_MS, MONDAY_MS + WEEK_MS)
    return [tick for tick in range(MONDAY_MS, MONDAY_MS + WEEK_MS, TICK_MS) if calendar.allows(tick)]


def readings() -> st.SearchStrategy[Readings]:
    """The readings of weekly hours and of levels."""
    return st.builds(
        Readings,
        unlisted_day=st.sampled_from(["inherit", "closed"]),
        overnight_tail=st.sampled_from(["keep", "clip"]),
        redial_inherits=st.sampled_from(["number", "campaign"]),
    )


def level_lists() -> st.SearchStrategy[list[dict[str, Any]]]:
    """One to three levels, from weak to strong."""
    return st.lists(strategies.levels(), min_size=1, max_size=3)


def ruling(levels: list[dict[str, Any]], readings: Readings) -> list[dict[str, Any]]:
    """The levels that a schedule is taken from: a redial may skip the number (R6.2)."""
    skips = readings.redial_inherits == "campaign" and len(levels) == 3
    return [levels[0], levels[2]] if skips else levels


# --- hours over the levels -------------------------------------------------------------------------------------------


@given(level_lists(), readings())
def test_the_hours_of_levels_agree_with_the_wall_clock(levels: list[dict[str, Any]], readings: Readings) -> None:
    """R3.6, R3.7, R3.9, R6.1, R6.2: each quarter of an hour of a week."""
    words = {"unlistedDay": readings.unlisted_day, "overnightTail": readings.overnight_tail}
    ticks = range(MONDAY_MS, MONDAY_MS + WEEK_MS, TICK_MS)
    expected = [tick for tick in ticks if is_allowed(ruling(levels, readings), "Z", tick, readings=words)]

    assert open_ticks(resolved(levels, readings)) == expected


@given(level_lists(), readings())
def test_the_level_that_decides_a_weekday_decides_it_alone(levels: list[dict[str, Any]], readings: Readings) -> None:
    """R6.3: without the allowedTime of the others, the day has the same windows; without any, nobody decides."""
    names = list(Level)[1:]
    result = resolved(levels, readings)
    for weekday, day in enumerate(DAYS):
        decider = result.levels[f"allowedTime.{day}"]
        times = ("allowedTime", "localTimeFrom", "localTimeTo")
        alone = [
            fields if name is decider else {key: value for key, value in fields.items() if key not in times}
            for name, fields in zip(names, levels, strict=False)
        ]

        assert resolved(alone, readings).hours.windows[weekday] == result.hours.windows[weekday]


@given(level_lists(), readings())
def test_each_other_field_is_the_strongest_level_s_and_remembers_it(
    levels: list[dict[str, Any]], readings: Readings
) -> None:
    """R6.1, R6.2, R6.3, R7.1, R7.2, R9.1: attempts of 0 are not set, a priority of 7 is a 5."""
    result = resolved(levels, readings)
    found = {
        "maxAttempts": result.max_attempts,
        "retryIntervalInMinutes": result.retry_ms // 60_000,
        "dialerPriority": result.priority,
    }
    for field, default in [("maxAttempts", 1), ("retryIntervalInMinutes", 60), ("dialerPriority", 5)]:
        sources = levels if field == "dialerPriority" else ruling(levels, readings)
        setters = [fields for fields in sources if fields.get(field)]
        value = setters[-1][field] if setters else default
        expected = Level.DEFAULT
        if setters:
            expected = list(Level)[1:][max(place for place, fields in enumerate(levels) if fields is setters[-1])]

        assert (found[field], result.levels[field]) == (5 if value == 7 else value, expected)


def test_a_field_is_taken_from_the_strongest_level_that_sets_it() -> None:
    """R6.1."""
    campaign = {"maxAttempts": 3, "retryIntervalInMinutes": 30, "allowedDays": ["mon"], "dialerPriority": 4}
    result = resolved([campaign, {"maxAttempts": 2, "allowedDays": ["tue"]}, {"retryIntervalInMinutes": 90}])

    assert (result.max_attempts, result.retry_ms, result.priority) == (2, 5_400_000, 4)
    assert [bool(windows) for windows in result.hours.windows] == [False, True, *[False] * 5]
    assert {field: result.levels[field].value for field in campaign} == {
        "maxAttempts": "number",
        "retryIntervalInMinutes": "redial",
        "allowedDays": "number",
        "dialerPriority": "campaign",
    }


def test_nothing_set_is_always_open_one_attempt_an_hour_apart_last_in_priority() -> None:
    """R3.6, R7.1, R9.1, R9.2: the defaults, which no level decided."""
    result = resolved([{}])

    assert result.hours.always
    assert (result.max_attempts, result.retry_ms, result.priority) == (1, 3_600_000, 5)
    assert set(result.levels.values()) == {Level.DEFAULT}


def test_null_is_not_set() -> None:
    """R6.1: null in every field is a level that says nothing, without a warning."""
    assert parse_policy(dict.fromkeys(POLICY_FIELDS), STRICT) == (NO_POLICY, [])


def test_each_weekday_remembers_the_level_whose_list_rules_it() -> None:
    """R3.6, R6.3: inherit, day by day; a day that nobody lists is closed by the strongest level with allowedTime."""
    levels: list[dict[str, Any]] = [{"allowedTime": {"mon": TEN, "tue": TEN}}, {"allowedTime": {"mon": NOON}}, {}]
    result = resolved(levels)

    assert [result.levels[f"allowedTime.{day}"].value for day in DAYS] == ["number", "campaign", *["number"] * 5]
    assert result.hours.windows[:3] == (((720, 780),), ((600, 1080),), ())


def test_an_unlisted_day_remembers_the_strongest_level_under_the_other_reading() -> None:
    """R3.6, R6.3: unlistedDay closed."""
    levels: list[dict[str, Any]] = [{"allowedTime": {"default": TEN}}, {"allowedTime": {"mon": NOON}}]
    result = resolved(levels, Readings(unlisted_day="closed"))

    assert {result.levels[f"allowedTime.{day}"] for day in DAYS} == {Level.NUMBER}
    assert result.hours.windows == (((720, 780),), *[()] * 6)


# --- redials ---------------------------------------------------------------------------------------------------------

LEVELS: list[dict[str, Any]] = [
    {"maxAttempts": 3, "retryIntervalInMinutes": 30, "allowedDays": ["mon"], "dialerPriority": 4},
    {"maxAttempts": 7, "retryIntervalInMinutes": 10, "allowedDays": ["tue"], "dialerPriority": 2},
]


def test_a_redial_inherits_from_the_number() -> None:
    """R6.2, redialInherits number: an inherited maxAttempts is the number's."""
    result = resolved([*LEVELS, {"allowedTime": {"default": TEN}}])

    assert (result.max_attempts, result.retry_ms, result.priority) == (7, 600_000, 2)
    assert result.hours.windows == ((), ((600, 1080),), (), (), (), (), ())


def test_a_redial_that_inherits_from_the_campaign_skips_the_number_but_for_its_priority() -> None:
    """R6.2, redialInherits campaign: days, hours, interval and attempts of the number are skipped."""
    number = {**LEVELS[1], "allowedTime": {"default": NOON}}
    result = resolved([LEVELS[0], number, {}], FROM_CAMPAIGN)

    assert (result.max_attempts, result.retry_ms, result.priority) == (3, 1_800_000, 2)
    assert result.hours.windows == (((0, 1440),), (), (), (), (), (), ())
    assert result.levels["dialerPriority"] is Level.NUMBER
    assert result.levels["maxAttempts"] is result.levels["allowedDays"] is Level.CAMPAIGN


def test_a_first_job_takes_the_number_s_policy_under_both_readings() -> None:
    """R6.2: redialInherits is about redials."""
    assert resolved(LEVELS, FROM_CAMPAIGN) == resolved(LEVELS)


@pytest.mark.parametrize("readings", [PLAIN, FROM_CAMPAIGN], ids=["number", "campaign"])
def test_a_redial_with_a_priority_overrides_the_number_s_and_without_one_keeps_it(readings: Readings) -> None:
    """R7.2."""
    assert resolved([*LEVELS, {"dialerPriority": 1}], readings).priority == 1
    assert resolved([*LEVELS, {}], readings).priority == 2


@pytest.mark.parametrize(
    ("number", "is_custom"),
    [
        ({"allowedDays": ["mon"]}, True),
        ({"allowedTime": {"default": TEN}}, True),
        ({"localTimeFrom": "17:00"}, True),
        ({"maxAttempts": 2, "retryIntervalInMinutes": 5, "dialerPriority": 1}, False),
        ({}, False),
    ],
    ids=repr,
)
def test_hours_of_its_own_make_a_number_custom(number: dict[str, Any], is_custom: bool) -> None:
    """R8.3: the campaign's hours, priority, attempts and interval do not; a redial is custom always."""
    campaign = {"allowedDays": ["tue"], "allowedTime": {"default": NOON}}

    assert resolved([campaign, number]).custom_hours == is_custom
    assert resolved([campaign, number, {}]).custom_hours


# --- priority, attempts, interval ------------------------------------------------------------------------------------

NO_INTEGER: list[object] = [2.5, "2", "", True, False, [], [2], {}, float("inf"), float("nan")]


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5, 1.0, 5.0])
def test_a_priority_from_1_to_5_is_taken(value: float) -> None:
    """R7.1, R15.6: an integer may be written 2 or 2.0."""
    assert policy(dialerPriority=value).priority == value
    assert warnings(STRICT, dialerPriority=value) == []


@pytest.mark.parametrize("value", [7, 6, 0, -1, 10**400, 1e300, *NO_INTEGER], ids=lambda value: repr(value)[:9])
def test_a_bad_priority_is_a_5_of_its_own_level_with_a_warning(value: object) -> None:
    """R7.1, badPriority default: it beats the 2 of a weaker level."""
    assert warnings(dialerPriority=value) == [(BAD_PRIORITY, ".dialerPriority")]

    result = resolved([{"dialerPriority": 2}, {"dialerPriority": value}])

    assert (result.priority, result.levels["dialerPriority"]) == (5, Level.NUMBER)


@pytest.mark.parametrize("readings", [Readings(bad_priority="refuse"), STRICT], ids=["refuse", "strict"])
@pytest.mark.parametrize("value", [7, 0, *NO_INTEGER], ids=repr)
def test_a_bad_priority_is_refused_under_the_other_reading_and_strict(value: object, readings: Readings) -> None:
    """R7.1, R15.3."""
    assert refusals(readings, dialerPriority=value) == [(BAD_PRIORITY, "$[3].dialerPriority")]


@pytest.mark.parametrize("value", [1, 2, 50, 2.0, 50.0])
def test_attempts_from_1_to_50_are_taken(value: float) -> None:
    """R9.1, R15.6."""
    assert policy(maxAttempts=value).max_attempts == value
    assert warnings(STRICT, maxAttempts=value) == []


@pytest.mark.parametrize("value", [51, -1, 10**400, 1e300, *NO_INTEGER], ids=lambda value: repr(value)[:9])
def test_other_attempts_are_refused(value: object) -> None:
    """R9.1."""
    assert refusals(maxAttempts=value) == [(BAD_ATTEMPTS, "$[3].maxAttempts")]


@pytest.mark.parametrize("value", [0, 0.0])
def test_zero_attempts_are_not_set_with_a_warning(value: float) -> None:
    """R9.1, zeroAttempts inherit: as in the page's own example."""
    result = resolved([{"maxAttempts": 3}, {"maxAttempts": value}])

    assert warnings(maxAttempts=value) == [(BAD_ATTEMPTS, ".maxAttempts")]
    assert (result.max_attempts, result.levels["maxAttempts"]) == (3, Level.CAMPAIGN)
    assert resolved([{"maxAttempts": value}]).max_attempts == 1


@pytest.mark.parametrize("readings", [Readings(zero_attempts="refuse"), STRICT], ids=["refuse", "strict"])
def test_zero_attempts_are_refused_under_the_other_reading_and_strict(readings: Readings) -> None:
    """R9.1, R15.3."""
    assert refusals(readings, maxAttempts=0) == [(BAD_ATTEMPTS, "$[3].maxAttempts")]


def test_each_reading_refuses_its_own_field_alone() -> None:
    """R15: a reading has one meaning."""
    assert warnings(Readings(bad_priority="refuse"), maxAttempts=0) == [(BAD_ATTEMPTS, ".maxAttempts")]
    assert warnings(Readings(zero_attempts="refuse"), dialerPriority=7) == [(BAD_PRIORITY, ".dialerPriority")]


@pytest.mark.parametrize("value", [1, 60, 2880, 2.0, 2880.0])
def test_an_interval_from_1_minute_to_2_days_is_taken(value: float) -> None:
    """R9.2, R15.6: whole minutes."""
    assert resolved([{"retryIntervalInMinutes": value}]).retry_ms == value * 60_000


@pytest.mark.parametrize("value", [0, 2881, -1, 10**400, 1e300, *NO_INTEGER], ids=lambda value: repr(value)[:9])
def test_other_intervals_are_refused(value: object) -> None:
    """R9.2."""
    assert refusals(retryIntervalInMinutes=value) == [(BAD_RETRY, "$[3].retryIntervalInMinutes")]


@given(st.integers(-(10**20), 10**20))
def test_whole_numbers_are_those_of_json(value: int) -> None:
    """R15.6: 2 and 2.0 alike, true and "2" not."""
    assert whole(value) == value
    assert whole(float(value)) == int(float(value))
    assert [whole(other) for other in (str(value), bool(value), [value], None)] == [None] * 4


@given(st.integers(-(2**40), 2**40), st.floats(0.1, 0.9))
def test_a_number_between_two_whole_ones_is_none(value: int, part: float) -> None:
    """R15.6."""
    assert whole(value + part) is None


# --- the deprecated pair, and all flaws at once ----------------------------------------------------------------------


@pytest.mark.parametrize("pair", [{"localTimeFrom": "17:00"}, {"localTimeTo": "21:00"}], ids=repr)
def test_with_both_forms_allowed_time_wins_with_a_warning(pair: dict[str, str]) -> None:
    """R3.9."""
    fields = {"allowedTime": {"mon": TEN}, **pair}

    assert policy(**fields) == policy(allowedTime={"mon": TEN})
    assert warnings(STRICT, **fields) == [(BAD_TIME, f".{next(iter(pair))}")]


def test_the_pair_beside_an_allowed_time_of_null_stands_for_it() -> None:
    """R3.9, R6.1: null is not set, so there is one form."""
    assert warnings(allowedTime=None, localTimeFrom="17:00") == []
    assert policy(allowedTime=None, localTimeFrom="17:00").allowed_time == policy(localTimeFrom="17:00").allowed_time


def test_the_pair_of_a_stronger_level_beats_the_allowed_time_of_a_weaker_one() -> None:
    """R3.6, R3.9: it is a default, and so speaks of every day."""
    result = resolved([{"allowedTime": {"mon": TEN}}, {"localTimeFrom": "17:00", "localTimeTo": "21:00"}])

    assert result.hours.windows == (((1020, 1260),),) * 7


def test_all_flaws_of_a_level_are_reported_at_once_with_their_paths() -> None:
    """R15.1."""
    fields = {
        "allowedDays": ["Mon", "tue"],
        "allowedTime": {"mon": None, "tue": []},
        "localTimeTo": "24:00",
        "retryIntervalInMinutes": 0,
        "maxAttempts": "3",
        "dialerPriority": 7,
    }

    assert refusals(STRICT, **fields) == [
        (BAD_DAYS, "$[3].allowedDays[0]"),
        (BAD_TIME, "$[3].allowedTime.mon"),
        (BAD_TIME, "$[3].allowedTime.tue"),
        (BAD_TIME, "$[3].localTimeTo"),
        (BAD_PRIORITY, "$[3].dialerPriority"),
        (BAD_ATTEMPTS, "$[3].maxAttempts"),
        (BAD_RETRY, "$[3].retryIntervalInMinutes"),
    ]


# --- dates -----------------------------------------------------------------------------------------------------------

NINE, TEN_Z = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"
NINE_MS = 1_772_442_000_000


def test_dates_are_read_as_instants_and_each_may_be_absent() -> None:
    """R5.1."""
    assert parse_dates(NINE, TEN_Z, STRICT) == (Dates(NINE_MS, NINE_MS + 3_600_000), [])
    assert parse_dates(None, NINE, STRICT) == (Dates(None, NINE_MS), [])
    assert parse_dates(None, None, STRICT) == (NO_DATES, [])


def test_a_date_without_an_offset_is_utc_with_a_warning() -> None:
    """R5.1: and the warning says what to write."""
    dates, found = parse_dates("2026-03-02 09:00", "2026-03-02T12:00+02:00", PLAIN)

    assert dates == Dates(NINE_MS, NINE_MS + 3_600_000)
    assert marks(found) == [(BAD_DATES, ".startDateTime")]
    assert NINE in found[0].message


def test_a_date_without_an_offset_is_refused_under_strict() -> None:
    """R15.3."""
    assert date_refusals("2026-03-02T09:00", "2026-03-02T12:00", STRICT) == [
        (BAD_DATES, ".startDateTime"),
        (BAD_DATES, ".finishDateTime"),
    ]


@pytest.mark.parametrize("value", ["2026-03-02", "now", "", 1772442000, True, [NINE], {}], ids=repr)
def test_what_is_no_instant_is_refused_at_both_places(value: object) -> None:
    """R5.1, R15.1."""
    assert date_refusals(value, value) == [(BAD_DATES, ".startDateTime"), (BAD_DATES, ".finishDateTime")]


@pytest.mark.parametrize("start", [TEN_Z, "2026-03-02T10:00:00.001Z", "2026-03-02T12:00+01:00", "2026-03-02 10:00"])
def test_a_start_that_is_not_before_the_finish_of_its_level_is_refused(start: str) -> None:
    """R5.1: as instants, whatever their offsets."""
    (flaw,) = date_refusals(start, TEN_Z)

    assert flaw[0] == BAD_DATES


def test_a_start_one_millisecond_before_the_finish_is_taken() -> None:
    """R5.1."""
    assert parse_dates("2026-03-02T09:59:59.999Z", TEN_Z, STRICT)[1] == []


def test_dates_of_a_campaign_are_named_as_the_campaign_names_them() -> None:
    """R5.1, R15.1."""
    with pytest.raises(PolicyError) as caught:
        parse_dates("soon", "late", PLAIN, names=("startTime", "endTime"))

    assert [flaw.path for flaw in caught.value.flaws] == [".startTime", ".endTime"]


def bounds() -> st.SearchStrategy[Dates]:
    """The dates of one level, often not set, often equal to another's."""
    bound = st.none() | st.integers(0, 4)
    return st.builds(Dates, bound, bound)


@given(bounds(), bounds())
def test_a_job_starts_with_the_later_start_and_finishes_with_the_earlier_finish(campaign: Dates, number: Dates) -> None:
    """R5.3, R6.3: a job's cannot widen the campaign's; the level that is named has that very bound."""
    own = {Level.CAMPAIGN: campaign, Level.NUMBER: number, Level.DEFAULT: NO_DATES}
    result = resolve_dates(campaign, number)
    starts = [start for start in (campaign.start_ms, number.start_ms) if start is not None]
    finishes = [finish for finish in (campaign.finish_ms, number.finish_ms) if finish is not None]

    assert result.start_ms == max(starts, default=None) == own[result.start_level].start_ms
    assert result.finish_ms == min(finishes, default=None) == own[result.finish_level].finish_ms
    assert (result.start_level is Level.DEFAULT) == (not starts)
    assert (result.finish_level is Level.DEFAULT) == (not finishes)


@given(bounds(), bounds(), bounds())
def test_a_redial_keeps_the_number_s_finish_but_not_its_start(campaign: Dates, number: Dates, redial: Dates) -> None:
    """R6.2, R5.3: it is bound like a number of its own start, and of its own finish or the number's."""
    finish_ms = number.finish_ms if redial.finish_ms is None else redial.finish_ms
    result, alike = resolve_dates(campaign, number, redial), resolve_dates(campaign, Dates(redial.start_ms, finish_ms))

    assert (result.start_ms, result.finish_ms) == (alike.start_ms, alike.finish_ms)


@pytest.mark.parametrize(
    ("campaign", "number", "redial", "start", "finish"),
    [
        (Dates(100, 900), NO_DATES, None, (100, "campaign"), (900, "campaign")),
        (Dates(100, 900), Dates(50, 1000), None, (100, "campaign"), (900, "campaign")),
        (Dates(100, 900), Dates(200, 800), None, (200, "number"), (800, "number")),
        (NO_DATES, Dates(200, 800), Dates(300, None), (300, "redial"), (800, "number")),
        (NO_DATES, Dates(200, 800), Dates(300, 400), (300, "redial"), (400, "redial")),
        (Dates(100, 900), Dates(200, 800), NO_DATES, (100, "campaign"), (800, "number")),
        (Dates(100, 900), NO_DATES, Dates(50, 2000), (100, "campaign"), (900, "campaign")),
        (NO_DATES, Dates(200, None), NO_DATES, (None, "default"), (None, "default")),
    ],
)
def test_dates_remember_the_level_that_binds(
    campaign: Dates,
    number: Dates,
    redial: Dates | None,
    start: tuple[int | None, str],
    finish: tuple[int | None, str],
) -> None:
    """R5.3, R6.2, R6.3."""
    result = resolve_dates(campaign, number, redial)

    assert (result.start_ms, result.start_level.value) == start
    assert (result.finish_ms, result.finish_level.value) == finish


def test_a_start_after_the_campaign_s_finish_is_no_flaw_of_the_dates() -> None:
    """R5.1: start >= finish is a problem within one level only."""
    result = resolve_dates(Dates(None, 500), Dates(600, 900))

    assert (result.start_ms, result.finish_ms) == (600, 500)
