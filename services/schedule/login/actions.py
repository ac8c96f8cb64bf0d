"""Who signs in: the employee, their roles, and the key that vouches for them."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from joserfc.jwk import KeySet, OKPKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.login.rules import roles_of
from services.schedule.models import Employee, GrantedRole, Unit
from services.schedule.people.tree import acting_on
from services.schedule.settings import ScheduleSettings
from shared.errors import NotFound, NotSignedIn
from shared.roles import REACH_OF, Person, Reach, Role
from shared.settings import Settings


def person_by_nip(session: Session, nip: str, *, today: date, agency_id: str | None = None) -> Person:
    """The active employee with *nip* and all roles they hold today.

    Someone who acts as head of another agency signs in there, unless they head their own; *agency_id* chooses.
    """
    employee = session.scalar(select(Employee).where(Employee.nip == nip))
    if employee is None or not employee.active:
        raise NotSignedIn("NIP ini tidak dikenal atau tidak aktif.")
    led = set(session.scalars(select(Unit.id).where(Unit.leader_id == employee.id)))
    acting = {unit for unit, row in acting_on(session, today).items() if row.employee_id == employee.id}
    own = employee.agency_id
    acted = sorted(session.scalars(select(Unit.id).where(Unit.id.in_(acting), Unit.id == Unit.agency_id)))
    at = agency_id or (own if own in led or own in acted or not acted else acted[0])
    if at not in (own, *acted):
        raise NotSignedIn("Anda tidak bertugas pada perangkat daerah itu hari ini.")
    granted = [
        row.role
        for row in session.scalars(select(GrantedRole).where(GrantedRole.employee_id == employee.id))
        if REACH_OF[Role(row.role)] == Reach.CITY or row.agency_id == at == own
    ]
    return Person(
        employee_id=employee.id,
        nip=employee.nip,
        name=employee.name,
        agency_id=at,
        unit_id=employee.unit_id if at == own else at,
        roles=roles_of(
            employee.post,
            leads_agency=at in led | acting,
            leads_unit=bool(led | acting),
            granted=granted,
            acts=at in acting,
        ),
    )


def change_role(session: Session, nip: str, role: Role, *, granted: bool, by: str, now: datetime) -> list[str]:
    """Grant *role* to the person with *nip*, or take it back; returns the granted roles they hold then."""
    employee = session.scalar(select(Employee).where(Employee.nip == nip))
    if employee is None:
        raise NotFound("Pegawai dengan NIP ini tidak ditemukan.")
    held = session.get(GrantedRole, (employee.id, role))
    if granted:
        session.merge(
            GrantedRole(employee_id=employee.id, role=role, agency_id=employee.agency_id, granted_by=by, granted_at=now)
        )
    elif held is not None:
        session.delete(held)
    session.flush()
    return sorted(session.scalars(select(GrantedRole.role).where(GrantedRole.employee_id == employee.id)))


def session_key(settings: Settings) -> OKPKey:
    assert isinstance(settings, ScheduleSettings)
    return _read_key(settings.session_key)


def public_keys(settings: Settings) -> KeySet:
    return KeySet([OKPKey.import_key(session_key(settings).as_dict(private=False))])


@lru_cache(maxsize=4)
def _read_key(path: Path) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def new_session_key() -> str:
    """A fresh Ed25519 key as JSON, for set-up."""
    return json.dumps(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))
