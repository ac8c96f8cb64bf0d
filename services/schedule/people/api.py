"""People and units over HTTP: lists, the operator's corrections, and the bulk file of SIMPEG."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.schedule.absences.actions import take_absences
from services.schedule.integrations.simpeg import read_file
from services.schedule.models import Employee, Posting, QuotaChoice, Unit
from services.schedule.people import actions
from services.schedule.people.postings import MAIN
from services.schedule.people.schemas import (
    EmployeePage,
    EmployeeQuery,
    ExemptionIn,
    OutcomeOut,
    QuotaIn,
    UnitOut,
    UnitPage,
    UnitQuery,
)
from services.schedule.policy.actions import classifier
from shared import audit
from shared.auth import Owner, access, who, within_reach
from shared.errors import NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import ImportArgs, ImportFile

blueprint = Blueprint("people", __name__, url_prefix="/api", description="Pegawai dan unit kerja")

FILE_LIMIT = 20_000_000  # bytes


def unit_owner(session: Session, unit_id: str) -> Owner:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("Unit kerja tidak ditemukan.")
    return Owner(unit.agency_id)


def agency_owner(_session: Session, agency_id: str, **_: object) -> Owner:
    return Owner(agency_id)


@blueprint.get("/employees")
@blueprint.arguments(EmployeeQuery, location="query")
@blueprint.response(200, EmployeePage)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, Role.IT, Role.AUDITOR, scopes=["people:read"])
def employees(args: dict[str, Any]) -> Page[Any]:
    """People of the agency, or of the city for city-wide roles; with ``on``, as they served on that day."""
    if args.get("on"):
        return _people_on(args["on"], args)
    query = within_reach(select(Employee).order_by(Employee.name, Employee.id), agency=Employee.agency_id)
    if args.get("agency_id"):
        query = query.where(Employee.agency_id == args["agency_id"])
    if args.get("q"):
        pattern = f"%{args['q']}%"
        query = query.where(or_(Employee.name.ilike(pattern), Employee.nip.like(pattern)))
    with transaction() as session:
        return asked_page(session, query)


def _people_on(day: date, args: dict[str, Any]) -> Page[Any]:
    query = within_reach(
        select(Posting)
        .join(Employee, Employee.id == Posting.employee_id)
        .where(Posting.kind == MAIN, Posting.starts <= day, or_(Posting.ends.is_(None), Posting.ends >= day))
        .order_by(Employee.name, Employee.id),
        agency=Posting.agency_id,
    )
    if args.get("agency_id"):
        query = query.where(Posting.agency_id == args["agency_id"])
    if args.get("q"):
        pattern = f"%{args['q']}%"
        query = query.where(or_(Employee.name.ilike(pattern), Employee.nip.like(pattern)))
    with transaction() as session:
        page = asked_page(session, query)
        ids = [row.employee_id for row in page.rows]
        people = {person.id: person for person in session.scalars(select(Employee).where(Employee.id.in_(ids)))}
    rows = [
        {
            "id": row.employee_id, "nip": people[row.employee_id].nip, "name": people[row.employee_id].name,
            "agency_id": row.agency_id, "unit_id": row.unit_id, "post": row.post, "rank": row.rank,
            "active": row.active,
        }
        for row in page.rows
    ]  # fmt: skip
    return Page(rows, page.number, page.size, page.total)


@blueprint.get("/units")
@blueprint.arguments(UnitQuery, location="query")
@blueprint.response(200, UnitPage)
@access(*Role, scopes=["people:read"])
def units(args: dict[str, Any]) -> Page[Unit]:
    """Units are no secret: everyone signed in sees the city's structure."""
    query = select(Unit).order_by(Unit.name, Unit.id)
    if args.get("agency_id"):
        query = query.where(Unit.agency_id == args["agency_id"])
    if args["agencies_only"]:
        query = query.where(Unit.id == Unit.agency_id)
    with transaction() as session:
        return asked_page(session, query)


@blueprint.put("/units/<unit_id>/exemption")
@blueprint.arguments(ExemptionIn)
@blueprint.response(200, UnitOut)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION, owner=unit_owner)
def exempt_unit(body: dict[str, Any], unit_id: str) -> Unit:
    """Say by hand which exemption (1.l.4–12) a unit falls under, or none."""
    now = context().now()
    with transaction() as session:
        unit = actions.exempt_unit(session, unit_id, body["clause"], now=now)
        audit.record(session, who().label, "exempt_unit", f"unit/{unit_id}", now=now, detail=body)
        return unit


@blueprint.put("/agencies/<agency_id>/quota")
@blueprint.arguments(QuotaIn)
@blueprint.response(204)
@access(*HEADS, owner=agency_owner)
def choose_quota(body: dict[str, Any], agency_id: str) -> None:
    """The head's choice of composition and proportion (1.d); it holds for rosters made from now on."""
    now = context().now()
    with transaction() as session:
        session.merge(QuotaChoice(agency_id=agency_id, chosen_by=who().label, chosen_at=now, **body))
        detail = {"share": str(body["share"]), "min_on_site": body["min_on_site"]}
        audit.record(session, who().label, "choose_quota", f"agency/{agency_id}", now=now, detail=detail)


def _import(kind: str, args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Read the file, take its good rows in within a transaction, and undo that again for a preview."""
    now = context().now()
    rows, refused = read_file(kind, files["file"].filename or "", files["file"].read(FILE_LIMIT))
    with transaction() as session:
        if kind == "units":
            outcome = actions.upsert_units(session, rows, classifier(session, context().settings, now), now=now)
        elif kind == "people":
            outcome = actions.upsert_employees(session, rows, now=now)
        else:
            outcome = take_absences(session, rows, now=now)
        rejected = [*refused, *outcome.rejected]
        if args["apply"]:
            detail = {"seen": outcome.seen, "changed": outcome.changed, "rejected": len(rejected)}
            audit.record(session, who().label, f"import_{kind}", files["file"].filename or kind, now=now, detail=detail)
        else:
            session.rollback()
    return {
        "seen": outcome.seen + len(refused), "changed": outcome.changed, "rejected": rejected, "applied": args["apply"]
    }  # fmt: skip


@blueprint.post("/imports/units")
@blueprint.arguments(ImportArgs, location="query")
@blueprint.arguments(ImportFile, location="files")
@blueprint.response(200, OutcomeOut)
@access(Role.ORGANISATION, Role.IT, scopes=["people:import"])
def import_units(args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Units from a CSV or XLSX file with SIASN's ``ref-unor`` columns."""
    return _import("units", args, files)


@blueprint.post("/imports/people")
@blueprint.arguments(ImportArgs, location="query")
@blueprint.arguments(ImportFile, location="files")
@blueprint.response(200, OutcomeOut)
@access(Role.ORGANISATION, Role.IT, scopes=["people:import"])
def import_people(args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """People from a CSV or XLSX file with SIASN's ``data-utama`` columns."""
    return _import("people", args, files)


@blueprint.post("/imports/absences")
@blueprint.arguments(ImportArgs, location="query")
@blueprint.arguments(ImportFile, location="files")
@blueprint.response(200, OutcomeOut)
@access(Role.ORGANISATION, Role.IT, scopes=["people:import"])
def import_absences(args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Leave, duty travel and training: nipBaru, jenis (cuti, dinas_luar, diklat), mulai, selesai, keterangan."""
    return _import("absences", args, files)
