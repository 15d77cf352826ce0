"""The luck of the subject `outcomes`, in the words of the API, and as the peers draw it.

An attempt is answered with probability 0.4, busy 0.1, failed 0.02, a number that does not exist 0.01, otherwise not
answered. Answered and nonexistent end the job. The mean length of an attempt is 56 s, and a number takes 1.94 dials.
"""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import workload

RETRY, OVER, REDIAL = range(3)  # the fates of a job after an attempt
REDIAL_SHARE = 0.1
REDIAL_AFTER_MS = 1440 * 60_000
REDIAL_ATTEMPTS = 2
TALK_MEAN, TALK_SD = 90.0, 60.0  # seconds
MEAN_MS = 56_460  # of an attempt
PACED_MEAN_SECONDS = 45
FASTEST = 1000  # calls a second

Draw = Callable[[], tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a run is told beside its plan: the share of conversations that ask for a call back, and the pace."""

    redial_share: float = 0.0
    spacing_ms: int = 0


DRAWN = Rules()


def calls_per_second(lines: int) -> float:
    """A pace that binds a little: whenever many lines are free at once, as at an opening."""
    return min(FASTEST, 1.2 * lines / PACED_MEAN_SECONDS)


def paced(lines: int) -> Rules:
    """The second variant: redials, and the least time between two dials, rounded up (R11.2)."""
    spacing_ms = math.ceil(round(1000 / calls_per_second(lines), 6))
    return Rules(redial_share=REDIAL_SHARE, spacing_ms=spacing_ms)


def model_text(*, redials: bool) -> bytes:
    """The same as an outcome model of the API."""
    model = {
        "answered": 0.4,
        "busy": 0.1,
        "failed": 0.02,
        "nonexistentNumber": 0.01,
        "ringSeconds": {
            "answered": {"uniform": [5, 25]},
            "noAnswer": 30,
            "busy": 3,
            "failed": 2,
            "nonexistentNumber": 2,
        },
        "talkSeconds": {"lognormal": {"mean": TALK_MEAN, "sd": TALK_SD}},
    }
    if redials:
        model["redial"] = {
            "share": REDIAL_SHARE,
            "startAfterMinutes": REDIAL_AFTER_MS // 60_000,
            "maxAttempts": REDIAL_ATTEMPTS,
        }
    return json.dumps({"model": model}).encode()


def drawer(rules: Rules, seed: int = workload.SEED) -> Draw:
    """Draws attempts, one a call: the milliseconds for which it holds its line, and the fate of its job.

    `gauss` is the fastest way to a normal number that the standard library has.
    """
    luck = random.Random(seed)
    roll, gauss, exp = luck.random, luck.gauss, math.exp
    variance = math.log(1 + (TALK_SD / TALK_MEAN) ** 2)
    mean, deviation = math.log(TALK_MEAN * 1000) - variance / 2, math.sqrt(variance)
    share = rules.redial_share

    def draw() -> tuple[int, int]:
        kind = roll()
        if kind < 0.4:
            length = int(5000 + 20_000 * roll() + exp(gauss(mean, deviation)))
            return length, REDIAL if share and roll() < share else OVER
        if kind < 0.87:
            return 30_000, RETRY
        if kind < 0.97:
            return 3000, RETRY
        return 2000, RETRY if kind < 0.99 else OVER

    return draw
