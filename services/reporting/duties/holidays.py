"""Days that became holidays after rosters had been signed: nobody owes a report of them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.models import Duty, DutyStatus, Employee, Holiday
from shared.contracts.envelope import Received
from shared.contracts.schedule import HolidayChangedV1
from shared.durable import Context
from shared.jobs import enqueue_all

LOCK = "select pg_advisory_xact_lock(hashtextextended('holidays', 0))"
SHARED_LOCK = "select pg_advisory_xact_lock_shared(hashtextextended('holidays', 0))"


def hold_calendar(session: Session) -> None:
    """Let no holiday be added until the transaction ends: a roster and a holiday that are handled at the same moment
    would not see each other's rows."""
    session.execute(text(SHARED_LOCK))


def known_holidays(session: Session, first: date, last: date) -> set[date]:
    """Holidays from *first* to *last* that rosters may not know."""
    return set(session.scalars(select(Holiday.date).where(Holiday.date.between(first, last))))


def take_holiday(session: Session, event: Received[HolidayChangedV1], context: Context) -> None:
    """Cancel the day's duties of which no report has been filed, or open those again that a holiday had cancelled.

    Packs and gates follow by a job for each agency.
    """
    day, name, now = event.data.date, event.data.name, context.now()
    session.execute(text(LOCK))
    if name is None:
        session.execute(delete(Holiday).where(Holiday.date == day))
        agencies = _open_again(session, day)
    else:
        values = {"date": day, "name": name}
        session.execute(insert(Holiday).values(values).on_conflict_do_update(index_elements=["date"], set_=values))
        agencies = _cancel(session, day)
    jobs = [(f"{event.id}:{id_}", {"agency_id": id_, "date": f"{day}"}, now) for id_ in sorted(agencies)]
    enqueue_all(session, "follow_holiday", jobs, now=now)


def _cancel(session: Session, day: date) -> set[str]:
    """Returns the agencies concerned."""
    return set(
        session.scalars(
            update(Duty)
            .where(Duty.date == day, Duty.status.in_([DutyStatus.OPEN, DutyStatus.MISSING]))
            .values(status=DutyStatus.CANCELLED, by_holiday=True)
            .returning(Duty.agency_id)
        )
    )


def _open_again(session: Session, day: date) -> set[str]:
    """Returns the agencies concerned. Superiors may have changed while the duties were cancelled."""
    superior = select(Employee.superior_id).where(Employee.id == Duty.employee_id).scalar_subquery()
    return set(
        session.scalars(
            update(Duty)
            .where(Duty.date == day, Duty.by_holiday)
            .values(status=DutyStatus.OPEN, by_holiday=False, superior_id=superior)
            .returning(Duty.agency_id)
            .execution_options(synchronize_session=False)
        )
    )
