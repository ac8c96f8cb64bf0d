"""Events of the energy service: an agency's figures of a month."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from shared.contracts.envelope import Contract

SOURCE = "/energy"


@dataclass(frozen=True)
class ChecklistFigures:
    """Switch-off checklists of the month (1.k.1, 1.k.2), in runs (one room on one WFH date)."""

    rooms: int
    due: int
    submitted: int
    supervised: int
    failed_items: int


@dataclass(frozen=True)
class SavingFigure:
    """One item of savings (1.m). ``rupiah`` None means no data; ``proven`` False means the interval covers zero."""

    item: str  # electricity, fuel, water, telephone, personnel, other
    rupiah: int | None
    quantity: float | None
    unit: str | None  # kWh, litre …
    low: float | None  # bounds of the 90 % interval, in ``unit``
    high: float | None
    grade: str | None  # A, B or C
    proven: bool
    note: str  # Indonesian, for the reader of the pack


@dataclass(frozen=True)
class MonthClosedV1(Contract):
    """The energy figures of one agency and month; a later sequence is a restatement."""

    TYPE: ClassVar[str] = "energy.month_closed.v1"

    agency_id: str
    month: date  # first day
    checklists: ChecklistFigures
    savings: list[SavingFigure] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return f"month/{self.agency_id}/{self.month:%Y-%m}"
