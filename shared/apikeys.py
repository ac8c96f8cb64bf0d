"""API keys of machines: scoped, shown once, stored hashed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.db import SharedBase
from shared.roles import Machine

KEY_PREFIX = "lwk"


class ApiKey(SharedBase):
    """A machine's key. Only its hash is kept; the secret has 256 random bits, so a fast hash is enough."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def create_api_key(session: Session, name: str, scopes: Collection[str], now: datetime, *, key: str = "") -> str:
    """Make a key, or a new secret for the key of that name; the key is shown this once.

    *key* is one made by a set-up that hands it to both sides; it is kept as it is. Raises ValueError if malformed.
    """
    row = session.scalar(select(ApiKey).where(ApiKey.name == name))
    secret = secrets.token_urlsafe(32)
    if row is None:
        row = ApiKey(id=secrets.token_hex(6), name=name, created_at=now)
        session.add(row)
    if key:
        row.id, secret = _parts(key)
    row.secret_hash, row.scopes, row.revoked_at = _digest(secret), sorted(scopes), None
    return f"{KEY_PREFIX}_{row.id}_{secret}"


def check_api_key(session: Session, key: str) -> Machine | None:
    parts = key.split("_", 2)
    row = session.get(ApiKey, parts[1]) if len(parts) == 3 else None
    if row is None or row.revoked_at or not hmac.compare_digest(row.secret_hash, _digest(parts[2])):
        return None
    return Machine(row.name, frozenset(row.scopes))


def _parts(key: str) -> tuple[str, str]:
    """Id and secret of a key that must be as hard to guess as ours."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != KEY_PREFIX or len(parts[1]) < 12 or len(parts[2]) < 43:
        raise ValueError(f"a key has the form {KEY_PREFIX}_<12 hex digits>_<256 random bits in base64url>")
    return parts[1], parts[2]


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
