"""Numbers as rows of the page: what a plain look at the timeline says, filtered, ordered and cut as was asked."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from hypothesis import given, settings, strategies as st

from scheduler.engine.timeline import Timeline
from scheduler.page.rows import KEPT_ORDERS, Table
from scheduler.page.told import Order, Row, RowsAsked, Show
from tests.scenarios import Scene, any_scenes, performed
from tests.strategies import number, simulated

UNFINISHED = {"planned", "onRetry", "inProcess"}
NEVER_CALLABLE = {"neverOpen", "noWindowBeforeFinish"}


def plain_rows(timeline: Timeline) -> list[Row]:
    """The rows, each looked for through the whole timeline."""
    rows = []
    for job, ending in zip(timeline.jobs, timeline.endings(), strict=True):
        if job.redial is None:
            own = [dial for dial in timeline if dial.job.index == job.index]
            row = Row(
                job=job.index,
                phone=job.phone,
                zone=job.zone.name,
                priority=job.policy.priority,
                state=ending.state.value,
                reason=None if ending.reason is None else ending.reason.value,
                dials=len(own),
                redials=sum(each.index == job.index and each.redial is not None for each in timeline.jobs),
                firstDialMs=own[0].at if own else None,
                lastDialMs=own[-1].at if own else None,
                answered=any(dial.outcome.value == "answered" for dial in own),
            )
            rows.append(row)
    return rows


def shown(row: Row, show: str) -> bool:
    """Whether a row is shown, by what is in it."""
    return {
        "all": True,
        "neverCallable": row.dials == 0 and row.reason in NEVER_CALLABLE,
        "notDialled": row.dials == 0,
        "notReached": row.dials > 0 and not row.answered,
        "reached": row.answered,
        "unfinished": row.state in UNFINISHED,
    }[show]


def value_of(row: Row, order: str) -> Any:
    """What a row is ordered by."""
    return getattr(row, {"firstDial": "firstDialMs", "lastDial": "lastDialMs"}.get(order, order))


def ordered(rows: list[Row], order: str, *, descending: bool) -> list[Row]:
    """Rows in an order: those without a value last, equal ones in the order in which they are."""
    with_value = [row for row in rows if value_of(row, order) is not None]
    with_value.sort(key=lambda row: value_of(row, order), reverse=descending)
    return with_value + [row for row in rows if value_of(row, order) is None]


@given(
    any_scenes(),
    st.sampled_from(get_args(Show)),
    st.sampled_from(get_args(Order)),
    st.booleans(),
    st.data(),
)
@settings(max_examples=60)
def test_rows_are_those_of_a_plain_filter_and_a_plain_sort(
    scene: Scene, show: Show, order: Order, descending: bool, data: st.DataObject
) -> None:
    timeline = performed(scene)
    rows = plain_rows(timeline)
    zone = data.draw(st.none() | st.sampled_from(sorted({row.zone for row in rows}) or ["UTC"]))
    priority = data.draw(st.none() | st.integers(1, 5))
    phone = data.draw(st.sampled_from(["", "79", "000", "65", "no"]))
    begin, count = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))
    asked = RowsAsked(
        from_=begin,
        count=count,
        show=show,
        zone=zone,
        priority=priority,
        phone=phone,
        order=order,
        descending=descending,
    )
    table = Table(timeline)

    told = table.rows(asked)

    wanted = [
        row
        for row in ordered(rows, order, descending=descending)
        if shown(row, show) and zone in {None, row.zone} and priority in {None, row.priority} and phone in row.phone
    ]
    assert (told.total, told.from_) == (len(wanted), begin)
    assert told.rows == wanted[begin : begin + count]
    assert table.rows(asked) == told


def test_a_question_of_long_ago_is_forgotten_and_answered_alike() -> None:
    table = Table(simulated(number("A"), number("B"), now="2026-03-02"))
    first = table.rows(RowsAsked(order="phone", descending=True))

    for place in range(2 * KEPT_ORDERS):
        assert table.rows(RowsAsked(phone=str(place))).total <= 2

    assert len(table._orders) == KEPT_ORDERS
    assert table.rows(RowsAsked(order="phone", descending=True)) == first


def test_rows_are_json_in_the_words_of_the_page() -> None:
    table = Table(simulated(number("A"), now="2026-03-02"))

    (row,) = msgspec.json.decode(msgspec.json.encode(table.rows(RowsAsked())))["rows"]

    assert row == {
        "job": 0,
        "phone": "79000000065",
        "zone": "Z",
        "priority": 5,
        "state": "noAnswer",
        "reason": "attemptsUsedUp",
        "dials": 1,
        "redials": 0,
        "firstDialMs": 1772409600000,
        "lastDialMs": 1772409600000,
        "answered": False,
    }
