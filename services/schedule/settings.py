"""Settings of the schedule service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environs import Env

from shared.settings import Settings, read_common


@dataclass(frozen=True)
class ScheduleSettings(Settings):
    """session_key: file of the Ed25519 private key (JWK) that signs sessions; signing_key: PKCS#12 of the local
    signer, opened with the signer's passphrase at each signature and never otherwise."""

    session_key: Path
    development_login: bool
    eoffice_url: str
    policy_dir: Path
    signing_key: Path | None


def load_settings() -> ScheduleSettings:
    env = Env(eager=False)
    values: dict[str, Any] = {
        **read_common(env, "schedule"),
        "session_key": env.path("SCHEDULE_SESSION_KEY"),
        "development_login": env.bool("SCHEDULE_DEVELOPMENT_LOGIN", False),
        "eoffice_url": env.str("SCHEDULE_EOFFICE_URL"),
        "policy_dir": env.path("SCHEDULE_POLICY_DIR", Path(__file__).parent / "policies"),
        "signing_key": env.path("SCHEDULE_SIGNING_KEY", None),
    }
    env.seal()  # names every missing or malformed variable at once
    settings = ScheduleSettings(**values)
    if settings.development_login and not settings.embedded:
        raise SystemExit("SCHEDULE_DEVELOPMENT_LOGIN: the development login exists in the embedded profile only")
    if settings.signing_key and not settings.embedded:
        raise SystemExit("SCHEDULE_SIGNING_KEY: the local signer exists in the embedded profile only")
    return settings
