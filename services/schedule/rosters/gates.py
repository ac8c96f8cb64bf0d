"""Gates of the policy (1.g): for whom one is closed, and for whom the head has opened them for a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import days_between, month_bounds
from services.schedule.models import Employee, GateOverride, PersonStanding
from services.schedule.policy.actions import held, policies
from services.schedule.policy.rules import Gate, Policy, Standing
from services.schedule.rosters.facts import people_of
from shared.settings import Settings


def closed_gates(session: Session, ids: Collection[str], policies: Iterable[Policy]) -> dict[str, dict[str, Gate]]:
    """Per person, and policy id, the gate that closes for them; whether a head has opened it is not looked at."""
    gated = {policy.id: policy for policy in policies if policy.gates}
    if not gated:
        return {}
    found = {}
    for row in session.scalars(select(PersonStanding).where(PersonStanding.employee_id.in_(ids))):
        standing = Standing(row.overdue_reports, row.rating, row.sanction)
        closed = {id_: gate for id_, policy in gated.items() if (gate := policy.gate_of(standing))}
        if closed:
            found[row.employee_id] = closed
    return found


def opened_gates(session: Session, ids: Collection[str], month: date) -> dict[str, GateOverride]:
    """The head's word, per person of *ids* to whom it was given for *month* (its first day)."""
    query = select(GateOverride).where(GateOverride.employee_id.in_(ids), GateOverride.month == month)
    return {row.employee_id: row for row in session.scalars(query)} if ids else {}


def gate_rows(session: Session, settings: Settings, people: Select[Employee], month: date) -> list[dict[str, Any]]:
    """Those of *people* for whom a gate closes in a month, by agency and name, each with whether it was opened. A gate
    is told once, however many of the month's policies have it."""
    first, last = month_bounds(month)
    of_agency: dict[str, list[str]] = defaultdict(list)
    for agency_id, id_ in session.execute(people.with_only_columns(Employee.agency_id, Employee.id)):
        of_agency[agency_id].append(id_)
    closed: dict[str, dict[str, Gate]] = {}
    known, days = policies(session, settings), days_between(first, last)
    for agency_id, ids in of_agency.items():
        closed |= closed_gates(session, ids, held(known, agency_id, days).values())
    opened = opened_gates(session, closed, first)
    named, owed = people_of(session, closed), _overdue(session, closed)
    rows = [_row(named[id_], first, closed[id_].values(), owed[id_], opened.get(id_)) for id_ in closed]
    return sorted(rows, key=lambda row: (row["agency_id"], row["name"], row["nip"]))


def _overdue(session: Session, ids: Collection[str]) -> dict[str, int]:
    query = select(PersonStanding.employee_id, PersonStanding.overdue_reports)
    return dict(session.execute(query.where(PersonStanding.employee_id.in_(ids))).all())


def _row(
    employee: Employee, month: date, gates: Iterable[Gate], overdue: int, opened: GateOverride | None
) -> dict[str, Any]:
    told = {(gate.clause, gate.text): gate.when for gate in gates}
    return {
        "employee_id": employee.id, "nip": employee.nip, "name": employee.name, "agency_id": employee.agency_id,
        "month": month, "overdue_reports": overdue,
        "gates": [{"clause": clause, "text": text, "when": when} for (clause, text), when in told.items()],
        "opened_by": opened.set_by if opened else None, "opened_at": opened.set_at if opened else None,
        "reason": opened.reason if opened else None,
    }  # fmt: skip
