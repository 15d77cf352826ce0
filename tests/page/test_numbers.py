"""The table of numbers: filters, sorting, scrolling and the keyboard."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser import File, wait_until
from tests.page.screens import Screen


def test_numbers_are_filtered(example: Screen) -> None:
    """By what became of them, by zone and by priority; and all of them are one click away."""
    for label, option, said, first in (
        ("Show", "never callable", "1 of 50 numbers.", "74951233408"),
        ("Show", "dialled, not reached", r"\d+ of 50 numbers\.", "12125552486"),
        ("Zone", "Asia/Kolkata (4 numbers)", "4 of 50 numbers.", "912255575084"),
        ("Priority", "1 (4 numbers)", "4 of 50 numbers.", "12125558324"),
    ):
        example.numbers.get_by_label(label, exact=True).select_option(option)
        expect(example.numbers.get_by_role("status")).to_have_text(re.compile(f"^{said}$"))
        expect(example.grid.get_by_role("gridcell").first).to_have_text(first)
        example.button("All numbers").click()
        expect(example.numbers.get_by_role("status")).to_have_text("50 numbers, all that there are.")


def test_numbers_are_found_by_digits(example: Screen) -> None:
    """However they are written; and nothing found says what to do."""
    digits = example.numbers.get_by_label("Digits of the phone")
    digits.fill("+44 (20) 7946")
    expect(example.numbers.get_by_role("status")).to_have_text("8 of 50 numbers.")
    digits.fill("999999")
    expect(example.numbers.get_by_role("status")).to_have_text("No number is like that. Take some of the filters away.")


def test_a_column_sorts_the_numbers(example: Screen) -> None:
    """Up at the first click, down at the second."""
    head = example.grid.get_by_role("columnheader", name="Dials")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(example.grid.get_by_role("gridcell").first).to_have_text("74951233408")
    head.get_by_role("button").click()

    expect(head).to_have_attribute("aria-sort", "descending")
    expect(example.first_cell("Dials")).to_have_text("5")


def test_rows_come_as_they_are_scrolled_to(screen: Screen) -> None:
    """Of 20,000 numbers, by the wheel, by the end key and back."""
    numbers = [{"phone": str(79_000_000_000 + place), "gmtZone": "Z"} for place in range(20_000)]
    screen.bring(File("many.json", json.dumps(numbers)))
    expect(screen.numbers.get_by_role("status")).to_have_text("20,000 numbers, all that there are.")
    expect(screen.grid).to_have_attribute("aria-rowcount", "20001")
    assert screen.grid.get_by_role("row").count() < 40
    screen.grid.hover()
    screen.page.mouse.wheel(0, 32_000)
    wait_until(screen.page, lambda: "79000001000" in screen.rows())
    screen.grid.focus()
    screen.page.keyboard.press("End")
    wait_until(screen.page, lambda: "79000019999" in screen.rows())
    screen.page.keyboard.press("Home")

    wait_until(screen.page, lambda: screen.rows()[:1] == ["79000000000"])


def test_a_number_is_chosen_by_keyboard(example: Screen) -> None:
    """Arrows and pages go from row to row, which a screen reader is told; Enter explains."""
    keyboard = example.page.keyboard
    example.grid.focus()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.press("PageDown")
    keyboard.press("PageUp")
    active = example.grid.get_attribute("aria-activedescendant")
    assert active
    expect(example.page.locator(f"[id='{active}']")).to_contain_text("12125558324")
    keyboard.press("Enter")

    expect(example.number("12125558324")).to_be_visible()
    expect(example.row("12125558324")).to_have_attribute("aria-selected", "true")
