"""Days off: national holidays and joint leave (cuti bersama), as the library knows them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


def days_off(first: date, last: date) -> set[date]:
    """Weekdays from *first* to *last* on which offices are closed."""
    return {day for year in range(first.year, last.year + 1) for day in _decreed(year) if first <= day <= last}


@lru_cache(maxsize=16)
def _decreed(year: int) -> frozenset[date]:
    # "government" holds the joint leave days of the three ministers' decree
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))


def month_end(month: date) -> date:
    """Last day of the month of *month*."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
