"""The OpenAPI document: every path, what may be sent there, and every answer with its status and schema.

It is an own document: the framework's leaves out bodies that are taken as bytes, and answers that are failures.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import msgspec

from scheduler.server import api, page_document, simulator
from scheduler.server.answers import JSON
from scheduler.server.bodies import FORM, IDEMPOTENCE_KEY
from scheduler.server.limits import Limits
from scheduler.server.operations import Operation, get_of
from scheduler.server.schemas import (
    ANSWER_SCHEMAS,
    KEY,
    MOMENT_TEXT,
    PHONE,
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
    *page_document.STRUCTS,
)
CALLS = "/api/calls/campaign/{token}"
CRM_CALLS = "/api/crmCalls/campaign/{token}"
CAMPAIGN = "/simulator/campaigns/{token}"
CRM_QUERY = {
    "phone": (PHONE, True),
    "gmtZone": (ZONE, False),
    IDEMPOTENCE_KEY: (KEY, False),
    "fields": ({"type": "object", "additionalProperties": {"type": "string"}}, False),
}


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
    get_of(f"{CRM_CALLS}/addPhone", "addPhone", "Add a number.", ref("JobId"), "The id of its job.", query=CRM_QUERY),
    Operation(
        method="post",
        path=f"{CRM_CALLS}/addPhone",
        name="addPhoneByForm",
        summary="Add a number; further fields are its payload.",
        body={FORM: _form()},
        answers={"200": ("The id of its job.", ref("JobId"))},
        key=True,
    ),
    get_of(
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
    get_of(CALLS, "campaignInfo", "The campaign, with its figures.", ref("CampaignInfo"), "The campaign."),
    get_of(
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
    get_of("/simulator/campaigns", "listCampaigns", "All campaigns.", array(ref("CampaignTold")), "As they were made."),
    get_of(CAMPAIGN, "getCampaign", "A campaign, with its jobs by state.", ref("CampaignCounted"), "The campaign."),
    Operation(
        method="put",
        path=f"{CAMPAIGN}/outcomes",
        name="putOutcomes",
        summary="Say what becomes of the calls that are dialled from now on.",
        body={JSON: ref("Outcomes"), TOML: {"type": "string"}},
        answers={"200": ("They hold.", ref("CampaignCounted"))},
    ),
    get_of("/simulator/clock", "getClock", "Where the clock stands.", ref("ClockTold"), "The present."),
    _post(
        "/simulator/clock",
        "moveClock",
        "Move the clock on.",
        "ClockMoved",
        ref("ClockTold"),
        "The present.",
        failures=("409",),
    ),
    get_of(
        f"{CAMPAIGN}/timeline",
        "timeline",
        "The dials so far, or up to an instant to come.",
        {"type": "string", "contentMediaType": NDJSON, "contentSchema": ref("Dial")},
        "A text, each line of which is a Dial as JSON, in the order in which they are placed.",
        query={"until": (MOMENT_TEXT, False)},
        answer_type=NDJSON,
    ),
    get_of(
        f"{CAMPAIGN}/explain",
        "explain",
        "Why a job was dialled when it was, and how it stands at an instant.",
        ref("Explanation"),
        "The explanation.",
        query={"job": ({"type": "string"}, True), "at": (MOMENT_TEXT, False)},
    ),
    get_of("/schema/openapi.json", "document", "This document.", {"type": "object"}, "The document."),
    *page_document.OPERATIONS,
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
    """The path of the document that a path belongs to, whatever its token, its preview or its number."""
    steps = [step for step in path.split("/") if step]
    for operation in OPERATIONS:
        route = [step for step in operation.path.split("/") if step]
        if len(route) == len(steps) and all(map(_belongs, steps, route)):
            return operation.path
    return None


def operation_of(method: str, path: str) -> Operation | None:
    """What the document tells of a method of a path; None where it tells nothing."""
    route = route_of(path)
    return next((each for each in OPERATIONS if (each.path, each.method) == (route, method.lower())), None)


def _belongs(step: str, of_route: str) -> bool:
    return of_route == step or of_route.startswith("{")


def methods_of(route: str) -> str:
    """The methods of a path of the document, for an Allow header. HEAD is GET, where that changes nothing."""
    methods = {each.method.upper() for each in OPERATIONS if each.path == route} | {"OPTIONS"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods and not changed_by_get(route) else methods))


def changed_by_get(path: str) -> bool:
    """Whether a GET of a path changes something: the vendor's way to add a number."""
    return path.startswith("/api/crmCalls/")
