"""Shapes of the city recap over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.reporting.recap.queries import PACK_TEXT, SORTS
from services.reporting.reports.schemas import FiguresOut
from shared.web.schemas import Month, PageArgs, PageOut, Text


class RecapQuery(PageArgs):
    month = Month(required=True, metadata={"type": "string", "description": "YYYY-MM"})
    q = Text(validate=validate.Length(max=100), metadata={"description": "part of an agency's name"})
    pack = fields.String(validate=validate.OneOf(list(PACK_TEXT)))
    sort = fields.String(validate=validate.OneOf([sign + name for name in SORTS for sign in ("", "-")]))


class RecapRowOut(Schema):
    agency_id = fields.String()
    agency = fields.String()
    figures = fields.Nested(FiguresOut)
    pack = fields.String(validate=validate.OneOf(list(PACK_TEXT)))
    pack_id = fields.UUID(allow_none=True)


class RecapPage(PageOut):
    rows = fields.List(fields.Nested(RecapRowOut))
