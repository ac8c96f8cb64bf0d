"""With its signed letter a roster is in force (1.d)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.schedule.models import Letter, Roster, RosterStatus
from services.schedule.rosters import facts
from services.schedule.rosters.frozen import require_frozen
from shared import outbox
from shared.clock import wib_date
from shared.contracts.schedule import LetterRef, RosterInForceV1, Signer
from shared.errors import DomainError
from shared.storage import Storage


class LetterStateError(DomainError):
    status, code = 409, "letter_state"


class LetterTooLate(DomainError):
    status, code = 409, "letter_too_late"


def locked_letter(session: Session, letter_id: UUID) -> Letter | None:
    """The letter, locked, after its roster and the one that this amends: in the order in which the head changes
    rosters and takes letters back, so that the two wait for each other and never both."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        return None
    amends_id = session.get_one(Roster, letter.roster_id).amends_id
    for roster_id in (amends_id, letter.roster_id):
        if roster_id is not None:
            session.get_one(Roster, roster_id, with_for_update=True)
    return session.get_one(Letter, letter_id, with_for_update=True)


def require_can_hold(session: Session, storage: Storage, letter: Letter, *, now: datetime) -> Roster:
    """The letter's roster, when a signature of this moment would put it in force. letter: as from locked_letter.

    Asked before anybody signs: a signed letter whose roster cannot hold is one too many. Raises LetterTooLate when all
    its days are over, LetterStateError when the roster that it changes is no longer in force, SnapshotDiffers when it
    is not what the head approved.
    """
    roster = session.get_one(Roster, letter.roster_id)
    if roster.amends_id is not None:
        base = session.get_one(Roster, roster.amends_id)
        if base.status != RosterStatus.IN_FORCE:
            raise LetterStateError("Jadwal yang diubah oleh surat ini sudah tidak berlaku.")
    if wib_date(now) > roster.ends:
        raise LetterTooLate("Semua hari dalam jadwal ini sudah lewat, sehingga tidak dapat diberlakukan lagi.")
    require_frozen(session, storage, roster)
    return roster


def put_in_force(session: Session, roster: Roster, letter: Letter, public_url: str, *, now: datetime) -> None:
    """The signed letter's roster is in force from the day of signing on, not before (1.d); it replaces what was.

    A change begins on the day after it was drafted, or on the day recalled; what came before stays as it was.
    roster: as :func:`require_can_hold` gave it in the same transaction, for the same *now*.
    """
    roster.starts = max(roster.starts, wib_date(now))
    replaced = session.scalars(
        select(Roster)
        .where(
            Roster.agency_id == roster.agency_id,
            Roster.month == roster.month,
            or_(
                Roster.status == RosterStatus.IN_FORCE,
                and_(Roster.in_force_at.is_not(None), Roster.ends >= roster.starts),
            ),
        )
        .with_for_update()
    )
    # Besides the one in force an earlier one may still have days: a recall begins on its own date. Each day belongs to
    # one roster.
    for former in replaced:
        former.status = RosterStatus.WITHDRAWN if roster.change == "withdrawal" else RosterStatus.SUPERSEDED
        former.ends = min(former.ends, roster.starts - timedelta(days=1))
    session.flush()  # the database allows one roster in force per agency and month, at every moment
    roster.status, roster.in_force_at = RosterStatus.IN_FORCE, now
    outbox.emit(session, in_force_event(session, roster, letter, public_url), now=now)


def in_force_event(session: Session, roster: Roster, letter: Letter, public_url: str) -> RosterInForceV1:
    assert letter.number
    assert letter.letter_date
    assert letter.signed_sha256
    assert letter.signed_at
    signer = letter.content["signer"]
    return RosterInForceV1(
        roster_id=str(roster.id),
        agency_id=roster.agency_id,
        month=roster.month,
        version=roster.version,
        starts=roster.starts,
        ends=roster.ends,
        letter=LetterRef(
            id=str(letter.id),
            number=letter.number,
            date=letter.letter_date,
            sha256=letter.signed_sha256,
            url=f"{public_url}/schedule/api/letters/{letter.id}/pdf",
            signed_at=letter.signed_at,
            signer=Signer(letter.signer_id, signer["name"], signer["nip"], signer["post"]),
        ),
        assignments=facts.assignments(session, roster.id, roster.starts),
        days=facts.day_counts(session, roster.agency_id, roster.month),
        exemptions=facts.exemption_counts(session, roster.id),
    )
