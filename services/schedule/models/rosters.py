"""Rosters, what was asked of them and how they change."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.schedule.models.base import Base
from shared.db import new_id


class QuotaChoice(Base):
    """The share of an agency's people that its head lets work at home (1.d); without a row the policy's default."""

    __tablename__ = "quota_choice"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    share: Mapped[Decimal] = mapped_column(Numeric(4, 3))  # 0 … 1 of those present who may work at home
    min_on_site: Mapped[int]  # people per unit
    chosen_by: Mapped[str]
    chosen_at: Mapped[datetime]


class RosterStatus(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"  # a letter is on its way through e-office
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"  # an addendum's roster is in force instead
    WITHDRAWN = "withdrawn"  # its letter was taken back by another letter
    REJECTED = "rejected"


class Roster(Base):
    """Who of an agency works where in one month."""

    __tablename__ = "roster"
    __table_args__ = (
        UniqueConstraint("agency_id", "month", "version"),
        # The database itself refuses two rosters in force for one agency and month.
        Index(
            "uq_roster_in_force", "agency_id", "month", unique=True, postgresql_where=text("status = 'in_force'")
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    month: Mapped[date]
    version: Mapped[int]
    status: Mapped[str]
    policy_id: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    in_force_at: Mapped[datetime | None]
    note: Mapped[str | None]  # why it was sent back
    amends_id: Mapped[UUID | None] = mapped_column(ForeignKey("roster.id"))  # the roster in force that it changes
    change: Mapped[str | None]  # what kind of change: amendment, swap, recall, lifting, withdrawal
    reason: Mapped[str | None]  # why it is changed, printed in the addendum letter
    basis: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # the policies it was drafted with; basis.py
    clashes: Mapped[list[dict[str, Any]]]  # what could not hold together; explain.clash_text
    optimal: Mapped[bool]  # proved: no roster has more WFH days, none of as many shares them more evenly
    gap: Mapped[Decimal] = mapped_column(Numeric(6, 4))  # else how far the bound is
    method: Mapped[str]  # how it was found
    sha256: Mapped[str | None]  # of its frozen snapshot, once approved


class RosterCell(Base):
    """One person on one working day: the decision and the clause that made it."""

    __tablename__ = "roster_cell"
    __table_args__ = (Index("ix_roster_cell_employee_id_date", "employee_id", "date"),)  # a person's days

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), primary_key=True)
    employee_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[str]
    mode: Mapped[str]  # wfo, wfh, leave, travel, training
    clause: Mapped[str]
    rule: Mapped[str]  # which rule of the clause, for the explanation
    limit_id: Mapped[str | None]  # of the arithmetic that decided


class RosterLimit(Base):
    """The arithmetic of one limit on one WFH date, kept so that every cell can be explained; as limits.Arithmetic."""

    __tablename__ = "roster_limit"

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), primary_key=True)
    limit_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[str]  # whose people are counted; empty for the whole agency
    rule: Mapped[str]  # quota, cap, on_site, function, pair
    clause: Mapped[str]
    label: Mapped[str]
    staff: Mapped[int]
    present: Mapped[int]
    eligible: Mapped[int]  # present, not exempt, no gate closed
    base: Mapped[int]  # people of whom the share is taken
    base_kind: Mapped[str]
    share: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    number: Mapped[int | None]
    rounding: Mapped[str]
    minimum: Mapped[int | None]
    room: Mapped[int]  # people who may be at home
    at_home: Mapped[int]


class RosterRequest(Base):
    """A cell that somebody asks for. kind wish: heard if fairness allows; pin: fixed once approved."""

    __tablename__ = "roster_request"
    __table_args__ = (
        Index(
            "uq_roster_request_open", "employee_id", "date", unique=True,
            postgresql_where=text("status in ('asked', 'approved')"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str] = mapped_column(index=True)
    employee_id: Mapped[str]
    date: Mapped[date]
    mode: Mapped[str]  # wfo, wfh
    kind: Mapped[str]  # wish, pin
    status: Mapped[str]  # asked, approved, refused, withdrawn
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]  # of who decided, to who asked


class StandIn(Base):
    """Two people of whom one at least is at the office (1.g)."""

    __tablename__ = "stand_in"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    one_id: Mapped[str] = mapped_column(primary_key=True)
    other_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class GateOverride(Base):
    """A head's word that a closed gate does not hold for a person in one month, with its reason."""

    __tablename__ = "gate_override"

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class SwapStatus(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"  # by the other person; waits for the superior
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Swap(Base):
    """Two people of a unit who exchange a WFH date each, or one who gives theirs away."""

    __tablename__ = "swap"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), index=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    asker_id: Mapped[str]
    gives: Mapped[date]  # the asker's WFH date
    other_id: Mapped[str]
    takes: Mapped[date]  # the other's WFH date
    status: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]  # why it was refused


class CalendarFeed(Base):
    """A secret address under which a calendar application reads WFH days: of one person, or of a unit's people."""

    __tablename__ = "calendar_feed"

    kind: Mapped[str] = mapped_column(primary_key=True)  # person, unit
    subject_id: Mapped[str] = mapped_column(primary_key=True)  # employee or unit
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256; the token itself is shown once
    holidays: Mapped[bool]  # whether holidays are shown too
    made_by: Mapped[str]
    made_at: Mapped[datetime]
