"""Standard Webhooks 1.0.0: sign and verify ``id.timestamp.body`` over the raw bytes."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Iterable, Mapping
from datetime import datetime

from standardwebhooks import Webhook, WebhookVerificationError

SECRET_BYTES = 32  # the standard asks for 24 to 64


def new_secret() -> str:
    """A secret to sign with, in the standard's form."""
    return "whsec_" + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


class NotVerified(Exception):
    """No secret in use made this signature, or the request is too old, too new or malformed."""


def verify(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> str:
    """Check the signature against each secret in use; return the webhook id."""
    reason = "no secret is configured"
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError) as error:
            # ValueError covers what the library lets through: bad base64, a missing comma, a body that is not UTF-8
            reason = str(error) or type(error).__name__
        else:
            return next(value for name, value in headers.items() if name.lower() == "webhook-id")
    raise NotVerified(reason)


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
