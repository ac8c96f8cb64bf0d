"""Telling how people stand with their reports, whenever that has changed and only then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.duties.rules import RATINGS
from services.reporting.models import Assessment, Duty, DutyStatus, Standing
from services.reporting.sanctions.queries import who_is_sanctioned
from services.reporting.standing.rules import counts_since, rating_of
from shared import outbox
from shared.clock import wib_date
from shared.contracts.reporting import StandingChangedV1


def tell_standing(session: Session, employee_ids: Iterable[str], *, now: datetime) -> list[str]:
    """Tell of those whose standing is not what was told last; returns whom. Call it last in a transaction.

    Tellers take turns until they commit: two who each saw their own half of a person's duties would both tell wrong.
    Last means after the audit log too, where writers take turns as well: who waits for both takes them in one order.
    """
    asked = sorted(set(employee_ids))
    if not asked:
        return []
    session.flush()
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('standing', 0))"))
    changed = _changed(session, asked, wib_date(now))
    if changed:
        row = insert(Standing)
        values = [{**asdict(standing), "told_at": now} for standing in changed]
        new = {name: row.excluded[name] for name in values[0] if name != "employee_id"}
        session.execute(row.on_conflict_do_update(index_elements=["employee_id"], set_=new), values)
        outbox.emit_all(session, changed, now=now)
    return [standing.employee_id for standing in changed]


def tell_all(session: Session, *, now: datetime) -> list[str]:
    """Compare everyone: a report grown too old to count and a sanction's dates change a standing without any act."""
    changed = _changed(session, None, wib_date(now))
    return tell_standing(session, [standing.employee_id for standing in changed], now=now)


def _changed(session: Session, ids: Collection[str] | None, today: date) -> list[StandingChangedV1]:
    """Standings of *today* that are not what was told last. ids None: everyone."""
    current, told = _current(session, ids, today), _told(session, ids)
    changed = []
    for id_ in sorted(current.keys() | told.keys()):
        blank = StandingChangedV1(id_, overdue_reports=0)
        standing = current.get(id_, blank)
        if standing != told.get(id_, blank):
            changed.append(standing)
    return changed


def _current(session: Session, ids: Collection[str] | None, today: date) -> dict[str, StandingChangedV1]:
    """Standings of *today*; who has nothing that counts may be left out."""
    reports = (
        select(
            Duty.employee_id,
            func.count().filter(Duty.status == DutyStatus.MISSING),
            *(func.count().filter(Assessment.decision == rating) for rating in RATINGS),
        )
        .outerjoin(Assessment, Assessment.report_id == Duty.report_id)  # of the newest revision
        .where(Duty.date >= counts_since(today), Duty.status.in_([DutyStatus.MISSING, DutyStatus.ASSESSED]))
        .group_by(Duty.employee_id)
    )
    counted = {
        id_: (missing, rating_of(dict(zip(RATINGS, ratings, strict=True))))
        for id_, missing, *ratings in session.execute(
            reports if ids is None else reports.where(Duty.employee_id.in_(ids))
        )
    }
    sanctioned = who_is_sanctioned(session, ids, today)
    return {
        id_: StandingChangedV1(id_, *counted.get(id_, (0, "")), sanction=id_ in sanctioned)
        for id_ in counted.keys() | sanctioned
    }


def _told(session: Session, ids: Collection[str] | None) -> dict[str, StandingChangedV1]:
    query = select(Standing.employee_id, Standing.overdue_reports, Standing.rating, Standing.sanction)
    rows = session.execute(query if ids is None else query.where(Standing.employee_id.in_(ids)))
    return {row.employee_id: StandingChangedV1(*row) for row in rows}
