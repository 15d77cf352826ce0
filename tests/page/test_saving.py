"""What can be taken away: the dials in three forms, the charts as a picture, and the page as a file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import Readers, Visit, Visits, axe, downloaded, drop, markup_ran, wait_until
from tests.commandline import NOW, process
from tests.page.hostile import FORMULAS, MARKUP
from tests.page.screens import BERLIN, NUMBERS, Screen, campaign_file, request_file

PNG = b"\x89PNG\r\n\x1a\n"


def saved(screen: Screen, name: str) -> tuple[str, bytes]:
    """The file that a choice of the menu gives."""
    screen.page.get_by_text("Save", exact=True).click()
    entry = screen.page.get_by_role("button", name=re.compile(f"^{name} "))
    return downloaded(screen.page, entry.click)


@pytest.fixture
def alone(readers: Readers) -> Iterator[Visits]:
    """Visits that may ask nobody."""
    visits = Visits(readers, None)
    yield visits
    visits.close()


def opened(alone: Visits, path: Path) -> Visit:
    """A file, opened from the disk without a network; opening it is all that was asked for."""
    visit = alone.new(offline=True)
    visit.guard.expect(re.escape(f"asks {path.as_uri()}"))
    visit.page.goto(path.as_uri())
    return visit


def written(folder: Path, numbers: str, campaign: str) -> Path:
    """The page that the command line writes of two texts, in a folder."""
    request, campaign_path, path = (folder / name for name in ("numbers.json", "campaign.json", "page.html"))
    request.write_text(numbers, "utf-8")
    campaign_path.write_text(campaign, "utf-8")
    options = ["--campaign", str(campaign_path), *NOW, "--format", "html", "--output", str(path)]
    ran = process("preview", str(request), *options)
    assert ran.code == 0, ran.err
    return path


def figures(page: Page) -> str:
    """The key figures."""
    region = page.get_by_role("region", name="Key figures")
    expect(region).to_be_visible()
    return region.inner_text()


def test_dials_are_saved_as_on_the_command_line(trial: Screen) -> None:
    """NDJSON, CSV and iCalendar of the same preview."""
    name, ndjson = saved(trial, "NDJSON")
    assert name == "dials.ndjson"
    rows = [json.loads(line) for line in ndjson.splitlines()]
    assert [row["phone"] for row in rows].count(BERLIN) == 1
    assert rows[0]["at"] == "2026-03-02T09:00:00Z"
    name, text = saved(trial, "CSV")
    assert name == "dials.csv"
    assert [row["phone"] for row in csv.DictReader(io.StringIO(text.decode()))] == [row["phone"] for row in rows]
    name, calendar = saved(trial, "iCalendar")
    assert name == "dials.ics"

    assert calendar.count(b"BEGIN:VEVENT") == len(rows)


def test_the_charts_are_saved_as_a_picture(trial: Screen) -> None:
    """In the colours of the screen."""
    name, picture = saved(trial, "PNG")

    assert name == "preview.png"
    assert picture.startswith(PNG)
    assert len(picture) > 5_000


def test_a_picture_that_is_asked_for_while_the_dials_are_counted_waits_for_them(screen: Screen) -> None:
    """Who is quick gets the charts too, not a message that there are none."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    screen.page.route("**/series*", hold, times=1)
    drop(screen.drop_place, campaign_file(), request_file())
    expect(screen.timeline).to_contain_text("Counting…")
    screen.page.get_by_text("Save", exact=True).click()

    def ask() -> None:
        screen.page.get_by_role("button", name=re.compile("^PNG ")).click()
        wait_until(screen.page, lambda: bool(waiting))
        waiting.pop().continue_()

    name, picture = downloaded(screen.page, ask)

    assert (name, picture[:8]) == ("preview.png", PNG)


def test_the_page_is_saved_as_a_file_that_asks_nobody(trial: Screen, alone: Visits, tmp_path: Path) -> None:
    """Opened from the disk, offline: the same figures, the same rows, the same reasons, and no payload."""
    trial.choose(BERLIN)
    shown = figures(trial.page)
    name, page = saved(trial, "Page")
    assert name == "preview.html"
    assert b"Kim Lee" not in page
    path = tmp_path / name
    path.write_bytes(page)
    visit = opened(alone, path)
    screen = Screen(visit.page)

    assert figures(visit.page) == shown
    told = screen.choose(BERLIN)
    told.get_by_role("button", name="Why is attempt 1 dialled then?").click()
    expect(told).to_contain_text("It is dialled")
    screen.charts.focus()
    screen.page.keyboard.press("ArrowRight")
    expect(screen.timeline.get_by_role("status").first).to_contain_text("dial")
    screen.button("Show as a table").click()
    axe(visit.page)
    assert visit.guard.asked == [path.as_uri()] or all(
        url.startswith(("data:", "blob:")) for url in visit.guard.asked[1:]
    )


def test_the_command_line_writes_the_same_page(alone: Visits, tmp_path: Path, trial: Screen) -> None:
    """`preview --format html`."""
    path = written(tmp_path, request_file().text, campaign_file().text)
    shown = figures(trial.page)
    visit = opened(alone, path)

    assert figures(visit.page) == shown
    expect(visit.page.get_by_role("region", name="What was run")).to_contain_text("call-scheduler")


def test_a_file_of_hostile_texts_runs_none_of_them(alone: Visits, tmp_path: Path) -> None:
    """`</script>` and its like in names and payloads are data."""
    numbers = [
        {**NUMBERS[0], "phone": str(79_000_000_000 + place), "payload": {text: text}}
        for place, text in enumerate(MARKUP)
    ]
    for text in MARKUP:
        visit = opened(alone, written(tmp_path, json.dumps(numbers), json.dumps({"name": text})))
        figures(visit.page)

        assert not markup_ran(visit.page), text
        assert visit.page.get_by_role("heading", level=1).text_content() == text


def test_cells_of_a_csv_are_no_formulas(screen: Screen) -> None:
    """A zone is the only text of a customer in it, and formulas are none; payloads are not in it at all."""
    screen.bring_trial(
        *({"phone": str(79_000_000_000 + place), "payload": text} for place, text in enumerate(FORMULAS)),
        name=FORMULAS[0],
    )
    _, text = saved(screen, "CSV")
    cells = [cell for row in csv.reader(io.StringIO(text.decode())) for cell in row]

    assert cells
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
