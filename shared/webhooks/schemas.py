"""Shapes of the API of webhooks out. No shape but that of a new secret has one."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import Schema, fields, validate

from shared.durable import Status
from shared.web.schemas import PageArgs, PageOut, Text
from shared.webhooks.guard import URL_LIMIT
from shared.webhooks.manage import NAME_LIMIT
from shared.webhooks.models import WebhookAttempt, WebhookDelivery

TYPE = validate.Length(1, 200)
STATUSES = [Status.PENDING.value, Status.DONE.value, Status.PARKED.value, Status.HELD.value]


class EndpointIn(Schema):
    name = Text(required=True, validate=validate.Length(1, NAME_LIMIT), metadata={"description": "the client's name"})
    url = fields.String(required=True, validate=validate.Length(1, URL_LIMIT))
    types = fields.List(fields.String(validate=TYPE), required=True, validate=validate.Length(1, 100))


class EndpointChange(Schema):
    name = Text(validate=validate.Length(1, NAME_LIMIT))
    url = fields.String(validate=validate.Length(1, URL_LIMIT))
    types = fields.List(fields.String(validate=TYPE), validate=validate.Length(1, 100))


class DisableIn(Schema):
    reason = Text(load_default="", validate=validate.Length(0, 200))


class EndpointOut(Schema):
    id = fields.UUID()
    name = fields.String()
    url = fields.String()
    types = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    old_secrets_until = fields.AwareDateTime(allow_none=True)
    failing_since = fields.AwareDateTime(allow_none=True)
    paused_until = fields.AwareDateTime(allow_none=True)
    disabled_at = fields.AwareDateTime(allow_none=True)
    disabled_reason = fields.String(allow_none=True)
    disabled_by = fields.String(allow_none=True)


class EndpointPage(PageOut):
    rows = fields.List(fields.Nested(EndpointOut))


class EndpointDetail(Schema):
    endpoint = fields.Nested(EndpointOut)
    waiting = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "status → rows"})


class EndpointCreated(Schema):
    endpoint = fields.Nested(EndpointOut)
    secret = fields.String(metadata={"description": "shown this once"})


class SecretOut(Schema):
    secret = fields.String(metadata={"description": "shown this once"})
    old_secrets_until = fields.AwareDateTime(metadata={"description": "until then the one before signs as well"})


class PingOut(Schema):
    event_id = fields.UUID()


class TypesOut(Schema):
    types = fields.List(fields.String())


class DeliveryQuery(PageArgs):
    endpoint = fields.UUID()
    event = fields.UUID(metadata={"description": "the webhook's id"})
    type = fields.String(validate=TYPE)
    status = fields.String(validate=validate.OneOf(STATUSES))
    since = fields.AwareDateTime(metadata={"description": "made at or after"})
    until = fields.AwareDateTime(metadata={"description": "made before"})


@dataclass(frozen=True)
class Told:
    """A delivery with its last tries, newest first."""

    row: WebhookDelivery
    tries: list[WebhookAttempt]


class AttemptOut(Schema):
    at = fields.AwareDateTime()
    status_code = fields.Integer(allow_none=True)
    duration_ms = fields.Integer()
    outcome = fields.String()


class DeliveryOut(Schema):
    id = fields.Integer(attribute="row.id")
    endpoint_id = fields.UUID(attribute="row.endpoint_id")
    event_id = fields.UUID(attribute="row.event_id")
    type = fields.String(attribute="row.type")
    status = fields.String(attribute="row.status")
    attempts = fields.Integer(attribute="row.attempts", metadata={"description": "failed since it last began"})
    created_at = fields.AwareDateTime(attribute="row.created_at")
    due_at = fields.Function(lambda told: max(told.row.due_at, told.row.created_at).isoformat())
    done_at = fields.AwareDateTime(attribute="row.done_at", allow_none=True)
    tries = fields.List(fields.Nested(AttemptOut), metadata={"description": "the last ones, newest first"})


class DeliveryPage(PageOut):
    rows = fields.List(fields.Nested(DeliveryOut))


class ReplayIn(Schema):
    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    types = fields.List(fields.String(validate=TYPE), load_default=list, validate=validate.Length(0, 100))
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))


class ReplayOut(Schema):
    queued = fields.Integer()
    next_after = fields.Integer(allow_none=True, metadata={"description": "name it as after to go on; null: all done"})
