from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.testing.bench import Bench
from shared.testing.city import NOON
from tests.shared.brokers import installed, rabbitmq
from tests.shared.subscribers import Subscriber, listening


@pytest.fixture(scope="session")
def rabbitmq_url(scratch: Path) -> Iterator[str]:
    with rabbitmq(scratch / "rabbitmq") as url:
        yield url


@pytest.fixture
def bench(schedule_bench: Bench) -> Iterator[Bench]:
    """The shared library at work in one of the services."""
    schedule_bench.clock.at = NOON
    yield schedule_bench
    schedule_bench.empty()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "broker" in metafunc.fixturenames:
        metafunc.parametrize("broker", installed())


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with listening() as listener:
        yield listener


@pytest.fixture
def another() -> Iterator[Subscriber]:
    with listening() as listener:
        yield listener
