"""Shapes of the checklist API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.energy.models import ChecklistStatus
from shared.web.schemas import PageArgs, PageOut


class ChecklistQuery(PageArgs):
    date = fields.Date()
    agency_id = fields.String(validate=validate.Length(max=100))
    status = fields.String(validate=validate.OneOf([str(status) for status in ChecklistStatus]))
    room = fields.String(validate=validate.Length(max=100), metadata={"description": "part of a room's code or name"})


class RoomRef(Schema):
    code = fields.String()
    name = fields.String()
    building = fields.String()
    floor = fields.Integer()


class ChecklistOut(Schema):
    id = fields.UUID()
    room = fields.Nested(RoomRef)
    agency_id = fields.String()
    date = fields.Date()
    due_at = fields.AwareDateTime()
    status = fields.String()
    late = fields.Boolean(allow_none=True)
    roster_id = fields.String()
    submitted_name = fields.String(allow_none=True)
    submitted_at = fields.AwareDateTime(allow_none=True)
    supervised_name = fields.String(allow_none=True)
    supervised_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)


class ItemOut(Schema):
    code = fields.String()
    clause = fields.String()
    text = fields.String()
    ok = fields.Boolean(allow_none=True)
    note = fields.String(allow_none=True)


class ChecklistDetail(ChecklistOut):
    items = fields.List(fields.Nested(ItemOut))


class ChecklistPage(PageOut):
    rows = fields.List(fields.Nested(ChecklistOut))


class AnswerIn(Schema):
    code = fields.String(required=True, validate=validate.Length(1, 50))
    ok = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=500))


class SubmitIn(Schema):
    items = fields.List(fields.Nested(AnswerIn), required=True, validate=validate.Length(max=100))


class SuperviseIn(Schema):
    accepted = fields.Boolean(required=True)
    note = fields.String(load_default="", validate=validate.Length(max=500))


class ActionQuery(PageArgs):
    agency_id = fields.String(validate=validate.Length(max=100))
    open_only = fields.Boolean(load_default=True)


class ActionOut(Schema):
    id = fields.UUID()
    checklist_id = fields.UUID()
    code = fields.String()
    clause = fields.String()
    agency_id = fields.String()
    description = fields.String()
    owner_id = fields.String()
    deadline = fields.Date()
    opened_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)
    done_note = fields.String(allow_none=True)


class ActionPage(PageOut):
    rows = fields.List(fields.Nested(ActionOut))


class DoneIn(Schema):
    note = fields.String(load_default="", validate=validate.Length(max=500))
