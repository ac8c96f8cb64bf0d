"""Events from an outbox through the broker and an inbox to their committed effect: how many a second, how late."""

from __future__ import annotations

import time
from collections.abc import Callable

from shared import outbox
from shared.clock import SystemClock
from tests.bench.parts import BellRungV1
from tests.bench.stage import Stage, running

EVENTS_OF_ONE_TRANSACTION = 50
DEADLINE = 60.0


def ring(stage: Stage, first: int, count: int) -> None:
    """Tell *count* events, as a service does: with the transaction that makes them true."""
    with stage.databases["ringer"].transaction() as session:
        outbox.emit_all(
            session,
            [BellRungV1(number, "a note of the length that notes have") for number in range(first, first + count)],
            now=SystemClock().now(),
        )


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not reached():
        if time.monotonic() > end:
            raise RuntimeError("the events did not all arrive")
        time.sleep(0.02)


def effects(stage: Stage) -> int:
    return int(stage.scalar("hearer", "select count(*) from effect"))


def rate(stage: Stage, events: int) -> float:
    """Events a second from a full outbox to the last committed effect, with one relay and one worker."""
    stage.empty()
    with running(stage.start("ringer", "relay"), stage.start("hearer", "worker")):
        ring(stage, -1, 1)
        until(lambda: effects(stage) == 1)  # both are up
        began = time.monotonic()
        for first in range(0, events, EVENTS_OF_ONE_TRANSACTION):
            ring(stage, first, EVENTS_OF_ONE_TRANSACTION)
        until(lambda: effects(stage) == events + 1)
        return events / (time.monotonic() - began)
