"""What the server answers for the page: headers that hold it together, and refusals for other sites."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import Visits
from tests.page.screens import Screen
from tests.servers import Client, Server

FETCH = """url => fetch(url).then(() => "came", error => error.name)"""


def test_the_policy_lets_nothing_in_from_outside(served: Server) -> None:
    """Scripts, styles and answers of this server alone; no frame, no form, no base; a nonce that is new each time."""
    policies = []
    with served.client() as client:
        for _ in range(2):
            answer = client.get("/")
            assert answer.status == 200
            assert answer.headers["content-type"].startswith("text/html")
            policies.append(answer.headers["content-security-policy"])
    nonces = [re.search(r"'nonce-([^']{16,})'", policy) for policy in policies]
    directives = dict(each.strip().split(" ", 1) for each in policies[0].split(";"))

    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    assert "unsafe" not in policies[0]
    assert all(nonces)
    assert policies[0] != policies[1]


def test_without_scripts_it_is_said_what_to_do(served: Server) -> None:
    """The command line needs none."""
    with served.client() as client:
        page = client.get("/").body.decode()

    assert "<noscript>This page needs JavaScript." in page
    assert "call-scheduler preview" in page


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/page/page.css", "/page/licences.txt"])
def test_files_of_the_page_are_what_they_say(served: Server, path: str) -> None:
    """No guessing of types, and nothing of another origin may read them."""
    with served.client() as client:
        headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"


def test_libraries_lie_in_the_page_with_their_licences(served: Server) -> None:
    """Nothing is fetched, and whoever made it is named."""
    with served.client() as client:
        licences = client.get("/page/licences.txt").body.decode()

    for name in ("preact", "@codemirror/view", "jsonc-parser"):
        assert name in licences


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Sec_Fetch_Site": "cross-site"}])
def test_another_site_cannot_ask(served: Server, headers: dict[str, str]) -> None:
    """Neither hand in nor read."""
    with served.client() as client:
        for method, path in (("POST", "/page/requests"), ("GET", "/page/example")):
            refused = client.ask(method, path, b"[]" if method == "POST" else None, **headers).refused(403)
            assert refused["type"] == "other.site"


def test_the_policy_is_kept_by_the_browser(visits: Visits) -> None:
    """What the page must not do, it cannot: the guard sees each attempt."""
    visit = visits.open()
    screen = Screen(visit.page)
    expect(screen.button("Show the example")).to_be_visible()
    visit.guard.expect(".")
    came = visit.page.evaluate(FETCH, "http://127.0.0.1:9/")
    visit.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.ran = 1";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<b style='color: red' onclick='window.ran = 1'>b</b>");
          document.querySelector("b").click();
        }"""
    )

    assert came == "TypeError"
    assert visit.page.evaluate("window.ran") is None


def test_the_page_is_not_shown_in_a_frame(visits: Visits, served: Server) -> None:
    """Nobody else's page has it in a frame."""
    visit = visits.new()
    visit.guard.expect(".")
    visit.page.goto("data:text/html,<iframe></iframe>")
    visit.page.evaluate("url => { document.querySelector('iframe').src = url; }", served.address)
    visit.page.wait_for_timeout(300)

    assert not any(frame.get_by_role("button").count() for frame in visit.page.frames)


def test_a_client_of_the_api_is_not_disturbed(served: Server) -> None:
    """The page is beside the Calls API, not in its way."""
    with Client(served.port) as client:
        campaign = client.campaign()

        assert len(campaign.added([{"phone": "79123456789"}])) == 1
