"""The server's own description, taken at its word: requests that fit it and requests that do not, on every path.

schemathesis draws them from /schema/openapi.json, and holds every answer against what the document says of it: status,
type, schema, headers; that what does not fit is refused, that other methods are, and that nothing is a 500. Left out is
`positive_data_acceptance`: what fits a schema may still be refused by the rules (a zone that there is not, an id that
nobody has).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode, SerializationContext
from schemathesis.checks import load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.servers import Campaign, Server, Servers

SCHEMA = "/schema/openapi.json"
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
PATIENT = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
TAKES_ANYTHING = frozenset({"POST /page/requests"})
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
Operation = APIOperation[Any, Any, Any, Any]


@schemathesis.serializer("application/toml")
def as_it_is(context: SerializationContext, value: Any) -> bytes:
    """A body that is a text in the document."""
    return str(value).encode("utf-8", "surrogatepass")


def path_is_good(case: Case[Any]) -> bool:
    """Whether a case has a path that fits the document."""
    made = None if case.meta is None else case.meta.components.get(ParameterLocation.PATH)
    return made is None or made.mode is GenerationMode.POSITIVE


class Caller:
    """Sends cases, holds the answers against the document, and counts them.

    Three cases of four name a campaign that there is, one for each path, so that a stop is nobody else's; or a preview.
    """

    def __init__(self, server: Server) -> None:
        self.client = server.client()
        self.session = requests.Session()
        self.campaigns: dict[str, tuple[Campaign, str]] = {}
        self.cases: Counter[str] = Counter()
        self.preview = ""

    def campaign_of(self, label: str) -> tuple[Campaign, str]:
        """The campaign of a path, and the id of a job that it has."""
        if label not in self.campaigns:
            campaign = self.client.campaign()
            (job,) = campaign.added([{"phone": "79123456789", "gmtZone": "Z"}])
            self.campaigns[label] = campaign, job
        return self.campaigns[label]

    def preview_there_is(self) -> str:
        """A preview that there is, also if one before was forgotten."""
        if self.client.get(f"/page/previews/{self.preview or 'none'}").status == 404:
            text = self.client.post("/page/requests", [{"phone": "79123456789", "gmtZone": "Z"}]).json()["request"]
            self.preview = self.client.post("/page/previews", {"request": text}).json()["preview"]
        return self.preview

    def call(self, case: Case[Any], kind: str) -> None:
        """One case, and all checks of its answer."""
        self.cases[kind] += 1
        if "token" in case.path_parameters and self.cases.total() % 4:
            campaign, job = self.campaign_of(case.operation.label)
            case.path_parameters["token"] = campaign.token
            if kind == GenerationMode.POSITIVE and isinstance(case.body, dict) and "ids" in case.body:
                case.body = {"ids": [job]}
        if "preview" in case.path_parameters and self.cases.total() % 4 and path_is_good(case):
            case.path_parameters["preview"] = self.preview_there_is()
            if "job" in case.path_parameters:
                case.path_parameters["job"] = 0
        case.call_and_validate(session=self.session, excluded_checks=[positive_data_acceptance], timeout=60)

    def cover(self, schema: BaseSchema, operation: Operation, step: int) -> None:
        """The bounds of everything that an operation says it takes, from either side, or every so many of them."""
        config = schema.config.generation_for(operation=operation)
        cases = schema.iter_coverage_cases(operation, generation_modes=list(MODES), generation_config=config)
        for case in islice(cases, 0, None, step):
            self.call(case, "bound")

    def draw(self, operation: Operation, mode: GenerationMode, examples: int) -> None:
        """Cases that fit what an operation says it takes, or that do not."""

        @given(operation.as_strategy(generation_mode=mode))
        @settings(max_examples=examples, phases=PHASES, suppress_health_check=PATIENT, database=None)
        def each(case: Case[Any]) -> None:
            self.call(case, mode)

        takes_nothing = not (operation.body or operation.query or operation.path_parameters or operation.headers)
        # What takes nothing can be given nothing bad, and neither can what takes anything.
        if mode is GenerationMode.POSITIVE or not (takes_nothing or operation.label in TAKES_ANYTHING):
            each()

    def close(self) -> None:
        """Closes its connections."""
        self.client.close()
        self.session.close()


@pytest.fixture
def server(servers: Servers, sqlite: str) -> Server:
    """A server that has seen nothing yet: what was sent before has no part in what is drawn."""
    return servers.start(sqlite)


@pytest.fixture
def schema(server: Server) -> BaseSchema:
    """What the server says of itself."""
    load_all_checks()
    return schemathesis.openapi.from_url(f"{server.address}{SCHEMA}")


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    """Who sends the cases."""
    each = Caller(server)
    yield each
    each.close()


def operations(schema: BaseSchema) -> list[Operation]:
    """All operations of the document, which must be understood."""
    found = []
    for each in schema.get_all_operations():
        assert isinstance(each, Ok), each.err()
        found.append(each.ok())
    return found


def hold(schema: BaseSchema, caller: Caller, *, examples: int, step: int) -> None:
    """Sends cases of every operation: drawn ones, and every so many of those at the bounds."""
    found = operations(schema)
    assert found
    for operation in found:
        caller.cover(schema, operation, step)
        for mode in MODES:
            caller.draw(operation, mode, examples)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(caller.cases.items()))
    print(f"schemathesis: {caller.cases.total()} cases ({kinds}) on {len(found)} operations, every check passed")


def test_every_answer_is_as_the_document_says(schema: BaseSchema, caller: Caller) -> None:
    """All checks; some cases of each kind on each path."""
    hold(schema, caller, examples=3, step=8)


@pytest.mark.exhaustive
def test_every_answer_to_many_more_cases_is_as_the_document_says(schema: BaseSchema, caller: Caller) -> None:
    """All checks; many cases, and every one at a bound."""
    hold(schema, caller, examples=150, step=1)


@pytest.mark.exhaustive
def test_every_answer_in_chains_of_requests_is_as_the_document_says(schema: BaseSchema) -> None:
    """All checks, where what one request answers is what the next one sends."""
    machine = schema.as_state_machine()

    class Chains(machine):  # type: ignore[valid-type, misc]
        """With the checks that are right here."""

        def validate_response(self, response: Any, case: Case[Any], **words: Any) -> None:
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

    run_state_machine_as_test(
        Chains,
        settings=settings(max_examples=100, stateful_step_count=15, suppress_health_check=PATIENT, database=None),
    )
