"""Webhooks out: each subscriber gets each event of the types it asked for, signed and retried from a durable row."""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.db import SharedBase, new_id
from shared.durable import Context
from shared.jobs import enqueue_all
from shared.outbox import OutboxRow
from shared.webhooks.signing import signed_headers

log = structlog.get_logger()

JOB = "deliver_webhook"


class WebhookEndpoint(SharedBase):
    """A subscriber. ``types`` are event types; ``secrets`` sign, newest first."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    types: Mapped[list[str]]
    secrets: Mapped[list[str]]
    private_network: Mapped[bool] = mapped_column(default=False)  # the operator vouches for an address inside the city
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]


class DeliveryFailed(Exception):
    """The subscriber did not answer 2xx; tried again on the retry schedule."""


def fan_out(session: Session, rows: Sequence[OutboxRow], service: str, *, now: datetime) -> None:
    """Make one delivery job per event and subscriber, in the transaction that marks the events published."""
    endpoints = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.disabled_at.is_(None))).all()
    entries = [
        (f"{endpoint.id}:{row.event_id}", _message(endpoint.id, row, service), now)
        for row in rows
        for endpoint in endpoints
        if row.type in endpoint.types
    ]
    enqueue_all(session, JOB, entries, now=now)


def deliver(session: Session, payload: dict[str, Any], context: Context) -> None:
    """Send one event to one subscriber. 410 disables the subscriber; anything but 2xx raises and is retried."""
    endpoint = session.get(WebhookEndpoint, UUID(payload["endpoint_id"]))
    if endpoint is None or endpoint.disabled_at:
        return
    if not endpoint.private_network:
        refuse_private_address(endpoint.url)
    body = json.dumps(payload["message"], ensure_ascii=False).encode()
    # The transport's clock is the machine's: receivers compare it with theirs.
    headers = signed_headers(body, payload["event_id"], datetime.now(UTC), endpoint.secrets)
    response = requests.post(
        endpoint.url, data=body, headers=headers, timeout=context.settings.http_timeout, allow_redirects=False
    )
    if response.status_code == 410:
        endpoint.disabled_at, endpoint.disabled_reason = context.now(), "the subscriber answered 410 Gone"
        log.error("webhook_endpoint_disabled", endpoint=endpoint.name)
    elif not 200 <= response.status_code < 300:
        raise DeliveryFailed(f"{endpoint.name} answered {response.status_code}")


def refuse_private_address(url: str) -> None:
    """Raise unless every address of the host is public: a subscriber must not make us call the city's inside."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for *_, address in socket.getaddrinfo(parts.hostname, port, proto=socket.IPPROTO_TCP):
        if not ipaddress.ip_address(address[0]).is_global:
            raise DeliveryFailed(f"{parts.hostname} leads to a private address")


def _message(endpoint_id: UUID, row: OutboxRow, service: str) -> dict[str, Any]:
    return {
        "endpoint_id": str(endpoint_id),
        "event_id": str(row.event_id),
        "message": {
            "type": row.type,
            "timestamp": row.occurred_at.isoformat(),
            "source": f"/{service}",
            "subject": row.subject,
            "data": row.data,
        },
    }
