"""The page as its reader finds things on it: by role, label and text."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser import File, drop, settled, wait_until

AMERICAN = "12125552486"  # the first of the example
NEW_YORK, BERLIN, KOLKATA = "12125550100", "4930123456", "912255575084"
# Three numbers in three zones, one of whom is given a payload and one a priority. It is Monday, 09:00 UTC.
NUMBERS: list[dict[str, Any]] = [
    {"phone": NEW_YORK, "gmtZone": "America/New_York", "maxAttempts": 2},
    {"phone": BERLIN, "gmtZone": "Europe/Berlin", "payload": {"name": "Kim Lee"}},
    {"phone": KOLKATA, "gmtZone": "Asia/Kolkata", "dialerPriority": 1},
]
CAMPAIGN: dict[str, Any] = {
    "name": "Trial",
    "timeZone": "Europe/Berlin",
    "maxSimultaneousCalls": 1,
    "policy": {
        "allowedDays": ["mon", "tue", "wed", "thu", "fri"],
        "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
        "retryIntervalInMinutes": 60,
    },
}


def request_file(*numbers: dict[str, Any], name: str = "numbers.json") -> File:
    """A request as a file, by default that of NUMBERS."""
    return File(name, json.dumps(numbers or NUMBERS, indent=1), "application/json")


def campaign_file(**changes: Any) -> File:
    """The campaign file of CAMPAIGN, with some keys changed."""
    return File("campaign.json", json.dumps(CAMPAIGN | changes, indent=1), "application/json")


class Screen:
    """What is on the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.drop_place = page.locator("#page > div")
        self.notice = page.get_by_role("status").first
        self.setup = page.get_by_role("region", name="Setup", exact=True)
        self.preview = page.get_by_role("region", name="Preview", exact=True)
        self.figures = page.get_by_role("region", name="Key figures")
        self.timeline = page.get_by_role("region", name="Over time", exact=True)
        self.charts = page.get_by_role("application", name="Dials, lines busy and progress over time")
        self.readout = self.timeline.get_by_text("In what is shown")
        self.numbers = page.get_by_role("region", name="Numbers", exact=True)
        self.grid = page.get_by_role("grid", name="Numbers")
        self.week = page.get_by_role("group", name="Days and hours in which calls may start")

    def button(self, name: str) -> Locator:
        """A button by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        """A tab by its name, whatever alerts it carries."""
        return self.page.get_by_role("tab", name=re.compile(rf"^{re.escape(name)}( \d+ to look at)?$"))

    def go(self, *tabs: str) -> None:
        """Opens tabs, one after the other."""
        for name in tabs:
            self.tab(name).click()

    def figure(self, name: str) -> Locator:
        """A key figure, with the words beside it."""
        return self.figures.get_by_role("term").filter(has_text=name).locator("xpath=following-sibling::dd")

    def dials(self) -> int:
        """How many dials the key figures tell of."""
        found = re.search(r"(\d+) dials", self.figure("Numbers").inner_text())
        assert found
        return int(found[1])

    def rows(self) -> list[str]:
        """The phones of the rows that can be seen."""
        cells = self.grid.get_by_role("row").locator("[role=gridcell]:first-child")
        return [text.strip() for text in cells.all_inner_texts()]

    def row(self, phone: str) -> Locator:
        """The row of a number."""
        return self.grid.get_by_role("row").filter(has_text=phone)

    def cell(self, phone: str, column: str) -> Locator:
        """The cell of a number in a column, of those for which there is room."""
        return self.row(phone).get_by_role("gridcell").nth(self._column(column))

    def first_cell(self, column: str) -> Locator:
        """The cell of whichever number is first."""
        return self.grid.get_by_role("row").nth(1).get_by_role("gridcell").nth(self._column(column))

    def _column(self, name: str) -> int:
        heads = self.grid.get_by_role("columnheader").all_inner_texts()
        return next(place for place, text in enumerate(heads) if text.strip().startswith(name))

    def number(self, phone: str) -> Locator:
        """What is told of a number that was chosen."""
        return self.page.get_by_role("region", name=f"Number {phone}", exact=True)

    def lane(self, phone: str) -> Locator:
        """A number over time."""
        return self.page.get_by_role("application", name=f"Windows and dials of {phone} over time")

    def editor(self, label: str) -> Locator:
        """The text of an editor."""
        return self.page.get_by_role("textbox", name=label)

    def problems(self, label: str) -> Locator:
        """The list of problems below an editor."""
        return self.page.get_by_role("list", name=f"Problems of {label}").get_by_role("listitem")

    def window(self, day: str, place: int = 0) -> Locator:
        """A window on the week grid."""
        return self.week.get_by_role("slider", name=day).nth(place)

    def span_shown(self) -> str:
        """How long the span is that the charts show: the words in brackets."""
        words = self.timeline.get_by_text("\u2013").first.inner_text().replace("\u00a0", " ")
        return words.rpartition("(")[2].rstrip(")")

    def open_setup(self) -> None:
        """On a narrow screen, shows the setup."""
        self._open("Setup")

    def open_result(self) -> None:
        """On a narrow screen, shows what comes of it."""
        self._open("Result")

    def _open(self, name: str) -> None:
        part = self.page.get_by_role("tab", name=name, exact=True)
        if part.count():
            part.click()

    # -- what a reader does --------------------------------------------------------------------------------

    def show_example(self) -> None:
        """One click, and the preview is there."""
        self.button("Show the example").click()
        expect(self.figure("Numbers")).to_contain_text("50")
        expect(self.grid.get_by_role("gridcell").first).to_have_text(AMERICAN)
        settled(self.page)

    def bring(self, *files: File) -> None:
        """Drops files anywhere on the page, and waits for their preview."""
        drop(self.drop_place, *files)
        expect(self.figure("Numbers")).to_be_visible()
        self.wait()
        settled(self.page)

    def bring_trial(self, *numbers: dict[str, Any], **changes: Any) -> None:
        """Drops NUMBERS, or others, with CAMPAIGN."""
        self.bring(campaign_file(**changes), request_file(*numbers))

    def choose(self, phone: str) -> Locator:
        """Chooses a number in the table; what is told of it."""
        self.row(phone).click()
        told = self.number(phone)
        expect(told.get_by_role("heading", name="How it ended").first).to_be_visible()
        return told

    def wait(self) -> None:
        """Waits until no preview is being made."""
        expect(self.preview).to_have_attribute("aria-busy", "false")

    def write(self, label: str, text: str) -> None:
        """Puts another text into an editor, as by typing it."""
        editor = self.editor(label)
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def text_of(self, label: str) -> str:
        """The text of an editor, without what it is too long to show."""
        lines = self.editor(label).locator(".cm-line").all_inner_texts()
        return "\n".join("" if line == "\n" else line for line in lines)

    def settles(self, words: str) -> None:
        """Waits until the key figures have some words."""
        wait_until(self.page, lambda: words in self.figures.inner_text())
