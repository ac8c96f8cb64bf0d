"""Webhooks out for IT: subscribers, the log of deliveries, replays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from sqlalchemy import select

from shared.auth import access, who
from shared.contracts.catalogue import types_of
from shared.operations import the_system
from shared.roles import Role
from shared.web.reply import Page, asked_page, context, transaction
from shared.web.schemas import PageArgs
from shared.webhooks import log, manage, schemas
from shared.webhooks.deliveries import Replayed
from shared.webhooks.models import WebhookEndpoint

blueprint = Blueprint("webhook_endpoints", __name__, url_prefix="/api", description="Pelanggan webhook")


def _act() -> dict[str, Any]:
    """By whom and when, for the actions and their audit."""
    return {"by": who().label, "now": context().now()}


@blueprint.get("/webhooks")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, schemas.EndpointPage)
@access(Role.IT)
def endpoints(_args: dict[str, Any]) -> Page[WebhookEndpoint]:
    """Subscribers, by name."""
    with transaction() as session:
        return asked_page(session, select(WebhookEndpoint).order_by(WebhookEndpoint.name))


@blueprint.post("/webhooks")
@blueprint.arguments(schemas.EndpointIn)
@blueprint.response(201, schemas.EndpointCreated)
@access(Role.IT)
def create(body: dict[str, Any]) -> dict[str, Any]:
    """A new subscriber. The secret is shown this once."""
    with transaction() as session:
        endpoint = manage.create(session, context().settings, **body, **_act())
    return {"endpoint": endpoint, "secret": endpoint.secrets[0]}


@blueprint.get("/webhooks/types")
@blueprint.response(200, schemas.TypesOut)
@access(Role.IT)
def types() -> dict[str, Any]:
    """Types of the events that this service tells."""
    return {"types": types_of(context().settings.service)}


@blueprint.get("/webhooks/<uuid:endpoint_id>")
@blueprint.response(200, schemas.EndpointDetail)
@access(Role.IT, owner=the_system)
def show(endpoint_id: UUID) -> dict[str, Any]:
    """One subscriber and what waits for it."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id, to_change=False)
        return {"endpoint": endpoint, "waiting": log.waiting(session, endpoint_id)}


@blueprint.patch("/webhooks/<uuid:endpoint_id>")
@blueprint.arguments(schemas.EndpointChange)
@blueprint.response(200, schemas.EndpointOut)
@access(Role.IT, owner=the_system)
def change(body: dict[str, Any], endpoint_id: UUID) -> WebhookEndpoint:
    """Change name, address or types."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        manage.change(session, context().settings, endpoint, **body, **_act())
        return endpoint


@blueprint.delete("/webhooks/<uuid:endpoint_id>")
@blueprint.response(204)
@access(Role.IT, owner=the_system)
def remove(endpoint_id: UUID) -> None:
    """Remove a subscriber, its deliveries and their log."""
    with transaction() as session:
        manage.remove(session, endpoint_id, **_act())


@blueprint.post("/webhooks/<uuid:endpoint_id>/disable")
@blueprint.arguments(schemas.DisableIn)
@blueprint.response(200, schemas.EndpointOut)
@access(Role.IT, owner=the_system)
def disable(body: dict[str, Any], endpoint_id: UUID) -> WebhookEndpoint:
    """Send nothing more for now; events are held."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        manage.disable(session, endpoint, body["reason"] or "by hand", **_act())
        return endpoint


@blueprint.post("/webhooks/<uuid:endpoint_id>/enable")
@blueprint.response(200, schemas.EndpointOut)
@access(Role.IT, owner=the_system)
def enable(endpoint_id: UUID) -> WebhookEndpoint:
    """Send again, and first what was held."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        manage.enable(session, endpoint, **_act())
        return endpoint


@blueprint.post("/webhooks/<uuid:endpoint_id>/rotate")
@blueprint.response(200, schemas.SecretOut)
@access(Role.IT, owner=the_system)
def rotate(endpoint_id: UUID) -> dict[str, Any]:
    """A new secret, shown this once; the one before signs beside it for a while."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        secret = manage.rotate(session, context().settings, endpoint, **_act())
        return {"secret": secret, "old_secrets_until": endpoint.old_secrets_until}


@blueprint.delete("/webhooks/<uuid:endpoint_id>/old-secrets")
@blueprint.response(204)
@access(Role.IT, owner=the_system)
def drop_old_secrets(endpoint_id: UUID) -> None:
    """From now on the newest secret alone signs."""
    with transaction() as session:
        manage.drop_old_secrets(session, manage.find(session, endpoint_id), **_act())


@blueprint.post("/webhooks/<uuid:endpoint_id>/ping")
@blueprint.response(202, schemas.PingOut)
@access(Role.IT, owner=the_system)
def ping(endpoint_id: UUID) -> dict[str, Any]:
    """Queue a test event to this subscriber alone; look at its delivery by ``?event=``."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        return {"event_id": manage.ping(session, context().settings, endpoint, **_act())}


@blueprint.post("/webhooks/<uuid:endpoint_id>/replay")
@blueprint.arguments(schemas.ReplayIn)
@blueprint.response(202, schemas.ReplayOut)
@access(Role.IT, owner=the_system)
def replay_range(body: dict[str, Any], endpoint_id: UUID) -> Replayed:
    """Send again what happened in a time range, with the same webhook ids."""
    with transaction() as session:
        endpoint = manage.find(session, endpoint_id)
        return log.replay(session, context().settings, endpoint, **body, **_act())


@blueprint.get("/webhook-deliveries")
@blueprint.arguments(schemas.DeliveryQuery, location="query")
@blueprint.response(200, schemas.DeliveryPage)
@access(Role.IT)
def deliveries(args: dict[str, Any]) -> Page[schemas.Told]:
    """The log of deliveries, newest first, each with its last tries."""
    with transaction() as session:
        page = asked_page(session, log.deliveries(**_asked(args)))
        return Page(log.told(session, page.rows), page.number, page.size, page.total)


@blueprint.get("/webhook-deliveries/<int:delivery_id>")
@blueprint.response(200, schemas.DeliveryOut)
@access(Role.IT, owner=the_system)
def one_delivery(delivery_id: int) -> schemas.Told:
    with transaction() as session:
        return log.told(session, [log.find(session, delivery_id)])[0]


@blueprint.post("/webhook-deliveries/<int:delivery_id>/replay")
@blueprint.response(202, schemas.DeliveryOut)
@access(Role.IT, owner=the_system)
def replay_delivery(delivery_id: int) -> schemas.Told:
    """Send one delivery again, or now, with the same webhook id."""
    with transaction() as session:
        return log.told(session, [log.replay_delivery(session, delivery_id, **_act())])[0]


def _asked(args: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in args.items() if name not in ("page", "page_size")}
