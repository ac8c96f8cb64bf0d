"""Taking in a room list. Rooms that the list does not name stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.energy.checklists.opening import adjust_runs, take_turns
from services.energy.models import Employee, Room, RoomOccupant, Unit
from services.energy.rooms.rules import RoomIn, is_nip, nip_faults, refusal
from shared.tables import Rejection


@dataclass
class RoomOutcome:
    """What the list did. waiting: NIPs of nobody known yet; they count from the day the person arrives."""

    seen: int
    changed: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    waiting: list[Rejection] = field(default_factory=list)


def take_rooms(session: Session, rooms: Sequence[RoomIn], *, only_agency: str | None, today: date) -> RoomOutcome:
    """Store rooms and open the runs that rosters in force call for; each refused row and NIP is named.

    A new room gets the runs of this month; one whose people changed, those from today on.
    """
    take_turns(session)
    agency_of = dict(session.execute(select(Unit.id, Unit.agency_id)).all())
    codes = [room.code for room in rooms]
    stored = {row.code: row for row in session.scalars(select(Room).where(Room.code.in_(codes)))}
    known = set(session.scalars(select(Employee.nip)))
    outcome = RoomOutcome(len(rooms))
    seen: set[str] = set()
    new: list[UUID] = []
    changed: list[UUID] = []
    for room in rooms:
        row = stored.get(room.code)
        reason = refusal(
            room,
            seen=seen,
            unit_agency=agency_of.get(room.unit_id),
            current_agency=row.agency_id if row else None,
            only_agency=only_agency,
        )
        if reason:
            outcome.rejected.append(Rejection(room.line, reason))
            continue
        seen.add(room.code)
        outcome.rejected += [Rejection(room.line, fault) for fault in nip_faults(room)]
        outcome.waiting += _unknown(room, known)
        if row is None:
            row = Room(code=room.code)
            session.add(row)
        if _assign(row, room, agency_of[room.unit_id]):
            outcome.changed += 1
            session.flush()
            (changed if room.code in stored else new).append(row.id)
    session.flush()
    adjust_runs(session, new, open_from=today.replace(day=1), remove_from=today)
    adjust_runs(session, changed, open_from=today, remove_from=today)
    return outcome


def _unknown(room: RoomIn, known: set[str]) -> list[Rejection]:
    nips = [nip for nip in (room.officer_nip, *room.occupant_nips) if nip and is_nip(nip)]
    return [
        Rejection(room.line, f"ruangan {room.code}: NIP {nip} belum dikenal, akan dihubungkan saat datanya datang")
        for nip in dict.fromkeys(nips)
        if nip not in known
    ]


def _assign(row: Room, room: RoomIn, agency_id: str) -> bool:
    """Whether anything of the row changed."""
    officer = room.officer_nip if room.officer_nip and is_nip(room.officer_nip) else None
    values = {
        "name": room.name, "agency_id": agency_id, "unit_id": room.unit_id, "building": room.building,
        "floor": room.floor, "devices": list(room.devices), "officer_nip": officer,
    }  # fmt: skip
    nips = sorted(nip for nip in room.occupant_nips if is_nip(nip))
    altered = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            altered = True
    if row.occupant_nips != nips:
        kept = {occupant.nip: occupant for occupant in row.occupants}
        row.occupants = [kept.get(nip) or RoomOccupant(nip=nip) for nip in nips]
        altered = True
    return altered
