"""What a change did to a timeline: which dials are gone, new or moved, by a count on dictionaries; and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from scheduler import (
    Cancel,
    Stop,
    Timeline,
    never,
    read_campaign,
    read_outcomes,
    read_request,
    read_scenario,
    simulate,
)
from scheduler.policy.laws import LAWS
from scheduler.testing.change import Change, Kind
from scheduler.testing.changes import Changes
from scheduler.testing.comparing import compare
from scheduler.testing.pinned import NONE, JobKey, Pinned, PinnedDial, PinnedJob, pin
from scheduler.testing.reasons import SENTENCES, Reason, differences
from scheduler.testing.rules import Rules
from scheduler.testing.waits import MAX_EXPLAINED, Waits
from tests.scenarios import Scene, any_scenes, performed
from tests.strategies import DAYS, HOUR_MS, Case, any_cases, at, campaign_of, jobs_of, levels, played

FRIDAY = "2026-03-06T15:30:00Z"  # 18:30 in Moscow
DAY_MS = 24 * HOUR_MS
LINE = {"maxSimultaneousCalls": 1}
DAILY = {"maxSimultaneousCalls": [{"from": "09:00", "lines": 1}]}
ONCE = {"maxAttempts": 1}
NO_FRIDAY = ["mon", "tue", "wed", "thu"]

# -- the oracle: plain dictionaries ----------------------------------------------------------------------------------

SWAPPED = {
    "numberLost": "numberGained",
    "redialLost": "redialGained",
    "dialLost": "dialGained",
    "earlier": "later",
}


OF_DIALS = frozenset({"dialLost", "dialGained", "earlier", "later", "localTime", "outcome"})


def places(pinned: Pinned) -> dict[tuple[JobKey, int], PinnedDial]:
    """The dials by job and attempt."""
    return {(dial.job, dial.attempt): dial for dial in pinned.dials}


def expected(old: Pinned, new: Pinned) -> Counter[tuple[str, JobKey, int | None]]:
    """Every change, by its kind, its job and its attempt."""
    found: Counter[tuple[str, JobKey, int | None]] = Counter()
    for here, there, ending in ((old, new, "Lost"), (new, old, "Gained")):
        for key in here.jobs:
            if key not in there.jobs:
                found["redial" * (key.redial > 0) + "number" * (key.redial == 0) + ending, key, None] += 1
        for place in places(here):
            if place not in places(there):
                found["dial" + ending, *place] += 1
    for place, before in places(old).items():
        after = places(new).get(place)
        if after is None:
            continue
        if before.at_ms < after.at_ms:
            found["later", *place] += 1
        elif before.at_ms > after.at_ms:
            found["earlier", *place] += 1
        elif before.offset_s != after.offset_s:
            found["localTime", *place] += 1
        ends = [(dial.outcome, dial.length_ms, dial.abandoned) for dial in (before, after)]
        if ends[0] != ends[1]:
            found["outcome", *place] += 1
    for key, job in old.jobs.items():
        other = new.jobs.get(key)
        known = other is not None and job.state and other.state
        if other is not None and known and (job.state, job.reason) != (other.state, other.reason):
            found["ending", key, None] += 1
    return found


def changed_fields(old: Pinned, new: Pinned, key: JobKey) -> set[str]:
    """The names of fields of a job's policy, and of settings, that differ."""
    policies: list[Mapping[str, str]] = [run.jobs[key].policy if key in run.jobs else {} for run in (old, new)]
    names: set[str] = set()
    for before, after in (policies, (old.settings, new.settings)):
        names |= {name for name in before if name in after and before[name] != after[name]}
    if len({name for name in names if name.startswith("allowedTime.")}) == len(DAYS):
        names.add("allowedTime")
    return names


def check(old: Pinned, new: Pinned) -> Changes:
    """Compare two runs; it fails if the oracle finds others, if counts do not add up or a reason is none."""
    changes = compare(old, new)
    found = Counter(
        (each.kind.value, each.job, (dial := each.before or each.after) and dial.attempt) for each in changes.each
    )
    assert found == expected(old, new)
    counts = changes.counts
    assert len(old.dials) == counts[Kind.LOST] + changes.matched
    assert len(new.dials) == counts[Kind.GAINED] + changes.matched
    assert changes.same <= changes.matched
    dials_of_groups = sum(
        group.dials if "number" in group.kind or "redial" in group.kind else group.count
        for group in changes.groups
        if group.kind is not Kind.ENDING
    )
    dials_of_changes = sum(each.kind in OF_DIALS for each in changes.each)
    assert dials_of_groups == dials_of_changes
    for each in changes.each:
        if "redial" not in each.kind and not each.whole and each.job.redial == 0:
            named = {reason.field for reason in each.reasons if reason.code in {"policy", "setting"}}
            assert named <= changed_fields(old, new, each.job)
    assert len(changes.words(10**6)) == len(changes.groups) + len(changes.idle) + len(changes.versions) * bool(changes)
    return changes


def swapped(old: Pinned, new: Pinned) -> None:
    """Fails unless the way back is the way there, the other way round, and for the same fields."""
    there, back = compare(old, new), compare(new, old)
    other = {**SWAPPED, **{after: before for before, after in SWAPPED.items()}}
    assert {other.get(kind.value, kind.value): count for kind, count in there.counts.items()} == {
        kind.value: count for kind, count in back.counts.items()
    }

    def reasons(changes: Changes) -> Counter[object]:
        fields = ((each, sorted(reason.field for reason in each.reasons)) for each in changes.each)
        fields = ((each, sorted(reason.field for reason in each.reasons)) for each in changes.each)
        return Counter((each.job, at_ms(each), *names) for each, names in fields)

    assert reasons(there) == reasons(back)


def at_ms(change: Change) -> object:
    """The two instants of a change, in order."""
    return tuple(sorted(dial.at_ms for dial in (change.before, change.after) if dial is not None))


# -- random runs -----------------------------------------------------------------------------------------------------

PHONES = ("79123456789", "4930123456")
KEYS = tuple(JobKey(phone, nth, redial) for phone in PHONES for nth in (0, 1) for redial in (0, 1))
POLICIES: tuple[dict[str, str], ...] = (
    {},
    {"gmtZone": "Europe/Moscow", "allowedDays": "mon tue", "maxAttempts": "2", "allowedTime.mon": "10:00-18:00"},
    {"gmtZone": "Asia/Tokyo", "allowedDays": "tue fri", "maxAttempts": "1", "law": "us-fl", "startDateTime": "none"},
    {"retryIntervalInMinutes": "60", "dialerPriority": "1", "startDateTime": "5 min after the call", "law": "x"},
    {"gmtZone": "nowhere", "allowedDays": "someday", "allowedTime.mon": "noon", "maxAttempts": "many"},
)
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"name": "a", "now": "2026-03-02T09:00:00Z", "maxSimultaneousCalls": "none", "closedDates": "2026-03-02"},
    {"name": "b", "now": "2026-03-02T09:00:00Z", "maxSimultaneousCalls": "2", "retryFrom": "start"},
    {"pauses": "2026-03-02T09:00:00Z/.. 2026-03-02T08:00:00Z/2026-03-02T08:30:00Z", "until": "2026-03-03T00:00:00Z"},
)


ENDINGS = (("", None), ("planned", None), ("noAnswer", "attemptsUsedUp"), ("x", "answered"), ("notDone", "cancelled"))


def pinned_dials(key: JobKey, attempt: int) -> st.SearchStrategy[PinnedDial]:
    """A dial of a job at one of few instants."""
    return st.builds(
        PinnedDial,
        job=st.just(key),
        attempt=st.just(attempt),
        at_ms=st.integers(0, 3).map(lambda step: at("2026-03-02T07:00") + step * 7 * HOUR_MS),
        offset_s=st.sampled_from([0, 10800]),
        outcome=st.sampled_from(["noAnswer", "answered"]),
        length_ms=st.sampled_from([30_000, 30_250]),
        abandoned=st.booleans(),
    )


@st.composite
def pinned_runs(draw: st.DrawFn) -> Pinned:
    """A run of a few jobs on few instants, as no engine would make it."""
    jobs: dict[JobKey, PinnedJob] = {}
    dials: list[PinnedDial] = []
    for place, key in enumerate(sorted(draw(st.sets(st.sampled_from(KEYS))))):
        state, reason = draw(st.sampled_from(ENDINGS))
        policy = draw(st.sampled_from(POLICIES))
        jobs[key] = PinnedJob(key=key, index=place, zone="", policy=policy, state=state, reason=reason)
        dials += [draw(pinned_dials(key, attempt)) for attempt in sorted(draw(st.sets(st.integers(1, 3))))]
    return Pinned(settings=draw(st.sampled_from(SETTINGS)), jobs=jobs, dials=tuple(dials))


@settings(max_examples=40)
@given(pinned_runs(), pinned_runs())
def test_kinds_and_counts_are_those_of_a_count_on_dictionaries(old: Pinned, new: Pinned) -> None:
    """Gained, lost, earlier, later, other ends: whatever the runs are, and whatever their texts say."""
    check(old, new)
    swapped(old, new)


@settings(max_examples=50)
@given(pinned_runs())
def test_a_run_is_equal_to_itself(pinned: Pinned) -> None:
    """Nothing differs: no change, no field, no word."""
    changes = compare(pinned, pinned)

    assert not changes
    assert (changes.words(), changes.groups, changes.fields, changes.moved) == ([], [], (), False)
    assert changes.same == changes.matched == len(pinned.dials)
    assert changes.as_data()["equal"] is True


@st.composite
def changed_cases(draw: st.DrawFn) -> tuple[Case, Case]:
    """A case, and the same with another policy of one number, or of the campaign."""
    case = draw(any_cases())
    place = draw(st.integers(-1, len(case.numbers) - 1))
    level = draw(levels())
    if place < 0:
        return case, case._replace(campaign={**case.campaign, "policy": level})
    numbers = list(case.numbers)
    numbers[place] = {**numbers[place], **level}
    numbers[place].pop(draw(st.sampled_from(["gmtZone", "startDateTime", "finishDateTime", "none"])), None)
    return case, case._replace(numbers=numbers)


@settings(max_examples=25)
@given(changed_cases())
def test_two_runs_of_the_engine_differ_as_the_dictionaries_say(cases: tuple[Case, Case]) -> None:
    """And never is a field named that did not change."""
    old, new = (pin(played(case)) for case in cases)
    check(old, new)
    swapped(old, new)


@pytest.mark.exhaustive
@settings(max_examples=3000)
@given(changed_cases())
def test_many_runs_differ_as_the_dictionaries_say(cases: tuple[Case, Case]) -> None:
    """The same, over many more."""
    old, new = (pin(played(case)) for case in cases)
    check(old, new)
    swapped(old, new)


@settings(max_examples=25)
@given(any_scenes(), any_scenes())
def test_runs_with_calls_and_commands_are_compared_too(one: Scene, other: Scene) -> None:
    """Redials, stops, pauses, cancels, submits: of one scene without its commands, and of two scenes."""
    first = pin(performed(one))
    check(first, pin(performed(one._replace(commands=[]))))
    check(first, pin(performed(other)))


@settings(max_examples=25)
@given(any_cases(), st.lists(st.integers(0, 4 * DAY_MS), min_size=1, max_size=20))
def test_what_texts_forbid_is_what_the_calendars_do_not_hold(case: Case, offsets: list[int]) -> None:
    """R4.1, R3.7, R3.10, R5: read back from a pinned policy, instant by instant."""
    timeline = played(case)
    pinned = pin(timeline)
    for job, key in zip(timeline.jobs, pinned.jobs, strict=True):
        rules = Rules(pinned.jobs[key].policy, pinned.settings)
        dates = [job.dates, timeline.campaign.dates]
        begin = max([case.now, *(each.start_ms for each in dates if each.start_ms is not None)])
        end = min([case.until, *(each.finish_ms for each in dates if each.finish_ms is not None)])
        for offset in offsets:
            instant_ms = case.now + offset
            calendar = job.allowed(timeline.campaign.closed_dates).calendar(instant_ms, instant_ms + 1)
            allowed = len(calendar) == 1 and begin <= instant_ms < end
            assert rules.forbids(instant_ms) is not allowed


@pytest.mark.parametrize("phone", ["13055550123", "12025550123", "34911234567", "919812345678", "79123456789"])
def test_what_laws_forbid_is_read_from_their_names(phone: str) -> None:
    """Every half hour of a week without holidays, in each zone that the number may lie in, or in the one given."""
    for zone in ({}, {"gmtZone": "America/Denver"}):
        campaign = read_campaign(json.dumps({"law": list(LAWS)}))
        jobs = jobs_of(campaign, [{"phone": phone, **zone}])
        pinned = pin(simulate(campaign, jobs, now="2026-03-02T00:00:00Z", until="2026-03-09T00:00:00Z"))
        (job,) = pinned.jobs.values()
        rules = Rules(job.policy, pinned.settings)
        for step in range(2 * 24 * 7):
            instant_ms = at("2026-03-02T00:00") + step * HOUR_MS // 2
            allowed = jobs[0].allowed(frozenset()).calendar(instant_ms, instant_ms + 1)
            assert rules.forbids(instant_ms) is (len(allowed) == 0)


def test_a_law_that_is_not_in_force_forbids_nothing() -> None:
    """The French decree is of 2023; a Sunday before and one after it."""
    rules = Rules({"gmtZone": "Europe/Paris", "law": "fr"}, {})

    assert [rules.forbids(at(f"{day}T12:00")) for day in ("2023-02-26", "2024-02-25")] == [False, True]


def test_a_tail_is_clipped_where_the_reading_says_so() -> None:
    """R3.7: it counts only if the day into which it runs is allowed too; a tail on a blackout date counts (R3.10)."""
    policy = {"gmtZone": "Z", "allowedDays": "mon", "allowedTime.mon": "22:00-06:00"}
    tuesday = at("2026-03-03T05:00")

    assert not Rules(policy, {"closedDates": "2026-03-03"}).forbids(tuesday)
    assert Rules(policy, {"closedDates": "2026-03-02"}).forbids(tuesday)
    assert Rules(policy, {"overnightTail": "clip"}).forbids(tuesday)
    assert not Rules({**policy, "allowedDays": "mon tue"}, {"overnightTail": "clip"}).forbids(tuesday)


# -- words -------------------------------------------------------------------------------------------------------------

BASE: dict[str, Any] = {
    "allowedDays": ["mon", "tue", "wed", "thu", "fri"],
    "allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "19:00"}]},
    "retryIntervalInMinutes": 60,
    "maxAttempts": 2,
    "dialerPriority": 3,
}


def window(begin: str, end: str) -> list[dict[str, str]]:
    """The windows of a day."""
    return [{"localTimeFrom": begin, "localTimeTo": end}]


def run(
    campaign: Mapping[str, Any] | None = None,
    *,
    count: int = 3,
    first: Mapping[str, Any] | None = None,
    each: Mapping[str, Any] | None = None,
    now: str = FRIDAY,
    outcomes: str = "",
    commands: Sequence[Mapping[str, Any]] = (),
) -> Timeline:
    """Numbers in Moscow that are due on a Friday at 18:30, on their clock; `first` changes the first, `each` all."""
    settings = campaign_of(campaign or {})
    numbers = [{"phone": f"7912345678{n}", "gmtZone": "Europe/Moscow", **BASE, **(each or {})} for n in range(count)]
    numbers[0] |= first or {}
    return simulate(
        settings,
        jobs_of(settings, numbers),
        now=now,
        outcomes=read_outcomes(outcomes, settings) if outcomes else never,
        commands=read_scenario(json.dumps({"commands": commands}), settings).commands if commands else (),
    )


def words(old: Timeline, new: Timeline) -> list[str]:
    """What changed from one to the other."""
    return compare(pin(old), pin(new)).words()


def moved_by(pinned: Pinned, ms: int, **fields: Any) -> Pinned:
    """The same run, with all dials later."""
    return replace(pinned, dials=tuple(replace(dial, at_ms=dial.at_ms + ms, **fields) for dial in pinned.dials))


def test_alike_changes_are_one_sentence_with_its_reason() -> None:
    """How many, from where, to where, why, and the first phones."""
    assert words(run(each=ONCE), run(each={**ONCE, "allowedDays": NO_FRIDAY})) == [
        "3 dials moved from Fri 18:30 to Mon 10:00 because allowedDays lost fri (79123456780, 79123456781, 79123456782)"
    ]


ENDED = "noAnswer (attemptsUsedUp) became notDone (noWindowBeforeFinish)"
LATE_MONDAY = "allowedTime.mon 10:00-19:00 became 11:00-19:00"
LONGER = "retryIntervalInMinutes 60 became 90"
FINISH = "finishDateTime none became 2026-03-07T00:00:00Z"
MUTATIONS: dict[str, tuple[dict[str, Any], list[str]]] = {  # the change of the first number, and what is said of it
    "days": (
        {"allowedDays": NO_FRIDAY},
        [
            "1 dial moved from Fri 18:30 to Mon 10:00 because allowedDays lost fri",
            "1 dial moved from Mon 10:00 to Mon 11:00 because allowedDays lost fri",
        ],
    ),
    "more days": (
        {"allowedDays": [*BASE["allowedDays"], "sat"]},
        ["1 dial moved earlier, from Mon 10:00 to Sat 10:00 because allowedDays gained sat"],
    ),
    "end of a window by a minute": (
        {"allowedTime": {"fri": window("10:00", "18:30"), "default": window("10:00", "19:00")}},
        [
            "1 dial moved from Fri 18:30 to Mon 10:00 because allowedTime.fri 10:00-19:00 became 10:00-18:30",
            "1 dial moved from Mon 10:00 to Mon 11:00 because allowedTime.fri 10:00-19:00 became 10:00-18:30",
        ],
    ),
    "end of a window that no dial reaches": (
        {"allowedTime": {"default": window("10:00", "18:59")}},
        ["allowedTime 10:00-19:00 became 10:00-18:59 for 1 job, which changed no dial"],
    ),
    "beginning of a window by a minute": (
        {"allowedTime": {"default": window("10:01", "19:00")}},
        ["1 dial moved from Mon 10:00 to Mon 10:01 because allowedTime 10:00-19:00 became 10:01-19:00"],
    ),
    "zone": (
        {"gmtZone": "Europe/Samara"},
        [
            "1 dial moved from Fri 18:30 to Mon 10:00 because gmtZone Europe/Moscow became Europe/Samara",
            "1 dial moved from Mon 10:00:00 to Mon 11:00:30 because gmtZone Europe/Moscow became Europe/Samara",
        ],
    ),
    "priority": ({"dialerPriority": 1}, ["dialerPriority 3 became 1 for 1 job, which changed no dial"]),
    "attempts": (ONCE, ["1 dial of Mon 10:00 is gone because maxAttempts 2 became 1"]),
    "more attempts": ({"maxAttempts": 3}, ["1 dial of Mon 11:00 is new because maxAttempts 2 became 3"]),
    "interval": (
        {"retryIntervalInMinutes": 20},
        ["1 dial moved earlier, from Mon 10:00 to Fri 18:50 because retryIntervalInMinutes 60 became 20"],
    ),
    "start": (
        {"startDateTime": "2026-03-06T15:40:00Z"},
        ["1 dial moved from Fri 18:30 to Fri 18:40 because startDateTime none became 2026-03-06T15:40:00Z"],
    ),
    "finish": (
        {"finishDateTime": "2026-03-07T00:00:00Z"},
        [
            f"1 dial of Mon 10:00 is gone because {FINISH}",
            f"1 number ended otherwise: {ENDED} because {FINISH}",
        ],
    ),
    "days, and the window into which they lead": (
        {
            "allowedDays": NO_FRIDAY,
            "allowedTime": {"mon": window("11:00", "19:00"), "default": window("10:00", "19:00")},
        },
        [
            f"1 dial moved from Fri 18:30 to Mon 11:00 because allowedDays lost fri; {LATE_MONDAY}",
            f"1 dial moved from Mon 10:00 to Mon 12:00 because {LATE_MONDAY}; allowedDays lost fri",
        ],
    ),
    "days, and the pause behind them": (
        {"allowedDays": NO_FRIDAY, "retryIntervalInMinutes": 90},
        [
            "1 dial moved from Fri 18:30 to Mon 10:00 because allowedDays lost fri",
            f"1 dial moved from Mon 10:00 to Mon 11:30 because allowedDays lost fri; {LONGER}",
        ],
    ),
    "days, attempts, and a priority that moves nothing": (
        {"allowedDays": NO_FRIDAY, "dialerPriority": 1, **ONCE},
        [
            "1 dial moved from Fri 18:30 to Mon 10:00 because allowedDays lost fri",
            "1 dial of Mon 10:00 is gone because maxAttempts 2 became 1",
            "dialerPriority 3 became 1 for 1 job, which explains none of it",
        ],
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_field_that_was_changed_is_named(name: str) -> None:
    """Each field of a policy, one after another; and of two, the one that moved the dial."""
    fields, said = MUTATIONS[name]
    found = words(run(), run(first=fields))

    assert [line.replace(" (79123456780)", "") for line in found] == said


WEEK_WINDOWS = [window("10:00", "18:00"), window("10:00", "17:00"), window("11:00", "18:00"), window("22:00", "06:00")]
CHOICES: dict[str, list[Any]] = {
    "gmtZone": ["Europe/Moscow", "Asia/Tokyo", "America/New_York"],
    "allowedDays": [BASE["allowedDays"], NO_FRIDAY, ["sat"], list(DAYS)],
    **{f"allowedTime.{day}": WEEK_WINDOWS for day in DAYS},
    "retryIntervalInMinutes": [60, 90, 600],
    "maxAttempts": [1, 2, 3],
    "startDateTime": [None, "2026-03-06T12:00:00Z", "2026-03-07T12:00:00Z"],
    "finishDateTime": [None, "2026-03-09T12:00:00Z", "2026-03-20T12:00:00Z"],
}


@settings(max_examples=40)
@given(st.fixed_dictionaries({name: st.sampled_from(choices) for name, choices in CHOICES.items()}), st.data())
def test_of_one_field_that_was_changed_every_change_is(old: dict[str, Any], data: st.DataObject) -> None:
    """A number alone, so that nothing else can have moved its dials: whatever came of it, the field is the reason."""
    name = data.draw(st.sampled_from(sorted(CHOICES)))
    new = {**old, name: data.draw(st.sampled_from(CHOICES[name]))}

    def pinned(fields: dict[str, Any]) -> Pinned:
        number = {field: value for field, value in fields.items() if not field.startswith("allowedTime.")}
        hours = {day: fields[f"allowedTime.{day}"] for day in DAYS}
        return pin(run(count=1, first={**number, "allowedTime": hours}))

    changes = compare(pinned(old), pinned(new))
    assert {tuple(reason.field for reason in change.reasons) for change in changes.each} <= {(name,)}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (LINE, "maxSimultaneousCalls none became 1"),
        (DAILY, "maxSimultaneousCalls none became 1 from 09:00 in UTC"),
        ({"callsPerSecond": 0.1}, "callsPerSecond none became 0.1"),
        ({"agents": {"agents": 1}}, "agents none became 1"),
        ({"blackoutDates": ["2026-03-06"]}, "closedDates gained 2026-03-06"),
        ({"maxAttemptsPerPhone": 1}, "maxAttemptsPerPhone none became 1"),
        ({"ringSeconds": 45}, "ringSeconds 30 became 45"),
        ({"law": ["us-tcpa", "ru-230"]}, "law gained ru-230"),
        ({"endTime": "2026-03-07T00:00:00Z"}, FINISH),
    ],
    ids=["lines", "lines-over-the-day", "pace", "agents", "blackout", "phone", "ring", "law", "end"],
)
def test_a_setting_that_was_changed_is_named(fields: Mapping[str, Any], reason: str) -> None:
    """Campaign settings, where no policy differs."""
    twice = {"maxAttempts": 3}
    found = words(run(each=twice), run(fields, each=twice))

    assert found
    assert [line for line in found if f" because {reason} (" not in line] == []


def test_the_reading_of_the_pause_is_named() -> None:
    """R9.2: measured from the end, or from the start."""
    soon = {"retryIntervalInMinutes": 10}
    found = words(run(each=soon), run({"readings": {"retryFrom": "start"}}, each=soon))

    assert [line.partition(" (")[0] for line in found] == [
        "3 dials moved earlier, from Fri 18:40:30 to Fri 18:40:00 because retryFrom end became start"
    ]


def test_with_one_line_a_priority_moves_and_the_others_are_its_knock_on() -> None:
    """R8: the order is shared; a number's own field comes before what others did."""
    old, new = run(LINE, each=ONCE), run(LINE, each=ONCE, first={"dialerPriority": 5})

    assert [line.partition(" (")[0] for line in words(old, new)] == [
        (
            "2 dials moved earlier, from Fri 18:30:30-18:31:00 to Fri 18:30:00-18:30:30 because other numbers changed, "
            "and lines are shared"
        ),
        "1 dial moved from Fri 18:30 to Fri 18:31 because dialerPriority 3 became 5",
    ]


def test_days_that_are_not_near_are_no_reason_where_lines_are_shared() -> None:
    """R8.2: an interval's edges rank, and those of another day are not its."""
    old = run(LINE, each=ONCE, first={"dialerPriority": 5})
    new = run(LINE, each=ONCE, first={"dialerPriority": 1, "allowedDays": ["mon", "fri"]})

    assert "1 dial moved earlier, from Fri 18:31 to Fri 18:30 because dialerPriority 5 became 1 (79123456780)" in words(
        old, new
    )


def test_a_number_with_a_schedule_of_its_own_goes_first() -> None:
    """R8.3: also with the days that the campaign has."""
    plain = dict.fromkeys(BASE)
    campaign = {**LINE, "policy": {**BASE, **ONCE}}
    old, new = run(campaign, each=plain), run(campaign, each=plain, first={"allowedDays": BASE["allowedDays"]})
    last = pin(old)
    changed = compare(last, pin(new))
    jobs = {key: replace(job, policy={**job.policy, "customSchedule": "no"}) for key, job in pin(new).jobs.items()}

    assert changed.words() == ["customSchedule no became yes for 1 job, which changed no dial"]
    assert not compare(last, replace(pin(new), jobs=jobs))


def test_numbers_that_are_gone_or_new_are_told_with_their_dials() -> None:
    """Their dials are gone with them, and told once."""
    old, new = pin(run(LINE, each=ONCE)), pin(run(LINE, each=ONCE, count=2))

    assert compare(old, new).words() == ["1 number is gone, with 1 dial (79123456782)"]
    assert compare(new, old).words() == ["1 number is new, with 1 dial (79123456782)"]
    assert compare(old, new).counts[Kind.LOST] == 1


def test_an_answer_ends_a_number_and_brings_its_redial() -> None:
    """R9.3, R10: dials that are gone because an earlier attempt is answered, and redials that come and go."""

    def answered(seconds: int) -> str:
        redial = {"startAfterMinutes": 5, "maxAttempts": 1}
        call = {"outcome": "answered", "talkSeconds": seconds, "redial": redial}
        return json.dumps({"phones": {"79123456780": [call]}})

    old, new, slow = run(count=1), run(count=1, outcomes=answered(60)), run(count=1, outcomes=answered(120))

    assert [line.partition(" (7")[0] for line in words(old, new)] == [
        "1 dial of Fri 18:30 ended otherwise: noAnswer became answered",
        "1 dial of Mon 10:00 is gone because an attempt before it is answered now",
        "1 number ended otherwise: noAnswer (attemptsUsedUp) became longCallWithNoResult (answered)",
        "1 redial is new, with 1 dial because the conversation before it changed",
    ]
    assert "1 dial of Mon 10:00 is new because no attempt before it is answered now (79123456780)" in words(new, old)
    assert [line.partition(" (7")[0] for line in words(new, slow)] == [
        "1 dial of Fri 18:30 ended otherwise: answered in 90 s became answered in 150 s",
        "1 dial moved from Fri 18:36:30 to Fri 18:37:30 because the attempt before it ended at another time",
    ]


COMMANDS: dict[str, tuple[dict[str, Any], str]] = {
    "pause": ({}, "pauses gained 2026-03-09T06:59:00Z/.."),
    "stop": ({}, "stopped none became 2026-03-09T06:59:00Z"),
    "cancel": ({"jobs": [0]}, "it is cancelled now"),
    "lines": ({"lines": 1}, "maxSimultaneousCalls none became none, 1 from 2026-03-09T06:59:00Z on"),
    "pace": ({"callsPerSecond": 0.1}, "callsPerSecond none became none, 0.1 from 2026-03-09T06:59:00Z on"),
}


@pytest.mark.parametrize("do", COMMANDS)
def test_commands_are_settings_of_the_run(do: str) -> None:
    """R13: a pause, a stop, other lines, another pace; a cancel is one of its number."""
    fields, reason = COMMANDS[do]
    found = words(run(), run(commands=[{"at": "2026-03-09T06:59:00Z", "do": do, **fields}]))

    assert found
    assert [line for line in found if f" because {reason} (" not in line] == []


def test_numbers_that_are_submitted_later_are_accepted_later() -> None:
    """R13.1: their first attempt is due then."""
    number = {"phone": "4930123456", "gmtZone": "Z", **ONCE}

    def submitted(minute: int) -> Timeline:
        return run(commands=[{"at": f"2026-03-06T16:{minute}:00Z", "do": "submit", "numbers": [number]}])

    because = "accepted 2026-03-06T16:10:00Z became 2026-03-06T16:20:00Z"
    assert words(submitted(10), submitted(20)) == [
        f"1 dial moved from Fri 16:10 to Fri 16:20 because {because} (4930123456)"
    ]


def test_another_place_in_the_request_is_other_luck() -> None:
    """R12.3: the draws of a model depend on the place."""
    old = pin(run())
    new = replace(old, jobs={key: replace(job, index=job.index + 1) for key, job in old.jobs.items()})

    assert not compare(old, new)
    assert [line.partition(" (")[0] for line in compare(old, moved_by(new, 0, outcome="busy")).words()] == [
        "3 dials of Fri 18:30 ended otherwise: noAnswer became busy because it has another place in the request",
        "3 dials of Mon 10:00 ended otherwise: noAnswer became busy because it has another place in the request",
    ]


def test_without_another_reason_explain_says_what_held_a_dial_back() -> None:
    """Stable codes, from the run in which the dial is later; only where its timeline is at hand."""
    old, new = run(each=ONCE), run(LINE, each=ONCE)
    silent = replace(pin(new), settings=pin(old).settings)

    assert compare(pin(old), silent).words()[0].startswith("2 dials moved from Fri 18:30:00 to Fri 18:30:30-18:31:00 (")
    held = compare(pin(old), silent, new_timeline=new)
    assert " because the new run held it back by line (" in held.words()[0]
    assert held.as_data()["groups"][0]["reasons"] == [{"code": "wait", "run": "new", "by": ["line"]}]
    back = compare(silent, pin(old), old_timeline=new)
    assert " because the old run held it back by line (" in back.words()[0]


def test_explain_is_asked_for_a_limited_number_of_dials() -> None:
    """It costs O(dials) each time."""
    timeline = run(LINE, each=ONCE)
    waits = Waits(timeline)
    key = JobKey("79123456782", 0, 0)

    assert [waits.codes(key, 1) for _ in range(MAX_EXPLAINED + 1)] == [("line",)] * MAX_EXPLAINED + [()]
    assert Waits(timeline).codes(key, 7) == Waits(timeline).codes(key._replace(redial=1), 1) == ()
    assert Waits(timeline).codes(JobKey("1", 0, 0), 1) == Waits(None).codes(key, 1) == ()


def test_other_data_comes_first_and_is_no_change_by_itself() -> None:
    """Another time zone database, where both sides know theirs."""
    old = pin(run())
    other = replace(old, versions={**old.versions, "tzdata": "2019a"})
    version = old.versions["tzdata"]

    assert not compare(old, other)
    assert compare(old, other).words() == []
    said = compare(old, moved_by(other, 1)).words()
    assert said[0] == f"tzdata {version} became 2019a, so not all may be due to the change"
    assert compare(replace(old, versions={}), moved_by(other, 1)).versions == ()


def test_a_move_within_a_second_is_seen() -> None:
    """As fine as it takes for the two to differ."""
    old = pin(run(count=1, each=ONCE))

    assert compare(old, moved_by(old, 250)).words() == [
        "1 dial moved from Fri 18:30:00.000 to Fri 18:30:00.250 (79123456780)"
    ]


def test_a_move_by_whole_weeks_says_by_how_many_days() -> None:
    """The weekday alone would say that nothing moved."""
    old = pin(run(count=1, each=ONCE))

    assert compare(old, moved_by(old, 7 * DAY_MS)).words() == [
        "1 dial moved from Fri 18:30 to Fri 18:30, 7 days later (79123456780)"
    ]
    assert compare(old, moved_by(old, -14 * DAY_MS)).words() == [
        "1 dial moved earlier, from Fri 18:30 to Fri 18:30, 14 days earlier (79123456780)"
    ]


def test_another_clock_at_the_same_instant_is_a_change() -> None:
    """Nobody is called at another instant, but at another hour of their day."""
    always = {**ONCE, "allowedTime": None, "allowedDays": None}
    found = words(run(each=always), run(each={**always, "gmtZone": "Asia/Tokyo"}))

    assert [line.partition(" (")[0] for line in found] == [
        (
            "3 dials of Fri 18:30 are at the same instant, which is Sat 00:30 on another clock because gmtZone "
            "Europe/Moscow became Asia/Tokyo"
        )
    ]


def test_the_largest_group_comes_first_and_the_rest_is_counted() -> None:
    """Ordered by size, then time; three phones are named."""
    old, new = run(count=5), run(count=5, each={"allowedDays": NO_FRIDAY}, first=ONCE)
    changes = compare(pin(old), pin(new))

    assert [group.count for group in changes.groups] == [5, 4, 1]
    assert changes.words(1) == [
        (
            "5 dials moved from Fri 18:30 to Mon 10:00 because allowedDays lost fri (79123456780, 79123456781, "
            "79123456782 and 2 more)"
        ),
        "... and 2 more groups of changes",
    ]


def test_closed_dates_count_as_far_as_both_runs_reach() -> None:
    """A longer run knows more holidays: that is no change of theirs."""
    old, new = run({"holidays": "RU"}), run({"holidays": "RU"}, now="2026-05-02T15:30:00Z")

    assert [reason.field for reason, _ in compare(pin(old), pin(new)).fields] == ["now", "until"]


def test_lists_say_what_they_gained_and_lost() -> None:
    """Not more than some words of each."""
    old, new = ({"closedDates": " ".join(f"2026-01-{day:02d}" for day in days)} for days in (range(1, 9), range(8, 10)))
    (reason,) = differences(old, new, "setting")

    assert str(reason) == (
        "closedDates gained 2026-01-09 and lost 2026-01-01 2026-01-02 2026-01-03 2026-01-04 2026-01-05 (2 more)"
    )
    assert str(differences({"law": "a b"}, {"law": "b a"}, "policy")[0]) == "law a b became b a"
    assert str(differences({"law": NONE}, {"law": "a"}, "policy")[0]) == "law gained a"


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_is_one(code: str) -> None:
    """It stands behind because, and is data by its code."""
    reason = Reason(code)

    assert str(reason) == SENTENCES[code]
    assert reason.as_data() == {"code": code}


def test_the_data_is_json_and_has_all() -> None:
    """Groups, and each change with both of its dials, in local time and UTC."""
    changes = compare(pin(run(count=4)), pin(run(count=3, first={"allowedDays": ["mon"]})))
    data = json.loads(json.dumps(changes.as_data()))
    call = {"outcome": "noAnswer", "seconds": 30, "abandoned": False}

    assert list(data) == ["equal", "dials", "numbers", "counts", "versions", "fields", "groups", "changes"]
    assert (data["equal"], data["dials"]) == (False, {"old": 8, "new": 6, "matched": 6})
    assert data["numbers"] == {"old": 4, "new": 3}
    assert len(data["changes"]) == sum(data["counts"].values())
    assert data["changes"][0] == {
        "kind": "later",
        "phone": "79123456780",
        "nth": 0,
        "redial": 0,
        "attempt": 1,
        "old": {"at": "2026-03-06T15:30:00Z", "local": "2026-03-06T18:30:00+03:00", **call},
        "new": {"at": "2026-03-09T07:00:00Z", "local": "2026-03-09T10:00:00+03:00", **call},
        "reasons": ["allowedDays lost tue wed thu fri"],
    }


def test_a_model_that_knows_hours_is_a_reason_only_at_another_hour() -> None:
    """R12.3: an outcome follows from luck, attempt and, perhaps, the local hour."""
    old = pin(run(count=1, each=ONCE))

    def reasons(ms: int) -> list[str]:
        changes = compare(old, moved_by(old, ms, outcome="busy"))
        return [str(reason) for each in changes.each if each.kind is Kind.OUTCOME for reason in each.reasons]

    assert reasons(HOUR_MS) == ["it is dialled at another time"]
    assert reasons(60_000) == []


def test_a_shared_line_alone_is_no_reason() -> None:
    """Without a change elsewhere, nothing is a knock-on."""
    old = pin(run(LINE, count=2, each=ONCE))

    assert [each.reasons for each in compare(old, moved_by(old, DAY_MS)).each] == [(), ()]


def test_windows_of_more_than_a_day_are_read_as_they_were_written() -> None:
    """R3.3: two that touch at noon are one of 25 hours, whose clocks alone would be those of one hour."""
    windows = [*window("00:00", "12:00"), *window("12:00", "01:00")]
    pinned = pin(run(count=1, each={"allowedTime": {"default": windows}}))
    (job,) = pinned.jobs.values()

    assert job.policy["allowedTime.mon"] == "00:00-24:00 24:00-01:00"
    assert not Rules(job.policy, pinned.settings).forbids(at("2026-03-09T12:00"))


# -- what must not be blamed ---------------------------------------------------------------------------------------


def diffed(old: str, new: str, phones: Sequence[str], now: str = "2026-03-06T09:00:00Z", **more: Any) -> list[str]:
    """The words of what a change of the campaign file does."""
    runs = []
    for text in (old, new):
        campaign = read_campaign(text)
        jobs = read_request(json.dumps([{"phone": phone} for phone in phones]), campaign).jobs
        runs.append(pin(simulate(campaign, jobs, now=now, **more)))
    return compare(runs[0], runs[1]).words()


def test_fewer_lines_are_named_and_not_a_priority_that_all_numbers_changed_alike() -> None:
    """R8.2: what is the same for all decides no order."""
    old = "maxSimultaneousCalls=3\n[policy]\ndialerPriority=1\n"
    new = "maxSimultaneousCalls=1\n[policy]\ndialerPriority=5\n"
    said = diffed(old, new, ["4930123456", "12125550123", "13055550123"], now="2026-03-06T15:00:00Z")

    assert any("maxSimultaneousCalls 3 became 1" in line for line in said if "moved" in line)
    assert not any("dialerPriority" in line for line in said if "moved" in line)


@pytest.mark.parametrize(
    "command", [Cancel(at="2026-03-06T12:00:00Z", jobs=(0,)), Stop(at="2026-03-06T12:00:00Z")], ids=["cancel", "stop"]
)
def test_a_command_of_both_runs_is_not_why_one_of_them_dials_less(command: Any) -> None:
    """R13: the longer pause is, which let the command come first."""
    texts = [f"[policy]\nmaxAttempts=3\nretryIntervalInMinutes={minutes}\n" for minutes in (60, 240)]
    said = diffed(texts[0], texts[1], ["4930123456"], commands=[command])

    assert all("retryIntervalInMinutes 60 became 240" in line for line in said)
    assert not any("cancelled now" in line or "is stopped" in line for line in said if " gone " in line)


def test_a_blackout_date_of_the_first_local_date_is_named() -> None:
    """R3.10: the run begins on the date before, on clocks west of UTC."""
    said = diffed("", "blackoutDates=[2026-03-08]\n", ["12125550123"], now="2026-03-09T00:30:00Z")

    assert any("because closedDates gained 2026-03-08" in line for line in said)


def test_a_clock_alone_is_not_why_the_next_attempt_moved() -> None:
    """R9.2: the retry follows the end of the call, whatever the clock shows."""
    texts = [
        f'timeZone="{zone}"\ndetectTimeZone=false\nringSeconds={ring}\n[policy]\nmaxAttempts=2\n'
        for zone, ring in (("Europe/Berlin", 30), ("UTC", 10))
    ]
    said = diffed(texts[0], texts[1], ["4930123456"])

    assert not any("gmtZone" in line for line in said if "moved" in line)


def test_compare_is_a_function_whatever_was_imported_before() -> None:
    """No module of the package has the name of a public function."""
    import scheduler.testing
    import scheduler.testing.checking

    assert all(not isinstance(getattr(scheduler.testing, name), ModuleType) for name in scheduler.testing.__all__)
