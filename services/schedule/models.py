"""Tables of the schedule service: agencies, units, people, calendar, rosters, letters."""

from __future__ import annotations

import base64
import secrets
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, MetaData, Numeric, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.db import NAMING, TYPES, new_id


def new_code() -> str:
    """A verification code nobody guesses: 120 random bits as 24 letters and digits that can be typed from paper."""
    return base64.b32encode(secrets.token_bytes(15)).decode("ascii")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


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
    one while it lasts; dual (rangkap): a second post in the same unit.
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


class Absence(Base):
    """Days on which a person has no work mode: leave, duty travel, training (1.a)."""

    __tablename__ = "absence"
    __table_args__ = (UniqueConstraint("employee_id", "kind", "starts", "ends"), Index("ix_absence_dates", "starts"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    employee_id: Mapped[str]
    kind: Mapped[str]  # leave, travel, training
    starts: Mapped[date]
    ends: Mapped[date]
    note: Mapped[str]


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
    change: Mapped[str | None]  # what kind of change: amendment, swap, recall, withdrawal
    reason: Mapped[str | None]  # why it is changed, printed in the addendum letter
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


class StandIn(Base):
    """Two people of whom one at least is at the office (1.g)."""

    __tablename__ = "stand_in"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    one_id: Mapped[str] = mapped_column(primary_key=True)
    other_id: Mapped[str] = mapped_column(primary_key=True)
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


class LetterStatus(StrEnum):
    DRAFTED = "drafted"
    PUSHED = "pushed"  # with e-office, waiting for its number
    NUMBERED = "numbered"  # waiting for the head's signature
    SIGNED = "signed"
    RETURNED = "returned"


class LetterCounter(Base):
    """The last number of an agency's letters in a year, where Luwes numbers them itself."""

    __tablename__ = "letter_counter"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Letter(Base):
    """An assignment letter (Surat Tugas)."""

    __tablename__ = "letter"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id"), unique=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]  # assignment_letter
    status: Mapped[str]
    content: Mapped[dict[str, Any]]  # all that the page prints, frozen at approval
    signer_id: Mapped[str]
    eoffice_id: Mapped[str | None]
    number: Mapped[str | None] = mapped_column(unique=True)
    letter_date: Mapped[date | None]
    unsigned_key: Mapped[str | None]
    signed_key: Mapped[str | None]
    signed_sha256: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    certificate_name: Mapped[str | None]  # whom the certificate that signed it names
    verification_code: Mapped[str] = mapped_column(
        unique=True, default=new_code
    )  # printed on it; opens its public page
    created_at: Mapped[datetime]
    note: Mapped[str | None]


class PolicyVersion(Base):
    """A policy that was uploaded, as the TOML text that says it; besides the files that come with the product."""

    __tablename__ = "policy_version"

    id: Mapped[str] = mapped_column(primary_key=True)  # the policy's own
    title: Mapped[str]
    layer: Mapped[str]
    agency_id: Mapped[str | None]
    content: Mapped[str] = mapped_column(Text)
    status: Mapped[str]  # draft, active, retired
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    activated_by: Mapped[str | None]
    activated_at: Mapped[datetime | None]


class PolicyTerm(Base):
    """The last day of a policy, decided after it was written: an end or an extension."""

    __tablename__ = "policy_term"

    policy_id: Mapped[str] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
