"""Holidays and joint leave: the library's calendar, corrected by rows of the override table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.models import HolidayOverride
from shared import outbox
from shared.contracts.schedule import HolidayChangedV1


@dataclass(frozen=True)
class CalendarDay:
    """A day that is off, or was before it was corrected. name None: worked after all; decreed: the library's name;
    source: of the correction, None without one."""

    date: date
    name: str | None
    decreed: str | None
    source: str | None


def calendar_of(session: Session, year: int) -> list[CalendarDay]:
    """The decreed and the corrected days of a year, in order."""
    decreed = _decreed(year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = session.scalars(select(HolidayOverride).where(HolidayOverride.date.between(first, last)))
    days = {day: CalendarDay(day, name, name, None) for day, name in decreed.items()}
    days |= {row.date: CalendarDay(row.date, row.name or None, decreed.get(row.date), row.source) for row in rows}
    return [days[day] for day in sorted(days)]


def correct_day(session: Session, day: date, name: str, source: str, *, now: datetime) -> CalendarDay:
    """Make *day* a holiday called *name*, or with an empty name a working day; others are told if that is news.

    Rosters that are there keep their cells; what is drafted or amended from now on goes by the calendar as it is now.
    """
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('calendar', 0))"))  # one correction at a time
    before = holidays_between(session, day, day).get(day)
    values = {"date": day, "name": name, "source": source}
    session.execute(insert(HolidayOverride).values(values).on_conflict_do_update(index_elements=["date"], set_=values))
    if (name or None) != before:
        outbox.emit(session, HolidayChangedV1(day, name or None), now=now)
    return CalendarDay(day, name or None, _decreed(day.year).get(day), source)


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
