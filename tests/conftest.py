"""What all tests share: how Hypothesis searches, and an environment without the habits of a terminal.

`make test` draws the same examples each time. `HYPOTHESIS_PROFILE=soak` (or `--hypothesis-profile=soak`) draws
others each time, and many more. `HYPOTHESIS_PROFILE=mutate` draws few in every test, and shrinks none: it is run
once for each of thousands of mutants.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from scheduler.cli import main
from tests.commandline import Ran, Run

pytest_plugins = ["tests.servers", "tests.stores"]

settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "soak",
    deadline=None,
    derandomize=False,
    print_blob=True,
    max_examples=5_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("mutate", parent=settings.get_profile("repeatable"), max_examples=20)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "repeatable")
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under the profile `mutate`, cut the examples also of tests that say how many they want."""
    for item in items if PROFILE == "mutate" else []:
        test = getattr(item, "obj", None)
        wanted = getattr(test, "_hypothesis_internal_use_settings", None)
        if wanted is not None:
            few = settings(wanted, max_examples=min(wanted.max_examples, 20), phases=(Phase.explicit, Phase.generate))
            setattr(getattr(test, "__func__", test), "_hypothesis_internal_use_settings", few)  # noqa: B010


TERMINAL_HABITS = (
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "TERMINAL_WIDTH",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)


@pytest.fixture(scope="session", autouse=True)
def _no_habits_of_a_terminal() -> Iterator[None]:
    """Widths and colours are what the tests say, on every machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TERMINAL_HABITS:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process: `run("check", "-", body="[]")`."""

    def call(*arguments: str, body: str | bytes = b"") -> Ran:
        text = body.encode() if isinstance(body, str) else body
        monkeypatch.setattr(sys, "argv", ["call-scheduler", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return Ran(left.value.code, *capsys.readouterr())

    return call
