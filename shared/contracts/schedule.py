"""Events of the schedule service: units, people and their absences, holidays, rosters in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from shared.contracts.envelope import Contract

SOURCE = "/schedule"


@dataclass(frozen=True)
class UnitChangedV1(Contract):
    """A unit (unit kerja) as it is now. An agency (Perangkat Daerah) is a unit whose ``agency_id`` is its own id."""

    TYPE: ClassVar[str] = "schedule.unit_changed.v1"

    id: str
    agency_id: str
    parent_id: str | None
    name: str
    code: str
    leader_id: str | None  # employee id
    exempt_clause: str | None  # 1.l.4 … 1.l.12 when the unit's people stay at the office
    active: bool = True

    @property
    def subject(self) -> str:
        return f"unit/{self.id}"


@dataclass(frozen=True)
class EmployeeChangedV1(Contract):
    """An employee (ASN) as they are now."""

    TYPE: ClassVar[str] = "schedule.employee_changed.v1"

    id: str
    nip: str
    name: str  # with titles
    agency_id: str
    unit_id: str
    superior_id: str | None
    post: str
    rank: str  # pangkat/golongan, as printed on letters
    email: str | None
    active: bool

    @property
    def subject(self) -> str:
        return f"employee/{self.id}"


@dataclass(frozen=True)
class Signer:
    """Who signed a letter."""

    employee_id: str
    name: str
    nip: str
    post: str


@dataclass(frozen=True)
class LetterRef:
    """The signed assignment letter (Surat Tugas) that puts a roster in force. sha256: hex, of the signed PDF."""

    id: str
    number: str
    date: date
    sha256: str
    url: str  # where the signed PDF is read with a scoped API key
    signed_at: datetime
    signer: Signer


@dataclass(frozen=True)
class Assignment:
    """One person's WFH dates in the period."""

    employee_id: str
    unit_id: str
    wfh_dates: list[date]


@dataclass(frozen=True)
class DayCount:
    """People of the agency per mode on one working day."""

    date: date
    wfo: int
    wfh: int
    absent: int  # leave, duty travel, training


@dataclass(frozen=True)
class ExemptionCount:
    """How many people one exemption clause keeps at the office."""

    clause: str
    people: int


@dataclass(frozen=True)
class RecallOrderedV1(Contract):
    """The head called people back to the office for one date (1.d); an addendum letter follows."""

    TYPE: ClassVar[str] = "schedule.recall_ordered.v1"

    roster_id: str  # of the version that will carry it
    agency_id: str
    date: date
    reason: str
    ordered_by: str
    employee_ids: list[str]  # who were to be at home that day

    @property
    def subject(self) -> str:
        return f"recall/{self.roster_id}"


@dataclass(frozen=True)
class HolidayChangedV1(Contract):
    """A day became a holiday or joint leave by a later decree, got another name, or is a working day after all.

    Only corrections are told; what the joint decree has from the start is no news. Rosters in force keep their cells.
    """

    TYPE: ClassVar[str] = "schedule.holiday_changed.v1"

    date: date
    name: str | None  # None: a working day

    @property
    def subject(self) -> str:
        return f"holiday/{self.date}"


@dataclass(frozen=True)
class AbsenceChangedV1(Contract):
    """A person is away, on other days than was told, or not after all. Rosters in force keep their cells.

    Why somebody is away is not told.
    """

    TYPE: ClassVar[str] = "schedule.absence_changed.v1"

    id: str
    employee_id: str
    kind: str  # leave, travel, training
    starts: date
    ends: date  # the last day
    active: bool  # False: cancelled

    @property
    def subject(self) -> str:
        return f"absence/{self.id}"


@dataclass(frozen=True)
class RosterInForceV1(Contract):
    """An agency's roster is in force, by its signed letter. One roster per agency and month; later versions replace."""

    TYPE: ClassVar[str] = "schedule.roster_in_force.v1"

    roster_id: str
    agency_id: str
    month: date  # first day
    version: int
    starts: date
    ends: date
    letter: LetterRef
    assignments: list[Assignment]
    days: list[DayCount]
    exemptions: list[ExemptionCount] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return f"roster/{self.agency_id}/{self.month:%Y-%m}"
