"""Meter readings over HTTP: the list, and the file that fills it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select

from services.energy.integrations.files import read_readings
from services.energy.meters.actions import take_readings
from services.energy.meters.schemas import ReadingOutcomeOut, ReadingPage, ReadingQuery
from services.energy.models import Reading
from services.energy.rooms.api import READERS, own_agency
from shared import audit
from shared.auth import access, who, within_reach
from shared.clock import wib_date
from shared.roles import Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import ImportArgs, ImportFile

blueprint = Blueprint("meters", __name__, url_prefix="/api", description="Pembacaan meter listrik")


@blueprint.get("/readings")
@blueprint.arguments(ReadingQuery, location="query")
@blueprint.response(200, ReadingPage)
@access(*READERS, scopes=["readings:read"])
def readings(args: dict[str, Any]) -> Page[Reading]:
    """Daily kWh of the agency's buildings, newest first."""
    query = within_reach(
        select(Reading).order_by(Reading.date.desc(), Reading.building, Reading.agency_id), agency=Reading.agency_id
    )
    if args.get("agency_id"):
        query = query.where(Reading.agency_id == args["agency_id"])
    if args.get("building"):
        query = query.where(Reading.building == args["building"])
    if args.get("first"):
        query = query.where(Reading.date >= args["first"])
    if args.get("last"):
        query = query.where(Reading.date <= args["last"])
    with transaction() as session:
        return asked_page(session, query)


@blueprint.post("/imports/readings")
@blueprint.arguments(ImportArgs, location="query")
@blueprint.arguments(ImportFile, location="files")
@blueprint.response(200, ReadingOutcomeOut)
@access(Role.OPERATOR, Role.ORGANISATION, Role.IT, scopes=["readings:import"])
def import_readings(args: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Readings from CSV or XLSX: gedung, unorId, tanggal (YYYY-MM-DD), kwh. A preview unless ``apply=true``.

    Months that were closed before are named in ``restate``; closing them again tells the new figures."""
    now, name = context().now(), files["file"].filename or "pembacaan"
    rows, refused = read_readings(name, files["file"].read())
    with transaction() as session:
        outcome = take_readings(session, rows, only_agency=own_agency(), source=name, today=wib_date(now))
        rejected = sorted([*refused, *outcome.rejected], key=lambda r: r.line)
        if args["apply"]:
            detail = {
                "seen": outcome.seen, "added": outcome.added, "replaced": outcome.replaced, "rejected": len(rejected)
            }  # fmt: skip
            audit.record(session, who().label, "import_readings", name, now=now, detail=detail)
        else:
            session.rollback()
    return {
        **asdict(outcome), "seen": outcome.seen + len(refused), "rejected": rejected, "applied": args["apply"]
    }  # fmt: skip
