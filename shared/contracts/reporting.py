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
    since. ``rating`` and ``sanction`` are not known to reporting yet: it judges single reports, no periods.
    """

    TYPE: ClassVar[str] = "reporting.standing_changed.v1"

    employee_id: str
    overdue_reports: int
    rating: str = ""  # of a period: above, as, below (PermenPANRB 6/2022); empty when there is none
    sanction: bool = False

    @property
    def subject(self) -> str:
        return f"standing/{self.employee_id}"
