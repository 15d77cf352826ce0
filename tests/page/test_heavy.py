"""The page with very many numbers: seconds to the first picture, and the longest frame of scrolling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from benchmarks import workload
from tests.browser import Readers, Visit, Visits
from tests.page.frames import frames_of
from tests.page.screens import Screen
from tests.servers import running

pytestmark = pytest.mark.heavy

LONGEST_FRAME_MS = 100
PATIENCE_MS = 300_000
SCROLLS = 60


@pytest.fixture
def visits(readers: Readers, tmp_path: Path) -> Iterator[Visits]:
    """Visits to a server of its own."""
    with running(tmp_path) as servers:
        server = servers.start(str(tmp_path / "store.sqlite"), clock=workload.NOW_TEXT)
        each = Visits(readers, server.address)
        yield each
        each.close()


def brought(visit: Visit, folder: Path, count: int) -> tuple[Screen, float]:
    """The page with so many numbers, and the seconds from their coming to the first picture of them."""
    visit.page.context.set_default_timeout(PATIENCE_MS)
    (folder / "campaign.json").write_text(f'{{"maxSimultaneousCalls": {count // workload.NUMBERS_PER_LINE}}}', "utf-8")
    (folder / "numbers.json").write_bytes(workload.body(workload.draw(count)))
    screen = Screen(visit.page)
    begun = time.monotonic()
    screen.page.get_by_label("Files with numbers, a campaign or outcomes").first.set_input_files(
        [folder / "campaign.json", folder / "numbers.json"]
    )
    expect(screen.charts.get_by_role("img").first).to_be_visible(timeout=PATIENCE_MS)
    expect(screen.grid.get_by_role("gridcell").first).to_be_visible(timeout=PATIENCE_MS)
    return screen, time.monotonic() - begun


def scrolls(screen: Screen) -> dict[str, Callable[[], None]]:
    """The ways to scroll the table."""
    page = screen.page

    def wheel() -> None:
        screen.grid.hover()
        for _ in range(SCROLLS):
            page.mouse.wheel(0, 600)
            page.wait_for_timeout(16)

    def bar() -> None:
        for share in range(SCROLLS):
            screen.grid.evaluate("(grid, share) => { grid.scrollTop = grid.scrollHeight * share; }", share / SCROLLS)
            page.wait_for_timeout(30)

    def pages() -> None:
        screen.grid.focus()
        for _ in range(SCROLLS):
            page.keyboard.press("PageDown")

    return {"wheel": wheel, "scroll bar": bar, "PageDown": pages}


@pytest.mark.parametrize("count", [100_000, 1_000_000])
def test_very_many_numbers_are_shown_and_scrolled(visits: Visits, tmp_path: Path, count: int) -> None:
    """No frame of the table takes more than 100 ms; what is sorted and filtered comes too."""
    visit = visits.open(clock=None)
    screen, seconds = brought(visit, tmp_path, count)
    print(f"\n{count:,} numbers: {seconds:.1f} s to the first picture")
    frames = {way: frames_of(screen.page, scroll) for way, scroll in scrolls(screen).items()}
    for way, seen in frames.items():
        print(f"  {way}: {seen.words}")
    screen.grid.get_by_role("button", name="Dials").click()
    screen.numbers.get_by_label("Priority", exact=True).select_option(index=1)
    expect(screen.numbers.get_by_role("status")).to_contain_text(f"of {count:,} numbers.", timeout=PATIENCE_MS)

    assert {way: seen.longest_ms for way, seen in frames.items() if seen.longest_ms > LONGEST_FRAME_MS} == {}
