"""Swaps: two people of a unit exchange a WFH date each; the other agrees, the superior approves, the rules hold."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from services.schedule.calendar.actions import holidays_between
from services.schedule.models import Employee, Roster, RosterCell, RosterRequest, RosterStatus, Swap, SwapStatus
from services.schedule.rosters import changes, requests
from services.schedule.rosters.question import HEADS_WORD, Cell
from shared.clock import wib_date
from shared.durable import Context
from shared.errors import DomainError, NotAllowed, NotFound

SWAP_TEXT = {
    SwapStatus.ASKED: "menunggu rekan",
    SwapStatus.AGREED: "menunggu atasan",
    SwapStatus.APPROVED: "disetujui",
    SwapStatus.REFUSED: "ditolak",
    SwapStatus.WITHDRAWN: "ditarik",
}


NOT_TO_SWAP = HEADS_WORD | {"exempt", "gate", "absent", "pattern"}
"""Rules of cells that no swap may touch."""


class SwapNotPossible(DomainError):
    status, code = 422, "swap_not_possible"


class DayPinned(DomainError):
    status, code = 409, "day_pinned"


class SwapStateError(DomainError):
    status, code = 409, "swap_state"


def ask(
    session: Session, roster_id: UUID, asker_id: str, gives: date, other_id: str, takes: date, *, reason: str,
    now: datetime,
) -> Swap:  # fmt: skip
    """Ask a colleague of the same unit to give their WFH date *takes* for one's own *gives*."""
    roster = session.get(Roster, roster_id)
    if roster is None or roster.status not in (RosterStatus.DRAFT, RosterStatus.IN_FORCE):
        raise SwapNotPossible("Tukar giliran hanya dapat diminta pada rancangan atau jadwal yang berlaku.")
    open_swap = session.scalar(
        select(Swap.id).where(
            Swap.roster_id == roster_id, Swap.asker_id == asker_id, Swap.gives == gives,
            Swap.status.in_((SwapStatus.ASKED, SwapStatus.AGREED)),
        )
    )  # fmt: skip
    if open_swap:
        raise SwapStateError("Tukar giliran untuk hari itu sudah diminta.")
    _cells(session, roster, asker_id, gives, other_id, takes, today=wib_date(now))
    swap = Swap(
        roster_id=roster_id, agency_id=roster.agency_id, asker_id=asker_id, gives=gives, other_id=other_id, takes=takes,
        status=SwapStatus.ASKED, reason=reason, asked_at=now,
    )  # fmt: skip
    session.add(swap)
    session.flush()
    return swap


def agree(session: Session, swap_id: UUID, by: str, *, agrees: bool, now: datetime) -> Swap:
    """The other person's answer."""
    swap = _locked(session, swap_id, SwapStatus.ASKED)
    if swap.other_id != by:
        raise NotAllowed("Hanya rekan yang diminta yang dapat menjawab.")
    swap.status, swap.agreed_at = (SwapStatus.AGREED if agrees else SwapStatus.REFUSED), now
    return swap


def withdraw(session: Session, swap_id: UUID, by: str) -> Swap:
    """The asker's change of mind, as long as the superior has not decided."""
    swap = _locked(session, swap_id, SwapStatus.ASKED, SwapStatus.AGREED)
    if swap.asker_id != by:
        raise NotAllowed("Hanya pemohon yang dapat menarik permintaan ini.")
    swap.status = SwapStatus.WITHDRAWN
    return swap


def decide(
    session: Session, context: Context, swap_id: UUID, *, approves: bool, note: str | None, by_id: str, by: str
) -> Swap:
    """The superior's decision. Approved, it goes into the draft, or into an addendum's draft for the head, and what the
    two had wished for themselves on these days is given up."""
    swap = _locked(session, swap_id, SwapStatus.AGREED)
    superiors = {
        superior
        for superior in session.scalars(
            select(Employee.superior_id).where(Employee.id.in_((swap.asker_id, swap.other_id)))
        )
        if superior
    }
    if by_id not in superiors:
        raise NotAllowed("Tukar giliran disetujui oleh atasan langsung.")
    swap.decided_by, swap.decided_at, swap.note = by, context.now(), note
    if not approves:
        swap.status = SwapStatus.REFUSED
        return swap
    roster = changes.successor(session, session.get_one(Roster, swap.roster_id))
    today = wib_date(context.now())
    current = changes.latest(session, roster)
    cells = _cells(session, current, swap.asker_id, swap.gives, swap.other_id, swap.takes, today=today)
    edits = {
        (cell.employee_id, cell.date): cell._replace(
            mode="wfo" if cell.mode == "wfh" else "wfh", clause="1.d", rule="swap", limit_id=None
        )
        for cell in cells
    }
    changes.exchange(session, context, roster.id, edits, reason=swap.reason, by=by)
    requests.give_up(session, {key: cell.mode for key, cell in edits.items()})
    swap.status = SwapStatus.APPROVED
    return swap


def _cells(
    session: Session, roster: Roster, asker_id: str, gives: date, other_id: str, takes: date, *, today: date
) -> list[Cell]:
    """The four cells that a swap turns round: each gives a WFH date and gets the other's, on which they were to be at
    the office with nothing but turns keeping them there."""
    if asker_id == other_id or gives == takes:
        raise SwapNotPossible("Tukar giliran memerlukan dua orang dan dua hari yang berbeda.")
    if min(gives, takes) <= today:
        raise SwapNotPossible("Hari yang ditukar harus setelah hari ini.")
    off = holidays_between(session, min(gives, takes), max(gives, takes))
    if gives in off or takes in off:
        raise SwapNotPossible("Salah satu hari itu sudah menjadi hari libur.")
    rows = session.execute(
        select(RosterCell, pinned()).where(
            RosterCell.roster_id == roster.id,
            RosterCell.employee_id.in_((asker_id, other_id)),
            RosterCell.date.in_((gives, takes)),
        )
    ).all()
    found = {(row.employee_id, row.date): row for row, _ in rows}
    wanted = {(asker_id, gives): "wfh", (asker_id, takes): "wfo", (other_id, takes): "wfh", (other_id, gives): "wfo"}
    for key, mode in wanted.items():
        row = found.get(key)
        if row is None or row.mode != mode or row.rule in NOT_TO_SWAP:
            raise SwapNotPossible("Masing-masing harus WFH pada hari yang diberikan dan WFO pada hari yang diterima.")
    if any(held for _, held in rows):
        raise DayPinned("Salah satu hari itu ditetapkan oleh operator atau kepala; penetapannya harus dilepas dahulu.")
    if len({row.unit_id for row in found.values()}) != 1:
        raise SwapNotPossible("Tukar giliran hanya antara rekan satu unit kerja.")
    return [
        Cell(row.employee_id, row.unit_id, row.date, row.mode, row.clause, row.rule, row.limit_id)
        for row in found.values()
    ]


def pinned() -> ColumnElement[bool]:
    """Of cells: those that a pin holds as they are. An approved wish is no pin: it was for the person's own sake, and
    they may give it up."""
    return exists().where(
        RosterRequest.employee_id == RosterCell.employee_id, RosterRequest.date == RosterCell.date,
        RosterRequest.status == "approved", RosterRequest.kind == "pin", RosterRequest.mode == RosterCell.mode,
    )  # fmt: skip


def _locked(session: Session, swap_id: UUID, *allowed: SwapStatus) -> Swap:
    swap = session.get(Swap, swap_id, with_for_update=True)
    if swap is None:
        raise NotFound("Permintaan tukar giliran tidak ditemukan.")
    if swap.status not in allowed:
        raise SwapStateError(f"Permintaan ini sudah berstatus “{SWAP_TEXT[SwapStatus(swap.status)]}”.")
    return swap
