"""A run in steps, so that it says how far it is, and can be stopped, about as often however many dials an hour has.

Stepping gives what one run gives (R8.2).
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.engine.simulation import Simulation
from scheduler.engine.timeline import Timeline
from scheduler.page.asked import Run
from scheduler.policy.instants import MINUTE_MS

FEW, MANY = 1_000, 10_000  # dials of a step, where the next one is to be longer, or shorter
STEPS = 200  # at least, of a run


def simulated(run: Run, progress: Callable[[Simulation], None]) -> Timeline:
    """The timeline of a run; `progress` is called between its steps, and may raise."""
    simulation = Simulation(run.campaign, now=run.now_ms, outcomes=run.source, seed=run.seed)
    simulation.submit(run.jobs)
    longest_ms = max((run.until_ms - run.now_ms) // STEPS, MINUTE_MS)
    step_ms = MINUTE_MS
    while simulation.now_ms < run.until_ms:
        before = simulation.dials
        simulation.run(min(simulation.now_ms + step_ms, run.until_ms))
        progress(simulation)
        placed = simulation.dials - before
        if placed < FEW:
            step_ms = min(2 * step_ms, longest_ms)
        elif placed > MANY:
            step_ms = max(step_ms // 2, MINUTE_MS)
    return simulation.timeline()
