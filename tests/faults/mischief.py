"""The faults. Each strikes, lasts a little, and returns when what was hurt has been put right by its operator."""

from __future__ import annotations

import errno
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psutil

from tests.faults.proxy import Proxy
from tests.faults.stage import RABBITMQ, Stage, until

MEANWHILE = 0.3  # share of outages during which a process is killed as well
SLOWNESS = 0.01  # seconds by which a slow line delays each piece, each way
JUMP = timedelta(hours=1)
BUSY = "hearer-worker"
HEARD = "select count(*) from effect where kind = 'ring'"
AT_WORK_SECONDS = 15
END_SECONDS = 15.0
BALLAST_PIECE = 1 << 20


class Mischief:
    """Strikes a stage; the same seed gives the same faults. ``counts`` says what was done, ``ends`` how long each
    worker took to end when asked to (seconds)."""

    def __init__(self, stage: Stage, rng: Random, tell: Callable[[str], None]) -> None:
        self.stage, self.rng, self._tell = stage, rng, tell
        self.counts: Counter[str] = Counter()
        self.ends: list[float] = []
        self.over_at = time.monotonic()

    def strike(self, kind: str) -> None:
        self.counts[kind] += 1
        self._tell(kind)
        FAULTS[kind](self)
        self.over_at = time.monotonic()

    def last(self, low: float, high: float) -> None:
        """Let the fault last; now and then something else dies meanwhile."""
        seconds = self.rng.uniform(low, high)
        time.sleep(seconds / 2)
        if self.rng.random() < MEANWHILE:
            self.counts["kill meanwhile"] += 1
            self._kill(self.rng.choice(("worker", "relay")))
        time.sleep(seconds / 2)

    def _kill(self, kind: str) -> str:
        name = self.rng.choice(self.stage.crew.names(kind))
        self.stage.crew.kill(name)
        return name

    def kill(self, kind: str) -> None:
        """SIGKILL to a process of *kind*; over when the supervisor has started it again."""
        crew = self.stage.crew
        before = {name: crew.pid(name) for name in crew.names(kind)}
        killed = self._kill(kind)
        until(lambda: crew.pid(killed) != before[killed], 10, every=0.02)

    def kill_web_child(self) -> None:
        """SIGKILL to a process that gunicorn forked; gunicorn replaces it."""
        for child in psutil.Process(self.stage.crew.pid(self.rng.choice(self.stage.crew.names("web")))).children():
            child.kill()

    def kill_busy_worker(self) -> None:
        """SIGKILL to the hearer's worker, at work and with a slow broker: it is taking messages or settling them."""
        crew = self.stage.crew
        before = self.stage.number("hearer", HEARD)
        until(lambda: self.stage.number("hearer", HEARD) > before, AT_WORK_SECONDS)
        self.stage.broker_proxy.slow(SLOWNESS)
        time.sleep(self.rng.uniform(0.5, 1.5))
        killed = crew.pid(BUSY)
        crew.kill(BUSY)
        until(lambda: crew.pid(BUSY) != killed, 10, every=0.02)
        self.stage.broker_proxy.heal()

    def end_worker(self) -> None:
        """SIGTERM to a worker; how long it takes is kept."""
        name = self.rng.choice(self.stage.crew.names("worker"))
        self.ends.append(self.stage.crew.terminate(name, END_SECONDS))

    def kill_database(self) -> None:
        self.stage.cluster.kill()
        self.last(0.5, 2)
        self.stage.cluster.start_again()

    def kill_node(self, number: int) -> None:
        self.stage.nodes[number].kill()
        self.last(0.5, 2)
        self.stage.nodes[number].start()

    def line(self, proxy: Proxy, hurt: Callable[[], None]) -> None:
        hurt()
        self.last(1, 3)
        proxy.heal()

    def cut(self, proxy: Proxy) -> None:
        """A few resets in a row, so that one hits connections that have just been made."""
        for _ in range(3):
            proxy.cut()
            time.sleep(self.rng.uniform(0.1, 0.6))

    def jump(self) -> None:
        """The clock of all processes runs an hour ahead for a while."""
        self.stage.clock.move_to(datetime.now(UTC) + JUMP)
        self.last(2, 3)
        self.stage.clock.move_to(datetime.now(UTC))

    def memory_alarm(self) -> None:
        self.stage.nodes[0].ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        self.last(4, 6)
        self.stage.nodes[0].ctl("set_vm_memory_high_watermark", "0.4")

    def disk_alarm(self) -> None:
        self.stage.nodes[0].ctl("set_disk_free_limit", "100000GB")
        self.last(4, 6)
        self.stage.nodes[0].ctl("set_disk_free_limit", "50MB")

    def fill_disk(self) -> None:
        """Not a byte is left where PostgreSQL keeps its data; then there is room again, and it is started if it
        has given up."""
        ballast = self.stage.cluster.folder / "ballast"
        _fill(ballast)
        self.last(5, 7)
        ballast.unlink()
        self.stage.cluster.start_again()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (BALLAST_PIECE, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def _line(which: str, how: str) -> Callable[[Mischief], None]:
    def strike(mischief: Mischief) -> None:
        proxy: Proxy = getattr(mischief.stage, f"{which}_proxy")
        if how == "cut":
            mischief.cut(proxy)
        else:
            hurt = {"refuse": proxy.refuse, "swallow": proxy.swallow, "slow": lambda: proxy.slow(SLOWNESS)}
            mischief.line(proxy, hurt[how])

    return strike


LINES = {f"{which} line: {how}": _line(which, how) for which in ("database", "broker")
         for how in ("cut", "refuse", "swallow", "slow")}  # fmt: skip
FAULTS: dict[str, Callable[[Mischief], None]] = {
    "kill web worker": Mischief.kill_web_child,
    "kill web": lambda m: m.kill("web"),
    "kill relay": lambda m: m.kill("relay"),
    "kill worker": lambda m: m.kill("worker"),
    "kill busy worker": Mischief.kill_busy_worker,
    "end worker": Mischief.end_worker,
    "kill database": Mischief.kill_database,
    "kill broker": lambda m: m.kill_node(0),
    "kill node 1": lambda m: m.kill_node(0),
    "kill node 2": lambda m: m.kill_node(1),
    "kill node 3": lambda m: m.kill_node(2),
    "clock an hour ahead": Mischief.jump,
    "memory alarm": Mischief.memory_alarm,
    "disk alarm": Mischief.disk_alarm,
    "database disk full": Mischief.fill_disk,
    **LINES,
}
PROCESSES = ("kill web worker", "kill web", "kill relay", "kill worker", "kill busy worker", "end worker")


def main_faults(broker: str) -> list[str]:
    """What every run on *broker* goes through; for PGMQ the database is the broker."""
    kinds = [*PROCESSES, "kill database", *LINES, "clock an hour ahead"]
    return [*kinds, "kill broker"] if broker == RABBITMQ else kinds
