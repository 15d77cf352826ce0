"""Models of outcomes: probabilities, rates by hour and attempt, distributions of lengths, redials."""

from __future__ import annotations

import json
from statistics import fmean
from typing import Any

import pytest

from scheduler import Campaign, Model, OutcomesRefused, Redial, UsageError, read_campaign, read_outcomes, simulate
from scheduler.intake.request import read_request
from scheduler.jobs import Outcome
from scheduler.lengths import SLICES, constant, exponential, lognormal, observed, uniform

BAD_FIELD = "invalid.field"
SECOND_MS = 1000
NOW = "2026-03-02T09:00:00Z"


def model(**keys: Any) -> Model:
    """The model of a good file."""
    found = read_outcomes(json.dumps({"model": keys}), Campaign())
    assert isinstance(found, Model)
    return found


def problems(keys: object, campaign: Campaign | None = None) -> list[tuple[str, str, str]]:
    """The problems of a bad model: path inside it, type and message."""
    with pytest.raises(OutcomesRefused) as caught:
        read_outcomes(json.dumps({"model": keys}), campaign or Campaign())
    assert all(problem.job is None and problem.message.isprintable() for problem in caught.value.problems)
    return [(each.path.removeprefix("$.model"), each.type, each.message) for each in caught.value.problems]


def refused(campaign: Campaign | None = None, /, **keys: Any) -> list[tuple[str, str]]:
    """The problems of a bad model: path inside it, and type."""
    return [(path, kind) for path, kind, _ in problems(keys, campaign)]


def talks(distribution: object) -> tuple[int, ...]:
    """The lengths of a distribution, in milliseconds."""
    return model(answered=0.5, talkSeconds=distribution).talk_ms


# -- what a model may say --------------------------------------------------------------------------------


def test_a_model_of_every_key_is_read_key_by_key() -> None:
    """R12.2, R12.3."""
    found = model(
        answered=0.4,
        busy=0.2,
        failed=0.1,
        nonexistentNumber=0.05,
        answeredByHour={"9": 0.3, "18": 0.5},
        answeredByAttempt=[0.4, 0.3],
        result=0.25,
        redial={"share": 0.1, "startAfterMinutes": 60, "maxAttempts": 2},
        ringSeconds={"busy": 3, "noAnswer": {"uniform": [20, 40]}},
        talkSeconds={"values": [30, 60, 90]},
    )

    assert (found.answered, found.busy, found.failed, found.nonexistent) == (0.4, 0.2, 0.1, 0.05)
    assert (found.by_hour[8], found.by_hour[9], found.by_hour[18]) == (0.4, 0.3, 0.5)
    assert (found.by_attempt, found.result, found.redial_share) == ((0.4, 0.3), 0.25, 0.1)
    assert found.redial is not None
    assert (found.redial.start_after_ms, found.redial.policy.max_attempts) == (3_600_000, 2)
    assert found.ring_ms == {Outcome.BUSY: constant(3000), Outcome.NO_ANSWER: uniform(20_000, 40_000)}
    assert found.talk_ms == observed([30_000, 60_000, 90_000])
    assert found.warnings == ()


def test_all_but_the_answers_has_a_default() -> None:
    """R12.2: conversations of a minute, ringing as the campaign says, no answer where nothing else is said."""
    assert model(answered=0.4) == Model(answered=0.4)
    assert model(answered=0.4).talk_ms == constant(60_000)
    assert model(answered=1) == Model(answered=1.0)
    assert model(answered=0, busy=1) == Model(answered=0.0, busy=1.0)
    assert model(answered=0.4, busy=None, answeredByHour=None, redial=None) == Model(answered=0.4)


def test_toml_says_the_same_as_json() -> None:
    """R12.2."""
    text = """
    [model]
    answered = 0.4
    answeredByHour = { 9 = 0.3, 18 = 0.5 }
    ringSeconds = 12
    [model.redial]
    share = 0.1
    startDateTime = 2026-03-04T12:00:00Z
    """
    keys = {
        "answered": 0.4,
        "answeredByHour": {"9": 0.3, "18": 0.5},
        "ringSeconds": 12,
        "redial": {"share": 0.1, "startDateTime": "2026-03-04T12:00:00Z"},
    }

    assert read_outcomes(text, Campaign()) == model(**keys)


def test_rates_by_hour_are_24_or_those_of_some_hours() -> None:
    """R12.3: in the hours that are not named the rate is the usual one."""
    every = [hour / 100 for hour in range(24)]

    assert model(answered=0.1, answeredByHour=every).by_hour == tuple(every)
    assert model(answered=0.1, answeredByHour={"09": 0.3}).by_hour == (0.1,) * 9 + (0.3,) + (0.1,) * 14
    assert model(answered=0.1, answeredByHour={}).by_hour == (0.1,) * 24


def test_ringing_is_that_of_all_outcomes_or_of_each() -> None:
    """R12.1."""
    alone = {"exponential": 10}

    assert model(answered=0.1, ringSeconds=alone).ring_ms == dict.fromkeys(Outcome, exponential(10_000))
    assert model(answered=0.1, ringSeconds={"failed": 1}).ring_ms == {Outcome.FAILED: constant(1000)}
    assert model(answered=0.1, ringSeconds={}).ring_ms == {}


# -- distributions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "lengths", "mean_s"),
    [
        (45, constant(45_000), 45),
        (0.25, constant(250), 0.25),
        (0, constant(0), 0),
        ({"uniform": [5, 25]}, uniform(5000, 25_000), 15),
        ({"uniform": [5, 5]}, constant(5000), 5),
        ({"exponential": 90}, exponential(90_000), 90),
        ({"lognormal": {"mean": 90, "sd": 60}}, lognormal(90_000, 60_000), 90),
        ({"lognormal": {"mean": 90, "sd": 0}}, constant(90_000), 90),
        ({"values": [30, 60, 90]}, observed([30_000, 60_000, 90_000]), 60),
        ({"values": [7]}, constant(7000), 7),
    ],
)
def test_a_distribution_has_the_mean_that_it_says(written: object, lengths: tuple[int, ...], mean_s: float) -> None:
    """R12.1: in whole milliseconds."""
    found = talks(written)

    assert found == lengths
    assert len(found) == SLICES
    assert list(found) == sorted(found)
    assert fmean(found) == pytest.approx(mean_s * SECOND_MS, rel=1e-3)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (-1, ""),
        ("30", ""),
        (True, ""),
        ([30], ""),
        (86_400.001, ""),
        (1e300, ""),
        ({}, ""),
        ({"normal": [5, 1]}, ""),
        ({"uniform": [1, 2], "values": [1]}, ""),
        ({"uniform": 5}, ".uniform"),
        ({"uniform": []}, ".uniform"),
        ({"uniform": [5]}, ".uniform"),
        ({"uniform": [1, 2, 3]}, ".uniform"),
        ({"uniform": [9, 2]}, ".uniform"),
        ({"uniform": [1, "x"]}, ".uniform[1]"),
        ({"exponential": -1}, ".exponential"),
        ({"exponential": None}, ".exponential"),
        ({"exponential": {"mean": 90}}, ".exponential"),
        ({"lognormal": 90}, ".lognormal"),
        ({"lognormal": {"mean": 90}}, ".lognormal"),
        ({"lognormal": {"mean": 90, "sd": 60, "x": 1}}, ".lognormal"),
        ({"lognormal": {"mean": 0, "sd": 0}}, ".lognormal"),
        ({"lognormal": {"mean": 1, "sd": 11}}, ".lognormal"),
        ({"lognormal": {"mean": 90, "sd": "x"}}, ".lognormal.sd"),
        ({"values": []}, ".values"),
        ({"values": 5}, ".values"),
        ({"values": [1, -1]}, ".values[1]"),
    ],
)
def test_a_bad_distribution_is_one_problem_where_it_is_wrong(written: object, path: str) -> None:
    """R12.1, R15.1."""
    assert refused(answered=0.5, talkSeconds=written) == [(f".talkSeconds{path}", BAD_FIELD)]


@pytest.mark.parametrize("written", [{"exponential": 10_000}, {"lognormal": {"mean": 3600, "sd": 36_000}}])
@pytest.mark.parametrize("key", ["talkSeconds", "ringSeconds"])
def test_a_distribution_whose_longest_lasts_more_than_a_day_is_refused(written: object, key: str) -> None:
    """R12.1: its tail is far longer than its mean."""
    ((path, _, message),) = problems({"answered": 0.5, key: written})

    assert path == f".{key}"
    assert "more than a day" in message


def test_the_longest_of_distributions_are_simulated_as_they_are() -> None:
    """R12.1: a day of ringing and a day of talk."""
    keys = {"model": {"answered": 1, "ringSeconds": 86_400, "talkSeconds": 86_400}}
    jobs = read_request('[{"phone": "79123456789", "gmtZone": "Z"}]', Campaign()).jobs
    (dial,) = simulate(Campaign(), jobs, now=NOW, outcomes=read_outcomes(json.dumps(keys), Campaign()))

    assert (dial.length_ms, dial.talk_ms) == (2 * 86_400_000, 86_400_000)


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["answered", "busy", "failed", "nonexistentNumber", "result"])
@pytest.mark.parametrize("value", [-0.1, 1.1, 40, "0.4", True, [], {}, 1e300])
def test_what_is_no_probability_is_refused(key: str, value: object) -> None:
    """R12.2."""
    assert refused(**{"answered": 0.1, key: value}) == [(f".{key}", BAD_FIELD)]


@pytest.mark.parametrize("keys", [{}, {"answered": None}, {"busy": 0.4}])
def test_a_model_says_how_many_are_answered(keys: dict[str, Any]) -> None:
    """R12.2: `never` is not a model."""
    assert refused(**keys) == [(".answered", BAD_FIELD)]


@pytest.mark.parametrize("value", [5, True, "x", [], [{"answered": 0.5}]])
def test_a_model_is_a_table(value: object) -> None:
    """R15.1: one problem, with both ways to write it."""
    ((path, kind, message),) = problems(value)

    assert (path, kind) == ("", BAD_FIELD)
    assert "[model]" in message
    assert '"model": {' in message


def test_probabilities_are_at_most_1_together() -> None:
    """R12.2: with what they sum up to; rounding is not held against them."""
    ((path, _, message),) = problems({"answered": 0.5, "busy": 0.4, "failed": 0.3})

    assert path == ""
    assert "1.2" in message
    assert model(answered=0.1, busy=0.2, failed=0.3, nonexistentNumber=0.4)


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("answeredByHour", 0.5, ""),
        ("answeredByHour", [0.5], ""),
        ("answeredByHour", [0.5] * 25, ""),
        ("answeredByHour", [0.5] * 23 + [2], "[23]"),
        ("answeredByHour", {"24": 0.5}, '["24"]'),
        ("answeredByHour", {"-1": 0.5}, '["-1"]'),
        ("answeredByHour", {"9:00": 0.5}, '["9:00"]'),
        ("answeredByHour", {"٣": 0.5}, '["٣"]'),
        ("answeredByHour", {"": 0.5}, '[""]'),
        ("answeredByHour", {"9": "x"}, '["9"]'),
        ("answeredByHour", {"9": None}, '["9"]'),
        ("answeredByHour", {"9": 0.5, "09": 0.6}, ""),
        ("answeredByAttempt", 0.5, ""),
        ("answeredByAttempt", [], ""),
        ("answeredByAttempt", [0.5, "x"], "[1]"),
        ("answeredByAttempt", {"1": 0.5}, ""),
        ("ringSeconds", {"bussy": 5}, ".bussy"),
        ("ringSeconds", {"uniform": [1, 2], "busy": 5}, ""),
        ("ringSeconds", {"busy": "x"}, ".busy"),
        ("ringSeconds", {"busy": {"values": [1, "x"]}}, ".busy.values[1]"),
        ("redial", 0.1, ""),
        ("redial", {}, ""),
        ("redial", {"startAfterMinutes": 60}, ""),
        ("redial", {"share": 2, "startAfterMinutes": 60}, ".share"),
        ("redial", {"share": 0.1, "startAfterMinutes": 60, "x": 1}, ".x"),
        ("talk", 5, ".talk"),
    ],
)
def test_a_bad_value_is_one_problem_where_it_is_wrong(key: str, value: object, path: str) -> None:
    """R12.2, R15.1."""
    expected = path if key == "talk" else f".{key}{path}"

    assert refused(answered=0.5, **{key: value}) == [(expected, BAD_FIELD)]


def test_an_hour_of_any_length_is_no_traceback() -> None:
    """R15.1: a number that Python does not like to read."""
    ((path, _, _),) = problems({"answered": 0.5, "answeredByHour": {"9" * 5000: 0.5}})

    assert path.startswith(".answeredByHour[")


@pytest.mark.parametrize("rates", [{"answeredByHour": {"9": 0.3}}, {"answeredByAttempt": [0.3]}])
def test_rates_are_compared_with_the_answers(rates: dict[str, Any]) -> None:
    """R12.3: which have to be more than none; an `answered` that is wrong itself is one problem."""
    assert refused(answered=0, **rates) == [(".answered", BAD_FIELD)]
    assert refused(answered="x", **rates) == [(".answered", BAD_FIELD)]


@pytest.mark.parametrize(
    ("fields", "path", "kind"),
    [
        ({}, "", "invalid.call.dates"),
        ({"startDateTime": "now"}, ".startDateTime", "invalid.call.dates"),
        ({"startAfterMinutes": 1, "dialerPriority": 9}, ".dialerPriority", "invalid.dialer_priority"),
        ({"startAfterMinutes": 1, "maxAttempts": 99}, ".maxAttempts", "invalid.max.attempts"),
    ],
)
def test_the_redial_of_a_model_is_read_as_that_of_a_script(fields: dict[str, Any], path: str, kind: str) -> None:
    """R10.1, R7.2."""
    assert refused(answered=0.5, redial={"share": 0.1, **fields}) == [(f".redial{path}", kind)]


def test_the_redial_of_a_model_has_warnings_and_strict_refuses_some() -> None:
    """R10.3, R15.3."""
    many = model(answered=0.5, redial={"share": 0.1, "startAfterMinutes": 1, "maxAttempts": 9})
    none = {"share": 0.1, "startAfterMinutes": 1, "maxAttempts": 0}

    assert many.redial is not None
    assert many.redial.policy.max_attempts == 5
    assert [(each.path, each.type) for each in many.warnings] == [
        ("$.model.redial.maxAttempts", "invalid.max.attempts")
    ]
    assert [each.type for each in model(answered=0.5, redial=none).warnings] == ["invalid.max.attempts"]
    strict = read_campaign("[readings]\nstrict = true")
    assert refused(strict, answered=0.5, redial=none) == [(".redial.maxAttempts", "invalid.max.attempts")]


def test_all_problems_of_a_model_are_said_at_once() -> None:
    """R15.1."""
    found = refused(
        answered=2,
        busy="x",
        result=-1,
        answeredByHour={"9": 2, "25": 0.1, "10": 0.2},
        answeredByAttempt=[2, 0.1, 3],
        ringSeconds={"busy": -1, "x": 1},
        talkSeconds={"uniform": [-1, "x"]},
        redial={"share": 2, "startDateTime": "now", "y": 1},
        z=1,
    )

    assert sorted(path for path, _ in found) == sorted(
        [
            *(".z", ".answered", ".busy", ".result", '.answeredByHour["9"]', '.answeredByHour["25"]'),
            *(".answeredByAttempt[0]", ".answeredByAttempt[2]", ".ringSeconds.busy", ".ringSeconds.x"),
            *(".talkSeconds.uniform[0]", ".talkSeconds.uniform[1]"),
            *(".redial.share", ".redial.startDateTime", ".redial.y"),
        ]
    )


def test_what_to_write_instead_is_said() -> None:
    """R15.1."""

    def message(**keys: Any) -> str:
        ((_, _, only),) = problems({"answered": 0.5, **keys})
        return only

    assert "from 0 to 1" in message(busy=40)
    assert "did you mean talkSeconds?" in message(talkSecond=5)
    assert '{"lognormal": {"mean": 90, "sd": 60}}' in message(talkSeconds={"normal": 5})
    assert "[5, 25]" in message(talkSeconds={"uniform": [25, 5]})
    assert "did you mean busy?" in message(ringSeconds={"bussy": 5})
    assert "0 to 23" in message(answeredByHour={"24": 0.5})
    assert '"share": 0.1' in message(redial={"startAfterMinutes": 60})
    assert "startAfterMinutes" in message(redial={"share": 0.1, "startAfterMinute": 60, "localTimeTo": "18:00"})


def test_a_model_that_is_made_by_hand_is_checked_too() -> None:
    """R12.2: a UsageError, as no file is at fault."""
    wrong: list[dict[str, Any]] = [
        {"answered": 1.1},
        {"answered": 0.6, "busy": 0.6},
        {"answered": 0.5, "by_hour": (0.5,)},
        {"answered": 0.0, "by_attempt": (0.5,)},
        {"answered": 0.5, "redial": Redial(), "redial_share": -0.1},
        {"answered": 0.5, "talk_ms": exponential(86_400_000)},
        {"answered": 0.5, "ring_ms": {Outcome.BUSY: constant(2 * 86_400_000 + 1)}},
    ]
    for keys in wrong:
        with pytest.raises(UsageError):
            Model(**keys)
