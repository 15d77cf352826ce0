"""The policy as a form and as a text: two views of one thing, and a change of either changes the timeline."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.browser import File, drop, paste
from tests.page.screens import BERLIN, CAMPAIGN, KOLKATA, NEW_YORK, Screen, campaign_file, request_file

CAMPAIGN_TEXT = "The campaign file, as JSON"
REQUEST = "The numbers, as a request"


def campaign_of(screen: Screen) -> Any:
    """The campaign as its text has it."""
    screen.go("Campaign text")
    text = screen.text_of(CAMPAIGN_TEXT)
    screen.go("Policy")
    return json.loads(text)


def fill(screen: Screen, label: str, value: str) -> None:
    """Types into a field of the form, and leaves it."""
    field = screen.setup.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Tab")


def test_fields_of_the_campaign_change_its_text_and_the_timeline(screen: Screen) -> None:
    """Lines, pace, zone and name; what the form does not touch stays as it was written."""
    screen.bring_trial(*({"phone": f"{BERLIN}{place}", "gmtZone": "Europe/Berlin"} for place in range(3)))
    expect(screen.figure("Most lines busy").locator("strong")).to_have_text("1")
    fill(screen, "Lines", "3")
    expect(screen.figure("Most lines busy").locator("strong")).to_have_text("3")
    expect(screen.figure("Last dial")).to_contain_text("Mon 2 Mar, 10:00")
    fill(screen, "Calls per second", "0.01")
    expect(screen.figure("Last dial")).to_contain_text("Mon 2 Mar, 10:03")
    fill(screen, "Time zone", "Asia/Tokyo")
    expect(screen.figure("Last dial")).to_contain_text("Mon 2 Mar, 18:03")
    fill(screen, "Name", "Autumn")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Autumn")

    changed = {"maxSimultaneousCalls": 3, "callsPerSecond": 0.01, "timeZone": "Asia/Tokyo", "name": "Autumn"}
    assert campaign_of(screen) == CAMPAIGN | changed


def test_fields_of_the_policy_change_its_text_and_the_timeline(trial: Screen) -> None:
    """Three numbers, one of which has two attempts of its own."""
    expect(trial.figure("Numbers")).to_contain_text("4 dials")
    fill(trial, "Attempts for each number", "4")
    expect(trial.figure("Numbers")).to_contain_text("10 dials")
    expect(trial.row(BERLIN)).to_contain_text("2 Mar, 13:02")
    fill(trial, "Minutes between attempts", "90")
    expect(trial.row(BERLIN)).to_contain_text("2 Mar, 14:32")

    assert campaign_of(trial)["policy"] == CAMPAIGN["policy"] | {"maxAttempts": 4, "retryIntervalInMinutes": 90}


def test_the_priority_of_the_campaign_is_chosen_from_five(trial: Screen) -> None:
    """The number with a priority of its own keeps it."""
    trial.setup.get_by_label("Priority", exact=True).select_option("2")

    choices = trial.numbers.get_by_label("Priority", exact=True).locator("option")
    expect(choices).to_have_text(["every priority", "1 (1 number)", "2 (2 numbers)"])
    assert campaign_of(trial)["policy"]["dialerPriority"] == 2


def test_dates_of_the_campaign_bound_its_dials(trial: Screen) -> None:
    """A date is typed on the campaign's clock."""
    trial.setup.get_by_label("Start", exact=True).fill("2026-03-04T12:00")
    trial.setup.get_by_label("Start", exact=True).press("Tab")

    expect(trial.figure("First dial")).to_contain_text("Wed 4 Mar, 12:00")
    assert campaign_of(trial)["startTime"].startswith("2026-03-04T1")


def test_a_closed_date_is_left_out(trial: Screen) -> None:
    """Monday is taken away, and given back."""
    trial.setup.get_by_label("Date", exact=True).fill("2026-03-02")
    trial.button("Add the date").click()
    expect(trial.figure("First dial")).to_contain_text("Tue 3 Mar")
    assert campaign_of(trial)["blackoutDates"] == ["2026-03-02"]


def test_laws_are_ticked_by_their_titles(screen: Screen) -> None:
    """The Spanish one lets nobody call after 21:00; what the text names besides is shown as it is, to be ticked off."""
    late = {"default": [{"localTimeFrom": "21:30", "localTimeTo": "22:30"}]}
    number = {"phone": "34911234567", "gmtZone": "Europe/Madrid", "allowedTime": late}
    drop(screen.drop_place, campaign_file(law=["of-nobody"]), request_file(number))
    expect(screen.setup.get_by_label("of-nobody")).to_be_checked()
    screen.setup.get_by_label("of-nobody").click()
    expect(screen.figure("First dial")).to_contain_text("2 Mar, 21:30")
    screen.setup.get_by_label("Telemarketing, Spain").check()

    expect(screen.figures).to_contain_text("1 never dialled")
    assert campaign_of(screen)["law"] == ["es"]


def test_the_text_of_the_campaign_changes_the_form(trial: Screen) -> None:
    """The other direction."""
    trial.go("Campaign text")
    trial.write(CAMPAIGN_TEXT, json.dumps(CAMPAIGN | {"maxSimultaneousCalls": 3, "name": "By text"}))
    trial.go("Policy")

    expect(trial.setup.get_by_label("Lines", exact=True)).to_have_value("3")
    expect(trial.setup.get_by_label("Name", exact=True)).to_have_value("By text")
    expect(trial.page.get_by_role("heading", level=1)).to_have_text("By text")


def test_a_wrong_campaign_is_told_beside_its_line_and_its_field(trial: Screen) -> None:
    """A key that is not known is told with the nearest that is; what can be read of it stays in the form."""
    trial.go("Campaign text")
    trial.write(CAMPAIGN_TEXT, '{\n "maxSimultanousCalls": 3\n}')

    expect(trial.problems(CAMPAIGN_TEXT)).to_contain_text("Line 2:")
    expect(trial.problems(CAMPAIGN_TEXT)).to_contain_text("maxSimultaneousCalls")
    trial.write(CAMPAIGN_TEXT, '{\n "maxSimultaneousCalls": 3\n}')
    expect(trial.problems(CAMPAIGN_TEXT)).to_have_count(0)
    expect(trial.figure("Numbers")).to_be_visible()


def test_what_is_typed_over_marked_text_takes_no_style_along(screen: Screen) -> None:
    """Left to the browser, colours and underlines come along as inline styles, which the guard hears of."""
    screen.bring(campaign_file(), File("numbers.csv", f"phone,gmtZone\n{BERLIN},Europe/Berlin\n"))
    screen.go("Numbers")
    screen.write(REQUEST, f"phone\n{BERLIN}\n{KOLKATA}\n")
    expect(screen.figure("Numbers").locator("strong")).to_have_text("2")
    screen.go("Campaign text")
    screen.write(CAMPAIGN_TEXT, 'name = "In TOML"\nmaxSimultaneousCalls = 2\n')
    expect(screen.problems(CAMPAIGN_TEXT)).not_to_have_count(0)
    screen.write(CAMPAIGN_TEXT, json.dumps({"name": "In JSON", "maxSimultaneousCalls": 2}, indent=1))
    expect(screen.problems(CAMPAIGN_TEXT)).to_have_count(0)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("In JSON")

    screen.page.keyboard.press("Control+z")
    assert screen.text_of(CAMPAIGN_TEXT).startswith('name = "In TOML"')


def test_a_wrong_value_is_told_at_its_field(trial: Screen) -> None:
    """And it can be mended there."""
    fill(trial, "Time zone", "Europe/Berlim")
    expect(trial.setup).to_contain_text("did you mean Europe/Berlin?")
    fill(trial, "Time zone", "Europe/Berlin")

    expect(trial.setup).not_to_contain_text("did you mean")


def test_the_form_of_a_number_edits_the_request(trial: Screen) -> None:
    """The number that was chosen in the table; payloads and the order of fields stay."""
    trial.choose(BERLIN)
    trial.button("The chosen number").click()
    trial.setup.get_by_label("Attempts", exact=False).first.fill("3")
    trial.setup.get_by_label("Attempts", exact=False).first.press("Tab")

    expect(trial.cell(BERLIN, "Dials")).to_have_text("3")
    trial.go("Numbers")
    written = json.loads(trial.text_of(REQUEST))
    assert written[1] == {
        "phone": BERLIN,
        "gmtZone": "Europe/Berlin",
        "payload": {"name": "Kim Lee"},
        "maxAttempts": 3,
    }
    assert [each["phone"] for each in written] == [NEW_YORK, BERLIN, KOLKATA]


def test_a_field_that_is_emptied_by_keyboard_keeps_the_focus_near(trial: Screen) -> None:
    """The button that takes a value out goes with the value, and one that adds is of no use once it has added."""
    clear = trial.setup.get_by_role("button", name="Clear")
    before = clear.count()
    clear.first.focus()
    trial.page.keyboard.press("Enter")
    expect(clear).to_have_count(before - 1)
    expect(trial.setup.locator(":focus")).to_have_count(1)
    fill(trial, "Date", "2026-03-02")
    trial.setup.get_by_role("button", name="Add the date").focus()
    trial.page.keyboard.press("Enter")

    expect(trial.figure("First dial")).to_contain_text("Tue 3 Mar")
    expect(trial.setup.locator(":focus")).to_have_count(1)


def test_lines_can_change_over_the_day(trial: Screen) -> None:
    """R11.3: one line more from noon on."""
    trial.button("Change over the day").click()

    expect(trial.setup.get_by_role("group", name="Lines")).to_be_visible()
    assert isinstance(campaign_of(trial)["maxSimultaneousCalls"], list)


def test_nobody_answers_unless_it_is_said_who(trial: Screen) -> None:
    """A share of attempts, with a seed; or a script."""
    trial.go("Run")
    trial.setup.get_by_label("A share of all attempts").check()
    trial.setup.get_by_label("Answered, %").fill("100")
    expect(trial.figure("Reached").locator("strong")).to_have_text("100%")
    trial.setup.get_by_label("By a model or a script of your own").check()
    trial.setup.get_by_label("Model or script").fill('{"model": {"answered": 7}}')
    expect(trial.setup.get_by_role("list").last).to_contain_text("answered")
    trial.setup.get_by_label("Nobody: every attempt is shown").check()

    expect(trial.figure("Reached").locator("strong")).to_have_text("0%")


def test_a_run_begins_and_stops_when_it_is_told_to(trial: Screen) -> None:
    """Two instants, typed on the campaign's clock, which may be told otherwise; a wrong one is told at its field."""
    trial.go("Run")
    fill(trial, "Begins", "2026-03-09T12:30")
    expect(trial.figure("First dial")).to_contain_text("Mon 9 Mar, 12:30")
    expect(trial.setup.get_by_label("Begins: on the clock of")).to_have_value("+01:00")
    fill(trial, "Stops", "2026-03-01T00:00")
    expect(trial.setup).to_contain_text("does not lie after the beginning")
    fill(trial, "Stops", "2026-03-09T13:00")
    expect(trial.figures).to_contain_text("1 not finished by Mon, 9 Mar 2026, 13:00")

    trial.setup.get_by_label("Begins: on the clock of").select_option("UTC")
    expect(trial.setup).to_contain_text("the end 2026-03-09T12:00:00Z does not lie after the beginning")
    trial.setup.get_by_role("button", name="Clear").first.click()
    expect(trial.figure("First dial")).to_contain_text("Mon 2 Mar")


def test_a_date_that_is_typed_stays_on_the_clock_of_the_campaign(trial: Screen) -> None:
    """Also beyond a change of that clock, and when it is pasted without an offset."""
    trial.go("Run")
    begins, clock = (trial.setup.get_by_label(label, exact=True) for label in ("Begins", "Begins: on the clock of"))
    fill(trial, "Begins", "2026-03-02T12:30")
    fill(trial, "Begins", "2026-07-06T12:30")
    expect(trial.figure("First dial")).to_contain_text("Mon 6 Jul, 12:30")
    begins.focus()
    paste(trial.page, "2026-07-07 13:15")
    expect(trial.figure("First dial")).to_contain_text("Tue 7 Jul, 13:15")
    expect(clock.locator("option")).to_have_text(["UTC", "Europe/Berlin (UTC+02:00)"])

    trial.go("Policy")
    fill(trial, "Time zone", "Europe/London")
    trial.go("Run")
    expect(clock.locator("option")).to_have_text(["UTC", "Europe/London (UTC+01:00)", "UTC+02:00"])
    trial.setup.get_by_role("button", name="Clear").click()
    fill(trial, "Begins", "2026-03-04T12:30")
    expect(clock.locator("option:checked")).to_have_text("Europe/London (UTC+00:00)")


def test_the_dates_of_the_policy_and_of_the_run_say_what_they_are(trial: Screen) -> None:
    """The ones bound the dials of a campaign, the others what is simulated of it."""
    for tab, label, means in (
        ("Policy", "Start", "Numbers may be called from here, on the clock of Europe/Berlin. Not set: no bound"),
        ("Policy", "End", "Numbers may be called until here"),
        ("Run", "Begins", "The simulation begins here, on the clock of Europe/Berlin. Empty: when it is run."),
        ("Run", "Stops", "The simulation stops here"),
    ):
        trial.go(tab)
        field = trial.setup.get_by_label(label, exact=True)
        expect(field).to_have_accessible_description(re.compile(f"^{re.escape(means)}"))


def test_a_number_of_the_run_that_is_not_taken_is_told_beside_its_field(trial: Screen) -> None:
    """What was written before stays in force, and is named."""
    trial.go("Run")
    trial.setup.get_by_label("A share of all attempts").check()
    share = trial.setup.get_by_label("Answered, %")
    share.fill("100")
    expect(trial.figure("Reached").locator("strong")).to_have_text("100%")
    for written, said in (("", "No number is written"), ("150", "150% is not taken"), ("-1", "-1% is not taken")):
        share.fill(written)
        words = f"{said}; write a number from 0 to 100. Until then, 100% stays in force."
        expect(share).to_have_accessible_description(words)
        expect(share).to_have_attribute("aria-invalid", "true")
    trial.page.wait_for_timeout(500)
    expect(trial.preview).not_to_contain_text("to mend before it can be previewed")
    share.fill("100")
    expect(share).to_have_accessible_description("")
    share.fill("0")
    expect(trial.figure("Reached").locator("strong")).to_have_text("0%")

    seed = trial.setup.get_by_label("Seed")
    seed.fill("1.5")
    expect(seed).to_have_accessible_description(re.compile("write a whole number from 0 on. Until then, 0 stays"))
