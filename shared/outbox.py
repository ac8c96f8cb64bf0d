"""Events to be published, written in the transaction that makes them true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.cause import cause_of
from shared.contracts.envelope import Contract, dump_data
from shared.db import SharedBase, new_id, table_of, wake_when_committed

WAKE_RELAY = "luwes_outbox"
"""Channel on which a transaction says, once committed, that the outbox has something new."""


class OutboxRow(SharedBase):
    """One event. ``id`` grows within the service and doubles as the CloudEvents ``sequence``."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at is null")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    causation_id: Mapped[str | None]
    traceparent: Mapped[str | None]
    occurred_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


def emit(session: Session, *events: Contract, now: datetime) -> None:
    """Write *events* to the outbox of the current transaction, in order."""
    emit_all(session, events, now=now)


def emit_all(session: Session, events: Iterable[Contract], *, now: datetime) -> None:
    """Write many events with one statement. They carry on the trace and name the event that caused them, if one did."""
    cause = cause_of(session)
    rows = [
        {
            "event_id": new_id(),
            "type": event.TYPE,
            "subject": event.subject,
            "data": dump_data(event),
            "causation_id": cause.event_id,
            "traceparent": cause.traceparent,
            "occurred_at": now,
        }
        for event in events
    ]
    if rows:
        session.execute(insert(table_of(OutboxRow)), rows)
        wake_when_committed(session, WAKE_RELAY)
