"""Shapes of policies."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, Text

CONTENT_LIMIT = 200_000  # characters
AGENCIES_AT_ONCE = 20
"""Agencies planned by one call of a dry run: about four seconds for agencies of 250 people."""


class PolicyIn(Schema):
    content = fields.String(
        required=True,
        validate=validate.Length(min=10, max=CONTENT_LIMIT),
        metadata={"description": "the policy as TOML, as in services/schedule/policies"},
    )


class PolicyOut(Schema):
    id = fields.String()
    title = fields.String()
    layer = fields.String()
    agency_id = fields.String(allow_none=True)
    status = fields.String(metadata={"description": "file (comes with Luwes), draft, active, retired"})
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    fault = fields.String(
        allow_none=True,
        metadata={"description": "why this version of Luwes cannot read it; while it is active no roster can be made"},
    )


class PolicyGapOut(Schema):
    """Days, first and last, between two policies of a layer: nothing of it holds on them."""

    layer = fields.String()
    agency_id = fields.String(allow_none=True)
    starts = fields.Date()
    ends = fields.Date()


class PolicyGaps(Schema):
    gaps = fields.List(fields.Nested(PolicyGapOut))


class PolicyActivated(PolicyOut, PolicyGaps):
    pass


class PolicyPage(PageOut):
    rows = fields.List(fields.Nested(PolicyOut))


class TermIn(Schema):
    valid_to = fields.Date(required=True, allow_none=True)
    reason = Text(required=True, validate=validate.Length(min=3, max=500))


class DryRunQuery(PageArgs):
    page_size = fields.Integer(load_default=AGENCIES_AT_ONCE, validate=validate.Range(1, AGENCIES_AT_ONCE))
    month = fields.Date(required=True, metadata={"description": "any day of the month"})
    agency_id = fields.String()


class OutcomeOfMonth(Schema):
    holds = fields.Boolean()
    wfh_days = fields.Integer()
    most_home = fields.Integer()
    exempt = fields.Dict(keys=fields.String(), values=fields.Integer(), allow_none=True)
    clashes = fields.Integer()


class ComparisonOut(Schema):
    agency_id = fields.String()
    name = fields.String()
    before = fields.Nested(OutcomeOfMonth)
    after = fields.Nested(OutcomeOfMonth)
    people_changed = fields.Integer()
    in_force = fields.Boolean()


class DryRunPage(PageOut, PolicyGaps):
    rows = fields.List(fields.Nested(ComparisonOut))
