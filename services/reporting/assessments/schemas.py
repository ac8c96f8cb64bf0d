"""Shapes of assessments over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.reporting.assessments.rules import AT_ONCE, DECISIONS
from shared.web.schemas import Text


class AssessmentIn(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    note = Text(load_default="", validate=validate.Length(max=1000))


class AssessmentsIn(AssessmentIn):
    report_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, AT_ONCE))


class RefusedOut(Schema):
    report_id = fields.UUID()
    code = fields.String()
    detail = fields.String()


class OutcomeOut(Schema):
    assessed = fields.List(fields.UUID())
    refused = fields.List(fields.Nested(RefusedOut))
