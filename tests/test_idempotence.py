"""Requests to one campaign, one after the other: what is refused, what is a replay, and what is new (R14.3, R14.4)."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import Campaign, RequestRefused, Simulation, read_request
from tests import oracles

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOW_MS = 1_772_442_000_000
PHONES = ("79123456789", "+7 (912) 345-67-89", "4930123456", "12025550123")
PAYLOADS: tuple[Any, ...] = (None, None, {}, 1, 1.0, True, {"a": 1, "b": [2]}, {"b": [2.0], "a": 1})


class Request(NamedTuple):
    """A request: so long after the one before."""

    after_ms: int
    key: str | None
    numbers: list[dict[str, Any]]


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    """Numbers, many of which are the same."""
    return st.fixed_dictionaries(
        {"phone": st.sampled_from(PHONES), "gmtZone": st.just("Z")}, optional={"payload": st.sampled_from(PAYLOADS)}
    )


def requests() -> st.SearchStrategy[list[Request]]:
    """Requests whose distances sum up to 24 hours, or to a millisecond more or less, now and then."""
    apart = st.sampled_from([0, 0, 1, 1, 2, HOUR_MS, DAY_MS // 2, DAY_MS - 2, DAY_MS - 1, DAY_MS, DAY_MS + 1])
    keys = st.sampled_from([None, None, "", "K", "K", "L"])
    return st.lists(st.builds(Request, apart, keys, st.lists(numbers(), min_size=1, max_size=4)), max_size=10)


def jobs_of_each(numbers: list[dict[str, Any]]) -> list[Any]:
    """The jobs of numbers that are read one by one, so that duplicates are left to the campaign."""
    return [read_request(json.dumps([number]), Campaign()).jobs[0] for number in numbers]


@given(requests())
@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
def test_each_request_is_answered_as_a_list_of_all_before_it_says(history: list[Request]) -> None:
    """R14.1 to R14.5, R15.1: indices in the order of the request, and the phones of a refusal, to the millisecond."""
    past = oracles.Requests()
    simulation = Simulation(Campaign(), now=NOW_MS)
    simulation.submit([])  # the first batch is believed to have been read as one request
    at = 0
    for request in history:
        at += request.after_ms
        expected = past.submit(request.numbers, request.key, at)
        simulation.run(NOW_MS + at)
        jobs_before = len(simulation.timeline().jobs)
        if expected.ids is None:
            with pytest.raises(RequestRefused) as refused:
                simulation.submit(jobs_of_each(request.numbers), key=request.key)
            assert refused.value.body()["phonesDuplicates"] == expected.duplicates
            assert refused.value.body()["type"] == "phone.duplicated"
        else:
            assert simulation.submit(jobs_of_each(request.numbers), key=request.key) == tuple(expected.ids)
        made = {index for index in expected.ids or () if index >= jobs_before}
        assert [job.index for job in simulation.timeline().jobs] == list(range(jobs_before + len(made)))
