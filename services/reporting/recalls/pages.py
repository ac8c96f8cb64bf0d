"""Recalls as a page: each with who could not be told, and why."""

from __future__ import annotations

from collections import defaultdict

from flask import Blueprint, render_template
from sqlalchemy import select

from services.reporting.models import Employee, Recall, RecallNotice, Unit
from services.reporting.recalls.api import RECALL_READERS
from services.reporting.recalls.queries import STATUS, notice_list, recall_list, refusal
from services.reporting.recalls.rules import NoticeStatus
from shared.auth import access
from shared.web.reply import asked_page, transaction

blueprint = Blueprint("recalls_pages", __name__, template_folder="templates")

SHOWN = 20  # recalls on a page
NAMED = 1000  # people on a page, those who were not told first; the API has all

STATUS_TEXT = {
    NoticeStatus.WAITING: "masih dicoba",
    NoticeStatus.NO_ADDRESS: "tidak ada alamat e-mail: hubungi langsung",
    NoticeStatus.LEFT: "sudah tidak bertugas",
    NoticeStatus.REFUSED: "ditolak server e-mail: hubungi langsung",
    NoticeStatus.NO_SERVER: "server e-mail belum diatur: hubungi langsung",
    NoticeStatus.FAILED: "e-mail gagal dikirim: hubungi langsung",
    NoticeStatus.TOO_LATE: "e-mail tidak sempat dikirim sebelum hari itu lewat",
}
TONES = {NoticeStatus.WAITING: ("warning", "…"), NoticeStatus.LEFT: ("secondary", "–")}


@blueprint.get("/recalls")
@access(*RECALL_READERS)
def recalls() -> str:
    """Recalls of the agency, or of the city."""
    people: dict[str, list[RecallNotice]] = defaultdict(list)
    with transaction() as session:
        page = asked_page(session, recall_list({}), most=SHOWN)
        shown = [recall.roster_id for recall in page.rows]
        found = notice_list({}).where(RecallNotice.roster_id.in_(shown)).order_by(None)
        first = found.order_by(STATUS == NoticeStatus.MAILED, Recall.date.desc(), Employee.name, RecallNotice.key)
        for notice in session.scalars(first.limit(NAMED)):
            people[notice.roster_id].append(notice)
        agencies = {recall.agency_id for recall in page.rows}
        names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(agencies))).all())
    named = sum(map(len, people.values()))
    return render_template(
        "recalls.html", page=page, people=people, cut=named if named == NAMED else 0, names=names,
        mailed=NoticeStatus.MAILED, status_text=STATUS_TEXT, tones=TONES, refusal=refusal,
    )  # fmt: skip
