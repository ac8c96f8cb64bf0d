"""Settings of the reporting service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from environs import Env, validate

from shared.settings import Settings, read_common

SECURITY = ("none", "starttls", "ssl")


@dataclass(frozen=True)
class ReportingSettings(Settings):
    """schedule_key: API key with which signed letters are read from the schedule service; schedule_url: its address
    inside the network, if the public one does not do there. An empty smtp_host or
    pack_recipient is allowed: packs are then built and approved, and say why they were not sent."""

    schedule_key: str
    city: str  # as on letterheads: "Kota Metro"
    place: str  # where letters are dated: "Metro"
    schedule_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"
    mail_from: str = ""
    pack_recipient: str = ""


def load_settings() -> ReportingSettings:
    env = Env(eager=False)
    values: dict[str, Any] = {
        **read_common(env, "reporting"),
        "schedule_key": env.str("REPORTING_SCHEDULE_KEY"),
        "schedule_url": env.str("REPORTING_SCHEDULE_URL", "").rstrip("/"),
        "city": env.str("REPORTING_CITY", "Kota Metro"),
        "place": env.str("REPORTING_PLACE", "Metro"),
        "smtp_host": env.str("REPORTING_SMTP_HOST", ""),
        "smtp_port": env.int("REPORTING_SMTP_PORT", 587),
        "smtp_user": env.str("REPORTING_SMTP_USER", ""),
        "smtp_password": env.str("REPORTING_SMTP_PASSWORD", ""),
        "smtp_security": env.str("REPORTING_SMTP_SECURITY", "starttls", validate=validate.OneOf(SECURITY)),
        "mail_from": env.str("REPORTING_MAIL_FROM", ""),
        "pack_recipient": env.str("REPORTING_PACK_RECIPIENT", ""),
    }
    env.seal()  # names every missing or malformed variable at once
    return ReportingSettings(**values)
