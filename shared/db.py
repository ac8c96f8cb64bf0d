"""PostgreSQL through SQLAlchemy: one database per service; the edge opens the transaction, actions take a session."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from psycopg import Error as PsycopgError
from sqlalchemy import Connection, DateTime, MetaData, Select, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from uuid_utils.compat import uuid7

log = structlog.get_logger()

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
TYPES: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    dict[str, Any]: postgresql.JSONB,
    list[dict[str, Any]]: postgresql.JSONB,
    list[str]: postgresql.ARRAY(postgresql.TEXT),
    UUID: postgresql.UUID(as_uuid=True),
}


class SharedBase(DeclarativeBase):
    """Tables that every service's database holds: outbox, inbox, jobs, audit, API keys, webhook endpoints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = TYPES


T = TypeVar("T")
_WAKE = "wake"
REST_SECONDS = 2.0


def new_id() -> UUID:
    """A time-ordered id (UUIDv7, RFC 9562): inserts stay at the right edge of the index."""
    return uuid7()


def table_of(model: type[DeclarativeBase]) -> Table:
    """The table of *model*, for bulk statements: the ORM's own cost as much again as the statement."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _look_after_rest(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """Try a pooled connection that has not been used for a while; SQLAlchemy replaces one that is gone.

    Its own ``pool_pre_ping`` asks at every use, which is a third of the ways to the server of a short transaction.
    """
    if time.monotonic() - record.info.get("rests_since", float("inf")) > REST_SECONDS:
        try:
            connection.execute("select 1")
            connection.rollback()
        except PsycopgError as error:
            raise DisconnectionError from error


def _read_anew(state: ORMExecuteState) -> None:
    """What is locked is read anew: SQLAlchemy by itself locks a row that the session knows and keeps its old values."""
    if isinstance(state.statement, Select) and state.statement._for_update_arg is not None:
        state.update_execution_options(populate_existing=True)


def wake_when_committed(session: Session, channel: str) -> None:
    """Send a PostgreSQL NOTIFY on *channel* when the transaction of *session* has been committed."""
    session.info.setdefault(_WAKE, set()).add(channel)


class Database:
    """One service's database: a connection pool and the only place that commits."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine = create_engine(
            url,
            hide_parameters=True,  # errors are logged; the values in them are people's data
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                # A server that vanished without a word is noticed within half a minute.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 20_000,
                "options": "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000",
            },
        )
        event.listen(self.engine, "checkin", _note_rest)
        event.listen(self.engine, "checkout", _look_after_rest)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        event.listen(self._sessions, "do_orm_execute", _read_anew)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends well, and rolled back whole when it does not."""
        with self._sessions.begin() as session:
            yield session
        for channel in sorted(session.info.pop(_WAKE, ())):
            self._notify(channel)

    @contextmanager
    def single_statement(self) -> Iterator[Connection]:
        """A connection on which each statement is a transaction of its own: one way to the server instead of three."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def _notify(self, channel: str) -> None:
        """Wake who listens on *channel*.

        Not within the transaction that has something to tell: PostgreSQL lets only one transaction with a NOTIFY
        commit at a time. This one has nothing to write to disk, so it holds nobody up.
        """
        try:
            with self.single_statement() as connection:
                connection.execute(text("select pg_notify(:channel, '')"), {"channel": channel})
        except SQLAlchemyError as error:  # a hint only: who listens also looks by itself
            log.info("wake_not_sent", channel=channel, error=str(error))

    def is_up(self) -> bool:
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except Exception:  # any failure to answer means "not ready"; the caller reports it
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


def page_of(session: Session, query: Select[T], page: int, size: int) -> tuple[list[T], int]:
    """Rows of one page (1-based) of *query* and the number of rows in all."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(size).offset((page - 1) * size)).all()
    return list(rows), total
