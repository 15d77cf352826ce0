"""Reports against plain lists of dials: what has happened by an instant, and nothing of what a call will come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from scheduler.engine.timeline import Dial
from scheduler.jobs import Outcome, RequestRefused
from scheduler.server.campaigns import Campaigns, Snapshot
from scheduler.server.clock import HandClock
from scheduler.server.reports import (
    ALWAYS,
    Span,
    attempt_reports,
    attempts_between,
    attempts_of,
    job_reports,
    jobs_between,
    page_of,
    short_report,
    unfinished_jobs,
    wanted_places,
)
from scheduler.server.store import open_store

NOW_MS = 1_772_442_000_000
MINUTE_MS = 60_000
REDIAL = {"outcome": "answered", "ringSeconds": 7, "talkSeconds": 61.5, "redial": {"startAfterMinutes": 3}}
SCRIPT = {
    "phones": {
        "79120000000": [REDIAL, {"outcome": "answered", "ringSeconds": 3, "talkSeconds": 200}],
        "79120000001": ["busy", {"outcome": "answered", "ringSeconds": 20, "talkSeconds": 45}],
        "79120000002": ["nonexistentNumber"],
        "79120000003": ["failed", "failed", "noAnswer"],
    }
}
POLICY = {"maxAttempts": 3, "retryIntervalInMinutes": 2}


@pytest.fixture(scope="module")
def snapshots() -> Iterator[list[Snapshot]]:
    """A campaign of two lines, minute by minute and in between; a number joins it on the way."""
    campaigns = Campaigns(open_store(":memory:"), HandClock(NOW_MS))
    document = {"maxSimultaneousCalls": 2, "policy": POLICY}
    campaigns.put_campaign("t", msgspec.json.encode(document), toml=False)
    campaigns.put_outcomes("t", msgspec.json.encode(SCRIPT))
    numbers = [{"phone": f"7912000000{each}", "gmtZone": "Z"} for each in range(5)]
    campaigns.add_phones("t", msgspec.json.encode(numbers[:4]))
    taken = [campaigns.snapshot("t")]
    for step in range(60):
        campaigns.move_clock(advance_ms=17_500)
        if step == 4:
            campaigns.add_phones("t", msgspec.json.encode(numbers[4:]))
        taken.append(campaigns.snapshot("t"))
    yield taken
    campaigns.close()


def has_ended(snapshot: Snapshot, dial: Dial) -> bool:
    return dial.at + dial.length_ms < snapshot.timeline.until_ms


def dials_of(snapshot: Snapshot, place: int) -> list[Dial]:
    job = snapshot.timeline.jobs[place]
    return [dial for dial in snapshot.timeline if dial.job is job]


def plain_attempt(snapshot: Snapshot, place: int, dial: Dial) -> dict[str, Any]:
    ended = has_ended(snapshot, dial)
    answered_ms = dial.at + dial.length_ms - dial.talk_ms
    talking = dial.outcome is Outcome.ANSWERED and answered_ms < snapshot.timeline.until_ms
    return {
        "callJobId": snapshot.id_of(place),
        "redialNumber": dial.redial_number,
        "phone": dial.job.phone,
        "jobStatus": snapshot.timeline.ending(place).state.value,
        "callResult": dial.outcome.value if ended else None,
        "callDuration": dial.talk_ms // 1000 if ended else 0,
        "startedAt": answered_ms if talking else dial.at,
        "finishedAt": dial.at + dial.length_ms if ended else None,
        "attemptNumber": dial.attempt,
        "tagName": None,
        "tagPayload": None,
        "reportData": None,
    }


def plain_attempts(snapshot: Snapshot) -> list[dict[str, Any]]:
    """All attempts, in order of their dials."""
    places = {id(job): place for place, job in enumerate(snapshot.timeline.jobs)}
    return [plain_attempt(snapshot, places[id(dial.job)], dial) for dial in snapshot.timeline]


def in_order(attempts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(attempts, key=lambda each: int(each["startedAt"]))


def test_the_scenario_has_all_that_a_report_tells(snapshots: list[Snapshot]) -> None:
    told = [each for snapshot in snapshots for each in plain_attempts(snapshot)]
    assert {each["callResult"] for each in told} == {*map(str, Outcome), None}
    assert {each["redialNumber"] for each in told} == {None, 1}
    assert any(each["startedAt"] > NOW_MS and each["callResult"] is None for each in told)


def test_jobs_are_reported_as_their_dials_say(snapshots: list[Snapshot]) -> None:
    for snapshot in snapshots:
        timeline = snapshot.timeline
        for place, report in enumerate(job_reports(snapshot, range(len(timeline.jobs)))):
            dials = dials_of(snapshot, place)
            ending = timeline.ending(place)
            assert msgspec.to_builtins(report) == {
                "callJobId": snapshot.id_of(place),
                "redialNumber": timeline.jobs[place].redial_number,
                "phone": timeline.jobs[place].phone,
                "attemptsCount": len(dials),
                "jobStatus": ending.state.value,
                "createdAt": timeline.columns.arrived_at[place],
                "finishedAt": ending.at,
                "callDuration": sum(dial.talk_ms for dial in dials if has_ended(snapshot, dial)) // 1000,
                "tagName": None,
                "tagPayload": None,
                "reportData": None,
            }


def test_attempts_are_reported_in_order_of_their_start(snapshots: list[Snapshot]) -> None:
    for snapshot in snapshots:
        expected = in_order(plain_attempts(snapshot))
        everything = attempts_of(snapshot, range(len(snapshot.timeline.jobs)))
        assert msgspec.to_builtins(attempt_reports(snapshot, everything)) == expected
        assert list(attempts_between(snapshot, ALWAYS, ALWAYS)) == everything


@pytest.mark.parametrize("off_ms", [0, 1, 37_000])
def test_spans_are_half_open(snapshots: list[Snapshot], off_ms: int) -> None:
    """R1.2, for the starts and ends of attempts and jobs alike."""
    for snapshot in snapshots[::6]:
        attempts, timeline = in_order(plain_attempts(snapshot)), snapshot.timeline
        for span in (Span(NOW_MS + off_ms), Span(None, NOW_MS + off_ms), Span(NOW_MS + off_ms, NOW_MS + 2 * MINUTE_MS)):
            for started, finished in ((span, ALWAYS), (ALWAYS, span), (span, span)):
                found = attempt_reports(snapshot, attempts_between(snapshot, started, finished))
                assert msgspec.to_builtins(found) == [
                    each
                    for each in attempts
                    if each["startedAt"] in started
                    and (finished == ALWAYS or (each["finishedAt"] is not None and each["finishedAt"] in finished))
                ]
                assert list(jobs_between(snapshot, started, finished)) == [
                    place
                    for place, created_ms in enumerate(timeline.columns.arrived_at)
                    if created_ms in started
                    and (finished == ALWAYS or ((at := timeline.ending(place).at) is not None and at in finished))
                ]


def test_a_span_that_ends_before_it_begins_has_nothing(snapshots: list[Snapshot]) -> None:
    assert not jobs_between(snapshots[-1], Span(NOW_MS + 5, NOW_MS), ALWAYS)


def test_the_figures_of_a_campaign_are_those_of_its_dials(snapshots: list[Snapshot]) -> None:
    for snapshot in snapshots:
        timeline = snapshot.timeline
        dials = list(timeline)
        unfinished = {
            timeline.jobs[place].index for place, ending in enumerate(timeline.endings()) if ending.at is None
        }
        report = short_report(snapshot)
        assert report.totalNumbers == snapshot.numbers
        assert report.processedNumbers == snapshot.numbers - len(unfinished)
        assert report.usedTalkingTime == sum(each.talk_ms for each in dials if has_ended(snapshot, each)) // 1000
        assert report.inProcessCalls == sum(not has_ended(snapshot, each) for each in dials)
        assert report.retryCalls == sum(each.attempt > 1 for each in dials)
        assert {timeline.jobs[place].index for place in unfinished_jobs(snapshot)} == unfinished


def test_jobs_are_named_by_ids_and_phones(snapshots: list[Snapshot]) -> None:
    snapshot = snapshots[-1]
    everything = range(len(snapshot.timeline.jobs))
    assert list(wanted_places(snapshot, None, None)) == list(everything)
    assert list(wanted_places(snapshot, [], None)) == []
    of_phone = [place for place in everything if snapshot.timeline.jobs[place].phone == "79120000000"]
    assert len(of_phone) == 2, "its redial too"
    assert list(wanted_places(snapshot, [snapshot.id_of(of_phone[1])], None)) == of_phone[1:]
    assert list(wanted_places(snapshot, ["1000000000"], ["+7 912 0000000"])) == of_phone


def test_whatever_is_unknown_is_named(snapshots: list[Snapshot]) -> None:
    with pytest.raises(RequestRefused) as refused:
        wanted_places(snapshots[-1], ["1000000000", "x", "2000000000"], ["12", "79129999999"])
    assert [(each.path, each.type) for each in refused.value.problems] == [
        ("$.ids[1]", "id.not.found"),
        ("$.ids[2]", "id.not.found"),
        ("$.phones[0]", "phone.not.found"),
        ("$.phones[1]", "phone.not.found"),
    ]


def test_pages_hold_everything_once() -> None:
    assert [list(page_of(range(5), page, 2)) for page in range(4)] == [[0, 1], [2, 3], [4], []]
