"""Charts: what they show is what a plain count says, on the clock that they name, and names in them are text."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings, strategies as st

from scheduler.jobs import UsageError
from scheduler.policy.zones import parse_zone
from scheduler.views import pictures
from scheduler.views.charts import cost_chart, figure_chart, heat_map, lines_chart, progress_chart
from scheduler.views.counts import Busy, clock_bins, dials_by_hour, lines_busy, progress
from scheduler.views.marks import MAX_ROWS, nothing
from tests.oracles import wall_clock
from tests.strategies import ZONES, Case, any_cases, at, number, played, simulated

NOON = "2026-03-02T12:00:00Z"
NASTY = '</text></script><script>alert(1)</script><b onload="x">&"'
HOUR_MS = 3_600_000
ODD_ZONES = (*ZONES, "Antarctica/Troll", "Africa/Monrovia", "Asia/Tehran", "+05:30:15", "-18:00")
POINTS = [(lines, 100.0 / lines, 90.0 / lines, 120.0 / lines) for lines in (10, 20, 40)]


def clock(zone: str, instant_ms: int) -> int:
    """What a clock on the wall shows, in milliseconds since its own 1970, by the oracle."""
    return (wall_clock(zone, instant_ms) - dt.datetime(1970, 1, 1)) // dt.timedelta(milliseconds=1)  # noqa: DTZ001


def drawn(chart: Any) -> ET.Element:
    """A chart as it is drawn."""
    return ET.fromstring(pictures.svg([chart]))


def words_of(root: ET.Element) -> list[str]:
    """All texts of a picture."""
    return [text for element in root.iter() if element.tag.endswith("}text") and (text := "".join(element.itertext()))]


# -- counts ----------------------------------------------------------------------------------------------


@given(any_cases())
@settings(max_examples=15)
def test_cells_of_the_heat_map_count_each_dial_at_its_hour_on_the_wall(case: Case) -> None:
    """R4.3: the hour that a clock in the number's zone shows."""
    timeline = played(case)

    cells = dials_by_hour(timeline)

    assert cells == Counter((dial.job.zone.name, wall_clock(dial.job.zone.name, dial.at).hour) for dial in timeline)


@given(any_cases(), st.sampled_from(ODD_ZONES))
@settings(max_examples=15)
def test_lines_busy_add_up_to_the_time_that_calls_took(case: Case, zone: str) -> None:
    """R11.1: a call holds its line while it rings and while it talks; what lies beyond the run is not counted."""
    timeline = played(case)

    busy = lines_busy(timeline, parse_zone(zone))

    held = sum(min(dial.length_ms, timeline.until_ms - dial.at) for dial in timeline)
    assert sum(each.held_ms for each in busy) == held
    assert all(each.mean <= each.most for each in busy)
    edges = [(dial.at, 1) for dial in timeline]
    edges += [(min(dial.at + dial.length_ms, timeline.until_ms), -1) for dial in timeline]
    lines = most = 0
    for _, change in sorted(edges):
        lines += change
        most = max(most, lines)
    assert max((each.most for each in busy), default=0) == most


@given(any_cases(), st.sampled_from(ODD_ZONES))
@settings(max_examples=15)
def test_progress_never_falls_and_ends_where_the_run_does(case: Case, zone: str) -> None:
    """A list is dialled, answered and done with, number by number."""
    timeline = played(case)

    points = progress(timeline, parse_zone(zone))

    assert [point.clock_ms for point in points] == sorted({point.clock_ms for point in points})
    for before, after in pairwise(points):
        assert all(a <= b for a, b in zip(before[1:], after[1:], strict=True))
    if points:
        ended = {
            job.index: ending.at is not None for job, ending in zip(timeline.jobs, timeline.endings(), strict=True)
        }
        assert points[-1][1:] == (len({dial.job.index for dial in timeline}), 0, sum(ended.values()))


@given(st.sampled_from(ODD_ZONES), st.integers(at("2009-01-01"), at("2027-01-01")), st.integers(1, 40 * 24 * HOUR_MS))
@example("Pacific/Apia", at("2011-12-29T12:00"), 72 * HOUR_MS)
@example("Europe/Berlin", at("2026-10-24T22:30"), 5 * HOUR_MS)
@settings(max_examples=30)
def test_bins_cover_a_span_once_and_show_what_the_wall_clock_shows(zone: str, begin_ms: int, length_ms: int) -> None:
    """Where a clock goes back a bin is longer, where it goes forward one is shorter or absent."""
    bins = clock_bins(parse_zone(zone), begin_ms, begin_ms + length_ms)

    spans = sorted(span for each in bins for span in each.spans)
    assert [spans[0][0], *(until for _, until in spans)] == [*(begin for begin, _ in spans), begin_ms + length_ms]
    assert spans[0][0] == begin_ms
    assert len(bins) <= 250
    for each in bins:
        for begin, until in each.spans:
            assert each.clock_ms <= clock(zone, begin) < each.clock_end_ms
            assert each.clock_ms <= clock(zone, until - 1) < each.clock_end_ms


def test_an_hour_that_comes_twice_is_one_bin_with_the_mean_of_both() -> None:
    """Berlin, 2026-10-25: 02:00 to 03:00 lasts two hours; one line is held in all of the first."""
    begin_ms, end_ms = at("2026-10-20"), at("2026-11-20")
    bins = clock_bins(parse_zone("Europe/Berlin"), begin_ms, end_ms)

    (twice,) = (each for each in bins if len(each.spans) == 2)
    real_ms = sum(until - begin for begin, until in twice.spans)
    assert real_ms == twice.clock_end_ms - twice.clock_ms + HOUR_MS
    assert Busy(twice.clock_ms, twice.clock_end_ms, real_ms, real_ms, 1).mean == 1


# -- charts ----------------------------------------------------------------------------------------------


def test_every_zone_has_a_row_and_every_cell_its_number() -> None:
    """The heat map is readable without its colours."""
    words = words_of(drawn(heat_map({("Europe/Berlin", 9): 1234, ("-05:00", 23): 7})))

    assert {"Europe/Berlin", "-05:00", "1.2k", "7", "hour of the day, on the number's clock"} <= set(words)
    assert "Dials by hour of the day, 1,241 in all" in words


def test_beyond_so_many_zones_the_least_share_a_row() -> None:
    """A chart fits a page, and no dial is lost."""
    dials = {(f"Zone/{place:02d}", hour): place + 1 for place in range(40) for hour in range(24)}

    spec = heat_map(dials).to_dict()

    rows = next(iter(spec["datasets"].values())) if "datasets" in spec else spec["data"]["values"]
    assert sum(row["dials"] for row in rows) == sum(dials.values())
    assert {row["zone"] for row in rows if "more" in row["zone"]} == {"17 more zones"}
    assert len({row["zone"] for row in rows}) == 24


def test_a_time_axis_reads_the_clock_of_its_zone_whatever_the_machine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vega would take the machine's; the labels are those of the zone, which the axis names."""
    timeline = simulated(number("a", maxAttempts=4), now=NOON)
    busy = lines_busy(timeline, parse_zone("Asia/Kathmandu"))
    first = words_of(drawn(lines_chart(busy, "Asia/Kathmandu")))
    monkeypatch.setenv("TZ", "America/New_York")

    again = words_of(drawn(lines_chart(busy, "Asia/Kathmandu")))

    assert first == again
    assert "time, on the clock of Asia/Kathmandu" in first
    # 12:00 in UTC is 17:45 in Kathmandu.
    assert "18:00Mon 2 Mar" in first
    assert not [word for word in first if word.startswith(("12:", "07:"))]


def test_no_chart_has_a_time_of_vega() -> None:
    """No temporal field, no time unit, no format of a time: nothing that could follow a machine's clock."""
    timeline = simulated(number("a", maxAttempts=4), now=NOON)
    berlin = parse_zone("Europe/Berlin")
    charts = [
        lines_chart(lines_busy(timeline, berlin), "Europe/Berlin", limit=1),
        progress_chart(progress(timeline, berlin), "Europe/Berlin", numbers=1),
        cost_chart([(10, at(NOON), at(NOON), at(NOON) + 1)], zone=berlin, deadline=(at(NOON), "by noon")),
    ]

    for chart in charts:
        text = json.dumps(chart.to_dict())
        assert not re.search(r"temporal|timeUnit|timeFormat|utcFormat|datetime|toDate", text)


@pytest.mark.parametrize(
    "chart",
    [
        heat_map({}),
        lines_chart([], "UTC"),
        progress_chart([], "UTC", numbers=0),
        figure_chart({}, x="lines", y="hours", title="Hours"),
        cost_chart([], zone=parse_zone("UTC")),
        nothing("Nothing", "no dials"),
    ],
    ids=["heat", "lines", "progress", "figure", "cost", "nothing"],
)
def test_a_chart_of_nothing_says_so(chart: Any) -> None:
    """An empty timeline is a picture, not an error."""
    assert {"no dials", "no figures"} & set(words_of(drawn(chart)))


def test_a_figure_has_axes_with_units_a_legend_and_its_goal() -> None:
    """Readable without a caption."""
    series = {"retry 30 min": POINTS, NASTY: POINTS}
    chart = figure_chart(series, x="lines", y="hours", title="Time", goal=(5, "goal: 5 h"), chosen=(20, "20 lines"))

    words = words_of(drawn(chart))

    assert {"lines", "hours", "retry 30 min", NASTY, "goal: 5 h", "20 lines"} <= set(words)


def test_infinite_figures_are_left_out_and_said() -> None:
    """A list that is not finished has no finish."""
    endless = (5, float("inf"), float("inf"), float("inf"))

    assert "no figure at 5 lines" in words_of(
        drawn(figure_chart({"": [endless, *POINTS]}, x="lines", y="h", title="T"))
    )
    cost = cost_chart([endless, (10, at(NOON), at(NOON), at(NOON))], zone=parse_zone("UTC"))
    assert "not always finished with 5 lines" in words_of(drawn(cost))
    assert "no figure at 5 lines" in words_of(drawn(figure_chart({"": [endless]}, x="lines", y="h", title="T")))


def test_a_cost_curve_reads_finishes_off_the_clock_of_its_zone() -> None:
    """The cost curve: lines against finish."""
    points = [(lines, at(NOON) + 4e8 / lines, at(NOON) + 3e8 / lines, at(NOON) + 5e8 / lines) for lines in (10, 20, 40)]

    words = words_of(drawn(cost_chart(points, zone=parse_zone("+03:00"), deadline=(at(NOON) + HOUR_MS, "by 16:00"))))

    assert {"finished, on the clock of +03:00", "lines", "by 16:00"} <= set(words)
    assert "Mon 2 Mar" in " ".join(words)


def test_what_is_too_much_for_a_chart_is_refused() -> None:
    """Never over 5,000 rows, never more series than can be told apart."""
    with pytest.raises(UsageError, match=r"at most 5,000 rows, not 5,001"):
        figure_chart({"": [(x, 1, 1, 1) for x in range(MAX_ROWS + 1)]}, x="x", y="y", title="T")
    with pytest.raises(UsageError, match="at most 6 series, not 7"):
        figure_chart({str(place): POINTS for place in range(7)}, x="x", y="y", title="T")


# -- pictures --------------------------------------------------------------------------------------------


def test_names_are_text_in_a_picture_and_nothing_else_is_in_it() -> None:
    """No markup from names: only shapes and text, with attributes that draw."""
    root = drawn(heat_map({(NASTY, 9): 5}))

    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= pictures.TAGS
    assert {name for element in root.iter() for name in element.attrib} <= pictures.ATTRIBUTES
    assert any(word.startswith("</text></script><script>alert") for word in words_of(root))


def test_charts_below_each_other_share_no_names_of_clips_and_gradients() -> None:
    """One document has each id once."""
    chart = heat_map({("UTC", 9): 5})

    text = pictures.svg([chart, chart])

    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids)) >= 2
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_same_charts_are_the_same_picture() -> None:
    """Nothing depends on what was drawn before."""
    chart = heat_map({("UTC", 9): 5})

    assert pictures.svg([chart]) == pictures.svg([chart])


def test_a_picture_in_the_ink_of_its_page_has_no_ground() -> None:
    """So it is readable in light and dark."""
    text = pictures.svg([nothing("Title", "words")], page=True)

    assert 'fill="currentColor"' in text
    assert 'fill="white"' not in text


def test_a_png_is_a_png_of_two_pixels_for_one() -> None:
    """A size that fits a page."""
    data = pictures.png([nothing("Title", "words")])

    assert data.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(data[16:20], "big") == 1400


def test_characters_that_no_document_may_hold_are_replaced() -> None:
    """XML has no way to write them."""
    words = words_of(drawn(nothing("a\x00b\x1fc\ufffe", "words")))

    assert any(
        word.startswith("a") and "\x00" not in word and word.endswith("\N{REPLACEMENT CHARACTER}") for word in words
    )


def test_a_chart_that_is_too_large_or_fails_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing font or a huge chart is one clear error."""
    with pytest.raises(UsageError, match=r"the chart is too large to draw: at most 20,000 pixels a side"):
        pictures.svg([nothing("T", "words").properties(height=1_000_000)])

    def fails(*_: Any, **__: Any) -> str:
        raise ValueError("no font was found\nat a line of Rust")

    monkeypatch.setattr("vl_convert.vegalite_to_svg", fails)
    with pytest.raises(UsageError, match=r"^the chart cannot be drawn: no font was found$"):
        pictures.svg([nothing("T", "words")])
    monkeypatch.undo()
    monkeypatch.setattr("vl_convert.svg_to_png", fails)
    with pytest.raises(UsageError, match=r"^the chart cannot be drawn: no font was found$"):
        pictures.png([nothing("T", "words")])


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-03-28T23:00:00Z", "the clock skips from Sun 2026-03-29 02:00 to Sun 2026-03-29 03:00"),
        ("2026-10-24T22:00:00Z", "the clock shows Sun 2026-10-25 02:00 to Sun 2026-10-25 03:00 twice"),
        ("2026-06-24T22:00:00Z", ""),
    ],
)
def test_lines_in_use_tell_of_clock_changes(now: str, said: str) -> None:
    """R4.3: no line is held in an hour that is skipped, and one that comes twice is both."""
    settings = {"timeZone": "Europe/Berlin", "policy": {"maxAttempts": 5}, "maxSimultaneousCalls": 1}
    timeline = simulated(number("a"), number("b"), now=now, campaign=settings)
    busy = lines_busy(timeline, timeline.campaign.zone)
    texts = words_of(drawn(lines_chart(busy, "Europe/Berlin")))

    assert any(said in text for text in texts)
    assert said or not any("the clock" in text for text in texts if "on the clock" not in text)
