"""Starts what is timed: PostgreSQL, RabbitMQ and the processes of two small services, all on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pgmq.install import install_pgmq_from_sql
from sqlalchemy import text

from deploy.embedded.postgres import Cluster
from shared.db import Database
from tests.bench.parts import FOLDER, Base

ROOT = Path(__file__).parents[2]
SECRET = "whsec_" + "YmVuY2gtc2VjcmV0LWZvci1sdXdlcy13ZWJob29rcw=="


@dataclass
class Stage:
    """One set of two services on one broker."""

    folder: Path
    cluster: Cluster
    broker_url: str
    environment: dict[str, str] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start ``python -m tests.bench.parts …``, or another module of Python named with ``-m``."""
        module = list(command[1:]) if command[0] == "-m" else ["tests.bench.parts", *command]
        log = (self.folder / f"{'-'.join(command[:3]).replace('/', '_')}.log").open("ab")
        return subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def scalar(self, name: str, query: str) -> float:
        with self.databases[name].transaction() as session:
            return float(session.scalar(text(query)) or 0)

    def empty(self) -> None:
        for name in self.databases:
            with self.databases[name].transaction() as session:
                session.execute(text("truncate outbox, inbox, job, effect"))


@contextmanager
def running(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """While the block runs the *processes* do too; they are asked to end, and made to after 15 seconds."""
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def postgres() -> Iterator[tuple[Path, Cluster]]:
    """A durable PostgreSQL (fsync on) of our own and the folder that holds it."""
    folder = Path(tempfile.mkdtemp(prefix="luwes-bench-"))
    cluster = Cluster(folder / "postgres", settings="track_commit_timestamp = on\n")
    cluster.start()
    try:
        yield folder, cluster
    finally:
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def stage(folder: Path, cluster: Cluster, broker_url: str) -> Iterator[Stage]:
    """Databases and queues of the two services; *broker_url* is ``pgmq://`` or RabbitMQ's address."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster.create("luwes_broker", "broker")
    if broker_url.startswith("pgmq"):
        install_pgmq_from_sql(dsn=cluster.dsn("broker", "luwes_broker"))
    made = Stage(folder, cluster, broker_url)
    made.environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        FOLDER: str(folder),
        "LUWES_PROFILE": "embedded",
        "LUWES_BROKER_URL": broker_url,
        "LUWES_BROKER_DSN": cluster.dsn("broker", "luwes_broker"),
        "LUWES_PUBLIC_URL": "http://localhost",
        "LUWES_JWKS_URL": "http://localhost:9/jwks.json",
        "HEARER_WEBHOOK_SECRETS": f"outside={SECRET}",
        "LUWES_WEBHOOK_RATE": "1000000",
    }
    for name in ("ringer", "hearer"):
        cluster.create(f"luwes_{name}", name)
        (folder / name / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
        made.environment[f"{name.upper()}_DATABASE_URL"] = cluster.url(name, f"luwes_{name}")
        made.environment[f"{name.upper()}_STORAGE_DIR"] = str(folder / name / "files")
        done = made.start(name, "migrate").wait(60)
        if done:
            raise RuntimeError(f"{name} could not be set up; see {folder}")
        made.databases[name] = Database(cluster.url(name, f"luwes_{name}"))
        Base.metadata.create_all(made.databases[name].engine)
    try:
        yield made
    finally:
        for database in made.databases.values():
            database.close()
