"""The documents run: commands give what they are shown to give, code does what it says, and nothing is left out.

How a document runs
    Its fenced blocks run in order, in one empty folder.
    `console`: a line that begins with `$ ` is a command of bash, which goes on over lines that end in a
    backslash, while a quote is open, or to the end of its here-document. The lines that follow, up to the next
    command, are what it prints, standard error joined to standard output. `make` runs in the root of the project,
    and its last lines count, as it may say more.
    `python`: a block with `>>>` is a doctest, another is executed. All share one namespace.
    `toml`, `json`, `text`: written to a file, if `<!-- file: NAME -->` stands on the line above.
    Any other block is an error, so that nothing escapes.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from scheduler.intake import campaign, formats
from scheduler.policy.readings import READINGS

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md")
SHOWN = frozenset({"toml", "json", "text"})
LANGUAGES = frozenset({"console", "python"}) | SHOWN
PROMPT = "$ "
MAKES = ("demo",)  # what else there is installs, or runs this suite
TIME_LIMIT_S = 300

FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)")
FILE_NOTE = re.compile(r"<!-- file: ([\w][\w.-]*) -->")
HERE_DOCUMENT = re.compile(r"(?<!<)<<(?!<)-?\s*(['\"]?)(\w+)\1")


class Escapes(Exception):
    """A block that would not be run as its author thinks."""


class Differs(Exception):
    """What a document says is not what happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its text, the line on which that begins, and the file that it is the content of."""

    language: str
    text: str
    line: int
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command, and the lines that it is to print."""

    command: str
    expected: list[str]
    line: int


def blocks(document: str) -> Iterator[Block]:
    """The fenced blocks of a document. Raises Escapes."""
    lines = document.split("\n")
    place = 0
    while place < len(lines):
        fence = FENCE.fullmatch(lines[place])
        if "<!-- file:" in lines[place]:
            below = "".join(lines[place + 1 : place + 2])
            if not (FILE_NOTE.fullmatch(lines[place]) and below.startswith("```")):
                raise Escapes(
                    f"line {place + 1}: {lines[place]!r} does not stand alone above a block, with a plain name"
                )
        place += 1
        if fence is None:
            continue
        indent, ticks, language = fence.groups()
        if indent or "~" in ticks or language not in LANGUAGES:
            raise Escapes(f"line {place}: no block that is run: {fence[0]!r}")
        above = FILE_NOTE.fullmatch(lines[place - 2]) if place > 1 else None
        if above and language not in SHOWN:
            raise Escapes(f"line {place}: a block of {language} is no file")
        start = place
        while place < len(lines) and not re.fullmatch(f"`{{{len(ticks)},}} *", lines[place]):
            place += 1
        if place == len(lines):
            raise Escapes(f"line {start}: the block does not end")
        text = "".join(line + "\n" for line in lines[start:place])
        yield Block(language=language, text=text, line=start + 1, file=above[1] if above else None)
        place += 1


def quote_is_open(command: list[str]) -> bool:
    """Whether a command goes on as a quote has not been closed; a here-document ends by its own rule."""
    text = "\n".join(command)
    try:
        shlex.split(text)
    except ValueError:
        return HERE_DOCUMENT.search(text) is None
    return False


def steps(block: Block) -> Iterator[Step]:
    """The commands of a console block. Raises Escapes."""
    lines = block.text.removesuffix("\n").split("\n")
    if not lines[0].startswith(PROMPT):
        raise Escapes(f"line {block.line}: no command: {lines[0]!r}")
    place = 0
    while place < len(lines):
        start = place
        command = [lines[place].removeprefix(PROMPT)]
        place += 1
        while (command[-1].endswith("\\") or quote_is_open(command)) and place < len(lines):
            command.append(lines[place])
            place += 1
        here = HERE_DOCUMENT.search("\n".join(command))
        if here:
            if here[2] not in lines[place:]:
                raise Escapes(f"line {block.line + start}: the here-document does not end")
            end = lines.index(here[2], place) + 1
            command += lines[place:end]
            place = end
        begin = place
        while place < len(lines) and not lines[place].startswith(PROMPT):
            place += 1
        yield Step(command="\n".join(command), expected=lines[begin:place], line=block.line + start)


def environment() -> dict[str, str]:
    """The commands of the running environment first, a dumb terminal, the same words everywhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"COLUMNS", "BASH_ENV", "ENV", "LANG", "LANGUAGE"}
        # What a document runs is covered by its own tests, and takes twice as long where coverage looks on.
        and not name.startswith(("MAKE", "MFLAGS", "COVERAGE"))
    }
    path = os.pathsep.join((str(Path(sys.executable).parent), kept.get("PATH", os.defpath)))
    return {**kept, "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def make_command(command: str, line: int) -> str:
    """The same in the running environment, which is neither made nor renewed."""
    target = command.removeprefix("make ")
    if target not in MAKES:
        raise Escapes(f"line {line}: {command!r} is not run; say in words what it does")
    environment_bin = Path(sys.executable).parent
    return f"make --no-print-directory -o .venv/.installed BIN={environment_bin} {target}"


def run_step(step: Step, folder: Path) -> None:
    """Run a command and compare what it prints. Raises Differs."""
    expected = [line.rstrip() for line in step.expected]
    made = step.command.startswith("make ")
    done = subprocess.run(
        ["bash", "-c", make_command(step.command, step.line) if made else step.command],
        cwd=ROOT if made else folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    text = done.stdout.decode("utf-8")
    printed = [line.rstrip() for line in text.removesuffix("\n").split("\n")] if text else []
    if made:
        printed = printed[max(len(printed) - len(expected), 0) :]
    if printed != expected or (made and done.returncode):
        difference = unified_diff(expected, printed, "the document", "the command", lineterm="")
        raise Differs(f"line {step.line}: $ {step.command}\n" + "\n".join(difference))


def run_python(block: Block, folder: Path, namespace: dict[str, Any]) -> None:
    """Execute a block, or test it if it shows a session. Raises Differs, or what the block raises."""
    with chdir(folder):
        if ">>>" not in block.text:
            code = compile("\n" * (block.line - 1) + block.text, "document", "exec", dont_inherit=True)
            exec(code, namespace)
            return
        test = doctest.DocTestParser().get_doctest(block.text, namespace, "block", "document", block.line - 1)
        reports: list[str] = []
        doctest.DocTestRunner(verbose=False).run(test, out=reports.append, clear_globs=False)
        namespace.update(test.globs)
        if reports:
            raise Differs("".join(reports))


def run_document(document: str, folder: Path) -> dict[str, Any]:
    """Run a document in an empty folder. Raises Escapes or Differs. Returns the namespace of its Python.

    What it left running, by the numbers in files that end in .pid, ends with it.
    """
    try:
        return _run_blocks(document, folder)
    finally:
        for file in folder.glob("*.pid"):
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(file.read_text("utf-8")), signal.SIGTERM)


def _run_blocks(document: str, folder: Path) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "document"}
    for block in list(blocks(document)):
        if block.language == "console":
            for step in list(steps(block)):
                run_step(step, folder)
        elif block.language == "python":
            run_python(block, folder, namespace)
        elif block.file:
            (folder / block.file).write_text(block.text, "utf-8")
    return namespace


def fenced(language: str, *lines: str) -> str:
    """A block of a document."""
    return "\n".join((f"```{language}", *lines, "```", ""))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_does_what_it_says(name: str, tmp_path: Path) -> None:
    """DESIGN 6: the blocks of README run as tests."""
    run_document((ROOT / name).read_text("utf-8"), tmp_path)


def test_the_readme_begins_with_the_demo() -> None:
    """DESIGN 5.1: `make demo` comes first, on a fresh machine."""
    first = next(block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.language == "console")

    assert next(steps(first)).command == "make demo"


def test_the_readme_shows_python_at_work() -> None:
    """DESIGN 5.5: the engine is a library too."""
    code = [block.text for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.language == "python"]

    assert [
        name for name in ("read_campaign", "read_request", "simulate") if f"scheduler.{name}(" not in str(code)
    ] == []


@pytest.mark.parametrize("word", ["example", "check", "windows", "preview"])
def test_the_readme_shows_every_command_at_work(word: str) -> None:
    """DESIGN 5.2: each command that there is runs in the README."""
    document = (ROOT / "README.md").read_text("utf-8")
    commands = [step.command for block in blocks(document) if block.language == "console" for step in steps(block)]

    assert [command for command in commands if f"call-scheduler {word} " in command]


@pytest.mark.parametrize("name", [*formats.FIELDS, *campaign.KEYS, *READINGS])
def test_the_readme_names_every_field_key_and_reading(name: str) -> None:
    """DESIGN 5.3, RULES 15: a reader finds whatever may be written."""
    assert re.search(rf"`\[?{name}\]?`", (ROOT / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_links_of_a_document_lead_somewhere(name: str) -> None:
    """A link to a file of the project leads to a file."""
    links = re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text("utf-8"))

    assert [link for link in links if not link.startswith("https://") and not (ROOT / link).exists()] == []


def test_a_right_expectation_passes(tmp_path: Path) -> None:
    """The runner: several commands in one block, one of them silent, one that prints an empty line."""
    run_document(fenced("console", "$ echo one", "one", "$ true", "$ printf '2\\n\\n3\\n'", "2", "", "3"), tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        ("$ echo one", "two"),
        ("$ echo one",),
        ("$ true", "one"),
        ("$ echo one", "one", ""),
        ("$ echo one", " one"),
        ("$ echo one; echo two", "one"),
        ("$ echo one", "one", "$ echo two", "three"),
        ("$ no-such-command-here", "one"),
    ],
)
def test_a_wrong_expectation_fails(lines: tuple[str, ...], tmp_path: Path) -> None:
    """The runner: what is printed is compared exactly."""
    with pytest.raises(Differs, match=r"line \d"):
        run_document(fenced("console", *lines), tmp_path)


def test_a_difference_is_shown_with_its_line(tmp_path: Path) -> None:
    """The runner: whoever broke a document sees where, and what is printed now."""
    with pytest.raises(Differs) as caught:
        run_document("# Title\n\n" + fenced("console", "$ true", "$ echo one", "two"), tmp_path)

    assert str(caught.value).startswith("line 5: $ echo one\n")
    assert "\n-two\n+one" in str(caught.value)


def test_blanks_at_the_end_of_a_line_do_not_count(tmp_path: Path) -> None:
    """The runner: no editor keeps them."""
    run_document(fenced("console", "$ printf 'one  \\n'", "one", "$ echo two", "two "), tmp_path)


def test_standard_error_is_joined_to_standard_output(tmp_path: Path) -> None:
    """The runner: a reader sees both."""
    run_document(fenced("console", "$ echo words >&2; echo data", "words", "data"), tmp_path)


def test_a_command_goes_on_behind_a_backslash(tmp_path: Path) -> None:
    """The runner: long commands."""
    run_document(fenced("console", "$ echo one \\", "  two \\", "  three", "one two three"), tmp_path)


def test_a_here_document_belongs_to_its_command(tmp_path: Path) -> None:
    """The runner: what stands in it is not expanded, a prompt neither."""
    lines = ("$ cat > it.txt <<'EOF'", "$ echo no", "$HOME", "EOF", "$ cat it.txt | tail -1", "$HOME")
    run_document(fenced("console", *lines), tmp_path)

    assert (tmp_path / "it.txt").read_text("utf-8") == "$ echo no\n$HOME\n"


def test_all_blocks_share_a_folder_in_order(tmp_path: Path) -> None:
    """The runner: a file that is written is there for the commands and the code behind it."""
    code = ("from pathlib import Path", "read = [Path(name).read_text() for name in ('it.json', 'two.txt')]")
    document = "\n".join(
        (
            "<!-- file: it.json -->",
            fenced("json", '{"a": 1}'),
            fenced("console", "$ cat it.json", '{"a": 1}', "$ echo 2 > two.txt"),
            fenced("python", *code),
        )
    )
    here = Path.cwd()
    namespace = run_document(document, tmp_path)

    assert namespace["read"] == ['{"a": 1}\n', "2\n"]
    assert Path.cwd() == here


@pytest.mark.parametrize("language", sorted(SHOWN))
def test_a_block_without_a_note_is_only_shown(language: str, tmp_path: Path) -> None:
    """The runner: not everything is a file."""
    run_document(fenced(language, "anything: [at all"), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_python_blocks_share_one_namespace(tmp_path: Path) -> None:
    """The runner: code and sessions go on from what was before."""
    document = "\n".join((fenced("python", "x = 1"), fenced("python", ">>> y = x + 1"), fenced("python", ">>> y", "2")))
    namespace = run_document(document, tmp_path)

    assert namespace["y"] == 2


def test_a_session_that_says_something_else_fails(tmp_path: Path) -> None:
    """The runner: doctests are compared."""
    with pytest.raises(Differs, match=r"line 4, in block(?s:.*)Expected:\n    3\nGot:\n    2"):
        run_document("# Title\n\n" + fenced("python", ">>> 1 + 1", "3"), tmp_path)


def test_code_that_fails_fails(tmp_path: Path) -> None:
    """The runner: an assertion in a document is one."""
    with pytest.raises(AssertionError):
        run_document(fenced("python", "assert 1 == 2"), tmp_path)


def test_the_command_is_the_one_of_the_running_environment(tmp_path: Path) -> None:
    """The runner: a document is about this version."""
    command = Path(sys.executable).with_name("call-scheduler")
    run_document(fenced("console", "$ command -v call-scheduler", str(command)), tmp_path)


@pytest.mark.parametrize("name", ["COLUMNS", "MAKEFLAGS", "MAKELEVEL", "BASH_ENV"])
def test_the_habits_of_a_shell_do_not_count(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner: the same on every machine, also inside `make test`."""
    monkeypatch.setenv(name, "40")
    run_document(fenced("console", f"$ echo ${{{name}-unset}} $TERM", "unset dumb"), tmp_path)


def test_of_make_the_last_lines_count(tmp_path: Path) -> None:
    """The runner: before them make says what it does."""
    last = "busiest hour  Mon 2026-03-02 15:00:00 UTC (2026-03-02 15:00:00Z), 1 dial"
    run_document(fenced("console", "$ make demo", last), tmp_path)

    with pytest.raises(Differs, match="line 2"):
        run_document(fenced("console", "$ make demo", "", last), tmp_path)


def test_make_renews_no_environment(tmp_path: Path) -> None:
    """The runner: it does not clear the environment in which it runs, however old that looks."""
    folder = tmp_path / "project"
    (folder / ".venv").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    command = [*make_command("make demo", 1).split(), "--dry-run"]
    said = subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True, text=True).stdout

    assert "preview" in said
    assert "pip" not in said
    assert "venv --clear" not in said


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (fenced("", "x"), "no block that is run"),
        (fenced("bash", "true"), "no block that is run"),
        (fenced("python title", "x = 1"), "no block that is run"),
        (" " + fenced("python", "x = 1"), "no block that is run"),
        ("~~~python\nx = 1\n~~~\n", "no block that is run"),
        ("```python\nx = 1\n", "does not end"),
        ("````python\nx = 1\n```\n", "does not end"),
        (fenced("console", "call-scheduler check"), "no command"),
        (fenced("console"), "no command"),
        (fenced("console", "", "$ true"), "no command"),
        (fenced("console", "$ cat <<'EOF'", "x"), "here-document does not end"),
        (fenced("console", "$ make test"), "is not run"),
        (fenced("console", "$ make setup"), "is not run"),
        ("<!-- file: x.py -->\n" + fenced("python", "x = 1"), "is no file"),
        ("<!-- file: x.json -->\n\n" + fenced("json", "1"), "does not stand alone above a block"),
        ("see <!-- file: x.json -->\n" + fenced("json", "1"), "does not stand alone above a block"),
        ("<!-- file: up/x.json -->\n" + fenced("json", "1"), "does not stand alone above a block"),
        ("<!-- file: x.json -->", "does not stand alone above a block"),
    ],
)
def test_nothing_escapes(document: str, why: str, tmp_path: Path) -> None:
    """The runner: a block that would not be run as its author thinks is an error."""
    with pytest.raises(Escapes, match=why):
        run_document(document, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_ticks_inside_longer_ticks_are_text(tmp_path: Path) -> None:
    """The runner: a document may show how a document is written."""
    (block,) = blocks("````text\n```console\n$ false\n```\n````\n")

    assert block.text == "```console\n$ false\n```\n"


def test_ticks_inside_a_line_are_no_block() -> None:
    """The runner: words about blocks."""
    assert list(blocks("write ```console here, or `` ` `` there")) == []
