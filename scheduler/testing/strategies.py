"""Hypothesis strategies for whatever a calling policy has to stand: in the form that files and requests have.

Each shrinks to what a person would write down: office hours, one phone, no field that does not matter. What they draw
is accepted (`json.dumps` makes a body or a file of it), save `invalid_requests`. Needs call-scheduler[testing].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from scheduler.intake.redials import MAX_REDIAL_ATTEMPTS
from scheduler.jobs import Outcome, normal_form
from scheduler.policy.hours import DAY_MIN, DAYS, clock
from scheduler.policy.instants import format_offset
from scheduler.policy.laws import LAWS
from scheduler.policy.levels import LOWEST_PRIORITY, MAX_ATTEMPTS, MAX_RETRY_MIN
from scheduler.policy.readings import READINGS
from scheduler.policy.zones import MAX_OFFSET_S, zone_ids

try:
    from hypothesis import strategies as st
except ImportError:
    message = "scheduler.testing.strategies needs hypothesis; pip install 'call-scheduler[testing]'"
    raise ImportError(message) from None

Data = dict[str, Any]
Fields = dict[str, st.SearchStrategy[Any]]

# One zone, several, none; area codes of laws; a country code that countries share.
PHONES = (
    "79123456789",
    "4930123456",
    "12025550123",
    "12125550123",
    "13055550123",
    "14165550123",
    "33123456789",
    "61212345678",
    "56221234567",
    "9779812345678",
    "212522123456",
    "5511987654321",
    "919876543210",
    "34911234567",
)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Antarctica/Troll",  # two hours
    "Africa/Casablanca",  # clocks go back for a month, to the sun's time
    "Europe/Dublin",  # winter time is the exception
    "America/Santiago",  # midnight is skipped
    "Asia/Beirut",
    "Pacific/Apia",  # 30 December 2011 did not exist
    "Pacific/Kiritimati",  # 14 hours ahead
    "Asia/Kathmandu",  # a quarter of an hour, without summer time
    "America/St_Johns",
    "Asia/Kolkata",
)
OFFSETS = ("Z", "-05:00", "+05:45", "+14:00", "-12:00", "GMT+3", "UTC")
OPENS, LENGTH = 10 * 60, 8 * 60  # what hours shrink to
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@cache
def phones() -> st.SearchStrategy[str]:
    """Phones, as digits or as people write them: of many countries, and some that nobody has.

    >>> from hypothesis import find
    >>> find(phones(), lambda phone: True)
    '79123456789'
    """
    anything = st.integers(10_000, 10**15 - 1).map(str)
    return st.one_of(st.sampled_from(PHONES), st.sampled_from(PHONES).map("+{}".format), anything)


@cache
def zones() -> st.SearchStrategy[str]:
    """Values of gmtZone and timeZone, most of them difficult: odd changes of the clocks, or none, and fixed offsets."""
    seconds = st.integers(-MAX_OFFSET_S // 60, MAX_OFFSET_S // 60).map(lambda minutes: format_offset(minutes * 60))
    every = st.sampled_from(sorted(zone_ids()))
    return st.one_of(st.sampled_from(ZONES), st.sampled_from(ZONES), st.sampled_from(OFFSETS), seconds, every)


@cache
def windows() -> st.SearchStrategy[dict[str, str]]:
    """One window of a day, some of them over midnight.

    >>> from hypothesis import find
    >>> find(windows(), lambda window: True)
    {'localTimeFrom': '10:00', 'localTimeTo': '18:00'}
    """
    return _spans().map(_window)


@cache
def allowed_times() -> st.SearchStrategy[Data]:
    """Values of allowedTime: for some weekdays, or by default, up to three windows that do not overlap."""
    lists = st.lists(_spans(), min_size=1, max_size=3).map(_apart)
    return st.dictionaries(st.sampled_from(("default", *DAYS)), lists, min_size=1, max_size=3)


@st.composite
def policies(draw: st.DrawFn, *, most_attempts: int = MAX_ATTEMPTS) -> Data:
    """The fields of one level of a policy, each of which is often not set; dates aside."""
    policy = draw(_policy_fields(most_attempts))
    if "allowedTime" not in policy and draw(_SELDOM):  # the older form
        policy |= draw(windows())
    return policy


@st.composite
def campaigns(draw: st.DrawFn) -> Data:
    """What a campaign file holds: settings, a policy, laws and readings, each of which is often not set."""
    return draw(_campaign_fields()) | draw(_bounds("startTime", "endTime"))


@st.composite
def numbers(draw: st.DrawFn) -> Data:
    """One number of a request, valid.

    >>> from hypothesis import find
    >>> find(numbers(), lambda number: True)
    {'phone': '79123456789'}
    """
    return draw(_number_fields()) | draw(policies()) | draw(_bounds("startDateTime", "finishDateTime"))


@cache
def requests(*, min_size: int = 1, max_size: int = 5) -> st.SearchStrategy[list[Data]]:
    """The numbers of a request, all of them valid and no two of them duplicates; `json.dumps` makes a body of it."""
    return st.lists(
        numbers(),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda number: (normal_form(number["phone"]), repr(number.get("payload"))),
    )


@st.composite
def invalid_requests(draw: st.DrawFn) -> list[Any]:
    """The numbers of a request that is refused: in at least one of them something is wrong.

    >>> from hypothesis import find
    >>> find(invalid_requests(), lambda request: True)
    [{'phone': '12'}]
    """
    request: list[Any] = draw(requests())
    place = draw(st.integers(0, len(request) - 1))
    request[place] = draw(_flaws())(request[place])
    if draw(_SELDOM):
        request.append(draw(_flaws())(draw(numbers())))
    return request


@st.composite
def scripts(draw: st.DrawFn, whose: st.SearchStrategy[str] | None = None) -> Data:
    """Outcome scripts: what comes of the calls to some phones, or to some places of a request.

    `whose` draws the phones; those of `phones()`, if not given.
    """
    outcomes = st.lists(_outcomes(), min_size=1, max_size=4)
    script: Data = {}
    of_phones = draw(st.lists(phones() if whose is None else whose, max_size=3, unique_by=normal_form))
    of_jobs = draw(st.lists(st.integers(0, 9), max_size=2, unique=True))
    if of_phones or not of_jobs:
        script["phones"] = {phone: draw(outcomes) for phone in of_phones}
    if of_jobs:
        script["jobs"] = {str(index): draw(outcomes) for index in of_jobs}
    return script


# -- parts, made once: making a strategy takes longer than drawing from it -------------------------------------


@cache
def _policy_fields(most_attempts: int) -> st.SearchStrategy[Data]:
    days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(lambda each: sorted(each, key=DAYS.index))
    retries = st.sampled_from((60, 1, 15, 30, 120, 1440, MAX_RETRY_MIN)) | st.integers(1, MAX_RETRY_MIN)
    fields: Fields = {
        "allowedDays": days,
        "allowedTime": allowed_times(),
        "retryIntervalInMinutes": retries,
        "maxAttempts": st.integers(1, min(5, most_attempts)) | st.integers(1, most_attempts),
        "dialerPriority": st.integers(1, LOWEST_PRIORITY),
    }
    return st.fixed_dictionaries({}, optional=fields)


@cache
def _campaign_fields() -> st.SearchStrategy[Data]:
    readings = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(choices) for name, (_, choices) in READINGS.items() if name != "strict"}
    )
    fields: Fields = {
        "name": st.text(max_size=12),
        "timeZone": zones(),
        "detectTimeZone": st.booleans(),
        "maxSimultaneousCalls": st.integers(1, 30) | _over_the_day("lines"),
        "callsPerSecond": st.sampled_from((1, 0.5, 5, 1000, 0.001)),
        "maxAttemptsPerPhone": st.integers(1, 9),
        "ringSeconds": st.integers(1, 120) | st.sampled_from((0.5, 3600)),
        "blackoutDates": st.lists(_dates().map(date.isoformat), min_size=1, max_size=3, unique=True),
        "holidays": st.sampled_from(("DE", "DE-BY", "US", "RU")),
        "law": st.lists(st.sampled_from(LAWS), min_size=1, max_size=2, unique=True),
        "agents": _agents(),
        "policy": policies(),
        "readings": readings,
    }
    return st.fixed_dictionaries({}, optional=fields)


@cache
def _number_fields() -> st.SearchStrategy[Data]:
    payloads = st.integers(0, 3) | st.fixed_dictionaries({"name": st.sampled_from(("Alex", "Maria"))})
    fields: Fields = {"gmtZone": zones(), "payload": payloads}
    return st.fixed_dictionaries({"phone": phones()}, optional=fields)


@cache
def _minutes() -> st.SearchStrategy[int]:
    """Minutes of a day, most of them whole quarters of an hour."""
    return st.one_of(st.integers(0, 95).map(lambda quarter: quarter * 15), st.integers(0, DAY_MIN - 1))


@cache
def _spans() -> st.SearchStrategy[tuple[int, int]]:
    """The first minute of a window, and its length; from office hours away."""
    starts = _minutes().map(lambda minute: (OPENS + minute) % DAY_MIN)
    lengths = _minutes().map(lambda minute: (LENGTH + minute) % DAY_MIN or LENGTH)
    return st.tuples(starts, lengths)


def _window(span: tuple[int, int]) -> dict[str, str]:
    start, length = span
    return {"localTimeFrom": clock(start), "localTimeTo": clock((start + length) % DAY_MIN)}


def _apart(spans: list[tuple[int, int]]) -> list[dict[str, str]]:
    """The windows of spans, without those that overlap one before."""
    kept: list[tuple[int, int]] = []
    for start, length in spans:
        if all(start + length <= other or start >= other + lasting for other, lasting in kept):
            kept.append((start, length))
    return [_window(span) for span in kept]


def _dates() -> st.SearchStrategy[date]:
    return st.integers(-60, 300).map(lambda days: NOON.date() + timedelta(days=days))


_STARTS = st.integers(-60, 60).map(lambda quarter: NOON + timedelta(minutes=quarter * 15))
_SPANS_MIN = st.sampled_from((1440, 1, 60, 10_080)) | st.integers(1, 500_000)
_SELDOM = st.sampled_from((False, False, False, True))


@st.composite
def _bounds(draw: st.DrawFn, first: str, last: str) -> dict[str, str]:
    """A start and a finish, each of which is often not set."""
    bounds = {}
    start = draw(_STARTS)
    if draw(_SELDOM):
        bounds[first] = start.isoformat().replace("+00:00", "Z")
    if draw(_SELDOM):
        bounds[last] = (start + timedelta(minutes=draw(_SPANS_MIN))).isoformat()
    return bounds


@cache
def _over_the_day(word: str) -> st.SearchStrategy[list[Data]]:
    steps = st.dictionaries(_minutes(), st.integers(1, 20), min_size=1, max_size=3)
    return steps.map(lambda each: [{"from": clock(minute), word: count} for minute, count in sorted(each.items())])


@cache
def _agents() -> st.SearchStrategy[Data]:
    ratio = {"dialMode": "ratio", "dialRatio": 1.5}
    modes: tuple[Data, ...] = ({}, {"dialMode": "progressive"}, ratio, {"dialMode": "paced"})
    lengths: Fields = {"wrapUpSeconds": st.integers(0, 60), "patienceSeconds": st.integers(0, 60)}
    agents = st.fixed_dictionaries({"agents": st.integers(1, 9) | _over_the_day("agents")}, optional=lengths)
    return st.builds(lambda fields, mode: fields | mode, agents, st.sampled_from(modes))


@cache
def _outcomes() -> st.SearchStrategy[str | Data]:
    """One outcome of a script, as a word or with what belongs to it."""
    starts = ({"startAfterMinutes": 60}, {"startAfterMinutes": 0}, {"startDateTime": "2026-03-04T09:00:00Z"})
    redials = st.builds(
        lambda start, policy: start | policy, st.sampled_from(starts), policies(most_attempts=MAX_REDIAL_ATTEMPTS)
    )
    rings = st.integers(1, 60)
    said: Fields = {"talkSeconds": st.integers(0, 300), "result": st.booleans() | st.just("agreed"), "redial": redials}
    answered = st.fixed_dictionaries({"outcome": st.just(Outcome.ANSWERED.value), "ringSeconds": rings}, optional=said)
    others = st.sampled_from([each.value for each in Outcome if each is not Outcome.ANSWERED])
    words = st.sampled_from([each.value for each in Outcome])
    return st.one_of(words, answered, st.fixed_dictionaries({"outcome": others, "ringSeconds": rings}))


def _with(field: str, value: object) -> Callable[[Mapping[str, Any]], Data]:
    return lambda number: {**number, field: value}


def _hours(*pairs: tuple[str, str]) -> Data:
    return {"default": [{"localTimeFrom": begin, "localTimeTo": end} for begin, end in pairs]}


_BAD: dict[str, tuple[object, ...]] = {
    "phone": ("12", "", "1234567890123456", "call me", 79123456789, None),
    "gmtZone": ("", "Mars/Base", "europe/berlin", "+19:00", "+5:30", 3),
    "allowedDays": ([], ["monday"], ["Mon"], "mon", [1]),
    "allowedTime": (
        {},
        {"monday": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
        {"mon": []},
        {"mon": [{"localTimeFrom": "10:00"}]},
        _hours(("10:00", "10:00")),
        _hours(("10:00", "24:00")),
        _hours(("10:00", "13:00"), ("12:00", "18:00")),
        _hours(("22:00", "06:00"), ("23:00", "01:00")),
        "10:00-18:00",
    ),
    "localTimeFrom": ("25:00", "10", 10),
    "localTimeTo": ("18:60", "18.00"),
    "retryIntervalInMinutes": (0, MAX_RETRY_MIN + 1, 1.5, "60", True),
    "maxAttempts": (-1, MAX_ATTEMPTS + 1, 2.5, "3"),
    "startDateTime": ("tomorrow", "2026-03-02", "2026-02-30T10:00:00Z", 0),
    "finishDateTime": ("soon", "24:00", "2026-03-02T24:00:00Z"),
}


def _no_time(number: Mapping[str, Any]) -> Data:
    at_once = "2026-03-02T09:00:00Z"
    return {**number, "startDateTime": at_once, "finishDateTime": at_once}


def _without_phone(number: Mapping[str, Any]) -> Data:
    return {field: value for field, value in number.items() if field != "phone"}


@cache
def _flaws() -> st.SearchStrategy[Callable[[Mapping[str, Any]], object]]:
    """Ways to spoil a number."""
    fields = [_with(field, value) for field, values in _BAD.items() for value in values]
    return st.sampled_from([*fields, _no_time, _without_phone, lambda number: number["phone"], lambda _: None])
