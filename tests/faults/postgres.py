"""A PostgreSQL that can be killed as a crash would kill it, and started again."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import psutil
import psycopg

from deploy.embedded.postgres import SUPERUSER, Cluster

START_SECONDS = 60
_starting = threading.Lock()  # the wheel locks out other processes, but not other threads


@dataclass
class MortalCluster(Cluster):
    """A durable cluster: what it has committed must be there after :meth:`kill`."""

    @property
    def socket(self) -> str:
        return str(self.socket_dir / ".s.PGSQL.5432")

    def start(self) -> None:
        with _starting:
            super().start()

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its children."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue  # gone by itself in the meantime
        psutil.wait_procs(family, timeout=10)

    def start_again(self) -> None:
        """Start after a kill; returns when it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._postmaster() is None:
                self._pg_ctl("restart")  # which starts a server that is gone
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not come up again")
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn("postgres", SUPERUSER), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _postmaster(self) -> psutil.Process | None:
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            return process if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name() else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
