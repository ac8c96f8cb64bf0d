"""Shapes of the calendar API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, Text

FIRST_YEAR, LAST_YEAR = 2020, 2100


class HolidaysQuery(PageArgs):
    year = fields.Integer(
        load_default=None,
        validate=validate.Range(FIRST_YEAR, LAST_YEAR),
        metadata={"description": "this year when left out"},
    )


class HolidayIn(Schema):
    name = Text(
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "empty: a working day after all"},
    )
    source = Text(
        required=True,
        validate=validate.Length(min=3, max=200),
        metadata={"description": "the decree or letter that says so"},
    )


class HolidayOut(Schema):
    date = fields.Date()
    name = fields.String(allow_none=True, metadata={"description": "null: a working day after all"})
    decreed = fields.String(allow_none=True, metadata={"description": "as the joint decree has it, before correction"})
    source = fields.String(allow_none=True, metadata={"description": "of the correction; null: not corrected"})


class HolidayPage(PageOut):
    rows = fields.List(fields.Nested(HolidayOut))
