"""The three services, each on its bench, for the whole run; a ``conftest.py`` beside the tests empties them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from deploy.embedded.postgres import Cluster
from services.energy.app import SERVICE as ENERGY
from services.energy.models import Tariff
from services.energy.settings import EnergySettings
from services.reporting.app import SERVICE as REPORTING
from services.reporting.settings import ReportingSettings
from services.schedule.app import SERVICE as SCHEDULE
from services.schedule.integrations.signer import make_development_key
from services.schedule.settings import ScheduleSettings
from shared.db import Database
from shared.durable import Context
from shared.service import Service
from shared.sessions import KeyRing
from shared.settings import EMBEDDED, Settings, WebhookSettings
from shared.storage import FolderStorage
from shared.testing.bench import Bench, SetClock
from shared.testing.city import KEY, KEYS, NOON

WEBHOOK_SECRET = "whsec_" + "dGVzdC1zZWNyZXQtZm9yLWx1d2VzLXdlYmhvb2tz"
PASSPHRASE = "kata sandi uji"
SCHEDULE_KEY = "lwk_test_secret"
ROOT = Path(__file__).parents[1]


def common_settings(cluster: Cluster, service: str, scratch: Path) -> dict[str, Any]:
    """Values of Settings for a service under test."""
    return {
        "service": service,
        "profile": EMBEDDED,
        "database_url": cluster.url(service, f"luwes_{service}"),
        "broker_url": "pgmq://",
        "broker_dsn": cluster.dsn("broker", "luwes_broker"),
        "public_url": "http://localhost",
        "jwks_url": "http://localhost:9/jwks.json",
        "storage_dir": scratch / service,
        "http_timeout": 5.0,
        "clock_file": None,
        "webhook_secrets": {"simpeg": [WEBHOOK_SECRET], "eoffice": [WEBHOOK_SECRET]},
        "webhooks_out": WebhookSettings(allowed_networks=(ip_network("127.0.0.0/8"),)),
    }


def put_on_bench(service: Service, settings: Settings) -> Bench:
    """Migrate the database and build the application of *service*; sessions are those of the test's own key."""
    db = Database(settings.database_url)
    service.migrate(db)
    clock = SetClock()
    context = Context(settings, clock, FolderStorage(settings.storage_dir))
    bench = Bench(service, settings, db, clock, context, service.create_app(context, db))
    bench.app.extensions["luwes.keys"] = KeyRing("", 1.0, known=KEYS)
    return bench


@pytest.fixture(scope="session")
def schedule_bench(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    session_key, signing_key = scratch / "session.jwk", scratch / "signer.p12"
    session_key.write_text(json.dumps(KEY.as_dict(private=True)))
    make_development_key(signing_key, PASSPHRASE, organisation="Pemerintah Kota Uji", now=NOON)
    settings = ScheduleSettings(
        **common_settings(cluster, "schedule", scratch),
        session_key=session_key,
        development_login=True,
        eoffice_url="http://127.0.0.1:9",
        policy_dir=ROOT / "services" / "schedule" / "policies",
        signing_key=signing_key,
    )
    bench = put_on_bench(SCHEDULE, settings)
    yield bench
    bench.db.close()


@pytest.fixture(scope="session")
def reporting_bench(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    settings = ReportingSettings(
        **common_settings(cluster, "reporting", scratch),
        schedule_key=SCHEDULE_KEY,
        city="Kota Metro",
        place="Metro",
        smtp_security="none",
        mail_from="Luwes <luwes@metro.example>",
        pack_recipient="bagor@metro.example",
    )
    bench = put_on_bench(REPORTING, settings)
    yield bench
    bench.db.close()


@pytest.fixture(scope="session")
def energy_bench(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    settings = EnergySettings(
        **common_settings(cluster, "energy", scratch), wfh_since=date(2026, 4, 9), corrective_days=3
    )
    tariffs = importlib.import_module("services.energy.migrations.versions.0001_first_tables").TARIFFS
    bench = put_on_bench(ENERGY, settings)
    bench.seed = lambda session: session.execute(insert(Tariff), tariffs)
    yield bench
    bench.db.close()
