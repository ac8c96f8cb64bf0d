"""Shapes of the absences API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import Month, PageArgs, PageOut, Text

KINDS = ("leave", "travel", "training")


class AbsenceQuery(PageArgs):
    employee_id = fields.String(validate=validate.Length(max=100))
    nip = Text(validate=validate.Length(max=18))
    start = fields.Date(data_key="from", metadata={"description": "leaves out what ended before that day"})
    end = fields.Date(data_key="to", metadata={"description": "leaves out what begins after that day"})
    cancelled = fields.Boolean(load_default=False, metadata={"description": "true: those that were cancelled too"})


class AbsenceIn(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    starts = fields.Date(required=True)
    ends = fields.Date(required=True, metadata={"description": "the last day; at most 366 days in all"})
    note = Text(load_default="", validate=validate.Length(max=500))


class AbsenceForm(AbsenceIn):
    """The page's form, which names the person too."""

    nip = Text(required=True, validate=validate.Length(1, 18))


class AbsenceFilter(Schema):
    """What the page's list is asked for."""

    month = Month()
    nip = Text(validate=validate.Length(max=18))
    cancelled = fields.Boolean(load_default=False)


class CancelIn(Schema):
    reason = Text(required=True, validate=validate.Length(3, 500))


class AbsenceOut(Schema):
    id = fields.UUID()
    employee_id = fields.String()
    nip = fields.String()
    name = fields.String()
    agency_id = fields.String()
    kind = fields.String(metadata={"description": "leave, travel, training"})
    starts = fields.Date()
    ends = fields.Date(metadata={"description": "the last day"})
    source = fields.String(metadata={"description": "file, hand, eoffice"})
    cancelled_at = fields.AwareDateTime(allow_none=True, metadata={"description": "null while it stands"})
    note = fields.String(
        allow_none=True, metadata={"description": "for the person, and operator and head of their agency; else null"}
    )
    cancel_reason = fields.String(allow_none=True, metadata={"description": "shown to whom the note is shown"})


class AbsencePage(PageOut):
    rows = fields.List(fields.Nested(AbsenceOut))
