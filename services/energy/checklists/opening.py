"""Opens and takes away runs, so that they are those which rooms and rosters call for, whichever arrived first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select, text, tuple_, update
from sqlalchemy.orm import Session

from services.energy.checklists.rules import DUE_HOUR, TEMPLATE, Key, difference
from services.energy.models import (
    Checklist,
    ChecklistItem,
    ChecklistStatus,
    Employee,
    Holiday,
    HomeDay,
    Room,
    RoomOccupant,
)
from shared.clock import wib_moment
from shared.db import new_id


def take_turns(session: Session) -> None:
    """Let one transaction at a time change rooms, people or home days: two at once would not see each other's rows,
    and neither would open the run that both together call for."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('checklists', 0))"))


def rooms_of_people(session: Session, employee_ids: Collection[str]) -> set[UUID]:
    """Rooms in which these people sit."""
    return set(
        session.scalars(
            select(RoomOccupant.room_id)
            .join(Employee, Employee.nip == RoomOccupant.nip)
            .where(Employee.id.in_(employee_ids))
        )
    )


def rooms_of_nips(session: Session, nips: Collection[str]) -> set[UUID]:
    """Rooms that list one of these NIPs, whether or not the person is known yet."""
    return set(session.scalars(select(RoomOccupant.room_id).where(RoomOccupant.nip.in_(nips))))


def rooms_of_day(session: Session, day: date) -> set[UUID]:
    """Rooms that have a run on *day*, or someone at home by a roster."""
    at_home = (
        select(RoomOccupant.room_id)
        .join(Employee, Employee.nip == RoomOccupant.nip)
        .join(HomeDay, HomeDay.employee_id == Employee.id)
        .where(HomeDay.date == day)
    )
    return set(session.scalars(at_home)) | set(session.scalars(select(Checklist.room_id).where(Checklist.date == day)))


def adjust_runs(
    session: Session, room_ids: Collection[UUID], *, open_from: date, remove_from: date, until: date = date.max
) -> None:
    """Make the runs of these rooms fit rooms, people, home days and holidays as they are now. Call :func:`take_turns`
    first.

    Runs are opened from *open_from* on, and untouched ones taken away from *remove_from* on, both up to *until*.
    """
    if not room_ids:
        return
    earliest = min(open_from, remove_from)
    needed = _needed(session, room_ids, earliest, until)
    present = {
        (run.room_id, run.date): run.status == ChecklistStatus.OPEN
        for run in session.execute(
            select(Checklist.room_id, Checklist.date, Checklist.status).where(
                Checklist.room_id.in_(room_ids), Checklist.date.between(earliest, until)
            )
        )
    }
    change = difference(needed, present, open_from=open_from, remove_from=remove_from)
    if change.removed:
        session.execute(
            delete(Checklist).where(
                tuple_(Checklist.room_id, Checklist.date).in_(change.removed),
                Checklist.status == ChecklistStatus.OPEN,  # asked again: one may have been handed in just now
            )
        )
    _open(session, change.opened, needed)
    for roster_id in set(needed.values()):
        keys = [key for key, named in needed.items() if named == roster_id and key in present]
        session.execute(
            update(Checklist)
            .where(
                tuple_(Checklist.room_id, Checklist.date).in_(keys),
                Checklist.status == ChecklistStatus.OPEN,
                Checklist.roster_id != roster_id,
            )
            .values(roster_id=roster_id)
        )


def _needed(session: Session, room_ids: Collection[UUID], earliest: date, until: date) -> dict[Key, str]:
    """Runs that home days call for, with a roster that does; a day that became a holiday calls for none."""
    rows = session.execute(
        select(RoomOccupant.room_id, HomeDay.date, HomeDay.roster_id)
        .join(Employee, Employee.nip == RoomOccupant.nip)
        .join(HomeDay, HomeDay.employee_id == Employee.id)
        .where(RoomOccupant.room_id.in_(room_ids), HomeDay.date.between(earliest, until), Employee.active)
        .where(HomeDay.date.not_in(select(Holiday.date).where(Holiday.name.is_not(None))))
        .order_by(HomeDay.roster_id)
    )
    return {(room_id, day): roster_id for room_id, day, roster_id in rows}


def _open(session: Session, keys: Collection[Key], needed: Mapping[Key, str]) -> None:
    if not keys:
        return
    agencies = dict(
        session.execute(select(Room.id, Room.agency_id).where(Room.id.in_({room for room, _ in keys}))).all()
    )
    runs = [
        {"id": new_id(), "room_id": room_id, "agency_id": agencies[room_id], "date": day,
         "due_at": wib_moment(day, DUE_HOUR), "status": ChecklistStatus.OPEN, "roster_id": needed[room_id, day]}
        for room_id, day in sorted(keys)
    ]  # fmt: skip
    session.execute(insert(Checklist), runs)
    session.execute(
        insert(ChecklistItem),
        [
            {"checklist_id": run["id"], "code": q.code, "clause": q.clause, "text": q.text, "position": position}
            for run in runs
            for position, q in enumerate(TEMPLATE)
        ],
    )
