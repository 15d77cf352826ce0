"""What workers do in the tests of executors; found by its name in every process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def square(number: int) -> int:
    """A result."""
    return number * number


def with_size(shared: bytes, number: int) -> tuple[int, int]:
    """A result that needs what is shared."""
    return len(shared), number * number


def process_of(shared: bytes, number: int) -> int:
    """Who does it."""
    time.sleep(0.01)
    assert shared
    return os.getpid() + 0 * number


def refuse(number: int) -> int:
    """An error, of one item."""
    if number == 3:
        raise ValueError("three is refused")
    return number


class Unsendable(Exception):
    """An error that does not survive being sent."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def fail_oddly(number: int) -> int:
    """An error that does not survive being sent."""
    raise Unsendable("odd", str(number))


def die_once(item: tuple[str, int]) -> int:
    """Kill the process that does this, the first time that it is done."""
    marker, number = item
    if marker:
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_: int) -> int:
    """Kill the process that does this."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def slowly(item: tuple[str, int]) -> int:
    """A result that takes a while, and a file that says that it began."""
    marker, number = item
    with Path(marker).open("a", encoding="ascii") as out:
        out.write(f"{os.getpid()} {number}\n")
    time.sleep(0.05)
    return number


def hang(_: int) -> int:
    """Nothing for a long time."""
    time.sleep(20)
    return 0
