"""Webhooks in: verify, store, answer 202, work later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request

from shared.auth import public
from shared.contracts.envelope import Received
from shared.db import Database
from shared.durable import Context
from shared.errors import DomainError, Malformed, NotFound
from shared.inbox import WebhookHandlers, WebhookSource, store
from shared.webhooks.signing import NotVerified, verify

log = structlog.get_logger()

BODY_LIMIT = 1_000_000  # bytes; a batch of a thousand people in SIASN's fields is about half of it


class WrongSignature(DomainError):
    status, code = 401, "wrong_signature"


def blueprint(handlers: WebhookHandlers) -> Blueprint:
    """``POST /webhooks/<source>`` for each source in *handlers*."""
    routes = Blueprint("webhooks", __name__)

    @routes.post("/webhooks/<source>")
    @public  # the signature is the credential
    def receive(source: str) -> Response:
        context: Context = current_app.extensions["luwes.context"]
        db: Database = current_app.extensions["luwes.db"]
        if source not in handlers:
            raise NotFound("Sumber webhook ini tidak dikenal.")
        request.max_content_length = BODY_LIMIT
        body = request.get_data(cache=False)
        try:
            webhook_id = verify(body, dict(request.headers), context.settings.webhook_secrets.get(source, []))
        except NotVerified as refusal:
            log.warning("webhook_refused", source=source, reason=str(refusal), size=len(body))
            raise WrongSignature("Tanda tangan webhook tidak sah, atau waktunya lewat.") from None
        known = handlers[source]
        received = _read(body, source, webhook_id, known, context.now())
        with db.transaction() as session:
            new = store(
                session,
                [(received, request.headers.get("traceparent"))],
                lambda event: [function.__name__ for function in known.handlers.get(event.type, [])],
                now=context.now(),
            )
        state = "duplicate" if not new else "accepted" if received.type in known.handlers else "unknown_type"
        log.info("webhook_stored", source=source, type=received.type, webhook_id=webhook_id, state=state)
        return Response(json.dumps({"status": state}), status=202, mimetype="application/json")

    return routes


def _read(body: bytes, source: str, webhook_id: str, known: WebhookSource, now: datetime) -> Received[dict[str, Any]]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("Isi webhook bukan JSON.", pointers={"/": "bukan JSON"}) from None
    if not isinstance(message, dict):
        raise Malformed("Isi webhook harus objek JSON.", pointers={"/": "harus objek"})
    if not isinstance(message.get("type"), str) or not message["type"]:
        raise Malformed("Isi webhook tidak menyebut jenisnya.", pointers={"/type": "wajib, teks"})
    if not isinstance(message.get("data"), dict):
        raise Malformed("Isi webhook tidak memuat data.", pointers={"/data": "wajib, objek"})
    subject = known.subject_of(message["type"], message["data"])
    sequence = _milliseconds(message.get("timestamp")) if subject else None
    return Received(webhook_id, source, message["type"], subject, sequence, now, message["data"])


def _milliseconds(timestamp: object) -> int | None:
    """When the event happened, by the sender's word; what cannot be read gives no order."""
    try:
        return int(datetime.fromisoformat(str(timestamp)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
