"""Shapes of the room API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PageArgs, PageOut, RejectionOut


class RoomQuery(PageArgs):
    agency_id = fields.String(validate=validate.Length(max=100))
    q = fields.String(validate=validate.Length(max=100), metadata={"description": "part of a code or name"})


class RoomOut(Schema):
    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    agency_id = fields.String()
    unit_id = fields.String()
    building = fields.String()
    floor = fields.Integer()
    devices = fields.List(fields.String())
    officer_nip = fields.String(allow_none=True)
    occupant_nips = fields.List(fields.String())


class RoomPage(PageOut):
    rows = fields.List(fields.Nested(RoomOut))


class RoomOutcomeOut(Schema):
    seen = fields.Integer()
    changed = fields.Integer()
    rejected = fields.List(fields.Nested(RejectionOut))
    waiting = fields.List(fields.Nested(RejectionOut), metadata={"description": "NIPs not known yet"})
    applied = fields.Boolean()
