"""Work days over HTTP, asked by SIMPEG and attendance: one person's, a unit's, and those of many people at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Employee, Unit
from services.schedule.workdays.queries import people_of, workdays
from services.schedule.workdays.schemas import BatchIn, BatchOut, PersonPage, SpanQuery, UnitQuery, WorkdayOut
from shared.auth import Owner, access, within_reach
from shared.errors import InvalidInput, NotFound
from shared.roles import HEADS, Role
from shared.web.reply import asked_page, revalidated, transaction

blueprint = Blueprint("workdays", __name__, url_prefix="/api", description="Hari kerja")

SPAN = 366  # days of one question
ASKERS = (Role.SUPERIOR, Role.OPERATOR, *HEADS, Role.ORGANISATION)
SCOPES = ("workdays:read",)


def nip_owner(session: Session, nip: str) -> Owner:
    employee = _by_nip(session, nip)
    return Owner(employee.agency_id, employee.id, employee.superior_id)


def led_unit_owner(session: Session, unit_id: str) -> Owner:
    """A unit's people are seen by its leader too."""
    unit = _unit(session, unit_id)
    return Owner(unit.agency_id, superior_id=unit.leader_id)


@blueprint.get("/employees/<nip>/workdays")
@blueprint.arguments(SpanQuery, location="query")
@blueprint.response(200, WorkdayOut(many=True))
@blueprint.alt_response(304, description="As the ETag in If-None-Match names it")
@access(Role.ASN, *ASKERS, scopes=SCOPES, owner=nip_owner)
def of_person(args: dict[str, Any], nip: str) -> Response:
    """A person's mode per day in rosters in force, with clause and letter."""
    first, last = _span(args)
    with transaction() as session:
        employee = _by_nip(session, nip)
        days = workdays(session, [employee.id], first, last).get(employee.id, [])
    return revalidated(jsonify([day.told() for day in days]))


@blueprint.get("/units/<unit_id>/workdays")
@blueprint.arguments(UnitQuery, location="query")
@blueprint.response(200, PersonPage)
@blueprint.alt_response(304, description="As the ETag in If-None-Match names it")
@access(*ASKERS, scopes=SCOPES, owner=led_unit_owner)
def of_unit(args: dict[str, Any], unit_id: str) -> Response:
    """Work days of a unit's active people, a page of people at a time; an agency's id asks for its whole agency."""
    first, last = _span(args)
    with transaction() as session:
        page = asked_page(session, people_of(_unit(session, unit_id)))
        rows = _people(session, page.rows, first, last)
    return revalidated(jsonify({"page": page.number, "total": page.total, "rows": rows}))


@blueprint.post("/workdays")
@blueprint.arguments(BatchIn)
@blueprint.response(200, BatchOut)
@access(Role.ASN, *ASKERS, scopes=SCOPES)
def of_many(body: dict[str, Any]) -> Response:
    """Work days of up to 500 people in the order asked; people not to be seen by who asks count as not found."""
    first, last = _span(body)
    nips = list(dict.fromkeys(body["nips"]))
    query = within_reach(
        select(Employee).where(Employee.nip.in_(nips)),
        agency=Employee.agency_id, employee=Employee.id, superior=Employee.superior_id,
    )  # fmt: skip
    with transaction() as session:
        known = {employee.nip: employee for employee in session.scalars(query)}
        rows = _people(session, [known[nip] for nip in nips if nip in known], first, last)
    return revalidated(jsonify({"rows": rows, "not_found": [nip for nip in nips if nip not in known]}))


def _people(session: Session, people: Sequence[Employee], first: date, last: date) -> list[dict[str, Any]]:
    found = workdays(session, [employee.id for employee in people], first, last)
    return [
        {"nip": employee.nip, "name": employee.name, "days": [day.told() for day in found.get(employee.id, [])]}
        for employee in people
    ]


def _span(args: dict[str, Any]) -> tuple[date, date]:
    first, last = args["start"], args["end"]
    if last < first:
        raise InvalidInput("Tanggal akhir tidak boleh sebelum tanggal awal.", pointers={"/to": "sebelum “from”"})
    if (last - first).days >= SPAN:
        raise InvalidInput(f"Rentang tanggal paling lama {SPAN} hari.", pointers={"/to": f"paling lama {SPAN} hari"})
    return first, last


def _by_nip(session: Session, nip: str) -> Employee:
    employee = session.scalar(select(Employee).where(Employee.nip == nip))
    if employee is None:
        raise NotFound("Pegawai dengan NIP ini tidak ditemukan.")
    return employee


def _unit(session: Session, unit_id: str) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("Unit kerja tidak ditemukan.")
    return unit
