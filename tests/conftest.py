"""One embedded PostgreSQL for the whole run; each service's database is built by its migrations."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pgmq.install import install_pgmq_from_sql

from deploy.embedded.postgres import Cluster
from shared.db import Database
from shared.durable import Context
from shared.service import Service
from shared.settings import EMBEDDED, Settings
from shared.storage import FolderStorage
from shared.testing.bench import Bench, SetClock

WEBHOOK_SECRET = "whsec_" + "dGVzdC1zZWNyZXQtZm9yLWx1d2VzLXdlYmhvb2tz"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="luwes-pg-"))
    cluster = Cluster(folder, durable=False)
    cluster.start()
    cluster.create("luwes_broker", "broker")
    install_pgmq_from_sql(dsn=cluster.dsn("broker", "luwes_broker"))
    for name in ("schedule", "reporting", "energy"):
        cluster.create(f"luwes_{name}", name)
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="luwes-files-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def common_settings(cluster: Cluster, service: str, scratch: Path) -> dict[str, object]:
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
    }


def make_bench(service: Service, settings: Settings, build: Callable[..., object]) -> Bench:
    """Migrate the database and build the application of *service*."""
    db = Database(settings.database_url)
    service.migrate(db)
    clock = SetClock()
    context = Context(settings, clock, FolderStorage(settings.storage_dir))
    return Bench(service, settings, db, clock, context, build(context, db))  # type: ignore[arg-type]
