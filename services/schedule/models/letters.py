"""Letters and their numbers."""

from __future__ import annotations

import base64
import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.schedule.models.base import Base
from shared.db import new_id


def new_code() -> str:
    """A verification code nobody guesses: 120 random bits as 24 letters and digits that can be typed from paper."""
    return base64.b32encode(secrets.token_bytes(15)).decode("ascii")


class LetterStatus(StrEnum):
    DRAFTED = "drafted"
    PUSHED = "pushed"  # with e-office, waiting for its number
    NUMBERED = "numbered"  # waiting for the head's signature
    SIGNED = "signed"
    RETURNED = "returned"


class Letterhead(Base):
    """Where an agency is to be found, for the kop of its letters; what is empty is not printed."""

    __tablename__ = "letterhead"

    agency_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    address: Mapped[str]
    postal_code: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]
    website: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class LetterCounter(Base):
    """The last number of an agency's letters in a year, where Luwes numbers them itself."""

    __tablename__ = "letter_counter"

    agency_id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Letter(Base):
    """An assignment letter (Surat Tugas)."""

    __tablename__ = "letter"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    roster_id: Mapped[UUID] = mapped_column(ForeignKey("roster.id"), unique=True)
    agency_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]  # assignment_letter
    status: Mapped[str]
    content: Mapped[dict[str, Any]]  # all that the page prints, frozen at approval
    signer_id: Mapped[str]
    eoffice_id: Mapped[str | None]
    number: Mapped[str | None] = mapped_column(unique=True)
    letter_date: Mapped[date | None]
    unsigned_key: Mapped[str | None]
    signed_key: Mapped[str | None]
    signed_sha256: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    certificate_name: Mapped[str | None]  # whom the certificate that signed it names
    verification_code: Mapped[str] = mapped_column(
        unique=True, default=new_code
    )  # printed on it; opens its public page
    created_at: Mapped[datetime]
    note: Mapped[str | None]
