"""Subject `calendar`: the year 2026 of one policy in Europe/Berlin, against opening-hours-py.

A span compiles 24 policies, which differ by the minute at which the afternoon ends; the unit is one calendar. The peer
lists the open intervals of the same policy over the same year, from expressions that are parsed beforehand, as our
hours are. *Warm*: the zone has been used before, by another policy. *Cold*: zone and expression are made anew for
every calendar.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from benchmarks.harness import OURS, Bench, Contender

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
START = datetime(2026, 1, 1, tzinfo=BERLIN)
STOP = datetime(2027, 1, 1, tzinfo=BERLIN)
START_MS, STOP_MS = (int(edge.timestamp()) * 1000 for edge in (START, STOP))
AFTERNOONS = [f"18:{minute:02d}" for minute in range(24)]
PEER = "opening-hours-py"
BAR = 0.5


def number(afternoon: str) -> dict[str, Any]:
    """One number of a request, with the policy that is measured."""
    windows = [("09:00", "13:00"), ("14:00", afternoon)]
    return {
        "phone": "4915112345678",
        "payload": {"afternoon": afternoon},
        "gmtZone": ZONE,
        "allowedDays": ["mon", "tue", "wed", "thu", "fri", "sat"],
        "allowedTime": {
            "sat": [{"localTimeFrom": "22:00", "localTimeTo": "03:00"}],
            "default": [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in windows],
        },
    }


def expression(afternoon: str) -> str:
    """The same policy in the words of OpenStreetMap."""
    return f"Mo-Fr 09:00-13:00,14:00-{afternoon}; Sa 22:00-03:00"


def listed(hours: OpeningHours) -> list[Any]:
    """The open intervals of the year, as the peer gives them."""
    return [span for span in hours.intervals(START, STOP) if span[2] == State.OPEN]


def last_length(calendars: list[Any]) -> int:
    """How many intervals the last calendar of a span has."""
    return len(calendars[-1])


def peers() -> tuple[Contender, Contender]:
    """opening-hours-py, warm and cold."""
    parsed = [OpeningHours(expression(afternoon), timezone=BERLIN) for afternoon in AFTERNOONS]

    def warm() -> list[Any]:
        return [listed(hours) for hours in parsed]

    def cold() -> list[Any]:
        return [listed(OpeningHours(expression(text), timezone=ZoneInfo.no_cache(ZONE))) for text in AFTERNOONS]

    return (
        Contender(name=PEER, run=warm, units=len, spans=3),
        Contender(name=PEER, run=cold, units=len, spans=3),
    )


def ours() -> tuple[Contender, Contender, str]:
    """call-scheduler, warm and cold, and how a cold zone is made."""
    import scheduler
    from scheduler.policy.calendar import compile_calendar
    from scheduler.policy.zones import parse_zone

    body = json.dumps([number(afternoon) for afternoon in AFTERNOONS]).encode()
    policies = [job.policy.hours for job in scheduler.read_request(body, scheduler.Campaign()).jobs]
    clear: Callable[[], None] | None = getattr(parse_zone, "cache_clear", None)
    zone = parse_zone(ZONE)

    def warm() -> list[Any]:
        return [compile_calendar(hours, zone, START_MS, STOP_MS) for hours in policies]

    def cold() -> list[Any]:
        calendars = []
        for hours in policies:
            if clear is not None:
                clear()
            calendars.append(compile_calendar(hours, parse_zone(ZONE), START_MS, STOP_MS))
        return calendars

    way = "parse_zone.cache_clear() before each" if clear else "parse_zone called again for each"
    return (
        Contender(name=OURS, run=warm, units=len, spans=3),
        Contender(name=OURS, run=cold, units=len, spans=3),
        way,
    )


def run(bench: Bench) -> None:
    """Measures warm and cold, after a count that shows that both list the same year."""
    peer_warm, peer_cold = peers()
    warm, cold = [peer_warm], [peer_cold]
    counts = f"{PEER} lists {last_length(peer_warm.run())} intervals"
    if not bench.peers_only:
        our_warm, our_cold, way = ours()
        warm.insert(0, our_warm)
        cold.insert(0, our_cold)
        counts += f", {OURS} {last_length(our_warm.run())}. Cold zones: {way}"
    turns = bench.turns(15)
    bench.ratio(bench.measure("one year, warm", len(AFTERNOONS), warm, turns=turns), PEER, bar=BAR)
    bench.ratio(bench.measure("one year, cold", len(AFTERNOONS), cold, turns=turns), PEER)
    bench.note(f"Of the same year and policy, {counts}.")
