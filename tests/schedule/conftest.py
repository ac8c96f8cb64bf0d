from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.testing.bench import Bench
from shared.testing.city import NOON


@pytest.fixture
def bench(schedule_bench: Bench) -> Iterator[Bench]:
    """The schedule service with an empty database, at noon of Friday 10 April 2026."""
    schedule_bench.clock.at = NOON
    yield schedule_bench
    schedule_bench.empty()
