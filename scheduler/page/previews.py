"""Previews: texts that were handed in, runs that are worked on in threads, and results that are kept for a while.

Of texts and of results the oldest are forgotten when there is no room for more; what was asked for last always stays.
A run that is to be stopped, stops the next time that it says how far it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Condition

from scheduler.engine.simulation import Simulation
from scheduler.jobs import UsageError
from scheduler.page import told
from scheduler.page.asked import read
from scheduler.page.problems import Unreadable, told_of_run
from scheduler.page.result import Result
from scheduler.page.stepping import simulated
from scheduler.page.told import Asked, Preview
from scheduler.policy.clocks import DAY_NAMES
from scheduler.policy.errors import PolicyError
from scheduler.policy.instants import DAY_MS, format_instant

READING, PLACING, COUNTING = 0.0, 0.3, 0.85  # where each part begins, as a share of the whole
TURN = "waiting for its turn"
THREADS = "preview"


class UnknownPreview(LookupError):
    """No preview is kept under that name."""


class UnknownText(LookupError):
    """No text is kept under that name."""


class NotDone(Exception):
    """A preview is asked for what it does not have yet, or never will."""


class TooBusy(Exception):
    """More previews wait than may."""


class _Stop(BaseException):
    """A run is to stop. Nobody but the run itself catches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is kept and done: bytes of texts, numbers of results, previews in all, and runs at a time.

    `most_numbers` is how many numbers a request may have.
    """

    text_bytes: int
    numbers: int
    previews: int = 100
    runs: int = 2
    most_numbers: int = 1_000_000


class Kept:
    """A preview that is kept: how it stands, and its result once there is one. `changes` counts what was told of it.

    `asked` is what is to be previewed, until its turn comes or it is forgotten.
    """

    def __init__(self, name: str, asked: Asked) -> None:
        self.name = name
        self.asked: Asked | None = asked
        self.stands: Preview = told.Working(preview=name, doing=TURN, share=None)
        self.changes = 0
        self.result: Result | None = None
        self.to_stop = False

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return not isinstance(self.stands, told.Working)


class Previews:
    """All previews of a server. `new_name` makes names that nobody guesses, `present_ms` says when it is.

    `failed` is told of errors of ours, `around` is what a run is worked on in.
    """

    def __init__(
        self,
        bounds: Bounds,
        *,
        new_name: Callable[[], str],
        present_ms: Callable[[], int],
        failed: Callable[[BaseException], object],
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._bounds = bounds
        self._new_name = new_name
        self._present_ms = present_ms
        self._failed = failed
        self._around = around
        self._texts: OrderedDict[str, bytes] = OrderedDict()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._changed = Condition()
        self._workers = ThreadPoolExecutor(bounds.runs, thread_name_prefix=THREADS)

    # -- texts -------------------------------------------------------------------------------------------

    def hand_in(self, text: bytes) -> str:
        """Keep a text; its name from then on."""
        name = self._new_name()
        with self._changed:
            self._texts[name] = text
            while len(self._texts) > 1 and sum(map(len, self._texts.values())) > self._bounds.text_bytes:
                self._texts.popitem(last=False)
        return name

    # -- previews ----------------------------------------------------------------------------------------

    def begin(self, asked: Asked) -> str:
        """Begin a preview, or have it wait for its turn; its name.

        Raises UnknownText, and TooBusy.
        """
        with self._changed:
            if asked.request not in self._texts:
                raise UnknownText
            self._texts.move_to_end(asked.request)
            self._refuse_too_much(asked)
            self._make_room()
            kept = Kept(self._new_name(), asked)
            self._kept[kept.name] = kept
        self._workers.submit(self._work, kept)
        return kept.name

    def _make_room(self) -> None:
        """Forget previews that have ended until there is room for one more."""
        while len(self._kept) >= self._bounds.previews:
            oldest = next((name for name, kept in self._kept.items() if kept.ended), None)
            if oldest is None:
                raise TooBusy
            del self._kept[oldest]

    def _refuse_too_much(self, asked: Asked) -> None:
        """Raises TooBusy where the texts of those that wait would be longer than texts may be in all."""
        waiting = sum(_length(kept.asked) for kept in self._kept.values() if kept.asked is not None)
        if waiting and waiting + _length(asked) > self._bounds.text_bytes:
            raise TooBusy

    def stands(self, name: str) -> Preview:
        """How a preview stands. Raises UnknownPreview."""
        return self._of(name).stands

    def refuse_unknown(self, name: str) -> None:
        """Raises UnknownPreview for one that is not kept."""
        if name not in self._kept:
            raise UnknownPreview

    def changes(self, name: str) -> int:
        """How often something was told of a preview; -1 for one that is not kept."""
        kept = self._kept.get(name)
        return -1 if kept is None else kept.changes

    def has_ended(self, name: str) -> bool:
        """Whether nothing more comes of a preview, or it is not kept."""
        kept = self._kept.get(name)
        return kept is None or kept.ended

    def wait(self, name: str, timeout_s: float) -> Preview:
        """How a preview stands once it has ended, or when the time is over. Raises UnknownPreview."""
        kept = self._of(name)
        with self._changed:
            self._changed.wait_for(lambda: kept.ended, timeout_s)
        return kept.stands

    def result(self, name: str) -> Result:
        """The result of a preview. Raises UnknownPreview, and NotDone."""
        kept = self._of(name)
        if kept.result is None:
            raise NotDone
        return kept.result

    def forget(self, name: str) -> None:
        """Stop a preview, and forget it. Raises UnknownPreview."""
        with self._changed:
            kept = self._kept.pop(name, None)
            if kept is None:
                raise UnknownPreview
            kept.to_stop = True
            kept.asked = None

    def close(self) -> None:
        """Stop all runs. Those that wait do not begin; those that are worked on end soon."""
        with self._changed:
            for kept in self._kept.values():
                kept.to_stop = True
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _of(self, name: str) -> Kept:
        with self._changed:
            kept = self._kept.get(name)
            if kept is None:
                raise UnknownPreview
            self._kept.move_to_end(name)
            return kept

    # -- a run, in its thread ----------------------------------------------------------------------------

    def _work(self, kept: Kept) -> None:
        try:
            with self._around():
                result = self._run(kept)
                done = told.Done(preview=kept.name, overview=result.overview)
        except UnknownText:
            message = "its numbers had to make room for others before its turn came; hand them in again"
            self._tell(kept, told.Failed(preview=kept.name, message=message))
        except _Stop:
            self._tell(kept, told.Stopped(preview=kept.name))
        except Unreadable as unfit:
            self._tell(kept, told.Unfit(preview=kept.name, problems=unfit.problems, more=unfit.more))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the page is told that there is no result
            self._failed(error)
            self._tell(kept, told.Failed(preview=kept.name, message=_words(error)))
        else:
            with self._changed:
                kept.result = result
                self._forget_results(kept)
            self._tell(kept, done)

    def _run(self, kept: Kept) -> Result:
        with self._changed:
            asked, kept.asked = kept.asked, None
            if asked is None:
                raise _Stop
            body = self._texts.get(asked.request)
        progress = _Progress(kept, self._tell)
        progress.reading(0, 0)
        if body is None:
            raise UnknownText
        run = read(
            asked,
            body,
            present_ms=self._present_ms(),
            most_numbers=self._bounds.most_numbers,
            progress=progress.reading,
        )
        most_dials = sum(job.policy.max_attempts for job in run.jobs)
        timeline = simulated(run, lambda simulation: progress.placing(simulation, most_dials))
        warnings = [*run.warnings, *told_of_run(timeline.warnings)]
        result = Result(timeline, warnings, run.own, run.overridden, run.made, run.source)
        steps = ("lines in use", result.count_lines), ("numbers", result.count_numbers), ("waits", result.count_figures)
        for place, (what, count) in enumerate(steps):
            progress.counting(what, place / len(steps))
            count()
        return result

    def _tell(self, kept: Kept, stands: Preview) -> None:
        with self._changed:
            kept.stands = stands
            kept.changes += 1
            self._changed.notify_all()

    def _forget_results(self, newest: Kept) -> None:
        """Forget results that were not asked for of late until the rest has no more numbers than are kept."""
        done = [kept for kept in self._kept.values() if kept.result is not None]
        total = sum(kept.result.numbers for kept in done if kept.result is not None)
        for kept in done:
            if total <= self._bounds.numbers:
                return
            if kept is not newest and kept.result is not None:
                total -= kept.result.numbers
                del self._kept[kept.name]


def _length(asked: Asked) -> int:
    return sum(len(text or "") for text in (asked.campaign, asked.outcomes, asked.now, asked.until))


def _words(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for this preview; take fewer numbers"
    if isinstance(error, UsageError | PolicyError):
        return str(error)
    return "an error of the program itself; its log says where"


class _Progress:
    """Says how far a run is, whenever that has changed by a hundredth or in words; stops one that is to stop."""

    def __init__(self, kept: Kept, tell: Callable[[Kept, Preview], None]) -> None:
        self._kept = kept
        self._tell = tell
        self._share = -1.0

    def reading(self, done: int, of: int) -> None:
        """So many numbers are read."""
        share = READING + (PLACING - READING) * done / of if of else READING
        self._at(share, f"reading {done:,} of {of:,} numbers" if of else "reading the numbers")

    def placing(self, simulation: Simulation, most: int) -> None:
        """So many dials are placed, of how many there may be at most."""
        share = PLACING + (COUNTING - PLACING) * min(simulation.dials / max(most, 1), 1)
        day = f"{DAY_NAMES[simulation.now_ms // DAY_MS % 7]} {format_instant(simulation.now_ms)[:10]}"
        self._at(share, f"placing dials: {simulation.dials:,} so far, {day} in the campaign")

    def counting(self, what: str, share: float) -> None:
        """The dials are there, and are counted."""
        self._at(COUNTING + (1 - COUNTING) * share, f"counting {what}", at_once=True)

    def _at(self, share: float, doing: str, *, at_once: bool = False) -> None:
        if self._kept.to_stop:
            raise _Stop
        if at_once or share >= self._share + 0.01 or self._share < 0:
            self._share = max(share, self._share)
            self._tell(self._kept, told.Working(preview=self._kept.name, doing=doing, share=round(self._share, 3)))
