"""The pytest plugin: `calls` runs a campaign, `golden` compares its timeline with a file that was reviewed.

Thin: what it does stands in modules that know nothing of pytest, and is loaded by the first test that asks for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scheduler.testing.golden_files import Usage, prune

if TYPE_CHECKING:
    from scheduler.testing.building import Calls
    from scheduler.testing.checking import Golden

SESSION = "call-scheduler-golden"
OUTPUT = "call_scheduler_golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """https://docs.pytest.org/en/stable/reference/reference.html#pytest.hookspec.pytest_addoption."""
    group = parser.getgroup("call-scheduler", "golden files of calling policies")
    group.addoption(
        "--golden-update",
        action="store_true",
        help="Write golden files that are missing, or that timelines differ from.",
    )
    group.addoption(
        "--golden-prune", action="store_true", help="Delete golden files that no test of a whole test file used."
    )


def pytest_configure(config: pytest.Config) -> None:
    """https://docs.pytest.org/en/stable/reference/reference.html#pytest.hookspec.pytest_configure."""
    config.pluginmanager.register(GoldenSession(config), SESSION)


@pytest.fixture
def calls(request: pytest.FixtureRequest) -> Calls:
    """Runs campaigns: `calls("campaign.toml", ["79123456789"], now="2026-03-02T09:00:00Z")`, files beside the test."""
    from scheduler.testing.building import Calls  # noqa: PLC0415 - the engine, for those who run it

    return Calls(request.path.parent)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a timeline with the golden file of the test: `golden(timeline)`, or several with `name="spring"`."""
    from scheduler.testing.checking import Golden  # noqa: PLC0415 - the engine, for those who run it

    config = request.config
    session = config.pluginmanager.get_plugin(SESSION)
    assert isinstance(session, GoldenSession)
    return Golden(
        test_file=request.path,
        test=name_of(request.node),
        root=config.rootpath,
        update=config.getoption("golden_update"),
        usage=session.usage,
    )


def name_of(item: pytest.Item) -> str:
    """The name of a test in its file, classes and parameters with it, whatever runs it."""
    outside = pytest.Session | pytest.Directory | pytest.File
    return "::".join(node.name for node in item.listchain() if not isinstance(node, outside))


class GoldenSession:
    """What a session does with golden files; under xdist, the controller knows it of all its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.usage = Usage()
        self.unused: Sequence[Path] = ()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Tests are left out."""
        for item in items:
            self.usage.in_part(str(item.path))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tests are chosen."""
        for item in session.items:
            self.usage.collect(str(item.path), name_of(item))
        options = self.config.option
        files = [
            self.config.invocation_params.dir / each.partition("::")[0] for each in self.config.args if "::" in each
        ]
        known = all(file.is_file() for file in files)
        if not known or any(getattr(options, name, False) for name in ("lf", "stepwise", "stepwise_skip")):
            files = [Path(file) for file in self.usage.ran]
        for file in files:
            self.usage.in_part(str(file.resolve()))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A phase of a test ended."""
        report = yield
        self.usage.ended(str(item.path), name_of(item), passed=report.passed)
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker ended (xdist)."""
        data = getattr(node, "workeroutput", {}).get(OUTPUT)
        if data is None:
            self.usage.lost = True
        else:
            self.usage.merge(data)

    def pytest_sessionfinish(self) -> None:
        """A worker tells what it did; who has no controller above acts on it."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[OUTPUT] = self.usage.as_data()
            return
        self.unused = self.usage.unused()
        if self.config.getoption("golden_prune"):
            prune(self.unused)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written, and what nobody used."""
        lines = list(self._lines())
        if lines:
            terminalreporter.write_sep("-", "golden files")
            for line in lines:
                terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        for path, how in sorted(self.usage.written.items()):
            yield f"written, {how}: {self._shown(path)}"
        for path, why in sorted(self.usage.outdated.items()):
            yield f"the same timeline, but {why} (--golden-update writes it anew): {self._shown(path)}"
        pruned = self.config.getoption("golden_prune")
        for path in map(str, self.unused):
            what = "deleted, as no test used it" if pruned else "no test used it (--golden-prune deletes it)"
            yield f"{what}: {self._shown(path)}"

    def _shown(self, path: str) -> str:
        root = self.config.rootpath
        return (Path(path).relative_to(root) if Path(path).is_relative_to(root) else Path(path)).as_posix()
