"""Counts of an agency's runs, as the monthly pack shows them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.energy.models import Checklist, ChecklistItem
from shared.contracts.energy import ChecklistFigures


def checklist_figures(session: Session, agency_id: str, first: date, last: date) -> ChecklistFigures:
    """Runs from *first* to *last*. One sent back and not yet filled in again counts as supervised: somebody looked."""
    due = (Checklist.agency_id == agency_id, Checklist.date.between(first, last))
    rooms, runs, submitted, supervised = session.execute(
        select(
            func.count(Checklist.room_id.distinct()),
            func.count(),
            func.count(Checklist.submitted_at),
            func.count(Checklist.supervised_at),
        ).where(*due)
    ).one()
    failed = session.scalar(
        select(func.count())
        .select_from(ChecklistItem)
        .join(Checklist, Checklist.id == ChecklistItem.checklist_id)
        .where(*due, ChecklistItem.ok.is_(False))
    )
    return ChecklistFigures(rooms, runs, submitted, supervised, failed or 0)
