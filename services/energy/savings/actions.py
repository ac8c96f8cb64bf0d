"""Closing an agency's month: its figures are computed, kept, and told to the others (1.m, 2.a)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.energy.checklists.figures import checklist_figures
from services.energy.models import MonthClosure
from services.energy.savings.calendar import month_end
from services.energy.savings.electricity import NO_DATA, measure_month
from services.energy.settings import energy_settings
from shared import outbox
from shared.clock import wib_moment
from shared.contracts.energy import MonthClosedV1, SavingFigure
from shared.contracts.envelope import dump_data
from shared.durable import Context
from shared.errors import DomainError

UNMEASURED = ("fuel", "water", "telephone", "personnel", "other")
"""Items of 1.m of which no data reach this service yet; said so, never guessed."""


class MonthNotOver(DomainError):
    status, code = 409, "month_not_over"


def closing_moment(month: date) -> datetime:
    """16.30 WIB on the month's last day: half an hour after the last checklist may be due."""
    return wib_moment(month_end(month), 16, 30)


def is_closed(session: Session, agency_id: str, month: date) -> bool:
    return _last_version(session, agency_id, month) > 0


def close_month(
    session: Session, agency_id: str, month: date, *, by: str, reason: str, context: Context
) -> MonthClosure:
    """Compute and tell the figures; a second time is a restatement, which leaves the earlier version as it was.

    Raises MonthNotOver before the closing moment.
    """
    now, settings = context.now(), energy_settings(context.settings)
    if now < closing_moment(month):
        raise MonthNotOver("Bulan ini belum berakhir. Angkanya ditutup pada hari terakhir pukul 16.30 WIB.")
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"close:{agency_id}:{month}"}
    )
    electricity = measure_month(session, agency_id, month, settings.wfh_since)
    event = MonthClosedV1(
        agency_id=agency_id,
        month=month,
        checklists=checklist_figures(session, agency_id, month, month_end(month)),
        savings=[electricity.figure, *map(_without_data, UNMEASURED)],
    )
    closure = MonthClosure(
        agency_id=agency_id, month=month, version=_last_version(session, agency_id, month) + 1,
        figures=dump_data(event), detail={"electricity": electricity.detail}, closed_at=now, closed_by=by,
        reason=reason,
    )  # fmt: skip
    session.add(closure)
    outbox.emit(session, event, now=now)
    return closure


def _without_data(item: str) -> SavingFigure:
    return SavingFigure(item, None, None, None, None, None, None, proven=False, note=NO_DATA)


def _last_version(session: Session, agency_id: str, month: date) -> int:
    return (
        session.scalar(
            select(func.max(MonthClosure.version)).where(
                MonthClosure.agency_id == agency_id, MonthClosure.month == month
            )
        )
        or 0
    )
