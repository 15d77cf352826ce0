"""Laws on the command line and on the server: campaign files, `check --law`, `laws`, and all that shows dials."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.policy.laws import LAWS, law_named
from scheduler.server.campaigns import Campaigns, Conflict
from scheduler.server.clock import HandClock
from scheduler.server.store import open_store
from tests.commandline import NOW, Ran, Run, campaign_file, number, objects, request, table_rows

NEW_YORK, MIAMI, BERLIN = "12125550123", "13055550123", "4930123456"
LATE = {"allowedTime": {"default": [{"localTimeFrom": "18:00", "localTimeTo": "22:00"}]}}
TOO_LATE = (
    "us-tcpa forbids every day 21:00-22:00, which the policy allows, set by the number; write no more than every day "
    "08:00-21:00 (47 CFR 64.1200(c)(1); 16 CFR 310.4(c))"
)
NO_ADVICE = "This is no legal advice: call-scheduler laws us-tcpa tells what is known of a law, and what is not."
MONDAY_MS, DAY_MS = 1_772_442_000_000, 86_400_000  # 2026-03-02T09:00:00Z


def phone(digits: str, **fields: Any) -> dict[str, Any]:
    """A number without a zone."""
    return {"phone": digits, **fields}


# -- check --law -----------------------------------------------------------------------------------------


def test_a_policy_that_allows_too_much_is_refused(run: Run) -> None:
    """Exit code 1, each problem on standard error, and a last line about advice."""
    ran = run("check", "-", "--law", "us-tcpa", body=request(phone(NEW_YORK, **LATE), phone(BERLIN)))

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "warning: $[1].phone: no law binds the number, of us-tcpa [invalid.field]",
        f"problem: $[0].allowedTime: {TOO_LATE} [invalid.call.allowed.time]",
        NO_ADVICE,
    ]


def test_a_refusal_as_json_is_that_of_any_request(run: Run) -> None:
    """R15.2: the vendor's fields of the first problem, and all of them."""
    ran = run("check", "-", "--law", "us-tcpa", "--format", "json", body=request(phone(NEW_YORK, **LATE)))
    problem = {"job": 0, "path": "$[0].allowedTime", "type": "invalid.call.allowed.time", "message": TOO_LATE}

    assert ran.code == 1
    assert json.loads(ran.out) == {"type": problem["type"], "message": TOO_LATE, "problems": [problem]}
    assert ran.err.splitlines() == [NO_ADVICE]


def test_a_policy_that_keeps_the_law_is_good(run: Run) -> None:
    """Exit code 0; the numbers that no law binds are counted."""
    early = {"allowedTime": {"default": [{"localTimeFrom": "08:00", "localTimeTo": "21:00"}]}}
    ran = run(
        "check", "-", "--law", "us-tcpa", body=request(phone(NEW_YORK, **early), phone(BERLIN), phone("4930123457"))
    )

    assert (ran.code, ran.out) == (0, "good: 3 jobs\n")
    assert ran.err.splitlines() == [
        "warning: $[1].phone: no law binds the number, of us-tcpa [invalid.field] (2 times)",
        NO_ADVICE,
    ]


def test_a_good_answer_as_json_has_the_warnings(run: Run) -> None:
    """As without laws."""
    ran = run("check", "-", "--law", "us-tcpa", "--format", "json", body=request(phone(BERLIN)))

    answer = json.loads(ran.out)
    assert (ran.code, answer["jobs"], [each["path"] for each in answer["warnings"]]) == (0, 1, ["$[0].phone"])


def test_several_laws_may_be_named(run: Run) -> None:
    """`--law` again: each law has its own problems."""
    body = request(phone(MIAMI, **LATE, maxAttempts=4))
    ran = run("check", "-", "--law", "us-tcpa", "--law", "us-fl", "--law", "us-tcpa", "--format", "json", body=body)

    problems = json.loads(ran.out)["problems"]
    assert [(each["path"], each["message"].partition(" ")[0]) for each in problems] == [
        ("$[0].allowedTime", "us-tcpa"),
        ("$[0].allowedTime", "us-fl"),
        ("$[0].maxAttempts", "maxAttempts"),
    ]
    assert ran.err.startswith("This is no legal advice: call-scheduler laws NAME tells ")


def test_a_request_that_is_bad_by_itself_is_refused_first(run: Run) -> None:
    """R15.1: its own problems, as without a law."""
    ran = run("check", "-", "--law", "us-tcpa", body=request(phone("12")))

    assert ran.code == 1
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["problem", "This is no legal advice"]


@pytest.mark.parametrize(("name", "meant"), [("us-tcp", "us-tcpa"), ("us_fl", "us-fl"), ("ru", "the laws are")])
def test_a_law_that_is_none_is_a_usage_error(name: str, meant: str, run: Run) -> None:
    """Exit code 2, with the one that was meant."""
    checked = run("check", "-", "--law", name, body="[]")
    told = run("laws", name)

    assert (checked.code, checked.out, told.code, told.out) == (2, "", 2, "")
    assert checked.err.startswith(f'call-scheduler: --law: not a law that is known: "{name}"; ')
    assert told.err.startswith(f'call-scheduler: not a law that is known: "{name}"; ')
    assert meant in checked.err
    assert meant in told.err


def test_check_without_a_law_says_nothing_of_laws(run: Run, tmp_path: Path) -> None:
    """Also where the campaign keeps one, by itself."""
    for name in ([], ["--campaign", campaign_file(tmp_path, 'law = "us-tcpa"')]):
        ran = run("check", "-", *name, body=request(phone(NEW_YORK, **LATE), phone(BERLIN)))
        assert (ran.code, ran.out, ran.err) == (0, "good: 2 jobs\n", "")


def test_a_law_of_the_campaign_and_one_to_be_checked_add_up(run: Run, tmp_path: Path) -> None:
    """What the campaign keeps by itself is not held against its policies."""
    path = campaign_file(tmp_path, 'law = "us-tcpa"')
    body = request(phone(MIAMI, **LATE), phone(BERLIN))

    assert run("check", "-", "--campaign", path, "--law", "us-tcpa", body=body).code == 0
    ran = run("check", "-", "--campaign", path, "--law", "us-fl", body=body)
    assert ran.code == 1
    assert "us-fl forbids every day 20:00-21:00, " in ran.err
    assert "no law binds the number, of us-tcpa, us-fl" in ran.err


# -- laws ------------------------------------------------------------------------------------------------


def test_all_laws_are_listed(run: Run) -> None:
    """A row for each, none of it cut off."""
    ran = run("laws")

    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[0] for line in ran.out.splitlines()[2:]] == list(LAWS)
    assert "…" not in ran.out
    assert "mon-fri 10:00-13:00 and 14:00-20:00, holidays never" in ran.out
    assert "1 a day, 2 a week, 8 a month" in ran.out


@pytest.mark.parametrize("name", LAWS)
def test_a_law_is_told_in_full(name: str, run: Run) -> None:
    """Scope, places, sources and note, word for word, in lines that fit."""
    ran, law = run("laws", name), law_named(name)
    words = " ".join(ran.out.split())

    assert (ran.code, ran.err) == (0, "")
    for text in (law.title, law.scope, *law.places, *law.area_codes, *law.sources, law.note):
        assert " ".join(text.split()) in words
    for rule in (*law.caps, *law.cool_downs):
        assert str(rule) in words
    assert all(len(line) <= 120 or "https://" in line for line in ran.out.splitlines())


# -- a campaign that keeps laws --------------------------------------------------------------------------


def test_windows_are_those_after_the_law(run: Run, tmp_path: Path) -> None:
    """The calendar is the one after the law; numbers that it does not bind keep theirs."""
    path = campaign_file(tmp_path, 'law = ["us-tcpa", "us-fl"]')
    body = request(phone(NEW_YORK, **LATE), phone(MIAMI, **LATE), phone(BERLIN, **LATE))
    span = ("--from", "2026-03-02", "--until", "2026-03-03")
    ran = run("windows", "-", "--campaign", path, *span, "--format", "ndjson", body=body)

    assert [(row["job"], row["opens"][11:16], row["closes"][11:16]) for row in objects(ran.out)] == [
        (0, "00:00", "02:00"),
        (0, "23:00", "00:00"),
        (1, "00:00", "01:00"),
        (1, "23:00", "00:00"),
        (2, "17:00", "21:00"),
    ]


def test_a_preview_obeys(run: Run, tmp_path: Path) -> None:
    """No dial before 8 in New York; the fourth in Miami a day after the first."""
    path = campaign_file(tmp_path, 'law = ["us-tcpa", "us-fl"]')
    ran = run("preview", "-", "--campaign", path, *NOW, body=request(phone(NEW_YORK), phone(MIAMI, maxAttempts=4)))

    assert [row[0] for row in table_rows(ran.out)[:5]] == [
        "Mon 2026-03-02 08:00:00",
        "Mon 2026-03-02 08:00:00",
        "Mon 2026-03-02 09:00:30",
        "Mon 2026-03-02 10:01:00",
        "Tue 2026-03-03 08:00:00",
    ]


@pytest.mark.parametrize("command", ["windows", "preview"])
def test_holidays_of_a_law_that_nobody_knows_are_a_warning(command: str, run: Run, tmp_path: Path) -> None:
    """R3.10, for laws: on other dates none is kept."""
    path = campaign_file(tmp_path, 'law = ["fr", "us-tcpa"]')
    spans = {"windows": ("--from", "2101-03-01", "--until", "2101-03-02"), "preview": ("--now", "2101-03-01T09:00:00Z")}
    ran = run(command, "-", "--campaign", path, *spans[command], body=request(phone("33123456789")))

    assert ran.code == 0
    assert (
        "warning: $.law: the holidays of the law fr are known for 1803 to 2100; on other dates none is kept" in ran.err
    )
    assert ran.err.count("$.law") == 1


def test_an_explanation_names_the_law_that_forbids(run: Run, tmp_path: Path) -> None:
    """The code `law`, with the law and what of it."""
    path = campaign_file(tmp_path, 'law = "us-tcpa"')
    at = ("--job", "0", "--at", "2026-03-02T10:00:00Z")
    ran = run("explain", "-", "--campaign", path, *NOW, *at, "--format", "json", body=request(phone(NEW_YORK)))

    [forbidden] = json.loads(ran.out)[0]["at"]["forbidden"]
    assert (forbidden["code"], forbidden["law"], forbidden["rule"]) == ("law", "us-tcpa", "hours")


def test_an_explanation_names_the_laws_that_bind_a_number(run: Run, tmp_path: Path) -> None:
    """A row of its policy, in words and as data; none where no law binds it."""
    path = campaign_file(tmp_path, 'law = ["us-tcpa", "us-fl", "fr"]')
    body = request(phone(MIAMI), phone(BERLIN))
    words = [run("explain", "-", "--campaign", path, *NOW, "--job", job, body=body).out for job in "01"]
    data = [
        json.loads(run("explain", "-", "--campaign", path, *NOW, "--job", job, "--format", "json", body=body).out)
        for job in "01"
    ]

    assert "\n  law                     us-tcpa, us-fl (campaign)\n" in words[0]
    assert " law  " not in words[1]
    rows = [{row["field"]: row for row in each[0]["series"][0]["policy"]} for each in data]
    assert rows[0]["law"] == {"field": "law", "value": ["us-tcpa", "us-fl"], "level": "campaign"}
    assert "law" not in rows[1]


def test_a_plan_varies_laws(run: Run, tmp_path: Path) -> None:
    """A key of the campaign file: each value is one law, or a list."""
    path = campaign_file(tmp_path, "maxSimultaneousCalls = 1")
    vary = ("--vary", 'law="us-tcpa",us-fl,["us-tcpa","us-fl"],[]', "--figure", "finishedAt", "--format", "json")
    ran = run("plan", "-", "--campaign", path, *NOW, *vary, body=request(phone(MIAMI, maxAttempts=4)))

    assert ran.code == 0
    tcpa, florida, both, none = (place["figures"]["finishedAt"]["mean"] for place in json.loads(ran.out)["places"])
    assert none < tcpa < florida == both


def test_a_plan_refuses_a_law_that_is_none(run: Run) -> None:
    """Before anything runs."""
    ran = run("plan", "-", *NOW, "--vary", "law=us-tcpa,us-flo", body=request(number()))

    assert (ran.code, ran.out) == (2, "")
    assert 'not a law that is known: "us-flo"; did you mean us-fl?' in ran.err


def test_shards_keep_the_hours_of_a_law_and_refuse_one_that_counts(run: Run, tmp_path: Path) -> None:
    """What is counted for a phone is shared between the numbers of a list."""
    shard, folder = tmp_path / "a.ndjson", tmp_path / "dials"
    shard.write_text(json.dumps(phone(MIAMI)) + "\n", "utf-8")

    def shards(law: str) -> Ran:
        path = campaign_file(tmp_path, f'law = "{law}"')
        return run("shards", str(shard), "--output", str(folder), "--campaign", path, "--processes", "1", *NOW)

    refused = shards("us-fl")
    assert (refused.code, refused.out) == (2, "")
    assert "which law (us-fl) of the campaign does not allow" in refused.err
    kept = shards("us-tcpa")
    assert kept.code == 0
    assert "2026-03-02 13:00:00Z" in kept.out


# -- the server ------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A new store in a file."""
    return str(tmp_path / "store.sqlite")


@pytest.fixture
def campaigns(store: str) -> Iterator[Campaigns]:
    """The campaigns of a new store."""
    made = Campaigns(open_store(store), HandClock(MONDAY_MS))
    yield made
    made.close()


FILE = b'{"name": "spring", "law": ["us-tcpa", "fr"]}'


def test_a_campaign_of_the_server_keeps_its_laws_over_a_restart(campaigns: Campaigns, store: str) -> None:
    """What was said is replayed: dials, and the laws of what is added later."""
    made, info = campaigns.put_campaign("spring", FILE)
    campaigns.add_phones("spring", request(phone(NEW_YORK, maxAttempts=2)).encode())
    campaigns.move_clock(advance_ms=6 * 3_600_000)
    before = [dial.at for dial in campaigns.snapshot("spring").timeline]
    campaigns.close()

    again = Campaigns(open_store(store), HandClock(MONDAY_MS))
    again.add_phones("spring", request(phone("12125550124")).encode())
    timeline = again.snapshot("spring").timeline
    assert made
    assert [law.name for law in info.campaign.laws] == ["us-tcpa", "fr"]
    assert json.loads(info.document)["law"] == ["us-tcpa", "fr"]
    assert [law.name for law in again.info("spring").campaign.laws] == ["us-tcpa", "fr"]
    assert [dial.at for dial in timeline] == before == [MONDAY_MS + 4 * 3_600_000, MONDAY_MS + 5 * 3_600_000 + 30_000]
    assert [job.legal is None for job in timeline.jobs] == [False, False]
    again.close()


def test_the_laws_of_a_campaign_cannot_change(campaigns: Campaigns) -> None:
    """DESIGN 5.4: name, lines and pace may; the field is named as its file has it, once."""
    campaigns.put_campaign("spring", FILE)

    assert campaigns.put_campaign("spring", FILE)[0] is False
    for other in (b'{"name": "spring", "law": "us-tcpa"}', b'{"name": "spring"}'):
        with pytest.raises(Conflict, match="with another law; only its name, lines and pace can change"):
            campaigns.put_campaign("spring", other)
    with pytest.raises(Conflict, match="with another blackoutDates or holidays; only"):
        campaigns.put_campaign("spring", b'{"name": "spring", "law": ["us-tcpa", "fr"], "holidays": "US"}')
