"""Shapes of duties, reports and performance over HTTP."""

from __future__ import annotations

import json
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.reporting.duties.rules import RATINGS
from services.reporting.models import DutyStatus
from services.reporting.reports.rules import LINE_LIMIT, Line
from shared.web.schemas import Month, PageArgs, PageOut, Text


class LineIn(Schema):
    activity = Text(required=True, validate=validate.Length(3, 500, error="Isi 3 sampai 500 huruf."))
    start = fields.Time(required=True, format="%H:%M")
    end = fields.Time(required=True, format="%H:%M")
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000_000))
    unit = Text(required=True, validate=validate.Length(1, 50, error="Isi 1 sampai 50 huruf."))
    result = Text(load_default="", validate=validate.Length(max=1000))

    @validates_schema(skip_on_field_errors=False)  # all faults at once, not one after the other
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and data["start"] >= data["end"]:
            raise ValidationError("Jam selesai harus sesudah jam mulai.", "end")


class LinesField(fields.Field[list[Line]]):
    """A JSON array in a form field, read as output lines."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Line]:  # noqa: ARG002
        try:
            rows = json.loads(value)
        except (ValueError, TypeError, RecursionError):
            raise ValidationError("Bukan JSON.") from None
        return read_lines(rows)


def read_lines(rows: Any) -> list[Line]:
    """Output lines from plain values; raises ValidationError with the place of every fault."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= LINE_LIMIT:
        raise ValidationError(f"Isi 1 sampai {LINE_LIMIT} baris kegiatan.")
    return [Line(**row) for row in LineIn(many=True).load(rows)]


class ReportForm(Schema):
    date = fields.Date(load_default=None, allow_none=True, metadata={"description": "default: today in Metro"})
    lines = LinesField(
        required=True,
        metadata={"type": "string", "description": "JSON array of {activity, start, end, quantity, unit, result}"},
    )


class ReportFiles(Schema):
    photo = Upload(required=True)


class LineOut(Schema):
    activity = fields.String()
    start = fields.Time(format="%H:%M")
    end = fields.Time(format="%H:%M")
    quantity = fields.Integer()
    unit = fields.String()
    result = fields.String()


class SignalOut(Schema):
    kind = fields.String()
    text = fields.String()
    report_id = fields.String()


class PhotoOut(Schema):
    url = fields.String()
    sha256 = fields.String()
    bytes = fields.Integer()
    width = fields.Integer()
    height = fields.Integer()
    taken_at = fields.AwareDateTime(allow_none=True)
    signals = fields.List(fields.Nested(SignalOut))


class AssessmentOut(Schema):
    by = fields.String()
    by_name = fields.String()
    at = fields.AwareDateTime()
    decision = fields.String()
    note = fields.String()


class ReportOut(Schema):
    id = fields.UUID()
    duty_id = fields.UUID()
    employee_id = fields.String()
    employee_name = fields.String()
    date = fields.Date()
    status = fields.String()
    revision = fields.Integer()
    current = fields.Boolean()
    filed_at = fields.AwareDateTime()
    late = fields.Boolean()
    lines = fields.List(fields.Nested(LineOut))
    photo = fields.Nested(PhotoOut)
    assessment = fields.Nested(AssessmentOut, allow_none=True)


class DutyQuery(PageArgs):
    date = fields.Date()
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    status = fields.String(validate=validate.OneOf([str(status) for status in DutyStatus]))
    agency_id = Text()
    unit = Text(metadata={"description": "unit id"})
    mine = fields.Boolean(load_default=False, metadata={"description": "only one's own duties"})


class DutyOut(Schema):
    id = fields.UUID()
    employee_id = fields.String()
    employee_name = fields.Function(lambda duty: duty.employee.name if duty.employee else None)
    nip = fields.Function(lambda duty: duty.employee.nip if duty.employee else None)
    date = fields.Date()
    agency_id = fields.String()
    unit_id = fields.String()
    superior_id = fields.String(allow_none=True)
    due_at = fields.AwareDateTime()
    status = fields.String()
    late = fields.Boolean()
    report_id = fields.UUID(allow_none=True)


class DutyPage(PageOut):
    rows = fields.List(fields.Nested(DutyOut))


class MonthQuery(Schema):
    month = Month(required=True, metadata={"type": "string", "description": "YYYY-MM"})


class FiguresOut(Schema):
    """due = filed + missing + open; filed includes late, assessed and sent back ones."""

    due = fields.Integer()
    filed = fields.Integer()
    late = fields.Integer()
    missing = fields.Integer()
    open = fields.Integer()
    assessed = fields.Integer()
    sent_back = fields.Integer()
    ratings = fields.Dict(keys=fields.String(validate=validate.OneOf(RATINGS)), values=fields.Integer())


class PerformanceOut(FiguresOut):
    nip = fields.String()
    month = Month(metadata={"type": "string"})
