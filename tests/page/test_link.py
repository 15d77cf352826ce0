"""The link that holds the whole state, payloads aside."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser import LOCALE, Visits, markup_ran
from tests.page.hostile import MARKUP
from tests.page.screens import BERLIN, NEW_YORK, Screen, request_file

BEGINS = "s="


def state_of(url: str) -> Any:
    """What a link holds."""
    packed = urlsplit(url).fragment.removeprefix(BEGINS)
    raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    return json.loads(zlib.decompress(raw, wbits=-15))


def link_of(state: object) -> str:
    """The link that holds something, as the page makes it."""
    squeezer = zlib.compressobj(wbits=-15)
    raw = squeezer.compress(json.dumps(state).encode()) + squeezer.flush()
    return f"/#{BEGINS}{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def shared(screen: Screen) -> str:
    """The address once the link was made."""
    screen.button("Copy a link").click()
    expect(screen.notice).to_contain_text("The link is")
    return screen.page.url


def test_a_link_restores_what_was_looked_at(trial: Screen, visits: Visits) -> None:
    """In another browser: setup, zoom, clock, the number that was chosen, and what is tried."""
    trial.choose(BERLIN)
    trial.timeline.get_by_label("Clock").select_option("Asia/Kolkata")
    trial.button("Zoom in").first.click()
    span = trial.span_shown()
    trial.go("What if")
    trial.page.get_by_label("Lines, what if").fill("9")
    expect(trial.page.get_by_role("table", name="What changes")).to_be_visible()
    link = shared(trial)
    other = Screen(visits.open(urlsplit(link)._replace(scheme="", netloc="").geturl(), locale=LOCALE).page)

    expect(other.page.get_by_label("Lines, what if")).to_have_value("9")
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Trial")
    other.go("Preview")
    expect(other.number(BERLIN)).to_be_visible()
    expect(other.timeline.get_by_label("Clock")).to_have_value("Asia/Kolkata")
    assert other.span_shown() == span


def test_a_link_keeps_the_beginning_that_was_seen(screen: Screen) -> None:
    """Of a run that begins when it is run, too: whoever opens it tomorrow sees the same dials."""
    screen.bring(request_file())
    state = state_of(shared(screen))

    assert state["setup"]["now"] == "2026-03-02T09:00:00.000Z"
    assert state["setup"]["until"] is None


def test_what_a_link_replaced_can_be_brought_back(trial: Screen) -> None:
    """Where it is opened in the tab that had numbers of its own."""
    numbers = {"kind": "text", "name": "", "text": '[{"phone": "79123456789"}]'}
    trial.page.evaluate("link => { location.href = link; }", link_of({"version": 1, "setup": {"numbers": numbers}}))
    expect(trial.figure("Numbers").locator("strong")).to_have_text("1")
    trial.button("Bring it back").click()

    expect(trial.figure("Numbers").locator("strong")).to_have_text("3")


def test_a_link_holds_no_payload(trial: Screen, visits: Visits) -> None:
    """Whoever opens it sees the phones, and nothing that was said of them."""
    link = shared(trial)
    state = state_of(link)

    assert "Kim Lee" not in json.dumps(state)
    assert BERLIN in state["setup"]["numbers"]["text"]
    expect(trial.notice).to_contain_text("It holds the phones and all settings, and no payloads.")


def test_a_link_keeps_the_instants_of_a_run_as_they_were_written(visits: Visits) -> None:
    """To the second, with their offsets, as long as nobody edits them; one that is no instant can be mended."""
    texts = {"now": "2026-03-02T09:00:15Z", "until": "2026-03-04 09:00:00.250+05:30"}
    numbers = {"name": "", "text": json.dumps([{"phone": BERLIN}])}
    setup = {"numbers": numbers, "campaign": '{"timeZone": "Europe/Berlin"}', **texts}
    screen = Screen(visits.open(link_of({"version": 1, "setup": setup})).page)
    screen.go("Run")
    for label, value, offset in (("Begins", "2026-03-02T09:00:15", "Z"), ("Stops", "2026-03-04T09:00", "+05:30")):
        expect(screen.setup.get_by_label(label, exact=True)).to_have_value(value)
        expect(screen.setup.get_by_label(f"{label}: on the clock of")).to_have_value(offset)
        screen.setup.get_by_label(label, exact=True).focus()
    screen.go("Policy", "Run")
    assert state_of(shared(screen))["setup"].items() >= texts.items()

    screen = Screen(visits.open(link_of({"version": 1, "setup": setup | {"now": MARKUP[0]}})).page)
    screen.go("Run")
    expect(screen.setup.get_by_label("Begins", exact=True)).to_have_value(MARKUP[0])
    expect(screen.setup).to_contain_text("Write it like 2026-03-02T09:00:00Z, or clear it.")
    assert not markup_ran(screen.page)


def test_a_link_says_whether_the_numbers_are_in_it(screen: Screen) -> None:
    """Too many numbers are left out, and who opens it is told to drop the file."""
    screen.bring(request_file(*({"phone": str(79_000_000_000 + 7_919 * place)} for place in range(20_000))))
    link = shared(screen)
    expect(screen.notice).to_contain_text("too many for a link")
    assert state_of(link)["setup"]["numbers"] is None
    screen.page.goto("about:blank")
    screen.page.goto(link)

    expect(screen.notice).to_contain_text("The link holds settings without numbers: drop the file that they are for.")


def test_the_address_is_never_sent(trial: Screen) -> None:
    """The state lies in the fragment, which no browser sends; nothing else of the address changes."""
    link = urlsplit(shared(trial))

    assert (link.path, link.query) == ("/", "")


def test_a_broken_link_says_so(visits: Visits) -> None:
    """No base64, no data, nothing, too much, a bomb, another version; and the page is there to be begun with."""
    page = visits.open().page
    screen = Screen(page)
    damaged, other = "This link is damaged", "This link was made by another version"
    for path, words in (
        ("/#s=%%%", damaged),
        ("/#s=AAAA", damaged),
        ("/#s=", damaged),
        (f"/#s={'A' * 200_000}", damaged),
        (link_of("x" * 20_000_000), damaged),
        (link_of([1, 2]), other),
        (link_of({"version": 99}), other),
    ):
        page.goto("about:blank")
        page.goto(f"{visits.origin}{path}")
        expect(screen.notice).to_contain_text(words)
        expect(screen.button("Show the example")).to_be_visible()


STRANGERS: list[object] = [
    {"version": 1, "setup": {"numbers": {"text": 7, "name": []}, "campaign": {}, "seed": "x"}, "view": 9},
    {"version": 1, "setup": {"numbers": {"text": f'[{{"phone": "{NEW_YORK}"}}]'}, "campaign": 5, "now": [1]}},
    {
        "version": 1,
        "setup": {
            "numbers": {"name": MARKUP[0], "text": f'[{{"phone": "{NEW_YORK}"}}]'},
            "campaign": json.dumps({"name": MARKUP[1]}),
            "seed": 2**60,
            "until": MARKUP[2],
        },
        "view": {
            "tab": MARKUP[0],
            "zone": MARKUP[1],
            "span": [5, "x"],
            "chosen": {"job": 10**9, "atMs": -1e300},
            "whatIf": {"lines": -5, "override": {"allowedDays": ["x"], "__proto__": {"a": 1}}},
        },
    },
    {
        "version": 1,
        "setup": {"numbers": {"name": "", "text": f'[{{"phone": "{NEW_YORK}"}}]'}, "campaign": "{}"},
        "view": {
            "span": [-(10**15), 10**15],
            "chosen": {"job": 0, "atMs": 8.64e15},
            "whatIf": {"lines": 2**53 - 1, "override": {"maxAttempts": -3}},
            "tab": "whatIf",
        },
    },
]


def test_a_link_of_a_stranger_does_no_harm(visits: Visits) -> None:
    """Wrong types, wrong settings, markup, far away: the page stands, runs nothing of it, and can be begun anew."""
    page = visits.open().page
    screen = Screen(page)
    for state in STRANGERS:
        page.goto("about:blank")
        page.goto(f"{visits.origin}{link_of(state)}")
        expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
        screen.page.wait_for_timeout(500)
        assert not markup_ran(screen.page)
        if screen.button("Start over").count():
            screen.button("Start over").click()
        screen.show_example()
