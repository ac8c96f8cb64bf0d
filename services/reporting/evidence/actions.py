"""Keeping a report's photo."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.evidence.photos import Photo
from services.reporting.evidence.rules import EarlierUse, signals
from services.reporting.models import DailyReport, Duty, Evidence
from shared.clock import wib_date
from shared.storage import Storage

SHOWN = 5  # earlier uses of the same file


def keep_evidence(session: Session, storage: Storage, report: DailyReport, duty: Duty, photo: Photo) -> Evidence:
    """Store the photo of *report* and note its signals."""
    key = f"evidence/{duty.date:%Y/%m}/{report.id}.jpg"
    storage.put(key, photo.jpeg)
    taken_on = wib_date(photo.taken_at) if photo.taken_at else None
    evidence = Evidence(
        report_id=report.id,
        sha256=photo.sha256,
        storage_key=key,
        bytes=len(photo.jpeg),
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        signals=signals(taken_on, duty.date, duty.employee_id, _earlier_uses(session, photo.sha256, duty)),
    )
    session.add(evidence)
    return evidence


def _earlier_uses(session: Session, digest: str, duty: Duty) -> list[EarlierUse]:
    """Other duties' reports with the very same file; the duty's own earlier revision may well show the same photo."""
    rows = session.execute(
        select(Evidence.report_id, Duty.employee_id, Duty.date)
        .join(DailyReport, DailyReport.id == Evidence.report_id)
        .join(Duty, Duty.id == DailyReport.duty_id)
        .where(Evidence.sha256 == digest, Duty.id != duty.id)
        .order_by(Duty.date.desc())
        .limit(SHOWN)
    )
    return [EarlierUse(str(report_id), employee_id, day) for report_id, employee_id, day in rows]
