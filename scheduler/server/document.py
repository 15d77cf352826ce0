"""The OpenAPI document: every path, what may be sent there, and every answer with its status and schema.

It is an own document: the framework's leaves out bodies that are taken as bytes, and answers that are failures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import msgspec

from scheduler.server import api, simulator
from scheduler.server.answers import JSON
from scheduler.server.bodies import FORM, IDEMPOTENCE_KEY
from scheduler.server.limits import Limits
from scheduler.server.schemas import (
    ANSWER_SCHEMAS,
    KEY,
    MOMENT_TEXT,
    PHONE,
    TOKEN,
    ZONE,
    Schema,
    array,
    ref,
    request_schemas,
)
from scheduler.server.simulator import NDJSON, TOML

STRUCTS = (
    api.CampaignInfo,
    api.JobPage,
    api.AttemptPage,
    api.ControlRefused,
    simulator.CampaignTold,
    simulator.CampaignCounted,
    simulator.ClockTold,
)
FAILURES = {
    "400": ("Refused, with all that is wrong.", "Refusal"),
    "404": ("No campaign has the token.", "Failure"),
    "408": ("The request did not arrive in time.", "Failure"),
    "409": ("It does not go together with what is.", "Failure"),
    "413": ("More than the server takes at a time.", "Failure"),
    "415": ("The body is packed, or no form.", "Failure"),
    "500": ("An error of the server itself.", "Failure"),
    "503": ("The server stops, or its store cannot be written or read.", "Failure"),
}
ALWAYS = ("400", "408", "500", "503")
CALLS = "/api/calls/campaign/{token}"
CRM_CALLS = "/api/crmCalls/campaign/{token}"
CAMPAIGN = "/simulator/campaigns/{token}"
CRM_QUERY = {
    "phone": (PHONE, True),
    "gmtZone": (ZONE, False),
    IDEMPOTENCE_KEY: (KEY, False),
    "fields": ({"type": "object", "additionalProperties": {"type": "string"}}, False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path, as the document tells it."""

    method: str
    path: str
    name: str
    summary: str
    answers: dict[str, tuple[str, Schema | None]]
    failures: tuple[str, ...] = ()
    body: dict[str, Schema] = field(default_factory=dict)
    needs_body: bool = True
    query: dict[str, tuple[Schema, bool]] = field(default_factory=dict)
    key: bool = False
    answer_type: str = JSON
    control: bool = False

    @property
    def needs_campaign(self) -> bool:
        """Whether its token has to be that of a campaign: not where one is made."""
        return "{token}" in self.path and "201" not in self.answers

    @property
    def parameters(self) -> tuple[str, ...] | None:
        """The parameters that its query may have; None for any, which are payload."""
        return None if "fields" in self.query else tuple(self.query)

    def data(self) -> Schema:
        """The operation as the document has it."""
        parameters: list[Schema] = []
        if "{token}" in self.path:
            parameters.append({"name": "token", "in": "path", "required": True, "schema": TOKEN})
        for name, (schema, required) in self.query.items():
            parameters.append({"name": name, "in": "query", "required": required, "schema": schema})
            if name == "fields":
                parameters[-1] |= {"style": "form", "explode": True, "description": "Further fields: the payload."}
        if self.key:
            parameters.append({"name": IDEMPOTENCE_KEY, "in": "header", "required": False, "schema": KEY})
        data: Schema = {
            "operationId": self.name,
            "summary": self.summary,
            "tags": ["simulator" if self.path.startswith("/simulator") else "calls"],
            "parameters": parameters,
            "responses": self._responses(),
        }
        if self.body:
            content = {kind: {"schema": schema} for kind, schema in self.body.items()}
            data["requestBody"] = {"required": self.needs_body, "content": content}
        return data

    def _responses(self) -> Schema:
        responses: Schema = {}
        for status, (description, schema) in self.answers.items():
            responses[status] = {"description": description}
            if schema is not None:
                responses[status]["content"] = {self.answer_type: {"schema": schema}}
        failures = {*self.failures, *ALWAYS, *(("413", "415") if self.body else ())}
        if self.needs_campaign:
            failures.add("404")
        for status in sorted(failures):
            description, name = FAILURES[status]
            schema = ref(name)
            if status == "400" and self.control:
                schema = {"anyOf": [ref("ControlRefused"), ref("Failure")]}
            responses[status] = {"description": description, "content": {JSON: {"schema": schema}}}
        return responses


IDS = array(ref("JobId"))


def _post(path: str, name: str, summary: str, shape: str, answer: Schema, told: str, **more: Any) -> Operation:
    return Operation(
        method="post",
        path=path,
        name=name,
        summary=summary,
        body={JSON: ref(shape)},
        answers={"200": (told, answer)},
        **more,
    )


def _get(path: str, name: str, summary: str, answer: Schema, told: str, **more: Any) -> Operation:
    return Operation(method="get", path=path, name=name, summary=summary, answers={"200": (told, answer)}, **more)


def _control(what: str, summary: str) -> Operation:
    answers: dict[str, tuple[str, Schema | None]] = {"200": ("Done, or so already.", None)}
    path = f"{CALLS}/control/{what}"
    return Operation(method="post", path=path, name=what, summary=summary, answers=answers, control=True)


def _form() -> Schema:
    return {
        "type": "object",
        "required": ["phone"],
        "properties": {"phone": PHONE, "gmtZone": ZONE},
        "additionalProperties": {"type": "string"},
    }


OPERATIONS = (
    _post(f"{CALLS}/addPhones", "addPhones", "Add numbers: all or none.", "Numbers", IDS, "Ids, in order.", key=True),
    _get(f"{CRM_CALLS}/addPhone", "addPhone", "Add a number.", ref("JobId"), "The id of its job.", query=CRM_QUERY),
    Operation(
        method="post",
        path=f"{CRM_CALLS}/addPhone",
        name="addPhoneByForm",
        summary="Add a number; further fields are its payload.",
        body={FORM: _form()},
        answers={"200": ("The id of its job.", ref("JobId"))},
        key=True,
    ),
    _get(
        f"{CRM_CALLS}/test/addPhone",
        "testAddPhone",
        "Add a number however often, to test the campaign.",
        ref("JobId"),
        "The id of its job.",
        query=CRM_QUERY,
    ),
    _post(f"{CALLS}/callJob/cancel", "cancelJobs", "Cancel jobs.", "Named", IDS, "Ids of the jobs that had not ended."),
    _post(
        f"{CALLS}/callJob/getReport",
        "reportJobs",
        "Report the jobs that are named; all, where none is.",
        "Named",
        array(ref("CallJobReport")),
        "By creation.",
        needs_body=False,
    ),
    _post(
        f"{CALLS}/callJob/getReportByDate",
        "reportJobsByDate",
        "Report jobs by creation and finish, page by page.",
        "JobsAsked",
        ref("JobPage"),
        "By creation.",
        needs_body=False,
    ),
    _post(
        f"{CALLS}/callJob/getUnfinished",
        "reportUnfinished",
        "Report the jobs that have not finished, page by page.",
        "PageAsked",
        ref("JobPage"),
        "By creation.",
        needs_body=False,
    ),
    _post(
        f"{CALLS}/callAttempt/getReport",
        "reportAttempts",
        "Report the attempts of the jobs that are named; of all, where none is.",
        "Named",
        array(ref("CallAttemptReport")),
        "By start.",
        needs_body=False,
    ),
    _post(
        f"{CALLS}/callAttempt/getReportByDate",
        "reportAttemptsByDate",
        "Report attempts by start and finish, page by page.",
        "AttemptsAsked",
        ref("AttemptPage"),
        "By start.",
        needs_body=False,
    ),
    _get(CALLS, "campaignInfo", "The campaign, with its figures.", ref("CampaignInfo"), "The campaign."),
    _get(
        f"{CALLS}/status",
        "campaignStatus",
        "The status of the campaign.",
        {"enum": ["finished", "inProgress", "paused"]},
        "Its status.",
    ),
    _control("stop", "Stop, for good: what waits is not done."),
    _control("pause", "Place no dial until it is resumed."),
    _control("resume", "Go on after a pause."),
    Operation(
        method="put",
        path=CAMPAIGN,
        name="putCampaign",
        summary="Make a campaign of a file, or change name, lines and pace of the one that there is.",
        body={JSON: ref("CampaignFile"), TOML: {"type": "string"}},
        answers={"200": ("Changed, or as it was.", ref("CampaignCounted")), "201": ("Made.", ref("CampaignCounted"))},
        failures=("409",),
    ),
    _get("/simulator/campaigns", "listCampaigns", "All campaigns.", array(ref("CampaignTold")), "As they were made."),
    _get(CAMPAIGN, "getCampaign", "A campaign, with its jobs by state.", ref("CampaignCounted"), "The campaign."),
    Operation(
        method="put",
        path=f"{CAMPAIGN}/outcomes",
        name="putOutcomes",
        summary="Say what becomes of the calls that are dialled from now on.",
        body={JSON: ref("Outcomes"), TOML: {"type": "string"}},
        answers={"200": ("They hold.", ref("CampaignCounted"))},
    ),
    _get("/simulator/clock", "getClock", "Where the clock stands.", ref("ClockTold"), "The present."),
    _post(
        "/simulator/clock",
        "moveClock",
        "Move the clock on.",
        "ClockMoved",
        ref("ClockTold"),
        "The present.",
        failures=("409",),
    ),
    _get(
        f"{CAMPAIGN}/timeline",
        "timeline",
        "The dials so far, or up to an instant to come.",
        {"type": "string", "contentMediaType": NDJSON, "contentSchema": ref("Dial")},
        "A text, each line of which is a Dial as JSON, in the order in which they are placed.",
        query={"until": (MOMENT_TEXT, False)},
        answer_type=NDJSON,
    ),
    _get(
        f"{CAMPAIGN}/explain",
        "explain",
        "Why a job was dialled when it was, and how it stands at an instant.",
        ref("Explanation"),
        "The explanation.",
        query={"job": ({"type": "string"}, True), "at": (MOMENT_TEXT, False)},
    ),
    _get("/schema/openapi.json", "document", "This document.", {"type": "object"}, "The document."),
)


def openapi_document(limits: Limits) -> bytes:
    """The document of a server, as JSON."""
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation.data()
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "call-scheduler",
            "version": version("call-scheduler"),
            "description": "The Calls API, on a clock that can be moved. The token of a campaign is its authorisation.",
        },
        "paths": paths,
        "components": {"schemas": {**schemas, **ANSWER_SCHEMAS, **request_schemas(limits)}},
    }
    return msgspec.json.encode(document)


def route_of(path: str) -> str | None:
    """The path of the document that a path belongs to, whatever its token."""
    steps = [step for step in path.split("/") if step]
    for operation in OPERATIONS:
        route = operation.path.split("/")[1:]
        if len(route) == len(steps) and all(map(_belongs, steps, route)):
            return operation.path
    return None


def operation_of(method: str, path: str) -> Operation | None:
    """What the document tells of a method of a path; None where it tells nothing."""
    route = route_of(path)
    return next((each for each in OPERATIONS if (each.path, each.method) == (route, method.lower())), None)


def _belongs(step: str, of_route: str) -> bool:
    return of_route in {step, "{token}"}


def methods_of(route: str) -> str:
    """The methods of a path of the document, for an Allow header. HEAD is GET, where that changes nothing."""
    methods = {each.method.upper() for each in OPERATIONS if each.path == route} | {"OPTIONS"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods and not changed_by_get(route) else methods))


def changed_by_get(path: str) -> bool:
    """Whether a GET of a path changes something: the vendor's way to add a number."""
    return path.startswith("/api/crmCalls/")
