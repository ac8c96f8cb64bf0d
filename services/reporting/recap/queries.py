"""The city's month: agencies × figures, for Bagian Organisasi, Sekda and Mayor (2.a)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from services.reporting.duties.actions import count, count_by_agency
from services.reporting.duties.rules import Figures, last_day
from services.reporting.models import Duty, DutyStatus, Pack, PackStatus, Unit
from services.reporting.packs.rules import is_overdue
from shared.errors import InvalidInput
from shared.web.reply import Page, asked_page

RECEIVED, LATE, OVERDUE, WAITING, NONE = "received", "late", "overdue", "waiting", "none"
PACK_TEXT = {
    RECEIVED: "diterima",
    LATE: "diterima terlambat",
    OVERDUE: "belum diterima, lewat batas",
    WAITING: "belum diterima",
    NONE: "tidak ada jadwal WFH",
}
SORTS = ("agency", "due", "filed", "late", "missing", "assessed", "pack")


@dataclass(frozen=True)
class RecapRow:
    """One agency's month. pack: received, late, overdue, waiting, or none (no roster asked for one)."""

    agency_id: str
    agency: str
    figures: Figures
    pack: str
    pack_id: UUID | None


def pack_state(status: str | None, late: bool | None, month: date, today: date) -> str:
    """Where an agency's pack stands in the eyes of who waits for it."""
    if status is None:
        return NONE
    if status == PackStatus.SENT:
        return LATE if late else RECEIVED
    return OVERDUE if is_overdue(month, today) else WAITING


def recap_list(month: date, today: date, filters: dict[str, Any]) -> Select[Unit]:
    """Agencies in the asked order. filters: q (part of the name), pack, sort (a name of SORTS, ``-`` turns it)."""
    figures = (
        select(
            Duty.agency_id,
            func.count().label("due"),
            _sum(Duty.status.not_in([DutyStatus.OPEN, DutyStatus.MISSING])).label("filed"),
            _sum(Duty.late).label("late"),
            _sum(Duty.status == DutyStatus.MISSING).label("missing"),
            _sum(Duty.status == DutyStatus.ASSESSED).label("assessed"),
        )
        .where(Duty.date.between(month, last_day(month)), Duty.status != DutyStatus.CANCELLED)
        .group_by(Duty.agency_id)
        .subquery()
    )
    state = _state_column(month, today)
    query = (
        select(Unit)
        .outerjoin(figures, figures.c.agency_id == Unit.id)
        .outerjoin(Pack, (Pack.agency_id == Unit.id) & (Pack.month == month))
        .where(Unit.id == Unit.agency_id)
        # An agency that was dissolved stays in the months in which it had duties.
        .where(or_(Unit.active, figures.c.due > 0))
    )
    if filters.get("q"):
        query = query.where(Unit.name.icontains(filters["q"], autoescape=True))
    if filters.get("pack"):
        query = query.where(state == filters["pack"])
    name = filters.get("sort") or "agency"
    key = name.removeprefix("-")
    if key not in SORTS:
        raise InvalidInput("Urutan ini tidak dikenal.", pointers={"/sort": ", ".join(SORTS)})
    columns: dict[str, Any] = {"agency": Unit.name, "pack": state}
    column = columns[key] if key in columns else func.coalesce(figures.c[key], 0)
    return query.order_by(column.desc() if name.startswith("-") else column.asc(), Unit.name, Unit.id)


def _sum(condition: ColumnElement[bool] | Any) -> ColumnElement[int]:
    return func.count().filter(condition)


def _state_column(month: date, today: date) -> ColumnElement[str]:
    """:func:`pack_state` in SQL, for filtering and sorting."""
    return case(
        (Pack.id.is_(None), NONE),
        ((Pack.status == PackStatus.SENT) & Pack.late, LATE),
        (Pack.status == PackStatus.SENT, RECEIVED),
        else_=OVERDUE if is_overdue(month, today) else WAITING,
    )


def recap_page(session: Session, month: date, today: date, filters: dict[str, Any]) -> Page[RecapRow]:
    page = asked_page(session, recap_list(month, today, filters))
    return Page(_with_figures(session, page.rows, month, today), page.number, page.size, page.total)


def recap_rows(session: Session, month: date, today: date, filters: dict[str, Any]) -> list[RecapRow]:
    """All rows, for an export."""
    return _with_figures(session, session.scalars(recap_list(month, today, filters)).all(), month, today)


def _with_figures(session: Session, agencies: Sequence[Unit], month: date, today: date) -> list[RecapRow]:
    ids = [agency.id for agency in agencies]
    figures = count_by_agency(session, Duty.agency_id.in_(ids), Duty.date.between(month, last_day(month)))
    packs = {
        pack.agency_id: pack
        for pack in session.scalars(select(Pack).where(Pack.agency_id.in_(ids), Pack.month == month))
    }
    rows = []
    for agency in agencies:
        pack = packs.get(agency.id)
        state = pack_state(pack.status if pack else None, pack.late if pack else None, month, today)
        rows.append(
            RecapRow(agency.id, agency.name, figures.get(agency.id, Figures()), state, pack.id if pack else None)
        )
    return rows


def total(session: Session, month: date) -> Figures:
    """The city's sum of the month."""
    return count(session, Duty.date.between(month, last_day(month)))
