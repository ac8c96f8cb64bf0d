"""Typed, frozen settings, read once from the environment; what is missing or wrong is reported all at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from environs import Env, ValidationError, validate

from shared.clock import Clock, FileClock, SystemClock

EMBEDDED, PRODUCTION = "embedded", "production"

RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0, 43200.0)
"""Waits before the second, third … try of an event or job; after the last one the row is parked."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every service needs to know. Variables carry the service's prefix (``SCHEDULE_DATABASE_URL``)
    unless they are the same for all (``LUWES_…``)."""

    service: str
    profile: str
    database_url: str
    broker_url: str
    broker_dsn: str  # libpq string for the pgmq:// broker; empty for amqp://
    public_url: str  # the one origin people see, without a trailing slash
    jwks_url: str
    storage_dir: Path
    http_timeout: float  # seconds, for every call to another system
    clock_file: Path | None
    webhook_secrets: dict[str, list[str]]  # source → accepted whsec_… secrets, newest first
    retry_seconds: tuple[float, ...] = RETRY_SECONDS

    @property
    def embedded(self) -> bool:
        return self.profile == EMBEDDED

    def clock(self) -> Clock:
        return FileClock(self.clock_file) if self.clock_file else SystemClock()


def read_common(env: Env, service: str) -> dict[str, object]:
    """Values of :class:`Settings` for *service*; errors are collected in *env* until ``env.seal()``."""
    own = service.upper()
    profile = env.str("LUWES_PROFILE", PRODUCTION, validate=validate.OneOf([EMBEDDED, PRODUCTION]))
    clock_file = env.str("LUWES_CLOCK_FILE", "")
    if clock_file and profile != EMBEDDED:
        raise SystemExit("LUWES_CLOCK_FILE: a movable clock exists in the embedded profile only")
    public_url = env.str("LUWES_PUBLIC_URL")
    secrets: dict[str, str] = env.dict(f"{own}_WEBHOOK_SECRETS", {}) or {}
    return {
        "service": service,
        "profile": profile,
        "database_url": env.str(f"{own}_DATABASE_URL"),
        "broker_url": env.str("LUWES_BROKER_URL"),
        "broker_dsn": env.str("LUWES_BROKER_DSN", ""),
        "public_url": (public_url or "").rstrip("/"),
        "jwks_url": env.str("LUWES_JWKS_URL"),
        "storage_dir": env.path(f"{own}_STORAGE_DIR"),
        "http_timeout": env.float("LUWES_HTTP_TIMEOUT", 15.0),
        "clock_file": Path(clock_file) if clock_file else None,
        "webhook_secrets": {
            source: [secret.strip() for secret in several.split("|") if secret.strip()]
            for source, several in secrets.items()
        },
        "retry_seconds": waits(env, "LUWES_RETRY_SECONDS", RETRY_SECONDS),
    }


def waits(env: Env, name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """A retry schedule: seconds between tries, separated by commas."""
    return tuple(env.list(name, list(default), subcast=float, validate=_positive) or default)


def _positive(values: list[float]) -> None:
    if not values or min(values) <= 0:
        raise ValidationError("must be seconds above 0, separated by commas")
