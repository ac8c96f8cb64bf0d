"""Settings fail all at once and by name; the service starts with the least it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from environs import EnvValidationError

from services.reporting.app import SERVICE
from services.reporting.settings import load_settings

NEEDED = {
    "REPORTING_DATABASE_URL": "postgresql+psycopg://reporting@/luwes", "LUWES_BROKER_URL": "pgmq://",
    "LUWES_PUBLIC_URL": "https://luwes.metro.example/", "LUWES_JWKS_URL": "http://localhost/jwks.json",
    "REPORTING_SCHEDULE_KEY": "lwk_a_b",
}  # fmt: skip


def test_every_missing_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NEEDED, "REPORTING_STORAGE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REPORTING_SMTP_SECURITY", "tls")
    with pytest.raises(EnvValidationError) as error:
        load_settings()
    for name in (*NEEDED, "REPORTING_STORAGE_DIR", "REPORTING_SMTP_SECURITY"):
        assert name in str(error.value)


def test_without_mail_settings_there_is_no_recipient_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**NEEDED, "REPORTING_STORAGE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.pack_recipient, settings.smtp_host, settings.smtp_security) == ("", "", "starttls")
    assert settings.public_url == "https://luwes.metro.example"
    assert SERVICE.app().test_client().get("/live").status_code == 200
