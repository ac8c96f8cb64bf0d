"""Rooms over HTTP: the list, and the file that fills it."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import or_, select

from services.energy.integrations.files import read_rooms
from services.energy.models import Room
from services.energy.rooms.actions import take_rooms
from services.energy.rooms.schemas import RoomOutcomeOut, RoomPage, RoomQuery
from shared import audit
from shared.auth import access, person, reach, who, within_reach
from shared.clock import wib_date
from shared.roles import HEADS, Reach, Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import ImportArgs, ImportFile

blueprint = Blueprint("rooms", __name__, url_prefix="/api", description="Ruangan dan penghuninya")

READERS = (Role.OPERATOR, Role.ROOM_OFFICER, *HEADS, Role.ORGANISATION, Role.EXECUTIVE, Role.IT, Role.AUDITOR)


@blueprint.get("/rooms")
@blueprint.arguments(RoomQuery, location="query")
@blueprint.response(200, RoomPage)
@access(*READERS, scopes=["rooms:read"])
def rooms(args: dict[str, Any]) -> Page[Room]:
    """Rooms of the agency, or of the city for city-wide roles."""
    query = within_reach(select(Room).order_by(Room.code), agency=Room.agency_id)
    if args.get("agency_id"):
        query = query.where(Room.agency_id == args["agency_id"])
    if args.get("q"):
        query = query.where(
            or_(Room.code.icontains(args["q"], autoescape=True), Room.name.icontains(args["q"], autoescape=True))
        )
    with transaction() as session:
        return asked_page(session, query)


@blueprint.post("/imports/rooms")
@blueprint.arguments(ImportArgs, location="query")
@blueprint.arguments(ImportFile, location="files")
@blueprint.response(200, RoomOutcomeOut)
@access(Role.OPERATOR, Role.ORGANISATION, Role.IT, scopes=["rooms:import"])
def import_rooms(args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Rooms from CSV or XLSX: kode, nama, unorId, gedung, lantai, perangkat (``ac:2;lampu:6``), petugasNip,
    nipPenghuni (between semicolons). An operator's file may hold rooms of the own agency only."""
    now, name = context().now(), files["file"].filename or "ruangan"
    rows, refused = read_rooms(name, files["file"].read())
    with transaction() as session:
        outcome = take_rooms(session, rows, only_agency=own_agency(), today=wib_date(now))
        rejected = sorted([*refused, *outcome.rejected], key=lambda r: r.line)
        if args["apply"]:
            detail = {"seen": outcome.seen, "changed": outcome.changed, "rejected": len(rejected)}
            audit.record(session, who().label, "import_rooms", name, now=now, detail=detail)
        else:
            session.rollback()
    return {
        "seen": outcome.seen + len(refused), "changed": outcome.changed, "rejected": rejected,
        "waiting": outcome.waiting, "applied": args["apply"],
    }  # fmt: skip


def own_agency() -> str | None:
    """The only agency whose rows the sender may change, or None when they may change every agency's."""
    return None if reach() == Reach.CITY else person().agency_id
