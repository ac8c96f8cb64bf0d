"""Agencies, units and people, and where they serve."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.schedule.models.base import Base
from shared.db import new_id


class Unit(Base):
    """A unit (unit kerja); an agency (Perangkat Daerah) is a unit whose ``agency_id`` is its own id. Ids are SIASN's.

    No foreign keys lead to units and people: SIMPEG sends them in any order, and sends leaders before they exist.
    """

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(index=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    code: Mapped[str]
    leader_post: Mapped[str]
    leader_id: Mapped[str | None]
    acting_id: Mapped[str | None]  # who leads it for the leader (Plt., Plh.), as the others were told last
    exempt_clause: Mapped[str | None]  # 1.l.4 … 1.l.12, by the policy's patterns or the operator's word
    exempt_by_hand: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime]

    @property
    def is_agency(self) -> bool:
        return self.id == self.agency_id


class Employee(Base):
    """An employee (ASN), with no more of SIMPEG's data than rosters and letters need."""

    __tablename__ = "employee"

    id: Mapped[str] = mapped_column(primary_key=True)
    nip: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]  # with titles
    email: Mapped[str | None]
    agency_id: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[str] = mapped_column(index=True)
    superior_id: Mapped[str | None]
    kind: Mapped[str]  # PNS or PPPK
    post: Mapped[str]
    echelon: Mapped[str]  # SIASN eselonId
    rank: Mapped[str]
    standing: Mapped[str]  # SIASN kedudukanPnsId
    active: Mapped[bool]
    changed_at: Mapped[datetime]


class Posting(Base):
    """Where a person serves from which day to which: the history behind :class:`Employee`, and moves still to come.

    kind main: one at a time, without gaps while they serve; acting (Plt., Plh., Pj.): leads *unit_id* beside the main
    one while it lasts; dual (rangkap): a second post, in the same unit by SIMPEG's word, in any by hand.
    """

    __tablename__ = "posting"
    __table_args__ = (
        Index("ix_posting_employee", "employee_id", "starts"),
        Index("ix_posting_agency", "agency_id", "starts"),
        # The database itself refuses a person two main postings from one day on, and two that run without end.
        Index("uq_posting_main_starts", "employee_id", "starts", unique=True, postgresql_where=text("kind = 'main'")),
        Index(
            "uq_posting_main_open", "employee_id", unique=True, postgresql_where=text("kind = 'main' and ends is null")
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    employee_id: Mapped[str]
    kind: Mapped[str]  # main, acting, dual
    starts: Mapped[date]
    ends: Mapped[date | None]  # the last day; None while no end is known
    agency_id: Mapped[str]
    unit_id: Mapped[str] = mapped_column(index=True)
    post: Mapped[str]
    echelon: Mapped[str]
    rank: Mapped[str]
    active: Mapped[bool]
    dated: Mapped[bool]  # starts was told (TMT); else it is the day on which Luwes heard of it
    by_hand: Mapped[bool]  # appointed here, not by SIMPEG
    reason: Mapped[str | None]  # of an appointment by hand
    tmt: Mapped[date | None]  # as told, even where the posting begins on another day
    rival_unit_id: Mapped[str | None]  # another unit of the agency that was told before with the same TMT
    standing: Mapped[str | None]  # SIASN kedudukan from then on, of somebody who leaves on a day to come

    def runs_on(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or self.ends >= day)


class SuperiorOverride(Base):
    """A superior whom a person decided on, in place of the one that the tree of units gives."""

    __tablename__ = "superior_override"

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    superior_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class PersonStanding(Base):
    """What reporting knows of a person that a gate of the policy may look at."""

    __tablename__ = "person_standing"

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    overdue_reports: Mapped[int]
    rating: Mapped[str]  # above, as, below; empty when none
    sanction: Mapped[bool]
    changed_at: Mapped[datetime]


class Reconciliation(Base):
    """One comparison with a system whose webhooks may have been missed, and what it found."""

    __tablename__ = "reconciliation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    units: Mapped[int]  # compared
    people: Mapped[int]
    applied: Mapped[int]  # differences, by outcome
    rejected: Mapped[int]
    gone: Mapped[int]
    differences: Mapped[list[dict[str, Any]]]  # reconciliation.Difference, the first thousand


class HolidayOverride(Base):
    """A day that the library's calendar has wrong, or that a decree changed later. name empty: a working day."""

    __tablename__ = "holiday_override"

    date: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]


class GrantedRole(Base):
    """A role that does not follow from the superior tree."""

    __tablename__ = "granted_role"

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]  # where it was granted: a role within an agency does not move on with the person
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]
