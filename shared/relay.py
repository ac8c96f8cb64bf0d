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
from shared.db import Database, table_of
from shared.outbox import WAKE_RELAY, OutboxRow
from shared.prune import prune
from shared.settings import Settings
from shared.webhooks.deliveries import Told, fan_out

log = structlog.get_logger()

BATCH = 200
PRUNE_EVERY = timedelta(hours=1)
TAKE_OVER_SECONDS = 1.0
IDLE_SECONDS = 0.25  # between looks at an outbox of which nothing was told
GATHER_SECONDS = 0.004  # after a batch: what comes meanwhile shares the next one's statements

_OUTBOX = table_of(OutboxRow)
_NEXT = select(_OUTBOX).where(_OUTBOX.c.published_at.is_(None)).order_by(_OUTBOX.c.id).limit(BATCH)


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
    while not stop.is_set():
        if clock.now() - swept >= PRUNE_EVERY:
            prune(db, clock.now())
            swept = clock.now()
        published = publish_batch(settings, db, clock, publisher)
        if not published:
            publisher.beat()
        if 0 < published < BATCH:
            time.sleep(GATHER_SECONDS)
        wait_for_news(own, 0.0 if published == BATCH else IDLE_SECONDS)


def publish_batch(settings: Settings, db: Database, clock: Clock, publisher: bus.Publisher) -> int:
    """Publish the oldest unpublished events and mark them; return how many."""
    with db.transaction() as session:
        # A mark that a crash loses only makes the event come again, and whoever has it ignores it.
        session.execute(text("set local synchronous_commit = off"))
        rows = session.execute(_NEXT).all()
        if not rows:
            return 0
        publisher.publish([bus.Outgoing(str(row.event_id), row.type, wire_form(settings.service, row)) for row in rows])
        fan_out(session, rows, settings.service, now=clock.now())
        _mark(session, [row.id for row in rows], clock)
        return len(rows)


def wire_form(service: str, row: Told) -> bytes:
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
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id == func.any(ids)).values(published_at=clock.now()))


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
