"""Tables of the schedule service, by what they are about."""

from __future__ import annotations

from services.schedule.models.absences import Absence, AbsenceSource, Trip
from services.schedule.models.base import Base
from services.schedule.models.letters import Letter, LetterCounter, Letterhead, LetterStatus
from services.schedule.models.people import (
    Employee,
    GrantedRole,
    HolidayOverride,
    PersonStanding,
    Posting,
    Reconciliation,
    SuperiorOverride,
    Unit,
)
from services.schedule.models.policies import PolicyTerm, PolicyVersion
from services.schedule.models.rosters import (
    CalendarFeed,
    GateOverride,
    QuotaChoice,
    Roster,
    RosterCell,
    RosterLimit,
    RosterRequest,
    RosterStatus,
    StandIn,
    Swap,
    SwapStatus,
)

__all__ = [
    "Absence",
    "AbsenceSource",
    "Base",
    "CalendarFeed",
    "Employee",
    "GateOverride",
    "GrantedRole",
    "HolidayOverride",
    "Letter",
    "LetterCounter",
    "LetterStatus",
    "Letterhead",
    "PersonStanding",
    "PolicyTerm",
    "PolicyVersion",
    "Posting",
    "QuotaChoice",
    "Reconciliation",
    "Roster",
    "RosterCell",
    "RosterLimit",
    "RosterRequest",
    "RosterStatus",
    "StandIn",
    "SuperiorOverride",
    "Swap",
    "SwapStatus",
    "Trip",
    "Unit",
]
