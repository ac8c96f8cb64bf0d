"""The house's own rules: models equal migrations, roles forbid reaching into another's tables, rules are pure."""

from __future__ import annotations

import ast
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.postgres import Cluster
from services.energy.app import SERVICE as ENERGY
from services.reporting.app import SERVICE as REPORTING
from services.schedule.app import SERVICE as SCHEDULE
from shared.contracts.catalogue import contracts, producer
from shared.db import Database
from shared.service import Service

ROOT = Path(__file__).parents[2]
SERVICES = [SCHEDULE, REPORTING, ENERGY]


def test_production_installs_what_was_tested() -> None:
    pins = {
        name: {line for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements.lock", "requirements-production.lock")
    }
    assert pins["requirements-production.lock"] < pins["requirements.lock"]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_models_equal_migrations(cluster: Cluster, service: Service) -> None:
    role = f"luwes_schema_{service.name}"
    cluster.create(role, f"schema_{service.name}")
    db = Database(cluster.url(f"schema_{service.name}", role))
    service.migrate(db)
    assert service.differences(db) == []
    db.close()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_no_service_can_read_anothers_tables(cluster: Cluster, service: Service) -> None:
    for other in SERVICES:
        if other is not service:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(cluster.dsn(other.name, f"luwes_{service.name}"))


def test_every_contract_is_handled_by_someone_else() -> None:
    for contract in contracts():
        listeners = [service.name for service in SERVICES if contract in service.handlers]
        assert listeners, contract.TYPE
        assert producer(contract) not in listeners


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_handler_names_are_unique_since_rows_refer_to_them(service: Service) -> None:
    functions = {f for functions in service.handlers.values() for f in functions}
    functions |= {
        f for source in service.webhooks.values() for functions in source.handlers.values() for f in functions
    }
    names = [function.__name__ for function in functions]
    assert len(names) == len(set(names))


def modules(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern)) if "migrations" not in path.parts]


@pytest.mark.parametrize("path", modules("services/**/rules.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_rules_are_pure(path: Path) -> None:
    forbidden = {"flask", "flask_smorest", "sqlalchemy", "kombu", "requests"}
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
    assert not {name for name in imported if name.split(".")[0] in forbidden}
    assert "datetime.now" not in path.read_text()


def test_only_the_edge_commits() -> None:
    """Sessions are committed by Database.transaction alone; a preview's rollback is the edge's too."""
    for path in modules("services/**/*.py", "shared/**/*.py"):
        if "commit(" in path.read_text():
            assert path.relative_to(ROOT).as_posix() in {"shared/service.py"}, path


def test_only_the_clock_knows_the_time() -> None:
    """The two exceptions speak of the transport's time: a signature is compared with the receiver's clock."""
    for path in modules("services/**/*.py", "shared/**/*.py"):
        if "datetime.now(" in path.read_text():
            assert path.relative_to(ROOT).as_posix() in {"shared/clock.py", "shared/webhooks/send.py"}, path


def test_no_module_has_become_a_second_capability() -> None:
    for path in modules("services/**/*.py", "shared/**/*.py", "deploy/**/*.py"):
        assert len(path.read_text().splitlines()) <= 400, path
