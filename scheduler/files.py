"""What the command line reads and writes: only what the user named."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from scheduler.jobs import UsageError
from scheduler.policy.errors import shown

DONE, USAGE = 0, 2
MAX_PATH = 4096


def bytes_of(path: str) -> bytes:
    """What a file holds, or standard input for `-`. Raises UsageError if it cannot be read."""
    try:
        if path != "-":
            return Path(path).read_bytes()
        if sys.stdin is None:
            raise UsageError("cannot read standard input: it is closed")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise UsageError(f"cannot read {shown(path, limit=MAX_PATH)}: {error.strerror}") from None
    except ValueError as error:
        raise error if isinstance(error, UsageError) else UsageError(f"cannot read {path!r}: {error}") from None


def path_words(path: str) -> str:
    r"""A path as any file can hold it: bytes of it that are no text, escaped.

    >>> path_words("numbers.json"), path_words("caf\udce9.json")
    ('numbers.json', 'caf\\xe9.json')
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@contextmanager
def output_to(path: str | None) -> Iterator[TextIO]:
    """Standard output, or a file, which is replaced only when all of the new one is written."""
    if path in {None, "-"}:
        yield sys.stdout
        return
    if not path:
        raise UsageError("the name of a file to write is empty; name a file, or - for standard output")
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as out:
                yield out
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".call-scheduler-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
                yield out
            Path(temporary).chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {shown(path, limit=MAX_PATH)}: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def flushed() -> bool:
    """Whether standard output took everything; a reader that has left wants no more."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        return cannot_write(error) == DONE
    return True


def cannot_write(error: OSError) -> int:
    """Tell that standard output takes no more; the exit code. A reader that has left is no failure."""
    # What is still in the buffer has nowhere to go: it is not to be tried again when the interpreter leaves.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return DONE
    print(f"call-scheduler: cannot write standard output: {error.strerror}", file=sys.stderr)
    return USAGE
