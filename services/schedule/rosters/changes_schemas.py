"""Shapes of changes, swaps and requests."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import Month, PageArgs, PageOut, Text

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


class RequestQuery(StatusQuery):
    start = fields.Date(data_key="from", metadata={"description": "leaves out days before that day"})
    end = fields.Date(data_key="to", metadata={"description": "leaves out days after that day"})


class RequestFilter(Schema):
    """What the page's list is asked for; without a month days from today on."""

    month = Month()
    status = fields.String(validate=validate.OneOf(["asked", "approved", "refused", "withdrawn"]))


class RequestIn(ReasonIn):
    employee_id = fields.String(load_default=None, metadata={"description": "by the operator: whose; else one's own"})
    date = fields.Date(required=True)
    mode = fields.String(required=True, validate=MODE)
    kind = fields.String(load_default="wish", validate=validate.OneOf(["wish", "pin"]))


class PinForm(ReasonIn):
    """The page's form that fixes somebody's day."""

    nip = Text(required=True, validate=validate.Length(1, 18))
    date = fields.Date(required=True)
    mode = fields.String(required=True, validate=MODE)


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
    note = fields.String(allow_none=True, metadata={"description": "of who decided"})


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


class GateMonth(Schema):
    month = Month(metadata={"description": "YYYY-MM; this month when left out"})


class GateQuery(PageArgs, GateMonth):
    pass


class ClosedGateOut(Schema):
    clause = fields.String()
    text = fields.String(metadata={"description": "the policy's words"})
    when = fields.String(metadata={"description": "what it looks at: overdue_reports, rating, sanction"})


class GateOut(Schema):
    employee_id = fields.String()
    nip = fields.String()
    name = fields.String()
    agency_id = fields.String()
    month = Month()
    gates = fields.List(
        fields.Nested(ClosedGateOut),
        metadata={"description": "that close for the person; more than one where policies change in the month"},
    )
    overdue_reports = fields.Integer()
    opened_by = fields.String(allow_none=True, metadata={"description": "null while the person is kept at the office"})
    opened_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "why the head opened it"})


class GatePage(PageOut):
    rows = fields.List(fields.Nested(GateOut))
