"""Becomes one process of the embedded run: ``python -m deploy.embedded.process HOME PORT NAME [worker|relay|…]``.

Each process gets the variables of its own service only, and the command it would be started by in production.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy.embedded.home import FAKES, SERVICES, Home


def main() -> None:
    folder, port, name, *arguments = sys.argv[1:]
    home = Home(Path(folder), int(port))
    cluster = home.cluster
    cluster.attach()
    environment = dict(os.environ)
    if name == "origin":
        for service in SERVICES:
            environment |= home.environment(service, cluster)
        environment["LUWES_BIND"] = f"127.0.0.1:{home.port}"
        command = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "deploy.embedded.origin:create_app()"]
    elif name in FAKES:
        environment |= home.environment(name, cluster)
        command = [f"deploy.embedded.fakes.{name}"]
    else:
        environment |= home.environment(name, cluster)
        command = [f"services.{name}", *arguments]
    os.execve(sys.executable, [sys.executable, "-m", *command], environment)  # noqa: S606


if __name__ == "__main__":
    main()
