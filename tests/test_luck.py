"""Luck, what is drawn with it, and that nothing but itself decides it (R12.3)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import exp, log, sqrt
from statistics import NormalDist

import pytest

from scheduler import Model, Pause, Redial, Resume, Timeline, UsageError, simulate
from scheduler.engine.luck import BLOCK, Luck
from scheduler.jobs import Campaign, Outcome
from scheduler.lengths import SLICES, constant, exponential, lognormal, observed, uniform
from tests.strategies import at, campaign_of, jobs_of, number

NOW = "2026-03-02T09:00"
MINUTE_MS = 60_000
MODEL = Model(
    answered=0.4,
    busy=0.1,
    failed=0.02,
    nonexistent=0.01,
    result=0.5,
    redial=Redial(start_after_ms=60 * MINUTE_MS),
    redial_share=0.3,
    ring_ms={Outcome.ANSWERED: uniform(5_000, 25_000), Outcome.BUSY: constant(3_000)},
    talk_ms=lognormal(90_000, 60_000),
)


KEPT = {  # by seed, number, redial and attempt
    (0, 0, 0, 1): (2384856946, 945403965),
    (0, 4096, 0, 1): (1016637806, 33990529),
    (7, 123456, 0, 3): (617022985, 2562855087),
    (7, 5, 2, 1): (994798384, 1063432172),
    (-1, 0, 0, 1): (1187881687, 2623386832),
}


def test_luck_is_what_it_was() -> None:
    """R12.3: kept for ever, so that the same seed gives the same dials in every version."""
    assert {key: Luck(key[0]).of(*key[1:]) for key in KEPT} == KEPT


def test_luck_does_not_depend_on_the_order_in_which_it_is_asked() -> None:
    """R12.3."""
    asked = [
        (place, redial, attempt)
        for place in (0, 1, BLOCK - 1, BLOCK, 70_000)
        for redial in (0, 1)
        for attempt in (1, 2)
    ]
    one, other = Luck(5), Luck(5)
    shuffled = random.Random(1).sample(asked, len(asked))
    found = {each: other.of(*each) for each in shuffled}

    assert [one.of(*each) for each in asked] == [found[each] for each in asked]
    assert len(set(found.values())) == len(asked)
    assert all(Luck(6).of(*each) != found[each] for each in asked)


@pytest.mark.parametrize(
    ("table", "mean"),
    [
        (constant(30_000), 30_000),
        (uniform(5_000, 25_000), 15_000),
        (exponential(90_000), 90_000),
        (lognormal(90_000, 60_000), 90_000),
        (lognormal(90_000, 0), 90_000),
        (observed([1_000, 2_000, 6_000]), 3_000),
    ],
)
def test_a_distribution_has_its_mean_and_ascends(table: tuple[int, ...], mean: float) -> None:
    assert len(table) == SLICES
    assert all(one <= other for one, other in pairwise(table))
    assert sum(table) / SLICES == pytest.approx(mean, rel=2e-3)


def test_a_distribution_has_its_spread() -> None:
    table = lognormal(90_000, 60_000)
    variance = sum((length - 90_000) ** 2 for length in table) / SLICES
    quarter = exponential(60_000)[SLICES // 4]

    assert variance**0.5 == pytest.approx(60_000, rel=0.02)
    assert quarter == pytest.approx(60_000 * 0.2877, rel=1e-3)  # -ln(3/4)


def crowd(count: int = 300, **fields: object) -> list[dict[str, object]]:
    return [{**number("x", maxAttempts=3, **fields), "phone": str(79_000_000_000 + place)} for place in range(count)]


def calls(timeline: Timeline) -> dict[tuple[int, int | None, int], tuple[object, ...]]:
    """What each attempt came to, by number, redial and attempt."""
    return {
        (dial.job.index, dial.redial_number, dial.attempt): (dial.outcome, dial.result, dial.length_ms, dial.talk_ms)
        for dial in timeline
    }


def played(numbers: list[dict[str, object]], seed: int = 3, model: Model = MODEL, **campaign: object) -> Timeline:
    settings = campaign_of({"maxSimultaneousCalls": 5, **campaign})
    return simulate(settings, jobs_of(settings, numbers), now=at(NOW), outcomes=model, seed=seed)


@pytest.mark.parametrize(
    "change",
    ["a line more", "no limit", "pacing", "hours", "a number more", "another interval"],
)
def test_whatever_changes_each_attempt_keeps_its_outcome_under_a_model_without_hours(change: str) -> None:
    """R12.3: a line more, another policy, a number more leave every attempt's luck as it was."""
    before = calls(played(crowd()))
    after = calls(
        {
            "a line more": lambda: played(crowd(), maxSimultaneousCalls=6),
            "no limit": lambda: played(crowd(), maxSimultaneousCalls=None),
            "pacing": lambda: played(crowd(), callsPerSecond=0.2),
            "hours": lambda: played(crowd(localTimeFrom="10:00", localTimeTo="12:00")),
            "a number more": lambda: played(crowd(301)),
            "another interval": lambda: played(crowd(retryIntervalInMinutes=7)),
        }[change]()
    )
    made_in_both = before.keys() & after.keys()

    assert len(made_in_both) == len(before) > 500
    assert all(before[attempt] == after[attempt] for attempt in made_in_both)


def test_another_seed_is_other_luck() -> None:
    """R12.3."""
    assert calls(played(crowd(), seed=3)) != calls(played(crowd(), seed=4))


def test_under_a_model_with_hours_the_luck_stays_and_the_hour_decides() -> None:
    """R12.3: whoever is answered at the lower rate is answered at the higher one too."""
    low, high = (replace(MODEL, redial=None, by_hour=(rate,) * 24) for rate in (0.2, 0.6))
    seen = [calls(played(crowd(), model=model)) for model in (low, high)]
    answered = [{key for key, call in each.items() if call[0] is Outcome.ANSWERED and key[2] == 1} for each in seen]

    assert answered[0] < answered[1]
    assert len(answered[0]) == pytest.approx(60, abs=25)
    assert len(answered[1]) == pytest.approx(180, abs=25)


def test_outcomes_are_drawn_with_their_probabilities() -> None:
    """R12.2."""
    timeline = played(crowd(20_000), model=replace(MODEL, redial=None), maxSimultaneousCalls=None)
    first = [dial for dial in timeline if dial.attempt == 1]
    shares = {outcome: count / len(first) for outcome, count in Counter(dial.outcome for dial in first).items()}
    talks = [dial.talk_ms for dial in first if dial.outcome is Outcome.ANSWERED]

    assert shares[Outcome.ANSWERED] == pytest.approx(0.4, abs=0.01)
    assert shares[Outcome.BUSY] == pytest.approx(0.1, abs=0.007)
    assert shares[Outcome.FAILED] == pytest.approx(0.02, abs=0.004)
    assert shares[Outcome.NONEXISTENT_NUMBER] == pytest.approx(0.01, abs=0.003)
    assert sum(talks) / len(talks) == pytest.approx(90_000, rel=0.03)
    assert sum(dial.result for dial in first) / len(talks) == pytest.approx(0.5, abs=0.02)
    assert {dial.length_ms for dial in first if dial.outcome is Outcome.BUSY} == {3_000}


def test_redials_are_asked_for_with_their_share() -> None:
    """R10.1."""
    timeline = played(crowd(5_000), maxSimultaneousCalls=None)
    answered = [dial for dial in timeline if dial.outcome is Outcome.ANSWERED and dial.redial_number is None]
    redials = [job for job in timeline.jobs if job.redial_number == 1]

    assert len(redials) / len(answered) == pytest.approx(0.3, abs=0.03)


def test_rates_by_hour_and_attempt_multiply() -> None:
    """R12.2."""
    by_hour = tuple(0.5 if hour == 9 else 0.25 for hour in range(24))
    model = Model(answered=0.5, busy=0.25, by_hour=by_hour, by_attempt=(0.5, 0.25))

    assert model.answer_rate(9, 1) == 0.5
    assert model.answer_rate(9, 2) == model.answer_rate(9, 7) == 0.25
    assert model.answer_rate(10, 2) == 0.125
    assert Model(answered=0.5, by_attempt=(1.0,), by_hour=(1.0,) * 24).answer_rate(0, 1) == 1


def test_the_hour_of_a_model_is_the_customers_own() -> None:
    """R12.3: at nine in UTC it is noon in Moscow."""
    noon = tuple(1.0 if hour == 12 else 0.0 for hour in range(24))
    campaign = Campaign()
    jobs = jobs_of(campaign, [number("A"), number("B", gmtZone="Europe/Moscow")])
    timeline = simulate(campaign, jobs, now=at(NOW), outcomes=Model(answered=0.5, by_hour=noon))

    assert [dial.outcome for dial in timeline] == [Outcome.NO_ANSWER, Outcome.ANSWERED]


@pytest.mark.parametrize(
    "wrong",
    [
        {"answered": 1.1},
        {"answered": -0.1},
        {"answered": 0.6, "busy": 0.5},
        {"answered": 0.5, "by_hour": (0.5,) * 23},
        {"answered": 0.0, "by_attempt": (0.5,)},
        {"answered": 0.5, "result": 2},
        {"answered": 0.5, "by_attempt": (0.5, 1.5)},
    ],
)
def test_a_model_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Model(**wrong)  # type: ignore[arg-type]


def test_outcomes_are_drawn_by_the_local_hour_and_the_attempt() -> None:
    """R12.3: 20,000 numbers at nine, whose second attempts come at eleven; both effects multiply."""
    by_hour = tuple({9: 0.6, 11: 0.3}.get(hour, 0.0) for hour in range(24))
    model = Model(answered=0.4, busy=0.3, by_hour=by_hour, by_attempt=(0.4, 0.2))
    numbers = crowd(20_000, retryIntervalInMinutes=120, localTimeTo="11:59")
    timeline = played(numbers, model=model, maxSimultaneousCalls=None, ringSeconds=1)
    seen = Counter((dial.attempt, dial.outcome) for dial in timeline)
    made = Counter(dial.attempt for dial in timeline)

    assert model.answer_rate(9, 1) == pytest.approx(0.6)
    assert model.answer_rate(11, 2) == pytest.approx(0.15)
    assert seen[1, Outcome.ANSWERED] / made[1] == pytest.approx(0.6, abs=0.01)
    assert seen[2, Outcome.ANSWERED] / made[2] == pytest.approx(0.15, abs=0.01)
    assert seen[1, Outcome.BUSY] / made[1] == pytest.approx(0.3 * 0.4 / 0.6, abs=0.01)
    assert seen[2, Outcome.BUSY] / made[2] == pytest.approx(0.3 * 0.85 / 0.6, abs=0.01)
    assert made[3] == pytest.approx(made[2] * 0.85, rel=0.02)
    assert seen[3, Outcome.ANSWERED] == 0  # they come at midnight, an hour in which nobody answers


@pytest.mark.parametrize("kind", ["exponential", "lognormal", "uniform"])
def test_a_table_is_close_to_its_distribution_at_every_quantile(kind: str) -> None:
    """R12.2: each slice lies between the quantiles at its edges."""
    normal, sigma = NormalDist(), sqrt(log(1 + (60 / 90) ** 2))

    def quantile(share: float) -> float:
        if kind == "exponential":
            return -90_000 * log(1 - share)
        if kind == "lognormal":
            return 90_000 * exp(sigma * normal.inv_cdf(share) - sigma**2 / 2)
        return 5_000 + 20_000 * share

    tables = {
        "exponential": exponential(90_000),
        "lognormal": lognormal(90_000, 60_000),
        "uniform": uniform(5_000, 25_000),
    }
    table = tables[kind]
    for place in range(1, SLICES - 1):
        assert quantile(place / SLICES) - 0.51 <= table[place] <= quantile((place + 1) / SLICES) + 0.51


def test_the_same_luck_takes_longer_under_a_longer_distribution() -> None:
    """R12.3: place by place."""
    for shorter, longer in (
        (exponential(60_000), exponential(61_000)),
        (lognormal(60_000, 30_000), lognormal(66_000, 33_000)),
        (uniform(0, 10_000), uniform(500, 11_000)),
        (observed([1_000, 5_000]), observed([1_000, 5_500])),
    ):
        assert all(one <= other for one, other in zip(shorter, longer, strict=True))
        assert sum(shorter) < sum(longer)


@pytest.mark.parametrize("count", [1, 3, 4_095, 4_096, 4_097, 30_000])
def test_of_what_was_seen_each_is_as_likely_as_any_other(count: int) -> None:
    """R12.2: however many were seen."""
    seen = [(place * 7_919) % count * 10 + 5 for place in range(count)]
    counted = Counter(observed(seen))

    assert set(counted) <= set(seen)
    assert max(counted.values()) - min(counted.values()) <= 1
    assert sum(length * each for length, each in counted.items()) / SLICES == pytest.approx(sum(seen) / count, rel=1e-3)


@pytest.mark.parametrize("change", ["priority", "attempts", "days", "pause", "cap"])
def test_whatever_else_changes_each_attempt_keeps_its_outcome(change: str) -> None:
    """R12.3: redials among them."""
    base = played(crowd())
    numbers = {
        "priority": [{**each, "dialerPriority": place % 5 + 1} for place, each in enumerate(crowd())],
        "attempts": crowd(retryIntervalInMinutes=11, allowedDays=["mon", "tue"]),
        "days": crowd(allowedDays=["wed", "sat"]),
    }.get(change, crowd())
    if change == "attempts":
        numbers = [{**each, "maxAttempts": place % 4 + 1} for place, each in enumerate(numbers)]
    campaign = campaign_of({"maxSimultaneousCalls": 5, **({"maxAttemptsPerPhone": 2} if change == "cap" else {})})
    commands = [Pause(at=at(NOW) + MINUTE_MS), Resume(at=at(NOW) + 40 * MINUTE_MS)] if change == "pause" else []
    other = simulate(campaign, jobs_of(campaign, numbers), now=at(NOW), outcomes=MODEL, seed=3, commands=commands)
    before, after = calls(base), calls(other)

    assert len(before.keys() & after.keys()) > 350
    assert all(before[attempt] == after[attempt] for attempt in before.keys() & after.keys())
    assert any(redial for _, redial, _ in before.keys() & after.keys())
