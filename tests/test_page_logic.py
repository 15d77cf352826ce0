"""What the page works out itself: where a time axis has ticks, how spans move, what links hold, what files tell."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from scheduler.page.clocks import clock_of
from scheduler.page.file import file_data
from scheduler.page.result import Result
from scheduler.page.series import series_of
from scheduler.policy.zones import parse_zone
from tests.node import Page, Thrown, page_in_node
from tests.oracles import wall_clock
from tests.strategies import STARTS, ZONES, Case, any_cases, at, played

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
ENTRY = """
import * as axis from "./src/timeline/axis";
import * as format from "./src/format";
import * as bins from "./src/timeline/bins";
import * as spans from "./src/timeline/spans";
import * as share from "./src/share";
import { FileSource } from "./src/file_source";
const seriesOf = (data, asked) => new FileSource(data).series("", asked);
const functions = { ...format, ...axis, ...bins, ...spans, ...share, seriesOf };
"""
TIME_STEPS = [minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
DAY_STEPS = (1, 2, 4, 7, 14)
MONDAY = 4  # the fifth day of 1970
NOTHING_SET: dict[str, Any] = {
    "numbers": {"kind": "none"},
    "campaign": "{}",
    "now": None,
    "until": None,
    "outcomes": None,
    "seed": 0,
    "ofExample": False,
}
EVERY_ROW = {"show": "all", "zone": None, "priority": None, "phone": "", "order": "job", "descending": False}
LOOKED_AT: dict[str, Any] = {
    "tab": "preview",
    "zone": None,
    "span": None,
    "chosen": None,
    "listing": {**EVERY_ROW, "ownClocks": False},
    "whatIf": None,
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    yield from page_in_node(tmp_path_factory.mktemp("page"), ENTRY)


def clock(zone: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """A zone's clock, as the page is told it."""
    return clock_of(parse_zone(zone), *span)


def reading(zone: str, instant_ms: int) -> int:
    """What a clock shows, in milliseconds since its own 1970."""
    return (wall_clock(zone, instant_ms) - wall_clock("UTC", 0)) // dt.timedelta(milliseconds=1)


def instants_of(ticks: list[dict[str, Any]]) -> list[int]:
    return [tick["atMs"] for tick in ticks]


# -- the axis --------------------------------------------------------------------------------------------


@given(
    st.sampled_from(ZONES), st.sampled_from(STARTS), st.integers(-600, 2_000), st.integers(7, 2_000), st.integers(9, 30)
)
@settings(max_examples=25, deadline=None)
def test_ticks_of_hours_and_minutes_are_all_round_readings_of_the_clock(
    page: Page, zone: str, start: int, shift: int, minutes: int, labels: int
) -> None:
    """R4.2: an hour that comes twice has two, one that is left out has none; labels have room."""
    begin = start + shift * MINUTE_MS
    span = begin, begin + minutes * MINUTE_MS
    width = 74 * labels
    step = next((each for each in TIME_STEPS if each * width / (span[1] - span[0]) >= 74), None)
    if step is None or (step == MINUTE_MS and minutes < labels):
        return

    found = instants_of(page("ticks", clock(zone, span), span, width))

    plain = [each for each in range(*span, MINUTE_MS) if reading(zone, each) % step == 0]
    assert found == plain


@given(st.sampled_from(ZONES), st.sampled_from(STARTS), st.integers(0, 95), st.sampled_from(DAY_STEPS))
@settings(max_examples=15, deadline=None)
def test_ticks_of_days_are_where_the_clock_first_shows_them(
    page: Page, zone: str, start: int, quarters: int, step: int
) -> None:
    """R4.3: midnight, or what the clock shows in its place; weeks begin on Monday."""
    begin = start - start % (15 * MINUTE_MS) + quarters * 15 * MINUTE_MS
    span = begin, begin + 10 * step * DAY_MS

    found = instants_of(page("ticks", clock(zone, span), span, 540))

    plain: list[int] = []
    reached = (reading(zone, begin - 1) // DAY_MS - (MONDAY if step % 7 == 0 else 0)) // step
    for instant_ms in range(*span, 15 * MINUTE_MS):
        of_step = (reading(zone, instant_ms) // DAY_MS - (MONDAY if step % 7 == 0 else 0)) // step
        if of_step > reached:
            plain.append(instant_ms)
            reached = of_step
    assert found == plain


def test_ticks_of_months_and_years_are_their_first_midnights(page: Page) -> None:
    """Over a year in Berlin, which has two clocks; over ten, in years."""
    span = at("2025-12-31T23:00"), at("2026-12-31T23:00")
    months = page("ticks", clock("Europe/Berlin", span), span, 700)
    decade = at("2020-01-01"), at("2030-01-01")

    shown = [wall_clock("Europe/Berlin", tick["atMs"]) for tick in months]
    assert [(each.month, each.day, each.hour) for each in shown] == [(month, 1, 0) for month in range(1, 13)]
    assert [tick["under"] for tick in months] == ["2026"] + [""] * 11
    assert [tick["label"] for tick in page("ticks", [[0, 0]], decade, 600)] == [str(2020 + year) for year in range(10)]


@given(st.sampled_from(ZONES), st.sampled_from(STARTS))
@settings(max_examples=10, deadline=None)
def test_changes_of_the_clock_are_where_it_jumps(page: Page, zone: str, start: int) -> None:
    """Each is told once, with how far the clock goes forward or back."""
    span = start - 2 * DAY_MS, start + 40 * DAY_MS
    steps = range(span[0], span[1], 15 * MINUTE_MS)

    found = page("clockChanges", clock(zone, span), span)

    ahead = {each: reading(zone, each) - each for each in steps}
    jumps = [each for each in steps[1:] if ahead[each] != ahead[each - 15 * MINUTE_MS]]
    assert [change["atMs"] for change in found] == jumps
    signs = ["−" if ahead[each] < ahead[each - 15 * MINUTE_MS] else "+" for each in jumps]
    assert [change["words"].split()[1][0] for change in found] == signs


# -- spans -----------------------------------------------------------------------------------------------

wholes = st.integers(0, 10**12).flatmap(
    lambda begin: st.tuples(st.just(begin), st.integers(begin + MINUTE_MS, begin + 400 * DAY_MS))
)
any_spans = st.tuples(st.integers(-(10**12), 2 * 10**12), st.integers(1, 800 * DAY_MS)).map(
    lambda each: (each[0], each[0] + each[1])
)


@given(any_spans, wholes, st.floats(0.01, 100), st.integers(-(10**11), 10**11))
@settings(max_examples=25, deadline=None)
def test_a_span_stays_inside_the_whole_and_is_a_minute_at_least(
    page: Page, span: tuple[int, int], whole: tuple[int, int], factor: float, by_ms: int
) -> None:
    """However it is moved or scaled; what lies inside already stays as it is."""
    inside = page("inside", span, whole)
    middle = sum(inside) / 2
    changed = [
        page("moved", inside, by_ms, whole),
        page("scaled", inside, factor, middle, whole),
        page("inMinutes", inside, whole),
        page("showing", inside, whole[0], whole),
    ]

    for begin, end in [inside, *changed]:
        assert whole[0] <= begin < end <= whole[1]
        assert end - begin >= MINUTE_MS
    assert page("inside", inside, whole) == inside
    assert changed[0][1] - changed[0][0] == inside[1] - inside[0]
    assert changed[3][0] <= whole[0] < changed[3][1]


@given(length_ms=st.integers(0, 500 * DAY_MS))
@settings(max_examples=200, deadline=None)
def test_a_length_is_told_to_the_nearest_of_its_second_unit(page: Page, length_ms: int) -> None:
    """Read back, it is off by half of that unit at most; two units at most, the larger one never full."""
    words = page("length", length_ms).replace(",", "").split("\u00a0")
    units = {"d": DAY_MS, "h": HOUR_MS, "min": MINUTE_MS, "s": SECOND_MS}
    names, told = words[1::2], [float(each) for each in words[::2]]
    order = list(units)
    largest = order.index(names[0])
    least_ms = units[order[min(largest + 1, len(order) - 1)]]
    read_ms = sum(value * units[name] for value, name in zip(told, names, strict=True))

    assert len(names) <= 2
    assert abs(read_ms - length_ms) <= (least_ms / 2 if length_ms >= SECOND_MS / 2 else 50)
    assert largest == 0 or told[0] * units[names[0]] < units[order[largest - 1]]


@pytest.mark.parametrize(
    ("zone", "at", "words"),
    [
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "02:30 (UTC+2)"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "02:30 (UTC+1)"),
        ("Europe/Berlin", "2026-10-25T02:00:00Z", "03:00"),
        ("Europe/Berlin", "2026-10-24T23:59:00Z", "01:59"),
        ("Europe/Berlin", "2026-03-29T01:30:00Z", "03:30"),
        ("Australia/Lord_Howe", "2026-04-04T14:45:00Z", "01:45 (UTC+11)"),
        ("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "01:45 (UTC+10:30)"),
        ("America/St_Johns", "2026-11-01T04:10:00Z", "01:40 (UTC\u22122:30)"),
        ("Africa/Abidjan", "2026-10-25T00:30:00Z", "00:30"),
    ],
)
def test_a_time_that_a_clock_shows_twice_is_told_with_its_offset(page: Page, zone: str, at: str, words: str) -> None:
    """And no other: when it is put forward, or before and after the hour in question."""
    instant_ms = int(dt.datetime.fromisoformat(at).timestamp() * 1000)
    span = (instant_ms - 3 * DAY_MS, instant_ms + 3 * DAY_MS)

    assert page("timeOfDay", clock(zone, span), instant_ms) == words


def test_zooming_keeps_the_place_of_the_instant_it_is_about(page: Page) -> None:
    """An instant a quarter of the way along stays there."""
    whole = 0, 100 * DAY_MS
    span = 40 * DAY_MS, 44 * DAY_MS

    assert page("scaled", span, 0.5, 41 * DAY_MS, whole) == [40.5 * DAY_MS, 42.5 * DAY_MS]
    assert page("scaled", span, 2, 41 * DAY_MS, whole) == [39 * DAY_MS, 47 * DAY_MS]


# -- mailed files ----------------------------------------------------------------------------------------


@given(any_cases(), st.sampled_from(ZONES), st.integers(-300, 300), st.integers(1, 4_000), st.integers(1, 80))
@settings(max_examples=15, deadline=None)
def test_a_file_tells_the_figures_that_the_server_tells(
    page: Page, case: Case, zone: str, shift: int, minutes: int, bins: int
) -> None:
    """The same bins on the same clock, with the same figures."""
    timeline = played(case)
    result = Result(timeline, (), {})
    begin = timeline.now_ms - timeline.now_ms % MINUTE_MS + shift * MINUTE_MS
    span = begin, begin + minutes * MINUTE_MS
    data = json.loads(msgspec.json.encode(file_data(result)))
    data["overview"]["zones"] = [{"name": zone, "numbers": 0, "clock": clock(zone, span)}]
    asked = {"fromMs": span[0], "untilMs": span[1], "bins": bins, "zone": zone}

    told = page("seriesOf", data, asked)

    series = series_of(result, *span, bins, parse_zone(zone))
    for name in ("stepMs", "fromMs", "untilMs", "dials", "busyMost", "dialled", "answered", "done"):
        assert told[name] == getattr(series, name), name
    assert told["busyMean"] == pytest.approx(series.busyMean, abs=0.0001)


# -- links -----------------------------------------------------------------------------------------------


def state_in(fragment: str) -> Any:
    """What a fragment holds, read without the page."""
    packed = fragment.removeprefix("#s=")
    return json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), wbits=-15))


def fragment_with(text: str) -> str:
    """The fragment that holds a text."""
    squeezer = zlib.compressobj(wbits=-15)
    raw = squeezer.compress(text.encode()) + squeezer.flush()
    return f"#s={base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def test_a_link_holds_the_whole_state_but_for_payloads(page: Page) -> None:
    """What is opened is what was shared."""
    text = '[{"phone": "79123456789", "payload": {"name": "Ünal"}}]'
    setup = {**NOTHING_SET, "numbers": {"kind": "text", "name": "a.json", "text": text}, "now": "2026-03-02", "seed": 7}
    view = {
        "tab": "whatIf",
        "zone": "Asia/Kolkata",
        "span": [5, 9],
        "chosen": {"job": 0, "phone": None, "atMs": None},
        "listing": {**LOOKED_AT["listing"], "show": "reached", "phone": "79", "ownClocks": True},
        "whatIf": {"lines": 3, "override": {"allowedDays": ["mon", "sun"], "maxAttempts": 2}},
    }

    made = page("fragmentOf", {"setup": setup, "view": view})

    bare = {**setup["numbers"], "text": '[{"phone": "79123456789"}]'}
    assert made["numbers"] is True
    assert page("sharedOf", made["fragment"]) == {"setup": {**setup, "numbers": bare}, "view": view}
    assert "nal" not in json.dumps(state_in(made["fragment"]))


def test_a_link_holds_that_no_limit_is_tried(page: Page) -> None:
    """It is no number of lines."""
    view = {**LOOKED_AT, "whatIf": {"lines": "unlimited", "override": {}}}

    made = page("fragmentOf", {"setup": NOTHING_SET, "view": view})

    assert page("sharedOf", made["fragment"])["view"]["whatIf"]["lines"] == "unlimited"


def test_a_link_leaves_out_numbers_that_cannot_be_told_from_payloads(page: Page) -> None:
    """A text that is not sound is not passed on."""
    setup = {**NOTHING_SET, "numbers": {"kind": "text", "name": "", "text": '[{"phone": "1", "payload": '}}

    made = page("fragmentOf", {"setup": setup, "view": LOOKED_AT})

    assert made["numbers"] is False
    assert page("sharedOf", made["fragment"]) == {"setup": NOTHING_SET, "view": LOOKED_AT}


def nested(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with names that the page knows, and with such as every object has."""
    names = ("numbers", "text", "seed", "view", "span", "chosen", "job", "listing", "override", "__proto__", "toString")
    return st.dictionaries(st.sampled_from(names), part)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda part: st.lists(part) | nested(part), max_leaves=6))
@settings(max_examples=25, deadline=None)
def test_whatever_a_link_holds_only_what_is_known_is_taken(page: Page, value: object) -> None:
    """Values of other kinds are left out, wherever they stand."""
    setup = value if isinstance(value, dict) else {"seed": value, "numbers": value, "__proto__": value}
    view = value if isinstance(value, dict) else dict.fromkeys((*LOOKED_AT, "constructor"), value)

    shared = page("sharedOf", fragment_with(json.dumps({"version": 1, "setup": setup, "view": view})))

    assert set(shared["setup"]) == set(NOTHING_SET)
    assert set(shared["view"]) == set(LOOKED_AT)
    assert set(shared["view"]["listing"]) == set(EVERY_ROW) | {"ownClocks"}


BREAK: dict[str, Callable[[str], str]] = {
    "cut": lambda fragment: fragment[:-8],
    "changed": lambda fragment: fragment[:9] + "!" + fragment[10:],
    "not JSON": lambda _: fragment_with("{"),
    "endless": lambda _: fragment_with("0" * 9_000_000),
}


@pytest.mark.parametrize("how", BREAK)
def test_a_damaged_link_is_told(page: Page, how: str) -> None:
    """In words that say what to do."""
    whole = page("fragmentOf", {"setup": NOTHING_SET, "view": LOOKED_AT})["fragment"]

    with pytest.raises(Thrown, match=r"damaged.*Ask for it again"):
        page("sharedOf", BREAK[how](whole))
    assert page("sharedOf", "#elsewhere") is None
    with pytest.raises(Thrown, match="another version"):
        page("sharedOf", fragment_with('{"version": 2}'))
