"""Shapes of the savings API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut


class CloseIn(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=500))


class ClosureOut(Schema):
    agency_id = fields.String()
    month = fields.Date()
    version = fields.Integer()
    figures = fields.Dict()
    detail = fields.Dict()
    closed_at = fields.AwareDateTime()
    closed_by = fields.String()
    reason = fields.String()


class ClosureQuery(PageArgs):
    agency_id = fields.String(validate=validate.Length(max=100))
    month = fields.String(validate=validate.Regexp(r"^\d{4}-(0[1-9]|1[0-2])$"))


class ClosurePage(PageOut):
    rows = fields.List(fields.Nested(ClosureOut))
