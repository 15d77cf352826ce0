"""The table of `make validate`: theory, engine, difference and standard error of every figure."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.validation.studies import LONG, QUICK, STUDIES, TOLERANCE, Measured

HEADER = f"{'figure':<46}{'theory':>11}{'engine':>11}{'difference':>12}{'std. error':>12}{'in errors':>11}"


def measure(place: int, length: str) -> list[Measured]:
    """What a study gives, in a process of its own."""
    return list(STUDIES[place].measured(length))


def rows(name: str, found: Sequence[Measured]) -> list[str]:
    """A study as lines of the table."""
    return [
        name,
        *(
            f"  {each.figure:<44}{each.theory:>11.6f}{each.engine:>11.6f}{each.engine - each.theory:>+12.6f}"
            f"{each.error:>12.6f}{each.distance:>+11.2f}"
            for each in found
        ),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the table (with the argument `quick`, that of the quick runs); 1 if a figure is too far off."""
    length = QUICK if QUICK in arguments else LONG
    far = 0
    print(HEADER)
    with ProcessPoolExecutor() as pool:
        studies = range(len(STUDIES))
        for study, found in zip(STUDIES, pool.map(measure, studies, [length] * len(STUDIES)), strict=True):
            print("\n".join(rows(study.name, found)), flush=True)
            far += sum(abs(each.distance) > TOLERANCE for each in found)
    print(f"{far} of the figures are more than {TOLERANCE:g} standard errors away from theory")
    return int(far > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
