r"""The text of a golden file, made to be read in a review.

What it looks like
    A head: the format, the versions of what decides zones, the settings of the run. Then each distinct policy with the
    jobs that have it: a policy has no name, so nothing is renamed when another policy comes or goes, and a change of
    one field is one line, however many jobs share it. Then the dials in the order in which they were placed, each on
    the clock of its number and in UTC. No line is padded to another one's width, and none counts anything but its own
    job's dials.

Why what is read is right
    A file is read, written again, and compared with what was read: a weekday, a local time or a count that says
    something else than the rest of the file is found at its line. So no text but the right one is taken for a timeline.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TypeVar

from scheduler.policy.clocks import DAY_NAMES
from scheduler.policy.errors import PolicyError, shown
from scheduler.policy.hours import DAYS
from scheduler.policy.instants import DAY_MS, SECOND_MS, format_instant, parse_instant, wall_clock_ms
from scheduler.testing.pinned import NONE, JobKey, Pinned, PinnedDial, PinnedJob

T = TypeVar("T")

FORMAT = 1
TITLE = "call-scheduler golden file, format "
ZONE_FIELD = "gmtZone"
HOURS_FIELD = "allowedTime."
FIRST_SETTINGS = ("name", "now", "until")
ADVICE = "--golden-update writes the file anew"
MAX_SHOWN = 120

# What would end a line for some tool, or be seen by nobody: control and format characters. A fixed list, so that every
# Python writes the same, whatever its Unicode.
_ODD = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_NUMBER = r"(0|[1-9][0-9]{0,14})"
_JOB = rf"(\S+?)(?:#([1-9][0-9]{{0,8}}))?(?:  redial {_NUMBER})?"
_JOB_LINE = re.compile(rf"  {_JOB}  job {_NUMBER}  (\S+)  {_NUMBER}(?: of \S+)? dials?  (\S+)  (\S+)")
_DIAL_LINE = re.compile(
    rf"  \S+ (\S+ \S+) ([+-])([0-9]{{2}}):([0-9]{{2}})(?::([0-9]{{2}}))? (\S+)  (\S+)  {_JOB}"
    rf"  attempt {_NUMBER}(?: of \S+)?(?:  priority \S+)?  (\S+)  {_NUMBER}(?:\.([0-9]{{3}}))? s(  abandoned)?"
)


class GoldenError(ValueError):
    """A text is no golden file, or was changed by hand; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


def golden_text(pinned: Pinned) -> str:
    """The golden file of a pinned timeline: lines that end in LF, for UTF-8. Some microseconds a dial.

    >>> from scheduler import Campaign, read_request, simulate
    >>> from scheduler.testing.pinned import pin
    >>> jobs = read_request('[{"phone": "79123456789", "gmtZone": "+03:00"}]', Campaign()).jobs
    >>> print(golden_text(pin(simulate(Campaign(), jobs, now="2026-03-02T09:00:00Z"))).splitlines()[-1].strip())
    Mon 2026-03-02 12:00:00 +03:00 +03:00  2026-03-02T09:00:00Z  79123456789  attempt 1 of 1  priority 5  noAnswer  30 s
    """
    return "".join(f"{line}\n" for line in _lines(pinned))


def read_golden(text: str) -> Pinned:
    """The pinned timeline of a golden file. Raises GoldenError, with the line, for anything else.

    >>> from scheduler.testing.pinned import Pinned
    >>> nothing = Pinned(settings={"name": "no numbers"}, jobs={}, dials=())
    >>> read_golden(golden_text(nothing)) == nothing
    True
    """
    lines = text.split("\n")
    if not lines[0].startswith(TITLE):
        raise GoldenError(1, f"not a golden file, which begins with {TITLE}{FORMAT}; {ADVICE}")
    written = lines[0].removeprefix(TITLE)
    if written != str(FORMAT):
        newer = written.isdecimal() and int(written) > FORMAT
        what = f"is newer than {FORMAT}, which this call-scheduler reads: install a newer one, or"
        raise GoldenError(1, f"format {written} {what if newer else f'is not {FORMAT}, which is read;'} {ADVICE}")
    pinned = _Reader(lines).read()
    for number, (is_, was) in enumerate(zip_longest(lines, golden_text(pinned).split("\n")), 1):
        if is_ != was:
            right = "nothing follows" if was is None else f"the rest of the file makes it {_quoted(was)}"
            said = "the file ends" if is_ is None else _quoted(is_)
            raise GoldenError(number, f"{said}, where {right}; {ADVICE}")
    return pinned


def _quoted(line: str) -> str:
    return shown(line.strip(), limit=MAX_SHOWN) if line else "an empty line"


# -- writing ---------------------------------------------------------------------------------------------------


def _lines(pinned: Pinned) -> Iterator[str]:
    yield f"{TITLE}{FORMAT}"
    yield ""
    yield "made with"
    yield from _fields(sorted(pinned.versions.items()))
    yield ""
    yield "run"
    settings = sorted(pinned.settings.items(), key=lambda each: (each[0] not in FIRST_SETTINGS, each[0]))
    yield from _fields(settings)
    placed = Counter(dial.job for dial in pinned.dials)
    for fields, jobs in _groups(pinned):
        yield ""
        yield "policy" if fields else "no policy"
        yield from _fields(_folded(fields))
        yield "jobs"
        yield from (_job_line(job, placed[job.key]) for job in jobs)
    yield ""
    yield "dials"
    for dial in pinned.dials:
        yield _dial_line(dial, pinned.jobs[dial.job])


def _fields(fields: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each field, and one for all that are none."""
    none = []
    for key, value in fields:
        if value == NONE and not key.startswith(HOURS_FIELD):
            none.append(_token(key))
        else:
            yield f"  {_token(key)}: {_text(value)}"
    if none:
        yield f"  {NONE}: {' '.join(none)}"


def _groups(pinned: Pinned) -> Iterator[tuple[Mapping[str, str], list[PinnedJob]]]:
    """Each distinct policy without its zone, which stands with each job, and its jobs; in order of their numbers."""
    groups: dict[tuple[tuple[str, str], ...], list[PinnedJob]] = {}
    memo: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {}
    for job in sorted(pinned.jobs.values(), key=_place):
        shared = id(job.policy), job.zone
        if shared not in memo:
            memo[shared] = tuple(sorted(each for each in job.policy.items() if each != (ZONE_FIELD, job.zone)))
        groups.setdefault(memo[shared], []).append(job)
    return ((dict(fields), jobs) for fields, jobs in groups.items())


def _place(job: PinnedJob) -> tuple[object, ...]:
    return job.index, job.key.redial, job.key


def _folded(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The fields by name; days that follow each other and have the same hours in one, as `allowedTime.mon-fri`."""
    days = {HOURS_FIELD + day: place for place, day in enumerate(DAYS)}
    runs: list[tuple[int, int, str]] = []  # first and last day, hours
    for key in sorted(fields.keys() & days.keys(), key=days.__getitem__):
        place = days[key]
        if runs and runs[-1][1] == place - 1 and runs[-1][2] == fields[key]:
            runs[-1] = runs[-1][0], place, fields[key]
        else:
            runs.append((place, place, fields[key]))
    names = ((DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}", hours) for first, last, hours in runs)
    others = sorted((key, value) for key, value in fields.items() if key not in days)
    yield from (each for each in others if each[0] < HOURS_FIELD)
    yield from ((HOURS_FIELD + days, hours) for days, hours in names)
    yield from (each for each in others if each[0] > HOURS_FIELD)


def _unfolded(key: str) -> list[str] | None:
    """The fields that stand under one name; None if its days do not follow each other."""
    first, dash, last = key.removeprefix(HOURS_FIELD).partition("-")
    if not (key.startswith(HOURS_FIELD) and dash):
        return [key]
    if first not in DAYS or last not in DAYS:
        return None
    return [HOURS_FIELD + day for day in DAYS[DAYS.index(first) : DAYS.index(last) + 1]]


def _job_line(job: PinnedJob, dials: int) -> str:
    most = job.policy.get("maxAttempts")
    count = f"{dials} dial{'' if dials == 1 else 's'}" if most is None else f"{dials} of {_token(most)} dials"
    reason = "-" if job.reason is None else _token(job.reason)
    return f"  {_who(job.key)}  job {job.index}  {_token(job.zone)}  {count}  {_token(job.state)}  {reason}"


def _dial_line(dial: PinnedDial, job: PinnedJob) -> str:
    weekday = DAY_NAMES[wall_clock_ms(dial.at_ms, dial.offset_s) // DAY_MS % 7]
    text = format_instant(dial.at_ms, dial.offset_s, zulu=False)
    sign = max(text.rfind("+"), text.rfind("-"))
    local = f"{weekday} {text[:sign].replace('T', ' ')} {text[sign:]} {_token(job.zone)}"
    most, priority = job.policy.get("maxAttempts"), job.policy.get("dialerPriority")
    attempt = f"attempt {dial.attempt}" + ("" if most is None else f" of {_token(most)}")
    rank = "" if priority is None else f"  priority {_token(priority)}"
    seconds, rest = divmod(dial.length_ms, SECOND_MS)
    length = f"{seconds}.{rest:03d} s" if rest else f"{seconds} s"
    abandoned = "  abandoned" if dial.abandoned else ""
    utc = format_instant(dial.at_ms)
    return f"  {local}  {utc}  {_who(dial.job)}  {attempt}{rank}  {_token(dial.outcome)}  {length}{abandoned}"


def _who(key: JobKey) -> str:
    """A job: its phone, `#2` behind it for the second number with that phone, and which redial it is."""
    again = f"#{key.nth + 1}" if key.nth else ""
    return f"{_token(key.phone)}{again}" + (f"  redial {key.redial}" if key.redial else "")


def _text(value: str) -> str:
    """A text up to the end of a line: as it is where nobody can misread it, otherwise in quotes, escaped as in JSON."""
    plain = value and not value.startswith('"') and value == value.strip() and not _ODD.search(value)
    return value if plain else _escaped(value)


def _token(value: str) -> str:
    """A text that is one word of a line."""
    plain = value not in {"", "-"} and not re.search(r'[\s#"]', value) and not _ODD.search(value)
    return value if plain else _escaped(value).replace(" ", "\\u0020").replace("#", "\\u0023")


def _escaped(value: str) -> str:
    quoted = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", quoted)


# -- reading ---------------------------------------------------------------------------------------------------


class _Reader:
    """Reads the lines of a golden file, of the right form but of any content."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.place = 1
        self.jobs: dict[JobKey, PinnedJob] = {}

    def read(self) -> Pinned:
        self._expect("")
        self._expect("made with")
        versions = dict(self._fields())
        self._expect("")
        self._expect("run")
        settings = dict(self._fields())
        self._expect("")
        while self._line() in {"policy", "no policy"}:
            self._group()
        self._expect("dials")
        dials = tuple(self._indented(_DIAL_LINE, "dial", self._dial))
        self._expect("")
        jobs = {job.key: job for job in sorted(self.jobs.values(), key=_place)}
        return Pinned(settings=settings, jobs=jobs, dials=dials, versions=versions)

    def _line(self) -> str:
        return self.lines[self.place] if self.place < len(self.lines) else ""

    def _wrong(self, what: str) -> GoldenError:
        there = self.place < len(self.lines)
        is_ = _quoted(self._line()) if there else "the end of the file"
        return GoldenError(self.place + 1, f"{is_}, where {what} is to stand; {ADVICE}")

    def _expect(self, line: str) -> None:
        if self.place >= len(self.lines) or self._line() != line:
            raise self._wrong(f'"{line}"' if line else "an empty line")
        self.place += 1

    def _value(self, text: str) -> str:
        """What `_text` or `_token` wrote."""
        if not text.startswith('"'):
            return text
        try:
            value = json.loads(text)
        except ValueError:
            raise self._wrong(f"a text in quotes, not {shown(text)},") from None
        return str(value)

    def _fields(self) -> Iterator[tuple[str, str]]:
        while self._line().startswith("  "):
            key, colon, value = self._line()[2:].partition(": ")
            if not colon:
                raise self._wrong('"name: value"')
            if key == NONE:
                yield from ((self._value(name), NONE) for name in value.split(" "))
            else:
                yield self._value(key), self._value(value)
            self.place += 1

    def _group(self) -> None:
        """A policy, and its jobs."""
        known = self._line() == "policy"
        self.place += 1
        policy: dict[str, str] = {}
        for key, value in self._fields():
            days = _unfolded(key)
            if days is None:
                raise self._wrong(f"days from mon to sun, not {shown(key)},")
            policy.update(dict.fromkeys(days, value))
        self._expect("jobs")
        for job in self._indented(_JOB_LINE, "job", self._job):
            if job.key in self.jobs:
                raise GoldenError(self.place, f"{_who(job.key)} stands in the file twice; {ADVICE}")
            self.jobs[job.key] = self._with_policy(job, policy if known else {})
        self._expect("")

    def _with_policy(self, job: PinnedJob, policy: Mapping[str, str]) -> PinnedJob:
        fields = {ZONE_FIELD: job.zone, **policy} if policy else {}
        return PinnedJob(key=job.key, index=job.index, zone=job.zone, policy=fields, state=job.state, reason=job.reason)

    def _indented(self, form: re.Pattern[str], what: str, made: Callable[[re.Match[str]], T]) -> Iterator[T]:
        while self._line().startswith("  "):
            match = form.fullmatch(self._line())
            if match is None:
                raise self._wrong(f"a {what}")
            value = made(match)
            self.place += 1
            yield value

    def _key(self, phone: str, again: str | None, redial: str | None) -> JobKey:
        return JobKey(self._value(phone), int(again or 1) - 1, int(redial or 0))

    def _job(self, match: re.Match[str]) -> PinnedJob:
        phone, again, redial, index, zone, _, state, reason = match.groups()
        return PinnedJob(
            key=self._key(phone, again, redial),
            index=int(index),
            zone=self._value(zone),
            state=self._value(state),
            reason=None if reason == "-" else self._value(reason),
        )

    def _dial(self, match: re.Match[str]) -> PinnedDial:
        _, sign, hours, minutes, seconds, _, utc, phone, again, redial, attempt, outcome, length, rest, abandoned = (
            match.groups()
        )
        key = self._key(phone, again, redial)
        if key not in self.jobs:
            raise self._wrong(f"a dial of one of the jobs, not of {shown(_who(key))},")
        try:
            at_ms = parse_instant(utc).ms
        except PolicyError:
            raise self._wrong(f"an instant in UTC, not {shown(utc)},") from None
        offset_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        return PinnedDial(
            job=key,
            attempt=int(attempt),
            at_ms=at_ms,
            offset_s=-offset_s if sign == "-" else offset_s,
            outcome=self._value(outcome),
            length_ms=int(length) * SECOND_MS + int(rest or 0),
            abandoned=abandoned is not None,
        )
