"""Shapes of the people API."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate


class PageArgs(Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))
    page_size = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class EmployeeQuery(PageArgs):
    agency_id = fields.String()
    q = fields.String(validate=validate.Length(max=100), metadata={"description": "part of a name or NIP"})


class EmployeeOut(Schema):
    id = fields.String()
    nip = fields.String()
    name = fields.String()
    agency_id = fields.String()
    unit_id = fields.String()
    superior_id = fields.String(allow_none=True)
    post = fields.String()
    rank = fields.String()
    active = fields.Boolean()


class EmployeePage(Schema):
    rows = fields.List(fields.Nested(EmployeeOut))
    page = fields.Integer(attribute="number")
    total = fields.Integer()


class UnitQuery(PageArgs):
    agency_id = fields.String()
    agencies_only = fields.Boolean(load_default=False)


class UnitOut(Schema):
    id = fields.String()
    parent_id = fields.String(allow_none=True)
    agency_id = fields.String()
    name = fields.String()
    code = fields.String()
    leader_id = fields.String(allow_none=True)
    exempt_clause = fields.String(allow_none=True)


class UnitPage(Schema):
    rows = fields.List(fields.Nested(UnitOut))
    page = fields.Integer(attribute="number")
    total = fields.Integer()


class ExemptionIn(Schema):
    clause = fields.String(required=True, allow_none=True, validate=validate.Regexp(r"^1\.l\.([4-9]|1[0-2])$"))


class QuotaIn(Schema):
    share = fields.Decimal(required=True, places=3, validate=validate.Range(0, 1))
    min_on_site = fields.Integer(required=True, validate=validate.Range(0, 10_000))


class ImportFile(Schema):
    file = Upload(required=True)


class ImportArgs(Schema):
    apply = fields.Boolean(load_default=False, metadata={"description": "false previews, true takes the rows in"})


class RejectionOut(Schema):
    line = fields.Integer()
    reason = fields.String()


class OutcomeOut(Schema):
    seen = fields.Integer()
    changed = fields.Integer()
    rejected = fields.List(fields.Nested(RejectionOut))
    applied = fields.Boolean()
