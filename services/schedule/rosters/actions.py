"""Life of a roster: draft, proposed, approved, in force, replaced."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import days_between, month_bounds
from services.schedule.letters.actions import withdraw_letter
from services.schedule.letters.drafting import draft_letter
from services.schedule.models import Roster, RosterStatus, Unit
from services.schedule.policy.actions import by_day
from services.schedule.rosters import facts
from services.schedule.rosters.frozen import freeze
from services.schedule.rosters.gather import Period, cells_of, question_of
from services.schedule.rosters.question import Question
from services.schedule.rosters.release import release_swaps
from services.schedule.rosters.rules import plan_roster
from services.schedule.rosters.save import save_plan
from services.schedule.settings import schedule_settings
from shared.clock import wib_date
from shared.durable import Context
from shared.errors import DomainError, NotFound
from shared.settings import Settings

MONTHS_AHEAD = 3
STATUS_TEXT: dict[str, str] = {
    RosterStatus.DRAFT: "rancangan",
    RosterStatus.PROPOSED: "menunggu persetujuan kepala",
    RosterStatus.APPROVED: "menunggu Surat Tugas",
    RosterStatus.IN_FORCE: "berlaku",
    RosterStatus.SUPERSEDED: "diganti",
    RosterStatus.WITHDRAWN: "dicabut",
    RosterStatus.REJECTED: "dikembalikan",
}


class RosterStateError(DomainError):
    status, code = 409, "roster_state"


class RosterAlreadyInForce(DomainError):
    status, code = 409, "roster_already_in_force"


class RosterClashes(DomainError):
    status, code = 409, "roster_clashes"


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
    period = period_of(session, settings, agency_id, month)
    earlier = session.scalars(select(Roster).where(Roster.agency_id == agency_id, Roster.month == period.month)).all()
    for roster in earlier:
        if roster.status == RosterStatus.IN_FORCE:
            raise RosterAlreadyInForce("Jadwal bulan ini sudah berlaku dengan Surat Tugas; ubah dengan adendum.")
        if roster.status in (RosterStatus.PROPOSED, RosterStatus.APPROVED):
            raise RosterStateError("Jadwal bulan ini sedang menunggu persetujuan atau Surat Tugas.")
        if roster.status == RosterStatus.DRAFT:
            session.execute(delete(Roster).where(Roster.id == roster.id))
    version = max((r.version for r in earlier), default=0) + 1
    roster = new_roster(session, period, version, by=by, now=now)
    fill(session, roster, period, question_of(session, period))
    return roster


def period_of(session: Session, settings: Settings, agency_id: str, month: date) -> Period:
    """The days of *month* on which a policy holds for the agency; raises NoPolicy when there are none."""
    first, last = month_bounds(month)
    return Period(agency_id, first, by_day(session, settings, agency_id, days_between(first, last)))


def new_roster(session: Session, period: Period, version: int, *, by: str, now: datetime) -> Roster:
    """An empty draft."""
    roster = Roster(
        agency_id=period.agency_id, month=period.month, version=version, status=RosterStatus.DRAFT,
        policy_id=period.policies[period.starts].id, starts=period.starts, ends=period.ends, created_by=by,
        created_at=now, clashes=[], optimal=True, gap=0, method="",
    )  # fmt: skip
    session.add(roster)
    session.flush()
    return roster


def _refuse_far_month(month: date, today: date) -> None:
    """Rosters are made for last month (late) up to three months ahead."""
    ahead = (month.year - today.year) * 12 + month.month - today.month
    if not -1 <= ahead <= MONTHS_AHEAD:
        raise MonthOutOfRange(f"Jadwal dapat disusun untuk bulan lalu sampai {MONTHS_AHEAD} bulan ke depan.")


def submit_roster(session: Session, roster_id: UUID) -> Roster:
    """The operator hands the draft to the head."""
    roster = locked(session, roster_id, RosterStatus.DRAFT)
    if any(clash["blocking"] for clash in roster.clashes):
        raise RosterClashes("Ada penetapan yang bertentangan dengan aturan. Ubah atau lepas dahulu, lalu susun ulang.")
    roster.status = RosterStatus.PROPOSED
    return roster


def approve_roster(session: Session, context: Context, roster_id: UUID, *, by: str, now: datetime) -> Roster:
    """The head approves (1.d): the roster is frozen, its letter drafted and sent to e-office. Not yet in force."""
    roster = locked(session, roster_id, RosterStatus.PROPOSED)
    roster.status, roster.approved_by, roster.approved_at = RosterStatus.APPROVED, by, now
    freeze(session, context.storage, roster)
    policies = period_of(session, context.settings, roster.agency_id, roster.month).policies
    titles = dict.fromkeys(policy.title for day, policy in sorted(policies.items()))
    settings = schedule_settings(context.settings)
    draft_letter(session, roster, list(titles), differences(session, roster), settings, now=now)
    return roster


def differences(session: Session, roster: Roster) -> list[facts.Difference]:
    """What *roster* alters of the one it amends, by person and day; cells that are new or gone count too."""
    if roster.amends_id is None:
        return []
    before, after = cells_of(session, roster.amends_id), cells_of(session, roster.id)
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        cell = new or old
        assert cell
        if old is None or new is None or old.mode != new.mode:
            modes = (old.mode if old else "", new.mode if new else "")
            found.append(facts.Difference(cell.employee_id, cell.unit_id, cell.date, *modes))
    return found


def reject_roster(session: Session, roster_id: UUID, note: str) -> Roster:
    """The head sends the proposal back with a reason, or withdraws their approval while the letter is unsigned (the
    head may have changed meanwhile); the operator drafts anew."""
    roster = locked(session, roster_id, RosterStatus.PROPOSED, RosterStatus.APPROVED)
    if roster.status == RosterStatus.APPROVED:
        withdraw_letter(session, roster.id, note)
    roster.status, roster.note = RosterStatus.REJECTED, note
    release_swaps(session, roster, note)
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


def fill(session: Session, roster: Roster, period: Period, question: Question) -> None:
    """Plan and write the cells of a roster that has none."""
    if not question.members:
        raise NobodyToRoster("Perangkat daerah ini belum memiliki pegawai aktif.")
    save_plan(session, roster, plan_roster(question), period)
