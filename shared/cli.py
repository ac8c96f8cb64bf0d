"""``python -m services.<name> …``: the processes of a service and the commands of its operators."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

import click

from shared import dead_letters, logs, operations, relay
from shared.apikeys import create_api_key
from shared.audit import command_line, first_break
from shared.backlog import QUEUES, describe, figures, first_line, troubles
from shared.db import Database
from shared.service import Service
from shared.webhooks import commands as webhooks
from shared.worker import CONNECTIONS

GUNICORN = Path(__file__).parent.parent / "deploy" / "gunicorn.conf.py"


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set, so that a loop can end between two pieces of work."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def build(service: Service) -> click.Group:
    """The command line of *service*."""

    @click.group(help=f"Processes and operator commands of the {service.name} service.")
    def group() -> None: ...

    def database() -> Database:
        return Database(service.load_settings().database_url, pool_size=2)

    @group.command(help="Serve HTTP with gunicorn; further arguments are gunicorn's.")
    @click.argument("arguments", nargs=-1)
    def web(arguments: tuple[str, ...]) -> None:
        service.load_settings()  # refuse to start with wrong settings, before forking
        target = f"services.{service.name}.app:create_app()"
        os.execv(  # noqa: S606
            sys.executable, [sys.executable, "-m", "gunicorn", "-c", str(GUNICORN), *arguments, target]
        )

    @group.command(help="Store, handle and do what is due, until stopped.")
    def worker() -> None:
        logs.configure(service.name, "worker")
        settings = service.load_settings()
        db = Database(settings.database_url, pool_size=CONNECTIONS)
        service.worker(service.context(settings), db).run(stop_on_signal())

    @group.command("relay", help="Publish the outbox, until stopped.")
    def relay_() -> None:
        logs.configure(service.name, "relay")
        settings = service.load_settings()
        relay.run(settings, Database(settings.database_url, pool_size=2), settings.clock(), stop_on_signal())

    @group.command(help="Bring database and queue to what this version needs. Run before starting its processes.")
    def migrate() -> None:
        settings = service.load_settings()
        service.migrate(Database(settings.database_url, pool_size=2))
        service.declare_queue(settings)

    @group.command(help="Make an API key (shown once), or a new secret for the key of that name.")
    @click.option("--name", required=True)
    @click.option("--scope", "scopes", multiple=True, required=True)
    @click.option("--key-from", metavar="VARIABLE", help="Keep the key that this variable holds; it is not shown.")
    def apikey(name: str, scopes: tuple[str, ...], key_from: str | None) -> None:
        clock = service.load_settings().clock()
        known = os.environ.get(key_from, "") if key_from else ""
        if key_from and not known:
            raise click.UsageError(f"{key_from} is empty")
        with database().transaction() as session:
            key = create_api_key(session, name, scopes, clock.now(), key=known)
        click.echo(f"the key of {name} is the one in {key_from}" if known else key)

    @group.command(help="Check the hash chain of the audit log; exit 1 names the first row that does not fit.")
    def audit() -> None:
        with database().transaction() as session:
            broken = first_break(session)
        click.echo("audit log: unbroken" if broken is None else f"audit log: broken at row {broken}")
        sys.exit(broken is not None)

    @group.command(help="What waits in the queues, and what fails: which row, which event, what error.")
    def status() -> None:
        now = service.load_settings().clock().now()
        with database().transaction() as session:
            for name, value in figures(session, now).items():
                click.echo(f"{name}\t{value:.0f}")
            for each in troubles(session, now):
                tried = f"next try {each.next_try:%Y-%m-%d %H:%M:%S} UTC" if each.next_try else "waits"
                click.echo(f"! {each.queue} {each.id}\t{each.what}\t{each.attempts} tries, {tried}\t{each.error}")

    @group.command("dead-letters", help="Events that RabbitMQ put aside: list | return.")
    @click.argument("action", type=click.Choice(["list", "return"]))
    def dead_letters_(action: str) -> None:
        settings = service.load_settings()
        if action == "return":
            click.echo(f"{dead_letters.give_back(settings)} published again")
        else:
            for each in dead_letters.look(settings):
                click.echo(f"{each.type}\t{each.about}")

    @group.command(help="Rows that failed every try: list | show ID | retry ID | drop ID.")
    @click.argument("action", type=click.Choice(["list", "show", "retry", "drop"]))
    @click.argument("row_id", type=int, required=False)
    @click.option("--table", type=click.Choice(sorted(QUEUES)), default="inbox")
    def parked(action: str, row_id: int | None, table: str) -> None:
        clock = service.load_settings().clock()
        with database().transaction() as session:
            rows = operations.parked(session, QUEUES[table], row_id)
            if action != "list" and (row_id is None or not rows):
                raise click.UsageError("name the id of a parked row")
            for row in rows:
                if action in ("list", "show"):
                    click.echo(f"{row.id}\t{row.created_at:%Y-%m-%d %H:%M}\t{describe(row)}\t{first_line(row.error)}")
                if action == "show":
                    click.echo(json.dumps(row.payload, indent=2, ensure_ascii=False))
                    click.echo(row.error)
                if action == "retry":
                    operations.retry(session, table, row, by=command_line(), now=clock.now())
                    click.echo(f"{row.id}: will be tried again")
                if action == "drop":
                    operations.drop(session, table, row, by=command_line(), now=clock.now())
                    click.echo(f"{row.id}: dropped")

    group.add_command(webhooks.build(service))
    return group
