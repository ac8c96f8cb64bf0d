"""PostgreSQL through SQLAlchemy: one database per service; the edge opens the transaction, actions take a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Select, create_engine, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from uuid_utils.compat import uuid7

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


def new_id() -> UUID:
    """A time-ordered id (UUIDv7, RFC 9562): inserts stay at the right edge of the index."""
    return uuid7()


class Database:
    """One service's database: a connection pool and the only place that commits."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine = create_engine(
            url,
            hide_parameters=True,  # errors are logged; the values in them are people's data
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                "options": "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000",
            },
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends well, and rolled back whole when it does not."""
        with self._sessions.begin() as session:
            yield session

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
