"""Standard Webhooks 1.0.0: sign ``id.timestamp.body`` over the raw bytes. What verifies is in :mod:`credentials`."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook

SECRET_BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    """A secret to sign with, in the standard's form."""
    return "whsec_" + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


def signed_headers(body: bytes, webhook_id: str, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """Headers for *body*; several secrets give several signatures, so that a receiver can rotate. at: aware UTC."""
    if at.tzinfo is None or at.utcoffset():
        raise ValueError("the library signs wrongly unless the time is aware and UTC")
    signatures = " ".join(Webhook(secret).sign(webhook_id, at, body.decode()) for secret in secrets)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
        "content-type": "application/json",
    }
