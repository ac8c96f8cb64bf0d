"""Changes of a roster in force: a new version, and an addendum letter with the difference (1.d).

Nothing changes before that letter is signed. One change of an agency's month is under way at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.schedule.models import Roster, RosterCell, RosterLimit, RosterStatus, Unit
from services.schedule.rosters import actions
from services.schedule.rosters.clashes import ClashFound
from services.schedule.rosters.gather import Period, cells_of, question_of
from services.schedule.rosters.question import SHARED_RULES, Cell, Key, Pin, Question
from services.schedule.rosters.release import release_swaps
from services.schedule.rosters.rules import edited_plan, plan_roster
from services.schedule.rosters.save import save_plan
from shared import outbox
from shared.clock import wib_date
from shared.contracts.schedule import RecallOrderedV1
from shared.durable import Context
from shared.errors import DomainError

AMENDMENT, SWAP, RECALL, LIFTING, WITHDRAWAL = "amendment", "swap", "recall", "lifting", "withdrawal"
CHANGE_TEXT = {
    AMENDMENT: "perubahan jadwal",
    SWAP: "tukar giliran",
    RECALL: "penarikan ke kantor",
    LIFTING: "pembatalan penarikan ke kantor",
    WITHDRAWAL: "pencabutan Surat Tugas",
}
OFFICE_CLAUSE = "1.d"
WORD_OF = {RECALL: "recall", WITHDRAWAL: "withdrawn"}
"""Change by the head → rule of its cells (HEADS_WORD)."""


class ChangeUnderWay(DomainError):
    status, code = 409, "change_under_way"


class NothingToChange(DomainError):
    status, code = 422, "nothing_to_change"


class RuleBroken(DomainError):
    status, code = 409, "rule_broken"


def amend_roster(session: Session, context: Context, roster_id: UUID, *, reason: str, by: str) -> Roster:
    """Solve the rest of a month in force anew, after leave, moves or rules have changed: as few dates as can be change.

    The draft goes the way of every roster: submitted, approved, by letter in force.
    """
    base, roster, period = _new_version(session, context, roster_id, AMENDMENT, reason=reason, by=by)
    today = wib_date(context.now())
    roster.starts = today + timedelta(days=1)
    question = question_of(session, period, former=cells_of(session, base.id), locked_until=today)
    actions.fill(session, roster, period, question)
    if not actions.differences(session, roster):
        raise NothingToChange("Tidak ada hari yang perlu diubah: jadwal yang berlaku sudah sesuai.")
    return roster


def recall(
    session: Session, context: Context, roster_id: UUID, day: date, *, unit_id: str | None, reason: str, by: str
) -> Roster:
    """The head turns *day* to the office, for the agency or one unit: approved at once, and people are told at once.

    Nobody gets a turn on it in later changes. The addendum letter still has to be signed. Another change that is under
    way gives way to it.
    """
    today = wib_date(context.now())
    if day < today:
        raise NothingToChange("Hari itu sudah lewat.")

    def recalled(cell: Cell) -> bool:
        return cell.date == day and (unit_id is None or cell.unit_id == unit_id)

    roster = _change_by_head(
        session, context, roster_id, RECALL, recalled, locked_until=day - timedelta(days=1), reason=reason, by=by
    )
    told = [change.employee_id for change in actions.differences(session, roster)]
    event = RecallOrderedV1(str(roster.id), roster.agency_id, day, reason, by, told)
    outbox.emit(session, event, now=context.now())
    return roster


def lift_recall(
    session: Session, context: Context, roster_id: UUID, day: date, *, unit_id: str | None, reason: str, by: str
) -> Roster:
    """The head takes the recall of a day back, for the agency or one unit: approved at once, in force when signed.

    The day is shared anew among those called back, who had the turn before first; all other cells stay. Another change
    that is under way gives way to it.
    """
    if day <= wib_date(context.now()):
        raise NothingToChange("Penarikan hanya dapat dibatalkan untuk hari setelah hari ini.")
    _make_way(session, roster_id, LIFTING, reason)
    base, roster, period = _new_version(session, context, roster_id, LIFTING, reason=reason, by=by)
    cells = cells_of(session, base.id)
    freed = {key for key, cell in cells.items() if _recalled(cell, day) and unit_id in (None, cell.unit_id)}
    if not freed:
        raise NothingToChange(
            "Tidak ada penarikan ke kantor yang berlaku pada hari itu. Penarikan yang suratnya belum ditandatangani "
            "dibatalkan dengan menarik kembali persetujuannya."
        )
    others = {key: cell for key, cell in cells.items() if key not in freed}
    former = others | _before_recall(session, base, day, freed)
    question = question_of(session, period, former=former, locked_until=day - timedelta(days=1))
    plan = plan_roster(_but_for(freed, question))
    edits = {key: cell for cell in plan.cells if (key := (cell.employee_id, cell.date)) in freed}
    if not any(cell.mode == "wfh" for cell in edits.values()):
        raise NothingToChange("Tidak ada yang dapat bertugas dari rumah pada hari itu; penarikannya tetap.")
    roster.starts = day
    told = [
        clash
        for clash in plan.clashes
        if any(part.yields and (part.employee_id, part.date) in freed for part in clash.parts)
    ]
    _write(session, roster, question, others, edits, strict=False, clashes=told)
    roster.status = RosterStatus.PROPOSED
    return actions.approve_roster(session, context, roster.id, by=by, now=context.now())


def recalled_days(session: Session, roster: Roster, since: date) -> list[date]:
    """Days from *since* on whose recall a head may lift."""
    if roster.status != RosterStatus.IN_FORCE:
        return []
    query = select(RosterCell.date).where(
        RosterCell.roster_id == roster.id, RosterCell.rule == WORD_OF[RECALL], RosterCell.date >= since
    )
    return list(session.scalars(query.distinct().order_by(RosterCell.date)))


def withdraw_roster(session: Session, context: Context, roster_id: UUID, *, reason: str, by: str) -> Roster:
    """The head takes the letter back: from tomorrow on everyone is at the office, once the letter of that is signed."""
    today = wib_date(context.now())
    return _change_by_head(
        session, context, roster_id, WITHDRAWAL, lambda _: True, locked_until=today, reason=reason, by=by
    )


def exchange(
    session: Session, context: Context, roster_id: UUID, edits: Mapping[Key, Cell], *, reason: str, by: str
) -> Roster:
    """Put the cells of a swap into the roster: into its draft, or into an addendum's draft when it is in force.

    Raises RuleBroken when a hard rule would be broken.
    """
    roster = session.get_one(Roster, roster_id, with_for_update=True)
    if roster.status == RosterStatus.IN_FORCE:
        waiting = _under_way(session, roster)
        if waiting is not None and waiting.status == RosterStatus.DRAFT:
            base, target, cells = roster, waiting, cells_of(session, waiting.id)
            period = actions.period_kept(session, context.settings, waiting)
            _empty(session, waiting)
        else:
            base, target, period = _new_version(session, context, roster_id, SWAP, reason=reason, by=by)
            cells = cells_of(session, base.id)
        former, locked = cells_of(session, base.id), wib_date(context.now())
        target.starts = locked + timedelta(days=1)
    else:
        actions.locked(session, roster_id, RosterStatus.DRAFT)
        period = actions.period_of(session, context.settings, roster.agency_id, roster.month)
        former, target, cells, locked = None, roster, cells_of(session, roster.id), None
        _empty(session, roster)
    question = question_of(session, period, former=former, locked_until=locked)
    _write(session, target, question, cells, edits)
    return target


def successor(session: Session, roster: Roster) -> Roster:
    """The roster in force in place of *roster*, if it was superseded; else itself."""
    if roster.status != RosterStatus.SUPERSEDED:
        return roster
    query = select(Roster).where(
        Roster.agency_id == roster.agency_id, Roster.month == roster.month, Roster.status == RosterStatus.IN_FORCE
    )
    return session.scalar(query) or roster


def latest(session: Session, roster: Roster) -> Roster:
    """The draft that changes *roster*, if there is one, else itself: what a further change builds upon."""
    waiting = _under_way(session, roster) if roster.status == RosterStatus.IN_FORCE else None
    return waiting if waiting is not None and waiting.status == RosterStatus.DRAFT else roster


def _change_by_head(
    session: Session, context: Context, roster_id: UUID, change: str, concerns: Callable[[Cell], bool], *,
    locked_until: date, reason: str, by: str,
) -> Roster:  # fmt: skip
    """A new version that sends people to the office on the open days it *concerns*, approved by the head who asks.

    Cells of those who had no turn that day bear the head's word, too: nobody is to get one by a later change.
    """
    _make_way(session, roster_id, change, reason)
    base, roster, period = _new_version(session, context, roster_id, change, reason=reason, by=by)
    cells = cells_of(session, base.id)
    question = question_of(session, period, former=cells, locked_until=locked_until)
    edits = {
        key: cell._replace(mode="wfo", clause=OFFICE_CLAUSE, rule=WORD_OF[change], limit_id=None)
        for key, cell in cells.items()
        if cell.date > locked_until and cell.rule in SHARED_RULES and concerns(cell)
    }
    if not any(cells[key].mode == "wfh" for key in edits):
        raise NothingToChange("Tidak ada hari WFH yang tersisa untuk diubah.")
    roster.starts = locked_until + timedelta(days=1)
    _write(session, roster, question, cells, edits, strict=False)
    roster.status = RosterStatus.PROPOSED
    return actions.approve_roster(session, context, roster.id, by=by, now=context.now())


def _make_way(session: Session, roster_id: UUID, change: str, reason: str) -> None:
    """Send back what waits for approval or signature: the head's *change* goes before it."""
    waiting = _under_way(session, actions.locked(session, roster_id, RosterStatus.IN_FORCE))
    if waiting is not None and waiting.status != RosterStatus.DRAFT:
        actions.reject_roster(session, waiting.id, f"Didahului oleh {CHANGE_TEXT[change]}: {reason}"[:500])


def _recalled(cell: Cell, day: date) -> bool:
    return cell.date == day and cell.rule == WORD_OF[RECALL]


def _before_recall(session: Session, roster: Roster, day: date, keys: Collection[Key]) -> dict[Key, Cell]:
    """The cells of *keys* as they were before *day* was recalled in one of the rosters that led to *roster*."""
    found: dict[Key, Cell] = {}
    left, amends_id = set(keys), roster.amends_id
    while left and amends_id:
        cells = cells_of(session, amends_id, day)
        found |= {key: cells[key] for key in left if key in cells and not _recalled(cells[key], day)}
        left = {key for key in left if key in cells and _recalled(cells[key], day)}
        amends_id = session.get_one(Roster, amends_id).amends_id
    return found


def _but_for(freed: Set[Key], question: Question) -> Question:
    """*question* with all but the *freed* cells held as they are, so that they count and nothing else changes."""
    held = {
        key: Pin("wfh" if (cell := question.former.get(key)) and cell.mode == "wfh" else "wfo")
        for day in question.wfh_dates()
        for member in question.members
        if (key := (member.id, day)) not in freed
    }
    return replace(question, pins={key: pin for key, pin in question.pins.items() if key in freed} | held)


def _new_version(
    session: Session, context: Context, roster_id: UUID, change: str, *, reason: str, by: str
) -> tuple[Roster, Roster, Period]:
    """(roster in force, empty draft that amends it, period); one change of a month at a time. Only an amendment goes
    by the policies that hold; other changes by those of the roster, retired or not."""
    base = actions.locked(session, roster_id, RosterStatus.IN_FORCE)
    session.get_one(Unit, base.agency_id, with_for_update=True)  # changes of one agency take turns
    waiting = _under_way(session, base)
    if waiting is not None and waiting.status != RosterStatus.DRAFT:
        raise ChangeUnderWay("Perubahan lain jadwal ini masih menunggu persetujuan atau tanda tangan.")
    if waiting is not None:
        release_swaps(session, waiting, f"Didahului oleh {CHANGE_TEXT[change]}; perlu disetujui lagi.")
        session.delete(waiting)
        session.flush()
    if change == AMENDMENT:
        period = actions.period_of(session, context.settings, base.agency_id, base.month)
    else:
        period = actions.period_kept(session, context.settings, base)
    version = 1 + max(
        session.scalars(select(Roster.version).where(Roster.agency_id == base.agency_id, Roster.month == base.month))
    )
    roster = actions.new_roster(session, period, version, by=by, now=context.now())
    roster.amends_id, roster.change, roster.reason = base.id, change, reason
    roster.basis = base.basis  # cells that stay are explained by what decided them
    return base, roster, period


def _under_way(session: Session, base: Roster) -> Roster | None:
    return session.scalar(
        select(Roster)
        .where(
            Roster.agency_id == base.agency_id,
            Roster.month == base.month,
            Roster.status.in_((RosterStatus.DRAFT, RosterStatus.PROPOSED, RosterStatus.APPROVED)),
        )
        .with_for_update()
    )


def _write(
    session: Session, roster: Roster, question: Question, cells: Mapping[Key, Cell], edits: Mapping[Key, Cell], *,
    strict: bool = True, clashes: Sequence[ClashFound] = (),
) -> None:  # fmt: skip
    """Fill a roster that has no cells with *cells*, and *edits* in place of theirs. strict: the edits must keep every
    hard rule; sending people to the office always may be done. clashes: to be told besides those of the roster."""
    left = {key for key in question.elsewhere if question.locked_until is None or key[1] > question.locked_until}
    plan, broken = edited_plan(question, {key: cell for key, cell in {**cells, **edits}.items() if key not in left})
    if strict and broken:
        _, before = edited_plan(question, cells)  # what was broken already, by leave for instance, is not this change's
        if Counter(broken) - Counter(before):
            raise RuleBroken("Perubahan ini melanggar aturan jumlah pegawai di kantor atau hari berturut-turut.")
    known = roster.clashes
    save_plan(session, roster, replace(plan, clashes=list(clashes)))
    roster.clashes = known + roster.clashes  # pins that clash do so still


def _empty(session: Session, roster: Roster) -> None:
    session.execute(delete(RosterCell).where(RosterCell.roster_id == roster.id))
    session.execute(delete(RosterLimit).where(RosterLimit.roster_id == roster.id))
