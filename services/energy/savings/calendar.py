"""Days off: national holidays and joint leave (cuti bersama), as the library knows them and schedule corrects them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.models import Holiday


def closed_days(session: Session, first: date, last: date) -> set[date]:
    """Days from *first* to *last* on which offices were closed, after all corrections."""
    off = days_off(first, last)
    for row in session.scalars(select(Holiday).where(Holiday.date.between(first, last))):
        (off.add if row.name else off.discard)(row.date)
    return off


def days_off(first: date, last: date) -> set[date]:
    """Days from *first* to *last* on which offices are closed by the joint decree."""
    return {day for year in range(first.year, last.year + 1) for day in _decreed(year) if first <= day <= last}


@lru_cache(maxsize=16)
def _decreed(year: int) -> frozenset[date]:
    # "government" holds the joint leave days of the three ministers' decree
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))


def month_end(month: date) -> date:
    """Last day of the month of *month*."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
