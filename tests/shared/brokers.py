"""The brokers that Luwes runs on, really started: PGMQ in the embedded PostgreSQL, RabbitMQ where installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu import Connection

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 60


def installed() -> list[str]:
    """Names of the brokers to test with. CI demands both, so that none is left out unseen."""
    has_rabbitmq = SERVER.exists() and shutil.which("erl") is not None
    if os.environ.get("LUWES_REQUIRE_RABBITMQ") and not has_rabbitmq:
        raise RuntimeError("LUWES_REQUIRE_RABBITMQ is set, but RabbitMQ is not installed")
    return ["pgmq", "rabbitmq"] if has_rabbitmq else ["pgmq"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """A RabbitMQ of our own on a free port of the loopback address; its amqp:// address."""
    port, epmd = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    plugins = folder / "enabled_plugins"
    plugins.write_text("[].\n")
    environment = {
        **os.environ,
        "HOME": str(folder),  # the Erlang cookie is kept there
        "ERL_EPMD_PORT": str(epmd),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"luwes{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-such-file"),
    }
    log = (folder / "output").open("wb")
    server = subprocess.Popen([str(SERVER)], env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"amqp://guest:guest@127.0.0.1:{port}//"
    try:
        _wait(url, server, folder)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
        subprocess.run(["epmd", "-port", str(epmd), "-kill"], env=environment, capture_output=True, check=False)
        log.close()


def _wait(url: str, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with Connection(url, connect_timeout=2) as connection:
                connection.connect()
                return
        except OSError as error:
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(f"RabbitMQ did not start: {(folder / 'output').read_text()[-2000:]}") from error
            time.sleep(0.3)
