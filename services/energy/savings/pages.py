"""Pages of the savings: months and agencies on one, and what lies under an agency's month on the other."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from services.energy.models import MonthClosure, Unit
from services.energy.savings.api import READERS, agency_owner, month_of
from services.energy.savings.calendar import month_end
from services.energy.savings.chart import Drawing, draw
from shared.auth import access, reach, within_reach
from shared.errors import NotFound
from shared.roles import Reach
from shared.web.filters import month_name
from shared.web.reply import EXPORT_LIMIT, asked_page, sheet, transaction

blueprint = Blueprint("savings_pages", __name__, template_folder="templates")

ITEMS = {
    "electricity": "Listrik",
    "fuel": "BBM",
    "water": "Air",
    "telephone": "Telepon",
    "personnel": "Operasional pegawai",
    "other": "Lainnya",
}
HEADER = ("Bulan", "Perangkat daerah", "Versi", "Jenis", "Rupiah", "Jumlah", "Satuan", "Batas bawah", "Batas atas",
          "Mutu", "Terbukti", "Keterangan")  # fmt: skip


@blueprint.get("/savings")
@access(*READERS)
def listing() -> ResponseReturnValue:
    """The figures that hold, newest month first; the same rows, item by item, as XLSX or CSV."""
    query = _holding()
    if request.args.get("agency_id"):
        query = query.where(MonthClosure.agency_id == request.args["agency_id"])
    if request.args.get("month"):
        query = query.where(MonthClosure.month == month_of(request.args["month"]))
    with transaction() as session:
        known = select(Unit.id, Unit.name).where(Unit.id == Unit.agency_id).order_by(Unit.name)
        names = dict(session.execute(known).all())
        if request.args.get("format") in ("csv", "xlsx"):
            closures = session.scalars(query.limit(EXPORT_LIMIT // len(ITEMS))).all()
            rows = [row for closure in closures for row in _rows(closure, names)]
            return sheet("penghematan", HEADER, rows, request.args["format"])
        page = asked_page(session, query)
        wide = reach() == Reach.CITY
    fields: list[tuple[str, str, list[Any] | None]] = [("month", "Bulan (TTTT-BB)", None)]
    if wide:
        fields.insert(0, ("agency_id", "Perangkat daerah", list(names.items())))
    electricity = {
        (c.agency_id, c.month): next((s for s in c.figures.get("savings", ()) if s["item"] == "electricity"), None)
        for c in page.rows
    }
    return render_template("savings.html", page=page, fields=fields, names=names, electricity=electricity)


@blueprint.get("/savings/<agency_id>/<month>")
@access(*READERS, owner=agency_owner)
def month_page(agency_id: str, month: str) -> ResponseReturnValue:
    """One agency's month, opened down to its weeks; earlier versions with the reasons they were restated."""
    first = month_of(month)
    with transaction() as session:
        versions = session.scalars(
            select(MonthClosure)
            .where(MonthClosure.agency_id == agency_id, MonthClosure.month == first)
            .order_by(MonthClosure.version.desc())
        ).all()
        unit = session.get(Unit, agency_id)
    if not versions or unit is None:
        raise NotFound("Angka bulan ini belum ditutup. Bulan ditutup pada hari terakhir pukul 16.30 WIB.")
    detail = versions[0].detail.get("electricity") or {}
    return render_template(
        "month.html", agency=unit.name, month=first, closure=versions[0], versions=versions, items=ITEMS, detail=detail,
        drawing=_drawing(detail, first),
    )  # fmt: skip


def _holding() -> Select[MonthClosure]:
    """The last version of each agency's month, within reach."""
    last = select(MonthClosure.agency_id, MonthClosure.month, func.max(MonthClosure.version).label("version")).group_by(
        MonthClosure.agency_id, MonthClosure.month
    )
    newest = last.subquery()
    query = select(MonthClosure).join(
        newest,
        (newest.c.agency_id == MonthClosure.agency_id)
        & (newest.c.month == MonthClosure.month)
        & (newest.c.version == MonthClosure.version),
    )
    return within_reach(query, agency=MonthClosure.agency_id).order_by(
        MonthClosure.month.desc(), MonthClosure.agency_id
    )


def _rows(closure: MonthClosure, names: dict[str, str]) -> list[tuple[Any, ...]]:
    return [
        (
            month_name(closure.month), names.get(closure.agency_id, closure.agency_id), closure.version,
            ITEMS.get(figure["item"], figure["item"]), _cell(figure["rupiah"]), _cell(figure["quantity"]),
            figure["unit"] or "", _cell(figure["low"]), _cell(figure["high"]), figure["grade"] or "",
            "ya" if figure["proven"] else "tidak", figure["note"],
        )
        for figure in closure.figures.get("savings", ())
    ]  # fmt: skip


def _cell(value: float | None) -> float | str:
    return "" if value is None else value


def _drawing(detail: dict[str, Any], month: date) -> Drawing | None:
    weeks = (detail.get("whole") or {}).get("weeks") or {}
    if not weeks:
        return None
    flagged = {date.fromisoformat(day): reason for day, reason in (detail.get("flagged") or {}).items()}
    return draw(
        {date.fromisoformat(day): kwh for day, kwh in weeks.items()}, date.fromisoformat(detail["start"]), flagged,
        (month, month_end(month)),
    )  # fmt: skip
