"""Webhooks in: admit, verify, store, answer 202, work later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request

from shared.auth import public
from shared.cause import traceparent_of
from shared.contracts.envelope import Received
from shared.db import Database
from shared.durable import Context
from shared.errors import DomainError, Malformed, NotFound
from shared.inbox import Arrived, WebhookHandlers, WebhookSource, store_alone
from shared.webhooks.credentials import NotVerified, check, read_credential
from shared.webhooks.gather import Gather
from shared.webhooks.rate import Window

log = structlog.get_logger()

BODY_LIMIT = 1_000_000  # bytes; a batch of a thousand people in SIASN's fields is about half of it
REFUSALS_A_MINUTE = 30
"""What one address may send that cannot be verified. More is neither logged nor told why."""


class WrongSignature(DomainError):
    status, code = 401, "wrong_signature"


class TooMany(DomainError):
    status, code, retry_after = 429, "too_many_requests", 10


def blueprint(handlers: WebhookHandlers, context: Context, db: Database) -> Blueprint:
    """``POST /webhooks/<source>`` for each source in *handlers*. Raises ValueError for a malformed credential."""
    routes = Blueprint("webhooks", __name__)
    credentials = {
        source: [read_credential(text) for text in several]
        for source, several in context.settings.webhook_secrets.items()
    }
    rate = Window(context.settings.webhook_rate, 1.0)
    refusals = Window(REFUSALS_A_MINUTE, 60.0)

    def write(arrived: Sequence[Arrived]) -> list[bool]:
        new = store_alone(db, arrived, kinds_of, now=context.now())
        news = []
        for event, _ in arrived:
            news.append((event.source, event.id) in new)
            new.discard((event.source, event.id))  # of two that came in one moment the second is the duplicate
        return news

    def kinds_of(event: Received[dict[str, Any]]) -> list[str]:
        return [function.__name__ for function in handlers[event.source].handlers.get(event.type, [])]

    gather: Gather[Arrived] = Gather(write)

    @routes.post("/webhooks/<source>")
    @public  # the signature is the credential
    def receive(source: str) -> Response:
        if source not in handlers:
            raise NotFound("Sumber webhook ini tidak dikenal.")
        sender = request.remote_addr or ""
        request.max_content_length = BODY_LIMIT
        body = request.get_data(cache=False)
        try:
            headers = {name.lower(): value for name, value in request.headers.items()}
            webhook_id = check(credentials.get(source, []), body, headers, sender)
        except NotVerified as refusal:
            if not refusals.admits(sender):  # only now: others may come from the same proxy, and show who they are
                raise TooMany("Terlalu banyak webhook yang tidak sah dari alamat ini. Coba lagi nanti.") from None
            log.warning("webhook_refused", source=source, reason=str(refusal), size=len(body))
            raise WrongSignature("Tanda tangan webhook tidak sah, atau waktunya lewat.") from None
        if not rate.admits(source):
            log.warning("webhook_rate", source=source)
            raise TooMany("Terlalu banyak webhook dari sumber ini. Kirim lagi sebentar lagi.")
        received = _read(body, source, webhook_id, handlers[source], context.now())
        new = gather.keep((received, traceparent_of(headers.get("traceparent"))))
        state = "duplicate" if not new else "accepted" if kinds_of(received) else "unknown_type"
        if state != "accepted":
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
    kept = known.keeps(message["type"], message["data"])
    return Received(webhook_id, source, message["type"], subject, sequence, now, kept)


def _milliseconds(timestamp: object) -> int | None:
    """When the event happened, by the sender's word; what cannot be read gives no order."""
    try:
        return int(datetime.fromisoformat(str(timestamp)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
