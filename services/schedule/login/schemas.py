"""Shapes of the roles API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.roles import Role

GRANTED = (Role.OPERATOR, Role.ROOM_OFFICER, Role.ORGANISATION, Role.EXECUTIVE, Role.IT, Role.AUDITOR)


class RoleIn(Schema):
    nip = fields.String(required=True, validate=validate.Length(equal=18))
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in GRANTED]))
    granted = fields.Boolean(load_default=True, metadata={"description": "false takes the role back"})


class RoleOut(Schema):
    nip = fields.String()
    roles = fields.List(fields.String(), metadata={"description": "all granted roles the person holds now"})
