"""One method of one path, as the OpenAPI document tells it, with every answer that it may have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from scheduler.server.answers import JSON
from scheduler.server.bodies import IDEMPOTENCE_KEY
from scheduler.server.schemas import KEY, TOKEN, Schema, ref

FAILURES = {
    "400": ("Refused, with all that is wrong.", "Refusal"),
    "403": ("Asked by another site.", "Failure"),
    "404": ("Nothing has that token or name.", "Failure"),
    "408": ("The request did not arrive in time.", "Failure"),
    "409": ("It does not go together with what is.", "Failure"),
    "413": ("More than the server takes at a time.", "Failure"),
    "415": ("The body is packed, or no form.", "Failure"),
    "421": ("Asked under a name that the server does not answer to.", "Failure"),
    "500": ("An error of the server itself.", "Failure"),
    "503": ("The server stops, or its store cannot be written or read.", "Failure"),
}
ALWAYS = ("400", "408", "421", "500", "503")
PATH_PARAMETERS: dict[str, Schema] = {
    "token": TOKEN,
    "preview": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$", "description": "What names a preview."},
    "job": {"type": "integer", "minimum": 0, "description": "The index of a number in its request."},
}
_NAMED = re.compile(r"{(\w+)}")


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
    more_types: tuple[str, ...] = ()
    control: bool = False

    @property
    def needs_campaign(self) -> bool:
        """Whether its token has to be that of a campaign: not where one is made."""
        return "{token}" in self.path and "201" not in self.answers

    @property
    def needs_preview(self) -> bool:
        """Whether it is about a preview."""
        return "{preview}" in self.path

    @property
    def for_page(self) -> bool:
        """Whether only the page of this server may ask it."""
        return self.path.startswith("/page/") and "." not in self.path

    @property
    def tag(self) -> str:
        """What it is for."""
        first = self.path.split("/")[1]
        return {"": "page", "page": "page", "simulator": "simulator"}.get(first, "calls")

    @property
    def parameters(self) -> tuple[str, ...] | None:
        """The parameters that its query may have; None for any, which are payload."""
        return None if "fields" in self.query else tuple(self.query)

    def data(self) -> Schema:
        """The operation as the document has it."""
        parameters: list[Schema] = [
            {"name": name, "in": "path", "required": True, "schema": PATH_PARAMETERS[name]}
            for name in _NAMED.findall(self.path)
        ]
        for name, (schema, required) in self.query.items():
            parameters.append({"name": name, "in": "query", "required": required, "schema": schema})
            if name == "fields":
                parameters[-1] |= {"style": "form", "explode": True, "description": "Further fields: the payload."}
        if self.key:
            parameters.append({"name": IDEMPOTENCE_KEY, "in": "header", "required": False, "schema": KEY})
        data: Schema = {
            "operationId": self.name,
            "summary": self.summary,
            "tags": [self.tag],
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
                types = (self.answer_type, *self.more_types)
                responses[status]["content"] = {each: {"schema": schema} for each in types}
        failures = {*self.failures, *ALWAYS, *(("413", "415") if self.body else ())}
        if self.needs_campaign or self.needs_preview:
            failures.add("404")
        if self.for_page:
            failures.add("403")
        for status in sorted(failures):
            description, name = FAILURES[status]
            schema = ref(name)
            if status == "400" and self.control:
                schema = {"anyOf": [ref("ControlRefused"), ref("Failure")]}
            responses[status] = {"description": description, "content": {JSON: {"schema": schema}}}
        return responses


def get_of(path: str, name: str, summary: str, answer: Schema, told: str, **more: Any) -> Operation:
    """A GET, and what its good answer holds."""
    return Operation(method="get", path=path, name=name, summary=summary, answers={"200": (told, answer)}, **more)
