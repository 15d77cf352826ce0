"""Explanations: that they are the whole and true in random scenes, and how they read."""

# ruff: noqa: ISC004 - a line of a transcript may be longer than one of code

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scheduler import Simulation, Timeline, UsageError, read_outcomes, read_scenario, simulate
from scheduler.engine.columns import Reason
from scheduler.engine.explain import Due, Forbids, Series
from scheduler.engine.lines import UNLIMITED
from scheduler.engine.obstacles import Obstacle, Stretch
from scheduler.jobs import Job
from scheduler.policy.calendar import compile_calendar
from scheduler.policy.instants import EPOCH_ORDINAL
from tests.scenarios import Scene, any_scenes, drawn_scenes, performed
from tests.strategies import at, campaign_of, instant, jobs_of, number

CLOSED = {Obstacle.WEEKDAY, Obstacle.WINDOW, Obstacle.BLACKOUT, Obstacle.HOLIDAY}
patient = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_open(timeline: Timeline, job: Job, instant_ms: int) -> bool:
    return (
        len(compile_calendar(job.policy.hours, job.zone, instant_ms, instant_ms + 1, timeline.campaign.closed_dates))
        > 0
    )


def is_lawful(job: Job, instant_ms: int) -> bool:
    """Whether the hours of laws allow an instant."""
    return job.legal is None or job.legal.forbidding(instant_ms) is None


def is_true_at(timeline: Timeline, job: Job, stretch: Stretch, instant_ms: int) -> bool:
    """Whether what a stretch says holds at an instant, asked in the plainest way."""
    busy = sum(dial.at <= instant_ms < dial.at + dial.length_ms for dial in timeline)
    last = max((dial.at for dial in timeline if dial.at <= instant_ms), default=None)
    if stretch.code in CLOSED:
        return not is_open(timeline, job, instant_ms)
    if not is_open(timeline, job, instant_ms):
        return False
    if stretch.code is Obstacle.LAW:  # what is counted is compared tick by tick, in test_explain_ticking.py
        return is_lawful(job, instant_ms) is (stretch.details["rule"] != "hours")
    if not is_lawful(job, instant_ms):
        return False
    if stretch.code is Obstacle.PAUSED:
        return timeline.history.paused_at(instant_ms)
    limit = timeline.history.limit_at(instant_ms).at(instant_ms)
    if stretch.code is Obstacle.LINE:
        return limit != UNLIMITED and busy >= limit
    paced = last is not None and instant_ms < last + timeline.history.spacing_at(instant_ms)[0]
    if stretch.code is Obstacle.AGENT:
        return busy < limit and not paced and timeline.campaign.agents is not None
    return busy < limit and paced


def due_of_next(series: Series, timeline: Timeline, place: int) -> int:
    """When an attempt is due, from the dial before it (R9.2)."""
    before = series.attempts[place - 1].dial
    assert before is not None
    end_ms = before.at + before.length_ms
    if timeline.campaign.readings.retry_from == "start":
        return max(end_ms, before.at + series.job.policy.retry_ms)
    return end_ms + series.job.policy.retry_ms


def assert_the_whole_is_told(timeline: Timeline) -> None:
    for index in timeline.places:
        explained = timeline.explain(index)
        dials = [a.dial for series in explained.series for a in series.attempts if a.dial is not None]
        assert sorted(dials) == timeline.of_job(index)
        for series in explained.series:
            for place, attempt in enumerate(series.attempts):
                if place:
                    assert attempt.because is Due.RETRY
                    assert attempt.due_ms == due_of_next(series, timeline, place)
                ended_ms = series.ending.at if series.ending.at is not None else timeline.until_ms
                end_ms = ended_ms if attempt.dial is None else attempt.dial.at
                edges = [attempt.due_ms, *(wait.until_ms for wait in attempt.waits)]
                assert [wait.from_ms for wait in attempt.waits] == edges[:-1]
                assert edges[-1] == max(end_ms, attempt.due_ms)
                assert edges == sorted(set(edges))
                for wait in attempt.waits:
                    assert is_true_at(timeline, series.job, wait, wait.from_ms)
                    assert is_true_at(timeline, series.job, wait, wait.until_ms - 1)
                    assert is_true_at(timeline, series.job, wait, (wait.from_ms + wait.until_ms) // 2)
        assert str(explained)
        json.dumps(explained.as_data())


@given(any_scenes())
@patient
def test_the_reasons_of_each_attempt_are_true_and_cover_the_time_from_its_due_to_its_dial(scene: Scene) -> None:
    """R8, R9, R11, R13.2: every stretch holds where it says, and no gap is left."""
    assert_the_whole_is_told(performed(scene))


@given(any_scenes(), st.data())
@patient
def test_at_any_instant_a_number_is_dialled_or_something_forbids_it(scene: Scene, data: st.DataObject) -> None:
    """R12.4, R12.5: what forbids a dial, how the job stands, and what comes next."""
    timeline = performed(scene)
    instants = [dial.at + shift for dial in timeline for shift in (-1, 0, 1, dial.length_ms)]
    instants += [timeline.now_ms, timeline.until_ms - 1, data.draw(st.integers(timeline.now_ms, timeline.until_ms - 1))]
    moment_ms = data.draw(st.sampled_from([each for each in instants if timeline.now_ms <= each < timeline.until_ms]))
    for index, places in timeline.places.items():
        moment = timeline.explain(index, moment_ms).moment
        assert moment is not None
        dials = [dial.at for dial in timeline.of_job(index)]
        assert (not moment.forbidden) == (moment_ms in dials)
        assert moment.dialled_ms == min((each for each in dials if each >= moment_ms), default=None)
        begun = [place for place in places if timeline.columns.arrived_at[place] <= moment_ms]
        if not begun:
            assert [each.code for each in moment.forbidden] == [Forbids.NOT_ACCEPTED]
            continue
        assert moment.state == timeline.states(moment_ms)[begun[-1]]
        job = timeline.jobs[begun[-1]]
        codes = {each.code for each in moment.forbidden}
        if codes & {Forbids.ENDED, Forbids.IN_CALL} or not codes:
            continue
        assert (codes & CLOSED != set()) == (not is_open(timeline, job, moment_ms))
        assert Obstacle.LAW in codes or is_lawful(job, moment_ms) or codes & CLOSED
        assert (Obstacle.PAUSED in codes) == timeline.history.paused_at(moment_ms)
        if moment.allowed_ms is not None:
            assert is_open(timeline, job, moment.allowed_ms)
            assert is_lawful(job, moment.allowed_ms)


@given(drawn_scenes())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_drawn_calls_are_explained_like_all_others(scene: Any) -> None:
    """R12.3."""
    timeline = performed(scene) if isinstance(scene, Scene) else performed(scene[0])

    assert_the_whole_is_told(timeline)


# --- transcripts -----------------------------------------------------------------------------------------------------


def told(
    numbers: Sequence[Mapping[str, Any]],
    moment: str | None,
    *,
    campaign: Mapping[str, Any] | None = None,
    job: int = 0,
    script: Mapping[str, Any] | None = None,
    commands: Sequence[Mapping[str, Any]] = (),
    now: str = "2026-03-02T09:00:00",
    until: str | None = None,
) -> list[str]:
    """What is said of a number at an instant: of a campaign that begins on a Monday, behind the head."""
    campaign_read = campaign_of(campaign or {})
    timeline = simulate(
        campaign_read,
        jobs_of(campaign_read, numbers),
        now=at(now),
        until=None if until is None else at(until),
        outcomes=read_outcomes(json.dumps(script or {"phones": {}}), campaign_read),
        commands=read_scenario(json.dumps({"commands": list(commands)}), campaign_read).commands,
    )
    text = str(timeline.explain(job, None if moment is None else at(moment)))
    return text.replace(" Z (2", " (2").splitlines()


def verdict(lines: list[str]) -> list[str]:
    """What is said of the instant."""
    return lines[len(lines) - lines[::-1].index("") :]


HOURS = {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}}
MANY = {"maxAttempts": 3, "retryIntervalInMinutes": 120}


def test_a_whole_explanation_reads_so() -> None:
    """R6.3, R8.1, R9.2."""
    lines = told(
        [number("A", dialerPriority=1), number("B", **HOURS, **MANY, dialerPriority=2)],
        "2026-03-02T11:00",
        job=1,
        campaign={"maxSimultaneousCalls": 1, "policy": {"allowedDays": ["mon", "tue", "fri"]}},
        script={"jobs": {"1": ["busy", {"outcome": "answered", "ringSeconds": 5, "talkSeconds": 90}]}},
    )

    assert lines == [
        "79000000066, job 1, on the clock of Z (as the request says)",
        "",
        "Accepted at Mon 2026-03-02 09:00:00 (2026-03-02 09:00:00Z)",
        "  allowedDays             mon, tue, fri (campaign)",
        "  allowedTime             mon, tue, fri 10:00-18:00 (number)",
        "  retryIntervalInMinutes  120 (number)",
        "  maxAttempts             3 (number)",
        "  dialerPriority          2 (number)",
        "Attempt 1 of 3",
        "  due        Mon 2026-03-02 09:00:00 (2026-03-02 09:00:00Z): at once, when it was accepted",
        "  waited to  Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z): "
        "outside the windows (mon 10:00-18:00), set by the number [window]",
        "  dialled    Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z): busy, 30 s",
        "Attempt 2 of 3",
        "  due        Mon 2026-03-02 12:00:30 (2026-03-02 12:00:30Z): 120 minutes after attempt 1, set by the number",
        "  dialled    Mon 2026-03-02 12:00:30 (2026-03-02 12:00:30Z): answered, 95 s, of which 90 s talk",
        "Ended as longCallWithNoResult at Mon 2026-03-02 12:02:05 (2026-03-02 12:02:05Z): it was answered.",
        "",
        "At Mon 2026-03-02 11:00:00 (2026-03-02 11:00:00Z) it is onRetry, and it is not dialled, because",
        "  it is not due yet, by its retryIntervalInMinutes, set by the number [notDue], "
        "until Mon 2026-03-02 12:00:30 (2026-03-02 12:00:30Z)",
        "By its policy it is next allowed at Mon 2026-03-02 12:00:30 (2026-03-02 12:00:30Z).",
        "It is next dialled at Mon 2026-03-02 12:00:30 (2026-03-02 12:00:30Z).",
    ]


BLOCKED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "weekday": (
        {"numbers": [number("A", allowedDays=["wed"], **HOURS)], "moment": "2026-03-02T12:00"},
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is planned, and it is not dialled, because",
            "  mon, tue are not among allowedDays, set by the number [weekday], "
            "until Wed 2026-03-04 00:00:00 (2026-03-04 00:00:00Z)",
            "By its policy it is next allowed at Wed 2026-03-04 10:00:00 (2026-03-04 10:00:00Z).",
            "It is next dialled at Wed 2026-03-04 10:00:00 (2026-03-04 10:00:00Z).",
        ],
    ),
    "window": (
        {"numbers": [number("A", **HOURS)], "moment": "2026-03-02T09:30"},
        [
            "At Mon 2026-03-02 09:30:00 (2026-03-02 09:30:00Z) it is planned, and it is not dialled, because",
            "  outside the windows (mon 10:00-18:00), set by the number [window], "
            "until Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z)",
            "By its policy it is next allowed at Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z).",
            "It is next dialled at Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z).",
        ],
    ),
    "holiday": (
        {"numbers": [number("A")], "campaign": {"holidays": "RU"}, "moment": "2026-03-09T12:00", "now": "2026-03-09"},
        [
            "At Mon 2026-03-09 12:00:00 (2026-03-09 12:00:00Z) it is planned, and it is not dialled, because",
            "  no window starts on 2026-03-09, a public holiday of the campaign [holiday], "
            "until Tue 2026-03-10 00:00:00 (2026-03-10 00:00:00Z)",
            "By its policy it is next allowed at Tue 2026-03-10 00:00:00 (2026-03-10 00:00:00Z).",
            "It is next dialled at Tue 2026-03-10 00:00:00 (2026-03-10 00:00:00Z).",
        ],
    ),
    "blackout date": (
        {"numbers": [number("A")], "campaign": {"blackoutDates": ["2026-03-02"]}, "moment": "2026-03-02T12:00"},
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is planned, and it is not dialled, because",
            "  no window starts on 2026-03-02, a blackout date of the campaign [blackoutDate], "
            "until Tue 2026-03-03 00:00:00 (2026-03-03 00:00:00Z)",
            "By its policy it is next allowed at Tue 2026-03-03 00:00:00 (2026-03-03 00:00:00Z).",
            "It is next dialled at Tue 2026-03-03 00:00:00 (2026-03-03 00:00:00Z).",
        ],
    ),
    "start date": (
        {"numbers": [number("A", startDateTime="2026-03-03T08:00:00Z")], "moment": "2026-03-02T12:00"},
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is planned, and it is not dialled, because",
            "  it is not due yet, by its startDateTime, set by the number [notDue], "
            "until Tue 2026-03-03 08:00:00 (2026-03-03 08:00:00Z)",
            "By its policy it is next allowed at Tue 2026-03-03 08:00:00 (2026-03-03 08:00:00Z).",
            "It is next dialled at Tue 2026-03-03 08:00:00 (2026-03-03 08:00:00Z).",
        ],
    ),
    "finish date": (
        {"numbers": [number("A", finishDateTime="2026-03-02T10:00:00Z", **MANY)], "moment": "2026-03-02T12:00"},
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is notDone, and it is not dialled, because",
            "  it has ended as notDone: no allowed time is left from its next due time to its finish "
            "[ended: noWindowBeforeFinish]",
            "  its finishDateTime has passed, set by the number [finishDateTime]",
            "It is never dialled again.",
        ],
    ),
    "the campaign's finish": (
        {
            "numbers": [number("A", **MANY)],
            "campaign": {"endTime": "2026-03-02T10:00:00Z"},
            "moment": "2026-03-02T12:00",
        },
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is notDone, and it is not dialled, because",
            "  it has ended as notDone: no allowed time is left from its next due time to its finish "
            "[ended: noWindowBeforeFinish]",
            "  the campaign's endTime has passed [endTime]",
            "It is never dialled again.",
        ],
    ),
    "retry pause": (
        {"numbers": [number("A", **MANY)], "moment": "2026-03-02T10:00"},
        [
            "At Mon 2026-03-02 10:00:00 (2026-03-02 10:00:00Z) it is onRetry, and it is not dialled, because",
            "  it is not due yet, by its retryIntervalInMinutes, set by the number [notDue], "
            "until Mon 2026-03-02 11:00:30 (2026-03-02 11:00:30Z)",
            "By its policy it is next allowed at Mon 2026-03-02 11:00:30 (2026-03-02 11:00:30Z).",
            "It is next dialled at Mon 2026-03-02 11:00:30 (2026-03-02 11:00:30Z).",
        ],
    ),
    "line": (
        {
            "numbers": [number("A", dialerPriority=1), number("B")],
            "job": 1,
            "campaign": {"maxSimultaneousCalls": 1},
            "moment": "2026-03-02T09:00:10",
        },
        [
            "At Mon 2026-03-02 09:00:10 (2026-03-02 09:00:10Z) it is planned, and it is not dialled, because",
            "  the one line is taken [line], until Mon 2026-03-02 09:00:30 (2026-03-02 09:00:30Z)",
            "By its policy it is next allowed at Mon 2026-03-02 09:00:10 (2026-03-02 09:00:10Z).",
            "It is next dialled at Mon 2026-03-02 09:00:30 (2026-03-02 09:00:30Z).",
        ],
    ),
    "pacing": (
        {
            "numbers": [number("A"), number("B")],
            "job": 1,
            "campaign": {"callsPerSecond": 0.1},
            "moment": "2026-03-02T09:00:04",
        },
        [
            "At Mon 2026-03-02 09:00:04 (2026-03-02 09:00:04Z) it is planned, and it is not dialled, because",
            "  dials are 10 s apart (callsPerSecond) [pacing], until Mon 2026-03-02 09:00:10 (2026-03-02 09:00:10Z)",
            "By its policy it is next allowed at Mon 2026-03-02 09:00:04 (2026-03-02 09:00:04Z).",
            "It is next dialled at Mon 2026-03-02 09:00:10 (2026-03-02 09:00:10Z).",
        ],
    ),
    "pause": (
        {
            "numbers": [number("A")],
            "commands": [
                {"at": "2026-03-02T09:00:00Z", "do": "pause"},
                {"at": "2026-03-02T13:00:00Z", "do": "resume"},
            ],
            "moment": "2026-03-02T12:00",
        },
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is planned, and it is not dialled, because",
            "  the campaign is paused [paused], until Mon 2026-03-02 13:00:00 (2026-03-02 13:00:00Z)",
            "By its policy it is next allowed at Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z).",
            "It is next dialled at Mon 2026-03-02 13:00:00 (2026-03-02 13:00:00Z).",
        ],
    ),
    "attempts used up": (
        {"numbers": [number("A", maxAttempts=1)], "moment": "2026-03-02T12:00"},
        [
            "At Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z) it is noAnswer, and it is not dialled, because",
            "  it has ended as noAnswer: its attempts are used up [ended: attemptsUsedUp]",
            "It is never dialled again.",
        ],
    ),
    "never callable": (
        {
            "numbers": [number("A", allowedDays=["mon"], allowedTime={"tue": HOURS["allowedTime"]["default"]})],
            "moment": "2026-03-03T12:00",
        },
        [
            "At Tue 2026-03-03 12:00:00 (2026-03-03 12:00:00Z) it is notDone, and it is not dialled, because",
            "  it has ended as notDone: its days, hours and the closed dates leave no allowed time within 366 days "
            "[ended: neverOpen]",
            "It is never dialled.",
        ],
    ),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_blocks_a_number_is_said(name: str) -> None:
    """R3.6, R3.7, R3.10, R5.2, R5.3, R9.1, R9.2, R11.1, R11.2, R12.5, R13.2."""
    scene, expected = BLOCKED[name]

    assert verdict(told(**scene)) == expected


def test_all_that_forbids_a_dial_is_listed() -> None:
    """R8.1: a pause, and a window that is closed, and lines that are none."""
    lines = told(
        [number("A", **HOURS)],
        "2026-03-02T09:30",
        commands=[
            {"at": "2026-03-02T09:00:00Z", "do": "pause"},
            {"at": "2026-03-02T09:00:00Z", "do": "lines", "lines": 0},
        ],
        until="2026-03-05",
    )

    assert [line.rpartition("[")[2].partition("]")[0] for line in verdict(lines)[1:4]] == ["window", "paused", "line"]
    assert verdict(lines)[3].startswith("  there is no line [line]")
    assert verdict(lines)[-1] == "It is not dialled in this run."


def test_a_number_that_is_not_there_yet_is_said_to_be_so() -> None:
    """R13.1."""
    later = {"at": "2026-03-02T12:00:00Z", "do": "submit", "numbers": [number("B")]}
    lines = told([number("A")], "2026-03-02T11:00", job=1, commands=[later])

    assert verdict(lines)[:2] == [
        "At Mon 2026-03-02 11:00:00 (2026-03-02 11:00:00Z) it is not dialled, because",
        "  it has not been accepted yet [notAccepted], until Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z)",
    ]


def test_the_instant_of_a_dial_and_of_a_call_are_said_to_be_so() -> None:
    """R9.5."""
    dialled = verdict(told([number("A")], "2026-03-02T09:00"))
    assert dialled == ["At Mon 2026-03-02 09:00:00 (2026-03-02 09:00:00Z) it is planned, and it is dialled."]
    in_call = verdict(told([number("A", **MANY)], "2026-03-02T09:00:10"))
    assert in_call[1] == (
        "  the call of attempt 1 is in progress [inCall], until Mon 2026-03-02 09:00:30 (2026-03-02 09:00:30Z)"
    )
    assert in_call[2] == ("By its policy it is next allowed at Mon 2026-03-02 11:00:30 (2026-03-02 11:00:30Z).")


@pytest.mark.parametrize(
    ("reading", "interval", "attempts"),
    [("number", ("30", "number"), ("4", "number")), ("campaign", ("60", "default"), ("2", "campaign"))],
)
def test_a_redial_says_which_level_decided_each_field(
    reading: str, interval: tuple[str, str], attempts: tuple[str, str]
) -> None:
    """R6.2, R6.3, R10.2: the redial's own, the number's, or the campaign's."""
    lines = told(
        [
            number(
                "A", retryIntervalInMinutes=30, maxAttempts=4, dialerPriority=2, finishDateTime="2026-03-05T00:00:00Z"
            )
        ],
        None,
        campaign={"policy": {"maxAttempts": 2}, "readings": {"redialInherits": reading}},
        script={
            "jobs": {"0": [{"outcome": "answered", "redial": {"startAfterMinutes": 90, "localTimeFrom": "09:00"}}]}
        },
    )
    redial = lines[next(place for place, line in enumerate(lines) if line.startswith("Redial 1")) :]

    assert redial[:9] == [
        "Redial 1, asked for at Mon 2026-03-02 09:01:30 (2026-03-02 09:01:30Z)",
        "  allowedDays             every day (default)",
        "  allowedTime             mon to sun 09:00-24:00 (redial)",
        f"  retryIntervalInMinutes  {interval[0]} ({interval[1]})",
        f"  maxAttempts             {attempts[0]} ({attempts[1]})",
        "  dialerPriority          2 (number)",
        "  startDateTime           Mon 2026-03-02 10:31:30 (2026-03-02 10:31:30Z) (redial)",
        "  finishDateTime          Thu 2026-03-05 00:00:00 (2026-03-05 00:00:00Z) (number)",
        f"Attempt 1 of {attempts[0]}",
    ]


def test_the_data_has_the_same_codes_and_instants() -> None:
    """R6.3."""
    campaign = campaign_of({"maxSimultaneousCalls": 1})
    jobs = jobs_of(campaign, [number("A", dialerPriority=1), number("B", localTimeFrom="08:00")])
    timeline = simulate(campaign, jobs, now=at("2026-03-02T09:00"))
    data = timeline.explain(1, at("2026-03-02T09:00:10")).as_data()
    fields = {row["field"]: (row["value"], row["level"]) for row in data["series"][0].pop("policy")}

    assert fields["allowedTime.mon"] == (["08:00-24:00"], "number")
    assert fields["gmtZone"] == ("Z", "request")
    assert data == {
        "job": 1,
        "phone": "79000000066",
        "series": [
            {
                "redialNumber": None,
                "acceptedAt": "2026-03-02T09:00:00Z",
                "attempts": [
                    {
                        "attempt": 1,
                        "due": "2026-03-02T09:00:00Z",
                        "because": "accepted",
                        "level": "number",
                        "waits": [
                            {
                                "code": "line",
                                "from": "2026-03-02T09:00:00Z",
                                "until": "2026-03-02T09:00:30Z",
                                "lines": 1,
                                "ahead": 1,
                            }
                        ],
                        "at": "2026-03-02T09:00:30Z",
                        "outcome": "noAnswer",
                        "seconds": 30,
                    }
                ],
                "state": "noAnswer",
                "endedAt": "2026-03-02T09:01:00Z",
                "reason": "attemptsUsedUp",
            }
        ],
        "at": {
            "at": "2026-03-02T09:00:10Z",
            "state": "planned",
            "forbidden": [
                {"code": "line", "from": "2026-03-02T09:00:10Z", "until": "2026-03-02T09:00:30Z", "lines": 1}
            ],
            "nextAllowed": "2026-03-02T09:00:10Z",
            "nextDial": "2026-03-02T09:00:30Z",
        },
    }


@pytest.mark.parametrize("moment", ["2026-03-02T08:59:59", "2026-03-03T09:00:01"])
def test_an_instant_outside_the_run_is_a_usage_error(moment: str) -> None:
    campaign = campaign_of({})
    timeline = simulate(
        campaign, jobs_of(campaign, [number("A")]), now=at("2026-03-02T09:00"), until=at("2026-03-03T09:00")
    )

    with pytest.raises(UsageError, match="outside the run"):
        timeline.explain(0, at(moment))


@pytest.mark.parametrize("index", [-1, 1])
def test_a_job_that_there_is_not_is_a_usage_error(index: int) -> None:
    campaign = campaign_of({})
    timeline = simulate(campaign, jobs_of(campaign, [number("A")]), now=at("2026-03-02T09:00"))

    with pytest.raises(UsageError, match="the jobs are 0 to 0"):
        timeline.explain(index)


def test_where_there_are_no_jobs_the_refusal_says_so() -> None:
    """R15.5: an empty list is a good request of no jobs."""
    with pytest.raises(UsageError, match="no job 0; there is none"):
        simulate(campaign_of({}), [], now=at("2026-03-02T09:00")).explain(0)


def test_a_snapshot_of_a_live_simulation_is_explained_too() -> None:
    """R13.1."""
    campaign = campaign_of({"maxSimultaneousCalls": 1})
    run = Simulation(campaign, now=at("2026-03-02T09:00"))
    run.submit(jobs_of(campaign, [number("A"), number("B")]))
    run.run(at("2026-03-02T09:00:10"))
    waits = run.timeline().explain(1).series[0].attempts[0].waits

    assert [(wait.code, instant(wait.until_ms)) for wait in waits] == [(Obstacle.LINE, "2026-03-02T09:00:10Z")]
    run.cancel(jobs=[1])
    assert run.timeline().explain(1).series[0].ending.reason is Reason.CANCELLED


def test_the_days_of_a_long_wait_are_told_by_the_calendar_of_the_zone() -> None:
    """R4.3: a weekday is one of the local clock, also where a day is skipped."""
    campaign = campaign_of({"timeZone": "Pacific/Apia"})
    jobs = jobs_of(campaign, [{"phone": "685123456", "allowedDays": ["sat"]}])
    timeline = simulate(campaign, jobs, now=at("2011-12-30T00:00"))  # Thursday there, the day before the skipped one
    waits = timeline.explain(0).series[0].attempts[0].waits

    assert [(wait.code, dict(wait.details["days"])) for wait in waits] == [(Obstacle.WEEKDAY, {"thu": "number"})]
    assert dt.date.fromordinal(EPOCH_ORDINAL).weekday() == 3


NIGHT = {"allowedTime": {"default": [{"localTimeFrom": "22:00", "localTimeTo": "02:00"}]}, "maxAttempts": 3}


@pytest.mark.parametrize(
    ("fields", "campaign", "expected"),
    [
        (NIGHT, {"blackoutDates": ["2026-03-05"]}, "no window starts on 2026-03-05, a blackout date"),
        ({**NIGHT, "allowedDays": ["fri"]}, {}, "thu is not among allowedDays"),
        ({**NIGHT, "allowedDays": ["thu"]}, {"blackoutDates": ["2026-03-05"]}, "no window starts on 2026-03-05"),
        (
            {**NIGHT, "allowedDays": ["thu", "sat"]},
            {"readings": {"overnightTail": "clip"}},
            "fri is not among allowedDays",
        ),
        (
            {**NIGHT, "allowedDays": ["thu", "sat"]},
            {"readings": {"overnightTail": "clip"}, "blackoutDates": ["2026-03-05"]},
            "fri is not among allowedDays",
        ),
    ],
)
def test_after_midnight_the_day_on_which_the_window_would_have_begun_is_named(
    fields: dict[str, Any], campaign: dict[str, Any], expected: str
) -> None:
    """R3.7, R3.10: what closes the tail of a window is what closes its own day; where tails are clipped, the next."""
    lines = told([number("A", **fields)], "2026-03-06T01:00", campaign=campaign, now="2026-03-06T00:30")

    assert verdict(lines)[1].startswith(f"  {expected}")


def test_during_a_call_what_comes_next_is_what_came_of_it() -> None:
    """R9.3, R10.2: the redial that it asks for, the retry, or nothing more."""
    redial = {"outcome": "answered", "ringSeconds": 60, "redial": {"startAfterMinutes": 10}}
    asked = verdict(told([number("A", **MANY)], "2026-03-02T09:00:30", script={"jobs": {"0": [redial]}}))
    gone = verdict(told([number("A", **MANY)], "2026-03-02T09:00:10", script={"jobs": {"0": ["nonexistentNumber"]}}))

    assert asked[2:] == [
        "By its policy it is next allowed at Mon 2026-03-02 09:12:00 (2026-03-02 09:12:00Z).",
        "It is next dialled at Mon 2026-03-02 09:12:00 (2026-03-02 09:12:00Z).",
    ]
    assert gone[2:] == ["It is never dialled again."]


def test_at_the_instant_of_a_change_the_state_is_that_until_then() -> None:
    """R12.4."""
    cancel = {"at": "2026-03-02T10:00:00Z", "do": "cancel", "jobs": [0]}
    lines = verdict(told([number("A", **MANY)], "2026-03-02T10:00", commands=[cancel]))

    assert lines[0].endswith("(until then onRetry) it is not dialled, because")
    assert "[ended: cancelled]" in lines[1]


def test_a_finish_of_the_redials_own_is_said_to_be_the_redials() -> None:
    """R6.2, R6.3."""
    asked = {"startAfterMinutes": 5, "finishDateTime": "2026-03-04T00:00:00Z"}
    lines = told(
        [number("A", finishDateTime="2026-03-05T00:00:00Z")],
        None,
        script={"jobs": {"0": [{"outcome": "answered", "redial": asked}]}},
    )

    assert "  finishDateTime          Wed 2026-03-04 00:00:00 (2026-03-04 00:00:00Z) (redial)" in lines
    assert "  finishDateTime          Thu 2026-03-05 00:00:00 (2026-03-05 00:00:00Z) (number)" in lines


def test_those_that_went_first_are_counted_also_at_the_instant_of_the_dial() -> None:
    """R8.1: two lines; D waits for A, B and C, of which C goes at the instant at which D does."""
    timeline = simulate(
        campaign_of({"maxSimultaneousCalls": 2}),
        jobs_of(campaign_of({}), [number(name) for name in "ABCD"]),
        now=at("2026-03-02T09:00"),
    )
    third, fourth = (timeline.explain(index).series[0].attempts[0] for index in (2, 3))

    assert third.dial is not None
    assert fourth.dial is not None
    assert third.dial.at == fourth.dial.at
    assert [wait.details["ahead"] for wait in (*third.waits, *fourth.waits)] == [2, 3]


def test_those_that_went_first_are_counted_up_to_the_end_of_the_window_in_which_they_did() -> None:
    """R8.1: A and B go before D in its first window; C, which goes between its windows, is not one of them."""
    windows = [("09:00", "10:00"), ("12:00", "13:00")]
    hours = {"default": [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in windows]}
    campaign = campaign_of({"maxSimultaneousCalls": 1, "ringSeconds": 1800})
    numbers = [number(name, dialerPriority=1) for name in "AB"]
    numbers += [number("C", startDateTime="2026-03-02T10:30:00Z"), number("D", allowedTime=hours)]
    timeline = simulate(campaign, jobs_of(campaign, numbers), now=at("2026-03-02T09:00"))
    waits = timeline.explain(3).series[0].attempts[0].waits

    assert [(wait.code, instant(wait.until_ms), wait.details.get("ahead")) for wait in waits] == [
        (Obstacle.LINE, "2026-03-02T10:00:00Z", 2),
        (Obstacle.WINDOW, "2026-03-02T12:00:00Z", None),
    ]


def test_at_the_due_time_itself_the_attempt_is_due() -> None:
    """R0: due is the earliest instant at which it may be dialled."""
    numbers = [number("A", dialerPriority=1), number("B", startDateTime="2026-03-02T09:00:10Z")]
    lines = verdict(told(numbers, "2026-03-02T09:00:10", job=1, campaign={"maxSimultaneousCalls": 1}))

    assert lines[1].startswith("  the one line is taken")
    assert not any("notDue" in line for line in lines)


def test_the_data_names_all_fields_of_the_policy_and_when_each_reason_began() -> None:
    """R6.3, R11.2."""
    campaign = campaign_of({"callsPerSecond": 0.1})
    timeline = simulate(campaign, jobs_of(campaign, [number("A"), number("B")]), now=at("2026-03-02T09:00"))
    data = timeline.explain(1, at("2026-03-02T09:00:04")).as_data()

    assert [row["field"] for row in data["series"][0]["policy"]] == [
        "gmtZone",
        "allowedDays",
        *(f"allowedTime.{day}" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
        "retryIntervalInMinutes",
        "maxAttempts",
        "dialerPriority",
        "startDateTime",
        "finishDateTime",
    ]
    assert data["at"]["forbidden"] == [
        {
            "code": "pacing",
            "from": "2026-03-02T09:00:00Z",
            "until": "2026-03-02T09:00:10Z",
            "spacingMilliseconds": 10_000,
        }
    ]


def test_a_first_attempt_that_waits_for_the_campaign_is_due_by_its_start() -> None:
    """R5.3."""
    lines = told([number("A")], None, campaign={"startTime": "2026-03-02T12:00:00Z"})

    assert "  due        Mon 2026-03-02 12:00:00 (2026-03-02 12:00:00Z): the campaign's startTime" in lines


def test_what_closes_a_day_ends_with_it_also_where_no_opening_follows_within_a_year() -> None:
    """R3.7, R3.10, R12.5: all Mondays of 60 weeks are blackout dates; the number waits for its start behind them."""
    mondays = [(dt.date(2026, 3, 2) + dt.timedelta(weeks=week)).isoformat() for week in range(60)]
    lines = told(
        [number("A", allowedDays=["mon"], startDateTime="2027-05-01T00:00:00Z")],
        "2026-03-03T12:00",
        campaign={"blackoutDates": mondays},
    )

    assert [line.rpartition(" [")[2] for line in verdict(lines)[1:3]] == [
        "notDue], until Sat 2027-05-01 00:00:00 (2027-05-01 00:00:00Z)",
        "weekday], until Mon 2026-03-09 00:00:00 (2026-03-09 00:00:00Z)",
    ]
