"""Files that people write: TOML or JSON, read key by key, with all that is wrong with them."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from scheduler.intake.formats import INVALID_FIELD, INVALID_JSON
from scheduler.intake.nearest import nearest
from scheduler.jobs import Problem, Refused
from scheduler.policy.errors import Flaw, PolicyError, shown, step
from scheduler.policy.instants import SECOND_MS
from scheduler.policy.levels import whole

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called, how it is refused, and an example of one as JSON.

    `places` says of a key where it belongs, `words` (in lower case) which key is meant.
    """

    name: str
    refused: type[Refused]
    example: str
    places: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def unreadable(self, message: str, type: str = INVALID_JSON) -> Refused:
        """The refusal of a file of which nothing can be read."""
        return self.refused((Problem(job=None, path="$", type=type, message=message),))


@dataclass(slots=True)
class Form:
    """The data of a file, with the flaws and warnings found while its fields are read."""

    kind: Kind
    data: Mapping[str, Any]
    flaws: list[Flaw] = field(default_factory=list)
    warnings: list[Flaw] = field(default_factory=list)

    def refuse_unknown(self, table: Iterable[str], known: Iterable[str], path: str = "$", hint: str = "") -> None:
        """Add a flaw for each key that is not known, with the nearest that is."""
        places = self.kind.places
        for key in table:
            if key not in known:
                word = self.kind.words.get(key.replace("_", "").casefold(), key)
                near = nearest(word, known)
                if word in places and word not in known:
                    advice = f"write {word} {places[word]}"
                else:
                    advice = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}{hint}"
                self.flaws.append(Flaw(INVALID_FIELD, f"{path}{step(key)}", f"unknown key {shown(key)}; {advice}"))

    def take(self, key: str, default: T, parse: Callable[[Any, str], T]) -> T:
        """The value of a key at the top, its default where it is not set or flawed."""
        return self.value(self.data.get(key), f"$.{key}", default, parse)

    def value(self, value: object, path: str, default: T, parse: Callable[[Any, str], T]) -> T:
        """What a value reads as, its default where it is None or flawed."""
        if value is None:
            return default
        try:
            return parse(value, path)
        except PolicyError as error:
            self.flaws += error.flaws
            return default

    def table(self, key: str, known: Iterable[str] | None, hint: str = "") -> Mapping[str, Any]:
        """The table under a key, empty where it is not set, without unknown keys."""
        value = self.data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            message = f'{key} is not a table: {shown(value)}; write [{key}] in TOML, "{key}": {{...}} in JSON'
            self.flaws.append(Flaw(INVALID_FIELD, f"$.{key}", message))
            return {}
        if known is not None:
            self.refuse_unknown(value, known, f"$.{key}", hint)
        return value

    def refuse_flaws(self) -> None:
        """Raise the refusal, with every flaw, if there is one."""
        if self.flaws:
            raise self.kind.refused(tuple(map(problem_of, self.flaws)))


def open_form(kind: Kind, text: bytes | str) -> Form:
    """The form of a file: JSON if it begins with `{`, otherwise TOML. Raises its refusal if nothing can be read."""
    return Form(kind, _decode(kind, as_bytes(kind, text)))


def as_bytes(kind: Kind, text: bytes | str) -> bytes:
    """The bytes of a file without the mark of their order. Raises its refusal for what UTF-8 cannot write."""
    try:
        return (text.encode() if isinstance(text, str) else text).removeprefix(codecs.BOM_UTF8)
    except UnicodeEncodeError:
        raise kind.unreadable("an unpaired surrogate in the text; write it as UTF-8") from None


def _decode(kind: Kind, text: bytes) -> Mapping[str, Any]:
    import tomllib  # noqa: PLC0415 - for those who have such a file

    try:
        if not text.lstrip().startswith((b"{", b"[{")):
            return tomllib.loads(text.decode())
        data = msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        raise kind.unreadable(f"not UTF-8, at byte {error.start}; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise kind.unreadable(f"not TOML: {error}; a JSON file begins with {{") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise kind.unreadable(f"not {kind.name}: {unpaired_surrogate(text) or error}") from None
    except RecursionError:
        raise kind.unreadable(f"not {kind.name}: it is nested too deep") from None
    if not isinstance(data, dict):
        raise kind.unreadable(f"not {kind.name}, but a list; write an object, such as {kind.example}")
    return data


def unpaired_surrogate(text: bytes) -> str | None:
    r"""What is wrong with JSON in which half of a pair of surrogates is escaped; None for any other text.

    >>> unpaired_surrogate(rb'["\ud83d"]'), unpaired_surrogate(rb'["\ud83d\ude00"]')
    ('an unpaired surrogate \\ud83d; write the text as UTF-8', None)
    """
    import json  # noqa: PLC0415 - which takes them, and is asked where the decoder does not

    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        return f"an unpaired surrogate \\u{ord(error.object[error.start]):04x}; write the text as UTF-8"
    except (ValueError, RecursionError):
        pass
    return None


def all_of(values: Iterable[tuple[Any, str]], parse: Callable[[Any, str], T]) -> list[T]:
    """What values read as, each given with its path. Raises PolicyError with the flaws of all of them."""
    read: list[T] = []
    flaws: list[Flaw] = []
    for value, path in values:
        try:
            read.append(parse(value, path))
        except PolicyError as error:
            flaws += error.flaws
    if flaws:
        raise PolicyError(*flaws)
    return read


def merged(warnings: Iterable[Problem]) -> tuple[Problem, ...]:
    """Warnings, where those of one kind and text are one entry: the first, with how many there are (R15.3)."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for warning in warnings:
        kinds.setdefault((warning.type, warning.message), []).append(warning)
    return tuple(replace(alike[0], count=sum(each.count for each in alike)) for alike in kinds.values())


def problem_of(flaw: Flaw, job: int | None = None) -> Problem:
    """A flaw of a file as a problem, or of a job in it."""
    return Problem(job=job, **flaw._asdict())


def bad(path: str, value: object, advice: str, kind: str = INVALID_FIELD) -> PolicyError:
    """The error for a value that a key does not take."""
    name = path.rpartition(".")[2]
    return PolicyError(Flaw(kind, path, f"not a value of {name}: {shown(value)}; {advice}"))


def text_of(value: object, path: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise bad(path, value, "write a text")
    return value


def switch(value: object, path: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise bad(path, value, "write true or false")
    return value


def count(value: object, path: str) -> int:
    """A whole number, at least 1."""
    number = whole(value)
    if number is None or number < 1:
        raise bad(path, value, "write a whole number, at least 1")
    return number


def seconds(value: Any, path: str, *, most: float, least_ms: int = 1) -> int:
    """Seconds, with at most three digits behind the point, as milliseconds."""
    least = "0 or more" if least_ms == 0 else "more than 0"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise bad(path, value, f"write seconds, {least} and at most {most:g}")
    milliseconds = round(value * SECOND_MS)
    if abs(milliseconds - value * SECOND_MS) > 1e-6:
        raise bad(path, value, "write whole milliseconds: at most three digits behind the point")
    if milliseconds < least_ms:
        raise bad(path, value, f"write seconds, {least} and at most {most:g}")
    return milliseconds
