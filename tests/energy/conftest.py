from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.testing.bench import Bench
from shared.testing.city import NOON


@pytest.fixture
def bench(energy_bench: Bench) -> Iterator[Bench]:
    """The energy service with an empty database but for the tariff that its migration knows."""
    energy_bench.clock.at = NOON
    yield energy_bench
    assert energy_bench.unfinished() == [], "a handler or job failed in this test"
    energy_bench.empty()
