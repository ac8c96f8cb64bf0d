"""What would change: an agency's month planned by the policies that hold and by those that would, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import days_between, month_bounds
from services.schedule.models import Roster, RosterStatus, Unit
from services.schedule.policy.actions import NoPolicy, among, policies, with_draft
from services.schedule.policy.rules import Policy
from services.schedule.rosters.gather import Period, question_of
from services.schedule.rosters.rules import Plan, plan_roster
from shared.settings import Settings


@dataclass(frozen=True)
class Outcome:
    """An agency's month by one set of policies. wfh_days: person-days; most_home: people on the fullest date; exempt:
    people per clause; none of it when no policy holds (*holds* false)."""

    holds: bool
    wfh_days: int = 0
    most_home: int = 0
    exempt: dict[str, int] | None = None
    clashes: int = 0


@dataclass(frozen=True)
class Comparison:
    """One agency. people_changed: who would have other WFH dates; in_force: its roster of the month is signed already,
    and would change only by an addendum."""

    agency_id: str
    name: str
    before: Outcome
    after: Outcome
    people_changed: int
    in_force: bool


def dry_run(
    session: Session, settings: Settings, policy_id: str, month: date, agencies: Sequence[Unit]
) -> list[Comparison]:
    """Plan *month* for each of *agencies* twice and compare; nothing is kept."""
    now, (draft, _) = policies(session, settings), with_draft(session, settings, policy_id)
    first, _ = month_bounds(month)
    signed = set(
        session.scalars(select(Roster.agency_id).where(Roster.month == first, Roster.status == RosterStatus.IN_FORCE))
    )
    found = []
    for agency in agencies:
        before, after = (_plan(session, known, agency.id, month) for known in (now, draft))
        found.append(
            Comparison(
                agency.id, agency.name, _outcome(before), _outcome(after), _changed(before, after), agency.id in signed
            )
        )
    return found


def _plan(session: Session, known: Sequence[Policy], agency_id: str, month: date) -> Plan | None:
    first, last = month_bounds(month)
    try:
        period = Period(agency_id, first, among(known, agency_id, days_between(first, last)))
    except NoPolicy:
        return None
    return plan_roster(question_of(session, period))


def _outcome(plan: Plan | None) -> Outcome:
    if plan is None:
        return Outcome(False)
    home = Counter(cell.date for cell in plan.cells if cell.mode == "wfh")
    exempt = {(cell.employee_id, cell.clause) for cell in plan.cells if cell.rule == "exempt"}
    by_clause = Counter(clause for _, clause in exempt)
    return Outcome(
        True, home.total(), max(home.values(), default=0), dict(sorted(by_clause.items())), len(plan.clashes)
    )


def _changed(before: Plan | None, after: Plan | None) -> int:
    dates = [
        {(cell.employee_id, cell.date) for cell in plan.cells if cell.mode == "wfh"} if plan else set()
        for plan in (before, after)
    ]
    return len({employee_id for employee_id, _ in dates[0] ^ dates[1]})
