"""Publishes a service's outbox in order. One relay is active per service; another waits and takes over."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import structlog
from sqlalchemy import Connection as DbConnection
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from shared import bus
from shared.clock import Clock
from shared.contracts.envelope import to_bytes
from shared.db import Database
from shared.outbox import OutboxRow
from shared.prune import prune
from shared.settings import Settings
from shared.webhooks import send

log = structlog.get_logger()

BATCH = 200
PRUNE_EVERY = timedelta(hours=1)
IDLE_SECONDS = 0.05
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)


def run(settings: Settings, db: Database, clock: Clock, stop: threading.Event) -> None:
    """Publish until *stop* is set; on any failure of broker or database drop both connections and begin again."""
    failures = 0
    while not stop.is_set():
        try:
            with db.engine.connect() as lock, bus.connect(settings) as connection:
                if not _become_active(lock, settings.service, stop):
                    return
                publisher = bus.Publisher(connection)
                swept = clock.now() - PRUNE_EVERY
                while not stop.is_set():
                    _still_active(lock)
                    if clock.now() - swept >= PRUNE_EVERY:
                        prune(db, clock.now())
                        swept = clock.now()
                    published = publish_batch(settings, db, clock, publisher)
                    failures = 0
                    if published < BATCH:
                        stop.wait(IDLE_SECONDS)
        except Exception as error:  # broker or database gone: nothing is lost, the outbox holds it
            log.warning("relay_interrupted", error=str(error))
            stop.wait(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
            failures += 1


def publish_batch(settings: Settings, db: Database, clock: Clock, publisher: bus.Publisher) -> int:
    """Publish the oldest unpublished events and mark them; return how many."""
    with db.transaction() as session:
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.published_at.is_(None)).order_by(OutboxRow.id).limit(BATCH)
        ).all()
        if not rows:
            return 0
        publisher.publish([bus.Outgoing(str(row.event_id), row.type, wire_form(settings.service, row)) for row in rows])
        send.fan_out(session, rows, settings.service, now=clock.now())
        _mark(session, [row.id for row in rows], clock)
        return len(rows)


def wire_form(service: str, row: OutboxRow) -> bytes:
    return to_bytes(
        event_id=str(row.event_id),
        source=f"/{service}",
        type_=row.type,
        subject=row.subject,
        sequence=row.id,
        occurred_at=row.occurred_at,
        data=row.data,
        causation_id=row.causation_id,
        traceparent=row.traceparent,
    )


def _mark(session: Session, ids: list[int], clock: Clock) -> None:
    session.execute(
        update(OutboxRow).where(OutboxRow.id.in_(ids)).values(published_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def _become_active(lock: DbConnection, service: str, stop: threading.Event) -> bool:
    """Wait for the session-level lock that only one relay of *service* can hold.

    The connection leaves the pool, so that closing it gives the lock up; a pooled one would go on holding it.
    """
    lock.detach()
    while not stop.is_set():
        got = lock.scalar(text("select pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": f"relay:{service}"})
        lock.commit()
        if got:
            log.info("relay_active")
            return True
        time.sleep(1)
    return False


def _still_active(lock: DbConnection) -> None:
    """Raise when the connection that holds the lock is gone: another relay may be active by now."""
    lock.execute(text("select 1"))
    lock.commit()
