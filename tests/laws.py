"""Made-up laws, in the words of their files, small enough that calls meet them; and jobs that they bind.

A law of a scene is an object: `law` as in its file, `phones` that it binds, `zones` whose clocks it goes by beside the
number's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from scheduler import Job
from scheduler.policy.laws import Law, Legal, LegalPart
from scheduler.policy.laws.law import law_of
from scheduler.policy.zones import parse_zone

Fields = dict[str, Any]

# Its clock is set back over midnight: on 2010-03-04, from 02:00 of the next day to 23:00.
CASEY = "Antarctica/Casey"
WINDOWS = (("08:00", "20:00"), ("00:00", "12:00"), ("10:00", "23:00"), ("22:00", "06:00"))


def law_named(name: str, fields: Mapping[str, Any]) -> Law:
    """The law that the words of a file describe, which need not say what is for people alone."""
    return law_of({"name": name, "title": name, "places": [], "scope": "", "sources": [], **fields})


def bound(jobs: Sequence[Job], laws: Sequence[Mapping[str, Any]]) -> list[Job]:
    """Jobs with what the laws of a scene have to say of them."""
    made = [law_named(f"law {place}", each["law"]) for place, each in enumerate(laws)]
    known: dict[tuple[str, str], Legal | None] = {}
    found = []
    for job in jobs:
        key = job.phone, job.zone.name
        if key not in known:
            parts = [
                LegalPart(law, zone)
                for law, each in zip(made, laws, strict=True)
                if job.phone in each["phones"]
                for zone in [job.zone, *map(parse_zone, each.get("zones", ()))]
            ]
            known[key] = Legal(tuple(parts)) if parts else None
        found.append(job._replace(legal=known[key]))
    return found


@st.composite
def caps(draw: st.DrawFn) -> Fields:
    """At most one call, or a few, in some hours, dates, or a calendar period."""
    period: Fields = draw(
        st.sampled_from(
            [
                *({"rollingHours": hours} for hours in (1, 2, 3, 6, 24, 30)),
                *({"rollingDays": days} for days in (1, 2, 3)),
                {"calendar": "day"},
                {"calendar": "day"},
                {"calendar": "week"},
                {"calendar": "month"},
            ]
        )
    )
    return {"most": draw(st.sampled_from([1, 1, 2, 2, 3])), **period}


@st.composite
def cool_downs(draw: st.DrawFn) -> Fields:
    """No call for a few days after a conversation, or after a refusal."""
    rule: Fields = {"days": draw(st.integers(1, 3)), "after": draw(st.sampled_from(["conversation", "refusal"]))}
    return rule | ({"countsDay": draw(st.booleans())} if draw(st.booleans()) else {})


@st.composite
def made_up(draw: st.DrawFn, start_ms: int, phones: Sequence[str], zones: Sequence[str]) -> Fields:
    """A law for some phones, perhaps by other clocks too, which may come into force or lapse soon after the start."""
    law: Fields = {"caps": draw(st.lists(caps(), max_size=2)), "coolDowns": draw(st.lists(cool_downs(), max_size=1))}
    if draw(st.integers(0, 2)) == 0:
        opens, closes = draw(st.sampled_from(WINDOWS))
        day = draw(st.sampled_from(["default", "default", "mon", "thu"]))
        law["hours"] = {day: [{"localTimeFrom": opens, "localTimeTo": closes}]}
    today = dt.datetime.fromtimestamp(start_ms / 1000, dt.UTC).date()
    for field in ("from", "until"):
        if draw(st.integers(0, 3)) == 0:
            law[field] = today + dt.timedelta(days=draw(st.integers(-1, 2)))
    if draw(st.booleans()):
        law["redialsExempt"] = True
    return {
        "law": law,
        "phones": draw(st.lists(st.sampled_from(phones), min_size=1, max_size=len(phones), unique=True)),
        "zones": draw(st.lists(st.sampled_from([*zones, CASEY]), max_size=1)),
    }
