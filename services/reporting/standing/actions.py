"""Telling how people stand with their reports, whenever that has changed and only then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.models import Duty, DutyStatus, Standing
from services.reporting.standing.rules import counts_since
from shared import outbox
from shared.clock import wib_date
from shared.contracts.reporting import StandingChangedV1


def tell_standing(session: Session, employee_ids: Iterable[str], *, now: datetime) -> list[str]:
    """Tell of those whose standing is not what was told last; returns whom. Call it last in a transaction.

    Tellers take turns until they commit: two who each saw their own half of a person's duties would both tell wrong.
    """
    asked = sorted(set(employee_ids))
    if not asked:
        return []
    session.flush()
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('standing', 0))"))
    counted, told = _overdue(session, asked, now), _told(session, asked)
    changed = {id_: counted.get(id_, 0) for id_ in asked if counted.get(id_, 0) != told.get(id_, 0)}
    if changed:
        row = insert(Standing)
        session.execute(
            row.on_conflict_do_update(
                index_elements=["employee_id"],
                set_={"overdue_reports": row.excluded.overdue_reports, "told_at": row.excluded.told_at},
            ),
            [{"employee_id": id_, "overdue_reports": overdue, "told_at": now} for id_, overdue in changed.items()],
        )
        outbox.emit_all(session, [StandingChangedV1(id_, overdue) for id_, overdue in changed.items()], now=now)
    return list(changed)


def tell_all(session: Session, *, now: datetime) -> list[str]:
    """Compare everyone: what has grown too old to count since yesterday changes a standing without any act."""
    counted, told = _overdue(session, None, now), _told(session, None)
    different = {id_ for id_ in counted.keys() | told.keys() if counted.get(id_, 0) != told.get(id_, 0)}
    return tell_standing(session, different, now=now)


def _overdue(session: Session, ids: Collection[str] | None, now: datetime) -> dict[str, int]:
    """Missing reports per person; who has none is left out. ids None: everyone."""
    query = (
        select(Duty.employee_id, func.count())
        .where(Duty.status == DutyStatus.MISSING, Duty.date >= counts_since(wib_date(now)))
        .group_by(Duty.employee_id)
    )
    return dict(session.execute(query if ids is None else query.where(Duty.employee_id.in_(ids))).all())


def _told(session: Session, ids: Collection[str] | None) -> dict[str, int]:
    query = select(Standing.employee_id, Standing.overdue_reports)
    return dict(session.execute(query if ids is None else query.where(Standing.employee_id.in_(ids))).all())
