"""The energy service on a bench, emptied after each test; the tariff that its migration knows is put back."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text

from deploy.embedded.postgres import Cluster
from services.energy.app import SERVICE, build
from services.energy.models import Tariff
from services.energy.settings import EnergySettings
from shared.audit import AuditRow
from shared.auth import KeyRing
from shared.db import SharedBase
from shared.testing.bench import Bench
from shared.testing.city import KEYS, NOON
from tests.conftest import common_settings, make_bench

TARIFFS = importlib.import_module("services.energy.migrations.versions.0001_first_tables").TARIFFS


@pytest.fixture(scope="session")
def energy(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    values: dict[str, Any] = {
        **common_settings(cluster, "energy", scratch), "wfh_since": date(2026, 4, 9), "corrective_days": 3
    }  # fmt: skip
    bench = make_bench(SERVICE, EnergySettings(**values), build)
    bench.app.extensions["luwes.keys"] = KeyRing("", 1.0, known=KEYS)
    yield bench
    bench.db.close()


@pytest.fixture
def bench(energy: Bench) -> Iterator[Bench]:
    energy.clock.at = NOON
    yield energy
    assert energy.unfinished() == [], "a handler or job failed in this test"
    empty(energy)


def empty(bench: Bench) -> None:
    """Remove all rows but what the migration put in. Deleting few rows is quicker than truncating many tables, which
    only the audit log needs: it refuses to be deleted from."""
    tables = [table for base in (bench.service.metadata, SharedBase.metadata) for table in base.sorted_tables]
    with bench.db.transaction() as session:
        for table in reversed(tables):
            if table.name != AuditRow.__tablename__:
                session.execute(delete(table))
        if session.scalar(select(AuditRow.id).limit(1)):
            session.execute(text("truncate audit"))
        session.execute(insert(Tariff), TARIFFS)
