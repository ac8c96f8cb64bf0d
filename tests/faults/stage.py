"""The stage of one run: PostgreSQL, a broker, the bells as real processes, and a proxy before database and broker."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
import requests
from pgmq.install import install_pgmq_from_sql

from shared.clock import FileClock
from tests.faults.bells.services import SERVICES, SOURCE
from tests.faults.crew import ROOT, Crew
from tests.faults.postgres import MortalCluster
from tests.faults.proxy import HOST, Proxy
from tests.servers import free_port
from tests.shared.brokers import Node, rabbitmq_nodes

PGMQ, RABBITMQ, LOSING = "pgmq", "rabbitmq", "sqlalchemy"
BROKER_DATABASE, BROKER_ROLE = "broker", "luwes_broker"
START_SECONDS = 60


@dataclass
class Stage:
    """Everything of one run. ``nodes`` is empty unless the broker is RabbitMQ."""

    folder: Path
    broker: str
    cluster: MortalCluster
    nodes: Sequence[Node]
    database_proxy: Proxy
    broker_proxy: Proxy
    crew: Crew
    secret: str = field(repr=False)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def clock(self) -> FileClock:
        return FileClock(self.folder / "clock.json")

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def rows(self, database: str, query: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the database itself, past the proxy."""
        role = BROKER_ROLE if database == BROKER_DATABASE else f"luwes_{database}"
        with psycopg.connect(self.cluster.dsn(database, role), connect_timeout=5) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def number(self, database: str, query: str, *values: object) -> int:
        [[value]] = self.rows(database, query, *values)
        return int(str(value))

    def broker_waits(self) -> int:
        """Messages that lie in the broker's queues, delivered or not."""
        if self.broker == RABBITMQ:
            lines = self.nodes[0].ctl("list_queues", "messages", "--no-table-headers").split()
            return sum(int(line) for line in lines if line.isdigit())
        if self.broker == PGMQ:
            return sum(
                self.number(BROKER_DATABASE, f"select count(*) from pgmq.q_luwes_{service}") for service in SERVICES
            )
        return self.number(BROKER_DATABASE, "select count(*) from kombu_message where visible")

    def ready(self) -> int:
        """Messages that a worker could have now; not told by RabbitMQ cheaply, where they do not pile up."""
        if self.broker != PGMQ:
            return 0
        return sum(
            self.number(BROKER_DATABASE, f"select count(*) from pgmq.q_luwes_{name} where vt <= clock_timestamp()")
            for name in SERVICES
        )

    @cached_property
    def environment(self) -> dict[str, str]:
        """Variables of the services, which reach database and broker through the proxies."""
        values = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        values |= {
            "LUWES_PROFILE": "embedded",
            "LUWES_BROKER_URL": self._broker_url(),
            "LUWES_BROKER_DSN": through(self.cluster.dsn(BROKER_DATABASE, BROKER_ROLE), self.broker_proxy),
            "LUWES_PUBLIC_URL": "http://localhost",
            "LUWES_JWKS_URL": "http://localhost:9/jwks.json",
            "LUWES_CLOCK_FILE": str(self.clock.path),
            "HEARER_WEBHOOK_SECRETS": f"{SOURCE}={self.secret}",
            "LUWES_WEB_WORKERS": "1",
        }
        for name in SERVICES:
            values[f"{name.upper()}_DATABASE_URL"] = self._sqlalchemy_url(name, f"luwes_{name}", self.database_proxy)
            values[f"{name.upper()}_STORAGE_DIR"] = str(self.folder / "files" / name)
        return values

    def _broker_url(self) -> str:
        if self.broker == PGMQ:
            return "pgmq://"
        if self.broker == LOSING:
            return "sqla+" + self._sqlalchemy_url(BROKER_DATABASE, BROKER_ROLE, self.broker_proxy)
        if len(self.nodes) > 1:
            return ";".join(node.url for node in self.nodes)
        return f"amqp://guest:guest@{HOST}:{self.broker_proxy.port}//"

    def _sqlalchemy_url(self, database: str, role: str, proxy: Proxy) -> str:
        parts = psycopg.conninfo.conninfo_to_dict(self.cluster.dsn(database, role))
        return f"postgresql+psycopg://{role}:{parts['password']}@{HOST}:{proxy.port}/{database}"


def through(dsn: str, proxy: Proxy) -> str:
    return psycopg.conninfo.make_conninfo(dsn, host=HOST, port=proxy.port)


@contextmanager
def stage(broker: str, *, nodes: int = 1, disk: Path | None = None, name: str = "run") -> Iterator[Stage]:
    """Start everything, hand it over, and stop everything. disk: folder for PostgreSQL's data (a small disk)."""
    folder = Path(tempfile.mkdtemp(prefix=f"luwes-chaos-{name}-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = MortalCluster(disk or folder / "postgres")
        stack.callback(cluster.remove)
        with ThreadPoolExecutor() as pool:
            starting = pool.submit(cluster.start)
            rabbit = stack.enter_context(rabbitmq_nodes(folder / "rabbitmq", nodes)) if broker == RABBITMQ else []
            starting.result()
        database_proxy = Proxy(Path(cluster.socket))
        broker_proxy = Proxy((HOST, rabbit[0].port) if rabbit else Path(cluster.socket))
        for proxy in (database_proxy, broker_proxy):
            proxy.start()
            stack.callback(proxy.close)
        crew = Crew(folder / "logs")
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        made = Stage(folder, broker, cluster, rabbit, database_proxy, broker_proxy, crew, secret)
        _set_up(made)
        stack.callback(_keep_logs, made)
        stack.callback(crew.stop)
        crew.start()
        _wait_until_up(made)
        yield made


def _set_up(made: Stage) -> None:
    """Databases, queues and the list of processes."""
    made.cluster.create(BROKER_ROLE, BROKER_DATABASE)
    if made.broker == PGMQ:
        install_pgmq_from_sql(dsn=made.cluster.dsn(BROKER_DATABASE, BROKER_ROLE))
    for name in SERVICES:
        made.cluster.create(f"luwes_{name}", name)
        made.ports[name] = free_port()
        for kind in ("worker", "relay"):
            made.crew.add(f"{name}-{kind}", _command_line(name, kind), made.environment)
        made.crew.add(
            f"{name}-web",
            _command_line(name, "web", f"tests.faults.bells.services:web('{name}')"),
            {**made.environment, "LUWES_BIND": f"{HOST}:{made.ports[name]}"},
        )
    at_once = 1 if made.broker == LOSING else len(SERVICES)  # whoever comes first makes the losing broker's tables
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda name: _command(made, name, "migrate"), SERVICES))


def _command_line(service: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.bells", service, *arguments]


def _command(made: Stage, service: str, *arguments: str) -> None:
    done = subprocess.run(
        _command_line(service, *arguments),
        env=made.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{service} {arguments} failed:\n{done.stdout}{done.stderr}")


def _wait_until_up(made: Stage) -> None:
    for name in SERVICES:
        _wait_until_answers(f"{made.url(name)}/ready")


def _wait_until_answers(url: str) -> None:
    if not until(lambda: _answers(url), START_SECONDS):
        raise RuntimeError(f"{url} does not answer")


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _keep_logs(made: Stage) -> None:
    """Keep the logs where CHAOS_LOGS says, for whoever looks into a run that went wrong."""
    wanted = os.environ.get("CHAOS_LOGS")
    if wanted:
        target = Path(wanted) / made.folder.name
        shutil.copytree(made.folder / "logs", target)
        for node in made.nodes:
            shutil.copytree(node.folder / "log", target / node.folder.name)
        shutil.copy(made.cluster.data / "log", target / "postgres.log")


def until(reached: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Wait until *reached* says yes; False when it has not within *seconds*."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
