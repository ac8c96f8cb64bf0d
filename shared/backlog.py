"""What waits and what fails in a service's queues: figures for machines, and the rows themselves for IT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from shared.durable import DurableRow, Status
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.outbox import OutboxRow
from shared.webhooks.models import SYSTEM, WebhookDelivery, WebhookEndpoint

QUEUES: dict[str, type[DurableRow]] = {"inbox": InboxRow, "job": JobRow, "webhook": WebhookDelivery}
"""Queues of durable rows by their name; the outbox is another kind of table."""

METRIC_NAMES = {"webhook": "webhook_delivery"}
SHOWN = 10  # troubles of one queue


def figures(session: Session, now: datetime) -> dict[str, float]:
    """Rows that wait, seconds of the oldest, rows that were parked."""
    unpublished = session.scalar(select(func.count()).where(OutboxRow.published_at.is_(None))) or 0
    found: dict[str, float] = {"outbox_unpublished": unpublished, "outbox_oldest_seconds": outbox_age(session, now)}
    for name, row_type in QUEUES.items():
        since = func.greatest(row_type.due_at, row_type.created_at)  # what was due at once waits since it was made
        due, first = session.execute(
            select(func.count(), func.min(since)).where(row_type.status == Status.PENDING, row_type.due_at <= now)
        ).one()
        metric = METRIC_NAMES.get(name, name)
        found |= {
            f"{metric}_due": due,
            f"{metric}_oldest_seconds": _age(first, now),
            f"{metric}_retrying": _count(session, row_type, Status.PENDING, row_type.attempts > 0),
            f"{metric}_parked": _count(session, row_type, Status.PARKED),
        }
    found["webhook_delivery_held"] = _count(session, WebhookDelivery, Status.HELD)
    disabled = select(func.count()).where(WebhookEndpoint.disabled_at.is_not(None))
    found["webhook_endpoints_disabled"] = session.scalar(disabled) or 0
    return found


def outbox_age(session: Session, now: datetime) -> float:
    """Seconds since the oldest unpublished event was told; 0 without one."""
    return _age(session.scalar(select(func.min(OutboxRow.occurred_at)).where(OutboxRow.published_at.is_(None))), now)


@dataclass(frozen=True)
class Trouble:
    """One row that does not go as it should. error: its first line."""

    queue: str
    id: int
    what: str
    attempts: int
    next_try: datetime | None  # None: only when somebody acts, or when broker and relay are back
    error: str


def troubles(session: Session, now: datetime) -> Iterator[Trouble]:
    """The oldest unpublished event when it has waited for a minute, what is being tried again, what was parked."""
    row = session.scalars(
        select(OutboxRow).where(OutboxRow.published_at.is_(None)).order_by(OutboxRow.id).limit(1)
    ).first()
    if row is not None and _age(row.occurred_at, now) > 60:
        reason = "not published: the relay or the broker is down"
        yield Trouble("outbox", row.id, f"{row.type} {row.subject}", 0, None, reason)
    for endpoint in session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.disabled_by == SYSTEM)):
        yield Trouble("subscriber", 0, endpoint.name, 0, None, f"disabled: {endpoint.disabled_reason}")
    paused = dict(session.execute(select(WebhookEndpoint.id, WebhookEndpoint.paused_until)).all())
    for queue, row_type in QUEUES.items():
        for status, failing in ((Status.PENDING, row_type.attempts > 0), (Status.PARKED, true())):
            query = select(row_type).where(row_type.status == status, failing).order_by(row_type.id).limit(SHOWN)
            for each in session.scalars(query):
                next_try = each.due_at if status == Status.PENDING else None
                if next_try and isinstance(each, WebhookDelivery):  # a subscriber that failed is left alone for a while
                    next_try = max(next_try, paused.get(each.endpoint_id) or next_try)
                yield Trouble(queue, each.id, describe(each), each.attempts, next_try, first_line(each.error))


def describe(row: DurableRow) -> str:
    """Which event or job a row is about."""
    if isinstance(row, InboxRow):
        return f"{row.kind}: {row.type} {row.subject} from {row.source}, event {row.event_id}"
    if isinstance(row, WebhookDelivery):
        return f"{row.type} to subscriber {row.endpoint_id}, event {row.event_id}"
    if isinstance(row, JobRow):
        return f"{row.kind} {row.key}"
    return row.kind


def first_line(error: str | None) -> str:
    return error.splitlines()[0] if error else ""


def _count(session: Session, row_type: type[DurableRow], status: str, *further: object) -> int:
    query = select(func.count()).select_from(row_type).where(row_type.status == status, *further)  # type: ignore[arg-type]
    return session.scalar(query) or 0


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
