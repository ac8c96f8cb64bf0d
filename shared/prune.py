"""Forgets rows that have served: published events after a month, handled ones and webhooks sent after half a year.

Senders of webhooks repeat for days and people replay for weeks, so what was handled is remembered for months.
Rows that are pending, held or parked stay until somebody deals with them. Ended secrets are wiped out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shared.db import Database
from shared.durable import Status
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.outbox import OutboxRow
from shared.webhooks.models import WebhookDelivery, WebhookEndpoint

log = structlog.get_logger()

KEEP_PUBLISHED = timedelta(days=30)
KEEP_HANDLED = timedelta(days=180)
BATCH = 5000  # rows of one transaction: short locks, whatever has piled up


def prune(db: Database, now: datetime) -> int:
    """Delete what is past its time, batch by batch; returns how many rows."""
    total = 0
    with db.transaction() as session:
        _forget_ended_secrets(session, now)
    while True:
        with db.transaction() as session:
            found = _batch(session, now)
        total += found
        if not found:
            if total:
                log.info("pruned", rows=total)
            return total


def _batch(session: Session, now: datetime) -> int:
    published = (
        select(OutboxRow.id).where(OutboxRow.published_at < now - KEEP_PUBLISHED).order_by(OutboxRow.id).limit(BATCH)
    )
    # the newest state of a subject is what an older one is compared with, and months later nothing older comes
    found = len(session.execute(delete(OutboxRow).where(OutboxRow.id.in_(published)).returning(OutboxRow.id)).all())
    for row_type in (InboxRow, JobRow, WebhookDelivery):  # the log of a delivery goes with it
        handled = (
            select(row_type.id)
            .where(
                row_type.status.in_([Status.DONE, Status.SUPERSEDED, Status.UNHANDLED]),
                func.coalesce(row_type.done_at, row_type.created_at) < now - KEEP_HANDLED,
            )
            .order_by(row_type.id)
            .limit(BATCH)
        )
        found += len(session.execute(delete(row_type).where(row_type.id.in_(handled)).returning(row_type.id)).all())
    return found


def _forget_ended_secrets(session: Session, now: datetime) -> None:
    for endpoint in session.scalars(
        select(WebhookEndpoint).where(WebhookEndpoint.old_secrets_until <= now).with_for_update(key_share=True)
    ):
        endpoint.secrets, endpoint.old_secrets_until = endpoint.secrets[:1], None
