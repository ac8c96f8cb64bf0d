"""Events and webhooks received: stored once per (source, id, handler), then handled from the row, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import BigInteger, Index, UniqueConstraint, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.cause import Cause, set_cause
from shared.contracts.envelope import Contract, Received, typed
from shared.db import Database, table_of
from shared.durable import AT_ONCE, Context, DurableRow, Status, run_due

log = structlog.get_logger()

EventHandler = Callable[[Session, Received[Any], Context], None]
Handlers = Mapping[type[Contract], Sequence[EventHandler]]
"""What a service listens to: contract → functions. A function's name is the durable row's ``kind``."""


@dataclass(frozen=True)
class WebhookSource:
    """A system that calls us. handlers: type → functions, which get the foreign ``data`` as a dict.

    subject_of names what a webhook is about (``employee/…``), so that an older state does not overwrite a newer one;
    without it webhooks of the source are handled as they come. keeps gives, of a webhook's type and ``data``, the part
    that is stored: rows stay for months, and what no function reads of a person must not stay with them.
    """

    handlers: Mapping[str, Sequence[EventHandler]]
    subject_of: Callable[[str, Mapping[str, Any]], str] = lambda _type, _data: ""
    keeps: Callable[[str, Mapping[str, Any]], dict[str, Any]] = lambda _type, data: dict(data)


WebhookHandlers = Mapping[str, WebhookSource]
"""Webhooks a service understands, by source."""

UNHANDLED = "unhandled"


class InboxRow(DurableRow):
    """One event for one handler."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("source", "event_id", "kind"),
        Index("ix_inbox_due", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_inbox_parked", "id", postgresql_where=text("status = 'parked'")),
        Index("ix_inbox_subject", "kind", "subject", "sequence"),
    )

    source: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime]


_KEEP_ONE_EACH = insert(table_of(InboxRow)).on_conflict_do_nothing(index_elements=["source", "event_id", "kind"])


Arrived = tuple[Received[dict[str, Any]], str | None]
"""An event and its traceparent."""

KindsOf = Callable[[Received[dict[str, Any]]], Sequence[str]]
"""Names of the functions that handle an event."""


def store(session: Session, arrived: Sequence[Arrived], kinds_of: KindsOf, *, now: datetime) -> int:
    """Keep events (each with its traceparent); return how many rows are new. One without a handler is kept too."""
    rows = _rows_of(arrived, kinds_of, now)
    if not rows:
        return 0
    result = session.execute(_KEEP_ONE_EACH, rows, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)  # type: ignore[attr-defined]


_KEEP_AND_TELL = _KEEP_ONE_EACH.returning(table_of(InboxRow).c.source, table_of(InboxRow).c.event_id)


def store_alone(db: Database, arrived: Sequence[Arrived], kinds_of: KindsOf, *, now: datetime) -> set[tuple[str, str]]:
    """As :func:`store`, in a transaction of its own, and tell which are new, by (source, id)."""
    with db.single_statement() as connection:
        return {(source, id_) for source, id_ in connection.execute(_KEEP_AND_TELL, _rows_of(arrived, kinds_of, now))}


def _rows_of(arrived: Sequence[Arrived], kinds_of: KindsOf, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind, "payload": event.data, "status": Status.UNHANDLED if kind == UNHANDLED else Status.PENDING,
            "attempts": 0, "due_at": AT_ONCE, "created_at": now, "traceparent": traceparent, "source": event.source,
            "event_id": event.id, "type": event.type, "subject": event.subject, "sequence": event.sequence,
            "occurred_at": event.occurred_at,
        }
        for event, traceparent in arrived
        for kind in (kinds_of(event) or [UNHANDLED])
    ]  # fmt: skip


def event_kinds(handlers: Handlers) -> KindsOf:
    """Names of the functions that *handlers* gives for an event."""
    names = {contract.TYPE: [function.__name__ for function in functions] for contract, functions in handlers.items()}
    return lambda event: names.get(event.type, [])


def run_inbox(context: Context, db: Database, handlers: Handlers, webhooks: WebhookHandlers, *, batch: int = 50) -> int:
    """Handle rows that are due, in one transaction with their marks of being done."""
    by_event = {
        (contract.TYPE, function.__name__): (contract, function)
        for contract, functions in handlers.items()
        for function in functions
    }
    by_webhook = {
        (source, type_, function.__name__): function
        for source, known in webhooks.items()
        for type_, functions in known.handlers.items()
        for function in functions
    }

    def run(session: Session, row: InboxRow) -> None:
        set_cause(session, Cause(row.event_id, row.traceparent))
        received = Received(row.event_id, row.source, row.type, row.subject, row.sequence, row.occurred_at, row.payload)
        foreign = by_webhook.get((row.source, row.type, row.kind))
        if foreign:
            foreign(session, received, context)
        else:
            contract, function = by_event[row.type, row.kind]
            function(session, typed(received, contract), context)

    return run_due(
        db, InboxRow, run, clock=context.clock, batch=batch, retry=context.settings.retry_seconds,
        screen=_drop_superseded,
    )  # fmt: skip


def _drop_superseded(session: Session, rows: Sequence[InboxRow]) -> Sequence[InboxRow]:
    """Set aside rows whose subject has already been handled at a later sequence; the others come in their order.

    Subjects are locked first (in one order, so that workers cannot deadlock): without it a slow worker could finish
    an old state after a quick one finished the new.
    """
    ordered = [row for row in rows if row.sequence is not None]
    if not ordered:
        return rows
    subjects = sorted({f"{row.kind}:{row.subject}" for row in ordered})
    session.execute(
        text("select pg_advisory_xact_lock(hashtextextended(s, 0)) from unnest(cast(:subjects as text[])) s"),
        {"subjects": subjects},
    )
    newest = {
        (kind, subject): sequence
        for kind, subject, sequence in session.execute(
            select(InboxRow.kind, InboxRow.subject, func.max(InboxRow.sequence))
            .where(
                tuple_(InboxRow.kind, InboxRow.subject).in_({(row.kind, row.subject) for row in ordered}),
                InboxRow.status == Status.DONE,
            )
            .group_by(InboxRow.kind, InboxRow.subject)
        )
    }
    kept = []
    for row in rows:
        if row.sequence is not None and row.sequence < (newest.get((row.kind, row.subject)) or 0):
            row.status = Status.SUPERSEDED
            log.info("superseded", kind=row.kind, subject=row.subject, sequence=row.sequence)
        else:
            kept.append(row)
    return sorted(kept, key=lambda row: row.sequence or 0)
