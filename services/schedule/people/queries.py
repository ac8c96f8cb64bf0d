"""Finding people, for pages."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee


def serving(session: Session, agency_id: str) -> list[tuple[str, str]]:
    """(NIP, name) of all who serve in an agency."""
    query = (
        select(Employee.nip, Employee.name)
        .where(Employee.agency_id == agency_id, Employee.active)
        .order_by(Employee.name, Employee.nip)
    )
    return [(nip, name) for nip, name in session.execute(query)]
