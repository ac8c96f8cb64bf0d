"""An audit log that cannot be quietly edited: append-only rows, each holding the hash of the one before."""

from __future__ import annotations

import getpass
import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.db import SharedBase

GENESIS = "0" * 64


def command_line() -> str:
    """The actor of what is done on the command line."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = "-"
    return f"command line ({user})"


class AuditRow(SharedBase):
    """One act of a person or machine. The database refuses to change or delete rows (see the first migration)."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]


def record(
    session: Session, actor: str, action: str, subject: str, *, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Append one act to the chain, in the transaction of the act itself. Writers take turns until they commit."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('audit', 0))"))
    last = session.execute(select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)).one_or_none()
    row = AuditRow(
        id=(last.id if last else 0) + 1, at=now, actor=actor, action=action, subject=subject, detail=detail or {},
        previous_hash=last.hash if last else GENESIS,
    )  # fmt: skip
    row.hash = digest(row)
    session.add(row)
    session.flush()


def digest(row: AuditRow) -> str:
    """SHA-256 over the row's content and the hash before it."""
    content = [row.id, row.at.isoformat(), row.actor, row.action, row.subject, row.detail, row.previous_hash]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_break(session: Session) -> int | None:
    """Id of the first row that does not fit the chain, or None when the whole log is as it was written."""
    expected_id, expected_hash = 1, GENESIS
    for row in session.scalars(select(AuditRow).order_by(AuditRow.id)).yield_per(1000):
        if row.id != expected_id or row.previous_hash != expected_hash or row.hash != digest(row):
            return row.id
        expected_id, expected_hash = row.id + 1, row.hash
    return None
