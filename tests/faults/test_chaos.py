"""The short form of ``make chaos``: real processes and brokers, killed and cut off while events flow."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.faults.chaos import ALARMS, CLUSTER, CONTROL, DISK_FULL, may_mount
from tests.faults.mischief import main_faults
from tests.faults.scenarios import Row, Scenario, play
from tests.faults.stage import PGMQ, RABBITMQ
from tests.shared.brokers import installed

SEED = 20261124
EVENTS = 5_000
RECOVERY_LIMIT_SECONDS = 60  # with two runs at once on a busy machine; ``make chaos`` shows the real figures
WORKER_END_SECONDS = 10
AT_ONCE = 2

SHORT = {
    "pgmq": Scenario("all faults", PGMQ, main_faults(PGMQ), EVENTS),
    "rabbitmq": Scenario("all faults", RABBITMQ, [*main_faults(RABBITMQ), *ALARMS.faults], EVENTS),
    "cluster": replace(CLUSTER, events=500),
    "disk full": replace(DISK_FULL, events=100),
    "control": CONTROL,
}
POSSIBLE = [
    name
    for name, scenario in SHORT.items()
    if (scenario.broker != RABBITMQ or RABBITMQ in installed()) and (not scenario.small_disk or may_mount())
]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Row]]]:
    """The runs that the chosen tests ask for, two at a time: most of a run is waiting."""
    chosen = {name for item in request.session.items for name in SHORT if f"[{name}]" in item.name}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(play, SHORT[name], SEED) for name in SHORT if name in chosen}


@pytest.mark.parametrize("name", [name for name in POSSIBLE if name != "control"])
def test_nothing_is_lost_and_nothing_done_twice(name: str, runs: dict[str, Future[Row]]) -> None:
    row = runs[name].result()
    assert (row.lost, row.doubled) == (0, 0), row
    assert row.events >= SHORT[name].events
    assert set(SHORT[name].faults) <= set(row.faults)
    assert row.recovery_seconds is not None
    assert row.recovery_seconds <= RECOVERY_LIMIT_SECONDS, row
    assert (row.worker_end_seconds or 0) <= WORKER_END_SECONDS, row


@pytest.mark.parametrize("name", ["control"])
def test_the_count_sees_the_losses_of_a_broker_that_is_known_to_lose(name: str, runs: dict[str, Future[Row]]) -> None:
    row = runs[name].result()
    assert row.lost > 0, row
    assert row.good
