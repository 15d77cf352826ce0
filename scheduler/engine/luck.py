"""The luck of attempts: two numbers of 32 bits for each, of which the first decides the outcome (R12.3).

It depends on the seed, the number's place among all submitted, the redial number and the attempt, and on
nothing else: not on the order of dials, the lines, or how often it was asked for. It is drawn for 4,096
numbers at once, when the first of them is dialled: the digest of what it depends on, about 20 ns a number.
"""

from __future__ import annotations

import sys
from array import array

BLOCK_BITS = 12
BLOCK = 1 << BLOCK_BITS
BLOCK_MASK = BLOCK - 1
WORD = array("I").itemsize
assert WORD == 4, "luck is drawn in words of 32 bits"


class Luck:
    """The luck of all attempts under a seed.

    >>> Luck(0).of(7, 0, 1) == Luck(0).of(7, 0, 1), Luck(0).of(7, 0, 1) == Luck(1).of(7, 0, 1)
    (True, False)
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._blocks: dict[tuple[int, int, int], array[int]] = {}

    def block(self, redial: int, attempt: int, number: int) -> array[int]:
        """The luck of one attempt of one series (0 is a first job's) of the 4,096 numbers among which one stands.

        The two numbers of each follow each other.
        """
        from hashlib import shake_256  # noqa: PLC0415 - where outcomes are drawn

        text = f"{self.seed}/{redial}/{attempt}/{number >> BLOCK_BITS}"
        drawn = array("I", shake_256(text.encode()).digest(2 * WORD * BLOCK))
        if sys.byteorder == "big":
            drawn.byteswap()
        return drawn

    def of(self, number: int, redial: int, attempt: int) -> tuple[int, int]:
        """The luck of one attempt of a number. Its block is drawn when it is first needed, and kept."""
        key = redial, attempt, number >> BLOCK_BITS
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = self.block(redial, attempt, number)
        place = 2 * (number & BLOCK_MASK)
        return block[place], block[place + 1]
