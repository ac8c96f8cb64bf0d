"""Work that falls due at a time: reminders, letters to push, mails and webhooks to send. Rows with unique keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from shared.cause import Cause, cause_of, set_cause
from shared.db import table_of
from shared.durable import Context, DurableRow, Status, run_due

Job = Callable[[Session, dict[str, Any], Context], None]
Jobs = Mapping[str, Job]


class JobRow(DurableRow):
    """One piece of due work; ``(kind, key)`` makes asking for it twice harmless."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_job_due", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_job_parked", "id", postgresql_where=text("status = 'parked'")),
    )

    key: Mapped[str]


def enqueue(session: Session, kind: str, key: str, payload: dict[str, Any], *, due_at: datetime, now: datetime) -> None:
    """Ask for *kind* to be done at *due_at*; a second call with the same key changes nothing."""
    enqueue_all(session, kind, [(key, payload, due_at)], now=now)


def enqueue_all(
    session: Session, kind: str, entries: list[tuple[str, dict[str, Any], datetime]], *, now: datetime
) -> None:
    """Ask for many jobs ``(key, payload, due_at)`` of one kind with one statement."""
    if entries:
        session.execute(
            insert(table_of(JobRow)).on_conflict_do_nothing(index_elements=["kind", "key"]),
            [
                {
                    "kind": kind,
                    "key": key,
                    "payload": payload,
                    "due_at": due,
                    "created_at": now,
                    "status": Status.PENDING,
                    "attempts": 0,
                    "traceparent": cause_of(session).traceparent,
                }
                for key, payload, due in entries
            ],
        )


def run_jobs(context: Context, db: Any, jobs: Jobs, *, batch: int = 1) -> int:
    """Do due jobs; one a transaction by default, since most call other systems."""

    def run(session: Session, row: JobRow) -> None:
        set_cause(session, Cause(traceparent=row.traceparent))
        jobs[row.kind](session, row.payload, context)

    return run_due(db, JobRow, run, clock=context.clock, batch=batch, retry=context.settings.retry_seconds)
