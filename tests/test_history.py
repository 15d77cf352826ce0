"""Histories: the dials of a campaign as CSV, turned into a model that a run takes again."""

from __future__ import annotations

import codecs
import io
import json
import re
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, strategies as st

from scheduler import (
    Campaign,
    Model,
    OutcomesRefused,
    Timeline,
    read_campaign,
    read_history,
    read_outcomes,
    read_request,
    simulate,
)
from scheduler.jobs import Outcome
from scheduler.lengths import Lengths
from scheduler.views.rows import write_csv

BAD_FIELD, BAD_JSON = "invalid.field", "invalid.json"
NOW = "2026-03-02T09:00:00Z"
HEADER = "local,attempt,outcome,seconds"
DIAL = "2026-03-02T10:00:00-05:00,1,busy,3"


def refused(text: str | bytes) -> list[tuple[str, str, str]]:
    """The problems of a bad history: path, type and message."""
    with pytest.raises(OutcomesRefused) as caught:
        read_history(text)
    assert all(problem.job is None and problem.message.isprintable() for problem in caught.value.problems)
    return [(each.path, each.type, each.message) for each in caught.value.problems]


def model_of(data: dict[str, Any]) -> Model:
    """The model that a file with these data is read as."""
    found = read_outcomes(json.dumps(data), Campaign())
    assert isinstance(found, Model)
    return found


def history_of(keys: dict[str, Any], numbers: int, *, attempts: int = 1, lines: int | None = None) -> str:
    """The history that `preview --format csv` shows of a campaign under a model."""
    campaign = Campaign(lines=lines)
    fields = {"gmtZone": "Z", "maxAttempts": attempts, "retryIntervalInMinutes": 1}
    body = json.dumps([{"phone": str(79_000_000_000 + place), **fields} for place in range(numbers)])
    source = read_outcomes(json.dumps({"model": keys}), campaign)
    timeline = simulate(campaign, read_request(body, campaign).jobs, now=NOW, outcomes=source, seed=7)
    return csv_of(timeline)


def csv_of(timeline: Timeline) -> str:
    """A timeline as CSV."""
    out = io.StringIO()
    write_csv(timeline, out)
    return out.getvalue()


def mean_s(lengths: Lengths) -> float:
    """The mean of a distribution, in seconds."""
    return fmean(lengths) / 1000


# -- what it finds ---------------------------------------------------------------------------------------


def test_the_model_of_a_simulated_history_has_the_rates_and_lengths_of_the_true_one() -> None:
    """R12.2: shares, rates by attempt and lengths, within the luck of some thousand dials."""
    true = {
        "answered": 0.4,
        "busy": 0.2,
        "failed": 0.1,
        "nonexistentNumber": 0.05,
        "answeredByAttempt": [0.4, 0.2],
        "ringSeconds": {"answered": 0, "busy": 3, "noAnswer": {"uniform": [20, 40]}, "failed": 1},
        "talkSeconds": {"lognormal": {"mean": 90, "sd": 60}},
    }
    data = read_history(history_of(true, 4000, attempts=3))
    found = model_of(data)
    talk, ring = found.talk_ms, found.ring_ms

    assert found.by_attempt == pytest.approx([0.4, 0.2, 0.2], abs=0.03)
    assert found.busy / found.failed == pytest.approx(2, rel=0.15)
    assert found.failed / found.nonexistent == pytest.approx(2, rel=0.25)
    assert 1 - found.answered - found.busy - found.failed - found.nonexistent == pytest.approx(
        found.busy * 0.25 / 0.2, rel=0.15
    )
    assert mean_s(talk) == pytest.approx(90, rel=0.06)
    assert talk[len(talk) // 2] / 1000 == pytest.approx(75, rel=0.06)  # the median of that lognormal
    assert (mean_s(ring[Outcome.BUSY]), mean_s(ring[Outcome.FAILED])) == (3, 1)
    assert mean_s(ring[Outcome.NO_ANSWER]) == pytest.approx(30, rel=0.03)
    assert 20_000 <= min(ring[Outcome.NO_ANSWER]) < 21_000
    assert 39_000 < max(ring[Outcome.NO_ANSWER]) <= 40_000


def test_the_model_of_a_history_has_the_rate_of_each_hour() -> None:
    """R12.3: by the customer's clock; an hour without dials is not named."""
    true = {
        "answered": 0.4,
        "answeredByHour": {"9": 0.2, "10": 0.6},
        "ringSeconds": {"answered": 0},
        "talkSeconds": 30,
    }
    data = read_history(history_of(true, 3600, lines=15))
    rates = data["model"]["answeredByHour"]

    assert list(rates) == ["9", "10"]
    assert (rates["9"], rates["10"]) == pytest.approx((0.2, 0.6), abs=0.03)


def test_a_run_under_the_model_of_a_history_is_like_the_run_that_it_is_of() -> None:
    """R12.2: what it is for."""
    true = {"answered": 0.3, "busy": 0.3, "answeredByAttempt": [0.3, 0.2, 0.1], "talkSeconds": {"exponential": 60}}
    first = history_of(true, 3000, attempts=3)
    again = history_of(read_history(first)["model"], 3000, attempts=3)

    assert again != first
    answers = [text.count(",answered,") for text in (first, again)]
    assert answers[1] == pytest.approx(answers[0], rel=0.07)
    assert again.count("\n") == pytest.approx(first.count("\n"), rel=0.03)


def test_a_model_is_counted_dial_by_dial() -> None:
    """R12.2: by hand."""
    rows = [
        "local,attempt,outcome,seconds,talkSeconds,agent",
        "2026-03-02T09:59:59.999-05:00,1,answered,70,60,=cmd",
        "2026-03-02 09:00+0530,1,busy,3,,x",
        "2026-03-02T10:00:00Z,2,answered,20.5,,",
        "2026-03-02T23:00:00+00:30:15,3,noAnswer,30,0,",
    ]

    assert read_history("\n".join(rows)) == {
        "model": {
            "answered": 0.5,
            "busy": 0.25,
            "failed": 0,
            "nonexistentNumber": 0,
            "answeredByHour": {"9": 0.5, "10": 1, "23": 0},
            "answeredByAttempt": [0.5, 1, 0],
            "ringSeconds": {"answered": {"values": [0, 10]}, "busy": {"values": [3]}, "noAnswer": {"values": [30]}},
            "talkSeconds": {"values": [20.5, 60]},
        }
    }


def test_an_attempt_that_never_occurs_has_the_rate_of_the_one_before() -> None:
    """R12.3: a history may begin in the middle of a campaign."""
    rows = [HEADER, "2026-03-02T10:00Z,2,answered,3", "2026-03-02T10:00Z,4,busy,3"]

    assert read_history("\n".join(rows))["model"]["answeredByAttempt"] == [0, 1, 1, 0]


def test_a_history_without_an_answer_is_a_model_without_an_answer() -> None:
    """R12.3: there is no rate to compare the hours with."""
    data = read_history(f"{HEADER}\n{DIAL}\n")

    assert data == {
        "model": {
            "answered": 0,
            "busy": 1,
            "failed": 0,
            "nonexistentNumber": 0,
            "ringSeconds": {"busy": {"values": [3]}},
        }
    }
    assert model_of(data) == Model(answered=0.0, busy=1.0, ring_ms={Outcome.BUSY: (3000,) * 4096})


def test_a_long_history_keeps_quantiles() -> None:
    """A model of a million dials is a small file."""
    rows = [HEADER, *(f"2026-03-02T10:00Z,1,busy,{place}" for place in range(5000))]
    values = read_history("\n".join(rows))["model"]["ringSeconds"]["busy"]["values"]

    assert len(values) == 200
    assert values == sorted(values)
    assert fmean(values) == pytest.approx(2500, rel=0.01)


def test_the_history_of_a_run_with_redials_and_pauses_of_the_campaign_can_be_read() -> None:
    """DESIGN 5.2: as `preview --format csv` writes it, whatever is in it."""
    campaign = read_campaign("ringSeconds = 0.25\ntimeZone = 'Asia/Kolkata'")
    text = '{"phones": {"79123456789": [{"outcome": "answered", "redial": {"startAfterMinutes": 1}}, "failed"]}}'
    jobs = read_request('[{"phone": "79123456789"}]', campaign).jobs
    written = csv_of(simulate(campaign, jobs, now=NOW, outcomes=read_outcomes(text, campaign)))
    data = read_history(written)

    assert (data["model"]["answered"], data["model"]["failed"]) == (0.5, 0.5)
    assert data["model"]["ringSeconds"]["failed"] == {"values": [0.25]}


OUTCOMES = st.sampled_from([outcome.value for outcome in Outcome])
DIALS = st.tuples(st.integers(0, 23), st.integers(1, 50), OUTCOMES, st.integers(0, 86_400_000), st.booleans())


@given(st.lists(DIALS, min_size=1, max_size=9))
def test_every_history_gives_a_model_that_is_read_again(dials: list[tuple[int, int, str, int, bool]]) -> None:
    """R12.2: through JSON; shares that are rounded are never more than 1 together."""
    rows = [f"{HEADER},talkSeconds"]
    for hour, attempt, outcome, length_ms, says in dials:
        talk = f"{length_ms // 2000}" if says and outcome == "answered" else ""
        rows.append(f"2026-03-02T{hour:02d}:00:00Z,{attempt},{outcome},{length_ms / 1000:.3f},{talk}")
    found = model_of(read_history("\n".join(rows)))
    answered = sum(outcome == "answered" for _, _, outcome, _, _ in dials)

    assert found.answered == pytest.approx(answered / len(dials), abs=1e-5)
    assert found.answered + found.busy + found.failed + found.nonexistent <= 1


# -- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (",1,busy,3", "local"),
        ("2026-03-02,1,busy,3", "local"),
        ("10:00,1,busy,3", "local"),
        ("2026-13-02T10:00Z,1,busy,3", "local"),
        ("2026-03-02T24:00Z,1,busy,3", "local"),
        ("2026-03-02T10:00 at home,1,busy,3", "local"),
        ("1772442000,1,busy,3", "local"),
        ("2026-03-02T10:00Z,,busy,3", "attempt"),
        ("2026-03-02T10:00Z,0,busy,3", "attempt"),
        ("2026-03-02T10:00Z,-1,busy,3", "attempt"),
        ("2026-03-02T10:00Z,1.0,busy,3", "attempt"),
        ("2026-03-02T10:00Z,100,busy,3", "attempt"),
        ("2026-03-02T10:00Z,٣,busy,3", "attempt"),
        ("2026-03-02T10:00Z,1,,3", "outcome"),
        ("2026-03-02T10:00Z,1,Busy,3", "outcome"),
        ("2026-03-02T10:00Z,1,no answer,3", "outcome"),
        ("2026-03-02T10:00Z,1,busy,", "seconds"),
        ("2026-03-02T10:00Z,1,busy,-3", "seconds"),
        ("2026-03-02T10:00Z,1,busy,3 s", "seconds"),
        ("2026-03-02T10:00Z,1,busy,NaN", "seconds"),
        ("2026-03-02T10:00Z,1,busy,1e3", "seconds"),
        ("2026-03-02T10:00Z,1,busy,86401", "seconds"),
    ],
)
def test_a_bad_cell_is_one_problem_with_its_line(row: str, name: str) -> None:
    """R15.1, R15.5."""
    ((path, kind, message),) = refused(f"{HEADER}\n{DIAL}\n\n{row}\n")

    assert (path, kind) == (f"$[1].{name}", BAD_FIELD)
    assert message.startswith("line 4: ")
    assert f"in {name}; write " in message


@pytest.mark.parametrize(
    ("outcome", "length", "talk"),
    [
        ("answered", "30", "x"),
        ("answered", "30", "-1"),
        ("answered", "30", "30.001"),
        ("answered", "86400", "86401"),
        ("busy", "30", "5"),
    ],
)
def test_a_talk_is_part_of_an_answered_call(outcome: str, length: str, talk: str) -> None:
    """R12.1."""
    ((path, _, _),) = refused(f"{HEADER},talkSeconds\n2026-03-02T10:00Z,1,{outcome},{length},{talk}")

    assert path == "$[0].talkSeconds"


def test_all_problems_are_said_at_once() -> None:
    """R15.1: of every row and cell; a row that is too short is one."""
    found = refused(f"{HEADER}\nx,0,y,z\n{DIAL}\n2026,1,busy\nx,1,busy,3\n")

    assert [path for path, _, _ in found] == [
        *("$[0].local", "$[0].attempt", "$[0].outcome", "$[0].seconds"),
        "$[2]",
        "$[3].local",
    ]
    assert [re.findall(r"^line (\d): ", message) for _, _, message in found] == [["2"]] * 4 + [["4"], ["5"]]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", BAD_JSON, "no dial"),
        (HEADER, BAD_JSON, "no dial"),
        (f"{HEADER}\n\n\n", BAD_JSON, "no dial"),
        (b"\xff", BAD_JSON, "UTF-8"),
        ("\ud800", BAD_JSON, "UTF-8"),
        (f'{HEADER}\n"x', BAD_JSON, "not CSV"),
        ("local,attempt,outcome", BAD_FIELD, "there is no column seconds"),
        ("local;attempt;outcome;seconds", BAD_FIELD, "separated by commas"),
        (f"{HEADER},seconds", BAD_FIELD, "twice"),
        ('{"model": {}}', BAD_FIELD, "there is no column local"),
    ],
)
def test_what_is_no_history_is_refused_whole(text: str | bytes, kind: str, words: str) -> None:
    """R15.6."""
    ((path, found, message),) = refused(text)

    assert (path, found) == ("$", kind)
    assert words in message


def test_a_history_may_begin_with_the_mark_of_its_bytes() -> None:
    """DESIGN 5.2: spreadsheets write it."""
    text = f"{HEADER}\r\n{DIAL}\r\n"

    assert read_history(codecs.BOM_UTF8 + text.encode()) == read_history(text)


PIECES = st.lists(st.sampled_from([*',"\n\r;0123x', "busy", "answered", DIAL]), max_size=20).map("".join)


@given(st.binary(max_size=40) | PIECES)
def test_whatever_comes_is_read_or_refused(rest: str | bytes) -> None:
    """R15.6: nothing but OutcomesRefused comes out."""
    for begin in (b"", f"{HEADER}\n".encode(), f"{HEADER},talkSeconds\n{DIAL},\n".encode()):
        try:
            data = read_history(begin + (rest.encode() if isinstance(rest, str) else rest))
        except OutcomesRefused:
            continue
        assert model_of(data)
