"""The engine of durable rows: what must be done is a row; doing it and marking it done is one transaction.

Events received, webhooks received, deadlines, letters to push, mails and webhooks to send all run through
:func:`run_due`. A row that fails is tried again on a schedule and finally parked with its error, where IT sees it.
"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import structlog
from sqlalchemy import BigInteger, ColumnElement, Identity, Text, func, literal, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.clock import Clock
from shared.db import Database, SharedBase, table_of
from shared.settings import Settings
from shared.storage import Storage

log = structlog.get_logger()

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""``due_at`` of what is to be done as soon as possible: it stays due when the clock is set back."""

LONGEST_WAIT = 86_400.0  # seconds; a neighbour that asks for more is tried daily
RETRY_FRACTION = 0.2  # waits are spread by ±20 % so that rows that failed together do not come back together


class Status(StrEnum):
    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"
    HELD = "held"
    SUPERSEDED = "superseded"
    UNHANDLED = "unhandled"


@dataclass(frozen=True)
class Context:
    """What a handler or job may use besides its session."""

    settings: Settings
    clock: Clock
    storage: Storage

    def now(self) -> datetime:
        return self.clock.now()


class TryLater(Exception):
    """Not done, and the other side named the time to come back: in *seconds*, or None."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class DurableRow(SharedBase):
    """Columns common to all durable rows; ``kind`` names the function that does the work."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(default=Status.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None]


Row = TypeVar("Row", bound=DurableRow)

PENDING = literal(Status.PENDING, literal_execute=True)
"""Written into the statement, since PostgreSQL uses a partial index only for what it can read there."""


def run_due(
    db: Database,
    row_type: type[Row],
    run: Callable[[Session, Row], None],
    *,
    clock: Clock,
    batch: int,
    retry: Sequence[float],
    only: ColumnElement[bool] | None = None,
    screen: Callable[[Session, Sequence[Row]], Sequence[Row]] | None = None,
) -> int:
    """Do up to *batch* rows that are due (of those that *only* admits); return how many were taken.

    Rows taken by another worker are skipped. *screen* may set aside rows that need no work. *retry*: seconds to wait
    before the second, third … try of a row that fails; after the last one it is parked. The rows of a batch share
    a savepoint; when one of them fails, all are undone and done again one by one, so that the failure undoes only
    itself. What *run* does must therefore be undone by the transaction, or bear being done twice.
    """
    with db.transaction() as session:
        rows: Sequence[Row] = session.scalars(
            select(row_type)
            .where(row_type.status == PENDING, row_type.due_at <= clock.now(), *([] if only is None else [only]))
            .order_by(row_type.due_at, row_type.id)
            .limit(batch)
            .with_for_update(skip_locked=True)
        ).all()
        taken = len(rows)
        todo = screen(session, rows) if screen and rows else rows
        if not (len(todo) > 1 and _all_at_once(session, todo, run, clock)):
            for row in todo:
                _one_by_one(session, row, run, clock, retry)
        return taken


def _all_at_once(session: Session, rows: Sequence[Row], run: Callable[[Session, Row], None], clock: Clock) -> bool:
    """Do all *rows*, or none of them when any fails."""
    try:
        with session.begin_nested():
            for row in rows:
                run(session, row)
            session.flush()
            table = table_of(type(rows[0]))
            session.execute(
                update(table)
                .where(table.c.id == func.any([row.id for row in rows]))
                .values(status=Status.DONE, done_at=clock.now(), error=None)
            )
    except Exception as error:  # found again, and recorded, when the rows are done one by one
        log.info("batch_undone", kind=rows[0].kind, rows=len(rows), error=str(error)[:200])
        return False
    return True


def _one_by_one(
    session: Session, row: Row, run: Callable[[Session, Row], None], clock: Clock, retry: Sequence[float]
) -> None:
    try:
        with session.begin_nested():
            run(session, row)
            row.status, row.done_at, row.error = Status.DONE, clock.now(), None
    except Exception as error:  # whatever a handler raises is kept on its row and retried
        record_failure(row, error, clock.now(), retry)


def record_failure(row: DurableRow, error: Exception, now: datetime, retry: Sequence[float]) -> None:
    """Note *error* on the row and set its next try, or park it after the last."""
    row.attempts += 1
    told = "".join(traceback.format_exception_only(error)).strip() + "\n" + traceback.format_exc(limit=8)
    row.error = storable(told)
    if row.attempts > len(retry):
        row.status = Status.PARKED
        log.error("parked", kind=row.kind, row=row.id, error=str(error))
        return
    wait = retry[row.attempts - 1] * random.uniform(1 - RETRY_FRACTION, 1 + RETRY_FRACTION)  # noqa: S311
    asked = error.seconds if isinstance(error, TryLater) and error.seconds else 0.0
    row.due_at = now + timedelta(seconds=max(wait, min(asked, LONGEST_WAIT)))
    log.warning("will_retry", kind=row.kind, row=row.id, attempt=row.attempts, error=str(error))


def noted_as(error: type[Exception]) -> str:
    """How the note of a failure begins on its row, before the error's own words."""
    return f"{error.__module__}.{error.__qualname__}: "


def storable(text: str) -> str:
    """*text* as PostgreSQL can hold it: without NUL and halves of characters. An error that could not be noted would
    never be counted, and its row tried for ever."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def retry_parked(row: DurableRow, now: datetime) -> None:
    """Give a parked row a fresh start."""
    row.status, row.attempts, row.due_at, row.error = Status.PENDING, 0, now, None
