"""Why a number is dialled when it is, and why not at any other moment."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser import settled
from tests.page.screens import BERLIN, NEW_YORK, Screen


def click_on(lane: Locator, share: float) -> None:
    """Clicks where so much of the lane's width lies to the left."""
    box = lane.bounding_box()
    assert box
    lane.click(position={"x": box["width"] * share, "y": 60})


def test_a_number_is_explained(trial: Screen) -> None:
    """Its attempts, how it ended, and which level decided each field of its policy."""
    told = trial.choose(NEW_YORK)

    expect(told.get_by_text("Attempt 1", exact=True)).to_be_visible()
    expect(told.get_by_text("Attempt 2", exact=True)).to_be_visible()
    expect(told).to_contain_text("its attempts are used up")
    policy = told.get_by_role("table").get_by_role("row")
    expect(policy.filter(has_text="maxAttempts")).to_contain_text("number")
    expect(policy.filter(has_text="retryIntervalInMinutes")).to_contain_text("campaign")
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)


def test_a_click_on_a_dial_tells_why_then(trial: Screen) -> None:
    """The dial that is nearest to the click."""
    told = trial.choose(NEW_YORK)
    lane = trial.lane(NEW_YORK)
    told.get_by_role("button", name="Why is attempt 2 dialled then?").click()
    answer = told.locator(".moment-told")
    expect(answer).to_contain_text("At Mon, 2 Mar 2026, 11:00:30")
    expect(answer).to_contain_text("It is dialled, attempt 2.")
    expect(answer).to_contain_text("60 minutes after attempt 1")
    expect(answer).to_contain_text("waitednot at all")
    expect(answer).to_be_in_viewport()
    told.get_by_role("button", name="Ask no more about it").click()
    box = lane.bounding_box()
    assert box
    for share in range(40, 100):  # from left to right, until the mouse points at a dial
        trial.page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 60)
        if "dialled at" in told.inner_text():
            break
    trial.page.mouse.down()
    trial.page.mouse.up()

    expect(told).to_contain_text("It is dialled")


def test_a_click_on_a_moment_without_a_dial_tells_why_not(trial: Screen) -> None:
    """Before the window opens: when it may be dialled next, and when it is; one more click goes there."""
    told = trial.choose(NEW_YORK)
    click_on(trial.lane(NEW_YORK), 0.3)

    expect(told).to_contain_text("It is not dialled")
    expect(told).to_contain_text("Next dialled: Mon, 2 Mar 2026, 10:00")
    told.get_by_role("button", name="Ask about then").click()
    expect(told).to_contain_text("It is dialled")
    told.get_by_role("button", name="Ask no more about it").click()
    expect(told).not_to_contain_text("It is dialled")


def test_a_state_is_told_in_words(trial: Screen) -> None:
    """Not by its name in the API."""
    told = trial.choose(BERLIN)
    click_on(trial.lane(BERLIN), 0.9)

    expect(told).to_contain_text("It has ended as “not answered”: its attempts are used up", ignore_case=True)
    expect(told).not_to_contain_text("noAnswer")


def test_a_moment_is_asked_about_by_keyboard(trial: Screen) -> None:
    """From event to event by arrows, and by minutes and hours; Enter asks."""
    told = trial.choose(BERLIN)
    trial.lane(BERLIN).focus()
    for keys in ("ArrowDown", "ArrowUp", "ArrowRight", "Shift+ArrowRight", "Control+ArrowRight", "Control+ArrowLeft"):
        trial.page.keyboard.press(keys)
        settled(trial.page)
    expect(told.get_by_role("status").filter(has_text="Mon, 2 Mar 2026")).to_have_count(1)
    trial.page.keyboard.press("Enter")

    expect(told).to_contain_text("It is ")
    expect(told.get_by_role("button", name="Ask no more about it")).to_be_visible()


def test_a_line_that_was_missing_is_the_reason(screen: Screen) -> None:
    """Three numbers and one line: the last has waited, and is told for whom."""
    screen.bring_trial(*({"phone": f"{BERLIN}{place}", "gmtZone": "Europe/Berlin"} for place in range(3)))
    told = screen.choose(f"{BERLIN}2")

    expect(told).to_contain_text("waited")
    expect(told).to_contain_text("line")
