"""What the page asks: all that is wrong with it at once, each with its text and its line; and what holds for all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.engine.simulation import simulate
from scheduler.outcomes import Model, Script
from scheduler.page.asked import Run, read
from scheduler.page.example import page_example
from scheduler.page.problems import MAX_TOLD, Unreadable
from scheduler.page.told import Asked, Override, ProblemTold
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import MINUTE_MS, parse_moment
from tests.commandline import many, number, request

NOW = "2026-03-02T09:00:00Z"
PRESENT_MS = parse_moment("2026-03-05T12:00:00Z")


def run_of(body: str, most: int = 1000, progress: Any = None, **asked: Any) -> Run:
    """What is read of a request, and of what is asked beside it."""
    return read(
        Asked(request="r", **{"now": NOW, **asked}),
        body.encode(),
        present_ms=PRESENT_MS,
        most_numbers=most,
        progress=progress,
    )


def problems_of(body: str, most: int = 1000, **asked: Any) -> list[ProblemTold]:
    """What is wrong."""
    with pytest.raises(Unreadable) as caught:
        run_of(body, most, **asked)
    return caught.value.problems


def places(problems: list[ProblemTold]) -> list[tuple[str, str, int | None]]:
    """In which text each is, where in it, and on which line."""
    return [(each.in_, each.path, each.line) for each in problems]


def test_what_is_wrong_with_all_texts_is_told_at_once() -> None:
    """R15.1: whatever else is wrong."""
    problems = problems_of(
        request(number(1)),
        campaign="lines = 3",
        until="noon",
        outcomes='{"phones": {"79123456789": ["bsy"]}}',
        override=Override(maxAttempts=99, allowedDays=[]),
    )

    assert sorted(places(problems)) == [
        ("campaign", "$.lines", None),
        ("outcomes", '$.phones["79123456789"][0]', None),
        ("request", "$[0].phone", None),
        ("run", "$.override.allowedDays", None),
        ("run", "$.override.maxAttempts", None),
        ("run", "$.until", None),
    ]
    assert next(each.job for each in problems if each.in_ == "request") == 0
    assert all(each.message and each.type and each.count == 1 for each in problems)


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ('{"phone": "79123456789"}\n\n{"phone": "x"}\n', 3, "not a phone number"),
        ("phone,gmtZone\n79123456789,Z\n\nx,Z\n", 4, "not a phone number"),
        ('phone,payload\n79123456789,"[1,\n2]"\nx,1\n', 4, "not a phone number"),
        ("phone,lines\n", 1, "no such column"),
        ('[\n{"phone": "79123456789"},\n{]\n', 3, "not JSON"),
        ('[{"phone": "x"}]', None, "not a phone number"),
    ],
)
def test_a_problem_of_a_request_is_told_with_its_line_and_not_in_its_words(
    body: str, line: int | None, said: str
) -> None:
    (problem,) = problems_of(body)

    assert (problem.in_, problem.line) == ("request", line)
    assert problem.message.startswith(said)


@pytest.mark.parametrize(
    ("text", "line"),
    [("name = 'a'\nlines 3\n", 2), ('{\n"name": "a",\n"lines" 3}', 3), ("maxSimultaneousCalls = 0", None)],
)
def test_a_problem_of_a_campaign_file_is_told_with_its_line_where_that_is_known(text: str, line: int | None) -> None:
    (problem,) = problems_of(request(number()), campaign=text)

    assert (problem.in_, problem.line) == ("campaign", line)


def test_a_warning_is_told_with_its_text_its_line_and_how_many_there_are() -> None:
    """R15.3."""
    body = "".join(json.dumps({**number(79000000000 + place), "hue": place}) + "\n" for place in range(3))

    run = run_of("\n" + body, campaign='startTime = "2026-03-01T00:00"', until="2026-03-09T00:00")

    told = {each.in_: (each.path, each.count, each.line) for each in run.warnings}
    assert told == {
        "campaign": ("$.startTime", 1, None),
        "run": ("$.until", 1, None),
        "request": ("$[0].hue", 3, 2),
    }


def test_no_more_problems_than_a_page_can_show_are_told_and_the_rest_is_counted() -> None:
    body = request(*(number("x", payload=place) for place in range(MAX_TOLD + 5)))

    with pytest.raises(Unreadable) as caught:
        run_of(body, 2 * MAX_TOLD)

    assert (len(caught.value.problems), caught.value.more) == (MAX_TOLD, 5)


def test_more_numbers_than_are_taken_are_a_problem_of_the_request() -> None:
    (problem,) = problems_of(many(4), 3)

    assert (problem.in_, problem.type, problem.path) == ("request", "too.large", "$")
    assert "4 numbers are more than 3" in problem.message


@pytest.mark.parametrize(
    ("asked", "path", "said"),
    [
        ({"until": "2026-03-02T09:00:00Z"}, "$.until", "does not lie after the beginning"),
        ({"now": "9999-12-31"}, "$.now", "the last instant that there is"),
        ({"now": "2026-13-01"}, "$.now", "not a date and time"),
    ],
)
def test_a_run_that_cannot_be_is_a_problem_of_the_run(asked: dict[str, Any], path: str, said: str) -> None:
    """R12.5."""
    (problem,) = problems_of(request(number()), **asked)

    assert (problem.in_, problem.path) == ("run", path)
    assert said in problem.message


def test_without_a_beginning_it_begins_at_present_and_without_an_end_a_year_later() -> None:
    run = run_of(request(number()), now=None)

    assert run.now_ms == PRESENT_MS
    assert run.until_ms == PRESENT_MS + 366 * 24 * 60 * MINUTE_MS


def test_how_many_numbers_set_each_field_themselves_is_counted() -> None:
    body = request(
        number(),
        number(79000000001, maxAttempts=2, dialerPriority=1),
        number(79000000002, maxAttempts=2, allowedDays=["mon"], startDateTime=NOW),
        {"phone": "79000000003"},
    )

    own = run_of(body, override=Override(maxAttempts=5)).own

    assert own == {"maxAttempts": 2, "dialerPriority": 1, "allowedDays": 1, "startDateTime": 1, "gmtZone": 3}


def test_reading_says_how_far_it_is_and_can_be_stopped() -> None:
    told: list[tuple[int, int]] = []

    run_of(many(5000), 5000, progress=lambda done, of: told.append((done, of)))

    assert told == [(0, 5000), (2048, 5000), (4096, 5000), (5000, 5000)]

    def stop(done: int, _: int) -> None:
        if done > 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(many(5000), 5000, progress=stop)


# -- what holds whatever the request says ----------------------------------------------------------------


def test_what_is_overridden_holds_for_every_number_and_nothing_else_changes() -> None:
    """As if each number said so itself; R8.3: it does not make it custom."""
    evening = {"default": [{"localTimeFrom": "18:00", "localTimeTo": "20:00"}]}
    body = request(
        number(), number(79000000001, maxAttempts=2, allowedTime=evening), number(79000000002, allowedDays=["sun"])
    )
    override = Override(allowedDays=["tue", "thu"], retryIntervalInMinutes=30, maxAttempts=4)

    plain = run_of(body, campaign="[policy]\nmaxAttempts = 3")
    run = run_of(body, campaign="[policy]\nmaxAttempts = 3", override=override)

    assert run.overridden == {"allowed_days", "retry_min", "max_attempts"}
    for before, after in zip(plain.jobs, run.jobs, strict=True):
        assert set(after.policy.allowed_days or ()) == {DAYS.index("tue"), DAYS.index("thu")}
        assert (after.policy.retry_ms, after.policy.max_attempts) == (30 * MINUTE_MS, 4)
        assert after.policy.priority == before.policy.priority
        assert after.custom == before.custom
        assert after.policy.any_day == before.policy.any_day
    assert ("allowedDays, for every number", "tue, thu") in run.made


def test_what_is_not_set_overrides_nothing() -> None:
    body = request(number(maxAttempts=2))

    assert run_of(body, override=Override()).jobs == run_of(body).jobs
    assert run_of(body, override=Override()).overridden == frozenset()


def test_redials_are_under_what_is_overridden_too() -> None:
    """R6.2, R10.3: also where they set it themselves; a redial has no more than five attempts."""
    redial = {"startAfterMinutes": 60, "maxAttempts": 1}
    answered = {"outcome": "answered", "redial": redial}
    script = json.dumps({"phones": {"79123456789": [answered, "busy"]}, "jobs": {"0": [answered]}})
    model = json.dumps({"model": {"answered": 1, "redial": {"share": 1, **redial}}})
    override = Override(maxAttempts=9)

    source = run_of(request(number()), outcomes=script, override=override).source
    assert isinstance(source, Script)
    asked = [*source.phones["79123456789"], *source.jobs[0]]
    assert [call.redial and call.redial.policy.max_attempts for call in asked] == [5, None, 5]
    source = run_of(request(number()), outcomes=model, override=override).source
    assert isinstance(source, Model)
    assert source.redial is not None
    assert source.redial.policy.max_attempts == 5


# -- the example -----------------------------------------------------------------------------------------


def test_the_example_is_accepted_without_a_warning_and_shows_every_kind_of_number() -> None:
    example = page_example()

    run = read(
        Asked(request="r", campaign=example.campaign, now=example.now, outcomes=example.outcomes),
        example.request.encode(),
        present_ms=0,
        most_numbers=100,
    )
    timeline = simulate(run.campaign, run.jobs, now=run.now_ms, until=run.until_ms, outcomes=run.source)

    assert run.warnings == ()
    assert 40 <= len(run.jobs) <= 60
    assert run.own.keys() >= {"allowedDays", "allowedTime", "maxAttempts", "retryIntervalInMinutes", "dialerPriority"}
    assert len({job.zone for job in run.jobs}) >= 6
    summary = timeline.summary()
    assert summary.undialled
    assert 0.5 < summary.reach < 1
    assert summary.waiting.longest_ms
    (new_york,) = {job.zone for job in run.jobs if job.zone.name == "America/New_York"}
    assert len(list(new_york.runs(timeline.now_ms, timeline.columns.at[-1]))) == 2
