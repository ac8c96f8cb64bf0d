from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared.brokers import installed, rabbitmq


@pytest.fixture(scope="session")
def rabbitmq_url(scratch: Path) -> Iterator[str]:
    with rabbitmq(scratch / "rabbitmq") as url:
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "broker" in metafunc.fixturenames:
        metafunc.parametrize("broker", installed())
