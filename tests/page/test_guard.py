"""The guard of the other tests sees what it is for, and axe too."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser import Readers, Visit, Visits, violations, wait_until


@pytest.fixture
def unguarded(readers: Readers) -> Iterator[Visit]:
    """An empty page that may ask nobody, whose guard is looked at by the test."""
    visit = Visits(readers, None).new()
    yield visit
    visit.page.close()


def show(visit: Visit, markup: str) -> None:
    """Loads a page of its own."""
    visit.page.goto(f"data:text/html,{quote(markup)}", wait_until="load")


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<img src='http://elsewhere.example/a.png'>", "asks http://elsewhere.example/a.png"),
        ("<script>fetch('http://127.0.0.1:9/x').catch(() => 0)</script>", "asks http://127.0.0.1:9/x"),
        ("<script>new WebSocket('ws://127.0.0.1:9/x')</script>", "opens ws://127.0.0.1:9/x"),
        ("<script>console.error('so it is')</script>", "console: so it is"),
        ("<script>nothing.there</script>", "nothing is not defined"),
        (
            "<meta http-equiv='Content-Security-Policy' content=\"style-src 'none'\"><b style='color: red'>b</b>",
            "policy: style-src",
        ),
    ],
)
def test_the_guard_finds_what_a_page_must_not_do(unguarded: Visit, markup: str, found: str) -> None:
    """Requests, sockets, errors and violations of the policy."""
    show(unguarded, markup)
    wait_until(unguarded.page, lambda: any(found in each for each in unguarded.guard.found))

    with pytest.raises(AssertionError, match="must not"):
        unguarded.guard.check()


def test_the_guard_lets_pass_what_a_page_may_do(unguarded: Visit) -> None:
    """Addresses of its own making, and words on the console that are no errors."""
    show(
        unguarded,
        """<h1>a</h1><script>
        console.log("so it is");
        const image = new Image();
        image.onload = () => { document.querySelector("h1").textContent = "loaded"; };
        image.src = URL.createObjectURL(new Blob(["<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"],
                                                 { type: "image/svg+xml" }));
        </script>""",
    )

    expect(unguarded.page.get_by_role("heading")).to_have_text("loaded")
    unguarded.guard.check()


def test_what_a_test_means_to_happen_is_not_found(unguarded: Visit) -> None:
    """A refusal by the server is an error on the console."""
    unguarded.guard.expect("so it is")
    show(unguarded, "<script>console.error('so it is')</script>")

    unguarded.guard.check()


def test_axe_finds_an_image_without_words(unguarded: Visit) -> None:
    """A line for each element, with its rule."""
    image = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    show(unguarded, f"<html lang=en><title>t</title><main><h1>a</h1><img src='{image}'></main>")

    (found,) = violations(unguarded.page)

    assert found.startswith("image-alt (critical)")
