"""Looking a letter up by its code, and comparing a file with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.schedule.models import Letter, Roster
from services.schedule.verification.rules import Standing, read_code, standing_of
from shared.errors import DomainError, InvalidInput, NotFound

FILE_LIMIT = 10_000_000  # bytes; a letter of a thousand people has about two million
CHUNK = 65_536


class FileTooLarge(DomainError):
    status, code = 413, "file_too_large"


@dataclass(frozen=True)
class LetterFacts:
    """What everyone may know of a letter: what its head and its signature say, and nothing of the people in it."""

    code: str
    standing: Standing
    number: str | None
    letter_date: date | None
    agency: str
    subject: str
    month: date
    signer_name: str
    signer_post: str
    signed_at: datetime | None
    certificate_name: str | None
    sha256: str | None
    changed_by: str | None  # number of the letter that amended or withdrew it


class Comparison(StrEnum):
    """How a file stands to a letter."""

    SAME = "same"
    DIFFERENT = "different"
    NOTHING_SIGNED = "nothing_signed"  # there is no signed file that it could be


@dataclass(frozen=True)
class Check:
    result: Comparison
    sha256: str  # of the file
    facts: LetterFacts


def facts_by_code(session: Session, typed: str) -> LetterFacts:
    """The letter whose code was typed or scanned; raises NotFound."""
    code = read_code(typed)
    found = (
        code
        and session.execute(
            select(Letter, Roster).join(Roster, Roster.id == Letter.roster_id).where(Letter.verification_code == code)
        ).one_or_none()
    )
    if not found:
        raise NotFound(
            "Kode verifikasi ini tidak dikenal. Periksa lagi kode pada surat; bila tetap tidak dikenal, surat itu "
            "tidak diterbitkan melalui sistem ini."
        )
    letter, roster = found
    content: dict[str, Any] = letter.content
    return LetterFacts(
        code=letter.verification_code,
        standing=standing_of(letter.status, roster.status),
        number=letter.number,
        letter_date=letter.letter_date,
        agency=str(content["kop"][1]),
        subject=f"{content['title']}: {content['attachment_title']}",
        month=roster.month,
        signer_name=str(content["signer"]["name"]),
        signer_post=str(content["signer"]["post"]),
        signed_at=letter.signed_at,
        certificate_name=letter.certificate_name,
        sha256=letter.signed_sha256,
        changed_by=session.scalar(
            select(Letter.number)
            .join(Roster, Roster.id == Letter.roster_id)
            .where(Roster.amends_id == roster.id, Roster.in_force_at.is_not(None))
        ),
    )


def compare(session: Session, typed: str, file: IO[bytes]) -> Check:
    """Whether *file* is, byte for byte, the signed letter with this code. It is read once and kept nowhere.

    Raises NotFound, FileTooLarge, InvalidInput for an empty file.
    """
    facts = facts_by_code(session, typed)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > FILE_LIMIT:
            raise FileTooLarge(
                f"Berkas lebih besar dari {FILE_LIMIT // 1_000_000} MB; bukan Surat Tugas dari sistem ini."
            )
        digest.update(chunk)
    if not size:
        raise InvalidInput("Pilih berkas PDF surat yang akan diperiksa.", pointers={"/file": "Berkas kosong."})
    if facts.sha256 is None:
        result = Comparison.NOTHING_SIGNED
    else:
        result = Comparison.SAME if digest.hexdigest() == facts.sha256 else Comparison.DIFFERENT
    return Check(result, digest.hexdigest(), facts)
