"""The worker process: stores what arrives, handles it, does due jobs, sends webhooks. All state is in rows.

What waits for other systems (jobs, webhooks out) runs in threads of its own, so that a slow neighbour keeps no event
waiting. The broker is touched by the main thread only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from shared import bus
from shared.clock import wib_date, wib_moment
from shared.contracts.envelope import from_bytes
from shared.db import Database
from shared.durable import Context, Status, storable
from shared.inbox import Handlers, InboxRow, WebhookHandlers, event_kinds, run_inbox, store
from shared.jobs import Jobs, enqueue, run_jobs
from shared.storage import sha256
from shared.webhooks.send import serve_one

log = structlog.get_logger()

IDLE_SECONDS = 0.1
JOB_IDLE_SECONDS = 0.25
NIGHT_HOUR = 2  # WIB
BATCH = 100  # rows handled in one transaction
STOP_SECONDS = 5.0  # for a call under way to end; after it the call is left behind, and made again by the next worker
UNDECODABLE = "undecodable"
SENDERS = 4  # threads that send webhooks, so that many slow subscribers may be served at a time
SENDER_IDLE_SECONDS = 1.0
CONNECTIONS = 5  # to the database, kept open; in need twice as many: each thread's, and some to spare


class Worker:
    """One service's worker: ``run`` until stopped, or ``work`` once in tests."""

    def __init__(
        self,
        context: Context,
        db: Database,
        handlers: Handlers,
        webhooks: WebhookHandlers,
        jobs: Jobs,
        nightly: Sequence[str] = (),
    ) -> None:
        self.context, self.db, self.handlers, self.webhooks, self.jobs = context, db, handlers, webhooks, jobs
        self.nightly = nightly
        self._planned: date | None = None
        self._kinds = event_kinds(handlers)

    def run(self, stop: threading.Event) -> None:
        """Work until *stop* is set, then finish the batch under way and give calls STOP_SECONDS to end."""
        errands = [
            threading.Thread(target=_repeat, args=(errand, stop, idle), name=errand.__name__, daemon=True)
            for errand, idle in [
                (self.do_jobs, JOB_IDLE_SECONDS),
                *[(self.send_webhooks, SENDER_IDLE_SECONDS)] * SENDERS,
            ]
        ]
        for errand in errands:
            errand.start()
        self._receive(stop)
        deadline = time.monotonic() + STOP_SECONDS
        for errand in errands:
            errand.join(max(0.0, deadline - time.monotonic()))

    def _receive(self, stop: threading.Event) -> None:
        """Take events off the queue and handle them; while the broker is away go on with what is already stored."""
        failures = 0
        queue = bus.queue_of(self.context.settings.service, [contract.TYPE for contract in self.handlers])
        while not stop.is_set():
            try:
                with bus.connect(self.context.settings) as connection:
                    intake = bus.Intake(connection, queue, self.keep)
                    busy = 0
                    while not stop.is_set():
                        try:
                            busy = intake.take(0.001 if busy else IDLE_SECONDS) + self.handle()
                            failures = 0
                        except SQLAlchemyError as error:  # the database is away: what was taken is held
                            log.warning("worker_interrupted", error=str(error))
                            stop.wait(bus.backoff(failures))
                            failures += 1
            except Exception as error:  # the broker is gone: unacknowledged messages come again
                log.warning("worker_interrupted", error=str(error))
                self._handle_anyway()
                stop.wait(bus.backoff(failures))
                failures += 1

    def work(self) -> int:
        """Handle stored rows, do due jobs and send webhooks once; return how many were taken."""
        return self.handle() + self.do_jobs() + self.send_webhooks()

    def handle(self) -> int:
        """Handle one batch of what is stored."""
        return run_inbox(self.context, self.db, self.handlers, self.webhooks, batch=BATCH)

    def do_jobs(self) -> int:
        """Do one job that is due."""
        self.plan_night()
        return run_jobs(self.context, self.db, self.jobs)

    def plan_night(self) -> None:
        """Ask once a day for what the coming night has to do. It is a row by then: a night slept through catches up."""
        now = self.context.now()
        night = wib_date(now) + timedelta(days=1)
        if self.nightly and night != self._planned:
            with self.db.transaction() as session:
                for kind in self.nightly:
                    due = wib_moment(night, NIGHT_HOUR)
                    enqueue(session, kind, f"{night}", {"night": f"{night}"}, due_at=due, now=now)
            self._planned = night

    def send_webhooks(self) -> int:
        """Send a few webhooks to one subscriber that nobody else is serving."""
        return serve_one(self.context, self.db)

    def keep(self, bodies: list[bytes]) -> None:
        """Store messages in the inbox; what is no CloudEvent, or cannot be stored, is parked there with its error."""
        try:
            self._store(bodies)
        except DataError as error:  # PostgreSQL takes no NUL in a text: the one that has it holds up no other
            if len(bodies) == 1:
                self._park(bodies[0], str(error.orig))
            else:
                for body in bodies:
                    self.keep([body])

    def _store(self, bodies: list[bytes]) -> None:
        good = []
        for body in bodies:
            try:
                good.append(from_bytes(body))
            except ValueError as error:
                self._park(body, str(error))
        # PGMQ hands over the right messages but in no order; within a source the sequence restores it.
        good.sort(key=lambda item: (item[0].source, item[0].sequence or 0))
        with self.db.transaction() as session:
            store(session, good, self._kinds, now=self.context.now())

    def _park(self, body: bytes, reason: str) -> None:
        """Keep what no handler could read, once."""
        log.error(UNDECODABLE, error=reason)
        now, digest = self.context.now(), sha256(body)
        with self.db.transaction() as session:
            if not session.query(InboxRow.id).filter_by(source=UNDECODABLE, event_id=digest).first():
                session.add(
                    InboxRow(
                        kind=UNDECODABLE, source=UNDECODABLE, event_id=digest, type=UNDECODABLE, subject="",
                        payload={"body": storable(body[:10_000].decode("utf-8", "replace"))}, status=Status.PARKED,
                        error=storable(reason), due_at=now, created_at=now, occurred_at=now,
                    )
                )  # fmt: skip

    def _handle_anyway(self) -> None:
        try:
            self.handle()
        except Exception as error:  # the database is away too; wait and try again
            log.warning("work_interrupted", error=str(error))


def _repeat(errand: Callable[[], int], stop: threading.Event, idle: float) -> None:
    """Do *errand* again and again, at once while there is something to do, else after *idle* seconds."""
    failures = 0
    while not stop.is_set():
        try:
            if not errand():
                stop.wait(idle)
            failures = 0
        except Exception as error:  # the database is away; what was under way is undone and comes again
            log.warning("errand_interrupted", errand=errand.__name__, error=str(error))
            stop.wait(bus.backoff(failures))
            failures += 1
