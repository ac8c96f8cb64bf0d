"""The log of deliveries: look things up, send again. For the API and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared import audit
from shared.durable import Status
from shared.errors import DomainError, InvalidInput, NotFound
from shared.settings import Settings
from shared.webhooks.deliveries import Replayed, attempts_of, replay_one, replay_range
from shared.webhooks.models import WebhookDelivery, WebhookEndpoint
from shared.webhooks.schemas import Told


class BeingSent(DomainError):
    status, code = 409, "webhook_being_sent"


def deliveries(
    *, endpoint: UUID | None = None, event: UUID | None = None, type: str | None = None, status: str | None = None,
    since: datetime | None = None, until: datetime | None = None,
) -> Select[WebhookDelivery]:  # fmt: skip
    """Deliveries that fit what is named, newest first."""
    query = select(WebhookDelivery).order_by(WebhookDelivery.id.desc())
    for column, value in (
        (WebhookDelivery.endpoint_id, endpoint), (WebhookDelivery.event_id, event),
        (WebhookDelivery.type, type), (WebhookDelivery.status, status),
    ):  # fmt: skip
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(WebhookDelivery.created_at >= since)
    return query if until is None else query.where(WebhookDelivery.created_at < until)


def told(session: Session, rows: Sequence[WebhookDelivery]) -> list[Told]:
    tries = attempts_of(session, [row.id for row in rows])
    return [Told(row, tries[row.id]) for row in rows]


def find(session: Session, delivery_id: int) -> WebhookDelivery:
    row = session.get(WebhookDelivery, delivery_id) if delivery_id < 2**63 else None
    if row is None:
        raise NotFound("Tidak ada pengiriman webhook dengan nomor ini.")
    return row


def waiting(session: Session, endpoint_id: UUID) -> dict[str, int]:
    """How many deliveries of the subscriber are pending, held and parked."""
    number = {Status.PENDING.value: 0, Status.HELD.value: 0, Status.PARKED.value: 0}
    for status, rows in session.execute(
        select(WebhookDelivery.status, func.count())
        .where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.status.in_(list(number)))
        .group_by(WebhookDelivery.status)
    ):
        number[status] = rows
    return number


def replay_delivery(session: Session, delivery_id: int, *, by: str, now: datetime) -> WebhookDelivery:
    """Send one delivery again, whatever became of it; one that waits is sent now."""
    find(session, delivery_id)
    row = session.scalars(
        select(WebhookDelivery).where(WebhookDelivery.id == delivery_id).with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        raise BeingSent("Pengiriman ini sedang berjalan. Coba lagi sebentar lagi.")
    endpoint = session.get_one(WebhookEndpoint, row.endpoint_id)
    replay_one(row, held=endpoint.disabled_at is not None)
    audit.record(
        session, by, "replay_webhook", f"webhook/{endpoint.id}", now=now,
        detail={"name": endpoint.name, "event_id": str(row.event_id)},
    )  # fmt: skip
    return row


def replay(
    session: Session, settings: Settings, endpoint: WebhookEndpoint, *, since: datetime, until: datetime, by: str,
    now: datetime, after: int = 0, types: Sequence[str] = (),
) -> Replayed:  # fmt: skip
    """Send again what happened in [since, until)."""
    if since >= until:
        raise InvalidInput("Akhir rentang waktu harus setelah awalnya.", pointers={"/until": "setelah since"})
    done = replay_range(
        session, endpoint, settings.service, since=since, until=until, after=after, types=types, now=now
    )
    detail: dict[str, Any] = {
        "name": endpoint.name, "since": since.isoformat(), "until": until.isoformat(), "queued": done.queued,
    }  # fmt: skip
    audit.record(session, by, "replay_webhooks", f"webhook/{endpoint.id}", now=now, detail=detail)
    return done
