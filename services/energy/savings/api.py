"""Closed months over HTTP: what was told, in every version, and telling it again."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.models import MonthClosure, Unit
from services.energy.savings.actions import close_month, is_closed
from services.energy.savings.schemas import CloseIn, ClosureOut, ClosurePage, ClosureQuery
from shared import audit
from shared.auth import Owner, access, person, within_reach
from shared.errors import InvalidInput, NotFound
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, transaction

blueprint = Blueprint("savings", __name__, url_prefix="/api", description="Penghematan per bulan (1.m)")

READERS = (*HEADS, Role.OPERATOR, Role.ORGANISATION, Role.EXECUTIVE, Role.AUDITOR)


def agency_owner(session: Session, agency_id: str, **_rest: str) -> Owner:
    unit = session.get(Unit, agency_id)
    if unit is None or unit.agency_id != unit.id:
        raise NotFound("Perangkat daerah tidak ditemukan.")
    return Owner(agency_id)


def month_of(text: str) -> date:
    """First day of the month written ``2026-04``."""
    try:
        if len(text) == 7 and text.startswith("20"):
            return date.fromisoformat(f"{text}-01")
    except ValueError:
        pass
    raise InvalidInput("Bulan harus berbentuk TTTT-BB, misalnya 2026-04.", pointers={"/month": "TTTT-BB"})


@blueprint.get("/months")
@blueprint.arguments(ClosureQuery, location="query")
@blueprint.response(200, ClosurePage)
@access(*READERS, scopes=["savings:read"])
def months(args: dict[str, Any]) -> Page[MonthClosure]:
    """Closed months, newest first, with every version and what lies under each figure."""
    query = within_reach(
        select(MonthClosure).order_by(MonthClosure.month.desc(), MonthClosure.agency_id, MonthClosure.version.desc()),
        agency=MonthClosure.agency_id,
    )
    if args.get("agency_id"):
        query = query.where(MonthClosure.agency_id == args["agency_id"])
    if args.get("month"):
        query = query.where(MonthClosure.month == month_of(args["month"]))
    with transaction() as session:
        return asked_page(session, query)


@blueprint.get("/agencies/<agency_id>/months/<month>")
@blueprint.response(200, ClosureOut)
@access(*READERS, scopes=["savings:read"], owner=agency_owner)
def month_figures(agency_id: str, month: str) -> MonthClosure:
    """The figures that hold: the last version."""
    with transaction() as session:
        closure = session.scalar(
            select(MonthClosure)
            .where(MonthClosure.agency_id == agency_id, MonthClosure.month == month_of(month))
            .order_by(MonthClosure.version.desc())
            .limit(1)
        )
        if closure is None:
            raise NotFound("Angka bulan ini belum ditutup.")
        return closure


@blueprint.post("/agencies/<agency_id>/months/<month>/close")
@blueprint.arguments(CloseIn)
@blueprint.response(200, ClosureOut)
@access(*HEADS, Role.OPERATOR, Role.ORGANISATION, owner=agency_owner)
def close(body: dict[str, Any], agency_id: str, month: str) -> MonthClosure:
    """Close the month, or restate it after late or corrected data; a restatement needs its reason."""
    first, now = month_of(month), context().now()
    with transaction() as session:
        again = is_closed(session, agency_id, first)
        reason = body["reason"].strip()
        if again and not reason:
            raise InvalidInput("Tulis alasan angka ini dihitung ulang.", pointers={"/reason": "wajib diisi"})
        by = person().label
        closure = close_month(session, agency_id, first, by=by, reason=reason or "ditutup", context=context())
        detail = {"version": closure.version, "reason": closure.reason}
        audit.record(session, by, "close_month", f"month/{agency_id}/{first:%Y-%m}", now=now, detail=detail)
        return closure
