"""A campaign that is driven by hand: whatever is done in whatever order, one run of the same history gives the same."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scheduler import RequestRefused, Simulation
from tests import oracles
from tests.laws import bound
from tests.scenarios import (
    PHONES,
    UNKNOWN_PHONE,
    Fields,
    Scene,
    any_scenes,
    batches,
    days_of_lines,
    drawn_scenes,
    foretold,
    outcomes_of,
    performed,
    told,
    written_down,
)
from tests.strategies import HOUR_MS, campaign_of, instant, jobs_of

PARTS = ("submit", "cancel", "pause", "stop", "lines", "pace", "steps", "looks")
MORE_TICKS = 100  # than the case has, so that there is time
LONGEST_TICKS = 1500  # that the ticking clock is asked to tick


class DrivenCampaign(RuleBasedStateMachine):
    """A live simulation, and the history of what was done to it."""

    @initialize(
        scene=any_scenes() | drawn_scenes(),
        without=st.frozensets(st.sampled_from(PARTS), max_size=4),
        fine=st.sampled_from([False, False, True]),
    )
    def begin(self, scene: Scene, without: frozenset[str], fine: bool) -> None:
        """Some parts are left out; `fine` histories need not keep to the ticks."""
        self.case, self.script, self.without, self.fine = scene.case, scene.script, without, fine
        self.laws = scene.laws
        self.campaign = campaign_of(self.case.campaign)
        outcomes = outcomes_of(self.script, self.campaign)
        self.simulation = Simulation(self.campaign, now=self.case.now, lines=self.case.lines, outcomes=outcomes)
        self.commands: list[Fields] = []
        self.refused: list[int] = []
        self.stopped = False
        self.past = oracles.Requests()
        self.numbers = list(self.case.numbers)
        self.past.submit(self.case.numbers, None, self.case.now)
        jobs = bound(jobs_of(self.campaign, self.case.numbers), self.laws)
        assert self.simulation.submit(jobs) == tuple(range(len(self.case.numbers)))

    def may(self, part: str) -> bool:
        """Whether a part is not left out, and there is time for it."""
        return part not in self.without and self.simulation.now_ms < self.case.until + MORE_TICKS * self.case.tick_ms

    def command(self, do: str, *, refused: bool = False, **fields: Any) -> Any:
        """Note a command, and expect what becomes of it."""
        if refused:
            self.refused.append(len(self.commands))
        self.commands.append({"at": instant(self.simulation.now_ms), "do": do, **fields})
        return pytest.raises(RequestRefused) if refused else nullcontext()

    def on_a_tick(self) -> None:
        """Move on to the next tick, unless the history is fine."""
        past = (self.simulation.now_ms - self.case.now) % self.case.tick_ms
        if past and not self.fine:
            self.simulation.run(self.simulation.now_ms + self.case.tick_ms - past)

    # --- time passes ---

    @precondition(lambda self: self.may("run"))
    @rule(ticks=st.sampled_from([0, 1, 1, 2, 3, 8, 24, 95, 96, 97]), more=st.sampled_from([0, 0, -1, 1, 60_000]))
    def run(self, ticks: int, more: int) -> None:
        """Some ticks, and a little more or less."""
        span = ticks * self.case.tick_ms + (more if self.fine else 0)
        self.simulation.run(self.simulation.now_ms + max(0, span))

    @precondition(lambda self: self.may("steps"))
    @rule()
    def step(self) -> None:
        """R8.5: the clock stands behind what has happened; where nothing is to come, it stands still."""
        before = self.simulation.now_ms
        happened = self.simulation.step()
        assert self.simulation.now_ms == (before if happened is None else happened + 1)
        assert happened is None or happened >= before
        self.on_a_tick()

    @rule()
    def look(self) -> None:
        """A look changes nothing, and what was seen does not change."""
        if "looks" in self.without:
            return
        seen = self.simulation.timeline()
        assert len(seen) == self.simulation.dials
        assert told(seen) == told(self.simulation.timeline())

    # --- commands ---

    @precondition(lambda self: self.may("submit"))
    @rule(data=st.data(), key=st.sampled_from([None, None, "K", "L"]))
    def submit(self, data: st.DataObject, key: str | None) -> None:
        """R13.1, R14.3"""
        batch = data.draw(batches(self.case, self.numbers, frozenset()))
        now = self.simulation.now_ms
        ids = None if self.stopped else self.past.submit(batch, key, now).ids
        if not oracles.duplicates(batch):
            with self.command("submit", refused=ids is None, numbers=batch, **({} if key is None else {"key": key})):
                jobs = bound(jobs_of(self.campaign, batch), self.laws)
                assert self.simulation.submit(jobs, key=key) == tuple(ids or ())
            self.numbers += batch if ids is not None else []

    @precondition(lambda self: self.may("cancel"))
    @rule(
        indices=st.lists(st.integers(0, 9), max_size=3),
        phones=st.lists(st.sampled_from([*PHONES, UNKNOWN_PHONE]), max_size=1),
    )
    def cancel(self, indices: list[int], phones: list[str]) -> None:
        """R13.3: those that had not ended, and no other, are in the answer."""
        if not indices and not phones:
            return
        before = told(self.simulation.timeline()).endings
        refused = any(index >= len(self.past.accepted) for index in indices)
        refused = refused or not {job.phone for job in self.simulation.timeline().jobs}.issuperset(phones)
        with self.command("cancel", refused=refused, jobs=indices, phones=phones):
            cancelled = self.simulation.cancel(indices, phones)
            timeline = self.simulation.timeline()
            wanted = {
                (ending.job, ending.redial_number)
                for job, ending in zip(timeline.jobs, told(timeline).endings, strict=True)
                if job.index in indices or job.phone in phones
                if ending not in before or ending.at is None
                if ending.at is None or ending.state == "cancelledByUser"
            }
            assert sorted({(job.index, job.redial_number) for job in cancelled}, key=str) == sorted(wanted, key=str)
            assert len(wanted) == len(cancelled)

    @precondition(lambda self: self.may("pause"))
    @rule(sure=st.integers(0, 2))
    def pause(self, sure: int) -> None:
        """R13.2: less often than a resume."""
        if sure:
            return
        with self.command("pause", refused=self.stopped):
            self.simulation.pause()

    @precondition(lambda self: self.may("pause"))
    @rule()
    def resume(self) -> None:
        """R13.2"""
        with self.command("resume", refused=self.stopped):
            self.simulation.resume()

    @precondition(lambda self: self.may("stop"))
    @rule(sure=st.integers(0, 19))
    def stop(self, sure: int) -> None:
        """R13.2: seldom."""
        if sure:
            return
        with self.command("stop"):
            self.simulation.stop()
        self.stopped = True

    @precondition(lambda self: self.may("lines"))
    @rule(data=st.data())
    def set_lines(self, data: st.DataObject) -> None:
        """R11.3: the list is that of a campaign file."""
        lines = data.draw(st.sampled_from([0, 1, 1, 2, 2, 3, 3]) | days_of_lines(self.case.tick_ms))
        with self.command("lines", lines=lines):
            if isinstance(lines, int):
                self.simulation.set_lines(lines)
            else:
                self.simulation.set_lines(campaign_of({"maxSimultaneousCalls": lines}).lines)

    @precondition(lambda self: self.may("pace") and self.case.tick_ms != HOUR_MS)
    @rule(paced=st.booleans())
    def set_pace(self, paced: bool) -> None:
        """R11.2: an hour is more than pacing may be."""
        pace = 1000 / self.case.tick_ms if paced else None
        with self.command("pace", callsPerSecond=pace):
            self.simulation.set_pace(pace)

    # --- what holds ---

    @invariant()
    def all_invariants_hold(self) -> None:
        """At every moment."""
        self.simulation.check()

    def teardown(self) -> None:
        """R8.2: a history in steps is one run of it, and where all fell on ticks, it is that of the ticking clock."""
        if not hasattr(self, "simulation"):
            return
        self.simulation.run(self.simulation.now_ms + MORE_TICKS * self.case.tick_ms)
        self.on_a_tick()
        case = self.case._replace(until=self.simulation.now_ms)
        scene = Scene(case, self.script, self.commands, self.laws)
        timeline, drawn = self.simulation.timeline(), self.script is not None and "model" in self.script
        seen = told(timeline)._replace(refused=self.refused)
        assert seen == told(performed(scene))
        if not self.fine and case.until - case.now <= LONGEST_TICKS * case.tick_ms:
            assert seen == foretold(scene._replace(script=written_down(timeline) if drawn else self.script))


patient = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_a_campaign_that_is_driven_by_hand_goes_as_one_run_of_its_history() -> None:
    """R8.2, R8.5, R13, R14.3: whatever is done to it, and in whatever steps its clock moves on."""
    run_state_machine_as_test(
        DrivenCampaign, settings=settings(max_examples=40, stateful_step_count=20, suppress_health_check=patient)
    )


@pytest.mark.exhaustive
def test_a_campaign_that_is_driven_by_hand_goes_as_one_run_of_its_history_in_5_000_of_them() -> None:
    """R8.2, R8.5, R13, R14.3: the same, at length."""
    run_state_machine_as_test(
        DrivenCampaign, settings=settings(max_examples=5_000, stateful_step_count=40, suppress_health_check=patient)
    )
