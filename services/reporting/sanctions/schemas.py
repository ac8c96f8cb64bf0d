"""Shapes of reprimands over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.reporting.sanctions.rules import KIND_TEXT, STATE_TEXT
from shared.web.schemas import PageArgs, PageOut, Text

WORDS = validate.Length(min=10, max=2000)
"""A reason that says something, and fits on a page."""


class SanctionIn(Schema):
    nip = Text(required=True, validate=validate.Length(max=18))
    kind = fields.String(required=True, validate=validate.OneOf(list(KIND_TEXT)))
    reason = Text(required=True, validate=WORDS)
    starts = fields.Date(required=True)
    ends = fields.Date(required=True, metadata={"description": "the last day on which it holds; a year at most"})


class ObjectionIn(Schema):
    objection = Text(required=True, validate=WORDS)


class RevocationIn(Schema):
    reason = Text(required=True, validate=WORDS)


class SanctionQuery(PageArgs):
    nip = Text()
    in_force = fields.Boolean()


class SanctionOut(Schema):
    id = fields.UUID()
    employee_id = fields.String()
    nip = fields.String()
    employee_name = fields.String()
    agency_id = fields.String()
    kind = fields.String(validate=validate.OneOf(list(KIND_TEXT)))
    state = fields.String(validate=validate.OneOf(list(STATE_TEXT)))
    reason = fields.String()
    starts = fields.Date()
    ends = fields.Date()
    decided_by = fields.String()
    decided_at = fields.AwareDateTime()
    objection = fields.String(allow_none=True)
    objected_at = fields.AwareDateTime(allow_none=True)
    revoked_by = fields.String(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)
    revocation_reason = fields.String(allow_none=True)


class SanctionPage(PageOut):
    rows = fields.List(fields.Nested(SanctionOut))
