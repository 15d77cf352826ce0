"""The values that everybody shares: what they refuse, and that they can be sent and kept."""

from __future__ import annotations

import pickle

import pytest

from scheduler import Campaign, Job, Problem, RequestRefused, Simulation, UsageError, never, read_request, simulate
from scheduler.outcomes import Never
from scheduler.policy.errors import step

NOW = "2026-03-02T09:00:00Z"
NUMBER = '[{"phone": "79123456789", "gmtZone": "Europe/Moscow"}]'


@pytest.mark.parametrize("pace", [0, -1, 0.0001, 1001])
def test_a_pace_beyond_its_bounds_is_refused(pace: float) -> None:
    """R11.2: from 0.001 to 1000 calls a second."""
    with pytest.raises(UsageError, match="calls_per_second"):
        Campaign(calls_per_second=pace)


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_that_lets_nobody_be_dialled_is_refused(cap: int) -> None:
    """R9.4."""
    with pytest.raises(UsageError, match="max_attempts_per_phone"):
        Campaign(max_attempts_per_phone=cap)


@pytest.mark.parametrize("ring_ms", [0, -1])
def test_an_attempt_that_takes_no_time_is_refused(ring_ms: int) -> None:
    """R12.1: ringing and talking are more than none."""
    with pytest.raises(UsageError, match="ring"):
        Campaign(ring_ms=ring_ms)
    with pytest.raises(UsageError, match="rings"):
        Never(ring_ms)


@pytest.mark.parametrize("lines", [1.5, True, "2"])
def test_lines_that_are_no_whole_number_are_refused(lines: object) -> None:
    """R11.1."""
    with pytest.raises(UsageError, match="whole number"):
        Simulation(Campaign(), now=NOW, lines=lines)  # type: ignore[arg-type]


def test_an_outcome_that_is_no_source_of_outcomes_is_refused() -> None:
    """R12.2."""
    with pytest.raises(UsageError, match=r"scheduler\.never"):
        simulate(Campaign(), [], now=NOW, outcomes="never")  # type: ignore[arg-type]


def test_never_rings_as_long_as_the_campaign_says() -> None:
    """R12.2."""
    assert never.of(Campaign(ring_ms=7)).ring_ms == 7


def test_a_request_that_is_neither_bytes_nor_text_is_a_type_error() -> None:
    """DESIGN 5.5."""
    with pytest.raises(TypeError, match=r"json\.dumps"):
        read_request([{"phone": "79123456789"}], Campaign())  # type: ignore[arg-type]


def test_a_refusal_comes_back_from_another_process_whole() -> None:
    """R15.1: with every problem."""
    refused = RequestRefused((Problem(job=0, path="$[0]", type="invalid.field", message="no"),))

    again = pickle.loads(pickle.dumps(refused))

    assert again.problems == refused.problems
    assert again.body() == refused.body()


def test_jobs_and_campaigns_come_back_from_another_process_equal() -> None:
    """DESIGN 6: values."""
    jobs = read_request(NUMBER, Campaign()).jobs

    assert pickle.loads(pickle.dumps(list(jobs))) == list(jobs)
    assert pickle.loads(pickle.dumps(Campaign(lines=3))) == Campaign(lines=3)


def test_jobs_and_dials_can_be_kept_in_sets() -> None:
    """DESIGN 6: frozen values."""
    jobs = read_request(NUMBER, Campaign()).jobs
    timeline = simulate(Campaign(), jobs, now=NOW)

    assert len({dial.job for dial in timeline}) == len(set(timeline)) == 1
    assert isinstance(next(iter(timeline)).job, Job)


def test_progress_is_told_while_a_simulation_runs_and_changes_nothing() -> None:
    """DESIGN 5.5: the steps in which a run is made do not show in it."""
    jobs = read_request(NUMBER, Campaign()).jobs
    seen: list[int] = []

    timeline = simulate(Campaign(), jobs, now=NOW, progress=lambda run: seen.append(run.dials))

    assert list(timeline) == list(simulate(Campaign(), jobs, now=NOW))
    assert seen[-1] == 1


def test_a_step_of_a_path_that_is_no_word_is_quoted_on_one_line() -> None:
    """R15.1: a path says where, whatever the name."""
    assert step("a\x1b[31m\n") == '["a\\x1b[31m\\n"]'
