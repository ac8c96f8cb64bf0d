"""Shapes of packs over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.reporting.models import PackStatus
from shared.web.schemas import Month, PageArgs, PageOut, Text

STATUSES = [str(status) for status in PackStatus]


class PackQuery(PageArgs):
    month = Month(metadata={"type": "string", "description": "YYYY-MM"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    agency_id = Text()


class PackRow(Schema):
    id = fields.UUID()
    agency_id = fields.String()
    month = Month(metadata={"type": "string"})
    version = fields.Integer()
    status = fields.String()
    built_at = fields.AwareDateTime(allow_none=True)
    approved_by = fields.String(allow_none=True)
    approved_at = fields.AwareDateTime(allow_none=True)
    recipient = fields.String(allow_none=True)
    message_id = fields.String(allow_none=True)
    mails = fields.Integer(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)
    late = fields.Boolean()
    error = fields.String(allow_none=True)


class PackPage(PageOut):
    rows = fields.List(fields.Nested(PackRow))


class PackOut(PackRow):
    agency = fields.String()
    obstacles = fields.String()
    follow_up = fields.String()
    content = fields.Dict(allow_none=True)


class NotesIn(Schema):
    obstacles = Text(required=True, validate=validate.Length(max=5000))
    follow_up = Text(required=True, validate=validate.Length(max=5000))


class ApprovalIn(Schema):
    version = fields.Integer(load_default=None, allow_none=True, metadata={"description": "the version that was read"})
