"""What a roster says, read from its cells: who is at home when, how many per day and per exemption."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, Roster, RosterCell, RosterLimit, Unit
from services.schedule.rosters.limits import Arithmetic
from shared.contracts.schedule import Assignment, DayCount, ExemptionCount


@dataclass(frozen=True)
class Difference:
    """One cell that a change alters; a mode is empty where there was, or is, no cell."""

    employee_id: str
    unit_id: str
    date: date
    before: str
    after: str


def in_effect() -> ColumnElement[bool]:
    """Of cells joined with their rosters: those that hold. Each day of an agency is in effect by one roster."""
    return and_(Roster.in_force_at.is_not(None), RosterCell.date.between(Roster.starts, Roster.ends))


def people_of(session: Session, ids: Collection[str]) -> dict[str, Employee]:
    return {person.id: person for person in session.scalars(select(Employee).where(Employee.id.in_(ids)))}


def posts_in(session: Session, roster: Roster) -> dict[str, str]:
    """The posts, at the roster's agency, of those who have left it since or are still to come to it."""
    rows = session.execute(
        select(Posting.employee_id, Posting.post)
        .join(Employee, Employee.id == Posting.employee_id)
        .where(
            Posting.kind == "main", Posting.agency_id == roster.agency_id, Employee.agency_id != roster.agency_id,
            Posting.starts <= roster.ends, Posting.ends.is_(None) | (Posting.ends >= roster.starts),
        )
        .order_by(Posting.starts)
    )  # fmt: skip
    return dict(rows.all())


def unit_names(session: Session, ids: Collection[str]) -> dict[str, str]:
    return dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids))).all())


def assignments(session: Session, roster_id: UUID, since: date) -> list[Assignment]:
    """WFH dates from *since* on, per person who has any."""
    dates: dict[tuple[str, str], list[date]] = defaultdict(list)
    rows = session.execute(
        select(RosterCell.employee_id, RosterCell.unit_id, RosterCell.date)
        .where(RosterCell.roster_id == roster_id, RosterCell.mode == "wfh", RosterCell.date >= since)
        .order_by(RosterCell.employee_id, RosterCell.date)
    )
    for employee_id, unit_id, day in rows:
        dates[employee_id, unit_id].append(day)
    return [Assignment(employee_id, unit_id, days) for (employee_id, unit_id), days in dates.items()]


def day_counts(session: Session, agency_id: str, month: date) -> list[DayCount]:
    """People per mode on each working day of the month that is in effect, by whichever roster."""

    def people(*modes: str) -> object:
        return func.sum(case((RosterCell.mode.in_(modes), 1), else_=0))

    rows = session.execute(
        select(RosterCell.date, people("wfo"), people("wfh"), people("leave", "travel", "training"))  # type: ignore[call-overload]
        .join(Roster)
        .where(Roster.agency_id == agency_id, Roster.month == month, in_effect())
        .group_by(RosterCell.date)
        .order_by(RosterCell.date)
    )
    return [DayCount(day, int(wfo), int(wfh), int(absent)) for day, wfo, wfh, absent in rows]


def exemption_counts(session: Session, roster_id: UUID) -> list[ExemptionCount]:
    """People per exemption clause, each counted once."""
    rows = session.execute(
        select(RosterCell.clause, func.count(RosterCell.employee_id.distinct()))
        .where(RosterCell.roster_id == roster_id, RosterCell.rule == "exempt")
        .group_by(RosterCell.clause)
    )
    counts = [ExemptionCount(clause, people) for clause, people in rows]
    return sorted(counts, key=lambda count: [int(p) if p.isdigit() else 0 for p in count.clause.split(".")])


def wfh_dates(session: Session, roster_id: UUID) -> list[date]:
    """Dates on which the roster knows turns: those with an arithmetic per unit."""
    query = select(RosterLimit.date).where(RosterLimit.roster_id == roster_id).distinct().order_by(RosterLimit.date)
    return list(session.scalars(query))


def office_dates(session: Session, roster_id: UUID) -> dict[date, str]:
    """Days on which all are at the office by the pattern → its clause."""
    query = select(RosterCell.date, RosterCell.clause).where(
        RosterCell.roster_id == roster_id, RosterCell.rule == "pattern"
    )
    return dict(session.execute(query.distinct()).all())


def arithmetic(session: Session, roster_id: UUID, limit_id: str, day: date) -> Arithmetic | None:
    """The arithmetic of one limit on one WFH date."""
    row = session.get(RosterLimit, (roster_id, limit_id, day))
    return Arithmetic(**{field.name: getattr(row, field.name) for field in fields(Arithmetic)}) if row else None


def rows_for_letter(
    session: Session, roster_id: UUID, dates: Sequence[date]
) -> list[tuple[Employee, str, dict[date, str]]]:
    """Each person with their unit's name and their mode on each of *dates*, by unit and rank of post."""
    modes: dict[str, dict[date, str]] = defaultdict(dict)
    units: dict[str, str] = {}
    query = select(RosterCell.employee_id, RosterCell.unit_id, RosterCell.date, RosterCell.mode).where(
        RosterCell.roster_id == roster_id, RosterCell.date.in_(dates)
    )
    for employee_id, unit_id, day, mode in session.execute(query):
        modes[employee_id][day] = mode
        units[employee_id] = unit_id
    names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(units.values())))).all())
    people = session.scalars(select(Employee).where(Employee.id.in_(list(modes))))
    ordered = sorted(people, key=lambda p: (p.echelon, names.get(units[p.id], ""), p.name))
    return [(person, names.get(units[person.id], ""), modes[person.id]) for person in ordered]
