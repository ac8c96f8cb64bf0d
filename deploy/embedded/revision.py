"""Write a migration: ``python -m deploy.embedded.revision energy -m "add bills"`` (for developers).

Starts a throw-away PostgreSQL, builds the database by the migrations there are, and writes what the models have more.
"""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import click

from deploy.embedded.postgres import Cluster
from shared.db import Database
from shared.service import Service


@click.command()
@click.argument("name", type=click.Choice(["schedule", "reporting", "energy"]))
@click.option("-m", "--message", required=True)
@click.option("--shared", is_flag=True, help="for tables of the shared library")
def main(name: str, message: str, shared: bool) -> None:
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    with tempfile.TemporaryDirectory(prefix="luwes-revision-") as folder:
        cluster = Cluster(Path(folder) / "pg", durable=False)
        cluster.start()
        try:
            cluster.create("developer", "scratch")
            db = Database(cluster.url("scratch", "developer"))
            service.migrate(db)
            service.new_revision(db, message, branch="shared" if shared else name)
            db.close()
        finally:
            cluster.remove()


if __name__ == "__main__":
    main()
