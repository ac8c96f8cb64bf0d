"""What IT does about rows that failed every try: see, retry, drop; over HTTP and on the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import audit
from shared.auth import Owner, access, who
from shared.backlog import QUEUES, describe, first_line
from shared.durable import DurableRow, Status, retry_parked
from shared.errors import NotFound
from shared.roles import Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import PageArgs, PageOut

LISTED = 200  # rows on the command line

blueprint = Blueprint("operations", __name__, url_prefix="/api", description="Untuk petugas TI")


class ParkedQuery(PageArgs):
    table = fields.String(load_default="inbox", validate=validate.OneOf(sorted(QUEUES)))


class RowOut(Schema):
    id = fields.Integer()
    kind = fields.String()
    about = fields.Function(describe, metadata={"description": "which event or job"})
    attempts = fields.Integer()
    created_at = fields.AwareDateTime()


class ParkedRow(RowOut):
    error = fields.Function(lambda row: first_line(row.error))


class ParkedPage(PageOut):
    rows = fields.List(fields.Nested(ParkedRow))


class ParkedDetail(RowOut):
    payload = fields.Dict()
    error = fields.String(allow_none=True)
    traceparent = fields.String(allow_none=True)


def parked(session: Session, row_type: type[DurableRow], row_id: int | None = None) -> Sequence[DurableRow]:
    """Parked rows, oldest first, or the one with that id."""
    query = select(row_type).where(row_type.status == Status.PARKED)
    if row_id is not None:
        query = query.where(row_type.id == row_id)
    return session.scalars(query.order_by(row_type.id).limit(LISTED)).all()


def retry(session: Session, table: str, row: DurableRow, *, by: str, now: datetime) -> None:
    """Give a parked row a fresh start; the audit log keeps by whom."""
    retry_parked(row, now)
    audit.record(session, by, "retry_parked", f"{table}/{row.id}", now=now)


def drop(session: Session, table: str, row: DurableRow, *, by: str, now: datetime) -> None:
    """Give a parked row up; the audit log keeps what it was, and by whom."""
    detail = {"kind": row.kind, "error": first_line(row.error)}
    session.execute(delete(type(row)).where(type(row).id == row.id))
    audit.record(session, by, "drop_parked", f"{table}/{row.id}", now=now, detail=detail)


def the_system(_session: Session, **_: object) -> Owner:
    """Rows of the queue belong to no agency: only city-wide roles reach them."""
    return Owner("")


def _one(session: Session, table: str, row_id: int) -> DurableRow:
    found = parked(session, QUEUES[table], row_id) if table in QUEUES else []
    if not found:
        raise NotFound("Tidak ada pekerjaan terhenti dengan nomor ini.")
    return found[0]


@blueprint.get("/parked")
@blueprint.arguments(ParkedQuery, location="query")
@blueprint.response(200, ParkedPage)
@access(Role.IT)
def parked_rows(args: dict[str, Any]) -> Page[DurableRow]:
    """Rows that failed every try, oldest first."""
    row_type = QUEUES[args["table"]]
    with transaction() as session:
        return asked_page(session, select(row_type).where(row_type.status == Status.PARKED).order_by(row_type.id))


@blueprint.get("/parked/<table>/<int:row_id>")
@blueprint.response(200, ParkedDetail)
@access(Role.IT, owner=the_system)
def parked_row(table: str, row_id: int) -> DurableRow:
    """One parked row with its content, error and trace."""
    with transaction() as session:
        return _one(session, table, row_id)


@blueprint.post("/parked/<table>/<int:row_id>/retry")
@blueprint.response(204)
@access(Role.IT, owner=the_system)
def retry_row(table: str, row_id: int) -> None:
    """Give a parked row a fresh start."""
    now = context().now()
    with transaction() as session:
        retry(session, table, _one(session, table, row_id), by=who().label, now=now)


@blueprint.delete("/parked/<table>/<int:row_id>")
@blueprint.response(204)
@access(Role.IT, owner=the_system)
def drop_row(table: str, row_id: int) -> None:
    """Give a parked row up; the audit log keeps what it was."""
    now = context().now()
    with transaction() as session:
        drop(session, table, _one(session, table, row_id), by=who().label, now=now)
