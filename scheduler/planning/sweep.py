"""A grid: every combination of some values of some fields, each run under the same seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from scheduler.jobs import UsageError
from scheduler.planning.executors import workers
from scheduler.planning.figures import FINISHED_AT
from scheduler.planning.plan import Plan, check_field
from scheduler.planning.replicate import Enough, check_seed, replications_at
from scheduler.planning.results import Replications
from scheduler.planning.runs import Place, Progress, one_if_few, pack, run_places
from scheduler.planning.statistics import CONFIDENCE
from scheduler.policy.errors import shown

MOST = 10_000  # places


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPlace:
    """A combination of values, by field, and what its runs say."""

    fields: Mapping[str, Any]
    runs: Replications

    def as_data(self) -> dict[str, Any]:
        """The place as JSON."""
        return {"fields": dict(self.fields), **self.runs.as_data()}


def sweep(
    plan: Plan,
    vary: Mapping[str, Iterable[Any]],
    *,
    replications: int | None = None,
    precision: float | None = None,
    figure: str = FINISHED_AT,
    confidence: float = CONFIDENCE,
    budget_seconds: float | None = None,
    seed: int = 0,
    executor: Any = None,
    progress: Progress | None = None,
) -> list[GridPlace]:
    """Run a plan with every combination of values of some fields, as `replicate` does; the last field changes fastest.

    Every place has the same seeds, so that neighbours differ by their fields and not by their luck (R12.3). The
    budget of time is that of all places; those that it does not reach are left out.
    Raises UsageError for an unknown field, a value that is none, and more than 10,000 places.

    >>> plan = Plan(request=b'[{"phone": "79123456789"}, {"phone": "79123456780"}]', now_ms=0)
    >>> [(place.fields["lines"], place.runs["waitingSeconds.longest"].mean) for place in sweep(plan, {"lines": [1, 2]})]
    [(1, 30.0), (2, 0.0)]
    """
    for field in vary:
        check_field(field)
    for field, each in vary.items():
        if isinstance(each, str | bytes) or not isinstance(each, Iterable):
            raise UsageError(f"{field}: give a list of values, not {shown(each)}; parse_vary reads a range")
    values = {field: list(each) for field, each in vary.items()}
    empty = [field for field, each in values.items() if not each]
    if empty:
        raise UsageError(f"{empty[0]} has no values to run; give at least one")
    count = prod(map(len, values.values()))
    if count > MOST:
        raise UsageError(f"{count:,} places; at most {MOST:,}: give larger steps or fewer fields")
    check_seed(seed)
    plan.read()
    places = []
    for combination in product(*values.values()):
        edits = tuple(zip(values, combination, strict=True))
        rule = Enough.of([plan.with_fields(edits)], replications, precision, figure, confidence, budget_seconds)
        places.append(Place(edits, rule))
    with workers(one_if_few(executor, places)) as pool:
        run_places(pool, pack(plan), places, seed=seed, progress=progress)
    return [
        GridPlace(fields=dict(place.edits), runs=replications_at(place, seed, confidence))
        for place in places
        if place.rows
    ]


def words_of(fields: Mapping[str, Any]) -> str:
    """The fields of a place in words: `lines=20, policy.maxAttempts=3`."""
    return ", ".join(f"{field}={value if isinstance(value, str) else shown(value)}" for field, value in fields.items())
