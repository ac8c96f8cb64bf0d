"""What became known after rosters had been signed: days that are off, people who are away. They owe no report then.

A duty that this cancels is *excused*, and opens again when neither a holiday nor an absence covers it any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.duties.rules import month_of
from services.reporting.models import Absence, Duty, DutyStatus, Employee, Holiday
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import AbsenceChangedV1, HolidayChangedV1
from shared.durable import Context
from shared.jobs import enqueue_all

LOCK = "select pg_advisory_xact_lock(hashtextextended('excuses', 0))"
SHARED_LOCK = "select pg_advisory_xact_lock_shared(hashtextextended('excuses', 0))"


def hold_excuses(session: Session) -> None:
    """Let no holiday or absence be told until the transaction ends: a roster and one that are handled at the same
    moment would not see each other's rows."""
    session.execute(text(SHARED_LOCK))


def known_holidays(session: Session, first: date, last: date) -> set[date]:
    """Holidays from *first* to *last* that rosters may not know."""
    return set(session.scalars(select(Holiday.date).where(Holiday.date.between(first, last))))


def excused_days(session: Session, wanted: Collection[tuple[str, date]]) -> set[tuple[str, date]]:
    """Which of *wanted*, (employee, date), are off, or days on which that person is away."""
    if not wanted:
        return set()
    first, last = min(day for _, day in wanted), max(day for _, day in wanted)
    off = known_holidays(session, first, last)
    rows = session.execute(
        select(Absence.employee_id, Absence.starts, Absence.ends).where(
            Absence.employee_id.in_({employee_id for employee_id, _ in wanted}),
            Absence.starts <= last,
            Absence.ends >= first,
        )
    )
    away: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for employee_id, starts, ends in rows:
        away[employee_id].append((starts, ends))
    return {
        (employee_id, day)
        for employee_id, day in wanted
        if day in off or any(starts <= day <= ends for starts, ends in away.get(employee_id, ()))
    }


def take_holiday(session: Session, event: Received[HolidayChangedV1], context: Context) -> None:
    """Keep the day, and excuse its duties or open them again."""
    day, name, now = event.data.date, event.data.name, context.now()
    session.execute(text(LOCK))
    if name is None:
        session.execute(delete(Holiday).where(Holiday.date == day))
    else:
        values = {"date": day, "name": name}
        session.execute(insert(Holiday).values(values).on_conflict_do_update(index_elements=["date"], set_=values))
    _follow(session, event.id, _settle(session, Duty.date == day, now=now), now=now)


def take_absence(session: Session, event: Received[AbsenceChangedV1], context: Context) -> None:
    """Keep the absence while it stands, and excuse duties that it covers or open those that it no longer covers.

    Nothing is asked of the person or their roster, which may be told later.
    """
    absence, now = event.data, context.now()
    session.execute(text(LOCK))
    known = session.get(Absence, absence.id)
    days = [absence.starts, absence.ends, *([known.starts, known.ends] if known else [])]
    if absence.active:
        values = {"employee_id": absence.employee_id, "starts": absence.starts, "ends": absence.ends}
        session.merge(Absence(id=absence.id, **values))
    elif known:
        session.delete(known)
    session.flush()
    mine = (Duty.employee_id == absence.employee_id, Duty.date.between(min(days), max(days)))
    _follow(session, event.id, _settle(session, *mine, now=now), now=now)


Touched = Sequence[Any]
"""Rows (agency_id, employee_id, date) of duties that changed."""


def _settle(session: Session, *where: ColumnElement[bool], now: datetime) -> Touched:
    """Bring the duties that *where* selects to what is known: of those excused no report had been filed."""
    excuse = exists().where(Holiday.date == Duty.date) | exists().where(
        Absence.employee_id == Duty.employee_id, Duty.date.between(Absence.starts, Absence.ends)
    )
    changed = (Duty.agency_id, Duty.employee_id, Duty.date)
    cancelled = session.execute(
        update(Duty)
        .where(*where, Duty.status.in_([DutyStatus.OPEN, DutyStatus.MISSING]), excuse)
        .values(status=DutyStatus.CANCELLED, excused=True)
        .returning(*changed)
    ).all()
    # Superiors may have changed while the duties were cancelled, and the deadline may have passed.
    superior = select(Employee.superior_id).where(Employee.id == Duty.employee_id).scalar_subquery()
    status = case((Duty.date < wib_date(now), DutyStatus.MISSING.value), else_=DutyStatus.OPEN.value)
    opened = session.execute(
        update(Duty)
        .where(*where, Duty.excused, ~excuse)
        .values(status=status, excused=False, superior_id=superior)
        .returning(*changed)
    ).all()
    return [*cancelled, *opened]


def _follow(session: Session, event_id: str, touched: Touched, *, now: datetime) -> None:
    """Packs and gates follow by a job for each agency: they take locks that must not be held for long."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for agency_id, employee_id, day in touched:
        people, months = found[agency_id]
        people.add(employee_id)
        months.add(f"{month_of(day)}")
    jobs = [
        (
            f"{event_id}:{agency_id}",
            {"agency_id": agency_id, "employee_ids": sorted(people), "months": sorted(months)},
            now,
        )
        for agency_id, (people, months) in sorted(found.items())
    ]
    enqueue_all(session, "follow_excuses", jobs, now=now)
