"""Finding duties and reports for lists and pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from services.reporting.duties.rules import last_day
from services.reporting.models import DailyReport, Duty, DutyStatus
from services.reporting.reports.actions import WHOLE_REPORT
from shared.auth import person, within_reach


def duty_list(filters: dict[str, Any]) -> Select[Duty]:
    """Duties that the person signed in may see, newest first. filters: date, since, until, status, agency_id, unit,
    mine."""
    query = select(Duty).options(selectinload(Duty.employee)).order_by(Duty.date.desc(), Duty.employee_id)
    if filters.get("mine"):
        query = query.where(Duty.employee_id == person().employee_id)
    else:
        query = within_reach(
            query, agency=Duty.agency_id, employee=Duty.employee_id, superior=Duty.superior_id
        )  # fmt: skip
    for name, column in (
        ("date", Duty.date), ("status", Duty.status), ("agency_id", Duty.agency_id), ("unit", Duty.unit_id)
    ):  # fmt: skip
        if filters.get(name):
            query = query.where(column == filters[name])
    if filters.get("since"):
        query = query.where(Duty.date >= filters["since"])
    if filters.get("until"):
        query = query.where(Duty.date <= filters["until"])
    return query


def own_duties(session: Session, employee_id: str, first: date, last: date) -> list[Duty]:
    """A person's duties that stand, oldest first."""
    return list(
        session.scalars(
            select(Duty)
            .where(Duty.employee_id == employee_id, Duty.date.between(first, last))
            .where(Duty.status != DutyStatus.CANCELLED)
            .order_by(Duty.date)
        )
    )


def owed_duties(session: Session, employee_id: str, since: date, today: date) -> list[Duty]:
    """A person's earlier days that still want something: not reported, or sent back."""
    return list(
        session.scalars(
            select(Duty)
            .where(Duty.employee_id == employee_id, Duty.date >= since, Duty.date < today)
            .where(Duty.status.in_([DutyStatus.OPEN, DutyStatus.MISSING, DutyStatus.SENT_BACK]))
            .order_by(Duty.date)
        )
    )


def own_reports(session: Session, employee_id: str, month: date) -> list[DailyReport]:
    """The newest revision of each report of a person's month, oldest day first."""
    return list(
        session.scalars(
            select(DailyReport)
            .join(Duty, Duty.report_id == DailyReport.id)
            .where(Duty.employee_id == employee_id, Duty.date.between(month, last_day(month)))
            .order_by(Duty.date)
            .options(*WHOLE_REPORT)
        )
    )
