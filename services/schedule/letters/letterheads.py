"""Letterheads (kop) of agencies: what is set now is printed on letters approved from now on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from services.schedule.letters.rules import LetterheadFacts
from services.schedule.models import Letterhead, Unit
from shared.errors import NotFound


def letterhead_of(session: Session, agency_id: str) -> LetterheadFacts:
    """Empty while nobody has set it."""
    row = session.get(Letterhead, agency_id)
    return (
        LetterheadFacts(row.address, row.postal_code, row.phone, row.email, row.website) if row else LetterheadFacts()
    )


def set_letterhead(session: Session, agency_id: str, facts: LetterheadFacts, *, by: str, now: datetime) -> None:
    """Replace the agency's letterhead; raises NotFound for what is no agency."""
    agency = session.get(Unit, agency_id)
    if agency is None or not agency.is_agency:
        raise NotFound("Perangkat daerah tidak ditemukan.")
    session.merge(Letterhead(agency_id=agency_id, set_by=by, set_at=now, **asdict(facts)))
