"""Shapes of the people API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, RejectionOut


class EmployeeQuery(PageArgs):
    agency_id = fields.String()
    on = fields.Date(metadata={"description": "people as they served on that day, instead of as they are now"})
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


class EmployeePage(PageOut):
    rows = fields.List(fields.Nested(EmployeeOut))


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


class UnitPage(PageOut):
    rows = fields.List(fields.Nested(UnitOut))


class ReconciliationOut(Schema):
    id = fields.UUID()
    source = fields.String()
    started_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)
    units = fields.Integer()
    people = fields.Integer()
    applied = fields.Integer()
    rejected = fields.Integer()
    gone = fields.Integer()


class ReconciliationPage(PageOut):
    rows = fields.List(fields.Nested(ReconciliationOut))


class DifferenceOut(Schema):
    subject = fields.String()
    name = fields.String()
    outcome = fields.String()
    reason = fields.String()
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String(allow_none=True)), data_key="fields", attribute="fields"
    )


class ReconciliationDetail(ReconciliationOut):
    differences = fields.List(fields.Nested(DifferenceOut))


class ExemptionIn(Schema):
    clause = fields.String(required=True, allow_none=True, validate=validate.Regexp(r"^1\.l\.([4-9]|1[0-2])$"))


class QuotaIn(Schema):
    share = fields.Decimal(required=True, places=3, validate=validate.Range(0, 1))
    min_on_site = fields.Integer(required=True, validate=validate.Range(0, 10_000))


class OutcomeOut(Schema):
    seen = fields.Integer()
    changed = fields.Integer()
    rejected = fields.List(fields.Nested(RejectionOut))
    applied = fields.Boolean()
