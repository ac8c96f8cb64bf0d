"""Monthly packs as pages: the list, one pack, the head's approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from sqlalchemy import select

from services.reporting.models import Pack, PackStatus, Unit
from services.reporting.packs import api
from services.reporting.packs.actions import find_pack, pack_out, pack_owner
from services.reporting.packs.rules import is_overdue
from services.reporting.packs.schemas import STATUSES, NotesIn
from services.reporting.reports.forms import asked_month, month_choices
from shared.auth import access, person
from shared.clock import wib_date
from shared.errors import DomainError, InvalidInput
from shared.roles import HEADS, Role
from shared.web.filters import moment, month_name
from shared.web.reply import asked_page, context, sheet, transaction

blueprint = Blueprint("packs_pages", __name__, template_folder="templates")

STATUS_TEXT = {
    "building": "sedang dikumpulkan",
    "draft": "rancangan, menunggu persetujuan",
    "approved": "disetujui, sedang dikirim",
    "sent": "terkirim",
    "failed": "gagal terkirim",
}
TONES = {
    "building": ("secondary", "…"), "draft": ("warning", "○"), "approved": ("primary", "→"), "sent": ("success", "✓"),
    "failed": ("danger", "✕"),
}  # fmt: skip
HEADER = ("Perangkat daerah", "Bulan", "Status", "Disetujui oleh", "Dikirim", "Terlambat")


@blueprint.get("/packs")
@access(*api.PACK_READERS)
def packs() -> str | Response:
    """Packs of the agency, or of the city."""
    today = wib_date(context().now())
    status = request.args.get("status", "")
    if status and status not in STATUSES:
        raise InvalidInput("Status ini tidak dikenal.", pointers={"/status": ", ".join(STATUSES)})
    filters: dict[str, Any] = {"status": status}
    if request.args.get("month"):
        filters["month"] = asked_month(today)
    with transaction() as session:
        names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id == Unit.agency_id)).all())
        form = request.args.get("format")
        query = api.pack_list(filters)
        if form in ("xlsx", "csv"):
            rows = [_cells(pack, names) for pack in session.scalars(query)]
            return sheet("laporan-bulanan", HEADER, rows, form)
        page = asked_page(session, query)
    return render_template(
        "packs.html", page=page, names=names, months=month_choices(today), status_text=STATUS_TEXT, tones=TONES,
        overdue={pack.id for pack in page.rows if pack.status != PackStatus.SENT and is_overdue(pack.month, today)},
    )  # fmt: skip


def _cells(pack: Pack, names: dict[str, str]) -> list[Any]:
    return [
        names.get(pack.agency_id, pack.agency_id), month_name(pack.month), STATUS_TEXT[pack.status],
        pack.approved_by or "–", moment(pack.sent_at), "ya" if pack.late else "tidak",
    ]  # fmt: skip


@blueprint.get("/packs/<uuid:pack_id>")
@access(*api.PACK_READERS, owner=pack_owner)
def pack(pack_id: UUID) -> str:
    """One pack as it stands, with what the person may do."""
    return _page(pack_id, None)


@blueprint.post("/packs/<uuid:pack_id>/notes")
@access(Role.OPERATOR, *HEADS, owner=pack_owner)
def post_notes(pack_id: UUID) -> Response:
    def write() -> None:
        try:
            notes = NotesIn().load({name: request.form.get(name, "") for name in ("obstacles", "follow_up")})
        except ValidationError:
            raise InvalidInput("Catatan paling banyak 5000 huruf biasa.") from None
        api.write_notes(pack_id, **notes)

    return _done(pack_id, write)


@blueprint.post("/packs/<uuid:pack_id>/rebuild")
@access(Role.OPERATOR, *HEADS, owner=pack_owner)
def post_rebuild(pack_id: UUID) -> Response:
    return _done(pack_id, lambda: api.rebuild(pack_id))


@blueprint.post("/packs/<uuid:pack_id>/approve")
@access(*HEADS, owner=pack_owner)
def post_approval(pack_id: UUID) -> Response:
    return _done(pack_id, lambda: api.approve(pack_id, request.form.get("version", type=int)))


@blueprint.post("/packs/<uuid:pack_id>/send")
@access(*HEADS, owner=pack_owner)
def post_send(pack_id: UUID) -> Response:
    return _done(pack_id, lambda: api.send_again(pack_id))


def _done(pack_id: UUID, do: Callable[[], object]) -> Response:
    """Do it and show the pack again; a refusal is told on the pack's own page."""
    try:
        do()
    except DomainError as refused:
        return Response(_page(pack_id, refused.detail), status=refused.status)
    return redirect(url_for("packs_pages.pack", pack_id=pack_id))  # type: ignore[return-value]


def _page(pack_id: UUID, fault: str | None) -> str:
    user, today = person(), wib_date(context().now())
    with transaction() as session:
        found = find_pack(session, pack_id)
        shown = pack_out(found, api.agency_name(session, found.agency_id))
    own = user.agency_id == found.agency_id
    open_ = found.status in (PackStatus.BUILDING, PackStatus.DRAFT)
    head = own and user.has(*HEADS)
    return render_template(
        "pack.html",
        pack=shown,
        fault=fault,
        may_approve=head and found.status == PackStatus.DRAFT,
        may_send=head and found.status == PackStatus.FAILED,
        may_write=own and open_ and user.has(Role.OPERATOR, *HEADS),
        overdue=found.status != PackStatus.SENT and is_overdue(found.month, today),
        status_text=STATUS_TEXT,
        tones=TONES,
    )
