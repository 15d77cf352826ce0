"""Readers differ: by keyboard alone, by screen reader, on a phone, in the dark, without motion, in another language."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Visits, axe, scrolls_sideways, settled
from tests.page.screens import Screen
from tests.page.views import VIEWS

SMALLEST = 24
TARGETS = "a, button, input, select, textarea, summary, [role=slider], [role=tab]"
# A window on the week grid is as long as it lasts, however short; below the grid are fields for its times.
TRUE_TO_SCALE = ".week-block"
SMALL = """([targets, smallest, scaled]) => [...document.querySelectorAll(targets)]
  .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.hidden && !each.closest(".cm-editor"))
  .filter(each => !(each.matches("input[type=checkbox], input[type=radio]") && each.closest("label")))
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0)
  .filter(([each, box]) => (box.width < smallest - 0.5 && !each.matches(scaled)) || box.height < smallest - 0.5)
  .map(([each, box]) => `${each.outerHTML.slice(0, 100)} ${Math.round(box.width)} × ${Math.round(box.height)}`)"""
OUTSIDE = """targets => [...document.querySelectorAll(targets)]
  .filter(each => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".cm-editor"))
  .map(each => [each, each.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5))
  .map(([each, box]) => `${each.outerHTML.slice(0, 100)} ${Math.round(box.left)} – ${Math.round(box.right)}`)"""
FOCUSED = """() => {
  const at = document.activeElement;
  return (at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText).trim().slice(0, 60);
}"""
FOCUS_SEEN = """() => {
  const at = document.activeElement;
  const ring = element => { const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none"; };
  // A field of a date has parts inside, around which the browser draws.
  if (at.matches("input[type=date], input[type=time], input[type=datetime-local]")) return true;
  return [at, at.parentElement, at.closest(".cm-editor")].some(each => each && ring(each));
}"""


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(visits: Visits, view: str) -> None:
    """All rules and best practices, on each view, in light and in dark."""
    page = visits.open().page
    VIEWS[view](Screen(page))
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        settled(page)
        axe(page)


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_shows_each_view_without_scrolling_sideways(visits: Visits, view: str) -> None:
    """And axe finds nothing there either; what is pressed is on the screen, and large enough for a thumb."""
    page = visits.open(size=PHONE, has_touch=True).page
    VIEWS[view](Screen(page))
    settled(page)

    assert not scrolls_sideways(page)
    assert page.evaluate(OUTSIDE, TARGETS) == []
    assert page.evaluate(SMALL, [TARGETS, SMALLEST, TRUE_TO_SCALE]) == []
    axe(page)


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Presses Tab until the focus is on something of that name; it must always be seen where the focus is."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate(FOCUSED)
        passed.append(words)
        assert page.evaluate(FOCUS_SEEN), passed
        if words.startswith(name):
            return
    raise AssertionError(f"no {name} within {most} tabs")


def test_from_the_empty_page_to_an_explanation_by_keyboard_alone(visits: Visits) -> None:
    """Example, clock, number, moment; the focus is always to be seen."""
    page = visits.open().page
    screen = Screen(page)
    tab_to(page, "Show the example")
    page.keyboard.press("Enter")
    expect(screen.figure("Numbers")).to_contain_text("50")
    tab_to(page, "Dials, lines busy", 150)
    page.keyboard.press("+")
    page.keyboard.press("Home")
    tab_to(page, "Numbers")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told = screen.number("12125550405")
    expect(told).to_be_visible()
    tab_to(page, "Windows and dials of 12125550405")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(told).to_contain_text("It is ")


def test_instants_are_in_the_readers_locale(visits: Visits) -> None:
    """German dates and numbers; words stay English."""
    page = visits.open(locale="de-DE").page
    screen = Screen(page)
    screen.show_example()

    expect(screen.figure("First dial")).to_contain_text("Mo")
    expect(screen.figure("First dial")).to_contain_text("2. März")
    expect(screen.figure("Numbers")).to_contain_text(re.compile(r"\d,\d+ a number"))


def test_the_zone_of_the_browser_does_not_matter(visits: Visits) -> None:
    """What is on the screen in Auckland is what is in New York."""
    seen = set()
    for zone in ("America/New_York", "Pacific/Auckland"):
        screen = Screen(visits.open(timezone_id=zone).page)
        screen.show_example()
        screen.choose("12125552486")
        settled(screen.page)
        seen.add(screen.preview.inner_text())

    assert len(seen) == 1


def test_the_dark_is_dark(visits: Visits) -> None:
    """The colours follow the system."""
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light, dark = (visits.open(dark=dark).page.evaluate(background) for dark in (False, True))

    assert light != dark


def test_who_wants_no_motion_has_none(visits: Visits) -> None:
    """Nothing moves by itself, and nothing glides."""
    page = visits.open(reduced_motion="reduce").page
    Screen(page).show_example()
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(each => {
          const { animationName, animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(each);
          const long = text => text.split(",").some(each => parseFloat(each) > 0.01);
          const animated = animationName !== "none" && long(animationDuration);
          return animated || long(transitionDuration) || scrollBehavior === "smooth";
        }).map(each => each.outerHTML.slice(0, 100))"""
    )

    assert moving == []
