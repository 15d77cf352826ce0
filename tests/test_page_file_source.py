"""What a mailed file tells by itself is what a server tells of the same run: figures over time, rows, and moments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from scheduler.engine.timeline import Timeline
from scheduler.page import series as series_module
from scheduler.page.file import file_data
from scheduler.page.numbers import moment_of, number_of
from scheduler.page.overview import told_span
from scheduler.page.result import Result
from scheduler.page.series import series_of
from scheduler.page.told import Order, RowsAsked, Show
from scheduler.policy.zones import parse_zone
from tests.node import Page, page_in_node
from tests.scenarios import any_scenes, performed
from tests.strategies import any_cases, at, number, played, simulated

ENTRY = """
import { FileSource } from "./src/file_source";
let source;
const asked = (name) => (...values) => source[name](...values);
const functions = {
  file: (data) => void (source = new FileSource(data)),
  ...Object.fromEntries(["series", "rows", "number", "moment"].map((name) => [name, asked(name)])),
};
"""
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
UTC = parse_zone("UTC")
SHOWS = get_args(Show)
ORDERS = get_args(Order)


def plain(value: object) -> Any:
    """A value as the page reads it."""
    return json.loads(msgspec.json.encode(value))


class File:
    """A mailed file and the script in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def __call__(self, function: str, *values: object) -> Any:
        return self.page(function, *values)

    def of(self, timeline: Timeline) -> Result:
        """From here on the file is one of a run; what a server tells of it."""
        result = Result(timeline, (), {})
        self("file", plain(file_data(result)))
        return result

    def series(self, from_ms: int, until_ms: int, bins: int, zone: str = "UTC") -> Any:
        """Figures over time."""
        return self("series", "", {"fromMs": from_ms, "untilMs": until_ms, "bins": bins, "zone": zone})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[File]:
    for page in page_in_node(tmp_path_factory.mktemp("file"), ENTRY):
        yield File(page)


def runs() -> st.SearchStrategy[Timeline]:
    """Runs of every kind: with redials, agents, laws, lines and paces that change, pauses, clocks that jump."""
    return st.one_of(any_scenes().map(performed), any_cases().map(played))


@given(runs(), st.data())
@settings(max_examples=25)
def test_figures_over_time_are_those_of_a_server(file: File, timeline: Timeline, data: st.DataObject) -> None:
    result = file.of(timeline)
    zone = data.draw(st.sampled_from(result.overview.zones)).name
    begin, end = told_span(timeline, result.overview.toMs)
    from_ms = data.draw(st.integers(begin, end - HOUR_MS)) // MINUTE_MS * MINUTE_MS
    until_ms = min(from_ms + data.draw(st.sampled_from((HOUR_MS, DAY_MS, 7 * DAY_MS, 40 * DAY_MS))), end)
    until_ms -= until_ms % MINUTE_MS
    bins = data.draw(st.integers(1, 200))

    told = file.series(from_ms, until_ms, bins, zone)

    expected = plain(series_of(result, from_ms, until_ms, bins, parse_zone(zone)))
    assert told.pop("busyMean") == pytest.approx(expected.pop("busyMean"), abs=0.0001)
    assert told == expected


def test_a_span_that_begins_and_ends_within_a_minute_loses_no_dial(file: File) -> None:
    """The bins of the base that it cuts count as within it."""
    file.of(simulated(number("A"), now="2026-03-02T09:00:10", until="2026-03-03"))
    begin = at("2026-03-02T09:00:10")

    early, late = (
        file.series(begin, begin + 30 * MINUTE_MS, 30),
        file.series(begin - 30 * MINUTE_MS, begin + 1, 30),
    )

    assert (sum(early["dials"]), sum(late["dials"])) == (1, 1)
    assert (early["fromMs"][0], late["untilMs"][-1]) == (begin, begin + 1)
    assert max(early["busyMean"]) <= max(early["busyMost"])


def test_lines_that_change_while_nobody_calls_are_told(file: File) -> None:
    """R11.3: at any time there are as many as the campaign has then, also where nothing happens."""
    lines = [{"from": "09:00", "lines": 3}, {"from": "18:00", "lines": 1}]
    result = file.of(
        simulated(number("A"), now="2026-03-02T10:00", until="2026-03-04", campaign={"maxSimultaneousCalls": lines})
    )
    span = at("2026-03-02"), at("2026-03-03")

    assert file.series(*span, 4)["lines"] == series_of(result, *span, 4, UTC).lines == [1, 3, 3, 1]


def test_bins_are_made_of_whole_bins_of_the_base(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the base has steps of four hours there are no bins of six."""
    numbers = [number(name, maxAttempts=50, retryIntervalInMinutes=60) for name in "ABC"]
    timeline = simulated(*numbers, now="2026-03-01", until="2026-03-09")
    monkeypatch.setattr(series_module, "MAX_BASE", 14)
    result = file.of(timeline)
    begin = at("2026-03-01")

    told = file.series(begin, begin + 3 * DAY_MS, 12)

    assert told["stepMs"] == 12 * HOUR_MS
    assert told["dials"] == series_of(result, begin, begin + 3 * DAY_MS, 6, UTC).dials


@given(runs(), st.data())
@settings(max_examples=15)
def test_rows_are_those_of_a_server(file: File, timeline: Timeline, data: st.DataObject) -> None:
    result = file.of(timeline)
    zones = [None, *(zone.name for zone in result.overview.zones)]
    for show in SHOWS:
        asked = RowsAsked(
            from_=data.draw(st.integers(0, 3)),
            count=data.draw(st.integers(0, 10)),
            show=show,
            zone=data.draw(st.sampled_from(zones)),
            priority=data.draw(st.sampled_from((None, 1, 3))),
            phone=data.draw(st.sampled_from(("", "79", "1"))),
            order=data.draw(st.sampled_from(ORDERS)),
            descending=data.draw(st.booleans()),
        )

        assert file("rows", "", plain(asked)) == plain(result.table.rows(asked))


def edges_of(told: Any) -> set[int]:
    """The instants at which something changes for a number."""
    found = {edge for window in told["windows"][:5] for edge in window}
    for series in told["series"]:
        found |= {series["acceptedMs"], series["endedMs"]}
        for attempt in series["attempts"]:
            found |= {attempt["dueMs"], attempt["atMs"], attempt["endMs"]}
            found |= {edge for wait in attempt["waits"] for edge in (wait["fromMs"], wait["untilMs"])}
    return found - {None}


@given(runs(), st.data())
@settings(max_examples=25)
def test_a_moment_is_told_as_by_a_server_as_far_as_a_file_can(
    file: File, timeline: Timeline, data: st.DataObject
) -> None:
    """R10.2: of a number and its redials the last that was accepted counts. A file may say less, and nothing else."""
    result = file.of(timeline)
    for index in result.table.jobs[:2]:
        edges = {edge + by for edge in edges_of(plain(number_of(result, index))) for by in (-1, 0, 1)}
        inside = sorted(edge for edge in edges if timeline.now_ms <= edge < timeline.until_ms)
        for at_ms in data.draw(st.lists(st.sampled_from(inside), max_size=8)) if inside else ():
            told, expected = file("moment", "", index, at_ms), plain(moment_of(result, index, at_ms))
            assert (told["dialled"], told["nextDialMs"]) == (expected["dialled"], expected["nextDialMs"])
            assert told["nextAllowedMs"] in {"unknown", expected["nextAllowedMs"]}
            codes = {reason["code"] for reason in told["reasons"]}
            assert codes <= {reason["code"] for reason in expected["reasons"]}
            assert bool(codes) != told["dialled"]
