"""Tables of the reporting service: duties, daily reports with evidence, assessments, monthly packs.

``unit``, ``employee``, ``roster_ref``, ``letter`` and ``month_figures`` are copies of what other services told.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, query_expression, relationship

from shared.db import NAMING, TYPES, new_id


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


class Unit(Base):
    """A unit as schedule last told it; an agency is a unit whose ``agency_id`` is its own id.

    No foreign keys lead to units and people: events about them arrive in any order.
    """

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    parent_id: Mapped[str | None]
    name: Mapped[str]
    code: Mapped[str]
    leader_id: Mapped[str | None]
    exempt_clause: Mapped[str | None]
    active: Mapped[bool]

    @property
    def is_agency(self) -> bool:
        return self.id == self.agency_id


class Employee(Base):
    """An employee as schedule last told them."""

    __tablename__ = "employee"

    id: Mapped[str] = mapped_column(primary_key=True)
    nip: Mapped[str] = mapped_column(index=True)  # not unique: a corrected NIP may arrive before its old holder's
    name: Mapped[str]
    agency_id: Mapped[str] = mapped_column(index=True)
    unit_id: Mapped[str]
    superior_id: Mapped[str | None]
    post: Mapped[str]
    rank: Mapped[str]
    email: Mapped[str | None]
    active: Mapped[bool]


class Holiday(Base):
    """A day off that was decreed after rosters had been signed: nobody owes a report of it."""

    __tablename__ = "holiday"

    date: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]


class Absence(Base):
    """Days on which somebody is away, told by schedule: they owe no report then. Only what stands is kept."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_employee", "employee_id", "ends"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    employee_id: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]


class RosterRef(Base):
    """The roster in force of one agency and month, as much of it as reports need."""

    __tablename__ = "roster_ref"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # first day
    roster_id: Mapped[str]
    version: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    letter_id: Mapped[str]
    letter_number: Mapped[str]
    letter_date: Mapped[date]
    signer_name: Mapped[str]
    days: Mapped[list[dict[str, Any]]]  # {date, wfo, wfh, absent}
    exemptions: Mapped[list[dict[str, Any]]]  # {clause, people}


class Letter(Base):
    """Our own copy of a signed assignment letter; ``storage_key`` is empty until it has been fetched and checked."""

    __tablename__ = "letter"

    id: Mapped[str] = mapped_column(primary_key=True)
    agency_id: Mapped[str]
    month: Mapped[date]
    number: Mapped[str]
    letter_date: Mapped[date]
    sha256: Mapped[str]
    url: Mapped[str]
    storage_key: Mapped[str | None]
    fetched_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_letter_agency_month", "agency_id", "month"),)


class DutyStatus(StrEnum):
    OPEN = "open"
    FILED = "filed"
    LATE = "late"  # filed after the deadline, not assessed yet
    MISSING = "missing"  # the deadline passed without a report; one may still be filed, late
    ASSESSED = "assessed"
    SENT_BACK = "sent_back"
    CANCELLED = "cancelled"  # a later roster has the person elsewhere that day, the day is off, or they are away


class Duty(Base):
    """One person's WFH date from a roster in force: a report is due that day (2.b)."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("employee_id", "date"),
        Index("ix_duty_agency_date", "agency_id", "date"),
        Index("ix_duty_superior_status", "superior_id", "status"),
        Index("ix_duty_open", "agency_id", "date", postgresql_where=text("status = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    employee_id: Mapped[str]
    date: Mapped[date]
    agency_id: Mapped[str]
    unit_id: Mapped[str]
    superior_id: Mapped[str | None]  # who assesses: the superior of today until it is done, then who was
    roster_id: Mapped[str]
    due_at: Mapped[datetime]
    status: Mapped[str]
    late: Mapped[bool] = mapped_column(default=False)  # stays true after assessment
    # cancelled because the day is off or the person is away; opened again when neither holds
    excused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # The newest revision. No foreign key: it would make a circle with daily_report.duty_id.
    report_id: Mapped[UUID | None]

    employee: Mapped[Employee | None] = relationship(
        primaryjoin="foreign(Duty.employee_id) == Employee.id", viewonly=True
    )


class DailyReport(Base):
    """One filing of a duty's report; a correction is a new revision and the old one is kept."""

    __tablename__ = "daily_report"
    __table_args__ = (UniqueConstraint("duty_id", "revision"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    duty_id: Mapped[UUID] = mapped_column(ForeignKey("duty.id"))
    revision: Mapped[int]
    filed_at: Mapped[datetime]
    late: Mapped[bool]

    duty: Mapped[Duty] = relationship(viewonly=True)
    lines: Mapped[list[ReportLine]] = relationship(order_by="ReportLine.position")
    evidence: Mapped[Evidence] = relationship()
    assessment: Mapped[Assessment | None] = relationship()


class ReportLine(Base):
    """One output: what was done, from when to when, how much of it, with what result."""

    __tablename__ = "report_line"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("daily_report.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    activity: Mapped[str]
    start: Mapped[time]
    end: Mapped[time]
    quantity: Mapped[int]
    unit: Mapped[str]
    result: Mapped[str]


class Evidence(Base):
    """The photo of a report. What is stored is re-encoded and without metadata; signals inform, they never reject."""

    __tablename__ = "evidence"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("daily_report.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)  # of the file as it was sent
    storage_key: Mapped[str]
    bytes: Mapped[int]  # stored copy
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    signals: Mapped[list[dict[str, Any]]]  # {kind, text, report_id?}


class Assessment(Base):
    """The superior's judgement of one revision; sent back is a judgement too."""

    __tablename__ = "assessment"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("daily_report.id"), primary_key=True)
    by: Mapped[str]  # employee id
    by_name: Mapped[str]
    at: Mapped[datetime]
    decision: Mapped[str]  # above, as, below, sent_back
    note: Mapped[str]


class Standing(Base):
    """How a person stands with their reports, as it was last told to the others; no row: nothing to tell yet."""

    __tablename__ = "standing"

    employee_id: Mapped[str] = mapped_column(primary_key=True)
    overdue_reports: Mapped[int]
    rating: Mapped[str] = mapped_column(default="", server_default=text("''"))  # above, as, below; empty when none
    sanction: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    told_at: Mapped[datetime]


class Sanction(Base):
    """A reprimand that the head of a person's agency decided on, and what the person says to it (1.f)."""

    __tablename__ = "sanction"
    __table_args__ = (Index("ix_sanction_employee_ends", "employee_id", "ends"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    employee_id: Mapped[str]
    kind: Mapped[str]  # verbal, written
    reason: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]  # the last day on which it holds
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    objection: Mapped[str | None]
    objected_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]

    employee: Mapped[Employee] = relationship(primaryjoin="foreign(Sanction.employee_id) == Employee.id", viewonly=True)


class Recall(Base):
    """The head's order that calls people back to the office on one date (1.d), as schedule told it."""

    __tablename__ = "recall"
    __table_args__ = (Index("ix_recall_agency_date", "agency_id", "date"),)

    roster_id: Mapped[str] = mapped_column(primary_key=True)  # of the version that carries it
    agency_id: Mapped[str]
    date: Mapped[date]
    reason: Mapped[str]
    ordered_by: Mapped[str]
    ordered_at: Mapped[datetime]

    people: Mapped[int] = query_expression()
    told: Mapped[int] = query_expression()


class RecallNotice(Base):
    """What became of telling one person of a recall. While ``outcome`` is empty the job of the same key knows more."""

    __tablename__ = "recall_notice"
    __table_args__ = (UniqueConstraint("roster_id", "employee_id"),)

    key: Mapped[str] = mapped_column(primary_key=True)  # of the job mail_recall
    roster_id: Mapped[str] = mapped_column(ForeignKey("recall.roster_id"))
    employee_id: Mapped[str]
    outcome: Mapped[str | None]  # mailed, no_address, left, too_late
    outcome_at: Mapped[datetime | None]

    status: Mapped[str] = query_expression()
    error: Mapped[str | None] = query_expression()  # of the job, while there is one that failed
    recall: Mapped[Recall] = relationship(viewonly=True)
    employee: Mapped[Employee] = relationship(
        primaryjoin="foreign(RecallNotice.employee_id) == Employee.id", viewonly=True
    )


class MonthFigures(Base):
    """An agency's energy figures of one month, as energy last told them."""

    __tablename__ = "month_figures"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]]  # {checklists, savings}
    received_at: Mapped[datetime]


class PackStatus(StrEnum):
    BUILDING = "building"  # the month is running; the draft comes on its last working hour
    DRAFT = "draft"
    APPROVED = "approved"  # on its way by e-mail
    SENT = "sent"
    FAILED = "failed"  # the mail was refused; ``error`` has the server's words


class Pack(Base):
    """An agency's monthly report (2.a). ``version`` counts its drafts; what was approved does not change."""

    __tablename__ = "pack"
    __table_args__ = (UniqueConstraint("agency_id", "month"), Index("ix_pack_month_status", "month", "status"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[str]
    month: Mapped[date]
    version: Mapped[int] = mapped_column(default=0)
    status: Mapped[str]
    content: Mapped[dict[str, Any] | None]
    obstacles: Mapped[str] = mapped_column(default="")
    follow_up: Mapped[str] = mapped_column(default="")
    pdf_key: Mapped[str | None]
    xlsx_key: Mapped[str | None]
    built_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    send_count: Mapped[int] = mapped_column(default=0)  # times that somebody asked for it to be sent
    recipient: Mapped[str | None]
    message_id: Mapped[str | None]
    mails: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None]
