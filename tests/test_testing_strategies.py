"""Strategies for users: what they draw is accepted or refused as they say, shrinks to little, and is difficult."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from scheduler import Campaign, RequestRefused, read_campaign, read_outcomes, read_request
from scheduler.policy.hours import parse_allowed_time
from scheduler.policy.zones import parse_zone
from scheduler.testing import Calls, strategies as drawn
from tests.oracles import offset_seconds

NOW = "2026-03-02T09:00:00Z"
# Without the phase that looks for what matters in an example, which takes a hundred times as long.
QUICK = settings(database=None, derandomize=True, phases=(Phase.generate, Phase.shrink))
OFFICE = {"localTimeFrom": "10:00", "localTimeTo": "18:00"}


@given(drawn.campaigns(), drawn.requests())
@settings(max_examples=25)
def test_campaigns_and_requests_are_accepted(campaign: dict[str, Any], request: list[dict[str, Any]]) -> None:
    """Together, and so each by itself."""
    batch = read_request(json.dumps(request), read_campaign(json.dumps(campaign)))

    assert len(batch.jobs) == len(request)


@given(drawn.scripts())
@settings(max_examples=25)
def test_scripts_are_accepted(script: dict[str, Any]) -> None:
    """With all their phones, jobs and outcomes, and nothing that is suspicious."""
    read = read_outcomes(json.dumps(script), Campaign())

    assert len(read.phones) == len(script.get("phones", {}))  # type: ignore[union-attr]
    assert set(read.jobs) == set(map(int, script.get("jobs", {})))  # type: ignore[union-attr]
    assert read.warnings == ()


@given(drawn.campaigns(), drawn.requests(max_size=2), drawn.scripts())
@settings(max_examples=15)
def test_what_is_drawn_runs(campaign: dict[str, Any], request: list[dict[str, Any]], script: dict[str, Any]) -> None:
    """A rule of every run: no number is dialled more often than its policies allow, redials aside."""
    timeline = Calls()(campaign, request, now=NOW, until="2026-03-09", outcomes=script)

    for dial in timeline:
        assert dial.attempt <= dial.job.policy.max_attempts


@given(drawn.invalid_requests())
@settings(max_examples=30)
def test_invalid_requests_are_refused_with_a_problem(request: list[Any]) -> None:
    """Whatever else is in them."""
    with pytest.raises(RequestRefused) as refused:
        read_request(json.dumps(request), Campaign())

    assert all(problem.job is not None for problem in refused.value.problems)


@given(drawn.zones(), drawn.phones(), drawn.windows(), drawn.allowed_times(), drawn.policies())
def test_parts_are_good_by_themselves(
    zone: str, phone: str, window: dict[str, str], allowed: dict[str, Any], policy: dict[str, Any]
) -> None:
    """Each may be put into a request of one's own."""
    parse_zone(zone)
    parse_allowed_time({"default": [window]})
    parse_allowed_time(allowed)
    read_request(json.dumps([{"phone": phone, "gmtZone": zone, **policy}]), Campaign())


@pytest.mark.parametrize(
    ("strategy", "least"),
    [
        (drawn.phones, "79123456789"),
        (drawn.zones, "UTC"),
        (drawn.windows, OFFICE),
        (drawn.allowed_times, {"default": [OFFICE]}),
        (drawn.policies, {}),
        (drawn.campaigns, {}),
        (drawn.numbers, {"phone": "79123456789"}),
        (drawn.requests, [{"phone": "79123456789"}]),
        (drawn.invalid_requests, [{"phone": "12"}]),
        (drawn.scripts, {"phones": {}}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_does_not_matter_shrinks_away(strategy: Callable[[], st.SearchStrategy[Any]], least: object) -> None:
    """The least of each is what a person would write."""
    assert find(strategy(), lambda _: True, settings=QUICK) == least


def opens_before_nine(policy: dict[str, Any]) -> bool:
    """Whether a window of allowedTime begins early."""
    lists = policy.get("allowedTime", {}).values()
    return any(window["localTimeFrom"] < "09:00" for windows in lists for window in windows)


@pytest.mark.parametrize(
    ("strategy", "wanted", "least"),
    [
        (drawn.policies(), lambda policy: policy.get("maxAttempts", 1) > 3, {"maxAttempts": 4}),
        (
            drawn.policies(),
            opens_before_nine,
            {"allowedTime": {"default": [{"localTimeFrom": "00:00", "localTimeTo": "08:00"}]}},
        ),
        (
            drawn.invalid_requests(),
            lambda request: isinstance(request[0], dict) and request[0].get("maxAttempts") == 51,
            [{"phone": "79123456789", "maxAttempts": 51}],
        ),
        (
            drawn.scripts(),
            lambda script: "busy" in script.get("phones", {}).get("79123456789", ()),
            {"phones": {"79123456789": ["busy"]}},
        ),
    ],
    ids=["attempts", "early", "invalid", "busy"],
)
def test_what_matters_is_left(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], bool], least: object) -> None:
    """Examples are small and readable: nothing in them but what they are about."""
    assert find(strategy, wanted, settings=settings(QUICK, max_examples=5_000)) == least


def offsets(zone: str) -> set[int]:
    """The offsets of a zone over 2026, looked at each week."""
    start = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000)
    return {offset_seconds(zone, start + week * 7 * 86_400_000) for week in range(53)}


@pytest.mark.parametrize(
    "difficult",
    [
        lambda zone: len(offsets(zone)) == 2 and max(offsets(zone)) - min(offsets(zone)) == 1800,
        lambda zone: any(offset % 3600 for offset in offsets(zone)),
        lambda zone: zone == "Pacific/Apia",
        lambda zone: zone in {"Europe/Dublin", "Africa/Casablanca"},
        lambda zone: len(offsets(zone)) == 1 and "/" in zone,
        lambda zone: re.match(r"[+-]", zone) is not None,
    ],
    ids=["half-an-hour", "quarters", "a-skipped-date", "winter", "no-change", "fixed"],
)
def test_difficult_zones_come_early(difficult: Callable[[str], bool]) -> None:
    """Among the first 200, each kind."""
    find(drawn.zones(), difficult, settings=settings(QUICK, max_examples=200))


def test_windows_over_midnight_come() -> None:
    """And shrink to a round one."""
    night = find(drawn.windows(), lambda window: window["localTimeFrom"] > window["localTimeTo"], settings=QUICK)

    assert re.fullmatch(r"\d\d:\d\d", night["localTimeTo"])


def test_scripts_may_be_about_the_phones_of_a_request() -> None:
    """`whose` draws the phones."""

    @given(drawn.scripts(st.sampled_from(["4930123456"])))
    @settings(max_examples=30)
    def check(script: dict[str, Any]) -> None:
        assert set(script.get("phones", {})) <= {"4930123456"}

    check()


def test_redials_come() -> None:
    """Whatever a script may say."""
    find(drawn.scripts(), lambda script: '"redial"' in json.dumps(script), settings=QUICK)


def test_without_hypothesis_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """call-scheduler[testing]."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "scheduler.testing.strategies")
    with pytest.raises(ImportError) as missing:
        importlib.import_module("scheduler.testing.strategies")

    assert str(missing.value) == (
        "scheduler.testing.strategies needs hypothesis; pip install 'call-scheduler[testing]'"
    )
