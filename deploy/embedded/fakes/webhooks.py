"""Signed webhooks (Standard Webhooks 1.0.0), sent until the receiver takes them.

The id stays the same over all attempts, the timestamp is each attempt's own; only a 2xx counts as taken.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests
from flask import Flask, Response, jsonify, request
from standardwebhooks import Webhook
from werkzeug.exceptions import BadRequest

TIMEOUT_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
log = logging.getLogger("luwes.fakes.webhooks")


@dataclass(frozen=True, slots=True)
class Target:
    """Where webhooks go and what signs them (`whsec_…`)."""

    url: str
    secret: str

    def __post_init__(self) -> None:
        # A secret that can't sign should stop the start, not the first delivery in a thread.
        Webhook(self.secret)


@dataclass(slots=True)
class Delivery:
    """One webhook on its way. Those with the same `key` arrive in order; `due` is Unix seconds."""

    key: str
    body: str
    id: str = field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")
    attempts: int = 0
    due: float = 0.0


def event_body(kind: str, data: Mapping[str, object]) -> str:
    """The payload {type, timestamp, data}; made once, so that retries carry the same bytes."""
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": stamp, "data": data}, ensure_ascii=False)


def headers_for(secret: str, webhook_id: str, body: str, at: datetime) -> dict[str, str]:
    """The three signature headers; `at` must be aware, in UTC."""
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body),
    }


def send_once(target: Target, delivery: Delivery) -> int:
    """One attempt; the receiver's status, or 0 when it can't be reached in time."""
    delivery.attempts += 1
    headers = headers_for(target.secret, delivery.id, delivery.body, datetime.now(UTC))
    try:
        answer = requests.post(
            target.url, data=delivery.body.encode(), headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        log.info("webhook %s not delivered: %s", delivery.id, type(error).__name__)
        return 0
    return answer.status_code


def taken(status: int) -> bool:
    return 200 <= status < 300


def wait_after(attempts: int) -> float:
    """Seconds to the next attempt: 0.5, 1, 2, 4, 8, 10, 10, …"""
    return min(LONGEST_WAIT, FIRST_WAIT * float(2 ** min(attempts - 1, 10)))


def send_with_retries(target: Target, delivery: Delivery, *, attempts: int) -> int:
    """Send at once, trying at most `attempts` times; the last status."""
    status = send_once(target, delivery)
    while not taken(status) and delivery.attempts < attempts:
        time.sleep(wait_after(delivery.attempts))
        status = send_once(target, delivery)
    return status


class Deliverer(threading.Thread):
    """Delivers from a list that its owner keeps (and may write to disk) for as long as the process runs.

    `changed` is called, outside any lock of this class, after each delivery that was taken. It runs in this thread.
    """

    def __init__(self, target: Target, pending: list[Delivery], lock: threading.RLock, changed: Callable[[], None]):
        super().__init__(name="webhooks", daemon=True)
        self._target, self._pending, self._lock, self._changed = target, pending, lock, changed
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            delivery = self._next()
            if delivery is None:
                self._stopping.wait(0.05)
                continue
            status = send_once(self._target, delivery)
            with self._lock:
                if taken(status):
                    self._pending.remove(delivery)
                else:
                    delivery.due = time.time() + wait_after(delivery.attempts)
            if taken(status):
                self._changed()

    def stop(self) -> None:
        self._stopping.set()

    def _next(self) -> Delivery | None:
        """The oldest that is due and has no older one of its key before it."""
        now, seen = time.time(), set[str]()
        with self._lock:
            for delivery in self._pending:
                if delivery.key not in seen and delivery.due <= now:
                    return delivery
                seen.add(delivery.key)
        return None


def add_event_route(
    app: Flask,
    target: Target,
    kinds: frozenset[str],
    complete: Callable[[str, dict[str, object]], dict[str, object]] = lambda _kind, data: data,
    *,
    attempts: int = 4,
) -> None:
    """`POST /_fake/events {type, data, raw?, id?}`: sign and send now; answers {id, status, attempts, data}.

    `complete` turns the given data into the whole record and remembers it; `raw` skips that and the check of the type,
    `id` sends under a given webhook id (a replay). 502 when nobody took it.
    """

    @app.post("/_fake/events")
    def send_event() -> tuple[Response, int]:
        body = request.get_json(force=True)
        if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
            raise BadRequest("expected {type, data}")
        kind, data, raw = str(body.get("type", "")), dict(body["data"]), bool(body.get("raw"))
        if not raw:
            if kind not in kinds:
                raise BadRequest(f"type must be one of {', '.join(sorted(kinds))}")
            data = complete(kind, data)
        delivery = Delivery(kind, event_body(kind, data))
        if body.get("id"):
            delivery.id = str(body["id"])
        status = send_with_retries(target, delivery, attempts=attempts)
        answer = jsonify(id=delivery.id, status=status, attempts=delivery.attempts, data=data)
        return answer, 200 if taken(status) else 502
