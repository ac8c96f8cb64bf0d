"""Monthly packs over HTTP: read, annotate, approve, send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.reporting.models import Pack, Unit
from services.reporting.packs import actions
from services.reporting.packs.actions import PDF, XLSX, PackNotReady, file_part, find_pack, pack_out, pack_owner
from services.reporting.packs.schemas import ApprovalIn, NotesIn, PackOut, PackPage, PackQuery
from shared import audit
from shared.auth import access, person, within_reach
from shared.roles import HEADS, Role
from shared.web.reply import Page, asked_page, context, download, transaction

blueprint = Blueprint("packs", __name__, url_prefix="/api", description="Laporan bulanan")

PACK_READERS = (*HEADS, Role.OPERATOR, Role.ORGANISATION, Role.EXECUTIVE, Role.AUDITOR)


def pack_list(filters: dict[str, Any]) -> Select[Pack]:
    """Packs that the person signed in may see, newest month first. filters: month, status, agency_id."""
    query = within_reach(select(Pack), agency=Pack.agency_id)
    for name, column in (("month", Pack.month), ("status", Pack.status), ("agency_id", Pack.agency_id)):
        if filters.get(name):
            query = query.where(column == filters[name])
    return query.order_by(Pack.month.desc(), Pack.agency_id)


def agency_name(session: Session, agency_id: str) -> str:
    unit = session.get(Unit, agency_id)
    return unit.name if unit else agency_id


def act(action: str, pack_id: UUID, detail: dict[str, Any], do: Callable[[Session], Pack]) -> dict[str, Any]:
    """Do one of a person's acts on a pack, and record it in the same transaction."""
    with transaction() as session:
        pack = do(session)
        record = {**detail, "version": pack.version}
        audit.record(session, person().label, action, f"pack/{pack_id}", now=context().now(), detail=record)
        return pack_out(pack, agency_name(session, pack.agency_id))


def write_notes(pack_id: UUID, obstacles: str, follow_up: str) -> dict[str, Any]:
    detail = {"obstacles": obstacles, "follow_up": follow_up}
    return act(
        "write_pack_notes", pack_id, detail,
        lambda session: actions.write_notes(session, pack_id, obstacles, follow_up, context()),
    )  # fmt: skip


def rebuild(pack_id: UUID) -> dict[str, Any]:
    return act("rebuild_pack", pack_id, {}, lambda session: actions.rebuild(session, pack_id, context()))


def approve(pack_id: UUID, version: int | None) -> dict[str, Any]:
    return act(
        "approve_pack", pack_id, {},
        lambda session: actions.approve(session, pack_id, version, by=person(), context=context()),
    )  # fmt: skip


def send_again(pack_id: UUID) -> dict[str, Any]:
    return act("send_pack_again", pack_id, {}, lambda session: actions.send_again(session, pack_id, context()))


@blueprint.get("/packs")
@blueprint.arguments(PackQuery, location="query")
@blueprint.response(200, PackPage)
@access(*PACK_READERS, scopes=["packs:read"])
def packs(args: dict[str, Any]) -> Page[Pack]:
    """Monthly packs of the agency, or of the city for city-wide roles."""
    with transaction() as session:
        return asked_page(session, pack_list(args))


@blueprint.get("/packs/<uuid:pack_id>")
@blueprint.response(200, PackOut)
@access(*PACK_READERS, scopes=["packs:read"], owner=pack_owner)
def get_pack(pack_id: UUID) -> dict[str, Any]:
    """One pack with its sections as they stand."""
    with transaction() as session:
        pack = find_pack(session, pack_id)
        return pack_out(pack, agency_name(session, pack.agency_id))


@blueprint.get("/packs/<uuid:pack_id>/pdf")
@access(*PACK_READERS, scopes=["packs:read"], owner=pack_owner)
def get_pdf(pack_id: UUID) -> Response:
    """The pack as PDF/A-2b; a draft says so on every page."""
    return _file(pack_id, "pdf", PDF)


@blueprint.get("/packs/<uuid:pack_id>/xlsx")
@access(*PACK_READERS, scopes=["packs:read"], owner=pack_owner)
def get_xlsx(pack_id: UUID) -> Response:
    """The pack's figures, one sheet per group."""
    return _file(pack_id, "xlsx", XLSX)


def _file(pack_id: UUID, form: str, subtype: str) -> Response:
    with transaction() as session:
        pack = find_pack(session, pack_id)
        key = pack.pdf_key if form == "pdf" else pack.xlsx_key
        if key is None:
            raise PackNotReady("Laporan bulan ini belum disusun.")
        name = f"laporan-{pack.month:%Y-%m}-{file_part(pack.agency_id)}.{form}"
    return download(context().storage.get(key), name, f"application/{subtype}", inline=form == "pdf")


@blueprint.put("/packs/<uuid:pack_id>/notes")
@blueprint.arguments(NotesIn)
@blueprint.response(200, PackOut)
@access(Role.OPERATOR, *HEADS, owner=pack_owner)
def put_notes(body: dict[str, Any], pack_id: UUID) -> dict[str, Any]:
    """Obstacles and follow-up, in the agency's words; the draft is built again with them."""
    return write_notes(pack_id, **body)


@blueprint.post("/packs/<uuid:pack_id>/rebuild")
@blueprint.response(200, PackOut)
@access(Role.OPERATOR, *HEADS, owner=pack_owner)
def post_rebuild(pack_id: UUID) -> dict[str, Any]:
    """Build the draft again from the figures of this moment."""
    return rebuild(pack_id)


@blueprint.post("/packs/<uuid:pack_id>/approve")
@blueprint.arguments(ApprovalIn)
@blueprint.response(200, PackOut)
@access(*HEADS, owner=pack_owner)
def post_approval(body: dict[str, Any], pack_id: UUID) -> dict[str, Any]:
    """The head's approval (2.a); the pack is then e-mailed with its letters."""
    return approve(pack_id, body["version"])


@blueprint.post("/packs/<uuid:pack_id>/send")
@blueprint.response(200, PackOut)
@access(*HEADS, owner=pack_owner)
def post_send(pack_id: UUID) -> dict[str, Any]:
    """Send a pack again whose mail was refused."""
    return send_again(pack_id)
