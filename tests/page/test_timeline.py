"""The timeline: from the whole campaign to a minute and back, by mouse, wheel and keyboard, on any clock."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import settled, wait_until
from tests.page.screens import NEW_YORK, Screen


def middle(place: Locator, share: float = 0.5) -> tuple[float, float]:
    """A point inside a place, so far from its left."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] * share, box["y"] + min(box["height"] / 4, 60)


def drag(page: Page, place: Locator, begin: float, end: float) -> None:
    """Drags over a place, from one share of its width to another."""
    page.mouse.move(*middle(place, begin))
    page.mouse.down()
    page.mouse.move(*middle(place, (begin + end) / 2), steps=3)
    page.mouse.move(*middle(place, end), steps=3)
    page.mouse.up()


def test_it_is_zoomed_to_a_minute_and_back_by_buttons(example: Screen) -> None:
    """Each button says when it can do no more."""
    whole = example.span_shown()
    for _ in range(20):
        if example.button("Zoom in").get_attribute("aria-disabled") == "true":
            break
        example.button("Zoom in").click()
    assert example.span_shown() == "1 min"
    expect(example.charts.get_by_role("heading", name="Dials per minute")).to_be_visible()
    example.button("Earlier").click()
    example.button("Later").click()
    example.button("Whole").click()

    assert example.span_shown() == whole
    expect(example.button("Whole")).to_have_attribute("aria-disabled", "true")
    expect(example.readout).to_contain_text(f"{example.dials()} dials")


def test_it_is_zoomed_by_a_drag_and_by_the_wheel(example: Screen) -> None:
    """A span is selected with the mouse; Ctrl and the wheel zoom around the pointer, Shift and the wheel move."""
    page = example.page
    whole = example.span_shown()
    drag(page, example.charts, 0.1, 0.2)
    settled(page)
    assert example.span_shown() != whole
    before = example.span_shown()
    page.mouse.move(*middle(example.charts))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    settled(page)
    assert example.span_shown() != before
    words = example.timeline.get_by_text("–").first
    shown = words.inner_text()
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 300)
    page.keyboard.up("Shift")

    expect(words).not_to_have_text(shown)


def test_the_wheel_alone_scrolls_the_page(example: Screen) -> None:
    """Charts do not catch who only wants to go on."""
    whole = example.span_shown()
    example.page.mouse.move(*middle(example.charts))
    example.page.mouse.wheel(0, 300)
    wait_until(example.page, lambda: bool(example.page.evaluate("scrollY > 100")))

    assert example.span_shown() == whole


def test_all_of_it_is_done_by_keyboard(example: Screen) -> None:
    """Arrows tell the figures of a moment, plus and minus zoom around it, Home shows the whole."""
    keyboard = example.page.keyboard
    whole = example.span_shown()
    example.charts.focus()
    keyboard.press("ArrowRight")
    said = example.timeline.get_by_role("status").first
    expect(said).to_contain_text("dials")
    for _ in range(16):
        keyboard.press("+")
    assert example.span_shown() == "1 min"
    keyboard.press("PageDown")
    keyboard.press("PageUp")
    keyboard.press("-")
    expect(example.timeline.get_by_text("(2 min)")).to_be_visible()
    keyboard.press("Home")
    assert example.span_shown() == whole
    keyboard.press("Escape")

    expect(example.readout).to_contain_text(f"{example.dials()} dials")


def test_pointing_tells_the_figures_of_a_moment(example: Screen) -> None:
    """The bin under the mouse, in words."""
    example.page.mouse.move(*middle(example.charts, 0.12))

    expect(example.timeline).to_contain_text(re.compile(r"\w{3}, \d+ Mar 2026, \d\d:\d\d – .*\d+ dial"))


def test_any_clock_of_the_campaign_can_be_chosen(example: Screen) -> None:
    """The campaign's first; then the customers'; and UTC. The browser's own is none of them."""
    clock = example.timeline.get_by_label("Clock")
    expect(clock.locator("option")).to_have_count(9)
    expect(example.figure("First dial")).to_contain_text("Mon 2 Mar, 07:00")
    before = example.row("12125552486").inner_text()
    clock.select_option("UTC")
    expect(example.figure("First dial")).to_contain_text("Mon 2 Mar, 06:00")
    clock.select_option("Asia/Kolkata")

    expect(example.figure("First dial")).to_contain_text("Mon 2 Mar, 11:30")
    expect(example.row("12125552486")).not_to_have_text(before)


def test_the_charts_can_be_read_as_a_table(example: Screen) -> None:
    """Every bin with its figures, for who sees no picture."""
    example.button("Show as a table").click()
    table = example.timeline.get_by_role("table", name="Figures over time, on the clock of Europe/Berlin")
    expect(table.get_by_role("columnheader")).to_have_text(
        [
            "From – until",
            "Dials",
            "Lines busy, mean",
            "Most at once",
            "Limit",
            "Dialled by then",
            "Answered by then",
            "Done with by then",
        ]
    )
    dials = [int(text) for text in table.get_by_role("row").locator("td:nth-child(2)").all_inner_texts()]

    assert sum(dials) == example.dials()
    assert dials[0] > 0


def test_a_clock_change_is_marked(example: Screen) -> None:
    """On 8 March the clocks of New York go forward: a line in the charts, and in the lane of a number."""
    example.timeline.get_by_label("Clock").select_option("America/New_York")
    expect(example.charts.get_by_text("clock +1 h")).to_be_visible()
    example.timeline.get_by_label("Clock").select_option("UTC")
    expect(example.charts.get_by_text("clock +1 h")).to_have_count(0)
    example.choose("12125552486")

    expect(example.lane("12125552486").get_by_text("clock +1 h")).to_be_visible()


def test_windows_of_a_number_follow_its_clock_over_the_change(screen: Screen) -> None:
    """10:00 to 18:00 in New York is 15:00 to 23:00 UTC until 8 March, and 14:00 to 22:00 from then on."""
    screen.bring_trial(
        {"phone": NEW_YORK, "gmtZone": "America/New_York", "maxAttempts": 12},
        policy={
            "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
            "retryIntervalInMinutes": 1440,
        },
    )
    told = screen.choose(NEW_YORK)
    told.get_by_label("Clock").select_option("UTC")
    lane = screen.lane(NEW_YORK)
    lane.focus()
    words = told.get_by_role("status").filter(has_text="Mar 2026")
    seen = set()
    for keys in ["ArrowUp"] * 9 + ["ArrowDown"] * 12:
        screen.page.keyboard.press(keys)
        settled(screen.page)
        seen |= set(re.findall(r"may be dialled .*?(\d\d:\d\d) – .*?(\d\d:\d\d)", words.inner_text()))

    assert {("15:00", "23:00"), ("14:00", "22:00")} <= seen
