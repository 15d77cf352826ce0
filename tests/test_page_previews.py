"""Previews: one after the other, so many at a time; stopped, forgotten, and failed. No test waits for time to pass."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Semaphore
from typing import Any

import pytest

from scheduler.engine.simulation import simulate
from scheduler.jobs import UsageError
from scheduler.page import stepping, told
from scheduler.page.asked import read
from scheduler.page.example import page_example
from scheduler.page.previews import TURN, Bounds, NotDone, Previews, TooBusy, UnknownPreview, UnknownText
from scheduler.page.stepping import simulated
from scheduler.page.told import Asked, Override
from tests.commandline import many, number, request

NOW = "2026-03-02T09:00:00Z"
PATIENCE_S = 60.0


class Room:
    """Where runs are worked on: each says that it has come, and goes on once it is let."""

    def __init__(self) -> None:
        self.come = Semaphore(0)
        self.let = Event()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.come.release()
        assert self.let.wait(PATIENCE_S)
        yield


class Kept:
    """Previews as a test has them, with what failed."""

    def __init__(self, room: Any = None, **bounds: int) -> None:
        self.failures: list[BaseException] = []
        names = itertools.count()
        self.previews = Previews(
            Bounds(**{"text_bytes": 10_000, "numbers": 1_000, "most_numbers": 500, **bounds}),
            new_name=lambda: f"name-{next(names)}",
            present_ms=lambda: 1_772_442_000_000,
            failed=self.failures.append,
            **({} if room is None else {"around": room}),
        )

    def begun(self, body: str = "[]", **asked: Any) -> str:
        """A preview of a text that is handed in."""
        text = self.previews.hand_in(body.encode())
        return self.previews.begin(Asked(request=text, **{"now": NOW, **asked}))

    def done(self, body: str = "[]", **asked: Any) -> tuple[str, told.Preview]:
        """A preview that has ended, and how it stands."""
        name = self.begun(body, **asked)
        return name, self.previews.wait(name, PATIENCE_S)


@pytest.fixture(name="kept")
def _kept() -> Iterator[Kept]:
    each = Kept()
    yield each
    each.previews.close()


@pytest.fixture(name="room")
def _room() -> Iterator[Room]:
    each = Room()
    yield each
    each.let.set()


def test_a_preview_is_done_and_its_result_is_kept(kept: Kept) -> None:
    example = page_example()

    name, stands = kept.done(example.request, campaign=example.campaign, now=example.now, outcomes=example.outcomes)

    assert isinstance(stands, told.Done)
    result = kept.previews.result(name)
    assert stands.overview == result.overview
    assert stands.overview.summary.dials == len(result.timeline) == sum(row.dials for row in rows_of(kept, name))
    assert stands.overview.name == "Spring renewals"
    assert [zone.name for zone in stands.overview.zones][:2] == ["Europe/Berlin", "America/New_York"]
    assert sum(zone.numbers for zone in stands.overview.zones) == 50
    assert sum(each.numbers for each in stands.overview.priorities) == 50
    assert sum(each.numbers for each in stands.overview.states) == 50
    assert kept.previews.has_ended(name)
    assert kept.previews.changes(name) > 3


def rows_of(kept: Kept, name: str) -> list[told.Row]:
    """All rows of a preview."""
    return kept.previews.result(name).table.rows(told.RowsAsked(count=1000)).rows


def test_a_preview_of_nothing_has_a_span_to_be_seen(kept: Kept) -> None:
    _, stands = kept.done("[]", until="2026-03-04")

    assert isinstance(stands, told.Done)
    overview = stands.overview
    assert (overview.fromMs, overview.toMs) == (overview.nowMs, overview.untilMs)
    assert (overview.summary.finishMs, overview.summary.mostLines, overview.limited) == (None, 0, False)


@pytest.mark.parametrize(("outcomes", "nobody"), [(None, True), ('{"model": {"answered": 0}}', False)])
def test_that_nobody_answers_is_told_as_an_assumption_only_where_nothing_was_said(
    kept: Kept, outcomes: str | None, nobody: bool
) -> None:
    _, stands = kept.done('[{"phone": "79123456789"}]', outcomes=outcomes)

    assert isinstance(stands, told.Done)
    assert stands.overview.nobodyAnswers is nobody


def test_the_end_of_a_run_is_told_where_all_have_ended(kept: Kept) -> None:
    _, over = kept.done(request(number()))
    _, cut = kept.done(request(number(maxAttempts=2)), until="2026-03-02T10:00:00Z")

    assert isinstance(over, told.Done)
    assert isinstance(cut, told.Done)
    assert over.overview.summary.finishMs == 1_772_442_030_000
    assert (cut.overview.summary.finishMs, cut.overview.summary.unfinished) == (None, 1)


def test_what_is_not_fit_is_refused_with_its_problems(kept: Kept) -> None:
    name, stands = kept.done(request(number(1), number(2)), campaign="x = 1")

    assert isinstance(stands, told.Unfit)
    assert [each.in_ for each in stands.problems] == ["campaign", "request", "request"]
    with pytest.raises(NotDone):
        kept.previews.result(name)
    assert not kept.failures


def test_what_a_run_finds_suspicious_is_told_with_the_text_that_it_is_in(kept: Kept) -> None:
    _, stands = kept.done(request(number()), campaign='holidays = "RU"', now="9990-01-01T00:00:00Z")

    assert isinstance(stands, told.Done)
    assert [(each.in_, each.path) for each in stands.overview.warnings] == [("campaign", "$.holidays")]


def test_an_error_of_ours_is_told_without_its_words_and_handed_on(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("79123456789")

    monkeypatch.setattr("scheduler.page.previews.simulated", fails)
    _, stands = kept.done(request(number()))

    assert isinstance(stands, told.Failed)
    assert "79123456789" not in stands.message
    assert [type(each) for each in kept.failures] == [ZeroDivisionError]
    monkeypatch.setattr("scheduler.page.previews.simulated", memory_is_full)
    _, stands = kept.done(request(number()))
    assert isinstance(stands, told.Failed)
    assert "memory" in stands.message


def test_redials_that_a_run_ignores_are_told_with_the_outcomes(kept: Kept) -> None:
    """R10.4: the phone has used up its attempts."""
    script = {"phones": {"79123456789": [{"outcome": "answered", "redial": {"startAfterMinutes": 1}}]}}

    _, stands = kept.done(request(number()), campaign="maxAttemptsPerPhone = 1", outcomes=json.dumps(script))

    assert isinstance(stands, told.Done)
    assert [(each.in_, each.type) for each in stands.overview.warnings] == [("outcomes", "redial.ignored")]


def test_what_cannot_be_run_is_told_in_its_own_words(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise UsageError("there are no lines")

    monkeypatch.setattr("scheduler.page.previews.simulated", refuses)
    name, stands = kept.done(request(number()))

    assert stands == told.Failed(preview=name, message="there are no lines")


def memory_is_full(*_: object, **__: object) -> None:
    """What happens where there is no room."""
    raise MemoryError


# -- turns and stops -------------------------------------------------------------------------------------


def test_so_many_runs_are_worked_on_at_a_time_and_others_wait_for_their_turn(room: Room) -> None:
    kept = Kept(room)
    names = [kept.begun(request(number())) for _ in range(4)]
    for _ in range(2):
        assert room.come.acquire(timeout=PATIENCE_S)

    assert not room.come.acquire(blocking=False)
    assert kept.previews.stands(names[3]) == told.Working(preview=names[3], doing=TURN, share=None)
    room.let.set()
    assert [type(kept.previews.wait(name, PATIENCE_S)) for name in names] == [told.Done] * 4
    kept.previews.close()


def test_a_run_that_is_forgotten_is_stopped_and_so_is_one_that_waits(room: Room) -> None:
    kept = Kept(room, runs=1)
    first, second = kept.begun(many(400)), kept.begun(many(400))
    assert room.come.acquire(timeout=PATIENCE_S)
    stood = [kept.previews._kept[name] for name in (first, second)]

    for name in (first, second):
        kept.previews.forget(name)
    room.let.set()
    third = kept.begun("[]")

    assert isinstance(kept.previews.wait(third, PATIENCE_S), told.Done)
    assert [type(each.stands) for each in stood] == [told.Stopped, told.Stopped]
    for name in (first, second):
        with pytest.raises(UnknownPreview):
            kept.previews.stands(name)
        with pytest.raises(UnknownPreview):
            kept.previews.forget(name)
        assert kept.previews.has_ended(name)
        assert kept.previews.changes(name) == -1
    kept.previews.close()


def test_a_run_stops_while_numbers_are_read_and_while_dials_are_placed(kept: Kept) -> None:
    """Each time that it says how far it is."""
    for doing in ("reading", "placing", "counting"):
        name = ""
        tell = kept.previews._tell

        def stop_there(kept: Any, stands: told.Preview, doing: str = doing, tell: Any = tell) -> None:
            tell(kept, stands)
            kept.to_stop = kept.to_stop or (isinstance(stands, told.Working) and stands.doing.startswith(doing))

        kept.previews._tell = stop_there  # type: ignore[method-assign]
        name, stands = kept.done(many(50, maxAttempts=3), campaign="maxSimultaneousCalls = 1")
        kept.previews._tell = tell  # type: ignore[method-assign]
        assert stands == told.Stopped(preview=name)
        with pytest.raises(NotDone):
            kept.previews.result(name)


def test_all_stop_where_a_server_does(room: Room) -> None:
    kept = Kept(room, runs=1)
    first, second = kept.begun(), kept.begun()
    assert room.come.acquire(timeout=PATIENCE_S)

    kept.previews.close()
    room.let.set()

    assert isinstance(kept.previews.wait(first, PATIENCE_S), told.Stopped)
    assert isinstance(kept.previews.stands(second), told.Working)
    assert not kept.failures


def test_a_run_in_steps_is_the_run(kept: Kept) -> None:
    """R8.2: whatever its steps are; a crowded hour has many of them, and a quiet year few."""
    for body, campaign, until in [
        (many(300, maxAttempts=5), "maxSimultaneousCalls = 7", None),
        (many(300, maxAttempts=5), "callsPerSecond = 0.01", "2026-03-02T10:00:00Z"),
        (many(300, maxAttempts=3), "", "2026-03-02T09:00:40Z"),
    ]:
        asked = Asked(request="r", campaign=campaign, now=NOW, until=until)
        run = read(asked, body.encode(), present_ms=0, most_numbers=500)
        looks: list[int] = []

        timeline = simulated(run, lambda simulation, looks=looks: looks.append(simulation.dials))  # type: ignore[misc]

        whole = simulate(run.campaign, run.jobs, now=run.now_ms, until=run.until_ms)
        assert list(timeline) == list(whole)
        assert list(timeline.endings()) == list(whole.endings())
        assert looks == sorted(looks)
        assert len(looks) <= 500


def test_a_crowded_hour_is_looked_at_each_minute_and_a_quiet_one_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "FEW", 30)
    asked = Asked(request="r", campaign="callsPerSecond = 1", now=NOW)
    run = read(asked, many(200).encode(), present_ms=0, most_numbers=500)
    looks: list[tuple[int, int]] = []

    simulated(run, lambda simulation: looks.append((simulation.now_ms - run.now_ms, simulation.dials)))

    minute_ms = 60_000
    assert looks[:6] == [
        *((minute_ms * each, 60 * each) for each in (1, 2, 3)),
        (4 * minute_ms, 200),
        (6 * minute_ms, 200),
        (10 * minute_ms, 200),
    ]
    monkeypatch.setattr(stepping, "FEW", 100)
    monkeypatch.setattr(stepping, "MANY", 110)
    looks.clear()
    simulated(run, lambda simulation: looks.append((simulation.now_ms - run.now_ms, simulation.dials)))
    assert looks[:3] == [(minute_ms, 60), (3 * minute_ms, 180), (4 * minute_ms, 200)]


def test_how_far_a_run_is_never_falls_and_is_said_in_words(kept: Kept) -> None:
    said: list[told.Working] = []
    tell = kept.previews._tell

    def listen(kept: Any, stands: told.Preview) -> None:
        tell(kept, stands)
        if isinstance(stands, told.Working):
            said.append(stands)

    kept.previews._tell = listen  # type: ignore[method-assign]
    kept.done(many(400, maxAttempts=3), campaign="maxSimultaneousCalls = 2", override=Override(maxAttempts=4))

    shares = [each.share for each in said]
    assert shares == sorted(shares, key=lambda share: share or 0)
    assert all(share is not None and 0 <= share < 1 for share in shares)
    words = [each.doing for each in said]
    assert words[0] == "reading the numbers"
    assert "reading 400 of 400 numbers" in words
    assert any(each.startswith("placing dials: ") and each.endswith(" in the campaign") for each in words)
    assert words[-1] == "counting waits"


# -- what is kept ----------------------------------------------------------------------------------------


def test_texts_are_kept_up_to_so_many_bytes_and_the_newest_always() -> None:
    kept = Kept(text_bytes=10)
    first, second, third = (kept.previews.hand_in(text) for text in (b"[]   ", b"[]", b"[] "))
    kept.previews.begin(Asked(request=first))  # now the one that was used last
    long = kept.previews.hand_in(b"[]" + b" " * 5)

    for name in (second, third):
        with pytest.raises(UnknownText):
            kept.previews.begin(Asked(request=name))
    kept.previews.hand_in(b" " * 99)
    with pytest.raises(UnknownText):
        kept.previews.begin(Asked(request=long))
    kept.previews.close()


def test_a_text_that_made_room_before_its_turn_is_told(room: Room) -> None:
    """A preview that waits keeps no text that others may not have."""
    kept = Kept(room, text_bytes=50, runs=1)
    first, second = kept.begun("[]"), kept.begun("[]  ")
    assert room.come.acquire(timeout=PATIENCE_S)
    kept.previews.hand_in(b" " * 99)
    room.let.set()

    stands = kept.previews.wait(second, PATIENCE_S)

    assert isinstance(stands, told.Failed)
    assert "hand them in again" in stands.message
    assert isinstance(kept.previews.wait(first, PATIENCE_S), told.Failed)
    assert not kept.failures
    kept.previews.close()


def test_results_are_kept_up_to_so_many_numbers_and_those_that_were_asked_for_last() -> None:
    kept = Kept(numbers=10)
    first, second = (kept.done(many(5))[0] for _ in range(2))
    kept.previews.result(first)
    third, _ = kept.done(many(5))

    assert len(kept.previews.result(first).timeline) == len(kept.previews.result(third).timeline) == 5
    with pytest.raises(UnknownPreview):
        kept.previews.result(second)
    large, _ = kept.done(many(30))
    assert kept.previews.result(large).numbers == 30
    for name in (first, third):
        with pytest.raises(UnknownPreview):
            kept.previews.result(name)
    kept.previews.close()


def test_previews_are_kept_up_to_so_many_and_none_that_is_worked_on_is_forgotten(room: Room) -> None:
    kept = Kept(room, previews=2, runs=1)
    first, second = kept.begun(), kept.begun()
    with pytest.raises(TooBusy):
        kept.begun()
    room.let.set()
    for name in (first, second):
        kept.previews.wait(name, PATIENCE_S)

    third, _ = kept.done()

    kept.previews.stands(second)
    kept.previews.stands(third)
    with pytest.raises(UnknownPreview):
        kept.previews.stands(first)
    kept.previews.close()


def test_what_waits_is_bounded_by_its_texts_too_and_what_is_forgotten_keeps_none(room: Room) -> None:
    kept = Kept(room, text_bytes=100, runs=1)
    first = kept.begun()
    assert room.come.acquire(timeout=PATIENCE_S)
    second = kept.begun(campaign="#" * 60)
    with pytest.raises(TooBusy):
        kept.begun(campaign="#" * 41)
    stood = kept.previews._kept[second]

    kept.previews.forget(second)

    assert stood.asked is None
    third = kept.begun(campaign="#" * 41)
    room.let.set()
    assert [type(kept.previews.wait(name, PATIENCE_S)) for name in (first, third)] == [told.Done] * 2
    kept.previews.close()
