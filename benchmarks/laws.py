"""Subject `laws`: the campaigns of `engine` and `outcomes` with numbers of the United States, under a law or none.

The numbers are those of `engine` with other phones and zones: six area codes, each in a zone of its own, or six of
Florida, which another law binds. In `every phone twice` two numbers in a row have the same phone. The span is that of
`outcomes`; the unit is one dial, of which a law may leave fewer, on other days. `intake` is `read_request` of the same
numbers, and its unit is one number.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks import workload
from benchmarks.engine import spans
from benchmarks.harness import Bench, Contender
from benchmarks.outcomes import DRAWN, NEVER, PACED, prepare

NO_LAW = "no law"
TCPA, FLORIDA, DEBTS = "us-tcpa", "us-fl", "us-reg-f"
BARS = {TCPA: 1.5}
TURNS = 5

Areas = Sequence[tuple[str, str]]

STATES: Areas = (
    ("212", "America/New_York"),
    ("312", "America/Chicago"),
    ("303", "America/Denver"),
    ("602", "America/Phoenix"),
    ("213", "America/Los_Angeles"),
    ("808", "Pacific/Honolulu"),
)
IN_FLORIDA: Areas = tuple((area, "America/New_York") for area in ("305", "321", "407", "561", "813", "954"))


class Case(NamedTuple):
    """Where the numbers lie, what calls come to (as a case of `outcomes`), how many share a phone, and which laws."""

    areas: Areas
    outcomes: str
    laws: tuple[str, ...]
    share: int = 1


CASES = {
    NEVER: Case(STATES, NEVER, (TCPA, DEBTS)),
    DRAWN: Case(STATES, DRAWN, (TCPA, DEBTS)),
    PACED: Case(STATES, PACED, (TCPA, DEBTS)),
    "every phone twice, drawn": Case(STATES, DRAWN, (TCPA, DEBTS), share=2),
    "Florida, never answered": Case(IN_FLORIDA, NEVER, (FLORIDA,)),
    "Florida, drawn": Case(IN_FLORIDA, DRAWN, (FLORIDA,)),
}


def items(case: Case, count: int) -> Iterator[str]:
    """The numbers of a case as JSON objects: the policies and payloads of `engine`, phones and zones of its areas."""
    numbers = workload.draw(count)
    for index, (calendar, priority, retry) in enumerate(
        zip(numbers.calendar, numbers.priority, numbers.retry_minutes, strict=True)
    ):
        week, phone = workload.WEEKS[calendar % len(workload.WEEKS)].fields(), index // case.share
        area, zone = case.areas[phone % len(case.areas)]
        yield (
            f'{{"phone":"1{area}{2_000_000 + phone}",'
            f'"payload":{{"name":"Alex","order":{index},"promo":"20% off all plans"}},{week},"gmtZone":"{zone}",'
            f'"retryIntervalInMinutes":{retry},"maxAttempts":{workload.ATTEMPTS},"dialerPriority":{priority}}}'
        )


def campaign_under(law: str) -> Any:
    """A campaign under one law, or under none."""
    import scheduler

    return scheduler.read_campaign("{}" if law == NO_LAW else f'{{"law": "{law}"}}')


def jobs_of(case: Case, count: int, law: str) -> Any:
    """The jobs of a case under a law; not timed."""
    import scheduler

    return scheduler.read_request(workload.join(items(case, count)), campaign_under(law)).jobs


def simulated(bench: Bench, name: str, size: int) -> None:
    """One case at one size: under no law, and under each of its laws."""
    case = CASES[name]
    contenders = [
        Contender(name=law, run=prepare(jobs_of(case, size, law), case.outcomes), units=len, spans=spans(size))
        for law in (NO_LAW, *case.laws)
    ]
    samples = bench.measure(name, size, contenders, turns=bench.turns(TURNS))
    for law in case.laws:
        bench.ratio(samples, NO_LAW, ours=law, bar=BARS.get(law))


def read(bench: Bench, size: int) -> None:
    """What a law adds to reading the numbers."""
    import scheduler

    body = workload.join(items(CASES[DRAWN], size))
    laws = (NO_LAW, TCPA, DEBTS)

    def reading(law: str) -> Contender:
        campaign = campaign_under(law)
        return Contender(
            name=law, run=lambda: scheduler.read_request(body, campaign), units=lambda batch: len(batch.jobs)
        )

    samples = bench.measure("intake", size, map(reading, laws), turns=bench.turns(TURNS))
    for law in laws[1:]:
        bench.ratio(samples, NO_LAW, ours=law)


def run(bench: Bench) -> None:
    """Measures every case, and the intake of its numbers."""
    if bench.peers_only:
        return
    for size in bench.sizes(full=(10**5,), quick=(10**4,)):
        for name in CASES:
            simulated(bench, name, size)
        read(bench, size)
