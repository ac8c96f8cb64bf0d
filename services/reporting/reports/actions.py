"""Filing and finding daily reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from services.reporting.duties.rules import is_late
from services.reporting.evidence.actions import keep_evidence
from services.reporting.evidence.photos import Photo
from services.reporting.models import DailyReport, Duty, DutyStatus, ReportLine
from services.reporting.reports.rules import Line, refusal
from shared.auth import Owner
from shared.clock import wib_date
from shared.db import new_id
from shared.errors import DomainError, NotFound
from shared.storage import Storage

WHOLE_REPORT = (
    selectinload(DailyReport.duty).selectinload(Duty.employee),
    selectinload(DailyReport.lines),
    selectinload(DailyReport.evidence),
    selectinload(DailyReport.assessment),
)
"""All of a report that is shown, loaded before its session ends."""


class NoDuty(DomainError):
    status, code = 409, "no_duty"


class TooEarly(DomainError):
    status, code = 409, "too_early"


class AlreadyAssessed(DomainError):
    status, code = 409, "already_assessed"


REFUSALS: dict[str, type[DomainError]] = {kind.code: kind for kind in (NoDuty, TooEarly, AlreadyAssessed)}


def duty_of(session: Session, employee_id: str, day: date) -> Duty | None:
    return session.scalar(select(Duty).where(Duty.employee_id == employee_id, Duty.date == day))


def check_may_file(duty: Duty | None, day: date, *, now: datetime) -> None:
    """Raise NoDuty, TooEarly or AlreadyAssessed unless a report may be filed."""
    refused = refusal(duty.status if duty else None, day, wib_date(now))
    if refused:
        raise REFUSALS[refused.code](refused.text)


def file_report(
    session: Session, storage: Storage, employee_id: str, day: date, lines: Sequence[Line], photo: Photo,
    *, now: datetime,
) -> DailyReport:  # fmt: skip
    """File the report of one's own duty on *day* (2.b), as its next revision. Earlier revisions are kept."""
    duty = session.scalar(select(Duty).where(Duty.employee_id == employee_id, Duty.date == day).with_for_update())
    check_may_file(duty, day, now=now)
    assert duty is not None
    earlier, first = session.execute(
        select(func.count(), func.min(DailyReport.filed_at)).where(DailyReport.duty_id == duty.id)
    ).one()
    late = is_late(first or now, duty.due_at)
    report = DailyReport(id=new_id(), duty_id=duty.id, revision=earlier + 1, filed_at=now, late=late)
    session.add(report)
    session.flush()
    session.add_all(
        ReportLine(report_id=report.id, position=position, **asdict(line)) for position, line in enumerate(lines, 1)
    )
    keep_evidence(session, storage, report, duty, photo)
    duty.report_id, duty.late, duty.status = report.id, late, DutyStatus.LATE if late else DutyStatus.FILED
    session.flush()
    return whole_report(session, report.id)


def whole_report(session: Session, report_id: UUID) -> DailyReport:
    """A report with everything that is shown of it; raises NotFound."""
    report = session.scalar(
        select(DailyReport)
        .where(DailyReport.id == report_id)
        .options(*WHOLE_REPORT)
        .execution_options(populate_existing=True)
    )
    if report is None:
        raise NotFound("Laporan ini tidak ditemukan.")
    return report


def report_owner(session: Session, report_id: UUID) -> Owner:
    """Whose a report is, for the gate."""
    duty = session.scalar(
        select(Duty).join(DailyReport, DailyReport.duty_id == Duty.id).where(DailyReport.id == report_id)
    )
    if duty is None:
        raise NotFound("Laporan ini tidak ditemukan.")
    return Owner(duty.agency_id, duty.employee_id, duty.superior_id)


def evidence_link(public_url: str, report_id: UUID) -> str:
    """The stable address of a report's photo; it asks for a login."""
    return f"{public_url}/reporting/api/reports/{report_id}/photo"


def report_out(report: DailyReport, public_url: str) -> dict[str, Any]:
    """A report as the API shows it."""
    duty = report.duty
    return {
        "id": report.id,
        "duty_id": duty.id,
        "employee_id": duty.employee_id,
        "employee_name": duty.employee.name if duty.employee else duty.employee_id,
        "date": duty.date,
        "status": duty.status,
        "revision": report.revision,
        "current": duty.report_id == report.id,
        "filed_at": report.filed_at,
        "late": report.late,
        "lines": report.lines,
        "photo": {
            "url": evidence_link(public_url, report.id),
            "sha256": report.evidence.sha256,
            "bytes": report.evidence.bytes,
            "width": report.evidence.width,
            "height": report.evidence.height,
            "taken_at": report.evidence.taken_at,
            "signals": report.evidence.signals,
        },
        "assessment": report.assessment,
    }
