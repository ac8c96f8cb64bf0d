"""The brokers that Luwes runs on, really started: PGMQ in the embedded PostgreSQL, RabbitMQ where installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kombu import Connection

from tests.servers import free_port

BIN = Path("/usr/lib/rabbitmq/bin")
SERVER = BIN / "rabbitmq-server"
START_SECONDS = 60
COMMAND_SECONDS = 60


def installed() -> list[str]:
    """Names of the brokers to test with. CI demands both, so that none is left out unseen."""
    has_rabbitmq = SERVER.exists() and shutil.which("erl") is not None
    if os.environ.get("LUWES_REQUIRE_RABBITMQ") and not has_rabbitmq:
        raise RuntimeError("LUWES_REQUIRE_RABBITMQ is set, but RabbitMQ is not installed")
    return ["pgmq", "rabbitmq"] if has_rabbitmq else ["pgmq"]


@dataclass
class Node:
    """One RabbitMQ node of our own on a free port of the loopback address. Nodes of a cluster share home and epmd."""

    folder: Path
    home: Path  # the Erlang cookie is kept there
    epmd_port: int
    port: int = field(default_factory=free_port)
    peers: Sequence[str] = ()
    _dist_port: int = field(default_factory=free_port)
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"luwes{self.port}@localhost"

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        """Start the node, again with its old data if it had any; returns when it takes connections."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[].\n")
        nodes = "".join(f"cluster_formation.classic_config.nodes.{n} = {peer}\n" for n, peer in enumerate(self.peers))
        (self.folder / "rabbitmq.conf").write_text(nodes)
        with (self.folder / "output").open("ab") as log:
            self._server = subprocess.Popen(
                [str(SERVER)], env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def kill(self) -> None:
        """SIGKILL to the node and whatever it started."""
        assert self._server, "start first"
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait(30)

    def stop(self) -> None:
        if self._server and self._server.poll() is None:
            self._server.terminate()
            try:
                self._server.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def ctl(self, *arguments: str) -> str:
        """Run ``rabbitmqctl`` against the node; what it printed."""
        command = [str(BIN / "rabbitmqctl"), "--quiet", "-n", self.name, *arguments]
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.home),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-such-file"),
        }

    def _wait(self) -> None:
        assert self._server
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with Connection(self.url, connect_timeout=2) as connection:
                    connection.connect()
                    return
            except OSError as error:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    output = (self.folder / "output").read_text()[-2000:]
                    raise RuntimeError(f"RabbitMQ did not start: {output}") from error
                time.sleep(0.3)


@contextmanager
def rabbitmq_nodes(folder: Path, size: int = 1) -> Iterator[list[Node]]:
    """*size* RabbitMQ nodes of our own, one cluster; all are gone when the block ends."""
    epmd = free_port()
    nodes = [Node(folder / f"node{n}", folder, epmd) for n in range(size)]
    if size > 1:
        for node in nodes:
            node.peers = [peer.name for peer in nodes]
    try:
        nodes[0].start()
        with ThreadPoolExecutor() as pool:
            list(pool.map(Node.start, nodes[1:]))
        yield nodes
    finally:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Node.stop, nodes))
        environment = {**os.environ, "HOME": str(folder)}
        subprocess.run(["epmd", "-port", str(epmd), "-kill"], env=environment, capture_output=True, check=False)


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """One node; its amqp:// address."""
    with rabbitmq_nodes(folder) as [node]:
        yield node.url
