"""What people and operators ask of a roster before it is made: wishes and pins, stand-ins, gates opened by the head."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from services.schedule.models import Employee, GateOverride, Roster, RosterRequest, RosterStatus, StandIn
from services.schedule.rosters.question import Key
from shared.clock import wib_date
from shared.errors import DomainError, NotAllowed, NotFound

OPEN = ("asked", "approved")
REQUEST_TEXT = {"asked": "menunggu", "approved": "disetujui", "refused": "ditolak", "withdrawn": "ditarik"}


class RequestStateError(DomainError):
    status, code = 409, "request_state"


class RequestNotPossible(DomainError):
    status, code = 422, "request_not_possible"


def ask(
    session: Session, employee: Employee, day: date, mode: str, kind: str, *, reason: str, by: str, now: datetime,
    approved: bool,
) -> RosterRequest:  # fmt: skip
    """Ask for a cell. A wish is heard if fairness allows, a pin holds once *approved*; asking again replaces, but for a
    pin that holds: operator or head set it."""
    if day <= wib_date(now):
        raise RequestNotPossible("Permintaan hanya untuk hari setelah hari ini.")
    in_force = session.scalar(
        select(Roster.id).where(
            Roster.agency_id == employee.agency_id,
            Roster.month == day.replace(day=1),
            Roster.status == RosterStatus.IN_FORCE,
        )
    )
    if in_force and not approved:
        raise RequestNotPossible("Jadwal bulan itu sudah berlaku; mintalah tukar giliran.")
    earlier = session.scalars(
        select(RosterRequest)
        .where(RosterRequest.employee_id == employee.id, RosterRequest.date == day, RosterRequest.status.in_(OPEN))
        .with_for_update()
    ).all()
    if not approved and any(map(holds_as_pin, earlier)):
        raise RequestNotPossible("Hari itu sudah ditetapkan oleh operator atau kepala perangkat daerah Anda.")
    for row in earlier:
        row.status = "withdrawn"
    session.flush()
    request = RosterRequest(
        agency_id=employee.agency_id, employee_id=employee.id, date=day, mode=mode, kind=kind,
        status="approved" if approved else "asked", reason=reason, asked_by=by, asked_at=now,
        decided_by=by if approved else None, decided_at=now if approved else None,
    )  # fmt: skip
    session.add(request)
    session.flush()
    return request


def decide(
    session: Session, request_id: UUID, *, approves: bool, note: str | None, by: str, now: datetime
) -> RosterRequest:
    """Approve a wish or pin, which then holds for rosters made from now on, or refuse it; who asked reads the note."""
    request = _locked(session, request_id, "asked")
    request.status, request.note = ("approved" if approves else "refused"), note
    request.decided_by, request.decided_at = by, now
    return request


def withdraw(session: Session, request_id: UUID, *, by_id: str, decides_in: str | None) -> RosterRequest:
    """Take a request back: one's own, but for a pin that holds; any of the agency *decides_in* by its operator or
    head."""
    request = _locked(session, request_id, *OPEN)
    if request.agency_id != decides_in:
        if request.employee_id != by_id:
            raise NotAllowed("Hanya pemohon yang dapat menarik permintaan ini.")
        if holds_as_pin(request):
            raise NotAllowed("Penetapan ini hanya dapat dilepas oleh operator atau kepala perangkat daerah Anda.")
    request.status = "withdrawn"
    return request


def holds_as_pin(request: RosterRequest) -> bool:
    """Whether it is a day that operator or head has fixed; an approved wish is no pin, it was for one's own sake."""
    return request.kind == "pin" and request.status == "approved"


def give_up(session: Session, modes: Mapping[Key, str]) -> None:
    """Take back the approved wishes that a swap goes against. modes: of the swap's cells."""
    wishes = session.scalars(
        select(RosterRequest)
        .where(
            tuple_(RosterRequest.employee_id, RosterRequest.date).in_(modes),
            RosterRequest.status == "approved", RosterRequest.kind == "wish",
        )
        .with_for_update()
    )  # fmt: skip
    for wish in wishes:
        if modes[wish.employee_id, wish.date] != wish.mode:
            wish.status = "withdrawn"


def _locked(session: Session, request_id: UUID, *allowed: str) -> RosterRequest:
    request = session.get(RosterRequest, request_id, with_for_update=True)
    if request is None:
        raise NotFound("Permintaan tidak ditemukan.")
    if request.status not in allowed:
        raise RequestStateError(f"Permintaan ini sudah berstatus “{REQUEST_TEXT[request.status]}”.")
    return request


def set_stand_in(
    session: Session, agency_id: str, one_id: str, other_id: str, *, reason: str, by: str, now: datetime
) -> None:
    """Say that of two people of an agency one at least is at the office (1.g)."""
    known = set(
        session.scalars(select(Employee.id).where(Employee.id.in_((one_id, other_id)), Employee.agency_id == agency_id))
    )
    if one_id == other_id or known != {one_id, other_id}:
        raise RequestNotPossible("Pasangan terdiri dari dua pegawai yang berbeda dari perangkat daerah ini.")
    one, other = sorted((one_id, other_id))
    session.merge(StandIn(agency_id=agency_id, one_id=one, other_id=other, reason=reason, set_by=by, set_at=now))


def drop_stand_in(session: Session, agency_id: str, one_id: str, other_id: str) -> None:
    one, other = sorted((one_id, other_id))
    row = session.get(StandIn, (agency_id, one, other))
    if row is None:
        raise NotFound("Pasangan ini tidak ada.")
    session.delete(row)


def open_gate(session: Session, employee_id: str, month: date, *, reason: str, by: str, now: datetime) -> None:
    """The head's word that a closed gate does not hold for a person in one month."""
    month = month.replace(day=1)
    session.merge(GateOverride(employee_id=employee_id, month=month, reason=reason, set_by=by, set_at=now))
