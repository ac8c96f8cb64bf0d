"""Runs: a steady load, faults while it flows, then the count."""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests.faults.bells.services import ECHO, RING, SERVICES, WEBHOOK
from tests.faults.driver import Driver
from tests.faults.ledger import HOME, SEEN, Tally, seen_in, tally
from tests.faults.mischief import Mischief
from tests.faults.stage import LOSING, PGMQ, Stage, stage, until

WARM_UP_SECONDS = 1.5
PACE_SECONDS = 0.3
MOST_WAITING = 300  # events not yet published, taken or handled; beyond it the driver waits
GAP_SECONDS = (0.8, 1.8)  # between two faults
LATER_GAP_SECONDS = (2.0, 6.0)  # the same when each fault has struck once
RECOVERY_LIMIT = 120.0
QUIET_SECONDS = {PGMQ: 45.0, LOSING: 10.0}  # PGMQ shows a message again 30 s after its reader was killed
QUIET_OTHERWISE = 25.0
DISK_SIZE = "400m"
UNPUBLISHED = "select count(*) from outbox where published_at is null"
THERE = "select count(distinct number) from effect where kind = %s and number = any(%s)"
DUE = "select count(*) from inbox where status = 'pending' and due_at <= %s"


@dataclass(frozen=True)
class Scenario:
    """faults: kinds, each struck at least once, in an order that the seed gives. control: is known to lose.

    probe_each: time the recovery from every fault, which makes a run about twice as long.
    """

    name: str
    broker: str
    faults: Sequence[str]
    events: int
    per_second: float = 100.0
    nodes: int = 1
    small_disk: bool = False
    control: bool = False
    probe_each: bool = False


@dataclass(frozen=True)
class Row:
    """What a run came to. events: taken by HTTP, each with one effect or (rings) two; seconds as defined below.

    recovery: from the end of the last fault until new events had their effects and neither outbox nor inbox held
    anything due. complete: until all effects were there. slowest_after: the longest time, by kind of fault, until
    events sent after it had their effects while the load went on.
    """

    name: str
    broker: str
    control: bool
    seed: int
    events: int
    effects_expected: int
    faults: dict[str, int]
    lost: int
    doubled: int
    recovery_seconds: float | None
    complete_seconds: float | None
    slowest_after: dict[str, float]
    worker_end_seconds: float | None
    duration_seconds: float

    @property
    def good(self) -> bool:
        return self.lost > 0 if self.control else self.lost == 0 and self.doubled == 0

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def play(scenario: Scenario, seed: int, tell: Callable[[str], None] = lambda _news: None) -> Row:
    """Carry out one run, telling what happens. Lost and doubled are counted when all is quiet."""
    began = time.monotonic()

    def say(news: str) -> None:
        tell(f"{time.monotonic() - began:6.1f} s  {news}")

    disk = small_disk() if scenario.small_disk else nullcontext()
    with disk as folder, stage(scenario.broker, nodes=scenario.nodes, disk=folder) as made:
        driver = Driver(made.url("ringer"), made.url("hearer"), made.secret, per_second=scenario.per_second)
        mischief = Mischief(made, random.Random(seed), lambda kind: say(f"{kind}; {driver.taken} events"))
        say("all processes answer")
        with _load(made, driver, hold=not scenario.control):
            time.sleep(WARM_UP_SECONDS)
            slowest = _strike_while_sending(scenario, driver, mischief)
        recovery = None if scenario.control else _recovery(made, driver, mischief.over_at, until_idle=True)
        driver.stop()
        say(f"idle after {recovery} s")
        complete = _settle(scenario, made, driver, mischief.over_at)
        say(f"all effects there after {complete} s")
        result = sum(_tallies(made, driver).values(), Tally(0, 0, 0))
        return Row(
            scenario.name, scenario.broker, scenario.control, seed, driver.taken, result.expected,
            dict(sorted(mischief.counts.items())), result.lost, result.doubled, recovery, complete,
            dict(sorted(slowest.items())),
            round(max(mischief.ends), 1) if mischief.ends else None, round(time.monotonic() - began, 1),
        )  # fmt: skip


@contextmanager
def _load(made: Stage, driver: Driver, *, hold: bool) -> Iterator[None]:
    """While the block runs events flow; hold: no faster than they are handled (what is lost never is)."""
    over = threading.Event()

    def pace() -> None:
        while not over.wait(PACE_SECONDS):
            try:
                driver.hold(_backlog(made) + made.ready() > MOST_WAITING)
            except psycopg.OperationalError:
                continue  # killed at this moment; then posts fail too, and are repeated

    pacing = threading.Thread(target=pace, daemon=True)
    driver.start()
    if hold:
        pacing.start()
    try:
        yield
    finally:
        over.set()
        if hold:
            pacing.join()
        driver.cease()


def _strike_while_sending(scenario: Scenario, driver: Driver, mischief: Mischief) -> dict[str, float]:
    """Every fault once, and over again until the wanted number of events has been taken.

    After each fault rings are sent until they have had their effects; the longest time of each kind is returned.
    """
    slowest: dict[str, float] = {}
    first_round = True
    while first_round or driver.taken < scenario.events:
        order = list(scenario.faults)
        mischief.rng.shuffle(order)
        for kind in order:
            if not first_round and driver.taken >= scenario.events:
                break
            mischief.strike(kind)
            if scenario.probe_each:
                slowest[kind] = max(slowest.get(kind, 0.0), _recovery(mischief.stage, driver, mischief.over_at))
            time.sleep(mischief.rng.uniform(*(GAP_SECONDS if first_round else LATER_GAP_SECONDS)))
        first_round = False
    return slowest


def _recovery(made: Stage, driver: Driver, since: float, *, until_idle: bool = False) -> float:
    """Seconds from *since* until what is sent now has had all its effects (and nothing waits any more)."""
    with requests.Session() as http:
        probes = {RING: driver.ring(http), WEBHOOK: driver.call(http)}
    probes[ECHO] = probes[RING]
    until(
        lambda: (
            all(made.number(HOME[kind], THERE, kind, numbers) == len(numbers) for kind, numbers in probes.items())
            and not (until_idle and _backlog(made))
        ),
        RECOVERY_LIMIT,
    )
    return round(time.monotonic() - since, 1)


def _settle(scenario: Scenario, made: Stage, driver: Driver, since: float) -> float | None:
    """Wait until all effects are there and the broker is empty, or nothing moves any more. Seconds from *since*
    until all effects were there; None when some never came."""
    quiet = QUIET_SECONDS.get(scenario.broker, QUIET_OTHERWISE)
    missing, moved = -1, time.monotonic()
    while missing and time.monotonic() - moved < quiet:
        found = sum(part.lost for part in _tallies(made, driver).values())
        if found != missing:
            missing, moved = found, time.monotonic()
        time.sleep(0.2 if missing else 0)
    if missing:
        return None
    complete = round(moved - since, 1)
    until(lambda: not made.broker_waits() and not _backlog(made), quiet, every=0.5)
    return complete


def _tallies(made: Stage, driver: Driver) -> dict[str, Tally]:
    counted = _seen(made)
    taken = {RING: driver.rung, ECHO: driver.rung, WEBHOOK: driver.webhooks}
    return {kind: tally(taken[kind], counted[kind]) for kind in HOME}


def _seen(made: Stage) -> dict[str, Any]:
    return {kind: seen_in(made.rows(service, SEEN, kind)) for kind, service in HOME.items()}


def _backlog(made: Stage) -> int:
    now = made.clock.now()
    return sum(made.number(name, UNPUBLISHED) + made.number(name, DUE, now) for name in SERVICES)


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of our own that is soon full: a tmpfs, which root may mount."""
    folder = Path(tempfile.mkdtemp(prefix="luwes-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE},mode=755", "tmpfs", str(folder)], check=True)
    try:
        yield folder / "postgres"
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


def write(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
