"""Leave, duty travel and training: recorded from files and by hand, cancelled, and told to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.schedule.models import Absence, AbsenceSource, Employee
from services.schedule.people.actions import Outcome
from shared import outbox
from shared.contracts.schedule import AbsenceChangedV1
from shared.db import new_id
from shared.errors import DomainError, InvalidInput, NotFound
from shared.tables import Rejection

LONGEST = 366  # days of one recorded by hand; whoever is away for longer leaves the rosters by SIMPEG's kedudukan


class AbsenceExists(DomainError):
    status, code = 409, "absence_exists"


class AbsenceCancelled(DomainError):
    status, code = 409, "absence_cancelled"


class AbsenceOfEoffice(DomainError):
    status, code = 409, "absence_of_eoffice"


@dataclass(frozen=True)
class AbsenceIn:
    """Days without a work mode; kind is leave, travel or training."""

    nip: str
    kind: str
    starts: date
    ends: date
    note: str
    line: int = 0


def take_absences(session: Session, absences: Sequence[AbsenceIn], *, now: datetime) -> Outcome:
    """Take in leave, duty travel and training of a file; the same absence sent twice is one, and one that a person
    cancelled stays so. The new ones are told."""
    ids = ids_of(session, {absence.nip for absence in absences})
    rejected = [
        Rejection(absence.line, f"NIP {absence.nip} tidak dikenal") for absence in absences if absence.nip not in ids
    ]
    rows = [
        {
            "id": new_id(), "employee_id": ids[a.nip], "kind": a.kind, "starts": a.starts, "ends": a.ends,
            "note": a.note, "source": AbsenceSource.FILE, "reference": "",
        }
        for a in absences
        if a.nip in ids
    ]  # fmt: skip
    new: Sequence[Absence] = []
    if rows:
        statement = insert(Absence).on_conflict_do_nothing().returning(Absence)
        new = session.scalars(statement, rows).all()  # sent in batches: one statement holds 65,535 values
    tell(session, new, now=now)
    return Outcome(len(absences), len(new), rejected)


def record_absence(
    session: Session, nip: str, *, kind: str, starts: date, ends: date, note: str, now: datetime
) -> Absence:
    """Record one by hand; one that was cancelled stands again. Raises AbsenceExists for one that stands already."""
    if ends < starts:
        raise InvalidInput("Tanggal selesai mendahului tanggal mulai.", pointers={"/ends": "sebelum “starts”"})
    if (ends - starts).days >= LONGEST:
        raise InvalidInput(
            f"Ketidakhadiran paling lama {LONGEST} hari.", pointers={"/ends": f"paling lama {LONGEST} hari"}
        )
    employee_id = ids_of(session, {nip})[nip]
    values = {"source": AbsenceSource.HAND, "note": note, "cancelled_at": None, "cancel_reason": None}
    row = session.scalar(
        insert(Absence)
        .values(id=new_id(), employee_id=employee_id, kind=kind, starts=starts, ends=ends, reference="", **values)
        .on_conflict_do_update(
            index_elements=["employee_id", "kind", "starts", "ends"],
            index_where=text("reference = ''"),  # a parameter would match no index once the statement is prepared
            set_=values,
            where=Absence.cancelled_at.is_not(None),
        )
        .returning(Absence)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise AbsenceExists("Ketidakhadiran yang sama sudah tercatat.")
    tell(session, [row], now=now)
    return row


def cancel_absence(session: Session, absence_id: UUID, reason: str, *, now: datetime) -> Absence:
    """Take an absence back. Raises AbsenceOfEoffice for a duty trip, whose last word e-office has."""
    row = session.get(Absence, absence_id, with_for_update=True)
    if row is None:
        raise NotFound("Data ketidakhadiran tidak ditemukan.")
    if row.source == AbsenceSource.EOFFICE:
        raise AbsenceOfEoffice("Perjalanan dinas ini berasal dari e-office. Batalkan atau perbaiki di e-office.")
    if row.cancelled_at is not None:
        raise AbsenceCancelled("Ketidakhadiran ini sudah dibatalkan.")
    row.cancelled_at, row.cancel_reason = now, reason
    tell(session, [row], now=now)
    return row


def ids_of(session: Session, nips: set[str]) -> dict[str, str]:
    """NIP → employee id, of those that are known."""
    return dict(session.execute(select(Employee.nip, Employee.id).where(Employee.nip.in_(nips))).all())


def tell(session: Session, rows: Sequence[Absence], *, now: datetime) -> None:
    """Tell of *rows* as they are now, all by one statement."""
    session.flush()
    outbox.emit_all(session, [event_of(row) for row in rows], now=now)


def event_of(row: Absence) -> AbsenceChangedV1:
    return AbsenceChangedV1(
        id=str(row.id),
        employee_id=row.employee_id,
        kind=row.kind,
        starts=row.starts,
        ends=row.ends,
        active=row.cancelled_at is None,
    )
