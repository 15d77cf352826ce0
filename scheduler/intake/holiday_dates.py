"""Public holidays, from the package `holidays`."""

from __future__ import annotations

import warnings as python_warnings
from functools import cache

Holidays = tuple[frozenset[int], tuple[int, int]]


@cache
def holiday_dates(country: str, subdivision: str | None = None) -> Holidays:
    """The public holidays of a country or a part of it, as ordinals, and the first and last year that are known.

    Some 0.1 s for the first question about a place. The place has to be one that the package knows.
    """
    import holidays  # noqa: PLC0415 - for those who name a country

    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")  # about years without data, which the second value tells
        known_to = holidays.country_holidays(country, subdiv=subdivision)
        years = known_to.start_year, known_to.end_year
        known_to = holidays.country_holidays(country, subdiv=subdivision, years=range(years[0], years[1] + 1))
    return frozenset(day.toordinal() for day in known_to), years
