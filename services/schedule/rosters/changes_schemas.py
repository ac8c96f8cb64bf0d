"""Shapes of changes, swaps and requests."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, Text

REASON = validate.Length(min=3, max=500)
MODE = validate.OneOf(["wfh", "wfo"])


class ReasonIn(Schema):
    reason = Text(required=True, validate=REASON)


class RecallIn(ReasonIn):
    date = fields.Date(required=True)
    unit_id = fields.String(load_default=None, metadata={"description": "one unit only; else the whole agency"})


class CellChangeOut(Schema):
    employee_id = fields.String()
    unit_id = fields.String()
    date = fields.Date()
    before = fields.String()
    after = fields.String()


class CellChangePage(PageOut):
    rows = fields.List(fields.Nested(CellChangeOut))


class SwapIn(ReasonIn):
    gives = fields.Date(required=True, metadata={"description": "one's own WFH date"})
    other_id = fields.String(required=True)
    takes = fields.Date(required=True, metadata={"description": "the other's WFH date"})


class SwapAnswerIn(Schema):
    agrees = fields.Boolean(required=True)


class DecisionIn(Schema):
    approves = fields.Boolean(required=True)
    note = Text(load_default=None, validate=validate.Length(max=500))


class SwapOut(Schema):
    id = fields.UUID()
    roster_id = fields.UUID()
    agency_id = fields.String()
    asker_id = fields.String()
    gives = fields.Date()
    other_id = fields.String()
    takes = fields.Date()
    status = fields.String()
    reason = fields.String()
    asked_at = fields.AwareDateTime()
    agreed_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)


class SwapPage(PageOut):
    rows = fields.List(fields.Nested(SwapOut))


class StatusQuery(PageArgs):
    status = fields.String()


class RequestIn(ReasonIn):
    employee_id = fields.String(load_default=None, metadata={"description": "by the operator: whose; else one's own"})
    date = fields.Date(required=True)
    mode = fields.String(required=True, validate=MODE)
    kind = fields.String(load_default="wish", validate=validate.OneOf(["wish", "pin"]))


class RequestOut(Schema):
    id = fields.UUID()
    agency_id = fields.String()
    employee_id = fields.String()
    date = fields.Date()
    mode = fields.String()
    kind = fields.String()
    status = fields.String()
    reason = fields.String()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    decided_by = fields.String(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)


class RequestPage(PageOut):
    rows = fields.List(fields.Nested(RequestOut))


class StandInIn(ReasonIn):
    one_id = fields.String(required=True)
    other_id = fields.String(required=True)


class StandInOut(StandInIn):
    agency_id = fields.String()
    set_by = fields.String()
    set_at = fields.AwareDateTime()


class StandInPage(PageOut):
    rows = fields.List(fields.Nested(StandInOut))


class GateIn(ReasonIn):
    month = fields.Date(required=True, metadata={"description": "any day of the month"})
