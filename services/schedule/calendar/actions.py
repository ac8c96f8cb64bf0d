"""Holidays and joint leave: the library's calendar, corrected by rows of the override table."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import HolidayOverride


def holidays_between(session: Session, first: date, last: date) -> dict[date, str]:
    """Days off with their names: national holidays and joint leave (cuti bersama), as decreed or corrected."""
    found: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        found |= {day: name for day, name in _decreed(year).items() if first <= day <= last}
    for row in session.scalars(select(HolidayOverride).where(HolidayOverride.date.between(first, last))):
        if row.name:
            found[row.date] = row.name
        else:
            found.pop(row.date, None)
    return found


@lru_cache(maxsize=16)
def _decreed(year: int) -> dict[date, str]:
    # "government" holds the joint leave days of the three ministers' decree
    return dict(holidays.country_holidays("ID", years=year, categories=("public", "government"), language="id"))


def month_bounds(month: date) -> tuple[date, date]:
    """First and last day of the month of *month*."""
    first = month.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
