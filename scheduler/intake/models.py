"""Models of outcomes: probabilities, and distributions of lengths (R12.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scheduler.intake.formats import INVALID_FIELD
from scheduler.intake.forms import Form, all_of, bad, merged, problem_of, seconds
from scheduler.intake.nearest import nearest
from scheduler.intake.redials import parse_redial
from scheduler.jobs import Campaign, Outcome, Redial
from scheduler.lengths import Lengths, constant, exponential, lognormal, observed, uniform
from scheduler.outcomes import Model
from scheduler.policy.errors import Flaw, PolicyError, shown, step
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
HOURS_OF_A_DAY = frozenset(text for hour in range(HOURS) for text in (f"{hour}", f"{hour:02d}"))


def read_model(form: Form, campaign: Campaign) -> Model:
    """The model under the key `model` of a form. Its flaws and warnings are added to the form's."""
    table = form.table("model", MODEL_KEYS)

    def take(key: str, default: Any, parse: Callable[[Any, str], Any]) -> Any:
        return form.value(table.get(key), f"$.model.{key}", default, parse)

    if table.get("answered") is None and not form.flaws:
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
    if (by_hour or by_attempt) and shares["answered"] == 0 == table.get("answered"):
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
        warnings=merged(map(problem_of, form.warnings)),
    )


def _share(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise bad(path, value, "write a probability from 0 to 1")
    return float(value)


def _by_hour(value: Any, path: str, *, usual: float) -> tuple[float, ...]:
    """24 rates, or a table of some hours; in the others the rate is the usual one."""
    if isinstance(value, Mapping):
        read = all_of(((item, f"{path}{step(item[0])}") for item in value.items()), _hourly)
        rates = dict(read)
        if len(rates) < len(read):
            raise PolicyError(Flaw(INVALID_FIELD, path, "an hour occurs twice; give each its probability once"))
        return tuple(rates.get(hour, usual) for hour in range(HOURS))
    if not isinstance(value, list) or len(value) != HOURS:
        raise bad(path, value, 'write 24 probabilities, or those of some hours, such as {"9": 0.3, "18": 0.5}')
    return tuple(all_of(((rate, f"{path}[{hour}]") for hour, rate in enumerate(value)), _share))


def _hourly(item: tuple[str, Any], path: str) -> tuple[int, float]:
    hour, rate = item
    if hour not in HOURS_OF_A_DAY:
        raise PolicyError(Flaw(INVALID_FIELD, path, f"not an hour: {shown(hour)}; the hours of a day are 0 to 23"))
    return int(hour), _share(rate, path)


def _by_attempt(value: Any, path: str) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        raise bad(path, value, "write a probability for each attempt, such as [0.4, 0.3]; the last goes on")
    return tuple(all_of(((rate, f"{path}[{place}]") for place, rate in enumerate(value)), _share))


def _redial(form: Form, campaign: Campaign, value: Any, path: str) -> tuple[Redial, float]:
    if not isinstance(value, Mapping) or value.get("share") is None:
        raise bad(
            path, value, 'write the share of conversations and the redial: {"share": 0.1, "startAfterMinutes": 60}'
        )
    share = form.value(value["share"], f"{path}.share", 0.0, _share)
    asked = {key: each for key, each in value.items() if key != "share"}
    redial, warnings = parse_redial(asked, campaign.readings, path)
    form.warnings += warnings
    return redial, share


def _rings(value: Any, path: str) -> dict[Outcome, Lengths]:
    """The ringing of each outcome; a distribution alone is that of all."""
    if not isinstance(value, Mapping) or any(name in DISTRIBUTIONS for name in value):
        return dict.fromkeys(Outcome, _lengths(value, path))
    return dict(all_of(((item, f"{path}{step(item[0])}") for item in value.items()), _ring))


def _ring(item: tuple[str, Any], path: str) -> tuple[Outcome, Lengths]:
    names = [outcome.value for outcome in Outcome]
    name, value = item
    if name not in names:
        near = nearest(name, names)
        advice = f"did you mean {near}?" if near else f"the outcomes are {', '.join(names)}"
        raise PolicyError(Flaw(INVALID_FIELD, path, f"ringing of no outcome: {shown(name)}; {advice}"))
    return Outcome(name), _lengths(value, path)


def _lengths(value: Any, path: str) -> Lengths:
    """A distribution of seconds; none of them is longer than a day."""
    lengths = _distribution(value, path)
    if lengths[-1] > MAX_SECONDS * SECOND_MS:
        longest = f"{lengths[-1] / SECOND_MS:,.0f} seconds"
        raise bad(path, value, f"the longest would last {longest}, more than a day; write less")
    return lengths


def _distribution(value: Any, path: str) -> Lengths:
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
        mean_ms, sd_ms = all_of(((what[part], f"{here}.{part}") for part in ("mean", "sd")), _seconds)
        if not mean_ms or sd_ms > 10 * mean_ms:
            raise bad(here, dict(what), "the mean is more than 0, and sd at most ten times the mean")
        return lognormal(mean_ms, sd_ms)
    if not isinstance(what, list) or not what:
        raise bad(here, what, DISTRIBUTION_ADVICE)
    parts = all_of(((each, f"{here}[{place}]") for place, each in enumerate(what)), _seconds)
    if name == "values":
        return observed(parts)
    if len(parts) != 2 or parts[0] > parts[1]:
        raise bad(here, what, "write the least and the most, such as [5, 25]")
    return uniform(*parts)


_seconds = partial(seconds, most=MAX_SECONDS, least_ms=0)
