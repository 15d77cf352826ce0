"""The page in a real Chromium: pages under guard, files that are dropped, and axe.

A guard watches every page from its first request to its end. What the page may do is ask its own server, and make
`blob:` and `data:` addresses; a request or a socket to anywhere else, an error on the console, one that nobody caught
and a violation of the content security policy each fail the test that they happened in. That names other than
loopback's cannot even be looked up is the browser's part (`--host-resolver-rules`).

Reader and machine differ on purpose: the reader's locale is British, the browser's zone is New York's, and the machine
has any. Whatever the page shows in the browser's zone is then wrong in every test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
    sync_playwright,
)

from tests.servers import MONDAY

PATIENCE_MS = 20_000.0
LOCALE, ZONE = "en-GB", "America/New_York"
DESK = (1280, 900)
PHONE = (390, 844)
OWN_SCHEMES = frozenset({"blob", "data"})
POLICY_WATCH = """
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample, sourceFile, lineNumber }) =>
  console.error(`policy: ${violatedDirective} ${blockedURI} ${sample} ${sourceFile}:${lineNumber}`));
"""
# A container's root has no sandbox to give; pages of one context share a process; nothing but loopback can be found.
FLAGS = ("--no-sandbox", "--process-per-site", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")

expect.set_options(timeout=PATIENCE_MS)


def chromium_program() -> str | None:
    """The Chromium of this machine: `CHROMIUM`, or the one on the path."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


# --- the guard -------------------------------------------------------------------------------------------------------


class Guard:
    """What a page did that it must not do; `origin` is where it may ask, None: nowhere at all."""

    def __init__(self, origin: str | None) -> None:
        self.origin = origin
        self.found: list[str] = []
        self.asked: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def watch(self, page: Page) -> None:
        """Watches a page, from now on."""
        page.on("request", self._request)
        page.on("websocket", self._socket)
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("popup", lambda popup: self._note(f"opens a window: {popup.url}"))

    def expect(self, pattern: str) -> None:
        """This test means what matches: a refusal on the console, say."""
        self._expected.append(re.compile(pattern))

    def check(self) -> None:
        """Raises AssertionError with all that was found."""
        assert self.found == [], "\n".join(["the page did what it must not:", *self.found])

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        self._address("asks", request.url)

    def _socket(self, socket: WebSocket) -> None:
        self._address("opens", socket.url)

    def _address(self, does: str, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self._note(f"{does} {url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url')})")

    def _error(self, error: Error) -> None:
        self._note(f"uncaught: {error.stack or error.message}")

    def _note(self, what: str) -> None:
        if not any(pattern.search(what) for pattern in self._expected):
            self.found.append(what)


# --- visits ----------------------------------------------------------------------------------------------------------


class Visit(NamedTuple):
    """A page, and the guard beside it."""

    page: Page
    guard: Guard


class Readers:
    """One context for each kind of reader, whose pages share a process.

    A context of its own for every test costs as much as the test. The page keeps nothing beyond its tab, which
    `test_the_page_keeps_a_setup_in_its_tab_alone` asserts, so a tab that is new is as good.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[tuple[tuple[str, Any], ...], BrowserContext] = {}

    def page(self, clock: str | None, **options: Any) -> Page:
        """A page that is new and empty."""
        key = (("clock", clock), *sorted(options.items()))
        if key not in self._contexts:
            self._contexts[key] = self._new(clock, **options)
        return self._contexts[key].new_page()

    def _new(self, clock: str | None, viewport: tuple[int, int], **options: Any) -> BrowserContext:
        width, height = viewport
        settings = {"viewport": {"width": width, "height": height}, "timezone_id": ZONE} | options
        context = self._browser.new_context(**settings)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(POLICY_WATCH)
        if clock:
            context.clock.set_fixed_time(clock)
        return context

    def close(self) -> None:
        """Ends all that they look at."""
        for context in self._contexts.values():
            context.close()


class Visits:
    """The pages of one test. `origin` is the server that they may ask; None: nobody."""

    def __init__(self, readers: Readers, origin: str | None) -> None:
        self.readers = readers
        self.origin = origin
        self.made: list[Visit] = []

    def new(
        self,
        *,
        locale: str = LOCALE,
        size: tuple[int, int] = DESK,
        dark: bool = False,
        clock: str | None = MONDAY,
        **options: Any,
    ) -> Visit:
        """A page that is still empty, whose clock shows `clock`; None: the machine's, with real frames.

        `options` are those of a context of Playwright.
        """
        scheme = "dark" if dark else "light"
        page = self.readers.page(clock, locale=locale, viewport=size, color_scheme=scheme, **options)
        visit = Visit(page, Guard(self.origin))
        visit.guard.watch(page)
        self.made.append(visit)
        return visit

    def open(self, path: str = "/", **options: Any) -> Visit:
        """The page of the server, loaded."""
        visit = self.new(**options)
        visit.page.goto(f"{self.origin}{path}")
        return visit

    def close(self) -> None:
        """Ends all visits, and fails if a guard found anything."""
        for page, _ in self.made:
            if not page.is_closed():
                page.wait_for_timeout(20)  # violations are told by a task of their own
                page.close()
        for _, guard in self.made:
            guard.check()


# --- files -----------------------------------------------------------------------------------------------------------


class File(NamedTuple):
    """A file in the reader's hand."""

    name: str
    text: str
    kind: str = ""


TRANSFER = """files => {
  const transfer = new DataTransfer();
  for (const [name, text, type] of files) transfer.items.add(new File([text], name, { type }));
  return transfer;
}"""


def drop(target: Locator, *dropped: File) -> None:
    """Drags files over a place of the page and lets them go there."""
    transfer = target.page.evaluate_handle(TRANSFER, [list(each) for each in dropped])
    for event in ("dragenter", "dragover", "drop"):
        target.dispatch_event(event, {"dataTransfer": transfer})


def paste(page: Page, text: str) -> None:
    """Pastes a text where the cursor is, as from another program."""
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def downloaded(page: Page, click: Callable[[], None]) -> tuple[str, bytes]:
    """The name and the bytes of the file that a click saves."""
    with page.expect_download() as download:
        click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


# --- accessibility ---------------------------------------------------------------------------------------------------


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, with all its rules and best practices; a line for each element.

    The script is evaluated by the debugger, which no content security policy binds; the page is served as ever.
    """
    page.evaluate(_axe_script())
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {' '.join(map(str, node['target']))}: {_shortened(node)}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def axe(page: Page) -> None:
    """Fails with a list of all that axe finds."""
    found = violations(page)
    assert found == [], "\n".join(["axe finds:", *found])


def _shortened(node: dict[str, Any]) -> str:
    html = " ".join(node["html"].split())
    return f"{html[:160]} {json.dumps(node.get('failureSummary', ''))}"


def _axe_script() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


# --- what a reader would notice --------------------------------------------------------------------------------------


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider


def markup_ran(page: Page) -> bool:
    """Whether any of the markup of `tests/page/hostile.py` has become part of the page, or its script was run."""
    ran: bool = page.evaluate("window.ran !== undefined || document.querySelector('[data-ran]') !== null")
    return ran


def settled(page: Page) -> None:
    """Waits until nothing is being counted and two frames have been drawn: what was asked for is on the screen."""
    page.wait_for_function("""() => !document.querySelector("[data-counting]")
      && [...document.querySelectorAll("[role=gridcell]")].every(cell => cell.innerText !== "…")""")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Waits until something holds that is no matter of the page's elements. Raises AssertionError if it never does."""
    patience = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < patience, "it does not come about"
        page.wait_for_timeout(10)  # in which the page's events arrive
