"""Problems as the page shows them: with the text that they are in, and the line on which they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scheduler.jobs import Problem
from scheduler.page.told import Document, ProblemTold

MAX_TOLD = 1_000
_LINE = re.compile(r"line ([0-9]+): ")
_TOML_LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")
_BYTE = re.compile(r"\(byte ([0-9]+)\)")


class Unreadable(Exception):
    """What was asked cannot be run; this carries the first problems of it, and how many more there are."""

    def __init__(self, problems: list[ProblemTold]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems[:MAX_TOLD]
        self.more = len(problems) - len(self.problems)


def told(problems: Iterable[Problem], document: Document, text: bytes = b"") -> list[ProblemTold]:
    """Problems of a text, each with its line where the message or the text tells it."""
    return [_told(each, document, text) for each in problems]


def told_of_run(warnings: Iterable[Problem]) -> list[ProblemTold]:
    """What a run itself found suspicious: holidays that are not known are the campaign's, redials those of outcomes."""
    found: list[ProblemTold] = []
    for each in warnings:
        document: Document = "run"
        if each.path.startswith(("$.holidays", "$.law")):
            document = "campaign"
        elif each.type == "redial.ignored":
            document = "outcomes"
        found += told([each], document)
    return found


def _told(problem: Problem, document: Document, text: bytes) -> ProblemTold:
    line, message = problem.details.get("line"), problem.message
    if match := _LINE.match(message):
        line, message = int(match[1]), message[match.end() :]
    elif problem.path == "$":
        line = _line_of_whole(message, text)
    return ProblemTold(
        in_=document,
        job=problem.job,
        path=problem.path,
        type=problem.type,
        message=message,
        count=problem.count,
        line=line,
    )


def _line_of_whole(message: str, text: bytes) -> int | None:
    """The line at which a text stopped to be one, where the decoder says so."""
    if match := _TOML_LINE.search(message):
        return int(match[1])
    if match := _BYTE.search(message):
        return text[: int(match[1])].count(b"\n") + 1
    return None
