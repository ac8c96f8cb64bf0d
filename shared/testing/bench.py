"""A service on a test bench: its migrated database, a clock that the test sets, its web application and its worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from shared.audit import AuditRow
from shared.contracts.envelope import Contract, dump_data, from_bytes, to_bytes
from shared.db import Database, SharedBase
from shared.durable import Context, Status
from shared.inbox import InboxRow
from shared.jobs import JobRow
from shared.outbox import OutboxRow
from shared.roles import Person
from shared.service import Service
from shared.settings import Settings
from shared.testing.city import NOON, Client
from shared.webhooks.models import WebhookDelivery
from shared.worker import Worker


@dataclass
class SetClock:
    """A clock that tests move."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Bench:
    """One service under test, without broker: events are handed to its worker, and read back from its outbox."""

    service: Service
    settings: Settings
    db: Database
    clock: SetClock
    context: Context
    app: Flask
    seed: Callable[[Session], object] | None = None  # puts back what the migrations put in
    _sequence: int = field(default=0)

    @property
    def worker(self) -> Worker:
        return self.service.worker(self.context, self.db)

    def client(self, user: Person | None = None) -> Client:
        return Client(self.app, user, self.clock.at)

    def receive(self, *events: Contract, event_id: str | None = None, sequence: int | None = None) -> None:
        """Let *events* arrive as they would from the queue, and handle them."""
        bodies = []
        for event in events:
            self._sequence += 1
            bodies.append(
                to_bytes(
                    event_id=event_id or str(uuid4()), source="/" + event.TYPE.split(".")[0], type_=event.TYPE,
                    subject=event.subject, sequence=sequence or self._sequence, occurred_at=self.clock.at,
                    data=dump_data(event),
                )
            )  # fmt: skip
        for body in bodies:
            from_bytes(body)  # a malformed test event should fail here, not be parked
        self.worker.keep(bodies)
        self.work()

    def work(self) -> None:
        """Handle and do everything that is due now."""
        while self.worker.work():
            pass

    def emitted(self, contract: type[Contract] | None = None) -> list[dict[str, Any]]:
        """Data of the outbox's events, oldest first."""
        with self.db.transaction() as session:
            query = select(OutboxRow.data).order_by(OutboxRow.id)
            if contract:
                query = query.where(OutboxRow.type == contract.TYPE)
            return list(session.scalars(query))

    def unfinished(self) -> list[tuple[str, str, str | None]]:
        """(kind, status, error) of durable rows that did not go well; a test that expects none asserts ``== []``."""
        with self.db.transaction() as session:
            found: list[tuple[str, str, str | None]] = []
            for row_type in (InboxRow, JobRow, WebhookDelivery):
                rows = session.execute(
                    select(row_type.kind, row_type.status, row_type.error).where(
                        (row_type.status == Status.PARKED)
                        | ((row_type.status == Status.PENDING) & row_type.error.is_not(None))
                    )
                )
                found += [(row.kind, row.status, row.error) for row in rows]
            return found

    def empty(self) -> None:
        """Remove all rows but what the migrations put in, so that the next test starts clean.

        Deleting few rows is quicker than truncating many tables; the audit log alone refuses to be deleted from.
        """
        tables = [table for base in (self.service.metadata, SharedBase.metadata) for table in base.sorted_tables]
        with self.db.transaction() as session:
            for table in reversed(tables):
                if table.name != AuditRow.__tablename__:
                    session.execute(delete(table))
            if session.scalar(select(AuditRow.id).limit(1)):
                session.execute(text("truncate audit"))
            if self.seed:
                self.seed(session)
