"""What the energy service listens to, and the work that falls due."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from services.energy.checklists.opening import adjust_runs, rooms_of_day, rooms_of_nips, rooms_of_people, take_turns
from services.energy.models import Employee, Holiday, HomeDay, Room, Roster, Unit
from services.energy.savings.actions import close_month, closing_moment, is_closed
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import EmployeeChangedV1, HolidayChangedV1, RosterInForceV1, UnitChangedV1
from shared.durable import Context
from shared.inbox import Handlers, WebhookHandlers
from shared.jobs import Jobs, enqueue


def take_unit(session: Session, event: Received[UnitChangedV1], _context: Context) -> None:
    """Keep the unit as it is now; its rooms follow it into another agency."""
    unit = event.data
    session.merge(
        Unit(id=unit.id, agency_id=unit.agency_id, name=unit.name, code=unit.code, leader_id=unit.leader_id,
             active=unit.active)
    )  # fmt: skip
    session.execute(
        update(Room).where(Room.unit_id == unit.id, Room.agency_id != unit.agency_id).values(agency_id=unit.agency_id)
    )


def take_employee(session: Session, event: Received[EmployeeChangedV1], context: Context) -> None:
    """Keep the person as they are now. Rooms that waited for this NIP get their runs."""
    new = event.data
    old = session.get(Employee, new.id)
    matters = old is None or (old.nip, old.active) != (new.nip, new.active)
    rooms: set[UUID] = set()
    if matters:
        take_turns(session)
        rooms = rooms_of_nips(session, {new.nip, old.nip if old else new.nip})
    session.merge(
        Employee(id=new.id, nip=new.nip, name=new.name, agency_id=new.agency_id, unit_id=new.unit_id,
                 superior_id=new.superior_id, active=new.active)
    )  # fmt: skip
    if rooms:
        session.flush()
        today = wib_date(context.now())
        adjust_runs(session, rooms, open_from=today.replace(day=1), remove_from=today)


def open_checklists(session: Session, event: Received[RosterInForceV1], context: Context) -> None:
    """One run per room and WFH date on which someone of the room is at home (1.k); the month is closed at its end.

    A later version takes untouched runs away, from the day its letter was signed on.
    """
    roster, now = event.data, context.now()
    take_turns(session)
    known = session.get(Roster, (roster.agency_id, roster.month))
    if known is not None and known.version > roster.version:
        return
    session.merge(
        Roster(agency_id=roster.agency_id, month=roster.month, roster_id=roster.roster_id, version=roster.version,
               starts=roster.starts, ends=roster.ends)
    )  # fmt: skip
    people = _replace_home_days(session, roster)
    adjust_runs(
        session,
        rooms_of_people(session, people),
        open_from=roster.starts,
        remove_from=min(wib_date(now), wib_date(roster.letter.signed_at)),
    )
    enqueue(
        session,
        "close_month",
        f"{roster.agency_id}:{roster.month:%Y-%m}",
        {"agency_id": roster.agency_id, "month": f"{roster.month}"},
        due_at=closing_moment(roster.month),
        now=now,
    )


def _replace_home_days(session: Session, roster: RosterInForceV1) -> set[str]:
    """Store the WFH dates of this version instead of the earlier one's; returns everyone in either."""
    ours = (HomeDay.agency_id == roster.agency_id) & HomeDay.date.between(roster.starts, roster.ends)
    before = set(session.scalars(select(HomeDay.employee_id).where(ours).distinct()))
    pairs = {(a.employee_id, day) for a in roster.assignments for day in a.wfh_dates}
    session.execute(delete(HomeDay).where(ours))
    people = {employee_id for employee_id, _ in pairs}
    # Someone who changed agency within the month is in two rosters; the later letter holds.
    session.execute(
        delete(HomeDay).where(HomeDay.employee_id.in_(people), HomeDay.date.between(roster.starts, roster.ends))
    )
    if pairs:
        session.execute(
            insert(HomeDay),
            [
                {"employee_id": employee_id, "date": day, "agency_id": roster.agency_id, "roster_id": roster.roster_id}
                for employee_id, day in sorted(pairs)
            ],
        )
    return before | people


def take_holiday(session: Session, event: Received[HolidayChangedV1], _context: Context) -> None:
    """Keep the correction of the calendar. A day off has no runs but those that were filled in; one that is worked
    after all gets them back. A month that is closed stays as it was told until it is closed again."""
    day = event.data.date
    take_turns(session)
    values = {"date": day, "name": event.data.name}
    session.execute(upsert(Holiday).values(values).on_conflict_do_update(index_elements=["date"], set_=values))
    adjust_runs(session, rooms_of_day(session, day), open_from=day, remove_from=day, until=day)


def close_due_month(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Job ``close_month``: the agency's figures at the month's end, unless somebody closed it before."""
    agency_id, month = payload["agency_id"], date.fromisoformat(payload["month"])
    if not is_closed(session, agency_id, month):
        close_month(session, agency_id, month, by="sistem", reason="akhir bulan", context=context)


HANDLERS: Handlers = {
    UnitChangedV1: [take_unit],
    EmployeeChangedV1: [take_employee],
    RosterInForceV1: [open_checklists],
    HolidayChangedV1: [take_holiday],
}

WEBHOOK_HANDLERS: WebhookHandlers = {}

JOBS: Jobs = {"close_month": close_due_month}
