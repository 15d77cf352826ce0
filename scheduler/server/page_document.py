"""The page's paths, as the document tells them: what is asked, and what is told."""

from __future__ import annotations

from typing import get_args

from scheduler.page import told
from scheduler.page.export import FORMATS
from scheduler.policy.instants import FIRST_INSTANT_MS, LAST_INSTANT_MS
from scheduler.server.operations import Operation, get_of
from scheduler.server.page import MAX_BINS, MAX_ROWS
from scheduler.server.schemas import Schema, ref

STRUCTS = (
    told.Asked,
    told.Working,
    told.Done,
    told.Unfit,
    told.Stopped,
    told.Failed,
    told.Series,
    told.Rows,
    told.NumberTold,
    told.MomentTold,
    told.Example,
)
PREVIEW = "/page/previews/{preview}"
HANDED_IN: Schema = {
    "type": "object",
    "required": ["request"],
    "properties": {"request": {"type": "string", "description": "What names the text from then on."}},
}
STANDS: Schema = {
    "anyOf": [ref(each.__name__) for each in (told.Working, told.Done, told.Unfit, told.Stopped, told.Failed)]
}
TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": "integer", "minimum": FIRST_INSTANT_MS, "maximum": LAST_INSTANT_MS}
ANYTHING = {"application/octet-stream": Schema()}
SERIES_QUERY: dict[str, tuple[Schema, bool]] = {
    "fromMs": (INSTANT, True),
    "untilMs": (INSTANT, True),
    "bins": ({"type": "integer", "minimum": 1, "maximum": MAX_BINS}, True),
    "zone": ({"type": "string", "minLength": 1, "examples": ["Europe/Berlin"]}, True),
}
ROWS_QUERY: dict[str, tuple[Schema, bool]] = {
    "from": ({"type": "integer", "minimum": 0, "maximum": LAST_INSTANT_MS}, False),
    "count": ({"type": "integer", "minimum": 0, "maximum": MAX_ROWS}, False),
    "show": ({"enum": list(get_args(told.Show))}, False),
    "zone": (TEXT, False),
    "priority": ({"type": "integer", "minimum": 1, "maximum": 5}, False),
    "phone": (TEXT, False),
    "order": ({"enum": list(get_args(told.Order))}, False),
    "descending": ({"type": "boolean"}, False),
}

OPERATIONS = (
    get_of("/", "page", "The page.", TEXT, "HTML.", answer_type="text/html"),
    get_of("/page/page.js", "pageScript", "Its script.", TEXT, "A script.", answer_type="text/javascript"),
    get_of("/page/page.css", "pageStyle", "Its style sheet.", TEXT, "Styles.", answer_type="text/css"),
    get_of(
        "/page/licences.txt",
        "pageLicences",
        "The licences of the libraries in its script.",
        TEXT,
        "Licences.",
        answer_type="text/plain",
    ),
    get_of("/page/example", "pageExample", "An example to begin with.", ref("Example"), "An example."),
    Operation(
        method="post",
        path="/page/requests",
        name="handIn",
        summary="Hand in the text of a request, to be previewed.",
        body=ANYTHING,
        needs_body=False,
        answers={"201": ("It is kept for a while.", HANDED_IN)},
    ),
    Operation(
        method="post",
        path="/page/previews",
        name="beginPreview",
        summary="Begin a preview of a text that was handed in; the answer waits a moment for it to be done.",
        body={"application/json": ref("Asked")},
        answers={"201": ("How far it is.", STANDS)},
        failures=("404",),
    ),
    get_of(PREVIEW, "getPreview", "How far a preview is; waits a while for a change.", STANDS, "How far it is."),
    Operation(
        method="delete",
        path=PREVIEW,
        name="forgetPreview",
        summary="Stop a preview, and forget it.",
        answers={"204": ("It is forgotten.", None)},
    ),
    get_of(
        f"{PREVIEW}/series",
        "previewSeries",
        "Figures over time, in bins on a zone's clock.",
        ref("Series"),
        "The figures.",
        query=SERIES_QUERY,
        failures=("409",),
    ),
    get_of(
        f"{PREVIEW}/rows",
        "previewRows",
        "Some of the numbers.",
        ref("Rows"),
        "The numbers.",
        query=ROWS_QUERY,
        failures=("409",),
    ),
    get_of(
        f"{PREVIEW}/numbers/{{job}}",
        "previewNumber",
        "One number, explained.",
        ref("NumberTold"),
        "The number.",
        failures=("409",),
    ),
    get_of(
        f"{PREVIEW}/numbers/{{job}}/moment",
        "previewMoment",
        "Why a number is dialled at an instant, or why not.",
        ref("MomentTold"),
        "The reasons.",
        query={"atMs": (INSTANT, True)},
        failures=("409",),
    ),
    get_of(
        f"{PREVIEW}/export",
        "previewExport",
        "The dials, or the page, as a file.",
        TEXT,
        "A file.",
        query={"format": ({"enum": list(FORMATS)}, True)},
        answer_type="application/x-ndjson",
        more_types=("text/csv", "text/calendar", "text/html"),
        failures=("409",),
    ),
)
