"""Life of an assignment letter (1.d): drafted, pushed to e-office, numbered, signed; then its roster is in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.schedule.integrations.eoffice import EofficeClient, Numbered, Returned, numbered_in, returned_in
from services.schedule.integrations.signer import Signatory
from services.schedule.letters.numbering import take_number
from services.schedule.letters.render import Verification, render_letter
from services.schedule.letters.rules import (
    Change,
    FormerLetter,
    LetterPerson,
    LetterSigner,
    addendum_content,
    letter_content,
)
from services.schedule.letters.signing import checked, signer_of
from services.schedule.models import Employee, Letter, LetterStatus, Roster, RosterStatus, Unit
from services.schedule.people.tree import leader_on
from services.schedule.rosters import facts
from services.schedule.rosters.release import release_swaps
from services.schedule.settings import ScheduleSettings, schedule_settings
from shared import jobs, outbox
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.contracts.schedule import LetterRef, RosterInForceV1, Signer
from shared.durable import Context
from shared.errors import DomainError, NotFound, NotYet
from shared.storage import sha256

log = structlog.get_logger()

KIND, ADDENDUM_KIND, WITHDRAWAL_KIND = "assignment_letter", "addendum_letter", "withdrawal_letter"
LOOK_HOURS = (1, 1, 2, 4, 8, 16, *[24] * 12)
"""Hours to wait before each look at a letter handed to e-office."""


class NoHead(DomainError):
    status, code = 422, "agency_without_head"


class LetterStateError(DomainError):
    status, code = 409, "letter_state"


class LetterTooLate(DomainError):
    status, code = 409, "letter_too_late"


class NotTheSigner(DomainError):
    status, code = 403, "not_the_signer"


def draft_letter(
    session: Session,
    roster: Roster,
    policy_titles: Sequence[str],
    changed: Sequence[facts.Difference],
    *,
    numbered_here: bool,
    now: datetime,
) -> Letter:
    """Freeze what the letter says. A roster that changes another gets an addendum, whose attachment is the difference
    (*changed*). e-office is asked for its number, unless it is *numbered_here* when it is signed."""
    agency = session.get_one(Unit, roster.agency_id)
    leader = leader_on(session, agency, wib_date(now))
    if leader is None:
        raise NoHead(f"{agency.name} belum memiliki kepala atau pelaksana tugas; lengkapi di SIMPEG dahulu.")
    head, post = leader
    dates = facts.wfh_dates(session, roster.id)
    posts = facts.posts_in(session, roster)
    people = [
        LetterPerson(person.name, person.nip, person.rank, posts.get(person.id, person.post), unit, modes)
        for person, unit, modes in facts.rows_for_letter(session, roster.id, dates)
    ]
    content = letter_content(
        agency=agency.name,
        city="Metro",
        policy_titles=policy_titles,
        month=roster.month,
        starts=roster.starts,
        ends=roster.ends,
        signer=LetterSigner(head.id, head.name, head.nip, head.rank, post),
        people=people,
        wfh_dates=dates,
    )
    kind = KIND
    if roster.amends_id is not None:
        kind = WITHDRAWAL_KIND if roster.change == "withdrawal" else ADDENDUM_KIND
        content = _addendum(session, roster, content, changed)
    letter = Letter(
        roster_id=roster.id, agency_id=roster.agency_id, kind=kind, status=LetterStatus.DRAFTED, content=content,
        signer_id=head.id, created_at=now,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    if numbered_here:
        letter.status = LetterStatus.NUMBERED
    else:
        jobs.enqueue(session, "push_letter", str(letter.id), {"letter_id": str(letter.id)}, due_at=now, now=now)
    return letter


def _addendum(
    session: Session, roster: Roster, content: dict[str, Any], changed: Sequence[facts.Difference]
) -> dict[str, Any]:
    former = session.scalars(select(Letter).where(Letter.roster_id == roster.amends_id)).one()
    assert former.number
    assert former.letter_date
    posts = facts.posts_in(session, roster)
    people = facts.people_of(session, {difference.employee_id for difference in changed})
    units = facts.unit_names(session, {difference.unit_id for difference in changed})
    entries = []
    for difference in changed:
        person = people[difference.employee_id]
        post = posts.get(person.id, person.post)
        row = LetterPerson(person.name, person.nip, person.rank, post, units[difference.unit_id], {})
        entries.append(Change(row, difference.date, difference.before, difference.after))
    return addendum_content(
        content,
        change=str(roster.change),
        reason=str(roster.reason),
        former=FormerLetter(former.number, former.letter_date),
        changes=sorted(entries, key=lambda entry: (entry.date, entry.person.name)),
    )


def push_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Hand the draft to e-office; a second push after a crash gives the same letter there."""
    letter = session.get_one(Letter, UUID(payload["letter_id"]), with_for_update=True)
    if letter.status == LetterStatus.RETURNED:
        return  # withdrawn before it left
    pdf = unsigned_pdf(letter, schedule_settings(context.settings))
    letter.eoffice_id = _push(session, letter, pdf, context)
    if letter.status == LetterStatus.DRAFTED:
        letter.status = LetterStatus.PUSHED
    _look_later(session, letter, 0, now=context.now())


def _push(session: Session, letter: Letter, pdf: bytes, context: Context) -> str:
    """Hand a letter to e-office; its id there. The same letter twice is one."""
    agency = session.get_one(Unit, letter.agency_id)
    return _eoffice(context).push_draft(
        pdf,
        letter_id=letter.id,
        agency_code=agency.code,
        subject=str(letter.content["attachment_title"]),
        signer=str(letter.content["signer"]["name"]),
        nip=str(letter.content["signer"]["nip"]),
        day=wib_date(context.now()),
    )


def look_after_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Ask e-office what has become of a letter whose webhook has not come; ever more seldom, for two weeks."""
    letter = session.get_one(Letter, UUID(payload["letter_id"]), with_for_update=True)
    if letter.status != LetterStatus.PUSHED or letter.eoffice_id is None:
        return
    news = _eoffice(context).look(letter.eoffice_id, nip=str(letter.content["signer"]["nip"]))
    if isinstance(news, Numbered):
        log.warning("webhook_missed", source="eoffice", letter=str(letter.id), found="numbered")
        number_letter(letter, news)
    elif isinstance(news, Returned):
        log.warning("webhook_missed", source="eoffice", letter=str(letter.id), found="returned")
        return_letter(session, letter, news)
    else:
        _look_later(session, letter, payload["look"] + 1, now=context.now())


def _look_later(session: Session, letter: Letter, look: int, *, now: datetime) -> None:
    if look < len(LOOK_HOURS):
        payload = {"letter_id": str(letter.id), "look": look}
        due = now + timedelta(hours=LOOK_HOURS[look])
        jobs.enqueue(session, "look_after_letter", f"{letter.id}:{look}", payload, due_at=due, now=now)


def letter_numbered(session: Session, event: Received[dict[str, Any]], _context: Context) -> None:
    """``surat.dinomori``: the letter waits for its signature. A letter already signed keeps its number."""
    news = numbered_in(event.data)
    letter = session.get(Letter, news.letter_id, with_for_update=True)
    if letter is None:
        raise NotYet(f"letter {news.letter_id} is not known yet")
    number_letter(letter, news)


def number_letter(letter: Letter, news: Numbered) -> None:
    if letter.status in (LetterStatus.DRAFTED, LetterStatus.PUSHED):
        letter.eoffice_id, letter.number, letter.letter_date = news.eoffice_id, news.number, news.date
        letter.status = LetterStatus.NUMBERED


def letter_returned(session: Session, event: Received[dict[str, Any]], _context: Context) -> None:
    """``surat.dikembalikan``: the roster goes back to the operator with e-office's note."""
    news = returned_in(event.data)
    letter = session.get(Letter, news.letter_id, with_for_update=True)
    if letter is None:
        raise NotYet(f"letter {news.letter_id} is not known yet")
    return_letter(session, letter, news)


def return_letter(session: Session, letter: Letter, news: Returned) -> None:
    if letter.status == LetterStatus.SIGNED:
        return  # in force already; an amendment is another letter
    letter.status, letter.note = LetterStatus.RETURNED, news.note
    roster = session.get_one(Roster, letter.roster_id, with_for_update=True)
    roster.status, roster.note = RosterStatus.REJECTED, news.note
    release_swaps(session, roster, news.note)


def sign_letter(
    session: Session, context: Context, letter_id: UUID, *, by: str, passphrase: str, nik: str | None = None
) -> Letter:
    """Sign the numbered letter; with that its roster is in force and is told to the other services.

    The letter stays locked while the signer is asked, so that it is never signed twice. When that fails it stays
    numbered, and can be signed again: raises SigningError.
    """
    letter = session.get(Letter, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound("Surat Tugas tidak ditemukan.")
    if letter.status != LetterStatus.NUMBERED:
        raise LetterStateError("Surat Tugas ini belum bernomor atau sudah ditandatangani.")
    if letter.signer_id != by:
        raise NotTheSigner("Surat Tugas ini hanya dapat ditandatangani oleh pejabat yang namanya tercantum.")
    settings = schedule_settings(context.settings)
    signer = signer_of(settings)
    head = session.get(Employee, letter.signer_id)
    signatory = Signatory(
        str(letter.content["signer"]["name"]), passphrase, nik=nik, email=head.email if head else None
    )
    if letter.number is None:
        agency, day = session.get_one(Unit, letter.agency_id), wib_date(context.now())
        letter.letter_date = day
        letter.number = take_number(session, agency.id, agency.code, day, settings.letter_number_format)
    unsigned = unsigned_pdf(letter, settings)
    signed = signer.sign(unsigned, signatory, reason="Surat Tugas")
    letter.certificate_name = checked(unsigned, signed)
    now = context.now()
    letter.signed_sha256, letter.signed_at, letter.status = sha256(signed), now, LetterStatus.SIGNED
    letter.signed_key = f"letters/{letter.id}/{letter.signed_sha256}.pdf"
    context.storage.put(letter.signed_key, signed)
    put_in_force(session, letter, settings.public_url, now=now)
    jobs.enqueue(session, "push_signed_letter", str(letter.id), {"letter_id": str(letter.id)}, due_at=now, now=now)
    return letter


def unsigned_pdf(letter: Letter, settings: ScheduleSettings) -> bytes:
    """The letter as it stands: what goes to e-office, and what the head reads before signing."""
    return render_letter(
        letter.content,
        number=letter.number,
        letter_date=letter.letter_date,
        development=settings.embedded,
        verification=Verification(letter.verification_code, verification_url(settings, letter.verification_code)),
    )


def verification_url(settings: ScheduleSettings, code: str) -> str:
    """Where everyone can look up what the letter with this code is."""
    return f"{settings.public_url}/schedule/verify/{code}"


def push_signed_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Hand the signed PDF to e-office's archive."""
    letter = session.get_one(Letter, UUID(payload["letter_id"]))
    assert letter.signed_key
    if letter.eoffice_id is None:  # numbered here: e-office hears of it only now
        letter.eoffice_id = _push(session, letter, context.storage.get(letter.signed_key), context)
    _eoffice(context).push_signed(
        context.storage.get(letter.signed_key),
        eoffice_id=letter.eoffice_id,
        nip=str(letter.content["signer"]["nip"]),
        number=str(letter.number),
    )


def withdraw_letter(session: Session, roster_id: UUID, note: str) -> None:
    """Take an unsigned letter back; a number that e-office gave it stays used."""
    letter = session.scalar(select(Letter).where(Letter.roster_id == roster_id).with_for_update())
    if letter is not None:
        if letter.status == LetterStatus.SIGNED:
            raise LetterStateError("Surat Tugas ini sudah ditandatangani.")
        letter.status, letter.note = LetterStatus.RETURNED, note


def put_in_force(session: Session, letter: Letter, public_url: str, *, now: datetime) -> None:
    """The signed letter's roster is in force from the day of signing on, not before (1.d); it replaces what was.

    A change begins on the day after it was drafted, or on the day recalled; what came before stays as it was.

    Raises LetterTooLate when all its days are over.
    """
    roster = session.get_one(Roster, letter.roster_id, with_for_update=True)
    roster.starts = max(roster.starts, wib_date(now))
    if roster.amends_id is not None:
        base = session.get_one(Roster, roster.amends_id, with_for_update=True)
        if base.status != RosterStatus.IN_FORCE:
            raise LetterStateError("Jadwal yang diubah oleh surat ini sudah tidak berlaku.")
    if roster.starts > roster.ends:
        raise LetterTooLate("Semua hari dalam jadwal ini sudah lewat, sehingga tidak dapat diberlakukan lagi.")
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


def _eoffice(context: Context) -> EofficeClient:
    settings = schedule_settings(context.settings)
    return EofficeClient(settings.eoffice_url, settings.http_timeout)
