"""Shapes of the meter API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, RejectionOut


class ReadingQuery(PageArgs):
    agency_id = fields.String(validate=validate.Length(max=100))
    building = fields.String(validate=validate.Length(max=100))
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")


class ReadingOut(Schema):
    building = fields.String()
    agency_id = fields.String()
    date = fields.Date()
    kwh = fields.Float()
    source = fields.String()


class ReadingPage(PageOut):
    rows = fields.List(fields.Nested(ReadingOut))


class ReadingOutcomeOut(Schema):
    seen = fields.Integer()
    added = fields.Integer()
    replaced = fields.Integer(metadata={"description": "stored before with another value"})
    same = fields.Integer(metadata={"description": "stored before with the same value"})
    rejected = fields.List(fields.Nested(RejectionOut))
    restate = fields.List(fields.String(), metadata={"description": "closed months that may change: agency, month"})
    applied = fields.Boolean()
