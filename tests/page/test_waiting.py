"""Slow work tells how far it is and can be stopped; what fails half-way says what to do, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser import File, Readers, Visits, drop
from tests.page.screens import BERLIN, Screen, request_file
from tests.servers import Server, Servers, running

REFUSED = "console: Failed to load resource"
UNREACHABLE = "The server does not answer. Start it again"


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Servers]:
    """Servers that a test may end."""
    with running(tmp_path) as servers:
        yield servers


def again_on(servers: Servers, store: str, port: int) -> Server:
    """The server on its port, once more."""
    return servers.launch("--store", store, "--clock", "2026-03-02T09:00:00Z", "--port", str(port)).wait_until_ready()


def test_slow_work_tells_how_far_it_is_and_can_be_stopped(screen: Screen) -> None:
    """A run that would take long; then it is run again, with less to do."""
    numbers = "".join(f"{79_000_000_000 + place},Z,50\n" for place in range(60_000))
    drop(screen.drop_place, File("many.csv", f"phone,gmtZone,maxAttempts\n{numbers}"))

    expect(screen.preview.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(screen.preview).to_have_attribute("aria-busy", "true")
    screen.button("Stop").click()
    expect(screen.preview.get_by_role("status").first).to_have_text("Stopped.")
    expect(screen.button("Run it again")).to_be_visible()
    drop(screen.drop_place, request_file())
    expect(screen.figure("Numbers").locator("strong")).to_have_text("3")


def test_an_upload_that_breaks_half_way_is_told_and_made_again(screen: Screen, visits: Visits) -> None:
    """Once."""
    visits.made[0].guard.expect("ERR_CONNECTION_RESET")
    broken: list[str] = []

    def breaks(route: Route) -> None:
        broken.append(route.request.url)
        route.abort("connectionreset")

    screen.page.route("**/page/requests", breaks, times=1)
    drop(screen.drop_place, request_file())
    expect(screen.preview.get_by_role("status").first).to_contain_text(UNREACHABLE)
    assert len(broken) == 1
    screen.button("Run it again").click()

    expect(screen.figure("Numbers").locator("strong")).to_have_text("3")


@pytest.mark.parametrize("path", ["rows", "series", "numbers/1"])
def test_an_answer_that_does_not_come_is_told_where_it_belongs(screen: Screen, visits: Visits, path: str) -> None:
    """With what to do; then it comes."""
    visits.made[0].guard.expect("ERR_CONNECTION_RESET")
    failing = [True]
    screen.page.route(
        f"**/page/previews/*/{path}*",
        lambda route: route.abort("connectionreset") if failing[0] else route.fallback(),
    )
    screen.bring(request_file())
    if path == "numbers/1":
        screen.row(BERLIN).click()
    expect(screen.page.get_by_role("alert")).to_contain_text(UNREACHABLE)
    failing[0] = False
    if path == "rows":
        screen.button("Try again").click()
    elif path == "series":
        expect(screen.charts).to_contain_text("Not counted.")
        screen.button("Zoom in").first.click()
    else:
        screen.button("Close").click()
        screen.row(BERLIN).click()

    expect(screen.page.get_by_role("alert")).to_have_count(0)


def test_an_answer_that_is_an_error_is_told_in_its_words(screen: Screen, visits: Visits) -> None:
    """An error of the server's own."""
    visits.made[0].guard.expect(REFUSED)
    body = json.dumps({"type": "server.error", "message": "the store is full; make room"})
    screen.page.route("**/page/previews", lambda route: route.fulfill(status=503, body=body), times=1)
    drop(screen.drop_place, request_file())

    expect(screen.preview.get_by_role("status").first).to_have_text("the store is full; make room")


def test_a_server_that_died_and_came_back_is_asked_again(
    readers: Readers, own_servers: Servers, tmp_path: Path
) -> None:
    """What was written is kept in the page; a preview that the new server does not know is run again by itself."""
    store = str(tmp_path / "store.sqlite")
    server = own_servers.start(store)
    port = server.port
    visits = Visits(readers, server.address)
    visit = visits.open()
    visit.guard.expect("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|404")
    screen = Screen(visit.page)
    screen.bring_trial()
    server.kill()
    screen.setup.get_by_label("Name", exact=True).fill("While it was gone")
    screen.setup.get_by_label("Name", exact=True).press("Enter")
    expect(screen.preview.get_by_role("status").first).to_contain_text(UNREACHABLE)
    again_on(own_servers, store, port)
    screen.button("Run it again").click()

    expect(screen.page.get_by_role("heading", level=1)).to_have_text("While it was gone")
    expect(screen.figure("Numbers").locator("strong")).to_have_text("3")
    visits.close()


def test_a_preview_that_is_forgotten_is_run_again_by_itself(screen: Screen, visits: Visits, served: Server) -> None:
    """A click on a number of it is answered all the same."""
    visits.made[0].guard.expect("404")
    screen.bring_trial()
    preview = next(
        url for url in visits.made[0].guard.asked if url.endswith("/previews") is False and "/previews/" in url
    )
    name = preview.split("/previews/")[1].split("/")[0]
    with served.client() as client:
        assert client.ask("DELETE", f"/page/previews/{name}").status == 204
    screen.row(BERLIN).click()

    expect(screen.number(BERLIN)).to_contain_text("How it ended")
    expect(screen.page.get_by_role("alert")).to_have_count(0)


def test_two_tabs_do_not_disturb_one_another(visits: Visits) -> None:
    """Two requests, changed in turn."""
    one, other = Screen(visits.open().page), Screen(visits.open().page)
    one.bring_trial(name="One")
    other.show_example()
    one.setup.get_by_label("Lines", exact=True).fill("2")
    other.setup.get_by_label("Lines", exact=True).fill("9")
    other.setup.get_by_label("Lines", exact=True).press("Tab")
    expect(other.timeline.get_by_text("limit 9").first).to_be_visible()
    expect(one.timeline.get_by_text("limit 2").first).to_be_visible()
    one.choose(BERLIN)
    other.choose("12125552486")

    expect(one.figure("Numbers").locator("strong")).to_have_text("3")
    expect(other.figure("Numbers").locator("strong")).to_have_text("50")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("One")
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Spring renewals")


def test_the_page_keeps_a_setup_in_its_tab_alone(trial: Screen) -> None:
    """A reload loses nothing; no other tab knows of it, and starting over takes it out."""
    trial.choose(BERLIN)
    stored = """async () => [
      document.cookie, localStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length,
      (await navigator.serviceWorker.getRegistrations()).length,
    ]"""
    assert trial.page.evaluate(stored) == ["", 0, 0, 0, 0]
    assert trial.page.context.cookies() == []
    other = trial.page.context.new_page()
    other.goto(trial.page.url)
    expect(other.get_by_role("button", name="Show the example")).to_be_visible()
    other.close()

    trial.page.reload()

    expect(trial.page.get_by_role("grid", name="Numbers")).to_be_visible()
    trial.button("Start over").click()
    expect(trial.button("Show the example")).to_be_visible()
    assert trial.page.evaluate("sessionStorage.length") == 0


def test_own_numbers_do_not_go_with_the_settings_of_the_example(example: Screen) -> None:
    """Nor after a reload; what was there can be brought back."""
    example.page.reload()
    expect(example.figure("Numbers").locator("strong")).to_have_text("50")
    drop(example.drop_place, request_file())

    expect(example.figure("Numbers").locator("strong")).to_have_text("3")
    expect(example.page.get_by_role("heading", level=1)).not_to_have_text("Spring renewals")
    example.button("Bring it back").click()
    expect(example.page.get_by_role("heading", level=1)).to_have_text("Spring renewals")


def test_an_example_that_does_not_come_is_not_said_to_be_shown(example: Screen, visits: Visits) -> None:
    """What was shown stays, and the trouble is told."""
    visits.made[0].guard.expect("ERR_CONNECTION_RESET")
    example.page.route("**/page/example", lambda route: route.abort("connectionreset"))
    example.button("Example").click()

    expect(example.notice).to_contain_text(UNREACHABLE)
    expect(example.button("Bring it back")).to_have_count(0)


def test_what_was_replaced_can_be_brought_back(trial: Screen) -> None:
    """By starting over, or by the example."""
    trial.button("Start over").click()
    trial.button("Bring it back").click()
    expect(trial.figure("Numbers").locator("strong")).to_have_text("3")
    trial.button("Example").click()
    expect(trial.figure("Numbers").locator("strong")).to_have_text("50")
    trial.button("Bring it back").click()
    expect(trial.figure("Numbers").locator("strong")).to_have_text("3")
    expect(trial.page.get_by_role("heading", level=1)).to_have_text("Trial")
