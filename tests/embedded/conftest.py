"""The small city once a session, and fakes as real processes on free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from flask import Flask

from deploy.embedded.city import City, generate, write_city
from tests.servers import free_port, served

from .receiver import SECRET, Receiver, start_receiver, until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Fake:
    """A fake that answers on a port; `process` when it is one of its own."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **params: str) -> requests.Response:
        return requests.get(self.url + path, params=params, timeout=5)

    def post(self, path: str, body: object) -> requests.Response:
        return requests.post(self.url + path, json=body, timeout=15)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Exit code after the signal."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=5)


Start = Callable[..., Fake]
Serve = Callable[[Flask], Fake]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(app)` answers on a free port until the test ends; quicker than a process of its own."""
    with ExitStack() as running:
        yield lambda app: Fake(int(running.enter_context(served(app)).rsplit(":", 1)[1]))


@pytest.fixture(scope="session")
def small() -> City:
    return generate("small")


@pytest.fixture(scope="session")
def full() -> City:
    return generate("full")


@pytest.fixture(scope="session")
def small_dir(small: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    write_city(small, folder)
    return folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found, stop = start_receiver()
    yield found
    stop()


@pytest.fixture
def start() -> Iterator[Start]:
    """`start("eoffice", FAKE_EOFFICE_DIR=…)` runs a fake until the test ends."""
    running: list[Fake] = []

    def run(name: str, **environment: object) -> Fake:
        prefix, port = f"FAKE_{name.upper()}_", free_port()
        env = os.environ | {f"{prefix}PORT": str(port), f"{prefix}WEBHOOK_SECRET": SECRET}
        env |= {key: str(value) for key, value in environment.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", f"deploy.embedded.fakes.{name}"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
        )
        fake = Fake(port, process)
        running.append(fake)
        until(lambda: _listens(port) or None, timeout=10)
        return fake

    yield run
    for fake in running:
        if fake.process and fake.process.poll() is None:
            fake.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
