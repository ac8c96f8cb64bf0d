"""Postings, acting heads, superiors decided on, and gaps in the data, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Posting, SuperiorOverride
from services.schedule.people import leadership
from services.schedule.people.actions import take_turns
from services.schedule.people.api import unit_owner
from services.schedule.people.gaps import Gap, gaps
from services.schedule.people.history_schemas import (
    ActingIn,
    EndIn,
    GapPage,
    GapQuery,
    OverridePage,
    PostingOut,
    PostingPage,
    SecondPostIn,
    SuperiorIn,
)
from services.schedule.people.postings import ACTING, DUAL, histories
from services.schedule.people.schemas import EmployeeOut
from shared import audit
from shared.auth import Owner, access, reach, who, within_reach
from shared.clock import wib_date
from shared.errors import DomainError, NotFound
from shared.roles import HEADS, Person, Reach, Role
from shared.web.reply import Page, asked_page, context, part_of, transaction
from shared.web.schemas import PageArgs

blueprint = Blueprint("history", __name__, url_prefix="/api", description="Riwayat penempatan dan atasan")


class NothingToCancel(DomainError):
    status, code = 409, "no_coming_posting"


def person_owner(session: Session, nip: str, **_: object) -> Owner:
    employee = session.scalar(select(Employee).where(Employee.nip == nip))
    if employee is None:
        raise NotFound("Pegawai dengan NIP ini tidak ditemukan.")
    return Owner(employee.agency_id, employee.id, employee.superior_id)


def acting_owner(session: Session, unit_id: str, **_: object) -> Owner:
    return unit_owner(session, unit_id)


@blueprint.get("/employees/<nip>/postings")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, PostingPage)
@access(*Role, owner=person_owner, scopes=["people:read"])
def postings(_args: dict[str, Any], nip: str) -> Page[Posting]:
    """Where a person served, serves, and will serve, newest first."""
    query = select(Posting).join(Employee, Employee.id == Posting.employee_id).where(Employee.nip == nip)
    with transaction() as session:
        return asked_page(session, query.order_by(Posting.starts.desc(), Posting.kind, Posting.id))


@blueprint.delete("/employees/<nip>/postings/coming")
@blueprint.response(204)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, owner=person_owner)
def cancel_coming(nip: str) -> None:
    """Cancel a move that is still to come, when its decree was taken back."""
    now = context().now()
    with transaction() as session:
        employee_id = session.scalars(select(Employee.id).where(Employee.nip == nip)).one()
        take_turns(session)
        if not histories(session, [employee_id])[employee_id].cancel_coming(wib_date(now)):
            raise NothingToCancel("Pegawai ini tidak memiliki penempatan yang akan datang.")
        audit.record(session, who().label, "cancel_posting", f"employee/{employee_id}", now=now)


@blueprint.post("/units/<unit_id>/acting")
@blueprint.arguments(ActingIn)
@blueprint.response(201, PostingOut)
@access(Role.ORGANISATION, *HEADS, owner=unit_owner)
def appoint(body: dict[str, Any], unit_id: str) -> Posting:
    """Let somebody lead a unit for its leader: Plt. while the post is vacant, Plh. for days that its holder is away."""
    now = context().now()
    with transaction() as session:
        row = leadership.appoint_acting(session, unit_id, **body, now=now)
        detail = {**body, "starts": f"{row.starts}", "ends": f"{row.ends}" if row.ends else None}
        audit.record(session, who().label, "appoint_acting", f"unit/{unit_id}", now=now, detail=detail)
        return row


@blueprint.get("/units/<unit_id>/acting")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, PostingPage)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.EXECUTIVE, Role.IT, Role.AUDITOR, owner=unit_owner)
def acting(_args: dict[str, Any], unit_id: str) -> Page[Posting]:
    """Who led, leads and will lead a unit for its leader, newest first."""
    query = select(Posting).where(Posting.kind == ACTING, Posting.unit_id == unit_id)
    with transaction() as session:
        return asked_page(session, query.order_by(Posting.starts.desc(), Posting.id))


@blueprint.post("/units/<unit_id>/acting/<uuid:posting_id>/end")
@blueprint.arguments(EndIn)
@blueprint.response(200, PostingOut)
@access(Role.ORGANISATION, *HEADS, owner=acting_owner)
def end(body: dict[str, Any], unit_id: str, posting_id: UUID) -> Posting:
    """End an appointment earlier than planned."""
    with transaction() as session:
        row = session.get(Posting, posting_id)
        if row is None or (row.kind, row.unit_id) != (ACTING, unit_id):
            raise NotFound("Penugasan Plt./Plh. tidak ditemukan.")
        return _end(session, row, body, f"unit/{unit_id}")


@blueprint.post("/employees/<nip>/second-posts")
@blueprint.arguments(SecondPostIn)
@blueprint.response(201, PostingOut)
@access(Role.ORGANISATION, *HEADS, owner=person_owner)
def give_second_post(body: dict[str, Any], nip: str) -> Posting:
    """Note a post that somebody holds beside their own (rangkap), in whatever unit, where SIMPEG does not tell it."""
    now = context().now()
    with transaction() as session:
        row = leadership.give_second_post(session, nip, **body, now=now)
        detail = {**body, "starts": f"{row.starts}", "ends": f"{row.ends}" if row.ends else None}
        audit.record(session, who().label, "give_second_post", f"employee/{row.employee_id}", now=now, detail=detail)
        return row


@blueprint.post("/employees/<nip>/second-posts/<uuid:posting_id>/end")
@blueprint.arguments(EndIn)
@blueprint.response(200, PostingOut)
@access(Role.ORGANISATION, *HEADS, owner=person_owner)
def end_second_post(body: dict[str, Any], nip: str, posting_id: UUID) -> Posting:
    """End a second post earlier than planned."""
    with transaction() as session:
        row = session.scalar(
            select(Posting)
            .join(Employee, Employee.id == Posting.employee_id)
            .where(Posting.id == posting_id, Posting.kind == DUAL, Employee.nip == nip)
        )
        if row is None:
            raise NotFound("Jabatan rangkap tidak ditemukan.")
        return _end(session, row, body, f"employee/{row.employee_id}")


def _end(session: Session, row: Posting, body: dict[str, Any], subject: str) -> Posting:
    now, action = context().now(), "end_acting" if row.kind == ACTING else "end_second_post"
    detail = {"posting": f"{row.id}", "last": f"{body['last']}", "reason": body["reason"]}
    row = leadership.end_appointment(session, row.id, body["last"], now=now)
    audit.record(session, who().label, action, subject, now=now, detail=detail)
    return row


@blueprint.put("/employees/<nip>/superior")
@blueprint.arguments(SuperiorIn)
@blueprint.response(200, EmployeeOut)
@access(Role.OPERATOR, *HEADS, owner=person_owner)
def set_superior(body: dict[str, Any], nip: str) -> Employee:
    """Put a superior in place of the one that the tree of units gives; null goes back to the tree's."""
    now = context().now()
    with transaction() as session:
        row = leadership.set_superior(session, nip, **body, by=who().label, now=now)
        audit.record(session, who().label, "set_superior", f"employee/{row.id}", now=now, detail=body)
        return row


@blueprint.get("/superior-overrides")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, OverridePage)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.IT, Role.AUDITOR)
def overrides(_args: dict[str, Any]) -> Page[SuperiorOverride]:
    """Superiors that people decided on, newest first."""
    query = select(SuperiorOverride).join(Employee, Employee.id == SuperiorOverride.employee_id)
    query = query.order_by(SuperiorOverride.set_at.desc(), SuperiorOverride.employee_id)
    with transaction() as session:
        return asked_page(session, within_reach(query, agency=Employee.agency_id))


@blueprint.get("/people-gaps")
@blueprint.arguments(GapQuery, location="query")
@blueprint.response(200, GapPage)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.IT, Role.AUDITOR)
def people_gaps(args: dict[str, Any]) -> Page[Gap]:
    """What is missing in the data: units without a leader, people without a superior, known unit or e-mail."""
    agency_id = args.get("agency_id")
    user = who()
    if reach() < Reach.CITY and isinstance(user, Person):
        agency_id = user.agency_id
    with transaction() as session:
        found = gaps(session, agency_id, wib_date(context().now()))
    return part_of([gap for gap in found if args.get("kind") in (None, gap.kind)])
