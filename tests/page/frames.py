"""How long the page lets its reader wait: the gaps between frames, and the tasks that made them long."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page

BEGIN = """() => {
  const gaps = [], tasks = [];
  const observer = new PerformanceObserver(list => list.getEntries().forEach(entry => tasks.push(entry.duration)));
  observer.observe({ type: "longtask" });
  let lastMs = performance.now(), on = true;
  const frame = () => {
    const nowMs = performance.now();
    gaps.push(nowMs - lastMs);
    lastMs = nowMs;
    if (on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  window.framesTold = () => { on = false; observer.disconnect(); return [gaps, tasks]; };
}"""


class Frames(NamedTuple):
    """What was seen of the frames: the gaps between them, and the tasks of 50 ms and more."""

    gaps_ms: list[float]
    tasks_ms: list[float]

    @property
    def longest_ms(self) -> float:
        """The longest gap."""
        return max(self.gaps_ms)

    @property
    def words(self) -> str:
        """The figures in a line."""
        middle = sorted(self.gaps_ms)[len(self.gaps_ms) // 2]
        tasks = f"{len(self.tasks_ms)} long tasks" + (f", up to {max(self.tasks_ms):.0f} ms" if self.tasks_ms else "")
        return f"{len(self.gaps_ms)} frames, {middle:.0f} ms in the middle, longest {self.longest_ms:.0f} ms; {tasks}"


def frames_of(page: Page, act: Callable[[], None]) -> Frames:
    """The frames that are drawn while something is done on the page, whose clock must be the machine's."""
    page.evaluate(BEGIN)
    act()
    gaps, tasks = page.evaluate("framesTold()")
    return Frames(gaps, tasks)
