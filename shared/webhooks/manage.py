"""What IT does with subscribers: make, change, disable, enable, try out, remove, give new secrets. All is audited.

Secrets must sign, so they are kept as they are; nothing shows one but the answer to the act that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import audit
from shared.contracts.catalogue import types_of
from shared.db import new_id
from shared.errors import DomainError, InvalidInput, NotFound
from shared.settings import Settings
from shared.webhooks import guard
from shared.webhooks.deliveries import delivery, hold, make, release, wait_until_served
from shared.webhooks.models import SYSTEM, WebhookDelivery, WebhookEndpoint
from shared.webhooks.signing import new_secret

log = structlog.get_logger()

PING = "luwes.ping"
ENDPOINT_LIMIT = 100  # subscribers of one service
NAME_LIMIT = 100  # characters
SECRETS_KEPT = 3  # that sign at a time, when a secret is changed again before the one before has ended


class NameTaken(DomainError):
    status, code = 409, "webhook_name_taken"


class TooManyEndpoints(DomainError):
    status, code = 409, "too_many_webhooks"


class EndpointDisabled(DomainError):
    status, code = 409, "webhook_disabled"


def find(session: Session, endpoint_id: UUID, *, to_change: bool = True) -> WebhookEndpoint:
    """The subscriber; *to_change* locks it against other changes until the transaction ends."""
    lock = {"key_share": True} if to_change else None
    endpoint = session.get(WebhookEndpoint, endpoint_id, with_for_update=lock)
    if endpoint is None:
        raise NotFound("Tidak ada pelanggan webhook dengan nomor ini.")
    return endpoint


def create(
    session: Session, settings: Settings, *, name: str, url: str, types: Sequence[str], by: str, now: datetime
) -> WebhookEndpoint:
    """A new subscriber; the caller shows its secret, ``secrets[0]``, this once."""
    if (session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0) >= ENDPOINT_LIMIT:
        raise TooManyEndpoints(f"Paling banyak {ENDPOINT_LIMIT} pelanggan webhook. Hapus yang tidak dipakai lagi.")
    endpoint = WebhookEndpoint(
        id=new_id(), name=_name(name), url=_url(url, settings), types=_types(types, settings),
        secrets=[new_secret()], created_at=now,
    )  # fmt: skip
    session.add(endpoint)
    _flush(session)
    _record(session, endpoint, "create_webhook", by, now, url=_shown(url), types=endpoint.types)
    return endpoint


def change(
    session: Session, settings: Settings, endpoint: WebhookEndpoint, *, by: str, now: datetime,
    name: str | None = None, url: str | None = None, types: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Change what is named. What waits goes to the new address; what waits of a type left out still goes."""
    if name is not None:
        endpoint.name = _name(name)
    if url is not None and url != endpoint.url:
        endpoint.url = _url(url, settings)
        endpoint.failing_since = endpoint.paused_until = None  # the new address has not failed yet
    if types is not None:
        endpoint.types = _types(types, settings)
    _flush(session)
    _record(session, endpoint, "change_webhook", by, now, url=_shown(endpoint.url), types=endpoint.types)


def disable(session: Session, endpoint: WebhookEndpoint, reason: str, *, by: str, now: datetime) -> None:
    """Send nothing more; events are held from now on. The staff is told unless they did it."""
    if endpoint.disabled_at:
        return
    endpoint.disabled_at, endpoint.disabled_reason, endpoint.disabled_by = now, reason, by
    session.flush()
    hold(session, endpoint.id)
    _record(session, endpoint, "disable_webhook", by, now, reason=reason)
    if by == SYSTEM:
        host = guard.parse(endpoint.url).host
        log.error("webhook_endpoint_disabled", endpoint=endpoint.name, host=host, types=endpoint.types, reason=reason)


def enable(session: Session, endpoint: WebhookEndpoint, *, by: str, now: datetime) -> None:
    """Send again, and first what was held."""
    if not endpoint.disabled_at:
        return
    endpoint.disabled_at = endpoint.disabled_reason = endpoint.disabled_by = None
    endpoint.failing_since = endpoint.paused_until = None
    session.flush()
    release(session, endpoint.id)
    _record(session, endpoint, "enable_webhook", by, now)


def rotate(session: Session, settings: Settings, endpoint: WebhookEndpoint, *, by: str, now: datetime) -> str:
    """A new secret, shown this once; those before sign beside it until the rotation's time is over."""
    secret = new_secret()
    endpoint.secrets = [secret, *endpoint.signing_secrets(now)][:SECRETS_KEPT]
    endpoint.old_secrets_until = now + settings.webhooks_out.rotation
    _record(session, endpoint, "rotate_webhook", by, now, old_until=endpoint.old_secrets_until.isoformat())
    return secret


def drop_old_secrets(session: Session, endpoint: WebhookEndpoint, *, by: str, now: datetime) -> None:
    """From now on the newest secret alone signs."""
    endpoint.secrets, endpoint.old_secrets_until = endpoint.secrets[:1], None
    _record(session, endpoint, "drop_old_webhook_secrets", by, now)


def ping(session: Session, settings: Settings, endpoint: WebhookEndpoint, *, by: str, now: datetime) -> UUID:
    """Queue a test event to this subscriber alone; returns its event id."""
    if endpoint.disabled_at:
        raise EndpointDisabled("Pelanggan ini sedang nonaktif. Aktifkan dahulu, lalu coba lagi.")
    event_id = new_id()
    message = {
        "type": PING, "timestamp": now.isoformat(), "source": f"/{settings.service}",
        "subject": f"webhook/{endpoint.id}", "data": {"name": endpoint.name},
    }  # fmt: skip
    make(session, [delivery(endpoint.id, event_id, PING, message, held=False, now=now)])
    _record(session, endpoint, "ping_webhook", by, now)
    return event_id


def remove(session: Session, endpoint_id: UUID, *, by: str, now: datetime) -> None:
    """Remove a subscriber with all its deliveries, once the one under way has ended."""
    wait_until_served(session, endpoint_id)  # before any row is locked: the relay must not wait for a subscriber
    endpoint = find(session, endpoint_id)
    _record(session, endpoint, "delete_webhook", by, now, url=_shown(endpoint.url))
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id))
    session.delete(endpoint)


def _name(name: str) -> str:
    if not 1 <= len(name.strip()) <= NAME_LIMIT:
        raise InvalidInput("Isi nama pelanggan.", pointers={"/name": f"1–{NAME_LIMIT} tanda"})
    return name.strip()


def _url(url: str, settings: Settings) -> str:
    try:
        guard.check(guard.parse(url), settings.webhooks_out.allowed_networks)
    except guard.BadUrl as wrong:
        raise InvalidInput(str(wrong), pointers={"/url": str(wrong)}) from None
    return url


def _types(types: Sequence[str], settings: Settings) -> list[str]:
    known = types_of(settings.service)
    unknown = sorted(set(types) - set(known))
    if unknown or not types:
        named = f"Layanan ini tidak menyiarkan {', '.join(unknown)[:200]}. " if unknown else ""
        message = f"{named}Pilih dari: {', '.join(known) or '(tidak ada)'}."
        raise InvalidInput(message, pointers={"/types": message})
    return sorted(set(types))


def _shown(url: str) -> str:
    """A URL without its query, where some keep a password."""
    return url.partition("?")[0]


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise NameTaken("Nama pelanggan ini sudah dipakai. Pilih nama lain.") from None


def _record(session: Session, endpoint: WebhookEndpoint, action: str, by: str, now: datetime, **detail: Any) -> None:
    audit.record(session, by, action, f"webhook/{endpoint.id}", now=now, detail={"name": endpoint.name, **detail})
