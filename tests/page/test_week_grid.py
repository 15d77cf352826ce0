"""Windows on the week grid: drawn, dragged, split and joined, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.page.screens import BERLIN, Screen

CAMPAIGN_TEXT = "The campaign file, as JSON"
HOURS = 24


def window(opens: str, closes: str) -> dict[str, str]:
    """A window as the campaign has it."""
    return {"localTimeFrom": opens, "localTimeTo": closes}


def times_of(screen: Screen) -> Any:
    """The hours as the campaign's text has them."""
    screen.go("Campaign text")
    text = screen.text_of(CAMPAIGN_TEXT)
    screen.go("Policy")
    return json.loads(text)["policy"]["allowedTime"]


def track_of(window: Locator) -> tuple[float, float, float, float]:
    """Where the day of a window is: left, top, width, height."""
    box = window.locator("xpath=..").bounding_box()
    assert box
    return box["x"], box["y"], box["width"], box["height"]


def point(window: Locator, hour: float) -> tuple[float, float]:
    """Where an hour is on the day of a window, which lies or stands."""
    left, top, width, height = track_of(window)
    if height > width:
        return left + width / 2, top + height * hour / HOURS
    return left + width * hour / HOURS, top + height / 2


def drag(screen: Screen, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags the mouse from one point to another."""
    mouse = screen.page.mouse
    mouse.move(*begin)
    mouse.down()
    mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, steps=3)
    mouse.move(*end, steps=3)
    mouse.up()


@pytest.fixture
def monday(trial: Screen) -> Locator:
    """The window of Monday, 10:00 to 18:00, in view."""
    first = trial.window("Monday")
    first.scroll_into_view_if_needed()
    expect(first).to_have_attribute("aria-valuetext", "10:00 to 18:00")
    return first


def test_an_edge_is_dragged_with_the_mouse(trial: Screen, monday: Locator) -> None:
    """The other days stay; times snap to five minutes; the timeline follows."""
    expect(trial.row(BERLIN)).to_contain_text("2 Mar, 10:00")
    drag(trial, point(monday, 10.05), point(monday, 14.05))

    expect(monday).to_have_attribute("aria-valuetext", re.compile("^1[34]:[05][05] to 18:00$"))
    expect(trial.window("Tuesday")).to_have_attribute("aria-valuetext", "10:00 to 18:00")
    times = times_of(trial)
    assert times["mon"][0]["localTimeFrom"] in {"13:55", "14:00", "14:05"}  # a pixel is about as much
    assert times["default"] == [window("10:00", "18:00")]
    expect(trial.row(BERLIN)).to_contain_text(re.compile("2 Mar, 1[34]:[05][05]"))


def test_a_window_is_moved_as_a_whole(trial: Screen, monday: Locator) -> None:
    """Taken in its middle."""
    drag(trial, point(monday, 13), point(monday, 15))

    expect(monday).to_have_attribute("aria-valuetext", "12:00 to 20:00")


def test_a_window_is_drawn_where_there_is_none(trial: Screen, monday: Locator) -> None:
    """From the evening past midnight, and it belongs to the day on which it begins."""
    drag(trial, point(monday, 20), point(monday, 22))

    expect(trial.window("Monday", 1)).to_have_attribute("aria-valuetext", "20:00 to 22:00")
    assert times_of(trial)["mon"] == [window("10:00", "18:00"), window("20:00", "22:00")]


def test_a_window_is_dragged_across_midnight(trial: Screen, monday: Locator) -> None:
    """Its end then lies on the next day."""
    drag(trial, point(monday, 17.95), point(monday, 26))

    expect(monday).to_have_attribute("aria-valuetext", re.compile("^10:00 to Tuesday 0[12]:[05][05]$"))  # of a pixel
    assert times_of(trial)["mon"][0]["localTimeTo"] in {"01:55", "02:00", "02:05"}


def test_a_drag_that_escape_ends_changes_nothing(trial: Screen, monday: Locator) -> None:
    """Nothing is written before the button is let go."""
    trial.page.mouse.move(*point(monday, 17.95))
    trial.page.mouse.down()
    trial.page.mouse.move(*point(monday, 12), steps=3)
    trial.page.keyboard.press("Escape")
    trial.page.mouse.up()

    expect(monday).to_have_attribute("aria-valuetext", "10:00 to 18:00")


def test_a_double_click_splits_a_window(trial: Screen, monday: Locator) -> None:
    """A pause comes into it, and goes when the two are joined."""
    monday.dblclick()
    expect(trial.window("Monday", 1)).to_be_visible()
    assert len(times_of(trial)["mon"]) == 2
    trial.window("Monday").focus()
    trial.button("Join with the next").click()

    expect(trial.window("Monday", 1)).to_have_count(0)
    expect(trial.window("Monday")).to_have_attribute("aria-valuetext", "10:00 to 18:00")


def test_all_that_the_mouse_does_the_keyboard_does(trial: Screen, monday: Locator) -> None:
    """The end by arrows, the start with Shift, both with Alt; hours by Page Up and Down; Delete."""
    keyboard = trial.page.keyboard
    monday.focus()
    for keys, said in (
        ("ArrowRight", "10:00 to 18:05"),
        ("Shift+ArrowLeft", "09:55 to 18:05"),
        ("Alt+ArrowRight", "10:00 to 18:10"),
        ("Control+ArrowLeft", "10:00 to 18:09"),
        ("PageDown", "10:00 to 19:05"),
        ("PageDown", "10:00 to 20:05"),
        ("PageDown", "10:00 to 21:05"),
        ("PageDown", "10:00 to 22:05"),
        ("PageDown", "10:00 to 23:05"),
        ("PageDown", "10:00 to Tuesday 00:05"),
    ):
        keyboard.press(keys)
        expect(monday).to_have_attribute("aria-valuetext", said)
        expect(monday).to_be_focused()
    keyboard.press("Delete")

    expect(trial.week.get_by_role("status")).to_have_text("Monday 10:00 to Tuesday 00:05 removed")
    expect(trial.window("Monday")).to_have_count(0)


def test_exact_times_are_typed(trial: Screen, monday: Locator) -> None:
    """The selected window has fields, and is copied to other days."""
    monday.focus()
    trial.week.get_by_label("From", exact=True).fill("08:17")
    trial.week.get_by_label("From", exact=True).press("Enter")
    expect(monday).to_have_attribute("aria-valuetext", "08:17 to 18:00")
    trial.button("Copy Monday to every day").click()

    expect(trial.window("Sunday")).to_have_attribute("aria-valuetext", "08:17 to 18:00")
    assert times_of(trial) == {"default": [window("08:17", "18:00")]}


def test_windows_are_added_split_and_removed_by_buttons(trial: Screen, monday: Locator) -> None:
    """So that nobody has to drag."""
    trial.week.get_by_label("on", exact=True).select_option("Wednesday")
    trial.button("Add a window").click()
    expect(trial.window("Wednesday", 1)).to_be_visible()
    trial.button("Remove").click()
    expect(trial.window("Wednesday", 1)).to_have_count(0)
    trial.window("Wednesday").focus()
    trial.button("Split").click()

    expect(trial.window("Wednesday", 1)).to_be_visible()


def test_a_window_on_a_day_without_calls_says_that_it_does_not_count(trial: Screen) -> None:
    """Until the day is ticked."""
    trial.window("Saturday").focus()
    expect(trial.week).to_contain_text("No calls on Saturday: tick the day")
    trial.week.get_by_label("Calls on Saturday").check()

    expect(trial.week).not_to_contain_text("No calls on Saturday")


def test_a_day_is_taken_away_and_given_back(trial: Screen, monday: Locator) -> None:
    """Calls move to Tuesday, and back."""
    trial.week.get_by_label("Calls on Monday").uncheck()
    expect(trial.figure("First dial")).to_contain_text("Tue 3 Mar")
    trial.week.get_by_label("Calls on Monday").check()
    expect(trial.figure("First dial")).to_contain_text("Mon 2 Mar")
    trial.button("Do not set the hours").click()

    expect(trial.week).to_contain_text("open all day by default.")
    expect(trial.figure("First dial")).to_contain_text("2 Mar, 10:00")


def test_a_button_that_goes_when_it_is_pressed_leaves_the_focus_on_the_week(trial: Screen) -> None:
    """Whoever goes by keyboard does not begin anew at the top of the page."""
    for name in ("Do not set the hours", "Do not set the days", "Begin with"):
        button = trial.week.get_by_role("button", name=name)
        button.focus()
        trial.page.keyboard.press("Enter")

        expect(button).to_have_count(0)
        expect(trial.week.locator(":focus")).to_have_count(1)
