"""Free ports of the loopback address, and applications on them for tests in which others call them over HTTP."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from flask import Flask
from werkzeug.serving import make_server

from deploy.embedded import control
from deploy.embedded.home import Home

CANDIDATES = range(10_000, 30_000)
"""Below the ports that systems give to those who connect: one of these is still free when it comes to be used."""


def free_port() -> int:
    """A port on which nothing listens now."""
    for port in random.SystemRandom().sample(CANDIDATES, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found")


def free_home(folder: Path) -> Home:
    """A home all of whose ports are free: its own and those of the fakes."""
    while True:
        home = Home(folder, free_port())
        with suppress(click.ClickException):
            control.refuse_taken_ports(home)
            return home


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """While the block runs *app* answers at the address that it is given."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
