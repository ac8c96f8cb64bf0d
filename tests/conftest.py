"""One embedded PostgreSQL for the whole run; each service's database is built by its migrations."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pgmq.install import install_pgmq_from_sql

from deploy.embedded.postgres import Cluster

pytest_plugins = ["tests.benches"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="luwes-pg-")), durable=False)
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
