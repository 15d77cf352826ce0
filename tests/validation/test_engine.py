"""The engine against queueing theory: see studies.py for what is compared and how far it may be off."""

from __future__ import annotations

from array import array

import pytest

from scheduler import Campaign, Model, Submit, Timeline, simulate
from scheduler.lengths import constant
from scheduler.policy.levels import Dates
from tests.validation import runs
from tests.validation.studies import LONG, QUICK, STUDIES, TOLERANCE, Measured, Study


def of(studies: list[Study]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("study", studies, ids=[study.name.replace(":", "") for study in studies])


every_study = of(list(STUDIES))
every_third_study = of(list(STUDIES)[::3])  # the others have long runs alone, which take minutes


def too_far(study: Study, length: str) -> list[Measured]:
    return [each for each in study.measured(length) if abs(each.distance) > TOLERANCE]


@every_third_study
def test_the_engine_agrees_with_theory(study: Study) -> None:
    """At most TOLERANCE standard errors off, in runs that are long enough to say something."""
    found = list(study.measured(QUICK))

    assert [each for each in found if abs(each.distance) > TOLERANCE] == []
    assert [each for each in found if each.error > study.precision * each.theory] == []


@pytest.mark.exhaustive
@every_study
def test_the_engine_agrees_with_theory_in_long_runs(study: Study) -> None:
    assert too_far(study, LONG) == []


def test_an_engine_that_is_off_is_seen() -> None:
    """A line too few, where 11 are meant: the studies are not so wide that anything agrees."""
    (erlang_b, *_) = STUDIES
    one_less = Study(
        name="",
        theory=erlang_b.theory,
        run=lambda seed, size: runs.callers_that_go(seed, size, lines=4, load=4.0),
        quick=erlang_b.quick,
        long=erlang_b.long,
        precision=1,
    )

    assert len(too_far(one_less, QUICK)) == len(erlang_b.theory)


def test_callers_with_a_finish_of_their_own_are_dialled_by_it() -> None:
    """R8.2: the earliest finish first; so fewer give up than in Erlang A, which serves them as they come."""
    arrivals = list(range(runs.NOW_MS, runs.NOW_MS + 4))
    finishes = [10_000_000, 400_000, 150_000, 260_000]
    jobs = [
        runs.job(index, dates=Dates(start_ms=None, finish_ms=at + finish))
        for index, (at, finish) in enumerate(zip(arrivals, finishes, strict=True))
    ]
    commands = [Submit(at=at, jobs=[job]) for at, job in zip(arrivals, jobs, strict=True)]
    talk = Model(answered=1, ring_ms=runs.AT_ONCE, talk_ms=constant(100_000))
    timeline = simulate(Campaign(lines=1), [], now=runs.NOW_MS, outcomes=talk, commands=commands)

    assert [dial.job.index for dial in timeline] == [0, 2, 3, 1]


@pytest.fixture(name="timeline")
def _timeline() -> Timeline:
    return runs.waiting_callers(0, 20, lines=2, load=1.5).timeline


@pytest.mark.parametrize("column", ["at", "ended_at", "length_ms"])
def test_little_sees_a_column_that_is_off(timeline: Timeline, column: str) -> None:
    """Little's law, which `runs` asserts of every run, is not empty: it is checked in whole milliseconds."""
    runs.check_little(timeline)
    values: array[int] = getattr(timeline.columns, column)
    values[3] += 1

    with pytest.raises(AssertionError):
        runs.check_little(timeline)
