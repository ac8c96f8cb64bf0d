"""Life of a roster: draft, proposed, approved, in force, replaced."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import days_between, month_bounds
from services.schedule.letters.actions import withdraw_letter
from services.schedule.letters.drafting import draft_letter
from services.schedule.models import Roster, RosterStatus, Swap, Unit
from services.schedule.policy.actions import by_day, holding, remembered
from services.schedule.policy.rules import Policy
from services.schedule.rosters import basis, facts
from services.schedule.rosters.frozen import freeze
from services.schedule.rosters.gather import Period, cells_of, question_of
from services.schedule.rosters.question import Question
from services.schedule.rosters.release import end_swaps, release_swaps
from services.schedule.rosters.rules import plan_roster
from services.schedule.rosters.save import save_plan
from services.schedule.settings import schedule_settings
from shared.clock import wib_date
from shared.durable import Context
from shared.errors import DomainError, NotFound
from shared.settings import Settings

MONTHS_AHEAD = 3
SOLVED_ANEW = (None, "amendment")
"""Changes whose open days are planned by the policies of today: a first roster, and an amendment."""

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


class PolicyChanged(DomainError):
    status, code = 409, "policy_changed"


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
    version = max((r.version for r in earlier), default=0) + 1
    roster = new_roster(session, period, version, by=by, now=now)
    fill(session, roster, period, question_of(session, period))
    for former in earlier:
        if former.status == RosterStatus.DRAFT:
            _replace(session, former, roster)
    return roster


def _replace(session: Session, draft: Roster, roster: Roster) -> None:
    """*roster* takes the place of *draft*; swaps in it end, and stay on record with the new one."""
    end_swaps(session, draft, "Jadwal disusun ulang; ajukan lagi bila masih perlu.")
    session.execute(update(Swap).where(Swap.roster_id == draft.id).values(roster_id=roster.id))
    session.execute(delete(Roster).where(Roster.id == draft.id))


def period_of(session: Session, settings: Settings, agency_id: str, month: date) -> Period:
    """The days of *month* on which a policy holds for the agency; raises NoPolicy when there are none."""
    first, last = month_bounds(month)
    return Period(agency_id, first, by_day(session, settings, agency_id, days_between(first, last)))


def period_kept(session: Session, settings: Settings, roster: Roster) -> Period:
    """The days of *roster* by the policies that it was drafted with, whether they still hold or not. One that is no
    longer kept gives way to what holds; raises NoPolicy when there is neither."""
    days = days_between(*month_bounds(roster.month))
    found: dict[date, Policy | None]
    if roster.basis:
        by_id = {entry["id"]: remembered(session, settings, entry["id"]) for entry in roster.basis}
        found = {day: by_id[entry["id"]] for day in days if (entry := basis.on(roster.basis, day))}
        lost = [day for day, policy in found.items() if policy is None]
        found |= holding(session, settings, roster.agency_id, lost) if lost else {}
    else:  # of rosters from before only the policy of their first day is known
        own = [day for day in days if roster.starts <= day <= roster.ends]
        found = dict.fromkeys(own, remembered(session, settings, roster.policy_id))
        found |= holding(session, settings, roster.agency_id, days)
    policies = {day: policy for day, policy in found.items() if policy}
    if not policies:
        return period_of(session, settings, roster.agency_id, roster.month)  # which tells that there is none
    return Period(roster.agency_id, roster.month, policies)


def new_roster(session: Session, period: Period, version: int, *, by: str, now: datetime) -> Roster:
    """An empty draft."""
    roster = Roster(
        agency_id=period.agency_id, month=period.month, version=version, status=RosterStatus.DRAFT,
        policy_id=period.policies[period.starts].id, starts=period.starts, ends=period.ends, created_by=by,
        created_at=now, basis=[], clashes=[], optimal=True, gap=0, method="",
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
    """The head approves (1.d): the roster is frozen, its letter drafted and sent to e-office. Not yet in force.

    Raises PolicyChanged when other policies hold by now than those it was solved with.
    """
    roster = locked(session, roster_id, RosterStatus.PROPOSED)
    _refuse_other_policies(session, context.settings, roster)
    roster.status, roster.approved_by, roster.approved_at = RosterStatus.APPROVED, by, now
    freeze(session, context.storage, roster)
    stands_on = roster.basis or basis.basis_of(period_kept(session, context.settings, roster).policies)
    settings = schedule_settings(context.settings)
    draft_letter(session, roster, basis.titles(stands_on), differences(session, roster), settings, now=now)
    return roster


def _refuse_other_policies(session: Session, settings: Settings, roster: Roster) -> None:
    """A head does not approve by rules that hold no more. Swaps, recalls and withdrawals solve nothing anew: they keep
    the rules of the roster that they change, as the lifting of a recall does; so do rosters whose policies were not
    kept."""
    if not roster.basis or roster.change not in SOLVED_ANEW:
        return
    since = roster.starts if roster.amends_id else roster.month
    days = days_between(since, month_bounds(roster.month)[1])
    now = basis.basis_of(holding(session, settings, roster.agency_id, days))
    if changed := basis.first_difference(basis.since(roster.basis, since), now):
        raise PolicyChanged(
            f"Kebijakan yang berlaku mulai {changed:%d-%m-%Y} sudah berubah sejak jadwal ini disusun. "
            "Kembalikan jadwal ini, lalu susun ulang."
        )


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
    """Plan and write the cells of a roster that has none; on the days planned it stands on *period*'s policies."""
    if not question.members:
        raise NobodyToRoster("Perangkat daerah ini belum memiliki pegawai aktif.")
    since = question.locked_until + timedelta(days=1) if question.locked_until else period.month
    roster.basis = basis.continued(roster.basis, since, basis.basis_of(period.policies))
    save_plan(session, roster, plan_roster(question))
