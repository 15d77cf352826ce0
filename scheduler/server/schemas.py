"""What requests may bring and answers hold, as JSON Schema: the parts that no struct can say.

A schema never allows less than the server does, and what it does not allow is refused.
"""

from __future__ import annotations

from typing import Any

from scheduler.duplicates import MAX_KEY
from scheduler.engine.columns import Reason
from scheduler.engine.explain import Due
from scheduler.jobs import JobState, Outcome
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import EXAMPLE, FIRST_INSTANT_MS, LAST_INSTANT_MS
from scheduler.policy.levels import Level
from scheduler.server.bodies import DEFAULT_PAGE_SIZE
from scheduler.server.limits import Limits

Schema = dict[str, Any]

_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
INSTANT_PATTERN = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}{_OFFSET}$"
MOMENT_PATTERN = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK}{_OFFSET})?$"


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items, **more}


def record(properties: dict[str, Schema], **more: Any) -> Schema:
    """An object with these fields and no others."""
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def optional(schema: Schema) -> Schema:
    """A value, or null for none; its description is that of both."""
    about: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in about}
    return {"anyOf": [rest, {"type": "null"}], **about}


def text(description: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": description, **more}


MOMENT_TEXT: Schema = {"type": "string", "pattern": MOMENT_PATTERN, "examples": [EXAMPLE]}
MOMENT: Schema = {
    "description": "Milliseconds since the epoch, or a date and time as in RFC 3339.",
    "anyOf": [{"type": "integer", "minimum": FIRST_INSTANT_MS, "maximum": LAST_INSTANT_MS}, MOMENT_TEXT],
}
KEY: Schema = text("Repeats of a request under its key make no new jobs for 24 hours.", maxLength=MAX_KEY)
TOKEN: Schema = {"type": "string", "pattern": "^[A-Za-z0-9._~-]{1,255}$", "examples": ["8231.7056.1b131df1"]}
PHONE: Schema = text(
    "5 to 15 digits, which may have + - . ( ) and blanks between.",
    pattern=r"^[+ .()-]*([0-9][+ .()-]*){5,15}$",
    examples=["79123456789"],
)
ZONE: Schema = text("Z, an offset such as -05:00, or a name such as Europe/Moscow.", minLength=1, examples=["-05:00"])
CLOCK: Schema = {"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$", "examples": ["10:00"]}
IDS = array({"anyOf": [{"type": "string"}, {"type": "integer"}]}, description="Ids of jobs.")
PHONES = array({"anyOf": [{"type": "string"}, {"type": "integer"}]}, description="Phones.")


def request_schemas(limits: Limits) -> dict[str, Schema]:
    """The schemas of the bodies of requests, by name."""
    instant = text("", pattern=INSTANT_PATTERN, examples=[EXAMPLE])
    policy: dict[str, Schema] = {
        "allowedDays": {
            **array({"enum": list(DAYS)}, minItems=1, description="The weekdays on which calls are made."),
        },
        "allowedTime": {**ref("AllowedTime"), "description": "For each weekday, when calls are made, local time."},
        "localTimeFrom": {**CLOCK, "description": "Deprecated: the earliest local time."},
        "localTimeTo": {**CLOCK, "description": "Deprecated: the latest local time."},
        "retryIntervalInMinutes": {
            "description": "The least pause between two attempts.",
            "type": "integer",
            "minimum": 1,
            "maximum": 2880,
        },
        "maxAttempts": {
            "description": "Attempts in all; 0 is the campaign's.",
            "type": "integer",
            "minimum": 0,
            "maximum": 50,
        },
    }
    number: dict[str, Schema] = {
        "gmtZone": ZONE,
        "startDateTime": {**instant, "description": "No call before it."},
        "finishDateTime": {**instant, "description": "No call from then on."},
        **policy,
    }
    return {
        "Window": record({"localTimeFrom": CLOCK, "localTimeTo": CLOCK}, required=["localTimeFrom", "localTimeTo"]),
        "AllowedTime": record({day: array(ref("Window"), minItems=1) for day in (*DAYS, "default")}, minProperties=1),
        "Number": {
            "type": "object",
            "required": ["phone"],
            "properties": {
                "phone": PHONE,
                "payload": {"description": "Any JSON value; it is part of what makes a duplicate."},
                **{name: optional(schema) for name, schema in number.items()},
                "dialerPriority": {"description": "1, first, to 5, last; anything else is 5."},
                "externalCheck": {"description": "Accepted, and not acted on."},
            },
            "additionalProperties": True,
        },
        "Numbers": array(ref("Number"), maxItems=limits.numbers),
        "Named": record({"phones": optional(PHONES), "ids": optional(IDS)}),
        "Paging": record(_paging(limits)),
        "JobFilter": record(_bounds("createdAt", "finishedAt")),
        "AttemptFilter": record(_bounds("startedAt", "finishedAt")),
        "JobsAsked": record({"filter": optional(ref("JobFilter")), "pagination": optional(ref("Paging"))}),
        "AttemptsAsked": record({"filter": optional(ref("AttemptFilter")), "pagination": optional(ref("Paging"))}),
        "PageAsked": record({"pagination": optional(ref("Paging")), **_paging(limits)}),
        "ClockMoved": {
            "oneOf": [
                record({"now": MOMENT_TEXT, "advanceSeconds": {"type": "null"}}, required=["now"]),
                record({"advanceSeconds": {"type": "number"}, "now": {"type": "null"}}, required=["advanceSeconds"]),
            ]
        },
        "CampaignFile": {"type": "object", "description": "A campaign file: README has its fields."},
        "Outcomes": {"type": "object", "description": "A script or a model of outcomes: README has its fields."},
    }


def _paging(limits: Limits) -> dict[str, Schema]:
    return {
        "page": optional({"type": "integer", "minimum": 0, "maximum": limits.page, "default": 0}),
        "pageSize": optional(
            {"type": "integer", "minimum": 1, "maximum": limits.page_size, "default": DEFAULT_PAGE_SIZE}
        ),
    }


def _bounds(*names: str) -> dict[str, Schema]:
    return {f"{name}{end}": optional(MOMENT) for name in names for end in ("From", "To")}


_PROBLEM = record(
    {
        "job": {"description": "The index of a number.", "type": ["integer", "null"], "minimum": 0},
        "path": text("A JSON path."),
        "type": {"type": "string"},
        "message": text("What is wrong, and what to write instead."),
    },
    required=["job", "path", "type", "message"],
)
ANSWER_SCHEMAS: dict[str, Schema] = {
    "JobId": {"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$", "examples": ["1000000000"]},
    "Problem": _PROBLEM,
    "Refusal": record(
        {
            "type": text("The type of the first problem; duplicates come last."),
            "message": {"type": "string"},
            "phone": {"type": ["string", "null"]},
            "phonesDuplicates": array({"type": "string"}),
            "gmtZone": {"description": "The zone of the request, as it was."},
            "state": {"const": "FINISHED"},
            "problems": array(ref("Problem"), minItems=1),
        },
        required=["type", "message"],
    ),
    "Failure": record({"type": {"type": "string"}, "message": {"type": "string"}}, required=["type", "message"]),
    "Instant": {"type": "string", "pattern": INSTANT_PATTERN, "examples": [EXAMPLE]},
}

_INSTANT: Schema = ref("Instant")
_REASON: Schema = {
    "type": "object",
    "description": "What held it back, from an instant to another; further fields tell more of it.",
    "required": ["code", "from", "until"],
    "properties": {"code": {"type": "string"}, "from": optional(_INSTANT), "until": optional(_INSTANT)},
}
_ATTEMPT = record(
    {
        "attempt": {"type": "integer", "minimum": 1},
        "due": _INSTANT,
        "because": {"enum": sorted(Due)},
        "level": {"enum": sorted(level.value for level in Level)},
        "waits": array(_REASON),
        "at": optional(_INSTANT),
        "outcome": {"enum": [*sorted(Outcome), None]},
        "seconds": {"type": ["number", "null"]},
    }
)
_POLICY_FIELD = record({"field": text("The name of a field."), "value": {}, "level": {"type": "string"}})
_SERIES = record(
    {
        "redialNumber": {"type": ["integer", "null"], "minimum": 1},
        "acceptedAt": _INSTANT,
        "policy": array(_POLICY_FIELD),
        "attempts": array(_ATTEMPT),
        "state": {"enum": sorted(JobState)},
        "endedAt": optional(_INSTANT),
        "reason": {"enum": [*sorted(Reason), None]},
    }
)
_AT = record(
    {
        "at": _INSTANT,
        "state": {"enum": [*sorted(JobState), None]},
        "forbidden": array(_REASON),
        "nextAllowed": optional(_INSTANT),
        "nextDial": optional(_INSTANT),
    }
)
ANSWER_SCHEMAS["Explanation"] = record(
    {
        "job": {"type": "integer", "minimum": 0, "description": "The index of the number."},
        "phone": {"type": "string"},
        "series": array(_SERIES),
        "at": optional(_AT),
    },
    required=["job", "phone", "series", "at"],
)
ANSWER_SCHEMAS["Dial"] = record(
    {
        "at": {**_INSTANT, "description": "When it is placed, UTC."},
        "local": {**_INSTANT, "description": "The same on the number's own clock."},
        "phone": {"type": "string", "pattern": "^[0-9]{5,15}$"},
        "job": {"type": "integer", "minimum": 0, "description": "The index of the number."},
        "attempt": {"type": "integer", "minimum": 1},
        "redialNumber": {"type": ["integer", "null"], "minimum": 1},
        "priority": {"type": "integer", "minimum": 1, "maximum": 5},
        "outcome": {"enum": sorted(Outcome)},
        "seconds": {"type": "number", "minimum": 0, "description": "How long it takes a line."},
        "abandoned": {"const": True, "description": "Where no agent was free for an answered call."},
    },
    required=["at", "local", "phone", "job", "attempt", "redialNumber", "priority", "outcome", "seconds"],
)
