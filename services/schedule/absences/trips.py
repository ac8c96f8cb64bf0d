"""Duty trips of e-office as absences of those who travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.absences.actions import ids_of, tell
from services.schedule.models import Absence, AbsenceSource, Trip
from shared.db import new_id
from shared.durable import Context
from shared.errors import NotYet
from shared.jobs import enqueue_all

TRAVEL = "travel"
NOT_ALONG = "tidak ikut perjalanan dinas"


@dataclass(frozen=True)
class TripIn:
    """A trip as e-office tells it, whole: who travels, from which day to which. nips: each once."""

    id: str
    nips: Sequence[str]
    starts: date
    ends: date
    note: str


def take_trip(session: Session, trip: TripIn, event_id: str, *, now: datetime) -> None:
    """Make the trip's absences what *trip* says: new travellers, other dates, people who do not travel after all.

    A traveller whom SIMPEG has not told of yet is waited for by a job of their own, which holds nobody else back.
    """
    values = {"starts": trip.starts, "ends": trip.ends, "note": trip.note, "nips": list(trip.nips)}
    session.execute(  # also makes those wait who look at the same trip
        insert(Trip).values(id=trip.id, **values).on_conflict_do_update(index_elements=["id"], set_=values)
    )
    ids = ids_of(session, set(trip.nips))
    told = {row.employee_id: row for row in _of_trip(session, trip.id)}
    changed = [
        row
        for employee_id, row in told.items()
        if employee_id not in ids.values() and _put(row, cancelled_at=now, cancel_reason=NOT_ALONG)
    ]
    for employee_id in ids.values():
        row = told.get(employee_id)
        if row is None:
            changed.append(_add(session, trip, employee_id))
        elif _put(row, starts=trip.starts, ends=trip.ends, note=trip.note, cancelled_at=None, cancel_reason=None):
            changed.append(row)
    tell(session, changed, now=now)
    waiting = [(f"{event_id}:{nip}", {"trip_id": trip.id, "nip": nip}, now) for nip in trip.nips if nip not in ids]
    enqueue_all(session, take_traveller.__name__, waiting, now=now)


def cancel_trip(session: Session, trip_id: str, reason: str, *, now: datetime) -> None:
    """Nobody travels. A trip that was never told has nothing to cancel."""
    session.execute(delete(Trip).where(Trip.id == trip_id))
    rows = _of_trip(session, trip_id)
    tell(session, [row for row in rows if _put(row, cancelled_at=now, cancel_reason=reason)], now=now)


def take_traveller(session: Session, payload: dict[str, Any], context: Context) -> None:
    """The job for one traveller who was unknown; what the trip has become meanwhile holds. Raises NotYet."""
    trip = session.get(Trip, payload["trip_id"], with_for_update=True)
    nip = payload["nip"]
    if trip is None or nip not in trip.nips:
        return
    employee_id = ids_of(session, {nip}).get(nip)
    if employee_id is None:
        raise NotYet(f"perjalanan dinas {trip.id}: NIP {nip} tidak dikenal")
    if employee_id not in {row.employee_id for row in _of_trip(session, trip.id)}:
        tell(session, [_add(session, trip, employee_id)], now=context.now())


def _of_trip(session: Session, trip_id: str) -> Sequence[Absence]:
    return session.scalars(
        select(Absence)
        .where(Absence.source == AbsenceSource.EOFFICE, Absence.reference == trip_id)
        .order_by(Absence.id)
        .with_for_update()
    ).all()


def _add(session: Session, trip: Trip | TripIn, employee_id: str) -> Absence:
    row = Absence(
        id=new_id(), employee_id=employee_id, kind=TRAVEL, starts=trip.starts, ends=trip.ends, note=trip.note,
        source=AbsenceSource.EOFFICE, reference=trip.id,
    )  # fmt: skip
    session.add(row)
    return row


def _put(row: Absence, **values: Any) -> bool:
    """Write *values* and tell whether any differed; one that is cancelled is not cancelled again."""
    if values["cancelled_at"] and row.cancelled_at:
        return False
    differs = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return differs
