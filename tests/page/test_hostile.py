"""Texts that want to be more than text stay text, wherever they come in."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser import File, Visits, drop, markup_ran, wait_until
from tests.page.hostile import MARKUP
from tests.page.screens import BERLIN, Screen, campaign_file, request_file

REQUEST = "The numbers, as a request"


def test_markup_stays_text(screen: Screen) -> None:
    """In the name of the campaign, in payloads, in unknown fields, and in the name of the file."""
    for text in MARKUP:
        hostile = [{"phone": BERLIN, "gmtZone": "Europe/Berlin", "payload": {text: [text]}, text: text}]
        screen.bring(campaign_file(name=text), File(f"{text.replace('/', '')}.json", json.dumps(hostile, indent=1)))
        heading = screen.page.get_by_role("heading", level=1)
        wait_until(screen.page, lambda heading=heading, text=text: heading.text_content() == text)  # type: ignore[misc]
        expect(screen.setup.get_by_label("Name", exact=True)).to_have_value(text)
    screen.choose(BERLIN)
    screen.go("Numbers")
    expect(screen.problems(REQUEST)).to_have_count(1)
    screen.go("What if", "Campaign text", "Run")

    assert not markup_ran(screen.page)


def test_markup_in_what_is_refused_stays_text(screen: Screen) -> None:
    """Phones, zones, dates, days and keys are quoted in messages."""
    numbers = [
        {"phone": text, "gmtZone": text, "startDateTime": text, "allowedDays": [text], "allowedTime": {text: text}}
        for text in MARKUP
    ]
    drop(screen.drop_place, request_file(*numbers), campaign_file(**{MARKUP[0]: MARKUP[1], "timeZone": MARKUP[2]}))
    expect(screen.preview).to_contain_text("to mend before it can be previewed")
    screen.go("Numbers")
    expect(screen.problems(REQUEST).first).to_be_visible()
    screen.go("Campaign text", "Policy", "Run")
    screen.page.wait_for_timeout(500)

    assert not markup_ran(screen.page)


def test_markup_in_a_pasted_text_stays_text(screen: Screen) -> None:
    """Typed into every field that takes a text."""
    screen.bring_trial()
    for text in MARKUP[:3]:
        screen.numbers.get_by_label("Digits of the phone").fill(text)
        for label in ("Name", "Time zone", "Public holidays of"):
            screen.setup.get_by_label(label, exact=True).fill(text)
            screen.setup.get_by_label(label, exact=True).press("Tab")
    expect(screen.preview).to_contain_text("to mend")

    assert not markup_ran(screen.page)


def test_what_is_no_request_is_told(screen: Screen) -> None:
    """Every file is answered in words."""
    told = re.compile("to mend before it can be previewed")
    deep, wide = "[" * 100_000, "phone\n" + "," * 10_000
    for text in ("", "[", "null", "[null]", "[[]]", "\x00", '{"phone": 1}\n' * 3, wide, deep):
        drop(screen.drop_place, File("odd.json", text))
        expect(screen.page.locator("body")).to_contain_text(told)
        screen.button("Example").click()
        expect(screen.page.locator("body")).not_to_contain_text(told)


def test_a_huge_campaign_name_breaks_nothing(visits: Visits) -> None:
    """It is cut off where there is no room, and read in full where there is."""
    screen = Screen(visits.open().page)
    screen.bring_trial(name="Ä" * 5_000)

    assert screen.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
