"""What the page is told is what it expects: the structs here, and the interfaces of `web/src/contract.ts`."""

from __future__ import annotations

import re
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints

import pytest
from msgspec import Struct, structs

from scheduler.page import told

CONTRACT = (Path(__file__).parents[1] / "web" / "src" / "contract.ts").read_text("utf-8")
OTHER_NAMES = {"Problem": "ProblemTold", "Summary": "SummaryTold"}
PARTS = {  # written inside other interfaces there
    *("Base", "FieldTold", "MadeTold", "MomentReason", "PriorityTold", "ReasonTold", "StateTold"),
    *("VersionsTold", "WaitingTold"),
}
STATES: dict[str, type[Struct]] = {
    "working": told.Working,
    "done": told.Done,
    "refused": told.Unfit,
    "stopped": told.Stopped,
}
STATES["failed"] = told.Failed
WORDS = {"Document": told.Document, "Weekday": told.Weekday, "Show": told.Show, "Order": told.Order}
WORDS["ExportFormat"] = told.ExportFormat


def without_comments(text: str) -> str:
    """A text of TypeScript without its comments."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def fields_of(body: str) -> dict[str, bool]:
    """The fields of an interface, and whether each may be null or absent."""
    flat = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"\{[^{}]*\}", "{}", body))
    found = re.findall(r"(\w+)(\??):\s*([^;]+)(?:;|$)", flat)
    return {name: bool(absent) or kind.rstrip().endswith("| null") for name, absent, kind in found}


INTERFACES = {
    OTHER_NAMES.get(name, name): fields_of(body)
    for name, body in re.findall(r"export interface (\w+) \{\n(.*?)\n\}", without_comments(CONTRACT), re.DOTALL)
}


def told_fields(struct: type[Struct]) -> dict[str, bool]:
    """The fields of a struct as JSON has them, and whether each may be null."""
    hints = get_type_hints(struct, include_extras=False)
    return {each.encode_name: NoneType in get_args(hints[each.name]) for each in structs.fields(struct)}


def all_structs() -> dict[str, type[Struct]]:
    """The structs that the page is told, by name."""
    found = {name: each for name, each in vars(told).items() if isinstance(each, type) and issubclass(each, Struct)}
    return {name: each for name, each in found.items() if each is not Struct and each.__module__ == told.__name__}


def test_every_interface_has_its_struct_and_every_struct_its_interface() -> None:
    mine = all_structs().keys() - PARTS - {each.__name__ for each in STATES.values()} - {"PreviewTold"}

    assert mine == INTERFACES.keys()


@pytest.mark.parametrize("name", sorted(INTERFACES))
def test_a_struct_has_the_fields_of_its_interface(name: str) -> None:
    """The same names, and null where the other may have it."""
    assert told_fields(all_structs()[name]) == INTERFACES[name]


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_state_of_a_preview_has_its_fields(state: str) -> None:
    (body,) = re.findall(rf'\| \{{ ([^}}]*state: "{state}"[^}}]*) \}}', without_comments(CONTRACT))
    expected = fields_of(body)

    assert expected.pop("state") is False
    assert told_fields(STATES[state]) == expected
    assert STATES[state].__struct_config__.tag == state


@pytest.mark.parametrize("name", sorted(WORDS))
def test_words_are_the_same(name: str) -> None:
    (line,) = re.findall(rf"export type {name} = ([^;]+);", CONTRACT)

    assert list(get_args(WORDS[name])) == re.findall(r'"(\w+)"', line)
