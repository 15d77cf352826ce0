"""Whole explanations, as a reader gets them: one campaign for each thing that keeps a number from being dialled.

Each is the complete text of `timeline.explain(job, at)`. They were read line by line: is it true, and would somebody
who has never seen the engine know what to change? So a change of words is a change of this file.
"""

# ruff: noqa: E501 - a line of a transcript is as long as it is

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from scheduler import Timeline, read_outcomes, read_scenario, simulate
from tests.strategies import at, campaign_of, instant, jobs_of, number

TEN_TO_SIX = {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}}
NIGHTS = {"allowedTime": {"default": [{"localTimeFrom": "22:00", "localTimeTo": "06:00"}]}}
TWICE = {"maxAttempts": 2, "retryIntervalInMinutes": 90}


class Scene(NamedTuple):
    """A small campaign that begins on a Monday at nine, and the question that is asked of one of its numbers."""

    numbers: list[dict[str, Any]]
    moment: str | None
    job: int = 0
    campaign: dict[str, Any] = {}  # noqa: RUF012 - read only
    commands: list[dict[str, Any]] = []  # noqa: RUF012
    script: dict[str, Any] = {}  # noqa: RUF012
    until: str = "2026-04-01"

    def played(self) -> Timeline:
        campaign = campaign_of(self.campaign)
        return simulate(
            campaign,
            jobs_of(campaign, self.numbers),
            now=at("2026-03-02T09:00"),
            until=at(self.until),
            outcomes=read_outcomes(json.dumps({"jobs": self.script}), campaign),
            commands=read_scenario(json.dumps({"commands": self.commands}), campaign).commands,
        )

    def told(self) -> str:
        return str(self.played().explain(self.job, None if self.moment is None else at(self.moment)))


BERLIN = {"gmtZone": "Europe/Berlin"}
SCENES: dict[str, Scene] = {
    "weekday": Scene([number("A", **BERLIN, allowedDays=["wed", "thu"], **TEN_TO_SIX)], "2026-03-03T10:00"),
    "the night of another weekday": Scene([number("A", **NIGHTS, allowedDays=["tue", "wed"])], "2026-03-03T02:00"),
    "window": Scene([number("A", **NIGHTS)], "2026-03-02T21:59:59.999"),
    "holiday": Scene(
        [number("A", startDateTime="2026-03-09T08:00:00Z")], "2026-03-09T12:00", campaign={"holidays": "RU"}
    ),
    "blackout date": Scene(
        [number("A", **NIGHTS)], "2026-03-04T01:00", campaign={"blackoutDates": ["2026-03-02", "2026-03-03"]}
    ),
    "start date": Scene(
        [number("A", **BERLIN, startDateTime="2026-03-06T16:30:00+01:00", **TEN_TO_SIX)], "2026-03-05T20:00"
    ),
    "finish date": Scene([number("A", finishDateTime="2026-03-02T10:00:00Z", **TWICE)], "2026-03-02T10:00"),
    "retry pause": Scene([number("A", **TWICE)], "2026-03-02T09:45", campaign={"readings": {"retryFrom": "start"}}),
    "line": Scene(
        [number("A", dialerPriority=1), number("B", dialerPriority=1), number("C")],
        "2026-03-02T09:01",
        job=2,
        campaign={"maxSimultaneousCalls": 2, "ringSeconds": 600},
        commands=[
            {"at": "2026-03-02T09:05:00Z", "do": "lines", "lines": 0},
            {"at": "2026-03-02T09:30:00Z", "do": "lines", "lines": 1},
        ],
    ),
    "pacing": Scene([number(name) for name in "ABC"], "2026-03-02T09:00:04", job=2, campaign={"callsPerSecond": 0.08}),
    "pause": Scene(
        [number("A", finishDateTime="2026-03-02T12:00:00Z")],
        "2026-03-02T10:30",
        commands=[{"at": "2026-03-02T09:00:00Z", "do": "pause"}, {"at": "2026-03-02T13:00:00Z", "do": "resume"}],
    ),
    "attempts used up": Scene([number("A", **TWICE)], "2026-03-03T09:00", script={"0": ["busy", "failed"]}),
    "attempts of the phone used up": Scene(
        [number("A", **TWICE)], "2026-03-02T12:00", campaign={"maxAttemptsPerPhone": 1}
    ),
    "never callable": Scene(
        [number("A", allowedDays=["mon"], allowedTime={"tue": TEN_TO_SIX["allowedTime"]["default"]})],
        "2026-03-02T09:00",
    ),
    "a call in progress": Scene(
        [number("A", **TWICE)],
        "2026-03-02T09:01",
        script={"0": [{"outcome": "answered", "ringSeconds": 12.5, "talkSeconds": 107.25, "result": True}]},
    ),
    "the end of a call": Scene([number("A", **TWICE)], "2026-03-02T09:00:30"),
    "a redial": Scene(
        [number("A", **TWICE)],
        "2026-03-02T20:00",
        script={
            "0": [
                {
                    "outcome": "answered",
                    "redial": {
                        "allowedTime": {"tue": TEN_TO_SIX["allowedTime"]["default"]},
                        "retryIntervalInMinutes": 1,
                    },
                },
                "busy",
            ]
        },
    ),
}

TRANSCRIPTS = {
    "weekday": """
        79000000065, job 0, on the clock of Europe/Berlin (as the request says)

        Accepted at Mon 2026-03-02 10:00:00 Europe/Berlin (2026-03-02 09:00:00Z)
          allowedDays             wed, thu (number)
          allowedTime             wed, thu 10:00-18:00 (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 10:00:00 Europe/Berlin (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Wed 2026-03-04 00:00:00 Europe/Berlin (2026-03-03 23:00:00Z): mon, tue are not among allowedDays, set by the number [weekday]
          waited to  Wed 2026-03-04 10:00:00 Europe/Berlin (2026-03-04 09:00:00Z): outside the windows (wed 10:00-18:00), set by the number [window]
          dialled    Wed 2026-03-04 10:00:00 Europe/Berlin (2026-03-04 09:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Wed 2026-03-04 10:00:30 Europe/Berlin (2026-03-04 09:00:30Z): its attempts are used up.

        At Tue 2026-03-03 11:00:00 Europe/Berlin (2026-03-03 10:00:00Z) it is planned, and it is not dialled, because
          tue is not among allowedDays, set by the number [weekday], until Wed 2026-03-04 00:00:00 Europe/Berlin (2026-03-03 23:00:00Z)
        By its policy it is next allowed at Wed 2026-03-04 10:00:00 Europe/Berlin (2026-03-04 09:00:00Z).
        It is next dialled at Wed 2026-03-04 10:00:00 Europe/Berlin (2026-03-04 09:00:00Z).
    """,
    "the night of another weekday": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             tue, wed (number)
          allowedTime             tue, wed 22:00-06:00 (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Tue 2026-03-03 06:00:00 Z (2026-03-03 06:00:00Z): mon is not among allowedDays, set by the number [weekday]
          waited to  Tue 2026-03-03 22:00:00 Z (2026-03-03 22:00:00Z): outside the windows (tue 22:00 to wed 06:00), set by the number [window]
          dialled    Tue 2026-03-03 22:00:00 Z (2026-03-03 22:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Tue 2026-03-03 22:00:30 Z (2026-03-03 22:00:30Z): its attempts are used up.

        At Tue 2026-03-03 02:00:00 Z (2026-03-03 02:00:00Z) it is planned, and it is not dialled, because
          mon is not among allowedDays, set by the number [weekday], until Tue 2026-03-03 06:00:00 Z (2026-03-03 06:00:00Z)
        By its policy it is next allowed at Tue 2026-03-03 22:00:00 Z (2026-03-03 22:00:00Z).
        It is next dialled at Tue 2026-03-03 22:00:00 Z (2026-03-03 22:00:00Z).
    """,
    "window": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 22:00-06:00 (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Mon 2026-03-02 22:00:00 Z (2026-03-02 22:00:00Z): outside the windows (mon 22:00 to tue 06:00), set by the number [window]
          dialled    Mon 2026-03-02 22:00:00 Z (2026-03-02 22:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Mon 2026-03-02 22:00:30 Z (2026-03-02 22:00:30Z): its attempts are used up.

        At Mon 2026-03-02 21:59:59.999 Z (2026-03-02 21:59:59.999Z) it is planned, and it is not dialled, because
          outside the windows (mon 22:00 to tue 06:00), set by the number [window], until Mon 2026-03-02 22:00:00 Z (2026-03-02 22:00:00Z)
        By its policy it is next allowed at Mon 2026-03-02 22:00:00 Z (2026-03-02 22:00:00Z).
        It is next dialled at Mon 2026-03-02 22:00:00 Z (2026-03-02 22:00:00Z).
    """,
    "holiday": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
          startDateTime           Mon 2026-03-09 08:00:00 Z (2026-03-09 08:00:00Z) (number)
        Attempt 1 of 1
          due        Mon 2026-03-09 08:00:00 Z (2026-03-09 08:00:00Z): its startDateTime, set by the number
          waited to  Tue 2026-03-10 00:00:00 Z (2026-03-10 00:00:00Z): no window starts on 2026-03-09, a public holiday of the campaign [holiday]
          dialled    Tue 2026-03-10 00:00:00 Z (2026-03-10 00:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Tue 2026-03-10 00:00:30 Z (2026-03-10 00:00:30Z): its attempts are used up.

        At Mon 2026-03-09 12:00:00 Z (2026-03-09 12:00:00Z) it is planned, and it is not dialled, because
          no window starts on 2026-03-09, a public holiday of the campaign [holiday], until Tue 2026-03-10 00:00:00 Z (2026-03-10 00:00:00Z)
        By its policy it is next allowed at Tue 2026-03-10 00:00:00 Z (2026-03-10 00:00:00Z).
        It is next dialled at Tue 2026-03-10 00:00:00 Z (2026-03-10 00:00:00Z).
    """,
    "blackout date": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 22:00-06:00 (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Wed 2026-03-04 06:00:00 Z (2026-03-04 06:00:00Z): no window starts on 2026-03-02 to 2026-03-03, blackout dates of the campaign [blackoutDate]
          waited to  Wed 2026-03-04 22:00:00 Z (2026-03-04 22:00:00Z): outside the windows (wed 22:00 to thu 06:00), set by the number [window]
          dialled    Wed 2026-03-04 22:00:00 Z (2026-03-04 22:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Wed 2026-03-04 22:00:30 Z (2026-03-04 22:00:30Z): its attempts are used up.

        At Wed 2026-03-04 01:00:00 Z (2026-03-04 01:00:00Z) it is planned, and it is not dialled, because
          no window starts on 2026-03-03, a blackout date of the campaign [blackoutDate], until Wed 2026-03-04 06:00:00 Z (2026-03-04 06:00:00Z)
        By its policy it is next allowed at Wed 2026-03-04 22:00:00 Z (2026-03-04 22:00:00Z).
        It is next dialled at Wed 2026-03-04 22:00:00 Z (2026-03-04 22:00:00Z).
    """,
    "start date": """
        79000000065, job 0, on the clock of Europe/Berlin (as the request says)

        Accepted at Mon 2026-03-02 10:00:00 Europe/Berlin (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 10:00-18:00 (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
          startDateTime           Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z) (number)
        Attempt 1 of 1
          due        Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z): its startDateTime, set by the number
          dialled    Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z): noAnswer, 30 s
        Ended as noAnswer at Fri 2026-03-06 16:30:30 Europe/Berlin (2026-03-06 15:30:30Z): its attempts are used up.

        At Thu 2026-03-05 21:00:00 Europe/Berlin (2026-03-05 20:00:00Z) it is planned, and it is not dialled, because
          it is not due yet, by its startDateTime, set by the number [notDue], until Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z)
          outside the windows (thu 10:00-18:00, fri 10:00-18:00), set by the number [window], until Fri 2026-03-06 10:00:00 Europe/Berlin (2026-03-06 09:00:00Z)
        By its policy it is next allowed at Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z).
        It is next dialled at Fri 2026-03-06 16:30:00 Europe/Berlin (2026-03-06 15:30:00Z).
    """,
    "finish date": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
          finishDateTime          Mon 2026-03-02 10:00:00 Z (2026-03-02 10:00:00Z) (number)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): noAnswer, 30 s
        Attempt 2 of 2
          due        Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): 90 minutes after attempt 1, set by the number
          not dialled
        Ended as notDone at Mon 2026-03-02 09:00:30 Z (2026-03-02 09:00:30Z): no allowed time is left from its next due time to its finish.

        At Mon 2026-03-02 10:00:00 Z (2026-03-02 10:00:00Z) it is notDone, and it is not dialled, because
          it has ended as notDone: no allowed time is left from its next due time to its finish [ended: noWindowBeforeFinish]
          its finishDateTime has passed, set by the number [finishDateTime]
        It is never dialled again.
    """,
    "retry pause": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): noAnswer, 30 s
        Attempt 2 of 2
          due        Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z): 90 minutes after the start of attempt 1, set by the number
          dialled    Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z): noAnswer, 30 s
        Ended as noAnswer at Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): its attempts are used up.

        At Mon 2026-03-02 09:45:00 Z (2026-03-02 09:45:00Z) it is onRetry, and it is not dialled, because
          it is not due yet, by its retryIntervalInMinutes, set by the number [notDue], until Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z)
        By its policy it is next allowed at Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z).
        It is next dialled at Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z).
    """,
    "line": """
        79000000067, job 2, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Mon 2026-03-02 09:05:00 Z (2026-03-02 09:05:00Z): all 2 lines are taken, and 2 dials of a stronger rank went first [line]
          waited to  Mon 2026-03-02 09:30:00 Z (2026-03-02 09:30:00Z): there is no line [line]
          dialled    Mon 2026-03-02 09:30:00 Z (2026-03-02 09:30:00Z): noAnswer, 600 s
        Ended as noAnswer at Mon 2026-03-02 09:40:00 Z (2026-03-02 09:40:00Z): its attempts are used up.

        At Mon 2026-03-02 09:01:00 Z (2026-03-02 09:01:00Z) it is planned, and it is not dialled, because
          all 2 lines are taken [line], until Mon 2026-03-02 09:30:00 Z (2026-03-02 09:30:00Z)
        By its policy it is next allowed at Mon 2026-03-02 09:01:00 Z (2026-03-02 09:01:00Z).
        It is next dialled at Mon 2026-03-02 09:30:00 Z (2026-03-02 09:30:00Z).
    """,
    "pacing": """
        79000000067, job 2, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Mon 2026-03-02 09:00:25 Z (2026-03-02 09:00:25Z): dials are 12.5 s apart (callsPerSecond) [pacing]
          dialled    Mon 2026-03-02 09:00:25 Z (2026-03-02 09:00:25Z): noAnswer, 30 s
        Ended as noAnswer at Mon 2026-03-02 09:00:55 Z (2026-03-02 09:00:55Z): its attempts are used up.

        At Mon 2026-03-02 09:00:04 Z (2026-03-02 09:00:04Z) it is planned, and it is not dialled, because
          dials are 12.5 s apart (callsPerSecond) [pacing], until Mon 2026-03-02 09:00:25 Z (2026-03-02 09:00:25Z)
        By its policy it is next allowed at Mon 2026-03-02 09:00:04 Z (2026-03-02 09:00:04Z).
        It is next dialled at Mon 2026-03-02 09:00:25 Z (2026-03-02 09:00:25Z).
    """,
    "pause": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
          finishDateTime          Mon 2026-03-02 12:00:00 Z (2026-03-02 12:00:00Z) (number)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          waited to  Mon 2026-03-02 12:00:00 Z (2026-03-02 12:00:00Z): the campaign is paused [paused]
          not dialled
        Ended as notDone at Mon 2026-03-02 12:00:00 Z (2026-03-02 12:00:00Z): its turn had not come before its last window or its finish was over.

        At Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z) it is planned, and it is not dialled, because
          the campaign is paused [paused], until Mon 2026-03-02 13:00:00 Z (2026-03-02 13:00:00Z)
        By its policy it is next allowed at Mon 2026-03-02 10:30:00 Z (2026-03-02 10:30:00Z).
        It is not dialled in this run.
    """,
    "attempts used up": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): busy, 30 s
        Attempt 2 of 2
          due        Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): 90 minutes after attempt 1, set by the number
          dialled    Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): failed, 30 s
        Ended as technicalError at Mon 2026-03-02 10:31:00 Z (2026-03-02 10:31:00Z): its attempts are used up.

        At Tue 2026-03-03 09:00:00 Z (2026-03-03 09:00:00Z) it is technicalError, and it is not dialled, because
          it has ended as technicalError: its attempts are used up [ended: attemptsUsedUp]
        It is never dialled again.
    """,
    "attempts of the phone used up": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): noAnswer, 30 s
        Ended as noAnswer at Mon 2026-03-02 09:00:30 Z (2026-03-02 09:00:30Z): the attempts of its phone in the campaign are used up.

        At Mon 2026-03-02 12:00:00 Z (2026-03-02 12:00:00Z) it is noAnswer, and it is not dialled, because
          it has ended as noAnswer: the attempts of its phone in the campaign are used up [ended: phoneAttemptsUsedUp]
        It is never dialled again.
    """,
    "never callable": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             mon (number)
          allowedTime             mon never (number)
          retryIntervalInMinutes  60 (default)
          maxAttempts             1 (default)
          dialerPriority          5 (default)
        Attempt 1 of 1
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          not dialled
        Ended as notDone at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): its days, hours and the closed dates leave no allowed time within 366 days.

        At Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z) (until then planned) it is not dialled, because
          it ends then as notDone: its days, hours and the closed dates leave no allowed time within 366 days [ended: neverOpen]
        It is never dialled.
    """,
    "a call in progress": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): answered, 119.75 s, of which 107.25 s talk
        Ended as longCallWithResult at Mon 2026-03-02 09:01:59.750 Z (2026-03-02 09:01:59.750Z): it was answered.

        At Mon 2026-03-02 09:01:00 Z (2026-03-02 09:01:00Z) it is inProcess, and it is not dialled, because
          the call of attempt 1 is in progress [inCall], until Mon 2026-03-02 09:01:59.750 Z (2026-03-02 09:01:59.750Z)
        It is never dialled again.
    """,
    "the end of a call": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): noAnswer, 30 s
        Attempt 2 of 2
          due        Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): 90 minutes after attempt 1, set by the number
          dialled    Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z): noAnswer, 30 s
        Ended as noAnswer at Mon 2026-03-02 10:31:00 Z (2026-03-02 10:31:00Z): its attempts are used up.

        At Mon 2026-03-02 09:00:30 Z (2026-03-02 09:00:30Z) (until then inProcess) it is not dialled, because
          it is not due yet, by its retryIntervalInMinutes, set by the number [notDue], until Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z)
        By its policy it is next allowed at Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z).
        It is next dialled at Mon 2026-03-02 10:30:30 Z (2026-03-02 10:30:30Z).
    """,
    "a redial": """
        79000000065, job 0, on the clock of Z (as the request says)

        Accepted at Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z)
          allowedDays             every day (default)
          allowedTime             mon to sun 00:00-24:00 (default)
          retryIntervalInMinutes  90 (number)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): at once, when it was accepted
          dialled    Mon 2026-03-02 09:00:00 Z (2026-03-02 09:00:00Z): answered, 90 s, of which 60 s talk
        Ended as longCallWithNoResult at Mon 2026-03-02 09:01:30 Z (2026-03-02 09:01:30Z): it was answered.

        Redial 1, asked for at Mon 2026-03-02 09:01:30 Z (2026-03-02 09:01:30Z)
          allowedDays             every day (default)
          allowedTime             mon never (redial)
          allowedTime             tue 10:00-18:00 (redial)
          allowedTime             wed to sun never (redial)
          retryIntervalInMinutes  1 (redial)
          maxAttempts             2 (number)
          dialerPriority          5 (default)
        Attempt 1 of 2
          due        Mon 2026-03-02 09:01:30 Z (2026-03-02 09:01:30Z): at once, at the end of the conversation
          waited to  Tue 2026-03-03 10:00:00 Z (2026-03-03 10:00:00Z): outside the windows (mon never, tue 10:00-18:00), set by the redial [window]
          dialled    Tue 2026-03-03 10:00:00 Z (2026-03-03 10:00:00Z): busy, 30 s
        Attempt 2 of 2
          due        Tue 2026-03-03 10:01:30 Z (2026-03-03 10:01:30Z): 1 minute after attempt 1, set by the redial
          dialled    Tue 2026-03-03 10:01:30 Z (2026-03-03 10:01:30Z): noAnswer, 30 s
        Ended as noAnswer at Tue 2026-03-03 10:02:00 Z (2026-03-03 10:02:00Z): its attempts are used up.

        At Mon 2026-03-02 20:00:00 Z (2026-03-02 20:00:00Z) it is planned, and it is not dialled, because
          outside the windows (mon never, tue 10:00-18:00), set by the redial [window], until Tue 2026-03-03 10:00:00 Z (2026-03-03 10:00:00Z)
        By its policy it is next allowed at Tue 2026-03-03 10:00:00 Z (2026-03-03 10:00:00Z).
        It is next dialled at Tue 2026-03-03 10:00:00 Z (2026-03-03 10:00:00Z).
    """,
}


@pytest.mark.parametrize("name", SCENES)
def test_an_explanation_reads_so(name: str) -> None:
    """R3.6, R3.7, R3.10, R5.2, R6.3, R9.1, R9.2, R9.4, R10.2, R11, R12.5, R13.2."""
    assert SCENES[name].told() == dedent(TRANSCRIPTS[name]).strip()


def test_a_call_that_outlasts_its_interval_is_said_to_do_so() -> None:
    """R9.2: under `retryFrom: start` the retry is due at its end, however long that took."""
    campaign = {"readings": {"retryFrom": "start"}, "ringSeconds": 600}
    text = Scene([number("A", maxAttempts=2, retryIntervalInMinutes=1)], None, campaign=campaign).told()

    assert (
        "  due        Mon 2026-03-02 09:10:00 Z (2026-03-02 09:10:00Z): "
        "the end of attempt 1, which took longer than the 1 minute, set by the number" in text.splitlines()
    )


def test_what_the_run_does_not_know_has_no_end() -> None:
    """R11.1, R13.2: no line comes back in this run, and nobody resumes it."""
    commands: list[dict[str, Any]] = [
        {"at": "2026-03-02T09:00:00Z", "do": "pause"},
        {"at": "2026-03-02T09:00:00Z", "do": "lines", "lines": 0},
    ]
    lines = Scene([number("A")], "2026-03-02T12:00", commands=commands, until="2026-03-03").told().splitlines()

    assert lines[-4:] == [
        "  the campaign is paused [paused]",
        "  there is no line [line]",
        "By its policy it is next allowed at Mon 2026-03-02 12:00:00 Z (2026-03-02 12:00:00Z).",
        "It is not dialled in this run.",
    ]


def test_dates_that_close_more_than_a_year_are_a_span_without_an_end() -> None:
    """R3.10, R12.5: a calendar is searched for 366 days, and what lies behind them is not known."""
    days = [instant(at("2026-03-02") + place * 86_400_000)[:10] for place in range(400)]
    scene = Scene(
        [number("A", startDateTime="2027-12-01T00:00:00Z")],
        "2026-03-02T09:30",
        campaign={"blackoutDates": days},
        until="2028-01-01",
    )

    assert scene.told().splitlines()[-3] == (
        "  no window starts on 2026-03-02 to 2027-03-03, blackout dates of the campaign [blackoutDate]"
    )


FIELDS = ("allowedDays", "allowedTime.mon", "retryIntervalInMinutes", "maxAttempts", "dialerPriority")
DATES = ("startDateTime", "finishDateTime")
NOON = {"allowedTime": {"default": [{"localTimeFrom": "12:00", "localTimeTo": "13:00"}]}}
OWN = {
    "allowedDays": ["mon", "wed"],
    "retryIntervalInMinutes": 30,
    "maxAttempts": 3,
    "dialerPriority": 1,
    "finishDateTime": "2026-03-20T00:00:00Z",
    **NOON,
}
BARE = {"startAfterMinutes": 5}


@pytest.mark.parametrize(
    ("redial", "reading", "levels", "dates"),
    [
        pytest.param(BARE, "number", ["number"] * 5, ("redial", "number"), id="of the number, all that it has"),
        pytest.param(
            BARE, "campaign", ["campaign"] * 4 + ["number"], ("redial", "number"), id="of the number, what R6.2 leaves"
        ),
        pytest.param({**BARE, **OWN}, "number", ["redial"] * 5, ("redial", "redial"), id="its own"),
        pytest.param({**BARE, **OWN}, "campaign", ["redial"] * 5, ("redial", "redial"), id="its own in both readings"),
        pytest.param(
            NOON,
            "number",
            ["number", "redial", *["number"] * 3],
            ("default", "number"),
            id="the hours alone are its own",
        ),
        pytest.param(
            NOON,
            "campaign",
            ["campaign", "redial", "campaign", "campaign", "number"],
            ("default", "number"),
            id="the hours alone are its own, and the number's are left out",
        ),
    ],
)
def test_a_redial_says_of_each_field_which_level_set_it(
    redial: dict[str, Any], reading: str, levels: list[str], dates: tuple[str, str]
) -> None:
    """R6.2, R6.3, R10.2: of three levels that all set everything, the strongest that counts."""
    mine = {"allowedDays": ["mon", "tue"], "retryIntervalInMinutes": 20, "maxAttempts": 2, "dialerPriority": 2}
    theirs = {"allowedDays": ["mon"], "retryIntervalInMinutes": 10, "maxAttempts": 4, "dialerPriority": 3}
    finish = {"startDateTime": "2026-03-02T09:30:00Z", "finishDateTime": "2026-03-25T00:00:00Z"}
    timeline = Scene(
        [number("A", **mine, **finish, **TEN_TO_SIX)],
        None,
        campaign={"policy": {**theirs, **TEN_TO_SIX}, "readings": {"redialInherits": reading}},
        script={"0": [{"outcome": "answered", "redial": redial}]},
    ).played()
    first, second = timeline.explain(0).series
    rows = {name: (value, level) for name, value, level in second.policy()}

    assert [level for name, _, level in first.policy() if name in FIELDS + DATES] == ["number"] * 7
    assert [rows[name][1] for name in FIELDS] == levels
    assert tuple(rows[name][1] for name in DATES) == dates
    assert rows["gmtZone"] == ("Z", "request")
    assert rows["finishDateTime"][0] == (OWN if "finishDateTime" in redial else finish)["finishDateTime"]


def test_the_data_of_an_explanation_is_this() -> None:
    """R6.3: every key, each field of the policy with its level, and stable codes."""
    scene = Scene(
        [number("A", **TWICE, allowedDays=["tue"])],
        "2026-03-02T12:00",
        campaign={"callsPerSecond": 1},
        script={"0": [{"outcome": "answered", "ringSeconds": 1.5, "talkSeconds": 60}]},
    )
    whole = ["00:00-24:00"]
    assert scene.played().explain(0, at("2026-03-02T12:00")).as_data() == {
        "job": 0,
        "phone": "79000000065",
        "series": [
            {
                "redialNumber": None,
                "acceptedAt": "2026-03-02T09:00:00Z",
                "policy": [
                    {"field": "gmtZone", "value": "Z", "level": "request"},
                    {"field": "allowedDays", "value": ["tue"], "level": "number"},
                    *(
                        {"field": f"allowedTime.{day}", "value": whole if day == "tue" else [], "level": "default"}
                        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
                    ),
                    {"field": "retryIntervalInMinutes", "value": 90, "level": "number"},
                    {"field": "maxAttempts", "value": 2, "level": "number"},
                    {"field": "dialerPriority", "value": 5, "level": "default"},
                    {"field": "startDateTime", "value": None, "level": "default"},
                    {"field": "finishDateTime", "value": None, "level": "default"},
                ],
                "attempts": [
                    {
                        "attempt": 1,
                        "due": "2026-03-02T09:00:00Z",
                        "because": "accepted",
                        "level": "number",
                        "waits": [
                            {
                                "code": "weekday",
                                "from": "2026-03-02T09:00:00Z",
                                "until": "2026-03-03T00:00:00Z",
                                "days": {"mon": "number"},
                            }
                        ],
                        "at": "2026-03-03T00:00:00Z",
                        "outcome": "answered",
                        "seconds": 61.5,
                    }
                ],
                "state": "longCallWithNoResult",
                "endedAt": "2026-03-03T00:01:01.500Z",
                "reason": "answered",
            }
        ],
        "at": {
            "at": "2026-03-02T12:00:00Z",
            "state": "planned",
            "forbidden": [
                {
                    "code": "weekday",
                    "from": "2026-03-02T12:00:00Z",
                    "until": "2026-03-03T00:00:00Z",
                    "days": {"mon": "number"},
                }
            ],
            "nextAllowed": "2026-03-03T00:00:00Z",
            "nextDial": "2026-03-03T00:00:00Z",
        },
    }


def test_dates_of_long_ago_cost_no_look_at_the_years_since() -> None:
    """R5.1: they are told on the clock of their time."""
    text = Scene(
        [
            number(
                "A",
                gmtZone="Europe/Berlin",
                startDateTime="0002-01-01T00:00:00Z",
                finishDateTime="9998-01-01T00:00:00Z",
            )
        ],
        None,
    ).told()

    assert "startDateTime           Tue 0002-01-01 00:53:28 Europe/Berlin (0002-01-01 00:00:00Z) (number)" in text
    assert "finishDateTime          Thu 9998-01-01 01:00:00 Europe/Berlin (9998-01-01 00:00:00Z) (number)" in text


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_call_that_ends_where_the_run_does_is_in_progress_there(attempts: int) -> None:
    """R8.5, R12.5: what is at the end of a run has not happened in it, so nothing is known of what comes of the call."""
    end = "2026-03-02T09:00:30"
    lines = Scene([number("A", maxAttempts=attempts)], end, until=end).told().splitlines()

    assert lines[lines.index("", 3) + 1 :][:2] == [
        "At Mon 2026-03-02 09:00:30 Z (2026-03-02 09:00:30Z) it is inProcess, and it is not dialled, because",
        "  the call of attempt 1 is in progress [inCall], until Mon 2026-03-02 09:00:30 Z (2026-03-02 09:00:30Z)",
    ]
    assert lines[-1] == "It is not dialled again in this run."
