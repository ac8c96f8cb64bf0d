"""Sends webhooks: one subscriber at a time and per thread, a few deliveries in order, one transaction each.

A subscriber is served by one thread at most, so one that is slow keeps one thread busy and the others serve the rest.
One that fails is left alone for as long as it has been failing, at most five minutes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from shared.db import Database
from shared.durable import LONGEST_WAIT, PENDING, Context, TryLater, run_due
from shared.webhooks import guard, transport
from shared.webhooks.deliveries import hold, lock_key
from shared.webhooks.manage import disable
from shared.webhooks.models import OUTCOME_LIMIT, SYSTEM, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from shared.webhooks.signing import signed_headers

ROUND = 10  # deliveries of one subscriber before another has its turn
ROUND_SECONDS = 5.0  # after which no further one is begun
LONGEST_CALL = 20.0  # seconds, whatever LUWES_HTTP_TIMEOUT says: the standard asks for 15 to 30
PAUSE_LEAST, PAUSE_MOST = timedelta(seconds=2), timedelta(minutes=5)
USER_AGENT = "Luwes-Webhooks/1"


class DeliveryFailed(Exception):
    """The subscriber did not answer 2xx, or not at all; tried again on the retry schedule."""


@dataclass
class Try:
    """What came of sending one delivery. asked: seconds that the subscriber asked us to wait."""

    delivery_id: int
    url: str
    had_failed: bool  # before
    duration: float = 0.0  # seconds
    status: int | None = None
    outcome: str = "not sent"
    asked: float | None = None

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def serve_one(context: Context, db: Database) -> int:
    """Send a few due deliveries of one subscriber whom nobody else is serving; return how many were tried."""
    with db.transaction() as session:
        waiting = session.execute(
            select(WebhookEndpoint.id, WebhookEndpoint.disabled_at)
            .where(_awake(context.now()), exists().where(*_due(context.now())))
            .order_by(func.random())  # the oldest first would let the slow ones have every turn
        ).all()
        for endpoint_id, disabled_at in waiting:
            if disabled_at:  # disabled while one was being sent, or while a parked one was retried
                hold(session, endpoint_id)
    for endpoint_id, disabled_at in waiting:
        tried = 0 if disabled_at else _round(context, db, endpoint_id)
        if tried:
            return tried
    return 0


def _round(context: Context, db: Database, endpoint_id: UUID) -> int:
    """Deliver to one subscriber until it fails, its turn is over, or somebody else serves it."""
    began = time.monotonic()
    for tried in range(ROUND):
        made = _deliver_next(context, db, endpoint_id)
        if made is None:
            return tried
        if not made.good or time.monotonic() - began > ROUND_SECONDS:
            return tried + 1
    return ROUND


def _deliver_next(context: Context, db: Database, endpoint_id: UUID) -> Try | None:
    """Send the next delivery and note what came of it, the latter after the former has been undone if it failed."""
    made: list[Try] = []

    def run(session: Session, row: WebhookDelivery) -> None:
        endpoint = session.get_one(WebhookEndpoint, endpoint_id)
        made.append(Try(row.id, endpoint.url, endpoint.failing_since is not None))
        _send(made[0], row, endpoint, context)

    free = and_(
        WebhookDelivery.endpoint_id == endpoint_id,
        exists().where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.disabled_at.is_(None), _awake(context.now())),
        func.pg_try_advisory_xact_lock(lock_key(endpoint_id), type_=Boolean),
    )
    retry = context.settings.webhooks_out.retry_seconds
    run_due(db, WebhookDelivery, run, clock=context.clock, batch=1, retry=retry, only=free)
    if not made:
        return None
    with db.transaction() as session:
        _note(session, made[0], endpoint_id, context)
    return made[0]


def _send(made: Try, row: WebhookDelivery, endpoint: WebhookEndpoint, context: Context) -> None:
    """POST one delivery; raises TryLater or DeliveryFailed unless the answer is 2xx."""
    settings = context.settings
    body = json.dumps(row.payload, ensure_ascii=False).encode()
    # The transport's clock is the machine's: receivers compare it with theirs.
    headers = signed_headers(body, str(row.event_id), datetime.now(UTC), endpoint.signing_secrets(context.now()))
    headers["user-agent"] = USER_AGENT
    if row.traceparent:
        headers["traceparent"] = row.traceparent
    began = time.monotonic()
    try:
        target = guard.parse(endpoint.url)
        addresses = guard.resolve(target, settings.webhooks_out.allowed_networks)
        answer = transport.post(target, addresses, body, headers, min(settings.http_timeout, LONGEST_CALL))
        made.status, made.outcome = answer.status, f"answered {answer.status}"
        if answer.status in (429, 503):
            made.asked = _seconds(answer.retry_after)
    except (guard.Refused, guard.BadUrl, transport.CallFailed) as error:
        made.outcome = str(error)[:OUTCOME_LIMIT]
    finally:
        made.duration = time.monotonic() - began
    if made.asked:
        raise TryLater(f"{endpoint.name}: {made.outcome}", made.asked)
    if not made.good:
        raise DeliveryFailed(f"{endpoint.name}: {made.outcome}")


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After (RFC 9110, 10.2.3), seconds or a date, as seconds from now."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _note(session: Session, made: Try, endpoint_id: UUID, context: Context) -> None:
    """Keep the try in the log, and what it says of the subscriber."""
    now = context.now()
    settled = made.good and not made.had_failed
    lock = {"key_share": True, "read": settled}  # to add to the log, the subscriber must only stay
    endpoint = session.get(WebhookEndpoint, endpoint_id, with_for_update=lock)
    if endpoint is None:
        return
    session.add(
        WebhookAttempt(
            delivery_id=made.delivery_id, at=now, status_code=made.status,
            duration_ms=round(made.duration * 1000), outcome=made.outcome,
        )
    )  # fmt: skip
    if made.good:
        if not settled:
            endpoint.failing_since = endpoint.paused_until = None
        return
    endpoint.failing_since = endpoint.failing_since or now
    failing = now - endpoint.failing_since
    asked = timedelta(seconds=min(made.asked or 0.0, LONGEST_WAIT))
    endpoint.paused_until = now + max(asked, min(max(failing, PAUSE_LEAST), PAUSE_MOST))
    if endpoint.disabled_at or endpoint.url != made.url:
        return
    if made.status == 410:
        disable(session, endpoint, "the subscriber answered 410 Gone", by=SYSTEM, now=now)
    elif failing >= context.settings.webhooks_out.disable_after:
        reason = f"nothing but failures since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC, last: {made.outcome}"
        disable(session, endpoint, reason, by=SYSTEM, now=now)


def _awake(now: datetime) -> ColumnElement[bool]:
    return or_(WebhookEndpoint.paused_until.is_(None), WebhookEndpoint.paused_until <= now)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookDelivery.endpoint_id == WebhookEndpoint.id,
        WebhookDelivery.status == PENDING,
        WebhookDelivery.due_at <= now,
    )
