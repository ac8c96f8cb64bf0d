"""Typed, frozen settings, read once from the environment; what is missing or wrong is reported all at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from environs import Env, ValidationError, validate

from shared.clock import Clock, FileClock, SystemClock

EMBEDDED, PRODUCTION = "embedded", "production"

RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0, 43200.0)
"""Waits before the second, third … try of an event or job; after the last one the row is parked."""

WEBHOOK_RATE = 600  # a second

WEBHOOK_RETRY_SECONDS = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""The same for webhooks out: the example of Standard Webhooks 1.0.0, three days in all."""


@dataclass(frozen=True)
class WebhookSettings:
    """How webhooks go out. disable_after: of nothing but failures; rotation: how long an old secret goes on signing;
    allowed_networks: private ones that subscribers may be in, and where http:// may do."""

    retry_seconds: tuple[float, ...] = WEBHOOK_RETRY_SECONDS
    disable_after: timedelta = timedelta(days=5)
    rotation: timedelta = timedelta(hours=24)
    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()


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
    webhook_secrets: dict[str, list[str]]  # source → credentials that it may show, newest first
    webhook_rate: int = WEBHOOK_RATE  # a second, of one source, per web process
    trusted_proxies: int = 0  # how many in front of us add to X-Forwarded-For
    retry_seconds: tuple[float, ...] = RETRY_SECONDS
    webhooks_out: WebhookSettings = WebhookSettings()

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
        "webhook_rate": env.int("LUWES_WEBHOOK_RATE", WEBHOOK_RATE, validate=validate.Range(1, 1_000_000)),
        "trusted_proxies": env.int("LUWES_TRUSTED_PROXIES", 0, validate=validate.Range(0, 5)),
        "retry_seconds": waits(env, "LUWES_RETRY_SECONDS", RETRY_SECONDS),
        "webhooks_out": read_webhooks(env),
    }


def read_webhooks(env: Env) -> WebhookSettings:
    days = env.float("LUWES_WEBHOOK_DISABLE_DAYS", 5.0, validate=validate.Range(0, 365, min_inclusive=False))
    hours = env.float("LUWES_WEBHOOK_ROTATION_HOURS", 24.0, validate=validate.Range(0, 8760))
    return WebhookSettings(
        retry_seconds=waits(env, "LUWES_WEBHOOK_RETRY_SECONDS", WEBHOOK_RETRY_SECONDS),
        disable_after=timedelta(days=days or 5.0),
        rotation=timedelta(hours=hours or 0.0),
        allowed_networks=tuple(env.list("LUWES_WEBHOOK_ALLOWED_NETWORKS", [], subcast=_network) or ()),
    )


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value.strip())
    except ValueError:
        raise ValidationError(f"{value} is no network such as 10.20.0.0/16") from None


def waits(env: Env, name: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """A retry schedule: seconds between tries, separated by commas."""
    return tuple(env.list(name, list(default), subcast=float, validate=_positive) or default)


def _positive(values: list[float]) -> None:
    if not values or min(values) <= 0:
        raise ValidationError("must be seconds above 0, separated by commas")
