"""What is installed: metadata, the public names, the examples, and what an import costs."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from inspect import ismodule
from pathlib import Path
from typing import Any

import pytest

import scheduler
import scheduler.testing
from scheduler.examples import EXAMPLES, example
from scheduler.policy.laws import LAWS

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==[0-9][0-9A-Za-z.!]*")
LATER = (
    "altair",
    "dask",
    "holidays",
    "hypothesis",
    "litestar",
    "phonenumbers",
    "polars",
    "rich",
    "sqlalchemy",
    "typer",
)


@pytest.fixture(name="project")
def _project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def plain(name: str) -> str:
    """The name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python(code: str) -> str:
    """What a fresh interpreter prints; warnings are errors in it."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_installed_version_is_the_one_of_the_project(project: dict[str, Any]) -> None:
    """DESIGN 1: the distribution is call-scheduler."""
    assert importlib.metadata.version("call-scheduler") == project["version"]


def test_the_changelog_begins_with_the_installed_version() -> None:
    """CHANGELOG: what users see, newest first, a heading for each version."""
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert headings[0] == importlib.metadata.version("call-scheduler")


def test_the_versions_of_the_changelog_fall() -> None:
    """CHANGELOG: newest first, and none twice."""
    headings = re.findall(r"^## (\d+)\.(\d+)\.(\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    versions = [tuple(map(int, heading)) for heading in headings]

    assert versions
    assert versions == sorted(set(versions), reverse=True)


def test_the_licence_is_named_and_given() -> None:
    """Packaging: the metadata name the licence whose text is in LICENSE."""
    metadata = importlib.metadata.metadata("call-scheduler")
    text = (ROOT / "LICENSE").read_text("utf-8")

    assert metadata["License-Expression"] == "MIT"
    assert text.startswith("MIT License")
    assert "Permission is hereby granted, free of charge" in text


def test_python_3_11_is_enough_and_is_said() -> None:
    """DESIGN 1: Python 3.11 or newer."""
    metadata = importlib.metadata.metadata("call-scheduler")

    assert metadata["Requires-Python"] == ">=3.11"


def test_the_command_is_an_entry_point() -> None:
    """DESIGN 1: the command is call-scheduler."""
    (point,) = importlib.metadata.entry_points(group="console_scripts", name="call-scheduler")

    assert point.value == "scheduler.cli:main"
    assert callable(point.load())


def test_the_package_says_that_it_is_typed() -> None:
    """PEP 561: py.typed is package data, and empty."""
    assert files("scheduler").joinpath("py.typed").read_bytes() == b""


def test_the_public_names_are_sorted() -> None:
    """DESIGN 2: the public names, sorted."""
    assert scheduler.__all__ == sorted(scheduler.__all__)
    assert len(set(scheduler.__all__)) == len(scheduler.__all__)


def test_the_public_names_are_all_that_there_is() -> None:
    """DESIGN 2: the public names and nothing else."""
    for name in scheduler.__all__:
        getattr(scheduler, name)
    there = {name for name, value in vars(scheduler).items() if not name.startswith("_") and not ismodule(value)}

    assert there == set(scheduler.__all__)
    assert there <= set(dir(scheduler))


def test_what_is_no_public_name_is_an_attribute_error() -> None:
    """Names are loaded when they are asked for; those that there are not are told as of any module."""
    with pytest.raises(AttributeError, match="module 'scheduler' has no attribute 'simulat'"):
        scheduler.__getattr__("simulat")
    with pytest.raises(AttributeError, match=r"module 'scheduler.testing' has no attribute 'goldn'"):
        scheduler.testing.__getattr__("goldn")


def test_the_public_names_of_testing_are_sorted_and_explained() -> None:
    """They too are loaded when they are asked for."""
    assert scheduler.testing.__all__ == sorted(set(scheduler.testing.__all__))
    assert all(getattr(scheduler.testing, name).__doc__ for name in scheduler.testing.__all__)
    assert set(scheduler.testing.__all__) <= set(dir(scheduler.testing))


def test_the_package_alone_loads_nothing() -> None:
    """What only looks at the package, such as a plugin that nobody uses, costs next to nothing."""
    loaded = python("import scheduler, sys; print(*(name for name in sys.modules if name.startswith('scheduler')))")

    assert loaded.split() == ["scheduler"]


@pytest.mark.parametrize("name", scheduler.__all__)
def test_a_public_name_can_be_imported_and_is_explained(name: str) -> None:
    """DESIGN 5.5, 6: public names have docstrings."""
    value = getattr(scheduler, name)
    explained = type(value) if name == "never" else value

    assert explained.__doc__


def test_an_import_stays_light() -> None:
    """DESIGN 4: a face's libraries are imported where they are used."""
    loaded = python("import scheduler, sys; print(*sorted(name.partition('.')[0] for name in sys.modules))").split()

    assert "scheduler" in loaded
    assert not set(LATER) & set(loaded)


@pytest.mark.parametrize("module", ["scheduler.views.rows", "scheduler.intake.request", "scheduler.engine.simulation"])
def test_rows_intake_and_engine_draw_no_tables(module: str) -> None:
    """DESIGN 4: whoever wants data loads no library that draws, and no metadata of numbers or holidays."""
    loaded = python(f"import {module}, sys; print(*sorted(name.partition('.')[0] for name in sys.modules))").split()

    assert "scheduler" in loaded
    assert not set(LATER) & set(loaded)


def test_every_example_is_in_the_package() -> None:
    """Packaging: examples are package data."""
    there = {each.name for each in files("scheduler.examples").iterdir() if each.is_file()} - {"__init__.py"}

    assert there == set(EXAMPLES.values())


@pytest.mark.parametrize("name", [name for name, file in EXAMPLES.items() if not file.endswith(".toml")])
def test_an_example_of_a_request_is_accepted(name: str) -> None:
    """DESIGN 5.2: `example` prints ready requests."""
    batch = scheduler.read_request(example(name), scheduler.Campaign())

    assert batch.jobs


@pytest.mark.parametrize("name", [name for name, file in EXAMPLES.items() if file.endswith(".toml")])
def test_an_example_of_a_campaign_is_accepted_without_a_warning(name: str) -> None:
    """DESIGN 5.3: a campaign file."""
    campaign = scheduler.read_campaign(example(name))

    assert campaign != scheduler.Campaign()
    assert not campaign.warnings


def test_an_example_that_is_none_is_a_key_error() -> None:
    """The docstring of `example`."""
    with pytest.raises(KeyError):
        example("nothing")


def test_the_page_and_its_example_are_in_the_package() -> None:
    """Packaging: what the page's build has made is package data; nobody who installs it needs Node."""
    there = {each.name for each in files("scheduler.page").joinpath("built").iterdir() if each.is_file()}
    example = {each.name for each in files("scheduler.page.example").iterdir() if each.is_file()} - {"__init__.py"}

    assert there == {"page.js", "page.css", "licences.txt"}
    assert example == {"request.json", "campaign.toml", "outcomes.json"}


def test_every_law_is_in_the_package() -> None:
    """Packaging: the files of laws are package data, and nothing else is beside their modules."""
    there = [each.name for each in files("scheduler.policy.laws").iterdir() if each.is_file()]

    assert sorted(name for name in there if not name.endswith(".py")) == [f"{name}.toml" for name in LAWS]


def constraints() -> list[str]:
    """The lines of constraints.txt."""
    return (ROOT / "constraints.txt").read_text("utf-8").splitlines()


def test_constraints_are_names_and_versions_only() -> None:
    """DESIGN 5.1: the same versions on every machine, from wherever it installs."""
    assert constraints()
    assert [line for line in constraints() if not PIN.fullmatch(line)] == []


def test_constraints_name_each_distribution_once() -> None:
    """DESIGN 5.1: one version of each."""
    names = [plain(line.partition("==")[0]) for line in constraints()]

    assert sorted(names) == sorted(set(names))


def test_constraints_pin_all_that_is_asked_for(project: dict[str, Any]) -> None:
    """DESIGN 5.1: what `make setup` installs is pinned, with all extras and the tools."""
    asked = [*project["dependencies"]]
    for name, extra in project["optional-dependencies"].items():
        asked += [] if name == "all" else extra
    asked += (ROOT / "dev-requirements.txt").read_text("utf-8").split()
    names = {plain(re.split(r"[\[<>=!~; ]", each)[0]) for each in asked}
    pinned = {plain(line.partition("==")[0]) for line in constraints()}

    assert names
    assert names - pinned == set()


def test_the_time_zones_are_as_new_as_the_project_needs(project: dict[str, Any]) -> None:
    """R2.4: the database is the pinned tzdata package, the same for all."""
    (pin,) = (line for line in constraints() if line.startswith("tzdata=="))

    assert importlib.metadata.version("tzdata") == pin.partition("==")[2]
    assert any(each.startswith("tzdata") for each in project["dependencies"])


def test_all_extras_are_in_all(project: dict[str, Any]) -> None:
    """DESIGN 4, 5.1: `make setup` installs the project with all extras."""
    extras = project["optional-dependencies"]
    (everything,) = extras["all"]

    assert everything == f"call-scheduler[{','.join(name for name in extras if name != 'all')}]"
