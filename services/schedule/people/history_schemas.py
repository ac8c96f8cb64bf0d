"""Shapes of the API about postings, acting heads, superiors and gaps."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.schedule.people.gaps import KINDS
from services.schedule.people.leadership import PREFIX
from shared.web.schemas import PageArgs, PageOut, Text

REASON = validate.Length(3, 500)


class PostingOut(Schema):
    id = fields.UUID()
    employee_id = fields.String()
    kind = fields.String(metadata={"description": "main, acting (Plt., Plh.), dual (rangkap)"})
    starts = fields.Date()
    ends = fields.Date(allow_none=True, metadata={"description": "the last day; null while no end is known"})
    agency_id = fields.String()
    unit_id = fields.String()
    post = fields.String()
    echelon = fields.String()
    rank = fields.String()
    active = fields.Boolean()
    dated = fields.Boolean(metadata={"description": "starts is a TMT, not the day on which it became known"})
    by_hand = fields.Boolean()
    reason = fields.String(allow_none=True)


class PostingPage(PageOut):
    rows = fields.List(fields.Nested(PostingOut))


class ActingIn(Schema):
    employee_id = Text(required=True, validate=validate.Length(1, 100))
    kind = fields.String(required=True, validate=validate.OneOf(sorted(PREFIX)))
    starts = fields.Date(required=True)
    ends = fields.Date(load_default=None, allow_none=True)
    reason = Text(required=True, validate=REASON)


class SecondPostIn(Schema):
    unit_id = Text(required=True, validate=validate.Length(1, 100))
    post = Text(required=True, validate=validate.Length(3, 200))
    echelon = Text(load_default="99", validate=validate.Regexp(r"^\d{2}$", error="Eselon dua angka seperti di SIASN."))
    starts = fields.Date(required=True)
    ends = fields.Date(load_default=None, allow_none=True)
    reason = Text(required=True, validate=REASON)


class EndIn(Schema):
    last = fields.Date(required=True, metadata={"description": "the last day"})
    reason = Text(required=True, validate=REASON)


class SuperiorIn(Schema):
    superior_id = Text(required=True, allow_none=True, validate=validate.Length(1, 100))
    reason = Text(required=True, validate=REASON)


class OverrideOut(Schema):
    employee_id = fields.String()
    superior_id = fields.String()
    reason = fields.String()
    set_by = fields.String()
    set_at = fields.AwareDateTime()


class OverridePage(PageOut):
    rows = fields.List(fields.Nested(OverrideOut))


class GapQuery(PageArgs):
    kind = fields.String(validate=validate.OneOf(KINDS))
    agency_id = fields.String()


class GapOut(Schema):
    kind = fields.String()
    agency_id = fields.String()
    unit_id = fields.String()
    employee_id = fields.String()
    nip = fields.String()
    name = fields.String()
    text = fields.String()


class GapPage(PageOut):
    rows = fields.List(fields.Nested(GapOut))
