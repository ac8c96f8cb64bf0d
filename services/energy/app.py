"""The energy service: what it is made of."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from services.energy import handlers, models
from services.energy.checklists.api import blueprint as checklists_api
from services.energy.checklists.pages import blueprint as checklists_pages
from services.energy.meters.api import blueprint as meters_api
from services.energy.rooms.api import blueprint as rooms_api
from services.energy.savings.api import blueprint as savings_api
from services.energy.savings.pages import blueprint as savings_pages
from services.energy.settings import load_settings
from shared import logs
from shared.db import Database
from shared.durable import Context
from shared.service import Service
from shared.web.app import create_web_app


def build(context: Context, db: Database) -> Flask:
    return create_web_app(
        context,
        db,
        title="Luwes – energi",
        apis=[rooms_api, checklists_api, meters_api, savings_api],
        pages=[checklists_pages, savings_pages],
        webhooks=handlers.WEBHOOK_HANDLERS,
    )


SERVICE = Service(
    name="energy",
    folder=Path(__file__).parent,
    metadata=models.Base.metadata,
    load_settings=load_settings,
    create_app=build,
    handlers=handlers.HANDLERS,
    webhooks=handlers.WEBHOOK_HANDLERS,
    jobs=handlers.JOBS,
)


def create_app() -> Flask:
    """Entry point for gunicorn."""
    logs.configure(SERVICE.name, "web")
    return SERVICE.app()
