"""Publishes a service's outbox in order. One relay is active per service; another waits and takes over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from shared import bus
from shared.clock import Clock
from shared.contracts.envelope import to_bytes
from shared.db import Database
from shared.outbox import WAKE_RELAY, OutboxRow
from shared.prune import prune
from shared.settings import Settings
from shared.webhooks.deliveries import fan_out

log = structlog.get_logger()

BATCH = 200
PRUNE_EVERY = timedelta(hours=1)
TAKE_OVER_SECONDS = 1.0
IDLE_SECONDS = 0.25  # between looks at an outbox of which nothing was told
ATTENTIVE_SECONDS = 0.005  # the same shortly after an event: seldom does one come alone
ATTENTIVE_FOR = 0.1


def run(settings: Settings, db: Database, clock: Clock, stop: threading.Event) -> None:
    """Publish until *stop* is set; on any failure of broker or database drop both connections and begin again."""
    failures = 0
    while not stop.is_set():
        try:
            with _own_connection(db) as own:
                if not _become_active(own, settings.service, stop):
                    return
                with bus.connect(settings) as connection:
                    publisher = bus.Publisher(connection)
                    failures = 0
                    _publish_until(stop, own, publisher, settings, db, clock)
        except Exception as error:  # broker or database gone: nothing is lost, the outbox holds it
            log.warning("relay_interrupted", error=str(error))
            stop.wait(bus.backoff(failures))
            failures += 1


def _publish_until(
    stop: threading.Event, own: Any, publisher: bus.Publisher, settings: Settings, db: Database, clock: Clock
) -> None:
    swept = clock.now() - PRUNE_EVERY
    told = time.monotonic()
    while not stop.is_set():
        if clock.now() - swept >= PRUNE_EVERY:
            prune(db, clock.now())
            swept = clock.now()
        published = publish_batch(settings, db, clock, publisher)
        if published:
            told = time.monotonic()
        else:
            publisher.beat()
        attentive = time.monotonic() - told < ATTENTIVE_FOR
        wait_for_news(own, 0.0 if published == BATCH else ATTENTIVE_SECONDS if attentive else IDLE_SECONDS)


def publish_batch(settings: Settings, db: Database, clock: Clock, publisher: bus.Publisher) -> int:
    """Publish the oldest unpublished events and mark them; return how many."""
    with db.transaction() as session:
        # A mark that a crash loses only makes the event come again, and whoever has it ignores it.
        session.execute(text("set local synchronous_commit = off"))
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.published_at.is_(None)).order_by(OutboxRow.id).limit(BATCH)
        ).all()
        if not rows:
            return 0
        publisher.publish([bus.Outgoing(str(row.event_id), row.type, wire_form(settings.service, row)) for row in rows])
        fan_out(session, rows, settings.service, now=clock.now())
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
        update(OutboxRow).where(OutboxRow.id == func.any(ids)).values(published_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


@contextmanager
def _own_connection(db: Database) -> Iterator[Any]:
    """A psycopg connection outside the pool: closing it gives up the lock that it holds."""
    connection = db.engine.raw_connection()
    own: Any = connection.driver_connection
    connection.detach()
    own.autocommit = True
    try:
        yield own
    finally:
        own.close()


def _become_active(own: Any, service: str, stop: threading.Event) -> bool:
    """Wait for the session-level lock that only one relay of *service* can hold; then listen for news."""
    while not stop.is_set():
        locked = own.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [f"relay:{service}"]).fetchone()
        if locked[0]:
            own.execute(f"listen {WAKE_RELAY}")
            log.info("relay_active")
            return True
        stop.wait(TAKE_OVER_SECONDS)
    return False


def wait_for_news(own: Any, seconds: float) -> None:
    """Sleep until a transaction has told something, or *seconds* have passed.

    Raises when the connection is gone, and with it the lock: another relay may be active by now.
    """
    for _ in own.notifies(timeout=seconds, stop_after=1):
        pass
