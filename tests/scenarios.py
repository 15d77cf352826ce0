"""Random campaigns in which calls are answered and somebody gives commands: what `tests.strategies` draws, and more.

All is in the wire form, and falls on the ticks of its case, so that what ends, closes and is commanded meets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import strategies as st

from scheduler import Campaign, Model, Never, Script, Timeline, never, read_outcomes, read_scenario, simulate
from scheduler.commands import Command, Submit
from tests import ticking
from tests.laws import bound, made_up
from tests.strategies import (
    ALL_DAY,
    CROWDED_STARTS,
    DAYS,
    HOUR_MS,
    LONG_HOURS,
    TICK_MS,
    WHOLE_HOUR_ZONES,
    ZONES,
    Case,
    any_cases,
    campaign_of,
    crowded_cases,
    crowded_numbers,
    instant,
    jobs_of,
    long_numbers,
    numbers,
    window_lists,
)

PHONES = ("79123456789", "4930123456", "12025550123")
UNKNOWN_PHONE = "33123456789"
# What a scene may do without; some of it is left out at random, so that the rest meets more often.
PARTS = (
    "dates",
    "hours",
    "script",
    "redials",
    "answers",
    "lines",
    "lines over the day",
    "pacing",
    "cap",
    "agents",
    "laws",
    "submit",
    "cancel",
    "pause",
    "stop",
    "change lines",
)

DATES = ("startDateTime", "finishDateTime", "startTime", "endTime")
HOURS = ("allowedDays", "allowedTime", "localTimeFrom", "localTimeTo", "blackoutDates")
FIELDS = {
    "lines": ("maxSimultaneousCalls",),
    "pacing": ("callsPerSecond",),
    "cap": ("maxAttemptsPerPhone",),
    "agents": ("agents",),
    "dates": DATES,
    "hours": HOURS,
}

Fields = dict[str, Any]


class Scene(NamedTuple):
    """A case, what its calls come to (nothing: nobody answers), what is commanded on the way, and made-up laws."""

    case: Case
    script: Fields | None
    commands: list[Fields]
    laws: Sequence[Fields] = ()


def foretold(scene: Scene) -> ticking.Run:
    """What the ticking clock makes of a scene."""
    case = scene.case
    return ticking.simulate(
        case.campaign,
        case.numbers,
        now=case.now,
        until=case.until,
        tick_ms=case.tick_ms,
        lines=case.lines,
        script=scene.script,
        commands=scene.commands,
        laws=scene.laws,
    )


def told(timeline: Timeline) -> ticking.Run:
    """A timeline in the words of the ticking clock; a refused command is a warning at its path (R13.1)."""
    paths = [re.match(r"\$\.commands\[(\d+)\]", warning.path) for warning in timeline.warnings]
    return ticking.Run(
        [
            ticking.Dial(dial.at, dial.job.index, dial.redial_number, dial.attempt, dial.outcome.value, dial.length_ms)
            for dial in timeline
        ],
        [
            ticking.Ending(job.index, job.redial_number, ending.state.value, ending.at)
            for job, ending in zip(timeline.jobs, timeline.endings(), strict=True)
        ],
        sorted({int(path[1]) for path in paths if path}),
    )


def outcomes_of(script: Fields | None, campaign: Campaign) -> Never | Script | Model:
    """The product's source of outcomes; without a script, `never`."""
    return never if script is None else read_outcomes(json.dumps(script), campaign)


def performed(scene: Scene) -> Timeline:
    """The product's timeline of a scene."""
    case = scene.case
    campaign = campaign_of(case.campaign)
    return simulate(
        campaign,
        bound(jobs_of(campaign, case.numbers), scene.laws),
        now=case.now,
        until=case.until,
        lines=case.lines,
        outcomes=outcomes_of(scene.script, campaign),
        commands=commands_of(scene, campaign),
    )


def commands_of(scene: Scene, campaign: Campaign) -> list[Command]:
    """The product's commands of a scene, whose numbers are bound by its laws like all others."""
    read = read_scenario(json.dumps({"commands": scene.commands}), campaign).commands
    return [
        replace(command, jobs=bound(command.jobs, scene.laws)) if isinstance(command, Submit) else command
        for command in read
    ]


# --- scripts ---------------------------------------------------------------------------------------------------------


@st.composite
def redials(draw: st.DrawFn, case: Case) -> Fields:
    """A redial after some time, at an instant (that may be over), or inside hours of its own."""
    tick_min = case.tick_ms // 60_000
    ticks = (case.until - case.now) // case.tick_ms
    windows = st.sampled_from(LONG_HOURS[1:4]) if case.tick_ms == HOUR_MS else own_hours()
    form = draw(st.integers(0, 5))
    redial: Fields = dict(draw(windows)) if form >= 4 else {}
    start = draw(st.integers(-20, ticks))
    if form in {0, 1, 5}:
        redial["startAfterMinutes"] = tick_min * draw(st.sampled_from([0, 1, 1, 2, 3, 8, 96]))
    if form in {2, 3}:
        redial["startDateTime"] = instant(case.now + start * case.tick_ms)
    if draw(st.integers(0, 3)) == 0:
        first = start + 1 if form in {2, 3} else -5
        redial["finishDateTime"] = instant(case.now + draw(st.integers(first, ticks + 20)) * case.tick_ms)
    if draw(st.booleans()):
        redial["maxAttempts"] = draw(st.sampled_from([0, 1, 2, 3, 7]))
    if draw(st.booleans()):
        redial["retryIntervalInMinutes"] = tick_min * draw(st.sampled_from([1, 2, 4]))
    if draw(st.integers(0, 2)) == 0:
        redial["dialerPriority"] = draw(st.sampled_from([1, 2, 5]))
    if draw(st.integers(0, 5)) == 0:
        redial["allowedDays"] = draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=6))
    return redial


@st.composite
def own_hours(draw: st.DrawFn) -> Fields:
    """Hours of a redial: windows every day or on one, or the deprecated bounds."""
    match draw(st.integers(0, 3)):
        case 0:
            bound = draw(st.sampled_from(["localTimeFrom", "localTimeTo"]))
            return {bound: draw(st.sampled_from(["07:15", "12:00", "22:30"]))}
        case 1:
            return {"allowedTime": {draw(st.sampled_from(DAYS)): draw(window_lists())}}
        case _:
            return {"allowedTime": {"default": draw(window_lists() | st.just(ALL_DAY))}}


@st.composite
def entries(draw: st.DrawFn, case: Case, without: frozenset[str]) -> Fields | str:
    """What one call comes to: no time to ring is allowed where it talks."""
    names = ["noAnswer", "busy", "failed", "failed", "nonexistentNumber"]
    if "answers" not in without:
        names += ["answered"] * 10
    name = draw(st.sampled_from(names))
    tick_s = case.tick_ms // 1000
    longest = 3600 // tick_s
    if name != "answered":
        if draw(st.booleans()):
            return name
        return {"outcome": name, "ringSeconds": tick_s * draw(st.integers(1, longest))}
    ring = draw(st.integers(0, min(longest, 2)))
    entry: Fields = {"outcome": name, "ringSeconds": tick_s * ring}
    entry["talkSeconds"] = tick_s * draw(st.integers(0 if ring else 1, 4))
    if draw(st.booleans()):
        entry["result"] = draw(st.sampled_from([True, True, False, "a result", ""]))
    if "redials" not in without and draw(st.integers(0, 4)):
        given = draw(st.lists(redials(case), min_size=1, max_size=2))
        entry["redial"] = given[0] if len(given) == 1 else given
    return entry


@st.composite
def scripts(draw: st.DrawFn, case: Case, without: frozenset[str]) -> Fields:
    """A list of entries for some phones and for some numbers, those that are still to come among them."""
    lists = st.lists(entries(case, without), min_size=1, max_size=6)
    script: Fields = {}
    if draw(st.integers(0, 4)):
        script["phones"] = draw(st.dictionaries(st.sampled_from(PHONES), lists, min_size=2))
    if draw(st.booleans()):
        script["jobs"] = draw(st.dictionaries(st.integers(0, len(case.numbers) + 2).map(str), lists, max_size=3))
    return script


# --- commands --------------------------------------------------------------------------------------------------------


@st.composite
def days_of_lines(draw: st.DrawFn, tick_ms: int) -> list[Fields]:
    """Lines that change over the day, in any order."""
    ticks = 24 * HOUR_MS // tick_ms
    places = draw(st.lists(st.integers(0, ticks - 1), min_size=1, max_size=3, unique=True))
    minutes = [place * tick_ms // 60_000 for place in places]
    return [
        {"from": f"{minute // 60:02d}:{minute % 60:02d}", "lines": draw(st.sampled_from([1, 1, 2, 3]))}
        for minute in minutes
    ]


@st.composite
def batches(draw: st.DrawFn, case: Case, earlier: Sequence[Fields], without: frozenset[str]) -> list[Fields]:
    """One to four numbers, some of which were there before; seldom the same one twice."""
    long = case.tick_ms == HOUR_MS
    new = long_numbers(case.now) if long else numbers(case.now) | crowded_numbers(case.now, case.until)
    batch: list[Fields] = []
    pairs: list[Any] = []
    twice = draw(st.integers(0, 9)) == 0
    for _ in range(draw(st.integers(1, 4))):
        number = {**stripped(draw(new), without), "payload": draw(st.integers(0, 9))}
        if draw(st.integers(0, 2)) == 0:
            same = draw(st.sampled_from(earlier))
            number = {**number, "phone": same["phone"], "payload": same["payload"]}
        pair = number["phone"], number["payload"]
        if twice or pair not in pairs:
            batch.append(number)
            pairs.append(pair)
    return batch


def kinds_of(without: frozenset[str], *, paused: bool, long: bool) -> list[str]:
    """What may be commanded next, the likely more than once; an hour is more than pacing may be."""
    kinds = ["submit"] * 6 * ("submit" not in without) + ["cancel"] * 5 * ("cancel" not in without)
    kinds += ["pace"] * 3 * ("pacing" not in without and not long)
    kinds += ["lines"] * 4 * ("change lines" not in without) + ["stop"] * ("stop" not in without)
    if "pause" not in without:
        kinds += ["resume"] * 6 + ["pause"] if paused else ["pause"] * 3 + ["resume"]
    return kinds


@st.composite
def cancelled(draw: st.DrawFn, numbers: Sequence[Fields]) -> Fields:
    """Whom to cancel: numbers and phones, seldom unknown ones."""
    indices, phones = st.integers(0, len(numbers) - 1), st.sampled_from([*PHONES, numbers[0]["phone"]])
    if draw(st.integers(0, 5)) == 0:
        indices, phones = st.integers(0, len(numbers) + 5), st.sampled_from([*PHONES, UNKNOWN_PHONE])
    which = draw(st.sampled_from(["jobs", "phones", "both"]))
    jobs = {"jobs": draw(st.lists(indices, min_size=1, max_size=3))} if which != "phones" else {}
    return jobs | ({"phones": draw(st.lists(phones, min_size=1, max_size=2))} if which != "jobs" else {})


def whom(index: int, numbers: Sequence[Fields]) -> st.SearchStrategy[Fields]:
    """A number, most of the time, by its index or its phone."""
    its_own = [{"jobs": [index]}, {"phones": [numbers[index]["phone"]]}]
    return st.sampled_from([*its_own, {}]).flatmap(lambda own: st.just(own) if own else cancelled(numbers))


Moment = tuple[int, int]  # a tick, and the index of a number to which something happens then, or nearly then


def moments_of(run: ticking.Run, case: Case) -> st.SearchStrategy[Moment | None]:
    """When a command meets something that there would be: a call, or an end in vain; or it need not meet anything."""
    calls: list[Moment] = []
    for dial in run.dials[:20]:
        begins, ticks = (dial.at - case.now) // case.tick_ms, dial.length_ms // case.tick_ms
        calls += [(begins + after, dial.job) for after in (0, 1, ticks - 1, ticks, ticks + 1)]
    vain = [
        ((ending.at - case.now) // case.tick_ms, ending.job)
        for ending in run.endings
        if ending.state == "notDone" and ending.at is not None and ending.at > case.now
    ]
    moments = [st.sampled_from(some) for some in (calls, calls, vain) if some]
    return st.one_of(st.none(), *moments)


@st.composite
def commands(
    draw: st.DrawFn, case: Case, script: Fields | None, laws: Sequence[Fields], without: frozenset[str]
) -> list[Fields]:
    """Some commands, several of them at one instant, about 24 hours apart, or around a call that there would be."""
    ticks, day = (case.until - case.now) // case.tick_ms, 24 * HOUR_MS // case.tick_ms
    moments = moments_of(foretold(Scene(case, script, [], laws)), case)
    earlier = list(case.numbers)
    given: list[Fields] = []
    tick, paused = draw(st.sampled_from([0, 0, 1, 2, 5])), False
    for _ in range(draw(st.integers(1, 6))):
        kinds = kinds_of(without, paused=paused, long=case.tick_ms == HOUR_MS)
        if not kinds:
            break
        kind = draw(st.sampled_from(kinds))
        about = draw(moments)
        if about is not None:
            tick = about[0]
        command: Fields = {"at": instant(case.now + min(max(tick, 0), ticks) * case.tick_ms), "do": kind}
        match kind:
            case "submit":
                command["numbers"] = draw(batches(case, earlier, without))
                key = draw(st.sampled_from([None, None, "K", "K", "L"]))
                command |= {} if key is None else {"key": key}
                earlier += command["numbers"]
            case "cancel":
                command |= draw(cancelled(earlier) if about is None else whom(about[1], earlier))
            case "lines":
                command["lines"] = draw(st.sampled_from([0, 1, 1, 2, 3]) | days_of_lines(case.tick_ms))
            case "pace":
                command["callsPerSecond"] = draw(st.sampled_from([1000 / case.tick_ms, None]))
            case "pause" | "resume":
                paused = kind == "pause"
        given.append(command)
        tick += draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 8, 20, day - 1, day, day + 1]))
    return given


# --- agents ----------------------------------------------------------------------------------------------------------


@st.composite
def staffs(draw: st.DrawFn, tick_ms: int) -> Fields:
    """A few agents, whose customers wait a tick or none, in the modes that the ticking clock knows."""
    tick_s = tick_ms // 1000
    rows = [{"from": row["from"], "agents": row["lines"]} for row in draw(days_of_lines(tick_ms))]
    staff: Fields = {"agents": draw(st.sampled_from([1, 1, 2, rows]))}
    staff["patienceSeconds"] = draw(st.sampled_from([0, tick_s]))
    if draw(st.booleans()):
        staff["wrapUpSeconds"] = tick_s
    if draw(st.booleans()):
        staff |= {"dialMode": "ratio", "dialRatio": draw(st.sampled_from([1, 1.5, 3]))}
    return staff


# --- laws ------------------------------------------------------------------------------------------------------------


@st.composite
def laws_of(draw: st.DrawFn, case: Case, without: frozenset[str]) -> list[Fields]:
    """No law, half of the time; or one, or two."""
    if "laws" in without or draw(st.booleans()):
        return []
    zones = WHOLE_HOUR_ZONES if case.tick_ms == HOUR_MS else ZONES
    return draw(st.lists(made_up(case.now, PHONES, zones), min_size=1, max_size=2))


# --- scenes ----------------------------------------------------------------------------------------------------------


def stripped(fields: Fields, without: frozenset[str]) -> Fields:
    """A campaign or a number without the fields of the parts that are left out."""
    left_out = {field for part in without for field in FIELDS.get(part, ())}
    kept = {field: value for field, value in fields.items() if field not in left_out}
    return kept | ({"policy": stripped(kept["policy"], without)} if "policy" in kept else {})


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """A case with a script, commands, both or neither."""
    without = frozenset(draw(st.sets(st.sampled_from(PARTS), max_size=7)))
    case = draw(crowded_cases() | any_cases())
    campaign = stripped(case.campaign, without)
    case = case._replace(numbers=[stripped(number, without) for number in case.numbers])
    if case.tick_ms != HOUR_MS:  # sometimes longer than the 24 hours of R14
        case = case._replace(until=case.until + draw(st.sampled_from([0, 0, 96, 120])) * case.tick_ms)
    if draw(st.booleans()):
        inherits = draw(st.sampled_from(["campaign", "campaign", "number"]))
        campaign["readings"] = {**campaign.get("readings", {}), "redialInherits": inherits}
    if "pacing" not in without and case.tick_ms != HOUR_MS and draw(st.integers(0, 4)) == 0:
        campaign["callsPerSecond"] = 1000 / case.tick_ms  # an hour is more than pacing may be
    if "agents" not in without and draw(st.integers(0, 2)) == 0:
        campaign["agents"] = draw(staffs(case.tick_ms))
    if "lines" in without:
        case = case._replace(lines=None)
    elif "lines over the day" not in without and draw(st.integers(0, 2)) == 0:
        campaign["maxSimultaneousCalls"] = draw(days_of_lines(case.tick_ms))
        case = case._replace(lines=None)
    case = case._replace(campaign=campaign)
    script = None if "script" in without else draw(st.none() | scripts(case, without) | scripts(case, without))
    laws = draw(laws_of(case, without))
    some = commands(case, script, laws, without)
    return Scene(case, script, draw(st.just([]) | some | some), laws)


@st.composite
def lively_numbers(draw: st.DrawFn, start: int) -> Fields:
    """One number that may be called most of the time, and often."""
    number: Fields = {"phone": draw(st.sampled_from(PHONES)), "maxAttempts": draw(st.integers(2, 4))}
    number["retryIntervalInMinutes"] = draw(st.sampled_from([15, 15, 30, 45]))
    if draw(st.integers(0, 2)) == 0:
        number["dialerPriority"] = draw(st.sampled_from([1, 2, 5]))
    if draw(st.integers(0, 3)) == 0:
        number["localTimeTo"] = draw(st.sampled_from(["04:00", "06:30", "12:00"]))
    if draw(st.integers(0, 2)) == 0:
        number["finishDateTime"] = instant(start + draw(st.integers(1, 12)) * TICK_MS)
    return number


@st.composite
def lively_scenes(draw: st.DrawFn) -> Scene:
    """Some hours in which much is answered and much is commanded, around calls."""
    without = frozenset(draw(st.sets(st.sampled_from(PARTS), max_size=5))) - {"script", "answers"}
    start = draw(st.sampled_from([CROWDED_STARTS[0], CROWDED_STARTS[0], CROWDED_STARTS[-1]]))
    campaign: Fields = {"detectTimeZone": False, "ringSeconds": draw(st.sampled_from([900, 1800]))}
    if draw(st.booleans()):
        campaign["policy"] = {"maxAttempts": draw(st.integers(1, 3)), "localTimeFrom": "00:30", "dialerPriority": 3}
    if draw(st.booleans()):
        campaign["readings"] = {
            "redialInherits": draw(st.sampled_from(["number", "campaign"])),
            "retryFrom": draw(st.sampled_from(["end", "start"])),
        }
    if draw(st.integers(0, 2)) == 0:
        campaign["maxAttemptsPerPhone"] = draw(st.integers(2, 7))
    if draw(st.integers(0, 3)) == 0:
        campaign["callsPerSecond"] = 1000 / TICK_MS
    if draw(st.integers(0, 2)) == 0:
        campaign["agents"] = draw(staffs(TICK_MS))
    request = draw(st.lists(lively_numbers(start), min_size=3, max_size=6))
    request = [stripped({**number, "payload": place}, without) for place, number in enumerate(request)]
    case = Case(
        stripped(campaign, without), request, start, start + 48 * TICK_MS, draw(st.sampled_from([None, 1, 2, 3]))
    )
    lists = st.lists(entries(case, without), min_size=3, max_size=6)
    script = {"jobs": {str(place): draw(lists) for place in range(len(request))}, "phones": {PHONES[0]: draw(lists)}}
    if "lines" in without:
        case = case._replace(lines=None)
    laws = draw(laws_of(case, without))
    return Scene(case, script, draw(commands(case, script, laws, without)), laws)


def any_scenes() -> st.SearchStrategy[Scene]:
    """Scenes of all kinds, most of them lively."""
    return lively_scenes() | lively_scenes() | scenes()


# --- drawn outcomes --------------------------------------------------------------------------------------------------


@st.composite
def drawn_scenes(draw: st.DrawFn) -> Scene:
    """A scene with more numbers, whose calls are drawn by a model; half of them have nothing that is special."""
    scene = draw(any_scenes())
    case, tick_s = scene.case, scene.case.tick_ms // 1000
    request = [{**number, "payload": f"{place}"} for place, number in enumerate(case.numbers * draw(st.integers(1, 4)))]
    # With agents, what a call comes to is not all that was drawn for it.
    campaign = {field: value for field, value in case.campaign.items() if field != "agents"}
    if draw(st.booleans()):
        special = {"callsPerSecond", "maxAttemptsPerPhone", "readings"}
        campaign = {field: value for field, value in campaign.items() if field not in special}
        case = case._replace(lines=draw(st.sampled_from([1, 2, 2, 4])))
    lengths = {"values": [tick_s * ticks for ticks in draw(st.sampled_from([[1], [1, 2], [1, 1, 3]]))]}
    model = {
        "answered": draw(st.sampled_from([0, 0.2, 0.5])),
        "busy": draw(st.sampled_from([0, 0.1])),
        "failed": draw(st.sampled_from([0, 0.2])),
        "nonexistentNumber": draw(st.sampled_from([0, 0.1])),
        "result": 0.5,
        "ringSeconds": {"values": [tick_s]} if case.tick_ms == HOUR_MS else lengths,
        "talkSeconds": lengths,
    }
    return scene._replace(case=case._replace(campaign=campaign, numbers=request), script={"model": model})


def written_down(timeline: Timeline) -> Fields:
    """The script of what the calls of a timeline came to."""
    script: dict[str, list[Fields]] = {}
    for dial in timeline:
        entry: Fields = {"outcome": dial.outcome.value, "ringSeconds": (dial.length_ms - dial.talk_ms) / 1000}
        if dial.outcome == "answered":
            entry |= {"talkSeconds": dial.talk_ms / 1000, "result": dial.result}
        script.setdefault(str(dial.job.index), []).append(entry)
    return {"jobs": script}
