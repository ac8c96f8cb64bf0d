"""What each subscriber is to get: rows made as events are published, and made again when somebody asks for a replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.db import table_of
from shared.durable import AT_ONCE, Status
from shared.outbox import OutboxRow
from shared.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

KIND = "deliver_webhook"
REPLAY_LIMIT = 10_000  # events of one call
ATTEMPTS_SHOWN = 20  # of each delivery, newest first

FRESH = {"attempts": 0, "due_at": AT_ONCE, "done_at": None, "error": None}
"""What gives a delivery its whole schedule again."""

_ENDPOINT = table_of(WebhookEndpoint)
_MAKE = insert(table_of(WebhookDelivery)).on_conflict_do_nothing(index_elements=["endpoint_id", "event_id"])


Told = OutboxRow | Row[Any]
"""A row of the outbox, read by the ORM or without it."""


def fan_out(session: Session, rows: Sequence[Told], service: str, *, now: datetime) -> None:
    """Make one delivery per event and subscriber, in the transaction that marks the events published.

    The subscribers are locked until then: one that is enabled meanwhile would else keep a row held that nobody
    releases.
    """
    types = sorted({row.type for row in rows})
    endpoints = session.execute(
        select(_ENDPOINT.c.id, _ENDPOINT.c.types, _ENDPOINT.c.disabled_at)
        .where(_ENDPOINT.c.types.overlap(types))
        .order_by(_ENDPOINT.c.id)
        .with_for_update(read=True)
    ).all()
    make(
        session,
        [
            _values(endpoint.id, row, service, held=endpoint.disabled_at is not None, now=now)
            for row in rows
            for endpoint in endpoints
            if row.type in endpoint.types
        ],
    )


def make(session: Session, values: list[dict[str, Any]]) -> None:
    """Write deliveries with one statement; one that is there already stays as it is."""
    if values:
        session.execute(_MAKE, values)


def delivery(
    endpoint_id: UUID, event_id: UUID, type_: str, message: dict[str, Any], *, held: bool, now: datetime,
    traceparent: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Values of a new delivery."""
    return {
        "kind": KIND, "payload": message, "status": Status.HELD if held else Status.PENDING, "created_at": now,
        "traceparent": traceparent, "endpoint_id": endpoint_id, "event_id": event_id, "type": type_, **FRESH,
    }  # fmt: skip


def _values(endpoint_id: UUID, row: Told, service: str, *, held: bool, now: datetime) -> dict[str, Any]:
    message = {
        "type": row.type,
        "timestamp": row.occurred_at.isoformat(),
        "source": f"/{service}",
        "subject": row.subject,
        "sequence": row.id,  # grows within the source: an older state of a subject that comes late is told by it
        "data": row.data,
    }
    return delivery(endpoint_id, row.event_id, row.type, message, held=held, now=now, traceparent=row.traceparent)


def hold(session: Session, endpoint_id: UUID) -> None:
    """Keep what waits for a disabled subscriber. What is being sent now is left alone, and held when it comes due."""
    waiting = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.status == Status.PENDING)
        .with_for_update(skip_locked=True)
    )
    _set(session, waiting, Status.HELD, {})


def release(session: Session, endpoint_id: UUID) -> None:
    """Let go out what was held, each with its whole schedule."""
    held = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.status == Status.HELD
    )
    _set(session, held, Status.PENDING, FRESH)


def replay_one(row: WebhookDelivery, *, held: bool) -> None:
    """Send a delivery again, or now. *row* is locked."""
    row.status, row.attempts, row.due_at = Status.HELD if held else Status.PENDING, 0, AT_ONCE
    row.done_at = row.error = None


@dataclass(frozen=True)
class Replayed:
    """queued: events that go out again. next_after: what to name as *after* to go on; None when all are queued."""

    queued: int
    next_after: int | None


def replay_range(
    session: Session, endpoint: WebhookEndpoint, service: str, *, since: datetime, until: datetime, after: int,
    types: Sequence[str], now: datetime,
) -> Replayed:  # fmt: skip
    """Send again what happened in [since, until), with the ids of then, as far back as the outbox reaches.

    Events published before the subscriber was there are sent too. At most REPLAY_LIMIT events; *after* is the sequence
    after which to begin.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.id > after,
            OutboxRow.occurred_at >= since,
            OutboxRow.occurred_at < until,
            OutboxRow.type.in_(set(endpoint.types) & set(types) if types else endpoint.types),
            OutboxRow.published_at.is_not(None),  # the rest is about to go out anyway
        )
        .order_by(OutboxRow.id)
        .limit(REPLAY_LIMIT + 1)
    ).all()
    rows, more = rows[:REPLAY_LIMIT], len(rows) > REPLAY_LIMIT
    held = endpoint.disabled_at is not None
    _again(session, endpoint, [row.event_id for row in rows], Status.HELD if held else Status.PENDING)
    make(session, [_values(endpoint.id, row, service, held=held, now=now) for row in rows])
    return Replayed(len(rows), rows[-1].id if more else None)


def _again(session: Session, endpoint: WebhookEndpoint, event_ids: list[UUID], status: Status) -> None:
    """Renew deliveries that are there; one that waits or is being sent now goes out anyway."""
    known = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.event_id.in_(event_ids),
            WebhookDelivery.status != Status.PENDING,
        )
        .with_for_update(skip_locked=True)
    )
    _set(session, known, status, FRESH)


def _set(session: Session, ids: Any, status: Status, values: dict[str, Any]) -> None:
    session.execute(
        update(WebhookDelivery).where(WebhookDelivery.id.in_(ids)).values(status=status, **values),
        execution_options={"synchronize_session": False},
    )


def attempts_of(session: Session, ids: Sequence[int]) -> dict[int, list[WebhookAttempt]]:
    """The last tries of each of these deliveries, newest first."""
    number = func.row_number().over(partition_by=WebhookAttempt.delivery_id, order_by=WebhookAttempt.id.desc())
    ranked = select(WebhookAttempt.id, number.label("number")).where(WebhookAttempt.delivery_id.in_(ids)).subquery()
    found: dict[int, list[WebhookAttempt]] = {delivery_id: [] for delivery_id in ids}
    for attempt in session.scalars(
        select(WebhookAttempt)
        .join(ranked, ranked.c.id == WebhookAttempt.id)
        .where(ranked.c.number <= ATTEMPTS_SHOWN)
        .order_by(WebhookAttempt.id.desc())
    ):
        found[attempt.delivery_id].append(attempt)
    return found


def lock_key(endpoint_id: UUID) -> Any:
    """Key of the advisory lock that whoever serves a subscriber holds."""
    return func.hashtextextended(f"webhook:{endpoint_id}", 0)


def wait_until_served(session: Session, endpoint_id: UUID) -> None:
    """Wait for the delivery that is under way, and let no other begin before *session* has ended."""
    session.execute(select(text("1")).select_from(func.pg_advisory_xact_lock(lock_key(endpoint_id))))
