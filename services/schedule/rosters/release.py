"""Swaps whose roster or addendum will not come: those in a roster in force wait for the superior again, others end."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.schedule.models import Roster, RosterCell, Swap, SwapStatus


def release_swaps(session: Session, change: Roster, note: str) -> None:
    """*change* amends a roster and was dropped or sent back: of its approved swaps those that the roster in force does
    not have are as before the superior's decision, with *note*."""
    if change.amends_id is None:
        end_swaps(session, change, note)
        return
    approved = session.scalars(
        select(Swap)
        .join(
            RosterCell,
            (RosterCell.roster_id == change.amends_id)
            & (RosterCell.employee_id == Swap.asker_id)
            & (RosterCell.date == Swap.gives),
        )
        .where(Swap.agency_id == change.agency_id, Swap.status == SwapStatus.APPROVED, RosterCell.mode == "wfh")
        .with_for_update(of=Swap)
    )
    for swap in approved:
        swap.status, swap.note = SwapStatus.AGREED, note
        swap.decided_by = swap.decided_at = None


def end_swaps(session: Session, roster: Roster, note: str) -> None:
    """*roster* does not come into force: the cells that its swaps exchange are gone, and so is what was agreed."""
    session.execute(
        update(Swap)
        .where(
            Swap.roster_id == roster.id,
            Swap.status.in_((SwapStatus.ASKED, SwapStatus.AGREED, SwapStatus.APPROVED)),
        )
        .values(status=SwapStatus.WITHDRAWN, note=note)
    )
