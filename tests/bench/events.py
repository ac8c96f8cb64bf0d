"""Events from an outbox through the broker and an inbox to their committed effect: how many a second, how late."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from sqlalchemy import insert, text

from shared import outbox
from shared.clock import SystemClock
from shared.db import table_of
from tests.bench.parts import BellRungV1, Effect
from tests.bench.stage import Stage, running

EVENTS_OF_ONE_TRANSACTION = 50
DEADLINE = 120.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the commit that told an event to the commit of its effect."""

    p50: float
    p99: float


def ring(stage: Stage, first: int, count: int) -> None:
    """Tell *count* events as a service does: with the rows that make them true, in one transaction."""
    numbers = range(first, first + count)
    with stage.databases["ringer"].transaction() as session:
        session.execute(insert(table_of(Effect)), [{"number": number} for number in numbers])
        outbox.emit_all(
            session,
            [BellRungV1(number, "a note of the length that notes have") for number in numbers],
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


@contextmanager
def at_work(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """One relay and one worker, both up; gives the worker."""
    stage.empty()
    relay, worker = stage.start("ringer", "relay"), stage.start("hearer", "worker")
    with running(relay, worker):
        ring(stage, -1, 1)
        until(lambda: effects(stage) == 1)
        yield worker


def rate(stage: Stage, events: int, together: int = EVENTS_OF_ONE_TRANSACTION) -> float:
    """Events a second, from the first one told to the last one's committed effect; *together* share a transaction."""
    with at_work(stage):
        began = time.monotonic()
        for first in range(0, events, together):
            ring(stage, first, together)
        until(lambda: effects(stage) == events + 1)
        return events / (time.monotonic() - began)


def latency(stage: Stage, per_second: float, seconds: float) -> Latency:
    """Tell single events at a steady pace; both commits' times are PostgreSQL's (``track_commit_timestamp``)."""
    count = int(per_second * seconds)
    with at_work(stage):
        began = time.monotonic()
        for number in range(count):
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            ring(stage, number, 1)
        until(lambda: effects(stage) == count + 1)
    told, done = (commits(stage, name) for name in ("ringer", "hearer"))
    late = sorted((done[number] - told[number]) * 1000 for number in range(count))
    return Latency(late[count // 2], late[count * 99 // 100])


def commits(stage: Stage, name: str) -> dict[int, float]:
    """Number of each event → when the transaction of its row was committed, in seconds since 1970."""
    with stage.databases[name].transaction() as session:
        query = "select number, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as at from effect"
        return {row.number: row.at for row in session.execute(text(query))}


def memory(stage: Stage, events: int) -> tuple[float, float]:
    """MiB (unique set) of a worker after a tenth of the *events* and after all of them."""
    with at_work(stage) as worker:
        process = psutil.Process(worker.pid)
        found = []
        for first, last in ((0, events // 10), (events // 10, events)):
            for number in range(first, last, 500):
                ring(stage, number, 500)
            until(lambda last=last: effects(stage) == last + 1)  # type: ignore[misc]
            found.append(process.memory_full_info().uss / 2**20)
        return found[0], found[1]
