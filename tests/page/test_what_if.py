"""Two settings side by side, and the link that holds them."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.page.screens import Screen


def difference(screen: Screen, name: str) -> Locator:
    """The row of a figure in the table of differences."""
    return screen.page.get_by_role("table", name="What changes").get_by_role("row").filter(has_text=name)


def test_more_lines_are_tried_beside_what_is(example: Screen) -> None:
    """Fewer wait, and the setup stays as it is."""
    example.go("What if")
    example.page.get_by_label("Lines, what if").fill("20")

    expect(difference(example, "Waiting for a turn, on average")).to_contain_text("less")
    expect(difference(example, "Most lines busy").get_by_role("cell").nth(0)).to_have_text("2")
    expect(example.page.get_by_role("application", name="As it is and What if over time")).to_be_visible()
    expect(example.setup.get_by_label("Lines", exact=True)).to_have_value("2")
    example.page.get_by_label("Lines, what if").fill("")
    expect(example.page.get_by_role("table", name="What changes")).to_have_count(0)


def test_no_limit_is_tried_too(example: Screen) -> None:
    """As many calls as are due; the limit of the campaign is back once it is ticked off."""
    example.go("What if")
    example.page.get_by_label("No limit").check()

    expect(difference(example, "Waiting for a turn, on average").get_by_role("cell").nth(1)).to_have_text("0 s")
    expect(example.page.get_by_label("Lines, what if")).to_have_value("")
    example.page.get_by_label("No limit").uncheck()
    expect(example.page.get_by_role("table", name="What changes")).to_have_count(0)


def test_days_interval_and_attempts_are_tried_for_every_number(example: Screen) -> None:
    """Also for those that say otherwise themselves."""
    example.go("What if")
    example.page.get_by_label("Attempts, what if").fill("1")
    expect(difference(example, "Dials").first.get_by_role("cell").nth(1)).to_have_text("49")
    expect(difference(example, "Reached")).to_contain_text("points")
    example.page.get_by_label("Retry interval in minutes, what if").fill("30")
    days = example.page.get_by_role("group", name="Days, what if")
    expect(days.get_by_label("Fri")).to_be_checked()
    expect(days.get_by_label("Sun")).not_to_be_checked()
    days.get_by_label("Sat").check()
    days.get_by_label("Sun").check()

    expect(difference(example, "Last dial")).to_contain_text("sooner")
    expect(difference(example, "Never dialled")).to_contain_text("none")


def test_days_that_are_ticked_as_they_are_try_nothing(trial: Screen) -> None:
    """A day that was added and taken back leaves no difference to be told; one day is left at least."""
    trial.go("What if")
    days = trial.page.get_by_role("group", name="Days, what if")
    days.get_by_label("Sun").check()
    expect(trial.page.get_by_role("table", name="What changes")).to_be_visible()
    days.get_by_label("Sun").uncheck()
    expect(trial.page.get_by_role("table", name="What changes")).to_have_count(0)
    for day in ("Mon", "Tue", "Wed", "Thu"):
        days.get_by_label(day).uncheck()

    expect(days.get_by_label("Fri")).to_be_disabled()


def test_the_days_of_the_campaign_are_tried_for_numbers_that_say_otherwise(example: Screen) -> None:
    """Four numbers of the example do; a button takes what is tried back."""
    example.go("What if")
    days = example.page.get_by_role("group", name="Days, what if")
    days.get_by_label("Sun").check()
    days.get_by_label("Sun").uncheck()
    expect(difference(example, "Never dialled")).to_be_visible()
    expect(days.get_by_label("Sun")).not_to_be_checked()
    example.button("Days as they are").click()

    expect(example.page.get_by_role("table", name="What changes")).to_have_count(0)


def test_what_cannot_be_tried_is_told(example: Screen) -> None:
    """A retry interval is 1 to 2880 minutes."""
    example.go("What if")
    example.page.get_by_label("Retry interval in minutes, what if").fill("5000")

    expect(example.preview).to_contain_text("2880")
