"""How a system that calls us shows who it is: three kinds of credential, told apart by their prefix.

========  =========================================================================================
whsec_…   Standard Webhooks 1.0.0, HMAC-SHA256: the shared secret in base64
whpk_…    Standard Webhooks 1.0.0, Ed25519 (``v1a``): the sender's public key in base64
whkey_…   for systems that cannot sign: ``whkey_<SHA-256 of their key, hex>@<network>+<network>…``
========  =========================================================================================
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

TOLERANCE_SECONDS = 300
KEY_HEADER = "x-api-key"


class NotVerified(Exception):
    """No credential in use fits: another secret or key, the body was changed, the time is too far off, malformed."""


class Credential(Protocol):
    """Checks one request. *headers*: names in lower case; *sender*: the address that it came from."""

    def check(self, body: bytes, headers: Mapping[str, str], sender: str) -> str:
        """The webhook's id; raises NotVerified."""
        ...


@dataclass(frozen=True)
class SharedSecret:
    webhook: Webhook

    def check(self, body: bytes, headers: Mapping[str, str], sender: str) -> str:
        try:
            self.webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError) as error:
            # ValueError covers what the library lets through: bad base64, a missing comma, a body that is not UTF-8
            raise NotVerified(str(error) or type(error).__name__) from None
        return headers["webhook-id"]


@dataclass(frozen=True)
class PublicKey:
    key: Ed25519PublicKey

    def check(self, body: bytes, headers: Mapping[str, str], sender: str) -> str:
        try:
            webhook_id, stamp = headers["webhook-id"], headers["webhook-timestamp"]
            late = abs(time.time() - int(stamp)) > TOLERANCE_SECONDS
        except (KeyError, ValueError):
            raise NotVerified("webhook-id or webhook-timestamp is missing or malformed") from None
        if late:
            raise NotVerified("the time is outside the window of five minutes")
        signed = f"{webhook_id}.{stamp}.".encode() + body
        for entry in headers.get("webhook-signature", "").split():
            version, _, signature = entry.partition(",")
            if version == "v1a" and self._made(signature, signed):
                return webhook_id
        raise NotVerified("no signature of this key")

    def _made(self, signature: str, signed: bytes) -> bool:
        try:
            self.key.verify(base64.b64decode(signature, validate=True), signed)
        except (InvalidSignature, binascii.Error):
            return False
        return True


@dataclass(frozen=True)
class KeyFromNetwork:
    """A key in the header ``X-API-Key`` from one of *networks*. Nothing protects it but TLS, hence the networks.

    The id is the header ``webhook-id`` or else the body's hash: a body that comes again is the same webhook, so the
    sender has to put the time of the event into it.
    """

    key_sha256: str
    networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

    def check(self, body: bytes, headers: Mapping[str, str], sender: str) -> str:
        try:
            address = ipaddress.ip_address(sender)
        except ValueError:
            raise NotVerified("the sender's address is not known") from None
        if not any(address in network for network in self.networks):
            raise NotVerified(f"{address} is not an address of this source")
        if not hmac.compare_digest(sha256(headers.get(KEY_HEADER, "").encode()).hexdigest(), self.key_sha256):
            raise NotVerified("wrong key")
        return headers.get("webhook-id") or sha256(body).hexdigest()


def shared_secret(text: str) -> Credential:
    if not 16 <= len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) <= 64:
        raise ValueError("a secret has 24 to 64 random bytes")
    return SharedSecret(Webhook(text))


def public_key(text: str) -> Credential:
    return PublicKey(Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("whpk_"), validate=True)))


def key_from_network(text: str) -> Credential:
    digest, _, several = text.removeprefix("whkey_").partition("@")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("the SHA-256 of the key in 64 hex digits comes before @")
    try:
        networks = [ipaddress.ip_network(network) for network in several.split("+")]
    except ValueError:
        raise ValueError("networks such as 10.20.0.0/16 come after @, with + between") from None
    return KeyFromNetwork(digest, networks)


KINDS: Mapping[str, Callable[[str], Credential]] = {
    "whsec_": shared_secret,
    "whpk_": public_key,
    "whkey_": key_from_network,
}
"""Prefix → what reads the rest; a further kind of credential is one entry."""


def read_credential(text: str) -> Credential:
    """Raises ValueError, without the secret in its message."""
    for prefix, read in KINDS.items():
        if text.startswith(prefix):
            try:
                return read(text)
            except ValueError as error:  # binascii.Error is one too
                raise ValueError(f"malformed {prefix}… credential: {error}") from None
    raise ValueError(f"a credential begins with one of {', '.join(KINDS)}")


def check(credentials: Sequence[Credential], body: bytes, headers: Mapping[str, str], sender: str) -> str:
    """The webhook's id when one of *credentials* accepts the request; raises NotVerified with the first one's reason.

    Several are in use at once while a source changes its secret.
    """
    reason = "no credential is configured"
    for place, credential in enumerate(credentials):
        try:
            return credential.check(body, headers, sender)
        except NotVerified as refusal:
            reason = reason if place else str(refusal)
    raise NotVerified(reason)
