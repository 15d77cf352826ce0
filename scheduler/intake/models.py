"""Models of outcomes: probabilities, and distributions of lengths (R12.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.forms import Form, bad, problem_of, seconds
from scheduler.intake.redials import parse_redial
from scheduler.jobs import Campaign, Outcome, Redial
from scheduler.lengths import Lengths, constant, exponential, lognormal, observed, uniform
from scheduler.outcomes import Model
from scheduler.policy.errors import Flaw, step
from scheduler.policy.instants import DAY_MS, SECOND_MS

MODEL_KEYS = (
    "answered",
    "busy",
    "failed",
    "nonexistentNumber",
    "answeredByHour",
    "answeredByAttempt",
    "result",
    "redial",
    "ringSeconds",
    "talkSeconds",
)
DISTRIBUTIONS = ("uniform", "exponential", "lognormal", "values")
DISTRIBUTION_ADVICE = (
    'write seconds, {"uniform": [5, 25]}, {"exponential": 90}, {"lognormal": {"mean": 90, "sd": 60}} '
    'or {"values": [30, 60, 90]}'
)
MAX_SECONDS = DAY_MS // SECOND_MS
HOURS = 24


def read_model(form: Form, campaign: Campaign) -> Model:
    """The model under the key `model` of a form. Its flaws and warnings are added to the form's."""
    table = form.table("model", MODEL_KEYS)

    def take(key: str, default: Any, parse: Callable[[Any, str], Any]) -> Any:
        return form.value(table.get(key), f"$.model.{key}", default, parse)

    if table.get("answered") is None:
        message = "a model needs `answered`: the probability that an attempt is answered, such as 0.4"
        form.flaws.append(Flaw(INVALID_FIELD, "$.model.answered", message))
    shares = {name: take(name, 0.0, _share) for name in ("answered", "busy", "failed", "nonexistentNumber")}
    if sum(shares.values()) > 1 + 1e-9:
        message = (
            f"the probabilities sum up to {sum(shares.values()):.4g}; they are at most 1, and the rest is noAnswer"
        )
        form.flaws.append(Flaw(INVALID_FIELD, "$.model", message))
    by_hour = take("answeredByHour", (), partial(_by_hour, usual=shares["answered"]))
    by_attempt = take("answeredByAttempt", (), _by_attempt)
    if (by_hour or by_attempt) and not shares["answered"]:
        message = "rates by hour or attempt are compared with `answered`, which has to be more than 0"
        form.flaws.append(Flaw(INVALID_FIELD, "$.model.answered", message))
    redial, redial_share = take("redial", (None, 0.0), partial(_redial, form, campaign))
    ring_ms = take("ringSeconds", {}, _rings)
    talk_ms = take("talkSeconds", constant(60 * SECOND_MS), _lengths)
    result = take("result", 0.0, _share)
    if form.flaws:
        return Model(answered=0.0)
    return Model(
        answered=shares["answered"],
        busy=shares["busy"],
        failed=shares["failed"],
        nonexistent=shares["nonexistentNumber"],
        by_hour=by_hour,
        by_attempt=by_attempt,
        result=result,
        redial=redial,
        redial_share=redial_share,
        ring_ms=ring_ms,
        talk_ms=talk_ms,
        warnings=tuple(map(problem_of, form.warnings)),
    )


def _share(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise bad(path, value, "write a probability from 0 to 1")
    return float(value)


def _by_hour(value: Any, path: str, *, usual: float) -> tuple[float, ...]:
    """24 rates, or a table of some hours; in the others the rate is the usual one."""
    if isinstance(value, Mapping):
        for hour in value:
            if not (hour.isascii() and hour.isdecimal() and int(hour) < HOURS):
                raise bad(f"{path}{step(hour)}", hour, "the hours of a day are 0 to 23")
        rates = {int(hour): _share(rate, f"{path}{step(hour)}") for hour, rate in value.items()}
        return tuple(rates.get(hour, usual) for hour in range(HOURS))
    if not isinstance(value, list) or len(value) != HOURS:
        raise bad(path, value, 'write 24 probabilities, or those of some hours, such as {"9": 0.3, "18": 0.5}')
    return tuple(_share(rate, f"{path}[{hour}]") for hour, rate in enumerate(value))


def _by_attempt(value: Any, path: str) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        raise bad(path, value, "write a probability for each attempt, such as [0.4, 0.3]; the last goes on")
    return tuple(_share(rate, f"{path}[{place}]") for place, rate in enumerate(value))


def _redial(form: Form, campaign: Campaign, value: Any, path: str) -> tuple[Redial, float]:
    if not isinstance(value, Mapping) or value.get("share") is None:
        raise bad(
            path, value, 'write the share of conversations and the redial: {"share": 0.1, "startAfterMinutes": 60}'
        )
    share = _share(value["share"], f"{path}.share")
    asked = {key: each for key, each in value.items() if key != "share"}
    redial, warnings = parse_redial(asked, campaign.readings, path)
    form.warnings += warnings
    return redial, share


def _rings(value: Any, path: str) -> dict[Outcome, Lengths]:
    """The ringing of each outcome; a distribution alone is that of all."""
    names = [outcome.value for outcome in Outcome]
    if not isinstance(value, Mapping) or any(name in DISTRIBUTIONS for name in value):
        return dict.fromkeys(Outcome, _lengths(value, path))
    for name in value:
        if name not in names:
            raise bad(
                f"{path}{step(name)}", name, f"write an outcome: {', '.join(names)}; or {DISTRIBUTION_ADVICE[6:]}"
            )
    return {Outcome(name): _lengths(each, f"{path}.{name}") for name, each in value.items()}


def _lengths(value: Any, path: str) -> Lengths:
    """A distribution of seconds."""
    if not isinstance(value, Mapping):
        return constant(_seconds(value, path))
    if len(value) != 1 or next(iter(value)) not in DISTRIBUTIONS:
        raise bad(path, dict(value), DISTRIBUTION_ADVICE)
    name, what = next(iter(value.items()))
    here = f"{path}.{name}"
    if name == "exponential":
        return exponential(_seconds(what, here))
    if name == "lognormal":
        if not isinstance(what, Mapping) or what.keys() != {"mean", "sd"}:
            raise bad(here, what, 'write {"mean": 90, "sd": 60}, in seconds')
        mean_ms, sd_ms = (_seconds(what[part], f"{here}.{part}") for part in ("mean", "sd"))
        if not mean_ms or sd_ms > 10 * mean_ms:
            raise bad(here, dict(what), "the mean is more than 0, and sd at most ten times the mean")
        return lognormal(mean_ms, sd_ms)
    if not isinstance(what, list) or not what:
        raise bad(here, what, DISTRIBUTION_ADVICE)
    parts = [_seconds(each, f"{here}[{place}]") for place, each in enumerate(what)]
    if name == "values":
        return observed(parts)
    if len(parts) != 2 or parts[0] > parts[1]:
        raise bad(here, what, "write the least and the most, such as [5, 25]")
    return uniform(*parts)


_seconds = partial(seconds, most=MAX_SECONDS, least_ms=0)
