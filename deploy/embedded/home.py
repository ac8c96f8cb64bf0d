"""Where one embedded Luwes lives: folders, ports, secrets, and the environment that each process gets."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.postgres import Cluster

ROOT = Path(__file__).parents[2]
SERVICES = ("schedule", "reporting", "energy")
FAKES = ("simpeg", "eoffice", "smtp")
PASSPHRASE = "luwes-percobaan"
"""Opens the development signing key; it signs nothing that is valid in law."""


@dataclass(frozen=True)
class Home:
    """An embedded installation below *folder*; its HTTP origin is on *port*, the fakes on the three ports after it."""

    folder: Path
    port: int = 8000

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder / "postgres")

    @property
    def city(self) -> Path:
        return self.folder / "city"

    @property
    def mail(self) -> Path:
        return self.folder / "mail"

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock.json"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def supervisor_conf(self) -> Path:
        return self.folder / "supervisord.conf"

    def fake_port(self, name: str) -> int:
        return self.port + 101 + FAKES.index(name)

    def fake_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.fake_port(name)}"

    def secret(self, name: str) -> str:
        """A secret of this installation, made on first use and kept in a file that only its owner reads."""
        path = self.folder / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            prefix = "whsec_" if name.startswith("webhook") else ""
            known[name] = prefix + base64.b64encode(secrets.token_bytes(24)).decode()
            self.remember(known)
        return known[name]

    def remember(self, values: dict[str, str]) -> None:
        """Add *values* to the secrets."""
        path = self.folder / "secrets.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        path.touch(mode=0o600)
        path.write_text(json.dumps({**known, **values}, indent=1))

    def known_secret(self, name: str) -> str:
        """A secret that set-up has stored; empty before."""
        path = self.folder / "secrets.json"
        return str(json.loads(path.read_text()).get(name, "")) if path.exists() else ""

    def environment(self, process: str, cluster: Cluster) -> dict[str, str]:
        """Variables of one process: a service sees its own database and secrets, and no other's."""
        if process in FAKES:
            return self._fake_environment(process)
        common = {
            "LUWES_PROFILE": "embedded",
            "LUWES_BROKER_URL": "pgmq://",
            "LUWES_BROKER_DSN": cluster.dsn("broker", "luwes_broker"),
            "LUWES_PUBLIC_URL": self.origin,
            "LUWES_JWKS_URL": f"{self.origin}/schedule/.well-known/jwks.json",
            "LUWES_CLOCK_FILE": str(self.clock_file),
            "LUWES_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",  # a subscriber on this machine may be tried out
        }
        own = {
            f"{process.upper()}_DATABASE_URL": cluster.url(process, f"luwes_{process}"),
            f"{process.upper()}_STORAGE_DIR": str(self.folder / "files" / process),
        }
        if process == "schedule":
            own |= {
                "SCHEDULE_SESSION_KEY": str(self.folder / "session.jwk"),
                "SCHEDULE_SIGNING_KEY": str(self.folder / "signer.p12"),
                "SCHEDULE_DEVELOPMENT_LOGIN": "true",
                "SCHEDULE_EOFFICE_URL": self.fake_url("eoffice"),
                "SCHEDULE_WEBHOOK_SECRETS": ",".join(
                    f"{source}={self.secret(f'webhook-{source}')}" for source in ("simpeg", "eoffice")
                ),
            }
        if process == "reporting":
            own |= {
                "REPORTING_SCHEDULE_KEY": self.known_secret("reporting-schedule-key"),
                "REPORTING_SMTP_HOST": "127.0.0.1",
                "REPORTING_SMTP_PORT": str(self.fake_port("smtp")),
                "REPORTING_SMTP_SECURITY": "none",
                "REPORTING_MAIL_FROM": "luwes@metro.example",
                "REPORTING_PACK_RECIPIENT": "bagian.organisasi@metro.example",
            }
        return common | own

    def _fake_environment(self, name: str) -> dict[str, str]:
        own = f"FAKE_{name.upper()}"
        values = {f"{own}_PORT": str(self.fake_port(name))}
        if name == "smtp":
            return values | {f"{own}_DIR": str(self.mail)}
        values |= {
            f"{own}_WEBHOOK_URL": f"{self.origin}/schedule/webhooks/{name}",
            f"{own}_WEBHOOK_SECRET": self.secret(f"webhook-{name}"),
            f"{own}_DATA": str(self.city),
        }
        return values | ({f"{own}_DIR": str(self.folder / "eoffice")} if name == "eoffice" else {})


def default_home() -> Home:
    """The installation that ``make run`` and ``make demo`` use."""
    folder = Path(os.environ.get("LUWES_HOME", ROOT / "var" / "embedded"))
    return Home(folder.resolve(), int(os.environ.get("LUWES_PORT", "8000")))
