from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import Cluster
from services.schedule.app import SERVICE
from services.schedule.integrations.signer import make_development_key
from services.schedule.settings import ScheduleSettings
from shared.testing.bench import Bench
from shared.testing.city import KEY, NOON
from tests.conftest import common_settings, make_bench

PASSPHRASE = "kata sandi uji"


@pytest.fixture(scope="session")
def schedule_bench(cluster: Cluster, scratch: Path) -> Iterator[Bench]:
    session_key = scratch / "session.jwk"
    session_key.write_text(json.dumps(KEY.as_dict(private=True)))
    signing_key = scratch / "signer.p12"
    make_development_key(signing_key, PASSPHRASE, organisation="Pemerintah Kota Uji", now=NOON)
    policies = Path(__file__).parents[2] / "services" / "schedule" / "policies"
    settings = ScheduleSettings(
        **common_settings(cluster, "schedule", scratch),  # type: ignore[arg-type]
        session_key=session_key,
        development_login=True,
        eoffice_url="http://127.0.0.1:9",
        policy_dir=policies,
        signing_key=signing_key,
    )
    bench = make_bench(SERVICE, settings, SERVICE.create_app)
    yield bench
    bench.db.close()


@pytest.fixture
def bench(schedule_bench: Bench) -> Iterator[Bench]:
    yield schedule_bench
    schedule_bench.empty()
    schedule_bench.clock.at = NOON
