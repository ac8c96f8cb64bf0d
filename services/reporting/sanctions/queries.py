"""Finding reprimands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, contains_eager

from services.reporting.models import Employee, Sanction
from shared.auth import within_reach
from shared.roles import Person


def in_force(day: date) -> ColumnElement[bool]:
    """Whether a reprimand is in force on *day*."""
    return (Sanction.starts <= day) & (Sanction.ends >= day) & Sanction.revoked_at.is_(None)


def who_is_sanctioned(session: Session, ids: Collection[str] | None, day: date) -> set[str]:
    """Who has a reprimand in force on *day*. ids None: of everyone."""
    query = select(Sanction.employee_id).where(in_force(day))
    return set(session.scalars(query if ids is None else query.where(Sanction.employee_id.in_(ids))))


def sanction_list(filters: dict[str, Any], today: date) -> Select[Sanction]:
    """Reprimands that the person signed in may see, newest first; who moves takes theirs along to the new agency.
    filters: nip, in_force."""
    query = within_reach(_newest_first(), agency=Employee.agency_id, employee=Sanction.employee_id)
    if filters.get("nip"):
        query = query.where(Employee.nip == filters["nip"])
    if filters.get("in_force"):
        query = query.where(in_force(today))
    return query


def own_sanctions(session: Session, employee_id: str) -> list[Sanction]:
    """All reprimands of a person, newest first."""
    return list(session.scalars(_newest_first().where(Sanction.employee_id == employee_id)))


def colleagues(session: Session, user: Person) -> list[tuple[str, str]]:
    """(NIP, name) of all others who serve in the agency of *user*."""
    query = (
        select(Employee.nip, Employee.name)
        .where(Employee.agency_id == user.agency_id, Employee.active, Employee.id != user.employee_id)
        .order_by(Employee.name)
    )
    return [(nip, name) for nip, name in session.execute(query)]


def _newest_first() -> Select[Sanction]:
    return (
        select(Sanction)
        .join(Sanction.employee)
        .options(contains_eager(Sanction.employee))
        .order_by(Sanction.decided_at.desc(), Sanction.id)
    )
