"""The loop of a run, written out for calls that come to something of their own: scripts and models.

Then nearly all that happens is one call that ends and one dial that takes its line, or one retry that falls
due. Here that is done in place, on the structures that dialler.py describes; everything else (windows that
open or close, lines that change, several calls that end at once, cohorts of several lanes, jobs with a finish
or a cancel) goes the general way. It does what Dialler.happen does, instant by instant, at half the cost;
tests run both and compare.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from scheduler.engine.calls import GROUP
from scheduler.engine.columns import NONEXISTENT
from scheduler.engine.drawing import ASKS, CODE_MASK, LENGTH_MASK, LENGTH_SHIFT, TALK_SHIFT, Drawn
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
    pending, finishes, take_due, lanes = standing.pending, standing.finishes, dialler.coming.take_due, queue.lanes
    spacing_ms, call, end_call = dialler.spacing_ms, _caller(dialler), _ender(dialler)
    stop = min(until_ms, dialler.other_lines_ms) << JOB_BITS
    while True:
        end, head = ends[0], heads[0][0]
        first = end if end < head else head  # noqa: FURB136 - half the time of min()
        if spacing_ms and dialler.free > 0 and queue.first is not None:
            first = min(first, dialler.next_dial_ms << JOB_BITS)
        instant_ms = first >> JOB_BITS
        limit = (instant_ms + 1) << JOB_BITS
        if edges[0] < limit or first >= stop or end & JOB_MASK == GROUP:
            instant_ms = min(first >> JOB_BITS, edges[0] >> JOB_BITS, dialler.other_lines_ms)
            if instant_ms >= until_ms:
                return
            dialler.happen(instant_ms)
            stop = min(until_ms, dialler.other_lines_ms) << JOB_BITS
            continue
        if end < limit:
            heappop(ends)
            if ends[0] < limit:
                heappush(ends, end)
                dialler.happen(instant_ms)
                continue
            dialler.free += 1
            end_call(instant_ms, end & JOB_MASK)
        if heads[0][0] < limit:
            attempts = take_due(instant_ms)
            attempt = attempts[0]
            place = attempt & JOB_MASK
            waits_behind = plans[place].lane
            if len(attempts) > 1 or pending[place] != attempt or waits_behind.opening is None or place in finishes:
                dialler.join(attempts, instant_ms)
            elif dialler.free > 0 and queue.first is None and instant_ms >= dialler.next_dial_ms:
                # Nobody else waits, and there is a line: it need not stand in the queue.
                call(instant_ms, place)
                continue
            elif waits_behind.waiting:
                waits_behind.waiting.append(attempt)
            else:
                queue.join(waits_behind, attempt)
        while dialler.free > 0 and (cohort := queue.first) is not None and instant_ms >= dialler.next_dial_ms:
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
            call(instant_ms, place)


def _caller(dialler: Dialler) -> Callable[[int, int], None]:
    """What calls a job at an instant: draws what the call comes to, and notes it."""
    standing, draw, ends, spacing_ms = dialler.standing, dialler.draw, dialler.calls.ends, dialler.spacing_ms
    made, pending, last_call, columns = standing.made, standing.pending, standing.last_call, standing.columns
    add_at, add_job, add_attempt = columns.at.append, columns.job.append, columns.attempt.append
    add_outcome, add_length, add_talk = columns.outcome.append, columns.length_ms.append, columns.talk_ms.append
    dialled_at = dialler.lives.dialled_at if dialler.lives.retry_from_start else None
    capped, shared = standing.phone_cap is not None, dialler.lives.lawful.shared
    count_dial = dialler.lives.count_dial if capped or dialler.lives.lawful else None
    numbers, redial_numbers, asked = standing.numbers, standing.redial_numbers, standing.asked
    assert draw is not None
    draw_one = draw.one
    blocks = draw if isinstance(draw, Drawn) and draw.in_blocks else None

    def call(instant_ms: int, place: int) -> None:
        dialler.free -= 1
        if spacing_ms:
            dialler.next_dial_ms = instant_ms + spacing_ms
        pending[place] = NOTHING_PENDING
        attempt = made[place] = made[place] + 1
        if blocks is None or place in redial_numbers:
            code, length_ms, talk_ms = draw_one(instant_ms, place)
        else:
            number, row = numbers[place], blocks.rows[attempt]
            drawn = (row.get(number >> BLOCK_BITS) or blocks.draw_block(row, 0, attempt, number))[number & BLOCK_MASK]
            code, length_ms, talk_ms = drawn & CODE_MASK, drawn >> LENGTH_SHIFT & LENGTH_MASK, drawn >> TALK_SHIFT
            if drawn & ASKS and blocks.redial is not None:
                asked[place] = blocks.redial
        last_call[place] = code
        add_at(instant_ms)
        add_job(place)
        add_attempt(attempt)
        add_outcome(code)
        add_length(length_ms)
        add_talk(talk_ms)
        heappush(ends, (instant_ms + length_ms) << JOB_BITS | place)
        if dialled_at is not None:
            dialled_at[place] = instant_ms
        if count_dial is not None and (capped or place in shared):
            count_dial(place, instant_ms)

    return call


def _ender(dialler: Dialler) -> Callable[[int, int], None]:
    """What ends the call of a job, the only one that ends at an instant."""
    standing, lives = dialler.standing, dialler.lives
    made, pending, last_call, end = standing.made, standing.pending, standing.last_call, standing.end
    finishes, asked, cancelled = standing.finishes, standing.asked, standing.cancelled
    plans, add_after_pause = lives.plans, dialler.coming.add_after_pause
    if lives.retry_from_start or standing.phone_cap is not None:
        return lambda instant_ms, place: lives.end_call(place, instant_ms)

    def end_call(instant_ms: int, place: int) -> None:
        plan, code = plans[place], last_call[place]
        due_ms = instant_ms + plan.retry_ms
        if place in asked or place in finishes or place in cancelled:
            lives.end_call(place, instant_ms)
        elif not (0 < code < NONEXISTENT and made[place] < plan.unheld):
            if plan.unheld == plan.max_attempts:
                end(place, ENDED_BY[code], instant_ms)
            else:
                lives.end_call(place, instant_ms)
        elif due_ms >= plan.gate.assured_ms:
            lives.end_call(place, instant_ms)
        else:
            attempt = pending[place] = due_ms << JOB_BITS | place
            if plan.coming:
                plan.coming.append(attempt)
            else:
                add_after_pause(plan.retry_ms, attempt)

    return end_call
