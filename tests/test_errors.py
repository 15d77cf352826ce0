"""Values as messages show them."""

from __future__ import annotations

import pytest

from scheduler import Campaign, Model, simulate
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.hours import parse_clock
from tests.strategies import at, jobs_of, number, plain_id


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", '"a"'), (None, "null"), (True, "true"), (2.5, "2.5"), ([1, "é"], '[1, "é"]'), ({"a": None}, '{"a": null}')],
    ids=plain_id,
)
def test_a_value_is_shown_as_json(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_a_malformed_time_of_day_is_refused_at_its_path() -> None:
    """R3.2."""
    with pytest.raises(PolicyError) as refused:
        parse_clock("25:00", "$.from")

    assert [flaw.path for flaw in refused.value.flaws] == ["$.from"]


def test_a_model_in_which_everybody_answers_has_nothing_else_to_draw() -> None:
    """R12.2."""
    campaign = Campaign()
    jobs = jobs_of(campaign, [number(name, maxAttempts=3) for name in "ABC"])
    timeline = simulate(campaign, jobs, now=at("2026-03-02T09:00"), outcomes=Model(answered=1.0))

    assert [dial.outcome.value for dial in timeline] == ["answered"] * 3
