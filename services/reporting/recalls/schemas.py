"""Shapes of recalls over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.reporting.recalls.queries import refusal
from services.reporting.recalls.rules import NoticeStatus
from shared.web.schemas import PageArgs, PageOut, Text

STATUSES = [str(status) for status in NoticeStatus]


class RecallQuery(PageArgs):
    date = fields.Date()


class NoticeQuery(RecallQuery):
    roster_id = Text()
    status = fields.String(validate=validate.OneOf(STATUSES))


class RecallOut(Schema):
    roster_id = fields.String(metadata={"description": "the roster that carries the recall"})
    agency_id = fields.String()
    date = fields.Date()
    reason = fields.String()
    ordered_by = fields.String()
    ordered_at = fields.AwareDateTime()
    people = fields.Integer(metadata={"description": "how many were called back"})
    told = fields.Integer(metadata={"description": "how many of them the mail server took a mail for"})


class RecallPage(PageOut):
    rows = fields.List(fields.Nested(RecallOut))


class NoticeOut(Schema):
    roster_id = fields.String()
    agency_id = fields.String(attribute="recall.agency_id")
    date = fields.Date(attribute="recall.date")
    employee_id = fields.String()
    nip = fields.String(attribute="employee.nip")
    employee_name = fields.String(attribute="employee.name")
    status = fields.String(validate=validate.OneOf(STATUSES))
    words = fields.Function(
        refusal, metadata={"type": "string", "description": "the mail server's, where it refused; else empty"}
    )
    outcome_at = fields.AwareDateTime(allow_none=True, metadata={"description": "none while it is tried"})


class NoticePage(PageOut):
    rows = fields.List(fields.Nested(NoticeOut))
