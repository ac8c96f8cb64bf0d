"""Absences over HTTP: the list, one recorded by hand, and one cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.absences import actions
from services.schedule.absences.schemas import AbsenceIn, AbsenceOut, AbsencePage, AbsenceQuery, CancelIn
from services.schedule.models import Absence, Employee
from services.schedule.people.history_api import person_owner
from shared import audit
from shared.auth import Owner, access, who, within_reach
from shared.errors import NotFound
from shared.roles import HEADS, Person, Role
from shared.web.reply import Page, asked_page, context, transaction

blueprint = Blueprint("absences", __name__, url_prefix="/api", description="Cuti, dinas luar, dan diklat")

ABSENCE_READERS = (
    Role.ASN, Role.SUPERIOR, Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.IT, Role.AUDITOR
)  # fmt: skip
RECORDERS = (Role.OPERATOR, *HEADS)


def absence_owner(session: Session, absence_id: UUID) -> Owner:
    employee = session.scalar(
        select(Employee).join(Absence, Absence.employee_id == Employee.id).where(Absence.id == absence_id)
    )
    if employee is None:
        raise NotFound("Data ketidakhadiran tidak ditemukan.")
    return Owner(employee.agency_id, employee.id, employee.superior_id)


@blueprint.get("/absences")
@blueprint.arguments(AbsenceQuery, location="query")
@blueprint.response(200, AbsencePage)
@access(*ABSENCE_READERS, scopes=["people:read"])
def absences(args: dict[str, Any]) -> Page[Any]:
    """Who is away when, newest first: one's own, one's team's, one's agency's."""
    with transaction() as session:
        return asked_absences(session, args)


def asked_absences(session: Session, args: dict[str, Any]) -> Page[dict[str, Any]]:
    """The page that the address asks for, of what the person may see. args: of AbsenceQuery."""
    query = within_reach(
        select(Absence).join(Employee, Employee.id == Absence.employee_id),
        agency=Employee.agency_id, employee=Employee.id, superior=Employee.superior_id,
    )  # fmt: skip
    if args.get("employee_id"):
        query = query.where(Absence.employee_id == args["employee_id"])
    if args.get("nip"):
        query = query.where(Employee.nip == args["nip"])
    if args.get("start"):
        query = query.where(Absence.ends >= args["start"])
    if args.get("end"):
        query = query.where(Absence.starts <= args["end"])
    if not args["cancelled"]:
        query = query.where(Absence.cancelled_at.is_(None))
    page = asked_page(session, query.order_by(Absence.starts.desc(), Absence.id.desc()))
    ids = [row.employee_id for row in page.rows]
    people = {person.id: person for person in session.scalars(select(Employee).where(Employee.id.in_(ids)))}
    return Page([_shown(row, people[row.employee_id]) for row in page.rows], page.number, page.size, page.total)


@blueprint.post("/employees/<nip>/absences")
@blueprint.arguments(AbsenceIn)
@blueprint.response(201, AbsenceOut)
@access(*RECORDERS, owner=person_owner)
def record(body: dict[str, Any], nip: str) -> dict[str, Any]:
    """Record days of leave, duty travel or training; they hold at once, whatever the roster in force says."""
    return put_down(nip, body)


def put_down(nip: str, body: dict[str, Any]) -> dict[str, Any]:
    now = context().now()
    with transaction() as session:
        row = actions.record_absence(session, nip, **body, now=now)
        audit.record(session, who().label, "record_absence", f"absence/{row.id}", now=now, detail=_on_record(row))
        return _shown(row, session.get_one(Employee, row.employee_id))


@blueprint.post("/absences/<uuid:absence_id>/cancel")
@blueprint.arguments(CancelIn)
@blueprint.response(200, AbsenceOut)
@access(*RECORDERS, owner=absence_owner)
def cancel(body: dict[str, Any], absence_id: UUID) -> dict[str, Any]:
    """Cancel an absence; the person's days are again what the roster in force says. Trips are cancelled in e-office."""
    return take_back(absence_id, body)


def take_back(absence_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    now = context().now()
    with transaction() as session:
        row = actions.cancel_absence(session, absence_id, body["reason"], now=now)
        audit.record(session, who().label, "cancel_absence", f"absence/{row.id}", now=now, detail=_on_record(row))
        return _shown(row, session.get_one(Employee, row.employee_id))


def _on_record(row: Absence) -> dict[str, str]:
    """For the audit log, which more people read than may know why somebody is away."""
    return {"employee": row.employee_id, "kind": row.kind, "starts": f"{row.starts}", "ends": f"{row.ends}"}


def _shown(row: Absence, employee: Employee) -> dict[str, Any]:
    user = who()
    why = isinstance(user, Person) and (
        user.employee_id == employee.id
        or (user.has(*RECORDERS) and user.agency_id == employee.agency_id)
    )  # fmt: skip
    return {
        "id": row.id, "employee_id": employee.id, "nip": employee.nip, "name": employee.name,
        "agency_id": employee.agency_id, "kind": row.kind, "starts": row.starts, "ends": row.ends,
        "source": row.source, "cancelled_at": row.cancelled_at,
        "note": row.note if why else None, "cancel_reason": row.cancel_reason if why else None,
    }  # fmt: skip
