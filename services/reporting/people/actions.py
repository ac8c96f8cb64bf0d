"""Copies of units and people, kept from schedule's events."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.models import Duty, DutyStatus, Employee, Unit
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import EmployeeChangedV1, UnitChangedV1
from shared.durable import Context
from shared.errors import NotFound

EMPLOYEE_COLUMNS = ("id", "nip", "name", "agency_id", "unit_id", "superior_id", "post", "rank", "email", "active")


def keep_unit(session: Session, event: Received[UnitChangedV1], _context: Context) -> None:
    values = asdict(event.data)
    session.execute(insert(Unit).values(values).on_conflict_do_update(index_elements=["id"], set_=values))


def keep_employee(session: Session, event: Received[EmployeeChangedV1], context: Context) -> None:
    """Keep the person as they are now; who left the service owes no reports from today on."""
    values = {name: getattr(event.data, name) for name in EMPLOYEE_COLUMNS}
    session.execute(insert(Employee).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
    session.execute(  # whoever is the superior now assesses what is still to be assessed
        update(Duty)
        .where(
            Duty.employee_id == event.data.id,
            Duty.superior_id.is_distinct_from(event.data.superior_id),
            Duty.status.not_in([DutyStatus.ASSESSED, DutyStatus.CANCELLED]),
        )
        .values(superior_id=event.data.superior_id)
    )
    if not event.data.active:
        session.execute(
            update(Duty)
            .where(
                Duty.employee_id == event.data.id,
                or_(Duty.status == DutyStatus.OPEN, Duty.excused),
                Duty.date >= wib_date(context.now()),
            )
            .values(status=DutyStatus.CANCELLED, excused=False)
        )


def employee_by_nip(session: Session, nip: str) -> Employee:
    """The person with *nip*, an active one first; raises NotFound."""
    if not (nip.isascii() and nip.isdecimal()):  # nor may odd bytes of an address reach the database
        raise NotFound("NIP terdiri atas angka saja.")
    found = session.scalar(select(Employee).where(Employee.nip == nip).order_by(Employee.active.desc()).limit(1))
    if found is None:
        raise NotFound("Pegawai dengan NIP ini tidak dikenal.")
    return found


def unit_names(session: Session, agency_id: str) -> dict[str, str]:
    """Unit id → name, of one agency."""
    return dict(session.execute(select(Unit.id, Unit.name).where(Unit.agency_id == agency_id)).all())
