"""Assessing reports (2.b: the assessment is made by the superior)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.assessments.rules import SENT_BACK, assessment_fault
from services.reporting.models import Assessment, DailyReport, Duty, DutyStatus
from services.reporting.reports.actions import AlreadyAssessed, report_owner
from services.reporting.standing.actions import tell_standing
from shared import audit
from shared.auth import covers
from shared.errors import DomainError, InvalidInput, NotAllowed, NotFound
from shared.roles import Person, Reach


class Superseded(DomainError):
    status, code = 409, "report_superseded"


class NoteNeeded(InvalidInput):
    code = "note_needed"


FAULTS: dict[str, type[DomainError]] = {
    "not_allowed": NotAllowed,
    "superseded": Superseded,
    "already_assessed": AlreadyAssessed,
    "note_needed": NoteNeeded,
}


@dataclass
class Outcome:
    """What became of many assessments: those made, and (report, code, why) of those refused."""

    assessed: list[UUID] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)


def assess(session: Session, report_id: UUID, decision: str, note: str, *, by: Person, now: datetime) -> Assessment:
    """Judge the newest revision of a report: rate it, or send it back with a note."""
    duty, made = _judge(session, report_id, decision, note, by=by, now=now)
    tell_standing(session, [duty.employee_id], now=now)
    return made


def _judge(
    session: Session, report_id: UUID, decision: str, note: str, *, by: Person, now: datetime
) -> tuple[Duty, Assessment]:
    duty = session.scalar(
        select(Duty)
        .join(DailyReport, DailyReport.duty_id == Duty.id)
        .where(DailyReport.id == report_id)
        .with_for_update(of=Duty)
    )
    if duty is None:
        raise NotFound("Laporan ini tidak ditemukan.")
    fault = assessment_fault(
        decision, note, assessor_id=by.employee_id, employee_id=duty.employee_id,
        is_current=duty.report_id == report_id, assessed=session.get(Assessment, report_id) is not None,
    )  # fmt: skip
    if fault:
        raise FAULTS[fault[0]](fault[1], pointers={"/note": fault[1]} if fault[0] == "note_needed" else None)
    made = Assessment(
        report_id=report_id, by=by.employee_id, by_name=by.name, at=now, decision=decision, note=note
    )  # fmt: skip
    session.add(made)
    duty.status = DutyStatus.SENT_BACK if decision == SENT_BACK else DutyStatus.ASSESSED
    detail = {"decision": decision, "note": note}
    audit.record(session, by.label, "assess_report", f"report/{report_id}", now=now, detail=detail)
    return duty, made


def assess_many(
    session: Session, report_ids: Sequence[UUID], decision: str, note: str, *, by: Person, extent: Reach, now: datetime
) -> Outcome:
    """Judge many reports at once. One that is refused (assessed meanwhile, another team's) stops no other."""
    outcome = Outcome()
    judged: set[str] = set()
    # All duties are locked first, in one order: who held the audit log's lock and then waited for a duty could lock up
    # with somebody who files or assesses that very report.
    session.execute(
        select(Duty.id)
        .join(DailyReport, DailyReport.duty_id == Duty.id)
        .where(DailyReport.id.in_(report_ids))
        .order_by(Duty.id)
        .with_for_update(of=Duty)
    )
    for report_id in sorted(set(report_ids)):
        try:
            if not covers(extent, by, report_owner(session, report_id)):
                raise NotAllowed("Laporan ini milik tim atau perangkat daerah lain.")
            duty, _ = _judge(session, report_id, decision, note, by=by, now=now)
            judged.add(duty.employee_id)
            outcome.assessed.append(report_id)
        except DomainError as refused:
            outcome.refused.append({"report_id": str(report_id), "code": refused.code, "detail": refused.detail})
    tell_standing(session, judged, now=now)
    return outcome
