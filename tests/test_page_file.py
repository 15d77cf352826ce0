"""The page as one file: nothing runs in it but what it names, what lies in it is data, and the same run is the same."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scheduler.engine.timeline import Timeline
from scheduler.jobs import UsageError
from scheduler.page import built as built_module, file
from scheduler.page.built import built
from scheduler.page.file import MAX_EXPLAINED, file_data, page_file
from scheduler.page.result import Result
from scheduler.page.told import FileData
from tests.commandline import NOW, Run, campaign_file, number, request
from tests.strategies import number as named, simulated

NASTY = "</script></title><script>alert(1)</script><!--<b onload=x>&\"'"
SCRIPT = b'const a = "</script><!--", b = `</SCRIPT x`; if (1 < 2) document.body.dataset.drawn = "yes";'
STYLE = b'#page::before { content: "</style>" }'


@pytest.fixture(autouse=True)
def page_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is as bad as can be, in place of what is built."""
    contents = {"page.js": SCRIPT, "page.css": STYLE}
    monkeypatch.setattr(file, "built", contents.__getitem__)


class Parsed(HTMLParser):
    """A page as a browser takes it: its elements, their attributes and the text in each."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.open = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.found.append((tag, dict(attrs), ""))
        self.open = True

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self.open = False

    def handle_data(self, data: str) -> None:
        """Text of the element that is open."""
        if self.open:
            tag, attrs, text = self.found[-1]
            self.found[-1] = tag, attrs, text + data

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """The elements of a name."""
        return [(attrs, text) for name, attrs, text in self.found if name == tag]


def result_of(timeline: Timeline) -> Result:
    """What the page is told from."""
    return Result(timeline, (), {})


def data_of(page: str) -> Any:
    """What lies in a page."""
    ((_, packed),) = [each for each in Parsed(page).all("script") if each[0].get("id") == "data"]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def digest(text: str) -> str:
    """What a policy calls a text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def nasty() -> Timeline:
    """A run whose every name would be markup."""
    return simulated(named("A", payload=NASTY), now="2026-03-02", campaign={"name": NASTY})


def test_nothing_runs_in_a_file_but_what_its_policy_names() -> None:
    page = Parsed(page_file(result_of(nasty())))

    (policy,) = [attrs["content"] or "" for attrs, _ in page.all("meta") if "http-equiv" in attrs]
    data, (attrs, script) = page.all("script")
    ((_, style),) = page.all("style")
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src {digest(script)}",
        f"style-src {digest(style)}",
        "img-src data: blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert data[0] == {"type": "text/plain", "id": "data"}
    assert attrs == {}
    assert [attrs for tag, attrs, _ in page.found if "src" in attrs or "style" in attrs] == []
    assert [attrs["href"] for _, attrs, _ in page.found if "href" in attrs] == ["data:,"]


def test_neither_script_nor_style_nor_names_end_their_element() -> None:
    page = Parsed(page_file(result_of(nasty())))

    assert [tag for tag, _, _ in page.found] == [
        *("html", "head", "meta", "meta", "meta", "style", "title", "link"),
        *("body", "div", "noscript", "script", "script"),
    ]
    assert page.all("title") == [({}, f"Preview of {NASTY}")]
    script = page.all("script")[1][1]
    assert (
        script
        == r'const a = "\x3c/script>\x3c!--", b = `\x3c/SCRIPT x`; if (1 < 2) document.body.dataset.drawn = "yes";'
    )


def test_the_run_lies_in_the_file_without_what_came_with_its_numbers() -> None:
    secret = "contract 4711"
    timeline = simulated(named("A", payload=secret), named("B", payload={"x": secret}), now="2026-03-02")
    result = result_of(timeline)

    page = page_file(result, [("request", "numbers.json")])

    data = data_of(page)
    assert msgspec.convert(data, FileData) == file_data(result, [("request", "numbers.json")])
    assert [row["job"] for row in data["rows"]] == [each["job"] for each in data["numbers"]] == [0, 1]
    assert {each["name"]: each["value"] for each in data["made"]}.items() >= {
        ("request", "numbers.json"),
        ("begins", "2026-03-02T00:00:00Z"),
        ("time zones", data["overview"]["versions"]["tzdata"]),
    }
    assert "4711" not in json.dumps(data)
    assert "payload" not in json.dumps(data)


def test_the_same_run_gives_the_same_bytes() -> None:
    assert page_file(result_of(nasty())) == page_file(result_of(nasty()))


def test_all_numbers_are_in_a_file_and_the_first_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_EXPLAINED", 3)
    timeline = simulated(*(named(each) for each in "ABCDE"), now="2026-03-02")

    data = file_data(result_of(timeline))

    assert ([row.job for row in data.rows], [each.job for each in data.numbers]) == ([0, 1, 2, 3, 4], [0, 1, 2])
    assert MAX_EXPLAINED >= 100


def test_more_numbers_than_a_page_can_hold_are_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_NUMBERS", 1)

    with pytest.raises(UsageError, match="2 numbers are more than a page can hold, 1; take --format ndjson"):
        page_file(result_of(simulated(named("A"), named("B"), now="2026-03-02")))


def test_a_page_that_is_not_built_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(built_module, "files", lambda _: tmp_path)

    with pytest.raises(UsageError, match=r"the page is not built: licences\.txt is missing; run .* in web/"):
        built.__wrapped__("licences.txt")


def test_preview_writes_the_page_as_a_file_that_says_what_was_run(run: Run, tmp_path: Path) -> None:
    """`preview --format html`: no library of charts is needed."""
    body, script = tmp_path / "numbers.json", tmp_path / "outcomes.json"
    body.write_text(request(number(hue=1), number(79000000001, maxAttempts=2)), "utf-8")
    script.write_text('{"phones": {"79123456789": ["answered"]}}', "utf-8")
    campaign = campaign_file(tmp_path, f"name = {json.dumps(NASTY)}\nmaxSimultaneousCalls = 1\n")
    commands = tmp_path / "scenario.json"
    commands.write_text('{"commands": [{"at": "2026-03-02T09:00:10Z", "do": "pause"}]}', "utf-8")
    out = tmp_path / "page.html"
    files = ("--campaign", campaign, "--outcomes", str(script), "--scenario", str(commands))

    ran = run("preview", *NOW, *files, "--seed", "7", "--format", "html", "--output", str(out), str(body))

    assert (ran.code, ran.out) == (0, "")
    assert "warning: $[0].hue" in ran.err
    data = data_of(out.read_text("utf-8"))
    made = {each["name"]: each["value"] for each in data["made"]}
    assert list(made) == [
        *("request", "campaign file", "outcomes", "scenario", "seed"),
        *("begins", "ends at the latest", "call-scheduler", "time zones"),
    ]
    assert (made["request"], made["seed"], made["begins"]) == (str(body), "7", "2026-03-02T09:00:00Z")
    assert [(each["in"], each["path"]) for each in data["overview"]["warnings"]] == [("request", "$[0].hue")]
    assert data["overview"]["own"] == {"gmtZone": 2, "maxAttempts": 1}
    assert [(row["dials"], row["answered"]) for row in data["rows"]] == [(1, True), (0, False)]
    assert re.fullmatch(r"\d{4}[a-z]", made["time zones"])


def test_a_name_of_a_file_that_is_no_text_is_told_with_its_bytes_escaped(run: Run, tmp_path: Path) -> None:
    """Also in the report that is written beside it."""
    body, report = tmp_path / os.fsdecode(b"caf\xe9.json"), tmp_path / "report.html"
    body.write_text(request(number()), "utf-8")

    ran = run("preview", *NOW, "--format", "html", "--report", str(report), str(body))

    assert ran.code == 0
    made = {each["name"]: each["value"] for each in data_of(ran.out)["made"]}
    assert made["request"].endswith("/caf\\xe9.json")
    assert "/caf\\xe9.json" in report.read_text("utf-8")
