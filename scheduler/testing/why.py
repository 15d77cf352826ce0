"""Which of all that differs between two runs moved a dial.

What it means
    Of the two instants of a dial, the earlier one is where the question lies: one run, the free one, dialled there, and
    the other, the held one, did not. What the held run has and the free one has not is to be named, and no more.

How it works
    First what forbids: a field is named if the rules of the free run, with this one field from the held run, forbid the
    instant. Then what was not due: the attempt before ended otherwise, or the pause behind it is another one. Only
    then, and only where lines, the pace or agents are shared, what decides the order: the number's own fields, the
    settings, other numbers. Where the held run dialled at last is asked too: a field is named if, but for it, the
    calendar had been open before, or the attempt due at another instant. What is still without a reason is looked up
    in what `explain` says, where a timeline is at hand. Only differences are asked: what did not change is never named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from scheduler.engine.columns import Reason as End
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import HOUR_MS, SECOND_MS
from scheduler.testing.change import Change, Kind
from scheduler.testing.pinned import NONE, JobKey, Pinned, PinnedDial, PinnedJob
from scheduler.testing.reasons import TIME, WAIT, Reason, differences
from scheduler.testing.rules import Rules
from scheduler.testing.settings import amount_of, number_of, settings_differences
from scheduler.testing.waits import Waits

OLD, NEW = 0, 1
Reasons = tuple[Reason, ...]
Texts = Mapping[str, str]

Dials = Mapping[JobKey, Mapping[int, PinnedDial]]

OF_DATES = frozenset({"startDateTime", "finishDateTime"})
OF_ZONES = frozenset({"gmtZone", "law", "lawZones"})
OF_RANK = OF_DATES | OF_ZONES | {"dialerPriority", "customSchedule"}
OF_CALENDAR = (
    OF_DATES
    | OF_ZONES
    | {"allowedDays", "allowedTime", *(TIME + day for day in DAYS), "accepted"}
    | {"now", "until", "closedDates", "overnightTail", "pauses", "stopped"}
)
OF_PAUSE = frozenset({"retryIntervalInMinutes", "retryFrom", "startDateTime"})
SHARED = (("lines", "maxSimultaneousCalls"), ("pace", "callsPerSecond"), ("agents", "agents"))
OF_SHARED = frozenset(field for _, field in SHARED)
ENDS = {  # why the job of a dial that is gone had ended, and the sentences for a dial that is gone and one that is new
    End.ANSWERED: ("answeredBefore", "notAnsweredBefore"),
    End.NO_SUCH_NUMBER: ("noSuchNumberBefore", "notNoSuchNumberBefore"),
    End.CANCELLED: ("cancelled", "notCancelled"),
    End.STOPPED: ("stopped", "notStopped"),
}


BY_COMMAND = frozenset({End.CANCELLED.value, End.STOPPED.value})
BY_OUTCOME = frozenset({End.ANSWERED.value, End.NO_SUCH_NUMBER.value})


class Before(NamedTuple):
    """The attempt before one, in both runs: its dials, why it changed, and whether the one behind it is a redial."""

    dials: tuple[PinnedDial, PinnedDial]
    reasons: Reasons
    redial: bool


class Pair:
    """The policies of a job in both runs, with the settings: their differences, and what each of these forbids."""

    def __init__(self, policies: Sequence[Texts], settings: Sequence[Texts], shared: Reasons) -> None:
        self._policies, self._settings = policies, settings
        self.policy = differences(policies[OLD], policies[NEW], "policy")
        self.rules = tuple(Rules(*each) for each in zip(policies, settings, strict=True))
        self._deciding = [each for each in (*self.policy, *shared) if each.field in OF_CALENDAR]
        self._mixed: dict[tuple[str, int], Rules] = {}
        self.pause = tuple(each for each in (*self.policy, *shared) if each.field in OF_PAUSE)
        self._found: dict[tuple[int, int], Reasons] = {}
        self._landed: dict[tuple[int, int], Reasons] = {}

    def forbidding(self, at_ms: int, held: int) -> Reasons:
        """The differences by which the held run forbids an instant that the free one allows."""
        if not self._deciding:
            return ()
        # Where lines are shared, many dials have one instant.
        key = at_ms, held
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._forbidding(at_ms, held)
        return found

    def _forbidding(self, at_ms: int, held: int) -> Reasons:
        free = 1 - held
        if not self.rules[held].forbids(at_ms) or self.rules[free].forbids(at_ms):
            return ()
        alone = tuple(each for each in self._deciding if self._with(each, free).forbids(at_ms))
        if alone:
            return alone
        needed = tuple(each for each in self._deciding if not self._with(each, held).forbids(at_ms))
        return needed or tuple(self._deciding)

    def _with(self, difference: Reason, run: int) -> Rules:
        """The rules of a run, save one field, which is the other run's."""
        key = difference.field, run
        if key not in self._mixed:
            policy, settings = dict(self._policies[run]), dict(self._settings[run])
            texts, others = (policy, self._policies) if difference.code == "policy" else (settings, self._settings)
            days = [TIME + day for day in DAYS] if difference.field == "allowedTime" else [difference.field]
            texts.update({field: others[1 - run][field] for field in days})
            self._mixed[key] = Rules(policy, settings)
        return self._mixed[key]

    def landing(self, at_ms: int, held: int) -> Reasons:
        """The differences but for any of which the held run would have been open just before, or not at an instant."""
        if not self._deciding:
            return ()
        key = at_ms, held
        found = self._landed.get(key)
        if found is None:
            opens = self.rules[held].forbids(at_ms - 1)
            found = self._landed[key] = tuple(
                each
                for each in self._deciding
                if (others := self._with(each, held)).forbids(at_ms) or (opens and not others.forbids(at_ms - 1))
            )
        return found

    def due(self, before: Before, rules: int, dial: int) -> int:
        """When an attempt is due by the rules of one run, after the dial of one run."""
        earlier = before.dials[dial]
        return self.rules[rules].due_after(earlier.at_ms, earlier.length_ms, redial=before.redial)

    def due_here(self, before: Before, at_ms: int, held: int) -> Reasons:
        """Why an attempt of the held run was due at the very instant of its dial: by the one before, by the pause."""
        if self.due(before, held, held) != at_ms:
            return ()
        earlier = before.reasons if self.due(before, held, 1 - held) != at_ms else ()
        return (*earlier, *(self.pause if self.due(before, 1 - held, held) != at_ms else ()))

    def ranking(self, at_ms: int, before: Before | None, held: int) -> Reasons:
        """The differences of the policy that may give an attempt of the held run a weaker rank at an instant."""
        if not self.policy:
            return ()
        days = {day for rules in self.rules for day in rules.days_at(at_ms)}
        return tuple(each for each in self.policy if self._ranks(each, days, before, held))

    def _ranks(self, difference: Reason, days: Collection[str], before: Before | None, held: int) -> bool:
        field = difference.field
        if field == "dialerPriority":
            values = int(difference.old), int(difference.new)
            return values[held] > values[1 - held]  # the greater, the weaker
        if field == "allowedDays":
            return any((day in difference.old.split()) != (day in difference.new.split()) for day in days)
        if field == "retryIntervalInMinutes":
            # Who is due later stands behind.
            return before is not None and self.due(before, held, held) > self.due(before, 1 - held, held)
        return field in OF_RANK or field == "allowedTime" or field in {TIME + day for day in days}


class Why:
    """Finds the reasons of changes. Asked in order of redials and attempts, as later ones follow from earlier ones."""

    def __init__(self, runs: tuple[Pinned, Pinned], dials: tuple[Dials, Dials], waits: tuple[Waits, Waits]) -> None:
        self._runs, self._dials, self._waits = runs, dials, waits
        self.settings = settings_differences(*runs)
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._known: dict[tuple[JobKey, int], Reasons] = {}
        self._shared = next((code for code, field in SHARED if self._limits(field)), None)
        self._causes = self._find_causes()

    def _limits(self, field: str) -> bool:
        return any(run.settings.get(field, NONE) != NONE for run in self._runs)

    def pair(self, key: JobKey) -> Pair:
        """The policies of a job that both runs have."""
        old, new = self._runs[OLD].jobs[key].policy, self._runs[NEW].jobs[key].policy
        ids = id(old), id(new)
        pair = self._pairs.get(ids)
        if pair is None:
            pair = self._pairs[ids] = Pair((old, new), [run.settings for run in self._runs], self.settings)
        return pair

    def _find_causes(self) -> set[JobKey]:
        """The jobs by which others may have been moved: new, gone, under another policy, or with other outcomes."""
        old, new = (run.jobs.keys() for run in self._runs)
        causes = set(old ^ new)
        for key in old & new:
            if self.pair(key).policy or self._ended_otherwise(key):
                causes.add(key)
        return causes

    def _ended_otherwise(self, key: JobKey) -> bool:
        olds, news = self._dials[OLD].get(key, {}), self._dials[NEW].get(key, {})
        return any(n in news and ended_otherwise(dial, news[n]) for n, dial in olds.items())

    def note(self, key: JobKey, attempt: int, reasons: Reasons) -> None:
        """Remember why an attempt changed, for those behind it."""
        self._known[key, attempt] = tuple(dict.fromkeys((*self._known.get((key, attempt), ()), *reasons)))

    # -- moves -----------------------------------------------------------------------------------------------------

    def of_move(self, key: JobKey, before: PinnedDial, after: PinnedDial) -> Reasons:
        """Why a dial moved."""
        held, free, late = (NEW, before, after) if after.at_ms > before.at_ms else (OLD, after, before)
        pair, attempt = self.pair(key), free.attempt
        previous = self._before(key, attempt)
        found = pair.forbidding(free.at_ms, held)
        if not found and previous is not None:
            found = self._not_due(pair, previous, free.at_ms, held)
        found = found or self._ordered(key, pair, previous, free.at_ms, held)
        landing = pair.landing(late.at_ms, held)
        due = () if previous is None else pair.due_here(previous, late.at_ms, held)
        found = tuple(dict.fromkeys((*found, *landing, *due)))
        return found or self._waited(key, attempt, held)

    def of_clock(self, key: JobKey) -> Reasons:
        """Why a dial has another local time at the same instant."""
        return tuple(each for each in self.pair(key).policy if each.field == "gmtZone")

    def _before(self, key: JobKey, attempt: int) -> Before | None:
        """The attempt before one; of a redial's first, the last of the job before."""
        redial = attempt == 1 and key.redial > 0
        where = key._replace(redial=key.redial - 1) if redial else key
        olds, news = (dials.get(where, {}) for dials in self._dials)
        numbers = (max(olds, default=0), max(news, default=0)) if redial else (attempt - 1, attempt - 1)
        old, new = olds.get(numbers[OLD]), news.get(numbers[NEW])
        if old is None or new is None:
            return None
        known = [self._known.get((where, number), ()) for number in numbers]
        reasons = tuple(dict.fromkeys((*known[OLD], *known[NEW])))
        if (old.at_ms, old.length_ms) == (new.at_ms, new.length_ms):
            reasons = ()  # whatever is another of it, it is not when it ended
        if not reasons and (old.at_ms, old.length_ms) != (new.at_ms, new.length_ms):
            reasons = (Reason("earlierAttempt"),)
        return Before((old, new), reasons, redial)

    @staticmethod
    def _not_due(pair: Pair, before: Before, at_ms: int, held: int) -> Reasons:
        """Why an attempt was not due at an instant in the held run; () if it was."""
        free = 1 - held
        if pair.due(before, held, held) <= at_ms:
            return ()
        pause = pair.pause
        if pair.due(before, free, held) <= at_ms:
            return pause
        if pair.due(before, held, free) <= at_ms:
            return before.reasons
        return tuple(dict.fromkeys((*before.reasons, *pause)))

    def _ordered(self, key: JobKey, pair: Pair, before: Before | None, at_ms: int, held: int) -> Reasons:
        """What may have decided the order: the number's own fields, else settings, else other numbers."""
        unknown = not all(run.settings for run in self._runs)
        if self._shared is None and not unknown:
            laws = tuple(each for each in pair.policy if each.field in {"law", "lawZones"})
            return laws or self._of_phone(key)
        found = self._scarcer(held)
        found = found or tuple(each for each in pair.ranking(at_ms, before, held) if each not in self._everywhere)
        found = found or tuple(each for each in self.settings if each.field != "until")
        if found or self._shared is None:
            return found
        return (Reason(self._shared),) if self._causes - {key} else ()

    def _scarcer(self, held: int) -> Reasons:
        """The settings by which the held run has less of what is shared: lines, calls a second, agents."""
        found = []
        for each in self.settings:
            if each.field in OF_SHARED:
                amounts = [amount_of(text) for text in (each.old, each.new)]
                less, more = amounts[held], amounts[1 - held]
                if less is None or more is None or less < more:
                    found.append(each)
        return tuple(found)

    @cached_property
    def _everywhere(self) -> frozenset[Reason]:
        """The differences that all jobs have alike, which leave the order of jobs as it was."""
        keys = self._runs[OLD].jobs.keys() & self._runs[NEW].jobs.keys()
        each = [frozenset(self.pair(key).policy) for key in keys]
        return frozenset.intersection(*each) if each else frozenset()

    def _of_phone(self, key: JobKey) -> Reasons:
        """Whether other jobs of a phone whose calls are counted changed."""
        lawful = any(run.jobs[key].policy.get("law", NONE) != NONE for run in self._runs)
        counted = lawful or self._limits("maxAttemptsPerPhone")
        others = counted and any(other.phone == key.phone and other != key for other in self._causes)
        return (Reason("phone"),) if others else ()

    def _waited(self, key: JobKey, attempt: int, held: int) -> Reasons:
        """What the held run says of the wait."""
        codes = ", ".join(self._waits[held].codes(key, attempt))
        return () if not codes else (Reason(WAIT, old=codes) if held == OLD else Reason(WAIT, new=codes),)

    # -- dials that only one run has -----------------------------------------------------------------------------------

    def of_dial(self, key: JobKey, dial: PinnedDial, held: int) -> Reasons:
        """Why the held run does not have a dial of a job that both have."""
        pair, job = self.pair(key), self._runs[held].jobs[key]
        most = pair.rules[held].max_attempts
        if most is not None and dial.attempt > most:
            found = tuple(each for each in pair.policy if each.field == "maxAttempts")
            if found:
                return found
        commanded = job.reason in BY_COMMAND
        found = pair.forbidding(dial.at_ms, held) or (() if commanded else self._of_end(job, held))
        if found:
            return found
        previous = self._before(key, dial.attempt)
        if previous is not None:
            found = self._not_due(pair, previous, dial.at_ms, held)
        elif dial.attempt > 1:
            # The attempt before is gone, or new, as well, and for the same reasons.
            found = self._known.get((key, dial.attempt - 1), ())
        # A cancel took no dial that would not have been due before it.
        found = found or (self._of_end(job, held) if commanded else ())
        found = found or self._ordered(key, pair, previous, dial.at_ms, held)
        return found or self._waited(key, dial.attempt, held)

    def _of_end(self, job: PinnedJob, held: int) -> Reasons:
        """What the end of the job in the held run says."""
        for end, sentences in ENDS.items():
            if job.reason == end.value:
                return (Reason(sentences[held == OLD]),)
        if job.reason == End.PHONE_USED_UP.value:
            capped = tuple(each for each in self.settings if each.field == "maxAttemptsPerPhone")
            return capped or (Reason("phoneUsedUp" if held == NEW else "notPhoneUsedUp"),)
        return ()

    # -- the rest --------------------------------------------------------------------------------------------------

    def of_outcome(self, key: JobKey, before: PinnedDial, after: PinnedDial) -> Reasons:
        """Why a dial ended otherwise, where anything is known of it."""
        places = [run.jobs[key].index for run in self._runs]
        if before.abandoned or after.abandoned:
            found = tuple(each for each in self.settings if each.field.startswith("agents"))
            return found or ((Reason("agents"),) if self._causes - {key} else ())
        ring = tuple(each for each in self.settings if each.field == "ringSeconds")
        longer_s = sum(number_of(each.new) - number_of(each.old) for each in ring)
        if ring and before.outcome == after.outcome and after.length_ms - before.length_ms == longer_s * SECOND_MS:
            return ring
        if places[OLD] != places[NEW]:
            return (Reason("place"),)
        # Of all times, a model knows hours of the day alone (R12.3).
        hours = [(dial.at_ms + dial.offset_s * SECOND_MS) // HOUR_MS % 24 for dial in (before, after)]
        return (Reason("moved"),) if hours[OLD] != hours[NEW] else ()

    def of_ending(self, key: JobKey, changes: Iterable[Change]) -> Reasons:
        """Why a job ended otherwise: as its dials changed, else by what differs of its policy, else of the settings."""
        changes = list(changes)
        ends = {self._runs[OLD].jobs[key].reason, self._runs[NEW].jobs[key].reason}
        if ends & BY_OUTCOME:
            found = _united(change for change in changes if change.kind is Kind.OUTCOME)
            # An attempt that only one run has may be the one that was answered.
            behind = _united(each for each in changes if each.kind in {Kind.LOST, Kind.GAINED})
            return found or tuple(each for each in behind if each.field)
        found = _united(each for each in changes if each.kind not in {Kind.EARLIER, Kind.LATER}) or _united(changes)
        if found:
            return found
        idle = {"dialerPriority", "customSchedule"} if self._shared is None else {}
        return tuple(each for each in self.pair(key).policy if each.field not in idle) or self.settings

    def of_redial(self, key: JobKey) -> Reasons:
        """Why a redial is new or gone."""
        parent = key._replace(redial=key.redial - 1)
        olds, news = (dials.get(parent, {}) for dials in self._dials)
        known = (self._known.get((parent, attempt), ()) for attempt in sorted(olds.keys() | news.keys()))
        found = tuple(dict.fromkeys(reason for reasons in known for reason in reasons if reason.field))
        return found or ((Reason("conversation"),) if olds != news else ())


def _united(changes: Iterable[Change]) -> Reasons:
    return tuple(dict.fromkeys(reason for change in changes for reason in change.reasons))


def ended_otherwise(old: PinnedDial, new: PinnedDial) -> bool:
    """Whether a dial has another outcome or length."""
    return old.length_ms != new.length_ms or old.outcome != new.outcome or old.abandoned != new.abandoned
