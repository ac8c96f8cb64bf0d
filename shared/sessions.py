"""Session tokens of people: JWTs signed with Ed25519 (RFC 9864), checked by the login's public key set (JWKS)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import requests
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.errors import NotSignedIn
from shared.roles import Person, Role

COOKIE = "luwes_session"
SESSION_HOURS = 10  # a working day


def issue_session(user: Person, key: OKPKey, now: datetime) -> str:
    """A signed session token for *user*, valid for one working day."""
    claims = {
        "iss": "luwes",
        "sub": user.employee_id,
        "nip": user.nip,
        "name": user.name,
        "agency": user.agency_id,
        "unit": user.unit_id,
        "roles": sorted(user.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=SESSION_HOURS)).timestamp()),
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])


def read_session(token: str, keys: KeyRing, now: datetime) -> Person:
    """The person a token speaks of; raises NotSignedIn when it is forged, foreign or past its time."""
    try:
        claims = jwt.decode(token, keys.current(), algorithms=["Ed25519"]).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), iss={"essential": True, "value": "luwes"}, exp={"essential": True}
        )
        registry.validate(claims)
        return Person(
            employee_id=claims["sub"],
            nip=claims["nip"],
            name=claims["name"],
            agency_id=claims["agency"],
            unit_id=claims["unit"],
            roles=frozenset(Role(role) for role in claims["roles"]),
        )
    except (JoseError, ValueError, KeyError) as error:
        raise NotSignedIn("Sesi Anda tidak sah atau sudah berakhir. Silakan masuk kembali.") from error


class KeyRing:
    """The login's public keys, fetched from its JWKS address and kept for a while."""

    KEEP_SECONDS = 300.0
    RETRY_SECONDS = 30.0

    def __init__(self, url: str, timeout: float, *, known: KeySet | None = None) -> None:
        self._url, self._timeout, self._known = url, timeout, known
        self._until = float("inf") if known else 0.0

    def current(self) -> KeySet:
        if self._known is None or time.monotonic() > self._until:
            try:
                answer = requests.get(self._url, timeout=self._timeout)
                answer.raise_for_status()
                self._known = KeySet.import_key_set(answer.json())
                self._until = time.monotonic() + self.KEEP_SECONDS
            except requests.RequestException as error:
                self._until = time.monotonic() + self.RETRY_SECONDS  # go on with the keys known; not every call waits
                if self._known is None:
                    raise NotSignedIn("Layanan masuk sedang tidak dapat dihubungi. Coba lagi sebentar.") from error
        return self._known
