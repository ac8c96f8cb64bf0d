"""Shapes of the roster API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

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
