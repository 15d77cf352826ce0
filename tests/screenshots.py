"""`python -m tests.screenshots FOLDER`: every view of the page in light, in dark and on a phone, to be looked at."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser import DESK, PHONE, Readers, Visits, chromium, settled
from tests.page.screens import Screen
from tests.page.views import VIEWS
from tests.servers import running

LOOKS = {"light": (DESK, False), "dark": (DESK, True), "phone": (PHONE, False), "phone-dark": (PHONE, True)}


def main(folder: Path) -> None:
    """Draws them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, running(Path(place)) as servers, chromium() as browser:
        visits = Visits(Readers(browser), servers.start(str(Path(place) / "store.sqlite")).address)
        for look, (size, dark) in LOOKS.items():
            for view, come in VIEWS.items():
                page = visits.open(size=size, dark=dark).page
                come(Screen(page))
                settled(page)
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": size[0], "height": max(height, size[1])})
                settled(page)
                path = folder / f"{view.replace(', ', '-').replace(' ', '-')}-{look}.png"
                page.screenshot(path=path)
                print(path)
                page.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.screenshots FOLDER")
    main(Path(sys.argv[1]))
