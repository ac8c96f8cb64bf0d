"""When people are away, and where that is known from."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.schedule.models.base import Base
from shared.db import new_id


class AbsenceSource(StrEnum):
    FILE = "file"  # SIMPEG's, by an import
    HAND = "hand"  # an operator or head
    EOFFICE = "eoffice"  # a duty trip; ``reference`` is its id there


class Absence(Base):
    """Days on which a person has no work mode: leave, duty travel, training (1.a). A cancelled one is kept.

    Those without a reference are known by what they say, so that the same one told twice is one; those with one are
    changed and cancelled by whoever gave it.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index(
            "uq_absence_told", "employee_id", "kind", "starts", "ends", unique=True,
            postgresql_where=text("reference = ''"),
        ),
        Index(
            "uq_absence_reference", "source", "reference", "employee_id", unique=True,
            postgresql_where=text("reference <> ''"),
        ),
        Index("ix_absence_employee", "employee_id", "ends"),
        Index("ix_absence_dates", "starts"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    employee_id: Mapped[str]
    kind: Mapped[str]  # leave, travel, training
    starts: Mapped[date]
    ends: Mapped[date]
    note: Mapped[str]  # for the person, their operator and their head only
    source: Mapped[str] = mapped_column(server_default=AbsenceSource.FILE)
    reference: Mapped[str] = mapped_column(default="", server_default="")
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]


class Trip(Base):
    """A duty trip that stands, as e-office last told it. Kept for travellers whom SIMPEG has still to tell of."""

    __tablename__ = "trip"

    id: Mapped[str] = mapped_column(primary_key=True)
    starts: Mapped[date]
    ends: Mapped[date]
    note: Mapped[str]
    nips: Mapped[list[str]]
