"""Where people are on which day: what rosters in effect say, and holidays and absences that became known later."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from services.schedule.absences.queries import away_on
from services.schedule.calendar.actions import holidays_between
from services.schedule.models import Absence, Employee, Letter, Roster, RosterCell, Unit
from services.schedule.rosters.facts import in_effect

HOLIDAY = "holiday"


@dataclass(frozen=True)
class Workday:
    """One person's day. since, version: when the roster that says so came in force, and which version it is."""

    date: date
    mode: str
    clause: str | None
    letter_number: str | None
    holiday: str | None
    since: datetime
    version: int

    def told(self) -> dict[str, str | None]:
        """As other systems are told it."""
        return {
            "date": self.date.isoformat(), "mode": self.mode, "clause": self.clause,
            "letter_number": self.letter_number, "holiday": self.holiday,
        }  # fmt: skip


def workdays(
    session: Session, employee_ids: Collection[str], first: date, last: date, *, only: str | None = None
) -> dict[str, list[Workday]]:
    """Days from *first* to *last* by person, each once, ascending; people and days without a roster are left out.

    Who moved from one agency to another may stand in the rosters of both: the one that came in force later holds. What
    became known after the letter was signed wins over the cell: a holiday, then an absence. *only*: days whose
    cell has that mode.
    """
    query = _days(employee_ids, first, last)
    if only:
        whole = query.subquery()
        query = select(whole).where(whole.c.mode == only).order_by(whole.c.employee_id, whole.c.date)
    rows = session.execute(query).all()
    if not rows:
        return {}
    off = holidays_between(session, min(row.date for row in rows), max(row.date for row in rows))
    found: dict[str, list[Workday]] = {employee_id: [] for employee_id in employee_ids}
    for employee_id, day, mode, clause, number, since, version, absence in rows:
        name = off.get(day)
        later = HOLIDAY if name else absence if absence != mode else None  # the letter itself may name the absence
        found[employee_id].append(
            Workday(day, later, None, None, name, since, version)
            if later
            else Workday(day, mode, clause, number, None, since, version)
        )
    return {employee_id: days for employee_id, days in found.items() if days}


def _days(employee_ids: Collection[str], first: date, last: date) -> Select[*tuple[Any, ...]]:
    columns = (
        RosterCell.employee_id, RosterCell.date, RosterCell.mode, RosterCell.clause, Letter.number, Roster.in_force_at,
        Roster.version, Absence.kind.label("absence"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Roster, Roster.id == RosterCell.roster_id)
        .outerjoin(Letter, Letter.roster_id == Roster.id)
        .outerjoin(Absence, away_on(RosterCell.employee_id, RosterCell.date))
        .where(RosterCell.employee_id.in_(employee_ids), RosterCell.date.between(first, last), in_effect())
        .ext(distinct_on(RosterCell.employee_id, RosterCell.date))
        .order_by(
            RosterCell.employee_id, RosterCell.date, Roster.in_force_at.desc(), Roster.version.desc(), Absence.kind
        )
    )


def people_of(unit: Unit) -> Select[Employee]:
    """The active people of a unit; those of an agency are the people of all its units."""
    where = Employee.agency_id == unit.id if unit.is_agency else Employee.unit_id == unit.id
    return select(Employee).where(where, Employee.active).order_by(Employee.name, Employee.id)
