"""Deciding, revoking and objecting to reprimands: acts of people, each with its reason and in the audit log (1.f)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.reporting.models import Employee, Sanction
from services.reporting.people.actions import employee_by_nip
from services.reporting.sanctions.mails import DECIDED, REVOKED, tell_sanctioned
from services.reporting.sanctions.rules import KIND_TEXT, state_of, term_fault
from services.reporting.standing.actions import tell_standing
from shared import audit
from shared.auth import Owner
from shared.clock import wib_date
from shared.db import new_id
from shared.errors import DomainError, InvalidInput, NotAllowed, NotFound
from shared.roles import Person


class SanctionTerm(InvalidInput):
    code = "sanction_term"


class SanctionOverlaps(DomainError):
    status, code = 409, "sanction_overlaps"


class SanctionRevoked(DomainError):
    status, code = 409, "sanction_revoked"


class AlreadyObjected(DomainError):
    status, code = 409, "already_objected"


def decide_sanction(
    session: Session, nip: str, kind: str, reason: str, starts: date, ends: date, *, by: Person, now: datetime
) -> Sanction:
    """Reprimand somebody of one's own agency from *starts* to *ends*, both days included. kind: of KIND_TEXT."""
    # The person's row is locked so that two who decide at once see each other's reprimand.
    employee = session.get_one(Employee, employee_by_nip(session, nip).id, with_for_update=True)
    if employee.agency_id != by.agency_id:
        raise NotAllowed("Pegawai ini bertugas di perangkat daerah lain.")
    _refuse_oneself(employee.id, by)
    fault = term_fault(starts, ends, wib_date(now))
    if fault:
        field, text = fault
        raise SanctionTerm(text, pointers={f"/{field}": text})
    _refuse_overlap(session, employee.id, kind, starts, ends)
    sanction = Sanction(
        id=new_id(), employee_id=employee.id, kind=kind, reason=reason, starts=starts, ends=ends,
        decided_by=by.label, decided_at=now,
    )  # fmt: skip
    session.add(sanction)
    detail = {"employee_id": employee.id, "kind": kind, "reason": reason, "starts": f"{starts}", "ends": f"{ends}"}
    _record(session, sanction, "decide_sanction", detail, by=by, now=now)
    tell_sanctioned(session, sanction, DECIDED, now=now)
    return sanction


def revoke_sanction(session: Session, sanction_id: UUID, reason: str, *, by: Person, now: datetime) -> Sanction:
    """Take a reprimand back from this moment on; it stays on record with the reason."""
    sanction = _standing_sanction(session, sanction_id)
    _refuse_oneself(sanction.employee_id, by)
    sanction.revoked_by, sanction.revoked_at, sanction.revocation_reason = by.label, now, reason
    _record(session, sanction, "revoke_sanction", {"reason": reason}, by=by, now=now)
    tell_sanctioned(session, sanction, REVOKED, now=now)
    return sanction


def object_to_sanction(session: Session, sanction_id: UUID, objection: str, *, by: Person, now: datetime) -> Sanction:
    """Keep what the person says to their reprimand (keberatan), once. It holds until the head revokes it."""
    sanction = _standing_sanction(session, sanction_id)
    if sanction.objected_at is not None:
        raise AlreadyObjected("Keberatan atas teguran ini sudah Anda ajukan.")
    sanction.objection, sanction.objected_at = objection, now
    _record(session, sanction, "object_to_sanction", {"objection": objection}, by=by, now=now)
    return sanction


def find_sanction(session: Session, sanction_id: UUID, *, lock: bool = False) -> Sanction:
    """Raises NotFound."""
    sanction = session.get(Sanction, sanction_id, with_for_update=lock or None)
    if sanction is None:
        raise NotFound("Teguran ini tidak ditemukan.")
    return sanction


def sanction_owner(session: Session, sanction_id: UUID) -> Owner:
    """Whose a reprimand is, for the gate. Superiors are left out: it is a matter of the person and the head."""
    employee = find_sanction(session, sanction_id).employee
    return Owner(employee.agency_id, employee.id)


def sanction_out(sanction: Sanction, today: date) -> dict[str, Any]:
    """A reprimand as API and page show it."""
    names = (
        "id", "employee_id", "kind", "reason", "starts", "ends", "decided_by", "decided_at", "objection",
        "objected_at", "revoked_by", "revoked_at", "revocation_reason",
    )  # fmt: skip
    employee = sanction.employee
    return {
        **{name: getattr(sanction, name) for name in names},
        "nip": employee.nip,
        "employee_name": employee.name,
        "agency_id": employee.agency_id,
        "state": state_of(sanction.starts, sanction.ends, revoked=sanction.revoked_at is not None, today=today),
    }


def _standing_sanction(session: Session, sanction_id: UUID) -> Sanction:
    sanction = find_sanction(session, sanction_id, lock=True)
    if sanction.revoked_at is not None:
        raise SanctionRevoked("Teguran ini sudah dicabut.")
    return sanction


def _refuse_oneself(employee_id: str, by: Person) -> None:
    if employee_id == by.employee_id:
        raise NotAllowed("Teguran untuk diri sendiri diputuskan dan dicabut oleh orang lain.")


def _refuse_overlap(session: Session, employee_id: str, kind: str, starts: date, ends: date) -> None:
    """A form sent twice must not reprimand twice."""
    other = session.scalar(
        select(Sanction.id)
        .where(Sanction.employee_id == employee_id, Sanction.kind == kind, Sanction.revoked_at.is_(None))
        .where(Sanction.starts <= ends, Sanction.ends >= starts)
        .limit(1)
    )
    if other is not None:
        raise SanctionOverlaps(f"Sudah ada {KIND_TEXT[kind]} untuk pegawai ini pada masa itu.")


def _record(
    session: Session, sanction: Sanction, action: str, detail: dict[str, Any], *, by: Person, now: datetime
) -> None:
    """Put the act on record, and let gates know at once when it begins or ends something today."""
    audit.record(session, by.label, action, f"sanction/{sanction.id}", now=now, detail=detail)
    tell_standing(session, [sanction.employee_id], now=now)
