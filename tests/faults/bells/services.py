"""The two services: POST → ringer → event → hearer → echo → ringer, and signed webhooks → hearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from environs import Env
from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from shared import logs, outbox
from shared.auth import public
from shared.contracts.envelope import Contract, Received
from shared.db import Database
from shared.durable import Context
from shared.inbox import WebhookHandlers, WebhookSource
from shared.service import Service
from shared.settings import Settings, read_common
from shared.web.app import create_web_app
from tests.faults.bells.tables import Base, Effect, Rung

RING, ECHO, WEBHOOK = "ring", "echo", "webhook"
SOURCE, WEBHOOK_TYPE = "tower", "bell.rung"


@dataclass(frozen=True)
class BellRungV1(Contract):
    """Each number is a subject of its own, so that none supersedes another."""

    TYPE: ClassVar[str] = "ringer.bell_rung.v1"
    number: int

    @property
    def subject(self) -> str:
        return f"bell/{self.number}"


@dataclass(frozen=True)
class BellEchoedV1(Contract):
    TYPE: ClassVar[str] = "hearer.bell_echoed.v1"
    number: int

    @property
    def subject(self) -> str:
        return f"echo/{self.number}"


def hear(session: Session, event: Received[BellRungV1], context: Context) -> None:
    session.execute(insert(Effect), {"kind": RING, "number": event.data.number})
    outbox.emit(session, BellEchoedV1(event.data.number), now=context.now())


def hear_echo(session: Session, event: Received[BellEchoedV1], _context: Context) -> None:
    session.execute(insert(Effect), {"kind": ECHO, "number": event.data.number})


def take_webhook(session: Session, webhook: Received[dict[str, Any]], _context: Context) -> None:
    session.execute(insert(Effect), {"kind": WEBHOOK, "number": int(webhook.data["number"])})


WEBHOOKS: WebhookHandlers = {SOURCE: WebhookSource({WEBHOOK_TYPE: [take_webhook]})}
rings = Blueprint("rings", __name__)


@rings.post("/rings")
@public
def ring() -> ResponseReturnValue:
    """Ring the bells of ``{"numbers": […]}``; those that have been rung stay silent."""
    context: Context = current_app.extensions["luwes.context"]
    db: Database = current_app.extensions["luwes.db"]
    asked = [{"number": int(number)} for number in request.get_json()["numbers"]]
    with db.transaction() as session:
        new = session.scalars(
            insert_unless_there(Rung).on_conflict_do_nothing().values(asked).returning(Rung.number)
        ).all()
        outbox.emit_all(session, [BellRungV1(number) for number in new], now=context.now())
    return {"rung": len(new)}, 201


def _ringer_app(context: Context, db: Database) -> Flask:
    return create_web_app(context, db, title="Ringer", apis=[], pages=[rings], webhooks={})


def _hearer_app(context: Context, db: Database) -> Flask:
    return create_web_app(context, db, title="Hearer", apis=[], pages=[], webhooks=WEBHOOKS)


def _settings_of(name: str) -> Callable[[], Settings]:
    def load() -> Settings:
        env = Env(eager=False)
        values: dict[str, Any] = read_common(env, name)
        env.seal()
        return Settings(**values)

    return load


FOLDER = Path(__file__).parent
RINGER = Service(
    name="ringer",
    folder=FOLDER,
    metadata=Base.metadata,
    load_settings=_settings_of("ringer"),
    create_app=_ringer_app,
    handlers={BellEchoedV1: [hear_echo]},
)
HEARER = Service(
    name="hearer",
    folder=FOLDER,
    metadata=Base.metadata,
    load_settings=_settings_of("hearer"),
    create_app=_hearer_app,
    handlers={BellRungV1: [hear]},
    webhooks=WEBHOOKS,
)
SERVICES = {service.name: service for service in (RINGER, HEARER)}


def web(name: str) -> Flask:
    """Entry point for gunicorn."""
    logs.configure(name, "web")
    return SERVICES[name].app()
