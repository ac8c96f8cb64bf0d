"""Life of a roster: draft, proposed, approved, in force, replaced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import days_between, holidays_between, month_bounds
from services.schedule.letters.actions import draft_letter, withdraw_letter
from services.schedule.models import (
    Absence,
    Employee,
    QuotaChoice,
    Roster,
    RosterCell,
    RosterQuota,
    RosterStatus,
    Unit,
)
from services.schedule.people.actions import effective_clauses
from services.schedule.policy.actions import by_id, in_month
from services.schedule.policy.rules import Policy, Quota
from services.schedule.rosters.rules import Cell, Member, Plan, exemption_of, plan_roster
from shared.clock import wib_date
from shared.errors import DomainError, NotFound
from shared.settings import Settings

MONTHS_AHEAD = 3
STATUS_TEXT: dict[str, str] = {
    RosterStatus.DRAFT: "rancangan",
    RosterStatus.PROPOSED: "menunggu persetujuan kepala",
    RosterStatus.APPROVED: "menunggu Surat Tugas",
    RosterStatus.IN_FORCE: "berlaku",
    RosterStatus.REPLACED: "diganti",
    RosterStatus.REJECTED: "dikembalikan",
}


class RosterStateError(DomainError):
    status, code = 409, "roster_state"


class RosterAlreadyInForce(DomainError):
    status, code = 409, "roster_already_in_force"


class MonthOutOfRange(DomainError):
    status, code = 422, "month_out_of_range"


class NobodyToRoster(DomainError):
    status, code = 422, "nobody_to_roster"


def draft_roster(
    session: Session, settings: Settings, agency_id: str, month: date, *, by: str, now: datetime
) -> Roster:
    """Make the next version of an agency's roster for *month*; an open draft is replaced by the new one."""
    agency = session.get(Unit, agency_id, with_for_update=True)  # drafts of one agency take turns
    if agency is None or not agency.is_agency:
        raise NotFound("Perangkat daerah tidak ditemukan.")
    _refuse_far_month(month, wib_date(now))
    first, last = month_bounds(month)
    policy = in_month(settings, first, last)
    earlier = session.scalars(select(Roster).where(Roster.agency_id == agency_id, Roster.month == first)).all()
    for roster in earlier:
        if roster.status == RosterStatus.IN_FORCE:
            raise RosterAlreadyInForce("Jadwal bulan ini sudah berlaku dengan Surat Tugas.")
        if roster.status in (RosterStatus.PROPOSED, RosterStatus.APPROVED):
            raise RosterStateError("Jadwal bulan ini sedang menunggu persetujuan atau Surat Tugas.")
        if roster.status == RosterStatus.DRAFT:
            session.execute(delete(Roster).where(Roster.id == roster.id))
    roster = Roster(
        agency_id=agency_id,
        month=first,
        version=max((r.version for r in earlier), default=0) + 1,
        status=RosterStatus.DRAFT,
        policy_id=policy.id,
        starts=max(first, policy.valid_from),
        ends=min(last, policy.valid_to or last),
        created_by=by,
        created_at=now,
    )
    session.add(roster)
    session.flush()
    _fill(session, roster, policy)
    return roster


def _refuse_far_month(month: date, today: date) -> None:
    """Rosters are made for last month (late) up to three months ahead."""
    ahead = (month.year - today.year) * 12 + month.month - today.month
    if not -1 <= ahead <= MONTHS_AHEAD:
        raise MonthOutOfRange(f"Jadwal dapat disusun untuk bulan lalu sampai {MONTHS_AHEAD} bulan ke depan.")


def submit_roster(session: Session, roster_id: UUID) -> Roster:
    """The operator hands the draft to the head."""
    roster = locked(session, roster_id, RosterStatus.DRAFT)
    roster.status = RosterStatus.PROPOSED
    return roster


def approve_roster(session: Session, settings: Settings, roster_id: UUID, *, by: str, now: datetime) -> Roster:
    """The head approves (1.d): the letter is drafted and goes to e-office. The roster is not yet in force."""
    roster = locked(session, roster_id, RosterStatus.PROPOSED)
    roster.status, roster.approved_by, roster.approved_at = RosterStatus.APPROVED, by, now
    draft_letter(session, roster, by_id(settings, roster.policy_id), now=now)
    return roster


def reject_roster(session: Session, roster_id: UUID, note: str) -> Roster:
    """The head sends the proposal back with a reason, or withdraws their approval while the letter is unsigned (the
    head may have changed meanwhile); the operator drafts anew."""
    roster = locked(session, roster_id, RosterStatus.PROPOSED, RosterStatus.APPROVED)
    if roster.status == RosterStatus.APPROVED:
        withdraw_letter(session, roster.id, note)
    roster.status, roster.note = RosterStatus.REJECTED, note
    return roster


def locked(session: Session, roster_id: UUID, *allowed: RosterStatus) -> Roster:
    """The roster, locked, when it stands where it may be acted upon."""
    roster = session.get(Roster, roster_id, with_for_update=True)
    if roster is None:
        raise NotFound("Jadwal tidak ditemukan.")
    if roster.status not in allowed:
        raise RosterStateError(
            f"Jadwal ini berstatus “{STATUS_TEXT[roster.status]}”, sehingga langkah ini tidak dapat dilakukan."
        )
    return roster


def working_days(session: Session, policy: Policy, first: date, last: date) -> list[date]:
    """Days that have a work mode: those of the weekly pattern that are no holiday or joint leave (1.b)."""
    off = holidays_between(session, first, last)
    return [day for day in days_between(first, last) if day.weekday() in policy.pattern and day not in off]


def _fill(session: Session, roster: Roster, policy: Policy) -> None:
    members = _members(session, roster, policy)
    if not members:
        raise NobodyToRoster("Perangkat daerah ini belum memiliki pegawai aktif.")
    days = working_days(session, policy, roster.starts, roster.ends)
    plan = plan_roster(
        members, days, _absences(session, members, roster), policy, _quota(session, roster.agency_id, policy)
    )
    _save(session, roster.id, plan)


def _members(session: Session, roster: Roster, policy: Policy) -> list[Member]:
    units = session.scalars(select(Unit)).all()
    clauses = effective_clauses(units)
    turns: dict[str, int] = dict(
        session.execute(
            select(RosterCell.employee_id, func.count())
            .join(Roster)
            .where(
                Roster.agency_id == roster.agency_id,
                Roster.status == RosterStatus.IN_FORCE,
                Roster.month >= roster.month - timedelta(days=366),
                RosterCell.mode == "wfh",
            )
            .group_by(RosterCell.employee_id)
        ).all()
    )
    people = session.scalars(select(Employee).where(Employee.agency_id == roster.agency_id, Employee.active))
    return [
        Member(
            person.id,
            person.nip,
            person.unit_id,
            exemption_of(person.post, person.echelon, clauses.get(person.unit_id), policy),
            turns.get(person.id, 0),
        )
        for person in people
    ]


def _absences(session: Session, members: Iterable[Member], roster: Roster) -> dict[tuple[str, date], str]:
    rows = session.scalars(
        select(Absence).where(
            Absence.employee_id.in_([member.id for member in members]),
            Absence.starts <= roster.ends,
            Absence.ends >= roster.starts,
        )
    )
    return {
        (row.employee_id, day): row.kind
        for row in rows
        for day in days_between(max(row.starts, roster.starts), min(row.ends, roster.ends))
    }


def _quota(session: Session, agency_id: str, policy: Policy) -> Quota:
    choice = session.get(QuotaChoice, agency_id)
    return Quota(choice.share, choice.min_on_site) if choice else policy.quota


def _save(session: Session, roster_id: UUID, plan: Plan) -> None:
    _copy_cells(session.connection(), roster_id, plan.cells)
    rows = [{"roster_id": roster_id, **vars(unit_day)} for unit_day in plan.unit_days]
    if rows:
        session.execute(insert(RosterQuota), rows)


def _copy_cells(connection: Connection, roster_id: UUID, cells: Iterable[Cell]) -> None:
    """COPY: an agency with a thousand people has twenty thousand cells a month."""
    cursor = connection.connection.cursor()
    columns = "roster_id, employee_id, unit_id, date, mode, clause, rule"
    with cursor.copy(f"copy roster_cell ({columns}) from stdin") as copy:
        for cell in cells:
            copy.write_row((roster_id, *cell))
