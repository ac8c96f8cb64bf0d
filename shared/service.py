"""What a service is: its settings, tables, handlers and jobs. The same shape for all three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import MetaData, text

from shared import apikeys, audit, bus, inbox, jobs, outbox
from shared.db import Database, SharedBase
from shared.durable import Context
from shared.inbox import Handlers, WebhookHandlers
from shared.jobs import Jobs
from shared.settings import Settings
from shared.storage import FolderStorage
from shared.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from shared.worker import Worker

SHARED_MIGRATIONS = Path(__file__).parent / "migrations"
SHARED_TABLES = (
    outbox.OutboxRow, inbox.InboxRow, jobs.JobRow, audit.AuditRow, apikeys.ApiKey,
    WebhookEndpoint, WebhookDelivery, WebhookAttempt,
)  # fmt: skip
MIGRATION_LOCK_TIMEOUT = "5s"  # a migration that waits for a lock stops everyone behind it; better to fail and retry


@dataclass(frozen=True)
class Service:
    """One service. ``folder`` holds its ``migrations/``; ``create_app(context, db)`` builds its web application."""

    name: str
    folder: Path
    metadata: MetaData
    load_settings: Callable[[], Settings]
    create_app: Callable[[Context, Database], Flask]
    handlers: Handlers = field(default_factory=dict)
    webhooks: WebhookHandlers = field(default_factory=dict)
    jobs: Jobs = field(default_factory=dict)
    nightly: Callable[[Settings], Sequence[str]] = lambda _settings: ()  # jobs to be done each night

    def context(self, settings: Settings) -> Context:
        return Context(settings, settings.clock(), FolderStorage(settings.storage_dir))

    def worker(self, context: Context, db: Database) -> Worker:
        return Worker(context, db, self.handlers, self.webhooks, self.jobs, self.nightly(context.settings))

    def app(self) -> Flask:
        """The web application with settings from the environment."""
        settings = self.load_settings()
        return self.create_app(self.context(settings), Database(settings.database_url))

    def migrate(self, db: Database) -> None:
        """Bring the database to the newest version of shared and own tables."""
        with db.engine.connect() as connection:
            connection.execute(text(f"set lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'"))
            connection.commit()
            command.upgrade(self._alembic(connection), "heads")

    def declare_queue(self, settings: Settings) -> None:
        """Make this service's queue exist, so that nothing published before its first worker is lost."""
        with bus.connect(settings) as connection:
            bus.declare(connection, bus.queue_of(self.name, [contract.TYPE for contract in self.handlers]))

    def new_revision(self, db: Database, message: str, *, branch: str) -> None:
        """Write a migration from the difference between models and database. branch: ``shared`` or the service."""
        with db.engine.connect() as connection:
            config = self._alembic(connection)
            folder = SHARED_MIGRATIONS if branch == "shared" else self.folder / "migrations"
            first = not list((folder / "versions").glob("[!_]*.py"))
            config.attributes["metadata"] = [SharedBase.metadata] if branch == "shared" else [self.metadata]
            command.revision(
                config,
                message,
                autogenerate=True,
                version_path=str(folder / "versions"),
                head="base" if first else f"{branch}@head",
                branch_label=branch if first else None,
            )

    def differences(self, db: Database) -> Sequence[Any]:
        """What the models have and the migrated database has not, or the other way round."""
        with db.engine.connect() as connection:
            migration = MigrationContext.configure(connection, opts={"compare_type": True})
            return list(compare_metadata(migration, [SharedBase.metadata, self.metadata]))  # type: ignore[arg-type]

    def _alembic(self, connection: Any) -> Config:
        config = Config()
        config.set_main_option("script_location", str(SHARED_MIGRATIONS))
        config.set_main_option("path_separator", "newline")
        locations = [SHARED_MIGRATIONS / "versions", self.folder / "migrations" / "versions"]
        config.set_main_option("version_locations", "\n".join(map(str, locations)))
        config.attributes["connection"] = connection
        config.attributes["metadata"] = [SharedBase.metadata, self.metadata]
        return config
