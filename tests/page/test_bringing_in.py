"""Numbers come in by a click, a drop, a choice or a paste, and what is wrong with them is said where it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import File, drop, paste
from tests.page.screens import BERLIN, NEW_YORK, NUMBERS, Screen, campaign_file, request_file

REQUEST = "The numbers, as a request"
CSV = f"phone,gmtZone,maxAttempts\n{NEW_YORK},America/New_York,2\n{BERLIN},Europe/Berlin,\n"
OUTCOMES = '{"model": {"answered": 1, "talkSeconds": {"exponential": 60}}}'


def test_an_empty_page_says_what_it_is_for(screen: Screen) -> None:
    """Three ways in, and what becomes of what is brought."""
    expect(screen.page.get_by_role("heading", level=2)).to_have_text("See a call campaign before it rings")
    expect(screen.page.get_by_text("nothing leaves the server that shows this page")).to_be_visible()
    expect(screen.page).to_have_title("call-scheduler")


def test_the_example_is_one_click_away(screen: Screen) -> None:
    """From an empty browser to the first preview."""
    screen.button("Show the example").click()

    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Spring renewals")
    expect(screen.figure("Numbers")).to_contain_text(re.compile(r"\d+ dials, \d\.\d+ a number"))
    expect(screen.figure("First dial")).to_contain_text("Mon 2 Mar, 07:00")
    expect(screen.readout).to_have_text(re.compile(f"{screen.dials()} dials, at most 2 lines busy at once"))
    expect(screen.numbers.get_by_role("status")).to_have_text("50 numbers, all that there are.")


def test_a_file_that_is_dropped_is_previewed(screen: Screen) -> None:
    """JSON, NDJSON or CSV, with or without a byte order mark: what it is is told by what is in it."""
    ndjson = "\n".join(map(json.dumps, NUMBERS))
    for file, numbers in (
        (request_file(), "3"),
        (File("numbers.csv", CSV, "text/csv"), "2"),
        (File("numbers.ndjson", ndjson), "3"),
        (File("no-name-says-what-it-is", f"\ufeff{CSV}"), "2"),
    ):
        screen.bring(file)
        expect(screen.figure("Numbers").locator("strong")).to_have_text(numbers)
    assert NEW_YORK in screen.rows()


def test_a_file_can_be_chosen(screen: Screen, tmp_path: Path) -> None:
    """The button opens the browser's own dialogue."""
    path = tmp_path / "numbers.csv"
    path.write_text(CSV, "utf-8")
    with screen.page.expect_file_chooser() as chooser:
        screen.button("Choose a file").click()
    chooser.value.set_files(path)

    expect(screen.figure("Numbers").locator("strong")).to_have_text("2")


def test_numbers_can_be_pasted(screen: Screen) -> None:
    """A paste into the empty field is enough."""
    screen.page.get_by_label("Paste numbers").focus()
    paste(screen.page, request_file().text)

    expect(screen.figure("Numbers").locator("strong")).to_have_text("3")


def test_numbers_can_be_typed(screen: Screen) -> None:
    """The field is for the keyboard too."""
    screen.page.get_by_label("Paste numbers").fill(CSV)
    screen.button("Preview them").click()

    expect(screen.figure("Numbers").locator("strong")).to_have_text("2")


def test_numbers_campaign_and_outcomes_can_be_dropped_together(screen: Screen) -> None:
    """Each is told by what is in it."""
    screen.bring(File("b.json", OUTCOMES), request_file(), campaign_file(name="All three"))

    expect(screen.page.get_by_role("heading", level=1)).to_have_text("All three")
    expect(screen.figure("Reached").locator("strong")).to_have_text("100%")


def test_a_campaign_in_toml_becomes_the_form(screen: Screen) -> None:
    """Its JSON is what the form edits."""
    screen.bring(File("campaign.toml", 'name = "From TOML"\nmaxSimultaneousCalls = 7\n'), request_file())

    expect(screen.page.get_by_label("Name", exact=True)).to_have_value("From TOML")
    expect(screen.page.get_by_label("Lines", exact=True)).to_have_value("7")


def test_settings_alone_are_kept_for_the_numbers(screen: Screen) -> None:
    """A campaign file may come first."""
    drop(screen.drop_place, campaign_file(name="First"))
    expect(screen.notice).to_contain_text("Now drop or paste the numbers.")
    screen.bring(request_file())

    expect(screen.page.get_by_role("heading", level=1)).to_have_text("First")


def test_what_cannot_be_taken_is_told_with_what_to_do(screen: Screen) -> None:
    """Nothing changes on the page but the notice, which can be closed."""
    for files, words in (
        ([request_file(), request_file(name="b.json")], "These are two lists of numbers. Drop one of them"),
        ([File("a.html", "<!DOCTYPE html><p>a</p>")], "a.html is a page, not numbers. Drop a request"),
        ([File("c.toml", "name = \nx")], "c.toml is no campaign file that can be read"),
    ):
        drop(screen.drop_place, *files)
        expect(screen.notice).to_contain_text(words)
        screen.button("Close this notice").click()
        expect(screen.notice).to_have_text("")
    expect(screen.button("Show the example")).to_be_visible()


def test_a_file_that_is_not_utf_8_is_told_how_to_be_saved(screen: Screen) -> None:
    """A spreadsheet's CSV in an old encoding."""
    screen.page.get_by_label("Files with numbers, a campaign or outcomes").first.set_input_files(
        {
            "name": "old.csv",
            "mimeType": "text/csv",
            "buffer": 'phone,payload\n12125550100,"{""n"": ""ü""}"'.encode("latin-1"),
        }
    )

    expect(screen.notice).to_contain_text("old.csv is not UTF-8. Save it as UTF-8")


def test_a_problem_is_told_beside_its_line_and_mended_by_typing(screen: Screen) -> None:
    """The list below leads to the place; the tab says how many there are; what was shown stays until it is mended."""
    screen.bring_trial()
    screen.go("Numbers")
    wrong = request_file().text.replace("Asia/Kolkata", "Asia/Kolkatta")
    screen.write(REQUEST, wrong)

    problem = screen.problems(REQUEST)
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text("Line 16:")
    expect(problem).to_contain_text("Asia/Kolkatta")
    expect(screen.page.get_by_role("tab", name="Numbers 1 to look at")).to_be_visible()
    expect(screen.preview).to_contain_text("to mend before it can be previewed")
    expect(screen.figure("Numbers").locator("strong")).to_have_text("3")

    screen.page.get_by_role("button", name="Line 16:").click()
    expect(screen.editor(REQUEST)).to_be_focused()
    screen.write(REQUEST, request_file().text)

    expect(problem).to_have_count(0)
    expect(screen.preview).not_to_contain_text("to mend")


def test_problems_of_a_first_file_are_told_before_there_is_anything_to_show(screen: Screen) -> None:
    """All of them at once, each with its place and what to write."""
    drop(screen.drop_place, request_file({"phone": "x", "gmtZone": "+99"}, {"phone": NEW_YORK, "maxAttempts": 99}))

    expect(screen.preview.get_by_role("listitem")).to_have_count(3)
    expect(screen.preview).to_contain_text("3 problems")
    expect(screen.preview).to_contain_text("Numbers, number 1, phone:")


def test_a_warning_is_told_and_does_not_stop_the_preview(screen: Screen) -> None:
    """A field that is not known is ignored."""
    screen.bring(request_file({"phone": NEW_YORK, "gmtZone": "America/New_York", "colour": "red"}))

    expect(screen.preview.get_by_text("1 warning")).to_be_visible()
    expect(screen.preview).to_contain_text("colour")
    screen.go("Numbers")
    expect(screen.problems(REQUEST)).to_contain_text("Warning, line 5:")


def test_starting_over_empties_the_page(screen: Screen) -> None:
    """As it was at first."""
    screen.bring_trial()
    screen.button("Start over").click()

    expect(screen.button("Show the example")).to_be_visible()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("call-scheduler")


def test_another_list_replaces_the_first(screen: Screen) -> None:
    """What was looked at of the first is let go."""
    screen.bring_trial()
    screen.choose(BERLIN)
    drop(screen.drop_place, File("numbers.csv", CSV, "text/csv"))

    expect(screen.figure("Numbers").locator("strong")).to_have_text("2")
    expect(screen.number(BERLIN)).to_have_count(0)
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Trial")


def test_a_file_too_long_to_be_edited_is_previewed_as_it_is(screen: Screen) -> None:
    """Its beginning can be looked at."""
    payload = json.dumps({"note": "x" * 1_000})
    rows = "".join(
        f"{79_000_000_000 + place},Z,{payload}\n".replace('"', '""').replace("{", '"{').replace("}", '}"')
        for place in range(1_500)
    )
    screen.bring(File("long.csv", f"phone,gmtZone,payload\n{rows}"))

    expect(screen.figure("Numbers").locator("strong")).to_have_text("1,500")
    screen.go("Numbers")
    expect(screen.setup).to_contain_text("is too long to be edited here")
    expect(screen.setup).to_contain_text("79000000000,Z")
