"""Gathering an agency's month from the rows of this service."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.reporting.duties.actions import count
from services.reporting.duties.excuses import known_holidays
from services.reporting.duties.rules import last_day
from services.reporting.letters.actions import letters_of
from services.reporting.models import (
    Assessment,
    DailyReport,
    Duty,
    DutyStatus,
    Employee,
    MonthFigures,
    Pack,
    RosterRef,
    Unit,
)
from services.reporting.packs.facts import DutyFact, ExemptFact, LetterFact, PackFacts, SignerFact
from services.reporting.people.actions import unit_names

BY_POST = ("1.l.1", "1.l.2", "1.l.3")  # these follow the person's post; the others follow the unit


def gather(session: Session, pack: Pack) -> PackFacts:
    """All facts of the pack's agency and month, as they stand now."""
    agency_id, month = pack.agency_id, pack.month
    agency = session.get(Unit, agency_id)
    roster = session.get(RosterRef, (agency_id, month))
    energy = session.get(MonthFigures, (agency_id, month))
    in_month = (Duty.agency_id == agency_id, Duty.date.between(month, last_day(month)))
    return PackFacts(
        agency=agency.name if agency else agency_id,
        agency_code=agency.code if agency else agency_id,
        month=month,
        days=_working_days(session, roster) if roster else [],
        letters=[LetterFact(letter.number, letter.letter_date) for letter in letters_of(session, agency_id, month)],
        signer=_signer(session, agency),
        staff=session.scalar(
            select(func.count()).select_from(Employee).where(Employee.agency_id == agency_id, Employee.active)
        )
        or 0,
        figures=count(session, *in_month),
        duties=_duties(session, agency_id, month),
        exemptions=_exemptions(session, agency_id, roster),
        checklists=energy.figures["checklists"] if energy else None,
        savings=energy.figures["savings"] if energy else None,
        obstacles=pack.obstacles,
        follow_up=pack.follow_up,
    )


def _working_days(session: Session, roster: RosterRef) -> list[dict[str, Any]]:
    """The roster's days without those that became holidays after it was signed."""
    off = {f"{day}" for day in known_holidays(session, roster.starts, roster.ends)}
    return [day for day in roster.days if day["date"] not in off]


def _signer(session: Session, agency: Unit | None) -> SignerFact | None:
    head = session.get(Employee, agency.leader_id) if agency and agency.leader_id else None
    return SignerFact(head.name, head.nip, head.post, head.rank) if head else None


def _duties(session: Session, agency_id: str, month: date) -> list[DutyFact]:
    names = unit_names(session, agency_id)
    rows = session.execute(
        select(Duty, Employee.name, Employee.nip, DailyReport.filed_at, Assessment.decision)
        .outerjoin(Employee, Employee.id == Duty.employee_id)
        .outerjoin(DailyReport, DailyReport.id == Duty.report_id)
        .outerjoin(Assessment, Assessment.report_id == Duty.report_id)
        .where(Duty.agency_id == agency_id, Duty.date.between(month, last_day(month)))
        .where(Duty.status != DutyStatus.CANCELLED)
        .order_by(Duty.date, Employee.name, Duty.employee_id)
    )
    return [
        DutyFact(
            date=duty.date,
            name=name or duty.employee_id,
            nip=nip or "",
            unit=names.get(duty.unit_id, duty.unit_id),
            status=duty.status,
            late=duty.late,
            filed_at=filed_at,
            rating=decision if duty.status == DutyStatus.ASSESSED else None,
        )
        for duty, name, nip, filed_at, decision in rows
    ]


def _exemptions(session: Session, agency_id: str, roster: RosterRef | None) -> list[ExemptFact]:
    """Clauses that the roster applied or that units fall under, in the circular's order."""
    people = {entry["clause"]: int(entry["people"]) for entry in roster.exemptions} if roster else {}
    units: dict[str, list[str]] = {}
    for name, clause in session.execute(
        select(Unit.name, Unit.exempt_clause)
        .where(Unit.agency_id == agency_id, Unit.active, Unit.exempt_clause.is_not(None))
        .order_by(Unit.name)
    ):
        units.setdefault(clause or "", []).append(name)
    return [
        ExemptFact(clause, people.get(clause), () if clause in BY_POST else tuple(units.get(clause, ())))
        for clause in sorted(people.keys() | units.keys(), key=_clause_order)
    ]


def _clause_order(clause: str) -> tuple[int, str]:
    last = clause.rpartition(".")[2]
    return (int(last) if last.isdecimal() else 99, clause)
