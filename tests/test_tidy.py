"""What no other tool sees: sizes, clocks, luck, files and words that have no place in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scheduler"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 70
# How many numbered sentences each chapter of the rules has.
SENTENCES = {0: 0, 1: 3, 2: 6, 3: 10, 4: 4, 5: 3, 6: 3, 7: 2, 8: 5, 9: 5, 10: 4, 11: 3, 12: 5, 13: 3, 14: 6, 15: 7}

CLOCKS = {"now", "today", "utcnow"}
LUCK = {"random", "secrets", "uuid"}
OUTSIDE = {"io", "os", "pathlib", "shutil", "socket", "ssl", "subprocess", "tempfile", "urllib", "http", "asyncio"}
FILE_METHODS = {"open", "read_bytes", "read_text", "write_bytes", "write_text"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError)\b")
RULE = re.compile(r"\bR(\d+)(?:\.(\d+))?\b")
OF_A_MACHINE = re.compile(r"(?<![\w.:/-])/(?:home|Users|root|work|mnt|opt|srv|var|private)/\w|\b[A-Z]:\\+Users")
OF_A_REGISTRY = re.compile(
    r"(?i)pyp[i]\.org|pythonhoste[d]\.|pyp[i]\.python|anaconda\.(?:org|com)|npmj[s]\.|crate[s]\.io|artifactory|nexus\."
    r"|--(?:extra-)?index-url|PIP_INDEX|trusted-host"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Found = Iterator[tuple[int, str]]


def functions(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def imported(tree: ast.AST) -> Found:
    """The first names of imported modules, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").partition(".")[0]


def long_modules(source: str) -> Found:
    """A module that wants to be two."""
    lines = source.count("\n")
    if lines > MAX_MODULE_LINES:
        yield 1, f"{lines} lines"


def long_functions(source: str) -> Found:
    """A function that no screen shows at once."""
    for node in functions(ast.parse(source)):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {lines} lines"


def clocks(source: str) -> Found:
    """What reads a clock."""
    tree = ast.parse(source)
    yield from ((line, f"imports {name}") for line, name in imported(tree) if name == "time")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if owner in {"date", "datetime", "dt", "pendulum"}:
                yield node.lineno, f"{owner}.{node.attr}"


def luck(source: str) -> Found:
    """What draws luck that was not handed in."""
    return ((line, f"imports {name}") for line, name in imported(ast.parse(source)) if name in LUCK)


def own(attribute: ast.Attribute) -> bool:
    """Whether it is reached from `self`: a lane is opened too."""
    value: ast.expr = attribute
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, ast.Name) and value.id == "self"


def files_read(source: str) -> Found:
    """What opens files or reaches outside the process."""
    tree = ast.parse(source)
    yield from ((line, f"imports {name}") for line, name in imported(tree) if name in OUTSIDE)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id == "open":
                yield node.lineno, "open"
            if isinstance(called, ast.Attribute) and called.attr in FILE_METHODS and not own(called):
                yield node.lineno, ast.unparse(called)


def prints(source: str) -> Found:
    """What prints."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print"


def unfinished(source: str) -> Found:
    """What is left for later."""
    for number, line in enumerate(source.splitlines(), 1):
        yield from ((number, found[0]) for found in UNFINISHED.finditer(line))


def without_docstring(source: str) -> Found:
    """Public functions, methods and classes that say nothing of themselves."""

    def look(body: list[ast.stmt], owner: str) -> Found:
        for node in body:
            if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
                continue
            overload = any("overload" in ast.unparse(each) for each in node.decorator_list)
            if ast.get_docstring(node) is None and not overload:
                yield node.lineno, owner + node.name
            if isinstance(node, ast.ClassDef):
                yield from look(node.body, f"{node.name}.")

    return look(ast.parse(source).body, "")


def unknown_rules(source: str) -> Found:
    """Numbers of rules that there are not."""
    for number, line in enumerate(source.splitlines(), 1):
        for rule in RULE.finditer(line):
            chapter, sentence = int(rule[1]), int(rule[2] or 0)
            if sentence > SENTENCES.get(chapter, -1) or (rule[2] and sentence == 0):
                yield number, rule[0]


def of_a_machine(source: str) -> Found:
    """Folders of one machine, and hosts from which one machine installs."""
    for number, line in enumerate(source.splitlines(), 1):
        for pattern in (OF_A_MACHINE, OF_A_REGISTRY):
            yield from ((number, found[0]) for found in pattern.finditer(line))


def offenders(paths: list[Path], look: Callable[[str], Found]) -> list[str]:
    """`file:line: what` for all that is found."""
    assert paths
    return [
        f"{path.relative_to(ROOT)}:{line}: {what}" for path in paths for line, what in look(path.read_text("utf-8"))
    ]


def texts_of_the_project() -> list[Path]:
    """Every file of the project that is text, without what tools leave behind."""
    left_behind = {"__pycache__", "dist", "build", "htmlcov", "node_modules"}
    found = []
    for path in sorted(ROOT.rglob("*")):
        folders = path.relative_to(ROOT).parts[:-1]
        kept = all(name == ".ci" or not (name.startswith(".") or name in left_behind) for name in folders)
        if kept and path.is_file() and not path.name.startswith(".coverage") and not path.name.endswith(".pyc"):
            found.append(path)
    return found


def core() -> list[Path]:
    """The modules that do no I/O."""
    alone = {"jobs.py", "lengths.py", "outcomes.py", "commands.py", "duplicates.py"}
    return [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in {"policy", "engine", *alone}]


def test_no_module_is_longer_than_400_lines() -> None:
    """DESIGN 2: a module that passes 400 lines wants to be two."""
    assert offenders(MODULES, long_modules) == []


def test_no_function_is_longer_than_70_lines() -> None:
    """DESIGN 6: a function is seen at once."""
    assert offenders(MODULES, long_functions) == []


def test_only_the_faces_and_what_takes_its_time_read_a_clock() -> None:
    """R1.3: now is an argument. A server may be on the machine's clock; planning stops when its time is over."""
    faces = {"options.py", "server/clock.py", "server/app.py", "server/serve.py", "planning/replicate.py"}
    handed = [path for path in MODULES if path.relative_to(PACKAGE).as_posix() not in faces]

    assert offenders(handed, clocks) == []


def test_nothing_draws_luck_that_it_was_not_handed() -> None:
    """R1.3, R8.5: no tie is ever broken by chance."""
    assert offenders(MODULES, luck) == []


def test_policy_jobs_and_engine_open_the_time_zones_and_the_laws_and_nothing_else() -> None:
    """DESIGN 2: they do no I/O; R2.4: the database is the pinned one."""
    opened = [re.sub(r":\d+:", ":", each) for each in offenders(core(), files_read)]

    assert opened
    data = ("scheduler/policy/zones.py: _database(", "scheduler/policy/laws/law.py: files(__package__)")
    assert [each for each in opened if not each.startswith(data)] == []


def test_only_the_command_line_prints() -> None:
    """DESIGN 5.2: data to standard output, words to standard error, by one hand."""
    assert offenders([path for path in MODULES if path.name not in {"cli.py", "files.py", "options.py"}], prints) == []


def test_nothing_is_left_for_later() -> None:
    """Finished or not there."""
    assert offenders(MODULES, unfinished) == []


def test_all_that_is_public_has_a_docstring() -> None:
    """DESIGN 6: public docstrings."""
    assert offenders(MODULES, without_docstring) == []


def test_every_rule_that_is_quoted_exists() -> None:
    """RULES: R1.1 to R15.7, and R0, the words."""
    python = [*MODULES, *(path for path in sorted((ROOT / "tests").glob("*.py")) if path != Path(__file__))]

    assert offenders(python, unknown_rules) == []


def test_nothing_names_the_folders_of_a_machine_or_the_hosts_of_a_registry() -> None:
    """DESIGN 5.1: the same on a fresh machine, wherever it installs from."""
    texts = [path for path in texts_of_the_project() if path != Path(__file__)]

    assert offenders(texts, of_a_machine) == []


def test_the_project_is_looked_at_whole() -> None:
    """The list of texts holds what it should, and nothing of the environment."""
    names = {str(path.relative_to(ROOT)) for path in texts_of_the_project()}

    assert {".ci/run", ".gitignore", "Makefile", "README.md", "pyproject.toml", "constraints.txt"} <= names
    assert {"scheduler/cli.py", "scheduler/examples/page.json", "tests/test_tidy.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".git/"))]


@pytest.mark.parametrize(
    ("look", "source", "expected"),
    [
        (long_modules, "pass\n" * 401, ["401 lines"]),
        (long_modules, "pass\n" * 400, []),
        (long_functions, "def f():\n" + "    pass\n" * 70, ["f has 71 lines"]),
        (long_functions, "def f():\n" + "    pass\n" * 69, []),
        (clocks, "import time", ["imports time"]),
        (clocks, "from time import monotonic", ["imports time"]),
        (clocks, "datetime.datetime.now(UTC)", ["datetime.now"]),
        (clocks, "date.today()", ["date.today"]),
        (clocks, "from datetime import time\nself.now + simulation.now", []),
        (luck, "from random import choice", ["imports random"]),
        (luck, "randomly = 1", []),
        (files_read, "open('x')", ["open"]),
        (files_read, "import os.path", ["imports os"]),
        (files_read, "path.read_text()", ["path.read_text"]),
        (files_read, "queue.open_lane()", []),
        (files_read, "self._queue.open(lane)", []),
        (prints, "print(1)", ["print"]),
        (prints, "console.print(1)", []),
        (unfinished, "x = 1  # TO" + "DO: more", ["TO" + "DO"]),
        (unfinished, "raise NotImplemented" + "Error", ["NotImplemented" + "Error"]),
        (without_docstring, "class A:\n  def b(self): pass\n  def _c(self): pass", ["A", "A.b"]),
        (without_docstring, "def f():\n  '''What it is for.'''", []),
        (unknown_rules, "R16, R3.11, R0, R15.7, R8.0, CR7.9", ["R16", "R3.11", "R8.0"]),
        (of_a_machine, "cd /ho" + "me/me", ["/ho" + "me/m"]),
        (of_a_machine, "see https://pypi" + ".org/simple", ["pypi" + ".org"]),
        (of_a_machine, "/dev/null, /etc, ./job/x, a/home/b", []),
    ],
)
def test_the_inspectors_see(look: Callable[[str], Found], source: str, expected: list[str]) -> None:
    """Each of them finds what it is for, and lets pass what is like it."""
    assert [what for _, what in look(source)] == expected
