"""The loop of a run, written out for the campaign that is common: drawn outcomes, and nothing that is special.

Outcomes are drawn by a model without hours and redials; there is no pacing, no cap per phone, lines do not
change, retries are counted from the end. Then nearly all that happens is one call that ends and one dial that
takes its line, or one retry that falls due. Here that is done in place, on the structures that dialler.py
describes; everything else (windows that open or close, several calls that end at once, cohorts of several
lanes, jobs with a finish or a cancel) goes the general way. It does what Dialler.happen does, instant by
instant, at half the cost; tests run both and compare.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from scheduler.engine.calls import GROUP
from scheduler.engine.columns import NONEXISTENT
from scheduler.engine.drawing import CODE_MASK, LENGTH_MASK, LENGTH_SHIFT, TALK_SHIFT, Drawn
from scheduler.engine.lives import ENDED_BY
from scheduler.engine.luck import BLOCK_BITS, BLOCK_MASK
from scheduler.engine.queue import JOB_BITS, JOB_MASK
from scheduler.engine.standing import NOTHING_PENDING

if TYPE_CHECKING:
    from scheduler.engine.dialler import Dialler


def run_express(dialler: Dialler, until_ms: int) -> None:
    """Let everything before an instant happen, from an instant of which all has happened."""
    standing, queue, plans = dialler.standing, dialler.queue, dialler.lives.plans
    ends, heads, edges = dialler.calls.ends, dialler.coming.heads, dialler.windows.edges
    pending, take_due, lanes = standing.pending, dialler.coming.take_due, queue.lanes
    begin_call, end_call = _beginner(dialler), _ender(dialler)
    plain = dialler.lives.are_plain()  # and stays so: finishes and cancels come by commands alone
    stop = until_ms << JOB_BITS
    while True:
        end, head = ends[0], heads[0][0]
        first = end if end < head else head  # noqa: FURB136 - half the time of min()
        instant_ms = first >> JOB_BITS
        limit = (instant_ms + 1) << JOB_BITS
        if edges[0] < limit or first >= stop or end & JOB_MASK == GROUP:
            first = min(first, edges[0])
            if first >= stop:
                return
            dialler.happen(first >> JOB_BITS)
            continue
        if end < limit:
            heappop(ends)
            if ends[0] < limit:
                heappush(ends, end)
                dialler.happen(instant_ms)
                continue
            dialler.free += 1
            end_call(instant_ms, end & JOB_MASK)
        if head < limit:
            attempts = take_due(instant_ms)
            attempt = attempts[0]
            place = attempt & JOB_MASK
            waits_behind = plans[place].lane
            if not plain or len(attempts) > 1 or pending[place] != attempt or waits_behind.opening is None:
                dialler.join(attempts, instant_ms)
            elif dialler.free > 0 and queue.first is None:
                # Nobody else waits, and there is a line: it need not stand in the queue.
                dialler.free -= 1
                begin_call(instant_ms, place)
                continue
            elif waits_behind.waiting:
                waits_behind.waiting.append(attempt)
            else:
                queue.join(waits_behind, attempt)
        while dialler.free > 0 and (cohort := queue.first) is not None:
            attempt, lane = cohort[0]
            place = attempt & JOB_MASK
            if len(cohort) > 1 or lane < 0 or pending[place] != attempt or queue.taken_out:
                dialler.dial(instant_ms)
                break
            waiting = lanes[lane].waiting
            waiting.popleft()
            if waiting:
                cohort[0] = waiting[0], lane
            else:
                cohort.clear()
                queue.drop_first()
            dialler.free -= 1
            begin_call(instant_ms, place)


def _beginner(dialler: Dialler) -> Callable[[int, int], None]:
    """What begins the call of a job that is dialled at an instant."""
    standing, draw, ends = dialler.standing, dialler.draw, dialler.calls.ends
    made, pending, last_call, numbers = standing.made, standing.pending, standing.last_call, standing.numbers
    columns = standing.columns
    add_at, add_job, add_attempt = columns.at.append, columns.job.append, columns.attempt.append
    add_outcome, add_length, add_talk = columns.outcome.append, columns.length_ms.append, columns.talk_ms.append
    assert isinstance(draw, Drawn)
    rows, draw_block = draw.rows, draw.draw_block

    def begin_call(instant_ms: int, place: int) -> None:
        pending[place] = NOTHING_PENDING
        attempt = made[place] = made[place] + 1
        number = numbers[place]
        row = rows[attempt]
        call = (row.get(number >> BLOCK_BITS) or draw_block(row, 0, attempt, number))[number & BLOCK_MASK]
        code, length_ms = call & CODE_MASK, call >> LENGTH_SHIFT & LENGTH_MASK
        last_call[place] = code
        add_at(instant_ms)
        add_job(place)
        add_attempt(attempt)
        add_outcome(code)
        add_length(length_ms)
        add_talk(call >> TALK_SHIFT)
        heappush(ends, (instant_ms + length_ms) << JOB_BITS | place)

    return begin_call


def _ender(dialler: Dialler) -> Callable[[int, int], None]:
    """What ends the call of a job, the only one that ends at an instant."""
    standing, lives = dialler.standing, dialler.lives
    made, pending, last_call, end = standing.made, standing.pending, standing.last_call, standing.end
    plans, add_after_pause = lives.plans, dialler.coming.add_after_pause
    if not lives.are_plain():
        return lambda instant_ms, place: lives.end_call(place, instant_ms)

    def end_call(instant_ms: int, place: int) -> None:
        plan, code = plans[place], last_call[place]
        if not (0 < code < NONEXISTENT and made[place] < plan.max_attempts):
            end(place, ENDED_BY[code], instant_ms)
            return
        due_ms = instant_ms + plan.retry_ms
        if due_ms >= plan.gate.assured_ms:
            lives.end_call(place, instant_ms)
            return
        attempt = pending[place] = due_ms << JOB_BITS | place
        if plan.coming:
            plan.coming.append(attempt)
        else:
            add_after_pause(plan.retry_ms, attempt)

    return end_call
