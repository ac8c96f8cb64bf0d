"""Whose a run is, and which runs a person sees: one's own rooms, one's subordinates', one's agency's, the city's."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from services.energy.models import Checklist, CorrectiveAction, Employee, Room, RoomOccupant
from shared.auth import Owner, person, reach, who, within_reach
from shared.errors import NotFound
from shared.roles import Person, Reach

IN_THE_ROOM = or_(Employee.nip == RoomOccupant.nip, Employee.nip == Room.officer_nip)


def owner_of_room(session: Session, room: Room, agency_id: str) -> Owner:
    """A room belongs to several people; who asks is named when they are one of them, or the superior of one."""
    people = session.execute(
        select(Employee.id, Employee.superior_id)
        .select_from(Room)
        .outerjoin(RoomOccupant, RoomOccupant.room_id == Room.id)
        .join(Employee, IN_THE_ROOM)
        .where(Room.id == room.id, Employee.active)
    ).all()
    asking = who()
    me = asking.employee_id if isinstance(asking, Person) else None
    return Owner(
        agency_id,
        employee_id=me if any(found.id == me for found in people) else None,
        superior_id=me if any(found.superior_id == me for found in people) else None,
    )


def checklist_owner(session: Session, checklist_id: UUID) -> Owner:
    run = session.get(Checklist, checklist_id)
    if run is None:
        raise NotFound("Daftar periksa tidak ditemukan.")
    return owner_of_room(session, run.room, run.agency_id)


def action_owner(session: Session, action_id: UUID) -> Owner:
    action = session.get(CorrectiveAction, action_id)
    if action is None:
        raise NotFound("Tindak lanjut tidak ditemukan.")
    superior = session.scalar(select(Employee.superior_id).where(Employee.id == action.owner_id))
    return Owner(action.agency_id, employee_id=action.owner_id, superior_id=superior)


def checklists_seen() -> Select[Checklist]:
    """Runs that the person signed in may see on this route."""
    if reach() > Reach.TEAM:
        return within_reach(select(Checklist).join(Checklist.room), agency=Checklist.agency_id)
    me = person().employee_id
    rooms = (
        select(Room.id)
        .outerjoin(RoomOccupant, RoomOccupant.room_id == Room.id)
        .join(Employee, IN_THE_ROOM)
        .where(or_(Employee.id == me, Employee.superior_id == me), Employee.active)
    )
    return select(Checklist).join(Checklist.room).where(Checklist.room_id.in_(rooms))
