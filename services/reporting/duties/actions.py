"""Opening, cancelling and closing duties, and counting them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.duties.excuses import excused_days, hold_excuses
from services.reporting.duties.rules import Figures, add_up, last_day, no_longer_wanted
from services.reporting.models import Assessment, Duty, DutyStatus, Employee, Pack, PackStatus, RosterRef
from shared.clock import wib_moment
from shared.contracts.envelope import Received
from shared.contracts.schedule import RosterInForceV1
from shared.durable import Context
from shared.errors import NotYet
from shared.jobs import enqueue, enqueue_all

DUE_HOUR, DUE_MINUTE = 23, 59  # 2.b: daily means the same day
PACK_HOUR, PACK_MINUTE = 16, 45  # the month's last day, after working hours: drafts wait for the head


def open_duties(session: Session, event: Received[RosterInForceV1], context: Context) -> None:
    """Bring the agency's duties of the month to what its roster says. The same roster twice changes nothing."""
    roster, now = event.data, context.now()
    hold_excuses(session)
    ref = session.get(RosterRef, (roster.agency_id, roster.month))
    if ref is not None and ref.version > roster.version:
        return
    people = _people(session, {assignment.employee_id for assignment in roster.assignments})
    wanted = {(a.employee_id, day): a.unit_id for a in roster.assignments for day in a.wfh_dates}
    excused = excused_days(session, wanted.keys())
    present = _present(session, roster, people)

    for key in no_longer_wanted(
        {key: duty.status for key, duty in present.items() if duty.agency_id == roster.agency_id},
        wanted, roster.starts, roster.ends,
    ):  # fmt: skip
        present[key].status = DutyStatus.CANCELLED
    for key, former in present.items():
        if former.agency_id == roster.agency_id and key not in wanted:
            former.excused = False  # even if the day is worked after all, this roster does not ask for it
    for (employee_id, day), unit_id in wanted.items():
        duty = present.get((employee_id, day))
        if duty is None:
            duty = Duty(employee_id=employee_id, date=day, due_at=wib_moment(day, DUE_HOUR, DUE_MINUTE))
            duty.status, duty.late = DutyStatus.CANCELLED, False
            session.add(duty)
        if duty.status == DutyStatus.CANCELLED or duty.agency_id != roster.agency_id:
            duty.agency_id, duty.unit_id = roster.agency_id, unit_id
            duty.superior_id = people[employee_id].superior_id
        if duty.status in (DutyStatus.CANCELLED, DutyStatus.OPEN):
            duty.excused, duty.roster_id = (employee_id, day) in excused, roster.roster_id
            duty.status = DutyStatus.CANCELLED if duty.excused else DutyStatus.OPEN
    _keep_roster(session, roster)
    _ask_for_work(session, roster, {day for _, day in wanted}, now=now)


def _people(session: Session, ids: set[str]) -> dict[str, Employee]:
    known = {row.id: row for row in session.scalars(select(Employee).where(Employee.id.in_(ids)))}
    unknown = sorted(ids - known.keys())
    if unknown:
        raise NotYet(f"not known yet: employee {', '.join(unknown[:5])}{' …' if len(unknown) > 5 else ''}")
    return known


def _present(session: Session, roster: RosterInForceV1, people: Iterable[str]) -> dict[tuple[str, date], Duty]:
    """Duties of the period that are the agency's or of the roster's people, who may have come from another agency."""
    query = (
        select(Duty)
        .where(Duty.date.between(roster.starts, roster.ends))
        .where(or_(Duty.agency_id == roster.agency_id, Duty.employee_id.in_(list(people))))
        .with_for_update()
    )
    return {(duty.employee_id, duty.date): duty for duty in session.scalars(query)}


def _keep_roster(session: Session, roster: RosterInForceV1) -> None:
    values: dict[str, Any] = {
        "agency_id": roster.agency_id,
        "month": roster.month,
        "roster_id": roster.roster_id,
        "version": roster.version,
        "starts": roster.starts,
        "ends": roster.ends,
        "letter_id": roster.letter.id,
        "letter_number": roster.letter.number,
        "letter_date": roster.letter.date,
        "signer_name": roster.letter.signer.name,
        "days": [{**asdict(day), "date": day.date.isoformat()} for day in roster.days],
        "exemptions": [asdict(count) for count in roster.exemptions],
    }
    # An addendum begins in mid-month; what the month's first letter began with stays the beginning.
    changed = {**values, "starts": func.least(RosterRef.starts, roster.starts)}
    session.execute(
        insert(RosterRef).values(values).on_conflict_do_update(index_elements=["agency_id", "month"], set_=changed)
    )


def _ask_for_work(session: Session, roster: RosterInForceV1, days: set[date], *, now: datetime) -> None:
    """Jobs of the month, and the pack that will come of it. The version is in the key of ``mark_missing`` since a
    later roster may add people to a date whose job is done."""
    enqueue_all(
        session,
        "mark_missing",
        [
            (
                f"{roster.agency_id}:{day}:{roster.version}",
                {"agency_id": roster.agency_id, "date": day.isoformat()},
                wib_moment(day + timedelta(days=1), 0),
            )
            for day in sorted(days)
        ],
        now=now,
    )
    session.execute(
        insert(Pack)
        .values(agency_id=roster.agency_id, month=roster.month, status=PackStatus.BUILDING)
        .on_conflict_do_nothing(index_elements=["agency_id", "month"])
    )
    enqueue(
        session, "build_pack", f"{roster.agency_id}:{roster.month:%Y-%m}",
        {"agency_id": roster.agency_id, "month": roster.month.isoformat()},
        due_at=wib_moment(last_day(roster.month), PACK_HOUR, PACK_MINUTE), now=now,
    )  # fmt: skip


def mark_missing(session: Session, agency_id: str, day: date) -> list[str]:
    """Duties still open after their day become missing; returns whose."""
    result = session.execute(
        update(Duty)
        .where(Duty.agency_id == agency_id, Duty.date == day, Duty.status == DutyStatus.OPEN)
        .values(status=DutyStatus.MISSING)
        .returning(Duty.employee_id)
    )
    return list(result.scalars())


def count(session: Session, *where: ColumnElement[bool]) -> Figures:
    """Figures of the duties that *where* selects."""
    return add_up(row[1:] for row in _counted(session, Duty.agency_id, where))


def count_by_agency(session: Session, *where: ColumnElement[bool]) -> dict[str, Figures]:
    """Agency id → figures of the duties that *where* selects."""
    grouped: dict[str, list[tuple[str, bool, str | None, int]]] = {}
    for agency_id, *rest in _counted(session, Duty.agency_id, where):
        grouped.setdefault(agency_id, []).append(tuple(rest))
    return {agency_id: add_up(rows) for agency_id, rows in grouped.items()}


def _counted(session: Session, group: Any, where: Iterable[ColumnElement[bool]]) -> Iterable[Any]:
    return session.execute(
        select(group, Duty.status, Duty.late, Assessment.decision, func.count())
        .outerjoin(Assessment, Assessment.report_id == Duty.report_id)
        .where(*where)
        .group_by(group, Duty.status, Duty.late, Assessment.decision)
    )
