"""Shapes of the roster API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.schedule.rosters.basis import left_out
from shared.web.schemas import PageArgs, PageOut


class RosterIn(Schema):
    agency_id = fields.String(required=True)
    month = fields.Date(required=True, metadata={"description": "any day of the month"})


class RosterQuery(PageArgs):
    month = fields.Date()
    status = fields.String()
    agency_id = fields.String()


class RosterOut(Schema):
    id = fields.UUID()
    agency_id = fields.String()
    month = fields.Date()
    version = fields.Integer()
    status = fields.String()
    policy_id = fields.String()
    starts = fields.Date()
    ends = fields.Date()
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    approved_by = fields.String(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    in_force_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)
    amends_id = fields.UUID(allow_none=True)
    change = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    clashes = fields.List(fields.Nested(lambda: ClashOut()))
    left_out = fields.Function(
        lambda roster: left_out(roster.basis, roster.month),
        metadata={"description": "days of the month that have no policy, as spans: starts, ends, text"},
    )
    optimal = fields.Boolean()
    gap = fields.Decimal(as_string=True)
    method = fields.String()
    sha256 = fields.String(allow_none=True)


class PartOut(Schema):
    clause = fields.String()
    text = fields.String()


class ClashOut(Schema):
    """A smallest set of rules that cannot hold together, and the smallest relaxation."""

    blocking = fields.Boolean()
    date = fields.String(allow_none=True)
    parts = fields.List(fields.Nested(PartOut))
    relaxations = fields.List(fields.String())


class RosterPage(PageOut):
    rows = fields.List(fields.Nested(RosterOut))


class RejectIn(Schema):
    note = fields.String(required=True, validate=validate.Length(min=3, max=500))


class CellQuery(PageArgs):
    employee_id = fields.String()
    date = fields.Date()
    mode = fields.String()


class CellOut(Schema):
    employee_id = fields.String()
    unit_id = fields.String()
    date = fields.Date()
    mode = fields.String()
    clause = fields.String()
    rule = fields.String()


class CellPage(PageOut):
    rows = fields.List(fields.Nested(CellOut))


class ReasonOut(Schema):
    date = fields.Date()
    mode = fields.String()
    clause = fields.String()
    text = fields.String()


class ExportQuery(Schema):
    format = fields.String(
        load_default="xlsx", validate=validate.OneOf(["xlsx", "csv", "pdf"], error="Pilih xlsx, csv, atau pdf.")
    )
