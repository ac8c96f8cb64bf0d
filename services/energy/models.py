"""Tables of the energy service: who sits where, checklists, meter readings, closed months."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, MetaData, Numeric, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shared.db import NAMING, TYPES, new_id


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Unit(Base):
    """A unit as ``schedule`` tells of it; an agency is a unit whose ``agency_id`` is its own id."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    code: Mapped[str]
    leader_id: Mapped[str | None]
    active: Mapped[bool]


class Employee(Base):
    """An employee as ``schedule`` tells of them. The NIP is not unique: events of two people may cross."""

    __tablename__ = "employee"

    id: Mapped[str] = mapped_column(primary_key=True)
    nip: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[str]
    superior_id: Mapped[str | None] = mapped_column(index=True)
    active: Mapped[bool]


class Roster(Base):
    """Which version of an agency's roster of a month is in force here."""

    __tablename__ = "roster"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    roster_id: Mapped[str]
    version: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]


class HomeDay(Base):
    """One person at home on one date, by a roster in force."""

    __tablename__ = "home_day"
    __table_args__ = (Index("ix_home_day_agency_date", "agency_id", "date"),)

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    roster_id: Mapped[str]


class Holiday(Base):
    """A correction of the calendar, as ``schedule`` tells of it. name None: a working day after all."""

    __tablename__ = "holiday"

    date: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str | None]


class Room(Base):
    """A room. People are kept by NIP, so that a room may be known before its people are; ``devices`` are texts
    like ``ac:2``."""

    __tablename__ = "room"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[str] = mapped_column(index=True)
    building: Mapped[str]
    floor: Mapped[int]
    devices: Mapped[list[str]]
    officer_nip: Mapped[str | None] = mapped_column(index=True)

    occupants: Mapped[list[RoomOccupant]] = relationship(
        cascade="all, delete-orphan", order_by="RoomOccupant.nip", lazy="selectin"
    )

    @property
    def occupant_nips(self) -> list[str]:
        return [occupant.nip for occupant in self.occupants]


class RoomOccupant(Base):
    """Someone who sits in a room, by NIP."""

    __tablename__ = "room_occupant"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), primary_key=True)
    nip: Mapped[str] = mapped_column(primary_key=True, index=True)


class ChecklistStatus(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"  # waits for supervision
    ACCEPTED = "accepted"
    RETURNED = "returned"  # to be filled in again


class Checklist(Base):
    """One room's switch-off run on one WFH date (1.k.1, 1.k.2). ``late`` is settled at the first submission."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("room_id", "date"), Index("ix_checklist_agency_date", "agency_id", "date"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    agency_id: Mapped[str]
    date: Mapped[date]
    due_at: Mapped[datetime]
    status: Mapped[str]
    roster_id: Mapped[str]
    submitted_by: Mapped[str | None]  # employee id
    submitted_name: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    late: Mapped[bool | None]
    supervised_by: Mapped[str | None]  # employee id
    supervised_name: Mapped[str | None]
    supervised_at: Mapped[datetime | None]
    note: Mapped[str | None]  # the supervisor's

    room: Mapped[Room] = relationship(lazy="joined", innerjoin=True)
    items: Mapped[list[ChecklistItem]] = relationship(order_by="ChecklistItem.position", passive_deletes="all")


class ChecklistItem(Base):
    """One question of a run. ok None: not yet answered."""

    __tablename__ = "checklist_item"

    checklist_id: Mapped[UUID] = mapped_column(ForeignKey("checklist.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    clause: Mapped[str]  # 1.k.1 or 1.k.2
    position: Mapped[int]
    text: Mapped[str]
    ok: Mapped[bool | None]
    note: Mapped[str | None]


class CorrectiveAction(Base):
    """What a failed item calls for: somebody sets it right by a date."""

    __tablename__ = "corrective_action"
    __table_args__ = (
        UniqueConstraint("checklist_id", "code"),
        Index("ix_corrective_action_agency_deadline", "agency_id", "deadline"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    checklist_id: Mapped[UUID] = mapped_column(ForeignKey("checklist.id"))
    code: Mapped[str]
    clause: Mapped[str]
    agency_id: Mapped[str]
    description: Mapped[str]
    owner_id: Mapped[str]  # employee id
    deadline: Mapped[date]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    done_note: Mapped[str | None]


class Reading(Base):
    """A building's electricity on one day."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_agency_date", "agency_id", "date"),)

    building: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    kwh: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    source: Mapped[str]  # name of the file or system it came from


class FlaggedWeek(Base):
    """A week left out of an agency's savings, with the reason (Ramadan, year-end); agency_id ``*``: of all."""

    __tablename__ = "flagged_week"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    friday: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str]


class Tariff(Base):
    """A price with its validity and source. Rows are added, never changed, so that closed months stay explained."""

    __tablename__ = "tariff"

    item: Mapped[str] = mapped_column(primary_key=True)  # electricity …
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    rupiah: Mapped[Decimal] = mapped_column(Numeric(14, 4))  # per unit
    unit: Mapped[str]
    source: Mapped[str]


class MonthClosure(Base):
    """An agency's figures of a month as they were told; a later version is a restatement and keeps the earlier."""

    __tablename__ = "month_closure"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]]  # data of MonthClosedV1
    detail: Mapped[dict[str, Any]]  # per building and week, so that each figure can be opened
    closed_at: Mapped[datetime]
    closed_by: Mapped[str]
    reason: Mapped[str]
