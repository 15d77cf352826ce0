"""One Chromium and one server for the tests of the page, and a page that is new for each test.

Both are the package's, not the session's: Playwright's loop runs in the thread of the tests as long as it is there, and
other tests have loops of their own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests import browser
from tests.browser import Readers, Visit, Visits
from tests.page.screens import Screen
from tests.servers import Server, running


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A Chromium; without one the tests are left out, but not where it is judged what lands."""
    if browser.chromium_program() is None:
        reason = "there is no chromium on the path; `make browser` installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with browser.chromium() as each:
        yield each


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of the page."""
    folder = tmp_path_factory.mktemp("page")
    with running(folder) as servers:
        yield servers.start(str(folder / "store.sqlite"))


@pytest.fixture(scope="package")
def readers(chromium: Browser) -> Iterator[Readers]:
    """Readers with their habits: locales, sizes, colours."""
    each = Readers(chromium)
    yield each
    each.close()


@pytest.fixture
def visits(readers: Readers, served: Server) -> Iterator[Visits]:
    """Visits to the server, as many as a test likes."""
    each = Visits(readers, served.address)
    yield each
    each.close()


@pytest.fixture
def visit(visits: Visits) -> Visit:
    """The page, loaded, and its guard."""
    return visits.open()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page, loaded."""
    return visit.page


@pytest.fixture
def screen(page: Page) -> Screen:
    """What is on the screen: at first the empty page."""
    return Screen(page)


@pytest.fixture
def example(screen: Screen) -> Screen:
    """The page with its example."""
    screen.show_example()
    return screen


@pytest.fixture
def trial(screen: Screen) -> Screen:
    """The page with three numbers."""
    screen.bring_trial()
    return screen
