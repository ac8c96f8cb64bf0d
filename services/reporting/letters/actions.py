"""Our own copies of signed assignment letters: fetched once, checked by their hash, attached to packs."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import requests
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.reporting.models import Letter
from services.reporting.settings import ReportingSettings
from shared.contracts.envelope import Received
from shared.contracts.schedule import RosterInForceV1
from shared.durable import Context
from shared.jobs import enqueue
from shared.storage import sha256

SIZE_LIMIT = 15_000_000  # bytes: what still goes into one mail beside a pack
CHUNK = 65_536


class LetterRefused(Exception):
    """What was fetched is not the letter that the event names; retried, then parked for IT to see."""


def keep_letter(session: Session, event: Received[RosterInForceV1], context: Context) -> None:
    """Note the letter of a roster and ask for its PDF."""
    letter, now = event.data.letter, context.now()
    values = {
        "id": letter.id,
        "agency_id": event.data.agency_id,
        "month": event.data.month,
        "number": letter.number,
        "letter_date": letter.date,
        "sha256": letter.sha256.lower(),
        "url": letter.url,
    }
    # The same letter told again keeps its copy; one signed anew under its old id is fetched anew.
    session.execute(
        insert(Letter)
        .values(values)
        .on_conflict_do_update(
            index_elements=["id"],
            set_={**values, "storage_key": None, "fetched_at": None},
            where=Letter.sha256 != values["sha256"],
        )
    )
    key = f"{letter.id}:{values['sha256']}"
    enqueue(session, "fetch_letter", key, {"letter_id": letter.id}, due_at=now, now=now)


def fetch_letter(session: Session, letter_id: str, context: Context) -> Letter:
    """Read the signed PDF from schedule; raises LetterRefused unless its hash is the one in the event."""
    letter = session.get_one(Letter, letter_id)
    if letter.storage_key:
        return letter
    assert isinstance(context.settings, ReportingSettings)
    inside = context.settings.schedule_url
    url = inside + urlsplit(letter.url).path if inside else letter.url
    content = _read(url, context.settings.schedule_key, context.settings.http_timeout)
    digest = sha256(content)
    if digest != letter.sha256:
        raise LetterRefused(f"letter {letter.number}: SHA-256 is {digest}, the event says {letter.sha256}")
    key = f"letters/{digest}.pdf"
    context.storage.put(key, content)
    letter.storage_key, letter.fetched_at = key, context.now()
    return letter


def _read(url: str, key: str, timeout: float) -> bytes:
    # Redirects are not followed: they would carry the key to wherever they lead.
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/pdf"}
    with requests.get(url, headers=headers, timeout=timeout, stream=True, allow_redirects=False) as answer:
        if answer.status_code != 200:
            raise LetterRefused(f"{url} answered {answer.status_code}")
        content = bytearray()
        for chunk in answer.iter_content(CHUNK):
            content += chunk
            if len(content) > SIZE_LIMIT:
                raise LetterRefused(f"{url} is larger than {SIZE_LIMIT} bytes")
    return bytes(content)


def letters_of(session: Session, agency_id: str, month: date) -> list[Letter]:
    """Letters of an agency and month, oldest first: the assignment letter and its addenda."""
    return list(
        session.scalars(
            select(Letter)
            .where(Letter.agency_id == agency_id, Letter.month == month)
            .order_by(Letter.letter_date, Letter.number)
        )
    )
