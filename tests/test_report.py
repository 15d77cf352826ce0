"""Pages: they stand alone, load and run nothing but what they name, and hold every text as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scheduler import read_outcomes, simulate
from scheduler.jobs import Problem, UsageError
from scheduler.views import pictures, report
from scheduler.views.charts import heat_map
from scheduler.views.formats import PreviewFormat, refuse_terminal
from tests.commandline import NOW, Run, campaign_file, number, request
from tests.strategies import campaign_of, jobs_of, number as named, simulated
from tests.test_charts import NASTY

NOON = "2026-03-02T12:00:00Z"


class Page(HTMLParser):
    """What a browser finds in a page: elements with their attributes, and the text of each kind of element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]][-1] += data

    @property
    def policy(self) -> str:
        """The page's content security policy."""
        (found,) = (a["content"] for tag, a in self.found if tag == "meta" and "http-equiv" in a)
        return found or ""


def digest(text: str) -> str:
    """What a policy calls an inline script or style (CSP 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture(name="told", scope="module")
def _told() -> str:
    """The report of a campaign with a name that is markup."""
    timeline = simulated(
        named("a", maxAttempts=2), named("b"), now=NOON, campaign={"name": NASTY, "timeZone": "-05:00"}
    )
    warning = Problem(job=None, path="$", type="invalid.field", message=f"unknown {NASTY}")
    return report.timeline_report(timeline, [warning], [("request", f"{NASTY}.json")])


@pytest.fixture(name="drawn", scope="module")
def _drawn() -> str:
    """A page of charts, one with a zone that is markup."""
    return pictures.html([heat_map({(NASTY, 9): 5}), heat_map({})], NASTY)


# -- the report ------------------------------------------------------------------------------------------


def test_a_report_has_what_was_run_its_figures_charts_and_warnings(told: str) -> None:
    """One page that can be mailed."""
    page = Page(told)

    assert page.texts["h1"] == [f"Preview of {NASTY}"]
    assert page.texts["h2"] == ["Warnings", "Key figures", "What was run"]
    cells = dict(zip(page.texts["th"], page.texts["td"], strict=True))
    assert cells["dials"] == "3, 1.50 a number"
    assert cells["request"] == f"{NASTY}.json"
    assert cells["first dial"] == "Mon 2026-03-02 07:00:00 -05:00 (2026-03-02 12:00:00Z)"
    assert page.texts["li"] == [f"$: unknown {NASTY} [invalid.field]"]
    assert sum(tag == "svg" for tag, _ in page.found) == 3
    assert sum(tag == "figure" and "aria-label" in attributes for tag, attributes in page.found) == 3


def test_a_report_holds_no_markup_of_names_and_runs_nothing(told: str) -> None:
    """Every text is escaped; there is no script at all."""
    page = Page(told)

    assert not {"script", "b", "iframe", "img", "link", "object", "foreignobject"} & {tag for tag, _ in page.found}
    assert not [name for _, attributes in page.found for name in attributes if name.startswith("on") or name == "style"]


def test_a_report_loads_nothing(told: str) -> None:
    """Nothing from outside: no address but the name of SVG."""
    page = Page(told)

    assert not [a for _, a in page.found if {"src", "href", "xlink:href", "action", "data"} & set(a)]
    assert set(re.findall(r"https?://[^\s\"'<>)]+", told)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)", told)
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in page.policy


def test_the_style_of_a_page_is_the_one_that_its_policy_names(told: str, drawn: str) -> None:
    """CSP 3: an inline style or script with another digest is not used."""
    for page in (Page(told), Page(drawn)):
        (style,) = page.texts["style"]
        assert digest(style) in page.policy


def test_a_report_is_readable_in_light_and_dark_and_on_paper(told: str) -> None:
    """Charts take the ink of the page."""
    (style,) = Page(told).texts["style"]

    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert 'fill="currentColor"' in told


def test_ids_of_a_report_are_unique(told: str) -> None:
    """Charts of one page share no clip and no gradient."""
    ids = re.findall(r' id="([^"]*)"', told)

    assert len(ids) == len(set(ids))


def test_a_report_of_nothing_says_so() -> None:
    """An empty list is a good request of no jobs (R15.5)."""
    text = report.timeline_report(simulated(now=NOON), [])

    assert text.count("no dials") == 3
    assert "<h2>Warnings" not in text


def test_a_page_of_plain_values_needs_no_timeline() -> None:
    """Planning hands over plain pairs."""
    text = report.page(
        "Plan", run=[], figures=[("fewest lines", "80")], pictures=[report.Picture(heat_map({}), "none")]
    )

    page = Page(text)
    assert page.texts["td"] == ["80"]
    assert page.texts["h2"] == ["Key figures"]
    assert sum(tag == "svg" for tag, _ in page.found) == 1


def test_key_figures_tell_of_answers_abandoned_calls_waits_and_what_is_left() -> None:
    """Each where there is any; with its unit, and with both shares of what was abandoned."""
    settings = {
        "agents": {"agents": 1, "patienceSeconds": 0, "dialMode": "ratio", "dialRatio": 3},
        "maxSimultaneousCalls": 2,
        "policy": {"maxAttempts": 3},
    }
    campaign = campaign_of(settings)
    late = named("z", startDateTime="2030-01-01T00:00:00Z")
    jobs = jobs_of(campaign, [*map(named, "abcdefgh"), late])
    model = read_outcomes('{"model": {"answered": 0.8, "talkSeconds": 60}}', campaign)
    timeline = simulate(campaign, jobs, now=NOON, until="2026-03-03", outcomes=model, seed=3)
    summary, told = timeline.summary(), dict(report.key_figures(timeline))

    assert summary.abandoned
    assert told["answered"].startswith(f"{summary.answers}, from ")
    assert told["abandoned"] == (
        f"{summary.abandoned}: {summary.abandoned_of_answers:.2%} of answers, {summary.abandoned_of_dials:.2%} of dials"
    )
    assert "on average, 95 % at most" in told["waiting for a turn"]
    assert told["not finished"].startswith("1 by ")


def test_of_many_warnings_the_first_are_shown_and_the_others_counted() -> None:
    """A page stays a page."""
    text = report.page("T", run=[], figures=[], pictures=[], warnings=[f"w{place}" for place in range(150)])

    assert Page(text).texts["li"][-2:] == ["w99", "and 50 more"]


# -- the page of charts ----------------------------------------------------------------------------------


def test_a_page_of_charts_runs_only_the_scripts_that_its_policy_names(drawn: str) -> None:
    """A strict policy: no address, no evaluation of text; data are no script."""
    page = Page(drawn)

    kinds = [attributes.get("type") for tag, attributes in page.found if tag == "script"]
    assert kinds == ["application/json", "application/json", None, None]
    assert all(digest(script) in page.policy for script in page.texts["script"][2:])
    assert "unsafe" not in page.policy
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert not [a for _, a in page.found if {"src", "href"} & set(a)]
    assert "ast: true" in page.texts["script"][3]


def test_names_are_data_in_a_page_of_charts(drawn: str) -> None:
    """What vl-convert's own pages do not do: `</script>` in a name ends no script."""
    page = Page(drawn)

    assert page.texts["h1"] == page.texts["title"] == [NASTY]
    assert "b" not in page.texts
    spec = json.loads(page.texts["script"][0])
    assert NASTY in json.dumps(spec, ensure_ascii=False).replace('\\"', '"')


# -- the command -----------------------------------------------------------------------------------------


def test_preview_writes_pictures_and_a_report_beside_its_rows(run: Run, tmp_path: Path) -> None:
    """`preview --format svg|png`, and `--report FILE` with any of them."""
    body = tmp_path / "numbers.json"
    body.write_text(request(number()), "utf-8")
    campaign = campaign_file(tmp_path, 'name = "<b>=1+1"\n')
    told, picture = tmp_path / "report.html", tmp_path / "dials.png"

    ran = run("preview", *NOW, "--campaign", campaign, "--format", "svg", "--report", str(told), str(body))
    assert ran.code == 0
    assert ran.out.startswith("<svg ")
    assert "<h1>Preview of &lt;b&gt;=1+1</h1>" in told.read_text("utf-8")
    assert "<td>never</td>" in told.read_text("utf-8")
    ran = run("preview", *NOW, "--format", "png", "--output", str(picture), str(body))
    assert (ran.code, ran.out) == (0, "")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("format", ["parquet", "png"])
def test_a_terminal_is_not_given_what_is_no_text(format: str) -> None:
    """Binary formats need --output or a pipe."""

    class Terminal:
        def isatty(self) -> bool:
            return True

    with pytest.raises(UsageError, match=rf"--format {format} is no text .* --output"):
        refuse_terminal(PreviewFormat(format), Terminal())  # type: ignore[arg-type]
    refuse_terminal(PreviewFormat.SVG, Terminal())  # type: ignore[arg-type]


def test_rows_and_report_do_not_share_standard_output(run: Run) -> None:
    """Two documents in one stream are none."""
    ran = run("preview", *NOW, "--report", "-", "-", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert "standard output, -, can be written once" in ran.err


def test_an_absent_extra_is_one_line_that_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """DESIGN 4: an absent extra is one clear line."""
    for wanted, library in (("parquet", "polars"), ("ical", "icalendar"), ("svg", "altair"), ("svg", "vl_convert")):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, library, None)
            ran = run("preview", *NOW, "--format", wanted, "-", body=request(number()))
        assert ran.code == 2
        assert ran.err.endswith(f" needs {library}; pip install 'call-scheduler[plan]'\n")


def test_formats_of_text_import_no_library_of_charts_or_frames() -> None:
    """DESIGN 4: a face's libraries are imported where they are used."""
    code = (
        "import sys\nfrom scheduler.cli import main\n"
        f"sys.argv = ['call-scheduler', 'preview', '--now', '{NOON}', '--format', 'csv', '-']\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        "print(sorted({'altair', 'polars', 'icalendar', 'vl_convert', 'nanoarrow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=request(number()), capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
