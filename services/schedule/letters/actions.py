"""An assignment letter (1.d) is signed, here or in e-office, and its roster is in force; or it is taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.integrations.signer import Signatory
from services.schedule.letters.force import LetterStateError, locked_letter, put_in_force, require_can_hold
from services.schedule.letters.numbering import take_number
from services.schedule.letters.render import Verification, render_letter
from services.schedule.letters.signing import SignedPdfDiffers, checked, signer_of
from services.schedule.models import Employee, Letter, LetterStatus, Roster, RosterStatus, Unit
from services.schedule.rosters.release import release_swaps
from services.schedule.settings import ScheduleSettings, schedule_settings
from shared import audit, jobs
from shared.clock import wib_date
from shared.durable import Context
from shared.errors import DomainError, NotFound, NotYet
from shared.storage import sha256

log = structlog.get_logger()

EOFFICE = "e-office"
"""Who signed, in the audit log, when e-office says that a letter was signed there."""
REFUSED = (
    "Berkas bertanda tangan dari e-office ditolak: bukan Surat Tugas bernomor yang dikirim ke sana, dengan satu tanda "
    "tangan yang utuh."
)
SIGN_ANEW = "Surat ini belum ditandatangani; tanda tangani di sini, atau berkas yang dikirim itu di e-office."
SIGNED_IN_VAIN = (
    "Surat ini ditandatangani di e-office setelah tidak dapat diberlakukan lagi. Berkasnya disimpan, tetapi jadwalnya "
    "tidak berlaku; mintalah agar surat itu dibatalkan di e-office."
)


class NotTheSigner(DomainError):
    status, code = 403, "not_the_signer"


def sign_letter(
    session: Session, context: Context, letter_id: UUID, *, by: str, passphrase: str | None = None,
    totp: str | None = None, nik: str | None = None,
) -> Letter:  # fmt: skip
    """Sign the numbered letter; with that its roster is in force and is told to the other services.

    All that could stand in the way is looked at before the signer is asked. The letter stays locked meanwhile, so that
    it is never signed twice. When signing fails it stays numbered, and can be signed again: raises SigningError.
    """
    letter = locked_letter(session, letter_id)
    if letter is None:
        raise NotFound("Surat Tugas tidak ditemukan.")
    if letter.status != LetterStatus.NUMBERED:
        raise LetterStateError("Surat Tugas ini belum bernomor atau sudah ditandatangani.")
    if letter.signer_id != by:
        raise NotTheSigner("Surat Tugas ini hanya dapat ditandatangani oleh pejabat yang namanya tercantum.")
    settings, now = schedule_settings(context.settings), context.now()
    signer = signer_of(settings)
    roster = require_can_hold(session, context.storage, letter, now=now)
    head = session.get(Employee, letter.signer_id)
    name, email = str(letter.content["signer"]["name"]), head.email if head else None
    signatory = Signatory(name, passphrase, totp=totp, nik=nik, email=email)
    if letter.number is None:
        agency, day = session.get_one(Unit, letter.agency_id), wib_date(now)
        letter.letter_date = day
        letter.number = take_number(session, agency.id, agency.code, day, settings.letter_number_format)
    unsigned = pdf_to_sign(letter, context)
    signed = signer.sign(unsigned, signatory, reason="Surat Tugas", location=settings.letter_wording.place)
    _keep(context, letter, signed, checked(unsigned, signed), now=now)
    letter.status, letter.note = LetterStatus.SIGNED, None
    put_in_force(session, roster, letter, settings.public_url, now=now)
    jobs.enqueue(session, "push_signed_letter", str(letter.id), {"letter_id": str(letter.id)}, due_at=now, now=now)
    return letter


def take_signed(session: Session, context: Context, letter: Letter, signed: bytes) -> None:
    """A letter that was signed in e-office, in *signed*: its roster is in force as if it had been signed here.

    What is not the letter that e-office was given, signed, is refused; what cannot put a roster in force any more is
    kept, and nothing is in force by it. Both are noted on the letter. The first signature holds: the same file again
    changes nothing. Raises NotYet for a letter whose number is not known yet.
    """
    if letter.status in (LetterStatus.DRAFTED, LetterStatus.PUSHED):
        raise NotYet(f"the number of letter {letter.id} is not known yet")
    if letter.signed_sha256 is not None:
        if sha256(signed) != letter.signed_sha256:
            log.warning("letter_signed_twice", letter=str(letter.id), kept=letter.signed_sha256)
        return
    now = context.now()
    try:
        certificate = checked(pdf_to_sign(letter, context), signed)
    except SignedPdfDiffers:
        withdrawn = letter.status == LetterStatus.RETURNED
        letter.note = f"{letter.note} {REFUSED}" if withdrawn else f"{REFUSED} {SIGN_ANEW}"
        _audit(session, letter, "refuse_signed_letter", {"sha256": sha256(signed)}, now=now)
        return
    roster = None
    if letter.status == LetterStatus.NUMBERED:
        try:
            roster = require_can_hold(session, context.storage, letter, now=now)
        except DomainError as refusal:
            return_letter(session, letter, refusal.detail)
    _keep(context, letter, signed, certificate, now=now)
    _audit(session, letter, "sign_letter", signature_of(letter), now=now)
    if roster is None:
        letter.note = f"{letter.note} {SIGNED_IN_VAIN}"
        return
    letter.status, letter.note = LetterStatus.SIGNED, None
    put_in_force(session, roster, letter, schedule_settings(context.settings).public_url, now=now)


def _keep(context: Context, letter: Letter, signed: bytes, certificate_name: str, *, now: datetime) -> None:
    letter.certificate_name = certificate_name
    letter.signed_sha256, letter.signed_at = sha256(signed), now
    letter.signed_key = f"letters/{letter.id}/{letter.signed_sha256}.pdf"
    context.storage.put(letter.signed_key, signed)


def _audit(session: Session, letter: Letter, action: str, detail: dict[str, str | None], *, now: datetime) -> None:
    audit.record(session, EOFFICE, action, f"letter/{letter.id}", now=now, detail=detail)


def signature_of(letter: Letter) -> dict[str, str | None]:
    """What the audit log says of a signature."""
    return {"number": letter.number, "sha256": letter.signed_sha256, "certificate": letter.certificate_name}


def pdf_to_sign(letter: Letter, context: Context) -> bytes:
    """What the head reads and signs: the file that e-office was given to sign, or the letter as it stands."""
    if letter.unsigned_key is not None:
        return context.storage.get(letter.unsigned_key)
    return unsigned_pdf(letter, schedule_settings(context.settings))


def unsigned_pdf(letter: Letter, settings: ScheduleSettings) -> bytes:
    """The letter as it stands, drawn anew."""
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


def return_letter(session: Session, letter: Letter, note: str) -> None:
    """The letter, and the roster with it, goes back to the operator with *note*. A signed one stays as it is: what is
    in force is changed by another letter, and what was signed in vain has come back already."""
    if letter.signed_sha256 is not None:
        return
    letter.status, letter.note = LetterStatus.RETURNED, note
    roster = session.get_one(Roster, letter.roster_id)
    roster.status, roster.note = RosterStatus.REJECTED, note
    release_swaps(session, roster, note)


def withdraw_letter(session: Session, roster_id: UUID, note: str) -> None:
    """Take an unsigned letter back; a number that e-office gave it stays used."""
    letter = session.scalar(select(Letter).where(Letter.roster_id == roster_id).with_for_update())
    if letter is not None:
        if letter.status == LetterStatus.SIGNED:
            raise LetterStateError("Surat Tugas ini sudah ditandatangani.")
        letter.status, letter.note = LetterStatus.RETURNED, note
