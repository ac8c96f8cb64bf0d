"""The schedule service: what it is made of."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from services.schedule import handlers, models
from services.schedule.absences.api import blueprint as absences_api
from services.schedule.absences.pages import blueprint as absences_pages
from services.schedule.calendar.api import blueprint as calendar_api
from services.schedule.feeds.pages import blueprint as feeds_pages
from services.schedule.letters.api import blueprint as letters_api
from services.schedule.letters.letterhead_pages import blueprint as letterhead_pages
from services.schedule.letters.letterheads_api import blueprint as letterheads_api
from services.schedule.letters.pages import blueprint as letters_pages
from services.schedule.login.actions import public_keys
from services.schedule.login.api import blueprint as roles_api
from services.schedule.login.pages import blueprint as login_pages
from services.schedule.people.api import blueprint as people_api
from services.schedule.people.history_api import blueprint as history_api
from services.schedule.people.reconciliation_api import blueprint as reconciliation_api
from services.schedule.policy.api import blueprint as policies_api
from services.schedule.rosters.api import blueprint as rosters_api
from services.schedule.rosters.changes_api import blueprint as changes_api
from services.schedule.rosters.changes_pages import blueprint as changes_pages
from services.schedule.rosters.pages import blueprint as rosters_pages
from services.schedule.rosters.requests_api import blueprint as requests_api
from services.schedule.rosters.requests_pages import blueprint as requests_pages
from services.schedule.settings import load_settings
from services.schedule.verification.api import blueprint as verification_api
from services.schedule.verification.pages import blueprint as verification_pages
from services.schedule.workdays.api import blueprint as workdays_api
from shared import logs
from shared.db import Database
from shared.durable import Context
from shared.service import Service
from shared.web.app import create_web_app


def build(context: Context, db: Database) -> Flask:
    return create_web_app(
        context,
        db,
        title="Luwes – jadwal",
        apis=[
            people_api,
            history_api,
            absences_api,
            reconciliation_api,
            calendar_api,
            policies_api,
            rosters_api,
            workdays_api,
            changes_api,
            requests_api,
            letters_api,
            letterheads_api,
            roles_api,
            verification_api,
        ],
        pages=[
            login_pages,
            rosters_pages,
            changes_pages,
            requests_pages,
            absences_pages,
            letters_pages,
            letterhead_pages,
            feeds_pages,
            verification_pages,
        ],
        webhooks=handlers.WEBHOOK_HANDLERS,
        known_keys=public_keys(context.settings),
    )


SERVICE = Service(
    name="schedule",
    folder=Path(__file__).parent,
    metadata=models.Base.metadata,
    load_settings=load_settings,
    create_app=build,
    handlers=handlers.HANDLERS,
    webhooks=handlers.WEBHOOK_HANDLERS,
    jobs=handlers.JOBS,
    nightly=handlers.nightly,
)


def create_app() -> Flask:
    """Entry point for gunicorn."""
    logs.configure(SERVICE.name, "web")
    return SERVICE.app()
