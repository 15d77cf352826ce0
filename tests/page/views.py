"""Every view of the page, and how a reader comes to it from the empty page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import drop
from tests.page.screens import AMERICAN, Screen, request_file

REQUEST = "The numbers, as a request"


def _empty(screen: Screen) -> None:
    expect(screen.button("Show the example")).to_be_visible()


def _preview(screen: Screen) -> None:
    screen.show_example()
    screen.wait()
    expect(screen.charts.get_by_role("img").first).to_be_visible()


def _zoomed(screen: Screen) -> None:
    _preview(screen)
    for _ in range(4):
        screen.timeline.get_by_role("button", name="Zoom in").click()
    screen.timeline.get_by_role("button", name="Show as a table").click()
    screen.charts.focus()
    screen.page.keyboard.press("ArrowRight")


def _number(screen: Screen) -> None:
    _preview(screen)
    told = screen.choose(AMERICAN)
    told.get_by_role("button", name="Why is attempt 2 dialled then?").click()
    expect(told).to_contain_text("It is dialled")


def _what_if(screen: Screen) -> None:
    _preview(screen)
    screen.go("What if")
    screen.page.get_by_label("Lines, what if").fill("20")
    expect(screen.page.get_by_role("table", name="What changes")).to_be_visible()


def _setup(tab: str) -> Callable[[Screen], None]:
    def come(screen: Screen) -> None:
        _preview(screen)
        screen.open_setup()
        screen.go(tab)

    return come


def _window(screen: Screen) -> None:
    _setup("Policy")(screen)
    screen.window("Tuesday").focus()
    expect(screen.week.get_by_role("button", name="Split")).to_be_visible()


def _policy_of_number(screen: Screen) -> None:
    _preview(screen)
    screen.choose("12125556243")
    screen.open_setup()
    screen.go("Policy")
    screen.page.get_by_role("group", name="Whose policy").get_by_role("button").last.click()


def _problems(screen: Screen) -> None:
    _preview(screen)
    screen.open_setup()
    screen.go("Numbers")
    screen.write(
        REQUEST, '[\n  {"phone": "x", "gmtZone": "Europe/Berlim"},\n  {"phone": "12125550100", "maxAttempts": 99}\n]'
    )
    expect(screen.problems(REQUEST)).to_have_count(3)


def _refused(screen: Screen) -> None:
    drop(screen.drop_place, request_file({"phone": "x"}))
    screen.open_result()
    expect(screen.preview.get_by_text("1 problem", exact=True)).to_be_visible()


def _menu(screen: Screen) -> None:
    _preview(screen)
    screen.page.get_by_text("Save", exact=True).click()
    expect(screen.page.get_by_role("button", name="NDJSON")).to_be_visible()


VIEWS: dict[str, Callable[[Screen], None]] = {
    "empty": _empty,
    "preview": _preview,
    "zoomed, with its table": _zoomed,
    "number": _number,
    "what if": _what_if,
    "policy": _window,
    "policy of a number": _policy_of_number,
    "numbers": _setup("Numbers"),
    "campaign": _setup("Campaign text"),
    "run": _setup("Run"),
    "problems": _problems,
    "refused": _refused,
    "menu": _menu,
}
