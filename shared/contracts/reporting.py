"""Events of the reporting service: how a person stands with their reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.envelope import Contract

SOURCE = "/reporting"


@dataclass(frozen=True)
class StandingChangedV1(Contract):
    """How a person stands with their reports, for gates of the policy (1.g); told when one of the values changes.

    ``overdue_reports``: WFH dates of the last 90 days whose deadline passed and for which no report has been filed
    since. ``rating``: the median of the superior's assessments of the WFH reports of the same days (2.b); it is for
    gates and is not the SKP. ``sanction``: whether a reprimand is in force on this day (1.f).
    """

    TYPE: ClassVar[str] = "reporting.standing_changed.v1"

    employee_id: str
    overdue_reports: int
    rating: str = ""  # above, as, below (words of PermenPANRB 6/2022); empty when there are too few assessments
    sanction: bool = False

    @property
    def subject(self) -> str:
        return f"standing/{self.employee_id}"
