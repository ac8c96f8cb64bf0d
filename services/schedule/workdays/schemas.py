"""Shapes of the work days API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut

NIPS_LIMIT = 500  # people of one question


class SpanQuery(Schema):
    start = fields.Date(required=True, data_key="from", metadata={"description": "first day"})
    end = fields.Date(required=True, data_key="to", metadata={"description": "last day, at most 366 days in all"})


class UnitQuery(SpanQuery, PageArgs):
    pass


class BatchIn(SpanQuery):
    nips = fields.List(
        fields.String(validate=validate.Regexp(r"[0-9]{18}\Z", error="NIP terdiri atas 18 angka.")),
        required=True,
        validate=validate.Length(1, NIPS_LIMIT, error=f"Sebutkan 1 sampai {NIPS_LIMIT} NIP."),
    )


class WorkdayOut(Schema):
    date = fields.Date()
    mode = fields.String(metadata={"description": "wfo, wfh, leave, travel, training, or holiday"})
    clause = fields.String(
        allow_none=True,
        metadata={"description": "of the circular; none on a holiday or absence that became known after the letter"},
    )
    letter_number = fields.String(
        allow_none=True,
        metadata={"description": "of the Surat Tugas; none on a holiday or absence known later than it"},
    )
    holiday = fields.String(allow_none=True, metadata={"description": "name of a holiday added after the letter"})


class PersonOut(Schema):
    nip = fields.String()
    name = fields.String()
    days = fields.List(fields.Nested(WorkdayOut))


class PersonPage(PageOut):
    rows = fields.List(fields.Nested(PersonOut))


class BatchOut(Schema):
    rows = fields.List(fields.Nested(PersonOut))
    not_found = fields.List(fields.String(), metadata={"description": "NIPs unknown, or not for you to see"})
