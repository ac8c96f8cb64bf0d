"""Rosters over HTTP: draft, submit, approve, reject; cells with their reasons."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.letters.api import READERS
from services.schedule.models import Roster, RosterCell
from services.schedule.policy.actions import holding
from services.schedule.rosters import actions, basis, export, facts
from services.schedule.rosters.explain import explain
from services.schedule.rosters.frozen import require_frozen
from services.schedule.rosters.schemas import (
    CellPage,
    CellQuery,
    ExportQuery,
    ReasonOut,
    RejectIn,
    RosterIn,
    RosterOut,
    RosterPage,
    RosterQuery,
)
from shared import audit
from shared.auth import Owner, access, person, reach, who, within_reach
from shared.errors import InvalidInput, NotAllowed, NotFound
from shared.roles import HEADS, Reach, Role
from shared.web.reply import Page, asked_page, context, download, transaction

blueprint = Blueprint("rosters", __name__, url_prefix="/api", description="Jadwal")


def roster_owner(session: Session, roster_id: UUID, **_: object) -> Owner:
    roster = session.get(Roster, roster_id)
    if roster is None:
        raise NotFound("Jadwal tidak ditemukan.")
    return Owner(roster.agency_id, open_in_agency=True)


@blueprint.post("/rosters")
@blueprint.arguments(RosterIn)
@blueprint.response(201, RosterOut)
@access(Role.OPERATOR, *HEADS, Role.ORGANISATION)
def draft(body: dict[str, Any]) -> Roster:
    """Draft an agency's roster for a month; an open draft is replaced."""
    user = person()
    if reach() < Reach.CITY and body["agency_id"] != user.agency_id:
        raise NotAllowed("Anda hanya dapat menyusun jadwal perangkat daerah Anda sendiri.")
    now = context().now()
    with transaction() as session:
        roster = actions.draft_roster(
            session, context().settings, body["agency_id"], body["month"], by=user.label, now=now
        )
        _audit(session, "draft_roster", roster)
        return roster


@blueprint.get("/rosters")
@blueprint.arguments(RosterQuery, location="query")
@blueprint.response(200, RosterPage)
@access(*Role, scopes=["rosters:read"])
def rosters(args: dict[str, Any]) -> Page[Roster]:
    """Rosters of the agency, or of the city for city-wide roles."""
    query = within_reach(select(Roster).order_by(Roster.month.desc(), Roster.agency_id), agency=Roster.agency_id)
    for name in ("status", "agency_id"):
        if args.get(name):
            query = query.where(getattr(Roster, name) == args[name])
    if args.get("month"):
        query = query.where(Roster.month == args["month"].replace(day=1))
    with transaction() as session:
        return asked_page(session, query)


@blueprint.post("/rosters/<uuid:roster_id>/submit")
@blueprint.response(200, RosterOut)
@access(Role.OPERATOR, *HEADS, owner=roster_owner)
def submit(roster_id: UUID) -> Roster:
    """Hand the draft to the head."""
    with transaction() as session:
        roster = actions.submit_roster(session, roster_id)
        _audit(session, "submit_roster", roster)
        return roster


@blueprint.post("/rosters/<uuid:roster_id>/approve")
@blueprint.response(200, RosterOut)
@access(*HEADS, owner=roster_owner)
def approve(roster_id: UUID) -> Roster:
    """Approve composition and proportion (1.d); the Surat Tugas goes to e-office for its number."""
    with transaction() as session:
        roster = actions.approve_roster(session, context(), roster_id, by=person().label, now=context().now())
        _audit(session, "approve_roster", roster)
        return roster


@blueprint.post("/rosters/<uuid:roster_id>/reject")
@blueprint.arguments(RejectIn)
@blueprint.response(200, RosterOut)
@access(*HEADS, owner=roster_owner)
def reject(body: dict[str, Any], roster_id: UUID) -> Roster:
    """Send the proposal back with a reason, or withdraw the approval while the letter is unsigned."""
    with transaction() as session:
        roster = actions.reject_roster(session, roster_id, body["note"])
        _audit(session, "reject_roster", roster)
        return roster


@blueprint.get("/rosters/<uuid:roster_id>/cells")
@blueprint.arguments(CellQuery, location="query")
@blueprint.response(200, CellPage)
@access(*Role, scopes=["rosters:read"], owner=roster_owner)
def cells(args: dict[str, Any], roster_id: UUID) -> Page[RosterCell]:
    """Cells of a roster: person, day, mode, clause."""
    query = (
        select(RosterCell)
        .where(RosterCell.roster_id == roster_id)
        .order_by(RosterCell.unit_id, RosterCell.employee_id, RosterCell.date)
    )
    for name in ("employee_id", "date", "mode"):
        if args.get(name):
            query = query.where(getattr(RosterCell, name) == args[name])
    with transaction() as session:
        return asked_page(session, query)


@blueprint.get("/rosters/<uuid:roster_id>/export")
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, content_type="application/octet-stream")
@access(*READERS, scopes=["rosters:read"], owner=roster_owner)
def exported(args: dict[str, Any], roster_id: UUID) -> Response:
    """The roster as a file: people × WFH dates; XLSX with the arithmetic on its second sheet, CSV, or PDF."""
    with transaction() as session:
        roster = session.get_one(Roster, roster_id)
        require_frozen(session, context().storage, roster)
        grid = export.grid_of(session, roster)
    form = args["format"]
    return download(export.WRITERS[form](grid), grid.name(form), export.FORMS[form])


@blueprint.get("/rosters/<uuid:roster_id>/cells/<employee_id>/<day>/reason")
@blueprint.response(200, ReasonOut)
@access(*Role, owner=roster_owner)
def reason(roster_id: UUID, employee_id: str, day: str) -> dict[str, Any]:
    """Why this person is where on that day: the clause and the arithmetic."""
    with transaction() as session:
        return reason_of(session, roster_id, employee_id, day)


def reason_of(session: Session, roster_id: UUID, employee_id: str, day: str) -> dict[str, Any]:
    """The reason as shown to people. day: YYYY-MM-DD."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise InvalidInput("Tanggal harus berbentuk TTTT-BB-HH.", pointers={"/day": "TTTT-BB-HH"}) from None
    cell = session.get(RosterCell, (roster_id, employee_id, on))
    if cell is None:
        raise NotFound("Tidak ada jadwal untuk pegawai dan hari ini.")
    roster = session.get_one(Roster, roster_id)
    sums = facts.arithmetic(session, roster_id, cell.limit_id, on) if cell.limit_id else None
    entry = basis.on(roster.basis, on) or _basis_today(session, roster, on)
    text = explain(cell.rule, sums, basis.words(entry, cell.rule, cell.clause) if entry else "")
    return {"date": on, "mode": cell.mode, "clause": cell.clause, "text": text}


def _basis_today(session: Session, roster: Roster, on: date) -> basis.Entry | None:
    """For rosters from before their basis was kept: the policy that holds for that day now, if any does."""
    return basis.on(basis.basis_of(holding(session, context().settings, roster.agency_id, [on])), on)


def _audit(session: Session, action: str, roster: Roster) -> None:
    detail = {"agency": roster.agency_id, "month": f"{roster.month:%Y-%m}", "version": roster.version}
    audit.record(session, who().label, action, f"roster/{roster.id}", now=context().now(), detail=detail)
