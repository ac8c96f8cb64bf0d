"""Letters on their way to e-office and back: handed over, numbered, returned, signed there, archived."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from services.schedule.integrations.eoffice import (
    EofficeClient,
    Numbered,
    Returned,
    Signed,
    numbered_in,
    returned_in,
    signed_in,
)
from services.schedule.letters.actions import pdf_to_sign, return_letter, take_signed, unsigned_pdf
from services.schedule.letters.force import locked_letter
from services.schedule.models import Letter, LetterStatus, Unit
from services.schedule.settings import schedule_settings
from shared import jobs
from shared.clock import wib_date
from shared.contracts.envelope import Received
from shared.durable import Context
from shared.errors import NotYet
from shared.storage import sha256

log = structlog.get_logger()

LOOK_HOURS = (1, 1, 2, 4, 8, 16, *[24] * 12)
"""Hours to wait before each look at a letter handed to e-office."""


LOOKED_AFTER = (LetterStatus.PUSHED, LetterStatus.NUMBERED)


def push_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Hand the draft to e-office; a second push after a crash gives the same letter there."""
    letter = _locked(session, payload)
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
        nip=_nip(letter),
        day=wib_date(context.now()),
    )


def push_numbered_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Hand e-office the letter with its number on it, to be signed there if the head does not sign here.

    The file is kept: what comes back signed must be this very file.
    """
    letter = _locked(session, payload)
    if letter.status != LetterStatus.NUMBERED:
        return  # signed or taken back meanwhile
    pdf = pdf_to_sign(letter, context)
    letter.unsigned_key = f"letters/{letter.id}/unsigned-{sha256(pdf)}.pdf"
    context.storage.put(letter.unsigned_key, pdf)
    _eoffice(context).push_numbered(
        pdf, eoffice_id=str(letter.eoffice_id), nip=_nip(letter), number=str(letter.number)
    )  # fmt: skip


def push_signed_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Hand the signed PDF to e-office's archive."""
    letter = session.get_one(Letter, UUID(payload["letter_id"]))
    assert letter.signed_key
    signed = context.storage.get(letter.signed_key)
    if letter.eoffice_id is None:  # numbered here: e-office hears of it only now
        letter.eoffice_id = _push(session, letter, signed, context)
    _eoffice(context).push_signed(
        signed, eoffice_id=letter.eoffice_id, nip=_nip(letter), number=str(letter.number)
    )  # fmt: skip


def letter_numbered(session: Session, event: Received[dict[str, Any]], context: Context) -> None:
    """``surat.dinomori``: the letter waits for its signature. A letter already signed keeps its number."""
    news = numbered_in(event.data)
    number_letter(session, _known(session, news.letter_id), news, now=context.now())


def number_letter(session: Session, letter: Letter, news: Numbered, *, now: datetime) -> None:
    if letter.status in (LetterStatus.DRAFTED, LetterStatus.PUSHED):
        letter.eoffice_id, letter.number, letter.letter_date = news.eoffice_id, news.number, news.date
        letter.status = LetterStatus.NUMBERED
        payload = {"letter_id": str(letter.id)}
        jobs.enqueue(session, "push_numbered_letter", str(letter.id), payload, due_at=now, now=now)


def letter_returned(session: Session, event: Received[dict[str, Any]], _context: Context) -> None:
    """``surat.dikembalikan``: the roster goes back to the operator with e-office's note."""
    news = returned_in(event.data)
    return_letter(session, _known(session, news.letter_id), news.note)


def letter_signed(session: Session, event: Received[dict[str, Any]], context: Context) -> None:
    """``surat.ditandatangani``: the signed PDF comes along, or is fetched by a job of its own.

    A letter signed here needs nothing: e-office tells of each signed file, also of those that it has from us.
    """
    news = signed_in(event.data)
    letter = _known(session, news.letter_id)
    if letter.status == LetterStatus.SIGNED:
        return
    if news.pdf is not None:
        take_signed(session, context, letter, news.pdf)
        return
    payload = {"letter_id": str(letter.id), "address": _eoffice(context).address_of(news.path)}
    now = context.now()
    jobs.enqueue(session, "fetch_signed_letter", f"{letter.id}:{event.id}", payload, due_at=now, now=now)


def fetch_signed_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Get the PDF that was signed in e-office, from the address that its webhook named."""
    letter_id = UUID(payload["letter_id"])
    if session.get_one(Letter, letter_id).status == LetterStatus.SIGNED:
        return
    signed = _eoffice(context).fetch(payload["address"])  # before anything is locked: e-office may be slow
    take_signed(session, context, _known(session, letter_id), signed)


def look_after_letter(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Ask e-office what has become of a letter whose webhook has not come; ever more seldom, for two weeks."""
    letter = session.get_one(Letter, UUID(payload["letter_id"]))
    if letter.status not in LOOKED_AFTER or letter.eoffice_id is None:
        return
    eoffice = _eoffice(context)
    news = eoffice.look(letter.eoffice_id, nip=_nip(letter))
    signed = eoffice.fetch(eoffice.address_of(news.path)) if isinstance(news, Signed) else None
    letter = _known(session, letter.id)  # locked only now: e-office may be slow
    if letter.status not in LOOKED_AFTER:
        return  # its webhook came meanwhile
    if isinstance(news, Returned):
        _missed(letter, "returned")
        return_letter(session, letter, news.note)
        return
    numbered = news.numbered if isinstance(news, Signed) else news
    if numbered is not None and letter.status == LetterStatus.PUSHED:
        _missed(letter, "numbered")
        number_letter(session, letter, numbered, now=context.now())
    if signed is not None:
        _missed(letter, "signed")
        take_signed(session, context, letter, signed)
        return
    _look_later(session, letter, payload["look"] + 1, now=context.now())


def _look_later(session: Session, letter: Letter, look: int, *, now: datetime) -> None:
    if look < len(LOOK_HOURS):
        payload = {"letter_id": str(letter.id), "look": look}
        due = now + timedelta(hours=LOOK_HOURS[look])
        jobs.enqueue(session, "look_after_letter", f"{letter.id}:{look}", payload, due_at=due, now=now)


def _missed(letter: Letter, found: str) -> None:
    log.warning("webhook_missed", source="eoffice", letter=str(letter.id), found=found)


def _known(session: Session, letter_id: UUID) -> Letter:
    """The letter that e-office tells of, locked."""
    letter = locked_letter(session, letter_id)
    if letter is None:
        raise NotYet(f"letter {letter_id} is not known yet")
    return letter


def _locked(session: Session, payload: dict[str, Any]) -> Letter:
    return session.get_one(Letter, UUID(payload["letter_id"]), with_for_update=True)


def _nip(letter: Letter) -> str:
    return str(letter.content["signer"]["nip"])


def _eoffice(context: Context) -> EofficeClient:
    settings = schedule_settings(context.settings)
    return EofficeClient(settings.eoffice_url, settings.http_timeout)
