"""Who is away when, by absences that stand; of several on one day leave holds, then training, then travel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.schedule.models import Absence


def away_on(employee_id: InstrumentedAttribute[str], day: InstrumentedAttribute[date]) -> ColumnElement[Any]:
    """Joins absences that stand to rows of a person's day."""
    return and_(Absence.employee_id == employee_id, day.between(Absence.starts, Absence.ends), _stands())


def standing(session: Session, ids: Collection[str], first: date, last: date) -> Sequence[Absence]:
    """Absences of the people *ids* from *first* to *last*; of one day's the last one counts."""
    return session.scalars(
        select(Absence)
        .where(Absence.employee_id.in_(ids), Absence.starts <= last, Absence.ends >= first, _stands())
        .order_by(Absence.kind.desc())
    ).all()


def _stands() -> ColumnElement[bool]:
    return Absence.cancelled_at.is_(None)
