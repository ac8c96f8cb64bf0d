"""The reporting service: what it is made of."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from services.reporting import handlers, models
from services.reporting.assessments.api import blueprint as assessments_api
from services.reporting.assessments.pages import blueprint as team_pages
from services.reporting.packs.api import blueprint as packs_api
from services.reporting.packs.pages import blueprint as packs_pages
from services.reporting.recalls.api import blueprint as recalls_api
from services.reporting.recalls.pages import blueprint as recalls_pages
from services.reporting.recap.api import blueprint as recap_api
from services.reporting.recap.pages import blueprint as recap_pages
from services.reporting.reports.api import blueprint as reports_api
from services.reporting.reports.pages import blueprint as reports_pages
from services.reporting.sanctions.api import blueprint as sanctions_api
from services.reporting.sanctions.pages import blueprint as sanctions_pages
from services.reporting.settings import load_settings
from shared import logs
from shared.db import Database
from shared.durable import Context
from shared.service import Service
from shared.web.app import create_web_app


def build(context: Context, db: Database) -> Flask:
    return create_web_app(
        context,
        db,
        title="Luwes – pelaporan",
        apis=[reports_api, assessments_api, packs_api, recap_api, sanctions_api, recalls_api],
        pages=[reports_pages, team_pages, packs_pages, recap_pages, sanctions_pages, recalls_pages],
        webhooks={},
    )


SERVICE = Service(
    name="reporting",
    folder=Path(__file__).parent,
    metadata=models.Base.metadata,
    load_settings=load_settings,
    create_app=build,
    handlers=handlers.HANDLERS,
    jobs=handlers.JOBS,
    nightly=handlers.nightly,
)


def create_app() -> Flask:
    """Entry point for gunicorn."""
    logs.configure(SERVICE.name, "web")
    return SERVICE.app()
